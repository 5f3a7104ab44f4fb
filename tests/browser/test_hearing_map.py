"""The hearing map in a real Chromium: offline, drawn, legible, and deaf to what names say."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
from fontTools.ttLib import TTFont
from PIL import Image
from shapely.geometry import LineString, Point, box, mapping

from plan.crs import to_wgs84
from plan.findings import Clause, Finding, InputFile, PackRef, Report, Status, Strength, reason
from plan.maps import hearing_map
from plan.maps.escape import plain
from plan.maps.fonts import FAMILY
from plan.messages import Message
from plan.site import Placement, Site

pytestmark = pytest.mark.browser

CRS = pyproj.CRS("EPSG:4547")
X, Y = 500_000.0, 3_300_000.0

CANARIES = (
    "{{7*7}}",
    "{{ cycler.__init__.__globals__.os.getpid() }}",
    "{% raw %}",
    "{# comment #}",
    "${alert(1)}",
    "`;alert(1);`",
    "</script><script>alert(1);window.pwned=1</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '" onmouseover="alert(1)',
    "javascript:alert(1)",
    "--><script>alert(1)</script>",
    "\\u003cimg src=x onerror=alert(1)\\u003e",
    "\u202e楼号21",
    "\u2028alert(1)",
)


def frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def square(x: float, y: float, w: float = 20, h: float = 12) -> Any:
    return box(X + x, Y + y, X + x + w, Y + y + h)


def at(x: float, y: float) -> Point:
    return Point(X + x, Y + y)


def site_named(names: list[str], **more: Any) -> Site:
    """Give every field that holds text one of the names, and the names to many buildings."""

    def name(n: int) -> str:
        return names[n % len(names)]

    n = max(len(names), 4)
    layers = {
        "parcels": frame(
            [
                {
                    "parcel_id": name(0),
                    "name": name(1),
                    "land_use": name(2),
                    "geometry": square(-20, -20, 260, 160),
                }
            ]
        ),
        "buildings": frame(
            [
                {
                    "building_id": f"{name(i)}" if i < len(names) else f"B{i}",
                    "floors": 6,
                    "use": name(i + 3),
                    "geometry": square(10 + 45 * (i % 5), 35 * (i // 5)),
                }
                for i in range(n)
            ]
        ),
        "households": frame(
            [
                {
                    "household_id": f"H{i}",
                    "building_id": name(i),
                    "owner_id": "SECRET-OWNER",
                    "vote": "no",
                    "geometry": None,
                }
                for i in range(n)
            ]
        ),
        "rooms": frame(
            [
                {
                    "room_id": f"R{i}",
                    "floor": 1,
                    "area_m2": 80.0,
                    "name": name(i),
                    "use": name(i),
                    "functions": name(i),
                    "state": "existing",
                    "building_id": name(i),
                    "geometry": square(12 + 45 * i, 2, 8, 8),
                }
                for i in range(3)
            ]
        ),
        "facilities": frame(
            [
                {
                    "facility_id": name(i),
                    "category": name(i + 5) if i else "clinic",
                    "name": name(i + 2),
                    "geometry": at(5 + 30 * i, 110),
                }
                for i in range(4)
            ]
        ),
        "walkways": frame(
            [
                {
                    "way_id": "W1",
                    "kind": "street",
                    "name": name(6),
                    "geometry": LineString([at(-10, -8), at(230, -8)]),
                }
            ]
        ),
        "entrances": frame(
            [
                {
                    "entrance_id": name(7),
                    "kind": "gate",
                    "name": name(8),
                    "opens": name(9),
                    "geometry": at(100, -20),
                }
            ]
        ),
        "remarks": frame([{"remark_id": "M1", "kind": name(3), "text": name(6), "geometry": at(60, 60)}]),
        "obstacles": frame([{"obstacle_id": "X1", "kind": name(4), "radius_m": 2.0, "geometry": at(80, 90)}]),
    }
    return Site(name=name(0), layers=layers, crs=CRS, attribution=name(5), **more)


def report_named(names: list[str], site: Site) -> Report:
    def name(n: int) -> str:
        return names[n % len(names)]

    clause = Clause(document=name(0), number=name(1), article=name(2), quote=name(6), effective=name(3))
    where = mapping(to_wgs84(site.layer("rooms")).geometry.iloc[0])
    findings = [
        Finding(
            rule=name(i),
            title=name(i + 6),
            strength=Strength.MUST,
            status=status,
            clause=clause,
            measured=name(i + 7),
            required=name(i + 2),
            unit=name(i + 3),
            features=("R0", name(i)),
            geometry=where if i % 2 == 0 else None,
            reason=reason("missing_data", name(6)),
            remedy=name(7),
            subject=name(i),
        )
        for i, status in enumerate(Status)
    ]
    return Report(
        site=name(0),
        pack=PackRef(id=name(1), version=name(2), sha256="0" * 64, title=name(6)),
        findings=tuple(findings),
        inputs=(InputFile(path=name(4), sha256="0" * 64),),
        on=name(3),
    )


def hostile_map(names: list[str], **options: Any) -> Any:
    site = site_named(names, estimates=("households",))
    rooms = site.layer("rooms")
    placement = Placement(
        features=rooms.iloc[:1].assign(state="candidate"),
        rejected=rooms.iloc[1:2].assign(reason=names[6 % len(names)]),
        measures={},
    )
    reach = pd.DataFrame(
        {"clinic": [3.0], names[0]: [12.0]},
        index=pd.Index([site.layer("buildings")["building_id"].iloc[0]], name="building_id"),
    )
    isochrones = frame(
        [{"origin": names[0], "minutes": m, "geometry": at(100, 50).buffer(20 * m)} for m in (5, 10)]
    )
    return hearing_map(
        site,
        report_named(names, site),
        reach=reach,
        isochrones=isochrones,
        placement=placement,
        title=names[6 % len(names)],
        made_by=names[0],
        source=names[1 % len(names)],
        review_number=names[2 % len(names)],
        **options,
    )


ORDINARY = [
    "堃园1号楼",
    "12号楼",
    "喆景苑",
    "养老服务站",
    "六（一）",
    "秦办发〔2011〕27号",
    "每百户≥20㎡–不少于300㎡",
]


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


def judged_map() -> Any:
    """Return a map with a finding about the whole community, one about three rooms and one about a building."""
    site = site_named(ORDINARY)
    whole = box(X - 20, Y - 20, X + 240, Y + 140)
    community = frame([{"community_id": "S1", "name": "青山社区", "geometry": whole}])
    site = site.with_layer("communities", community)
    clause = Clause(
        document="《措施》", number="", article="三", quote="不少于600平方米", effective="2020-12-01"
    )
    outline = mapping(gpd.GeoSeries([whole], crs=CRS).to_crs("EPSG:4326").iloc[0])
    rooms = mapping(to_wgs84(site.layer("rooms")).geometry.union_all())
    given = {"strength": Strength.SHOULD, "status": Status.NOT_MET, "clause": clause}
    findings = (
        Finding(rule="A", title="社区工作经费", features=("S1",), geometry=outline, measured=80_000, **given),
        Finding(
            rule="B",
            title="用房总面积",
            features=("R0", "R1", "R2"),
            geometry=rooms,
            measured=654.0,
            unit="m2",
            **given,
        ),
        Finding(rule="C", title="消防车道净宽度", features=("R1",), measured=3.2, unit="m", **given),
    )
    pack = PackRef(id="p", version="1", sha256="0" * 64, title="规则")
    return hearing_map(site, Report(site="样本", pack=pack, findings=findings))


# Where the middle of a room stands in the window.
POINT = """id => {
  const rooms = planMap.data.layers.find((l) => l.kind === 'rooms');
  const p = rooms.paths[rooms.ids.indexOf(id)].find((q) => q.getLatLng);
  const at = planMap.map.latLngToContainerPoint(p.getLatLng());
  const map = document.querySelector('.folium-map').getBoundingClientRect();
  return [map.x + at.x, map.y + at.y];
}"""


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
