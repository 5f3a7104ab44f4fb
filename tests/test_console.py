from __future__ import annotations

import pytest

from plan.cli import main
from plan.console import expand_lists, language, usage


@pytest.mark.parametrize(
    ("arguments", "lang"),
    [
        ([], "zh"),
        (["check", "--lang", "en"], "en"),
        (["--lang=en"], "en"),
        (["--lang", "fr"], "zh"),
        (["--lang"], "zh"),
    ],
)
def test_the_language_is_known_before_options_are_parsed(arguments: list[str], lang: str) -> None:
    assert language(arguments) == lang


@pytest.mark.parametrize(
    ("arguments", "expanded"),
    [
        (
            ["reach", "a", "--minutes", "5", "10", "15", "-o", "b"],
            ["reach", "a", "--minutes", "5", "--minutes", "10", "--minutes", "15", "-o", "b"],
        ),
        (["reach", "--minutes", "5", "a.gpkg"], ["reach", "--minutes", "5", "a.gpkg"]),
        (["reach", "--minutes"], ["reach", "--minutes"]),
        (["reach", "--minutes", "x"], ["reach", "--minutes", "x"]),
        (["reach", "a"], ["reach", "a"]),
    ],
)
def test_a_list_behind_an_option_is_written_out(arguments: list[str], expanded: list[str]) -> None:
    assert expand_lists(arguments, ("--minutes",)) == expanded


def test_a_list_may_begin_with_a_sign() -> None:
    expanded = expand_lists(["--minutes=5", "10", "x.gpkg"], ["--minutes"])
    assert expanded == ["--minutes", "5", "--minutes", "10", "x.gpkg"]


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        (["check", "x"], "缺少 --rules"),
        (["check", "x", "--rules"], "--rules 后面要有一个值"),
        (["check", "x", "--ruels", "a"], "没有选项 --ruels"),
        (["chek"], "没有命令“chek”"),
        (["check", "x", "--rules", "a", "-o", ""], "-o 后面要有一个值"),
        (["reach", "x", "--mapping", "a"], "请先 plan import 来源… --mapping …"),
        (["map", "a", "b", "-o", "c"], "多出了“b”"),
        (["check", "x", "--rules", "a", "--jobs", "0"], "--jobs"),
    ],
)
def test_what_the_parser_says_is_said_in_chinese(
    typed: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed) == 2
    said = capsys.readouterr().err
    assert named in said
    assert not any(word in said for word in ("Missing", "No such", "requires", "unexpected", "Invalid"))


@pytest.mark.parametrize(
    ("said", "zh"),
    [
        (
            "Invalid value for '--jobs' / '-j': Input should be greater than or equal to 1",
            "--jobs / -j 的值不能用（至少为 1）",
        ),
        (
            "Invalid value for '--minutes': Input should be a valid number, unable to parse string as a number",
            "应为数值",
        ),
        (
            "Invalid value for '--format': Value error, 'pdf' is not one of 'text', 'json'.",
            "“pdf”不在可选值之中：text, json",
        ),
    ],
)
def test_what_the_parser_says_of_a_value_is_told_in_chinese(said, zh) -> None:
    assert zh in usage(said).to("zh")
