"""What a drawing keeps comes back as it was, whatever it is; and what it shows is shown as it is."""

from __future__ import annotations

import io

import pytest
from ezdxf.filemanagement import read
from ezdxf.tools.text import plain_mtext, plain_text
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.cad.document import new_drawing, to_bytes, without_clock
from plan.cad.records import APPID, Record, read_about, read_record, write_about, write_record
from plan.cad.texts import escape, line, paragraph, pieces, unescape

HOSTILE = [
    "%%d%%c%%u",
    "\\U+4E2D",
    "{\\C1;红}",
    "a\\Pb",
    "^J^M",
    "%%%",
    "12%000A;",
    "楼\u202e",
    "\\M+5C0B4",
    "{",
    "}",
    "100%",
]
ANY = st.text(max_size=400)
CELLS = st.dictionaries(
    st.text(min_size=1, max_size=20),
    st.one_of(
        ANY, st.booleans(), st.integers(-(2**31), 2**31 - 1), st.floats(allow_nan=False, allow_infinity=False)
    ),
    max_size=6,
)


def written_and_read(record, about=None):
    with without_clock():
        drawing = new_drawing()
        write_about(drawing, about or {})
        write_record(drawing.modelspace().add_point((0, 0)), record)
        again = read(io.StringIO(to_bytes(drawing).decode("utf-8"), newline=None))
    return read_record(again.modelspace()[0]), read_about(again)


@settings(max_examples=40, deadline=None)
@given(columns=CELLS)
def test_columns_come_back(columns):
    record = Record(layer="buildings", row=3, role="shell", part=2, change="new", pieces=4, columns=columns)
    assert written_and_read(record)[0] == record


@settings(max_examples=200, deadline=None)
@given(text=ANY)
def test_an_escaped_text_is_one_line_and_comes_back(text):
    safe = escape(text)
    assert unescape(safe) == text
    assert not set(safe) & set("\n\r\x00\\^")
    assert "".join(pieces(safe)) == safe


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_come_back(text):
    record = Record(layer="buildings", row=1, role="shell", columns={text: text})
    assert written_and_read(record)[0] == record


def test_more_than_xdata_holds_comes_back():
    long = "一段很长的话，" * 4000  # 84 KB; XDATA ends at 16
    record = Record(layer="remarks", row=1, role="point", columns={"text": long, "kind": "other"})
    assert written_and_read(record)[0] == record


def test_every_piece_fits_a_string_of_xdata():
    assert max(len(p.encode()) for p in pieces("楼" * 1000 + "a" * 1000)) <= 255


def test_what_is_said_of_a_drawing_comes_back():
    said = {"name": "12\n楼\\U+4E2D", "columns": {"buildings": ["a", "b"]}}
    about = written_and_read(Record(layer="", row=0, role="note"), said)[1]
    assert {k: about[k] for k in said} == said


def test_a_record_of_another_form_is_none():
    drawing = new_drawing()
    drawing.appids.add(APPID)
    point = drawing.modelspace().add_point((0, 0))
    for tags in ([(1000, "x")], [(1000, "plan.dxf/1")] * 4 + [(1071, 1)] * 2, [(1071, 1)] * 9):
        point.set_xdata(APPID, tags)
        assert read_record(point) is None


@pytest.mark.parametrize("text", [t for t in HOSTILE if "\u202e" not in t])
def test_a_text_shows_verbatim(text):
    shown = plain_text(line(text))
    # The library does not decode character codes of TEXT; AutoCAD does, to a backslash.
    assert shown.replace("\\U+005C", "\\") == text


@pytest.mark.parametrize("text", [t for t in HOSTILE if "\u202e" not in t])
def test_a_paragraph_shows_verbatim(text):
    assert plain_mtext(paragraph(text)) == text


def test_what_hides_or_reorders_is_made_visible():
    assert line("楼\u202e\n1") == "楼<U+202E> 1"
    assert paragraph("楼\u202e") == "楼<U+202E>"


def test_a_record_that_does_not_say_of_how_many_pieces_a_row_is_is_read():
    drawing = new_drawing()
    drawing.appids.add(APPID)
    point = drawing.modelspace().add_point((0, 0))
    head = [(1000, "plan.dxf/1"), (1000, "buildings"), (1000, "point"), (1000, ""), (1071, 3), (1071, 0)]
    point.set_xdata(APPID, [*head, (1000, "floors"), (1071, 6)])
    assert read_record(point) == Record(layer="buildings", row=3, role="point", columns={"floors": 6})
