"""One metric system for all layers, chosen from the data; doubts are refused with a cure."""

from __future__ import annotations

import geopandas as gpd
import pyproj
import pytest
from shapely import box
from small_files import buildings, ids_of, parcel, write_gpkg

from plan.errors import CrsError, InputError, UsageError
from plan.readers import inspect_sources, load_mapping, read_site
from plan.readers.assemble import assemble
from plan.readers.raw import RawData, RawLayer


def raw(*layers, **more):
    return RawData(
        layers=tuple(
            RawLayer(name=name, frame=frame, path="a.gpkg", source_layer=name) for name, frame in layers
        ),
        name="a",
        **more,
    )


def told(site_or_error):
    return [(p.id, p.severity, p.effect) for p in site_or_error.problems]


def test_a_metric_layer_keeps_its_system_to_the_last_bit():
    site = assemble(raw(("buildings", buildings())))
    assert site.crs.to_epsg() == 4548
    assert site.problems == ()
    assert site.layer("buildings").total_bounds.tolist() == [500000, 4058000, 500040, 4058010]


def test_degrees_alone_go_to_the_zone_of_their_longitude():
    site = assemble(raw(("buildings", buildings(crs=4490))))
    assert site.crs.to_epsg() == 4548
    assert told(site) == [("PLAN-CRS-014", "info", "noted")]
    assert site.layer("buildings").area.tolist() == pytest.approx([100.0, 100.0], abs=1e-3)


def test_the_first_metric_layer_decides_and_the_rest_follow():
    site = assemble(raw(("buildings", buildings(crs=4326)), ("parcels", parcel())))
    assert site.crs.to_epsg() == 4548
    assert told(site) == [("PLAN-CRS-010", "info", "repaired")]
    assert "buildings" in site.problems[0].message
    assert site.layer("buildings").within(site.layer("parcels").geometry.iloc[0]).all()


def test_a_given_metric_system_decides():
    site = assemble(raw(("buildings", buildings())), crs="EPSG:4547")
    assert site.crs.to_epsg() == 4547
    assert told(site) == [("PLAN-CRS-014", "info", "noted")]


def test_a_system_that_is_doubted_is_overruled_by_the_one_given():
    frame = buildings(crs=4490).set_crs(4548, allow_override=True)  # degrees called metres
    with pytest.raises(CrsError) as caught:
        assemble(raw(("buildings", frame)))
    assert told(caught.value) == [("PLAN-CRS-003", "error", "refused")]
    site = assemble(raw(("buildings", frame)), crs="EPSG:4490")
    assert [p.id for p in site.problems] == ["PLAN-CRS-013", "PLAN-CRS-014"]
    assert site.layer("buildings").area.tolist() == pytest.approx([100.0, 100.0], abs=1e-3)


def test_a_wrong_cure_is_not_believed():
    frame = buildings(crs=4490).set_crs(None, allow_override=True)
    with pytest.raises(CrsError) as caught:
        assemble(raw(("buildings", frame)), crs="EPSG:4548")
    assert told(caught.value) == [("PLAN-CRS-003", "error", "refused")]


@pytest.mark.parametrize(
    ("move", "epsg", "problem"),
    [
        (lambda f: f.to_crs(3857), None, "PLAN-CRS-008"),
        (lambda f: f, "", "PLAN-CRS-001"),
        (lambda f: f.translate(39e6, 0), 4548, "PLAN-CRS-004"),
        (lambda f: f.translate(0, -4e6), 4548, "PLAN-CRS-006"),
        (lambda f: f, 4326, "PLAN-CRS-009"),
    ],
)
def test_doubts_are_refused(move, epsg, problem):
    frame = buildings()
    moved = move(frame.geometry)
    frame = frame.set_geometry(gpd.GeoSeries(moved, crs=moved.crs))
    if epsg is not None:
        frame = frame.set_crs(epsg or None, allow_override=True)
    with pytest.raises(CrsError) as caught:
        assemble(raw(("buildings", frame)))
    assert told(caught.value) == [(problem, "error", "refused")]
    assert "--crs" in caught.value.problems[0].cure or "EPSG" in caught.value.problems[0].cure


def test_zone_prefixed_coordinates_are_read_where_they_are_named_so():
    frame = buildings()
    shifted = gpd.GeoSeries(frame.geometry.translate(39e6, 0).array, crs=4548)
    site = assemble(raw(("buildings", frame.set_geometry(shifted))), crs="EPSG:4527")
    assert site.crs.to_epsg() == 4527
    assert site.layer("buildings").area.tolist() == [100.0, 100.0]


def test_feet_are_converted():
    frame = buildings().to_crs(2263)  # far from New York, but a system in feet
    with pytest.raises(InputError):
        assemble(raw(("buildings", frame)))
    inside = gpd.GeoDataFrame(
        {"building_id": ["B1"], "floors": [6]}, geometry=[box(980000, 200000, 980100, 200100)], crs=2263
    )
    site = assemble(raw(("buildings", inside)))
    assert site.crs.to_epsg() == 32618
    # 100 US survey feet are 30.48 m.
    assert site.layer("buildings").area.iloc[0] == pytest.approx(30.48**2, rel=1e-3)


def test_heights_in_the_system_are_dropped():
    frame = buildings(crs=4326).set_crs(4979, allow_override=True)
    assert assemble(raw(("buildings", frame))).crs.to_epsg() == 4548
    frame = buildings().set_crs("EPSG:4548+5737", allow_override=True)
    assert assemble(raw(("buildings", frame))).crs.to_epsg() == 4548


SEVEN = "+proj=tmerc +lat_0=0 +lon_0=117 +k=1 +x_0=500000 +ellps=krass +towgs84=20,-150,-90,0,0,0,0 +type=crs"


@pytest.mark.parametrize("epsg", [2436, 2384])
def test_old_datums_are_refused_without_parameters(epsg):
    layer = ("buildings", buildings().set_crs(epsg, allow_override=True))
    with pytest.raises(CrsError) as caught:
        assemble(raw(layer))
    assert told(caught.value) == [("PLAN-CRS-015", "error", "refused")]
    assert f"--crs EPSG:{epsg}" in caught.value.problems[0].cure
    with pytest.raises(CrsError):
        assemble(raw(layer), crs="EPSG:4548")


def test_old_datums_are_used_as_they_are_where_the_user_says_so():
    old = buildings().set_crs(2436, allow_override=True)
    site = assemble(raw(("buildings", old)), crs="EPSG:2436")
    assert site.crs.to_epsg() == 2436
    assert told(site) == [("PLAN-CRS-015", "warning", "noted")]
    with pytest.raises(CrsError) as caught:
        assemble(raw(("buildings", old), ("parcels", parcel())), crs="EPSG:2436")
    assert ("PLAN-CRS-015", "error", "refused") in told(caught.value)


def test_old_datums_are_converted_by_the_parameters_given():
    old = buildings().set_crs(2436, allow_override=True)
    site = assemble(raw(("buildings", old)), crs=SEVEN)
    assert site.crs.to_epsg() == 4548
    moved = site.layer("buildings").geometry.iloc[0].distance(buildings().geometry.iloc[0])
    assert 10 < moved < 300
    assert site.layer("buildings").area.iloc[0] == pytest.approx(100, abs=0.01)


def test_layers_without_shapes_take_the_system_of_the_site():
    rooms = gpd.GeoDataFrame({"room_id": ["R1"], "floor": [1], "area_m2": [80.0]}, geometry=[None])
    site = assemble(raw(("buildings", buildings()), ("rooms", rooms)))
    assert site.problems == ()
    assert site.layer("rooms").crs == site.crs
    alone = assemble(raw(("rooms", rooms)))
    assert told(alone) == [("PLAN-CRS-016", "info", "noted")]


def test_all_problems_come_at_once():
    bad = buildings().rename(columns={"floors": "x"})
    rooms = gpd.GeoDataFrame({"room_id": ["R1"], "area_m2": ["约300"]}, geometry=[None])
    with pytest.raises(InputError) as caught:
        assemble(raw(("buildings", bad), ("rooms", rooms), ("parcels", parcel().to_crs(3857))))
    assert set(ids_of(caught.value.problems)) == {
        "PLAN-CRS-008",
        "PLAN-SCHEMA-001",
        "PLAN-SCHEMA-006",
        "PLAN-UNIT-002",
    }
    assert "3" in caught.value.message  # three of them refuse


def test_an_empty_layer_refuses_only_where_all_are_empty():
    empty = buildings().iloc[:0]
    site = assemble(raw(("parcels", parcel()), ("buildings", empty)))
    assert told(site) == [("PLAN-DATA-001", "error", "degraded")]
    with pytest.raises(InputError) as caught:
        assemble(raw(("buildings", empty)))
    assert ("PLAN-DATA-001", "error", "refused") in told(caught.value)


def test_nothing_at_all_is_refused():
    with pytest.raises(InputError) as caught:
        assemble(raw())
    assert told(caught.value) == [("PLAN-DATA-002", "error", "refused")]


def test_unknown_layers_alone_are_refused_with_the_cure(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", Layer0=parcel().rename(columns={"parcel_id": "id"}))
    found = inspect_sources(path)
    assert ids_of(found.problems) == ["PLAN-LAYER-002"]
    assert "--mapping" in found.problems[0].cure
    site = read_site(path, mapping="Layer0=parcels")
    assert site.layer("parcels")["parcel_id"].tolist() == ["P1"]


def test_columns_can_be_mapped(tmp_path):
    frame = buildings().rename(columns={"floors": "stories", "building_id": "code"})
    path = write_gpkg(tmp_path / "a.gpkg", buildings=frame)
    (tmp_path / "map.toml").write_text('[columns.buildings]\ncode = "building_id"\nstories = "floors"\n')
    site = read_site(path, mapping=tmp_path / "map.toml")
    assert site.layer("buildings")["building_id"].tolist() == ["B1", "B2"]
    assert (
        read_site(
            path, mapping=load_mapping(["buildings.code=building_id", "buildings.stories=floors"])
        ).problems
        == ()
    )


@pytest.mark.parametrize(
    "text", ["[layers]\na = 'houses'", "[columns.buildings]\na = 'x'", "[layers]\na = 1", "[[["]
)
def test_mappings_that_make_no_sense(tmp_path, text):
    (tmp_path / "map.toml").write_text(text)
    with pytest.raises(UsageError):
        load_mapping([tmp_path / "map.toml"])


def test_two_data_sets_for_one_layer_are_refused(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", buildings=buildings(), 建筑=buildings())
    assert ("PLAN-FILE-010", "error", "refused") in told(inspect_sources(path))


def test_attribution_and_estimates_come_along():
    site = assemble(
        raw(("buildings", buildings()), attribution="© OpenStreetMap", estimates=("buildings", "rooms"))
    )
    assert (site.attribution, site.estimates) == ("© OpenStreetMap", ("buildings",))


def test_an_unknown_system_is_a_crs_error():
    with pytest.raises(CrsError):
        assemble(raw(("buildings", buildings())), crs="EPSG:0")


def test_a_city_that_keeps_one_zone_is_heard():
    """Buildings at 121.6 E in the zone of 117 E: refused with the place, taken where the user says so, and measured true."""
    there = buildings(crs=4548).to_crs(4490)
    moved = gpd.GeoSeries(there.geometry.translate(121.6 - 117.0, 0).array, crs=4490).to_crs(4548)
    frame = buildings().set_geometry(moved)
    with pytest.raises(CrsError) as caught:
        assemble(raw(("buildings", frame)))
    (problem,) = caught.value.problems
    assert (problem.id, problem.message.key) == ("PLAN-CRS-006", "crs.beyond_zone")
    assert "--crs EPSG:4548" in problem.cure
    site = assemble(raw(("buildings", frame)), crs="EPSG:4548")
    assert told(site)[0] == ("PLAN-CRS-006", "warning", "noted")
    # In its own zone of 123 E an outline of 10 m by 10 m has its area; 4.6 degrees away it has 0.4 percent more.
    assert site.crs.to_epsg() == 4550
    assert site.layer("buildings").area.iloc[0] == pytest.approx(100.0, rel=1e-3)
    bare = frame.set_crs(None, allow_override=True)
    assert ("PLAN-CRS-006", "warning", "noted") in told(assemble(raw(("buildings", bare)), crs="EPSG:4548"))


@pytest.mark.parametrize(("axis", "rf", "code"), [(6378140, 298.257, 2384), (6378245, 298.3, 2436)])
def test_an_old_datum_is_known_by_its_ellipsoid(axis, rf, code):
    """A system that somebody named himself, on the ellipsoid of Xi'an 80 or Beijing 54, is no CGCS2000."""
    named = pyproj.CRS(
        f'PROJCS["城建",GEOGCS["GCS_U",DATUM["D_U",SPHEROID["U",{axis},{rf}]],PRIMEM["Greenwich",0],UNIT["Degree",'
        '0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["central_meridian",117],'
        'PARAMETER["scale_factor",1],PARAMETER["false_easting",500000],UNIT["Meter",1]]'
    )
    frame = buildings().set_crs(named, allow_override=True)
    with pytest.raises(CrsError) as caught:
        assemble(raw(("buildings", frame)))
    (problem,) = caught.value.problems
    assert problem.id == "PLAN-CRS-015"
    for cure in (f"EPSG:{code}", problem.message.params["code"].strip('"')):
        site = assemble(raw(("buildings", frame)), crs=cure)
        assert ("PLAN-CRS-015", "warning", "noted") in told(site)
        assert site.layer("buildings").area.iloc[0] == pytest.approx(100.0)


def test_a_row_without_coordinates_is_named_and_not_the_system():
    frame = buildings(3)
    shapes = [*frame.geometry[:2], box(0, 0, 10, 10)]
    with pytest.raises(CrsError) as caught:
        assemble(raw(("buildings", frame.set_geometry(gpd.GeoSeries(shapes, crs=4548)))))
    (problem,) = caught.value.problems
    assert (problem.id, problem.rows) == ("PLAN-CRS-017", (3,))
    assert problem.message.params["shown"] == "5, 5"


def test_nothing_is_measured_in_a_system_of_a_continent():
    """Albers keeps areas, and makes 100 m of a walk 89 m or 112 m at 37 north: the plan is brought into its zone."""
    frame = buildings().to_crs("ESRI:102025")
    drawn = assemble(raw(("buildings", frame)))
    assert drawn.crs.to_epsg() == 4548
    assert told(drawn) == [("PLAN-CRS-014", "info", "noted")]
    assert drawn.layer("buildings").length.tolist() == pytest.approx([40.0, 40.0], rel=1e-4)
    assert assemble(raw(("buildings", frame)), crs="ESRI:102025").crs.to_epsg() == 4548
