"""Drawings, changed entity by entity and group code by group code, and measured again without the library that reads them.

The frame of a drawing (header, tables, blocks) is written once; entities are written here, group code by group code.
"""

from __future__ import annotations

import io
import itertools
import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, Final

from mutant_bytes import NASTY, changed
from mutant_faces import faces
from mutant_oracle import Seen, exact, nested
from mutant_shapes import Ring, Shape, X, Y, box, random_shape, sound_shapes
from mutant_tables import metres

__all__ = ["LAYER", "drawing", "make_dxf", "seen_dxf", "written"]

LAYER: Final = "健身"
Pairs = list[tuple[str, str]]
Spot = tuple[float, float, float]  # x, y, and the bulge of what follows
_UNITS_M: Final = {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 14: 0.1, 21: 1200 / 3937}
_SANE_M: Final = (0.3, 400.0)  # how wide the middle one of all outlines can be
_NORTH_M: Final = (1.8e6, 6e6)
_JOINED_M: Final = 0.05
_SAGITTA_M: Final = 0.001
_DEEPEST: Final = 4  # blocks within blocks
_FARTHEST: Final = 1e12  # what lies beyond is nowhere


@cache
def _frame() -> tuple[Pairs, Pairs, str]:
    """Return what stands before the entities, what stands behind them, and the handle of the model space."""
    import ezdxf

    doc = ezdxf.new("R2000", units=6)
    doc.layers.add(LAYER)
    pad = doc.blocks.new("PAD")
    pad.add_lwpolyline([(0, 0), (25, 0), (25, 20), (0, 20)], close=True, dxfattribs={"layer": "0"})
    nest = doc.blocks.new("NEST", base_point=(1, 2))
    nest.add_blockref("PAD", (3, 4), dxfattribs={"rotation": 30, "xscale": 0.9, "yscale": 0.95, "layer": "0"})
    out = io.StringIO()
    doc.write(out)
    pairs = _pairs(out.getvalue())
    at = next(i for i, pair in enumerate(pairs) if pair == ("2", "ENTITIES"))
    end = next(i for i in range(at, len(pairs)) if pairs[i] == ("0", "ENDSEC"))
    return pairs[: at + 1], pairs[end:], doc.modelspace().block_record_handle


def _pairs(text: str) -> Pairs:
    lines = text.replace("\r\n", "\n").split("\n")
    return [
        (str(int(code)) if re.fullmatch(r"\s*-?\d+\s*", code) else code.strip(), value)
        for code, value in zip(lines[::2], lines[1::2], strict=False)
    ]


def _text(pairs: Pairs) -> str:
    return "".join(f"{code:>3}\n{value}\n" for code, value in pairs)


# --- entities ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Pen:
    """Writes entities, each with a handle of its own."""

    handle: int = 0xA000
    pairs: Pairs = field(default_factory=list)

    def start(self, kind: str, layer: str = LAYER) -> None:
        self.handle += 1
        self.pairs += [
            ("0", kind),
            ("5", f"{self.handle:X}"),
            ("330", _frame()[2]),
            ("100", "AcDbEntity"),
            ("8", layer),
        ]

    def put(self, *pairs: tuple[int, object]) -> None:
        self.pairs += [
            (str(code), f"{value!r}" if isinstance(value, float) else str(value)) for code, value in pairs
        ]

    def light(self, ring: Ring, *, closed: bool = True, bulges: dict[int, float] | None = None) -> None:
        self.start("LWPOLYLINE")
        self.put((100, "AcDbPolyline"), (90, len(ring)), (70, int(closed)))
        for i, (x, y) in enumerate(ring):
            self.put((10, x), (20, y), *(((42, bulges[i]),) if bulges and i in bulges else ()))

    def heavy(self, ring: Ring, *, flags: int = 1) -> None:
        self.start("POLYLINE")
        deep = "3d" if flags & 8 else "2d"
        self.put((100, f"AcDb{deep}Polyline"), (66, 1), (10, 0.0), (20, 0.0), (30, 0.0), (70, flags))
        for x, y in ring:
            self.start("VERTEX")
            self.put(
                (100, "AcDbVertex"), (100, f"AcDb{deep}PolylineVertex" if deep == "3d" else "AcDb2dVertex")
            )
            self.put((10, x), (20, y), (30, 0.0), (70, 32 if flags & 8 else 0))
        self.start("SEQEND")

    def lines(self, ring: Ring) -> None:
        for (x0, y0), (x1, y1) in itertools.pairwise(ring):
            self.start("LINE")
            self.put((100, "AcDbLine"), (10, x0), (20, y0), (30, 0.0), (11, x1), (21, y1), (31, 0.0))

    def hatch(self, rings: list[Ring]) -> None:
        self.start("HATCH")
        self.put(
            (100, "AcDbHatch"),
            (10, 0.0),
            (20, 0.0),
            (30, 0.0),
            (210, 0.0),
            (220, 0.0),
            (230, 1.0),
            (2, "SOLID"),
        )
        self.put((70, 1), (71, 0), (91, len(rings)))
        for i, ring in enumerate(rings):
            self.put((92, 2 | (i == 0)), (72, 0), (73, 1), (93, len(ring)))
            for x, y in ring:
                self.put((10, x), (20, y))
            self.put((97, 0))
        self.put((75, 0), (76, 1), (98, 0))

    def circle(self, radius: float) -> None:
        self.start("CIRCLE")
        self.put((100, "AcDbCircle"), (10, X + 200), (20, Y), (30, 0.0), (40, radius))

    def insert(
        self, name: str, scales: tuple[float, float], turn: float, said: dict[str, str] | None = None
    ) -> None:
        self.start("INSERT")
        self.put(
            (100, "AcDbBlockReference"),
            *(((66, 1),) if said else ()),
            (2, name),
            (10, X + 300),
            (20, Y),
            (30, 0.0),
        )
        self.put((41, scales[0]), (42, scales[1]), (43, 1.0), (50, turn))
        if not said:
            return
        for tag, value in said.items():
            self.start("ATTRIB")
            self.put((100, "AcDbText"), (10, X + 300), (20, Y), (30, 0.0), (40, 1.0), (1, value))
            self.put((100, "AcDbAttribute"), (2, tag), (70, 0))
        self.start("SEQEND")


def drawing(shapes: list[Shape] | None = None, chance: random.Random | None = None) -> Pairs:
    """Return the entities of a drawing of these shapes, each ring as one of the ways of drawing an outline."""
    pen = _Pen()
    for shape in sound_shapes() if shapes is None else shapes:
        way = 0 if chance is None else chance.randrange(8)
        if way == 1:
            pen.hatch([ring[:-1] for rings in shape for ring in rings])
            continue
        for ring in (ring for rings in shape for ring in rings):
            match way:
                case 2:
                    pen.heavy(ring[:-1], flags=1)
                case 3:
                    pen.heavy(ring[:-1], flags=9)
                case 4:
                    pen.lines(ring)
                case 5:
                    pen.light(ring, closed=False)
                case 6:
                    pen.light(ring, closed=True)
                case _:
                    pen.light(ring[:-1])
    return pen.pairs


def written(entities: Pairs) -> bytes:
    """Return a whole drawing with these entities."""
    before, behind, _ = _frame()
    return _text([*before, *entities, *behind]).encode("gb18030", "replace")


def _more(chance: random.Random) -> Pairs:
    """Return entities that are drawn otherwise: arcs, circles, blocks, blocks within blocks, attributes."""
    pen = _Pen(handle=0xB000)
    match chance.randrange(6):
        case 0:
            ring = box(X + 100, Y, *chance.choice(((20.0, 15.0), (25.0, 14.0), (30.0, 1.0))))[:-1]
            bulges = {
                chance.randrange(4): chance.choice((1.0, -0.3, 0.1, -1.0, 1e-9, 1e300, float("nan"), 50.0))
                for _ in range(2)
            }
            pen.light(ring, bulges=bulges)
        case 1:
            pen.circle(chance.choice((11.28379, 11.2838, 12.0, 0.0, -12.0, 1e9, float("nan"), 1e-9)))
        case 2 | 3:
            scales = chance.choice(
                (
                    (1.0, 1.0),
                    (0.9, 0.9),
                    (0.8, 1.0),
                    (-1.0, 1.0),
                    (0.0, 1.0),
                    (1e9, 1e-9),
                    (0.8944271, 0.8944272),
                )
            )
            pen.insert(
                chance.choice(("PAD", "PAD", "NEST", "GONE", "*Model_Space", "pad")),
                scales,
                chance.choice((0.0, 30.0, 90.0, 1e9)),
            )
        case 4:
            tag = chance.choice(("面积", "AREA_M2", "FACILITY_ID", "NAME", "CATEGORY"))
            value = chance.choice(("650", "399", "650㎡", "约650", "F9", "park", *NASTY))
            pen.insert("PAD", (1.0, 0.5), 0.0, {tag: value.replace("\x00", "") or " "})
        case _:
            ring = box(X + 150, Y, 21.0, 20.0)
            gaps = [chance.choice((0.0, 0.0, 0.0006, 0.02, 0.03, 0.5)) for _ in ring]
            pen.lines([(x - gap, y - gap) for (x, y), gap in zip(ring, gaps, strict=True)])
    return pen.pairs


# --- how it is changed ------------------------------------------------------------------------------


def make_dxf(folder: Path, chance: random.Random) -> Path:
    """Write a mutated drawing."""
    before, behind, _ = _frame()
    before = list(before)
    shapes = sound_shapes()
    if chance.random() < 0.5:
        shapes[chance.randrange(3)] = random_shape(chance)
    pairs = drawing(shapes, chance)
    if chance.random() < 0.4:
        pairs += _more(chance)
    for _ in range(chance.choice((0, 0, 1, 2))):
        chance.choice(_CHANGES)(pairs, chance)
    if chance.random() < 0.15:
        _header(before, chance)
    if chance.random() < 0.1:
        at = next(i for i, pair in enumerate(before) if pair == ("2", "BLOCKS"))
        _number(before, chance, start=at)
    data = _text([*before, *pairs, *behind]).encode("gb18030", "replace")
    if chance.random() < 0.15:
        at = data.find(b"ENTITIES")
        data = data[:at] + changed(data[at:], chance)
        if chance.random() < 0.7 and not data.rstrip().endswith(b"EOF"):
            data += b"\n  0\nEOF\n"
    path = folder / "p.dxf"
    path.write_bytes(data)
    return path


def _number(pairs: Pairs, chance: random.Random, *, start: int = 0) -> None:
    found = [
        i
        for i in range(start, len(pairs))
        if re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", pairs[i][1]) and pairs[i][0] not in ("5", "330")
    ]
    if found:
        at = chance.choice(found)
        code, value = pairs[at]
        new = chance.choice(
            (
                0,
                -1,
                1,
                2,
                4,
                16,
                1e9,
                float(value) * 1.001,
                float(value) + 0.04,
                float(value) - 12,
                "x",
                *NASTY[:8],
            )
        )
        pairs[at] = (code, str(new).replace("\x00", ""))


def _code(pairs: Pairs, chance: random.Random) -> None:
    if pairs:
        at = chance.randrange(len(pairs))
        pairs[at] = (
            chance.choice(
                ("0", "8", "10", "20", "42", "62", "67", "70", "90", "100", "1001", "-3", "x", "60", "370")
            ),
            pairs[at][1],
        )


def _value(pairs: Pairs, chance: random.Random) -> None:
    if pairs:
        at = chance.randrange(len(pairs))
        new = chance.choice(
            (
                *NASTY,
                LAYER,
                "0",
                "LINE",
                "LWPOLYLINE",
                "TCH_WALL",
                "ENDSEC",
                "AcDbEntity",
                "\\U+5065\\U+8EAB",
                "建筑",
            )
        )
        pairs[at] = (pairs[at][0], re.sub(r"[\x00\r\n]", "", new))


def _gone(pairs: Pairs, chance: random.Random) -> None:
    if pairs:
        at = chance.randrange(len(pairs))
        del pairs[at : at + chance.choice((1, 1, 2, 9))]


def _again(pairs: Pairs, chance: random.Random) -> None:
    if pairs:
        at = chance.randrange(len(pairs))
        pairs[at:at] = pairs[at : at + chance.choice((1, 2, 9))]


def _swap(pairs: Pairs, chance: random.Random) -> None:
    if pairs:
        a, b = chance.randrange(len(pairs)), chance.randrange(len(pairs))
        pairs[a], pairs[b] = pairs[b], pairs[a]


def _bulge(pairs: Pairs, chance: random.Random) -> None:
    found = [i for i, (code, _) in enumerate(pairs) if code == "20"]
    if found:
        pairs.insert(
            chance.choice(found) + 1, ("42", str(chance.choice((1.0, -1.0, 0.05, -0.2, "nan", 1e308, 0.0))))
        )


def _extrusion(pairs: Pairs, chance: random.Random) -> None:
    found = [i for i, (code, _) in enumerate(pairs) if code == "90"]
    if found:
        at = chance.choice(found)
        pairs[at + 1 : at + 1] = [
            ("210", "0.0"),
            ("220", "0.0"),
            ("230", chance.choice(("-1.0", "1.0", "0.0", "nan"))),
        ]


_CHANGES: Final = (
    _number,
    _number,
    _number,
    _code,
    _value,
    _gone,
    _gone,
    _again,
    _swap,
    _bulge,
    _bulge,
    _extrusion,
)


def _header(before: Pairs, chance: random.Random) -> None:
    names = [
        i
        for i, pair in enumerate(before)
        if pair[0] == "9" and pair[1] in ("$INSUNITS", "$DWGCODEPAGE", "$ACADVER", "$MEASUREMENT")
    ]
    at = chance.choice(names)
    new = {
        "$INSUNITS": ("0", "1", "2", "4", "5", "7", "14", "21", "99", "-1", "x"),
        "$DWGCODEPAGE": ("ANSI_936", "ANSI_1252", "UTF-8", "x", ""),
        "$ACADVER": ("AC1009", "AC1021", "AC1032", "AC9999", ""),
    }.get(before[at][1], ("0", "1"))
    before[at + 1] = (before[at + 1][0], chance.choice(new))


# --- what it draws ----------------------------------------------------------------------------------


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
    pairs = _pairs(text)
    blocks, entities = _sections(pairs)
    found = [
        (shape, area, off, said) for one in entities for shape, area, off, said in _outlines(one, blocks, 0)
    ]
    whole = [shape for shape, *_ in found]
    loose: dict[str, list[Ring]] = {}
    curved = 0.0
    for one in entities:
        for layer, chain, off in _pieces(one, blocks, 0):
            loose.setdefault(layer, []).append(chain)
            curved = max(curved, off)
    for chains in loose.values():
        found += [([rings], None, off + curved, None) for rings, off in faces(chains, _JOINED_M)]
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
                if all(abs(v) < _FARTHEST for end in ends for v in end):
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
            for part in nested([exact(ring) for ring in rings]):
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
