"""Placing elevators at the stairs of old buildings: every stairwell gets a verdict and the one reason that binds.

Positions are tried at the façade of each stair (:mod:`plan.elevators.candidates`), held against everything that stands
around (:mod:`plan.elevators.clearances`, :mod:`plan.elevators.remedies`), and chosen for all stairwells together
(:mod:`plan.elevators.conflicts`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from plan.elevators.candidates import CONNECTIONS, Connection, ElevatorSizes, Slide, templates
from plan.elevators.clearances import Limits
from plan.elevators.conflicts import choose
from plan.elevators.figures import limits_of, sizes_of, storeys_of, wheelchair_car
from plan.elevators.frames import barred_frame, feature_frame, rejected_frame
from plan.elevators.judging import CONDITIONAL, judge
from plan.elevators.records import VERDICTS, StairwellSiting
from plan.elevators.remedies import SURVEYED, Costs
from plan.elevators.stairs import Stair, stairs_of, without_stairwells
from plan.elevators.surroundings import Surroundings, origin_of, surroundings_of
from plan.errors import UsageError
from plan.messages import Message
from plan.site import Placement, Site

if TYPE_CHECKING:
    from plan.rules import RulePack

__all__ = ["place_elevators"]

_NAMED: Final = 10  # buildings that a note names


def place_elevators(
    site: Site,
    *,
    pack: RulePack | None = None,
    limits: Limits | None = None,
    sizes: ElevatorSizes | None = None,
    slide: Slide | None = None,
    costs: Costs | None = None,
    min_storeys: int | None = None,
    connections: tuple[Connection, ...] = CONNECTIONS,
    alternatives: int = 3,
) -> Placement:
    """Find a place for an elevator at every stairwell that lacks one.

    Parameters
    ----------
    site : Site
        With ``entrances`` of kind ``stairwell`` and ``buildings``; ``fire_lanes``, ``parcels`` and ``obstacles`` decide,
        ``stalls``, ``utilities``, ``barriers`` and ``walkways`` are looked at where they are there.
    pack : RulePack, optional
        Rules whose figures are used where no others are given.
    limits : Limits, optional
        What is kept clear.
    sizes : ElevatorSizes, optional
        Dimensions of shaft, landing and car.
    slide : Slide, optional
        The range of positions that are tried.
    costs : Costs, optional
        What it costs to clear the ground.
    min_storeys : int, optional
        Buildings with fewer storeys need none. By default the pack's figure ``retrofit_elevator_storeys``, else 4: what
        local rules commonly say (Hefei, Heze, Binzhou); no national figure is known.
    connections : tuple of {"level_entry", "half_landing"}
        Connections that are tried, the preferred one first. Level entry leaves no stairs to climb but needs new doors of
        the flats; a stop at the half landing leaves half a storey, and no wheelchair gets in.
    alternatives : int, default 3
        Next best positions that are kept for each stairwell.

    Returns
    -------
    Placement
        ``features``: rows of layer ``elevators``, one for each stairwell that gets one. ``rejected``: the other
        stairwells with a column ``reason``. ``measures``: counts by verdict, and ``stairwells``, a
        :class:`~plan.elevators.records.StairwellSiting` for each, whatever its verdict; ``barred``, the positions that
        cannot be had, with a column ``reason``.

    Raises
    ------
    MissingLayerError
        If the site has no entrances or no buildings.
    UsageError
        If an option makes no sense.

    Notes
    -----
    A position is barred when a clearance falls short by more than a thousandth of a millimetre. Of those that are not,
    the best is the one with the better verdict, then the preferred connection, the fewest remedies of unknown cost, the
    least cost, the most room (half a metre is enough), and nearest to the stair's axis. Windows are in no layer: whether
    a shaft stands before one is for people to see on site.

    Examples
    --------
    >>> import plan
    >>> site = plan.read_site("sample_gis/old_estate.gpkg")
    >>> placed = place_elevators(site, pack=plan.load_pack("sanming"))
    >>> len(placed.measures["stairwells"])
    117
    """
    site.layer("entrances")
    site.layer("buildings")
    limits = limits or limits_of(pack)
    sizes = sizes or sizes_of(pack)
    costs = costs or Costs()
    least = storeys_of(pack) if min_storeys is None else min_storeys
    if least < 1 or alternatives < 0:
        raise UsageError(Message("elevators.size", name="min_storeys", value=least))
    tried = templates(sizes=sizes, slide=slide or Slide(), connections=connections)
    origin = origin_of(site)
    around = surroundings_of(site, origin=origin)
    stairs = stairs_of(site, origin=origin, min_storeys=least)
    open_ = [stair for stair in stairs if stair.facade is not None]
    judged = judge(open_, around, tried, limits, costs)
    order = judged.order(connections)
    by_stair = order.reshape(len(open_), len(tried))
    ranked = {k: [int(p) for p in mine if judged.code[p] <= CONDITIONAL] for k, mine in enumerate(by_stair)}
    chosen, left = choose(
        ranked,
        judged.positions,
        around,
        separation_m=limits.separation_m or 0.0,
        fire_lane_m=limits.fire_lane_m or 0.0,
    )
    car = wheelchair_car(pack)
    ids = _elevator_ids(open_)
    told: dict[int, StairwellSiting] = {}
    for number, stair in enumerate(open_):
        base = _base(stair, origin)
        sited = judged.siting(by_stair[number], base, chosen.get(number), alternatives=alternatives)
        if number in left:
            other = open_[left[number]]
            sited = replace(
                sited,
                verdict="infeasible",
                reason=Message(
                    "elevators.taken", stairwell=other.stairwell_id, building=other.building_id or "–"
                ),
            )
        if sited.chosen is not None:
            level = sited.chosen.connection == "level_entry"
            sited = replace(
                sited, elevator_id=ids[number], wheelchair=sizes.takes_wheelchairs(car) if level else False
            )
        told[stair.key] = sited
    records = tuple(told[s.key] if s.key in told else _untried(s, origin) for s in stairs)
    counts = Counter(r.verdict for r in records)
    return Placement(
        features=feature_frame(records, sizes=sizes, crs=site.crs),
        rejected=rejected_frame(records, crs=site.crs),
        measures={
            "placed": sum(r.chosen is not None for r in records),
            **{verdict: counts.get(verdict, 0) for verdict in VERDICTS},
            "stairwells": records,
            "min_storeys": least,
            "limits": limits,
            "sizes": sizes,
            "costs": costs,
            "unseen": (*_unseen(around, open_), *_unlisted(site, least)),
            "barred": barred_frame(
                ((told[open_[k].key], *rest) for k, *rest in judged.barred()), crs=site.crs
            ),
        },
    )


def _unseen(around: Surroundings, stairs: list[Stair]) -> tuple[Message, ...]:
    """Return what no verdict rests on, and people have to look at."""
    lifts = dict(zip(around.buildings.ids, around.buildings.flags("has_elevator"), strict=True))
    unsaid = {s.building_id for s in stairs if lifts.get(s.building_id or "") is None}
    absent = tuple(name for name in SURVEYED if name in around.absent)
    found = [Message("elevators.windows_unknown")]
    if unsaid:
        found.append(Message("elevators.lift_unsaid", count=len(unsaid)))
    if absent:
        found.append(Message("elevators.not_looked_at", layers=absent))
    return tuple(found)


def _unlisted(site: Site, min_storeys: int) -> tuple[Message, ...]:
    """Return which buildings are not looked at, as no entrance says where their stairs are."""
    names = without_stairwells(site, min_storeys=min_storeys)
    if not names:
        return ()
    return (Message("elevators.no_stairwells", count=len(names), ids=names[:_NAMED], least=min_storeys),)


def _base(stair: Stair, origin: tuple[float, float]) -> dict[str, Any]:
    return {
        "entrance_id": stair.entrance_id,
        "stairwell_id": stair.stairwell_id,
        "building_id": stair.building_id,
        "floors": stair.floors,
        "door": None if stair.door is None else (stair.door[0] + origin[0], stair.door[1] + origin[1]),
    }


def _untried(stair: Stair, origin: tuple[float, float]) -> StairwellSiting:
    return StairwellSiting(
        **_base(stair, origin),
        verdict="excluded" if stair.standing == "excluded" else "unknown",
        reason=stair.why or Message("elevators.windows_unknown"),
        chosen=None,
        alternatives=(),
        tried=0,
        barred={},
    )


def _elevator_ids(stairs: list[Stair]) -> list[str]:
    """Name each elevator by its stairwell, with the building where two stairwells have one name."""
    counts = Counter(stair.stairwell_id for stair in stairs)
    return [
        f"E-{s.stairwell_id}" if counts[s.stairwell_id] == 1 else f"E-{s.building_id}-{s.stairwell_id}"
        for s in stairs
    ]
