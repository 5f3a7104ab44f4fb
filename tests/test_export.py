"""``plan export``: each form is read back as somebody else reads it; what cannot be is told with its cure."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

import plan
from plan.errors import UsageError
from plan.export import REPORT_ENDINGS, SITE_ENDINGS, export_report, export_site, short_names
from plan.findings import SiteResult
from plan.reports import write
from plan.reports.reading import is_report, read_results


@pytest.fixture(scope="module")
def site(sample_gis: Path) -> plan.Site:
    return plan.read_site(sample_gis / "new_estate.gpkg")


@pytest.fixture(scope="module")
def results(site: plan.Site) -> tuple[SiteResult, ...]:
    return (SiteResult.of(plan.check(site, plan.load_pack("qinhuangdao"))),)


def test_shapefiles_are_read_with_chinese_names_and_texts(site: plan.Site, tmp_path: Path) -> None:
    export_site(site, tmp_path / "a.zip")
    export_site(site, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "shp")
    names = pd.read_csv(tmp_path / "shp" / "字段对照.csv", encoding="utf-8-sig", dtype=str)
    assert (names["短名"].str.encode("gbk").str.len() <= 10).all()
    read = pyogrio.read_dataframe(tmp_path / "shp" / "rooms.shp")
    short = dict(
        zip(names[names["文件"] == "rooms"]["列名"], names[names["文件"] == "rooms"]["短名"], strict=True)
    )
    meant = site.layers["rooms"]
    assert list(read[short["room_id"]]) == list(meant["room_id"])
    assert (tmp_path / "shp" / "rooms.cpg").read_text() == "GBK"
    for file in (tmp_path / "shp").glob("obstacles_*"):  # points and areas: a shapefile holds one kind
        file.unlink()
    again = plan.read_site(tmp_path / "shp")
    assert set(again.layers["buildings"]["building_id"]) == set(site.layers["buildings"]["building_id"])


def test_names_of_ten_bytes_are_never_cut_in_a_character() -> None:
    made = short_names(
        ["社区配套用房面积", "社区配套用房面", "building_identifier", "Building_Identifier", "楼a房b号c"]
    )
    assert len({name.casefold() for name in made.values()}) == len(made)
    assert all(len(name.encode("gbk")) <= 10 for name in made.values())


def test_geojson_holds_every_layer_in_degrees(site: plan.Site, tmp_path: Path) -> None:
    export_site(site, tmp_path / "s.geojson")
    document = json.loads((tmp_path / "s.geojson").read_text(encoding="utf-8"))
    assert {f["properties"]["layer"] for f in document["features"]} == {
        n for n, f in site.layers.items() if len(f)
    }
    one = next(f for f in document["features"] if f["properties"]["layer"] == "buildings")
    lon, lat = one["geometry"]["coordinates"][0][0]
    assert 70 < lon < 140
    assert 15 < lat < 55


def test_one_layer_as_csv_for_excel(site: plan.Site, tmp_path: Path) -> None:
    export_site(site, tmp_path / "r.csv", layer="rooms")
    assert (tmp_path / "r.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
    assert len(pd.read_csv(tmp_path / "r.csv", encoding="utf-8-sig")) == len(site.layers["rooms"])


@pytest.mark.parametrize("ending", [".xlsx", ".dxf", ".gpkg", ".html"])
def test_a_site_in_other_forms(ending: str, site: plan.Site, tmp_path: Path) -> None:
    export_site(site, tmp_path / f"s{ending}")
    assert (tmp_path / f"s{ending}").stat().st_size > 1000
    if ending == ".gpkg":
        assert len(gpd.read_file(tmp_path / "s.gpkg", layer="rooms")) == len(site.layers["rooms"])


@pytest.mark.parametrize("ending", sorted(set(REPORT_ENDINGS) - {".pdf"}))
def test_a_report_in_every_form(ending: str, results: tuple[SiteResult, ...], tmp_path: Path) -> None:
    export_report(results, tmp_path / f"a{ending}")
    export_report(results, tmp_path / f"b{ending}")
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.parametrize(
    ("name", "layer", "why"),
    [
        ("s.docx", None, "plan check --format json"),
        ("s.csv", None, "--layer"),
        ("s.shp", None, ".zip"),
        ("s.doc", None, ".gpkg"),
        ("s", None, ".gpkg"),
        ("s.gpkg", "nothing", "nothing"),
    ],
)
def test_what_cannot_be_is_told(
    name: str, layer: str | None, why: str, site: plan.Site, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=why):
        export_site(site, tmp_path / name, layer=layer)
    assert list(tmp_path.iterdir()) == []


def test_a_report_has_no_layers(results: tuple[SiteResult, ...], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"result\.gpkg"):
        export_report(results, tmp_path / "s.dxf")


def test_all_results_are_read_back(results: tuple[SiteResult, ...], tmp_path: Path) -> None:
    write(
        (*results, SiteResult(name="坏", pack=results[0].pack, on=results[0].on, error="读不了")),
        tmp_path / "r.json",
    )
    read = read_results(tmp_path / "r.json")
    assert is_report(tmp_path / "r.json")
    assert [one.outcome for one in read] == [results[0].outcome, "error"]
    assert [f.rule for f in read[0].report.findings] == [f.rule for f in results[0].report.findings]  # type: ignore[union-attr]


def test_every_ending_is_named_in_the_help(root: Path) -> None:
    text = (root / "plan" / "texts" / "cli.toml").read_text(encoding="utf-8")
    said = text[text.index("[help_export]") :].split("[help_export_source]")[0]
    for ending in {*SITE_ENDINGS, *REPORT_ENDINGS} - {".json"}:
        assert said.count(ending) >= 2, ending
