"""How far a city is: communities and estates that a person can count, and what is not known named as such."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest
from small_sites import area, at, pack, rule, site

from plan.checks import Facts, check
from plan.checks.census import census_of_communities, census_of_estates
from plan.cli import main
from plan.compliance import compliance
from plan.findings import Status
from plan.messages import translate
from plan.reports.book import tables_to_xlsx
from plan.rules.kinds import CommunityShare, RoomArea, RoomHandover
from plan.tables import Table

WINDOW = RoomHandover(built_after="2006-12-31", built_before="2017-07-11")
AREA = rule(RoomArea(minimum_m2=400, per="community"), id="T-AREA")
HANDOVER = rule(WINDOW, id="T-HAND")


def room(room_id: str, x: float, size: float | None = 400.0, **more: object) -> dict[str, object]:
    fields = {
        "room_id": room_id,
        "floor": 1,
        "area_m2": size,
        "use": "community_service",
        "state": "existing",
    }
    return fields | {"geometry": at(x, 5)} | more


def town(rooms: list[dict[str, object]], **more: object):
    """Three communities side by side, each with one estate of 10 by 10 metres: 2006, 2010 and of unknown date."""
    layers = {
        "communities": [
            {"community_id": f"S{n}", "name": f"N{n}", "geometry": area(10 * n, 0, 10, 10)} for n in range(3)
        ],
        "parcels": [
            {
                "parcel_id": f"P{n}",
                "estate_id": f"E{n}",
                "built_on": built,
                "geometry": area(10 * n, 0, 10, 10),
            }
            for n, built in enumerate(["2006-06-01", "2010-06-01", None])
        ],
        "rooms": rooms,
    }
    return site(**(layers | more))


def counted(where, rules):
    facts = Facts(site=where, pack=rules)
    return (
        census_of_communities(facts, check(where, rules)),
        census_of_estates(facts, WINDOW),
    )


def test_communities_are_counted_by_what_the_check_says() -> None:
    rooms = [room("R0", 5, 400, handed_over_on="2008-01-01"), room("R1", 15, 399, handed_over_on=None)]
    people, _ = counted(town(rooms), pack(AREA, HANDOVER))
    assert people["has_rooms"].tolist() == ["yes", "yes", "no"]
    assert people["enough"].tolist() == [Status.MET, Status.NOT_MET, Status.NOT_MET]
    assert people["area_m2"].tolist() == [400.0, 399.0, 0.0]
    assert people["handed_over_on"].tolist() == ["2008-01-01", None, None]
    assert people["built"].tolist() == ["2006", "2010", None]
    shares = compliance([people], [], pack(AREA)).shares
    by_year = shares[shares["part"] == "built"].set_index("value")
    assert by_year["communities"].tolist() == [1, 1, 1]
    assert by_year["share_enough"].tolist() == [1.0, 0.0, 0.0]


def test_what_is_not_measured_is_neither_enough_nor_too_little() -> None:
    rooms = [room("R0", 5, None), room("R1", 15, 500, use=None)]
    people, _ = counted(town(rooms), pack(AREA))
    assert people["has_rooms"].tolist() == ["yes", "unknown", "no"]
    assert people["enough"].tolist() == [Status.UNDETERMINED, Status.UNDETERMINED, Status.NOT_MET]
    shares = compliance([people], [], pack(AREA)).shares.iloc[0]
    assert (shares["with_rooms"], shares["rooms_unknown"]) == (1, 1)
    assert (shares["enough"], shares["not_enough"], shares["enough_unknown"]) == (0, 1, 2)


def test_the_audit_names_estates_in_the_window_and_those_that_may_be() -> None:
    rooms = [
        room("R0", 5, handed_over_on="2008-01-01"),
        room("R1", 15, handed_over_on=None),
        room("R2", 15, handed_over_on="2012-01-01"),
        room("R3", 25, handed_over_on="2012-01-01"),
    ]
    _, estates = counted(town(rooms), pack(AREA, HANDOVER))
    assert estates["in_window"].tolist() == [False, True, None]
    assert estates["verdict"].tolist() == ["handed_over", "not_handed_over", "handed_over"]
    assert estates["not_handed"].tolist() == [(), ("R1",), ()]
    found = compliance([], [estates], pack(HANDOVER))
    table = list(found.tables().values())[3]
    assert [row[1] for row in table.rows] == ["E1", "E2"]
    assert found.years["year"].tolist() == ["2006", "2010", None]


def test_handover_that_cannot_be_told() -> None:
    _, silent = counted(town([room("R1", 15)]), pack(HANDOVER))  # no column of handover
    assert silent["verdict"].tolist() == ["no_rooms", "unknown", "no_rooms"]
    _, vague = counted(town([room("R1", 15, use=None, handed_over_on="2012-01-01")]), pack(HANDOVER))
    assert vague["verdict"].tolist() == ["no_rooms", "unknown", "no_rooms"]
    later = pack(HANDOVER, on="2011-01-01")
    _, early = counted(town([room("R1", 15, handed_over_on="2012-01-01")]), later)
    assert early["verdict"].tolist()[1] == "not_handed_over"


def test_an_absent_layer_is_not_an_empty_one() -> None:
    where = town([])
    bare = site(communities=[{"community_id": "S", "geometry": area(0, 0, 10, 10)}])
    rules = pack(AREA, HANDOVER)
    people, estates = counted(bare, rules)
    assert people["has_rooms"].tolist() == ["unknown"]
    assert people["enough"].tolist() == [Status.UNDETERMINED]
    assert len(estates) == 0
    _, estates = counted(where, rules)
    assert set(estates["verdict"]) == {"unknown"}


def test_parcels_of_no_estate_are_no_estates_unless_none_has_one() -> None:
    parcels = [
        {"parcel_id": "P1", "estate_id": "E", "built_on": "2008-01-01", "geometry": area(0, 0, 10, 10)},
        {"parcel_id": "P2", "estate_id": "E", "built_on": "2018-01-01", "geometry": area(10, 0, 10, 10)},
        {"parcel_id": "P3", "estate_id": None, "built_on": "2010-01-01", "geometry": area(20, 0, 10, 10)},
    ]
    where = site(parcels=parcels, rooms=[room("R", 15, handed_over_on=None)])
    estates = census_of_estates(Facts(site=where, pack=pack(HANDOVER)), WINDOW)
    assert estates["estate_id"].tolist() == ["E"]
    assert estates["built_on"].tolist() == ["2008-01-01–2018-01-01"]
    assert estates["in_window"].tolist() == [True]  # its first phase is
    alone = site(parcels=[{k: v for k, v in p.items() if k != "estate_id"} for p in parcels])
    assert len(census_of_estates(Facts(site=alone, pack=pack(HANDOVER)), WINDOW)) == 3


@pytest.mark.parametrize(
    ("sizes", "share", "status"),
    [
        ([400, 400, 400], 1.0, Status.MET),
        ([400, 400, 1], 2 / 3, Status.MET),  # exactly at the limit
        ([400, 400, 1], 1.0, Status.NOT_MET),
        ([400, 400, None], 1.0, Status.UNDETERMINED),
        ([1, 400, None], 1.0, Status.NOT_MET),
    ],
)
def test_the_city_against_the_share_of_the_pack(
    sizes: list[float | None], share: float, status: Status
) -> None:
    rules = pack(AREA, rule(CommunityShare(minimum_share=share, minimum_m2=400), id="T-SHARE"))
    people, _ = counted(town([room(f"R{n}", 10 * n + 5, s) for n, s in enumerate(sizes)]), rules)
    found = compliance([people], [], rules)
    assert found.target == share
    assert found.status is status
    # A site that could not be read may hold what is missing.
    assert compliance([people], [], rules, failed=["x"]).status is Status.UNDETERMINED


def test_a_share_alone_judges_each_community() -> None:
    rules = pack(rule(CommunityShare(minimum_share=0.5, minimum_m2=400), id="T-SHARE"))
    people, _ = counted(town([room("R0", 5, 400), room("R1", 15, 1)]), rules)
    assert people["enough"].tolist() == [Status.MET, Status.NOT_MET, Status.NOT_MET]


def test_nothing_at_all() -> None:
    found = compliance([], [], pack(AREA))
    assert found.shares.iloc[0]["communities"] == 0
    assert found.status is Status.NOT_APPLICABLE
    for table in found.tables().values():
        assert translate(table.title, "en")


# --- the command ---------------------------------------------------------------------------------


def test_the_command_sums_up_a_district(sample_gis: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    district = str(sample_gis / "district.gpkg")
    main(["check", district, "--rules", "huainan", "--select", "HN-03", "--summary", "--format", "json"])
    told = json.loads(capsysbinary.readouterr().out)
    assert told["schema"] == "plan.compliance/1"
    due = {e["estate_id"]: e["verdict"] for e in told["estates"] if e["in_window"]}
    # Built in 2007, 2015, 2010, on the day before the last one, and in 2013; 2006 itself is before the window.
    assert due == {
        "E04": "handed_over",
        "E05": "handed_over",
        "E07": "not_handed_over",
        "E12": "handed_over",
        "E16": "handed_over",
    }


def test_the_command_writes_a_workbook_beside_the_report(
    sample_gis: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "broken.gpkg").write_bytes(b"no")
    for name in ("old_estate", "new_estate"):
        (tmp_path / "in" / f"{name}.gpkg").write_bytes((sample_gis / f"{name}.gpkg").read_bytes())
    arguments = ["check", str(tmp_path / "in"), "--rules", "panzhihua", "--select", "PZH-05", "--summary"]
    main([*arguments, "-o", str(tmp_path / "out"), "--format", "csv", "--lang", "en"])
    out = tmp_path / "out"
    assert {"compliance.xlsx", "report.csv", "summary.html", "summary.xlsx"} <= {
        p.name for p in out.iterdir()
    }
    first = (out / "compliance.xlsx").read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(first))
    assert book.sheetnames == ["Shares", "Communities", "By year of building", "Handover audit"]
    rows = list(book["Shares"].iter_rows(values_only=True))
    assert rows[1][:3] == ("all", 2, 2)
    assert any("broken" in str(cell) for row in rows for cell in row)
    main([*arguments, "-o", str(out), "--format", "csv", "--lang", "en"])
    assert (out / "compliance.xlsx").read_bytes() == first
    capsys.readouterr()


def test_a_report_and_a_summary_do_not_both_go_to_the_screen(
    sample_gis: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = str(sample_gis / "old_estate.gpkg")
    assert main(["check", old, "--rules", "sanming", "--summary", "--format", "csv", "--lang", "en"]) == 2
    assert "-o DIR" in capsys.readouterr().err


def test_no_formula_of_a_stranger_reaches_the_workbook() -> None:
    table = Table(
        title="=1+1", heads=("=A1", "n"), rows=(('=HYPERLINK("x")', "1,200"), (None, "inf")), numeric=(1,)
    )
    book = openpyxl.load_workbook(io.BytesIO(tables_to_xlsx({"s": table}, title="t")))
    cells = [cell for row in book["s"].iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in cells)
    assert book["s"]["B2"].value == 1200
    assert book["s"]["B3"].value == "inf"
