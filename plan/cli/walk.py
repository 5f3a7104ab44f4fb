"""Commands that walk and place: ``plan reach`` and ``plan place``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    CrsOption,
    FormatOption,
    HouseholdsOption,
    LangOption,
    MinutesOption,
    NearGateOption,
    ProfileOption,
    RulesOption,
    Shape,
    SiteArgument,
    t,
)
from plan.cli.read import read
from plan.console import Talk
from plan.files import spare
from plan.messages import Bilingual, Message, translate

__all__ = ["place", "reach"]

place = typer.Typer(no_args_is_help=True)


def reach(
    source: SiteArgument,
    minutes: MinutesOption = [5, 10, 15],  # noqa: B006 - the parser copies it
    pack: RulesOption = "national",
    profile: ProfileOption = "adult",
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help=t("help_reach_out"), metavar="OUT.gpkg")
    ] = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Compute walk times, coverage by category and isochrones."""
    from plan.cli import show  # noqa: PLC0415 - help must be quick
    from plan.reach import reach_site  # noqa: PLC0415
    from plan.rules import load_pack  # noqa: PLC0415
    from plan.summaries import reach_table  # noqa: PLC0415

    talk = Talk(lang)
    spare([] if output is None else [output], [source], ending=".gpkg")
    site = read(source, talk, crs=crs, households_from=households_from)
    with talk.working(Message("hearing.walking")):
        found = reach_site(site, load_pack(pack), minutes=minutes, profile=profile)
    if output is not None:
        site.to_gpkg(output, extra=found.layers())
        talk.say(Message("cli.written", path=str(output)), style="bold")
    if shape is Shape.json:
        show.json_text(found.to_dict(lang))
    else:
        show.tables([reach_table(found)], talk)
    for note in found.notes:
        talk.say(note, style="yellow")
    return 0


@place.command(name="rooms", help=t("help_place_rooms"))
def place_rooms(
    source: SiteArgument,
    output: Annotated[Path, typer.Option("-o", "--output", help=t("help_place_out"), metavar="OUT.gpkg")],
    pack: RulesOption,
    near_gate_m: NearGateOption = None,
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Propose service rooms; 1 when the units do not suffice."""
    from plan import rooms  # noqa: PLC0415 - help must be quick
    from plan.cli import show  # noqa: PLC0415
    from plan.rules import load_pack  # noqa: PLC0415
    from plan.summaries import rejected_table, rooms_table  # noqa: PLC0415

    talk = Talk(lang)
    spare([output], [source], ending=".gpkg")
    site = read(source, talk, crs=crs, households_from=households_from)
    with talk.working(Message("hearing.placing", layer=Bilingual("社区配套用房", "rooms"))):
        placed = rooms.place_rooms(site, pack=load_pack(pack), near_gate_m=near_gate_m)
    rejected = placed.rejected.assign(reason=[translate(why, lang) for why in placed.rejected["reason"]])
    site.with_layer("rooms", placed.features).to_gpkg(output, extra={"rooms_rejected": rejected})
    talk.say(Message("cli.written", path=str(output)), style="bold")
    if shape is Shape.json:
        show.json_text(
            {
                "schema": "plan.place/1",
                "placed": placed.measures["placed"],
                "rejected": len(rejected),
                "measures": dict(placed.measures),
            }
        )
    else:
        show.tables([rooms_table(placed), rejected_table(placed)], talk)
    return 1 if placed.measures["shortfall_m2"] or placed.measures["shortfall_ground_floor_m2"] else 0


@place.callback()
def _place(lang: LangOption = LANG_DEFAULT) -> None:
    """Make a group of it while ``rooms`` is its only command."""
