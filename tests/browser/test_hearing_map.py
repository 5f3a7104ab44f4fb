"""The hearing map in a real Chromium: offline, drawn, legible, and deaf to what names say."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from canary import CANARIES
from fontTools.ttLib import TTFont
from named_maps import CRS, ORDINARY, hostile_map, judged_map, square
from PIL import Image

from plan.crs import to_wgs84
from plan.maps import hearing_map
from plan.maps.escape import plain
from plan.maps.fonts import FAMILY
from plan.messages import Message
from plan.site import Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
def test_a_map_opens_without_network_errors_or_blank_page(
    tmp_path: Path, open_map: Any, width: int, height: int
) -> None:
    path = tmp_path / "听证图.html"
    hostile_map(ORDINARY).save(path)
    seen = open_map(path, width=width, height=height)
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.resolve().as_uri()]
    assert seen.errors == []
    assert seen.dialogs == []
    picture = Image.open(io.BytesIO(seen.page.locator(".folium-map").screenshot()))
    colours = picture.convert("RGB").getcolors(maxcolors=1 << 24)
    assert len(colours) > 100
    assert max(count for count, _ in colours) < 0.9 * picture.width * picture.height
    # The title stands above the map, and nothing is wider than the window.
    title, shown = seen.page.locator("header").bounding_box(), seen.page.locator(".folium-map").bounding_box()
    assert title["y"] + title["height"] <= shown["y"] + 1
    assert shown["height"] > height / 2
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_panel_is_open_on_a_screen_and_folded_on_a_phone(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    hostile_map(ORDINARY).save(path)
    assert open_map(path, width=1920, height=1080).page.locator("#plan-panel").is_visible()
    phone = open_map(path, width=390, height=844).page
    assert not phone.locator("#plan-panel").is_visible()
    phone.click("#plan-toggle")
    assert phone.locator("#plan-panel").is_visible()
    assert phone.locator(".folium-map").bounding_box()["height"] > 200


def test_every_character_shown_is_in_the_embedded_font(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    made = hostile_map(ORDINARY)
    made.save(path)
    assert made.missing_characters == ()
    page = open_map(path).page
    encoded = made.to_html().split("data:font/woff2;base64,")[1].split(")")[0]
    with TTFont(io.BytesIO(base64.b64decode(encoded))) as font:
        covered = set(font.getBestCmap())
    for i in range(page.locator("#plan-panel details").count()):
        page.evaluate("i => { document.querySelectorAll('#plan-panel details')[i].open = true; }", i)
    texts = page.evaluate("document.body.innerText") + page.evaluate(
        "JSON.stringify(planMap.data, (k, v) => ['group', 'paths', 'box'].includes(k) ? undefined : v)"
    )
    assert sorted({c for c in texts if not c.isspace() and ord(c) not in covered}) == []
    assert page.evaluate(f"document.fonts.check('16px \"{FAMILY}\"', '堃喆养老')")
    assert FAMILY in page.evaluate(
        "getComputedStyle(document.querySelector('.leaflet-container')).fontFamily"
    )


def test_characters_that_the_font_lacks_are_reported() -> None:
    names = [*ORDINARY[:3], "𬭎𠮷楼"]
    assert "𠮷" in hostile_map(names).missing_characters


def test_names_run_nothing_and_are_shown_as_they_are(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    names = list(CANARIES)
    hostile_map(names).save(path)
    seen = open_map(path)
    page = seen.page
    # Every popup of every feature, every legend and every finding is opened.
    page.evaluate(
        """async () => {
          document.querySelectorAll('details').forEach((d) => { d.open = true; });
          window.said = [document.body.innerText];
          for (const layer of planMap.data.layers) for (const [i, ps] of layer.paths.entries()) for (const p of ps) {
            p.fire('mouseover'); p.fire('mousemove');
            p.fire('click', { latlng: p.getLatLng ? p.getLatLng() : p.getBounds().getCenter() });
            const pop = document.querySelector('.leaflet-popup-content');
            if (pop) { pop.querySelectorAll('details').forEach((d) => { d.open = true; }); window.said.push(pop.innerText); }
          }
          const input = document.querySelector('.find input');
          for (const q of ['1', '<', '{', 'a']) {
            input.value = q; input.dispatchEvent(new Event('input'));
            window.said.push(document.querySelector('.found').innerText);
          }
          document.querySelectorAll('select').forEach((s) => [...s.options].forEach((o) => { s.value = o.value; s.dispatchEvent(new Event('change')); }));
          await new Promise((done) => setTimeout(done, 300));
        }"""
    )
    assert seen.dialogs == []
    assert seen.errors == []
    assert page.evaluate("window.pwned") is None
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.resolve().as_uri()]
    said = "\n".join(page.evaluate("window.said"))
    for canary in names:
        assert " ".join(plain(canary).split()) in " ".join(said.split())
    assert "49" not in page.title()
    assert page.title() == plain(names[6])
    assert page.locator("#plan-title").inner_text() == plain(names[6])
    assert page.locator("img, iframe, svg[onload]").count() == 0
    assert "SECRET-OWNER" not in path.read_text(encoding="utf-8")


def test_template_text_is_not_evaluated_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.html"
    hostile_map(list(CANARIES)).save(path)
    text = path.read_text(encoding="utf-8")
    assert "{{7*7}}" in text
    assert f'"{os.getpid()}"' not in text
    assert "<script>alert" not in text
    assert text.lower().count("<script") == text.lower().count("</script>")


def test_a_frame_that_starts_without_a_size_draws_when_it_is_shown(tmp_path: Path, browser: Any) -> None:
    path = tmp_path / "notebook.html"
    frame_ = judged_map()._repr_html_()
    path.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><body><div id=tab style='display:none'>{frame_}</div></body>",
        encoding="utf-8",
    )
    context = browser.new_context(offline=True, viewport={"width": 1200, "height": 800})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.resolve().as_uri())
    page.wait_for_timeout(500)
    inner = page.frames[1]
    assert inner.evaluate("innerWidth") == 0
    page.evaluate("document.getElementById('tab').style.display = 'block'")
    inner.wait_for_selector("html[data-ready=yes]", timeout=30_000)
    page.wait_for_timeout(300)
    rooms, zoom = inner.evaluate(
        """() => [planMap.data.layers.find((l) => l.kind === 'rooms').paths.flat()
          .every((p) => planMap.map.getBounds().contains(p.getBounds ? p.getBounds() : p.getLatLng())), planMap.map.getZoom()]"""
    )
    picture = Image.open(io.BytesIO(page.frame_locator("iframe").locator(".folium-map").screenshot()))
    context.close()
    assert errors == []
    assert rooms
    assert zoom > 15
    colours = picture.convert("RGB").getcolors(maxcolors=1 << 24)
    assert len(colours) > 100
    assert max(count for count, _ in colours) < 0.9 * picture.width * picture.height


def test_a_layer_can_be_switched_off_and_on(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    hostile_map(ORDINARY).save(path)
    page = open_map(path).page
    drawn = page.locator(".folium-map").screenshot()
    box_ = page.locator(".layer .head", has_text=str(Message("maps.layer.buildings"))).locator("input")
    box_.uncheck()
    page.wait_for_timeout(200)
    hidden = page.locator(".folium-map").screenshot()
    assert hidden != drawn
    box_.check()
    page.wait_for_timeout(200)
    assert page.locator(".folium-map").screenshot() == drawn


def test_the_map_shows_in_a_notebook_without_a_network(tmp_path: Path, browser: Any) -> None:
    path = tmp_path / "notebook.html"
    path.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><body>{hostile_map(ORDINARY)._repr_html_()}</body>",
        encoding="utf-8",
    )
    context = browser.new_context(offline=True, viewport={"width": 1200, "height": 800})
    page = context.new_page()
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.resolve().as_uri())
    page.frame_locator("iframe").locator("html[data-ready=yes]").wait_for(timeout=60_000)
    foreign = [u for u in requests if not u.startswith(("data:", "about:", path.resolve().as_uri()))]
    context.close()
    assert errors == []
    assert foreign == []


def test_a_layer_of_thousands_is_drawn_clicked_and_hidden(tmp_path: Path, open_map: Any) -> None:
    count = 1500
    stalls = gpd.GeoDataFrame(
        {
            "stall_id": [f"S{i:04d}" for i in range(count)],
            "kind": ["ground", "accessible"] * (count // 2),
            "state": ["existing", "proposed", "proposed"] * (count // 3),
        },
        geometry=[square(3.0 * (i % 50), 8.0 * (i // 50), 2.4, 5.3) for i in range(count)],
        crs=CRS,
    )
    path = tmp_path / "m.html"
    hearing_map(Site(name="s", layers={"stalls": stalls}, crs=CRS)).save(path)
    seen = open_map(path)
    page = seen.page
    layer = "planMap.data.layers[0]"
    assert page.evaluate(f"{layer}.paths.length") == 0
    assert page.evaluate(f"[{layer}.ids[0], {layer}.names[1499], {layer}.shapes.count]") == [
        "S0000",
        "S1499",
        1500,
    ]
    # The middle of a stall comes back to where it is, within a centimetre or two.
    at = page.evaluate(f"(() => {{ const p = planMap.at({layer}, 77); return [p.lng, p.lat]; }})()")
    middle = to_wgs84(stalls.iloc[[77]]).geometry.iloc[0].centroid
    assert abs(at[0] - middle.x) < 2e-7
    assert abs(at[1] - middle.y) < 2e-7
    drawn = page.locator(".folium-map").screenshot()
    place = page.evaluate(
        f"""(() => {{ const q = planMap.map.latLngToContainerPoint(planMap.at({layer}, 77));
        const box = planMap.mapNode.getBoundingClientRect(); return [box.x + q.x, box.y + q.y]; }})()"""
    )
    page.mouse.click(*place)
    assert "S0077" in page.locator(".leaflet-popup-content").inner_text()
    page.keyboard.press("Escape")
    page.locator(".layer .head input").first.uncheck()
    page.wait_for_timeout(200)
    hidden = Image.open(io.BytesIO(page.locator(".folium-map").screenshot())).convert("RGB")
    assert len(hidden.getcolors(maxcolors=1 << 24)) < 0.3 * len(
        Image.open(io.BytesIO(drawn)).convert("RGB").getcolors(maxcolors=1 << 24)
    )
    assert seen.errors == []
