"""Aisles on the ground, and how cars circulate: where they cross, which way they run, what is reached and left.

A car comes in at a gate and must get out again. With the outside as one node, every junction that can be reached
from outside and from which the outside can be reached is served; what an aisle has beyond them is a dead end.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.parking.junctions import Arms, Link, crossing_ground, dead_ends, turning_ground
from plan.parking.lines import Lane, Line
from plan.parking.lot import Ground
from plan.parking.stalls import StallSpec
from plan.parking.sweep import free_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Network", "circulate"]

_SHORTEST_M: Final = 2.0  # of an aisle
_CLEAR_M: Final = (
    1.4  # half of the clear width of 2.8 m: how far the end of a gate is from the line of an aisle
)
_NEAR_M: Final = 0.25  # how far the free line may end before the gate, where outlines were followed inside
_BEYOND_M: Final = 5e-4  # how far an aisle reaches beyond the line of a gate
_ALONG: Final = 0.42  # sine of 25 degrees: what runs flatter to another aisle runs beside it
_TOUCH: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Network:
    """Aisles that lead from gates to gates, and the dead ends that need a turning place."""

    lanes: list[Lane]
    dead_ends: list[tuple[int, bool]] = field(
        default_factory=list
    )  # a lane, and whether it is its second end
    turning: list[Floats] = field(default_factory=list)  # corners of junctions at which a car turns
    tails: list[tuple[int, bool]] = field(default_factory=list)  # all ends that lead nowhere, likewise
    corners: list[Floats] = field(default_factory=list)  # ground at bends that no aisle covers
    dead_end_m: float = 0.0  # how far a car may have to back


@dataclass(slots=True)
class _Piece:
    """A free piece of a line: its full width from start to end, a narrower way from low to high."""

    line: int
    start: float
    end: float
    low: float
    high: float
    nodes: list[tuple[float, int, float]]  # where, which, and half of the width of what it meets there


def circulate(
    ground: Ground,
    lines: Sequence[Line],
    spec: StallSpec,
    *,
    dead_end_m: float,
    cut: frozenset[tuple[int, bool]] = frozenset(),
) -> Network:
    """Return the aisles on some lines that are reached from a gate and left again, and nothing beyond.

    Of the lines in `cut`, the dead ends at the first (False) or second (True) end are left out.
    """
    pieces: list[_Piece] = []
    extra: list[tuple[int, Lane]] = []  # short ways to gates, with the node that they lead to
    count = 1  # node 0 is the outside
    for number, line in enumerate(lines):
        if line.from_gate:
            continue
        for piece in _pieces(ground, line, number, spec):
            pieces.append(piece)
            count = _gate_ends(ground, line, piece, spec, extra, count)
    for number, line in enumerate(lines):
        if line.from_gate:
            found = _from_gate(ground, line, number, lines, pieces)
            if found is not None:
                pieces.append(found)
    count = _junctions(lines, pieces, count)
    edges: list[tuple[int, int]] = []
    for node, lane in extra:
        edges += [(node, 0)] if lane.way >= 0 else []
        edges += [(0, node)] if lane.way <= 0 else []
    for piece in pieces:
        piece.nodes.sort()
        way = lines[piece.line].way
        for (_, a, _), (_, b, _) in itertools.pairwise(piece.nodes):
            edges += [(a, b)] if way >= 0 else []
            edges += [(b, a)] if way <= 0 else []
    served = _reached(edges, count) & _reached([(b, a) for a, b in edges], count)
    return _network(lines, pieces, extra, served, spec, dead_end_m, cut)


def _network(
    lines: Sequence[Line],
    pieces: Sequence[_Piece],
    extra: Sequence[tuple[int, Lane]],
    served: set[int],
    spec: StallSpec,
    dead_end_m: float,
    cut: frozenset[tuple[int, bool]],
    clipped: frozenset[tuple[int, bool]] = frozenset(),
) -> Network:
    lanes: list[Lane] = []
    links: list[Link] = []
    tails: dict[int, tuple[int, bool]] = {}  # the end of a lane, and whether it is its second one
    new = -1
    kept: set[int] = set()
    crossed: dict[int, list[Arms]] = {}
    corners: set[int] = set()
    whole = [
        (piece, taken) for piece in pieces if (taken := _ground(lines[piece.line], piece, served)) is not None
    ]
    for piece in pieces:
        line = lines[piece.line]
        at = [entry for entry in piece.nodes if entry[1] in served]
        if not at or (len(at) == 1 and line.way):
            continue
        grounds = [g for other, g in whole if other is not piece]
        first, last = _reach(line, piece, at, grounds, cut, clipped)
        corners.update(
            at[-1][1] if second else at[0][1] for number, second in clipped if number == piece.line
        )
        own = _lanes(line, piece, first, last, spec)
        for t, node, _ in at if line.way == 0 else ():
            x, y = line.x + t * math.cos(line.angle), line.y + t * math.sin(line.angle)
            crossed.setdefault(node, []).append(Arms(x, y, line.angle, line.width, t - first, last - t))
        links += [(a, b, t2 - t1) for (t1, a, _), (t2, b, _) in itertools.pairwise(at)]
        kept.update(node for _, node, _ in at)
        for second, t, (place, node, _) in ((False, first, at[0]), (True, last, at[-1])):
            if own and abs(t - place) > _TOUCH:
                links.append((node, new, abs(t - place)))
                tails[new] = (len(lanes) + (len(own) - 1 if second else 0), second)
                new -= 1
        lanes += own
    for node, lane in extra:
        if node in kept:
            links.append((node, 0, lane.length))
            lanes.append(lane)
    if _side_by_side(lanes):
        return Network([])
    places = {
        node: ground
        for node, arms in crossed.items()
        if node and (ground := turning_ground(arms, spec.two_way_m)) is not None
    }
    dead = dead_ends(links, places, dead_end_m)
    stubs = {(lanes[tails[leaf][0]].line, tails[leaf][1]) for leaf in dead.stubs if leaf in tails} - clipped
    if stubs:
        return _network(lines, pieces, extra, served, spec, dead_end_m, cut, clipped | stubs)
    return Network(
        lanes,
        [tails[leaf] for leaf in dead.ends if leaf in tails],
        [places[node] for node in dead.turning],
        list(tails.values()),
        [crossing_ground(crossed[node]) for node in sorted(corners) if len(crossed.get(node, ())) > 1],
        dead_end_m,
    )


def _reach(
    line: Line,
    piece: _Piece,
    at: Sequence[tuple[float, int, float]],
    grounds: Sequence[tuple[float, ...]],
    cut: frozenset[tuple[int, bool]],
    clipped: frozenset[tuple[int, bool]],
) -> tuple[float, float]:
    """Return from where to where an aisle lies on a piece that meets others in some places."""
    first, last = at[0][0], at[-1][0]
    # Where two aisles end in a corner, both reach to its outer side, but not out of the other one's ground.
    for part in (1.0, 0.5):
        low = max(at[0][0] - part * at[0][2], min(piece.low, first))
        high = min(at[-1][0] + part * at[-1][2], max(piece.high, last))
        first = min(first, low) if _covered(line, low, grounds) else first
        last = max(last, high) if _covered(line, high, grounds) else last
    if line.way == 0 and not line.from_gate:
        first = first if (piece.line, False) in cut else min(first, piece.start)
        last = last if (piece.line, True) in cut else max(last, piece.end)
    return (
        at[0][0] if (piece.line, False) in clipped else first,
        at[-1][0] if (piece.line, True) in clipped else last,
    )


def _ground(line: Line, piece: _Piece, served: set[int]) -> tuple[float, ...] | None:
    """Return where the ground of a piece lies: its line, its ends and half of its width."""
    at = [entry for entry in piece.nodes if entry[1] in served]
    if not at:
        return None
    low = max(at[0][0] - at[0][2], min(piece.low, at[0][0]))
    high = min(at[-1][0] + at[-1][2], max(piece.high, at[-1][0]))
    if line.way == 0 and not line.from_gate:
        low, high = min(low, piece.start), max(high, piece.end)
    return line.x, line.y, math.cos(line.angle), math.sin(line.angle), low, high, line.width / 2


def _side_by_side(lanes: Sequence[Lane]) -> bool:
    """Tell whether two aisles run along the same ground: two directions on the width of one are no one-way aisles."""
    for i, first in enumerate(lanes):
        if first.length < _SHORTEST_M:
            continue
        ux, uy = (first.x2 - first.x1) / first.length, (first.y2 - first.y1) / first.length
        for second in lanes[i + 1 :]:
            if second.length < _SHORTEST_M:
                continue
            dx, dy = second.x2 - second.x1, second.y2 - second.y1
            if abs(ux * dy - uy * dx) > _ALONG * second.length:
                continue
            ends = [
                ((x - first.x1) * ux + (y - first.y1) * uy, (y - first.y1) * ux - (x - first.x1) * uy)
                for x, y in ((second.x1, second.y1), (second.x2, second.y2))
            ]
            (t1, s1), (t2, s2) = sorted(ends)
            low, high = max(t1, 0.0), min(t2, first.length)
            if high - low < _SHORTEST_M:
                continue
            # How far they are apart at both ends of what they have in common.
            near = [s1 + (s2 - s1) * (t - t1) / (t2 - t1) for t in (low, high)]
            room = (first.width + second.width) / 2 - _TOUCH
            if min(abs(s) for s in near) < room or near[0] * near[1] < 0:
                return True
    return False


def _covered(line: Line, t: float, grounds: Sequence[tuple[float, ...]]) -> bool:
    """Tell whether a point of a line lies on the ground of another aisle."""
    px, py = line.x + t * math.cos(line.angle), line.y + t * math.sin(line.angle)
    for x, y, ux, uy, low, high, half in grounds:
        dx, dy = px - x, py - y
        if low - _TOUCH <= dx * ux + dy * uy <= high + _TOUCH and abs(dy * ux - dx * uy) <= half + _TOUCH:
            return True
    return False


def _pieces(ground: Ground, line: Line, number: int, spec: StallSpec) -> list[_Piece]:
    ux, uy = math.cos(line.angle), math.sin(line.angle)
    narrow = min(line.width, spec.lane_m if line.way else spec.two_way_m)
    full = _spans(ground, line, ux, uy, line.width / 2)
    slim = full if narrow == line.width else _spans(ground, line, ux, uy, narrow / 2)
    found = []
    for free_start, free_end in full:
        start, end = max(free_start, line.low), min(free_end, line.high)
        if end - start < _SHORTEST_M or not (line.everywhere or start <= 0 <= end):
            continue
        low, high = next(((a, b) for a, b in slim if a <= (start + end) / 2 <= b), (start, end))
        low, high = max(low, line.low), min(high, line.high)
        found.append(
            _Piece(number, float(start), float(end), float(min(low, start)), float(max(high, end)), [])
        )
    return found


def _spans(ground: Ground, line: Line, ux: float, uy: float, half: float) -> Floats:
    spans = np.empty((64, 2))
    return spans[: free_spans(line.x, line.y, ux, uy, half, ground.drive_edges, spans)]


def _gate_ends(
    ground: Ground,
    line: Line,
    piece: _Piece,
    spec: StallSpec,
    extra: list[tuple[int, Lane]],
    count: int,
) -> int:
    """Note where a piece leads through a gate; where the gate is askew, a short way square to it is added."""
    ux, uy = math.cos(line.angle), math.sin(line.angle)
    for x1, y1, x2, y2 in ground.gates:
        length = math.hypot(x2 - x1, y2 - y1)
        gx, gy = (x2 - x1) / length, (y2 - y1) / length
        cross = ux * gy - uy * gx
        if length < 2 * _CLEAR_M or abs(cross) < 0.4:  # noqa: PLR2004 - flatter than 24 degrees is along it
            continue
        t = ((x1 - line.x) * gy - (y1 - line.y) * gx) / cross
        along = ((x1 - line.x) * uy - (y1 - line.y) * ux) / cross
        ahead = t > (piece.start + piece.end) / 2
        end = piece.high if ahead else piece.low
        piece_width = min(line.width, spec.lane_m if line.way else spec.two_way_m)
        skew = piece_width / 2 * math.sqrt(max(0.0, 1 - cross * cross)) / abs(cross)
        if abs(t - end) > skew + _NEAR_M or not _CLEAR_M - 1e-9 <= along <= length - _CLEAR_M + 1e-9:
            continue
        if not _inside(ground, line, ux, uy, end, t):
            continue
        spread = line.width / 2 / abs(cross)  # half of the opening that the whole width takes
        if skew < 1e-3 or spread <= along <= length - spread:  # noqa: PLR2004 - a millimetre
            # Half a millimetre beyond: no slit stays where the gate was drawn just inside the edge.
            t = float(t) + (_BEYOND_M if ahead else -_BEYOND_M)
            piece.nodes.append((t, 0, 0.0))
            if ahead:
                piece.high = piece.end = t
            else:
                piece.low = piece.start = t
            continue
        px, py = line.x + end * ux, line.y + end * uy
        foot = (px - x1) * gx + (py - y1) * gy
        if not _CLEAR_M <= foot <= length - _CLEAR_M:
            continue
        fx, fy = x1 + foot * gx, y1 + foot * gy
        reach = math.hypot(fx - px, fy - py)
        if reach < 2e-3:  # noqa: PLR2004 - two millimetres
            continue
        ox, oy = (fx - px) / reach, (fy - py) / reach
        fx, fy = fx + ox * _BEYOND_M, fy + oy * _BEYOND_M
        node, count = count, count + 1
        piece.nodes.append((float(end), node, 0.0))
        width = min(piece_width, 2 * foot, 2 * (length - foot))
        # It begins within the aisle, so that no wedge stays open where the two turn from each other.
        inward = width / 2 * math.sqrt(max(0.0, 1 - cross * cross)) / abs(cross) + 0.01
        px, py = px - ox * inward, py - oy * inward
        extra.append((
            node,
            Lane(
                x1=px, y1=py, x2=fx, y2=fy, width=width, way=line.way * (1 if ahead else -1), line=-1, serves=False
            ),
        ))  # fmt: skip
    return count


def _inside(ground: Ground, line: Line, ux: float, uy: float, end: float, t: float) -> bool:
    """Tell whether the centreline itself is free up to the gate."""
    low, high = min(end, t), max(end, t)
    return any(a <= low + _NEAR_M and b >= high - _NEAR_M for a, b in _spans(ground, line, ux, uy, 1e-3))


def _from_gate(
    ground: Ground, line: Line, number: int, lines: Sequence[Line], pieces: Sequence[_Piece]
) -> _Piece | None:
    """Return the way from a gate to the first aisle that it meets."""
    ux, uy = math.cos(line.angle), math.sin(line.angle)
    span = next(((a, b) for a, b in _spans(ground, line, ux, uy, line.width / 2) if abs(a) <= _NEAR_M), None)
    if span is None:
        return None
    crossings = [
        t
        for piece in pieces
        if (t := _crossing(line, lines[piece.line], (0.0, span[1]), (piece.low, piece.high))) is not None
        and t > _TOUCH
    ]
    if not crossings:
        return None
    end = min(crossings)
    return _Piece(number, -_BEYOND_M, end, -_BEYOND_M, end, [(-_BEYOND_M, 0, 0.0)])


def _crossing(
    first: Line, second: Line, on_first: tuple[float, float], on_second: tuple[float, float]
) -> float | None:
    """Return where two lines cross, on the first, if both are free there."""
    ux, uy = math.cos(first.angle), math.sin(first.angle)
    vx, vy = math.cos(second.angle), math.sin(second.angle)
    cross = ux * vy - uy * vx
    if abs(cross) < _ALONG:
        return None
    dx, dy = second.x - first.x, second.y - first.y
    t = (dx * vy - dy * vx) / cross
    s = (dx * uy - dy * ux) / cross
    if (
        on_first[0] - _TOUCH <= t <= on_first[1] + _TOUCH
        and on_second[0] - _TOUCH <= s <= on_second[1] + _TOUCH
    ):
        return t
    return None


def _junctions(lines: Sequence[Line], pieces: Sequence[_Piece], count: int) -> int:
    for i, first in enumerate(pieces):
        for second in pieces[i + 1 :]:
            a, b = lines[first.line], lines[second.line]
            t = _crossing(a, b, (first.low, first.high), (second.low, second.high))
            if t is None:
                continue
            s = _crossing(b, a, (second.low, second.high), (first.low, first.high))
            if s is None:
                continue
            first.nodes.append((t, count, b.width / 2))
            second.nodes.append((s, count, a.width / 2))
            count += 1
    return count


def _reached(edges: Sequence[tuple[int, int]], count: int) -> set[int]:
    ahead: list[list[int]] = [[] for _ in range(count)]
    for a, b in edges:
        ahead[a].append(b)
    seen, queue = {0}, [0]
    while queue:
        for b in ahead[queue.pop()]:
            if b not in seen:
                seen.add(b)
                queue.append(b)
    return seen


def _lanes(line: Line, piece: _Piece, first: float, last: float, spec: StallSpec) -> list[Lane]:
    """Return a piece from its first to its last use: its full width, and narrower ends where it has them."""
    ux, uy = math.cos(line.angle), math.sin(line.angle)
    narrow = min(line.width, spec.lane_m if line.way else spec.two_way_m)

    def lane(a: float, b: float, width: float, *, serves: bool) -> Lane:
        return Lane(
            x1=line.x + a * ux, y1=line.y + a * uy, x2=line.x + b * ux, y2=line.y + b * uy,
            width=width, way=line.way, line=piece.line, serves=serves,
        )  # fmt: skip

    a, b = max(first, piece.start), min(last, piece.end)
    if b - a < _SHORTEST_M:
        return [lane(first, last, narrow, serves=False)] if last - first > _TOUCH else []
    found = [lane(a, b, line.width, serves=not line.from_gate or line.width >= narrow)]
    if first < a - _TOUCH:
        found.insert(0, lane(first, a, narrow, serves=False))
    if last > b + _TOUCH:
        found.append(lane(b, last, narrow, serves=False))
    return found
