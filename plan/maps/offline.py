"""Turn a folium map into one HTML document that asks the network for nothing.

Folium writes links to content delivery networks; with the network cut such a page stays
blank. Here each link is replaced by the file itself, kept in ``plan/maps/assets``. A link
that is not known is an error, never a silent request, and a content security policy in the
page forbids what might be overlooked.

Data never passes through folium: it renders attribute text as Jinja templates. The caller
adds data afterwards (see :mod:`plan.maps.hearing`).
"""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from plan.errors import OutputError
from plan.messages import Message

if TYPE_CHECKING:
    import folium

__all__ = ["CSP", "asset", "new_map", "page_script", "page_style", "render", "script_text", "style_text"]

_LEAFLET_JS: Final = "https://cdn.jsdelivr.net/npm/leaflet@1.9.4/dist/leaflet.js"
_LEAFLET_CSS: Final = "https://cdn.jsdelivr.net/npm/leaflet@1.9.4/dist/leaflet.css"
_ASSETS: Final = {_LEAFLET_JS: "leaflet/leaflet.js", _LEAFLET_CSS: "leaflet/leaflet.css"}

# The page is written in parts, joined in this order: each uses what those before it made.
_SCRIPTS: Final = (
    "plan",
    "geometry",
    "compact",
    "symbols",
    "map",
    "findings",
    "stairs",
    "popups",
    "swipe",
    "crowd",
    "layers",
    "labels",
    "panel",
    "language",
    "remarks",
    "search",
    "list",
    "theme",
    "legend",
    "keyboard",
    "print",
    "start",
)
_STYLES: Final = ("page", "map", "panel", "popups", "people", "screens")

CSP: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)
_MIME: Final = {".png": "image/png", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_SOURCE_MAP: Final = re.compile(r"(?://|/\*)[#@]\s*sourceMappingURL=[^\n*]*(?:\*/)?\s*")
_CSS_URL: Final = re.compile(r"""url\(\s*(["']?)([^)"']*)\1\s*\)""")
_RANDOM_ID: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def new_map(**options: Any) -> folium.Map:  # noqa: ANN401 - folium's own options
    """Make a folium map that knows Leaflet and nothing else.

    Folium keeps its links in lists of the class; this map has its own, so that no other map
    is changed and jQuery, Bootstrap and icon fonts are never asked for.

    Parameters
    ----------
    **options : Any
        As for ``folium.Map``; there are no tiles.

    Returns
    -------
    folium.Map
        The map.
    """
    import folium  # noqa: PLC0415 - heavy, only a map needs it

    class LeafletOnly(folium.Map):
        """A map whose only links are Leaflet's."""

        default_js = [("leaflet", _LEAFLET_JS)]  # noqa: RUF012 - folium expects lists
        default_css = [("leaflet_css", _LEAFLET_CSS)]  # noqa: RUF012 - the same

    return LeafletOnly(tiles=None, **options)


def render(figure_of: folium.Map) -> str:
    """Render a folium map and put every linked file into the document.

    Parameters
    ----------
    figure_of : folium.Map
        The map; its figure is rendered once.

    Returns
    -------
    str
        The HTML, the same bytes for the same map: folium's random ids are numbered in order.

    Raises
    ------
    OutputError
        If the map links to something that is not in ``plan/maps/assets``.
    """
    from branca.element import CssLink, JavascriptLink  # noqa: PLC0415 - comes with folium

    figure: Any = figure_of.get_root()
    html: str = figure.render()
    # The list of links is complete only after rendering: layers register theirs while they render.
    html = _renumber(html)
    for element in figure.header._children.values():  # noqa: SLF001 - branca has no public list
        if isinstance(element, JavascriptLink):
            tag = f"<script>{script_text(_linked(element.url))}</script>"
        elif isinstance(element, CssLink):
            tag = f"<style>{style_text(_linked(element.url))}</style>"
        else:
            continue
        html = _replace_once(html, element.render(), tag)
    left = re.search(
        r"""<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)\s*=\s*["']?(?!data:)[^"'\s>]+""", html
    )
    if left:
        raise OutputError(Message("maps.unknown_link", url=left.group(0)))
    return html


@cache
def asset(name: str) -> str:
    """Return the text of a file in ``plan/maps/assets``."""
    return (resources.files("plan.maps") / "assets" / name).read_text(encoding="utf-8")


@cache
def script_text(name: str) -> str:
    """Return a script of the assets, fit to stand between ``<script>`` and ``</script>``."""
    text = _SOURCE_MAP.sub("", asset(name))
    return re.sub(r"<(?=/script|!--)", r"\\x3C", text, flags=re.IGNORECASE)


def page_script() -> str:
    """Return the script that draws the page, its parts joined."""
    return "\n".join(script_text(f"page/{name}.js") for name in _SCRIPTS)


def page_style() -> str:
    """Return the style sheet of the page, its parts joined."""
    return "\n".join(style_text(f"page/{name}.css") for name in _STYLES)


@cache
def style_text(name: str) -> str:
    """Return a style sheet of the assets, its pictures inside as data: URIs.

    Raises
    ------
    OutputError
        If it refers to a picture that is not in the assets.
    """
    folder = name.rpartition("/")[0]

    def inline(match: re.Match[str]) -> str:
        target = match.group(2).strip()
        if target.startswith(("data:", "#")):
            return match.group(0)
        path = f"{folder}/{target}" if folder else target
        file = resources.files("plan.maps") / "assets" / path
        mime = _MIME.get(path[path.rfind(".") :])
        if mime is None or ":" in target or ".." in target or not file.is_file():
            raise OutputError(Message("maps.unknown_link", url=target))
        return f"url(data:{mime};base64,{base64.b64encode(file.read_bytes()).decode('ascii')})"

    text = _CSS_URL.sub(inline, _SOURCE_MAP.sub("", asset(name)))
    if "@import" in text:
        raise OutputError(Message("maps.unknown_link", url="@import"))
    return text.replace("</", r"<\/")


def _linked(url: str) -> str:
    try:
        return _ASSETS[url]
    except KeyError:
        raise OutputError(Message("maps.unknown_link", url=url)) from None


def _replace_once(html: str, old: str, new: str) -> str:
    if html.count(old) != 1:
        raise OutputError(Message("maps.link_count", url=old, count=html.count(old)))
    return html.replace(old, new)


def _renumber(html: str) -> str:
    """Give numbers to folium's random 128-bit ids in order of appearance."""
    order: dict[str, str] = {}
    return _RANDOM_ID.sub(lambda m: order.setdefault(m.group(), f"{len(order):032d}"), html)
