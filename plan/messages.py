"""What users read, in Chinese and English, keyed; the one table of texts.

The texts live in ``plan/texts/<area>.toml``, one file for each area, two lines for each key::

    [missing]
    zh = "{path} 没有坐标系。"
    en = "{path} has no coordinate reference system."

``Message("crs.missing", path="a.shp")`` is a ``str`` (the Chinese text) that remembers its
key and parameters, so that the rim of the program can render it in English too. Nothing
here knows which language a user chose: no global state, no environment.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Final, Self

__all__ = [
    "DEFAULT_LANGUAGE",
    "LANGUAGES",
    "Bilingual",
    "Message",
    "areas",
    "keys",
    "template",
    "translate",
    "unit_text",
]

LANGUAGES: Final = ("zh", "en")
DEFAULT_LANGUAGE: Final = "zh"

# Parameters are shown inside sentences: plain values, or messages of their own.
Parameter = object


class Message(str):
    """A text for users: reads as Chinese, and can be rendered in any language of the table.

    Parameters
    ----------
    key : str
        ``area.name``: a table in ``plan/texts/<area>.toml``.
    **params : object
        Values for the placeholders. A parameter may be a Message itself.

    Raises
    ------
    KeyError
        If the table has no such key, or a placeholder has no value.

    Examples
    --------
    >>> m = Message("status.met")
    >>> m
    '符合'
    >>> m.to("en")
    'met'
    """

    __slots__ = ("key", "params")
    key: str
    params: dict[str, Parameter]

    def __new__(cls, key: str, /, **params: Parameter) -> Self:
        self = super().__new__(cls, _render(key, DEFAULT_LANGUAGE, params))
        self.key = key
        self.params = params
        return self

    def to(self, lang: str) -> str:
        """Render this message in a language.

        Parameters
        ----------
        lang : {"zh", "en"}
            The language.

        Returns
        -------
        str
            The text.
        """
        return _render(self.key, lang, self.params)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.key, self.params)


class Bilingual(str):
    """A text that came with both languages from a file of ours, such as the title of a rule.

    Examples
    --------
    >>> Bilingual("用房面积", "room area").to("en")
    'room area'
    """

    __slots__ = ("en",)
    en: str

    def __new__(cls, zh: str, en: str) -> Self:
        self = super().__new__(cls, zh)
        self.en = en
        return self

    def to(self, lang: str) -> str:
        """Return the text in a language, ``zh`` or ``en``."""
        return self.en if lang == "en" else str(self)

    def __reduce__(self) -> tuple[type[Bilingual], tuple[str, str]]:
        return Bilingual, (str(self), self.en)


def translate(value: str, lang: str) -> str:
    """Render a text in a language; a plain string is returned as it is."""
    return value.to(lang) if isinstance(value, Message | Bilingual) else str(value)


@cache
def template(key: str, lang: str) -> str:
    """Return the text behind a key, placeholders unfilled."""
    area, _, name = key.partition(".")
    try:
        return _area(area)[name][lang]
    except KeyError:
        msg = f"no text for {key!r} in {lang!r}"
        raise KeyError(msg) from None


def unit_text(unit: str) -> str:
    """Return a unit as people write it, such as 平方米 for ``m2``; an unknown one by itself.

    Examples
    --------
    >>> unit_text("m2")
    '平方米'
    """
    return Message(f"unit.{unit}") if unit in _area("unit") else unit


@cache
def areas() -> tuple[str, ...]:
    """Return the names of all areas of the table."""
    folder = resources.files("plan") / "texts"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def keys() -> tuple[str, ...]:
    """Return every key of the table."""
    return tuple(f"{area}.{name}" for area in areas() for name in _area(area))


@cache
def _area(area: str) -> dict[str, dict[str, str]]:
    file = resources.files("plan") / "texts" / f"{area}.toml"
    if not file.is_file():
        return {}
    # A dotted table such as [missing_data.households] is one key, "missing_data.households".
    return dict(_flatten(tomllib.loads(file.read_text(encoding="utf-8")), ""))


def _flatten(table: dict[str, object], prefix: str) -> list[tuple[str, dict[str, str]]]:
    out: list[tuple[str, dict[str, str]]] = []
    for name, value in table.items():
        if not isinstance(value, dict):
            continue
        if all(isinstance(text, str) for text in value.values()):
            out.append((prefix + name, value))
        else:
            out.extend(_flatten(value, f"{prefix}{name}."))
    return out


def _render(key: str, lang: str, params: dict[str, Parameter]) -> str:
    shown = {name: translate(v, lang) if isinstance(v, str) else _show(v, lang) for name, v in params.items()}
    return template(key, lang).format_map(shown)


def _show(value: Parameter, lang: str) -> Parameter:
    if isinstance(value, (tuple, list)):
        return ("、" if lang == "zh" else ", ").join(
            translate(item, lang) if isinstance(item, str) else str(item) for item in value
        )
    return value


def _rebuild(key: str, params: dict[str, Parameter]) -> Message:
    return Message(key, **params)
