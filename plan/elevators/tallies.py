"""Votes as tables: what may be shown to anybody, and what the organisers of a vote need."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from importlib import resources
from typing import Any

import pandas as pd

from plan.elevators.ballots import Consent
from plan.elevators.consent import Verdict
from plan.messages import Message
from plan.tables import Table

__all__ = ["amounts_table", "consent_frame", "consent_table"]


def consent_table(consents: Mapping[str, Consent]) -> Table:
    """Return how many ballots have which verdict: counts only, fit for a public report.

    Parameters
    ----------
    consents : mapping of str to Consent
        By name.

    Returns
    -------
    Table
        One row for each verdict. Ballots without a vote that is written down are not begun, whatever their verdict.
    """
    counts = Counter("not_begun" if not one.begun else one.verdict.value for one in consents.values())
    return Table(
        title=Message("consent.title"),
        heads=(Message("consent.head_verdict"), Message("consent.head_count")),
        rows=tuple(
            (Message(f"consent.verdict_{verdict}"), str(counts[verdict]))
            for verdict in (*(v.value for v in Verdict), "not_begun")
        ),
        numeric=(1,),
        notes=(Message("consent.note_private"),),
    )


def consent_frame(consents: Mapping[str, Consent]) -> pd.DataFrame:
    """Return one row for each ballot with what is there and what is missing; for the organisers of a vote only.

    A stairwell has few owners: whoever knows some of the votes works out the others. No public writer takes this table.

    Parameters
    ----------
    consents : mapping of str to Consent
        By name.

    Returns
    -------
    pandas.DataFrame
        ``ballot``, ``verdict``, ``begun``, ``flats``, ``owners``, for each share ``…_have``, ``…_needed`` and ``…_missing``
        (m2 or heads), ``ask`` (how many households would settle it; none where nobody can or it was not asked for),
        ``ask_exact``, ``ask_households`` (their ids) and ``doubts``.
    """
    rows = []
    for name, one in consents.items():
        row: dict[str, Any] = {
            "ballot": name,
            "verdict": one.verdict.value,
            "begun": one.begun,
            "flats": len(one.ballot.flats),
            "owners": len({flat.owner for flat in one.ballot.flats}),
        }
        for hurdle in one.hurdles:
            figures = {"have": hurdle.have, "needed": hurdle.needed, "missing": hurdle.missing}
            row |= {f"{hurdle.name}_{what}": float(figure) for what, figure in figures.items()}
        asked = one.settling
        row |= {
            "ask": None if asked is None else len(asked.households),
            "ask_exact": None if asked is None else asked.exact,
            "ask_households": None if asked is None else ", ".join(asked.households),
            "doubts": ", ".join(doubt.code for doubt in one.doubts) or None,
        }
        rows.append(row)
    frame = pd.DataFrame(rows)
    if len(frame):
        frame["ask"] = frame["ask"].astype("Int64")
        frame["ask_exact"] = frame["ask_exact"].astype("boolean")
    return frame


def amounts_table() -> Table:
    """Return what elevators and subsidies are said to be elsewhere; nothing is computed from it.

    Returns
    -------
    Table
        Each with its year, source and evidence: figures EL-COST and EL-SUB-*, of low evidence or of other cities.
    """
    file = resources.files("plan.elevators") / "tables" / "amounts.csv"
    heads = ("id", "place", "words", "year", "source", "evidence")
    read = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")), strict=True)
    return Table(
        title=Message("shares.amounts_title"),
        heads=tuple(Message(f"shares.head_{head}") for head in heads),
        rows=tuple(tuple(row[head] or None for head in heads) for row in read),
        notes=(Message("shares.amounts_note"),),
    )
