"""What is told of a site with gaps is true however the gaps are filled."""

from __future__ import annotations

import itertools
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from small_sites import judged, room, site

from plan.checks.consent import Ballot, Flat
from plan.findings import Status
from plan.rules import kinds

VOTES = ("yes", "no", "abstain", "absent")
SHARES = st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(2, 3), Fraction(3, 4), Fraction(1)])


@settings(max_examples=200, deadline=None)
@given(
    flats=st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(1, 4), st.sampled_from((*VOTES, None))),
        min_size=1,
        max_size=5,
    ),
    participation=SHARES,
    approval=SHARES,
    strict=st.booleans(),
)
def test_a_vote_is_told_only_when_every_way_to_complete_it_agrees(
    flats: list[tuple[str, int, str | None]], participation: Fraction, approval: Fraction, *, strict: bool
) -> None:
    def carries(votes: list[str | None]) -> bool | None:
        made = [Flat(owner=o, area_m2=Fraction(a), vote=v) for (o, a, _), v in zip(flats, votes, strict=True)]
        return Ballot(flats=tuple(made)).carries(participation, approval, strict=strict)

    ways = itertools.product(*[VOTES if v is None else (v,) for _, _, v in flats])
    outcomes = {carries(list(way)) for way in ways}
    told = carries([v for _, _, v in flats])
    assert told == (outcomes.pop() if len(outcomes) == 1 else None)


ROOMS = st.lists(
    st.tuples(
        st.sampled_from([50.0, 100.0, 150.0]),
        st.sampled_from([1, 2, 3, None]),
        st.sampled_from(["office", "shop", None]),
        st.sampled_from(["planned", "candidate", None]),
    ),
    min_size=1,
    max_size=3,
)
ASKED = (
    kinds.RoomArea(minimum_m2=150),
    kinds.RoomGroundFloor(minimum_m2=100),
    kinds.RoomGroundFloor(minimum_share=0.5),
    kinds.RoomFloors(lowest=1, highest=2),
)


@settings(max_examples=60, deadline=None)
@given(rows=ROOMS, asked=st.sampled_from(ASKED))
def test_a_verdict_on_rooms_holds_however_their_gaps_are_filled(
    rows: list[tuple[float, int | None, str | None, str | None]], asked: kinds.Kind
) -> None:
    def status(filled: list[tuple[float, int | None, str | None, str | None]]) -> Status:
        table = [room(f"R{i}", a, f, use=u, state=s) for i, (a, f, u, s) in enumerate(filled)]
        return judged(site(rooms=table), asked).status

    told = status(rows)
    choices = [
        itertools.product(
            [area],
            [1, 9] if floor is None else [floor],
            ["office", "shop"] if use is None else [use],
            ["planned", "candidate"] if state is None else [state],
        )
        for area, floor, use, state in rows
    ]
    outcomes = {status(list(way)) for way in itertools.product(*choices)}
    if told in (Status.MET, Status.NOT_MET):
        assert outcomes == {told}
