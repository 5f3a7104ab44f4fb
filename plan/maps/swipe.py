"""What differs between an estate as it is and as proposed, for a map that shows the one beside the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import shapely

from plan.maps.layers import Drawing
from plan.maps.words import Words

__all__ = ["before_drawings"]

T = TypeVar("T")


def before_drawings(
    before: Iterable[Drawing], after: Sequence[Drawing], *, words: Words
) -> list[tuple[Drawing, str]]:
    """Return what only the estate as it is has, and mark in the other drawings what only the proposal has.

    A thing is the same when it has the same id, class and place in both. What is computed from the proposal alone,
    such as isochrones, is the proposal's.

    Parameters
    ----------
    before : iterable of Drawing
        The layers of the estate as it is.
    after : sequence of Drawing
        The layers of the map; their ``after`` is set.
    words : Words
        The language.

    Returns
    -------
    list of (Drawing, str)
        For each layer of which something goes, a drawing of that, and the id of the layer that it goes from.
    """
    was = {drawing.id: drawing for drawing in before}
    for drawing in after:
        drawing.after = _others(drawing, was.get(drawing.id))
    now = {drawing.id: drawing for drawing in after}
    gone = []
    for name, drawing in was.items():
        rows = _others(drawing, now.get(name))
        if rows:
            gone.append((_only(drawing, rows, words), name))
    return gone


def _others(drawing: Drawing, other: Drawing | None) -> list[int]:
    """Return the rows of a drawing that another does not have."""
    known = set() if other is None else set(_things(other))
    return [row for row, thing in enumerate(_things(drawing)) if thing not in known]


def _things(drawing: Drawing) -> list[tuple[str, str, bytes]]:
    return [
        (name, drawing.classes[number].id, b"" if shape is None else shapely.to_wkb(shape))
        for name, number, shape in zip(drawing.ids, drawing.of_class, drawing.shapes, strict=True)
    ]


def _only(drawing: Drawing, rows: Sequence[int], words: Words) -> Drawing:
    return replace(
        drawing,
        id=f"before-{drawing.id}",
        title=words.text("ui.swipe_layer", layer=drawing.title),
        ids=_taken(drawing.ids, rows),
        shapes=_taken(drawing.shapes, rows),
        of_class=_taken(drawing.of_class, rows),
        names=_taken(drawing.names, rows),
        labels=None if drawing.labels is None else _taken(drawing.labels, rows),
        columns=[{**column, "v": _taken(column["v"], rows)} for column in drawing.columns],
        glyphs=None if drawing.glyphs is None else _taken(drawing.glyphs, rows),
        radii=None if drawing.radii is None else _taken(drawing.radii, rows),
        widths=None if drawing.widths is None else _taken(drawing.widths, rows),
        clauses={},
        shown=False,
        before=drawing.id,
        after=[],
    )


def _taken(values: Sequence[T], rows: Sequence[int]) -> list[T]:
    return [values[row] for row in rows]
