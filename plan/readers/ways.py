"""Tables of roads hold what nobody walks on: railways, motorways, and what is not built. They are shut, and told."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from plan.columns import text_of
from plan.findings import Problem
from plan.messages import Message
from plan.problems import ProblemList
from plan.schema import LAYERS
from plan.surfaces import NOT_WALKED
from plan.text_safety import plain
from plan.validation import match_table

__all__ = ["shut_unwalked"]

_SHOWN: Final = 10


def shut_unwalked(frame: gpd.GeoDataFrame, *, path: str) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Give ways that nobody may walk ``access`` ``no``.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Rows of the layer walkways as found.
    path : str
        The file, for the problem.

    Returns
    -------
    tuple of GeoDataFrame and tuple of Problem
        The rows, those of ``plan.schema.NOT_WALKED`` shut and without a kind; and PLAN-LAYER-004 where there are some.
    """
    matched = match_table(LAYERS["walkways"], frame)
    if "kind" not in matched:
        return frame, ()
    kinds = text_of(frame[matched["kind"]])
    barred = kinds.map(lambda kind: isinstance(kind, str) and kind.casefold() in NOT_WALKED).to_numpy(
        dtype=bool
    )
    if not barred.any():
        return frame, ()
    found = ProblemList(path=path, layer="walkways")
    counts = kinds[barred].value_counts()
    message = Message(
        "readers.unwalked",
        count=int(barred.sum()),
        kinds=tuple(
            f"{plain(kind)} ({n})" for kind, n in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        )[:_SHOWN],
    )
    rows = tuple(i for i, one in enumerate(barred, start=1) if one)
    found.add("PLAN-LAYER-004", "info", "repaired", message, column="access", rows=rows)
    access = matched.get("access", "access")
    said = (
        frame[access].astype(object)
        if access in frame.columns
        else pd.Series(None, index=frame.index, dtype=object)
    )
    shut = frame.assign(
        **{
            matched["kind"]: frame[matched["kind"]].astype(object).mask(barred, None),
            access: said.mask(barred, "no"),
        }
    )
    return shut, found.problems
