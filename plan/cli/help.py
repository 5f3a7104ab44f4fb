"""Help pages in the language asked for, and without a word lost: the parser's own words are English.

Chinese knows no spaces, so that a sentence is one word to the library that lays out the tables, and one that is too
long ends in an ellipsis there unless it may be folded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plan.messages import Message, translate

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["dress_help"]

_HELP: Final = "Show this message and exit."  # what the parser says of --help


def dress_help(lang: str) -> None:
    """Let help pages speak a language.

    Parameters
    ----------
    lang : {"zh", "en"}
        The language.
    """
    from typer import rich_utils  # noqa: PLC0415 - imports rich

    def said(name: str, **params: object) -> str:
        return translate(Message(f"cli.{name}", **params), lang)

    class Folding(type(rich_utils.highlighter)):  # type: ignore[misc]
        """Marks options in a text as before, and lets it fold anywhere."""

        def highlight(self, text: Text) -> None:
            if text.plain == _HELP:
                text.plain = said("help_help")
            text.overflow = "fold"
            super().highlight(text)

    rich_utils.highlighter = Folding()
    rich_utils.ARGUMENTS_PANEL_TITLE = said("panel_arguments")
    rich_utils.OPTIONS_PANEL_TITLE = said("panel_options")
    rich_utils.COMMANDS_PANEL_TITLE = said("panel_commands")
    rich_utils.DEFAULT_STRING = said("help_default", value="{}")
    rich_utils.REQUIRED_LONG_STRING = said("help_required")
