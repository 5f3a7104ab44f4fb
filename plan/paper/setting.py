"""Setting documents by typst: data go in as data, and come out as they are written.

The templates (``plan/paper/assets/*.typ``) are ours and hold no text from data; data are handed over as one JSON text
that a template reads with ``json(bytes(sys.inputs.data))``, so that a name such as ``#panic("x")`` is a name and is
never read as markup. Nothing is written to disk, nothing is loaded: the one font that ships, no packages, no network.
Same data, same bytes: no date is put into a document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from plan.errors import OutputError, UnavailableError
from plan.files import write_bytes
from plan.maps.fonts import characters, font_path
from plan.messages import Message
from plan.text_safety import plain

if TYPE_CHECKING:
    import typst

__all__ = ["FAMILY", "SVG", "Document", "typeset"]

FAMILY: Final = "Noto Sans SC"  # of the font that ships
# The key under which data hold drawings: they are escaped where they are made, and are not text.
SVG: Final = "svg"
# A run of letters without a place to break the line; longer ones get places where they may.
_LONG: Final = re.compile(r"[!-~]{25,}")
_BREAK: Final = "\u200b"
_EVERY: Final = 12
_TAG: Final = re.compile(r"<[^>]*>")
_HAIR: Final = frozenset("\u200b\ufffd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that was set."""

    data: bytes
    missing: tuple[str, ...]  # characters that the font lacks, sorted; they show as boxes

    def write(self, path: Path | str) -> tuple[Message, ...]:
        """Write the document, all or nothing, and return its notes; OutputError where it cannot be written."""
        write_bytes(path, self.data)
        return self.notes()

    def notes(self) -> tuple[Message, ...]:
        """Say which characters are missing; nothing where none is."""
        if not self.missing:
            return ()
        return (Message("paper.missing_characters", characters=" ".join(self.missing)),)


def typeset(
    template: str,
    data: Mapping[str, Any],
    *,
    format: Literal["pdf", "png"] = "pdf",  # noqa: A002 - the word of typst
    ppi: float | None = None,
) -> Document:
    """Set a document.

    Parameters
    ----------
    template : str
        Name of an asset: ``atlas`` or ``picture``.
    data : mapping
        What it shows: texts, numbers, lists and mappings. Texts under the key ``svg`` are drawings.
    format : {"pdf", "png"}
        What comes out.
    ppi : float, optional
        Pixels for each inch of a PNG.

    Returns
    -------
    Document
        The bytes, and the characters that could not be drawn.

    Raises
    ------
    OutputError
        If it cannot be set; the message says what typst said.
    UnavailableError
        If typst is not installed.
    """
    typst = _typst()
    seen: set[str] = set()
    text = json.dumps(_harmless(data, seen), ensure_ascii=False, allow_nan=False, sort_keys=True)
    try:
        made = typst.compile(
            (_asset("common.typ") + _asset(f"{template}.typ")).encode(),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format=format,
            ppi=ppi,
            sys_inputs={"data": text},
            timestamp=0,
            pdf_tags=False,  # a description of every cell for screen readers would be three quarters of the file
        )
    except typst.TypstError as error:
        raise OutputError(Message("paper.not_set", what=template, why=plain(error.message))) from error
    if not isinstance(made, bytes):  # several pictures: a template of a picture has one page
        raise OutputError(Message("paper.not_set", what=template, why=f"{len(made)} pages"))
    missing = {c for c in seen if not c.isspace()} - characters() - _HAIR
    return Document(data=made, missing=tuple(sorted(missing)))


def _typst() -> Any:  # noqa: ANN401 - the module
    try:
        import typst  # noqa: PLC0415 - only paper needs it
    except ImportError as error:
        raise UnavailableError(Message("paper.no_typst")) from error
    return typst


@cache
def _fonts() -> typst.Fonts:
    fonts: typst.Fonts = _typst().Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_path().parent)]
    )
    return fonts


@cache
def _asset(name: str) -> str:
    return (resources.files("plan.paper") / "assets" / name).read_text(encoding="utf-8")


def _harmless(value: Any, seen: set[str], *, key: str = "") -> Any:  # noqa: ANN401 - what JSON holds
    """Return data in which every text is shown as it is written, and gather its characters."""
    if isinstance(value, str):
        if key == SVG:
            seen.update(_TAG.sub("", value))
            return str(value)
        shown = plain(value)
        seen.update(shown)
        return _LONG.sub(_broken, shown)
    if isinstance(value, Mapping):
        return {str(name): _harmless(one, seen, key=str(name)) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_harmless(one, seen) for one in value]
    return value


def _broken(found: re.Match[str]) -> str:
    run = found[0]
    return _BREAK.join(run[k : k + _EVERY] for k in range(0, len(run), _EVERY))
