"""Blind spots on the map: the ground that a category does not reach, one category at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd

from plan.crs import to_wgs84
from plan.maps.escape import plain
from plan.maps.layers import Class, Drawing, column
from plan.maps.palette import STYLES
from plan.maps.words import Words, absent, format_number
from plan.site import Site

__all__ = ["blind_drawings", "blind_options"]

_PEOPLE: Final = ("households", "persons", "elderly", "children")


def blind_drawings(
    spots: gpd.GeoDataFrame | None,
    best: gpd.GeoDataFrame | None,
    *,
    site: Site,
    words: Words,
    chosen: str | None,
) -> list[Drawing]:
    """Draw the blind spots of each category, and the place from which most of their households would be served.

    Parameters
    ----------
    spots : geopandas.GeoDataFrame or None
        As ``plan.access.blind_spots`` returns them.
    best : geopandas.GeoDataFrame or None
        As ``plan.access.best_sites`` returns them.
    site : Site
        The site.
    words : Words
        The language.
    chosen : str or None
        The category that shows at first; None: none does.

    Returns
    -------
    list of Drawing
        Two at most for each category, of which one category shows at a time.
    """
    estimated = "households" in site.estimates
    found: list[Drawing] = []
    for kind, frame, made in (("blind_spots", spots, _spots), ("best_sites", best, _sites)):
        if frame is None or frame.empty:
            continue
        placed = frame[frame.geometry.notna()]
        placed = to_wgs84(placed if placed.crs is not None else placed.set_crs(site.crs))
        keys = [_key(row) for row in placed.drop(columns="geometry").to_dict("records")]
        for key in dict.fromkeys(keys):
            those = placed[[one == key for one in keys]]
            drawing = made(key, those, words, estimated=estimated)
            drawing.kind, drawing.pick, drawing.shown = kind, key, key == chosen
            found.append(drawing)
    return found


def blind_options(drawings: Sequence[Drawing], words: Words) -> dict[str, Any]:
    """Return what can be chosen: for each category with blind spots its key and its title."""
    options = [[d.pick, d.title] for d in drawings if d.kind == "blind_spots"]
    shown = next((d.pick for d in drawings if d.pick and d.shown), "")
    return {
        "title": words.text("layer.blind_spots"),
        "none": words.text("ui.blind_none"),
        "options": options,
        "shown": shown,
    }


def _key(row: Mapping[str, Any]) -> str:
    return f"any-{row['limit_min']:g}" if absent(row["category"]) else str(row["category"])


def _spots(key: str, frame: gpd.GeoDataFrame, words: Words, *, estimated: bool) -> Drawing:
    rows = frame.drop(columns="geometry").to_dict("records")
    name = _name(rows[0], words)
    count = format_number(float(sum(row["households"] for row in rows)))
    columns = [
        column(
            words.text("ui.limit"), [words.text("ui.within", n=format_number(r["limit_min"])) for r in rows]
        ),
        column(words.text("layer.buildings"), [format_number(float(row["buildings"])) for row in rows]),
    ]
    for group in _PEOPLE:
        texts = [None if absent(row[group]) else format_number(float(row[group])) for row in rows]
        columns.append(column(words.text(f"ui.{group}"), texts, strong=group == "households", est=estimated))
    return Drawing(
        id=f"blind-{plain(key)}",
        title=words.text("ui.blind_of", name=name, n=count),
        kind="blind_spots",
        ids=[f"blind-{plain(row['spot_id'])}" for row in rows],
        shapes=list(frame.geometry),
        classes=[
            Class(
                id="spot", label=words.text("class.blind_spots.other"), style=STYLES["blind_spots"]["other"]
            )
        ],
        of_class=[0] * len(rows),
        names=[words.text("ui.blind_name", name=name)] * len(rows),
        columns=[c for c in columns if c["u"]],
        estimated=estimated,
    )


def _sites(key: str, frame: gpd.GeoDataFrame, words: Words, *, estimated: bool) -> Drawing:
    rows = frame.drop(columns="geometry").to_dict("records")
    places = []
    for row in rows:
        name = plain(row["candidate_id"] if absent(row["name"]) else row["name"])
        named = row["kind"] == "node" and not absent(row["name"])
        known = "place.named_node" if named else f"place.{row['kind']}"
        places.append(words.text(known, name=name) if words.knows(known) else name)
    columns = [
        column(
            words.text("ui.gained"),
            [format_number(float(row["households"])) for row in rows],
            strong=True,
            est=estimated,
        ),
        column(
            words.text("ui.served"),
            [
                words.text("ui.from_to", before=f"{r['share_before']:.1%}", after=f"{r['share_after']:.1%}")
                for r in rows
            ],
        ),
    ]
    return Drawing(
        id=f"best-{plain(key)}",
        title=words.text("ui.best_of", name=_name(rows[0], words)),
        kind="best_sites",
        ids=[f"best-{plain(key)}-{row['rank']}" for row in rows],
        shapes=list(frame.geometry),
        classes=[
            Class(
                id="site",
                label=words.text("class.best_sites.other"),
                style=STYLES["best_sites"]["other"],
                glyph=words.text("glyph.best_site"),
            )
        ],
        of_class=[0] * len(rows),
        names=places,
        columns=columns,
        estimated=estimated,
    )


def _name(row: Mapping[str, Any], words: Words) -> str:
    if absent(row["category"]):
        return words.text("ui.blind_any", n=format_number(row["limit_min"]))
    return words.category(str(row["category"]))
