"""Measure a city's programme: ``python tests/benchmarks/programme.py`` prints rows of a Markdown table.

CPU seconds of the process, one run each. The peer takes estates whole, those with most points for their money first, each
in the first year that has room: what an office does with a sorted list.
"""

from __future__ import annotations

import math
import random
import time

import pandas as pd

from plan.programme import TERMS, WEIGHTS, EstateNeeds, Work, example_rewards, plan_programme

YEARS = 3
BUDGET_CNY = 300_000  # a year, for each estate of the city
SIZES = (20, 50, 100)
HEAD = "| estates | works | plan, CPU s | points | gap | list, points | plan / list |"


def city(estates: int, seed: int) -> tuple[EstateNeeds, list[Work]]:
    """Return an invented city: six works for each estate, one for each term."""
    draw = random.Random(seed)  # noqa: S311 - a seeded city, not a secret
    rows = []
    for n in range(estates):
        points = {term: draw.uniform(0, 20) for term in TERMS}
        row: dict[str, object] = {"estate_id": f"E{n}", "name": None, "built": None, "households": math.nan}
        row |= points | {f"{term}_points": value for term, value in points.items()}
        rows.append(row | {"score": sum(points.values()), "rank": 1, "unknown": ()})
    needs = EstateNeeds(
        frame=pd.DataFrame(rows), weights=dict(WEIGHTS), reference_year=2026, elsewhere=(), open_rules=0
    )
    works = [
        Work(
            id=f"{n}-{term}", estate_id=f"E{n}", package=f"E{n}", serves=term, cost_cny=draw.uniform(2e5, 2e6)
        )
        for n in range(estates)
        for term in TERMS
    ]
    return needs, works


def by_list(needs: EstateNeeds, works: list[Work], budgets: list[float]) -> float:
    """Return the points of whole estates taken in the order of points for their money."""
    rate = example_rewards()[-1].rate
    own = {
        e: (1 - rate) * sum(w.cost_cny for w in works if w.estate_id == e) for e in needs.frame["estate_id"]
    }
    score = dict(zip(needs.frame["estate_id"], needs.frame["score"], strict=True))
    left, points = list(budgets), 0.0
    for estate in sorted(own, key=lambda e: -score[e] / own[e]):
        year = next((t for t, money in enumerate(left) if money >= own[estate]), None)
        if year is not None:
            left[year] -= own[estate]
            points += score[estate]
    return points


def main() -> None:
    """Print the table."""
    print(HEAD)
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for estates in SIZES:
        needs, works = city(estates, seed=1)
        budgets = [float(BUDGET_CNY * estates)] * YEARS
        begun = time.process_time()
        found = plan_programme(needs, works, budgets, example_rewards())
        spent = time.process_time() - begun
        points, listed = found.years["points"].sum(), by_list(needs, works, budgets)
        print(
            f"| {estates} | {len(works)} | {spent:.1f} | {points:.1f} | {found.gap:.3%} | {listed:.1f} | {points / listed:.2f} |"
        )


if __name__ == "__main__":
    main()
