"""Grids and rectangles with published optima: ``python tests/benchmarks/parking_grid.py [--quick] INSTANCES``.

INSTANCES is the folder with ``pllp.json`` and ``rect_ilp_120x120.geojson``. Prints rows of Markdown tables with
CPU seconds of the process, compilation of the machine code included; ``--quick`` leaves out the grid r2.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from shapely.geometry import LineString, box

from plan.parking import StallSpec
from plan.parking.bounds import practical_bound, upper_bound
from plan.parking.grid import grid_layout
from plan.parking.strips import best_section

GRID_HEAD = "| grid | published | plan | bound | proven | method | CPU s |\n|---|--:|--:|--:|---|---|--:|"
RECT_HEAD = "| rectangle 120 x 120 m, stalls 2.5 x 5.0 m | stalls |\n|---|--:|"
# Sides of the empty squares up to which branch and cut is run beside the frontier.
BOTH_UP_TO_M = 30
# The table of the published integer programme: pitch, depth to a wall, depth to interlock and aisle by angle.
ROWS_OF_613 = {
    90: (2.50, 5.00, 5.00, 7.00),
    75: (2.70, 5.50, 5.15, 6.00),
    60: (2.80, 5.60, 5.05, 4.50),
    45: (3.50, 5.30, 4.40, 3.75),
    30: (5.60, 4.50, 3.40, 3.50),
}


def grid_rows(folder, *, quick):
    """Yield a row for each grid and method."""
    lots = json.loads((folder / "pllp.json").read_text("utf-8"))
    cases = [("r1", lots["r1"]["grid"], lots["r1"]["entrance"], "pair", "38", ("frontier", "cuts"))]
    for side, published in lots["empty_squares_r1"].items():
        text = str(published) if isinstance(published, int) else f"{published[0]} ({published[1]})"
        grid = np.zeros((int(side) // 5, int(side) // 5), int)
        methods = ("frontier", "cuts") if int(side) <= BOTH_UP_TO_M else ("frontier",)
        cases.append((f"empty {side} m", grid, (0, 1), "pair", text, methods))
    if not quick:
        cases.append(("r2", lots["r2"]["grid"], lots["r2"]["entrance"], "field", "40", ("frontier",)))
    for name, grid, entrance, model, published, methods in cases:
        for method in methods:
            start = time.process_time()
            layout = grid_layout(
                grid,
                cell_m=5 if model == "pair" else 2.5,
                entrance=tuple(entrance),
                model=model,
                method=method,
            )
            cpu = time.process_time() - start
            proven = "yes" if layout.proven else "no"
            yield (
                f"| {name} | {published} | {layout.objective} | {layout.bound} | {proven} | {method} | {cpu:.2f} |"
            )


def stacked_rows(width_m=120.0, wall_m=120.0, inner_m=106.0):
    """Return the optimum of the integer programme of Abdelfatah and Taha with the published table of rows.

    Whole modules of an aisle with two rows of one angle stand side by side, the two outermost with a row along the
    wall; rows along the walls are as long as the lot, those between end at the two roads. No row loses a stall
    to its slanted end.
    """
    pitch, wall, interlock, aisle = np.array(list(ROWS_OF_613.values())).T
    inner, outer = inner_m // pitch, wall_m // pitch
    # Modules between, modules at a wall, single rows at a wall; of each angle.
    widths = np.concatenate([2 * interlock + aisle, wall + interlock + aisle, wall + aisle])
    stalls = np.concatenate([2 * inner, inner + outer, outer])
    at_wall = np.repeat([0, 1, 1], len(pitch))
    found = milp(
        -stalls,
        constraints=[LinearConstraint(widths, ub=width_m), LinearConstraint(at_wall, 2, 2)],
        integrality=np.ones_like(stalls),
        bounds=Bounds(0, 50),
    )
    return round(-found.fun)


def rectangle_rows(folder):
    """Yield what is known of the rectangle."""
    lot = json.loads((folder / "rect_ilp_120x120.geojson").read_text("utf-8"))
    figures = lot["params"]
    spec = StallSpec.of(
        width_m=figures["stall_w"],
        length_m=figures["stall_l"],
        aisles_m={float(angle): aisle for angle, aisle in figures["aisle"].items()},
    )
    angles = tuple(row.angle_deg for row in spec.rows)
    yield f"| published integer programme | {lot['published']['ilp']} |"
    yield f"| the same programme, solved here with its table (60 degrees at a pitch of 2.80 m) | {stacked_rows()} |"
    options = {"stall": spec, "angles_deg": angles, "length_m": 106}
    best = best_section(120, **options, wall_length_m=120)
    yield f"| rows at their true pitch (60 degrees: 2.89 m) and with their slanted ends | {best.stalls} |"
    yield f"| rows, all of them between the two roads | {best_section(120, **options).stalls} |"
    square, gate = box(0, 0, 120, 120), LineString([(0, 0), (0, 120)])
    bound = upper_bound(square, gates=[gate], stall=spec, angles_deg=angles)
    yield f"| proven bound for any layout | {bound.stalls} |"
    yield f"| practical bound, no proof | {practical_bound(square, stall=spec, angles_deg=angles).stalls} |"


def main():
    """Print the tables."""
    quick = "--quick" in sys.argv
    folders = [Path(arg) for arg in sys.argv[1:] if not arg.startswith("--")]
    if len(folders) != 1 or not (folders[0] / "pllp.json").is_file():
        sys.exit(__doc__)
    print(GRID_HEAD)
    for row in grid_rows(folders[0], quick=quick):
        print(row, flush=True)
    print()
    print(RECT_HEAD)
    for row in rectangle_rows(folders[0]):
        print(row, flush=True)


if __name__ == "__main__":
    main()
