import re
from dataclasses import replace

import pytest
from defusedxml import ElementTree

from plan.cartography import Sheet, StairwellMaps, atlas_sheets, finding_numbers, stairwell_svg
from plan.cartography.letters import lacking
from plan.dossier import Dossier
from plan.elevators.records import millimetres
from plan.errors import UsageError
from plan.findings import Status
from plan.maps import verdicts


def texts(svg: str) -> list[str]:
    return [e.text or "" for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("text")]


@pytest.fixture(scope="module")
def sheets(dossier: Dossier) -> dict[str, Sheet]:
    return {sheet.name: sheet for sheet in atlas_sheets(dossier)}


def test_the_sheets_of_an_estate(sheets: dict[str, Sheet]) -> None:
    assert list(sheets) == [
        "overview", "life_circle", "blind_spots", "minutes", "rooms", "parking_before", "fire", "elevators",
        "findings",
    ]  # fmt: skip
    for sheet in sheets.values():
        root = ElementTree.fromstring(sheet.svg)
        assert (root.attrib["width"], root.attrib["height"]) == ("302mm", "262mm")
        assert lacking(texts(sheet.svg)) == ()
        assert "<image" not in sheet.svg
        assert sheet.legend
        numbers = {n for group in sheet.legend for row in group.rows for n in row.clauses}
        assert numbers == set(range(1, len(sheet.clauses) + 1))
    assert "B12" in texts(sheets["overview"].svg)
    assert min(float(n) for n in re.findall(r'font-size="([\d.]+)"', sheets["overview"].svg)) > 2.1


def test_the_same_dossier_makes_the_same_sheets(dossier: Dossier, sheets: dict[str, Sheet]) -> None:
    assert [s.svg for s in atlas_sheets(dossier)] == [s.svg for s in sheets.values()]


def test_a_legend_says_how_many_stalls_there_are(dossier: Dossier, sheets: dict[str, Sheet]) -> None:
    sheet = sheets["parking_before"]
    counted = next(row.count for group in sheet.legend for row in group.rows if row.label == "现状车位")
    assert counted == len(dossier.site.layer("stalls"))


def test_each_room_that_was_not_chosen_has_a_number_and_a_reason(
    dossier: Dossier, sheets: dict[str, Sheet]
) -> None:
    sheet = sheets["rooms"]
    assert sheet.table is not None
    assert len(sheet.table.rows) == len(dossier.proposals["rooms"].rejected)
    assert all(row[0] in texts(sheet.svg) and row[-1] for row in sheet.table.rows)


def test_findings_at_one_place_share_a_number_and_the_worst_come_first(
    dossier: Dossier, sheets: dict[str, Sheet]
) -> None:
    numbers, order = finding_numbers(dossier), verdicts.ordered(dossier.after)
    first = [numbers[n] for n in sorted(numbers)]
    assert first[0] == 1
    assert sorted(set(first)) == list(range(1, max(first) + 1))
    placed = {n for n, finding in enumerate(order) if finding.geometry is not None}
    assert set(numbers) == placed
    sheet = sheets["findings"]
    worst = order[min(n for n in numbers if numbers[n] == 1)]
    assert worst.status is Status.NOT_MET
    assert "×1" in texts(sheet.svg)


def test_what_a_dossier_lacks_has_no_sheet(dossier: Dossier) -> None:
    less = replace(dossier, reach=None, fire=None, proposals={})
    names = [sheet.name for sheet in atlas_sheets(less)]
    assert "life_circle" not in names
    assert "minutes" not in names
    assert "parking_after" not in names


def test_sheets_speak_english(dossier: Dossier) -> None:
    sheet = atlas_sheets(replace(dossier, lang="en"))[0]
    assert sheet.title == "The estate as it is"


def test_each_stairwell_shows_what_was_measured_in_millimetres(dossier: Dossier) -> None:
    maps = StairwellMaps(dossier)
    sitings = dossier.proposals["elevators"].measures["stairwells"]
    for one in sitings:
        shown = texts(maps.svg(one.entrance_id))
        lane = next((c for c in one.chosen.clearances if c.name == "own_door"), None)
        if lane is not None:
            assert any(f"{millimetres(lane.measured_m):,}" in text for text in shown), one.stairwell_id
        assert lacking(shown) == ()


def test_a_stairwell_is_drawn_to_scale(dossier: Dossier) -> None:
    one = dossier.proposals["elevators"].measures["stairwells"][0]
    shown = texts(stairwell_svg(dossier, one.stairwell_id))
    assert one.stairwell_id in shown
    assert any(re.fullmatch(r"1:\d+", text) for text in shown)
    sizes = dossier.proposals["elevators"].measures["sizes"]
    assert f"{round(sizes.shaft_depth_m * 1000):,}" in shown
    assert f"{round(sizes.landing_depth_m * 1000):,}" in shown


def test_pipes_are_drawn_only_for_those_who_ask(dossier: Dossier) -> None:
    maps = StairwellMaps(dossier)
    name = dossier.proposals["elevators"].measures["stairwells"][0].entrance_id
    assert maps.svg(name, pipes=True) != maps.svg(name)


def test_a_stairwell_that_is_not_there_is_named(dossier: Dossier) -> None:
    with pytest.raises(UsageError, match="B99-9"):
        stairwell_svg(dossier, "B99-9")
    with pytest.raises(UsageError):
        StairwellMaps(replace(dossier, proposals={}))
