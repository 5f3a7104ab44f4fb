"""What a file of ours says of itself: its name, its attribution, what was estimated, and what was mended when it was made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from plan.columns import text_of
from plan.findings import Problem
from plan.messages import Bilingual
from plan.readers.raw import RawData
from plan.schema import LAYERS
from plan.site import SITE_TABLE
from plan.text_safety import plain

__all__ = ["about", "results_said", "said_of"]


def about(raw: RawData) -> RawData:
    """Take what a file of ours says of itself: name, attribution, estimates, and results that are no layers."""
    tables = [layer.frame for layer in raw.layers if layer.source_layer == SITE_TABLE]
    said = said_of(tables[0]) if tables else {}
    if not said:
        return raw
    results = {SITE_TABLE, *results_said(said)}
    return replace(
        raw,
        layers=tuple(layer for layer in raw.layers if layer.source_layer not in results),
        problems=(*raw.problems, *_known_before(said.get("problems") or "")),
        name=said.get("name") or raw.name,
        attribution=said.get("attribution") or "",
        estimates=tuple(n for n in (said.get("estimates") or "").split(";") if n in LAYERS),
    )


def said_of(table: pd.DataFrame) -> dict[str, str | None]:
    """Return what the table of a file of ours says, by key; nothing where it is another's."""
    if not {"key", "value"} <= set(table.columns):
        return {}
    return dict(zip(text_of(table["key"]), text_of(table["value"]), strict=True))


def results_said(said: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the tables that are results; a layer of the contract is never one, whatever the file says."""
    return tuple(n for n in (said.get("results") or "").split(";") if n and n not in LAYERS)


def _known_before(text: str) -> Iterator[Problem]:
    """Tell again what was mended or not understood when the file was made; the table may be anybody's."""
    try:
        noted = json.loads(text or "[]")
    except ValueError:
        return
    for one in noted if isinstance(noted, list) else ():
        try:
            if one["layer"] not in LAYERS or one["effect"] not in ("repaired", "degraded"):
                continue
            yield Problem(
                id=plain(one["id"]),
                severity="warning",
                effect=one["effect"],
                message=Bilingual(plain(one["message"]), plain(one["message_en"])),
                cure=Bilingual(plain(one["cure"]), plain(one["cure_en"])),
                path=plain(one["path"]),
                layer=one["layer"],
                column=plain(one["column"]),
                rows=tuple(int(row) for row in one["rows"]),
                features=tuple(str(name) for name in one["features"]),
            )
        except (KeyError, TypeError, ValueError):
            continue
