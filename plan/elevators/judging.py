"""Judging positions of elevators: barred, to be had when something makes way, free, or not to be told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from plan.elevators.candidates import Candidates, Connection, Template, candidates_at
from plan.elevators.clearances import (
    TOLERANCE_M,
    TOUCH_M2,
    Limits,
    Measured,
    Positions,
    measure,
    vague_lanes_near,
)
from plan.elevators.records import Clearance, Position, StairwellSiting, Verdict
from plan.elevators.remedies import SURVEYED, Costs, InTheWay, Remedy, in_the_way
from plan.elevators.stairs import Stair
from plan.elevators.surroundings import Surroundings
from plan.messages import Message
from plan.schema import LAYERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Judged", "judge"]

# Layers without which nothing can be told of a position: what they hold may bar it.
_NEEDED: Final = ("fire_lanes", "parcels", "obstacles")
# Millimetres to spare that are enough: more does not make a position better.
_ENOUGH_MM: Final = 500
# Clearances of the design itself: they bar a position, and are not what binds one that stands.
_OWN: Final = ("own_building", "own_door")
# Metres of façade beside the stair before which a shaft may stand without a look at the windows there.
_WINDOW_M: Final = 0.05
# Metres by which a façade that is drawn straight may be uneven: drawings are rounded to centimetres, and bent a little.
_UNEVEN_M: Final = 0.05
SHOWN: Final = "lane_to_facade"  # measured and shown; it bars nothing
FEASIBLE, CONDITIONAL, UNKNOWN, INFEASIBLE = range(4)
CODES: Final[tuple[Verdict, ...]] = ("feasible", "conditional", "unknown", "infeasible")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """All positions with what was measured of them."""

    candidates: Candidates
    positions: Positions
    measured: dict[str, Measured]
    way: InTheWay
    code: NDArray[np.int64]  # number in CODES
    margin: NDArray[np.float64]  # the least of what bars
    things: NDArray[np.int64]
    unpriced: NDArray[np.int64]
    cost: NDArray[np.float64]
    gaps: tuple[Message, ...]
    surveys: tuple[Remedy, ...]
    lane_widths: dict[str, float]  # of fire lanes drawn as lines, by id
    around: Surroundings

    def order(self, connections: tuple[Connection, ...]) -> NDArray[np.int64]:
        """Return all positions stair by stair, the best of each first."""
        shapes = self.candidates.templates
        rank = np.array([connections.index(t.connection) for t in shapes])[self.candidates.template]
        aside = np.array([abs(t.aside_m) for t in shapes])[self.candidates.template]
        before = np.array([round(t.before_flats_m, 2) for t in shapes])[self.candidates.template]
        room = np.minimum(np.floor(np.minimum(self.margin, 1e6) * 1000 + 1e-3), _ENOUGH_MM)
        barred = self.code == INFEASIBLE
        failing = np.sum([_fails(m) for m in self._bars.values()], axis=0)
        order: NDArray[np.int64] = np.lexsort(
            (
                self.candidates.template,
                np.round(aside, 6),
                -room,
                before,
                self.things,
                np.round(np.where(barred, 0.0, self.cost), 2),
                np.where(barred, 0, self.unpriced),
                np.where(barred, 0, rank),
                np.where(barred, failing, 0),
                self.code,
                self.candidates.stair,
            )
        )
        return order

    @property
    def _bars(self) -> dict[str, Measured]:
        return {name: m for name, m in self.measured.items() if name != SHOWN}

    def siting(
        self, order: NDArray[np.int64], base: dict[str, Any], chosen: int | None, *, alternatives: int
    ) -> StairwellSiting:
        """Describe what was found at a stair.

        Parameters
        ----------
        order : array of int
            Its positions, best first.
        base : dict
            The fields of the record that say which stair it is.
        chosen : int or None
            The position that was chosen.
        alternatives : int
            How many others are described.
        """
        best = int(order[0]) if chosen is None else chosen
        head = self.position(best)
        others = [int(k) for k in order if k != best][:alternatives]
        barred = Counter(self._tightest(int(k)) for k in order if self.code[k] == INFEASIBLE)
        described = tuple(self.position(k) for k in others)
        if chosen is None:
            described = (head, *described)[:alternatives]
        return StairwellSiting(
            **base,
            verdict=head.verdict,
            reason=head.reason,
            chosen=head if chosen is not None else None,
            alternatives=described,
            tried=len(order),
            barred=dict(sorted(barred.items())),
        )

    def barred(self) -> list[tuple[int, Template, Any, Message]]:
        """Return the positions that cannot be had: stair, template, shaft in the coordinates of the site, and why not."""
        found = []
        names = list(self._bars)
        margins = np.stack([m.margin for m in self._bars.values()])
        numbers = np.flatnonzero(self.code == INFEASIBLE)
        shafts = self._back(self.positions.shaft[numbers])
        for number, shaft in zip(numbers.tolist(), shafts, strict=True):
            name = names[int(np.argmin(margins[:, number]))]
            why = self._clearance(name, self.measured[name], number).told()
            template = self.candidates.templates[self.candidates.template[number]]
            found.append((int(self.candidates.stair[number]), template, shaft, why))
        return found

    def position(self, number: int) -> Position:
        """Describe a position in the coordinates of the site."""
        template = self.candidates.templates[self.candidates.template[number]]
        verdict = CODES[self.code[number]]
        remedies = self._remedies(number, template) if self.code[number] != INFEASIBLE else ()
        clearances = self._clearances(number)
        return Position(
            connection=template.connection,
            layout=template.layout,
            aside_m=template.aside_m,
            off_m=template.off_m,
            before_flats_m=template.before_flats_m,
            shaft=self._back(self.positions.shaft[number]),
            landing=self._back(self.positions.landing[number]),
            verdict=verdict,
            reason=self._reason(number, verdict, clearances),
            margin_m=float(self.margin[number]),
            clearances=clearances,
            remedies=remedies,
        )

    def _back(self, shape: Any) -> Any:  # noqa: ANN401 - a Polygon
        return shapely.transform(shape, lambda xy: xy + np.array(self.around.origin))

    def _clearances(self, number: int) -> tuple[Clearance, ...]:
        near = [(name, m) for name, m in self.measured.items() if np.isfinite(m.margin[number])]
        return tuple(self._clearance(name, m, number) for name, m in near)

    def _clearance(self, name: str, measured: Measured, number: int) -> Clearance:
        return Clearance(
            name=name,
            thing=measured.thing(number),
            measured_m=float(measured.metres[number]),
            required_m=float(round(measured.required(number), 9)),
            bars=name != SHOWN,
            own_m=self.lane_widths.get(measured.thing(number)) if name == "fire_lane" else None,
            facing="" if measured.facing is None else str(measured.facing[number]),
        )

    def _tightest(self, number: int) -> str:
        return min((m.margin[number], place, name) for place, (name, m) in enumerate(self._bars.items()))[2]

    def _remedies(self, number: int, template: Template) -> tuple[Remedy, ...]:
        windows: tuple[Remedy, ...] = ()
        if template.before_flats_m > _WINDOW_M:
            told = Message("elevators.see_windows", metres=f"{template.before_flats_m:.1f}")
            house = self.around.buildings.ids[self.positions.house[number]]
            windows = (Remedy(kind="window", thing=house, what=told),)
        return (*self.way.of(number), *windows, *self.surveys)

    def _reason(self, number: int, verdict: Verdict, clearances: tuple[Clearance, ...]) -> Message:
        bars = [c for c in clearances if c.bars]
        if verdict == "infeasible":
            return min(bars, key=lambda c: c.margin_m).told()
        if verdict == "unknown":
            return self._gaps(number)[0]
        tight = min((c for c in bars if c.name not in _OWN), key=lambda c: c.margin_m, default=None)
        return (
            Message("elevators.free") if tight is None else Message("elevators.tightest", what=tight.told())
        )

    def _gaps(self, number: int) -> tuple[Message, ...]:
        found = list(self.gaps)
        for name, m in self.measured.items():
            if m.doubtful[number]:
                found += self._doubts(number, name, m)
        return tuple(found)

    def _doubts(self, number: int, name: str, measured: Measured) -> list[Message]:
        """Return why a clearance is not certain."""
        if name == "parcel" and measured.which[number] < 0:
            return [Message("elevators.gap_no_parcel")]
        if name == "fire_lane":
            _, vague = vague_lanes_near(self.positions.shaft[[number]], self.around)
            if len(vague):
                ids = self.around.lane_rows.ids
                return [Message("elevators.gap_width", ids=tuple(ids[k] for k in np.unique(vague)))]
        what = Message(f"elevators.name_{name}")
        return [Message("elevators.gap_mended", what=what, ids=measured.mended[:10])]


def _fails(measured: Measured) -> NDArray[np.bool_]:
    failing: NDArray[np.bool_] = measured.margin < -TOLERANCE_M
    return failing


def judge(
    stairs: list[Stair], around: Surroundings, tried: tuple[Template, ...], limits: Limits, costs: Costs
) -> Judged:
    """Try every template at every stair, and judge each position.

    Parameters
    ----------
    stairs : list of Stair
        With their façades.
    around : Surroundings
        What stands there.
    tried : tuple of Template
        Positions.
    limits : Limits
        What is kept clear.
    costs : Costs
        What clearing the ground costs.

    Returns
    -------
    Judged
        All positions, stair by stair in the order of the templates.
    """
    facades = [s.facade for s in stairs if s.facade is not None]
    feet, along, outward = (
        np.array([getattr(f, name) for f in facades], dtype=float).reshape(-1, 2)
        for name in ("foot", "along", "outward")
    )
    candidates = candidates_at(feet, along, outward, templates=tried)
    houses = {name: number for number, name in enumerate(around.buildings.ids)}
    house = np.array([houses[s.building_id or ""] for s in stairs], dtype=np.int64)
    doors = np.array(shapely.points(feet), dtype=object)
    house = house[candidates.stair]
    candidates = _off_the_wall(candidates, feet, outward, house, around)
    positions = Positions(
        shaft=candidates.shaft,
        landing=candidates.landing,
        house=house,
        door=doors[candidates.stair],
        entrance=np.array([s.entrance_id for s in stairs], dtype=object)[candidates.stair],
    )
    measured = measure(positions, around, limits)
    barred = np.any([_fails(m) for name, m in measured.items() if name != SHOWN], axis=0)
    way = in_the_way(positions, around, limits, costs, barred=barred)
    measured |= way.bars
    bars = {name: m for name, m in measured.items() if name != SHOWN}
    failing = np.any([_fails(m) for m in bars.values()], axis=0)
    doubtful = np.any([m.doubtful for m in bars.values()], axis=0)
    things, unpriced, cost = way.totals(len(candidates))
    before = np.array([t.before_flats_m > _WINDOW_M for t in candidates.templates])[candidates.template]
    things, unpriced = things + before, unpriced + before
    gaps = _site_gaps(around, limits)
    surveys = _surveys(around)
    code = np.where(things > 0, CONDITIONAL, CONDITIONAL if surveys else FEASIBLE)
    code = np.where(doubtful | bool(gaps), UNKNOWN, code)
    code = np.where(failing, INFEASIBLE, code)
    outer = [
        np.where(code == INFEASIBLE, m.margin, np.inf if name in _OWN else m.margin)
        for name, m in bars.items()
    ]
    return Judged(
        candidates=candidates,
        positions=positions,
        measured=measured,
        way=way,
        code=code,
        margin=np.min(outer, axis=0),
        things=things,
        unpriced=unpriced,
        cost=cost,
        gaps=gaps,
        surveys=surveys,
        lane_widths=_lane_widths(around),
        around=around,
    )


def _off_the_wall(
    candidates: Candidates,
    feet: NDArray[np.float64],
    outward: NDArray[np.float64],
    house: NDArray[np.int64],
    around: Surroundings,
) -> Candidates:
    """Move positions off a façade that is not quite straight: by so much, in whole millimetres, as they reach into it."""
    push = np.zeros(len(candidates))
    shapes = around.buildings.shapes
    for things in (candidates.shaft, candidates.landing):
        met = shapely.intersects(things, shapes[house])
        both = np.full(len(things), None, dtype=object)
        both[met] = shapely.intersection(things[met], shapes[house[met]])
        deep = shapely.area(both) > TOUCH_M2
        which = np.flatnonzero(deep)
        corners, pair = shapely.get_coordinates(both[which], return_index=True)
        stair = candidates.stair[which[pair]]
        off = np.einsum("ij,ij->i", corners - feet[stair], outward[stair])
        least = np.full(len(candidates), np.inf)
        edge, of = shapely.get_coordinates(things[which], return_index=True)
        own = candidates.stair[which[of]]
        np.minimum.at(least, which[of], np.einsum("ij,ij->i", edge - feet[own], outward[own]))
        reach = np.zeros(len(candidates))
        np.maximum.at(reach, which[pair], off - least[which[pair]])
        push = np.maximum(push, reach)
    push = np.where(push <= _UNEVEN_M, np.ceil(push * 1000) / 1000, 0.0)
    moved = push > 0
    if not moved.any():
        return candidates
    shifts = push[moved, None] * outward[candidates.stair[moved]]
    pushed = {}
    for name in ("shaft", "landing"):
        things = getattr(candidates, name).copy()
        corners = shapely.get_coordinates(things[moved]).reshape(-1, 5, 2) + shifts[:, None, :]
        things[moved] = shapely.polygons(corners)
        pushed[name] = things
    return replace(candidates, **pushed)


def _site_gaps(around: Surroundings, limits: Limits) -> tuple[Message, ...]:
    """Return why nothing can be told of any position of this site."""
    found = [
        Message("elevators.gap_limit", what=Message(f"elevators.name_{name}"))
        for name, value in (("fire_lane", limits.fire_lane_m), ("separation", limits.separation_m))
        if value is None
    ]
    found += [
        Message("elevators.gap_layer", layer=name, zh=LAYERS[name].zh)
        for name in _NEEDED
        if name in around.absent
    ]
    found += [
        Message(
            "elevators.gap_rows",
            layer=name,
            zh=LAYERS[name].zh,
            ids=around.blind[name][:10],
            count=len(around.blind[name]),
        )
        for name in (*_NEEDED, "buildings")
        if around.blind.get(name)
    ]
    return tuple(found)


def _lane_widths(around: Surroundings) -> dict[str, float]:
    lanes = around.lane_rows
    lines = shapely.get_dimensions(lanes.shapes) == 1 if len(lanes) else np.zeros(0, dtype=bool)
    widths = lanes.numbers("width_m")
    return {lanes.ids[k]: float(widths[k]) for k in np.flatnonzero(lines & np.isfinite(widths))}


def _surveys(around: Surroundings) -> tuple[Remedy, ...]:
    """Return what has to be looked at on site, as no layer shows it."""
    return tuple(
        Remedy(kind="survey", thing=name, what=Message("elevators.survey", layer=name, zh=LAYERS[name].zh))
        for name in SURVEYED
        if name in around.absent or around.blind.get(name)
    )
