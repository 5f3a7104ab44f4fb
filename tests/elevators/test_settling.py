"""The fewest households that would settle a vote, against all sets of them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from test_consent import ELEVATOR, MAJORITIES, Ballot, ballot, twelve

from plan.elevators.consent import VOTES, Majority, Verdict
from plan.elevators.settling import settling


def fewest(votes: Ballot, majority: Majority) -> int | None:
    """Try every set of undecided households, small ones first."""
    undecided = [f.household for f in votes.flats if f.vote in {None, "absent", "abstain"}]
    for size in range(len(undecided) + 1):
        for chosen in itertools.combinations(undecided, size):
            if asked(votes, chosen).verdict(majority) is Verdict.REACHED:
                return size
    return None


def asked(votes: Ballot, chosen: tuple[str, ...]) -> Ballot:
    return Ballot(flats=tuple(replace(f, vote="yes") if f.household in chosen else f for f in votes.flats))


@settings(max_examples=150, deadline=None)
@given(
    flats=st.lists(
        st.tuples(st.sampled_from("ABCDE"), st.integers(1, 9), st.sampled_from((*VOTES, None, None, "yes"))),
        min_size=1,
        max_size=8,
    ),
    majority=MAJORITIES,
)
def test_no_fewer_would_do(flats: list[tuple[str, int, str | None]], majority: Majority) -> None:
    votes = ballot(*((o, f"{a}.1", v) for o, a, v in flats))
    found = settling(votes, majority)
    least = fewest(votes, majority)
    if least is None:
        assert found is None
    else:
        assert found is not None
        assert found.exact
        assert len(found.households) == least
        assert asked(votes, found.households).verdict(majority) is Verdict.REACHED


def test_two_more_are_enough_where_six_agree_and_none_is_against() -> None:
    found = settling(twelve(6, 0), ELEVATOR)
    assert found is not None
    assert (len(found.households), found.exact) == (2, True)


def test_nobody_can_settle_what_too_many_are_against() -> None:
    assert settling(twelve(6, 4), ELEVATOR) is None


def test_a_carried_vote_needs_nobody() -> None:
    found = settling(twelve(9, 3), ELEVATOR)
    assert found is not None
    assert found.households == ()


def test_the_larger_flat_is_asked_where_area_is_short() -> None:
    flats = [("A", "40", "yes"), ("B", "40", "yes"), ("C", "10", "absent"), ("D", "35", "absent")]
    # By heads either makes three of four; by area 2/3 of 125 need 83.3 of the 80 that vote.
    votes = ballot(*flats)
    found = settling(votes, ELEVATOR)
    assert found is not None
    assert len(found.households) == 1
    short = ballot(*flats[:2], ("C", "1", "absent"), ("D", "44", "absent"))
    found = settling(short, ELEVATOR)
    assert found is not None
    assert found.households == ("03",)


def test_what_cannot_be_counted_has_no_answer() -> None:
    assert settling(ballot((None, "10", "absent")), ELEVATOR) is None


def test_whole_units_decide_whatever_the_decimals() -> None:
    # Areas of many decimals make numbers beyond 2**53; the answer is counted again exactly.
    third = str(Fraction(10**12 + 1, 10**12))
    votes = ballot(("A", third, "yes"), ("B", third, "absent"), ("C", third, "absent"))
    found = settling(votes, ELEVATOR)
    assert found is not None
    assert len(found.households) == 1
