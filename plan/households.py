"""Households where no register gives them: estimated from floor areas, openly.

An estimate is never data: the layer is listed in ``Site.estimates``, a problem states the total and every
assumption behind it, and persons, ages and votes stay missing. A site's own households are never replaced.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from plan.errors import MissingLayerError, UsageError
from plan.messages import Message
from plan.problems import ProblemList
from plan.site import Site

__all__ = ["DWELLING_USES", "FLOORS_WHEN_MISSING", "M2_PER_HOUSEHOLD", "STOREY_M", "estimate_households"]

# Gross floor area for each household, stairs and walls included. This tool's own figure, from practice: no
# standard at hand gives one. Fujian's parking table sorts dwellings at 45, 90 and 150 m2 (Fujian 2017, table 11).
M2_PER_HOUSEHOLD: Final = 100.0
# Floors where neither floors nor height are known. This tool's own figure, from practice: an elevator was
# asked for from seven floors on (GB 50096-2011, 6.4.1, superseded), so that walk-up estates have up to six.
FLOORS_WHEN_MISSING: Final = 6
# Metres from floor to floor, for buildings of which only the height is known. This tool's own figure, from
# practice: a storey of 2.8 m, and a plinth and a parapet shared by all.
STOREY_M: Final = 3.0
# Square metres below which an outline is a shed, a lift house or a guard's box.
_SMALLEST_DWELLING_M2: Final = 20.0

# Uses of buildings that people live in; values of OpenStreetMap's ``building``, and what planners write.
DWELLING_USES: Final = (
    "apartments", "residential", "dormitory", "terrace", "house", "detached", "semidetached_house", "bungalow",
    "villa", "farm", "cabin", "dwelling", "住宅", "居住", "居住建筑", "住宅楼", "居民楼", "公寓", "宿舍", "别墅", "商住",
)  # fmt: skip
# Uses of buildings with one household each, whatever their floors.
_ONE_HOUSEHOLD: Final = ("house", "detached", "bungalow", "villa", "farm", "cabin", "别墅")
# Words in the name of a building of unknown use that say that it is no dwelling, even among dwellings.
_NO_DWELLING: Final = (
    "食堂", "餐厅", "活动中心", "服务中心", "学校", "中学", "小学", "幼儿园", "托儿所", "医院", "招待所", "宾馆", "酒店",
    "锅炉", "动力楼", "配电", "变电", "泵房", "车库", "门卫", "传达室", "办公", "超市", "商场", "市场", "银行", "派出所",
    "体育馆", "礼堂", "图书馆", "教学楼", "实验楼",
)  # fmt: skip
_RESIDENTIAL_LAND: Final = ("居住", "住宅", "residential")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Dwellings:
    rows: gpd.GeoDataFrame  # the buildings that people live in
    unknown: int  # buildings of unknown use that were left out


def estimate_households(
    site: Site,
    *,
    method: str = "floors",
    m2_per_household: float = M2_PER_HOUSEHOLD,
    floors_when_missing: int | None = FLOORS_WHEN_MISSING,
    storey_m: float = STOREY_M,
    dwelling_uses: Sequence[str] = DWELLING_USES,
) -> Site:
    """Return the site with estimated households: outline area times floors, divided by the area of one.

    Parameters
    ----------
    site : Site
        A site with ``buildings``.
    method : {"floors"}
        How to estimate.
    m2_per_household : float, default 100
        Gross floor area for each household in square metres. This tool's own figure, from practice.
    floors_when_missing : int or None, default 6
        Floors of a building of which neither floors nor height are known. This tool's own figure, from
        practice. None: such a building gets no households.
    storey_m : float, default 3
        Metres from floor to floor where only the height is known. This tool's own figure, from practice.
    dwelling_uses : sequence of str, optional
        Values of ``use`` that mean that people live in a building. A building whose use is not known
        counts when it stands on a residential parcel and not on the ground of a facility, unless its name
        says that it is a canteen, a school, a boiler house or the like.

    Returns
    -------
    Site
        With a layer ``households`` (household_id, building_id, floor; no geometry) that is listed in
        ``estimates``, and a problem ``PLAN-EST-001`` with the total and the assumptions. Where the site has
        households of its own, or nobody lives, it comes back without the estimate and with a problem that says so.

    Raises
    ------
    MissingLayerError
        If there are no buildings.
    UsageError
        If the method is unknown or a figure is not positive.

    Examples
    --------
    A slab of 12 x 50 m with 6 floors: 600 m2 x 6 / 100 m2 = 36 households.
    """
    if method != "floors":
        raise UsageError(Message("households.unknown_method", method=method))
    for name, value in (
        ("m2_per_household", m2_per_household),
        ("storey_m", storey_m),
        ("floors_when_missing", 1 if floors_when_missing is None else floors_when_missing),
    ):
        if not (math.isfinite(value) and value > 0):
            raise UsageError(Message("households.not_positive", name=name, value=value))
    if site.has("households"):
        return _noted(site, "PLAN-EST-003", "info", Message("households.own", site=site.name))
    if not site.has("buildings"):
        raise MissingLayerError(Message("households.no_buildings", site=site.name))
    dwellings = _dwellings(site, frozenset(use.casefold() for use in dwelling_uses))
    floors, known, by_height = _floors(dwellings.rows, storey_m)
    assumed = np.isnan(floors)
    if floors_when_missing is not None:
        floors = np.where(assumed, float(floors_when_missing), floors)
    counted = ~np.isnan(floors)
    counts = _counts(dwellings.rows[counted], floors[counted], m2_per_household)
    if not counts.sum():
        return _noted(
            site, "PLAN-EST-002", "warning", Message("households.nobody", unknown=dwellings.unknown)
        )
    frame = _rows(dwellings.rows[counted]["building_id"].to_numpy(), floors[counted], counts, site)
    message = Message(
        "households.estimated_given" if floors_when_missing is not None else "households.estimated",
        households=int(counts.sum()),
        buildings=int((counts > 0).sum()),
        m2=m2_per_household,
        known=int(known.sum()),
        by_height=int(by_height.sum()),
        storey=storey_m,
        assumed=int(assumed.sum()),
        floors=floors_when_missing,
        unknown=dwellings.unknown,
    )
    return _noted(site.with_layer("households", frame, estimated=True), "PLAN-EST-001", "info", message)


def _dwellings(site: Site, uses: frozenset[str]) -> _Dwellings:
    """Find the buildings that people live in."""
    buildings = site.layer("buildings")
    buildings = buildings[~(buildings.geometry.isna() | buildings.geometry.is_empty)]
    buildings = buildings[buildings.geometry.area >= _SMALLEST_DWELLING_M2].reset_index(drop=True)
    said = (
        buildings["use"].map(lambda use: use.strip().casefold() if isinstance(use, str) else "")
        if "use" in buildings.columns
        else pd.Series("", index=buildings.index)
    )
    said = said.replace("yes", "")
    lived_in = said.isin(uses).to_numpy()
    unknown = (said == "").to_numpy()
    inside = shapely.point_on_surface(buildings.geometry.to_numpy())
    at_home = _within(inside, _residential_land(site)) & ~_within(inside, _grounds(site))
    at_home &= ~_named_otherwise(buildings)
    rows = buildings[lived_in | (unknown & at_home)].reset_index(drop=True)
    return _Dwellings(rows=rows, unknown=int((unknown & ~at_home).sum()))


def _named_otherwise(buildings: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which buildings bear the name of something that nobody lives in."""
    if "name" not in buildings.columns:
        return np.zeros(len(buildings), dtype=bool)
    names = [name if isinstance(name, str) else "" for name in buildings["name"]]
    return np.array([any(word in name for word in _NO_DWELLING) for name in names], dtype=bool)


def _residential_land(site: Site) -> NDArray[np.object_]:
    """Return the parcels that people live on; a parcel without a land use is taken for an estate."""
    if not site.has("parcels"):
        return np.zeros(0, dtype=object)
    parcels = site.layer("parcels")
    if "land_use" in parcels.columns:
        lived_on = parcels["land_use"].map(_is_residential)
        parcels = parcels[lived_on.astype(bool)]
    return np.asarray(parcels.geometry.dropna().to_numpy())


def _is_residential(land_use: object) -> bool:
    if not isinstance(land_use, str):
        return True
    text = land_use.strip()
    # R, R1, R2, R21 … are the residential classes of GB 50137-2011.
    code = text[:1] in ("R", "r") and (len(text) == 1 or text[1:].isdigit())
    return code or any(word in text.casefold() for word in _RESIDENTIAL_LAND)


def _grounds(site: Site) -> NDArray[np.object_]:
    """Return the grounds of facilities: schools, hospitals, parks."""
    if not site.has("facilities"):
        return np.zeros(0, dtype=object)
    shapes = site.layer("facilities").geometry.dropna()
    return np.asarray(shapes[shapes.geom_type.isin(("Polygon", "MultiPolygon"))].to_numpy())


def _within(points: NDArray[np.object_], shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    found = np.zeros(len(points), dtype=bool)
    if len(points) and len(shapes):
        found[np.unique(shapely.STRtree(points).query(shapes, predicate="intersects")[1])] = True
    return found


def _floors(
    buildings: gpd.GeoDataFrame, storey_m: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return floors (NaN where nothing tells them), and where they are known or follow from the height."""
    floors = buildings["floors"].astype("float64").to_numpy(dtype=float, na_value=np.nan).copy()
    known = ~np.isnan(floors)
    by_height = np.zeros(len(floors), dtype=bool)
    if "height_m" in buildings.columns:
        height = buildings["height_m"].astype("float64").to_numpy()
        by_height = ~known & (height > 0)
        floors[by_height] = np.maximum(1.0, np.floor(height[by_height] / storey_m + 0.5))
    return floors, known, by_height


def _counts(buildings: gpd.GeoDataFrame, floors: NDArray[np.float64], m2: float) -> NDArray[np.int64]:
    area = buildings.geometry.area.to_numpy()
    counts = np.maximum(1.0, np.floor(area * floors / m2 + 0.5))
    if "use" in buildings.columns:
        single = buildings["use"].map(lambda use: isinstance(use, str) and use.casefold() in _ONE_HOUSEHOLD)
        counts[single.to_numpy(dtype=bool)] = 1.0
    return np.asarray(counts, dtype=np.int64)


def _rows(
    ids: NDArray[Any], floors: NDArray[np.float64], counts: NDArray[np.int64], site: Site
) -> gpd.GeoDataFrame:
    """Give each building its households, spread evenly from the ground floor up."""
    building = np.repeat(np.arange(len(ids)), counts)
    order = np.concatenate([np.arange(count) for count in counts])
    floor = 1 + order * floors[building].astype(np.int64) // counts[building]
    names = [f"{ids[b]}-{f}-{n + 1}" for b, f, n in zip(building, floor, order, strict=True)]
    table = pd.DataFrame({"household_id": names, "building_id": ids[building], "floor": floor})
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([None] * len(table), crs=site.crs))


def _noted(site: Site, problem_id: str, severity: Any, message: Message) -> Site:  # noqa: ANN401 - a literal of findings
    found = ProblemList(layer="households")
    found.add(problem_id, severity, "noted", message)
    return replace(site, problems=site.problems + found.problems)
