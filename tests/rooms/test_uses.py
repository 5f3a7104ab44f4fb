"""One room, many uses: weeks that a person can fill by hand, and every choice of tiny cases tried."""

from __future__ import annotations

import json
from itertools import combinations, product
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.cli import main
from plan.errors import InputError, UsageError
from plan.messages import translate
from plan.rooms import Need, Uses, assign_uses, example_needs, read_needs

HEAD = "function,name_en,level,users,area_m2,lowest_floor,highest_floor,hours_per_week,days,begins,ends,share,note"
ALL_DAY = {"days": (1,), "begins": 9 * 60, "ends": 17 * 60}


def rooms(*areas: float, floor: int = 1, **more: object) -> pd.DataFrame:
    ids = [f"R{n}" for n in range(1, len(areas) + 1)]
    return pd.DataFrame({"room_id": ids, "floor": floor, "area_m2": list(areas), **more})


def need(name: str, area: float, hours: float, **more: object) -> Need:
    return Need(function=name, area_m2=area, hours_per_week=hours, **(ALL_DAY | more))  # type: ignore[arg-type]


def sessions(found: Uses) -> list[tuple[str, str, int, str, str]]:
    return list(
        found.schedule[["room_id", "function", "day", "begins", "ends"]].itertuples(index=False, name=None)
    )


def reasons(found: Uses) -> dict[str, str]:
    return {f: why.key for f, why in zip(found.unmet["function"], found.unmet["reason"], strict=True)}


# --- by hand -------------------------------------------------------------------------------------


def test_two_functions_take_turns_in_one_room() -> None:
    found = assign_uses(rooms(100), [need("A", 80, 5), need("B", 50, 3)])
    assert sessions(found) == [("R1", "A", 1, "09:00", "14:00"), ("R1", "B", 1, "14:00", "17:00")]
    assert found.measures["rooms_used"] == 1
    assert found.measures["hours"] == 8.0


def test_an_hour_too_many_leaves_the_other_one_out() -> None:
    found = assign_uses(rooms(100), [need("A", 80, 5), need("B", 50, 4)])
    assert found.measures["housed"] == 1
    assert list(reasons(found).values()) == ["uses.no_hours_left"]


def test_a_space_of_its_own_is_cut_out_of_the_room() -> None:
    own = need("desk", 60, 8, share="no")
    exactly = assign_uses(rooms(110), [own, need("A", 50, 8)])
    assert exactly.measures["housed"] == 2
    short = assign_uses(rooms(109), [own, need("A", 50, 8)])
    assert list(reasons(short).values()) == ["uses.no_space"]


def test_a_space_of_its_own_keeps_its_own_hours() -> None:
    night = need("post", 10, 24, begins=0, ends=24 * 60, share="no")
    assert sessions(assign_uses(rooms(10), [night])) == [("R1", "post", 1, "00:00", "24:00")]
    shared = need("post", 10, 24, begins=0, ends=24 * 60)
    assert reasons(assign_uses(rooms(10), [shared])) == {"post": "uses.closed"}


def test_basic_functions_go_before_extended_ones() -> None:
    wanted = [need("play", 50, 8), need("learn", 50, 8), need("office", 50, 8, basic=True)]
    found = assign_uses(rooms(50), wanted)
    assert {s[1] for s in sessions(found)} == {"office"}
    assert found.measures["basic_housed"] == 1


def test_users_who_do_not_share_are_kept_apart() -> None:
    therapy = need("therapy", 30, 2, users="elderly", share="same_users")
    games = need("games", 30, 2, users="children")
    assert len(assign_uses(rooms(60), [therapy, games]).unmet) == 1
    assert len(assign_uses(rooms(60), [therapy, need("talk", 30, 2, users="elderly")]).unmet) == 0
    assert len(assign_uses(rooms(60, 30), [therapy, games]).unmet) == 0


def test_what_is_in_a_room_today_stays_there() -> None:
    where = rooms(100, 200, use=["community_service", None], functions=[None, "日间照料"])
    found = assign_uses(where, [need("日间照料室", 50, 8)])
    assert sessions(found)[0][0] == "R2"
    assert found.measures["kept"] == 1


def test_large_rooms_stay_free() -> None:
    assert sessions(assign_uses(rooms(300, 60, 100), [need("A", 60, 8)]))[0][0] == "R2"


@pytest.mark.parametrize(
    ("one", "key"),
    [
        (need("A", 101, 1), "uses.too_small"),
        (need("A", 50, 1, lowest=2, highest=3), "uses.wrong_floor"),
        (need("A", 50, 1, highest=-1), "uses.wrong_floor"),
        (need("A", 50, 2, begins=7 * 60, ends=9 * 60), "uses.closed"),
    ],
)
def test_the_first_thing_that_no_room_has_is_named(one: Need, key: str) -> None:
    found = assign_uses(rooms(100), [one])
    assert reasons(found) == {"A": key}
    assert translate(found.unmet["reason"].iloc[0], "en")


def test_no_rooms_and_rooms_that_were_not_measured() -> None:
    nothing = assign_uses(rooms(), [need("A", 1, 1)])
    assert reasons(nothing) == {"A": "uses.no_rooms"}
    vague = assign_uses(rooms(float("nan"), 0.0, 50), [need("A", 10, 1)])
    assert vague.measures["not_measured"] == ["R1", "R2"]
    assert sessions(vague)[0][0] == "R3"
    floor = rooms(50).assign(floor=[None])
    assert assign_uses(floor, [need("A", 10, 1)]).measures["not_measured"] == ["R1"]


def test_rooms_are_open_for_at_least_the_hours_of_the_clause() -> None:
    short = rooms(50, opens=["09:00"], closes=["12:00"])
    afternoon = need("A", 50, 5, begins=12 * 60, ends=17 * 60)
    found = assign_uses(short, [afternoon], hours_per_day=8)
    assert found.measures["stretched"] == ["R1"]
    assert found.measures["opens"] == {"R1": ["09:00-17:00"]}
    assert found.measures["housed"] == 1
    assert assign_uses(short, [afternoon], hours_per_day=4).measures["housed"] == 0


def test_hours_of_a_room_through_the_night() -> None:
    late = rooms(50, opens=["18:00"], closes=["02:00"])
    assert assign_uses(late, []).measures["opens"] == {"R1": ["00:00-02:00", "18:00-24:00"]}


def test_every_day_gets_its_share() -> None:
    week = need("A", 50, 14, days=tuple(range(1, 8)))
    found = assign_uses(rooms(50), [week])
    assert found.schedule.groupby("day")["hours"].sum().to_dict() == dict.fromkeys(range(1, 8), 2.0)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError):
        assign_uses(rooms(50), [need("A", 1, 1), need("A", 1, 1)])
    for hours in (0, 25, float("nan")):
        with pytest.raises(UsageError):
            assign_uses(rooms(50), [], hours_per_day=hours)


# --- every choice tried --------------------------------------------------------------------------


def fits_in_time(some: list[Need]) -> bool:
    """Hall's condition: any of the functions together find as many hours as they want between 8 and 24 o'clock."""
    for size in range(1, len(some) + 1):
        for part in combinations(some, size):
            hours = {h for n in part for h in range(max(8, n.begins // 60), n.ends // 60)}
            if sum(n.hours_per_week for n in part) > len(hours):
                return False
    return True


def fits(area: float, some: list[Need]) -> bool:
    own = sum(n.area_m2 for n in some if n.share == "no")
    turns = [n for n in some if n.share != "no"]
    if own + max((n.area_m2 for n in turns), default=0) > area:
        return False
    if any(a.share == "same_users" and a.users != b.users for a in turns for b in turns):
        return False
    return fits_in_time(turns)


def best_by_hand(areas: list[int], wanted: list[Need]) -> tuple[int, int]:
    best = (0, 0)
    for choice in product(range(-1, len(areas)), repeat=len(wanted)):
        inside = [[n for n, r in zip(wanted, choice, strict=True) if r == at] for at in range(len(areas))]
        if all(fits(area, some) for area, some in zip(areas, inside, strict=True)):
            housed = [n for n, r in zip(wanted, choice, strict=True) if r >= 0]
            best = max(best, (sum(n.basic for n in housed), sum(not n.basic for n in housed)))
    return best


WANTED = st.builds(
    lambda area, hours, begins, basic, users, share: {
        "area_m2": area,
        "hours_per_week": min(hours, 16 - begins if begins > 8 else 8),
        "begins": begins * 60,
        "ends": (begins + 8) * 60 if begins <= 8 else 16 * 60,
        "days": (1,),
        "basic": basic,
        "users": users,
        "share": share,
    },
    st.integers(1, 6),
    st.integers(1, 8),
    st.sampled_from([8, 10, 12, 14]),
    st.booleans(),
    st.sampled_from(["old", "young"]),
    st.sampled_from(["yes", "yes", "same_users", "no"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=2), st.lists(WANTED, min_size=1, max_size=5))
def test_no_other_choice_houses_more(areas: list[int], wanted: list[dict]) -> None:
    needs = [Need(function=f"F{n}", **one) for n, one in enumerate(wanted)]
    found = assign_uses(rooms(*map(float, areas)), needs, opens=("08:00", "24:00"))
    measures = found.measures
    assert (measures["basic_housed"], measures["housed"] - measures["basic_housed"]) == best_by_hand(
        areas, needs
    )
    by_name = {n.function: n for n in needs}
    given_hours = found.schedule.groupby("function")["hours"].sum()
    for name in given_hours.index:
        assert given_hours[name] == pytest.approx(by_name[name].hours_per_week, abs=0.05)
    for _, turns in found.schedule[~found.schedule["own"]].groupby(["room_id", "day"]):
        ordered = turns.sort_values("begins")
        assert (ordered["ends"].iloc[:-1].to_numpy() <= ordered["begins"].iloc[1:].to_numpy()).all()
    for row in found.schedule.itertuples():
        assert by_name[row.function].begins <= int(row.begins[:2]) * 60 + int(row.begins[3:])
        assert by_name[row.function].ends >= int(row.ends[:2]) * 60 + int(row.ends[3:])


# --- the table -----------------------------------------------------------------------------------


def write(path: Path, *lines: str, head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def problems(path: Path) -> list[tuple[str, tuple[int, ...]]]:
    with pytest.raises(InputError) as caught:
        read_needs(path)
    assert all(p.cure for p in caught.value.problems)
    return [(p.column, p.rows) for p in caught.value.problems if p.effect == "refused"]


def test_the_example_table_names_the_functions_of_the_policy() -> None:
    needs = example_needs()
    assert [n.function for n in needs if n.basic] == [
        "居民服务和活动场所", "一站式服务窗口", "党群服务中心", "社区办公用房",
    ]  # fmt: skip
    assert {n.function for n in needs if not n.basic} == {
        "文体活动室", "日间照料室", "青少年科普工作室", "四点半学校", "理疗康复室", "微型消防站",
    }  # fmt: skip


def test_a_chinese_table_reads_the_same(tmp_path: Path) -> None:
    head = "功能,类别,面积,每周小时,星期,开始,结束,共用"
    (one,) = read_needs(write(tmp_path / "t.csv", "唱歌,拓展,80,4,2;4,14:00,16:00,可", head=head))
    assert one == Need(
        function="唱歌", area_m2=80, hours_per_week=4, days=(2, 4), begins=840, ends=960, share="yes"
    )


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("A,,basic,,about 80,1,1,4,1-5,09:00,12:00,yes,", "area_m2"),
        ("A,,basic,,0,1,1,4,1-5,09:00,12:00,yes,", "area_m2"),
        ("A,,basic,,,1,1,4,1-5,09:00,12:00,yes,", "area_m2"),
        ("A,,basic,,80,1,1,4,8,09:00,12:00,yes,", "days"),
        ("A,,basic,,80,1,1,4,5-1,09:00,12:00,yes,", "days"),
        ("A,,basic,,80,1,1,4,1-5,12:00,09:00,yes,", "ends"),
        ("A,,basic,,80,1,1,16,1-5,09:00,12:00,yes,", "hours_per_week"),
        ("A,,basic,,80,1,1,0,1-5,09:00,12:00,yes,", "hours_per_week"),
        ("A,,basic,,80,1,1,inf,1-5,09:00,12:00,yes,", "hours_per_week"),
        ("A,,basic,,80,2,1,4,1-5,09:00,12:00,yes,", "highest_floor"),
        ("A,,basic,,80,0,1,4,1-5,09:00,12:00,yes,", "lowest_floor"),
        ("A,,other,,80,1,1,4,1-5,09:00,12:00,yes,", "level"),
        ("A,,basic,,80,1,1,4,1-5,9am,12:00,yes,", "begins"),
        ("A,,basic,,80,1,1,4,1-5,09:00,12:00,same_users,", "users"),
        (",,basic,,80,1,1,4,1-5,09:00,12:00,yes,", "function"),
    ],
)
def test_a_bad_cell_is_refused_by_column_and_row(tmp_path: Path, line: str, column: str) -> None:
    found = problems(write(tmp_path / "t.csv", "ok,,basic,,1,1,1,1,1,09:00,12:00,yes,", line))
    assert (column, (2,)) in found


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    lines = ("A,,basic,,x,1,1,4,1-5,09:00,12:00,yes,", "A,,what,,80,1,1,4,1-5,09:00,12:00,yes,")
    assert {c for c, _ in problems(write(tmp_path / "t.csv", *lines))} >= {"area_m2", "level", "function"}


def test_columns_that_are_unknown_or_absent_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "A,basic,80", head="function,level,aera_m2")
    columns = {c for c, _ in problems(path)}
    assert {"area_m2", "hours_per_week", "aera_m2"} <= columns
    for text in ("", "\x00", '"open'):
        (tmp_path / "b.csv").write_text(text, encoding="utf-8")
        with pytest.raises(InputError):
            read_needs(tmp_path / "b.csv")
    with pytest.raises(InputError):
        read_needs(tmp_path / "absent.csv")


# --- the command ---------------------------------------------------------------------------------


def test_the_command_shows_and_writes_the_schedule(
    sample_gis: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    out = tmp_path / "out.gpkg"
    arguments = [
        "place",
        "rooms",
        str(sample_gis / "old_estate.gpkg"),
        "--rules",
        "panzhihua",
        "-o",
        str(out),
    ]
    assert main([*arguments, "--uses", "example", "--format", "json", "--lang", "en"]) in (0, 1)
    told = json.loads(capsysbinary.readouterr().out)["measures"]["uses"]
    assert told["assumed"] is True
    assert told["hours_rule"] == "PZH-28"
    assert told["places"][0]["hours_per_day"] == 8.0
    assert told["places"][0]["functions"] == 10
    frame = gpd.read_file(out, layer="rooms_schedule")
    assert len(frame) == len(told["places"][0]["schedule"])
    assert {"room_id", "function", "day", "begins", "ends", "hours"} <= set(frame.columns)
    assert "rooms_schedule" in {name for name, _ in pyogrio.list_layers(out)}


def test_the_command_names_what_is_not_housed(
    sample_gis: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = write(tmp_path / "t.csv", "大礼堂,Great hall,extended,all,5000,,,4,1-5,09:00,12:00,yes,")
    arguments = ["place", "rooms", str(sample_gis / "old_estate.gpkg"), "--rules", "sanming"]
    main([*arguments, "-o", str(tmp_path / "o.gpkg"), "--uses", str(table), "--lang", "en"])
    out = capsys.readouterr().out
    assert "Great hall" in out
    assert "no room is large enough" in out


def test_a_bad_table_ends_without_a_traceback(
    sample_gis: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = write(tmp_path / "t.csv", "A,,basic,,x,1,1,4,1-5,09:00,12:00,yes,")
    arguments = ["place", "rooms", str(sample_gis / "old_estate.gpkg"), "--rules", "sanming"]
    assert main([*arguments, "-o", str(tmp_path / "o.gpkg"), "--uses", str(table), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert "area_m2" in told
    assert "Traceback" not in told
    assert not (tmp_path / "o.gpkg").exists()
