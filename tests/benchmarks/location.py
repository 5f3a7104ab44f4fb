"""Choices of sites with a proof: ``python tests/benchmarks/location.py [--peers SECONDS] [--only PART] INSTANCES``.

INSTANCES is the folder with ``pmed`` (OR-Library) and ``sscflp_holmberg``. Prints rows of Markdown tables with CPU
seconds of the process. Each part runs in its own process: ``median``, ``single``, ``city`` and ``small``. With
``--peers`` pbp-pmedian (MIT) and spopt (BSD) with HiGHS are given some instances of the p-median, so many CPU seconds
each, where they are installed; a peer that has not ended by then is stopped.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import multiprocessing
import os
import sys
import time
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "location"))
from known_instances import distances_of, holmberg

from plan.location import capacitated, max_coverage, p_center, p_median, single_source

PARTS = ("median", "single", "city", "small")
PEERS_ON = (1, 2, 3, 4, 5, 6, 16, 30, 40)
SPOPT_UP_TO = 5
# Seconds that the city is given; its goal is in CPU seconds, which are fewer on a busy machine.
CITY_S = 120
CITY_SEEDS = (7, 8, 9)
# Metres walked in a minute, and by how much a walk is longer than the straight line: figures of the generator.
METRES_PER_MIN, DETOUR = 66, 1.3


def peak_mb():
    """Return the largest memory of the process so far, in MB; NaN where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def quiet():
    """Send what a solver prints nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def by_pbp(cost, p, sent):
    """Solve by pbp-pmedian."""
    quiet()
    from pbp_pmedian import solve

    value, *_ = solve(np.ascontiguousarray(cost.T), p=p)
    sent.put((float(value), time.process_time()))


def by_spopt(cost, p, sent):
    """Solve by spopt with HiGHS."""
    quiet()
    import pulp
    from spopt.locate import PMedian

    solver = pulp.HiGHS(msg=False)
    found = PMedian.from_cost_matrix(cost, np.ones(len(cost)), p_facilities=p).solve(solver)
    sent.put((float(found.problem.objective.value()), time.process_time()))


def of_peer(solver, cost, p, seconds):
    """Return a cell with what a peer found in its own process; its imports count."""
    context = multiprocessing.get_context("spawn")
    sent = context.Queue()
    process = context.Process(target=solver, args=(cost, p, sent))
    process.start()
    try:
        value, cpu = sent.get(timeout=seconds)
        cell = f"{value:.0f}, {cpu:.1f} s"
    except Exception:  # noqa: BLE001 - whatever keeps a peer from an answer is a result
        cell = f"no answer in {seconds} s (wall)"
    process.terminate()
    process.join()
    return cell


def median_rows(folder, *, peers_s):
    """Yield the rows of the OR-Library's p-median."""
    optima = [int(text) for text in (folder / "pmed" / "pmedopt.txt").read_text().split()]
    yield "| instance | n | p | optimum | plan | proven | CPU s |\n|---|--:|--:|--:|--:|---|--:|"
    kept, proven = [], 0
    for number, optimum in enumerate(optima, start=1):
        cost, p = distances_of(folder / "pmed" / f"pmed{number}.txt")
        start = time.process_time()
        found = p_median(cost, np.ones(len(cost)), p)
        cpu = time.process_time() - start
        good = found.proven and found.objective == found.bound == optimum
        proven += good
        kept.append(cpu)
        answer = "yes" if good else f"no, bound {found.bound:g}"
        yield f"| pmed{number} | {len(cost)} | {p} | {optimum} | {found.objective:.0f} | {answer} | {cpu:.2f} |"
    yield (
        f"\n{proven} of {len(optima)} proven; {time.process_time():.1f} CPU s for the process, imports, machine code, "
        f"reading and shortest ways included; {sum(kept):.1f} in the calls; {peak_mb():.0f} MB"
    )
    if peers_s:
        yield "\n| instance | plan | pbp-pmedian | spopt + HiGHS |\n|---|--:|--:|--:|"
        for number in PEERS_ON:
            cost, p = distances_of(folder / "pmed" / f"pmed{number}.txt")
            cells = []
            for name, solver in (("pbp_pmedian", by_pbp), ("spopt", by_spopt)):
                if not importlib.util.find_spec(name) or (solver is by_spopt and number > SPOPT_UP_TO):
                    cells.append("–")
                else:
                    cells.append(of_peer(solver, cost, p, peers_s))
            yield f"| pmed{number} | {optima[number - 1]}, {kept[number - 1]:.2f} s | {' | '.join(cells)} |"


def single_rows(folder):
    """Yield the rows of Holmberg's instances."""
    folder /= "sscflp_holmberg"
    optima = [int(text) for text in (folder / "os").read_bytes().replace(b"\0", b" ").split()]
    yield "| instance | demands | sites | optimum | plan | bound | proven | CPU s |\n|---|--:|--:|--:|--:|--:|---|--:|"
    proven = 0
    for number in range(1, 72):
        figures = holmberg(folder / f"p{number}")
        start = time.process_time()
        found = single_source(*figures)
        cpu = time.process_time() - start
        good = found.proven and found.objective == found.bound == optima[number - 1]
        proven += good
        yield (
            f"| p{number} | {figures[0].shape[0]} | {figures[0].shape[1]} | {optima[number - 1]} "
            f"| {found.objective:.0f} | {found.bound:.0f} | {'yes' if good else 'no'} | {cpu:.2f} |"
        )
    yield f"\n{proven} of 71 proven; {time.process_time():.1f} CPU s for the process; {peak_mb():.0f} MB"


def city(*, demands=5000, sites=300, seed=7):
    """Return a city made from a seed: homes in 40 neighbourhoods, rooms of 200 to 1,000 m² among them.

    Costs are household minutes of walking over ten, capacities a hundred households for 30 m², fixed costs grow
    with the area.
    """
    rng = np.random.default_rng(seed)
    centres = rng.random((40, 2)) * 6000
    homes = centres[rng.integers(0, 40, demands)] + rng.normal(0, 500, (demands, 2))
    among = sites * 2 // 3
    rooms = np.vstack(
        [
            homes[rng.choice(demands, among, replace=False)] + rng.normal(0, 60, (among, 2)),
            rng.random((sites - among, 2)) * 6000,
        ]
    )
    households = rng.integers(5, 60, demands).astype(float)
    minutes = np.hypot(*(homes[:, None] - rooms[None]).T).T * DETOUR / METRES_PER_MIN
    area_m2 = rng.choice([200, 300, 400, 600, 800, 1000], sites).astype(float)
    capacity = np.round(area_m2 / 30 * 100 * rng.uniform(0.8, 1.2, sites))
    fixed = np.round(area_m2 * rng.uniform(8, 20, sites) / 10)
    return minutes * households[:, None] / 10, households, capacity, fixed


def city_rows():
    """Yield the rows of the large capacitated instances."""
    yield "| seed | open | objective | bound | gap | CPU s | peak so far |\n|---|--:|--:|--:|--:|--:|--:|"
    for seed in CITY_SEEDS:
        figures = city(seed=seed)
        start = time.process_time()
        found = capacitated(*figures, time_limit_s=CITY_S)
        cpu = time.process_time() - start
        yield (
            f"| {seed} | {len(found.chosen)} | {found.objective:.0f} | {found.bound:.0f} "
            f"| {1 - found.bound / found.objective:.2%} | {cpu:.1f} | {peak_mb():.0f} MB |"
        )


def exact_center(cost, p):
    """Return the p-center's radius by the textbook's programme and HiGHS."""
    rows, sites = cost.shape
    pairs = rows * sites
    i, j = (k.ravel() for k in np.indices(cost.shape))
    each, count = np.arange(pairs), pairs + sites + 1
    served = coo_array((np.ones(pairs), (i, each)), shape=(rows, count))
    opened = coo_array(
        (np.repeat([1.0, -1.0], pairs), (np.tile(each, 2), np.concatenate([each, pairs + j]))),
        shape=(pairs, count),
    )
    wanted = coo_array((np.ones(sites), (np.zeros(sites, int), pairs + np.arange(sites))), shape=(1, count))
    near = coo_array(
        (
            np.concatenate([cost.ravel(), -np.ones(rows)]),
            (np.concatenate([i, np.arange(rows)]), np.concatenate([each, np.full(rows, count - 1)])),
        ),
        shape=(rows, count),
    )
    low = np.concatenate([np.ones(rows), np.full(pairs, -np.inf), [p], np.full(rows, -np.inf)])
    high = np.concatenate([np.ones(rows), np.zeros(pairs), [p], np.zeros(rows)])
    whole = np.arange(count) < count - 1
    upper = np.where(whole, 1, np.inf)
    found = milp(
        np.where(whole, 0.0, 1.0),
        constraints=[LinearConstraint(vstack([served, opened, wanted, near]).tocsr(), low, high)],
        integrality=whole,
        bounds=Bounds(0, upper),
    )
    return found.fun


def exact_coverage(cost, weights, p, limit):
    """Return the most weight that p sites cover, all choices tried."""
    within = cost <= limit
    return max(
        weights[within[:, list(chosen)].any(axis=1)].sum()
        for chosen in itertools.combinations(range(cost.shape[1]), p)
    )


def small_rows():
    """Yield the rows of the models that are held against other ways to solve them."""
    yield "| model | instances | equal | plan, CPU s | the other way, CPU s |\n|---|--:|--:|--:|--:|"
    rng = np.random.default_rng(1)
    equal, ours, theirs = [0, 0], [0.0, 0.0], [0.0, 0.0]
    for _ in range(20):
        homes = rng.random((40, 2)) * 10
        cost = np.hypot(*(homes[:, None] - homes[None, :20]).T).T
        weights = rng.integers(1, 50, 40).astype(float)
        for k, (mine, other) in enumerate(
            (
                (lambda c=cost: p_center(c, 4), lambda c=cost: exact_center(c, 4)),
                (
                    lambda c=cost, w=weights: max_coverage(c, w, 4, 2.0),
                    lambda c=cost, w=weights: exact_coverage(c, w, 4, 2.0),
                ),
            )
        ):
            start = time.process_time()
            found = mine()
            middle = time.process_time()
            value = other()
            ours[k] += middle - start
            theirs[k] += time.process_time() - middle
            equal[k] += found.proven and abs(found.objective - value) < 1e-6 * max(1, value)
    for k, name in enumerate(("p-center 40 x 20, HiGHS", "coverage 40 x 20, all choices")):
        yield f"| {name} | 20 | {equal[k]} | {ours[k]:.2f} | {theirs[k]:.2f} |"


def run(part, folder, peers_s):
    """Print the rows of one part."""
    rows = {
        "median": lambda: median_rows(folder, peers_s=peers_s),
        "single": lambda: single_rows(folder),
        "city": city_rows,
        "small": small_rows,
    }
    for row in rows[part]():
        print(row, flush=True)
    print()


def main():
    """Print all tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("instances", type=Path)
    parser.add_argument("--peers", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--only", choices=PARTS)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    for part in (options.only,) if options.only else PARTS:
        process = context.Process(target=run, args=(part, options.instances, options.peers))
        process.start()
        process.join()


if __name__ == "__main__":
    main()
