"""From an estate to the dossier of its hearing: judge it as it is, propose, walk, judge it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from plan.checks import check
from plan.crew import Crew, Task
from plan.dossier import Dossier, Imprint
from plan.errors import MissingLayerError, UsageError
from plan.files import sha256
from plan.findings import Clause, Report, SiteResult
from plan.fire_access import FireAccess, FireStudy
from plan.gates import gates_table, gates_why_table
from plan.ledger import Ledger, digest_of
from plan.messages import Message, translate
from plan.network.hours import minute_of
from plan.proposing import PROPOSERS, Request, drawn, proposed_for, title_of
from plan.reach import Reach, reach_site, walking_network
from plan.rules import RulePack, Waivers
from plan.rules.kinds import FireLaneReach, FireLaneUnbroken
from plan.service_rooms import room_tables
from plan.site import Placement, Site
from plan.steps import Steps
from plan.summaries import (
    change_table,
    completeness_table,
    missing_table,
    reach_details,
    reach_table,
    speed_table,
)
from plan.tables import Table
from plan.tool import tool_digest

if TYPE_CHECKING:
    from plan.network import WalkNetwork

__all__ = ["SECONDS", "Question", "Study", "results_of", "study"]

# Minutes of walking for which the life circle is drawn (GB 50180-2018, 2.0.3-2.0.5).
_MINUTES: Final = (5.0, 10.0, 15.0)
# What the steps beside the proposals usually take.
SECONDS: Final = {"checking": 4.0, "walking": 2.0, "checking_again": 6.0}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """What a hearing is about, and what is asked of it: everything that its figures depend on."""

    site: Site
    pack: RulePack
    request: Request
    stage: str | None = None  # of the procedure, one of ``plan.rules.STAGES``
    waivers: Waivers | None = None  # signed records by which rules that are not met do not decide
    at: str | None = None  # time of day, ``HH:MM``, for which walk times are computed

    def __post_init__(self) -> None:
        if self.at is not None:
            minute_of(
                self.at
            )  # what is no time of day is the user's mistake, not something that the site lacks

    @property
    def wanted(self) -> tuple[str, ...]:
        """What is proposed."""
        return proposed_for(self.site, self.request.also)

    def options(self) -> dict[str, str]:
        """Return what was asked for, as plain texts."""
        asked = self.request
        return {
            "stage": self.stage or "",
            "on": self.pack.on or "",
            "waivers_sha256": "" if self.waivers is None else self.waivers.file.sha256,
            "at": self.at or "",
            "profile": asked.profile,
            "near_gate_m": "" if asked.near_gate_m is None else f"{asked.near_gate_m:g}",
            # A raster that is not there is told where it is read.
            "dem_sha256": "" if asked.dem is None or not Path(asked.dem).is_file() else sha256(asked.dem),
            "paying": "" if asked.paying is None else repr(asked.paying),
            "propose": " ".join(self.wanted),
        }

    def key(self) -> str:
        """Return the digest of the site, the rules, the options and this tool."""
        rules = digest_of(self.pack.ref, self.pack.rules, self.waivers)
        return digest_of(self.site.fingerprint, rules, tuple(self.options().items()), tool_digest())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """The dossier, and what could not be done for it, and why."""

    dossier: Dossier
    notes: tuple[Message, ...]


def study(
    question: Question, *, lang: str, imprint: Imprint, crew: Crew, ledger: Ledger, steps: Steps
) -> Study:
    """Judge, propose, walk and judge again.

    Parameters
    ----------
    question : Question
        The site, the rules, and what is asked.
    lang : {"zh", "en"}
        Language of the files that are written from the dossier.
    imprint : Imprint
        What is printed about its maps.
    crew : Crew
        Who helps; what is found is the same with help or without.
    ledger : Ledger
        Where proposals are kept, and looked for.
    steps : Steps
        With ``SECONDS`` and the names of the proposals.

    Returns
    -------
    Study
        The dossier.
    """
    site, pack, request = question.site, question.pack, question.request
    notes: list[Message] = []
    steps.begin("checking", Message("hearing.checking"))
    network = _try(partial(walking_network, site, pack, dem=request.dem), notes)
    placing = _Placing(question, network, crew=crew, ledger=ledger, steps=steps, notes=notes)
    placing.give_away()
    before = check(
        site, pack, stage=question.stage, dem=request.dem, network=network, waivers=question.waivers
    )
    steps.end("checking")
    proposals = placing.all()
    proposed = site
    for name, placed in proposals.items():
        proposed = drawn(proposed, name, placed)
    steps.begin("walking", Message("hearing.walking"))
    gated = "gates" in proposals
    walked = (
        network
        if question.at is None and not gated
        else _try(partial(walking_network, proposed, pack, dem=request.dem, at=question.at), notes)
    )
    reach = _try(
        lambda: reach_site(proposed, pack, minutes=_MINUTES, profile=request.profile, network=walked), notes
    )
    steps.end("walking")
    steps.begin("checking_again", Message("hearing.checking_again"))
    # Only gates change where people can walk; a time of day is for the life circle, not for the rules.
    fire_study = FireStudy(site=proposed)
    after = check(
        proposed,
        pack,
        stage=question.stage,
        dem=request.dem,
        network=None if gated else network,
        fire=fire_study,
        waivers=question.waivers,
    )
    fire, fire_clauses = _fire(fire_study, pack)
    steps.end("checking_again")
    dossier = Dossier(
        site=site,
        proposed=proposed,
        pack=pack,
        before=before,
        after=after,
        results=results_of(site, pack, before, after, lang),
        proposals=proposals,
        reach=reach,
        fire=fire,
        tables=_tables(before, after, proposals, reach),
        details=() if reach is None else reach_details(reach),
        clauses={**fire_clauses, **_clauses(proposals)},
        imprint=imprint,
        lang=lang,
    )
    return Study(dossier=dossier, notes=tuple(notes))


class _Placing:
    """The proposals of one question: kept ones taken, long ones given away, the others made here."""

    def __init__(
        self,
        question: Question,
        network: WalkNetwork | None,
        *,
        crew: Crew,
        ledger: Ledger,
        steps: Steps,
        notes: list[Message],
    ) -> None:
        self._question = question
        self._network = network
        self._crew = crew
        self._ledger = ledger
        self._steps = steps
        self._notes = notes
        self._key = question.key() if ledger.keeps else ""
        self._given: dict[str, Task[Placement]] = {}
        self._found: dict[str, Placement | None] = {}

    def give_away(self) -> None:
        """Let the crew begin what takes long, where it sees nothing that takes long."""
        for name in self._question.wanted:
            one = PROPOSERS[name]
            if not (one.long and self._crew.helps) or self._kept(name):
                continue
            base = self._base(one.sees)
            self._steps.begin(name, Message("hearing.placing_beside", layer=title_of(name)))
            asked = self._question
            self._given[name] = self._crew.start(one.propose, base, asked.pack, None, asked.request)

    def all(self) -> dict[str, Placement]:
        """Return the proposals in the order in which they are drawn."""
        wanted = self._question.wanted
        for name in sorted(wanted, key=lambda name: (name in self._given, wanted.index(name))):
            if not set(PROPOSERS[name].sees) & set(self._given):
                self._place(name)
        for name in wanted:
            self._place(name)
        return {name: placed for name in wanted if (placed := self._found[name]) is not None}

    def _place(self, name: str) -> Placement | None:
        if name in self._found or self._kept(name):
            return self._found[name]
        one, asked = PROPOSERS[name], self._question
        task = self._given.get(name)
        if task is None:
            base = self._base(one.sees)
            self._steps.begin(name, Message("hearing.placing", layer=title_of(name)))
            task = Task(one.propose, (base, asked.pack, self._network, asked.request), None)
        else:
            self._steps.begin(name, Message("hearing.waiting", layer=title_of(name)))
        placed = self._found[name] = _try(task.result, self._notes)
        if placed is not None:
            self._ledger.put(name, self._key, placed)
        self._steps.end(name)
        return placed

    def _kept(self, name: str) -> bool:
        placed = self._ledger.get(name, self._key)
        if placed is None:
            return False
        self._steps.begin(name, Message("hearing.kept", layer=title_of(name)))
        self._steps.end(name)
        self._found[name] = placed
        return True

    def _base(self, sees: tuple[str, ...]) -> Site:
        """Return the site with the proposals that another is drawn onto."""
        site = self._question.site
        for name in sees:
            placed = self._place(name) if name in self._question.wanted else None
            if placed is not None:
                site = drawn(site, name, placed)
        return site


def results_of(
    site: Site, pack: RulePack, before: Report, after: Report, lang: str
) -> tuple[SiteResult, ...]:
    """Return the reports before and after as one document names them."""
    return tuple(
        SiteResult(
            name=translate(Message(f"hearing.{when}", site=site.title), lang),
            report=report,
            pack=pack.ref,
            on=pack.on or "",
        )
        for when, report in (("before", before), ("after", after))
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
    return tuple(table for table in found if table.rows)  # nothing is headed that has nothing in it
