"""Proposed elevators on the map: shaft and landing with what was measured, and the stairwells without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from plan.elevators.frames import rejected_frame
from plan.maps.escape import plain
from plan.maps.layers import Class, Drawing, column, drawn_rows
from plan.maps.palette import STYLES
from plan.maps.words import Words, format_number
from plan.messages import Message, translate
from plan.site import Placement, Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plan.elevators import Position, StairwellSiting

__all__ = ["elevator_drawings"]


def elevator_drawings(placed: Placement, *, site: Site, words: Words) -> list[Drawing]:
    """Draw proposed elevators with their clearances, and the stairwells that get none with the reason.

    Parameters
    ----------
    placed : Placement
        As ``plan.elevators.place_elevators`` returns it; ``told`` in its measures says by entrance what the owners have
        agreed to, lose of the sun and pay.
    site : Site
        The site.
    words : Words
        The language.

    Returns
    -------
    list of Drawing
        Those of which there are any.
    """
    stairwells: tuple[StairwellSiting, ...] = placed.measures["stairwells"]
    found = [
        _rejected(stairwells, site, words),
        _proposed(stairwells, site, words, placed.measures.get("told")),
    ]
    return [drawing for drawing in found if drawing is not None]


def _word(words: Words, key: str, **params: object) -> str:
    return Message(f"retrofit.{key}", **params).to(words.lang)


def _of(text: str | None, words: Words) -> str | None:
    return None if text is None else translate(text, words.lang)


def _proposed(
    stairwells: Iterable[StairwellSiting],
    site: Site,
    words: Words,
    extra: Mapping[str, Mapping[str, str]] | None,
) -> Drawing | None:
    chosen = [(one, one.chosen) for one in stairwells if one.chosen is not None]
    shapes = [shapely.union(at.shaft, at.landing) for _, at in chosen]
    shown = drawn_rows(gpd.GeoDataFrame(geometry=shapes, crs=site.crs), site)
    if shown is None:
        return None
    order = [v for v in ("feasible", "conditional") if any(one.verdict == v for one, _ in chosen)]
    told: list[tuple[str, list[str | None], bool]] = [
        ("verdict", [_word(words, f"verdict_{one.verdict}") for one, _ in chosen], True),
        ("connection", [_word(words, f"connection_{at.connection}") for _, at in chosen], False),
        ("reason", [translate(one.reason, words.lang) for one, _ in chosen], False),
        (
            "remedy",
            [None if at.remedy is None else translate(at.remedy, words.lang) for _, at in chosen],
            False,
        ),
        ("cost", [None if at.cost_cny is None else format_number(at.cost_cny) for _, at in chosen], False),
        ("clearances", [_clearances(at, words) for _, at in chosen], False),
    ]
    more = extra or {}
    told += [
        (name, [_of(more.get(one.entrance_id, {}).get(name), words) for one, _ in chosen], False)
        for name in ("consent", "sun", "pays")
    ]
    columns = [
        column(_word(words, f"head_{name}"), [None if t is None else plain(t) for t in texts], strong=strong)
        for name, texts, strong in told
    ]
    return Drawing(
        id="elevators-proposed",
        title=_word(words, "map_proposed"),
        kind="proposals",
        ids=[plain(one.elevator_id or one.entrance_id) for one, _ in chosen],
        shapes=list(shown.geometry),
        classes=[
            Class(id=verdict, label=_word(words, f"verdict_{verdict}"), style=STYLES["elevators"][verdict])
            for verdict in order
        ],
        of_class=[order.index(one.verdict) for one, _ in chosen],
        names=[_name(one) for one, _ in chosen],
        columns=[c for c in columns if c["u"]],
    )


def _rejected(stairwells: tuple[StairwellSiting, ...], site: Site, words: Words) -> Drawing | None:
    without = [one for one in stairwells if one.chosen is None and one.verdict != "excluded"]
    frame = rejected_frame(without, crs=site.crs)
    drawn = [shape is not None and not shape.is_empty for shape in frame.geometry]
    shown = drawn_rows(frame, site)
    if shown is None:
        return None
    those = [one for one, has in zip(without, drawn, strict=True) if has]
    order = [v for v in ("infeasible", "unknown") if any(one.verdict == v for one in those)]
    texts: dict[str, list[str | None]] = {
        "verdict": [_word(words, f"verdict_{one.verdict}") for one in those],
        "reason": [plain(translate(one.reason, words.lang)) for one in those],
    }
    return Drawing(
        id="elevators-rejected",
        title=_word(words, "map_rejected"),
        kind="proposals",
        ids=[f"no-elevator-{plain(one.entrance_id)}" for one in those],
        shapes=list(shown.geometry),
        classes=[
            Class(id=verdict, label=_word(words, f"verdict_{verdict}"), style=STYLES["elevators"][verdict])
            for verdict in order
        ],
        of_class=[order.index(one.verdict) for one in those],
        names=[_name(one) for one in those],
        columns=[
            column(_word(words, f"head_{name}"), values, strong=name == "verdict")
            for name, values in texts.items()
        ],
    )


def _name(one: StairwellSiting) -> str:
    return plain(one.stairwell_id)


def _clearances(at: Position, words: Words) -> str:
    told: Any = None
    for clearance in at.clearances:
        line = clearance.told()
        told = line if told is None else Message("elevators.and", first=told, rest=line)
    return "" if told is None else translate(told, words.lang)
