"""Measures of parking: stalls for each household, for the floor area, and for people with disabilities."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd

from plan.checks.amounts import Amount, column_gap, gap, repaired_gap
from plan.checks.facts import Facts
from plan.checks.places import Place
from plan.checks.verdicts import cannot_tell, judge, numbers
from plan.findings import Finding
from plan.rules import Band, Rule
from plan.rules.kinds import AccessibleStalls, StallsPerFloorArea, StallsPerHousehold
from plan.words import says

__all__ = ["accessible_stalls", "stalls_per_floor_area", "stalls_per_household"]

_ACCESSIBLE: Final = ("accessible", "disabled", "handicapped")
_ACCESSIBLE_ZH: Final = ("无障碍", "残疾人", "残障")
_SMALLEST_M2: Final = 8.0  # that a car stands on: 2.0 m x 4.0 m
# What stands on stalls that are not for cars, and what the stalls for cars are called.
_NO_CARS: Final = (
    "非机动", "自行车", "单车", "电瓶车", "电动车", "助力车", "摩托", "三轮", "bicycle", "bike", "ebike", "cycle",
    "motorcycle", "motorbike", "tricycle", "moped", "scooter",
)  # fmt: skip
_CARS: Final = (
    "car", "carpark", "stall", "standard", "compact", "parallel", "perpendicular", "angled", "diagonal", "tandem", "visitor",
    "resident", "charging", "ev", "mechanical", "stacker", "surface", "underground", "garage", "kerb", "street",
    "机动车", "小型", "小车", "轿车", "汽车", "微型", "标准", "普通", "车位", "泊位", "平行", "垂直", "斜", "子母", "访客", "来访", "居民",
    "固定", "临时", "充电", "快充", "慢充", "机械", "立体", "地上", "地面", "地下", "路侧", "路内", "路边",
)  # fmt: skip


def stalls_per_household(facts: Facts, rule: Rule) -> Finding:
    """Compare the stalls with the sum of what each household's floor area asks for."""
    kind = numbers(rule, StallsPerHousehold)
    missing = facts.has("stalls") or facts.has("households", "area_m2")
    if missing:
        return cannot_tell(rule, missing, unit="stall")
    return _compare(facts, rule, _by_bands(facts, kind.bands))


def stalls_per_floor_area(facts: Facts, rule: Rule) -> Finding:
    """Compare the stalls with what the floor area of all households together asks for."""
    kind = numbers(rule, StallsPerFloorArea)
    missing = facts.has("stalls") or facts.has("households", "area_m2")
    if missing:
        return cannot_tell(rule, missing, unit="stall")
    homes = facts.households(Place())
    rate, least, most = kind.stalls_per_100_m2 / 100, kind.minimum_per_household, kind.maximum_per_household
    floor = _floor_area(facts)

    def needed(area: float, count: float) -> float:
        # Nothing bounds the stalls of an unknown number of households, unless no rate asks for any.
        if math.isinf(area) or math.isinf(count):
            return min(math.inf, most * count if most < math.inf else math.inf)
        return min(max(rate * area, least * count), most * count)

    need = Amount(
        low=needed(floor.low, homes.low),
        high=needed(floor.high, homes.high),
        shown=needed(floor.shown or 0.0, homes.shown or 0.0),
        gaps=homes.gaps + floor.gaps,
        estimated=homes.estimated,
    )
    return _compare(facts, rule, _whole(need))


def accessible_stalls(facts: Facts, rule: Rule) -> Finding:
    """Compare the accessible stalls with a share of all stalls."""
    kind = numbers(rule, AccessibleStalls)
    if missing := facts.has("stalls", "kind"):
        return cannot_tell(rule, missing, unit="stall")
    layer = facts.site.layers["stalls"]
    rows = zip(layer["stall_id"], layer["kind"], _for_cars(layer), strict=True)
    stalls = [(name, kind) for name, kind, for_cars in rows if for_cars is not False]
    accessible = {
        kind for kind in {kind for _, kind in stalls} if not pd.isna(kind) and _is_accessible(str(kind))
    }
    ids = tuple(name for name, kind in stalls if kind in accessible)
    silent = tuple(name for name, kind in stalls if pd.isna(kind))
    mended = facts.site.repaired("stalls")
    doubted = tuple(name for name, _ in stalls if name in mended)
    unsure = tuple(name for name in ids if name in mended)
    gaps = [column_gap("stalls", "kind", silent)] if silent else []
    gaps += [repaired_gap("stalls", doubted)] if doubted else []
    have = Amount(
        low=len(ids) - len(unsure),
        high=len(ids) - len(unsure) + _most(facts, unsure) + len(silent),
        shown=len(ids),
        gaps=tuple(gaps),
    )
    share = Fraction(str(kind.minimum_share))
    fewest = len(stalls) - len(doubted)
    low, shown, high = (
        max(math.ceil(share * n), kind.minimum_count)
        for n in (fewest, len(stalls), fewest + _most(facts, doubted))
    )
    need = Amount(low=low, high=high, shown=shown)
    return judge(
        rule,
        have,
        need,
        unit="stall",
        short="accessible_short",
        features=ids,
        geometry=facts.where("stalls", ids),
    )


# --- parts ---------------------------------------------------------------------------------------


def _is_accessible(kind: str) -> bool:
    plain = kind.strip().casefold()
    return plain in _ACCESSIBLE or (not plain.startswith("非") and says(plain, _ACCESSIBLE_ZH))


def _for_cars(stalls: pd.DataFrame) -> list[bool | None]:
    """Tell which stalls are for cars: those of no kind are; None for a kind that is not understood."""
    if "kind" not in stalls.columns:
        return [True] * len(stalls)
    kinds = stalls["kind"].tolist()
    known = {kind: _takes_cars(str(kind)) for kind in set(kinds) if not pd.isna(kind)}
    return [known.get(kind, True) for kind in kinds]


def _takes_cars(kind: str) -> bool | None:
    plain = kind.strip().casefold()
    if says(plain, _NO_CARS):
        return False
    return True if _is_accessible(plain) or says(plain, _CARS) else None


def _compare(facts: Facts, rule: Rule, need: Amount) -> Finding:
    # Each stall for cars that stands or is proposed counts, whoever drew it; there are too many to list.
    stalls = facts.site.layers["stalls"]
    cars = _for_cars(stalls)
    mended = facts.site.repaired("stalls")
    unclear = tuple(i for i, car in zip(stalls["stall_id"], cars, strict=True) if car is None)
    # An outline that was mended may be no stall, or more than one.
    doubted = tuple(i for i, car in zip(stalls["stall_id"], cars, strict=True) if car and i in mended)
    counted = cars.count(True)
    sure = counted - len(doubted)
    gaps = [column_gap("stalls", "kind", unclear)] if unclear else []
    gaps += [repaired_gap("stalls", doubted)] if doubted else []
    have = Amount(
        low=sure,
        high=sure + _most(facts, doubted) + len(unclear),
        shown=counted,
        gaps=tuple(gaps),
    )
    return judge(rule, have, need, unit="stall", short="stalls_short")


def _most(facts: Facts, ids: tuple[str, ...]) -> int:
    """Return how many stalls some outlines can be at most: one that was drawn round a row is as many as fit in it."""
    stalls = facts.site.layers["stalls"]
    areas = stalls.geometry[stalls["stall_id"].isin(ids)].area
    return sum(max(math.floor(area / _SMALLEST_M2), 1) for area in areas.tolist())


def _by_bands(facts: Facts, bands: tuple[Band, ...]) -> Amount:
    """Add up the stalls that households of known area ask for; one of unknown area may be in any band."""
    areas = facts.site.layers["households"]["area_m2"].to_numpy(dtype=float, copy=True)
    areas[areas == 0] = np.nan  # no flat has 0 m2: it was not measured
    ids = facts.site.layers["households"]["household_id"].to_numpy()
    required = [Fraction(str(band.required)) for band in bands]
    count = [int(((areas >= band.start) & (areas < band.end)).sum()) for band in bands]
    known = sum((r * n for r, n in zip(required, count, strict=True)), Fraction(0))
    unmeasured = int(np.isnan(areas).sum())
    unlisted = len(areas) - unmeasured - sum(count)
    gaps = []
    if unmeasured:
        gaps.append(column_gap("households", "area_m2", tuple(ids[np.isnan(areas)])))
    if unlisted:
        gaps.append(gap("ambiguous_clause", "no_band", count=unlisted))
    estimated = "households" in facts.site.estimates
    if estimated:
        gaps.append(gap("missing_data", "estimated", count=len(areas)))
        need = Amount.unknown(*gaps, shown=float(known), estimated=True)
    else:
        open_ = unmeasured + unlisted
        low = known + min(required) * unmeasured
        need = Amount(
            low=float(low), high=float(known + max(required) * open_), shown=float(known), gaps=tuple(gaps)
        )
    return _whole(need)


def _whole(need: Amount) -> Amount:
    """Round up to whole stalls."""

    def up(value: float) -> float:
        return value if math.isinf(value) else float(math.ceil(round(value, 6)))

    return Amount(
        low=up(need.low),
        high=up(need.high),
        shown=None if need.shown is None else up(need.shown),
        gaps=need.gaps,
        estimated=need.estimated,
    )


def _floor_area(facts: Facts) -> Amount:
    frame = facts.site.layers["households"]
    areas = frame["area_m2"]
    # No flat has 0 m2: it was not measured.
    blank = tuple(frame.loc[areas.isna() | (areas == 0), "household_id"])
    known = math.fsum(float(a) for a in areas if not pd.isna(a))
    if "households" in facts.site.estimates:
        return Amount.unknown(gap("missing_data", "estimated", count=len(frame)), shown=known, estimated=True)
    if blank:
        gaps = (column_gap("households", "area_m2", blank),)
        return Amount(low=known, high=math.inf, shown=known, gaps=gaps)
    return Amount.of(known)
