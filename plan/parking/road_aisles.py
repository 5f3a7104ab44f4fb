"""Rows along roads as layers: their stalls, and the roads as aisles, each as wide as its stalls ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import geopandas as gpd
from shapely import LineString, Point
from shapely.ops import substring

from plan.parking.kerbs import Run

__all__ = ["runs_frames", "without_tails"]

_SHORT_M: Final = 1e-3


def runs_frames(runs: Iterable[Run], crs: Any) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:  # noqa: ANN401
    """Return the stalls and the aisles along roads as frames, each stall with the aisle that it stands on.

    A stretch with stalls is as wide as they ask for from the first to the last of them, and as the road elsewhere;
    what is as wide as what follows it is one aisle, around corners too.
    """
    stalls: list[dict[str, Any]] = []
    aisles: list[dict[str, Any]] = []
    for run in runs:
        spans = [(s["start"], s["end"]) for s in run.stalls]
        low = min((a for a, _ in spans), default=0.0)
        high = min(max((b for _, b in spans), default=0.0), run.line.length)
        end = run.line.length
        cuts = ((0.0, low, False), (low, high, True), (high, end, False))
        for begin, until, full in cuts:
            if until - begin <= _SHORT_M:
                continue
            aisles.append(
                {
                    "aisle_id": f"{run.road.road_id}-{run.number + 1}" if full else "",
                    "road_id": run.road.road_id,
                    "direction": "two_way" if run.road.two_way else "one_way",
                    "width_m": run.width_m if full else run.road.width_m,
                    "geometry": substring(run.line, begin, until),
                }
            )
        home = f"{run.road.road_id}-{run.number + 1}"
        stalls += [{**stall, "aisle_id": home, "road_id": run.road.road_id} for stall in run.stalls]
    names = ["kind", "angle_deg", "front_in", "aisle_id", "road_id", "geometry"]
    rows = [{name: stall[name] for name in names} for stall in stalls]
    columns = ["aisle_id", "road_id", "direction", "width_m", "geometry"]
    return (
        gpd.GeoDataFrame(rows, columns=names, geometry="geometry", crs=crs),
        gpd.GeoDataFrame(_joined(aisles), columns=columns, geometry="geometry", crs=crs),
    )


def without_tails(aisles: gpd.GeoDataFrame, roads: Collection[str]) -> gpd.GeoDataFrame:
    """Cut the aisles of some roads off beyond the last aisle that meets them: nobody drives there to a stall.

    Parameters
    ----------
    aisles : GeoDataFrame
        With aisle_id, place and geometry.
    roads : collection of str
        Places of roads without stalls, which only lead to other aisles.

    Returns
    -------
    GeoDataFrame
        The same rows; an aisle that fewer than two others meet is left as it is.
    """
    cut = aisles.copy()
    for row in aisles.index[aisles["place"].isin(set(roads))]:
        line = aisles.geometry[row]
        meeting = [
            line.project(Point(other.coords[end]))
            for other in aisles.geometry.drop(row)
            for end in (0, -1)
            if line.distance(Point(other.coords[end])) <= _SHORT_M
        ]
        if meeting and max(meeting) - min(meeting) > _SHORT_M:
            cut.loc[row, "geometry"] = substring(line, min(meeting), max(meeting))
    return cut


def _joined(aisles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join aisles without stalls to what follows them where nothing else branches off, and number them."""
    meeting: dict[tuple[float, float], list[int]] = {}
    for number, aisle in enumerate(aisles):
        for end in (0, -1):
            meeting.setdefault(_spot(aisle, end), []).append(number)
    into: dict[int, int] = {}  # an aisle and the one that it has become part of
    for spot in sorted(meeting):
        pair = [_root(n, into) for n in meeting[spot]]
        if len(meeting[spot]) != 2 or pair[0] == pair[1]:  # noqa: PLR2004 - a road goes on
            continue
        first, second = (aisles[n] for n in pair)
        if first["aisle_id"] or second["aisle_id"] or first["direction"] != second["direction"]:
            continue
        line = _through(first, second, spot)
        if line is None:
            continue
        width = min(first["width_m"], second["width_m"])
        aisles[pair[0]] = {**first, "geometry": line, "width_m": width}
        into[pair[1]] = pair[0]
    counts: dict[str, int] = {}
    found = []
    for number, aisle in enumerate(aisles):
        if number in into:
            continue
        if not aisle["aisle_id"]:
            counts[aisle["road_id"]] = counts.get(aisle["road_id"], 0) + 1
            aisle = {**aisle, "aisle_id": f"{aisle['road_id']}-W{counts[aisle['road_id']]}"}  # noqa: PLW2901
        found.append(aisle)
    return found


def _spot(aisle: dict[str, Any], end: int) -> tuple[float, float]:
    x, y = aisle["geometry"].coords[end][:2]
    return round(x, 3), round(y, 3)


def _root(number: int, into: dict[int, int]) -> int:
    while number in into:
        number = into[number]
    return number


def _through(first: dict[str, Any], second: dict[str, Any], spot: tuple[float, float]) -> LineString | None:
    """Return two lines as one; None where traffic does not run through."""
    a, b = list(first["geometry"].coords), list(second["geometry"].coords)
    if _spot(first, -1) == spot and _spot(second, 0) == spot:
        return LineString([*a, *b[1:]])
    if _spot(second, -1) == spot and _spot(first, 0) == spot:
        return LineString([*b, *a[1:]])
    if first["direction"] == "one_way":
        return None
    a = a if _spot(first, -1) == spot else a[::-1]
    b = b if _spot(second, 0) == spot else b[::-1]
    return LineString([*a, *b[1:]])
