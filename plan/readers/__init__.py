"""Files become a Site: GeoPackage, GeoJSON, Shapefile, DXF drawings, tables and OpenStreetMap."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plan.readers.assemble import assemble, judge
from plan.readers.cad import Units
from plan.readers.inspection import Inspection, LayerSeen, see
from plan.readers.naming import LayerMapping, load_mapping
from plan.readers.raw import RawData, RawLayer
from plan.readers.remarks import add_remarks, is_remarks
from plan.readers.shift import Shifted, load_shifted
from plan.readers.sources import Source, read_raw
from plan.site import Site
from plan.watch import reading

__all__ = [
    "Inspection",
    "LayerMapping",
    "LayerSeen",
    "RawData",
    "RawLayer",
    "add_remarks",
    "inspect_sources",
    "is_remarks",
    "load_mapping",
    "read_site",
]

Mapped = LayerMapping | Source | Sequence[Source] | None


def read_site(
    source: Source | Sequence[Source],
    *,
    crs: str | None = None,
    encoding: str | None = None,
    name: str | None = None,
    mapping: Mapped = None,
    units: Units | None = None,
    shifted: str | Sequence[str] | None = None,
) -> Site:
    """Read a site.

    Parameters
    ----------
    source : path-like, or several
        A GeoPackage, GeoJSON, shapefile, DXF drawing, CSV table, ``.osm``, ``.osm.pbf`` or ZIP archive; a folder of
        them; several; or ``osm:west,south,east,north`` for OpenStreetMap as it is now.
    crs : str, optional
        A reference system such as ``EPSG:4548``. It is believed for layers that name none, or whose
        coordinates cannot be what they name; where it is metric the site is in it.
    encoding : str, optional
        The encoding of shapefile tables, CSV and GeoJSON; decided over their bytes when absent.
    name : str, optional
        What people call the site; else the name of the file or folder.
    mapping : LayerMapping, path-like, or str, or several, optional
        What files call layers and columns: a TOML file, or ``NAME=LAYER``; see
        :func:`plan.readers.load_mapping`.
    units : {"mm", "cm", "m"}, optional
        What DXF drawings are drawn in; else what they say, where it fits what is drawn.
    shifted : str, or several, optional
        What the user says is in a shifted system of web maps: ``gcj02`` or ``bd09`` for all layers, or
        ``LAYER=gcj02``. It is moved back, and the accuracy is told.

    Returns
    -------
    Site
        Validated layers in one metric system, and in ``problems`` all that was noted, repaired or left out.

    Raises
    ------
    InputError
        If something cannot be used; the error carries every problem.
    UsageError
        If an option makes no sense.

    Examples
    --------
    >>> read_site("sample_gis/new_estate.gpkg").has("rooms")
    True
    """
    names = _mapping(mapping)
    with reading(_several(source)):
        raw = read_raw(_several(source), encoding=encoding, mapping=names, units=units)
        return assemble(raw, crs=crs, name=name, mapping=names, shifted=_shifted(shifted))


def inspect_sources(
    paths: Source | Sequence[Source],
    *,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: Mapped = None,
    units: Units | None = None,
    shifted: str | Sequence[str] | None = None,
) -> Inspection:
    """Say what files hold and what is wrong with them; never raises for what a file holds.

    Parameters
    ----------
    paths : path-like, or several
        As for :func:`read_site`. Together they are looked at as one site.
    crs, encoding, mapping, units, shifted
        As for :func:`read_site`.

    Returns
    -------
    Inspection
        Files, layers and problems.

    Raises
    ------
    UsageError
        If an option makes no sense.
    CrsError
        If PROJ does not know ``crs``.
    """
    names = _mapping(mapping)
    with reading(_several(paths)):
        raw = read_raw(_several(paths), encoding=encoding, mapping=names, units=units)
        judged = judge(raw, crs=crs, mapping=names, shifted=_shifted(shifted))
        return Inspection(
            files=raw.inputs,
            layers=tuple(see(layer, names) for layer in raw.layers),
            problems=judged.problems,
            judged=judged,
        )


def _several(source: Source | Sequence[Source]) -> Sequence[Source]:
    return [source] if isinstance(source, str | Path) else list(source)


def _mapping(mapping: Mapped) -> LayerMapping:
    if mapping is None or isinstance(mapping, LayerMapping):
        return mapping or LayerMapping()
    return load_mapping(_several(mapping))


def _shifted(items: str | Sequence[str] | None) -> Shifted:
    return load_shifted([] if items is None else [items] if isinstance(items, str) else items)
