"""Commands that walk and place: ``plan reach`` and ``plan place``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Final

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    AtOption,
    CrsOption,
    DaskOption,
    DemOption,
    FormatOption,
    HouseholdsOption,
    LangOption,
    MinutesOption,
    NearGateOption,
    PlaceOption,
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
_MOST_MISSING: Final = 8  # rows of what is missing, without --details


def reach(
    source: SiteArgument,
    minutes: MinutesOption = [5, 10, 15],  # noqa: B006 - the parser copies it
    pack: RulesOption = "national",
    profile: ProfileOption = "adult",
    dem: DemOption = None,
    at: AtOption = None,
    target_share: Annotated[
        float | None,
        typer.Option("--target-share", help=t("help_target_share"), min=0, max=1, metavar="SHARE"),
    ] = None,
    details: Annotated[bool, typer.Option("--details", help=t("help_details"))] = False,  # noqa: FBT002 - a flag
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    dask: DaskOption = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help=t("help_reach_out"), metavar="OUT.gpkg")
    ] = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Compute walk times, coverage by category and isochrones."""
    from plan.access.clusters import connect  # noqa: PLC0415 - help must be quick
    from plan.cli import show  # noqa: PLC0415
    from plan.reach import reach_site, walking_network  # noqa: PLC0415
    from plan.rules import load_pack  # noqa: PLC0415
    from plan.summaries import (  # noqa: PLC0415
        completeness_table,
        missing_table,
        reach_details,
        reach_table,
        speed_table,
    )

    talk = Talk(lang)
    spare([] if output is None else [output], [source], ending=".gpkg")
    cluster = nullcontext() if dask is None else connect(dask)
    with cluster as client:
        site = read(source, talk, crs=crs, households_from=households_from)
        with talk.working(Message("hearing.walking")):
            rules = load_pack(pack)
            network = walking_network(site, rules, dem=dem, at=at)
            found = reach_site(
                site,
                rules,
                minutes=minutes,
                profile=profile,
                network=network,
                target_share=target_share,
                client=client,
            )
    if output is not None:
        site.to_gpkg(output, extra=found.layers())
        talk.say(Message("cli.written", path=str(output)), style="bold")
    if shape is Shape.json:
        given = {"dem": None if dem is None else str(dem), "at": at}
        show.json_text({**found.to_dict(lang), **given})
        for note in found.notes:
            talk.say(note, style="yellow")
    else:
        shown = [
            reach_table(found),
            *([] if found.other_speed is None else [speed_table(found)]),
            completeness_table(found),
            missing_table(found, most=None if details else _MOST_MISSING),
        ]
        show.tables([*shown, *(reach_details(found) if details else ())], talk)
    return 0


@place.command(name="rooms", help=t("help_place_rooms"))
def place_rooms(
    source: SiteArgument,
    output: PlaceOption,
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
    """Take --lang before the name of what is placed."""
