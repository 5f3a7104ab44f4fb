"""The drawing of a hearing: what stays, goes and comes on layers of their own, and the figures of the report."""

from __future__ import annotations

from dataclasses import replace

import ezdxf
import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from ezdxf.tools.text import plain_mtext
from shapely import Point, box

from plan.dossier import Dossier, Imprint
from plan.drawings import write_dxf
from plan.findings import Clause, Finding, PackRef, Report, Status, Strength, reason
from plan.messages import Message
from plan.readers import read_site
from plan.reports.words import Words
from plan.rules import load_pack
from plan.site import Site

CRS = pyproj.CRS.from_epsg(4548)
X, Y = 500_000.0, 2_905_000.0
HOSTILE = "%%c{\\P}\\U+4E2D"


def frame(shapes, **columns):
    placed = [shapely.transform(s, lambda p: np.add(p, (X, Y))) for s in shapes]
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(placed, crs=CRS), crs=CRS)


def estate(stalls, *, state):
    site = Site(name="小区", layers={}, crs=CRS)
    site = site.with_layer("buildings", frame([box(0, 0, 30, 12)], building_id=[HOSTILE], floors=[6]))
    site = site.with_layer(
        "households",
        frame([Point(5, 5)], household_id=["h"], building_id=[HOSTILE], owner_id=["张三"], vote=["no"]),
    )
    ids = [name for name, _ in stalls]
    shapes = [box(x, 20, x + 2.5, 25.3) for _, x in stalls]
    return site.with_layer("stalls", frame(shapes, stall_id=ids, state=state))


def finding(status, geometry, **more):
    clause = Clause(
        document=f"办法{HOSTILE}", number="", article="三", quote="车位不少于 2 个", effective=None
    )
    return Finding(
        rule="R-1",
        title=HOSTILE,
        strength=Strength.MUST,
        status=status,
        clause=clause,
        geometry=geometry,
        **more,
    )


def wgs84(shape):
    placed = shapely.transform(shape, lambda p: np.add(p, (X, Y)))
    return shapely.geometry.mapping(gpd.GeoSeries([placed], crs=CRS).to_crs(4326)[0])


@pytest.fixture
def dossier():
    before = estate([("s1", 0.0), ("s2", 5.0), ("s3", 10.0)], state=["existing"] * 3)
    after = estate([("s1", 0.0), ("s3", 11.0), ("s4", 15.0)], state=["existing", "existing", "proposed"])
    pack = load_pack("national")
    findings = (
        finding(Status.NOT_MET, wgs84(box(0, 0, 30, 12)), measured=1.0, required=2.0, unit="m2"),
        finding(Status.MET, wgs84(Point(3, 3)), measured=3.456, required=2.0, unit="m"),
        finding(
            Status.UNDETERMINED,
            wgs84(shapely.GeometryCollection([Point(1, 1), shapely.MultiPolygon([box(2, 2, 3, 3)])])),
            reason=reason("missing_data", Message("status.not_met")),
        ),
        finding(Status.NOT_APPLICABLE, {"type": "Point", "coordinates": [float("nan"), 1.0]}),
        finding(Status.NOT_MET, {"type": "Nothing"}),
    )
    report = Report(site="小区", pack=PackRef(id="p", version="1", sha256=""), findings=findings)
    return Dossier(
        site=before,
        proposed=after,
        pack=pack,
        before=report,
        after=report,
        results=(),
        proposals={},
        reach=None,
        fire=None,
        tables=(),
        details=(),
        imprint=Imprint(title="听证会"),
    )


@pytest.fixture
def drawing(dossier, tmp_path):
    write_dxf(dossier, tmp_path / "a.dxf")
    return ezdxf.readfile(tmp_path / "a.dxf")


def on(drawing, layer, kind):
    return [e for e in drawing.modelspace().query(kind) if e.dxf.layer == layer]


def test_rows_that_stay_go_and_come_are_on_layers_of_their_own(drawing):
    assert len(on(drawing, "停车位", "LWPOLYLINE")) == 1
    assert len(on(drawing, "停车位-拆除", "LWPOLYLINE")) == 2  # s2 goes, and s3 moves
    assert len(on(drawing, "停车位-新增", "LWPOLYLINE")) == 2
    assert all(e.closed for e in on(drawing, "停车位-新增", "LWPOLYLINE"))


def test_a_room_that_was_not_chosen_is_not_pulled_down(dossier, tmp_path):
    rooms = gpd.GeoDataFrame(
        {
            "room_id": ["c1", "c2", "r1"],
            "floor": 1,
            "area_m2": 20.0,
            "state": ["candidate", "candidate", "existing"],
        },
        geometry=[box(X + i, Y, X + i + 1, Y + 1) for i in range(3)],
        crs=CRS,
    )
    chosen = rooms.iloc[:1].assign(state="planned")
    before, after = dossier.site.with_layer("rooms", rooms), dossier.proposed.with_layer("rooms", chosen)
    write_dxf(replace(dossier, site=before, proposed=after), tmp_path / "b.dxf")
    made = ezdxf.readfile(tmp_path / "b.dxf")
    assert len(on(made, "社区用房-新增", "LWPOLYLINE")) == 1
    assert len(on(made, "社区用房-拆除", "LWPOLYLINE")) == 1  # r1 goes; c2 never was


def test_who_lives_where_and_how_they_vote_is_not_in_it(dossier, tmp_path):
    write_dxf(dossier, tmp_path / "a.dxf")
    assert "张三" not in (tmp_path / "a.dxf").read_text(encoding="utf-8")
    assert "住户" not in ezdxf.readfile(tmp_path / "a.dxf").layers


def test_findings_have_a_layer_for_each_status_and_their_number(drawing):
    assert [e.dxf.text for e in on(drawing, "检查-不符合", "TEXT")] == ["1 R-1"]
    assert [e.dxf.text for e in on(drawing, "检查-符合", "TEXT")] == ["2 R-1"]
    assert [e.dxf.text for e in on(drawing, "检查-无法判定", "TEXT")] == ["3 R-1"]
    assert len(on(drawing, "检查-不符合", "LWPOLYLINE")) == 1
    assert (len(on(drawing, "检查-无法判定", "CIRCLE")), len(on(drawing, "检查-无法判定", "LWPOLYLINE"))) == (
        1,
        1,
    )
    assert drawing.layers.get("检查-条文").is_off()


def test_the_table_says_what_the_report_says_verbatim(drawing, dossier):
    cells = [plain_mtext(e.text).replace("\n", "") for e in on(drawing, "检查-结果表", "MTEXT")]
    words = Words("zh")
    for number, one in enumerate(dossier.after.findings, start=1):
        assert str(number) in cells
        assert words.status(one.status) in cells
        measured, required = words.figures(one)
        for figure in (measured, required):
            assert not figure or words.with_unit(figure, one.unit) in cells
    assert HOSTILE in cells
    assert any(HOSTILE in cell and "车位不少于 2 个" in cell for cell in cells)


def test_the_drawing_is_sound_and_the_same_every_time(drawing, dossier, tmp_path):
    audit = drawing.audit()
    assert (len(audit.errors), len(audit.fixes)) == (0, 0)
    write_dxf(dossier, tmp_path / "b.dxf")
    assert (tmp_path / "a.dxf").read_bytes() == (tmp_path / "b.dxf").read_bytes()


def test_read_again_it_is_the_proposal(dossier, tmp_path):
    write_dxf(dossier, tmp_path / "a.dxf")
    site = read_site(tmp_path / "a.dxf")
    assert sorted(site.layer("stalls")["stall_id"]) == ["s1", "s3", "s4"]
    assert site.layer("stalls").area.tolist() == pytest.approx([13.25] * 3)
    assert not site.has("households")
    assert "PLAN-CAD-022" in {p.id for p in site.problems}
