"""Households estimated from floors: countable by hand, and never mistaken for data."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
from shapely import Point, box

from plan.errors import MissingLayerError, UsageError
from plan.households import estimate_households
from plan.site import Site

CRS = pyproj.CRS.from_epsg(4548)


def buildings(rows, width=50.0):
    """Slabs of 12 m x `width`, 20 m apart."""
    frame = gpd.GeoDataFrame(
        rows, geometry=[box(0, 20 * i, width, 20 * i + 12) for i in range(len(rows))], crs=CRS
    )
    frame["floors"] = pd.array(frame["floors"], dtype="Int64")
    return frame


def site(rows, *, width=50.0, **layers):
    return Site(name="s", layers={"buildings": buildings(rows, width), **layers}, crs=CRS)


def row(name, floors=6, use="apartments", **more):
    return {"building_id": name, "floors": floors, "use": use, **more}


def parcels(geometry, **columns):
    return gpd.GeoDataFrame({"parcel_id": ["P"], **columns}, geometry=[geometry], crs=CRS)


def problem(found, name):
    (only,) = [p for p in found.problems if p.id == name]
    return only


def test_a_slab_of_600_m2_and_six_floors_has_36_households_6_on_each_floor():
    found = estimate_households(site([row("A")]))
    frame = found.layer("households")
    assert len(frame) == 36
    assert frame["floor"].value_counts().to_dict() == dict.fromkeys(range(1, 7), 6)
    assert frame["building_id"].unique().tolist() == ["A"]
    assert frame["household_id"].is_unique
    assert frame.geometry.isna().all()


def test_the_layer_is_an_estimate_and_a_problem_states_every_assumption():
    found = estimate_households(
        site([row("A"), row("B", None), row("C", None, height_m=18.0), row("D", use=None)])
    )
    assert found.estimates == ("households",)
    told = problem(found, "PLAN-EST-001")
    assert (told.severity, told.effect, told.layer) == ("info", "noted", "households")
    english = told.message.to("en")
    assert "108 in 3 residential buildings, at 100 m2" in english
    assert (
        "1 buildings by their floors, 1 by their height at 3 m a floor, 1 of unknown floors taken as 6"
        in english
    )
    assert "1 buildings of unknown use" in english
    assert "108 户" in told.message


def test_the_original_site_is_untouched():
    before = site([row("A")])
    estimate_households(before)
    assert not before.has("households")
    assert before.estimates == ()


def test_persons_ages_and_votes_stay_unknown():
    frame = estimate_households(site([row("A")])).layer("households")
    assert not {"persons", "elderly", "children", "vote", "owner_id"} & set(frame.columns)


@pytest.mark.parametrize(("m2", "expected"), [(100.0, 36), (90.0, 40), (50.0, 72), (1e6, 1)])
def test_the_area_of_a_household_decides(m2, expected):
    assert len(estimate_households(site([row("A")]), m2_per_household=m2).layer("households")) == expected


def test_without_floors_a_building_gets_no_households_when_none_are_assumed():
    found = estimate_households(site([row("A"), row("B", None)]), floors_when_missing=None)
    assert set(found.layer("households")["building_id"]) == {"A"}
    assert "1 of unknown floors were left out" in problem(found, "PLAN-EST-001").message.to("en")


def test_assumed_floors_are_those_given():
    found = estimate_households(site([row("B", None)]), floors_when_missing=4)
    assert found.layer("households")["floor"].max() == 4
    assert len(found.layer("households")) == 24


def test_height_tells_floors_only_where_floors_are_missing():
    found = estimate_households(site([row("A", 3, height_m=30.0), row("B", None, height_m=30.0)]))
    assert found.layer("households").groupby("building_id")["floor"].max().to_dict() == {"A": 3, "B": 10}


@pytest.mark.parametrize("use", ["school", "commercial", "hospital", "construction", "办公"])
def test_nobody_lives_in_other_buildings(use):
    found = estimate_households(site([row("A", use=use)]))
    assert not found.has("households")
    assert found.estimates == ()
    assert problem(found, "PLAN-EST-002").severity == "warning"


@pytest.mark.parametrize("use", ["residential", "Apartments", "dormitory", "住宅"])
def test_people_live_in_dwellings(use):
    assert len(estimate_households(site([row("A", use=use)])).layer("households")) == 36


def test_a_house_is_one_household_whatever_its_floors():
    assert len(estimate_households(site([row("A", 3, "house")])).layer("households")) == 1


@pytest.mark.parametrize("land_use", ["residential", "R2", "二类居住用地", None])
def test_a_building_of_unknown_use_counts_on_a_residential_parcel(land_use):
    plot = parcels(box(-5, -5, 60, 15), land_use=[land_use])
    found = estimate_households(site([row("A", use=None), row("B", use=None)], parcels=plot))
    assert set(found.layer("households")["building_id"]) == {"A"}


@pytest.mark.parametrize("land_use", ["commercial", "B1", "Rail", "公园绿地"])
def test_it_does_not_count_on_other_land(land_use):
    plot = parcels(box(-5, -5, 60, 15), land_use=[land_use])
    assert not estimate_households(site([row("A", use=None)], parcels=plot)).has("households")


def test_it_does_not_count_on_the_ground_of_a_facility():
    plot = parcels(box(-5, -5, 60, 60))
    school = gpd.GeoDataFrame(
        {"facility_id": ["F"], "category": ["primary_school"]}, geometry=[box(-1, -1, 55, 15)], crs=CRS
    )
    found = estimate_households(
        site([row("A", use=None), row("B", use=None)], parcels=plot, facilities=school)
    )
    assert set(found.layer("households")["building_id"]) == {"B"}


@pytest.mark.parametrize("name", ["二食堂", "科技活动中心", "动力楼", "育才小学", "招待所"])
def test_a_name_tells_what_is_no_dwelling_where_the_use_is_unknown(name):
    estate = parcels(box(-10, -10, 100, 100), land_use=["居住"])
    rows = [
        row("A", use=None) | {"name": name},
        row("B", use=None) | {"name": "3号楼"},
        row("C") | {"name": name},
    ]
    found = estimate_households(site(rows, parcels=estate))
    # What the data calls a dwelling is one, whatever its name.
    assert set(found.layer("households")["building_id"]) == {"B", "C"}


def test_a_facility_at_a_point_takes_no_building_away():
    shop = gpd.GeoDataFrame({"facility_id": ["F"], "category": ["market"]}, geometry=[Point(5, 5)], crs=CRS)
    found = estimate_households(
        site([row("A", use=None)], parcels=parcels(box(-5, -5, 60, 60)), facilities=shop)
    )
    assert len(found.layer("households")) == 36


def test_a_shed_of_12_m2_has_no_household():
    assert not estimate_households(site([row("A", 1)], width=1.0)).has("households")


def test_households_of_the_site_are_never_replaced():
    own = gpd.GeoDataFrame({"household_id": ["H"], "building_id": ["A"]}, geometry=[None], crs=CRS)
    found = estimate_households(site([row("A")], households=own))
    assert found.layer("households")["household_id"].tolist() == ["H"]
    assert found.estimates == ()
    assert (
        problem(found, "PLAN-EST-003").message.to("en")
        == "s has households of its own; nothing was estimated."
    )


def test_without_buildings_the_layer_is_named():
    with pytest.raises(MissingLayerError, match="buildings"):
        estimate_households(Site(name="s", layers={"parcels": parcels(box(0, 0, 9, 9))}, crs=CRS))


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "area"},
        {"m2_per_household": 0},
        {"m2_per_household": float("nan")},
        {"floors_when_missing": 0},
    ],
)
def test_options_that_make_no_sense_are_refused(wrong):
    with pytest.raises(UsageError):
        estimate_households(site([row("A")]), **wrong)


def test_two_runs_give_the_same_rows():
    rows = [row("A"), row("B", None), row("C", 3, "house")]
    first, second = (estimate_households(site(rows)).layer("households") for _ in range(2))
    pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second))
