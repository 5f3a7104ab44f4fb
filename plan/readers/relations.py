"""What layers say about each other: ids that lead nowhere, rooms outside the estate, and all that contradicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from plan.columns import names_in
from plan.findings import Problem
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.consistency import check_consistency, ids_of, shapes_of
from plan.readers.matching import REFERENCES
from plan.readers.topology import check_topology
from plan.text_safety import plain

__all__ = ["check_relations"]

_SLACK: Final = (
    1.0  # m that a room may stick out of the estate, or that neighbouring plots may be drawn apart
)
_SHOWN: Final = 10


def check_relations(
    layers: Mapping[str, gpd.GeoDataFrame], *, paths: Mapping[str, str]
) -> tuple[Problem, ...]:
    """Compare the layers of a site with each other.

    Parameters
    ----------
    layers : mapping of str to geopandas.GeoDataFrame
        Layers of the contract, in one metric system.
    paths : mapping of str to str
        The file that each came from.

    Returns
    -------
    tuple of Problem
        PLAN-REL-004 for references that lead nowhere, PLAN-REL-002 for rooms outside the estate; and what
        ``check_consistency`` and ``check_topology`` tell.
    """
    problems: list[Problem] = []
    for name, column, target in REFERENCES:
        if name in layers and target in layers and column in layers[name].columns:
            problems += _dangling(layers, name, column, target, paths.get(name, ""))
    if "rooms" in layers and "parcels" in layers:
        problems += _outside(layers, paths.get("rooms", ""))
    problems += check_consistency(layers, paths=paths)
    problems += check_topology(layers, paths=paths)
    return tuple(problems)


def _dangling(
    layers: Mapping[str, gpd.GeoDataFrame], name: str, column: str, target: str, path: str
) -> tuple[Problem, ...]:
    found = ProblemList(path=path, layer=name)
    frame = layers[name]
    known = set(ids_of(layers[target], target))
    named = names_in(frame[column])
    bad = [i for i, t in enumerate(named) if t is not None and t not in known]
    if bad:
        values = tuple(dict.fromkeys(plain(named[i]) for i in bad))
        message = Message(
            "readers.dangling",
            layer=name,
            column=column,
            target=target,
            values=values[:_SHOWN],
            count=len(bad),
            rows=tuple(i + 1 for i in bad[:_SHOWN]),
        )
        ids = tuple(str(v) for v in ids_of(frame, name)[bad])
        rows = (i + 1 for i in bad)
        found.add("PLAN-REL-004", "error", "degraded", message, column=column, rows=rows, features=ids)
    return found.problems


def _outside(layers: Mapping[str, gpd.GeoDataFrame], path: str) -> tuple[Problem, ...]:
    found = ProblemList(path=path, layer="rooms")
    estate = [layers[n].geometry.array for n in ("parcels", "communities") if n in layers]
    ground = shapely.buffer(
        shapely.union_all(np.concatenate([np.asarray(a, dtype=object) for a in estate])), _SLACK
    )
    rooms = layers["rooms"]
    shapes = shapes_of(rooms)
    off = ~shapely.is_missing(shapes) & ~shapely.intersects(ground, shapes)
    if off.any() and not ground.is_empty:
        ids = tuple(str(v) for v in ids_of(rooms, "rooms")[off])
        message = Message("readers.room_outside", ids=tuple(plain(v) for v in ids[:_SHOWN]), count=len(ids))
        rows = tuple(int(i) + 1 for i in np.flatnonzero(off))
        found.add("PLAN-REL-002", "error", "noted", message, rows=rows, features=ids)
    return found.problems
