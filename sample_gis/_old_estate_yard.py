"""What stands and lies between the houses of the old estate, and what is near it."""

from __future__ import annotations

import math

import shapely
from _draw import XY, Dice, Slab, at, shift
from _old_estate import EAST, LANE_M, NORTH, SETBACK_M, Drawing, hit, start
from _old_estate_people import lay_out, settle
from _old_estate_tables import FACILITIES, REMARKS
from shapely import LineString, Point, Polygon

SHEDLESS = {"B06", "B13", "B24", "B31", "B35", "B36", "B34"}


def build() -> dict[str, list[dict[str, object]]]:
    """Draw the whole estate and return its layers in EPSG:4548."""
    d = start()
    settle(d)
    lay_out(d)
    _sheds_and_stalls(d)
    _green_and_trees(d)
    _fire_lanes(d)
    _pipes(d)
    _facilities(d)
    _remarks(d)
    for rows in d.layers.values():
        for row in rows:
            row["geometry"] = shift(row["geometry"], EAST, NORTH)  # type: ignore[arg-type]
    return d.layers


def _homes(d: Drawing) -> list[Slab]:
    return [building for building in d.slabs.values() if "use" not in building.attributes]


def _row(building: Slab) -> int:
    return int(str(building.attributes["row"]))


def _shapes(d: Drawing, layer: str) -> list[shapely.Geometry]:
    return [row["geometry"] for row in d.layer(layer)]  # type: ignore[misc]


def _obstacle(
    d: Drawing,
    kind: str,
    shape: shapely.Geometry,
    *,
    radius: float | None = None,
    removable: bool = True,
    cost: float | None = None,
) -> None:
    d.layer("obstacles").append(
        {
            "obstacle_id": f"X{len(d.layer('obstacles')) + 1:03d}",
            "kind": kind,
            "radius_m": radius,
            "removable": removable,
            "cost_cny": cost,
            "geometry": shape,
        }
    )


def _sheds_and_stalls(d: Drawing) -> None:
    """Kerb stalls along the far side of each lane, firewood sheds behind them against the slope."""
    dice = d.dice
    fixed = shapely.union_all(
        [shape.buffer(1.2) for shape in _shapes(d, "buildings") + _shapes(d, "barriers")]
    )
    new_lot = shapely.union_all([r["geometry"] for r in d.layer("rooms") if r["building_id"] is None]).buffer(
        1.0
    )  # type: ignore[misc]
    blocked = shapely.union_all([fixed, d.ways.surfaces(0.1), new_lot])
    for building in _homes(d):
        row = _row(building)
        kerb = building.depth + SETBACK_M[row] + LANE_M[row] / 2 + 0.35
        first = building.widths[0] / 2
        s = first + 0.5 + dice.between(0, 3)
        while s + 5.8 < building.length - first - 0.5:
            stall = building.box(s, kerb, s + 5.5, kerb + 2.3)
            if dice.chance(0.72) and not stall.intersects(blocked):
                d.layer("stalls").append(
                    {
                        "stall_id": f"T{len(d.layer('stalls')) + 1:03d}",
                        "kind": "parallel",
                        "angle_deg": 0.0,
                        "state": "existing",
                        "geometry": stall,
                    }
                )
            s += 6.2
    blocked = shapely.union_all([blocked, *[shape.buffer(0.3) for shape in _shapes(d, "stalls")]])
    for building in _homes(d):
        if building.building_id in SHEDLESS:
            continue
        row = _row(building)
        low = building.depth + SETBACK_M[row] + LANE_M[row] / 2 + 3.3
        s = dice.between(0.5, 3.0)
        while s < building.length - 7:
            length = 2.0 * dice.whole(3, 8)
            shed = building.box(s, low, min(s + length, building.length - 0.5), low + 2.2)
            if not shed.intersects(blocked) and dice.chance(0.8):
                _obstacle(d, "shed", shed, cost=round(shed.area * 350 / 500) * 500.0)
            s += length + dice.between(3.0, 9.0)
    # Two sheds stand half a metre in the lane, as residents report.
    for building_id in ("B14", "B25"):
        building = d.slabs[building_id]
        low = building.depth + SETBACK_M[_row(building)] + LANE_M[_row(building)] / 2 - 0.5
        full = shapely.union_all(
            [shape.buffer(0.2) for shape in _shapes(d, "stalls") + _shapes(d, "obstacles")]
        )
        s = next(s for s in range(4, 40) if not building.box(s, low, s + 4.0, low + 2.2).intersects(full))
        _obstacle(d, "shed", building.box(s, low, s + 4.0, low + 2.2), cost=6000.0)


def _green_and_trees(d: Drawing) -> None:
    dice = Dice(19950312)
    blocked = shapely.union_all(
        [
            *[
                shape.buffer(0.4)
                for layer in ("buildings", "stalls", "obstacles", "open_spaces")
                for shape in _shapes(d, layer)
            ],
            *[shape.buffer(0.6) for shape in _shapes(d, "barriers")],
            *[r["geometry"].buffer(1.0) for r in d.layer("rooms") if r["building_id"] is None],  # type: ignore[attr-defined]
            d.ways.surfaces(0.4),
        ]
    )
    for building in _homes(d):
        if _row(building) == 0:
            continue
        strip = building.box(1.0, -4.6, building.length - 1.0, -1.0).difference(blocked)
        for part in shapely.get_parts(strip):
            clean = shapely.normalize(shapely.set_precision(part.buffer(0), 0.01))
            if isinstance(clean, Polygon) and clean.area > 18.0:
                _obstacle(
                    d, "green", clean, removable=dice.chance(0.6), cost=round(clean.area * 60 / 100) * 100.0
                )
    west, south, east, north = d.layer("parcels")[0]["geometry"].bounds  # type: ignore[attr-defined]
    estate = d.layer("parcels")[0]["geometry"]
    hard = shapely.union_all(
        [
            *[shape for layer in ("buildings", "stalls") for shape in _shapes(d, layer)],
            *[r["geometry"] for r in d.layer("obstacles") if r["kind"] == "shed"],  # type: ignore[misc]
            *[r["geometry"] for r in d.layer("rooms") if r["building_id"] is None],  # type: ignore[misc]
            *_shapes(d, "barriers"),
            d.ways.surfaces(0.0),
        ]
    )
    plaza = d.layer("open_spaces")[0]["geometry"].buffer(-1.5)  # type: ignore[attr-defined]
    trees: list[Point] = []
    while len(trees) < 190:
        spot = Point(at(dice.between(west, east), dice.between(south, north)))
        radius = round(dice.between(0.9, 2.2), 1)
        near = any(spot.distance(tree) < 4.5 for tree in trees)
        if near or not spot.within(estate) or spot.within(plaza) or spot.distance(hard) < radius * 0.6 + 0.4:
            continue
        trees.append(spot)
        _obstacle(
            d, "tree", spot, radius=radius, removable=radius < 1.6, cost=2000.0 if radius < 1.6 else None
        )
    for u in range(-600, 900, 24):  # camphor trees along the main street
        spot = Point(d.hill.xy(float(u), -33.0 if (u // 24) % 2 else -11.6))
        if -100 < u < 420 and spot.distance(d.ways.surfaces(-0.2)) > 0.0:
            _obstacle(d, "tree", spot, radius=1.8, removable=False)

    bank = [(float(x), -490.0 + 14.0 * math.sin(x / 210.0)) for x in range(-800, 1001, 40)]
    river = [at(x, y + 30.0) for x, y in bank] + [at(x, y - 30.0) for x, y in reversed(bank)]
    _obstacle(d, "water", Polygon(river), removable=False)


def _fire_lanes(d: Drawing) -> None:
    """Lanes that a fire engine can use, with their clear width; some are pinched below four metres."""
    for way in d.ways.ways:
        if way.name in {"青山新村正门", "青山新村中路", "青山新村西路", "青山新村东路", "东门路"}:
            _fire_lane(d, way.points, way.width)
    for row, lane in enumerate(d.lanes):
        points = [at(x, y) for x, y in lane.coords]
        if row in {1, 5}:  # the west half is pinched by parked cars and sheds
            middle = min(range(len(points)), key=lambda k, points=points: abs(points[k][0] - 90.0))
            _fire_lane(d, points[: middle + 1], 3.6 if row == 1 else 3.2)
            _fire_lane(d, points[middle:], LANE_M[row])
        elif row != 7:
            _fire_lane(d, points, LANE_M[row])


def _fire_lane(d: Drawing, points: list[XY], width: float) -> None:
    number = len(d.layer("fire_lanes")) + 1
    d.layer("fire_lanes").append(
        {"lane_id": f"F{number:02d}", "width_m": width, "geometry": LineString(points)}
    )


def _pipes(d: Drawing) -> None:
    def pipe(kind: str, points: list[XY], depth: float, clearance: float) -> None:
        number = len(d.layer("utilities")) + 1
        d.layer("utilities").append(
            {
                "utility_id": f"U{number:03d}",
                "kind": kind,
                "depth_m": depth,
                "clearance_m": clearance,
                "geometry": LineString(points),
            }
        )

    trunk = next(LineString(w.points) for w in d.ways.ways if w.name == "青山新村中路")
    for kind, aside, depth, clearance in (
        ("water", -1.6, 1.0, 1.0),
        ("sewer", 0.9, 2.2, 2.5),
        ("gas", 2.4, 0.9, 1.5),
        ("power", -2.6, 0.7, 0.5),
    ):
        pipe(kind, [at(x + aside, y) for x, y in trunk.coords], depth, clearance)
    #   kind, metres from the north face by row (even, odd), depth, clearance
    plan = [
        ("gas", (1.6, 3.2), 0.8, 1.5),
        ("sewer", (3.0, 1.8), 1.6, 2.5),
        ("water", (4.4, 4.6), 0.9, 1.0),
        ("power", (7.2, 8.0), 0.6, 0.5),
    ]
    for buildings in d.rows:
        for half in (0, 1):
            these = [b for b in buildings if (b.origin[0] > 156.0) == bool(half)]
            if not these:
                continue
            for kind, distance, depth, clearance in plan:
                row = _row(these[0])
                aside = distance[row % 2]
                points = [
                    building.xy(s, building.depth + aside)
                    for building in these
                    for s in (0.5, building.length - 0.5)
                ]
                x = 156.0 + {"water": -1.6, "sewer": 0.9, "gas": 2.4, "power": -2.6}[kind]
                lane = hit((x, 2000.0), (0.0, -1.0), d.lanes[row], far=3000.0)
                joint = at(x, lane[1] + aside - SETBACK_M[row])
                pipe(kind, [*points, joint] if half == 0 else [joint, *points], depth, clearance)


def _facilities(d: Drawing) -> None:
    for number, (category, name, u, v, area, capacity) in enumerate(FACILITIES, start=1):
        spot = Point(d.hill.xy(u, v))
        shape: shapely.Geometry = spot
        if name == "滨江公园":
            shape = Polygon(
                d.hill.line(
                    [(-90.0, -438.0), (140.0, -430.0), (140.0, -452.0), (-90.0, -462.0), (-90.0, -438.0)],
                    30.0,
                )
            )
        elif name == "后山公园":
            shape = d.hill.ring(
                [(120.0, 292.0), (320.0, 292.0), (300.0, 372.0), (210.0, 400.0), (140.0, 370.0)]
            )
        elif name == "青山幼儿园":
            shape = d.slabs["B36"].polygon
        d.layer("facilities").append(
            {
                "facility_id": f"Y{number:02d}",
                "category": category,
                "name": name,
                "area_m2": area if isinstance(shape, Point) else round(shape.area),
                "capacity": capacity,
                "geometry": shape,
            }
        )


def _remarks(d: Drawing) -> None:
    dice = Dice(20250901)
    homes = _homes(d)
    for number in range(1, 43):
        kind, text = REMARKS[(number * 5) % len(REMARKS)]
        building = dice.pick(homes)
        if kind in {"fire_lane", "pothole"}:
            building = d.slabs[dice.pick(["B17", "B18", "B22", "B25", "B26", "B06", "B27"])]
        s = dice.between(3.0, building.length - 3.0)
        south = kind == "green"
        spot = building.xy(s, -2.5 if south else building.depth + dice.between(1.0, 6.0))
        month, day = dice.whole(3, 11), dice.whole(1, 28)
        d.layer("remarks").append(
            {
                "remark_id": f"M{number:02d}",
                "kind": kind,
                "text": text.format(b=f"{int(building.building_id[1:])}号楼"),
                "remarked_on": f"2025-{month:02d}-{day:02d}",
                "building_id": building.building_id,
                "geometry": Point(spot),
            }
        )
