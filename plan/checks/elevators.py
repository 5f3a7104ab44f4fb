"""Measures of elevators: where one must be, and in which stairwells the owners have agreed to one."""

from __future__ import annotations

from fractions import Fraction

import geopandas as gpd
import pandas as pd

from plan.checks.amounts import Gap, column_gap, gap
from plan.checks.consent import Ballot, Flat
from plan.checks.facts import Facts
from plan.checks.verdicts import cannot_tell, every, finding, not_applicable, numbers
from plan.findings import Finding, Status
from plan.messages import Message
from plan.rules import Rule
from plan.rules.kinds import Consent, ElevatorRequired

__all__ = ["consent", "elevator_required"]

# What the use of a dwelling is called in drawings and in OpenStreetMap.
_DWELLINGS = (
    "住宅", "居住", "商住", "宿舍", "公寓", "residential", "apartments", "dwelling", "dormitory", "house", "mixed",
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
    ballots = _ballots(facts)
    voting = {i: b for i, b in ballots.items() if b.begun}
    if not voting:
        return cannot_tell(rule, gap("missing_data", "no_votes"), required=0, unit="stairwell")
    verdicts = {
        i: b.carries(kind.participation, kind.approval, strict=kind.approval_strict)
        for i, b in voting.items()
    }
    carried = tuple(sorted(i for i, v in verdicts.items() if v))
    failed = tuple(sorted(i for i, v in verdicts.items() if v is False))
    # No geometry: how a stairwell voted is not shown on a public map.
    shown = {
        "measured": len(carried),
        "required": len(voting),
        "unit": "stairwell",
        "features": carried,
    }
    if failed:
        few = sum(voting[i].carries(kind.participation, Fraction(0), strict=False) is False for i in failed)
        remedy = Message(
            "checks.consent_short",
            carried=len(carried),
            voting=len(voting),
            failed=len(failed),
            few=few,
            against=len(failed) - few,
            silent=len(ballots) - len(voting),
            ids=failed[:10],
        )
        return finding(rule, Status.NOT_MET, remedy=remedy, **shown)
    open_ = tuple(sorted(i for i, v in verdicts.items() if v is None))
    if open_:
        why = gap("missing_data", "votes_open", ids=open_[:10], count=len(open_))
        return cannot_tell(rule, why, **shown)
    return finding(rule, Status.MET, **shown)


# --- parts ---------------------------------------------------------------------------------------


def _elevators(facts: Facts, storeys: int) -> dict[str, bool | Gap]:
    """Return the dwellings that need an elevator, and those that may, with what is known of it."""
    frame = facts.site.layer("buildings")
    lived_in = set(facts.site.layers["households"]["building_id"]) if facts.site.has("households") else set()
    uses = frame["use"] if "use" in frame.columns else pd.Series(None, index=frame.index, dtype=object)
    known = "has_elevator" in frame.columns
    lifts = frame["has_elevator"] if known else pd.Series(pd.NA, index=frame.index, dtype="boolean")
    judged: dict[str, bool | Gap] = {}
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


def _is_dwelling(use: str) -> bool:
    plain = use.strip().casefold()
    return any(word in plain for word in _DWELLINGS)


def _ballots(facts: Facts) -> dict[str, Ballot]:
    """Return the votes of each stairwell, by its id; by building and stairwell where ids are not unique."""
    frame = _bare(facts.site.layer("households"))
    frame = frame[frame["stairwell_id"].notna()].sort_values("household_id", kind="stable")
    one_building = frame.groupby("stairwell_id")["building_id"].nunique(dropna=False).max() == 1
    ballots = {}
    for (building, stair), rows in frame.groupby(["building_id", "stairwell_id"], sort=True, dropna=False):
        flats = tuple(
            Flat(
                owner=owner,
                area_m2=None if pd.isna(area) else Fraction(str(float(area))),
                vote=vote,
            )
            for owner, area, vote in zip(rows["owner_id"], rows["area_m2"], rows["vote"], strict=True)
        )
        name = str(stair) if one_building else f"{building}/{stair}"
        ballots[name] = Ballot(flats=flats)
    return ballots


def _bare(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(frame.drop(columns=frame.geometry.name))
