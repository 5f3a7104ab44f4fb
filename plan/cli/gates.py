"""``plan place gates``: where a gate in a wall saves the most walking."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    AtOption,
    CrsOption,
    DemOption,
    FormatOption,
    HouseholdsOption,
    LangOption,
    PlaceOption,
    ProfileOption,
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

__all__ = ["place_gates"]


@place.command(name="gates", help=t("help_place_gates"))
def place_gates(
    source: SiteArgument,
    output: PlaceOption,
    pack: RulesOption = "national",
    max_gates: Annotated[int, typer.Option("--max-gates", help=t("help_max_gates"), min=1)] = 3,
    spacing_m: Annotated[float, typer.Option("--spacing-m", help=t("help_spacing"), min=1)] = 10.0,
    profile: ProfileOption = "adult",
    dem: DemOption = None,
    at: AtOption = None,
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Rank openings in walls; 0 also where none saves anything."""
    from plan.access import gates  # noqa: PLC0415 - help must be quick
    from plan.cli import show  # noqa: PLC0415
    from plan.gates import gates_table, gates_why_table  # noqa: PLC0415
    from plan.reach import walking_network  # noqa: PLC0415
    from plan.rules import load_pack  # noqa: PLC0415

    talk = Talk(lang)
    spare([output], [source], ending=".gpkg")
    site = read(source, talk, crs=crs, households_from=households_from)
    rules = load_pack(pack)
    with talk.working(Message("hearing.placing", layer=Bilingual("围墙开门", "gates in walls"))):
        placed = gates.place_gates(
            site,
            pack=rules,
            max_gates=max_gates,
            spacing_m=spacing_m,
            profile=profile,
            build=partial(walking_network, pack=rules, dem=dem, at=at),
        )
    rejected = show.told_reasons(placed.rejected, lang)
    extra = {"gates_rejected": rejected, "gates_before_after": placed.measures["before_after"]}
    gates.with_placed_gates(site, placed).to_gpkg(output, extra=extra)
    talk.say(Message("cli.written", path=str(output)), style="bold")
    if shape is Shape.json:
        show.json_text(
            {
                "schema": "plan.place/1",
                "placed": placed.measures["placed"],
                "rejected": len(rejected),
                "measures": {
                    name: value
                    for name, value in placed.measures.items()
                    if name not in {"walkways", "before_after"}
                },
                "gates": gates.gate_records(placed),
            }
        )
    else:
        show.tables([gates_table(placed), gates_why_table(placed)], talk)
    return 0
