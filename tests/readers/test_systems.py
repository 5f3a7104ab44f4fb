"""A file that names its system in several ways is believed only where they are one."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing

import pyproj
import pytest
from small_files import buildings, write_gpkg, write_shapefile

from plan.crs import WGS84, crs_doubt, transformer
from plan.errors import CrsError
from plan.readers import inspect_sources, read_site
from plan.readers.systems import distinct, systems_in

GK117 = pyproj.CRS.from_epsg(4548)
WKT = GK117.to_wkt("WKT1_GDAL")
BARE = WKT.replace(',AUTHORITY["EPSG","4548"]]', "]")
PLACE = (500000.0, 4058000.0, 500010.0, 4058010.0)
AT_114 = 'PARAMETER["central_meridian",114]'
AT_117 = 'PARAMETER["central_meridian",117]'


def several(path, **options):
    found = inspect_sources(path, **options).problems
    return [(p.message.key.removeprefix("readers."), p.effect) for p in found if p.id == "PLAN-CRS-020"]


def with_definition(tmp_path, **columns):
    path = write_gpkg(tmp_path / "s.gpkg", buildings=buildings())
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, value in columns.items():
            where = "WHERE srs_id = 4548"
            connection.execute(f"UPDATE gpkg_spatial_ref_sys SET {name} = ? {where}", (value,))  # noqa: S608
    return path


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        (WKT, []),
        (BARE, []),
        (GK117.to_wkt("WKT1_ESRI"), []),
        (GK117.to_wkt("WKT2_2019"), []),
        ("undefined", []),
        ("GEOGCS[", []),
        # Both can be: 117 degrees east and 114 are 300 km apart.
        (WKT.replace(AT_117, AT_114), [("crs_several", "refused")]),
        (BARE.replace(AT_117, AT_114), [("crs_several", "refused")]),
        (pyproj.CRS.from_epsg(2384).to_wkt("WKT1_GDAL"), [("crs_several", "refused")]),  # Xi'an 80
        (
            pyproj.CRS.from_epsg(32650).to_wkt("WKT1_GDAL"),
            [("crs_several", "refused")],
        ),  # 0.4 per mille shorter
        # 500 km from its meridian, in degrees, or in Web Mercator these coordinates cannot be.
        (BARE.replace('"false_easting",500000', '"false_easting",0'), [("crs_several_one", "noted")]),
        (pyproj.CRS.from_epsg(4490).to_wkt("WKT1_GDAL"), [("crs_several_one", "noted")]),
        (pyproj.CRS.from_epsg(3857).to_wkt("WKT1_GDAL"), [("crs_several_one", "noted")]),
    ],
    ids=str,
)
def test_a_definition_of_a_geopackage_that_its_number_contradicts(tmp_path, definition, told):
    assert several(with_definition(tmp_path, definition=definition)) == told


def test_the_number_of_the_organization_is_one_of_them(tmp_path):
    assert several(with_definition(tmp_path, organization_coordsys_id=4547)) == [("crs_several", "refused")]


def test_the_contents_may_name_another_system_than_the_shapes(tmp_path):
    path = write_gpkg(tmp_path / "s.gpkg", buildings=buildings())
    write_gpkg(path, parcels=buildings(1, crs=4547).rename(columns={"building_id": "parcel_id"}))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE gpkg_contents SET srs_id = 4547 WHERE table_name = 'buildings'")
    assert several(path) == [("crs_several", "refused")]


@pytest.mark.parametrize(
    ("number", "told"), [(4548, []), (0, []), (-1, []), (4547, [("crs_several", "refused")]), (999999, [])]
)
def test_the_shapes_may_name_another_system_than_their_table(tmp_path, number, told):
    path = write_gpkg(tmp_path / "s.gpkg", buildings=buildings())
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for fid, blob in connection.execute("SELECT fid, geom FROM buildings").fetchall():
            changed = blob[:4] + struct.pack("<i", number) + blob[8:]
            connection.execute("UPDATE buildings SET geom = ? WHERE fid = ?", (changed, fid))
    assert several(path) == told


def test_the_user_decides(tmp_path):
    path = with_definition(tmp_path, definition=WKT.replace(AT_117, AT_114))
    with pytest.raises(CrsError, match="EPSG:4548"):
        read_site(path)
    for code in (4547, 4548):
        site = read_site(path, crs=f"EPSG:{code}")
        assert site.crs.to_epsg() == code
        assert site.layer("buildings").total_bounds[0] == 500000.0
        assert several(path, crs=f"EPSG:{code}") == [("crs_several_given", "noted")]


@pytest.mark.parametrize(
    ("prj", "told"),
    [
        (GK117.to_wkt("WKT1_ESRI"), []),
        (WKT, []),
        # The driver follows the number of this one, and the parameters of the next.
        (WKT.replace(AT_117, AT_114), [("crs_several", "refused")]),
        (
            GK117.to_wkt("WKT1_ESRI").replace('"Central_Meridian",117', '"Central_Meridian",114'),
            [("crs_several", "refused")],
        ),
    ],
    ids=["as Esri writes it", "as GDAL writes it", "number", "name"],
)
def test_a_prj_whose_number_or_name_contradicts_its_parameters(tmp_path, prj, told):
    path = write_shapefile(tmp_path, "建筑", [(b"ID", b"C", 10, 0)], [["B1"]])
    path.with_suffix(".prj").write_text(prj, encoding="utf-8")
    assert several(path) == told


def test_names_of_zones_are_systems_and_others_are_not():
    named = "CGCS2000_3_Degree_GK_Zone_39"
    wkt = GK117.to_wkt("WKT1_ESRI").replace("CGCS2000_3_Degree_GK_CM_117E", named)
    assert [c.to_epsg() for c in systems_in(wkt)][1:] == [4527]
    assert len(systems_in(wkt.replace(named, "龙岩城建坐标系"))) == 1
    assert systems_in("") == ()


def test_systems_are_one_where_the_same_numbers_are_one_place():
    utm = [pyproj.CRS.from_epsg(code) for code in (32650, 4548, 4479)]
    assert distinct([GK117, pyproj.CRS.from_user_input(BARE)], PLACE) == (GK117,)
    assert len(distinct([GK117, *utm], PLACE)) == 3
    wgs84, cgcs2000 = pyproj.CRS.from_epsg(4326), pyproj.CRS.from_epsg(4490)
    assert distinct([wgs84, cgcs2000], (117.0, 36.0, 117.1, 36.1)) == (wgs84,)


@pytest.mark.parametrize(("lon", "code"), [(117.0, 4548), (121.4, 4549), (121.4, 32651)])
def test_web_mercator_under_another_name_is_no_number_of_a_zone(lon, code):
    """At 121.4 E its eastings are 13,514,000 m: 13 is no zone, and the rest lies in the zone of 120 E."""
    crs = pyproj.CRS.from_epsg(code)
    x, y = transformer(WGS84, pyproj.CRS.from_epsg(3857)).transform(lon, 31.2)
    doubt = crs_doubt((x, y, x + 100, y + 100), crs, "x")
    assert (doubt.name, doubt.message.key) == ("web_mercator", "crs.web_mercator_tagged")


def test_a_number_of_a_zone_is_one():
    doubt = crs_doubt((39500000.0, 4058000.0, 39500100.0, 4058100.0), GK117, "x")
    assert doubt.name == "zone_prefix"
    west = pyproj.CRS.from_epsg(4534)  # zone 13 of 6 degrees is around 75 E
    assert crs_doubt((13500000.0, 4300000.0, 13500100.0, 4300100.0), west, "x").name == "zone_prefix"
