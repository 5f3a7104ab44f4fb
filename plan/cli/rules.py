"""Commands about rule packs: ``plan rules list|show|validate|diff``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plan.cli.options import LANG_DEFAULT, FormatOption, LangOption, OnOption, Shape, t
from plan.console import Talk
from plan.messages import Message

if TYPE_CHECKING:
    from plan.rules import RulePack

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
    examples: Annotated[
        Path | None, typer.Option("--examples", help=t("help_pack_examples"), metavar="FILE")
    ] = None,
    lang: LangOption = LANG_DEFAULT,
) -> int:
    """Say whether packs are written as they should be; 1 when an example comes out otherwise, 2 when a file is wrong."""
    from plan.errors import RulePackError, UsageError  # noqa: PLC0415 - help must be quick
    from plan.rules import load_pack  # noqa: PLC0415

    talk = Talk(lang)
    if examples is not None and len(files) > 1:
        raise UsageError(Message("examples.one_pack"))
    code = 0
    for file in files:
        try:
            loaded = load_pack(file)
        except RulePackError as error:
            if str(file) not in str(error):  # the mistake is in a pack that it extends
                talk.say(str(file), style="bold red")
            talk.error(error)
            code = 2
        else:
            _say_valid(file, loaded, talk)
            if examples is not None:
                code = _try(loaded, examples, talk)
    return code


def _say_valid(file: Path, pack: RulePack, talk: Talk) -> None:
    """Say how many rules a pack has, and what of it a person should compare with the clauses."""
    from plan.rules.quoted import own_categories, unquoted_figures  # noqa: PLC0415 - help must be quick

    own = sum(rule.pack == pack.id for rule in pack.rules)
    counts = {"own": own, "inherited": len(pack.rules) - own}
    talk.say(Message("cli.pack_valid", path=str(file), id=pack.id, **counts), style="green")
    for rule, figures in unquoted_figures(pack).items():
        talk.say(Message("cli.pack_unquoted", rule=rule, figures=figures), style="yellow")
    for rule, names in own_categories(pack).items():
        talk.say(Message("cli.pack_own_category", rule=rule, names=names), style="yellow")


def _try(pack: RulePack, path: Path, talk: Talk) -> int:
    """Try the examples of a pack; 1 when one comes out otherwise than it says."""
    from plan.errors import RulePackError  # noqa: PLC0415 - help must be quick
    from plan.examples import try_examples, without_examples  # noqa: PLC0415
    from plan.rules.examples import load_examples  # noqa: PLC0415

    examples = load_examples(path)
    try:
        wrong = [trial for trial in try_examples(pack, examples) if not trial.passed]
    except RulePackError as error:
        raise error.of_file(str(path)) from None
    for trial in wrong:
        talk.say(Message("examples.one", name=trial.example.name, why=trial.differs), style="red")
    lacking = without_examples(pack, examples)
    if lacking:
        talk.say(Message("examples.without", ids=lacking), style="yellow")
    counts = {"path": str(path), "count": len(examples), "wrong": len(wrong)}
    if wrong:
        talk.say(Message("examples.failed", **counts), style="bold red")
        return 1
    talk.say(Message("examples.passed", rules=len({e.rule for e in examples}), **counts), style="green")
    return 0


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
