"""Whose data a map is made of stands in every file of a hearing package made from OpenStreetMap."""

from __future__ import annotations

import json
import shutil
import sqlite3
import struct
import subprocess
import zlib
from pathlib import Path

import docx
import ezdxf
import openpyxl
import pytest

import plan
from plan.findings import SiteResult
from plan.hearing import make_hearing
from plan.households import estimate_households
from plan.package import NAMES
from plan.proposing import Request
from plan.readers.osm import ATTRIBUTION
from plan.reports.reading import read_results
from plan.reports.record import record

pytestmark = pytest.mark.long

# An estate of about 170 x 220 m: two blocks of six floors, a wall with a gate, a street, a shop.
_NODES = {
    1: (0, 0), 2: (20, 0), 3: (20, 20), 4: (0, 20), 5: (10, 0), 6: (10, -4), 7: (-20, -4), 8: (40, -4), 9: (10, 16),
    11: (2, 4), 12: (8, 4), 13: (8, 6), 14: (2, 6), 21: (12, 4), 22: (18, 4), 23: (18, 6), 24: (12, 6),
    31: (5, 4), 32: (10, 3), 33: (5, 3),
}  # fmt: skip
_TAGS = {
    5: {"barrier": "gate", "access": "yes"},
    8: {"shop": "convenience", "name": "便利店"},
    31: {"entrance": "yes", "addr:unit": "1"},
}
_WAYS: dict[int, tuple[list[int], dict[str, str]]] = {
    101: ([1, 5, 2, 3, 4, 1], {"landuse": "residential", "name": "阳光小区", "barrier": "wall"}),
    102: ([11, 31, 12, 13, 14, 11], {"building": "apartments", "building:levels": "6", "name": "1号楼"}),
    103: ([21, 22, 23, 24, 21], {"building": "apartments", "building:levels": "6", "name": "2号楼"}),
    104: ([7, 6, 8], {"highway": "residential", "name": "长安街"}),
    105: ([6, 5, 32, 9], {"highway": "footway"}),
    106: ([32, 33, 31], {"highway": "footway"}),
}  # fmt: skip


def extract() -> str:
    """Return a small file of OpenStreetMap."""

    def tagged(tags: dict[str, str]) -> str:
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())

    nodes = [
        f'<node id="{i}" version="1" lon="{116 + x * 1e-4:.7f}" lat="{40 + y * 1e-4:.7f}">{tagged(_TAGS.get(i, {}))}</node>'
        for i, (x, y) in _NODES.items()
    ]
    ways = []
    for i, (refs, tags) in _WAYS.items():
        inside = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        ways.append(f'<way id="{i}" version="1">{inside}{tagged(tags)}</way>')
    inside = "".join((*nodes, *ways))
    return f'<osm version="0.6">{inside}</osm>'


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("osm")
    (folder / "estate.osm").write_text(extract(), encoding="utf-8")
    # By way of a file of ours, as a planner would.
    estimate_households(plan.read_site(folder / "estate.osm")).to_gpkg(folder / "estate.gpkg")
    site = plan.read_site(folder / "estate.gpkg")
    make_hearing(site, plan.load_pack("national"), out=folder / "out", request=Request(also=()))
    return folder / "out"


def _inside(path: Path) -> str:
    """Return the text of a file as the people who open it see it."""
    if path.suffix == ".docx":
        document = docx.Document(str(path))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(p.text for p in document.paragraphs), *cells])
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        return "\n".join(
            str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
        )
    if path.suffix == ".dxf":
        return "\n".join(e.dxf.text for e in ezdxf.readfile(path).modelspace().query("TEXT"))
    if path.suffix == ".gpkg":
        with sqlite3.connect(path) as base:
            return "\n".join(str(value) for (value,) in base.execute("SELECT value FROM plan_site"))
    if path.suffix == ".json":
        return json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False)
    return path.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "atlas.pdf"])
def test_every_file_of_a_package_names_whose_data_it_is_made_of(package: Path, name: str) -> None:
    assert ATTRIBUTION in _inside(package / name)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext")
def test_every_sheet_of_the_atlas_does(package: Path) -> None:
    done = subprocess.run(
        ["pdftotext", "-layout", str(package / "atlas.pdf"), "-"], capture_output=True, check=True, timeout=60
    )
    sheets = done.stdout.decode("utf-8").split("\f")[:-1]
    assert sheets
    assert all("OpenStreetMap" in sheet for sheet in sheets)


def test_properties_of_the_drawing_do(package: Path) -> None:
    assert ATTRIBUTION in dict(ezdxf.readfile(package / "drawing.dxf").header.custom_vars).values()


def test_a_report_that_is_read_again_keeps_it(package: Path) -> None:
    results = read_results(package / "report.json")
    assert {result.report.attribution for result in results if result.report} == {ATTRIBUTION}


def test_a_report_of_own_data_names_nobody(sample_gis: Path) -> None:
    site = plan.read_site(sample_gis / "new_estate.gpkg")
    report = plan.check(site, plan.load_pack("qinhuangdao"), select=("QHD-07",))
    (entry,) = record([SiteResult(name=site.name, report=report, pack=report.pack)])["sites"]
    assert "attribution" not in entry


def test_the_picture_keeps_it_among_its_properties(package: Path) -> None:
    picture = (package / "long.png").read_bytes()
    start = picture.index(b"iTXtCopyright")
    (length,) = struct.unpack(">I", picture[start - 4 : start])
    (told,) = struct.unpack(">I", picture[start + 4 + length : start + 8 + length])
    assert told == zlib.crc32(picture[start : start + 4 + length])
