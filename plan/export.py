"""A site or a report in the form that somebody asks for: ``plan export``, by the ending of the file."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from plan.cad import site_dxf
from plan.crs import to_wgs84
from plan.errors import OutputError, UsageError
from plan.files import write_bytes, write_text
from plan.findings import SiteResult
from plan.handout import to_docx
from plan.maps import hearing_map
from plan.messages import Message
from plan.paper import report_pdf, site_pdf
from plan.reports import write
from plan.reports.book import tables_to_xlsx
from plan.reports.record import dump, geometry_of
from plan.reports.tables import frame_to_csv
from plan.schema import LAYERS
from plan.site import Site
from plan.tables import Table
from plan.text_safety import plain

__all__ = ["REPORT_ENDINGS", "SITE_ENDINGS", "export_report", "export_site", "short_names"]

_DBF_NAME: Final = 10  # bytes of the name of a column in a shapefile (dBASE III)
_DBF_TEXT: Final = 254  # bytes of a text in one
_GBK: Final = "GBK"
_FAMILIES: Final = {"Point": "point", "LineString": "line", "Polygon": "area"}
_ZIPPED: Final = (2000, 1, 1, 0, 0, 0)


# --- sites ------------------------------------------------------------------------------------------


def export_site(
    site: Site, path: Path | str, *, layer: str | None = None, lang: str = "zh"
) -> tuple[Message, ...]:
    """Write a site, or one layer of it, in the form of the file's ending.

    Parameters
    ----------
    site : Site
        What is written.
    path : path-like
        The target; see :data:`SITE_ENDINGS`.
    layer : str, optional
        The one layer that is written.
    lang : {"zh", "en"}
        Language of heads and of what the tool says.

    Returns
    -------
    tuple of Message
        What the user must know.

    Raises
    ------
    UsageError
        If the ending is unknown or cannot hold this, or the site lacks the layer.
    OutputError
        If the file cannot be written.
    """
    if layer is not None:
        if layer not in site.layers:
            raise UsageError(Message("export.no_layer", layer=layer, known=tuple(site.layers)))
        site = Site(
            name=site.name, layers={layer: site.layers[layer]}, crs=site.crs, inputs=site.inputs,
            attribution=site.attribution, estimates=tuple(e for e in site.estimates if e == layer),
        )  # fmt: skip
    return _writer_of(SITE_ENDINGS, path, other=REPORT_ENDINGS, other_key="export.needs_report")(
        site, Path(path), lang
    )


def _gpkg(site: Site, path: Path, lang: str) -> tuple[Message, ...]:
    del lang
    site.to_gpkg(path)
    return ()


def _dxf(site: Site, path: Path, lang: str) -> tuple[Message, ...]:
    site_dxf(site, path, lang=lang)
    return ()


def _html(site: Site, path: Path, lang: str) -> tuple[Message, ...]:
    drawn = hearing_map(site, lang=lang)
    drawn.save(path)
    missing = drawn.missing_characters
    return (Message("hearing.missing_characters", characters=missing),) if missing else ()


def _geojson(site: Site, path: Path, lang: str) -> tuple[Message, ...]:
    """Write all layers as one collection in WGS 84 (RFC 7946), each feature with the name of its layer."""
    del lang
    features = []
    for name, frame in site.layers.items():
        shapes = to_wgs84(frame).geometry
        rows = _cells(frame).to_dict("records")
        for row, shape in zip(rows, shapes, strict=True):
            geometry = None if shape is None or shape.is_empty else shapely.geometry.mapping(shape)
            features.append(
                {
                    "type": "Feature",
                    "geometry": _rounded(geometry_of(geometry)),
                    "properties": {"layer": name, **{str(key): value for key, value in row.items()}},
                }
            )
    document = {"type": "FeatureCollection", "name": site.name, "features": features}
    write_text(path, dump(document))
    return ()


def _xlsx(site: Site, path: Path, lang: str) -> tuple[Message, ...]:
    """Write a sheet for each layer, without shapes."""
    tables = {_layer_name(name, lang): _table(name, frame, lang) for name, frame in site.layers.items()}
    write_bytes(path, tables_to_xlsx(tables, title=site.name, lang=lang))
    return (Message("export.no_shapes"),)


def _csv(site: Site, path: Path, lang: str) -> tuple[Message, ...]:
    if len(site.layers) != 1:
        raise UsageError(Message("export.one_layer", ending=".csv", known=tuple(site.layers)))
    frame = next(iter(site.layers.values()))
    write_text(path, frame_to_csv(_cells(frame), lang=lang))
    return (Message("export.no_shapes"),)


def _shapefiles(site: Site, path: Path, lang: str) -> tuple[Message, ...]:
    """Write the layers as shapefiles in GBK, packed in one archive: a shapefile is several files, and a layer several.

    Beside them ``字段对照.csv`` says which column each short name stands for.
    """
    packed: dict[str, bytes] = {}
    rows: list[dict[str, str]] = []
    lost: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in site.layers.items():
            shaped = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
            if len(shaped) < len(frame):
                lost.append(name)
            names = _dbf_columns(name, frame)
            families = shaped.geom_type.str.replace("Multi", "")
            parts = list(shaped.groupby(families, sort=True))
            for kind, part in parts:
                stem = name if len(parts) == 1 else f"{name}_{_FAMILIES.get(str(kind), str(kind).casefold())}"
                _write_shapefile(part, Path(folder) / f"{stem}.shp", names)
                rows += [{"文件": stem, "短名": short, "列名": column} for column, short in names.items()]
        packed = {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}
    if not packed:
        raise OutputError(Message("export.nothing_drawn", path=str(path)))
    packed["字段对照.csv"] = frame_to_csv(pd.DataFrame(rows), lang=lang).encode("utf-8")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, data in packed.items():
            about = zipfile.ZipInfo(file, date_time=_ZIPPED)
            about.compress_type, about.create_system = zipfile.ZIP_DEFLATED, 0
            archive.writestr(about, data)
    write_bytes(path, out.getvalue())
    return (Message("export.without_shape", layers=tuple(lost)),) if lost else ()


def short_names(columns: Sequence[str]) -> dict[str, str]:
    """Return names that a shapefile takes, each of ten bytes of GBK at most, no two the same.

    Examples
    --------
    >>> short_names(["建筑物编号名称", "building_id", "building_id2"])
    {'建筑物编号名称': '建筑物编号', 'building_id': 'building_i', 'building_id2': 'building_1'}
    """
    taken: set[str] = set()
    found: dict[str, str] = {}
    for column in columns:
        clean = "".join(c for c in plain(column) if c.isprintable() and c not in '<>"').strip() or "c"
        short, number = _cut(clean, _DBF_NAME).rstrip(), 0
        while short.casefold() in taken:
            number += 1
            short = _cut(clean, _DBF_NAME - len(str(number))) + str(number)
        taken.add(short.casefold())
        found[column] = short
    return found


def _cut(text: str, most: int) -> str:
    """Cut a text to so many bytes of GBK, never inside a character."""
    kept = ""
    for char in text:
        longer = kept + char
        if len(longer.encode(_GBK, "replace")) > most:
            break
        kept = longer
    return kept


def _dbf_columns(name: str, frame: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the short names of a layer's columns: the Chinese ones of the contract, for who works with Chinese data."""
    known = {column.name: column.zh for column in LAYERS[name].columns}
    columns = [str(c) for c in frame.columns if c != frame.geometry.name]
    short = short_names([known.get(column, column) for column in columns])
    return {column: short[known.get(column, column)] for column in columns}


def _write_shapefile(frame: gpd.GeoDataFrame, path: Path, names: Mapping[str, str]) -> None:
    table = _cells(frame)
    for column in table.columns:
        if table[column].dtype == object:
            table[column] = [
                _cut(plain(v).encode(_GBK, "replace").decode(_GBK), _DBF_TEXT) if isinstance(v, str) else v
                for v in table[column]
            ]
    shaped = gpd.GeoDataFrame(
        table.rename(columns=dict(names)), geometry=frame.geometry.to_numpy(), crs=frame.crs
    )
    # The date of the last change is no clock's: the same layer makes the same bytes.
    pyogrio.write_dataframe(
        shaped, path, driver="ESRI Shapefile", encoding=_GBK, DBF_DATE_LAST_UPDATE="2000-01-01"
    )
    path.with_suffix(".cpg").write_text(_GBK, encoding="ascii")


def _cells(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a layer's columns as plain values, days and times as texts, None where there is nothing."""
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name)).reset_index(drop=True)
    made = {str(name): _plain_column(table[name]) for name in table.columns}
    return pd.DataFrame(made, index=table.index)


def _plain_column(values: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(values) and not values.isna().any():
        return values
    plain_values = [None if pd.isna(v) else _plain_value(v) for v in values.astype(object)]
    if plain_values and all(
        v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in plain_values
    ):
        numbers = pd.Series(pd.to_numeric(pd.Series(plain_values, dtype=object)), index=values.index)
        return numbers.astype(object).where(numbers.notna(), None) if numbers.isna().any() else numbers
    return pd.Series(plain_values, index=values.index, dtype=object)


def _plain_value(value: Any) -> Any:  # noqa: ANN401 - a cell
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, str | int | float | bool) else str(value)


def _rounded(geometry: Any) -> Any:  # noqa: ANN401 - GeoJSON
    """Round coordinates to seven decimals of a degree: a centimetre."""
    if isinstance(geometry, Mapping):
        return {key: _rounded(value) for key, value in geometry.items()}
    if isinstance(geometry, list):
        return [_rounded(value) for value in geometry]
    return round(geometry, 7) if isinstance(geometry, float) else geometry


def _layer_name(name: str, lang: str) -> str:
    return LAYERS[name].zh if lang == "zh" else name


def _table(name: str, frame: gpd.GeoDataFrame, lang: str) -> Table:
    known = {column.name: column.zh for column in LAYERS[name].columns} if lang == "zh" else {}
    table = _cells(frame)
    rows = [
        tuple(None if value is None or pd.isna(value) else str(value) for value in row)
        for row in table.astype(object).itertuples(index=False)
    ]
    numeric = tuple(at for at, c in enumerate(table.columns) if pd.api.types.is_numeric_dtype(frame[c]))
    return Table(
        title=Message("export.layer", layer=_layer_name(name, lang), count=len(frame)),
        heads=tuple(known.get(str(c), str(c)) for c in table.columns),
        rows=tuple(rows),
        numeric=numeric,
    )


# --- reports ----------------------------------------------------------------------------------------


def export_report(
    results: Sequence[SiteResult], path: Path | str, *, lang: str = "zh"
) -> tuple[Message, ...]:
    """Write results of a check in the form of the file's ending; see :data:`REPORT_ENDINGS`.

    Raises
    ------
    UsageError
        If the ending is unknown or cannot hold findings.
    OutputError
        If the file cannot be written.
    """
    return _writer_of(REPORT_ENDINGS, path, other=SITE_ENDINGS, other_key="export.needs_site")(
        results, Path(path), lang
    )


def _docx(results: Sequence[SiteResult], path: Path, lang: str) -> tuple[Message, ...]:
    title = Message("reports.title_of", site=results[0].name)
    if len(results) > 1:
        title = Message("reports.title_many", count=len(results))
    write_bytes(path, to_docx(results, title=title, lang=lang))
    return ()


def _as(form: str, results: Sequence[SiteResult], path: Path, lang: str) -> tuple[Message, ...]:
    write(results, path, format=form, lang=lang)
    return ()


SITE_ENDINGS: Final[Mapping[str, Callable[[Site, Path, str], tuple[Message, ...]]]] = {
    ".gpkg": _gpkg,
    ".dxf": _dxf,
    ".geojson": _geojson,
    ".zip": _shapefiles,
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".html": _html,
    ".pdf": site_pdf,
}
REPORT_ENDINGS: Final[Mapping[str, Callable[[Sequence[SiteResult], Path, str], tuple[Message, ...]]]] = {
    ".docx": _docx,
    ".pdf": report_pdf,
    **{ending: partial(_as, form) for ending, form in (
        (".xlsx", "xlsx"), (".csv", "csv"), (".html", "html"), (".json", "json"), (".geojson", "geojson"),
        (".sarif", "sarif"), (".xml", "junit"), (".txt", "text"),
    )},
}  # fmt: skip


def _writer_of(
    endings: Mapping[str, Callable[..., tuple[Message, ...]]],
    path: Path | str,
    *,
    other: Mapping[str, object],
    other_key: str,
) -> Callable[..., tuple[Message, ...]]:
    ending = Path(path).suffix.casefold()
    if ending in endings:
        return endings[ending]
    if ending == ".shp":
        raise UsageError(Message("export.shp"))
    key = other_key if ending in other else "export.unknown"
    raise UsageError(Message(key, ending=ending or Path(path).name, known=tuple(endings)))
