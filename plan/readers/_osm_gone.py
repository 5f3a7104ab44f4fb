"""What stands in OpenStreetMap but is not there for people: closed for good, not yet opened, not yet built, torn down.

A facility too many makes a neighbourhood look served that is not, and a path too many makes a walk look short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["formerly", "not_there", "ruin", "without_use"]

Tags = Mapping[str, str]

# https://wiki.openstreetmap.org/wiki/Lifecycle_prefix; each is also a key of its own, with yes.
_STANDING: Final = ("disused", "abandoned", "ruins", "construction")
_VANISHED: Final = ("demolished", "razed", "removed", "destroyed", "proposed", "planned")
_PREFIXES: Final = (*_STANDING, *_VANISHED, "was")
_SAID: Final = frozenset(("yes", "true", "1"))
_CLOSED: Final = ("off", "closed")
_DATES: Final = ("end_date", "opening_date")  # no longer; not yet
_NO_BUILDING_NOW: Final = ("proposed", "planned", "demolished", "razed", "removed", "destroyed")
_RUINS: Final = ("construction", "ruins", "collapsed", "abandoned", "disused")
# What people use: of what only stands, these keys mean nothing.
_OF_USE: Final = frozenset((
    "highway", "amenity", "shop", "office", "healthcare", "social_facility", "leisure", "public_transport",
    "railway", "vending", "entrance", "place",
))  # fmt: skip
_STRUCTURES: Final = frozenset(("building", "building:part", "barrier", "landuse", "natural"))
_ONCE: Final = frozenset(
    f"{prefix}:{key}"
    for prefix in _PREFIXES
    for key in ("highway", "building", "barrier", "amenity", "shop", "office", "healthcare", "leisure",
                "social_facility", "public_transport", "railway", "landuse")
)  # fmt: skip
_ASKED: Final = frozenset((*_STANDING, *_VANISHED, *_DATES, "opening_hours", "building"))


def not_there(tags: Tags) -> str | None:
    """Return the ``key=value`` by which something says that nobody can use it, now; None when nothing says so.

    Notes
    -----
    No clock is asked: what has an end or a day of opening cannot be told to be open, and is not.
    """
    if _ASKED.isdisjoint(tags):
        return None
    for key in (*_VANISHED, *_STANDING):
        if tags.get(key) in _SAID:
            return f"{key}={tags[key]}"
    for key in _DATES:
        if tags.get(key):
            return f"{key}={tags[key]}"
    if tags.get("building") in _NO_BUILDING_NOW:
        return f"building={tags['building']}"
    hours = tags.get("opening_hours", "").strip().casefold()
    return f"opening_hours={hours}" if hours in _CLOSED and "barrier" not in tags else None


def without_use(tags: Tags) -> dict[str, str]:
    """Return what is left of something that is not there: walls and outlines where they still stand, else nothing."""
    gone = any(tags.get(key) in _SAID for key in _VANISHED) or tags.get("building") in _NO_BUILDING_NOW
    away = _OF_USE | _STRUCTURES if gone or tags.get("end_date") else _OF_USE
    return {key: value for key, value in tags.items() if key not in away}


def ruin(tags: Tags) -> str | None:
    """Return the ``building=value`` of a building that stands, but that nobody can use; None for others."""
    value = tags.get("building")
    return f"building={value}" if value in _RUINS else None


def formerly(tags: Tags) -> str | None:
    """Return the key by which something says what it was or will be (``disused:amenity=kindergarten``); else None."""
    found = sorted(_ONCE & tags.keys())
    return f"{found[0]}={tags[found[0]]}" if found else None
