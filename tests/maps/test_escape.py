from __future__ import annotations

import json
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Template

from plan.maps.escape import embed, plain, safe, spreadsheet, terminal

HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from("{}%$`\\<>&\"'/=+-@\x1b\x00\u2028\u2029\u202e\u200b\ufeff\ud800\n\r\t；楼"),
        st.characters(),
    )
)


def shown(markup: str) -> str:
    from html.parser import HTMLParser

    class Text(HTMLParser):
        def __init__(self) -> None:
            super().__init__(convert_charrefs=True)
            self.text = ""
            self.tags = 0

        def handle_data(self, data: str) -> None:
            self.text += data

        def handle_starttag(self, *_tag: object) -> None:
            self.tags += 1

    parser = Text()
    parser.feed(markup)
    parser.close()
    assert parser.tags == 0
    return parser.text


@given(HOSTILE)
def test_safe_reads_verbatim_and_opens_no_tag(text: str) -> None:
    assert shown(safe(text)) == plain(text)


@given(HOSTILE)
def test_safe_has_no_character_that_a_template_or_a_literal_obeys(text: str) -> None:
    assert not set("<>\"'`${}%\\\n\r\u2028\u2029") & set(safe(text))


@given(HOSTILE)
def test_safe_survives_two_passes_through_jinja(text: str) -> None:
    once = Template(safe(text)).render()
    assert Template(once).render() == safe(text)


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "{% raw %}", "{# x #}"])
def test_unescaped_the_same_text_would_be_evaluated(text: str) -> None:
    # What the test above guards against is real.
    try:
        rendered = Template(text).render()
    except Exception:  # noqa: BLE001 - a template error is one way of being evaluated
        return
    assert rendered != text


@given(HOSTILE)
def test_plain_hides_nothing(text: str) -> None:
    out = plain(text)
    assert plain(out) == out
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c not in "\n\r\t" for c in out)
    out.encode("utf-8")


def test_plain_shows_bidirectional_overrides() -> None:
    assert plain("12\u202e号楼") == "12<U+202E>号楼"
    assert plain("a\x00b") == "a<U+0000>b"
    assert plain("上\u2028下") == "上 下"
    assert plain("堃喆 12#楼（东）") == "堃喆 12#楼（东）"


@given(HOSTILE)
def test_terminal_is_one_line_without_control(text: str) -> None:
    out = terminal(text)
    assert "\x1b" not in out
    assert "\n" not in out
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066" for c in out)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31m红\x1b[0m", "红"),
        ("\x1b]0;标题\x07楼", "楼"),
        ("\x1b]8;;http://x\x1b\\字\x1b]8;;\x1b\\", "字"),
        ("\x9b2J楼", "楼"),
        ("甲\r\n乙\t丙", "甲 乙 丙"),
        ("abc\u202ecba", "abccba"),
    ],
)
def test_terminal_takes_escape_codes_away(text: str, expected: str) -> None:
    assert terminal(text) == expected


@given(HOSTILE)
def test_spreadsheet_cells_never_begin_a_formula(text: str) -> None:
    cell = spreadsheet(text)
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert cell.removeprefix("'") == plain(text) or cell == plain(text)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1"])
def test_spreadsheet_marks_formulas_as_text(text: str) -> None:
    assert spreadsheet(text) == "'" + plain(text)


def test_spreadsheet_leaves_names_alone() -> None:
    assert spreadsheet("12号楼") == "12号楼"
    assert spreadsheet("a=b") == "a=b"


@given(st.dictionaries(HOSTILE.map(plain), HOSTILE.map(plain)))
def test_embed_can_be_read_back_and_closes_no_block(data: dict[str, str]) -> None:
    out = embed(data)
    assert json.loads(out) == data
    assert not set("<>&\u2028\u2029") & set(out)


def test_embed_refuses_numbers_that_json_has_not() -> None:
    with pytest.raises(ValueError, match="JSON"):
        embed(float("nan"))


def test_safe_passes_ordinary_text() -> None:
    ordinary = string.ascii_letters + string.digits + " .,:;-_()（）《》〔〕楼栋"
    assert safe(ordinary) == ordinary
