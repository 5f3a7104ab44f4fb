"""Embed just the glyphs that a page uses, so that no label is ever a row of boxes."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

__all__ = ["FAMILY", "FontSubset", "characters", "font_path", "subset_font"]

FAMILY: Final = "plan-hearing"  # the name that the embedded font has inside a page
_FONT: Final = "NotoSansSC-subset.otf"
# Digits, Latin letters and what the page's script and Leaflet write themselves; 6 kB.
_ALWAYS: Final = frozenset(chr(c) for c in range(0x20, 0x7F)) | frozenset("·×–")


@dataclass(frozen=True, slots=True, kw_only=True)
class FontSubset:
    """A font cut down to the characters of one page."""

    css: str  # the @font-face rule, the font inside as a data: URI
    size: int  # bytes of the woff2
    characters: frozenset[str]  # what the subset can draw
    missing: tuple[str, ...]  # characters of the page that the font lacks, sorted


def font_path() -> Path:
    """Return the path of the Chinese font that is shipped (OFL; GB2312 and rare name characters)."""
    return Path(str(resources.files("plan.maps") / "assets" / "fonts" / _FONT))


@cache
def characters() -> frozenset[str]:
    """Return every character that the shipped font can draw."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - heavy, only a map needs it

    with TTFont(font_path(), lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


def subset_font(texts: Iterable[str]) -> FontSubset:
    r"""Cut the shipped font down to the characters of some texts.

    Parameters
    ----------
    texts : iterable of str
        Every text that the page can show, as people read it (no entities, no ``\uXXXX``).

    Returns
    -------
    FontSubset
        The CSS to embed, and the characters that the font lacks: a page shows these in a
        font of the reader's machine, or as boxes, so a caller reports them.
    """
    wanted = {c for text in texts for c in text if not c.isspace()} | _ALWAYS
    known = characters()
    data = _cut(frozenset(wanted & known))
    css = (
        f'@font-face{{font-family:"{FAMILY}";font-display:block;'
        f'src:url(data:font/woff2;base64,{base64.b64encode(data).decode("ascii")}) format("woff2")}}'
    )
    return FontSubset(
        css=css, size=len(data), characters=frozenset(wanted & known), missing=tuple(sorted(wanted - known))
    )


# Cutting takes most of the time of a small map, and pages of one estate use the same characters; 50 kB each.
@lru_cache(maxsize=16)
def _cut(wanted: frozenset[str]) -> bytes:
    """Return the woff2 of some characters that the shipped font can draw."""
    from fontTools import subset  # noqa: PLC0415 - heavy, only a map needs it
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - the same

    options = subset.Options(
        flavor="woff2", hinting=False, layout_features=[], notdef_outline=True, recalc_timestamp=False
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(c) for c in sorted(wanted)])
    out = io.BytesIO()
    with TTFont(font_path(), recalcTimestamp=False) as font:
        cutter.subset(font)
        font.flavor = "woff2"
        font.save(out)
    return out.getvalue()
