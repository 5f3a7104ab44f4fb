"""A province of estates, checked in processes: wall, CPU and memory; then unchanged, and with one file changed.

    python tests/benchmarks/batch.py [--count 500] [--jobs 2] [--rules qinhuangdao] [--select QHD] [--kill 2] [--folder DIR]

Estates are variations of ``sample_gis/new_estate.gpkg`` (0.53 MB) and, every eighth, of ``sample_gis/district.gpkg``
(1.6 MB): rooms of other sizes and floors, without some layers, in nine districts; the same for the same count. With
``--kill`` the same batch is checked once more into another folder, killed so many times at random moments and resumed,
and the two summaries are compared byte for byte.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
NEW = ROOT / "sample_gis" / "new_estate.gpkg"
LARGE = ROOT / "sample_gis" / "district.gpkg"
DISTRICTS = ("海港区", "山海关区", "北戴河区", "抚宁区", "青龙县", "昌黎县", "卢龙县", "开发区", "北戴河新区")
MB = 1 << 20


def make_estates(folder: Path, count: int, *, seed: int = 11, large_every: int = 8) -> None:
    """Write estates, a folder for each district."""
    draw = random.Random(seed)  # noqa: S311 - seeded estates, not a secret
    for number in range(count):
        district = folder / draw.choice(DISTRICTS)
        district.mkdir(parents=True, exist_ok=True)
        path = district / f"小区{number:05d}.gpkg"
        large = large_every > 0 and number % large_every == large_every - 1
        shutil.copyfile(LARGE if large else NEW, path)
        vary(path, draw)


def vary(path: Path, draw: random.Random) -> None:
    """Change a copy: what the rooms are, and sometimes what is missing. Attributes only, as no index needs PostGIS then."""
    factor, floor = draw.choice((0.3, 0.5, 0.65, 0.8, 1, 1, 1, 1.3)), draw.choice((1, 1, 1, 1, 3, -1))
    lost = draw.choice(("", "", "", "", "", "households", "entrances", "fire_lanes"))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE rooms SET area_m2 = area_m2 * ?", (factor,))
        connection.execute("UPDATE rooms SET floor = ? WHERE rowid = 1", (floor,))
        if lost:
            connection.execute("DELETE FROM gpkg_contents WHERE table_name = ?", (lost,))
            connection.execute("DELETE FROM gpkg_geometry_columns WHERE table_name = ?", (lost,))
    connection.close()


class Measured:
    """A command, and what it and its children took."""

    def __init__(self, command: list[str], *, kill_after_s: float | None = None) -> None:
        begun = time.monotonic()
        with tempfile.TemporaryFile() as said:
            process = psutil.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT)
            cpu: dict[int, float] = {}
            self.peak_mb = 0.0
            while process.poll() is None:
                rss = 0
                for one in [process, *self._children(process)]:
                    try:
                        with one.oneshot():
                            rss += one.memory_info().rss
                            times = one.cpu_times()
                            cpu[one.pid] = times.user + times.system
                    except psutil.Error:
                        continue
                self.peak_mb = max(self.peak_mb, rss / MB)
                if kill_after_s is not None and time.monotonic() - begun > kill_after_s:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    break
                time.sleep(0.05)
            said.seek(0)
            self.said = said.read().decode("utf-8", "replace")
        self.code = process.returncode
        self.wall_s = time.monotonic() - begun
        self.cpu_s = sum(cpu.values())

    @staticmethod
    def _children(process: psutil.Popen) -> list[psutil.Process]:
        try:
            return process.children(recursive=True)
        except psutil.Error:
            return []


def digest(out: Path) -> str:
    """Return one SHA-256 over the summaries and all results."""
    whole = hashlib.sha256()
    files = [*out.glob("summary.*"), *(out / "results").glob("*.json")]
    for file in sorted(files):
        whole.update(file.name.encode() + b"\0" + file.read_bytes())
    return whole.hexdigest()


def row(what: str, took: Measured, note: str = "") -> None:
    """Print a line of the table."""
    print(
        f"| {what} | {took.wall_s:.1f} s | {took.cpu_s:.1f} s | {took.peak_mb:.0f} MB | {note} |", flush=True
    )


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=500)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--rules", default="qinhuangdao")
    options.add_argument("--select", action="append", default=[])
    options.add_argument("--kill", type=int, default=0)
    options.add_argument("--large-every", type=int, default=8)
    options.add_argument("--folder", type=Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="plan-batch-") as name:
        folder = asked.folder or Path(name)
        source, out, other = folder / "in", folder / "out", folder / "other"
        if not source.exists():
            make_estates(source, asked.count, large_every=asked.large_every)
        size = sum(f.stat().st_size for f in source.rglob("*.gpkg")) / MB
        command = [sys.executable, "-m", "plan", "check", str(source), "--rules", asked.rules]
        command += [part for rule in asked.select for part in ("--select", rule)]
        command += ["--jobs", str(asked.jobs)]
        print(f"{asked.count} estates, {size:.0f} MB, rules {asked.rules} {' '.join(asked.select)}\n")
        print("| run | wall | CPU | peak RSS, all processes | |\n| --- | --- | --- | --- | --- |")
        first = Measured([*command, "-o", str(out)])
        row("all", first, f"{1000 * first.cpu_s / asked.count:.0f} ms CPU each; {last(first)}")
        before = digest(out)
        again = Measured([*command, "-o", str(out)])
        row("unchanged", again, f"{last(again)}; same bytes: {digest(out) == before}")
        one = sorted(source.rglob("*.gpkg"))[asked.count // 2]
        vary(one, random.Random(-1))  # noqa: S311
        changed = Measured([*command, "-o", str(out)])
        row("one changed", changed, last(changed))
        if asked.kill:
            killed(command, out, other, asked.kill, first.wall_s)


def killed(command: list[str], out: Path, other: Path, times: int, whole_s: float) -> None:
    """Check into another folder, killed at random moments."""
    draw = random.Random(5)  # noqa: S311
    for number in range(times):
        took = Measured(
            [*command, "-o", str(other)], kill_after_s=draw.uniform(0.2, 0.8) * whole_s / (times + 1) + 5
        )
        row(
            f"killed {number + 1}",
            took,
            f"exit {took.code}, {len(list((other / 'results').glob('*.json')))} kept",
        )
    resumed = [sys.executable, "-m", "plan", "check", "--resume", str(other), "--jobs", command[-1]]
    took = Measured(resumed)
    row("resumed", took, f"{last(took)}; same bytes as undisturbed: {digest(other) == digest(out)}")


def last(took: Measured) -> str:
    """Return the last line that a command said."""
    return (
        took.said.strip().splitlines()[-1].rpartition("；")[0] if took.said.strip() else f"exit {took.code}"
    )


if __name__ == "__main__":
    main()
