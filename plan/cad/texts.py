r"""Text in a drawing, shown as it is: nothing of it is a code to AutoCAD, and nothing hides.

A single-line TEXT knows ``%%`` codes (``%%d`` is a degree sign), ``^`` for control characters and ``\U+4E2D`` for a
character; an MTEXT also knows ``\P``, fonts, and braces. A building may be called any of these.

References
----------
Autodesk, DXF Reference, "Text control codes" and "Format multiline text by code".
"""

from __future__ import annotations

import re
from typing import Final

from plan.text_safety import plain

__all__ = ["escape", "line", "paragraph", "pieces", "unescape"]

_TEXT_BYTES: Final = 250  # of the 255 that a string of XDATA may have, so that no reader counts otherwise
# What a text file of a drawing cannot hold, what a program decodes on the way, and the sign of our own escape.
_UNSAFE: Final = re.compile(r"[%\\^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]|^\s|\s$")
_ESCAPED: Final = re.compile(r"%([0-9A-F]{4,6});")


def line(text: object) -> str:
    r"""Return text for a TEXT entity, on one line.

    Parameters
    ----------
    text : object
        Anything; ``str(text)`` is shown.

    Examples
    --------
    >>> line("12%%d^J")
    '12%%%%%%d^ J'
    """
    value = re.sub(r"\s+", " ", plain(text))
    value = re.sub(r"%%+", lambda found: "%%%" * len(found[0]), value)
    value = value.replace("%<", "% <")  # a field: an editor of texts would reckon it
    # A caret stands before a control character, and before a space for itself.
    value = value.replace("^", "^ ")
    # No program decodes a character code twice: what is left is the backslash itself.
    return re.sub(r"\\(?=[UuMm]\+)", r"\\U+005C", value)


def paragraph(text: object) -> str:
    r"""Return text for an MTEXT entity; line breaks are kept.

    Parameters
    ----------
    text : object
        Anything; ``str(text)`` is shown.

    Examples
    --------
    >>> print(paragraph(r"a\Pb{c}"))
    a\\Pb\{c\}
    """
    value = plain(text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    value = value.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}").replace("^", "^ ")
    # An empty group shows nothing, and keeps two characters from being read together.
    value = re.sub(r"\\\\([UuMm])\+", r"\\\\{\1}+", value)
    value = re.sub(
        r"(?<=%)([%<])", r"{\1}", value
    )  # %< begins a field, which an editor of texts would reckon
    return value.replace("\n", "\\P")


def escape(text: str) -> str:
    r"""Return text that a drawing gives back as it was: ``unescape`` undoes it.

    Control characters, backslashes, carets, percent signs, and spaces at the ends read as ``%000A;``.

    Examples
    --------
    >>> escape("3\n4"), unescape(escape("3\n4")) == "3\n4"
    ('3%000A;4', True)
    """
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):04X};", text)


def unescape(text: str) -> str:
    """Return what was escaped; a code that is no character stays as it is."""
    return _ESCAPED.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code <= 0x10FFFF else found[0]  # noqa: PLR2004 - the last character of Unicode


def pieces(text: str, *, most: int = _TEXT_BYTES) -> list[str]:
    """Cut text into pieces of a number of bytes in UTF-8, never within a character nor within an escape."""
    parts: list[str] = []
    current: list[str] = []
    size = 0
    for unit in re.findall(r"%[0-9A-F]{4,6};|.", text, flags=re.DOTALL):
        length = len(unit.encode("utf-8", "surrogatepass"))
        # A space at an end would be lost with the line.
        if current and size + length > most and not (unit.isspace() or current[-1].isspace()):
            parts.append("".join(current))
            current, size = [], 0
        current.append(unit)
        size += length
    return [*parts, "".join(current)]
