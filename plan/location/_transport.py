"""Demands divided among open sites of limited room at least cost, kept optimal while sites open and close.

Successive shortest paths on a graph of the sites alone: the arc from site a to site b costs what the unit of demand
at a that is moved most cheaply costs more at b. A demand that comes in takes the cheapest way to a site with room, and
pushes others on along it; a site that opens draws demand in along the cheapest ways as long as that pays. Both keep
the division optimal (Ahuja, Magnanti and Orlin 1993, section 9.7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Held = NDArray[np.int32]
    Place = int | np.signedinteger

__all__ = ["close_site", "open_site", "place_all", "spent"]

# Of a unit's cost: a way that is shorter by less is not shorter.
_EPS = 1e-10
# Of a demand: less is nothing.
_TINY = 1e-9


@compiled
def _refresh(
    unit: Floats, is_open: Bools, item: Held, count: Ints, best: Floats, which: Ints, a: Place
) -> None:
    """Find what it costs to move a unit from site a to each other site, and the place of its demand at a."""
    live = np.flatnonzero(is_open)
    best[a] = np.inf
    for s in range(count[a]):
        i = item[a, s]
        here = unit[i, a]
        for b in live:
            more = unit[i, b] - here
            if more < best[a, b]:
                best[a, b] = more
                which[a, b] = s
    best[a, a] = np.inf


@compiled
def _drop(item: Held, amount: Floats, count: Ints, a: Place, s: Place) -> None:
    """Take the demand at place s away from site a; the last one takes its place."""
    last = count[a] - 1
    item[a, s] = item[a, last]
    amount[a, s] = amount[a, last]
    count[a] = last


@compiled
def _add(item: Held, amount: Floats, count: Ints, a: Place, i: Place, much: float) -> None:
    """Add some of demand i to site a."""
    for s in range(count[a]):
        if item[a, s] == i:
            amount[a, s] += much
            return
    item[a, count[a]] = i
    amount[a, count[a]] = much
    count[a] += 1


@compiled
def _insert(
    unit: Floats,
    is_open: Bools,
    item: Held,
    amount: Floats,
    count: Ints,
    room: Floats,
    best: Floats,
    which: Ints,
    i: Place,
    much: float,
) -> bool:
    """Bring in some of demand i; tell whether there was room."""
    sites = len(count)
    far = np.empty(sites)
    before = np.empty(sites, np.int64)
    live = np.flatnonzero(is_open)
    fresh = np.zeros(sites, np.bool_)
    limit = _TINY * much
    a: Place
    b: Place
    end: Place
    while much > limit:
        for a in live:
            far[a] = unit[i, a]
            before[a] = -1
            fresh[a] = count[a] > 0 and far[a] < np.inf
        changed = True
        turns = 0
        while changed and turns <= sites:
            changed = False
            turns += 1
            for a in live:
                if not fresh[a]:
                    continue
                fresh[a] = False
                for b in live:
                    way = far[a] + best[a, b]
                    if way < far[b] - _EPS * (1.0 + abs(way)):
                        far[b] = way
                        before[b] = a
                        fresh[b] = count[b] > 0
                        changed = True
        end = -1
        least = np.inf
        for a in live:
            if room[a] > limit and far[a] < least:
                least = far[a]
                end = a
        if end < 0:
            return False
        push = min(much, room[end])
        b = end
        steps = 0
        while before[b] >= 0 and steps <= sites:
            push = min(push, amount[before[b], which[before[b], b]])
            b = before[b]
            steps += 1
        if steps > sites:
            return False
        room[end] -= push
        b = end
        while before[b] >= 0:
            a = before[b]
            s = which[a, b]
            moved = item[a, s]
            amount[a, s] -= push
            if amount[a, s] <= limit:
                push_on = push + amount[a, s]
                _drop(item, amount, count, a, s)
            else:
                push_on = push
            _add(item, amount, count, b, moved, push_on)
            b = a
        _add(item, amount, count, b, i, push)
        much -= push
        a = end
        while a >= 0:
            _refresh(unit, is_open, item, count, best, which, a)
            a = before[a]
    return True


@compiled
def place_all(
    unit: Floats,
    demand: Floats,
    is_open: Bools,
    item: Held,
    amount: Floats,
    count: Ints,
    room: Floats,
    best: Floats,
    which: Ints,
) -> bool:
    """Divide all demands among the open sites from nothing; tell whether there was room.

    Parameters
    ----------
    unit : array of float, demands x sites
        Cost of a unit of demand; infinite where there is no way.
    demand : array of float
    is_open : array of bool
    item, amount : array, sites x places
        The demands at each site and how much of each; as many places as there are demands. Written, like the rest.
    count : array of int
        Demands at each site.
    room : array of float
        What is left of the capacities; the capacities to begin with.
    best, which : array, sites x sites
        The cheapest move between sites, and the place that it takes away from.

    Returns
    -------
    bool
    """
    count[:] = 0
    best[:] = np.inf
    for i in range(len(demand)):
        if not _insert(unit, is_open, item, amount, count, room, best, which, i, demand[i]):
            return False
    return True


@compiled
def close_site(
    unit: Floats,
    is_open: Bools,
    item: Held,
    amount: Floats,
    count: Ints,
    room: Floats,
    best: Floats,
    which: Ints,
    site: int,
) -> bool:
    """Close a site and place its demands elsewhere; tell whether there was room."""
    is_open[site] = False
    many = count[site]
    left = item[site, :many].copy()
    much = amount[site, :many].copy()
    count[site] = 0
    best[site] = np.inf
    best[:, site] = np.inf
    for k in range(many):
        if not _insert(unit, is_open, item, amount, count, room, best, which, left[k], much[k]):
            return False
    return True


@compiled
def open_site(
    unit: Floats,
    is_open: Bools,
    item: Held,
    amount: Floats,
    count: Ints,
    room: Floats,
    best: Floats,
    which: Ints,
    site: int,
    capacity: float,
) -> None:
    """Open a site and draw demand to it as long as that pays."""
    a: Place
    b: Place
    sites = len(count)
    is_open[site] = True
    room[site] = capacity
    count[site] = 0
    for a in range(sites):
        for s in range(count[a]):
            more = unit[item[a, s], site] - unit[item[a, s], a]
            if more < best[a, site]:
                best[a, site] = more
                which[a, site] = s
    far = np.empty(sites)
    after = np.empty(sites, np.int64)
    live = np.flatnonzero(is_open)
    fresh = np.zeros(sites, np.bool_)
    limit = _TINY * capacity
    for _ in range(100 * sites + 10 * len(unit)):
        if room[site] <= limit:
            return
        far[:] = np.inf
        after[:] = -1
        far[site] = 0.0
        fresh[:] = False
        fresh[site] = True
        changed = True
        turns = 0
        while changed and turns <= sites:
            changed = False
            turns += 1
            for b in live:
                if not fresh[b]:
                    continue
                fresh[b] = False
                for a in live:
                    way = best[a, b] + far[b]
                    if a != site and count[a] > 0 and way < far[a] - _EPS * (1.0 + abs(way)):
                        far[a] = way
                        after[a] = b
                        fresh[a] = True
                        changed = True
        start = np.argmin(far)
        if far[start] >= -1e-9:
            return
        push = room[site]
        a = start
        steps = 0
        while a != site and steps <= sites:
            push = min(push, amount[a, which[a, after[a]]])
            a = after[a]
            steps += 1
        if steps > sites:
            return
        room[start] += push
        room[site] -= push
        # From the far end on, so that every place that is taken from is still where it was.
        a = start
        while a != site:
            b = after[a]
            s = which[a, b]
            moved = item[a, s]
            amount[a, s] -= push
            much = push
            if amount[a, s] <= _TINY * push:
                much += amount[a, s]
                _drop(item, amount, count, a, s)
            _add(item, amount, count, b, moved, much)
            a = b
        a = start
        while a >= 0:
            _refresh(unit, is_open, item, count, best, which, a)
            a = after[a]


@compiled
def spent(unit: Floats, item: Held, amount: Floats, count: Ints) -> float:
    """Return what the division costs."""
    total = 0.0
    for a in range(len(count)):
        for s in range(count[a]):
            total += unit[item[a, s], a] * amount[a, s]
    return total
