"""The first page of a package: the verdict before and after, the key figures, and every file with what it is for.

Opens offline and asks for nothing; links are names of files beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Template

from plan.dossier import Dossier
from plan.files import sha256, write_text
from plan.findings import Report, SiteResult, Status
from plan.handout.figures import imprint_lines, key_figures, title_of
from plan.maps.fonts import FAMILY, subset_font
from plan.messages import Message, translate
from plan.page_templates import asset, page_template
from plan.reports.words import Words
from plan.text_safety import plain

__all__ = ["Entry", "write_index"]

_UNIT: Final = 1024.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of the package, as the index names it."""

    path: Path
    title: Message
    purpose: Message


def write_index(
    dossier: Dossier, entries: Sequence[Entry], path: Path, *, others: Sequence[Entry] = ()
) -> None:
    """Write the page.

    Parameters
    ----------
    dossier : Dossier
        What the files are written from.
    entries : sequence of Entry
        The finished files, all in the folder of ``path``.
    path : pathlib.Path
        The target.
    others : sequence of Entry, optional
        Files that are written later and hold this page's own hash.
    """
    lang = dossier.lang
    words = Words(lang)
    page: dict[str, Any] = {
        "lang": "zh-Hans" if lang == "zh" else "en",
        "title": translate(title_of(dossier), lang),
        "imprint": [(translate(head, lang), translate(said, lang)) for head, said in imprint_lines(dossier)],
        "verdicts": [_verdict(result, words) for result in dossier.results],
        "figures": [
            {
                "key": one.key,
                "label": translate(one.label, lang),
                "value": one.value,
                "note": translate(one.note or "", lang),
            }
            for one in key_figures(dossier)
            if not one.key.startswith("findings_")  # the verdicts above say them
        ],
        "files": [_file(entry, lang, finished=True) for entry in entries]
        + [_file(entry, lang, finished=False) for entry in others],
        "say": {key: translate(Message(f"handout.{key}"), lang) for key in _WORDS},
        "family": FAMILY,
        "css": asset("plan.handout", "index.css"),
    }
    page["font"] = subset_font(_texts(page)).css
    write_text(path, _template().render(page))


_WORDS: Final = ("key_figures", "files", "sha256", "open_first", "size", "verdicts")


def _verdict(result: SiteResult, words: Words) -> dict[str, Any]:
    report = result.report
    return {
        "name": result.name,
        "outcome": result.outcome,
        "word": words.status(result.outcome),
        "sentence": words.verdict(result),
        "advice": "" if report is None else words.advice(report),
        "estimates": "" if report is None else words.estimates(report),
        "counts": [] if report is None else _counts(report, words),
    }


def _counts(report: Report, words: Words) -> list[tuple[str, str, int]]:
    return [(status.value, words.status(status), report.count(status)) for status in Status]


def _file(entry: Entry, lang: str, *, finished: bool) -> dict[str, str]:
    return {
        "name": entry.path.name,
        "title": translate(entry.title, lang),
        "purpose": translate(entry.purpose, lang),
        "size": _size(entry.path.stat().st_size) if finished else "",
        "sha256": sha256(entry.path) if finished else "",
    }


def _size(count: float) -> str:
    """Write a number of bytes as people read it."""
    for unit in ("B", "kB"):
        if count < _UNIT:
            return f"{count:.0f} {unit}"
        count /= _UNIT
    return f"{count:.1f} MB"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield plain(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "css":
                yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


@cache
def _template() -> Template:
    return page_template("plan.handout", "index.html.jinja")
