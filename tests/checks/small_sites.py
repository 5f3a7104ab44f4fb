"""Sites that can be counted by hand: boxes on a metric grid, and rules that look at them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pyproj
from shapely import LineString, Point, Polygon, box

from plan.checks import check
from plan.findings import Clause, Finding, Problem, Strength
from plan.rules import Applies, Kind, Rule, RulePack, kinds
from plan.schema import LAYERS
from plan.site import Site
from plan.validation import validate

CRS = pyproj.CRS.from_epsg(4548)
X, Y = 500_000.0, 2_900_000.0  # the corner of every site, Sanming

CLAUSE = Clause(document="D", number="N", article="1", quote="Q", effective=None)


def area(x: float, y: float, width: float, height: float) -> Polygon:
    return box(X + x, Y + y, X + x + width, Y + y + height)


def at(x: float, y: float) -> Point:
    return Point(X + x, Y + y)


def line(*points: tuple[float, float]) -> LineString:
    return LineString([(X + x, Y + y) for x, y in points])


def layer(name: str, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    columns = list(dict.fromkeys(c for row in rows for c in row if c != "geometry"))
    columns = columns or [c.name for c in LAYERS[name].columns]
    table = {c: [row.get(c) for row in rows] for c in columns}
    frame = gpd.GeoDataFrame(table, geometry=[row.get("geometry") for row in rows], crs=CRS)
    return validate(name, frame)[0]


def site(
    *, repaired: dict[str, tuple[str, ...]] | None = None, estimates: tuple[str, ...] = (), **layers: list
) -> Site:
    mended = tuple(
        Problem(
            id="PLAN-GEOM-001",
            severity="error",
            effect="repaired",
            message="mended",
            cure="",
            layer=name,
            features=ids,
        )
        for name, ids in (repaired or {}).items()
    )
    frames = {name: layer(name, rows) for name, rows in layers.items()}
    return Site(name="S", layers=frames, crs=CRS, problems=mended, estimates=estimates)


def rule(kind: Kind, **more: Any) -> Rule:
    fields: dict[str, Any] = {
        "id": "T-1",
        "title": "T",
        "kind": kind,
        "clause": CLAUSE,
        "strength": Strength.MUST,
        "applies": Applies(),
    }
    return Rule(**(fields | more))


def pack(*rules: Rule, on: str | None = None) -> RulePack:
    return RulePack(id="test", version="1.0.0", title="T", rules=rules, on=on)


def judged(where: Site, kind: Kind, *, earlier: Site | None = None, **more: Any) -> Finding:
    """Judge a site by one rule that gives one finding."""
    (found,) = check(where, pack(rule(kind, **more)), earlier=earlier).findings
    return found


def homes(count: int, **same: Any) -> list[dict[str, Any]]:
    return [{"household_id": f"H{i}", "building_id": "B1"} | same for i in range(count)]


def room(name: str, area_m2: float | None, floor: int | None = 1, **more: Any) -> dict[str, Any]:
    return {"room_id": name, "floor": floor, "area_m2": area_m2, "use": "office", "state": "planned"} | more


# What several modules judge by, and the community in which they do.
MIN = kinds.RoomArea(minimum_m2=300)
BY_COMMUNITY = kinds.RoomArea(minimum_m2=300, per="community")
SQUARE = {"community_id": "S1", "geometry": area(0, 0, 100, 100)}
