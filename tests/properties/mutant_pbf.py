"""OpenStreetMap as PBF, packed and unpacked by its description (https://wiki.openstreetmap.org/wiki/PBF_Format).

What is changed lies within its blobs, and an independent reader sees it.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from mutant_bytes import changed
from mutant_maps import Map, Tags, outlines, printable, random_map, sound_map
from mutant_oracle import Seen

__all__ = ["make_pbf", "pbf", "seen_pbf"]

# Fields of a message: their numbers, and whole numbers or bytes.
Message = list[tuple[int, "int | bytes"]]


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _zigzag(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def _packed(message: Message) -> bytes:
    out = b""
    for number, value in message:
        if isinstance(value, int):
            out += _varint(number << 3) + _varint(value)
        else:
            out += _varint(number << 3 | 2) + _varint(len(value)) + value
    return out


def _deltas(values: list[int]) -> bytes:
    return b"".join(_varint(_zigzag(b - a)) for a, b in zip([0, *values], values, strict=False))


def _blob(kind: str, data: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.3:
        blob = _packed([(1, data)])
    else:
        blob = _packed([(2, len(data)), (3, zlib.compress(data, 1))])
    head = _packed([(1, kind.encode()), (3, len(blob))])
    return struct.pack(">I", len(head)) + head + blob


def pbf(out: Map, chance: random.Random, *, spoil: bool = False) -> bytes:
    """Pack a map; ``spoil`` changes fields within its blobs."""
    table = [""]

    def text(value: str) -> int:
        if value not in table:
            table.append(value)
        return table.index(value)

    def tagged(tags: Tags) -> Message:
        keys = b"".join(_varint(text(k)) for k in tags)
        values = b"".join(_varint(text(v)) for v in tags.values())
        return [(2, keys), (3, values)] if tags else []

    granularity = chance.choice((100, 100, 100, 1, 10))
    offset = chance.choice((0, 0, 0, 36 * 10**9))
    spots = [
        (n, _nano(lon, offset, granularity), _nano(lat, offset, granularity), tags)
        for n, lon, lat, tags in out.nodes
    ]
    groups: list[bytes] = []
    if chance.random() < 0.6:
        tags = b"".join(
            b"".join(_varint(text(k)) + _varint(text(v)) for k, v in tags.items()) + b"\x00"
            for *_, tags in spots
        )
        dense: Message = [
            (1, _deltas([n for n, *_ in spots])),
            (8, _deltas([lat for _, _, lat, _ in spots])),
            (9, _deltas([lon for _, lon, _, _ in spots])),
            (10, tags),
        ]
        groups.append(_packed([(2, _packed(_spoilt(dense, chance, spoil=spoil)))]))
    else:
        groups.append(
            _packed([
                (1, _packed(_spoilt([(1, _zigzag(n)), *tagged(t), (8, _zigzag(lat)), (9, _zigzag(lon))], chance, spoil=spoil)))
                for n, lon, lat, t in spots
            ])
        )  # fmt: skip
    groups.append(
        _packed([
            (3, _packed(_spoilt([(1, number), *tagged(tags), (8, _deltas(refs))], chance, spoil=spoil)))
            for number, refs, tags in out.ways
        ])
    )  # fmt: skip
    if out.relations:
        groups.append(
            _packed([
                (4, _packed(_spoilt([
                    (1, number), *tagged(tags), (8, b"".join(_varint(text(role)) for *_, role in members)),
                    (9, _deltas([ref for _, ref, _ in members])),
                    (10, b"".join(_varint(("node", "way", "relation").index(kind)) for kind, *_ in members)),
                ], chance, spoil=spoil)))
                for number, members, tags in out.relations
            ])
        )  # fmt: skip
    strings = _packed([(1, printable(value).encode("utf-8", "replace")) for value in table])
    block: Message = [
        (1, strings),
        *((2, group) for group in groups),
        (17, granularity),
        (19, offset),
        (20, offset),
    ]
    head: Message = [(4, b"OsmSchema-V0.6"), (4, b"DenseNodes"), (16, b"plan")]
    if spoil and chance.random() < 0.1:
        head.append((4, chance.choice((b"HistoricalInformation", b"Unknown", b"\xff"))))
    return _blob("OSMHeader", _packed(head), chance) + _blob(
        "OSMData", _packed(_spoilt(block, chance, spoil=spoil)), chance
    )


def _nano(text: str, offset: int, granularity: int) -> int:
    try:
        return round((Fraction(text) * 10**9 - offset) / granularity)
    except (ValueError, ZeroDivisionError):
        return 2**55


def _spoilt(message: Message, chance: random.Random, *, spoil: bool) -> Message:
    """Change a field: another number or other bytes, gone, twice, of another kind."""
    if not spoil or not message or chance.random() > 0.15:
        return message
    out = list(message)
    at = chance.randrange(len(out))
    number, value = out[at]
    match chance.randrange(5):
        case 0:
            del out[at]
        case 1:
            out.append(out[at])
        case 2:
            out[at] = (chance.choice((1, 2, 3, 5, 8, 9, 10, 17, 33)), value)
        case 3 if isinstance(value, int):
            out[at] = (number, chance.choice((0, 1, 2**31, 2**63, value + 1, value ^ 1)))
        case _:
            out[at] = (number, changed(value, chance) if isinstance(value, bytes) else _varint(value))
    return out


def make_pbf(folder: Path, chance: random.Random) -> Path:
    """Write a mutated ``.osm.pbf``."""
    spoil = chance.random() < 0.4
    data = pbf(sound_map() if spoil and chance.random() < 0.5 else random_map(chance), chance, spoil=spoil)
    if chance.random() < 0.06:
        data = changed(data, chance)
    path = folder / "p.osm.pbf"
    path.write_bytes(data)
    return path


def _unpacked(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        if key & 7 == 0:
            value, at = _read_varint(data, at)
            yield key >> 3, value
        elif key & 7 == 2:
            length, at = _read_varint(data, at)
            if at + length > len(data):
                raise ValueError(at)
            yield key >> 3, data[at : at + length]
            at += length
        elif key & 7 in (1, 5):
            at += 8 if key & 7 == 1 else 4
        else:
            raise ValueError(key)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value & (1 << 64) - 1, at


def _varints(data: int | bytes) -> list[int]:
    if isinstance(data, int):
        return [data]
    out, at = [], 0
    while at < len(data):
        try:
            value, at = _read_varint(data, at)
        except IndexError:  # the last one is cut: those before it are read
            break
        out.append(value)
    return out


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _summed(data: int | bytes) -> list[int]:
    out, last = [], 0
    for value in _varints(data):
        last = (last + _signed(value) + 2**63) % 2**64 - 2**63
        out.append(last)
    return out


def _number(value: int | bytes) -> int:
    number = value if isinstance(value, int) else 0
    return number - 2**64 if number >= 2**63 else number


def seen_pbf(data: bytes) -> Iterator[Seen]:
    """Return the outlines of a ``.osm.pbf``."""
    at, out = 0, Map()
    try:
        while at + 4 <= len(data):
            length = struct.unpack_from(">I", data, at)[0]
            head = dict(_unpacked(data[at + 4 : at + 4 + length]))
            at += 4 + length
            size = _number(head.get(3, 0))
            blob = dict(_unpacked(data[at : at + size]))
            at += size
            if head.get(1) == b"OSMData":
                packed = blob.get(3, b"")
                _block(
                    blob[1] if 1 in blob else zlib.decompress(packed) if isinstance(packed, bytes) else b"",
                    out,
                )
    except (ValueError, IndexError, KeyError, zlib.error, struct.error, TypeError):
        pass  # what was read before the flaw is what a reader may have seen
    yield from outlines(out)


def _block(data: Any, out: Map) -> None:  # noqa: C901 - one line a kind of thing
    fields = list(_unpacked(data))
    single = {k: _number(v) for k, v in fields if isinstance(v, int)}
    granularity = single.get(17, 100)
    shift = single.get(20, 0), single.get(19, 0)
    table = [v for k, blob in fields if k == 1 and isinstance(blob, bytes) for _, v in _unpacked(blob)]

    def said(keys: int | bytes, values: int | bytes) -> Tags:
        return {
            _text(table, k): _text(table, v) for k, v in zip(_varints(keys), _varints(values), strict=False)
        }

    def place(lon: int, lat: int) -> tuple[str, str]:
        # The library keeps ten-millionths of a degree, cut off.
        kept = [int(Fraction(s + granularity * v, 100)) for s, v in zip(shift, (lon, lat), strict=True)]
        return f"{kept[0]}/10000000", f"{kept[1]}/10000000"

    for group in (v for k, v in fields if k == 2):
        for kind, thing in _unpacked(group):  # type: ignore[arg-type]
            if kind not in (1, 2, 3, 4):
                continue
            rows = list(_unpacked(thing))  # type: ignore[arg-type]
            one = dict(rows)
            if kind == 2:
                lons, lats = _summed(one.get(9, b"")), _summed(one.get(8, b""))
                for n, lon, lat in zip(_summed(one.get(1, b"")), lons, lats, strict=False):
                    out.nodes.append((n, *place(lon, lat), {}))
            elif kind == 1:
                spot = place(_signed(_number(one.get(9, 0))), _signed(_number(one.get(8, 0))))
                out.nodes.append((_signed(_number(one.get(1, 0))), *spot, {}))
            elif kind == 3:
                # A list that stands twice is one list to some, and the last one to others.
                lists = [v for k, v in rows if k == 8 and isinstance(v, bytes)]
                for refs in dict.fromkeys((b"".join(lists), *lists[-1:])):
                    tags = said(one.get(2, b""), one.get(3, b""))
                    out.ways.append((_number(one.get(1, 0)), _summed(refs), tags))
            elif kind == 4:
                kinds = [("node", "way", "relation")[min(v, 2)] for v in _varints(one.get(10, b""))]
                roles = [_text(table, v) for v in _varints(one.get(8, b""))]
                members = list(zip(kinds, _summed(one.get(9, b"")), roles, strict=False))
                out.relations.append(
                    (_number(one.get(1, 0)), members, said(one.get(2, b""), one.get(3, b"")))
                )


def _text(table: list[Any], at: int) -> str:
    return table[at].decode("utf-8", "replace") if at < len(table) and isinstance(table[at], bytes) else ""
