"""What is kept between runs is opened only where this user signed it, for this step and this key."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from plan.ledger import Ledger, digest_of, own_secret

SECRET = b"s" * 32


class Trap:
    """A pickle that runs something."""

    def __reduce__(self) -> tuple[object, ...]:
        return pytest.fail, ("a foreign pickle was opened",)


def test_what_was_put_comes_back_under_its_key_only(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, secret=SECRET)
    ledger.put("stalls", "key", {"n": 3})
    assert ledger.get("stalls", "key") == {"n": 3}
    assert ledger.get("stalls", "other") is None
    assert ledger.get("gates", "key") is None


def test_a_step_of_another_name_is_not_taken_for_this_one(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, secret=SECRET)
    ledger.put("stalls", "key", 1)
    (tmp_path / "gates.step").write_bytes((tmp_path / "stalls.step").read_bytes())
    assert ledger.get("gates", "key") is None


@pytest.mark.parametrize("secret", [b"t" * 32, b""])
def test_what_somebody_else_signed_is_never_opened(tmp_path: Path, secret: bytes) -> None:
    Ledger(tmp_path, secret=secret).put("stalls", "key", Trap())
    assert Ledger(tmp_path, secret=SECRET).get("stalls", "key") is None


def test_an_unsigned_pickle_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "stalls.step").write_bytes(pickle.dumps(Trap()))
    assert Ledger(tmp_path, secret=SECRET).get("stalls", "key") is None


@pytest.mark.parametrize("cut", [0, 1, 11, 12, 40, 50, -1])
def test_half_a_file_is_nothing(tmp_path: Path, cut: int) -> None:
    ledger = Ledger(tmp_path, secret=SECRET)
    ledger.put("stalls", "key", list(range(100)))
    path = tmp_path / "stalls.step"
    path.write_bytes(path.read_bytes()[:cut])
    assert ledger.get("stalls", "key") is None


def test_one_changed_bit_is_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, secret=SECRET)
    ledger.put("stalls", "key", "abc")
    path = tmp_path / "stalls.step"
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert ledger.get("stalls", "key") is None


def test_without_a_secret_nothing_is_kept(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, secret=None)
    ledger.put("stalls", "key", 1)
    assert list(tmp_path.iterdir()) == []
    assert ledger.get("stalls", "key") is None


def test_the_secret_is_made_once_and_is_its_users_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path / "own")
    first = own_secret()
    assert first is not None
    assert len(first) == 32
    assert own_secret() == first
    if os.name == "posix":
        path = tmp_path / "own" / "steps.key"
        assert path.stat().st_mode & 0o077 == 0
        path.chmod(0o644)
        assert own_secret() is None


def test_digests_tell_parts_apart() -> None:
    assert digest_of("ab", "c") != digest_of("a", "bc")
    assert digest_of(("a",), "b") != digest_of("a", ("b",))
