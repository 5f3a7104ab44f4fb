"""Open every shipped map with the network cut and measure it: ``python tests/benchmarks/shipped_maps.py [--stalls]``.

Prints rows of a Markdown table, one for each map: requests that it made, errors in its console, characters that its
font lacks, and the share of the map that is one flat colour on a projector, a laptop and a phone (a blank page is all
of one colour), before and after it was moved. Maps of real extracts join where ``../shared/data`` is there. Exit code 1
where a map is not as it must be. ``--stalls`` proposes parking for the hearing of the old estate, too: a minute more.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

import plan
from plan.hearing import Request, make_hearing

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data"
SCREENS = {"projector": (1920, 1080), "laptop": (1366, 768), "phone": (390, 844)}
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
BLANK = 0.97  # a map of which more than this is one colour shows nothing
HEAD = (
    "| map | MB | requests | console errors | missing glyphs | flat: projector | laptop | phone | ready, s |"
)


def maps(folder: Path, *, stalls: bool) -> Iterator[tuple[str, Callable[[], tuple[Path, tuple[str, ...]]]]]:
    """Yield each shipped map: its name, and what writes it."""

    def hearing() -> tuple[Path, tuple[str, ...]]:
        site = plan.read_site(ROOT / "sample_gis" / "old_estate.gpkg")
        also = ("gates", "elevators", *(("stalls",) if stalls else ()))
        package = make_hearing(
            site, plan.load_pack("sanming"), out=folder / "hearing", request=Request(also=also)
        )
        lacking = [n for n in package.notes if n.key == "hearing.missing_characters"]
        (drawn,) = (file for file in package.files if file.name == "map.html")
        return drawn, tuple(c for n in lacking for c in n.params["characters"])

    def of(path: Path) -> Callable[[], tuple[Path, tuple[str, ...]]]:
        def write() -> tuple[Path, tuple[str, ...]]:
            made = plan.hearing_map(plan.read_site(path))
            made.save(folder / f"{path.stem}.html")
            return folder / f"{path.stem}.html", made.missing_characters

        return write

    yield "old_estate, hearing", hearing
    for name in ("old_estate", "new_estate", "district"):
        yield name, of(ROOT / "sample_gis" / f"{name}.gpkg")
    for name in ("beijing_wudaokou_cau", "nantong_dieshiqiao", "jiangxi_guixi"):
        if (REAL / f"{name}.osm.pbf").is_file():
            yield name, of(REAL / f"{name}.osm.pbf")


def flat(picture: bytes) -> float:
    """Return the share of a picture that is of its most frequent colour."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    found = image.getcolors(maxcolors=1 << 24) or []
    return max(count for count, _ in found) / (image.width * image.height)


def measured(browser: Browser, path: Path) -> dict[str, Any]:
    """Open a map on each screen, move it, and return what it did."""
    seen: dict[str, Any] = {"requests": [], "errors": [], "flat": {}, "ready": 0.0}
    for name, (width, height) in SCREENS.items():
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", lambda e: seen["requests"].append(e["request"]["url"]))
        page.on(
            "console", lambda m: seen["errors"].append(m.text) if m.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda e: seen["errors"].append(str(e)))
        page.goto(path.resolve().as_uri(), timeout=120_000)
        page.wait_for_selector("html[data-ready=yes]", timeout=120_000)
        seen["ready"] = max(seen["ready"], page.evaluate("performance.now()") / 1000)
        shown = []
        for act in (
            "null",
            "planMap.map.panBy([80, 40], { animate: false })",
            "planMap.map.zoomIn(1, { animate: false })",
        ):
            page.evaluate(f"() => {{ {act}; }}")
            page.wait_for_timeout(300)
            shown.append(flat(page.locator(".folium-map").screenshot()))
        seen["flat"][name] = max(shown)
        context.close()
    own = path.resolve().as_uri()
    seen["requests"] = [u for u in seen["requests"] if u != own and not u.startswith("data:")]
    return seen


def main() -> int:
    """Print the table; return 1 where a map is not as it must be."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("no Chromium on this machine")
    good = True
    print(HEAD)
    print("|" + " --- |" * (HEAD.count("|") - 1))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for name, write in maps(Path(folder), stalls="--stalls" in sys.argv):
            path, lacking = write()
            seen = measured(browser, path)
            size = path.stat().st_size / 1e6
            shares = " | ".join(f"{share:.0%}" for share in seen["flat"].values())
            counts = f"{len(seen['requests'])} | {len(seen['errors'])} | {len(lacking)}"
            print(f"| {name} | {size:.2f} | {counts} | {shares} | {seen['ready']:.1f} |", flush=True)
            bad = seen["requests"] or seen["errors"] or lacking or max(seen["flat"].values()) > BLANK
            good = good and not bad
        browser.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
