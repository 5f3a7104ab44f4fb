"""No verdict is given on a shape that was mended on reading, where another shape would have turned it."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest

from plan import check, load_pack, read_site
from plan.findings import Problem, Status
from plan.schema import LAYERS

DECIDED = (Status.MET, Status.NOT_MET)
LAYERS_DRAWN = (
    "parcels",
    "communities",
    "buildings",
    "rooms",
    "facilities",
    "open_spaces",
    "stalls",
    "fire_lanes",
)


@pytest.fixture(scope="module")
def site(root):
    return read_site(root / "sample_gis" / "new_estate.gpkg")


@pytest.fixture(scope="module")
def pack():
    return load_pack("qinhuangdao")


@pytest.fixture(scope="module")
def given(site, pack):
    return verdicts(site, pack)


def verdicts(site, pack):
    return {(f.rule, f.subject): (f.status, f.measured, f.reason or "") for f in check(site, pack).findings}


def mended(site, name):
    """Say of every row of a layer that its shape was mended."""
    ids = tuple(str(i) for i in site.layer(name)[LAYERS[name].id_column])
    problem = Problem(
        id="PLAN-GEOM-001", severity="error", effect="repaired", message="", cure="", layer=name, features=ids
    )
    return replace(site, problems=(*site.problems, problem))


def shrunk(site, name):
    """Make every polygon of a layer a speck in its middle."""
    frame = site.layer(name)
    shapes = [
        g.centroid.buffer(0.01) if g is not None and g.geom_type.endswith("Polygon") else g
        for g in frame.geometry
    ]
    layers = {n: site.layer(n) for n in site.layers}
    return replace(site, layers={**layers, name: frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))})


@pytest.mark.parametrize("name", LAYERS_DRAWN)
def test_what_another_shape_would_turn_is_left_open(site, pack, given, name):
    if not site.has(name):
        pytest.skip(f"the sample has no {name}")
    turned, left = verdicts(shrunk(site, name), pack), verdicts(mended(site, name), pack)
    depends = [
        key
        for key, (status, measured, _) in given.items()
        if status in DECIDED and turned[key][0] in DECIDED and turned[key][:2] != (status, measured)
    ]
    assert [key for key in depends if left[key][0] in DECIDED] == []
    assert all(left[key][2].startswith("repaired_geometry") for key in depends)


@pytest.mark.parametrize("name", ["rooms", "facilities"])
def test_routes_to_what_was_mended_are_left_open(site, pack, given, name):
    assert given["AC-ROUTE", None][0] is Status.MET
    status, _, why = verdicts(mended(site, name), pack)["AC-ROUTE", None]
    assert status is Status.UNDETERMINED
    assert why.startswith("repaired_geometry")


def test_a_stall_that_may_be_none_or_many_decides_no_count(site):
    """1,644 stalls for 1,440 households: with 300 in doubt neither answer is safe, with 100 it is met."""
    pack = load_pack("jinan")
    ids = tuple(site.layer("stalls")["stall_id"].tolist())

    def said(count):
        problem = Problem(
            id="PLAN-GEOM-013", severity="warning", effect="repaired", message="", cure="", layer="stalls",
            features=ids[:count],
        )  # fmt: skip
        doubted = replace(site, problems=(*site.problems, problem))
        return next(f for f in check(doubted, pack).findings if f.rule == "PK-JN-R1")

    assert said(100).status is Status.MET
    assert said(300).status is Status.UNDETERMINED
    assert said(300).reason.startswith("repaired_geometry")
