"""The map looks as it looked when somebody last looked at it: on a projector, a laptop, a phone, and on A3.

After a change that is meant, look at the new pictures and keep them: ``python tests/browser/test_baselines.py``.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

import plan
from plan.maps import hearing_map
from plan.reach import reach_site

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
BASELINES = Path(__file__).parent / "baselines"
COLOURS = 128
TILE = 32  # px; a baseline is compared tile by tile
# Mean difference of a tile, of 255: the palette of a baseline gives 12 at most; a symbol that is gone 25.
TOLERANCE = 16.0
PAPER_DPI = 36

# name -> window, and what is done before the picture is taken
VIEWS: dict[str, tuple[int, int, str]] = {
    "projector": (1920, 1080, ""),
    "laptop": (1366, 768, ""),
    "phone": (390, 844, ""),
    "phone-panel": (390, 844, "planMap.toggle(true)"),
    "compared": (1366, 768, "planMap.swipe.toggle(true); document.activeElement.blur()"),
    "minutes": (
        1366,
        768,
        """const s = document.querySelector('.theme select'); s.value = '0'; s.dispatchEvent(new Event('change'));
        const m = document.getElementById('plan-minutes'); m.value = 5; m.dispatchEvent(new Event('input'));
        document.querySelector('.theme').scrollIntoView()""",
    ),
}


@cache
def made() -> str:
    """Return a map of the old estate with rooms proposed, walk times, and the estate as it is beside it."""
    site = plan.read_site(ROOT / "sample_gis" / "old_estate.gpkg")
    pack = plan.load_pack("sanming", on="2026-11-26")
    rooms = plan.place_rooms(site, pack=pack)
    proposed = site.with_layer("rooms", rooms.features)
    network = plan.WalkNetwork.from_site(site)
    reach = reach_site(proposed, pack, minutes=(5.0, 10.0, 15.0), profile="adult", network=network)
    report = plan.check(proposed, pack)
    return hearing_map(
        proposed,
        report,
        reach=reach.times(),
        isochrones=reach.isochrones,
        blind_spots=reach.blind_spots,
        best_sites=reach.missing,
        placement={"rooms": rooms},
        before=site,
    ).to_html()


def opened(browser: Browser, path: Path, width: int, height: int, act: str) -> Any:
    page = browser.new_context(viewport={"width": width, "height": height}, offline=True).new_page()
    page.goto(path.resolve().as_uri())
    page.wait_for_selector("html[data-ready=yes]", timeout=60_000)
    page.evaluate(f"() => {{ {act}; }}")
    page.wait_for_timeout(400)
    return page


def screen(browser: Browser, path: Path, name: str) -> Image.Image:
    page = opened(browser, path, *VIEWS[name])
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.context.close()
    return small(picture)


def paper(browser: Browser, path: Path, folder: Path) -> tuple[int, Image.Image]:
    """Return how many sheets the page prints, and the first."""
    page = opened(browser, path, 1366, 768, "")
    page.pdf(path=folder / "a3.pdf", prefer_css_page_size=True, print_background=True)
    page.context.close()
    command = ["pdftoppm", "-r", str(PAPER_DPI * 2), "-png", str(folder / "a3.pdf"), str(folder / "a3")]
    subprocess.run(command, check=True)
    sheets = sorted(folder.glob("a3-*.png"))
    return len(sheets), small(Image.open(sheets[0]).convert("RGB"))


def small(picture: Image.Image) -> Image.Image:
    """Halve a picture that is wide: what is compared is where things are, not single pixels."""
    if picture.width < 800:
        return picture
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)


def worst(found: Image.Image, kept: Image.Image) -> tuple[float, tuple[int, int]]:
    """Return the largest mean difference of a tile, and where that tile is [px]."""
    assert found.size == kept.size
    apart = np.abs(np.asarray(found, dtype=float) - np.asarray(kept.convert("RGB"), dtype=float)).mean(axis=2)
    high, wide = (n // TILE for n in apart.shape)
    tiles = apart[: high * TILE, : wide * TILE].reshape(high, TILE, wide, TILE).mean(axis=(1, 3))
    row, column = np.unravel_index(int(tiles.argmax()), tiles.shape)
    return float(tiles.max()), (int(column) * TILE, int(row) * TILE)


def kept(name: str) -> Image.Image:
    return Image.open(BASELINES / f"{name}.png")


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_text(made(), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", VIEWS)
def test_a_screen_looks_as_it_did(browser: Browser, page_file: Path, tmp_path: Path, name: str) -> None:
    found = screen(browser, page_file, name)
    found.save(tmp_path / f"{name}.png")  # to look at, where it differs
    apart, where = worst(found, kept(name))
    assert apart < TOLERANCE, f"{name} differs by {apart:.1f} at {where}: {tmp_path}"


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="no pdftoppm to look at a sheet with")
def test_a_sheet_looks_as_it_did(browser: Browser, page_file: Path, tmp_path: Path) -> None:
    sheets, found = paper(browser, page_file, tmp_path)
    apart, where = worst(found, kept("a3"))
    assert apart < TOLERANCE, f"the sheet differs by {apart:.1f} at {where}: {tmp_path}"
    assert sheets >= 2  # the map, then findings and legend


def test_a_symbol_that_is_gone_is_noticed() -> None:
    ground = Image.new("RGB", (128, 128), (244, 238, 226))
    marked = ground.copy()
    marked.paste((184, 74, 0), (40, 40, 54, 54))
    assert worst(marked, ground)[0] > TOLERANCE
    assert worst(ground, ground)[0] == 0


def test_baselines_are_small_and_few() -> None:
    files = sorted(BASELINES.glob("*.png"))
    assert {f.stem for f in files} == {*VIEWS, "a3"}
    assert max(f.stat().st_size for f in files) < 150_000


def main() -> None:
    """Take the pictures anew."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("no Chromium on this machine")
    BASELINES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        path = folder / "map.html"
        path.write_text(made(), encoding="utf-8")
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        pictures = {view: screen(browser, path, view) for view in VIEWS}
        pictures["a3"] = paper(browser, path, folder)[1]
        browser.close()
    for view, picture in pictures.items():
        picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            BASELINES / f"{view}.png", optimize=True
        )


if __name__ == "__main__":
    main()
