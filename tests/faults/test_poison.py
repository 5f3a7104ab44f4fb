"""One estate that crashes, one that hangs and one that eats memory among a hundred."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "batch"))

import poison

pytestmark = pytest.mark.long


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_hundred_right_answers_and_three_named_errors(tmp_path: Path) -> None:
    right, errors = poison.poisoned(tmp_path)
    assert right == poison.GOOD
    assert set(errors) == {"crash", "hang", "eat"}
    assert "died twice" in errors["crash"]
    assert f"{poison.TIMEOUT_S} s twice" in errors["hang"]
    assert f"{poison.MEMORY_MB} MB of memory twice" in errors["eat"]
