from __future__ import annotations

import math
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from plan.access import default_speeds, walk_times
from plan.errors import CrsError, InputError
from plan.network import WalkNetwork
from plan.network.speed import Pace
from plan.readers import read_site

CRS_M = CRS.from_epsg(4548)
X, Y = 500_000.0, 2_900_000.0
TOBLER = Pace(m_per_min=60.0, slope="tobler")


def raster(path, z, *, cell_m=5.0, crs=CRS_M, nodata=-9999.0, **more):
    """Write heights whose first row is the northernmost; the south-western corner is (X, Y)."""
    import rasterio
    from affine import Affine

    z = np.atleast_3d(np.asarray(z, dtype="float32").T).T  # bands, rows, columns
    profile = {
        "driver": "GTiff",
        "height": z.shape[1],
        "width": z.shape[2],
        "count": z.shape[0],
        "dtype": "float32",
        "nodata": nodata,
        "transform": Affine(cell_m, 0, X, 0, -cell_m, Y + z.shape[1] * cell_m),
        **({} if crs is None else {"crs": crs.to_wkt()}),
    }
    with rasterio.open(path, "w", **profile) as out:
        out.write(z)
        for name, value in more.items():
            setattr(out, name, value)
    return path


def plane(path, east, north, *, size=(60, 60), cell_m=5.0, **more):
    """Write a plane that rises by `east` and `north` metres a metre."""
    rows, columns = size
    x = (np.arange(columns) + 0.5) * cell_m
    y = (rows - np.arange(rows) - 0.5) * cell_m
    return raster(path, 100 + east * x[None, :] + north * y[:, None], cell_m=cell_m, **more)


def network(*lines, crs=CRS_M, **columns):
    """Return a network of lines that meet at their ends; coordinates are from the corner."""
    drawn = [shapely.LineString([(X + x, Y + y) for x, y in line]) for line in lines]
    ends = list(dict.fromkeys(spot for line in lines for spot in (line[0], line[-1])))
    nodes = pd.DataFrame([(X + x, Y + y) for x, y in ends], columns=["x", "y"])
    edges = pd.DataFrame(
        {
            "u": [ends.index(line[0]) for line in lines],
            "v": [ends.index(line[-1]) for line in lines],
            "length_m": [line.length for line in drawn],
            "way_id": [f"w{i}" for i in range(len(lines))],
            **columns,
        }
    )
    return WalkNetwork.from_frames(
        nodes, gpd.GeoDataFrame(edges, geometry=drawn, crs=crs), speeds={"adult": TOBLER}
    )


def test_a_ramp_rises_as_computed_by_hand(tmp_path):
    dem = plane(tmp_path / "ramp.tif", 0.1, -0.04)
    # 200 m east, then 100 m north: +20 m, then -4 m.
    found = network([(20, 20), (220, 20)], [(220, 20), (220, 120)]).with_terrain(dem)
    assert found.relief.net_m == pytest.approx([20, -4], abs=1e-4)
    assert found.relief.climb_m == pytest.approx([20, 0], abs=1e-4)
    assert found.relief.descent_m == pytest.approx([0, 4], abs=1e-4)
    assert found.edges["slope"].tolist() == pytest.approx([0.1, -0.04], abs=1e-6)
    assert found.problems == ()
    # Tobler: exp(0.35) times as long up 10 %; down 4 % exp(-3.5 (0.05 - 0.01)), up 4 % exp(3.5 x 0.04).
    timed = found.timed(TOBLER)
    assert timed.forward == pytest.approx([200 / 60 * math.exp(0.35), 100 / 60 * math.exp(-0.14)], rel=1e-5)
    assert timed.backward == pytest.approx([200 / 60, 100 / 60 * math.exp(0.14)], rel=1e-5)


def test_uphill_and_downhill_differ_from_door_to_door(tmp_path):
    found = network([(20, 20), (270, 20)]).with_terrain(plane(tmp_path / "ramp.tif", 0.1, 0.0))
    low, high = (
        gpd.GeoDataFrame({"category": ["c"]}, geometry=[shapely.Point(X + x, Y + 20)], crs=CRS_M)
        for x in (50, 170)
    )
    assert walk_times(found, low, high, max_min=99).iloc[0, 0] == pytest.approx(2 * math.exp(0.35), rel=1e-5)
    assert walk_times(found, high, low, max_min=99).iloc[0, 0] == pytest.approx(2.0, rel=1e-5)


def test_a_hill_between_two_ends_of_one_height_is_climbed(tmp_path):
    x = (np.arange(60) + 0.5) * 5
    ridge = np.tile(20 - np.abs(x - 150) * 0.1, (60, 1))  # 10 % up to x = 150, then 10 % down
    found = network([(50, 100), (250, 100)]).with_terrain(raster(tmp_path / "ridge.tif", ridge))
    # The crest lies between the middles of two cells, 2.5 m from each, so 0.25 m of it are cut off.
    assert found.relief.climb_m == pytest.approx([9.75], abs=1e-4)
    assert found.relief.descent_m == pytest.approx([9.75], abs=1e-4)
    assert found.relief.net_m == pytest.approx([0], abs=1e-4)


def test_bridges_corridors_and_elevators_do_not_follow_the_ground(tmp_path):
    dem = plane(tmp_path / "ramp.tif", 0.1, 0.0)
    lines = [[(20, 20 + 10 * i), (120, 20 + 10 * i)] for i in range(4)]
    found = network(*lines, kind=["path", "corridor", "elevator", "path"], level=[0, 0, 0, 1]).with_terrain(
        dem
    )
    assert found.relief.net_m == pytest.approx([10, 0, 0, 0], abs=1e-4)


def test_degrees_of_the_raster_and_metres_of_the_network_meet(tmp_path):
    wgs84 = gpd.GeoSeries([shapely.Point(X, Y), shapely.Point(X + 400, Y + 400)], crs=CRS_M).to_crs(4326)
    import rasterio
    from affine import Affine

    west, south, east, north = wgs84.total_bounds
    columns = np.linspace(0, 40, 81)[:-1] + 0.25  # 10 % up to the east over about 400 m
    with rasterio.open(
        tmp_path / "wgs84.tif",
        "w",
        driver="GTiff",
        height=80,
        width=80,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=Affine((east - west) / 80, 0, west, 0, (south - north) / 80, north),
    ) as out:
        out.write(np.tile(columns, (80, 1)).astype("float32"), 1)
    found = network([(100, 200), (300, 200)]).with_terrain(tmp_path / "wgs84.tif")
    assert found.relief.net_m == pytest.approx([20], rel=0.01)


def test_a_raster_that_does_not_cover_is_a_named_error(tmp_path):
    dem = plane(tmp_path / "elsewhere.tif", 0.1, 0.0)
    with pytest.raises(InputError) as caught:
        network([(5020, 20), (5120, 20)]).with_terrain(dem)
    assert caught.value.problems[0].id == "PLAN-DEM-001"
    empty = raster(tmp_path / "empty.tif", np.full((60, 60), -9999.0))
    with pytest.raises(InputError) as caught:
        network([(20, 20), (120, 20)]).with_terrain(empty)
    assert caught.value.problems[0].id == "PLAN-DEM-001"


def test_gaps_are_told_and_the_drawn_slope_stands_there(tmp_path):
    z = np.full((60, 60), 5.0)
    z[:, 30:] = -9999
    z[:, 20] = np.nan
    dem = raster(tmp_path / "gaps.tif", z)
    lines = [[(10, 50), (60, 50)], [(200, 50), (250, 50)], [(80, 80), (120, 80)], [(20, 20), (20, 900)]]
    found = network(*lines, slope=[0.01, 0.02, None, None]).with_terrain(dem)
    assert found.relief.known.tolist() == [True, True, False, False]
    assert found.relief.net_m == pytest.approx([0, 1, 0, 0])
    (gaps,) = found.problems
    assert gaps.id == "PLAN-DEM-002"
    assert gaps.features == ("w1", "w2", "w3")
    assert "3" in gaps.message.to("en")


def test_a_cliff_is_told_and_counts_as_the_steepest_street(tmp_path):
    z = np.zeros((60, 60))
    z[:, 20:] = 30
    found = network([(50, 50), (150, 50)], [(50, 80), (150, 80)], kind=["path", "steps"]).with_terrain(
        raster(tmp_path / "cliff.tif", z)
    )
    (cliff,) = found.problems
    assert (cliff.id, cliff.features) == ("PLAN-DEM-005", ("w0",))
    # Two pieces of 10 m at 35 % instead of 150 %.
    assert found.timed(TOBLER).forward[0] == pytest.approx(80 / 60 + 20 / 60 * math.exp(3.5 * 0.35))


def test_rasters_that_cannot_be_used_are_named_errors(tmp_path):
    ways = network([(20, 20), (120, 20)])
    two = np.zeros((2, 60, 60))
    junk = tmp_path / "junk.tif"
    junk.write_bytes(b"II*\0 this is no raster")
    bad = {
        "absent": tmp_path / "absent.tif",
        "junk": junk,
        "bands": raster(tmp_path / "bands.tif", two),
        "feet": plane(tmp_path / "feet.tif", 0.1, 0, units=("ft",)),
    }
    for path in bad.values():
        with pytest.raises(InputError) as caught:
            ways.with_terrain(path)
        assert caught.value.problems[0].id == "PLAN-DEM-004"
        assert path.name in caught.value.message.to("en")


def test_systems_that_are_not_stated_are_named_errors(tmp_path):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rasterio tells that there is no system
        nowhere = plane(tmp_path / "nowhere.tif", 0.1, 0, crs=None)
    with pytest.raises(CrsError) as caught:
        network([(20, 20), (120, 20)]).with_terrain(nowhere)
    assert caught.value.problems[0].id == "PLAN-DEM-003"
    with pytest.raises(CrsError):
        network([(20, 20), (120, 20)], crs=None).with_terrain(plane(tmp_path / "ramp.tif", 0.1, 0))


def tile(folder, name="N26E117.hgt"):
    """Write a tile of 1201 rows that rises by 1 m a sample to the east, with a void in its north-western corner."""
    z = np.tile(np.arange(1201, dtype=">i2"), (1201, 1))
    z[0, 0] = -32768
    path = folder / name
    path.write_bytes(z.tobytes())
    return path


def test_srtm_tiles_are_read_by_their_name(tmp_path):
    from plan.network.terrain import read_heights

    wgs84 = CRS.from_epsg(4326)
    found = read_heights(tile(tmp_path), np.zeros((0, 2)), wgs84)
    asked = np.array(
        [(117.0, 26.5), (117.5, 26.5), (118.0, 26.0), (117 + 1.5 / 1200, 26.5), (117.0, 27.0), (116.9, 26.5)]
    )
    assert found.at(asked) == pytest.approx([0, 600, 1200, 1.5, math.nan, math.nan], nan_ok=True)
    with zipfile.ZipFile(tmp_path / "some_N26E117.hgt.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "N26E117.hgt", "N26E117.hgt")
    packed = read_heights(tmp_path / "some_N26E117.hgt.zip", np.zeros((0, 2)), wgs84)
    assert np.array_equal(packed.z, found.z, equal_nan=True)


def test_files_that_are_no_tiles_are_named_errors(tmp_path):
    from plan.network.terrain import read_heights

    short = tmp_path / "N26E118.hgt"
    short.write_bytes(b"\0" * 1000)
    broken = tmp_path / "N26E119.hgt.zip"
    broken.write_bytes(b"PK\3\4 broken")
    empty = tmp_path / "N26E116.hgt.zip"
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    for path in (short, broken, empty, tile(tmp_path, "somewhere.hgt")):
        with pytest.raises(InputError) as caught:
            read_heights(path, np.zeros((0, 2)), CRS.from_epsg(4326))
        assert caught.value.problems[0].id == "PLAN-DEM-004"


def test_the_terrain_of_the_sample_is_that_of_its_slopes(sample_gis):
    site = read_site(sample_gis / "old_estate.gpkg")
    drawn = WalkNetwork.from_site(site)
    draped = drawn.with_terrain(sample_gis / "old_estate_dem.tif")
    assert draped.relief.known.all()
    # The slopes of the drawing were written from the same hill with three digits.
    apart = np.abs(draped.relief.net_m - drawn.relief.net_m)
    assert np.median(apart) < 0.1
    assert np.corrcoef(draped.relief.net_m, drawn.relief.net_m)[0, 1] > 0.97


def test_monaco_is_steep_and_porto_alegre_is_covered(shared):
    monaco = WalkNetwork.from_site(
        read_site(shared / "data" / "hilly_monaco.osm.pbf"),
        speeds=default_speeds(),
        dem=shared / "data" / "hilly_monaco_srtm_N43E007.hgt.zip",
    )
    adult = monaco.pace("adult")
    timed, flat = monaco.timed(adult), monaco.timed(60.0)
    assert monaco.relief.known.mean() > 0.99
    slower = np.nansum(timed.forward[np.isfinite(flat.forward)]) / np.sum(
        flat.forward[np.isfinite(flat.forward)]
    )
    assert 1.1 < slower < 2.0
    wheels = monaco.timed(monaco.pace("wheelchair"))
    assert 0.1 < np.isinf(wheels.forward).mean() < 0.9
