"""How far a city is (达标率): which communities have rooms, and enough of them; which estates have handed theirs over."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from plan.checks import Facts
from plan.checks.census import (
    COMMUNITY_COLUMNS,
    ESTATE_COLUMNS,
    census_of_communities,
    census_of_estates,
)
from plan.findings import SiteResult, Status
from plan.households import estimate_households
from plan.messages import Message
from plan.readers.manner import Manner
from plan.rules import Rule, RulePack
from plan.rules.kinds import CommunityShare, RoomHandover
from plan.tables import Table

__all__ = ["Compliance", "compliance", "survey"]

_YEAR: Final = 4  # characters of a year at the beginning of a date
_VERDICTS: Final = ("handed_over", "not_handed_over", "unknown", "no_rooms")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compliance:
    """How far the communities and estates of a city are.

    Parameters
    ----------
    communities : DataFrame
        A row for each community of each site; see :func:`plan.checks.census.census_of_communities`.
    estates : DataFrame
        A row for each estate; see :func:`plan.checks.census.census_of_estates`.
    shares : DataFrame
        ``part`` (all, site, built, handed_over_on), ``value``, ``communities``, ``with_rooms``, ``rooms_unknown``, ``enough``,
        ``not_enough``, ``enough_unknown``, and ``share_rooms``, ``share_enough`` (of those judged) from what is sure, 0..1.
    years : DataFrame
        ``year`` of building (None: unknown), ``estates``, ``with_rooms``, and the number of each verdict.
    failed : tuple of str
        Sites that could not be checked; nothing of them is counted.
    target : float or None
        Share of communities that the pack asks for, 0..1.
    target_rule, handover_rule : Rule or None
        Where the target and the window of dates come from.
    """

    communities: pd.DataFrame
    estates: pd.DataFrame
    shares: pd.DataFrame
    years: pd.DataFrame
    failed: tuple[str, ...]
    target: float | None
    target_rule: Rule | None
    handover_rule: Rule | None

    @property
    def status(self) -> Status:
        """Whether so many communities have enough as the pack asks for, every unknown taken both ways."""
        whole = self.shares.iloc[0]
        if self.target is None or not whole["communities"]:
            return Status.NOT_APPLICABLE if self.target is None else Status.UNDETERMINED
        needed = self.target * whole["communities"] - 1e-9
        if whole["enough"] >= needed and not self.failed:
            return Status.MET
        possible = whole["communities"] - whole["not_enough"]
        return Status.NOT_MET if possible < needed and not self.failed else Status.UNDETERMINED

    def tables(self) -> dict[str, Table]:
        """Return what people read, by the name of the sheet of a workbook."""
        return {
            Message("compliance.sheet_shares"): _shares_table(self),
            Message("compliance.sheet_communities"): _communities_table(self.communities),
            Message("compliance.sheet_years"): _years_table(self.years),
            Message("compliance.sheet_handover"): _handover_table(self),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        rule = self.handover_rule
        return {
            "schema": "plan.compliance/1",
            "status": self.status.value,
            "target": self.target,
            "target_rule": None if self.target_rule is None else self.target_rule.id,
            "handover_rule": None if rule is None else rule.id,
            "failed": list(self.failed),
            **{
                name: _records(frame)
                for name, frame in (
                    ("shares", self.shares),
                    ("communities", self.communities),
                    ("years", self.years),
                    ("estates", self.estates),
                )
            },
        }


def survey(
    sources: Iterable[tuple[str | Path, SiteResult]],
    pack: RulePack,
    *,
    households_from: str | None = None,
    manner: Manner | None = None,
) -> Compliance:
    """Read the sites of a batch again, and count what each has.

    Parameters
    ----------
    sources : iterable of (path-like, SiteResult)
        Every file with what :func:`plan.batch.check_many` found on it.
    pack : RulePack
        The rules by which it was checked.
    households_from : str, optional
        As it was given to the check.
    manner : Manner, optional
        How the sites were read.

    Returns
    -------
    Compliance
        Sites without a report are named and not counted.
    """
    communities, estates, failed = [], [], []
    kind = _handover_rule(pack)
    for source, result in sources:
        if result.report is None:
            failed.append(result.name)
            continue
        site = (manner or Manner()).read(source, name=result.name)
        if households_from is not None and not site.has("households"):
            site = estimate_households(site, method=households_from)
        facts = Facts(site=site, pack=pack)
        communities.append(census_of_communities(facts, result.report))
        window = kind.kind if kind is not None and isinstance(kind.kind, RoomHandover) else None
        estates.append(census_of_estates(facts, window))
    return compliance(communities, estates, pack, failed=failed)


def compliance(
    communities: Sequence[pd.DataFrame],
    estates: Sequence[pd.DataFrame],
    pack: RulePack,
    *,
    failed: Iterable[str] = (),
) -> Compliance:
    """Add up what was counted site by site.

    Parameters
    ----------
    communities, estates : sequence of DataFrame
        As the functions of :mod:`plan.checks.census` return them.
    pack : RulePack
        Where the target is read.
    failed : iterable of str
        Sites that are not among them.

    Returns
    -------
    Compliance
        Shares of what is sure; what is not known is counted beside them, never as having or lacking.
    """
    people = _stacked(communities, COMMUNITY_COLUMNS)
    homes = _stacked(estates, ESTATE_COLUMNS)
    targets = [
        (rule.kind.minimum_share, rule)
        for rule in pack.judged()
        if isinstance(rule.kind, CommunityShare) and not rule.kind.category
    ]
    target, target_rule = max(targets, key=lambda pair: pair[0], default=(None, None))
    return Compliance(
        communities=people,
        estates=homes,
        shares=_shares(people),
        years=_years(homes),
        failed=tuple(sorted(failed)),
        target=target,
        target_rule=target_rule,
        handover_rule=_handover_rule(pack),
    )


def _handover_rule(pack: RulePack) -> Rule | None:
    return next((rule for rule in pack.judged() if isinstance(rule.kind, RoomHandover)), None)


# --- adding up -----------------------------------------------------------------------------------


def _stacked(frames: Sequence[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    # Objects as they are: a status stays one, and nothing stays None.
    rows = [row for frame in frames for row in frame.to_dict("records")]
    return pd.DataFrame(rows, columns=list(columns), dtype=object)


def _shares(people: pd.DataFrame) -> pd.DataFrame:
    years = [d[:_YEAR] if isinstance(d, str) else None for d in people["handed_over_on"]]
    sites = list(people["site"])
    parts: list[tuple[str, str | None, list[bool]]] = [("all", None, [True] * len(people))]
    if len(set(sites)) > 1:
        parts += [("site", one, [s == one for s in sites]) for one in sorted(set(sites))]
    for part, dates in (("built", list(people["built"])), ("handed_over_on", years)):
        known = sorted({y for y in dates if y is not None})
        parts += [(part, one, [y == one for y in dates]) for one in known]
        parts += [(part, None, [y is None for y in dates])] if None in dates else []
    rows = []
    for part, value, mask in parts:
        here = people[np.array(mask, dtype=bool)]
        has, enough = here["has_rooms"], here["enough"]
        total = len(here)
        sure = int((enough == Status.MET).sum())
        rows.append(
            {
                "part": part,
                "value": value,
                "communities": total,
                "with_rooms": int((has == "yes").sum()),
                "rooms_unknown": int((has == "unknown").sum()),
                "enough": sure,
                "not_enough": int((enough == Status.NOT_MET).sum()),
                "enough_unknown": int((enough == Status.UNDETERMINED).sum()),
                "share_rooms": (has == "yes").sum() / total if total else math.nan,
                # Where no rule asks for area, nobody has enough and nobody lacks it.
                "share_enough": sure / int(enough.notna().sum()) if enough.notna().any() else math.nan,
            }
        )
    return pd.DataFrame(rows, dtype=object)


def _years(homes: pd.DataFrame) -> pd.DataFrame:
    years = [_last_year(built) for built in homes["built_on"]]
    keys: list[str | None] = [
        *sorted({y for y in years if y is not None}),
        *([None] if None in years else []),
    ]
    rows = []
    for key in keys:
        here = homes[np.array([y == key for y in years], dtype=bool)]
        rows.append(
            {
                "year": key,
                "estates": len(here),
                "with_rooms": int((here["rooms"] > 0).sum()),
                **{verdict: int((here["verdict"] == verdict).sum()) for verdict in _VERDICTS},
            }
        )
    return pd.DataFrame(rows, columns=["year", "estates", "with_rooms", *_VERDICTS], dtype=object)


def _last_year(built: object) -> str | None:
    """Return the year in which an estate was finished: that of its last parcel."""
    return str(built).rpartition("–")[2][:_YEAR] if isinstance(built, str) else None


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    def one(value: object) -> object:
        if isinstance(value, tuple):
            return list(value)
        return None if isinstance(value, float) and math.isnan(value) else value

    return [{str(k): one(v) for k, v in row.items()} for row in frame.to_dict("records")]


# --- tables --------------------------------------------------------------------------------------


def _heads(*names: str) -> tuple[Message, ...]:
    return tuple(Message(f"compliance.head_{name}") for name in names)


def _percent(share: float) -> str | None:
    return None if math.isnan(share) else f"{100 * share:.1f}"


def _shares_table(found: Compliance) -> Table:
    notes: list[str] = []
    if found.target is not None and found.target_rule is not None:
        notes.append(
            Message(
                "compliance.target",
                rule=found.target_rule.id,
                share=f"{100 * found.target:g}",
                status=Message(f"status.{found.status}"),
                quote=found.target_rule.clause.quote,
            )
        )
    notes.append(Message("compliance.unknown_how"))
    notes += [Message("compliance.failed", sites=found.failed)] if found.failed else []
    return Table(
        title=Message("compliance.shares_title", communities=len(found.communities)),
        heads=_heads(
            "part", "communities", "with_rooms", "rooms_unknown", "share_rooms", "enough", "enough_unknown", "share_enough"
        ),
        rows=tuple(
            (
                _part(row["part"], row["value"]),
                str(row["communities"]),
                str(row["with_rooms"]),
                str(row["rooms_unknown"]),
                _percent(row["share_rooms"]),
                str(row["enough"]),
                str(row["enough_unknown"]),
                _percent(row["share_enough"]),
            )
            for row in found.shares.to_dict("records")
        ),
        numeric=(1, 2, 3, 4, 5, 6, 7),
        bars=(4, 7),
        notes=tuple(notes),
    )  # fmt: skip


def _part(part: str, value: str | None) -> str:
    if part == "all":
        return Message("compliance.part_all")
    if part == "site":
        return str(value)
    if part == "built":
        return Message("compliance.part_built", year=value) if value else Message("compliance.part_not_built")
    return Message("compliance.part_year", year=value) if value else Message("compliance.part_no_year")


def _communities_table(people: pd.DataFrame) -> Table:
    return Table(
        title=Message("compliance.communities_title"),
        heads=_heads("site", "community", "households", "rooms", "area", "required", "has_rooms", "enough_status", "handed_on"),
        rows=tuple(
            (
                row["site"],
                " ".join(str(v) for v in (row["community_id"], row["name"]) if isinstance(v, str)) or None,
                None if math.isnan(row["households"]) else f"{row['households']:,.0f}",
                str(row["rooms"]),
                f"{row['area_m2']:,.0f}",
                None if math.isnan(row["required_m2"]) else f"{row['required_m2']:,.0f}",
                Message(f"compliance.has_{row['has_rooms']}"),
                Message("compliance.no_rule") if row["enough"] is None else Message(f"status.{row['enough']}"),
                row["handed_over_on"],
            )
            for row in people.to_dict("records")
        ),
        numeric=(2, 3, 4, 5),
    )  # fmt: skip


def _years_table(years: pd.DataFrame) -> Table:
    return Table(
        title=Message("compliance.years_title"),
        heads=_heads("year", "estates", "estates_with_rooms", *_VERDICTS),
        rows=tuple(
            (
                row["year"] or Message("compliance.part_no_date"),
                *(str(row[k]) for k in ("estates", "with_rooms", *_VERDICTS)),
            )
            for row in years.to_dict("records")
        ),
        numeric=(1, 2, 3, 4, 5, 6),
    )


def _handover_table(found: Compliance) -> Table:
    rule = found.handover_rule
    # Estates of which the date is not known may be among those that the clause names.
    possible = np.array([one is not False for one in found.estates["in_window"]], dtype=bool)
    asked = found.estates[possible]
    due = np.array([one is True for one in asked["in_window"]], dtype=bool)
    counts = asked[due]["verdict"].value_counts()
    title = Message(
        "compliance.handover_title",
        estates=int(due.sum()),
        done=int(counts.get("handed_over", 0)),
        open=int(counts.get("not_handed_over", 0)),
        unclear=int(due.sum() - counts.get("handed_over", 0) - counts.get("not_handed_over", 0)),
    )
    notes: list[str] = [
        Message("compliance.no_handover_rule")
        if rule is None
        else Message("compliance.handover_rule", rule=rule.id, quote=rule.clause.quote)
    ]
    undated = len(due) - int(due.sum())
    notes += [Message("compliance.undated", count=undated)] if undated else []
    return Table(
        title=title,
        heads=_heads("site", "estate", "built_on", "in_window", "rooms", "handed", "not_handed", "unclear", "verdict"),
        rows=tuple(
            (
                row["site"],
                " ".join(str(v) for v in (row["estate_id"], row["name"]) if isinstance(v, str)),
                row["built_on"],
                Message("compliance.in_window") if row["in_window"] else Message("compliance.window_unknown"),
                str(row["rooms"]),
                _ids(row["handed"]),
                _ids(row["not_handed"]),
                _ids(row["unknown"]),
                Message(f"compliance.verdict_{row['verdict']}"),
            )
            for row in asked.to_dict("records")
        ),
        numeric=(4,),
        notes=tuple(notes),
    )  # fmt: skip


def _ids(ids: tuple[str, ...]) -> str | None:
    return Message("service_rooms.listed", items=ids) if ids else None
