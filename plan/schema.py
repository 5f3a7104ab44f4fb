"""The contract of the layers: names, columns, units, geometry, and their Chinese aliases.

Every reader ends here: a site is made of these layers and nothing else. Ids are text. A column
carries its unit in its name unless it is metres of geometry. ``plan.validation`` brings a table
into this form and reports, all at once, what does not fit.
"""

from __future__ import annotations

from typing import Final

from plan.contract import (
    Column,
    Layer,
    choice,
    count,
    date,
    flag,
    identifier,
    number,
    private,
    reference,
    text,
    time,
)
from plan.surfaces import PATHS, STREETS
from plan.uses import ROOM_USES

__all__ = ["LAYERS", "REMARKS_SCHEMA", "REMARK_KINDS", "layer_of"]

_MODES: Final = {
    "new_build": ("新建",),
    "conversion": ("改造", "改建"),
    "purchase": ("买卖", "购买", "购置"),
    "allocation": ("项目配套", "配套"),
    "swap": ("调剂置换", "置换", "调剂"),
    "sharing": ("整合共享", "共享"),
}

# What a hearing map offers residents to choose from; a file may name any kind.
REMARK_KINDS: Final = (
    "parking", "elevator", "handrail", "fire_lane", "rubbish", "drain", "leak", "cables", "pothole", "lighting",
    "charging", "activity", "noise", "safety", "other",
)  # fmt: skip
# The form in which a hearing map saves remarks, and in which they are read.
REMARKS_SCHEMA: Final = "plan.remarks/1"
_LAYERS: Final = (
    Layer(
        name="parcels",
        zh="宗地",
        shapes=("Polygon",),
        aliases=("地块", "小区", "用地红线", "红线", "parcel"),
        columns=(
            identifier("parcel_id", "宗地编号", "地块编号", "宗地号", "id"),
            text("name", "名称", "小区名称", "地块名称", "小区名"),
            reference("estate_id", "小区编号"),
            text("land_use", "用地性质", "用地代码"),
            text("district", "所在区县", "区县", "行政区", "所属区县"),
            choice("status", "状态", {"new": ("新建", "规划"), "existing": ("现状", "已建", "既有")}),
            date("built_on", "建成日期", "竣工日期", "建成年份"),
            text("phase", "分期", "期次"),
            number("occupancy", "入住率", "0-1"),
        ),
    ),
    Layer(
        name="communities",
        zh="社区",
        shapes=("Polygon",),
        aliases=("社区界", "社区范围", "community"),
        columns=(
            identifier("community_id", "社区编号", "id"),
            text("name", "名称", "社区名称"),
            count("households", "户数", "总户数"),
            count("residents", "居民人数", "常住人口"),
            count("windows", "综合服务窗口数", "窗口数"),
            count("staff", "社区工作者人数", "工作人员数"),
            count("committee", "居委会成员数"),
            count("party_mass_worker", "专职党群工作者数"),
            count("graduate", "大学生数"),
            count("social_worker", "社工专业人员数"),
            count("organisation", "社区社会组织数"),
            count("party_member", "党员数"),
            number("budget_cny", "年度工作经费", "CNY"),
        ),
    ),
    Layer(
        name="grids",
        zh="网格",
        shapes=("Polygon",),
        aliases=("社区网格", "网格界", "网格范围", "grid"),
        columns=(
            identifier("grid_id", "网格编号", "网格号", "id"),
            reference("community_id", "社区编号"),
            text("name", "名称", "网格名称"),
            count("households", "户数", "总户数"),
            number("area_m2", "面积", "m2", "面积_m2"),
            count("remarks", "居民意见数", "意见数"),
        ),
    ),
    Layer(
        name="buildings",
        zh="建筑",
        shapes=("Polygon",),
        aliases=("建筑物", "楼栋", "房屋", "住宅楼", "building"),
        columns=(
            identifier(
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
            count(
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
            count("floors_below", "地下层数", "building:levels:underground"),
            number("height_m", "建筑高度", "m", "高度", "高度_m", "height"),
            text("use", "用途", "建筑用途", "类型"),
            date("built_on", "建成日期", "建成年份", "建造年代"),
            flag("has_elevator", "有无电梯", "电梯"),
            reference("estate_id", "小区编号"),
            reference("parcel_id", "宗地编号"),
        ),
    ),
    Layer(
        name="entrances",
        zh="出入口",
        shapes=("Point",),
        aliases=("入口", "大门", "单元门", "entrance"),
        columns=(
            identifier("entrance_id", "出入口编号", "id"),
            choice(
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
            reference("building_id", "楼栋编号", "楼号"),
            reference("stairwell_id", "梯号", "单元"),
            flag("main", "是否主要出入口", "主要出入口"),
            time("opens", "开放时间"),
            time("closes", "关闭时间"),
            text("access", "通行权限"),
            text("name", "名称"),
        ),
    ),
    Layer(
        name="households",
        zh="住户",
        shapes=("Point", "none"),
        aliases=("户", "住户表", "住户清单", "户籍", "household"),
        columns=(
            identifier("household_id", "户编号", "户号", "门牌", "门牌号", "室号", "房号", "id"),
            reference("building_id", "楼栋编号", "楼号", "栋号", "楼栋", "楼幢", "楼名", required=True),
            reference("stairwell_id", "梯号", "单元", "单元号"),
            count("floor", "楼层", "所在层", minimum=None),
            number("area_m2", "建筑面积", "m2", "面积"),
            count("persons", "人口", "人数", "居住人数"),
            private(count("elderly", "老年人数", "老人数", "60岁以上")),
            private(count("children", "儿童数", "未成年人数")),
            private(count("disabled", "残疾人数")),
            private(reference("owner_id", "业主编号", "业主", "业主姓名", "产权人", "户主")),
            private(
                choice(
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
            identifier("room_id", "用房编号", "房间编号", "id", "房号"),
            count("floor", "楼层", "所在层", "层", required=True, minimum=None),
            number("area_m2", "建筑面积", "m2", "面积", "面积_m2", "用房面积", required=True),
            reference("building_id", "楼栋编号", "楼号"),
            choice("use", "用途", ROOM_USES, "功能类别"),
            choice(
                "state",
                "状态",
                {
                    "existing": ("现状", "已有"),
                    "planned": ("规划", "设计", "拟建"),
                    "candidate": ("备选", "候选"),
                },
            ),
            choice("mode", "取得方式", _MODES, "方式"),
            number("cost_cny", "费用", "CNY", "造价", "价格"),
            text("functions", "功能", "设置功能"),
            date("handed_over_on", "移交日期"),
            text("title_holder", "产权单位", "权利人", "登记单位"),
            flag("let", "是否出租", "出租"),
            choice("actual_use", "实际用途", ROOM_USES, "现用途"),
            text("name", "名称"),
            time("opens", "开放时间"),
            time("closes", "关闭时间"),
            reference("community_id", "社区编号"),
            reference("unit_id", "房屋编号", "单元房编号"),
            reference("merge_id", "合并编号", "可合并组"),
        ),
    ),
    Layer(
        name="facilities",
        zh="设施",
        shapes=("Point", "Polygon"),
        aliases=("配套设施", "公共服务设施", "poi", "facility"),
        columns=(
            identifier("facility_id", "设施编号", "id"),
            text("category", "类别", "设施类别", "类型"),
            text("name", "名称", "设施名称"),
            number("area_m2", "建筑面积", "m2", "面积"),
            number("capacity", "容量", "person", "床位", "学位"),
        ),
    ),
    Layer(
        name="walkways",
        zh="步行道路",
        shapes=("LineString",),
        aliases=("道路", "步道", "路网", "道路中心线", "walkway", "highways", "roads", "road", "streets"),
        columns=(
            identifier("way_id", "道路编号", "id"),
            choice(
                "kind",
                "类别",
                {
                    "street": ("街道", "道路", "车行道", *STREETS),
                    "path": ("步道", "小路", "人行道", *PATHS),
                    "steps": ("台阶", "踏步", "梯道"),
                    "crossing": ("过街", "人行横道"),
                    "elevator": ("电梯",),
                    "corridor": ("连廊", "通道"),
                },
                "highway",
            ),
            number("width_m", "宽度", "m", "路宽"),
            number("slope", "坡度", "rise/run", minimum=None),
            text("name", "名称", "路名"),
            flag("oneway", "单行"),
            count("lanes", "车道数"),
            text("access", "通行权限"),
            count("level", "标高层", minimum=None),
            count("step_count", "踏步数", "台阶级数"),
            flag("handrail", "扶手", "有无扶手"),
            choice(
                "ramp",
                "坡道",
                {
                    # On steps: who can take the ramp beside or over them.
                    "wheelchair": ("轮椅坡道", "无障碍坡道"),
                    "stroller": ("婴儿车坡道",),
                    "none": ("无", "no"),
                },
            ),
            flag("wheelchair", "轮椅可达", "无障碍"),
            flag("lit", "照明", "路灯"),
            text("surface", "铺装", "路面"),
        ),
    ),
    Layer(
        name="barriers",
        zh="围墙",
        shapes=("LineString",),
        aliases=("障碍线", "围墙围栏", "barrier"),
        columns=(
            identifier("barrier_id", "围墙编号", "id"),
            choice(
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
            flag("removable", "可否拆除", "可拆"),
        ),
    ),
    Layer(
        name="open_spaces",
        zh="开放空间",
        shapes=("Polygon",),
        aliases=("空地", "广场", "活动场地", "open_space"),
        columns=(
            identifier("space_id", "场地编号", "id"),
            text("name", "名称"),
            text("surface", "铺装", "地面"),
        ),
    ),
    Layer(
        name="obstacles",
        zh="障碍物",
        shapes=("Polygon", "Point"),
        aliases=("地物", "树木", "obstacle"),
        columns=(
            identifier("obstacle_id", "障碍物编号", "id"),
            Column(name="kind", type="text", zh="类别", required=True, may_lack=True),
            number("radius_m", "半径", "m"),
            flag("removable", "可否拆除", "可拆"),
            number("cost_cny", "费用", "CNY"),
        ),
    ),
    Layer(
        name="fire_lanes",
        zh="消防车道",
        shapes=("LineString", "Polygon"),
        aliases=("消防通道", "fire_lane"),
        columns=(
            identifier("lane_id", "车道编号", "id"),
            number("width_m", "净宽", "m", "宽度", required=True),
            number("height_m", "净空高度", "m", "净高"),
        ),
    ),
    Layer(
        name="stalls",
        zh="停车位",
        shapes=("Polygon",),
        aliases=("车位", "停车泊位", "stall"),
        columns=(
            identifier("stall_id", "车位编号", "id"),
            text("kind", "类别"),
            number("angle_deg", "角度", "degree"),
            choice("state", "状态", {"existing": ("现状", "已有"), "proposed": ("拟设", "规划")}),
            reference("aisle_id", "通道编号"),
        ),
    ),
    Layer(
        name="aisles",
        zh="停车通道",
        shapes=("LineString", "Polygon"),
        aliases=("通车道", "通停车道", "停车场通道", "aisle"),
        columns=(
            identifier("aisle_id", "通道编号", "id"),
            choice(
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
            number("width_m", "宽度", "m", "通道宽度", "净宽"),
        ),
    ),
    Layer(
        name="elevators",
        zh="加装电梯",
        shapes=("Polygon",),
        aliases=("电梯", "电梯井道", "井道", "电梯布点", "elevator"),
        columns=(
            identifier("elevator_id", "电梯编号", "id"),
            reference("stairwell_id", "梯号", "单元", "单元号", required=True),
            reference("building_id", "楼栋编号", "楼号", "栋号"),
            choice(
                "connection",
                "入户方式",
                {
                    "half_landing": ("错层入户", "错层", "半层入户", "半平台"),
                    "level_entry": ("平层入户", "平层"),
                },
                "连接方式",
            ),
            choice("state", "状态", {"existing": ("现状", "已有"), "proposed": ("拟建", "规划", "拟设")}),
            number("shaft_width_m", "井道宽", "m"),
            number("shaft_depth_m", "井道深", "m"),
            number("landing_width_m", "连廊宽", "m", "候梯厅宽"),
            number("landing_depth_m", "连廊深", "m", "候梯厅深"),
            flag("wheelchair", "轮椅可达", "无障碍"),
            number("cost_cny", "费用", "CNY", "造价"),
        ),
    ),
    Layer(
        name="utilities",
        zh="地下管线",
        shapes=("LineString",),
        aliases=("管线", "管网", "utility"),
        columns=(
            identifier("utility_id", "管线编号", "id"),
            Column(name="kind", type="text", zh="类别", required=True, may_lack=True),
            number("depth_m", "埋深", "m", minimum=None),
            number("clearance_m", "净距", "m"),
        ),
    ),
    Layer(
        name="remarks",
        zh="居民意见",
        shapes=("Point",),
        aliases=("意见", "诉求", "remark"),
        columns=(
            identifier("remark_id", "意见编号", "id"),
            Column(name="kind", type="text", zh="类别", required=True),
            text("text", "内容", "意见内容"),
            date("remarked_on", "日期", "反映日期"),
            reference("building_id", "楼栋编号", "楼号"),
        ),
    ),
)

LAYERS: Final[dict[str, Layer]] = {layer.name: layer for layer in _LAYERS}


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
