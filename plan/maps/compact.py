"""Write layers of thousands of features in little room: bytes in base64 instead of lists of numbers.

A row of 50,000 stalls is 1.6 MB so, and its shapes are read into flat arrays without an object for each. The page's
script ``assets/page/compact.js`` reads what is written here.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plan.maps.geometry import DIGITS

__all__ = ["MANY", "pack_numbers", "pack_shapes", "pack_texts", "runs"]

# Layers of more features than this are written compactly and drawn without an object for each.
MANY: Final = 1000

# The head of each ring: its number of points, then what it is.
_POINT, _LINE, _OUTER, _HOLE = 0, 1, 2, 3
_END: Final = 0  # no ring has no points: a zero ends a feature
_GROUP: Final = 7  # bits of a number in each byte; the eighth says that more follow
_NONE: Final = 255  # in a column of bytes: no value
_LONGEST: Final = 35  # shared beginnings are counted with one digit of base 36


def pack_shapes(shapes: Iterable[BaseGeometry | None], *, origin: tuple[int, int]) -> str:
    """Pack geometries into base64.

    Each feature is a number of rings and a zero; each ring a head, ``4 * points + kind`` (0 point, 1 line, 2 outer
    ring, 3 hole), and its points, each the step from the last point of the whole layer [1e-7 degree]. Steps are
    folded (0, -1, 1, -2 … become 0, 1, 2, 3 …), and each number is written in groups of seven bits, the lowest first,
    as in Protocol Buffers.

    Parameters
    ----------
    shapes : iterable of shapely geometry or None
        In WGS 84, longitude and latitude [degree].
    origin : tuple of int
        Longitude and latitude from which the first step goes [1e-7 degree].

    Returns
    -------
    str
        Base64.

    References
    ----------
    Protocol Buffers, Encoding: Base 128 Varints and ZigZag, https://protobuf.dev/programming-guides/encoding/
    """
    rings: list[np.ndarray[Any, Any]] = []
    marks: list[int] = []  # heads and ends …
    places: list[int] = []  # … and before which of the steps they stand
    points = 0
    for shape in shapes:
        for kind, ring in _rings(shape):
            marks.append(4 * len(ring) + kind)
            places.append(2 * points)
            rings.append(ring)
            points += len(ring)
        marks.append(_END)
        places.append(2 * points)
    whole = np.rint(np.concatenate([np.empty((0, 2)), *rings]) * 10**DIGITS).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.array([origin], dtype=np.int64)).ravel()
    folded = (steps << 1) ^ (steps >> 63)
    return _base64(_varints(np.insert(folded, places, marks)))


def pack_numbers(numbers: Sequence[int]) -> str | None:
    """Pack small whole numbers into base64, a byte each; None where one has no room. -1 is none."""
    values = np.asarray(numbers, dtype=np.int64)
    if values.size and (values.max() >= _NONE or values.min() < -1):
        return None
    return _base64(np.where(values < 0, _NONE, values).astype(np.uint8))


def pack_texts(texts: Sequence[str]) -> str:
    r"""Write texts without line breaks one a line, each as how much of the last it begins with, and the rest.

    Examples
    --------
    >>> pack_texts(["S0001", "S0002", "T"])
    '0S0001\n42\n0T'
    """
    last, out = "", []
    for text in texts:
        shared = 0
        for a, b in zip(last[:_LONGEST], text, strict=False):
            if a != b:
                break
            shared += 1
        out.append(np.base_repr(shared, 36) + text[shared:])
        last = text
    return "\n".join(out)


def runs(rows: Sequence[int]) -> list[int]:
    """Write row numbers as first and number of each unbroken run.

    Examples
    --------
    >>> runs([3, 4, 5, 9])
    [3, 3, 9, 1]
    """
    out: list[int] = []
    for _, those in groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0]):
        run = [row for _, row in those]
        out += [run[0], len(run)]
    return out


def _rings(shape: BaseGeometry | None) -> Iterable[tuple[int, np.ndarray[Any, Any]]]:
    if shape is None or shape.is_empty:
        return
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            yield _OUTER, shapely.get_coordinates(part.exterior)[:-1]
            for hole in part.interiors:
                yield _HOLE, shapely.get_coordinates(hole)[:-1]
        elif part.geom_type == "Point":
            yield _POINT, shapely.get_coordinates(part)
        elif part.geom_type in {"LineString", "LinearRing"}:
            yield _LINE, shapely.get_coordinates(part)
        else:
            yield from _rings(part)


def _varints(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Write whole numbers of no sign in groups of seven bits, the lowest first."""
    lengths = np.ones(len(values), dtype=np.int64)
    rest = values >> _GROUP
    while rest.any():
        lengths += rest > 0
        rest >>= _GROUP
    starts = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()), dtype=np.uint8)
    for group in range(int(lengths.max(initial=0))):
        here = lengths > group
        more = np.where(lengths[here] > group + 1, 0x80, 0)
        out[starts[here] + group] = ((values[here] >> (_GROUP * group)) & 0x7F) | more
    return out


def _base64(data: np.ndarray[Any, Any]) -> str:
    return base64.b64encode(data.tobytes()).decode("ascii")
