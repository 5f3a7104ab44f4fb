"""Drawings as they are met: what is understood, what is mended and told, what is refused with its cure."""

from __future__ import annotations

import pytest
from small_drawings import CRS, drawing, house, saved, site, square, told
from small_files import ids_of

from plan.errors import InputError, UsageError
from plan.readers import inspect_sources, load_mapping, read_site
from plan.readers._cad_rules import rule_for


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


def test_a_drawing_without_a_model_space_or_with_a_nameless_layout_is_no_traceback(tmp_path):
    doc = drawing()
    house(doc)
    path = saved(doc, tmp_path)
    text = path.read_text("utf-8").replace("\r\n", "\n")
    for name in ("Model", "Layout1"):
        at = text.index(f"\n  1\n{name}\n", text.index("AcDbLayout"))
        path.write_text(f"{text[:at]}\n  1\nX{text[at + 5 :]}", encoding="utf-8")
        assert told(path)
