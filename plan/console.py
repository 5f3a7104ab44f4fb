"""How the command line talks: to people on stderr, in their language, safely; never a traceback."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from plan.errors import InputError, PlanError
from plan.messages import DEFAULT_LANGUAGE, LANGUAGES, Message, translate
from plan.text_safety import terminal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn

    from plan.findings import Problem
    from plan.steps import Progress, Step

__all__ = ["Talk", "expand_lists", "language", "usage"]

# Kinds of problems shown in full; the rest are counted, and `plan inspect --format json` has them all.
_SHOWN: Final = 40
_STYLES: Final = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def language(arguments: Sequence[str]) -> str:
    """Return the language that a command line asks for; help is written before options are parsed."""
    for at, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else None
        if argument == "--lang" and at + 1 < len(arguments):
            value = arguments[at + 1]
        if value in LANGUAGES:
            return value
    return DEFAULT_LANGUAGE


# What the parser says, in English only, and the texts that say it in both languages.
_USAGE: Final = (
    (re.compile(r"Missing (?:argument|option|parameter) '(?P<what>.+?)'\."), "missing_option"),
    (re.compile(r"No such option: (?P<what>\S+)"), "no_option"),
    (re.compile(r"No such command '(?P<what>.+)'\."), "no_command"),
    (re.compile(r"Option '(?P<what>.+)' requires an argument\."), "no_value"),
    (re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((?P<what>.+)\)"), "extra_argument"),
    (re.compile(r"Invalid value for '(?P<what>.+?)': (?P<why>.*)", re.DOTALL), "bad_value"),
)
# How sources are read is said where they are: most verbs take a site file.
_READING: Final = ("--encoding", "--mapping", "--units", "--from")
# What it says of a value.
_VALUE: Final = (
    (
        re.compile(r"(?:Value error, )?'(?P<value>.*)' is not one of (?P<choices>'.+')\.", re.DOTALL),
        "not_one_of",
    ),
    (re.compile(r"Input should be a valid number.*", re.DOTALL), "not_a_number"),
    (re.compile(r"Input should be a valid integer.*", re.DOTALL), "not_an_integer"),
    (re.compile(r"Input should be greater than or equal to (?P<least>\S+)"), "too_small"),
    (re.compile(r"Input should be less than or equal to (?P<most>\S+)"), "too_large"),
)


def usage(said: str) -> Message:
    """Return what the parser says about a command line, in both languages where it is known."""
    # An option of two names stands in quotes of its own for each: '--jobs' / '-j'.
    plain = said.replace("' / '", " / ")
    for pattern, key in _USAGE:
        found = pattern.match(plain)
        if found and found["what"] in _READING:
            return Message("cli.no_reading_option", what=found["what"])
        if found:
            told: dict[str, object] = dict(found.groupdict())
            if "why" in told:
                told["why"] = _of_value(str(told["why"]))
            return Message(f"cli.{key}", **told)
    return Message("cli.quoted", text=said)


def _of_value(why: str) -> Message | str:
    for pattern, key in _VALUE:
        found = pattern.fullmatch(why.strip())
        if found:
            return Message(
                f"cli.{key}", **{name: text.replace("'", "") for name, text in found.groupdict().items()}
            )
    return why


def expand_lists(arguments: Sequence[str], options: Iterable[str]) -> list[str]:
    """Write ``--minutes 5 10 15`` as ``--minutes 5 --minutes 10 --minutes 15``.

    Planners type the former; the parser knows the latter. Only numbers behind the option belong to it.
    """
    wanted = set(options)
    out: list[str] = []
    current: str | None = None
    for argument in arguments:
        if argument in wanted:
            current, fresh = argument, True
            continue
        name, sign, value = argument.partition("=")
        if sign and name in wanted:
            out += [name, value]
            current, fresh = name, False
            continue
        if current is not None and (fresh or _is_number(argument)):
            out += [current, argument]
            fresh = False
            continue
        current = None
        out.append(argument)
    return out if current is None or not fresh else [*out, current]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class Talk:
    """What is said to people while data goes to stdout.

    Parameters
    ----------
    lang : {"zh", "en"}
        The language.
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        for stream in (sys.stdout, sys.stderr):
            # A console in GBK has no sign for every character; a question mark is better than a crash.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        self._console: Console | None = None

    @property
    def console(self) -> Console:
        """The console on stderr."""
        if self._console is None:
            from rich.console import Console  # noqa: PLC0415 - help must be quick

            self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        return self._console

    def text(self, message: str) -> str:
        """Return a text in the language, with nothing in it that a terminal would obey."""
        return terminal(translate(message, self.lang))

    def say(self, message: str, *, style: str | None = None, on: Console | None = None) -> None:
        """Print a line on stderr, or where it is said."""
        from rich.text import Text  # noqa: PLC0415 - help must be quick

        (on or self.console).print(Text(self.text(message), style=style or ""), soft_wrap=True)

    def problems(self, problems: Iterable[Problem], *, on: Console | None = None) -> None:
        """Print problems with their place and cure, the worst first; on stderr, or where it is said."""
        from plan.diagnosis import told  # noqa: PLC0415 - help must be quick

        found = told(problems, self.lang)
        for one in found[:_SHOWN]:
            self.say(one.head, style=_STYLES[one.severity], on=on)
            for line in one.says:
                self.say(f"  {line}", on=on)
            self.say(f"  → {one.cure}", style="dim", on=on)
        if len(found) > _SHOWN:
            more = sum(one.problems for one in found[_SHOWN:])
            self.say(Message("cli.more_problems", count=more), on=on)

    def error(self, error: PlanError) -> None:
        """Print an error with everything that it carries."""
        place = getattr(error, "place", "")
        message = translate(error.message, self.lang)
        self.say(f"{place}: {message}" if place else message, style="bold red")
        for other in getattr(error, "others", ()):
            self.error(other)
        if isinstance(error, InputError):
            self.problems([p for p in error.problems if hasattr(p, "severity")])  # type: ignore[misc]

    def unexpected(self, error: Exception) -> None:
        """Say that this program itself failed; the traceback only where it is asked for."""
        if os.environ.get("PLAN_DEBUG"):
            raise error
        self.say(Message("cli.unexpected", kind=type(error).__name__, why=str(error)[:300]), style="bold red")

    @contextmanager
    def progress(self, message: str) -> Iterator[Callable[[int, int, str], None]]:
        """Show a bar on stderr, where that is a terminal; yields a function of done, total and name."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(
            *columns, console=self.console, transient=True, disable=not self.console.is_terminal
        ) as bar:
            task = bar.add_task(self.text(message), total=None)

            def advance(done: int, total: int, name: str) -> None:
                bar.update(task, completed=done, total=total, description=terminal(name))

            yield advance

    @contextmanager
    def steps(self) -> Iterator[Progress]:
        """Show the steps of a long job on stderr: a bar with the time left on a terminal, else a line for each."""
        from rich import progress as rich_progress  # noqa: PLC0415

        if not self.console.is_terminal:
            yield lambda step: self.say(
                Message("cli.step", number=step.number, of=step.of, what=step.message)
            )
            return
        columns = (
            rich_progress.TaskProgressColumn(),
            rich_progress.BarColumn(),
            rich_progress.TimeElapsedColumn(),
            _left(),
            rich_progress.TextColumn("{task.description}"),
        )
        with rich_progress.Progress(*columns, console=self.console, transient=True) as bar:
            task = bar.add_task("", total=1.0)

            def tell(step: Step) -> None:
                bar.update(task, completed=step.done, description=self.text(step.message))

            yield tell

    @contextmanager
    def working(self, message: str) -> Iterator[None]:
        """Show that work goes on, on stderr, where that is a terminal."""
        if not self.console.is_terminal:
            yield
            return
        with self.console.status(self.text(message)):
            yield


def _left() -> ProgressColumn:
    """Return a column that says how long a job still takes, by the share of it that is done."""
    from rich.progress import ProgressColumn, Task  # noqa: PLC0415 - help must be quick
    from rich.text import Text  # noqa: PLC0415

    class Left(ProgressColumn):
        """Time left; steps are few and long, so that their mean speed tells more than the last one's."""

        def render(self, task: Task) -> Text:
            """Write minutes and seconds."""
            if not task.elapsed or not task.completed:
                return Text("-:--")
            left = task.elapsed * (1.0 - task.completed) / task.completed
            return Text(f"-{int(left) // 60}:{int(left) % 60:02d}")

    return Left()
