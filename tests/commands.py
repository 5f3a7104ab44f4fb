"""A command line typed in this process: what `python -m plan` says, without the start of another Python.

That commands also work as processes of their own, and what is special about that, is tested in `test_cli.py`,
`test_watch.py` and `test_hearing_package.py`.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from subprocess import CompletedProcess

from plan.cli import main


def typed(*arguments: object, cwd: Path | None = None) -> CompletedProcess[str]:
    """Run ``plan`` with what was typed after it, in a folder; its output and exit code are as of a process."""
    words = [str(argument) for argument in arguments]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main(words)
    said = []
    for stream in (out, err):
        stream.flush()
        said.append(stream.buffer.getvalue().decode("utf-8").replace("\r\n", "\n"))  # type: ignore[attr-defined]
    return CompletedProcess(["plan", *words], code, *said)
