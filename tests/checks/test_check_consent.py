"""The votes of stairwells as a check tells them: counts, and nothing about anybody's vote."""

from __future__ import annotations

from fractions import Fraction

from small_sites import at, judged, site

from plan.findings import Status
from plan.rules import kinds

TWO_THIRDS, THREE_QUARTERS = Fraction(2, 3), Fraction(3, 4)


def flat(stair: str, number: int, vote: str | None, building: str = "B1") -> dict[str, object]:
    name = f"{building}-{stair}-{number}"
    return {
        "household_id": name,
        "building_id": building,
        "stairwell_id": stair,
        "area_m2": 50.0,
        "owner_id": name,
        "vote": vote,
    }


CONSENT = kinds.Consent(participation=TWO_THIRDS, approval=THREE_QUARTERS)


def test_stairwells_are_counted_one_by_one_and_no_vote_is_drawn() -> None:
    where = site(
        households=[
            flat("1", 1, "yes"),
            flat("1", 2, "yes"),
            flat("2", 1, "yes"),
            flat("2", 2, "no"),
            flat("3", 1, None),
        ],
        entrances=[
            {
                "entrance_id": "D1",
                "kind": "stairwell",
                "building_id": "B1",
                "stairwell_id": "1",
                "geometry": at(0, 0),
            }
        ],
    )
    found = judged(where, CONSENT)
    assert (found.status, found.measured, found.required) == (Status.NOT_MET, 1, 2)
    # Reports are public: which stairwells they are is not said.
    assert found.features == ()
    # A hearing map is public: how a stairwell voted is not a place on it.
    assert found.geometry is None
    assert "1 个梯号没有表决" in str(found.remedy)


def test_the_first_stairwell_of_each_building_is_its_own() -> None:
    where = site(households=[flat("1", 1, "yes"), flat("1", 1, "no", building="B2")])
    found = judged(where, CONSENT)
    assert (found.measured, found.required) == (1, 2)


def test_a_vote_that_was_not_held_is_not_lost() -> None:
    found = judged(site(households=[flat("1", 1, None)]), CONSENT)
    assert str(found.reason).startswith("missing_data")


def test_a_flat_of_no_known_stairwell_leaves_its_building_open() -> None:
    agreed = [flat("1", 1, "yes"), flat("1", 2, "yes")]
    assert judged(site(households=agreed), CONSENT).status is Status.MET
    astray = flat("1", 3, "no") | {"stairwell_id": None}
    found = judged(site(households=[*agreed, astray]), CONSENT)
    assert found.status is Status.UNDETERMINED
    assert "B1-1-3" in str(found.reason)
    elsewhere = astray | {"building_id": "B2"}
    assert judged(site(households=[*agreed, elsewhere]), CONSENT).status is Status.MET
    nowhere = astray | {"building_id": None}
    assert judged(site(households=[*agreed, nowhere]), CONSENT).status is Status.UNDETERMINED


def test_owners_spelled_in_two_ways_need_a_person_where_it_matters() -> None:
    # As four persons three of four agree; if two of them are one, that owner's flats voted differently.
    flats = [flat("1", n, "yes") | {"owner_id": o} for n, o in enumerate(("张三", "李四", "王五"))]
    other = flat("1", 4, "no") | {"owner_id": "张 三"}
    found = judged(site(households=[*flats, other]), CONSENT)
    assert found.status is Status.UNDETERMINED
    assert str(found.reason).startswith("needs_person")
    assert "张" not in str(found.reason)


def test_a_local_rule_may_ask_for_two_thirds_of_all() -> None:
    # Three of four take part and agree: enough by law, and by a rule of two thirds of all.
    three = [flat("1", n, "yes") for n in (1, 2, 3)]
    local = kinds.Consent(participation=TWO_THIRDS, approval=THREE_QUARTERS, of_all=THREE_QUARTERS)
    where = site(households=[*three, flat("1", 4, "absent")])
    assert judged(where, local).status is Status.MET
    where = site(households=[*three[:2], flat("1", 3, "abstain"), flat("1", 4, "yes")])
    assert judged(where, local).status is Status.MET
    where = site(households=[*three, flat("1", 4, "absent"), flat("1", 5, "no")])
    assert judged(where, CONSENT).status is Status.MET
    assert judged(where, local).status is Status.NOT_MET
