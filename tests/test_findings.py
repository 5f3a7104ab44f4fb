from __future__ import annotations

import pytest

from plan.findings import Clause, Finding, PackRef, Report, Status, Strength, reason
from plan.messages import Message

CLAUSE = Clause(document="d", number="n", article="a", quote="q", effective=None)


def finding(status: Status, strength: Strength = Strength.MUST) -> Finding:
    why = reason("missing_data", Message("status.error")) if status is Status.UNDETERMINED else None
    return Finding(rule="R", title="t", strength=strength, status=status, clause=CLAUSE, reason=why)


def report(*findings: Finding) -> Report:
    return Report(site="s", pack=PackRef(id="p", version="1", sha256="0"), findings=findings)


@pytest.mark.parametrize(
    ("findings", "outcome"),
    [
        ((), "undetermined"),
        ((finding(Status.NOT_APPLICABLE),), "undetermined"),
        ((finding(Status.MET),), "met"),
        ((finding(Status.MET), finding(Status.NOT_APPLICABLE)), "met"),
        ((finding(Status.MET), finding(Status.UNDETERMINED)), "undetermined"),
        ((finding(Status.NOT_MET), finding(Status.UNDETERMINED)), "not_met"),
        ((finding(Status.MET), finding(Status.NOT_MET, Strength.SHOULD)), "met"),
        ((finding(Status.MET, Strength.SHOULD),), "undetermined"),
    ],
)
def test_only_must_decides_and_nothing_judged_is_never_met(
    findings: tuple[Finding, ...], outcome: str
) -> None:
    assert report(*findings).outcome == outcome


def test_an_undetermined_finding_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        Finding(rule="R", title="t", strength=Strength.MUST, status=Status.UNDETERMINED, clause=CLAUSE)


def test_a_reason_starts_with_its_code() -> None:
    assert reason("needs_person", "x") == "needs_person: x"
    with pytest.raises(ValueError, match="nonsense"):
        reason("nonsense", "x")


def test_rows_are_plain_and_in_the_language_asked_for() -> None:
    rows = report(finding(Status.NOT_MET)).rows("en")
    assert rows[0]["status"] == "not met"
    assert rows[0]["quote"] == "q"


def test_a_notebook_shows_hostile_names_as_they_are() -> None:
    hostile = Report(
        site="<script>alert(1)</script>",
        pack=PackRef(id="p", version="1", sha256="0"),
        findings=(finding(Status.MET),),
    )
    shown = hostile._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "符合" in shown
