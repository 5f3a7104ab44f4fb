"""Communities: a district divided so that each has its households, keeps its estates whole and crosses no main road."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from plan.districts.barriers import MAIN_ROAD_LANES, MAIN_ROAD_WIDTH_M, Barriers, closed, find_barriers
from plan.districts.ground import Ground, Lines, lay_ground
from plan.districts.homes import Homes, area_of, read_homes
from plan.districts.partition import Cells, Division, divide
from plan.districts.units import Units, cell_middles, make_units
from plan.districts.verify import Fault, rms_radius_m, verify_communities
from plan.errors import UsageError
from plan.messages import Message
from plan.site import Placement, Site, as_objects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["place_communities"]

_SHOWN: Final = 8  # names that a message lists
_MOSTLY: Final = (
    0.5  # share of a community's households that must come from one of today's for it to keep the name
)


def place_communities(
    site: Site,
    *,
    minimum_households: float = 1500,
    maximum_households: float = 3000,
    target_households: float | None = None,
    main_road_lanes: int | None = MAIN_ROAD_LANES,
    main_road_width_m: float | None = MAIN_ROAD_WIDTH_M,
    main_roads: Sequence[str] = (),
    minor_roads: Sequence[str] = (),
    keep_weight: float = 1.0,
    seed: int = 0,
) -> Placement:
    """Divide a district into compact communities whose households lie in a band.

    No estate is cut unless it alone has more households than a community may have, no community crosses a main road,
    a railway or water, and where there are communities today, a household that changes its own is a cost. Where the
    band cannot be kept, the community says why.

    Parameters
    ----------
    site : Site
        With ``buildings`` and ``households``; ``parcels``, ``communities``, ``walkways`` and ``obstacles`` where there are
        any.
    minimum_households, maximum_households : float, default 1500 and 3000
        The band of a community, both included. The defaults are Qinhuangdao's guide value (rule ``QHD-01``);
        ``plan place communities --rules PACK`` takes those of a pack.
    target_households : float, optional
        Households that decide how many communities there are; the middle of the band by default. Where today's number
        is possible, it stays.
    main_road_lanes, main_road_width_m : number or None
        From how many lanes, or which width in metres, a street is a main road; None: these say nothing.
    main_roads, minor_roads : sequence of str
        Names or ids of ways that are main roads, or are none, whatever their lanes.
    keep_weight : float, default 1
        What it costs that a household changes its community: as much as living ``sqrt(keep_weight)`` typical radii further
        from its middle. 0: today's communities are not regarded.
    seed : int, default 0
        Of the random numbers of the search.

    Returns
    -------
    Placement
        ``features``: the communities (``community_id``, ``name``, ``households``, ``estates``, ``buildings``, ``moved``,
        ``rms_radius_m``, ``in_band``, ``reason``, Polygon); those that mostly are one of today's keep its id and name. Together they
        are the ground of the district, water and roads included. ``rejected``: today's communities that do not go on,
        with ``reason``. ``measures``: totals, the root mean square distance of a household's building from the middle of its
        community (``rms_radius_m``), what was verified by other code, and notes.

    Raises
    ------
    MissingLayerError
        If there are no buildings or no households.
    UsageError
        If the band makes no sense, nobody lives in any building, or a road is named that is not there.
    """
    _check_band(minimum_households, maximum_households, target_households, keep_weight)
    homes = read_homes(site)
    barriers = find_barriers(
        site,
        main_road_lanes=main_road_lanes,
        main_road_width_m=main_road_width_m,
        main_roads=main_roads,
        minor_roads=minor_roads,
    )
    area = area_of(site, homes)
    lines = _lines(barriers, homes, area)
    ground = lay_ground(area, homes.shapes, lines)
    units = make_units(homes, ground, most=maximum_households)
    old_ids = tuple(sorted(set(homes.today.values())))
    group, why = _divided(
        units,
        _todays(homes, ground, units, old_ids),
        low=minimum_households,
        high=maximum_households,
        target=target_households,
        keep_weight=keep_weight,
        seed=seed,
    )
    attached = _attach(units, ground, group)
    across = _across(units, ground, group)
    drawn = _Drawn.of(site, homes, ground, units, group[units.of_cell], old_ids)
    features = _features(site, drawn, why, across, low=minimum_households, high=maximum_households)
    faults = verify_communities(
        site,
        features,
        lines,
        low=minimum_households,
        high=maximum_households,
    )
    return Placement(
        features=features,
        rejected=_rejected(site, drawn, features),
        measures=_measures(features, drawn, ground, barriers, faults, minimum_households, maximum_households)
        | {"notes": _notes(homes, ground, units, barriers, attached)},
    )


def _check_band(low: float, high: float, target: float | None, keep_weight: float) -> None:
    if not (math.isfinite(low) and 0 < low <= high):
        raise UsageError(Message("districts.band", low=low, high=high))
    if target is not None and not low <= target <= high:
        raise UsageError(Message("districts.target", target=target, low=low, high=high))
    if not (math.isfinite(keep_weight) and keep_weight >= 0):
        raise UsageError(Message("districts.keep_weight", weight=keep_weight))


def _lines(barriers: Barriers, homes: Homes, area: shapely.Geometry) -> Lines:
    """Return the barriers without gaps, and the outlines of estates."""
    given = barriers.lines
    return replace(given, edges=shapely.boundary(homes.parcels), roads=closed(given.roads, given.water, area))


def _todays(homes: Homes, ground: Ground, units: Units, old_ids: tuple[str, ...]) -> Ints:
    """Return today's community of each unit: where most of its households live; -1 where in none."""
    if not old_ids:
        return np.full(len(units.cells), -1, dtype=np.int64)
    votes = np.zeros((len(units.cells), len(old_ids)))
    number = {name: i for i, name in enumerate(old_ids)}
    for name, cell in ground.cell_of.items():
        if name in homes.today:
            votes[units.of_cell[cell], number[homes.today[name]]] += homes.households[name] + 1e-6
    return np.where(votes.max(axis=1) > 0, votes.argmax(axis=1), -1).astype(np.int64)


def _divided(
    units: Units,
    today: Ints,
    *,
    low: float,
    high: float,
    target: float | None,
    keep_weight: float,
    seed: int,
) -> tuple[Ints, dict[int, Message]]:
    """Return the community of each unit, -1 where nobody lives in its block, and why some are out of the band."""
    group = np.full(len(units.cells), -1, dtype=np.int64)
    why: dict[int, Message] = {}
    count = 0
    for block in np.unique(units.block):
        members = np.flatnonzero(units.block == block)
        here = units.cells.part(members)
        if not here.households.sum():
            continue
        found = divide(
            here,
            low=low,
            high=high,
            target=target,
            today=today[members] if keep_weight > 0 else None,
            keep_weight=keep_weight,
            seed=seed,
        )
        group[members] = found.labels + count
        sizes = np.bincount(found.labels, weights=here.households, minlength=len(found.homes))
        for number, size in enumerate(sizes):
            if not low <= size <= high:
                why[count + number] = _why(units, members, here, found, number, low=low, high=high)
        count += len(found.homes)
    return group, why


def _why(
    units: Units, members: Ints, here: Cells, found: Division, number: int, *, low: float, high: float
) -> Message:
    """Say why a community is out of the band."""
    total = int(here.households.sum())
    largest = members[found.labels == number][np.argmax(here.households[found.labels == number])]
    if total < low:
        return Message("districts.island", households=f"{total:,}", low=f"{low:,.0f}")
    if units.cells.households[largest] > high:
        return Message(
            "districts.large_building",
            households=f"{units.cells.households[largest]:,.0f}",
            high=f"{high:,.0f}",
        )
    if math.floor(total / low) < math.ceil(total / high):
        return Message("districts.no_number", households=f"{total:,}", low=f"{low:,.0f}", high=f"{high:,.0f}")
    return Message(
        "districts.not_found",
        households=f"{total:,}",
        units=len(members),
        tried=tuple(str(k) for k in found.tried),
    )


def _attach(units: Units, ground: Ground, group: Ints) -> int:
    """Give ground on which nobody lives to the community across the longest border; return how many units."""
    empty = int((group < 0).sum())
    ends = units.of_cell[np.concatenate([ground.pairs, ground.across])]
    length = np.concatenate([ground.border_m, ground.across_m])
    ends, length = np.concatenate([ends, ends[:, ::-1]]), np.tile(length, 2)
    while (group < 0).any():
        open_ = (group[ends[:, 0]] < 0) & (group[ends[:, 1]] >= 0)
        if not open_.any():  # ground by itself: to the nearest
            lived_in = np.flatnonzero(group >= 0)
            for unit in np.flatnonzero(group < 0):
                away = np.linalg.norm(units.cells.places[lived_in] - units.cells.places[unit], axis=1)
                group[unit] = group[lived_in[np.argmin(away)]]
            break
        table = pd.DataFrame({"unit": ends[open_, 0], "group": group[ends[open_, 1]], "m": length[open_]})
        sums = table.groupby(["unit", "group"])["m"].sum().round(6).reset_index()
        best = sums.sort_values(["unit", "m", "group"], ascending=[True, False, True]).drop_duplicates("unit")
        group[best["unit"].to_numpy()] = best["group"].to_numpy()
    return empty


def _across(units: Units, ground: Ground, group: Ints) -> dict[int, list[int]]:
    """Return the communities across main roads and water of each, the one with the longest border first."""
    ends = group[units.of_cell[ground.across]]
    differ = ends[:, 0] != ends[:, 1]
    ends, length = ends[differ], ground.across_m[differ]
    table = pd.DataFrame({
        "group": np.concatenate([ends[:, 0], ends[:, 1]]),
        "other": np.concatenate([ends[:, 1], ends[:, 0]]),
        "m": np.tile(length, 2),
    })  # fmt: skip
    sums = table.groupby(["group", "other"])["m"].sum().round(6).reset_index()
    sums = sums.sort_values(["group", "m", "other"], ascending=[True, False, True])
    return {int(g): part["other"].tolist() for g, part in sums.groupby("group")}


def _beyond(
    reason: Message,
    number: int,
    others: Sequence[int],
    sizes: Mapping[int, int],
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drawn:
    """Communities and what is in them."""

    ids: tuple[str, ...]  # of the communities, by group
    old: tuple[str, ...]  # today's community that each goes on from; empty where none
    rows: pd.DataFrame  # what stands in the district: name, group, households, today, estate, x, y
    shapes: NDArray[np.object_]
    cells: Ints  # the group of each cell of the ground
    old_names: Mapping[str, Any]

    @classmethod
    def of(
        cls, site: Site, homes: Homes, ground: Ground, units: Units, group: Ints, old_ids: tuple[str, ...]
    ) -> _Drawn:
        del units
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
        taken = set(old_ids)
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
        layer = site.layer("communities") if site.has("communities") else None
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
    middles = rows.groupby("group")[["x", "y"]].mean().round(2)
    return sorted(range(count), key=lambda g: (-middles.loc[g, "y"], middles.loc[g, "x"], g))


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


def _features(
    site: Site,
    drawn: _Drawn,
    why: Mapping[int, Message],
    across: Mapping[int, Sequence[int]],
    *,
    low: float,
    high: float,
) -> gpd.GeoDataFrame:
    rows = []
    sizes = drawn.rows.groupby("group")["households"].sum().to_dict()
    for number, name in enumerate(drawn.ids):
        reason = why.get(number)
        if reason is not None and reason.key == "districts.island":
            reason = _beyond(reason, number, across.get(number, ()), sizes, drawn.ids, low=low, high=high)
        mine = drawn.rows[drawn.rows["group"] == number]
        homes = int(mine["households"].sum())
        moved = mine[(mine["today"] != "") & (mine["today"] != name)]
        old = drawn.old_names.get(drawn.old[number], {}) if drawn.old[number] else {}
        lived_in = mine[mine["households"] > 0]
        rows.append({
            "community_id": name,
            "name": old.get("name"),
            "households": homes,
            "estates": lived_in.loc[lived_in["estate"] != "", "estate"].nunique(),
            "buildings": int((~mine["name"].str.startswith("parcel:")).sum()),
            "moved": int(moved["households"].sum()),
            "rms_radius_m": rms_radius_m(mine[["x", "y"]].to_numpy(), mine["households"].to_numpy()),
            "in_band": bool(low <= homes <= high),
            "reason": reason,
            "geometry": drawn.shapes[number],
        })  # fmt: skip
    rows.sort(key=lambda row: str(row["community_id"]))
    frame = pd.DataFrame(rows)
    # As objects: a column of text would keep the words of one language only.
    frame["reason"] = as_objects(row["reason"] for row in rows)
    frame["name"] = as_objects(row["name"] for row in rows)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=site.crs)


def _rejected(site: Site, drawn: _Drawn, features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return today's communities that do not go on, and where their households go."""
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


def _measures(
    features: gpd.GeoDataFrame,
    drawn: _Drawn,
    ground: Ground,
    barriers: Barriers,
    faults: tuple[Fault, ...],
    low: float,
    high: float,
) -> dict[str, Any]:
    cut = drawn.cells[ground.pairs[:, 0]] != drawn.cells[ground.pairs[:, 1]]
    households = features["households"].to_numpy()
    rows = drawn.rows
    squares = households * features["rms_radius_m"].to_numpy() ** 2
    return {
        "placed": len(features),
        "households": int(households.sum()),
        "households_least": int(households.min()),
        "households_most": int(households.max()),
        "band": [low, high],
        "in_band": int(features["in_band"].sum()),
        "moved": int(features["moved"].sum()),
        "had_community": int(rows.loc[rows["today"] != "", "households"].sum()),
        "rms_radius_m": float(np.sqrt(squares.sum() / max(households.sum(), 1))),
        "cut_edges": int(cut.sum()),
        "edges": len(cut),
        "cut_border_m": float(ground.border_m[cut].sum()),
        "contiguous": sum(1 for name in features["community_id"] if not _torn(faults, name)),
        "main_roads": list(barriers.roads),
        "faults": faults,
    }


def _torn(faults: tuple[Fault, ...], name: str) -> bool:
    return any(fault.community == name and fault.kind in {"apart", "across"} for fault in faults)


def _notes(
    homes: Homes, ground: Ground, units: Units, barriers: Barriers, attached: int
) -> tuple[Message, ...]:
    notes = [*barriers.notes, *homes.notes]
    if units.split:
        names = tuple(f"{name} ({count:,})" for name, count in units.split.items())
        notes.append(Message("districts.split_estates", names=names[:_SHOWN], count=len(names)))
    if units.astride:
        notes.append(Message("districts.astride", names=units.astride[:_SHOWN], count=len(units.astride)))
    if ground.outside:
        lost = sum(homes.households[name] for name in ground.outside)
        notes.append(
            Message(
                "districts.in_water", ids=ground.outside[:_SHOWN], count=len(ground.outside), households=lost
            )
        )
    if attached:
        notes.append(Message("districts.attached", count=attached))
    return tuple(notes)
