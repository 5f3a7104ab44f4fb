"""Tables of works and of rewards: both languages, and every bad cell told by column and row."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_tables import write

from plan.errors import InputError
from plan.programme import example_rewards, read_rewards, read_works


def problems(read: object, path: Path) -> set[tuple[str, tuple[int, ...]]]:
    with pytest.raises(InputError) as caught:
        read(path)  # type: ignore[operator]
    assert all(p.cure for p in caught.value.problems)
    return {(p.column, p.rows) for p in caught.value.problems if p.effect == "refused"}


def test_works_are_read_in_both_languages(tmp_path: Path) -> None:
    (one,) = read_works(write(tmp_path / "w.csv", "W1,管网改造,E1,,works,pipes,1000,600,m"))
    head = "项目编号,项目,小区编号,类别,解决,费用,数量,单位"
    (same,) = read_works(write(tmp_path / "z.csv", "W1,管网改造,E1,工程,管网,1000,600,m", head=head))
    assert one == same
    assert one.package == "E1"
    assert one.amount == "600 m"


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("W2,a,E1,,works,pipes,-1,,", "cost_cny"),
        ("W2,a,E1,,works,pipes,about 5,,", "cost_cny"),
        ("W2,a,E1,,works,pipes,inf,,", "cost_cny"),
        ("W2,a,E1,,works,pipes,,,", "cost_cny"),
        ("W2,a,E1,,works,beauty,1,,", "serves"),
        ("W2,a,E1,,works,,1,,", "serves"),
        ("W2,a,E1,,road,pipes,1,,", "kind"),
        ("W2,a,,,works,pipes,1,,", "estate_id"),
        ("W2,a,E1,,works,pipes,1,x,m", "quantity"),
        (",a,E1,,works,pipes,1,,", "work_id"),
    ],
)
def test_a_bad_work_is_refused_by_column_and_row(tmp_path: Path, line: str, column: str) -> None:
    assert (column, (2,)) in problems(read_works, write(tmp_path / "w.csv", "W1,a,E1,,works,pipes,1,,", line))


def test_works_without_rows_columns_or_ids_of_their_own(tmp_path: Path) -> None:
    problems(read_works, write(tmp_path / "w.csv"))
    columns = {c for c, _ in problems(read_works, write(tmp_path / "x.csv", "W1,a", head="work_id,wrok"))}
    assert {"work", "estate_id", "serves", "cost_cny", "wrok"} <= columns
    twice = write(tmp_path / "y.csv", "W1,a,E1,,works,pipes,1,,", "W1,b,E1,,works,pipes,1,,")
    assert ("work_id", (1, 2)) in problems(read_works, twice)


def test_the_example_rewards_pay_more_for_more() -> None:
    tiers = example_rewards()
    assert [t.rate for t in tiers] == sorted(t.rate for t in tiers)
    assert tiers[-1].at_least_share == 1.0


@pytest.mark.parametrize(
    ("lines", "column"),
    [
        (("a,0,0.1",), "at_least_share"),
        (("a,1.1,0.1",), "at_least_share"),
        (("a,0.5,1.1",), "rate"),
        (("a,0.5,-0.1",), "rate"),
        (("a,0.5,0.3", "b,1,0.2"), "rate"),
        (("a,0.5,0.3", "b,0.5,0.4"), "at_least_share"),
    ],
)
def test_bad_rewards_are_refused(tmp_path: Path, lines: tuple[str, ...], column: str) -> None:
    path = write(tmp_path / "r.csv", *lines, head="tier,at_least_share,rate")
    assert column in {c for c, _ in problems(read_rewards, path)}
