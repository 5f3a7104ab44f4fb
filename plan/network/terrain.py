"""Terrain from a raster: heights along edges, and what is told where the raster does not say."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from plan.crs import transformer
from plan.errors import CrsError, InputError
from plan.findings import Problem
from plan.messages import Message
from plan.network.relief import Relief
from plan.network.speed import MAX_WALK_SLOPE, Walked

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["STEP_M", "Heights", "drape", "raster_problems", "read_heights"]

# Metres between samples along an edge, at most.
STEP_M: Final = 10.0
# Rows and columns of the tiles of SRTM: one and three seconds of arc.
_HGT_SIZES: Final = (3601, 1201)
_HGT_VOID: Final = -32768
_HGT_NAME: Final = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
# Cells that are read at once, at most: 1.6 GB; the network of a province needs fewer.
_MOST_CELLS: Final = 200_000_000
_METRES_PER_DEGREE: Final = 111_320.0  # of latitude
_IN_METRES: Final = ("", "m", "metre", "meter", "metres", "meters")
_ROUNDING_M: Final = 1e-9
# Cells around the samples, so that each has four around it.
_MARGIN_CELLS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heights:
    """A piece of a raster of heights; cell [row, column] stands for its middle."""

    path: str
    crs: Any  # pyproj.CRS
    z: NDArray[np.float64]  # metres, NaN where the raster has no value
    to_cell: tuple[float, float, float, float, float, float]  # column = a x + b y + c, row = d x + e y + f
    cell_m: float  # about the length of a side of a cell, metres

    def at(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return heights between the middles of cells, bilinear; NaN outside and next to cells without value.

        Parameters
        ----------
        xy : array of float, shape (n, 2)
            Points in the raster's reference system.

        Returns
        -------
        array of float
            Metres.
        """
        a, b, c, d, e, f = self.to_cell
        column, row = a * xy[:, 0] + b * xy[:, 1] + c, d * xy[:, 0] + e * xy[:, 1] + f
        height, width = self.z.shape
        inside = _inside(column, row, width, height)
        column = np.clip(np.where(inside, column, 0.0), 0, width - 1)
        row = np.clip(np.where(inside, row, 0.0), 0, height - 1)
        left = np.minimum(np.floor(column).astype(np.int64), max(width - 2, 0))
        top = np.minimum(np.floor(row).astype(np.int64), max(height - 2, 0))
        right, below = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
        across, down = column - left, row - top
        found = np.zeros(len(xy))
        for y, x, weight in (
            (top, left, (1 - down) * (1 - across)),
            (top, right, (1 - down) * across),
            (below, left, down * (1 - across)),
            (below, right, down * across),
        ):
            # A cell without value spoils only what it has a part in.
            found += np.where(weight > 0, self.z[y, x], 0.0) * weight
        return np.where(inside, found, np.nan)


def drape(
    lines: NDArray[np.object_],
    *,
    level: NDArray[np.bool_],
    dem: Path | str,
    crs: Any,  # noqa: ANN401 - pyproj.CRS
) -> Relief:
    """Lay lines on the terrain, with a sample at least every 10 m.

    Parameters
    ----------
    lines : array of LineString
        Edges from u to v, in metres.
    level : array of bool
        Lines that do not follow the ground: bridges, corridors, elevators. They do not rise.
    dem : path-like
        A GeoTIFF of one band with heights in metres, or a tile of SRTM (``.hgt``, ``.hgt.zip``).
    crs : pyproj.CRS
        Reference system of the lines.

    Returns
    -------
    Relief
        An edge of which any sample has no height is not known.

    Raises
    ------
    InputError
        If the file cannot be used, or has no height at all where the lines are.
    CrsError
        If the lines or the raster state no reference system.
    """
    if crs is None:
        raise CrsError(Message("terrain.network_crs", path=str(dem)))
    drawn_m = shapely.length(lines)
    pieces = np.where(level, 1, np.maximum(np.ceil(drawn_m / STEP_M - 1e-9), 1)).astype(np.int64)
    ground = np.flatnonzero(~level)
    counts = pieces[ground] + 1
    edge = np.repeat(ground, counts)
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    points = shapely.line_interpolate_point(lines[edge], offset / pieces[edge], normalized=True)
    xy = shapely.get_coordinates(points).reshape(-1, 2)
    raster = read_heights(dem, xy, crs)
    z = raster.at(_transformed(xy, crs, raster.crs))
    if len(z) and np.isnan(z).all():
        raise _outside(dem)
    # From heights to rises: the step from the last sample of an edge to the next edge is none.
    step = np.diff(z)
    same = edge[1:] == edge[:-1]
    first = np.concatenate([[0], np.cumsum(pieces)])
    rise = np.zeros(first[-1])
    rise[np.repeat(~level, pieces)] = step[same]
    known = ~np.isnan(np.add.reduceat(rise, first[:-1])) if len(lines) else np.zeros(0, dtype=bool)
    rise[~np.repeat(known, pieces)] = 0.0
    return Relief(first=first, rise_m=rise, known=known, window_m=raster.cell_m)


def raster_problems(
    draped: Relief,
    relief: Relief,
    walked: Walked,
    *,
    dem: Path | str,
    ways: pd.Series[Any] | None,
) -> tuple[Problem, ...]:
    """Tell where a raster says nothing, and where it says more than walkways can do.

    Parameters
    ----------
    draped : Relief
        What the raster says.
    relief : Relief
        The same, completed with the slopes that are drawn.
    walked : Walked
        The edges.
    dem : path-like
        The raster.
    ways : Series, optional
        The way of each edge.

    Returns
    -------
    tuple of Problem
        PLAN-DEM-002 and PLAN-DEM-005, or nothing.
    """
    run = relief.run_m(walked.length_m)
    steep = (np.abs(relief.rise_m) > MAX_WALK_SLOPE * run + _ROUNDING_M) & np.repeat(
        ~walked.steps, relief.pieces
    )
    found = {
        ("PLAN-DEM-002", "gaps"): ~draped.known,
        ("PLAN-DEM-005", "steep"): np.bincount(
            np.repeat(np.arange(len(relief.known)), relief.pieces)[steep], minlength=len(relief.known)
        )
        > 0,
    }
    return tuple(
        Problem(
            id=ident,
            severity="warning",
            effect="noted",
            path=str(dem),
            layer="walkways",
            features=() if ways is None else tuple(dict.fromkeys(ways[where].dropna().astype(str))),
            message=Message(
                f"terrain.{key}",
                count=int(where.sum()),
                share=round(100 * float(where.mean()), 1),
                drawn=int((where & relief.known).sum()),
                limit=round(100 * MAX_WALK_SLOPE),
            ),
            cure=Message(f"terrain.{key}_cure"),
        )
        for (ident, key), where in found.items()
        if where.any()
    )


def read_heights(
    dem: Path | str,
    xy: NDArray[np.float64],
    crs: Any,  # noqa: ANN401 - pyproj.CRS
) -> Heights:
    """Read the part of a raster that points lie on.

    Parameters
    ----------
    dem : path-like
        As in :func:`drape`.
    xy : array of float, shape (n, 2)
        Points.
    crs : pyproj.CRS
        Their reference system.

    Returns
    -------
    Heights
        Heights around the points.

    Raises
    ------
    InputError, CrsError
        As in :func:`drape`.
    """
    path = Path(dem)
    if not path.is_file():
        raise _refused(path, "PLAN-DEM-004", "missing")
    name = path.name.casefold()
    if name.endswith((".hgt", ".hgt.zip")):
        return _read_hgt(path)
    return _read_geotiff(path, xy, crs)


def _read_hgt(path: Path) -> Heights:
    """Read a tile of SRTM: big-endian whole metres, the first row in the north, samples on whole seconds."""
    member = path.name
    try:
        if path.name.casefold().endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                inside = [i for i in archive.infolist() if i.filename.casefold().endswith(".hgt")]
                if len(inside) != 1 or inside[0].file_size not in {2 * n * n for n in _HGT_SIZES}:
                    raise _refused(path, "PLAN-DEM-004", "hgt_size")
                member, data = inside[0].filename, archive.read(inside[0])
        elif path.stat().st_size not in {2 * n * n for n in _HGT_SIZES}:
            raise _refused(path, "PLAN-DEM-004", "hgt_size")
        else:
            data = path.read_bytes()
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise _refused(path, "PLAN-DEM-004", "unreadable", why=str(error)) from error
    corner = _HGT_NAME.search(Path(member).name) or _HGT_NAME.search(path.name)
    if corner is None:
        raise _refused(path, "PLAN-DEM-004", "hgt_name")
    south = int(corner[2]) * (1 if corner[1].upper() == "N" else -1)
    west = int(corner[4]) * (1 if corner[3].upper() == "E" else -1)
    side = round((len(data) / 2) ** 0.5)
    raw = np.frombuffer(data, dtype=">i2").reshape(side, side)
    z = np.where(raw == _HGT_VOID, np.nan, raw.astype(float))
    steps = float(side - 1)  # in a degree
    return Heights(
        path=str(path),
        crs=_crs("EPSG:4326"),
        z=z,
        to_cell=(steps, 0.0, -west * steps, 0.0, -steps, (south + 1) * steps),
        cell_m=_METRES_PER_DEGREE / steps,
    )


def _read_geotiff(path: Path, xy: NDArray[np.float64], crs: Any) -> Heights:  # noqa: ANN401 - pyproj.CRS
    import rasterio  # noqa: PLC0415 - heavy
    from rasterio.errors import RasterioError  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    try:
        # GeoTIFF only: a driver that follows references would open other files and addresses.
        with rasterio.open(path, driver="GTiff", sharing=False) as source:
            if source.crs is None:
                raise _refused(path, "PLAN-DEM-003", "no_crs", kind=CrsError)
            if source.count != 1:
                raise _refused(path, "PLAN-DEM-004", "bands", count=source.count)
            unit = str(source.units[0] or "")
            if unit.casefold() not in _IN_METRES:
                raise _refused(path, "PLAN-DEM-004", "unit", unit=unit)
            raster_crs = _crs(source.crs.to_wkt())
            inverse = ~source.transform
            there = _transformed(xy, crs, raster_crs)
            there = there[np.isfinite(there).all(axis=1)]
            column = inverse.a * there[:, 0] + inverse.b * there[:, 1] + inverse.c - 0.5
            row = inverse.d * there[:, 0] + inverse.e * there[:, 1] + inverse.f - 0.5
            met = _inside(column, row, source.width, source.height)
            if not met.any():
                raise _outside(path)
            left, top = (max(int(v[met].min()) - _MARGIN_CELLS, 0) for v in (column, row))
            right = min(int(column[met].max()) + _MARGIN_CELLS + 1, source.width)
            bottom = min(int(row[met].max()) + _MARGIN_CELLS + 1, source.height)
            if (right - left) * (bottom - top) > _MOST_CELLS:
                raise _refused(path, "PLAN-DEM-004", "too_large", cells=(right - left) * (bottom - top))
            band = source.read(1, window=Window(left, top, right - left, bottom - top), masked=True)
            z = band.astype(float).filled(np.nan) * source.scales[0] + source.offsets[0]
            z[~np.isfinite(z)] = np.nan
            side = abs(source.transform.determinant) ** 0.5
    except (RasterioError, ValueError, OSError) as error:
        if isinstance(error, InputError):
            raise
        raise _refused(path, "PLAN-DEM-004", "unreadable", why=str(error)) from error
    metres = raster_crs.axis_info[0].unit_conversion_factor
    return Heights(
        path=str(path),
        crs=raster_crs,
        z=z,
        to_cell=(inverse.a, inverse.b, inverse.c - 0.5 - left, inverse.d, inverse.e, inverse.f - 0.5 - top),
        cell_m=side * (_METRES_PER_DEGREE if raster_crs.is_geographic else metres),
    )


def _inside(
    column: NDArray[np.float64], row: NDArray[np.float64], width: int, height: int
) -> NDArray[np.bool_]:
    """Return which places lie on a raster; the outer halves of the cells at its border belong to it."""
    edge = 0.5  # of a cell
    across = (column >= -edge) & (column <= width - 1 + edge)
    return np.asarray(across & (row >= -edge) & (row <= height - 1 + edge), dtype=bool)


def _crs(text: str) -> Any:  # noqa: ANN401 - pyproj.CRS
    from pyproj import CRS  # noqa: PLC0415 - heavy

    return CRS.from_user_input(text)


def _transformed(xy: NDArray[np.float64], source: Any, target: Any) -> NDArray[np.float64]:  # noqa: ANN401
    """Return points in another reference system, east (or longitude) first."""
    x, y = transformer(source, target).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([x, y])


def _outside(dem: Path | str) -> InputError:
    return _refused(Path(dem), "PLAN-DEM-001", "outside")


def _refused(
    path: Path, ident: str, key: str, *, kind: type[InputError] = InputError, **params: object
) -> InputError:
    """Return an error that a raster cannot be used, with its cure."""
    message = Message(f"terrain.{key}", path=str(path), **params)
    problem = Problem(
        id=ident,
        severity="error",
        effect="refused",
        path=str(path),
        message=message,
        cure=Message(f"terrain.{key}_cure", **params),
    )
    return kind(message, [problem])
