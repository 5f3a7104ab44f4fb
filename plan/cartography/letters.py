"""How wide a text is in the font of the sheets, so that no label lies over another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from plan.maps.fonts import characters, font_path

__all__ = ["FAMILY", "POINT_MM", "cut", "lacking", "width_mm"]

FAMILY: Final = "Noto Sans SC"  # of the font that is shipped
POINT_MM: Final = 25.4 / 72  # a typographic point [mm]


def width_mm(text: str, size_mm: float) -> float:
    """Return how wide a text is.

    Parameters
    ----------
    text : str
        One line.
    size_mm : float
        Size of the letters [mm].

    Examples
    --------
    >>> width_mm("楼", 3.0)
    3.0
    """
    widths = _widths()
    return size_mm * sum(widths.get(char, 1.0) for char in text)


def cut(text: str, size_mm: float, *, most_mm: float) -> str:
    """Return a text that is not wider than there is room, its end left out where it must.

    Examples
    --------
    >>> cut("青山新村三期", 3.0, most_mm=12.0)
    '青山新…'
    """
    if width_mm(text, size_mm) <= most_mm:
        return text
    kept = text
    while kept and width_mm(kept + "…", size_mm) > most_mm:
        kept = kept[:-1]
    return f"{kept.rstrip()}…" if kept else ""


def lacking(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the characters of texts that the font lacks, sorted: a sheet shows them as boxes."""
    wanted = {char for text in texts for char in text if not char.isspace()}
    return tuple(sorted(wanted - characters()))


@cache
def _widths() -> dict[str, float]:
    """Return the advance of each character of the font, in its size."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - heavy, only a sheet needs it

    with TTFont(font_path(), lazy=True) as font:
        size = float(font["head"].unitsPerEm)
        advances = font["hmtx"].metrics
        return {chr(code): advances[glyph][0] / size for code, glyph in font.getBestCmap().items()}
