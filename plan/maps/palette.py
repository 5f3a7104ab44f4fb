"""Colours and symbols of the hearing map.

Colours follow Okabe and Ito, who chose eight that people with any kind of colour blindness
can tell apart; and nothing is said by colour alone: a status has a symbol, a facility a
character, a room a letter of its state.

References
----------
M. Okabe and K. Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

from typing import Any, Final

from plan.findings import Status

__all__ = [
    "GROUP_OF",
    "GROUP_STYLES",
    "ISOCHRONES",
    "ORDER",
    "REACHED",
    "SAVED",
    "STATUS_STYLES",
    "STYLES",
    "THEME",
    "Style",
]

# Keys of a style, short because they are written into the page: c stroke colour, w stroke
# width [px], mw stroke width [m on the ground], f fill colour, o fill opacity, d dashes [px],
# r radius of a symbol [px], s its shape, t colour of its character, so stroke opacity, ao fill opacity of an
# area that also has a symbol.
Style = dict[str, Any]

BLACK: Final = "#1a1a1a"
ORANGE: Final = "#E69F00"
SKY: Final = "#56B4E9"
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
GREY: Final = "#6b6b6b"

# From the ground up: what is later is drawn over what is earlier.
ORDER: Final = (
    "parcels",
    "open_spaces",
    "obstacles",
    "isochrones",
    "blind_spots",
    "walkways",
    "fire_lanes",
    "aisles",
    "fire_access",
    "removed",
    "stalls",
    "buildings",
    "elevators",
    "grids",  # borders run along the middle of streets: under these nobody would see them
    "communities",
    "saved",
    "barriers",
    "entrances",
    "facilities",
    "remarks",
    "rooms",
    "proposals",
    "best_sites",
    "pinches",
    "findings",
)

STYLES: Final[dict[str, dict[str, Style]]] = {
    "parcels": {
        "existing": {"c": "#7a4a00", "w": 3, "d": "14 5 3 5", "f": "#f4eee2", "o": 0.9},
        "new": {"c": VERMILLION, "w": 3, "d": "14 5 3 5", "f": "#fbeee4", "o": 0.9},
        "other": {"c": "#7a4a00", "w": 2.5, "d": "14 5 3 5", "f": "#f4eee2", "o": 0.9},
    },
    "communities": {"other": {"c": "#5b3a8c", "w": 4, "d": "18 8", "f": "#5b3a8c", "o": 0.0}},
    "grids": {"other": {"c": "#0b5c62", "w": 2.5, "d": "7 4", "f": "#0b5c62", "o": 0.0}},
    "open_spaces": {"other": {"c": "#b9ad7a", "w": 1, "f": "#efe6b8", "o": 1.0}},
    "obstacles": {
        "green": {"c": "#8fbf8a", "w": 1, "f": "#cfe8c6", "o": 1.0},
        "water": {"c": "#6fa8c9", "w": 1, "f": "#b7dcee", "o": 1.0},
        "tree": {"c": "#4d8f57", "w": 1, "f": "#8cc48a", "o": 0.85, "r": 3, "s": "dot"},
        "shed": {"c": "#8a6d4b", "w": 1, "f": "#c9a97e", "o": 1.0, "r": 3, "s": "dot"},
        "pole": {"c": BLACK, "w": 1, "f": "#555555", "o": 1.0, "r": 2.5, "s": "dot"},
        "other": {"c": GREY, "w": 1, "f": "#bdbdbd", "o": 0.9, "r": 2.5, "s": "dot"},
    },
    "walkways": {
        "street": {"c": "#c4c4c4", "w": 3, "mw": 7},
        "path": {"c": "#a87b3e", "w": 1.6, "d": "6 3"},
        "steps": {"c": "#7b3f00", "w": 5, "d": "2 3"},
        "crossing": {"c": "#444444", "w": 5, "d": "3 4"},
        "elevator": {"c": PURPLE, "w": 5},
        "corridor": {"c": "#8c6bb1", "w": 3, "d": "8 4"},
        "other": {"c": "#b0b0b0", "w": 2},
    },
    "fire_lanes": {"other": {"c": "#e31a1c", "w": 3, "mw": 4, "so": 0.24, "f": "#e31a1c", "o": 0.24}},
    "aisles": {"other": {"c": "#5b6268", "w": 1.4, "d": "7 5", "f": "#d9dcdf", "o": 0.5}},
    # Green with a solid rim, red with a broken one: the two are told apart in grey, too.
    "fire_access": {
        "reachable": {"c": "#00755a", "w": 1.2, "f": "#00755a", "o": 0.3},
        "too_narrow": {"c": "#a50f15", "w": 2.2, "d": "5 4", "f": "#a50f15", "o": 0.55},
    },
    "pinches": {
        "curable": {"c": BLACK, "w": 2, "f": "#F0E442", "o": 1.0, "r": 11, "s": "circle", "t": BLACK},
        "for_good": {"c": BLACK, "w": 2, "f": "#a50f15", "o": 1.0, "r": 11, "s": "circle", "t": "#ffffff"},
    },
    "stalls": {
        "existing": {"c": "#4a6f8f", "w": 1.2, "f": "#dbe8f2", "o": 1.0},
        "proposed": {"c": BLUE, "w": 1.8, "f": SKY, "o": 0.8},
        "underground": {"c": "#4a6f8f", "w": 0.8, "d": "3 2", "f": "#dbe8f2", "o": 0.15},
        "other": {"c": "#4a6f8f", "w": 1.2, "f": "#dbe8f2", "o": 1.0},
    },
    # Those that are drawn, by their state; those proposed, by their verdict.
    "elevators": {
        "existing": {"c": "#3b3b7a", "w": 1.4, "f": "#c9c9ea", "o": 1.0},
        "proposed": {"c": BLUE, "w": 1.8, "f": SKY, "o": 0.8},
        "other": {"c": "#3b3b7a", "w": 1.4, "f": "#c9c9ea", "o": 0.6},
        "feasible": {"c": BLUE, "w": 2.0, "f": SKY, "o": 0.6},
        "conditional": {"c": ORANGE, "w": 2.0, "d": "5 3", "f": ORANGE, "o": 0.45},
        "infeasible": {"c": "#8c2d04", "w": 1.6, "d": "2 3", "f": "#8c2d04", "o": 0.6},
        "unknown": {"c": GREY, "w": 1.6, "d": "2 3", "f": "#cccccc", "o": 0.3},
    },
    # What was there before: broken outlines, almost without fill.
    "removed": {
        "stall": {"c": "#4a6f8f", "w": 1.2, "d": "3 3", "f": "#ffffff", "o": 0.1},
        "shed": {"c": VERMILLION, "w": 1.6, "d": "4 3", "f": VERMILLION, "o": 0.16},
        "tree": {"c": "#2f6b37", "w": 1.6, "d": "3 3", "f": "#8cc48a", "o": 0.16, "r": 4, "s": "dot"},
        "green": {"c": "#2f6b37", "w": 1.6, "d": "3 3", "f": "#cfe8c6", "o": 0.3},
    },
    "blind_spots": {"other": {"c": "#7a1f5c", "w": 2.5, "d": "7 5", "f": PURPLE, "o": 0.32}},
    "best_sites": {
        "other": {"c": "#ffffff", "w": 2.5, "f": BLACK, "o": 1.0, "r": 15, "s": "circle", "t": "#F0E442"}
    },
    "buildings": {"other": {"c": "#5f574d", "w": 1.3, "f": "#cfc6b8", "o": 1.0}},
    "barriers": {
        "wall": {"c": "#3b2a1a", "w": 3.5},
        "fence": {"c": "#3b2a1a", "w": 2.5, "d": "8 4"},
        "hedge": {"c": "#3f7d3a", "w": 4, "d": "3 3"},
        "other": {"c": "#3b2a1a", "w": 2.5, "d": "2 4"},
    },
    "entrances": {
        "gate": {"c": "#ffffff", "w": 2, "f": BLACK, "o": 1.0, "r": 12, "s": "square", "t": "#ffffff"},
        "stairwell": {"c": "#ffffff", "w": 1, "f": BLACK, "o": 1.0, "r": 3.2, "s": "dot"},
        "door": {"c": "#ffffff", "w": 1, "f": "#555555", "o": 1.0, "r": 3.2, "s": "dot"},
        "other": {"c": "#ffffff", "w": 1, "f": "#555555", "o": 1.0, "r": 3.2, "s": "dot"},
    },
    "remarks": {
        "other": {"c": BLACK, "w": 1.5, "f": "#F0E442", "o": 1.0, "r": 8, "s": "triangle", "t": BLACK}
    },
    "rooms": {
        "placed": {"c": BLACK, "w": 2.5, "f": "#A3246B", "o": 1.0, "r": 15, "s": "square", "t": "#ffffff"},
        "existing": {"c": "#ffffff", "w": 2, "f": BLUE, "o": 1.0, "r": 12, "s": "square", "t": "#ffffff"},
        "planned": {"c": BLUE, "w": 2, "f": SKY, "o": 1.0, "r": 12, "s": "square", "t": BLACK},
        "candidate": {
            "c": BLUE,
            "w": 2,
            "d": "4 3",
            "f": "#ffffff",
            "o": 1.0,
            "r": 11,
            "s": "square",
            "t": BLUE,
        },
        "rejected": {"c": GREY, "w": 1.5, "f": "#c4c4c4", "o": 1.0, "r": 9, "s": "square", "t": "#333333"},
        "other": {"c": "#ffffff", "w": 2, "f": BLUE, "o": 1.0, "r": 12, "s": "square", "t": "#ffffff"},
    },
    "proposals": {
        "placed": {
            "c": "#A3246B",
            "w": 2.5,
            "f": "#A3246B",
            "o": 0.35,
            "r": 10,
            "s": "square",
            "t": "#ffffff",
        },
        "rejected": {
            "c": GREY,
            "w": 1.5,
            "d": "4 3",
            "f": "#e6e6e6",
            "o": 0.7,
            "r": 8,
            "s": "square",
            "t": "#444444",
        },
    },
}

# No fill: a finding about a whole parcel must not cover, nor catch clicks on, what lies in it.
_BADGE: Final = {"w": 3, "o": 1.0, "ao": 0, "r": 14, "s": "badge", "t": "#ffffff"}
STATUS_STYLES: Final[dict[Status, Style]] = {
    Status.NOT_MET: {**_BADGE, "c": VERMILLION, "f": VERMILLION},
    Status.UNDETERMINED: {**_BADGE, "c": "#a86f00", "f": ORANGE, "t": BLACK, "d": "8 5"},
    Status.MET: {**_BADGE, "c": "#00755a", "f": "#00755a"},
    Status.NOT_APPLICABLE: {**_BADGE, "c": GREY, "f": "#a3a3a3", "t": BLACK, "d": "2 5"},
}

_SYMBOL: Final = {"c": "#ffffff", "w": 1.6, "o": 1.0, "r": 11, "s": "circle", "t": "#ffffff"}
GROUP_STYLES: Final[dict[str, Style]] = {
    "community": {**_SYMBOL, "f": "#4b2e83"},
    "care": {**_SYMBOL, "f": "#b03a78"},
    "education": {**_SYMBOL, "f": "#9c3f00"},
    "sport": {**_SYMBOL, "f": "#00755a"},
    "commerce": {**_SYMBOL, "f": "#F0B429", "t": BLACK, "c": BLACK},
    "transport": {**_SYMBOL, "f": "#35627f"},
    "other": {**_SYMBOL, "f": "#555555"},
}
_GROUPS: Final = {
    "community": (
        "community_station",
        "cultural_station",
        "street_centre",
        "cultural_centre",
        "police_station",
    ),
    "care": ("elderly_day_care", "clinic", "pharmacy", "health_centre", "nursing_home", "hospital"),
    "education": ("kindergarten", "nursery", "primary_school", "middle_school"),
    "sport": ("fitness_ground", "small_sports_ground", "medium_sports_ground", "sports_centre", "park"),
    "commerce": (
        "convenience_store",
        "market",
        "shopping",
        "restaurant",
        "bank",
        "post_office",
        "parcel_locker",
    ),
    "transport": ("public_toilet", "recycling_point", "bus_stop", "metro_station"),
}
GROUP_OF: Final = {category: group for group, members in _GROUPS.items() for category in members}

# From near to far, dark to light: ordered in grey print too.
ISOCHRONES: Final = ("#08519c", "#4292c6", "#9ecae1", "#c6dbef", "#deebf7")
# Buildings coloured by minutes: near to far, then out of reach.
THEME: Final = ("#08519c", "#4292c6", "#9ecae1", VERMILLION, "#eeeeee")
# Buildings within the minutes that a reader sets, those that are not, and those of which nobody knows.
REACHED: Final = ("#08519c", VERMILLION, "#eeeeee")
# Buildings coloured by minutes that a proposal saves: nothing to much, light to dark.
SAVED: Final = ("#eeeeee", "#d9f0a3", "#78c679", "#238443", "#004529")
