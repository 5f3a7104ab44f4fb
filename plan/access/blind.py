"""Blind spots: the ground whose households do not reach a category, and who lives there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.access.completeness import reached
from plan.access.people import GROUPS, People
from plan.errors import UsageError
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.access.circle import LifeCircle

__all__ = ["BLIND_SPOT_MARGIN_M", "blind_spots", "first_spot"]

# Metres around an outline, or a door, that belong to its ground: two slabs with a yard of up to 30 m between
# them are one spot, those on both sides of a wide road are two. This tool's own figure.
BLIND_SPOT_MARGIN_M: Final = 15.0
# Segments of a quarter of a round corner: a corner of 15 m is drawn to 0.3 m.
_CORNER_SEGMENTS: Final = 4
_MOST: Final = 0.5  # share of households that is most of them

_COLUMNS: Final = ("spot_id", "category", "limit_min", "buildings", *GROUPS)


def blind_spots(
    life: LifeCircle,
    outlines: gpd.GeoSeries | None = None,
    *,
    margin_m: float = BLIND_SPOT_MARGIN_M,
) -> gpd.GeoDataFrame:
    """Return the ground of the households that do not reach a category within its limit.

    The outlines of their buildings, widened by a margin and joined where they touch; where no outline is known,
    their doors. A building counts as soon as one of its households is not served; of the people only those who are
    not served count. A category of which the data has no facility makes no spot: it would be all ground.

    Parameters
    ----------
    life : LifeCircle
        What households reach; its doors may say which ``building_id`` they belong to.
    outlines : GeoSeries, optional
        Outlines of buildings by building id, in the reference system of the doors.
    margin_m : float, default 15
        Metres around an outline.

    Returns
    -------
    GeoDataFrame
        By category, the largest spot first, then by limit for the households that miss any category with that limit
        (``category`` None): ``spot_id``, ``category``, ``limit_min``, ``buildings``, ``households``, ``persons``,
        ``elderly``, ``children`` (None: cannot be told) and the geometry, a Polygon; a row without geometry holds
        the households of which neither outline nor door is known.

    Raises
    ------
    UsageError
        If the margin is not a positive number.
    """
    if not (np.isfinite(margin_m) and margin_m > 0):
        raise UsageError(Message("access.margin", margin=margin_m))
    ground, place = _grounds(life.origins, outlines, margin_m)
    people = People.of(life.origins)
    within = reached(life)
    limits = dict(zip(life.categories["category"], life.categories["limit_min"].astype(float), strict=True))
    wanted: list[tuple[str | None, float, list[str]]] = [
        (str(name), limits[name], [name]) for name in within.columns
    ]
    wanted += [
        (None, limit, [name for name in within.columns if limits[name] == limit])
        for limit in sorted({limits[name] for name in within.columns})
    ]
    rows: list[dict[str, Any]] = []
    for category, limit, names in wanted:
        missed = np.logical_or.reduce(~within[names].to_numpy(dtype=bool), axis=1)
        spots = _spots(missed, ground=ground, place=place, people=people)
        name = category if category is not None else f"any-{limit:g}"
        rows += [
            {"spot_id": f"{name}-{number}", "category": category, "limit_min": limit, **spot}
            for number, spot in enumerate(spots, start=1)
        ]
    frame = pd.DataFrame(rows, columns=[*_COLUMNS, "geometry"], dtype=object)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=getattr(life.origins, "crs", None))


def first_spot(spots: gpd.GeoDataFrame, best: gpd.GeoDataFrame) -> str | None:
    """Return the category whose blind spots a map shows first.

    Of those that most households reach, the one for which one more place would serve most; what nobody reaches
    has no spot, it is the whole map.

    Parameters
    ----------
    spots : GeoDataFrame
        As :func:`blind_spots` returns them.
    best : GeoDataFrame
        As :func:`plan.access.best_sites` returns them, the most households first.
    """
    blind = set(spots["category"].dropna())
    shares = zip(best["category"], best["share_before"], strict=True)
    return next((str(one) for one, share in shares if one in blind and share >= _MOST), None)


def _grounds(
    origins: gpd.GeoDataFrame, outlines: gpd.GeoSeries | None, margin_m: float
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return pieces of ground, and for each door which of them is its own; -1 where nothing is known."""
    known = (
        {} if outlines is None else {i: g for i, g in outlines.items() if g is not None and not g.is_empty}
    )
    owners = origins["building_id"] if "building_id" in origins.columns else [None] * len(origins)
    pieces: dict[Any, int] = {}
    shapes: list[shapely.Geometry] = []
    place = np.full(len(origins), -1, dtype=np.int64)
    for row, (owner, door) in enumerate(zip(owners, origins.geometry, strict=True)):
        shape = known.get(owner)
        if shape is None and (door is None or door.is_empty):
            continue
        key = door.wkb if shape is None else owner
        if key not in pieces:
            pieces[key] = len(shapes)
            shapes.append(door if shape is None else shape)
        place[row] = pieces[key]
    ground = np.array(shapes, dtype=object)
    return np.asarray(shapely.buffer(ground, margin_m, quad_segs=_CORNER_SEGMENTS), dtype=object), place


def _spots(
    missed: NDArray[np.bool_], *, ground: NDArray[np.object_], place: NDArray[np.int64], people: People
) -> list[dict[str, Any]]:
    """Return the spots of some doors, the largest first; the last may be those of which no ground is known."""
    used = np.unique(place[missed & (place >= 0)])
    parts = (
        shapely.get_parts(shapely.disjoint_subset_union_all(ground[used]))
        if len(used)
        else np.zeros(0, dtype=object)
    )
    spot = np.full(len(ground) + 1, -1, dtype=np.int64)  # the last is for doors without ground
    if len(parts):
        middle = shapely.point_on_surface(ground[used])
        one, part = shapely.STRtree(parts).query(middle, predicate="intersects")
        spot[used[one]] = part
    own = np.where(missed, spot[place], -2)
    inside = [own == number for number in range(len(parts))]
    # Of equal ones the western goes first, then the southern.
    corner = shapely.bounds(parts)
    order = sorted(
        range(len(parts)), key=lambda n: (-float(people.households[inside[n]].sum()), *corner[n].tolist())
    )
    rows = [
        {
            "buildings": len(np.unique(place[inside[n]])),
            **{group: people.total(group, inside[n]) for group in GROUPS},
            "geometry": parts[n],
        }
        for n in order
    ]
    lost = own == -1
    if lost.any():
        counts = {group: people.total(group, lost) for group in GROUPS}
        rows.append({"buildings": 0, **counts, "geometry": None})
    return rows
