"""Twenty faults at random moments: a batch that goes on after them is the batch that nothing disturbed."""

from __future__ import annotations

import os
from pathlib import Path

import chaos
import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 is what it is about")


def test_nothing_is_lost_twice_or_torn(tmp_path: Path) -> None:
    score = chaos.under_fire(16, tmp_path, seed=20, worker_rounds=4)
    assert score.clean, score
    assert score.faults.total() == 20
    assert score.hit.total() >= 5  # faults that met the batch at work
    assert score.hit["worker"] >= 3  # a worker may end its estate in the moment of the shot
    assert score.batches >= 2


def test_the_record_of_faults_is_clean() -> None:
    record = Path(__file__).with_name("record.md").read_text("utf-8").splitlines()
    head, _, *faults = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in record if line.startswith("| ")
    ]
    assert faults
    for name in ("lost", "twice", "torn", "other bytes"):
        assert {row[head.index(name)] for row in faults} == {"0"}
