from __future__ import annotations

import base64

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, box

from plan.maps.compact import pack_numbers, pack_shapes, pack_texts

ORIGIN = (1_170_000_000, 260_000_000)


def unpacked(text: str) -> list[list[tuple[int, list[tuple[int, int]]]]]:
    """Read what was packed, number by number."""
    numbers, value, shift = [], 0, 0
    for byte in base64.b64decode(text):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
    features, rings, (x, y) = [], [], ORIGIN
    at = iter(numbers)
    for head in at:
        if head == 0:
            features.append(rings)
            rings = []
            continue
        points = []
        for _ in range(head // 4):
            dx, dy = next(at), next(at)
            x += (dx >> 1) ^ -(dx & 1)
            y += (dy >> 1) ^ -(dy & 1)
            points.append((x, y))
        rings.append((head % 4, points))
    assert not rings
    return features


def test_shapes_come_back_to_the_centimetre() -> None:
    area = box(117.0, 26.0, 117.001, 26.001).difference(box(117.0002, 26.0002, 117.0004, 26.0004))
    shapes = [
        Point(117.0000001, 25.9999999),
        None,
        LineString([(117, 26), (117.5, 26.5)]),
        area,
        GeometryCollection([Point(118, 27), MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)])]),
        Point(),
    ]
    found = unpacked(pack_shapes(shapes, origin=ORIGIN))
    assert [[kind for kind, _ in rings] for rings in found] == [[0], [], [1], [2, 3], [0, 2, 2], []]
    assert found[0] == [(0, [(1_170_000_001, 259_999_999)])]
    assert found[2] == [(1, [(1_170_000_000, 260_000_000), (1_175_000_000, 265_000_000)])]
    assert len(found[3][0][1]) == 4
    whole = np.rint(shapely.get_coordinates(area.exterior)[:-1] * 1e7).astype(int)
    assert found[3][0][1] == [tuple(p) for p in whole.tolist()]


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-85, 85)), max_size=20))
def test_points_anywhere_come_back(places: list[tuple[float, float]]) -> None:
    found = unpacked(pack_shapes([Point(p) for p in places], origin=ORIGIN))
    assert [rings[0][1][0] for rings in found] == [(round(x * 1e7), round(y * 1e7)) for x, y in places]


def test_numbers_fit_a_byte_or_are_not_packed() -> None:
    assert base64.b64decode(pack_numbers([0, 254, -1]) or "") == bytes([0, 254, 255])
    assert pack_numbers([255]) is None
    assert pack_numbers([-2]) is None
    assert pack_numbers([]) == ""


@pytest.mark.parametrize("texts", [["S0001", "S0002", "T"], ["x" * 60, "x" * 60], ["", "堃1号", "堃12号"]])
def test_texts_come_back(texts: list[str]) -> None:
    last, out = "", []
    for line in pack_texts(texts).split("\n"):
        last = last[: int(line[0], 36)] + line[1:]
        out.append(last)
    assert out == texts
