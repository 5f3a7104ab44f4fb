"""What is told of a site with gaps is true however the gaps are filled."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
from small_sites import judged, room, site

from plan.findings import Status
from plan.rules import kinds

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
