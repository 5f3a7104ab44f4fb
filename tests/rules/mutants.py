"""Mutants of a pack: one number, flag, list or date of one rule changed by one step, and whether its examples see it."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from plan.errors import PlanError, RulePackError
from plan.examples import Staged, stage, try_staged
from plan.findings import Strength
from plan.rules import STAGES, Band, Rule, RulePack, load_pack, pack_ids
from plan.rules._limits import _CHOICES, check_limits
from plan.rules.examples import built_in_examples, load_examples
from plan.rules.pack import ESTATES

PACKS = Path(__file__).resolve().parents[2] / "plan" / "rules" / "packs"
# One step of a figure, by its name or the end of it; others change by 1 (square metres, people, yuan, floors).
STEPS = {"max_slope": 0.001, "hours_per_day": 0.1, "m2_per_person": 0.01, "stalls_per_100_m2": 0.01}
ENDINGS = {"share": 0.01, "_m": 0.01, "_min": 0.01, "minutes": 0.01, "per_household": 0.01, "required": 0.01}
SMALL_SHARE = 0.1  # below which a share changes by a thousandth
CONSENT = Fraction(1, 100)
FLOORS = ("lowest", "highest", "ambiguous")  # there is no floor 0
DAYS = ("built_after", "built_before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A rule with one change, told in words."""

    rule: Rule
    change: str

    @property
    def name(self) -> str:
        return f"{self.rule.id} {self.change}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A pack with its examples drawn, by rule."""

    pack: RulePack
    staged: Mapping[str, tuple[Staged, ...]]

    @classmethod
    def of(cls, name: str, *, only: set[str] | None = None) -> Stand:
        """Draw the examples of a pack that ships, or of a file whose examples stand beside it."""
        staged: dict[str, tuple[Staged, ...]] = {}
        ships = name in pack_ids()
        for example in built_in_examples(name) if ships else load_examples(_beside(name)):
            if only is None or example.rule in only:
                staged[example.rule] = (*staged.get(example.rule, ()), stage(example))
        return cls(pack=load_pack(name), staged=staged)

    def sees(self, mutant: Mutant) -> bool:
        """Whether an example of the rule comes out otherwise than it says."""
        rules = tuple(mutant.rule if rule.id == mutant.rule.id else rule for rule in self.pack.rules)
        pack = replace(self.pack, rules=rules)
        return any(not _passes(pack, one) for one in self.staged.get(mutant.rule.id, ()))


def _passes(pack: RulePack, one: Staged) -> bool:
    try:
        return try_staged(pack, one).passed
    except PlanError:
        return False


def _beside(name: str) -> Path:
    return Path(name).with_suffix(".examples.toml")


def mutants(name: str) -> tuple[list[Mutant], list[str]]:
    """Return every mutant of the rules that a pack itself writes and judges, and those that no pack could be."""
    pack = load_pack(name)
    file = PACKS / f"{name}.toml" if name in pack_ids() else Path(name)
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    written = {entry["id"]: set(entry.get("params", {})) for entry in table["rule"]}
    found: list[Mutant] = []
    refused: list[str] = []
    for rule in pack.judged():
        if rule.pack != pack.id:
            continue
        for change, made in _of_rule(rule, written[rule.id]):
            try:
                for part in (made.kind, made.applies, *getattr(made.kind, "bands", ())):
                    check_limits(part, "")
            except RulePackError:
                refused.append(f"{rule.id} {change}")
            else:
                found.append(Mutant(rule=made, change=change))
    return found, refused


def _of_rule(rule: Rule, written: set[str]) -> Iterator[tuple[str, Rule]]:
    for field in fields(rule.kind):
        value = getattr(rule.kind, field.name)
        if field.name not in written and not isinstance(value, bool):
            continue
        choices = _CHOICES.get((type(rule.kind).__name__, field.name))
        changed = _texts(choices, value) if choices else _values(field.name, value)
        for shown, other in changed:
            yield f"{field.name} {shown}", replace(rule, kind=replace(rule.kind, **{field.name: other}))
    yield from _of_scope(rule)
    for name in ("effective", "repealed"):
        for shown, other in _days(getattr(rule.clause, name)):
            yield f"{name} {shown}", replace(rule, clause=replace(rule.clause, **{name: other}))
    weaker = Strength.SHOULD if rule.strength is Strength.MUST else Strength.MUST
    yield f"{rule.strength.value} -> {weaker.value}", replace(rule, strength=weaker)
    if rule.ambiguity is not None:
        yield "ambiguity dropped", replace(rule, ambiguity=None)


def _of_scope(rule: Rule) -> Iterator[tuple[str, Rule]]:
    applies = rule.applies
    changes = [
        ("estate", _lists(applies.estate, ESTATES)),
        ("stages", _lists(applies.stages, STAGES)),
        *((name, _days(getattr(applies, name))) for name in DAYS),
    ]
    for name, changed in changes:
        for shown, other in changed:
            yield f"{name} {shown}", replace(rule, applies=replace(applies, **{name: other}))


def _values(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, bool):
        yield f"{value} -> {not value}", not value
    elif isinstance(value, tuple):
        yield from _items(name, value)
    elif name in DAYS:
        yield from _days(value)
    elif isinstance(value, int | float | Fraction) and math.isfinite(value):
        for sign in (-1, 1):
            other = value + sign * _step(name, value)
            if name in FLOORS and other == 0:
                other += sign
            if isinstance(other, float):
                other = round(other, 10)
            yield f"{value} -> {other}", other


def _items(name: str, value: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for i, item in enumerate(value):
        before, after = value[:i], value[i + 1 :]
        yield f"without {_told(item)}", (*before, *after)
        if isinstance(item, Band):
            changed = [
                (f".{field.name} {shown}", replace(item, **{field.name: other}))
                for field in dataclasses.fields(item)
                for shown, other in _values(field.name, getattr(item, field.name))
            ]
        else:
            changed = [(f" {shown}", other) for shown, other in _values(name, item)]
        for shown, other in changed:
            yield f"[{i}]{shown}", (*before, other, *after)


def _step(name: str, value: float | Fraction) -> float | Fraction:
    if isinstance(value, Fraction):
        return CONSENT
    if name in STEPS:
        return STEPS[name]
    step = next((step for end, step in ENDINGS.items() if name.endswith(end)), 1)
    return step / 10 if name.endswith("share") and value < SMALL_SHARE else step


def _days(value: str | None) -> Iterator[tuple[str, str]]:
    if value is not None:
        for days in (-1, 1):
            other = (date.fromisoformat(value) + timedelta(days=days)).isoformat()
            yield f"{value} -> {other}", other


def _texts(choices: tuple[str, ...], value: str) -> Iterator[tuple[str, str]]:
    for other in choices:
        if other != value:
            yield f"{value or '—'} -> {other or '—'}", other


def _lists(value: tuple[str, ...], known: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Change to whom a rule applies; naming all is the same as naming none, and is no mutant."""
    if not value:
        return
    for item in value:
        rest = tuple(other for other in value if other != item)
        if rest:
            yield f"without {item}", rest
    for item in known:
        if item not in value:
            yield f"and {item}", (*value, item)
            if len(value) == 1:
                yield f"{value[0]} -> {item}", (item,)
    if set(value) != set(known) and len(known) - len(value) > 1:
        yield "to all", ()


def _told(item: object) -> str:
    return f"band from {item.at_least:g}" if isinstance(item, Band) else str(item)
