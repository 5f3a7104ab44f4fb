"""The table of a shapefile, read byte by byte: GDAL reads a cut Chinese column name as an error.

The layout is that of dBASE III as ESRI uses it ("ESRI Shapefile Technical Description", 1998, and
the dBASE file structure): a header of 32 bytes, 32 bytes for each field, then records of fixed length.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.encodings import decide, decode_value
from plan.schema import LAYERS
from plan.text_safety import plain

__all__ = ["DbfTable", "read_dbf"]

_HEADER: Final = 32  # bytes
_NAME: Final = 10  # bytes that a column name may have
_SHOWN: Final = 20  # rows that a message lists
_END_OF_FIELDS: Final = 0x0D
_LANGUAGE: Final = {0x4D: "GBK", 0x7A: "GBK", 0x4F: "BIG5", 0x78: "BIG5"}  # byte 29 of the header


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DbfTable:
    """The rows of a table, in file order, and how its text was read."""

    frame: pd.DataFrame
    encoding: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    name: bytes
    type: str
    length: int


def read_dbf(path: Path, *, declared: str | None, given: str | None, found: ProblemList) -> DbfTable | None:
    """Read the table of a shapefile.

    Parameters
    ----------
    path : pathlib.Path
        The ``.dbf`` file.
    declared : str or None
        What the ``.cpg`` says.
    given : str or None
        The encoding that the user names.
    found : ProblemList
        Where problems and the decision on the encoding are noted.

    Returns
    -------
    DbfTable or None
        None when it cannot be used; the problem then says why.
    """
    data = path.read_bytes()
    parsed = _header(data)
    if parsed is None:
        found.add("PLAN-FILE-001", "error", "refused", Message("readers.dbf_broken", file=path.name))
        return None
    fields, count, start, length, language = parsed
    whole = (len(data) - start) // length
    if whole < count:
        message = Message("readers.dbf_short", file=path.name, count=count, whole=whole)
        found.add("PLAN-FILE-001", "error", "refused", message)
        return None
    layout = np.dtype([("deleted", "S1"), *((f"f{i}", f"S{f.length}") for i, f in enumerate(fields))])
    records = np.frombuffer(data, dtype=layout, count=count, offset=start)
    texts = {i: np.char.rstrip(records[f"f{i}"], b" \x00") for i, f in enumerate(fields) if f.type == "C"}
    # The rows decide. Names only do where all rows are plain ASCII: a name may be cut inside a character.
    evidence = [
        (value, len(value) == fields[i].length)
        for i, column in texts.items()
        for value in column.tolist()
        if not value.isascii()
    ] or [(f.name, len(f.name) >= _NAME) for f in fields]
    encoding = decide(
        evidence, declared=declared or _LANGUAGE.get(language), given=given, found=found, cut=True
    )
    if encoding is None:
        return None
    names = _names([f.name for f in fields], encoding, found)
    _tell_overflown(names, fields, records, found)
    frame = pd.DataFrame(
        {i: _column(records[f"f{i}"], f, texts.get(i), encoding) for i, f in enumerate(fields)},
        index=range(count),
    )
    frame.columns = pd.Index(names, dtype=object)
    return DbfTable(frame=frame, encoding=encoding, rows=count)


def _tell_overflown(
    names: list[str], fields: list[_Field], records: np.ndarray[Any, Any], found: ProblemList
) -> None:
    """Tell numbers that were too wide for their column, which dBASE writes as stars."""
    for i, (name, field) in enumerate(zip(names, fields, strict=True)):
        if field.type not in "NFO":
            continue
        rows = tuple(
            int(r) + 1 for r in np.flatnonzero(np.char.startswith(np.char.strip(records[f"f{i}"]), b"*"))
        )
        if rows:
            message = Message("readers.dbf_stars", column=plain(name), rows=rows[:_SHOWN])
            found.add("PLAN-ATTR-002", "error", "degraded", message, column=plain(name), rows=rows)


def _header(data: bytes) -> tuple[list[_Field], int, int, int, int] | None:
    if len(data) < _HEADER:
        return None
    count, start, length = struct.unpack_from("<IHH", data, 4)
    fields: list[_Field] = []
    at = _HEADER
    while at + _HEADER <= min(start, len(data)) and data[at] != _END_OF_FIELDS:
        kind = chr(data[at + 11])
        width = data[at + 16] + (data[at + 17] << 8 if kind == "C" else 0)
        fields.append(_Field(name=data[at : at + 11].split(b"\x00")[0], type=kind, length=width))
        at += _HEADER
    sound = fields and all(f.length for f in fields) and 1 + sum(f.length for f in fields) == length
    return (fields, count, start, length, data[29]) if sound else None


def _names(raw: list[bytes], encoding: str, found: ProblemList) -> list[str]:
    """Decode the column names; a name cut at ten bytes becomes the one name that it can be cut from."""
    known = {n for layer in LAYERS.values() for c in layer.columns for n in (c.name, c.zh, *c.aliases)}
    names: list[str] = []
    cut: list[str] = []
    mended: list[str] = []
    for name in raw:
        strict = decode_value(name, encoding)
        text = strict if strict is not None else name.decode(encoding, errors="ignore")
        whole = {k for k in known if len(k.encode(encoding, "ignore")) > _NAME and k.startswith(text)}
        full = len(name) >= _NAME
        if full and text not in known and len(whole) == 1:
            mended.append(f"{text} → {next(iter(whole))}")
            text = next(iter(whole))
        elif strict is None:
            cut.append(text)
        names.append(text)
    colliding = sorted({n for n in cut if any(o != n and o[:2] == n[:2] for o in names)})
    if cut or mended:
        message = Message(
            "readers.names_cut" if cut else "readers.names_mended",
            columns=tuple(cut) or tuple(mended),
            mended=tuple(mended),
            colliding=tuple(colliding),
        )
        found.add("PLAN-SCHEMA-002", "warning", "repaired", message, column=(cut or mended)[0])
    return names


def _column(
    raw: np.ndarray[Any, Any], field: _Field, text: np.ndarray[Any, Any] | None, encoding: str
) -> pd.Series[Any]:
    if text is not None:
        decoded = [decode_value(v, encoding, full=True) for v in text.tolist()]
        return pd.Series([v.strip() or None if v else None for v in decoded], dtype=object)
    stripped = [v.decode("ascii", "replace") for v in np.char.strip(raw, b" \x00").tolist()]
    if field.type in "NFO":
        return _numbers(stripped)
    if field.type == "D":
        dates = [f"{v[:4]}-{v[4:6]}-{v[6:]}" if len(v) == 8 and v.isdigit() else v or None for v in stripped]  # noqa: PLR2004 - YYYYMMDD
        return pd.Series([None if d == "0000-00-00" else d for d in dates], dtype=object)
    if field.type == "L":
        return pd.Series([None if v in ("", "?") else v in "YyTt" for v in stripped], dtype=object)
    return pd.Series([v or None for v in stripped], dtype=object)


def _numbers(texts: list[str]) -> pd.Series[Any]:
    # A field of stars is how dBASE writes a number too wide for its column: it is not known.
    values = [None if not v or v.startswith("*") else v for v in texts]
    try:
        # Whole numbers stay whole: a parcel number of 18 digits does not fit into a float.
        return pd.Series([None if v is None else int(v) for v in values], dtype="Int64")
    except (ValueError, OverflowError):
        pass
    try:
        return pd.Series([None if v is None else float(v) for v in values], dtype="float64")
    except ValueError:
        return pd.Series(values, dtype=object)
