"""What a rule is meant for, which rules are chosen, and what a report carries."""

from __future__ import annotations

import pytest
from small_sites import area, homes, judged, pack, room, rule, site

from plan.checks import check
from plan.errors import UsageError
from plan.findings import Status
from plan.rules import Applies, kinds, load_pack
from plan.site import Site

AREA = kinds.RoomArea(minimum_m2=40)


def estate(**parcel: object) -> Site:
    return site(
        rooms=[room("R1", 50)], parcels=[{"parcel_id": "P1", "geometry": area(0, 0, 50, 50)} | parcel]
    )


def test_a_rule_for_new_estates_does_not_apply_to_an_old_one() -> None:
    found = judged(estate(status="existing"), AREA, applies=Applies(estate=("new",)))
    assert (found.status, found.required, found.measured) == (Status.NOT_APPLICABLE, 40, None)


def test_a_rule_for_new_estates_judges_a_new_one() -> None:
    assert judged(estate(status="new"), AREA, applies=Applies(estate=("new",))).status is Status.MET


@pytest.mark.parametrize("where", [site(rooms=[room("R1", 50)]), estate(), estate(status=None)])
def test_an_estate_of_unknown_age_is_open_and_the_column_named(where: Site) -> None:
    found = judged(where, AREA, applies=Applies(estate=("new",)))
    assert found.status is Status.UNDETERMINED
    assert found.measured == 50
    assert "parcels" in str(found.remedy)


def test_the_caller_may_say_what_the_estate_is() -> None:
    asked = rule(AREA, applies=Applies(estate=("new",)))
    where = estate(status="existing")
    assert check(where, pack(asked), estate="new").findings[0].status is Status.MET
    assert check(where, pack(asked), estate="existing").findings[0].status is Status.NOT_APPLICABLE


def test_a_site_of_both_kinds_is_checked_estate_by_estate() -> None:
    where = site(
        rooms=[room("R1", 50)],
        parcels=[
            {"parcel_id": "P1", "status": "new", "geometry": area(0, 0, 50, 50)},
            {"parcel_id": "P2", "status": "existing", "geometry": area(60, 0, 50, 50)},
        ],
    )
    found = judged(where, AREA, applies=Applies(estate=("new",)))
    assert found.status is Status.UNDETERMINED
    assert "P2" in str(found.reason)
    assert judged(where, AREA, applies=Applies(estate=("new", "existing"))).status is Status.MET


@pytest.mark.parametrize(
    ("built", "status"),
    [
        ("2010-01-01", Status.MET),
        ("2006-12-31", Status.NOT_APPLICABLE),
        ("2017-07-11", Status.NOT_APPLICABLE),
        ("2006", Status.NOT_APPLICABLE),
        ("2007", Status.MET),
        ("2017", Status.UNDETERMINED),
        (None, Status.UNDETERMINED),
    ],
)
def test_a_window_of_time_leaves_out_its_ends_and_knows_years(built: str | None, status: Status) -> None:
    window = Applies(built_after="2006-12-31", built_before="2017-07-11")
    assert judged(estate(built_on=built), AREA, applies=window).status is status


def test_a_stage_leaves_out_rules_of_other_stages() -> None:
    asked = pack(rule(AREA, applies=Applies(stages=("land_terms", "scheme"))))
    where = estate()
    assert check(where, asked, stage="handover").findings[0].status is Status.NOT_APPLICABLE
    assert check(where, asked, stage="scheme").findings[0].status is Status.MET
    assert check(where, asked).findings[0].status is Status.MET


def test_rules_are_chosen_by_the_beginning_of_their_ids() -> None:
    rules = pack(rule(AREA, id="SM-26"), rule(AREA, id="SM-2"), rule(AREA, id="QHD-07"))
    chosen = [f.rule for f in check(estate(), rules, select=("SM-2",)).findings]
    assert chosen == ["SM-26", "SM-2"]
    assert [f.rule for f in check(estate(), rules, select="QHD").findings] == ["QHD-07"]


def test_a_rule_that_is_not_in_force_cannot_be_chosen_and_the_message_says_from_when() -> None:
    rules = load_pack("national", on="2020-01-01")
    with pytest.raises(UsageError, match="2025-05-01"):
        check(estate(), rules, select=("EL-NEW-1",))


@pytest.mark.parametrize("options", [{"stage": "party"}, {"estate": "castle"}, {"select": ("XX",)}])
def test_an_option_that_means_nothing_is_refused(options: dict) -> None:
    with pytest.raises(UsageError, match=r"party|castle|XX"):
        check(estate(), pack(rule(AREA)), **options)


def test_an_ambiguous_clause_shows_what_was_measured_and_decides_nothing() -> None:
    found = judged(estate(), AREA, ambiguity="两可")
    assert (found.status, found.measured) == (Status.UNDETERMINED, 50)
    assert str(found.reason) == "ambiguous_clause: 两可"


def test_settings_and_disabled_rules_are_not_judged() -> None:
    rules = pack(rule(kinds.WalkSpeed(profile="adult", m_per_min=60)), rule(AREA, id="T-2", enabled=False))
    assert check(estate(), rules).findings == ()
    assert check(estate(), rules).outcome == "undetermined"


def test_a_report_names_the_rules_the_day_and_the_estimates() -> None:
    where = site(households=homes(3), estimates=("households",))
    report = check(where, pack(rule(AREA), on="2026-11-22"))
    assert (report.site, report.on, report.estimates) == ("S", "2026-11-22", ("households",))


@pytest.mark.parametrize("name", ["national", "sanming", "panzhihua", "qinhuangdao", "huainan", "jinan"])
def test_an_empty_site_never_passes_a_real_pack(name: str) -> None:
    report = check(site(), load_pack(name))
    assert report.outcome == "undetermined"
    # Without a stage nothing is compared with the one before.
    compared = {r.id for r in load_pack(name).judged() if isinstance(r.kind, kinds.RoomsAsApproved)}
    assert {f.status for f in report.findings if f.rule not in compared} <= {Status.UNDETERMINED}
    assert {f.status for f in report.findings if f.rule in compared} <= {Status.NOT_APPLICABLE}
    assert [f.rule for f in report.findings] == [r.id for r in load_pack(name).judged()]


# --- what is not what it is counted for --------------------------------------------------------------


def kerb(*kinds_of: str | None) -> Site:
    stalls = [
        {"stall_id": f"T{i}", "kind": kind, "geometry": area(3 * i, 0, 2.5, 5)}
        for i, kind in enumerate(kinds_of)
    ]
    return site(stalls=stalls, households=homes(2, area_m2=95.0))


@pytest.mark.parametrize(
    ("kinds_of", "status"),
    [
        (("垂直式", None), Status.MET),
        (("垂直式", "非机动车"), Status.NOT_MET),
        (("垂直式", "电动自行车"), Status.NOT_MET),
        (("perpendicular", "bike"), Status.NOT_MET),
        (("垂直式", "甲类"), Status.UNDETERMINED),
        (("垂直式", "cargo"), Status.UNDETERMINED),
        (("垂直式", "on the seventh level"), Status.UNDETERMINED),
        (("垂直式", "EV"), Status.MET),
        (("垂直式", "2 Cars"), Status.MET),
        (("垂直式", "EV充电"), Status.MET),
        (("垂直式", "motorcycles"), Status.NOT_MET),
        (("垂直式", "recycled"), Status.UNDETERMINED),
        (("垂直式", "充电车位", "非机动车"), Status.MET),
    ],
)
def test_only_stalls_for_cars_count_for_homes(kinds_of, status) -> None:
    assert judged(kerb(*kinds_of), kinds.StallsPerFloorArea(stalls_per_100_m2=1)).status is status


def test_stalls_for_bicycles_ask_for_no_accessible_ones() -> None:
    bikes = kerb(*["非机动车"] * 100, "无障碍", *["垂直式"] * 9)
    assert judged(bikes, kinds.AccessibleStalls(minimum_share=0.1, minimum_count=1)).status is Status.MET


@pytest.mark.parametrize(
    ("use", "status"),
    [
        ("住宅", Status.NOT_MET),
        ("商品房", Status.NOT_MET),
        ("安置房", Status.NOT_MET),
        ("高层", Status.UNDETERMINED),
        ("R2", Status.UNDETERMINED),
        ("办公", Status.NOT_APPLICABLE),
        ("office", Status.NOT_APPLICABLE),
        ("车库", Status.NOT_APPLICABLE),
    ],
)
def test_a_word_that_nobody_knows_does_not_mean_that_nobody_lives_there(use, status) -> None:
    tower = {"building_id": "B1", "floors": 9, "use": use, "has_elevator": False}
    where = site(buildings=[tower | {"geometry": area(0, 0, 10, 10)}])
    assert judged(where, kinds.ElevatorRequired(storeys=4)).status is status


def far_room(**more: object) -> Site:
    there = room("R1", 700) | {"geometry": area(20_000, 0, 30, 20)} | more
    parcel = {"parcel_id": "P", "geometry": area(0, 0, 100, 100)}
    square = {"community_id": "S1", "geometry": area(20_000, 0, 100, 100)}
    layers = {"communities": [square]} if "community_id" in more else {}
    return site(rooms=[there], parcels=[parcel], **layers)


def test_a_room_beyond_the_parcels_may_be_another_estates() -> None:
    for kind in (kinds.RoomArea(minimum_m2=600), kinds.RoomGroundFloor(minimum_m2=600)):
        found = judged(far_room(), kind)
        assert found.status is Status.UNDETERMINED
        assert "R1" in str(found.reason)
    assert judged(far_room(community_id="S1"), kinds.RoomArea(minimum_m2=600)).status is Status.MET


def test_the_remedy_names_what_is_short() -> None:
    where = site(rooms=[room("R1", 100)], households=homes(2000))
    found = judged(where, kinds.RoomArea(minimum_m2=300, uses=("elderly_day_care",)))
    assert found.remedy is not None
    assert "日间照料室" in str(found.remedy)
    assert "社区用房" in str(judged(where, kinds.RoomArea(minimum_m2=300)).remedy)


@pytest.mark.parametrize("between", ["；", ";", "、", "，", ",", "/", "|", "\n", " , "])
def test_functions_are_told_apart_by_whatever_stands_between_them(between) -> None:
    where = site(rooms=[room("R1", 600, functions=f"一站式服务窗口{between}文体活动室")])
    assert judged(where, kinds.RoomFunctions(functions=("service_window", "activity"))).status is Status.MET
