"""Measures of the ways of a fire engine: unbroken lanes, every building reached, room to turn round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from plan.checks.amounts import NAMED, TOLERANCE, Gap, column_gap, gap, layer_gap, repaired_gap
from plan.checks.facts import Facts
from plan.checks.places import geojson
from plan.checks.verdicts import cannot_tell, finding, numbers, plain
from plan.findings import Finding, Status
from plan.messages import Message
from plan.rules import Rule
from plan.rules.kinds import FireLaneDeadEnd, FireLaneReach, FireLaneTurn, FireLaneUnbroken

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.fire_access import FireAccess, Unknown

__all__ = ["cure_text", "fire_lane_dead_end", "fire_lane_reach", "fire_lane_turn", "fire_lane_unbroken"]

# What stands in a lane: where nothing of the kind is drawn, nobody knows that nothing stands there.
_STANDING: Final = ("stalls", "obstacles")
_SHAPES: Final = ("fire_lanes", "buildings", "stalls", "obstacles", "barriers", "parcels", "open_spaces")
_HALF_MM: Final = 5e-4  # as plan.fire_access lets a lane pass


def fire_lane_unbroken(facts: Facts, rule: Rule) -> Finding:
    """Measure the least clear width of every fire lane in metres, from end to end, between all that stands beside it."""
    kind = numbers(rule, FireLaneUnbroken)
    shown: dict[str, Any] = {"required": kind.minimum_m, "unit": "m"}
    if missing := facts.has("fire_lanes") or facts.has("buildings"):
        return cannot_tell(rule, missing, **shown)
    found = facts.fire(width_m=kind.minimum_m)
    gaps = [g for u in found.unknown if (g := _gap(u)) and u.layer in {"fire_lanes", "obstacles"}]
    gaps += _uncertain(facts, *((set(kind.layers) & set(_STANDING)) or _STANDING))
    pinches = found.pinches
    if kind.layers:
        pinches = pinches[_naming(pinches["layers"], kind.layers)]
    clear = dict(zip(found.lanes["lane_id"], found.lanes["clear_m"], strict=True))
    here = {lane for ids in pinches["lane_id"] for lane in ids.split(";")}
    broken = [
        lane
        for lane, wide in clear.items()
        if wide + _HALF_MM < kind.minimum_m and (lane in here or not kind.layers)
    ]
    shown["measured"] = min(clear.values(), default=None)
    if kind.layers:
        shown["measured"] = float(pinches["width_m"].min()) if len(pinches) else None
    if broken:
        those = pinches[_naming(pinches["lane_id"], broken)]
        things = {i for ids in those["between"] for i in ids.split(";")}
        cures = _cures(those, found, shut=[lane for lane in broken if clear[lane] <= 0])
        how = Message(
            "fire_access.broken",
            width=plain(kind.minimum_m),
            count=len(broken),
            ids=tuple(sorted(broken))[:NAMED],
            cures=cures,
        )
        place = geojson(those.geometry, facts.site.crs) or facts.where("fire_lanes", broken)
        return finding(rule, Status.NOT_MET, features={*broken, *things}, remedy=how, geometry=place, **shown)
    if gaps or not clear:
        return cannot_tell(rule, *(gaps or [layer_gap("fire_lanes")]), **shown)
    return finding(
        rule, Status.MET, features=tuple(clear), geometry=facts.where("fire_lanes", clear), **shown
    )


def _naming(lists: pd.Series[str], wanted: Iterable[str]) -> NDArray[np.bool_]:
    """Tell which lists, parted by semicolons, name one of the wanted; an array also where there is no list at all."""
    names = set(wanted)
    return np.array([bool(set(one.split(";")) & names) for one in lists], dtype=bool)


def fire_lane_reach(facts: Facts, rule: Rule) -> Finding:
    """Lead a lane from the street to within reach of every building."""
    kind = numbers(rule, FireLaneReach)
    shown: dict[str, Any] = {"required": kind.width_m, "unit": "m"}
    if missing := facts.has("buildings"):
        return cannot_tell(rule, missing, **shown)
    found = facts.fire(width_m=kind.width_m, **({} if kind.within_m is None else {"reach_m": kind.within_m}))
    houses = found.buildings
    gaps = [g for u in found.unknown if (g := _gap(u))] + _uncertain(facts, *_STANDING)
    undrawn = tuple(houses.loc[houses.geometry.isna() | houses.geometry.is_empty, "building_id"])
    if undrawn:
        gaps.append(
            gap("missing_data", "no_shape", layer="buildings", ids=undrawn[:NAMED], count=len(undrawn))
        )
    out = houses[houses["reached"].eq(False).fillna(value=False).astype(bool)]  # noqa: FBT003 - a value
    open_ = houses[houses["reached"].isna()]
    shown["measured"] = float(houses["lane_m"].min()) if len(open_) == 0 else None
    names = tuple(out["building_id"])
    behind = found.pinches[found.pinches["pinch_id"].isin(out["pinch_id"].dropna())]
    far = tuple(out.loc[out["pinch_id"].isna(), "building_id"])
    cures = _cures(behind, found, far=far)
    place = geojson([*behind.geometry, *out.geometry], facts.site.crs)
    things = {i for ids in behind["between"] for i in ids.split(";")}
    if kind.within_m is None and not open_.size:
        params = {
            "width": plain(kind.width_m),
            "reach": plain(found.reach_m),
            "reached": int(houses["reached"].sum()),
            "count": len(houses),
            "ids": names[:NAMED] or "—",
        }
        unclear = Gap(
            code="ambiguous_clause",
            what=Message("fire_access.no_distance", **params),
            cure=Message("fire_access.no_distance_cure", cures=cures),
        )
        return cannot_tell(rule, unclear, features=names, geometry=place, **shown)
    if names:
        how = Message(
            "fire_access.not_reached",
            width=plain(kind.width_m),
            count=len(names),
            ids=names[:NAMED],
            cures=cures,
        )
        return finding(rule, Status.NOT_MET, features={*names, *things}, remedy=how, geometry=place, **shown)
    if gaps or len(open_):
        where = facts.where("buildings", open_["building_id"])
        return cannot_tell(
            rule,
            *(gaps or [layer_gap("fire_lanes")]),
            features=tuple(open_["building_id"]),
            geometry=where,
            **shown,
        )
    ids = tuple(houses["building_id"])
    return finding(rule, Status.MET, features=ids, geometry=facts.where("buildings", ids), **shown)


def fire_lane_dead_end(facts: Facts, rule: Rule) -> Finding:
    """Look for room to turn at every dead end that is longer than a length."""
    kind = numbers(rule, FireLaneDeadEnd)
    shown: dict[str, Any] = {"required": kind.longer_than_m, "unit": "m"}
    if missing := facts.has("fire_lanes") or facts.has("buildings"):
        return cannot_tell(rule, missing, **shown)
    found = facts.fire(width_m=kind.width_m, dead_end_m=kind.longer_than_m, turnaround_m=kind.turnaround_m)
    ends = found.dead_ends
    bad = ends[ends["turnaround"].eq(False).fillna(value=False).astype(bool)]  # noqa: FBT003 - a value
    vague = ends[ends["turnaround"].isna()]
    shown["measured"] = float(ends["length_m"].max()) if len(ends) else None

    def lanes(rows: pd.DataFrame) -> tuple[str, ...]:
        return tuple(sorted({lane for ids in rows["lane_id"] for lane in ids.split(";")}))

    if len(bad):
        how = Message(
            "fire_access.no_turnaround",
            count=len(bad),
            long=plain(kind.longer_than_m),
            side=plain(kind.turnaround_m),
            ids=lanes(bad)[:NAMED],
        )
        place = geojson(bad.geometry, facts.site.crs)
        return finding(rule, Status.NOT_MET, features=lanes(bad), remedy=how, geometry=place, **shown)
    gaps = [*_narrow_gap(found), *_line_gaps(facts, found)]
    if len(vague):
        params = {"ids": lanes(vague)[:NAMED], "side": plain(kind.turnaround_m)}
        what = Message("fire_access.room_unknown", ids=params["ids"])
        gaps.insert(
            0, Gap(code="missing_data", what=what, cure=Message("fire_access.room_unknown_cure", **params))
        )
    if gaps:
        place = geojson(vague.geometry, facts.site.crs)
        return cannot_tell(rule, *gaps, features=lanes(vague), geometry=place, **shown)
    ids = tuple(sorted(set(found.lanes["lane_id"])))
    return finding(rule, Status.MET, features=ids, geometry=facts.where("fire_lanes", ids), **shown)


def fire_lane_turn(facts: Facts, rule: Rule) -> Finding:
    """Drive an engine of a turning radius round every corner of the lanes."""
    kind = numbers(rule, FireLaneTurn)
    shown: dict[str, Any] = {"required": kind.radius_m, "unit": "m"}
    if missing := facts.has("fire_lanes") or facts.has("buildings"):
        return cannot_tell(rule, missing, **shown)
    found = facts.fire(width_m=kind.width_m, turn_width_m=kind.swept_m)
    tight = found.turns[found.turns["radius_m"] + TOLERANCE < kind.radius_m]
    shown["measured"] = float(found.turns["radius_m"].min()) if len(found.turns) else None
    if len(tight):
        lanes = tuple(sorted({lane for ids in tight["lane_id"] for lane in ids.split(";")}))
        how = Message(
            "fire_access.tight",
            count=len(tight),
            radius=plain(kind.radius_m),
            least=plain(float(tight["radius_m"].min())),
            ids=lanes[:NAMED],
        )
        place = geojson(tight.geometry, facts.site.crs)
        return finding(rule, Status.NOT_MET, features=lanes, remedy=how, geometry=place, **shown)
    if gaps := [*_narrow_gap(found), *_line_gaps(facts, found)]:
        return cannot_tell(rule, *gaps, **shown)
    ids = tuple(sorted(set(found.lanes["lane_id"])))
    return finding(rule, Status.MET, features=ids, geometry=facts.where("fire_lanes", ids), **shown)


def _narrow_gap(found: FireAccess) -> list[Gap]:
    """Say which lanes an engine does not get along: what becomes of it at their ends and corners was not looked at."""
    narrow = tuple(sorted(set(found.lanes.loc[found.lanes["state"] == "too_narrow", "lane_id"])))
    if not narrow:
        return []
    return [
        gap(
            "needs_person",
            "lanes_too_narrow",
            ids=narrow[:NAMED],
            count=len(narrow),
            width=plain(found.width_m),
        )
    ]


def cure_text(row: Mapping[str, Any], *, width_m: float) -> Message:
    """Say what would cure a pinch, a place where a lane is too narrow: what to remove, what to widen, or that nothing would."""
    if row["for_good"]:
        return Message("fire_access.for_good")
    parts = []
    if row["cure"]:
        ids = tuple(row["cure"].split(";"))
        parts.append(
            Message("fire_access.remove", ids=ids)
            if pd.isna(row["cost_cny"])
            else Message("fire_access.remove_cost", ids=ids, cost=f"{row['cost_cny']:,.0f}")
        )
    if row["widen"]:
        parts.append(Message("fire_access.widen", lanes=tuple(row["widen"].split(";")), width=plain(width_m)))
    if len(parts) > 1:
        return Message("fire_access.remove_and_widen", remove=parts[0], widen=parts[1])
    return parts[0] if parts else Message("fire_access.for_good")


# --- parts ---------------------------------------------------------------------------------------


def between_text(row: Mapping[str, Any]) -> Message:
    """Say which things stand on both sides of a pinch, a place where a lane is too narrow."""
    sides = row["between"].split(";") if row["between"] else []
    count = len(row["layers"].split(";")) if row["layers"] else 0
    things = tuple(sides[:count])
    if not things:
        return Message("fire_access.between_edges")
    key = "between_edge" if len(sides) > count else "between_things"
    return Message(f"fire_access.{key}", things=things)


def _cures(
    pinches: pd.DataFrame, found: FireAccess, *, shut: Sequence[str] = (), far: tuple[str, ...] = ()
) -> Message | str:
    rows = [dict(row) for _, row in pinches.drop(columns="geometry").iterrows()]
    parts: list[Message] = [
        Message(
            "fire_access.pinch",
            lanes=tuple(row["lane_id"].split(";")),
            between=between_text(row),
            width=plain(row["width_m"]),
            cure=cure_text(row, width_m=found.width_m),
        )
        for row in rows[:NAMED]
    ]
    if len(rows) > NAMED:
        parts.append(Message("fire_access.more", count=len(rows) - NAMED))
    if shut:
        parts.append(Message("fire_access.shut", lanes=tuple(sorted(shut))[:NAMED]))
    if far:
        parts.append(Message("fire_access.far", ids=far[:NAMED]))
    if not parts:
        return ""
    text = parts[0]
    for part in parts[1:]:
        text = Message("checks.joined", first=text, rest=part)
    return text


def _gap(unknown: Unknown) -> Gap | None:
    """Say what is not known as a reason of a finding."""
    if unknown.layer == "entrances":
        return Gap(
            code="missing_data",
            what=Message("fire_access.no_gate"),
            cure=Message("fire_access.no_gate_cure"),
        )
    if unknown.layer == "barriers":
        ids = unknown.ids[:NAMED]
        return Gap(
            code="missing_data",
            what=Message("fire_access.gate_in_wall", ids=ids),
            cure=Message("fire_access.gate_in_wall_cure", ids=ids),
        )
    if unknown.column:
        return column_gap(unknown.layer, unknown.column, unknown.ids)
    if unknown.ids:
        ids, count = unknown.ids[:NAMED], len(unknown.ids)
        return gap("missing_data", "no_shape", layer=unknown.layer, ids=ids, count=count)
    return layer_gap(unknown.layer)


def _uncertain(facts: Facts, *standing: str) -> list[Gap]:
    """Return why a way that is free as drawn may not be: what is not drawn, or was mended."""
    gaps = [layer_gap(layer) for layer in sorted(standing) if facts.has(layer)]
    mended = {layer: facts.site.repaired(layer) for layer in _SHAPES}
    return gaps + [repaired_gap(layer, tuple(sorted(ids))) for layer, ids in mended.items() if ids]


def _line_gaps(facts: Facts, found: FireAccess) -> list[Gap]:
    """Return why dead ends and corners may not all be known."""
    gaps = [g for u in found.unknown if (g := _gap(u)) and u.layer != "open_spaces"]
    gaps += _uncertain(facts, *_STANDING)
    frame = facts.site.layers["fire_lanes"]
    areas = tuple(
        sorted(frame.loc[frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"]), "lane_id"].astype(str))
    )
    if areas:
        ids = areas[:NAMED]
        gaps.append(
            Gap(
                code="missing_data",
                what=Message("fire_access.no_lines", ids=ids),
                cure=Message("fire_access.no_lines_cure", ids=ids),
            )
        )
    return gaps
