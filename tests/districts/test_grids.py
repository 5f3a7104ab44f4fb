from __future__ import annotations

import numpy as np
import pytest
import shapely
from rows_of_blocks import area, block, blocks, frame, road

from plan.districts import place_grids
from plan.districts.verify import verify_grids
from plan.errors import MissingLayerError, UsageError


def community(*boxes, ids=None):
    return frame({"community_id": ids or [f"S{i + 1}" for i in range(len(boxes))]}, boxes)


def covers(placed, site):
    """Tell by which share of its area each community and the union of its grids differ."""
    out = []
    for row in site.layers["communities"].to_dict("records"):
        mine = placed.features.loc[placed.features["community_id"] == row["community_id"], "geometry"]
        whole = shapely.union_all(mine.to_numpy())
        out.append(whole.symmetric_difference(row["geometry"]).area / row["geometry"].area)
        assert mine.area.sum() == pytest.approx(row["geometry"].area, rel=1e-9)  # no two overlap
    return out


def test_eight_blocks_become_four_grids_of_two():
    site = blocks(4, 2, 100, communities=community(area(-0.5, -0.5, 3.5, 1.5)))
    placed = place_grids(site, households_per_grid=200)
    assert placed.features["grid_id"].tolist() == ["S1-01", "S1-02", "S1-03", "S1-04"]
    assert placed.features["households"].tolist() == [200] * 4
    assert placed.features["area_m2"].tolist() == pytest.approx([3200] * 4)
    assert placed.features["work"].tolist() == pytest.approx([1] * 4)
    assert max(covers(placed, site)) < 1e-6
    assert placed.measures["faults"] == ()


def test_all_ground_is_in_a_grid_roads_and_open_ground_included():
    whole = shapely.affinity.rotate(area(-3, -4, 9, 5), 17)
    site = blocks(6, 2, 100, communities=community(whole), walkways=road((2.5, -9), (2.5, 9), lanes=2))
    placed = place_grids(site, households_per_grid=300)
    assert max(covers(placed, site)) < 1e-6
    assert placed.features.geometry.geom_type.eq("Polygon").all()


def test_each_community_has_its_own_grids():
    site = blocks(8, 1, 100, communities=community(area(-0.5, -0.5, 3.5, 0.5), area(3.5, -0.5, 7.5, 0.5)))
    placed = place_grids(site, households_per_grid=200)
    assert placed.features["community_id"].tolist() == ["S1", "S1", "S2", "S2"]


def test_a_community_in_which_nothing_stands_is_one_grid():
    site = blocks(4, 1, 100, communities=community(area(-0.5, -0.5, 3.5, 0.5), area(10, 10, 12, 12)))
    placed = place_grids(site, households_per_grid=200)
    last = placed.features[placed.features["community_id"] == "S2"]
    assert last["households"].tolist() == [0]
    assert max(covers(placed, site)) < 1e-6


def test_reports_count_as_work():
    # Six reports at the first block: it is half of the work by reports, and becomes a grid of its own.
    reports = frame({"remark_id": list("abcdef"), "kind": ["drain"] * 6}, [block(0, 0).centroid] * 6)
    site = blocks(4, 1, 100, communities=community(area(-0.5, -0.5, 3.5, 0.5)), remarks=reports)
    placed = place_grids(
        site, households_per_grid=200, shares={"households": 0.5, "remarks": 0.5}, tolerance=0.3
    )
    assert placed.features["remarks"].sum() == 6
    assert sorted(placed.features["households"]) == [100, 300]


def test_a_report_without_a_place_is_at_its_building():
    reports = frame({"remark_id": ["a"], "kind": ["drain"], "building_id": ["B03"]}, [None])
    site = blocks(4, 1, 100, communities=community(area(-0.5, -0.5, 3.5, 0.5)), remarks=reports)
    placed = place_grids(site, households_per_grid=100)
    assert placed.features["remarks"].tolist() == [0, 0, 0, 1]


def test_one_building_with_too_much_is_said_to_be():
    site = blocks(4, 1, {"B00": 900, "B01": 50, "B02": 50}, communities=community(area(-0.5, -0.5, 3.5, 0.5)))
    placed = place_grids(site, households_per_grid=300)
    keys = [reason.key for reason in placed.features["reason"].dropna()]
    assert "districts.grid_cell" in keys


def test_a_piece_across_the_road_with_little_work_joins_the_next():
    site = blocks(
        5, 1, 100, communities=community(area(-0.5, -0.5, 4.5, 0.5)), walkways=road((3.5, -5), (3.5, 5))
    )
    placed = place_grids(site, households_per_grid=250)
    assert len(placed.features) == 2  # B04 alone has less than half of a grid's work
    assert max(covers(placed, site)) < 1e-6


def test_a_community_without_an_outline_is_named():
    site = blocks(4, 1, 100, communities=community(area(-0.5, -0.5, 3.5, 0.5), None))
    placed = place_grids(site, households_per_grid=200)
    assert placed.rejected["community_id"].tolist() == ["S2"]
    assert placed.rejected["reason"].iloc[0].key == "districts.no_outline"


def test_buildings_in_no_community_are_named():
    site = blocks(4, 1, 100, communities=community(area(-0.5, -0.5, 2.5, 0.5)))
    placed = place_grids(site, households_per_grid=200)
    (note,) = [n for n in placed.measures["notes"] if n.key == "districts.in_no_community"]
    assert note.params["ids"] == ("B03",)


def test_the_same_input_gives_the_same_bytes():
    site = blocks(6, 3, 70, communities=community(area(-0.5, -0.5, 5.5, 2.5)))
    first, second = (place_grids(site, seed=2) for _ in range(2))
    assert first.features.to_wkb().to_csv() == second.features.to_wkb().to_csv()


def test_verification_sees_a_gap_and_an_overlap():
    site = blocks(4, 2, 100, communities=community(area(-0.5, -0.5, 3.5, 1.5)))
    placed = place_grids(site, households_per_grid=200)
    wrong = placed.features.copy()
    wrong.loc[0, "geometry"] = wrong.geometry[0].buffer(-1)
    wrong.loc[1, "geometry"] = wrong.geometry[1].buffer(3)
    assert {f.kind for f in verify_grids(site, site.layers["communities"], wrong)} >= {"overlap", "gap"}


def test_without_communities_it_says_how_to_get_them():
    with pytest.raises(MissingLayerError) as caught:
        place_grids(blocks(4, 2, 100))
    assert "plan place communities" in str(caught.value)


def test_communities_without_any_outline_are_refused():
    site = blocks(4, 2, 100, communities=community(None))
    with pytest.raises(MissingLayerError):
        place_grids(site)


@pytest.mark.parametrize(
    "options",
    [
        {"households_per_grid": 0},
        {"households_per_grid": np.nan},
        {"tolerance": 1.0},
        {"shares": {"households": 0}},
        {"shares": {"dogs": 1}},
        {"shares": {"area": np.nan}},
    ],
)
def test_figures_without_sense_are_refused(options):
    site = blocks(4, 1, 100, communities=community(area(-0.5, -0.5, 3.5, 0.5)))
    with pytest.raises(UsageError):
        place_grids(site, **options)
