"""A site plan as a bureau has it on disk, drawn with what bureaus draw with; and the same estate as a GeoPackage.

The drawing is R2000 in GBK and in millimetres, with Chinese layers, arcs, bulges, blocks with attributes, a wall of
separate lines, an outline that does not close, one that is mirrored (its own coordinate system), a hatch over its
boundary, texts for numbers and storeys, and without a word of ours in it. The GeoPackage has the same things as plain
features, with arcs so fine that their chords do not matter.
"""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import ezdxf
import geopandas as gpd
import numpy as np
import shapely
from ezdxf.document import Drawing
from shapely import LineString, Point, Polygon, affinity, box

EAST, NORTH = 500_000.0, 2_905_000.0  # metres, EPSG:4548
CRS = "EPSG:4548"
MAPPING = """\
[[dxf]]
match = "XF-*"
layer = "fire_lanes"
set = { width_m = 4.0 }
"""


def _mm(points):
    return [((EAST + p[0]) * 1000, (NORTH + p[1]) * 1000, *p[2:]) for p in points]


def _arc(start, end, bulge, *, steps=20_000):
    """Points of an arc by its bulge, without its ends; chords shorter than any that is measured."""
    chord = math.dist(start, end)
    angle, radius = 4 * math.atan(bulge), chord * (1 + bulge**2) / (4 * abs(bulge))
    k = (1 - bulge**2) / (4 * bulge)
    cx = (start[0] + end[0]) / 2 - k * (end[1] - start[1])
    cy = (start[1] + end[1]) / 2 + k * (end[0] - start[0])
    first = math.atan2(start[1] - cy, start[0] - cx)
    return [
        (cx + radius * math.cos(first + angle * i / steps), cy + radius * math.sin(first + angle * i / steps))
        for i in range(1, steps)
    ]


def _bulged(points, *, close):
    out = []
    for i, p in enumerate(points):
        out.append(p[:2])
        bulge = p[2] if len(p) > 2 else 0
        if bulge and (close or i + 1 < len(points)):
            out += _arc(p[:2], points[(i + 1) % len(points)][:2], bulge)
    return out


PARCEL = [(0, 0), (200, 0), (200, 140, 0.0), (190, 150), (10, 150, math.tan(math.pi / 8)), (0, 140)]
PLAIN = {
    "1号楼": (box(10, 10, 60, 22), 6),
    "2号楼": (box(10, 40, 60, 52), 6),
    "3号楼": (box(10, 70, 60, 82), 7),
}
APSE = ("4号楼", [(80, 10), (120, 10, 1.0), (120, 22), (80, 22)], 5)  # a half round end
GAP = ("5号楼", box(80, 40, 120, 52), 6)
LINES = ("6号楼", box(80, 70, 120, 82), 4)
MIRRORED = ("7号楼", box(80, 100, 120, 112), 3)
HATCHED = ("8号楼", box(10, 100, 60, 112), 11)
BLOCKS = {"9号楼": (150.0, 20.0, 0.0, 18), "10号楼": (150.0, 60.0, 30.0, 18)}  # east, north, turn, storeys
STALLS = [(130 + 2.5 * i, 100.0) for i in range(20)]
TREES = [(70.0, 20.0 + 8 * i, 0.2 + 0.05 * i) for i in range(8)]
GATES = {"南门": (100.0, 0.0), "东门": (200.0, 75.0)}
WALL = [(-1, -1), (95, -1), None, (105, -1), (201, -1, 0.0), (201, 70)]


def draw(path: Path, *, page: str = "gbk") -> Path:
    """Write the drawing."""
    doc = ezdxf.new("R2000", units=4)
    doc.encoding = page
    for layer in (
        "用地红线",
        "建筑",
        "文字标注",
        "停车位",
        "乔木",
        "出入口",
        "围墙",
        "道路中心线",
        "绿化",
        "XF-01",
        "尺寸标注",
        "废弃",
    ):
        doc.layers.add(layer)
    doc.layers.get("废弃").freeze()
    _draw_buildings(doc)
    space = doc.modelspace()
    _polyline(doc, PARCEL, "用地红线", close=True)
    _text(doc, "幸福小区", (100, 130), "用地红线")
    stall = doc.blocks.new("车位")
    stall.add_lwpolyline([(0, 0), (2500, 0), (2500, 5300), (0, 5300)], close=True)
    stall.add_line((0, 0), (0, 0), {"layer": "尺寸标注"})
    for x, y in STALLS:
        space.add_blockref("车位", _mm([(x, y)])[0], {"layer": "停车位"})
    for x, y, radius in TREES:
        space.add_circle(_mm([(x, y)])[0], radius * 1000, {"layer": "乔木"})
    gate = doc.blocks.new("大门")
    gate.add_line((-3000, 0), (3000, 0))
    gate.add_attdef("名称", (0, 0), height=500)
    for name, place in GATES.items():
        space.add_blockref("大门", _mm([place])[0], {"layer": "出入口"}).add_auto_attribs({"名称": name})
    _polyline(doc, WALL[:2], "围墙")
    _polyline(doc, WALL[3:], "围墙")
    _polyline(doc, [(100, 0), (100, 60, 0.4), (130, 95)], "道路中心线")
    space.add_arc(_mm([(100, 60)])[0], 20_000, 0, 90, dxfattribs={"layer": "道路中心线"})
    space.add_ellipse(_mm([(30, 130)])[0], (12_000, 0), 0.5, dxfattribs={"layer": "绿化"})
    space.add_line(_mm([(70, 0)])[0], _mm([(70, 90)])[0], {"layer": "XF-01"})
    space.add_linear_dim((0, 0), (0, 0), (1000, 0), dxfattribs={"layer": "尺寸标注"}).render()
    space.add_lwpolyline(_mm([(0, 0), (9, 0), (9, 9)]), close=True, dxfattribs={"layer": "废弃"})
    doc.add_xref_def("总图.dwg", "总图")
    space.add_blockref("总图", (0, 0))
    doc.saveas(path)
    # 天正 keeps walls as objects of its own.
    text = path.read_bytes().decode(page)
    head, mark, tail = text.rpartition("  0\nENDSEC\n  0\nSECTION\n  2\nOBJECTS")
    path.write_bytes((head + "  0\nTCH_WALL\n  5\nFFF0\n  8\nWALL\n" + mark + tail).encode(page))
    return path


def _draw_buildings(doc: Drawing) -> None:
    space = doc.modelspace()
    for name, (shape, floors) in PLAIN.items():
        _polyline(doc, list(shape.exterior.coords)[:-1], "建筑", close=True)
        _label(doc, name, floors, shape)
    name, points, floors = APSE
    _polyline(doc, points, "建筑", close=True)
    _label(doc, name, floors, Polygon([p[:2] for p in points]), form="砼{}")
    name, shape, floors = GAP
    corners = list(shape.exterior.coords)[:-1]
    first, last = corners[0], corners[-1]
    short = tuple(a + 0.03 * ((b > a) - (b < a)) for a, b in zip(first, last, strict=True))
    _polyline(doc, [*corners, short], "建筑")  # 30 mm before it would close
    _label(doc, name, floors, shape, form="{}层")
    name, shape, floors = LINES
    corners = list(shape.exterior.coords)
    for a, b in itertools.pairwise(corners):
        space.add_line(*_mm([a, b]), {"layer": "建筑"})
    _label(doc, name, floors, shape)
    name, shape, floors = MIRRORED
    mirrored = [(-x, y) for x, y in _mm(list(shape.exterior.coords)[:-1])]
    space.add_lwpolyline(mirrored, close=True, dxfattribs={"layer": "建筑", "extrusion": (0, 0, -1)})
    _label(doc, name, floors, shape)
    name, shape, floors = HATCHED
    _polyline(doc, list(shape.exterior.coords)[:-1], "建筑", close=True)
    hatch = space.add_hatch(color=8, dxfattribs={"layer": "建筑"})
    hatch.paths.add_polyline_path(_mm(list(shape.exterior.coords)[:-1]), is_closed=True)
    _label(doc, name, floors, shape, form="{}F/-1F")
    block = doc.blocks.new("点式楼")
    block.add_lwpolyline([(0, 0), (20_000, 0), (20_000, 15_000), (0, 15_000)], close=True)
    block.add_lwpolyline([(8000, 6000), (12_000, 6000), (12_000, 9000), (8000, 9000)], close=True)  # its core
    block.add_attdef("楼号", (10_000, 12_000), height=1000)
    block.add_attdef("层数", (10_000, 2000), height=1000)
    for name, (x, y, turn, floors) in BLOCKS.items():
        placed = space.add_blockref("点式楼", _mm([(x, y)])[0], {"layer": "建筑", "rotation": turn})
        placed.add_auto_attribs({"楼号": name, "层数": str(floors)})


def _polyline(doc, points, layer, *, close=False):
    rows = [(*_mm([p])[0][:2], p[2] if len(p) > 2 else 0.0) for p in points]
    doc.modelspace().add_lwpolyline(rows, format="xyb", close=close, dxfattribs={"layer": layer})


def _text(doc, text, place, layer):
    doc.modelspace().add_text(text, height=2000, dxfattribs={"layer": layer}).set_placement(_mm([place])[0])


def _label(doc, name, floors, shape, *, form="{}F"):
    x, y = shape.centroid.x, shape.centroid.y
    _text(doc, name, (x, y + 1), "文字标注")
    doc.modelspace().add_mtext(form.format(floors), {"layer": "文字标注", "char_height": 2000}).set_location(
        _mm([(x, y - 3)])[0]
    )


def twin() -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the same estate, drawn by nobody."""
    apse_name, apse, apse_floors = APSE
    buildings = {name: (shape, floors) for name, (shape, floors) in PLAIN.items()}
    buildings[apse_name] = (Polygon(_bulged(apse, close=True)), apse_floors)
    for name, shape, floors in (GAP, LINES, MIRRORED, HATCHED):
        buildings[name] = (shape, floors)
    for name, (x, y, turn, floors) in BLOCKS.items():
        buildings[name] = (affinity.rotate(box(x, y, x + 20, y + 15), turn, origin=(x, y)), floors)
    layers = {
        "parcels": {
            "parcel_id": ["1"],
            "name": ["幸福小区"],
            "geometry": [Polygon(_bulged(PARCEL, close=True))],
        },
        "buildings": {
            "building_id": list(buildings),
            "floors": [floors for _, floors in buildings.values()],
            "floors_below": [1 if name == HATCHED[0] else None for name in buildings],
            "geometry": [shape for shape, _ in buildings.values()],
        },
        "entrances": {
            "entrance_id": ["1", "2"],
            "kind": ["gate", "gate"],
            "name": list(GATES),
            "geometry": [Point(p) for p in GATES.values()],
        },
        "walkways": {
            "way_id": ["1", "2"],
            "kind": ["street"] * 2,
            "geometry": [
                LineString(_bulged([(100, 0), (100, 60, 0.4), (130, 95)], close=False)),
                LineString([(120, 60), *_arc((120, 60), (100, 80), math.tan(math.pi / 8)), (100, 80)]),
            ],
        },
        "barriers": {
            "barrier_id": ["1", "2"],
            "kind": ["wall"] * 2,
            "geometry": [LineString(WALL[:2]), LineString([p[:2] for p in WALL[3:]])],
        },
        "open_spaces": {
            "space_id": ["1"],
            "surface": ["绿地"],
            "geometry": [affinity.scale(Point(30, 130).buffer(12, quad_segs=20_000), 1, 0.5)],
        },
        "obstacles": {
            "obstacle_id": [str(i + 1) for i in range(len(TREES))],
            "kind": ["tree"] * len(TREES),
            "radius_m": [r for _, _, r in TREES],
            "geometry": [Point(x, y) for x, y, _ in TREES],
        },
        "fire_lanes": {"lane_id": ["1"], "width_m": [4.0], "geometry": [LineString([(70, 0), (70, 90)])]},
        "stalls": {
            "stall_id": [str(i + 1) for i in range(len(STALLS))],
            "geometry": [box(x, y, x + 2.5, y + 5.3) for x, y in STALLS],
        },
    }
    return {
        name: gpd.GeoDataFrame(
            {k: v for k, v in columns.items() if k != "geometry"},
            geometry=list(shapely.transform(columns["geometry"], lambda p: np.add(p, (EAST, NORTH)))),
            crs=CRS,
        )
        for name, columns in layers.items()
    }


if __name__ == "__main__":
    import sys

    draw(Path(sys.argv[1]))
