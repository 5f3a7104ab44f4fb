"""What residents are told about the elevator of their stairwell: verdict, figures in millimetres, shares by floor, sun.

A page is public: shares and minutes are told floor by floor, consent as reached or not, and no household by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from plan.maps.escape import plain
from plan.maps.words import Words, absent, format_number
from plan.messages import Message, translate
from plan.site import Placement

if TYPE_CHECKING:
    from plan.elevators import Position, StairwellSiting
    from plan.findings import Clause
    from plan.maps.verdicts import Clauses

__all__ = ["stairwell_records", "told_of"]

_FEN: Final = 100.0  # in CNY
_SYMBOLS: Final = {
    "feasible": "met", "conditional": "undetermined", "infeasible": "not_met", "unknown": "undetermined",
    "excluded": "not_applicable",
}  # fmt: skip


def told_of(placed: Placement) -> list[StairwellSiting]:
    """Return the stairwells of which something is told, in the order of the records."""
    return list(placed.measures.get("stairwells", ()))


def stairwell_records(placed: Placement, *, words: Words, clauses: Clauses) -> list[dict[str, Any]]:
    """Write what is found about each stairwell as plain data for the page.

    Parameters
    ----------
    placed : Placement
        As ``plan.retrofit`` returns it for a hearing; what its measures do not hold is not told.
    words : Words
        The language.
    clauses : Clauses
        Where the clauses behind clearances are numbered.

    Returns
    -------
    list of dict
        ``building``, ``name``, ``verdict`` (``id``, ``word``, ``style``, ``symbol``), ``facts`` (label and text),
        ``clear`` (sentence, whether it is kept, number of its clause), ``floors`` (heads and rows) and ``notes``.
    """
    measures = placed.measures
    asked: Mapping[str, Clause] = measures.get("asked_by", {})
    floors: pd.DataFrame = measures.get("floors", pd.DataFrame())
    by_entrance = dict(iter(floors.groupby("entrance_id"))) if len(floors) else {}
    return [
        {
            "building": "" if one.building_id is None else plain(one.building_id),
            "name": plain(one.stairwell_id),
            "verdict": {
                "id": one.verdict,
                "word": _word(words, f"verdict_{one.verdict}"),
                "style": _SYMBOLS[one.verdict],
                "symbol": words.text(f"symbol.{_SYMBOLS[one.verdict]}"),
            },
            "facts": _facts(one, measures.get("told", {}).get(one.entrance_id, {}), words),
            "clear": [
                [
                    plain(translate(c.told(), words.lang)),
                    c.margin_m >= 0,
                    None if c.name not in asked else clauses.number(asked[c.name]),
                ]
                for c in (() if (shown := _shown(one)) is None else shown.clearances)
            ],
            "floors": _floors(by_entrance.get(one.entrance_id), words),
            "notes": [
                plain(translate(note, words.lang))
                for note in measures.get("shared", {}).get(one.entrance_id, ())
            ],
        }
        for one in told_of(placed)
    ]


def _word(words: Words, key: str, **params: object) -> str:
    return Message(f"retrofit.{key}", **params).to(words.lang)


def _shown(one: StairwellSiting) -> Position | None:
    """Return the position that is told of: the chosen one, else the one that comes closest."""
    return one.chosen or (one.alternatives[0] if one.alternatives else None)


def _facts(one: StairwellSiting, told: Mapping[str, str], words: Words) -> list[list[str]]:
    at = one.chosen
    wheelchair = None if one.wheelchair is None else words.text("yes" if one.wheelchair else "no")
    found: list[tuple[str, str | None]] = [
        (_word(words, "head_reason"), translate(one.reason, words.lang)),
    ]
    if at is not None:
        remedy = None if at.remedy is None else translate(at.remedy, words.lang)
        found += [
            (_word(words, "head_connection"), _word(words, f"connection_{at.connection}")),
            (words.column("elevators", "wheelchair"), wheelchair),
            (_word(words, "head_remedy"), remedy),
            (_word(words, "head_cost"), _cost(at, words) if at.remedies else None),
        ]
    found += [
        (_word(words, f"head_{name}"), translate(told[name], words.lang))
        for name in ("consent", "pays", "sun")
        if name in told
    ]
    return [[label, plain(text)] for label, text in found if text]


def _cost(at: Position, words: Words) -> str:
    if not at.unpriced:
        return format_number(at.cost_cny or 0.0)
    if at.cost_cny is None:
        return _word(words, "cost_unknown", count=at.unpriced)
    return _word(words, "cost_from", cost=format_number(at.cost_cny), count=at.unpriced)


def _floors(frame: pd.DataFrame | None, words: Words) -> dict[str, Any] | None:
    """Write the floors of a stairwell from the top down, with the columns of which anything is known."""
    if frame is None or frame.empty:
        return None
    rows: list[dict[str, Any]] = frame.sort_values("floor", ascending=False).to_dict("records")
    shared, sunned = frame["most_fen"].notna().any(), frame["loss_min"].notna().any()
    columns = [("floor", _floor), ("flats", _number("flats"))]
    if shared:
        columns += [("coefficient", _number("coefficient")), ("pays", _pays)]
    if shared and (frame["receives_fen"].fillna(0) > 0).any():
        columns.append(("receives", _receives))
    if sunned:
        columns += [("sun_now", _sun_now), ("sun_loss", _number("loss_min", digits=0))]
    return {
        "heads": [words.text(f"stair.{name}") for name, _ in columns],
        "rows": [[cell(row) for _, cell in columns] for row in rows],
    }


def _floor(row: Mapping[str, Any]) -> str:
    return f"{row['floor']:.0f}"


def _number(name: str, *, digits: int = 2) -> Any:  # noqa: ANN401 - a function from a row to a cell
    def cell(row: Mapping[str, Any]) -> str:
        return "–" if absent(row[name]) else format_number(round(float(row[name]), digits))

    return cell


def _pays(row: Mapping[str, Any]) -> str:
    if absent(row["most_fen"]):
        return "–"
    least, most = (f"{row[name] / _FEN:,.2f}" for name in ("least_fen", "most_fen"))
    return least if least == most else f"{least}–{most}"


def _receives(row: Mapping[str, Any]) -> str:
    return "–" if absent(row["receives_fen"]) else f"{row['receives_fen'] / _FEN:,.2f}"


def _sun_now(row: Mapping[str, Any]) -> str:
    if absent(row["sun_before_min"]) or absent(row["sun_after_min"]):
        return "–"
    return f"{row['sun_before_min']:.0f} → {row['sun_after_min']:.0f}"
