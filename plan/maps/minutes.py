"""Walk times of buildings, as popups and colours show them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from plan.categories import CATEGORIES
from plan.errors import UsageError
from plan.maps.escape import plain
from plan.maps.palette import REACHED, THEME
from plan.maps.words import Words, absent
from plan.messages import Message
from plan.network.kernel import TOLERANCE_MIN
from plan.site import Site

__all__ = ["SLIDER_MIN", "reach_of", "theme"]

SLIDER_MIN: Final = 30  # the last minute of the page's slider
_BREAKS_MIN: Final = (5, 10, 15)  # life circles of GB 50180-2018 [min]


def reach_of(
    reach: pd.DataFrame, *, site: Site, building_ids: Sequence[str], words: Words
) -> list[dict[str, Any]]:
    """Bring walk times to buildings: the longest way of a building's origins counts.

    Parameters
    ----------
    reach : pandas.DataFrame
        One column per category, minutes [min], NaN beyond the limit. Rows are buildings (index
        ``building_id``), or have a column ``building_id``, or the index is named ``household_id``
        or ``entrance_id`` and the site says which building that is.
    site : Site
        The site.
    building_ids : sequence of str
        Buildings in the order of the page.
    words : Words
        The language.

    Returns
    -------
    list of dict
        Empty where nothing was reached; else for each category its label and the minutes of each building (``min`` to a
        tenth, ``up`` to the whole minute in which they end): -1 beyond the limit, None without data. Where the rows
        are households, ``within`` counts those within 1, 2, … minutes, ``of`` all of them.

    Raises
    ------
    UsageError
        If no row belongs to a building of the site.
    """
    frame = reach.copy()
    owner = frame.pop("building_id").astype(str) if "building_id" in frame.columns else _owners(frame, site)
    names = [
        c for c in (*CATEGORIES, *(c for c in frame.columns if c not in CATEGORIES)) if c in frame.columns
    ]
    names = [c for c in names if frame[c].dtype.kind in "fiu"]
    if frame.empty or not names:
        return []
    grouped = frame[names].astype(float).groupby(owner.to_numpy())
    longest, complete = grouped.max(), grouped.count().eq(grouped.size(), axis=0)
    if not longest.index.isin(building_ids).any():
        raise UsageError(Message("maps.reach_index"))
    longest, complete = longest.reindex(list(building_ids)), complete.reindex(list(building_ids))
    out = []
    for name in names:
        minutes = [
            None if absent(whole) else round(value, 1) if whole and not absent(value) else -1
            for value, whole in zip(longest[name].tolist(), complete[name].tolist(), strict=True)
        ]
        label = words.category(str(name))
        out.append(
            {
                "id": plain(name),
                "label": label,
                "title": words.text("ui.theme_by", name=label),
                "min": minutes,
                # Whole minutes, for a comparison with whole limits: a time is within a limit as the checks have it.
                "up": [
                    None
                    if absent(whole)
                    else math.ceil(value - TOLERANCE_MIN)
                    if whole and not absent(value)
                    else -1
                    for value, whole in zip(longest[name].tolist(), complete[name].tolist(), strict=True)
                ],
                **_within(frame, name),
            }
        )
    return out


def _within(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    """Count the households within each whole minute that the page's slider offers; nothing where rows are no households."""
    if str(frame.index.name) != "household_id":
        return {}
    walked = frame[name].to_numpy(dtype=float)
    counts = [int((walked <= minute + TOLERANCE_MIN).sum()) for minute in range(1, SLIDER_MIN + 1)]
    return {"within": counts, "of": len(walked)}


def theme(words: Words, clauses: Sequence[int]) -> dict[str, Any]:
    """Return colours and words for buildings coloured by minutes."""
    within = [words.text("ui.within", n=n) for n in _BREAKS_MIN]
    return {
        "breaks": list(_BREAKS_MIN),
        "colours": list(THEME),
        "words": [*within, words.text("ui.over", n=_BREAKS_MIN[-1]), words.text("ui.unknown")],
        "clauses": list(clauses),
        "slider": SLIDER_MIN,
        "reached": list(REACHED),
    }


def _owners(frame: pd.DataFrame, site: Site) -> pd.Series[str]:
    """Return for each row the building that its index means."""
    layer = {"household_id": "households", "entrance_id": "entrances"}.get(str(frame.index.name))
    index = frame.index.to_series().astype(str)
    if layer is None:
        return index
    if not site.has(layer):
        raise UsageError(Message("maps.reach_index"))
    rows = site.layer(layer)
    known = dict(zip(rows[str(frame.index.name)].astype(str), rows["building_id"], strict=True))
    return index.map(lambda i: "" if absent(known.get(i)) else str(known[i]))
