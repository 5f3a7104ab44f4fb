"""Commands that judge and show: ``plan check``, ``plan map`` and ``plan hearing``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    Also,
    AtOption,
    CheckFormatOption,
    CheckShape,
    CrsOption,
    DatedOption,
    DemOption,
    EncodingOption,
    EstateOption,
    FormatOption,
    HouseholdsOption,
    JobsOption,
    LangOption,
    MadeByOption,
    NearGateOption,
    OnOption,
    ProfileOption,
    ReviewOption,
    RulesOption,
    SelectOption,
    Shape,
    SiteArgument,
    SourceOption,
    StageOption,
    TitleOption,
    WaiversOption,
    t,
)
from plan.cli.read import read
from plan.console import Talk
from plan.errors import OutputError, UsageError
from plan.files import spare
from plan.messages import Message

__all__ = ["check", "hearing", "map_"]


def check(
    sites: Annotated[list[str], typer.Argument(help=t("help_sites"), metavar="SITE…")],
    pack: RulesOption,
    on: OnOption = None,
    stage: StageOption = None,
    select: SelectOption = None,
    waivers: WaiversOption = None,
    estate: EstateOption = None,
    dem: DemOption = None,
    jobs: JobsOption = 1,
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    encoding: EncodingOption = None,
    summary: Annotated[bool, typer.Option("--summary", help=t("help_summary"))] = False,  # noqa: FBT002 - a flag
    shape: CheckFormatOption = CheckShape.text,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help=t("help_report_folder"), metavar="DIR")
    ] = None,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Check one estate or a folder of them against a rule pack."""
    from plan.batch import check_many, found_sites  # noqa: PLC0415 - help must be quick
    from plan.cli import show  # noqa: PLC0415
    from plan.reports import exit_code  # noqa: PLC0415
    from plan.rules import load_pack, load_waivers, strangers  # noqa: PLC0415

    talk = Talk(lang)
    if output is not None:
        spare([output / name for name in (show.report_name(shape.value), show.SUMMARY)], sites)
        if any(Path(site).is_dir() and output.is_dir() and output.samefile(site) for site in sites):
            raise OutputError(Message("files.in_source", path=str(output)))
    elif summary and shape not in (CheckShape.text, CheckShape.json):
        raise UsageError(Message("compliance.needs_folder"))
    rules = load_pack(pack, on=on)
    allowed = None if waivers is None else load_waivers(waivers)
    estimate = None if households_from is None else households_from.value
    with talk.progress(Message("cli.checking")) as advance:
        results = check_many(
            sites,
            rules,
            stage=stage,
            select=tuple(select or ()),
            estate=None if estate is None else estate.value,
            jobs=jobs,
            households_from=estimate,
            crs=crs,
            encoding=encoding,
            dem=dem,
            waivers=allowed,
            progress=advance,
        )
    if allowed is not None:
        judged = (rule.id for rule in rules.judged())
        talk.problems(strangers(allowed, sites=(r.name for r in results), rules=judged))
    if not summary or output is not None:
        show.results(results, shape.value, output, talk)
    if summary:
        from plan.compliance import survey  # noqa: PLC0415 - asked for rarely

        pairs = zip((path for path, _ in found_sites(sites)), results, strict=True)
        with talk.working(Message("cli.reading")):
            found = survey(pairs, rules, households_from=estimate, crs=crs, encoding=encoding)
        show.summary(found, shape.value, output, talk)
    return exit_code(results)


def map_(
    source: SiteArgument,
    output: Annotated[Path, typer.Option("-o", "--output", help=t("help_map_out"), metavar="MAP.html")],
    report: Annotated[
        Path | None, typer.Option("--report", help=t("help_map_report"), metavar="R.json")
    ] = None,
    title: TitleOption = None,
    review_number: ReviewOption = None,
    made_by: MadeByOption = None,
    data_source: SourceOption = None,
    dated: DatedOption = None,
    crs: CrsOption = None,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Write one offline HTML map."""
    from plan.maps import hearing_map  # noqa: PLC0415 - help must be quick
    from plan.maps.kept import drawn_results  # noqa: PLC0415
    from plan.readers.results import read_results  # noqa: PLC0415
    from plan.reports.reading import read_report  # noqa: PLC0415

    talk = Talk(lang)
    spare([output], [source] if report is None else [source, report])
    site = read(source, talk, crs=crs)
    judged = None if report is None else read_report(report, site=site.name, inputs=site.inputs)
    with talk.working(Message("cli.drawing")):
        kept = drawn_results(site, read_results(source))
        drawn = hearing_map(
            site,
            judged,
            lang=lang,
            title=title,
            review_number=review_number,
            made_by=made_by,
            source=data_source,
            dated=dated,
            **kept,
        )
        drawn.save(output)
    if drawn.missing_characters:
        talk.say(Message("hearing.missing_characters", characters=drawn.missing_characters), style="yellow")
    talk.say(Message("cli.written", path=str(output)), style="bold")
    return 0


def hearing(
    source: SiteArgument,
    pack: RulesOption,
    output: Annotated[Path, typer.Option("-o", "--output", help=t("help_hearing_out"), metavar="DIR")],
    on: OnOption = None,
    stage: StageOption = None,
    waivers: WaiversOption = None,
    profile: ProfileOption = "adult",
    dem: DemOption = None,
    at: AtOption = None,
    near_gate_m: NearGateOption = None,
    propose: Annotated[list[Also] | None, typer.Option("--propose", help=t("help_propose"))] = None,
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    title: TitleOption = None,
    review_number: ReviewOption = None,
    made_by: MadeByOption = None,
    data_source: SourceOption = None,
    dated: DatedOption = None,
    contact: Annotated[str | None, typer.Option("--contact", help=t("help_contact"), metavar="TEXT")] = None,
    cost_cny: Annotated[
        float | None, typer.Option("--cost", help=t("help_elevator_cost"), min=1, metavar="CNY")
    ] = None,
    subsidy_cny: Annotated[
        float, typer.Option("--subsidy", help=t("help_subsidy"), min=0, metavar="CNY")
    ] = 0.0,
    coefficients: Annotated[
        str, typer.Option("--coefficients", help=t("help_coefficients"), metavar="TABLE.csv")
    ] = "EL-SHARE-ZJT",
    jobs: Annotated[int, typer.Option("--jobs", "-j", help=t("help_hearing_jobs"), min=1, max=2)] = 2,
    fresh: Annotated[bool, typer.Option("--fresh", help=t("help_fresh"))] = False,  # noqa: FBT002 - a flag
    organisers: Annotated[
        Path | None, typer.Option("--organisers", help=t("help_hearing_organisers"), metavar="FILE.gpkg")
    ] = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Do the main job; the exit code is that of the proposal."""
    from plan.cli import show  # noqa: PLC0415 - help must be quick
    from plan.dossier import Imprint  # noqa: PLC0415
    from plan.elevators.coefficients import example, examples, read_coefficients  # noqa: PLC0415
    from plan.hearing import make_hearing  # noqa: PLC0415
    from plan.package import NAMES  # noqa: PLC0415
    from plan.proposing import Request  # noqa: PLC0415
    from plan.reports import exit_code  # noqa: PLC0415
    from plan.retrofit import Paying  # noqa: PLC0415
    from plan.rules import load_pack, load_waivers  # noqa: PLC0415

    talk = Talk(lang)
    spare([*(output / name for name in NAMES), *([] if organisers is None else [organisers])], [source])
    paying = None
    if cost_cny is not None:
        table = example(coefficients) if coefficients in examples() else read_coefficients(coefficients)
        paying = Paying(total_cny=cost_cny, subsidy_cny=subsidy_cny, coefficients=table)
    site = read(source, talk, crs=crs, households_from=households_from)
    also = None if propose is None else tuple(one.value for one in propose if one is not Also.none)
    with talk.steps() as step:
        package = make_hearing(
            site,
            load_pack(pack, on=on),
            out=output,
            request=Request(near_gate_m=near_gate_m, also=also, profile=profile, dem=dem, paying=paying),
            stage=stage,
            waivers=None if waivers is None else load_waivers(waivers),
            at=at,
            imprint=Imprint(
                title=title,
                review_number=review_number,
                made_by=made_by,
                source=data_source,
                dated=dated,
                contact=contact,
            ),
            lang=lang,
            jobs=jobs,
            fresh=fresh,
            organisers=organisers,
            progress=step,
        )
    if shape is Shape.json:
        show.results(package.results, "json", None, talk)
    else:
        show.tables(package.tables, talk)
    for note in package.notes:
        talk.say(note, style="yellow")
    if package.unchanged:
        talk.say(Message("hearing.unchanged", folder=str(output)), style="bold")
    else:
        for file in package.files:
            talk.say(Message("cli.written", path=str(file)), style="bold")
    if organisers is not None:
        talk.say(Message("package.organisers_written", path=str(organisers)), style="yellow")
    return exit_code(package.results[-1:])
