"""Commands about rule packs: ``plan rules list|show|validate|diff``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plan.cli.options import LANG_DEFAULT, FormatOption, LangOption, OnOption, Shape, t
from plan.console import Talk
from plan.messages import Message

__all__ = ["rules"]

rules = typer.Typer(no_args_is_help=True)
PackArgument = Annotated[str, typer.Argument(help=t("help_rules"), metavar="PACK")]


@rules.callback()
def _rules(lang: LangOption = LANG_DEFAULT) -> None:
    """Take the language for the help of the group."""


@rules.command(name="list", help=t("help_rules_list"))
def list_(shape: FormatOption = Shape.text, lang: LangOption = LANG_DEFAULT) -> int:
    """List the packs that ship with this program."""
    from plan.cli import show  # noqa: PLC0415 - help must be quick
    from plan.rules import load_pack, pack_ids  # noqa: PLC0415

    show.packs([load_pack(pack_id) for pack_id in pack_ids()], shape.value, Talk(lang))
    return 0


@rules.command(name="show", help=t("help_rules_show"))
def show_(
    pack: PackArgument, on: OnOption = None, shape: FormatOption = Shape.text, lang: LangOption = LANG_DEFAULT
) -> int:
    """Show the rules of a pack with their clauses."""
    from plan.cli import show  # noqa: PLC0415 - help must be quick
    from plan.rules import load_pack  # noqa: PLC0415

    show.pack(load_pack(pack, on=on), shape.value, Talk(lang))
    return 0


@rules.command(name="validate", help=t("help_rules_validate"))
def validate(
    files: Annotated[list[Path], typer.Argument(help=t("help_pack_files"), metavar="FILE…")],
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Say whether packs are written as they should be; 2 when one is not."""
    from plan.errors import RulePackError  # noqa: PLC0415 - help must be quick
    from plan.rules import load_pack  # noqa: PLC0415

    talk = Talk(lang)
    code = 0
    for file in files:
        try:
            loaded = load_pack(file)
        except RulePackError as error:
            talk.say(str(file), style="bold red")
            talk.error(error)
            code = 2
        else:
            talk.say(
                Message("cli.pack_valid", path=str(file), id=loaded.id, count=len(loaded.rules)),
                style="green",
            )
    return code


@rules.command(name="diff", help=t("help_rules_diff"))
def diff(
    old: PackArgument, new: PackArgument, shape: FormatOption = Shape.text, lang: LangOption = LANG_DEFAULT
) -> int:
    """Show what changed between two packs; 1 when something did."""
    from plan.cli import show  # noqa: PLC0415 - help must be quick
    from plan.rules import load_pack  # noqa: PLC0415
    from plan.rules.compare import compare  # noqa: PLC0415

    found = compare(load_pack(old), load_pack(new))
    show.changes(found, shape.value, Talk(lang))
    return 1 if found.changes else 0
