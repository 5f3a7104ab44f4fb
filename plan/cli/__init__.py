"""The command line: parse, call, print, exit code; data on stdout, talk on stderr."""

from __future__ import annotations

import itertools
import sys
from typing import Annotated, Final

import typer

from plan.cli import compare, export, judge, programme, read, rules, walk
from plan.cli import districts as districts  # its commands join those of walk
from plan.cli import elevators as elevators  # its command joins those of walk
from plan.cli import gates as gates  # the same
from plan.cli import rooms as rooms  # the same
from plan.cli import stalls as stalls  # the same
from plan.cli.help import dress_help
from plan.cli.options import LANG_DEFAULT, LangOption, t
from plan.console import Talk, expand_lists, language, usage
from plan.errors import PlanError, UsageError
from plan.messages import Message

__all__ = ["app", "run"]

_LISTS: Final = ("--minutes",)  # options that take several values at once
_YEARLY: Final = ("--budget",)  # of `plan programme`: a budget for each year
_EXIT_USAGE: Final = 2
_EXIT_INTERRUPTED: Final = 130

app = typer.Typer(
    help=t("help"),
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(name="inspect", help=t("help_inspect"))(read.inspect)
app.command(name="import", help=t("help_import"))(read.import_)
app.command(name="check", help=t("help_check"))(judge.check)
app.command(name="compare", help=t("help_compare"))(compare.compare)
app.command(name="reach", help=t("help_reach"))(walk.reach)
app.add_typer(walk.place, name="place", help=t("help_place"))
app.command(name="map", help=t("help_map"))(judge.map_)
app.command(name="hearing", help=t("help_hearing"))(judge.hearing)
app.command(name="export", help=t("help_export"))(export.export)
app.command(name="programme", help=t("help_programme"))(programme.programme)
app.add_typer(rules.rules, name="rules", help=t("help_rules_group"))


@app.callback()
def _plan(
    lang: LangOption = LANG_DEFAULT,  # noqa: ARG001 - read from the command line before it is parsed
    version: Annotated[bool, typer.Option("--version", help=t("help_version"))] = False,  # noqa: FBT002 - a flag
) -> None:
    """Take what stands before the command."""
    if version:
        from importlib.metadata import version as version_of  # noqa: PLC0415 - asked for rarely

        sys.stdout.write(f"plan {version_of('estate-plan')}\n")
        raise typer.Exit


def run() -> None:
    """Run the command line and leave with its exit code; the entry point of ``plan``."""
    sys.exit(main(sys.argv[1:]))


def _require_output_name(arguments: list[str]) -> None:
    """Refuse an output without a name, such as a variable that is not set: it is not the folder one is in."""
    pairs = itertools.pairwise(arguments)
    if "--output=" in arguments or any(one in ("-o", "--output") and not name for one, name in pairs):
        raise UsageError(Message("cli.no_value", what="-o"))


def main(arguments: list[str]) -> int:
    """Run a command line.

    Parameters
    ----------
    arguments : list of str
        What was typed after ``plan``.

    Returns
    -------
    int
        0 every must-rule met, 1 one is not met, 2 usage or input error, 3 cannot tell.
    """
    talk = Talk(language(arguments))
    lists = (*_LISTS, *_YEARLY) if "programme" in arguments else _LISTS
    dress_help(talk.lang)
    try:
        _require_output_name(arguments)
        code = app(expand_lists(arguments, lists), standalone_mode=False, prog_name="plan")
    except PlanError as error:
        talk.error(error)
        return _EXIT_USAGE
    except typer.Abort:
        talk.say(Message("cli.interrupted"), style="yellow")
        return _EXIT_INTERRUPTED
    except typer.TyperException as error:
        why = error.format_message().strip()
        if why:  # with nothing typed its help was shown instead
            talk.say(Message("cli.usage", why=usage(why)), style="bold red")
        return _EXIT_USAGE
    except Exception as error:  # noqa: BLE001 - the last line of defence: a user never sees a traceback
        talk.unexpected(error)
        return _EXIT_USAGE
    if code == _EXIT_INTERRUPTED:  # the parser makes an exit code of an interruption
        talk.say(Message("cli.interrupted"), style="yellow")
    return int(code or 0)
