"""Shapefiles and archives of them, written and changed record by record, and read again by their description."""

from __future__ import annotations

import random
import shutil
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from mutant_bytes import changed
from mutant_geojson import make_geojson, seen_geojson
from mutant_gpkg import make_gpkg, seen_gpkg
from mutant_oracle import Exact, Seen, exact, nested
from mutant_shapes import Shape, X, Y, random_shape, sound_shapes

__all__ = ["PARTS", "clockwise", "make_shp", "make_zip", "pack", "seen_shp", "seen_zip", "write_shp"]

PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def write_shp(folder: Path, shapes: list[Shape], chance: random.Random, *, kind: int = 5) -> Path:
    """Write the shapes of a shapefile and their index; the table beside them stays."""
    records, index, at = b"", b"", 50
    for number, shape in enumerate(shapes, start=1):
        rings = [ring for rings in shape for ring in rings]
        body = struct.pack("<i", 0) if not rings else _shp_record(rings, kind)
        records += struct.pack(">ii", number, len(body) // 2) + body
        index += struct.pack(">ii", at, len(body) // 2)
        at += 4 + len(body) // 2
    path = folder / "facilities.shp"
    bounds = struct.pack("<8d", X, Y, X + 60, Y + 70, 0, 0, 0, 0)
    for target, body in ((path, records), (path.with_suffix(".shx"), index)):
        head = struct.pack(">i20xi", 9994, 50 + len(body) // 2) + struct.pack("<ii", 1000, kind) + bounds
        target.write_bytes(head + body)
    if chance.random() < 0.03:  # two records of the index in another order
        data = bytearray(path.with_suffix(".shx").read_bytes())
        data[100:108], data[108:116] = data[108:116], data[100:108]
        path.with_suffix(".shx").write_bytes(bytes(data))
    return path


def _shp_record(rings: list[list[tuple[float, float]]], kind: int) -> bytes:
    points = [p for ring in rings for p in ring]
    starts = [sum(map(len, rings[:i])) for i in range(len(rings))]
    xs, ys = [p[0] for p in points] or [0.0], [p[1] for p in points] or [0.0]
    body = struct.pack("<i4dii", kind, min(xs), min(ys), max(xs), max(ys), len(rings), len(points))
    body += struct.pack(f"<{len(starts)}i", *starts) + b"".join(struct.pack("<2d", *p) for p in points)
    if kind in (15, 25):
        body += struct.pack(f"<{2 + len(points)}d", 0, 9, *([7.5] * len(points)))
    return body


def clockwise(shape: Shape) -> Shape:
    """Turn outlines clockwise and holes the other way, as the format asks."""

    def turned(ring: Any, *, clockwise: bool) -> Any:
        try:
            twice = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(exact(ring)))
        except (ValueError, OverflowError):
            return ring
        return ring if (twice < 0) == clockwise else ring[::-1]

    return [[turned(ring, clockwise=i == 0) for i, ring in enumerate(rings)] for rings in shape]


def make_shp(folder: Path, chance: random.Random, sound: Path) -> Path:
    """Write a mutated shapefile."""
    for part in sound.parent.glob(f"{sound.stem}.*"):
        if part.suffix in PARTS:
            shutil.copy(part, folder / part.name)
    path = folder / "facilities.shp"
    way = chance.random()
    if way < 0.6:
        shapes = sound_shapes()
        shapes[chance.randrange(3)] = random_shape(chance)
        if chance.random() < 0.8:
            shapes = [clockwise(shape) for shape in shapes]
        write_shp(folder, shapes, chance, kind=chance.choice((5, 5, 5, 5, 15, 25)))
    if way > 0.45:
        chance.choice((_shp_bytes, _shp_numbers, _dbf, _dbf, _dbf, _side_file))(folder, chance)
    return path


def _shp_bytes(folder: Path, chance: random.Random) -> None:
    target = folder / f"facilities{chance.choice(('.shp', '.shx', '.dbf', '.shp'))}"
    target.write_bytes(changed(target.read_bytes(), chance))


def _shp_numbers(folder: Path, chance: random.Random) -> None:
    """Change whole numbers: of parts, places, lengths, kinds."""
    target = folder / f"facilities{chance.choice(('.shp', '.shp', '.shx'))}"
    data = bytearray(target.read_bytes())
    at = chance.randrange(0, len(data) - 4, 4)
    value = chance.choice((0, 1, 2, 3, 5, 15, 25, 31, -1, 2**31 - 1, len(data) // 2))
    data[at : at + 4] = struct.pack(chance.choice("<>") + "i", value)
    target.write_bytes(bytes(data))


def _dbf(folder: Path, chance: random.Random) -> None:
    """Change the table: names of columns, their kinds and widths, cells, marks of deletion."""
    target = folder / "facilities.dbf"
    data = bytearray(target.read_bytes())
    start, length = struct.unpack_from("<HH", data, 8)
    at = chance.choice(range(32, start - 1, 32))
    row = start + length * chance.randrange(3)
    match chance.randrange(7):
        case 0:
            data[at : at + 11] = chance.choice(
                (b"category", b"area_m2", b"x", b"\xc0\xe0\xb1\xf0", b"facility_i")
            ).ljust(11, b"\x00")
        case 1:
            data[at + 11] = ord(chance.choice("CNFDLMB?"))
        case 2:
            data[row] = chance.choice((0x2A, 0x20, 0))
        case 3:
            word = chance.choice(
                (
                    b"park",
                    b"fitness_ground",
                    "健身场地".encode("gbk"),
                    "健身场地".encode(),
                    b"650",
                    b"\xff\xfe",
                    b"*****",
                    b"",
                )
            )
            data[row + 1 : row + length] = word.ljust(length - 1)[: length - 1]
        case 4:
            data[29] = chance.choice((0, 0x4D, 0x4F, 0x03, 0xFF))
        case 5:
            struct.pack_into("<I", data, 4, chance.choice((0, 1, 2, 4, 2**31)))
        case _:
            other = start + length * chance.randrange(3)
            data[row : row + length], data[other : other + length] = (
                data[other : other + length],
                data[row : row + length],
            )
    target.write_bytes(bytes(data))


def _side_file(folder: Path, chance: random.Random) -> None:
    suffix = chance.choice((".prj", ".prj", ".cpg", ".shx", ".dbf"))
    target = folder / f"facilities{suffix}"
    if suffix == ".cpg":
        target.write_text(
            chance.choice(("UTF-8", "936", "GBK", "", "x" * 100, "BIG5", "UTF-16")), encoding="utf-8"
        )
    elif chance.random() < 0.3 and target.exists():
        target.rename(target.with_suffix(suffix.upper())) if chance.random() < 0.5 else target.unlink()
    else:
        target.write_bytes(changed(target.read_bytes(), chance) if target.exists() else b"x")


def seen_shp(path: Path) -> Iterator[Seen]:
    """Return the records of a .shp one after another, and where its index says they are."""
    data = path.read_bytes()
    starts = []
    at = 100
    while at + 8 <= len(data):
        starts.append(at)
        step = struct.unpack_from(">i", data, at + 4)[0] * 2
        if step < 0:
            break
        at += 8 + step
    index = next(
        (p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.casefold() == ".shx"), None
    )
    if index is not None:
        held = index.read_bytes()
        starts += [struct.unpack_from(">i", held, i)[0] * 2 for i in range(100, len(held) - 7, 8)]
    for start in dict.fromkeys(starts):
        yield Seen(parts=_shp_parts(data, start + 8))


def _shp_parts(data: bytes, at: int) -> list[list[Exact]]:
    """Return the parts of a record: outlines run clockwise, and holes lie in the outline around them."""
    try:
        kind, count, points = struct.unpack_from("<i32xii", data, at)
        if kind % 10 != 5:
            return []
        first = [*struct.unpack_from(f"<{count}i", data, at + 44), points]
        flat = struct.unpack_from(f"<{2 * points}d", data, at + 44 + 4 * count)
        rings = [exact(list(zip(flat[::2], flat[1::2], strict=True))[a:b]) for a, b in pairwise(first)]
    except (struct.error, ValueError, OverflowError, MemoryError):
        return []
    turned = [
        sum((x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]])), start=Fraction(0))
        if ring
        else 0
        for ring in rings
    ]
    outer = [[ring] for ring, turn in zip(rings, turned, strict=True) if turn < 0]
    holes = [ring for ring, turn in zip(rings, turned, strict=True) if turn > 0]
    if not outer:  # somebody turned all of them: where they lie is all that they say
        return nested(holes)
    for hole in holes:
        around = [part for part in outer if _box_in(hole, part[0])] or outer
        around[-1].append(hole)
    return outer


def _box_in(one: Exact, other: Exact) -> bool:
    return all(
        min(p[i] for p in other) <= min(p[i] for p in one)
        and max(p[i] for p in one) <= max(p[i] for p in other)
        for i in (0, 1)
    )


# --- archives ---------------------------------------------------------------------------------------


def pack(path: Path, parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> None:
    """Write an archive."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def make_zip(folder: Path, chance: random.Random, sound: dict[str, Path]) -> Path:
    """Write an archive of a mutated shapefile, GeoPackage or GeoJSON, packed with the right checksums."""
    within = folder / "within"
    within.mkdir()
    kind = chance.choice(("shp", "shp", "gpkg", "geojson"))
    if kind == "geojson":
        make_geojson(within, chance)
    elif kind == "gpkg":
        make_gpkg(within, chance, sound["gpkg"])
    else:
        make_shp(within, chance, sound["shp"])
    inside = chance.choice(("", "图/", "a/b/", "a\\", "./"))
    names = {inside + file.name: file.read_bytes() for file in sorted(within.iterdir())}
    if chance.random() < 0.12:
        name = chance.choice(
            (
                "../x.txt",
                "readme.txt",
                "__MACOSX/._facilities.shp",
                "图.pdf",
                "FACILITIES.SHP",
                "facilities.geojson",
                "/a",
                "C:\\x",
                "空/",
            )
        )
        names[name] = b"{}" if name.endswith("json") else b"x"
    path = folder / "p.zip"
    method = chance.choice(
        (zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    )
    pack(path, names, method)
    shutil.rmtree(within)
    if chance.random() < 0.06:
        path.write_bytes(changed(path.read_bytes(), chance))
    return path


def seen_zip(path: Path) -> Iterator[Seen]:
    """Return the rows of what an archive holds."""
    with tempfile.TemporaryDirectory() as text, zipfile.ZipFile(path) as archive:
        folder = Path(text)
        for name in archive.namelist():
            with suppress(zipfile.BadZipFile, ValueError, OSError):
                (folder / Path(name.replace("\\", "/")).name).write_bytes(archive.read(name))
        for file in sorted(folder.iterdir()):
            match file.suffix.casefold():
                case ".geojson":
                    yield from seen_geojson(file.read_bytes())
                case ".gpkg":
                    with suppress(sqlite3.Error):
                        yield from seen_gpkg(file)
                case ".shp":
                    yield from seen_shp(file)
