"""``plan place rooms``: which units become service rooms, for which community, and how the choice is defended."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    CrsOption,
    FormatOption,
    HouseholdsOption,
    LangOption,
    NearGateOption,
    PlaceOption,
    ProfileOption,
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
from plan.messages import Bilingual, Message, translate

__all__ = ["place_rooms"]


@place.command(name="rooms", help=t("help_place_rooms"))
def place_rooms(
    source: SiteArgument,
    output: PlaceOption,
    pack: RulesOption,
    near_gate_m: NearGateOption = None,
    budget_cny: Annotated[
        float | None, typer.Option("--budget", help=t("help_rooms_budget"), min=0, metavar="CNY")
    ] = None,
    main_room_m2: Annotated[
        float, typer.Option("--main-room-m2", help=t("help_main_room"), min=0, metavar="M2")
    ] = 0.0,
    most_rooms: Annotated[
        int | None, typer.Option("--most-rooms", help=t("help_most_rooms"), min=1, metavar="N")
    ] = None,
    across: Annotated[bool, typer.Option("--across", help=t("help_across"))] = False,  # noqa: FBT002 - a flag
    elderly_weight: Annotated[
        float, typer.Option("--elderly-weight", help=t("help_elderly_weight"), min=0)
    ] = 1.0,
    uses: Annotated[
        str | None, typer.Option("--uses", help=t("help_uses"), metavar="TABLE.csv|example")
    ] = None,
    defend: Annotated[bool, typer.Option("--defend", help=t("help_defend"))] = False,  # noqa: FBT002 - a flag
    draws: Annotated[int, typer.Option("--draws", help=t("help_draws"), min=1)] = 200,
    seed: SeedOption = 0,
    profile: ProfileOption = "adult",
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Propose service rooms; 1 when the units do not suffice, 3 when that cannot be told."""
    from plan import service_rooms  # noqa: PLC0415 - help must be quick
    from plan.cli import show  # noqa: PLC0415
    from plan.reach import walking_network  # noqa: PLC0415
    from plan.room_uses import schedule_rooms  # noqa: PLC0415
    from plan.rooms.scene import Settings  # noqa: PLC0415
    from plan.rules import load_pack  # noqa: PLC0415

    talk = Talk(lang)
    spare([output], [source] if uses is None else [source, uses], ending=".gpkg")
    site = read(source, talk, crs=crs, households_from=households_from)
    rules = load_pack(pack)
    with talk.working(Message("hearing.placing", layer=Bilingual("社区配套用房", "rooms"))):
        scene = service_rooms.room_scene(
            site,
            pack=rules,
            near_gate_m=near_gate_m,
            main_room_m2=main_room_m2,
            most_rooms=most_rooms,
            settings=Settings(
                budget_cny=budget_cny, across=across, elderly_weight=elderly_weight, profile=profile
            ),
            network=walking_network(site, rules),
        )
        placed = service_rooms.place_on(scene)
        defence = service_rooms.defend_rooms(scene, placed, draws=draws, seed=seed) if defend else None
        meet = None if uses is None else schedule_rooms(scene, placed, rules, table=uses)
    rejected = show.told_reasons(placed.rejected, lang)
    extra = {"rooms_rejected": rejected}
    if meet is not None:
        extra |= {"rooms_schedule": meet.frame(), "rooms_uses_unmet": meet.unmet(lang)}
    site.with_layer("rooms", placed.features).to_gpkg(output, extra=extra)
    talk.say(Message("cli.written", path=str(output)), style="bold")
    if shape is Shape.json:
        measures: dict[str, Any] = {
            **placed.measures,
            "notes": [translate(note, lang) for note in placed.measures["notes"]],
            "places": service_rooms.place_records(placed, lang)
        }  # fmt: skip
        if defence is not None:
            measures["defence"] = defence.to_dict()
        if meet is not None:
            measures["uses"] = meet.to_dict(lang)
        show.json_text(
            {
                "schema": "plan.place/1",
                "placed": placed.measures["placed"],
                "rejected": len(rejected),
                "measures": measures,
            }
        )
    else:
        tables = service_rooms.room_tables(placed)
        more = [part.tables() for part in (meet, defence) if part is not None]
        show.tables([*tables, *(table for some in more for table in some)], talk)
    return service_rooms.outcome(placed)
