"""What a spreadsheet shows for a number, by the format of the cell; each can be typed into Excel and compared."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.readers._cell_formats import shown_as

ACCOUNTING = '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ '


@pytest.mark.parametrize(
    ("value", "code", "text", "number", "unit"),
    [
        (3, '0.00"亩"', "3亩", "3", "亩"),
        (3.5, '#,##0.00"公顷"', "3.5公顷", "3.5", "公顷"),
        (3, '0"万㎡"', "3万㎡", "3", "万㎡"),
        (3, "0.00\\m\\²", "3m²", "3", "m²"),
        (3, 'General"亩"', "3亩", "3", "亩"),
        (-3, '0"亩";\\-0"亩"', "-3亩", "-3", "亩"),
        (0.85, "0%", "85%", "85", "%"),
        (0.853, "0.0%", "85.3%", "85.3", "%"),
        (300, '"¥"#,##0.00', "¥300", "300", "¥"),
        (300, "[$¥-804]#,##0", "¥300", "300", "¥"),
        # Thousands by a comma behind the last digit: 1234 is shown as 1.234, and nothing says of what.
        (1234, "0.0,", "1.234", "", ""),
        (12345, '0!.0,"万元"', "12345元", "12345", "元"),
        (7, "000", "007", "7", ""),
        (1, '0"号楼"', "1号楼", "1", "号楼"),
        (101101, "0-00-000", "1-01-101", "", ""),
        (5, ";;;", "", "", ""),
        (0, "0;-0;;@", "", "", ""),
        (0, '0;-0;"无"', "无", "", ""),
        (1, '[=1]"是";[=0]"否"', "是", "", ""),
        ("101", '@"室"', "101室", "", "室"),
        (dt.date(1998, 5, 1), 'yyyy"年"', "1998年", "", ""),
        (dt.date(1998, 5, 1), "mmm-yy", "1998年5月", "", ""),
        (dt.date(1998, 5, 1), 'yyyy"年"m"月";@', "1998年5月", "", ""),
    ],
)
def test_what_is_shown(value, code, text, number, unit):
    shown = shown_as(value, code)
    assert (shown.text, shown.number, shown.unit) == (text, number, unit)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (3, "General"),
        (3, "0.00"),
        (1234.5, "#,##0.00"),
        (1234.5, ACCOUNTING),
        (-5, ACCOUNTING),
        (0, ACCOUNTING),
        (-3, "0.00_);[Red](0.00)"),
        (12, "0.00E+00"),
        (0.5, "# ?/?"),
        # Divided by ten thousand, and the word for it beside the number: what is shown is the number.
        (12345, '0!.0000"万"'),
        (20000, '[>=10000]0!.0,"万";0'),
        (200, '[>=10000]0!.0,"万";0'),
        (1234, '0.0,"千"'),
        (True, '0"亩"'),
        (math.nan, '0"亩"'),
        (1e20, '0"亩"'),
        ("text", '0"亩"'),
        (dt.date(1998, 5, 1), "yyyy-mm-dd"),
        (dt.date(1998, 5, 1), 'yyyy"年"m"月"d"日";@'),
        (dt.time(8, 30), "hh:mm"),
    ],
)
def test_what_is_shown_as_it_is(value, code):
    assert shown_as(value, code) is None


@given(
    st.one_of(st.integers(), st.floats(), st.text(max_size=5)),
    st.text(alphabet='0#?.,%;"\\![]<>=_*@E+-亩万 $/', max_size=20),
)
def test_no_format_fails(value, code):
    shown = shown_as(value, code)
    assert shown is None or isinstance(shown.text, str)


@given(st.integers(0, 10**9))
def test_digits_of_ids_are_all_shown(value):
    shown = shown_as(value, "0-00-000")
    assert int(shown.text.replace("-", "")) == value
