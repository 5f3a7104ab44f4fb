"""Shapes: what is absent, broken, invalid or misplaced is named; areas before and after are told."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from plan.messages import Message
from plan.problems import ProblemList
from plan.schema import LAYERS
from plan.shapes import _REASONS, check_shapes, distinct, line_ends


def check(shapes, layer="buildings"):
    found = ProblemList(layer=layer)
    ids = [f"B{i}" for i in range(1, len(shapes) + 1)]
    frame = gpd.GeoDataFrame({LAYERS[layer].id_column: ids}, geometry=list(shapes), crs=4548)
    sound = check_shapes(frame.geometry.to_numpy(), LAYERS[layer], found, ids=np.array(ids))
    return gpd.GeoSeries(sound, crs=4548), found.problems


def told(problems):
    return [(p.id, p.severity, p.effect, p.rows, p.features) for p in problems]


def test_good_shapes_pass():
    out, problems = check([box(0, 0, 10, 10), Polygon([(0, 0), (9, 0), (9, 9)])])
    assert problems == ()
    assert out.area.tolist() == [100.0, 40.5]
    assert out.crs.to_epsg() == 4548


def test_a_bow_tie_is_two_triangles():
    out, problems = check([Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])])
    assert told(problems) == [("PLAN-GEOM-001", "error", "repaired", (1,), ("B1",))]
    # Two triangles of base 20 and height 10; the ring itself measures 0.
    assert out.area.tolist() == [200.0]
    assert problems[0].message.params["before"] == 0.0
    assert problems[0].message.params["after"] == 200.0
    assert problems[0].message.params["parts"] == 2


def test_a_hole_outside_its_shell_is_told():
    shape = Polygon(box(0, 0, 20, 20).exterior, [box(40, 0, 55, 15).exterior])
    out, problems = check([shape])
    assert told(problems) == [("PLAN-GEOM-001", "error", "repaired", (1,), ("B1",))]
    assert problems[0].message.params["before"] == 175.0  # 400 - 225
    assert out.area.iloc[0] == problems[0].message.params["after"] >= 400.0


def test_absent_and_empty_shapes():
    out, problems = check([None, Polygon(), box(0, 0, 1, 1)])
    assert told(problems) == [("PLAN-GEOM-005", "error", "degraded", (1, 2), ("B1", "B2"))]
    assert out.isna().tolist() == [True, True, False]


def test_tables_without_shapes_are_no_problem():
    _, problems = check([None, None], layer="households")
    assert problems == ()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_broken_coordinates_are_refused(value):
    shape = shapely.from_wkb(shapely.to_wkb(Polygon([(0, 0), (1, 0), (1, 1)])))
    with np.errstate(invalid="ignore"):
        shape = shapely.set_coordinates(shape, [(0, 0), (value, 0), (1, 1), (0, 0)])
    _, problems = check([box(0, 0, 1, 1), shape])
    assert told(problems) == [("PLAN-GEOM-009", "error", "refused", (2,), ("B2",))]


def test_heights_are_dropped_and_missing_ones_told():
    out, problems = check(
        [Polygon([(0, 0, 5), (1, 0, np.nan), (1, 1, 5)]), Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)])]
    )
    assert told(problems) == [("PLAN-GEOM-006", "info", "repaired", (1,), ("B1",))]
    assert not out.has_z.any()


def test_other_kinds_of_shapes_count_as_absent():
    out, problems = check([box(0, 0, 1, 1), LineString([(0, 0), (1, 1)]), Point(0, 0)])
    assert told(problems) == [("PLAN-GEOM-010", "error", "degraded", (2, 3), ("B2", "B3"))]
    assert out.isna().tolist() == [False, True, True]


def test_polygons_without_area():
    flat = Polygon([(0, 0), (10, 0), (20, 0), (0, 0)])
    out, problems = check([flat, box(0, 0, 1, 1)])
    assert told(problems) == [("PLAN-GEOM-011", "error", "degraded", (1,), ("B1",))]
    assert out.isna().tolist() == [True, False]


def test_a_multipolygon_of_one_part_is_a_polygon():
    out, problems = check([MultiPolygon([box(0, 0, 1, 1)]), MultiPolygon([box(0, 0, 1, 1), box(5, 5, 6, 6)])])
    assert problems == ()
    assert out.geom_type.tolist() == ["Polygon", "MultiPolygon"]


def test_what_comes_in_is_left_as_it_is():
    frame = gpd.GeoDataFrame(
        {"building_id": ["B1"]}, geometry=[Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])], crs=4548
    )
    before = frame.geometry.to_wkb().tolist()
    check_shapes(frame.geometry.to_numpy(), LAYERS["buildings"], ProblemList(), ids=np.array(["B1"]))
    assert frame.geometry.to_wkb().tolist() == before


def test_rows_stand_in_for_ids_that_are_absent():
    found = ProblemList(layer="buildings")
    check_shapes(np.array([None]), LAYERS["buildings"], found)
    assert found.problems[0].features == ("1",)


def test_why_a_shape_is_invalid_is_told_in_both_languages():
    _, problems = check([Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])])
    assert "自相交[10 10]" in problems[0].message
    assert "Self-intersection[10 10]" in problems[0].message.to("en")


def test_an_area_that_stays_is_said_to_stay():
    # The outline touches itself at one point: two squares of 100, before and after.
    _, problems = check(
        [Polygon([(0, 0), (10, 0), (10, 10), (20, 10), (20, 20), (10, 20), (10, 10), (0, 10)])]
    )
    assert "面积不变（200.0 平方米）" in problems[0].message
    assert "环自相交[10 10]" in problems[0].message


@pytest.mark.parametrize("reason", sorted(_REASONS))
def test_every_reason_has_a_text(reason):
    assert Message(f"validation.why_{reason}", at="[1 2]").endswith("[1 2]")


def test_a_shape_that_stands_for_many_rows_is_told_once():
    one, two = box(0, 0, 1, 1), box(0, 0, 2, 2)
    shapes = np.array([one, two, one, None, two], dtype=object)
    first, again = distinct(shapes)
    assert sorted(first.tolist()) == [0, 1, 3]
    assert [shapes[first][n] for n in again] == shapes.tolist()
    assert len(shapes[:0][distinct(shapes[:0])[0]]) == 0


def test_lines_have_a_first_and_a_last_vertex():
    first, last = line_ends(shapely.from_wkt(["LINESTRING (0 1, 2 3, 4 5)", "LINESTRING (6 7, 8 9)"]))
    assert (first.tolist(), last.tolist()) == ([[0, 1], [6, 7]], [[4, 5], [8, 9]])
