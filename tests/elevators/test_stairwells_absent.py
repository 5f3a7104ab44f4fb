"""Buildings whose stairs nobody has drawn are named, and pipes are called by their names."""

from __future__ import annotations

from slabs import LIMITS, area, door, line, site, slab

from plan.elevators import place_elevators
from plan.elevators.remedies import Costs


def unseen(**more):
    placed = place_elevators(site(slab(**more)), limits=LIMITS, min_storeys=4)
    return {note.key: note for note in placed.measures["unseen"]}


def houses(**facts):
    return [
        {"building_id": "B1", "floors": 6, "geometry": area(0, 0, 26, 11)},
        {"building_id": "B2", "floors": 6, "geometry": area(0, -30, 26, 11)} | facts,
    ]


def test_a_building_without_a_stairwell_is_named():
    assert "elevators.no_stairwells" not in unseen()
    told = unseen(buildings=houses())["elevators.no_stairwells"]
    assert told.params["ids"] == ("B2",)
    assert "building_id" in told
    for facts in ({"floors": 3}, {"floors": None}, {"use": "kindergarten"}, {"has_elevator": True}):
        assert "elevators.no_stairwells" not in unseen(buildings=houses(**facts)), facts
    doors = [door("D1", 6.5, stairwell="S1"), door("D9", 6.5, -19, stairwell="S9", building="B2")]
    assert "elevators.no_stairwells" not in unseen(buildings=houses(), entrances=doors)


def test_pipes_of_known_kinds_are_called_by_their_names():
    # Pipes so close to each other that no shaft stands a metre from all of them.
    pipes = [
        {"utility_id": f"U{k:02}", "kind": "gas" if k % 2 else "中水", "geometry": line((-30, y), (60, y))}
        for k, y in enumerate(range(11, 30))
    ]
    placed = place_elevators(
        site(slab(utilities=pipes)), limits=LIMITS, min_storeys=4, costs=Costs(pipe_cny_per_m=800)
    )
    told = placed.measures["stairwells"][0].chosen.remedy
    assert "U01（燃气）" in told
    assert "U02（中水）" in told
    assert "U01 (gas)" in told.to("en")
