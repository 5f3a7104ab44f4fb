"""The main job as a user meets it: the whole package, the same figures and bytes everywhere, and a job that was killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import docx
import openpyxl
import pyogrio
import pytest
from package_figures import differences

import plan
from plan.errors import OutputError
from plan.files import sha256
from plan.hearing import make_hearing
from plan.package import NAMES
from plan.proposing import PROPOSERS, Request, proposed_for

COMMAND = (sys.executable, "-m", "plan", "hearing")


def arguments(sample_gis: Path, out: Path, *more: object) -> list[str]:
    given = ("--rules", "sanming", "--propose", "gates", "--propose", "elevators", "-o", out, *more)
    return [*COMMAND, str(sample_gis / "old_estate.gpkg"), *map(str, given)]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with a folder of a user's own."""
    return {**os.environ, "XDG_DATA_HOME": str(tmp_path_factory.mktemp("own"))}


def run(command: list[str], own: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=900, env=own
    )


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, sample_gis: Path, own: dict[str, str]) -> Path:
    folder = tmp_path_factory.mktemp("package")
    done = run(arguments(sample_gis, folder), own)
    assert done.returncode in (0, 3), done.stderr
    return folder


def test_the_package_is_whole(package: Path) -> None:
    assert {file.name for file in package.iterdir()} == {*NAMES, ".plan"}


def test_no_figure_differs_between_files(package: Path) -> None:
    found = differences(package)
    assert found.differ == []
    assert {"index.html", "map.html", "report.html", "report.docx", "tables.xlsx", "drawing.dxf"} <= set(
        found.counts
    )
    assert found.counts.total() > 1000


def test_gates_and_elevators_are_proposed_when_asked(package: Path) -> None:
    layers = set(pyogrio.list_layers(package / "result.gpkg")[:, 0])
    assert {"gates_rejected", "gates_before_after", "rooms_rejected"} <= layers
    assert {"elevators", "elevators_rejected", "elevators_clearances"} <= layers
    page = (package / "map.html").read_text(encoding="utf-8")
    for said in ("gates-before-after", "拟建电梯（井道和连廊）", "消防车道 F07 旁剩余净宽"):
        assert said in page
    assert "开门建议" in (package / "report.html").read_text(encoding="utf-8")
    report = json.loads((package / "report.json").read_text(encoding="utf-8"))
    before, after = (
        {f["rule"]: f["status"] for f in one["findings"] if f["rule"] in {"EL-FIRE", "EL-SEP"}}
        for one in report["sites"]
    )
    assert before == {"EL-FIRE": "undetermined", "EL-SEP": "undetermined"}
    assert after == {"EL-FIRE": "met", "EL-SEP": "met"}


def test_the_manifest_names_every_file_and_input(package: Path, sample_gis: Path) -> None:
    manifest = json.loads((package / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["schema"] == "plan.manifest/1"
    assert {file["path"] for file in manifest["files"]} == {*NAMES} - {"manifest.json"}
    for file in manifest["files"]:
        path = package / file["path"]
        assert (path.stat().st_size, sha256(path)) == (file["bytes"], file["sha256"])
    assert [file["sha256"] for file in manifest["inputs"]] == [sha256(sample_gis / "old_estate.gpkg")]
    assert manifest["options"]["propose"] == "rooms gates elevators"
    assert manifest["pack"]["sha256"] == plan.load_pack("sanming").sha256


def test_the_index_names_every_file_with_its_hash(package: Path) -> None:
    page = (package / "index.html").read_text(encoding="utf-8")
    for name in (*NAMES[1:-1],):
        assert f'href="{name}"' in page
        assert sha256(package / name) in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_finished_package_is_left_alone(package: Path, sample_gis: Path, own: dict[str, str]) -> None:
    before = {file: file.stat().st_mtime_ns for file in package.iterdir() if file.is_file()}
    done = run(arguments(sample_gis, package), own)
    assert "--fresh" in done.stderr
    assert {file: file.stat().st_mtime_ns for file in before} == before


@pytest.mark.long
def test_a_changed_file_is_not_taken_for_the_package(
    package: Path, sample_gis: Path, own: dict[str, str]
) -> None:
    whole = {name: (package / name).read_bytes() for name in NAMES}
    (package / "report.html").write_bytes(b"half")
    done = run(arguments(sample_gis, package, "--jobs", 1), own)
    assert "--fresh" not in done.stderr
    assert {name: (package / name).read_bytes() for name in NAMES} == whole  # with one process, too


@pytest.mark.long
@pytest.mark.parametrize("after", ["elevators", "report.json"])
def test_a_killed_job_goes_on(
    after: str, package: Path, sample_gis: Path, own: dict[str, str], tmp_path: Path
) -> None:
    command = arguments(sample_gis, tmp_path)
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=own) as job:
        mark = tmp_path / (f".plan/{after}.step" if after in PROPOSERS else after)
        while not mark.exists() and job.poll() is None:
            time.sleep(0.05)
        job.kill()
    for name in NAMES:  # all or nothing
        if (tmp_path / name).exists() and name != "index.html":
            assert (tmp_path / name).read_bytes() == (package / name).read_bytes()
    done = run(command, own)
    assert done.returncode in (0, 3), done.stderr
    assert "接着用" in done.stderr
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (package / name).read_bytes(), name
    assert not list((tmp_path / ".plan").glob("elevators.step"))  # what is handed out holds it once


def test_two_jobs_do_not_write_to_one_folder(sample_gis: Path, tmp_path: Path) -> None:
    from filelock import FileLock

    (tmp_path / ".plan").mkdir()
    site = plan.read_site(sample_gis / "old_estate.gpkg")
    with FileLock(tmp_path / ".plan" / "lock"), pytest.raises(OutputError, match="正在写"):
        make_hearing(site, plan.load_pack("sanming"), out=tmp_path, request=Request(also=()))


def test_what_another_keeps_in_a_folder_stays(sample_gis: Path, tmp_path: Path) -> None:
    site = plan.read_site(sample_gis / "old_estate.gpkg")
    for name in ("index.html", "manifest.json"):
        (tmp_path / name).write_text("my own words", encoding="utf-8")
        with pytest.raises(OutputError, match=name.replace(".", r"\.")):
            make_hearing(site, plan.load_pack("sanming"), out=tmp_path, request=Request(also=()))
        assert [p.name for p in tmp_path.iterdir()] == [name]
        (tmp_path / name).unlink()


def test_what_is_proposed_unasked(sample_gis: Path) -> None:
    old, new = (plan.read_site(sample_gis / f"{name}_estate.gpkg") for name in ("old", "new"))
    assert proposed_for(old, None) == ("rooms", "gates", "stalls", "elevators")
    assert proposed_for(new, None) == ("rooms",)
    assert proposed_for(old, ()) == ("rooms",)
    assert proposed_for(old, ("elevators", "gates")) == ("rooms", "gates", "elevators")


def test_a_site_survives_another_process_and_has_a_fingerprint_of_every_cell(sample_gis: Path) -> None:
    import pickle

    site = plan.read_site(sample_gis / "new_estate.gpkg")
    same = pickle.loads(pickle.dumps(site))  # noqa: S301 - our own bytes
    assert same.fingerprint == site.fingerprint
    buildings = site.layer("buildings")
    buildings.loc[0, "floors"] += 1
    assert site.with_layer("buildings", buildings).fingerprint != site.fingerprint
    moved = site.layer("buildings")
    moved.geometry = moved.geometry.translate(xoff=1e-6)
    assert site.with_layer("buildings", moved).fingerprint != site.fingerprint


def test_the_document_has_headings_that_word_numbers(package: Path) -> None:
    document = docx.Document(str(package / "report.docx"))
    assert {"Heading 1", "Heading 2", "Heading 3"} <= {p.style.name for p in document.paragraphs}
    with zipfile.ZipFile(package / "report.docx") as archive:
        parts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
        assert {info.date_time for info in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
    assert 'w:eastAsia="仿宋"' in parts["word/styles.xml"]
    assert 'w:lvlText w:val="（%2）"' in parts["word/numbering.xml"]
    assert parts["word/document.xml"].count("<w:tblHeader/>") == len(document.tables)


def test_the_workbook_has_no_formula(package: Path) -> None:
    book = openpyxl.load_workbook(package / "tables.xlsx")
    assert len(book.worksheets) > 8
    for sheet in book.worksheets:
        assert sheet.freeze_panes
        assert sheet.page_setup.paperSize == 8
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
