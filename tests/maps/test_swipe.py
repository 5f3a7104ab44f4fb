from __future__ import annotations

from typing import Any

import geopandas as gpd
import pyproj
from shapely.geometry import Point, box

from plan.maps import hearing_map
from plan.maps.compact import runs
from plan.site import Site

CRS = pyproj.CRS("EPSG:4547")
X, Y = 500_000.0, 3_300_000.0


def frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def stall(name: str, x: float, state: str = "existing") -> dict[str, Any]:
    return {"stall_id": name, "state": state, "geometry": box(X + x, Y, X + x + 2.4, Y + 5.3)}


def site(stalls: list[dict[str, Any]], **more: gpd.GeoDataFrame) -> Site:
    house = {"building_id": "B1", "floors": 6, "geometry": box(X, Y + 20, X + 40, Y + 32)}
    return Site(name="样本", layers={"buildings": frame([house]), "stalls": frame(stalls), **more}, crs=CRS)


def layers(page: Any) -> dict[str, Any]:
    return {layer["id"]: layer for layer in page["layers"]}


def test_what_goes_stays_and_comes_is_told_apart() -> None:
    shed = frame([{"obstacle_id": "X1", "kind": "shed", "geometry": Point(X, Y)}])
    was = site([stall("S1", 0), stall("S2", 3), stall("S3", 6)], obstacles=shed)
    # S1 stays, S2 is moved, S3 goes, S4 comes; the shed goes, and with it its layer.
    now = site([stall("S1", 0), stall("S2", 4), stall("S4", 9, "proposed")])
    page = layers(hearing_map(now, before=was).page)
    assert page["before-stalls"]["ids"] == ["S2", "S3"]
    assert (page["before-stalls"]["before"], page["before-stalls"]["on"]) == ("stalls", False)
    assert page["before-stalls"]["title"] == "现状 · 停车位"
    assert page["stalls"]["ids"] == ["S1", "S2", "S4"]
    assert page["stalls"]["after"] == [1, 2]
    assert page["before-obstacles"]["before"] == "obstacles"
    assert "obstacles" not in page
    assert "after" not in page["buildings"]
    order = list(page)
    assert order.index("before-stalls") == order.index("stalls") - 1


def test_a_change_of_class_is_a_change() -> None:
    was, now = site([stall("S1", 0)]), site([stall("S1", 0, "proposed")])
    page = layers(hearing_map(now, before=was).page)
    assert page["before-stalls"]["ids"] == ["S1"]
    assert page["stalls"]["after"] == [0, 1]


def test_what_is_computed_from_the_proposal_is_the_proposals() -> None:
    lot = site([stall("S1", 0)])
    bands = frame([{"minutes": m, "geometry": Point(X, Y).buffer(20 * m)} for m in (5.0, 10.0)])
    page = layers(hearing_map(lot, before=lot, isochrones=bands).page)
    assert page["isochrones"]["after"] == [0, 2]
    assert [name for name in page if name.startswith("before-")] == []


def test_without_an_estate_as_it_is_nothing_is_marked() -> None:
    page = hearing_map(site([stall("S1", 0)])).page
    assert not [layer for layer in page["layers"] if "after" in layer or "before" in layer]


def test_runs() -> None:
    assert runs([]) == []
    assert runs([0, 1, 5, 7, 8]) == [0, 2, 5, 1, 7, 2]
