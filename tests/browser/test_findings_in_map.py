"""What a reader finds in the map: findings, what they are about, and what is searched for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from named_maps import CRS, ORDINARY, frame, hostile_map, judged_map, square

from plan.maps import hearing_map
from plan.site import Site

pytestmark = pytest.mark.browser


# Where the middle of a room stands in the window.
POINT = """id => {
  const rooms = planMap.data.layers.find((l) => l.kind === 'rooms');
  const p = rooms.paths[rooms.ids.indexOf(id)].find((q) => q.getLatLng);
  const at = planMap.map.latLngToContainerPoint(p.getLatLng());
  const map = document.querySelector('.folium-map').getBoundingClientRect();
  return [map.x + at.x, map.y + at.y];
}"""


def test_clicking_a_finding_shows_the_clause_and_goes_there(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    hostile_map(ORDINARY).save(path)
    page = open_map(path).page
    page.evaluate("planMap.map.setZoom(15, { animate: false })")
    first = page.locator("details.finding").first
    first.locator("summary").first.click()
    assert first.locator(".badge.not_met").inner_text() == "×"
    first.locator(".clause summary").click()
    assert ORDINARY[6] in first.locator("blockquote").inner_text()
    assert page.evaluate("planMap.map.getZoom()") > 17


def test_a_search_finds_a_building_and_opens_it(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    hostile_map(ORDINARY).save(path)
    page = open_map(path).page
    page.fill(".find input", "12号")
    page.keyboard.press("Enter")
    assert "12号楼" in page.locator(".leaflet-popup-content").inner_text()


def test_a_click_on_a_room_opens_the_room(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    judged_map().save(path)
    page = open_map(path).page
    page.mouse.click(*page.evaluate(POINT, "R1"))
    pop = page.locator(".leaflet-popup-content")
    assert ORDINARY[1] in pop.locator("h3").inner_text()
    said = pop.inner_text()
    assert "80 平方米" in said
    assert "社区工作经费" not in said
    # A figure of this room alone is told; one of three rooms together is not this room's.
    assert "3.2" in said
    assert "用房总面积" in said
    assert "654" not in said


def test_a_popup_leads_to_a_finding_about_several_things(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    judged_map().save(path)
    page = open_map(path).page
    page.mouse.click(*page.evaluate(POINT, "R1"))
    page.click(".leaflet-popup-content button.see")
    chosen = page.locator("details.finding[open]")
    assert chosen.count() == 1
    assert "654 平方米" in chosen.inner_text()
    assert page.locator(".leaflet-popup-content").count() == 0


def test_what_does_not_decide_is_outlined_only_when_it_is_chosen(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    judged_map().save(path)
    page = open_map(path).page
    lines = """() => { let n = 0; planMap.map.eachLayer((l) => {
      if (l instanceof L.Path && !l.getRadius && ['#F0E442', '#D55E00'].includes(l.options.color)) n++;
    }); return n; }"""
    assert page.evaluate(lines) == 0
    page.locator("details.finding summary", has_text="社区工作经费").first.click()
    assert page.evaluate(lines) == 1


def test_a_search_finds_a_finding_and_opens_it(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    judged_map().save(path)
    for width in (1920, 390):
        page = open_map(path, width=width).page
        if width == 390:
            page.click("#plan-toggle")
        page.fill(".find input", "消防")
        assert page.locator(".found button").count() == 1
        page.keyboard.press("Enter")
        chosen = page.locator("details.finding[open]")
        assert "消防车道净宽度" in chosen.inner_text()
        assert chosen.is_visible()


@pytest.mark.parametrize("count", [40, 2200], ids=["few", "thousands"])
def test_a_search_finds_a_stall_by_its_number(count: int, tmp_path: Path, open_map: Any) -> None:
    stalls = [
        {
            "stall_id": f"T{i:04d}",
            "state": "existing",
            "geometry": square(3 * (i % 40), 7 * (i // 40), 2.4, 5.3),
        }
        for i in range(count)
    ]
    path = tmp_path / "m.html"
    hearing_map(Site(name="样本", layers={"stalls": frame(stalls)}, crs=CRS)).save(path)
    page = open_map(path).page
    page.fill(".find input", "t")
    assert page.locator(".found button").count() == 0  # one letter is everybody's
    page.fill(".find input", "t003")
    assert page.locator(".found button").count() == 8
    page.fill(".find input", "t0031")
    assert page.locator(".found button").all_inner_texts() == ["T0031\n停车位"]
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert "T0031" in page.locator(".leaflet-popup-content").inner_text()


def test_the_outcome_is_the_first_thing_in_the_panel(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    hostile_map(ORDINARY).save(path)
    page = open_map(path).page
    first = page.locator("#plan-panel > *").first
    assert first.inner_text().split() == ["×", "必须执行的规则：1", "条不符合，1", "条无法判定"]
    titles = page.locator(".finding .title").first
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    assert first.evaluate(size) > 1.2 * titles.evaluate(size)
    chips = page.locator(".counts .chips")
    assert chips.count() == 1
    chips.locator(".chip-status.met").click()
    assert page.locator("details.finding.met").is_hidden()
    assert page.locator("details.finding.not_met").is_visible()
