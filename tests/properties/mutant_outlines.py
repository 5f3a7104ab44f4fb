"""Outlines of a drawing, group code by group code, measured without the library that reads them."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import median
from typing import Any, Final

from mutant_drawings import Pairs, Spot, group_codes
from mutant_faces import faces
from mutant_oracle import Seen, exact, nested, without_twins
from mutant_shapes import Ring, Shape
from mutant_tables import metres

__all__ = ["seen_dxf"]

_UNITS_M: Final = {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 14: 0.1, 21: 1200 / 3937}
_SANE_M: Final = (0.3, 400.0)  # how wide the middle one of all outlines can be
_NORTH_M: Final = (1.8e6, 6e6)
_JOINED_M: Final = 0.05
_SAGITTA_M: Final = 0.001
_DEEPEST: Final = 4  # blocks within blocks
_FARTHEST: Final = 1e12  # what lies beyond is nowhere, as an arc of 1e308 is


@dataclass(slots=True)
class _Entity:
    kind: str
    pairs: Pairs = field(default_factory=list)
    below: list[_Entity] = field(default_factory=list)  # its vertices, its attributes

    def number(self, code: str, default: float) -> float:
        """Return a number; of several the last one holds."""
        return next((float(v) for c, v in reversed(self.pairs) if c == code), default)

    def said(self, code: str) -> str:
        return next((v.strip() for c, v in self.pairs if c == code), "")

    def places(self) -> list[Spot]:
        out: list[Spot] = []
        for code, value in self.pairs:
            if code == "100" and out:  # what follows is of another class
                break
            if code == "10":
                out.append((float(value), 0.0, 0.0))
            elif out and code == "20":
                out[-1] = (out[-1][0], float(value), out[-1][2])
            elif out and code == "42":
                out[-1] = (*out[-1][:2], float(value))
        return out


def seen_dxf(data: bytes) -> Iterator[Seen]:
    """Return the outlines of a drawing in metres, group code by group code."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = data.decode("gb18030", "replace")
    pairs = group_codes(text)
    blocks, entities = _sections(pairs)
    found = [
        (shape, area, off, said) for one in entities for shape, area, off, said in _outlines(one, blocks, 0)
    ]
    whole = [shape for shape, *_ in found]
    found += _enclosed(entities, blocks)
    for scale in _scales(pairs, whole):
        for shape, area, off, written in found:
            try:
                parts = [
                    [exact([(x * scale, y * scale) for x, y in ring]) for ring in rings] for rings in shape
                ]
            except (ValueError, OverflowError):
                continue
            long = sum(
                math.dist(a, b) for rings in shape for ring in rings for a, b in itertools.pairwise(ring)
            )
            off_m2 = off * long * scale
            seen = Seen(parts=parts, written=written, slack=Fraction(off_m2 if math.isfinite(off_m2) else 0))
            if area is not None and math.isfinite(area):
                seen.known = Fraction(area * scale * scale)
            yield seen


def _enclosed(entities: list[_Entity], blocks: dict[str, Any]) -> Iterator[_Found]:
    """Yield what lines of each layer enclose together."""
    loose: dict[str, list[Ring]] = {}
    curved = 0.0
    for one in entities:
        for layer, chain, off in _pieces(one, blocks, 0):
            if all(abs(v) < _FARTHEST for place in chain for v in place):
                loose.setdefault(layer, []).append(chain)
                curved = max(curved, off)
    for chains in loose.values():
        for rings, off in faces(chains, _JOINED_M):
            yield [rings], None, off + curved, None


def _scales(pairs: Pairs, shapes: list[Shape]) -> list[float]:
    """Return what a unit may be in metres: what the header says, and where that cannot be, what can."""
    at = next((i for i, pair in enumerate(pairs) if pair[1].strip() == "$INSUNITS"), -1)
    said = pairs[at + 1][1].strip() if at >= 0 else "0"
    declared = _UNITS_M.get(int(said)) if re.fullmatch(r"-?\d+", said) else None
    wide = []
    for shape in shapes:
        xs = [x for rings in shape for ring in rings for x, _ in ring if math.isfinite(x)]
        ys = [y for rings in shape for ring in rings for _, y in ring if math.isfinite(y)]
        if xs and ys:
            wide.append(max(max(xs) - min(xs), max(ys) - min(ys)))
    # In the system that the drawing is read in (EPSG:4548) estates lie 1,800 to 6,000 km north of the equator.
    north = [
        abs(y) for shape in shapes for rings in shape for ring in rings for _, y in ring if math.isfinite(y)
    ]
    placed = declared is not None and bool(north) and _NORTH_M[0] <= median(north) * declared <= _NORTH_M[1]
    if (
        declared is not None
        and placed
        and wide
        and _SANE_M[0] * 1.2 <= median(wide) * declared <= _SANE_M[1] * 0.8
    ):
        return [declared]
    return [*dict.fromkeys((declared or 1.0, 1.0, 0.001, 0.01))]


def _sections(pairs: Pairs) -> tuple[dict[str, tuple[_Entity, list[_Entity]]], list[_Entity]]:  # noqa: C901 - one line a kind of group
    blocks: dict[str, tuple[_Entity, list[_Entity]]] = {}
    entities: list[_Entity] = []
    section = ""
    block: tuple[_Entity, list[_Entity]] | None = None
    current: _Entity | None = None
    parent: _Entity | None = None
    for code, value in pairs:
        if code == "0":
            kind = value.strip()
            current = _Entity(kind)
            if kind in ("SECTION", "ENDSEC"):
                section = "" if kind == "ENDSEC" else "?"
            elif kind in ("VERTEX", "ATTRIB") and parent is not None:
                parent.below.append(current)
            elif kind == "BLOCK":
                block = (current, [])
            elif kind == "ENDBLK":
                block = None
            else:
                parent = current if kind in ("POLYLINE", "INSERT") else None
                if section == "BLOCKS" and block is not None:
                    block[1].append(current)
                elif section == "ENTITIES":
                    entities.append(current)
            continue
        if section == "?" and code == "2":
            section = value.strip()
        if current is not None:
            current.pairs.append((code, value))
            if current.kind == "BLOCK" and code == "2" and block is not None:
                blocks.setdefault(value.strip().casefold(), block)
    return blocks, entities


_Found = tuple[Shape, "float | None", float, "Fraction | None"]


def _outlines(one: _Entity, blocks: dict[str, Any], deep: int) -> Iterator[_Found]:
    """Yield outlines: shape, area where it is no polygon, metres that its edge may be off, area in words."""
    try:
        match one.kind:
            case "LWPOLYLINE" | "POLYLINE":
                yield from _rounded(*_corners(one))
            case "CIRCLE":
                r = one.number("40", 0)
                ring = [
                    (one.number("10", 0) + s * r, one.number("20", 0) + t * r)
                    for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
                ]
                yield [[ring]], math.pi * r * r, 2 * _SAGITTA_M, None
            case "HATCH":
                yield from _hatched(one)
            case "INSERT" if deep < _DEEPEST:
                yield from _inserted(one, blocks, deep)
    except (ValueError, OverflowError, IndexError):
        return


def _whole(text: str) -> int:
    """Return a whole number, exactly where it is written as one."""
    return int(text) if re.fullmatch(r"\s*-?\d+\s*", text) else int(float(text))


def _corners(one: _Entity) -> tuple[list[Spot], bool]:
    """Return the corners of a polyline, each with its bulge, and whether it is closed."""
    flags = next((_whole(v) for c, v in reversed(one.pairs) if c == "70"), 0)
    if one.kind == "POLYLINE":
        spots = [v.places()[-1] for v in one.below if v.places() and not int(v.number("70", 0)) & 16]
        # In space there are no arcs.
        return ([(x, y, 0.0) for x, y, _ in spots] if flags & 8 else spots), bool(flags & 1)
    spots = one.places()
    if len(spots) != int(one.number("90", -1)):
        return [], False  # it contradicts itself
    if one.number("230", 1) < 0:  # seen from below
        spots = [(-x, y, -bulge) for x, y, bulge in spots]
    return spots, bool(flags & 1)


def _pieces(one: _Entity, blocks: dict[str, Any], deep: int) -> Iterator[tuple[str, Ring, float]]:
    """Yield lines that enclose nothing by themselves: their layer, their places, and how far an arc may be off."""
    try:
        if one.number("60", 0):  # not shown
            return
        match one.kind:
            case "LINE":
                ends = [(one.number(x, 0), one.number(y, 0)) for x, y in (("10", "20"), ("11", "21"))]
                yield one.said("8"), ends, 0.0
            case "LWPOLYLINE" | "POLYLINE":
                spots, closed = _corners(one)
                if len(spots) > 1 and not closed and not list(_rounded(spots, closed)):
                    curved = any(bulge for *_, bulge in spots[:-1])
                    yield one.said("8"), _way(spots, closed=False), 2 * _SAGITTA_M if curved else 0.0
            case "INSERT" if deep < _DEEPEST:
                for part, moved, _ in _parts(one, blocks):
                    for layer, chain, off in _pieces(part, blocks, deep + 1):
                        yield (one.said("8") if layer == "0" else layer), [moved(*p) for p in chain], off
    except (ValueError, OverflowError, IndexError):
        return


def _way(spots: list[Spot], *, closed: bool) -> Ring:
    """Return places along a line with its arcs."""
    out: Ring = []
    for i, (x, y, bulge) in enumerate(spots):
        out.append((x, y))
        if bulge and math.isfinite(bulge) and (closed or i + 1 < len(spots)):
            out += _arc((x, y), spots[(i + 1) % len(spots)][:2], bulge)
    return out


def _rounded(spots: list[Spot], closed: bool) -> Iterator[_Found]:  # noqa: FBT001 - what _corners says
    ring = _way(spots, closed=closed)
    if len(ring) < 3:
        return
    gap = math.dist(ring[0], ring[-1])
    if not closed and not gap <= _JOINED_M:
        return
    curved = any(bulge and math.isfinite(bulge) for *_, bulge in (spots if closed else spots[:-1]))
    area = None
    if curved and (closed or not gap):
        near = _near([spot[:2] for spot in spots])
        twice = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in itertools.pairwise([*near, near[0]]))
        area = abs(twice / 2 + sum(_segment(a, b) for a, b in itertools.pairwise([*spots, spots[0]])))
    off = 2 * _SAGITTA_M if curved else 0.0
    yield [[[*ring, ring[0]]]], area, off + (0 if closed else gap), None
    if not closed and gap:  # the last place is the first, written otherwise
        yield [[[*ring[:-1], ring[0]]]], None, off + gap, None


def _near(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return places as seen from the first: the difference of large products would be noise."""
    return [(x - places[0][0], y - places[0][1]) for x, y in places]


def _segment(start: Spot, end: Spot) -> float:
    """Return the area between a chord and its arc, positive where it lies on the right of the way."""
    bulge = start[2]
    if not bulge or not math.isfinite(bulge):
        return 0.0
    turn = 4 * math.atan(bulge)
    radius = math.dist(start[:2], end[:2]) * (1 + bulge * bulge) / (4 * abs(bulge))
    return radius * radius / 2 * (turn - math.sin(turn))


def _arc(start: tuple[float, float], end: tuple[float, float], bulge: float) -> Ring:
    """Return places on an arc, by turning the chord about half of the arc's angle at either end."""
    chord = math.dist(start, end)
    if not chord:
        return []
    turn = 4 * math.atan(bulge)
    radius = chord / 2 / math.sin(turn / 2)
    heading = math.atan2(end[1] - start[1], end[0] - start[0])
    cx = (start[0] + end[0]) / 2 - radius * math.cos(turn / 2) * math.sin(heading)
    cy = (start[1] + end[1]) / 2 + radius * math.cos(turn / 2) * math.cos(heading)
    first = math.atan2(start[1] - cy, start[0] - cx)
    return [
        (
            cx + abs(radius) * math.cos(first + turn * k / 96),
            cy + abs(radius) * math.sin(first + turn * k / 96),
        )
        for k in range(1, 96)
    ]


def _hatched(one: _Entity) -> Iterator[_Found]:
    """Take the boundaries of a hatch: what lies in one of them, or in one of two, and so on."""
    paths = _boundaries(one)
    found = []
    for said, spots in paths:
        arcs = any(bulge for *_, bulge in spots)
        if int(said.get("93", "-1")) != len(spots) or (arcs and int(said.get("72", "0")) != 1):
            return  # it contradicts itself
        found += _rounded(spots, closed=True)
    if len(paths) != int(one.number("91", -1)):
        return
    yield from found  # boundaries that lie apart are grounds of their own
    if len(found) > 1:
        off = max(off for *_, off, _ in found)
        areas = [_flat_area(shape[0][0]) if area is None else area for shape, area, *_ in found]
        known = areas[0] - sum(areas[1:]) if off else None
        yield [[shape[0][0] for shape, *_ in found]], known, off, None
        if not off:  # what lies side by side is one ground; in one boundary is a hole, in two one again
            rings = [shape[0][0] for shape, *_ in found]
            yield [[ring] for ring in rings], None, off, None
            exactly = [exact(ring) for ring in rings]
            for part in (*nested(exactly), *nested([ring for (ring,) in without_twins(exactly)])):
                yield [[[(float(x), float(y)) for x, y in ring] for ring in part]], None, off, None


def _boundaries(one: _Entity) -> list[tuple[dict[str, str], list[Spot]]]:
    """Return of each boundary of a hatch what it says of itself, and its corners."""
    paths: list[tuple[dict[str, str], list[Spot]]] = []
    inside = False
    for code, value in one.pairs:
        if code == "92":
            paths.append(({}, []))
        inside = code == "92" or (inside and code not in ("75", "76", "97"))
        if not inside:
            continue
        said, spots = paths[-1]
        if code in ("72", "93"):
            said[code] = value
        elif code == "10":
            spots.append((float(value), 0.0, 0.0))
        elif spots and code in ("20", "42"):
            x, y, bulge = spots[-1]
            spots[-1] = (x, float(value), bulge) if code == "20" else (x, y, float(value))
    return paths


def _flat_area(ring: Ring) -> float:
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in itertools.pairwise(_near(ring)))) / 2


def _parts(one: _Entity, blocks: dict[str, Any]) -> Iterator[tuple[_Entity, Any, float]]:
    """Yield what is in a block that is inserted, how its places move, and how much larger areas become."""
    head, inside = blocks.get(one.said("2").casefold(), (None, []))
    if head is None:
        return
    sx, sy, turn = one.number("41", 1), one.number("42", 1), math.radians(one.number("50", 0))
    bx, by, px, py = head.number("10", 0), head.number("20", 0), one.number("10", 0), one.number("20", 0)

    def moved(x: float, y: float) -> tuple[float, float]:
        x, y = (x - bx) * sx, (y - by) * sy
        return px + x * math.cos(turn) - y * math.sin(turn), py + x * math.sin(turn) + y * math.cos(turn)

    yield from ((part, moved, abs(sx * sy)) for part in inside)


def _inserted(one: _Entity, blocks: dict[str, Any], deep: int) -> Iterator[_Found]:
    said = {a.said("2").casefold(): a.said("1") for a in one.below if a.kind == "ATTRIB"}
    written = next((metres(said[tag]) for tag in ("面积", "area_m2") if tag in said), None)
    for part, moved, larger in _parts(one, blocks):
        for shape, area, off, within in _outlines(part, blocks, deep + 1):
            yield (
                [[[moved(*p) for p in ring] for ring in rings] for rings in shape],
                None if area is None else area * larger,
                off or 1e-9,
                written if written is not None else within,
            )
