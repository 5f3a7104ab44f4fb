"""Measure what a gate costs to try: ``python tests/benchmarks/gates.py`` prints rows of a Markdown table.

CPU seconds of the process, the least of several rounds; wall seconds beside them. Every row states how far
the answer is from walking the edited site from scratch.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

import plan
from plan.access import (
    WhatIf,
    facilities_from_site,
    origins_from_site,
    walk_times,
    with_gate,
    with_gate_closed,
)
from plan.access.whatif import builder

SITE = Path(__file__).resolve().parents[2] / "sample_gis" / "district.gpkg"
BARRIER = "K17"  # the fence of an estate, far from its gates
ROUNDS = 7
HEAD = "| work | edit, CPU s | compare, CPU s | both, wall s | from scratch, CPU s | largest error, min |"


def least(work):
    """Return the least CPU and wall seconds of several calls, and what the last one returned."""
    best_cpu = best_wall = np.inf
    for _ in range(ROUNDS):
        cpu, wall = time.process_time(), time.perf_counter()
        made = work()
        best_cpu = min(best_cpu, time.process_time() - cpu)
        best_wall = min(best_wall, time.perf_counter() - wall)
    return best_cpu, best_wall, made


def scratch(site, build):
    return walk_times(build(site), origins_from_site(site), facilities_from_site(site), max_min=np.inf)


def row(name, site, edit):
    """Return one row: an edit of a site, and the walk times after it."""
    build = builder()
    what = WhatIf.of(site, build=build)
    edit_cpu, edit_wall, edited = least(lambda: edit(site, what.base.network))
    cpu, wall, change = least(lambda: what.compare(edited))
    again_cpu, _, again = least(lambda: scratch(edited, build))
    error = np.nanmax(np.abs(change.after[again.columns].to_numpy() - again.to_numpy()))
    work = f"{name}, {len(again):,} households x {len(again.columns)} categories ({change.route})"
    return f"| {work} | {edit_cpu:.3f} | {cpu:.3f} | {edit_wall + wall:.3f} | {again_cpu:.3f} | {error:.0e} |"


def main():
    """Print the table."""
    site = plan.read_site(SITE)
    wall = site.layer("barriers").set_index("barrier_id").geometry[BARRIER]
    spot = wall.interpolate(0.5, normalized=True)
    opened = with_gate(site, spot, BARRIER, gate_id="TRIED")
    rows = [
        row("a gate opened", site, lambda s, net: with_gate(s, spot, BARRIER, network=net)),
        row("a gate closed", opened, lambda s, _: with_gate_closed(s, "TRIED")),
    ]
    sys.stdout.write("\n".join([HEAD, "|---|--:|--:|--:|--:|--:|", *rows]) + "\n")


if __name__ == "__main__":
    main()
