"""A real Dask cluster does a batch: the same bytes, though a worker is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from small_estates import estates

from plan.batch import Request, check_into
from plan.batch.cluster import Answer, Order, work_there
from plan.batch.fingerprint import fingerprint, versions
from plan.batch.pool import Limits
from plan.batch.run import Job
from plan.batch.store import FolderStore
from plan.cli import main
from plan.errors import UnavailableError, UsageError

SELECT = ("QHD-07",)


def asked(folder: Path) -> Request:
    return Request(sources=(str(folder),), pack="qinhuangdao", select=SELECT)


def bytes_of(out: Path) -> dict[str, bytes]:
    files = [*out.glob("summary.*"), *(out / "results").glob("*.json")]
    return {path.name: path.read_bytes() for path in files}


@pytest.fixture
def cluster(local_cluster: Any) -> Any:
    with local_cluster() as made:
        yield made


@pytest.mark.usefixtures("distributed")
def test_a_cluster_gives_the_same_bytes_though_a_worker_is_killed(cluster: Any, tmp_path: Path) -> None:
    folder = estates(tmp_path / "in", 12)
    command = ["check", str(folder), "--rules", "qinhuangdao", "--select", "QHD-07"]
    assert main([*command, "-o", str(tmp_path / "here"), "--timeout", "300"]) == 1
    pids = [worker.process.pid for worker in cluster.workers.values()]

    def kill() -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until and len(list((tmp_path / "there" / "results").glob("*.json"))) < 3:
            time.sleep(0.01)
        os.kill(pids[0], signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    killer = threading.Thread(target=kill)
    killer.start()
    assert main([*command, "-o", str(tmp_path / "there"), "--dask", cluster.scheduler_address]) == 1
    killer.join()
    assert bytes_of(tmp_path / "there") == bytes_of(tmp_path / "here")
    assert not list((tmp_path / "there" / "results").glob(".*"))


def order(tmp_path: Path, **limits: float) -> Order:
    task = asked(estates(tmp_path / "in", 1)).tasks()[0][0]
    store = FolderStore(tmp_path / "out")
    job = Job(task=task, store=store, slot="one", key=fingerprint(task).key)
    return Order(job=job, beside=".none", versions=versions(), limits=Limits(**limits))  # type: ignore[arg-type]


def test_a_worker_that_does_not_see_the_results_returns_them(tmp_path: Path) -> None:
    answer = work_there(order(tmp_path))
    assert answer.text is not None
    assert answer.kept is None
    assert not (tmp_path / "out").exists()


def test_a_worker_of_another_version_or_without_the_files_says_so(tmp_path: Path) -> None:
    from dataclasses import replace

    made = order(tmp_path)
    assert work_there(replace(made, versions={"plan": "9"})) == Answer(trouble="versions")
    Path(made.job.task.source).unlink()
    assert work_there(made) == Answer(trouble="inputs")


def test_a_site_that_ends_its_worker_twice_is_not_begun_again(tmp_path: Path) -> None:
    from dataclasses import replace

    made = replace(order(tmp_path), beside=".shared")
    results = tmp_path / "out" / "results"
    results.mkdir(parents=True)
    (results / ".shared").touch()
    tries = results / ".tries-one"
    tries.write_text("begun\ntimed_out\nbegun\nout_of_memory\n", encoding="ascii")
    lost = work_there(made).lost
    assert lost is not None
    assert lost.kind == "out_of_memory"
    tries.write_text("begun\n", encoding="ascii")
    kept = work_there(made).kept
    assert kept is not None
    assert kept.outcome == "met"
    assert not tries.exists()


def test_a_cluster_without_a_place_for_results_is_refused(tmp_path: Path) -> None:
    folder = estates(tmp_path / "in", 1)
    assert main(["check", str(folder), "--rules", "jinan", "--dask", "tcp://127.0.0.1:9"]) == 2


@pytest.mark.usefixtures("distributed")
def test_nobody_at_the_address(tmp_path: Path) -> None:
    from plan.access.clusters import connect

    with pytest.raises((UnavailableError, UsageError)):
        connect("tcp://127.0.0.1:9", patience_s=0.5)
    assert not tmp_path.joinpath("out").exists()


def test_no_workers_are_told(distributed: Any, local_cluster: Any, tmp_path: Path) -> None:
    with (
        local_cluster(n_workers=0) as empty,
        distributed.Client(empty, set_as_default=False) as client,
        pytest.raises(UnavailableError),
    ):
        check_into(tmp_path / "out", asked(estates(tmp_path / "in", 1)), client=client)
