"""``plan place communities`` and ``plan place grids``: a district divided."""

from __future__ import annotations

from typing import Annotated

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    CrsOption,
    FormatOption,
    HouseholdsOption,
    LangOption,
    PlaceOption,
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

__all__ = ["place_communities", "place_grids"]

MainRoadOption = Annotated[
    list[str] | None, typer.Option("--main-road", help=t("help_main_road"), metavar="NAME")
]
MinorRoadOption = Annotated[
    list[str] | None, typer.Option("--minor-road", help=t("help_minor_road"), metavar="NAME")
]


@place.command(name="communities", help=t("help_place_communities"))
def place_communities(
    source: SiteArgument,
    output: PlaceOption,
    pack: Annotated[str | None, typer.Option("--rules", help=t("help_band_rules"), metavar="PACK")] = None,
    band: Annotated[
        tuple[float, float] | None, typer.Option("--band", help=t("help_band"), metavar="LOW HIGH")
    ] = None,
    target: Annotated[
        float | None, typer.Option("--target", help=t("help_band_target"), min=1, metavar="HOUSEHOLDS")
    ] = None,
    lanes: Annotated[int, typer.Option("--main-road-lanes", help=t("help_main_road_lanes"), min=1)] = 4,
    width_m: Annotated[
        float, typer.Option("--main-road-width-m", help=t("help_main_road_width"), min=1)
    ] = 20.0,
    main_road: MainRoadOption = None,
    minor_road: MinorRoadOption = None,
    keep_weight: Annotated[float, typer.Option("--keep-weight", help=t("help_keep_weight"), min=0)] = 4.0,
    seed: SeedOption = 0,
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Divide a district into communities; 1 when one is out of the band."""
    from plan import districts  # noqa: PLC0415 - help must be quick
    from plan.cli import show  # noqa: PLC0415
    from plan.districts.tables import (  # noqa: PLC0415
        communities_table,
        place_document,
        rejected_communities,
    )

    talk = Talk(lang)
    spare([output], [source], ending=".gpkg")
    low, high, why = _band(pack, band)
    site = read(source, talk, crs=crs, households_from=households_from)
    with talk.working(Message("hearing.placing", layer=Bilingual("社区", "communities"))):
        placed = districts.place_communities(
            site,
            minimum_households=low,
            maximum_households=high,
            target_households=target,
            main_road_lanes=lanes,
            main_road_width_m=width_m,
            main_roads=tuple(main_road or ()),
            minor_roads=tuple(minor_road or ()),
            keep_weight=keep_weight,
            seed=seed,
        )
    drawn = site.with_layer("communities", show.told_reasons(placed.features, lang))
    drawn.to_gpkg(output, extra={"communities_rejected": show.told_reasons(placed.rejected, lang)})
    talk.say(Message("cli.written", path=str(output)), style="bold")
    if shape is Shape.json:
        show.json_text(place_document(placed, "communities", lang, band_from=translate(why, lang)))
    else:
        left = [rejected_communities(placed)] if len(placed.rejected) else []
        show.tables([communities_table(placed, why), *left], talk)
    return 0 if placed.measures["in_band"] == placed.measures["placed"] else 1


@place.command(name="grids", help=t("help_place_grids"))
def place_grids(
    source: SiteArgument,
    output: PlaceOption,
    households_per_grid: Annotated[
        float, typer.Option("--households-per-grid", help=t("help_per_grid"), min=1)
    ] = 400.0,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help=t("help_grid_tolerance"), min=0.01, max=0.99, metavar="SHARE")
    ] = 0.25,
    main_road: MainRoadOption = None,
    minor_road: MinorRoadOption = None,
    seed: SeedOption = 0,
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Divide communities into grids; 0 also where some have more work than others."""
    from plan import districts  # noqa: PLC0415 - help must be quick
    from plan.cli import show  # noqa: PLC0415
    from plan.districts.tables import grids_table, place_document  # noqa: PLC0415

    talk = Talk(lang)
    spare([output], [source], ending=".gpkg")
    site = read(source, talk, crs=crs, households_from=households_from)
    with talk.working(Message("hearing.placing", layer=Bilingual("网格", "grids"))):
        placed = districts.place_grids(
            site,
            households_per_grid=households_per_grid,
            tolerance=tolerance,
            main_roads=tuple(main_road or ()),
            minor_roads=tuple(minor_road or ()),
            seed=seed,
        )
    site.with_layer("grids", show.told_reasons(placed.features, lang)).to_gpkg(output)
    talk.say(Message("cli.written", path=str(output)), style="bold")
    if shape is Shape.json:
        show.json_text(place_document(placed, "grids", lang))
    else:
        show.tables([grids_table(placed)], talk)
    return 0


def _band(pack: str | None, band: tuple[float, float] | None) -> tuple[float, float, Message]:
    """Return the band of households, from the user or from the rule of a pack, and where it is from."""
    from plan.errors import UsageError  # noqa: PLC0415 - help must be quick
    from plan.rules import load_pack  # noqa: PLC0415
    from plan.rules.kinds import CommunitySize  # noqa: PLC0415

    if band is not None:
        low, high = band
        return low, high, Message("districts.band_from_user", low=f"{low:,.0f}", high=f"{high:,.0f}")
    if pack is None:
        raise UsageError(Message("districts.band_missing"))
    for rule in load_pack(pack).judged():
        if isinstance(rule.kind, CommunitySize):
            clause = rule.clause
            why = Message(
                "districts.band_from_rule",
                rule=rule.id,
                document=clause.number,
                article=clause.article,
                quote=clause.quote,
            )
            return rule.kind.minimum_households, rule.kind.maximum_households, why
    raise UsageError(Message("districts.no_band", pack=pack))
