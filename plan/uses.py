"""What a room is used for, and the words that people write for it."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["ROOM_USES", "SERVICE_USES", "function_of", "functions_of"]

# What a room is used for. The community service rooms (社区配套用房) are those of SERVICE_USES; a room given
# over to day care, childcare or a clinic serves people too, but is not counted towards their area, so that
# a verdict never rests on counting it.
ROOM_USES: Final[dict[str, tuple[str, ...]]] = {
    "community_service": ("社区配套用房", "社区服务用房", "社区综合服务用房", "service", "community"),
    "service_window": ("一站式服务窗口", "服务窗口", "one_stop_window", "window"),
    "party_centre": ("党群服务中心", "party"),
    "office": ("社区办公用房", "办公用房", "community_office"),
    "activity": ("居民服务和活动场所", "文体活动室", "活动室", "activity_room", "cultural", "reading_room"),
    "elderly_day_care": ("日间照料室", "日间照料", "日间照料中心", "养老服务设施", "elderly", "elderly_care"),
    "childcare": ("托育", "四点半学校", "child", "nursery"),
    "clinic": ("卫生服务站", "理疗康复室", "health"),
    "fire_post": ("微型消防站",),
    "property_management": ("物业管理用房", "物业用房", "property"),
    "shop": ("商铺", "商业", "commercial", "retail"),
    "storage": ("储藏", "仓库", "杂物间", "vacant", "空置"),
    "dwelling": ("住宅", "住房", "residential"),
}
SERVICE_USES: Final = ("community_service", "service_window", "party_centre", "office", "activity")
_USE_OF: Final = {a.casefold(): use for use, aliases in ROOM_USES.items() for a in (use, *aliases)}
_BETWEEN: Final = re.compile(r"[;；、,，/|\n]")  # what people write between the functions of a room


def function_of(name: str) -> str:
    """Return the use that the name of a function means; other names as they are, in one case."""
    plain = name.strip().casefold()
    return _USE_OF.get(plain, plain)


def functions_of(text: str | None) -> frozenset[str] | None:
    """Return the functions that a room's text lists; None where it lists none."""
    if text is None:
        return None
    return frozenset(function_of(p) for p in _BETWEEN.split(text) if p.strip()) or None
