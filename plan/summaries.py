"""What walking and placing found, as tables: the same figures on the console and on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plan.access import BLIND_SPOT_MARGIN_M, DRAWS, NEAR_LIMIT, SPEED_VARIATION
from plan.findings import Report
from plan.messages import Message
from plan.reach import Reach, category_title, profile_title
from plan.tables import Table

__all__ = [
    "blind_table",
    "change_table",
    "completeness_table",
    "groups_table",
    "missing_table",
    "reach_details",
    "reach_table",
    "robustness_table",
    "speed_table",
]

_PLACES = ("room", "open_space", "gate", "node")  # kinds of candidates that have a name of their own


def change_table(before: Report, after: Report) -> Table:
    """Set the findings on a site as it is beside those on the proposal."""
    was = {(f.rule, f.subject): f.status for f in before.findings}
    rows = []
    for finding in after.findings:
        old = was.get((finding.rule, finding.subject))
        rows.append(
            (
                finding.rule,
                finding.title,
                finding.subject,
                Message(f"summaries.strength_{finding.strength}"),
                None if old is None else Message(f"status.{old}"),
                Message(f"status.{finding.status}"),
            )
        )
    return Table(
        title=Message("summaries.change_title"),
        heads=_heads("rule", "title", "subject", "strength", "before", "after"),
        rows=tuple(rows),
    )


def reach_table(found: Reach) -> Table:
    """Show the life circle: for each category how many households reach it, and how fast."""
    life = found.life
    circles = [f"{m:g}" for m in life.minutes]
    rows = tuple(
        (
            category_title(row["category"]),
            None if row["facilities"] is None else str(row["facilities"]),
            f"{row['limit_min']:g}",
            _share(row["share"]),
            *(_share(row[f"share_{m}"]) for m in circles),
            _minutes(row["median_min"]),
            _minutes(row["p90_min"]),
        )
        for row in life.rows()
    )
    return Table(
        title=Message(
            "summaries.reach_title",
            households=f"{life.households:,}",
            estimated=Message("summaries.estimated") if life.estimates else "",
            profile=profile_title(life.profile),
            speed=f"{life.m_per_min:g}",
        ),
        heads=(
            *_heads("category", "facilities", "limit", "served"),
            *(Message("summaries.head_circle", minutes=m) for m in circles),
            *_heads("median", "p90"),
        ),
        rows=rows,
        numeric=tuple(range(1, 6 + len(circles))),
        bars=(3,),
        notes=found.notes,
    )


def speed_table(found: Reach) -> Table:
    """Show what the other figure for the walking speed would change, for the categories that it changes."""
    other = found.other_speed
    if other is None:
        msg = "there is no other speed to compare with"
        raise ValueError(msg)
    rows = tuple(
        (
            category_title(row["category"]),
            f"{row['limit_min']:g}",
            _share(row["share"]),
            _share(row["other_share"]),
        )
        for row in other.rows()
        if row["share"] != row["other_share"]
    )
    return Table(
        title=Message(
            "summaries.speed_title",
            profile=profile_title(other.profile),
            speed=f"{other.m_per_min:g}",
            other=f"{other.other_m_per_min:g}",
        ),
        heads=(
            *_heads("category", "limit"),
            Message("summaries.head_at_speed", speed=f"{other.m_per_min:g}"),
            Message("summaries.head_at_speed", speed=f"{other.other_m_per_min:g}"),
        ),
        rows=rows,
        numeric=(1, 2, 3),
        notes=() if rows else (Message("summaries.speed_same"),),
    )


def completeness_table(found: Reach) -> Table:
    """Show how complete the life circle is: the score beside the parts that it is made of."""
    complete = found.complete
    rows = tuple(
        (
            Message("summaries.all_limits")
            if row["limit_min"] is None
            else Message("summaries.limit", minutes=f"{row['limit_min']:g}"),
            str(row["categories"]),
            None if row["drawn"] is None else str(row["drawn"]),
            _share(row["score"]),
            _share(row["score_all"]),
            _share(row["complete"]),
        )
        for row in complete.rows()
    )
    absent = tuple(category_title(name) for name in complete.absent)
    notes = [Message("summaries.complete_how")]
    if absent:
        notes.append(Message("summaries.complete_absent", count=len(absent), categories=absent))
    return Table(
        title=Message("summaries.complete_title"),
        heads=_heads("circle_limit", "categories", "drawn", "score", "score_all", "complete"),
        rows=rows,
        numeric=(1, 2, 3, 4, 5),
        bars=(3,),
        notes=tuple(notes),
    )


def missing_table(found: Reach, *, most: int | None = None) -> Table:
    """Show what households go without, and the place from which most of them would be served.

    Parameters
    ----------
    found : Reach
        The life circle.
    most : int, optional
        Rows at most; a note counts the others.
    """
    every = found.missing_rows()
    shown = every if most is None else every[:most]
    rows = tuple(
        (
            category_title(row["category"]),
            str(row["facilities"]),
            f"{row['limit_min']:g}",
            _share(row["share_before"]),
            _place(row),
            f"{row['households']:,}",
            _share(row["share_after"]),
        )
        for row in shown
    )
    notes = [Message("summaries.missing_how")]
    if len(shown) < len(every):
        notes.append(Message("summaries.missing_more", count=len(every) - len(shown)))
    return Table(
        title=Message("summaries.missing_title"),
        heads=_heads("category", "facilities", "limit", "served", "best_place", "gained", "served_then"),
        rows=rows,
        numeric=(1, 2, 3, 5, 6),
        notes=tuple(notes),
    )


def groups_table(found: Reach) -> Table:
    """Show for each category which share of whom is served, and how much there is for how many."""
    life = found.life
    totals = {row["group"]: row["total"] for row in life.groups.to_dict("records")}
    told = [group for group, total in totals.items() if total is not None]
    rows = tuple(
        (
            category_title(row["category"]),
            _share(row["share"]),
            *(_share(row[f"share_{group}"]) for group in ("persons", "elderly", "children")),
            _figure(row["capacity"]),
            _figure(row["capacity_per_1000"]),
            _figure(row["area_m2"]),
        )
        for row in life.rows()
    )
    notes = [
        Message(
            "summaries.groups_totals",
            totals=tuple(Message(f"summaries.total_{group}", count=f"{totals[group]:,}") for group in told),
        ),
        Message("summaries.capacity_how"),
    ]
    return Table(
        title=Message("summaries.groups_title"),
        heads=_heads(
            "category", "households", "persons", "elderly", "children", "capacity", "per_1000", "area"
        ),
        rows=rows,
        numeric=tuple(range(1, 8)),
        notes=tuple(notes),
    )


def robustness_table(found: Reach) -> Table:
    """Show how many households are near a limit, and how often other speeds turn a category."""
    rows = tuple(
        (
            category_title(str(row["category"])),
            _share(row["share"]),
            _share(row["target_share"]),
            None if row["near"] is None else f"{row['near']:,}",
            None if row["near_served"] is None else f"{row['near_served']:,}",
            _share(row["failing"]),
            None if row["share_p05"] is None else f"{row['share_p05']:.0%}–{row['share_p95']:.0%}",
        )
        for row in found.robustness.to_dict("records")
    )
    return Table(
        title=Message("summaries.robust_title"),
        heads=_heads("category", "served", "target", "near", "near_served", "failing", "range"),
        rows=rows,
        numeric=tuple(range(1, 7)),
        notes=(
            Message(
                "summaries.robust_how",
                near=f"{NEAR_LIMIT:.0%}",
                draws=DRAWS,
                variation=f"{SPEED_VARIATION:.0%}",
                seed=found.seed,
            ),
        ),
    )


def blind_table(found: Reach) -> Table:
    """Show for each category on how much ground how many people are not served."""
    frame = found.blind_spots
    rows = []
    for (category, limit), spots in frame.groupby(
        [frame["category"].astype(object).where(frame["category"].notna(), ""), "limit_min"], sort=False
    ):
        name = (
            category_title(str(category)) if category else Message("summaries.any_of", minutes=f"{limit:g}")
        )
        counts = [spots[group].dropna() for group in ("households", "persons", "elderly", "children")]
        rows.append(
            (
                name,
                f"{limit:g}",
                str(int(spots.geometry.notna().sum())),
                f"{int(spots['buildings'].sum()):,}",
                *(f"{int(known.sum()):,}" if len(known) else None for known in counts),
            )
        )
    return Table(
        title=Message("summaries.blind_title"),
        heads=_heads(
            "category", "limit", "spots", "buildings", "households", "persons", "elderly", "children"
        ),
        rows=tuple(rows),
        numeric=tuple(range(1, 8)),
        notes=(Message("summaries.blind_how", margin=f"{BLIND_SPOT_MARGIN_M:g}"),),
    )


def reach_details(found: Reach) -> tuple[Table, ...]:
    """Return the tables that say who is served, where the blind spots are, and how sure all of it is."""
    return groups_table(found), blind_table(found), robustness_table(found)


def _heads(*names: str) -> tuple[Message, ...]:
    return tuple(Message(f"summaries.head_{name}") for name in names)


def _place(row: Mapping[str, Any]) -> str | None:
    """Name a candidate place; a corner of the walkways by where it is."""
    if row["candidate_id"] is None:
        return None
    known = row["kind"] if row["kind"] in _PLACES else "other"
    if known == "node" and row["name"]:
        known = "named_node"
    return Message(
        f"summaries.place_{known}",
        name=row["name"] or row["candidate_id"],
        lon=f"{row['lon']:.5f}",
        lat=f"{row['lat']:.5f}",
    )


def _figure(value: float | None) -> str | None:
    return None if value is None else f"{value:,.0f}" if abs(value) >= 10 else f"{value:,.1f}"  # noqa: PLR2004 - digits


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.1%}"


def _minutes(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"
