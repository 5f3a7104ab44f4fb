"""What a reader does with the page: compare, ask for minutes, and all of it by keyboard."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from named_maps import CRS, at, frame, square
from PIL import Image
from shapely.geometry import LineString

from plan.maps import hearing_map
from plan.site import Site

pytestmark = pytest.mark.browser


def estate(stalls: gpd.GeoDataFrame, **more: Any) -> Site:
    houses = [
        {"building_id": f"B{i}", "name": f"{i + 1}号楼", "floors": 6, "geometry": square(30 * i, 40, 24, 12)}
        for i in range(4)
    ]
    people = [{"household_id": f"H{i}", "building_id": f"B{i // 3}", "geometry": None} for i in range(12)]
    way = {"way_id": "W1", "kind": "street", "geometry": LineString([at(-10, -8), at(130, -8)])}
    gate = {"entrance_id": "G1", "kind": "gate", "name": "正门", "geometry": at(60, -8)}
    parcel = {"parcel_id": "P1", "geometry": square(-15, -15, 160, 500)}
    layers = {
        "parcels": frame([parcel]),
        "buildings": frame(houses),
        "households": frame(people),
        "walkways": frame([way]),
        "entrances": frame([gate]),
        "stalls": stalls,
    }
    return Site(name="样本", layers=layers, crs=CRS, **more)


def row_of_stalls(count: int, y: float, state: str, prefix: str) -> list[dict[str, Any]]:
    return [
        {
            "stall_id": f"{prefix}{i:04d}",
            "state": state,
            "geometry": square(3 * (i % 40), y + 7 * (i // 40), 2.4, 5.3),
        }
        for i in range(count)
    ]


def compared(count: int) -> Any:
    was = estate(frame(row_of_stalls(count, 60, "existing", "S")))
    kept = row_of_stalls(count, 60, "existing", "S")[: count // 2]
    now = estate(frame([*kept, *row_of_stalls(count // 2, 280, "proposed", "N")]))
    minutes = [2.0, 4.0, 4.00001, 9.0, 9.0, None, 3.0, 3.0, 3.0, 1.0, 1.0, 1.0]
    reach = pd.DataFrame(
        {"clinic": minutes}, index=pd.Index([f"H{i}" for i in range(12)], name="household_id")
    )
    return hearing_map(now, before=was, reach=reach.astype(float))


@pytest.fixture(params=[40, 2200], ids=["few", "thousands"])
def swiped(request: pytest.FixtureRequest, tmp_path: Path, open_map: Any) -> Any:
    path = tmp_path / "m.html"
    compared(request.param).save(path)
    return open_map(path, width=1200, height=800)


def picture(page: Any) -> Image.Image:
    page.wait_for_timeout(250)
    return Image.open(io.BytesIO(page.locator(".folium-map").screenshot())).convert("RGB")


def said(page: Any) -> str:
    return " ".join(page.locator(".leaflet-popup-content").all_inner_texts())


CLICK = """([layer, i]) => {
  const one = planMap.data.layers.find((l) => l.id === layer), q = planMap.map.latLngToContainerPoint(planMap.at(one, i));
  const box = planMap.mapNode.getBoundingClientRect();
  return [box.x + q.x, box.y + q.y];
}"""


def test_the_estate_as_it_is_stands_left_of_the_divider(swiped: Any) -> None:
    page = swiped.page
    divider, button = page.locator(".divider"), page.locator("button.compare")
    assert not divider.is_visible()
    page.evaluate("planMap.whole()")
    plain = picture(page)
    rows = "planMap.data.layers.find((l) => l.id === 'before-stalls').ids.length"
    gone = page.evaluate(CLICK, ["before-stalls", page.evaluate(rows) // 3])
    page.mouse.click(*gone)
    assert "现状 · 停车位" not in said(page)  # not there, without the comparison
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert divider.is_visible()
    page.keyboard.press("End")
    assert divider.get_attribute("aria-valuenow") == "100"
    left = picture(page)
    page.mouse.click(*gone)
    assert "现状 · 停车位" in said(page)
    page.keyboard.press("Escape")
    come = page.evaluate(CLICK, ["stalls", 0])  # N0000
    page.mouse.click(*come)
    assert "拟设车位" not in said(page)
    page.keyboard.press("Escape")
    divider.focus()
    page.keyboard.press("Home")
    right = picture(page)
    assert divider.get_attribute("aria-valuetext")
    # All of the proposal is what the map shows without a comparison; the estate as it is differs.
    button.click()
    page.evaluate("planMap.whole()")  # popups have moved the map
    page.mouse.move(1, 1)
    assert picture(page).tobytes() == plain.tobytes()
    assert left.tobytes() != right.tobytes()
    assert swiped.errors == []


def test_the_divider_is_dragged_and_stays_while_the_map_moves(swiped: Any) -> None:
    page = swiped.page
    page.locator("button.compare").click()
    box = page.locator(".divider .grip").bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 10 - 200, box["y"] + 10, steps=4)
    page.mouse.up()
    share = float(page.locator(".divider").get_attribute("aria-valuenow"))
    assert 20 < share < 35
    center = page.evaluate("planMap.map.getCenter().lng")
    page.evaluate("planMap.map.panBy([60, 0], { animate: false })")
    assert float(page.locator(".divider").get_attribute("aria-valuenow")) == share
    assert page.evaluate("planMap.map.getCenter().lng") != center
    moved = picture(page)
    page.evaluate("planMap.renderer._update()")
    assert picture(page).tobytes() == moved.tobytes()


def test_symbols_of_both_sides_stay_over_what_is_clipped(swiped: Any) -> None:
    page = swiped.page
    page.locator("button.compare").click()
    for key in ("Home", "End"):
        page.locator(".divider").focus()
        page.keyboard.press(key)
        x, y = page.evaluate(CLICK, ["entrances", 0])
        map_ = page.locator(".folium-map").bounding_box()
        left, top = round(x - map_["x"]) - 8, round(y - map_["y"]) - 8
        found = picture(page).crop((left, top, left + 16, top + 16)).convert("L")
        assert sum(found.histogram()[:60]) > 60  # the black of a gate


def test_the_slider_says_how_many_households_are_within_so_many_minutes(
    tmp_path: Path, open_map: Any
) -> None:
    path = tmp_path / "m.html"
    compared(40).save(path)
    page = open_map(path, width=1200, height=800).page
    assert not page.locator(".theme .slider").is_visible()
    page.locator(".theme select").first.select_option("0")
    slider, told = page.locator("#plan-minutes"), page.locator(".told")
    assert told.inner_text() == ""
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    said = told.inner_text()
    # 4.00001 is not within 4 minutes; the longest way decides about a building.
    assert said.startswith("4 分钟内")
    assert "8 户（共 12 户，66.67%）" in said
    assert "2 栋楼的全部住户可达（共 4 栋）" in said
    fills = "planMap.data.layers.find((l) => l.id === 'buildings').paths.map((ps) => ps[0].options.fillColor)"
    reached, missed, _ = page.evaluate("planMap.data.theme.reached")
    assert page.evaluate(fills) == [missed, missed, reached, reached]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(fills) == [reached, missed, reached, reached]
    page.locator("button.bands").click()
    assert told.inner_text() == ""
    assert page.evaluate("document.activeElement.id") == "plan-minutes"


def test_everything_is_reached_by_keyboard(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    compared(40).save(path)
    page = open_map(path, width=1200, height=800).page
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "(() => { const e = document.activeElement; return [e.id, e.className, e.getAttribute('role'), e.type].join('|'); })()"
            )
        )
    said = "\n".join(seen)
    for wanted in (
        "plan-toggle",
        "folium-map",
        "leaflet-control-zoom-in",
        "home",
        "compare",
        "search",
        "select-one",
        "checkbox",
    ):
        assert wanted in said, wanted
    nameless = page.evaluate(
        """[...document.querySelectorAll('button, input, select, [role=slider], [role=button], [tabindex="0"]')]
        .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.title || (e.labels && e.labels.length)))
        .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert nameless == []


def test_a_popup_takes_the_focus_and_gives_it_back(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    compared(40).save(path)
    page = open_map(path, width=1200, height=800).page
    page.fill(".find input", "2号楼")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "2号楼" in page.locator(".leaflet-popup-content").inner_text()
    inside = "document.querySelector('.leaflet-popup').contains(document.activeElement)"
    assert page.evaluate(inside)
    assert page.locator(".leaflet-popup").get_attribute("role") == "dialog"
    page.keyboard.press("Escape")
    assert page.locator(".leaflet-popup-content").count() == 0
    assert page.evaluate("document.activeElement.closest('.found') !== null")


def test_the_focus_is_seen(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    compared(40).save(path)
    page = open_map(path, width=1200, height=800).page
    for selector in ("#plan-toggle", "button.compare", ".find input", ".theme select", ".layer input"):
        page.locator(selector).first.focus()
        page.keyboard.press("Shift")  # by keyboard, not by pointer
        style = "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
        assert page.locator(selector).first.evaluate(style) == "solid3px", selector


def test_who_asks_for_less_motion_gets_none(tmp_path: Path, browser: Any) -> None:
    path = tmp_path / "m.html"
    compared(40).save(path)
    context = browser.new_context(
        offline=True, reduced_motion="reduce", viewport={"width": 1200, "height": 800}
    )
    page = context.new_page()
    page.goto(path.resolve().as_uri())
    page.wait_for_selector("html[data-ready=yes]")
    at_once = page.evaluate(
        "() => { const m = planMap.map, a = m.getCenter().lng; m.panBy([100, 0]); const b = m.getCenter().lng; return [a !== b, m._zoomAnimated, !!(m._panAnim && m._panAnim._inProgress)]; }"
    )
    context.close()
    assert at_once == [True, False, False]
