"""The tables behind a programme: works with their costs, and the reward for action (以奖代补).

The example ``plan/programme/tables/rewards.csv`` grades the reward by the share of a package that is done (多做多补、少做少补、
不做不补); its figures are **this tool's assumption**, not figures of a regulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pandas as pd

from plan.contract import Column, Layer
from plan.messages import Message
from plan.programme.need import TERMS
from plan.readers.given import read_given, refuse

__all__ = ["REWARDS", "WORKS", "Tier", "Work", "example_rewards", "read_rewards", "read_works"]

_SERVES: Final = {
    "unmet": ("配套短板", "配套"),
    "age": ("老化", "房屋老化"),
    "fire": ("消防",),
    "pipes": ("管网", "排水"),
    "remarks": ("诉求", "居民诉求"),
    "elderly": ("适老", "养老"),
}

WORKS: Final = Layer(
    name="works",
    zh="改造项目表",
    shapes=("none",),
    columns=(
        Column(name="work_id", type="id", zh="项目编号", required=True, aliases=("id",)),
        Column(name="work", type="text", zh="项目", required=True),
        Column(name="estate_id", type="id", zh="小区编号", required=True, aliases=("estate", "小区")),
        Column(name="package", type="id", zh="打包"),
        Column(
            name="kind",
            type="enum",
            zh="类别",
            choices=(("works", ("工程", "基础设施")), ("facility", ("设施", "配套设施"))),
        ),
        Column(
            name="serves",
            type="enum",
            zh="解决",
            required=True,
            choices=tuple((t, _SERVES[t]) for t in TERMS),
        ),
        Column(
            name="cost_cny", type="float", zh="费用", required=True, minimum=0.0, aliases=("造价", "费用_元")
        ),
        Column(name="quantity", type="float", zh="数量", minimum=0.0),
        Column(name="unit", type="text", zh="单位"),
        Column(name="note", type="text", zh="备注"),
    ),
)

REWARDS: Final = Layer(
    name="rewards",
    zh="奖补表",
    shapes=("none",),
    columns=(
        Column(name="tier", type="id", zh="档次", required=True),
        Column(name="at_least_share", type="float", zh="完成比例", required=True, minimum=0.0),
        Column(name="rate", type="float", zh="奖补率", required=True, minimum=0.0),
        Column(name="note", type="text", zh="备注"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One work that could be done.

    Parameters
    ----------
    id, work : str
        Its id, and what it is in the words of the table.
    estate_id : str
        Where.
    package : str
        Works of one package are done in one year (整体打包); the estate, where the table names no package.
    serves : str
        The term of the score that it mends, one of ``plan.programme.TERMS``.
    cost_cny : float
        What it costs.
    facility : bool
        True for a facility (care, culture, sport) that is bundled with the works.
    amount : str
        Quantity and unit, as the table gives them; empty where it gives none.
    """

    id: str
    work: str = ""
    estate_id: str
    package: str
    serves: str
    cost_cny: float
    facility: bool = False
    amount: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """From such a share of a package's works on, such a share of their cost is paid as a reward."""

    at_least_share: float  # of the number of works, above 0 and up to 1
    rate: float  # of their cost, 0..1


def read_works(path: Path | str) -> tuple[Work, ...]:
    """Read a table of works.

    Parameters
    ----------
    path : path-like
        A CSV file with the columns of ``WORKS``.

    Returns
    -------
    tuple of Work
        In the order of the file.

    Raises
    ------
    InputError
        If anything in it is not understood; it carries every problem with row, column and cure.
    """
    rows, found = read_given(path, WORKS)
    if not len(rows):
        found.add("PLAN-DATA-001", "error", "refused", Message("programme.no_works"))
    refuse(found)

    def one(row: dict[Any, Any]) -> Work:
        quantity = "" if pd.isna(row["quantity"]) else f"{row['quantity']:g}"
        unit = "" if pd.isna(row["unit"]) else row["unit"]
        return Work(
            id=row["work_id"],
            work=row["work"],
            estate_id=row["estate_id"],
            package=row["estate_id"] if pd.isna(row["package"]) else row["package"],
            serves=row["serves"],
            cost_cny=float(row["cost_cny"]),
            facility=row["kind"] == "facility",
            amount=f"{quantity} {unit}".strip(),
        )

    return tuple(one(row) for row in rows.to_dict("records"))


def read_rewards(path: Path | str) -> tuple[Tier, ...]:
    """Read a table of rewards for action.

    Parameters
    ----------
    path : path-like
        A CSV file with the columns of ``REWARDS``; shares and rates are from 0 to 1.

    Returns
    -------
    tuple of Tier
        By share; below the first one nothing is paid.

    Raises
    ------
    InputError
        If anything in it is not understood, or who does more would be paid at a lower rate.
    """
    rows, found = read_given(path, REWARDS)
    ordered = rows.sort_values("at_least_share", kind="stable")
    falls = set(ordered.index[ordered["rate"].diff() < 0])
    wrong = {
        ("at_least_share", "programme.bad_share"): list(
            (rows["at_least_share"] <= 0) | (rows["at_least_share"] > 1)
        ),
        ("at_least_share", "programme.share_twice"): list(rows["at_least_share"].duplicated()),
        ("rate", "programme.bad_rate"): list(rows["rate"] > 1),
        ("rate", "programme.rate_falls"): [i in falls for i in rows.index],
    }
    for (column, key), bad in wrong.items():
        at = tuple(i for i, one in enumerate(bad, start=1) if one)
        if at:
            message = Message(key, rows=at[:20])
            found.add("PLAN-ATTR-008", "error", "refused", message, column=column, rows=at)
    refuse(found)
    return tuple(
        Tier(at_least_share=float(row["at_least_share"]), rate=float(row["rate"]))
        for row in ordered.to_dict("records")
    )


def example_rewards() -> tuple[Tier, ...]:
    """Return the rewards of the example table: this tool's assumption, not figures of a regulation."""
    with resources.as_file(resources.files("plan") / "programme" / "tables" / "rewards.csv") as path:
        return read_rewards(path)
