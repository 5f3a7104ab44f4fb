"""GeoJSON, changed within, and read again as JSON."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from mutant_bytes import AREAS, CATEGORIES, IDS, NASTY, changed
from mutant_oracle import Exact, Seen, exact
from mutant_shapes import Shape, X, Y, random_shape, sound_shapes
from mutant_tables import seen_row

__all__ = ["geojson", "make_geojson", "seen_geojson"]


def geojson(shapes: list[Shape] | None = None) -> dict[str, Any]:
    """Return a collection of grounds."""
    rows = []
    for i, shape in enumerate(sound_shapes() if shapes is None else shapes, start=1):
        parts = [[[list(p) for p in ring] for ring in rings] for rings in shape]
        one = len(parts) == 1
        rows.append({
            "type": "Feature",
            "properties": {"facility_id": f"F{i}", "category": "fitness_ground", "name": "甲乙丙丁"[i - 1]},
            "geometry": {
                "type": "Polygon" if one else "MultiPolygon",
                "coordinates": parts[0] if one else parts,
            },
        })  # fmt: skip
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
    return {"type": "FeatureCollection", "crs": crs, "features": rows}


def make_geojson(folder: Path, chance: random.Random) -> Path:
    """Write a mutated GeoJSON."""
    shapes = sound_shapes()
    if chance.random() < 0.5:
        shapes[chance.randrange(3)] = random_shape(chance)
    table = geojson(shapes)
    for _ in range(chance.choice((0, 1, 1, 2)) if shapes != sound_shapes() else chance.choice((1, 1, 2))):
        chance.choice(_JSON_CHANGES)(table, chance)
    text = json.dumps(table, ensure_ascii=chance.random() < 0.3)
    if chance.random() < 0.05:
        text = text.replace(
            "facility_id", chance.choice(("facility_id\\u0000", "category", "Geometry", "id")), 1
        )
    encoding = chance.choice(("utf-8", "utf-8", "utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16"))
    data = text.encode(encoding, "replace")
    if chance.random() < 0.12:
        data = changed(data, chance)
    path = folder / "facilities.geojson"
    path.write_bytes(data)
    return path


def _row(table: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    rows = [r for r in table["features"] if isinstance(r, dict) and isinstance(r.get("properties"), dict)]
    return chance.choice(rows) if rows else {"properties": {"name": ""}, "geometry": None}


def _cell(table: dict[str, Any], chance: random.Random) -> None:
    row = _row(table, chance)["properties"]
    key, values = chance.choice((
        ("category", CATEGORIES), ("facility_id", IDS), ("area_m2", AREAS), ("area_m2", AREAS), ("面积", AREAS),
        ("name", NASTY), ("facility_id", (None, 1, 1.5, True, [], {}, 2**63, 1e300, *NASTY)), ("geometry", ("x", {})),
        ("category", (None, 1, [], {"a": 1}, *NASTY)), ("x", (2**70, -(2**70), [1, "a"], float("nan"))), (" facility_id", ("F9",)),
    ))  # fmt: skip
    row[key] = chance.choice(values)


def _geometry(table: dict[str, Any], chance: random.Random) -> None:
    row = _row(table, chance)
    shape = row.get("geometry")
    row["geometry"] = chance.choice((
        None, {}, [], 5, {"type": "Point"}, {"type": "Point", "coordinates": [X, Y]}, {"type": "Polygon", "coordinates": None},
        {"type": "GeometryCollection", "geometries": [shape]}, {"type": "GeometryCollection", "geometries": [shape, shape]},
        {"type": "GeometryCollection", "geometries": []}, {"type": "MultiPolygon", "coordinates": []}, shape,
        {"type": "LineString", "coordinates": [[X, Y], [X + 9, Y]]}, {"type": "polygon", "coordinates": []},
        {"type": "MultiLineString", "coordinates": (shape or {}).get("coordinates") if isinstance(shape, dict) else []},
        {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": [shape]}]},
    ))  # fmt: skip


def _position(table: dict[str, Any], chance: random.Random) -> None:
    shape = _row(table, chance).get("geometry")
    ring = shape.get("coordinates") if isinstance(shape, dict) else None
    while (
        isinstance(ring, list)
        and ring
        and isinstance(ring[0], list)
        and ring[0]
        and isinstance(ring[0][0], list)
    ):
        ring = chance.choice(ring)
    if isinstance(ring, list) and ring:
        ring[chance.randrange(len(ring))] = chance.choice((
            [], [1], ["a", "b"], None, [X, Y, 0, 0, 0], [float("inf"), 0], [X, Y, float("nan")], [X, Y, 12.0], [str(X), str(Y)],
            [True, False], {"x": X, "y": Y}, [[X, Y]], [X, None], [2**70, 1],
        ))  # fmt: skip


def _swapped_rows(table: dict[str, Any], chance: random.Random) -> None:
    one, other = _row(table, chance), _row(table, chance)
    one["properties"], other["properties"] = other["properties"], dict(one["properties"])


def _crs(table: dict[str, Any], chance: random.Random) -> None:
    names = (
        "urn:ogc:def:crs:EPSG::4547",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "EPSG:3857",
        "EPSG:999999",
        "",
        "x",
        "EPSG:2436",
        "EPSG:32650",
    )
    table["crs"] = chance.choice((
        None, {}, 4548, {"type": "name"}, *({"type": "name", "properties": {"name": name}} for name in names),
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/x"}}, {"type": "EPSG", "properties": {"code": 4548}},
    ))  # fmt: skip


def _table(table: dict[str, Any], chance: random.Random) -> None:
    rows = table["features"]
    match chance.randrange(8):
        case 0:
            rows.append(chance.choice((None, 5, [], {}, {"type": "Feature"}, dict(rows[0]) if rows else {})))
        case 1 if rows:
            del rows[chance.randrange(len(rows))]
        case 2:
            table["bbox"] = chance.choice(([0, 0, 1, 1], "x", [float("nan")] * 4))
        case 3 if rows and isinstance(rows[0], dict):
            rows[0]["id"] = chance.choice((1, "F1", None, [], 2**70, -1))
        case 4:
            table["type"] = chance.choice(
                ("featureCollection", "Feature", "GeometryCollection", None, "Topology")
            )
        case 5:
            table["name"] = chance.choice(("buildings", "../x", "x" * 300, 5))
        case 6 if rows and isinstance(rows[0], dict):
            rows[0]["properties"] = chance.choice((None, {}, [], "x"))
        case _:
            rows.reverse()


_JSON_CHANGES: Final[tuple[Callable[[dict[str, Any], random.Random], None], ...]] = (
    _cell, _cell, _cell, _geometry, _position, _position, _swapped_rows, _crs, _table, _table,
)  # fmt: skip


def seen_geojson(data: bytes) -> Iterator[Seen]:
    """Return the rows of a GeoJSON, by Python's own reader."""
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            table = json.loads(data.decode(encoding))
            break
        except (ValueError, RecursionError):
            continue
    else:
        return
    rows = table.get("features", [table]) if isinstance(table, dict) else []
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            said = row.get("properties") if isinstance(row.get("properties"), dict) else {}
            yield seen_row(
                {_up_to_nul(k): _up_to_nul(v) for k, v in said.items()}, _parts_of(row.get("geometry"))
            )


def _up_to_nul(text: Any) -> Any:
    """Return a text as it is read by programs for which NUL ends it; they say so."""
    return text.partition("\0")[0] if isinstance(text, str) else text


def _parts_of(shape: Any) -> list[list[Exact]]:
    if not isinstance(shape, dict):
        return []
    if shape.get("type") == "GeometryCollection":
        return [part for one in shape.get("geometries") or [] for part in _parts_of(one)]
    held = shape.get("coordinates")
    parts = [held] if shape.get("type") == "Polygon" else held if shape.get("type") == "MultiPolygon" else []
    try:
        return [[exact(ring) for ring in rings] for rings in parts or []]
    except (TypeError, ValueError, OverflowError):
        return []
