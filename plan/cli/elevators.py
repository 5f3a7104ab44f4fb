"""``plan place elevators``: where an elevator can be added at each stairwell, and what holds it back."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    CrsOption,
    FormatOption,
    LangOption,
    RulesOption,
    Shape,
    SiteArgument,
    t,
)
from plan.cli.read import read
from plan.cli.walk import place
from plan.console import Talk
from plan.files import spare
from plan.messages import Bilingual, Message

__all__ = ["place_elevators"]


class Connects(StrEnum):
    """How an elevator meets the stair."""

    level_entry = "level_entry"
    half_landing = "half_landing"


@place.command(name="elevators", help=t("help_place_elevators"))
def place_elevators(
    source: SiteArgument,
    output: Annotated[Path, typer.Option("-o", "--output", help=t("help_place_out"), metavar="OUT.gpkg")],
    pack: RulesOption = "national",
    connection: Annotated[
        list[Connects] | None, typer.Option("--connection", help=t("help_connection"))
    ] = None,
    min_storeys: Annotated[
        int | None, typer.Option("--min-storeys", help=t("help_min_storeys"), min=1)
    ] = None,
    shaft_width_m: Annotated[
        float | None, typer.Option("--shaft-width-m", help=t("help_shaft_width"), min=0.5)
    ] = None,
    shaft_depth_m: Annotated[
        float | None, typer.Option("--shaft-depth-m", help=t("help_shaft_depth"), min=0.5)
    ] = None,
    pipe_cny_per_m: Annotated[
        float | None, typer.Option("--pipe-cny-per-m", help=t("help_pipe_cny"), min=0)
    ] = None,
    stall_cny: Annotated[float | None, typer.Option("--stall-cny", help=t("help_stall_cny"), min=0)] = None,
    tree_cny: Annotated[float | None, typer.Option("--tree-cny", help=t("help_tree_cny"), min=0)] = None,
    pipes_bar: Annotated[bool, typer.Option("--pipes-bar", help=t("help_pipes_bar"))] = False,  # noqa: FBT002 - a flag
    crs: CrsOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Propose elevators; 0 also where none can be added."""
    from dataclasses import replace  # noqa: PLC0415 - help must be quick

    from plan.cli import show  # noqa: PLC0415
    from plan.elevators import CONNECTIONS, Costs  # noqa: PLC0415
    from plan.elevators.figures import sizes_of  # noqa: PLC0415
    from plan.retrofit import retrofit_estate, with_placed_elevators  # noqa: PLC0415
    from plan.rules import load_pack  # noqa: PLC0415

    talk = Talk(lang)
    spare([output], [source], ending=".gpkg")
    site = read(source, talk, crs=crs)
    rules = load_pack(pack)
    given = {"shaft_width_m": shaft_width_m, "shaft_depth_m": shaft_depth_m}
    sizes = replace(sizes_of(rules), **{name: value for name, value in given.items() if value is not None})
    costs = Costs(pipe_cny_per_m=pipe_cny_per_m, stall_cny=stall_cny, tree_cny=tree_cny)
    wanted = tuple(c for one in dict.fromkeys(connection or ()) for c in CONNECTIONS if c == one.value)
    with talk.working(Message("hearing.placing", layer=Bilingual("加装电梯", "elevators"))):
        found = retrofit_estate(
            site,
            rules,
            sizes=sizes,
            costs=costs,
            min_storeys=min_storeys,
            connections=wanted or CONNECTIONS,
            pipes_bar=pipes_bar,
        )
    with_placed_elevators(site, found.placed, lang=lang).to_gpkg(output, extra=found.layers(lang))
    talk.say(Message("cli.written", path=str(output)), style="bold")
    if shape is Shape.json:
        show.json_text(_document(found.to_dict(lang)))
        for note in found.placed.measures["unseen"]:
            talk.say(note, style="yellow")
    else:
        show.tables(found.tables(), talk)
    return 0


def _document(measures: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": "plan.place/1",
        "placed": measures.pop("placed"),
        "rejected": measures.pop("rejected"),
        "measures": measures,
    }
