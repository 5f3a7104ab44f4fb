"""Fire access on the map: lanes by whether an engine gets there, pinches with their cure."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import pyproj
import pytest
from shapely import LineString, box

from plan.findings import Clause
from plan.fire_access import fire_access
from plan.maps import hearing_map
from plan.site import Site

CRS = "EPSG:4547"
X, Y = 500_000.0, 3_300_000.0
EVIL = "</script><script>alert(1)</script>{{ 7*7 }}"


def frame(**row: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame([row], geometry="geometry", crs=CRS)


def site(name: str = "X1", *, removable: bool = True) -> Site:
    """A lane of 4 m from a street; a shed that leaves 3 m of it; a house beside its end."""
    layers = {
        "parcels": frame(parcel_id="P1", geometry=box(X, Y, X + 100, Y + 100)),
        "entrances": frame(entrance_id="G1", kind="gate", geometry=LineString([(X + 50, Y), (X + 50, Y + 1)]).centroid),
        "walkways": frame(way_id="W1", kind="street", width_m=8.0, geometry=LineString([(X, Y - 10), (X + 100, Y - 10)])),
        "fire_lanes": frame(lane_id="F1", width_m=4.0, geometry=LineString([(X + 50, Y - 10), (X + 50, Y + 60)])),
        "buildings": frame(building_id="B1", floors=6, geometry=box(X + 58, Y + 46, X + 70, Y + 58)),
        "obstacles": frame(obstacle_id=name, kind="shed", removable=removable, cost_cny=6000.0, geometry=box(X + 51, Y + 20, X + 54, Y + 23)),
    }  # fmt: skip
    return Site(name="样本", layers=layers, crs=pyproj.CRS(CRS))


def layer(page: Any, name: str) -> dict[str, Any]:
    return next(one for one in page["layers"] if one["id"] == name)


def cells(drawn: dict[str, Any]) -> dict[str, Any]:
    return {column["l"]: column["u"][column["v"][0]] for column in drawn["cols"] if column["v"][0] >= 0}


def test_a_pinch_shows_its_width_what_it_lies_between_and_its_cure() -> None:
    where = site()
    page = hearing_map(where, fire_access=fire_access(where)).page
    pinch = layer(page, "fire-access-pinches")
    assert pinch["names"] == ["净宽 3 米"]
    assert pinch["labels"] == ["3 米"]
    assert [c["id"] for c in pinch["classes"]] == ["curable"]
    shown = cells(pinch)
    assert shown["位于"] == "F1 X1 与车道边线之间"
    assert "X1" in shown["整治办法"]
    assert shown["受影响建筑"] == "B1"


def test_lanes_are_told_apart_by_colour_and_rim() -> None:
    where = site()
    page = hearing_map(where, fire_access=fire_access(where)).page
    lanes = layer(page, "fire-access-lanes")
    assert [c["id"] for c in lanes["classes"]] == ["too_narrow", "reachable"]
    narrow, wide = (c["style"] for c in lanes["classes"])
    assert "d" in narrow
    assert "d" not in wide
    order = [one["id"] for one in page["layers"]]
    assert order.index("fire-access-lanes") < order.index("buildings") < order.index("fire-access-pinches")


def test_nothing_removable_is_another_class() -> None:
    where = site(removable=False)
    found = fire_access(where, widen_m=0.5)
    pinch = layer(hearing_map(where, fire_access=found).page, "fire-access-pinches")
    assert [c["id"] for c in pinch["classes"]] == ["for_good"]


def test_the_clause_stands_in_the_legend() -> None:
    where = site()
    clause = Clause(document="D", number="N", article="7.1.8(1)", quote="净宽度不应小于4.0m", effective=None)
    page = hearing_map(where, fire_access=fire_access(where), clauses={"pinches": clause}).page
    (number,) = layer(page, "fire-access-pinches")["classes"][0]["clauses"]
    assert page["clauses"][number]["article"] == "7.1.8(1)"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_from_data_are_never_markup(lang: str) -> None:
    where = site(EVIL)
    text = hearing_map(where, fire_access=fire_access(where), lang=lang).to_html()
    assert "<script>alert(1)" not in text
    block = text.split('id="plan-data">')[1].split("</script>")[0]
    assert json.loads(block)["layers"]


def test_without_an_answer_there_is_no_layer() -> None:
    assert not [
        one for one in hearing_map(site()).page["layers"] if one["kind"] in {"fire_access", "pinches"}
    ]
