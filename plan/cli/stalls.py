"""``plan place stalls``: the parking of an estate in scenarios, and the honest comparison of angles."""

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
    PlaceOption,
    RulesOption,
    SeedOption,
    Shape,
    SiteArgument,
    t,
)
from plan.cli.read import read
from plan.cli.walk import place
from plan.console import Talk
from plan.files import spare
from plan.messages import Bilingual, Message

__all__ = ["place_stalls"]


@place.command(name="stalls", help=t("help_place_stalls"))
def place_stalls(
    source: SiteArgument,
    output: PlaceOption,
    pack: RulesOption = "national",
    scenario: Annotated[
        str, typer.Option("--scenario", help=t("help_stalls_scenario"), metavar="NAME")
    ] = "together",
    angles: Annotated[
        list[float] | None, typer.Option("--angle", help=t("help_stalls_angle"), min=0, max=90, metavar="DEG")
    ] = None,
    no_reverse_in: Annotated[bool, typer.Option("--no-reverse-in", help=t("help_no_reverse_in"))] = False,  # noqa: FBT002 - a flag
    green_share: Annotated[
        float, typer.Option("--green-share", help=t("help_green_share"), min=0, max=1, metavar="SHARE")
    ] = 0.1,
    keep: Annotated[list[str] | None, typer.Option("--keep", help=t("help_keep"), metavar="SPACE")] = None,
    take: Annotated[list[str] | None, typer.Option("--take", help=t("help_take"), metavar="SPACE")] = None,
    stacker_tiers: Annotated[int, typer.Option("--stacker-tiers", help=t("help_stacker_tiers"), min=2)] = 2,
    door_m: Annotated[float, typer.Option("--door-m", help=t("help_door_m"), min=0)] = 1.5,
    shared: Annotated[
        Path | None, typer.Option("--shared", help=t("help_shared"), metavar="LOTS.csv")
    ] = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", help=t("help_time_limit"), min=1, metavar="S")
    ] = 300.0,
    iterations: Annotated[int, typer.Option("--iterations", help=t("help_iterations"), min=1)] = 1000,
    seed: SeedOption = 0,
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Propose stalls; 0 also where none can be added."""
    from plan.cli import show  # noqa: PLC0415 - help must be quick
    from plan.parking.clearances import Clearances  # noqa: PLC0415
    from plan.parking.estate import ANGLES, Options  # noqa: PLC0415
    from plan.rules import load_pack  # noqa: PLC0415
    from plan.stalls import park_estate  # noqa: PLC0415

    talk = Talk(lang)
    spare([output], [source, *([] if shared is None else [str(shared)])], ending=".gpkg")
    site = read(source, talk, crs=crs, households_from=households_from)
    options = Options(
        angles_deg=tuple(angles) if angles else ANGLES,
        reverse_in=not no_reverse_in,
        green_share=green_share,
        keep=tuple(keep or ()),
        take=tuple(take or ()),
        stacker_tiers=stacker_tiers,
        clearances=Clearances(door_m=door_m),
        time_limit_s=time_limit,
        iterations=iterations,
        seed=seed,
    )
    with talk.working(Message("hearing.placing", layer=Bilingual("停车位", "stalls"))):
        found = park_estate(site, load_pack(pack), options=options, scenario=scenario, shared=shared)
    found.chosen.site.to_gpkg(output, extra=found.layers(lang))
    talk.say(Message("cli.written", path=str(output)), style="bold")
    if shape is Shape.json:
        show.json_text(show.place_document(**found.to_dict(lang)))
        for note in found.notes:
            talk.say(note, style="yellow")
    else:
        show.tables(found.tables(), talk)
    return 0
