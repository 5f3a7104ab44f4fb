"""Readers of published instances: the OR-Library's p-median, and Holmberg's single-source location."""

from __future__ import annotations

from pathlib import Path

import numpy as np

# More than any way in the OR-Library's networks; twice of it is still a number of 16 bits.
FAR = (1 << 14) - 1


def distances_of(path: Path) -> tuple[np.ndarray, int]:
    """Read an instance of the OR-Library (Beasley 1985): shortest ways between all nodes, and p.

    Of two edges between the same nodes the last one counts.
    """
    figures = np.array(path.read_text().split(), dtype=np.int64)
    count, _, p = figures[:3]
    ways = np.full((count, count), FAR, np.int16)
    for u, v, length in figures[3:].reshape(-1, 3):
        ways[u - 1, v - 1] = ways[v - 1, u - 1] = length
    np.fill_diagonal(ways, 0)
    for via in range(count):
        np.minimum(ways, ways[:, via, None] + ways[via], out=ways)
    return ways.astype(float), int(p)


def holmberg(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read an instance of Holmberg et al. (1999): costs (demands x sites), demands, capacities, fixed costs."""
    figures = np.array(path.read_bytes().replace(b"\0", b" ").split(), dtype=float)
    sites, demands = (int(k) for k in figures[:2])
    capacity, fixed = figures[2 : 2 + 2 * sites].reshape(-1, 2).T
    demand = figures[2 + 2 * sites : 2 + 2 * sites + demands]
    cost = figures[2 + 2 * sites + demands :][: sites * demands].reshape(sites, demands)
    return cost.T.copy(), demand, capacity, fixed
