from __future__ import annotations

import re

from report_cases import BOTH

from plan.reports import to_html
from plan.tables import Table


def page(*cells: str | None, bars: tuple[int, ...] = (1,)) -> str:
    rows = tuple((f"r{n}", cell) for n, cell in enumerate(cells))
    return to_html(BOTH, lang="en", tables=[Table(title="t", heads=("a", "b"), rows=rows, bars=bars)])


def test_a_percentage_has_a_bar_as_long_as_itself_and_is_written_beside_it() -> None:
    found = page("81.5%", "0.0%", "100.0%")
    assert re.findall(r'class="part" width="([^"]+)"', found) == ["81.5", "0", "100"]
    assert all(f">{text}</span>" in found for text in ("81.5%", "0.0%", "100.0%"))


def test_what_is_no_percentage_has_none() -> None:
    found = page(None, "12", '1%"><script>', "∞%")
    assert '<svg class="bar"' not in found
    assert "<script>" not in found
    assert '<svg class="bar"' not in page("50%", bars=())


def test_more_than_all_does_not_leave_the_box() -> None:
    assert 'width="100" height="10"/></svg>' in page("120%")
