"""Small changes of a layout: aisles moved, turned, widened, driven the other way, given up or added."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.parking.kinds import Kinds, kinds_of
from plan.parking.lines import Line

if TYPE_CHECKING:
    from plan.parking.drafts import Built, Searcher

__all__ = ["Mover"]

_ALIKE: Final = math.sin(math.radians(20))  # lines that differ by less are turned alike
_NEAR_M: Final = 30.0  # how far from an edge an aisle is still laid out by it


class Mover:
    """Small changes of the lines of a layout that was built."""

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher
        self.random = searcher.random

    def moved(self, built: Built) -> tuple[list[Line], Kinds]:
        """Return lines with one or two things changed, and the kinds of stalls along them."""
        lines, kinds = list(built.lines), built.kinds
        for _ in range(1 + int(self.random.random() < 0.3)):  # noqa: PLR2004
            lines, kinds = self._once(lines, kinds)
        return lines, kinds

    def _once(  # noqa: C901, PLR0912 - one kind of change after another
        self, lines: list[Line], kinds: Kinds
    ) -> tuple[list[Line], Kinds]:
        what = self.random.random()
        free = [i for i, line in enumerate(lines) if not line.from_gate]
        if not free:
            return lines, kinds
        i = int(self.random.choice(free))
        line = lines[i]
        if what < 0.2:  # noqa: PLR2004
            lines[i] = self._shifted(line, self._step())
        elif what < 0.28:  # noqa: PLR2004
            step = self._step()
            for k in free:
                if abs(math.sin(lines[k].angle - line.angle)) < 0.02:  # noqa: PLR2004
                    turned = math.cos(lines[k].angle - line.angle)
                    lines[k] = self._shifted(lines[k], step if turned > 0 else -step)
        elif what < 0.36:  # noqa: PLR2004
            lines[i] = self._turned(
                line, float(self.random.normal(0, math.radians(self.random.choice([0.5, 3]))))
            )
        elif what < 0.46:  # noqa: PLR2004
            lines[i] = self._fitted(line, kinds)
        elif what < 0.54:  # noqa: PLR2004
            lines[i] = self._paired(line, lines[int(self.random.choice(free))], kinds)
        elif what < 0.56:  # noqa: PLR2004
            if line.way:
                lines[i] = replace(line, way=-line.way)
        elif what < 0.66:  # noqa: PLR2004
            lines[i] = self._cut(line, lines[int(self.random.choice(free))], kinds)
        elif what < 0.74:  # noqa: PLR2004
            lines[i] = self._widened(line, kinds)
        elif what < 0.8:  # noqa: PLR2004
            del lines[i]
        elif what < 0.92:  # noqa: PLR2004
            lines.append(self.new(lines, kinds))
        elif what < 0.95:  # noqa: PLR2004
            j = int(self.random.choice(free))
            lines[i], lines[j] = lines[j], lines[i]
        elif self.searcher.between and self.searcher.slanted:
            return self._slanted(lines, kinds)
        return lines, kinds

    def _fitted(self, line: Line, kinds: Kinds) -> Line:
        """Lay an aisle along an edge of about its direction, at the depth of a row or two, or of none, from it."""
        near = []
        for edge in self.searcher.edges:
            x, y, angle, length = edge[:4]
            off = abs(math.cos(angle) * (y - line.y) - math.sin(angle) * (x - line.x))
            if abs(math.sin(angle - line.angle)) < _ALIKE and off < _NEAR_M:
                near.append((edge, length / (1.0 + off)))
        if not near:
            return line
        weights = np.array([weight for _, weight in near])
        x, y, angle = near[int(self.random.choice(len(near), p=weights / weights.sum()))][0][:3]
        if math.cos(angle - line.angle) < 0:
            angle += math.pi
        nx, ny = -math.sin(angle), math.cos(angle)
        mx, my = self.middle(line)
        away = (mx - x) * nx + (my - y) * ny
        depths = kinds.depths
        rooms = [0.0, *depths]
        rooms += [
            float(depth + row.aisle_m + pair)
            for depth, row in zip(depths, kinds.rows, strict=True)
            for pair in (*kinds.pairs, *depths)
        ]
        offsets = np.array([room + line.width / 2 for room in rooms]) * math.copysign(1.0, away)
        wanted = float(offsets[int(np.abs(offsets - away).argmin())])
        if self.random.random() < 0.3:  # noqa: PLR2004
            wanted = float(self.random.choice(offsets[: 1 + len(depths)]))
        return self._laid(line, (mx + (wanted - away) * nx, my + (wanted - away) * ny), angle)

    def _paired(self, line: Line, other: Line, kinds: Kinds) -> Line:
        """Lay an aisle beside another one, with two rows between them, or one."""
        if other is line or abs(math.sin(other.angle - line.angle)) > _ALIKE:
            return line
        angle = other.angle if math.cos(other.angle - line.angle) > 0 else other.angle + math.pi
        nx, ny = -math.sin(angle), math.cos(angle)
        mx, my = self.middle(line)
        away = (mx - other.x) * nx + (my - other.y) * ny
        rooms = np.concatenate([kinds.pairs, kinds.depths])
        offsets = (rooms + (line.width + other.width) / 2) * math.copysign(1.0, away)
        wanted = float(offsets[int(np.abs(offsets - away).argmin())])
        return self._laid(line, (mx + (wanted - away) * nx, my + (wanted - away) * ny), angle)

    def middle(self, line: Line) -> tuple[float, float]:
        """Return the middle of what is used of a line."""
        lane = None if line.everywhere else self.searcher.cross_lane(line)
        if lane is not None:
            return (lane.x1 + lane.x2) / 2, (lane.y1 + lane.y2) / 2
        centre = self.searcher.ground.drive.centroid
        ux, uy = math.cos(line.angle), math.sin(line.angle)
        t = (centre.x - line.x) * ux + (centre.y - line.y) * uy
        return line.x + t * ux, line.y + t * uy

    @staticmethod
    def _laid(line: Line, point: tuple[float, float], angle: float) -> Line:
        """Return a line through another point in another direction, whose aisles reach as far as before."""
        x, y = point
        along = (x - line.x) * math.cos(line.angle) + (y - line.y) * math.sin(line.angle)
        return replace(line, x=x, y=y, angle=angle, low=line.low - along, high=line.high - along)

    def _step(self) -> float:
        return float(self.random.normal(0, self.random.choice([0.1, 0.5, 2.0])))

    @staticmethod
    def _shifted(line: Line, d: float) -> Line:
        return replace(line, x=line.x - d * math.sin(line.angle), y=line.y + d * math.cos(line.angle))

    def _turned(self, line: Line, by: float) -> Line:
        return self._laid(line, self.middle(line), line.angle + by)

    def _cut(self, line: Line, other: Line, kinds: Kinds) -> Line:
        """Let an aisle end where it meets another one, or before a row, or run on again as far as it can."""
        ux, uy = math.cos(line.angle), math.sin(line.angle)
        vx, vy = math.cos(other.angle), math.sin(other.angle)
        cross = ux * vy - uy * vx
        if self.random.random() < 0.3 or abs(cross) < 0.2:  # noqa: PLR2004
            whole = replace(line, low=-math.inf, high=math.inf)
            lane = None if line.everywhere else self.searcher.cross_lane(whole)
            if lane is None or self.random.random() < 0.5:  # noqa: PLR2004
                return whole
            # Stalls may stand across its end.
            depth = float(self.random.choice(kinds.depths)) + float(
                self.random.choice([0.0, self.random.random()])
            )
            if self.random.random() < 0.5:  # noqa: PLR2004 - as often
                return replace(line, high=(lane.x2 - line.x) * ux + (lane.y2 - line.y) * uy - depth)
            return replace(line, low=(lane.x1 - line.x) * ux + (lane.y1 - line.y) * uy + depth)
        t = ((other.x - line.x) * vy - (other.y - line.y) * vx) / cross
        beyond = other.width / 2
        if self.random.random() < 0.4:  # noqa: PLR2004
            # A dead end of this length needs no turning place.
            beyond = self.searcher.dead_end_m * float(self.random.choice([1.0, self.random.random()]))
        if self.random.random() < 0.5:  # noqa: PLR2004 - as often
            return replace(line, high=t + beyond)
        return replace(line, low=t - beyond)

    def _widened(self, line: Line, kinds: Kinds) -> Line:
        spec = self.searcher.spec
        width = float(self.random.choice(np.unique([*kinds.needs, spec.lane_m, spec.two_way_m])))
        width = max(width, spec.lane_m if not line.everywhere else 0.0)
        both = width >= spec.two_way_m - 1e-9
        way = 0 if both else (line.way or (1 if self.random.random() < 0.5 else -1))  # noqa: PLR2004
        planned = [-1, *(k for k in range(len(kinds)) if kinds.needs[2 * k] <= width + 1e-9)]
        return replace(
            line,
            width=width,
            way=way,
            below=int(self.random.choice(planned)),
            above=int(self.random.choice(planned)),
        )

    def new(self, lines: Sequence[Line], kinds: Kinds) -> Line:
        """Return an aisle along an edge, with or without a row behind, or along or across one of some lines."""
        searcher = self.searcher
        if self.random.random() < 0.6 and searcher.edges:  # noqa: PLR2004
            edge = searcher.edges[int(self.random.integers(len(searcher.edges)))]
            k = int(self.random.integers(-1, len(kinds)))
            inset = 0.0 if k < 0 else float(kinds.depths[k])
            width = max(searcher.spec.lane_m, 0.0 if k < 0 else float(kinds.needs[2 * k]))
            if self.random.random() < 0.5:  # noqa: PLR2004 - as often
                width = max(width, searcher.spec.two_way_m)
            line = searcher.inset_line(edge, inset, width, k)
        else:
            like = lines[int(self.random.integers(len(lines)))]
            west, south, east, north = searcher.ground.drive.bounds
            angle = like.angle + (math.pi / 2 if self.random.random() < 0.6 else 0.0)  # noqa: PLR2004
            line = Line(
                x=self.random.uniform(west, east),
                y=self.random.uniform(south, north),
                angle=angle,
                width=max(
                    searcher.spec.lane_m if self.random.random() < 0.5 else searcher.spec.two_way_m,  # noqa: PLR2004
                    float(self.random.choice(kinds.needs)),
                ),
                way=1,
                everywhere=False,
            )
        both = line.width >= searcher.spec.two_way_m - 1e-9
        return replace(line, way=0 if both else (1 if self.random.random() < 0.5 else -1))  # noqa: PLR2004

    def _slanted(self, lines: list[Line], kinds: Kinds) -> tuple[list[Line], Kinds]:
        """Change the slant of the first kind, and the width of the aisles that are made for it."""
        old = kinds.rows[0]
        low, high = max(min(self.searcher.slanted), 35.0), max(self.searcher.slanted)
        angle = float(np.clip(np.round(old.angle_deg + self.random.normal(0, 3), 1), low, high))
        if old.angle_deg == 0 or angle in {row.angle_deg for row in kinds.rows}:
            return lines, kinds
        new = kinds_of(self.searcher.spec, [angle, *(row.angle_deg for row in kinds.rows[1:])])
        width = new.rows[0].aisle_m
        changed = []
        for line in lines:
            if not line.from_gate and abs(line.width - old.aisle_m) < 1e-6:  # noqa: PLR2004
                both = width >= self.searcher.spec.two_way_m - 1e-9
                changed.append(replace(line, width=width, way=0 if both else (line.way or 1)))
            else:
                changed.append(line)
        return changed, new
