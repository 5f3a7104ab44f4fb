from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from walled import BUILD, layer, line, walled_site

from plan.access import walk_times
from plan.access.edits import (
    with_facility,
    with_facility_closed,
    with_gate,
    with_gate_closed,
    with_path,
    with_way_closed,
)
from plan.access.whatif import WhatIf, builder
from plan.errors import UsageError
from plan.network.doors import facilities_from_site, origins_from_site
from plan.rules import load_pack

SHOP = "convenience_store"


def minutes(change, category=SHOP):
    return change.after[category].tolist()


def what_if(site):
    return WhatIf.of(site, build=BUILD)


def test_a_gate_in_the_wall_saves_exactly_five_and_three_minutes():
    site = walled_site()
    what = what_if(site)
    # Around the wall: 150 + 20 + 150 m and 90 + 20 + 150 m at 60 m/min.
    assert what.minutes[SHOP].tolist() == pytest.approx([320 / 60, 260 / 60], abs=1e-9)
    change = what.compare(with_gate(site, shapely.Point(50, 50), "WALL"))
    assert change.route == "added"
    assert minutes(change) == pytest.approx([20 / 60, 80 / 60], abs=1e-9)
    assert change.saved(cap_min=30)[SHOP].tolist() == pytest.approx([5.0, 3.0], abs=1e-9)
    assert change.gained({SHOP: 5})[SHOP].tolist() == [True, False]  # the other was served before


def test_a_gate_brings_its_two_ways_and_names_its_barrier():
    site = with_gate(walled_site(), shapely.Point(70, 50.4), gate_id="G9")
    gate = site.layer("entrances").set_index("entrance_id").loc["G9"]
    assert (gate.geometry.x, gate.geometry.y) == (70, 50)
    assert gate["kind"] == "gate"
    assert gate["barrier_id"] == "WALL"
    new = site.layer("walkways").iloc[3:]
    assert new["way_id"].tolist() == ["G9-WAY-1", "G9-WAY-2"]
    assert [[*g.coords] for g in new.geometry] == [[(70, 60), (70, 50)], [(70, 50), (70, 40)]]
    assert walled_site().layer("walkways").shape[0] == 3


def test_the_site_before_stays_as_it_was():
    site = walled_site()
    with_gate(site, shapely.Point(50, 50))
    assert len(site.layer("entrances")) == 2
    assert len(site.layer("walkways")) == 3


def test_a_gate_that_is_closed_opens_nothing():
    site = walled_site()
    opened = with_gate(site, shapely.Point(50, 50), gate_id="G1")
    change = what_if(opened).compare(with_gate_closed(opened, "G1"))
    assert change.route == "anew"
    assert minutes(change) == pytest.approx([320 / 60, 260 / 60], abs=1e-9)
    # And a gate that is drawn shut saves nothing.
    assert minutes(what_if(site).compare(with_gate_closed(opened, "G1"))) == pytest.approx(
        [320 / 60, 260 / 60], abs=1e-9
    )


def test_a_way_closed_and_a_path_added():
    site = walled_site()
    what = what_if(site)
    closed = what.compare(with_way_closed(site, "around"))
    assert np.isnan(minutes(closed)).all()
    # A path that ends before the wall leads nowhere.
    dead = what.compare(with_path(site, line((50, 40), (50, 49))))
    assert dead.route == "added"
    assert minutes(dead) == pytest.approx([320 / 60, 260 / 60], abs=1e-9)
    # A shorter way around the end of the wall, 5 m before the old one.
    short = what.compare(with_path(site, line((195, 40), (195, 60))))
    assert short.route == "added"
    assert minutes(short) == pytest.approx([310 / 60, 250 / 60], abs=1e-9)


def test_a_path_into_the_wall_is_cut_there():
    site = walled_site()
    change = what_if(site).compare(with_path(site, line((50, 40), (50, 60))))
    assert change.route == "anew"
    assert minutes(change) == pytest.approx([320 / 60, 260 / 60], abs=1e-9)


def test_a_one_way_path_helps_in_one_direction():
    site = walled_site()
    what = what_if(site)
    to_shop, from_shop = line((195, 40), (195, 60)), line((195, 60), (195, 40))
    assert minutes(what.compare(with_path(site, to_shop, oneway=True)))[0] == pytest.approx(310 / 60)
    assert minutes(what.compare(with_path(site, from_shop, oneway=True)))[0] == pytest.approx(320 / 60)


def test_a_facility_opened_and_closed():
    site = walled_site()
    what = what_if(site)
    more = with_facility(site, shapely.Point(110, 40), SHOP, facility_id="KIOSK")
    change = what.compare(more)
    assert change.route == "facilities"
    assert minutes(change) == pytest.approx([1.0, 0.0], abs=1e-9)
    closed = what_if(more).compare(with_facility_closed(more, "SHOP"))
    assert closed.route == "facilities"
    assert minutes(closed) == pytest.approx([1.0, 0.0], abs=1e-9)
    # The last of its category: nobody reaches one.
    none = what.compare(with_facility_closed(site, "SHOP"))
    assert np.isnan(minutes(none)).all()
    # The first of a category: nobody reached one before.
    park = what.compare(with_facility(site, shapely.Point(110, 40), "park"))
    assert np.isnan(park.before["park"]).all()
    assert minutes(park, "park") == pytest.approx([1.0, 0.0], abs=1e-9)
    assert minutes(park) == pytest.approx([320 / 60, 260 / 60], abs=1e-9)


def test_nothing_changed_costs_nothing():
    site = walled_site()
    change = what_if(site).compare(site)
    assert change.route == "same"
    assert change.saved(cap_min=30).to_numpy().sum() == 0


def test_a_door_that_is_nearer_to_the_new_way_steps_onto_it():
    # The door lies 8 m inside; the new way passes it at 2 m.
    site = walled_site(doors=((52, 48), (110, 40)))
    what = what_if(site)
    assert what.minutes[SHOP].iloc[0] == pytest.approx((8 + 148 + 20 + 150) / 60, abs=1e-9)
    change = what.compare(with_gate(site, shapely.Point(50, 50)))
    assert change.route == "added"
    assert minutes(change)[0] == pytest.approx((2 + 12) / 60, abs=1e-9)


def test_a_household_without_a_door_is_reached_neither_before_nor_after():
    site = walled_site()
    homes = site.layer("households")
    homes["building_id"] = ["B1", "nowhere"]
    site = site.with_layer("households", homes)
    change = what_if(site).compare(with_gate(site, shapely.Point(50, 50)))
    assert minutes(change)[0] == pytest.approx(20 / 60)
    assert np.isnan([change.before[SHOP].iloc[1], change.after[SHOP].iloc[1]]).all()


def test_the_residents_of_an_estate_gain_by_their_own_ways_only():
    # The way inside is private to the estate in which the first house lies.
    site = walled_site()
    ways = site.layer("walkways")
    ways["access"] = ["private", None, None]
    site = site.with_layer("walkways", ways).with_layer(
        "parcels",
        layer(
            [shapely.box(-10, 30, 80, 55), shapely.box(80, 30, 210, 45)],
            parcel_id=["P1", "P2"],
            estate_id=["E1", "E2"],
        ),
    )
    edited = with_gate(site, shapely.Point(100, 50))
    fast, slow = what_if(site).compare(edited), what_if(edited)
    assert fast.route == "anew"  # the new way divides a private one: whose the parts are is told anew
    assert fast.after[SHOP].tolist() == pytest.approx(slow.minutes[SHOP].tolist(), abs=1e-9, nan_ok=True)


def test_a_public_way_through_a_private_gate_is_not_divided_as_if_it_were_public():
    # The way around passes a private gate at (200, 50): from junction to junction it is the residents' own.
    site = walled_site()
    entrances = site.layer("entrances")
    gate = layer([shapely.Point(200, 50)], entrance_id=["G1"], kind=["gate"], building_id=[None])
    entrances = pd.concat([entrances, gate.assign(access="private")], ignore_index=True)
    parcel = layer([shapely.box(190, 40, 210, 60)], parcel_id=["P"], estate_id=["E"])
    site = site.with_layer("entrances", entrances).with_layer("parcels", parcel)
    edited = with_path(site, line((200, 57), (150, 57), (150, 60)))
    fast, slow = what_if(site).compare(edited), what_if(edited)
    assert fast.route == "anew"
    assert fast.after[SHOP].tolist() == pytest.approx(slow.minutes[SHOP].tolist(), abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda s: with_gate(s, shapely.Point(50, 55)), "There is no barrier within 1 m"),
        (lambda s: with_gate(s, shapely.Point(50, 50), "FENCE"), "no row with the id FENCE"),
        (lambda s: with_gate(s, shapely.Point(50, 50), gate_id="D1"), "already has the id D1"),
        (lambda s: with_gate_closed(s, "G7"), "no row with the id G7"),
        (lambda s: with_way_closed(s, "W7"), "no row with the id W7"),
        (lambda s: with_facility_closed(s, "F7"), "no row with the id F7"),
    ],
)
def test_an_edit_of_what_is_not_there_says_so(edit, words):
    with pytest.raises(UsageError) as raised:
        edit(walled_site())
    assert words in raised.value.message.to("en")


def test_a_path_that_is_none_is_refused():
    with pytest.raises(UsageError):
        with_path(walled_site(), shapely.Point(0, 0))


def test_the_pack_says_how_fast_people_walk():
    pack = load_pack("national")
    assert builder(pack)(walled_site()).speeds == builder()(walled_site()).speeds
    assert WhatIf.of(walled_site(), pack=pack).minutes[SHOP].notna().all()


@pytest.mark.parametrize("name", ["old_estate", "district"])
def test_a_gate_in_each_wall_of_the_samples_is_as_from_scratch(name, sample_gis):
    import plan

    site = plan.read_site(sample_gis / f"{name}.gpkg")
    what = WhatIf.of(site)
    routes = []
    barriers = site.layer("barriers")
    for wall in barriers[barriers["removable"].astype(bool)].itertuples():
        spot = wall.geometry.interpolate(0.4, normalized=True)
        try:
            edited = with_gate(site, spot, wall.barrier_id, network=what.base.network)
        except UsageError:
            continue
        change = what.compare(edited)
        again = walk_times(
            builder()(edited), origins_from_site(edited), facilities_from_site(edited), max_min=np.inf
        )
        np.testing.assert_allclose(change.after.to_numpy(), again[change.after.columns].to_numpy(), atol=1e-9)
        routes.append(change.route)
    assert routes.count("added") > len(routes) / 2


def test_sampled_terrain_is_walked_anew(sample_gis):
    import plan

    site = plan.read_site(sample_gis / "old_estate.gpkg")
    build = lambda s: BUILD(s, dem=sample_gis / "old_estate_dem.tif")  # noqa: E731 - a word for it
    what = WhatIf.of(site, build=build)
    wall = site.layer("barriers").set_index("barrier_id").geometry["K01"]
    edited = with_gate(site, wall.interpolate(0.5, normalized=True), "K01")
    change = what.compare(edited)
    assert change.route == "anew"
    np.testing.assert_allclose(change.after.to_numpy(), WhatIf.of(edited, build=build).minutes.to_numpy())


def test_a_layer_that_only_looks_longer_is_not_taken_for_an_addition():
    site = walled_site()
    ways = site.layer("walkways")
    ways.loc[0, "geometry"] = line((0, 40), (100, 40), (200, 40.5))
    more = gpd.GeoDataFrame(ways, crs=site.crs)
    edited = with_path(site.with_layer("walkways", more), line((195, 41), (195, 60)))
    change = what_if(site).compare(edited)
    assert change.route == "anew"
    assert change.after.equals(what_if(edited).minutes)
