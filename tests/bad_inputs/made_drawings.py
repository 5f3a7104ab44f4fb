"""Broken inputs: drawings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ezdxf
from ezdxf.document import Drawing
from made_base import EAST, NORTH, made

_CORNERS = [(0, 0), (10, 0), (10, 10), (0, 10)]


def _drawing(
    path: Path,
    draw: Callable[[Drawing], None],
    *,
    units: int = 6,
    version: str = "R2010",
    binary: bool = False,
) -> Path:
    document = ezdxf.new(version)
    document.units = units
    for name in ("建筑", "宗地"):
        document.layers.add(name)
    draw(document)
    document.saveas(path, fmt="bin" if binary else "asc")
    return path


def _house(
    document: Drawing, *, scale: float = 1.0, east: float = EAST, north: float = NORTH, layer: str = "建筑"
) -> None:
    points = [((east + x) * scale, (north + y) * scale) for x, y in _CORNERS]
    document.modelspace().add_lwpolyline(points, close=True, dxfattribs={"layer": layer})


@made("drawing", silent=True, crs="EPSG:4548")
def binary_dxf(folder: Path) -> Path:
    """A binary DXF: read as it is; its system must be named."""
    return _drawing(folder / "b.dxf", _house, binary=True)


@made("drawing", "PLAN-CAD-001 refused", crs="EPSG:4548")
def dwg_called_dxf(folder: Path) -> Path:
    """A DWG that calls itself .dxf."""
    (folder / "b.dxf").write_bytes(b"AC1032" + b"\0" * 500)
    return folder / "b.dxf"


@made("drawing", "PLAN-CAD-007 degraded", crs="EPSG:4548")
def external_reference(folder: Path) -> Path:
    """A drawing that only refers to another."""

    def draw(document: Drawing) -> None:
        _house(document)
        document.add_xref_def("C:\\总平面\\底图.dwg", "底图")
        document.modelspace().add_blockref("底图", (EAST, NORTH))

    return _drawing(folder / "b.dxf", draw)


@made("drawing", "PLAN-CAD-011 noted", crs="EPSG:4548")
def millimetres_nameless(folder: Path) -> Path:
    """Millimetres in a drawing that names no unit."""
    return _drawing(folder / "b.dxf", lambda d: _house(d, scale=1000), units=0)


@made("drawing", silent=True, crs="EPSG:4548")
def splines_and_ellipses(folder: Path) -> Path:
    """A house that is an ellipse, and one that is a closed spline, drawn between some of its knots only."""

    def draw(document: Drawing) -> None:
        space = document.modelspace()
        space.add_ellipse((EAST, NORTH), major_axis=(10, 0), ratio=0.5, dxfattribs={"layer": "建筑"})
        spline = space.add_spline(dxfattribs={"layer": "建筑"})
        spline.set_closed([(EAST + 40 + x, NORTH + y, 0) for x, y in _CORNERS])

    return _drawing(folder / "b.dxf", draw)


@made("drawing", silent=True, crs="EPSG:4548")
def blocks_mirrored(folder: Path) -> Path:
    """A house as a block, mirrored, turned and twice as large."""

    def draw(document: Drawing) -> None:
        block = document.blocks.new("house")
        block.add_lwpolyline(_CORNERS, close=True, dxfattribs={"layer": "建筑"})
        document.modelspace().add_blockref(
            "house", (EAST, NORTH), dxfattribs={"xscale": -2, "yscale": 2, "rotation": 30, "layer": "建筑"}
        )

    return _drawing(folder / "b.dxf", draw)


@made("drawing", "PLAN-CAD-008 degraded", crs="EPSG:4548")
def blocks_thousand_deep(folder: Path) -> Path:
    """Blocks nested a thousand deep."""

    def draw(document: Drawing) -> None:
        document.blocks.new("n0").add_lwpolyline(_CORNERS, close=True, dxfattribs={"layer": "建筑"})
        for i in range(1, 1000):
            document.blocks.new(f"n{i}").add_blockref(f"n{i - 1}", (0, 0))
        document.modelspace().add_blockref("n999", (EAST, NORTH))

    return _drawing(folder / "b.dxf", draw)


@made("drawing", "PLAN-SEC-002 refused", crs="EPSG:4548")
def blocks_billion(folder: Path) -> Path:
    """Ten blocks of ten of the next: ten billion houses in some kilobytes."""

    def draw(document: Drawing) -> None:
        document.blocks.new("n0").add_lwpolyline(_CORNERS, close=True, dxfattribs={"layer": "建筑"})
        for i in range(1, 11):
            block = document.blocks.new(f"n{i}")
            for j in range(10):
                block.add_blockref(f"n{i - 1}", (j * 20, 0))
        document.modelspace().add_blockref("n10", (EAST, NORTH))

    return _drawing(folder / "b.dxf", draw)


@made("drawing", "PLAN-SEC-002 refused", crs="EPSG:4548")
def array_without_end(folder: Path) -> Path:
    """One insert of 30,000 rows and 30,000 columns."""

    def draw(document: Drawing) -> None:
        document.blocks.new("house").add_lwpolyline(_CORNERS, close=True, dxfattribs={"layer": "建筑"})
        document.modelspace().add_blockref(
            "house",
            (EAST, NORTH),
            dxfattribs={"row_count": 30_000, "column_count": 30_000, "row_spacing": 20, "column_spacing": 20},
        )

    return _drawing(folder / "b.dxf", draw)


@made("drawing", "PLAN-CAD-008 degraded", crs="EPSG:4548")
def block_of_itself(folder: Path) -> Path:
    """A block that holds itself."""

    def draw(document: Drawing) -> None:
        block = document.blocks.new("house")
        block.add_lwpolyline(_CORNERS, close=True, dxfattribs={"layer": "建筑"})
        block.add_blockref("house", (20, 0))
        document.modelspace().add_blockref("house", (EAST, NORTH))

    return _drawing(folder / "b.dxf", draw)


@made("drawing", "PLAN-CAD-016 noted", crs="EPSG:4548")
def faces(folder: Path) -> Path:
    """Houses as faces in space."""

    def draw(document: Drawing) -> None:
        _house(document)
        document.modelspace().add_3dface(
            [(EAST + x, NORTH + y, 18) for x, y in _CORNERS], dxfattribs={"layer": "建筑"}
        )

    return _drawing(folder / "b.dxf", draw)


@made("drawing", "PLAN-CAD-003 noted", crs="EPSG:4548")
def text_with_codes(folder: Path) -> Path:
    """A name with codes of MTEXT and a template in it."""

    def draw(document: Drawing) -> None:
        _house(document)
        document.modelspace().add_mtext(
            "{\\fSimSun|b0;\\C1;1#楼}\\P6F {{7*7}}",
            dxfattribs={"layer": "建筑", "insert": (EAST + 5, NORTH + 5), "char_height": 1},
        )

    return _drawing(folder / "b.dxf", draw)


@made("drawing", "PLAN-CAD-010 degraded", crs="EPSG:4548")
def drawing_nan(folder: Path) -> Path:
    """nan as a coordinate of a drawing."""
    path = _drawing(folder / "b.dxf", _house)
    text = path.read_text("utf-8")
    assert "500010.0" in text
    path.write_text(text.replace("500010.0", "nan"), encoding="utf-8")
    return path


@made("drawing", "PLAN-FILE-001 refused", crs="EPSG:4548")
def drawing_cut(folder: Path) -> Path:
    """The half of a drawing."""
    path = _drawing(folder / "b.dxf", _house)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


@made("drawing", "PLAN-CAD-015 degraded", crs="EPSG:4548")
def outline_open(folder: Path) -> Path:
    """A house whose outline stays open by 4 m."""

    def draw(document: Drawing) -> None:
        _house(document)
        points = [(EAST + 40 + x, NORTH + y) for x, y in (*_CORNERS, (0, 4))]
        document.modelspace().add_lwpolyline(points, dxfattribs={"layer": "建筑"})

    return _drawing(folder / "b.dxf", draw)


@made("drawing", "PLAN-CAD-004 noted", crs="EPSG:4548")
def layers_unknown(folder: Path) -> Path:
    """A drawing in which everything lies on layer 0."""
    return _drawing(folder / "b.dxf", lambda d: _house(d, layer="0"))


@made("drawing", "PLAN-FILE-001 refused", crs="EPSG:4548")
def drawing_of_no_bytes(folder: Path) -> Path:
    """A drawing of no bytes."""
    (folder / "b.dxf").touch()
    return folder / "b.dxf"


@made("drawing", "PLAN-DATA-002 refused", crs="EPSG:4548")
def drawing_of_nothing(folder: Path) -> Path:
    """A drawing in which nothing is drawn."""
    return _drawing(folder / "b.dxf", lambda _: None)
