"""Texts of drawings: storeys and names as people write them, in any encoding."""

from __future__ import annotations

import ezdxf
import pytest
from small_drawings import X, Y, box, drawing, house, saved, site, told

from plan.readers import inspect_sources
from plan.readers._cad_gather import _whole
from plan.readers._cad_texts import building_name, phrases, several_heights, storeys


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("6F", (6, None)), ("6层", (6, None)), ("砼6", (6, None)), ("混3", (3, None)), ("-1F", (None, 1)),
        ("18F/-2F", (18, 2)), ("地上6层 地下1层", (6, 1)), ("6", (None, None)), ("6F/5F", (None, None)),
        ("六层", (6, None)), ("十八层", (18, None)), ("地上六层", (6, None)), ("六F", (6, None)), ("两层", (2, None)),
        ("地下一层", (None, 1)), ("负一层", (None, 1)), ("地上六层地下一层", (6, 1)), ("共6层", (6, None)),
        ("总层数：六层", (6, None)), ("18F(-2F)", (18, 2)), ("18F/H=53.9m", (18, None)), ("18F 53.9m", (18, None)),
        ("六层半", (None, None)), ("6+1层", (None, None)), ("6层(局部7层)", (None, None)), ("十七八层", (None, None)),
        ("6.5层", (None, None)), ("五至六层", (None, None)), ("6F/18", (None, None)), ("第六层", (None, None)),
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
        ("1#住宅楼", "1#住宅楼"),
        ("5#住宅", "5#住宅"),
        ("住宅楼", None),
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


def test_texts_of_broken_drawings_can_be_written():
    assert _whole("\udc81甲") == "?甲"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("６Ｆ", (6, None)), ("6 层", (6, None)), ("层数：6", (6, None)), ("建筑层数:18层", (18, None)),
        ("层数：", (None, None)), ("6+1F", (None, None)), ("18+1", (None, None)), ("层数6-7", (None, None)),
    ],
)  # fmt: skip
def test_storeys_as_people_write_them(text, found):
    assert storeys(text) == found


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["2号楼 18F"], ["2号楼", "18F"]), (["2号楼\n18F"], ["2号楼", "18F"]), (["6F\n层高 2.9m"], ["6F", "层高 2.9m"]),
        (["9号楼18层"], ["9号楼", "18层"]), (["8号楼：十一层"], ["8号楼", "十一层"]), (["6#楼(6F)"], ["6#楼", "6F"]),
        (["7号楼-1层"], ["7号楼-1层"]), (["12号楼南侧"], ["12号楼南侧"]),
        (["2号楼 2单元"], ["2号楼 2单元"]), (["18F 12F"], ["18F 12F"]),
    ],
)  # fmt: skip
def test_names_and_storeys_in_one_text(texts, found):
    assert phrases(texts) == found


def test_a_code_of_two_bytes_is_a_character(tmp_path):
    doc = ezdxf.new("R2000", units=6)
    box(doc, "建筑", (0, 0, 20, 20))
    doc.modelspace().add_text("6\\M+5B2E3").set_placement((X + 5, Y + 5))
    assert site(saved(doc, tmp_path)).layer("buildings")["floors"].tolist() == [6]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("六层半", True), ("6+1层", True), ("6+1", True), ("6F+1", True), ("局部七层", True), ("6层带阁楼", True),
        ("5~6层", True), ("6F", False), ("6F -1F", False), ("1-2层商业", False), ("局部", False), ("12-6", False),
    ],
)  # fmt: skip
def test_storeys_that_a_house_has_not_everywhere(text, found):
    assert several_heights(text) == found


@pytest.mark.parametrize(
    ("texts", "floors"),
    [
        (["六层"], 6), (["六层半"], None), (["6+1层"], None), (["6层住宅"], None), (["6F", "局部七层"], None),
        (["6F", "1-2层商业"], 6), (["6F", "二层平台"], 6), (["2号楼\u202e", "6F\u200b"], 6),
    ],
)  # fmt: skip
def test_storeys_are_read_or_told(tmp_path, texts, floors):
    doc = drawing()
    house(doc, x=50)
    box(doc, "建筑", (0, 0, 20, 20))
    for step, text in enumerate(texts):
        doc.modelspace().add_text(text).set_placement((X + 10, Y + 12 - 3 * step))
    path = saved(doc, tmp_path)
    assert site(path).layer("buildings")["floors"].fillna(0).tolist() == [6, floors or 0]
    assert ("PLAN-CAD-020" in told(path)) == (floors is None)


def test_what_nobody_sees_of_a_text_is_told_and_reaches_no_name(tmp_path):
    doc = drawing()
    house(doc, name="1\u202e号楼", floors="")
    block = doc.blocks.new("楼")
    block.add_lwpolyline([(0, 0), (20, 0), (20, 12), (0, 12)], close=True, dxfattribs={"layer": "建筑"})
    block.add_attdef("楼号", (5, 5))
    doc.modelspace().add_blockref("楼", (X + 50, Y)).add_auto_attribs({"楼号": "2\u200b号楼"})
    path = saved(doc, tmp_path)
    assert told(path)["PLAN-SEC-010"].message.params["count"] == 2
    assert site(path).layer("buildings")["building_id"].tolist() == ["1号楼", "2号楼"]
