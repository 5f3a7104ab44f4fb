"""What a report says, as the page shows it: findings, their places, the clause behind each colour."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from plan.findings import Clause, Finding, Report, Status, Strength
from plan.maps.escape import plain
from plan.maps.geometry import middle
from plan.maps.layers import Class, Drawing
from plan.maps.palette import STATUS_STYLES
from plan.maps.words import Words, format_number
from plan.messages import Message, keys, translate

__all__ = [
    "WORST_FIRST",
    "Clauses",
    "add_clauses",
    "assign_clauses",
    "finding_drawing",
    "finding_records",
    "headline",
    "ordered",
    "status_word",
    "timed_clauses",
]

WORST_FIRST: Final = (Status.NOT_MET, Status.UNDETERMINED, Status.MET, Status.NOT_APPLICABLE)
_MOST_BINDING_FIRST: Final = ("must", "should", "may")


class Clauses:
    """The clauses of a map, each once, referred to by number."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._index: dict[Clause, int] = {}

    def number(self, clause: Clause) -> int:
        """Return the number of a clause, adding it when it is new."""
        return self._index.setdefault(clause, len(self._index))

    def listed(self) -> tuple[Clause, ...]:
        """Return the clauses by number."""
        return tuple(self._index)

    def to_page(self) -> list[dict[str, str]]:
        """Return plain data for the page."""
        return [self._page(clause) for clause in self._index]

    def _page(self, clause: Clause) -> dict[str, str]:
        dates = []
        if clause.effective:
            dates.append(self._words.text("ui.effective", date=clause.effective))
        if clause.repealed:
            dates.append(self._words.text("ui.repealed", date=clause.repealed))
        return {
            "document": plain(clause.document),
            "number": plain(clause.number),
            "article": plain(clause.article),
            "quote": plain(clause.quote),
            "dates": plain(self._words.text("ui.listing").join(dates)),
        }


def finding_drawing(report: Report, *, words: Words) -> tuple[Drawing | None, dict[int, int]]:
    """Draw the places of findings; findings at one place share one symbol, the worst status shows.

    Returns
    -------
    drawing : Drawing or None
        None when no finding has a place.
    place_of : dict of int to int
        From the position of a finding (in :func:`ordered`) to its feature.
    """
    groups: dict[bytes, list[int]] = {}
    shapes: dict[bytes, Any] = {}
    findings = ordered(report)
    for n, finding in enumerate(findings):
        if finding.geometry is None:
            continue
        geometry = shape(dict(finding.geometry))
        if geometry.is_empty:
            continue
        point = middle(geometry)
        key = f"{point.x:.6f} {point.y:.6f}".encode()
        groups.setdefault(key, []).append(n)
        shapes.setdefault(key, geometry)
    if not groups:
        return None, {}
    # The worst is drawn last, on top.
    keys = sorted(groups, key=lambda k: -groups[k][0])
    statuses = [findings[groups[k][0]].status for k in keys]
    present = [s for s in WORST_FIRST if s in statuses]
    classes = [
        Class(id=s, label=status_word(s, words), style=STATUS_STYLES[s], glyph=words.text(f"symbol.{s}"))
        for s in present
    ]
    drawing = Drawing(
        id="findings",
        title=words.text("layer.findings"),
        kind="findings",
        ids=[f"finding-{i}" for i in range(len(keys))],
        shapes=[_marked(shapes[k]) for k in keys],
        classes=classes,
        of_class=[present.index(s) for s in statuses],
        names=[
            words.text("ui.listing").join(
                dict.fromkeys(plain(translate(findings[n].title, words.lang)) for n in groups[k])
            )
            for k in keys
        ],
    )
    drawing.finds = [groups[k] for k in keys]
    return drawing, {n: i for i, k in enumerate(keys) for n in groups[k]}


def _marked(place: BaseGeometry) -> BaseGeometry:
    """Return a place with one symbol; a symbol at each of many points would hide the map."""
    if place.geom_type == "MultiPoint":
        return middle(place)
    return shapely.GeometryCollection([place, middle(place)])


def finding_records(
    report: Report, *, words: Words, clauses: Clauses, place_of: Mapping[int, int], drawn: Collection[str]
) -> list[dict[str, Any]]:
    """Write findings as plain data, the worst first.

    Parameters
    ----------
    report : Report
        The report.
    words : Words
        The language.
    clauses : Clauses
        Where clauses are numbered.
    place_of : mapping of int to int
        From the position of a finding to its place among the features of the findings' layer.
    drawn : collection of str
        Ids that are on the map. Others, such as households, do not leave the report.
    """
    return [
        _record(finding, words=words, clauses=clauses, place=place_of.get(n), drawn=drawn)
        for n, finding in enumerate(ordered(report))
    ]


def headline(report: Report, *, words: Words) -> dict[str, Any]:
    """Return the outcome in one sentence, and how many findings there are, binding ones apart.

    Only the rules that must be met decide; nothing judged is never a pass.
    """
    must = [f.status for f in report.findings if f.strength is Strength.MUST]
    rest = [f.status for f in report.findings if f.strength is not Strength.MUST]
    deciding = [f.status for f in report.findings if f.strength is Strength.MUST and f.waiver is None]
    failed, unknown = deciding.count(Status.NOT_MET), deciding.count(Status.UNDETERMINED)
    if failed and unknown:
        text = words.text("headline.not_met_and_open", count=failed, unknown=unknown)
    elif failed:
        text = words.text("headline.not_met", count=failed)
    elif unknown:
        text = words.text("headline.undetermined", count=unknown)
    elif Status.MET not in deciding:
        text = words.text("headline.nothing_judged")
    elif waived := len(must) - len(deciding):
        text = words.text("headline.others_met", count=waived)
    else:
        text = words.text("headline.met")
    outcome = Status(report.outcome)
    groups = ((str(Strength.MUST), must), ("others", rest))
    return {
        "status": str(outcome),
        "symbol": words.text(f"symbol.{outcome}"),
        "text": text,
        "groups": [
            {
                "must": name == Strength.MUST,
                "label": words.text(f"headline.{name}"),
                "n": {str(s): found.count(s) for s in WORST_FIRST if s in found},
            }
            for name, found in groups
            if found
        ],
    }


def ordered(report: Report) -> list[Finding]:
    """Return the findings of a report, the worst and most binding first."""
    return sorted(
        report.findings,
        key=lambda f: (
            WORST_FIRST.index(f.status),
            _MOST_BINDING_FIRST.index(f.strength),
            f.rule,
            str(f.subject or ""),
        ),
    )


def status_word(status: Status, words: Words) -> str:
    """Return the word for a status."""
    return Message(f"status.{status}").to(words.lang)


def assign_clauses(drawings: Iterable[Drawing], report: Report, clauses: Clauses) -> None:
    """Give each colour the clauses that judged the features in it."""
    by_feature: dict[str, list[Clause]] = {}
    timed: list[Clause] = []
    for finding in report.findings:
        for feature in finding.features:
            by_feature.setdefault(plain(feature), []).append(finding.clause)
        if finding.unit == "min":
            timed.append(finding.clause)
    for drawing in drawings:
        found: dict[int, dict[int, None]] = {}
        if drawing.kind == "findings":
            continue
        for feature, number in zip(drawing.ids, drawing.of_class, strict=True):
            for clause in by_feature.get(feature, ()):
                found.setdefault(number, {})[clauses.number(clause)] = None
        if drawing.kind == "isochrones":
            found.setdefault(0, {}).update(dict.fromkeys(clauses.number(c) for c in timed))
        drawing.clauses = {number: list(those) for number, those in found.items()}


def add_clauses(
    drawings: Iterable[Drawing], more: Mapping[str, Clause | Sequence[Clause]], clauses: Clauses
) -> None:
    """Give the colours of layers the clauses that a caller names for them."""
    for drawing in drawings:
        for clause in _several(more.get(drawing.kind, ())):
            number = clauses.number(clause)
            if number not in drawing.clauses.setdefault(0, []):
                drawing.clauses[0].append(number)


def timed_clauses(
    report: Report | None, more: Mapping[str, Clause | Sequence[Clause]], clauses: Clauses
) -> list[int]:
    """Return the clauses behind minutes: those of findings in minutes, and those named for isochrones."""
    of_findings = [f.clause for f in report.findings if f.unit == "min"] if report is not None else []
    return list(
        dict.fromkeys(clauses.number(c) for c in (*of_findings, *_several(more.get("isochrones", ()))))
    )


def _record(
    finding: Finding, *, words: Words, clauses: Clauses, place: int | None, drawn: Collection[str]
) -> dict[str, Any]:
    def said(text: str | None) -> str:
        return plain(translate(text, words.lang)) if text else ""

    def figure(value: float | str | None) -> str:
        if value is None:
            return ""
        number = format_number(float(value)) if isinstance(value, (int, float)) else said(value)
        return f"{number} {words.unit(finding.unit)}".strip()

    measured, required = figure(finding.measured), figure(finding.required)
    short = [
        f"{words.text(f'ui.{name}')} {text}"
        for name, text in (("measured", measured), ("required", required))
        if text
    ]
    return {
        "rule": plain(finding.rule),
        "title": said(finding.title),
        "status": str(finding.status),
        "word": status_word(finding.status, words),
        "symbol": words.text(f"symbol.{finding.status}"),
        "must": finding.strength is Strength.MUST,
        # What decides the outcome stands out on the map; the rest when it is asked for.
        "outline": finding.strength is Strength.MUST
        and finding.status in {Status.NOT_MET, Status.UNDETERMINED},
        "several": len(finding.features) > 1,
        "strength_word": words.text(f"strength.{finding.strength}"),
        "measured": measured,
        "required": required,
        "short": words.text("ui.listing").join(short),
        "subject": said(finding.subject),
        "reason": _reason(said(finding.reason), words),
        "remedy": said(finding.remedy),
        "waiver": _waiver(finding, words),
        "clause": clauses.number(finding.clause),
        "features": [name for name in map(plain, finding.features) if name in drawn],
        "place": place,
        "est": finding.estimated,
    }


def _waiver(finding: Finding, words: Words) -> str:
    given = finding.waiver
    if given is None:
        return ""
    by = plain(" ".join(filter(None, (given.granted_by, given.number))))
    return words.text(
        "waiver", by=by, granted_on=given.granted_on, until=given.until, why=plain(given.reason)
    )


def _reason(text: str, words: Words) -> str:
    """Put the kind of a reason in words: ``needs_person: …`` is for programs."""
    code, colon, sentence = text.partition(":")
    if not colon or f"reason.{code}" not in keys():
        return text
    return words.text("reason", kind=Message(f"reason.{code}").to(words.lang), sentence=sentence.strip())


def _several(clauses: Clause | Sequence[Clause]) -> Sequence[Clause]:
    return (clauses,) if isinstance(clauses, Clause) else clauses
