"""Checks: the only place where a measure of a drawing meets a rule of a city.

``CHECKS`` says which measure judges which kind of rule. A measure takes the facts of a site and a rule,
and gives a finding or several, each short enough to be read aloud at a hearing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from plan.checks.amounts import Gap
from plan.checks.approved import room_register, rooms_as_approved
from plan.checks.communities import (
    community_budget,
    community_share,
    community_size,
    headcount,
    occupancy_trigger,
    plaza_per_person,
    service_windows,
)
from plan.checks.drivable import stalls_drivable
from plan.checks.elevators import consent, elevator_required
from plan.checks.facts import Facts
from plan.checks.fire import fire_lane_height, fire_lane_to_facade, fire_lane_width
from plan.checks.fire_ways import fire_lane_dead_end, fire_lane_reach, fire_lane_turn, fire_lane_unbroken
from plan.checks.parking import accessible_stalls, stalls_per_floor_area, stalls_per_household
from plan.checks.reach import facility_area, life_circle, reach, room_near_gate
from plan.checks.records import record
from plan.checks.rooms import (
    opening_hours,
    room_area,
    room_floors,
    room_functions,
    room_ground_floor,
    room_handover,
    room_phase,
)
from plan.checks.scope import out_of_scope
from plan.checks.shafts import elevator_fire_lane, elevator_separation
from plan.checks.stalls import stall_size, stalls_apart, stalls_off_fire_lanes
from plan.checks.step_free import step_free
from plan.errors import InputError, UsageError
from plan.files import sha256, why_not
from plan.findings import Finding, InputFile, Report, Status, reason
from plan.fire_access import FireStudy
from plan.messages import Message
from plan.network import WalkNetwork
from plan.rules import STAGES, Rule, RulePack, Waivers, kinds, waive
from plan.rules.kinds import Kind
from plan.site import Site
from plan.tool import software

__all__ = ["CHECKS", "Facts", "Measure", "check", "require_options"]

Measure = Callable[[Facts, Rule], Finding | tuple[Finding, ...]]

CHECKS: Final[dict[type[Kind], Measure]] = {
    kinds.RoomArea: room_area,
    kinds.RoomGroundFloor: room_ground_floor,
    kinds.RoomFloors: room_floors,
    kinds.RoomNearGate: room_near_gate,
    kinds.RoomFunctions: room_functions,
    kinds.RoomPhase: room_phase,
    kinds.RoomHandover: room_handover,
    kinds.RoomsAsApproved: rooms_as_approved,
    kinds.RoomRegister: room_register,
    kinds.OpeningHours: opening_hours,
    kinds.CommunitySize: community_size,
    kinds.PlazaPerPerson: plaza_per_person,
    kinds.ServiceWindows: service_windows,
    kinds.Headcount: headcount,
    kinds.CommunityBudget: community_budget,
    kinds.CommunityShare: community_share,
    kinds.OccupancyTrigger: occupancy_trigger,
    kinds.Reach: reach,
    kinds.LifeCircle: life_circle,
    kinds.StepFree: step_free,
    kinds.FacilityArea: facility_area,
    kinds.StallsPerHousehold: stalls_per_household,
    kinds.StallsPerFloorArea: stalls_per_floor_area,
    kinds.AccessibleStalls: accessible_stalls,
    kinds.StallsOffFireLanes: stalls_off_fire_lanes,
    kinds.StallsApart: stalls_apart,
    kinds.StallSize: stall_size,
    kinds.StallsDrivable: stalls_drivable,
    kinds.FireLaneWidth: fire_lane_width,
    kinds.FireLaneToFacade: fire_lane_to_facade,
    kinds.FireLaneHeight: fire_lane_height,
    kinds.FireLaneUnbroken: fire_lane_unbroken,
    kinds.FireLaneReach: fire_lane_reach,
    kinds.FireLaneDeadEnd: fire_lane_dead_end,
    kinds.FireLaneTurn: fire_lane_turn,
    kinds.ElevatorRequired: elevator_required,
    kinds.ElevatorFireLane: elevator_fire_lane,
    kinds.ElevatorSeparation: elevator_separation,
    kinds.Consent: consent,
    kinds.Record: record,
}

_ESTATES: Final = ("new", "existing")


def check(
    site: Site,
    pack: RulePack,
    *,
    stage: str | None = None,
    select: Iterable[str] = (),
    estate: str | None = None,
    network: WalkNetwork | None = None,
    dem: Path | str | None = None,
    fire: FireStudy | None = None,
    waivers: Waivers | None = None,
    earlier: Site | None = None,
) -> Report:
    """Judge a site by the rules of a pack, each with its clause.

    Parameters
    ----------
    site : Site
        Drawings and proposals alike; a check never knows who drew a layer.
    pack : RulePack
        The rules.
    stage : {"land_terms", "scheme", "drawings", "acceptance", "handover"}, optional
        Rules of other stages do not apply; None judges all.
    select : iterable of str, optional
        Beginnings of rule ids, such as ``SM-26`` or ``QHD``; none selects all rules.
    estate : {"new", "existing"}, optional
        What the site is, instead of what ``parcels.status`` says.
    network : WalkNetwork, optional
        The walking network of this site with the pack's speeds, when there is one already.
    dem : path-like, optional
        A raster of heights under the walkways; see :meth:`plan.network.WalkNetwork.with_terrain`. It is part of the
        network where one is given.
    fire : FireStudy, optional
        What a fire engine reaches on this site, as far as it was searched already; it keeps what is searched here.
    waivers : Waivers, optional
        Signed records by which rules that are not met do not decide, as ``plan.rules.load_waivers`` reads them. The
        pack must be taken for a day.
    earlier : Site, optional
        The same estate as it was approved at the stage before, for rules on what may change.

    Returns
    -------
    Report
        One finding or more for each rule, in the order of the pack. What cannot be told is
        undetermined with its reason; what is estimated never decides.

    Raises
    ------
    UsageError
        If the stage or the estate is unknown, a selection matches no rule, or there are waivers and no day.
    InputError
        If the raster cannot be used.

    Examples
    --------
    >>> import plan
    >>> site = plan.read_site("sample_gis/new_estate.gpkg")
    >>> report = check(site, plan.load_pack("qinhuangdao"), select=["QHD-07"])
    >>> report.outcome
    'met'
    """
    select = (select,) if isinstance(select, str) else tuple(select)
    require_options(pack, stage=stage, select=select, estate=estate)
    facts = Facts(site=site, pack=pack, walking=network, dem=dem, study=fire, earlier=earlier, stage=stage)
    findings = tuple(
        found for rule in _selected(pack, select) for found in _judge(facts, rule, stage=stage, estate=estate)
    )
    made = facts.built_network
    report = Report(
        site=site.name,
        pack=pack.ref,
        findings=findings,
        inputs=(
            *site.inputs,
            *(() if dem is None else (_file(dem),)),
            *(() if earlier is None else earlier.inputs),
        ),
        on=pack.on or "",
        estimates=site.estimates,
        problems=site.problems + (made.problems if made is not None else ()),
        attribution=site.attribution,
        software=software(),
    )
    return report if waivers is None else waive(report, waivers)


def _file(path: Path | str) -> InputFile:
    """Return a file that the result rests on.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        return InputFile(path=str(path), sha256=sha256(path))
    except OSError as error:
        raise InputError(Message("checks.no_file", path=str(path), why=why_not(error))) from error


def require_options(
    pack: RulePack, *, stage: str | None = None, select: Iterable[str] = (), estate: str | None = None
) -> None:
    """Refuse options that make no sense for any site; see :func:`check`.

    Raises
    ------
    UsageError
        If the stage or the estate is unknown, or a selection matches no rule.
    """
    if stage is not None and stage not in STAGES:
        raise UsageError(Message("checks.unknown_stage", stage=stage, known=STAGES))
    if estate is not None and estate not in _ESTATES:
        raise UsageError(Message("checks.unknown_estate", estate=estate, known=_ESTATES))
    _selected(pack, select)


def _selected(pack: RulePack, select: Iterable[str]) -> tuple[Rule, ...]:
    rules = pack.judged()
    beginnings = (select,) if isinstance(select, str) else tuple(select)
    if not beginnings:
        return rules
    for beginning in beginnings:
        if not any(rule.id.startswith(beginning) for rule in rules):
            asleep = [rule for rule in _every(pack) if rule.id.startswith(beginning)]
            if asleep and pack.on is not None:
                held = asleep[0].clause
                raise UsageError(
                    Message(
                        "checks.nothing_in_force",
                        select=beginning,
                        on=pack.on,
                        since=held.effective or "—",
                        until=held.repealed or "—",
                    )
                )
            known = tuple(rule.id for rule in rules)
            raise UsageError(Message("checks.nothing_selected", select=beginning, pack=pack.id, known=known))
    return tuple(rule for rule in rules if rule.id.startswith(beginnings))


def _every(pack: RulePack) -> Iterator[Rule]:
    """Return the rules that a pack judges on some day, those of its files before it was taken for one."""
    return (rule for rules in pack.written for rule in rules if rule.enabled and rule.kind.judged)


def _judge(facts: Facts, rule: Rule, *, stage: str | None, estate: str | None) -> tuple[Finding, ...]:
    measured = CHECKS[type(rule.kind)](facts, rule)
    findings = measured if isinstance(measured, tuple) else (measured,)
    why = out_of_scope(facts, rule, stage=stage, estate=estate)
    if isinstance(why, Message):
        # What is asked for is shown; what there is does not matter here.
        return (_not_applicable(findings[0], why),)
    if rule.ambiguity is not None and not _says_what_is_ambiguous(rule):
        cure = Message("checks.clause_cure")
        return tuple(
            _open(
                f, Gap(code="ambiguous_clause", what=Message("checks.quoted", text=rule.ambiguity), cure=cure)
            )
            for f in findings
        )
    if isinstance(why, Gap):
        return tuple(_open(f, why) for f in findings)
    return findings


def _not_applicable(finding: Finding, why: Message) -> Finding:
    return replace(
        finding,
        status=Status.NOT_APPLICABLE,
        measured=None,
        features=(),
        geometry=None,
        reason=why,
        remedy=None,
        subject=None,
        estimated=False,
    )


def _open(finding: Finding, why: Gap) -> Finding:
    """Keep the figures of a finding and say that they decide nothing."""
    if finding.status is Status.NOT_APPLICABLE:
        return finding
    return replace(finding, status=Status.UNDETERMINED, reason=reason(why.code, why.what), remedy=why.cure)


def _says_what_is_ambiguous(rule: Rule) -> bool:
    """Tell whether the numbers of a rule say which part of the clause is ambiguous; the rest is judged."""
    if isinstance(rule.kind, kinds.RoomFloors):
        return bool(rule.kind.ambiguous)
    return isinstance(rule.kind, kinds.RoomNearGate)
