"""What ``plan place gates`` says: the gates that are proposed, and why none elsewhere."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from plan.messages import Message
from plan.reach import category_title, profile_title
from plan.site import Placement
from plan.tables import Table

__all__ = ["gates_table", "gates_why_table"]

_MOST_NAMES: Final = 12  # buildings named in a cell


def gates_table(placed: Placement) -> Table:
    """Show the gates that are proposed: what they save, and who wins."""
    measures = placed.measures
    rows = tuple(
        (
            str(row["rank"]),
            row["entrance_id"],
            row["barrier_id"],
            f"{row['household_minutes_saved']:,.0f}",
            f"{row['households_winning']:,}",
            f"{row['households_gained']:,}",
            f"{row['new_way_m']:.0f}",
            _listed(row["winner_buildings"].split(";")),
        )
        for row in placed.features.drop(columns="geometry").to_dict("records")
    )
    equal = set(measures["weights"].values()) <= {1.0}
    which = [
        Message("gates.category_count", name=category_title(name), count=f"{count:,}")
        for name, count in sorted(measures["gained_by_category"].items(), key=lambda one: (-one[1], one[0]))
    ]
    together = Message(
        "gates.together",
        saved=f"{measures['household_minutes_saved']:,.0f}",
        winners=f"{measures['households_winning']:,}",
        gained=f"{measures['households_gained']:,}",
        which=tuple(which) if which else "–",
    )
    return Table(
        title=Message(
            "gates.title",
            profile=profile_title(measures["profile"]),
            candidates=f"{measures['candidates']:,}",
        ),
        heads=_heads("rank", "gate", "barrier", "saved", "winners", "gained", "new_way", "buildings"),
        rows=rows,
        numeric=(0, 3, 4, 5, 6),
        notes=(
            together if rows else Message("gates.no_gate"),
            Message(
                "gates.note",
                categories=len(measures["weights"]),
                weights=Message("gates.equal_weights" if equal else "gates.given_weights"),
                cap=measures["cap_min"],
            ),
        ),
    )


def gates_why_table(placed: Placement) -> Table:
    """Show why no gate is proposed elsewhere: reasons by barrier, and the best place that was not taken."""
    rest = pd.DataFrame(placed.rejected.drop(columns="geometry"))
    rest["key"] = [why.key for why in rest["reason"]]
    rows = []
    for (barrier, _), those in rest.groupby(["barrier_id", "key"], sort=True):
        saved = those["household_minutes_saved"]
        best = those.iloc[int(np.argmax(saved.fillna(-math.inf).to_numpy()))]
        rows.append(
            (
                str(barrier),
                str(len(those)),
                None if math.isnan(best["household_minutes_saved"]) else str(best["entrance_id"]),
                None
                if math.isnan(best["household_minutes_saved"])
                else f"{best['household_minutes_saved']:,.0f}",
                best["reason"],
            )
        )
    return Table(
        title=Message("gates.reasons_title"),
        heads=_heads("barrier", "places", "best", "saved", "reason"),
        rows=tuple(rows),
        numeric=(1, 3),
    )


def _heads(*names: str) -> tuple[Message, ...]:
    return tuple(Message(f"gates.head_{name}") for name in names)


def _listed(names: list[str]) -> str:
    """Return the first names of a list, and how many there are."""
    shown = " ".join(names[:_MOST_NAMES])
    return f"{shown} … ({len(names)})" if len(names) > _MOST_NAMES else shown
