"""A word of a text: whole in English, anywhere in Chinese."""

from __future__ import annotations

import pytest

from plan.words import says


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("cargo", ("car",), False),
        ("scar", ("car",), False),
        ("Car", ("car",), True),
        ("cars", ("car",), True),
        ("e-car/3", ("car",), True),
        ("car2go", ("car",), True),
        ("seventh", ("ev",), False),
        ("EV充电", ("ev",), True),
        ("地下停车位", ("车位",), True),
        ("车", ("车位",), False),
        ("non residential", ("non residential",), True),
        ("a.b", ("a+b",), False),
        ("", ("car",), False),
        ("car", (), False),
    ],
)
def test_english_words_are_whole_and_chinese_ones_parts(text, words, found) -> None:
    assert says(text, words) is found
