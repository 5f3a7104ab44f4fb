"""Layouts drawn by hand on published lots, and on mimics of lanes between old buildings."""

from __future__ import annotations

import json
import math

import pytest
import shapely
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, box, shape
from small_lots import aisles, stalls

from plan.parking import FaultKind, StallSpec, faultless, verify

pytestmark = pytest.mark.real


@pytest.fixture
def lot_of(shared):
    def read(name: str):
        found = json.loads((shared / "instances" / "parking" / f"{name}.geojson").read_text(encoding="utf-8"))
        parts: dict[str, list] = {"site": [], "gate": [], "obstacle": [], "firelane": []}
        for feature in found["features"]:
            parts[feature["properties"]["role"]].append(shape(feature["geometry"]))
        return parts

    return read


def test_a_parallel_row_along_a_lane_of_9_6_metres(lot_of) -> None:
    """est01: 9.6 x 60 m. Ten stalls of 6.0 x 2.4 m would be 60 m; eight leave a car length at both gates."""
    lot = lot_of("est01_strip_9x60")
    left, low, right, _ = lot["site"][0].bounds
    blocked = shapely.union_all(lot["obstacle"]).buffer(0)
    row = {f"P{i}": box(left + 6 + 6 * i, low, left + 12 + 6 * i, low + 2.4) for i in range(8)}
    free = {i: s for i, s in row.items() if not s.intersects(blocked.buffer(0.01))}
    assert len(free) >= 4
    # The gates open from y = 2 to y = 7; a lane of 4 m above the row.
    way = aisles(("A", "one_way", 4.0, [(left, low + 4.4), (right, low + 4.4)]))
    given = {"gates": lot["gate"], "obstacles": lot["obstacle"]}
    faults = verify(lot["site"][0], stalls(free), way, **given)
    assert [f for f in faults if f.kind is not FaultKind.AISLE_ON_OBSTACLE] == []


def test_rows_beside_a_fire_lane(lot_of) -> None:
    """est12: the fire lane from y = 10 to 14 is the aisle; stalls at 45 degrees below it, none a millimetre in it."""
    lot = lot_of("est12_firelane_24x75")
    site, blocked = lot["site"][0], shapely.union_all(lot["obstacle"])
    width, length, angle = 2.4, 5.1, math.radians(45)
    depth = (length + width) * math.sin(angle)
    slanted = rotate(box(-length / 2, -width / 2, length / 2, width / 2), -45)
    row = {f"S{i}": translate(slanted, 12 + i * width / math.sin(angle), 10 - depth / 2) for i in range(15)}
    fits = {i: s for i, s in row.items() if site.buffer(1e-6).covers(s) and s.distance(blocked) > 0}
    assert len(fits) >= 5
    way = aisles(("A", "one_way", 4.0, [(0, 12), (75, 12)]))
    given = {"gates": lot["gate"], "obstacles": lot["obstacle"], "fire_lanes": lot["firelane"]}
    assert faultless(verify(site, stalls(fits), way, **given))
    first = next(iter(fits))
    pushed = fits | {first: translate(fits[first], 0, 0.05)}
    hit = [f for f in verify(site, stalls(pushed), way, **given) if f.kind is FaultKind.STALL_IN_FIRE_LANE]
    assert [(f.stalls, f.measured_m) for f in hit] == [((first,), pytest.approx(0.05, abs=1e-4))]


def test_a_row_on_a_published_lot(lot_of) -> None:
    """dtu_ikea: one aisle of 7 m along the open edge in the north, driven through, square stalls on its inner side."""
    lot = lot_of("dtu_ikea")
    site, gate = lot["site"][0], lot["gate"][0]
    (x1, y1), (x0, y0) = gate.coords  # from east to west
    along = math.atan2(y1 - y0, x1 - x0)

    def placed(s):
        return translate(rotate(s, along, origin=(0, 0), use_radians=True), x0, y0)

    # A loop: in at 10 m from the west, down to 15 m inside, along, and out at 60 m.
    loop = LineString([(10, 0), (10, -15), (60, -15), (60, 0)])
    row = {f"S{i}": placed(box(20 + 2.4 * i, -23.5, 22.4 + 2.4 * i, -18.5)) for i in range(12)}
    way = aisles(("A", "one_way", 7.0, list(placed(loop).coords)))
    spec = StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={90: 7.0})
    assert verify(site, stalls(row), way, gates=lot["gate"], stall=spec) == ()
    # The same with the gate closed but for 6 m at the way in: a one-way aisle that leads nowhere.
    single = placed(LineString([(7, 0), (13, 0)]))
    kinds = {f.kind for f in verify(site, stalls(row), way, gates=[single])}
    assert FaultKind.ONE_WAY_DEAD_END in kinds
