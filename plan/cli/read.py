"""Commands that read: ``plan inspect`` and ``plan import``; and how the others read a site."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    CrsOption,
    DrawingUnits,
    EncodingOption,
    FormatOption,
    HouseholdsFrom,
    HouseholdsOption,
    LangOption,
    MappingOption,
    Shape,
    ShiftedOption,
    UnitsOption,
    t,
)
from plan.console import Talk
from plan.errors import UsageError
from plan.files import spare
from plan.messages import Message

if TYPE_CHECKING:
    from plan.site import Site

__all__ = ["import_", "inspect", "read"]


def inspect(
    files: Annotated[list[str], typer.Argument(help=t("help_files"), metavar="FILE…")],
    crs: CrsOption = None,
    encoding: EncodingOption = None,
    mapping: MappingOption = None,
    units: UnitsOption = None,
    shifted: ShiftedOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Say what was read, and what is wrong with it; 2 when something cannot be used."""
    from plan.cli import show  # noqa: PLC0415 - help must be quick
    from plan.doctor import examine  # noqa: PLC0415

    talk = Talk(lang)
    with talk.working(Message("cli.reading")):
        found = examine(
            files,
            crs=crs,
            encoding=encoding,
            mapping=mapping,
            units=None if units is None else units.value,
            shifted=shifted,
        )
    if shape is Shape.json:
        show.json_text(found.to_dict(lang))
    else:
        show.inspection(found, talk)
    return 2 if any(p.effect == "refused" for p in found.problems) else 0


def import_(
    sources: Annotated[list[str], typer.Argument(help=t("help_source"), metavar="SOURCE…")],
    output: Annotated[Path, typer.Option("-o", "--output", help=t("help_gpkg"), metavar="SITE.gpkg")],
    crs: CrsOption = None,
    encoding: EncodingOption = None,
    mapping: MappingOption = None,
    units: UnitsOption = None,
    shifted: ShiftedOption = None,
    households_from: HouseholdsOption = None,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Turn sources into a site file, and add residents' remarks to it."""
    from plan.readers import add_remarks, is_remarks  # noqa: PLC0415 - help must be quick

    talk = Talk(lang)
    spare([output], sources, ending=".gpkg")
    saved = [path for path in sources if is_remarks(path)]
    files = [path for path in sources if path not in saved]
    if not files:
        raise UsageError(Message("remarks.no_site", paths=tuple(saved)))
    site = read(
        files,
        talk,
        crs=crs,
        encoding=encoding,
        mapping=mapping,
        units=units,
        shifted=shifted,
        households_from=households_from,
    )
    if saved:
        before = len(site.layer("remarks")) if site.has("remarks") else 0
        site, told = add_remarks(site, saved)
        talk.problems(told)
        new = site.layer("remarks")["building_id"].iloc[before:].notna() if site.has("remarks") else []
        talk.say(
            Message("remarks.added", count=len(new), pointing=int(sum(new))),
            style="bold",
        )
    site.to_gpkg(output)
    for name, frame in site.layers.items():
        talk.say(Message("cli.layer_count", layer=name, count=len(frame)))
    talk.say(Message("cli.in_crs", crs=site.crs.name, code=str(site.crs.to_epsg())))
    if site.attribution:
        talk.say(Message("cli.attribution", attribution=site.attribution))
    talk.say(Message("cli.written", path=str(output)), style="bold")
    return 0


def read(
    source: str | Sequence[str],
    talk: Talk,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: list[str] | None = None,
    units: DrawingUnits | None = None,
    shifted: list[str] | None = None,
    households_from: HouseholdsFrom | None = None,
) -> Site:
    """Read a site, say what was repaired or could not be used, and estimate households where asked."""
    from plan.households import estimate_households  # noqa: PLC0415 - help must be quick
    from plan.readers import read_site  # noqa: PLC0415

    with talk.working(Message("cli.reading")):
        site = read_site(
            source,
            crs=crs,
            encoding=encoding,
            mapping=mapping,
            units=None if units is None else units.value,
            shifted=shifted,
        )
        if households_from is not None and not site.has("households"):
            site = estimate_households(site, method=households_from.value)
    talk.problems(
        [
            problem
            for problem in site.problems
            if problem.effect != "noted" or problem.id.startswith("PLAN-EST")
        ]
    )
    return site
