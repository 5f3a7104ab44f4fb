"""A batch under fire: its driver and its workers are killed, its disk is full, at random moments; nothing may be lost.

    python tests/faults/chaos.py [--rounds 900] [--seed 1] [--workers 100] [--write FILE]

A round is one fault. The same batch goes on after each, until it is done; then every file of it must be, byte for byte,
what an undisturbed run wrote, and another batch begins. What was kept before a fault must be the same file after it: it is
not computed twice. Workers are killed while they check an estate: it must be tried again, in the same run, and no other
must be. POSIX only: ``kill -9`` is what it is about.
"""

from __future__ import annotations

import argparse
import errno
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import psutil

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1] / "batch")]

from small_estates import estates  # noqa: E402 - found beside this folder
from watched import SIGNS, WORK_S, check_in_sight, signs_in  # noqa: E402

from plan import crew  # noqa: E402
from plan.batch import Request, check_into  # noqa: E402
from plan.batch import run as run_module  # noqa: E402
from plan.errors import OutputError  # noqa: E402
from plan.overview import write_overview  # noqa: E402

COUNT = 5
SHOTS = (
    4  # at the workers of one batch, each at another estate: one that falls twice is an error, and rightly so
)
AFRESH = 5  # every fifth batch starts its workers afresh, as the product does; others fork them, which takes no second
GONE_S = 5.0  # within which a process that was killed is gone
DRIVER_TOO = 0.5  # of the batches whose workers were killed
SELECT = ("QHD-07",)
FULL = 9  # exit code of a driver that was told that the disk is full
CONTEXT = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
if os.name == "posix":
    CONTEXT.set_forkserver_preload(["warmed"])


@dataclass(kw_only=True)
class Score:
    """What the rounds came to."""

    faults: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)  # faults that met a driver at work
    batches: int = 0
    lost: int = 0
    twice: int = 0
    torn: int = 0
    unequal: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, twice, torn or another."""
        return not (self.lost or self.twice or self.torn or self.unequal)


def drive(source: str, out: str, *, jobs: int, full_after: int | None, afresh: bool) -> None:
    """Run the batch, as the command does; the disk is full after so many flushes."""
    if full_after is not None:
        fill_disk(full_after)
    if jobs > 1:
        run_module.in_processes = in_sight(run_module.in_processes)
        if not afresh:
            crew.Helper = ForkServerProcess  # type: ignore[assignment,misc]
    try:
        batch = check_into(
            out,
            Request(sources=(source,), pack="qinhuangdao", select=SELECT),
            jobs=jobs,
            timeout_s=None if jobs == 1 else 120,
        )
        write_overview(batch.tally, Path(out))
    except OutputError:
        os._exit(FULL)


def in_sight(in_processes: Any) -> Any:
    """Let workers show what they work on."""

    def start(jobs: Any, _work: Any, **options: Any) -> None:
        in_processes(jobs, check_in_sight, **options)

    return start


def fill_disk(after: int) -> None:
    """Let the system say that the disk is full, half a file written, from some flush on."""
    flush, left = os.fsync, [after]

    def full(descriptor: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            with suppress(OSError):  # a folder is not cut
                os.ftruncate(descriptor, max(0, os.fstat(descriptor).st_size // 2))
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(descriptor)

    os.fsync = full


def kept(out: Path) -> dict[str, tuple[int, int]]:
    """Return the files of results with what tells one from another of the same name."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (out / "results").glob("*.json")
    }


def contents(out: Path) -> dict[str, bytes]:
    """Return what a batch that is done consists of."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted([*out.glob("summary.*"), *(out / "results").rglob("*")])
        if path.is_file()
    }


def under_fire(rounds: int, folder: Path, *, seed: int, worker_rounds: int = 0) -> Score:
    """Go through some rounds.

    Parameters
    ----------
    rounds : int
        Faults: kills of the driver, full disks.
    folder : pathlib.Path
        Empty.
    seed : int
        Of the moments.
    worker_rounds : int
        More faults, in batches with two workers: up to four are killed while they work and then, half of the times, the
        driver too.
    """
    draw = random.Random(seed)  # noqa: S311 - seeded faults, not a secret
    source = str(estates(folder / "in", COUNT))
    (folder / "in" / "e999.gpkg").write_bytes(b"SQLite format 3\x00 and then nothing")
    with found_by_children():
        run(source, folder / "calm")
    begun = time.monotonic()
    run(source, folder / "timed")
    whole_s = time.monotonic() - begun
    calm = contents(folder / "calm")
    score = Score()
    out = folder / "out"
    for _ in range(rounds):
        fault = draw.choice(("driver", "driver", "driver", "disk"))
        before = kept(out)
        done = shoot((source, out), fault, draw, whole_s=whole_s, score=score)
        after = kept(out)
        score.faults[fault] += 1
        score.lost += len(set(before) - set(after))
        score.twice += sum(after[name] != stamp for name, stamp in before.items() if name in after)
        if done:
            settle(source, out, calm, score)
    settle(source, out, calm, score)
    batches = 0
    while score.faults["worker"] < worker_rounds:
        batches += 1
        shots = min(SHOTS, worker_rounds - score.faults["worker"])
        shoot_workers((source, out), shots, draw, score=score, afresh=batches % AFRESH == 0)
        settle(source, out, calm, score)
    return score


def shoot(places: tuple[str, Path], fault: str, draw: random.Random, *, whole_s: float, score: Score) -> bool:
    """Start the batch, harm it, and tell whether it came to its end."""
    source, out = places
    full_after = draw.randrange(3 * COUNT) if fault == "disk" else None
    process = driver(source, out, full_after=full_after)
    if fault == "driver":
        process.join(draw.uniform(0, whole_s))
        score.hit[fault] += process.is_alive()
        process.kill()
    process.join()
    score.hit["disk"] += process.exitcode == FULL
    return process.exitcode == 0


def shoot_workers(
    places: tuple[str, Path], shots: int, draw: random.Random, *, score: Score, afresh: bool
) -> None:
    """Start the batch with two workers, and kill so many of them in turn, each while it checks another estate."""
    source, out = places
    signs = out.parent / SIGNS
    shutil.rmtree(signs, ignore_errors=True)
    signs.mkdir(parents=True)
    process = driver(source, out, jobs=2, afresh=afresh)
    killed: list[str] = []
    for _ in range(shots):
        victim = at_work(process, signs, killed)
        score.faults["worker"] += 1
        if victim is None:
            break
        time.sleep(draw.uniform(0, WORK_S))  # anywhere within the estate
        with suppress(psutil.Error):
            victim.kill()
            victim.wait(GONE_S)
        # It may have come to the next estate, or be between two.
        fell = [slot for pid, slot in signs_in(signs, "begun") if pid == victim.pid and slot not in killed]
        killed += fell
        score.hit["worker"] += bool(fell)
    if draw.random() < DRIVER_TOO:
        process.join(draw.uniform(0, 1))
        process.kill()
        process.join()
        return
    process.join()
    begun = Counter(slot for ending in ("begun", "done") for _, slot in signs_in(signs, ending))
    done = Counter(slot for _, slot in signs_in(signs, "done"))
    score.lost += COUNT + 1 - len(done)
    score.twice += sum(count != 1 + (slot in killed) for slot, count in begun.items())


def at_work(process: Any, signs: Path, killed: list[str]) -> psutil.Process | None:
    """Wait for a worker that checks an estate at which nobody shot, and return it; None where the batch is over."""
    while process.is_alive():
        for pid, slot in signs_in(signs, "begun"):
            with suppress(psutil.Error):
                if slot not in killed:
                    return psutil.Process(pid)
        time.sleep(0.01)
    return None


def driver(
    source: str, out: Path, *, jobs: int = 1, full_after: int | None = None, afresh: bool = False
) -> Any:
    """Start a driver; its workers are started afresh, or forked from what is loaded already."""
    process = CONTEXT.Process(
        target=drive,
        args=(source, str(out)),
        kwargs={"jobs": jobs, "full_after": full_after, "afresh": afresh},
    )
    process.start()
    return process


@contextmanager
def found_by_children() -> Iterator[None]:
    """Let the process that drivers are forked from find what this one finds."""
    told = {
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)]),
        # A driver that is killed leaves its semaphores; that Python clears them away at the end is no news.
        "PYTHONWARNINGS": "ignore:resource_tracker",
    }
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def run(source: str, out: Path) -> None:
    """Run the batch undisturbed."""
    driver(source, out).join()


def settle(source: str, out: Path, calm: dict[str, bytes], score: Score) -> None:
    """Let the batch come to its end, compare it with an undisturbed one, and clear it away."""
    run(source, out)
    found = contents(out)
    score.batches += 1
    score.lost += len(set(calm) - set(found))
    score.torn += len(set(found) - set(calm))  # leftovers
    score.unequal += sum(found[name] != text for name, text in calm.items() if name in found)
    shutil.rmtree(out)


def main() -> None:
    """Print what came of it as a table, and add it to a record."""
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=900)
    options.add_argument("--workers", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--write", type=Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="plan-chaos-") as name:
        score = under_fire(asked.rounds, Path(name), seed=asked.seed, worker_rounds=asked.workers)
    cells = (
        asked.seed, score.faults.total(), *(f"{score.hit[f]}/{score.faults[f]}" for f in ("driver", "disk", "worker")),
        score.batches, score.lost, score.twice, score.torn, score.unequal,
    )  # fmt: skip
    line = "| " + " | ".join(map(str, cells)) + " |\n"
    sys.stdout.write(line)
    if asked.write is not None:
        with asked.write.open("a", encoding="utf-8") as file:
            file.write(line)
    sys.exit(0 if score.clean else 1)


if __name__ == "__main__":
    main()
