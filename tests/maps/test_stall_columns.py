"""Why a proposed stall is there, and what it replaces; three stalls in a row, counted by hand."""

from __future__ import annotations

import geopandas as gpd
import pyproj
from shapely.geometry import Point, box

from plan.maps.compose import drawings_of
from plan.maps.words import Words
from plan.site import Placement, Site

CRS = pyproj.CRS("EPSG:4547")
X, Y = 500_000.0, 3_300_000.0


def frame(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def told(lang: str) -> dict[str, list[str | None]]:
    stalls = frame(
        [
            {"stall_id": f"S{i}", "kind": "parallel", "state": state, "aisle_id": "A1",
             "geometry": box(X + 10 * i, Y, X + 10 * i + 6, Y + 2.5)}
            for i, state in enumerate(("existing", "proposed", "proposed"))
        ]
    )  # fmt: skip
    removed = frame(
        [
            {"id": "T1", "kind": "tree", "cost_cny": 2000.0, "geometry": Point(X + 12, Y + 1)},
            {"id": "G1", "kind": "green", "cost_cny": None, "geometry": box(X + 11, Y - 1, X + 13, Y + 1)},
            {"id": "G2", "kind": "green", "cost_cny": 5.0, "geometry": box(X + 26, Y, X + 30, Y + 2)},
        ]
    )
    placed = Placement(
        features=stalls,
        rejected=frame([{"space_id": "P", "name": "P", "area_m2": 1.0, "reason": "r", "geometry": None}]),
        measures={"removed": removed, "cost_per_added_cny": 1234.0},
    )
    site = Site(name="S", layers={"stalls": stalls}, crs=CRS)
    drawings = drawings_of(site, words=Words(lang=lang), placements={"stalls": placed}, isochrones=None)
    drawing = next(d for d in drawings if d.id == "stalls")
    assert drawing.ids == ["S0", "S1", "S2"]
    return {c["l"]: [None if i < 0 else c["u"][i] for i in c["v"]] for c in drawing.columns}


def test_a_stall_says_what_it_replaces_and_what_that_costs():
    zh = told("zh")
    assert zh["占用"] == [None, "树木 T1、绿地 G1", "不占树木、绿地和棚屋"]
    assert zh["让出费用（元）"] == [None, "2,000，另有 1 项未给单价", None]
    assert zh["全方案平均每增一位（元）"] == [None, "1,234", "1,234"]
    assert zh["为什么在这里"][0] is None
    assert "A1" in str(zh["为什么在这里"][1])


def test_it_says_so_in_english_too():
    assert told("en")["Replaces"] == [None, "tree T1, green G1", "no tree, green or shed"]
