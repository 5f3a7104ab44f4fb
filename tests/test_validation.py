"""A table brought into the form of a layer: columns found by alias, ids unique, all problems at once."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import box

from plan.errors import InputError
from plan.schema import LAYERS
from plan.validation import fit, match_columns, match_table, validate


def frame(columns, *, shapes=None, count=None):
    count = count if count is not None else len(next(iter(columns.values())))
    drawn = [box(20 * i, 0, 20 * i + 10, 10) for i in range(count)] if shapes is None else shapes
    return gpd.GeoDataFrame(columns, geometry=drawn, crs=4548)


def told(problems):
    return [(p.id, p.severity, p.effect) for p in problems]


def test_a_table_of_the_contract_passes_unchanged():
    out, problems = validate("buildings", frame({"building_id": ["B1", "B2"], "floors": [6, 7]}))
    assert problems == ()
    assert list(out.columns) == ["building_id", "floors", "geometry"]
    assert out["building_id"].dtype == object
    assert out["floors"].dtype == "Int64"


def test_chinese_columns_are_found_and_others_kept_behind():
    out, problems = validate(
        "buildings", frame({"备注": ["x"], "层数": ["6"], "楼号": ["1号楼"], "建成年份": [1988]})
    )
    assert problems == ()
    assert list(out.columns) == ["building_id", "floors", "built_on", "备注", "geometry"]
    assert out.loc[0, ["building_id", "floors", "built_on"]].tolist() == ["1号楼", 6, "1988"]


def test_case_and_spaces_do_not_matter():
    out, problems = validate("buildings", frame({" Building_ID": ["B1"], "FLOORS ": [6]}))
    assert problems == ()
    assert list(out.columns)[:2] == ["building_id", "floors"]


def test_an_alias_never_takes_a_column_that_has_its_own_name():
    # 名称 is an alias of the id of buildings; "use" is a column of rooms and an alias of nothing else.
    assert match_columns(LAYERS["rooms"], ["room_id", "id", "面积", "area_m2"]) == {
        "room_id": "room_id",
        "area_m2": "area_m2",
    }


def test_a_reference_may_be_named_as_the_id_it_refers_to():
    assert match_columns(LAYERS["rooms"], ["room_id", "bld_id"])["building_id"] == "bld_id"
    assert "building_id" not in match_columns(LAYERS["rooms"], ["room_id", "name"])


def test_missing_columns_are_all_told_with_what_there_is():
    with pytest.raises(InputError) as caught:
        validate("rooms", frame({"room": ["R1"], "flor": [1]}), path="a.gpkg")
    problems = caught.value.problems
    assert told(problems) == [("PLAN-SCHEMA-001", "error", "refused")] * 3
    assert [p.column for p in problems] == ["room_id", "floor", "area_m2"]
    assert {p.path for p in problems} == {"a.gpkg"}
    assert "flor" in problems[1].message
    assert "楼层" in problems[1].cure


def test_values_are_told_even_where_a_column_is_missing():
    _, problems = fit("rooms", frame({"room_id": ["R1"], "area_m2": ["约650㎡"]}))
    assert told(problems) == [
        ("PLAN-SCHEMA-001", "error", "refused"),
        ("PLAN-UNIT-002", "error", "degraded"),
    ]


def test_columns_that_stand_twice_are_refused():
    table = frame({"room_id": ["R1"], "area_m2": [1.0]})
    table = pd.concat([table[["room_id"]], table[["area_m2"]], table[["area_m2", "geometry"]]], axis=1)
    _, problems = fit("rooms", table)
    assert told(problems) == [("PLAN-SCHEMA-004", "error", "refused")]
    _, problems = fit("rooms", frame({"room_id": ["R1"], "area_m2": [1.0], "Area_M2": [2.0]}))
    assert told(problems) == [("PLAN-SCHEMA-004", "error", "refused")]


def test_ids_must_be_there_and_differ():
    _, problems = fit("buildings", frame({"building_id": ["B1", None, "B1", " "], "floors": [1, 1, 1, 1]}))
    assert [(p.id, p.effect, p.rows) for p in problems] == [
        ("PLAN-ID-002", "refused", (2, 4)),
        ("PLAN-ID-001", "refused", (1, 3)),
    ]
    assert problems[1].features == ("B1",)


def test_ids_are_text():
    out, _ = validate("buildings", frame({"building_id": [1.0, 2.0], "floors": [6, 6]}))
    assert out["building_id"].tolist() == ["1", "2"]


@pytest.mark.parametrize(("layer", "severity"), [("obstacles", "info"), ("buildings", "warning")])
def test_layers_without_ids_are_numbered_and_told(layer, severity):
    out, problems = fit(layer, frame({"kind": ["tree", "shed"], "floors": [1, 2]}))
    assert told(problems) == [("PLAN-ID-004", severity, "noted")]
    assert out[LAYERS[layer].id_column].tolist() == ["1", "2"]


@pytest.mark.parametrize("layer", ["rooms", "households"])
def test_rooms_and_households_are_never_numbered(layer):
    _, problems = fit(layer, frame({"floor": [1], "area_m2": [1.0], "building_id": ["B1"]}, shapes=[None]))
    assert ("PLAN-SCHEMA-001", "error", "refused") in told(problems)


def test_names_are_ids_only_where_each_row_has_its_own():
    out, problems = fit("buildings", frame({"name": ["甲", "乙"], "floors": [1, 1]}))
    assert out["building_id"].tolist() == ["甲", "乙"]
    assert problems == ()
    out, problems = fit("buildings", frame({"name": ["甲", "甲"], "floors": [1, 1]}))
    assert out["building_id"].tolist() == ["1", "2"]
    assert out["name"].tolist() == ["甲", "甲"]
    assert told(problems) == [("PLAN-ID-004", "warning", "noted")]
    out, problems = fit("buildings", frame({"name": ["甲", None], "id": ["x", "y"], "floors": [1, 1]}))
    assert out["building_id"].tolist() == ["x", "y"]
    assert problems == ()


def test_an_empty_layer_is_told():
    _, problems = validate("buildings", frame({"building_id": [], "floors": []}, count=0))
    assert told(problems) == [("PLAN-DATA-001", "error", "degraded")]


def test_shapes_are_left_alone_where_their_system_is_in_doubt():
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    out, problems = fit(
        "buildings", frame({"building_id": ["B1"], "floors": [1]}, shapes=[bow_tie]), shapes=False
    )
    assert problems == ()
    assert out.geometry.iloc[0].equals_exact(bow_tie, 0)


def test_what_comes_in_is_left_as_it_is():
    table = frame({"楼号": ["B1"], "层数": ["6"]})
    before = table.copy()
    fit("buildings", table)
    pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(before))


def test_validating_twice_changes_nothing():
    once, _ = validate(
        "buildings", frame({"楼号": ["B1"], "层数": ["6"], "电梯": ["有"], "建成年份": ["1988"]})
    )
    twice, problems = validate("buildings", once)
    assert problems == ()
    pd.testing.assert_frame_equal(pd.DataFrame(once), pd.DataFrame(twice))


def test_messages_escape_what_files_hold():
    _, problems = fit("rooms", frame({"room_id": ["R\u202e1"], "floor": [1], "area_m2": ["\x1b[2J"]}))
    for problem in problems:
        assert "\u202e" not in problem.message
        assert "\x1b" not in problem.message


def test_names_that_are_not_each_rows_own_are_not_matched_as_ids():
    shapes = [box(0, 0, 10, 10), box(20, 0, 30, 10)]
    frame = gpd.GeoDataFrame({"名称": ["甲", "甲"], "floors": [6, 6]}, geometry=shapes, crs=4548)
    assert "building_id" not in match_table(LAYERS["buildings"], frame)
    assert match_table(LAYERS["buildings"], frame.assign(名称=["甲", "乙"]))["building_id"] == "名称"
