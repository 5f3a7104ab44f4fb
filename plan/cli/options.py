"""Options and arguments that several commands share, with their help in the language asked for."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from plan.console import language
from plan.messages import Message, translate

# Help is written while the commands are defined, so the language is read first.
LANG: Final = language(sys.argv[1:])


def t(name: str) -> str:
    """Return a text of the command line in the language asked for."""
    return translate(Message(f"cli.{name}"), LANG)


class Lang(StrEnum):
    """Languages."""

    zh = "zh"
    en = "en"


# The default is what stands anywhere on the command line: `plan --lang en check …` is English too.
LANG_DEFAULT: Final = Lang(LANG)


class Shape(StrEnum):
    """Forms of an answer."""

    text = "text"
    json = "json"


class CheckShape(StrEnum):
    """Forms of a report."""

    text = "text"
    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    html = "html"
    junit = "junit"
    sarif = "sarif"
    geojson = "geojson"


class DrawingUnits(StrEnum):
    """What a drawing is in."""

    mm = "mm"
    cm = "cm"
    m = "m"


class HouseholdsFrom(StrEnum):
    """How households are estimated."""

    floors = "floors"


class Also(StrEnum):
    """What a hearing proposes beside the rooms, where it is told so."""

    none = "none"
    gates = "gates"
    stalls = "stalls"
    elevators = "elevators"


class Estate(StrEnum):
    """What is judged."""

    new = "new"
    existing = "existing"


LangOption = Annotated[Lang, typer.Option("--lang", help=t("help_lang"))]
FormatOption = Annotated[Shape, typer.Option("--format", help=t("help_format"))]
CheckFormatOption = Annotated[CheckShape | None, typer.Option("--format", help=t("help_check_format"))]
SiteArgument = Annotated[str, typer.Argument(help=t("help_site"), metavar="SITE")]
RulesOption = Annotated[str, typer.Option("--rules", help=t("help_rules"), metavar="PACK")]
SinceOption = Annotated[str | None, typer.Option("--since", help=t("help_since"), metavar="EARLIER")]
WaiversOption = Annotated[
    Path | None, typer.Option("--waivers", help=t("help_waivers"), metavar="WAIVERS.toml")
]
RulesOrNone = Annotated[str | None, typer.Option("--rules", help=t("help_rules"), metavar="PACK")]
TimeoutOption = Annotated[float | None, typer.Option("--timeout", help=t("help_timeout"), metavar="S")]
MemoryOption = Annotated[float | None, typer.Option("--memory", help=t("help_memory"), metavar="MB")]
ResumeOption = Annotated[str | None, typer.Option("--resume", help=t("help_resume"), metavar="DIR")]
CheckDaskOption = Annotated[str | None, typer.Option("--dask", help=t("help_check_dask"), metavar="ADDRESS")]
OnOption = Annotated[str | None, typer.Option("--on", help=t("help_on"), metavar="DATE")]
StageOption = Annotated[str | None, typer.Option("--stage", help=t("help_stage"), metavar="STAGE")]
CrsOption = Annotated[str | None, typer.Option("--crs", help=t("help_crs"), metavar="EPSG:N")]
EncodingOption = Annotated[str | None, typer.Option("--encoding", help=t("help_encoding"), metavar="NAME")]
MappingOption = Annotated[
    list[str] | None, typer.Option("--mapping", help=t("help_mapping"), metavar="MAP.toml|NAME=LAYER")
]
UnitsOption = Annotated[DrawingUnits | None, typer.Option("--units", help=t("help_units"))]
ShiftedOption = Annotated[
    list[str] | None, typer.Option("--from", help=t("help_from"), metavar="gcj02|bd09|LAYER=gcj02")
]
HouseholdsOption = Annotated[
    HouseholdsFrom | None, typer.Option("--households-from", help=t("help_households"))
]
PlaceOption = Annotated[Path, typer.Option("-o", "--output", help=t("help_place_out"), metavar="OUT.gpkg")]
ProfileOption = Annotated[str, typer.Option("--profile", help=t("help_profile"), metavar="NAME")]
SeedOption = Annotated[int, typer.Option("--seed", help=t("help_seed"), min=0)]
CostOption = Annotated[
    float | None, typer.Option("--cost", help=t("help_elevator_cost"), min=1, metavar="CNY")
]
CoefficientsOption = Annotated[
    str, typer.Option("--coefficients", help=t("help_coefficients"), metavar="TABLE.csv")
]
NearGateOption = Annotated[float | None, typer.Option("--near-gate-m", help=t("help_near_gate"), min=1)]
DaskOption = Annotated[str | None, typer.Option("--dask", help=t("help_dask"), metavar="ADDRESS")]
DemOption = Annotated[Path | None, typer.Option("--dem", help=t("help_dem"), metavar="FILE")]
AtOption = Annotated[str | None, typer.Option("--at", help=t("help_at"), metavar="HH:MM")]
TitleOption = Annotated[str | None, typer.Option("--title", help=t("help_title"))]
# What stands in the title block of everything that is shown: of a map, an atlas, a report.
ReviewOption = Annotated[
    str | None, typer.Option("--review-number", help=t("help_review_number"), metavar="TEXT")
]
MadeByOption = Annotated[str | None, typer.Option("--made-by", help=t("help_made_by"), metavar="TEXT")]
SourceOption = Annotated[str | None, typer.Option("--source", help=t("help_data_source"), metavar="TEXT")]
DatedOption = Annotated[str | None, typer.Option("--dated", help=t("help_dated"), metavar="DATE")]
EstateOption = Annotated[Estate | None, typer.Option("--estate", help=t("help_estate"))]
JobsOption = Annotated[int, typer.Option("--jobs", "-j", help=t("help_jobs"), min=1)]
SelectOption = Annotated[list[str] | None, typer.Option("--select", help=t("help_select"), metavar="ID")]
MinutesOption = Annotated[list[float], typer.Option("--minutes", help=t("help_minutes"), metavar="MIN…")]
