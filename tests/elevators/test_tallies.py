"""Votes as tables: counts for everybody, the rest for the organisers."""

from __future__ import annotations

from test_ballots import flats
from test_consent import ELEVATOR

from plan.elevators.ballots import consents
from plan.elevators.tallies import amounts_table, consent_frame, consent_table

# A stairwell that agrees, one that does not, one that depends, one that cannot be counted, one that has not begun.
HOUSEHOLDS = flats(
    {"stairwell_id": "1"},
    {"stairwell_id": "2", "vote": "no"},
    {"stairwell_id": "3", "vote": "absent"},
    {"stairwell_id": "3", "vote": None},
    {"stairwell_id": "3"},
    {"stairwell_id": "4", "owner_id": None},
    {"stairwell_id": "5", "vote": None},
)


def test_what_is_public_is_a_count() -> None:
    table = consent_table(consents(HOUSEHOLDS, majority=ELEVATOR))
    assert [row[1] for row in table.rows] == ["1", "1", "1", "1", "1"]
    assert not any("H" in str(cell) or "O" in str(cell) for row in table.rows for cell in row)


def test_the_organisers_see_what_is_missing_and_whom_to_ask() -> None:
    frame = consent_frame(consents(HOUSEHOLDS, majority=ELEVATOR, ask=True)).set_index("ballot")
    assert frame["verdict"].tolist() == ["reached", "not_reached", "open", "cannot_tell", "open"]
    assert frame.loc["3", "ask_households"] == "H3"
    assert (frame.loc["3", "participation_heads_missing"], frame.loc["3", "participation_area_missing"]) == (
        1,
        50,
    )
    assert frame.loc["4", "doubts"] == "no_owner"
    assert consent_frame({}).empty


def test_amounts_of_other_places_show_their_evidence() -> None:
    table = amounts_table()
    assert [row[0] for row in table.rows][:2] == ["EL-COST", "EL-SUB-SH"]
    assert all(row[-1] for row in table.rows)
