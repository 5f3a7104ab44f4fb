"""Where a command begins: an interruption is told, and never a traceback."""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from plan import start
from plan.cli import main
from plan.watch import Outcome


def test_an_interruption_before_there_is_a_command_is_an_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "_run", interrupted)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    with pytest.raises(SystemExit) as caught:
        start.run()
    assert caught.value.code == 130


def test_a_command_that_died_of_an_interruption_was_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "attend", lambda _: Outcome(code=-signal.SIGINT))
    assert start._run(["inspect", "a.gpkg"]) == 130


def test_an_interruption_of_a_command_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("plan.rules.load_pack", interrupted)
    assert main(["rules", "show", "jinan", "--lang", "en"]) == 130
    said = capsys.readouterr().err
    assert "Interrupted" in said
    assert "Traceback" not in said


@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals come to the main thread"
)
def test_an_interruption_that_the_interpreter_swallowed_comes_again() -> None:
    def wait() -> None:
        for _ in range(1000):  # a sleep of ten seconds would not be woken on Windows
            time.sleep(0.01)

    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # who runs tests in parallel may ignore it
    try:
        start._interrupted_again(SimpleNamespace(exc_type=KeyboardInterrupt))  # type: ignore[arg-type]
        with pytest.raises(KeyboardInterrupt):
            wait()
    finally:
        signal.signal(signal.SIGINT, before)
