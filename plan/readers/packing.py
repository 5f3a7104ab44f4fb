"""Files that are packed, though their ending says otherwise or nothing: refused with the way to unpack them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from plan.messages import Message
from plan.problems import ProblemList
from plan.text_safety import plain

__all__ = ["HEAD", "ZIP", "refuse_packed"]

HEAD: Final = 512  # bytes of a file that tell
ZIP: Final = b"PK\x03\x04"
_TAR: Final = slice(257, 262)
_MARKS: Final = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"Rar!\x1a\x07": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
}
# Endings of what is never a ZIP; a workbook and an archive are one, and a list may be a workbook under another name.
_NO_ZIP: Final = (".gpkg", ".geojson", ".json", ".shp", ".dxf", ".osm", ".pbf")


def refuse_packed(path: Path, head: bytes, found: ProblemList) -> bool:
    """Refuse a file that is packed; tell whether it was.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    head : bytes
        Its first ``HEAD`` bytes.
    found : ProblemList
        Where the refusal is noted.
    """
    name = plain(path.name)
    packing = next((said for mark, said in _MARKS.items() if head.startswith(mark)), None)
    if packing is None and head[_TAR] == b"ustar":
        packing = "tar"
    if packing is not None:
        found.add("PLAN-FILE-008", "error", "refused", Message("readers.packed", name=name, packing=packing))
    elif head.startswith(ZIP) and path.suffix.casefold() in _NO_ZIP:
        found.add("PLAN-FILE-008", "error", "refused", Message("readers.zip_otherwise", name=name))
    else:
        return False
    return True
