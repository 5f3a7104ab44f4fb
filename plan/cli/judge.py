"""Commands that judge and show: ``plan check``, ``plan map`` and ``plan hearing``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plan.cli.options import (
    LANG_DEFAULT,
    Also,
    AtOption,
    CheckDaskOption,
    CheckFormatOption,
    CheckShape,
    CoefficientsOption,
    CostOption,
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
    MappingOption,
    MemoryOption,
    NearGateOption,
    OnOption,
    ProfileOption,
    ResumeOption,
    ReviewOption,
    RulesOption,
    RulesOrNone,
    SelectOption,
    Shape,
    ShiftedOption,
    SinceOption,
    SiteArgument,
    SourceOption,
    StageOption,
    TimeoutOption,
    TitleOption,
    UnitsOption,
    WaiversOption,
    t,
)
from plan.cli.read import read
from plan.console import Talk
from plan.errors import UsageError
from plan.files import spare
from plan.messages import Message

if TYPE_CHECKING:
    from plan.batch import Request
    from plan.cli.batch import Asked

__all__ = ["check", "hearing", "map_"]


def check(
    sites: Annotated[list[str] | None, typer.Argument(help=t("help_sites"), metavar="SITE…")] = None,
    pack: RulesOrNone = None,
    on: OnOption = None,
    stage: StageOption = None,
    select: SelectOption = None,
    waivers: WaiversOption = None,
    since: SinceOption = None,
    estate: EstateOption = None,
    dem: DemOption = None,
    jobs: JobsOption = 1,
    timeout: TimeoutOption = None,
    memory: MemoryOption = None,
    dask: CheckDaskOption = None,
    resume: ResumeOption = None,
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    encoding: EncodingOption = None,
    mapping: MappingOption = None,
    units: UnitsOption = None,
    shifted: ShiftedOption = None,
    summary: Annotated[bool, typer.Option("--summary", help=t("help_summary"))] = False,  # noqa: FBT002 - a flag
    shape: CheckFormatOption = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help=t("help_report_folder"), metavar="DIR")
    ] = None,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Check one estate or a folder of them against a rule pack."""
    from plan.cli.batch import Asked, into, resumed  # noqa: PLC0415 - help must be quick

    talk = Talk(lang)
    asked = Asked(
        jobs=jobs, timeout_s=timeout, memory_mb=memory, dask=dask, summary=summary,
        form=None if shape is None else shape.value,
    )  # fmt: skip
    if resume is not None:
        if output is not None:
            raise UsageError(Message("batch.resume_or_output"))
        return into(resume, resumed(resume, tuple(sites or ()), pack), asked, talk)
    for given, what in ((sites, "SITE…"), (pack, "--rules")):
        if not given:
            raise UsageError(Message("cli.missing_option", what=what))
    from plan.batch import Request  # noqa: PLC0415

    request = Request(
        sources=tuple(sites or ()),
        pack=str(pack),
        on=on,
        stage=stage,
        select=tuple(select or ()),
        estate=None if estate is None else estate.value,
        households_from=None if households_from is None else households_from.value,
        crs=crs,
        encoding=encoding,
        mapping=tuple(mapping or ()),
        units=None if units is None else units.value,
        shifted=tuple(shifted or ()),
        dem=None if dem is None else str(dem),
        since=since,
        waivers=None if waivers is None else str(waivers),
    )
    if output is not None:
        return into(output, request, asked, talk)
    return _here(request, asked, talk)


def _here(request: Request, asked: Asked, talk: Talk) -> int:
    """Check, and print what comes of it; nothing is kept."""
    from plan.batch import check_many  # noqa: PLC0415 - help must be quick
    from plan.cli import show  # noqa: PLC0415
    from plan.cli.batch import show_compliance, tell_strangers  # noqa: PLC0415
    from plan.reports import exit_code  # noqa: PLC0415
    from plan.rules import load_pack, load_waivers  # noqa: PLC0415

    form = asked.form or CheckShape.text.value
    if asked.dask is not None:
        raise UsageError(Message("batch.dask_needs_folder"))
    if asked.summary and form not in (CheckShape.text, CheckShape.json):
        raise UsageError(Message("compliance.needs_folder"))
    rules = load_pack(request.pack, on=request.on)
    allowed = None if request.waivers is None else load_waivers(request.waivers)
    with talk.progress(Message("cli.checking")) as advance:
        results = check_many(
            request.sources,
            rules,
            stage=request.stage,
            select=request.select,
            estate=request.estate,
            jobs=asked.jobs,
            timeout_s=asked.timeout_s,
            memory_mb=asked.memory_mb,
            households_from=request.households_from,
            crs=request.crs,
            encoding=request.encoding,
            mapping=request.mapping,
            units=request.units,
            shifted=request.shifted,
            dem=request.dem,
            since=request.since,
            waivers=allowed,
            progress=advance,
        )
    tell_strangers(allowed, rules, [result.name for result in results], talk)
    if asked.summary:
        show_compliance(request, results, rules, form, None, talk)
    else:
        show.results(results, form, None, talk)
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
    spare([output], [source] if report is None else [source, report], ending=(".html", ".htm"))
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
    cost_cny: CostOption = None,
    subsidy_cny: Annotated[
        float, typer.Option("--subsidy", help=t("help_subsidy"), min=0, metavar="CNY")
    ] = 0.0,
    coefficients: CoefficientsOption = "EL-SHARE-ZJT",
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
    from plan.elevators.coefficients import coefficients_named  # noqa: PLC0415
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
        table = coefficients_named(coefficients)
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
