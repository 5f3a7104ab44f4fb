"""Bad inputs of the field: each ends in a clear error or a recorded repair; never a traceback, a hang or silence.

The manifest beside the cases says what a good tool would say. Where this reader does something else, the
table below says what and why; nothing is skipped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from plan.errors import InputError
from plan.messages import translate
from plan.readers import inspect_sources, read_site

CASES = (
    "001_shp_no_prj", "003_degrees_tagged_4548", "005_gk_north_east_swapped", "007_gcj02_as_wgs84",
    "009_web_mercator_area", "011_mixed_crs_layers", "013_geojson_metres_no_crs", "015_engineering_local_crs",
    "017_area_text_units", "019_gbk_shp_no_cpg", "021_shp_truncated_field_names", "023_utf16_csv", "025_bowtie",
    "027_ring_not_closed", "029_hole_outside_shell", "031_parcels_overlap", "033_null_geometry", "035_no_features",
    "037_z_nan", "039_curve_polygon_gpkg", "041_nan_coords", "043_mixed_types", "045_zero_area", "047_duplicate_ids",
    "049_leading_zero_ids", "051_floors_text", "053_missing_column", "055_duplicate_columns", "057_room_outside_estate",
    "059_room_dangling_fk", "061_walk_network_near_miss", "063_gpkg_truncated", "065_gpkg_corrupt_page",
    "067_gpkg_wal_leftover", "069_shp_missing_shx", "071_geojson_truncated", "073_geojson_deep_nesting",
    "075_geojson_duplicate_keys", "077_zip_slip", "079_zip_two_layers", "081_kml_xxe", "083_gpx_xxe",
    "085_osm_billion_laughs", "087_vrt_ssrf", "089_gpkg_evil_view", "091_layer_name_path", "093_js_template_injection",
    "095_xlsx_formula", "097_control_chars_bidi", "099_rulepack_alias_bomb",
)  # fmt: skip
EFFECT = {"reject": "refused", "degrade": "degraded", "repair": "repaired", "warn": "noted"}


@dataclass(frozen=True, kw_only=True)
class Otherwise:
    """What this reader does where the manifest says something else, or needs to be told something."""

    why: str
    rule: str | None = ""  # "" as in the manifest; None for no problem at all
    effect: str = ""
    severity: str = ""
    mapping: tuple[str, ...] = field(default=())


OTHERWISE = {
    "015_engineering_local_crs": Otherwise(
        why="a Site is always in a projected system: without one nothing can be laid over anything",
        effect="refused",
    ),
    "031_parcels_overlap": Otherwise(
        why="nothing in layer p says that it holds parcels", mapping=("p=parcels",)
    ),
    "053_missing_column": Otherwise(
        why="households are a layer of their own; buildings have no such column to miss", rule=None
    ),
    "061_walk_network_near_miss": Otherwise(
        why="ends that miss each other are the business of plan.network, which joins them", rule=None,
        mapping=("w=walkways",),
    ),
    "079_zip_two_layers": Otherwise(
        why="which of two data sets holds is not guessed, so neither is used", effect="refused", severity="error"
    ),
    "095_xlsx_formula": Otherwise(
        why="a value that nobody knows is missing, and what depends on it cannot be told",
        effect="degraded", severity="error",
    ),
    "099_rulepack_alias_bomb": Otherwise(
        why="a rule pack is no drawing, and packs are TOML", rule="PLAN-FILE-008", effect="refused", severity="error"
    ),
}  # fmt: skip


@pytest.fixture
def folder(shared):
    return shared / "bad_inputs"


@pytest.fixture
def manifest(folder):
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in entries}


def source_of(folder: Path, entry: dict[str, str]) -> Path:
    # The shift shows only when the estate is there too.
    return folder / entry["id"] if entry["id"].startswith("007") else folder / entry["entry"]


def all_problems(source, mapping):
    """Read it both ways; the problems must be the same and no other error may come."""
    seen = inspect_sources(source, mapping=mapping or None).problems
    if any(p.effect == "refused" for p in seen):
        with pytest.raises(InputError) as caught:
            read_site(source, mapping=mapping or None)
        assert caught.value.problems == seen
        assert caught.value.message.to("en")
    else:
        assert read_site(source, mapping=mapping or None).problems == seen
    return seen


def test_every_case_of_the_manifest_is_here(manifest):
    assert tuple(sorted(manifest)) == CASES


@pytest.mark.real
@pytest.mark.parametrize("case", CASES)
def test_is_told(case, folder, manifest):
    entry = manifest[case]
    expected = OTHERWISE.get(case, Otherwise(why=""))
    problems = all_problems(source_of(folder, entry), expected.mapping)
    if expected.rule is None:
        assert not [p for p in problems if p.severity == "error"]
        return
    told = [p for p in problems if p.id == (expected.rule or entry["rule"])]
    assert told, [p.id for p in problems]
    assert {p.severity for p in told} == {expected.severity or entry["severity"]}
    assert {p.effect for p in told} == {expected.effect or EFFECT[entry["accept"]]}
    for problem in problems:
        assert problem.path
        for text in (problem.message, problem.cure):
            assert translate(text, "zh") != translate(text, "en") != ""


def test_areas_with_units_are_named_by_row(folder):
    problem = next(
        p for p in all_problems(folder / "017_area_text_units/rooms.csv", ()) if p.id == "PLAN-UNIT-002"
    )
    # 650㎡, 0.065公顷, 0.975亩 and 1,000.5 mean one number each; 约300 does not.
    assert problem.rows == (5,)
    assert problem.column == "area_m2"
    read = next(
        p for p in all_problems(folder / "017_area_text_units/rooms.csv", ()) if p.id == "PLAN-UNIT-003"
    )
    assert read.rows == (1, 2, 3, 4)
    assert "0.065公顷 → 650" in read.message


def test_gbk_names_are_read(folder):
    site = read_site(folder / "019_gbk_shp_no_cpg/b.shp")
    assert site.layer("buildings")["name"].iloc[0] == "1号楼"


def test_reprojected_layers_lie_together(folder):
    site = read_site(folder / "011_mixed_crs_layers/e.gpkg")
    assert site.crs.to_epsg() == 4548
    parcel = site.layer("parcels").geometry.iloc[0]
    assert site.layer("buildings").within(parcel.buffer(0.1)).all()


def test_curves_keep_their_area(folder, manifest):
    site = read_site(folder / "039_curve_polygon_gpkg/b.gpkg")
    true = manifest["039_curve_polygon_gpkg"]["true_area"]
    assert site.layer("buildings").area.iloc[0] == pytest.approx(true, rel=1e-3)


@pytest.mark.parametrize("case", ["081_kml_xxe/b.kml", "083_gpx_xxe/b.gpx", "087_vrt_ssrf/b.geojson"])
def test_nothing_leaks(case, folder):
    text = json.dumps(inspect_sources(folder / case).to_dict("en"))
    assert "TOPSECRET" not in text
    assert "http://" not in text


def test_control_characters_are_shown_escaped(folder):
    text = json.dumps(
        inspect_sources(folder / "097_control_chars_bidi/b.geojson").to_dict("zh"), ensure_ascii=False
    )
    assert "\x1b" not in text
    assert "\\u001b" not in text
    assert "\u202e" not in text
    assert "<U+202E>" in text


def test_the_cases_are_left_as_they_are(folder):
    before = sorted(p.name for p in (folder / "067_gpkg_wal_leftover").iterdir())
    inspect_sources(folder / "067_gpkg_wal_leftover/b.gpkg")
    assert sorted(p.name for p in (folder / "067_gpkg_wal_leftover").iterdir()) == before
