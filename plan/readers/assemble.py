"""From layers as found to a Site: one metric system, the contract, and every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pyproj

from plan.contract import Layer, Shape
from plan.crs import (
    is_metric,
    metric_crs,
    parse_crs,
    short_name,
    true_to_scale,
)
from plan.errors import CrsError, InputError
from plan.findings import Problem, Severity
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.addresses import match_houses
from plan.readers.coarse import of_coarse
from plan.readers.doubts import look_closely
from plan.readers.far import FAR_M, Position, far_rows, middle_of, spots_of
from plan.readers.matching import match_references
from plan.readers.naming import LayerMapping, family_of
from plan.readers.placing import Placed, is_old, of_other_datum, of_unit, place_layer, same_system
from plan.readers.raw import RawData, RawLayer
from plan.readers.relations import check_relations
from plan.readers.sheets import in_sheets
from plan.readers.shift import Shifted, suspect_shift, system_of, unshift
from plan.readers.ways import shut_unwalked
from plan.schema import LAYERS
from plan.shapes import check_shapes
from plan.site import Site
from plan.text_safety import plain
from plan.validation import fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Judged", "assemble", "judge"]

# Where nothing has coordinates the system is a name only; this one is in the middle of its country.
_NOMINAL: Final = (114.0, 34.0)  # degrees
_SHOWN_ROWS: Final = 20  # rows that a message lists
# A table with these problems is not in the form of the contract, not even nearly.
_UNUSABLE: Final = ("PLAN-SCHEMA-004", "PLAN-GEOM-009")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """Layers in the form of the contract, as far as they go, and every problem met on the way."""

    layers: Mapping[str, gpd.GeoDataFrame]
    crs: pyproj.CRS
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> tuple[Problem, ...]:
        """The problems for which nothing can be used."""
        return tuple(p for p in self.problems if p.effect == "refused")


def assemble(
    raw: RawData,
    *,
    crs: str | None = None,
    name: str | None = None,
    mapping: LayerMapping | None = None,
    shifted: Shifted | None = None,
) -> Site:
    """Make a site of what was read.

    Parameters
    ----------
    raw : RawData
        Layers as found.
    crs : str, optional
        A reference system such as ``EPSG:4548``. It is believed for layers that name none, or whose
        coordinates cannot be what they name; where it is metric the site is in it.
    name : str, optional
        What people call the site; else ``raw.name``.
    mapping : LayerMapping, optional
        What the user says about columns.
    shifted : mapping of str to str, optional
        Layers that the user says are in GCJ-02 or BD-09; see :func:`plan.readers.shift.load_shifted`.

    Returns
    -------
    Site
        In one metric system: the one given, else that of the first metric layer, else the CGCS2000
        3-degree zone of the data.

    Raises
    ------
    InputError
        If something is refused; the error carries every problem. CrsError when all that is refused is
        for want of a reference system.
    """
    judged = judge(raw, crs=crs, mapping=mapping, shifted=shifted)
    if judged.refused:
        first = judged.refused[0]
        only_crs = all(p.id.startswith("PLAN-CRS") for p in judged.refused)
        error = CrsError if only_crs else InputError
        message = Message(
            "readers.refused", name=plain(raw.name), count=len(judged.refused), first=first.message
        )
        raise error(message, judged.problems)
    return Site(
        name=name or raw.name,
        layers=judged.layers,
        crs=judged.crs,
        inputs=raw.inputs,
        problems=judged.problems,
        attribution=raw.attribution,
        estimates=tuple(name for name in raw.estimates if name in judged.layers),
    )


def judge(
    raw: RawData,
    *,
    crs: str | None = None,
    mapping: LayerMapping | None = None,
    shifted: Shifted | None = None,
) -> Judged:
    """Bring layers into the form of the contract as far as they go; never raises for what they hold.

    The parameters are those of :func:`assemble`.

    Raises
    ------
    CrsError
        If PROJ does not know ``crs``.
    """
    given = None if crs is None else parse_crs(crs)
    problems = list(raw.problems)
    placed: list[Placed] = []
    for layer in raw.layers:
        place, told = place_layer(layer, given)
        problems += (*told, *of_coarse(place))
        system = system_of(layer.name, shifted)
        if system and place.crs is not None:
            frame, told = unshift(
                layer.frame.set_crs(place.crs, allow_override=True), system, path=layer.path, layer=layer.name
            )
            place = replace(place, layer=replace(layer, frame=frame))
            problems += told
        placed.append(place)
    known = [p for p in placed if p.layer.name]
    spots = {p: spots_of(p.layer.shapes, p.crs) for p in known or placed if p.crs is not None}
    middle = middle_of(list(spots.values()))
    target = _target(known or placed, given, middle)
    far = [_far(p, spots.get(p), middle) or of_other_datum(p, target) for p in known]
    problems += [problem for told in far for problem in told]
    known = [replace(p, crs=None) if told else p for p, told in zip(known, far, strict=True)]
    problems += _tell_systems(known, target, raw)
    problems += _unknown([p for p in placed if not p.layer.name], target, raw, alone=not known)
    layers: dict[str, gpd.GeoDataFrame] = {}
    paths: dict[str, str] = {}
    for place in known:
        layer = place.layer
        frame = _moved(place, target)
        frame, chosen = _named(frame, (mapping or LayerMapping()).columns.get(layer.name, {}))
        if layer.name == "walkways":
            frame, told_rows = shut_unwalked(frame, path=layer.path)
            problems += told_rows
        frame, doubts = look_closely(layer.name, frame, path=layer.path, chosen=chosen)
        in_doubt = place.bounds is not None and place.crs is None
        fitted, told_rows = fit(layer.name, frame, path=layer.path, shapes=not in_doubt)
        told_rows += doubts
        told_rows += of_unit(place)
        problems += told_rows
        if not in_doubt and not any(p.id in _UNUSABLE for p in told_rows if p.effect == "refused"):
            layers[layer.name] = fitted
            paths[layer.name] = layer.path
            alone = sum(other.path == layer.path for other in raw.layers) == 1
            problems = [_of_rows(p, layer, fitted, alone=alone) for p in problems]
    if known and not any(len(p.layer.frame) for p in known):
        problems = [replace(p, effect="refused") if p.id == "PLAN-DATA-001" else p for p in problems]
    problems += suspect_shift(layers, target, path=raw.name).problems
    layers, matched = match_references(layers, paths=paths)
    problems += matched
    layers, named = match_houses(layers, paths=paths)
    problems += named
    problems += check_relations(layers, paths=paths)
    return Judged(layers=layers, crs=target, problems=in_sheets(problems, raw.layers))


def _named(frame: gpd.GeoDataFrame, names: Mapping[str, str]) -> tuple[gpd.GeoDataFrame, frozenset[str]]:
    """Name columns as the user says, and tell which those are; what has such a name by itself makes room for it."""
    said = {old: new for old, new in names.items() if old in frame.columns}
    aside = {new: f"{new}_unused" for new in said.values() if new in frame.columns and new not in said}
    return frame.rename(columns={**aside, **said}) if said else frame, frozenset(said.values())


def _of_rows(problem: Problem, layer: RawLayer, fitted: gpd.GeoDataFrame, *, alone: bool) -> Problem:
    """Name the layer and the ids of rows whose shapes were mended or lost while a file was read, before either was known."""
    theirs = (layer.name, plain(layer.source_layer), *([""] if alone else []))
    if problem.path != layer.path or problem.layer not in theirs or problem.features or not problem.rows:
        return problem
    if (
        not problem.id.startswith("PLAN-GEOM")
        or problem.severity == "info"
        or max(problem.rows) > len(fitted)
    ):
        return problem
    key = LAYERS[layer.name].id_column
    if key not in fitted.columns:
        return problem
    ids = fitted[key]
    return replace(problem, layer=layer.name, features=tuple(str(ids.iloc[row - 1]) for row in problem.rows))


def _far(place: Placed, spots: NDArray[np.float64] | None, middle: Position | None) -> tuple[Problem, ...]:
    """Name rows so far from the others that their coordinates must be wrong."""
    if spots is None or place.bounds is None or middle is None:
        return ()
    found = ProblemList(path=place.layer.path, layer=place.layer.name)
    rows, shown = far_rows(spots, middle)
    if rows:
        message = Message(
            "readers.crs_far",
            layer=place.layer.name,
            rows=rows[:_SHOWN_ROWS],
            km=f"{FAR_M / 1000:g}",
            shown=shown,
        )
        found.add("PLAN-CRS-017", "error", "refused", message, rows=rows)
    return found.problems


def _target(placed: list[Placed], given: pyproj.CRS | None, middle: Position | None) -> pyproj.CRS:
    # A system with parameters says where its coordinates lie; nothing is measured in it.
    strained = any(p.beyond for p in placed)
    if given is not None and not strained and _measures(given, middle):
        return given
    order = {name: i for i, name in enumerate(LAYERS)}
    sure = sorted(
        (p for p in placed if p.crs is not None and p.bounds is not None and np.isfinite(p.bounds).all()),
        key=lambda p: (order.get(p.layer.name, len(order)), p.layer.source_layer),
    )
    for place in sure:
        if place.crs is not None and not place.beyond and _measures(place.crs, middle):
            return place.crs
    if middle is not None:
        return metric_crs(*middle)
    return metric_crs(*_NOMINAL)


def _measures(crs: pyproj.CRS, middle: Position | None) -> bool:
    """Tell whether lengths are measured in a system as it is. An old datum is never left: the way out of it is not known."""
    if not is_metric(crs) or crs.is_bound:
        return False
    return middle is None or is_old(crs) or true_to_scale(crs, *middle)


def _tell_systems(known: list[Placed], target: pyproj.CRS, raw: RawData) -> tuple[Problem, ...]:
    """Tell which layers were brought into another system."""
    found = ProblemList(path=raw.layers[0].path if raw.layers else raw.name)
    drawn = [p for p in known if p.bounds is not None]
    if known and not drawn:
        found.add("PLAN-CRS-016", "info", "noted", Message("readers.crs_nominal", crs=short_name(target)))
    systems = tuple(dict.fromkeys(short_name(p.crs) for p in drawn if p.crs is not None))
    moved = tuple(p.layer.name for p in drawn if p.crs is not None and not same_system(p.crs, target))
    if moved and len(systems) > 1:
        message = Message("readers.crs_mixed", systems=systems, layers=moved, crs=short_name(target))
        found.add("PLAN-CRS-010", "info", "repaired", message)
    elif moved:
        message = Message("readers.crs_moved", system=systems[0], crs=short_name(target))
        found.add("PLAN-CRS-014", "info", "noted", message)
    return found.problems


def _moved(place: Placed, target: pyproj.CRS) -> gpd.GeoDataFrame:
    frame = place.layer.frame
    if place.crs is None or place.bounds is None or same_system(place.crs, target):
        return frame if frame.crs is target else frame.set_crs(target, allow_override=True)
    frame = frame.set_crs(place.crs, allow_override=True)
    if not np.isfinite(place.bounds).all():
        return frame.set_crs(target, allow_override=True)  # broken coordinates: refused by name, later
    return frame.to_crs(target)


def _unknown(placed: list[Placed], target: pyproj.CRS, raw: RawData, *, alone: bool) -> tuple[Problem, ...]:
    problems: list[Problem] = []
    for place in placed:
        layer = place.layer
        name = plain(layer.source_layer)
        found = ProblemList(path=layer.path, layer=name)
        if not alone:
            # A file that was given and of which nothing is used is worth a warning; a table beside others is not.
            used = any(other.path == layer.path and other.name for other in raw.layers)
            severity: Severity = "info" if used or not len(layer.frame) else "warning"
            found.add("PLAN-LAYER-001", severity, "noted", Message("readers.layer_ignored", layer=name))
            problems += found.problems
            continue
        found.add("PLAN-LAYER-002", "error", "refused", Message("readers.layer_unknown", layer=name))
        if place.bounds is None or place.crs is not None:
            problems += _shapes_of_unknown(_moved(place, target), found)
        else:
            problems += found.problems
    if alone and not placed and not any(p.effect == "refused" for p in raw.problems):
        found = ProblemList(path=raw.name)
        found.add("PLAN-DATA-002", "error", "refused", Message("readers.nothing", name=plain(raw.name)))
        problems += found.problems
    return tuple(problems)


def _shapes_of_unknown(frame: gpd.GeoDataFrame, found: ProblemList) -> tuple[Problem, ...]:
    # Whatever layer it is, broken shapes are broken.
    drawn = np.asarray(frame.geometry.array, dtype=object)
    family = family_of(drawn)
    shapes: tuple[Shape, ...] = ("none",) if family == "any" else (family,)
    sketch = Layer(name=found.layer, zh="", shapes=shapes, columns=LAYERS["parcels"].columns[:1])
    named = sketch.id_column in frame.columns
    check_shapes(drawn, sketch, found, ids=frame[sketch.id_column].to_numpy() if named else None)
    return found.problems
