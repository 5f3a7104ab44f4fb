"""How people call a house: 12号楼, 12#, B12 and 十二栋 are one; lists of households name it so, plans number it.

Only what is sure is matched: one house of that number on the plan, and no letter or name before it that says another.
What is left names its rows among the references that lead nowhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import geopandas as gpd
import pandas as pd

from plan.columns import names_in, text_of, texts_in
from plan.findings import Problem
from plan.likeness import loose_key, name_key
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.raw import RawLayer
from plan.schema import LAYERS
from plan.text_safety import plain
from plan.validation import lost_digits, match_columns

__all__ = ["HouseName", "compose_ids", "house_name", "match_houses", "stairwell_number"]

_HOUSE: Final = re.compile(r"(?P<before>.*?)-?(?P<number>\d+(?:-\d+)*[a-z甲乙丙丁]?)")
_STAIR: Final = re.compile(r"第?-?(?P<number>\d+|[a-z甲乙丙丁])")
# What may stand before a number and says nothing of which house it is.
_EMPTY: Final = ("第", "bldg", "building")
_NAMES: Final = ("name", "名称", "楼名")
_DOORS: Final = ("室号", "房号", "门牌", "门牌号", "户号", "室", "房间号")
_LISTS: Final = ("households", "rooms", "entrances")
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class HouseName:
    """A house by its number, and what stands before it: a letter, an estate."""

    before: str
    number: str

    def fits(self, other: HouseName) -> bool:
        """Tell whether both may be one house: of one number, and not called by two different letters."""
        return self.number == other.number and (
            self.before == other.before or not self.before or not other.before
        )


def house_name(text: str) -> HouseName | None:
    """Return the parts of a house's name; None where it has no number.

    Examples
    --------
    >>> house_name("十二栋") == house_name("12#") == house_name("012号楼")
    True
    >>> house_name("B12")
    HouseName(before='b', number='12')
    """
    match = _HOUSE.fullmatch(name_key(text))
    if match is None:
        return None
    before = match["before"].rstrip("-")
    return HouseName("" if before in _EMPTY else before, match["number"])


def stairwell_number(text: str, *, house: str = "") -> str | None:
    """Return which stairwell of its house a text names: 二单元, 2, B01-2 of house B01; None where it cannot be told."""
    said, own = loose_key(text), loose_key(house)
    match = _STAIR.fullmatch(name_key(said.removeprefix(own) if own else said))
    return match["number"] if match is not None else None


def compose_ids(layer: RawLayer) -> tuple[RawLayer, tuple[Problem, ...]]:
    """Give households a number of their own where a list has only their doors: 12-1-101.

    Parameters
    ----------
    layer : RawLayer
        A list of households.

    Returns
    -------
    tuple of RawLayer and tuple of Problem
        The same list where its ids are of use as they are.
    """
    frame = layer.frame
    names = layer.columns
    if len({n.strip().casefold() for n in names}) != len(names):
        return layer, ()
    matched = match_columns(LAYERS["households"], names)
    key = matched.get("household_id")
    doors = next((n for n in (key, *names) if n is not None and n.strip() in _DOORS), None)
    if doors is None or "building_id" not in matched or not _repeats(frame, key):
        return layer, ()
    if any(t is not None and lost_digits(t) for t in texts_in(frame[doors])):
        return layer, ()  # they repeat because they were cut, which is told of them as they are
    parts = [text_of(frame[matched["building_id"]]).map(_short_house)]
    if "stairwell_id" in matched:
        parts.append(text_of(frame[matched["stairwell_id"]]).map(lambda t: t and (stairwell_number(t) or t)))
    parts.append(text_of(frame[doors]))
    # A row of which a part is missing has no number, and is told as such.
    ids = [
        None if row[0] is None or row[-1] is None else "-".join(p for p in row if p is not None)
        for row in zip(*parts, strict=True)
    ]
    if doors == key:
        frame = frame.rename(columns={key: f"{key}_"})
    elif key is not None:
        return layer, ()
    frame = frame.assign(household_id=pd.Series(ids, index=frame.index, dtype=object))
    found = ProblemList(path=layer.path, layer="households")
    examples = tuple(plain(i) for i in ids if i)[:3]
    message = Message("tables.ids_composed", layer="households", column=plain(doors), examples=examples)
    found.add("PLAN-ID-007", "info", "noted", message, column="household_id")
    return replace(layer, frame=frame), found.problems


def match_houses(
    layers: Mapping[str, gpd.GeoDataFrame], *, paths: Mapping[str, str]
) -> tuple[dict[str, gpd.GeoDataFrame], tuple[Problem, ...]]:
    """Put the ids of the plan where lists call houses and stairwells by name.

    Parameters
    ----------
    layers : mapping of str to geopandas.GeoDataFrame
        Layers of the contract.
    paths : mapping of str to str
        The file that each came from.

    Returns
    -------
    tuple of dict and tuple of Problem
        The layers, and which name was taken for which house.
    """
    out = dict(layers)
    problems: list[Problem] = []
    plan = layers.get("buildings")
    known = None if plan is None or "building_id" not in plan.columns else _Houses(plan)
    for name in _LISTS:
        if known is not None and name in layers and "building_id" in layers[name].columns:
            found = ProblemList(path=paths.get(name, ""), layer=name)
            out[name] = _renamed(layers[name], "building_id", known.found, found)
            problems += found.problems
    if {"building_id", "stairwell_id"} <= set(out.get("households", gpd.GeoDataFrame()).columns):
        out["households"] = _stairwells(out["households"], out.get("entrances"))
    return out, tuple(problems)


class _Houses:
    """The houses of a plan by what they may be called."""

    def __init__(self, buildings: gpd.GeoDataFrame) -> None:
        self.ids = {name for name in names_in(buildings["building_id"]) if name is not None}
        self._buildings = buildings

    @cached_property
    def _by_number(self) -> dict[str, dict[str, list[HouseName]]]:
        """What the houses of a number are called; most lists name houses by their ids and never ask."""
        table: dict[str, dict[str, list[HouseName]]] = defaultdict(lambda: defaultdict(list))
        known = self._buildings
        columns = ["building_id", *(c for c in known.columns if str(c).strip().casefold() in _NAMES)]
        for row in zip(*(texts_in(known[c]) for c in columns), strict=True):
            for text in filter(None, row):
                name = house_name(text)
                if name is not None and row[0] is not None:
                    table[name.number][row[0]].append(name)
        return table

    def found(self, text: str) -> str | None:
        """Return the one house that a text can mean; the text itself where it is an id."""
        if text in self.ids:
            return text
        name = house_name(text)
        if name is None:
            return None
        near = self._by_number.get(name.number, {})
        fitting = [house for house, names in near.items() if any(name.fits(n) for n in names)]
        same = [house for house, names in near.items() if any(name == n for n in names)]
        return fitting[0] if len(fitting) == 1 else same[0] if len(same) == 1 else None


def _renamed(
    frame: gpd.GeoDataFrame, column: str, find: Callable[[str], str | None], found: ProblemList
) -> gpd.GeoDataFrame:
    texts = names_in(frame[column])
    pairs = {t: find(t) for t in dict.fromkeys(texts) if t is not None}
    other = {t: house for t, house in pairs.items() if house is not None and house != t}
    if not other:
        return frame
    rows = tuple(i for i, t in enumerate(texts, start=1) if t in other)
    shown = tuple(f"{plain(t)} = {plain(house)}" for t, house in list(other.items())[:_SHOWN])
    message = Message(
        "tables.names_matched",
        layer=found.layer,
        column=column,
        target="buildings",
        pairs=shown,
        count=len(rows),
    )
    found.add("PLAN-REL-005", "info", "noted", message, column=column, rows=rows)
    return frame.assign(**{column: [None if t is None else other.get(t, t) for t in texts]})


def _stairwells(homes: gpd.GeoDataFrame, doors: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Put the plan's ids of stairwells where a list numbers those of each house; 一单元 and 1单元 are one anyway."""
    known: dict[str, set[str]] = defaultdict(set)
    if doors is not None and {"building_id", "stairwell_id"} <= set(doors.columns):
        for house, stair in zip(names_in(doors["building_id"]), names_in(doors["stairwell_id"]), strict=True):
            if house is not None and stair is not None:
                known[house].add(stair)

    def one(house: str, stair: str) -> str:
        number = stairwell_number(stair, house=house)
        sought = number or stair
        ids = [i for i in known[house] if (stairwell_number(i, house=house) or i) == sought]
        if len(ids) == 1:
            return ids[0]
        return stair if stair.isascii() or number is None or ids else number

    houses, climbed = names_in(homes["building_id"]), names_in(homes["stairwell_id"])
    named: dict[tuple[str | None, str | None], str] = {
        (house, stair): one(house, stair)
        for house, stair in set(zip(houses, climbed, strict=True))
        if house is not None and stair is not None and stair not in known[house]
    }
    if not named:
        return homes
    stairs = [named.get(pair, pair[1]) for pair in zip(houses, climbed, strict=True)]
    return homes.assign(stairwell_id=pd.Series(stairs, index=homes.index, dtype=object))


def _repeats(frame: gpd.GeoDataFrame, key: str | None) -> bool:
    return key is None or bool(text_of(frame[key]).dropna().duplicated().any())


def _short_house(text: str | None) -> str | None:
    name = None if text is None else house_name(text)
    return text if name is None else f"{name.before.upper()}{name.number}"
