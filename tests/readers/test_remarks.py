"""Residents' remarks: read from a file that anybody may have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import plan
from plan.errors import InputError
from plan.readers import add_remarks, is_remarks
from plan.readers.remarks import read_remarks
from plan.schema import REMARKS_SCHEMA

ONE = {
    "kind": "parking",
    "text": "楼下停不进",
    "date": "2026-11-22",
    "point": [117.6339, 26.2612],
    "building_id": "B01",
}


def written(tmp_path: Path, *items: Any, name: str = "r.json", **more: Any) -> Path:
    path = tmp_path / name
    document = {
        "schema": REMARKS_SCHEMA,
        "map": "图",
        "site": {"name": "s", "sha256": []},
        "remarks": list(items),
        **more,
    }
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def site(sample_gis: Path) -> plan.Site:
    return plan.read_site(sample_gis / "old_estate.gpkg")


def test_a_remark_becomes_a_row_with_the_building_it_points_at(site, tmp_path):
    path = written(tmp_path, ONE, {**ONE, "building_id": None, "date": "", "text": "另一条"})
    assert is_remarks(path)
    found, told = add_remarks(site, [path])
    rows = found.layer("remarks").iloc[len(site.layer("remarks")) :]
    assert told == ()
    assert rows["text"].tolist() == ["楼下停不进", "另一条"]
    assert rows["building_id"].iloc[0] == "B01"
    assert rows["building_id"].isna().tolist() == [False, True]
    point = rows.geometry.to_crs("EPSG:4326").iloc[0]
    assert (round(point.x, 7), round(point.y, 7)) == (117.6339, 26.2612)
    assert found.inputs[-1].path == str(path)


def test_the_same_remark_counts_once_within_between_and_after_files(site, tmp_path):
    one, two = written(tmp_path, ONE, ONE), written(tmp_path, ONE, name="2.json")
    found, told = add_remarks(site, [one, two])
    assert len(found.layer("remarks")) == len(site.layer("remarks")) + 1
    assert [(p.id, p.rows) for p in told] == [("PLAN-REM-004", (2,)), ("PLAN-REM-004", (1,))]
    again, told = add_remarks(found, [two])
    assert len(again.layer("remarks")) == len(found.layer("remarks"))
    assert [p.id for p in told] == ["PLAN-REM-004"]


def test_a_site_without_remarks_gets_the_layer(site, tmp_path):
    bare = plan.Site(name="S", layers={"buildings": site.layer("buildings")}, crs=site.crs)
    found, _ = add_remarks(bare, [written(tmp_path, ONE)])
    assert len(found.layer("remarks")) == 1


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"text": "字" * 4001}, "text"),
        ({"text": "x" * 1_000_000}, "text"),
        ({"text": ""}, "text"),
        ({"text": "\x00\x01"}, "text"),
        ({"text": 7}, "text"),
        ({"kind": None}, "text"),
        ({"kind": "k" * 41}, "text"),
        ({"point": [1]}, "point"),
        ({"point": [181, 0]}, "point"),
        ({"point": ["1", "2"]}, "point"),
        ({"point": [True, 2]}, "point"),
        ({"point": [10**400, 2]}, "point"),
        ({"point": None}, "point"),
        ({"date": "yesterday"}, "date"),
        ({"date": 20261122}, "date"),
        ({"building_id": ["B01"]}, "building"),
        ({"building_id": "B" * 201}, "building"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_one_remark_leaves_out_that_one_by_name(site, tmp_path, change, column):
    found, told = add_remarks(site, [written(tmp_path, {**ONE, **change}, ONE)])
    assert len(found.layer("remarks")) == len(site.layer("remarks")) + 1
    assert [(p.id, p.column, p.rows) for p in told] == [("PLAN-REM-003", column, (1,))]


def test_places_far_away_and_unknown_buildings_are_told(site, tmp_path):
    items = ({**ONE, "point": [0, 0]}, {**ONE, "building_id": "nowhere"})
    found, told = add_remarks(site, [written(tmp_path, *items)])
    assert [p.id for p in told] == ["PLAN-REM-006", "PLAN-REM-007"]
    assert found.layer("remarks")["building_id"].isna().iloc[-1]


def test_control_characters_are_taken_out_and_told(site, tmp_path):
    found, told = add_remarks(site, [written(tmp_path, {**ONE, "text": "a\x00\x1b[31mb\nc"})])
    assert found.layer("remarks")["text"].iloc[-1] == "a[31mb\nc"
    assert [p.id for p in told] == ["PLAN-REM-005"]


def test_characters_that_reorder_stay_and_are_noted(site, tmp_path):
    found, _ = add_remarks(site, [written(tmp_path, {**ONE, "text": "a\u202eb"})])
    assert found.layer("remarks")["text"].iloc[-1] == "a\u202eb"
    assert any(p.id == "PLAN-SEC-010" and p.layer == "remarks" for p in found.problems)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"schema": "plan.remarks/2", "remarks": []}', "PLAN-REM-001"),
        ('{"schema": ["plan.remarks/1"], "remarks": []}', "PLAN-REM-001"),
        ("[]", "PLAN-REM-001"),
        ('{"schema": "plan.remarks/1"}', "PLAN-REM-002"),
        ('{"schema": "plan.remarks/1", "remarks": {}}', "PLAN-REM-002"),
        ('{"schema": "plan.remarks/1", "remarks": [' + "7," * 5000 + "7]}", "PLAN-REM-002"),
        ('{"schema": "plan.remarks/1", "remarks": [{"point": [NaN, 1]}]}', "PLAN-FILE-001"),
        ('{"schema": "plan.remarks/1", "remarks": [', "PLAN-FILE-001"),
        ('{"schema": "plan.remarks/1", "x": ' + "9" * 5000 + "}", "PLAN-FILE-001"),
        ('{"schema": "plan.remarks/1", "x": ' + "[" * 100_000 + "]" * 100_000 + "}", "PLAN-SEC-001"),
        ('{"schema": "plan.remarks/1", "x": ' + "[" * 9 + "]" * 9 + "}", "PLAN-SEC-001"),
        ('{"schema": "plan.remarks/1", "x": "' + "x" * (8 << 20) + '"}', "PLAN-SEC-002"),
        ("\udcff", "PLAN-FILE-001"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_file_of_remarks_is_refused_by_name(site, tmp_path, text, problem):
    path = tmp_path / "r.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError) as caught:
        add_remarks(site, [path])
    assert [p.id for p in caught.value.problems] == [problem]


def test_a_file_that_is_not_there_is_refused(site, tmp_path):
    with pytest.raises(InputError):
        add_remarks(site, [tmp_path / "absent.json"])
    assert not is_remarks(tmp_path / "absent.json")


def test_a_reader_of_layers_says_what_to_do_with_remarks(tmp_path):
    with pytest.raises(InputError, match="意见") as caught:
        plan.read_site(written(tmp_path, ONE))
    assert [p.id for p in caught.value.problems if p.effect == "refused"] == ["PLAN-REM-008"]
    assert "plan import" in caught.value.problems[0].cure


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["kind", "text", "date", "point", "building_id"]) | st.text(max_size=5), inner, max_size=5
    ),
    max_leaves=12,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(items=st.lists(JSON, max_size=4))
def test_nothing_that_a_file_holds_is_an_error_of_ours(tmp_path, items):
    path = tmp_path / "r.json"
    document = {"schema": REMARKS_SCHEMA, "remarks": items}
    path.write_text(json.dumps(document), encoding="utf-8")
    kept, problems = read_remarks(path)
    refused = [p for p in problems if p.effect == "refused"]
    left_out = {row for p in problems if p.id == "PLAN-REM-003" for row in p.rows}
    assert refused or len(kept) + len(left_out) == len(items)
