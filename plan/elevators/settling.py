"""Whom to ask first: the fewest households that would settle a vote if they agreed.

The undecided are those who stayed away, who abstained, and whose vote is not written down; a no is a no. With x_f = 1
where the flat f would say yes, the fewest are::

    minimise   sum x_f
    subject to participation, by area and by heads, if every vote still open stays away,
               approval and agreement of all, by area and by heads, if every vote still open is against,

which together mean that the decision stands whatever the votes still open will be (:meth:`Ballot.verdict`). Areas are
multiplied to whole numbers, so that a limit met exactly is met: the integer programme runs half a unit below each
limit, and its answer is counted again in exact fractions.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

import numpy as np

from plan.elevators.consent import CAST, Ballot, Flat, Majority, Verdict
from plan.elevators.programming import Row, maximised

__all__ = ["Settling", "settling"]

_UNDECIDED: Final = (None, "absent", "abstain")
# Nodes of the search, not seconds: the same ballot has the same answer on any machine.
_NODES: Final = 20_000
# How far from a whole number the solver's bound may be and still be that number.
_WHOLE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """The households to ask; for the organisers of a vote only, never for a public report."""

    households: tuple[str, ...]  # ids, sorted; none when the vote has carried already
    exact: bool  # True: proven that no fewer would do


@dataclass(frozen=True, slots=True)
class _Row:
    """A sum of coefficients times variables, and what it must reach (or exceed) with what stands already."""

    terms: Mapping[int, Fraction]
    reach: Fraction = Fraction(0)
    strict: bool = False
    ties: bool = False  # True: holds a variable that follows from choices to them

    def whole(self) -> tuple[dict[int, int], float]:
        """Return the row in whole numbers, its limit half a unit below where it is met, so that no rounding decides."""
        scale = math.lcm(self.reach.denominator, *(c.denominator for c in self.terms.values()))
        off = 0.0 if self.ties else 0.5 if self.strict else -0.5
        return {i: int(c * scale) for i, c in self.terms.items()}, int(self.reach * scale) + off


def settling(ballot: Ballot, majority: Majority) -> Settling | None:
    """Find the fewest undecided households whose yes would carry the decision, whatever the others do.

    Parameters
    ----------
    ballot : Ballot
        The votes; its flats have distinct ``household`` ids.
    majority : Majority
        The shares asked for.

    Returns
    -------
    Settling or None
        None where not even all of them would be enough, or the votes cannot be counted.
    """
    if not ballot.usable:
        return None
    flats = tuple(sorted(ballot.flats, key=lambda flat: flat.household))
    undecided = [i for i, flat in enumerate(flats) if flat.vote in _UNDECIDED]

    def carried(chosen: Iterable[int]) -> bool:
        return _with_yes(flats, chosen).verdict(majority) is Verdict.REACHED

    if carried(()):
        return Settling(households=(), exact=True)
    if not carried(undecided):
        return None
    solved, least = _fewest(flats, undecided, majority)
    # The search may have stopped early, or rounded: what is handed out is counted in exact fractions.
    chosen = _completed(flats, solved, undecided, carried)
    return Settling(households=tuple(sorted(flats[i].household for i in chosen)), exact=len(chosen) <= least)


def _with_yes(flats: tuple[Flat, ...], chosen: Iterable[int]) -> Ballot:
    yes = set(chosen)
    return Ballot(flats=tuple(replace(f, vote="yes") if i in yes else f for i, f in enumerate(flats)))


def _completed(
    flats: tuple[Flat, ...],
    solved: list[int],
    undecided: list[int],
    carried: Callable[[Iterable[int]], bool],
) -> list[int]:
    """Add the largest flats until the decision carries, then leave out what it does not need."""
    chosen = list(solved)
    for i in sorted(set(undecided) - set(solved), key=lambda i: (-(flats[i].area_m2 or 0), i)):
        if carried(chosen):
            break
        chosen.append(i)
    for i in sorted(chosen, key=lambda i: (flats[i].area_m2 or 0, i)):
        fewer = [j for j in chosen if j != i]
        if carried(fewer):
            chosen = fewer
    return chosen


def _fewest(flats: tuple[Flat, ...], undecided: list[int], majority: Majority) -> tuple[list[int], int]:
    """Return the flats that the integer programme chooses, and a number below which nothing is enough."""
    column = {flat: at for at, flat in enumerate(undecided)}
    rows, columns = _rows(flats, column, majority)
    choices = np.arange(columns) < len(undecided)
    made = []
    for row in rows:
        terms, limit = row.whole()
        made.append(Row(columns=tuple(terms), coefficients=tuple(map(float, terms.values())), low=limit))
    found = maximised(-choices.astype(float), made, whole=choices, nodes=_NODES)
    least = math.ceil(-found.bound - _WHOLE) if math.isfinite(found.bound) else 0
    chosen = np.zeros(columns) if found.solution is None else found.solution
    return [undecided[i] for i in np.flatnonzero(chosen[: len(undecided)] > 1 / 2).tolist()], least


def _rows(flats: tuple[Flat, ...], column: Mapping[int, int], majority: Majority) -> tuple[list[_Row], int]:
    """Return the rows of the programme, and the number of its variables."""
    one = Fraction(1)
    areas = [flat.area_m2 or Fraction(0) for flat in flats]

    def area(*votes: str | None) -> Fraction:
        return sum((a for a, flat in zip(areas, flats, strict=True) if flat.vote in votes), Fraction(0))

    def gained(*votes: str | None) -> dict[int, Fraction]:
        return {column[i]: areas[i] for i in column if flats[i].vote in votes}

    whole, yes, share = area(*CAST, "absent", None), area("yes"), majority.approval
    heads = _Heads.of(flats, column)
    # Nobody is never enough, whatever the shares.
    present = max(majority.participation * heads.all, one) - heads.present
    approving = dict.fromkeys(heads.agreeing, one)
    rows = [
        *heads.rows,
        _Row(gained("absent", None), majority.participation * whole - area(*CAST)),
        _Row(dict.fromkeys(heads.coming, one), present),
        _Row(
            gained(None, "abstain") | {i: a * (1 - share) for i, a in gained("absent").items()},
            share * area(*CAST, None) - yes,
            majority.approval_strict,
        ),
        _Row(
            approving | dict.fromkeys(heads.counted, -share),
            share * heads.certain - heads.agreed,
            majority.approval_strict,
        ),
    ]
    if majority.of_all is not None:
        rows += [
            _Row(gained(*_UNDECIDED), majority.of_all * whole - yes),
            _Row(approving, majority.of_all * heads.all - heads.agreed),
        ]
    return rows, heads.columns


@dataclass(slots=True)
class _Heads:
    """Owners as variables between 0 and 1 that follow from their flats."""

    rows: list[_Row]
    columns: int
    all: int = 0
    present: int = 0  # take part even if every open vote stays away
    certain: int = 0  # take part if every open vote is against
    agreed: int = 0  # agree whatever is open
    # Variables: owners who would take part where every open vote stays away, and where it is against; who would agree.
    coming: list[int] = field(default_factory=list)
    counted: list[int] = field(default_factory=list)
    agreeing: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, flats: tuple[Flat, ...], column: Mapping[int, int]) -> _Heads:
        owned: dict[str, list[int]] = defaultdict(list)
        for i, flat in enumerate(flats):
            owned[flat.owner or ""].append(i)
        heads = cls(rows=[], columns=len(column), all=len(owned))
        for mine in owned.values():
            heads._add({flats[i].vote for i in mine}, mine, flats, column)
        return heads

    def _add(
        self, votes: set[str | None], mine: list[int], flats: tuple[Flat, ...], column: Mapping[int, int]
    ) -> None:
        silent = [column[i] for i in mine if flats[i].vote == "absent"]
        # What is open counts as against, and an abstention is none: both must turn for the owner to agree.
        turning = [column[i] for i in mine if flats[i].vote in {None, "abstain"}]
        speaking = [column[i] for i in mine if flats[i].vote in {None, "absent"}]
        if votes & set(CAST):
            self.present += 1
        else:
            self.coming.append(self._at_most(speaking))
        if votes <= {"absent"}:
            self.counted.append(self._at_least(silent))
            self.agreeing.append(self._at_most(silent))
            return
        self.certain += 1
        if "no" in votes:
            return
        if turning:
            variable = self._new()
            self.rows += [_Row({i: Fraction(1), variable: Fraction(-1)}, ties=True) for i in turning]
            self.agreeing.append(variable)
        else:
            self.agreed += 1

    def _new(self) -> int:
        self.columns += 1
        return self.columns - 1

    def _at_most(self, choices: list[int]) -> int:
        """Add a variable that is 1 only where one of the choices is."""
        variable = self._new()
        self.rows.append(_Row({**dict.fromkeys(choices, Fraction(1)), variable: Fraction(-1)}, ties=True))
        return variable

    def _at_least(self, choices: list[int]) -> int:
        """Add a variable that is 1 where any of the choices is."""
        variable = self._new()
        self.rows += [_Row({variable: Fraction(1), i: Fraction(-1)}, ties=True) for i in choices]
        return variable
