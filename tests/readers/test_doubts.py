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


def test_two_columns_of_one_meaning_are_told_where_they_differ():
    problems = looked(用房编号=["R1", "R2"], 建筑面积=["100", "90"], 面积=["1000", "90"])[1]
    assert problems["PLAN-SCHEMA-007", "noted"].rows == (1,)
    assert "建筑面积" in problems["PLAN-SCHEMA-007", "noted"].message


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
