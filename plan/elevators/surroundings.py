"""What stands around an elevator: layers of a site as arrays, about an origin near the buildings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from plan.elevators.lanes import Lanes, lanes_of
from plan.schema import LAYERS
from plan.surfaces import is_below_ground

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from plan.site import Site

__all__ = ["Rows", "Surroundings", "is_tree", "origin_of", "surroundings_of"]

# A tree or pole of which nobody wrote the radius: this tool's default.
UNKNOWN_RADIUS_M: Final = 2.0
_TREES: Final = ("tree", "trees", "树", "树木", "乔木", "大树", "古树", "古树名木", "行道树")
# Buildings so near to each other share a wall.
ATTACHED_M: Final = 0.02
# Ways so wide carry vehicles, and nothing may stand on them: this tool's default.
CARRIAGE_M: Final = 3.0
_FOOTPATH_M: Final = 1.5  # width of a way that nobody measured


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """The rows of a layer that have a shape."""

    ids: tuple[str, ...]
    shapes: NDArray[np.object_]
    table: pd.DataFrame  # their other columns, by position
    mended: NDArray[np.bool_]  # whose shape was repaired on reading

    def __len__(self) -> int:
        return len(self.ids)

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column as numbers, NaN where there is none."""
        if column not in self.table:
            return np.full(len(self), np.nan)
        values: NDArray[np.float64] = pd.to_numeric(self.table[column], errors="coerce").to_numpy(
            dtype=float, na_value=np.nan
        )
        return values

    def flags(self, column: str) -> list[bool | None]:
        """Return a column as yes, no or not known."""
        if column not in self.table:
            return [None] * len(self)
        return [None if pd.isna(value) else bool(value) for value in self.table[column]]

    def texts(self, column: str) -> list[str]:
        """Return a column as text, empty where there is none."""
        if column not in self.table:
            return [""] * len(self)
        return ["" if pd.isna(value) else str(value) for value in self.table[column]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """What an elevator must keep clear of."""

    origin: tuple[float, float]
    buildings: Rows
    attached: dict[int, frozenset[int]]  # buildings that share a wall with one, itself among them
    lane_rows: Rows
    lanes: Lanes
    vague_lanes: NDArray[np.int64]  # rows that are lines without a width
    parcels: Rows
    doors: Rows  # of buildings: stairwells and others
    obstacles: Rows
    radii: NDArray[np.float64]  # of obstacles that are points; 0 of areas
    barriers: Rows
    stalls: Rows  # on the ground
    pipes: Rows
    ways: Rows
    way_lanes: Lanes
    way_width_m: float  # of a way that nobody measured
    elevators: Rows  # that stand or are drawn already
    absent: frozenset[str]  # layers that are not there
    blind: dict[str, tuple[str, ...]]  # rows by layer that have no shape

    def share_a_wall(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell of pairs of buildings, by position, which are the same or share a wall."""
        pairs = np.array([(a, b) for a, near in self.attached.items() for b in near], dtype=np.int64).reshape(
            -1, 2
        )
        count = max(len(self.buildings), 1)
        return np.isin(one * count + other, pairs[:, 0] * count + pairs[:, 1])

    def house(self, building_id: str | None) -> int | None:
        """Return the position of a building."""
        return self.buildings.ids.index(building_id) if building_id in self.buildings.ids else None


def origin_of(site: Site) -> tuple[float, float]:
    """Return whole metres in the middle of the buildings, so that no digit is lost where coordinates are millions."""
    for name in ("buildings", "entrances", "elevators"):
        if site.has(name):
            bounds = site.layers[name].total_bounds
            if np.isfinite(bounds).all():
                return (float(round((bounds[0] + bounds[2]) / 2)), float(round((bounds[1] + bounds[3]) / 2)))
    return (0.0, 0.0)


def is_tree(kind: str) -> bool:
    """Tell whether an obstacle of a kind is a tree."""
    return kind.strip().casefold() in _TREES


def surroundings_of(site: Site, *, origin: tuple[float, float] | None = None) -> Surroundings:
    """Gather what stands around.

    Parameters
    ----------
    site : Site
        The site.
    origin : tuple of float, optional
        Subtracted from all coordinates.

    Returns
    -------
    Surroundings
        With what is absent.
    """
    origin = origin_of(site) if origin is None else origin
    blind: dict[str, tuple[str, ...]] = {}

    def rows(layer: str, frame: gpd.GeoDataFrame | None = None) -> Rows:
        return _rows(site, layer, origin, frame, blind)

    buildings = rows("buildings")
    lane_rows = rows("fire_lanes")
    widths = lane_rows.numbers("width_m")
    linear = (
        np.isin(shapely.get_type_id(lane_rows.shapes), (1, 5)) if len(lane_rows) else np.array([], dtype=bool)
    )
    ways = rows("walkways")
    way_widths = ways.numbers("width_m")
    way_widths = np.where(way_widths > 0, way_widths, _FOOTPATH_M)
    obstacles = rows("obstacles")
    return Surroundings(
        origin=origin,
        buildings=buildings,
        attached=_attached(buildings),
        lane_rows=lane_rows,
        lanes=lanes_of(lane_rows.shapes, widths),
        vague_lanes=np.flatnonzero(linear & ~(widths > 0)),
        parcels=rows("parcels"),
        doors=rows("entrances", _doors(site)),
        obstacles=obstacles,
        radii=_radii(obstacles),
        barriers=rows("barriers"),
        stalls=rows("stalls", _surface(site)),
        pipes=rows("utilities"),
        ways=ways,
        way_lanes=lanes_of(ways.shapes, way_widths),
        way_width_m=_FOOTPATH_M,
        elevators=rows("elevators"),
        absent=frozenset(name for name in _KNOWN if name not in site.layers)
        # An empty layer of what must be there says no more than an absent one.
        | frozenset(name for name in ("fire_lanes", "parcels", "buildings") if not site.has(name)),
        blind=blind,
    )


_KNOWN: Final = (
    "fire_lanes",
    "parcels",
    "buildings",
    "obstacles",
    "stalls",
    "utilities",
    "walkways",
    "barriers",
)


def _rows(
    site: Site,
    layer: str,
    origin: tuple[float, float],
    frame: gpd.GeoDataFrame | None,
    blind: dict[str, tuple[str, ...]],
) -> Rows:
    if frame is None:
        frame = site.layers.get(layer)
    if frame is None or not len(frame):
        none = np.array([], dtype=object)
        return Rows(ids=(), shapes=none, table=pd.DataFrame(), mended=np.array([], dtype=bool))
    ids = frame[LAYERS[layer].id_column]
    shapes = frame.geometry.to_numpy()
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    lost = tuple(str(i) for i in ids[~drawn])
    if lost:
        blind[layer] = (*blind.get(layer, ()), *lost)
    order = np.argsort(ids[drawn].astype(str).to_numpy(), kind="stable")
    kept = np.array(shapes[drawn], dtype=object)[order]
    names = tuple(str(i) for i in ids[drawn].to_numpy()[order])
    mended = site.repaired(layer)
    return Rows(
        ids=names,
        shapes=shapely.transform(kept, lambda xy: xy - np.array(origin)),
        table=pd.DataFrame(frame.drop(columns=frame.geometry.name))[drawn].iloc[order].reset_index(drop=True),
        mended=np.array([name in mended for name in names], dtype=bool),
    )


def _doors(site: Site) -> Any:  # noqa: ANN401 - a frame, or None
    if not site.has("entrances"):
        return None
    frame = site.layers["entrances"]
    return frame[frame["kind"].isin(["door", "stairwell"])]


def _surface(site: Site) -> Any:  # noqa: ANN401 - a frame, or None
    if not site.has("stalls"):
        return None
    frame = site.layers["stalls"]
    return frame[~frame["kind"].map(is_below_ground).astype(bool)] if "kind" in frame else frame


def _radii(rows: Rows) -> NDArray[np.float64]:
    radius = rows.numbers("radius_m")
    radius = np.where(radius >= 0, radius, UNKNOWN_RADIUS_M)
    points = shapely.get_dimensions(rows.shapes) == 0 if len(rows) else np.zeros(0, dtype=bool)
    return np.where(points, radius, 0.0)


def _attached(buildings: Rows) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {i: {i} for i in range(len(buildings))}
    if len(buildings):
        pairs = shapely.STRtree(buildings.shapes).query(
            buildings.shapes, predicate="dwithin", distance=ATTACHED_M
        )
        for a, b in pairs.T.tolist():
            found[a].add(b)
    return {i: frozenset(near) for i, near in found.items()}
