"""``plan programme``: what is renovated in which year under yearly budgets, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    CrsOption,
    EstateOption,
    FormatOption,
    HouseholdsOption,
    LangOption,
    OnOption,
    RulesOption,
    Shape,
    SiteArgument,
    t,
)
from plan.cli.read import read
from plan.console import Talk
from plan.errors import OutputError, UsageError
from plan.files import spare, write_bytes
from plan.messages import Message

__all__ = ["programme"]

_ENDINGS: Final = (".xlsx", ".gpkg")


def programme(
    source: SiteArgument,
    pack: RulesOption,
    works: Annotated[Path, typer.Option("--works", help=t("help_works"), metavar="WORKS.csv")],
    budgets: Annotated[list[float], typer.Option("--budget", help=t("help_budgets"), metavar="CNY…")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help=t("help_programme_out"), metavar="OUT.xlsx|OUT.gpkg")
    ],
    rewards: Annotated[
        Path | None, typer.Option("--rewards", help=t("help_rewards"), metavar="RATES.csv")
    ] = None,
    weight: Annotated[
        list[str] | None, typer.Option("--weight", help=t("help_weight"), metavar="TERM=POINTS")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help=t("help_programme_report"), metavar="R.json")
    ] = None,
    on: OnOption = None,
    estate: EstateOption = None,
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Phase works over years; 0 also where nothing can be done."""
    from plan.checks import check  # noqa: PLC0415 - help must be quick
    from plan.cli import show  # noqa: PLC0415
    from plan.programme import (  # noqa: PLC0415
        WEIGHTS,
        estate_needs,
        example_rewards,
        plan_programme,
        read_rewards,
        read_works,
    )
    from plan.programme.said import programme_layers, programme_record, programme_tables  # noqa: PLC0415
    from plan.reports.book import tables_to_xlsx  # noqa: PLC0415
    from plan.reports.reading import read_report  # noqa: PLC0415
    from plan.rules import load_pack  # noqa: PLC0415

    talk = Talk(lang)
    if output.suffix.casefold() not in _ENDINGS:
        raise OutputError(Message("programme.other_ending", path=str(output)))
    spare([output], [source, works, *(path for path in (rewards, report) if path is not None)])
    weights = {**WEIGHTS, **_weights(weight or ())}
    listed = read_works(works)
    tiers = example_rewards() if rewards is None else read_rewards(rewards)
    site = read(source, talk, crs=crs, households_from=households_from)
    rules = load_pack(pack, on=on)
    judged = None if report is None else read_report(report, site=site.name, inputs=site.inputs)
    if judged is not None and judged.pack.id != rules.id:
        raise UsageError(Message("programme.other_pack", report=judged.pack.id, pack=rules.id))
    with talk.working(Message("cli.checking")):
        judged = judged or check(site, rules, estate=None if estate is None else estate.value)
        needs = estate_needs(site, judged, rules, weights=weights)
        found = plan_programme(needs, listed, budgets, tiers)
    given = None if rewards is None else str(rewards)
    tables = programme_tables(needs, found, rewards=given)
    if output.suffix.casefold() == ".xlsx":
        write_bytes(output, tables_to_xlsx(tables, title=Message("programme.book_title"), lang=lang))
    else:
        site.to_gpkg(output, extra=programme_layers(site, needs, found, lang))
    talk.say(Message("cli.written", path=str(output)), style="bold")
    if shape is Shape.json:
        show.json_text(programme_record(needs, found, rewards=given, lang=lang))
    else:
        show.tables(list(tables.values()), talk)
    return 0


def _weights(texts: list[str] | tuple[str, ...]) -> dict[str, float]:
    found = {}
    for text in texts:
        term, _, number = text.partition("=")
        try:
            found[term.strip()] = float(number)
        except ValueError:
            raise UsageError(Message("programme.weight_form", text=text)) from None
    return found
