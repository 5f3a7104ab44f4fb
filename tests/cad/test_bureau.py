"""A bureau's drawing and list, and their GeoPackage twin, become the same Site, through the command line."""

from __future__ import annotations

import bureau_drawing as bureau
import bureau_list
import pandas as pd
import pyogrio
import pytest
from pandas.testing import assert_frame_equal

from plan.cli import main
from plan.readers import read_site

# A chord takes two thirds of its sagitta from an area, along the arc; and less than 1e-4 from the length of an arc.
SAGITTA = 0.001
ARCS = 1e-4
# Numbers of eight digits before the point in millimetres: 1e-9 of an area of a stall is far above their last digit.
EXACT = 1e-8


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bureau")
    bureau.draw(folder / "总平面.dxf")
    (folder / "图层.toml").write_text(bureau.MAPPING, encoding="utf-8")
    for name, frame in bureau.twin().items():
        frame.to_file(folder / "twin.gpkg", layer=name, engine="pyogrio")
    homes = bureau_list.households().drop(columns="geometry")
    pyogrio.write_dataframe(homes, folder / "twin.gpkg", layer="households", driver="GPKG", append=True)
    bureau_list.write_list(folder / "住户.xlsx")
    drawn = [
        "import",
        str(folder / "总平面.dxf"),
        str(folder / "住户.xlsx"),
        "-o",
        str(folder / "drawn.gpkg"),
        "--crs",
        bureau.CRS,
    ]
    assert main([*drawn, "--mapping", str(folder / "图层.toml")]) == 0
    assert main(["import", str(folder / "twin.gpkg"), "-o", str(folder / "plain.gpkg")]) == 0
    return folder


@pytest.fixture(scope="module")
def sites(desk):
    return read_site(desk / "drawn.gpkg"), read_site(desk / "plain.gpkg")


def test_both_have_the_same_layers_and_counts(sites):
    drawn, plain = sites
    assert {n: len(f) for n, f in drawn.layers.items()} == {n: len(f) for n, f in plain.layers.items()}
    assert drawn.crs == plain.crs


def test_the_list_becomes_the_same_households(sites):
    columns = [c for c in bureau_list.households().columns if c != "geometry"]
    drawn, plain = (site.layer("households")[columns] for site in sites)
    assert_frame_equal(pd.DataFrame(drawn), pd.DataFrame(plain))


@pytest.mark.parametrize("name", sorted(bureau.twin()))
def test_every_row_has_the_same_shape(sites, name):
    drawn, plain = (site.layer(name).sort_values(key_of(site, name)) for site in sites)
    for one, other in zip(drawn.geometry, plain.geometry, strict=True):
        assert one.area == pytest.approx(other.area, abs=SAGITTA * 2 / 3 * other.length + 1e-7)
        assert one.length == pytest.approx(other.length, rel=ARCS, abs=1e-9)
        assert one.hausdorff_distance(other) < 0.0015  # m: the sagitta, and what its chords miss


def key_of(site, name):
    return site.layer(name).columns[0]


def test_shapes_without_arcs_are_the_same_to_the_last_digits(sites):
    drawn, plain = (site.layer("buildings").set_index("building_id").geometry.area for site in sites)
    straight = [name for name in plain.index if name != bureau.APSE[0]]
    assert len(straight) == 9
    for name in straight:
        assert drawn[name] == pytest.approx(plain[name], rel=EXACT)


@pytest.mark.parametrize(
    ("layer", "columns"),
    [
        ("buildings", ["building_id", "floors", "floors_below"]),
        ("parcels", ["name"]),
        ("entrances", ["kind", "name"]),
        ("barriers", ["kind"]),
        ("walkways", ["kind"]),
        ("obstacles", ["kind", "radius_m"]),
        ("open_spaces", ["surface"]),
        ("fire_lanes", ["width_m"]),
    ],
)
def test_texts_attributes_and_the_mapping_fill_the_same_columns(sites, layer, columns):
    drawn, plain = (site.layer(layer)[columns].round(6).astype(object) for site in sites)
    rows = [sorted(map(str, frame.itertuples(index=False))) for frame in (drawn, plain)]
    assert rows[0] == rows[1]


def test_what_was_mended_and_passed_over_is_told(desk, capsys):
    code = main(
        [
            "inspect",
            str(desk / "总平面.dxf"),
            "--crs",
            bureau.CRS,
            "--mapping",
            str(desk / "图层.toml"),
            "--lang",
            "en",
        ]
    )
    told = capsys.readouterr().out
    assert code == 0
    for text in (
        "TCH_WALL × 1",
        "总图 × 1",
        "DIMENSION × 1",
        "“废弃” (1 drawn)",
        "widest gap 30.0 mm",
        "drawn twice",
        "separate lines",
    ):
        assert text in told


def test_the_closed_outline_stays_a_repaired_one(sites):
    assert sites[0].repaired("buildings") == {bureau.GAP[0]}
