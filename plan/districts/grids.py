"""Grids (网格): all ground of a community divided, roads and open ground included, so that each has its share of work."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.districts.barriers import closed, find_barriers
from plan.districts.ground import Ground, Lines, lay_ground
from plan.districts.homes import PARCEL, Homes, read_homes
from plan.districts.partition import Cells, divide, parts_of
from plan.districts.units import cell_middles
from plan.districts.verify import Fault, rms_radius_m, verify_grids
from plan.errors import MissingLayerError, UsageError
from plan.messages import Message
from plan.site import Placement, Site, as_objects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["HOUSEHOLDS_PER_GRID", "place_grids"]

# Households of a grid. This tool's own figure, from practice: 300 to 500 are usual, and no regulation at hand gives a
# number.
HOUSEHOLDS_PER_GRID: Final = 400.0
# How much of the work of a grid follows from its households, its area and its residents' reports. This tool's own
# figures; that all three count is Huainan's 统筹考虑区域特点、人口数量、辖区面积的因素 (the document of rule HN-05).
SHARES: Final[Mapping[str, float]] = {"households": 0.6, "area": 0.2, "remarks": 0.2}
TOLERANCE: Final = 0.25  # by which the work of a grid may differ from the mean of its community
_SMALL: Final = (
    0.5  # of a grid's work: a piece of ground with less joins the next one across the road or water
)
_ROUNDING: Final = 1e-9
_SHOWN: Final = 8


def place_grids(
    site: Site,
    *,
    households_per_grid: float = HOUSEHOLDS_PER_GRID,
    tolerance: float = TOLERANCE,
    shares: Mapping[str, float] | None = None,
    main_roads: Sequence[str] = (),
    minor_roads: Sequence[str] = (),
    seed: int = 0,
) -> Placement:
    """Divide each community of a site into grids that cover all of it.

    Every piece of ground is in one grid: dwellings, units, roads, open ground. Borders follow the middle of streets
    and the outlines of estates, no building is cut, and no grid crosses a main road or water unless what lies beyond is
    too small for one of its own. The work of a grid is the sum of its shares in the households, the area and the
    residents' reports of its community, ``sum_k s_k x_ik / X_k``.

    Parameters
    ----------
    site : Site
        With ``communities``, ``buildings`` and ``households``; ``remarks``, ``parcels`` and ``walkways`` where there are any.
    households_per_grid : float, default 400
        Of a community's households; decides how many grids it has. This tool's own figure, from practice: 300 to 500
        are usual, and no regulation at hand gives a number.
    tolerance : float, default 0.25
        By which share the work of a grid may differ from the mean of its community.
    shares : mapping of str to float, optional
        What ``households``, ``area`` and ``remarks`` count; 0.6, 0.2 and 0.2 by default, this tool's own figures. What a
        community has none of counts nothing.
    main_roads, minor_roads : sequence of str
        Names or ids of ways that are main roads, or are none, whatever their lanes.
    seed : int, default 0
        Of the random numbers of the search.

    Returns
    -------
    Placement
        ``features``: grids (``grid_id``, ``community_id``, ``households``, ``area_m2``, ``remarks``, ``buildings``, ``work``,
        ``reason``, Polygon). ``rejected``: communities without an outline, with ``reason``. ``measures``: ranges, what
        was verified, and notes.

    Raises
    ------
    MissingLayerError
        If there are no communities, buildings or households.
    UsageError
        If a figure makes no sense.

    Examples
    --------
    >>> import plan
    >>> placed = plan.place_grids(plan.read_site("sample_gis/district.gpkg"))
    >>> placed.measures["communities"], placed.measures["faults"]
    (6, ())
    """
    weights = dict(SHARES if shares is None else shares)
    _check(households_per_grid, tolerance, weights)
    if not site.has("communities"):
        raise MissingLayerError(Message("districts.no_communities", site=site.name))
    homes = read_homes(site)
    barriers = find_barriers(site, main_roads=main_roads, minor_roads=minor_roads)
    layer = site.layer("communities").sort_values("community_id", kind="stable")
    bare = (layer.geometry.isna() | layer.geometry.is_empty).to_numpy()
    drawn = layer[~bare]
    if drawn.empty:
        raise MissingLayerError(Message("districts.no_community_shape", site=site.name))
    spots = dict(zip(homes.names, homes.points, strict=True))
    reports = _reports(site, spots)
    lines = replace(barriers.lines, edges=_outlines(homes))
    rows: list[dict[str, Any]] = []
    for name, shape in zip(drawn["community_id"].astype(str), drawn.geometry, strict=True):
        work = _Work.of(name, shape, homes, spots=spots, lines=lines, reports=reports)
        rows += work.grids(households_per_grid, tolerance=tolerance, weights=weights, seed=seed)
    features = _frame(site, rows)
    faults = verify_grids(site, drawn, features)
    return Placement(
        features=features,
        rejected=_rejected(site, layer[bare]),
        measures=_measures(features, faults, households_per_grid, tolerance, weights)
        | {"notes": (*barriers.notes, *homes.notes, *_outside(homes, spots, drawn))},
    )


def _check(households: float, tolerance: float, weights: Mapping[str, float]) -> None:
    if not (math.isfinite(households) and households > 0):
        raise UsageError(Message("districts.per_grid", households=households))
    if not 0 < tolerance < 1:
        raise UsageError(Message("districts.tolerance", tolerance=tolerance))
    fine = all(math.isfinite(w) and w >= 0 for w in weights.values())
    if set(weights) - set(SHARES) or not fine or not sum(weights.values()):
        raise UsageError(Message("districts.shares", names=tuple(SHARES)))


def _outlines(homes: Homes) -> Any:  # noqa: ANN401 - an array of shapes
    return np.asarray(shapely.boundary(homes.parcels), dtype=object)


def _reports(site: Site, spots: Mapping[str, shapely.Geometry]) -> NDArray[np.object_]:
    """Return where residents' reports are from: their own place, else their building's."""
    if not site.has("remarks"):
        return np.zeros(0, dtype=object)
    remarks = site.layer("remarks")
    own = np.array(remarks.geometry.to_numpy(), dtype=object)
    bare = pd.isna(own) | shapely.is_empty(own)
    if "building_id" in remarks:
        own[bare] = [spots.get(str(name)) for name in remarks["building_id"].to_numpy()[bare]]
    found: NDArray[np.object_] = own[~pd.isna(own)]
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Work:
    """A community whose ground is divided into cells, and what there is to do in each."""

    name: str
    shape: shapely.Geometry
    ground: Ground
    middles: NDArray[np.float64]
    households: NDArray[np.float64]
    buildings: Ints
    remarks: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        name: str,
        shape: shapely.Geometry,
        homes: Homes,
        *,
        spots: Mapping[str, shapely.Geometry],
        lines: Lines,
        reports: NDArray[np.object_],
    ) -> _Work:
        shapely.prepare(shape)
        inside = shapely.contains_properly(shape, np.array(list(spots.values()), dtype=object))
        things = {n: homes.shapes[n] for n, here in zip(spots, inside, strict=True) if here}
        roads = closed(lines.roads, lines.water, shape)
        ground = lay_ground(shape, things, replace(lines, roads=roads))
        if not ground.names:  # nothing stands in it: one grid
            ground = replace(ground, names=("",), shapes=np.array([shape], dtype=object))
            middles = shapely.get_coordinates(shapely.point_on_surface(ground.shapes))
        else:
            middles = cell_middles(homes, ground)
        count = len(ground.names)
        households, buildings = np.zeros(count), np.zeros(count, dtype=np.int64)
        for thing, cell in ground.cell_of.items():
            households[cell] += homes.households[thing]
            buildings[cell] += not thing.startswith(PARCEL)
        remarks = np.zeros(count)
        if len(reports):
            which, cell = shapely.STRtree(ground.shapes).query(reports, predicate="intersects")
            first = pd.Series(cell, index=which).groupby(level=0).min()  # on a border: counted once
            np.add.at(remarks, first.to_numpy(), 1.0)
        return cls(
            name=name,
            shape=shape,
            ground=ground,
            middles=middles,
            households=households,
            buildings=buildings,
            remarks=remarks,
        )

    def load(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Return the share of each cell in the work of the community; the sum is 1."""
        area = shapely.area(self.ground.shapes)
        amounts = {"households": self.households, "area": area, "remarks": self.remarks}
        there = {name: w for name, w in weights.items() if w > 0 and amounts[name].sum() > 0}
        if not there:
            there = {"area": 1.0}
        load = sum(w * amounts[name] / amounts[name].sum() for name, w in there.items())
        return np.asarray(load / sum(there.values()))

    def grids(
        self, households_per_grid: float, *, tolerance: float, weights: Mapping[str, float], seed: int
    ) -> list[dict[str, Any]]:
        """Return the grids as rows."""
        load = self.load(weights)
        wanted = max(1, round(float(self.households.sum()) / households_per_grid))
        cells = Cells(households=load, places=self.middles, pairs=self.ground.pairs)
        pairs = _linked(cells, self.ground, 1 / wanted)
        border = np.zeros(len(pairs))  # across a road or water no border is too long
        border[: len(self.ground.pairs)] = self.ground.border_m
        cells = replace(cells, pairs=pairs, border_m=border)
        part = parts_of(cells)
        pieces = [np.flatnonzero(part == piece) for piece in np.unique(part)]
        numbers = [min(len(one), max(1, round(float(load[one].sum()) * wanted))) for one in pieces]
        mean = 1 / sum(numbers)
        group = np.zeros(len(load), dtype=np.int64)
        alone: list[bool] = []  # whether a grid is all of a piece
        for members, number in zip(pieces, numbers, strict=True):
            low, high = mean * (1 - tolerance), mean * (1 + tolerance)
            found = divide(cells.part(members), low=low, high=high, groups=number, seed=seed)
            group[members] = found.labels + len(alone)
            alone += [number == 1] * len(found.homes)
        return [
            self._row(group == g, load, mean, tolerance=tolerance, alone=alone[g] and len(pieces) > 1)
            for g in sorted(range(len(alone)), key=lambda g: self._place(group == g))
        ]

    def _place(self, mine: NDArray[np.bool_]) -> tuple[float, float]:
        middle = self.middles[mine].mean(axis=0)
        return -round(float(middle[1]), 2), round(float(middle[0]), 2)

    def _row(
        self,
        mine: NDArray[np.bool_],
        load: NDArray[np.float64],
        mean: float,
        *,
        tolerance: float,
        alone: bool,
    ) -> dict[str, Any]:
        whole = shapely.coverage_union_all(self.ground.shapes[mine])
        parts = shapely.get_parts(whole)
        work = float(load[mine].sum())
        reason = None
        if abs(work - mean) > tolerance * mean + _ROUNDING:
            largest = float(load[mine].max()) > mean * (1 + tolerance)
            key = "grid_cell" if largest else "grid_piece" if alone else "grid_unbalanced"
            reason = Message(
                f"districts.{key}", share=f"{100 * work / mean:.0f}", tolerance=f"{100 * tolerance:.0f}"
            )
        return {
            "community_id": self.name,
            "households": int(self.households[mine].sum()),
            "area_m2": float(whole.area),
            "remarks": int(self.remarks[mine].sum()),
            "buildings": int(self.buildings[mine].sum()),
            "work": work / mean,
            "rms_radius_m": rms_radius_m(self.middles[mine], self.households[mine]),
            "reason": reason,
            "geometry": parts[0] if len(parts) == 1 else whole,
        }


def _linked(cells: Cells, ground: Ground, mean: float) -> Ints:
    """Return the neighbours, with those across a road or water where a piece of ground is too small for a grid."""
    pairs = cells.pairs
    while True:
        part = parts_of(replace(cells, pairs=pairs))
        size = np.bincount(part, weights=cells.households)
        ends = part[ground.across]
        length = pd.DataFrame({
            "small": np.concatenate([ends[:, 0], ends[:, 1]]),
            "other": np.concatenate([ends[:, 1], ends[:, 0]]),
            "m": np.tile(ground.across_m, 2),
        })  # fmt: skip
        length = length[(length["small"] != length["other"]) & (size[length["small"]] < _SMALL * mean)]
        if length.empty:
            return pairs
        sums = length.groupby(["small", "other"])["m"].sum().round(6).reset_index()
        sums["size"] = size[sums["small"]]
        first = sums.sort_values(["size", "small", "m", "other"], ascending=[True, True, False, True]).iloc[0]
        between = {int(first["small"]), int(first["other"])}
        new = [
            pair
            for pair, two in zip(ground.across.tolist(), ends.tolist(), strict=True)
            if set(two) == between
        ]
        pairs = np.concatenate([pairs, np.array(new, dtype=np.int64)])


def _frame(site: Site, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    number: dict[str, int] = {}
    for row in rows:
        here = number[row["community_id"]] = number.get(row["community_id"], 0) + 1
        row["grid_id"] = f"{row['community_id']}-{here:02d}"
    columns = ["grid_id", *(name for name in rows[0] if name != "grid_id")]
    frame = pd.DataFrame(rows, columns=columns)
    frame["reason"] = as_objects(row["reason"] for row in rows)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=site.crs)


def _rejected(site: Site, bare: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    table = pd.DataFrame({"community_id": bare["community_id"].astype(str).to_list()})
    table["reason"] = as_objects(Message("districts.no_outline", id=name) for name in table["community_id"])
    return gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=site.crs)


def _outside(
    homes: Homes, spots: Mapping[str, shapely.Geometry], drawn: gpd.GeoDataFrame
) -> tuple[Message, ...]:
    points = np.array(list(spots.values()), dtype=object)
    hit = np.unique(shapely.STRtree(points).query(drawn.geometry.to_numpy(), predicate="intersects")[1])
    lost = [name for i, name in enumerate(spots) if i not in set(hit.tolist())]
    if not lost:
        return ()
    households = sum(homes.households[name] for name in lost)
    return (
        Message(
            "districts.in_no_community", count=len(lost), ids=tuple(lost[:_SHOWN]), households=households
        ),
    )


def _measures(
    features: gpd.GeoDataFrame,
    faults: tuple[Fault, ...],
    households_per_grid: float,
    tolerance: float,
    weights: Mapping[str, float],
) -> dict[str, Any]:
    return {
        "placed": len(features),
        "communities": int(features["community_id"].nunique()),
        "households": int(features["households"].sum()),
        "households_least": int(features["households"].min()),
        "households_most": int(features["households"].max()),
        "area_m2": float(features["area_m2"].sum()),
        "remarks": int(features["remarks"].sum()),
        "work_least": float(features["work"].min()),
        "work_most": float(features["work"].max()),
        "balanced": int(features["reason"].isna().sum()),
        "contiguous": int((features.geometry.geom_type == "Polygon").sum()),
        "households_per_grid": households_per_grid,
        "tolerance": tolerance,
        "shares": dict(weights),
        "faults": faults,
    }
