"""Serial, in processes, resumed, on a cluster that loses a machine, from PostGIS: the same bytes."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from compared import Compared, compared
from servers import estates_to_postgis, running_cluster
from small_estates import estates, layers_of

from plan.batch.record import read_record, write_record
from plan.batch.task import Checked
from plan.cli import main
from plan.findings import Status
from plan.readers import read_site

COMMAND = ("--rules", "qinhuangdao", "--select", "QHD-07", "--select", "QHD-09")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight estates, one without a layer."""
    folder = estates(tmp_path_factory.mktemp("drawn"), 8)
    (folder / "e007.gpkg").unlink()
    for name, frame in layers_of(7).items():
        if name != "households":
            frame.to_file(folder / "e007.gpkg", layer=name, driver="GPKG")
    return folder


@pytest.fixture(scope="module")
def serial(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("serial")
    assert main(["check", str(drawn), *COMMAND, "-o", str(out), "--timeout", "300"]) == 1
    return out


def bytes_of(out: Path) -> dict[str, bytes]:
    files = [*out.glob("summary.*"), *(out / "results").rglob("*")]
    return {path.name: path.read_bytes() for path in files if path.is_file()}


def test_two_jobs_and_a_batch_that_goes_on(drawn: Path, serial: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["check", str(drawn), *COMMAND, "-o", str(out), "--jobs", "2", "--timeout", "300"]) == 1
    assert bytes_of(out) == bytes_of(serial)
    for path in sorted((out / "results").iterdir())[::2]:
        path.unlink()
    (out / "summary.json").unlink()
    assert main(["check", "--resume", str(out), "--timeout", "300"]) == 1
    assert bytes_of(out) == bytes_of(serial)


@pytest.mark.real
@pytest.mark.usefixtures("distributed")
def test_a_cluster_that_loses_a_machine(drawn: Path, serial: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    over = threading.Event()
    with running_cluster(2) as cluster:

        def kill() -> None:
            while not over.wait(0.005) and len(list((out / "results").glob("*.json"))) < 2:
                pass
            cluster.kill_machine(0)

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            assert main(["check", str(drawn), *COMMAND, "-o", str(out), "--dask", cluster.address]) == 1
        finally:
            over.set()
            killer.join()
    assert bytes_of(out) == bytes_of(serial)


@pytest.mark.real
def test_tables(drawn: Path, serial: Path, database: str, tmp_path: Path) -> None:
    sources = estates_to_postgis(database, drawn)
    assert len(sources) == 2  # with households, and without
    out = tmp_path / "out"
    assert main(["check", *sources, *COMMAND, "-o", str(out), "--timeout", "300"]) == 1
    told = compared(serial, out)
    assert told == Compared(estates=8, missing=(), findings=told.findings, verdicts=0, other=0, largest=0.0)
    assert told.alike


@pytest.mark.real
def test_a_shared_table_without_a_row_of_an_estate_is_no_layer_of_it(database: str, tmp_path: Path) -> None:
    folder = estates(tmp_path / "in", 2)
    (source,) = estates_to_postgis(database, folder)
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM form0.households WHERE estate = 'e001'")
    assert "households" in read_site(f"{source}&part=e000").layers
    site = read_site(f"{source}&part=e001")
    assert "households" not in site.layers
    assert not [problem for problem in site.problems if problem.layer == "households"]


def test_another_verdict_and_another_figure_are_found(serial: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(serial, tmp_path / "other"))
    first, second, *_ = sorted((other / "results").iterdir())

    def change(path: Path, **values: Any) -> None:
        result = read_record(path.read_text("utf-8")).result
        assert result.report is not None
        findings = list(result.report.findings)
        at = next(n for n, f in enumerate(findings) if isinstance(f.measured, float))
        findings[at] = replace(findings[at], **values)
        changed = replace(result, report=replace(result.report, findings=tuple(findings)))
        path.write_text(write_record(Checked(result=changed, district=""), key=""), "utf-8")

    change(first, status=Status.UNDETERMINED, reason="missing_data: x")
    change(second, measured=400.0001)
    told = compared(serial, other)
    assert (told.verdicts, told.other) == (1, 0)
    assert told.largest == pytest.approx(2.5e-7)
    assert not told.alike
    change(second, measured=401.0)
    assert compared(serial, other).other == 1
