"""The hearing package as a drawing: what stays, what goes, what is new, and what was found where."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.cad.document import new_drawing, to_bytes, without_clock
from plan.cad.drawn import about, draw_layer
from plan.cad.layers import Change
from plan.dossier import Dossier
from plan.drawings.verdicts import draw_verdicts
from plan.files import write_bytes
from plan.schema import LAYERS

__all__ = ["write_dxf"]

# A drawing is handed on: who lives where, and how each owner votes, is not in it.
_PRIVATE: Final = ("households",)


def write_dxf(dossier: Dossier, path: Path | str) -> None:
    """Draw what a hearing is about as a DXF file.

    Rows that stay are on the layers of the contract (``建筑``, ``停车位`` …), those that go on ``…-拆除`` and those that
    come on ``…-新增``; a row whose shape or columns change is on both. Findings have a layer for each status,
    ``检查-不符合`` and so on, with their numbers in a table beside the drawing. Households are left out.

    Parameters
    ----------
    dossier : Dossier
        The estate before and after, with its verdicts.
    path : path-like
        The target; what was there is replaced whole. The same dossier makes the same bytes.

    Raises
    ------
    OutputError
        If it cannot be written; the old file is then untouched.
    """
    with without_clock():
        drawing = new_drawing()
        about(drawing, dossier.proposed, lang=dossier.lang, skip=_PRIVATE)
        for name in LAYERS:
            if name not in _PRIVATE:
                for change, frame in _changes(dossier, name):
                    if len(frame):
                        draw_layer(drawing, name, frame, change=change)
        draw_verdicts(drawing, dossier)
        write_bytes(path, to_bytes(drawing))


def _changes(dossier: Dossier, name: str) -> list[tuple[Change, gpd.GeoDataFrame]]:
    """Return the rows of a layer that stay, go and come."""
    before, after = dossier.site.layers.get(name), dossier.proposed.layers.get(name)
    if after is None:
        return [] if before is None else [("removed", before)]
    if before is None:
        return [("new", after)]
    kept_before, kept_after = _same(before, after, LAYERS[name].id_column)
    gone = before[~kept_before]
    if "state" in gone:  # a room that is not chosen is nothing that is pulled down
        gone = gone[gone["state"] != "candidate"]
    return [("", after[kept_after]), ("removed", gone), ("new", after[~kept_after])]


def _same(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, key: str
) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Tell of each row whether it is in both, with the same shape and the same columns."""
    old = {str(i): row for row, i in enumerate(before[key])}
    shared = [c for c in before.columns if c in after.columns and c != before.geometry.name]
    left, right = before[shared].astype(object), after[shared].astype(object)
    stays_before, stays_after = np.zeros(len(before), dtype=bool), np.zeros(len(after), dtype=bool)
    for row, name in enumerate(after[key]):
        was = old.get(str(name))
        if was is None:
            continue
        shapes = before.geometry.iloc[was], after.geometry.iloc[row]
        as_was = shapes[0] is shapes[1] or (
            None not in shapes and bool(shapes[0].equals_exact(shapes[1], 0.0))
        )
        cells = zip(left.iloc[was].tolist(), right.iloc[row].tolist(), strict=True)
        if as_was and all((pd.isna(a) and pd.isna(b)) or (not pd.isna(a) and a == b) for a, b in cells):
            stays_before[was] = stays_after[row] = True
    return stays_before, stays_after
