"""The categories of facilities that a life circle is tested for.

Names follow GB 50180-2018, appendices B and C; ids are English and stable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CATEGORIES", "Category", "category_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category of facilities of the life circle."""

    id: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()


# The facilities of the life circle. Names follow GB 50180-2018, appendix B.
_CATEGORIES: Final = (
    Category(
        id="community_station",
        zh="社区服务站",
        en="community service station",
        aliases=("居委会", "社区居委会"),
    ),
    Category(
        id="cultural_station", zh="文化活动站", en="cultural activity station", aliases=("文化站", "图书室")
    ),
    Category(
        id="fitness_ground",
        zh="室外健身场地",
        en="outdoor fitness ground",
        aliases=("健身场地", "室外综合健身场地"),
    ),
    Category(
        id="small_sports_ground", zh="小型运动场地", en="small sports ground", aliases=("小型多功能运动场地",)
    ),
    Category(id="kindergarten", zh="幼儿园", en="kindergarten"),
    Category(id="nursery", zh="托儿所", en="nursery", aliases=("托育", "托育所")),
    Category(
        id="elderly_day_care",
        zh="老年人日间照料中心",
        en="day care for the elderly",
        aliases=("托老所", "养老服务站"),
    ),
    Category(
        id="clinic", zh="社区卫生服务站", en="community clinic", aliases=("卫生站", "诊所", "卫生服务站")
    ),
    Category(id="pharmacy", zh="药店", en="pharmacy"),
    Category(id="convenience_store", zh="便利店", en="convenience store", aliases=("小超市", "小卖部")),
    Category(id="public_toilet", zh="公共厕所", en="public toilet", aliases=("公厕",)),
    Category(
        id="recycling_point", zh="再生资源回收点", en="recycling point", aliases=("回收点", "垃圾收集点")
    ),
    Category(id="bus_stop", zh="公交车站", en="bus stop", aliases=("公交站",)),
    Category(
        id="parcel_locker", zh="快递末端站点", en="parcel point", aliases=("快递", "邮件和快递送达设施")
    ),
    Category(id="park", zh="公园绿地", en="park", aliases=("公园", "社区游园")),
    Category(id="primary_school", zh="小学", en="primary school"),
    Category(
        id="market", zh="菜市场或生鲜超市", en="food market", aliases=("菜市场", "农贸市场", "生鲜超市")
    ),
    Category(id="shopping", zh="商场", en="shopping centre", aliases=("超市", "综合超市")),
    Category(id="restaurant", zh="餐饮设施", en="restaurant", aliases=("餐厅", "食堂", "老年食堂")),
    Category(id="bank", zh="银行营业网点", en="bank", aliases=("银行",)),
    Category(id="post_office", zh="邮政营业场所", en="post office", aliases=("邮局",)),
    Category(
        id="medium_sports_ground",
        zh="中型运动场地",
        en="medium sports ground",
        aliases=("中型多功能运动场地",),
    ),
    Category(id="middle_school", zh="初中", en="middle school", aliases=("中学",)),
    Category(
        id="health_centre", zh="卫生服务中心", en="health centre", aliases=("社区卫生服务中心", "社区医院")
    ),
    Category(id="cultural_centre", zh="文化活动中心", en="cultural centre"),
    Category(
        id="sports_centre", zh="体育馆或全民健身中心", en="sports centre", aliases=("体育馆", "全民健身中心")
    ),
    Category(
        id="street_centre", zh="街道社区服务中心", en="sub-district service centre", aliases=("街道办事处",)
    ),
    Category(id="nursing_home", zh="养老院", en="nursing home", aliases=("敬老院", "老年养护院")),
    Category(id="hospital", zh="医院", en="hospital"),
    Category(id="metro_station", zh="轨道交通站点", en="metro station", aliases=("地铁站",)),
    Category(id="police_station", zh="派出所", en="police station", aliases=("警务室",)),
)

CATEGORIES: Final[dict[str, Category]] = {category.id: category for category in _CATEGORIES}


def category_of(name: str) -> str | None:
    """Return the id of the category that a name from the field means, or None.

    Examples
    --------
    >>> category_of("菜市场")
    'market'
    """
    wanted = name.strip().casefold()
    for category in _CATEGORIES:
        if wanted in (
            category.id,
            category.zh,
            category.en,
            *(alias.casefold() for alias in category.aliases),
        ):
            return category.id
    return None
