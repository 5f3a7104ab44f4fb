"""Drawings as bureaus have them: names of layers, stalls with cars in them, units and what proves them."""

from __future__ import annotations

import math

import ezdxf
import pytest
from small_drawings import X, Y, box, saved, site, told

from plan.errors import InputError
from plan.readers._cad_curves import hatch_area
from plan.readers._cad_rules import rule_for

# --- names of layers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "layer", "kind"),
    [
        ("拟拆建筑", "", None), ("建筑-拆除", "", None), ("建筑红线", "", None), ("建筑退界线", "", None),
        ("停车位编号", "", None), ("禁止停车位", "", None), ("住宅阳台", "", None), ("地下室轮廓", "", None),
        ("非机动车停车位", "stalls", "非机动车"), ("摩托车停车位", "stalls", "非机动车"),
        ("无障碍停车位", "stalls", "无障碍"), ("地下停车位", "stalls", None), ("充电车位", "stalls", None),
        ("建筑出入口", "entrances", "door"), ("地下车库出入口", "", None), ("小区出入口", "entrances", "gate"),
        ("中心线", None, None), ("道路中心线", "walkways", "street"), ("总图$0$JMD", "buildings", None),
        ("铁路中心线", "", None), ("坐标网格线", "", None), ("建筑面积", "", None), ("建筑名称", "", None),
        ("YD-用地界线", "parcels", None), ("用地边界", "parcels", None), ("ROAD", None, None), ("道路", None, None),
        ("总图|JMD", "buildings", None), (" 建筑 ", "buildings", None),
    ],
)  # fmt: skip
def test_names_that_look_like_others(name, layer, kind):
    rule = rule_for(name, ())
    assert (None if rule is None else rule.layer) == layer
    assert rule is None or rule.values.get("kind") == kind


def test_counts_of_layers_read_well(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 20, 20))
    box(doc, "0", (50, 0, 70, 20))
    found = told(saved(doc, tmp_path))
    assert "“建筑”→ buildings（1 个图形）" in found["PLAN-CAD-003"].message
    assert "“0”（1 个图形）" in found["PLAN-CAD-004"].message
    assert "“0” (1 drawn)" in found["PLAN-CAD-004"].message.to("en")


# --- stalls --------------------------------------------------------------------------------------


def stalls_of(doc):
    for x in (100, 110):
        box(doc, "停车位", (x, 0, x + 2.5, 5.3))


def test_a_car_within_a_stall_is_no_stall(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    block = doc.blocks.new("车位")
    for x0, y0, x1, y1 in ((0, 0, 2.5, 5.3), (0.3, 0.4, 2.2, 4.9), (0.5, 0.2, 2.0, 0.3)):
        block.add_lwpolyline([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], close=True)
    for x in (0, 5, 10):
        doc.modelspace().add_blockref("车位", (X + x, Y), dxfattribs={"layer": "停车位"})
    path = saved(doc, tmp_path)
    assert site(path).layer("stalls").geometry.area.tolist() == pytest.approx([2.5 * 5.3] * 3)
    assert told(path)["PLAN-CAD-024"].message.params["count"] == 6
    assert not site(path).repaired("stalls")


@pytest.mark.parametrize(
    ("x0", "x1", "y1", "doubted"),
    [
        (150, 152.5, 5.3, []),  # a stall
        (150, 175, 5.3, ["3"]),  # a frame round ten
        (150, 150.6, 2.0, ["3"]),  # of a bicycle
        (100.5, 103, 5.3, ["1", "3"]),  # over another stall by four fifths
        (102.4, 104.9, 5.3, []),  # over it by 0.1 m
    ],
)
def test_outlines_that_are_not_one_stall_each_are_doubted(tmp_path, x0, x1, y1, doubted):
    doc = ezdxf.new("R2010", units=6)
    stalls_of(doc)
    box(doc, "停车位", (x0, 0, x1, y1))
    assert sorted(site(saved(doc, tmp_path)).repaired("stalls")) == doubted


def test_stalls_of_a_kind_that_is_said_are_of_any_size(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    stalls_of(doc)
    box(doc, "非机动车停车位", (150, 0, 150.6, 2))
    read = site(saved(doc, tmp_path))
    assert not read.repaired("stalls")
    assert read.layer("stalls")["kind"].tolist() == [None, None, "非机动车"]


# --- shapes --------------------------------------------------------------------------------------


def test_a_closed_spline_is_drawn_between_its_inner_knots_only(tmp_path):
    """A closed cubic spline of eight control points on a circle of 10 m: a circle of 10 (2 + cos 45°) / 3 = 9.02 m."""
    doc = ezdxf.new("R2010", units=6)
    corners = [(X + 10 * math.cos(k * math.pi / 4), Y + 10 * math.sin(k * math.pi / 4)) for k in range(8)]
    spline = doc.modelspace().add_spline(dxfattribs={"layer": "建筑", "flags": 11, "degree": 3})
    spline.control_points = [*corners, *corners[:3]]
    spline.knots = list(range(-3, 12))
    read = site(saved(doc, tmp_path))
    radius = 10 * (2 + math.cos(math.pi / 4)) / 3
    assert read.layer("buildings").geometry.area.item() == pytest.approx(math.pi * radius**2, rel=2e-3)
    assert not read.repaired("buildings")


@pytest.mark.parametrize(("apart", "told_of"), [(0.12, 2), (0.37, 2), (0.6, 0)])
def test_the_two_faces_of_a_wall_are_both_read_and_told(tmp_path, apart, told_of):
    """A line of 40 m, one beside it, and one that meets it at its end, which is another wall."""
    doc = ezdxf.new("R2010", units=6)
    for start, end in (((0, 0), (40, 0)), ((1, apart), (39, apart)), ((40, 0), (40, 20))):
        doc.modelspace().add_line(*((X + a, Y + b) for a, b in (start, end)), dxfattribs={"layer": "围墙"})
    path = saved(doc, tmp_path)
    assert len(site(path).layer("barriers")) == 3
    found = told(path).get("PLAN-CAD-027")
    assert (len(found.rows) if found else 0) == told_of


def test_a_wall_of_parallel_lines_is_one_wall(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    line = [(X, Y), (X + 40, Y)]
    doc.modelspace().add_mline(line, dxfattribs={"layer": "围墙", "scale_factor": 0.24})
    walls = site(saved(doc, tmp_path)).layer("barriers")
    assert [list(wall.coords) for wall in walls.geometry] == [line]


@pytest.mark.parametrize(("style", "area"), [(0, 800 - 200 + 50), (1, 800 - 200), (2, 800)])
def test_islands_of_a_hatch_count_as_its_style_says(tmp_path, style, area):
    doc = ezdxf.new("R2010", units=6)
    hatch = doc.modelspace().add_hatch(dxfattribs={"layer": "建筑", "hatch_style": style})
    for x0, y0, x1, y1 in ((0, 0, 40, 20), (10, 5, 30, 15), (15, 7, 25, 12)):
        hatch.paths.add_polyline_path(
            [(X + x0, Y + y0), (X + x1, Y + y0), (X + x1, Y + y1), (X + x0, Y + y1)]
        )
    assert site(saved(doc, tmp_path)).layer("buildings").geometry.area.sum() == pytest.approx(area)


def test_what_is_in_paper_space_is_told(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 20, 20))
    box(doc, "停车位", (0, 0, 2.5, 5.3), space=doc.layout("Layout1"))
    box(doc, "图框", (0, 0, 420, 297), space=doc.layout("Layout1"))
    found = told(saved(doc, tmp_path))
    assert found["PLAN-CAD-025"].message.params["count"] == 1


def test_a_mesh_that_is_passed_over_is_a_warning(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 20, 20))
    mesh = doc.modelspace().add_mesh(dxfattribs={"layer": "建筑"})
    with mesh.edit_data() as data:
        data.vertices, data.faces = [(X, Y, 0), (X + 9, Y, 0), (X, Y + 9, 0)], [(0, 1, 2)]
    assert told(saved(doc, tmp_path))["PLAN-CAD-005"].effect == "degraded"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.replace(b"\n", b" \n"),
        lambda data: data.replace(b"\n", b"\r\n"),
    ],
)
def test_what_editors_leave_in_a_file_is_no_flaw(tmp_path, wrap):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 20, 20))
    path = saved(doc, tmp_path)
    path.write_bytes(wrap(path.read_bytes()))
    assert site(path).layer("buildings").geometry.area.tolist() == pytest.approx([400])
    assert "PLAN-CAD-002" not in told(path)


# --- units ---------------------------------------------------------------------------------------

# A system of a city's own: metres from a point in it, of which no zone number or false northing gives the unit away.
OF_A_CITY = "+proj=tmerc +lat_0=26 +lon_0=117 +k=1 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"


def town(units, k, *, east=X, north=Y):
    doc = ezdxf.new("R2010", units=units)
    box(doc, "建筑", (0, 0, 60, 12), k=k, east=east, north=north)
    box(doc, "用地红线", (-20, -20, 200, 150), k=k, east=east, north=north)
    for x in (100, 110):
        box(doc, "停车位", (x, 20, x + 2.5, 25.3), k=k, east=east, north=north)
    return doc


@pytest.mark.parametrize(("units", "k"), [(4, 1), (0, 1), (0, 1000), (6, 1000)])
def test_a_unit_that_the_place_proves_is_no_doubt(tmp_path, units, k):
    read = site(saved(town(units, k), tmp_path))
    assert read.layer("buildings").geometry.area.item() == pytest.approx(720)
    assert not read.repaired("buildings")


@pytest.mark.parametrize(("units", "k"), [(4, 1), (0, 1)])
def test_a_unit_that_only_sizes_tell_decides_no_rule(tmp_path, units, k):
    path = saved(town(units, k, east=60_000, north=41_000), tmp_path)
    assert site(path, crs=OF_A_CITY).repaired("buildings")
    problem = told(path, crs=OF_A_CITY)["PLAN-GEOM-016"]
    assert "--units" in problem.cure
    confirmed = site(path, crs=OF_A_CITY, units="m")
    assert not confirmed.repaired("buildings")
    assert confirmed.layer("buildings").geometry.area.item() == pytest.approx(720)


@pytest.mark.parametrize(("units", "k", "cure"), [(1, 1, "m"), (2, 1, "m"), (5, 1000, "mm"), (4, 100, "cm")])
def test_a_unit_that_fits_sizes_and_not_the_place_is_refused_with_the_unit_that_does(
    tmp_path, units, k, cure
):
    path = saved(town(units, k), tmp_path)
    with pytest.raises(InputError) as error:
        site(path)
    assert {p.id for p in error.value.problems if p.effect == "refused"} == {"PLAN-CRS-018"}
    assert f"--units {cure}" in next(p.cure for p in error.value.problems if p.id == "PLAN-CRS-018")
    assert site(path, units=cure).layer("buildings").geometry.area.item() == pytest.approx(720)


def placed_by_geodata(units, k, scale):
    doc = town(units, k, east=0, north=0)
    data = doc.modelspace().new_geodata()
    data.coordinate_system_definition = (
        '<Dictionary><Alias id="4548" type="CoordinateSystem"><ObjectId>CGCS2000</ObjectId>'
        "<Namespace>EPSG Code</Namespace></Alias></Dictionary>"
    )
    data.dxf.coordinate_type = 1
    data.dxf.design_point, data.dxf.reference_point = (0, 0), (X, Y)
    data.dxf.horizontal_unit_scale = scale
    return doc


def test_a_place_whose_scale_what_is_drawn_cannot_have_is_refused(tmp_path):
    path = saved(placed_by_geodata(4, 1000, 1.0), tmp_path)
    with pytest.raises(InputError):
        site(path, crs=None)
    found = told(path, crs=None)["PLAN-CAD-012"]
    assert found.effect == "refused"
    assert "--units" in found.cure
    read = site(path, crs=None, units="mm")
    assert read.layer("buildings").geometry.area.item() == pytest.approx(720)
    assert read.layer("buildings").total_bounds[0] == pytest.approx(X)


# --- blocks ----------------------------------------------------------------------------


@pytest.mark.parametrize(("hide", "count"), [("off", 2), ("freeze", 1)])
def test_a_block_on_a_layer_that_is_off_still_shows_what_lies_on_others(tmp_path, hide, count):
    doc = ezdxf.new("R2010", units=6)
    getattr(doc.layers.add("块"), hide)()
    block = doc.blocks.new("楼")
    block.add_lwpolyline([(0, 0), (40, 0), (40, 10), (0, 10)], close=True, dxfattribs={"layer": "建筑"})
    block.add_lwpolyline([(0, 0), (4, 0), (4, 1), (0, 1)], close=True)  # on layer 0: on that of the block
    doc.modelspace().add_blockref("楼", (X, Y), dxfattribs={"layer": "块"})
    box(doc, "建筑", (50, 0, 70, 20))
    path = saved(doc, tmp_path)
    assert len(site(path).layer("buildings")) == count
    assert told(path)["PLAN-CAD-009"].message.params["count"] == 1


def test_a_hatch_of_many_islands_is_their_area_and_in_time():
    """100 m x 100 m with 10,000 islands of 0.5 m x 0.5 m: 7,500 m2."""
    hatch = ezdxf.new().modelspace().add_hatch()
    for x0, y0, size in ((0, 0, 100), *((x + 0.2, y + 0.2, 0.5) for x in range(100) for y in range(100))):
        corners = [(x0, y0), (x0 + size, y0), (x0 + size, y0 + size), (x0, y0 + size)]
        hatch.paths.add_polyline_path(corners)
    area, crossed = hatch_area(hatch, 0.001)
    assert area.area == pytest.approx(7500)
    assert not crossed
    hatch.paths.add_polyline_path(
        [(99.5, 0), (101, 0), (101, 1), (99.5, 1)]
    )  # across the edge: nobody can tell
    with pytest.raises(ValueError, match="cross"):
        hatch_area(hatch, 0.001)


@pytest.mark.parametrize("scale", [0.001, 1000])
def test_a_house_of_no_house_s_size_is_doubted(tmp_path, scale):
    doc = ezdxf.new("R2010", units=6)
    doc.blocks.new("楼").add_lwpolyline([(0, 0), (40, 0), (40, 10), (0, 10)], close=True)
    for x, k in ((0, 1), (100, 1), (200, scale)):
        at = {"layer": "建筑", "xscale": k, "yscale": k}
        doc.modelspace().add_blockref("楼", (X + x, Y), dxfattribs=at)
    assert len(site(saved(doc, tmp_path)).repaired("buildings")) == 1


def test_a_point_on_a_layer_of_houses_is_told(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 20, 20))
    doc.modelspace().add_point((X, Y), dxfattribs={"layer": "建筑"})
    found = told(saved(doc, tmp_path))["PLAN-CAD-005"]
    assert found.effect == "degraded"
    assert found.layer == "buildings"


def test_the_attribute_of_a_label_in_a_house_says_its_storeys(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 20, 20))
    doc.blocks.new("层数").add_attdef("CS", (0, 0))
    label = doc.modelspace().add_blockref("层数", (X + 5, Y + 5), dxfattribs={"layer": "标注"})
    label.add_auto_attribs({"CS": "6F"})
    assert site(saved(doc, tmp_path)).layer("buildings")["floors"].tolist() == [6]


def test_a_bulge_that_is_no_number_makes_no_house(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 20, 20))
    box(doc, "建筑", (50, 0, 70, 20)).set_points(
        [(X, Y, 0.0), (X + 9, Y, math.nan), (X, Y + 9, 0.0)], format="xyb"
    )
    found = told(saved(doc, tmp_path))
    assert found["PLAN-CAD-010"].message.params["count"] == 1


def test_what_is_lost_of_a_drawing_is_no_mere_note(tmp_path):
    """The command ``plan import`` says what was repaired or could not be used, and passes over notes."""
    doc = ezdxf.new("R2010", units=6)
    doc.layers.add("住宅楼").freeze()
    doc.layers.add("家具").freeze()
    box(doc, "建筑", (0, 0, 20, 20))
    box(doc, "图层1", (50, 0, 70, 20))
    box(doc, "家具", (50, 0, 51, 1))
    path = saved(doc, tmp_path)
    assert told(path)["PLAN-CAD-004"].effect == "degraded"
    assert told(path)["PLAN-CAD-009"].effect == "noted"
    box(doc, "住宅楼", (100, 0, 120, 20))
    assert told(saved(doc, tmp_path))["PLAN-CAD-009"].effect == "degraded"


@pytest.mark.parametrize(
    "wrong", [{"weights": [0, 0, 0, 0]}, {"knots": [5, 4, 3, 2, 1, 0, -1, -2]}, {"knots": [0] * 8}]
)
def test_a_spline_of_no_curve_is_told(tmp_path, wrong):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 20, 20))
    spline = doc.modelspace().add_spline(degree=3, dxfattribs={"layer": "建筑"})
    spline.control_points = [(X, Y + 50), (X + 20, Y + 50), (X + 20, Y + 60), (X, Y + 50)]
    spline.knots = wrong.get("knots", [0, 0, 0, 0, 1, 1, 1, 1])
    spline.weights = wrong.get("weights", [])
    assert told(saved(doc, tmp_path))["PLAN-CAD-010"].effect == "degraded"


def test_an_array_of_blocks_is_as_many_and_its_crosses_are_no_lost_lines(tmp_path):
    doc = ezdxf.new("R2010", units=6)
    block = doc.blocks.new("车位")
    block.add_lwpolyline([(0, 0), (2.5, 0), (2.5, 5.3), (0, 5.3)], close=True)
    block.add_line((0, 0), (2.5, 5.3))
    array = {"row_count": 2, "column_count": 10, "row_spacing": 12, "column_spacing": 2.5}
    insert = doc.modelspace().add_blockref("车位", (X, Y), {"layer": "停车位", **array})
    doc.modelspace().add_line((X, Y + 50), (X + 2, Y + 51), {"layer": "停车位"})
    path = saved(doc, tmp_path)
    read = site(path).layer("stalls")
    assert read.area.tolist() == pytest.approx([2.5 * 5.3] * 20)
    assert set(read["cad_handle"]) == {insert.dxf.handle}
    assert told(path)["PLAN-CAD-015"].message.params["count"] == 1


def test_faces_of_a_house_in_space_that_stand_upright_are_no_outlines(tmp_path):
    """The six faces of a box of 20 m x 12 m x 18 m: two lie, as one outline."""
    doc = ezdxf.new("R2010", units=6)
    a, b = (X, Y, 0), (X + 20, Y + 12, 18)
    low = [(a[0], a[1]), (b[0], a[1]), (b[0], b[1]), (a[0], b[1])]
    for z in (0, 18):
        doc.modelspace().add_3dface([(*corner, z) for corner in low], {"layer": "建筑"})
    for one, other in zip(low, [*low[1:], low[0]], strict=True):
        doc.modelspace().add_3dface([(*one, 0), (*other, 0), (*other, 18), (*one, 18)], {"layer": "建筑"})
    path = saved(doc, tmp_path)
    assert site(path).layer("buildings").area.tolist() == pytest.approx([240])
    assert "PLAN-GEOM-013" not in told(path)


@pytest.mark.parametrize(
    ("east", "north", "problem"),
    [(0, 0, "PLAN-CRS-012"), (20_000, 30_000, "PLAN-CRS-012"), (117.2, 26.1, "PLAN-CRS-012"), (X, Y, "")],
)
def test_a_drawing_with_coordinates_of_its_own_is_refused_with_the_way_to_its_place(
    tmp_path, east, north, problem
):
    doc = ezdxf.new("R2010", units=6)
    box(doc, "建筑", (0, 0, 40, 12), east=east, north=north)
    found = told(saved(doc, tmp_path))
    assert ("PLAN-CRS-012" in found) == bool(problem)
    assert not problem or "ALIGN" in found[problem].cure


def cass(tmp_path):
    """A house with its steps within a wall, all on the layer of houses, each with its code."""
    doc = ezdxf.new("R2010", units=6)
    doc.appids.add("SOUTH")
    for code, corners in (
        ("141111", (0, 0, 40, 12)),
        ("143130", (15, 12, 20, 14)),
        ("144301", (-30, -30, 100, 100)),
    ):
        box(doc, "JMD", corners).set_xdata("SOUTH", [(1000, code)])
    return saved(doc, tmp_path)


def test_what_cass_draws_with_houses_is_told_from_them_by_its_codes(tmp_path):
    path = cass(tmp_path)
    read = site(path)
    assert read.layer("buildings").area.tolist() == pytest.approx([480])
    assert read.layer("barriers").length.tolist() == pytest.approx([520])
    assert "JMD 143130" in told(path)["PLAN-CAD-004"].message


def test_a_mapping_may_name_codes(tmp_path):
    path = cass(tmp_path)
    file = tmp_path / "m.toml"
    file.write_text('[[dxf]]\ncodes = "143*"\nlayer = "buildings"\n', encoding="utf-8")
    assert site(path, mapping=file).layer("buildings").area.tolist() == pytest.approx([480, 10])
