"""Whether a text says a word: an English word as a whole, a Chinese one anywhere, for Chinese does not part its words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

__all__ = ["says"]


def says(text: str, words: Iterable[str]) -> bool:
    """Tell whether a text has one of some words in it.

    Parameters
    ----------
    text : str
        As people write it, in any case.
    words : iterable of str
        In lower case. Of a word in Latin letters the plural in s is one, too; "car" is in "2 cars", not in "cargo".

    Returns
    -------
    bool
        Whether any of them is there.

    Examples
    --------
    >>> says("Cargo bay", ["car"]), says("3 cars", ["car"]), says("地下车位", ["车位"])
    (False, True, True)
    """
    return _says(text.casefold(), tuple(words))


@lru_cache(maxsize=1 << 14)  # thousands of rows say the same few words
def _says(plain: str, words: tuple[str, ...]) -> bool:
    return any(_pattern(word).search(plain) is not None for word in words)


@cache
def _pattern(word: str) -> re.Pattern[str]:
    if not word.isascii():
        return re.compile(re.escape(word))
    # Letters only: what stands beside a digit or a Chinese character is a word of its own.
    return re.compile(f"(?<![a-z]){re.escape(word)}s?(?![a-z])")
