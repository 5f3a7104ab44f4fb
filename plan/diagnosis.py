"""How problems are told to people: the worst first, and together what one cure mends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from plan.findings import Problem, Severity
from plan.messages import Message, translate
from plan.text_safety import plain, terminal

__all__ = ["Told", "counted", "ranges", "told"]

_ORDER: Final = ("error", "warning", "info")
_SPANS: Final = 8  # ranges of rows named for a problem
_IDS: Final = 10  # of features named for a problem
_ALIKE: Final = 10  # problems of one kind and one cure that are told one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What people read of problems that one cure mends; safe on a terminal."""

    severity: Severity
    head: str  # how bad, which id, where
    says: tuple[str, ...]  # what is wrong, a line for each
    cure: str
    problems: int  # how many it tells of


def told(problems: Iterable[Problem], lang: str) -> tuple[Told, ...]:
    """Put problems into words: what refuses a file first, then errors, warnings and notes, each in the order found.

    Parameters
    ----------
    problems : iterable of Problem
        As they were gathered.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    tuple of Told
        One for all problems of one kind in one file that have the same cure.
    """
    alike: dict[tuple[str, ...], list[Problem]] = {}
    for problem in sorted(problems, key=_badness):
        key = (problem.severity, problem.effect, problem.id, problem.path, translate(problem.cure, lang))
        alike.setdefault(key, []).append(problem)
    return tuple(_one(group, lang) for group in alike.values())


def counted(problems: Iterable[Problem]) -> Message:
    """Return one sentence on all problems: how many of each severity, and whether the files can be used."""
    found = list(problems)
    if not found:
        return Message("diagnosis.none")
    errors, warnings, notes = (sum(p.severity == severity for p in found) for severity in _ORDER)
    refused = sum(p.effect == "refused" for p in found)
    key = "refused" if refused else "degraded" if any(p.effect == "degraded" for p in found) else "usable"
    return Message(f"diagnosis.{key}", errors=errors, warnings=warnings, notes=notes, refused=refused)


def ranges(numbers: Iterable[int], *, most: int) -> str:
    """Write numbers as ranges, such as ``1-3, 7``, and an ellipsis behind the first ``most`` of them."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    shown = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans[:most])
    return shown if len(spans) <= most else f"{shown}, …"


def _badness(problem: Problem) -> tuple[int, bool]:
    return (_ORDER.index(problem.severity), problem.effect != "refused")


def _one(group: list[Problem], lang: str) -> Told:
    first, alone = group[0], len(group) == 1
    severity = translate(Message(f"reports.severity.{first.severity}"), lang)
    places = (first.path, first.layer, first.column) if alone else (first.path,)
    place = " / ".join(part for part in places if part)
    rows = _rows(first, lang) if alone else ""
    says = [
        _says(p, lang) if alone else terminal(f"{_says(p, lang)} {_rows(p, lang)}".rstrip()) for p in group
    ]
    if len(says) > _ALIKE:
        more = Message("diagnosis.more_alike", count=len(says) - _ALIKE)
        says = [*says[:_ALIKE], translate(more, lang)]
    return Told(
        severity=first.severity,
        head=terminal(" ".join(part for part in (severity, first.id, place, rows) if part)),
        says=tuple(dict.fromkeys(says)),
        cure=terminal(translate(first.cure, lang)),
        problems=len(group),
    )


def _says(problem: Problem, lang: str) -> str:
    return terminal(translate(problem.message, lang))


def _rows(problem: Problem, lang: str) -> str:
    """Say in which rows it is, unless the message names them itself."""
    params = problem.message.params if isinstance(problem.message, Message) else {}
    if not problem.rows or "rows" in params:
        return ""
    says = _says(problem, lang)
    ids = tuple(plain(name) for name in problem.features[:_IDS])
    named = bool(ids) and not any(name in says for name in ids)
    if named and len(problem.features) > _IDS:
        ids = (*ids, "…")
    where = Message(
        "diagnosis.rows_named" if named else "diagnosis.rows",
        rows=ranges(problem.shown_rows, most=_SPANS),
        ids=ids,
    )
    return translate(where, lang)
