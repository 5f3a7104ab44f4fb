"""Drafts of a layout: what they are made of, what they promise, and what they hold when they are built."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.parking.filling import Filling, fill
from plan.parking.kinds import Kinds, kinds_of
from plan.parking.lanes import Network, circulate
from plan.parking.lines import Lane, Line
from plan.parking.lot import Ground
from plan.parking.rows import stack
from plan.parking.stalls import StallSpec
from plan.parking.sweep import free_spans, inside
from plan.site import Placement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Built", "Clock", "Plan", "Searcher"]

_SPINES: Final = 24  # of the plainest layouts, at most
_STALLS_PER_M2: Final = 0.004  # by which ground under aisles counts, a tenth of what a stall takes
_CUTS: Final = 3  # times that dead ends are left out
_COMMON: Final = (90.0, 60.0, 45.0, 0.0)
_SLANT: Final = math.radians(25)  # a cross aisle stands at least so much across the rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One way to lay out a lot: the direction of the rows, their kinds, and the cross aisles."""

    angle: float
    degrees: tuple[float, ...]
    crosses: tuple[Line, ...]
    stubs: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Built:
    """A layout that was built, and what it was built of."""

    lines: tuple[Line, ...]
    kinds: Kinds
    filling: Filling
    doubts: int = 0  # stalls that did not stand the proof

    @property
    def count(self) -> int:
        """How many stalls stand."""
        return self.filling.count

    @property
    def score(self) -> float:
        """Stalls, and of equal numbers the one whose aisles take less ground: there is room for more."""
        return self.count - _STALLS_PER_M2 * sum(lane.length * lane.width for lane in self.filling.lanes)


class Clock:
    """The budget of a search: steps where they are counted, and an end in any case."""

    def __init__(self, time_limit_s: float, iterations: int | None) -> None:
        self.start = time.thread_time()
        self.limit = time_limit_s
        self.iterations = iterations
        self.steps = 0

    def share(self) -> float:
        """Return how much of the budget is spent: 1 and more when it is over."""
        spent = (time.thread_time() - self.start) / self.limit if self.limit > 0 else 1.0
        if self.iterations is None:
            return spent
        return 1.0 if spent >= 1.0 else self.steps / max(1, self.iterations)


class Searcher:
    """A search on one lot."""

    def __init__(
        self,
        ground: Ground,
        spec: StallSpec,
        angles_deg: Sequence[float],
        *,
        between: bool,
        dead_end_m: float,
        seed: int,
        clock: Clock,
        proven: Callable[[Built], Placement | None],
    ) -> None:
        self.ground = ground
        self.spec = spec
        self.angles_deg = tuple(angles_deg)
        self.between = between
        self.dead_end_m = dead_end_m
        self.random = np.random.default_rng(seed)
        self.clock = clock
        self.proven = proven
        self.best: Placement | None = None
        self.count = 0  # proven stalls of the best
        self.proven_best: Built | None = None  # what it was built of
        self.edges = self._edges()
        self.slanted = [a for a in self.angles_deg if a > 0]
        # What fills the rest beside the kinds of a plan: a few angles far from each other are enough.
        self.common = tuple(
            dict.fromkeys(min(self.angles_deg, key=lambda a: abs(a - near)) for near in _COMMON)
        )

    def _edges(self) -> list[tuple[float, float, float, float, float]]:
        """Return edges that a row or an aisle may follow: middle, direction, length; inside on the left."""
        found = []
        for x1, y1, x2, y2 in self.ground.drive_edges:
            length = math.hypot(x2 - x1, y2 - y1)
            if length >= 3.0:  # noqa: PLR2004 - metres; shorter ones are no direction
                found.append(((x1 + x2) / 2, (y1 + y2) / 2, math.atan2(y2 - y1, x2 - x1), length))
        found.sort(key=lambda e: -e[3])
        return [(x, y, a, length, 0.0) for x, y, a, length in found[:40]]

    def directions(self) -> list[float]:
        """Return directions of rows, those of long edges first."""
        weights: dict[float, float] = {}
        for _, _, angle, length, _ in self.edges:
            turned = angle % math.pi
            for known in weights:
                if abs((turned - known + math.pi / 2) % math.pi - math.pi / 2) < math.radians(0.7):
                    weights[known] += length
                    break
            else:
                weights[turned] = length
        along = sorted(weights, key=lambda a: -weights[a])[:10]
        return along + [(a + math.pi / 2) % math.pi for a in along]

    # What a plan is made of.

    def inset_line(self, edge: tuple[float, ...], inset: float, width: float, planned: int) -> Line:
        """Return a cross aisle along an edge, with room of some depth between."""
        x, y, angle = edge[:3]
        sign = 1.0
        nx, ny = -math.sin(angle), math.cos(angle)
        if not inside(self.ground.drive_edges, x + 0.05 * nx, y + 0.05 * ny):
            sign = -1.0
        d = sign * (inset + width / 2)
        outer = planned if inset > 0 else -1
        return Line(
            x=x + d * nx, y=y + d * ny, angle=angle, width=width, way=1, everywhere=False,
            below=outer if sign > 0 else -1, above=outer if sign < 0 else -1,
        )  # fmt: skip

    def random_cross(self, angle: float, kinds: Kinds) -> Line | None:
        """Return a cross aisle somewhere: along an edge, with or without a row behind, or anywhere, with rows or none."""
        spec = self.spec
        planned = [int(k) for k in self.random.integers(-1, len(kinds), 2)]
        needed = [spec.lane_m, *(float(kinds.needs[2 * k]) for k in planned if k >= 0)]
        width = spec.two_way_m if self.random.random() < 0.4 else spec.lane_m  # noqa: PLR2004
        across = [e for e in self.edges if abs(math.sin(e[2] - angle)) > math.sin(_SLANT)]
        if across and self.random.random() < 0.75:  # noqa: PLR2004 - most of them
            weights = np.array([e[3] for e in across])
            edge = across[self.random.choice(len(across), p=weights / weights.sum())]
            choice = planned[0]
            if choice < 0:
                line = self.inset_line(edge, 0.0, width, -1)
            else:
                width = max(width, float(kinds.needs[2 * choice]))
                line = self.inset_line(edge, float(kinds.rows[choice].depth_to_wall_m), width, choice)
        else:
            west, south, east, north = self.ground.drive.bounds
            x, y = self.random.uniform(west, east), self.random.uniform(south, north)
            turned = angle + math.pi / 2
            if across and self.random.random() < 0.5:  # noqa: PLR2004 - as often
                turned = across[int(self.random.integers(len(across)))][2]
            below, above = planned if self.random.random() < 0.4 else (-1, -1)  # noqa: PLR2004
            width = max(width, *needed) if below >= 0 or above >= 0 else width
            line = Line(
                x=x, y=y, angle=turned, width=width, way=1, everywhere=False, below=below, above=above
            )  # fmt: skip
        return replace(line, way=0) if line.width >= spec.two_way_m - 1e-9 else line

    def stubs(self) -> tuple[Line, ...]:
        """Return ways from the middles of gates into the lot."""
        found = []
        for x1, y1, x2, y2 in self.ground.gates:
            length = math.hypot(x2 - x1, y2 - y1)
            if length < 2.8:  # noqa: PLR2004 - no car gets through
                continue
            width = min(length, self.spec.two_way_m)
            x, y = (x1 + x2) / 2, (y1 + y2) / 2
            angle = math.atan2(y2 - y1, x2 - x1) + math.pi / 2
            if not inside(self.ground.drive_edges, x + 0.3 * math.cos(angle), y + 0.3 * math.sin(angle)):
                angle += math.pi
            found.append(Line(x=x, y=y, angle=angle, width=width, way=0, from_gate=True))
        return tuple(found)

    def spines(self) -> list[list[Line]]:
        """Return the plainest lines: from each gate straight across the lot, driven both ways, alone or with a branch."""
        need = max(float(self.spec.row(angle).aisle_m) for angle in self.common)
        found = []
        for stub in self.stubs():
            ux, uy = math.cos(stub.angle), math.sin(stub.angle)
            for width in sorted({self.spec.two_way_m, max(need, self.spec.two_way_m)}):
                line = replace(
                    stub,
                    x=stub.x + ux,
                    y=stub.y + uy,
                    width=width,
                    everywhere=False,
                    below=0,
                    above=0,
                    from_gate=False,
                )
                found.append([line])
                lane = self.cross_lane(line)
                length = 0.0 if lane is None else lane.length
                for share in (0.3, 0.6, 0.8):
                    t = share * length
                    branch = replace(
                        line, x=line.x + t * ux, y=line.y + t * uy, angle=line.angle + math.pi / 2
                    )  # fmt: skip
                    found.append([line, branch])
        found.sort(key=len)
        return found[:_SPINES]

    def cross_lane(self, line: Line) -> Lane | None:
        """Return the free piece of a cross aisle."""
        ux, uy = math.cos(line.angle), math.sin(line.angle)
        spans = np.empty((64, 2))
        n = free_spans(line.x, line.y, ux, uy, line.width / 2, self.ground.drive_edges, spans)
        for a, b in spans[:n]:
            if a <= 0 <= b and b - a > 6:  # noqa: PLR2004 - metres
                return Lane(
                    x1=line.x + a * ux, y1=line.y + a * uy, x2=line.x + b * ux, y2=line.y + b * uy,
                    width=line.width, way=line.way, line=0,
                )  # fmt: skip
        return None

    # What a plan is worth.

    def promise(self, plan: Plan, step_m: float) -> tuple[int, list[Line]]:
        """Return the stalls that a plan promises, and its aisles."""
        kinds = kinds_of(self.spec, plan.degrees)
        pairs = [(line, lane) for line in plan.crosses if (lane := self.cross_lane(line)) is not None]
        lines = [line for line, _ in pairs]
        lanes = [replace(lane, line=i) for i, (_, lane) in enumerate(pairs)]
        behind = fill(self.ground, Network(lanes), lines, kinds, passes=0) if lanes else Filling([], [])
        blocks = [lane.corners() for lane in lanes]
        blocks += [list(map(tuple, block)) for row in behind.rows for block in row.blocks]
        ways = [np.array([lane.x1, lane.y1, lane.x2, lane.y2]) for lane in lanes]
        for stub in plan.stubs:
            reach = float(kinds.depths.max()) + 1.0
            ux, uy = math.cos(stub.angle), math.sin(stub.angle)
            blocks.append(
                Lane(
                    x1=stub.x, y1=stub.y, x2=stub.x + reach * ux, y2=stub.y + reach * uy,
                    width=stub.width, way=0, line=0,
                ).corners()
            )  # fmt: skip
            far = reach + float(kinds.needs.max())
            ways.append(np.array([stub.x, stub.y, stub.x + far * ux, stub.y + far * uy]))
        total, stacked_lines = stack(
            self.ground, kinds, self.spec, angle=plan.angle, ways=ways,
            blocks=np.array(blocks, dtype=float).reshape(-1, 4, 2), step_m=step_m,
        )  # fmt: skip
        return total + behind.count, [*lines, *stacked_lines, *plan.stubs]

    def build(self, lines: Sequence[Line], degrees: Sequence[float]) -> Built | None:
        """Build a layout on some lines: the directions of cross aisles that serve most, then the stalls."""
        kinds = kinds_of(self.spec, [*degrees, *self.common])
        best: Network | None = None
        chosen: list[Line] = list(lines)
        most = -1.0
        single = [
            i for i, line in enumerate(lines) if not line.everywhere and not line.from_gate and line.way
        ]
        for ways in range(1 << min(len(single), 4)):
            turned = list(lines)
            for bit, i in enumerate(single[:4]):
                if ways >> bit & 1:
                    turned[i] = replace(turned[i], way=-turned[i].way)
            network = circulate(self.ground, turned, self.spec, dead_end_m=self.dead_end_m)
            length = sum(lane.length for lane in network.lanes if lane.serves)
            if length > most + 0.01:
                best, chosen, most = network, turned, length
        if best is None or not best.lanes:
            return None
        return self.rebuild(chosen, kinds)

    def rebuild(self, lines: Sequence[Line], kinds: Kinds, *, worth: int = 0) -> Built | None:
        """Build a layout on some lines as they are."""
        cut: frozenset[tuple[int, bool]] = frozenset()
        for _ in range(_CUTS):
            network = circulate(self.ground, lines, self.spec, dead_end_m=self.dead_end_m, cut=cut)
            if not network.lanes:
                return None
            filling = fill(self.ground, network, lines, kinds, worth=worth)
            if not filling.stuck:
                # Lines on which no aisle lies are given up.
                used = {lane.line for lane in network.lanes}
                kept = tuple(line for i, line in enumerate(lines) if i in used)
                return Built(lines=kept, kinds=kinds, filling=filling)
            # Where a car cannot turn at its end, the aisle ends where it is last crossed.
            cut |= {(network.lanes[lane].line, second) for lane, second in filling.stuck}
        return None

    def keep(self, built: Built) -> Built:
        """Keep a layout if it may be the best and stands the proof; return it with what is known of it."""
        if built.count - built.doubts <= self.count:
            return built
        placement = self.proven(built)
        if placement is None:
            return replace(built, doubts=built.count)
        count = len(placement.features)
        if count > self.count:
            self.best, self.count = placement, count
            self.proven_best = replace(built, doubts=built.count - count)
        return replace(built, doubts=built.count - count)

    def replaced(self, built: Built) -> bool:
        """Take a layout for the best if it is proven and has as many stalls."""
        placement = self.proven(built)
        if placement is None or len(placement.features) < self.count:
            return False
        self.best, self.count = placement, len(placement.features)
        self.proven_best = replace(built, doubts=built.count - self.count)
        return True

    # How plans are found.

    def random_degrees(self) -> tuple[float, ...]:
        """Return angles of stalls for a stack: one that slants or stands square, perhaps with parallel ones."""
        if not self.slanted:
            return self.angles_deg
        low, high = min(self.slanted), max(self.slanted)
        if self.between and self.random.random() < 0.5:  # noqa: PLR2004 - as often
            first = float(np.round(self.random.uniform(max(low, 40.0), high), 0))
        else:
            first = float(self.random.choice(self.slanted))
        more = [a for a in self.common if a != first and self.random.random() < 0.35]  # noqa: PLR2004
        return (first, *more)

    def first_plans(self) -> Iterator[Plan]:
        """Yield plans without end: every direction with the plainest rows, then at random."""
        stubs = self.stubs()
        directions = self.directions()
        for degrees in ((max(self.angles_deg),), self.common):
            for angle in directions:
                yield Plan(angle=angle, degrees=tuple(degrees), crosses=(), stubs=())
                yield Plan(angle=angle, degrees=tuple(degrees), crosses=(), stubs=stubs)
        while True:
            angle = directions[min(int(self.random.exponential(3.0)), len(directions) - 1)]
            degrees = self.random_degrees()
            kinds = kinds_of(self.spec, degrees)
            count = int(self.random.choice(4, p=[0.1, 0.25, 0.5, 0.15]))
            crosses = tuple(c for _ in range(count) if (c := self.random_cross(angle, kinds)) is not None)
            some = tuple(s for s in stubs if self.random.random() < 0.4)  # noqa: PLR2004
            yield Plan(angle=angle, degrees=degrees, crosses=crosses, stubs=some)

    def changed(self, plan: Plan) -> Plan:
        """Return a plan with one thing changed."""
        kinds = kinds_of(self.spec, plan.degrees)
        what = self.random.random()
        crosses = list(plan.crosses)
        if what < 0.15:  # noqa: PLR2004
            return replace(plan, angle=plan.angle + float(self.random.normal(0, math.radians(1.5))))
        if what < 0.4 and self.slanted:  # noqa: PLR2004
            if self.between and self.random.random() < 0.7 and plan.degrees[0] > 0:  # noqa: PLR2004
                low, high = max(min(self.slanted), 35.0), max(self.slanted)
                first = float(np.clip(np.round(plan.degrees[0] + self.random.normal(0, 4), 1), low, high))
                return replace(plan, degrees=tuple(dict.fromkeys((first, *plan.degrees[1:]))))
            return replace(
                plan,
                degrees=self.random_degrees(),
                crosses=tuple(replace(c, below=-1, above=-1) for c in crosses),
            )
        if what < 0.5:  # noqa: PLR2004
            stubs = self.stubs()
            return replace(plan, stubs=tuple(s for s in stubs if self.random.random() < 0.5))  # noqa: PLR2004
        if what < 0.75 and crosses:  # noqa: PLR2004
            i = int(self.random.integers(len(crosses)))
            line = crosses[i]
            d = float(self.random.normal(0, 1.5))
            crosses[i] = replace(
                line,
                x=line.x - d * math.sin(line.angle),
                y=line.y + d * math.cos(line.angle),
                angle=line.angle
                + (float(self.random.normal(0, 0.03)) if self.random.random() < 0.2 else 0.0),  # noqa: PLR2004
            )
            return replace(plan, crosses=tuple(crosses))
        if what < 0.85 and crosses:  # noqa: PLR2004
            crosses.pop(int(self.random.integers(len(crosses))))
        new = self.random_cross(plan.angle, kinds)
        if new is not None and (what >= 0.8 or not crosses):  # noqa: PLR2004
            crosses.append(new)
        return replace(plan, crosses=tuple(crosses))
