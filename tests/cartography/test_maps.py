import re
import shutil
import subprocess
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.cartography import in_metres, legend_of, map_svg, picture_of, round_scale, view_of
from plan.cartography.dimensions import Dimension, dimensioned
from plan.cartography.labels import Beside, Board, Inside, place_labels, widest
from plan.cartography.letters import cut, lacking, width_mm
from plan.cartography.spreading import Symbol, spread
from plan.maps.fonts import font_path
from plan.maps.layers import Class, Drawing, draw
from plan.maps.words import Words

ZH = Words(lang="zh")
CRS = pyproj.CRS.from_epsg(4548)
CANARY = """<script>alert(1)</script>]]>&amp;'"\u202e{{7*7}}${1}"""


def houses(names: list[str], *, size_m: float = 20.0) -> Drawing:
    shapes = [shapely.box(k * 30, 0, k * 30 + size_m, 12) for k in range(len(names))]
    return Drawing(
        id="buildings",
        title="楼栋",
        kind="buildings",
        ids=[str(k) for k in range(len(names))],
        shapes=shapes,
        classes=[Class(id="other", label="楼栋", style={"c": "#5f574d", "w": 1.3, "f": "#cfc6b8", "o": 1.0})],
        of_class=[0] * len(names),
        names=names,
        labels=[f"{name}\n6F" for name in names],
    )


def marks(points: list[tuple[float, float]]) -> Drawing:
    style = {"c": "#ffffff", "w": 1, "f": "#0072B2", "o": 1.0, "r": 11, "s": "circle", "t": "#ffffff"}
    return Drawing(
        id="marks",
        title="点",
        kind="facilities",
        ids=[str(k) for k in range(len(points))],
        shapes=[shapely.Point(p) for p in points],
        classes=[Class(id="one", label="点", style=style, glyph="社")],
        of_class=[0] * len(points),
        names=[f"第{k}处" for k in range(len(points))],
        labels=[f"第{k}处" for k in range(len(points))],
    )


def test_a_hundred_metres_at_one_to_a_thousand_are_ten_centimetres() -> None:
    view = view_of((0, 0, 100, 80), (100, 80))
    assert view.scale == 1000
    assert view.to_paper(np.array([[0.0, 80.0], [100.0, 0.0]])).tolist() == [[0, 0], [100, 80]]


@given(st.floats(1, 1e7))
def test_a_scale_is_never_rounded_down(least: float) -> None:
    assert round_scale(least) >= least * (1 - 1e-6)
    assert round_scale(least) <= max(50, 2 * least)


def test_what_is_asked_for_is_seen_whole() -> None:
    view = view_of((10, 20, 500, 300), (302, 262))
    west, south, east, north = view.extent
    assert (west <= 10, south <= 20, east >= 500, north >= 300) == (True,) * 4


def test_names_from_files_are_text_and_the_picture_is_well_formed() -> None:
    svg = map_svg([houses([CANARY, "<b>"], size_m=28)], extent=(0, -10, 60, 22), size_mm=(300, 160), words=ZH)
    root = ElementTree.fromstring(svg)
    assert {e.tag.split("}")[1] for e in root.iter()} <= {
        "svg", "defs", "clipPath", "rect", "g", "path", "text", "polygon", "circle", "line",
    }  # fmt: skip
    written = [e.text for e in root.iter() if e.tag.endswith("text")]
    assert any(text and "<b>" in text for text in written)
    long = map_svg([houses([CANARY], size_m=200)], extent=(0, 0, 200, 12), size_mm=(300, 160), words=ZH)
    shown = [e.text for e in ElementTree.fromstring(long).iter() if e.tag.endswith("text")]
    assert any(text and "<script>alert(1)</script>" in text and "<U+202E>" in text for text in shown)


def test_the_same_drawings_are_the_same_bytes() -> None:
    def once() -> str:
        return map_svg([houses(["1号楼", "2号楼"])], extent=(0, 0, 60, 20), size_mm=(200, 100), words=ZH)

    assert once() == once()


def test_a_number_of_a_house_comes_before_the_name_of_a_place_beside_it() -> None:
    drawings = [houses(["1号楼"]), marks([(10.0, 6.0)])]
    picture = picture_of(drawings, view=view_of((-5, -5, 25, 17), (60, 44)), words=ZH)
    assert "1号楼" in picture.svg


def test_what_does_not_fit_is_left_out() -> None:
    picture = picture_of([houses(["1号楼"] * 30)], view=view_of((0, 0, 900, 300), (30, 10)), words=ZH)
    assert picture.labels == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 80)), min_size=1, max_size=60))
def test_no_label_lies_over_another_or_over_a_symbol(points: list[tuple[float, float]]) -> None:
    drawing = marks(points)
    picture = picture_of(
        [houses(["1号楼", "2号楼"]), drawing], view=view_of((0, 0, 100, 80), (200, 160)), words=ZH
    )
    boxes = [(k, box) for k, label in enumerate(picture.labels) for box in label.boxes]
    for (a, one), (b, other) in combinations(boxes, 2):
        if a != b:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    circles = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)" fill="#0072b2"', picture.svg)
    assert len(circles) == len(points)
    for x, y, r in ((float(x), float(y), float(r)) for x, y, r in circles):
        for _, (left, top, right, bottom) in boxes:
            near = (min(max(x, left), right), min(max(y, top), bottom))
            assert (near[0] - x) ** 2 + (near[1] - y) ** 2 >= (r - 0.02) ** 2


def test_symbols_at_one_place_are_moved_apart() -> None:
    drawing = marks([(50.0, 40.0)] * 5)
    ones = [Symbol(drawing=drawing, index=k, x=50, y=40, radius_mm=2, home=(50.0, 40.0)) for k in range(5)]
    moved = spread(ones, width_mm=100, height_mm=80, taken=[])
    for a, b in combinations(moved, 2):
        assert abs(a.x - b.x) >= 4 or abs(a.y - b.y) >= 4
    assert (moved[-1].x, moved[-1].y) == (50, 40)  # what is on top keeps its place


def test_a_hole_is_no_place_for_a_name() -> None:
    outer = np.array([[0, 0], [30, 0], [30, 10], [0, 10], [0, 0]], dtype=float)
    hole = np.array([[5, 1], [25, 1], [25, 9], [5, 9], [5, 1]], dtype=float)
    x, _, wide = widest([outer, hole])
    assert wide == 5
    assert x in (2.5, 27.5)


def test_a_taken_board_lets_nothing_in() -> None:
    board = Board(50, 50)
    board.take((0, 0, 50, 50))
    wanted = [
        Beside(text="甲", rank=0, at=(25, 25), radius_mm=1),
        Inside(text="乙", rank=0, at=(9, 9), span_mm=9, wide_mm=9, high_mm=9),
    ]
    assert place_labels(wanted, board) == []


def test_a_dimension_tells_its_figure_along_the_line() -> None:
    board = Board(100, 100)
    svg, labels = dimensioned([Dimension(start=(20, 50), end=(80, 50), text="6,000")], board)
    assert "6,000" in svg
    assert labels[0].lines[0].angle_deg == 0
    assert labels[0].lines[0].x == 50


def test_a_text_is_cut_where_there_is_no_room() -> None:
    assert cut("青山新村三期", 3.0, most_mm=12.0) == "青山新…"
    assert width_mm("青山", 3.0) == 6.0
    assert lacking(["青山\U0001f600"]) == ("\U0001f600",)


def test_drawings_of_a_page_come_back_to_the_metre() -> None:
    frame = gpd.GeoDataFrame(
        {"building_id": ["1"], "floors": [6]},
        geometry=[shapely.box(563800, 2905600, 563840, 2905612)],
        crs=CRS,
    )
    drawing = draw("buildings", frame.to_crs(4326), words=ZH, id_column="building_id")
    assert drawing is not None
    back = in_metres([drawing], CRS)[0].shapes[0]
    assert back.hausdorff_distance(frame.geometry.iloc[0]) < 1e-4


def test_a_legend_counts_what_is_drawn_and_numbers_its_clauses() -> None:
    drawing = replace(houses(["1", "2", "3"]), clauses={0: [7, 9]})
    (group,) = legend_of([drawing], numbers={9: 1})
    (row,) = group.rows
    assert (row.label, row.count, row.clauses) == ("楼栋", 3, (1,))
    assert ElementTree.fromstring(row.sample).attrib["width"] == "11mm"


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
def test_a_pdf_holds_names_as_text_and_no_picture_of_pixels(tmp_path: Path) -> None:
    typst = pytest.importorskip("typst")
    svg = map_svg([houses(["翠竹苑1号楼", "2号楼"])], extent=(0, 0, 60, 20), size_mm=(200, 100), words=ZH)
    (tmp_path / "map.svg").write_text(svg, encoding="utf-8")
    source = tmp_path / "map.typ"
    source.write_text('#set page(width:200mm,height:100mm,margin:0mm)\n#image("map.svg")', encoding="utf-8")
    pdf = tmp_path / "map.pdf"
    pdf.write_bytes(typst.compile(source, font_paths=[font_path().parent], ignore_system_fonts=True))
    text = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    assert "翠竹苑1号楼" in text.replace(" ", "")
    images = subprocess.run(
        ["pdfimages", "-list", str(pdf)], capture_output=True, text=True, check=True
    ).stdout
    assert len(images.splitlines()) == 2  # the heading
