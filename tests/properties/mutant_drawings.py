"""Drawings, changed entity by entity and group code by group code, and measured again without the library that reads them.

The frame of a drawing (header, tables, blocks) is written once; entities are written here, group code by group code.
"""

from __future__ import annotations

import io
import itertools
import random
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from mutant_bytes import NASTY, changed
from mutant_shapes import Ring, Shape, X, Y, box, random_shape, sound_shapes

__all__ = ["LAYER", "Pairs", "Spot", "drawing", "group_codes", "make_dxf", "written"]

LAYER: Final = "健身"
Pairs = list[tuple[str, str]]
Spot = tuple[float, float, float]  # x, y, and the bulge of what follows


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
    pairs = group_codes(out.getvalue())
    at = next(i for i, pair in enumerate(pairs) if pair == ("2", "ENTITIES"))
    end = next(i for i in range(at, len(pairs)) if pairs[i] == ("0", "ENDSEC"))
    return pairs[: at + 1], pairs[end:], doc.modelspace().block_record_handle


def group_codes(text: str) -> Pairs:
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
