"""Make text from data harmless in a page.

File attributes come from strangers. A building may be called ``<script>``, ``{{ 7*7 }}`` or
``${alert(1)}``, and each of these is live somewhere: folium renders attribute text twice through
Jinja and puts it into JavaScript template literals. Every writer passes every string from data
through the one function that fits its output:

=====================  ==================================================================
:func:`safe`           HTML text or attribute, also inside a template literal or a template
:func:`embed`          data inside ``<script type="application/json">``
:func:`plain`          text that is never parsed: ``textContent``, JSON, a PDF
:func:`terminal`       one line on a console
:func:`spreadsheet`    a cell of CSV or XLSX
=====================  ==================================================================

The last three live in :mod:`plan.text_safety`, for writers that make no page.
"""

from __future__ import annotations

import html
import json
from typing import Final

from plan.text_safety import plain, spreadsheet, terminal

__all__ = ["embed", "plain", "safe", "spreadsheet", "terminal"]

# Live in Jinja ({ } %), in JavaScript template literals ($ { } ` \); harmless as entities.
_ENTITIES: Final = {ord(c): f"&#{ord(c)};" for c in "`${}%\\\n\r\t"}


def safe(text: object) -> str:
    """Escape text for HTML so that no template engine and no template literal evaluates it.

    Parameters
    ----------
    text : object
        Anything; ``str(text)`` is shown.

    Returns
    -------
    str
        HTML that reads as the text verbatim, as element content or as a quoted attribute,
        also where the page is made through Jinja or held in a JavaScript template literal.

    Examples
    --------
    >>> safe("<b>{{ 7*7 }}</b>")
    '&lt;b&gt;&#123;&#123; 7*7 &#125;&#125;&lt;/b&gt;'
    """
    return html.escape(plain(text), quote=True).translate(_ENTITIES)


def embed(data: object) -> str:
    """Write data as JSON for a ``<script type="application/json">`` block.

    Parameters
    ----------
    data : object
        Plain data; strings in it are expected to have passed :func:`plain`.

    Returns
    -------
    str
        Compact JSON in which no ``<``, ``>`` or ``&`` occurs, so that neither a closing
        tag nor a comment can end the block.

    Raises
    ------
    ValueError
        If a number is not finite: JSON has no word for it.
    """
    out = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<>&\u2028\u2029":
        out = out.replace(char, f"\\u{ord(char):04x}")
    return out
