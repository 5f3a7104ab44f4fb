"""GeoJSON, parsed once before GDAL reads it: depth, doubled keys, and where a cut file ends."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.driver import DriverTable, read_layer
from plan.readers.encodings import decode_table
from plan.readers.raw import RawLayer
from plan.text_safety import plain

__all__ = ["read_geojson"]

_TYPES: Final = (
    "FeatureCollection", "Feature", "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon",
    "MultiPolygon", "GeometryCollection",
)  # fmt: skip
_MEMBERS: Final = frozenset(
    {"type", "features", "geometry", "geometries", "coordinates", "properties", "crs"}
)
_LOOKED_AT: Final = 1 << 20  # characters in which lines are looked for
_AREAS: Final = (3, 6)  # GEOS' numbers of polygons and multipolygons
_LONGEST: Final = 200  # characters of a file's own words
_COLUMNS: Final = 1000
_NUL: Final = r"\u0000"
_WITH_NUL: Final = re.compile(r'"(?:[^"\\]|\\(?!u0000).)*+\\u0000(?:[^"\\]|\\.)*"')  # a text that holds it
_NAMED: Final = 10
_SMALL: Final = 32 << 20  # bytes; a file of blanks that is no larger does no harm
_BLANK: Final = b" \t\r\n\x00"
_LEAST_SAID: Final = 0.05  # of a file; of one that is set out in lines and indents it is a third
_LARGEST: Final = 512 * 1024 * 1024  # bytes; beyond it a GeoPackage is the better file


def read_geojson(
    path: Path, shown: str, found: ProblemList, *, encoding: str | None = None
) -> list[RawLayer]:
    """Read a GeoJSON file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    shown : str
        The file as the user named it.
    found : ProblemList
        Where problems are noted.
    encoding : str, optional
        What the user says it is encoded in; RFC 7946 says UTF-8.

    Returns
    -------
    list of RawLayer
        One layer, or none when the file cannot be used.
    """
    if path.stat().st_size > _LARGEST or _mostly_blank(path):
        large = path.stat().st_size > _LARGEST
        message = Message("readers.json_large", mb=_LARGEST >> 20) if large else Message("readers.json_blank")
        found.add("PLAN-SEC-002", "error", "refused", message)
        return []
    data = path.read_bytes()
    plain_text = _utf8(data) if encoding is None else None
    as_named = plain_text is not None
    decoded = decode_table(data, given=encoding, found=found) if plain_text is None else (plain_text, "UTF-8")
    if decoded is None:
        return []
    text, read_as = decoded
    document = _parse(text, found)
    if document is None or _too_wide(document, found):
        return []
    # The driver is named: a file that calls itself .geojson may be something else that GDAL follows.
    table = read_layer(f"GeoJSON:{path.resolve()}" if as_named else text.encode("utf-8"), found)
    if table is None:
        return []
    if not _mind_losses(document, table, path, found):
        return []
    said = document.get("crs")
    frame = table.frame
    if said is not None and (text := _unknown_system(said)):
        # The driver takes it for WGS 84 without a word.
        message = Message("readers.crs_unreadable", crs=plain(text)[:_LONGEST])
        found.add("PLAN-CRS-001", "error", "noted", message)
        frame = frame.set_crs(None, allow_override=True)
    flawed = _uneven_heights(document)
    if flawed:
        message = Message("readers.heights_missing", rows=flawed[:20])
        found.add("PLAN-GEOM-006", "info", "repaired", message, rows=flawed)
    return [
        RawLayer(
            name="",
            frame=frame,
            path=shown,
            source_layer=path.stem,
            crs_assumed=said is None,
            encoding=read_as,
        )
    ]


def _mostly_blank(path: Path) -> bool:
    """Tell whether a large file holds next to nothing: spaces, or the zeros of a disk that was full."""
    size = path.stat().st_size
    if size <= _SMALL:
        return False
    said = 0
    with path.open("rb") as file:
        while piece := file.read(_LOOKED_AT):
            said += len(piece.translate(None, _BLANK))
    return said < size * _LEAST_SAID


def _unknown_system(said: object) -> str:
    """Return what a member ``crs`` (GeoJSON of 2008) says where it is no system that PROJ knows; empty where it is."""
    held = said.get("properties") if isinstance(said, dict) else None
    named = next((held[k] for k in ("name", "code") if k in held), None) if isinstance(held, dict) else None
    text = str(named if named is not None else said)
    if text.casefold() == "crs84":  # as some write it, without its authority
        return ""
    try:
        pyproj.CRS.from_user_input(int(text) if text.isdigit() else text)
    except pyproj.exceptions.CRSError:
        return text
    return ""


def _utf8(data: bytes) -> str | None:
    """Decode what RFC 7946 says it is."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _parse(text: str, found: ProblemList) -> dict[str, Any] | None:
    doubled: Counter[str] = Counter()
    strange: Counter[str] = Counter()

    def keep(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            doubled.update(k for k, n in Counter(k for k, _ in pairs).items() if n > 1)
        return table

    def constant(name: str) -> float:
        strange[name] += 1
        return float(name)

    try:
        document = json.loads(text.lstrip("\ufeff"), object_pairs_hook=keep, parse_constant=constant)
    except RecursionError:
        found.add("PLAN-SEC-001", "error", "refused", Message("readers.json_deep"))
        return None
    except ValueError as error:
        if _in_lines(text):
            found.add("PLAN-FILE-008", "error", "refused", Message("readers.json_lines"))
            return None
        at = getattr(error, "pos", 0)
        line = getattr(error, "lineno", 0)
        message = Message("readers.json_broken", at=at, line=line, length=len(text))
        found.add("PLAN-FILE-001", "error", "refused", message)
        return None
    if not isinstance(document, dict) or document.get("type") not in _TYPES or _misspelt(document):
        _refuse_other(document, found)
        return None
    _tell_strange(text, doubled, strange, found)
    return document


def _tell_strange(text: str, doubled: Counter[str], strange: Counter[str], found: ProblemList) -> None:
    """Tell what is no JSON, or read otherwise by other programs: keys said twice, NaN, texts that hold NUL."""
    if doubled:
        keys = tuple(plain(key) for key in sorted(doubled)[:_NAMED])
        found.add("PLAN-FILE-009", "warning", "noted", Message("readers.json_twice", keys=keys))
    if _NUL in text and (cut := [json.loads(one[0]) for one in _WITH_NUL.finditer(text)]):
        texts = tuple(plain(one) for one in dict.fromkeys(cut))[:_NAMED]
        found.add("PLAN-ENC-005", "warning", "degraded", Message("readers.json_nul", texts=texts))
    if strange:
        found.add("PLAN-FILE-012", "warning", "noted", Message("readers.json_nan", count=strange.total()))


def _refuse_other(document: object, found: ProblemList) -> None:
    if isinstance(document, dict) and "elements" in document and "type" not in document:
        found.add("PLAN-FILE-008", "error", "refused", Message("readers.json_osm"))
    elif kind := _of_other_program(document):
        message = Message("readers.foreign_gis", name=plain(Path(found.path).name), kind=kind)
        found.add("PLAN-FILE-008", "error", "refused", message)
    else:
        found.add("PLAN-FILE-001", "error", "refused", Message("readers.json_other"))


def _of_other_program(document: object) -> str:
    """Return what JSON with shapes in another form is called; empty for what is none."""
    if not isinstance(document, dict):
        return ""
    if document.get("type") == "Topology":
        return "TopoJSON"
    return "Esri JSON" if "geometryType" in document and "features" in document else ""


def _too_wide(document: dict[str, Any], found: ProblemList) -> bool:
    """Refuse more columns than a table has: the driver compares each name with all the others."""
    names: set[str] = set()
    features = document.get("features")
    for feature in features if isinstance(features, list) else [document]:
        said = feature.get("properties") if isinstance(feature, dict) else None
        names.update(said if isinstance(said, dict) else ())
        if len(names) > _COLUMNS:
            found.add("PLAN-SEC-002", "error", "refused", Message("readers.json_wide", columns=_COLUMNS))
            return True
    return False


def _in_lines(text: str) -> bool:
    """Tell whether each of the first lines is a JSON of its own, as in RFC 8142."""
    lines = [line.strip("\x1e \r") for line in text[:_LOOKED_AT].split("\n")[:-1] if line.strip()][:2]
    try:
        return len(lines) > 1 and all(isinstance(json.loads(line), dict) for line in lines)
    except (ValueError, RecursionError):
        return False


def _misspelt(document: dict[str, Any]) -> bool:
    """Tell whether a member is named in another case (RFC 7946, 1.4): the driver takes it, and no other reader does."""
    features = document.get("features")
    rows = [row for row in features if isinstance(row, dict)] if isinstance(features, list) else []
    shapes = [row["geometry"] for row in (document, *rows) if isinstance(row.get("geometry"), dict)]
    return any(
        name not in _MEMBERS and name.casefold() in _MEMBERS
        for one in (document, *rows, *shapes)
        for name in one
    )


def _uneven_heights(document: dict[str, Any]) -> tuple[int, ...]:
    """Return the rows where some positions have a height and others have none; GDAL writes 0 there."""
    features = document.get("features")
    if not isinstance(features, list):
        return ()
    rows = []
    for row, feature in enumerate(features, start=1):
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if isinstance(geometry, dict) and len(set(_lengths(geometry.get("coordinates")))) > 1:
            rows.append(row)
    return tuple(rows)


def _lengths(coordinates: object) -> list[int]:
    if not isinstance(coordinates, list) or not coordinates:
        return []
    if not isinstance(coordinates[0], list):
        return [min(len(coordinates), 3)]
    return [n for part in coordinates for n in _lengths(part)]


def _mind_losses(document: dict[str, Any], table: DriverTable, path: Path, found: ProblemList) -> bool:
    """Tell what the driver passes over without a word: rows that are no features, rings and parts that are no places.

    Returns
    -------
    bool
        False where rows are missing; a shape that lost a part is taken away, and told.
    """
    rows = document.get("features")
    if not isinstance(rows, list):
        return True
    if len(rows) != len(table.frame):
        message = Message("readers.rows_lost", layer=plain(path.stem), read=len(table.frame), rows=len(rows))
        found.add("PLAN-FILE-006", "error", "refused", message)
        return False
    shapes = np.asarray(table.frame.geometry.array, dtype=object)
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    written = np.array([_parts_written(row.get("geometry")) for row in rows])
    kept = shapely.get_num_geometries(shapes)
    areas = np.isin(shapely.get_type_id(shapes), _AREAS)
    # Only polygons have rings; those of many parts are asked part by part.
    parts, owner = shapely.get_parts(shapes[areas], return_index=True)
    _, index = shapely.get_rings(parts, return_index=True)
    kept[areas] = np.bincount(owner[index], minlength=int(areas.sum()))
    nothing = ~drawn & np.array([_is_written(row.get("geometry")) for row in rows], dtype=bool)
    lost = np.flatnonzero(nothing | (drawn & (written >= 0) & (kept < written)))
    if len(lost):
        places = tuple(int(i) + 1 for i in lost)
        shapes = shapes.copy()
        shapes[lost] = None
        table.frame.geometry = gpd.GeoSeries(shapes, index=table.frame.index, crs=table.frame.crs)
        message = Message("readers.shape_unreadable", rows=places[:20])
        found.add("PLAN-GEOM-007", "error", "degraded", message, rows=places)
    return True


def _is_written(geometry: object) -> bool:
    """Tell whether there is something to draw, whatever a driver makes of it."""
    return isinstance(geometry, dict) and bool(geometry.get("coordinates") or geometry.get("geometries"))


def _parts_written(geometry: object) -> int:
    """Return how many rings, lines or points a geometry has as it is written; -1 where nobody asks."""
    held = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or not isinstance(held, list):
        return -1
    match geometry.get("type"):
        case "Polygon":
            return sum(ring != [] for ring in held)
        case "MultiPolygon":
            return sum(sum(ring != [] for ring in part) if isinstance(part, list) else 1 for part in held)
        case "MultiLineString" | "MultiPoint":
            return sum(part != [] for part in held)
    return -1
