"""References that miss their target by the way a name is written: 1# for 1号楼, Ｂ０１ for B01, 7 for 007.

A reference that reads like exactly one id is replaced by it, and that is told; where it reads like several, or like none,
it stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import geopandas as gpd
import pandas as pd

from plan.columns import names_in, texts_in
from plan.findings import Problem
from plan.likeness import loose_key, name_key
from plan.messages import Message
from plan.problems import ProblemList
from plan.schema import LAYERS
from plan.text_safety import plain

__all__ = ["REFERENCES", "match_references"]

# Column of a layer, and the layer whose ids it holds.
REFERENCES: Final = (
    ("buildings", "parcel_id", "parcels"),
    ("entrances", "building_id", "buildings"),
    ("households", "building_id", "buildings"),
    ("rooms", "building_id", "buildings"),
    ("elevators", "building_id", "buildings"),
    ("rooms", "community_id", "communities"),
    ("grids", "community_id", "communities"),
    ("remarks", "building_id", "buildings"),
)
_NAMES: Final = ("name", "名称", "楼名")  # columns of the target that people refer to instead of its id
_SHOWN: Final = 10


def match_references(
    layers: Mapping[str, gpd.GeoDataFrame], *, paths: Mapping[str, str]
) -> tuple[dict[str, gpd.GeoDataFrame], tuple[Problem, ...]]:
    """Replace references that lead nowhere by the one id that reads like them, such as ``1#`` by ``1号楼``.

    Parameters
    ----------
    layers : mapping of str to geopandas.GeoDataFrame
        Layers of the contract.
    paths : mapping of str to str
        The file that each came from.

    Returns
    -------
    tuple of dict and tuple of Problem
        The layers, with references that lead somewhere; and PLAN-REL-005 for each column in which some were changed.
    """
    out = dict(layers)
    problems: list[Problem] = []
    for name, column, target in REFERENCES:
        if name not in out or target not in out or column not in out[name].columns:
            continue
        key = LAYERS[target].id_column
        if key not in out[target].columns:
            continue
        frame = out[name]
        named = names_in(frame[column])
        known = {None, *names_in(out[target][key])}
        lost = [t for t in dict.fromkeys(named) if t is not None and t not in known]
        meant = _meant(lost, out[target], key) if lost else {}
        if not meant:
            continue
        rows = tuple(i for i, t in enumerate(named, start=1) if t in meant)
        found = ProblemList(path=paths.get(name, ""), layer=name)
        message = Message(
            "readers.matched",
            layer=name,
            column=column,
            target=target,
            pairs=tuple(f"{plain(a)} → {plain(b)}" for a, b in list(meant.items())[:_SHOWN]),
            count=len(rows),
        )
        found.add("PLAN-REL-005", "warning", "repaired", message, column=column, rows=rows)
        problems += found.problems
        values = pd.Series(
            [None if t is None else meant.get(t, t) for t in named], index=frame.index, dtype=object
        )
        out[name] = frame.assign(**{column: values})
    return out, tuple(problems)


def _meant(lost: Iterable[str], target: gpd.GeoDataFrame, key: str) -> dict[str, str]:
    """Return for each lost reference the one id that it can mean."""
    ids = [str(v) for v in target[key].dropna()]
    ways = [_index(ids, ids, loose_key), _index(ids, ids, name_key)]
    for column in _NAMES:
        if column in target.columns and column != key:
            pairs = [(n, str(i)) for n, i in zip(texts_in(target[column]), target[key], strict=True) if n]
            names, of = [n for n, _ in pairs], [i for _, i in pairs]
            ways += [_index(names, of, loose_key), _index(names, of, name_key)]
    keys: tuple[Callable[[str], str], ...] = (loose_key, name_key)
    meant: dict[str, str] = {}
    for value in lost:
        for number, index in enumerate(ways):
            said = keys[number % 2](value)
            fits = index.get(said, set()) if said else set()
            if len(fits) == 1:
                meant[value] = next(iter(fits))
            if fits:
                break  # what is ambiguous is not settled by a looser reading
    return meant


def _index(names: Iterable[str], ids: Iterable[str], key: Callable[[str], str]) -> dict[str, set[str]]:
    index: dict[str, set[str]] = {}
    for name, one in zip(names, ids, strict=True):
        index.setdefault(key(name), set()).add(one)
    return index
