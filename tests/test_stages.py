"""One estate at two stages: rooms that moved, shrank or went, as changes and as findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shapely import affinity

import plan
from plan.findings import Finding, Status
from plan.stages import compare_stages


@pytest.fixture(scope="module")
def scheme(sample_gis: Path) -> plan.Site:
    return plan.read_site(sample_gis / "new_estate.gpkg")


def changed(site: plan.Site, room: str, **cells: object) -> plan.Site:
    rooms = site.layer("rooms")
    for column, value in cells.items():
        rooms.loc[rooms["room_id"] == room, column] = value
    return site.with_layer("rooms", rooms)


def without(site: plan.Site, room: str) -> plan.Site:
    rooms = site.layer("rooms")
    return site.with_layer("rooms", rooms[rooms["room_id"] != room])


def said(earlier: plan.Site, later: plan.Site) -> list[str]:
    return [change.message.to("en") for change in compare_stages(earlier, later)]


def test_nothing_changed(scheme: plan.Site) -> None:
    assert compare_stages(scheme, scheme) == ()


def test_a_room_moved_to_the_basement_and_shrank(scheme: plan.Site) -> None:
    was = scheme.layer("rooms").set_index("room_id")["area_m2"]["R01"]
    drawings = changed(changed(scheme, "R01", floor=-1), "R01", area_m2=was - 12)
    assert said(scheme, drawings) == [
        "rooms R01 moved from floor 1 to floor -1.",
        f"rooms R01 shrank by 12 m² ({was:g} to {was - 12:g}).",
    ]


def test_what_went_and_what_came(scheme: plan.Site) -> None:
    assert said(scheme, without(scheme, "R02")) == ["rooms R02 is gone."]
    assert said(without(scheme, "R02"), scheme) == ["rooms R02 is new."]


def test_a_building_that_moved_or_grew(scheme: plan.Site) -> None:
    buildings = scheme.layer("buildings")
    first = buildings["building_id"].iloc[0]
    moved = buildings.copy()
    moved.loc[moved.index[0], "geometry"] = affinity.translate(buildings.geometry.iloc[0], 3, 4)
    assert said(scheme, scheme.with_layer("buildings", moved)) == [f"buildings {first} moved by 5 m."]
    moved.loc[moved.index[0], "geometry"] = affinity.translate(buildings.geometry.iloc[0], 0.3, 0.4)
    assert said(scheme, scheme.with_layer("buildings", moved)) == []
    grown = buildings.copy()
    grown.loc[grown.index[0], "geometry"] = buildings.geometry.iloc[0].buffer(1, join_style="mitre")
    (change,) = compare_stages(scheme, scheme.with_layer("buildings", grown))
    assert change.column == "geometry"
    assert change.after > change.before


def test_an_absent_layer_is_not_compared_and_told(scheme: plan.Site) -> None:
    layers = {name: scheme.layer(name) for name in scheme.layers if name != "facilities"}
    later = plan.Site(name="later", layers=layers, crs=scheme.crs)
    (change,) = compare_stages(scheme, later)
    assert (change.what, change.layer, change.before, change.after) == ("count", "facilities", 40, None)


def acceptance(
    earlier: plan.Site | None, later: plan.Site, stage: str | None = "acceptance"
) -> tuple[Finding, ...]:
    pack = plan.load_pack("qinhuangdao")
    return plan.check(later, pack, stage=stage, earlier=earlier, select=["QHD-BUILT"]).findings


def test_rooms_as_approved_are_met_one_by_one(scheme: plan.Site) -> None:
    found = acceptance(scheme, scheme)
    assert {f.status for f in found} == {Status.MET}
    assert {f.subject for f in found} >= {"R01", "R02"}


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({"floor": -1}, Status.NOT_MET),
        ({"floor": 2}, Status.NOT_MET),
        ({"use": "shop"}, Status.NOT_MET),
        ({"floor": None}, Status.UNDETERMINED),
        ({"area_m2": 100000.0}, Status.MET),
    ],
)
def test_a_room_that_is_another_one(scheme: plan.Site, cells: dict[str, object], status: Status) -> None:
    found = {f.subject: f for f in acceptance(scheme, changed(scheme, "R01", **cells))}
    assert found["R01"].status is status
    assert {f.status for s, f in found.items() if s != "R01"} == {Status.MET}


@pytest.mark.parametrize(
    ("less", "status"), [(0.0, Status.MET), (0.01, Status.NOT_MET), (12.0, Status.NOT_MET)]
)
def test_a_room_that_shrank(scheme: plan.Site, less: float, status: Status) -> None:
    was = float(scheme.layer("rooms").set_index("room_id")["area_m2"]["R01"])
    found = {f.subject: f for f in acceptance(scheme, changed(scheme, "R01", area_m2=was - less))}
    assert found["R01"].status is status


def test_a_room_that_is_gone_is_shown_where_it_was(scheme: plan.Site) -> None:
    found = {f.subject: f for f in acceptance(scheme, without(scheme, "R01"))}
    assert found["R01"].status is Status.NOT_MET
    assert found["R01"].geometry is not None


def test_without_the_earlier_drawing_it_cannot_be_told(scheme: plan.Site) -> None:
    (found,) = acceptance(None, scheme)
    assert found.status is Status.UNDETERMINED
    assert str(found.reason).startswith("missing_data")
    (found,) = acceptance(None, scheme, stage=None)
    assert found.status is Status.NOT_APPLICABLE
    (found,) = acceptance(scheme, scheme, stage="scheme")
    assert found.status is Status.NOT_APPLICABLE


def register(scheme: plan.Site, **cells: object) -> Finding:
    site = changed(scheme, "R01", handed_over_on="2026-01-01", let=False, actual_use="community_service")
    site = changed(site, "R01", use="community_service", **cells)
    (found,) = plan.check(site, plan.load_pack("qinhuangdao"), select=["QHD-16"]).findings
    return found


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({}, Status.MET),
        ({"let": True}, Status.NOT_MET),
        ({"actual_use": "shop"}, Status.NOT_MET),
        ({"let": None}, Status.UNDETERMINED),
        ({"let": None, "actual_use": "shop"}, Status.NOT_MET),
        ({"handed_over_on": None}, Status.NOT_APPLICABLE),
    ],
)
def test_the_register_of_rooms(scheme: plan.Site, cells: dict[str, object], status: Status) -> None:
    rooms = scheme.layer("rooms").assign(handed_over_on=None, let=None, actual_use=None)
    assert register(scheme.with_layer("rooms", rooms.astype({"let": object})), **cells).status is status


def test_the_command(
    scheme: plan.Site, tmp_path: Path, sample_gis: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from plan.cli import main

    later = tmp_path / "drawings.gpkg"
    changed(scheme, "R01", floor=-1).to_gpkg(later)
    first = str(sample_gis / "new_estate.gpkg")
    assert main(["compare", first, str(later), "--format", "json"]) == 1
    (step,) = json.loads(capsys.readouterr().out)["steps"]
    assert [(c["feature"], c["before"], c["after"]) for c in step["changes"]] == [("R01", 1, -1)]
    assert main(["compare", first, str(later), first]) == 1
    assert "从 -1 层移到 1 层" in capsys.readouterr().out
    assert main(["compare", first, first]) == 0
    assert main(["compare", first]) == 2
