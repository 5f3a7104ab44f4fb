"""Layouts on a raster: by hand, by trying everything, and by two methods that know nothing of each other."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import union_all

from plan.errors import UsageError
from plan.parking.grid import grid_layout

SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))


def connected(cells, entrance):
    """Return whether places are connected by single steps, with the entrance among them."""
    cells, seen, queue = set(cells), {entrance}, [entrance]
    while queue:
        row, column = queue.pop()
        for i, j in SIDES:
            if (row + i, column + j) in cells - seen:
                seen.add((row + i, column + j))
                queue.append((row + i, column + j))
    return cells == seen


def best_of_pairs(blocked, entrance):
    """Try every set of driven cells."""
    free = [tuple(map(int, c)) for c in np.argwhere(np.asarray(blocked) == 0)]
    most = 0
    for choice in product((0, 1), repeat=len(free)):
        driven = {c for c, chosen in zip(free, choice, strict=True) if chosen}
        if entrance in driven and connected(driven, entrance):
            stalls = [
                c for c in free if c not in driven and any((c[0] + i, c[1] + j) in driven for i, j in SIDES)
            ]
            most = max(most, 2 * len(stalls))
    return most


def most_stalls(places):
    """Return how many of some sets of cells can be chosen without a cell in two of them."""
    if not places:
        return 0
    first, rest = places[0], places[1:]
    return max(1 + most_stalls([p for p in rest if not p & first]), most_stalls(rest))


def best_of_fields(blocked, entrance):
    """Try every set of driven fields."""
    grid = np.asarray(blocked) == 0
    rows, columns = grid.shape
    square = ((0, 0), (0, 1), (1, 0), (1, 1))
    fields = [(r, c) for r in range(rows - 1) for c in range(columns - 1) if grid[r : r + 2, c : c + 2].all()]
    most = 0
    for choice in product((0, 1), repeat=len(fields)):
        chosen = [f for f, taken in zip(fields, choice, strict=True) if taken]
        if entrance not in chosen or not connected(chosen, entrance):
            continue
        driven = {(r + i, c + j) for r, c in chosen for i, j in square}
        places = set()
        for r, c in driven:
            for i, j in SIDES:
                pair = [(r + i, c + j), (r + 2 * i, c + 2 * j)]
                if all(0 <= x < rows and 0 <= y < columns and grid[x, y] for x, y in pair):
                    places.add(frozenset(pair))
        places = [p for p in places if not p & driven]
        if len(places) > most:
            most = max(most, most_stalls(sorted(places, key=sorted)))
    return most


def check(layout, blocked, entrance):
    """Fail unless a layout obeys its model."""
    free = {tuple(map(int, c)) for c in np.argwhere(np.asarray(blocked) == 0)}
    driven = set(layout.driven)
    assert driven <= free
    cells = [cell for stall in layout.stalls for cell in stall]
    assert len(cells) == len(set(cells))
    assert set(cells) <= free - driven
    if layout.model == "pair":
        assert connected(driven, entrance)
        assert all(any((r + i, c + j) in driven for i, j in SIDES) for r, c in cells)
        assert layout.objective == 2 * len(layout.stalls)
        return
    fields = {(r, c) for r, c in driven if {(r, c + 1), (r + 1, c), (r + 1, c + 1)} <= driven}
    assert connected(fields, entrance)
    assert {(r + i, c + j) for r, c in fields for i in (0, 1) for j in (0, 1)} == driven
    for (r, c), (x, y) in layout.stalls:
        assert abs(r - x) + abs(c - y) == 1
        assert (2 * r - x, 2 * c - y) in driven
    assert layout.objective == len(layout.stalls)


@st.composite
def lots(draw, *, rows, columns, side):
    """Draw a grid with a few blocked cells and a free entrance on top."""
    grid = [[int(draw(st.integers(0, 4)) == 0) for _ in range(columns)] for _ in range(rows)]
    column = draw(st.integers(0, columns - side))
    for i in range(side):
        for j in range(side):
            grid[i][column + j] = 0
    return grid, (0, column)


@settings(deadline=None, max_examples=25)
@given(lots(rows=3, columns=4, side=1))
def test_no_set_of_driven_cells_is_better(lot) -> None:
    blocked, entrance = lot
    best = best_of_pairs(blocked, entrance)
    for method in ("frontier", "cuts"):
        layout = grid_layout(blocked, cell_m=5, entrance=entrance, model="pair", method=method)
        check(layout, blocked, entrance)
        assert (layout.objective, layout.bound, layout.proven) == (best, best, True)


@settings(deadline=None, max_examples=25)
@given(lots(rows=4, columns=5, side=2))
def test_no_set_of_driven_fields_is_better(lot) -> None:
    blocked, entrance = lot
    best = best_of_fields(blocked, entrance)
    for method in ("frontier", "cuts"):
        layout = grid_layout(blocked, cell_m=2.5, entrance=entrance, method=method)
        check(layout, blocked, entrance)
        assert (layout.objective, layout.bound, layout.proven) == (best, best, True)


@settings(deadline=None, max_examples=12)
@given(st.one_of(lots(rows=7, columns=6, side=2), lots(rows=5, columns=8, side=2)))
def test_frontier_and_cuts_agree_on_fields(lot) -> None:
    blocked, entrance = lot
    swept, cut = (
        grid_layout(blocked, cell_m=2.5, entrance=entrance, method=method) for method in ("frontier", "cuts")
    )
    check(swept, blocked, entrance)
    check(cut, blocked, entrance)
    assert swept.proven
    assert cut.proven
    assert swept.objective == cut.objective


@settings(deadline=None, max_examples=12)
@given(lots(rows=6, columns=6, side=1))
def test_frontier_and_cuts_agree_on_pairs(lot) -> None:
    blocked, entrance = lot
    swept, cut = (
        grid_layout(blocked, cell_m=5, entrance=entrance, model="pair", method=method)
        for method in ("frontier", "cuts")
    )
    check(swept, blocked, entrance)
    check(cut, blocked, entrance)
    assert swept.proven
    assert cut.proven
    assert swept.objective == cut.objective


def test_a_lane_with_stalls_on_both_sides() -> None:
    # Six columns: two are driven, and on either side a stall of two cells stands in each of the four rows.
    layout = grid_layout(np.zeros((4, 6)), cell_m=2.5, entrance=(0, 2))
    assert (layout.objective, layout.proven) == (8, True)
    stalls = layout.stall_polygons()
    assert [s.area for s in stalls] == pytest.approx([12.5] * 8)
    assert union_all(stalls).area == pytest.approx(100)
    assert union_all(stalls).intersection(layout.driven_ground()).area == 0
    assert layout.driven_ground().bounds == (5.0, 0.0, 10.0, 10.0)


def test_pairs_stand_side_by_side_before_the_way() -> None:
    layout = grid_layout(np.zeros((3, 3)), cell_m=5, entrance=(0, 1), model="pair")
    stalls = layout.stall_polygons()
    assert len(stalls) == layout.objective == 12
    ground = layout.driven_ground()
    assert all(s.intersection(ground).length == pytest.approx(2.5) for s in stalls)


def test_an_entrance_without_room_for_a_stall() -> None:
    for method in ("frontier", "cuts"):
        layout = grid_layout([[0, 0, 1], [0, 0, 1]], cell_m=2.5, entrance=(0, 0), method=method)
        assert (layout.objective, layout.bound, layout.proven) == (0, 0, True)


def test_a_grid_on_its_side_has_as_many() -> None:
    grid = np.zeros((5, 9))
    grid[2, 4] = 1
    upright = grid_layout(grid, cell_m=2.5, entrance=(0, 2))
    lying = grid_layout(grid.T, cell_m=2.5, entrance=(2, 0))
    check(upright, grid, (0, 2))
    check(lying, grid.T, (2, 0))
    assert upright.objective == lying.objective


def test_where_time_is_short_the_bound_still_holds() -> None:
    grid = np.zeros((12, 12))
    layout = grid_layout(grid, cell_m=2.5, entrance=(0, 5), method="cuts", time_limit_s=0.5)
    check(layout, grid, (0, 5))
    assert layout.objective <= layout.bound <= 72
    assert layout.proven == (layout.objective == layout.bound)


@pytest.mark.parametrize(
    "given_",
    [
        {"blocked": []},
        {"blocked": [[0, 0], [0]]},
        {"blocked": [[0, 2], [0, 0]]},
        {"blocked": [[0, 0, 0]] * 3, "entrance": (2, 2)},
        {"blocked": [[0, 0, 0]] * 3, "entrance": (-1, 0)},
        {"blocked": [[0, 1, 0]] * 3},
        {"cell_m": 0},
        {"cell_m": float("nan")},
        {"time_limit_s": -1},
        {"model": "round"},
        {"method": "guess"},
        {"blocked": np.zeros((16, 16)), "method": "frontier"},
    ],
)
def test_what_makes_no_sense_is_refused(given_) -> None:
    options = {"blocked": [[0] * 4] * 4, "cell_m": 2.5, "entrance": (0, 0), **given_}
    with pytest.raises(UsageError):
        grid_layout(options.pop("blocked"), **options)


def test_the_solver_prints_nothing() -> None:
    # In a process of its own, as it prints its name only once.
    code = (
        "from plan.parking.grid import grid_layout\n"
        "grid_layout([[0] * 3] * 3, cell_m=5, entrance=(0, 1), model='pair', method='cuts')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.real
def test_the_published_grid_of_pairs(shared) -> None:
    lot = json.loads((shared / "instances" / "parking" / "pllp.json").read_text("utf-8"))["r1"]
    for method in ("frontier", "cuts"):
        layout = grid_layout(
            lot["grid"], cell_m=5, entrance=tuple(lot["entrance"]), model="pair", method=method
        )
        check(layout, lot["grid"], tuple(lot["entrance"]))
        assert (layout.objective, layout.proven) == (lot["published_optimum"], True)
