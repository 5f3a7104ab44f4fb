"""Measure what is added to old estates: ``python tests/benchmarks/elevators.py [SECTION ...]`` prints Markdown tables.

Sections: ``sunlight``. CPU seconds of the process, the least of several rounds; the machine code is compiled before,
and that is timed apart, in a process of its own with an empty cache.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
from shapely import affinity, box

from plan.elevators.losses import shaft_losses
from plan.elevators.sun import place_of, solar_term, sun_path
from plan.elevators.sunlight import sunlight
from plan.elevators.windows import facade_windows

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "elevators"))
from ray_caster import cast

ROUNDS = 3
SEED = 20260120
STAIRWELLS_EACH = 3
PICKED = 200
CANDIDATES_EACH = 40
PEER_INSTANTS = 3
OPTIONS = {"day": solar_term("great_cold", 2026), "hours": (8.0, 16.0), "sill_m": 0.9}
STEPS = 480
STOREY_M, FLOORS, ABOVE_M = 2.9, 6, 2.5


def least(work):
    """Return the least CPU seconds of several calls, and what the last one returned."""
    best = np.inf
    for _ in range(ROUNDS):
        start = time.process_time()
        made = work()
        best = min(best, time.process_time() - start)
    return best, made


def estate(stairwells, seed=SEED):
    """Return blocks of three stairwells each, slabs, Ls and Us turned by up to 25 degrees, and a shaft at each stairwell.

    One shaft in four stands before the southern façade, the others behind the northern one.
    """
    rng = np.random.default_rng(seed)
    count = -(-stairwells // STAIRWELLS_EACH)
    across = int(np.ceil(np.sqrt(count / 2)))
    shapes, shafts, of = [], [], []
    for i in range(count):
        length, depth = rng.uniform(42, 54), rng.uniform(10.5, 12.5)
        shape = box(-length / 2, 0, length / 2, depth)
        kind = rng.choice(["slab", "slab", "L", "U"])
        wing = rng.uniform(6, 12)
        if kind in "LU":
            shape = shape.union(box(-length / 2, -wing, -length / 2 + 7, depth))
        if kind == "U":
            shape = shape.union(box(length / 2 - 7, -wing, length / 2, depth))
        south = rng.random() < 1 / 4
        middles = (np.arange(STAIRWELLS_EACH) + 0.5) * (length / STAIRWELLS_EACH) - length / 2
        y0, y1 = (-2.2, 0.0) if south else (depth, depth + 2.2)
        added = [box(x - 1.05, y0, x + 1.05, y1).difference(shape) for x in middles]
        turn = rng.uniform(-25, 25)
        at = (
            500_000 + 68 * (i % across) + rng.uniform(-2, 2),
            4_050_000 + 52 * (i // across) + rng.uniform(-2, 2),
        )
        placed = [affinity.translate(affinity.rotate(g, turn, origin=(0, 0)), *at) for g in (shape, *added)]
        shapes.append(placed[0])
        shafts += [g for g in placed[1:] if not g.is_empty]
        of += [f"B{i:04d}" for g in placed[1:] if not g.is_empty]
    houses = gpd.GeoDataFrame(
        {"building_id": [f"B{i:04d}" for i in range(count)], "floors": FLOORS, "height_m": FLOORS * STOREY_M},
        geometry=shapes, crs=4548,
    )  # fmt: skip
    return houses, gpd.GeoDataFrame({"building_id": of}, geometry=shafts, crs=4548)


def candidates(shafts):
    """Return many possible shafts around each one."""
    rng = np.random.default_rng(SEED)
    many = shafts.loc[np.repeat(shafts.index, CANDIDATES_EACH)].reset_index(drop=True)
    moves = rng.uniform(-2, 2, (len(many), 2))
    return many.set_geometry([affinity.translate(g, *by) for g, by in zip(many.geometry, moves, strict=True)])


def compiled_in():
    """Return the CPU seconds of the first call with an empty cache, and those of the first call with a full one."""
    code = (
        "import sys, time\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import elevators\n"
        "houses, shafts = elevators.estate(3)\n"
        "start = time.process_time()\n"
        "elevators.sunlight(houses, shafts, **elevators.OPTIONS)\n"
        "print(time.process_time() - start)\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        return [
            float(
                subprocess.run(
                    [sys.executable, "-c", code], env=environment, check=True, capture_output=True
                ).stdout
            )
            for _ in range(2)
        ]


def against_brute_force(houses, shafts, found):
    """Return how many minutes the two differ by at most, on how many windows, and the caster's CPU seconds."""
    windows = found.windows
    changed = windows[windows["loss_min"] > 0]
    picked = changed.sample(min(PICKED // 2, len(changed)), random_state=SEED)
    rest = windows.drop(picked.index)
    picked = np.r_[picked.index, rest.sample(PICKED - len(picked), random_state=SEED).index]
    rows = windows.loc[picked]
    on_map = rows["bearing_deg"] - found.place.convergence_deg
    eyes = np.c_[rows.geometry.x, rows.geometry.y, rows["sill_m"], on_map]
    stand = [(shape, FLOORS * STOREY_M) for shape in houses.geometry]
    new = [(shape, FLOORS * STOREY_M + ABOVE_M) for shape in shafts.geometry]
    sun = found.path.azimuth_deg - found.place.convergence_deg, found.path.altitude_deg
    start = time.process_time()
    before, after = cast(eyes, stand, *sun), cast(eyes, stand + new, *sun)
    cpu = time.process_time() - start
    off = max(abs(before - rows["minutes_before"]).max(), abs(after - rows["minutes_after"]).max())
    return off, len(rows), cpu


def peer(houses):
    """Return the CPU seconds of pybdshadow for one instant, or None where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import pybdshadow
        except ImportError:
            return None
        frame = houses.rename(columns={"height_m": "height"})[["height", "geometry"]].to_crs(4326)
        frame = pybdshadow.bd_preprocess(frame)
        instants = [dt.datetime(2026, 1, 20, hour) for hour in (2, 4, 6)]  # noqa: DTZ001 - it takes UTC without a zone
        pybdshadow.bdshadow_sunlight(frame.head(10), instants[0])
        start = time.process_time()
        for instant in instants[:PEER_INSTANTS]:
            pybdshadow.bdshadow_sunlight(frame, instant)
        return (time.process_time() - start) / PEER_INSTANTS


def sunlight_section(stairwells):
    """Yield the lines of the tables about sunlight."""
    houses, shafts = estate(stairwells)
    small = estate(3)
    sunlight(*small, **OPTIONS)
    path = sun_path(place_of(houses), day=OPTIONS["day"], hours=OPTIONS["hours"])
    path_cpu, _ = least(lambda: sun_path(place_of(houses), day=OPTIONS["day"], hours=OPTIONS["hours"]))
    windows_cpu, windows = least(lambda: facade_windows(houses, sill_m=0.9, path=path))
    before_cpu, _ = least(lambda: sunlight(houses, None, windows=windows, **OPTIONS))
    both_cpu, found = least(lambda: sunlight(houses, shafts, **OPTIONS))
    full_cpu, _ = least(lambda: sunlight(houses, shafts, width_m=1.8, **OPTIONS))
    tried = candidates(shafts)
    start = sunlight(houses, None, windows=windows, **OPTIONS)
    shaft_losses(start, houses, tried.head(3), limit_min=120.0)
    each_cpu, _ = least(lambda: shaft_losses(start, houses, tried, limit_min=120.0))
    off, many, caster_cpu = against_brute_force(houses, shafts, found)
    empty_cpu, cached_cpu = compiled_in()
    losing = (found.windows["loss_min"] > 0).sum()
    falling = ((found.windows["minutes_before"] >= 120) & (found.windows["minutes_after"] < 120)).sum()
    yield "| work | CPU s | |"
    yield "| --- | --: | --- |"
    yield f"| where the sun stands, {STEPS} steps | {path_cpu:.3f} | pvlib |"
    yield f"| windows of {len(houses):,} blocks | {windows_cpu:.3f} | {len(windows):,} windows |"
    yield f"| their sun before | {before_cpu:.3f} | |"
    yield (
        f"| all of it, before and after {len(shafts):,} shafts | {both_cpu:.3f} | "
        f"{losing:,} windows lose sun, at most {found.windows['loss_min'].max():.0f} min; {falling:,} fall below 2 h |"
    )
    yield f"| the same, both ends of sills of 1.8 m | {full_cpu:.3f} | |"
    yield f"| what each of {len(tried):,} possible shafts takes by itself | {each_cpu:.2f} | {each_cpu / len(tried) * 1e6:.0f} µs each |"
    yield f"| first call of a process, compiling / from the cache | {empty_cpu:.1f} / {cached_cpu:.1f} | {len(small[0])} block |"
    each = caster_cpu / many
    yield (
        f"| brute force on {many} windows, before and after | {caster_cpu:.1f} | at most {off:.0f} min off; "
        f"{each * len(windows):,.0f} s for all, {each * len(windows) / both_cpu:,.0f}× |"
    )
    one = peer(houses)
    if one is None:
        yield "| pybdshadow | – | not installed |"
    else:
        total = one * STEPS
        yield (
            f"| pybdshadow, shadows of one instant, no windows | {one:.2f} | {total:,.0f} s for {STEPS} instants before "
            f"only, {total / both_cpu:,.0f}× |"
        )


SECTIONS = {"sunlight": sunlight_section}


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[[], *SECTIONS], help="all of them without a name")
    parser.add_argument("--stairwells", type=int, default=1000)
    asked = parser.parse_args()
    for name in asked.sections or SECTIONS:
        sys.stdout.write("\n".join([f"**{name}**", "", *SECTIONS[name](asked.stairwells)]) + "\n\n")


if __name__ == "__main__":
    main()
