"""Where a command begins: one that reads files works in a process of its own, under watch; the others answer at once."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from typing import Final

from plan.watch import Outcome, attend, be_watched

__all__ = ["run"]

# Commands that read what strangers made. A batch has processes and limits of its own.
_READING: Final = (
    "inspect",
    "import",
    "check",
    "compare",
    "reach",
    "place",
    "map",
    "hearing",
    "export",
    "programme",
)
_EXIT_INTERRUPTED: Final = 130
_SOON_S: Final = 0.05  # when the callback is over


def run() -> None:
    """Run the command line and leave with its exit code; the entry point of ``plan``."""
    sys.unraisablehook = _interrupted_again
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:  # before there was a command that could say so
        code = _EXIT_INTERRUPTED
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    asks = {"--help", "-h", "--version"} & set(arguments)
    reads = not asks and any(word in _READING for word in arguments[:3])
    if be_watched() or not reads:
        from plan.cli import main  # noqa: PLC0415 - a watcher needs none of it

        if reads:
            from plan.columns import hold_texts_here  # noqa: PLC0415 - help needs no tables

            hold_texts_here()
        return main(arguments)
    outcome = attend(arguments)
    if outcome.stopped:
        _tell(outcome, arguments)
    return _EXIT_INTERRUPTED if outcome.code == -signal.SIGINT else outcome.code


def _interrupted_again(unraisable: sys.UnraisableHookArgs) -> None:
    """Interrupt once more where an interruption came inside a callback of the interpreter, which would print and forget it."""
    if unraisable.exc_type is KeyboardInterrupt:
        threading.Timer(_SOON_S, _thread.interrupt_main).start()
    else:
        sys.__unraisablehook__(unraisable)


def _tell(outcome: Outcome, arguments: list[str]) -> None:
    """Say what could not be read, as any other refusal is said."""
    import json  # noqa: PLC0415 - rarely needed

    from plan.console import Talk, language  # noqa: PLC0415 - the same
    from plan.messages import Message  # noqa: PLC0415 - the same
    from plan.problems import ProblemList  # noqa: PLC0415 - the same

    lang = language(arguments)
    found = ProblemList(path=", ".join(outcome.paths))
    limits = outcome.limits
    message = Message(
        f"watch.{outcome.stopped}",
        seconds=round(limits.seconds) if limits else 0,
        memory=round(limits.memory_mb) if limits else 0,
    )
    found.add("PLAN-SEC-011", "error", "refused", message)
    Talk(lang).problems(found.problems)
    if "inspect" in arguments and "json" in " ".join(arguments):
        told = {
            "schema": "plan.inspect/1",
            "files": [],
            "layers": [],
            "problems": [p.to_dict(lang) for p in found.problems],
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
