"""The vote of a stairwell: exact shares, by area and by heads."""

from __future__ import annotations

from fractions import Fraction

from small_sites import at, judged, site

from plan.checks.consent import Ballot, Flat
from plan.findings import Status
from plan.rules import kinds

TWO_THIRDS, THREE_QUARTERS, HALF = Fraction(2, 3), Fraction(3, 4), Fraction(1, 2)


def ballot(*flats: tuple[str | None, str | None, str | None]) -> Ballot:
    """Flats as owner, area, vote."""
    return Ballot(
        flats=tuple(Flat(owner=o, area_m2=None if a is None else Fraction(a), vote=v) for o, a, v in flats),
    )


def test_an_owner_of_two_flats_is_one_head() -> None:
    # By area 150 of 200 agree, by heads one of two.
    two = ballot(("A", "75", "yes"), ("A", "75", "yes"), ("B", "50", "no"))
    assert two.carries(TWO_THIRDS, HALF, strict=False) is True
    assert two.carries(TWO_THIRDS, HALF, strict=True) is False
    three = ballot(("A", "75", "yes"), ("C", "75", "yes"), ("B", "50", "no"))
    assert three.carries(TWO_THIRDS, HALF, strict=True) is True


def test_an_owner_whose_flats_disagree_has_not_agreed() -> None:
    assert ballot(("A", "50", "yes"), ("A", "50", "no")).carries(TWO_THIRDS, HALF, strict=False) is False


def test_two_thirds_of_three_is_exactly_enough() -> None:
    flats = [("A", "33.33", "yes"), ("B", "33.33", "yes"), ("C", "33.33", "absent")]
    assert ballot(*flats).carries(TWO_THIRDS, THREE_QUARTERS, strict=False) is True
    flats[2] = ("C", "33.34", "absent")
    assert ballot(*flats).carries(TWO_THIRDS, THREE_QUARTERS, strict=False) is False


def test_those_who_abstain_take_part_and_do_not_agree() -> None:
    flats = [("A", "10", "yes"), ("B", "10", "abstain"), ("C", "10", "absent")]
    assert ballot(*flats).carries(TWO_THIRDS, HALF, strict=False) is True
    assert ballot(*flats).carries(TWO_THIRDS, HALF, strict=True) is False


def test_a_vote_that_is_not_written_down_counts_both_ways() -> None:
    cast = {
        ("yes", "yes", "yes", None): True,  # 3 of 4 take part even if the last stays away, 3 of 4 agree
        ("yes", "yes", "no", None): None,
        ("no", "no", "yes", None): False,
    }
    for votes, carried in cast.items():
        flats = [(f"O{i}", "10", v) for i, v in enumerate(votes)]
        assert ballot(*flats).carries(TWO_THIRDS, THREE_QUARTERS, strict=False) is carried


def test_an_unknown_owner_or_area_leaves_it_open() -> None:
    assert ballot((None, "10", "yes")).carries(HALF, HALF, strict=False) is None
    assert ballot(("A", None, "yes")).carries(HALF, HALF, strict=False) is None


def test_nobody_is_not_everybody() -> None:
    assert ballot(("A", "10", "absent")).carries(Fraction(0), Fraction(0), strict=False) is False


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
