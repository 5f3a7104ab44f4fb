"""Gates, trees, rooms and divided houses as people draw them: each is the one thing that is meant."""

from __future__ import annotations

import ezdxf
import pytest
from small_drawings import X, Y, box, saved, site, told


def test_a_gate_that_is_drawn_as_it_is_stands_at_its_middle(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "大门", (97, -1, 103, 1))
    doc.modelspace().add_line((X, Y), (X + 6, Y), {"layer": "大门"})
    path = saved(doc, tmp_path)
    gates = site(path).layer("entrances").geometry
    assert [(p.x - X, p.y - Y) for p in gates] == [(100, 0), (3, 0)]
    assert told(path)["PLAN-CAD-029"].message.params["count"] == 2


def test_a_line_longer_than_any_gate_is_none(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 20, 20))
    doc.modelspace().add_line((X, Y), (X + 90, Y), {"layer": "大门"})
    assert "PLAN-GEOM-010" in told(saved(doc, tmp_path))


@pytest.mark.parametrize("scale", [1, 1.5])
def test_a_tree_that_is_a_block_is_as_wide_as_its_widest_circle(tmp_path, scale):
    doc = ezdxf.new("R2010", units=6)
    block = doc.blocks.new("树")
    for radius in (0.2, 2):
        block.add_circle((0, 0), radius)
    block.add_line((0, 0), (2, 0))
    box(doc, "建筑", (0, 0, 20, 20))
    doc.modelspace().add_blockref("树", (X, Y), {"layer": "乔木", "xscale": scale, "yscale": scale})
    trees = site(saved(doc, tmp_path)).layer("obstacles")
    assert trees["radius_m"].tolist() == pytest.approx([2 * scale])


def test_what_is_written_on_rooms_says_nothing_of_their_house(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 40, 12))
    box(doc, "社区用房", (0, 0, 10, 12))
    doc.modelspace().add_text("6F").set_placement((X + 20, Y + 5))
    doc.modelspace().add_text("1F", dxfattribs={"layer": "社区用房"}).set_placement((X + 20, Y + 8))
    path = saved(doc, tmp_path)
    assert site(path).layer("buildings")["floors"].tolist() == [6]
    assert "PLAN-CAD-020" not in told(path)


@pytest.mark.parametrize("outlined", [True, False])
def test_lines_that_divide_a_house_do_not_count_its_ground_twice(tmp_path, outlined):
    """A house of 40 m x 12 m, drawn by lines with a wall in its middle, and as an outline over them."""
    doc = ezdxf.new("R2010", units=6)
    corners = [(X, Y), (X + 40, Y), (X + 40, Y + 12), (X, Y + 12)]
    walls = [*zip(corners, [*corners[1:], corners[0]], strict=True), ((X + 20, Y), (X + 20, Y + 12))]
    for start, end in walls:
        doc.modelspace().add_line(start, end, {"layer": "建筑"})
    if outlined:
        box(doc, "建筑", (0, 0, 40, 12))
    path = saved(doc, tmp_path)
    assert site(path).layer("buildings").area.tolist() == pytest.approx([480] if outlined else [240, 240])
    keys = [p.message.key for p in told(path).values()]
    assert ("cad.divided" in keys) == outlined


def test_a_wing_of_lines_within_an_outline_stays_and_is_told(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 40, 12))
    corners = [(X + 5, Y + 2), (X + 15, Y + 2), (X + 15, Y + 8), (X + 5, Y + 8)]
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        doc.modelspace().add_line(start, end, {"layer": "建筑"})
    path = saved(doc, tmp_path)
    assert site(path).layer("buildings").area.tolist() == pytest.approx([480, 60])
    assert "PLAN-CAD-017" in told(path)


def test_a_path_that_is_only_a_hatch_is_told(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 20, 20))
    hatch = doc.modelspace().add_hatch(dxfattribs={"layer": "园路"})
    hatch.paths.add_polyline_path([(X, Y), (X + 50, Y), (X + 50, Y + 2), (X, Y + 2)], is_closed=True)
    found = told(saved(doc, tmp_path))
    assert found["PLAN-CAD-005"].message.key == "cad.shading"


def test_the_one_house_that_was_left_at_the_origin_is_named(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    for x in range(0, 600, 30):
        box(doc, "建筑", (x, 0, x + 20, 12))
    box(doc, "建筑", (0, 0, 20, 12), east=0, north=0)
    assert list(told(saved(doc, tmp_path))["PLAN-CRS-017"].rows) == [21]


@pytest.mark.parametrize(("own", "count"), [(False, 3), (True, 1)])
def test_a_block_of_blocks_is_as_many_as_they_are_unless_it_is_drawn_itself(tmp_path, own, count):
    doc = ezdxf.new("R2010", units=6)
    doc.blocks.new("树").add_circle((0, 0), 2)
    group = doc.blocks.new("树组")
    for x in (0, 8, 16):
        group.add_blockref("树", (x, 0))
    if own:
        group.add_line((0, 0), (16, 0))
    box(doc, "建筑", (0, 0, 20, 20))
    doc.modelspace().add_blockref("树组", (X, Y), {"layer": "乔木"})
    assert len(site(saved(doc, tmp_path)).layer("obstacles")) == count


def test_a_block_on_a_layer_of_no_name_whose_things_are_read_is_not_told_as_lost(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (-X, -Y, 20 - X, 20 - Y), space=doc.blocks.new("总图"))
    doc.modelspace().add_blockref("总图", (X, Y))
    path = saved(doc, tmp_path)
    assert site(path).layer("buildings").area.tolist() == pytest.approx([400])
    assert "PLAN-CAD-004" not in told(path)


@pytest.mark.parametrize("exploded", [False, True])
def test_crosses_in_stalls_beside_each_other_are_no_stalls_between_them(tmp_path, exploded):
    """Between the crosses of two stalls lies a rhomb, whose corners are theirs."""
    doc = ezdxf.new("R2010", units=6)
    block = doc.blocks.new("车位")
    block.add_lwpolyline([(0, 0), (2.5, 0), (2.5, 5.3), (0, 5.3)], close=True)
    block.add_line((0, 0), (2.5, 5.3))
    block.add_line((2.5, 0), (0, 5.3))
    for x in range(4):
        insert = doc.modelspace().add_blockref("车位", (X + 2.5 * x, Y), {"layer": "停车位"})
        if exploded:
            for part in insert.explode():
                part.dxf.layer = "停车位"
    read = site(saved(doc, tmp_path))
    assert read.layer("stalls").area.tolist() == pytest.approx([2.5 * 5.3] * 4)
    assert not read.repaired("stalls")
