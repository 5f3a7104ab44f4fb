"""Files of XML that no reader takes, refused with what they are: virtual rasters, web pages, and those that declare entities."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from xml.parsers import expat

from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.foreign import refuse_foreign
from plan.text_safety import plain

__all__ = ["refuse_xml"]

_PAGE: Final = re.compile(
    rb"(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|meta|table|style)\b",
    re.IGNORECASE | re.DOTALL,
)


class _RootSeen(Exception):  # noqa: N818 - a signal, not an error
    """The root element was reached: no DOCTYPE can follow."""


def refuse_xml(path: Path, text: bytes, found: ProblemList) -> None:
    """Say why an XML file is not read: it declares entities, points elsewhere, or is no format of ours."""
    if b"OGRVRTDataSource" in text:
        found.add("PLAN-SEC-005", "error", "refused", Message("readers.vrt"))
    elif _PAGE.match(text):
        found.add("PLAN-FILE-008", "error", "refused", Message("readers.web_page", name=plain(path.name)))
    elif _has_doctype(path):
        found.add("PLAN-SEC-004", "error", "refused", Message("readers.entities"))
    elif not refuse_foreign(path, text, found):
        found.add("PLAN-FILE-008", "error", "refused", Message("readers.format", name=plain(path.name)))


def _has_doctype(path: Path) -> bool:
    seen: list[str] = []

    def doctype(name: str, *_: object) -> None:
        seen.append(name)
        raise _RootSeen

    def root(*_: object) -> None:
        raise _RootSeen

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (_RootSeen, expat.ExpatError):
        pass  # the answer is in `seen`; a file that is no XML is refused all the same
    return bool(seen)
