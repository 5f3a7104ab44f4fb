"""Measures of elevators: where one must be, and in which stairwells the owners have agreed to one."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import geopandas as gpd
import pandas as pd

from plan.checks.amounts import NAMED, Gap, column_gap, gap
from plan.checks.facts import Facts
from plan.checks.verdicts import cannot_tell, every, finding, not_applicable, numbers
from plan.elevators.ballots import Consent as Vote
from plan.elevators.ballots import consents
from plan.elevators.consent import Majority, Verdict
from plan.findings import Finding, Status
from plan.messages import Message
from plan.rules import Rule
from plan.rules.kinds import Consent, ElevatorRequired
from plan.words import says

__all__ = ["consent", "elevator_required"]

# What the use of a dwelling is called in drawings and in OpenStreetMap.
_DWELLINGS: Final = (
    "住宅", "居住", "商住", "宿舍", "公寓", "居民", "别墅", "商品房", "安置房", "回迁房", "保障房", "公租房", "廉租房", "经适房",
    "房改房", "集资房", "家属", "民房", "民居", "自建房", "洋房",
    "residential", "residence", "apartment", "dwelling", "dormitory", "dormitories", "house",
    "housing", "townhouse", "detached", "semidetached", "bungalow", "villa", "terrace", "flats", "mixed",
)  # fmt: skip
_NOT: Final = ("非住宅", "非居住", "non-residential", "nonresidential", "non residential")
# What the use of a building is called in which nobody lives. Any other word says nothing, such as 高层 or yes.
_OTHERS: Final = (
    "商业", "商铺", "商场", "商店", "店铺", "超市", "市场", "办公", "写字楼", "酒店", "宾馆", "旅馆", "餐饮", "银行", "学校", "教学",
    "幼儿园", "托儿", "医院", "卫生", "诊所", "门诊", "养老院", "图书", "文化", "体育", "影院", "教堂", "寺", "工业", "厂房", "车间",
    "仓库", "库房", "车库", "车棚", "停车", "柴火间", "柴房", "杂物", "配电", "变电", "泵房", "锅炉", "水箱", "换热", "设备", "公厕",
    "厕所", "垃圾", "门卫", "岗亭", "传达室", "消防站", "派出所", "社区用房", "服务站", "服务中心", "活动室", "物业",
    "commercial", "retail", "shop", "shops", "supermarket", "kiosk", "mall", "office", "offices", "hotel", "bank",
    "restaurant", "cafe", "school", "university", "college", "kindergarten", "hospital", "clinic", "doctors", "library",
    "church", "temple", "mosque", "chapel", "cathedral", "shrine", "civic", "government", "public", "industrial",
    "factory", "warehouse", "storage", "garage", "garages", "carport", "parking", "shed", "roof", "hut", "service",
    "substation", "transformer", "boiler", "toilets", "guardhouse", "station", "stadium", "sports", "museum", "theatre",
    "cinema", "greenhouse", "barn", "stable", "ruins", "construction", "bridge", "tower", "firewood",
)  # fmt: skip


def elevator_required(facts: Facts, rule: Rule) -> Finding:
    """Look for an elevator in every dwelling of so many storeys or more."""
    kind = numbers(rule, ElevatorRequired)
    if missing := facts.has("buildings"):
        return cannot_tell(rule, missing, unit="building")
    judged = _elevators(facts, kind.storeys)
    if not judged:
        why = Message("checks.low_rise", storeys=kind.storeys)
        return not_applicable(rule, why, required=0, unit="building")
    lacking = [i for i, v in judged.items() if v is not True]
    return every(
        rule,
        judged,
        nothing=gap("missing_data", "no_layer", layer="buildings", zh="建筑"),
        remedy="no_elevator",
        measured=sum(v is True for v in judged.values()),
        required=len(judged),
        unit="building",
        geometry=facts.where("buildings", lacking or judged),
    )


def consent(facts: Facts, rule: Rule) -> Finding:
    """Count, stairwell by stairwell, whether those who vote and those who agree are enough."""
    kind = numbers(rule, Consent)
    if missing := facts.has("households", "stairwell_id", "area_m2", "owner_id", "vote"):
        return cannot_tell(rule, missing, unit="stairwell")
    majority = Majority.of(kind)
    votes = consents(_bare(facts.site.layer("households")), majority=majority)
    voting = {i: vote for i, vote in votes.items() if vote.begun}
    if not voting:
        return cannot_tell(rule, gap("missing_data", "no_votes"), required=0, unit="stairwell")
    alike = tuple(i for i, vote in voting.items() if _has(vote, "spelled_matters"))
    told = {i: vote.verdict for i, vote in voting.items() if i not in alike}
    carried = [i for i, verdict in told.items() if verdict is Verdict.REACHED]
    failed = [i for i, verdict in told.items() if verdict is Verdict.NOT_REACHED]
    # Counts only: how a stairwell voted is nobody else's business, and reports and maps are public.
    shown = {
        "measured": len(carried),
        "required": len(voting),
        "unit": "stairwell",
    }
    if failed:
        anyone = Majority(participation=kind.participation, approval=Fraction(0))
        few = sum(voting[i].ballot.verdict(anyone) is Verdict.NOT_REACHED for i in failed)
        remedy = Message(
            "checks.consent_short",
            carried=len(carried),
            voting=len(voting),
            failed=len(failed),
            few=few,
            against=len(failed) - few,
            silent=len(votes) - len(voting),
        )
        return finding(rule, Status.NOT_MET, remedy=remedy, **shown)
    if len(carried) < len(voting):
        return cannot_tell(rule, *_untold(voting, alike), **shown)
    return finding(rule, Status.MET, **shown)


# --- parts ---------------------------------------------------------------------------------------


def _elevators(facts: Facts, storeys: int) -> dict[str, bool | Gap]:
    """Return the dwellings that need an elevator, and those that may, with what is known of it."""
    frame = facts.site.layers["buildings"]
    # An estimate follows from the use of a building; it is no evidence of it.
    told = facts.site.has("households") and "households" not in facts.site.estimates
    lived_in = set(facts.site.layers["households"]["building_id"].dropna()) if told else set()
    uses = frame["use"] if "use" in frame.columns else pd.Series(None, index=frame.index, dtype=object)
    known = "has_elevator" in frame.columns
    lifts = frame["has_elevator"] if known else pd.Series(pd.NA, index=frame.index, dtype="boolean")
    judged: dict[str, bool | Gap] = {
        building: gap("missing_data", "no_building", ids=(building,), count=1)
        for building in sorted(lived_in - set(frame["building_id"]))
    }
    for building, floors, use, lift in zip(frame["building_id"], frame["floors"], uses, lifts, strict=True):
        dwelling = building in lived_in or (None if pd.isna(use) else _is_dwelling(use))
        if dwelling is False or (not pd.isna(floors) and floors < storeys):
            continue
        if not pd.isna(lift) and lift:
            judged[building] = True
        elif pd.isna(floors):
            judged[building] = column_gap("buildings", "floors", (building,))
        elif dwelling is None:
            judged[building] = column_gap("buildings", "use", (building,))
        elif pd.isna(lift):
            judged[building] = column_gap("buildings", "has_elevator", (building,) if known else ())
        else:
            judged[building] = False
    return judged


def _is_dwelling(use: str) -> bool | None:
    if says(use, _NOT):
        return False
    if says(use, _DWELLINGS):
        return True
    return False if says(use, _OTHERS) else None


def _untold(voting: dict[str, Vote], alike: tuple[str, ...]) -> list[Gap]:
    """Say why stairwells cannot be told: households astray, votes still open, owners spelled in two ways."""
    untold = [i for i, v in voting.items() if v.verdict in {Verdict.OPEN, Verdict.CANNOT_TELL}]
    astray = [i for i in untold if _has(voting[i], "astray")]
    unclear = tuple(i for i in untold if i not in astray)
    gaps = []
    if astray:
        lost = {id_ for i in astray for d in voting[i].doubts if d.code == "astray" for id_ in d.households}
        gaps.append(column_gap("households", "stairwell_id", tuple(sorted(lost))))
    if unclear:
        gaps.append(gap("missing_data", "votes_open", ids=unclear[:NAMED], count=len(unclear)))
    if alike:
        gaps.append(gap("needs_person", "owners_alike", ids=alike[:NAMED], count=len(alike)))
    return gaps


def _has(vote: Vote, code: str) -> bool:
    return any(doubt.code == code for doubt in vote.doubts)


def _bare(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(frame.drop(columns=frame.geometry.name))
