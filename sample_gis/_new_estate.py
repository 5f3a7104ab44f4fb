"""海棠湾家园: an invented design handed in for a permit, in a town like Qinhuangdao, Hebei.

Drawn with x along the streets and y across them, then turned by `TURN`. Two phases, twelve blocks of flats,
1,440 households, and 460 m2 of service rooms on the first two floors: enough for a rule of 20 m2 for each
hundred households and at least 300 m2, too little for a rule of 1,000 m2. One level of garage below the
courtyards gives each household a stall.
"""

from __future__ import annotations

import math

import shapely
from _draw import XY, Dice, Slab, Ways, at, flat_area, shift, slab
from _new_estate_parking import ramps, stalls
from shapely import LineString, MultiLineString, Point, Polygon, box

EPSG = 4549
EAST, NORTH = 461_330.0, 4_421_760.0  # the local origin in the zone of 120E; about 119.55E 39.93N
TURN = math.radians(-9.0)  # the coast road runs a little south of east
ESTATE = "E1"
FENCE = (-8.0, 0.0, 388.0, 208.0)
NORTH_LANE, MIDDLE_LANE, SOUTH_LANE, AXIS = 196.0, 108.0, 48.0, 194.0
GATES: list[tuple[str, XY, bool, str | None, str | None, str]] = [
    ("G1", (160.0, 0.0), True, None, None, "南门"),
    ("G2", (388.0, 108.0), False, None, None, "东门"),
    ("G3", (194.0, 208.0), False, "05:30", "23:00", "北门"),
]
#   id, x, y, units, unit length, depth, floors, flats on each landing, phase
HOMES: list[tuple[str, float, float, int, float, float, int, int, int]] = [
    ("B01", 12.0, 22.0, 4, 15.0, 12.0, 9, 2, 1),
    ("B02", 84.0, 22.0, 4, 15.0, 12.0, 9, 2, 1),
    ("B03", 20.0, 84.5, 2, 27.0, 14.5, 18, 4, 1),
    ("B04", 110.0, 84.5, 2, 27.0, 14.5, 18, 4, 1),
    ("B05", 40.0, 164.5, 2, 27.0, 14.5, 18, 4, 1),
    ("B06", 126.0, 164.5, 2, 27.0, 14.5, 18, 4, 1),
    ("B07", 232.0, 22.0, 4, 15.0, 12.0, 9, 2, 2),
    ("B08", 304.0, 22.0, 4, 15.0, 12.0, 9, 2, 2),
    ("B09", 206.0, 84.5, 2, 27.0, 14.5, 18, 4, 2),
    ("B10", 296.0, 84.5, 2, 27.0, 14.5, 18, 4, 2),
    ("B11", 218.0, 164.5, 2, 27.0, 14.5, 18, 4, 2),
    ("B12", 308.0, 164.5, 2, 27.0, 14.5, 18, 4, 2),
]
LANE_OF = {22.0: SOUTH_LANE, 84.5: MIDDLE_LANE, 164.5: NORTH_LANE}
STREETS: list[tuple[str, str, float, int | None, list[XY]]] = [
    ("迎海大街", "street", 24.0, 6, [(-720.0, -30.0), (-34.0, -26.0), (160.0, -26.0), (414.0, -26.0), (1080.0, -20.0)]),
    ("迎海大街北侧人行道", "path", 4.0, None, [(-34.0, -26.0), (-24.0, -10.0), (160.0, -10.0), (404.0, -10.0), (414.0, -26.0)]),
    ("迎海大街南侧人行道", "path", 4.0, None, [(-34.0, -26.0), (-24.0, -42.0), (160.0, -42.0), (404.0, -42.0), (414.0, -26.0)]),
    ("迎海大街人行横道", "crossing", 5.0, None, [(100.0, -42.0), (100.0, -26.0), (100.0, -10.0)]),
    ("迎海大街人行横道", "crossing", 5.0, None, [(320.0, -42.0), (320.0, -26.0), (320.0, -10.0)]),
    ("海棠路", "street", 12.0, 2, [(-720.0, 230.0), (-34.0, 230.0), (194.0, 230.0), (414.0, 230.0), (1080.0, 236.0)]),
    ("望峰路", "street", 16.0, 4, [(-34.0, 640.0), (-34.0, 230.0), (-34.0, -26.0), (-34.0, -430.0), (-30.0, -700.0)]),
    ("听涛路", "street", 12.0, 2, [(414.0, 640.0), (414.0, 230.0), (414.0, 108.0), (414.0, -26.0), (414.0, -430.0)]),
    ("红瓦街", "street", 10.0, 2, [(-720.0, -424.0), (-34.0, -430.0), (414.0, -430.0), (1080.0, -420.0)]),
    ("北山街", "street", 10.0, 2, [(-720.0, 640.0), (-34.0, 640.0), (414.0, 640.0), (1080.0, 636.0)]),
    ("渔市街", "street", 8.0, 2, [(194.0, -42.0), (194.0, -430.0)]),
    ("柳村路", "street", 9.0, 2, [(-400.0, 640.0), (-400.0, 230.0), (-400.0, -28.0), (-400.0, -426.0)]),
    ("港城路", "street", 14.0, 4, [(780.0, 640.0), (780.0, 232.0), (780.0, -24.0), (780.0, -424.0)]),
    ("滨海步道", "path", 6.0, None, [(-720.0, -660.0), (-30.0, -700.0), (414.0, -690.0), (414.0, -430.0)]),
    ("海棠北巷", "street", 7.0, 2, [(194.0, 230.0), (194.0, 430.0), (-34.0, 430.0)]),
    ("学海路", "street", 8.0, 2, [(414.0, 430.0), (780.0, 430.0)]),
]  # fmt: skip
#   category, name, x, y, area m2, capacity
FACILITIES: list[tuple[str, str, float, float, float | None, int | None]] = [
    ("community_station", "海棠湾社区服务站(规划)", 184.0, 19.0, 460.0, None),
    ("cultural_station", "海棠湾文化活动室(规划)", 190.0, 24.0, 120.0, 40),
    ("elderly_day_care", "海棠湾老年人日间照料中心(规划)", 207.0, 19.0, 300.0, 25),
    ("kindergarten", "海棠湾幼儿园(规划)", 185.0, 136.0, 2016.0, 180),
    ("fitness_ground", "中心广场健身场地(规划)", 226.0, 132.0, 420.0, None),
    ("small_sports_ground", "篮球场(规划)", 66.0, 135.0, 820.0, None),
    ("convenience_store", "海棠湾便利店(规划)", 212.0, 13.0, 120.0, None),
    ("recycling_point", "西侧分类投放点(规划)", 8.0, 130.0, 30.0, None),
    ("recycling_point", "东侧分类投放点(规划)", 370.0, 130.0, 30.0, None),
    ("parcel_locker", "正门快递柜(规划)", 168.0, 6.0, 8.0, 160),
    ("parcel_locker", "北门快递柜(规划)", 188.0, 203.0, 8.0, 96),
    ("clinic", "红瓦街社区卫生服务站", 206.0, -210.0, 230.0, None),
    ("pharmacy", "迎海大药房", 60.0, -50.0, 90.0, None),
    ("pharmacy", "海棠药店", 300.0, 242.0, 75.0, None),
    ("convenience_store", "迎海超市", 250.0, -50.0, 260.0, None),
    ("convenience_store", "海棠路便民店", 120.0, 242.0, 60.0, None),
    ("public_toilet", "海棠路公厕", 40.0, 240.0, 60.0, None),
    ("bus_stop", "海棠湾站(往东)", 130.0, -40.0, None, None),
    ("bus_stop", "海棠湾站(往西)", 210.0, -12.0, None, None),
    ("bus_stop", "海棠路站", 230.0, 238.0, None, None),
    ("bus_stop", "听涛路站", 422.0, 60.0, None, None),
    ("park", "海棠公园", 560.0, 100.0, 31000.0, None),
    ("primary_school", "学海路小学", 520.0, 448.0, 14200.0, 1350),
    ("middle_school", "学海路中学", 690.0, 452.0, 24000.0, 1800),
    ("market", "渔市街农贸市场", 184.0, -330.0, 2300.0, None),
    ("shopping", "迎海购物中心", -120.0, -60.0, 18000.0, None),
    ("restaurant", "渔家饭店", 206.0, -120.0, 240.0, None),
    ("restaurant", "北戴面馆", 320.0, -50.0, 80.0, None),
    ("restaurant", "海棠小馆", 260.0, 242.0, 110.0, None),
    ("bank", "迎海大街支行", -20.0, -48.0, 320.0, None),
    ("post_office", "望峰路邮政所", -48.0, 160.0, 260.0, None),
    ("medium_sports_ground", "海棠公园球场", 480.0, 96.0, 2500.0, None),
    ("health_centre", "望峰路社区卫生服务中心", -48.0, 360.0, 3500.0, None),
    ("cultural_centre", "望峰文化中心", -48.0, -300.0, 4200.0, None),
    ("sports_centre", "港城全民健身中心", 794.0, 60.0, 6200.0, None),
    ("street_centre", "望峰街道便民服务中心", -48.0, 60.0, 1500.0, None),
    ("nursing_home", "北山养老院", 60.0, 654.0, 5400.0, 180),
    ("hospital", "港城医院", 796.0, 330.0, 42000.0, 600),
    ("police_station", "望峰派出所", -20.0, 330.0, 1600.0, None),
    ("nursery", "学海托育中心", 440.0, 418.0, 720.0, 80),
]  # fmt: skip
SERVICE = "居民服务和活动场所;一站式服务窗口"

Rows = dict[str, list[dict[str, object]]]


def build() -> Rows:
    """Draw the design and return its layers in EPSG:4549."""
    layers: Rows = {}
    ways = Ways()
    homes = _homes(layers, ways)
    _public_houses(layers, ways)
    _ways(ways)
    layers["walkways"] = ways.rows()
    _gates_and_fence(layers)
    _households(layers, homes)
    _land(layers)
    layers["stalls"] = stalls(AXIS)
    _trees(layers, ways)
    layers["facilities"] = [
        {
            "facility_id": f"Y{k:02d}",
            "category": c,
            "name": n,
            "area_m2": a,
            "capacity": p,
            "geometry": Point(x, y),
        }
        for k, (c, n, x, y, a, p) in enumerate(FACILITIES, start=1)
    ]
    for rows in layers.values():
        for row in rows:
            row["geometry"] = shift(_turned(row["geometry"]), EAST, NORTH)  # type: ignore[arg-type]
    return layers


def _turned(shape: shapely.Geometry) -> shapely.Geometry:
    cos, sin = math.cos(TURN), math.sin(TURN)

    def turn(xy):  # noqa: ANN001, ANN202 - an array of coordinates, as shapely.transform hands it over
        turned = xy.copy()
        turned[:, 0], turned[:, 1] = cos * xy[:, 0] - sin * xy[:, 1], sin * xy[:, 0] + cos * xy[:, 1]
        return turned

    return shapely.transform(shape, turn)


def _building(
    building_id: str, use: str, shape: Polygon, *, floors: int, height: float, phase: int
) -> dict[str, object]:
    return {
        "building_id": building_id,
        "floors": floors,
        "floors_below": 1 if use == "residential" else 0,
        "height_m": height,
        "use": use,
        "built_on": None,
        "has_elevator": use != "kindergarten",
        "estate_id": ESTATE,
        "parcel_id": f"P{phase}",
        "geometry": shape,
    }


def _entrance(
    entrance_id: str, kind: str, place: XY, *, building_id: str | None = None, stairwell_id: str | None = None
) -> dict[str, object]:
    gate = next((g for g in GATES if g[0] == entrance_id), None)
    return {
        "entrance_id": entrance_id,
        "kind": kind,
        "building_id": building_id,
        "stairwell_id": stairwell_id,
        "main": gate is not None and gate[2],
        "opens": gate[3] if gate else None,
        "closes": gate[4] if gate else None,
        "name": gate[5] if gate else None,
        "geometry": Point(place),
    }


def _homes(layers: Rows, ways: Ways) -> list[tuple[Slab, int]]:
    drawn = []
    layers["buildings"], layers["entrances"] = [], []
    for building_id, x, y, units, unit, depth, floors, flats, phase in HOMES:
        house = slab(building_id, west=(x, y), angle=0.0, widths=[unit] * units, depth=depth, floors=floors)
        drawn.append((house, flats))
        layers["buildings"].append(
            _building(
                building_id,
                "residential",
                house.polygon,
                floors=floors,
                height=round(floors * 2.95 + 1.5, 1),
                phase=phase,
            )
        )
        for k, (s, t) in enumerate(house.doors, start=1):
            door = house.xy(s, t)
            ways.add([door, (door[0], LANE_OF[y])], "path", 2.0)
            layers["entrances"].append(
                _entrance(
                    f"D-{building_id}-{k}",
                    "stairwell",
                    door,
                    building_id=building_id,
                    stairwell_id=f"{building_id}-{k}",
                )
            )
    return drawn


def _public_houses(layers: Rows, ways: Ways) -> None:
    """Draw the service house beside the main gate and the kindergarten in the middle, both of phase 1."""
    service = Polygon([(176, 12), (186, 12), (206, 12), (218, 12), (218, 26), (176, 26)])
    school = Polygon([(162, 122), (186, 122), (186, 136), (186, 150), (162, 150)])
    layers["buildings"].append(_building("B13", "community_service", service, floors=2, height=8.4, phase=1))
    layers["buildings"].append(_building("B14", "kindergarten", school, floors=3, height=11.7, phase=1))
    for number, (x, building_id) in enumerate(((186.0, "B13"), (206.0, "B13")), start=1):
        ways.add([(x, 12.0), (x, 5.0)], "path", 2.0)
        layers["entrances"].append(_entrance(f"S-{number:02d}", "door", (x, 12.0), building_id=building_id))
    ways.add([(160.0, 5.0), (212.0, 5.0)], "path", 4.0, "服务楼前步道")
    ways.add([(186.0, 136.0), (AXIS, 136.0)], "path", 3.0)
    layers["entrances"].append(_entrance("S-03", "door", (186.0, 136.0), building_id="B14"))
    #   room, floor, m2, use, functions, x from, x to
    plan = [
        ("R01", 1, 150.0, "community_service", SERVICE, 176.4, 188.0),
        ("R02", 1, 110.0, "community_service", "党群服务中心", 188.4, 197.2),
        ("R03", 2, 120.0, "community_service", "居民服务和活动场所", 176.4, 186.0),
        ("R04", 2, 80.0, "community_service", "社区办公用房", 186.4, 192.8),
        ("R05", 2, 300.0, "elderly_day_care", "日间照料", 193.4, 217.6),
    ]
    layers["rooms"] = [
        {
            "room_id": room_id,
            "floor": floor,
            "area_m2": area,
            "building_id": "B13",
            "use": use,
            "state": "planned",
            "mode": "new_build",
            "cost_cny": area * 4200.0,
            "functions": functions,
            "handed_over_on": None,
            "geometry": box(x0, 12.3, x1, 25.7),
        }
        for room_id, floor, area, use, functions, x0, x1 in plan
    ]


def _ways(ways: Ways) -> None:
    for name, kind, width, lanes, points in STREETS:
        ways.add(points, kind, width, name, lanes=lanes)
    for start, gate, inside in (
        ((160.0, -26.0), (160.0, 0.0), (160.0, SOUTH_LANE)),
        ((414.0, 108.0), (388.0, 108.0), (376.0, 108.0)),
        ((AXIS, 230.0), (AXIS, 208.0), (AXIS, NORTH_LANE)),
    ):
        ways.add([start, gate], "path", 6.0)
        ways.add([gate, inside], "path", 6.0)
    ring = [(2.0, SOUTH_LANE), (376.0, SOUTH_LANE), (376.0, NORTH_LANE), (2.0, NORTH_LANE), (2.0, SOUTH_LANE)]
    ways.add(ring, "path", 6.0, "小区环路")
    ways.add([(2.0, MIDDLE_LANE), (376.0, MIDDLE_LANE)], "path", 5.0, "小区中路")
    ways.add([(AXIS, SOUTH_LANE), (AXIS, NORTH_LANE)], "path", 5.0, "景观轴")
    ways.add(
        [(AXIS, 128.0), (206.0, 132.0), (250.0, 134.0), (290.0, 152.0), (290.0, NORTH_LANE)], "path", 2.5
    )
    ways.add([(290.0, 152.0), (326.0, 146.0), (326.0, MIDDLE_LANE)], "path", 2.5)
    ways.add([(100.0, MIDDLE_LANE), (100.0, 140.0), (108.0, 156.0), (108.0, NORTH_LANE)], "path", 2.5)


def _gates_and_fence(layers: Rows) -> None:
    for entrance_id, place, *_ in GATES:
        layers["entrances"].append(_entrance(entrance_id, "gate", place))
    holes = shapely.union_all([Point(place).buffer(5.0 if main else 3.5) for _, place, main, *_ in GATES])
    rest = box(*FENCE).exterior.difference(holes)
    merged = shapely.line_merge(MultiLineString(list(shapely.get_parts(rest))))
    parts = [shapely.normalize(part) for part in shapely.get_parts(merged)]
    layers["barriers"] = [
        {"barrier_id": f"K{k:02d}", "kind": "fence", "removable": False, "geometry": part}
        for k, part in enumerate(sorted(parts, key=lambda line: line.bounds), start=1)
    ]


def _households(layers: Rows, homes: list[tuple[Slab, int]]) -> None:
    dice = Dice(20260301)
    layers["households"] = [
        {
            "household_id": f"{house.building_id}-{k}-{floor:02d}{flat:02d}",
            "building_id": house.building_id,
            "stairwell_id": f"{house.building_id}-{k}",
            "floor": floor,
            "area_m2": flat_area(house.widths[0] * (2.0 / flats), house.depth, dice),
            "persons": 3,
            "geometry": Point(house.xy(s, t)),
        }
        for house, flats in homes
        for k, (s, t) in enumerate(house.doors, start=1)
        for floor in range(1, house.floors + 1)
        for flat in range(1, flats + 1)
    ]


def _land(layers: Rows) -> None:
    west, south, east, north = FENCE
    step = [(224.0, south), (224.0, 60.0), (190.0, 60.0), (190.0, north)]
    layers["parcels"] = [
        {
            "parcel_id": f"P{phase}",
            "name": f"海棠湾家园{'一二'[phase - 1]}期",
            "estate_id": ESTATE,
            "land_use": "residential",
            "status": "new",
            "built_on": None,
            "phase": str(phase),
            "occupancy": 0.0,  # nobody lives in a drawing
            "geometry": shape,
        }
        for phase, shape in (
            (1, Polygon([(west, south), *step, (west, north)])),
            (2, Polygon([(east, south), *step, (east, north)])),
        )
    ]
    layers["communities"] = [
        {"community_id": "S1", "name": "海棠湾社区(规划)", "geometry": box(-34.0, -26.0, 414.0, 230.0)}
    ]
    spaces = [
        ("中心广场", "paving", [(203, 114), (286, 114), (286, 142), (262, 134), (246, 130), (203, 127)]),
        ("篮球场", "acrylic", [(46, 122), (86, 122), (86, 148), (46, 148)]),
        ("儿童活动场地", "rubber", [(330, 116), (350, 116), (350, 144), (330, 144)]),
        ("老年活动场地", "paving", [(300, 116), (322, 116), (322, 142), (300, 142)]),
        ("入口广场", "paving", [(146, 8), (155, 8), (155, 40), (146, 40)]),
    ]
    layers["open_spaces"] = [
        {"space_id": f"A{k}", "name": name, "surface": surface, "geometry": Polygon(ring)}
        for k, (name, surface, ring) in enumerate(spaces, start=1)
    ]
    lanes = [
        (6.0, [(2.0, 48.0), (376.0, 48.0), (376.0, 196.0), (2.0, 196.0), (2.0, 48.0)]),
        (5.0, [(2.0, 108.0), (376.0, 108.0)]),
        (5.0, [(194.0, 48.0), (194.0, 196.0)]),
        (6.0, [(160.0, 0.0), (160.0, 48.0)]),
        (6.0, [(376.0, 108.0), (388.0, 108.0)]),
    ]
    layers["fire_lanes"] = [
        {"lane_id": f"F{k:02d}", "width_m": width, "geometry": LineString(points)}
        for k, (width, points) in enumerate(lanes, start=1)
    ]


def _trees(layers: Rows, ways: Ways) -> None:
    dice = Dice(20260405)
    paved = shapely.union_all(
        [
            ways.surfaces(0.4),
            *(row["geometry"] for name in ("buildings", "open_spaces") for row in layers[name]),
            *(row["geometry"] for row in layers["stalls"] if row["kind"] != "underground"),
            *(row["geometry"] for row in ramps()),
        ]  # type: ignore[misc]
    )
    layers["obstacles"] = ramps()
    trees: list[Point] = []
    while len(trees) < 220:
        spot = Point(at(dice.between(-5.0, 385.0), dice.between(3.0, 205.0)))
        if spot.distance(paved) > 2.2 and all(spot.distance(tree) > 5.0 for tree in trees):
            trees.append(spot)
            layers["obstacles"].append(
                {
                    "obstacle_id": f"X{len(trees):03d}",
                    "kind": "tree",
                    "radius_m": round(dice.between(0.8, 1.6), 1),
                    "removable": True,
                    "cost_cny": 1500.0,
                    "geometry": spot,
                }
            )
