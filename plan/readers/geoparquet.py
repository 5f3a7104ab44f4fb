"""GeoParquet: a file is a layer, and so is a folder of files that are its parts; read a group of rows at a time.

The metadata follow the GeoParquet specification 1.1 (https://geoparquet.org/releases/v1.1.0/): the key ``geo`` names the
column of shapes and its reference system, which is WGS 84 where it names none.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from plan.errors import UnavailableError
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.driver import shapes_from_wkb
from plan.readers.raw import RawLayer
from plan.readers.systems import systems_in
from plan.text_safety import plain

__all__ = ["PARQUET", "is_parquet", "parts_in", "read_parquet"]

PARQUET: Final = (".parquet", ".geoparquet")
_LONGEST: Final = 200  # characters of a library's own words
_SHAPES: Final = (
    "geometry",
    "geom",
    "the_geom",
    "wkb",
    "wkb_geometry",
    "shape",
)  # what columns of shapes are called


def is_parquet(path: Path) -> bool:
    """Tell whether a file, or a folder of parts, is a layer in GeoParquet."""
    return path.suffix.casefold() in PARQUET


def parts_in(path: Path) -> list[Path]:
    """Return the files of a layer, in the order of their names: one file, or the parts in its folder."""
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.is_file() and is_parquet(p))
    return [path]


def read_parquet(path: Path, shown: str, found: ProblemList) -> list[RawLayer]:
    """Read a layer, part by part.

    Parameters
    ----------
    path : pathlib.Path
        A file, or a folder whose files are parts of one layer.
    shown : str
        As the user named it.
    found : ProblemList
        Where problems are noted.

    Returns
    -------
    list of RawLayer
        One layer; none when it cannot be used.

    Raises
    ------
    UnavailableError
        If the package ``pyarrow`` is missing.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - the package is optional
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415
    except ImportError:
        raise UnavailableError(Message("parquet.no_package")) from None
    frames: list[pd.DataFrame] = []
    systems: set[str | None] = set()
    try:
        for part in parts_in(path):
            with ParquetFile(part) as file:
                refusal = _unreadable_shapes(file.schema_arrow)
                if refusal is not None:
                    found.add("PLAN-FILE-001", "error", "refused", refusal)
                    return []
                column, system = _geometry(file.schema_arrow.metadata or {})
                systems.add(system)
                groups = [file.read_row_group(at) for at in range(file.num_row_groups)]
                # Tables without rows still have columns.
                tables = groups or [file.schema_arrow.empty_table()]
                frames.extend(_frame(table, column) for table in tables)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        why = plain(f"{type(error).__name__}: {error}")[:_LONGEST]
        found.add("PLAN-FILE-001", "error", "refused", Message("readers.driver", why=why))
        return []
    if len(systems) > 1:
        found.add("PLAN-CRS-001", "error", "refused", Message("parquet.mixed_systems", path=plain(shown)))
        return []
    if not frames:
        found.add("PLAN-DATA-002", "error", "refused", Message("readers.nothing", name=plain(path.name)))
        return []
    whole = pd.concat(frames, ignore_index=True)
    text = systems.pop()
    try:
        crs = pyproj.CRS.from_user_input(text) if text is not None else None
    except pyproj.exceptions.CRSError:
        crs = None
        found.add(
            "PLAN-CRS-001", "error", "noted", Message("readers.crs_unreadable", crs=plain(text)[:_LONGEST])
        )
    # Once for all groups of rows, so that a row is named by its place in the whole.
    wkb = whole.pop("geometry").to_numpy(dtype=object)
    shapes = shapes_from_wkb(wkb, found) if len(wkb) else wkb
    frame = gpd.GeoDataFrame(whole, geometry=gpd.GeoSeries(shapes, index=whole.index, crs=crs))
    said = systems_in(text) if text is not None else ()
    return [RawLayer(name="", frame=frame, path=shown, source_layer=path.stem, systems=said)]


def _geometry(metadata: dict[bytes, bytes]) -> tuple[str | None, str | None]:
    """Return the column of shapes, and its reference system as text."""
    if b"geo" not in metadata:
        return None, None
    told = json.loads(metadata[b"geo"])
    name = str(told["primary_column"])
    column = told["columns"][name]
    if "crs" not in column:
        return name, "OGC:CRS84"
    return name, None if column["crs"] is None else json.dumps(column["crs"])


def _unreadable_shapes(schema: Any) -> Message | None:  # noqa: ANN401 - a pyarrow schema
    """Return why shapes of a table cannot be read: they are written in another way, or nobody says that they are shapes."""
    import pyarrow.types as kinds  # noqa: PLC0415 - the package is optional

    metadata = schema.metadata or {}
    if b"geo" in metadata:
        told = json.loads(metadata[b"geo"])
        encoding = str(told["columns"][str(told["primary_column"])]["encoding"])
        return None if encoding == "WKB" else Message("parquet.encoding", encoding=plain(encoding)[:_LONGEST])
    for field in schema:
        if field.name.casefold() in _SHAPES and (
            kinds.is_binary(field.type) or kinds.is_large_binary(field.type)
        ):
            return Message("parquet.no_metadata", column=plain(field.name))
    return None


def _frame(table: Any, column: str | None) -> pd.DataFrame:  # noqa: ANN401 - a pyarrow table
    columns: dict[str, Any] = {}
    for name in table.column_names:
        if name != column:
            # A column of a table that is called so is not the shapes; pandas' index is nobody's column.
            if not name.startswith("__index_level_"):
                columns["geometry_" if name == "geometry" else name] = _values(table.column(name))
            continue
        columns["geometry"] = np.array([*table.column(name).to_pylist(), None], dtype=object)[:-1]
    columns.setdefault("geometry", np.full(table.num_rows, None, dtype=object))
    return pd.DataFrame(columns, index=range(table.num_rows))


def _values(column: Any) -> Any:  # noqa: ANN401 - a pyarrow column
    """Return values as other readers give them: numbers as numbers, dates as text, everything else as it is."""
    import pyarrow.types as kinds  # noqa: PLC0415 - the package is optional

    kind = column.type
    if kinds.is_floating(kind) or (kinds.is_integer(kind) and not column.null_count):
        return column.to_numpy()
    if kinds.is_temporal(kind):
        return np.array([None if v is None else str(v) for v in column.to_pylist()], dtype=object)
    return np.array([*column.to_pylist(), None], dtype=object)[:-1]
