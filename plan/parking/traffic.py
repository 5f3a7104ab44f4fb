"""Who gets where from the gates: drives after one another, in their directions, turning where a car can turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import networkx as nx
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.parking.drive import Ways

__all__ = ["Traffic", "flow"]

_IN: Final = -1  # the street, seen from a gate
_OUT: Final = -2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traffic:
    """Which drives a car coming in at a gate can get to, and from which it can get out at a gate."""

    come: NDArray[np.bool_]
    leave: NDArray[np.bool_]


def flow(ways: Ways, *, turning: frozenset[int], turns: Callable[[int, int], bool] | None = None) -> Traffic:
    """Follow cars from the gates and back to them.

    Parameters
    ----------
    ways : Ways
        The drives.
    turning : frozenset of int
        Nodes at which a car can turn round.
    turns : callable, optional
        Tells whether a car can turn from one drive into another one that begins where it ends; it can always when
        not given.

    Returns
    -------
    Traffic
        For each drive. In one of the two-way drives of a dead end a car can come but not leave, unless it can turn
        round at the end.
    """
    count = len(ways.start)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from([_IN, _OUT, *range(count)])
    leaving: dict[int, list[int]] = {}
    for drive, node in enumerate(ways.start.tolist()):
        leaving.setdefault(node, []).append(drive)
    for drive, node in enumerate(ways.end.tolist()):
        if node in ways.gates:
            graph.add_edge(drive, _OUT)
        if int(ways.start[drive]) in ways.gates:
            graph.add_edge(_IN, drive)
        for onward in leaving.get(node, ()):
            if ways.piece[onward] == ways.piece[drive]:
                possible = node in turning
            else:
                possible = turns is None or turns(drive, onward)
            if possible:
                graph.add_edge(drive, onward)
    come, leave = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    come[[n for n in nx.descendants(graph, _IN) if n != _OUT]] = True
    leave[[n for n in nx.ancestors(graph, _OUT) if n != _IN]] = True
    return Traffic(come=come, leave=leave)
