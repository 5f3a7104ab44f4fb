from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from shapely.geometry import LineString, Point, Polygon, box, mapping

from plan.crs import to_wgs84
from plan.errors import InputError, UsageError
from plan.findings import Clause, Finding, PackRef, Report, Status, Strength, reason
from plan.maps import HearingMap, hearing_map
from plan.maps.geometry import encode
from plan.maps.layers import label_of
from plan.maps.words import Words
from plan.site import Placement, Site

CRS = pyproj.CRS("EPSG:4547")
X, Y = 500_000.0, 3_300_000.0
ZH = Words(lang="zh")
CLAUSE = Clause(
    document="《措施》", number="〔2020〕8号", article="三", quote="不少于600平方米", effective="2020-12-01"
)


def frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def site(**more: Any) -> Site:
    houses = [
        {"building_id": b, "floors": 6, "geometry": box(X + x, Y, X + x + 40, Y + 12)}
        for b, x in (("B1", 0), ("B2", 60))
    ]
    rooms = [
        {"room_id": r, "floor": 1, "area_m2": 80.0, "state": state, "building_id": "B1", "geometry": shape}
        for r, state, shape in (
            ("R1", "existing", box(X, Y, X + 10, Y + 8)),
            ("C1", "candidate", box(X + 10, Y, X + 20, Y + 8)),
            ("C2", "candidate", None),
        )
    ]
    homes = [
        {
            "household_id": f"H{i}",
            "building_id": "B1" if i < 3 else "B2",
            "persons": 2,
            "owner_id": "张三",
            "vote": "no",
            "geometry": None,
        }
        for i in range(5)
    ]
    doors = [
        {"entrance_id": f"D{i}", "kind": "stairwell", "building_id": b, "geometry": Point(X, Y)}
        for i, b in enumerate(("B1", "B1", "B2"))
    ]
    layers = {
        "buildings": frame(houses),
        "rooms": frame(rooms),
        "households": frame(homes),
        "entrances": frame(doors),
    }
    return Site(name="样本", layers={**layers, **more.pop("layers", {})}, crs=CRS, **more)


def report(*findings: Finding) -> Report:
    return Report(
        site="样本", pack=PackRef(id="p", version="1", sha256="0" * 64, title="规则"), findings=findings
    )


def finding(status: Status = Status.NOT_MET, **more: Any) -> Finding:
    why = reason("missing_data", "x") if status is Status.UNDETERMINED else None
    given = {
        "rule": "R-1",
        "title": "面积",
        "clause": CLAUSE,
        "strength": Strength.MUST,
        "reason": why,
        **more,
    }
    return Finding(status=status, **given)


def layer(made: HearingMap, name: str) -> dict[str, Any]:
    return next(x for x in made.page["layers"] if x["id"] == name)


def class_of(made: HearingMap, name: str, feature: str) -> str:
    found = layer(made, name)
    number = found["cls"][found["ids"].index(feature)] if "cls" in found else 0
    return str(found["classes"][number]["id"])


def cell(made: HearingMap, name: str, feature: str, heading: str) -> str | None:
    found = layer(made, name)
    for column in found["cols"]:
        if column["l"] == heading:
            at = column["v"][found["ids"].index(feature)]
            return None if at < 0 else str(column["u"][at])
    return None


def test_the_same_site_gives_the_same_bytes() -> None:
    assert hearing_map(site()).to_html() == hearing_map(site()).to_html()


def test_the_order_of_rows_does_not_matter() -> None:
    turned = site()
    turned = turned.with_layer("buildings", turned.layer("buildings").iloc[::-1])
    assert hearing_map(turned).page["layers"] == hearing_map(site()).page["layers"]


def test_save_writes_the_document(tmp_path) -> None:
    made = hearing_map(site(), title="听证图")
    made.save(tmp_path / "图" / "a.html")
    text = (tmp_path / "图" / "a.html").read_text(encoding="utf-8")
    assert text == made.to_html()
    assert "<title>听证图</title>" in text
    assert "Content-Security-Policy" in text
    block = text.split('id="plan-data">')[1].split("</script>")[0]
    assert json.loads(block)["title"] == "听证图"


def test_households_are_counts_and_no_owner_or_vote_is_in_the_file() -> None:
    made = hearing_map(site(estimates=("households",)))
    assert cell(made, "buildings", "B1", "户数") == "3"
    assert cell(made, "buildings", "B2", "人口") == "4"
    assert next(c for c in layer(made, "buildings")["cols"] if c["l"] == "户数")["est"] is True
    text = made.to_html()
    assert "张三" not in text
    assert '"vote"' not in text
    assert '"H0"' not in text


def test_a_finding_names_only_what_is_drawn() -> None:
    made = hearing_map(site(), report(finding(features=("H0", "B1"))))
    assert made.page["findings"][0]["features"] == ["B1"]


def test_utilities_are_not_drawn() -> None:
    pipe = frame([{"utility_id": "U1", "kind": "gas", "geometry": LineString([(X, Y), (X + 9, Y)])}])
    made = hearing_map(site(layers={"utilities": pipe}))
    assert [x["id"] for x in made.page["layers"]] == ["buildings", "entrances", "rooms"]


def test_a_placement_joins_the_rooms_and_says_why_not() -> None:
    rooms = site().layer("rooms").set_index("room_id", drop=False)
    placement = Placement(
        features=rooms.loc[["R1", "C1"]].reset_index(drop=True),
        rejected=rooms.loc[["C2"]].reset_index(drop=True).assign(reason="太小"),
        measures={},
    )
    for given in (placement, {"rooms": placement}):
        made = hearing_map(site(), placement=given)
        assert [class_of(made, "rooms", r) for r in ("R1", "C1", "C2")] == ["existing", "placed", "rejected"]
        assert cell(made, "rooms", "C2", "未选用原因") == "太小"


def test_a_room_without_geometry_stands_at_its_building() -> None:
    made = hearing_map(site())
    found = layer(made, "rooms")
    assert found["g"][found["ids"].index("C2")] is not None


def test_other_placements_are_layers_of_their_own() -> None:
    stalls = frame([{"stall_id": "T1", "kind": "parallel", "geometry": box(X, Y, X + 5, Y + 2)}])
    made = hearing_map(site(), placement=Placement(features=stalls, rejected=stalls.iloc[:0], measures={}))
    assert layer(made, "proposals-stalls")["title"] == "拟设停车位"


def test_stalls_below_the_ground_are_a_layer_of_their_own_and_wait_for_a_click() -> None:
    kinds = {"T1": "perpendicular", "U1": "underground", "U2": "地下车位", "T2": None}
    rows = [
        {
            "stall_id": i,
            "kind": kind,
            "state": "proposed",
            "geometry": box(X + 3 * n, Y, X + 3 * n + 2.4, Y + 5),
        }
        for n, (i, kind) in enumerate(kinds.items())
    ]
    made = hearing_map(site(layers={"stalls": frame(rows)}))
    ground, below = layer(made, "stalls"), layer(made, "stalls-underground")
    assert (ground["ids"], ground["on"]) == (["T1", "T2"], True)
    assert (below["ids"], below["on"], below["title"]) == (["U1", "U2"], False, "地下车位")
    assert {c["id"]: c["n"] for c in ground["classes"]} == {"proposed": 2}
    assert {c["id"]: c["n"] for c in below["classes"]} == {"underground": 2}
    assert below["classes"][0]["style"]["d"]


def test_a_site_with_garages_only_has_no_layer_of_stalls_on_the_ground() -> None:
    rows = [{"stall_id": "U1", "kind": "underground", "geometry": box(X, Y, X + 2.4, Y + 5)}]
    made = hearing_map(site(layers={"stalls": frame(rows)}))
    names = [x["id"] for x in made.page["layers"]]
    assert "stalls-underground" in names
    assert "stalls" not in names


def test_findings_come_worst_first_and_share_a_place() -> None:
    where = mapping(to_wgs84(site().layer("rooms")).geometry.iloc[0])
    made = hearing_map(
        site(),
        report(
            finding(Status.MET, rule="A", geometry=where),
            finding(Status.NOT_MET, rule="B", geometry=where),
            finding(Status.UNDETERMINED, rule="C"),
            finding(Status.NOT_APPLICABLE, rule="D"),
        ),
    )
    assert [f["rule"] for f in made.page["findings"]] == ["B", "C", "A", "D"]
    assert [f["place"] for f in made.page["findings"]] == [0, None, 0, None]
    assert class_of(made, "findings", "finding-0") == "not_met"
    assert [s["n"] for s in made.page["statuses"]] == [1, 1, 1, 1]
    assert {s["symbol"] for s in made.page["statuses"]} == {"×", "?", "✓", "－"}


def test_a_colour_names_the_clause_that_judged_it() -> None:
    made = hearing_map(site(), report(finding(features=("R1",))), clauses={"entrances": CLAUSE})
    rooms = layer(made, "rooms")
    by_class = {c["id"]: c["clauses"] for c in rooms["classes"]}
    assert by_class == {"existing": [0], "candidate": []}
    assert layer(made, "entrances")["classes"][0]["clauses"] == [0]
    assert made.page["clauses"][0]["quote"] == "不少于600平方米"


def test_figures_carry_their_unit() -> None:
    made = hearing_map(site(), report(finding(measured=253.0, required=600.0, unit="m2")))
    assert made.page["findings"][0]["short"] == "实测 253 平方米、要求 600 平方米"
    votes = hearing_map(site(), report(finding(measured=47, required=117, unit="stairwell")))
    assert votes.page["findings"][0]["short"] == "实测 47 个梯号、要求 117 个梯号"
    english = hearing_map(site(), report(finding(measured=253.0, required=600.0, unit="m2")), lang="en")
    assert english.page["findings"][0]["short"] == "Measured 253 m², Required 600 m²"


@pytest.mark.parametrize(
    ("must", "text", "english"),
    [
        ((Status.MET, Status.NOT_APPLICABLE), "全部符合", "all are met"),
        ((Status.MET, Status.NOT_MET, Status.NOT_MET), "2 条不符合", "2 not met"),
        ((Status.MET, Status.UNDETERMINED), "1 条无法判定", "1 cannot be told"),
        (
            (Status.NOT_MET, Status.UNDETERMINED),
            "1 条不符合，1 条无法判定",
            "1 not met, 1 cannot be told",
        ),
        ((Status.NOT_APPLICABLE,), "没有一条得到判定", "none could be judged"),
        ((), "没有一条得到判定", "none could be judged"),
    ],
)
def test_the_headline_tells_what_the_binding_rules_say(
    must: tuple[Status, ...], text: str, english: str
) -> None:
    others = (finding(Status.NOT_MET, strength=Strength.SHOULD), finding(Status.MET, strength=Strength.MAY))
    judged = report(*(finding(s) for s in must), *others)
    head = hearing_map(site(), judged).page["headline"]
    assert head["text"] == f"必须执行的规则：{text}"
    assert hearing_map(site(), judged, lang="en").page["headline"]["text"] == (
        f"Rules that must be met: {english}"
    )
    assert head["status"] == judged.outcome
    assert head["groups"][-1] == {"must": False, "label": "宜、可", "n": {"not_met": 1, "met": 1}}
    assert sum(head["groups"][0]["n"].values()) == (len(must) or len(others))


def test_without_a_report_there_is_no_headline() -> None:
    assert "headline" not in hearing_map(site()).page


def test_only_binding_rules_that_are_not_met_are_outlined_unasked() -> None:
    judged = [
        finding(status, strength=strength, rule=f"{strength}-{status}")
        for strength in Strength
        for status in Status
    ]
    made = hearing_map(site(), report(*judged))
    assert {f["rule"] for f in made.page["findings"] if f["outline"]} == {"must-not_met", "must-undetermined"}


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "需人工确认：问街道"), ("en", "a person must confirm: 问街道")]
)
def test_a_reason_is_told_in_words(lang: str, said: str) -> None:
    why = finding(Status.UNDETERMINED, reason=reason("needs_person", "问街道"))
    assert hearing_map(site(), report(why), lang=lang).page["findings"][0]["reason"] == said


@pytest.mark.parametrize(
    ("row", "named", "name", "label"),
    [
        ({}, None, "B1 1层 · C9", "B1 1层 80 m²"),
        ({}, "4号楼", "4号楼 1层 · C9", "4号楼 1层 80 m²"),
        ({"floor": -1}, None, "B1 地下1层 · C9", "B1 地下1层 80 m²"),
        ({"floor": np.nan}, None, "B1 · C9", "B1 80 m²"),
        ({"name": "图书室"}, None, "B1 1层 · 图书室", "图书室 80 m²"),
        ({"building_id": None}, None, "C9", "C9 80 m²"),
        ({"building_id": "way/123456789"}, None, "C9", "C9 80 m²"),
    ],
)
def test_a_room_is_told_by_its_building_and_floor(
    row: dict[str, Any], named: str | None, name: str, label: str
) -> None:
    room = {
        "room_id": "C9",
        "floor": 1,
        "area_m2": 80.0,
        "building_id": "B1",
        "state": "candidate",
        "geometry": box(X, Y, X + 10, Y + 8),
    }
    given = site(layers={"rooms": frame([{**room, **row}])})
    houses = given.layer("buildings")
    houses["name"] = [named, None]
    found = layer(hearing_map(given.with_layer("buildings", houses)), "rooms")
    assert (found["names"], found["labels"]) == ([name], [label])


@pytest.mark.parametrize(
    ("state", "part", "drawn"),
    [
        ("existing", "stands", "existing"),
        ("planned", "chosen", "placed"),
        ("planned", "stands", "planned"),  # of the design that was submitted: nobody here proposes it
        ("planned", "apart", "planned"),
        ("planned", None, "placed"),  # a placement that does not say
    ],
)
def test_only_what_was_chosen_is_recommended(state: str, part: str | None, drawn: str) -> None:
    room = {
        "room_id": "C9",
        "floor": 1,
        "area_m2": 80.0,
        "state": state,
        "part": part,
        "geometry": box(X, Y, X + 10, Y + 8),
    }
    placed = Placement(features=frame([room]), rejected=frame([{**room, "reason": ""}]).iloc[:0], measures={})
    assert class_of(hearing_map(site(), placement={"rooms": placed}), "rooms", "C9") == drawn


def minutes(made: HearingMap, category: str) -> list[float | None]:
    return next(r["min"] for r in made.page["reach"] if r["id"] == category)


def test_reach_by_building() -> None:
    reach = pd.DataFrame({"clinic": [4.25, np.nan]}, index=pd.Index(["B1", "B2"], name="building_id"))
    assert minutes(hearing_map(site(), reach=reach), "clinic") == [4.2, -1]


def test_of_several_households_the_longest_way_counts() -> None:
    reach = pd.DataFrame(
        {"clinic": [1.0, 2.0, 3.0, 4.0, np.nan]},
        index=pd.Index([f"H{i}" for i in range(5)], name="household_id"),
    )
    assert minutes(hearing_map(site(), reach=reach), "clinic") == [3.0, -1]
    doors = pd.DataFrame({"clinic": [1.0, 6.0]}, index=pd.Index(["D0", "D1"], name="entrance_id"))
    assert minutes(hearing_map(site(), reach=doors), "clinic") == [6.0, None]
    column = pd.DataFrame({"building_id": ["B2"], "clinic": [7.0]})
    assert minutes(hearing_map(site(), reach=column), "clinic") == [None, 7.0]


def test_where_nothing_was_reached_there_is_nothing_to_colour() -> None:
    made = hearing_map(site(), reach=pd.DataFrame(index=pd.Index([], name="household_id")))
    assert "reach" not in made.page


def test_reach_of_another_site_is_refused() -> None:
    with pytest.raises(UsageError):
        hearing_map(site(), reach=pd.DataFrame({"clinic": [1.0]}, index=["Z9"]))


def test_isochrones_become_bands() -> None:
    rings = frame(
        [
            {"origin": o, "minutes": m, "geometry": Point(X + 50 * o, Y).buffer(30 * m)}
            for o in (0, 1)
            for m in (10, 5)
        ]
    )
    made = hearing_map(site(), isochrones=rings)
    found = layer(made, "isochrones")
    assert [c["label"] for c in found["classes"]] == ["5 分钟以内", "10 分钟以内"]
    assert len(found["g"][1][1]) == 2  # the outer band has the inner one as its hole


def test_what_would_cover_the_findings_waits_for_a_click() -> None:
    rings = frame([{"origin": "0", "minutes": 5, "geometry": Point(X, Y).buffer(50)}])
    assert layer(hearing_map(site(), isochrones=rings), "isochrones")["on"] is True
    judged = hearing_map(site(), report(finding()), isochrones=rings)
    assert layer(judged, "isochrones")["on"] is False
    assert layer(judged, "buildings")["on"] is True


def test_a_site_without_anything_to_draw_is_refused() -> None:
    with pytest.raises(InputError, match="空"):
        hearing_map(Site(name="空", layers={}, crs=CRS))


def test_the_title_block() -> None:
    credit = "© OpenStreetMap contributors, ODbL 1.0"
    made = hearing_map(site(attribution=credit, estimates=("households",)), made_by="规划院")
    meta = dict(made.page["meta"])
    assert meta["审图号"] == "（未送审）"
    assert meta["制图单位"] == "规划院"
    assert "EPSG:4547" in meta["坐标系"]
    assert meta["估算图层"] == "住户"
    assert made.page["credit"].startswith("© OpenStreetMap contributors, ODbL")
    assert (
        dict(hearing_map(site(), review_number="闽S〔2026〕1号").page["meta"])["审图号"] == "闽S〔2026〕1号"
    )
    assert hearing_map(site()).page["credit"] == ""


def test_english() -> None:
    made = hearing_map(site(), lang="en")
    assert layer(made, "rooms")["title"] == "Community rooms"
    assert made.page["title"] == "Hearing map: 样本"
    assert '<html lang="en">' in made.to_html()


def test_steps_of_a_polygon_are_whole_numbers_of_1e_7_degree() -> None:
    square = Polygon([(110, 30), (110.000001, 30), (110.000001, 30.000001), (110, 30.000001)])
    assert encode(square, origin=(1_100_000_000, 300_000_000)) == [2, [[0, 0, 10, 0, 0, 10, -10, 0]]]
    assert encode(Point(110, 30), origin=(0, 0)) == [0, [1_100_000_000, 300_000_000]]
    assert encode(Polygon(), origin=(0, 0)) is None
    assert encode(None, origin=(0, 0)) is None


@pytest.mark.parametrize(
    ("row", "label"),
    [
        ({"building_id": "12号楼", "floors": 6}, "12号楼\n6F"),
        ({"building_id": "way/123456789", "floors": 6}, "\n6F"),
        ({"building_id": "w123456789", "floors": np.nan}, ""),
        ({"building_id": "r5606", "floors": 3}, "\n3F"),
        ({"building_id": "w5606/2", "floors": 3}, "\n3F"),
        ({"building_id": "W1001", "floors": 3}, "W1001\n3F"),
        ({"building_id": "5606", "floors": 3}, "5606\n3F"),
        ({"building_id": "w1", "name": "图书馆", "floors": 3}, "图书馆\n3F"),
    ],
)
def test_labels_of_buildings(row: dict[str, Any], label: str) -> None:
    assert label_of("buildings", row, "building_id") == label


def test_a_layer_of_thousands_is_written_compactly() -> None:
    count = 1200
    stalls = gpd.GeoDataFrame(
        {"stall_id": [f"S{i:04d}" for i in range(count)], "state": ["existing", "proposed"] * (count // 2)},
        geometry=[box(X + 3 * i, Y, X + 3 * i + 2.4, Y + 5.3) for i in range(count)],
        crs=CRS,
    )
    few = hearing_map(Site(name="s", layers={"stalls": stalls.iloc[:1000]}, crs=CRS)).page["layers"][0]
    many = hearing_map(Site(name="s", layers={"stalls": stalls}, crs=CRS)).page["layers"][0]
    assert len(few["g"]) == 1000
    assert "packed" not in few
    assert set(many["packed"]) == {"g", "ids", "cls"}
    assert many["names"] is True
    assert not {"g", "ids", "cls"} & set(many)
    assert [c["n"] for c in many["classes"]] == [600, 600]
