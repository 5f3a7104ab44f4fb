"""Proposed gates on the map: the openings, the ways to them, and who walks less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd

from plan.maps.escape import plain
from plan.maps.layers import Class, Drawing, column, drawn_rows
from plan.maps.palette import SAVED, STYLES
from plan.maps.words import Words, absent, format_number
from plan.messages import Message
from plan.site import Placement, Site

__all__ = ["gate_drawings"]

# Minutes saved on each errand from which a building takes the next colour.
_BREAKS_MIN: Final = (0.1, 0.5, 1.0, 2.0)
# More rejected places than these start hidden: they would cover the wall.
_CROWD: Final = 200


def gate_drawings(placed: Placement, *, site: Site, words: Words) -> list[Drawing]:
    """Draw proposed gates with their number, the other places with the reason, and the minutes saved.

    Parameters
    ----------
    placed : Placement
        As ``plan.access.place_gates`` returns it.
    site : Site
        The site.
    words : Words
        The language.

    Returns
    -------
    list of Drawing
        Buildings by minutes saved, new ways, rejected places, gates; those of which there are any.
    """
    estimated = bool({"households", "walkways"} & set(site.estimates))
    found = [
        _saved(placed.measures.get("before_after"), site, words, estimated=estimated),
        _ways(placed.measures.get("walkways"), site, words),
        _places(placed.rejected, site, words, kind="rejected", estimated=estimated),
        _places(placed.features, site, words, kind="placed", estimated=estimated),
    ]
    return [drawing for drawing in found if drawing is not None]


def _word(words: Words, key: str, **params: object) -> str:
    return Message(f"gates.{key}", **params).to(words.lang)


def _numbers(rows: list[dict[str, Any]], name: str) -> list[str | None]:
    return [None if absent(row[name]) else format_number(float(row[name])) for row in rows]


def _places(
    frame: gpd.GeoDataFrame, site: Site, words: Words, *, kind: str, estimated: bool
) -> Drawing | None:
    shown = drawn_rows(frame, site)
    if shown is None:
        return None
    rows: list[dict[str, Any]] = shown.drop(columns="geometry").to_dict("records")
    placed = kind == "placed"
    columns = [
        column(
            _word(words, "head_saved"),
            _numbers(rows, "household_minutes_saved"),
            strong=placed,
            est=estimated,
        ),
        column(words.column("barriers", "barrier_id"), [plain(row["barrier_id"]) for row in rows]),
    ]
    if placed:
        columns += [
            column(_word(words, f"head_{short}"), _numbers(rows, name), est=estimated)
            for short, name in (("winners", "households_winning"), ("gained", "households_gained"))
        ]
        columns.append(column(_word(words, "head_new_way"), _numbers(rows, "new_way_m")))
    else:
        columns.append(
            column(
                words.column("proposals", "reason"),
                [words.value("proposals", "reason", row["reason"]) for row in rows],
            )
        )
    style = STYLES["proposals"][kind] if placed else {**STYLES["proposals"][kind], "r": 3, "s": "dot"}
    drawing = Drawing(
        id=f"proposals-gates-{kind}",
        title=_word(words, f"map_{kind}"),
        kind="proposals",
        ids=[plain(row["entrance_id"]) for row in rows],
        shapes=list(shown.geometry),
        classes=[
            Class(
                id=kind,
                label=words.text(f"class.proposals.{kind}"),
                style=style,
                glyph=_word(words, "map_glyph") if placed else "",
            )
        ],
        of_class=[0] * len(rows),
        names=[
            _word(words, "map_rank", rank=row["rank"]) if placed else plain(row["entrance_id"])
            for row in rows
        ],
        columns=[c for c in columns if c["u"]],
        estimated=estimated,
    )
    if placed:
        drawing.glyphs = [str(row["rank"]) for row in rows]
    drawing.shown = placed or len(rows) <= _CROWD
    return drawing


def _ways(frame: gpd.GeoDataFrame | None, site: Site, words: Words) -> Drawing | None:
    shown = drawn_rows(frame, site)
    if shown is None:
        return None
    style = {**STYLES["walkways"]["path"], "c": STYLES["proposals"]["placed"]["c"], "w": 3.5}
    title = _word(words, "map_ways")
    return Drawing(
        id="proposals-gates-ways",
        title=title,
        kind="proposals",
        ids=[plain(way) for way in shown["way_id"]],
        shapes=list(shown.geometry),
        classes=[Class(id="way", label=title, style=style)],
        of_class=[0] * len(shown),
        names=[title] * len(shown),
        clickable=False,
    )


def _saved(frame: gpd.GeoDataFrame | None, site: Site, words: Words, *, estimated: bool) -> Drawing | None:
    shown = drawn_rows(frame, site)
    if shown is None:
        return None
    rows: list[dict[str, Any]] = shown.drop(columns="geometry").to_dict("records")
    steps = [sum(float(row["saved_min"]) >= least for least in _BREAKS_MIN) for row in rows]
    labels = [
        _word(words, "map_less", n=format_number(_BREAKS_MIN[0])),
        *(_word(words, "map_from", n=format_number(least)) for least in _BREAKS_MIN),
    ]
    heads = (
        ("map_each", "saved_min"), ("map_before", "before_min"), ("map_after", "after_min"),
        ("head_saved", "household_minutes_saved"), ("head_winners", "households_winning"),
        ("head_gained", "households_gained"),
    )  # fmt: skip
    columns = [
        column(_word(words, head), _numbers(rows, name), strong=name == "saved_min", est=estimated)
        for head, name in heads
    ]
    columns.append(column(_word(words, "map_categories"), [_categories(row, words) for row in rows]))
    present = sorted(set(steps), reverse=True)
    return Drawing(
        id="gates-before-after",
        title=_word(words, "map_saved"),
        kind="saved",
        ids=[f"saved-{plain(row['building_id'])}" for row in rows],
        shapes=list(shown.geometry),
        classes=[
            Class(
                id=f"saved-{step}",
                label=labels[step],
                style={"c": "#5f574d", "w": 1.3, "f": SAVED[step], "o": 1.0},
            )
            for step in present
        ],
        of_class=[present.index(step) for step in steps],
        names=[plain(row["building_id"]) for row in rows],
        columns=[c for c in columns if c["u"]],
        estimated=estimated,
    )


def _categories(row: Mapping[str, Any], words: Words) -> str | None:
    names = [words.category(name) for name in str(row["gained"]).split(";") if name]
    return words.text("ui.listing").join(names) or None
