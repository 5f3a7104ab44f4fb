"""Names of files, folders and rows that would come alive, in the summary of a batch: shown as they are, run by nothing."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from canary import CANARIES, shown
from openpyxl import load_workbook

from plan.batch import Batch, Request, check_into
from plan.overview import write_overview
from plan.reports import write
from plan.text_safety import plain

pytestmark = pytest.mark.browser

SELECT = ("QHD-07", "QHD-09")
OPEN = "document.querySelectorAll('details').forEach((d) => { d.open = true; })"
SAID = "document.body.innerText + ' ' + document.title"


def as_file(canary: str) -> str:
    """A canary as the name of a file: a slash is all that no file system takes."""
    return canary.replace("/", "\u2215")


def by_row(number: int) -> str:
    """The district that rows of an estate name, slashes and all."""
    return f"{CANARIES[number]} row"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An estate for each canary: in a folder, in a file and with rows of that name; every fifth file is none."""
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "batch"))
    from small_estates import layers_of

    source = tmp_path_factory.mktemp("hostile") / "in"
    for number, canary in enumerate(CANARIES):
        path = source / f"{as_file(canary)} folder" / f"{as_file(canary)} file.gpkg"
        path.parent.mkdir(parents=True)
        if number % 5 == 4:
            path.write_bytes(b"SQLite format 3\x00 and then nothing")
            continue
        for name, frame in layers_of(number, room_m2=100.0).items():
            changed = frame.drop(columns=[c for c in ("district",) if number % 2 and c in frame])
            if "district" in changed:
                changed["district"] = by_row(number)
            changed = changed.assign(name=f"{canary} {name}.name")
            if name == "rooms":
                changed["room_id"] = f"{canary} room"
            changed.to_file(source / "drawn.gpkg", layer=name, driver="GPKG")
        (source / "drawn.gpkg").rename(path)  # GDAL cuts a name that it writes at a semicolon
    return source


@pytest.fixture(scope="module")
def batch(folder: Path) -> Batch:
    made = check_into(
        folder.parent / "out", Request(sources=(str(folder),), pack="qinhuangdao", select=SELECT)
    )
    assert {site.outcome for site in made.tally.sites} == {"not_met", "error"}
    return made


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_name_runs_in_the_summary_and_each_is_shown(
    batch: Batch, tmp_path: Path, open_map: Any, lang: str
) -> None:
    write_overview(batch.tally, tmp_path, lang=lang)
    write(list(batch.results()), tmp_path / "report.html", lang=lang)
    for page in ("summary.html", "report.html"):
        path = tmp_path / page
        seen = open_map(path, ready="main")
        seen.page.evaluate(OPEN)
        said = " ".join(seen.page.evaluate(SAID).split())
        assert seen.dialogs == []
        assert seen.errors == []
        assert seen.page.evaluate("window.pwned") is None
        assert seen.requests == [path.resolve().as_uri()]
        assert (
            seen.page.locator(
                "script, img, iframe, link, svg[onload], [onerror], [onmouseover], a[href^='javascript']"
            ).count()
            == 0
        )
        wanted = [f"{as_file(canary)} file" for canary in CANARIES]
        if page == "summary.html":
            # A file that cannot be read has the district of its folder, one that names none in its rows as well.
            wanted += [
                by_row(number) if number % 2 == 0 and number % 5 != 4 else f"{as_file(canary)} folder"
                for number, canary in enumerate(CANARIES)
            ]
        else:
            wanted += [f"{canary} room" for number, canary in enumerate(CANARIES) if number % 5 != 4]
        assert [name for name in wanted if shown(name) not in said] == []


def test_cells_of_the_summary_are_texts(batch: Batch, tmp_path: Path) -> None:
    write_overview(batch.tally, tmp_path)
    book = load_workbook(io.BytesIO((tmp_path / "summary.xlsx").read_bytes()))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]
    said = {cell.value for cell in cells}
    assert [c for c in CANARIES if plain(f"{as_file(c)} file") not in said] == []
