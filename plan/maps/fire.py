"""Fire access on the map: the lanes that an engine gets to, those it does not, and each pinch with its cure."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from plan.checks.fire_ways import between_text, cure_text
from plan.crs import to_wgs84
from plan.fire_access import FireAccess
from plan.maps.escape import plain
from plan.maps.layers import Class, Drawing, column
from plan.maps.palette import STYLES
from plan.maps.words import Words, absent, format_number
from plan.messages import Message

__all__ = ["fire_drawings"]


def fire_drawings(access: FireAccess | None, *, words: Words) -> list[Drawing]:
    """Draw the fire lanes by whether an engine gets to them, and their pinches.

    Parameters
    ----------
    access : FireAccess or None
        As ``plan.fire_access.fire_access`` returns it.
    words : Words
        The language.

    Returns
    -------
    list of Drawing
        Lanes, pinches; those of which there are any.
    """
    if access is None:
        return []
    return [d for d in (_lanes(access, words), _pinches(access, words)) if d is not None]


def _word(words: Words, key: str, **params: object) -> str:
    return Message(f"fire_access.{key}", **params).to(words.lang)


def _rows(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = frame.drop(columns="geometry").to_dict("records")
    return rows


def _lanes(access: FireAccess, words: Words) -> Drawing | None:
    if access.lanes.empty:
        return None
    rows = _rows(access.lanes)
    present = [s for s in ("too_narrow", "reachable") if s in set(access.lanes["state"])]
    clear = [
        _word(words, "map_width", width=format_number(round(row["clear_m"], 2)))
        if row["clear_m"] > 0
        else "0"
        for row in rows
    ]
    return Drawing(
        id="fire-access-lanes",
        title=_word(words, "map_lanes", width=format_number(access.width_m)),
        kind="fire_access",
        # Part of a lane: the lane itself is a feature of its own layer.
        ids=[f"fire-{plain(row['lane_id'])}-{row['state']}" for row in rows],
        shapes=list(to_wgs84(access.lanes).geometry),
        classes=[
            Class(id=s, label=_word(words, f"map_{s}"), style=STYLES["fire_access"][s]) for s in present
        ],
        of_class=[present.index(row["state"]) for row in rows],
        names=[plain(row["lane_id"]) for row in rows],
        columns=[column(_word(words, "map_clear"), clear, strong=True)],
    )


def _pinches(access: FireAccess, words: Words) -> Drawing | None:
    if access.pinches.empty:
        return None
    rows = _rows(access.pinches)
    kinds = ["for_good" if row["for_good"] else "curable" for row in rows]
    present = [k for k in ("for_good", "curable") if k in kinds]
    listing = words.text("ui.listing")

    def ids(text: str) -> str | None:
        return listing.join(plain(part) for part in text.split(";")) if text else None

    columns = [
        column(
            _word(words, "map_between"),
            [
                plain(f"{ids(row['lane_id']) or ''} {between_text(row).to(words.lang)}".strip())
                for row in rows
            ],
        ),
        column(
            _word(words, "map_cure"),
            [plain(cure_text(row, width_m=access.width_m).to(words.lang)) for row in rows],
            strong=True,
        ),
        column(
            words.column("obstacles", "cost_cny"),
            [None if absent(row["cost_cny"]) else format_number(row["cost_cny"]) for row in rows],
        ),
        column(_word(words, "map_behind"), [ids(row["buildings"]) for row in rows]),
    ]
    return Drawing(
        id="fire-access-pinches",
        title=_word(words, "map_pinches"),
        kind="pinches",
        ids=[f"pinch-{plain(row['pinch_id'])}" for row in rows],
        # The middle of the line across, so that it is seen and hit at any zoom.
        shapes=list(to_wgs84(access.pinches.set_geometry(access.pinches.centroid)).geometry),
        classes=[
            Class(
                id=k,
                label=_word(words, f"map_{k}"),
                style=STYLES["pinches"][k],
                glyph=_word(words, "map_glyph"),
            )
            for k in present
        ],
        of_class=[present.index(k) for k in kinds],
        names=[_word(words, "map_width", width=format_number(round(row["width_m"], 2))) for row in rows],
        labels=[_word(words, "map_metres", width=format_number(round(row["width_m"], 2))) for row in rows],
        columns=[c for c in columns if c["u"]],
    )
