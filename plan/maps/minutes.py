"""Walk times of buildings, as popups and colours show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from plan.categories import CATEGORIES
from plan.errors import UsageError
from plan.maps.escape import plain
from plan.maps.palette import THEME
from plan.maps.words import Words, absent
from plan.messages import Message
from plan.site import Site

__all__ = ["reach_of", "theme"]

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
        Empty where nothing was reached; else for each category its label and the minutes of each building: -1 beyond the limit,
        None without data.

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
            }
        )
    return out


def theme(words: Words, clauses: Sequence[int]) -> dict[str, Any]:
    """Return colours and words for buildings coloured by minutes."""
    within = [words.text("ui.within", n=n) for n in _BREAKS_MIN]
    return {
        "breaks": list(_BREAKS_MIN),
        "colours": list(THEME),
        "words": [*within, words.text("ui.over", n=_BREAKS_MIN[-1]), words.text("ui.unknown")],
        "clauses": list(clauses),
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
