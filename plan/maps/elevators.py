"""Proposed elevators on the map: shaft and landing, and the stairwells without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from plan.elevators.frames import rejected_frame
from plan.maps.escape import plain
from plan.maps.layers import Class, Drawing, drawn_rows
from plan.maps.palette import STYLES
from plan.maps.words import Words
from plan.messages import Message
from plan.site import Placement, Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plan.elevators import StairwellSiting

__all__ = ["elevator_drawings"]


def elevator_drawings(placed: Placement, *, site: Site, words: Words) -> list[Drawing]:
    """Draw proposed elevators, and the stairwells that get none.

    Parameters
    ----------
    placed : Placement
        As ``plan.elevators.place_elevators`` returns it. What a click tells of a stairwell is in
        :mod:`plan.maps.stairwells`.
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
    number = {one.entrance_id: i for i, one in enumerate(stairwells)}
    found = [_rejected(stairwells, number, site, words), _proposed(stairwells, number, site, words)]
    return [drawing for drawing in found if drawing is not None]


def _word(words: Words, key: str, **params: object) -> str:
    return Message(f"retrofit.{key}", **params).to(words.lang)


def _proposed(
    stairwells: Iterable[StairwellSiting], number: Mapping[str, int], site: Site, words: Words
) -> Drawing | None:
    chosen = [(one, one.chosen) for one in stairwells if one.chosen is not None]
    shapes = [shapely.union(at.shaft, at.landing) for _, at in chosen]
    shown = drawn_rows(gpd.GeoDataFrame(geometry=shapes, crs=site.crs), site)
    if shown is None:
        return None
    order = [v for v in ("feasible", "conditional") if any(one.verdict == v for one, _ in chosen)]
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
        stairs=[number[one.entrance_id] for one, _ in chosen],
    )


def _rejected(
    stairwells: Iterable[StairwellSiting], number: Mapping[str, int], site: Site, words: Words
) -> Drawing | None:
    without = [one for one in stairwells if one.chosen is None and one.verdict != "excluded"]
    frame = rejected_frame(without, crs=site.crs)
    drawn = [shape is not None and not shape.is_empty for shape in frame.geometry]
    shown = drawn_rows(frame, site)
    if shown is None:
        return None
    those = [one for one, has in zip(without, drawn, strict=True) if has]
    order = [v for v in ("infeasible", "unknown") if any(one.verdict == v for one in those)]
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
        stairs=[number[one.entrance_id] for one in those],
    )


def _name(one: StairwellSiting) -> str:
    return plain(one.stairwell_id)
