"""How the layers of a site look in a drawing: their Chinese names, colours and lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from plan.schema import LAYERS

__all__ = ["LOOKS", "NEW", "NOTES", "REMOVED", "Change", "Look", "dxf_layer"]

Change = Literal["", "new", "removed"]
NEW: Final = "新增"
REMOVED: Final = "拆除"
NOTES: Final = "注记"
_SUFFIXES: Final[dict[Change, str]] = {"": "", "new": f"-{NEW}", "removed": f"-{REMOVED}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a layer is drawn."""

    color: int  # AutoCAD Color Index: 1 red, 2 yellow, 3 green, 4 cyan, 5 blue, 6 magenta, 7 black or white
    linetype: str = "CONTINUOUS"
    weight: int = 18  # of the plotted line, hundredths of a millimetre; one of those that DXF knows


LOOKS: Final[dict[str, Look]] = {
    "parcels": Look(color=1, linetype="DASHDOT", weight=50),  # 红线 is red
    "communities": Look(color=6, linetype="DIVIDE", weight=35),
    "grids": Look(color=30, linetype="DASHED"),
    "buildings": Look(color=7, weight=35),
    "entrances": Look(color=1),
    "households": Look(color=8, weight=9),
    "rooms": Look(color=4, weight=25),
    "facilities": Look(color=6),
    "walkways": Look(color=8, linetype="CENTER", weight=13),
    "barriers": Look(color=34, linetype="DASHDOT", weight=25),
    "open_spaces": Look(color=3, weight=13),
    "obstacles": Look(color=94, weight=13),
    "fire_lanes": Look(color=10, linetype="DASHED", weight=25),
    "stalls": Look(color=5, weight=13),
    "aisles": Look(color=140, linetype="CENTER", weight=13),
    "elevators": Look(color=2, weight=35),
    "utilities": Look(color=40, linetype="DASHED2", weight=13),
    "remarks": Look(color=210),
}


def dxf_layer(name: str, change: Change = "", *, notes: bool = False) -> str:
    """Return what a layer of a site is called in a drawing.

    Parameters
    ----------
    name : str
        A layer of the contract.
    change : {"", "new", "removed"}
        What becomes of its rows.
    notes : bool, default False
        True for the layer of texts beside them.

    Examples
    --------
    >>> dxf_layer("stalls", "new"), dxf_layer("buildings", notes=True)
    ('停车位-新增', '建筑-注记')
    """
    return LAYERS[name].zh + _SUFFIXES[change] + (f"-{NOTES}" if notes else "")
