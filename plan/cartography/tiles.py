"""Many small maps of one place on one sheet, each with its title, so that they are compared at a glance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from plan.cartography.draw import picture_of
from plan.cartography.furniture import svg_of
from plan.cartography.ink import number, written
from plan.cartography.letters import FAMILY, POINT_MM, cut
from plan.cartography.view import View, view_of

if TYPE_CHECKING:
    from plan.cartography.view import Extent
    from plan.maps.layers import Drawing
    from plan.maps.words import Words

__all__ = ["tiled"]

_TITLE_MM: Final = 6.5
_GAP_MM: Final = 3.0
_SIZE_MM: Final = 9.0 * POINT_MM


def tiled(
    maps: Sequence[tuple[str, Sequence[Drawing]]],
    *,
    extent: Extent,
    size_mm: tuple[float, float],
    words: Words,
) -> str:
    """Draw small maps side by side.

    Parameters
    ----------
    maps : sequence of (str, sequence of Drawing)
        Title and drawings of each, at least one; drawings are in metres.
    extent : tuple of float
        West, south, east, north [m] of the place.
    size_mm : tuple of float
        Width and height of the sheet [mm].
    words : Words
        The language.

    Returns
    -------
    str
        SVG; the small maps stand as near to the shape of the place as the sheet allows.
    """
    columns, scale = _best(len(maps), extent, size_mm)
    wide, high = _cell(len(maps), columns, size_mm)
    inner = []
    for k, (title, drawings) in enumerate(maps):
        x, y = (k % columns) * (wide + _GAP_MM), (k // columns) * (high + _TITLE_MM + _GAP_MM)
        view: View = view_of(extent, (wide, high), scale=scale)
        picture = picture_of(drawings, view=view, words=words, labels=False, nested=f"-{k}")
        inner.append(
            written(cut(title, _SIZE_MM, most_mm=wide), x, y + _SIZE_MM + 0.6, size_mm=_SIZE_MM)
            + f'<g transform="translate({number(x)} {number(y + _TITLE_MM)})">'
            + picture.svg
            + "</g>"
        )
    return svg_of("".join(inner), width_mm=size_mm[0], height_mm=size_mm[1], family=FAMILY)


def _cell(count: int, columns: int, size_mm: tuple[float, float]) -> tuple[float, float]:
    rows = math.ceil(count / columns)
    return (
        (size_mm[0] - (columns - 1) * _GAP_MM) / columns,
        (size_mm[1] - (rows - 1) * _GAP_MM) / rows - _TITLE_MM,
    )


def _best(count: int, extent: Extent, size_mm: tuple[float, float]) -> tuple[int, int]:
    """Return in how many columns the maps are largest, and their scale."""
    across, down = extent[2] - extent[0], extent[3] - extent[1]
    found = []
    for columns in range(1, count + 1):
        wide, high = _cell(count, columns, size_mm)
        if wide > 1 and high > 1:
            found.append((max(across / wide, down / high), columns))
    need, columns = min(found)
    return columns, math.ceil(1000.0 * need)  # no ruler is laid on so small a map
