"""Colours that must be told apart stay apart for people with any kind of colour blindness."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from plan.maps.palette import (
    GROUP_STYLES,
    REACHED,
    STATUS_STYLES,
    STYLES,
    THEME,
)
from plan.maps.words import Words

# Simulation in linear RGB at full severity: G. M. Machado, M. M. Oliveira and L. A. F. Fernandes, A Physiologically-based
# Model for Simulation of Color Vision Deficiency, IEEE Trans. Visualization and Computer Graphics 15 (2009), table 1.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
WHITE = np.array([0.95047, 1.0, 1.08883])  # D65
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)  # sRGB, IEC 61966-2-1


def seen(colour: str, sight: str) -> np.ndarray:
    """Return L*, a*, b* of a colour as a kind of sight sees it."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(SIGHTS[sight] @ linear, 0, 1) / WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return CIEDE2000, after G. Sharma, W. Wu and E. N. Dalal, Color Research & Application 30 (2005), 21-30."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    d_l, d_c, d_h = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    if c1 * c2 == 0:
        h = h1 + h2
    else:
        h = (h1 + h2) / 2 if abs(h1 - h2) <= 180 else (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(h - 30))
        + 0.24 * np.cos(np.radians(2 * h))
        + 0.32 * np.cos(np.radians(3 * h + 6))
        - 0.20 * np.cos(np.radians(4 * h - 63))
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    spin = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    spin *= np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2))))
    c, s = d_c / s_c, d_h / s_h
    return float(np.sqrt((d_l / s_l) ** 2 + c**2 + s**2 + spin * c * s))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # of the test data of Sharma, Wu and Dalal
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (50.0, 3.2592, 0.3350), 1.0),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
        ((50.0, -1.0, 2.0), (50.0, 0.0, 0.0), 2.3669),
    ],
)
def test_the_difference_is_the_published_one(
    one: tuple[float, ...], other: tuple[float, ...], expected: float
) -> None:
    assert difference(np.array(one), np.array(other)) == pytest.approx(expected, abs=1e-4)


def over(style: dict[str, object], ground: str = "#f4eee2") -> str:
    """Return the colour of an area as it looks over the ground of an estate."""
    top = [int(str(style["f"])[i : i + 2], 16) for i in (1, 3, 5)]
    under = [int(ground[i : i + 2], 16) for i in (1, 3, 5)]
    part = float(str(style.get("o", 0.3)))
    return "#" + "".join(f"{round(part * a + (1 - part) * b):02x}" for a, b in zip(top, under, strict=True))


STALLS, ELEVATORS, ROOMS = STYLES["stalls"], STYLES["elevators"], STYLES["rooms"]
SETS = {
    "status": {s: style["f"] for s, style in STATUS_STYLES.items()},
    "within so many minutes": dict(zip(("reached", "missed", "unknown"), REACHED, strict=True)),
    "bands of minutes": dict(enumerate(THEME)),
    "stalls": {"existing": over(STALLS["existing"]), "proposed": over(STALLS["proposed"])},
    "elevators": {v: over(ELEVATORS[v]) for v in ("feasible", "conditional", "infeasible")},
    "rooms": {state: ROOMS[state]["f"] for state in ("placed", "existing", "candidate", "rejected")},
    "fire access": {s: over(style) for s, style in STYLES["fire_access"].items()},
}
# Two colours side by side are told apart from about 2.3 (one just noticeable difference); a map is read from afar.
LEAST = 10.0


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", SETS)
def test_colours_are_told_apart_with_any_sight(name: str, sight: str) -> None:
    near = {
        (str(a), str(b)): round(difference(seen(x, sight), seen(y, sight)), 1)
        for (a, x), (b, y) in combinations(SETS[name].items(), 2)
    }
    assert {pair: value for pair, value in near.items() if value < LEAST} == {}


def test_a_status_has_a_sign_and_a_shape_of_its_own() -> None:
    words = Words(lang="zh")
    signs = [words.text(f"symbol.{status}") for status in STATUS_STYLES]
    assert len(set(signs)) == len(signs)
    others = [s for styles in STYLES.values() for s in styles.values()] + list(GROUP_STYLES.values())
    assert {style["s"] for style in STATUS_STYLES.values()} == {"badge"}
    assert "badge" not in {style.get("s") for style in others}


def test_what_is_and_what_is_proposed_differ_by_more_than_colour() -> None:
    assert STALLS["existing"]["w"] != STALLS["proposed"]["w"]
    dashes = [ELEVATORS[v].get("d") for v in ("feasible", "conditional", "infeasible")]
    assert len(set(dashes)) == 3
    narrow = STYLES["fire_access"]
    assert narrow["reachable"].get("d") != narrow["too_narrow"].get("d")
