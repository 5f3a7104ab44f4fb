"""Where a gate in a wall saves the most walking (拆墙透绿): openings ranked by household-minutes.

Candidates are points along the removable barriers, and the places where a barrier cuts a walkway. Each
is compared with the site as it is; the best is drawn in, the site is walked again from scratch, and
the next is looked for. What a chosen gate is said to save is what that walk found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.access.benefit import Scale, before_after, household_minutes
from plan.access.edits import appended, with_gate
from plan.access.openings import WAY_REACH_M, Connection, Ground, connections
from plan.access.repair import Addition, Builder, minutes_with
from plan.access.whatif import Change, WhatIf, builder
from plan.crs import to_wgs84
from plan.errors import UsageError
from plan.messages import Message
from plan.network.walls import GATE_REACH_M
from plan.rules import RulePack
from plan.site import Placement, Site, as_objects

if TYPE_CHECKING:
    from plan.network.graph import WalkNetwork

__all__ = ["MAX_GATES", "SPACING_M", "gate_records", "place_gates", "with_placed_gates"]

SPACING_M: Final = 10.0  # metres between candidates along a barrier: finer than people notice
MAX_GATES: Final = 3
# Household-minutes below which nothing is saved: rounding.
_NOTHING: Final = 1e-6
_DEGREES: Final = 7  # decimals of a degree: a centimetre
# Metres between a wall and the end of a walkway that it cuts.
_ON_WALL_M: Final = 0.01
# Metres within which two candidates are one.
_SAME_PLACE_M: Final = 1.0

_FEATURE_COLUMNS: Final = (
    "entrance_id", "kind", "main", "barrier_id", "rank", "household_minutes_saved", "households_winning",
    "households_gained", "winner_buildings", "new_way_m", "cost_cny",
)  # fmt: skip


@dataclass(slots=True, kw_only=True, eq=False)
class _Candidate:
    """A place in a barrier."""

    id: str
    barrier: str
    at: shapely.Point
    ways: gpd.GeoDataFrame | None = None  # None: no gate is possible here
    reason: Message | None = None
    saves: float = math.nan  # household-minutes, by itself
    later: float = math.nan  # household-minutes beside the gates that were open when it was last compared
    beside: int = 0  # how many these were
    addition: Addition | None = field(default=None, repr=False)

    @property
    def new_way_m(self) -> float:
        return 0.0 if self.ways is None else float(self.ways.length.sum())


def place_gates(
    site: Site,
    *,
    pack: RulePack | None = None,
    spacing_m: float = SPACING_M,
    max_gates: int = MAX_GATES,
    profile: str = "adult",
    weights: Mapping[str, float] | None = None,
    reach_m: float = WAY_REACH_M,
    build: Builder | None = None,
) -> Placement:
    """Rank openings in walls by the household-minutes that they save, and propose the best.

    A gate counts what it saves all households on their way to the nearest facility of each category with a
    limit; a way longer than 30 minutes, or none, counts as 30. Of several gates each is chosen given those
    before it. A barrier whose ``removable`` is not true is never opened.

    Parameters
    ----------
    site : Site
        With ``barriers``, ``walkways``, ``households`` and ``facilities``.
    pack : RulePack, optional
        Walking speeds, categories and their limits; the national pack where none is given.
    spacing_m : float, default 10
        Metres between candidates along a barrier.
    max_gates : int, default 3
        Gates that are proposed, at most.
    profile : str, default "adult"
        Who walks.
    weights : mapping of str to float, optional
        What a minute to each category counts; 1 each where none are given.
    reach_m : float, default 50
        Metres of straight new way on each side of a gate, at most.
    build : callable, optional
        Makes the network of a site, where more than the pack's speeds is wanted, such as terrain.

    Returns
    -------
    Placement
        ``features``: entrances of kind ``gate`` (``entrance_id``, ``barrier_id``, ``rank``,
        ``household_minutes_saved``, ``households_winning``, ``households_gained``, ``winner_buildings``,
        ``new_way_m`` and ``cost_cny``, which is unknown). ``rejected``: the other candidates with
        ``household_minutes_saved`` by themselves and ``reason``. ``measures``: totals, and the frames
        ``walkways`` (new ways to the gates) and ``before_after`` (by building, all gates together).
        :func:`with_placed_gates` draws them in.

    Raises
    ------
    MissingLayerError
        If a layer is missing.
    UsageError
        If the spacing is not positive, no gate is asked for, or the profile has no speed.
    """
    if not (math.isfinite(spacing_m) and spacing_m > 0):
        raise UsageError(Message("gates.spacing", spacing=spacing_m))
    if max_gates < 1:
        raise UsageError(Message("gates.max_gates", count=max_gates))
    build = build or builder(pack)
    barriers = site.layer("barriers")
    first = WhatIf.of(site, profile=profile, build=build)
    scale = Scale.of(pack, weights)
    candidates = _candidates(site, barriers, first.base.network, spacing_m=spacing_m, reach_m=reach_m)
    chosen: list[tuple[_Candidate, WhatIf, Change]] = []
    now = first
    while len(chosen) < max_gates:
        taken = [one for one, _, _ in chosen]
        _compare(now, [c for c in candidates if c.ways is not None and c not in taken], scale)
        for candidate in candidates:
            candidate.beside = len(chosen)
            candidate.saves = candidate.saves if chosen else candidate.later
        best = _best([c for c in candidates if c not in taken])
        if best is None:
            break
        after = WhatIf.of(_drawn(now.site, best), profile=profile, build=build)
        chosen.append((best, after, Change(before=now.minutes, after=after.minutes, route="anew")))
        now = after
    whole = Change(before=first.minutes, after=now.minutes, route="anew")
    steps = [before_after(site, change, scale) for _, _, change in chosen]
    total = before_after(site, whole, scale)
    new_ways = [one.ways for one, _, _ in chosen if one.ways is not None and len(one.ways)]
    return Placement(
        features=_features(site, [one for one, _, _ in chosen], steps),
        rejected=_rejected(site, candidates, [one for one, _, _ in chosen]),
        measures={
            "placed": len(chosen),
            "candidates": len(candidates),
            "profile": profile,
            "households": len(first.minutes),
            "household_minutes_saved": float(total["household_minutes_saved"].sum()),
            "households_winning": int(total["households_winning"].sum()),
            "households_gained": int(total["households_gained"].sum()),
            "gained_by_category": _counts(whole.gained(scale.limits)),
            "weights": {name: w for name, w in scale.weights.items() if name in first.minutes},
            "limits_min": {name: scale.limits[name] for name in scale.weights if name in first.minutes},
            "cap_min": scale.cap_min,
            "spacing_m": spacing_m,
            "reach_m": reach_m,
            "walkways": pd.concat(new_ways, ignore_index=True)
            if new_ways
            else gpd.GeoDataFrame({"way_id": [], "kind": [], "gate_id": []}, geometry=[], crs=site.crs),
            "before_after": total,
        },
    )


def with_placed_gates(site: Site, placed: Placement) -> Site:
    """Draw proposed gates and the ways to them into a site.

    Parameters
    ----------
    site : Site
        The site that they were proposed for.
    placed : Placement
        What :func:`place_gates` returned.

    Returns
    -------
    Site
        With the new rows in ``entrances`` and ``walkways``.
    """
    gates = placed.features
    rows = [
        {"entrance_id": row.entrance_id, "kind": "gate", "main": False, "barrier_id": row.barrier_id}
        for row in gates.itertuples()
    ]
    if rows:
        site = site.with_layer("entrances", appended(site, "entrances", rows, list(gates.geometry)))
    ways = placed.measures["walkways"]
    if len(ways):
        rows = [{"way_id": r.way_id, "kind": r.kind, "gate_id": r.gate_id} for r in ways.itertuples()]
        site = site.with_layer("walkways", appended(site, "walkways", rows, list(ways.geometry)))
    return site


def gate_records(placed: Placement) -> list[dict[str, Any]]:
    """Return the proposed gates as plain dictionaries, with their place in degrees.

    Parameters
    ----------
    placed : Placement
        What :func:`place_gates` returned.

    Returns
    -------
    list of dict
        The columns of ``features``, the buildings that win as a list, ``lon`` and ``lat``.
    """
    gates = placed.features
    if gates.empty:
        return []
    spots = to_wgs84(gates).geometry
    return [
        {
            **{str(name): value for name, value in row.items()},
            "winner_buildings": [name for name in row["winner_buildings"].split(";") if name],
            "lon": round(spot.x, _DEGREES),
            "lat": round(spot.y, _DEGREES),
        }
        for row, spot in zip(gates.drop(columns="geometry").to_dict("records"), spots, strict=True)
    ]


def _drawn(site: Site, one: _Candidate) -> Site:
    return with_gate(site, one.at, one.barrier, gate_id=one.id, ways=one.ways)


def _candidates(
    site: Site, barriers: gpd.GeoDataFrame, network: WalkNetwork, *, spacing_m: float, reach_m: float
) -> list[_Candidate]:
    """Return places along the barriers, by barrier and along it, with the ways to them or why there are none."""
    ground = Ground.of(network)
    walls = barriers.explode(ignore_index=True)
    walls = walls[~(walls.geometry.isna() | walls.geometry.is_empty)]
    lines = shapely.force_2d(walls.geometry.to_numpy())
    removable = (
        walls["removable"].astype("boolean") if "removable" in walls else pd.Series(pd.NA, index=walls.index)
    )
    fixed = lines[~removable.fillna(value=False).to_numpy(dtype=bool)]
    gates = _open_gates(site)
    found: list[_Candidate] = []
    order = np.argsort(walls["barrier_id"].astype(str).to_numpy(), kind="stable")
    for i in order:
        wall, name, may = lines[i], str(walls["barrier_id"].iloc[i]), removable.iloc[i]
        others = np.array([line for line in fixed if line is not wall], dtype=object)
        for along, cuts in _places(wall, network, spacing_m):
            spot = shapely.line_interpolate_point(wall, along)
            one = _Candidate(id="", barrier=name, at=spot)
            found.append(one)
            if pd.isna(may) or not may:
                one.reason = Message(
                    "gates.removable_unknown" if pd.isna(may) else "gates.fixed", barrier=name
                )
            elif shapely.dwithin(spot, gates, GATE_REACH_M).any():
                one.reason = Message("gates.gate_there")
            elif shapely.dwithin(spot, others, GATE_REACH_M).any():
                one.reason = Message("gates.near_fixed", reach=GATE_REACH_M)
            else:
                made = (
                    Connection(gate=spot, ways=())
                    if cuts
                    else connections(ground, spot, wall, reach_m=reach_m)
                )
                one.reason = made.reason
                one.ways = None if made.reason is not None else made.walkways("", site.crs)
    for number, one in enumerate(found, start=1):
        one.id = f"GATE-{number:03d}"
        if one.ways is not None and len(one.ways):
            one.ways["gate_id"] = one.id
            one.ways["way_id"] = [f"{one.id}-WAY-{k}" for k in range(1, len(one.ways) + 1)]
    return found


def _places(wall: shapely.LineString, network: WalkNetwork, spacing_m: float) -> list[tuple[float, bool]]:
    """Return metres along a wall: where it cuts a walkway (true), and evenly spaced between its ends."""
    count = max(1, math.floor(wall.length / spacing_m))
    even = (np.arange(count) + 0.5) * wall.length / count
    crossed = np.zeros(0)
    if any(problem.id == "PLAN-NET-006" for problem in network.problems):  # walls cut walkways
        ends = np.asarray(shapely.points(network.nodes[["x", "y"]].to_numpy(dtype=float)), dtype=object)
        ends = ends[shapely.dwithin(ends, wall, _ON_WALL_M)]
        crossed = np.unique(np.round(shapely.line_locate_point(wall, ends), 3))
        crossed = crossed[np.diff(crossed, prepend=-np.inf) > _SAME_PLACE_M]
    even = np.array([m for m in even if not (np.abs(crossed - m) <= GATE_REACH_M).any()])
    return sorted([(float(m), True) for m in crossed] + [(float(m), False) for m in even])


def _open_gates(site: Site) -> Any:  # noqa: ANN401 - an array of Points
    if not site.has("entrances"):
        return np.zeros(0, dtype=object)
    entrances = site.layer("entrances")
    return entrances.geometry[(entrances["kind"] == "gate") & entrances.geometry.notna()].to_numpy()


def _compare(what: WhatIf, candidates: list[_Candidate], scale: Scale) -> None:
    """Give each candidate the household-minutes that it saves."""
    quick: list[_Candidate] = []
    for one in candidates:
        here = np.array([one.at], dtype=object)
        # On sampled heights near, not exact: enough to rank; what is chosen is walked again.
        new_min = one.new_way_m / what.base.network.speed(what.base.profile)
        before = np.array([[0.0, new_min], [new_min, 0.0]])
        one.addition = (
            None if one.ways is None else what.base.addition(one.ways, here, between=before, exact=False)
        )
        if one.addition is not None and not what.enters(here):
            quick.append(one)
        else:
            change = what.compare(_drawn(what.site, one))
            names = [name for name in scale.weights if name in change.before]
            one.later = float(
                (change.saved(cap_min=scale.cap_min)[names] * [scale.weights[n] for n in names])
                .to_numpy()
                .sum()
            )
    after = minutes_with(what.base, [one.addition for one in quick if one.addition is not None])
    for one, minutes in zip(quick, after, strict=True):
        one.later = household_minutes(what, minutes, scale)


def _best(candidates: list[_Candidate]) -> _Candidate | None:
    """Return the candidate that saves most; of equals the one with the least new way, then the first."""
    able = [c for c in candidates if c.later > _NOTHING]
    return min(able, key=lambda c: (-round(c.later, 6), round(c.new_way_m, 3), c.id), default=None)


def _features(site: Site, chosen: list[_Candidate], steps: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    rows = []
    for rank, (one, step) in enumerate(zip(chosen, steps, strict=True), start=1):
        winners = step[step["households_winning"] > 0]
        winners = winners.sort_values(["household_minutes_saved", "building_id"], ascending=[False, True])
        rows.append(
            (
                one.id, "gate", False, one.barrier, rank, float(step["household_minutes_saved"].sum()),
                int(step["households_winning"].sum()), int(step["households_gained"].sum()),
                ";".join(winners["building_id"].astype(str)), one.new_way_m, None,
            )
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(_FEATURE_COLUMNS))
    return gpd.GeoDataFrame(table, geometry=[one.at for one in chosen], crs=site.crs)


def _rejected(site: Site, candidates: list[_Candidate], chosen: list[_Candidate]) -> gpd.GeoDataFrame:
    rest = [c for c in candidates if c not in chosen]
    rows = [
        {
            "entrance_id": one.id,
            "kind": "gate",
            "barrier_id": one.barrier,
            "household_minutes_saved": 0.0 if abs(one.saves) <= _NOTHING else one.saves,
            "reason": one.reason or _why_not(one),
        }
        for one in rest
    ]
    columns = ["entrance_id", "kind", "barrier_id", "household_minutes_saved", "reason"]
    table = pd.DataFrame(rows, columns=columns)
    # As objects: a column of text would keep the words of one language only.
    table["reason"] = as_objects([row["reason"] for row in rows])
    return gpd.GeoDataFrame(table, geometry=[one.at for one in rest], crs=site.crs)


def _why_not(one: _Candidate) -> Message:
    if not one.saves > _NOTHING:
        return Message("gates.saves_nothing")
    alone = f"{one.saves:,.0f}"
    if not one.beside:
        return Message("gates.saves_less_alone", alone=alone)
    if one.later > _NOTHING:
        return Message("gates.saves_less", alone=alone, beside=f"{one.later:,.0f}", chosen=one.beside)
    return Message("gates.saves_nothing_more", alone=alone, chosen=one.beside)


def _counts(gained: pd.DataFrame) -> dict[str, int]:
    return {str(name): int(count) for name, count in gained.sum().items() if count}
