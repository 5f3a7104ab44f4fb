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
    CrsOption,
    DemOption,
    EncodingOption,
    EstateOption,
    FormatOption,
    HouseholdsOption,
    JobsOption,
    LangOption,
    MemoryOption,
    NearGateOption,
    OnOption,
    ProfileOption,
    ResumeOption,
    RulesOption,
    RulesOrNone,
    SelectOption,
    Shape,
    SiteArgument,
    StageOption,
    TimeoutOption,
    TitleOption,
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
        dem=None if dem is None else str(dem),
    )
    if output is not None:
        return into(output, request, asked, talk)
    return _here(request, asked, talk)


def _here(request: Request, asked: Asked, talk: Talk) -> int:
    """Check, and print what comes of it; nothing is kept."""
    from plan.batch import check_many  # noqa: PLC0415 - help must be quick
    from plan.cli import show  # noqa: PLC0415
    from plan.cli.batch import show_compliance  # noqa: PLC0415
    from plan.reports import exit_code  # noqa: PLC0415
    from plan.rules import load_pack  # noqa: PLC0415

    form = asked.form or CheckShape.text.value
    if asked.dask is not None:
        raise UsageError(Message("batch.dask_needs_folder"))
    if asked.summary and form not in (CheckShape.text, CheckShape.json):
        raise UsageError(Message("compliance.needs_folder"))
    rules = load_pack(request.pack, on=request.on)
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
            dem=request.dem,
            progress=advance,
        )
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
        drawn = hearing_map(site, judged, lang=lang, title=title, **kept)
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
    profile: ProfileOption = "adult",
    dem: DemOption = None,
    at: AtOption = None,
    near_gate_m: NearGateOption = None,
    propose: Annotated[list[Also] | None, typer.Option("--propose", help=t("help_propose"))] = None,
    households_from: HouseholdsOption = None,
    crs: CrsOption = None,
    title: TitleOption = None,
    shape: FormatOption = Shape.text,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Do the main job; the exit code is that of the proposal."""
    from plan.cli import show  # noqa: PLC0415 - help must be quick
    from plan.hearing import FILES, Request, make_hearing  # noqa: PLC0415
    from plan.reports import exit_code  # noqa: PLC0415
    from plan.rules import load_pack  # noqa: PLC0415

    talk = Talk(lang)
    spare([output / name for name in FILES], [source])
    site = read(source, talk, crs=crs, households_from=households_from)
    package = make_hearing(
        site,
        load_pack(pack, on=on),
        out=output,
        request=Request(near_gate_m=near_gate_m, also=tuple(one.value for one in propose or ())),
        stage=stage,
        profile=profile,
        dem=dem,
        at=at,
        lang=lang,
        title=title,
        progress=talk.say,
    )
    if shape is Shape.json:
        show.results(package.results, "json", None, talk)
    else:
        show.tables(package.tables, talk)
    for note in package.notes:
        talk.say(note, style="yellow")
    for file in package.files:
        talk.say(Message("cli.written", path=str(file)), style="bold")
    return exit_code(package.results[-1:])
