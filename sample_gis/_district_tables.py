"""The lists behind the district: cells, communities, rooms, facilities. All invented."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Homes:
    """How an estate is built; metres."""

    floors: int
    units: int
    unit: float
    flats: int
    depth: float
    pitch: float
    setback: float
    gap: float
    below: int = 0


OLD = Homes(floors=6, units=3, unit=12.4, flats=2, depth=11.0, pitch=31.0, setback=5.5, gap=8.0)
MIDDLE = Homes(floors=11, units=2, unit=17.0, flats=2, depth=13.0, pitch=44.0, setback=8.0, gap=10.0, below=1)
HIGH = Homes(floors=18, units=2, unit=18.0, flats=3, depth=15.0, pitch=64.0, setback=9.0, gap=14.0, below=2)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Half a block: where it lies and what it holds."""

    number: int
    column: int
    row: int
    half: int
    name: str
    built_on: str
    homes: Homes | None = None
    land_use: str = "residential"
    main: str = "south"  # the side of the main gate
    walled: str = ""  # kind of the barrier round it
    hours: tuple[str, str] | None = None  # of the second gate
    community: str = ""
    #   buildings of a campus: id, use, floors, west, south, east, north as shares of the cell
    buildings: tuple[tuple[str, str, int, float, float, float, float], ...] = field(default=())


NIGHT = ("06:00", "22:30")
CELLS = [
    Cell(number=1, column=0, row=0, half=0, name="机床一厂宿舍", built_on="1987-10-01", homes=OLD, walled="wall", hours=NIGHT, main="north", community="S1"),
    Cell(number=2, column=0, row=0, half=1, name="泺水新村", built_on="1993-06-15", homes=OLD, main="north", community="S1"),
    Cell(number=3, column=1, row=0, half=0, name="泺水学校", built_on="2001-08-20", land_use="school", walled="fence", buildings=(
        ("primary", "school", 4, 0.12, 0.08, 0.88, 0.16), ("middle", "school", 5, 0.12, 0.84, 0.88, 0.92), ("hall", "sports_hall", 2, 0.62, 0.58, 0.88, 0.72))),
    Cell(number=4, column=1, row=0, half=1, name="锦绣花园", built_on="2007-09-30", homes=MIDDLE, walled="fence", hours=NIGHT, main="north", community="S2"),
    Cell(number=5, column=2, row=0, half=0, name="望岳府", built_on="2015-12-20", homes=HIGH, walled="fence", main="north", community="S2"),
    Cell(number=6, column=2, row=0, half=1, name="纺织宿舍东区", built_on="1985-05-01", homes=OLD, walled="wall", main="north", community="S2"),
    Cell(number=7, column=0, row=1, half=0, name="河畔嘉园", built_on="2010-11-08", homes=MIDDLE, walled="fence", hours=NIGHT, community="S3"),
    Cell(number=8, column=0, row=1, half=1, name="铁路新村", built_on="1990-09-01", homes=OLD, walled="wall", hours=NIGHT, community="S3"),
    Cell(number=9, column=1, row=1, half=0, name="泺水公园", built_on="2004-05-01", land_use="park", buildings=(
        ("pavilion", "public", 1, 0.42, 0.56, 0.56, 0.62),)),
    Cell(number=10, column=1, row=1, half=1, name="泺水商业中心", built_on="2012-06-18", land_use="commercial", buildings=(
        ("mall", "commercial", 5, 0.14, 0.10, 0.86, 0.40), ("market", "commercial", 2, 0.14, 0.60, 0.60, 0.80), ("office", "office", 9, 0.66, 0.60, 0.86, 0.86))),
    Cell(number=11, column=2, row=1, half=0, name="翠湖苑", built_on="2006-04-12", homes=MIDDLE, walled="hedge", community="S4"),
    Cell(number=12, column=2, row=1, half=1, name="泉城名邸", built_on="2017-07-10", homes=HIGH, walled="fence", hours=NIGHT, community="S4"),
    Cell(number=13, column=0, row=2, half=0, name="泺水医院", built_on="1998-12-01", land_use="hospital", walled="fence", buildings=(
        ("outpatient", "hospital", 6, 0.14, 0.10, 0.84, 0.22), ("ward", "hospital", 12, 0.14, 0.58, 0.70, 0.66), ("laboratory", "hospital", 4, 0.20, 0.80, 0.76, 0.87))),
    Cell(number=14, column=0, row=2, half=1, name="北岸小区", built_on="1996-07-01", homes=OLD, community="S5"),
    Cell(number=15, column=1, row=2, half=0, name="北岸观澜", built_on="2018-05-28", homes=HIGH, walled="fence", main="north", community="S5"),
    Cell(number=16, column=1, row=2, half=1, name="柳荫花园", built_on="2013-03-15", homes=MIDDLE, walled="fence", hours=NIGHT, main="north", community="S6"),
    Cell(number=17, column=2, row=2, half=0, name="化肥厂宿舍", built_on="1989-12-01", homes=OLD, walled="wall", hours=NIGHT, community="S6"),
    Cell(number=18, column=2, row=2, half=1, name="北岸工坊", built_on="1979-10-01", land_use="industrial", walled="wall", buildings=(
        ("shed1", "industrial", 1, 0.10, 0.06, 0.90, 0.20), ("shed2", "industrial", 1, 0.10, 0.26, 0.90, 0.40), ("shed3", "industrial", 1, 0.10, 0.62, 0.90, 0.78), ("boiler", "industrial", 2, 0.30, 0.84, 0.60, 0.93))),
]  # fmt: skip

#   id, name, corners in blocks (columns) and rows of blocks: west, south row, east, north row;
#   windows, staff, committee, Party and mass workers, graduates, social workers, organisations, members, CNY
COMMUNITIES: list[tuple[str, str, float, int, float, int, tuple[int, ...], float]] = [
    ("S1", "机床社区", 0.0, 0, 1.0, 0, (2, 9, 7, 1, 3, 2, 8, 310), 64_000.0),
    ("S2", "望岳社区", 1.0, 0, 3.0, 0, (2, 11, 9, 2, 6, 3, 11, 420), 130_000.0),
    ("S3", "铁路社区", 0.0, 1, 2.0, 1, (1, 7, 6, 1, 1, 0, 4, 285), 52_000.0),
    ("S4", "翠湖社区", 2.0, 1, 3.0, 1, (3, 10, 7, 1, 5, 4, 13, 260), 95_000.0),
    ("S5", "北岸社区", 0.0, 2, 1.5, 2, (2, 9, 7, 0, 2, 1, 6, 240), 80_000.0),
    ("S6", "柳荫社区", 1.5, 2, 3.0, 2, (1, 5, 5, 1, 0, 0, 3, 198), 41_000.0),
]

ALL = "居民服务和活动场所;一站式服务窗口;党群服务中心;社区办公用房"
WORK = "社区办公用房;一站式服务窗口"
PLAY = "居民服务和活动场所"
PARTY = "党群服务中心"
CARE = ";日间照料"
#   estate, building, units it takes, share of them, use, functions, handed over on, name
EXISTING: list[tuple[int, int, int, float, str, str, str | None, str]] = [
    (1, 33, 2, 0.9, "office", WORK, "1999-03-01", "机床社区办公室"),
    (1, 35, 1, 0.9, "party_centre", PARTY, None, "机床党群活动室"),
    (2, 34, 3, 0.9, "activity", PLAY, "2005-09-10", "泺水新村活动室"),
    (4, 22, 2, 0.9, "community_service", ALL, "2009-03-18", "锦绣花园社区用房"),
    (5, 18, 2, 0.95, "community_service", ALL, "2016-09-01", "望岳府社区服务中心"),
    (6, 34, 1, 0.8, "office", WORK, None, "纺织宿舍居民点"),
    (7, 2, 2, 0.9, "community_service", WORK, None, "河畔嘉园配套用房"),
    (8, 3, 2, 0.9, "office", WORK, "2002-06-30", "铁路社区办公室"),
    (11, 2, 1, 0.9, "community_service", WORK, None, "翠湖苑配套用房"),
    (12, 2, 2, 0.95, "community_service", ALL, "2018-01-15", "泉城名邸社区服务中心"),
    (12, 3, 1, 0.9, "elderly_day_care", "日间照料", "2018-01-15", "泉城名邸日间照料室"),
    (14, 3, 2, 0.85, "office", WORK, "2004-11-20", "北岸社区办公室"),
    (15, 18, 2, 0.95, "community_service", PLAY, None, "北岸观澜配套用房"),
    (16, 22, 1, 0.9, "party_centre", PARTY, "2014-08-08", "柳荫党群服务站"),
    (17, 2, 1, 0.8, "office", WORK, None, "柳荫社区办公室"),
]
#   estate, building, units it takes, floor, use now, mode, CNY for each m2, functions
CANDIDATES: list[tuple[int, int, int, int, str, str, float, str]] = [
    (1, 34, 3, 1, "shop", "purchase", 9_800.0, ALL + CARE),
    (1, 1, 3, 1, "storage", "conversion", 1_600.0, PLAY),
    (2, 35, 3, 1, "shop", "allocation", 1_200.0, ALL + CARE),
    (4, 23, 2, 1, "shop", "purchase", 12_500.0, ALL),
    (4, 21, 2, 2, "property_management", "sharing", 600.0, WORK),
    (5, 19, 2, 1, "shop", "purchase", 14_800.0, PLAY),
    (6, 35, 3, 1, "storage", "conversion", 1_900.0, ALL + CARE),
    (7, 3, 2, 1, "property_management", "swap", 3_200.0, ALL + CARE),
    (8, 2, 3, 1, "shop", "swap", 2_800.0, PLAY + CARE),
    (8, 30, 3, 1, "storage", "conversion", 1_500.0, ALL),
    (11, 3, 2, 1, "shop", "purchase", 11_900.0, ALL + CARE),
    (12, 1, 2, -1, "storage", "conversion", 900.0, PLAY),
    (14, 2, 3, 1, "shop", "sharing", 500.0, PLAY + CARE),
    (15, 19, 2, 1, "shop", "allocation", 1_000.0, ALL + CARE),
    (16, 23, 2, 1, "property_management", "allocation", 800.0, ALL + CARE),
    (17, 3, 3, 1, "storage", "conversion", 1_700.0, ALL),
]

STREET_NAMES = {
    "v0": "机床路", "v1": "泺水路", "v2": "望岳路", "v2n": "望岳北路", "v3": "东环路",
    "h0": "济南门街", "h1": "泺水大街", "h2": "河南沿街", "h3": "河北沿街", "h4": "北岸大街",
    "m00": "宿舍西街", "m01": "学堂街", "m02": "纺织街", "m10": "铁路街", "m11": "公园街", "m12": "翠湖街",
    "m20": "医院街", "m21": "观澜街", "m22": "工坊街", "rs": "泺水南岸步道", "rn": "泺水北岸步道",
}  # fmt: skip

#   category, name, column in blocks, row in blocks (third row lies north of the river), m2, capacity
FACILITIES: list[tuple[str, str, float, float, float | None, int | None]] = [
    ("community_station", "机床社区服务站", 0.40, 0.90, 230.0, None),
    ("community_station", "望岳社区服务站", 2.30, 0.92, 420.0, None),
    ("community_station", "铁路社区服务站", 0.62, 1.10, 150.0, None),
    ("community_station", "翠湖社区服务站", 2.72, 1.10, 470.0, None),
    ("community_station", "北岸社区服务站", 0.66, 2.10, 160.0, None),
    ("community_station", "柳荫社区服务站", 2.10, 2.10, 90.0, None),
    ("cultural_station", "泺水新村文化站", 0.78, 0.88, 310.0, 80),
    ("cultural_station", "北岸文化站", 0.88, 2.08, 260.0, 60),
    ("cultural_centre", "泺水文化中心", 1.78, 1.72, 4200.0, 600),
    ("fitness_ground", "泺水公园健身场", 1.18, 1.30, 600.0, None),
    ("fitness_ground", "河北沿健身角", 1.30, 1.98, 300.0, None),
    ("fitness_ground", "机床宿舍健身角", 0.24, 0.52, 180.0, None),
    ("small_sports_ground", "泺水公园篮球场", 1.10, 1.72, 840.0, None),
    ("small_sports_ground", "柳荫球场", 1.96, 2.55, 780.0, None),
    ("medium_sports_ground", "泺水学校操场", 1.20, 0.50, 6200.0, None),
    ("sports_centre", "泺水全民健身中心", 1.40, 0.66, 3800.0, None),
    ("primary_school", "泺水小学", 1.24, 0.12, 9600.0, 1440),
    ("middle_school", "泺水中学", 1.24, 0.88, 12400.0, 1500),
    ("kindergarten", "机床幼儿园", 0.26, 0.04, 2800.0, 300),
    ("kindergarten", "翠湖幼儿园", 2.27, 1.96, 3100.0, 330),
    ("kindergarten", "观澜幼儿园", 1.46, 2.96, 3300.0, 360),
    ("nursery", "望岳托育园", 2.22, 0.04, 480.0, 50),
    ("elderly_day_care", "泉城名邸日间照料中心", 2.80, 1.10, 240.0, 20),
    ("elderly_day_care", "铁路日间照料站", 0.70, 1.92, 360.0, 30),
    ("nursing_home", "北岸养老院", 2.86, 2.06, 4800.0, 150),
    ("clinic", "机床社区卫生服务站", 0.46, 0.96, 220.0, None),
    ("clinic", "翠湖社区卫生服务站", 2.46, 1.04, 260.0, None),
    ("health_centre", "泺水街道社区卫生服务中心", 1.03, 1.03, 3200.0, None),
    ("hospital", "泺水医院", 0.24, 2.16, 38000.0, 520),
    ("street_centre", "泺水街道便民服务中心", 1.97, 1.05, 1800.0, None),
    ("police_station", "泺水派出所", 2.03, 0.94, 1400.0, None),
    ("post_office", "泺水邮政支局", 1.53, 0.97, 340.0, None),
    ("market", "泺水农贸市场", 1.68, 1.70, 2400.0, None),
    ("market", "北岸菜市场", 1.03, 2.95, 1500.0, None),
    ("shopping", "泺水购物中心", 1.74, 1.25, 26000.0, None),
    ("metro_station", "泺水站", 1.94, 0.97, None, None),
    ("metro_station", "北岸站", 1.06, 3.04, None, None),
]
#   category, name, how many, m2: spread along the streets
COMMON: list[tuple[str, str, int, float | None]] = [
    ("convenience_store", "便民超市", 26, 70.0),
    ("pharmacy", "药店", 12, 80.0),
    ("restaurant", "餐馆", 24, 90.0),
    ("bank", "银行网点", 7, 260.0),
    ("bus_stop", "公交站", 22, None),
    ("public_toilet", "公厕", 8, 55.0),
    ("recycling_point", "再生资源回收点", 10, 30.0),
    ("parcel_locker", "快递驿站", 16, 24.0),
    ("clinic", "诊所", 5, 110.0),
]
