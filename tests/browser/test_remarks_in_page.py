"""Residents write remarks in the page, save them, and they come back as a layer; and the page in two languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import typed

import plan
from plan.maps import hearing_map
from plan.messages import Message

pytestmark = pytest.mark.browser

CANARY = "</script><img src=x onerror=alert(1)>{{7*7}}${alert(1)} =1+1 路灯坏了\n第二行"
# The middle of a building in the window.
MIDDLE = """id => {
  const layer = planMap.data.layers.find((l) => l.id === 'buildings');
  const at = planMap.map.latLngToContainerPoint(layer.paths[layer.ids.indexOf(id)][0].getBounds().getCenter());
  const map = document.querySelector('.folium-map').getBoundingClientRect();
  return [map.x + at.x, map.y + at.y];
}"""


@pytest.fixture(scope="module")
def site(sample_gis: Path) -> plan.Site:
    return plan.read_site(sample_gis / "old_estate.gpkg")


def remark(page: Any, building: str, text: str, kind: str = "lighting", date: str = "") -> None:
    page.click("#plan-tools .remark")
    page.mouse.click(*page.evaluate(MIDDLE, building))
    page.select_option(".remark-form select", kind)
    page.fill(".remark-form textarea", text)
    page.fill(".remark-form input", date)
    page.click(".remark-form button.main")


@pytest.mark.parametrize("window", [(1920, 1080), (390, 844)])
def test_a_remark_goes_from_the_page_into_the_site_and_back_onto_a_map(
    sample_gis: Path, site: plan.Site, tmp_path: Path, open_map: Any, window: tuple[int, int]
) -> None:
    path = tmp_path / "m.html"
    width, height = window
    hearing_map(site).save(path)
    seen = open_map(path, width=width, height=height)
    page = seen.page
    if width < 760:  # a thumb's width around each building
        page.evaluate(
            """id => { const l = planMap.data.layers.find((x) => x.id === 'buildings');
            planMap.map.setView(l.paths[l.ids.indexOf(id)][0].getBounds().getCenter(), 18, { animate: false }); }""",
            "B14",
        )
    remark(page, "B14", CANARY, date="2026-11-22")
    remark(page, "B14", "写错了")
    page.evaluate("planMap.toggle(true)")
    items = page.locator(".remark-item")
    assert items.count() == 2
    items.nth(1).locator("button").last.click()  # deleted
    assert items.count() == 1
    items.first.locator("button").first.click()  # changed
    page.select_option(".remark-form select", "safety")
    page.click(".remark-form button.main")
    page.evaluate("planMap.toggle(true)")
    with page.expect_download() as saving:
        page.click(".remarks button.main")
    saved = tmp_path / "remarks.json"
    saving.value.save_as(saved)
    document = json.loads(saved.read_text(encoding="utf-8"))
    assert document["schema"] == "plan.remarks/1"
    assert document["site"]["sha256"] == [site.inputs[0].sha256]
    assert document["map"] == page.title()
    (one,) = document["remarks"]
    assert (one["text"], one["kind"], one["date"], one["building_id"]) == (
        CANARY,
        "safety",
        "2026-11-22",
        "B14",
    )
    out = tmp_path / "out.gpkg"
    done = typed("import", sample_gis / "old_estate.gpkg", saved, "-o", out)
    assert done.returncode == 0, done.stderr
    back = plan.read_site(out)
    row = back.layer("remarks").iloc[-1]
    assert (row["text"], row["kind"], row["building_id"]) == (CANARY, "safety", "B14")
    home = back.layer("buildings").set_index("building_id").geometry["B14"]
    assert home.buffer(0.5).contains(row.geometry)
    again = tmp_path / "again.html"
    hearing_map(back).save(again)
    other = open_map(again)
    other.page.evaluate(
        """id => { const l = planMap.data.layers.find((x) => x.id === 'remarks'), i = l.ids.indexOf(id);
        planMap.open(l, i, l.paths[i][0].getLatLng()); }""",
        row["remark_id"],
    )
    said = " ".join(other.page.locator(".leaflet-popup-content").inner_text().split())
    assert " ".join(CANARY.split()) in said
    for one_page in (seen, other):
        assert one_page.dialogs == []
        assert one_page.errors == []
        assert [u for u in one_page.requests if not u.startswith(("data:", "blob:", "file:"))] == []


def test_remarks_are_there_after_the_page_is_opened_again(
    site: plan.Site, tmp_path: Path, browser: Any
) -> None:
    path = tmp_path / "m.html"
    hearing_map(site).save(path)
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, offline=True)
    for expected in (0, 1):
        page = context.new_page()
        page.goto(path.resolve().as_uri())
        page.wait_for_selector("html[data-ready=yes]", timeout=60_000)
        assert page.locator(".remark-item").count() == expected
        if not expected:
            remark(page, "B14", "留下")
        page.close()
    context.close()


def test_where_nothing_can_be_kept_remarks_stay_in_the_page(
    site: plan.Site, tmp_path: Path, open_map: Any
) -> None:
    path = tmp_path / "m.html"
    frame = hearing_map(site)._repr_html_()  # a frame without an origin: its storage is refused
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8><body>{frame}</body>", encoding="utf-8")
    seen = open_map(path, ready="iframe")
    inner = seen.page.frames[1]
    inner.wait_for_selector("html[data-ready=yes]", timeout=60_000)
    inner.evaluate(
        "planMap.write({ kind: 'noise', text: '', date: '', point: [117.6, 26.2], building_id: null }, -1)"
    )
    inner.fill("textarea", "太吵")
    inner.click(".remark-form button.main")
    assert inner.locator(".remark-item").count() == 1
    assert seen.errors == []


def test_one_button_changes_every_word_and_nothing_else(
    site: plan.Site, tmp_path: Path, open_map: Any
) -> None:
    report = plan.check(site, plan.load_pack("sanming"))
    drawn = hearing_map(site, report, made_by="三明市规划院")
    path = tmp_path / "m.html"
    drawn.save(path)
    seen = open_map(path)
    page = seen.page
    page.evaluate("() => { planMap.map.setView(planMap.map.getCenter(), 18.5, { animate: false }); }")
    page.locator("details.finding").nth(2).locator("summary").first.click()
    page.locator(".layer .head", has_text=str(Message("maps.layer.barriers"))).locator("input").uncheck()
    page.evaluate(
        "() => { const l = planMap.data.layers.find((x) => x.id === 'buildings'); planMap.open(l, 3, l.paths[3][0].getBounds().getCenter()); }"
    )
    state = """() => ({ zoom: planMap.map.getZoom(), centre: planMap.map.getCenter(),
      shown: planMap.data.layers.map((l) => planMap.map.hasLayer(l.group)), panel: document.body.className,
      folds: [...document.querySelectorAll('details.finding')].map((d) => d.open), title: document.querySelector('.pop h3').innerText,
      ids: planMap.data.layers.map((l) => l.ids), quotes: planMap.data.clauses.map((c) => c.quote) })"""
    page.wait_for_timeout(600)  # the map moves until the popup is within the window
    before = page.evaluate(state)
    drawing = page.locator(".folium-map canvas").first.evaluate("c => c.toDataURL().length")
    page.click("#plan-tools .language")
    page.wait_for_selector("html[data-ready=yes]")
    after = page.evaluate(state)
    assert after["zoom"] == before["zoom"]
    assert abs(after["centre"]["lat"] - before["centre"]["lat"]) < 1e-5
    for same in ("shown", "panel", "folds", "title", "ids", "quotes"):
        assert after[same] == before[same], same
    english = page.evaluate("document.body.innerText")
    for key in ("ui.findings", "ui.layers", "meta.review_number", "layer.buildings", "ui.remark"):
        assert Message(f"maps.{key}").to("en") in english
        assert Message(f"maps.{key}").to("zh") not in english.replace("社区", "")
    assert "三明市规划院" in english
    assert page.evaluate("document.documentElement.lang") == "en"
    # Both ways: the first page again, word for word; and what is clicked then is clicked once.
    first = hearing_map(site, report, made_by="三明市规划院", lang="en").page
    assert page.evaluate("planMap.data.layers.map((l) => [l.title, l.names, l.cols])") == [
        [layer["title"], layer["names"], layer["cols"]] for layer in first["layers"]
    ]
    page.click("#plan-tools .language")
    page.wait_for_selector("html[data-ready=yes]")
    assert page.evaluate(state) == {**before, "centre": page.evaluate("planMap.map.getCenter()")}
    page.click("#plan-toggle")
    assert "panel-open" not in page.evaluate("document.body.className")
    assert seen.errors == []
    assert drawing > 1000
    assert drawn.missing_characters == ()


def test_the_font_holds_the_words_of_both_languages(site: plan.Site) -> None:
    small = hearing_map(site)
    texts = json.dumps(small.page["other"], ensure_ascii=False)
    assert "Residents' remarks" in texts
    assert small.page["other"]["lang"] == "en"
    assert hearing_map(site, lang="en").page["other"]["lang"] == "zh"
