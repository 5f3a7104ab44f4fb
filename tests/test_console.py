from __future__ import annotations

import pytest

from plan.console import expand_lists, language


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
