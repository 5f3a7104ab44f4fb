"""No rule is met by areas that the drawing contradicts."""

from __future__ import annotations

import geopandas as gpd
import pyproj
import pytest
from shapely import box

from plan import Site, check, load_pack


def verdict(area, drawn=10.0):
    """Judge one room of a declared area, drawn as a square, in a building of 400 m2; 300 m2 are asked for."""
    layers = {
        "parcels": gpd.GeoDataFrame({"parcel_id": ["P1"], "status": ["new"]}, geometry=[box(0, 0, 100, 100)]),
        "buildings": gpd.GeoDataFrame({"building_id": ["B1"], "floors": [6]}, geometry=[box(0, 0, 20, 20)]),
        "households": gpd.GeoDataFrame({"household_id": ["H1"], "building_id": ["B1"]}, geometry=[None]),
        "rooms": gpd.GeoDataFrame(
            {"room_id": ["R1"], "floor": [1], "area_m2": [area], "building_id": ["B1"], "use": ["community_service"]},
            geometry=[box(0, 0, drawn, drawn)],
        ),
    }  # fmt: skip
    placed = {
        name: frame.set_crs(4548).set_geometry(frame.set_crs(4548).translate(500000, 4e6))
        for name, frame in layers.items()
    }
    site = Site(name="a", layers=placed, crs=pyproj.CRS.from_epsg(4548))
    return next(f for f in check(site, load_pack("qinhuangdao")).findings if f.rule == "QHD-07")


@pytest.mark.parametrize(
    ("area", "drawn", "status"),
    [
        (1000.0, 10.0, "undetermined"),  # drawn as 100 m2, on a storey of 400 m2
        (350.0, 18.5, "met"),  # 342 m2 are drawn
        (350.0, 10.0, "undetermined"),
        (200.0, 10.0, "not_met"),  # too little, whichever holds
    ],
)
def test_a_declared_area_decides_only_where_the_drawing_agrees(area, drawn, status):
    found = verdict(area, drawn)
    assert found.status.value == status
    if status == "undetermined":
        assert found.reason.startswith("needs_person")
        assert "R1" in found.reason
        assert found.measured == area
