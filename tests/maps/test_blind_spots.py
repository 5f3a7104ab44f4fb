from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import pyproj
from shapely.geometry import Point, box

from plan.maps import hearing_map
from plan.site import Site

CRS = pyproj.CRS("EPSG:4547")
X, Y = 500_000.0, 3_300_000.0
EVIL = "</script><script>alert(1)</script>{{ 7*7 }}"


def frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def site(**more: Any) -> Site:
    house = {"building_id": "B1", "floors": 6, "geometry": box(X, Y, X + 40, Y + 12)}
    return Site(name="样本", layers={"buildings": frame([house])}, crs=CRS, **more)


def spot(category: str | None, number: int = 1, **more: Any) -> dict[str, Any]:
    name = category or "any-5"
    ground = box(X - 15, Y - 15, X + 55, Y + 27)
    people = {"households": 12, "persons": 30, "elderly": None, "children": None}
    return {
        "spot_id": f"{name}-{number}", "category": category, "limit_min": 5.0, "buildings": 1, **people,
        "geometry": ground, **more,
    }  # fmt: skip


def place(category: str, name: str | None = "广场", kind: str = "open_space") -> dict[str, Any]:
    return {
        "category": category, "limit_min": 5.0, "facilities": 0, "rank": 1, "candidate_id": "S1", "kind": kind,
        "name": name, "households": 12, "share_before": 0.25, "share_after": 1.0, "geometry": Point(X + 5, Y),
    }  # fmt: skip


SPOTS = frame([spot("clinic"), spot("clinic", 2, households=3, geometry=None), spot("park"), spot(None)])
PLACES = frame([place("clinic")])


def layer(page: Any, name: str) -> dict[str, Any]:
    return next(one for one in page["layers"] if one["id"] == name)


def cells(drawn: dict[str, Any]) -> dict[str, Any]:
    return {column["l"]: column["u"][column["v"][0]] for column in drawn["cols"] if column["v"][0] >= 0}


def test_one_category_shows_and_its_best_place_with_it() -> None:
    page = hearing_map(site(), blind_spots=SPOTS, best_sites=PLACES, blind_spot="clinic").page
    on = {one["id"]: one["on"] for one in page["layers"] if "pick" in one}
    assert on == {"blind-clinic": True, "blind-park": False, "blind-any-5": False, "best-clinic": True}
    assert page["picks"]["shown"] == "clinic"
    assert [key for key, _ in page["picks"]["options"]] == ["clinic", "park", "any-5"]
    # Ground lies under the houses, the best place over them.
    order = [one["id"] for one in page["layers"]]
    assert order.index("blind-clinic") < order.index("buildings") < order.index("best-clinic")


def test_none_shows_unless_one_is_chosen() -> None:
    page = hearing_map(site(), blind_spots=SPOTS).page
    assert [one["on"] for one in page["layers"] if "pick" in one] == [False] * 3
    assert page["picks"]["shown"] == ""
    assert "picks" not in hearing_map(site()).page


def test_a_click_tells_how_many_and_what_is_not_known_is_left_out() -> None:
    page = hearing_map(site(estimates=("households",)), blind_spots=SPOTS, best_sites=PLACES, lang="en").page
    drawn = layer(page, "blind-clinic")
    assert drawn["title"] == "community clinic (12 households)"
    assert drawn["est"]
    told = cells(drawn)
    assert list(told.values()) == ["within 5 min", "1", "12", "30"]
    best = cells(layer(page, "best-clinic"))
    assert list(best.values()) == ["12", "25.0% → 100.0%"]
    assert layer(page, "best-clinic")["names"] == ["open space 广场"]


def test_text_from_data_is_never_markup() -> None:
    evil = frame([place(EVIL, EVIL, kind=EVIL)])
    made = hearing_map(site(), blind_spots=frame([spot(EVIL)]), best_sites=evil, blind_spot=EVIL)
    text = made.to_html()
    assert "<script>alert(1)" not in text
    block = text.split('id="plan-data">')[1].split("</script>")[0]
    assert json.loads(block)["picks"]["options"]


def test_empty_frames_draw_nothing() -> None:
    assert "picks" not in hearing_map(site(), blind_spots=SPOTS.iloc[:0], best_sites=PLACES.iloc[:0]).page
