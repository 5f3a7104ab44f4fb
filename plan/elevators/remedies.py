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
        Positions in whose way something stands that may go.
    cost : array of float, (k,)
        Yuan; NaN where nobody gave a figure.
    """

    bars: dict[str, Measured]
    position: NDArray[np.int64]
    cost: NDArray[np.float64]
    what: tuple[tuple[str, int, float, bool], ...]  # kind, row, amount, whether it may surely go
    around: Surroundings

    def of(self, position: int) -> tuple[Remedy, ...]:
        """Return what makes way for a position."""
        found = [self._remedy(int(k)) for k in np.flatnonzero(self.position == position)]
        return tuple(sorted(found, key=lambda r: r.sort_key))

    def totals(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Return for each position how many things make way, how many of unknown cost, and the cost of the others."""
        unpriced = np.isnan(self.cost)
        things = np.bincount(self.position, minlength=count)
        open_ = np.bincount(self.position[unpriced], minlength=count)
        cost = np.bincount(self.position, weights=np.nan_to_num(self.cost), minlength=count)
        return things, open_, cost

    def _remedy(self, number: int) -> Remedy:
        kind, row, amount, sure = self.what[number]
        rows = _rows_of(self.around, kind)
        cost = float(self.cost[number])
        told = Message(
            f"elevators.move_{kind}",
            id=rows.ids[row],
            kind=rows.texts("kind")[row],
            metres=f"{amount:.1f}",
        )
        return Remedy(
            kind=kind,
            thing=rows.ids[row],
            what=told if sure else Message("elevators.unsure", what=told),
            cost_cny=None if math.isnan(cost) else cost,
            sure=sure,
        )


def _rows_of(around: Surroundings, kind: str) -> Rows:
    if kind == "pipe":
        return around.pipes
    if kind == "stall":
        return around.stalls
    return around.barriers if kind == "barrier" else around.obstacles


def in_the_way(positions: Positions, around: Surroundings, limits: Limits, costs: Costs) -> InTheWay:
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

    Returns
    -------
    InTheWay
        Trees and sheds take part with shaft and landing, stalls and walls too; pipes with the shaft alone, for its
        foundation.
    """
    found = _Collected()
    bars: dict[str, Measured] = {}
    pipes = _pipes(positions, around, limits, costs, found)
    if pipes is not None:
        bars["pipe"] = pipes
    _stalls(positions, around, costs, found)
    bars |= _fixed(positions, around.obstacles, costs, found)
    bars |= _fixed(positions, around.barriers, costs, found, barrier=True)
    return InTheWay(
        bars=bars,
        position=np.array(found.position, dtype=np.int64),
        cost=np.array(found.cost, dtype=float),
        what=tuple(found.what),
        around=around,
    )


class _Collected:
    """What was found so far."""

    def __init__(self) -> None:
        self.position: list[int] = []
        self.cost: list[float] = []
        self.what: list[tuple[str, int, float, bool]] = []

    def add(self, position: int, kind: str, row: int, *, cost: float | None, amount: float = 0.0, sure: bool = True) -> None:
        self.position.append(position)
        self.cost.append(math.nan if cost is None else cost)
        self.what.append((kind, row, amount, sure))


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
        return least(
            len(positions), one, away - clear[row], away, row, ids=pipes.ids, mended=pipes.mended
        )
    zones = shapely.buffer(positions.shaft[one], clear[row], quad_segs=4)
    metres = shapely.length(shapely.intersection(pipes.shapes[row], zones))
    kinds = pipes.texts("kind")
    for k, r, long in zip(one.tolist(), row.tolist(), metres.tolist(), strict=True):
        each = costs.pipes_cny_per_m.get(kinds[r], costs.pipe_cny_per_m)
        found.add(k, "pipe", r, cost=None if each is None else each * long, amount=long)
    return None


def _overlaps(
    positions: Positions, rows: Rows
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return which positions cover which rows, each pair once, and how deep the shapes reach into each other."""
    pairs = []
    for things in (positions.shaft, positions.landing):
        row, one = shapely.STRtree(things).query(rows.shapes, predicate="intersects")
        linear = shapely.get_dimensions(rows.shapes[row]) == 1
        deep = np.zeros(len(row), dtype=bool)
        deep[linear] = (
            shapely.length(shapely.intersection(things[one[linear]], rows.shapes[row[linear]])) > 0.01  # noqa: PLR2004 - m
        )
        deep[~linear] = common_m2(things[one[~linear]], rows.shapes[row[~linear]]) > TOUCH_M2
        one, row = one[deep], row[deep]
        linear = linear[deep]
        metres = np.full(len(one), 10 * TOLERANCE_M)
        metres[~linear] = depth_m(things[one[~linear]], rows.shapes[row[~linear]])
        metres[linear] = depth_m(rows.shapes[row[linear]], things[one[linear]])
        pairs.append((one, row, metres))
    one, row, metres = (np.concatenate(p) for p in zip(*pairs, strict=True))
    order = np.lexsort((-metres, row, one))
    one, row, metres = one[order], row[order], metres[order]
    first = np.append(True, (one[1:] != one[:-1]) | (row[1:] != row[:-1]))[: len(one)]  # noqa: FBT003 - a value of the array
    return one[first], row[first], metres[first]


def _stalls(positions: Positions, around: Surroundings, costs: Costs, found: _Collected) -> None:
    if not len(around.stalls):
        return
    one, row, _ = _overlaps(positions, around.stalls)
    for k, r in zip(one.tolist(), row.tolist(), strict=True):
        found.add(k, "stall", r, cost=costs.stall_cny)


def _fixed(
    positions: Positions,
    rows: Rows,
    costs: Costs,
    found: _Collected,
    *,
    barrier: bool = False,
) -> dict[str, Measured]:
    """Sort what stands in the way into what may go and what may not."""
    if not len(rows):
        return {}
    one, row, deep = _overlaps(positions, rows)
    removable = rows.flags("removable")
    kinds = [kind.strip().casefold() for kind in rows.texts("kind")]
    prices = rows.numbers("cost_cny")
    stays = np.array([removable[r] is False for r in row], dtype=bool)
    for k, r in zip(one[~stays].tolist(), row[~stays].tolist(), strict=True):
        kind = "barrier" if barrier else "tree" if is_tree(kinds[r]) else "shed" if kinds[r] in _SHEDS else "obstacle"
        cost = float(prices[r]) if np.isfinite(prices[r]) else costs.tree_cny if kind == "tree" else None
        found.add(k, kind, r, cost=cost, sure=removable[r] is True)
    name = "barrier" if barrier else "obstacle"
    return {
        name: least(
            len(positions),
            one[stays],
            -deep[stays],
            -deep[stays],
            row[stays],
            ids=rows.ids,
            mended=rows.mended,
        )
    }


_SHEDS: Final = ("shed", "棚", "车棚", "柴火间", "杂物间", "违建")
