"""Households as ballots: who votes together, and what cannot be counted."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
from test_consent import ELEVATOR

from plan.elevators.ballots import ballots_of, consents, strays
from plan.elevators.consent import Verdict
from plan.errors import UsageError


def flats(*rows: dict[str, object]) -> pd.DataFrame:
    made = []
    for i, row in enumerate(rows):
        made.append(
            {
                "household_id": f"H{i}",
                "building_id": "B1",
                "stairwell_id": "1",
                "area_m2": 50.0,
                "owner_id": f"O{i}",
                "vote": "yes",
            }
            | row
        )
    return pd.DataFrame(made)


def codes(frame: pd.DataFrame, **options: object) -> list[str]:
    return [d.code for d in consents(frame, majority=ELEVATOR, **options)["1"].doubts]


def test_an_area_is_the_decimal_that_was_written() -> None:
    (one,) = ballots_of(flats({"area_m2": 55.1}))["1"].flats
    assert one.area_m2 == Fraction("55.1")


def test_the_same_id_in_two_buildings_is_two_stairwells() -> None:
    assert list(ballots_of(flats({}, {"building_id": "B2"}))) == ["B1/1", "B2/1"]


def test_the_scope_decides_who_votes_together() -> None:
    frame = flats({}, {"stairwell_id": "2", "vote": "no"}, {"building_id": "B2", "stairwell_id": "3"})
    assert {s: list(ballots_of(frame, scope=s)) for s in ("stairwell", "building", "estate")} == {
        "stairwell": ["1", "2", "3"],
        "building": ["B1", "B2"],
        "estate": ["estate"],
    }
    verdicts = {n: c.verdict for n, c in consents(frame, majority=ELEVATOR, scope="building").items()}
    assert verdicts == {"B1": Verdict.NOT_REACHED, "B2": Verdict.REACHED}
    assert list(ballots_of(frame.assign(estate_id=["E1", "E1", "E2"]), scope="estate")) == ["E1", "E2"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"owner_id": None}, "no_owner"),
        ({"owner_id": "  "}, "no_owner"),
        ({"area_m2": np.nan}, "no_area"),
        ({"area_m2": 0.0}, "no_area"),
        ({"area_m2": -1.0}, "no_area"),
        ({"area_m2": np.inf}, "no_area"),
        ({"vote": "maybe"}, "odd_vote"),
        ({"household_id": "H0"}, "twice"),
        ({"stairwell_id": None}, "astray"),
    ],
)
def test_what_cannot_be_counted_is_named_and_not_told(row: dict[str, object], code: str) -> None:
    frame = flats({}, {}, {}, row)
    found = consents(frame, majority=ELEVATOR)["1"]
    assert [d.code for d in found.doubts] == [code]
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.doubts[0].households


def test_more_owners_than_the_register_has_are_a_doubt() -> None:
    assert codes(flats({}, {}, {}), registered={"1": 2}) == ["too_many"]
    assert codes(flats({}, {}, {}), registered={"1": 3}) == []
    with pytest.raises(UsageError, match="9"):
        codes(flats({}), registered={"9": 3})


@pytest.mark.parametrize("other", ["张 三", "张三 ", "张\u3000三", "张·三"])
def test_an_owner_spelled_in_two_ways_is_reported_and_never_merged(other: str) -> None:
    # Four heads of whom three agree; if the two are one, two of three do.
    frame = flats({"owner_id": "张三"}, {}, {}, {"owner_id": other, "vote": "no"})
    found = consents(frame, majority=ELEVATOR)["1"]
    assert [d.code for d in found.doubts] == ["spelled_matters"]
    assert found.verdict is Verdict.REACHED
    assert "张" not in found.doubts[0].message
    assert found.doubts[0].households == ("H0", "H3")


def test_full_width_and_half_width_are_alike_and_may_not_matter() -> None:
    assert codes(flats({"owner_id": "A1"}, {"owner_id": "Ａ１"})) == ["spelled"]
    assert codes(flats({"owner_id": "A1"}, {"owner_id": "A2"})) == []
    assert codes(flats({"owner_id": "1-11"}, {"owner_id": "11-1"})) == []


def test_households_of_no_stairwell_leave_their_building_open() -> None:
    frame = flats({}, {"building_id": "B2", "stairwell_id": "2"}, {"stairwell_id": None})
    assert strays(frame) == (("H2",), frozenset({"1"}))
    nowhere = frame.assign(building_id=["B1", "B2", None])
    assert strays(nowhere) == (("H2",), frozenset({"1", "2"}))
    assert strays(frame, scope="building") == ((), frozenset())


def test_a_missing_column_and_an_unknown_scope_are_named() -> None:
    with pytest.raises(UsageError, match="vote"):
        ballots_of(flats({}).drop(columns="vote"))
    with pytest.raises(UsageError, match="street"):
        ballots_of(flats({}), scope="street")


def test_households_without_ids_are_counted_and_two_of_them_are_a_doubt() -> None:
    one = consents(flats({"household_id": None}, {}, {"vote": "absent"}), majority=ELEVATOR, ask=True)["1"]
    assert (one.verdict, one.doubts) == (Verdict.REACHED, ())
    assert codes(flats({"household_id": None}, {"household_id": None})) == ["twice"]


def test_an_empty_list_has_no_ballots() -> None:
    assert ballots_of(flats({}).iloc[:0]) == {}


def test_the_sample_estate(sample_gis: Path) -> None:
    households = pyogrio.read_dataframe(
        sample_gis / "old_estate.gpkg", layer="households", read_geometry=False
    )
    found = consents(households, majority=ELEVATOR, ask=True)
    assert Counter(c.verdict.value for c in found.values()) == {"reached": 58, "not_reached": 59}
    asked = [c.settling for c in found.values() if c.settling is not None]
    assert (len(asked), all(s.exact for s in asked)) == (29, True)
    # A stairwell that has carried, or that nobody can carry any more, has nobody to ask.
    assert {len(s.households) for s in asked} == {1, 2, 3, 4}


def test_the_order_of_rows_changes_nothing(sample_gis: Path) -> None:
    households = pyogrio.read_dataframe(
        sample_gis / "old_estate.gpkg", layer="households", read_geometry=False
    )
    again = consents(households.iloc[::-1], majority=ELEVATOR, scope="building", ask=True)
    assert again == consents(households, majority=ELEVATOR, scope="building", ask=True)
