"""The sheets of the summary: the whole, rules, districts, estates in the order to deal with them, what is wanted, errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from plan.batch import Tally
from plan.batch.tally import OUTCOMES, SiteTally, Want
from plan.findings import Status, Strength
from plan.messages import Message
from plan.tables import Table

__all__ = ["made_with", "outcome_word", "percent", "tables_of", "verdict"]

_RANK: Final = {"not_met": 0, "error": 1, "undetermined": 2, "met": 3}
_NAMED: Final = 12  # rules written out in a cell


def tables_of(tally: Tally) -> dict[str, Table]:
    """Return the tables of a summary by the name of their sheet."""
    return {
        Message("overview.sheet_whole"): _whole(tally),
        Message("overview.sheet_rules"): _rules(tally),
        Message("overview.sheet_districts"): _districts(tally),
        Message("overview.sheet_estates"): _estates(tally),
        Message("overview.sheet_wanted"): _wanted(tally.open_wants()),
        Message("overview.sheet_errors"): _errors(tally.errors()),
    }


def percent(part: int, whole: int) -> str:
    """Return a share in percent, one decimal; a dash of nothing."""
    return f"{100 * part / whole:.1f}%" if whole else "–"


def outcome_word(outcome: str) -> Message:
    """Return how an outcome is called."""
    return Message(f"status.{outcome}")


def verdict(tally: Tally) -> Message:
    """Return the sentence that stands first."""
    counts = tally.counts
    return Message(
        "overview.verdict",
        count=len(tally.sites),
        met=counts["met"],
        share=percent(counts["met"], len(tally.sites)),
        not_met=counts["not_met"],
        undetermined=counts["undetermined"],
        error=counts["error"],
    )


def _heads(*names: str) -> tuple[Message, ...]:
    return tuple(Message(f"overview.head_{name}") for name in names)


def _whole(tally: Tally) -> Table:
    total = len(tally.sites)
    return Table(
        title=verdict(tally),
        heads=_heads("outcome", "estates", "share"),
        rows=(
            *(
                (outcome_word(name), str(tally.counts[name]), percent(tally.counts[name], total))
                for name in OUTCOMES
            ),
            (Message("overview.all"), str(total), percent(total, total)),
        ),
        numeric=(1, 2),
        notes=(_basis(tally), made_with(tally), Message("overview.how_counted")),
    )


def made_with(tally: Tally) -> Message:
    """Say what computed the results."""
    return Message("overview.software", names=tuple(f"{one.name} {one.version}" for one in tally.software))


def _basis(tally: Tally) -> Message:
    pack = tally.pack
    key = "basis_on" if tally.on else "basis"
    return Message(
        f"overview.{key}",
        pack=pack.title or pack.id,
        id=pack.id,
        version=pack.version,
        sha256=pack.sha256,
        on=tally.on,
    )


def _rules(tally: Tally) -> Table:
    order = list(Strength)
    rules = sorted(
        tally.rules.values(), key=lambda r: (order.index(r.strength), -r.counts[Status.NOT_MET], r.id)
    )
    return Table(
        title=Message("overview.rules_title", count=len(rules)),
        heads=_heads("rule", "title", "strength", "not_met", "met", "undetermined", "not_applicable", "failing", "quote"),
        rows=tuple(
            (
                rule.id,
                rule.title,
                Message(f"summaries.strength_{rule.strength}"),
                str(rule.counts[Status.NOT_MET]),
                str(rule.counts[Status.MET]),
                str(rule.counts[Status.UNDETERMINED]),
                str(rule.counts[Status.NOT_APPLICABLE]),
                percent(rule.counts[Status.NOT_MET], rule.judged),
                rule.quote or None,
            )
            for rule in rules
        ),
        numeric=(3, 4, 5, 6, 7),
        notes=(Message("overview.rules_note"),),
    )  # fmt: skip


def _districts(tally: Tally) -> Table:
    return Table(
        title=Message("overview.districts_title"),
        heads=_heads("district", "estates", "met", "not_met", "undetermined", "error", "share_met", "worst"),
        rows=tuple(
            (
                one.name or Message("overview.no_district"),
                str(one.counts.total()),
                *(str(one.counts[name]) for name in OUTCOMES),
                percent(one.counts["met"], one.counts.total()),
                Message("overview.rule_times", rule=worst[0], count=worst[1]) if worst else None,
            )
            for one in tally.by_district()
            for worst in [min(one.rules.items(), key=lambda pair: (-pair[1], pair[0]), default=None)]
        ),
        numeric=(1, 2, 3, 4, 5, 6),
        notes=(Message("overview.districts_note"),),
    )


def in_order(tally: Tally) -> list[SiteTally]:
    """Return all sites in the order to deal with them: broken rules first, then what could not be read, then what is open."""
    first = tally.first_sites()
    others = [site for site in tally.sites if site.outcome != "not_met"]
    return first + sorted(others, key=lambda s: (_RANK[s.outcome], -len(s.undetermined), s.name))


def _estates(tally: Tally) -> Table:
    return Table(
        title=Message("overview.estates_title"),
        heads=_heads(
            "estate", "district", "outcome", "rules_not_met", "rules_open", "advice", "file", "result"
        ),
        rows=tuple(
            (
                site.name,
                site.district or None,
                outcome_word(site.outcome),
                ids(site.not_met),
                ids(site.undetermined),
                str(site.advice) if site.advice else None,
                site.path,
                f"results/{site.slot}.json",
            )
            for site in in_order(tally)
        ),
        numeric=(5,),
    )


def ids(rules: Sequence[str]) -> Message | None:
    """Return rule ids as people list them, the first of many."""
    if not rules:
        return None
    listed = Message("overview.listed", items=tuple(rules[:_NAMED]))
    rest = len(rules) - _NAMED
    return listed if rest <= 0 else Message("overview.and_more", listed=listed, count=rest)


def _wanted(wants: Sequence[Want]) -> Table:
    return Table(
        title=Message("overview.wanted_title"),
        heads=_heads("why", "what", "estates", "rules_open", "cure"),
        rows=tuple(
            (
                Message(f"reason.{want.code}") if want.code else None,
                want.what,
                str(len(want.sites)),
                ids(sorted(want.rules)),
                want.cure,
            )
            for want in wants
        ),
        numeric=(2,),
        notes=(Message("overview.wanted_note"),),
    )


def _errors(sites: Sequence[SiteTally]) -> Table:
    return Table(
        title=Message("overview.errors_title", count=len(sites)),
        heads=_heads("estate", "district", "error", "cure", "file"),
        rows=tuple(
            (
                site.name,
                site.district or None,
                site.error,
                Message("overview.listed", items=site.cures) if site.cures else None,
                site.path,
            )
            for site in sites
        ),
    )
