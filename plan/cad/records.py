"""What a drawn thing stands for: layer, row and columns, kept as XDATA of the drawn lines.

AutoCAD shows it with XDLIST, and keeps it when lines are copied, moved or saved again. What the 16 KB of XDATA do not
hold goes into an XRECORD of the entity; what a drawing is as a whole, into one of the drawing's dictionary.

References
----------
Autodesk, DXF Reference, "Extended data": group codes 1000 text, 1002 braces, 1040 real, 1070 and 1071 integers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from ezdxf.document import Drawing
from ezdxf.entities.dictionary import Dictionary
from ezdxf.entities.dxfentity import DXFEntity
from ezdxf.entities.dxfobj import XRecord

from plan.cad.layers import Change
from plan.cad.texts import escape, pieces, unescape
from plan.files import MARKS

__all__ = ["APPID", "Record", "plain_value", "read_about", "read_record", "write_about", "write_record"]

APPID: Final = MARKS[".dxf"]
_ABOUT_FORMAT: Final = "plan.dxf/1"
_FORMAT: Final = "plan.dxf/2"
_OLD_FORMAT: Final = "plan.dxf/1"  # of records that do not say of how many pieces a row is
_ROOM: Final = 12_000  # bytes of XDATA that values may take; all applications share 16 KB
_ABOUT: Final = "SITE"
_INT: Final = 2**31  # beyond it a whole number is no 32-bit one
_TEXT, _BRACE, _REAL, _FLAG, _WHOLE = 1000, 1002, 1040, 1070, 1071
# The same values in an XRECORD, where other group codes stand for the same types.
_XRECORD: Final = {_TEXT: 1, _BRACE: 102, _REAL: 40, _FLAG: 290, _WHOLE: 90}
_XDATA: Final = {code: xdata for xdata, code in _XRECORD.items()}

Role = Literal["shell", "hole", "line", "point", "note"]
Value = str | int | float | bool
_ROLES: Final = ("shell", "hole", "line", "point", "note")
_CHANGES: Final = ("", "new", "removed")
_Tag = tuple[int, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one entity of a drawing is.

    Parameters
    ----------
    layer : str
        A layer of the contract; empty for what is no row of one.
    row : int
        The 1-based row. Entities with the same layer, change and row are one shape together.
    role : {"shell", "hole", "line", "point", "note"}
        Which part of the shape it is; a note is none.
    part : int
        The 0-based part of a shape of several parts; holes name the part that they lie in.
    change : {"", "new", "removed"}
        ``new`` or ``removed`` in a drawing that shows a proposal.
    pieces : int
        Of how many entities the shape is; 0 where a record does not say it. What was deleted later is told by it.
    columns : mapping
        The columns of the row; on its first entity only.
    """

    layer: str
    row: int
    role: Role
    part: int = 0
    change: Change = ""
    pieces: int = 0
    columns: Mapping[str, Value] = field(default_factory=dict)


def write_record(entity: DXFEntity, record: Record) -> None:
    """Keep a record with an entity."""
    head: list[_Tag] = [
        (_TEXT, _FORMAT),
        (_TEXT, record.layer),
        (_TEXT, record.role),
        (_TEXT, record.change),
        (_WHOLE, record.row),
        (_WHOLE, record.part),
        (_WHOLE, record.pieces),
    ]
    tags = _tags(record.columns)
    if sum(len(str(value).encode()) + 4 for _, value in tags) > _ROOM:
        extra = entity.new_extension_dict().add_xrecord(APPID)
        extra.reset([(_XRECORD[code], value) for code, value in tags])
        tags = []
    entity.set_xdata(APPID, [*head, *tags])


def read_record(entity: DXFEntity) -> Record | None:
    """Return the record that an entity carries; None where it carries none that can be understood."""
    if not entity.has_xdata(APPID):
        return None
    tags = [(int(tag.code), tag.value) for tag in entity.get_xdata(APPID)]
    numbers = {_OLD_FORMAT: 2, _FORMAT: 3}.get(str(tags[0][1]) if tags else "", 0)
    head, rest = tags[: 4 + numbers], tags[4 + numbers :]
    if not numbers or [code for code, _ in head] != [_TEXT] * 4 + [_WHOLE] * numbers:
        return None
    _, layer, role, change, row, part, pieces = (*(value for _, value in head), 0)[:7]
    if role not in _ROLES or change not in _CHANGES:
        return None
    if entity.has_extension_dict:
        extra = entity.get_extension_dict().get(APPID)
        if isinstance(extra, XRecord):
            rest += [(_XDATA.get(int(tag.code), 0), tag.value) for tag in extra.tags]
    return Record(
        layer=str(layer),
        row=int(row),
        role=role,
        part=int(part),
        change=change,
        pieces=int(pieces),
        columns=dict(_columns(rest)),
    )


def write_about(drawing: Drawing, about: Mapping[str, Any]) -> None:
    """Keep plain data about a drawing as a whole."""
    drawing.appids.add(APPID)
    home = drawing.rootdict.get_required_dict(APPID)
    text = json.dumps({"schema": _ABOUT_FORMAT, **about}, ensure_ascii=False, allow_nan=False)
    home.add_xrecord(_ABOUT).reset([(1, piece) for piece in pieces(escape(text))])


def read_about(drawing: Drawing) -> dict[str, Any]:
    """Return the plain data about a drawing; nothing where it is another's."""
    home = drawing.rootdict.get(APPID)
    record = home.get(_ABOUT) if isinstance(home, Dictionary) else None
    if not isinstance(record, XRecord):
        return {}
    try:
        about = json.loads(unescape("".join(str(tag.value) for tag in record.tags if tag.code == 1)))
    except (ValueError, RecursionError):
        return {}
    return about if isinstance(about, dict) and about.get("schema") == _ABOUT_FORMAT else {}


def plain_value(value: object) -> Value | None:
    """Return a cell as text, number or flag; None where it is missing."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return None if math.isnan(value) else float(value)
    return str(value)


def _tags(values: Mapping[str, Value]) -> list[_Tag]:
    tags: list[_Tag] = []
    for name, value in values.items():
        tags += _text_tags(name)
        if isinstance(value, bool):
            tags.append((_FLAG, int(value)))
        elif isinstance(value, int) and -_INT <= value < _INT:
            tags.append((_WHOLE, value))
        elif isinstance(value, float) and math.isfinite(value):
            tags.append((_REAL, value))
        else:
            tags += _text_tags(str(value))
    return tags


def _text_tags(text: str) -> list[_Tag]:
    parts = pieces(escape(text))
    if len(parts) == 1:
        return [(_TEXT, parts[0])]
    return [(_BRACE, "{"), *((_TEXT, part) for part in parts), (_BRACE, "}")]


def _columns(tags: Sequence[_Tag]) -> Iterator[tuple[str, Value]]:
    cells = list(_cells(tags))
    for name, value in zip(cells[::2], cells[1::2], strict=False):
        if isinstance(name, str):
            yield name, value


def _cells(tags: Sequence[_Tag]) -> Iterator[Value]:
    """Yield names and values in turn; a text of several pieces stands between braces."""
    open_: list[str] | None = None
    for code, value in tags:
        if code == _BRACE:
            if open_ is not None:
                yield unescape("".join(open_))
            open_ = [] if value == "{" else None
        elif open_ is not None:
            open_.append(str(value))
        elif code == _TEXT:
            yield unescape(str(value))
        elif code == _FLAG:
            yield bool(value)
        elif code == _WHOLE:
            yield int(value)
        elif code == _REAL:
            yield float(value)
