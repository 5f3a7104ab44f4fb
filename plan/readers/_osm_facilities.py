"""Which category of the life circle a thing of OpenStreetMap belongs to: one table, and schools and pitches apart.

Keys and values are those of https://wiki.openstreetmap.org/wiki/Map_features; categories are those of
``plan.categories``. Where a tag could mean two things it is mapped to neither: a facility too many makes a
neighbourhood look served that is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["facility_categories", "interest"]

Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One line of the table: a tag, and what else must hold, mean a category."""

    category: str
    key: str
    values: tuple[str, ...]
    named: str = ""  # a part of the name that must be there (regular expression)
    not_named: str = ""  # a part that must not
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # other tags that must be there
    public: bool = False  # not when access is private or no: strangers cannot use it


_CIVIC: Final = ("community_centre", "public_building", "townhall", "social_facility", "social_centre")
_SENIOR: Final = {"social_facility:for": ("senior", "elderly")}

# The first line that holds decides; lines that ask for a name stand before those that do not.
_TABLE: Final = (
    # Community rooms are tagged in many ways in China; their names say what they are.
    _Row(category="elderly_day_care", key="amenity", values=_CIVIC, named=r"日间照料|托老|居家养老|养老服务(站|中心)"),
    _Row(category="nursing_home", key="amenity", values=_CIVIC, named=r"养老院|敬老院|福利院|养护院|老年公寓"),
    _Row(category="street_centre", key="amenity", values=_CIVIC, named=r"街道办|街道.*(服务|政务|事务)中心"),
    _Row(category="street_centre", key="office", values=("government",), named=r"街道办|街道.*(服务|政务|事务)中心"),
    _Row(category="community_station", key="amenity", values=_CIVIC, named=r"居委|居民委员会|社区服务|党群服务|社区工作站"),
    _Row(category="community_station", key="office", values=("government", "association", "ngo"),
         named=r"居委|居民委员会|社区服务|党群服务|社区工作站"),
    _Row(category="cultural_centre", key="amenity", values=(*_CIVIC, "arts_centre"), named=r"文化(活动)?中心|文化馆|文化宫|少年宫"),
    _Row(category="cultural_station", key="amenity", values=("library",), named=r"社区|街道|图书室|文化站|书屋"),
    # A community centre without a telling name is a place for activities.
    _Row(category="cultural_station", key="amenity", values=("community_centre",)),
    # Care for the elderly.
    _Row(category="elderly_day_care", key="social_facility", values=("day_care",), also=_SENIOR),
    _Row(category="nursing_home", key="social_facility", values=("nursing_home", "assisted_living")),
    _Row(category="nursing_home", key="social_facility", values=("group_home",), also=_SENIOR),
    _Row(category="nursing_home", key="amenity", values=("nursing_home", "retirement_home")),
    # Health. In China amenity=hospital is also given to community clinics and university surgeries.
    _Row(category="health_centre", key="amenity", values=("hospital", "clinic", "doctors"), named=r"社区卫生服务中心|社区医院|卫生院"),
    _Row(category="clinic", key="amenity", values=("hospital", "clinic", "doctors"), named=r"卫生服务站|卫生站|卫生室|医务室|校医|诊所|门诊"),
    _Row(category="hospital", key="amenity", values=("hospital",), not_named=r"宠物|动物"),
    _Row(category="clinic", key="amenity", values=("clinic", "doctors"), not_named=r"宠物|动物|口腔|牙"),
    _Row(category="hospital", key="healthcare", values=("hospital",)),
    _Row(category="clinic", key="healthcare", values=("clinic", "doctor", "centre"), not_named=r"口腔|牙"),
    _Row(category="pharmacy", key="amenity", values=("pharmacy",)),
    _Row(category="pharmacy", key="healthcare", values=("pharmacy",)),
    # Small children. Schools are told apart by `_school`.
    _Row(category="kindergarten", key="amenity", values=("kindergarten",)),
    _Row(category="nursery", key="amenity", values=("childcare", "nursery"), not_named=r"幼儿园"),
    _Row(category="kindergarten", key="amenity", values=("childcare",)),
    # Shops. 超市 is an alias of the shopping centre, a food market is named so; a fruit shop is neither.
    _Row(category="market", key="shop", values=("supermarket", "greengrocer"), named=r"菜市|菜场|农贸|生鲜"),
    _Row(category="market", key="amenity", values=("marketplace",)),
    _Row(category="convenience_store", key="shop", values=("convenience", "general")),
    _Row(category="convenience_store", key="shop", values=("kiosk", "supermarket"), named=r"便利|小卖部|小超市"),
    _Row(category="shopping", key="shop", values=("supermarket", "mall", "department_store")),
    _Row(category="restaurant", key="amenity", values=("restaurant", "fast_food", "food_court", "canteen")),
    _Row(category="bank", key="amenity", values=("bank",)),
    # Parcels: courier shops are often tagged as post offices.
    _Row(category="parcel_locker", key="amenity", values=("parcel_locker",)),
    _Row(category="parcel_locker", key="vending", values=("parcel_pickup", "parcel_pickup;parcel_mail_in")),
    _Row(category="parcel_locker", key="amenity", values=("post_office", "vending_machine"), named=r"快递|菜鸟|驿站|丰巢|顺丰|圆通|中通|申通|韵达"),
    _Row(category="parcel_locker", key="office", values=("courier",)),
    _Row(category="parcel_locker", key="shop", values=("outpost",)),
    _Row(category="post_office", key="amenity", values=("post_office",)),
    # Public services.
    _Row(category="police_station", key="amenity", values=("police",), not_named=r"交警|交通警察|交通支队|交通大队"),
    _Row(category="public_toilet", key="amenity", values=("toilets",), public=True),
    _Row(category="recycling_point", key="amenity", values=("recycling", "waste_disposal"), public=True),
    # Sports and green. Pitches are told apart by size, in `_pitch`.
    _Row(category="fitness_ground", key="leisure", values=("fitness_station",), public=True),
    _Row(category="sports_centre", key="leisure", values=("sports_centre", "sports_hall", "stadium"), public=True),
    _Row(category="park", key="leisure", values=("park",), public=True),
    # Transport. A stop position is where the vehicle stops; see the reader for stops that have no other node.
    _Row(category="bus_stop", key="highway", values=("bus_stop",)),
    _Row(category="bus_stop", key="amenity", values=("bus_station",)),
    _Row(category="bus_stop", key="public_transport", values=("platform", "station"), also={"bus": ("yes",)}),
    _Row(category="metro_station", key="railway", values=("subway_entrance",)),
    _Row(category="metro_station", key="railway", values=("station",), also={"station": ("subway", "light_rail", "monorail")}),
    _Row(category="metro_station", key="railway", values=("station",), also={"subway": ("yes",)}),
    _Row(category="metro_station", key="public_transport", values=("station",), also={"subway": ("yes",)}),
)  # fmt: skip

_KEYS: Final = tuple(dict.fromkeys(row.key for row in _TABLE))
_ASKED: Final = frozenset((*_KEYS, "leisure", "amenity"))
# The lines for a tag, by their position: almost everything in a file has none of these tags.
_LINES: Final = {
    (row.key, value): tuple(
        n for n, other in enumerate(_TABLE) if other.key == row.key and value in other.values
    )
    for row in _TABLE
    for value in row.values
}

# GB 50180-2018, appendix C: a small ball ground covers 770-1,310 m2, a medium one 1,310-2,460 m2 (figures
# from memory, cross-checked with local guides in the standards table).
_MEDIUM_PITCH_M2: Final = 1310.0
_BALL_SPORTS: Final = (
    "basketball", "soccer", "football", "volleyball", "badminton", "tennis", "handball", "futsal", "multi",
    "gateball", "hockey", "field_hockey", "beachvolleyball",
)  # fmt: skip
_PRIMARY: Final = re.compile(r"小学|附小|(?i:primary school|elementary)")
_MIDDLE: Final = re.compile(r"中学|初中|初级中学|附中|(?i:middle school|secondary school)")
_BOTH: Final = re.compile(r"九年|一贯制")
_HIGH: Final = re.compile(r"高中|高级中学|职业|技工|(?i:high school|vocational)")


def facility_categories(tags: Tags, *, area_m2: float | None = None) -> tuple[str, ...]:
    """Return the categories of the life circle that a thing belongs to; empty when none is certain.

    Parameters
    ----------
    tags : mapping of str to str
        Its tags.
    area_m2 : float, optional
        Its area in square metres, which tells small ball grounds from medium ones.

    Returns
    -------
    tuple of str
        Ids of ``plan.categories``; two for a school of nine years, usually one.
    """
    if _ASKED.isdisjoint(tags):
        return ()
    name = " ".join(tags[key] for key in ("name", "name:zh", "name:en", "alt_name") if key in tags)
    if tags.get("amenity") == "school":
        return _school(tags, name)
    if tags.get("leisure") == "pitch":
        return _pitch(tags, area_m2)
    lines = sorted(line for key in _KEYS if key in tags for line in _LINES.get((key, tags[key]), ()))
    for line in lines:
        if _holds(_TABLE[line], tags, name):
            return (_TABLE[line].category,)
    return ()


def _holds(row: _Row, tags: Tags, name: str) -> bool:
    """Tell whether the rest of a line holds for a thing with its tag."""
    if row.public and tags.get("access") in ("private", "no"):
        return False
    if any(tags.get(key) not in values for key, values in row.also.items()):
        return False
    if row.named and not re.search(row.named, name):
        return False
    return not (row.not_named and re.search(row.not_named, name))


def _school(tags: Tags, name: str) -> tuple[str, ...]:
    """Tell primary schools from middle schools; a school whose kind is not said is neither."""
    levels = set(re.split(r"[;,\-\s]+", tags.get("isced:level", ""))) & {"1", "2"}
    # "第十九中学附属小学" is a primary school: what stands last in the name decides.
    primary, middle = _last(_PRIMARY, name), _last(_MIDDLE, name)
    if levels == {"1", "2"} or _BOTH.search(name):
        return ("primary_school", "middle_school")
    if levels:
        return ("primary_school",) if levels == {"1"} else ("middle_school",)
    if primary < 0 and (middle < 0 or _HIGH.search(name)):
        return ()
    return ("primary_school",) if primary > middle else ("middle_school",)


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=-1)


def _pitch(tags: Tags, area_m2: float | None) -> tuple[str, ...]:
    sports = re.split(r"\s*;\s*", tags.get("sport", ""))
    if tags.get("access") in ("private", "no") or not any(sport in _BALL_SPORTS for sport in sports):
        return ()
    return ("medium_sports_ground",) if (area_m2 or 0.0) >= _MEDIUM_PITCH_M2 else ("small_sports_ground",)


# What people go to, and furniture and vehicles' places that nobody asks about.
_POI_KEYS: Final = ("amenity", "shop", "leisure", "office", "healthcare", "social_facility")
_FURNITURE: Final = (
    "parking", "parking_space", "parking_entrance", "bicycle_parking", "motorcycle_parking", "bench",
    "waste_basket", "fountain", "atm", "vending_machine", "charging_station", "post_box", "telephone", "clock",
    "drinking_water", "shelter", "bicycle_rental", "taxi", "outdoor_seating", "garden", "bleachers", "grit_bin",
    "life_ring", "slipway", "playground",
)  # fmt: skip


def interest(tags: Tags) -> str | None:
    """Return ``key=value`` of a place that people go to, for counting what has no category; else None."""
    for key in _POI_KEYS:
        if key in tags:
            return None if tags[key] in _FURNITURE else f"{key}={tags[key]}"
    return None
