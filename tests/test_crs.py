"""The metric system at the door: which zone, and when coordinates cannot be what they say."""

from __future__ import annotations

import geopandas as gpd
import pyproj
import pytest
import shapely

from plan.crs import (
    WGS84,
    crs_doubt,
    is_metric,
    is_web_mercator,
    lonlat_bounds,
    metric_crs,
    parse_crs,
    prefixed_epsg,
    require_metric,
    short_name,
    spoken_name,
    to_metric,
    to_wgs84,
    transformer,
    typed_name,
    wkt,
)
from plan.errors import CrsError
from plan.messages import translate


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (117.64, 26.26, 4548),  # Sanming: 117 E
        (113.93, 22.53, 4547),  # Shenzhen: 114 E
        (119.60, 39.93, 4549),  # Qinhuangdao: 120 E
        (101.72, 26.58, 4543),  # Panzhihua: 102 E
        (75.0, 39.5, 4534),  # the westernmost zone
        (134.7, 48.3, 4554),  # the easternmost
        (115.4999, 30.0, 4547),  # just west of the edge between 114 E and 117 E
        (115.5001, 30.0, 4548),  # just east
        (24.94, 60.17, 32635),  # Helsinki: UTM 35 N
        (-51.2, -30.0, 32722),  # Porto Alegre: UTM 22 S
        (179.9, 10.0, 32660),
        (180.0, 10.0, 32601),
    ],
)
def test_zone_of_a_place(lon, lat, epsg):
    assert metric_crs(lon, lat).to_epsg() == epsg


def test_zone_meridian_is_the_nearest():
    for lon in range(74, 135):
        params = metric_crs(lon + 0.3, 40).coordinate_operation.params
        meridian = next(p.value for p in params if p.name == "Longitude of natural origin")
        assert abs(meridian - (lon + 0.3)) <= 1.5


def test_metric_means_metres_on_a_plane():
    assert is_metric(pyproj.CRS.from_epsg(4548))
    assert not is_metric(pyproj.CRS.from_epsg(4490))
    assert not is_metric(pyproj.CRS.from_epsg(3857))
    assert not is_metric(pyproj.CRS.from_epsg(2263))  # New York, US feet
    assert is_web_mercator(pyproj.CRS.from_epsg(3857))


def test_web_mercator_inflates_areas():
    # Why it is refused: a room of 650 m2 at 36.65 N reads as 1,012 m2.
    room = gpd.GeoSeries([shapely.box(500000, 4058000, 500026, 4058025)], crs=4548)
    assert room.area.iloc[0] == pytest.approx(650)
    assert room.to_crs(3857).area.iloc[0] == pytest.approx(1012, abs=1.5)


@pytest.mark.parametrize("epsg", [None, 4326, 3857, 2263])
def test_what_is_not_metric_is_refused(epsg):
    crs = None if epsg is None else pyproj.CRS.from_epsg(epsg)
    with pytest.raises(CrsError) as caught:
        require_metric(crs, "a.gpkg")
    assert "a.gpkg" in str(caught.value)


def test_reading_what_a_user_gives():
    assert parse_crs("EPSG:4548") == parse_crs("4548") == pyproj.CRS.from_epsg(4548)
    with pytest.raises(CrsError, match="火星"):
        parse_crs("火星")


def doubt(bounds, epsg, **options):
    found = crs_doubt(bounds, None if epsg is None else pyproj.CRS.from_epsg(epsg), "a", **options)
    return found and found.name


JINAN = (500000.0, 4058000.0, 500224.0, 4058012.0)
DEGREES = (117.0, 36.65, 117.003, 36.66)


@pytest.mark.parametrize(
    ("bounds", "epsg", "name"),
    [
        (JINAN, 4548, None),
        (DEGREES, 4326, None),
        (DEGREES, 4490, None),
        (JINAN, None, "missing"),
        (JINAN, 4326, "metres_called_degrees"),
        (DEGREES, 4548, "degrees_called_metres"),
        ((4058000.0, 500000.0, 4058012.0, 500224.0), 4548, "axes_swapped"),
        ((39500000.0, 4058000.0, 39500224.0, 4058012.0), 4548, "zone_prefix"),
        ((39500000.0, 4058000.0, 39500224.0, 4058012.0), 4527, None),  # zone 39 with its prefix
        (JINAN, 4527, "zone_prefix_absent"),
        ((500000000.0, 4058000000.0, 500224000.0, 4058012000.0), 4548, "millimetres"),
        ((36.65, 117.0, 36.66, 117.003), 4490, "degrees_swapped"),
        ((40.0, 80.0, 40.1, 80.1), 4490, "degrees_swapped"),  # 80 is a latitude, but not one of China
        ((10.0, 50.0, 10.1, 50.1), 4490, "outside_area_of_use"),
        ((500000.0, 40.0, 500224.0, 52.0), 4548, "outside_area_of_use"),  # at the equator
        ((13024380.0, 4390845.0, 13024412.0, 4390876.0), 3857, "web_mercator"),
        ((float("nan"),) * 4, 4548, None),
    ],
)
def test_doubts(bounds, epsg, name):
    assert doubt(bounds, epsg) == name


@pytest.mark.parametrize(
    ("shift", "bounds", "name"),
    [
        ("+x_0=500000", JINAN, None),
        ("", JINAN, "outside_area_of_use"),  # the false easting is lost: it would lie 500 km to the east
        ("+x_0=39500000", JINAN, "zone_prefix_absent"),
        ("+y_0=-4000000", (1000.0, 58000.0, 1200.0, 58100.0), None),  # of a city, around its own origin
    ],
)
def test_a_system_of_nobodys_making_is_meant_around_its_meridian(shift, bounds, name):
    found = crs_doubt(bounds, pyproj.CRS.from_proj4(f"+proj=tmerc +lon_0=117 +ellps=GRS80 {shift}"), "a.shp")
    assert (found and found.name) == name


@pytest.mark.parametrize(
    "lost", ['PARAMETER["Central_Meridian",117.0],', "PARAMETER[", 'PROJECTION["Gauss_Kruger"],']
)
def test_a_system_that_does_not_say_how_it_projects_is_refused(lost):
    text = pyproj.CRS.from_epsg(4548).to_wkt("WKT1_ESRI")
    assert lost in text
    try:
        crs = pyproj.CRS.from_wkt(text.replace(lost, "X[" if lost.endswith("[") else ""))
    except pyproj.exceptions.CRSError:
        return  # PROJ says it itself
    found = crs_doubt(JINAN, crs, "a.shp")
    assert found is not None
    assert found.name == "local"


def test_the_system_of_a_zone_is_named():
    assert [prefixed_epsg(z) for z in (25, 39, 45, 13, 20, 23, 60)] == [
        "EPSG:4513", "EPSG:4527", "EPSG:4533", "EPSG:4491", "EPSG:4498", "EPSG:4501", "EPSG:4513-4533",
    ]  # fmt: skip
    for zone in (25, 39, 13, 23):
        assert f"zone {zone}" in pyproj.CRS.from_user_input(prefixed_epsg(zone)).name


def test_geojson_in_metres_is_told_as_such():
    assert doubt(JINAN, 4326, assumed=True) == "geojson_metres"


def test_local_grids():
    local = pyproj.CRS.from_wkt(
        'LOCAL_CS["site grid",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
    )
    found = crs_doubt((0, 0, 224, 12), local, "a")
    assert found is not None
    assert found.name == "local"


def test_estates_at_the_edge_of_a_zone_are_no_doubt():
    # 0.5 degrees beyond the zone of 117 E: a city keeps one zone for all of itself.
    east, north = pyproj.Transformer.from_crs(4326, 4548, always_xy=True).transform(119.0, 36.65)
    assert doubt((east, north, east + 200, north + 200), 4548) is None


def test_to_and_from_degrees():
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(500000, 4058000)], crs=4548)
    point = to_wgs84(frame).geometry.iloc[0]
    assert point.x == pytest.approx(117.0, abs=1e-6)
    assert to_metric(frame, pyproj.CRS.from_epsg(4548)) is frame
    back = to_metric(to_wgs84(frame), pyproj.CRS.from_epsg(4548)).geometry.iloc[0]
    assert back.distance(frame.geometry.iloc[0]) < 1e-3
    assert lonlat_bounds(JINAN, pyproj.CRS.from_epsg(4548))[0] == pytest.approx(117.0, abs=1e-4)


def test_the_way_between_two_systems_is_found_once():
    zone = pyproj.CRS.from_epsg(4548)
    there, back = transformer(zone, WGS84), transformer(WGS84, zone)
    assert transformer(pyproj.CRS.from_user_input("EPSG:4548"), WGS84) is there
    expected = pyproj.Transformer.from_crs(4548, 4326, always_xy=True).transform(500000.0, 4058000.0)
    assert there.transform(500000.0, 4058000.0) == expected  # east, or longitude, first
    assert back.transform(*expected) == pytest.approx((500000.0, 4058000.0), abs=1e-3)


def test_names_for_people_and_programs():
    assert short_name(pyproj.CRS.from_epsg(4548)).startswith("EPSG:4548 (CGCS2000")
    assert pyproj.CRS.from_wkt(wkt(pyproj.CRS.from_epsg(4548))).to_epsg() == 4548


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        (4548, "EPSG:4548（CGCS2000 3 度带，中央经线 117°E）", "3-degree Gauss-Kruger, meridian 117°E"),
        (4527, "EPSG:4527（CGCS2000 3 度带，第 39 带）", "3-degree Gauss-Kruger, zone 39"),
        (4508, "EPSG:4508（CGCS2000 6 度带，中央经线 111°E）", "6-degree Gauss-Kruger, meridian 111°E"),
    ],
)
def test_a_system_of_china_is_named_in_the_language_of_the_page(code, zh, en):
    told = spoken_name(pyproj.CRS.from_epsg(code))
    assert translate(told, "zh") == zh
    assert en in translate(told, "en")


def test_another_system_keeps_its_name():
    assert spoken_name(pyproj.CRS.from_epsg(32650)) == "EPSG:32650 (WGS 84 / UTM zone 50N)"


def test_another_planet_is_a_local_system():
    mars = pyproj.CRS.from_wkt(
        'PROJCS["Mars",GEOGCS["Mars",DATUM["D_Mars",SPHEROID["Mars",3396190,169.9]],PRIMEM["0",0],'
        'UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["central_meridian",117],'
        'PARAMETER["false_easting",500000],UNIT["metre",1]]'
    )
    doubt = crs_doubt((500_000, 4_058_000, 500_100, 4_058_100), mars, "a")
    assert doubt is not None
    assert doubt.name == "local"


def test_a_place_in_the_zone_beside_is_asked_about():
    """121.6 E in the zone around 117 E, 3.1 degrees past its edge: one zone for a whole city, or a wrong tag."""
    at = to_zone_of_117(121.6, 39.9)
    doubt = crs_doubt(at, pyproj.CRS(4548), "f")
    assert doubt.name == "beyond_zone"
    assert (doubt.message.params["lon"], doubt.message.params["code"]) == ("121.600", "EPSG:4548")
    assert crs_doubt(to_zone_of_117(119.4, 39.9), pyproj.CRS(4548), "f") is None
    assert crs_doubt(to_zone_of_117(123.0, 39.9), pyproj.CRS(4548), "f").name == "outside_area_of_use"


def to_zone_of_117(lon, lat):
    x, y = pyproj.Transformer.from_crs(4490, 4548, always_xy=True).transform(lon, lat)
    return (x, y, x + 10, y + 10)


@pytest.mark.parametrize("definition", ["+proj=tmerc +lon_0=119.5 +x_0=500000 +ellps=krass", 2437, 4549])
def test_what_is_typed_for_a_system_is_that_system(definition):
    crs = pyproj.CRS(definition)
    again = parse_crs(typed_name(crs).strip('"'))
    assert [p.value for p in again.coordinate_operation.params] == [
        p.value for p in crs.coordinate_operation.params
    ]
    assert again.ellipsoid.semi_major_metre == crs.ellipsoid.semi_major_metre
