"""The main job: judge an estate as it is, propose, judge again, and write the hearing package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import geopandas as gpd

from plan.access.gates import place_gates, with_placed_gates
from plan.checks import check
from plan.dossier import Dossier, Imprint
from plan.errors import MissingLayerError, UsageError
from plan.files import sha256, write_text
from plan.findings import Clause, InputFile, Report, SiteResult
from plan.fire_access import FireAccess, FireStudy
from plan.gates import gates_table, gates_why_table
from plan.maps import HearingMap, hearing_map
from plan.messages import Bilingual, Message, translate
from plan.network.hours import minute_of
from plan.parking.scenarios import with_placed_stalls
from plan.reach import Reach, reach_site, walking_network
from plan.reports import to_html, write
from plan.retrofit import retrofit_estate, with_placed_elevators
from plan.rooms import place_rooms
from plan.rules import RulePack, Waivers
from plan.rules.kinds import FireLaneReach, FireLaneUnbroken
from plan.schema import LAYERS
from plan.service_rooms import room_tables
from plan.site import Placement, Site
from plan.stalls import park_estate
from plan.summaries import (
    change_table,
    completeness_table,
    missing_table,
    reach_details,
    reach_table,
    speed_table,
)
from plan.tables import Table

if TYPE_CHECKING:
    from plan.network import WalkNetwork

__all__ = ["FILES", "PROPOSERS", "HearingPackage", "Proposer", "Request", "make_hearing"]

# What a hearing package holds, in the order in which it is written.
FILES: Final = ("index.html", "report.html", "report.json", "result.gpkg")
# Minutes of walking for which the life circle is drawn (GB 50180-2018, 2.0.3-2.0.5).
_MINUTES: Final = (5.0, 10.0, 15.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user wants of the proposals."""

    near_gate_m: float | None = None  # metres of walking that count as near a main gate
    also: tuple[
        str, ...
    ] = ()  # of PROPOSERS what is proposed only when it is asked for: "gates", "stalls", "elevators"
    profile: str = "adult"  # who walks
    dem: Path | str | None = None  # a raster of heights under the walkways


T = TypeVar("T")
Proposer = Callable[[Site, RulePack, "WalkNetwork | None", Request], Placement]


def _rooms(site: Site, pack: RulePack, network: WalkNetwork | None, request: Request) -> Placement:
    return place_rooms(site, pack=pack, network=network, near_gate_m=request.near_gate_m)


def _gates(site: Site, pack: RulePack, network: WalkNetwork | None, request: Request) -> Placement:
    del network  # each gate makes another
    build = partial(walking_network, pack=pack, dem=request.dem)
    return place_gates(site, pack=pack, profile=request.profile, build=build)


def _stalls(site: Site, pack: RulePack, network: WalkNetwork | None, request: Request) -> Placement:
    del request
    return park_estate(site, pack, network=network, compare=False).placement()


def _elevators(site: Site, pack: RulePack, network: WalkNetwork | None, request: Request) -> Placement:
    del network, request
    return retrofit_estate(site, pack).placement()


# What the tool proposes, in the order in which it is placed: each sees what came before it.
# A new kind of proposal is one more line here; nothing below knows which there are.
PROPOSERS: Final[Mapping[str, Proposer]] = {
    "rooms": _rooms,
    "gates": _gates,
    "stalls": _stalls,
    "elevators": _elevators,
}
# Of these, what takes too long to be proposed unasked: hundreds of openings are walked through, and every stall is
# driven into; and what an old estate alone is asked about.
_ASKED_FOR: Final = ("gates", "stalls", "elevators")
# How a proposal is drawn into a site, where it is more than one layer.
_DRAWN: Final[Mapping[str, Callable[[Site, Placement], Site]]] = {
    "gates": with_placed_gates,
    "stalls": with_placed_stalls,
    "elevators": with_placed_elevators,
}
# How a proposal is called, where it is no layer.
_TITLES: Final = {"gates": Bilingual("围墙开门", "gates in walls")}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HearingPackage:
    """What was found and written for a hearing."""

    folder: Path
    files: tuple[Path, ...]
    before: Report
    after: Report
    site: Site  # with the proposals
    proposals: Mapping[str, Placement]
    reach: Reach | None
    results: tuple[SiteResult, ...]  # before and after, as the reports name them
    tables: tuple[Table, ...]  # what changed, the life circle, what is placed and what is not
    notes: tuple[Message, ...]  # what could not be done, and why


def make_hearing(
    site: Site,
    pack: RulePack,
    *,
    out: Path | str,
    request: Request | None = None,
    stage: str | None = None,
    waivers: Waivers | None = None,
    profile: str = "adult",
    dem: Path | str | None = None,
    at: str | None = None,
    lang: str = "zh",
    imprint: Imprint | None = None,
    progress: Callable[[Message], None] | None = None,
) -> HearingPackage:
    """Judge, propose, judge again, and write the hearing package.

    Parameters
    ----------
    site : Site
        The estate as it is.
    pack : RulePack
        The rules that it is judged by.
    out : path-like
        The folder to write to: ``index.html`` (map), ``report.html``, ``report.json``, ``result.gpkg``.
    request : Request, optional
        What is wanted of the proposals.
    stage : str, optional
        The stage of the procedure, one of ``plan.rules.STAGES``.
    waivers : Waivers, optional
        Signed records by which rules that are not met do not decide; see ``plan.rules.load_waivers``.
    profile : str, default "adult"
        Who walks.
    dem : path-like, optional
        A raster of heights under the walkways.
    at : str, optional
        Time of day, ``HH:MM``, for which walk times are computed: gates that are not open then are shut. Placing and
        judging take every gate that opens at all.
    lang : {"zh", "en"}, default "zh"
        Language of the files.
    imprint : Imprint, optional
        What is printed about the map itself: heading, 审图号, who made it, from what, of which day.
    progress : callable, optional
        Called with a message before each step.

    Returns
    -------
    HearingPackage
        What was found; ``files`` in the order above.

    Raises
    ------
    InputError
        If the site has nothing to judge or to draw.
    OutputError
        If a file cannot be written; files already written are whole.
    """
    if at is not None:
        minute_of(at)  # what is no time of day is the user's mistake, not something that the site lacks
    say = progress or (lambda _: None)
    folder = Path(out)
    notes: list[Message] = []
    say(Message("hearing.checking"))
    network = _try(partial(walking_network, site, pack, dem=dem), notes)
    before = check(site, pack, stage=stage, dem=dem, network=network, waivers=waivers)
    proposals: dict[str, Placement] = {}
    proposed = site
    wanted = replace(request or Request(), profile=profile, dem=dem)
    for layer, propose in PROPOSERS.items():
        if layer in _ASKED_FOR and layer not in wanted.also:
            continue
        title_of = _TITLES.get(layer) or Bilingual(LAYERS[layer].zh, layer)
        say(Message("hearing.placing", layer=title_of))
        placed = _try(partial(propose, proposed, pack, network, wanted), notes)
        if placed is not None:
            proposals[layer] = placed
            draw = _DRAWN.get(layer)
            features = placed.features
            proposed = draw(proposed, placed) if draw else proposed.with_layer(layer, features)
    say(Message("hearing.walking"))
    same = at is None and "gates" not in proposals
    walked = network if same else _try(partial(walking_network, proposed, pack, dem=dem, at=at), notes)
    reach = _try(lambda: reach_site(proposed, pack, minutes=_MINUTES, profile=profile, network=walked), notes)
    say(Message("hearing.checking_again"))
    # Only gates change where people can walk; a time of day is for the life circle, not for the rules.
    unchanged = network if "gates" not in proposals else None
    study = FireStudy(site=proposed)
    after = check(proposed, pack, stage=stage, dem=dem, network=unchanged, fire=study, waivers=waivers)
    fire, fire_clauses = _fire(study, pack)
    say(Message("hearing.writing", folder=str(folder)))
    tables = _tables(before, after, proposals, reach)
    dossier = Dossier(
        site=site,
        proposed=proposed,
        pack=pack,
        before=before,
        after=after,
        results=_results(site, pack, before, after, lang),
        proposals=proposals,
        reach=reach,
        fire=fire,
        tables=tables,
        details=() if reach is None else reach_details(reach),
        clauses={**fire_clauses, **_clauses(proposals)},
        imprint=imprint or Imprint(),
        lang=lang,
    )
    files = tuple(folder / name for name in FILES)
    drawn = _map(dossier)
    notes += (
        [Message("hearing.missing_characters", characters=drawn.missing_characters)]
        if drawn.missing_characters
        else []
    )
    proposed.to_gpkg(files[3], extra=_extra(proposals, reach, fire, lang))
    # The proposal's report is about the file that holds it, too: a map of that file takes these verdicts.
    after = replace(after, inputs=(*after.inputs, InputFile(path=FILES[3], sha256=sha256(files[3]))))
    dossier = replace(dossier, after=after, results=_results(site, pack, before, after, lang))
    write_text(files[0], drawn.to_html())
    write_text(files[1], to_html(dossier.results, lang=lang, tables=(*tables, *dossier.details)))
    write(dossier.results, files[2], lang=lang)
    return HearingPackage(
        folder=folder,
        files=files,
        before=before,
        after=after,
        site=proposed,
        proposals=proposals,
        reach=reach,
        results=dossier.results,
        tables=tables,
        notes=tuple(notes),
    )


def _results(site: Site, pack: RulePack, before: Report, after: Report, lang: str) -> tuple[SiteResult, ...]:
    return tuple(
        SiteResult(
            name=translate(Message(f"hearing.{when}", site=site.title), lang),
            report=report,
            pack=pack.ref,
            on=pack.on or "",
        )
        for when, report in (("before", before), ("after", after))
    )


def _map(dossier: Dossier) -> HearingMap:
    reach = dossier.reach
    return hearing_map(
        dossier.proposed,
        dossier.after,
        reach=None if reach is None else reach.times(),
        isochrones=None if reach is None else reach.isochrones,
        blind_spots=None if reach is None else reach.blind_spots,
        best_sites=None if reach is None else reach.missing,
        blind_spot=None if reach is None else reach.blind_spot(),
        placement=dossier.proposals,
        fire_access=dossier.fire,
        before=dossier.site,
        clauses=dossier.clauses,
        lang=dossier.lang,
        title=dossier.imprint.title,
        review_number=dossier.imprint.review_number,
        made_by=dossier.imprint.made_by,
        source=dossier.imprint.source,
        dated=dossier.imprint.dated,
    )


def _fire(study: FireStudy, pack: RulePack) -> tuple[FireAccess | None, dict[str, list[Clause]]]:
    """Find what a fire engine reaches, and by which clauses, where the pack says how wide its lane is."""
    rules = [r for r in pack.judged() if isinstance(r.kind, (FireLaneUnbroken, FireLaneReach))]
    kinds = [r.kind for r in rules]
    if not rules or not study.site.has("fire_lanes") or not study.site.has("buildings"):
        return None, {}
    widths = [k.minimum_m for k in kinds if isinstance(k, FireLaneUnbroken)]
    widths += [k.width_m for k in kinds if isinstance(k, FireLaneReach)]
    clauses = [r.clause for r in rules]
    return study.access(width_m=max(widths)), {"fire_access": clauses, "pinches": clauses}


def _clauses(proposals: Mapping[str, Placement]) -> dict[str, list[Clause]]:
    """Return the clauses by which things are proposed, by layer."""
    return {
        layer: list(placed.measures["clauses"])
        for layer, placed in proposals.items()
        if "clauses" in placed.measures
    }


def _try(step: Callable[[], T], notes: list[Message]) -> T | None:
    """Do a step; where the data for it is missing, note that and go on with the others."""
    try:
        return step()
    except (MissingLayerError, UsageError) as error:
        note = Message("hearing.left_out", why=error.message)
        if note not in notes:
            notes.append(note)
        return None


def _tables(
    before: Report, after: Report, proposals: Mapping[str, Placement], reach: Reach | None
) -> tuple[Table, ...]:
    found = [change_table(before, after)]
    if reach is not None:
        found += [reach_table(reach), *([] if reach.other_speed is None else [speed_table(reach)])]
        found += [completeness_table(reach), missing_table(reach)]
    if "rooms" in proposals:
        found += room_tables(proposals["rooms"])
    if "gates" in proposals:
        found += [gates_table(proposals["gates"]), gates_why_table(proposals["gates"])]
    for layer in ("stalls", "elevators"):
        if layer in proposals:
            found += proposals[layer].measures["tables"]
    return tuple(found)


def _extra(
    proposals: Mapping[str, Placement], reach: Reach | None, fire: FireAccess | None, lang: str
) -> dict[str, gpd.GeoDataFrame]:
    found: dict[str, gpd.GeoDataFrame] = {} if fire is None else fire.layers()
    for layer, placed in proposals.items():
        rejected = placed.rejected.copy()
        rejected["reason"] = [translate(why, lang) for why in rejected["reason"]]
        found[f"{layer}_rejected"] = rejected
        if "removed" in placed.measures and len(placed.measures["removed"]):
            found[f"{layer}_removed"] = placed.measures["removed"]
        if "before_after" in placed.measures:
            found[f"{layer}_before_after"] = placed.measures["before_after"]
        if "layers" in placed.measures:
            found |= placed.measures["layers"](lang)
    return found if reach is None else {**found, **reach.layers()}
