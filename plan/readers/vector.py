"""GeoPackages and shapefiles as layers; GeoJSON has a page of its own."""

from __future__ import annotations

import shutil
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np

from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._shp_rings import misnumbered, unclear_rings
from plan.readers.dbf import read_dbf
from plan.readers.driver import DriverTable, read_crs, read_layer
from plan.readers.encodings import decode_value
from plan.readers.geopackage import examine
from plan.readers.raw import RawLayer
from plan.readers.systems import systems_in
from plan.text_safety import plain

__all__ = ["SHP_PARTS", "read_geopackage", "read_shapefile", "sidecars"]

SHP_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SHP_MAGIC: Final = 9994
_SHP_HEADER: Final = 100  # bytes
_SHX_RECORD: Final = 8  # bytes
_LONGEST: Final = 200  # characters of a file's own words
_LONGEST_PRJ: Final = 1 << 16  # bytes of a definition of a system; those of EPSG have some 1000


def read_geopackage(path: Path, shown: str, found: ProblemList) -> list[RawLayer]:
    """Read all tables of a GeoPackage.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    shown : str
        The file as the user named it.
    found : ProblemList
        Where problems are noted. A file with a refused problem is not opened by GDAL at all.

    Returns
    -------
    list of RawLayer
        Its layers in the order of its table of contents.
    """
    before = len(found.problems)
    tables = examine(path, found)
    if any(p.effect == "refused" for p in found.problems[before:]):
        return []
    layers = []
    for table in tables:
        # Tables that the contents do not list are not ours to read: views may be among them.
        read = read_layer(
            str(path.resolve()), found, layer=table.name, columns=list(table.columns), LIST_ALL_TABLES="NO"
        )
        if read is None:
            continue
        if len(read.frame) != table.rows:
            message = Message(
                "readers.rows_lost", layer=plain(table.name), read=len(read.frame), rows=table.rows
            )
            found.add("PLAN-FILE-006", "error", "refused", message)
        if table.curves:
            message = Message("readers.curves", layer=plain(table.name), count=len(table.curves))
            found.add("PLAN-GEOM-008", "info", "repaired", message, rows=table.curves)
        frame = read.frame
        for column, rows in table.mistyped.items():
            if column not in frame.columns or len(frame) != table.rows:
                continue
            frame[column] = frame[column].astype(object)
            frame.loc[frame.index[np.array(rows) - 1], column] = None
            message = Message(
                "readers.gpkg_types", layer=plain(table.name), column=plain(column), rows=rows[:20]
            )
            found.add("PLAN-ATTR-002", "error", "degraded", message, column=plain(column), rows=rows)
        systems = tuple(system for text in table.systems for system in systems_in(text))
        layers.append(RawLayer(name="", frame=frame, path=shown, source_layer=table.name, systems=systems))
    return layers


def sidecars(path: Path) -> dict[str, Path]:
    """Return the parts of a shapefile by their endings in lower case; the endings may be in any case."""
    parts: dict[str, Path] = {}
    for other in sorted(path.parent.iterdir()):
        suffix = other.suffix.casefold()
        if suffix in SHP_PARTS and other.stem.casefold() == path.stem.casefold():
            parts.setdefault(suffix, other)
    return parts


def read_shapefile(
    path: Path, shown: str, found: ProblemList, *, encoding: str | None = None
) -> list[RawLayer]:
    """Read a shapefile: shapes by GDAL, the table byte by byte.

    Parameters
    ----------
    path : pathlib.Path
        The ``.shp`` file; its parts lie beside it.
    shown : str
        The file as the user named it.
    found : ProblemList
        Where problems and the decision on the encoding are noted.
    encoding : str, optional
        What the user says the table is encoded in.

    Returns
    -------
    list of RawLayer
        One layer, or none when the file cannot be used.
    """
    parts = sidecars(path)
    absent = tuple(s for s in (".shx", ".dbf") if s not in parts)
    if absent:
        key = "readers.shx_missing" if ".shx" in absent else "readers.dbf_missing"
        message = Message(key, file=plain(path.name))
        found.add("PLAN-FILE-005", "error", "refused", message)
        return []
    count = _shapes_in(path, parts[".shx"])
    if count is None:
        found.add("PLAN-FILE-001", "error", "refused", Message("readers.shp_broken", file=plain(path.name)))
        return []
    declared = parts[".cpg"].read_text("ascii", errors="replace").strip() or None if ".cpg" in parts else None
    table = read_dbf(parts[".dbf"], declared=declared, given=encoding, found=found)
    if table is None:
        return []
    if not _belong_together(path, parts[".shx"], count, table.rows, found):
        return []
    read = _shapes_of(path, parts, found)
    if read is None:
        return []
    rows = table.frame.iloc[np.asarray(read.fids, dtype=np.int64)].reset_index(drop=True)
    rows = rows.rename(columns={"geometry": "geometry_"})  # a column of the table, not the shapes
    drawn = np.array(read.frame.geometry.array, dtype=object)
    unclear = unclear_rings(path, parts[".shx"], drawn, np.asarray(read.fids, dtype=np.int64))
    if len(unclear):
        drawn[unclear] = None
        places = tuple(int(i) + 1 for i in unclear)
        message = Message("readers.rings_turned", rows=places[:20])
        found.add("PLAN-GEOM-007", "error", "degraded", message, rows=places)
    shapes = gpd.GeoSeries(drawn, index=rows.index, crs=read.frame.crs)
    frame = gpd.GeoDataFrame(rows, geometry=shapes)
    return [
        RawLayer(
            name="",
            frame=frame,
            path=shown,
            source_layer=path.stem,
            encoding=table.encoding,
            systems=systems_in(_said_in(parts)),
        )
    ]


def _belong_together(shp: Path, shx: Path, shapes: int, rows: int, found: ProblemList) -> bool:
    """Tell whether each shape is of the row that it says; a table or an index from elsewhere is refused."""
    if rows != shapes:
        message = Message("readers.shp_dbf", file=plain(shp.name), shapes=shapes, rows=rows)
        found.add("PLAN-FILE-006", "error", "refused", message)
        return False
    astray = tuple(int(i) + 1 for i in misnumbered(shp, shx))
    if astray:
        message = Message("readers.shx_order", file=plain(shp.name), rows=astray[:20])
        found.add("PLAN-FILE-006", "error", "refused", message, rows=astray)
    return not astray


def _said_in(parts: Mapping[str, Path]) -> str:
    """Return the definition of the system beside the shapes, empty where there is none that is text."""
    said = parts[".prj"].read_bytes()[:_LONGEST_PRJ] if ".prj" in parts else b""
    return decode_value(said, "UTF-8") or decode_value(said, "GB18030") or ""


def _shapes_of(path: Path, parts: Mapping[str, Path], found: ProblemList) -> DriverTable | None:
    """Read the shapes; a system whose name is Chinese in GBK is read by us, because the driver fails on it."""
    said = parts[".prj"].read_bytes() if ".prj" in parts else b""
    if decode_value(said, "UTF-8") is not None:
        return read_layer(str(path.resolve()), found, columns=[], encoding="ISO-8859-1")
    with tempfile.TemporaryDirectory(prefix="plan-shapes-") as folder:
        bare = Path(folder) / "shapes.shp"
        for suffix in (".shp", ".shx"):
            shutil.copyfile(parts[suffix], bare.with_suffix(suffix))
        read = read_layer(str(bare), found, columns=[])
    if read is None:
        return None
    text = decode_value(said, "GB18030")
    if text is None:
        message = Message("readers.crs_unreadable", crs=plain(said.decode("ascii", "replace"))[:_LONGEST])
        found.add("PLAN-CRS-001", "error", "noted", message)
        return read
    crs = read_crs(text, found)
    return read if crs is None else replace(read, frame=read.frame.set_crs(crs))


def _shapes_in(shp: Path, shx: Path) -> int | None:
    """Count the shapes by the index; None when a header is broken or the shapes are cut short."""
    with shp.open("rb") as file:
        head = file.read(_SHP_HEADER)
    if len(head) < _SHP_HEADER or struct.unpack_from(">i", head)[0] != _SHP_MAGIC:
        return None
    words = struct.unpack_from(">i", head, 24)[0]
    size = shx.stat().st_size
    if shp.stat().st_size < words * 2 or size < _SHP_HEADER:
        return None
    return (size - _SHP_HEADER) // _SHX_RECORD
