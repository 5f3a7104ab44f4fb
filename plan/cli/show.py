"""What the commands print: data on stdout as tables or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from plan.diagnosis import counted
from plan.messages import Message, translate
from plan.rules import kind_name
from plan.tables import Table

if TYPE_CHECKING:
    import geopandas as gpd

    from plan.compliance import Compliance
    from plan.console import Talk
    from plan.findings import SiteResult
    from plan.readers import Inspection, LayerSeen
    from plan.rules import RulePack
    from plan.rules.compare import Difference

__all__ = [
    "SUMMARY",
    "changes",
    "inspection",
    "json_text",
    "pack",
    "packs",
    "place_document",
    "report_name",
    "results",
    "summary",
    "tables",
    "told_reasons",
]

SUMMARY: Final = "compliance.xlsx"  # the file of a summary, beside the report
_UNMATCHED: Final = 6  # columns named that are not understood
_WIDTH: Final = 118  # columns, where stdout is not a terminal


def json_text(data: object) -> None:
    """Print data as JSON on stdout."""
    _data(json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def _data(document: str | bytes) -> None:
    """Write a document for programs on stdout: UTF-8 in a file or a pipe, whatever the console's own encoding."""
    if sys.stdout.isatty() and isinstance(document, str):
        sys.stdout.write(document)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(document if isinstance(document, bytes) else document.encode("utf-8", "replace"))


def _out() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH)


def inspection(found: Inspection, talk: Talk) -> None:
    """Print what was read, what is wrong with it, and in one sentence whether it can be used."""
    heads = ("source", "layer", "rows", "geometry", "crs", "encoding", "columns")
    rows = [
        (
            layer.source_layer or Path(layer.path).name,
            layer.name or None,
            layer.rows,
            "/".join(layer.geometry) or None,
            _code(layer.crs) or None,
            layer.encoding or None,
            _columns(layer),
        )
        for layer in found.layers
    ]
    if rows:
        _print(talk, tuple(f"head_{head}" for head in heads), rows)
    out = _out()
    for name in dict.fromkeys(layer.crs for layer in found.layers if _code(layer.crs) != layer.crs):
        talk.say(name, style="dim", on=out)
    talk.problems(found.problems, on=out)
    talk.say(counted(found.problems), style="bold", on=out)


def _code(crs: str) -> str:
    """Return the code of a system, which is short; its name stands below the table. One without a code has its name only."""
    return crs.partition(" (")[0] if crs.startswith("EPSG:") else crs


def _columns(layer: LayerSeen) -> str:
    """Say which columns of a layer are understood as which of ours, and which are not."""
    known = ", ".join(
        f"{theirs}→{ours}" if theirs != ours else ours for theirs, ours in layer.matched.items()
    )
    if not layer.name or not layer.unmatched:
        return known
    names = layer.unmatched[:_UNMATCHED] + (("…",) if len(layer.unmatched) > _UNMATCHED else ())
    if not known:
        return Message("cli.unmatched", names=names)
    return Message("cli.columns_seen", known=known, unmatched=Message("cli.unmatched", names=names))


def report_name(form: str) -> str:
    """Return the name of the file that holds a report of a form."""
    endings = {"text": "txt", "junit": "xml"}
    return f"report.{endings.get(form, form)}"


def results(entries: Sequence[SiteResult], form: str, folder: Path | None, talk: Talk) -> None:
    """Print or write the results of a check."""
    from plan.reports import render, write  # noqa: PLC0415 - the writers are loaded when there is something to write
    from plan.reports.console import to_text  # noqa: PLC0415

    if folder is not None:
        path = folder / report_name(form)
        write(entries, path, format=form, lang=talk.lang)
        talk.say(Message("cli.written", path=str(path)), style="bold")
        if form != "text":
            return
    if form == "text":
        _out().print(to_text(entries, lang=talk.lang))
        return
    _data(render(entries, form, lang=talk.lang))


def summary(found: Compliance, form: str, folder: Path | None, talk: Talk) -> None:
    """Print how far a city is, and write it as a workbook where there is a folder."""
    from plan.files import write_bytes  # noqa: PLC0415 - a folder is given rarely
    from plan.reports.book import tables_to_xlsx  # noqa: PLC0415

    told = found.tables()
    if folder is not None:
        title = Message("compliance.sheet_shares")
        write_bytes(folder / SUMMARY, tables_to_xlsx(told, title=title, lang=talk.lang))
        talk.say(Message("cli.written", path=str(folder / SUMMARY)), style="bold")
    if form == "json" and folder is None:
        json_text(found.to_dict())
    elif form == "text" or folder is None:
        tables(list(told.values()), talk)


def _print(talk: Talk, heads: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    cells = tuple(tuple(c if c is None or isinstance(c, str) else str(c) for c in row) for row in rows)
    tables([Table(title=title, heads=tuple(Message(f"cli.{head}") for head in heads), rows=cells)], talk)


def tables(found: Sequence[Table], talk: Talk) -> None:
    """Print tables for people."""
    for table in found:
        shown = RichTable(title=Text(talk.text(table.title)), title_justify="left", header_style="bold")
        for at, head in enumerate(table.heads):
            shown.add_column(
                talk.text(head), overflow="fold", justify="right" if at in table.numeric else "left"
            )
        for row in table.rows:
            shown.add_row(*(Text("–" if cell is None else talk.text(cell)) for cell in row))
        _out().print(shown)
        for note in table.notes:
            _out().print(Text(talk.text(note), style="dim"))


def packs(loaded: Sequence[RulePack], form: str, talk: Talk) -> None:
    """Print the packs."""
    rows = [(p.id, p.title, p.version, p.extends, len(p.judged()), len(p.rules)) for p in loaded]
    if form == "json":
        names = ("id", "title", "version", "extends", "judged", "rules")
        json_text(
            [
                dict(
                    zip(
                        names,
                        (translate(c, talk.lang) if isinstance(c, str) else c for c in row),
                        strict=True,
                    )
                )
                for row in rows
            ]
        )
        return
    _print(
        talk,
        (
            "head_pack",
            "head_title",
            "head_version",
            "head_extends",
            "head_judged",
            "head_rules",
        ),
        rows,
    )


def pack(loaded: RulePack, form: str, talk: Talk) -> None:
    """Print the rules of a pack with their clauses."""
    if form == "json":
        rules = [
            {
                "id": r.id,
                "title": translate(r.title, talk.lang),
                "kind": kind_name(r.kind),
                "params": {name: _plain(value) for name, value in asdict(r.kind).items()},
                "strength": r.strength.value,
                "enabled": r.enabled,
                "ambiguity": None if r.ambiguity is None else translate(r.ambiguity, talk.lang),
                "note": None if r.note is None else translate(r.note, talk.lang),
                "pack": r.pack,
                "clause": asdict(r.clause),
            }
            for r in loaded.rules
        ]
        json_text(
            {
                "id": loaded.id,
                "version": loaded.version,
                "sha256": loaded.sha256,
                "on": loaded.on,
                "rules": rules,
            }
        )
        return
    rows = [
        (
            r.id,
            r.title,
            Message(f"summaries.strength_{r.strength}") if r.enabled else Message("cli.disabled"),
            r.clause.article,
            r.clause.quote or None,
            r.clause.evidence,
        )
        for r in loaded.rules
    ]
    _print(
        talk,
        ("head_rule", "head_title", "head_strength", "head_article", "head_quote", "head_evidence"),
        rows,
        title=f"{translate(loaded.title, talk.lang)} {loaded.version}",
    )


def _plain(value: object) -> object:
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return None
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def changes(found: Difference, form: str, talk: Talk) -> None:
    """Print what changed between two packs, and how much the version must rise for it."""
    if form == "json":
        listed = [asdict(change) for change in found.changes]
        json_text({"needs": found.needs, "raised": found.raised, "changes": listed})
        return
    if not found.changes:
        talk.say(Message("cli.packs_equal"))
        return
    rows = [
        (c.rule, Message(f"cli.change_{c.what}"), c.part or None, c.old or None, c.new or None,
         Message(f"cli.effect_{c.effect}"))
        for c in found.changes
    ]  # fmt: skip
    _print(talk, ("head_rule", "head_change", "head_part", "head_old", "head_new", "head_effect"), rows)
    if found.packs[0] != found.packs[1]:
        talk.say(Message("cli.packs_differ", old=found.packs[0], new=found.packs[1]))
        return
    said = Message(
        "cli.version_enough" if found.enough else "cli.version_too_low",
        needs=Message(f"cli.bump_{found.needs}"),
    )
    talk.say(said, style="" if found.enough else "yellow")


def place_document(*, placed: int, rejected: int, **measures: object) -> dict[str, Any]:
    """Return what ``plan place … --format json`` prints: counts, and the rest as measures."""
    return {"schema": "plan.place/1", "placed": placed, "rejected": rejected, "measures": measures}


def told_reasons(frame: gpd.GeoDataFrame, lang: str) -> gpd.GeoDataFrame:
    """Return rows whose reasons are in a language."""
    told = [translate(why, lang) if isinstance(why, str) else None for why in frame["reason"]]
    return frame.assign(reason=told)
