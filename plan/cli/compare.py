"""The command ``plan compare``: one estate at several stages, what changed between them."""

from __future__ import annotations

import itertools
from typing import Annotated

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    CrsOption,
    EncodingOption,
    FormatOption,
    LangOption,
    MappingOption,
    Shape,
    ShiftedOption,
    UnitsOption,
    t,
)
from plan.cli.read import read
from plan.console import Talk
from plan.errors import UsageError
from plan.messages import Message, translate

__all__ = ["compare"]


def compare(
    sources: Annotated[list[str], typer.Argument(help=t("help_stages"), metavar="EARLIER LATER…")],
    crs: CrsOption = None,
    encoding: EncodingOption = None,
    mapping: MappingOption = None,
    units: UnitsOption = None,
    shifted: ShiftedOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Tell what changed from each submission to the next; 1 when something did."""
    from plan.checks.places import geojson  # noqa: PLC0415 - help must be quick
    from plan.cli import show  # noqa: PLC0415
    from plan.stages import compare_stages  # noqa: PLC0415
    from plan.tables import Table  # noqa: PLC0415

    talk = Talk(lang)
    if len(sources) < 2:  # noqa: PLR2004 - one alone has nothing to be compared with
        raise UsageError(Message("cli.compare_two"))
    sites = [
        read(source, talk, crs=crs, encoding=encoding, mapping=mapping, units=units, shifted=shifted)
        for source in sources
    ]
    steps = [(old, new, compare_stages(old, new)) for old, new in itertools.pairwise(sites)]
    if shape is Shape.json:
        show.json_text(
            {
                "schema": "plan.compare/1",
                "steps": [
                    {
                        "earlier": [{"path": f.path, "sha256": f.sha256} for f in old.inputs],
                        "later": [{"path": f.path, "sha256": f.sha256} for f in new.inputs],
                        "changes": [
                            {
                                "what": c.what,
                                "layer": c.layer,
                                "feature": c.feature,
                                "column": c.column,
                                "before": c.before,
                                "after": c.after,
                                "message": translate(c.message, lang),
                                "geometry": geojson([c.geometry], new.crs),
                            }
                            for c in changes
                        ],
                    }
                    for old, new, changes in steps
                ],
            }
        )
    else:
        for old, new, changes in steps:
            named = {"earlier": old.name, "later": new.name, "count": len(changes)}
            if not changes:
                talk.say(Message("stages.same", **named))
                continue
            heads = tuple(Message(f"stages.head_{name}") for name in ("layer", "id", "change"))
            rows = tuple((c.layer, c.feature or None, c.message) for c in changes)
            show.tables([Table(title=Message("stages.title", **named), heads=heads, rows=rows)], talk)
    return 1 if any(changes for _, _, changes in steps) else 0
