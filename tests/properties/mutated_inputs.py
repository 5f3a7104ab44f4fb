"""Mutated inputs of every format that is read: no uncaught exception, and no *met* that an independent reader denies.

Each input is a small sound file with something in it changed, or one that holds a shape that nobody draws; which, follows
from the format and a number alone. What is changed lies as deep as the format goes: shapes, cells, tags, entities and
tables of the standard, packed again with the right checksums; some inputs have other bytes only. Each is inspected and
read; what becomes a site is judged by two rules, an area that is drawn and an area that is written. Whatever was met is
looked up in the mutated file by other means (``json``, ``sqlite3``, ``struct``, ``csv``, ``zipfile``): crossings and areas
in whole numbers, exactly; sums of what is written.

    python tests/properties/mutated_inputs.py [--count 100000] [--first 0] [--jobs 2] [--minutes 9] [--formats gpkg,shp]
        [--write tests/properties/mutated_inputs.md]

prints a table, and adds the run to a record. A process takes a thousand inputs; one that dies or hangs is named with the
input that it was at. KML and GPX are refused whatever they hold: they get one input for twenty of the others.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final
from unittest import mock

import geopandas as gpd
import mutant_drawings as drawings
import mutant_geojson as geojson
import mutant_gpkg as gpkg
import mutant_maps as maps
import mutant_outlines as outlines
import mutant_pbf as pbf
import mutant_shapefiles as shapefiles
import mutant_tables as tables
from mutant_bytes import changed
from mutant_oracle import Exact, lies
from mutant_shapes import Shape, sound_shapes
from shapely import MultiPolygon, Polygon

import plan.readers
from plan.checks import check
from plan.errors import PlanError
from plan.findings import Clause, Status, Strength
from plan.readers import inspect_sources, read_site
from plan.rules import Applies, Rule, RulePack
from plan.rules.kinds import FacilityArea, RoomArea

DRAWN_M2: Final = 400.0  # each fitness ground
WRITTEN_M2: Final = 300.0  # all rooms together
_CLAUSE: Final = Clause(document="D", number="N", article="1", quote="Q", effective=None)
_SLACK: Final = Fraction(1, 100_000)  # m2; doubles at these coordinates
_PROJECTED: Final = Fraction(1, 1000)  # m2; a projection, reckoned twice
_HANG_S: Final = 120
_SLOW_S: Final = 5
_BATCH: Final = 1000  # inputs of a process
_APART: Final = 8  # of so many inputs one is read twice, by each way of reading
FORMATS: Final = ("gpkg", "shp", "geojson", "csv", "csv16", "xlsx", "dxf", "osm", "pbf", "zip", "kml", "gpx")
REFUSED: Final = ("kml", "gpx")  # by design, whatever they hold
_OUTCOMES: Final = ("refused", "read", "met", "failed", "slow", "died")
_INPUTS: Final = ("refused", "read", "met", "failed", "died")
_MAPPING: Final = '[[dxf]]\nmatch = "健身"\nlayer = "facilities"\nset = { category = "fitness_ground" }\n'


# --- sound files ------------------------------------------------------------------------------------


def grounds() -> gpd.GeoDataFrame:
    """Return fitness grounds of 500, 360 and 450 m2, the second with a hole."""
    shapes = [MultiPolygon([Polygon(part[0], part[1:]) for part in shape]) for shape in sound_shapes()]
    return gpd.GeoDataFrame(
        {"facility_id": ["F1", "F2", "F3"], "category": ["fitness_ground"] * 3, "name": ["甲", "乙", "丙"]},
        geometry=[shape.geoms[0] for shape in shapes],
        crs=4548,
    )


def seeds(folder: Path) -> dict[str, Path]:
    """Write a sound file of each format; each is read and met as it is, but for those that are refused."""
    chance = random.Random(0)  # noqa: S311 - a seeded generator, not a secret
    frame = grounds()
    out = {name: folder / file for name, file in _FILES.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(out["gpkg"], layer="facilities", engine="pyogrio")
        frame.to_file(out["shp"], engine="pyogrio", encoding="GBK")
    out["geojson"].write_text(json.dumps(geojson.geojson(), ensure_ascii=False), encoding="utf-8")
    lines = "".join(",".join(row) + "\n" for row in tables.ROOMS)
    out["csv"].write_bytes(lines.encode("gb18030"))
    out["csv16"].write_bytes(lines.encode("utf-16-le"))
    parts = tables.workbook([("社区用房", [["幸福小区社区用房"], *tables.ROOMS], "")])
    shapefiles.pack(out["xlsx"], parts)
    out["dxf"].write_bytes(drawings.written(drawings.drawing()))
    out["osm"].write_text(maps.xml(maps.sound_map()), encoding="utf-8")
    out["pbf"].write_bytes(pbf.pbf(maps.sound_map(), chance))
    shapefiles.pack(
        out["zip"],
        {
            f"图/{p.name}": p.read_bytes()
            for p in sorted(folder.glob("facilities.*"))
            if p.suffix in shapefiles.PARTS
        },
    )
    out["kml"].write_text(_KML, encoding="utf-8")
    out["gpx"].write_text(
        '<?xml version="1.0"?><gpx version="1.1"><wpt lat="36" lon="117"/></gpx>', encoding="utf-8"
    )
    return out


_FILES: Final = {
    "gpkg": "facilities.gpkg", "shp": "facilities.shp", "geojson": "facilities.geojson", "csv": "csv_rooms.csv",
    "csv16": "csv16_rooms.csv", "xlsx": "rooms.xlsx", "dxf": "p.dxf", "osm": "p.osm", "pbf": "p.osm.pbf", "zip": "p.zip",
    "kml": "p.kml", "gpx": "p.gpx",
}  # fmt: skip
_KML: Final = (
    '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>甲</name><Point><coordinates>117,36'
    "</coordinates></Point></Placemark></kml>"
)


def mutate(name: str, number: int, sound: dict[str, Path], folder: Path) -> Path:
    """Write the mutated file; the same name and number give the same bytes."""
    chance = random.Random(f"{name}:{number}")  # noqa: S311 - a seeded generator, not a secret
    makers: dict[str, Callable[[], Path]] = {
        "gpkg": lambda: gpkg.make_gpkg(folder, chance, sound["gpkg"]),
        "shp": lambda: shapefiles.make_shp(folder, chance, sound["shp"]),
        "zip": lambda: shapefiles.make_zip(folder, chance, sound),
        "geojson": lambda: geojson.make_geojson(folder, chance),
        "csv": lambda: tables.make_text(folder, chance, wide=False),
        "csv16": lambda: tables.make_text(folder, chance, wide=True),
        "xlsx": lambda: tables.make_workbook(folder, chance),
        "dxf": lambda: drawings.make_dxf(folder, chance),
        "osm": lambda: maps.make_osm(folder, chance),
        "pbf": lambda: pbf.make_pbf(folder, chance),
    }
    if name in makers:
        return makers[name]()
    path = folder / sound[name].name
    path.write_bytes(changed(sound[name].read_bytes(), chance))
    return path


def written(
    name: str, shapes: list[Shape], chance: random.Random, sound: dict[str, Path], folder: Path
) -> Path:
    """Write a file of a format that is sound but for its shapes."""
    path = folder / _FILES[name]
    match name:
        case "gpkg":
            shutil.copy(sound["gpkg"], path)
            gpkg.put_shapes(path, shapes, chance)
        case "shp":
            for part in shapefiles.PARTS:
                shutil.copy(sound["shp"].with_suffix(part), path.with_suffix(part))
            shapefiles.write_shp(folder, [shapefiles.clockwise(shape) for shape in shapes], chance)
        case "geojson":
            path.write_text(json.dumps(geojson.geojson(shapes)), encoding="utf-8")
        case "dxf":
            path.write_bytes(drawings.written(drawings.drawing(shapes, chance)))
        case "osm":
            path.write_text(maps.xml(maps.sound_map(shapes)), encoding="utf-8")
        case _:
            path.write_bytes(pbf.pbf(maps.sound_map(shapes), chance))
    return path


# --- what an independent reader says ----------------------------------------------------------------


def denied(name: str, path: Path, met: list[tuple[str, str, float]], crs: Any = 4548) -> str:
    """Return why what was met cannot be; empty where the independent reader sees it too."""
    drawn = [one for one in met if one[0] == "T-1"]
    sums = [one for one in met if one[0] == "T-2"]
    if sums:
        read = tables.table_workbook if name == "xlsx" else tables.table_text
        found = (
            [tables.written(rows) for rows in read(path.read_bytes())]
            if name in ("csv", "csv16", "xlsx")
            else []
        )
        if not any(
            t + _SLACK >= WRITTEN_M2 and t + _SLACK + t / 10**9 >= Fraction(m)
            for *_, m in sums
            for t in found
        ):
            return f"written {[float(t) for t in found]}: {sums}"
    if not drawn:
        return ""
    data = path.read_bytes()
    moved = _projected(str(crs)) if name in ("osm", "pbf") else _as_it_is
    rows = {
        "gpkg": lambda: gpkg.seen_gpkg(path), "shp": lambda: shapefiles.seen_shp(path), "zip": lambda: shapefiles.seen_zip(path),
        "geojson": lambda: geojson.seen_geojson(data), "dxf": lambda: outlines.seen_dxf(data), "osm": lambda: maps.seen_osm(data),
        "pbf": lambda: pbf.seen_pbf(data),
    }[name]()  # fmt: skip
    slack = _PROJECTED if name in ("osm", "pbf") else _SLACK
    return lies(rows, drawn, minimum=DRAWN_M2, slack=slack, moved=moved)


def _as_it_is(ring: Exact) -> Exact:
    return ring


@cache
def _projected(crs: str) -> Callable[[Exact], Exact]:
    from pyproj import Transformer

    way = Transformer.from_crs(4326, crs, always_xy=True)
    return lambda ring: [tuple(map(Fraction, way.transform(float(x), float(y)))) for x, y in ring]  # type: ignore[misc]


# --- the run ----------------------------------------------------------------------------------------


@cache
def rules() -> RulePack:
    """Return two rules: what is drawn, and what is written."""
    made = [
        Rule(id=name, title="T", kind=kind, clause=_CLAUSE, strength=Strength.MUST, applies=Applies())
        for name, kind in (
            ("T-1", FacilityArea(category="fitness_ground", minimum_m2=DRAWN_M2)),
            ("T-2", RoomArea(rate_m2_per_100_households=0.0, minimum_m2=WRITTEN_M2)),
        )
    ]
    return RulePack(id="mutants", version="1.0.0", title="T", rules=tuple(made))


@dataclass(slots=True)
class Tally:
    """What became of inputs."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


class _PassedError(AssertionError):
    """``inspect_sources`` passes what ``read_site`` refuses."""


@contextmanager
def _read_once() -> Iterator[None]:
    """Let both ways of reading share what a file holds: each does all else itself."""
    held: dict[str, Any] = {}

    def once(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if name not in held:
                held[name] = real(*args, **options)
            return held[name]

        return call

    inner = sys.modules["plan.readers.assemble"]
    judge = once("judge", inner.judge)
    with (
        mock.patch.object(plan.readers, "read_raw", once("read", plan.readers.read_raw)),
        mock.patch.object(plan.readers, "judge", judge),
        mock.patch.object(inner, "judge", judge),
    ):
        yield


def try_one(name: str, path: Path, mapping: Path, *, once: bool = False) -> str:
    """Inspect, read and judge a mutated file; return what became of it.

    Raises
    ------
    AssertionError
        If something was met that is not so.
    """
    if once:
        with _read_once():
            return try_one(name, path, mapping)
    options: dict[str, Any] = {"mapping": mapping, "crs": "EPSG:4548"} if name == "dxf" else {}
    seen = inspect_sources(path, **options)
    seen.to_dict("zh")
    refused = any(p.effect == "refused" for p in seen.problems)
    try:
        site = read_site(path, **options)
    except PlanError as error:
        if not refused:
            raise _PassedError from error
        return "refused"
    assert not refused, "read_site takes what inspect refuses"
    report = check(site, rules())
    met = [
        (f.rule, str(f.subject or ""), float(f.measured))
        for f in report.findings
        if f.status is Status.MET and isinstance(f.measured, int | float)
    ]
    why = denied(name, path, met, site.crs) if met else ""
    assert not why, f"wrong met: {why}"
    return "met" if met else "read"


def run(
    name: str,
    numbers: range,
    *,
    sound: dict[str, Path],
    mapping: Path,
    at: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Try some inputs of a format."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as text:
        for number in numbers:
            folder = Path(text) / str(number)
            folder.mkdir()
            at(number)
            started = time.thread_time()
            try:
                path = mutate(name, number, sound, folder)
                tally.counts[try_one(name, path, mapping, once=number % _APART != 0)] += 1
            except Exception as error:  # noqa: BLE001 - every uncaught exception is what is looked for
                tally.counts["failed"] += 1
                tally.failures.append(f"{name}:{number} {type(error).__name__}: {str(error)[:400]}")
            if time.thread_time() - started > _SLOW_S:
                tally.counts["slow"] += 1
                tally.failures.append(f"{name}:{number} took {time.thread_time() - started:.1f} s of CPU")
            shutil.rmtree(folder, ignore_errors=True)
    return tally


def prepared(folder: Path) -> tuple[dict[str, Path], Path]:
    """Write the sound files and the mapping of the drawing."""
    mapping = folder / "mapping.toml"
    mapping.write_text(_MAPPING, encoding="utf-8")
    return seeds(folder), mapping


def _work(name: str, first: int, count: int, seeds_in: str) -> None:
    """Do one batch in this process, and print what became of it."""
    faulthandler.dump_traceback_later(_HANG_S * 10, exit=True)
    warnings.simplefilter("error")
    folder = Path(seeds_in)
    sound = {n: folder / file for n, file in _FILES.items()}

    def at(number: int) -> None:
        sys.stderr.write(f"at {number}\n")
        sys.stderr.flush()
        faulthandler.dump_traceback_later(_HANG_S, exit=True)

    tally = run(name, range(first, first + count), sound=sound, mapping=folder / "mapping.toml", at=at)
    _say(json.dumps({"counts": tally.counts, "failures": tally.failures}))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


@dataclass(slots=True)
class Done:
    """What a run of the command came to."""

    totals: dict[str, Counter[str]]
    failures: list[str] = field(default_factory=list)
    highest: int = 0  # the number behind the last one that was tried


def _shares(names: list[str], count: int) -> dict[str, int]:
    """Return how many inputs of each format there are: few of those that are refused whatever they hold."""
    weights = {name: 1 if name in REFUSED and len(names) > len(REFUSED) else 20 for name in names}
    return {name: -(-count * weight // sum(weights.values())) for name, weight in weights.items()}


def _all(shares: dict[str, int], first: int, jobs: int, minutes: float) -> Done:
    """Try the inputs in processes of a thousand."""
    out = Done({name: Counter() for name in shares})
    batches = [
        (name, start, min(_BATCH, first + share - start))
        for start in range(first, first + max(shares.values()), _BATCH)
        for name, share in shares.items()
        if start < first + share
    ]
    running: list[tuple[tuple[str, int, int], subprocess.Popen[str]]] = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as text:
        prepared(Path(text))
        while batches or running:
            if time.monotonic() - started > minutes * 60:
                batches.clear()
            while batches and len(running) < jobs:
                batch = batches.pop(0)
                command = [sys.executable, __file__, "--work", *map(str, batch), text]
                process = subprocess.Popen(
                    command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
                )
                running.append((batch, process))
            if not running:
                break
            (name, start, count), process = running.pop(0)
            told, err = process.communicate()
            out.highest = max(out.highest, start + count)
            if process.returncode == 0:
                said = json.loads(told.strip().splitlines()[-1])
                out.totals[name].update(said["counts"])
                out.failures += said["failures"]
                continue
            last = [line for line in err.splitlines() if line.startswith("at ")][-1:]
            number = int(last[0][3:]) if last else start
            out.totals[name]["died"] += 1
            out.failures.append(f"{name}:{number} died with {process.returncode}: {err[-400:]}")
            # What came before it goes again, without it, so that it is counted.
            if number > start:
                batches.insert(0, (name, start, number - start))
            if number + 1 < start + count:
                batches.insert(0, (name, number + 1, start + count - number - 1))
    return out


# --- the record -------------------------------------------------------------------------------------

_BY_FORMAT: Final = "| format | inputs | "
_RULE: Final = "|---" * (len(_OUTCOMES) + 2) + "|\n"
RECORD: Final = (
    "| numbers | formats | inputs | "
    + " | ".join(_OUTCOMES)
    + " |\n|---"
    + _RULE
    + "\n"
    + _BY_FORMAT
    + " | ".join(_OUTCOMES)
    + " |\n"
    + _RULE
)


def _cells(counts: Counter[str]) -> str:
    return f"{sum(counts[c] for c in _INPUTS)} | " + " | ".join(str(counts[c]) for c in _OUTCOMES)


def add_to_record(path: Path, first: int, done: Done) -> None:
    """Add a row for the run, and its inputs to the table by format."""
    text = path.read_text("utf-8") if path.exists() else RECORD
    whole = sum(done.totals.values(), start=Counter[str]())
    tried = [name for name, counts in done.totals.items() if counts]
    formats = "all" if set(tried) == set(FORMATS) else " ".join(tried)
    row = f"| {first} to {done.highest - 1} | {formats} | {_cells(whole)} |\n"
    head, behind = text.split(_BY_FORMAT)
    known = {name: Counter(done.totals.get(name, Counter())) for name in FORMATS}
    for name, *numbers in re.findall(
        r"^\| (\w+) \| \d+ " + r"\| (\d+) " * len(_OUTCOMES) + r"\|$", behind, re.MULTILINE
    ):
        if name in known:
            known[name].update(dict(zip(_OUTCOMES, map(int, numbers), strict=True)))
    lines = [f"| {name} | {_cells(counts)} |\n" for name, counts in known.items() if counts]
    total = sum(known.values(), start=Counter[str]())
    table = _BY_FORMAT + " | ".join(_OUTCOMES) + " |\n" + _RULE
    path.write_text(
        f"{head.rstrip()}\n{row}\n{table}{''.join(lines)}| all | {_cells(total)} |\n", encoding="utf-8"
    )


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=1e9, help="begin nothing new after so long")
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--write", type=Path, help="a record that the run is added to")
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        _work(asked.work[0], int(asked.work[1]), int(asked.work[2]), asked.work[3])
        return 0
    started = time.monotonic()
    done = _all(_shares(asked.formats.split(","), asked.count), asked.first, asked.jobs, asked.minutes)
    _say(_BY_FORMAT + " | ".join(_OUTCOMES) + " |")
    _say("|---" * (len(_OUTCOMES) + 2) + "|")
    for name, counts in done.totals.items():
        _say(f"| {name} | {_cells(counts)} |")
    _say(f"| all | {_cells(sum(done.totals.values(), start=Counter[str]()))} |")
    _say(f"\n{time.monotonic() - started:.0f} s, numbers {asked.first} to {done.highest - 1}")
    for failure in done.failures[:60]:
        _say(failure)
    if asked.write is not None:
        add_to_record(asked.write, asked.first, done)
    return 1 if done.failures else 0


if __name__ == "__main__":
    sys.exit(_main())
