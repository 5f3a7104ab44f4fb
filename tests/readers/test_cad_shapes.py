"""Shapes of drawings: curves, gaps, outlines joined of lines, hatches, blocks."""

from __future__ import annotations

import math

import pytest
from small_drawings import X, Y, drawing, house, saved, site, square, told


def test_a_half_circle_is_as_round_as_stated(tmp_path):
    doc = drawing()
    doc.modelspace().add_lwpolyline(
        [(X, Y, 0.0), (X + 40, Y, 1.0), (X + 40, Y + 40, 0.0), (X, Y + 40, 0.0)],
        format="xyb",
        close=True,
        dxfattribs={"layer": "建筑"},
    )
    area = site(saved(doc, tmp_path)).layer("buildings").area[0]
    exact = 1600 + math.pi * 200
    assert exact - 0.001 * 2 / 3 * math.pi * 20 < area < exact


def test_a_circle_of_trees_is_a_point_with_its_radius_and_one_of_a_house_an_area(tmp_path):
    doc = drawing()
    doc.modelspace().add_circle((X, Y), 0.5, {"layer": "乔木"})
    doc.modelspace().add_circle((X + 50, Y), 10, {"layer": "建筑"})
    found = site(saved(doc, tmp_path))
    assert found.layer("obstacles")["radius_m"].tolist() == [0.5]
    assert found.layer("buildings").area[0] == pytest.approx(math.pi * 100, rel=2e-4)


def test_a_hatch_with_a_hole_is_an_area_with_a_court(tmp_path):
    doc = drawing()
    hatch = doc.modelspace().add_hatch(dxfattribs={"layer": "建筑"})
    hatch.paths.add_polyline_path(square(0, 0, 20), is_closed=True, flags=1)
    hatch.paths.add_polyline_path(square(5, 5, 10), is_closed=True, flags=16)
    assert site(saved(doc, tmp_path)).layer("buildings").area[0] == pytest.approx(300)


@pytest.mark.parametrize(("gap", "rows"), [(0.0005, 1), (0.04, 1), (0.06, 0)])
def test_gaps_are_closed_up_to_the_tolerance_and_told(gap, rows, tmp_path):
    doc = drawing()
    house(doc, x=100, name="2号楼")
    corners = square(0, 0, 20)
    doc.modelspace().add_lwpolyline(
        [*corners, (corners[0][0], corners[0][1] + gap)], dxfattribs={"layer": "建筑"}
    )
    path = saved(doc, tmp_path)
    problems = told(path)
    assert len(site(path).layer("buildings")) == rows + 1
    assert ("PLAN-GEOM-012" in problems) == (gap == 0.04)
    assert ("PLAN-CAD-015" in problems) == (gap == 0.06)


@pytest.mark.parametrize("last", [40, 60])  # with 40 the halves are alike, and cancel each other out
def test_an_outline_that_crosses_itself_is_one_that_was_mended(last, tmp_path):
    doc = drawing()
    corners = [(0, 0), (20, 20), (last, last), (last, 0), (0, 40), (0, 0)]
    places = [(X + x, Y + y) for x, y in corners]
    doc.modelspace().add_lwpolyline(places, dxfattribs={"layer": "建筑"})
    read = site(saved(doc, tmp_path))
    assert len(read.layers["buildings"]) == 1
    assert [p.effect for p in read.problems if p.id == "PLAN-GEOM-001"] == ["repaired"]


def test_a_line_there_and_back_again_is_no_outline(tmp_path):
    doc = drawing()
    doc.modelspace().add_lwpolyline([(X, Y), (X + 20, Y), (X + 40, Y), (X, Y)], dxfattribs={"layer": "建筑"})
    house(doc)
    assert len(site(saved(doc, tmp_path)).layers["buildings"]) == 1


def test_lines_join_into_outlines(tmp_path):
    doc = drawing()
    corners = square(0, 0, 20)
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        doc.modelspace().add_line(a, (b[0] + 0.01, b[1]), {"layer": "建筑"})
    path = saved(doc, tmp_path)
    assert site(path).layer("buildings").area[0] == pytest.approx(400, rel=1e-3)
    assert {"PLAN-CAD-014", "PLAN-GEOM-012"} <= set(told(path))


def test_an_outline_within_another_is_kept_and_told(tmp_path):
    doc = drawing()
    house(doc)
    doc.modelspace().add_lwpolyline(square(2, 2, 2), close=True, dxfattribs={"layer": "建筑"})
    path = saved(doc, tmp_path)
    assert site(path).layer("buildings").area.tolist() == pytest.approx([400, 4])
    assert told(path)["PLAN-CAD-017"].rows == (2,)


def test_a_block_that_contains_itself_ends(tmp_path):
    doc = drawing()
    house(doc)
    one, two = doc.blocks.new("甲"), doc.blocks.new("乙")
    one.add_blockref("乙", (0, 0))
    two.add_blockref("甲", (0, 0))
    doc.modelspace().add_blockref("甲", (X, Y))
    path = saved(doc, tmp_path)
    assert "PLAN-CAD-008" in told(path)


def test_an_array_of_a_million_blocks_is_refused(tmp_path):
    doc = drawing()
    house(doc)
    doc.blocks.new("点").add_point((0, 0))
    many = {"row_count": 1000, "column_count": 1000, "row_spacing": 1, "column_spacing": 1}
    doc.modelspace().add_blockref("点", (X, Y), many)
    assert told(saved(doc, tmp_path))["PLAN-SEC-002"].effect == "refused"


def test_ten_thousand_crossing_lines_do_not_fill_the_memory(tmp_path):
    doc = drawing()
    house(doc)
    for i in range(3000):
        doc.modelspace().add_line((X + i, Y), (X + i, Y + 9999), {"layer": "建筑"})
        doc.modelspace().add_line((X, Y + i), (X + 9999, Y + i), {"layer": "建筑"})
    assert told(saved(doc, tmp_path))["PLAN-CAD-015"].effect == "degraded"


def test_a_circle_of_no_size_is_no_shape(tmp_path):
    doc = drawing()
    house(doc)
    doc.modelspace().add_circle((X, Y), 0, dxfattribs={"layer": "建筑"})
    assert told(saved(doc, tmp_path))["PLAN-CAD-010"].effect == "degraded"


def test_the_frame_of_a_spline_is_no_part_of_a_line_in_space(tmp_path):
    doc = drawing()
    line = doc.modelspace().add_polyline3d(
        [(x, y, 0) for x, y in [*square(0, 0, 20), (X - 90, Y - 90)]],
        close=True,
        dxfattribs={"layer": "建筑"},
    )
    line.vertices[-1].dxf.flags |= 16
    assert site(saved(doc, tmp_path)).layers["buildings"].area.tolist() == [400.0]
