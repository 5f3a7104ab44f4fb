"""Measure a hearing package: ``python tests/benchmarks/hearing_package.py [SITE] [--rules PACK] [-o DIR]`` prints tables.

Seconds (wall) until each step begins and of the whole job, as the command line runs it; the files with their sizes;
how many figures were compared between the files, and how many differ; what each page asks the network for, and says on
the console, in Chromium with the network cut; then the same command again, which finds everything done.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from package_figures import differences  # noqa: E402 - the folder of the tests must be known first

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Print everything; 1 where a figure differs or a page asks for something."""
    parser = argparse.ArgumentParser()
    parser.add_argument("site", nargs="?", default=str(ROOT / "sample_gis" / "old_estate.gpkg"))
    parser.add_argument("--rules", default="sanming")
    parser.add_argument("--jobs", default="2")
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    folder = given.output or Path(tempfile.mkdtemp(prefix="hearing-"))
    command = [sys.executable, "-m", "plan", "hearing", given.site, "--rules", given.rules]
    command += ["--jobs", given.jobs, "-o", str(folder)]
    steps([*command, "--fresh"])
    files(folder)
    wrong = figures(folder) + pages(folder)
    again(command)
    return 1 if wrong else 0


def steps(command: list[str]) -> None:
    """Run the job and print when each step began."""
    begin = time.perf_counter()
    print("| s | step |\n| --- | --- |")
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as job:
        assert job.stderr is not None
        for line in job.stderr:
            if re.match(r"[（(]\d+/\d+[）)]", line):
                print(f"| {time.perf_counter() - begin:.1f} | {line.strip()} |", flush=True)
    times = os.times()
    print(
        f"| **{time.perf_counter() - begin:.1f}** | whole; CPU {times.children_user + times.children_system:.1f} s |"
    )
    print(
        f"\nexit code {job.returncode}; load {os.getloadavg()[0]:.1f}\n" if hasattr(os, "getloadavg") else ""
    )


def files(folder: Path) -> None:
    """Print the files of the package."""
    print("| file | kB |\n| --- | --- |")
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        print(f"| {file.name} | {file.stat().st_size / 1024:,.0f} |")


def figures(folder: Path) -> int:
    """Print how many figures were compared, and those that differ."""
    found = differences(folder)
    print("\n| file | figures compared |\n| --- | --- |")
    for file, count in found.counts.items():
        print(f"| {file} | {count:,} |")
    print(
        f"\n{found.counts.total():,} figures compared with report.json and the tables of report.html; {len(found.differ)} differ"
    )
    for line in found.differ[:20]:
        print(f"- {line}")
    return len(found.differ)


def pages(folder: Path) -> int:
    """Print what each page asks for and says on the console."""
    browser = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if browser is None:
        print("\nno Chromium here: pages were not opened")
        return 0
    from playwright.sync_api import sync_playwright

    wrong = 0
    print(
        "\n| page | width | requests | console errors | wider than the screen |\n| --- | --- | --- | --- | --- |"
    )
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for file in sorted(folder.glob("*.html")):
            for width, height in ((1920, 1080), (390, 844)):
                context = opened.new_context(viewport={"width": width, "height": height}, offline=True)
                page = context.new_page()
                asked: list[str] = []
                errors: list[str] = []
                page.on("request", lambda r, asked=asked: asked.append(r.url))
                page.on(
                    "console", lambda m, errors=errors: errors.append(m.text) if m.type == "error" else None
                )
                page.on("pageerror", lambda e, errors=errors: errors.append(str(e)))
                page.goto(file.as_uri())
                page.wait_for_timeout(1500)
                wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                away = [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
                print(f"| {file.name} | {width} | {len(away)} | {len(errors)} | {'yes' if wide else 'no'} |")
                wrong += len(away) + len(errors)
                context.close()
        opened.close()
    return wrong


def again(command: list[str]) -> None:
    """Run the job once more: nothing has changed."""
    begin = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    print(f"\nthe same command again: {time.perf_counter() - begin:.1f} s")


if __name__ == "__main__":
    raise SystemExit(main())
