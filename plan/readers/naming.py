"""Which layer of the contract a layer of a file is: by mapping, by name, or by shapes and columns."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import shapely
from shapely import GeometryType

from plan.contract import Column, Layer
from plan.errors import UsageError
from plan.files import small_bytes
from plan.messages import Message
from plan.readers._cad_rules import CadRule, load_rules
from plan.schema import LAYERS, layer_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LayerMapping", "family_of", "identify", "load_mapping"]

Family = Literal["Polygon", "LineString", "Point", "none", "any"]
_DRAWN: Final[tuple[Family, ...]] = ("Polygon", "LineString", "Point")
_TYPES: Final[dict[Family, tuple[GeometryType, ...]]] = {
    "Polygon": (GeometryType.POLYGON, GeometryType.MULTIPOLYGON),
    "LineString": (GeometryType.LINESTRING, GeometryType.LINEARRING, GeometryType.MULTILINESTRING),
    "Point": (GeometryType.POINT, GeometryType.MULTIPOINT),
}
UNREAD: Final = "-"  # in a mapping: a layer of the file that is left out
# Names that many layers use for their id say nothing about the layer.
_COMMON: Final = ("id", "name", "名称", "楼名", "编号")
# Columns beside an id column that only one layer has; polygons with floors are buildings.
_TELLING: Final[dict[str, tuple[str, ...]]] = {
    "buildings": ("floors",),
    "rooms": ("floor", "area_m2"),
    "households": ("building_id", "vote"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerMapping:
    """What the user says about names.

    Parameters
    ----------
    layers : mapping of str to str
        From a name in the file (of a layer, or the file's stem) to a layer of the contract.
    columns : mapping of str to mapping of str to str
        For each layer of the contract, from a column in the file to a column of the contract.
    drawings : tuple of CadRule
        What layers and blocks of DXF drawings are, before what is known of their names.
    """

    layers: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    drawings: tuple[CadRule, ...] = ()

    def __post_init__(self) -> None:
        for name in (*self.layers.values(), *self.columns):
            if name not in LAYERS and name != UNREAD:
                raise UsageError(Message("readers.mapping_layer", layer=name, known=tuple(LAYERS)))
        for name, columns in self.columns.items():
            for column in columns.values():
                known = tuple(c.name for c in LAYERS[name].columns)
                if column not in known:
                    raise UsageError(
                        Message("readers.mapping_column", layer=name, column=column, known=known)
                    )


def load_mapping(items: Sequence[str | Path]) -> LayerMapping:
    """Read what was given as ``--mapping``.

    Parameters
    ----------
    items : sequence of str or path-like
        Each is ``NAME=LAYER``, ``NAME=-`` for a layer that is not to be read, ``LAYER.NAME=COLUMN``, or a TOML file with tables ``[layers]`` and
        ``[columns.LAYER]`` of the same, and ``[[dxf]]`` for drawings.

    Returns
    -------
    LayerMapping
        All of them together; later ones win.

    Raises
    ------
    UsageError
        If a file cannot be read, or something is named that the contract does not have.

    Examples
    --------
    >>> load_mapping(["楼=buildings", "buildings.层=floors"]).layers
    {'楼': 'buildings'}
    """
    layers: dict[str, str] = {}
    columns: dict[str, dict[str, str]] = {}
    drawings: tuple[CadRule, ...] = ()
    for item in items:
        name, equals, value = str(item).partition("=")
        if equals and isinstance(item, str):
            layer, dot, column = name.strip().partition(".")
            if dot and layer in LAYERS:
                columns.setdefault(layer, {})[column] = value.strip()
            else:
                layers[name.strip()] = value.strip()
            continue
        table = _load(Path(item))
        layers.update(_texts(table.get("layers", {}), item))
        for layer, names in _tables(table.get("columns", {}), item).items():
            columns.setdefault(layer, {}).update(_texts(names, item))
        if "dxf" in table:
            drawings = (*load_rules(table["dxf"], str(item)), *drawings)
    return LayerMapping(layers=layers, columns=columns, drawings=drawings)


def identify(
    *,
    source_layer: str,
    stem: str,
    family: Family,
    columns: Sequence[str],
    mapping: LayerMapping,
    alone: bool,
) -> tuple[str, bool]:
    """Tell which layer of the contract a layer of a file is.

    Parameters
    ----------
    source_layer, stem : str
        What the file calls the layer, and the file's name without its ending.
    family : {"Polygon", "LineString", "Point", "none", "any"}
        The shapes in it.
    columns : sequence of str
        Its columns.
    mapping : LayerMapping
        What the user says; it wins.
    alone : bool
        True when the file holds one layer only, so that the file's name is the layer's too.

    Returns
    -------
    tuple of str and bool
        The layer, empty when it cannot be told; and True when it was told by its columns.
    """
    names = (source_layer, stem) if alone else (source_layer,)
    for name in names:
        if name in mapping.layers:
            layer = mapping.layers[name]
            return "" if layer == UNREAD else layer, False
    for name in names:
        found = layer_of(name) or _by_word(name, family)
        if found is not None:
            return found.name, False
    guess = _by_columns(family, columns, mapping)
    return guess, bool(guess)


def family_of(shapes: NDArray[np.object_]) -> Family:
    """Return what most shapes are: Polygon, LineString, Point, none; or any where there is no row."""
    if len(shapes) == 0:
        return "any"
    kinds = shapely.get_type_id(shapes)
    count = {name: int(np.isin(kinds, _TYPES[name]).sum()) for name in _DRAWN}
    best = max(_DRAWN, key=lambda name: count[name])
    return best if count[best] else "none"


def _by_word(name: str, family: Family) -> Layer | None:
    """Return the layer that one word of a name is, such as 小区_cgcs2000, where its shapes can be that layer's."""
    words = {layer.name: layer for word in re.split(r"[\W_]+", name) if word and (layer := layer_of(word))}
    found = next(iter(words.values())) if len(words) == 1 else None
    # Points called barriers_gates are no walls.
    return found if found is not None and (family == "any" or family in found.shapes) else None


def _by_columns(family: Family, columns: Sequence[str], mapping: LayerMapping) -> str:
    have = {str(c).strip().casefold() for c in columns}
    scores: dict[str, int] = {}
    for layer in LAYERS.values():
        if family != "any" and family not in layer.shapes:
            continue
        mapped = {n.casefold() for n in mapping.columns.get(layer.name, {})}
        key = layer.columns[0]
        score = 2 if mapped & have or _names(key, common=False) & have else 0
        telling = [layer.column(n) for n in _TELLING.get(layer.name, ())]
        score += sum(bool(_names(c, common=False) & have) for c in telling) if telling else 0
        if score >= (2 if len(telling) != 1 else 1):
            scores[layer.name] = score
    # Flats have owners, votes and stairwells; a room of the community has none of these.
    if "rooms" in scores and "households" in scores and _of_homes() & have:
        scores.pop("rooms")
    # A table of rooms names the building of each room: it is the rooms.
    for name in list(scores):
        refs = {c.name for c in LAYERS[name].columns[1:]}
        key_found = _names(LAYERS[name].columns[0], common=False) & have
        for other in list(scores):
            if other != name and key_found and LAYERS[other].id_column in refs:
                scores.pop(other, None)
    best = [name for name, score in scores.items() if score == max(scores.values())]
    return best[0] if len(best) == 1 else ""


def _of_homes() -> set[str]:
    """Return what only lists of households call their columns."""
    columns = {
        name: {n for c in LAYERS[name].columns for n in _names(c, common=False)}
        for name in ("households", "rooms")
    }
    return columns["households"] - columns["rooms"] - _names(LAYERS["households"].columns[0], common=False)


def _names(column: Column, *, common: bool) -> set[str]:
    names = {n.casefold() for n in (column.name, column.zh, *column.aliases)}
    return names if common else names - set(_COMMON)


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(small_bytes(path).decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(Message("readers.mapping_file", path=str(path), why=str(error))) from error


def _texts(table: object, item: str | Path) -> dict[str, str]:
    if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
        raise UsageError(Message("readers.mapping_form", path=str(item)))
    return table


def _tables(table: object, item: str | Path) -> dict[str, object]:
    if not isinstance(table, dict):
        raise UsageError(Message("readers.mapping_form", path=str(item)))
    return table
