"""Positions at a façade."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from plan.elevators.candidates import ElevatorSizes, Slide, candidates_at, templates
from plan.errors import UsageError

SIZES = ElevatorSizes()
ALL = templates(sizes=SIZES, slide=Slide())


def test_about_forty_positions_are_tried():
    assert len(ALL) == 37
    assert {(t.connection, t.layout) for t in ALL} == {
        (c, o) for c in ("level_entry", "half_landing") for o in ("front", "beside")
    }


@pytest.mark.parametrize("template", ALL)
def test_a_landing_joins_the_stair_and_the_shaft(template):
    shaft, landing = shapely.box(*template.shaft), shapely.box(*template.landing)
    assert shapely.area(shapely.intersection(shaft, landing)) == pytest.approx(0, abs=1e-9)
    # The car's door is as wide as a wheelchair needs where they meet.
    assert shapely.length(shapely.intersection(shaft, landing)) >= 0.8
    assert template.landing[1] == 0.0
    assert template.landing[0] <= 0 <= template.landing[2]
    half = SIZES.stair_width_m / 2
    assert min(template.landing[2], half) - max(template.landing[0], -half) >= 1.2
    # Nothing of the shaft stands within 1.2 m of the stair's door.
    assert shapely.distance(shaft, shapely.Point(0, 0)) >= 1.2 - 1e-9


def test_before_the_flats():
    front = next(t for t in ALL if t.layout == "front" and t.aside_m == 0)
    beside = next(t for t in ALL if t.layout == "beside" and t.connection == "level_entry")
    assert front.before_flats_m == 0
    assert beside.before_flats_m == pytest.approx(2.4)


def test_level_entry_leads_to_both_flats():
    for template in ALL:
        if template.connection == "level_entry":
            assert template.landing_width_m == pytest.approx(5.0) or template.layout == "beside"
            assert template.landing[0] <= -2.5 + 1e-9
            assert template.landing[2] >= 2.5 - 1e-9


def test_they_stand_at_the_angle_of_the_facade():
    angle = np.radians(30)
    along = np.array([[np.cos(angle), np.sin(angle)]])
    outward = np.array([[-np.sin(angle), np.cos(angle)]])
    foot = np.array([[10.0, 20.0]])
    found = candidates_at(foot, along, outward, templates=ALL)
    first = shapely.get_coordinates(found.shaft[0]) - foot
    assert first @ outward[0] == pytest.approx([1.5, 1.5, 3.9, 3.9, 1.5])
    assert len(found) == len(ALL)
    assert shapely.area(found.shaft) == pytest.approx(2.2 * 2.4)


def test_half_landing_alone():
    only = templates(sizes=SIZES, slide=Slide(), connections=("half_landing",))
    assert {t.connection for t in only} == {"half_landing"}


@pytest.mark.parametrize("connections", [(), ("ladder",)])
def test_an_unknown_connection_is_refused(connections):
    with pytest.raises(UsageError):
        templates(sizes=SIZES, slide=Slide(), connections=connections)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_sizes_without_sense_are_refused(value):
    with pytest.raises(UsageError):
        ElevatorSizes(shaft_width_m=value)
    with pytest.raises(UsageError):
        Slide(step_m=value)


def test_a_far_slide_is_refused():
    with pytest.raises(UsageError):
        Slide(off_m=(30.0,))


def test_a_car_takes_a_wheelchair_or_not():
    assert SIZES.takes_wheelchairs((1.4, 1.1)) is True
    assert ElevatorSizes(car_depth_m=1.3).takes_wheelchairs((1.4, 1.1)) is False
    assert SIZES.takes_wheelchairs(None) is None
