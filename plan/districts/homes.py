"""What stands in a district and who lives there: buildings, households, estates, today's communities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from plan.errors import MissingLayerError, UsageError
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.site import Site

__all__ = ["PARCEL", "Homes", "area_of", "read_homes"]

PARCEL: Final = "parcel:"  # before the id of a parcel on which no building stands
# Buildings up to twice this far from each other stand on one ground.
_REACH_M: Final = 150.0
_MARGIN_M: Final = 20.0  # ground around the outermost buildings, where no community of today is drawn
_ROUND_M: Final = 0.001
_SHOWN: Final = 10  # ids that a message lists


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Homes:
    """Buildings and empty parcels of a site, in the order of their names.

    Parameters
    ----------
    shapes : mapping of str to Polygon
        Outlines by name: building ids, and ``parcel:`` with the id of a parcel without a building.
    households : mapping of str to int
        By name; 0 where nobody lives.
    estates : mapping of str to str
        The estate of each name: ``estate_id``, else the parcel; absent where a building stands alone.
    today : mapping of str to str
        The community of today in which each stands; absent where in none.
    parcels : array of Polygon
        Outlines that borders follow.
    notes : tuple of Message
        What could not be placed, and why.
    """

    shapes: Mapping[str, shapely.Geometry]
    households: Mapping[str, int]
    estates: Mapping[str, str]
    today: Mapping[str, str]
    parcels: Any
    notes: tuple[Message, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All names."""
        return tuple(self.shapes)

    @property
    def points(self) -> NDArray[np.object_]:
        """A point inside each outline."""
        found: NDArray[np.object_] = shapely.point_on_surface(
            np.array(list(self.shapes.values()), dtype=object)
        )
        return found


def read_homes(site: Site, *, today: str = "communities") -> Homes:
    """Read what stands in a district.

    Parameters
    ----------
    site : Site
        With ``buildings`` and ``households``; ``parcels`` and communities where there are any.
    today : str, default "communities"
        The layer with today's outlines.

    Returns
    -------
    Homes
        With notes on buildings without a shape, households without a building, and the like.

    Raises
    ------
    MissingLayerError
        If there are no buildings or no households.
    UsageError
        If nobody lives in any building that is drawn.
    """
    for name, key in (("buildings", "no_buildings"), ("households", "no_households")):
        if not site.has(name):
            raise MissingLayerError(Message(f"districts.{key}", site=site.name))
    notes: list[Message] = []
    buildings = site.layer("buildings").sort_values("building_id", kind="stable")
    buildings["building_id"] = buildings["building_id"].astype(str)
    counted = site.layer("households")["building_id"].dropna().astype(str).value_counts()
    homeless = int(len(site.layer("households")) - counted.sum())
    unknown = sorted(set(counted.index) - set(buildings["building_id"]))
    if unknown or homeless:
        lost = homeless + int(counted[unknown].sum())
        notes.append(Message("districts.lost_households", count=lost, ids=tuple(unknown[:_SHOWN]) or ("–",)))
    bare = buildings.geometry.isna() | buildings.geometry.is_empty
    if bare.any():
        ids = buildings.loc[bare, "building_id"]
        lost = int(counted.reindex(ids).fillna(0).sum())
        notes.append(Message("districts.no_shape", count=len(ids), ids=tuple(ids[:_SHOWN]), households=lost))
    buildings = buildings[~bare]
    shapes = dict(zip(buildings["building_id"], buildings.geometry, strict=True))
    households = {name: int(counted.get(name, 0)) for name in shapes}
    if not sum(households.values()):
        raise UsageError(Message("districts.nobody", site=site.name))
    estates, empty, outlines = _estates(site, buildings)
    shapes |= empty
    households |= dict.fromkeys(empty, 0)
    mended = sorted(site.repaired("buildings") & set(shapes))
    if mended:
        notes.append(Message("districts.mended", count=len(mended), ids=tuple(mended[:_SHOWN])))
    if "households" in site.estimates:
        notes.append(Message("districts.estimated"))
    return Homes(
        shapes=shapes,
        households=households,
        estates=estates,
        today=_today(site, shapes, today),
        parcels=outlines,
        notes=tuple(notes),
    )


def _estates(site: Site, buildings: Any) -> tuple[dict[str, str], dict[str, Any], Any]:  # noqa: ANN401 - a layer
    """Return the estate of each building, parcels without a building, and the outlines of all."""
    estates: dict[str, str] = {}
    parcels = site.layer("parcels") if site.has("parcels") else None
    outlines = np.zeros(0, dtype=object)
    of_parcel: dict[str, str] = {}
    on: dict[str, str] = {}
    empty: dict[str, Any] = {}
    if parcels is not None:
        parcels = parcels[parcels.geometry.notna() & ~parcels.geometry.is_empty]
        parcels = parcels.sort_values("parcel_id", kind="stable")
        ids = parcels["parcel_id"].astype(str).to_list()
        named = _texts(parcels, "estate_id")
        of_parcel = {i: e or i for i, e in zip(ids, named, strict=True)}
        outlines = np.asarray(parcels.geometry.to_numpy(), dtype=object)
        points = shapely.point_on_surface(np.asarray(buildings.geometry.to_numpy(), dtype=object))
        which, parcel = shapely.STRtree(outlines).query(points, predicate="intersects")
        names = buildings["building_id"].to_list()
        for b, p in sorted(zip(which.tolist(), parcel.tolist(), strict=True), reverse=True):
            on[names[b]] = ids[p]
        lived_on = set(on.values()) | set(_texts(buildings, "parcel_id"))
        empty = {PARCEL + i: s for i, s in zip(ids, outlines, strict=True) if i not in lived_on}
    rows = zip(
        buildings["building_id"], _texts(buildings, "estate_id"), _texts(buildings, "parcel_id"), strict=True
    )
    for name, estate, parcel_id in rows:
        parcel_id = parcel_id or on.get(name, "")  # noqa: PLW2901 - what the row says, else where it stands
        if found := estate or of_parcel.get(parcel_id, parcel_id):
            estates[name] = found
    return estates, empty, outlines


def _texts(frame: Any, column: str) -> list[str]:  # noqa: ANN401 - a layer
    if column not in frame:
        return [""] * len(frame)
    return ["" if pd.isna(value) else str(value).strip() for value in frame[column]]


def _today(site: Site, shapes: Mapping[str, Any], layer: str) -> dict[str, str]:
    if not site.has(layer):
        return {}
    drawn = site.layer(layer)
    drawn = drawn[drawn.geometry.notna() & ~drawn.geometry.is_empty].sort_values(
        drawn.columns[0], kind="stable"
    )
    names = list(shapes)
    points = shapely.point_on_surface(np.array(list(shapes.values()), dtype=object))
    ids = drawn.iloc[:, 0].astype(str).to_list()
    which, area = shapely.STRtree(drawn.geometry.to_numpy()).query(points, predicate="intersects")
    found: dict[str, str] = {}
    for i, a in sorted(zip(which.tolist(), area.tolist(), strict=True), reverse=True):
        found[names[i]] = ids[a]  # the first of two that overlap
    return found


def area_of(site: Site, homes: Homes) -> shapely.Geometry:
    """Return the ground of a district: today's communities, and all that lies between its buildings and parcels.

    Parameters
    ----------
    site : Site
        With communities where there are any.
    homes : Homes
        What stands in it.

    Returns
    -------
    Polygon or MultiPolygon
        Without holes; several parts where buildings stand more than 300 m from all others.
    """
    drawn = [] if not site.has("communities") else list(site.layer("communities").geometry.dropna())
    margin = 0.0 if drawn else _MARGIN_M
    things = [*drawn, *homes.shapes.values(), *homes.parcels]
    grown = shapely.union_all(shapely.buffer(np.array(things, dtype=object), _REACH_M, quad_segs=2))
    # Shrinking takes up to 11 m more than coarse arcs gave: within the margin, or put back from today's outlines.
    shrunk = grown.buffer(margin - _REACH_M, quad_segs=2)
    whole = shapely.union_all([shrunk, *drawn, *(homes.shapes.values() if drawn else ())])
    filled = [shapely.Polygon(part.exterior) for part in shapely.get_parts(whole)]
    return shapely.set_precision(shapely.union_all(filled), _ROUND_M)
