"""What residents are told about the elevator of their stairwell: verdict, figures in millimetres, shares by floor, sun.

A page is public: shares and minutes are told floor by floor, consent as reached or not, and no household by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from plan.elevators.candidates import CONNECTIONS
from plan.elevators.records import millimetres
from plan.maps.escape import plain
from plan.maps.words import Words, absent, format_number
from plan.messages import LANGUAGES, Message, translate
from plan.site import Placement, Site

if TYPE_CHECKING:
    from plan.elevators import Clearance, Position, StairwellSiting
    from plan.findings import Clause
    from plan.maps.verdicts import Clauses

__all__ = ["KeptStairwell", "kept_records", "kept_stairwells", "stairwell_records"]

_FEN: Final = 100.0  # in CNY
_STYLES: Final = {
    "feasible": "met", "conditional": "undetermined", "infeasible": "not_met", "unknown": "undetermined",
    "excluded": "not_applicable",
}  # fmt: skip


def stairwell_records(placed: Placement, *, words: Words, clauses: Clauses) -> dict[str, Any]:
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
    dict
        ``texts``, each once and in the same order in every language; ``verdicts`` by id, with ``word``, ``style`` and
        ``symbol``; ``of``, for each stairwell ``building``, ``name``, ``verdict``, and as positions in ``texts``
        ``facts`` (label and text), ``clear`` (sentence, whether it is kept, number of its clause), ``heads`` and
        ``floors``, and ``notes``.
    """
    measures = placed.measures
    floors: pd.DataFrame = measures.get("floors", pd.DataFrame())
    by_entrance = dict(iter(floors.groupby("entrance_id"))) if len(floors) else {}
    said = _Said(words)
    asked: Mapping[str, Clause] = measures.get("asked_by", {})
    records = []
    for one in placed.measures.get("stairwells", ()):
        told = measures.get("told", {}).get(one.entrance_id, {})
        heads, rows = _floors(by_entrance.get(one.entrance_id))
        records.append(
            {
                "building": "" if one.building_id is None else plain(one.building_id),
                "name": plain(one.stairwell_id),
                "verdict": one.verdict,
                "facts": [[said.put(label), said.put(text)] for label, text in _facts(one, told)],
                "clear": [
                    [
                        said.put(c.told()),
                        millimetres(c.margin_m) >= 0,  # as the sentence says it
                        None if c.name not in asked else clauses.number(asked[c.name]),
                    ]
                    for c in _clearances(one)
                ],
                "heads": [said.put(head) for head in heads],
                "floors": [[said.put(cell) for cell in row] for row in rows],
                "notes": [said.put(note) for note in measures.get("shared", {}).get(one.entrance_id, ())],
            }
        )
    return {
        "texts": said.texts,
        "verdicts": _verdicts(words),
        "of": records,
    }


def _verdicts(words: Words) -> dict[str, dict[str, str]]:
    return {
        verdict: {
            "word": Message(f"retrofit.verdict_{verdict}").to(words.lang),
            "style": style,
            "symbol": words.text("symbol.conditional" if verdict == "conditional" else f"symbol.{style}"),
        }
        for verdict, style in _STYLES.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptStairwell:
    """What a site file says of the elevator of a stairwell; its sentences are in the language of that file."""

    building_id: str
    stairwell_id: str
    verdict: str
    facts: tuple[tuple[str, str], ...]
    clearances: tuple[tuple[str, float], ...] = ()  # sentence, and what is left of the clearance [m]
    floors: pd.DataFrame | None = None


def kept_stairwells(site: Site, results: Mapping[str, pd.DataFrame]) -> tuple[KeptStairwell, ...]:
    """Gather what ``plan hearing`` and ``plan place elevators`` left in a file about each stairwell.

    Parameters
    ----------
    site : Site
        The site of the file; its layer ``elevators`` says what was found where one is proposed.
    results : mapping of str to DataFrame
        ``elevators_rejected``, ``elevators_clearances`` and ``elevators_floors``, as far as there are any.

    Returns
    -------
    tuple of KeptStairwell
        By building and stairwell; a row whose verdict is none that this tool gives is left out.
    """
    found: dict[tuple[str, str], tuple[str, tuple[tuple[str, str], ...]]] = {}
    rejected = results.get("elevators_rejected", pd.DataFrame())
    for row in rejected.to_dict("records"):
        if row["what"] == "stairwell":
            found[_stairs(row)] = (str(row["verdict"]), _kept_facts(row))
    if site.has("elevators"):
        for row in site.layer("elevators").drop(columns="geometry", errors="ignore").to_dict("records"):
            if not absent(row.get("verdict")):
                found[_stairs(row)] = (str(row["verdict"]), _kept_facts(row))
    clearances = _by_stairs(results.get("elevators_clearances", pd.DataFrame()))
    by_floor = _by_stairs(results.get("elevators_floors", pd.DataFrame()))
    return tuple(
        KeptStairwell(
            building_id=building,
            stairwell_id=stairwell,
            verdict=verdict,
            facts=facts,
            clearances=tuple(
                (str(row["told"]), float(row["margin_m"]))
                for row in clearances.get((building, stairwell), pd.DataFrame()).to_dict("records")
                if not absent(row["told"])
            ),
            floors=by_floor.get((building, stairwell)),
        )
        for (building, stairwell), (verdict, facts) in sorted(found.items())
        if verdict in _STYLES
    )


def kept_records(stairwells: Sequence[KeptStairwell], *, words: Words) -> dict[str, Any]:
    """Write what a file says about each stairwell as :func:`stairwell_records` does; no clause stands in a file."""
    said = _Said(words)
    records = []
    for one in stairwells:
        heads, rows = _floors(one.floors)
        records.append(
            {
                "building": plain(one.building_id),
                "name": plain(one.stairwell_id),
                "verdict": one.verdict,
                "facts": [[said.put(Message(label)), said.put(text)] for label, text in one.facts],
                "clear": [
                    [said.put(text), millimetres(margin) >= 0, None] for text, margin in one.clearances
                ],
                "heads": [said.put(head) for head in heads],
                "floors": [[said.put(cell) for cell in row] for row in rows],
                "notes": [],
            }
        )
    return {"texts": said.texts, "verdicts": _verdicts(words), "of": records}


def _stairs(row: Mapping[Any, Any]) -> tuple[str, str]:
    return tuple("" if absent(row.get(name)) else str(row[name]) for name in ("building_id", "stairwell_id"))  # type: ignore[return-value]  # two names, two texts


def _by_stairs(frame: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    if frame.empty:
        return {}
    keys = [_stairs(row) for row in frame[["building_id", "stairwell_id"]].to_dict("records")]
    return dict(iter(frame.groupby(pd.Series(keys, index=frame.index), sort=True)))


def _kept_facts(row: Mapping[Any, Any]) -> tuple[tuple[str, str], ...]:
    connection, stairs = row.get("connection"), row.get("wheelchair")
    found: list[tuple[str, Any]] = [("retrofit.head_reason", row.get("reason"))]
    if connection in CONNECTIONS:
        found.append(("retrofit.head_connection", Message(f"retrofit.connection_{connection}")))
    if not absent(stairs):
        found.append(("maps.column.wheelchair", Message("maps.yes" if stairs else "maps.no")))
    found.append(("retrofit.head_remedy", row.get("remedy")))
    return tuple((label, text) for label, text in found if isinstance(text, str) and text)


class _Said:
    """Texts, each once; two that read the same in one language and not in the other are two."""

    def __init__(self, words: Words) -> None:
        self._lang = words.lang
        self._index: dict[tuple[str, ...], int] = {}
        self.texts: list[str] = []

    def put(self, text: str) -> int:
        """Return the position of a text, adding it when it is new."""
        key = tuple(translate(text, lang) for lang in LANGUAGES)
        if key not in self._index:
            self._index[key] = len(self.texts)
            self.texts.append(plain(key[LANGUAGES.index(self._lang)]))
        return self._index[key]


def _clearances(one: StairwellSiting) -> tuple[Clearance, ...]:
    """Return what was measured at the chosen position, else at the one that comes closest."""
    at = one.chosen or (one.alternatives[0] if one.alternatives else None)
    return () if at is None else at.clearances


def _facts(one: StairwellSiting, told: Mapping[str, str]) -> list[tuple[str, str]]:
    at = one.chosen
    found: list[tuple[str, str | None]] = [("retrofit.head_reason", one.reason)]
    if at is not None:
        wheelchair = None if one.wheelchair is None else Message("maps.yes" if one.wheelchair else "maps.no")
        found += [
            ("retrofit.head_connection", Message(f"retrofit.connection_{at.connection}")),
            ("maps.column.wheelchair", wheelchair),
            ("retrofit.head_remedy", at.remedy),
            ("retrofit.head_cost", _cost(at) if at.remedies else None),
        ]
    found += [(f"retrofit.head_{name}", told.get(name)) for name in ("consent", "pays", "sun")]
    return [(Message(label), text) for label, text in found if text]


def _cost(at: Position) -> str:
    if not at.unpriced:
        return format_number(at.cost_cny or 0.0)
    if at.cost_cny is None:
        return Message("retrofit.cost_unknown", count=at.unpriced)
    return Message("retrofit.cost_from", cost=format_number(at.cost_cny), count=at.unpriced)


def _floors(frame: pd.DataFrame | None) -> tuple[list[str], list[list[str]]]:
    """Return the floors of a stairwell from the top down, with the columns of which anything is known."""
    if frame is None or frame.empty:
        return [], []
    columns: list[tuple[str, Callable[[Mapping[str, Any]], str]]] = [
        ("floor", partial(_number, name="floor")),
        ("flats", partial(_number, name="flats")),
    ]
    if frame["most_fen"].notna().any():
        columns += [("coefficient", partial(_number, name="coefficient")), ("pays", _pays)]
        if (frame["receives_fen"].fillna(0) > 0).any():
            columns.append(("receives", _receives))
    if frame["loss_min"].notna().any():
        columns += [("sun_now", _sun_now), ("sun_loss", partial(_number, name="loss_min", digits=0))]
    rows: list[Any] = frame.sort_values("floor", ascending=False).to_dict("records")
    heads: list[str] = [Message(f"maps.stair.{name}") for name, _ in columns]
    return heads, [[cell(row) for _, cell in columns] for row in rows]


def _number(row: Mapping[str, Any], *, name: str, digits: int = 2) -> str:
    return "–" if absent(row[name]) else format_number(round(float(row[name]), digits))


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
