"""Mutated inputs of every format that is read: no uncaught exception, and no *met* that an independent reader denies.

Each input is a small sound file with some of its bytes, cells, numbers or vertices changed; which, follows from the
format and a number alone. It is inspected and read; what becomes a site is judged by two rules, an area that is drawn
and an area that is written. Whatever was met is looked up in the mutated file by other means (``json``, ``sqlite3``,
``struct``, ``csv``, ``zipfile``): exact shoelace in fractions, exact sums of what is written.

    python tests/properties/mutated_inputs.py [--count 100000] [--first 0] [--jobs 2] [--formats gpkg,shp]

prints a table. A process takes a few hundred inputs; one that dies or hangs is named with the input that it was at.
"""

from __future__ import annotations

import argparse
import csv
import faulthandler
import io
import json
import math
import os
import random
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import geopandas as gpd
from shapely import Polygon, box

from plan.checks import check
from plan.errors import PlanError
from plan.findings import Clause, Status, Strength
from plan.readers import inspect_sources, read_site
from plan.rules import Applies, Rule, RulePack
from plan.rules.kinds import FacilityArea, RoomArea

DRAWN_M2: Final = 400.0  # each fitness ground
WRITTEN_M2: Final = 300.0  # all rooms together
_X, _Y = 500_000.0, 4_058_000.0
_CLAUSE: Final = Clause(document="D", number="N", article="1", quote="Q", effective=None)
_SLACK: Final = Fraction(1, 100_000)  # m2; doubles at these coordinates
_HANG_S: Final = 120
_BATCH: Final = 250  # inputs of a process
_NASTY: Final = (
    "nan", "inf", "-inf", "1e308", "-0", "0", "1e-320", "99999999999999999999", "", " ", "-1", "=1+1", "\x00", "\u202e",
    "{{7*7}}", "约300㎡", "650㎡", "0.065公顷", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "NULL", "'", '"',
)  # fmt: skip

Ring = list[tuple[Fraction, Fraction]]


# --- what is mutated --------------------------------------------------------------------------------


def grounds() -> gpd.GeoDataFrame:
    """Two fitness grounds of 500 and 360 m2, one with a hole, and one of three corners."""
    shapes = [
        box(_X, _Y, _X + 25, _Y + 20),
        Polygon(
            [(_X + 40, _Y), (_X + 60, _Y), (_X + 60, _Y + 20), (_X + 40, _Y + 20)],
            [[(_X + 45, _Y + 5), (_X + 55, _Y + 5), (_X + 55, _Y + 9), (_X + 45, _Y + 9)]],
        ),
        Polygon([(_X, _Y + 40), (_X + 30, _Y + 40), (_X, _Y + 70)]),
    ]
    ids = ["F1", "F2", "F3"]
    return gpd.GeoDataFrame(
        {"facility_id": ids, "category": ["fitness_ground"] * 3, "name": ["甲", "乙", "丙"]},
        geometry=shapes,
        crs=4548,
    )


_ROOMS: Final = [
    ["用房编号", "楼层", "建筑面积（㎡）", "楼号", "名称"],
    ["R1", "1", "180.5", "12#", "图书室"],
    ["R2", "2", "120.25", "B12", "活动室"],
    ["R3", "1", "9.25", "十二栋", "警务室"],
]
_MAPPING: Final = '[[dxf]]\nmatch = "健身"\nlayer = "facilities"\nset = { category = "fitness_ground" }\n'


def seeds(folder: Path) -> dict[str, Path]:
    """Write a sound file of each format."""
    import ezdxf
    import openpyxl
    import osmium

    frame = grounds()
    out = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(folder / "facilities.gpkg", layer="facilities", engine="pyogrio")
        frame.to_file(folder / "facilities.shp", engine="pyogrio", encoding="GBK")
    out["gpkg"], out["shp"] = folder / "facilities.gpkg", folder / "facilities.shp"
    out["geojson"] = folder / "facilities.geojson"
    text = json.loads(frame.to_json(drop_id=True))
    text["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
    out["geojson"].write_text(json.dumps(text, ensure_ascii=False), encoding="utf-8")
    lines = "".join(",".join(row) + "\n" for row in _ROOMS)
    for name, encoding in (("csv", "gb18030"), ("csv16", "utf-16-le")):
        out[name] = folder / f"{name}_rooms.csv"
        out[name].write_bytes(lines.encode(encoding))
    book = openpyxl.Workbook()
    book.active.title = "社区用房"
    for row in [["幸福小区社区用房"], *_ROOMS]:
        book.active.append([float(c) if re.fullmatch(r"\d+\.\d+", c) else c for c in row])
    out["xlsx"] = folder / "rooms.xlsx"
    book.save(out["xlsx"])
    doc = ezdxf.new("R2000", units=6)
    doc.layers.add("健身")
    for shape in frame.geometry:
        doc.modelspace().add_lwpolyline(
            list(shape.exterior.coords)[:-1], close=True, dxfattribs={"layer": "健身"}
        )
    out["dxf"] = folder / "p.dxf"
    doc.saveas(out["dxf"])
    degrees = frame.to_crs(4326)
    out["osm"] = folder / "p.osm"
    out["osm"].write_text(_osm(degrees), encoding="utf-8")
    out["pbf"] = folder / "p.osm.pbf"
    with osmium.SimpleWriter(str(out["pbf"])) as writer:
        for thing in osmium.FileProcessor(str(out["osm"])):
            writer.add(thing)
    out["kml"] = folder / "p.kml"
    out["kml"].write_text(
        '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>甲</name><Point><coordinates>117,36'
        "</coordinates></Point></Placemark></kml>",
        encoding="utf-8",
    )
    out["gpx"] = folder / "p.gpx"
    out["gpx"].write_text(
        '<?xml version="1.0"?><gpx version="1.1"><wpt lat="36" lon="117"/></gpx>', encoding="utf-8"
    )
    out["zip"] = folder / "p.zip"
    with zipfile.ZipFile(out["zip"], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(out["geojson"], "图/facilities.geojson")
    return out


def _osm(frame: gpd.GeoDataFrame) -> str:
    nodes, ways, n = [], [], 0
    for i, shape in enumerate(frame.geometry, start=1):
        refs = []
        for x, y in list(shape.exterior.coords)[:-1]:
            n += 1
            refs.append(n)
            nodes.append(f'<node id="{n}" version="1" lat="{y:.9f}" lon="{x:.9f}"/>')
        refs.append(refs[0])
        tags = '<tag k="leisure" v="fitness_station"/><tag k="name" v="健身"/>'
        ways.append(
            f'<way id="{i}" version="1">' + "".join(f'<nd ref="{r}"/>' for r in refs) + tags + "</way>"
        )
    return '<osm version="0.6">' + "\n".join([*nodes, *ways]) + "</osm>"


# --- how it is mutated ------------------------------------------------------------------------------


def mutate(name: str, number: int, seed: Path, folder: Path) -> Path:
    """Write the mutated file; the same name and number give the same bytes."""
    chance = random.Random(f"{name}:{number}")  # noqa: S311 - a seeded generator, not a secret
    target = folder / seed.name
    if name == "shp":
        for part in seed.parent.glob(f"{seed.stem}.*"):
            if part.suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
                shutil.copy(part, folder / part.name)
        target = (
            folder / f"{seed.stem}{chance.choice(('.shp', '.shx', '.dbf', '.shp', '.dbf', '.prj', '.cpg'))}"
        )
    else:
        shutil.copy(seed, target)
    shaped = _SHAPED.get(name)
    if shaped is not None and chance.random() < 0.5:
        shaped(target if name != "shp" else folder / seed.name, chance)
    else:
        target.write_bytes(_bytes(target.read_bytes(), chance))
    return folder / seed.name


def _bytes(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 16))):
        if not out:
            break
        at = chance.randrange(len(out))
        length = chance.choice((1, 2, 4, 8, 64, 512))
        match chance.randrange(8):
            case 0 | 1:
                out[at] ^= 1 << chance.randrange(8)
            case 2:
                out[at] = chance.choice((0, 0xFF, 0x7F, 0x80, chance.randrange(256)))
            case 3:
                del out[at:]
            case 4:
                del out[at : at + length]
            case 5:
                out[at:at] = out[at : at + length]
            case 6:
                other = chance.randrange(len(out))
                out[at : at + length], out[other : other + length] = (
                    out[other : other + length],
                    out[at : at + length],
                )
            case _:
                word = chance.choice(
                    (b"\x00" * 8, b"\xff" * 8, struct.pack("<d", float("nan")), struct.pack("<I", 2**31))
                )
                out[at : at + len(word)] = word
    return bytes(out)


def _ring(chance: random.Random) -> list[tuple[float, float]]:
    """A ring that a person would not draw, and now and then one that a person would."""
    n = chance.choice((0, 1, 2, 3, 3, 4, 4, 5, 8, 40))
    size = chance.choice((1e-7, 1.0, 20.0, 25.0, 400.0))
    points = [(_X + chance.uniform(0, size), _Y + chance.uniform(0, size)) for _ in range(n)]
    if n > 2 and chance.random() < 0.3:
        points[1] = points[0]
    if n > 3 and chance.random() < 0.2:
        points[2] = (points[0][0], points[1][1])
    if n and chance.random() < 0.1:
        points[chance.randrange(n)] = (chance.choice((float("nan"), float("inf"), 1e300, 0.0, 117.0)), _Y)
    if n > 2 and chance.random() < 0.9:
        points.append(points[0])
    return points


def _shape_geojson(path: Path, chance: random.Random) -> None:
    table = json.loads(path.read_text("utf-8"))
    rows = table["features"]
    row = chance.choice(rows)
    match chance.randrange(6):
        case 0 | 1:
            row["geometry"]["coordinates"] = [_ring(chance) for _ in range(chance.choice((0, 1, 1, 1, 2, 3)))]
        case 2:
            key = chance.choice(list(row["properties"]))
            row["properties"][key] = chance.choice((None, 1, 1.5, True, [], {}, *_NASTY))
        case 3:
            row["geometry"] = chance.choice(
                (None, {}, [], {"type": "Point"}, {"type": "Polygon", "coordinates": None}, 5)
            )
        case 4:
            a, b = chance.choice(rows), chance.choice(rows)
            a["geometry"], b["geometry"] = b["geometry"], a["geometry"]
            a["properties"], b["properties"] = b["properties"], dict(a["properties"])
        case _:
            ring = row["geometry"]["coordinates"][0]
            ring[chance.randrange(len(ring))] = chance.choice(
                ([], [1], ["a", "b"], None, [_X, _Y, 0, 0, 0], [1e999, 0])
            )
    path.write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8", errors="surrogatepass")


def _shape_gpkg(path: Path, chance: random.Random) -> None:
    with sqlite3.connect(path) as base:
        for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{trigger}"')
        match chance.randrange(5):
            case 0 | 1:
                rings = [_ring(chance) for _ in range(chance.choice((0, 1, 1, 1, 2)))]
                wkb = struct.pack("<BII", 1, 3, len(rings))
                for ring in rings:
                    wkb += struct.pack("<I", len(ring)) + b"".join(struct.pack("<dd", *p) for p in ring)
                blob = struct.pack("<2sBBi", b"GP", 0, 1, 4548) + wkb
                base.execute("UPDATE facilities SET geom = ? WHERE rowid = ?", (blob, chance.randrange(1, 4)))
            case 2:
                blob = base.execute("SELECT geom FROM facilities WHERE rowid = 1").fetchone()[0]
                base.execute("UPDATE facilities SET geom = ? WHERE rowid = 1", (_bytes(blob, chance),))
            case 3:
                column = chance.choice(("facility_id", "category", "name"))
                value = chance.choice((None, 1, 2.5, b"\xff\x00", *_NASTY))
                base.execute(f"UPDATE facilities SET {column} = ? WHERE rowid = 2", (value,))  # noqa: S608 - ours
            case _:
                table = chance.choice(("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"))
                names = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
                value = chance.choice((None, 0, -1, 4326, 99999, *_NASTY))
                base.execute("PRAGMA ignore_check_constraints = 1")
                with suppress(sqlite3.IntegrityError):  # what SQLite does not take is no input
                    base.execute(f'UPDATE OR IGNORE {table} SET "{chance.choice(names)}" = ?', (value,))  # noqa: S608 - ours
    base.close()


def _shape_text(path: Path, chance: random.Random) -> None:
    encoding = "utf-16-le" if path.name.startswith("csv16") else "gb18030"
    rows = [list(row) for row in _ROOMS]
    for _ in range(chance.choice((1, 1, 2, 5))):
        a, b = chance.choice(rows), chance.choice(rows)
        i, j = chance.randrange(len(a)) if a else 0, chance.randrange(len(b)) if b else 0
        match chance.randrange(4):
            case 0 if a and b:
                a[i], b[j] = b[j], a[i]
            case 1 if a:
                a[i] = chance.choice(_NASTY)
            case 2 if a:
                del a[i]
            case _:
                rows.insert(chance.randrange(len(rows) + 1), list(a))
    text = "".join(",".join(row) + "\n" for row in rows)
    path.write_bytes(text.encode(encoding, "replace"))


def _shape_zip(path: Path, chance: random.Random) -> None:
    """Change a part of an archive and pack it again, so that it is not the checksum that stops it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice([n for n in parts if "theme" not in n and "styles" not in n] or list(parts))
    parts[name] = _bytes(parts[name], chance)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)


def _shape_lines(path: Path, chance: random.Random) -> None:
    """Change numbers and words of a text that is read line by line."""
    lines = path.read_text("utf-8", errors="surrogateescape").split("\n")
    start = next((i for i, line in enumerate(lines) if line.strip() == "ENTITIES"), 0)
    for _ in range(chance.choice((1, 1, 2, 4))):
        i, j = chance.randrange(start, len(lines)), chance.randrange(start, len(lines))
        match chance.randrange(4):
            case 0:
                lines[i], lines[j] = lines[j], lines[i]
            case 1:
                lines[i] = chance.choice(_NASTY)
            case 2:
                lines[i] = re.sub(
                    r"\d+(\.\d+)?",
                    lambda m: str(chance.choice((0, -1, 1e9, float(m[0]) * 1.001, "x"))),
                    lines[i],
                    count=1,
                )
            case _:
                del lines[i:j]
        if start >= len(lines):
            break
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogateescape")


def _shape_shp(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(100, len(data) - 8, 4)
        data[at : at + 8] = struct.pack(
            "<d", chance.choice((_X, _Y, _X + 1e-9, 0.0, 1e300, float("nan"), _X + 300))
        )
    path.write_bytes(bytes(data))


_SHAPED: Final[dict[str, Callable[[Path, random.Random], None]]] = {
    "geojson": _shape_geojson,
    "gpkg": _shape_gpkg,
    "csv": _shape_text,
    "csv16": _shape_text,
    "xlsx": _shape_zip,
    "zip": _shape_zip,
    "dxf": _shape_lines,
    "osm": _shape_lines,
    "shp": _shape_shp,
}


# --- what an independent reader sees ----------------------------------------------------------------


def shoelace(ring: Ring) -> Fraction:
    """Return the exact area that a ring encloses, if it does not cross itself."""
    twice = sum((x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]])), start=Fraction(0))
    return abs(twice) / 2


def area_of(rings: list[Ring]) -> Fraction:
    """Return the exact area of a polygon: its outline without its holes."""
    return shoelace(rings[0]) - sum(map(shoelace, rings[1:]), start=Fraction(0)) if rings else Fraction(0)


def _fractions(points: Any) -> Ring:
    return [(Fraction(float(x)), Fraction(float(y))) for x, y, *_ in points]


def _drawn_geojson(data: bytes) -> Iterator[Fraction]:
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            table = json.loads(data.decode(encoding))
            break
        except ValueError:
            continue
    else:
        return
    for row in table.get("features", [table]) or []:
        shape = row.get("geometry") if isinstance(row, dict) else None
        if not isinstance(shape, dict):
            continue
        parts = (
            [shape.get("coordinates")] if shape.get("type") == "Polygon" else shape.get("coordinates") or []
        )
        yield sum((_area(part) for part in parts), start=Fraction(0))


def _area(rings: Any) -> Fraction:
    try:
        return area_of([_fractions(ring) for ring in rings if ring])
    except (TypeError, ValueError, OverflowError):
        return Fraction(0)


def _drawn_gpkg(data: bytes) -> Iterator[Fraction]:
    base = sqlite3.connect(":memory:")
    base.deserialize(data)
    base.text_factory = bytes
    # Whatever the column of shapes is called now.
    for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        name = table.decode("utf-8", "replace").replace('"', '""')
        if name.startswith(("gpkg_", "rtree_", "sqlite_")):
            continue
        for row in base.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - a table of the file, quoted
            for value in row:
                if isinstance(value, bytes) and value[:2] == b"GP":
                    yield _wkb_area(value)


def _wkb_area(blob: bytes) -> Fraction:
    at = 8 + (0, 32, 48, 48, 64, 0, 0, 0)[blob[3] >> 1 & 7]
    try:
        return _wkb(blob, at)[0]
    except (struct.error, ValueError, OverflowError, IndexError, MemoryError):
        return Fraction(0)


def _wkb(blob: bytes, at: int) -> tuple[Fraction, int]:
    order = "<" if blob[at] else ">"
    kind, count = struct.unpack_from(order + "II", blob, at + 1)
    at += 9
    flags, kind = kind & 0xE0000000, kind & 0x1FFFFFFF
    width = (
        2 + (kind // 1000 in (1, 2) or kind // 1000 == 3 or bool(flags & 0x80000000)) + (kind // 1000 == 3)
    )
    if kind % 1000 == 6:
        total = Fraction(0)
        for _ in range(count):
            part, at = _wkb(blob, at)
            total += part
        return total, at
    if kind % 1000 != 3:
        return Fraction(0), at
    rings = []
    for _ in range(count):
        (points,) = struct.unpack_from(order + "I", blob, at)
        at += 4
        flat = struct.unpack_from(f"{order}{points * width}d", blob, at)
        at += 8 * points * width
        if points:
            rings.append(_fractions(zip(flat[::width], flat[1::width], strict=True)))
    return area_of(rings), at


def _drawn_shp(path: Path) -> Iterator[Fraction]:
    """Read the records of a .shp one after another, and where its index says they are."""
    data = path.read_bytes()
    starts = []
    at = 100
    while at + 8 <= len(data):
        starts.append(at)
        step = struct.unpack_from(">i", data, at + 4)[0] * 2
        if step < 0:
            break
        at += 8 + step
    index = path.with_suffix(".shx").read_bytes()
    starts += [struct.unpack_from(">i", index, i)[0] * 2 for i in range(100, len(index) - 7, 8)]
    for start in starts:
        yield _shp_area(data, start + 8)


def _shp_area(data: bytes, at: int) -> Fraction:
    try:
        kind, parts, points = struct.unpack_from("<i32xii", data, at)
        if kind % 10 != 5:
            return Fraction(0)
        first = [*struct.unpack_from(f"<{parts}i", data, at + 44), points]
        flat = struct.unpack_from(f"<{2 * points}d", data, at + 44 + 4 * parts)
        xy = list(zip(flat[::2], flat[1::2], strict=True))
        total = Fraction(0)
        for a, b in pairwise(first):
            ring = _fractions(xy[a:b])
            if ring:
                twice = sum(
                    (x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]])),
                    start=Fraction(0),
                )
                total -= twice / 2  # outlines run clockwise
        return abs(total)
    except (struct.error, ValueError, OverflowError, MemoryError):
        return Fraction(0)


def _drawn_dxf(data: bytes) -> Iterator[Fraction]:
    """Take the straight outlines of a drawing, group code by group code."""
    lines = data.decode("utf-8", "replace").replace("\r", "").split("\n")
    inside, xs, ys = False, [], []
    for code, value in zip([line.strip() for line in lines[::2]], lines[1::2], strict=False):
        if code == "0":
            if inside:
                yield from _outline(xs, ys)
            inside, xs, ys = value.strip() == "LWPOLYLINE", [], []
        elif inside and code in ("10", "20"):
            (xs if code == "10" else ys).append(value)


def _outline(xs: list[str], ys: list[str]) -> Iterator[Fraction]:
    try:
        ring = [(Fraction(float(x)), Fraction(float(y))) for x, y in zip(xs, ys, strict=True)]
    except (ValueError, OverflowError):
        return
    if ring:
        yield shoelace(ring)


def _drawn_osm(data: bytes) -> Iterator[Fraction]:
    """Measure rings of OpenStreetMap on the ellipsoid."""
    from pyproj import Geod

    root = ET.fromstring(data)  # noqa: S314 - our own file, changed by us
    nodes = {n.get("id"): (float(n.get("lon", "nan")), float(n.get("lat", "nan"))) for n in root.iter("node")}
    for way in root.iter("way"):
        points = [nodes[r.get("ref")] for r in way.iter("nd") if r.get("ref") in nodes]
        if len(points) > 3:
            area = abs(Geod(ellps="WGS84").polygon_area_perimeter(*zip(*points, strict=True))[0])
            yield Fraction(area) if math.isfinite(area) else Fraction(0)


def _written(rows: list[list[str]]) -> Fraction:
    """Return the most that the numbers of a table can add up to in the column of areas."""
    best = Fraction(0)
    width = max(map(len, rows), default=0)
    for i in range(width):
        total = Fraction(0)
        for row in rows:
            for number in (
                re.findall(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", row[i].replace(",", "")) if i < len(row) else ()
            ):
                unit = 10_000 if "公顷" in row[i] else 1
                total += Fraction(number) * unit if len(number) < 30 else 10**30
        best = max(best, total)
    return best


def _table_csv(data: bytes) -> list[list[str]]:
    best: list[list[str]] = []
    for encoding in ("utf-8-sig", "gb18030", "utf-16-le", "utf-16-be", "utf-16"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        for mark in ",;\t":
            rows = list(csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=mark))
            best = max(best, rows, key=lambda r: max(map(len, r), default=0))
    return best


def _table_xlsx(data: bytes) -> list[list[str]]:
    """Take every number of a sheet's XML by its column, strings apart."""
    table: list[list[str]] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        shared: list[str] = []
        if "xl/sharedStrings.xml" in archive.namelist():
            shared = ["".join(si.itertext()) for si in ET.fromstring(archive.read("xl/sharedStrings.xml"))]  # noqa: S314 - the same
        for name in archive.namelist():
            if "worksheets/" not in name or not name.endswith(".xml"):
                continue
            for row in ET.fromstring(archive.read(name)).iterfind(".//{*}row"):  # noqa: S314 - the same
                cells = []
                for cell in row.iterfind("{*}c"):
                    value = "".join(cell.itertext())
                    cells.append(
                        shared[int(value)]
                        if cell.get("t") == "s" and value.isdigit() and int(value) < len(shared)
                        else value
                    )
                table.append(cells)
    return table


def denied(name: str, path: Path, met: list[tuple[str, float]]) -> str:
    """Return why what was met cannot be; empty where the independent reader sees it too."""
    data = path.read_bytes()
    if name == "zip":
        with zipfile.ZipFile(path) as archive:
            data = b"".join(archive.read(n) for n in archive.namelist()[:1])
    if name in ("csv", "csv16", "xlsx"):
        total = _written(_table_xlsx(data) if name == "xlsx" else _table_csv(data))
        wrong = [m for m in met if m[0] == "T-2" and total + _SLACK < WRITTEN_M2]
        return f"written {float(total)}: {wrong}" if wrong else ""
    drawn = {
        "geojson": _drawn_geojson, "zip": _drawn_geojson, "gpkg": _drawn_gpkg, "dxf": _drawn_dxf, "osm": _drawn_osm,
    }.get(name)  # fmt: skip
    if name == "pbf":
        return ""  # nobody reads it but the library that the readers use
    areas = list(_drawn_shp(path) if name == "shp" else drawn(data) if drawn is not None else ())
    slack = Fraction(1, 200) if name == "osm" else Fraction(1, 10**9)  # a projection measures otherwise
    for rule, measured in met:
        near = [a for a in areas if abs(a - Fraction(measured)) <= _SLACK + a * slack]
        if not any(a + _SLACK + a * slack >= DRAWN_M2 for a in near):
            return f"{rule} measured {measured}, drawn {[float(a) for a in areas]}"
    return ""


# --- the run ----------------------------------------------------------------------------------------


def rules() -> RulePack:
    """Two rules: what is drawn, and what is written."""
    made = [
        Rule(id=name, title="T", kind=kind, clause=_CLAUSE, strength=Strength.MUST, applies=Applies())
        for name, kind in (
            ("T-1", FacilityArea(category="fitness_ground", minimum_m2=DRAWN_M2)),
            ("T-2", RoomArea(rate_m2_per_100_households=0.0, minimum_m2=WRITTEN_M2)),
        )
    ]
    return RulePack(id="mutants", version="1.0.0", title="T", rules=tuple(made))


@dataclass(slots=True)
class Tally:
    """What became of inputs."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


class _PassedError(AssertionError):
    """``inspect_sources`` passes what ``read_site`` refuses."""


def try_one(name: str, path: Path, pack: RulePack, mapping: Path) -> str:
    """Inspect, read and judge a mutated file; return what became of it.

    Raises
    ------
    AssertionError
        If something was met that is not so.
    """
    options: dict[str, Any] = {"mapping": mapping, "crs": "EPSG:4548"} if name == "dxf" else {}
    seen = inspect_sources(path, **options)
    seen.to_dict("zh")
    refused = any(p.effect == "refused" for p in seen.problems)
    try:
        site = read_site(path, **options)
    except PlanError as error:
        if not refused:
            raise _PassedError from error
        return "refused"
    assert not refused, "read_site takes what inspect refuses"
    report = check(site, pack)
    met = [
        (f.rule, float(f.measured))
        for f in report.findings
        if f.status is Status.MET and isinstance(f.measured, int | float)
    ]
    why = denied(name, path, met) if met else ""
    assert not why, f"wrong met: {why}"
    return "met" if met else "read"


def run(
    name: str, numbers: range, *, seed: Path, mapping: Path, at: Callable[[int], None] = lambda _: None
) -> Tally:
    """Try some inputs of a format."""
    tally, pack = Tally(), rules()
    with tempfile.TemporaryDirectory() as text:
        for number in numbers:
            folder = Path(text) / str(number)
            folder.mkdir()
            at(number)
            started = time.thread_time()
            try:
                path = mutate(name, number, seed, folder)
                tally.counts[try_one(name, path, pack, mapping)] += 1
            except Exception as error:  # noqa: BLE001 - every uncaught exception is what is looked for
                tally.counts["failed"] += 1
                tally.failures.append(f"{name}:{number} {type(error).__name__}: {str(error)[:300]}")
            if time.thread_time() - started > 5:
                tally.counts["slow"] += 1
                tally.failures.append(f"{name}:{number} took {time.thread_time() - started:.1f} s of CPU")
            shutil.rmtree(folder, ignore_errors=True)
    return tally


def prepared(folder: Path) -> tuple[dict[str, Path], Path]:
    """Write the sound files and the mapping of the drawing."""
    mapping = folder / "mapping.toml"
    mapping.write_text(_MAPPING, encoding="utf-8")
    return seeds(folder), mapping


FORMATS: Final = ("gpkg", "shp", "geojson", "csv", "csv16", "xlsx", "dxf", "osm", "pbf", "kml", "gpx", "zip")


def _work(name: str, first: int, count: int, seeds_in: str) -> None:
    """Do one batch in this process, and print what became of it."""
    faulthandler.dump_traceback_later(_HANG_S * 10, exit=True)
    warnings.simplefilter("error")
    folder = Path(seeds_in)
    paths = json.loads((folder / "paths.json").read_text("utf-8"))

    def at(number: int) -> None:
        sys.stderr.write(f"at {number}\n")
        sys.stderr.flush()
        faulthandler.dump_traceback_later(_HANG_S, exit=True)

    tally = run(
        name, range(first, first + count), seed=Path(paths[name]), mapping=folder / "mapping.toml", at=at
    )
    _say(json.dumps({"counts": tally.counts, "failures": tally.failures}))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=1e9, help="begin nothing new after so long")
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--work", nargs=4)
    args = parser.parse_args()
    if args.work:
        _work(args.work[0], int(args.work[1]), int(args.work[2]), args.work[3])
        return 0
    names = args.formats.split(",")
    each = -(-args.count // len(names))
    totals = {name: Counter[str]() for name in names}
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        paths, _ = prepared(folder)
        (folder / "paths.json").write_text(
            json.dumps({n: str(p) for n, p in paths.items()}), encoding="utf-8"
        )
        batches = [
            (name, start, min(_BATCH, args.first + each - start))
            for start in range(args.first, args.first + each, _BATCH)
            for name in names
        ]
        running: list[tuple[tuple[str, int, int], subprocess.Popen[str]]] = []
        started = time.monotonic()
        while batches or running:
            if time.monotonic() - started > args.minutes * 60:
                batches.clear()
            while batches and len(running) < args.jobs:
                batch = batches.pop(0)
                command = [sys.executable, __file__, "--work", *map(str, batch), text]
                running.append(
                    (
                        batch,
                        subprocess.Popen(
                            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
                        ),
                    )
                )
            if not running:
                break
            batch, process = running.pop(0)
            out, err = process.communicate()
            name, first, count = batch
            if process.returncode == 0:
                told = json.loads(out.strip().splitlines()[-1])
                totals[name].update(told["counts"])
                failures += told["failures"]
            else:
                last = [line for line in err.splitlines() if line.startswith("at ")][-1:]
                number = int(last[0][3:]) if last else first
                totals[name]["died"] += 1
                failures.append(f"{name}:{number} died with {process.returncode}: {err[-400:]}")
                if number + 1 < first + count:  # what came before it is tried again, too: it is not recorded
                    batches.insert(0, (name, number + 1, first + count - number - 1))
        seconds = time.monotonic() - started
    columns = ("refused", "read", "met", "failed", "slow", "died")
    _say("| format | inputs | " + " | ".join(columns) + " |")
    _say("|---|---|" + "---|" * len(columns))
    for name, counts in totals.items():
        inputs = sum(counts[c] for c in ("refused", "read", "met", "failed", "died"))
        _say(f"| {name} | {inputs} | " + " | ".join(str(counts[c]) for c in columns) + " |")
    whole = sum((totals[n] for n in names), start=Counter[str]())
    _say(
        f"| all | {sum(whole[c] for c in ('refused', 'read', 'met', 'failed', 'died'))} | "
        + " | ".join(str(whole[c]) for c in columns)
        + " |"
    )
    _say(f"\n{seconds:.0f} s, numbers from {args.first} of each format")
    for failure in failures[:60]:
        _say(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(_main())
