"""The vote of a stairwell: exact shares, by area and by heads."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.elevators.consent import VOTES, Ballot, Flat, Majority, Verdict
from plan.errors import UsageError

TWO_THIRDS, THREE_QUARTERS, HALF = Fraction(2, 3), Fraction(3, 4), Fraction(1, 2)
ELEVATOR = Majority(participation=TWO_THIRDS, approval=THREE_QUARTERS)
AT_LEAST_HALF = Majority(participation=TWO_THIRDS, approval=HALF)
FUND = Majority(participation=TWO_THIRDS, approval=HALF, approval_strict=True)


def ballot(*flats: tuple[str | None, str | None, str | None]) -> Ballot:
    """Flats as owner, area, vote."""
    return Ballot(
        flats=tuple(
            Flat(household=f"{i:02}", owner=o, area_m2=None if a is None else Fraction(a), vote=v)
            for i, (o, a, v) in enumerate(flats)
        ),
    )


def twelve(yes: int, no: int) -> Ballot:
    """Twelve equal flats of twelve owners; who does not vote stays away."""
    votes = ["yes"] * yes + ["no"] * no + ["absent"] * (12 - yes - no)
    return ballot(*((f"O{i}", "60", vote) for i, vote in enumerate(votes)))


@pytest.mark.parametrize(("taking_part", "needed"), [(8, 6), (9, 7), (12, 9)])
def test_of_twelve_flats_so_many_must_agree(taking_part: int, needed: int) -> None:
    assert twelve(needed, taking_part - needed).verdict(ELEVATOR) is Verdict.REACHED
    short = twelve(needed - 1, taking_part - needed + 1)
    assert short.verdict(ELEVATOR) is Verdict.NOT_REACHED
    hurdles = {h.name: h for h in short.hurdles(ELEVATOR)}
    assert hurdles["approval_heads"].needed == needed
    assert hurdles["approval_heads"].missing == 1


def test_of_twelve_flats_eight_must_take_part() -> None:
    seven = twelve(7, 0)
    assert seven.verdict(ELEVATOR) is Verdict.NOT_REACHED
    missing = {h.name: h.missing for h in seven.hurdles(ELEVATOR)}
    assert missing == {
        "participation_area": 60,
        "participation_heads": 1,
        "approval_area": 0,
        "approval_heads": 0,
    }


def test_an_owner_of_two_flats_is_one_head() -> None:
    # By area 150 of 200 agree, by heads one of two.
    two = ballot(("A", "75", "yes"), ("A", "75", "yes"), ("B", "50", "no"))
    assert two.verdict(AT_LEAST_HALF) is Verdict.REACHED
    assert two.verdict(FUND) is Verdict.NOT_REACHED
    three = ballot(("A", "75", "yes"), ("C", "75", "yes"), ("B", "50", "no"))
    assert three.verdict(FUND) is Verdict.REACHED


def test_exactly_half_is_not_more_than_half() -> None:
    even = ballot(("A", "0.1", "yes"), ("B", "0.2", "yes"), ("C", "0.15", "no"), ("D", "0.15", "no"))
    by_area, by_heads = even.hurdles(FUND)[2:]
    assert (by_area.met, by_area.missing) == (False, 0)
    assert (by_heads.met, by_heads.needed, by_heads.missing) == (False, 3, 1)


def test_an_owner_whose_flats_disagree_has_not_agreed_but_the_area_has() -> None:
    two = ballot(("A", "50", "yes"), ("A", "50", "no"))
    assert two.verdict(AT_LEAST_HALF) is Verdict.NOT_REACHED
    assert two.divided == ("A",)
    have = {h.name: h.have for h in two.hurdles(AT_LEAST_HALF)}
    assert (have["participation_heads"], have["approval_heads"], have["approval_area"]) == (1, 0, 50)


def test_an_owner_who_left_one_flat_out_still_takes_part_and_agrees() -> None:
    two = ballot(("A", "50", "yes"), ("A", "50", "absent"))
    have = {h.name: h.have for h in two.hurdles(AT_LEAST_HALF)}
    assert have == {
        "participation_area": 50,
        "participation_heads": 1,
        "approval_area": 50,
        "approval_heads": 1,
    }
    assert two.divided == ()


def test_two_thirds_of_three_is_exactly_enough() -> None:
    flats = [("A", "33.33", "yes"), ("B", "33.33", "yes"), ("C", "33.33", "absent")]
    assert ballot(*flats).verdict(ELEVATOR) is Verdict.REACHED
    flats[2] = ("C", "33.34", "absent")
    assert ballot(*flats).verdict(ELEVATOR) is Verdict.NOT_REACHED


def test_two_thirds_are_exact_where_sums_of_floats_are_not() -> None:
    # 0.1 + 0.2 is 0.30000000000000004 in binary: of 0.45 that is more than two thirds, by nothing.
    flats = [("A", "0.1", "yes"), ("B", "0.2", "yes"), ("C", "0.15", "absent")]
    reached = ballot(*flats).hurdles(ELEVATOR)[0]
    assert (reached.have, reached.needed, reached.met) == (Fraction("0.3"), Fraction("0.3"), True)
    # And 0.7 + 0.1 is 0.7999999999999999: short of two thirds of 1.2 in binary, exactly that on paper.
    flats = [("A", "0.7", "yes"), ("B", "0.1", "yes"), ("C", "0.4", "absent")]
    assert 0.7 + 0.1 < 0.8
    assert ballot(*flats).verdict(ELEVATOR) is Verdict.REACHED


def test_those_who_abstain_take_part_and_do_not_agree() -> None:
    flats = [("A", "10", "yes"), ("B", "10", "abstain"), ("C", "10", "absent")]
    assert ballot(*flats).verdict(AT_LEAST_HALF) is Verdict.REACHED
    assert ballot(*flats).verdict(FUND) is Verdict.NOT_REACHED


def test_a_local_rule_may_ask_of_all_owners() -> None:
    local = Majority(participation=TWO_THIRDS, approval=THREE_QUARTERS, of_all=TWO_THIRDS)
    # Six of eight that take part are enough for the law, and not two thirds of twelve.
    assert twelve(6, 2).verdict(ELEVATOR) is Verdict.REACHED
    assert twelve(6, 2).verdict(local) is Verdict.NOT_REACHED
    assert {h.name: h.missing for h in twelve(6, 2).hurdles(local)}["all_heads"] == 2
    assert twelve(8, 0).verdict(local) is Verdict.REACHED


def test_a_vote_that_is_not_written_down_counts_both_ways() -> None:
    cast = {
        ("yes", "yes", "yes", None): Verdict.REACHED,  # 3 of 4 take part if the last stays away, 3 of 4 agree
        ("yes", "yes", "no", None): Verdict.OPEN,  # 3 of 4 with the last in favour
        ("no", "no", "yes", None): Verdict.NOT_REACHED,
    }
    for votes, verdict in cast.items():
        flats = [(f"O{i}", "10", v) for i, v in enumerate(votes)]
        assert ballot(*flats).verdict(ELEVATOR) is verdict


@pytest.mark.parametrize(
    "flat",
    [(None, "10", "yes"), ("A", None, "yes"), ("A", "0", "yes"), ("A", "-5", "yes"), ("A", "10", "maybe")],
)
def test_what_cannot_be_counted_is_not_told(flat: tuple[str | None, str | None, str]) -> None:
    assert ballot(flat).verdict(ELEVATOR) is Verdict.CANNOT_TELL
    assert ballot(flat, ("B", "10", "yes")).verdict(ELEVATOR) is Verdict.CANNOT_TELL


def test_nobody_is_not_everybody() -> None:
    nothing_asked = Majority(participation=Fraction(0), approval=Fraction(0))
    assert ballot(("A", "10", "absent")).verdict(nothing_asked) is Verdict.NOT_REACHED
    assert Ballot(flats=()).verdict(nothing_asked) is Verdict.CANNOT_TELL


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(UsageError):
        Majority(participation=Fraction(3, 2), approval=HALF)


SHARES = st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(2, 3), Fraction(3, 4), Fraction(1)])
MAJORITIES = st.builds(
    Majority,
    participation=SHARES,
    approval=SHARES,
    approval_strict=st.booleans(),
    of_all=st.one_of(st.none(), SHARES),
)
FLATS = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(1, 4), st.sampled_from((*VOTES, None))),
    min_size=1,
    max_size=5,
)


def of(flats: list[tuple[str, int, str | None]], votes: list[str | None]) -> Ballot:
    return ballot(*((o, str(a), v) for (o, a, _), v in zip(flats, votes, strict=True)))


@settings(max_examples=200, deadline=None)
@given(flats=FLATS, majority=MAJORITIES)
def test_a_vote_is_told_only_when_every_way_to_complete_it_agrees(
    flats: list[tuple[str, int, str | None]], majority: Majority
) -> None:
    ways = itertools.product(*[VOTES if v is None else (v,) for _, _, v in flats])
    outcomes = {of(flats, list(way)).verdict(majority) for way in ways}
    told = of(flats, [v for _, _, v in flats]).verdict(majority)
    assert told is (outcomes.pop() if len(outcomes) == 1 else Verdict.OPEN)


@settings(max_examples=300, deadline=None)
@given(flats=FLATS, majority=MAJORITIES, turned=st.integers(0, 4))
def test_another_yes_never_hurts(
    flats: list[tuple[str, int, str | None]], majority: Majority, turned: int
) -> None:
    order = [Verdict.NOT_REACHED, Verdict.OPEN, Verdict.REACHED]
    votes = [v for _, _, v in flats]
    before = of(flats, votes).verdict(majority)
    votes[turned % len(votes)] = "yes"
    assert order.index(of(flats, votes).verdict(majority)) >= order.index(before)
