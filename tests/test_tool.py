"""What computed a report stands in it, and in no other form than its version: no clock, no path."""

from __future__ import annotations

from pathlib import Path

import pyogrio
import pyproj
import shapely

from plan import check, load_pack, read_site
from plan.batch import Request, check_into, check_many
from plan.batch.fingerprint import versions
from plan.findings import Software
from plan.overview import write_overview
from plan.reports import read_report, render, write
from plan.tool import software, tool_digest, tool_version

SELECT = ("QHD-07",)


def test_software_is_this_package_and_the_libraries_of_geometry() -> None:
    assert software() == (
        Software(name="estate-plan", version=tool_version()),
        Software(name="GEOS", version=shapely.geos_version_string),
        Software(name="PROJ", version=pyproj.proj_version_str),
        Software(name="GDAL", version=pyogrio.__gdal_version_string__),
    )
    assert versions() == {one.name: one.version for one in software()} | {"digest": tool_digest()}


def test_a_report_names_them_and_keeps_them_when_it_is_read_back(sample_gis: Path, tmp_path: Path) -> None:
    report = check(read_site(sample_gis / "new_estate.gpkg"), load_pack("qinhuangdao"), select=SELECT)
    assert report.software == software()
    results = check_many([sample_gis / "new_estate.gpkg"], "qinhuangdao", select=SELECT)
    write(results, tmp_path / "report.json")
    assert read_report(tmp_path / "report.json").software == software()
    document = render(results, "html")
    assert isinstance(document, str)
    assert f"GEOS {shapely.geos_version_string}" in document


def test_a_batch_names_them_even_where_nothing_could_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "in" / "broken.gpkg"
    broken.parent.mkdir()
    broken.write_bytes(b"SQLite format 3\x00 and then nothing")
    batch = check_into(
        tmp_path / "out", Request(sources=(str(broken.parent),), pack="qinhuangdao", select=SELECT)
    )
    assert [(one.outcome, one.software) for one in batch.results()] == [("error", software())]
    assert batch.tally.to_dict("zh")["versions"] == {one.name: one.version for one in software()}
    write_overview(batch.tally, tmp_path)
    assert f"GEOS {shapely.geos_version_string}" in (tmp_path / "summary.html").read_text("utf-8")


def test_a_report_of_an_earlier_version_names_none(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(
        '{"schema": "plan.report/1", "pack": {"id": "x", "version": "1", "sha256": ""}, "on": "", "sites": ['
        '{"name": "a", "outcome": "met", "error": null, "inputs": [], "estimates": [], "findings": [], "problems": []}]}',
        encoding="utf-8",
    )
    assert read_report(path).software == ()
