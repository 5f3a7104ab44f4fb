"""Proposed parking on the map: what makes way, and the places without new stalls, each with its reason.

The stalls that stand and those proposed, and the aisles, are layers of the site and drawn as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import shapely

from plan.maps.escape import plain
from plan.maps.layers import Class, Drawing, column, drawn_rows
from plan.maps.palette import STYLES
from plan.maps.words import Words, absent, format_number
from plan.messages import Message
from plan.site import Placement, Site

__all__ = ["stall_columns", "stall_drawings"]

# Ground that a stall shares with a thing beside it, below which it does not take the thing's place [m2].
_SLIVER_M2: Final = 0.05


def stall_columns(drawing: Drawing, placed: Placement, *, site: Site, words: Words) -> None:
    """Add to the stalls of a site why each proposed one is there, what it replaces, and what that costs.

    Parameters
    ----------
    drawing : Drawing
        The stalls as they are drawn; columns are added.
    placed : Placement
        A scenario of ``plan.parking.scenarios``: ``removed`` and ``cost_per_added_cny`` in its measures.
    site : Site
        The site, with the stalls.
    words : Words
        The language.
    """
    removed: gpd.GeoDataFrame = placed.measures["removed"]
    stalls = site.layer("stalls")
    new = stalls[stalls["state"] == "proposed"] if "state" in stalls else stalls.iloc[:0]
    shapes = dict(zip(map(plain, new["stall_id"]), new.geometry, strict=True))
    aisles = dict(zip(shapes, new["aisle_id"], strict=True)) if "aisle_id" in new else {}
    tree = shapely.STRtree(removed.geometry.to_numpy())
    gone: dict[str, list[Mapping[str, Any]]] = {}
    for name, shape in shapes.items():
        near = [int(i) for i in tree.query(shape, predicate="intersects")]
        gone[name] = [
            removed.iloc[i].to_dict()
            for i in sorted(near)
            if removed.geometry.iloc[i].geom_type == "Point"
            or shapely.area(shapely.intersection(removed.geometry.iloc[i], shape)) > _SLIVER_M2
        ]
    nothing = _word(words, "map_replaces_nothing")
    each = placed.measures.get("cost_per_added_cny")
    drawing.columns += [
        made
        for made in (
            column(
                _word(words, "map_replaces"),
                [
                    None if name not in shapes else _listed(gone[name], words) or nothing
                    for name in drawing.ids
                ],
            ),
            column(
                _word(words, "map_removal_cost"),
                [_cost_of(gone.get(name, []), words) for name in drawing.ids],
            ),
            column(
                _word(words, "map_mean_cost"),
                [None if each is None or i not in shapes else format_number(each) for i in drawing.ids],
            ),
            column(
                _word(words, "map_why"),
                [
                    None if i not in shapes else _word(words, "map_holds", aisle=plain(aisles.get(i) or "–"))
                    for i in drawing.ids
                ],
            ),
        )
        if made["u"]
    ]


def _listed(rows: list[Mapping[str, Any]], words: Words) -> str:
    return words.text("ui.listing").join(
        f"{words.value('obstacles', 'kind', row['kind'])} {plain(row['id'])}" for row in rows
    )


def _cost_of(rows: list[Mapping[str, Any]], words: Words) -> str | None:
    if not rows:
        return None
    known = [float(row["cost_cny"]) for row in rows if not absent(row["cost_cny"])]
    unknown = len(rows) - len(known)
    total = format_number(sum(known))
    return _word(words, "map_cost_from", cost=total, count=unknown) if unknown else total


def stall_drawings(placed: Placement, *, site: Site, words: Words) -> list[Drawing]:
    """Draw what parking takes away and where it puts no stall.

    Parameters
    ----------
    placed : Placement
        A scenario of ``plan.parking.scenarios``.
    site : Site
        The site.
    words : Words
        The language.

    Returns
    -------
    list of Drawing
        What makes way (as it was), and the places that were not used; those of which there are any.
    """
    found = [_removed(placed.measures.get("removed"), site, words), _rejected(placed.rejected, site, words)]
    return [drawing for drawing in found if drawing is not None]


def _word(words: Words, key: str, **params: object) -> str:
    return Message(f"stalls.{key}", **params).to(words.lang)


def _removed(frame: gpd.GeoDataFrame | None, site: Site, words: Words) -> Drawing | None:
    shown = drawn_rows(frame, site)
    if shown is None:
        return None
    rows: list[dict[str, Any]] = shown.drop(columns="geometry").to_dict("records")
    order = [kind for kind in STYLES["removed"] if kind in set(shown["kind"])]
    costs = [None if absent(row["cost_cny"]) else format_number(float(row["cost_cny"])) for row in rows]
    return Drawing(
        id="stalls-removed",
        title=_word(words, "map_removed"),
        kind="removed",
        ids=[f"removed-{plain(row['id'])}" for row in rows],
        shapes=list(shown.geometry),
        classes=[
            Class(id=kind, label=_word(words, f"map_removed_{kind}"), style=STYLES["removed"][kind])
            for kind in order
        ],
        of_class=[order.index(row["kind"]) for row in rows],
        names=[plain(row["id"]) for row in rows],
        columns=[c for c in [column(words.column("obstacles", "cost_cny"), costs)] if c["u"]],
    )


def _rejected(frame: gpd.GeoDataFrame, site: Site, words: Words) -> Drawing | None:
    # Roads on whose carriageway nothing stands are in the table; on the map they would cover what is on them.
    spaces = frame[~frame["road"].astype(bool)] if "road" in frame else frame
    shown = drawn_rows(spaces, site)
    if shown is None:
        return None
    rows: list[dict[str, Any]] = shown.drop(columns="geometry").to_dict("records")
    reasons = [words.value("proposals", "reason", row["reason"]) for row in rows]
    areas = [format_number(float(row["area_m2"])) for row in rows]
    return Drawing(
        id="stalls-rejected",
        title=_word(words, "map_rejected"),
        kind="proposals",
        ids=[f"no-stalls-{plain(row['space_id'])}" for row in rows],
        shapes=list(shown.geometry),
        classes=[
            Class(
                id="rejected",
                label=words.text("class.proposals.rejected"),
                style={**STYLES["proposals"]["rejected"], "o": 0.35},
            )
        ],
        of_class=[0] * len(rows),
        names=[plain(row["name"] or row["space_id"]) for row in rows],
        columns=[
            column(words.column("proposals", "reason"), reasons, strong=True),
            column(words.column("proposals", "area_m2"), areas),
        ],
    )
