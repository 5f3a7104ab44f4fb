"""Facilities, estates, communities and obstacles of OpenStreetMap."""

from __future__ import annotations

import pandas as pd
import pytest
from small_osm import layers, line, node, only, relation, square, way

# --- facilities -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "category"),
    [
        ({"shop": "convenience"}, "convenience_store"),
        ({"shop": "supermarket"}, "shopping"),
        ({"shop": "supermarket", "name": "永辉生鲜"}, "market"),
        ({"amenity": "marketplace"}, "market"),
        ({"amenity": "hospital"}, "hospital"),
        ({"amenity": "hospital", "name": "北太平庄社区卫生服务中心"}, "health_centre"),
        ({"amenity": "hospital", "name": "校医院"}, "clinic"),
        ({"amenity": "school", "name": "第十九中学附属小学"}, "primary_school"),
        ({"amenity": "school", "name": "第十九中学"}, "middle_school"),
        ({"amenity": "school", "name": "高级中学"}, None),
        ({"amenity": "school", "isced:level": "1"}, "primary_school"),
        ({"amenity": "school"}, None),
        ({"amenity": "community_centre", "name": "五一社区居委会"}, "community_station"),
        ({"amenity": "community_centre"}, "cultural_station"),
        ({"office": "government", "name": "列东街道办事处"}, "street_centre"),
        ({"office": "government"}, None),
        ({"amenity": "social_facility", "social_facility": "nursing_home"}, "nursing_home"),
        ({"social_facility": "day_care", "social_facility:for": "senior"}, "elderly_day_care"),
        ({"amenity": "post_office", "name": "菜鸟驿站"}, "parcel_locker"),
        ({"amenity": "post_office"}, "post_office"),
        ({"amenity": "toilets"}, "public_toilet"),
        ({"amenity": "toilets", "access": "private"}, None),
        ({"highway": "bus_stop"}, "bus_stop"),
        ({"railway": "subway_entrance"}, "metro_station"),
        ({"railway": "station", "station": "subway"}, "metro_station"),
        ({"railway": "station"}, None),
        ({"leisure": "pitch", "sport": "basketball"}, "small_sports_ground"),
        ({"leisure": "pitch", "sport": "table_tennis"}, None),
        ({"amenity": "police", "name": "交警大队"}, None),
        ({"amenity": "cafe"}, None),
    ],
)
def test_categories_of_the_life_circle(read, tags, category):
    found = layers(read(node(1, **tags), node(2, 1, amenity="bank", name="工商银行")))["facilities"]
    assert found["category"].tolist() == ([category, "bank"] if category else ["bank"])


def test_a_school_of_nine_years_is_both(read):
    found = layers(read(node(1, amenity="school", name="九年一贯制学校")))["facilities"]
    assert dict(zip(found["facility_id"], found["category"], strict=True)) == {
        "n1": "primary_school",
        "n1/2": "middle_school",
    }


def test_a_ball_ground_is_medium_from_1310_m2_on(read):
    small, small_ring = square(1, size=3)  # 3 x 3e-4 degrees at 40 N: about 25.6 x 33.3 m = 853 m2
    large, large_ring = square(11, x=20, size=6)  # four times that: 3,413 m2
    pitch = {"leisure": "pitch", "sport": "basketball"}
    found = layers(read(*small, *large, way(20, small_ring, pitch), way(21, large_ring, pitch)))
    assert found["facilities"]["category"].tolist() == ["small_sports_ground", "medium_sports_ground"]
    assert found["facilities"].geom_type.tolist() == ["Polygon", "Polygon"]
    assert len(found["open_spaces"]) == 2


def test_places_without_a_category_are_counted_and_named(read):
    raw = read(
        node(1, amenity="bank"),
        node(2, 1, shop="books"),
        node(3, 2, shop="books"),
        node(4, 3, amenity="bench"),
    )
    (told,) = [p for p in raw.problems if p.id == "PLAN-OSM-001"]
    assert "2 places" in told.message.to("en")
    assert "shop=books (2)" in told.message
    assert "bench" not in told.message


def test_a_stop_position_counts_only_where_nothing_else_marks_the_stop(read):
    stop = {"public_transport": "stop_position", "bus": "yes"}
    found = layers(
        read(
            node(1, highway="bus_stop", name="东门"),
            node(2, 1, name="东门", **stop),
            node(3, 5, name="西门", **stop),
            node(4, 9, name="北门", public_transport="stop_position", subway="yes"),
        )
    )["facilities"]
    assert found["facility_id"].tolist() == ["n1", "n3"]


def test_a_metro_station_is_where_its_entrances_are(read):
    subway = {"railway": "station", "station": "subway"}
    found = layers(
        read(
            node(1, railway="subway_entrance"), node(2, 10, **subway), node(3, 100, **subway)
        )  # 85 m and 850 m away
    )["facilities"]
    assert found["facility_id"].tolist() == ["n1", "n3"]


def test_a_platform_drawn_as_a_line_is_where_its_middle_is(read):
    found = line(read, public_transport="platform", bus="yes")["facilities"]
    stop = found[found["category"] == "bus_stop"].geometry.iloc[0]
    assert (stop.x, stop.y) == pytest.approx((116.0001, 40))


# --- parcels, communities and obstacles -------------------------------------------------------------


def residential(read, *things, name="3栋", size=3):
    """An estate of about 170 x 222 m, and a smaller outline of the same land use beside it."""
    estate, estate_ring = square(1, size=20)
    block, block_ring = square(11, x=40, size=size)
    return read(
        *estate,
        *block,
        way(20, estate_ring, {"landuse": "residential", "name": "阳光小区"}),
        way(21, block_ring, {"landuse": "residential", "name": name}),
        *things,
    )


def test_a_block_drawn_as_residential_land_is_a_building_and_that_is_told(read):
    raw = residential(read)
    found = layers(raw)
    assert found["parcels"]["parcel_id"].tolist() == ["w20"]
    assert "status" not in found["parcels"]
    block = only(found["buildings"])
    assert (block["building_id"], block["name"], block["use"]) == ("w21", "3栋", "residential")
    assert pd.isna(block["floors"])
    (told,) = [p for p in raw.problems if p.id == "PLAN-OSM-009"]
    assert (told.features, told.effect) == (("w21",), "repaired")


def test_a_small_outline_that_may_be_an_estate_stays_one_and_is_named(read):
    raw = residential(read, name="小小苑")
    assert layers(raw)["parcels"]["parcel_id"].tolist() == ["w20", "w21"]
    (told,) = [p for p in raw.problems if p.id == "PLAN-OSM-006"]
    assert told.features == ("w21",)
    # As large as an estate, or with a building inside: not a block either.
    assert "buildings" not in layers(residential(read, size=10))
    house, ring = square(31, x=41, y=1, size=1)
    found = layers(residential(read, *house, way(40, ring, {"building": "yes"})))
    assert only(found["buildings"])["building_id"] == "w40"
    assert found["parcels"]["parcel_id"].tolist() == ["w20", "w21"]


def test_green_water_and_trees_are_obstacles(read):
    nodes, ring = square(1)
    found = layers(
        read(
            *nodes,
            node(9, 9, natural="tree"),
            way(20, ring, {"landuse": "grass"}),
            way(21, ring, {"natural": "water"}),
            way(22, ring, {"leisure": "park"}),
        )
    )
    assert found["obstacles"]["kind"].tolist() == ["tree", "green", "water"]
    assert found["facilities"]["category"].tolist() == ["park"]


def test_households_rooms_and_communities_stay_absent(read):
    nodes, ring = square(1)
    raw = read(*nodes, way(9, ring, {"building": "apartments", "building:flats": "24"}))
    assert set(layers(raw)) == {"buildings"}


def test_communities_are_boundaries_that_are_whole(read):
    nodes, ring = square(1, size=20)
    house, outline = square(11, 2, 2)
    other, other_outline = square(21, 40, 2)
    border = {"type": "boundary", "boundary": "administrative", "admin_level": "10"}
    raw = read(
        *nodes, *house, *other,
        way(30, outline, {"building": "yes"}), way(31, other_outline, {"building": "yes"}),
        way(32, ring, {"note": "border"}),
        relation(50, [(32, "outer")], border | {"name": "深大社区"}),
        relation(51, [(32, "outer")], border | {"name": "某街道", "admin_level": "8"}),
        relation(52, [(99, "outer")], border | {"name": "麻岭社区"}),
    )  # fmt: skip
    found = only(layers(raw)["communities"])
    assert (found["community_id"], found["name"]) == ("r50", "深大社区")
    cut, share = [p for p in raw.problems if p.id == "PLAN-OSM-012"]
    assert (cut.features, cut.effect) == (("r52",), "degraded")
    assert share.message.params == {"count": 1, "percent": 50.0}
