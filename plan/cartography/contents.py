"""What the maps of a dossier are drawn from: every layer once, in metres, before and after."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import shapely

from plan.cartography.draw import in_metres
from plan.cartography.furniture import word
from plan.maps import blind, compose, fire, minutes, verdicts
from plan.maps.layers import Class, Drawing
from plan.maps.palette import STYLES, THEME
from plan.maps.words import Words
from plan.messages import Message

if TYPE_CHECKING:
    from plan.cartography.view import Extent
    from plan.dossier import Dossier
    from plan.elevators import StairwellSiting
    from plan.findings import Clause

__all__ = ["Contents", "by_minutes", "contents_of", "value_of"]

_VERDICTS: Final = ("feasible", "conditional", "infeasible", "unknown")
_GLYPHS: Final = {
    "feasible": "met",
    "conditional": "condition",
    "infeasible": "not_met",
    "unknown": "undetermined",
}
# What a life circle adds to the lines of the circles.
_WASH: Final = 0.16
_BEHIND_M: Final = 2.4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contents:
    """The drawings of a dossier, in metres of its site."""

    before: tuple[Drawing, ...]
    after: tuple[Drawing, ...]
    words: Words
    clauses: tuple[Clause, ...]  # that the drawings name by their position
    estate: Extent

    def of(self, *kinds: str, before: bool = False) -> list[Drawing]:
        """Return the drawings of some kinds, or with some ids, from the ground up."""
        return [d for d in (self.before if before else self.after) if d.kind in kinds or d.id in kinds]


def contents_of(dossier: Dossier) -> Contents | None:
    """Draw a dossier; None where it has nothing that can be drawn."""
    words = Words(lang=dossier.lang)
    site, reach = dossier.proposed, dossier.reach
    estimated = bool({"walkways", "entrances"} & set(site.estimates))
    before = compose.drawings_of(dossier.site, words=words, placements={}, isochrones=None)
    after = compose.drawings_of(
        site,
        words=words,
        placements=dossier.proposals,
        isochrones=None if reach is None else reach.isochrones,
        isochrones_estimated=estimated,
    )
    after += fire.fire_drawings(dossier.fire, words=words)
    if reach is not None:
        spots = blind.blind_drawings(
            reach.blind_spots, reach.missing, site=site, words=words, chosen=reach.blind_spot()
        )
        after += [d for d in spots if d.shown]
    after = compose.in_order(after)
    numbered = verdicts.Clauses(words)
    verdicts.assign_clauses(before, dossier.before, numbered)
    verdicts.assign_clauses(after, dossier.after, numbered)
    verdicts.add_clauses(after, dossier.clauses, numbered)
    found, _ = verdicts.finding_drawing(dossier.after, words=words)
    after += [] if found is None else [found]
    if "elevators" in dossier.proposals:
        clauses = [numbered.number(c) for c in dossier.clauses.get("elevators", ())]
        signs = _stairwells(dossier.proposals["elevators"].measures["stairwells"], words, clauses)
    else:
        signs = None
    metric_before, metric_after = in_metres(before, dossier.site.crs), in_metres(after, site.crs)
    extent = compose.bounds_of(metric_after, estate=site.is_estate)
    if extent is None:
        return None
    return Contents(
        before=tuple(metric_before),
        after=(*metric_after, *([] if signs is None else [signs])),
        words=words,
        clauses=numbered.listed(),
        estate=extent,
    )


def value_of(drawing: Drawing, head: str, index: int) -> str | None:
    """Return what a column of a drawing says of a feature; None where it says nothing."""
    for column in drawing.columns:
        if column["l"] == head and column["v"][index] >= 0:
            text: str = column["u"][column["v"][index]]
            return text
    return None


def by_minutes(
    dossier: Dossier, contents: Contents, categories: Collection[str]
) -> list[tuple[str, Drawing]]:
    """Return the buildings coloured by the minutes to categories, one drawing for each.

    Parameters
    ----------
    dossier : Dossier
        With walk times.
    contents : Contents
        Of it.
    categories : collection of str
        Those that are wanted; others are left out.

    Returns
    -------
    list of (str, Drawing)
        Category and buildings, in the order of the table of categories.
    """
    buildings = next(iter(contents.of("buildings")), None)
    if dossier.reach is None or buildings is None:
        return []
    words, site = contents.words, dossier.proposed
    walked = minutes.reach_of(dossier.reach.times(), site=site, building_ids=buildings.ids, words=words)
    theme = minutes.theme(words, ())
    classes = [
        Class(id=str(k), label=theme["words"][k], style={**STYLES["buildings"]["other"], "f": colour})
        for k, colour in enumerate(THEME)
    ]
    return [
        (
            one["id"],
            replace(
                buildings,
                id=f"minutes-{one['id']}",
                title=one["title"],
                classes=classes,
                of_class=[_band(m, theme["breaks"]) for m in one["min"]],
                labels=[
                    _timed(text, m, words) for text, m in zip(_labels(buildings), one["min"], strict=True)
                ],
                clauses={},
                estimated=bool({"walkways", "entrances"} & set(site.estimates)),
            ),
        )
        for one in walked
        if one["id"] in categories
    ]


def _labels(drawing: Drawing) -> list[str]:
    return drawing.labels or [""] * len(drawing.ids)


def _band(walked: float | None, breaks: Sequence[float]) -> int:
    if walked is None:
        return len(breaks) + 1
    return len(breaks) if walked < 0 else sum(walked > limit for limit in breaks)


def _timed(label: str, walked: float | None, words: Words) -> str:
    number = label.split("\n", maxsplit=1)[0]
    if walked is None or walked < 0:
        return number
    return f"{number}\n{word(words, 'minutes', n=f'{walked:.1f}')}"


def circles(isochrones: Drawing, words: Words) -> list[Drawing]:
    """Return isochrones as a light wash, and their edges as lines with the minutes written along them."""
    wash = replace(
        isochrones,
        classes=[
            replace(c, style={**c.style, "o": _WASH, "w": 0.01, "c": c.style["f"]})
            for c in isochrones.classes
        ],
        labels=None,
    )
    whole, edges = None, []
    for shape in isochrones.shapes:
        area = shapely.make_valid(shape)  # coordinates were rounded for the map, and edges may touch
        whole = area if whole is None else shapely.union(whole, area)
        edges.append(
            None if whole is None else shapely.boundary(shapely.buffer(shapely.buffer(whole, 6), -6))
        )
    lines = replace(
        isochrones,
        id="isochrone-edges",
        title=word(words, "edges"),
        shapes=edges,
        classes=[replace(c, style={"c": c.style["c"], "w": 4.5}) for c in isochrones.classes],
        labels=list(isochrones.names),
    )
    return [wash, lines]


def _stairwells(
    stairwells: Sequence[StairwellSiting], words: Words, clauses: Sequence[int]
) -> Drawing | None:
    """Return a symbol at the door of each stairwell, by its verdict."""
    shown = [one for one in stairwells if one.door is not None and one.verdict in _VERDICTS]
    if not shown:
        return None
    present = [v for v in _VERDICTS if any(one.verdict == v for one in shown)]
    look = {"feasible": "#00755a", "conditional": "#E69F00", "infeasible": "#D55E00", "unknown": "#6b6b6b"}
    return Drawing(
        id="stairwell-verdicts",
        title=word(words, "stairwells"),
        kind="verdicts",
        ids=[one.entrance_id for one in shown],
        shapes=[_sign(one) for one in shown],
        classes=[
            Class(
                id=v,
                label=Message(f"retrofit.verdict_{v}").to(words.lang),
                style={
                    "c": "#ffffff", "w": 1.2, "f": look[v], "o": 1.0, "r": 8.5, "s": "circle",
                    "t": "#1a1a1a" if v == "conditional" else "#ffffff",
                },
                glyph=word(words, "glyph_condition") if v == "conditional" else words.text(f"symbol.{_GLYPHS[v]}"),
            )
            for v in present
        ],
        of_class=[present.index(one.verdict) for one in shown],
        names=[one.stairwell_id for one in shown],
        labels=[one.stairwell_id for one in shown],
        clauses={0: list(clauses)},
    )  # fmt: skip


def _sign(one: StairwellSiting) -> shapely.Point | None:
    """Return where the symbol of a stairwell stands: behind its door, so that the shaft before it is seen."""
    if one.door is None or one.chosen is None:
        return None if one.door is None else shapely.Point(one.door)
    (x, y), before = one.door, one.chosen.landing.centroid
    away = math.hypot(x - before.x, y - before.y) or 1.0
    return shapely.Point(x + (x - before.x) / away * _BEHIND_M, y + (y - before.y) / away * _BEHIND_M)
