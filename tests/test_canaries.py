"""Every output of a site, a report and a hearing in which each text would come alive somewhere: none does anywhere."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import struct
import xml.etree.ElementTree as ET
import zipfile
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import ezdxf
import geopandas as gpd
import pytest
from canary import CANARIES, field_text, hostile_placement, hostile_report, hostile_site, hostile_table

import plan
from plan.console import Talk
from plan.dossier import Dossier, Imprint
from plan.errors import InputError
from plan.export import REPORT_ENDINGS, SITE_ENDINGS, export_report, export_site
from plan.findings import SiteResult
from plan.handout.index import Entry, write_index
from plan.messages import Message
from plan.package import WRITERS
from plan.readers import inspect_sources
from plan.schema import LAYERS
from plan.site import Site
from plan.text_safety import hidden, spreadsheet


@pytest.fixture(scope="module")
def site():
    return hostile_site()


@pytest.fixture(scope="module")
def dossier(site):
    report = hostile_report(site)
    figures = {"required_m2": 600.0, "total_m2": 500.0, "shortfall_m2": 100.0, "placed": 2, "placed_m2": 90.0}
    return Dossier(
        site=site,
        proposed=site,
        pack=plan.load_pack("sanming"),
        before=report,
        after=report,
        results=(SiteResult.of(report), SiteResult.of(report)),
        proposals={"rooms": replace(hostile_placement(site), measures=figures)},
        reach=None,
        fire=None,
        tables=(hostile_table(),),
        details=(hostile_table(),),
        imprint=Imprint(
            title=f"{CANARIES[6]} title", review_number=f"{CANARIES[7]} review", made_by=f"{CANARIES[0]} maker",
            source=f"{CANARIES[4]} source", dated=f"{CANARIES[8]} dated", contact=f"{CANARIES[9]} contact",
        ),
    )  # fmt: skip


# --- what is alive ----------------------------------------------------------------------------------


class _Page(HTMLParser):
    """Elements and attributes that a browser would make of a page."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.alive = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            said = (value or "").strip().casefold()
            if name.startswith("on") or (
                name in ("href", "src", "action") and said.startswith("javascript:")
            ):
                self.alive.append((tag, name, value))
        if tag == "img" and dict(attrs).get("src") == "x":
            self.alive.append((tag, attrs))
        if tag == "svg" and dict(attrs).get("onload"):
            self.alive.append((tag, attrs))


def _html(path):
    text = path.read_text("utf-8")
    assert _Page(text).alive == []
    scripts = re.findall(r"<script\b[^>]*>(.*?)</script", text, re.DOTALL | re.IGNORECASE)
    assert not [s for s in scripts if s.startswith("alert(1)")]
    assert not [c for c in text if hidden(c)]
    assert "{{7*7}}" not in "".join(scripts) or "49 " not in text


def _xlsx(path):
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            part = book.read(name)
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in part
                assert b"<f " not in part
                assert b"<hyperlink" not in part
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in part


def _csv(path):
    for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"))):
        for cell in row:
            assert spreadsheet(cell) == cell or re.fullmatch(r"-?\d+(\.\d+)?(e[-+]?\d+)?", cell), cell


def _docx(path):
    with zipfile.ZipFile(path) as document:
        for name in document.namelist():
            part = document.read(name)
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in part
            if name.endswith(".xml"):
                root = ET.fromstring(part)  # noqa: S314 - our own file
                codes = [e.text or "" for e in root.iter() if e.tag.endswith("}instrText")]
                codes += [v for e in root.iter() if e.tag.endswith("}fldSimple") for v in e.attrib.values()]
                assert not [c for c in codes if any(canary in c for canary in CANARIES)]
                assert not [e for e in root.iter() if e.tag.endswith(("}altChunk", "}object", "}control"))]


def _pdf(path):
    data = path.read_bytes()
    parts = [data]
    for stream in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            parts.append(zlib.decompressobj().decompress(stream[1]))
        except zlib.error:
            continue
    for word in (
        rb"/JavaScript",
        rb"/JS\b",
        rb"/Launch",
        rb"/OpenAction",
        rb"/EmbeddedFile",
        rb"/SubmitForm",
        rb"/URI\b",
    ):
        assert not [p for p in parts if p.startswith((b"<<", b"%PDF")) and re.search(word, p)], word


def _dxf(path):
    document = ezdxf.readfile(path)
    assert not document.audit().errors
    for entity in document.modelspace().query("TEXT MTEXT ATTRIB"):
        text = entity.dxf.text if entity.dxftype() != "MTEXT" else entity.text
        assert "%<" not in text
        assert not [c for c in text if hidden(c)]


def _png(path):
    data, at, kinds = path.read_bytes(), 8, set()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        kinds.add(kind)
        at += 12 + length
    assert kinds <= {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"pHYs", b"sRGB", b"gAMA", b"tRNS", b"iTXt"}


def _json(path):
    json.loads(path.read_text("utf-8"))


def _xml(path):
    text = path.read_text("utf-8")
    assert "<!DOCTYPE" not in text
    names = {e.tag.rpartition("}")[2] for e in ET.fromstring(text).iter()}  # noqa: S314 - the same
    assert not names & {"script", "img", "svg"}


def _txt(path):
    text = path.read_text("utf-8")
    assert not [c for c in text if hidden(c)]


def _gpkg(path):
    with sqlite3.connect(path) as base:
        assert base.execute("PRAGMA quick_check").fetchone() == ("ok",)
        names = {name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")}
        assert names <= {*LAYERS, "plan_site"} or all(n.isprintable() and '"' not in n for n in names)
        views = base.execute("SELECT count(*) FROM sqlite_master WHERE type = 'view'").fetchone()
        assert views == (0,)
        said = [row[0] for row in base.execute("SELECT facility_id FROM facilities")]
    base.close()
    assert said == [field_text(c, "facilities", "facility_id") for c in CANARIES]


def _zip(path):
    with zipfile.ZipFile(path) as archive:
        assert not [n for n in archive.namelist() if ".." in n or n.startswith("/") or any(map(hidden, n))]
        folder = path.parent / "shapes"
        archive.extractall(folder)
    read = [gpd.read_file(p, encoding="GBK") for p in sorted(folder.rglob("*.shp"))]
    assert read
    assert all(len(frame) == len(CANARIES) for frame in read)


CHECKS = {
    ".html": _html, ".xlsx": _xlsx, ".csv": _csv, ".docx": _docx, ".pdf": _pdf, ".dxf": _dxf, ".png": _png, ".json": _json,
    ".geojson": _json, ".sarif": _json, ".xml": _xml, ".txt": _txt, ".gpkg": _gpkg, ".zip": _zip,
}  # fmt: skip


# --- outputs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", sorted(SITE_ENDINGS))
def test_a_site_in_every_form(site, tmp_path, ending):
    path = tmp_path / f"site{ending}"
    layer = "facilities" if ending == ".csv" else None
    export_site(site, path, layer=layer)
    CHECKS[ending](path)


@pytest.mark.parametrize("ending", sorted(REPORT_ENDINGS))
def test_a_report_in_every_form(site, tmp_path, ending):
    path = tmp_path / f"report{ending}"
    export_report([SiteResult.of(hostile_report(site))], path)
    CHECKS[ending](path)


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_hearing_in_every_file(dossier, tmp_path, name):
    path = tmp_path / name
    WRITERS[name].write(dossier, path)
    CHECKS[Path(name).suffix](path)


def test_the_index_of_a_hearing(dossier, tmp_path):
    other = tmp_path / "a.txt"
    other.write_text("x")
    entries = [
        Entry(path=other, title=Message("cli.quoted", text=c), purpose=Message("cli.quoted", text=c))
        for c in CANARIES
    ]
    write_index(dossier, entries, tmp_path / "index.html")
    _html(tmp_path / "index.html")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_said_on_a_console(site, capsys, lang):
    talk = Talk(lang)
    talk.problems(hostile_report(site).problems * 2)
    for canary in (*CANARIES, "\x1b]0;title\x07", "\x1b[2J", "\x9b31m", "[bold]x[/bold]", "a\rb", "\u2066x"):
        talk.say(Message("cli.quoted", text=canary))
        talk.error(InputError(Message("cli.quoted", text=canary)))
    said = capsys.readouterr().err
    assert not [c for c in said if hidden(c) or c in "\x1b\x9b\r"]
    assert "[bold]x[/bold]" in said


def test_what_inspect_says_of_a_hostile_file(site, tmp_path):
    path = tmp_path / "x.gpkg"
    Site(name="x", layers={"facilities": site.layer("facilities")}, crs=site.crs).to_gpkg(path)
    told = json.dumps(inspect_sources(path).to_dict("zh"), ensure_ascii=False)
    assert not [c for c in told if hidden(c)]
