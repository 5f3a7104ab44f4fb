"""Where texts of a drawing stand: in an outline by their beginning, else by their middle; beside all, they are told."""

from __future__ import annotations

import math

import ezdxf
import pytest
from ezdxf.enums import TextEntityAlignment
from ezdxf.math import Vec2
from ezdxf.render.mleader import ConnectionSide
from small_drawings import X, Y, box, drawing, house, saved, site, told

from plan.readers._cad_labels import label_line


def middle_of(entity, said):
    x, y = label_line(entity, said).coords[-1]
    return round(x, 6), round(y, 6)


@pytest.mark.parametrize(
    ("align", "middle"),
    [
        ("LEFT", (6, 1)), ("CENTER", (0, 1)), ("RIGHT", (-6, 1)), ("MIDDLE_CENTER", (0, 0)), ("TOP_LEFT", (6, -1)),
        ("BOTTOM_RIGHT", (-6, 1)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("turn", [0, 90])
def test_the_middle_of_a_line(align, middle, turn):
    """Six Chinese characters of 2 m are 12 m wide."""
    text = drawing().modelspace().add_text("六个字的文本", height=2, rotation=turn)
    text.set_placement((0, 0), align=TextEntityAlignment[align])
    x, y = middle
    assert middle_of(text, "六个字的文本") == ((x, y) if not turn else (-y, x))


def test_the_middle_between_two_ends():
    text = drawing().modelspace().add_text("12号楼", height=2)
    text.set_placement((0, 0), (10, 4), align=TextEntityAlignment.FIT)
    assert middle_of(text, "12号楼") == (5, 2)


@pytest.mark.parametrize(
    ("point", "width", "middle"),
    [(1, 0, (3, -8 / 3)), (5, 0, (0, 0)), (9, 0, (-3, 8 / 3)), (1, 4, (2, -8 / 3))],
)
def test_the_middle_of_a_paragraph(point, width, middle):
    """Three characters of 2 m, in two lines of 2 m, 10/3 m apart: 6 m by 16/3 m, unless they are broken after 4 m."""
    text = (
        drawing()
        .modelspace()
        .add_mtext("住宅楼\\P六层", {"char_height": 2, "attachment_point": point, "width": width})
    )
    assert middle_of(text, "住宅楼\n六层") == pytest.approx(middle)


def test_a_place_that_is_no_number_is_refused():
    text = drawing().modelspace().add_text("6F", height=2, dxfattribs={"insert": (math.nan, 0)})
    with pytest.raises(ValueError, match="no number"):
        label_line(text, "6F")


def test_a_text_that_begins_beside_its_house_is_that_of_its_middle(tmp_path):
    doc = drawing()
    box(doc, "建筑", (0, 0, 12, 12))
    box(doc, "建筑", (13, 0, 25, 12))
    space = doc.modelspace()
    space.add_text("12号楼", height=3).set_placement((X - 1, Y + 7))
    space.add_text("11F", height=3).set_placement((X + 3, Y + 2))
    space.add_mtext("13号楼\\P18F", {"char_height": 3}).set_location((X + 12.5, Y + 11))
    read = site(saved(doc, tmp_path)).layer("buildings")
    assert read["building_id"].tolist() == ["12号楼", "13号楼"]
    assert read["floors"].tolist() == [11, 18]


def test_a_text_that_begins_in_a_house_is_its_own_wherever_it_ends(tmp_path):
    doc = drawing()
    box(doc, "建筑", (0, 0, 5, 12))
    box(doc, "建筑", (5, 0, 25, 12))
    doc.modelspace().add_text("12号楼", height=3).set_placement((X + 4, Y + 7))
    read = site(saved(doc, tmp_path)).layer("buildings")
    assert read.set_index("building_id").area["12号楼"] == pytest.approx(60)


@pytest.mark.parametrize(
    ("text", "known", "beside"),
    [
        ("7号楼", False, True),
        ("18F", False, True),
        ("12#", False, False),
        ("道路", False, False),
        ("18F", True, False),
    ],
)
def test_a_text_beside_all_houses_is_told_where_one_lacks_it(tmp_path, text, known, beside):
    doc = drawing()
    house(doc)
    box(doc, "建筑", (50, 0, 70, 20))
    if known:
        doc.modelspace().add_text("2号楼 6F").set_placement((X + 55, Y + 10))
    doc.modelspace().add_text(text).set_placement((X + 200, Y + 10))
    assert ("PLAN-CAD-028" in told(saved(doc, tmp_path))) == beside


def test_an_attribute_that_is_the_same_in_all_blocks_is_read(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    block = doc.blocks.new("楼")
    block.add_lwpolyline([(0, 0), (20, 0), (20, 12), (0, 12)], close=True, dxfattribs={"layer": "建筑"})
    block.add_attdef("层数", (5, 5), "18", dxfattribs={"flags": 2})
    block.add_attdef("楼号", (5, 5), "形式", dxfattribs={"flags": 0})
    for x, name in ((0, "1号楼"), (50, "2号楼")):
        doc.modelspace().add_blockref("楼", (X + x, Y)).add_auto_attribs({"楼号": name})
    read = site(saved(doc, tmp_path)).layer("buildings")
    assert read["floors"].tolist() == [18, 18]
    assert read["building_id"].tolist() == ["1号楼", "2号楼"]


def test_the_text_of_a_leader_is_that_of_the_house_it_points_at(tmp_path):
    doc = ezdxf.new("R2010", units=6, setup=True)
    box(doc, "建筑", (0, 0, 40, 12))
    box(doc, "建筑", (50, 0, 90, 12))
    leader = doc.modelspace().add_multileader_mtext("Standard")
    leader.set_content("2号楼\\P{\\C1;十一层}")
    leader.add_leader_line(ConnectionSide.left, [Vec2(X + 60, Y + 6)])
    leader.build(insert=Vec2(X + 20, Y + 6))
    path = saved(doc, tmp_path)
    read = site(path).layer("buildings")
    assert read["floors"].fillna(0).tolist() == [0, 11]
    assert read["building_id"][1] == "2号楼"
    assert "PLAN-CAD-005" not in told(path)
