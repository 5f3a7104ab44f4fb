"""A site: validated layers in one metric reference system; and the proposals made for it.

A proposal is just another layer, and a check never knows who drew it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import types
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio
import pyogrio.errors
import pyproj
import shapely

from plan.crs import require_metric
from plan.errors import CrsError, MissingLayerError, OutputError, UsageError
from plan.files import MARKS, atomic, replaceable_gpkg
from plan.findings import InputFile, Problem
from plan.glance import figures_html, frame_html, heading_html, rows_html
from plan.messages import Message
from plan.schema import LAYERS
from plan.validation import validate

__all__ = ["SITE_TABLE", "Placement", "Site", "as_objects", "write_gpkg"]

# The table of a GeoPackage that holds what no layer does: key and value.
SITE_TABLE = MARKS[".gpkg"]
# Columns that SQLite, the driver and readers of GeoPackages make themselves; SQLite knows no case.
_RESERVED: Final = frozenset({"fid", "ogc_fid", "rowid", "geom", "geometry"})
# Options of the driver while a GeoPackage is written. SQLite leaves it to the system when a file reaches the disk:
# nobody reads it before it is flushed whole, and waiting after each of some twenty layers takes longer than writing
# them. And the date of each layer's last change is no clock's, so that the same layers make the same bytes.
_WRITING: Final = {"OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"}
_SHORTEST_NAME: Final = 2  # characters by which people still know a place
_FULL: Final = 1 << 20  # bytes; the driver does not always say that no place was left
# What SQLite and the driver say where the disk, not the data, is at fault.
_DISK: Final = (
    "disk",
    "space",
    "permission",
    "readonly",
    "read-only",
    "unable to open",
    "locked",
    "i/o",
    "commit transaction",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Site:
    """An estate, a design or a district as layers in one metric reference system.

    A layer that is absent is absent, not empty: what depends on it cannot be told. Layers are
    copied on the way in and on the way out, so a Site never changes.

    Parameters
    ----------
    name : str
        What people call it.
    layers : mapping of str to geopandas.GeoDataFrame
        Layers of the contract in ``plan.schema``, all in ``crs``.
    crs : pyproj.CRS
        A metric system.
    inputs : tuple of InputFile
        The files that it was read from.
    problems : tuple of Problem
        What the readers noted, repaired or could not use.
    estimates : tuple of str
        Layers that are estimates rather than data, such as ``households``.
    attribution : str
        Who must be named beside a map of it; empty when nobody must.

    Raises
    ------
    CrsError
        If ``crs`` is not metric, or a layer is in another system.
    UsageError
        If a layer is not in the contract.
    """

    name: str
    layers: Mapping[str, gpd.GeoDataFrame]
    crs: pyproj.CRS
    inputs: tuple[InputFile, ...] = ()
    problems: tuple[Problem, ...] = ()
    estimates: tuple[str, ...] = ()
    attribution: str = ""
    _repaired: Mapping[str, frozenset[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        require_metric(self.crs, self.name)
        for name, frame in self.layers.items():
            if name not in LAYERS:
                raise UsageError(Message("site.unknown_layer", layer=name, known=tuple(LAYERS)))
            if frame.crs != self.crs:
                raise CrsError(Message("site.other_crs", layer=name, crs=str(frame.crs), site=str(self.crs)))
        ordered = {name: self.layers[name].copy() for name in LAYERS if name in self.layers}
        object.__setattr__(self, "layers", types.MappingProxyType(ordered))
        object.__setattr__(self, "_repaired", types.MappingProxyType(_repaired(self.problems)))

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {len(frame)}" for name, frame in self.layers.items())
        return f"Site({self.name!r}, EPSG:{self.crs.to_epsg()}, {rows})"

    def _repr_html_(self) -> str:
        """Show what there is in a notebook; every text is escaped."""
        rows = [
            (
                f"{LAYERS[name].zh} {name}",
                len(frame),
                Message("glance.estimated") if name in self.estimates else "",
            )
            for name, frame in self.layers.items()
        ]
        heads = (Message("glance.layer"), Message("glance.rows"), "")
        return heading_html(self.title, f"EPSG:{self.crs.to_epsg()}") + rows_html(heads, rows)

    def __reduce__(self) -> tuple[object, ...]:
        given = {name: getattr(self, name) for name in _GIVEN}
        return _site_of, ({**given, "layers": dict(self.layers)},)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that it holds: of two sites that differ in a cell or a vertex, not the same."""
        digest = hashlib.sha256()
        about = [getattr(self, name) for name in _GIVEN if name not in ("layers", "crs")]
        digest.update(repr([about, self.crs.to_wkt()]).encode("utf-8", "surrogatepass"))
        for name, frame in self.layers.items():
            table = pd.DataFrame(frame).drop(columns=frame.geometry.name)
            heads = [name, [(str(c), str(t)) for c, t in table.dtypes.items()], frame.index.tolist()]
            cells = table.astype(object).to_numpy().tolist()
            digest.update(repr([heads, cells]).encode("utf-8", "surrogatepass"))
            for shape in shapely.to_wkb(frame.geometry.to_numpy(), flavor="iso"):
                digest.update(b"-" if shape is None else len(shape).to_bytes(8, "big") + shape)
        return digest.hexdigest()

    @property
    def title(self) -> str:
        """What people call the place: the name of its one estate, else the name of the site.

        The phases of one estate (``estate_id``) are called by what their names begin with. A district of which one
        estate happens to have a name, or whose houses stand elsewhere, is not called so.
        """
        parcels = self.layers.get("parcels")
        if parcels is None or "name" not in parcels:
            return self.name
        names = {str(name) if isinstance(name, str) else "" for name in parcels["name"]} or {""}
        if "" in names or not self.is_estate:
            return self.name
        if len(names) == 1:
            return names.pop()
        estates = set(parcels["estate_id"]) if "estate_id" in parcels else set()
        shared = os.path.commonprefix(sorted(names)).strip()  # noqa: RUF071 - of characters, as is meant
        one = len(estates) == 1 and not pd.isna(next(iter(estates)))
        return shared if one and len(shared) >= _SHORTEST_NAME else self.name

    @property
    def is_estate(self) -> bool:
        """Whether the site is about its parcels: most of its buildings, if it has any, stand on them."""
        parcels, buildings = self.layers.get("parcels"), self.layers.get("buildings")
        if parcels is None or not (parcels.geometry.notna() & ~parcels.geometry.is_empty).any():
            return False
        if buildings is None or not len(buildings):
            return True
        middles = buildings.geometry[buildings.geometry.notna() & ~buildings.geometry.is_empty]
        ground = parcels.geometry.dropna().to_numpy()
        housed = shapely.STRtree(ground).query(middles.representative_point().to_numpy(), "intersects")[0]
        return len(set(housed.tolist())) >= len(middles) / 2

    def has(self, name: str) -> bool:
        """Tell whether a layer is present and has rows."""
        return name in self.layers and len(self.layers[name]) > 0

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a copy of a layer.

        Raises
        ------
        MissingLayerError
            If the layer is absent.
        """
        if name not in self.layers:
            zh = LAYERS[name].zh if name in LAYERS else name
            raise MissingLayerError(Message("site.missing_layer", site=self.name, layer=name, zh=zh))
        return self.layers[name].copy()

    def with_layer(self, name: str, frame: gpd.GeoDataFrame, *, estimated: bool = False) -> Site:
        """Return a new site with a layer added or replaced.

        What was repaired or not understood stays known of rows that come back as they were: a proposal
        that keeps a mended room does not make its shape trustworthy.

        Parameters
        ----------
        name : str
            A layer of the contract.
        frame : geopandas.GeoDataFrame
            Its rows, in the site's reference system.
        estimated : bool, default False
            True when the rows are estimates.

        Raises
        ------
        InputError
            If the rows do not fit the contract; the error carries every problem.
        """
        if name not in LAYERS:
            raise UsageError(Message("site.unknown_layer", layer=name, known=tuple(LAYERS)))
        valid, problems = validate(name, frame)
        kept = tuple(p for p in self.problems if p.layer != name)
        told = tuple(p for p in self.problems if p.layer == name)
        problems = (
            _carried(told, self.layers[name], valid, name) + problems if name in self.layers else problems
        )
        estimates = {e for e in self.estimates if e != name} | ({name} if estimated else set())
        return replace(
            self,
            layers={**self.layers, name: valid},
            problems=kept + problems,
            estimates=tuple(sorted(estimates)),
        )

    def repaired(self, name: str) -> frozenset[str]:
        """Return the ids of rows of a layer whose geometry was repaired on reading."""
        return self._repaired.get(name, frozenset())

    def to_gpkg(self, path: Path | str, *, extra: Mapping[str, pd.DataFrame] | None = None) -> None:
        """Write all layers to a GeoPackage, all or nothing; what was at ``path`` is replaced whole.

        Name, attribution and estimates are kept in a table ``plan_site``, so that a map of the file
        still names whom it must, and an estimate stays an estimate.

        Parameters
        ----------
        path : path-like
            The target.
        extra : mapping of str to DataFrame, optional
            More layers and tables, such as ``walk_times``.

        Raises
        ------
        OutputError
            If it cannot be written; the old file is then untouched.
        """
        about = {
            "name": self.name,
            "attribution": self.attribution,
            "estimates": ";".join(self.estimates),
            # What was mended or not understood stays so, and what it decides stays open.
            "problems": json.dumps([_kept(p) for p in self.problems if p.effect in ("repaired", "degraded")]),
            # What is not a layer of the site is not taken for one when the file is read again.
            "results": ";".join(extra or ()),
        }
        table = pd.DataFrame({"key": list(about), "value": list(about.values())})
        write_gpkg({**self.layers, **(extra or {}), SITE_TABLE: table}, path)


_GIVEN: Final = (
    "name",
    "layers",
    "crs",
    "inputs",
    "problems",
    "estimates",
    "attribution",
)  # what a Site is made of


def _site_of(given: dict[str, Any]) -> Site:
    return Site(**given)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placement:
    """What a ``place_*`` function proposes.

    Parameters
    ----------
    features : geopandas.GeoDataFrame
        The proposals, as a layer of the contract.
    rejected : geopandas.GeoDataFrame
        The other candidates with a column ``reason``: a hearing asks "why not here?".
    measures : mapping
        Figures about the proposal, each name with its unit.
    """

    features: gpd.GeoDataFrame
    rejected: gpd.GeoDataFrame
    measures: Mapping[str, Any]

    def _repr_html_(self) -> str:
        """Show what is proposed, and why not elsewhere, in a notebook; every text is escaped."""
        return (
            heading_html(Message("glance.placed", count=len(self.features)))
            + frame_html(self.features)
            + figures_html(self.measures)
            + heading_html(Message("glance.rejected", count=len(self.rejected)))
            + frame_html(self.rejected)
        )


def as_objects(reasons: Iterable[object]) -> pd.Series[Any]:
    """Return a column of messages as they are.

    Where pyarrow is installed, pandas makes plain text of every kind of text, and a message could no longer be told in
    another language.

    Parameters
    ----------
    reasons : iterable of object
        Messages.

    Returns
    -------
    Series
        Of objects, by position.
    """
    return pd.Series(list(reasons), dtype=object)


def write_gpkg(layers: Mapping[str, pd.DataFrame], path: Path | str) -> None:
    """Write layers and tables to a GeoPackage, all or nothing.

    Parameters
    ----------
    layers : mapping of str to DataFrame
        Names and rows; frames without geometry become tables. Empty ones are left out. Messages are
        written as they read.
    path : path-like
        The target; its folder is made when absent.

    Raises
    ------
    OutputError
        If it cannot be written; the old file is then untouched.

    Notes
    -----
    Columns whose names a GeoPackage keeps for itself (``fid``, ``geom``), and columns that differ from
    another by case only, get underscores at their end: ``fid`` is written as ``fid_``.
    """
    replaceable_gpkg(path)
    with atomic(path) as temporary:
        try:
            with _options():
                _write_layers(layers, temporary)
        except (
            pyogrio.errors.DataSourceError,
            pyogrio.errors.DataLayerError,
            NotImplementedError,  # a column of a type that the driver does not know
        ) as error:
            why = str(error)
            full = shutil.disk_usage(temporary.parent).free < _FULL
            disk = full or any(word in why.casefold() for word in _DISK)
            key = "files.cannot_write" if disk else "site.not_written"
            told = Message("files.why_full") if full else why
            raise OutputError(Message(key, path=str(path), why=told)) from error


@contextmanager
def _options() -> Iterator[None]:
    before = {name: pyogrio.get_gdal_config_option(name) for name in _WRITING}
    pyogrio.set_gdal_config_options(_WRITING)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _write_layers(layers: Mapping[str, pd.DataFrame], path: Path) -> None:
    for name, frame in layers.items():
        if len(frame) == 0:
            continue
        plain = pd.DataFrame(frame).copy()
        geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
        plain.columns = pd.Index(_writable([str(c) for c in plain.columns], geometry))
        for column in plain.columns:
            if column != geometry and plain[column].dtype == object:
                # Messages and other subclasses of str become plain text.
                plain[column] = plain[column].map(lambda v: str(v) if isinstance(v, str) else v)
        if geometry is None or frame.geometry.isna().all():
            # A layer without a single shape is a table: households are often known by building only.
            plain = plain.drop(columns=[] if geometry is None else [geometry])
            pyogrio.write_dataframe(plain, path, layer=name, driver="GPKG", append=path.exists())
        else:
            shaped = gpd.GeoDataFrame(plain, geometry=geometry, crs=frame.crs)
            shaped.to_file(path, layer=name, driver="GPKG", engine="pyogrio", index=False)


def _writable(names: list[str], geometry: str | None) -> list[str]:
    """Return names that a GeoPackage takes: none of its own, and no two that differ by case only."""
    taken = {*_RESERVED, *(n.casefold() for n in names)}
    seen: set[str] = set()
    written = []
    for name in names:
        new = name
        if name != geometry and (name.casefold() in _RESERVED or name.casefold() in seen):
            while new.casefold() in taken:
                new += "_"
        taken.add(new.casefold())
        seen.add(new.casefold())
        written.append(new)
    return written


def _carried(
    problems: tuple[Problem, ...], old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, name: str
) -> tuple[Problem, ...]:
    """Return the problems of a replaced layer that still hold for rows of the new one, at their new places."""
    key = LAYERS[name].id_column
    before = {str(i): row for row, i in enumerate(old[key])}
    after = {str(i): row for row, i in enumerate(new[key])}
    ids = list(before)
    carried = []
    for problem in problems:
        # What is wrong with shapes and was not mended is found again in the new rows.
        if problem.effect != "repaired" and not (problem.effect == "degraded" and problem.column):
            continue
        told = problem.features or tuple(ids[row - 1] for row in problem.rows if row <= len(ids))
        column = problem.column if problem.column in old and problem.column in new else ""
        stay = [
            i
            for i in told
            if i in before and i in after and _as_it_was(old, before[i], new, after[i], column=column)
        ]
        if stay:
            features = tuple(stay) if problem.features else ()
            carried.append(replace(problem, rows=tuple(after[i] + 1 for i in stay), features=features))
    return tuple(carried)


def _as_it_was(old: gpd.GeoDataFrame, before: int, new: gpd.GeoDataFrame, after: int, *, column: str) -> bool:
    """Tell whether a value, or the shape where no column is named, is what it was."""
    if column:
        return bool(pd.isna(old[column].iloc[before]) and pd.isna(new[column].iloc[after]))
    shapes = old.geometry.iloc[before], new.geometry.iloc[after]
    return None not in shapes and bool(shapes[0].equals_exact(shapes[1], 0.0))


def _kept(problem: Problem) -> dict[str, Any]:
    english = problem.to_dict("en")
    return {**problem.to_dict("zh"), "message_en": english["message"], "cure_en": english["cure"]}


def _repaired(problems: tuple[Problem, ...]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for problem in problems:
        if problem.effect == "repaired" and problem.id.startswith("PLAN-GEOM"):
            found.setdefault(problem.layer, set()).update(problem.features)
    return {layer: frozenset(ids) for layer, ids in found.items()}
