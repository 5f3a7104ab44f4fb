"""What the tags of OpenStreetMap mean for the layers of the contract: tables, and short functions over them.

Keys and values are those of https://wiki.openstreetmap.org/wiki/Map_features. Where a tag could mean
two things it is mapped to neither.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final, Literal

__all__ = [
    "BARRIER_KINDS",
    "COMMUNITY_LEVELS",
    "LIVED_IN",
    "OF_WAYS",
    "PASSABLE_POSTS",
    "Tags",
    "at_times",
    "barrier_kind",
    "building_name",
    "building_use",
    "community_level",
    "count",
    "date",
    "entrance_kind",
    "flag",
    "floors",
    "gate_access",
    "handrail",
    "is_square",
    "lettered",
    "level",
    "line_unread",
    "metres",
    "not_understood",
    "obstacle_kind",
    "open_space_kind",
    "opening_times",
    "post_for_wheels",
    "ramp",
    "slope",
    "stairwell",
    "storey_of_building",
    "walk_access",
    "walk_direction",
    "walk_kind",
    "way_details",
    "wheelchair",
    "who",
]

Tags = Mapping[str, str]

# --- numbers and times ----------------------------------------------------------------------------

_METRES: Final = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:m|米)?\s*$")
_FEET: Final = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:ft|feet|')\s*(?:(\d+(?:\.\d+)?)\s*(?:in|\"))?\s*$")
_FOOT_M: Final = 0.3048  # the international foot, exactly
_INCHES: Final = 12
_LEVELS: Final = re.compile(r"^\s*-?\d+(?:\.0+)?(?:\s*[;,-]\s*-?\d+)*\s*$")  # one, several or a range
_PERCENT: Final = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*%\s*$")
_ANGLE: Final = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*°\s*$")
_WHOLE: Final = re.compile(r"^\s*(-?\d+)(?:\.0+)?\s*$")
_DATE: Final = re.compile(r"^(?:1[89]|20)\d{2}(-\d{2}-\d{2})?$")
# Every day from one hour to another; a timetable with weekdays or breaks is more than two columns can hold.
_EVERY_DAY: Final = re.compile(r"^(?:Mo-Su(?:,\s*PH)?\s+)?(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\s*$")


def floors(text: str | None) -> int | None:
    """Return a number of floors of at least 1, or None for what is not one (``六``, ``6;7``, ``3.5``, ``0``)."""
    match = _WHOLE.match(text or "")
    return int(match[1]) if match and int(match[1]) >= 1 else None


def whole(text: str | None) -> int | None:
    """Return a whole number, or None."""
    match = _WHOLE.match(text or "")
    return int(match[1]) if match else None


def count(text: str | None) -> int | None:
    """Return a number of things (lanes, basements), or None."""
    number = whole(text)
    return number if number is not None and number >= 0 else None


def metres(text: str | None) -> float | None:
    """Return a length in metres (``12``, ``12.5 m``, ``40 ft``, ``5'6"``), or None for what is no length."""
    if match := _FEET.match(text or ""):
        return round((float(match[1]) + float(match[2] or 0) / _INCHES) * _FOOT_M, 3)
    match = _METRES.match(text or "")
    return float(match[1]) if match else None


def slope(text: str | None) -> float | None:
    """Return rise over run of ``incline`` (``8%``, ``5°``); None for ``up`` and ``down``, which have no size."""
    if match := _PERCENT.match(text or ""):
        return float(match[1]) / 100
    if match := _ANGLE.match(text or ""):
        degrees = float(match[1])
        return math.tan(math.radians(degrees)) if abs(degrees) < 90 else None  # noqa: PLR2004 - a right angle
    return None


def level(tags: Tags) -> int | None:
    """Return the storey of a way: ``level``, else ``layer``; None for several at once (an elevator, a ramp).

    A bridge or a tunnel that says neither lies one storey above or below the ground. A passage through a
    building does not leave the ground.
    """
    if "level" in tags or "layer" in tags:
        return whole(tags["level"] if "level" in tags else tags["layer"])
    if tags.get("bridge", "no") != "no":
        return 1
    return -1 if tags.get("tunnel") == "yes" or tags.get("location") == "underground" else None


def date(text: str | None) -> str | None:
    """Return a year or an ISO date; None for ``~1988``, ``C19`` and other guesses."""
    return text if text is not None and _DATE.match(text) else None


def flag(text: str | None) -> bool | None:
    """Return yes or no, or None."""
    return {"yes": True, "no": False}.get(text or "")


def opening_times(text: str | None) -> tuple[str | None, str | None]:
    """Return when something opens and closes every day, or (None, None) when it is more complicated."""
    if (text or "").strip() == "24/7":
        return "00:00", "24:00"
    match = _EVERY_DAY.match((text or "").strip())
    return (match[1], match[2]) if match else (None, None)


# --- buildings ------------------------------------------------------------------------------------

# Not buildings that anyone lives or works in, and nothing that a path could not pass under.
_NO_BUILDING: Final = ("no", "roof", "entrance")
# What a building is used for when building=yes does not say; in this order.
_USE_KEYS: Final = ("building:use", "amenity", "office", "healthcare", "tourism", "leisure", "industrial")


# Uses of buildings whose doors lead to dwellings.
LIVED_IN: Final = (
    "apartments",
    "residential",
    "dormitory",
    "terrace",
    "house",
    "detached",
    "semidetached_house",
)


def building_use(tags: Tags) -> tuple[bool, str | None]:
    """Tell whether something is a building, and its use; None when only ``building=yes`` is known."""
    value = tags.get("building")
    if value is None or value in _NO_BUILDING:
        return False, None
    if value != "yes":
        return True, value
    for key in _USE_KEYS:
        if key in tags:
            return True, tags[key]
    return True, "retail" if "shop" in tags else None


# ``admin_level`` of what lies below the sub-district (街道, 8); 10 in China.
COMMUNITY_LEVELS: Final = (9, 10, 11)


def community_level(tags: Tags) -> int | None:
    """Return the ``admin_level`` of a boundary below the sub-district (街道, 8), or None."""
    if tags.get("boundary") != "administrative" or "name" not in tags:
        return None
    said = whole(tags.get("admin_level"))
    return said if said in COMMUNITY_LEVELS else None


def building_name(tags: Tags) -> str | None:
    """Return what people call a building: its name, else the number on its door."""
    for key in ("name", "name:zh", "addr:housename", "addr:housenumber", "ref"):
        if tags.get(key):
            return tags[key]
    return None


# --- entrances and barriers -----------------------------------------------------------------------

# Gates in a wall or across a way: someone may stop you here.
_GATES: Final = (
    "gate", "lift_gate", "swing_gate", "sliding_gate", "wicket_gate", "kissing_gate", "entrance", "turnstile",
    "full-height_turnstile", "sally_port", "checkpoint",
)  # fmt: skip
# Posts that stop cars, not people. In a wall they mark an opening.
PASSABLE_POSTS: Final = (
    "bollard", "block", "cycle_barrier", "stile", "step", "jersey_barrier", "planter", "kerb", "chain", "rope",
    "height_restrictor", "bus_trap", "toll_booth", "horse_stile", "motorcycle_barrier", "cattle_grid",
)  # fmt: skip
# Walls and posts that mean nothing to a map of people on foot: they step over, round or through.
_NO_MATTER: Final = ("log", "tyres", "debris", "handrail")
# Of these, what wheels may not get over or through. No layer holds them; they are told.
_STOPS_WHEELS: Final = (
    "kerb", "chain", "rope", "stile", "step", "cycle_barrier", "kissing_gate", "turnstile", "full-height_turnstile",
    "horse_stile", "motorcycle_barrier", "cattle_grid", "log", "debris", "tyres",
)  # fmt: skip
_LOW_KERBS: Final = ("lowered", "flush", "no", "rolled")
# Doors that nobody comes in by.
_NO_ENTRANCE: Final = ("no", "exit", "emergency", "garage")
BARRIER_KINDS: Final[Mapping[str, str]] = {
    "wall": "wall",
    "city_wall": "wall",
    "retaining_wall": "wall",
    "fence": "fence",
    "guard_rail": "fence",
    "railing": "fence",
    "cable_barrier": "fence",
    "jersey_barrier": "fence",  # as a line; a single one is a post
    "hedge": "hedge",
}


def barrier_kind(tags: Tags) -> str | None:
    """Return the kind of a line that nobody walks through, or None."""
    return BARRIER_KINDS.get(tags.get("barrier", ""))


def post_for_wheels(tags: Tags) -> str | None:
    """Return ``barrier=value`` of a post at which a wheelchair or a pram may have to turn round; else None."""
    barrier = tags.get("barrier")
    if barrier not in _STOPS_WHEELS or tags.get("wheelchair") in ("yes", "designated"):
        return None
    return None if barrier == "kerb" and tags.get("kerb") in _LOW_KERBS else f"barrier={barrier}"


def line_unread(tags: Tags) -> str | None:
    """Return ``barrier=value`` of a line that is known, but is no wall to people on foot (a kerb, a row of bollards)."""
    barrier = tags.get("barrier")
    known = barrier in PASSABLE_POSTS or barrier in _NO_MATTER
    return f"barrier={barrier}" if known and barrier not in BARRIER_KINDS else None


def at_times(tags: Tags) -> bool:
    """Tell whether a way or gate can be passed at certain times only, in words that no column holds."""
    return "access:conditional" in tags or "foot:conditional" in tags


_ENTRANCES: Final = ("yes", "main", "home", "staircase", "service", "secondary", "house", "shop", "entrance")
# What people write on the door of a stairwell.
_UNIT: Final = re.compile(
    r"\s*第?([0-9A-Za-z一二三四五六七八九十甲乙丙丁东西南北]{1,3})\s*(?:单元|梯)(?:门|入口)?\s*"
)
_SHORT: Final = re.compile(r"[0-9A-Za-z]{1,2}")


def entrance_kind(tags: Tags) -> Literal["gate", "door", "stairwell"] | None:
    """Return the kind of an entrance at a node, or None when it is none."""
    if tags.get("barrier") in _GATES:
        return "gate"
    entrance = tags.get("entrance", "yes" if tags.get("building") == "entrance" else "no")
    if entrance in _NO_ENTRANCE:
        return None
    return "stairwell" if entrance == "staircase" or stairwell(tags) is not None else "door"


def stairwell(tags: Tags) -> str | None:
    """Return the stairwell that a door leads to, as the door says it: its unit, or the flats that it leads to."""
    if "addr:unit" in tags:
        return tags["addr:unit"]
    for key in ("ref", "name"):
        if match := _UNIT.fullmatch(tags.get(key, "")):
            return match[1]
    if tags.get("entrance") == "staircase" and "ref" in tags:
        return tags["ref"]
    return tags.get("addr:flats")


def lettered(tags: Tags) -> str | None:
    """Return the short ``ref`` of a door, which is that of a stairwell where people live behind it."""
    match = _SHORT.fullmatch(tags.get("ref", ""))
    return match[0] if match else None


def gate_access(tags: Tags) -> str | None:
    """Return who may walk through a gate or door; None when nothing is said, or nothing that is understood."""
    said = who(tags.get("foot", tags.get("access")))
    if tags.get("opening_hours", "").strip().casefold() in ("off", "closed"):
        return "no"
    return "private" if said is None and tags.get("locked") == "yes" else said


# Who may pass, https://wiki.openstreetmap.org/wiki/Key:access, in the words of the contract.
_WHO: Final[Mapping[str, str]] = {
    **{value: value for value in ("yes", "designated", "permissive", "official", "private", "residents",
                                  "customers", "destination", "no", "use_sidepath", "discouraged", "delivery",
                                  "emergency", "agricultural", "forestry")},
    # Who needs leave is let in as residents are.
    **dict.fromkeys(("permit", "employees", "staff", "members", "students", "key"), "private"),
    "military": "no",
}  # fmt: skip


def who(said: str | None) -> str | None:
    """Return who may pass in the words of the contract; None for what is not said or not understood."""
    return None if said is None else _WHO.get(said)


# Which homes there are: lists and ranges such as 1-12;15 (addr:flats), or how many (building:flats). Nobody says on which
# storey each is or who lives there, and no household is made of them.
HOMES: Final = ("addr:flats", "building:flats")
_SAID: Final = frozenset(("barrier", "entrance", "foot", "access", "indoor", "level", *HOMES))


def not_understood(tags: Tags) -> list[str]:
    """Return ``key=value`` of what a thing says about passing it that these tables do not know, and of its homes."""
    found: list[str] = []
    if _SAID.isdisjoint(tags):
        return found
    barrier = tags.get("barrier")
    if barrier is not None and not (
        barrier in _GATES or barrier in PASSABLE_POSTS or barrier in BARRIER_KINDS or barrier in _NO_MATTER
    ):
        found.append(f"barrier={barrier}")
    if "entrance" in tags and tags["entrance"] not in (*_ENTRANCES, *_NO_ENTRANCE):
        found.append(f"entrance={tags['entrance']}")
    if barrier is not None or "entrance" in tags or "highway" in tags:
        found += [f"{key}={tags[key]}" for key in ("foot", "access") if key in tags and tags[key] not in _WHO]
    if "highway" in tags and "level" in tags and not _LEVELS.match(tags["level"]):
        found.append(f"level={tags['level']}")
    if "indoor" in tags and not any(key in tags for key in ("highway", "building")):
        found.append(f"indoor={tags['indoor']}")
    return found + [f"{key}={tags[key]}" for key in HOMES if key in tags]


# --- walkways -------------------------------------------------------------------------------------

_PATHS: Final = ("footway", "path", "pedestrian", "cycleway", "track", "bridleway", "platform")
_STREETS: Final = (
    "service", "residential", "living_street", "unclassified", "road", "busway",
    "tertiary", "tertiary_link", "secondary", "secondary_link", "primary", "primary_link",
    "trunk", "trunk_link", "motorway", "motorway_link",
)  # fmt: skip
_CROSSING_KEYS: Final = ("footway", "path", "cycleway", "pedestrian")
_INVITED: Final = ("yes", "designated", "permissive", "official")
_FORBIDDEN: Final = ("no", "use_sidepath")
_SIDEWALKS: Final = ("both", "left", "right", "yes")  # beside the cars there is room for people


def walk_kind(tags: Tags) -> Literal["street", "path", "steps", "crossing", "elevator", "corridor"] | None:
    """Return the kind of a way that people could walk on, or None (rails, building sites, racetracks)."""
    highway = tags.get("highway", "")
    if highway == "steps":
        return "steps"
    if highway == "elevator":
        return "elevator"
    if highway == "corridor":
        return "corridor"
    if highway in _PATHS:
        return "crossing" if any(tags.get(key) == "crossing" for key in _CROSSING_KEYS) else "path"
    return "street" if highway in _STREETS else None


def walk_access(tags: Tags) -> tuple[bool, str | None]:
    """Tell whether people on foot may use a way, and what is said about it.

    Private ways are kept: residents use them, and a gated estate is nothing but private ways.
    Motorways need an explicit invitation.
    """
    foot, access = who(tags.get("foot")), who(tags.get("access"))
    if foot is not None:
        return foot not in _FORBIDDEN, None if foot in _INVITED else foot
    motors_only = tags.get("highway") in ("motorway", "motorway_link", "busway") or (
        tags.get("motorroad") == "yes" and tags.get("sidewalk") not in _SIDEWALKS
    )
    if motors_only or access in _FORBIDDEN:
        return False, access
    return True, None if access in _INVITED else access


def walk_direction(tags: Tags) -> Literal[-1, 0, 1]:
    """Return 1 or -1 for a way that people walk in one direction only, along or against its drawing.

    Only ``oneway:foot`` and a moving staircase (``conveying``) bind people on foot; ``oneway`` is for cars.
    """
    said = tags.get("oneway:foot") or {"forward": "yes", "backward": "-1"}.get(tags.get("conveying", ""), "")
    if tags.get("foot:backward") == "no" or said in ("yes", "1", "true"):
        return 1
    return -1 if tags.get("foot:forward") == "no" or said in ("-1", "reverse") else 0


def ramp(tags: Tags) -> Literal["wheelchair", "stroller", "none"] | None:
    """Return for whom a ramp lies on steps; None when nothing is said, or only that there is some ramp.

    A ramp that is drawn as a way of its own (``separate``) is not one of the steps.
    """
    if tags.get("highway") != "steps":
        return None
    if tags.get("ramp:wheelchair") == "yes" or tags.get("wheelchair") in ("yes", "designated"):
        return "wheelchair"
    if tags.get("ramp:stroller") == "yes":
        return "stroller"
    return "none" if tags.get("ramp", tags.get("ramp:wheelchair")) in ("no", "separate") else None


def wheelchair(tags: Tags) -> bool | None:
    """Return whether a wheelchair can take a way; None when nothing is said, or ``limited``."""
    return {"yes": True, "designated": True, "no": False}.get(tags.get("wheelchair", ""))


def handrail(tags: Tags) -> bool | None:
    """Return whether steps have a handrail on any side; None when nothing is said."""
    said = [
        tags[key] for key in ("handrail", "handrail:left", "handrail:right", "handrail:center") if key in tags
    ]
    return None if not said else any(value not in ("no", "none") for value in said)


# Keys that say more of a way than who may walk on it.
OF_WAYS: Final = frozenset((
    "step_count", "handrail", "handrail:left", "handrail:right", "handrail:center", "ramp", "ramp:wheelchair",
    "ramp:stroller", "wheelchair", "lit", "surface", "covered", "tunnel", "indoor",
))  # fmt: skip


def way_details(tags: Tags) -> dict[str, object]:
    """Return the columns of a way that say what it is like to walk on; None for what is not said."""
    return {
        "step_count": count(tags.get("step_count")),
        "handrail": handrail(tags),
        "ramp": ramp(tags),
        "wheelchair": wheelchair(tags),
        "lit": flag(tags.get("lit")),
        "surface": tags.get("surface"),
        "covered": True if _under_a_roof(tags) else None,
    }


def _under_a_roof(tags: Tags) -> bool:
    """Tell whether a way lies under or in a building by its own account, so that no wall stops it."""
    return any(tags.get(key, "no") != "no" for key in ("covered", "tunnel", "indoor"))


def storey_of_building(tags: Tags) -> int | None:
    """Return on which layer a building lies that does not stand on the ground: a station below it, a bridge; else None."""
    at = level({key: value for key, value in tags.items() if key != "level"})
    if not at and (count(tags.get("building:min_level")) or 0) > 0:
        return 1
    return at or None


def is_square(tags: Tags) -> bool:
    """Tell whether people walk across an outline, and not only along it."""
    return tags.get("area") == "yes" and tags.get("highway") in ("pedestrian", "footway", "path", "platform")


# --- open spaces and obstacles --------------------------------------------------------------------


def open_space_kind(tags: Tags) -> Literal["square", "playground", "pitch"] | None:
    """Return the kind of an open space, or None."""
    if tags.get("place") == "square" or (tags.get("highway") == "pedestrian" and tags.get("area") == "yes"):
        return "square"
    return {"playground": "playground", "pitch": "pitch"}.get(tags.get("leisure", ""))  # type: ignore[return-value]


_GREEN: Final = {
    "landuse": ("grass", "meadow", "flowerbed", "forest", "village_green", "plant_nursery", "orchard"),
    "leisure": ("garden",),
    "natural": ("wood", "scrub", "grassland", "heath", "shrubbery"),
}


def obstacle_kind(tags: Tags) -> Literal["tree", "green", "water"] | None:
    """Return what stands where a car or a room cannot, or None."""
    if tags.get("natural") in ("tree", "water"):
        return "tree" if tags["natural"] == "tree" else "water"
    return "green" if any(tags.get(key) in values for key, values in _GREEN.items()) else None
