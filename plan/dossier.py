"""What a hearing is about, gathered once: every file of the package is written from it, so no two can differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plan.findings import Clause, Report, SiteResult
from plan.fire_access import FireAccess
from plan.reach import Reach
from plan.rules import RulePack
from plan.site import Placement, Site
from plan.tables import Table

__all__ = ["Dossier", "Imprint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """What is printed about a map itself: title, 审图号, who made it, from what, of which day."""

    title: str | None = None  # by default the name of the estate, else of the site
    review_number: str | None = (
        None  # 审图号; without one every map says that it was not submitted for review
    )
    made_by: str | None = None
    source: str | None = None  # by default the names of the input files
    dated: str | None = None  # the day that the user gives; never today's
    contact: str | None = None  # where remarks of residents go; by default who made it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dossier:
    """The estate before and after, its verdicts, its proposals and its tables."""

    site: Site  # as it is
    proposed: Site  # with the proposals
    pack: RulePack
    before: Report
    after: Report
    results: tuple[SiteResult, ...]  # before and after, as the reports name them
    proposals: Mapping[str, Placement]
    reach: Reach | None
    fire: FireAccess | None
    tables: tuple[Table, ...]  # what changed, the life circle, what is placed and what is not
    details: tuple[Table, ...]  # more about walking, for those who ask
    clauses: Mapping[str, list[Clause]] = field(default_factory=dict)  # behind what is proposed, by layer
    imprint: Imprint = field(default_factory=Imprint)
    lang: str = "zh"
