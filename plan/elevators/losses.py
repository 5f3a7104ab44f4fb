"""What each of many possible shafts would take by itself: a figure to choose between places."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from plan.elevators.prisms import storeys
from plan.elevators.scene import IN_FRONT_M, scene_of
from plan.elevators.solids import ADDED, same_system, solids_of
from plan.elevators.sunlight import ABOVE_EAVES_M, UNKNOWN_HEIGHT_M, Sunlight
from plan.elevators.windows import AGAINST_M
from plan.errors import UsageError
from plan.findings import reason
from plan.households import STOREY_M
from plan.messages import Message
from plan.site import as_objects

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["shaft_losses"]

_MEASURES: Final = (
    "lost_min", "windows_losing", "largest_loss_min", "windows_falling", "windows_covered", "windows_undetermined",
)  # fmt: skip
_MINUTES: Final = ("lost_min", "largest_loss_min")


def shaft_losses(
    before: Sunlight,
    buildings: gpd.GeoDataFrame,
    shafts: gpd.GeoDataFrame,
    *,
    limit_min: float,
    storey_m: float = STOREY_M,
    above_eaves_m: float = ABOVE_EAVES_M,
    ground_m: pd.Series[Any] | None = None,
    unknown_height_m: float = UNKNOWN_HEIGHT_M,
    grazing_deg: float = 0.0,
) -> pd.DataFrame:
    """Return what each shaft would take from the windows if it were the only one.

    Parameters
    ----------
    before : Sunlight
        Windows, day and place, as :func:`plan.elevators.sunlight.sunlight` tells them.
    buildings, storey_m, above_eaves_m, ground_m, unknown_height_m, grazing_deg
        As there.
    shafts : GeoDataFrame
        Possible shafts, also across each other: outlines with ``building_id``, and ``height_m`` where it is known.
    limit_min : float
        Minutes that are enough.

    Returns
    -------
    DataFrame
        By the index of ``shafts``: ``lost_min`` (summed over windows), ``windows_losing``, ``largest_loss_min``,
        ``windows_falling`` (below the limit), ``windows_covered`` (the shaft stands against them; most often those of the stairs),
        ``windows_undetermined`` (something not known may shade them before) and ``reason`` (None, or why nothing
        can be told). What is covered or undetermined is in none of the other figures.

    Raises
    ------
    CrsError
        If the layers differ in their system.
    UsageError
        If a figure makes no sense or a column is missing.
    """
    for name, value, least in (("limit_min", limit_min, 0.0), ("grazing_deg", grazing_deg, 0.0)):
        if not (math.isfinite(value) and value >= least):
            raise UsageError(Message("sunlight.too_small", name=name, value=value, least=least))
    same_system(buildings, before.windows, shafts)
    table = storeys(buildings, storey_m=storey_m, ground_m=ground_m)
    solids, _ = solids_of(buildings, table, shafts, above_eaves_m, unknown_height_m)
    figures = np.full((len(_MEASURES), len(shafts)), np.nan)
    mine = solids.kinds == ADDED
    figures[:, solids.rows[mine]] = 0.0
    if len(before.windows) and mine.any():
        from plan.elevators.shade import losses_of_each  # noqa: PLC0415 - loads numba

        scene = scene_of(before.windows, solids, before.place, before.path)
        step_min = before.path.step_min
        found = losses_of_each(
            scene.sun, scene.walls, scene.spots, scene.lists, scene.supports,
            math.sin(math.radians(grazing_deg)), math.ceil(limit_min / step_min), AGAINST_M - IN_FRONT_M,
        )  # fmt: skip
        figures[:, solids.rows[mine]] = found[:, mine]
        figures[[_MEASURES.index(name) for name in _MINUTES]] *= step_min
    out = pd.DataFrame(index=shafts.index)
    for name, values in zip(_MEASURES, figures, strict=True):
        out[name] = values if name in _MINUTES else pd.Series(values, index=shafts.index).astype("Int64")
    why = reason("missing_data", Message("sunlight.shaft_unknown"))
    out["reason"] = as_objects(why if np.isnan(v) else None for v in figures[0]).set_axis(shafts.index)
    return out
