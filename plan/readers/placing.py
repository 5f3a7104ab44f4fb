"""Where the coordinates of a layer are believed to be: in the system that it names, in the one that a user names, or in doubt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyproj
import shapely

from plan.crs import Bounds, Doubt, DoubtName, crs_doubt, short_name, typed_name
from plan.findings import Problem
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._cad_place import UNITS_M
from plan.readers.far import FAR_M, stray_rows
from plan.readers.raw import RawLayer
from plan.readers.systems import distinct
from plan.text_safety import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Placed", "is_old", "of_other_datum", "of_unit", "place_layer", "same_system"]

_SHOWN_ROWS: Final = 20  # rows that a message lists
_DOUBTS: Final[dict[DoubtName, str]] = {
    "missing": "PLAN-CRS-001",
    "geojson_metres": "PLAN-CRS-002",
    "degrees_called_metres": "PLAN-CRS-003",
    "zone_prefix": "PLAN-CRS-004",
    "zone_prefix_absent": "PLAN-CRS-004",
    "millimetres": "PLAN-CRS-018",
    "axes_swapped": "PLAN-CRS-005",
    "degrees_swapped": "PLAN-CRS-005",
    "outside_area_of_use": "PLAN-CRS-006",
    "beyond_zone": "PLAN-CRS-006",
    "web_mercator": "PLAN-CRS-008",
    "metres_called_degrees": "PLAN-CRS-009",
    "local": "PLAN-CRS-012",
}
_OWN_M: Final = 100_000.0  # from the origin, where no place of China lies in any of its metric systems
_CHINA: Final = (73.0, 3.0, 136.0, 54.0)  # degrees
_AWAY: Final = ("outside_area_of_use", "beyond_zone")  # doubts that a few rows may bring on all
_OLD_DATUMS: Final = ("xian 1980", "beijing 1954", "new beijing")
_DRAWN_M: Final = (0.001, 0.01, 0.0254, 0.1, 0.3048, 1.0, 1000.0)  # units that drawings are taken for
# Half axes in metres of IAG 1975 (Xi'an 80) and of Krassowsky (Beijing 54), for systems that people named themselves.
_OLD_ELLIPSOIDS: Final = (6378140, 6378245)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """A layer and the system that its coordinates are believed to be in; None when in doubt."""

    layer: RawLayer
    crs: pyproj.CRS | None
    bounds: Bounds | None  # None when nothing has coordinates
    beyond: bool = False  # in a zone beside that of its system, as the user says


def place_layer(layer: RawLayer, given: pyproj.CRS | None) -> tuple[Placed, tuple[Problem, ...]]:
    """Tell where a layer lies, or why that is in doubt.

    Parameters
    ----------
    layer : RawLayer
        The layer as found.
    given : pyproj.CRS or None
        The system that the user names. It is believed where the layer names none, or one that its coordinates cannot be
        in; and where it says again what the layer names, of a place beside its zone.

    Returns
    -------
    tuple of Placed and tuple of Problem
        The layer with its system, None when in doubt; and what was decided, or refused.
    """
    bounds = _bounds(layer.shapes)
    if bounds is None:
        return Placed(layer=layer, crs=None, bounds=None), ()
    named = _flat(layer.frame.crs)
    what = _spoken(layer)
    named, disputed = _of_several(layer, named, given, bounds)
    if any(p.effect == "refused" for p in disputed):
        return Placed(layer=layer, crs=None, bounds=bounds), disputed
    place, told = _place(layer, named, given, bounds, what)
    return place, (*disputed, *told)


def _of_several(
    layer: RawLayer, named: pyproj.CRS | None, given: pyproj.CRS | None, bounds: Bounds
) -> tuple[pyproj.CRS | None, tuple[Problem, ...]]:
    """Return the system that is meant where a file names several: the user's, or the only one its coordinates can be in."""
    if named is None or not layer.systems or not np.isfinite(bounds).all():
        return named, ()
    flat = (_flat(system) for system in layer.systems)
    systems = distinct((named, *(system for system in flat if system is not None)), bounds)
    fitting = [system for system in systems if crs_doubt(bounds, system, "") is None]
    if len(systems) == 1 or not fitting:
        return named, ()  # none of them: what speaks against it is told
    found = _list_of(layer)
    said = tuple(typed_name(system) for system in systems)
    if given is not None and crs_doubt(bounds, given, "") is None:
        message = Message(
            "readers.crs_several_given", what=_spoken(layer), systems=said, crs=short_name(given)
        )
        found.add("PLAN-CRS-020", "warning", "noted", message)
        return given, found.problems
    if len(fitting) > 1:
        message = Message("readers.crs_several", what=_spoken(layer), systems=said, code=said[0])
        found.add("PLAN-CRS-020", "error", "refused", message)
        return named, found.problems
    message = Message(
        "readers.crs_several_one", what=_spoken(layer), systems=said, crs=typed_name(fitting[0])
    )
    found.add("PLAN-CRS-020", "warning", "noted", message)
    return fitting[0], found.problems


def _place(  # noqa: PLR0911 - one return for each way
    layer: RawLayer, named: pyproj.CRS | None, given: pyproj.CRS | None, bounds: Bounds, what: str
) -> tuple[Placed, tuple[Problem, ...]]:
    doubt = crs_doubt(bounds, named, what, assumed=layer.crs_assumed)
    if doubt is None:
        if named is not None and is_old(named) and not named.is_bound:
            return _of_old_datum(layer, named, given, bounds)
        return Placed(layer=layer, crs=named, bounds=bounds), ()
    if named is not None and doubt.name in _AWAY and (strays := _strays(layer, named, what)):
        return Placed(layer=layer, crs=None, bounds=bounds), strays
    if given is not None:
        if doubt.name == "beyond_zone" and _said_so(given, named):
            kept = _list_of(layer)
            kept.add("PLAN-CRS-006", "warning", "noted", _beyond(doubt))
            return Placed(layer=layer, crs=named, bounds=bounds, beyond=True), kept.problems
        instead = crs_doubt(bounds, given, what)
        if instead is None or instead.name == "beyond_zone":
            return _as_given(layer, given, named, bounds, instead)
        if elsewhere := _elsewhere(layer, bounds, given, what, instead if named is None else None):
            return Placed(layer=layer, crs=None, bounds=bounds), elsewhere
        doubt = instead if named is None else doubt
    problem = Problem(
        id=_DOUBTS[doubt.name],
        severity="error",
        effect="refused",
        message=doubt.message,
        cure=Message(f"readers.crs_{doubt.name}_cure", **doubt.message.params),
        path=layer.path,
        layer=layer.name or plain(layer.source_layer),
    )
    return Placed(layer=layer, crs=None, bounds=bounds), (problem,)


def _as_given(
    layer: RawLayer, given: pyproj.CRS, named: pyproj.CRS | None, bounds: Bounds, doubt: Doubt | None
) -> tuple[Placed, tuple[Problem, ...]]:
    """Take a layer in the system that the user names, though it be beside its zone."""
    found = _list_of(layer)
    if doubt is not None:
        found.add("PLAN-CRS-006", "warning", "noted", _beyond(doubt))
    what = _spoken(layer)
    untagged = named is None or layer.crs_assumed
    key = "crs_given" if untagged else "crs_overruled"
    message = Message(f"readers.{key}", what=what, crs=short_name(given), named=short_name(named or given))
    found.add("PLAN-CRS-013", "info", "noted" if untagged else "repaired", message)
    if is_old(given) and not given.is_bound:
        kept = Message("readers.crs_old_kept", crs=short_name(given))
        found.add("PLAN-CRS-015", "warning", "noted", kept)
    beyond = doubt is not None and not is_old(given)
    return Placed(layer=layer, crs=given, bounds=bounds, beyond=beyond), found.problems


def _spoken(layer: RawLayer) -> str:
    """Return how a layer is spoken of: its file, and what that calls it."""
    return " · ".join(dict.fromkeys(t for t in (layer.path, plain(layer.source_layer)) if t))


def _list_of(layer: RawLayer) -> ProblemList:
    return ProblemList(path=layer.path, layer=layer.name or plain(layer.source_layer))


def _strays(layer: RawLayer, named: pyproj.CRS, what: str) -> tuple[Problem, ...]:
    """Name the rows that alone are why a layer does not lie where its system is used, such as those at 0, 0."""
    shapes = layer.shapes
    far, shown = stray_rows(shapes)
    near = np.delete(shapes, [row - 1 for row in far])
    bounds = _bounds(near)
    if not far or bounds is None or crs_doubt(bounds, named, what) is not None:
        return ()
    found = _list_of(layer)
    message = Message(
        "readers.crs_stray", layer=found.layer, rows=far[:_SHOWN_ROWS], km=f"{FAR_M / 1000:g}", shown=shown
    )
    found.add("PLAN-CRS-017", "error", "refused", message, rows=far)
    return found.problems


def of_unit(place: Placed) -> tuple[Problem, ...]:
    """Doubt a layer whose unit was decided by its sizes, unless it is at its place in that unit and in no other."""
    layer = place.layer
    if layer.unit_sure or place.bounds is None or place.crs is None:
        return ()
    others = (metres for metres in _DRAWN_M if not math.isclose(metres, layer.unit_m))
    if not any(_fits(place.bounds, metres / layer.unit_m, place.crs) for metres in others):
        return ()
    found = ProblemList(path=layer.path, layer=layer.name)
    message = Message("readers.unit_decided", layer=layer.name, count=len(layer.frame))
    found.add("PLAN-GEOM-016", "warning", "repaired", message, rows=range(1, len(layer.frame) + 1))
    return found.problems


def _fits(bounds: Bounds, factor: float, crs: pyproj.CRS) -> bool:
    x0, y0, x1, y1 = (value * factor for value in bounds)
    return crs_doubt((x0, y0, x1, y1), crs, "") is None


def _elsewhere(
    layer: RawLayer, bounds: Bounds, crs: pyproj.CRS, what: str, doubt: Doubt | None
) -> tuple[Problem, ...]:
    """Say why a layer is not at its place in the system that the user names: by its unit, a few rows, or all of it."""
    if (unit := _of_other_unit(layer, bounds, crs, what)) is not None:
        return (unit,)
    if doubt is not None and doubt.name in _AWAY and (strays := _strays(layer, crs, what)):
        return strays
    local = _of_no_place(layer, bounds, crs, what)
    return () if local is None else (local,)


def _of_other_unit(layer: RawLayer, bounds: Bounds, crs: pyproj.CRS, what: str) -> Problem | None:
    """Say in which unit of a drawing that is not at its place it would be; None where it is none of those."""
    if not layer.unit_m:
        return None
    units = [u for u, metres in UNITS_M.items() if _fits(bounds, metres / layer.unit_m, crs)]
    if len(units) != 1:
        return None
    found = _list_of(layer)
    message = Message("readers.unit_elsewhere", what=what, crs=short_name(crs), units=units[0])
    found.add("PLAN-CRS-018", "error", "refused", message)
    return found.problems[0]


def _of_no_place(layer: RawLayer, bounds: Bounds, crs: pyproj.CRS, what: str) -> Problem | None:
    """Say of a drawing near the origin that it has coordinates of its own: what it is drawn in are no degrees."""
    west, south, east, north = bounds
    in_degrees = west > _CHINA[0] and south > _CHINA[1] and east < _CHINA[2] and north < _CHINA[3]
    if not layer.unit_m or in_degrees or max(map(abs, bounds)) > _OWN_M:
        return None
    found = _list_of(layer)
    shown = f"x {west:.1f} … {east:.1f}, y {south:.1f} … {north:.1f}"
    message = Message("readers.drawn_local", what=what, crs=short_name(crs), shown=shown)
    found.add("PLAN-CRS-012", "error", "refused", message)
    return found.problems[0]


def _said_so(given: pyproj.CRS, named: pyproj.CRS | None) -> bool:
    return named is not None and not is_old(named) and (same_system(given, named) or _same_grid(given, named))


def _beyond(doubt: Doubt) -> Message:
    """Tell that a system is believed beyond its zone, because the user says so."""
    return Message("readers.crs_beyond_zone_kept", **doubt.message.params)


def _of_old_datum(
    layer: RawLayer, named: pyproj.CRS, given: pyproj.CRS | None, bounds: Bounds
) -> tuple[Placed, tuple[Problem, ...]]:
    """Take a layer in Beijing 54 or Xi'an 80 only as the user says: by parameters, or as it is."""
    found = _list_of(layer)
    what = _spoken(layer)
    if given is not None and given.is_bound:
        message = Message("readers.crs_overruled", what=what, crs=short_name(given), named=short_name(named))
        found.add("PLAN-CRS-013", "info", "repaired", message)
        return Placed(layer=layer, crs=given, bounds=bounds), found.problems
    if given is not None and (same_system(given, named) or _same_grid(given, named)):
        found.add("PLAN-CRS-015", "warning", "noted", Message("readers.crs_old_kept", crs=short_name(named)))
        return Placed(layer=layer, crs=given, bounds=bounds), found.problems
    message = Message("readers.crs_old_datum", what=what, crs=short_name(named), code=typed_name(named))
    found.add("PLAN-CRS-015", "error", "refused", message)
    return Placed(layer=layer, crs=None, bounds=bounds), found.problems


def of_other_datum(place: Placed, target: pyproj.CRS) -> tuple[Problem, ...]:
    """Refuse to lay a layer over others in an old datum: what is known of the way between them is nothing."""
    if place.crs is None or place.bounds is None or not is_old(target) or _same_datum(place.crs, target):
        return ()
    found = ProblemList(path=place.layer.path, layer=place.layer.name)
    message = Message(
        "readers.crs_old_mixed",
        layer=place.layer.name,
        crs=short_name(place.crs),
        old=short_name(target),
    )
    found.add("PLAN-CRS-015", "error", "refused", message)
    return found.problems


def _same_datum(a: pyproj.CRS, b: pyproj.CRS) -> bool:
    return a.geodetic_crs is not None and a.geodetic_crs == b.geodetic_crs


def _bounds(shapes: NDArray[np.object_]) -> Bounds | None:
    if (shapely.is_missing(shapes) | shapely.is_empty(shapes)).all():
        return None
    x0, y0, x1, y1 = (float(v) for v in shapely.total_bounds(shapes))
    return None if all(np.isnan((x0, y0, x1, y1))) else (x0, y0, x1, y1)


def _flat(crs: pyproj.CRS | None) -> pyproj.CRS | None:
    """Return the horizontal part of a system: heights are dropped, and so is their datum."""
    if crs is None:
        return None
    if crs.is_compound:
        return crs.sub_crs_list[0]
    return crs.to_2d() if len(crs.axis_info) > 2 else crs  # noqa: PLR2004 - three axes


def is_old(crs: pyproj.CRS) -> bool:
    """Tell whether a system is Beijing 54 or Xi'an 80, by the name of its datum or, where that says nothing, by its ellipsoid."""
    base = crs.geodetic_crs
    if base is None:
        return False
    if any(name in base.name.casefold().replace("_", " ") for name in _OLD_DATUMS):
        return True
    ellipsoid = base.ellipsoid
    return (
        ellipsoid is not None
        and round(ellipsoid.semi_major_metre) in _OLD_ELLIPSOIDS
        and base.to_epsg() is None
    )


def same_system(a: pyproj.CRS, b: pyproj.CRS) -> bool:
    """Tell whether two systems are one, in whatever order their axes are named."""
    return a == b or a.equals(b, ignore_axis_order=True)


def _same_grid(a: pyproj.CRS, b: pyproj.CRS) -> bool:
    """Tell whether two systems, whatever they are called, project one ellipsoid in one way."""
    shapes, ways = [], []
    for crs in (a, b):
        made = crs.coordinate_operation
        if made is None or crs.ellipsoid is None:
            return False
        shapes.append((round(crs.ellipsoid.semi_major_metre, 3), round(crs.ellipsoid.inverse_flattening, 6)))
        given = {p.name: round(float(p.value), 7) for p in made.params}
        ways.append(
            (made.method_name, {name: value for name, value in given.items() if value})
        )  # 0 may go unsaid
    return shapes[0] == shapes[1] and ways[0] == ways[1]
