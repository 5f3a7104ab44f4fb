"""How much each estate needs renovation: a score of terms, each of them shown, and what is not known named.

Points of an estate are ``sum(w_k v_k / max(v_k))`` over the terms k that are known: a term counts in full for the estate
where it is worst. Terms and weights are this tool's assumption:

========= ======================================================================================
unmet     rules on rooms, facilities, ground, stalls and step-free ways that are not met there
age       years from building to the day of the rules; without a day, to the year after the newest estate
fire      rules on fire lanes that are not met there, and residents' reports of blocked lanes
pipes     residents' reports of drains, leaks and pipes, for each 100 households
remarks   all other reports, for each 100 households
elderly   share of elderly people among the residents
========= ======================================================================================
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from plan.errors import MissingLayerError, UsageError
from plan.findings import Report, Status
from plan.messages import Message
from plan.rules import RulePack, kinds
from plan.schema import LAYERS
from plan.site import Site
from plan.whereabouts import inside, points_of, shapes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TERMS", "WEIGHTS", "EstateNeeds", "estate_needs"]

TERMS: Final = ("unmet", "age", "fire", "pipes", "remarks", "elderly")
# Points, 100 together: this tool's assumption, shown with every result.
WEIGHTS: Final[Mapping[str, float]] = {
    "unmet": 30.0,
    "age": 15.0,
    "fire": 20.0,
    "pipes": 15.0,
    "remarks": 10.0,
    "elderly": 10.0,
}
# What works can mend: clauses on staff, money and records are none of it.
_BUILT: Final = (
    kinds.RoomArea, kinds.RoomGroundFloor, kinds.RoomNearGate, kinds.PlazaPerPerson, kinds.Reach, kinds.LifeCircle,
    kinds.StepFree, kinds.FacilityArea, kinds.StallsPerHousehold, kinds.StallsPerFloorArea, kinds.AccessibleStalls,
    kinds.ElevatorRequired,
)  # fmt: skip
_FIRE: Final = (
    kinds.FireLaneWidth, kinds.FireLaneToFacade, kinds.FireLaneHeight, kinds.FireLaneUnbroken, kinds.FireLaneReach,
    kinds.FireLaneDeadEnd, kinds.FireLaneTurn, kinds.StallsOffFireLanes,
)  # fmt: skip
# Kinds of residents' reports, as files write them.
_FIRE_REMARKS: Final = ("fire_lane", "fire", "消防", "消防通道", "消防车道")
_PIPE_REMARKS: Final = (
    "drain",
    "leak",
    "pipe",
    "sewer",
    "water",
    "排水",
    "下水道",
    "漏水",
    "管道",
    "管网",
    "化粪池",
)
# Layers of which the rows may be what a finding is about.
_LAYERS: Final = ("parcels", "buildings", "rooms", "entrances", "fire_lanes", "stalls", "open_spaces")
_YEAR: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EstateNeeds:
    """The score of each estate.

    Parameters
    ----------
    frame : DataFrame
        ``estate_id``, ``name``, ``built`` (year), ``households``, the value of each term (NaN: not known), its points as
        ``<term>_points``, ``score``, ``rank`` (1: most points), ``unknown`` (terms that are not known); by estate_id.
    weights : mapping of str to float
        Points of each term.
    reference_year : int or None
        From which age is counted; None where no date of building is known.
    elsewhere : tuple of str
        Rules that are not met, of which it is not known where.
    open_rules : int
        Rules that could not be judged; what they hide is in no score.
    """

    frame: pd.DataFrame
    weights: Mapping[str, float]
    reference_year: int | None
    elsewhere: tuple[str, ...]
    open_rules: int

    def points(self, estate: str, term: str) -> float | None:
        """Return the points that an estate has by a term; None where it is not known."""
        row = self.frame[self.frame["estate_id"] == estate]
        if not len(row) or math.isnan(row[term].iloc[0]):
            return None
        return float(row[f"{term}_points"].iloc[0])


def estate_needs(
    site: Site, report: Report, pack: RulePack, *, weights: Mapping[str, float] = WEIGHTS
) -> EstateNeeds:
    """Score the estates of a site by how much they need renovation.

    Parameters
    ----------
    site : Site
        With ``parcels`` or ``buildings`` that name their ``estate_id``; ``households`` and ``remarks`` where they are known.
    report : Report
        What a check by ``pack`` found on it.
    pack : RulePack
        The rules.
    weights : mapping of str to float
        Points of each term of ``TERMS``; a term that is left out counts nothing.

    Returns
    -------
    EstateNeeds
        A term that cannot be told gives no points, and is named.

    Raises
    ------
    MissingLayerError
        If no parcel and no building names its estate.
    UsageError
        If a weight is of no term, or no number from 0 up.
    """
    for term, weight in weights.items():
        if term not in TERMS or not (math.isfinite(weight) and weight >= 0):
            raise UsageError(Message("programme.bad_weight", term=term, weight=weight, known=TERMS))
    place = _Places.of(site)
    if not place.estates:
        raise MissingLayerError(Message("programme.no_estates", site=site.name))
    counted, elsewhere, open_rules = _findings(place, report, pack)
    built = _built(site, place)
    households = place.count("households")
    remarks = _remarks(site, place)
    year = int(pack.on[:_YEAR]) if pack.on else max(built.values(), default=-1) + 1 if built else None
    rows = []
    for estate in place.estates:
        homes = households.get(estate, 0)
        told = remarks[estate] if remarks is not None else None
        rows.append(
            {
                "estate_id": estate,
                "name": place.names.get(estate),
                "built": built.get(estate),
                "households": homes or math.nan,
                "unmet": float(counted["unmet"][estate]),
                "age": float(max(0, year - built[estate]))
                if year is not None and estate in built
                else math.nan,
                "fire": _fire(site, told, counted["fire"][estate]),
                "pipes": _per_100(told, "pipes", homes),
                "remarks": _per_100(told, "remarks", homes),
                "elderly": place.elderly.get(estate, math.nan),
            }
        )
    frame = pd.DataFrame(rows, dtype=object).astype(dict.fromkeys(("households", *TERMS), "float64"))
    for term in TERMS:
        most = frame[term].max()
        share = frame[term] / most if most > 0 else frame[term] * 0.0
        frame[f"{term}_points"] = (share * weights.get(term, 0.0)).fillna(0.0)
    frame["score"] = frame[[f"{term}_points" for term in TERMS]].sum(axis=1)
    frame["rank"] = frame["score"].rank(method="min", ascending=False).astype("int64")
    missing = [tuple(term for term in TERMS if math.isnan(row[term])) for row in frame.to_dict("records")]
    frame["unknown"] = pd.Series(missing, dtype=object)
    return EstateNeeds(
        frame=frame,
        weights={term: float(weights.get(term, 0.0)) for term in TERMS},
        reference_year=year,
        elsewhere=elsewhere,
        open_rules=open_rules,
    )


# --- where things are ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Places:
    """Which estate everything belongs to."""

    site: Site
    estates: tuple[str, ...]
    names: Mapping[str, str]
    of_parcel: Mapping[str, str]
    of_building: Mapping[str, str]
    elderly: Mapping[str, float]  # share of elderly people

    @classmethod
    def of(cls, site: Site) -> _Places:
        parcels = site.layer("parcels") if site.has("parcels") else pd.DataFrame()
        named = {
            str(p): str(e)
            for p, e in zip(parcels.get("parcel_id", ()), parcels.get("estate_id", ()), strict=False)
            if isinstance(e, str)
        }
        names = {
            named[str(p)]: str(n)
            for p, n in zip(parcels.get("parcel_id", ()), parcels.get("name", ()), strict=False)
            if str(p) in named and isinstance(n, str)
        }
        buildings = _homes(site, named)
        estates = tuple(sorted({*named.values(), *buildings.values()}))
        return cls(
            site=site,
            estates=estates,
            names=names,
            of_parcel=named,
            of_building=buildings,
            elderly=_elderly(site, buildings),
        )

    def of_rows(self, layer: str) -> list[str | None]:
        """Return the estate of each row of a layer: its own, its building's, or where it lies."""
        frame = self.site.layer(layer)
        lies = _lies(self.site, layer, self.of_parcel)
        buildings = frame["building_id"] if "building_id" in frame else [None] * len(frame)
        return [
            self.of_building.get(b) if isinstance(b, str) and b in self.of_building else at
            for b, at in zip(buildings, lies, strict=True)
        ]

    def count(self, layer: str) -> Counter[str]:
        """Count the rows of a layer in each estate."""
        if not self.site.has(layer):
            return Counter()
        return Counter(estate for estate in self.of_rows(layer) if estate is not None)

    def by_id(self) -> dict[str, frozenset[str]]:
        """Return the estates that an id of a finding is about; ids that mean two things are left out."""
        found: dict[str, set[frozenset[str]]] = {}
        for layer in _LAYERS:
            if not self.site.has(layer):
                continue
            ids = self.site.layers[layer][LAYERS[layer].id_column]
            if layer in ("parcels", "buildings"):
                known = self.of_parcel if layer == "parcels" else self.of_building
                rows: Iterable[str | None] = [known.get(str(i)) for i in ids]
            else:
                rows = self.of_rows(layer)
            for i, estate in zip(ids, rows, strict=True):
                if estate is not None:
                    found.setdefault(str(i), set()).add(frozenset({estate}))
        for community, estates in self._communities().items():
            found.setdefault(community, set()).add(frozenset(estates))
        return {i: next(iter(some)) for i, some in found.items() if len(some) == 1}

    def _communities(self) -> dict[str, set[str]]:
        areas = shapes_of(self.site, "communities")
        if not areas:
            return {}
        layer, known = ("buildings", self.of_building) if self.of_building else ("parcels", self.of_parcel)
        shapes = shapes_of(self.site, layer)
        ids = [i for i in shapes if i in known]
        points: NDArray[np.object_] = shapely.point_on_surface(
            np.array([shapes[i] for i in ids], dtype=object)
        )
        found: dict[str, set[str]] = {}
        for i, community in zip(ids, inside(points, areas), strict=True):
            if community:
                found.setdefault(community, set()).add(known[i])
        return found


def _lies(site: Site, layer: str, of_parcel: Mapping[str, str]) -> list[str | None]:
    frame = site.layer(layer)
    areas = {p: shape for p, shape in shapes_of(site, "parcels").items() if p in of_parcel}
    points = points_of(site, frame, trusted=np.ones(len(frame), dtype=bool))
    return [of_parcel.get(p) if p else None for p in inside(points, areas)]


def _homes(site: Site, of_parcel: Mapping[str, str]) -> dict[str, str]:
    """Return the estate of each building: what it names, what its parcel names, or where it stands."""
    if not site.has("buildings"):
        return {}
    frame = site.layer("buildings")
    lies = _lies(site, "buildings", of_parcel)
    own = frame["estate_id"] if "estate_id" in frame else [None] * len(frame)
    parcel = frame["parcel_id"] if "parcel_id" in frame else [None] * len(frame)
    rows = zip(frame["building_id"], own, parcel, lies, strict=True)
    found = {str(b): e if isinstance(e, str) else of_parcel.get(p) or at for b, e, p, at in rows}
    return {b: e for b, e in found.items() if e is not None}


def _elderly(site: Site, of_building: Mapping[str, str]) -> dict[str, float]:
    if not site.has("households"):
        return {}
    frame = site.layer("households")
    if not {"elderly", "persons"} <= set(frame.columns):
        return {}
    numbers = frame[["elderly", "persons"]].astype("Float64").astype("float64")
    known = numbers.notna().all(axis=1)
    people = numbers[known].groupby(frame.loc[known, "building_id"].map(of_building)).sum()
    return {str(e): row["elderly"] / row["persons"] for e, row in people.iterrows() if row["persons"] > 0}


def _built(site: Site, place: _Places) -> dict[str, int]:
    """Return the year in which each estate was begun: that of its oldest parcel, else of its oldest building."""
    found: dict[str, int] = {}
    for layer, known in (("parcels", place.of_parcel), ("buildings", place.of_building)):
        if not site.has(layer) or "built_on" not in site.layers[layer].columns:
            continue
        years: dict[str, int] = {}
        frame = site.layer(layer)
        for i, built in zip(frame[LAYERS[layer].id_column], frame["built_on"], strict=True):
            if isinstance(built, str) and str(i) in known:
                estate = known[str(i)]
                years[estate] = min(int(built[:_YEAR]), years.get(estate, 9999))
        found = {**years, **found}
    return found


# --- what is wrong there -------------------------------------------------------------------------


def _findings(
    place: _Places, report: Report, pack: RulePack
) -> tuple[dict[str, Counter[str]], tuple[str, ...], int]:
    """Count the rules that are not met in each estate, each rule once; name those that are met nowhere known."""
    kind = {rule.id: type(rule.kind) for rule in pack.judged()}
    by_id = place.by_id()
    counted: dict[str, Counter[str]] = {"unmet": Counter(), "fire": Counter()}
    where: dict[str, set[str]] = {}
    open_rules = set()
    for finding in report.findings:
        if kind.get(finding.rule) not in (*_BUILT, *_FIRE):
            continue
        if finding.status is Status.UNDETERMINED:
            open_rules.add(finding.rule)
        if finding.status is not Status.NOT_MET:
            continue
        ids = (*finding.features, *(() if finding.subject is None else (finding.subject,)))
        where.setdefault(finding.rule, set()).update(e for i in ids for e in by_id.get(i, ()))
    # What is not met in a place of a single estate is not met there.
    alone = set(place.estates) if len(place.estates) == 1 else set()
    for rule, estates in where.items():
        term = "fire" if kind[rule] in _FIRE else "unmet"
        counted[term].update(estates or alone)
    elsewhere = tuple(sorted(rule for rule, estates in where.items() if not estates and not alone))
    return counted, elsewhere, len(open_rules)


def _remarks(site: Site, place: _Places) -> dict[str, Counter[str]] | None:
    if not site.has("remarks"):
        return None
    found: dict[str, Counter[str]] = {estate: Counter() for estate in place.estates}
    for estate, kind in zip(place.of_rows("remarks"), site.layers["remarks"]["kind"], strict=True):
        if estate is None:
            continue
        word = str(kind).strip().casefold()
        term = "fire" if word in _FIRE_REMARKS else "pipes" if word in _PIPE_REMARKS else "remarks"
        found[estate][term] += 1
    return found


def _fire(site: Site, told: Mapping[str, int] | None, unmet: int) -> float:
    if told is None and not site.has("fire_lanes"):
        return math.nan
    return float(unmet + (0 if told is None else told["fire"]))


def _per_100(told: Mapping[str, int] | None, term: str, households: int) -> float:
    return math.nan if told is None or not households else 100.0 * told[term] / households
