"""Results that are kept one by one: what still holds is not computed again, what does not is."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
from pathlib import Path

import pytest
from small_estates import estate, estates

from plan.batch import Request, check_into, check_many
from plan.batch import run as run_module
from plan.batch.record import read_record, write_record
from plan.batch.store import FolderStore, slot_of
from plan.batch.task import Checked
from plan.cli import main
from plan.errors import InputError, OutputError
from plan.findings import Clause, Finding, PackRef, Problem, Report, SiteResult, Status, Strength, reason
from plan.messages import Bilingual, Message
from plan.overview import FILES, write_overview
from plan.readers.manner import Manner
from plan.reports import FORMATS, render

SELECT = ("QHD-07",)


def asked(folder: Path) -> Request:
    return Request(sources=(str(folder),), pack="qinhuangdao", select=SELECT)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = estates(tmp_path_factory.mktemp("drawn"), 4)
    (folder / "e009.gpkg").write_bytes(b"SQLite format 3\x00 and then nothing")
    return folder


@pytest.fixture
def folder(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "in"))


def test_what_is_kept_is_what_one_run_in_memory_says(folder: Path, tmp_path: Path) -> None:
    batch = check_into(tmp_path / "out", asked(folder))
    kept = list(batch.results())
    here = check_many([folder], "qinhuangdao", select=SELECT)
    for form in FORMATS:
        for lang in ("zh", "en"):
            assert render(kept, form, lang=lang) == render(here, form, lang=lang), (form, lang)
    assert batch.checked == 5
    assert [site.outcome for site in batch.tally.sites] == ["met", "met", "not_met", "met", "error"]


def test_a_second_run_computes_nothing_and_says_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_overview(check_into(out, asked(folder)).tally, out)
    before = {name: (out / name).read_bytes() for name in FILES}

    def never(_job: object) -> None:
        raise AssertionError

    monkeypatch.setattr(run_module, "check_and_keep", never)
    batch = check_into(out, asked(folder))
    assert (batch.checked, batch.recorded) == (0, 5)
    write_overview(batch.tally, out)
    assert {name: (out / name).read_bytes() for name in FILES} == before


def test_a_changed_file_alone_is_checked_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    check_into(out, asked(folder))
    stamp = (folder / "e001.gpkg").stat()
    (folder / "e001.gpkg").unlink()
    estate(folder / "e001.gpkg", 1, room_m2=10.0)
    import os

    os.utime(
        folder / "e001.gpkg", ns=(stamp.st_atime_ns, stamp.st_mtime_ns)
    )  # times of files are not trusted
    batch = check_into(out, asked(folder))
    assert (batch.checked, batch.recorded) == (1, 4)
    assert batch.tally.sites[1].outcome == "not_met"


def test_other_rules_or_options_are_other_results(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    check_into(out, asked(folder))
    other = Request(sources=(str(folder),), pack="jinan", select=("JN-01",))
    assert check_into(out, other).checked == 5
    assert check_into(out, asked(folder)).checked == 5


@pytest.mark.parametrize("harm", ["torn", "changed", "gone", "other", "empty"])
def test_a_result_that_was_harmed_is_made_again(folder: Path, tmp_path: Path, harm: str) -> None:
    out = tmp_path / "out"
    said = render(list(check_into(out, asked(folder)).results()), "json")
    file = sorted((out / "results").glob("*.json"))[1]
    text = file.read_text(encoding="utf-8")
    if harm == "gone":
        file.unlink()
    elif harm == "other":
        file.write_text(sorted((out / "results").glob("*.json"))[2].read_text("utf-8"), encoding="utf-8")
    else:
        harmed = {"torn": text[:-40], "changed": text.replace("400.0", "900.0"), "empty": ""}[harm]
        assert harmed != text
        file.write_text(harmed, encoding="utf-8")
    batch = check_into(out, asked(folder))
    assert batch.checked == 1
    assert render(list(batch.results()), "json") == said


def test_a_file_that_changes_while_it_is_read_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = run_module.look_at

    def meddle(task: object) -> Checked:
        checked = look(task)  # type: ignore[arg-type]
        path = Path(task.source)  # type: ignore[attr-defined]
        if path.name == "e000.gpkg":
            with path.open("ab") as file:
                file.write(b"more")
        return checked

    monkeypatch.setattr(run_module, "look_at", meddle)
    batch = check_into(tmp_path / "out", asked(folder))
    assert batch.tally.sites[0].outcome == "error"
    monkeypatch.undo()
    again = check_into(tmp_path / "out", asked(folder))
    assert (again.checked, again.tally.sites[0].outcome) == (1, "met")


def test_one_writer_at_a_time(folder: Path, tmp_path: Path) -> None:
    with FolderStore(tmp_path / "out").alone(), pytest.raises(OutputError, match="out"):
        check_into(tmp_path / "out", asked(folder))


def test_a_full_disk_stops_the_run_and_loses_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write = FolderStore.write
    left = [2]

    def full(self: FolderStore, slot: str, text: str, record: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OutputError(Message("files.cannot_write", path=slot, why="No space left on device"))
        write(self, slot, text, record)  # type: ignore[arg-type]

    monkeypatch.setattr(FolderStore, "write", full)
    with pytest.raises(OutputError, match="No space"):
        check_into(out, asked(folder))
    monkeypatch.undo()
    batch = check_into(out, asked(folder))
    assert (batch.checked, batch.recorded) == (3, 2)


def test_a_journal_line_that_a_crash_cut_short_stays_alone(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    check_into(out, asked(folder))
    with (out / "journal.jsonl").open("ab") as file:
        file.write(b'{"event": "ke')
    check_into(out, asked(folder))
    lines = (out / "journal.jsonl").read_text("utf-8").splitlines()
    assert [n for n, line in enumerate(lines) if line == '{"event": "ke'] == [7]
    assert json.loads(lines[-1]) == {"event": "ended", "sites": 5, "checked": 0}


def test_leftovers_of_a_crash_are_cleared_away(folder: Path, tmp_path: Path) -> None:
    left = tmp_path / "out" / "results" / ".plan-abc"
    left.mkdir(parents=True)
    (left / "e000.json").write_text("half", encoding="utf-8")
    check_into(tmp_path / "out", asked(folder))
    assert not left.exists()


def test_leftovers_of_a_killed_worker_are_cleared_away_when_the_batch_ends(
    folder: Path, tmp_path: Path
) -> None:
    results = tmp_path / "out" / "results"

    def killed(done: int, of: int, name: str) -> None:  # noqa: ARG001 - as progress is told
        left = results / f".plan-5bce98f7-1-{done}"
        left.mkdir(parents=True)
        (left / "e000.json").write_text("half", encoding="utf-8")
        (results / f".tries-{done}").write_text("begun\n", encoding="ascii")

    batch = check_into(tmp_path / "out", asked(folder), progress=killed)
    assert batch.checked == 5
    assert len(list(results.iterdir())) == len(list(results.glob("[!.]*.json"))) == 5


def test_districts_are_named_by_parcels_or_folders(tmp_path: Path, sample_gis: Path) -> None:
    estate(tmp_path / "in" / "昌黎县" / "a.gpkg", 1)
    shutil.copy(sample_gis / "new_estate.gpkg", tmp_path / "in" / "昌黎县" / "b.gpkg")
    batch = check_into(tmp_path / "out", asked(tmp_path / "in"))
    assert [site.district for site in batch.tally.sites] == ["海港区", "昌黎县"]


def test_names_of_results_are_files_on_every_system() -> None:
    slots = [slot_of(f"a{name}", name) for name in ("甲小区", "a/b:c*?", "CON", "x" * 300, "..", "")]
    assert len(set(slots)) == len(slots)
    for slot in slots:
        assert len(slot.encode()) < 240
        assert not set('/\\:*?"<>|') & set(slot)
    assert slot_of("a", "x") != slot_of("b", "x")


def test_a_result_comes_back_to_the_last_bit() -> None:
    finding = Finding(
        rule="A-1",
        title=Bilingual("面积", "area"),
        strength=Strength.MUST,
        status=Status.UNDETERMINED,
        clause=Clause(document="d", number="", article="1", quote="“至少”", effective=None),
        measured=0.1 + 0.2,
        required=math.inf,
        geometry={"type": "Point", "coordinates": [117.1, 39.9]},
        reason=reason("missing_data", Message("checks.no_layer", layer="rooms", zh="用房")),
        features=("half \ud800", "nul \x00"),
    )
    report = Report(site="甲\ud800", pack=PackRef(id="p", version="1", sha256="0"), findings=(finding,))
    text = write_record(Checked(result=SiteResult.of(report), district="区"), key="k")
    text.encode("utf-8")
    back = read_record(text)
    assert back.district == "区"
    assert back.result == SiteResult.of(report)
    assert back.result.report is not None
    told = back.result.report.findings[0]
    assert told.reason is not None
    assert isinstance(told.reason, Message)
    assert told.reason.to("en") == finding.reason.to("en")  # type: ignore[union-attr]
    assert isinstance(told.title, Bilingual)
    assert render([back.result], "json") == render([SiteResult.of(report)], "json")


def test_a_problem_comes_back_too() -> None:
    problem = Problem(
        id="X",
        severity="error",
        effect="refused",
        message=Message("readers.absent", path="p"),
        cure="c",
        rows=(1, 2),
    )
    result = SiteResult(
        name="n",
        pack=PackRef(id="p", version="1", sha256="0"),
        error=Message("status.error"),
        problems=(problem,),
    )
    assert read_record(write_record(Checked(result=result, district=""), key="")).result == result


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"key": 1}', "null", '{"schema": "plan.result/2"}'])
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_record(text)


def test_the_command_goes_on_without_being_told_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    check_into(out, asked(folder))
    (out / "results").joinpath(min((out / "results").iterdir()).name).unlink()
    assert main(["check", "--resume", str(out), "--lang", "en", "--timeout", "300"]) == 1
    said = capsys.readouterr()
    # The unreadable file may be read again, too, where its error is not an answer.
    assert "1 checked now, 4 results that still hold" in said.err
    assert {*FILES, "report.txt"} <= {path.name for path in out.iterdir()}
    assert main(["check", "--resume", str(tmp_path / "nowhere")]) == 2
    assert main(["check", "--resume", str(out), "-o", str(out)]) == 2
    assert main(["check", str(folder)]) == 2


def test_what_another_keeps_in_a_folder_stays(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    for name in ("report.txt", "summary.xlsx", "batch.json"):
        (out / name).write_text("my own words", encoding="utf-8")
        assert main(["check", str(folder), "--rules", "qinhuangdao", "-o", str(out), "--lang", "en"]) == 2
        assert name in capsys.readouterr().err
        assert [(p.name, p.read_text(encoding="utf-8")) for p in out.iterdir() if p.name != ".lock"] == [
            (name, "my own words")
        ]
        (out / name).unlink()
    check_into(out, asked(folder))
    own = out / "results" / ".git"
    own.mkdir()
    check_into(out, asked(folder))
    assert own.is_dir()


def test_a_request_of_another_kind_is_refused() -> None:
    for text in (
        "",
        "[]",
        "{}",
        '{"schema": "plan.batch/1", "sources": 3}',
        '{"schema": "plan.batch/1", "x": "y"}',
        '{"schema": "plan.batch/1", "sources": ["a"], "pack": "jinan", "units": "km"}',
        '{"schema": "plan.batch/1", "sources": ["a"], "pack": "jinan", "mapping": "a=b"}',
    ):
        with pytest.raises(InputError):
            Request.from_json(text, path="p")
    request = Request(
        sources=("a", "b"),
        pack="jinan",
        select=("JN",),
        on="2026-01-01",
        mapping=("m.toml",),
        units="mm",
        shifted=("bd09",),
    )
    assert Request.from_json(request.to_json(), path="p") == request


def test_a_request_of_an_earlier_version_goes_on() -> None:
    text = '{"schema": "plan.batch/1", "sources": ["a"], "pack": "jinan", "select": [], "crs": "EPSG:4548"}'
    assert Request.from_json(text, path="p").manner == Manner(crs="EPSG:4548")


def test_names_are_mapped_and_a_changed_mapping_is_another_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = estate(tmp_path / "a.gpkg", room_m2=400)
    with sqlite3.connect(drawn) as base:
        base.execute("ALTER TABLE rooms RENAME COLUMN area_m2 TO quanta")
    base.close()
    mapping = tmp_path / "names.toml"
    typed = ["check", str(drawn), "--rules", "qinhuangdao", "--select", "QHD-07", "-o", str(tmp_path / "out")]
    typed += ["--mapping", str(mapping), "--lang", "en"]
    for text, code, checked in (("", 2, 1), ('[columns.rooms]\n"quanta" = "area_m2"\n', 0, 1), (None, 0, 0)):
        if text is not None:
            mapping.write_text(text, encoding="utf-8")
        assert main(typed) == code
        assert f"{checked} checked now" in capsys.readouterr().err
    assert main(["check", "--resume", str(tmp_path / "out"), "--lang", "en"]) == 0
    assert "0 checked now" in capsys.readouterr().err
    mapping.write_text('[layers]\n"x" = "no layer"\n', encoding="utf-8")
    assert main(typed) == 2
    assert "no layer" in capsys.readouterr().err


def test_the_summary_holds_no_text_that_a_page_or_sheet_would_obey(tmp_path: Path) -> None:
    import io

    from openpyxl import load_workbook

    name = "=HYPERLINK(1)<script>alert(1)</script>{{ 7*7 }}"
    folder = tmp_path / "in"
    estate(tmp_path / "x.gpkg")
    from plan.readers import read_site

    read_site(tmp_path / "x.gpkg", name=name).to_gpkg(folder / "x.gpkg")
    out = tmp_path / "out"
    write_overview(check_into(out, asked(folder)).tally, out)
    page = (out / "summary.html").read_text("utf-8")
    assert "<script" not in page
    assert "{{ 7*7 }}" in page
    book = load_workbook(io.BytesIO((out / "summary.xlsx").read_bytes()))
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
