"""What changed between two rule packs, and how much the version must rise for it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Final, Literal

from plan.rules.kinds import Figure, kind_name
from plan.rules.pack import RulePack
from plan.rules.rule import Rule
from plan.rules.strictness import Effect, compared

__all__ = ["Bump", "Change", "Difference", "compare"]

Bump = Literal["major", "minor", "patch", "none"]
_BUMPS: Final[tuple[Bump, ...]] = ("none", "patch", "minor", "major")
_BUMP_OF: Final[dict[Effect, Bump]] = {
    "stricter": "major",
    "unclear": "major",
    "looser": "minor",
    "equal": "patch",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A difference between two packs."""

    rule: str
    what: Literal["added", "removed", "changed"]
    part: str = ""  # such as params.minimum_m2; empty for a whole rule
    old: str = ""
    new: str = ""
    effect: Effect = "equal"  # of the whole rule: whether a design that met it may now fail it


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All that changed, and the rise of the version that it asks for.

    Major: a design that met the old pack may fail the new one (a rule is new, stricter, or it is unclear). Minor: rules
    are gone or ask for less. Patch: words only.
    """

    changes: tuple[Change, ...]
    needs: Bump
    raised: Bump  # from the one version to the other
    packs: tuple[str, str]  # ids, the older first; versions of two packs say nothing of each other

    @property
    def enough(self) -> bool:
        """Whether the version rose as much as it must."""
        return _BUMPS.index(self.raised) >= _BUMPS.index(self.needs)


def compare(old: RulePack, new: RulePack) -> Difference:
    """Compare two packs rule by rule, inherited rules included.

    Parameters
    ----------
    old, new : RulePack
        The packs.

    Returns
    -------
    Difference
        Changes by rule id, one entry for each part that differs.
    """
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    found: list[Change] = []
    needs: Bump = "none"
    for rule_id in sorted(before.keys() | after.keys()):
        was, now = before.get(rule_id), after.get(rule_id)
        if was is None:
            changes = [_added(after[rule_id])]
        elif now is None:
            changes = [_removed(was)]
        else:
            changes = _changed(was, now)
        found += changes
        needs = max([needs, *(_BUMP_OF[change.effect] for change in changes)], key=_BUMPS.index)
    return Difference(
        changes=tuple(found),
        needs=needs,
        raised=_raised(old.version, new.version),
        packs=(old.id, new.id),
    )


def _added(rule: Rule) -> Change:
    return Change(rule=rule.id, what="added", new=rule.title, effect=_alone(rule, "stricter"))


def _removed(rule: Rule) -> Change:
    return Change(rule=rule.id, what="removed", old=rule.title, effect=_alone(rule, "looser"))


def _alone(rule: Rule, effect: Effect) -> Effect:
    """Return what a rule does by being there, or by being gone: nothing where it is disabled or only shown."""
    if not rule.enabled or isinstance(rule.kind, Figure):
        return "equal"
    # Walking and placing use settings: what one does to a verdict no comparison tells.
    return effect if rule.kind.judged else "unclear"


def _changed(was: Rule, now: Rule) -> list[Change]:
    figures = was.kind != now.kind and not was.kind.judged
    effect = _alone(now, "unclear") if figures else compared(now, was)
    a, b = _parts(was), _parts(now)
    return [
        Change(
            rule=was.id, what="changed", part=part, old=a.get(part, ""), new=b.get(part, ""), effect=effect
        )
        for part in sorted(a.keys() | b.keys())
        if a.get(part) != b.get(part)
    ]


def _raised(old: str, new: str) -> Bump:
    """Tell which part of a version rose; one that fell, or is written otherwise, did not rise."""
    first, second = _numbers(old), _numbers(new)
    if first is None or second is None or second <= first:
        return "none"
    rose = next(n for n, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)
    return _BUMPS[-1 - rose]


def _numbers(version: str) -> tuple[int, ...] | None:
    found = re.fullmatch(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})", version)
    return tuple(map(int, found.groups())) if found else None


def _parts(rule: Rule) -> dict[str, str]:
    parts = {
        "title": str(rule.title),
        "kind": kind_name(rule.kind),
        "strength": rule.strength.value,
        "enabled": str(rule.enabled),
        "ambiguity": str(rule.ambiguity or ""),
        "prevails": rule.prevails,
    }
    parts |= {f"params.{name}": str(value) for name, value in asdict(rule.kind).items()}
    parts |= {f"applies.{name}": str(value) for name, value in asdict(rule.applies).items()}
    parts |= {f"clause.{name}": str(value) for name, value in asdict(rule.clause).items()}
    return parts
