"""What a shapefile says beside its shapes: which way their rings run, and which row each belongs to; the driver looks at neither."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

__all__ = ["misnumbered", "unclear_rings"]

_HEADER: Final = 100  # bytes, of .shp and .shx
_RECORD: Final = 8  # bytes before what a record holds
_PARTS: Final = 44  # bytes from there to the list of rings, behind kind, box and counts
_POLYGONS: Final = (5, 15, 25)  # flat, with heights, with measures

Array = np.ndarray[Any, Any]


def unclear_rings(shp: Path, shx: Path, shapes: Array, fids: Array) -> Array:
    """Return the places of shapes whose rings run as holes but lie as outlines, or the other way round.

    Parameters
    ----------
    shp, shx : pathlib.Path
        The shapes and their index.
    shapes : array of geometry
        As the driver made them.
    fids : array of int
        Their places in the file, from 0.

    References
    ----------
    ESRI Shapefile Technical Description, 1998, p. 8: outer rings run clockwise, holes the other way.
    """
    areas = np.isin(shapely.get_type_id(shapes), (3, 6))  # polygons, multipolygons
    index = np.fromfile(shx, dtype=np.dtype((">i4", 2)), offset=_HEADER)
    data = np.fromfile(shp, dtype=np.uint8)
    held = areas & (fids < len(index))
    starts = np.where(held, index[np.where(held, fids, 0), 0].astype(np.int64) * 2 + _RECORD, 0)
    held &= (starts >= _HEADER + _RECORD) & (starts + _PARTS <= len(data))
    counts = np.zeros(len(shapes), dtype=np.int64)
    counts[held] = _whole(data, starts[held] + 36)
    return np.array(
        [i for i in np.flatnonzero(counts > 1) if _unclear(data, int(starts[i]), shapes[i])], dtype=np.int64
    )


def misnumbered(shp: Path, shx: Path) -> Array:
    """Return the places in the index whose shapes say that they are of another row.

    Notes
    -----
    A shape says its number, from 1 (ESRI Shapefile Technical Description, 1998, p. 4). Some programs count from 0, write one
    number everywhere or leave gaps where shapes were deleted: numbers that rise, or do not change, tell nothing. Two places
    of the index for one shape are wrong all the same.
    """
    index = np.fromfile(shx, dtype=np.dtype((">i4", 2)), offset=_HEADER)
    starts = index[:, 0].astype(np.int64) * 2
    size = shp.stat().st_size
    held = (starts >= _HEADER) & (starts + _RECORD <= size)
    if not held.any():
        return np.empty(0, dtype=np.int64)
    data = np.memmap(shp, dtype=np.uint8, mode="r")
    bytes_of: Array = np.asarray(data[starts[held, None] + np.arange(4)])
    said = np.ascontiguousarray(bytes_of).view(">i4").ravel().astype(np.int64)
    places = np.flatnonzero(held)
    off = said - places
    alike = (np.diff(said) > 0).all() or (said == said[0]).all()
    _, first, times = np.unique(starts[held], return_index=True, return_counts=True)
    shared = np.isin(starts[held], starts[held][first[times > 1]])
    return np.asarray(places[shared | ((off != 1) & (not alike))])


def _whole(data: Array, at: Array) -> Array:
    """Return the little-endian whole numbers of four bytes at some places."""
    held: Array = data[at[:, None] + np.arange(4)]
    return np.ascontiguousarray(held).view("<i4").ravel().astype(np.int64)


def _unclear(data: Array, start: int, shape: shapely.Geometry) -> bool:
    kind, rings, points = (int(v) for v in _whole(data, np.array([start, start + 36, start + 40])))
    end = start + _PARTS + 4 * rings + 16 * points
    if kind not in _POLYGONS or rings < 0 or points < 0 or end > len(data):
        return False  # the driver does not read it either
    first = np.append(_whole(data, start + _PARTS + 4 * np.arange(rings)), points)
    xy = data[end - 16 * points : end].view("<f8").reshape(-1, 2) if points else np.empty((0, 2))
    turns = []
    for a, b in zip(first[:-1].tolist(), first[1:].tolist(), strict=True):
        ring = xy[a:b] if 0 <= a < b <= points else np.empty((0, 2))
        x, y = ring[:, 0], ring[:, 1]
        with np.errstate(all="ignore"):  # what has no finite area is found later
            x, y = x - x[:1], y - y[:1]
            turns.append(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)))
    outer = sum(turn < 0 for turn in turns)
    # Where all run the wrong way somebody turned the whole file: where they lie is all that there is to go by.
    return 0 < outer != int(shapely.get_num_geometries(shape))
