"""What no map shows: a person must look."""

from __future__ import annotations

from plan.checks.amounts import gap
from plan.checks.facts import Facts
from plan.checks.verdicts import cannot_tell, numbers
from plan.findings import Finding
from plan.messages import Message
from plan.rules import Rule
from plan.rules.kinds import Record

__all__ = ["record"]


def record(facts: Facts, rule: Rule) -> Finding:  # noqa: ARG001 - one shape for all measures
    """Ask a person."""
    kind = numbers(rule, Record)
    items = kind.items or (rule.title,)
    required = Message("checks.items", items=items) if kind.items else None
    return cannot_tell(rule, gap("needs_person", "record", items=items), required=required)
