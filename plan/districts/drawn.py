"""Communities as they are drawn: their ids, names and outlines, what is in them, and which of today's go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from plan.districts.homes import PARCEL
from plan.districts.units import cell_middles
from plan.districts.verify import rms_radius_m
from plan.messages import Message
from plan.site import Site, as_objects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.districts.ground import Ground
    from plan.districts.homes import Homes

    Ints = NDArray[np.int64]

__all__ = ["Drawn", "community_rows", "given_up"]

_SHOWN: Final = 8  # names that a message lists
# What is worked out anew for each community.
_OURS: Final = frozenset({
    "community_id", "name", "households", "estates", "buildings", "moved", "rms_radius_m", "in_band", "reason",
})  # fmt: skip
_MOSTLY: Final = (
    0.5  # share of a community's households that must come from one of today's for it to keep the name
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """Communities and what is in them."""

    ids: tuple[str, ...]  # of the communities, by group
    old: tuple[str, ...]  # today's community that each goes on from; empty where none
    rows: pd.DataFrame  # what stands in the district: name, group, households, today, estate, x, y
    shapes: NDArray[np.object_]
    cells: Ints  # the group of each cell of the ground
    old_names: Mapping[str, Any]

    @classmethod
    def of(cls, site: Site, homes: Homes, ground: Ground, *, group: Ints, old_ids: tuple[str, ...]) -> Drawn:
        middles = cell_middles(homes, ground)
        names = [name for name in homes.names if name in ground.cell_of]
        cell = np.array([ground.cell_of[name] for name in names], dtype=np.int64)
        rows = pd.DataFrame({
            "name": names,
            "group": group[cell],
            "households": [homes.households[name] for name in names],
            "today": [homes.today.get(name, "") for name in names],
            "estate": [homes.estates.get(name, "") for name in names],
            "x": middles[cell, 0],
            "y": middles[cell, 1],
        })  # fmt: skip
        count = int(group.max()) + 1
        old = _continued(rows, count, old_ids)
        layer = site.layer("communities") if site.has("communities") else None
        taken = set() if layer is None else set(layer["community_id"].astype(str))
        ids = []
        fresh = 0
        order = _by_place(rows, count)
        new_ids: dict[int, str] = {}
        for number in order:
            if not old[number]:
                fresh += 1
                while f"C{fresh:02d}" in taken:
                    fresh += 1
                new_ids[number] = f"C{fresh:02d}"
        ids = [old[number] or new_ids[number] for number in range(count)]
        shapes = np.array([_joined(ground.shapes[group == number]) for number in range(count)], dtype=object)
        known: dict[str, Any] = {}
        if layer is not None:
            known = {
                str(row["community_id"]): row for row in layer.drop(columns="geometry").to_dict("records")
            }
        return cls(ids=tuple(ids), old=old, rows=rows, shapes=shapes, cells=group, old_names=known)


def _joined(shapes: NDArray[np.object_]) -> shapely.Geometry:
    whole = shapely.coverage_union_all(shapes)
    parts = shapely.get_parts(whole)
    return parts[0] if len(parts) == 1 else whole


def _by_place(rows: pd.DataFrame, count: int) -> list[int]:
    """Return the groups from north to south, and from west to east where they lie equally far north."""
    middles = rows.groupby("group")[["x", "y"]].mean().round(2).to_numpy().tolist()
    return sorted(range(count), key=lambda g: (-middles[g][1], middles[g][0], g))


def _continued(rows: pd.DataFrame, count: int, old_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return today's community that each new one mostly is, each of today's at most once."""
    kept = [""] * count
    if not old_ids:
        return tuple(kept)
    shared = np.zeros((count, len(old_ids)))
    number = {name: i for i, name in enumerate(old_ids)}
    mine = rows[rows["today"] != ""]
    np.add.at(
        shared,
        (mine["group"].to_numpy(), mine["today"].map(number).to_numpy()),
        mine["households"].to_numpy(),
    )
    total = rows.groupby("group")["households"].sum().reindex(range(count), fill_value=0).to_numpy()
    for new, old in zip(*linear_sum_assignment(-shared), strict=True):
        if shared[new, old] > _MOSTLY * total[new]:
            kept[new] = old_ids[old]
    return tuple(kept)


def community_rows(
    site: Site,
    drawn: Drawn,
    why: Mapping[int, Message],
    across: Mapping[int, Sequence[int]],
    *,
    low: float,
    high: float,
) -> gpd.GeoDataFrame:
    """Return the communities as rows of a layer.

    Parameters
    ----------
    site : Site
        The district.
    drawn : Drawn
        Its communities.
    why : mapping of int to Message
        Why a community is out of the band.
    across : mapping of int to sequence of int
        Its neighbours across main roads and water, the one with the longest border first.
    low, high : float
        The band.

    Returns
    -------
    geopandas.GeoDataFrame
        As of :func:`plan.place_communities`.
    """
    rows = []
    groups = range(len(drawn.ids))
    of_group = np.argsort(drawn.rows["group"].to_numpy(), kind="stable")
    bounds = np.searchsorted(drawn.rows["group"].to_numpy()[of_group], np.arange(len(drawn.ids) + 1))
    sizes = drawn.rows.groupby("group")["households"].sum().reindex(groups, fill_value=0).tolist()
    for number, name in enumerate(drawn.ids):
        reason = why.get(number)
        if reason is not None and reason.key == "districts.island":
            reason = _beyond(reason, number, across.get(number, ()), sizes, drawn.ids, low=low, high=high)
        mine = drawn.rows.iloc[of_group[bounds[number] : bounds[number + 1]]]
        homes = int(mine["households"].sum())
        moved = mine[(mine["today"] != "") & (mine["today"] != name)]
        old = drawn.old_names.get(drawn.old[number], {}) if drawn.old[number] else {}
        lived_in = mine[mine["households"] > 0]
        rows.append({
            "community_id": name,
            "name": old.get("name"),
            "households": homes,
            "estates": lived_in.loc[lived_in["estate"] != "", "estate"].nunique(),
            "buildings": int((~mine["name"].str.startswith(PARCEL)).sum()),
            "moved": int(moved["households"].sum()),
            "rms_radius_m": rms_radius_m(mine[["x", "y"]].to_numpy(), mine["households"].to_numpy()),
            "in_band": bool(low <= homes <= high),
            "reason": reason,
            **_as_it_was(old, drawn.rows, number, name),
            "geometry": drawn.shapes[number],
        })  # fmt: skip
    rows.sort(key=lambda row: str(row["community_id"]))
    frame = pd.DataFrame(rows)
    # As objects: a column of text would keep the words of one language only.
    frame["reason"] = as_objects(row["reason"] for row in rows)
    frame["name"] = as_objects(row["name"] for row in rows)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=site.crs)


def _as_it_was(old: Mapping[Any, Any], rows: pd.DataFrame, number: int, name: str) -> dict[str, Any]:
    """Return what else is known of a community of today in which the same people live: its staff, its budget."""
    inhabited = rows[rows["households"] > 0]
    if not old or set(inhabited.index[inhabited["group"] == number]) != set(
        inhabited.index[inhabited["today"] == name]
    ):
        return {}
    return {key: value for key, value in old.items() if key not in _OURS}


def given_up(site: Site, drawn: Drawn, features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return today's communities that do not go on, and where their households go.

    Parameters
    ----------
    site : Site
        The district.
    drawn : Drawn
        Its communities.
    features : geopandas.GeoDataFrame
        The communities as rows.

    Returns
    -------
    geopandas.GeoDataFrame
        ``community_id``, ``name``, ``households`` and ``reason``.
    """
    columns = ["community_id", "name", "households", "reason"]
    rows = []
    kept = set(features["community_id"])
    shapes: list[Any] = []
    if site.has("communities"):
        layer = site.layer("communities")
        outline = dict(zip(layer["community_id"].astype(str), layer.geometry, strict=True))
        for name in sorted(set(outline) - kept):
            mine = drawn.rows[drawn.rows["today"] == name]
            into = mine.groupby("group")["households"].sum().sort_values(ascending=False, kind="stable")
            goes = tuple(drawn.ids[g] for g in into.index[into > 0])
            reason = (
                Message("districts.given_up", into=goes[:_SHOWN])
                if goes
                else Message("districts.empty_community")
            )
            rows.append(
                (name, drawn.old_names.get(name, {}).get("name"), int(mine["households"].sum()), reason)
            )
            shapes.append(outline[name])
    table = pd.DataFrame(rows, columns=columns)
    table["reason"] = as_objects(row[3] for row in rows)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=site.crs)


def _beyond(
    reason: Message,
    number: int,
    others: Sequence[int],
    sizes: Sequence[int],
    ids: Sequence[str],
    *,
    low: float,
    high: float,
) -> Message:
    """Add which community lies across the road, and how many households they would be together."""
    fitting = [other for other in others if low <= sizes[number] + sizes[other] <= high]
    for other in [*fitting, *others][:1]:
        return Message(
            "districts.island_beside",
            why=reason,
            other=ids[other],
            together=f"{sizes[number] + sizes[other]:,}",
        )
    return reason
