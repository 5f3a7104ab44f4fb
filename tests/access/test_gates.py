from __future__ import annotations

import numpy as np
import pytest
import shapely
from walled import BUILD, layer, line, walled_site

import plan
from plan.access.gates import place_gates, with_placed_gates
from plan.access.whatif import WhatIf
from plan.errors import MissingLayerError, UsageError

SHOP = "convenience_store"


def place(site, **more):
    return place_gates(site, build=BUILD, weights={SHOP: 1.0}, **more)


def reasons(placed):
    return set(placed.rejected["reason"].map(lambda why: why.key))


def test_the_best_opening_and_what_it_saves():
    placed = place(walled_site(), max_gates=1)
    # Candidates stand at 5, 15, … 185 m. Through x=55 the first house walks 30 m instead of 320, the second
    # 80 instead of 260: 470 m of walking at 60 m/min.
    assert placed.measures["candidates"] == 19
    gate = placed.features.iloc[0]
    assert (gate.geometry.x, gate.geometry.y) == (55, 50)
    assert gate["barrier_id"] == "WALL"
    assert gate["rank"] == 1
    assert gate["household_minutes_saved"] == pytest.approx(470 / 60, abs=1e-9)
    assert gate["households_winning"] == 2
    assert gate["households_gained"] == 1  # 5.3 minutes before, and the limit is 5
    assert gate["winner_buildings"] == "B1;B2"
    assert gate["new_way_m"] == pytest.approx(20)
    assert gate["cost_cny"] is None
    assert placed.measures["gained_by_category"] == {SHOP: 1}
    assert placed.measures["weights"] == {SHOP: 1.0}
    assert reasons(placed) == {"gates.saves_less_alone"}
    assert len(placed.rejected) == 18


def test_the_promise_is_kept_when_the_gate_is_drawn_in():
    site = walled_site()
    placed = place(site, max_gates=1)
    before, after = (WhatIf.of(s, build=BUILD).minutes[SHOP] for s in (site, with_placed_gates(site, placed)))
    assert (before - after).sum() == pytest.approx(placed.features["household_minutes_saved"].sum(), abs=1e-9)
    table = placed.measures["before_after"].set_index("building_id")
    assert table["before_min"].tolist() == pytest.approx(before.tolist(), abs=1e-9)
    assert table["after_min"].tolist() == pytest.approx(after.tolist(), abs=1e-9)
    assert table["saved_min"].tolist() == pytest.approx([290 / 60, 3.0], abs=1e-9)
    assert table["gained"].tolist() == [SHOP, ""]


def test_of_equal_openings_the_first_along_the_wall_is_taken():
    site = walled_site(doors=((50, 40),))  # x=45 and x=55 are equally good
    placed = [place(site, max_gates=1) for _ in range(2)]
    assert placed[0].features.geometry.iloc[0].x == 45
    assert placed[0].features.equals(placed[1].features)
    assert placed[0].rejected.equals(placed[1].rejected)


def test_several_gates_each_given_those_before():
    # Two shops far apart behind the wall; one gate serves one of them.
    shops = layer(
        [shapely.Point(50, 60), shapely.Point(150, 60)], facility_id=["S1", "S2"], category=["park", "market"]
    )
    site = walled_site(doors=((50, 40), (150, 40)), facilities=shops)
    placed = place_gates(site, build=BUILD, weights={"park": 1, "market": 1}, max_gates=5)
    assert placed.features["rank"].tolist() == list(range(1, len(placed.features) + 1))
    saved = placed.features["household_minutes_saved"]
    assert len(saved) > 1
    assert saved.is_monotonic_decreasing
    whole = (
        WhatIf.of(site, build=BUILD).minutes - WhatIf.of(with_placed_gates(site, placed), build=BUILD).minutes
    )
    assert whole.to_numpy().sum() == pytest.approx(saved.sum(), abs=1e-9)
    assert placed.measures["household_minutes_saved"] == pytest.approx(saved.sum(), abs=1e-9)


@pytest.mark.parametrize(
    ("site", "why"),
    [
        (walled_site(removable=False), "gates.fixed"),
        (walled_site(removable=None), "gates.removable_unknown"),
        (walled_site(far_y=120.0, around_x=300.0), "gates.no_walkway"),
        (
            walled_site(
                around_x=300.0,
                buildings=layer([shapely.box(-5, 52, 250, 58)], building_id=["LONG"], floors=[1]),
            ),
            "gates.blocked",
        ),
        (
            walled_site(
                barriers=layer(
                    [line((0, 50), (190, 50)), line((0, 51), (190, 51))],
                    barrier_id=["WALL", "KEEP"],
                    kind=["wall", "wall"],
                    removable=[True, False],
                )
            ),
            "gates.near_fixed",
        ),
    ],
)
def test_where_no_gate_is_possible_every_place_says_why(site, why):
    placed = place(site)
    assert placed.features.empty
    assert why in reasons(placed)
    assert placed.measures["placed"] == 0
    assert placed.measures["household_minutes_saved"] == 0
    assert with_placed_gates(site, placed).layer("entrances").equals(site.layer("entrances"))
    assert placed.rejected["household_minutes_saved"].isna().all()


def test_a_barrier_that_does_not_say_whether_it_may_go_is_left_alone():
    site = walled_site()
    site = site.with_layer("barriers", site.layer("barriers").drop(columns="removable"))
    assert reasons(place(site)) == {"gates.removable_unknown"}


def test_beside_a_gate_there_is_one_already():
    site = with_placed_gates(walled_site(), place(walled_site(), max_gates=1))
    assert "gates.gate_there" in reasons(place(site))


def test_a_walkway_cut_by_a_wall_needs_a_gate_and_no_new_way():
    site = walled_site()
    ways = site.layer("walkways")
    through = layer([line((52, 40), (52, 60))], way_id=["through"], kind=["path"])
    site = site.with_layer("walkways", plan_concat(ways, through))
    placed = place(site, max_gates=1)
    gate = placed.features.iloc[0]
    assert gate.geometry.x == pytest.approx(52)
    assert gate["new_way_m"] == 0
    assert gate["household_minutes_saved"] == pytest.approx((320 - 24 + 260 - 80) / 60, abs=1e-9)
    assert len(placed.measures["walkways"]) == 0
    after = WhatIf.of(with_placed_gates(site, placed), build=BUILD).minutes[SHOP]
    assert after.tolist() == pytest.approx([24 / 60, 80 / 60], abs=1e-9)


def plan_concat(one, other):
    import pandas as pd

    columns = [c for c in one.columns if c in other.columns]
    return pd.concat([one[columns], other[columns]], ignore_index=True)


def test_a_walk_of_an_hour_that_becomes_half_an_hour_counts_nothing():
    # 60 m/min: the way around is made 4 km long.
    site = walled_site()
    ways = site.layer("walkways").geometry.tolist()
    ways[2] = line((200, 40), (2200, 50), (200, 60))
    far = site.with_layer("walkways", site.layer("walkways").set_geometry(ways, crs=site.crs))
    placed = place(far, max_gates=1)
    # 30 minutes are counted at most, so that each house saves 30 less what it walks now.
    assert placed.features["household_minutes_saved"].iloc[0] == pytest.approx(60 - (30 + 80) / 60, abs=1e-9)


@pytest.mark.parametrize("wrong", [{"spacing_m": 0}, {"spacing_m": np.nan}, {"max_gates": 0}])
def test_figures_that_make_no_sense_are_refused(wrong):
    with pytest.raises(UsageError):
        place(walled_site(), **wrong)


@pytest.mark.parametrize("name", ["barriers", "walkways", "households", "facilities"])
def test_what_is_needed_is_asked_for(name):
    site = walled_site()
    rest = {key: frame for key, frame in site.layers.items() if key != name}
    with pytest.raises(MissingLayerError):
        place(type(site)(name="less", layers=rest, crs=site.crs))


def test_the_first_gate_of_the_old_estate_gives_exactly_the_promised_minutes(sample_gis):
    site = plan.read_site(sample_gis / "old_estate.gpkg")
    placed = place_gates(site, max_gates=1)
    edited = with_placed_gates(site, placed)
    before, after = WhatIf.of(site).minutes, WhatIf.of(edited).minutes
    limited = list(placed.measures["weights"])
    saved = before[limited].fillna(np.inf).clip(upper=30) - after[limited].fillna(np.inf).clip(upper=30)
    gate = placed.features.iloc[0]
    assert saved.to_numpy().sum() == pytest.approx(gate["household_minutes_saved"], abs=1e-6)
    assert int((saved.sum(axis=1) > 0.1).sum()) == gate["households_winning"]
    # What it promised when it was compared with the others is what it gives.
    by_itself = WhatIf.of(site).compare(edited).saved(cap_min=30)[limited].to_numpy().sum()
    assert by_itself == pytest.approx(gate["household_minutes_saved"], abs=1e-6)
    # No other opening would have saved more.
    assert placed.rejected["household_minutes_saved"].max() <= gate["household_minutes_saved"]
