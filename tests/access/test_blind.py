from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from streets import CRS, at, network

from plan.access import BLIND_SPOT_MARGIN_M, blind_spots, life_circle
from plan.errors import UsageError

# Houses of 40 x 10 m beside the street; A and B 25 m apart, C far off, D near the clinic.
OUTLINES = gpd.GeoSeries(
    {
        "A": shapely.box(800, 10, 840, 20),
        "B": shapely.box(865, 10, 905, 20),
        "C": shapely.box(1500, 10, 1540, 20),
        "D": shapely.box(50, 10, 90, 20),
    },
    crs=CRS,
)


def doors():
    homes = [("A", 820), ("A", 820), ("B", 880), ("C", 1520), ("D", 60), ("D", 310)]
    return at(
        *(x for _, x in homes),
        building_id=[b for b, _ in homes],
        persons=[3, 2, 4, 1, 5, np.nan],
    )


def spots(**options):
    circle = life_circle(
        network(), doors(), at(0, 0, category=["clinic", "park"]), limits={"clinic": 5, "park": 20, "bank": 5}
    )
    return circle, blind_spots(circle, OUTLINES, **options)


def test_the_ground_of_unserved_households_is_joined_where_it_touches():
    _, found = spots()
    clinic = found[found["category"] == "clinic"]
    assert clinic["spot_id"].tolist() == ["clinic-1", "clinic-2", "clinic-3"]
    # A with B: 3 households, 9 persons; C: 1 household; D: only the household whose door is 310 m away.
    assert clinic["households"].tolist() == [3, 1, 1]
    assert clinic["buildings"].tolist() == [2, 1, 1]
    assert clinic["persons"].tolist() == [9, None, 1]
    assert clinic["elderly"].tolist() == [None, None, None]
    first, served, last = clinic.geometry
    margin = BLIND_SPOT_MARGIN_M
    assert first.bounds == pytest.approx((800 - margin, 10 - margin, 905 + margin, 20 + margin))
    assert first.covers(OUTLINES["A"].union(OUTLINES["B"]))
    assert last.covers(OUTLINES["C"])
    assert served.covers(OUTLINES["D"])
    assert found.crs == CRS


def test_a_smaller_margin_leaves_houses_apart():
    _, found = spots(margin_m=10)
    assert len(found[found["category"] == "clinic"]) == 4


def test_a_category_that_the_data_lacks_makes_no_spot_and_any_of_a_tier_is_drawn():
    _, found = spots()
    assert set(found["category"].dropna()) == {"clinic", "park"}
    assert found.loc[found["category"] == "park", "households"].tolist() == [1]  # C: 1520 m is 25.3 min
    tiers = found[found["category"].isna()]
    assert tiers["limit_min"].tolist() == [5, 5, 5, 20]
    assert tiers["spot_id"].tolist() == ["any-5-1", "any-5-2", "any-5-3", "any-20-1"]


def test_a_household_without_an_outline_shows_its_door_and_one_without_either_is_counted():
    homes = at(900, 900, building_id=["X", None]).set_geometry([shapely.Point(900, 0), None])
    circle = life_circle(network(), homes, at(0, category=["clinic"]), limits={"clinic": 5})
    found = blind_spots(circle, OUTLINES)
    clinic = found[found["category"] == "clinic"]
    assert clinic["households"].tolist() == [1, 1]
    assert clinic.geometry.iloc[0].contains(shapely.Point(900, 14))
    assert clinic.geometry.iloc[1] is None
    assert clinic["buildings"].tolist() == [1, 0]


def test_all_served_and_nothing_told_make_no_spot():
    near = life_circle(network(), at(60), at(0, category=["clinic"]), limits={"clinic": 5})
    untold = life_circle(network(), at(60), None, limits={"clinic": 5})
    for circle in (near, untold):
        found = blind_spots(circle)
        assert found.empty
        assert {"spot_id", "category", "households", "geometry"} <= set(found.columns)


@pytest.mark.parametrize("margin", [0, -1, np.inf, np.nan])
def test_a_margin_is_positive(margin):
    with pytest.raises(UsageError):
        spots(margin_m=margin)
