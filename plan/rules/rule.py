"""One rule of a pack: what it asks for, of whom, and the words it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from plan.findings import Clause, Strength
from plan.rules.kinds import Kind

__all__ = ["Applies", "Rule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applies:
    """To what a rule applies; empty means to all."""

    estate: tuple[str, ...] = ()  # new, existing
    stages: tuple[str, ...] = ()  # of STAGES
    built_after: str | None = None  # ISO date, exclusive
    built_before: str | None = None  # ISO date, exclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a pack."""

    id: str  # such as QHD-07
    title: str
    kind: Kind
    clause: Clause
    strength: Strength
    applies: Applies
    enabled: bool = True
    ambiguity: str | None = None  # why the clause can be read in more than one way
    note: str | None = None  # what a reader should know, such as the consequence
    pack: str = ""  # id of the pack that it was written in
    prevails: str = (
        ""  # the words by which it replaces a stricter rule of the same id in a pack that it extends
    )

    def in_force(self, on: date) -> bool:
        """Tell whether the clause is in force on a day; an unknown beginning counts as begun."""
        began = self.clause.effective is None or date.fromisoformat(self.clause.effective) <= on
        ended = self.clause.repealed is not None and date.fromisoformat(self.clause.repealed) <= on
        return began and not ended
