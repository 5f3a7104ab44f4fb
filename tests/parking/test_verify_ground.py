"""Stalls and aisles on the ground: what touches is allowed, a millimetre over is not."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import LineString, Polygon, box
from small_lots import Strip, aisles, moved, row, stalls

from plan.errors import UsageError
from plan.parking import FaultKind, Level, StallSpec, faultless, verify

SPEC = StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={90: 6.0})


def found(faults) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(f.kind.value, f.stalls, f.aisles) for f in faults]


def strip(frame=Strip.stalls, **more):
    return verify(Strip.lot, frame, Strip.aisles, **({"gates": Strip.gates} | more))


def test_a_strip_between_two_gates_holds_up() -> None:
    assert strip(stall=SPEC) == ()
    assert faultless(strip(stall=SPEC))


@pytest.mark.parametrize("over_m", [0.001, 0.05, 1.2])
def test_a_stall_moved_into_its_neighbour_is_found(over_m) -> None:
    (fault,) = [f for f in strip(moved(Strip.stalls, "B10", -over_m, 0)) if f.level is Level.BROKEN]
    assert (fault.kind, fault.stalls) == (FaultKind.STALLS_OVERLAP, ("B10", "B9"))
    assert fault.measured_m == pytest.approx(over_m, abs=1e-4)
    assert fault.geometry.area == pytest.approx(over_m * 5, rel=1e-6)


def test_less_than_a_millimetre_touches() -> None:
    assert strip(moved(Strip.stalls, "B10", -0.0009, 0)) == ()


@pytest.mark.parametrize(("dy", "faulty"), [(-0.05, True), (-0.001, True), (-0.0009, False)])
def test_a_stall_moved_out_of_the_lot_is_found(dy, faulty) -> None:
    faults = strip(moved(Strip.stalls, "B10", 0, dy))
    assert found(faults) == ([("stall_outside", ("B10",), ())] if faulty else [])
    if faulty:
        assert faults[0].measured_m == pytest.approx(-dy, abs=1e-4)
        assert faults[0].geometry.bounds == pytest.approx((39.6, dy, 42.0, 0.0))


def test_a_hole_of_the_lot_is_outside_it() -> None:
    tree = box(20, 1, 20.5, 1.5)
    lot = Strip.lot.difference(tree)
    faults = verify(lot, Strip.stalls, Strip.aisles, gates=Strip.gates)
    assert ("stall_outside", ("B1",), ()) in found(faults)


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("obstacles", "stall_on_obstacle"),
        ("fire_lanes", "stall_in_fire_lane"),
        ("clear_spaces", "stall_in_clear_space"),
    ],
)
@pytest.mark.parametrize(("over_m", "faulty"), [(0.0, False), (0.0009, False), (0.001, True), (0.05, True)])
def test_nothing_may_be_touched_by_a_stall(what, kind, over_m, faulty) -> None:
    # East of the last stall below, that ends at x = 42.
    faults = strip(**{what: [box(42 - over_m, 0, 46, 5)]})
    assert found(faults) == ([(kind, ("B10",), ())] if faulty else [])
    if faulty:
        assert faults[0].measured_m == pytest.approx(over_m, abs=1e-4)


def test_the_corner_of_a_slanted_stall_in_a_fire_lane_is_found() -> None:
    # A square stall turned by 45 degrees reaches 5 cm into the lane with one corner.
    lane = box(0, 0, 60, 4)
    slanted = Polygon([(30, 3.95), (32, 5.95), (30, 7.95), (28, 5.95)])
    faults = verify(box(0, 0, 60, 16), [slanted], [], gates=[], fire_lanes=[lane])
    (fault,) = [f for f in faults if f.kind is FaultKind.STALL_IN_FIRE_LANE]
    assert fault.measured_m == pytest.approx(0.05, abs=1e-4)
    assert fault.geometry.area == pytest.approx(0.05**2)


def test_a_pole_inside_a_stall_is_found() -> None:
    faults = strip(obstacles=[box(19, 2, 19.1, 2.1)])
    assert found(faults) == [("stall_on_obstacle", ("B1",), ()), ("no_manoeuvre", ("B1",), ())]


def test_an_aisle_over_a_tree_and_out_of_the_lot_is_found() -> None:
    faults = strip(obstacles=[box(50, 10.9, 51, 11.5)])
    assert found(faults) == [("aisle_on_obstacle", (), ("M",))]
    wide = aisles(("M", "two_way", 6.0, [(0, 8), (60, 8)]), ("N", "two_way", 4.0, [(50, 8), (50, 17)]))
    kinds = [f.kind for f in verify(Strip.lot, Strip.stalls, wide, gates=Strip.gates)]
    assert FaultKind.AISLE_OUTSIDE in kinds


def test_a_stall_in_an_aisle_is_found() -> None:
    faults = strip(moved(Strip.stalls, "B10", 0, 0.05))
    assert ("stall_in_aisle", ("B10",), ("M",)) in found(faults)


def test_small_stalls_are_told_as_advice() -> None:
    spec = StallSpec.of(width_m=2.5, length_m=5.0, aisles_m={90: 6.0})
    faults = strip(stall=spec)
    assert {f.kind for f in faults} == {FaultKind.STALL_SMALL}
    assert {(f.measured_m, f.required_m) for f in faults} == {(2.4, 2.5)}
    assert faultless(faults)


@pytest.mark.parametrize(
    ("direction", "asked", "required"),
    [("two_way", 6.5, 6.5), ("two_way", 6.0, None), ("one_way", 6.5, None)],
)
def test_narrow_aisles_are_told_as_advice(direction, asked, required) -> None:
    spec = StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={90: 6.0}, two_way_m=asked)
    way = aisles(("M", direction, 6.0, [(0, 8), (60, 8)]))
    faults = verify(Strip.lot, Strip.stalls, way, gates=Strip.gates, stall=spec)
    assert [(f.kind, f.measured_m, f.required_m) for f in faults] == (
        [] if required is None else [(FaultKind.AISLE_NARROW, 6.0, required)]
    )
    assert faultless(faults)


def test_what_cannot_be_measured_is_named() -> None:
    bowtie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    frame = stalls({"S1": bowtie, "S2": Polygon(), "S3": None} | row(1, x=20, name="T"))
    faults = strip(frame)
    assert found(faults) == [("stall_unusable", (f"S{i}",), ()) for i in (1, 2, 3)]
    bad = gpd.GeoDataFrame(
        {"aisle_id": ["A", "B"], "width_m": [None, -1.0]},
        geometry=[LineString([(0, 8), (60, 8)])] * 2,
    )
    faults = verify(Strip.lot, [], bad, gates=Strip.gates)
    assert found(faults) == [("aisle_unusable", (), ("A",)), ("aisle_unusable", (), ("B",))]


def test_a_gate_off_the_edge_or_too_narrow_cannot_be_used() -> None:
    inside, narrow = LineString([(5, 5), (5, 11)]), LineString([(0, 5), (0, 7.7)])
    faults = verify(Strip.lot, [], Strip.aisles, gates=[inside, narrow])
    assert [f.kind for f in faults if "gate" in f.kind] == [FaultKind.GATE_UNUSABLE] * 2 + [FaultKind.NO_GATE]
    exact = LineString([(0, 5), (0, 7.8)])
    assert not [f for f in verify(Strip.lot, [], Strip.aisles, gates=[exact]) if "gate" in f.kind]


@pytest.mark.parametrize(
    "lot", [Polygon(), Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]), LineString([(0, 0), (1, 1)])]
)
def test_a_lot_that_is_no_polygon_is_refused(lot) -> None:
    with pytest.raises(UsageError, match="场地"):
        verify(lot, [], [], gates=[])
