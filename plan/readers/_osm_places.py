"""Places that the library of OpenStreetMap cannot keep: farther than a whole number of 32 bits, or two of one node.

Of a PBF the library keeps ten-millionths of a degree and lets larger numbers run over, so that 1170 degrees become -118;
of a node that stands twice it takes either place. Both would be read as if they were sound.
"""

from __future__ import annotations

import mmap
import re
import struct
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

__all__ = ["BrokenError", "OtherwisePackedError", "TooMuchError", "pbf_places", "xml_beyond", "xml_twice"]

_NODE: Final = re.compile(rb"<node\b([^>]*)>")
_SAID: Final = re.compile(rb"\b(id|lon|lat)\s*=\s*([\"'])\s*(.*?)\s*\2")
# Of places that are written by programs only those within a metre of the equator, or of Greenwich, have a negative one.
_EXPONENT: Final = re.compile(rb"\b(?:lon|lat)\s*=\s*[\"'][^\"'<]*[eE]\+?[0-9]")
_KEPT: Final = 100 * (2**31 - 1)  # billionths of a degree that fit a whole number of 32 bits
_BITS: Final = 7
_LONGEST: Final = 10  # bytes of a number
_LARGEST: Final = 64 << 20  # bytes of a block, packed or unpacked, which is twice what the format allows
# Fields that are looked at: a file of ways and of nodes one by one holds a field in each two bytes, packed, at most.
_FIELDS: Final = 300_000
_OTHER_PACKINGS: Final = {4: "LZMA", 5: "BZip2", 6: "LZ4", 7: "Zstandard"}  # fields of a Blob
_FIELDS_PER_BYTE: Final = 2
_Nodes = tuple[Any, Any, Any]  # ids, longitudes, latitudes; whole numbers


class TooMuchError(Exception):
    """A file unpacks to much more than its size lets expect."""


class OtherwisePackedError(Exception):
    """A block is packed in a way that only the library unpacks, so that nobody can look it over before."""


class BrokenError(ValueError):
    """A block is not as its format says, or holds a text with NUL, at which the library takes its rest for the next one."""


@dataclass(slots=True)
class _Patience:
    """How many fields of a file are still looked at."""

    left: int

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooMuchError


def pbf_places(file: Path) -> tuple[bool, frozenset[int]]:
    """Tell whether all nodes of a PBF lie where the library can keep them, and which stand twice, at different places.

    References
    ----------
    https://wiki.openstreetmap.org/wiki/PBF_Format: granularity, lat_offset and lon_offset of a PrimitiveBlock.

    Raises
    ------
    TooMuchError
        If it unpacks to much more than its size lets expect.
    OtherwisePackedError
        If a block is packed with LZ4, Zstandard or another way than zlib.
    BrokenError
        If a block is not as the format says: what the library makes of such a block nobody can tell.
    """
    last: int | None = None
    in_order = True
    for (ids, *_), sound in _blocks(file):
        if not sound:
            return False, frozenset()
        if len(ids):
            in_order &= bool(np.all(ids[1:] > ids[:-1])) and (last is None or int(ids[0]) > last)
            last = int(ids[-1])
    if in_order:  # as nearly every file is: each stands once
        return True, frozenset()
    ids, lons, lats = (
        np.concatenate(part) for part in zip(*(nodes for nodes, _ in _blocks(file)), strict=True)
    )
    return True, _moved(ids, lons, lats)


def xml_twice(file: Path) -> frozenset[int]:
    """Return the numbers of nodes that stand in an XML file more than once, at different places."""
    try:
        ids = np.array(array("q", (int(node[b"id"]) for node in _xml_nodes(file))), dtype=np.int64)
        if np.all(ids[1:] > ids[:-1]):  # as in nearly every file: each stands once
            return frozenset()
        places = array("d")
        for node in _xml_nodes(file):
            places.extend(float(node.get(name, b"nan")) for name in (b"lon", b"lat"))
    except (KeyError, ValueError, OverflowError):
        return frozenset()  # the library refuses it
    lons, lats = np.array(places).reshape(-1, 2).T
    return _moved(ids, lons, lats)


def xml_beyond(file: Path) -> bool:
    """Tell whether an XML file writes a longitude or latitude with an exponent, such as 1e308, which its library reads as 0."""
    if not file.stat().st_size:  # nothing to map
        return False
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        return _EXPONENT.search(whole) is not None


def _xml_nodes(file: Path) -> Iterator[dict[bytes, bytes]]:
    """Yield what each node says; the file may be larger than the memory."""
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        for tag in _NODE.finditer(whole):
            yield {name: value for name, _, value in _SAID.findall(tag[1])}


def _moved(ids: Any, lons: Any, lats: Any) -> frozenset[int]:  # noqa: ANN401 - arrays
    order = np.argsort(ids, kind="stable")
    ids, lons, lats = ids[order], lons[order], lats[order]
    moved = (ids[1:] == ids[:-1]) & ((lons[1:] != lons[:-1]) | (lats[1:] != lats[:-1]))
    return frozenset(ids[1:][moved].tolist())


def _blocks(file: Path) -> Iterator[tuple[_Nodes, bool]]:
    """Yield the nodes of each block, and whether all can be kept."""
    patience = _Patience(_FIELDS + _FIELDS_PER_BYTE * file.stat().st_size)
    with file.open("rb") as stream:
        while len(head := stream.read(4)) == 4:  # noqa: PLR2004 - bytes of a number
            try:
                about = dict(_fields(stream.read(min(struct.unpack(">I", head)[0], _LARGEST)), patience))
                blob = dict(_fields(stream.read(min(int(about.get(3, 0)), _LARGEST)), patience))
                if about.get(1) == b"OSMData":
                    yield from _groups(_unpacked(blob), patience)
            except (ValueError, LookupError, TypeError, OverflowError, zlib.error) as error:
                raise BrokenError(str(error)) from error


def _unpacked(blob: dict[int, Any]) -> bytes:
    for number, packing in _OTHER_PACKINGS.items():
        if number in blob:
            raise OtherwisePackedError(packing)
    if 1 in blob:
        return bytes(blob[1])
    return zlib.decompressobj().decompress(blob.get(3, b""), _LARGEST)


def _groups(data: bytes, patience: _Patience) -> Iterator[tuple[_Nodes, bool]]:
    fields = list(_fields(data, patience))
    for number, table in fields:
        if number == 1 and not isinstance(table, int):  # PrimitiveBlock.stringtable
            _look_for_nul(table, patience)
    said = {number: value for number, value in fields if isinstance(value, int)}
    step, north, east = _signed32(said.get(17, 100)), _signed(said.get(19, 0)), _signed(said.get(20, 0))
    for number, group in fields:
        if number != 2 or isinstance(group, int):  # noqa: PLR2004 - PrimitiveBlock.primitivegroup
            continue
        single = []
        for kind, thing in _fields(group, patience):
            if kind == 1 and not isinstance(thing, int):
                node = dict(_fields(thing, patience))
                single.append([_zigzag(node.get(k, 0)) for k in (1, 9, 8)])
            elif kind == 2 and not isinstance(thing, int):  # noqa: PLR2004 - PrimitiveGroup.dense
                dense = dict(_fields(thing, patience))
                ids, lons, lats = (_summed(dense.get(k, b"")) for k in (1, 9, 8))
                count = min(len(ids), len(lons), len(lats))
                nodes = (ids[:count], lons[:count], lats[:count])
                yield nodes, _fits(nodes[1], step, east) and _fits(nodes[2], step, north)
        if single:
            alone = np.array(single, dtype=np.int64)
            nodes = (alone[:, 0], alone[:, 1], alone[:, 2])
            yield nodes, _fits(nodes[1], step, east) and _fits(nodes[2], step, north)


def _look_for_nul(table: bytes, patience: _Patience) -> None:
    # The first text is empty, and its length the only NUL of nearly every table.
    if table.startswith(b"\n\x00") and table.count(0) == 1:
        return
    if any(not isinstance(text, int) and 0 in text for _, text in _fields(table, patience)):
        msg = "a text holds NUL"
        raise ValueError(msg)


def _fits(values: Any, step: int, shift: int) -> bool:  # noqa: ANN401 - an array
    if not len(values):
        return True
    ends = (int(values.min()) * step + shift, int(values.max()) * step + shift)
    return step > 0 and all(abs(end) <= _KEPT for end in ends)


def _fields(data: bytes, patience: _Patience) -> Iterator[tuple[int, Any]]:
    """Yield the fields of a message: whole numbers, or bytes.

    References
    ----------
    Protocol Buffers, Encoding, https://protobuf.dev/programming-guides/encoding/
    """
    at = 0
    while at < len(data):
        patience.spend()
        key, at = _number(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _number(data, at)
            yield key >> 3, value
            continue
        size, at = _number(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)  # noqa: PLR2004 - a wire type
        if at + size > len(data):
            msg = "a field is cut short"
            raise ValueError(msg)
        yield key >> 3, data[at : at + size]
        at += size


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    for byte in data[at : at + _LONGEST]:
        at += 1
        value |= (byte & 0x7F) << shift
        shift += _BITS
        if byte < 0x80:  # noqa: PLR2004 - no more follow
            return value & (2**64 - 1), at
    msg = "a number that does not end"
    raise ValueError(msg)


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _signed32(value: int) -> int:
    low = value & (2**32 - 1)
    return low - 2**32 if low >= 2**31 else low


def _zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _summed(data: bytes) -> Any:  # noqa: ANN401 - an array
    """Return packed numbers, each told as its difference from the one before."""
    held = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(held < 0x80)  # noqa: PLR2004 - no more follow
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    lengths = ends - starts + 1
    out = np.zeros(len(ends), dtype=np.uint64)
    for k in range(min(int(lengths.max(initial=0)), _LONGEST)):
        longer = lengths > k
        part = (held[starts[longer] + k] & 0x7F).astype(np.uint64)
        out[longer] |= part << np.uint64(_BITS * k)
    signed = (out >> np.uint64(1)).astype(np.int64) ^ -(out & np.uint64(1)).astype(np.int64)
    with np.errstate(over="ignore"):  # as the library adds them
        return np.cumsum(signed)
