"""How a measurement becomes a finding: the one place that says how met, not met and undetermined are written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast

from plan.checks.amounts import NAMED, TOLERANCE, Amount, Gap
from plan.findings import Finding, Status, reason
from plan.messages import Message
from plan.rules import Kind, Rule

__all__ = [
    "between",
    "cannot_tell",
    "every",
    "finding",
    "judge",
    "not_applicable",
    "numbers",
    "plain",
    "short_by",
]

K = TypeVar("K", bound=Kind)
Geometry = Mapping[str, Any]

_DIGITS: Final = 6  # of a figure that is shown
_OF_IDS: Final = ("ids", "count")  # parameters of a gap that say which rows, and how many


def numbers(rule: Rule, kind: type[K]) -> K:
    """Return the kind of a rule, which holds its numbers, after checking that it is the one that a measure expects.

    Raises
    ------
    TypeError
        If the rule is of another kind; the table of checks would be wrong.
    """
    if not isinstance(rule.kind, kind):
        msg = f"{rule.id} is a {type(rule.kind).__name__}, not a {kind.__name__}"
        raise TypeError(msg)
    return rule.kind


def finding(rule: Rule, status: Status, **more: Any) -> Finding:  # noqa: ANN401 - the fields of a Finding
    """Make a finding about a rule.

    Parameters
    ----------
    rule : Rule
        The rule; its clause goes with the finding.
    status : Status
        The answer.
    **more : Any
        Other fields of a Finding. Figures are rounded to six digits; features are sorted.

    Returns
    -------
    Finding
        The finding.
    """
    for name in ("measured", "required"):
        more[name] = _figure(more.get(name))
    more["features"] = tuple(sorted(more.get("features", ())))
    return Finding(
        rule=rule.id, title=rule.title, strength=rule.strength, status=status, clause=rule.clause, **more
    )


def cannot_tell(rule: Rule, *gaps: Gap, **more: Any) -> Finding:  # noqa: ANN401 - the fields of a Finding
    """Make an undetermined finding; of several gaps those are told that have the code of the first one, with their cures."""
    same = _merged(tuple(dict.fromkeys(g for g in gaps if g.code == gaps[0].code)))
    why = reason(same[0].code, _joined(tuple(g.what for g in same)))
    cure = _joined(tuple(dict.fromkeys(g.cure for g in same)))
    return finding(rule, Status.UNDETERMINED, reason=why, remedy=cure, **more)


def not_applicable(rule: Rule, why: Message, **more: Any) -> Finding:  # noqa: ANN401 - the fields of a Finding
    """Make a finding that a rule does not apply, and say why."""
    return finding(rule, Status.NOT_APPLICABLE, reason=why, **more)


def judge(
    rule: Rule,
    have: Amount,
    need: Amount,
    *,
    unit: str,
    short: str,
    params: Mapping[str, object] | None = None,
    **more: Any,  # noqa: ANN401 - the fields of a Finding
) -> Finding:
    """Compare a figure with what is asked for at least.

    Parameters
    ----------
    rule : Rule
        The rule.
    have, need : Amount
        What there is and what is asked for, in ``unit``.
    unit : str
        Such as ``m2``.
    short : str
        Name of the text in ``checks`` that says what is missing; it may use ``{missing}``.
    params : mapping, optional
        Further placeholders of that text.
    **more : Any
        Other fields of a Finding.

    Returns
    -------
    Finding
        Undetermined only when the verdict depends on what is not known.
    """
    shown = {"measured": have.shown, "required": need.shown, "unit": unit, **more}
    shown["estimated"] = have.estimated or need.estimated
    reached = have.reaches(need)
    if reached is None:
        return cannot_tell(rule, *(have.gaps + need.gaps), **shown)
    if reached:
        return finding(rule, Status.MET, **shown)
    missing = short_by(have.high, need.shown if need.shown is not None else need.low)
    return finding(
        rule,
        Status.NOT_MET,
        remedy=Message(f"checks.{short}", missing=plain(missing), **(params or {})),
        **shown,
    )


def between(
    rule: Rule,
    have: Amount,
    *,
    lowest: float,
    highest: float,
    unit: str,
    outside: str,
    **more: Any,  # noqa: ANN401 - the fields of a Finding
) -> Finding:
    """Compare a figure with a range, both ends included.

    Parameters
    ----------
    rule : Rule
        The rule.
    have : Amount
        What there is, in ``unit``.
    lowest, highest : float
        The range; ``highest`` may be infinite.
    unit : str
        Such as ``household``.
    outside : str
        Name of the texts in ``checks`` that say what is too little (``<outside>_low``) and too much
        (``<outside>_high``), with ``{missing}``.
    **more : Any
        Other fields of a Finding.

    Returns
    -------
    Finding
        Undetermined only when the verdict depends on what is not known.
    """
    shown = {"measured": have.shown, "required": span_text(lowest, highest), "unit": unit, **more}
    shown["estimated"] = have.estimated
    if have.high + TOLERANCE < lowest:
        remedy = Message(f"checks.{outside}_low", missing=plain(short_by(have.high, lowest)))
        return finding(rule, Status.NOT_MET, remedy=remedy, **shown)
    if have.low - TOLERANCE > highest:
        remedy = Message(f"checks.{outside}_high", missing=plain(short_by(highest, have.low)))
        return finding(rule, Status.NOT_MET, remedy=remedy, **shown)
    if have.low + TOLERANCE >= lowest and have.high - TOLERANCE <= highest:
        return finding(rule, Status.MET, **shown)
    return cannot_tell(rule, *have.gaps, **shown)


def every(
    rule: Rule,
    judged: Mapping[str, bool | Gap],
    *,
    nothing: Gap,
    remedy: str,
    **more: Any,  # noqa: ANN401 - the fields of a Finding
) -> Finding:
    """Judge a rule that each of several things must keep.

    One that certainly breaks it decides; otherwise one of which it is not known leaves it open; and
    where there is nothing to judge, nothing is met.

    Parameters
    ----------
    rule : Rule
        The rule.
    judged : mapping of str to bool or Gap
        By id: whether the rule is kept, or why that is not known.
    nothing : Gap
        What to say when there is nothing to judge.
    remedy : str
        Name of the text in ``checks`` with ``{ids}`` and ``{count}`` of those that break the rule.
    **more : Any
        Other fields of a Finding; ``features`` are filled in.

    Returns
    -------
    Finding
        With the ids that decided.
    """
    broken = tuple(sorted(i for i, kept in judged.items() if kept is False))
    open_ = tuple(sorted(i for i, kept in judged.items() if isinstance(kept, Gap)))
    if not judged:
        return cannot_tell(rule, nothing, **more)
    if broken:
        how = Message(f"checks.{remedy}", ids=broken[:10], count=len(broken))
        return finding(rule, Status.NOT_MET, features=broken, remedy=how, **more)
    if open_:
        gaps = tuple(kept for i in open_ if isinstance(kept := judged[i], Gap))
        return cannot_tell(rule, *gaps, features=open_, **more)
    return finding(rule, Status.MET, features=tuple(judged), **more)


def short_by(have: float, need: float) -> float:
    """Return how much is missing, rounded up to hundredths: adding that much is enough."""
    return math.ceil((need - have - TOLERANCE) * 100) / 100


def span_text(lowest: float, highest: float) -> Message:
    """Write a range, such as ``1500-3000``, ``≥ 5`` or ``≤ 9``."""
    if lowest <= 0 and math.isinf(highest):
        return Message("checks.span_any")
    if math.isinf(highest):
        return Message("checks.span_from", lowest=plain(lowest))
    if lowest == 0 or math.isinf(lowest):
        return Message("checks.span_to", highest=plain(highest))
    if lowest == highest:
        return Message("checks.span_one", only=plain(lowest))
    return Message("checks.span", lowest=plain(lowest), highest=plain(highest))


def plain(value: float) -> str:
    """Write a figure with two decimals at most and no more digits than it has."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _figure(value: float | str | None) -> float | str | None:
    if value is None or isinstance(value, str):
        return value
    return round(float(value), _DIGITS) if math.isfinite(value) else None


def _merged(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """Return gaps that differ only in the ids they name as one, so that thousands stay one sentence."""
    groups: dict[tuple[str, ...], list[Gap]] = {}
    for one in gaps:
        params = one.what.params
        if "ids" in params:
            alike = sorted(f"{name}={value}" for name, value in params.items() if name not in _OF_IDS)
            groups.setdefault((one.what.key, one.cure.key, *alike), []).append(one)
        else:
            groups[("", str(len(groups)))] = [one]
    return tuple(_one_gap(found) for found in groups.values())


def _one_gap(gaps: list[Gap]) -> Gap:
    first = gaps[0]
    if len(gaps) == 1:
        return first
    ids = sorted({str(i) for g in gaps for i in cast("tuple[str, ...]", g.what.params["ids"])})
    more: dict[str, object] = {"ids": tuple(ids[:NAMED])}
    if "count" in first.what.params:
        more["count"] = sum(cast("int", g.what.params["count"]) for g in gaps)
    return Gap(
        code=first.code,
        what=Message(first.what.key, **(first.what.params | more)),
        cure=Message(first.cure.key, **(first.cure.params | more)),
    )


def _joined(parts: tuple[Message, ...]) -> Message:
    """Return sentences as one text; of very many the first, and how many more there are."""
    first, *rest = parts[:NAMED]
    for part in rest:
        first = Message("checks.joined", first=first, rest=part)
    if len(parts) > NAMED:
        more = Message("checks.and_more", count=len(parts) - NAMED)
        first = Message("checks.joined", first=first, rest=more)
    return first
