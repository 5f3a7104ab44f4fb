"""A batch under fire: its driver and its workers are killed, its disk is full, at random moments; nothing may be lost.

    python tests/faults/chaos.py [--rounds 1000] [--seed 1] [--workers 20] [--write FILE]

A round is one fault. The same batch goes on after each, until it is done; then every file of it must be, byte for byte,
what an undisturbed run wrote, and another batch begins. What was kept before a fault must be the same file after it: it is
not computed twice. POSIX only: ``kill -9`` is what it is about.
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
from pathlib import Path
from typing import Any

import psutil

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "batch")]

from small_estates import estates  # noqa: E402 - found beside this folder

from plan.batch import Request, check_into  # noqa: E402
from plan.errors import OutputError  # noqa: E402
from plan.overview import write_overview  # noqa: E402

COUNT = 5
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


def drive(source: str, out: str, *, jobs: int, full_after: int | None) -> None:
    """Run the batch, as the command does; the disk is full after so many flushes."""
    if full_after is not None:
        fill_disk(full_after)
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
        More rounds, with two workers, of which one is killed and then, half of the times, the driver too.
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
    plan = [draw.choice(("driver", "driver", "driver", "disk")) for _ in range(rounds)] + [
        "worker"
    ] * worker_rounds
    out = folder / "out"
    for fault in plan:
        if fault == "worker":  # a whole batch is before its workers
            shutil.rmtree(out, ignore_errors=True)
        before = kept(out)
        done = shoot((source, out), fault, draw, whole_s=whole_s, score=score)
        after = kept(out)
        score.faults[fault] += 1
        score.lost += len(set(before) - set(after))
        # A worker that was killed leaves an error that the next run tries again.
        score.twice += sum(after[name] != stamp for name, stamp in before.items() if name in after)
        if done:
            score = settle(source, out, calm, score)
    settle(source, out, calm, score)
    return score


def shoot(places: tuple[str, Path], fault: str, draw: random.Random, *, whole_s: float, score: Score) -> bool:
    """Start the batch, harm it, and tell whether it came to its end."""
    source, out = places
    full_after = draw.randrange(3 * COUNT) if fault == "disk" else None
    process = CONTEXT.Process(
        target=drive,
        args=(source, str(out)),
        kwargs={"jobs": 2 if fault == "worker" else 1, "full_after": full_after},
    )
    process.start()
    if fault == "driver":
        process.join(draw.uniform(0, whole_s))
        score.hit[fault] += process.is_alive()
        process.kill()
    elif fault == "worker":
        score.hit[fault] += kill_worker(process, out, draw)
        if draw.random() < 0.5:
            process.join(draw.uniform(0, 1))
            process.kill()
    process.join()
    score.hit["disk"] += process.exitcode == FULL
    return process.exitcode == 0


def kill_worker(process: Any, out: Path, draw: random.Random) -> bool:
    """Kill a worker once results come in."""
    until = time.monotonic() + 120
    enough = len(kept(out)) + draw.randrange(1, COUNT)
    while process.is_alive() and time.monotonic() < until and len(kept(out)) < enough:
        time.sleep(0.002)
    try:
        workers = [p for p in psutil.Process(process.pid).children() if "spawn_main" in " ".join(p.cmdline())]
        draw.choice(workers).kill()
    except (psutil.Error, IndexError):
        return False
    return True


@contextmanager
def found_by_children() -> Iterator[None]:
    """Let the process that drivers are forked from find what this one finds."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


def run(source: str, out: Path) -> None:
    """Run the batch undisturbed."""
    process = CONTEXT.Process(target=drive, args=(source, str(out)), kwargs={"jobs": 1, "full_after": None})
    process.start()
    process.join()


def settle(source: str, out: Path, calm: dict[str, bytes], score: Score) -> Score:
    """Let the batch come to its end, compare it with an undisturbed one, and clear it away."""
    run(source, out)
    found = contents(out)
    score.batches += 1
    score.lost += len(set(calm) - set(found))
    score.torn += len(set(found) - set(calm))  # leftovers
    score.unequal += sum(found[name] != text for name, text in calm.items() if name in found)
    shutil.rmtree(out)
    return score


def main() -> None:
    """Print what came of it as a table, and add it to a record."""
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=1000)
    options.add_argument("--workers", type=int, default=20)
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
