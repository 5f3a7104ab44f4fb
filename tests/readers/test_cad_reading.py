"""Drawings as they are met: what is understood, what is mended and told, what is refused with its cure."""

from __future__ import annotations

import io
import math

import ezdxf
import pytest
from ezdxf.filemanagement import read
from small_files import ids_of

from plan.cad import site_dxf
from plan.errors import InputError, UsageError
from plan.readers import inspect_sources, load_mapping, read_site
from plan.readers._cad_gather import _whole
from plan.readers._cad_rules import rule_for
from plan.readers._cad_texts import building_name, storeys

X, Y = 500_000.0, 2_905_000.0
CRS = "EPSG:4548"


def square(x, y, size, *, k=1.0):
    return [
        ((X + a) * k, (Y + b) * k) for a, b in ((x, y), (x + size, y), (x + size, y + size), (x, y + size))
    ]


def drawing(*, units=6, version="R2010"):
    return ezdxf.new(version, units=units)


def house(doc, *, x=0.0, k=1.0, layer="建筑", name="1号楼", floors="6F"):
    space = doc.modelspace()
    space.add_lwpolyline(square(x, 0, 20, k=k), close=True, dxfattribs={"layer": layer})
    for text, dy in ((name, 12), (floors, 6)):
        if text:
            space.add_text(text, height=k).set_placement(((X + x + 10) * k, (Y + dy) * k))


def told(path, **options):
    return {p.id: p for p in inspect_sources(path, crs=CRS, **options).problems}


def site(path, **options):
    return read_site(path, crs=CRS, **options)


def saved(doc, tmp_path, name="a.dxf"):
    doc.saveas(tmp_path / name)
    return tmp_path / name


# --- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("6F", (6, None)), ("6层", (6, None)), ("砼6", (6, None)), ("混3", (3, None)), ("-1F", (None, 1)),
        ("18F/-2F", (18, 2)), ("地上6层 地下1层", (6, 1)), ("6", (None, None)), ("6F/5F", (None, None)),
        ("0F", (None, None)), ("客厅", (None, None)), ("999F", (None, None)), ("", (None, None)),
    ],
)  # fmt: skip
def test_storeys(text, found):
    assert storeys(text) == found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("12号楼", "12号楼"),
        ("12#", "12#"),
        ("A座", "A座"),
        ("十二栋", "十二栋"),
        ("12", None),
        ("12号楼南侧", None),
    ],
)
def test_names(text, name):
    assert building_name(text) == name


def test_two_heights_in_one_outline_are_not_chosen_from(tmp_path):
    doc = drawing()
    house(doc)
    doc.modelspace().add_text("18F").set_placement((X + 5, Y + 5))
    path = saved(doc, tmp_path)
    assert "PLAN-CAD-020" in told(path)
    assert site(path).layer("buildings")["floors"].isna().all()


# --- units and places ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "k", "effect"),
    [
        (4, 1000.0, "noted"),
        (6, 1.0, "noted"),
        (4, 1.0, "repaired"),
        (6, 1000.0, "repaired"),
        (0, 1000.0, "noted"),
        (0, 1.0, "noted"),
    ],
)
def test_units_are_what_fits_what_is_drawn(declared, k, effect, tmp_path):
    doc = drawing(units=declared)
    house(doc, k=k)
    path = saved(doc, tmp_path)
    assert told(path)["PLAN-CAD-011"].effect == effect
    assert site(path).layer("buildings").area[0] == pytest.approx(400, rel=1e-9)


def test_the_user_knows_the_unit_best(tmp_path):
    doc = drawing(units=6)
    house(doc, k=1000.0)
    path = saved(doc, tmp_path)
    assert "PLAN-CAD-011" not in told(path, units="mm")
    assert site(path, units="mm").layer("buildings").area[0] == pytest.approx(400, rel=1e-9)


def test_a_zone_prefix_is_refused_with_the_systems_that_have_one(tmp_path):
    doc = drawing()
    doc.modelspace().add_lwpolyline(
        [(x + 39e6, y) for x, y in square(0, 0, 20)], close=True, dxfattribs={"layer": "建筑"}
    )
    path = saved(doc, tmp_path)
    assert "EPSG:4527" in told(path)["PLAN-CRS-004"].cure
    assert read_site(path, crs="EPSG:4527").layer("buildings").area[0] == pytest.approx(400, rel=1e-9)


def test_without_a_system_nothing_is_guessed(tmp_path):
    doc = drawing()
    house(doc)
    with pytest.raises(InputError):
        read_site(saved(doc, tmp_path))


@pytest.mark.real
def test_a_drawing_with_its_place_lies_there(shared):
    path = shared / "data" / "ezdxf_houses_of_parliament_georeferenced.dxf"
    found = read_site(path, mapping="0=buildings")
    assert found.crs.to_epsg() == 27700
    west, south, east, north = found.layer("buildings").to_crs(4326).total_bounds
    assert -0.1265 < west < east < -0.1230
    assert 51.4975 < south < north < 51.5015
    assert found.layer("buildings").area[0] == pytest.approx(30386.03, abs=0.01)
    assert "PLAN-LAYER-002" in ids_of(inspect_sources(path).problems)


# --- shapes --------------------------------------------------------------------------------------


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


# --- names and mapping ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("建筑", "buildings"), ("JMD", "buildings"), ("总图|A-建筑-轮廓", "buildings"), ("建筑控制线", ""),
        ("JZD", "parcels"), ("用地红线", "parcels"), ("道路红线", ""), ("道路中心线", "walkways"), ("DLSS", ""),
        ("道路", None), ("围墙", "barriers"), ("停车位", "stalls"), ("消防车道", "fire_lanes"), ("KZD", ""),
        ("绿化", "open_spaces"), ("绿化标注", ""), ("出入口", "entrances"), ("地类界线", "parcels"), ("0", None),
    ],
)  # fmt: skip
def test_names_that_are_known(name, layer):
    rule = rule_for(name, ())
    assert (None if rule is None else rule.layer) == layer


def test_a_mapping_overrules_names_and_fills_columns(tmp_path):
    doc = drawing()
    house(doc, layer="A-1")
    house(doc, layer="建筑", x=50, name="2号楼")
    (tmp_path / "m.toml").write_text(
        '[[dxf]]\nmatch = ["a-?"]\nlayer = "buildings"\nset = { use = "residential" }\n'
        '[[dxf]]\nmatch = "建筑"\nlayer = ""\n',
        encoding="utf-8",
    )
    found = site(saved(doc, tmp_path), mapping=tmp_path / "m.toml").layer("buildings")
    assert found[["building_id", "use"]].values.tolist() == [["1号楼", "residential"]]


def test_every_mistake_of_a_mapping_is_named_with_its_place(tmp_path):
    (tmp_path / "m.toml").write_text(
        '[[dxf]]\nlayer = "house"\n[[dxf]]\nmatch = 3\nlayer = "buildings"\nset = { colour = 1 }\nkind = 1\n',
        encoding="utf-8",
    )
    with pytest.raises(UsageError) as error:
        load_mapping([tmp_path / "m.toml"])
    for place in ("dxf[1].layer", "dxf[1].match", "dxf[2].match", "dxf[2].set.colour", "dxf[2].kind"):
        assert place in str(error.value)


def test_hidden_layers_are_left_out_unless_they_are_named(tmp_path):
    doc = drawing()
    doc.layers.add("房屋").off()
    house(doc)
    house(doc, layer="房屋", x=50, name="2号楼")
    path = saved(doc, tmp_path)
    assert len(site(path).layer("buildings")) == 1
    assert "PLAN-CAD-009" in told(path)
    assert len(site(path, mapping="房屋=buildings").layer("buildings")) == 2


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["ANSI_936", "ANSI_1252"])
def test_texts_in_gbk_are_read_whatever_the_code_page_says(page, tmp_path):
    doc = drawing(version="R2000")
    doc.encoding = "gbk"
    doc.layers.add("建筑")
    house(doc)
    path = saved(doc, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"ANSI_936", page.encode(), 1))
    assert site(path).layer("buildings")["building_id"].tolist() == ["1号楼"]
    assert ("PLAN-ENC-002" in told(path)) == (page == "ANSI_1252")


def test_a_binary_drawing_is_read(tmp_path):
    doc = drawing()
    house(doc)
    doc.saveas(tmp_path / "a.dxf", fmt="bin")
    assert len(site(tmp_path / "a.dxf").layer("buildings")) == 1


@pytest.mark.parametrize("name", ["a.dwg", "a.dxf", "a.dat"])
def test_a_dwg_is_refused_with_its_cure(name, tmp_path):
    (tmp_path / name).write_bytes(b"AC1032" + bytes(200))
    problem = told(tmp_path / name)["PLAN-CAD-001"]
    assert problem.effect == "refused"
    assert "T3" in problem.cure


def test_a_drawing_that_is_cut_short_is_refused_wherever_it_is_cut(tmp_path):
    doc = drawing()
    house(doc)
    data = saved(doc, tmp_path).read_bytes()
    for part in range(1, 20):
        (tmp_path / "b.dxf").write_bytes(data[: len(data) * part // 20])
        assert any(p.effect == "refused" for p in told(tmp_path / "b.dxf").values())


def test_a_broken_structure_is_mended_as_far_as_it_goes_and_told(tmp_path):
    doc = drawing()
    house(doc)
    path = saved(doc, tmp_path)
    # A section that ends twice: no reader may take it for sound.
    path.write_bytes(
        path.read_bytes().replace(
            b"  0\nSECTION\n  2\nCLASSES", b"  0\nENDSEC\n  0\nSECTION\n  2\nCLASSES", 1
        )
    )
    problems = told(path)
    assert {"PLAN-CAD-002", "PLAN-FILE-001"} & set(problems)


def test_flipped_bytes_never_end_in_a_traceback(tmp_path):
    doc = drawing()
    house(doc)
    data = bytearray(saved(doc, tmp_path).read_bytes())
    step = len(data) // 60
    for at in range(step, len(data), step):
        flipped = bytearray(data)
        flipped[at] ^= 0x15
        (tmp_path / "b.dxf").write_bytes(flipped)
        inspect_sources(tmp_path / "b.dxf", crs=CRS)


# --- drawings of our own that somebody has worked on ---------------------------------------------


def own(tmp_path, sample_gis):
    site_dxf(read_site(sample_gis / "new_estate.gpkg"), tmp_path / "own.dxf")
    return read(io.StringIO((tmp_path / "own.dxf").read_text(encoding="utf-8")))


def test_what_was_moved_copied_deleted_and_added_in_cad_is_seen(tmp_path, sample_gis):
    doc = own(tmp_path, sample_gis)
    before = read_site(tmp_path / "own.dxf").layer("stalls")
    stalls = [e for e in doc.modelspace() if e.dxf.layer == "停车位"]
    stalls[0].translate(1.0, 0.0, 0.0)
    stalls[1].destroy()
    copy = stalls[2].copy()
    doc.modelspace().add_entity(copy)
    copy.translate(0.0, 100.0, 0.0)
    x, y = before.total_bounds[:2]
    doc.modelspace().add_lwpolyline(
        [(x, y), (x + 5, y), (x + 5, y + 2)], close=True, dxfattribs={"layer": "停车位"}
    )
    path = saved(doc, tmp_path, "again.dxf")
    after = read_site(path).layer("stalls").set_index("stall_id")
    ids = before["stall_id"].tolist()
    moved = after.loc[ids[0]].geometry.centroid.x - before.geometry[0].centroid.x
    assert moved == pytest.approx(1.0)
    assert ids[1] not in after.index
    new = [i for i in after.index if i not in ids]
    assert len(new) == 2
    assert any(i.startswith(f"{ids[2]}#") for i in new)
    assert {"PLAN-CAD-023", "PLAN-CAD-018"} <= {p.id for p in read_site(path).problems}


def test_names_that_western_programs_write_as_codes(tmp_path):
    """R2000 in Latin letters: 健身 becomes \\U+5065\\U+8eab."""
    doc = ezdxf.new("R2000", units=6)
    doc.layers.add("建筑")
    x, y = 500_000, 4_058_000
    doc.modelspace().add_lwpolyline(
        [(x, y), (x + 9, y), (x + 9, y + 9), (x, y + 9)], close=True, dxfattribs={"layer": "建筑"}
    )
    path = tmp_path / "a.dxf"
    doc.saveas(path)
    assert rb"\U+5efa" in path.read_bytes()
    seen = inspect_sources(path, crs="EPSG:4548")
    assert "buildings" in [layer.name for layer in seen.layers]


def test_a_circle_of_no_size_is_no_shape(tmp_path):
    doc = drawing()
    house(doc)
    doc.modelspace().add_circle((X, Y), 0, dxfattribs={"layer": "建筑"})
    assert told(saved(doc, tmp_path))["PLAN-CAD-010"].effect == "degraded"


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


def test_a_drawing_without_a_model_space_or_with_a_nameless_layout_is_no_traceback(tmp_path):
    doc = drawing()
    house(doc)
    path = saved(doc, tmp_path)
    text = path.read_text("utf-8").replace("\r\n", "\n")
    for name in ("Model", "Layout1"):
        at = text.index(f"\n  1\n{name}\n", text.index("AcDbLayout"))
        path.write_text(f"{text[:at]}\n  1\nX{text[at + 5 :]}", encoding="utf-8")
        assert told(path)


def test_the_frame_of_a_spline_is_no_part_of_a_line_in_space(tmp_path):
    doc = drawing()
    line = doc.modelspace().add_polyline3d(
        [(x, y, 0) for x, y in [*square(0, 0, 20), (X - 90, Y - 90)]],
        close=True,
        dxfattribs={"layer": "建筑"},
    )
    line.vertices[-1].dxf.flags |= 16
    assert site(saved(doc, tmp_path)).layers["buildings"].area.tolist() == [400.0]


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


def test_texts_of_broken_drawings_can_be_written():
    assert _whole("\udc81甲") == "?甲"
