"""The contract of the layers: names, columns, units, geometry, and their Chinese aliases.

Every reader ends here: a site is made of these layers and nothing else. Ids are text. A column
carries its unit in its name unless it is metres of geometry. ``plan.validation`` brings a table
into this form and reports, all at once, what does not fit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from plan.uses import ROOM_USES

__all__ = [
    "HARD_SURFACES",
    "LAYERS",
    "NOT_WALKED",
    "REMARKS_SCHEMA",
    "REMARK_KINDS",
    "SOFT_SURFACES",
    "Column",
    "Layer",
    "is_below_ground",
    "layer_of",
]

Type = Literal["id", "text", "int", "float", "bool", "date", "time", "enum"]
Shape = Literal["Polygon", "LineString", "Point", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a layer."""

    name: str
    type: Type
    zh: str  # what planners call it; also an alias
    required: bool = False
    unit: str = ""  # shown to people; the name carries it where it is not metres of geometry
    aliases: tuple[str, ...] = ()  # other names met in the field, Chinese or not
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()  # of an enum: value and its aliases
    minimum: float | None = None  # smallest value that makes sense
    may_lack: bool = (
        False  # without a required column of this kind the layer is used, and what needs it is untold
    )
    private: bool = False  # says something of persons; never in what is handed out


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer of a site."""

    name: str
    zh: str
    shapes: tuple[Shape, ...]
    columns: tuple[Column, ...]
    aliases: tuple[str, ...] = ()

    @property
    def id_column(self) -> str:
        """The name of the column that identifies a row."""
        return self.columns[0].name

    def column(self, name: str) -> Column:
        """Return the column of a name; KeyError when the layer has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _id(name: str, zh: str, *aliases: str) -> Column:
    return Column(name=name, type="id", zh=zh, required=True, aliases=aliases)


def _ref(name: str, zh: str, *aliases: str, required: bool = False) -> Column:
    return Column(name=name, type="id", zh=zh, required=required, aliases=aliases)


def _private(column: Column) -> Column:
    return replace(column, private=True)


def _text(name: str, zh: str, *aliases: str) -> Column:
    return Column(name=name, type="text", zh=zh, aliases=aliases)


def _number(
    name: str, zh: str, unit: str, *aliases: str, required: bool = False, minimum: float | None = 0.0
) -> Column:
    return Column(
        name=name, type="float", zh=zh, unit=unit, aliases=aliases, required=required, minimum=minimum
    )


def _count(
    name: str,
    zh: str,
    *aliases: str,
    required: bool = False,
    minimum: float | None = 0,
    may_lack: bool = False,
) -> Column:
    return Column(
        name=name,
        type="int",
        zh=zh,
        aliases=aliases,
        required=required,
        minimum=minimum,
        may_lack=may_lack,
    )


def _flag(name: str, zh: str, *aliases: str) -> Column:
    return Column(name=name, type="bool", zh=zh, aliases=aliases)


def _date(name: str, zh: str, *aliases: str) -> Column:
    return Column(name=name, type="date", zh=zh, aliases=aliases)


def _time(name: str, zh: str, *aliases: str) -> Column:
    return Column(name=name, type="time", zh=zh, aliases=aliases)


def _enum(
    name: str,
    zh: str,
    choices: dict[str, tuple[str, ...]],
    *aliases: str,
    required: bool = False,
    may_lack: bool = False,
) -> Column:
    return Column(
        name=name,
        type="enum",
        zh=zh,
        choices=tuple(choices.items()),
        aliases=aliases,
        required=required,
        may_lack=may_lack,
    )


_MODES: Final = {
    "new_build": ("新建",),
    "conversion": ("改造", "改建"),
    "purchase": ("买卖", "购买", "购置"),
    "allocation": ("项目配套", "配套"),
    "swap": ("调剂置换", "置换", "调剂"),
    "sharing": ("整合共享", "共享"),
}

# Surfaces of open spaces that carry vehicles, and those that do not, as planners write them.
HARD_SURFACES: Final = (
    "paving", "paved", "concrete", "asphalt", "硬化", "硬质铺装", "铺装", "混凝土", "沥青", "水泥",
)  # fmt: skip
SOFT_SURFACES: Final = (
    "soil", "grass", "sand", "water", "dirt", "earth", "土", "草地", "泥土", "菜地", "绿地", "水面",
)  # fmt: skip
# What a hearing map offers residents to choose from; a file may name any kind.
REMARK_KINDS: Final = (
    "parking", "elevator", "handrail", "fire_lane", "rubbish", "drain", "leak", "cables", "pothole", "lighting",
    "charging", "activity", "noise", "safety", "other",
)  # fmt: skip
# The form in which a hearing map saves remarks, and in which they are read.
REMARKS_SCHEMA: Final = "plan.remarks/1"
# What tables made of OpenStreetMap call the ways that people walk along, in their column ``highway``.
_STREETS: Final = (
    "residential", "living_street", "service", "unclassified", "tertiary", "secondary", "primary", "road", "trunk",
    "tertiary_link", "secondary_link", "primary_link", "trunk_link", "minor_road", "major_road",
)  # fmt: skip
_PATHS: Final = ("footway", "pedestrian", "cycleway", "track", "bridleway")
# And what is no way for people on foot, or none yet.
NOT_WALKED: Final = frozenset({
    "motorway", "motorway_link", "construction", "proposed", "abandoned", "razed", "platform", "raceway", "bus_guideway",
    "rail", "subway", "tram", "light_rail", "railway", "铁路", "地铁", "轨道", "高速公路", "高速", "快速路", "在建", "规划",
})  # fmt: skip
# What people call a stall of a garage below the ground.
_BELOW_GROUND: Final = ("underground", "basement", "地下", "地下车位", "地下停车位", "地下车库")

_LAYERS: Final = (
    Layer(
        name="parcels",
        zh="宗地",
        shapes=("Polygon",),
        aliases=("地块", "小区", "用地红线", "红线", "parcel"),
        columns=(
            _id("parcel_id", "宗地编号", "地块编号", "宗地号", "id"),
            _text("name", "名称", "小区名称", "地块名称", "小区名"),
            _ref("estate_id", "小区编号"),
            _text("land_use", "用地性质", "用地代码"),
            _text("district", "所在区县", "区县", "行政区", "所属区县"),
            _enum("status", "状态", {"new": ("新建", "规划"), "existing": ("现状", "已建", "既有")}),
            _date("built_on", "建成日期", "竣工日期", "建成年份"),
            _text("phase", "分期", "期次"),
            _number("occupancy", "入住率", "0-1"),
        ),
    ),
    Layer(
        name="communities",
        zh="社区",
        shapes=("Polygon",),
        aliases=("社区界", "社区范围", "community"),
        columns=(
            _id("community_id", "社区编号", "id"),
            _text("name", "名称", "社区名称"),
            _count("households", "户数", "总户数"),
            _count("residents", "居民人数", "常住人口"),
            _count("windows", "综合服务窗口数", "窗口数"),
            _count("staff", "社区工作者人数", "工作人员数"),
            _count("committee", "居委会成员数"),
            _count("party_mass_worker", "专职党群工作者数"),
            _count("graduate", "大学生数"),
            _count("social_worker", "社工专业人员数"),
            _count("organisation", "社区社会组织数"),
            _count("party_member", "党员数"),
            _number("budget_cny", "年度工作经费", "CNY"),
        ),
    ),
    Layer(
        name="grids",
        zh="网格",
        shapes=("Polygon",),
        aliases=("社区网格", "网格界", "网格范围", "grid"),
        columns=(
            _id("grid_id", "网格编号", "网格号", "id"),
            _ref("community_id", "社区编号"),
            _text("name", "名称", "网格名称"),
            _count("households", "户数", "总户数"),
            _number("area_m2", "面积", "m2", "面积_m2"),
            _count("remarks", "居民意见数", "意见数"),
        ),
    ),
    Layer(
        name="buildings",
        zh="建筑",
        shapes=("Polygon",),
        aliases=("建筑物", "楼栋", "房屋", "住宅楼", "building"),
        columns=(
            _id(
                "building_id",
                "楼栋编号",
                "楼号",
                "栋号",
                "幢号",
                "建筑编号",
                "bld_id",
                "name",
                "名称",
                "楼名",
                "id",
            ),
            _count(
                "floors",
                "层数",
                "地上层数",
                "楼层数",
                "总层数",
                "building:levels",
                "levels",
                required=True,
                minimum=1,
                may_lack=True,
            ),
            _count("floors_below", "地下层数", "building:levels:underground"),
            _number("height_m", "建筑高度", "m", "高度", "高度_m", "height"),
            _text("use", "用途", "建筑用途", "类型"),
            _date("built_on", "建成日期", "建成年份", "建造年代"),
            _flag("has_elevator", "有无电梯", "电梯"),
            _ref("estate_id", "小区编号"),
            _ref("parcel_id", "宗地编号"),
        ),
    ),
    Layer(
        name="entrances",
        zh="出入口",
        shapes=("Point",),
        aliases=("入口", "大门", "单元门", "entrance"),
        columns=(
            _id("entrance_id", "出入口编号", "id"),
            _enum(
                "kind",
                "类别",
                {
                    "gate": ("大门", "小区出入口", "门岗"),
                    "door": ("门", "楼门", "main", "home", "secondary", "service", "shop"),
                    "stairwell": ("单元门", "梯号", "staircase"),
                },
                "entrance",
                required=True,
                may_lack=True,
            ),
            _ref("building_id", "楼栋编号", "楼号"),
            _ref("stairwell_id", "梯号", "单元"),
            _flag("main", "是否主要出入口", "主要出入口"),
            _time("opens", "开放时间"),
            _time("closes", "关闭时间"),
            _text("access", "通行权限"),
            _text("name", "名称"),
        ),
    ),
    Layer(
        name="households",
        zh="住户",
        shapes=("Point", "none"),
        aliases=("户", "住户表", "住户清单", "户籍", "household"),
        columns=(
            _id("household_id", "户编号", "户号", "门牌", "门牌号", "室号", "房号", "id"),
            _ref("building_id", "楼栋编号", "楼号", "栋号", "楼栋", "楼幢", "楼名", required=True),
            _ref("stairwell_id", "梯号", "单元", "单元号"),
            _count("floor", "楼层", "所在层", minimum=None),
            _number("area_m2", "建筑面积", "m2", "面积"),
            _count("persons", "人口", "人数", "居住人数"),
            _private(_count("elderly", "老年人数", "老人数", "60岁以上")),
            _private(_count("children", "儿童数", "未成年人数")),
            _private(_count("disabled", "残疾人数")),
            _private(_ref("owner_id", "业主编号", "业主", "业主姓名", "产权人", "户主")),
            _private(
                _enum(
                    "vote",
                    "意愿",
                    {
                        "yes": ("同意",),
                        "no": ("不同意", "反对"),
                        "abstain": ("弃权",),
                        "absent": ("未参与", "未表决"),
                    },
                    "表决",
                )
            ),
        ),
    ),
    Layer(
        name="rooms",
        zh="社区用房",
        shapes=("Polygon", "Point", "none"),
        aliases=("用房", "配套用房", "社区配套用房", "room"),
        columns=(
            _id("room_id", "用房编号", "房间编号", "id", "房号"),
            _count("floor", "楼层", "所在层", "层", required=True, minimum=None),
            _number("area_m2", "建筑面积", "m2", "面积", "面积_m2", "用房面积", required=True),
            _ref("building_id", "楼栋编号", "楼号"),
            _enum("use", "用途", ROOM_USES, "功能类别"),
            _enum(
                "state",
                "状态",
                {
                    "existing": ("现状", "已有"),
                    "planned": ("规划", "设计", "拟建"),
                    "candidate": ("备选", "候选"),
                },
            ),
            _enum("mode", "取得方式", _MODES, "方式"),
            _number("cost_cny", "费用", "CNY", "造价", "价格"),
            _text("functions", "功能", "设置功能"),
            _date("handed_over_on", "移交日期"),
            _text("title_holder", "产权单位", "权利人", "登记单位"),
            _flag("let", "是否出租", "出租"),
            _enum("actual_use", "实际用途", ROOM_USES, "现用途"),
            _text("name", "名称"),
            _time("opens", "开放时间"),
            _time("closes", "关闭时间"),
            _ref("community_id", "社区编号"),
            _ref("unit_id", "房屋编号", "单元房编号"),
            _ref("merge_id", "合并编号", "可合并组"),
        ),
    ),
    Layer(
        name="facilities",
        zh="设施",
        shapes=("Point", "Polygon"),
        aliases=("配套设施", "公共服务设施", "poi", "facility"),
        columns=(
            _id("facility_id", "设施编号", "id"),
            _text("category", "类别", "设施类别", "类型"),
            _text("name", "名称", "设施名称"),
            _number("area_m2", "建筑面积", "m2", "面积"),
            _number("capacity", "容量", "person", "床位", "学位"),
        ),
    ),
    Layer(
        name="walkways",
        zh="步行道路",
        shapes=("LineString",),
        aliases=("道路", "步道", "路网", "道路中心线", "walkway", "highways", "roads", "road", "streets"),
        columns=(
            _id("way_id", "道路编号", "id"),
            _enum(
                "kind",
                "类别",
                {
                    "street": ("街道", "道路", "车行道", *_STREETS),
                    "path": ("步道", "小路", "人行道", *_PATHS),
                    "steps": ("台阶", "踏步", "梯道"),
                    "crossing": ("过街", "人行横道"),
                    "elevator": ("电梯",),
                    "corridor": ("连廊", "通道"),
                },
                "highway",
            ),
            _number("width_m", "宽度", "m", "路宽"),
            _number("slope", "坡度", "rise/run", minimum=None),
            _text("name", "名称", "路名"),
            _flag("oneway", "单行"),
            _count("lanes", "车道数"),
            _text("access", "通行权限"),
            _count("level", "标高层", minimum=None),
            _count("step_count", "踏步数", "台阶级数"),
            _flag("handrail", "扶手", "有无扶手"),
            _enum(
                "ramp",
                "坡道",
                {
                    # On steps: who can take the ramp beside or over them.
                    "wheelchair": ("轮椅坡道", "无障碍坡道"),
                    "stroller": ("婴儿车坡道",),
                    "none": ("无", "no"),
                },
            ),
            _flag("wheelchair", "轮椅可达", "无障碍"),
            _flag("lit", "照明", "路灯"),
            _text("surface", "铺装", "路面"),
        ),
    ),
    Layer(
        name="barriers",
        zh="围墙",
        shapes=("LineString",),
        aliases=("障碍线", "围墙围栏", "barrier"),
        columns=(
            _id("barrier_id", "围墙编号", "id"),
            _enum(
                "kind",
                "类别",
                {
                    "wall": ("围墙", "墙", "city_wall", "retaining_wall"),
                    "fence": ("栅栏", "围栏", "guard_rail"),
                    "hedge": ("绿篱",),
                },
                "barrier",
                required=True,
                may_lack=True,
            ),
            _flag("removable", "可否拆除", "可拆"),
        ),
    ),
    Layer(
        name="open_spaces",
        zh="开放空间",
        shapes=("Polygon",),
        aliases=("空地", "广场", "活动场地", "open_space"),
        columns=(
            _id("space_id", "场地编号", "id"),
            _text("name", "名称"),
            _text("surface", "铺装", "地面"),
        ),
    ),
    Layer(
        name="obstacles",
        zh="障碍物",
        shapes=("Polygon", "Point"),
        aliases=("地物", "树木", "obstacle"),
        columns=(
            _id("obstacle_id", "障碍物编号", "id"),
            Column(name="kind", type="text", zh="类别", required=True, may_lack=True),
            _number("radius_m", "半径", "m"),
            _flag("removable", "可否拆除", "可拆"),
            _number("cost_cny", "费用", "CNY"),
        ),
    ),
    Layer(
        name="fire_lanes",
        zh="消防车道",
        shapes=("LineString", "Polygon"),
        aliases=("消防通道", "fire_lane"),
        columns=(
            _id("lane_id", "车道编号", "id"),
            _number("width_m", "净宽", "m", "宽度", required=True),
            _number("height_m", "净空高度", "m", "净高"),
        ),
    ),
    Layer(
        name="stalls",
        zh="停车位",
        shapes=("Polygon",),
        aliases=("车位", "停车泊位", "stall"),
        columns=(
            _id("stall_id", "车位编号", "id"),
            _text("kind", "类别"),
            _number("angle_deg", "角度", "degree"),
            _enum("state", "状态", {"existing": ("现状", "已有"), "proposed": ("拟设", "规划")}),
            _ref("aisle_id", "通道编号"),
        ),
    ),
    Layer(
        name="aisles",
        zh="停车通道",
        shapes=("LineString", "Polygon"),
        aliases=("通车道", "通停车道", "停车场通道", "aisle"),
        columns=(
            _id("aisle_id", "通道编号", "id"),
            _enum(
                "direction",
                "行驶方向",
                {
                    "one_way": ("单向", "单行", "oneway"),
                    "two_way": ("双向", "双行", "twoway"),
                    # A polygon on which cars swing and turn, and along which none drives.
                    "turning": ("回车", "回车场", "回车场地", "调头", "调车"),
                },
                "方向",
            ),
            _number("width_m", "宽度", "m", "通道宽度", "净宽"),
        ),
    ),
    Layer(
        name="elevators",
        zh="加装电梯",
        shapes=("Polygon",),
        aliases=("电梯", "电梯井道", "井道", "电梯布点", "elevator"),
        columns=(
            _id("elevator_id", "电梯编号", "id"),
            _ref("stairwell_id", "梯号", "单元", "单元号", required=True),
            _ref("building_id", "楼栋编号", "楼号", "栋号"),
            _enum(
                "connection",
                "入户方式",
                {
                    "half_landing": ("错层入户", "错层", "半层入户", "半平台"),
                    "level_entry": ("平层入户", "平层"),
                },
                "连接方式",
            ),
            _enum("state", "状态", {"existing": ("现状", "已有"), "proposed": ("拟建", "规划", "拟设")}),
            _number("shaft_width_m", "井道宽", "m"),
            _number("shaft_depth_m", "井道深", "m"),
            _number("landing_width_m", "连廊宽", "m", "候梯厅宽"),
            _number("landing_depth_m", "连廊深", "m", "候梯厅深"),
            _flag("wheelchair", "轮椅可达", "无障碍"),
            _number("cost_cny", "费用", "CNY", "造价"),
        ),
    ),
    Layer(
        name="utilities",
        zh="地下管线",
        shapes=("LineString",),
        aliases=("管线", "管网", "utility"),
        columns=(
            _id("utility_id", "管线编号", "id"),
            Column(name="kind", type="text", zh="类别", required=True, may_lack=True),
            _number("depth_m", "埋深", "m", minimum=None),
            _number("clearance_m", "净距", "m"),
        ),
    ),
    Layer(
        name="remarks",
        zh="居民意见",
        shapes=("Point",),
        aliases=("意见", "诉求", "remark"),
        columns=(
            _id("remark_id", "意见编号", "id"),
            Column(name="kind", type="text", zh="类别", required=True),
            _text("text", "内容", "意见内容"),
            _date("remarked_on", "日期", "反映日期"),
            _ref("building_id", "楼栋编号", "楼号"),
        ),
    ),
)

LAYERS: Final[dict[str, Layer]] = {layer.name: layer for layer in _LAYERS}


def is_below_ground(kind: object) -> bool:
    """Tell whether a stall of a kind lies in a garage below the ground."""
    return str(kind).strip().casefold() in _BELOW_GROUND


def layer_of(name: str) -> Layer | None:
    """Return the layer that a name from the field means, or None.

    Parameters
    ----------
    name : str
        A layer name as found in a file: ours, a Chinese alias, or ours in other case.

    Returns
    -------
    Layer or None
        The layer of the contract.

    Examples
    --------
    >>> layer_of("建筑").name
    'buildings'
    """
    wanted = name.strip().casefold()
    for layer in _LAYERS:
        if wanted in (layer.name, layer.zh, *(alias.casefold() for alias in layer.aliases)):
            return layer
    return None
