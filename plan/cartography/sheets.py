"""The sheets of an atlas: which drawings each shows, what it is about, and what its numbers mean."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from plan.cartography.contents import Contents, by_minutes, circles, contents_of, value_of
from plan.cartography.draw import picture_of
from plan.cartography.furniture import word
from plan.cartography.legend import LegendGroup, legend_of
from plan.cartography.tiles import tiled
from plan.cartography.view import view_of
from plan.findings import Status, Strength
from plan.maps import verdicts
from plan.maps.layers import Class, Drawing
from plan.maps.words import Words
from plan.messages import Message
from plan.tables import Table

if TYPE_CHECKING:
    from plan.cartography.view import Extent
    from plan.dossier import Dossier
    from plan.findings import Clause

__all__ = ["MAP_MM", "Sheet", "atlas_sheets", "finding_numbers"]

MAP_MM: Final = (302.0, 262.0)  # of the map on an A3 sheet, beside a column of 90 mm
_MARGIN: Final = 0.025  # of ground around what a sheet is about
_GROUND: Final = ("parcels", "open_spaces", "obstacles", "walkways", "buildings", "barriers", "entrances")
_FINE: Final = 0.4  # of a line's width and dashes on a small map
_NUMBERED: Final = {"r": 12.5}  # a symbol with a number in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet of an atlas: a map and what is printed beside it."""

    name: str  # such as overview: for a file or a link
    title: str
    svg: str  # of the size that was asked for; its unit is a millimetre
    scale: int | None  # denominator; None where maps of several scales stand on it
    legend: tuple[LegendGroup, ...]
    clauses: tuple[Clause, ...]  # the legend's numbers count them from 1
    table: Table | None = None  # what the numbers on the map mean
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plan:
    """What a sheet shows, before it is drawn."""

    drawings: Sequence[Drawing]
    about: Collection[str]  # ids of the drawings that are not faint
    extent: Extent
    table: Table | None = None
    notes: tuple[str, ...] = ()


def atlas_sheets(dossier: Dossier, *, size_mm: tuple[float, float] = MAP_MM) -> list[Sheet]:
    """Draw the sheets of an atlas; what a dossier lacks is left out.

    Parameters
    ----------
    dossier : Dossier
        What the hearing is about.
    size_mm : tuple of float
        Width and height of each map [mm].

    Returns
    -------
    list of Sheet
        Overview, life circle, walking times, rooms, gates, parking before and after, fire access, elevators, findings.
    """
    contents = contents_of(dossier)
    if contents is None:
        return []
    found = []
    for name, build in _SHEETS.items():
        plan = build(dossier, contents)
        if plan is not None:
            found.append(_drawn(name, plan, contents, size_mm))
    small = _minutes(dossier, contents, size_mm)
    if small is not None:
        before = {"overview", "life_circle", "blind_spots"}
        found.insert(sum(sheet.name in before for sheet in found), small)
    return found


def finding_numbers(dossier: Dossier) -> dict[int, int]:
    """Return the number on the sheet of findings for each finding that has a place.

    Returns
    -------
    dict of int to int
        From the position of a finding in ``plan.maps.verdicts.ordered(dossier.after)``. The worst come first, and
        findings at one place share a number.
    """
    order = verdicts.ordered(dossier.after)
    _, place_of = verdicts.finding_drawing(dossier.after, words=Words(lang=dossier.lang))
    numbers: dict[int, int] = {}
    for place in (place_of[n] for n in range(len(order)) if n in place_of):
        numbers.setdefault(place, len(numbers) + 1)
    return {n: numbers[place] for n, place in sorted(place_of.items())}


def _drawn(name: str, plan: _Plan, contents: Contents, size_mm: tuple[float, float]) -> Sheet:
    view = view_of(_with_margin(plan.extent), size_mm)
    picture = picture_of(plan.drawings, view=view, words=contents.words, emphasise=plan.about)
    seen = _seen(plan.drawings, view.extent)
    legend, clauses = _told(seen, contents)
    return Sheet(
        name=name,
        title=word(contents.words, f"sheet_{name}"),
        svg=picture.svg,
        scale=view.scale,
        legend=legend,
        clauses=clauses,
        table=plan.table,
        notes=plan.notes,
    )


def _with_margin(extent: Extent) -> Extent:
    west, south, east, north = extent
    more = max(east - west, north - south, 20.0) * _MARGIN
    return (west - more, south - more, east + more, north + more)


def _seen(drawings: Sequence[Drawing], extent: Extent) -> list[Drawing]:
    """Return drawings with only those things that a map shows: its legend counts no others."""
    frame = shapely.box(*extent)
    out = []
    for drawing in drawings:
        kept = [
            k
            for k, s in enumerate(drawing.shapes)
            if s is not None and not s.is_empty and frame.intersects(s)
        ]
        if kept:
            out.append(
                replace(
                    drawing,
                    shapes=[drawing.shapes[k] for k in kept],
                    of_class=[drawing.of_class[k] for k in kept],
                )
            )
    return out


def _told(
    drawings: Sequence[Drawing], contents: Contents
) -> tuple[tuple[LegendGroup, ...], tuple[Clause, ...]]:
    """Return the legend, and the clauses that it names by their number on this sheet."""
    order: dict[int, None] = {}
    for drawing in reversed(drawings):
        present = set(drawing.of_class)
        order |= dict.fromkeys(n for k in sorted(present) for n in drawing.clauses.get(k, ()))
    numbers = {n: k for k, n in enumerate(order, start=1)}
    clauses = tuple(contents.clauses[n] for n in order)
    return legend_of(drawings, numbers=numbers), clauses


# --- one function for each sheet -------------------------------------------------------------------


def _overview(dossier: Dossier, contents: Contents) -> _Plan:
    del dossier
    drawings = contents.of(*_GROUND, "communities", "grids", "facilities", before=True)
    return _Plan(drawings=drawings, about=[d.id for d in drawings], extent=contents.estate)


def _life_circle(dossier: Dossier, contents: Contents) -> _Plan | None:
    isochrones = next(iter(contents.of("isochrones")), None)
    if isochrones is None:
        return None
    wash, *edges = circles(dossier, isochrones, contents.words)
    ground = contents.of("parcels", "open_spaces", "obstacles", "walkways", "buildings", "facilities")
    # From so far only the names of places and streets are read.
    ground = [replace(d, labels=None) if d.kind in {"buildings", "open_spaces"} else d for d in ground]
    drawings: list[Drawing] = []
    for drawing in ground:
        drawings += [wash, drawing] if drawing.kind == "walkways" else [drawing]
    drawings += edges
    data = [bounds for d in ground if (bounds := _bounds(d)) is not None]
    whole = shapely.box(*_bounds(isochrones)).intersection(
        shapely.union_all(shapely.box(*np.transpose(data))).envelope
    )
    about = [d.id for d in drawings if d.kind not in {"walkways", "obstacles"}]
    return _Plan(drawings=drawings, about=about, extent=whole.bounds)


def _blind_spots(dossier: Dossier, contents: Contents) -> _Plan | None:
    spot = None if dossier.reach is None else dossier.reach.blind_spot()
    coloured = [] if spot is None else by_minutes(dossier, contents, [spot])
    if not coloured:
        return None
    buildings = coloured[0][1]
    ground = [d for d in contents.of(*_GROUND) if d.kind not in {"buildings", "entrances"}]
    spots, best = contents.of("blind_spots"), contents.of("best_sites")
    drawings = [*ground, *spots, buildings, *contents.of("facilities"), *best]
    about = [d.id for d in (*spots, buildings, *best, *contents.of("facilities"))]
    return _Plan(drawings=drawings, about=about, extent=contents.estate)


def _bounds(drawing: Drawing) -> Any:  # noqa: ANN401 - an array of four
    shapes = [s for s in drawing.shapes if s is not None and not s.is_empty]
    return shapely.total_bounds(shapes) if shapes else None


def _rooms(dossier: Dossier, contents: Contents) -> _Plan | None:
    del dossier
    rooms = next(iter(contents.of("rooms")), None)
    if rooms is None:
        return None
    words = contents.words
    numbered, order = _with_numbers(rooms, "rejected")
    table = _table(
        words,
        "rooms",
        [("area", words.column("rooms", "area_m2")), ("reason", words.column("rooms", "reason"))],
        rooms,
        order,
    )
    return _Plan(
        drawings=[*contents.of(*_GROUND), numbered],
        about=["buildings", "parcels", numbered.id],
        extent=contents.estate,
        table=table,
    )


def _gates(dossier: Dossier, contents: Contents) -> _Plan | None:
    if "gates" not in dossier.proposals:
        return None
    saved = contents.of("saved")
    # The gates as they are: the new ones have a symbol of their own.
    ground = contents.of(*_GROUND, before=True)
    proposed = [_solid(d) for d in contents.of("proposals") if d.id.startswith("proposals-gates")]
    about = [d.id for d in (*saved, *proposed)] + ["barriers", "buildings", "entrances"]
    return _Plan(drawings=[*ground, *saved, *proposed], about=about, extent=contents.estate)


def _solid(drawing: Drawing) -> Drawing:
    """Return a drawing whose symbols are not seen through: what is written in them is read."""
    classes = [replace(c, style={**c.style, "o": 1.0, "r": 11}) if c.glyph else c for c in drawing.classes]
    return replace(drawing, classes=classes)


def _parking(dossier: Dossier, contents: Contents, *, before: bool) -> _Plan | None:
    stalls = contents.of("stalls", before=before)
    if not stalls or (not before and "stalls" not in dossier.proposals):
        return None
    kinds = (*_GROUND, "fire_lanes", "aisles", "stalls")
    drawings = contents.of(*kinds, before=before)
    if not before:
        drawings = contents.of(*kinds, "removed", "stalls-rejected")
    about = [
        d.id
        for d in drawings
        if d.kind in {"stalls", "aisles", "removed", "parcels", "buildings", "proposals"}
    ]
    return _Plan(drawings=drawings, about=about, extent=contents.estate)


def _parking_before(dossier: Dossier, contents: Contents) -> _Plan | None:
    return _parking(dossier, contents, before=True)


def _parking_after(dossier: Dossier, contents: Contents) -> _Plan | None:
    return _parking(dossier, contents, before=False)


def _fire(dossier: Dossier, contents: Contents) -> _Plan | None:
    del dossier
    lanes = contents.of("fire_access") or contents.of("fire_lanes")
    if not lanes:
        return None
    words = contents.words
    pinches = next(iter(contents.of("pinches")), None)
    drawings = contents.of(*_GROUND, *{d.kind for d in lanes})
    about = [*(d.id for d in lanes), "buildings"]
    if pinches is None:
        return _Plan(drawings=drawings, about=about, extent=contents.estate)
    numbered, order = _with_numbers(pinches, *(c.id for c in pinches.classes))
    heads = [(name, Message(f"fire_access.map_{name}").to(words.lang)) for name in ("between", "cure")]
    return _Plan(
        drawings=[*drawings, numbered],
        about=[*about, numbered.id],
        extent=contents.estate,
        table=_table(words, "pinches", heads, pinches, order),
    )


def _elevators(dossier: Dossier, contents: Contents) -> _Plan | None:
    shafts = [d for d in contents.of("proposals", "elevators") if "elevators" in d.id]
    signs = contents.of("stairwell-verdicts")
    if not shafts and not signs:
        return None
    del dossier
    ground = [d for d in contents.of(*_GROUND, "fire_lanes") if d.kind != "entrances"]
    drawings = [*ground, *shafts, *signs]
    about = [*(d.id for d in (*shafts, *signs)), "buildings"]
    return _Plan(drawings=drawings, about=about, extent=contents.estate)


def _findings(dossier: Dossier, contents: Contents) -> _Plan | None:
    found = next(iter(contents.of("findings")), None)
    if found is None or found.finds is None:
        return None
    findings, numbers = verdicts.ordered(dossier.after), finding_numbers(dossier)
    of_place = [numbers[those[0]] for those in found.finds]
    symbols = {c.id: c.glyph for c in found.classes}
    shapes, glyphs = [], []
    for shape, number, k, those in zip(found.shapes, of_place, found.of_class, found.finds, strict=True):
        # Lines around everything that any rule looked at would hide what the hearing is about.
        open_ = any(
            findings[n].strength is Strength.MUST
            and findings[n].status in {Status.NOT_MET, Status.UNDETERMINED}
            for n in those
        )
        points = [part for part in shapely.get_parts(shape) if part.geom_type == "Point"]
        shapes.append(shape if open_ or not points else points[-1])
        glyphs.append(f"{symbols[found.classes[k].id]}{number}")
    badges = replace(
        found,
        shapes=shapes,
        glyphs=glyphs,
        classes=[replace(c, style={**c.style, "r": 15, "w": 2.2}) for c in found.classes],
    )
    return _Plan(
        drawings=[*contents.of(*_GROUND, "communities"), badges],
        about=["parcels", badges.id],
        extent=contents.estate,
    )


def _minutes(dossier: Dossier, contents: Contents, size_mm: tuple[float, float]) -> Sheet | None:
    """Draw the buildings by the minutes to each category, one small map beside the other."""
    if dossier.reach is None:
        return None
    coloured = [d for _, d in by_minutes(dossier, contents, set(dossier.reach.times().columns))]
    if not coloured:
        return None
    ground = contents.of("parcels", "open_spaces", "barriers")
    maps = [(one.title, [_fine(d) for d in (*ground, replace(one, labels=None))]) for one in coloured]
    used = {k for d in coloured for k in d.of_class}
    whole = replace(
        coloured[0],
        title=word(contents.words, "by_minutes"),
        classes=[coloured[0].classes[k] for k in sorted(used)],
        of_class=list(range(len(used))),
        shapes=[coloured[0].shapes[0]] * len(used),
    )
    legend = tuple(
        replace(group, rows=tuple(replace(row, count=0) for row in group.rows))
        for group in legend_of([whole])
    )
    return Sheet(
        name="minutes",
        title=word(contents.words, "sheet_minutes"),
        svg=tiled(maps, extent=_with_margin(contents.estate), size_mm=size_mm, words=contents.words),
        scale=None,
        legend=legend,
        clauses=(),
    )


def _fine(drawing: Drawing) -> Drawing:
    """Return a drawing with lines for a small map."""

    def fine(one: Class) -> Class:
        dashes = (
            {"d": " ".join(f"{float(d) * _FINE:g}" for d in one.style["d"].split())}
            if "d" in one.style
            else {}
        )
        return replace(one, style={**one.style, "w": one.style["w"] * _FINE, **dashes})

    return replace(drawing, classes=[fine(c) for c in drawing.classes])


# --- numbers on the map and what they mean ---------------------------------------------------------


def _with_numbers(drawing: Drawing, *classes: str) -> tuple[Drawing, list[int]]:
    """Return a drawing whose features of some classes carry numbers from 1, and which features these are."""
    order = [k for k, of in enumerate(drawing.of_class) if drawing.classes[of].id in classes]
    numbers = {k: str(n) for n, k in enumerate(order, start=1)}
    glyphs = [
        numbers.get(k, drawing.glyphs[k] if drawing.glyphs else drawing.classes[of].glyph)
        for k, of in enumerate(drawing.of_class)
    ]

    def larger(one: Class) -> Class:
        return replace(one, style={**one.style, **_NUMBERED}) if one.id in classes else one

    return replace(drawing, glyphs=glyphs, classes=[larger(c) for c in drawing.classes]), order


def _table(
    words: Words,
    name: str,
    columns: Sequence[tuple[str, str]],
    drawing: Drawing,
    order: Iterable[int],
) -> Table | None:
    rows = tuple(
        (str(number), drawing.names[k], *(value_of(drawing, head, k) for _, head in columns))
        for number, k in enumerate(order, start=1)
    )
    if not rows:
        return None
    heads = (word(words, "number"), word(words, f"place_{name}"), *(head for _, head in columns))
    return Table(title=word(words, f"table_{name}"), heads=heads, rows=rows, numeric=(0,))


_SHEETS: Final[dict[str, Callable[[Any, Contents], _Plan | None]]] = {
    "overview": _overview,
    "life_circle": _life_circle,
    "blind_spots": _blind_spots,
    "rooms": _rooms,
    "gates": _gates,
    "parking_before": _parking_before,
    "parking_after": _parking_after,
    "fire": _fire,
    "elevators": _elevators,
    "findings": _findings,
}
