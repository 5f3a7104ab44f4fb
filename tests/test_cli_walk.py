"""Bad sites on foot, end to end: files written here, `plan reach` typed, and nobody is dropped without a word."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from plan.cli import main

CRS = "EPSG:4548"  # CGCS2000, central meridian 117 E
X, Y = 500_000.0, 4_000_000.0


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(X + x, Y + y)


def line(*spots: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X + x, Y + y) for x, y in spots])


def box(x: float, y: float) -> shapely.Polygon:
    return shapely.box(X + x, Y + y, X + x + 30, Y + y + 15)


#  B1                                        clinic        B2
#  0 ------------------------- 300 -------------------- 600
WALKWAYS = {"way_id": ["w1", "w2"], "geometry": [line((0, 0), (300, 0)), line((300, 0), (600, 0))]}
SITE = {
    "walkways": WALKWAYS,
    "buildings": {"building_id": ["B1", "B2"], "floors": [6, 6], "geometry": [box(10, 5), box(500, 5)]},
    "households": {
        "household_id": ["h1", "h2", "h3"],
        "building_id": ["B1", "B1", "B2"],
        "geometry": [point(20, 10), point(20, 10), point(520, 10)],
    },
    "facilities": {
        "facility_id": ["f1", "f2"],
        "category": ["clinic", "park"],
        "geometry": [point(290, 10), point(100, -10)],
    },
}
HOMES_ONLY = {"buildings": None, "walkways": WALKWAYS, "facilities": SITE["facilities"]}


def site(folder: Path, **layers) -> Path:
    path = folder / "site.gpkg"
    for name, columns in (SITE | layers).items():
        if columns is not None:
            gpd.GeoDataFrame(columns, crs=CRS).to_file(path, layer=name, driver="GPKG")
    return path


def ways(*geometries: shapely.Geometry | None) -> dict:
    """The street and more ways."""
    drawn = [*WALKWAYS["geometry"], *geometries]
    return {"way_id": [f"w{i}" for i in range(len(drawn))], "geometry": drawn}


def reach(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict, str]:
    code = main(["reach", str(path), "--lang", "en", "--format", "json", *more])
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return code, json.loads(said.out) if code == 0 else {}, said.err


def row(answer: dict, category: str) -> tuple:
    (found,) = [one for one in answer["categories"] if one["category"] == category]
    return found["facilities"], found["served"], found["households"]


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ({}, ()),
        # Loops, and a street drawn twice.
        ({"walkways": ways(line((50, 0), (50, 50), (80, 50), (50, 0)), WALKWAYS["geometry"][0])}, ()),
        # Zero length, nothing, empty, a spot and an area.
        (
            {"walkways": ways(line((50, 0), (50, 0)), None, shapely.LineString(), point(5, 5), box(0, 0))},
            ("PLAN-GEOM-011", "PLAN-GEOM-005", "PLAN-GEOM-010"),
        ),
        (
            {
                "walkways": WALKWAYS
                | {"level": ["1;2", "basement"], "slope": [np.nan, np.inf], "oneway": ["maybe", "no"]}
            },
            ("PLAN-ATTR-002", "PLAN-UNIT-002", "PLAN-ATTR-004"),
        ),
        (
            {
                "barriers": {
                    "barrier_id": ["b", "c"],
                    "kind": ["wall", "wall"],
                    "geometry": [line((200, 0), (200, 0)), None],
                }
            },
            ("PLAN-GEOM-011", "PLAN-GEOM-005"),
        ),
    ],
)
def test_odd_lines_are_told_and_change_no_answer(layers, told, tmp_path, capsys) -> None:
    code, answer, said = reach(site(tmp_path, **layers), capsys)
    assert code == 0
    assert [name for name in told if name not in said] == []
    assert (answer["households"], answer["unsnapped_households"], answer["islands"]) == (3, 0, 1)
    assert row(answer, "clinic") == (1, 3, 3)
    assert row(answer, "market")[:2] == (0, 0)


@pytest.mark.parametrize(
    "layers",
    [
        {
            "walkways": {
                "way_id": ["w1", "w2"],
                "geometry": [line((0, 0), (150, 0)), line((200, 0), (600, 0))],
            }
        },
        {"barriers": {"barrier_id": ["b"], "kind": ["wall"], "geometry": [line((200, -500), (200, 500))]}},
    ],
)
def test_a_network_in_pieces_is_told_and_its_households_stay(layers, tmp_path, capsys) -> None:
    code, answer, said = reach(site(tmp_path, **layers), capsys)
    assert code == 0
    assert answer["islands"] == 2
    assert "2 pieces" in said
    # The clinic stands on the piece of B2, the park on that of B1.
    assert row(answer, "clinic") == (1, 1, 3)
    assert row(answer, "park") == (1, 2, 3)


@pytest.mark.parametrize("lost", [point(9000, 9000), None])
def test_households_far_from_any_path_are_counted_and_written(lost, tmp_path, capsys) -> None:
    homes = {"household_id": ["h1", "h2"], "building_id": ["B8", "B9"], "geometry": [point(20, 10), lost]}
    out = tmp_path / "out.gpkg"
    path = site(tmp_path, **HOMES_ONLY | {"households": homes})
    code, answer, said = reach(path, capsys, "-o", str(out))
    assert code == 0
    assert (answer["households"], answer["unsnapped_households"]) == (2, 1)
    assert row(answer, "clinic") == (1, 1, 2)
    assert "1 households have no walkway" in said
    assert len(pyogrio.read_dataframe(out, layer="households")) == 2
    assert set(pyogrio.read_dataframe(out, layer="walk_times")["origin_id"]) == {"h1"}


@pytest.mark.parametrize("lost", [point(50_000, 0), None])
def test_a_facility_far_from_any_path_is_counted_and_serves_nobody(lost, tmp_path, capsys) -> None:
    facilities = SITE["facilities"] | {"geometry": [lost, point(100, -10)]}
    code, answer, _ = reach(site(tmp_path, facilities=facilities), capsys)
    assert code == 0
    assert answer["unsnapped_facilities"] == 1
    assert row(answer, "clinic") == (1, 0, 3)


def test_no_facilities_of_a_category_is_not_no_data(tmp_path, capsys) -> None:
    (tmp_path / "a").mkdir()
    parks = {"facility_id": ["f1"], "category": ["park"], "geometry": [point(100, -10)]}
    code, answer, said = reach(site(tmp_path / "a", facilities=parks), capsys)
    assert code == 0
    assert row(answer, "clinic")[:2] == (0, 0)
    assert "have no facility in the data" in said
    code, answer, said = reach(site(tmp_path, facilities=None), capsys)
    assert code == 0
    assert row(answer, "clinic")[:2] == (None, None)
    assert "coverage cannot be told" in said


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ({"walkways": None}, "no usable walkways"),
        ({"walkways": {"way_id": ["w1"], "geometry": [None]}}, "no usable walkways"),
        ({"walkways": {"way_id": ["w1"], "geometry": [line((5, 0), (5, 0))]}}, "no usable walkways"),
        ({"walkways": WALKWAYS | {"access": ["no", "no"]}}, "no usable walkways"),
        ({"walkways": WALKWAYS | {"way_id": ["w1", "w1"]}}, "PLAN-ID-001"),
        ({"walkways": WALKWAYS | {"geometry": [WALKWAYS["geometry"][0], shapely.LineString([(0, 0), (1e300, 0)])]}},
         "PLAN-CRS-006"),
        ({"households": None}, "--households-from floors"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_ends_with_2_and_its_name(layers, told, tmp_path, capsys) -> None:
    code, _, said = reach(site(tmp_path, **layers), capsys)
    assert code == 2
    assert told in said


def test_minutes_without_sense(tmp_path, capsys) -> None:
    path = str(site(tmp_path))
    for minutes in ("0", "-5", "inf", "nan", "soon"):
        for lang in ("zh", "en"):
            code = main(["reach", path, "--minutes", minutes, "--lang", lang])
            said = capsys.readouterr()
            assert (code, said.out) == (2, "")
            assert said.err
            assert "Traceback" not in said.err


def test_minutes_at_the_ends_of_sense(tmp_path, capsys) -> None:
    path = site(tmp_path)
    code, answer, _ = reach(path, capsys, "--minutes", "1e-9", "1e9")
    assert code == 0
    assert answer["minutes"] == [1e-9, 1e9]
    (clinic,) = [one for one in answer["categories"] if one["category"] == "clinic"]
    assert clinic["share_1e-09"] == 0
    assert clinic["share_1e+09"] == 1
