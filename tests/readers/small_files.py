"""Small files of each format, written by hand or by GDAL, whose content a test can count."""

from __future__ import annotations

import struct
import warnings

import geopandas as gpd
from shapely import Point, box


def write_shapefile(folder, stem, fields, rows, *, encoding="utf-8", cpg=None, prj=True, boxes=None):
    """Write a shapefile of boxes byte by byte: GDAL would not write the tables that are met in the field.

    `fields` are (name as bytes, type, length, decimals); `rows` hold bytes or text.
    """
    boxes = boxes or [(500000 + 30 * i, 4058000, 500010 + 30 * i, 4058010) for i in range(len(rows))]
    frame = gpd.GeoDataFrame({"i": range(len(boxes))}, geometry=[box(*b) for b in boxes], crs=4548)
    frame.to_file(folder / f"{stem}.shp", engine="pyogrio")
    for suffix in (".cpg", ".dbf"):
        (folder / f"{stem}{suffix}").unlink()
    if not prj:
        (folder / f"{stem}.prj").unlink()
    if cpg is not None:
        (folder / f"{stem}.cpg").write_text(cpg, encoding="ascii")
    length = 1 + sum(size for _, _, size, _ in fields)
    out = struct.pack("<4BIHH20x", 3, 126, 11, 22, len(rows), 33 + 32 * len(fields), length)
    for name, kind, size, decimals in fields:
        out += struct.pack("<11sc4xBB14x", name, kind, size, decimals)
    out += b"\r"
    for row in rows:
        out += b" "
        for (_, _, size, _), value in zip(fields, row, strict=True):
            raw = value if isinstance(value, bytes) else value.encode(encoding)
            out += raw[:size].ljust(size)
    (folder / f"{stem}.dbf").write_bytes(out + b"\x1a")
    return folder / f"{stem}.shp"


def buildings(count=2, *, crs=4548, x=500000.0, y=4058000.0):
    ids = [f"B{i + 1}" for i in range(count)]
    shapes = [box(x + 30 * i, y, x + 30 * i + 10, y + 10) for i in range(count)]
    frame = gpd.GeoDataFrame({"building_id": ids, "floors": [6] * count}, geometry=shapes, crs=4548)
    return frame if crs == 4548 else frame.to_crs(crs)


def parcel(*, x=499980.0, y=4057980.0, size=200.0):
    return gpd.GeoDataFrame({"parcel_id": ["P1"]}, geometry=[box(x, y, x + size, y + size)], crs=4548)


def write_gpkg(path, **layers):
    for name, frame in layers.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL remarks on layers without a system
            frame.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    return path


def points(count, *, x=500000.0, y=4058000.0, **columns):
    return gpd.GeoDataFrame(columns, geometry=[Point(x + 10 * i, y) for i in range(count)], crs=4548)


def ids_of(problems):
    return [p.id for p in problems]
