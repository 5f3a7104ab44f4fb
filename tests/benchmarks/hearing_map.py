"""Measure a hearing map of many stalls: ``python tests/benchmarks/hearing_map.py [--stalls 50000]``.

Prints rows of a Markdown table: size of the file, seconds until Chromium has drawn it, milliseconds for each frame of
moving the map, and memory of the page, beside folium's own ``GeoJson`` (canvas, its links replaced by the files
themselves: with the network cut it would stay blank). One run of each, in one browser without a GPU.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import sys
import tempfile
import time
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import shapely
from playwright.sync_api import sync_playwright

from plan.maps import hearing_map, offline
from plan.site import Site

CRS = "EPSG:4547"
X, Y = 500_000.0, 3_300_000.0  # metres
WIDTH, LENGTH, AISLE, PITCH = 2.4, 5.3, 6.0, 2.5  # metres of a stall, its aisle, and from stall to stall
SEED = 20_261_126
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--enable-precise-memory-info")
HEAD = "| what | MB | gz MB | build, CPU s | load, s | moving, ms/frame | p95 ms | frames/s | heap MB |"
FRAMES = 60
# Each frame moves the map and draws it anew, as Leaflet does at the end of every movement.
MOVE = """async (frames) => {
  const map = window.planMap ? planMap.map : window[document.querySelector('.folium-map').id];
  map.setZoom(map.getZoom(), { animate: false });
  const took = [];
  const step = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await step();
  for (let i = 0; i < frames; i++) {
    const from = performance.now(), way = i < frames / 2 ? 24 : -24;
    map.panBy([way, way / 2], { animate: false });
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    took.push(performance.now() - from);
  }
  return took;
}"""
ZOOM = """(by) => { const map = window.planMap ? planMap.map : window[document.querySelector('.folium-map').id];
  map.setZoom(map.getZoom() + by, { animate: false }); }"""


def stalls_of(count: int) -> gpd.GeoDataFrame:
    """Return rows of stalls, two between each two aisles, turned a little, of four states and three kinds."""
    random = np.random.default_rng(SEED)
    wide = int(np.ceil(np.sqrt(count * (LENGTH + AISLE / 2) / PITCH)))
    n = np.arange(count)
    row, place = n // wide, n % wide
    x = place * PITCH
    y = row * LENGTH + (row // 2) * AISLE
    turn = np.deg2rad(11.0)
    corners = np.array([(0, 0), (WIDTH, 0), (WIDTH, LENGTH), (0, LENGTH), (0, 0)])
    flat = np.stack([x, y], axis=1)[:, None, :] + corners[None, :, :]
    turned = flat @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return gpd.GeoDataFrame(
        {
            "stall_id": [f"S{i:05d}" for i in n],
            "kind": random.choice(["ground", "assigned", "accessible"], count, p=[0.8, 0.18, 0.02]),
            "angle_deg": random.choice([90.0, 90.0, 60.0], count),
            "state": random.choice(["existing", "proposed"], count),
        },
        geometry=shapely.polygons(turned + np.array([X, Y])),
        crs=CRS,
    )


def ours(frame: gpd.GeoDataFrame) -> str:
    site = Site(name="lot", layers={"stalls": frame}, crs=frame.crs)
    made = hearing_map(site)
    for layer in made.page["layers"]:
        layer["on"] = True  # so many start hidden, where there is something else to see
    return made.to_html()


def folium_geojson(frame: gpd.GeoDataFrame) -> str:
    degrees = frame.to_crs("EPSG:4326")
    west, south, east, north = degrees.total_bounds
    page = offline.new_map(
        location=[(south + north) / 2, (west + east) / 2], zoom_start=16, prefer_canvas=True
    )
    colour = {"existing": "#4a6f8f", "proposed": "#0072B2"}
    folium.GeoJson(
        degrees,
        style_function=lambda f: {
            "color": colour[f["properties"]["state"]],
            "weight": 1.5,
            "fillOpacity": 0.5,
        },
    ).add_to(page)
    page.fit_bounds([[south, west], [north, east]])
    return offline.render(page)


def measured(browser, path: Path) -> tuple[float, list[str]]:
    """Return seconds until the second frame after the page is ready, and figures of moving it."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, offline=True)
    page = context.new_page()
    began = time.perf_counter()
    page.goto(path.as_uri(), timeout=240_000)
    page.wait_for_function(
        "window.planMap ? document.documentElement.dataset.ready === 'yes' : document.readyState === 'complete'",
        timeout=240_000,
    )
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    loaded = time.perf_counter() - began
    figures = []
    for by in (0, 2):  # all of it, and a street of it
        page.evaluate(ZOOM, by)
        took = np.array(page.evaluate(MOVE, FRAMES))
        figures.append((took.mean(), np.quantile(took, 0.95)))
    heap = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
    context.close()
    return loaded, [
        " / ".join(f"{mean:.0f}" for mean, _ in figures),
        " / ".join(f"{late:.0f}" for _, late in figures),
        " / ".join(f"{1000 / mean:.0f}" for mean, _ in figures),
        f"{heap:.0f}",
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stalls", type=int, default=50_000)
    parser.add_argument("--only", choices=("plan", "folium"))
    given = parser.parse_args()
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        sys.exit("no Chromium on this machine")
    frame = stalls_of(given.stalls)
    ours(stalls_of(10))  # what is loaded once is not counted
    print(f"{given.stalls:,} stalls; moving the whole of it / two zoom levels nearer\n\n{HEAD}")
    print("|" + " --- |" * (HEAD.count("|") - 1))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for name, make in (("plan", ours), ("folium", folium_geojson)):
            if given.only not in {None, name}:
                continue
            began = time.process_time()
            text = make(frame)
            cpu = time.process_time() - began
            file = Path(folder) / f"{name}.html"
            file.write_text(text, encoding="utf-8")
            data = text.encode()
            loaded, figures = measured(browser, file)
            size = f"{len(data) / 1e6:.2f} | {len(gzip.compress(data)) / 1e6:.2f}"
            print(f"| {name} | {size} | {cpu:.1f} | {loaded:.2f} | {' | '.join(figures)} |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
