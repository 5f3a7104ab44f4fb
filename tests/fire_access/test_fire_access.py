"""What an engine reaches, on estates that can be measured by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from lanes import Y, area, at, estate, line, shed, site, stall
from shapely import LineString

import plan
from plan.errors import UsageError
from plan.fire_access import FireAccess, fire_access
from plan.site import Site


def house(found: FireAccess, name: str = "B1") -> pd.Series:
    rows = found.buildings.set_index("building_id")
    return rows.loc[name]


def test_a_free_lane_reaches_the_house_and_nothing_narrows_it() -> None:
    found = fire_access(estate())
    assert house(found)["reached"]
    assert house(found)["lane_m"] == pytest.approx(4.0, abs=1e-3)
    assert house(found)["distance_m"] == pytest.approx(6.0, abs=1e-3)
    assert found.pinches.empty
    assert set(found.lanes["state"]) == {"reachable"}


@pytest.mark.parametrize(("left", "reached"), [(4.0, True), (3.999, False)])
def test_a_corridor_of_exactly_the_width_passes_and_a_millimetre_less_does_not(
    left: float,
    reached: bool,  # noqa: FBT001 - what pytest gives
) -> None:
    # A wide lane between two rows of stalls that leave so much.
    rows = [stall("T1", 52 - left - 2.4, 20), stall("T2", 52, 20)]
    found = fire_access(estate(width=12.0, things=rows), reach_m=7)
    assert house(found)["reached"] == reached
    assert house(found)["lane_m"] == pytest.approx(left, abs=1e-4)


def test_a_pinch_has_its_width_its_two_sides_and_the_cheapest_cure() -> None:
    rows = [stall("T1", 45.6, 20), shed("X1", 51.2, 21, 3, 3)]
    found = fire_access(estate(width=6.0, things=rows))
    (pinch,) = found.pinches.to_dict("records")
    # The stall ends at 48.0, the shed begins at 51.2; clearing either leaves 4 m or more.
    assert pinch["width_m"] == pytest.approx(3.2, abs=1e-3)
    assert pinch["between"] == "X1;T1"
    assert pinch["layers"] == "obstacles;stalls"
    assert isinstance(pinch["geometry"], LineString)
    assert pinch["geometry"].length == pytest.approx(3.2, abs=1e-3)
    # As few things either way, and a stall costs nothing that is known.
    assert (pinch["cure"], pinch["widen"], pinch["for_good"]) == ("T1", "", False)
    assert pinch["buildings"] == "B1"
    assert house(found)["pinch_id"] == pinch["pinch_id"]
    assert not house(found)["reached"]
    assert house(found)["cure"] == "T1"


def test_the_cost_of_the_cure_is_that_of_what_is_cleared_away() -> None:
    found = fire_access(estate(things=[shed("X1", 51, 20, 3, 3, cost_cny=6000.0)]))
    (pinch,) = found.pinches.to_dict("records")
    assert (pinch["cure"], pinch["cost_cny"]) == ("X1", 6000.0)
    assert pinch["width_m"] == pytest.approx(3.0, abs=1e-3)


def test_what_is_not_marked_removable_is_never_cleared_away() -> None:
    # Between two fixed things 3 m apart nothing helps, wherever the lane is led.
    fixed = [shed("X1", 30, 20, 18, 3, removable=False), shed("X2", 51, 20, 30, 3, removable=None)]
    found = fire_access(estate(things=fixed))
    (pinch,) = found.pinches.to_dict("records")
    assert pinch["width_m"] == pytest.approx(3.0, abs=1e-3)
    assert (pinch["cure"], pinch["for_good"]) == ("", True)
    assert math.isnan(pinch["cost_cny"])
    assert not house(found)["curable"]


def test_a_fixed_thing_is_passed_by_where_the_carriageway_can_be_widened() -> None:
    tree = {
        "obstacle_id": "X1",
        "kind": "tree",
        "radius_m": 1.0,
        "removable": False,
        "geometry": at(52.5, 20),
    }
    found = fire_access(estate(things=[tree]))
    (pinch,) = found.pinches.to_dict("records")
    assert pinch["width_m"] == pytest.approx(51.5 - 48, abs=1e-3)
    assert (pinch["cure"], pinch["widen"], pinch["for_good"]) == ("", "L1", False)


def test_a_lane_that_is_drawn_too_narrow_is_widened() -> None:
    found = fire_access(estate(width=3.2))
    (pinch,) = found.pinches.to_dict("records")
    assert pinch["width_m"] == pytest.approx(3.2, abs=1e-3)
    assert (pinch["between"], pinch["widen"]) == ("L1", "L1")
    assert not house(found)["reached"]
    # What lies on the street itself is reached.
    narrow = found.lanes[found.lanes["state"] == "too_narrow"]
    assert narrow.total_bounds[1] > Y - 7


def test_a_gate_narrows_the_way() -> None:
    posts = [
        {"barrier_id": "K1", "kind": "wall", "removable": False, "geometry": line((0, 0), (48.3, 0))},
        {"barrier_id": "K2", "kind": "wall", "removable": True, "geometry": line((51.7, 0), (100, 0))},
    ]
    found = fire_access(estate(width=6.0, barriers=posts))
    (pinch,) = found.pinches.to_dict("records")
    assert pinch["width_m"] == pytest.approx(3.4, abs=2e-3)
    assert pinch["between"] == "K1;K2"
    assert pinch["cure"] == "K2"


def test_a_lane_that_stops_short_of_the_house_does_not_reach_it() -> None:
    found = fire_access(estate(), reach_m=5.99)
    assert not house(found)["reached"]
    assert house(found)["lane_m"] == 0
    assert house(found)["pinch_id"] is None
    assert fire_access(estate(), reach_m=6).buildings["reached"].all()


def test_cars_in_a_garage_below_the_ground_narrow_nothing() -> None:
    below = {"stall_id": "T1", "kind": "underground", "geometry": area(47, 20, 6, 6)}
    assert fire_access(estate(things=[below])).buildings["reached"].all()


def test_a_lane_that_is_known_to_be_low_carries_no_engine() -> None:
    rows = [{"lane_id": "L1", "width_m": 4.0, "height_m": 3.5, "geometry": line((50, -10), (50, 60))}]
    found = fire_access(estate(fire_lanes=rows))
    assert not house(found)["reached"]
    rows[0]["height_m"] = 4.0
    assert fire_access(estate(fire_lanes=rows)).buildings["reached"].all()


def test_a_lane_drawn_as_an_area_is_measured_as_it_is_drawn() -> None:
    rows = [{"lane_id": "L1", "width_m": 9.0, "geometry": area(48, -10, 4, 70)}]
    found = fire_access(estate(fire_lanes=rows, things=[shed("X1", 51.5, 20, 3, 3)]))
    assert not house(found)["reached"]
    assert found.lanes["clear_m"].iloc[0] == pytest.approx(3.5, abs=1e-3)


# --- what is not known ---------------------------------------------------------------------------


def unknown(found: FireAccess) -> set[tuple[str, str]]:
    return {(u.layer, u.column) for u in found.unknown}


def test_absent_fire_lanes_are_not_no_lane() -> None:
    found = fire_access(estate(fire_lanes=[]))
    assert house(found)["reached"] is pd.NA
    assert ("fire_lanes", "") in unknown(found)


def test_a_house_on_the_street_is_reached_without_a_fire_lane() -> None:
    near = [{"building_id": "B1", "floors": 6, "geometry": area(10, 1, 12, 12)}]
    assert fire_access(estate(fire_lanes=[], buildings=near)).buildings["reached"].all()


@pytest.mark.parametrize("layer", ["entrances", "parcels"])
def test_without_gates_or_outline_nobody_knows_where_an_engine_comes_from(layer: str) -> None:
    narrow = [shed("X1", 51, 20, 3, 3)]
    found = fire_access(estate(things=narrow, **{layer: []}))
    assert house(found)["reached"] is pd.NA


def test_a_lane_of_unknown_width_leaves_its_houses_open() -> None:
    found = fire_access(estate(width=None))
    assert house(found)["reached"] is pd.NA
    assert ("fire_lanes", "width_m") in unknown(found)


def test_ground_of_unknown_surface_may_carry_an_engine_and_soil_does_not() -> None:
    def with_yard(surface: str | None) -> Site:
        yard = [{"space_id": "A1", "surface": surface, "geometry": area(50, 30, 20, 14)}]
        short = [{"lane_id": "L1", "width_m": 4.0, "geometry": line((50, -10), (50, 33))}]
        return estate(fire_lanes=short, open_spaces=yard)

    assert house(fire_access(with_yard("concrete"), reach_m=5))["reached"] == True  # noqa: E712 - or NA
    assert house(fire_access(with_yard(None), reach_m=5))["reached"] is pd.NA
    assert house(fire_access(with_yard("soil"), reach_m=5))["reached"] == False  # noqa: E712 - or NA


def test_a_wall_across_the_gate_leaves_the_width_of_the_opening_open() -> None:
    wall = [{"barrier_id": "K1", "kind": "wall", "geometry": line((0, 0), (100, 0))}]
    found = fire_access(estate(barriers=wall))
    assert house(found)["reached"] is pd.NA
    assert [u.ids for u in found.unknown if u.layer == "barriers"] == [("K1",)]


def test_a_pole_of_unknown_size_in_the_lane_may_shut_it() -> None:
    pole = {"obstacle_id": "X1", "kind": "pole", "geometry": at(52, 20)}
    assert house(fire_access(estate(things=[pole])))["reached"] is pd.NA


def test_a_building_without_a_shape_cannot_be_told() -> None:
    found = fire_access(
        estate(
            buildings=[
                {"building_id": "B1", "floors": 6},
                {"building_id": "B2", "floors": 6, "geometry": area(58, 46, 12, 12)},
            ]
        )
    )
    assert house(found)["reached"] is pd.NA
    assert house(found, "B2")["reached"]


def test_an_estate_with_nothing_but_houses_is_all_open() -> None:
    bare = site(buildings=[{"building_id": "B1", "floors": 6, "geometry": area(0, 0, 10, 10)}])
    found = fire_access(bare)
    assert found.buildings["reached"].isna().all()
    assert found.lanes.empty
    assert found.pinches.empty
    assert found.dead_ends.empty


@pytest.mark.parametrize(
    "figure", ["width_m", "height_m", "reach_m", "widen_m", "dead_end_m", "turnaround_m"]
)
@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_figures_that_make_no_sense_are_refused(figure: str, value: float) -> None:
    with pytest.raises(UsageError):
        fire_access(estate(), **{figure: value})


# --- dead ends -----------------------------------------------------------------------------------


def ends(found: FireAccess) -> list[tuple[str, float]]:
    return list(zip(found.dead_ends["lane_id"], found.dead_ends["length_m"], strict=True))


def test_a_dead_end_is_as_long_as_the_way_back_to_the_street() -> None:
    # From the edge of the street, at y = -6, to the end of the lane.
    assert ends(fire_access(estate())) == [("L1", pytest.approx(66, abs=4.1))]
    assert ends(fire_access(estate(), dead_end_m=80)) == []


def test_a_loop_has_no_end() -> None:
    more = [{"lane_id": "L2", "width_m": 4.0, "geometry": line((50, 60), (80, 60), (80, 20), (50, 20))}]
    assert ends(fire_access(estate(lanes=more))) == []


@pytest.mark.parametrize("off", [0.0, 0.004, 1.5])
def test_a_lane_that_ends_beside_the_middle_of_another_one_opens_into_it(off: float) -> None:
    # Drawn to the centimetre, or only to the edge of the lane.
    slant = [
        {"lane_id": "L2", "width_m": 4.0, "geometry": line((50, 60), (90, 63))},
        {
            "lane_id": "L3",
            "width_m": 4.0,
            "geometry": line((77.77, 62.08275 - off), (77.77, 11), (50 + off, 11)),
        },
    ]
    assert ends(fire_access(estate(lanes=slant))) == []


def test_a_lane_ends_where_it_is_pinched() -> None:
    loop = [{"lane_id": "L2", "width_m": 4.0, "geometry": line((50, 60), (90, 60), (90, 10), (50, 10))}]
    cut = fire_access(estate(lanes=loop, things=[shed("X1", 70, 60, 3, 3)]))
    assert len(ends(cut)) == 2
    assert cut.buildings["reached"].all()


@pytest.mark.parametrize(("side", "fits"), [(12.0, True), (11.99, False)])
def test_a_square_of_exactly_the_size_is_room_to_turn(side: float, fits: bool) -> None:  # noqa: FBT001
    yard = [{"space_id": "A1", "surface": "concrete", "geometry": area(50 - side / 2, 60, side, side)}]
    # Nothing else can be turned on: greenery all round.
    green = [
        {"obstacle_id": "X1", "kind": "green", "geometry": area(1, 1, 43 - side / 2 + 6, 98)},
        {"obstacle_id": "X2", "kind": "green", "geometry": area(51 + side / 2, 1, 40, 98)},
        {"obstacle_id": "X3", "kind": "green", "geometry": area(30, 60 + side, 40, 99 - 60 - side)},
    ]
    found = fire_access(
        estate(
            open_spaces=yard,
            things=green,
            buildings=[{"building_id": "B1", "floors": 6, "geometry": area(58, 90, 5, 5)}],
        )
    )
    assert [bool(t) for t in found.dead_ends["turnaround"].fillna(value=False)] == [fits]


# --- the sample ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def old(sample_gis) -> FireAccess:
    return fire_access(plan.read_site(sample_gis / "old_estate.gpkg"))


def test_twenty_of_the_old_estates_houses_are_reached(old: FireAccess) -> None:
    assert int(old.buildings["reached"].sum()) == 20
    assert not old.buildings["reached"].isna().any()


def test_the_old_estates_pinches_are_those_that_were_drawn(old: FireAccess) -> None:
    widths = dict(zip(old.pinches["between"], old.pinches["width_m"], strict=True))
    # Lanes drawn at 3.2 to 3.6 m, two sheds half a metre in the lane, a fence, the crown of a tree.
    for lane, wide in {"F08": 3.6, "F10": 3.5, "F12": 3.4, "F13": 3.2, "F15": 3.2}.items():
        assert widths[lane] == pytest.approx(wide, abs=2e-3)
    assert widths["X059;F15"] == pytest.approx(2.7, abs=5e-3)
    assert widths["X058;F11"] == pytest.approx(3.5, abs=6e-3)
    cures = old.pinches.set_index("between")
    assert cures.loc["X058;F11", ["cure", "widen", "cost_cny"]].tolist() == ["X058", "", 6000.0]
    assert cures.loc["X059;F15", "cure"] == "X059"
    assert cures.loc["K14;F11", "cure"] == "K14"
    # The tree is not marked removable: the lane is led past it.
    assert cures.loc["X153;F07", ["cure", "widen"]].tolist() == ["", "F07"]


def test_the_same_estate_gives_the_same_tables(old: FireAccess, sample_gis) -> None:
    again = fire_access(plan.read_site(sample_gis / "old_estate.gpkg"))
    for name, table in old.layers().items():
        assert table.to_json() == again.layers()[name].to_json()


def test_an_import_from_a_street_map_cannot_be_told(shared) -> None:
    found = fire_access(plan.read_site(shared / "data" / "shenzhen_nanshan.osm.pbf"))
    assert ("fire_lanes", "") in unknown(found)
    assert not found.buildings["reached"].eq(other=False).fillna(value=False).any()
    assert found.buildings["reached"].isna().any()


def test_an_elevator_on_the_lane_narrows_it_for_good() -> None:
    """Shafts that leave 3 m between them, and whatever is beside is kept, too."""
    shafts = [
        {"elevator_id": "E1", "stairwell_id": "1", "state": "proposed", "geometry": area(20, 20, 28, 3)},
        {"elevator_id": "E2", "stairwell_id": "2", "state": "proposed", "geometry": area(51, 20, 30, 3)},
    ]
    found = fire_access(estate(elevators=shafts))
    (pinch,) = found.pinches.to_dict("records")
    assert pinch["width_m"] == pytest.approx(3.0, abs=1e-3)
    assert pinch["between"] == "E1;E2"
    assert pinch["layers"] == "elevators;elevators"
    assert (pinch["cure"], pinch["for_good"]) == ("", True)
