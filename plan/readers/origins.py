"""Whose data a layer is, where its columns say so: extracts of OpenStreetMap keep the numbers of its objects.

Such extracts come as GeoJSON, shapefiles or GeoPackages, without a word of their licence; who shows them must name it all
the same (ODbL 1.0, 4.3).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from plan.columns import texts_in
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.osm import ATTRIBUTION
from plan.readers.raw import RawLayer
from plan.text_safety import plain

__all__ = ["attribution_of"]

# What GDAL, QGIS, osmnx and Geofabrik call the number of an object.
_NUMBERS: Final = frozenset({"osm_id", "osm_way_id", "osmid", "osm_type", "full_id"})
# What overpass turbo writes into @id, such as way/112937194.
_OBJECT: Final = re.compile(r"(?:node|way|relation)/\d+")
_SAYS: Final = "openstreetmap"
_SAYING: Final = frozenset({"source", "attribution", "copyright", "来源", "数据来源"})


def attribution_of(layers: Sequence[RawLayer], found: ProblemList) -> str:
    """Return who must be named beside layers of a file; empty where nothing in it says so.

    Parameters
    ----------
    layers : sequence of RawLayer
        Layers that are used.
    found : ProblemList
        Where PLAN-FILE-015 is noted.
    """
    told = {plain(layer.source_layer): column for layer in layers if (column := _column_of_osm(layer))}
    if not told:
        return ""
    message = Message(
        "readers.from_osm",
        layers=tuple(told),
        columns=tuple(sorted(set(told.values()))),
        attribution=ATTRIBUTION,
    )
    found.add("PLAN-FILE-015", "info", "noted", message)
    return ATTRIBUTION


def _column_of_osm(layer: RawLayer) -> str:
    """Return the column by which a layer is known to come from OpenStreetMap; empty where there is none."""
    for name in layer.columns:
        folded = name.strip().casefold()
        if folded in _NUMBERS:
            return plain(name)
        if folded not in _SAYING and folded != "@id":
            continue
        for text in filter(None, texts_in(layer.frame[name])):
            if _SAYS in text.casefold() if folded in _SAYING else _OBJECT.fullmatch(text):
                return plain(name)
    return ""
