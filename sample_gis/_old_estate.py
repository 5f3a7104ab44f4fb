"""青山新村: an invented hillside estate of 1986-1996 in a town like Sanming, Fujian.

Drawn in (u, v): u runs east along the slope, v runs uphill; `Hill` bends that grid along the contours.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import shapely
import shapely.ops
from _draw import STOREY_M, XY, Dice, Slab, Ways, at, slab
from _old_estate_tables import CANDIDATES, EXISTING_ROOMS, STREETS
from shapely import LineString, Point, Polygon

EPSG = 4548
EAST, NORTH = 563_800.0, 2_905_600.0  # the local origin in the zone of 117E; about 117.64E 26.26N
DEM = (-800.0, 1000.0, -900.0, 560.0, 5.0)  # west, east, south, north, cell: local metres
PITCH, FIRST_ROW = 32.0, 4.0  # rows of buildings, m along v
SPINE, WEST_LOOP, EAST_LOOP = 156.0, 0.0, 314.0  # u of the three internal roads
WEST_WALL, EAST_WALL, NORTH_WALL = -8.0, 323.0, 260.0
BETWEEN = 9.5  # between the gables of a row, m

#   row: (west half, east half); a half is (where it starts or "-" ends, [units, floors, leg, units of the leg])
Half = tuple[float, list[tuple[int, int, str, int]]]
ROWS: list[tuple[Half, Half]] = [
    ((-146.0, [(3, 7, "", 0), (3, 7, "", 0), (3, 6, "", 0)]), (168.0, [(4, 7, "", 0), (4, 7, "", 0)])),
    ((10.0, [(4, 7, "", 0), (4, 7, "", 0)]), (168.0, [(4, 7, "", 0), (3, 7, "", 0), (2, 6, "", 0)])),
    ((10.0, [(3, 7, "", 0), (3, 7, "", 0)]), (167.0, [(4, 7, "", 0)])),
    ((-146.0, [(4, 7, "", 0)]), (-304.0, [(3, 7, "", 0), (3, 6, "east", 2)])),
    ((10.0, [(3, 6, "west", 2), (4, 7, "", 0)]), (168.0, [(3, 7, "", 0), (3, 7, "", 0), (2, 6, "", 0)])),
    ((12.0, [(4, 7, "", 0), (4, 7, "", 0)]), (167.0, [(4, 7, "", 0)])),
    ((-146.0, [(3, 6, "", 0), (3, 6, "", 0), (3, 5, "", 0)]), (-304.0, [(3, 6, "", 0), (3, 6, "east", 2)])),
    ((12.0, [(4, 6, "", 0), (4, 6, "", 0)]), (170.0, [(4, 6, "", 0), (3, 5, "", 0)])),
]
UNIT_M = [13.1, 12.4, 12.9, 12.2, 12.4, 12.0, 11.4, 11.6]  # length of a stairwell unit, by row
DEPTH_M = [11.0, 11.2, 11.0, 10.8, 11.0, 10.8, 10.4, 10.4]
SETBACK_M = [5.5, 6.4, 5.5, 6.8, 5.5, 6.2, 5.5, 5.8]  # north face to the middle of the lane
LANE_M = [4.0, 4.0, 3.5, 4.0, 3.4, 4.0, 3.2, 4.0]  # clear width of each row's lane
BUILT = [
    "1996-06-01",
    "1994-11-01",
    "1993-05-01",
    "1991-09-01",
    "1990-12-01",
    "1989-08-01",
    "1988-06-01",
    "1986-10-01",
]
LANE_ENDS = {2: ("east", 262.0), 3: ("west", 40.0), 5: ("east", 262.0)}  # dead ends before the legs
#   flights of steps: from the lane of this row, between these two buildings of the next row, to its lane
STEPS = [
    (0, "B06", "B07"),
    (0, "B09", "B10"),
    (2, "B15", "B16"),
    (3, "B19", "B20"),
    (4, "B22", "B23"),
    (5, "B26", "B27"),
    (6, "B32", "B33"),
]
WIDER = {"B05": 1.04, "B10": 1.25, "B15": 1.1, "B21": 1.3, "B33": 1.15}  # larger or smaller flats
GATE_ROW = 4  # the second gate lies at the east end of this row's lane


class Hill:
    """The slope: contours swing around a spur and a gully, more so uphill."""

    @staticmethod
    def _swing(u: float) -> float:
        return math.sin(2 * math.pi * (u - 50.0) / 430.0) * (1.0 - _ease((abs(u - SPINE) - 260.0) / 260.0))

    @staticmethod
    def _amplitude(v: float) -> float:
        return 5.0 * min(max((v + 200.0) / 160.0, 0.0), 1.0) + 21.0 * _ease((v + 40.0) / 300.0)

    def xy(self, u: float, v: float) -> XY:
        """Return the place of (u, v), local metres."""
        return at(u, v + self._amplitude(v) * self._swing(u))

    def line(self, points: list[XY], step: float = 12.0) -> list[XY]:
        """Return a bent line through (u, v) points."""
        result = [self.xy(*points[0])]
        for (u0, v0), (u1, v1) in itertools.pairwise(points):
            count = max(1, round(math.hypot(u1 - u0, v1 - v0) / step))
            result += [
                self.xy(u0 + (u1 - u0) * k / count, v0 + (v1 - v0) * k / count) for k in range(1, count + 1)
            ]
        return result

    def ring(self, points: list[XY]) -> Polygon:
        """Return a bent polygon."""
        return Polygon(self.line([*points, points[0]]))

    def angle(self, u: float, v: float) -> float:
        """Return the direction of the contour at (u, v), radians."""
        (x0, y0), (x1, y1) = self.xy(u - 15, v), self.xy(u + 15, v)
        return math.atan2(y1 - y0, x1 - x0)

    def height(self, x: float, y: float) -> float:
        """Return metres above the sea at a local place."""
        v = y
        for _ in range(40):
            v = y - self._amplitude(v) * self._swing(x)
        river = -490.0 + 14.0 * math.sin(x / 210.0)
        flat = 171.5 + 0.006 * max(y - river, 0.0) - 6.0 * math.exp(-(((y - river) / 36.0) ** 2))
        flat += 0.016 * max(river - y, 0.0)
        up = max(v + 15.0, 0.0)
        hill = 0.105 * min(up, 285.0) + 0.06 * max(up - 285.0, 0.0)
        knolls = 2.5 * math.sin(x / 160.0 + 0.6) * min(up / 200.0, 1.0)
        return flat + hill + knolls + self._terrace(x, v)

    @staticmethod
    def _terrace(u: float, v: float) -> float:
        """Return how far a terrace lies above or below the even slope; the roads climb evenly."""
        if not FIRST_ROW < v < FIRST_ROW + 8 * PITCH:
            return 0.0
        away = min(abs(u - road) for road in (WEST_LOOP, SPINE, EAST_LOOP))
        strength = _ease((away - 8.0) / 14.0) if WEST_LOOP < u < EAST_LOOP else 0.0
        share = (v - FIRST_ROW) / PITCH % 1.0
        return 0.105 * PITCH * strength * (_ease((share - 0.64) / 0.33) - share)


def _ease(share: float) -> float:
    """Return the smooth step from 0 to 1."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


class Drawing:
    """The estate while it is being drawn; `layers` is what is written."""

    def __init__(self) -> None:
        self.hill = Hill()
        self.dice = Dice(19880601)
        self.ways = Ways()
        self.slabs: dict[str, Slab] = {}
        self.rows: list[list[Slab]] = []
        self.lanes: list[LineString] = []
        self.gates: dict[str, Point] = {}
        self.taken: set[tuple[str, int, int, int]] = set()
        self.layers: dict[str, list[dict[str, object]]] = {}

    def layer(self, name: str) -> list[dict[str, object]]:
        """Return the rows of a layer, made at the first call."""
        return self.layers.setdefault(name, [])


def start() -> Drawing:
    """Draw what everything else in the estate stands on: buildings, ways, walls, rooms."""
    d = Drawing()
    _place_slabs(d)
    for name, kind, width, lanes, oneway, points in STREETS:
        d.ways.add(d.hill.line(points, 20.0), kind, width, name, lanes=lanes, oneway=oneway)
    _lanes(d)
    _steps(d)
    _doors(d)
    _buildings(d)
    _rooms(d)
    _walls(d)
    d.layers["walkways"] = d.ways.rows(d.hill.height)
    return d


def terrain() -> tuple[np.ndarray, float, float, float]:
    """Return heights (m, to the centimetre), west edge, north edge and cell size of the terrain."""
    west, east, south, north, cell = DEM
    hill = Hill()
    heights = [
        [
            round(hill.height(west + cell * (c + 0.5), north - cell * (r + 0.5)), 2)
            for c in range(round((east - west) / cell))
        ]
        for r in range(round((north - south) / cell))
    ]
    return np.array(heights, dtype="float32"), EAST + west, NORTH + north, cell


def hit(start: XY, direction: XY, target: LineString, far: float = 120.0) -> XY:
    """Return where a ray first meets a line."""
    ray = LineString([start, (start[0] + direction[0] * far, start[1] + direction[1] * far)])
    points = shapely.get_parts(ray.intersection(target))
    first = min(points, key=lambda p: math.dist(start, (p.x, p.y)))
    return at(first.x, first.y)


def _place_slabs(d: Drawing) -> None:
    for row, halves in enumerate(ROWS):
        d.rows.append([])
        v = FIRST_ROW + PITCH * row
        for begin, plan in halves:
            names = [f"B{len(d.slabs) + 1 + k:02d}" for k in range(len(plan))]
            lengths = [
                round(UNIT_M[row] * WIDER.get(name, 1.0), 2) * units
                for name, (units, _, _, _) in zip(names, plan, strict=True)
            ]
            total = sum(lengths) + BETWEEN * (len(plan) - 1)
            u = begin if begin > 0 else -begin - total * math.cos(d.hill.angle(-begin - total / 2, v))
            for building_id, length, (units, floors, leg, leg_units) in zip(
                names, lengths, plan, strict=True
            ):
                angle = d.hill.angle(u + length / 2, v + 5.0)
                x, y = d.hill.xy(u + length / 2 * math.cos(angle), v)
                west = (x - length / 2 * math.cos(angle), y - length / 2 * math.sin(angle))
                drawn = slab(
                    building_id,
                    west=west,
                    angle=angle,
                    widths=[length / units] * units,
                    depth=DEPTH_M[row],
                    floors=floors,
                    leg=leg,
                    leg_units=leg_units,
                )
                drawn.attributes.update(row=row, built_on=BUILT[row])
                d.slabs[drawn.building_id] = drawn
                d.rows[row].append(drawn)
                u += length * math.cos(angle) + BETWEEN


def _lanes(d: Drawing) -> None:
    top = FIRST_ROW + 8 * PITCH
    loops = {
        "west": LineString(d.hill.line([(WEST_LOOP, 5.0), (WEST_LOOP, top)])),
        "east": LineString(d.hill.line([(EAST_LOOP, 5.0), (EAST_LOOP, top)])),
    }
    ends: dict[str, list[XY]] = {"west": [], "east": []}
    for row, buildings in enumerate(d.rows):
        points: list[XY] = []
        for building in buildings:
            points += [building.xy(s, t + SETBACK_M[row]) for (s, t), (_, dt) in _openings(building) if dt]
        cos, sin = math.cos(buildings[0].angle), math.sin(buildings[0].angle)
        side, u = LANE_ENDS.get(row, ("", 0.0))
        if side != "west":
            points.insert(0, hit(points[0], (-cos, -sin), loops["west"]))
            ends["west"].append(points[0])
        cos, sin = math.cos(buildings[-1].angle), math.sin(buildings[-1].angle)
        if side == "east":
            x, y = points[-1]
            points.append(at(u, y + (u - x) * math.tan(d.hill.angle((u + x) / 2, y))))
        else:
            points.append(hit(points[-1], (cos, sin), loops["east"]))
            ends["east"].append(points[-1])
        d.ways.add(points, "path", LANE_M[row])
        d.lanes.append(LineString(points))
    for side, width, name in (("west", 4.0, "青山新村西路"), ("east", 4.5, "青山新村东路")):
        low, high = ends[side][0], ends[side][-1]
        middle = [at(x, y) for x, y in loops[side].coords if low[1] + 2 < y < high[1] - 2]
        d.ways.add([low, *middle, high], "path", width, name)
    d.ways.add(d.hill.line([(SPINE, -22.0), (SPINE, -9.0), (SPINE, 6.0)]), "path", 6.0, "青山新村正门")
    spine = d.hill.line([(SPINE, 6.0), (SPINE, FIRST_ROW + 7 * PITCH)])
    d.ways.add([*spine, hit(spine[-1], (0.0, 1.0), d.lanes[-1])], "path", 6.0, "青山新村中路")
    d.gates["main"] = Point(d.hill.xy(SPINE, 6.0))
    east_end = at(*d.lanes[GATE_ROW].coords[-1])
    street = next(LineString(way.points) for way in d.ways.ways if way.name == "学府巷")
    outside = hit(east_end, (1.0, 0.02), street)
    wall = LineString(d.hill.line([(EAST_WALL, 0.0), (EAST_WALL, NORTH_WALL)]))
    gate = hit(east_end, (1.0, 0.02), wall)
    d.gates["second"] = Point(gate)
    d.ways.add([east_end, gate], "path", 5.0, "东门路")
    d.ways.add([gate, outside], "path", 5.0, "东门路")


def _openings(building: Slab) -> list[tuple[XY, XY]]:
    return list(zip(building.doors, building.outward, strict=True))


def _steps(d: Drawing) -> None:
    for row, left, right in STEPS:
        a, b = d.slabs[left], d.slabs[right]
        ax, ay = a.xy(a.length, a.depth / 2)
        bx, by = b.xy(0.0, b.depth / 2)
        middle = at((ax + bx) / 2, (ay + by) / 2)
        angle = (a.angle + b.angle) / 2
        up = (-math.sin(angle), math.cos(angle))
        low = hit(middle, (-up[0], -up[1]), d.lanes[row])
        high = hit(middle, up, d.lanes[row + 1])
        foot = at(low[0] + 3.6 * up[0], low[1] + 3.6 * up[1])
        rest = (a.depth + b.depth) / 4 + 1.5
        head = at(middle[0] - rest * up[0], middle[1] - rest * up[1])
        d.ways.add([low, foot], "path", 2.0)
        d.ways.add([foot, head], "steps", 2.0)
        d.ways.add([head, high], "path", 2.0)


def _doors(d: Drawing) -> None:
    loops = {
        w.name[-2]: LineString(w.points) for w in d.ways.ways if w.name in {"青山新村西路", "青山新村东路"}
    }
    for building in d.slabs.values():
        row = int(str(building.attributes["row"]))
        for k, ((s, t), (ds, dt)) in enumerate(_openings(building), start=1):
            door = building.xy(s, t)
            if dt:
                end = building.xy(s, t + SETBACK_M[row])
            else:
                cos, sin = math.cos(building.angle), math.sin(building.angle)
                end = hit(door, (ds * cos, ds * sin), loops["东" if ds > 0 else "西"])
            d.ways.add([door, end], "path", 1.5)
            _entrance(
                d,
                f"D-{building.building_id}-{k}",
                "stairwell",
                door,
                building_id=building.building_id,
                stairwell=k,
            )


def _entrance(
    d: Drawing,
    entrance_id: str,
    kind: str,
    place: XY,
    *,
    building_id: str | None = None,
    stairwell: int | None = None,
) -> None:
    d.layer("entrances").append(
        {
            "entrance_id": entrance_id,
            "kind": kind,
            "building_id": building_id,
            "stairwell_id": f"{building_id}-{stairwell}" if stairwell else None,
            "main": entrance_id == "G1",
            "opens": "06:00" if entrance_id == "G2" else None,
            "closes": "22:00" if entrance_id == "G2" else None,
            "name": {"G1": "正门", "G2": "东门"}.get(entrance_id),
            "geometry": Point(place),
        }
    )


def _buildings(d: Drawing) -> None:
    small = [
        ("B34", 124.0, 37.5, 22.0, 7.0, 1, "bicycle_shed", "1998-03-01"),
        ("B35", 161.3, 8.0, 5.0, 4.2, 1, "gatehouse", "1997-01-01"),
        ("B36", 172.0, 99.0, 36.0, 11.0, 3, "kindergarten", "1992-08-01"),
    ]
    for building_id, u, v, length, depth, floors, use, built_on in small:
        angle = d.hill.angle(u + length / 2, v)
        d.slabs[building_id] = slab(
            building_id, west=d.hill.xy(u, v), angle=angle, widths=[length], depth=depth, floors=floors
        )
        d.slabs[building_id].attributes.update(use=use, built_on=built_on)
    for building in d.slabs.values():
        use = str(building.attributes.get("use", "residential"))
        d.layer("buildings").append(
            {
                "building_id": building.building_id,
                "floors": building.floors,
                "floors_below": 1 if building.building_id == "B05" else 0,
                "height_m": round(building.floors * (STOREY_M if use == "residential" else 3.3) + 0.9, 1),
                "use": use,
                "built_on": building.attributes["built_on"],
                "has_elevator": False,
                "estate_id": "E1",
                "parcel_id": "P1",
                "geometry": building.polygon,
            }
        )
    d.slabs["B36"].doors = [(18.0, 11.0)]
    for building_id in ("B34", "B36"):  # they open to the lane behind them
        building = d.slabs[building_id]
        door = building.xy(*building.doors[0])
        lane = d.lanes[1 if building_id == "B34" else 3]
        d.ways.add(
            [door, hit(door, (-math.sin(building.angle), math.cos(building.angle)), lane)], "path", 2.0
        )
        _entrance(d, f"D-{building_id}-1", "door", door, building_id=building_id)


def _rooms(d: Drawing) -> None:
    sidewalk = next(LineString(way.points) for way in d.ways.ways if way.name == "青山路北侧人行道")
    for (
        room_id,
        name,
        building_id,
        s0,
        s1,
        floor,
        area,
        use,
        functions,
        handed,
        hours,
        flats,
    ) in EXISTING_ROOMS:
        building = d.slabs[building_id]
        d.taken |= {(building_id, stairwell, floor, side) for stairwell, side in flats}
        d.layer("rooms").append(
            {
                "room_id": room_id, "floor": floor, "area_m2": area, "building_id": building_id, "use": use,
                "state": "existing", "mode": None, "cost_cny": None, "functions": functions, "handed_over_on": handed,
                "name": name, "opens": hours[0], "closes": hours[1],
                "geometry": building.box(s0, 0.3, s1, building.depth - 0.3),
            }
        )  # fmt: skip
    doors: set[tuple[str, float]] = set()
    for room_id, building_id, s0, s1, floor, area, use, mode, cost, functions in CANDIDATES:
        if building_id:
            building = d.slabs[building_id]
            shape = building.box(s0, 0.3, s1, building.depth - 0.3)
        else:
            shape = d.hill.ring([(128.0, 68.0), (148.0, 68.0), (148.0, 81.0), (128.0, 81.0)])
        d.layer("rooms").append(
            {
                "room_id": room_id, "floor": floor, "area_m2": area, "building_id": building_id or None, "use": use or None,
                "state": "candidate", "mode": mode, "cost_cny": cost, "functions": functions, "handed_over_on": None,
                "geometry": shape,
            }
        )  # fmt: skip
        if floor == 1 and building_id in {"B02", "B03", "B04", "B05"}:
            doors.add((building_id, (s0 + s1) / 2))
    doors |= {("B01", 9.0), ("B01", 27.0), ("B02", 6.0)}
    for number, (building_id, s) in enumerate(sorted(doors), start=1):
        building = d.slabs[building_id]
        door = building.xy(s, 0.0)
        d.ways.add(
            [door, hit(door, (math.sin(building.angle), -math.cos(building.angle)), sidewalk)], "path", 2.0
        )
        _entrance(d, f"S-{number:02d}", "door", door, building_id=building_id)
        building.doors.append((s, 0.0))
        building.outward.append((0.0, -1.0))
    for row in d.layer("buildings"):
        row["geometry"] = d.slabs[str(row["building_id"])].polygon
    _entrance(d, "G1", "gate", (d.gates["main"].x, d.gates["main"].y))
    _entrance(d, "G2", "gate", (d.gates["second"].x, d.gates["second"].y))


def _walls(d: Drawing) -> None:
    front: list[LineString] = []
    posts = [(d.hill.xy(WEST_WALL, 6.0), "")]
    for building in d.rows[0]:
        posts += [(building.xy(-0.3, 0.6), ""), (building.xy(building.length + 0.3, 0.6), "")]
    posts.append((d.hill.xy(EAST_WALL, 6.0), ""))
    gate = (d.gates["main"].x, d.gates["main"].y)
    for (a, _), (b, _) in zip(posts[::2], posts[1::2], strict=True):
        if a[0] < gate[0] < b[0]:
            front += [
                LineString([a, at(gate[0] - 3.5, gate[1])]),
                LineString([at(gate[0] + 3.5, gate[1]), b]),
            ]
        else:
            front.append(LineString([a, b]))
    west = d.hill.line([(WEST_WALL, 6.0), (WEST_WALL, NORTH_WALL)])
    north = d.hill.line([(WEST_WALL, NORTH_WALL), (EAST_WALL, NORTH_WALL)])
    east = LineString(d.hill.line([(EAST_WALL, 6.0), (EAST_WALL, NORTH_WALL)]))
    spot = east.project(d.gates["second"])
    pieces = [(line, "wall", True) for line in front]
    pieces += [(line, kind, removable) for line, kind, removable in (
        (LineString(west[:11]), "wall", False),
        (LineString(west[10:]), "wall", True),
        (LineString(north[:15]), "wall", False),
        (LineString(north[14:]), "hedge", True),
        (shapely.ops.substring(east, 0.0, spot - 3.0), "fence", True),
        (shapely.ops.substring(east, spot + 3.0, east.length), "wall", False),
        (LineString(d.hill.line([(168.5, 92.0), (168.5, 113.0)])), "fence", True),
        (LineString(d.hill.line([(168.5, 92.0), (209.5, 92.0), (209.5, 113.0)])), "fence", True),
    )]  # fmt: skip
    for number, (line, kind, removable) in enumerate(pieces, start=1):
        d.layer("barriers").append(
            {"barrier_id": f"K{number:02d}", "kind": kind, "removable": removable, "geometry": line}
        )
