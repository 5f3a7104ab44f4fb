"""Whose ground is whose."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from rows_of_blocks import area, block, line

from plan.districts.ground import Lines, lay_ground

NONE = np.zeros(0, dtype=object)


def lines(*, edges=(), streets=(), roads=(), water=()):
    given = {"edges": edges, "streets": streets, "roads": roads, "water": water}
    return Lines(
        **{name: np.array(list(some), dtype=object) if some else NONE for name, some in given.items()}
    )


def four():
    return {f"B{c}": block(c, 0) for c in range(4)}


def pairs(ground):
    return {(ground.names[a], ground.names[b]) for a, b in ground.pairs.tolist()}


def test_four_blocks_in_a_row_share_their_ground_evenly():
    ground = lay_ground(area(-0.5, -0.5, 3.5, 0.5), four(), lines())
    assert ground.names == ("B0", "B1", "B2", "B3")
    assert shapely.area(ground.shapes) == pytest.approx([1600] * 4, rel=1e-6)
    assert pairs(ground) == {("B0", "B1"), ("B1", "B2"), ("B2", "B3")}
    assert ground.border_m == pytest.approx([40] * 3, rel=1e-6)
    assert len(ground.across) == 0


def test_a_border_follows_the_middle_of_a_street():
    ground = lay_ground(area(-0.5, -0.5, 3.5, 0.5), four(), lines(streets=[line((0.7, -1), (0.7, 1))]))
    assert shapely.area(ground.shapes)[:2] == pytest.approx([1.2 * 1600, 0.8 * 1600])
    assert ("B0", "B1") in pairs(ground)


def test_nobody_is_a_neighbour_across_a_main_road():
    ground = lay_ground(area(-0.5, -0.5, 3.5, 0.5), four(), lines(roads=[line((1.5, -1), (1.5, 1))]))
    assert pairs(ground) == {("B0", "B1"), ("B2", "B3")}
    assert [(ground.names[a], ground.names[b]) for a, b in ground.across.tolist()] == [("B1", "B2")]
    assert ground.across_m == pytest.approx([40])


def test_a_road_of_two_carriageways_parts_its_sides():
    two = [line((1.4, -1), (1.4, 1)), line((1.6, -1), (1.6, 1))]
    ground = lay_ground(area(-0.5, -0.5, 3.5, 0.5), four(), lines(roads=two))
    assert pairs(ground) == {("B0", "B1"), ("B2", "B3")}
    assert shapely.area(ground.shapes).sum() == pytest.approx(4 * 1600)


def test_water_is_given_out_but_parts():
    ground = lay_ground(area(-0.5, -0.5, 3.5, 0.5), four(), lines(water=[area(1.4, -1, 1.6, 1)]))
    assert pairs(ground) == {("B0", "B1"), ("B2", "B3")}
    assert shapely.area(ground.shapes).sum() == pytest.approx(4 * 1600)


def test_an_estate_has_all_ground_in_its_outline():
    outline = area(-0.5, -0.5, 1.9, 0.5)  # reaches nearly to B2
    ground = lay_ground(area(-0.5, -0.5, 3.5, 0.5), four(), lines(edges=[shapely.boundary(outline)]))
    assert ground.shapes[0].union(ground.shapes[1]).area == pytest.approx(2.4 * 1600)


def test_the_cells_are_a_partition():
    dice = np.random.default_rng(3)
    things = {
        f"B{i}": shapely.affinity.rotate(block(*dice.random(2) * 12), float(dice.random() * 90))
        for i in range(60)
    }
    whole = shapely.affinity.rotate(area(-1, -1, 13, 13), 12)
    ground = lay_ground(
        whole, things, lines(roads=[line((-2, 5), (20, 7))], streets=[line((6, -3), (4, 20))])
    )
    assert shapely.coverage_is_valid(ground.shapes)
    assert shapely.area(ground.shapes).sum() == pytest.approx(whole.area, rel=1e-9)
    assert shapely.union_all(ground.shapes).symmetric_difference(whole).area < 1e-6 * whole.area
    assert set(ground.cell_of) | set(ground.outside) == set(things)


def test_what_stands_outside_or_in_water_is_told():
    things = {**four(), "far": block(20, 20), "wet": block(1.5, 0)}
    ground = lay_ground(area(-0.5, -0.5, 3.5, 0.5), things, lines(water=[area(1.4, -0.2, 1.6, 0.2)]))
    assert ground.outside == ("far",)
    assert ground.wet == ("wet",)
    assert "wet" not in ground.names
    assert ground.names[ground.cell_of["wet"]] in {"B1", "B2"}


def test_an_area_in_which_nothing_stands_has_no_cells():
    ground = lay_ground(area(10, 10, 11, 11), four(), lines())
    assert ground.names == ()
    assert ground.outside == ("B0", "B1", "B2", "B3")


def test_a_part_by_itself_is_given_out_too():
    whole = shapely.union(area(-0.5, -0.5, 3.5, 0.5), area(10, 10, 11, 11))
    ground = lay_ground(whole, four(), lines())
    assert shapely.area(ground.shapes).sum() == pytest.approx(5 * 1600)
