"""Whether members of a multipolygon lie where their roles say: rings are put together by where they lie alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

__all__ = ["Rings", "Roles", "called_otherwise", "nodes_of", "rings_of"]

Roles = tuple[tuple[int, str], ...]  # ways, and what they are called


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """What a multipolygon was put together as.

    Parameters
    ----------
    outlines, holes : int
        How many there are.
    lines : int
        Lines from node to node that they have.
    on_outlines, on_holes : frozenset of int
        Nodes of one kind alone; empty where there are no holes, nor anything to mistake.
    """

    outlines: int
    holes: int
    lines: int
    on_outlines: frozenset[int] = frozenset()
    on_holes: frozenset[int] = frozenset()


def rings_of(area: Any) -> Rings:  # noqa: ANN401 - osmium.osm.Area, which is imported where it is used
    """Return the rings of an area of the library."""
    outlines, holes = area.num_rings()
    lines = sum(
        len(ring) - 1 for outline in area.outer_rings() for ring in (outline, *area.inner_rings(outline))
    )
    if not holes:
        return Rings(outlines=outlines, holes=holes, lines=lines)
    outer: set[int] = set()
    inner: set[int] = set()
    for ring in area.outer_rings():
        outer.update(node.ref for node in ring)
        for hole in area.inner_rings(ring):
            inner.update(node.ref for node in hole)
    return Rings(
        outlines=outlines,
        holes=holes,
        lines=lines,
        on_outlines=frozenset(outer - inner),
        on_holes=frozenset(inner - outer),
    )


def nodes_of(area: Any) -> set[int]:  # noqa: ANN401 - as above
    """Return the nodes of all rings of an area of the library."""
    rings = [ring for outline in area.outer_rings() for ring in (outline, *area.inner_rings(outline))]
    return {node.ref for ring in rings for node in ring}


def called_otherwise(
    file: Path, file_format: str, roles: dict[int, Roles], made: dict[int, Rings]
) -> tuple[set[int], set[int]]:
    """Return the numbers of multipolygons of which a member lies otherwise than it is called, and of those that lost lines.

    Parameters
    ----------
    file : pathlib.Path
        The file.
    file_format : {"osm", "pbf"}
        Its format.
    roles : dict
        By relation its ways, each ``outer`` or ``inner``: relations of which all are called one or the other.
    made : dict
        By relation, what it was put together as.

    Notes
    -----
    A ring has one member or more. Of holes nearly all have one: a hole that is drawn twice is none, for lines that
    are drawn twice fall away. So do spikes, which go out and come back.
    """
    out: set[int] = set()
    asked: dict[int, list[tuple[int, frozenset[int]]]] = {}
    drawn: Counter[int] = Counter()
    for number, named in roles.items():
        if number not in made:
            continue
        counts, rings = Counter(role for _, role in named), made[number]
        if rings.outlines > counts["outer"] or rings.holes != counts["inner"]:
            out.add(number)
        else:
            for way, role in named:
                wrong = rings.on_holes if role == "outer" else rings.on_outlines
                asked.setdefault(way, []).append((number, wrong))
    for way, nodes in _nodes(file, file_format, asked):
        lines = sum(a != b for a, b in pairwise(nodes))
        for number, wrong in asked[way]:
            drawn[number] += lines
            if not wrong.isdisjoint(nodes):
                out.add(number)
    return out, {number for number, lines in drawn.items() if lines > made[number].lines} - out


def _nodes(file: Path, file_format: str, ways: Iterable[int]) -> list[tuple[int, list[int]]]:
    """Return the nodes of some ways; most have no tags, and did not reach Python before."""
    import osmium  # noqa: PLC0415 - heavy, and only needed here

    wanted = sorted(ways)
    if not wanted:
        return []
    things: Any = osmium.FileProcessor(osmium.io.File(str(file), file_format), osmium.osm.WAY)
    return [
        (way.id, [node.ref for node in way.nodes])
        for way in things.with_filter(osmium.filter.IdFilter(wanted))
    ]
