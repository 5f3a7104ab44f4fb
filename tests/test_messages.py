from __future__ import annotations

import ast
import pickle
import string
from pathlib import Path

import pytest

from plan import messages
from plan.messages import LANGUAGES, Bilingual, Message, translate


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", messages.keys())
def test_both_languages_say_the_same(key: str) -> None:
    zh, en = (messages.template(key, lang) for lang in LANGUAGES)
    assert zh.strip()
    assert en.strip()
    # {zh} is the Chinese name of a column, of use in Chinese sentences only.
    assert placeholders(zh) - {"zh"} == placeholders(en) - {"zh"}


def test_every_literal_key_has_a_text(root: Path) -> None:
    known = set(messages.keys())
    used: set[str] = set()
    for module in (root / "plan").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            is_call = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message"
            if is_call and node.args and isinstance(node.args[0], ast.Constant):
                used.add(str(node.args[0].value))
    used.discard("area.key")
    assert used - known == set()


def test_a_message_reads_as_chinese_and_turns_english() -> None:
    message = Message("reason.sentence", code="missing_data", detail=Message("status.met"))
    assert message == "missing_data: 符合"
    assert message.to("en") == "missing_data: met"


def test_a_message_survives_another_process() -> None:
    message = pickle.loads(pickle.dumps(Message("status.not_met")))  # noqa: S301 - our own bytes
    assert message.to("en") == "not met"


def test_braces_in_data_are_shown_as_they_are() -> None:
    message = Message("files.is_folder", path="{0.__class__}{{7*7}}")
    assert "{0.__class__}{{7*7}}" in message


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"nothing\.here"):
        Message("nothing.here")


def test_plain_text_is_left_alone() -> None:
    assert translate("小区", "en") == "小区"
    assert translate(Bilingual("小区", "estate"), "en") == "estate"
