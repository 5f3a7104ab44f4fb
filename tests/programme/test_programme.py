"""A programme of renovation: scores and years that a person can reckon, and every choice of tiny cases tried."""

from __future__ import annotations

import io
import json
import math
from itertools import product
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from plan.checks import check
from plan.cli import main
from plan.crs import parse_crs
from plan.errors import InputError, MissingLayerError, UsageError
from plan.findings import Clause, Strength
from plan.messages import translate
from plan.programme import (
    TERMS,
    WEIGHTS,
    EstateNeeds,
    Programme,
    Tier,
    Work,
    estate_needs,
    example_rewards,
    plan_programme,
    read_rewards,
    read_works,
)
from plan.programme.said import programme_tables
from plan.rules import Applies, Rule, RulePack
from plan.rules.kinds import CommunityBudget, FireLaneWidth, RoomArea
from plan.site import Site

CRS = parse_crs("EPSG:4548")
X, Y = 500_000.0, 2_900_000.0
CLAUSE = Clause(document="D", number="N", article="1", quote="Q", effective=None)
HEAD = "work_id,work,estate_id,package,kind,serves,cost_cny,quantity,unit"


def layer(rows: list[dict], shapes: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)


def rules(*found: tuple[str, object], on: str | None = "2026-11-26") -> RulePack:
    made = tuple(
        Rule(id=i, title=i, kind=kind, clause=CLAUSE, strength=Strength.MUST, applies=Applies())
        for i, kind in found
    )
    return RulePack(id="test", version="1.0.0", title="T", rules=made, on=on)


ROOMS = ("T-ROOM", RoomArea(minimum_m2=100, per="community"))
LANES = ("T-LANE", FireLaneWidth(minimum_m=4))


def square(n: int) -> object:
    return box(X + 100 * n, Y, X + 100 * n + 90, Y + 90)


def town(
    *, remarks: list[tuple[int, str]] | None = None, built: tuple = ("1986", "2006-05-01", None)
) -> Site:
    """Three estates side by side, a building and two households in each, a community around each."""
    range3 = range(3)
    site = Site(name="town", layers={}, crs=CRS)
    parcels = [
        {"parcel_id": f"P{n}", "estate_id": f"E{n}", "name": f"N{n}", "built_on": built[n]} for n in range3
    ]
    site = site.with_layer("parcels", layer(parcels, [square(n) for n in range3]))
    communities = [{"community_id": f"S{n}"} for n in range3]
    site = site.with_layer("communities", layer(communities, [square(n) for n in range3]))
    buildings = [{"building_id": f"B{n}", "floors": 6, "estate_id": f"E{n}"} for n in range3]
    homes = [box(X + 100 * n + 10, Y + 10, X + 100 * n + 30, Y + 20) for n in range3]
    site = site.with_layer("buildings", layer(buildings, homes))
    people = [
        {"household_id": f"H{n}{k}", "building_id": f"B{n}", "persons": 4, "elderly": n}
        for n in range3
        for k in (0, 1)
    ]
    site = site.with_layer("households", layer(people, [None] * 6))
    rooms = [
        {
            "room_id": "R0",
            "floor": 1,
            "area_m2": 100.0,
            "building_id": "B0",
            "use": "office",
            "state": "existing",
        }
    ]
    site = site.with_layer("rooms", layer(rooms, [Point(X + 15, Y + 15)]))
    if remarks is not None:
        told = [{"remark_id": f"M{i}", "kind": kind} for i, (_, kind) in enumerate(remarks)]
        points = [Point(X + 100 * n + 5, Y + 5) for n, _ in remarks]
        site = site.with_layer("remarks", layer(told, points))
    return site


def needs_of(site: Site, pack: RulePack, **more: object) -> EstateNeeds:
    return estate_needs(site, check(site, pack), pack, **more)  # type: ignore[arg-type]


# --- need ----------------------------------------------------------------------------------------


def test_every_term_is_counted_by_hand() -> None:
    remarks = [(0, "drain"), (0, "noise"), (1, "drain"), (1, "漏水"), (2, "消防通道")]
    frame = needs_of(town(remarks=remarks), rules(ROOMS)).frame.set_index("estate_id")
    # E0 has its 100 m2; nobody else has a room.
    assert frame["unmet"].tolist() == [0.0, 1.0, 1.0]
    assert frame["age"].tolist()[:2] == [40.0, 20.0]
    assert math.isnan(frame["age"]["E2"])
    assert frame["fire"].tolist() == [0.0, 0.0, 1.0]
    assert frame["pipes"].tolist() == [50.0, 100.0, 0.0]  # one and two for two households
    assert frame["remarks"].tolist() == [50.0, 0.0, 0.0]
    assert frame["elderly"].tolist() == [0.0, 0.25, 0.5]
    # Points: the worst estate has all of a term's, half as bad is half of them.
    assert frame["score"]["E0"] == pytest.approx(15 + 15 / 2 + 10)
    assert frame["score"]["E1"] == pytest.approx(30 + 15 / 2 + 15 + 10 / 2)
    assert frame["score"]["E2"] == pytest.approx(30 + 20 + 10)
    assert frame["rank"].tolist() == [3, 2, 1]
    assert frame["unknown"].tolist() == [(), (), ("age",)]


def test_what_is_not_known_is_named_and_gives_no_points() -> None:
    bare = town()
    frame = needs_of(bare, rules(ROOMS)).frame
    assert frame["unknown"].tolist()[0] == ("fire", "pipes", "remarks")
    empty = Site(name="s", layers={"parcels": bare.layer("parcels")}, crs=CRS)
    found = needs_of(empty, rules(ROOMS))
    assert found.frame["unknown"].tolist()[0] == ("fire", "pipes", "remarks", "elderly")
    assert found.open_rules == 1
    assert found.points("E0", "fire") is None
    assert found.points("nowhere", "age") is None


def test_rules_on_fire_lanes_count_where_the_lane_lies() -> None:
    site = town()
    lanes = layer(
        [{"lane_id": "L1", "width_m": 3.0}, {"lane_id": "L2", "width_m": 4.0}],
        [box(X + 150, Y + 30, X + 160, Y + 33), box(X + 50, Y + 30, X + 60, Y + 34)],
    )
    found = needs_of(site.with_layer("fire_lanes", lanes), rules(LANES))
    assert found.frame["fire"].tolist() == [0.0, 1.0, 0.0]
    assert found.frame["unmet"].tolist() == [0.0, 0.0, 0.0]


def test_clauses_on_money_are_no_need_for_works() -> None:
    site = town()
    communities = site.layer("communities").assign(budget_cny=1.0)
    pack = rules(("T-CNY", CommunityBudget(cny=100_000)))
    found = needs_of(site.with_layer("communities", communities), pack)
    assert found.frame["unmet"].sum() == 0
    assert found.elsewhere == ()


def test_age_without_a_day_is_counted_from_the_newest_estate() -> None:
    found = needs_of(town(), rules(ROOMS, on=None))
    assert found.reference_year == 2007
    assert found.frame["age"].tolist()[:2] == [21.0, 1.0]
    undated = needs_of(town(built=(None, None, None)), rules(ROOMS, on=None))
    assert undated.reference_year is None
    assert undated.frame["age"].isna().all()


def test_weights_are_the_users() -> None:
    only = needs_of(town(), rules(ROOMS), weights={"elderly": 100})
    assert only.frame["score"].tolist() == [0.0, 50.0, 100.0]
    for bad in ({"beauty": 1}, {"age": -1}, {"age": math.nan}):
        with pytest.raises(UsageError):
            needs_of(town(), rules(ROOMS), weights=bad)


def test_a_site_without_estates_is_refused() -> None:
    site = town()
    bare = site.layer("parcels").drop(columns="estate_id")
    alone = Site(name="s", layers={"parcels": bare}, crs=CRS)
    with pytest.raises(MissingLayerError):
        needs_of(alone, rules(ROOMS))


# --- years ---------------------------------------------------------------------------------------


def scored(**terms: dict[str, float]) -> EstateNeeds:
    """Needs with given points: estates by term; a term that is left out is not known."""
    import pandas as pd

    rows = []
    for estate, points in terms.items():
        row: dict[str, object] = {"estate_id": estate, "name": None, "built": None, "households": math.nan}
        for term in TERMS:
            row[term] = points.get(term, math.nan)
            row[f"{term}_points"] = points.get(term, 0.0)
        rows.append(row | {"score": sum(points.values()), "unknown": ()})
    frame = pd.DataFrame(rows)
    frame["rank"] = frame["score"].rank(method="min", ascending=False).astype("int64")
    return EstateNeeds(frame=frame, weights=dict(WEIGHTS), reference_year=2026, elsewhere=(), open_rules=0)


def work(i: str, estate: str, cost: float, serves: str = "fire", package: str | None = None) -> Work:
    return Work(id=i, estate_id=estate, package=package or estate, serves=serves, cost_cny=cost)


def years(found: Programme) -> dict[str, int]:
    return dict(zip(found.works["work_id"], found.works["year"].tolist(), strict=True))


def reasons(found: Programme) -> dict[str, str]:
    return {e: r.key for e, r in zip(found.estates["estate_id"], found.estates["reason"], strict=True)}


def test_the_most_needed_comes_first_and_each_year_is_spent() -> None:
    needs = scored(A={"fire": 20}, B={"fire": 10}, C={"fire": 5})
    works = [work("a", "A", 100), work("b", "B", 100), work("c", "C", 100)]
    found = plan_programme(needs, works, [100, 100])
    assert years(found) == {"a": 1, "b": 2, "c": 0}
    assert found.years["left_cny"].tolist() == [0.0, 0.0]
    assert found.years["points"].tolist() == [20.0, 10.0]
    assert found.possible_points == 35.0
    assert reasons(found) == {
        "A": "programme.first_year",
        "B": "programme.no_money_before",
        "C": "programme.outbid",
    }


def test_two_cheap_ones_beat_a_dear_one() -> None:
    needs = scored(A={"fire": 20}, B={"fire": 12}, C={"fire": 12})
    works = [work("a", "A", 100), work("b", "B", 50), work("c", "C", 50)]
    assert years(plan_programme(needs, works, [100])) == {"a": 0, "b": 1, "c": 1}


def test_a_package_is_done_in_one_year() -> None:
    needs = scored(A={"fire": 20, "pipes": 20})
    works = [work("a", "A", 100), work("b", "A", 100, "pipes")]
    assert sorted(years(plan_programme(needs, works, [100, 100])).values()) == [0, 1]
    apart = [work("a", "A", 100, package="x"), work("b", "A", 100, "pipes", package="y")]
    assert sorted(years(plan_programme(needs, apart, [100, 100])).values()) == [1, 2]


def test_doing_more_earns_more() -> None:
    needs = scored(A={"fire": 20, "pipes": 20})
    works = [work("a", "A", 100), work("b", "A", 100, "pipes")]
    tiers = [Tier(at_least_share=0.5, rate=0.1), Tier(at_least_share=1, rate=0.5)]
    both = plan_programme(needs, works, [100], tiers)  # 200 less half of it: exactly the budget
    assert years(both) == {"a": 1, "b": 1}
    assert both.years[["own_cny", "reward_cny", "cost_cny"]].iloc[0].tolist() == [100.0, 100.0, 200.0]
    one = plan_programme(needs, works, [99], tiers)  # a fen too little: one of two, at a tenth
    assert sorted(years(one).values()) == [0, 1]
    assert one.years["reward_cny"].tolist() == [10.0]
    assert sum(years(plan_programme(needs, works, [99])).values()) == 0


def test_a_work_of_no_known_use_is_done_only_where_it_raises_the_reward() -> None:
    needs = scored(A={"fire": 20})
    works = [work("a", "A", 100), work("b", "A", 10, "pipes")]
    assert years(plan_programme(needs, works, [1000])) == {"a": 1, "b": 0}
    paid = plan_programme(needs, works, [1000], [Tier(at_least_share=1, rate=0.5)])
    assert years(paid) == {"a": 1, "b": 1}
    texts = [
        cell for row in list(programme_tables(needs, paid, rewards=None).values())[3].rows for cell in row
    ]
    assert any(getattr(cell, "key", "") == "programme.year_for_reward" for cell in texts)


def test_points_of_a_term_are_shared_among_the_works_that_mend_it() -> None:
    found = plan_programme(scored(A={"fire": 20}), [work("a", "A", 1), work("b", "A", 1)], [1])
    assert found.works["points"].tolist() == [10.0, 10.0]
    assert found.years["points"].tolist() == [10.0]


def test_a_budget_of_zero_buys_what_costs_nothing() -> None:
    needs = scored(A={"fire": 20}, B={"fire": 10})
    found = plan_programme(needs, [work("a", "A", 100), work("b", "B", 0)], [0, 0, 0])
    assert years(found) == {"a": 0, "b": 1}
    nothing = plan_programme(needs, [work("a", "A", 100)], [0, 0, 0])
    assert nothing.years["points"].sum() == 0
    assert reasons(nothing) == {"A": "programme.too_dear", "B": "programme.without_works"}


def test_estates_without_data_are_named_as_unknown() -> None:
    needs = scored(A={"fire": 20}, B={"fire": 0}, C={"age": 3})
    works = [work("a", "A", 1), work("b", "B", 1), work("c", "C", 1, "pipes"), work("z", "Z", 1)]
    found = plan_programme(needs, works, [100])
    assert years(found) == {"a": 1, "b": 0, "c": 0, "z": 0}
    assert reasons(found) == {
        "A": "programme.first_year",
        "B": "programme.no_need",
        "C": "programme.unknown_need",
        "Z": "programme.not_on_site",
    }
    assert found.estates["estate_id"].tolist()[-1] == "Z"
    for lang in ("zh", "en"):
        for table in programme_tables(needs, found, rewards=None).values():
            assert translate(table.title, lang)
            assert all(translate(c, lang) for row in table.rows for c in row if c is not None)


def test_what_makes_no_sense_is_refused() -> None:
    needs = scored(A={"fire": 1})
    for budgets in ([], [-1.0], [math.nan], [math.inf]):
        with pytest.raises(UsageError):
            plan_programme(needs, [work("a", "A", 1)], budgets)
    with pytest.raises(UsageError):
        plan_programme(needs, [work("a", "A", 1), work("a", "A", 1)], [1])


def best_by_hand(
    points: list[int], costs: list[int], packages: list[int], budgets: list[int], tiers: list[Tier]
) -> tuple[int, int]:
    """Try every set of works and every year of every package: most points, then soonest."""
    best = (0, 0)
    count = len(points)
    for chosen in product((False, True), repeat=count):
        for when in product(range(len(budgets)), repeat=max(packages) + 1):
            own = [0.0] * len(budgets)
            for p in range(max(packages) + 1):
                members = [i for i in range(count) if packages[i] == p]
                done = [i for i in members if chosen[i]]
                if not done:
                    continue
                share = len(done) / len(members)
                rate = max((t.rate for t in tiers if share >= t.at_least_share - 1e-9), default=0.0)
                own[when[p]] += sum(costs[i] for i in done) * (1 - rate)
            if all(o <= b + 1e-6 for o, b in zip(own, budgets, strict=True)):
                done = [i for i in range(count) if chosen[i]]
                soon = sum(points[i] * (len(budgets) - when[packages[i]]) for i in done)
                best = max(best, (sum(points[i] for i in done), soon))
    return best


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=6),
    st.lists(st.integers(0, 15), min_size=1, max_size=3),
    st.sampled_from([[], [(1.0, 0.5)], [(0.4, 0.2), (1.0, 0.5)]]),
)
def test_no_other_programme_mends_more(
    made: list[tuple[int, int, int]], budgets: list[int], grades: list[tuple[float, float]]
) -> None:
    points, costs, packages = (list(column) for column in zip(*made, strict=True))
    tiers = [Tier(at_least_share=s, rate=r) for s, r in grades]
    # Every work has an estate of its own, so that its points are its own.
    needs = scored(**{f"E{i}": {"fire": float(p)} for i, p in enumerate(points)})
    works = [
        work(f"w{i}", f"E{i}", float(c), package=f"p{p}")
        for i, (c, p) in enumerate(zip(costs, packages, strict=True))
    ]
    found = plan_programme(needs, works, [float(b) for b in budgets], tiers)
    soon = sum(p * (len(budgets) + 1 - y) for p, y in zip(points, found.works["year"], strict=True) if y)
    assert (round(found.years["points"].sum()), soon) == best_by_hand(points, costs, packages, budgets, tiers)
    assert (found.years["own_cny"] <= found.years["budget_cny"] + 1e-6).all()
    for _, package in found.works[found.works["year"] > 0].groupby("package"):
        assert len(set(package["year"])) == 1
        assert len(set(package["rate"])) == 1
        share = len(package) / (found.works["package"] == package["package"].iloc[0]).sum()
        earned = max((t.rate for t in tiers if share >= t.at_least_share - 1e-9), default=0.0)
        assert package["rate"].iloc[0] <= earned
        if package["cost_cny"].sum() > 0:
            assert package["rate"].iloc[0] == earned


# --- tables --------------------------------------------------------------------------------------


def write(path: Path, *lines: str, head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def problems(read: object, path: Path) -> set[tuple[str, tuple[int, ...]]]:
    with pytest.raises(InputError) as caught:
        read(path)  # type: ignore[operator]
    assert all(p.cure for p in caught.value.problems)
    return {(p.column, p.rows) for p in caught.value.problems if p.effect == "refused"}


def test_works_are_read_in_both_languages(tmp_path: Path) -> None:
    (one,) = read_works(write(tmp_path / "w.csv", "W1,管网改造,E1,,works,pipes,1000,600,m"))
    head = "项目编号,项目,小区编号,类别,解决,费用,数量,单位"
    (same,) = read_works(write(tmp_path / "z.csv", "W1,管网改造,E1,工程,管网,1000,600,m", head=head))
    assert one == same
    assert one.package == "E1"
    assert one.amount == "600 m"


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("W2,a,E1,,works,pipes,-1,,", "cost_cny"),
        ("W2,a,E1,,works,pipes,about 5,,", "cost_cny"),
        ("W2,a,E1,,works,pipes,inf,,", "cost_cny"),
        ("W2,a,E1,,works,pipes,,,", "cost_cny"),
        ("W2,a,E1,,works,beauty,1,,", "serves"),
        ("W2,a,E1,,works,,1,,", "serves"),
        ("W2,a,E1,,road,pipes,1,,", "kind"),
        ("W2,a,,,works,pipes,1,,", "estate_id"),
        ("W2,a,E1,,works,pipes,1,x,m", "quantity"),
        (",a,E1,,works,pipes,1,,", "work_id"),
    ],
)
def test_a_bad_work_is_refused_by_column_and_row(tmp_path: Path, line: str, column: str) -> None:
    assert (column, (2,)) in problems(read_works, write(tmp_path / "w.csv", "W1,a,E1,,works,pipes,1,,", line))


def test_works_without_rows_columns_or_ids_of_their_own(tmp_path: Path) -> None:
    problems(read_works, write(tmp_path / "w.csv"))
    columns = {c for c, _ in problems(read_works, write(tmp_path / "x.csv", "W1,a", head="work_id,wrok"))}
    assert {"work", "estate_id", "serves", "cost_cny", "wrok"} <= columns
    twice = write(tmp_path / "y.csv", "W1,a,E1,,works,pipes,1,,", "W1,b,E1,,works,pipes,1,,")
    assert ("work_id", (1, 2)) in problems(read_works, twice)


def test_the_example_rewards_pay_more_for_more() -> None:
    tiers = example_rewards()
    assert [t.rate for t in tiers] == sorted(t.rate for t in tiers)
    assert tiers[-1].at_least_share == 1.0


@pytest.mark.parametrize(
    ("lines", "column"),
    [
        (("a,0,0.1",), "at_least_share"),
        (("a,1.1,0.1",), "at_least_share"),
        (("a,0.5,1.1",), "rate"),
        (("a,0.5,-0.1",), "rate"),
        (("a,0.5,0.3", "b,1,0.2"), "rate"),
        (("a,0.5,0.3", "b,0.5,0.4"), "at_least_share"),
    ],
)
def test_bad_rewards_are_refused(tmp_path: Path, lines: tuple[str, ...], column: str) -> None:
    path = write(tmp_path / "r.csv", *lines, head="tier,at_least_share,rate")
    assert column in {c for c, _ in problems(read_rewards, path)}


# --- the command ---------------------------------------------------------------------------------

UNIT_CNY = {"pipes": 900_000, "fire": 300_000, "age": 1_200_000, "unmet": 700_000, "elderly": 400_000}


def district_works(path: Path) -> Path:
    """Five works for each estate of the sample district that was finished before 2000, and for one that is not in it."""
    estates = ("E01", "E02", "E06", "E08", "E14", "E17", "E99")
    rows = product(estates, UNIT_CNY.items())
    lines = [f"W{n:02d},{term},{e},,works,{term},{cost},1,item" for n, (e, (term, cost)) in enumerate(rows)]
    return write(path, *lines)


def test_the_command_plans_the_sample_district(
    sample_gis: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    works, out = district_works(tmp_path / "w.csv"), tmp_path / "out.gpkg"
    arguments = ["programme", str(sample_gis / "district.gpkg"), "--rules", "sanming", "--works", str(works)]
    arguments += ["--budget", "2000000", "2000000", "1500000", "--on", "2026-11-26", "--lang", "en"]
    assert main([*arguments, "-o", str(out), "--format", "json"]) == 0
    told = json.loads(capsysbinary.readouterr().out)
    assert [y["budget_cny"] for y in told["years"]] == [2e6, 2e6, 1.5e6]
    assert all(y["own_cny"] <= y["budget_cny"] for y in told["years"])
    assert told["gap"] == 0
    estates = {e["estate_id"]: e for e in told["estates"]}
    assert estates["E99"]["score"] is None
    assert estates["E99"]["reason"].startswith("unknown")
    assert estates["E04"]["reason"] == "the table has no works for it"
    # The district has neither remarks nor fire lanes.
    assert {tuple(row["unknown"]) for row in told["needs"]} == {("fire", "pipes", "remarks")}
    drawn = gpd.read_file(out, layer="programme_estates").set_index("estate_id")
    assert drawn.geometry["E01"].area > 1000
    assert drawn.geometry["E99"] is None
    names = {name for name, _ in pyogrio.list_layers(out)}
    assert {
        "programme_estates",
        "programme_needs",
        "programme_works",
        "programme_years",
        "buildings",
    } <= names


def test_the_command_writes_a_workbook_of_the_old_estate(
    sample_gis: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    works = write(
        tmp_path / "w.csv", "W1,=HYPERLINK(1),E1,,works,pipes,100,,", "W2,lanes,E1,,works,fire,100,,"
    )
    arguments = [
        "programme",
        str(sample_gis / "old_estate.gpkg"),
        "--rules",
        "sanming",
        "--works",
        str(works),
    ]
    arguments += ["--budget", "50", "100", "--weight", "fire=40", "--lang", "en"]
    out = tmp_path / "out.xlsx"
    assert main([*arguments, "-o", str(out)]) == 0
    assert "What each year buys" in capsys.readouterr().out
    first = out.read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(first))
    assert book.sheetnames == ["Years", "Estates", "Needs", "Works"]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    # Two works of 100 at half: 100 in the second year; the first can pay for neither.
    assert [row[:3] for row in book["Years"].iter_rows(min_row=2, max_row=3, values_only=True)] == [
        (1, 50, 0),
        (2, 100, 100),
    ]
    assert main([*arguments, "-o", str(out)]) == 0
    assert out.read_bytes() == first


def test_a_report_that_was_made_before_gives_the_same(
    sample_gis: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    site, works = str(sample_gis / "old_estate.gpkg"), write(tmp_path / "w.csv", "W1,a,E1,,works,fire,100,,")
    main(["check", site, "--rules", "sanming", "--format", "json", "-o", str(tmp_path)])
    arguments = ["programme", site, "--works", str(works), "--budget", "100", "-o", str(tmp_path / "o.xlsx")]
    given = ["--report", str(tmp_path / "report.json")]
    capsysbinary.readouterr()
    told = []
    for more in ([], given):
        assert main([*arguments, "--rules", "sanming", "--format", "json", *more]) == 0
        told.append(capsysbinary.readouterr().out)
    assert told[0] == told[1]
    assert main([*arguments, "--rules", "jinan", *given]) == 2


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--budget", "-1"], "budget"),
        (["--budget", "1", "--weight", "fire"], "TERM=NUMBER"),
        (["--budget", "1", "--weight", "beauty=1"], "beauty"),
        (["--budget", "1", "--rewards", "absent.csv"], "absent.csv"),
        (["--budget", "1", "-o", "out.pdf"], ".xlsx"),
    ],
)
def test_what_cannot_be_is_told_without_a_traceback(
    sample_gis: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], word: str
) -> None:
    works = write(tmp_path / "w.csv", "W1,a,E1,,works,pipes,100,,")
    arguments = [
        "programme",
        str(sample_gis / "old_estate.gpkg"),
        "--rules",
        "sanming",
        "--works",
        str(works),
    ]
    out = [] if "-o" in more else ["-o", str(tmp_path / "o.xlsx")]
    assert main([*arguments, *out, *more, "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert word in told
    assert "Traceback" not in told
    assert not (tmp_path / "o.xlsx").exists()
