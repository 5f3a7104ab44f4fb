"""OpenStreetMap, changed thing by thing and field by field, written as XML and as PBF, and read again.

The PBF is packed and unpacked here by its description (https://wiki.openstreetmap.org/wiki/PBF_Format), so that what is
changed lies within its blobs, and an independent reader sees it.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

from mutant_bytes import NASTY, changed
from mutant_oracle import Exact, Seen, without_twins
from mutant_shapes import Shape, random_shape, sound_shapes

__all__ = ["make_osm", "make_pbf", "pbf", "seen_osm", "seen_pbf", "sound_map", "xml"]

Tags = dict[str, str]
_TAGS: Final = {"leisure": "fitness_station", "name": "健身"}
_KEYS: Final = (
    ("leisure", "park"), ("leisure", "pitch"), ("access", "private"), ("access", "no"), ("area", "no"), ("building", "yes"),
    ("highway", "footway"), ("landuse", "residential"), ("building:levels", "6"), ("name", "\u202e甲"), ("name", "{{7*7}}"),
    ("type", "multipolygon"), ("barrier", "fence"), ("opening_hours", "24/7"), ("level", "x"), ("height", "1e999"),
    ("admin_level", "10"), ("boundary", "administrative"), ("width", "nan"), ("highway", "pedestrian"), ("amenity", "school"),
)  # fmt: skip


@dataclass(slots=True)
class Map:
    """Nodes, ways and relations, in the order in which they are written; several may have one number."""

    nodes: list[tuple[int, str, str, Tags]] = field(default_factory=list)  # number, lon, lat
    ways: list[tuple[int, list[int], Tags]] = field(default_factory=list)
    relations: list[tuple[int, list[tuple[str, int, str]], Tags]] = field(default_factory=list)


@cache
def _degrees() -> Any:
    from pyproj import Transformer

    return Transformer.from_crs(4548, 4326, always_xy=True)


def sound_map(shapes: list[Shape] | None = None) -> Map:
    """Return a map with these shapes: ways, and relations where there are holes or parts."""
    out = Map()
    for shape in sound_shapes() if shapes is None else shapes:
        whole = len(shape) == 1 and len(shape[0]) == 1
        members = []
        for rings in shape:
            for i, ring in enumerate(rings):
                refs: list[int] = []
                first: dict[tuple[float, float], int] = {}
                for place in ring:
                    if place not in first:
                        x, y = _degrees().transform(*place)
                        out.nodes.append((len(out.nodes) + 1, f"{x:.7f}", f"{y:.7f}", {}))
                        first[place] = len(out.nodes)
                    refs.append(first[place])
                out.ways.append((len(out.ways) + 1, refs, dict(_TAGS) if whole else {}))
                members.append(("way", len(out.ways), "inner" if i else "outer"))
        if not whole and members:
            out.relations.append((len(out.relations) + 1, members, {**_TAGS, "type": "multipolygon"}))
    return out


# --- how it is changed ------------------------------------------------------------------------------


def random_map(chance: random.Random) -> Map:
    """Return a map with something changed in it."""
    shapes = sound_shapes()
    if chance.random() < 0.5:
        shapes[chance.randrange(3)] = random_shape(chance)
    out = sound_map(shapes)
    for _ in range(chance.choice((0, 1, 1, 2)) if shapes != sound_shapes() else chance.choice((1, 1, 2, 4))):
        if out.nodes and out.ways:
            chance.choice(_CHANGES)(out, chance)
    return out


def _node(out: Map, chance: random.Random) -> None:
    at = chance.randrange(len(out.nodes))
    number, lon, lat, tags = out.nodes[at]
    out.nodes[at] = chance.choice((
        (number, lat, lon, tags), (number, lon, "91.5", tags), (number, "nan", lat, tags), (number, "", "", tags),
        (-number, lon, lat, tags), (number, "180.0", lat, tags), (number, "-" + lon, lat, tags), (2**62, lon, lat, tags),
        (number, lon, lat, {"entrance": "main", "barrier": "gate"}), (number, lon, _north(lat), tags),
        (number, _coarse(lon), lat, tags), (number, "1e3", lat, tags),
    ))  # fmt: skip


def _north(lat: str) -> str:
    return f"{float(lat) + 1e-5:.7f}" if lat else lat


def _coarse(lon: str) -> str:
    return f"{float(lon):.3f}" if lon else lon


def _all_swapped(out: Map, _: random.Random) -> None:
    out.nodes = [(number, lat, lon, tags) for number, lon, lat, tags in out.nodes]


def _node_gone(out: Map, chance: random.Random) -> None:
    del out.nodes[chance.randrange(len(out.nodes))]


def _node_again(out: Map, chance: random.Random) -> None:
    number, lon, lat, tags = chance.choice(out.nodes)
    moved = f"{float(lon or 0) + chance.choice((0, 1e-7, 1e-4, 1)):.7f}" if lon not in ("", "nan") else lon
    out.nodes.insert(chance.randrange(len(out.nodes) + 1), (number, moved, lat, tags))


def _refs(out: Map, chance: random.Random) -> None:
    _, refs, _ = chance.choice(out.ways)
    if not refs:
        return
    at = chance.randrange(len(refs))
    match chance.randrange(6):
        case 0:
            refs[at] = chance.choice((0, -1, 999, 2**40, 1))
        case 1:
            del refs[at]
        case 2:
            refs.insert(at, refs[at])
        case 3:
            refs.reverse()
        case 4:
            other = chance.randrange(len(refs))
            refs[at], refs[other] = refs[other], refs[at]
        case _:
            del refs[1:]


def _tags(out: Map, chance: random.Random) -> None:
    things = [t for *_, t in (*out.ways, *out.relations, *out.nodes[:1])]
    tags = chance.choice(things)
    match chance.randrange(4):
        case 0:
            tags.clear()
        case 1:
            tags[chance.choice(("leisure", "name", "type"))] = chance.choice(NASTY)
        case _:
            key, value = chance.choice(_KEYS)
            tags[key] = value


def _way_again(out: Map, chance: random.Random) -> None:
    number, refs, tags = chance.choice(out.ways)
    new = chance.choice((number, number, number + 100, -number))
    out.ways.insert(
        chance.randrange(len(out.ways) + 1), (new, list(refs[: chance.choice((None, -1, 2))]), dict(tags))
    )


def _way_gone(out: Map, chance: random.Random) -> None:
    del out.ways[chance.randrange(len(out.ways))]


def _relation(out: Map, chance: random.Random) -> None:
    if not out.relations:
        out.relations.append(
            (7, [("way", 1, "outer"), ("way", 2, "inner")], {**_TAGS, "type": "multipolygon"})
        )
        return
    _, members, tags = chance.choice(out.relations)
    match chance.randrange(5):
        case 0 if members:
            at = chance.randrange(len(members))
            kind, number, role = members[at]
            members[at] = (kind, number, {"outer": "inner", "inner": "outer"}.get(role, ""))
        case 1 if members:
            del members[chance.randrange(len(members))]
        case 2:
            members.append(
                chance.choice(
                    (("way", 99, "outer"), ("relation", 1, "outer"), ("node", 1, ""), ("way", 1, "outer"))
                )
            )
        case 3:
            tags["type"] = chance.choice(("boundary", "site", "building", "", "Multipolygon"))
        case _:
            out.relations.append((out.relations[0][0], list(members), dict(tags)))


_CHANGES: Final = (
    _node, _node, _node, _all_swapped, _node_gone, _node_gone, _node_again, _refs, _refs, _refs, _tags, _tags, _tags,
    _way_again, _way_again, _way_gone, _relation, _relation,
)  # fmt: skip


# --- as XML -----------------------------------------------------------------------------------------


def xml(out: Map, chance: random.Random | None = None) -> str:
    """Write a map as ``.osm``; the order is that of the standard, or another."""
    blocks = [
        [
            _element(f'node id="{n}" version="1"' + _place(lon, lat), "", tags)
            for n, lon, lat, tags in out.nodes
        ],
        [
            _element(f'way id="{n}" version="1"', "".join(f'<nd ref="{r}"/>' for r in refs), tags)
            for n, refs, tags in out.ways
        ],
        [
            _element(
                f'relation id="{n}" version="1"',
                "".join(f'<member type="{k}" ref="{r}" role={quoteattr(role)}/>' for k, r, role in members),
                tags,
            )
            for n, members, tags in out.relations
        ],
    ]
    if chance is not None and chance.random() < 0.1:
        chance.shuffle(blocks)
    if chance is not None and chance.random() < 0.1:
        blocks.insert(0, [chance.choice(_AROUND)])
    return '<osm version="0.6">' + "\n".join(line for block in blocks for line in block) + "</osm>"


_AROUND: Final = (
    '<bounds minlat="36" minlon="116" maxlat="37" maxlon="118"/>', '<bounds minlat="x"/>', "<note>x</note>",
    '<changeset id="1"><tag k="leisure" v="fitness_station"/></changeset>', "<!-- -->", "<unknown><node/></unknown>",
    '<delete><node id="1"/></delete>',
)  # fmt: skip


def _place(lon: str, lat: str) -> str:
    return f' lat="{lat}" lon="{lon}"' if lon or lat else ""


def _element(head: str, inside: str, tags: Tags) -> str:
    said = "".join(f"<tag k={quoteattr(k)} v={quoteattr(_printable(v))}/>" for k, v in tags.items())
    return f"<{head}>{inside}{said}</{head.split(maxsplit=1)[0]}>"


def _printable(text: str) -> str:
    return "".join(c for c in text if c >= " ")


def make_osm(folder: Path, chance: random.Random) -> Path:
    """Write a mutated ``.osm``."""
    text = xml(random_map(chance), chance)
    data = text.encode("utf-8", "replace")
    way = chance.random()
    if way < 0.12:
        data = changed(data, chance)
    elif way < 0.2:
        words = text.split('"')
        at = chance.randrange(len(words))
        words[at] = chance.choice(NASTY)
        data = '"'.join(words).encode("utf-8", "replace")
    path = folder / "p.osm"
    path.write_bytes(data)
    return path


def seen_osm(data: bytes) -> Iterator[Seen]:
    """Return the outlines of a ``.osm``: each way that is closed, each relation of such."""
    try:
        root = ET.fromstring(data)  # noqa: S314 - our own file, changed by us
    except ET.ParseError:
        return
    out = Map()
    for thing in root.iter():
        tags = {t.get("k", ""): t.get("v", "") for t in thing.iter("tag")}
        number = _int(thing.get("id"))
        if thing.tag == "node":
            out.nodes.append((number, thing.get("lon", ""), thing.get("lat", ""), tags))
        elif thing.tag == "way":
            out.ways.append((number, [_int(r.get("ref")) for r in thing.iter("nd")], tags))
        elif thing.tag == "relation":
            members = [
                (m.get("type", ""), _int(m.get("ref")), m.get("role", "")) for m in thing.iter("member")
            ]
            out.relations.append((number, members, tags))
    yield from _outlines(out)


def _int(text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError:
        return 0


def _outlines(out: Map) -> Iterator[Seen]:
    # OpenStreetMap keeps ten-millionths of a degree; of things with one number, any may be meant.
    places: dict[int, list[tuple[Fraction, Fraction]]] = {}
    for number, lon, lat, _ in out.nodes:
        try:
            place = _kept(lon), _kept(lat)
            places.setdefault(number, []).append(place)
        except (ValueError, OverflowError):
            continue
    rings: dict[int, list[Exact]] = {}
    for number, refs, tags in out.ways:
        if (
            len(refs) < 4
            or any(ref not in places for ref in refs)
            or places[refs[0]][-1] != places[refs[-1]][-1]
        ):
            continue
        for which in (0, -1):
            ring = _without_spikes([places[ref][which] for ref in refs])
            rings.setdefault(number, []).append(ring)
            yield Seen(name=f"w{number}", category=_category(tags), parts=[[ring]])
    for number, members, tags in out.relations:
        for which in (0, -1):
            held = [
                (ref, role, rings[ref][which])
                for kind, ref, role in dict.fromkeys(members)  # a member that stands twice is one
                if kind == "way" and ref in rings
            ]
            outer = [ring for _, role, ring in held if role != "inner"]
            inner = [ring for _, role, ring in held if role == "inner"]
            readings = [_sorted(outer, inner)] if outer else []
            if not inner:
                # An outline that comes back to a place of it is an outline on either side of that place.
                readings += [without_twins(outer), [[loop] for ring in outer for loop in _loops(ring)]]
            yield from (Seen(name=f"r{number}", category=_category(tags), parts=parts) for parts in readings)
            if len(outer) == 1:  # the tags may be those of the outline
                ref = next(ref for ref, role, _ in held if role != "inner")
                yield Seen(name=f"w{ref}", parts=_sorted(outer, inner))


def _without_spikes(ring: Exact) -> Exact:
    """Leave out ways there and straight back again: they enclose nothing."""
    out: Exact = []
    for place in ring:
        if len(out) > 1 and out[-2] == place:
            out.pop()
        else:
            out.append(place)
    return out


def _loops(ring: Exact) -> list[Exact]:
    """Part an outline where it comes back to a place."""
    out: list[Exact] = []
    path: Exact = []
    for place in ring:
        if place in path:
            at = path.index(place)
            out.append([*path[at:], place])
            del path[at:]
        path.append(place)
    return out


def _sorted(outer: list[Exact], inner: list[Exact]) -> list[list[Exact]]:
    """Give each hole to the outline around it, by its box."""
    parts = [[ring] for ring in outer]
    for hole in inner:
        around = [p for p in parts if _box_within(hole, p[0])] or parts
        around[0].append(hole)
    return parts


def _box_within(one: Exact, other: Exact) -> bool:
    return all(
        min(p[i] for p in other) <= min(p[i] for p in one)
        and max(p[i] for p in one) <= max(p[i] for p in other)
        for i in (0, 1)
    )


def _kept(text: str) -> Fraction:
    return Fraction(round(Fraction(text) * 10_000_000), 10_000_000)


def _category(tags: Tags) -> str:
    return (
        "fitness_ground"
        if tags.get("leisure") == "fitness_station"
        else "park"
        if tags.get("leisure") == "park"
        else ""
    )


# --- as PBF -----------------------------------------------------------------------------------------

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
    strings = _packed([(1, _printable(value).encode("utf-8", "replace")) for value in table])
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
    yield from _outlines(out)


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
