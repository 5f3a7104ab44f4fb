"""Whether a rule is meant for this site at all: kind of estate, stage of the procedure, date of building."""

from __future__ import annotations

import pandas as pd

from plan.checks.amounts import Gap, column_gap, gap
from plan.checks.dates import in_window
from plan.checks.facts import Facts
from plan.messages import Message
from plan.rules import Rule

__all__ = ["out_of_scope"]


def out_of_scope(facts: Facts, rule: Rule, *, stage: str | None, estate: str | None) -> Message | Gap | None:
    """Say why a rule is not for this site, or why that cannot be told.

    Parameters
    ----------
    facts : Facts
        The site; ``parcels.status`` says whether it is new, ``parcels.built_on`` when it was built.
    rule : Rule
        The rule.
    stage : str or None
        The stage that is checked; None: all of them.
    estate : {"new", "existing"} or None
        What the site is, whatever its parcels say.

    Returns
    -------
    Message, Gap or None
        Why it does not apply; what is missing to know; None when it applies.
    """
    if stage is not None and rule.applies.stages and stage not in rule.applies.stages:
        stages = tuple(Message(f"checks.stage.{s}") for s in rule.applies.stages)
        return Message("checks.other_stage", stages=stages, stage=Message(f"checks.stage.{stage}"))
    answers = (_by_estate(facts, rule, estate), _by_date(facts, rule))
    # What is certain comes first: a rule for old estates is not for a new one, whatever its date.
    certain = next((a for a in answers if isinstance(a, Message)), None)
    return certain or next((a for a in answers if a is not None), None)


def _by_estate(facts: Facts, rule: Rule, estate: str | None) -> Message | Gap | None:
    wanted = rule.applies.estate
    if not wanted or set(wanted) == {"new", "existing"}:
        return None
    name = tuple(Message(f"checks.estate.{e}") for e in wanted)
    if estate is not None:
        return None if estate in wanted else Message("checks.other_estate", estates=name)
    if missing := facts.has("parcels", "status"):
        return missing
    parcels = facts.site.layers["parcels"]
    inside = {p: None if s is None else s in wanted for p, s in _pairs(parcels, "status")}
    return _settled(inside, column="status", otherwise=Message("checks.other_estate", estates=name))


def _by_date(facts: Facts, rule: Rule) -> Message | Gap | None:
    after, before = rule.applies.built_after, rule.applies.built_before
    if after is None and before is None:
        return None
    if missing := facts.has("parcels", "built_on"):
        return missing
    parcels = facts.site.layers["parcels"]
    inside = {p: in_window(d, after=after, before=before) for p, d in _pairs(parcels, "built_on")}
    window = Message("checks.window", after=after or "…", before=before or "…")
    return _settled(inside, column="built_on", otherwise=Message("checks.built_outside", window=window))


def _settled(inside: dict[str, bool | None], *, column: str, otherwise: Message) -> Message | Gap | None:
    """Return what the parcels say together: all are meant, none is, or it cannot be told."""
    unknown = tuple(p for p, v in inside.items() if v is None)
    if unknown:
        return column_gap("parcels", column, unknown)
    if all(inside.values()):
        return None
    if not any(inside.values()):
        return otherwise
    others = tuple(sorted(p for p, v in inside.items() if not v))
    return gap("missing_data", "mixed_site", ids=others[:10], count=len(others))


def _pairs(parcels: pd.DataFrame, column: str) -> list[tuple[str, str | None]]:
    return list(zip(parcels["parcel_id"], parcels[column], strict=True))
