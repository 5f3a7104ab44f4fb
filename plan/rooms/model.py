"""The integer programme that chooses units for rooms, solved exactly and in the order of what matters.

With the offers o (a unit taken by one mode; its area a_o, cost c_o, ground floor g_o in {0, 1}), the
places p (a community and a use, with the required area A_p and ground-floor area G_p), the doors i of
a place with weight w_i, and t_io the minutes from door i to offer o:

    minimise, one after the other
              sum(s_p + t_p)                the area that is missing, m2
              sum(m_p + e_p)                main rooms that are missing, rooms beyond the limit
              sum(c_o y_op)                 CNY; where no cost is known, sum(y_op)
              sum(w_i (t_io x_io + T u_i))  weighted minutes; T for those who reach no room
              sum(y_op), sum(d_op y_op)     how many, and metres from a main gate
    subject   sum_o(a_o y_op)     + s_p >= A_p
              sum_o(a_o g_o y_op) + t_p >= G_p
              sum_k(z_k)          + m_p >= 1                   where a main room is asked for
              z_k <= y_op                                      for each unit o of the room or joined set k
              sum_o(y_op) - sum_j((|j| - 1) v_j) - e_p <= N_p  where rooms are limited; v_j: set j is joined
              sum(y_op for the offers o of one unit and all p) <= 1
              sum(c_o y_op) <= B
              sum_o(x_io) + u_i = 1,  x_io <= y_op
              y, z, v, m binary;  s, t, e, u, x >= 0

A shortfall is a figure, never "infeasible". Source: the p-median model of ReVelle and Swain (1970), with
the rules of the policies as side constraints.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.solver import TOLERANCE, Programme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["BY_COST", "BY_COUNT", "BY_MINUTES", "TOLERANCE", "Choice", "Offers", "Place", "choose"]

# What is minimised, one after the other: where costs are known, where they are not, and where minutes go before CNY.
BY_COST: Final = ("short", "limits", "cost", "walked", "count", "metres")
BY_COUNT: Final = ("short", "limits", "count", "walked", "metres")
BY_MINUTES: Final = ("short", "limits", "walked", "cost", "count", "metres")
# Minutes that a household is counted with that reaches no room: longer than any walk, so that nobody is left out to
# save others a step.
_NO_WAY_MIN: Final = 120.0
_SOLVER_SECONDS: Final = 60.0  # in all; dozens of units take milliseconds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offers:
    """What can be taken: units, each perhaps by several modes, and rooms that stand."""

    area: Floats  # m2
    ground: NDArray[np.bool_]
    cost: Floats  # CNY; NaN: not known
    unit: Ints  # offers with the same number are one unit, of which one is taken at most
    joined: Ints  # offers with the same number may be joined into one room; -1: alone
    stands: NDArray[np.bool_]  # stands already: taken unless rooms are limited


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """A community and a use, with what is asked for."""

    area: float
    ground: float
    main: float  # m2 of a single room; 0: none is asked for
    most: int | None
    offers: Ints  # which may serve here
    metres: Floats  # of each, from a main gate
    weight: Floats  # of each door; empty where nobody is known
    minutes: Floats  # doors by offers; NaN where there is no way


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """What was chosen, and what it comes to."""

    taken: Ints  # for each offer the place that it serves; -1: not taken
    short: Floats  # of each place, m2
    short_ground: Floats
    no_main: NDArray[np.bool_]
    beyond: Ints  # rooms beyond the limit
    cost: float
    minutes: float  # weighted
    unserved: float  # weight of those who reach no room
    gap: float  # relative, of what was minimised; 0: proven


class _Rooms:
    """The columns and rows of one programme."""

    def __init__(self, offers: Offers, places: list[Place]) -> None:
        self.offers, self.places = offers, places
        self.programme = Programme()
        self.pairs: list[tuple[int, int, int]] = []  # column, offer, place
        self.short: list[int] = []
        self.ground: list[int] = []
        self.main: list[int | None] = []
        self.beyond: list[int | None] = []
        self.unserved: list[tuple[int, float]] = []
        self.walked: list[tuple[int, float]] = []
        self.metres: list[tuple[int, float]] = []
        for number, place in enumerate(places):
            self._place(number, place)
        by_unit: dict[int, list[int]] = {}
        for column, offer, _ in self.pairs:
            by_unit.setdefault(int(offers.unit[offer]), []).append(column)
        for columns in by_unit.values():
            if len(columns) > 1:
                self.programme.row(-np.inf, 1.0, [(c, 1.0) for c in columns])

    def _place(self, number: int, place: Place) -> None:
        offers, rows = self.offers, self.programme
        mine = {int(o): self.programme.column(1.0, whole=True) for o in place.offers}
        self.pairs += [(column, offer, number) for offer, column in mine.items()]
        self.metres += [
            (mine[int(o)], 0.0 if np.isnan(d) else float(d))
            for o, d in zip(place.offers, place.metres, strict=True)
        ]
        short, ground = self.programme.column(np.inf, whole=False), self.programme.column(np.inf, whole=False)
        self.short.append(short)
        self.ground.append(ground)
        rows.row(place.area, np.inf, [(c, float(offers.area[o])) for o, c in mine.items()] + [(short, 1.0)])
        floor = [(c, float(offers.area[o])) for o, c in mine.items() if offers.ground[o]]
        rows.row(place.ground, np.inf, [*floor, (ground, 1.0)])
        sets: dict[int, list[int]] = {}
        for o in mine:
            if offers.joined[o] >= 0:
                sets.setdefault(int(offers.joined[o]), []).append(o)
        self.main.append(self._main_room(place, mine, sets) if place.main > 0 else None)
        self.beyond.append(None if place.most is None else self._limit(place.most, mine, sets))
        if place.most is None:
            # Without a limit there is no reason to give up what stands.
            for offer, column in mine.items():
                if offers.stands[offer]:
                    rows.row(1.0, 1.0, [(column, 1.0)])
        self._walks(place, mine)

    def _main_room(self, place: Place, mine: dict[int, int], sets: dict[int, list[int]]) -> int:
        offers = self.offers
        missing = self.programme.column(1.0, whole=True)
        terms = [(missing, 1.0)]
        rooms = [[o] for o in mine if offers.area[o] >= place.main - TOLERANCE]
        rooms += [s for s in sets.values() if len(s) > 1 and offers.area[s].sum() >= place.main - TOLERANCE]
        for room in rooms:
            whole = self.programme.column(1.0, whole=True)
            terms.append((whole, 1.0))
            for o in room:
                self.programme.row(-np.inf, 0.0, [(whole, 1.0), (mine[o], -1.0)])
        self.programme.row(1.0, np.inf, terms)
        return missing

    def _limit(self, most: int, mine: dict[int, int], sets: dict[int, list[int]]) -> int:
        beyond = self.programme.column(np.inf, whole=False)
        terms = [(column, 1.0) for column in mine.values()] + [(beyond, -1.0)]
        for joined in sets.values():
            if len(joined) > 1:
                whole = self.programme.column(1.0, whole=True)
                terms.append((whole, 1.0 - len(joined)))
                for o in joined:
                    self.programme.row(-np.inf, 0.0, [(whole, 1.0), (mine[o], -1.0)])
        self.programme.row(-np.inf, float(most), terms)
        return beyond

    def _walks(self, place: Place, mine: dict[int, int]) -> None:
        for door, weight in enumerate(place.weight.tolist()):
            nobody = self.programme.column(1.0, whole=False)
            self.unserved.append((nobody, weight))
            terms = [(nobody, 1.0)]
            for at, offer in enumerate(place.offers.tolist()):
                minutes = float(place.minutes[door, at])
                if np.isnan(minutes):
                    continue
                column = self.programme.column(1.0, whole=False)
                terms.append((column, 1.0))
                self.walked.append((column, weight * minutes))
                self.programme.row(-np.inf, 0.0, [(column, 1.0), (mine[offer], -1.0)])
            self.programme.row(1.0, 1.0, terms)

    def stage(self, name: str) -> list[tuple[int, float]]:
        """Return what a stage minimises: columns and their weights."""
        offers = self.offers
        if name == "short":
            return [(c, 1.0) for c in (*self.short, *self.ground)]
        if name == "limits":
            return [(c, 1.0) for c in (*self.main, *self.beyond) if c is not None]
        if name == "cost":
            return [(c, float(offers.cost[o])) for c, o, _ in self.pairs if not np.isnan(offers.cost[o])]
        if name == "count":
            return [(c, 1.0) for c, o, _ in self.pairs if not offers.stands[o]]
        if name == "walked":
            return [*self.walked, *((c, weight * _NO_WAY_MIN) for c, weight in self.unserved)]
        return self.metres


def choose(
    offers: Offers,
    places: list[Place],
    *,
    budget: float | None = None,
    forced: int | None = None,
    order: Sequence[str] = BY_COST,
) -> Choice:
    """Choose which offers serve which places.

    Parameters
    ----------
    offers : Offers
        What can be taken.
    places : list of Place
        What is asked for.
    budget : float, optional
        CNY that may be spent on all places together.
    forced : int, optional
        An offer that is taken whatever it costs.
    order : sequence of str
        What is minimised, one after the other; after the last, ties are left as they are.

    Returns
    -------
    Choice
        The optimum.

    Raises
    ------
    UsageError
        If the solver does not finish.
    """
    model = _Rooms(offers, places)
    programme = model.programme
    if budget is not None:
        spent = [(c, float(offers.cost[o])) for c, o, _ in model.pairs if not np.isnan(offers.cost[o])]
        programme.row(-np.inf, budget, spent)
    if forced is not None:
        programme.row(1.0, 1.0, [(c, 1.0) for c, o, _ in model.pairs if o == forced])
    values, gaps = programme.minimise([model.stage(name) for name in order], seconds=_SOLVER_SECONDS)
    taken = np.full(len(offers.area), -1, dtype=np.int64)
    for column, offer, place in model.pairs:
        if values[column] > 0.5:  # noqa: PLR2004 - a binary number up to the solver's tolerance
            taken[offer] = place
    # Reckoned anew from whole choices: the solver's own figures are true to its tolerances only.
    area, ground = offers.area, offers.area * offers.ground
    served = range(len(places))
    walks = [_walked(place, taken[place.offers.astype(np.int64)] == p) for p, place in enumerate(places)]
    return Choice(
        taken=taken,
        short=np.array([_missing(places[p].area, area[taken == p]) for p in served]),
        short_ground=np.array([_missing(places[p].ground, ground[taken == p]) for p in served]),
        no_main=np.array([c is not None and values[c] > 0.5 for c in model.main], dtype=bool),  # noqa: PLR2004
        beyond=np.array([0 if c is None else round(values[c]) for c in model.beyond], dtype=np.int64),
        cost=float(np.nansum(offers.cost[(taken >= 0) & ~offers.stands])),
        minutes=math.fsum(minutes for minutes, _ in walks),
        unserved=math.fsum(unserved for _, unserved in walks),
        gap=max(gaps),
    )


def _walked(place: Place, taken: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the weighted minutes to the nearest room that was taken, and the weight of those who reach none."""
    if not len(place.weight):
        return 0.0, 0.0
    minutes = np.where(taken & ~np.isnan(place.minutes), place.minutes, np.inf).min(axis=1, initial=np.inf)
    reached = np.isfinite(minutes)
    return math.fsum((place.weight * np.where(reached, minutes, 0.0)).tolist()), float(
        place.weight[~reached].sum()
    )


def _missing(need: float, given: Floats) -> float:
    missing = need - math.fsum(given)
    return missing if missing > TOLERANCE else 0.0
