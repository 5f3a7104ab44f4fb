"""Elevators as layers and tables: the proposals, the stairwells without one, what was measured, what else was tried."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from plan.elevators.candidates import ElevatorSizes, Template
from plan.elevators.records import Clearance, Position, StairwellSiting
from plan.messages import Message
from plan.site import as_objects

if TYPE_CHECKING:
    import pyproj

__all__ = ["barred_frame", "clearance_frame", "feature_frame", "position_frame", "rejected_frame"]


def feature_frame(
    records: Iterable[StairwellSiting], *, sizes: ElevatorSizes, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Return the proposals as rows of layer ``elevators``; the shape is the shaft, the landing is written as sizes."""
    rows: list[dict[str, Any]] = []
    for one in records:
        if one.chosen is None:
            continue
        at = one.chosen
        landing = _sides(at.landing)
        rows.append(
            {
                "elevator_id": one.elevator_id,
                "stairwell_id": one.stairwell_id,
                "building_id": one.building_id,
                "connection": at.connection,
                "state": "proposed",
                "shaft_width_m": sizes.shaft_width_m,
                "shaft_depth_m": sizes.shaft_depth_m,
                "landing_width_m": round(landing[0], 6),
                "landing_depth_m": round(landing[1], 6),
                "wheelchair": one.wheelchair,
                "cost_cny": at.cost_cny,
                "entrance_id": one.entrance_id,
                "verdict": one.verdict,
                "flights_left": at.flights_left,
                "unpriced": at.unpriced,
                "reason": one.reason,
                "remedy": at.remedy,
                "geometry": at.shaft,
            }
        )
    return _frame(rows, crs, _FEATURES)


_FEATURES = (
    "elevator_id", "stairwell_id", "building_id", "connection", "state", "shaft_width_m", "shaft_depth_m",
    "landing_width_m", "landing_depth_m", "wheelchair", "cost_cny", "entrance_id", "verdict", "flights_left", "unpriced",
    "reason", "remedy",
)  # fmt: skip


def rejected_frame(records: Iterable[StairwellSiting], *, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the stairwells that get no elevator, each with its reason, at the position that comes closest."""
    rows = [
        {
            "entrance_id": one.entrance_id,
            "stairwell_id": one.stairwell_id,
            "building_id": one.building_id,
            "floors": one.floors,
            "verdict": one.verdict,
            "connection": one.alternatives[0].connection if one.alternatives else None,
            "tried": one.tried,
            "reason": one.reason,
            "geometry": one.alternatives[0].shaft
            if one.alternatives
            else None
            if one.door is None
            else shapely.Point(one.door).buffer(0.5, quad_segs=2),
        }
        for one in records
        if one.chosen is None
    ]
    return _frame(rows, crs, _REJECTED)


_REJECTED = (
    "entrance_id", "stairwell_id", "building_id", "floors", "verdict", "connection", "tried", "reason",
)  # fmt: skip


def clearance_frame(
    records: Iterable[StairwellSiting],
    *,
    crs: pyproj.CRS,
    rule: Callable[[Clearance], tuple[str | None, str | None]] = lambda _: (None, None),
) -> gpd.GeoDataFrame:
    """Return what was measured at each position that was chosen or came closest.

    Parameters
    ----------
    records : iterable of StairwellSiting
        The stairwells.
    crs : pyproj.CRS
        Of the site.
    rule : callable
        Gives id and article of the rule behind a clearance: geometry knows no law.

    Returns
    -------
    GeoDataFrame
        One row for each clearance, in metres; the shape is the landing with the shaft.
    """
    rows: list[dict[str, Any]] = []
    for one in records:
        at = one.chosen or (one.alternatives[0] if one.alternatives else None)
        if at is None:
            continue
        shape = shapely.union(at.shaft, at.landing)
        for clearance in at.clearances:
            rule_id, article = rule(clearance)
            rows.append(
                {
                    "entrance_id": one.entrance_id,
                    "stairwell_id": one.stairwell_id,
                    "building_id": one.building_id,
                    "elevator_id": one.elevator_id,
                    "clearance": clearance.name,
                    "thing_id": clearance.thing,
                    "measured_m": round(clearance.measured_m, 6),
                    "required_m": clearance.required_m,
                    "margin_m": round(clearance.margin_m, 6),
                    "bars": clearance.bars,
                    "rule": rule_id,
                    "article": article,
                    "told": clearance.told(),
                    "geometry": shape,
                }
            )
    return _frame(rows, crs, _CLEARANCES)


_CLEARANCES = (
    "entrance_id", "stairwell_id", "building_id", "elevator_id", "clearance", "thing_id", "measured_m", "required_m",
    "margin_m", "bars", "rule", "article", "told",
)  # fmt: skip


def position_frame(records: Iterable[StairwellSiting], *, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the alternatives of each stairwell, best first, with their reasons."""
    rows: list[dict[str, Any]] = []
    for one in records:
        for rank, at in enumerate(one.alternatives, start=2 if one.chosen is not None else 1):
            rows.append(_position(one, at, rank))
    return _frame(rows, crs, _POSITIONS)


def barred_frame(
    barred: Iterable[tuple[StairwellSiting, Template, Any, Message]], *, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Return the positions that cannot be had, each with what bars it most: a hearing asks "why not here?"."""
    rows = [
        {
            "entrance_id": one.entrance_id,
            "stairwell_id": one.stairwell_id,
            "building_id": one.building_id,
            "connection": template.connection,
            "layout": template.layout,
            "aside_m": round(template.aside_m, 3),
            "off_m": round(template.off_m, 3),
            "reason": why,
            "geometry": shaft,
        }
        for one, template, shaft, why in barred
    ]
    return _frame(rows, crs, _BARRED)


_BARRED = ("entrance_id", "stairwell_id", "building_id", "connection", "layout", "aside_m", "off_m", "reason")


def _position(one: StairwellSiting, at: Position, rank: int) -> dict[str, Any]:
    return {
        "entrance_id": one.entrance_id,
        "stairwell_id": one.stairwell_id,
        "building_id": one.building_id,
        "rank": rank,
        "connection": at.connection,
        "layout": at.layout,
        "aside_m": round(at.aside_m, 3),
        "off_m": round(at.off_m, 3),
        "verdict": at.verdict,
        "margin_m": round(at.margin_m, 6) if math.isfinite(at.margin_m) else None,
        "cost_cny": at.cost_cny,
        "unpriced": at.unpriced,
        "reason": at.reason,
        "remedy": at.remedy,
        "geometry": at.shaft,
    }


_POSITIONS = (
    "entrance_id", "stairwell_id", "building_id", "rank", "connection", "layout", "aside_m", "off_m", "verdict", "margin_m",
    "cost_cny", "unpriced", "reason", "remedy",
)  # fmt: skip
_MESSAGES = ("reason", "remedy", "told")


def _frame(rows: list[dict[str, Any]], crs: pyproj.CRS, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    table = pd.DataFrame({name: [row[name] for row in rows] for name in columns})
    for name in _MESSAGES:
        if name in columns:
            table[name] = as_objects(row[name] for row in rows)
    return gpd.GeoDataFrame(table, geometry=[row["geometry"] for row in rows], crs=crs)


def _sides(landing: shapely.Polygon) -> tuple[float, float]:
    """Return the extent of a landing along the façade, and from it."""
    corners = shapely.get_coordinates(landing)
    along, outward = corners[1] - corners[0], corners[2] - corners[1]
    return math.hypot(*along), math.hypot(*outward)
