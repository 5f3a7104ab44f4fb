"""Make the pictures of README.md from a hearing package, as people see it: on a projector, a phone, on paper.

    plan hearing sample_gis/old_estate.gpkg --rules sanming -o hearing
    python docs/pictures.py hearing [--out docs/pictures]

Needs Debian's chromium, pdftoppm (poppler-utils) and pillow. The pictures have 128 colours: they are kept in the repository.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image

HERE: Final = Path(__file__).resolve().parent
# Name, page of the package, size of the screen, height that is kept.
SCREENS: Final = (
    ("index", "index.html", (1280, 860), 860),
    ("map_projector", "map.html", (1920, 1080), 1080),
    ("map_phone", "map.html", (390, 844), 844),
)
# Sheets of the atlas, by a word of their heading.
SHEETS: Final = (
    ("atlas_life_circle", "步行生活圈"),
    ("atlas_parking", "停车方案"),
    ("atlas_stairwell", "楼栋 B16 梯号"),
)
WIDTH: Final = 1200  # pixels, at most


def main() -> None:
    """Make them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / "pictures")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        for name, page, size, height in SCREENS:
            shot = work / f"{name}.png"
            screen(given.package / page, shot, size)
            keep(Image.open(shot).crop((0, 0, size[0], height)), given.out / f"{name}.png")
        for name, heading in SHEETS:
            number = sheet_of(given.package / "atlas.pdf", heading)
            if number is None:
                print(f"no sheet is called {heading}")
                continue
            subprocess.run(
                ["pdftoppm", "-r", "80", "-f", str(number), "-l", str(number), "-singlefile", "-png",
                 str(given.package / "atlas.pdf"), str(work / name)],
                check=True,
            )  # fmt: skip
            keep(Image.open(work / f"{name}.png"), given.out / f"{name}.png")
        long = Image.open(given.package / "long.png")
        keep(long.crop((0, 0, long.width, 2600)).resize((540, 1300)), given.out / "long_picture.png")


def screen(page: Path, shot: Path, size: tuple[int, int]) -> None:
    """Take a picture of a page in a browser without a network."""
    browser = shutil.which("chromium") or "chromium"
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
             f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}", "--hide-scrollbars",
             "--virtual-time-budget=8000", f"--screenshot={shot}", page.resolve().as_uri()],
            check=True, capture_output=True,
        )  # fmt: skip


def sheet_of(atlas: Path, heading: str) -> int | None:
    """Return the number of the first sheet with a heading, from 1."""
    text = subprocess.run(["pdftotext", "-layout", str(atlas), "-"], check=True, capture_output=True)
    sheets = text.stdout.decode("utf-8").split("\f")
    wanted = heading.split()
    for number, sheet in enumerate(sheets, start=1):
        first = " ".join(sheet.strip().splitlines()[:3])
        if number > 2 and all(word in first for word in wanted):  # noqa: PLR2004 - the contents name all sheets
            return number
    return None


def keep(picture: Image.Image, path: Path) -> None:
    """Write a picture as small as it may be."""
    if picture.width > WIDTH:
        picture = picture.resize(
            (WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS
        )
    picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
