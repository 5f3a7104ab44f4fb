"""Where a text of a drawing stands: at its insertion, and about its middle, which nobody can know without its font."""

from __future__ import annotations

import math
import unicodedata
from typing import Any, Final

import shapely
from ezdxf.math import Vec3

__all__ = ["label_line"]

_WIDE: Final = 1.0  # of the height of a text, the width of a Chinese character
_NARROW: Final = 0.6  # of a letter or a figure
_LINE_STEP: Final = 5 / 3  # of the height of a text, to the next line: AutoCAD's own
_FARTHEST: Final = 1e12  # units from the origin, as for shapes
_COLUMNS: Final = 3  # of points by which an MTEXT hangs: left, middle, right; from the top to the bottom


def label_line(entity: Any, said: str) -> shapely.LineString:  # noqa: ANN401 - TEXT, ATTRIB or MTEXT
    """Return a line from the insertion of a text to its middle, in world coordinates.

    Parameters
    ----------
    entity : Text, Attrib or MText
        The text.
    said : str
        What it shows.

    Raises
    ------
    ValueError
        If its place is no number.
    """
    start, middle = _paragraph(entity, said) if entity.dxftype() == "MTEXT" else _line(entity, said)
    if not _is_somewhere(start):
        msg = "a place that is no number"
        raise ValueError(msg)
    middle = middle if _is_somewhere(middle) else start  # of a text without a height nobody knows its middle
    return shapely.LineString([(start.x, start.y), (middle.x, middle.y)])


def _is_somewhere(place: Vec3) -> bool:
    return bool(abs(place.x) < _FARTHEST and abs(place.y) < _FARTHEST)


def _line(text: Any, said: str) -> tuple[Vec3, Vec3]:  # noqa: ANN401 - as above
    align, start, end = text.get_placement()
    name = str(align.name)
    if end is not None:
        middle = (Vec3(start) + Vec3(end)) / 2
    else:
        wide = _width(said) * text.dxf.height * text.dxf.get("width", 1.0)
        right = -0.5 if name.endswith("RIGHT") else 0.0 if name.endswith(("CENTER", "MIDDLE")) else 0.5
        up = -0.5 if name.startswith("TOP") else 0.0 if name.startswith("MIDDLE") else 0.5
        middle = _beside(start, right * wide, up * text.dxf.height, text.dxf.get("rotation", 0.0))
    ocs = text.ocs()
    return (Vec3(ocs.to_wcs(start)), Vec3(ocs.to_wcs(middle))) if ocs.transform else (Vec3(start), middle)


def _paragraph(text: Any, said: str) -> tuple[Vec3, Vec3]:  # noqa: ANN401 - as above
    lines = said.splitlines() or [""]
    height = text.dxf.char_height
    wide = max(map(_width, lines)) * height
    if text.dxf.get("width", 0.0) > 0:
        wide = min(wide, text.dxf.width)
    high = (1 + (len(lines) - 1) * _LINE_STEP) * height
    row, column = divmod(max(int(text.dxf.get("attachment_point", 1)), 1) - 1, _COLUMNS)
    start = Vec3(text.dxf.insert)
    return start, _beside(start, (1 - column) / 2 * wide, (row - 1) / 2 * high, text.get_rotation())


def _beside(start: Any, right: float, up: float, turn_deg: float) -> Vec3:  # noqa: ANN401 - a vector
    if not turn_deg:
        return Vec3(start.x + right, start.y + up, start.z)
    turn = math.radians(turn_deg)
    return Vec3(start) + Vec3(
        right * math.cos(turn) - up * math.sin(turn), right * math.sin(turn) + up * math.cos(turn)
    )


def _width(said: str) -> float:
    """Return how wide a text is, in heights of it."""
    if said.isascii():
        return len(said) * _NARROW
    return sum(_WIDE if unicodedata.east_asian_width(c) in "WF" else _NARROW for c in said)
