"""OpenStreetMap files: small ones counted by hand, damaged ones, and the real extracts."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from plan.categories import CATEGORIES
from plan.errors import InputError
from plan.files import sha256
from plan.readers.osm import ATTRIBUTION, is_osm, read_osm
from plan.schema import LAYERS


def xml(*things):
    return "<?xml version='1.0' encoding='UTF-8'?><osm version='0.6'>" + "".join(things) + "</osm>"


def tagged(tags):
    return "".join(f"<tag k='{k}' v='{v}'/>" for k, v in tags.items())


def node(number, x=0, y=0, **tags):
    """A node `x` east and `y` north of a corner in Beijing, in units of 0.0001 degrees (about 10 m)."""
    return f"<node id='{number}' version='1' lon='{116 + x * 1e-4:.7f}' lat='{40 + y * 1e-4:.7f}'>{tagged(tags)}</node>"


def way(number, refs, tags):
    return (
        f"<way id='{number}' version='1'>"
        + "".join(f"<nd ref='{r}'/>" for r in refs)
        + tagged(tags)
        + "</way>"
    )


def relation(number, members, tags):
    inside = "".join(f"<member type='way' ref='{ref}' role='{role}'/>" for ref, role in members)
    return f"<relation id='{number}' version='1'>{inside}{tagged(tags)}</relation>"


def square(first, x=0, y=0, size=4):
    """Four nodes numbered from `first`, and the ring over them."""
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    nodes = [node(first + i, *corner) for i, corner in enumerate(corners)]
    return nodes, [first, first + 1, first + 2, first + 3, first]


@pytest.fixture
def read(tmp_path):
    def reading(*things):
        path = tmp_path / "a.osm"
        path.write_text(xml(*things), encoding="utf-8")
        return read_osm(path)

    return reading


def layers(raw):
    return {layer.name: layer.frame for layer in raw.layers}


def only(frame):
    assert len(frame) == 1
    return frame.iloc[0]


def line(read, **tags):
    """The layers of a single way of three nodes."""
    return layers(read(node(1), node(2, 1), node(3, 2), way(9, [1, 2, 3], tags), node(8, 9, amenity="bank")))


def building(read, **tags):
    nodes, ring = square(1)
    return layers(read(*nodes, way(9, ring, tags)))["buildings"]


# --- buildings --------------------------------------------------------------------------------------


def test_a_building_keeps_what_its_tags_say(read):
    tags = {
        "building": "apartments",
        "building:levels": "6",
        "height": "18.5 m",
        "name": "3号楼",
        "start_date": "1988",
    }
    found = only(building(read, **tags))
    assert (found["building_id"], found["floors"], found["height_m"]) == ("w9", 6, 18.5)
    assert (found["use"], found["name"], found["built_on"]) == ("apartments", "3号楼", "1988")
    assert found.geometry.equals(shapely.box(116, 40, 116.0004, 40.0004))


@pytest.mark.parametrize("said", ["六", "6;7", "3.5", "0", "-1", "6层"])
def test_floors_that_are_no_whole_number_are_missing_and_named(read, said):
    nodes, ring = square(1)
    raw = read(*nodes, way(9, ring, {"building": "yes", "building:levels": said}))
    assert layers(raw)["buildings"]["floors"].isna().all()
    told = only(pd.DataFrame({"p": [p for p in raw.problems if p.id == "PLAN-ATTR-002"]}))["p"]
    assert (told.layer, told.column, told.features) == ("buildings", "floors", ("w9",))
    assert said in told.message


def test_floors_that_nobody_mapped_stay_missing_even_when_the_height_is_known(read):
    assert building(read, building="apartments", height="18")["floors"].isna().all()


@pytest.mark.parametrize(
    ("tags", "use"),
    [
        ({"building": "yes"}, None),
        ({"building": "yes", "amenity": "school"}, "school"),
        ({"building": "yes", "shop": "mall"}, "retail"),
        ({"building": "dormitory", "amenity": "school"}, "dormitory"),
    ],
)
def test_the_use_of_a_building(read, tags, use):
    assert only(building(read, **tags))["use"] == use


def test_has_elevator_is_a_column_only_where_someone_mapped_it(read):
    assert "has_elevator" not in building(read, building="yes")
    assert only(building(read, **{"building": "yes", "building:elevator": "no"}))["has_elevator"] is np.False_


def test_doors_by_which_nobody_comes_in_are_told(read):
    raw = read(node(1, entrance="exit"), node(2, 5, entrance="yes"), node(3, 6, entrance="no"))
    assert [p.features for p in raw.problems if p.id == "PLAN-OSM-017"] == [("n1",)]


def test_what_no_layer_can_hold_is_told(read):
    """A building that is a point, beside one that only says what is in an outline; a gate that is a line; a roof; a way of one place."""
    nodes, ring = square(1)
    cover, edge = square(20, x=10)
    raw = read(
        *nodes, *cover, node(30, 40, building="apartments"), node(31, 2, 2, building="yes"), node(32, 50), node(33, 51),
        way(9, ring, {"building": "yes"}), way(10, edge, {"building": "roof"}),
        way(11, [32, 33], {"barrier": "gate"}), way(12, [32, 99], {"highway": "footway"}),
    )  # fmt: skip
    told = {p.id: (p.effect, p.features) for p in raw.problems if p.features}
    assert told == {
        "PLAN-OSM-016": ("degraded", ("w11", "n30")),
        "PLAN-OSM-017": ("noted", ("w10",)),
        "PLAN-OSM-002": ("degraded", ("w12",)),
    }


@pytest.mark.parametrize("value", ["no", "roof"])
def test_a_roof_is_no_building(read, value):
    nodes, ring = square(1)
    assert "buildings" not in layers(read(*nodes, way(9, ring, {"building": value, "amenity": "bank"})))


def test_a_relation_with_a_hole_is_one_building_with_a_courtyard(read):
    outer, outer_ring = square(1, size=4)
    inner, inner_ring = square(11, x=1, y=1, size=2)
    frame = layers(
        read(
            *outer,
            *inner,
            way(20, outer_ring, {"building": "yes"}),  # says again what the relation says
            way(21, inner_ring, {}),
            relation(7, [(20, "outer"), (21, "inner")], {"type": "multipolygon", "building": "apartments"}),
        )
    )["buildings"]
    found = only(frame)
    assert found["building_id"] == "r7"
    assert found.geometry.geom_type == "Polygon"
    assert len(found.geometry.interiors) == 1
    assert found.geometry.area == pytest.approx((16 - 4) * 1e-8)


def test_a_relation_without_tags_cuts_the_courtyard_out_of_its_outer_way(read):
    outer, outer_ring = square(1, size=4)
    inner, inner_ring = square(11, x=1, y=1, size=2)
    frame = layers(
        read(
            *outer,
            *inner,
            way(20, outer_ring, {"building": "yes"}),
            way(21, inner_ring, {}),
            relation(7, [(20, "outer"), (21, "inner")], {"type": "multipolygon", "name": "王宫"}),
        )
    )["buildings"]
    found = only(frame)
    assert found["building_id"] == "w20"
    assert found.geometry.area == pytest.approx((16 - 4) * 1e-8)


def test_an_outline_left_open_and_one_with_a_lost_corner_are_named_not_guessed(read):
    nodes, ring = square(1)
    raw = read(
        *nodes,
        way(20, ring[:-1], {"building": "yes"}),
        way(21, [1, 2, 99, 4, 1], {"building": "yes"}),
        way(22, ring, {"building": "yes"}),
        relation(7, [(20, "outer"), (98, "outer")], {"type": "multipolygon", "building": "yes"}),
    )
    assert layers(raw)["buildings"]["building_id"].tolist() == ["w22"]
    problems = {p.id: p for p in raw.problems}
    assert problems["PLAN-OSM-003"].features == ("w20", "w21", "r7")
    assert "1 nodes are referred to" in problems["PLAN-OSM-002"].message.to("en")


# --- walkways ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "steps"}, "steps"),
        ({"highway": "footway"}, "path"),
        ({"highway": "pedestrian"}, "path"),
        ({"highway": "cycleway"}, "path"),
        ({"highway": "footway", "footway": "crossing"}, "crossing"),
        ({"highway": "cycleway", "cycleway": "crossing"}, "crossing"),
        ({"highway": "elevator"}, "elevator"),
        ({"highway": "corridor"}, "corridor"),
        ({"highway": "residential"}, "street"),
        ({"highway": "trunk_link"}, "street"),
        ({"highway": "motorway", "foot": "yes"}, "street"),
    ],
)
def test_kinds_of_walkways(read, tags, kind):
    assert only(line(read, **tags)["walkways"])["kind"] == kind


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "motorway"},
        {"highway": "motorway_link"},
        {"highway": "construction"},
        {"highway": "footway", "foot": "no"},
        {"highway": "primary", "foot": "use_sidepath"},
        {"highway": "service", "access": "no"},
        {"highway": "trunk", "motorroad": "yes"},
    ],
)
def test_ways_that_nobody_walks_on_are_left_out_and_counted(read, tags):
    raw = read(node(1), node(2, 1), way(9, [1, 2], tags), node(8, 9, amenity="bank"))
    assert "walkways" not in layers(raw)
    (told,) = [p for p in raw.problems if p.id == "PLAN-OSM-004"]
    assert told.message.to("en").startswith("1 ways")


@pytest.mark.parametrize(
    ("tags", "access"),
    [
        ({"access": "private"}, "private"),
        ({"access": "no", "foot": "yes"}, None),
        ({"access": "private", "foot": "designated"}, None),
        ({"access": "destination"}, "destination"),
        ({}, None),
    ],
)
def test_private_ways_are_kept_with_their_access(read, tags, access):
    assert only(line(read, highway="service", **tags)["walkways"])["access"] == access


def test_cars_one_way_does_not_bind_people(read):
    assert not only(line(read, highway="residential", oneway="yes")["walkways"])["oneway"]


@pytest.mark.parametrize(
    ("tags", "first_x"),
    [
        ({"oneway:foot": "yes"}, 116.0),
        ({"oneway:foot": "-1"}, 116.0002),
        ({"conveying": "backward"}, 116.0002),
    ],
)
def test_one_way_for_people_runs_along_the_line(read, tags, first_x):
    found = only(line(read, highway="steps", **tags)["walkways"])
    assert found["oneway"]
    assert found.geometry.coords[0][0] == pytest.approx(first_x, abs=1e-9)


@pytest.mark.parametrize(
    ("incline", "slope"), [("10%", 0.1), ("-8 %", -0.08), ("45°", 1.0), ("up", None), ("90°", None)]
)
def test_slope_is_rise_over_run(read, incline, slope):
    found = line(read, highway="path", incline=incline, width="2")["walkways"]
    assert found["width_m"].tolist() == [2.0]
    if slope is None:
        assert "slope" not in found
    else:
        assert found["slope"].tolist() == pytest.approx([slope])


def test_a_slope_turns_with_its_line(read):
    found = only(line(read, **{"highway": "steps", "incline": "30%", "oneway:foot": "-1"})["walkways"])
    assert found["slope"] == pytest.approx(-0.3)


@pytest.mark.parametrize(
    ("tags", "level"), [({"level": "-1"}, -1), ({"layer": "1"}, 1), ({"level": "0;1"}, pd.NA)]
)
def test_level_is_a_storey_or_missing(read, tags, level):
    found = line(read, highway="corridor", **tags)["walkways"]["level"]
    assert found.isna().all() if level is pd.NA else found.tolist() == [level]


def test_ways_that_share_a_node_share_a_vertex_exactly(read):
    frame = layers(
        read(
            node(1), node(2, 1.23456, 0.98765), node(3, 3),
            way(10, [1, 2, 3], {"highway": "residential"}), way(11, [2, 1], {"highway": "steps"}),
        )
    )["walkways"]  # fmt: skip
    street, steps = frame.geometry
    assert street.coords[1] == steps.coords[0]
    assert street.coords[0] == steps.coords[1]


def test_a_gap_is_not_bridged(read):
    raw = read(
        *(node(i, i) for i in (1, 2, 4, 5)),
        way(9, [1, 2, 3, 4, 5], {"highway": "footway"}),
        node(8, 9, shop="mall"),
    )
    assert layers(raw)["walkways"]["way_id"].tolist() == ["w9", "w9/part2"]
    assert [len(g.coords) for g in layers(raw)["walkways"].geometry] == [2, 2]


def test_a_square_to_walk_on_is_an_outline_and_an_open_space(read):
    nodes, ring = square(1)
    found = layers(read(*nodes, way(9, ring, {"highway": "pedestrian", "area": "yes", "name": "广场"})))
    assert only(found["walkways"]).geometry.is_closed
    assert only(found["open_spaces"])["name"] == "广场"


def test_a_loop_without_area_is_no_square(read):
    nodes, ring = square(1)
    assert set(layers(read(*nodes, way(9, ring, {"highway": "footway"})))) == {"walkways"}


# --- entrances and barriers ---------------------------------------------------------------------------


def test_doors_stairwells_and_gates(read):
    nodes, ring = square(10)
    nodes[0] = node(10, 0, 0, entrance="main")
    nodes[1] = node(11, 4, 0, entrance="staircase", **{"addr:unit": "2"})
    frame = layers(
        read(
            node(1, -2, -2, barrier="gate", access="private", opening_hours="Mo-Su 06:00-22:30", name="东门"),
            node(2, -3, -3, entrance="garage"),
            node(3, -4, -4, barrier="bollard"),
            node(4, -5, -5, barrier="lift_gate", foot="yes", access="no"),
            *nodes,
            way(9, ring, {"building": "apartments"}),
        )
    )["entrances"].set_index("entrance_id")
    assert frame["kind"].to_dict() == {"n1": "gate", "n4": "gate", "n10": "door", "n11": "stairwell"}
    assert frame["building_id"].to_dict() == {"n1": None, "n4": None, "n10": "w9", "n11": "w9"}
    assert frame.loc["n1", ["access", "opens", "closes", "name"]].tolist() == [
        "private",
        "06:00",
        "22:30",
        "东门",
    ]
    assert frame.loc["n4", "access"] == "yes"
    assert frame.loc["n10", "main"] is np.True_
    assert frame["main"].notna().sum() == 1
    assert frame.loc["n11", "stairwell_id"] == "2"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [("24/7", ("00:00", "24:00")), ("6:30-22:30", ("6:30", "22:30")), ("Mo-Fr 08:00-18:00", (None, None))],
)
def test_opening_hours_of_every_day_only(read, hours, expected):
    frame = layers(read(node(1, barrier="gate", opening_hours=hours)))["entrances"]
    found = tuple(frame[column].iloc[0] if column in frame else None for column in ("opens", "closes"))
    assert found == expected


def test_a_door_of_a_courtyard_house_belongs_to_the_relation(read):
    outer, outer_ring = square(1, size=4)
    outer[0] = node(1, 0, 0, entrance="yes")
    inner, inner_ring = square(11, x=1, y=1, size=2)
    things = [
        *outer,
        *inner,
        way(20, outer_ring, {"building": "yes"}),
        way(21, inner_ring, {}),
        relation(7, [(20, "outer"), (21, "inner")], {"type": "multipolygon", "building": "yes"}),
    ]
    assert only(layers(read(*things))["entrances"])["building_id"] == "r7"


def test_an_opening_in_a_wall_is_a_gate(read):
    frame = layers(
        read(
            node(1), node(2, 1, barrier="bollard"), node(3, 2, entrance="yes"), node(4, 3),
            way(9, [1, 2, 3, 4], {"barrier": "wall"}),
        )
    )  # fmt: skip
    assert frame["entrances"]["kind"].tolist() == ["gate", "gate"]
    assert frame["barriers"]["kind"].tolist() == ["wall"]


@pytest.mark.parametrize(
    ("value", "kind"),
    [("retaining_wall", "wall"), ("guard_rail", "fence"), ("hedge", "hedge"), ("kerb", None)],
)
def test_kinds_of_barriers(read, value, kind):
    found = line(read, barrier=value)
    assert found["barriers"]["kind"].tolist() == [kind] if kind else "barriers" not in found


# --- facilities -----------------------------------------------------------------------------------------


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


# --- parcels and obstacles ------------------------------------------------------------------------------


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


# --- the whole --------------------------------------------------------------------------------------------


def test_the_source_is_named_with_its_licence_and_digest(tmp_path):
    path = tmp_path / "三明.v2.osm"
    path.write_text(xml(node(1, amenity="bank")), encoding="utf-8")
    raw = read_osm(path)
    assert raw.attribution == ATTRIBUTION == "© OpenStreetMap contributors, ODbL 1.0"
    assert raw.name == "三明"
    assert [(i.path, i.sha256) for i in raw.inputs] == [(str(path), sha256(path))]
    assert {layer.path for layer in raw.layers} == {str(path)}
    assert raw.layers[0].frame.crs.to_epsg() == 4326


def test_the_order_in_the_file_does_not_matter_for_the_order_of_rows(read):
    found = layers(read(node(20, amenity="bank"), node(3, 1, amenity="bank"), node(100, 2, amenity="bank")))
    assert found["facilities"]["facility_id"].tolist() == ["n3", "n20", "n100"]


@pytest.mark.parametrize(
    ("name", "expected"), [("a.osm", True), ("A.OSM.PBF", True), ("a.gpkg", False), ("osm", False)]
)
def test_what_looks_like_openstreetmap(name, expected):
    assert is_osm(name) is expected


def refused(path):
    with pytest.raises(InputError) as caught:
        read_osm(path)
    (told,) = caught.value.problems
    assert told.effect == "refused"
    assert told.path == str(path)
    assert told.cure.to("en")
    return told.id


DOCTYPE = '<!DOCTYPE l [<!ENTITY a "{what}">]>'
TEXTS = {
    "entity": ("<?xml version='1.0'?>" + DOCTYPE.format(what="lol") + "<osm version='0.6'/>", "PLAN-SEC-004"),
    "external": ("<!DOCTYPE l SYSTEM 'file:///etc/passwd'><osm version='0.6'/>", "PLAN-SEC-004"),
    "cut short": (xml(node(1, amenity="bank"))[:-20], "PLAN-FILE-001"),
    "empty file": ("", "PLAN-FILE-001"),
    "other root": ("<html></html>", "PLAN-FILE-001"),
    "no XML": ("hello", "PLAN-FILE-001"),
    "no number": ("<osm version='0.6'><node id='1' lat='x' lon='2'/></osm>", "PLAN-FILE-001"),
    "nothing": (xml(node(1)), "PLAN-DATA-001"),
}


@pytest.mark.parametrize(("text", "problem"), TEXTS.values(), ids=TEXTS)
def test_what_cannot_be_read_is_refused_with_a_cure(tmp_path, text, problem):
    path = tmp_path / "a.osm"
    path.write_text(text, encoding="utf-8")
    assert refused(path) == problem


def test_entities_in_another_encoding_are_refused_too(tmp_path):
    path = tmp_path / "a.osm"
    text = "<?xml version='1.0' encoding='UTF-16'?>" + DOCTYPE.format(what="lol") + "<osm version='0.6'/>"
    path.write_bytes(text.encode("utf-16"))
    assert refused(path) == "PLAN-SEC-004"


def test_an_absent_file_is_named(tmp_path):
    assert refused(tmp_path / "none.osm") == "PLAN-FILE-001"


@pytest.mark.parametrize("length", [0, 5, 100, 5000])
def test_a_pbf_cut_short_is_refused(shared, tmp_path, length):
    path = tmp_path / "a.osm.pbf"
    path.write_bytes((shared / "data" / "nantong_dieshiqiao.osm.pbf").read_bytes()[:length])
    assert refused(path) == "PLAN-FILE-001"


def test_the_billion_laughs_are_refused(shared):
    assert refused(shared / "bad_inputs" / "085_osm_billion_laughs" / "b.osm") == "PLAN-SEC-004"


def test_a_large_file_is_read_as_a_stream(tmp_path):
    # 200,000 places of ways without tags, 13 MB: they never become rows.
    path = tmp_path / "a.osm"
    with path.open("w", encoding="utf-8") as file:
        file.write("<osm version='0.6'>")
        file.writelines(node(i, i % 1000, i // 1000) for i in range(1, 200_001))
        file.write(way(1, range(1, 501), {"highway": "footway"}) + "</osm>")
    assert len(only(layers(read_osm(path))["walkways"]).geometry.coords) == 500


# --- who may pass, and how ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "column", "wanted"),
    [
        ({"ramp:wheelchair": "yes"}, "ramp", "wheelchair"),
        ({"wheelchair": "yes"}, "ramp", "wheelchair"),
        ({"ramp:stroller": "yes", "ramp": "yes"}, "ramp", "stroller"),
        ({"ramp": "no"}, "ramp", "none"),
        ({"ramp:wheelchair": "separate"}, "ramp", "none"),  # a way of its own
        ({"handrail:left": "yes", "handrail": "no"}, "handrail", True),
        ({"handrail": "no"}, "handrail", False),
        ({"step_count": "7"}, "step_count", 7),
        ({"lit": "yes"}, "lit", True),
        ({"surface": "concrete"}, "surface", "concrete"),
        ({"wheelchair": "no"}, "wheelchair", False),
        ({"bridge": "yes"}, "level", 1),
        ({"bridge": "yes", "layer": "2"}, "level", 2),
        ({"tunnel": "yes"}, "level", -1),
    ],
)
def test_what_steps_say_of_themselves(read, tags, column, wanted):
    assert only(line(read, highway="steps", **tags)["walkways"])[column] == wanted


@pytest.mark.parametrize(
    "tags", [{"ramp": "yes"}, {"wheelchair": "limited"}, {"lit": "automatic"}, {"tunnel": "building_passage"}]
)
def test_what_is_not_sure_stays_missing(read, tags):
    row = only(line(read, highway="steps", **tags)["walkways"])
    assert not {"ramp", "wheelchair", "lit"} & set(row.index[row.notna()])
    assert pd.isna(row.get("level"))


def test_a_sidewalk_invites_onto_a_road_for_motors_only(read):
    assert "walkways" not in line(read, highway="trunk", motorroad="yes")
    assert "walkways" in line(read, highway="trunk", motorroad="yes", sidewalk="right")


@pytest.mark.parametrize(
    ("tags", "access"),
    [({"access": "permit"}, "private"), ({"access": "customers"}, "customers"), ({"access": "foot"}, None),
     ({"access": "military"}, "no"), ({"access": "unknown", "locked": "yes"}, "private")],
)  # fmt: skip
def test_who_may_pass_a_gate_is_said_in_few_words(read, tags, access):
    frame = layers(read(node(1, barrier="gate", **tags), node(2, 1, barrier="gate", access="no")))[
        "entrances"
    ]
    found = frame.set_index("entrance_id")["access"]["n1"]
    assert found == access if access else pd.isna(found)


def test_gates_that_say_nothing_and_tags_that_nobody_knows_are_told(read):
    raw = read(
        node(1, barrier="gate"),
        node(2, 1, barrier="gate", access="private", opening_hours="Mo-Fr 06:00-22:00"),
        node(3, 2, barrier="gate", access="yes", opening_hours="Mo-Su,PH 06:00-22:00"),
        node(4, 3, barrier="moat"),
        node(5, 4, entrance="window", access="foot"),
        node(6, 5, barrier="kerb"),
    )
    told = {p.id: p for p in raw.problems}
    assert told["PLAN-OSM-010"].features == ("n1",)
    assert told["PLAN-OSM-011"].features == ("n2",)
    assert told["PLAN-OSM-014"].message.params["tags"] == (
        "access=foot (1)",
        "barrier=moat (1)",
        "entrance=window (1)",
    )
    gate = layers(raw)["entrances"].set_index("entrance_id").loc["n3"]
    assert (gate["opens"], gate["closes"]) == ("06:00", "22:00")


@pytest.mark.parametrize(
    ("use", "tags", "kind", "stairwell"),
    [
        ("yes", {"addr:unit": "2"}, "stairwell", "2"),
        ("yes", {"ref": "3单元"}, "stairwell", "3"),
        ("yes", {"name": "甲单元门"}, "stairwell", "甲"),
        ("yes", {"addr:flats": "1-12"}, "stairwell", "1-12"),
        ("apartments", {"ref": "B"}, "stairwell", "B"),
        ("office", {"ref": "B"}, "door", None),
        ("apartments", {"ref": "B"} | {"entrance": "main"}, "stairwell", "B"),
        ("apartments", {"name": "南门"}, "door", None),
    ],
)
def test_a_door_with_the_name_of_a_stairwell_is_one(read, use, tags, kind, stairwell):
    nodes, ring = square(1)
    nodes[1] = node(2, 4, 0, **({"entrance": "yes"} | tags))
    door = only(layers(read(*nodes, way(9, ring, {"building": use})))["entrances"])
    assert (door["kind"], door["building_id"]) == (kind, "w9")
    assert door["stairwell_id"] == stairwell if stairwell else pd.isna(door.get("stairwell_id"))


# --- squares --------------------------------------------------------------------------------------------


def lines_across(read, *things):
    frame = layers(read(*things))["walkways"]
    return frame[frame["way_id"].str.contains("/across")]


SQUARE = {"highway": "pedestrian", "area": "yes"}


def test_a_square_is_walked_across_between_the_ways_that_lead_to_it(read):
    nodes, ring = square(1)
    ways = [
        node(11, -1, -1),
        node(12, 5, 5),
        way(21, [11, 1], {"highway": "footway"}),
        way(22, [3, 12], {"highway": "footway"}),
    ]
    found = only(lines_across(read, *nodes, *ways, way(29, ring, SQUARE)))
    assert (found["way_id"], found["kind"]) == ("w29/across1", "path")
    assert found.geometry.equals(shapely.LineString([(116, 40), (116.0004, 40.0004)]))
    # Nobody walks across what is closed, nor through a house that stands on it.
    assert lines_across(read, *nodes, *ways, way(29, ring, SQUARE | {"access": "no"})).empty
    house, outline = square(31, 1, 1, 2)
    assert lines_across(
        read, *nodes, *ways, *house, way(29, ring, SQUARE), way(40, outline, {"building": "yes"})
    ).empty


def test_people_walk_round_the_corner_of_a_square_that_has_one(read):
    # An L: 6 x 6 without its upper right 4 x 4. From (6, 0) to (0, 6) the way is round the corner (2, 2).
    corners = [(0, 0), (6, 0), (6, 2), (2, 2), (2, 6), (0, 6)]
    nodes = [node(i, x, y) for i, (x, y) in enumerate(corners, start=1)]
    ways = [
        node(11, 7, -1),
        node(12, -1, 7),
        way(21, [2, 11], {"highway": "path"}),
        way(22, [6, 12], {"highway": "path"}),
    ]
    found = lines_across(read, *nodes, *ways, way(29, [1, 2, 3, 4, 5, 6, 1], SQUARE))
    ends = {tuple(sorted(line.coords)) for line in found.geometry}
    corner = (116.0002, 40.0002)
    assert ends == {tuple(sorted([corner, (116.0006, 40.0)])), tuple(sorted([corner, (116.0, 40.0006)]))}


# --- parts, names, communities --------------------------------------------------------------------------


def test_floors_of_a_building_without_any_are_those_of_its_tallest_part(read):
    nodes, ring = square(1, size=8)
    low, low_ring = square(11, 0, 0, 4)
    high, high_ring = square(21, 4, 4, 4)
    parts = [*low, *high, way(41, low_ring, {"building:part": "yes", "building:levels": "2"}),
             way(42, high_ring, {"building:part": "yes", "building:levels": "17", "height": "51"})]  # fmt: skip
    raw = read(*nodes, *parts, way(49, ring, {"building": "yes"}))
    found = only(layers(raw)["buildings"])
    assert (found["building_id"], found["floors"], found["height_m"]) == ("w49", 17, 51.0)
    assert [p.features for p in raw.problems if p.id == "PLAN-OSM-008"] == [("w49",)]
    # What the building says itself counts.
    own = only(
        layers(read(*nodes, *parts, way(49, ring, {"building": "yes", "building:levels": "9"})))["buildings"]
    )
    assert own["floors"] == 9


def test_a_building_is_called_by_its_name_else_its_number_else_by_its_relation(read):
    assert only(building(read, building="yes", name="甲楼", **{"addr:housenumber": "7"}))["name"] == "甲楼"
    assert only(building(read, building="yes", **{"addr:housenumber": "7号"}))["name"] == "7号"
    nodes, ring = square(1)
    whole = relation(50, [(9, "outline")], {"type": "building", "name": "乙座"})
    assert only(layers(read(*nodes, way(9, ring, {"building": "yes"}), whole))["buildings"])["name"] == "乙座"


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


# --- real extracts ------------------------------------------------------------------------------------------

CHINESE = (
    "shenzhen_nanshan", "beijing_wudaokou_cau", "beijing_bupt", "shanghai_baoshan_shu", "jiangxi_guixi",
    "nantong_dieshiqiao",
)  # fmt: skip
ALL = (*CHINESE, "hilly_monaco", "helsinki_centre", "hilly_porto_alegre_poa", "perf_liechtenstein")


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "buildings"),
    [
        ("shenzhen_nanshan", 228 + 21), ("beijing_wudaokou_cau", 257), ("beijing_bupt", 111),
        ("shanghai_baoshan_shu", 107), ("jiangxi_guixi", 165), ("nantong_dieshiqiao", 89), ("hilly_monaco", 965),
    ],
)  # fmt: skip
def test_every_building_of_an_extract_is_there(shared, name, buildings):
    # As counted in the notes on the data, and in Nanshan 21 blocks drawn as residential land. Of Monaco's 965 one is a canopy (building=roof), which is no building
    # here; the palace, which the other reader lost to a relation without tags, makes up for it.
    found = layers(read_osm(shared / "data" / f"{name}.osm.pbf"))["buildings"]
    assert len(found) == buildings
    assert found["building_id"].is_unique


@pytest.mark.real
@pytest.mark.parametrize("name", CHINESE)
def test_the_same_outlines_as_another_reader_found(shared, name):
    path = shared / "data" / f"{name}.gpkg"
    other = gpd.read_file(path, layer="buildings")
    raw = read_osm(shared / "data" / f"{name}.osm.pbf")
    blocks = {one for told in raw.problems if told.id == "PLAN-OSM-009" for one in told.features}
    found = layers(raw)["buildings"]
    found = found[~found["building_id"].isin(blocks)]
    metric = found.estimate_utm_crs()
    assert found.to_crs(metric).area.sum() == pytest.approx(other.to_crs(metric).area.sum(), rel=1e-6)


@pytest.mark.real
def test_beijing_bupt_has_its_entrances_and_gates(shared):
    found = layers(read_osm(shared / "data" / "beijing_bupt.osm.pbf"))["entrances"]
    # 103 entrance nodes; of the 46 gates and posts, 21 gates, 4 lift gates and 3 wickets are gates, while 16
    # bollards and 2 blocks stop nobody on foot. Two of the 103 stand in a fence, not in a house: gates too.
    assert len(found) == 103 + 28
    assert found["kind"].value_counts().to_dict() == {"door": 101, "gate": 30}
    assert found["building_id"].notna().sum() >= 90
    assert found["main"].fillna(value=False).sum() == 1


@pytest.mark.real
def test_shenzhen_nanshan_has_its_steps_floors_and_estates(shared):
    raw = read_osm(shared / "data" / "shenzhen_nanshan.osm.pbf")
    found = layers(raw)
    # 75 buildings have building:levels, of which one says 0; three more have parts with floors.
    assert found["buildings"]["floors"].notna().sum() == 74 + 3
    assert (found["walkways"]["kind"] == "steps").sum() == 55
    # The notes call 20 of the 28 outlines single blocks; the 21st, 钻石楼, is one house of 284 m2.
    (told,) = [p for p in raw.problems if p.id == "PLAN-OSM-009"]
    assert len(told.features) == 21
    assert set(found["parcels"]["name"]) == {
        "西海明珠花园", "厚德品园", "南苑东区", "阳光粤海", "学林雅院", "创世纪滨海花园", "海滨小区",
    }  # fmt: skip


@pytest.mark.real
def test_a_sparse_county_town_has_no_footways_and_no_floors(shared):
    found = layers(read_osm(shared / "data" / "jiangxi_guixi.osm.pbf"))
    assert set(found["walkways"]["kind"]) == {"street", "path"}  # one track is the only path
    assert (found["walkways"]["kind"] == "path").sum() == 1
    assert found["buildings"]["floors"].isna().all()
    assert "parcels" not in found


@pytest.mark.real
def test_a_degenerate_extract_has_what_it_has(shared):
    found = layers(read_osm(shared / "data" / "nantong_dieshiqiao.osm.pbf"))
    assert {name: len(frame) for name, frame in found.items()} == {
        "parcels": 2,
        "buildings": 89,
        "facilities": 6,  # of 10 places 4 are bus stops; 2 more stops are known by their stop position only
        "walkways": 30,
    }
    assert set(found["facilities"]["category"]) == {"bus_stop"}


@pytest.mark.real
def test_monaco_keeps_what_its_published_routes_walk_on(shared):
    ways = layers(read_osm(shared / "data" / "hilly_monaco.osm.pbf"))["walkways"]
    assert (ways["kind"] == "steps").sum() == 82
    assert (ways["access"] == "private").sum() == 6


@pytest.mark.real
@pytest.mark.parametrize("name", ALL)
def test_every_extract_keeps_the_contract(shared, name):
    raw = read_osm(shared / "data" / f"{name}.osm.pbf")
    assert raw.name == name
    for layer in raw.layers:
        spec = LAYERS[layer.name]
        assert {c.name for c in spec.columns if c.required} <= set(layer.frame.columns)
        assert layer.frame[spec.id_column].is_unique
        assert not layer.frame.geometry.isna().any()
        assert np.isfinite(shapely.get_coordinates(layer.frame.geometry)).all()
        types = {shape.removeprefix("Multi") for shape in layer.frame.geom_type.unique()}
        assert types <= set(spec.shapes)
        for column in spec.columns:
            if column.type == "enum" and column.name in layer.frame:
                assert set(layer.frame[column.name].dropna()) <= {value for value, _ in column.choices}
    assert set(layers(raw)["facilities"]["category"]) <= set(CATEGORIES)


def test_two_doors_on_one_spot_are_two(read):
    found = layers(
        read(node(1, 5, 5, entrance="main", name="东门"), node(2, 5, 5, entrance="yes", name="车库"))
    )
    assert sorted(found["entrances"]["entrance_id"]) == ["n1", "n2"]


def test_what_an_editor_numbers_below_zero_has_places(read):
    nodes, ring = square(-20)
    raw = read(*nodes, way(-1, ring, {"building": "yes"}))
    assert len(layers(raw)["buildings"]) == 1
    assert [p.id for p in raw.problems if p.effect == "repaired"] == ["PLAN-OSM-015"]


@pytest.mark.parametrize(
    ("inner", "unclear"),
    [
        (((1, 1),), False),
        (((20, 20),), True),  # called a hole, and lies outside: it would count as ground
        (((1, 1), (1, 1)), True),  # drawn twice, and so not at all
    ],
)
def test_roles_that_contradict_where_members_lie(read, inner, unclear):
    outer, ring = square(1, size=10)
    things, members = [*outer, way(20, ring, {})], [(20, "outer")]
    for i, (x, y) in enumerate(inner):
        nodes, hole = square(100 + 10 * i, x, y, size=2)
        things += [*nodes, way(30 + i, hole, {})]
        members.append((30 + i, "inner"))
    order = sorted(things, key=lambda thing: thing.startswith("<way"))
    raw = read(*order, relation(7, members, {"type": "multipolygon", "building": "yes"}))
    told = [(p.layer, p.effect, p.features) for p in raw.problems if p.id == "PLAN-GEOM-015"]
    assert told == ([("buildings", "repaired", ("r7",))] if unclear else [])


def test_roles_of_two_members_that_are_exchanged_contradict_where_they_lie(read):
    """As many outlines and holes as are called so, but not the same ones: the hole is called an outline."""
    things, members = [], []
    for first, size, x, role in ((1, 10, 0, "outer"), (101, 2, 1, "outer"), (201, 2, 20, "inner")):
        nodes, ring = square(first, x, x, size=size)
        things += [*nodes, way(first + 9, ring, {})]
        members.append((first + 9, role))
    order = sorted(things, key=lambda thing: thing.startswith("<way"))
    raw = read(*order, relation(7, members, {"type": "multipolygon", "building": "yes"}))
    assert [p.features for p in raw.problems if p.id == "PLAN-GEOM-015"] == [("r7",)]
    true = [(*members[0],), (110, "inner"), (210, "outer")]
    raw = read(*order, relation(7, true, {"type": "multipolygon", "building": "yes"}))
    assert not [p for p in raw.problems if p.id == "PLAN-GEOM-015"]
