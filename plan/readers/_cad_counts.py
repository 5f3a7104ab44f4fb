"""Whether what is drawn has as many corners as it says, each its place, and one layer: a corner too few moves an edge unseen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

__all__ = ["handle_of", "miscounted", "tags_of"]

Tags = list[tuple[int, Any]]
_COUNTED: Final = ("LWPOLYLINE", "HATCH", "MPOLYGON")
_PLACED: Final = (
    "LINE",
    "VERTEX",
    "CIRCLE",
    "ARC",
    "ELLIPSE",
    "SPLINE",
    "SOLID",
    "TRACE",
    "3DFACE",
    "INSERT",
    "POINT",
)
_BEGINS: Final = re.compile(
    rf"^[ \t]*0[ \t\r]*\n[ \t]*(?=(?:{'|'.join(_COUNTED + _PLACED)})[ \t\r]*\n)", re.MULTILINE
)
# A value that is 0 stands before a code, which is a number; only the code 0 stands before a name.
_ENDS: Final = re.compile(r"\n[ \t]*0[ \t\r]*\n[ \t]*(?=[0-9]*[A-Z_])")
_HANDLE: Final = 5
_LAYER: Final = 8
_POLYLINE_PATH: Final = 2  # a flag of group code 92


def tags_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield the group codes and values of what is counted in a drawing; the rest is not taken apart."""
    for begin in _BEGINS.finditer(text):
        end = _ENDS.search(text, begin.end())
        lines = text[begin.end() : end.start() if end else len(text)].split("\n")
        yield 0, lines[0].strip()
        for code, value in zip(lines[1::2], lines[2::2], strict=False):
            number = _whole(code)
            if number is not None:
                yield number, value.strip()


def miscounted(tags: Iterable[tuple[int, Any]]) -> frozenset[str]:
    """Return the handles of what has more or fewer corners than it says, half a place, or two layers.

    Parameters
    ----------
    tags : iterable of (group code, value)
        Of a drawing, as they stand in it; those of other entities are passed over.

    Returns
    -------
    frozenset of str
        As `handle_of` writes them; one that is empty stands for what has no handle.

    References
    ----------
    Autodesk, DXF Reference: LWPOLYLINE, group code 90; boundary path data of HATCH, group codes 91, 93, and 72 for
    whether there are arcs.
    """
    out: set[str] = set()
    for kind, inside in _entities(tags):
        if kind in _PLACED:
            sound = kind == "SPLINE" or (_once(inside) and not (kind == "INSERT" and _flattened(inside)))
        else:
            sound = _light(inside) if kind == "LWPOLYLINE" else _hatch(inside)
        if not (sound and _paired(inside) and _one_layer(inside)):
            out.add(handle_of(next((value for code, value in inside if code == _HANDLE), "")))
    return frozenset(out)


def handle_of(text: object) -> str:
    """Return a handle in one spelling."""
    return str(text or "").strip().upper().lstrip("0")


def _entities(tags: Iterable[tuple[int, Any]]) -> Iterator[tuple[str, Tags]]:
    kind, inside = "", Tags()
    for code, value in tags:
        if code == 0:
            if kind:
                yield kind, inside
            kind, inside = (value if value in _COUNTED or value in _PLACED else ""), []
        elif kind:
            inside.append((code, value))
    if kind:
        yield kind, inside


def _paired(inside: Tags) -> bool:
    """Tell whether each y of a place stands behind its x: alone it would be passed over, or be another place's."""
    return all(
        before == code - 10
        for (before, _), (code, _) in pairwise([(0, ""), *inside])
        if 20 <= code <= 28  # noqa: PLR2004 - group codes, as below
    )


def _one_layer(inside: Tags) -> bool:
    """Tell whether a thing lies on one layer: of two nobody can tell which is meant, nor what took the place of what."""
    return len({value for code, value in inside if code == _LAYER}) <= 1


def _once(inside: Tags) -> bool:
    """Tell whether a thing has one place: of two the last one would be taken, which may be that of another thing."""
    return sum(code == 10 for code, _ in inside) <= 1  # noqa: PLR2004 - a group code


def _flattened(inside: Tags) -> bool:
    """Tell whether a block is put in at no width or height, which the library takes for its own size."""
    return any(_whole(value) == 0 for code, value in inside if code in (41, 42))


def _light(inside: Tags) -> bool:
    corners = sum(code == 10 for code, _ in inside)  # noqa: PLR2004
    said = [_whole(value) for code, value in inside if code == 90]  # noqa: PLR2004
    return bool(said) and all(number == corners for number in said)


@dataclass(slots=True)
class _Path:
    """A boundary of a hatch: what it says, and what is in it."""

    flags: int | None
    said: int | None = None  # corners, or edges
    arcs: bool = False  # whether it says that it has any
    corners: int = 0
    edges: int = 0
    curved: bool = False
    ended: bool = False

    def sound(self) -> bool:
        if self.flags is None or not self.flags & _POLYLINE_PATH:
            return self.said == self.edges
        return self.said == self.corners and (self.arcs or not self.curved)


def _hatch(inside: Tags) -> bool:
    paths: list[_Path] = []
    said: int | None = None
    for code, value in inside:
        if said is None:
            said = _whole(value) if code == 91 else None  # noqa: PLR2004
            continue
        if code == 92:  # noqa: PLR2004
            paths.append(_Path(_whole(value)))
            continue
        if code in (75, 76):  # the boundaries end
            break
        path = paths[-1] if paths else _Path(None)
        match code:
            case 93 if path.said is None:
                path.said = _whole(value)
            case 72:
                path.arcs, path.edges = _whole(value) == 1, path.edges + 1
            case 97:
                path.ended = True
            case 10 if not path.ended:
                path.corners += 1
            case 42 if not path.ended:
                path.curved |= _whole(value) != 0
    return said == len(paths) and all(path.sound() for path in paths)


def _whole(text: object) -> int | None:
    """Return a whole number; None for what is none."""
    try:
        number = float(str(text))
        return int(number) if number == int(number) else None
    except (ValueError, OverflowError):
        return None
