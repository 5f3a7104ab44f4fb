"""A measure of stalls: whether the design car gets from a gate of the site into each of them and out again.

Cars drive on the aisles, on streets of the site whose width is known, and on fire lanes. Cars come in where one of
these crosses the edge of the site at a gate. Buildings, obstacles and barriers stand in the way. Stalls are taken to
be paved, the ground that is drawn for turning, and so are the teeth between slanted stalls and their aisle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from plan.checks.amounts import Gap, column_gap, gap, layer_gap, repaired_gap
from plan.checks.facts import Facts
from plan.checks.places import geojson
from plan.checks.stalls import lane_ground
from plan.checks.verdicts import cannot_tell, every, numbers
from plan.findings import Finding
from plan.parking import Fault, FaultKind, Level, verify
from plan.parking.room import rectangles
from plan.rules import Rule
from plan.rules.kinds import StallsDrivable

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["stalls_drivable"]

_NEEDED: Final = (
    ("stalls", ()),
    ("aisles", ("direction", "width_m")),
    ("parcels", ()),
    ("entrances", ("kind",)),
    ("buildings", ()),
    ("obstacles", ()),
)
# Buildings and obstacles may be none: a layer without rows says so. Of the others nothing can be told then.
_ROWS: Final = ("stalls", "aisles", "parcels", "entrances")
_MENDED: Final = (
    "stalls",
    "aisles",
    "parcels",
    "buildings",
    "obstacles",
    "fire_lanes",
    "walkways",
    "barriers",
)
_AT_GATE_M: Final = 10.0  # from the point of a gate to where a way crosses the edge of the site
_POLE_M: Final = 0.15  # radius of an obstacle of which only the middle is known; this tool's default
_WALL_M: Final = 0.1  # half the width of a wall
_TOOTH_M: Final = 2.5  # how far the ground before a stall is taken to be paved: its width
_DRIVEN: Final = ("garage_ramp",)  # obstacles that cars drive on
_DRIVING: Final = frozenset({
    FaultKind.STALL_UNREACHED, FaultKind.NO_WAY_IN, FaultKind.NO_WAY_OUT, FaultKind.NO_MANOEUVRE, FaultKind.TIGHT_TURN,
    FaultKind.STALL_IN_AISLE, FaultKind.STALL_ON_OBSTACLE, FaultKind.STALL_UNUSABLE,
})  # fmt: skip
_OF_AISLES: Final = frozenset({
    FaultKind.DEAD_END, FaultKind.ONE_WAY_DEAD_END, FaultKind.AISLES_OPPOSE, FaultKind.TURNING_PLACE_TIGHT,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ground:
    lot: Polygon | MultiPolygon
    gates: NDArray[np.object_]
    ways: gpd.GeoDataFrame
    lanes: NDArray[np.object_]
    things: NDArray[np.object_]


def stalls_drivable(facts: Facts, rule: Rule) -> Finding:
    """Drive the design car into every stall on the ground and out again."""
    kind = numbers(rule, StallsDrivable)
    missing = next((g for layer, columns in _NEEDED if (g := facts.has(layer, *columns))), None)
    missing = missing or next((layer_gap(n) for n in _ROWS if len(facts.site.layers[n]) == 0), None)
    if missing:
        return cannot_tell(rule, missing, unit="stall")
    stalls = facts.surface_stalls
    ground = _ground(facts, stalls)
    judged: dict[str, bool | Gap]
    faults: dict[str, list[Fault]] = {}
    if len(ground.gates) == 0:
        judged = dict.fromkeys(stalls["stall_id"], gap("missing_data", "no_way_through_gate"))
    else:
        found = verify(
            ground.lot,
            stalls,
            ground.ways,
            gates=list(ground.gates),
            obstacles=list(ground.things),
            fire_lanes=list(ground.lanes),
            clearance_m=kind.clearance_m,
            dead_end_m=kind.dead_end_m,
        )
        own = set(facts.site.layers["aisles"]["aisle_id"])
        for fault in found:
            told = fault.stalls if fault.kind in _DRIVING else ()
            if fault.kind in _OF_AISLES:
                told = tuple(a for a in fault.aisles if a in own)
            for name in told:
                faults.setdefault(name, []).append(fault)
        doubt = _doubt(facts, ground)
        names = [*stalls["stall_id"], *(name for name in faults if name in own)]
        judged = {name: _answer(name, faults.get(name, []), doubt) for name in names}
    shown = [name for name, kept in judged.items() if kept is False] or [
        name for name, kept in judged.items() if kept is not True
    ]
    where = [fault.geometry for name in shown for fault in faults.get(name, [])]
    return every(
        rule,
        judged,
        nothing=gap("missing_data", "no_surface_stalls"),
        remedy="stall_not_drivable",
        measured=float(sum(judged.get(name) is True for name in stalls["stall_id"])),
        required=float(len(stalls)),
        unit="stall",
        geometry=geojson(where, facts.site.crs) or facts.where("stalls", shown),
    )


def _answer(name: str, faults: list[Fault], doubt: Gap | None) -> bool | Gap:
    """Return what is known of a stall or an aisle: what is broken on doubtful ground is not certainly broken."""
    if doubt is not None:
        return doubt
    if not faults:
        return True
    if any(fault.level is Level.BROKEN for fault in faults):
        return False
    return gap("needs_person", "no_manoeuvre", ids=(name,), count=1)


def _doubt(facts: Facts, ground: _Ground) -> Gap | None:
    """Return why nothing can be told of any stall: the ground itself is not known."""
    _, vague = lane_ground(facts) if facts.site.has("fire_lanes") else (None, [])
    around = shapely.buffer(ground.lot, 1.0)
    for layer in _MENDED:
        drawn = facts.drawn(layer)
        ids = tuple(sorted(facts.site.repaired(layer)))
        if any(i in drawn and shapely.intersects(around, shapely.envelope(drawn[i])) for i in ids):
            return repaired_gap(layer, ids)
    for layer, column in (("aisles", "direction"), ("aisles", "width_m"), ("walkways", "width_m")):
        rows = facts.site.layer(layer) if facts.site.has(layer) else None
        if rows is None:
            continue
        if layer == "walkways":
            rows = rows[rows["kind"].eq("street")] if "kind" in rows.columns else rows.iloc[:0]
        silent = rows[rows[column].isna()] if column in rows.columns else rows
        # A polygon is as wide as it is drawn.
        if column == "width_m":
            silent = silent[~silent.geom_type.isin(["Polygon", "MultiPolygon"])]
        if len(silent):
            return column_gap(layer, column, tuple(silent.iloc[:, 0].astype(str)))
    for layer in ("aisles", "buildings", "obstacles"):
        rows = facts.site.layer(layer)
        bare = tuple(rows[rows.geometry.isna() | rows.geometry.is_empty].iloc[:, 0].astype(str))
        if bare:
            return gap("missing_data", "no_shape", layer=layer, ids=bare[:10], count=len(bare))
    return vague[0][1] if vague else None


def _ground(facts: Facts, stalls: gpd.GeoDataFrame) -> _Ground:
    ways = _ways(facts)
    lines = ways.geometry.to_numpy()
    areal = np.isin(shapely.get_type_id(lines), (3, 6))
    widths = np.where(areal, 0.0, ways["width_m"].to_numpy(dtype=float))
    grounds = shapely.buffer(lines, widths / 2, cap_style="flat", join_style="mitre")
    # What cars only swing over leads through no gate.
    leading = grounds[~(areal & ways["direction"].eq("turning").to_numpy())]
    lanes = lane_ground(facts)[0] if facts.site.has("fire_lanes") else np.empty(0, dtype=object)
    site = shapely.union_all(list(facts.drawn("parcels").values()))
    edge = shapely.boundary(site)
    gates = facts.site.layer("entrances")
    gates = gates[gates["kind"].eq("gate") & ~gates.geometry.isna()]
    openings = []
    for point in gates.geometry:
        for way in leading[shapely.dwithin(leading, point, _AT_GATE_M)]:
            crossing = shapely.line_merge(shapely.intersection(edge, way))
            openings += [p for p in shapely.get_parts(crossing) if shapely.dwithin(p, point, _AT_GATE_M)]
    openings = [p for p in openings if p.geom_type == "LineString" and p.length > 0]
    things = _things(facts)
    if openings:
        things = shapely.difference(things, shapely.buffer(shapely.union_all(openings), 1.0))
    # Whatever a way that leads out of the site crosses, cars come in on the way.
    paved = shapely.union_all([*grounds, *lanes, *stalls.geometry, *_teeth(stalls)])
    inside = shapely.get_parts(shapely.intersection(paved, site))
    lot = MultiPolygon([p for p in inside if isinstance(p, Polygon)])
    return _Ground(lot=lot, gates=np.array(openings, dtype=object), ways=ways, lanes=lanes, things=things)


def _ways(facts: Facts) -> gpd.GeoDataFrame:
    """Return aisles and the streets of known width as one layer of aisles."""
    aisles = facts.site.layer("aisles")[["aisle_id", "direction", "width_m", "geometry"]]
    aisles = aisles[~(aisles.geometry.isna() | aisles.geometry.is_empty)]
    line = ~aisles.geom_type.isin(["Polygon", "MultiPolygon"])
    aisles = aisles[~line | aisles["width_m"].gt(0)]
    streets = facts.site.layer("walkways") if facts.site.has("walkways") else None
    if streets is None or not {"kind", "width_m"} <= set(streets.columns):
        return aisles
    streets = streets[streets["kind"].eq("street") & streets["width_m"].gt(0) & ~streets.geometry.isna()]
    one_way = streets["oneway"].eq(other=True) if "oneway" in streets.columns else False
    more: dict[str, Any] = {
        "aisle_id": "way " + streets["way_id"].astype(str),
        "direction": np.where(one_way, "one_way", "two_way"),
        "width_m": streets["width_m"],
    }
    streets = gpd.GeoDataFrame(more, geometry=streets.geometry, crs=aisles.crs)
    return gpd.GeoDataFrame(pd.concat([aisles, streets], ignore_index=True), crs=aisles.crs)


def _things(facts: Facts) -> NDArray[np.object_]:
    """Return what stands in the way, as polygons."""
    found: list[BaseGeometry] = list(facts.drawn("buildings").values())
    obstacles = facts.site.layer("obstacles")
    radii = obstacles["radius_m"] if "radius_m" in obstacles.columns else pd.Series(math.nan, obstacles.index)
    for kind, shape, radius in zip(obstacles["kind"], obstacles.geometry, radii, strict=True):
        if shape is None or shape.is_empty or kind in _DRIVEN:
            continue
        point = shape.geom_type in ("Point", "MultiPoint")
        found.append(
            shape.buffer(_POLE_M if pd.isna(radius) else max(float(radius), _POLE_M)) if point else shape
        )
    if facts.site.has("barriers"):
        found += [shape.buffer(_WALL_M, cap_style="flat") for shape in facts.drawn("barriers").values()]
    return shapely.get_parts(np.array(found, dtype=object))


def _teeth(stalls: gpd.GeoDataFrame) -> list[BaseGeometry]:
    """Return the ground before both ends of every stall, as far as a slanted stall may stand back from its aisle."""
    if len(stalls) == 0:
        return []
    centres, axes, sides = rectangles(stalls.geometry.to_numpy())
    across = np.stack([-axes[:, 1], axes[:, 0]], axis=1)
    half_length = sides[:, 1:] / 2 + _TOOTH_M
    half_width = sides[:, :1] / 2
    corners = [
        centres + i * half_length * axes + j * half_width * across
        for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    return list(np.asarray(shapely.polygons(np.stack(corners, axis=1))))
