r"""Text from files, made harmless before it is shown: on a page, on a terminal, in a spreadsheet.

File attributes come from strangers. A building may be called ``=HYPERLINK(…)`` or hold escape codes
and characters that reorder a line; every writer passes every string from data through the function
that fits its output.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["hidden", "plain", "spreadsheet", "terminal"]

# Some line breaks are line breaks only to JavaScript; to a reader they are spaces.
_SEPARATORS: Final = {0x2028: " ", 0x2029: " ", 0x85: " "}

# CSI, OSC (ended by BEL or ST), DCS/SOS/PM/APC and two-byte escapes, ECMA-48 section 8.
_ANSI: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-~]?"
)

# A cell that begins so is a formula to Excel, WPS or LibreOffice (OWASP, CSV Injection);
# the full-width forms are taken for the ASCII ones by Chinese and Japanese input settings.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain(text: object) -> str:
    r"""Make characters visible that would hide, reorder or end the text around them.

    Parameters
    ----------
    text : object
        Anything; ``str(text)`` is shown.

    Returns
    -------
    str
        The same text, in which every control character, bidirectional override, invisible
        format character, lone surrogate and noncharacter reads as ``<U+202E>``, and every
        line separator of JavaScript is a space. Newline and tab stay.

    Examples
    --------
    >>> plain("12号楼\u202e")
    '12号楼<U+202E>'
    """
    value = str(text).translate(_SEPARATORS)
    if value.isascii() and value.isprintable():
        return value
    return "".join(f"<U+{ord(c):04X}>" if hidden(c) else c for c in value)


def terminal(text: object) -> str:
    r"""Reduce text to one line that a console shows and does not obey.

    Rich markup is not touched: pass the result as ``rich.text.Text``.

    Parameters
    ----------
    text : object
        Anything; ``str(text)`` is shown.

    Returns
    -------
    str
        The text without escape sequences, control and bidirectional characters; line
        breaks and tabs are spaces.

    Examples
    --------
    >>> terminal("\x1b[31m红\x1b[0m\n楼")
    '红 楼'
    """
    value = _ANSI.sub("", str(text)).translate(_SEPARATORS)
    value = re.sub(r"[\t\n\r\v\f]+", " ", value)
    return "".join(c for c in value if not hidden(c))


def spreadsheet(text: object) -> str:
    """Keep a cell from being read as a formula.

    Parameters
    ----------
    text : object
        Text for one cell. Numbers are written as numbers and do not pass here: ``-3``
        as text becomes ``'-3``.

    Returns
    -------
    str
        The text, with ``'`` before it if a spreadsheet would run it.

    References
    ----------
    OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection

    Examples
    --------
    >>> spreadsheet("=1+1")
    "'=1+1"
    """
    value = plain(text)
    return f"'{value}" if value.startswith(_FORMULA) or value.lstrip().startswith(_FORMULA) else value


def hidden(char: str) -> bool:
    """Tell whether a character hides, reorders or breaks what is around it."""
    if char.isprintable() or char in "\n\r\t":
        return False
    code = ord(char)
    if unicodedata.category(char) in {"Cc", "Cf", "Cs"}:
        return True
    # Noncharacters; other unassigned or private code points may be rare characters of names.
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # noqa: PLR2004 - Unicode 23.7
