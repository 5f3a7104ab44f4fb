"""Measures of walking: rooms near a gate, facilities within reach, the life circle; and facilities' areas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from plan.access.times import speed_of
from plan.categories import CATEGORIES
from plan.checks.amounts import TOLERANCE, Amount, Gap, column_gap, gap, repaired_gap
from plan.checks.facts import Facts, Room
from plan.checks.places import Place, geojson
from plan.checks.rooms import judge_rooms
from plan.checks.verdicts import cannot_tell, every, finding, judge, numbers, plain
from plan.checks.walks import Walks
from plan.findings import Finding, Status
from plan.messages import Bilingual, Message
from plan.network import WalkNetwork
from plan.readers.room_areas import DIFFERENCE_M2, DIFFERENCE_SHARE
from plan.rooms import walk_to_gates
from plan.rules import Rule
from plan.rules.kinds import FacilityArea, LifeCircle, Reach, RoomNearGate

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["facility_area", "life_circle", "no_gate", "reach", "room_near_gate"]

# Grounds are as large as they are drawn; of anything else the drawing shows the footprint only.
_POLYGON: Final = 2  # dimensions of an outline
_OSM: Final = "OpenStreetMap"  # whoever must be named for it is the source of the facilities
_GROUNDS: Final = ("fitness_ground", "small_sports_ground", "medium_sports_ground", "park")


def room_near_gate(facts: Facts, rule: Rule) -> Finding:
    """Walk from every service room to the nearest main gate."""
    kind = numbers(rule, RoomNearGate)
    shown: dict[str, Any] = {"required": kind.within_m, "unit": "m"}
    network = facts.network
    missing = facts.has("rooms") or facts.has("entrances") or no_gate(facts, main=kind.main)
    if missing:
        return cannot_tell(rule, missing, **shown)
    if isinstance(network, Gap):
        return cannot_tell(rule, network, **shown)
    rooms = facts.rooms_for(kind.uses)
    if not rooms:
        return cannot_tell(rule, gap("missing_data", "no_service_rooms"), **shown)
    sure, perhaps = _metres_to_gates(facts, network, tuple(rooms), main=kind.main)
    walked = [m for m in sure.values() if not math.isnan(m)]
    shown["measured"] = max(walked, default=None)
    if kind.within_m is None:
        if not walked:
            return cannot_tell(rule, gap("missing_data", "no_way_to_gate", ids=tuple(sure)[:10]), **shown)
        unclear = gap("ambiguous_clause", "no_distance", walked=_walked(sure))
        return cannot_tell(rule, unclear, features=tuple(sure), geometry=facts.where("rooms", sure), **shown)
    limit = kind.within_m + TOLERANCE

    verdicts = _near(facts, network, tuple(rooms), limit=limit, walks=(sure, perhaps))
    judged = judge_rooms(rooms, lambda room: verdicts[room.id])
    return every(
        rule,
        judged,
        nothing=gap("missing_data", "no_service_rooms"),
        remedy="far_from_gate",
        geometry=facts.where("rooms", [i for i, v in judged.items() if v is not True] or judged),
        **shown,
    )


def reach(facts: Facts, rule: Rule) -> Finding:
    """Count the households that reach one of the categories on foot."""
    kind = numbers(rule, Reach)
    served = _within(facts, kind.categories, minutes=kind.within_min, metres=kind.within_m, every_one=False)
    return _share(facts, rule, served, kind.categories, kind.minimum_share)


def life_circle(facts: Facts, rule: Rule) -> Finding:
    """Count the households that reach every one of the categories on foot."""
    kind = numbers(rule, LifeCircle)
    served = _within(facts, kind.categories, minutes=kind.minutes, metres=None, every_one=True)
    return _share(facts, rule, served, kind.categories, kind.minimum_share)


def facility_area(facts: Facts, rule: Rule) -> tuple[Finding, ...]:
    """Compare the area of the facilities of a category with the area asked for.

    Where the rule has a rate by households or persons, the areas of all facilities are added up and compared with it, or
    with the minimum if that is more. Where it has none, each facility is compared with the minimum by itself.
    """
    kind = numbers(rule, FacilityArea)
    by_rate = bool(kind.rate_m2_per_100_households or kind.rate_m2_per_1000_persons)
    if missing := facts.has("facilities", "category"):
        return (cannot_tell(rule, missing, required=kind.minimum_m2 or None, unit="m2"),)
    areas = _facility_areas(facts, kind.category)
    name = category_name(kind.category)
    if not by_rate:
        if not areas:
            nothing = gap("missing_data", "no_facility", category=name)
            return (cannot_tell(rule, nothing, required=kind.minimum_m2, unit="m2"),)
        need = Amount.of(kind.minimum_m2)
        return tuple(
            judge(
                rule,
                area,
                need,
                unit="m2",
                short="facility_short",
                params={"category": name},
                **_about(facts, i),
            )
            for i, area in sorted(areas.items())
        )
    site = Place()
    need = (
        facts.households(site)
        .times(kind.rate_m2_per_100_households / 100)
        .plus(facts.persons(site).times(kind.rate_m2_per_1000_persons / 1000))
        .or_at_least(kind.minimum_m2)
    )
    have = Amount.of(0.0)
    for area in areas.values():
        have = have.plus(area)
    if facts.uncategorised:
        have = have.plus(Amount.unknown(column_gap("facilities", "category", facts.uncategorised)))
    more = {"features": tuple(areas), "geometry": facts.where("facilities", areas)}
    return (judge(rule, have, need, unit="m2", short="facility_short", params={"category": name}, **more),)


def category_name(category: str) -> Bilingual | str:
    """Return how a category is called."""
    known = CATEGORIES.get(category)
    return category if known is None else Bilingual(known.zh, known.en)


# --- parts ---------------------------------------------------------------------------------------


def no_gate(facts: Facts, *, main: bool) -> Gap | None:
    """Return a gap where the site has no gate, or, if a main one is asked for, none that is known to be main; else None."""
    entrances = facts.site.layers["entrances"]
    gates = np.asarray(entrances["kind"] == "gate", dtype=bool)
    if not gates.any():
        return gap("missing_data", "no_gate")
    if main and ("main" not in entrances or not entrances["main"].fillna(value=False)[gates].any()):
        return gap("missing_data", "no_main_gate")
    return None


def _undecided_gates(facts: Facts) -> tuple[str, ...]:
    entrances = facts.site.layer("entrances")
    return tuple(entrances.loc[(entrances["kind"] == "gate") & entrances["main"].isna(), "entrance_id"])


def _near(
    facts: Facts,
    network: WalkNetwork,
    rooms: Sequence[Room],
    *,
    limit: float,
    walks: tuple[dict[str, float], dict[str, float]],
) -> dict[str, bool | Gap]:
    """Tell which rooms are within so many metres of a gate, or why that is not known."""
    sure, perhaps = walks
    adrift = _gates_off(facts, network)
    mended = _entered_through_mended(facts, rooms)

    def kept(room: Room) -> bool | Gap:
        if room.id in mended:
            return mended[room.id]
        if sure[room.id] <= limit:
            return True
        if math.isnan(perhaps[room.id]):
            return gap("missing_data", "no_way_to_gate", ids=(room.id,))
        if perhaps[room.id] <= limit:
            return column_gap("entrances", "main", _undecided_gates(facts))
        # A gate that no walkway comes near may be the near one.
        return gap("missing_data", "gate_off", ids=adrift[:10]) if adrift else False

    return {room.id: kept(room) for room in rooms}


def _gates_off(facts: Facts, network: WalkNetwork) -> tuple[str, ...]:
    """Return the gates that no walkway comes near."""
    entrances = facts.site.layer("entrances")
    gates = entrances[entrances["kind"] == "gate"]
    off = network.snap(np.asarray(gates.geometry.to_numpy(), dtype=object)).unsnapped
    return tuple(sorted(gates["entrance_id"].to_numpy()[off]))


def _entered_through_mended(facts: Facts, rooms: Sequence[Room]) -> dict[str, Gap]:
    """Return the rooms whose walk begins at an outline that was mended: that of a building without doors, or their own."""
    buildings, own = facts.site.repaired("buildings"), facts.site.repaired("rooms")
    if not buildings and not own:
        return {}
    entrances = facts.site.layer("entrances")
    named = entrances["building_id"] if "building_id" in entrances else pd.Series(dtype=object)
    with_doors = set(named[entrances.geometry.notna()].dropna()) if len(named) else set()
    drawn = facts.drawn("buildings")
    found: dict[str, Gap] = {}
    for room in rooms:
        if room.building_id in with_doors:
            continue
        if room.building_id in buildings:
            found[room.id] = repaired_gap("buildings", (str(room.building_id),))
        elif room.building_id not in drawn and room.id in own:
            found[room.id] = repaired_gap("rooms", (room.id,))
    return found


def _metres_to_gates(
    facts: Facts, network: WalkNetwork, rooms: Sequence[Room], *, main: bool
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the metres to the nearest gate that counts, and to the nearest that may count; NaN without a way."""
    frame = facts.site.layer("rooms").set_index("room_id", drop=False)
    frame = frame.loc[[room.id for room in rooms]]

    def walk(*, main: bool) -> dict[str, float]:
        metres = walk_to_gates(facts.site, frame, network=network, main=main)
        return {room.id: float(m) for room, m in zip(rooms, metres, strict=True)}

    sure = walk(main=main)
    # Gates of which it is not written whether they are main ones may be.
    undecided = main and bool(_undecided_gates(facts))
    return sure, walk(main=False) if undecided else sure


def _walked(metres: dict[str, float]) -> tuple[str, ...]:
    return tuple(
        f"{room} {'—' if math.isnan(m) else format(m, '.0f')} m" for room, m in sorted(metres.items())
    )[:10]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Served:
    """Which households are served: certainly, or perhaps; and what stands in the way of knowing."""

    origins: gpd.GeoDataFrame  # the doors of the households
    sure: NDArray[np.bool_]
    unclear: NDArray[np.bool_]
    gaps: tuple[Gap, ...]
    lacking: tuple[str, ...]  # categories that households go without, most first


def _within(
    facts: Facts,
    categories: tuple[str, ...],
    *,
    minutes: float | None,
    metres: float | None,
    every_one: bool,
) -> _Served | Gap:
    """Find the households that walk to all, or any, of some categories within a limit."""
    walks = facts.walks
    if missing := facts.has("households") or facts.has("facilities", "category"):
        return missing
    if isinstance(walks, Gap):
        return walks
    if minutes is None and metres is None:
        return gap("ambiguous_clause", "no_limit")
    wanted = np.flatnonzero(walks.facilities["category"].isin(categories))
    ids = walks.facilities["facility_id"].iloc[wanted]
    mended = np.asarray(ids.isin(facts.site.repaired("facilities")), dtype=bool)

    def near(rows: NDArray[np.int64]) -> pd.DataFrame:
        found = pd.DataFrame(data=len(rows) > 0, index=walks.origins.index, columns=list(categories))
        if len(rows) and minutes is not None:
            pace = speed_of(walks.network, "adult")
            times = walks.to_facilities(rows, pace=pace, bound=minutes + TOLERANCE)
            found &= times.reindex(columns=found.columns).notna()
        if len(rows) and metres is not None:
            walked = walks.to_facilities(rows, pace=1.0, bound=metres + TOLERANCE)
            found &= walked.reindex(columns=found.columns).notna()
        return found

    def served(found: pd.DataFrame) -> NDArray[np.bool_]:
        answer: NDArray[np.bool_] = (found.all(axis=1) if every_one else found.any(axis=1)).to_numpy()
        return answer

    found = near(wanted[~mended])
    sure = served(found)
    doubts = _doubts(facts, walks, wanted)
    if mended.any():
        doubts.append((served(near(wanted)), repaired_gap("facilities", tuple(ids[mended]))))
    open_ = [(who & ~sure, why) for who, why in doubts if (who & ~sure).any()]
    without = (~found).sum().sort_values(ascending=False, kind="stable")
    return _Served(
        origins=walks.origins,
        sure=sure,
        unclear=np.logical_or.reduce([who for who, _ in open_]) if open_ else np.zeros(len(sure), dtype=bool),
        gaps=tuple(why for _, why in open_),
        lacking=tuple(str(c) for c in without[without > 0].index),
    )


def _doubts(facts: Facts, walks: Walks, wanted: NDArray[np.int64]) -> list[tuple[NDArray[np.bool_], Gap]]:
    """Return whose walks cannot be told, if they are not served as it is, and why."""
    everyone = np.ones(len(walks.origins), dtype=bool)
    off = walks.doors.unsnapped
    doubts = [(off, gap("missing_data", "off_network", count=int(off.sum())))] if off.any() else []
    houses = facts.site.repaired("buildings")
    if houses:
        # Where no door is drawn, people leave by the outline, which was mended.
        outlines = shapely.get_dimensions(walks.origins.geometry.to_numpy()) == _POLYGON
        mended = walks.origins["building_id"].isin(houses).to_numpy() & outlines
        doubts.append((mended, repaired_gap("buildings", tuple(houses))))
    adrift = wanted[walks.entries.unsnapped[wanted]]
    if len(adrift):
        ids = tuple(sorted(walks.facilities["facility_id"].iloc[adrift]))
        doubts.append((everyone, gap("missing_data", "facility_off", ids=ids[:10])))
    if facts.uncategorised:
        # A facility of which it is not known what it is may be the one that is missing.
        doubts.append((everyone, column_gap("facilities", "category", facts.uncategorised)))
    return doubts


def _share(
    facts: Facts,
    rule: Rule,
    served: _Served | Gap,
    categories: tuple[str, ...],
    minimum_share: float,
) -> Finding:
    """Compare the share of households that are served with the share asked for."""
    required = minimum_share * 100
    if isinstance(served, Gap):
        return cannot_tell(rule, served, required=required, unit="%")
    total = len(served.sure)
    low = int(served.sure.sum())
    high = low + int(served.unclear.sum())
    estimated = "households" in facts.site.estimates
    missed = served.origins[~served.sure]
    # The buildings say more than hundreds of households; a household of no building shows its door.
    buildings = sorted(str(b) for b in missed["building_id"].dropna().unique())
    drawn = facts.drawn("buildings")
    homeless = ~missed["building_id"].isin(list(drawn)).to_numpy()
    places = [*(drawn[b] for b in buildings if b in drawn), *_once(missed.geometry.to_numpy()[homeless])]
    shown: dict[str, Any] = {
        "measured": 100 * low / total,
        "required": required,
        "unit": "%",
        "estimated": estimated,
        "features": tuple(buildings),
        "geometry": geojson(places, facts.site.crs),
    }
    gaps = served.gaps
    if estimated:
        # How many live behind each door is a guess; that all of them or none are served is not.
        gaps = (gap("missing_data", "estimated", count=total), *gaps)
        low, high = low if low == total else 0, high if high == 0 else total
    needed = minimum_share * total - TOLERANCE
    if low >= needed:
        return finding(rule, Status.MET, **shown)
    if high < needed:
        names = tuple(category_name(c) for c in served.lacking or categories)
        if _OSM in facts.site.attribution:
            # What is drawn serves for sure; what is not drawn may serve too.
            return cannot_tell(rule, *gaps, gap("missing_data", "osm_incomplete", categories=names), **shown)
        remedy = Message("checks.reach_short", missing=math.ceil(needed) - high, categories=names)
        return finding(rule, Status.NOT_MET, remedy=remedy, **shown)
    return cannot_tell(rule, *gaps, **shown)


def _once(shapes: Any) -> list[BaseGeometry]:  # noqa: ANN401 - a GeoSeries
    known = [s for s in shapes if s is not None]
    return list({shapely.to_wkb(s): s for s in known}.values())


def _facility_areas(facts: Facts, category: str) -> dict[str, Amount]:
    """Return the area of each facility of a category: the one declared, or the one drawn of a ground without any."""
    frame = facts.site.layers["facilities"]
    written = frame["area_m2"] if "area_m2" in frame.columns else pd.Series(np.nan, index=frame.index)
    mended = facts.site.repaired("facilities")
    garbled = facts.unreadable("facilities", "area_m2")
    areas = {}
    for row, (i, found, area, shape) in enumerate(
        zip(frame["facility_id"], facts.categories, written, frame.geometry, strict=True)
    ):
        if found != category:
            continue
        drawn = float(shape.area) if category in _GROUNDS and shape is not None else 0.0
        if row in garbled:
            # It says another area than the drawn one, or may: the drawing is no answer to it.
            areas[i] = Amount.unknown(column_gap("facilities", "area_m2", (i,)))
        elif not pd.isna(area):
            areas[i] = _declared(float(area), 0.0 if i in mended else drawn, i)
        elif drawn > 0:
            mend = repaired_gap("facilities", (i,))
            areas[i] = Amount.unknown(mend, shown=drawn) if i in mended else Amount.of(drawn)
        else:
            areas[i] = Amount.unknown(column_gap("facilities", "area_m2", (i,)))
    return areas


def _declared(area: float, drawn: float, facility: str) -> Amount:
    """Return a declared area; what is larger than the ground that is drawn may be either."""
    if drawn > 0 and area - drawn > max(DIFFERENCE_SHARE * drawn, DIFFERENCE_M2):
        disputed = gap(
            "needs_person", "ground_disputed", id=facility, declared=plain(area), drawn=plain(drawn)
        )
        return Amount(low=drawn, high=area, shown=area, gaps=(disputed,))
    return Amount.of(area)


def _about(facts: Facts, facility: str) -> dict[str, Any]:
    return {"subject": facility, "features": (facility,), "geometry": facts.where("facilities", (facility,))}
