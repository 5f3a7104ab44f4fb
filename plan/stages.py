"""One estate at two stages of the procedure: what moved, shrank, went or came between the submissions.

Rows are known by their ids. What a drawing does not say is not compared: a column that one of them lacks is no change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from plan.messages import Bilingual, Message
from plan.schema import LAYERS
from plan.site import Site

__all__ = ["StageChange", "compare_stages"]

# What is compared, by layer: columns of words, and columns of numbers with the smallest difference that counts.
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "parcels": ("land_use",),
    "buildings": ("use",),
    "entrances": ("kind", "main"),
    "rooms": ("use", "building_id", "functions"),
    "facilities": ("category",),
    "stalls": ("kind",),
}
_NUMBERS: Final[Mapping[str, Mapping[str, float]]] = {
    "buildings": {"floors": 1.0, "floors_below": 1.0, "height_m": 0.01},
    "rooms": {"floor": 1.0, "area_m2": 0.01},
    "facilities": {"area_m2": 0.01, "capacity": 1.0},
    "fire_lanes": {"width_m": 0.01},
}
# Layers whose rows are compared by their number only: they are too many to be told of one by one.
_COUNTED: Final = ("households", "stalls")
_COMPARED: Final = ("parcels", "buildings", "entrances", "rooms", "facilities", "fire_lanes")
_DRAWN_AREAS: Final = ("parcels", "buildings")  # whose ground is compared, too [m2]
_GROUND_M2: Final = 1.0  # of ground that counts as a change: less comes from digitising
_MOVED_M: Final = 1.0  # that a thing must move to have been moved


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChange:
    """A difference between an earlier and a later drawing."""

    what: Literal["gone", "added", "changed", "moved", "count"]
    layer: str
    feature: str  # id of the row; empty for counts
    column: str = ""
    before: Any = None
    after: Any = None
    message: Message  # what happened, in words: moved from floor 1 to floor -1; smaller by 12 m2
    geometry: Any = (
        None  # shapely, where to look, in the system of the later drawing; None where nothing is drawn
    )


def compare_stages(earlier: Site, later: Site) -> tuple[StageChange, ...]:
    """Tell what changed between two drawings of one estate.

    Parameters
    ----------
    earlier, later : Site
        The submissions, in any two metric systems.

    Returns
    -------
    tuple of StageChange
        By layer, then by id, then by column. Layers that only one of them has are named once, by their count.

    Notes
    -----
    Ground counts from 1 m2 and a place from 1 m on; other numbers from a hundredth on: less comes from drawing anew.
    """
    found: list[StageChange] = []
    for layer in LAYERS:
        if layer not in (*_COMPARED, *_COUNTED):
            continue
        if layer not in earlier.layers and layer not in later.layers:
            continue
        if layer in _COUNTED or layer not in earlier.layers or layer not in later.layers:
            found += _counts(earlier, later, layer)
            continue
        before, after = earlier.layer(layer).to_crs(later.crs), later.layer(layer)
        found += _rows(layer, _by_id(before, layer), _by_id(after, layer))
    return tuple(found)


def _by_id(frame: gpd.GeoDataFrame, layer: str) -> dict[str, dict[str, Any]]:
    column = LAYERS[layer].id_column
    geometry = frame.geometry.name
    rows = frame.rename(columns={geometry: "geometry"}).to_dict("records")
    return {str(row[column]): row for row in rows}


def _rows(
    layer: str, before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]
) -> Iterator[StageChange]:
    name = _layer_name(layer)
    for feature in sorted(before.keys() | after.keys()):
        old, new = before.get(feature), after.get(feature)
        if new is None and old is not None:
            said = Message("stages.gone", layer=name, id=feature)
            yield StageChange(what="gone", layer=layer, feature=feature, message=said, geometry=_shape(old))
        elif old is None and new is not None:
            said = Message("stages.added", layer=name, id=feature)
            yield StageChange(what="added", layer=layer, feature=feature, message=said, geometry=_shape(new))
        elif old is not None and new is not None:
            yield from _changes(layer, feature, old, new)


def _changes(layer: str, feature: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[StageChange]:
    common = {"layer": layer, "feature": feature, "geometry": _shape(new)}
    shown = {"layer": _layer_name(layer), "id": feature}
    for column, least in _NUMBERS.get(layer, {}).items():
        was, now = _number(old.get(column)), _number(new.get(column))
        if was is None or now is None or abs(now - was) < least:
            continue
        said = _of_number(layer, column, was, now, shown)
        yield StageChange(what="changed", column=column, before=was, after=now, message=said, **common)
    for column in _WORDS.get(layer, ()):
        word, word_now = _word(old.get(column)), _word(new.get(column))
        if word is None or word_now is None or word == word_now:
            continue
        said = Message(
            "stages.word", column=_column_name(layer, column), before=word, after=word_now, **shown
        )
        yield StageChange(what="changed", column=column, before=word, after=word_now, message=said, **common)
    yield from _of_shape(layer, old, new, shown, common)


def _of_number(layer: str, column: str, was: float, now: float, shown: dict[str, Any]) -> Message:
    if column == "floor":
        return Message("stages.floor", before=int(was), after=int(now), **shown)
    if column == "area_m2":
        key = "stages.smaller" if now < was else "stages.larger"
        return Message(key, by=_figure(abs(now - was)), before=_figure(was), after=_figure(now), **shown)
    name = _column_name(layer, column)
    return Message("stages.number", column=name, before=_figure(was), after=_figure(now), **shown)


def _of_shape(
    layer: str, old: dict[str, Any], new: dict[str, Any], shown: dict[str, Any], common: dict[str, Any]
) -> Iterator[StageChange]:
    first, second = _shape(old), _shape(new)
    if first is None or second is None:
        return
    moved = first.representative_point().distance(second.representative_point())
    if layer in _DRAWN_AREAS:
        # Of a building that only grew, the middle moves too: what counts is the ground.
        was, now = first.area, second.area
        if abs(now - was) >= _GROUND_M2:
            key = "stages.ground_smaller" if now < was else "stages.ground_larger"
            said = Message(key, by=_figure(abs(now - was)), before=_figure(was), after=_figure(now), **shown)
            yield StageChange(
                what="changed", column="geometry", before=was, after=now, message=said, **common
            )
            return
    if moved >= _MOVED_M:
        said = Message("stages.moved", by=_figure(moved), **shown)
        yield StageChange(what="moved", column="geometry", before=None, after=moved, message=said, **common)


def _counts(earlier: Site, later: Site, layer: str) -> Iterator[StageChange]:
    was = len(earlier.layers[layer]) if layer in earlier.layers else None
    now = len(later.layers[layer]) if layer in later.layers else None
    if was == now:
        return
    key = "stages.layer_gone" if now is None else "stages.layer_added" if was is None else "stages.count"
    said = Message(key, layer=_layer_name(layer), before=was or 0, after=now or 0)
    yield StageChange(what="count", layer=layer, feature="", before=was, after=now, message=said)


def _shape(row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - shapely
    shape = row.get("geometry")
    return None if shape is None or pd.isna(shape) or shape.is_empty else shape


def _number(value: Any) -> float | None:  # noqa: ANN401 - a cell
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _word(value: Any) -> str | None:  # noqa: ANN401 - a cell
    return None if value is None or pd.isna(value) else str(value)


def _figure(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _layer_name(layer: str) -> Bilingual:
    return Bilingual(LAYERS[layer].zh, layer)


def _column_name(layer: str, column: str) -> Bilingual:
    return Bilingual(LAYERS[layer].column(column).zh, column)
