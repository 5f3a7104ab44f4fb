"""What must make way for an elevator and can: pipes, stalls, trees, sheds, walls; and what must be looked at first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from plan.elevators.clearances import (
    TOLERANCE_M,
    TOUCH_M2,
    Limits,
    Measured,
    Positions,
    common_m2,
    depth_m,
    least,
)
from plan.elevators.surroundings import Rows, Surroundings, is_tree
from plan.errors import UsageError
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SURVEYED", "Costs", "InTheWay", "Remedy", "in_the_way"]

# Layers that bar no position by themselves: where one is absent, somebody looks before it is built.
SURVEYED: Final = ("utilities", "stalls", "barriers", "walkways")
# Metres of a wall under a position, from which it is in the way.
_CROSSED_M: Final = 0.01
_UTILITIES: Final = ("water", "sewer", "drain", "storm", "gas", "power", "heat", "telecom")
_ORDER: Final = ("pipe", "stall", "tree", "shed", "obstacle", "barrier", "window", "survey")


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What it costs to clear the ground, in yuan, as the user gives it; None: not known, and told so.

    Parameters
    ----------
    pipe_cny_per_m : float, optional
        To move a metre of a pipe of any kind.
    pipes_cny_per_m : mapping of str to float
        The same by the ``kind`` of pipe, before the figure for all.
    stall_cny : float, optional
        For a stall that is given up.
    tree_cny : float, optional
        To move a tree whose row in ``obstacles`` has no ``cost_cny``.
    """

    pipe_cny_per_m: float | None = None
    pipes_cny_per_m: Mapping[str, float] = field(default_factory=dict)
    stall_cny: float | None = None
    tree_cny: float | None = None

    def __post_init__(self) -> None:
        figures = {
            "pipe_cny_per_m": self.pipe_cny_per_m,
            "stall_cny": self.stall_cny,
            "tree_cny": self.tree_cny,
            **self.pipes_cny_per_m,
        }
        for name, value in figures.items():
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise UsageError(Message("elevators.cost", name=name, value=value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """Something that makes way, or is looked at first."""

    kind: str  # pipe, stall, tree, shed, obstacle, barrier, window, survey
    thing: str  # its id; of a survey the layer, of windows the building
    what: Message
    cost_cny: float | None = None  # None: nobody gave a figure
    sure: bool = True  # False: nobody wrote that it may go

    @property
    def sort_key(self) -> tuple[int, str]:
        """The order in which remedies are told."""
        return (_ORDER.index(self.kind), self.thing)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InTheWay:
    """What stands in the way of many positions.

    Parameters
    ----------
    bars : dict of str to Measured
        What may not go, by kind: it bars a position.
    position : array of int, (k,)
        Positions in whose way something stands that may go, in ascending order.
    cost : array of float, (k,)
        Yuan; NaN where nobody gave a figure.
    kind, row, amount, sure : array, (k,)
        What it is, number in _ORDER; its row; metres of a pipe; whether it may surely go.
    """

    bars: dict[str, Measured]
    position: NDArray[np.int64]
    cost: NDArray[np.float64]
    kind: NDArray[np.int64]
    row: NDArray[np.int64]
    amount: NDArray[np.float64]
    sure: NDArray[np.bool_]
    ids: Mapping[str, tuple[str, ...]]  # of the rows, by kind
    kinds: Mapping[str, list[str]]  # what the rows are called

    def of(self, position: int) -> tuple[Remedy, ...]:
        """Return what makes way for a position."""
        first, last = np.searchsorted(self.position, [position, position + 1])
        found = [self._remedy(k) for k in range(int(first), int(last))]
        return tuple(sorted(found, key=lambda r: r.sort_key))

    def totals(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Return for each position how many things make way, how many of unknown cost, and the cost of the others."""
        unpriced = np.isnan(self.cost)
        things = np.bincount(self.position, minlength=count).astype(np.int64)
        open_ = np.bincount(self.position[unpriced], minlength=count).astype(np.int64)
        cost = np.bincount(self.position, weights=np.nan_to_num(self.cost), minlength=count).astype(float)
        return things, open_, cost

    def _remedy(self, number: int) -> Remedy:
        kind, row = _ORDER[self.kind[number]], int(self.row[number])
        sure = bool(self.sure[number])
        cost = float(self.cost[number])
        told = Message(
            f"elevators.move_{kind}",
            id=self.ids[kind][row],
            kind=_called(kind, self.kinds[kind][row]),
            metres=f"{self.amount[number]:.1f}",
        )
        return Remedy(
            kind=kind,
            thing=self.ids[kind][row],
            what=told if sure else Message("elevators.unsure", what=told),
            cost_cny=None if math.isnan(cost) else cost,
            sure=sure,
        )


def _called(kind: str, written: str) -> str:
    """Return what a pipe of a known kind is called, others as they are written."""
    plain = written.strip().casefold()
    return Message(f"elevators.utility_{plain}") if kind == "pipe" and plain in _UTILITIES else written


def in_the_way(
    positions: Positions,
    around: Surroundings,
    limits: Limits,
    costs: Costs,
    *,
    barred: NDArray[np.bool_] | None = None,
) -> InTheWay:
    """Find what stands where shafts and landings would.

    Parameters
    ----------
    positions : Positions
        Shafts and landings.
    around : Surroundings
        What stands there.
    limits : Limits
        How far pipes stay from a shaft, and whether they bar it.
    costs : Costs
        Prices.
    barred : array of bool, optional
        Positions that cannot be had anyway: what would make way there is not gathered.

    Returns
    -------
    InTheWay
        Trees and sheds take part with shaft and landing, stalls and walls too; pipes with the shaft alone, for its
        foundation.
    """
    found = _Collected(np.zeros(len(positions), dtype=bool) if barred is None else barred)
    bars: dict[str, Measured] = {}
    pipes = _pipes(positions, around, limits, costs, found)
    if pipes is not None:
        bars["pipe"] = pipes
    _stalls(positions, around, costs, found)
    bars["obstacle"] = _fixed(positions, around.obstacles, around.radii, costs, found)
    bars["barrier"] = _fixed(
        positions, around.barriers, np.zeros(len(around.barriers)), costs, found, barrier=True
    )
    sources = {
        "pipe": around.pipes,
        "stall": around.stalls,
        "barrier": around.barriers,
        **dict.fromkeys(("tree", "shed", "obstacle"), around.obstacles),
    }
    found.sort()
    return InTheWay(
        bars=bars,
        position=found.position,
        cost=found.cost,
        kind=found.kind,
        row=found.row,
        amount=found.amount,
        sure=found.sure,
        ids={kind: rows.ids for kind, rows in sources.items()},
        kinds={kind: rows.texts("kind") for kind, rows in sources.items()},
    )


class _Collected:
    """What was found so far."""

    def __init__(self, barred: NDArray[np.bool_]) -> None:
        self.barred = barred
        none = np.zeros(0, dtype=np.int64)
        self.position, self.row, self.kind = none, none, none
        self.cost, self.amount = np.zeros(0), np.zeros(0)
        self.sure = np.zeros(0, dtype=bool)

    def add(
        self,
        position: NDArray[np.int64],
        row: NDArray[np.int64],
        kind: NDArray[np.int64] | int,
        *,
        cost: NDArray[np.float64] | float,
        amount: NDArray[np.float64] | float = 0.0,
        sure: NDArray[np.bool_] | bool = True,
    ) -> None:
        """Add pairs of a position and a row; what is one value holds for all of them."""
        count = len(position)
        self.position = np.concatenate([self.position, position])
        self.row = np.concatenate([self.row, row])
        self.kind = np.concatenate([self.kind, np.broadcast_to(kind, count)])
        self.cost = np.concatenate([self.cost, np.broadcast_to(cost, count)])
        self.amount = np.concatenate([self.amount, np.broadcast_to(amount, count)])
        self.sure = np.concatenate([self.sure, np.broadcast_to(sure, count)])

    def sort(self) -> None:
        """Bring it into the order of the positions."""
        order = np.lexsort((self.row, self.kind, self.position))
        for name in ("position", "row", "kind", "cost", "amount", "sure"):
            setattr(self, name, getattr(self, name)[order])


def _pipes(
    positions: Positions, around: Surroundings, limits: Limits, costs: Costs, found: _Collected
) -> Measured | None:
    pipes = around.pipes
    if not len(pipes):
        return None
    clear = pipes.numbers("clearance_m")
    clear = np.where(clear >= 0, clear, limits.pipe_m)
    row, one = shapely.STRtree(positions.shaft).query(pipes.shapes, predicate="dwithin", distance=clear)
    away = shapely.distance(positions.shaft[one], pipes.shapes[row])
    close = away < clear[row] - TOLERANCE_M
    one, row, away = one[close], row[close], away[close]
    if limits.pipes_bar:
        return least(len(positions), one, away - clear[row], away, row, ids=pipes.ids, mended=pipes.mended)
    wanted = ~found.barred[one]
    one, row = one[wanted], row[wanted]
    # What lies in the shaft grown by the clearance is moved; at its corners that is a little more than must.
    zones = shapely.buffer(positions.shaft[one], clear[row], join_style="mitre")
    metres = shapely.length(shapely.intersection(pipes.shapes[row], zones))
    prices = [costs.pipes_cny_per_m.get(kind, costs.pipe_cny_per_m) for kind in pipes.texts("kind")]
    each = np.array([math.nan if price is None else price for price in prices])
    found.add(one, row, _ORDER.index("pipe"), cost=each[row] * metres, amount=metres)
    return None


def _overlaps(
    positions: Positions, rows: Rows, radii: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which positions cover which rows, each pair once."""
    pairs = []
    for things in (positions.shaft, positions.landing):
        row, one = shapely.STRtree(things).query(rows.shapes, predicate="dwithin", distance=radii)
        flat = shapely.get_dimensions(rows.shapes[row])
        deep = np.zeros(len(row), dtype=bool)
        for dimension, covers in enumerate((_covers_disc, _covers_line, _covers_area)):
            mine = np.flatnonzero(flat == dimension)
            deep[mine] = covers(things[one[mine]], rows.shapes[row[mine]], radii[row[mine]])
        pairs.append(np.stack([one[deep], row[deep]]))
    both = np.unique(np.hstack(pairs), axis=1)
    return both[0], both[1]


def _covers_disc(
    things: NDArray[np.object_], points: NDArray[np.object_], radii: NDArray[np.float64]
) -> NDArray[np.bool_]:
    covered: NDArray[np.bool_] = shapely.distance(things, points) < radii - TOLERANCE_M
    return covered


def _covers_line(
    things: NDArray[np.object_], lines: NDArray[np.object_], _: NDArray[np.float64]
) -> NDArray[np.bool_]:
    covered: NDArray[np.bool_] = shapely.length(shapely.intersection(things, lines)) > _CROSSED_M
    return covered


def _covers_area(
    things: NDArray[np.object_], areas: NDArray[np.object_], _: NDArray[np.float64]
) -> NDArray[np.bool_]:
    return common_m2(things, areas) > TOUCH_M2


def _depths(
    positions: Positions,
    one: NDArray[np.int64],
    rows: Rows,
    row: NDArray[np.int64],
    radii: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return how deep positions reach into rows: into a disc, an area, or over a line."""
    found = np.full(len(one), 10 * TOLERANCE_M)
    flat = shapely.get_dimensions(rows.shapes[row])
    for things in (positions.shaft[one], positions.landing[one]):
        disc, line, area = (flat == d for d in range(3))
        found[disc] = np.maximum(
            found[disc], radii[row[disc]] - shapely.distance(things[disc], rows.shapes[row[disc]])
        )
        found[line] = np.maximum(found[line], depth_m(rows.shapes[row[line]], things[line]))
        found[area] = np.maximum(found[area], depth_m(things[area], rows.shapes[row[area]]))
    return found


def _stalls(positions: Positions, around: Surroundings, costs: Costs, found: _Collected) -> None:
    if not len(around.stalls):
        return
    one, row = _overlaps(positions, around.stalls, np.zeros(len(around.stalls)))
    one, row = one[~found.barred[one]], row[~found.barred[one]]
    price = math.nan if costs.stall_cny is None else costs.stall_cny
    found.add(one, row, _ORDER.index("stall"), cost=price)


def _fixed(
    positions: Positions,
    rows: Rows,
    radii: NDArray[np.float64],
    costs: Costs,
    found: _Collected,
    *,
    barrier: bool = False,
) -> Measured:
    """Sort what stands in the way into what may go, which is collected, and what may not, which bars."""
    one, row = _overlaps(positions, rows, radii) if len(rows) else (np.zeros(0, dtype=np.int64),) * 2
    removable = rows.flags("removable")
    named = [_ORDER.index("barrier" if barrier else _kind(kind)) for kind in rows.texts("kind")]
    kinds = np.array(named, dtype=np.int64)
    prices = rows.numbers("cost_cny")
    if costs.tree_cny is not None:
        prices = np.where(np.isnan(prices) & (kinds == _ORDER.index("tree")), costs.tree_cny, prices)
    stays = np.array([flag is False for flag in removable], dtype=bool)[row]
    goes = ~stays & ~found.barred[one]
    sure = np.array([flag is True for flag in removable], dtype=bool)
    at = row[goes]
    found.add(one[goes], at, kinds[at], cost=prices[at], sure=sure[at])
    one, row = one[stays], row[stays]
    deep = _depths(positions, one, rows, row, radii) if len(one) else np.zeros(0)
    return least(len(positions), one, -deep, -deep, row, ids=rows.ids, mended=rows.mended)


def _kind(kind: str) -> str:
    plain = kind.strip().casefold()
    return "tree" if is_tree(plain) else "shed" if plain in _SHEDS else "obstacle"


_SHEDS: Final = ("shed", "棚", "车棚", "柴火间", "杂物间", "违建")
