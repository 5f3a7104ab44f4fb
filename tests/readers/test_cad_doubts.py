"""Outlines of drawings of which nobody can tell whether they are what was meant."""

from __future__ import annotations

import pytest
from small_drawings import X, Y, drawing, house, saved, site, square, told


@pytest.mark.parametrize(("touches", "repaired"), [(False, ("1",)), (True, ())])
def test_outlines_of_lines_that_cross_cannot_be_told(tmp_path, touches, repaired):
    """Where an end lies on a line, that is how people draw; where lines cross, nobody knows which ground is meant."""
    doc = drawing()
    a, b, c, d = square(0, 0, 20)
    bow = [(a, c), (c, b), (b, d), (d, a)] if not touches else [(a, b), (b, c), (c, d), (d, a)]
    for start, end in bow:
        doc.modelspace().add_line(start, end, dxfattribs={"layer": "建筑"})
    found = told(saved(doc, tmp_path))
    assert ("PLAN-GEOM-013" in found) == bool(repaired)
    if repaired:
        assert set(repaired) <= set(found["PLAN-GEOM-013"].features)


@pytest.mark.parametrize(
    ("apart", "doubt", "rows"),
    [(0.0, "", 1), (0.0004, "cad.strip", 1), (0.03, "cad.crossed", 1), (0.3, "cad.crossed", 2)],
)
def test_lines_that_lie_nearly_over_each_other_leave_open_which_is_the_edge(tmp_path, apart, doubt, rows):
    """A square of 20 m, with a second line along its lower edge: 400 m2 or less, and no house of some millimetres."""
    doc = drawing()
    a, b, c, d = square(0, 0, 20)
    lines = [(a, b), (b, c), (c, d), (d, a)]
    lines += [((a[0] - 2, a[1] + apart), (b[0] + 2, b[1] + apart))] if apart else []
    for start, end in lines:
        doc.modelspace().add_line(start, end, dxfattribs={"layer": "建筑"})
    problem = told(saved(doc, tmp_path)).get("PLAN-GEOM-013")
    assert (problem.message.key if problem else "") == doubt
    assert not problem or len(problem.features) == rows


@pytest.mark.parametrize(
    ("theirs", "ours", "doubtful"),
    [
        ("", "", False),
        (" 90\n4\n", " 90\n5\n", True),
        # A corner that is lost: a triangle of 200 m2 remains of 400.
        (f" 10\n{X + 20}\n 20\n{Y}\n", "", True),
        (f" 10\n{X + 20}\n 20\n{Y}\n", f" 62\n1\n 20\n{Y}\n", True),
    ],
)
def test_an_outline_with_fewer_corners_than_it_says_cannot_be_told(tmp_path, theirs, ours, doubtful):
    doc = drawing()
    house(doc)
    path = saved(doc, tmp_path)
    text = path.read_text("utf-8").replace("\r\n", "\n")
    assert theirs in text
    path.write_text(text.replace(theirs, ours, 1), encoding="utf-8")
    problem = told(path).get("PLAN-GEOM-013")
    assert (problem is not None) == doubtful
    if doubtful:
        assert problem.message.key == "cad.miscounted"
        assert problem.features == ("1号楼",)


@pytest.mark.parametrize(
    ("sides", "doubtful"),
    [
        ((0, 1, 2, 3), False),  # closed: it is cut out, and a ground of its own
        ((0, 1, 2), True),  # three sides of a courtyard
        ((0, 1), False),  # an angle is no courtyard
        ((0,), False),
    ],
)
def test_a_courtyard_of_which_a_side_is_missing_leaves_the_area_open(tmp_path, sides, doubtful):
    """A house of 20 m with a courtyard of 8 m: 336 m2, and not 400."""
    doc = drawing()
    for corners, of in ((square(0, 0, 20), range(4)), (square(6, 6, 8), sides)):
        for side in of:
            ends = corners[side], corners[(side + 1) % 4]
            doc.modelspace().add_line(*ends, dxfattribs={"layer": "建筑"})
    path = saved(doc, tmp_path)
    problem = told(path).get("PLAN-GEOM-013")
    assert (problem.message.key if problem else "") == ("cad.courtyard" if doubtful else "")
    areas = sorted(round(shape.area) for shape in site(path).layer("buildings").geometry)
    assert areas == ([64, 336] if len(sides) == 4 else [400])


def test_what_lies_on_two_layers_cannot_be_told(tmp_path):
    doc = drawing()
    house(doc)
    path = saved(doc, tmp_path)
    text = path.read_text("utf-8").replace("\r\n", "\n")
    for more, doubtful in (("  8\n建筑\n", False), ("  8\n围墙\n", True)):
        path.write_text(text.replace("  8\n建筑\n", f"{more}  8\n建筑\n", 1), encoding="utf-8")
        assert ("PLAN-GEOM-013" in told(path)) == doubtful


@pytest.mark.parametrize(("theirs", "ours"), [(" 93\n4\n", " 93\n3\n"), (" 91\n1\n", " 91\n2\n")])
def test_a_hatch_with_other_counts_than_it_says_cannot_be_told(tmp_path, theirs, ours):
    doc = drawing()
    hatch = doc.modelspace().add_hatch(dxfattribs={"layer": "建筑"})
    hatch.paths.add_polyline_path(square(0, 0, 20), is_closed=True)
    path = saved(doc, tmp_path)
    assert "PLAN-GEOM-013" not in told(path)
    text = path.read_text("utf-8").replace("\r\n", "\n")
    assert theirs in text
    path.write_text(text.replace(theirs, ours, 1), encoding="utf-8")
    assert told(path)["PLAN-GEOM-013"].message.key == "cad.miscounted"


def test_a_hatch_with_an_arc_that_it_says_it_has_not_cannot_be_told(tmp_path):
    doc = drawing()
    hatch = doc.modelspace().add_hatch(dxfattribs={"layer": "建筑"})
    hatch.paths.add_polyline_path([(*p, 0.5) for p in square(0, 0, 20)], is_closed=True)
    path = saved(doc, tmp_path)
    assert "PLAN-GEOM-013" not in told(path)
    text = path.read_text("utf-8").replace("\r\n", "\n")
    assert "\n 72\n1\n 73\n1\n 93\n" in text
    path.write_text(text.replace("\n 72\n1\n 73\n", "\n 72\n0\n 73\n", 1), encoding="utf-8")
    assert told(path)["PLAN-GEOM-013"].message.key == "cad.miscounted"


@pytest.mark.parametrize("way", ["LINE", "POLYLINE"])
def test_an_outline_with_half_a_place_cannot_be_told(tmp_path, way):
    doc = drawing()
    corners = square(0, 0, 20)
    if way == "LINE":
        for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
            doc.modelspace().add_line(start, end, dxfattribs={"layer": "建筑"})
    else:
        doc.modelspace().add_polyline2d(corners, close=True, dxfattribs={"layer": "建筑"})
    path = saved(doc, tmp_path)
    assert "PLAN-GEOM-013" not in told(path)
    text = path.read_text("utf-8").replace("\r\n", "\n")
    at = text.index(" 30\n0.0\n", text.index("AcDbVertex\n" if way == "POLYLINE" else "AcDbLine\n"))
    path.write_text(f"{text[: at + 7]}\n 20\n0.0\n{text[at + 8 :]}", encoding="utf-8")
    assert told(path)["PLAN-GEOM-013"].message.key == "cad.miscounted"


def test_a_corner_with_two_places_cannot_be_told(tmp_path):
    """As where the end of an outline and the beginning of a circle are lost: the middle of the circle is its corner."""
    doc = drawing()
    doc.modelspace().add_polyline2d(square(0, 0, 20), close=True, dxfattribs={"layer": "建筑"})
    path = saved(doc, tmp_path)
    text = path.read_text("utf-8").replace("\r\n", "\n")
    at = text.index("\n 30\n0.0\n", text.index("AcDb2dVertex\n")) + len("\n 30\n0.0\n")
    path.write_text(f"{text[:at]} 10\n{X + 50}\n 20\n{Y}\n{text[at:]}", encoding="utf-8")
    assert told(path)["PLAN-GEOM-013"].message.key == "cad.miscounted"


@pytest.mark.parametrize("code", [41, 42])
def test_a_block_of_no_width_or_height_cannot_be_told(tmp_path, code):
    doc = drawing()
    doc.blocks.new("HOUSE").add_lwpolyline(square(-X, -Y, 20), close=True, dxfattribs={"layer": "建筑"})
    doc.blocks.new("PAIR").add_blockref(
        "HOUSE", (0, 0), dxfattribs={"xscale": 1.5, "yscale": 1.5, "rotation": 30}
    )
    doc.modelspace().add_blockref("PAIR", (X, Y))
    path = saved(doc, tmp_path)
    assert "PLAN-GEOM-013" not in told(path)
    text = path.read_text("utf-8").replace("\r\n", "\n")
    at = text.index(f"\n {code}\n1.5\n", text.index("AcDbBlockReference"))
    path.write_text(f"{text[:at]}\n {code}\n-0{text[at + 8 :]}", encoding="utf-8")
    assert told(path)["PLAN-GEOM-013"].message.key == "cad.miscounted"


def test_a_miscounted_outline_in_a_block_is_doubtful_wherever_it_stands(tmp_path):
    doc = drawing()
    block = doc.blocks.new("HOUSE")
    block.add_lwpolyline(square(-X, -Y, 20), close=True, dxfattribs={"layer": "建筑"})
    for x in (0, 40):
        doc.modelspace().add_blockref("HOUSE", (X + x, Y), dxfattribs={"layer": "建筑"})
    path = saved(doc, tmp_path)
    text = path.read_text("utf-8").replace("\r\n", "\n")
    path.write_text(text.replace(" 90\n4\n", " 90\n5\n", 1), encoding="utf-8")
    assert len(told(path)["PLAN-GEOM-013"].features) == 2


def test_doubtful_rows_are_named_as_the_layer_calls_them(tmp_path):
    """Where others have ids of their own, a row without one is called by its handle, and so is what is told of it."""
    doc = drawing()
    house(doc, x=100)
    a, b, c, d = square(0, 0, 20)
    for start, end in [(a, c), (c, b), (b, d), (d, a)]:
        doc.modelspace().add_line(start, end, dxfattribs={"layer": "建筑"})
    path = saved(doc, tmp_path)
    named = told(path)["PLAN-GEOM-013"].features
    assert named
    assert set(named) <= set(site(path).layers["buildings"]["building_id"])


@pytest.mark.parametrize("crossed", [False, True])
def test_a_hatch_that_crosses_itself_cannot_be_told(tmp_path, crossed):
    doc = drawing()
    a, b, c, d = square(0, 0, 20)
    hatch = doc.modelspace().add_hatch(dxfattribs={"layer": "建筑"})
    hatch.paths.add_polyline_path([a, c, b, d] if crossed else [a, b, c, d], is_closed=True)
    assert ("PLAN-GEOM-013" in told(saved(doc, tmp_path))) == crossed


def test_what_a_mended_drawing_shows_cannot_be_told(tmp_path):
    doc = drawing()
    house(doc)
    path = saved(doc, tmp_path)
    # A coordinate that is no number: the structure can only be read by mending it.
    path.write_bytes(
        path.read_bytes().replace(b"ENTITIES\n", b"ENTITIES\n  0\nLINE\n  8\n0\n 10\nx\n 20\n1.0\n", 1)
    )
    found = told(path)
    assert ("PLAN-CAD-002" in found) == ("PLAN-GEOM-013" in found)
