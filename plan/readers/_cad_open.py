"""Opening a drawing: what kind of file it is, in which encoding its texts are, and whether it is whole."""

from __future__ import annotations

import codecs
import io
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ezdxf import recover
from ezdxf.document import Drawing
from ezdxf.filemanagement import read, readfile
from ezdxf.lldxf.const import DXFError
from ezdxf.lldxf.tagger import binary_tags_loader
from ezdxf.tools.codepage import toencoding

from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._cad_counts import miscounted, tags_of
from plan.readers.encodings import decide
from plan.text_safety import plain

__all__ = ["DWG", "OpenedDrawing", "is_drawing", "open_drawing"]

DWG: Final = re.compile(rb"AC(?:10|1\.|2\.)[0-9]{1,2}")  # how every DWG begins, from AutoCAD 2.0 on
_BINARY: Final = b"AutoCAD Binary DXF\r\n\x1a\x00"
_TEXT: Final = re.compile(rb"(?:\s*999\r?\n[^\n]*\n)*\s*0\r?\n\s*SECTION")
_HEADER: Final = re.compile(rb"\$(ACADVER|DWGCODEPAGE)\s*\n\s*[13]\s*\n\s*([^\r\n]*)")
_CODE: Final = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_OLD_CODE: Final = re.compile(r"\\M\+([1-5])([0-9A-Fa-f]{4})")
_PAGES: Final = {1: "cp932", 2: "big5", 3: "cp949", 4: "johab", 5: "gbk"}  # DXF Reference: \M+nxxxx
_PAGE: Final = re.compile(rb"(\$DWGCODEPAGE\s*\n\s*3\s*\n)[^\r\n]*")
_PADDED: Final = re.compile(rb"\n\s*SECTION[ \t]+\r?\n")
_TRAILING: Final = re.compile(rb"[ \t]+(?=\r?\n)")
_UTF8_FROM: Final = "AC1021"  # AutoCAD 2007: text is UTF-8 from here on, in the local code page before
_LARGEST: Final = 100 * 1024 * 1024  # bytes; a drawing takes some ten times as much memory
_LOOKED_AT: Final = 200_000  # bytes of the file in which its header stands
_LONGEST: Final = 200  # characters of another program's own words

# What the library would print of a broken file is told as a problem, in the user's language.
logging.getLogger("ezdxf").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenedDrawing:
    """A drawing in memory, and how its text was read."""

    drawing: Drawing
    encoding: str
    version: str  # as AutoCAD calls it, such as R2007
    mended: bool = False  # its structure was broken: what it draws may not be what was drawn
    miscounted: frozenset[str] = frozenset()  # handles of what has not as many corners as it says


def is_drawing(head: bytes, suffix: str) -> bool:
    """Tell from its first bytes and its ending whether a file is a drawing, DXF or DWG."""
    if suffix in (".dxf", ".dwg"):
        return True
    return head.startswith(_BINARY) or bool(DWG.match(head) or _TEXT.match(head))


def open_drawing(path: Path, found: ProblemList, *, encoding: str | None) -> OpenedDrawing | None:
    """Open a DXF file without trusting it.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    found : ProblemList
        Where problems are noted: PLAN-CAD-001 a DWG, PLAN-SEC-002 too large, PLAN-FILE-001 broken or cut short,
        PLAN-CAD-002 mended on opening, PLAN-ENC-001 and 002 how its text was read.
    encoding : str or None
        What the user says that its text is encoded in.

    Returns
    -------
    OpenedDrawing or None
        None when it cannot be used; a problem then says why.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(len(_BINARY))
    if DWG.match(head) or path.suffix.casefold() == ".dwg":
        found.add("PLAN-CAD-001", "error", "refused", Message("cad.dwg"))
        return None
    if size > _LARGEST:
        found.add("PLAN-SEC-002", "error", "refused", Message("cad.large", mb=_LARGEST >> 20))
        return None
    try:
        if head.startswith(_BINARY):
            drawing = readfile(path)
            drawing.modelspace()  # a drawing without one is broken, which the library says when it is asked for
            wrong = miscounted((tag.code, tag.value) for tag in binary_tags_loader(path.read_bytes()))
            return OpenedDrawing(
                drawing=drawing,
                encoding=drawing.encoding,
                version=drawing.acad_release,
                mended="" in wrong,
                miscounted=wrong,
            )
        return _open_text(path.read_bytes(), found, encoding)
    except Exception as error:  # noqa: BLE001 - whatever the library fails with is a fact about the file
        _refuse(found, f"{type(error).__name__}: {error}")
        return None


def _open_text(data: bytes, found: ProblemList, given: str | None) -> OpenedDrawing | None:
    # What editors of text put before a file, and what other programs put behind its lines, is no flaw of the drawing.
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16").encode()
    data = data.removeprefix(codecs.BOM_UTF8)
    if _PADDED.search(data, 0, _LOOKED_AT):
        data = _TRAILING.sub(b"", data)
    if not data.rstrip().endswith(b"EOF"):
        found.add("PLAN-FILE-001", "error", "refused", Message("cad.cut"))
        return None
    encoding = _encoding(data, found, given)
    if encoding is None:
        return None
    text = _CODE.sub(_character, data.decode(encoding))
    text = _OLD_CODE.sub(_old_character, text)
    mended = False
    try:
        # No audit: it removes objects of other programs, which are to be counted and told.
        drawing = read(io.StringIO(text, newline=None))
        drawing.modelspace()  # a drawing without one is broken, which the library says when it is asked for
    except (DXFError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        drawing, flaws = _recovered(data, encoding)
        mended = True
        found.add("PLAN-CAD-002", "error", "degraded", Message("cad.mended", count=flaws + 1))
    wrong = miscounted(tags_of(text))
    return OpenedDrawing(
        drawing=drawing,
        encoding=encoding,
        version=drawing.acad_release,
        mended=mended or "" in wrong,  # without a handle it may be any
        miscounted=wrong,
    )


def _character(code: re.Match[str]) -> str:
    r"""Return the character of a code such as ``\U+5065``, by which Western programs write Chinese names."""
    number = int(code[1], 16)
    # Lines and halves of characters stay codes: they would break the file or the text.
    return chr(number) if chr(number).isprintable() else code[0]


def _old_character(code: re.Match[str]) -> str:
    r"""Return the character of a code such as ``\M+5B2E3``: two bytes of a code page of East Asia."""
    try:
        made = bytes.fromhex(code[2]).decode(_PAGES[int(code[1])])
    except UnicodeDecodeError:
        return code[0]
    return made if len(made) == 1 and made.isprintable() else code[0]


def _encoding(data: bytes, found: ProblemList, given: str | None) -> str | None:
    header = {key.decode(): value.decode("ascii", "replace").strip() for key, value in _HEADER.findall(
        data[:_LOOKED_AT].replace(b"\r\n", b"\n")
    )}  # fmt: skip
    old = header.get("ACADVER", "AC1009") < _UTF8_FROM
    page = header.get("DWGCODEPAGE", "")
    declared = toencoding(page) if old and page else None if old else "utf-8"
    notes = ProblemList(path=found.path)
    decided = decide([(data, False)], declared=declared, given=given, found=notes)
    for note in notes.problems:
        lie = note.id == "PLAN-ENC-002" and note.effect == "repaired"
        # A .cpg file, of which the note of other formats speaks, is nothing that a drawing has.
        message = (
            Message("cad.encoding_lie", said=plain(page or "UTF-8"), encoding=decided)
            if lie
            else Message(note.message.key, **note.message.params)  # type: ignore[attr-defined]  # a Message
        )
        found.add(note.id, note.severity, note.effect, message)
    return decided


def _recovered(data: bytes, encoding: str) -> tuple[Drawing, int]:
    """Read a drawing whose structure is broken, as far as it goes; and count what was wrong."""
    if encoding == "GB18030":
        data = _PAGE.sub(rb"\g<1>ANSI_936", data.replace(b"\r\n", b"\n"))
    drawing, audit = recover.read(io.BytesIO(data))
    return drawing, len(audit.errors)


def _refuse(found: ProblemList, why: str) -> None:
    message = Message("cad.broken", why=plain(why)[:_LONGEST])
    found.add("PLAN-FILE-001", "error", "refused", message)
