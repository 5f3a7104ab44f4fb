"""OpenStreetMap, changed thing by thing and field by field, written as XML, and read again by other means."""

from __future__ import annotations

import random
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

__all__ = ["Map", "Tags", "make_osm", "outlines", "printable", "random_map", "seen_osm", "sound_map", "xml"]

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
    said = "".join(f"<tag k={quoteattr(k)} v={quoteattr(printable(v))}/>" for k, v in tags.items())
    return f"<{head}>{inside}{said}</{head.split(maxsplit=1)[0]}>"


def printable(text: str) -> str:
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
    yield from outlines(out)


def _int(text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError:
        return 0


def outlines(out: Map) -> Iterator[Seen]:
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
