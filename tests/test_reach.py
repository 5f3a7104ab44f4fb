"""What `plan reach` says of a site: completeness, what is missing, blind spots, how sure it is."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from shapely import LineString, Point

from plan.households import estimate_households
from plan.reach import Reach, reach_site, target_shares
from plan.readers import read_site
from plan.rules import load_pack
from plan.site import Site
from plan.summaries import (
    blind_table,
    completeness_table,
    groups_table,
    missing_table,
    reach_details,
    reach_table,
    robustness_table,
)

SAMPLES = Path(__file__).resolve().parents[1] / "sample_gis"


@cache
def reach(name: str = "old_estate") -> Reach:
    return reach_site(read_site(SAMPLES / f"{name}.gpkg"), load_pack("national"), target_share=0.9)


def test_json_holds_the_parts_and_is_json() -> None:
    found = json.loads(json.dumps(reach().to_dict("en"), allow_nan=False))
    assert {"groups", "completeness", "near_limit", "robustness", "blind_spots", "missing"} <= set(found)
    assert {row["group"]: row["total"] for row in found["groups"]}["households"] == found["households"]
    rows = {row["category"]: row for row in found["categories"]}
    for row in found["missing"]:
        assert row["households"] <= rows[row["category"]]["households"] - rows[row["category"]]["served"]
        assert row["candidate_id"] is None or (row["lon"] == pytest.approx(117.64, abs=0.1))
    near = {row["category"]: row["households"] for row in found["near_limit"]["categories"]}
    assert near == {r["category"]: r["near"] for r in found["robustness"]["categories"] if r["near"]}
    assert all(row["buildings"] for row in found["near_limit"]["categories"])
    assert found["completeness"]["weights"] == "equal"
    assert [tier["limit_min"] for tier in found["completeness"]["tiers"]] == [5, 10, 15, None]
    spots = [row for row in found["blind_spots"] if row["category"] == "market"]
    assert sum(row["households"] for row in spots) == rows["market"]["households"] - rows["market"]["served"]


def test_who_touches_only_a_piece_apart_is_told() -> None:
    """A footbridge that misses the street: the house beside it reaches nothing, and the reader is told why."""
    crs = "EPSG:4548"
    at = (500_000, 2_900_000)

    def line(*spots: tuple[float, float]) -> LineString:
        return LineString([(at[0] + x, at[1] + y) for x, y in spots])

    ways = gpd.GeoDataFrame(
        {"way_id": ["street-1", "street-2", "bridge"], "kind": ["street", "street", "steps"]},
        geometry=[line((0, 0), (300, 0)), line((300, 0), (600, 0)), line((150, 20), (150, 40))],
        crs=crs,
    )
    doors = gpd.GeoDataFrame(
        {"entrance_id": ["E1", "E2"], "building_id": ["B1", "B2"], "kind": ["stairwell", "stairwell"]},
        geometry=[Point(at[0] + 150, at[1] + 50), Point(at[0] + 400, at[1] + 50)],
        crs=crs,
    )
    houses = gpd.GeoDataFrame(
        {"building_id": ["B1", "B2"], "floors": [2, 2]},
        geometry=[door.buffer(5) for door in doors.geometry],
        crs=crs,
    )
    homes = gpd.GeoDataFrame(
        {"household_id": ["H1", "H2", "H3"], "building_id": ["B1", "B1", "B2"]}, geometry=[None] * 3, crs=crs
    )
    shops = gpd.GeoDataFrame(
        {"facility_id": ["F"], "category": ["market"]}, geometry=[Point(at[0] + 300, at[1] + 5)], crs=crs
    )
    site = Site(name="s", layers={}, crs=ways.crs)
    for name, frame in (
        ("buildings", houses), ("walkways", ways), ("entrances", doors), ("households", homes),
        ("facilities", shops),
    ):  # fmt: skip
        site = site.with_layer(name, frame)
    found = reach_site(site, load_pack("national"))
    (told,) = [note for note in found.notes if note.key == "reach.adrift"]
    assert told.params["count"] == 2
    assert told.params["ways"] == ("bridge",)
    joined = site.with_layer(
        "walkways", ways.assign(geometry=[*ways.geometry[:2], line((150, 0), (150, 40))])
    )
    after = reach_site(joined, load_pack("national"))
    assert not [note for note in after.notes if note.key == "reach.adrift"]
    assert after.times()["market"].notna().all()


def test_layers_are_read_again_with_their_types(tmp_path: Path) -> None:
    site = read_site(SAMPLES / "old_estate.gpkg")
    site.to_gpkg(tmp_path / "r.gpkg", extra=reach().layers())
    assert {"blind_spots", "best_sites", "near_limit"} <= {
        n for n, _ in pyogrio.list_layers(tmp_path / "r.gpkg")
    }
    spots = gpd.read_file(tmp_path / "r.gpkg", layer="blind_spots")
    assert spots["households"].sum() == reach().blind_spots["households"].sum()
    assert set(spots.geom_type) == {"Polygon"}
    best = gpd.read_file(tmp_path / "r.gpkg", layer="best_sites")
    assert set(best.geom_type.dropna()) == {"Point"}
    # Results are not taken for layers of the site.
    assert set(read_site(tmp_path / "r.gpkg").layers) == set(site.layers)


def test_tables_say_what_was_found_in_both_languages() -> None:
    found = reach()
    for table in (reach_table(found), completeness_table(found), missing_table(found), *reach_details(found)):
        assert all(len(row) == len(table.heads) for row in table.rows)
        assert all(max(table.numeric) < len(row) for row in table.rows)
        assert all(
            not getattr(head, "to", lambda _lang: "")("en").startswith("summaries.") for head in table.heads
        )
    tiers = completeness_table(found).rows
    assert tiers[-1][1:3] == (str(len(found.life.categories)), str(len(found.life.walk_min.columns)))
    assert len(missing_table(found, most=2).rows) == 2
    assert len(missing_table(found, most=2).notes) == len(missing_table(found).notes) + 1


def test_the_map_first_shows_a_spot_and_not_the_whole_estate() -> None:
    found = reach()
    chosen = found.blind_spot()
    assert chosen is not None
    share = found.life.categories.set_index("category").loc[chosen, "share"]
    assert 0.5 <= share < 1


def test_estimated_households_have_no_persons_and_say_so(sample_gis: Path) -> None:
    site = read_site(sample_gis / "new_estate.gpkg")
    bare = type(site)(
        name="bare", layers={n: site.layer(n) for n in site.layers if n != "households"}, crs=site.crs
    )
    found = reach_site(estimate_households(bare), load_pack("national"))
    assert found.life.groups["total"].tolist()[1:] == [None, None, None]
    (row, *_) = groups_table(found).rows
    assert row[2:5] == (None, None, None)
    assert {
        spot[group] for spot in found.blind_spots.to_dict("records") for group in ("persons", "elderly")
    } <= {None}
    assert blind_table(found).rows


def test_targets_come_from_rules_in_minutes(tmp_path: Path) -> None:
    assert target_shares(load_pack("national")) == {}  # its rules of reach are in metres
    (tmp_path / "mine.toml").write_text(
        """
[pack]
id = "mine"
version = "1.0.0"
title = { zh = "试", en = "test" }
[document.d]
title = "试"
[[rule]]
id = "A"
title = { zh = "甲", en = "a" }
kind = "reach"
strength = "must"
evidence = "practice"
document = "d"
params = { categories = ["clinic", "park"], within_min = 10, minimum_share = 0.8 }
[[rule]]
id = "B"
title = { zh = "乙", en = "b" }
kind = "life_circle"
strength = "must"
evidence = "practice"
document = "d"
params = { minutes = 15, categories = ["park"], minimum_share = 0.9 }
""",
        encoding="utf-8",
    )
    assert target_shares(load_pack(tmp_path / "mine.toml")) == {"clinic": 0.8, "park": 0.9}


def test_the_draws_are_the_same_each_time() -> None:
    site, pack = read_site(SAMPLES / "old_estate.gpkg"), load_pack("national")
    one = reach_site(site, pack, target_share=0.9).robustness
    assert one.equals(reach().robustness)
    assert not one.equals(reach_site(site, pack, target_share=0.9, seed=1).robustness)
    assert robustness_table(reach()).rows
