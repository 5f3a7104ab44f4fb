"""A province of estates, checked in processes: wall, CPU and memory; then unchanged, and with one file changed.

    python tests/benchmarks/batch.py [--count 500] [--jobs 2] [--rules qinhuangdao] [--select QHD] [--folder DIR]
                                     [--kill 2] [--dask] [--postgis] [--poison]

Estates are variations of ``sample_gis/new_estate.gpkg`` (0.53 MB) and, every eighth, of ``sample_gis/district.gpkg``
(1.6 MB): rooms of other sizes and floors, without some layers, in nine districts; the same for the same count.

Then the same batch once more, each time into another folder that is compared with the first one byte for byte, summaries
and results: with ``--kill`` its driver is killed so many times at random moments and the batch resumed; with ``--dask`` a
cluster of two workers on loopback does it, of which one is killed with its nanny at a random moment. With ``--postgis`` the
estates are read from a PostGIS on loopback, and the findings compared. ``--poison`` checks a hundred estates beside one
that crashes, one that hangs and one that eats memory.
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
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "batch")]

from compared import compared  # noqa: E402 - found beside the tests
from servers import estates_to_postgis, home_of_postgis, running_cluster, running_postgis  # noqa: E402

NEW = ROOT / "sample_gis" / "new_estate.gpkg"
LARGE = ROOT / "sample_gis" / "district.gpkg"
DISTRICTS = ("海港区", "山海关区", "北戴河区", "抚宁区", "青龙县", "昌黎县", "卢龙县", "开发区", "北戴河新区")
MB = 1 << 20
_LOOK_S = 1.5  # between two looks at all processes, which take a fiftieth of the machine where they come four times a second
_SHOOT_S = 0.25  # the same where something is to happen at a moment


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
    factor, floor = draw.choice((0.3, 0.5, 0.65, 0.8, 1, 1, 1, 1.05)), draw.choice((1, 1, 1, 1, 3, -1))
    lost = draw.choice(("", "", "", "", "", "households", "entrances", "fire_lanes"))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE rooms SET area_m2 = area_m2 * ?", (factor,))
        connection.execute("UPDATE rooms SET floor = ? WHERE rowid = 1", (floor,))
        if lost:
            connection.execute("DELETE FROM gpkg_contents WHERE table_name = ?", (lost,))
            connection.execute("DELETE FROM gpkg_geometry_columns WHERE table_name = ?", (lost,))
    connection.close()


class Measured:
    """A command, and what it, its children and others that work for it took.

    Parameters
    ----------
    command : list of str
        What is run.
    beside : sequence of psutil.Process
        Others, with their children.
    at_each_look : callable, optional
        Called with the process four times a second.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        beside: Sequence[psutil.Process] = (),
        at_each_look: Callable[[psutil.Popen], None] | None = None,
    ) -> None:
        begun = time.monotonic()
        with tempfile.TemporaryFile() as said:
            process = psutil.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT)
            cpu: dict[int, float] = {}
            self.peak_mb = 0.0
            while process.poll() is None:
                rss = 0
                for one in self._all((process, *beside)):
                    try:
                        with one.oneshot():
                            rss += one.memory_info().rss
                            times = one.cpu_times()
                            cpu[one.pid] = times.user + times.system
                    except psutil.Error:
                        continue
                self.peak_mb = max(self.peak_mb, rss / MB)
                if at_each_look is not None:
                    at_each_look(process)
                time.sleep(_LOOK_S if at_each_look is None else _SHOOT_S)
            said.seek(0)
            self.said = said.read().decode("utf-8", "replace")
        self.code = process.returncode
        self.wall_s = time.monotonic() - begun
        self.cpu_s = sum(cpu.values())

    @staticmethod
    def _all(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
        found = list(processes)
        for process in processes:
            try:
                found += process.children(recursive=True)
            except psutil.Error:
                continue
        return found

    @property
    def last(self) -> str:
        """The last line that the command said, but for the place of the results."""
        lines = self.said.strip().splitlines()
        return lines[-1].rpartition("；")[0] or lines[-1] if lines else f"exit {self.code}"


class Table:
    """The lines of the table, printed as they come, and whether all of them say what they should."""

    def __init__(self) -> None:
        self.right = True
        print("| run | wall | CPU | peak RSS, all processes | |\n| --- | --- | --- | --- | --- |", flush=True)

    def row(self, what: str, took: Measured, note: str, *, right: bool = True) -> None:
        """Print a line."""
        self.right &= right
        cells = (
            what,
            f"{took.wall_s:.1f} s",
            f"{took.cpu_s:.1f} s",
            f"{took.peak_mb:.0f} MB",
            f"{note}{'' if right else ' **WRONG**'}",
        )
        print("| " + " | ".join(cells) + " |", flush=True)

    def same(self, what: str, took: Measured, out: Path, other: Path) -> None:
        """Print a line that compares a batch with the undisturbed one."""
        same = digest(other) == digest(out)
        self.row(what, took, f"{took.last}; same bytes as undisturbed: {same}", right=same)


def digest(out: Path) -> str:
    """Return one SHA-256 over the summaries and all results."""
    whole = hashlib.sha256()
    files = [*out.glob("summary.*"), *(out / "results").glob("*.json")]
    for file in sorted(files):
        whole.update(file.name.encode() + b"\0" + file.read_bytes())
    return whole.hexdigest()


def kept(out: Path) -> int:
    """Return how many results a batch has kept."""
    return len(list((out / "results").glob("*.json")))


def check(*what: str, rules: Sequence[str] = ()) -> list[str]:
    """Return the command that checks."""
    return [sys.executable, "-m", "plan", "check", *what, *rules]


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=500)
    options.add_argument("--jobs", default="2")
    options.add_argument("--rules", default="qinhuangdao")
    options.add_argument("--select", action="append", default=[])
    options.add_argument("--kill", type=int, default=0)
    options.add_argument("--dask", action="store_true")
    options.add_argument("--postgis", action="store_true")
    options.add_argument("--poison", action="store_true")
    options.add_argument("--seed", type=int, default=5)
    options.add_argument("--large-every", type=int, default=8)
    options.add_argument("--folder", type=Path)
    asked = options.parse_args()
    draw = random.Random(asked.seed)  # noqa: S311 - seeded moments, not a secret
    rules = ["--rules", asked.rules, *(part for rule in asked.select for part in ("--select", rule))]
    with tempfile.TemporaryDirectory(prefix="plan-batch-") as name:
        folder = asked.folder or Path(name)
        source, out = folder / "in", folder / "out"
        if not source.exists():
            make_estates(source, asked.count, large_every=asked.large_every)
        size = sum(f.stat().st_size for f in source.rglob("*.gpkg")) / MB
        print(f"{asked.count} estates, {size:.0f} MB, rules {asked.rules} {' '.join(asked.select)}\n")
        table = Table()
        local = check(str(source), "--jobs", asked.jobs, rules=rules)
        first = Measured([*local, "-o", str(out)])
        table.row("all", first, f"{1000 * first.cpu_s / asked.count:.0f} ms CPU each; {first.last}")
        before = digest(out)
        again = Measured([*local, "-o", str(out)])
        same = digest(out) == before
        table.row("unchanged", again, f"{again.last}; same bytes: {same}", right=same)
        vary(sorted(source.rglob("*.gpkg"))[asked.count // 2], random.Random(-1))  # noqa: S311
        changed = Measured([*local, "-o", str(out)])
        table.row("one changed", changed, changed.last)
        if asked.kill:
            killed(table, local, out, folder / "killed", times=asked.kill, draw=draw)
        if asked.dask:
            with_dask(table, check(str(source), rules=rules), out, folder / "dask", draw=draw)
        if asked.postgis:
            with_postgis(table, [*rules, "--jobs", asked.jobs], source, out=out, other=folder / "tables")
        if asked.poison:
            took = Measured(
                [sys.executable, str(ROOT / "tests" / "batch" / "poison.py"), str(folder / "poison")]
            )
            table.row("poison", took, took.last, right=took.code == 0)
    sys.exit(0 if table.right else 1)


def killed(
    table: Table, command: list[str], out: Path, other: Path, *, times: int, draw: random.Random
) -> None:
    """Check into another folder; the driver is killed so many times at random moments, and the batch resumed."""
    whole = kept(out)
    moments = sorted(draw.randint(1, whole - 1) for _ in range(times))
    for number, moment in enumerate(moments, start=1):

        def shoot(process: psutil.Popen, moment: int = moment) -> None:
            if kept(other) >= moment:
                time.sleep(draw.uniform(0, 0.5))  # anywhere within an estate
                process.send_signal(signal.SIGKILL)

        took = Measured([*command, "-o", str(other)], at_each_look=shoot)
        note = f"kill -9 of the driver: exit {took.code}, {kept(other)} of {whole} kept"
        table.row(f"killed {number}", took, note, right=took.code == -signal.SIGKILL)
    jobs = command[command.index("--jobs") + 1]
    table.same("resumed", Measured(check("--resume", str(other), "--jobs", jobs)), out, other)


def with_dask(table: Table, command: list[str], out: Path, other: Path, *, draw: random.Random) -> None:
    """Check into another folder on a cluster of two workers, of which one is killed at a random moment."""
    whole = kept(out)
    moment = draw.randint(1, whole - 1)
    at: list[int] = []
    with running_cluster(2) as cluster:

        def shoot(_process: psutil.Popen) -> None:
            if not at and kept(other) >= moment:
                time.sleep(draw.uniform(0, 0.5))
                cluster.kill_machine(0)
                at.append(kept(other))

        beside = (cluster.scheduler, *cluster.nannies)
        there = [*command, "--dask", cluster.address, "-o", str(other)]
        took = Measured(there, beside=beside, at_each_look=shoot)
    when = f"one killed with -9 after {at[0]} of {whole}" if at else "none killed"
    table.same(f"two Dask workers, {when}", took, out, other)


def with_postgis(table: Table, options: Sequence[str], source: Path, *, out: Path, other: Path) -> None:
    """Check the same estates from PostGIS, and compare the findings with those from files."""
    home = home_of_postgis()
    if home is None:
        print("| PostGIS is not installed | | | | |")
        return
    with running_postgis(home) as address:
        addresses = estates_to_postgis(address, source)
        took = Measured([*check(*addresses, rules=options), "-o", str(other)])
        told = compared(out, other)
    table.row("PostGIS", took, f"{took.last}; {told}", right=told.alike)


if __name__ == "__main__":
    main()
