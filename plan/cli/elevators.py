"""``plan place elevators``: where an elevator can be added at each stairwell, and what holds it back."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    CoefficientsOption,
    CostOption,
    CrsOption,
    FormatOption,
    LangOption,
    PlaceOption,
    RulesOption,
    Shape,
    SiteArgument,
    t,
)
from plan.cli.read import read
from plan.cli.walk import place
from plan.console import Talk
from plan.errors import UsageError
from plan.files import spare, write_text
from plan.messages import Bilingual, Message

__all__ = ["place_elevators"]


class Connects(StrEnum):
    """How an elevator meets the stair."""

    level_entry = "level_entry"
    half_landing = "half_landing"


class Pays(StrEnum):
    """Who pays for an elevator."""

    above_ground = "above_ground"
    all = "all"
    agreeing = "agreeing"


class Votes(StrEnum):
    """Who decides together, or is built together."""

    stairwell = "stairwell"
    building = "building"
    estate = "estate"


class SunDay(StrEnum):
    """The day for which sunlight is told; no: it is not."""

    great_cold = "great_cold"
    winter_solstice = "winter_solstice"
    no = "no"


@place.command(name="elevators", help=t("help_place_elevators"))
def place_elevators(
    source: SiteArgument,
    output: PlaceOption,
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
    cost_cny: CostOption = None,
    subsidy_cny: Annotated[
        float | None, typer.Option("--subsidy", help=t("help_subsidy"), min=0, metavar="CNY")
    ] = None,
    coefficients: CoefficientsOption = "EL-SHARE-ZJT",
    payers: Annotated[Pays | None, typer.Option("--payers", help=t("help_payers"))] = None,
    scope: Annotated[Votes, typer.Option("--vote-scope", help=t("help_vote_scope"))] = Votes.stairwell,
    budgets: Annotated[
        list[float] | None, typer.Option("--budget", help=t("help_year_budget"), min=0, metavar="CNY")
    ] = None,
    bundle: Annotated[Votes, typer.Option("--bundle", help=t("help_bundle"))] = Votes.building,
    sun_day: Annotated[SunDay, typer.Option("--sun-day", help=t("help_sun_day"))] = SunDay.great_cold,
    sun_year: Annotated[int, typer.Option("--sun-year", help=t("help_sun_year"), min=1900, max=2100)] = 2026,
    organisers: Annotated[
        Path | None, typer.Option("--organisers", help=t("help_organisers"), metavar="VOTES.csv")
    ] = None,
    stairwells: Annotated[
        list[str] | None, typer.Option("--stairwell", help=t("help_stairwell_table"), metavar="ID")
    ] = None,
    crs: CrsOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Propose elevators; 0 also where none can be added, 3 where no stairwell has a verdict."""
    from dataclasses import replace  # noqa: PLC0415 - help must be quick

    from plan.cli import show  # noqa: PLC0415
    from plan.elevators import CONNECTIONS, Costs  # noqa: PLC0415
    from plan.elevators.coefficients import coefficients_named  # noqa: PLC0415
    from plan.elevators.figures import sizes_of  # noqa: PLC0415
    from plan.elevators.sun import SOLAR_TERMS  # noqa: PLC0415
    from plan.reports.tables import frame_to_csv  # noqa: PLC0415
    from plan.retrofit import Paying, retrofit_estate, with_placed_elevators  # noqa: PLC0415
    from plan.rules import load_pack  # noqa: PLC0415

    talk = Talk(lang)
    _refuse_without_cost(cost_cny, subsidy_cny, {"--payers": payers, "--budget": budgets})
    spare([output], [source], ending=".gpkg")
    if organisers is not None:
        spare([organisers], [source, str(output)], ending=".csv")
    table = coefficients_named(coefficients)
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
            sun_day=next((day for day in SOLAR_TERMS if day == sun_day.value), None),
            sun_year=sun_year,
            scope=scope.value,
            paying=None
            if cost_cny is None
            else Paying(
                total_cny=cost_cny,
                subsidy_cny=subsidy_cny or 0.0,
                coefficients=table,
                payers=(payers or Pays.above_ground).value,
                budgets_cny=tuple(budgets or ()),
                bundle=bundle.value,
            ),
        )
    walls = found.wall_tables(stairwells or ())  # an unknown stairwell is told before anything is written
    with_placed_elevators(site, found.placed, lang=lang).to_gpkg(output, extra=found.layers(lang))
    talk.say(Message("cli.written", path=str(output)), style="bold")
    if organisers is not None and found.owners is not None:
        write_text(organisers, frame_to_csv(found.owners.for_organisers(), lang=lang))
        talk.say(Message("cli.written", path=str(organisers)), style="bold")
    if shape is Shape.json:
        show.json_text(show.place_document(**found.to_dict(lang)))
        for note in (*found.placed.measures["unseen"], *found.notes):
            talk.say(note, style="yellow")
    else:
        show.tables([*found.tables(), *walls], talk)
    return 0 if any(one.verdict != "unknown" for one in found.stairwells) else 3


def _refuse_without_cost(
    cost_cny: float | None, subsidy_cny: float | None, others: dict[str, object]
) -> None:
    """Refuse options that share out a cost where none is given, and a subsidy that leaves nothing to share."""
    given = [name for name, value in {"--subsidy": subsidy_cny, **others}.items() if value not in (None, [])]
    if cost_cny is None and given:
        raise UsageError(Message("retrofit.needs_cost", options=tuple(given)))
    if cost_cny is not None and subsidy_cny is not None and subsidy_cny >= cost_cny:
        raise UsageError(
            Message("retrofit.subsidy_all", subsidy=f"{subsidy_cny:,.2f}", cost=f"{cost_cny:,.2f}")
        )
