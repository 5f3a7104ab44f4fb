"""Routes without steps, from a main gate to service rooms and facilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from plan.checks.amounts import Gap, column_gap, gap, repaired_gap
from plan.checks.facts import Facts
from plan.checks.places import geojson
from plan.checks.reach import no_gate
from plan.checks.verdicts import cannot_tell, finding, numbers
from plan.checks.walks import Walks, metres_between
from plan.findings import Finding, Status
from plan.messages import Message
from plan.network import WalkNetwork
from plan.network.route import in_the_way
from plan.rooms import room_doors
from plan.rules import Rule
from plan.rules.kinds import StepFree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.snapping import Snapped

__all__ = ["step_free"]

_NAMED: Final = 10  # ids written out in a sentence
# How much steeper than the limit a slope may be and still be at the limit: rounding.
_SAME_SLOPE: Final = 1e-9


def step_free(facts: Facts, rule: Rule) -> Finding:
    """Look for a route without steps, and without slopes above the limit, to each service room and facility.

    Of the facilities of a category the one nearest to a gate counts. Ways whose kind or slope is not known prove nothing:
    the rule is met where a route avoids them, not met where even they would give no route, and undetermined otherwise.
    """
    kind = numbers(rule, StepFree)
    walks = facts.walks
    shown: dict[str, Any] = {"unit": "place"}
    missing = facts.has("entrances") or no_gate(facts, main=kind.main) or facts.has("walkways", "kind")
    if missing:
        return cannot_tell(rule, missing, **shown)
    if isinstance(walks, Gap):
        return cannot_tell(rule, walks, **shown)
    network, gates = walks.network, walks.gates(main=kind.main)
    ids, shapes = _places(facts, kind, walks)
    doubt = _mended(facts, ids) if ids else gap("missing_data", "step_free_nothing")
    if doubt:
        return cannot_tell(rule, doubt, **shown)
    places = network.snap(shapes)
    hindrances = _Hindrances.of(walks, kind.max_slope)
    sure = _reached(network.closing(hindrances.certain | hindrances.unknown), places, gates)
    shown |= {"measured": float(sure.sum()), "required": float(len(ids))}
    if sure.all():
        return finding(
            rule, Status.MET, features=tuple(ids), geometry=geojson(shapes, facts.site.crs), **shown
        )
    perhaps = _reached(network.closing(hindrances.certain), places, gates)
    at_all = _reached(network, places, gates)
    # An outline is entered somewhere; that this is at the steps beside it is a guess.
    guessed = np.isin(shapely.get_type_id(shapes), (3, 6)) & _at(places, hindrances.certain)
    broken = at_all & ~perhaps & ~guessed
    if broken.any():
        return _broken(
            facts,
            rule,
            walks,
            broken=broken,
            ids=ids,
            places=places,
            gates=gates,
            hindrances=hindrances,
            shown=shown,
        )
    named = np.array(ids, dtype=object)
    gaps = []
    if (~at_all).any():
        gaps.append(gap("missing_data", "step_free_no_way", ids=tuple(named[~at_all])[:_NAMED]))
    if (at_all & guessed & ~perhaps).any():
        gaps.append(gap("missing_data", "step_free_no_door", ids=tuple(named[guessed & ~perhaps])[:_NAMED]))
    if (at_all & perhaps & ~sure).any():
        gaps.append(hindrances.gap(walks))
    return cannot_tell(rule, *gaps, features=tuple(named[~sure]), **shown)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Hindrances:
    """Edges that a wheelchair cannot take, and those of which that is not known."""

    steps: NDArray[np.bool_]
    steep: NDArray[np.bool_]
    no_kind: NDArray[np.bool_]
    no_slope: NDArray[np.bool_]

    @classmethod
    def of(cls, walks: Walks, max_slope: float | None) -> _Hindrances:
        network, edges = walks.network, walks.edges
        steps = network.steps
        steep = no_slope = np.zeros(len(steps), dtype=bool)
        if max_slope is not None:
            relief = network.relief
            length = edges["length_m"].to_numpy(dtype=float)
            slope = np.zeros(len(steps)) if relief is None else relief.steepest(length)
            known = np.zeros(len(steps), dtype=bool) if relief is None else relief.known
            steep = ~steps & known & (slope > max_slope + _SAME_SLOPE)
            no_slope = ~steps & ~known
        return cls(
            steps=steps, steep=steep, no_kind=np.asarray(edges["kind"].isna(), dtype=bool), no_slope=no_slope
        )

    @property
    def certain(self) -> NDArray[np.bool_]:
        return self.steps | self.steep

    @property
    def unknown(self) -> NDArray[np.bool_]:
        return self.no_kind | self.no_slope

    def gap(self, walks: Walks) -> Gap:
        """Say what is not known of the ways."""
        ways = walks.edges["way_id"].astype(str)
        for column, where in (("kind", self.no_kind), ("slope", self.no_slope)):
            if where.any():
                return column_gap("walkways", column, tuple(dict.fromkeys(ways[where])))
        return column_gap("walkways", "kind")


def _places(facts: Facts, kind: StepFree, walks: Walks) -> tuple[list[str], NDArray[np.object_]]:
    """Return what is to be reached: the service rooms, and of each category the facility nearest to a gate."""
    ids: list[str] = []
    shapes: list[Any] = []
    rooms = [room.id for room in facts.rooms_for(kind.uses)] if facts.site.has("rooms") else []
    if rooms:
        frame = facts.site.layers["rooms"].set_index("room_id", drop=False).loc[rooms]
        doors = room_doors(facts.site, frame, facts.site.layers["entrances"])
        ids += rooms
        shapes += list(doors)
    if facts.has("facilities", "category") is None:
        category = walks.facilities["category"].to_numpy(dtype=object)
        facility_id = walks.facilities["facility_id"].to_numpy(dtype=object)
        metres = np.nan_to_num(walks.metres_to_gates(main=kind.main), nan=np.inf)
        for name in kind.categories:
            some = np.flatnonzero(category == name)
            if not len(some):
                continue
            nearest = some[np.argmin(metres[some])]
            ids.append(str(facility_id[nearest]))
            shapes.append(walks.facilities.geometry.iloc[nearest])
    return ids, np.array(shapes, dtype=object)


def _mended(facts: Facts, ids: list[str]) -> Gap | None:
    """Say that a route would be judged to a shape that was mended on reading."""
    for layer in ("rooms", "facilities"):
        mended = tuple(sorted(facts.site.repaired(layer) & set(ids)))
        if mended:
            return repaired_gap(layer, mended)
    return None


def _reached(network: WalkNetwork, places: Snapped, gates: Snapped) -> NDArray[np.bool_]:
    return ~np.isnan(metres_between(network, places, gates))


def _at(places: Snapped, edges: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which places touch the network on some edges only."""
    only = np.ones(places.count, dtype=bool)
    only[places.owner[~edges[places.edge]]] = False
    return only


def _broken(
    facts: Facts,
    rule: Rule,
    walks: Walks,
    *,
    broken: NDArray[np.bool_],
    ids: list[str],
    places: Snapped,
    gates: Snapped,
    hindrances: _Hindrances,
    shown: dict[str, Any],
) -> Finding:
    """Say which steps and slopes stand in the way."""
    ways = in_the_way(walks.network, places, gates, hindrances.certain)
    edges = sorted({edge for place in np.flatnonzero(broken).tolist() for edge in ways.get(place, ())})
    rows = walks.edges.iloc[edges]
    steps = hindrances.steps[edges]
    names = rows["way_id"].astype(str)
    stairs, slopes = (tuple(sorted(set(names[where]))) for where in (steps, ~steps))
    places_broken = tuple(np.array(ids, dtype=object)[broken])[:_NAMED]
    if stairs:
        way = Message("checks.step_free_stairs", steps=stairs[:_NAMED])
        if slopes:
            way = Message("checks.step_free_both", steps=stairs[:_NAMED], slopes=slopes[:_NAMED])
    else:
        way = Message("checks.step_free_slopes", slopes=slopes[:_NAMED])
    remedy = Message("checks.step_free_broken", places=places_broken, way=way)
    return finding(
        rule,
        Status.NOT_MET,
        remedy=remedy,
        features=(*stairs, *slopes),
        geometry=geojson(rows.geometry, facts.site.crs),
        **shown,
    )
