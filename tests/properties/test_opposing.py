"""Opposing aisles are found wherever and however they lie, and never where only one direction is driven."""

from __future__ import annotations

import math

import geopandas as gpd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box
from shapely.affinity import rotate, translate

from plan.parking import FaultKind, verify

LOT = box(-300, -300, 300, 300)
GATES = [LineString([(-300, -300), (-300, 300)])]


def opposed(lines: list[LineString], widths: list[float]) -> list:
    table = {"aisle_id": [f"A{n}" for n in range(len(lines))], "direction": "one_way", "width_m": widths}
    faults = verify(LOT, [], gpd.GeoDataFrame(table, geometry=lines), gates=GATES)
    return [fault for fault in faults if fault.kind is FaultKind.AISLES_OPPOSE]


@given(
    widths=st.tuples(st.floats(2.8, 7.0), st.floats(2.8, 7.0)),
    apart=st.floats(0, 8),
    shared=st.floats(0.1, 40),
    turn=st.floats(0, 360),
    move=st.tuples(st.floats(-50, 50), st.floats(-50, 50)),
)
@settings(max_examples=60, deadline=None)
def test_parallel_aisles_oppose_where_their_ground_is_common_long_and_narrow(
    widths, apart, shared, turn, move
) -> None:
    first = LineString([(0, 0), (60, 0)])
    second = LineString([(100, apart), (60 - shared, apart)])
    ways = [translate(rotate(line, turn, origin=(0, 0)), *move) for line in (first, second)]
    ground = max(*widths, sum(widths) / 2 + apart)
    margins = (sum(widths) / 2 - apart, shared - max(widths), 5.6 - ground)
    if any(abs(margin) < 0.01 for margin in margins):
        return  # at a limit to the millimetre; the tests by hand stand there
    found = opposed(ways, list(widths))
    assert len(found) == all(margin > 0 for margin in margins)
    for one in (found, opposed(ways[::-1], list(widths)[::-1])):
        assert [f.measured_m for f in one] == [f.measured_m for f in found]
    if found:
        assert math.isclose(found[0].measured_m, ground, abs_tol=1e-3)
    assert opposed([ways[0], ways[1].reverse()], list(widths)) == []


@given(angle=st.floats(31, 149), widths=st.tuples(st.floats(2.8, 7.0), st.floats(2.8, 7.0)))
@settings(max_examples=30, deadline=None)
def test_aisles_that_cross_never_oppose(angle, widths) -> None:
    lines = [rotate(LineString([(-60, 0), (60, 0)]), turn, origin=(0, 0)) for turn in (0, angle)]
    for second in (lines[1], lines[1].reverse()):
        assert opposed([lines[0], second], list(widths)) == []
