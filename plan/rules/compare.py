"""What changed between two rule packs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from plan.rules.kinds import kind_name
from plan.rules.pack import Rule, RulePack

__all__ = ["Change", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A difference between two packs."""

    rule: str
    what: Literal["added", "removed", "changed"]
    part: str = ""  # such as params.minimum_m2; empty for a whole rule
    old: str = ""
    new: str = ""


def compare(old: RulePack, new: RulePack) -> tuple[Change, ...]:
    """Compare two packs rule by rule, inherited rules included.

    Parameters
    ----------
    old, new : RulePack
        The packs.

    Returns
    -------
    tuple of Change
        By rule id; one entry for each part that differs.
    """
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    out: list[Change] = []
    for rule_id in sorted(before.keys() | after.keys()):
        if rule_id not in after:
            out.append(Change(rule=rule_id, what="removed", old=before[rule_id].title))
        elif rule_id not in before:
            out.append(Change(rule=rule_id, what="added", new=after[rule_id].title))
        else:
            a, b = _parts(before[rule_id]), _parts(after[rule_id])
            out += [
                Change(rule=rule_id, what="changed", part=part, old=a.get(part, ""), new=b.get(part, ""))
                for part in sorted(a.keys() | b.keys())
                if a.get(part) != b.get(part)
            ]
    return tuple(out)


def _parts(rule: Rule) -> dict[str, str]:
    parts = {
        "title": str(rule.title),
        "kind": kind_name(rule.kind),
        "strength": rule.strength.value,
        "enabled": str(rule.enabled),
        "ambiguity": str(rule.ambiguity or ""),
    }
    parts |= {f"params.{name}": str(value) for name, value in asdict(rule.kind).items()}
    parts |= {f"applies.{name}": str(value) for name, value in asdict(rule.applies).items()}
    parts |= {f"clause.{name}": str(value) for name, value in asdict(rule.clause).items()}
    return parts
