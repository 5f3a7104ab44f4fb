"""The words and figures of a report in one language."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

from plan.findings import Clause, Finding, Report, SiteResult, Status, Strength
from plan.messages import Message, keys, translate, unit_text
from plan.schema import LAYERS

__all__ = ["Words", "figures", "finite"]

_DECIMALS: Final = 2  # shown of a figure, unless more are needed to tell two apart
_MOST_DECIMALS: Final = 9


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of the area ``reports`` in one language."""

    lang: str

    def say(self, key: str, /, **params: object) -> str:
        """Return a text of the area ``reports``."""
        return Message(f"reports.{key}", **params).to(self.lang)

    def text(self, value: str | None) -> str:
        """Return a text from a finding; nothing becomes empty."""
        return "" if value is None else translate(value, self.lang)

    def status(self, status: str) -> str:
        """Return the name of a status or an outcome."""
        return Message(f"status.{status}").to(self.lang)

    def strength(self, strength: Strength) -> str:
        """Return the name of a strength."""
        return self.say(f"strength.{strength.value}")

    def evidence(self, evidence: str) -> str:
        """Return how well a figure is attested, in words."""
        return self._known(f"evidence.{evidence}", evidence)

    def unit(self, unit: str) -> str:
        """Return a unit as people write it."""
        return translate(unit_text(unit), self.lang)

    def document(self, clause: Clause) -> str:
        """Return a document's title between quotation marks."""
        title = clause.document
        return title if title.startswith("《") or not title else self.say("document", title=title)

    def source(self, clause: Clause) -> str:
        """Return where a sentence stands: document, number and article."""
        return " ".join(part for part in (self.document(clause), clause.number, clause.article) if part)

    def reason(self, finding: Finding) -> tuple[str, str]:
        """Return why a finding cannot be told: the kind of reason, and the sentence."""
        code, _, sentence = self.text(finding.reason).partition(":")
        if f"reason.{code}" not in _keys():
            return "", self.text(finding.reason)
        return Message(f"reason.{code}").to(self.lang), sentence.strip()

    def layer(self, name: str) -> str:
        """Return the name of a layer as people call it."""
        return LAYERS[name].zh if self.lang == "zh" and name in LAYERS else name

    def verdict(self, result: SiteResult) -> str:
        """Return the sentence that explains an outcome."""
        report = result.report
        if report is None:
            return self.say("verdict.error")
        failed = _must(report, Status.NOT_MET)
        open_ = _must(report, Status.UNDETERMINED)
        if failed and open_:
            return self.say("verdict.not_met_and_open", count=failed, open=open_)
        if failed:
            return self.say("verdict.not_met", count=failed)
        if open_:
            return self.say("verdict.undetermined", open=open_)
        met = _must(report, Status.MET)
        if not met:
            return self.say("verdict.nothing_judged")
        return self.say("verdict.others_met" if _waived(report) else "verdict.met", count=met)

    def advice(self, report: Report) -> str:
        """Return the sentence about rules that do not decide; empty when there is nothing to say."""
        others = [f.status for f in report.findings if f.strength is not Strength.MUST]
        failed, open_ = others.count(Status.NOT_MET), others.count(Status.UNDETERMINED)
        return self.say("advice", count=failed, open=open_) if failed or open_ else ""

    def waivers(self, report: Report) -> str:
        """Return the sentence about rules that are not met and have waivers; empty when there is none."""
        rules = tuple(dict.fromkeys(f.rule for f in report.waived))
        return self.say("waivers", count=len(report.waived), rules=rules) if rules else ""

    def waiver(self, finding: Finding) -> str:
        """Return who allowed that a finding is not met, when, until when and why; empty without a waiver."""
        given = finding.waiver
        if given is None:
            return ""
        return self.say(
            "waiver_of",
            by=" ".join(filter(None, (given.granted_by, given.number))),
            granted_on=given.granted_on,
            until=given.until,
            why=given.reason,
        )

    def estimates(self, report: Report) -> str:
        """Return the sentence about estimated layers; empty when there is none."""
        if not report.estimates:
            return ""
        return self.say("estimates", layers=tuple(self.layer(name) for name in report.estimates))

    def attribution(self, report: Report) -> str:
        """Return the line that names whose data these are; empty when nobody must be named."""
        return self.say("attribution", attribution=report.attribution) if report.attribution else ""

    def figures(self, finding: Finding) -> tuple[str, str]:
        """Return what was measured and what is required, without the unit."""
        measured, required = finding.measured, finding.required
        if _is_number(measured) and _is_number(required):
            return figures(float(measured), float(required))  # type: ignore[arg-type]  # told by _is_number
        return self._figure(measured), self._figure(required)

    def with_unit(self, figure: str, unit: str) -> str:
        """Return a figure with its unit; words take no unit."""
        if not figure or not unit or not any(c.isdigit() for c in figure):
            return figure
        return f"{figure} {self.unit(unit)}"

    def some(self, items: tuple[str, ...], *, most: int) -> str:
        """Return a list of names, cut where it would be long."""
        separator = "、" if self.lang == "zh" else ", "
        shown = separator.join(items[:most])
        return shown if len(items) <= most else self.say("and_more", shown=shown, count=len(items))

    def _figure(self, value: float | str | None) -> str:
        if isinstance(value, str):
            return self.text(value)
        number = finite(value)
        return "" if number is None else _number(number, _DECIMALS)

    def _known(self, key: str, otherwise: str) -> str:
        return self.say(key) if f"reports.{key}" in _keys() else otherwise


def figures(measured: float, required: float) -> tuple[str, str]:
    """Write two numbers so that different numbers read differently.

    Parameters
    ----------
    measured, required : float
        In the same unit.

    Returns
    -------
    tuple of str
        Both with two decimals at most, or as many as it takes to tell them apart.

    Examples
    --------
    >>> figures(280.0, 300.0)
    ('280', '300')
    >>> figures(299.9996, 300.0)
    ('299.9996', '300')
    """
    pair = "–", "–"
    for decimals in range(_DECIMALS, _MOST_DECIMALS + 1):
        pair = _number(measured, decimals), _number(required, decimals)
        if pair[0] != pair[1] or measured == required:
            break
    return pair


def finite(value: float | str | None) -> float | None:
    """Return a number, or None when there is none that JSON could hold."""
    if value is None or isinstance(value, str):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _is_number(value: float | str | None) -> bool:
    return finite(value) is not None


def _number(number: float, decimals: int) -> str:
    if not math.isfinite(number):
        return "–"
    text = f"{number:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _must(report: Report, status: Status) -> int:
    return sum(
        f.strength is Strength.MUST and f.status is status and f.waiver is None for f in report.findings
    )


def _waived(report: Report) -> bool:
    return any(f.strength is Strength.MUST for f in report.waived)


@cache
def _keys() -> frozenset[str]:
    return frozenset(keys())
