"""What may be handed out of an estate: its households without owners, votes, ages and disabilities.

A hearing is public, and what lies in its package is copied on. The columns are those that ``plan.schema`` calls private;
a column that is not of the contract may hold anything, a name or an income, and stays behind as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import pandas as pd

from plan.findings import Problem
from plan.messages import Message
from plan.schema import LAYERS
from plan.site import Site

__all__ = ["public_problems", "public_site", "public_tables"]

_PEOPLE: Final = "households"
_PUBLIC: Final = tuple(column.name for column in LAYERS[_PEOPLE].columns if not column.private)


def public_site(site: Site) -> Site:
    """Return a site whose households say where they are and how many live there, and nothing else.

    What needs a vote, an owner or an age cannot be told of it; every other verdict is that of the whole site.
    """
    if _PEOPLE not in site.layers:
        return site
    homes = site.layer(_PEOPLE)
    kept = [name for name in homes.columns if name in _PUBLIC or name == homes.geometry.name]
    return replace(
        site, layers={**site.layers, _PEOPLE: homes[kept]}, problems=public_problems(site.problems)
    )


def public_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems of which none quotes what a private column holds."""
    return tuple(_unquoted(problem) for problem in problems)


def public_tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables that have no row for each household: sums by floor and by stairwell are among them."""
    return {name: table for name, table in tables.items() if "household_id" not in table}


def _unquoted(problem: Problem) -> Problem:
    if problem.layer != _PEOPLE or not problem.column or problem.column in _PUBLIC:
        return problem
    told = Message("handout.withheld", column=problem.column, count=len(problem.rows))
    return replace(problem, message=told, cure=Message("handout.withheld_cure"), features=())
