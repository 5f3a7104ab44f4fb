"""``plan export``: a site or a report in the form of the file's ending."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    CrsOption,
    EncodingOption,
    HouseholdsOption,
    LangOption,
    MappingOption,
    ShiftedOption,
    UnitsOption,
    t,
)
from plan.cli.read import read
from plan.console import Talk
from plan.errors import UsageError
from plan.files import spare
from plan.messages import Message

__all__ = ["export"]


def export(
    source: Annotated[str, typer.Argument(help=t("help_export_source"), metavar="SITE|REPORT.json")],
    output: Annotated[Path, typer.Option("-o", "--output", help=t("help_export_out"), metavar="FILE")],
    layer: Annotated[str | None, typer.Option("--layer", help=t("help_export_layer"), metavar="NAME")] = None,
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    encoding: EncodingOption = None,
    mapping: MappingOption = None,
    units: UnitsOption = None,
    shifted: ShiftedOption = None,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Write a file; 2 where its form cannot hold what is asked for."""
    from plan.export import export_report, export_site  # noqa: PLC0415 - help must be quick
    from plan.reports.reading import is_report, read_results  # noqa: PLC0415

    talk = Talk(lang)
    spare([output], [source])
    if is_report(source):
        if layer is not None:
            raise UsageError(Message("export.report_layer"))
        notes = export_report(read_results(source), output, lang=lang)
    else:
        site = read(
            source,
            talk,
            crs=crs,
            encoding=encoding,
            mapping=mapping,
            units=units,
            shifted=shifted,
            households_from=households_from,
        )
        notes = export_site(site, output, layer=layer, lang=lang)
    for note in notes:
        talk.say(note, style="yellow")
    talk.say(Message("cli.written", path=str(output)), style="bold")
    return 0
