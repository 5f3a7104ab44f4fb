"""Who has agreed to each elevator, what it costs whom, and which stairwells come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from plan.elevators.ballots import Consent, Scope, consents, stairwell_names
from plan.elevators.consent import Majority, Verdict
from plan.elevators.money import yuan
from plan.elevators.phases import Bundle, Phases, phases
from plan.elevators.priority import Priorities, priorities
from plan.elevators.shares import CostShares, Payers, cost_shares
from plan.elevators.tallies import consent_frame, consent_table
from plan.messages import Message
from plan.rules import kinds
from plan.tables import Table

if TYPE_CHECKING:
    from plan.elevators.coefficients import Coefficients
    from plan.rules import Rule, RulePack
    from plan.site import Placement, Site

__all__ = ["Owners", "Paying", "owners_of"]

_NEEDED = ("household_id", "building_id", "stairwell_id", "area_m2", "owner_id", "vote")
_MOST = 20  # stairwells that a table lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """What an elevator costs and who pays; all of it given by the user.

    Parameters
    ----------
    total_cny : float
        An elevator with its shaft and its bridges, without clearing the ground.
    coefficients : Coefficients
        By floor.
    subsidy_cny : float
        What others pay.
    payers : {"above_ground", "all", "agreeing"}
        Who pays.
    compensation_by_floor_cny : mapping of int to float
        What each household of a floor receives.
    budgets_cny : tuple of float
        Of the years of a programme, which pays the whole of each elevator; empty: no programme.
    bundle : {"building", "estate", "stairwell"}
        What a programme builds together.
    """

    total_cny: float
    coefficients: Coefficients
    subsidy_cny: float = 0.0
    payers: Payers = "above_ground"
    compensation_by_floor_cny: Mapping[int, float] | None = None
    budgets_cny: tuple[float, ...] = ()
    bundle: Bundle = "building"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Owners:
    """Votes, shares and ranks of an estate's stairwells; what was not asked for or is not known is None."""

    rule: Rule | None  # that says which majority is enough
    consents: Mapping[str, Consent]
    names: Mapping[tuple[str, str], str]  # of stairwells, by building and stairwell_id
    shares: CostShares | None
    ranks: Priorities | None
    programme: Phases | None
    notes: tuple[Message, ...]

    def consent_of(self, building_id: str | None, stairwell_id: str) -> str | None:
        """Say whether the owners of a stairwell have agreed: the result, which is made public, and no count."""
        name = self.names.get((str(building_id), stairwell_id))
        found = None if name is None else self.consents.get(name)
        if found is None:
            return None
        if not found.begun:
            return Message("retrofit.consent_not_begun")
        return Message(f"retrofit.consent_{found.verdict}")

    def pays(self, building_id: str | None, stairwell_id: str) -> str | None:
        """Say what the flats of a stairwell pay, from the least to the most that pays at all."""
        name = self.names.get((str(building_id), stairwell_id))
        if self.shares is None or name is None:
            return None
        if name in self.shares.rejected:
            return self.shares.rejected[name]
        one = self.shares.stairwells.get(name)
        if one is None:
            return None
        if self.shares.payers == "agreeing":
            return Message("retrofit.pays_private")
        paid = sorted(flat.to_pay_fen for flat in one.flats if flat.to_pay_fen)
        if not paid:
            return Message("retrofit.pays_none")
        return Message("retrofit.pays", least=yuan(paid[0]), most=yuan(paid[-1]), flats=len(paid))

    def shared(self, building_id: str | None, stairwell_id: str) -> tuple[Message, ...]:
        """Say what is shared out in a stairwell and by which coefficients; nothing where no cost is given."""
        name = self.names.get((str(building_id), stairwell_id))
        one = None if self.shares is None or name is None else self.shares.stairwells.get(name)
        return () if one is None else one.notes

    def tables(self) -> tuple[Table, ...]:
        """Return what people read: counts of votes, ranks, years."""
        found = [consent_table(self.consents)] if self.consents else []
        if self.programme is not None:
            found += [_years_table(self.programme), _ranks_table(self.programme.stairwells)]
        elif self.ranks is not None:
            found.append(_ranks_table(self.ranks.stairwells))
        return tuple(found)

    def layers(self) -> dict[str, pd.DataFrame]:
        """Return the shares of every flat, and the ranks, as tables."""
        found: dict[str, pd.DataFrame] = {}
        if self.shares is not None:
            found["elevators_shares"] = self.shares.frame()
        ranked = self.ranks.stairwells if self.programme is None and self.ranks is not None else None
        if self.programme is not None:
            ranked = self.programme.stairwells
        if ranked is not None:
            found["elevators_ranks"] = ranked
        return found

    def for_organisers(self) -> pd.DataFrame:
        """Return what is missing ballot by ballot and whom to ask: for those who hold the vote, not for the public."""
        return consent_frame(self.consents)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: counts and sums, no vote and no name."""
        verdicts = [one.verdict for one in self.consents.values() if one.begun]
        document: dict[str, Any] = {
            "consent": None
            if not self.consents
            else {
                "rule": None if self.rule is None else self.rule.id,
                "ballots": len(self.consents),
                "begun": len(verdicts),
                **{str(verdict): verdicts.count(verdict) for verdict in Verdict},
            },
            "shares": None
            if self.shares is None
            else {
                "stairwells": len(self.shares.stairwells),
                "rejected": len(self.shares.rejected),
                "amount_cny": sum(one.amount_fen for one in self.shares.stairwells.values()) / 100,
            },
        }
        if self.programme is not None:
            document["programme"] = {
                "years": self.programme.years.to_dict("records"),
                "proven": self.programme.proven,
            }
        return document


def owners_of(
    site: Site,
    pack: RulePack,
    placed: Placement,
    *,
    scope: Scope = "stairwell",
    paying: Paying | None = None,
) -> Owners:
    """Count votes, share out costs and rank the stairwells of an estate.

    Parameters
    ----------
    site : Site
        With ``households``.
    pack : RulePack
        Where the majority comes from: its own rule of kind ``consent`` on elevators, else one that it extends.
    placed : Placement
        The elevators, with ``flights_left``.
    scope : {"stairwell", "building", "estate"}
        Who decides together.
    paying : Paying, optional
        What it costs and who pays; without it nothing is shared out and no cost is ranked.

    Returns
    -------
    Owners
        With a note for each part that the data do not tell.
    """
    rule = _majority_rule(pack)
    nothing = Owners(
        rule=rule, consents={}, names={}, shares=None, ranks=None, programme=None,
        notes=(Message("retrofit.no_households"),),
    )  # fmt: skip
    if not site.has("households"):
        return nothing
    homes = pd.DataFrame(site.layer("households").drop(columns="geometry", errors="ignore"))
    missing = [column for column in ("building_id", "stairwell_id") if column not in homes]
    if missing:
        return nothing
    notes: list[Message] = []
    names = {
        (str(b), str(s)): str(name)
        for b, s, name in zip(
            homes["building_id"], homes["stairwell_id"], stairwell_names(homes), strict=True
        )
        if not pd.isna(s)
    }
    counted: dict[str, Consent] = {}
    lacking = [column for column in _NEEDED if column not in homes]
    if rule is None or not isinstance(rule.kind, kinds.Consent):
        notes.append(Message("retrofit.no_majority", pack=pack.id))
    elif lacking:
        notes.append(Message("retrofit.no_votes", columns=tuple(lacking)))
    else:
        counted = consents(homes, majority=Majority.of(rule.kind), scope=scope, ask=True)
    shares = ranks = programme = None
    stairs = (
        [
            names[key]
            for key in zip(
                placed.features["building_id"].astype(str),
                placed.features["stairwell_id"].astype(str),
                strict=True,
            )
            if key in names
        ]
        if len(placed.features)
        else []
    )
    if paying is not None and stairs and "floor" in homes and "area_m2" in homes:
        costs = dict.fromkeys(stairs, paying.total_cny)
        shares = cost_shares(
            homes,
            total_cny=costs,
            subsidy_cny=dict.fromkeys(stairs, paying.subsidy_cny),
            coefficients=paying.coefficients,
            payers=paying.payers,
            compensation_by_floor_cny=paying.compensation_by_floor_cny,
        )
        ranks = priorities(
            homes,
            placed.features[["building_id", "stairwell_id", "flights_left"]],
            cost_cny=costs,
            rejected=_rejected(placed, names),
            consent={name: one.verdict for name, one in counted.items()} if scope == "stairwell" else None,
        )
        if paying.budgets_cny:
            programme = phases(
                ranks,
                budgets_cny=paying.budgets_cny,
                bundle=paying.bundle,
                only_agreed=bool(counted) and scope == "stairwell",
                not_begun={name for name, one in counted.items() if not one.begun},
            )
    return Owners(
        rule=rule,
        consents=counted,
        names=names,
        shares=shares,
        ranks=ranks,
        programme=programme,
        notes=tuple(notes),
    )  # fmt: skip


def _majority_rule(pack: RulePack) -> Rule | None:
    """Return the rule on elevators: the pack's own before one of a pack that it extends."""
    found = [
        r
        for r in pack.rules
        if r.enabled and isinstance(r.kind, kinds.Consent) and r.kind.matter == "elevator"
    ]
    return min(found, key=lambda rule: rule.pack != pack.id, default=None)


def _rejected(placed: Placement, names: Mapping[tuple[str, str], str]) -> dict[str, str]:
    if not len(placed.rejected):
        return {}
    keys = zip(
        placed.rejected["building_id"].astype(str), placed.rejected["stairwell_id"].astype(str), strict=True
    )
    return {
        names[key]: reason
        for key, reason in zip(keys, placed.rejected["reason"], strict=True)
        if key in names
    }


def _ranks_table(stairwells: pd.DataFrame) -> Table:
    ranked = stairwells[stairwells["rank"].notna()]
    years = "year" in ranked
    rows: Sequence[tuple[str | None, ...]] = [
        (
            f"{row['rank']:.0f}",
            row["stairwell"],
            f"{row['helped']:.0f}",
            _count(row["elderly"]),
            _count(row["metres_per_year"]),
            _count(row["cost_per_household_cny"]),
            f"{row['score']:.1f}",
            *((_year(row),) if years else ()),
        )
        for row in ranked.head(_MOST).to_dict("records")
    ]
    heads = (
        "rank",
        "stairwell",
        "helped",
        "elderly",
        "metres",
        "per_household",
        "score",
        *(("year",) if years else ()),
    )
    notes = [Message("retrofit.ranks_how")]
    if len(ranked) > _MOST:
        notes.insert(0, Message("retrofit.ranks_more", count=len(ranked) - _MOST))
    return Table(
        title=Message("retrofit.ranks_title", count=len(ranked)),
        heads=tuple(Message(f"retrofit.head_{head}") for head in heads),
        rows=tuple(rows),
        numeric=(0, 2, 3, 4, 5, 6),
        notes=tuple(notes),
    )


def _years_table(programme: Phases) -> Table:
    return Table(
        title=Message("retrofit.years_title"),
        heads=tuple(Message(f"retrofit.head_{head}") for head in ("year", "budget", "spent", "built")),
        rows=tuple(
            (str(r["year"]), yuan(r["budget_fen"]), yuan(r["spent_fen"]), str(r["stairwells"]))
            for r in programme.years.to_dict("records")
        ),
        numeric=(1, 2, 3),
        notes=(Message("retrofit.years_proven" if programme.proven else "retrofit.years_bound",
                       score=f"{programme.whole_score:.1f}", bound=f"{programme.whole_bound:.1f}"),),
    )  # fmt: skip


def _count(value: Any) -> str | None:  # noqa: ANN401 - a number or NaN
    return None if pd.isna(value) else f"{value:,.0f}"


def _year(row: Mapping[Any, Any]) -> str | None:
    return row["reason"] if pd.isna(row["year"]) else f"{row['year']:.0f}"
