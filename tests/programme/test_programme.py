"""The command that plans a programme: what it tells, what it writes, and what it refuses."""

from __future__ import annotations

import io
import json
from itertools import product
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
from small_tables import write

from plan.cli import main

UNIT_CNY = {"pipes": 900_000, "fire": 300_000, "age": 1_200_000, "unmet": 700_000, "elderly": 400_000}


def district_works(path: Path) -> Path:
    """Five works for each estate of the sample district that was finished before 2000, and for one that is not in it."""
    estates = ("E01", "E02", "E06", "E08", "E14", "E17", "E99")
    rows = product(estates, UNIT_CNY.items())
    lines = [f"W{n:02d},{term},{e},,works,{term},{cost},1,item" for n, (e, (term, cost)) in enumerate(rows)]
    return write(path, *lines)


def test_the_command_plans_the_sample_district(
    sample_gis: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    works, out = district_works(tmp_path / "w.csv"), tmp_path / "out.gpkg"
    arguments = ["programme", str(sample_gis / "district.gpkg"), "--rules", "sanming", "--works", str(works)]
    arguments += ["--budget", "2000000", "2000000", "1500000", "--on", "2026-11-26", "--lang", "en"]
    assert main([*arguments, "-o", str(out), "--format", "json"]) == 0
    told = json.loads(capsysbinary.readouterr().out)
    assert [y["budget_cny"] for y in told["years"]] == [2e6, 2e6, 1.5e6]
    assert all(y["own_cny"] <= y["budget_cny"] for y in told["years"])
    assert told["gap"] == 0
    estates = {e["estate_id"]: e for e in told["estates"]}
    assert estates["E99"]["score"] is None
    assert estates["E99"]["reason"].startswith("unknown")
    assert estates["E04"]["reason"] == "the table has no works for it"
    # The district has neither remarks nor fire lanes.
    assert {tuple(row["unknown"]) for row in told["needs"]} == {("fire", "pipes", "remarks")}
    drawn = gpd.read_file(out, layer="programme_estates").set_index("estate_id")
    assert drawn.geometry["E01"].area > 1000
    assert drawn.geometry["E99"] is None
    names = {name for name, _ in pyogrio.list_layers(out)}
    assert {
        "programme_estates",
        "programme_needs",
        "programme_works",
        "programme_years",
        "buildings",
    } <= names


def test_the_command_writes_a_workbook_of_the_old_estate(
    sample_gis: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    works = write(
        tmp_path / "w.csv", "W1,=HYPERLINK(1),E1,,works,pipes,100,,", "W2,lanes,E1,,works,fire,100,,"
    )
    arguments = [
        "programme",
        str(sample_gis / "old_estate.gpkg"),
        "--rules",
        "sanming",
        "--works",
        str(works),
    ]
    arguments += ["--budget", "50", "100", "--weight", "fire=40", "--lang", "en"]
    out = tmp_path / "out.xlsx"
    assert main([*arguments, "-o", str(out)]) == 0
    assert "What each year buys" in capsys.readouterr().out
    first = out.read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(first))
    assert book.sheetnames == ["Years", "Estates", "Needs", "Works"]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    # Two works of 100 at half: 100 in the second year; the first can pay for neither.
    assert [row[:3] for row in book["Years"].iter_rows(min_row=2, max_row=3, values_only=True)] == [
        (1, 50, 0),
        (2, 100, 100),
    ]
    assert main([*arguments, "-o", str(out)]) == 0
    assert out.read_bytes() == first


def test_a_report_that_was_made_before_gives_the_same(
    sample_gis: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    site, works = str(sample_gis / "old_estate.gpkg"), write(tmp_path / "w.csv", "W1,a,E1,,works,fire,100,,")
    main(["check", site, "--rules", "sanming", "--format", "json", "-o", str(tmp_path)])
    arguments = ["programme", site, "--works", str(works), "--budget", "100", "-o", str(tmp_path / "o.xlsx")]
    given = ["--report", str(tmp_path / "report.json")]
    capsysbinary.readouterr()
    told = []
    for more in ([], given):
        assert main([*arguments, "--rules", "sanming", "--format", "json", *more]) == 0
        told.append(capsysbinary.readouterr().out)
    assert told[0] == told[1]
    assert main([*arguments, "--rules", "jinan", *given]) == 2


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--budget", "-1"], "budget"),
        (["--budget", "1", "--weight", "fire"], "TERM=NUMBER"),
        (["--budget", "1", "--weight", "beauty=1"], "beauty"),
        (["--budget", "1", "--rewards", "absent.csv"], "absent.csv"),
        (["--budget", "1", "-o", "out.pdf"], ".xlsx"),
    ],
)
def test_what_cannot_be_is_told_without_a_traceback(
    sample_gis: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], word: str
) -> None:
    works = write(tmp_path / "w.csv", "W1,a,E1,,works,pipes,100,,")
    arguments = [
        "programme",
        str(sample_gis / "old_estate.gpkg"),
        "--rules",
        "sanming",
        "--works",
        str(works),
    ]
    out = [] if "-o" in more else ["-o", str(tmp_path / "o.xlsx")]
    assert main([*arguments, *out, *more, "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert word in told
    assert "Traceback" not in told
    assert not (tmp_path / "o.xlsx").exists()
