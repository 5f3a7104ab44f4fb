"""Demand and staggered sharing, on numbers that can be added up by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point
from small_estate import CRS, X, Y, small_site

import plan
from plan.errors import InputError, UsageError
from plan.parking.demand import parking_demand, stall_shares
from plan.parking.sharing import HOURS, read_shared_lots, share_stalls
from plan.parking.walking import assigned
from plan.reach import walking_network


@pytest.fixture(scope="module")
def pack():
    return plan.load_pack("sanming")


@pytest.fixture(scope="module")
def demand(pack):
    site = small_site()
    return parking_demand(site, site.layer("stalls"), pack=pack, network=walking_network(site, pack))


def test_ten_flats_of_60_m2_need_eight_stalls_and_have_two(demand):
    assert demand.measures["required"] == 8  # 0.8 each
    assert demand.measures["stalls"] == 2
    assert demand.measures["shortfall"] == 6
    assert demand.meant is False  # the table is for new estates
    (row,) = demand.buildings.to_dict("records")
    assert (row["households"], row["required"], row["stalls"], row["shortfall"]) == (10, 8, 2, 6)
    assert row["walk_min"] > 0


def test_a_stall_beyond_the_walk_does_not_count(pack):
    site = small_site()
    found = parking_demand(
        site, site.layer("stalls"), pack=pack, network=walking_network(site, pack), reach_m=5.0
    )
    assert found.measures["shortfall"] == 8
    assert found.measures["spare"] == 2
    assert math.isnan(found.buildings["walk_min"].iloc[0])


def test_a_pack_without_a_rule_is_told(pack):
    site = small_site()
    with pytest.raises(UsageError, match="stalls_per_household"):
        parking_demand(
            site, site.layer("stalls"), pack=replace(pack, rules=()), network=walking_network(site, pack)
        )


def test_shares_come_from_the_pack_with_their_clause(pack):
    found = stall_shares(pack, 201)
    assert found.accessible == 2  # 0.5 % of 201, rounded up
    assert found.side_aisle_m == 1.2
    assert found.accessible_rule.clause.quote
    assert stall_shares(None, 201).accessible is None
    assert stall_shares(plan.load_pack("jinan"), 40).ev_ready == 40


def test_as_many_as_can_be_and_then_the_least_walking():
    # Two buildings, two stalls: the first could take the near one for 1 min, but then the second would have none.
    pairs = pd.DataFrame({"origin": [0, 0, 1], "target": [0, 1, 0], "walk_min": [1.0, 9.0, 2.0]})
    given = assigned(pairs, np.array([1, 1]), np.array([1, 1]))
    assert given.tolist() == [0, 1, 1]


def lots(tmp_path, **more):
    row = {"lot_id": "S1", "name": "单位", "stalls": 10, "x": X + 60, "y": Y - 20}
    row |= {hour: (9 if 8 <= int(hour[1:]) < 18 else 6) for hour in HOURS} | more
    path = tmp_path / "lots.csv"
    pd.DataFrame([row, {**row, "lot_id": "S2", "x": X + 5000}]).to_csv(path, index=False)
    return path


def shared(demand, path, pack, **options):
    frame = read_shared_lots(path, crs=CRS)
    return share_stalls(demand, frame, network=walking_network(small_site(), pack), **options)


def test_stalls_free_all_night_are_shared_once(demand, pack, tmp_path):
    found = shared(demand, lots(tmp_path), pack)
    assert found.measures["matched"] == 4  # 10 less 6
    assert found.measures["unmatched"] == 2
    assert found.matches["cars"].sum() == 4
    assert list(found.rejected["lot_id"]) == ["S2"]


def test_the_fullest_hour_of_the_night_decides(demand, pack, tmp_path):
    found = shared(demand, lots(tmp_path, h03=9), pack)
    assert found.measures["matched"] == 1
    assert list(found.lots["full_at"]) == ["h03"]
    assert shared(demand, lots(tmp_path, h03=9), pack, until_hour=2).measures["matched"] == 4


def test_an_unknown_hour_is_not_an_empty_one(demand, pack, tmp_path):
    found = shared(demand, lots(tmp_path, h03=None), pack)
    assert found.measures["matched"] == 0
    assert {why.key for why in found.rejected["reason"]} == {"stalls.lot_unknown"}


def test_wrong_tables_are_refused_with_row_and_column(tmp_path):
    with pytest.raises(InputError, match="h05"):
        read_shared_lots(lots(tmp_path, h05="viele"), crs=CRS)
    with pytest.raises(InputError, match="stalls"):
        read_shared_lots(lots(tmp_path, stalls=-1), crs=CRS)
    (tmp_path / "no.csv").write_text("lot_id,stalls\nA,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="h00"):
        read_shared_lots(tmp_path / "no.csv", crs=CRS)
    with pytest.raises(InputError, match=r"none\.csv"):
        read_shared_lots(tmp_path / "none.csv", crs=CRS)


def test_hours_that_are_none_are_refused(demand, pack, tmp_path):
    with pytest.raises(UsageError):
        shared(demand, lots(tmp_path), pack, from_hour=24)


def test_a_table_in_degrees_lands_where_one_in_metres_does(tmp_path):
    metric = read_shared_lots(lots(tmp_path), crs=CRS)
    degrees = gpd.GeoSeries([Point(X + 60, Y - 20)], crs=CRS).to_crs("EPSG:4326").iloc[0]
    table = pd.read_csv(tmp_path / "lots.csv").iloc[:1].drop(columns=["x", "y"])
    table.assign(lon=degrees.x, lat=degrees.y).to_csv(tmp_path / "deg.csv", index=False, encoding="gb18030")
    found = read_shared_lots(tmp_path / "deg.csv", crs=CRS)
    assert found.geometry.iloc[0].distance(metric.geometry.iloc[0]) < 0.001
    assert found["name"].iloc[0] == "单位"
