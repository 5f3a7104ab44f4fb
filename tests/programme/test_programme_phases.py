"""What is renovated in which year: programmes reckoned by hand, and every choice of tiny cases tried."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.errors import UsageError
from plan.messages import translate
from plan.programme import TERMS, WEIGHTS, EstateNeeds, Programme, Tier, Work, plan_programme
from plan.programme.said import programme_tables


def scored(**terms: dict[str, float]) -> EstateNeeds:
    """Needs with given points: estates by term; a term that is left out is not known."""
    import pandas as pd

    rows = []
    for estate, points in terms.items():
        row: dict[str, object] = {"estate_id": estate, "name": None, "built": None, "households": math.nan}
        for term in TERMS:
            row[term] = points.get(term, math.nan)
            row[f"{term}_points"] = points.get(term, 0.0)
        rows.append(row | {"score": sum(points.values()), "unknown": ()})
    frame = pd.DataFrame(rows)
    frame["rank"] = frame["score"].rank(method="min", ascending=False).astype("int64")
    return EstateNeeds(frame=frame, weights=dict(WEIGHTS), reference_year=2026, elsewhere=(), open_rules=0)


def work(i: str, estate: str, cost: float, serves: str = "fire", package: str | None = None) -> Work:
    return Work(id=i, estate_id=estate, package=package or estate, serves=serves, cost_cny=cost)


def years(found: Programme) -> dict[str, int]:
    return dict(zip(found.works["work_id"], found.works["year"].tolist(), strict=True))


def reasons(found: Programme) -> dict[str, str]:
    return {e: r.key for e, r in zip(found.estates["estate_id"], found.estates["reason"], strict=True)}


def test_the_most_needed_comes_first_and_each_year_is_spent() -> None:
    needs = scored(A={"fire": 20}, B={"fire": 10}, C={"fire": 5})
    works = [work("a", "A", 100), work("b", "B", 100), work("c", "C", 100)]
    found = plan_programme(needs, works, [100, 100])
    assert years(found) == {"a": 1, "b": 2, "c": 0}
    assert found.years["left_cny"].tolist() == [0.0, 0.0]
    assert found.years["points"].tolist() == [20.0, 10.0]
    assert found.possible_points == 35.0
    assert reasons(found) == {
        "A": "programme.first_year",
        "B": "programme.no_money_before",
        "C": "programme.outbid",
    }


def test_two_cheap_ones_beat_a_dear_one() -> None:
    needs = scored(A={"fire": 20}, B={"fire": 12}, C={"fire": 12})
    works = [work("a", "A", 100), work("b", "B", 50), work("c", "C", 50)]
    assert years(plan_programme(needs, works, [100])) == {"a": 0, "b": 1, "c": 1}


def test_a_package_is_done_in_one_year() -> None:
    needs = scored(A={"fire": 20, "pipes": 20})
    works = [work("a", "A", 100), work("b", "A", 100, "pipes")]
    assert sorted(years(plan_programme(needs, works, [100, 100])).values()) == [0, 1]
    apart = [work("a", "A", 100, package="x"), work("b", "A", 100, "pipes", package="y")]
    assert sorted(years(plan_programme(needs, apart, [100, 100])).values()) == [1, 2]


def test_doing_more_earns_more() -> None:
    needs = scored(A={"fire": 20, "pipes": 20})
    works = [work("a", "A", 100), work("b", "A", 100, "pipes")]
    tiers = [Tier(at_least_share=0.5, rate=0.1), Tier(at_least_share=1, rate=0.5)]
    both = plan_programme(needs, works, [100], tiers)  # 200 less half of it: exactly the budget
    assert years(both) == {"a": 1, "b": 1}
    assert both.years[["own_cny", "reward_cny", "cost_cny"]].iloc[0].tolist() == [100.0, 100.0, 200.0]
    one = plan_programme(needs, works, [99], tiers)  # a fen too little: one of two, at a tenth
    assert sorted(years(one).values()) == [0, 1]
    assert one.years["reward_cny"].tolist() == [10.0]
    assert sum(years(plan_programme(needs, works, [99])).values()) == 0


def test_a_work_of_no_known_use_is_done_only_where_it_raises_the_reward() -> None:
    needs = scored(A={"fire": 20})
    works = [work("a", "A", 100), work("b", "A", 10, "pipes")]
    assert years(plan_programme(needs, works, [1000])) == {"a": 1, "b": 0}
    paid = plan_programme(needs, works, [1000], [Tier(at_least_share=1, rate=0.5)])
    assert years(paid) == {"a": 1, "b": 1}
    texts = [
        cell for row in list(programme_tables(needs, paid, rewards=None).values())[3].rows for cell in row
    ]
    assert any(getattr(cell, "key", "") == "programme.year_for_reward" for cell in texts)


def test_points_of_a_term_are_shared_among_the_works_that_mend_it() -> None:
    found = plan_programme(scored(A={"fire": 20}), [work("a", "A", 1), work("b", "A", 1)], [1])
    assert found.works["points"].tolist() == [10.0, 10.0]
    assert found.years["points"].tolist() == [10.0]


def test_a_budget_of_zero_buys_what_costs_nothing() -> None:
    needs = scored(A={"fire": 20}, B={"fire": 10})
    found = plan_programme(needs, [work("a", "A", 100), work("b", "B", 0)], [0, 0, 0])
    assert years(found) == {"a": 0, "b": 1}
    nothing = plan_programme(needs, [work("a", "A", 100)], [0, 0, 0])
    assert nothing.years["points"].sum() == 0
    assert reasons(nothing) == {"A": "programme.too_dear", "B": "programme.without_works"}


def test_estates_without_data_are_named_as_unknown() -> None:
    needs = scored(A={"fire": 20}, B={"fire": 0}, C={"age": 3})
    works = [work("a", "A", 1), work("b", "B", 1), work("c", "C", 1, "pipes"), work("z", "Z", 1)]
    found = plan_programme(needs, works, [100])
    assert years(found) == {"a": 1, "b": 0, "c": 0, "z": 0}
    assert reasons(found) == {
        "A": "programme.first_year",
        "B": "programme.no_need",
        "C": "programme.unknown_need",
        "Z": "programme.not_on_site",
    }
    assert found.estates["estate_id"].tolist()[-1] == "Z"
    for lang in ("zh", "en"):
        for table in programme_tables(needs, found, rewards=None).values():
            assert translate(table.title, lang)
            assert all(translate(c, lang) for row in table.rows for c in row if c is not None)


def test_what_makes_no_sense_is_refused() -> None:
    needs = scored(A={"fire": 1})
    for budgets in ([], [-1.0], [math.nan], [math.inf]):
        with pytest.raises(UsageError):
            plan_programme(needs, [work("a", "A", 1)], budgets)
    with pytest.raises(UsageError):
        plan_programme(needs, [work("a", "A", 1), work("a", "A", 1)], [1])


def best_by_hand(
    points: list[int], costs: list[int], packages: list[int], budgets: list[int], tiers: list[Tier]
) -> tuple[int, int]:
    """Try every set of works and every year of every package: most points, then soonest."""
    best = (0, 0)
    count = len(points)
    for chosen in product((False, True), repeat=count):
        for when in product(range(len(budgets)), repeat=max(packages) + 1):
            own = [0.0] * len(budgets)
            for p in range(max(packages) + 1):
                members = [i for i in range(count) if packages[i] == p]
                done = [i for i in members if chosen[i]]
                if not done:
                    continue
                share = len(done) / len(members)
                rate = max((t.rate for t in tiers if share >= t.at_least_share - 1e-9), default=0.0)
                own[when[p]] += sum(costs[i] for i in done) * (1 - rate)
            if all(o <= b + 1e-6 for o, b in zip(own, budgets, strict=True)):
                done = [i for i in range(count) if chosen[i]]
                soon = sum(points[i] * (len(budgets) - when[packages[i]]) for i in done)
                best = max(best, (sum(points[i] for i in done), soon))
    return best


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=6),
    st.lists(st.integers(0, 15), min_size=1, max_size=3),
    st.sampled_from([[], [(1.0, 0.5)], [(0.4, 0.2), (1.0, 0.5)]]),
)
def test_no_other_programme_mends_more(
    made: list[tuple[int, int, int]], budgets: list[int], grades: list[tuple[float, float]]
) -> None:
    points, costs, packages = (list(column) for column in zip(*made, strict=True))
    tiers = [Tier(at_least_share=s, rate=r) for s, r in grades]
    # Every work has an estate of its own, so that its points are its own.
    needs = scored(**{f"E{i}": {"fire": float(p)} for i, p in enumerate(points)})
    works = [
        work(f"w{i}", f"E{i}", float(c), package=f"p{p}")
        for i, (c, p) in enumerate(zip(costs, packages, strict=True))
    ]
    found = plan_programme(needs, works, [float(b) for b in budgets], tiers)
    soon = sum(p * (len(budgets) + 1 - y) for p, y in zip(points, found.works["year"], strict=True) if y)
    assert (round(found.years["points"].sum()), soon) == best_by_hand(points, costs, packages, budgets, tiers)
    assert (found.years["own_cny"] <= found.years["budget_cny"] + 1e-6).all()
    for _, package in found.works[found.works["year"] > 0].groupby("package"):
        assert len(set(package["year"])) == 1
        assert len(set(package["rate"])) == 1
        share = len(package) / (found.works["package"] == package["package"].iloc[0]).sum()
        earned = max((t.rate for t in tiers if share >= t.at_least_share - 1e-9), default=0.0)
        assert package["rate"].iloc[0] <= earned
        if package["cost_cny"].sum() > 0:
            assert package["rate"].iloc[0] == earned
