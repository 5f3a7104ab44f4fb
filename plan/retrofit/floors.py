"""What an elevator costs and takes of the sun on each floor of a stairwell: for the public, no household and no vote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plan.elevators import StairwellSiting
    from plan.retrofit.owners import Owners
    from plan.retrofit.sun import SunLoss

__all__ = ["floor_frame"]

_COLUMNS: Final = (
    "entrance_id", "building_id", "stairwell_id", "floor", "flats", "coefficient", "least_fen", "most_fen",
    "receives_fen", "sun_before_min", "sun_after_min", "loss_min",
)  # fmt: skip


def floor_frame(
    stairwells: Iterable[StairwellSiting], owners: Owners | None, sun: SunLoss | None
) -> pd.DataFrame:
    """Return one row for each floor of each stairwell with what its flats pay and lose.

    Parameters
    ----------
    stairwells : iterable of StairwellSiting
        The stairwells.
    owners : Owners or None
        With the shares, where a cost is known. Where only those who agreed pay, a share tells a vote: it is left out.
    sun : SunLoss or None
        What flats lose.

    Returns
    -------
    pandas.DataFrame
        ``entrance_id``, ``building_id``, ``stairwell_id``, ``floor``, ``flats``; ``coefficient``, ``least_fen`` and
        ``most_fen`` [0.01 CNY] that a flat pays, ``receives_fen`` at most; ``sun_before_min``, ``sun_after_min`` of
        the sunniest window and ``loss_min``, the largest loss [min]. What is not known is NaN.
    """
    if owners is None:
        return pd.DataFrame(columns=list(_COLUMNS))
    paid = _paid(owners)
    lost = _lost(sun)
    rows: list[dict[str, Any]] = []
    for one in stairwells:
        name = owners.names.get((str(one.building_id), one.stairwell_id), "")
        shares, losses = paid.get(name, {}), lost.get(name, {})
        rows += [
            {
                "entrance_id": one.entrance_id,
                "building_id": one.building_id,
                "stairwell_id": one.stairwell_id,
                "floor": floor,
                **losses.get(floor, {}),
                **shares.get(floor, {}),
            }
            for floor in sorted({*shares, *losses})
        ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _paid(owners: Owners) -> dict[str, dict[int, dict[str, float]]]:
    found: dict[str, dict[int, dict[str, float]]] = {}
    if owners.shares is None or owners.shares.payers == "agreeing":
        return found
    for name, shares in owners.shares.stairwells.items():
        floors = found.setdefault(name, {})
        for floor in sorted({flat.floor for flat in shares.flats}):
            flats = [flat for flat in shares.flats if flat.floor == floor]
            pays = [flat.share_fen for flat in flats]
            floors[floor] = {
                "flats": len(flats),
                "coefficient": float(flats[0].coefficient),
                "least_fen": min(pays),
                "most_fen": max(pays),
                "receives_fen": max(flat.compensation_fen for flat in flats),
            }
    return found


def _lost(sun: SunLoss | None) -> dict[str, dict[int, dict[str, float]]]:
    found: dict[str, dict[int, dict[str, float]]] = {}
    if sun is None or sun.flats.empty:
        return found
    known = sun.flats[sun.flats["floor"].notna() & sun.flats["stairwell"].notna()]
    keyed = known.assign(_floor=known["floor"].astype(int))
    for _, rows in keyed.groupby(["stairwell", "_floor"], sort=True):
        name, floor = rows[["stairwell", "_floor"]].iloc[0]
        found.setdefault(str(name), {})[int(floor)] = {
            "flats": len(rows),
            "sun_before_min": float(rows["best_before_min"].max()),
            "sun_after_min": float(rows["best_after_min"].max()),
            "loss_min": float(rows["largest_loss_min"].max()),
        }
    return found
