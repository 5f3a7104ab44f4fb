"""泺水片区: an invented district of six communities on both banks of a river, in a city like Jinan.

Three by three blocks between main roads; the river runs between the second and the third row of blocks.
Each block is cut in two cells: an estate, or a school, a park, a mall, a hospital. `bend` makes the grid
a little crooked, as real ones are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import shapely
from _district_tables import CELLS, STREET_NAMES, Cell, Homes
from _draw import XY, Dice, Slab, Ways, at, slab
from shapely import LineString, Point, Polygon

EPSG = 4548
EAST, NORTH = 499_300.0, 4_058_200.0  # the local origin in the zone of 117E; about 117.0E 36.66N
BLOCK_W, BLOCK_H, RIVER_GAP = 500.0, 340.0, 130.0
COLUMNS = [BLOCK_W * k for k in range(4)]  # x of the main roads from south to north
SOUTH_OF_RIVER = [0.0, BLOCK_H, 2 * BLOCK_H]
NORTH_OF_RIVER = [2 * BLOCK_H + RIVER_GAP, 3 * BLOCK_H + RIVER_GAP]
MARGIN = 17.0  # from the middle of a street to an estate's wall, m
BRIDGES = (0, 1, 3)  # columns whose road crosses the river

Rows = dict[str, list[dict[str, object]]]


def bend(x: float, y: float) -> XY:
    """Return the place of a grid point, local metres."""
    east = x + 14.0 * math.sin(y / 330.0) + 0.06 * y
    north = y + 16.0 * math.sin(x / 420.0 + 0.4) + 0.03 * x
    return at(east, north)


def bent(points: list[XY], step: float = 25.0) -> list[XY]:
    """Return a bent line through grid points."""
    result = [bend(*points[0])]
    for k in range(len(points) - 1):
        (x0, y0), (x1, y1) = points[k], points[k + 1]
        count = max(1, round(math.hypot(x1 - x0, y1 - y0) / step))
        result += [bend(x0 + (x1 - x0) * j / count, y0 + (y1 - y0) * j / count) for j in range(1, count + 1)]
    return result


def direction(x: float, y: float) -> float:
    """Return the direction of the grid's rows at a grid point, radians."""
    (x0, y0), (x1, y1) = bend(x - 20.0, y), bend(x + 20.0, y)
    return math.atan2(y1 - y0, x1 - x0)


def hit(start: XY, angle: float, target: LineString, far: float = 160.0) -> XY:
    """Return where a ray first meets a line."""
    ray = LineString([start, (start[0] + math.cos(angle) * far, start[1] + math.sin(angle) * far)])
    points = shapely.get_parts(ray.intersection(target))
    first = min(points, key=lambda p: math.dist(start, (p.x, p.y)))
    return at(first.x, first.y)


@dataclass(kw_only=True)
class Drawing:
    """The district while it is being drawn."""

    dice: Dice = field(default_factory=lambda: Dice(20170711))
    ways: Ways = field(default_factory=Ways)
    layers: Rows = field(default_factory=dict)
    streets: dict[str, LineString] = field(default_factory=dict)
    homes: dict[int, list[Slab]] = field(default_factory=dict)
    """The houses of each cell, in the order of their numbers."""
    shops: set[tuple[str, int, int]] = field(default_factory=set)
    """Building, stairwell and floor where nobody lives: rooms and shops."""

    def layer(self, name: str) -> list[dict[str, object]]:
        """Return the rows of a layer, made at the first call."""
        return self.layers.setdefault(name, [])


def start() -> Drawing:
    """Draw what stands: roads, river, estates and campuses."""
    d = Drawing()
    _roads(d)
    for cell in CELLS:
        _cell(d, cell)
    return d


def _road(d: Drawing, key: str, points: list[XY], width: float, lanes: int) -> None:
    line = bent(points)
    d.streets[key] = LineString(line)
    d.ways.add(line, "street", width, STREET_NAMES[key], lanes=lanes)


def _roads(d: Drawing) -> None:
    """Draw main roads, riverside roads, and the street that cuts each block in two."""
    south, north = -180.0, NORTH_OF_RIVER[-1] + 160.0
    for k, x in enumerate(COLUMNS):
        if k in BRIDGES:
            _road(
                d,
                f"v{k}",
                [(x, south), *((x, y) for y in SOUTH_OF_RIVER + NORTH_OF_RIVER), (x, north)],
                24.0,
                6,
            )
        else:
            _road(d, f"v{k}", [(x, south), *((x, y) for y in SOUTH_OF_RIVER)], 20.0, 4)
            _road(d, f"v{k}n", [(x, NORTH_OF_RIVER[0]), (x, NORTH_OF_RIVER[1]), (x, north)], 20.0, 4)
    middles = [BLOCK_W * (k + 0.5) for k in range(3)]
    stops = sorted(COLUMNS + middles)
    west, east = -220.0, COLUMNS[-1] + 220.0
    for k, y in enumerate(SOUTH_OF_RIVER + NORTH_OF_RIVER):
        width, lanes = [(20.0, 4), (24.0, 6), (16.0, 2), (16.0, 2), (20.0, 4)][k]
        _road(d, f"h{k}", [(west, y), *((x, y) for x in stops), (east, y)], width, lanes)
    for row, (low, high) in enumerate(((0, 1), (1, 2), (3, 4))):
        levels = SOUTH_OF_RIVER + NORTH_OF_RIVER
        for k, x in enumerate(middles):
            _road(d, f"m{row}{k}", [(x, levels[low]), (x, levels[high])], 12.0, 2)
    for side, y in (("s", 2 * BLOCK_H + 28.0), ("n", 2 * BLOCK_H + RIVER_GAP - 28.0)):
        bank = bent([(0.0, y), *((x, y) for x in stops[1:-1]), (COLUMNS[-1], y)])
        d.ways.add(bank, "path", 5.0, STREET_NAMES[f"r{side}"])
        for x in (middles[0], COLUMNS[2], middles[2]):
            base = SOUTH_OF_RIVER[2] if side == "s" else NORTH_OF_RIVER[0]
            d.ways.add(bent([(x, base), (x, y)]), "path", 3.0, "河堤坡道")
    _crossings(d)
    water = [(x, 2 * BLOCK_H + 42.0) for x in range(-220, 1721, 40)]
    other = [(x, 2 * BLOCK_H + RIVER_GAP - 42.0) for x in range(1720, -221, -40)]
    ring = [bend(*p) for p in water + other]
    d.layer("obstacles").append(
        {"obstacle_id": "X001", "kind": "water", "removable": False, "geometry": Polygon(ring)}
    )


def _crossings(d: Drawing) -> None:
    """Sidewalks on both sides of the widest road, joined by crossings at each corner."""
    y, reach = SOUTH_OF_RIVER[1], 15.0
    spots = sorted(
        {x + side * 22.0 for x in COLUMNS for side in (-1, 1)} | {BLOCK_W * (k + 0.5) for k in range(3)}
    )
    spots = [x for x in spots if 0 < x < COLUMNS[-1]]
    for sign, name in ((-1, "南"), (1, "北")):
        d.ways.add(
            bent([(0.0, y), (12.0, y + sign * reach), *((x, y + sign * reach) for x in spots), (COLUMNS[-1] - 12.0, y + sign * reach), (COLUMNS[-1], y)]),
            "path",
            4.0,
            f"{STREET_NAMES['h1']}{name}侧人行道",
        )  # fmt: skip
    for x in spots:
        if any(abs(x - column) == 22.0 for column in COLUMNS):
            d.ways.add(bent([(x, y - reach), (x, y), (x, y + reach)]), "crossing", 5.0)


LEVELS = (0.0, BLOCK_H, 2 * BLOCK_H + RIVER_GAP)


def box_of(cell: Cell) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a cell inside its streets, in grid metres."""
    west, south = BLOCK_W * (cell.column + cell.half / 2), LEVELS[cell.row]
    return west + MARGIN, south + MARGIN + 3.0, west + BLOCK_W / 2 - MARGIN, south + BLOCK_H - MARGIN - 3.0


def fence_of(cell: Cell) -> LineString:
    """Return the closed line round a cell."""
    west, south, east, north = box_of(cell)
    return LineString(bent([(west, south), (east, south), (east, north), (west, north), (west, south)]))


def street_beside(d: Drawing, cell: Cell, side: str) -> LineString:
    """Return the street along a side of a cell."""
    if side in {"south", "north"}:
        return d.streets[f"h{((0, 1), (1, 2), (3, 4))[cell.row][side == 'north']}"]
    if (side == "east") != bool(cell.half):
        return d.streets[f"m{cell.row}{cell.column}"]
    column = cell.column + cell.half
    return d.streets[f"v{column}n" if f"v{column}n" in d.streets and cell.row == 2 else f"v{column}"]


def _cell(d: Drawing, cell: Cell) -> None:
    name = f"E{cell.number:02d}" if cell.homes else None
    d.layer("parcels").append(
        {
            "parcel_id": f"P{cell.number:02d}",
            "name": cell.name,
            "estate_id": name,
            "land_use": cell.land_use,
            "status": "existing",
            "built_on": cell.built_on,
            "geometry": Polygon(fence_of(cell).coords),
        }
    )
    gates = _campus(d, cell) if cell.homes is None else _estate(d, cell, cell.homes)
    for k, (place, main, where) in enumerate(gates, start=1):
        _entrance(
            d,
            f"G{cell.number:02d}-{k}",
            "gate",
            place,
            main=main,
            name=cell.name + {"south": "南门", "north": "北门", "west": "西门", "east": "东门"}[where],
            hours=None if main else cell.hours,
        )
    if cell.walled:
        openings = shapely.union_all([Point(place).buffer(4.0 if main else 3.0) for place, main, _ in gates])
        parts = shapely.get_parts(shapely.normalize(shapely.line_merge(fence_of(cell).difference(openings))))
        for part in sorted(parts, key=lambda line: line.bounds):
            d.layer("barriers").append(
                {
                    "barrier_id": f"K{len(d.layer('barriers')) + 1:02d}",
                    "kind": cell.walled,
                    "removable": cell.walled != "wall",
                    "geometry": part,
                }
            )


Gate = tuple[XY, bool, str]


def _out(d: Drawing, cell: Cell, start: XY, side: str, width: float) -> Gate:
    """Draw a way from a point inside a cell through its fence to the street; return the gate."""
    x0, y0, x1, y1 = box_of(cell)
    angle = direction((x0 + x1) / 2, (y0 + y1) / 2)
    angle += {"east": 0.0, "north": math.pi / 2, "west": math.pi, "south": -math.pi / 2}[side]
    gate = hit(start, angle, fence_of(cell))
    d.ways.add([start, gate], "path", width)
    d.ways.add([gate, hit(gate, angle, street_beside(d, cell, side))], "path", width)
    return gate, False, side


def _estate(d: Drawing, cell: Cell, homes: Homes) -> list[Gate]:
    west, south, east, north = box_of(cell)
    middle = (west + east) / 2
    loops = [LineString(bent([(x, south + 1.0), (x, north - 1.0)])) for x in (west + 5.0, east - 5.0)]
    lanes = _rows_of(d, cell, homes, loops)
    for lane in lanes:
        d.ways.add(lane, "path", 4.0)
    for loop, k in zip(loops, (0, -1), strict=True):
        between = [at(x, y) for x, y in loop.coords if lanes[0][k][1] + 2 < y < lanes[-1][k][1] - 2]
        d.ways.add([lanes[0][k], *between, lanes[-1][k]], "path", 4.0)
    inner = LineString(bent([(middle, south), (middle, north)]))
    low, high = (inner.intersection(LineString(lanes[k])) for k in (0, -1))
    between = [at(x, y) for x, y in inner.coords if low.y + 2 < y < high.y - 2]
    d.ways.add([at(low.x, low.y), *between, at(high.x, high.y)], "path", 5.0)
    end = low if cell.main == "south" else high
    place, _, _ = _out(d, cell, at(end.x, end.y), cell.main, 6.0)
    side = "east" if cell.half else "west"
    lane = lanes[len(lanes) // 2]
    return [(place, True, cell.main), _out(d, cell, lane[-1 if cell.half else 0], side, 4.0)]


def _rows_of(d: Drawing, cell: Cell, homes: Homes, loops: list[LineString]) -> list[list[XY]]:
    """Draw the rows of buildings of an estate and return the lane behind each."""
    west, south, east, north = box_of(cell)
    middle = (west + east) / 2
    room = north - south - 9.0 - homes.depth - homes.setback - 7.0
    count_of_rows = int(room // homes.pitch) + 1
    lanes: list[list[XY]] = []
    for row in range(count_of_rows):
        y = south + 9.0 + row * room / (count_of_rows - 1)
        doors: list[XY] = []
        length = homes.units * homes.unit
        for left, right in ((west + 11.0, middle - 7.0), (middle + 7.0, east - 11.0)):
            count = int((right - left + homes.gap) // (length + homes.gap))
            space = min((right - left - count * length) / max(count - 1, 1), homes.gap + 6.0)
            for k in range(count):
                house = _house(d, cell, homes, left + k * (length + space), y)
                doors += [house.xy(s, t + homes.setback) for s, t in house.doors]
        angle = direction(middle, y)
        lanes.append([hit(doors[0], angle + math.pi, loops[0]), *doors, hit(doors[-1], angle, loops[1])])
    return lanes


def _house(d: Drawing, cell: Cell, homes: Homes, x: float, y: float) -> Slab:
    drawn = d.homes.setdefault(cell.number, [])
    length = homes.units * homes.unit
    angle = direction(x + length / 2, y)
    px, py = bend(x + length / 2, y)
    house = slab(
        f"E{cell.number:02d}-{len(drawn) + 1:02d}",
        west=(px - length / 2 * math.cos(angle), py - length / 2 * math.sin(angle)),
        angle=angle,
        widths=[homes.unit] * homes.units,
        depth=homes.depth,
        floors=homes.floors - (1 if d.dice.chance(0.2) else 0),
    )
    drawn.append(house)
    d.layer("buildings").append(
        {
            "building_id": house.building_id,
            "floors": house.floors,
            "floors_below": homes.below,
            "height_m": round(house.floors * 2.85 + 1.0, 1),
            "use": "residential",
            "built_on": cell.built_on,
            "has_elevator": homes.floors > 6,
            "estate_id": f"E{cell.number:02d}",
            "parcel_id": f"P{cell.number:02d}",
            "geometry": house.polygon,
        }
    )
    for k, (s, t) in enumerate(house.doors, start=1):
        door = house.xy(s, t)
        d.ways.add([door, house.xy(s, t + homes.setback)], "path", 1.5)
        _entrance(
            d, f"D-{house.building_id}-{k}", "stairwell", door, building_id=house.building_id, stairwell=k
        )
    return house


def _entrance(
    d: Drawing,
    entrance_id: str,
    kind: str,
    place: XY,
    *,
    building_id: str | None = None,
    stairwell: int | None = None,
    main: bool = False,
    name: str | None = None,
    hours: tuple[str, str] | None = None,
) -> None:
    d.layer("entrances").append(
        {
            "entrance_id": entrance_id,
            "kind": kind,
            "building_id": building_id,
            "stairwell_id": f"{building_id}-{stairwell}" if stairwell else None,
            "main": main,
            "opens": hours[0] if hours else None,
            "closes": hours[1] if hours else None,
            "name": name,
            "geometry": Point(place),
        }
    )


def _campus(d: Drawing, cell: Cell) -> list[Gate]:
    """Draw a school, park, mall, hospital or works: buildings on both sides of an axis between two streets."""
    west, south, east, north = box_of(cell)
    angle = direction((west + east) / 2, (south + north) / 2)
    centre = bend((west + east) / 2, (south + north) / 2)
    gates = [_out(d, cell, centre, side, 5.0) for side in ("west", "east")]
    axis = LineString([gates[0][0], centre, gates[1][0]])
    houses: list[Slab] = []
    for name, use, floors, x0, y0, x1, y1 in cell.buildings:
        house = slab(
            f"P{cell.number:02d}-{name}",
            west=bend(west + x0 * (east - west), south + y0 * (north - south)),
            angle=angle,
            widths=[(x1 - x0) * (east - west)],
            depth=(y1 - y0) * (north - south),
            floors=floors,
        )
        house.doors = [(house.length / 2, 0.0 if y0 > 0.5 else house.depth)]
        houses.append(house)
        d.layer("buildings").append(
            {
                "building_id": house.building_id,
                "floors": floors,
                "floors_below": 0,
                "height_m": round(floors * 3.9 + 1.2, 1),
                "use": use,
                "built_on": cell.built_on,
                "has_elevator": floors > 4,
                "estate_id": None,
                "parcel_id": f"P{cell.number:02d}",
                "geometry": house.polygon,
            }
        )
    service = LineString(bent([(east - 5.0, south + 8.0), (east - 5.0, north - 8.0)]))
    for house in houses:
        s, t = house.doors[0]
        door = house.xy(s, t)
        _entrance(d, f"D-{house.building_id}", "door", door, building_id=house.building_id)
        way = shapely.shortest_line(Point(door), axis)
        if all(way.distance(other.polygon) > 1.0 for other in houses if other is not house):
            d.ways.add([door, at(*way.coords[-1])], "path", 3.0)
        else:  # another building stands between: round it by the service way
            turn = house.xy(s, t + (4.0 if t else -4.0))
            corner = hit(turn, angle, service)
            d.ways.add([door, turn, corner], "path", 3.0)
            d.ways.add([corner, at(*shapely.shortest_line(Point(corner), axis).coords[-1])], "path", 3.0)
    if cell.land_use == "park":
        inset = [(west + 8, south + 8), (east - 8, south + 8), (east - 8, north - 8), (west + 8, north - 8)]
        d.ways.add(bent([*inset, inset[0]]), "path", 2.5, "泺水公园环路")
        d.layer("open_spaces").append(
            {
                "space_id": "A01",
                "name": "泺水公园北广场",
                "surface": "paving",
                "geometry": Polygon(bent([(west + 60, north - 70), (east - 40, north - 76), (east - 40, north - 30), (west + 60, north - 26), (west + 60, north - 70)])),
            }
        )  # fmt: skip
    return gates
