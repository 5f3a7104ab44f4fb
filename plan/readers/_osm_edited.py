"""Files of an editor of OpenStreetMap: new things have negative numbers, and deleted ones are still in them.

The library that reads OpenStreetMap keeps places of nodes by their numbers, and none for negative ones: every way of
such a file would be without places. So they are given other numbers in a copy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import quoteattr

from defusedxml import ElementTree

__all__ = ["is_edited", "without_edits"]

_THINGS: Final = ("node", "way", "relation")
_BLOCK: Final = 1 << 20  # bytes
_SIGNS: Final = (b' id="-', b" id='-", b' action="', b" action='", b' visible="false', b" visible='false")


def is_edited(file: Path) -> bool:
    """Tell whether a file has negative numbers, or says what was done with its things or that they are deleted."""
    tail = b""
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            if any(sign in tail + block for sign in _SIGNS):
                return True
            tail = block[-20:]
    return False


def without_edits(file: Path, copy: Path) -> int:
    """Write a copy in which nothing is deleted and every number is positive.

    Parameters
    ----------
    file : pathlib.Path
        An ``.osm`` file without entities.
    copy : pathlib.Path
        Where the copy is written.

    Returns
    -------
    int
        How many things the editor marked as deleted.

    Raises
    ------
    ValueError
        If it is no well-formed XML.
    """
    try:
        highest = _highest(file)
        return _copy(file, copy, highest)
    except ParseError as error:
        raise ValueError(str(error)) from error


def _things(file: Path) -> Any:  # noqa: ANN401 - elements as they end
    with file.open("rb") as stream:
        events = ElementTree.iterparse(
            stream, events=("start", "end"), forbid_dtd=True, forbid_entities=True, forbid_external=True
        )
        _, root = next(events)
        for event, element in events:
            if event == "end" and element.tag in _THINGS:
                yield element
                root.clear()


def _highest(file: Path) -> dict[str, int]:
    """Return the highest number of each kind of thing, those that are only referred to included."""
    highest = dict.fromkeys(_THINGS, 0)
    for thing in _things(file):
        highest[thing.tag] = max(highest[thing.tag], int(thing.get("id", "0")))
        for part in thing:
            if part.tag in ("nd", "member"):
                kind = "node" if part.tag == "nd" else part.get("type", "node")
                highest[kind] = max(highest.get(kind, 0), int(part.get("ref", "0")))
    return highest


def _copy(file: Path, copy: Path, highest: dict[str, int]) -> int:
    numbers: dict[str, dict[str, int]] = {}

    def number(kind: str, said: str) -> str:
        if not said.startswith("-"):
            return said
        given = numbers.setdefault(kind, {})
        return str(highest.get(kind, 0) + given.setdefault(said, len(given) + 1))

    deleted = 0
    with copy.open("w", encoding="utf-8") as out:
        out.write('<osm version="0.6">\n')
        for thing in _things(file):
            if thing.get("action") == "delete" or thing.get("visible") == "false":
                deleted += 1
                continue
            place = "".join(f" {k}={quoteattr(thing.get(k))}" for k in ("lat", "lon") if thing.get(k))
            out.write(f'<{thing.tag} id="{number(thing.tag, thing.get("id", "0"))}" version="1"{place}>')
            for part in thing:
                if part.tag == "nd":
                    out.write(f'<nd ref="{number("node", part.get("ref", "0"))}"/>')
                elif part.tag == "member":
                    kind = part.get("type", "node")
                    role = quoteattr(part.get("role", ""))
                    ref = number(kind, part.get("ref", "0"))
                    out.write(f'<member type={quoteattr(kind)} ref="{ref}" role={role}/>')
                elif part.tag == "tag":
                    out.write(f"<tag k={quoteattr(part.get('k', ''))} v={quoteattr(part.get('v', ''))}/>")
            out.write(f"</{thing.tag}>\n")
        out.write("</osm>\n")
    return deleted
