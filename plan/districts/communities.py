"""Communities: a district divided so that each has its households, keeps its estates whole and crosses no main road."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.districts.barriers import MAIN_ROAD_LANES, MAIN_ROAD_WIDTH_M, Barriers, closed, find_barriers
from plan.districts.drawn import Drawn, community_rows, given_up
from plan.districts.ground import Ground, Lines, lay_ground
from plan.districts.homes import Homes, area_of, read_homes
from plan.districts.partition import Cells, Division, divide
from plan.districts.units import Units, make_units
from plan.districts.verify import Fault, verify_communities
from plan.errors import UsageError
from plan.messages import Message
from plan.site import Placement, Site

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["place_communities"]

_SHOWN: Final = 8  # names that a message lists


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
    keep_weight: float = 4.0,
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
    keep_weight : float, default 4
        What it costs that a household changes its community: as much as living ``sqrt(keep_weight)`` typical radii further
        from its middle; 4, this tool's own figure, is two radii. 0: today's communities are not regarded.
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

    Examples
    --------
    >>> import plan
    >>> site = plan.read_site("sample_gis/district.gpkg")
    >>> placed = plan.place_communities(site, minimum_households=1000, maximum_households=3500)
    >>> placed.measures["in_band"], placed.measures["placed"]
    (9, 9)
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
    today = _todays(homes, ground, units, old_ids)
    group, why = _divided(
        units,
        today,
        low=minimum_households,
        high=maximum_households,
        target=target_households,
        keep_weight=keep_weight,
        seed=seed,
    )
    attached = _attach(units, ground, group, today)
    across = _across(units, ground, group)
    drawn = Drawn.of(site, homes, ground, group=group[units.of_cell], old_ids=old_ids)
    features = community_rows(site, drawn, why, across, low=minimum_households, high=maximum_households)
    faults = verify_communities(
        site,
        features,
        lines,
        low=minimum_households,
        high=maximum_households,
    )
    return Placement(
        features=features,
        rejected=given_up(site, drawn, features),
        measures=_measures(
            features, drawn, ground, barriers, faults=faults, band=(minimum_households, maximum_households)
        )
        | {"notes": (*_notes(homes, ground, units, barriers, attached), *_pieces(features, faults))},
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
            today=today[members].tolist() if keep_weight > 0 else None,
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
        "districts.impossible" if found.proven else "districts.not_found",
        households=f"{total:,}",
        units=len(members),
        tried=tuple(str(k) for k in found.tried),
    )


def _attach(units: Units, ground: Ground, group: Ints, today: Ints) -> int:
    """Give ground on which nobody lives to a community across a border; return how many units.

    To the one that goes on from its community of today, else to the one with the longest border.
    """
    mostly = _mostly(units.cells.households, group, today)
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
        old = today[sums["unit"].to_numpy()]
        sums["same"] = (old >= 0) & (old == mostly[sums["group"].to_numpy()])
        order = sums.sort_values(["unit", "same", "m", "group"], ascending=[True, False, False, True])
        best = order.drop_duplicates("unit")
        group[best["unit"].to_numpy()] = best["group"].to_numpy()
    return empty


def _mostly(households: NDArray[np.float64], group: Ints, today: Ints) -> Ints:
    """Return today's community of most households of each group; -1 where of none."""
    found = np.full(int(group.max()) + 1, -1, dtype=np.int64)
    known = (group >= 0) & (today >= 0)
    table = pd.DataFrame({"group": group[known], "old": today[known], "homes": households[known]})
    sums = table.groupby(["group", "old"])["homes"].sum().reset_index()
    best = sums.sort_values(["group", "homes", "old"], ascending=[True, False, True]).drop_duplicates("group")
    found[best["group"].to_numpy()] = best["old"].to_numpy()
    return found


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
    found: dict[int, list[int]] = {}
    for here, other in zip(sums["group"].tolist(), sums["other"].tolist(), strict=True):
        found.setdefault(here, []).append(other)
    return found


def _measures(
    features: gpd.GeoDataFrame,
    drawn: Drawn,
    ground: Ground,
    barriers: Barriers,
    *,
    faults: tuple[Fault, ...],
    band: tuple[float, float],
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
        "band": list(band),
        "in_band": int(features["in_band"].sum()),
        "moved": int(features["moved"].sum()),
        "had_community": int(rows.loc[rows["today"] != "", "households"].sum()),
        "rms_radius_m": float(np.sqrt(squares.sum() / max(households.sum(), 1))),
        "cut_edges": int(cut.sum()),
        "edges": len(cut),
        "cut_border_m": float(ground.border_m[cut].sum()),
        "contiguous": sum(1 for name in features["community_id"] if not _torn(faults, name)),
        "in_one_piece": int((features.geometry.geom_type == "Polygon").sum()),
        "main_roads": list(barriers.roads),
        "faults": faults,
    }


def _pieces(features: gpd.GeoDataFrame, faults: tuple[Fault, ...]) -> tuple[Message, ...]:
    several = features.loc[features.geometry.geom_type != "Polygon", "community_id"]
    names = tuple(name for name in several if not _torn(faults, name))
    return (Message("districts.in_pieces", names=names[:_SHOWN], count=len(names)),) if names else ()


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
    if ground.wet:
        homeless = sum(homes.households[name] for name in ground.wet)
        notes.append(
            Message("districts.in_water", ids=ground.wet[:_SHOWN], count=len(ground.wet), households=homeless)
        )
    if attached:
        notes.append(Message("districts.attached", count=attached))
    return tuple(notes)
