"""Where a drawing lies: its units, and the system that its coordinates are in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import pyproj
import shapely
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from ezdxf.document import Drawing
from ezdxf.entities.geodata import GeoData

from plan.crs import short_name
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._cad_gather import Drawn

__all__ = ["UNITS_M", "Place", "Units", "declared_m", "georeference", "placed", "sized", "unit_m"]

Units = Literal["mm", "cm", "m"]
UNITS_M: Final[dict[str, float]] = {"mm": 0.001, "cm": 0.01, "m": 1.0}
# $INSUNITS of the units that anyone draws a site in; metres in each.
_DECLARED: Final = {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 14: 0.1, 21: 1200 / 3937}
# The middle one of all outlines of a site plan (stalls, houses, plots) is a few metres wide, never a centimetre nor a
# kilometre; without outlines the whole drawing is some hundred metres wide, and no estate is 30 km.
_OUTLINE_M: Final = (0.3, 400.0)
_EXTENT_M: Final = (5.0, 30_000.0)
_SHOWN: Final = 1e-9

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """From coordinates of the drawing to metres of a system: turn, scale, move."""

    scale: float = 1.0  # metres in a unit of the drawing
    decided: bool = False  # by the sizes of what is drawn alone
    turn_rad: float = 0.0
    pivot: tuple[float, float] = (0.0, 0.0)  # in the drawing
    origin: tuple[float, float] = (0.0, 0.0)  # where the pivot lies in the system
    crs: pyproj.CRS | None = None

    def apply(self, points: Array) -> Array:
        """Return points of the drawing as points of the system."""
        moved = (points - np.array(self.pivot)) * self.scale
        if self.turn_rad:
            c, s = math.cos(self.turn_rad), math.sin(self.turn_rad)
            moved = moved @ np.array([[c, s], [-s, c]])
        out: Array = moved + np.array(self.origin)
        return out


def placed(drawn: Sequence[Drawn], place: Place) -> list[Drawn]:
    """Return what is drawn with shapes in metres of the system."""
    if not drawn or replace(place, decided=False) == Place():
        return list(drawn)
    moved = shapely.transform(np.array([one.shape for one in drawn], dtype=object), place.apply)
    return [
        replace(one, shape=shape, radius=one.radius * place.scale)
        for one, shape in zip(drawn, moved.tolist(), strict=True)
    ]


def declared_m(drawing: Drawing) -> float | None:
    """Return the metres in a unit of the drawing as its header says; None where it says none."""
    return _DECLARED.get(int(drawing.header.get("$INSUNITS", 0) or 0))


def unit_m(
    declared: float | None, drawn: Sequence[Drawn], found: ProblemList, *, given: Units | None
) -> tuple[float, bool]:
    """Decide how many metres a unit of a drawing is: what the user says, else what fits what is drawn.

    Whether it was decided by what is drawn alone is returned with it: sizes tell millimetres from metres, but nobody
    measures by them.

    Parameters
    ----------
    declared : float or None
        What the header says. Templates say millimetres whatever is drawn, so it is believed where it fits.
    drawn : sequence of Drawn
        What is drawn, in its units.
    found : ProblemList
        Where PLAN-CAD-011 says what was decided and why.
    given : {"mm", "cm", "m"}, optional
        What the user says.
    """
    if given is not None:
        return UNITS_M[given], False
    size, sane, what = _size(drawn)
    shown = f"{size:.4g}"
    if declared is not None and (size < _SHOWN or sane[0] <= size * declared <= sane[1]):
        found.add("PLAN-CAD-011", "info", "noted", Message("cad.units_declared", unit=_named(declared)))
        return declared, False
    fitting = [m for m in (1.0, 0.001, 0.01) if sane[0] <= size * m <= sane[1]]
    chosen = fitting[0] if fitting else declared or 1.0
    key = "units_guessed" if declared is None else "units_overruled"
    message = Message(
        f"cad.{key}",
        unit=_named(chosen),
        said=_named(declared or 1.0),
        what=Message(f"cad.{what}"),
        size=shown,
    )
    found.add("PLAN-CAD-011", "warning", "noted" if declared is None else "repaired", message)
    return chosen, True


def sized(place: Place, drawn: Sequence[Drawn]) -> bool:
    """Tell whether what is drawn is as large as things of a site are, by the scale of a place."""
    size, sane, _ = _size(drawn)
    return size < _SHOWN or sane[0] <= size * place.scale <= sane[1]


def _size(drawn: Sequence[Drawn]) -> tuple[float, tuple[float, float], str]:
    """Return how large things are in units of the drawing, between which metres that is sane, and what was measured."""
    rings = [one.shape for one in drawn if one.kind in ("ring", "area", "circle")]
    if rings:
        boxes = shapely.bounds(np.array(rings, dtype=object))
        wide = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
        return float(np.median(wide)), _OUTLINE_M, "outlines"
    if not drawn:
        return 0.0, _EXTENT_M, "extent"
    x0, y0, x1, y1 = shapely.total_bounds(np.array([one.shape for one in drawn], dtype=object))
    return float(max(x1 - x0, y1 - y0)), _EXTENT_M, "extent"


def _named(metres: float) -> Message:
    name = next((n for n, m in UNITS_M.items() if m == metres), None)
    return Message(f"cad.unit_{name}") if name else Message("cad.unit_other", metres=f"{metres:g}")


def georeference(drawing: Drawing, found: ProblemList) -> Place | None:
    """Return the place that a GEODATA object gives to a drawing; None where there is none that can be used.

    References
    ----------
    Autodesk, DXF Reference, GEODATA: a point of the drawing, the same in the system, the direction of north, and
    metres in a unit.
    """
    data = drawing.modelspace().get_geodata()
    if not isinstance(data, GeoData):
        return None
    code = _epsg(data.coordinate_system_definition)
    if code is None or data.dxf.coordinate_type != GeoData.LOCAL_GRID:
        found.add("PLAN-CAD-012", "warning", "noted", Message("cad.geodata_unknown"))
        return None
    try:
        crs = pyproj.CRS.from_epsg(code)
    except pyproj.exceptions.CRSError:
        found.add("PLAN-CAD-012", "warning", "noted", Message("cad.geodata_unknown"))
        return None
    north, pivot, origin = data.dxf.north_direction, data.dxf.design_point, data.dxf.reference_point
    place = Place(
        scale=float(data.dxf.horizontal_unit_scale),
        turn_rad=math.pi / 2 - math.atan2(north.y, north.x),
        pivot=(float(pivot.x), float(pivot.y)),
        origin=(float(origin.x), float(origin.y)),
        crs=crs,
    )
    found.add("PLAN-CAD-012", "info", "noted", Message("cad.geodata", crs=short_name(crs)))
    return place


def _epsg(definition: str) -> int | None:
    """Return the EPSG code in the XML that describes a system; entities in it are refused."""
    try:
        root = ElementTree.fromstring(definition.strip() or "<none/>")
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        return None
    for alias in root.iter():
        name = str(alias.tag).rpartition("}")[2]
        space = next((str(c.text) for c in alias if str(c.tag).endswith("Namespace")), "")
        code = str(alias.get("id") or "")
        if (
            name == "Alias"
            and alias.get("type") == "CoordinateSystem"
            and space == "EPSG Code"
            and code.isdigit()
        ):
            return int(code)
    return None
