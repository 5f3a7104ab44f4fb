"""Each kind of rule: met, not met, cannot tell, and exactly at the limit."""

from __future__ import annotations

import pytest
from cases import ANSWERS, MET, NOT_MET, UNDETERMINED, Cases
from cases_of_communities import CASES as COMMUNITIES
from cases_of_elevators import CASES as ELEVATORS
from cases_of_fire_lanes import CASES as FIRE_LANES
from cases_of_rooms import CASES as ROOMS
from cases_of_stalls import CASES as STALLS
from cases_of_walking import CASES as WALKING
from small_sites import judged, site

from plan.checks import CHECKS
from plan.rules import KINDS, Kind, kinds
from plan.site import Site

CASES: Cases = ROOMS | COMMUNITIES | WALKING | STALLS | FIRE_LANES | ELEVATORS


def test_every_judged_kind_has_a_measure() -> None:
    assert set(CHECKS) == {kind for kind in KINDS.values() if kind.judged}


@pytest.mark.parametrize("kind", CHECKS, ids=lambda k: k.__name__)
def test_every_measure_is_tested_with_every_answer(kind: type[Kind]) -> None:
    # Only a person can answer a record, so it has one answer.
    wanted = {"undetermined"} if kind is kinds.Record else set(ANSWERS)
    assert set(CASES[kind]) == wanted


@pytest.mark.parametrize(
    ("kind", "answer"),
    [(k, a) for k, cases in CASES.items() for a in cases],
    ids=lambda v: getattr(v, "__name__", v),
)
def test_a_measure_answers(kind: type[Kind], answer: str) -> None:
    where, asked, expected, *earlier = CASES[kind][answer]()
    found = judged(where, asked, earlier=earlier[0] if earlier else None)
    assert type(asked) is kind
    assert (found.status, found.reason if expected is MET else None) == (expected, None)
    assert found.clause.quote == "Q"
    if expected is NOT_MET:
        assert found.remedy
    if expected is UNDETERMINED:
        assert found.remedy
        assert found.reason


@pytest.mark.parametrize("kind", CASES, ids=lambda k: k.__name__)
def test_what_is_absent_or_empty_is_never_met(kind: type[Kind]) -> None:
    where, asked, _, *earlier = CASES[kind]["undetermined"]()
    for bare in (site(), site(**{name: [] for name in where.layers})):
        found = judged(bare, asked, earlier=earlier[0] if earlier else None)
        assert found.status is UNDETERMINED
        assert str(found.reason).startswith(("missing_data", "needs_person"))


UNNEEDED = {
    # Open ground is compared with the residents of the whole site where there are no communities.
    (kinds.PlazaPerPerson, "communities"),
    # The wall beside the lane is there for the rule about facades.
    (kinds.FireLaneWidth, "buildings"),
    # How wide a lane is between what stands there does not depend on the way to it.
    (kinds.FireLaneUnbroken, "parcels"),
    (kinds.FireLaneUnbroken, "entrances"),
}


@pytest.mark.parametrize("kind", CASES, ids=lambda k: k.__name__)
def test_each_layer_that_decides_is_needed(kind: type[Kind]) -> None:
    if "met" not in CASES[kind]:
        return
    where, asked, _, *earlier = CASES[kind]["met"]()
    for name in where.layers:
        rest = {n: where.layer(n) for n in where.layers if n != name}
        found = judged(
            Site(name="S", layers=rest, crs=where.crs), asked, earlier=earlier[0] if earlier else None
        )
        if found.status is MET:
            assert (kind, name) in UNNEEDED
        else:
            assert found.status is UNDETERMINED
