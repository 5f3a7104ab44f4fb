"""What the page of a hearing reads like: what differs, then the findings, then the other tables; on a phone row by row."""

from __future__ import annotations

import lxml.html
from report_cases import BOTH

from plan.reports import to_html
from plan.tables import Table

SENTENCE = "消防车道旁剩余净宽 5.292 米，要求 4 米，富余 1,292 毫米，其余是车道与井道之间的空地"
CHANGES = Table(title="现状与方案", heads=("规则", "现状", "方案"), rows=(("R-1", "不符合", "符合"),))
FIGURES = Table(
    title="生活圈", heads=("类别", "5 分钟", "10 分钟"), rows=(("药店", "10%", "20%"),), numeric=(1, 2)
)
WORDS = Table(title="原因", heads=("楼栋", "甲", "乙"), rows=(("B01", SENTENCE, "1"),), numeric=(1, 2))


def sections(**more: str) -> list[lxml.html.HtmlElement]:
    page = lxml.html.fromstring(to_html(BOTH, tables=(CHANGES, FIGURES, WORDS), **more))
    return [s for s in page.iter("section") if s.get("class") in ("more", "site")]


def test_the_first_table_is_read_before_the_findings_and_the_others_after() -> None:
    assert [s.get("id") for s in sections()] == ["t1", "s1", "s2", "t2", "t3"]


def test_of_one_site_all_tables_come_first() -> None:
    page = lxml.html.fromstring(to_html(BOTH[:1], tables=(CHANGES, FIGURES)))
    shown = [s.get("id") for s in page.iter("section") if s.get("class") in ("more", "site")]
    assert shown == ["t1", "t2", "s1"]


def test_words_are_cards_on_a_phone_and_figures_stay_a_table() -> None:
    by_id = {s.get("id"): s for s in sections()}
    cards = {i: bool(by_id[i].find_class("cards")) for i in ("t1", "t2", "t3")}
    assert cards == {"t1": True, "t2": False, "t3": True}
    assert [cell.get("data-head") for cell in by_id["t1"].iter("td")] == ["规则", "现状", "方案"]
    assert [cell.get("data-head") for cell in by_id["t2"].iter("td")] == [None] * 3


def test_a_heading_may_be_given() -> None:
    assert "<h1>青山新村 &lt;b&gt;</h1>" in to_html(BOTH, title="青山新村 <b>")
