"""``place_rooms``: which units become service rooms, for which community, and why the others do not.

The choice is the integer programme of ``plan.rooms.model``, solved exactly by HiGHS: first what is missing,
then the cost, then the walk.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.errors import UsageError
from plan.messages import Message
from plan.rooms.cures import cure_of
from plan.rooms.model import TOLERANCE, Choice
from plan.rooms.needs import RoomNeed, needs_of, wants_communities, wants_households
from plan.rooms.scene import BARRED, Scene, Settings, Spot
from plan.site import Placement, Site, as_objects
from plan.uses import SERVICE_USES
from plan.whereabouts import inside, points_of, shapes_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from plan.network import WalkNetwork
    from plan.rules import RulePack

__all__ = ["place_on", "place_rooms", "room_scene"]

# Of the reasons why a unit serves no place, those that say most come last.
_WEAK: Final = ("rooms.other_community", "rooms.other_use", "rooms.no_community")


def place_rooms(
    site: Site,
    *,
    pack: RulePack | None = None,
    need: RoomNeed | None = None,
    near_gate_m: float | None = None,
    main_room_m2: float = 0.0,
    most_rooms: int | None = None,
    settings: Settings | None = None,
    network: WalkNetwork | None = None,
) -> Placement:
    """Choose units for the community service rooms, near the main gates and at least cost.

    Rooms that stand and qualify count first and cost nothing. Candidates (``state`` is ``candidate``) are added until
    the need is met, at the least sum of ``cost_cny``; among equal costs with the least walk of the households, then
    the fewest. Candidates with one ``unit_id`` are one unit by several modes, of which one is taken at most; those
    with one ``merge_id`` adjoin each other and can be joined into one room. Rooms that stand on a floor which the
    rules bar are given up. Where the site has several communities, each gets what it needs.

    Parameters
    ----------
    site : Site
        With ``rooms``, ``entrances`` (a gate with ``main`` true), ``walkways`` and ``buildings``.
    pack : RulePack, optional
        Where the needs are read from; not used when ``need`` is given.
    need : RoomNeed, optional
        The need of the site as a whole in numbers.
    near_gate_m : float, optional
        Metres of walking to a main gate that count as near, instead of the pack's.
    main_room_m2 : float, default 0
        At least one room of each place is so large, alone or joined.
    most_rooms : int, optional
        At most so many rooms in each place (no more scattering); joined units are one.
    settings : Settings, optional
        Budget, help across communities, who walks.
    network : WalkNetwork, optional
        The walking network of the site, when there is one already.

    Returns
    -------
    Placement
        ``features``: the rooms of the site from now on, with ``walk_to_gate_m`` and ``part``: ``chosen``,
        ``stands`` (and counts towards a need) or ``apart`` (does not count); chosen candidates have the state
        ``planned`` and name the community that they serve. ``rejected``: every other unit with a ``reason``.
        ``measures``: m2, CNY, counts, the shortfall if the units do not suffice, and all of it for each place under
        ``places``, with what would cure its shortfall.

    Raises
    ------
    MissingLayerError
        If the site has no rooms or no gates.
    UsageError
        If neither a pack nor a need is given, the pack asks for no area, or the metres that count as near are not a
        positive number.

    Examples
    --------
    >>> import plan
    >>> site = plan.read_site("sample_gis/old_estate.gpkg")
    >>> placed = plan.place_rooms(site, pack=plan.load_pack("sanming"))
    >>> placed.measures["shortfall_m2"]
    0.0
    """
    scene = room_scene(
        site,
        pack=pack,
        need=need,
        near_gate_m=near_gate_m,
        main_room_m2=main_room_m2,
        most_rooms=most_rooms,
        settings=settings,
        network=network,
    )
    return place_on(scene)


def place_on(scene: Scene) -> Placement:
    """Choose for a site that was made ready; see :func:`place_rooms`."""
    return _placement(scene, {part: scene.solve(part) for part in scene.parts})


def room_scene(
    site: Site,
    *,
    pack: RulePack | None = None,
    need: RoomNeed | None = None,
    near_gate_m: float | None = None,
    main_room_m2: float = 0.0,
    most_rooms: int | None = None,
    settings: Settings | None = None,
    network: WalkNetwork | None = None,
) -> Scene:
    """Make a site ready for choosing rooms; see :func:`place_rooms`."""
    if need is None:
        if pack is None:
            raise UsageError(Message("rooms.nothing_asked"))
        spots, notes = _spots(site, pack, near_gate_m)
    else:
        notes = []
        spots = [Spot(community_id=None, name=None, households=None, need=need)]
    spots = [
        spot
        if spot.need.uses
        else replace(
            spot,
            need=replace(
                spot.need,
                main_room_m2=max(main_room_m2, spot.need.main_room_m2),
                most_rooms=most_rooms if most_rooms is not None else spot.need.most_rooms,
            ),
        )
        for spot in spots
    ]
    return Scene.of(site, spots, settings or Settings(), network=network, notes=notes)


# --- who needs what ------------------------------------------------------------------------------


def _spots(site: Site, pack: RulePack, near_gate_m: float | None) -> tuple[list[Spot], list[Message]]:
    """Return a spot for each community and use, one for the whole site where it is one community at most; and notes."""
    people = site.layer("households") if site.has("households") else None
    frame = site.layer("communities") if site.has("communities") else None
    kinds = _estates(site)
    if frame is None or len(frame) <= 1:
        count = None if people is None else float(len(people))
        needs = needs_of(pack, households=count, near_gate_m=near_gate_m, estate=_one(kinds.values()))
        drawn = frame is not None and len(frame)
        notes = [] if drawn or not wants_communities(pack) else [Message("rooms.no_communities")]
        return [Spot(community_id=None, name=None, households=count, need=need) for need in needs], notes
    if people is None and wants_households(pack):
        raise UsageError(Message("rooms.no_households", pack=pack.id))
    living: dict[Hashable, int] = {}
    if people is not None:
        lies = inside(
            points_of(site, people, trusted=np.ones(len(people), dtype=bool)), shapes_of(site, "communities")
        )
        living = pd.Series(lies, dtype=object).value_counts().to_dict()
    found = []
    for row in frame.sort_values("community_id", kind="stable").to_dict("records"):
        community = row["community_id"]
        count = None if people is None else float(living.get(community, 0))
        needs = needs_of(pack, households=count, near_gate_m=near_gate_m, estate=kinds.get(community))
        name = row.get("name")
        found += [
            Spot(community_id=community, name=None if pd.isna(name) else name, households=count, need=need)
            for need in needs
        ]
    counted = sum(spot.households or 0.0 for spot in {s.community_id: s for s in found}.values())
    nowhere = 0 if people is None else round(len(people) - counted)
    notes = [Message("rooms.households_outside", count=f"{nowhere:,}")] if nowhere else []
    return found, notes


def _estates(site: Site) -> dict[str, str | None]:
    """Return for each community, and for the site as a whole ("") , what its parcels are; None: mixed or not known."""
    if not (site.has("parcels") and "status" in site.layers["parcels"].columns):
        return {}
    parcels = site.layer("parcels")
    lies = inside(
        points_of(site, parcels, trusted=np.ones(len(parcels), dtype=bool)), shapes_of(site, "communities")
    )
    status = parcels["status"].to_numpy(object)
    found: dict[str, set[Any]] = {"": set(status)}
    for community, one in zip(lies, status, strict=True):
        found.setdefault(community or "", set()).add(one)
    return {community: _one(kinds) for community, kinds in found.items()}


def _one(kinds: Any) -> str | None:  # noqa: ANN401 - any collection
    known = {k for k in kinds if not pd.isna(k)}
    return str(known.pop()) if len(known) == 1 else None


# --- what was chosen -----------------------------------------------------------------------------


def _placement(scene: Scene, choices: Mapping[tuple[int, ...], Choice]) -> Placement:
    rooms = scene.rooms
    serves = np.full(len(rooms), -1, dtype=np.int64)  # the spot that each room serves
    for part, choice in choices.items():
        taken = choice.taken >= 0
        serves[taken] = np.array(part, dtype=np.int64)[choice.taken[taken]]
    chosen = (serves >= 0) & scene.candidate
    counted = (serves >= 0) & ~scene.candidate
    why = [_reason(scene, choices, serves, at) for at in range(len(rooms))]
    given_up = ~scene.candidate & np.array([reason is not None for reason in why], dtype=bool)
    kept = (~scene.candidate & ~given_up) | chosen
    features = rooms[kept].copy()
    metres = _metres(scene, serves)
    features["walk_to_gate_m"] = metres[kept]
    features["part"] = np.where(chosen, "chosen", np.where(counted, "stands", "apart"))[kept]
    # What was a shop becomes a service room; a check counts rooms by their use.
    features.loc[chosen[kept], "state"] = "planned"
    for row in np.flatnonzero(chosen).tolist():
        spot = scene.spots[serves[row]]
        features.loc[row, "use"] = (spot.need.uses or SERVICE_USES)[0]
        if spot.community_id is not None:
            features.loc[row, "community_id"] = spot.community_id
    rejected = rooms[~kept].copy()
    rejected["walk_to_gate_m"] = metres[~kept]
    rejected = rejected.reset_index(drop=True)
    rejected["reason"] = as_objects(reason for reason, stays in zip(why, kept, strict=True) if not stays)
    features = _as_read(scene.site, features).reset_index(drop=True)
    return Placement(
        features=features,
        rejected=_as_read(scene.site, rejected),
        measures=_measures(scene, choices, serves, given_up=given_up),
    )


def _as_read(site: Site, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out the columns that were made up and hold nothing."""
    told = site.layers["rooms"].columns
    made = [c for c in ("functions", "unit_id", "merge_id", "community_id") if c not in told]
    return frame.drop(columns=[c for c in made if frame[c].isna().all()])


def _metres(scene: Scene, serves: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how far each room is from a main gate of the community that it serves, or in which it stands."""
    of_spot = {spot.community_id: at for at, spot in reversed(list(enumerate(scene.spots)))}
    whole = of_spot.get(None)
    found = np.full(len(serves), np.nan)
    for row, (spot, home) in enumerate(zip(serves.tolist(), scene.home, strict=True)):
        at = spot if spot >= 0 else whole if whole is not None else of_spot.get(home)
        if at is not None:
            found[row] = scene.metres[at, row]
    return found


def _reason(
    scene: Scene, choices: Mapping[tuple[int, ...], Choice], serves: NDArray[np.int64], at: int
) -> Message | None:
    """Say why a room is not among those of the site from now on, or None."""
    if serves[at] >= 0:
        return None
    if not scene.candidate[at]:
        return _given_up(scene, at)
    spots = np.flatnonzero(scene.usable[:, at])
    if len(spots):
        return _price(scene, choices, serves, at, int(spots[0]))
    if scene.fit[:, at].any():
        return Message("rooms.no_cost")
    told = [row[at] for row in scene.why if row[at] is not None]
    # Of its own community's reason and a far one's, its own says more.
    return next((w for w in told if w is not None and w.key not in _WEAK), told[0])


def _given_up(scene: Scene, at: int) -> Message | None:
    """Say why a room that stands is given up, or None."""
    here = np.flatnonzero(scene.stands[:, at])
    reasons = [scene.why[spot][at] for spot in here]
    barred = next((w for w in reasons if w is not None and w.key in BARRED), None)
    if barred is not None:
        return Message("rooms.given_up", why=barred)
    return Message("rooms.merged") if scene.counted[:, at].any() else None


def _price(
    scene: Scene,
    choices: Mapping[tuple[int, ...], Choice],
    serves: NDArray[np.int64],
    at: int,
    spot: int,
) -> Message:
    """Say what it would cost to take a unit that was not chosen."""
    part = next(p for p in choices if spot in p)
    choice = choices[part]
    same = (scene.offers.unit == scene.offers.unit[at]) & (serves >= 0)
    if same.any():
        return Message("rooms.other_mode", room=str(scene.rooms["room_id"][int(np.flatnonzero(same)[0])]))
    if not (choice.taken[scene.candidate] >= 0).any() and not choice.short.any() and not choice.no_main.any():
        return Message("rooms.not_needed")
    if not scene.priced:
        return Message("rooms.better_found")
    try:
        forced = scene.solve(part, forced=at, order=("short", "limits", "cost"))
    except UsageError:  # with it, the budget does not hold
        return Message("rooms.over_budget")
    worse = float((forced.short + forced.short_ground).sum() - (choice.short + choice.short_ground).sum())
    if worse > TOLERANCE:
        return Message("rooms.more_short", area=f"{worse:,.0f}")
    extra = forced.cost - choice.cost
    return Message("rooms.dearer", extra=f"{max(extra, 0.0):,.0f}") if extra > 0.5 else Message("rooms.equal")  # noqa: PLR2004 - CNY


# --- figures -------------------------------------------------------------------------------------


def _measures(
    scene: Scene,
    choices: Mapping[tuple[int, ...], Choice],
    serves: NDArray[np.int64],
    *,
    given_up: NDArray[np.bool_],
) -> dict[str, Any]:
    places = [row for part, choice in choices.items() for row in _rows(scene, part, choice, serves)]
    places.sort(key=lambda row: row["spot"])
    needs = [spot.need for spot in scene.spots]

    def total(key: str) -> float:
        return float(math.fsum(row[key] for row in places))

    return {
        "required_m2": total("required_m2"),
        "required_ground_floor_m2": total("required_ground_floor_m2"),
        "near_gate_m": min(need.near_gate_m for need in needs),
        "near_gate_from_clause": all(need.stated for need in needs),
        "existing_counted_m2": total("before_m2"),
        "placed_m2": total("placed_m2"),
        "total_m2": total("after_m2"),
        "ground_floor_m2": total("ground_floor_m2"),
        "shortfall_m2": total("shortfall_m2"),
        "shortfall_ground_floor_m2": total("shortfall_ground_floor_m2"),
        "no_main_room": sum(row["no_main_room"] for row in places),
        "rooms_beyond": sum(row["rooms_beyond"] for row in places),
        "placed": int(((serves >= 0) & scene.candidate).sum()),
        "given_up": int(given_up.sum()),
        "cost_cny": total("cost_cny"),
        "gap": max((choice.gap for choice in choices.values()), default=0.0),
        "places": [{k: v for k, v in row.items() if k != "spot"} for row in places],
        "notes": tuple(scene.notes),
    }


def _rows(
    scene: Scene, part: Sequence[int], choice: Choice, serves: NDArray[np.int64]
) -> list[dict[str, Any]]:
    offers, rooms = scene.offers, scene.rooms
    found = []
    for at, number in enumerate(part):
        spot = scene.spots[number]
        here = serves == number
        stands, taken = here & ~scene.candidate, here & scene.candidate
        before = float(offers.area[scene.counted[number]].sum())
        need = spot.need
        short, short_ground = float(choice.short[at]), float(choice.short_ground[at])
        modes = rooms["mode"][taken] if "mode" in rooms else pd.Series(dtype=object)
        row = {
            "spot": number,
            "community_id": spot.community_id,
            "name": spot.name,
            "uses": list(need.uses),
            "rules": list(need.rules),
            "meant": need.meant,
            "households": spot.households,
            "required_m2": need.area_m2,
            "required_ground_floor_m2": need.ground_floor_m2,
            "before_m2": before,
            "shortfall_before_m2": max(0.0, need.area_m2 - before),
            "placed_m2": float(offers.area[taken].sum()),
            "after_m2": float(offers.area[stands | taken].sum()),
            "ground_floor_m2": float(offers.area[(stands | taken) & offers.ground].sum()),
            "shortfall_m2": short,
            "shortfall_ground_floor_m2": short_ground,
            "no_main_room": bool(choice.no_main[at]),
            "rooms_beyond": int(choice.beyond[at]),
            "rooms": [str(i) for i in rooms["room_id"][taken]],
            "modes": {str(mode): int(n) for mode, n in sorted(modes.dropna().value_counts().items())},
            "cost_cny": float(np.nansum(offers.cost[taken])),
            "cure": None,
            "undetermined": False,
        }
        unfilled = _unfilled(scene, number)
        if short or short_ground or row["no_main_room"] or row["rooms_beyond"]:
            # What stands with an area or a floor that nobody wrote down may be all that is missing.
            row["undetermined"] = bool(unfilled)
            row["cure"] = (
                Message("rooms.cure_fill", ids=tuple(unfilled))
                if unfilled
                else cure_of(scene, part, at, choice)
            )
        elif spot.households == 0:
            row["undetermined"] = True
            row["cure"] = Message("rooms.nobody_lives")
        found.append(row)
    return found


def _unfilled(scene: Scene, spot: int) -> list[str]:
    """Return the rooms that stand for a spot and of which the area or the floor is not known."""
    missing = {"rooms.no_area", "rooms.no_floor"}
    return [
        str(room)
        for room, stands, why in zip(scene.rooms["room_id"], scene.stands[spot], scene.why[spot], strict=True)
        if stands and why is not None and why.key in missing
    ]
