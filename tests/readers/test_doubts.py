from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import MultiPolygon, Polygon, box

from plan.readers.doubts import look_closely


def looked(layer="rooms", shape=None, **columns):
    rows = len(next(iter(columns.values())))
    frame = gpd.GeoDataFrame(columns, geometry=[shape or box(0, 0, 1, 1)] * rows, crs=4548)
    frame, problems = look_closely(layer, frame, path="a.csv")
    return frame, {(p.id, p.effect): p for p in problems}


def test_an_ordinary_table_hides_nothing():
    assert looked(room_id=["R1"], floor=[1], area_m2=[300.0], 备注=["3-1-2"])[1] == {}


@pytest.mark.parametrize("other", ["ａｒｅａ＿ｍ２", "area_m2\u200b", "Area _m2"])
def test_columns_that_people_cannot_tell_apart_are_refused(other):
    problems = looked(room_id=["R1"], **{"area_m2": [100.0], other: [1000.0]})[1]
    assert ("PLAN-SCHEMA-004", "refused") in problems


def test_two_columns_of_one_meaning_are_told_where_they_differ_and_count_as_not_given():
    frame = gpd.GeoDataFrame(
        {"用房编号": ["R1", "R2", "R3", "R4"], "建筑面积": ["100", "90", None, "80"], "面积": ["1000", "90㎡", "约70", None]},
        geometry=[box(0, 0, 1, 1)] * 4,
        crs=4548,
    )  # fmt: skip
    read, problems = look_closely("rooms", frame, path="a.csv")
    assert [(p.id, p.effect, p.column, p.rows) for p in problems] == [
        ("PLAN-SCHEMA-007", "degraded", "area_m2", (1, 3))
    ]
    assert "建筑面积" in str(problems[0].message)
    assert read["建筑面积"].tolist() == [None, "90", None, "80"]
    assert frame["建筑面积"].tolist()[0] == "100"  # what was given is not changed


def test_of_two_columns_the_one_that_the_user_names_is_taken():
    frame = gpd.GeoDataFrame({"用房编号": ["R1"], "area_m2": [100], "面积": [90]}, geometry=[box(0, 0, 1, 1)])
    assert look_closely("rooms", frame, path="a.csv", chosen=["area_m2"])[1] == ()


def test_a_word_that_is_no_choice_of_a_column_is_of_another_column():
    assert looked(entrance_id=["E1"], kind=["gate"], 类别=["甲级"])[1] == {}
    problems = looked("entrances", entrance_id=["E1"], kind=["gate"], 类别=["单元门"])[1]
    assert problems["PLAN-SCHEMA-007", "degraded"].rows == (1,)


def test_of_two_descriptions_either_may_be_shown():
    problems = looked("facilities", facility_id=["F1", "F2"], name=["甲", None], 名称=["乙", "丙"])[1]
    assert problems["PLAN-SCHEMA-007", "noted"].rows == (1, 2)


def test_two_columns_of_one_meaning_and_figure_are_no_matter():
    assert looked(用房编号=["R1"], 建筑面积=["100"], 面积=["100"])[1] == {}


def test_ids_that_became_days_are_told():
    problems = looked(room_id=["2003-01-02", "3-1-101", "2003-01-02 00:00:00"])[1]
    assert problems["PLAN-ID-008", "noted"].rows == (1, 3)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "@SUM(1)", "JavaScript:x"]
)
def test_what_other_programs_would_run_is_told(text):
    problems = looked(room_id=["R1", "R2"], name=["会议室", text])[1]
    assert problems["PLAN-SEC-008", "noted"].rows == (2,)


def test_names_of_columns_are_looked_at_too():
    problems = looked(room_id=["R1"], **{"{{ 7*7 }}": ["x"], "a\u202eb": ["y"]})[1]
    assert set(problems) == {("PLAN-SEC-008", "noted"), ("PLAN-SEC-010", "noted")}


def test_a_tangled_outline_is_taken_away_and_an_ordinary_one_is_not():
    teeth = [((i % 2) * 500, i) for i in range(400)] + [(i, (i % 2) * 500) for i in range(400)]
    for shape in (Polygon(teeth), MultiPolygon([Polygon(teeth), box(900, 0, 910, 10)])):
        frame, problems = looked("buildings", shape, building_id=["B1"])
        assert frame.geometry.isna().all()
        assert problems["PLAN-GEOM-014", "degraded"].rows == (1,)
    zigzag = [(i, (i % 2) * 0.1) for i in range(600)]
    bow = Polygon([*zigzag, (600, 50), (-1, -50)])  # crosses its zigzag some 600 times
    assert not bow.is_valid
    assert not looked("buildings", bow, building_id=["B1"])[0].geometry.isna().any()
