"""OpenStreetMap files: ``.osm`` (XML) and ``.osm.pbf``, read in one stream with pyosmium.

What a file of "complete ways" holds runs outside of the box that was asked for; nothing is cut off here.
Households, rooms and communities are absent in OpenStreetMap and stay absent.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from shapely.geometry.base import BaseGeometry

from plan.crs import WGS84
from plan.errors import InputError
from plan.files import sha256
from plan.findings import InputFile
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._osm_collect import Collector
from plan.readers._osm_edited import is_edited, without_edits
from plan.readers._osm_places import (
    BrokenError,
    OtherwisePackedError,
    TooMuchError,
    pbf_places,
    xml_beyond,
    xml_twice,
)
from plan.readers._osm_roles import Rings, Roles, called_otherwise, nodes_of, rings_of
from plan.readers._osm_settle import Row
from plan.readers._osm_tags import community_level
from plan.readers._osm_told import told
from plan.readers.raw import RawData, RawLayer
from plan.schema import LAYERS

__all__ = ["ATTRIBUTION", "is_osm", "read_osm", "refusal", "to_raw"]

ATTRIBUTION: Final = "© OpenStreetMap contributors, ODbL 1.0"
# Columns in the order of the contract that a layer has even when no row fills them.
_ALWAYS: Final = {
    "buildings": ("floors", "use"),
    "entrances": ("building_id", "main", "access"),
    "walkways": ("name", "oneway", "access", "level"),
    "parcels": ("name",),
    "facilities": ("name",),
}
# Relations of whose members something else than an outline is made, that matter to estates and stops.
_OF_INTEREST: Final = ("site",)
_RELATIONS: Final = ("multipolygon", "boundary", "building", *_OF_INTEREST)
_NO_OUTLINE: Final = ("inner", "part")  # roles
_REFUSALS: Final = {
    "osm.absent": "PLAN-FILE-001",
    "osm.broken_off": "PLAN-FILE-001",
    "osm.history": "PLAN-FILE-001",
    "osm.damaged": "PLAN-FILE-001",
    "osm.off_earth": "PLAN-FILE-001",
    "osm.other_root": "PLAN-FILE-001",
    "osm.unpacks": "PLAN-SEC-002",
    "osm.entities": "PLAN-SEC-004",
    "osm.packed": "PLAN-FILE-008",
    "osm.nothing": "PLAN-DATA-001",
    "osm.place_unknown": "PLAN-OSM-007",
}
_END: Final = 4096  # bytes
_TYPES: Final = {"int": "Int64", "float": "float64", "bool": "boolean"}


def is_osm(path: Path | str) -> bool:
    """Tell whether a path looks like a file of OpenStreetMap."""
    name = Path(path).name.casefold()
    return name.endswith((".osm", ".pbf"))


def read_osm(path: Path | str, *, shown: str | None = None) -> RawData:
    """Read a file of OpenStreetMap.

    Parameters
    ----------
    path : path-like
        A ``.osm`` or ``.osm.pbf`` file.
    shown : str, optional
        What users call it; the path where nothing is said.

    Returns
    -------
    RawData
        In longitude and latitude (EPSG:4326); ids are the type and number of the thing, ``n1``, ``w2``, ``r3``:

        - ``buildings``: outlines, ``floors`` from ``building:levels`` where that is a whole number, else missing;
        - ``entrances``: doors with the building on whose outline they stand, stairwells, and gates with
          their ``access``;
        - ``walkways``: everything that people may walk on, private ways, elevators and corridors
          included; ways that meet share a vertex, exactly; ``oneway`` is that of people, not of cars; squares
          (``area=yes``) are walked across, by straight lines between the places where people come in;
        - ``barriers``, ``facilities``, ``open_spaces``, ``obstacles``;
        - ``parcels``: outlines of ``landuse=residential``; one that is named like a block (``14栋``), as small as
          one and holds no building is a building;
        - ``communities``: boundaries of ``admin_level=10`` (elsewhere 9 or 11) that are whole in the file.

        A layer of which the file holds nothing is absent.

    Raises
    ------
    InputError
        If the file is absent, damaged, cut short, not of OpenStreetMap, empty, or declares XML entities.

    References
    ----------
    Tags: https://wiki.openstreetmap.org/wiki/Map_features. Licence: ODbL 1.0, https://www.openstreetmap.org/copyright.
    """
    file = Path(path)
    shown = shown or str(path)
    if not file.is_file():
        raise refusal(Message("osm.absent", path=shown), shown)
    is_pbf = file.name.casefold().endswith(".pbf")
    if not is_pbf:
        _refuse_unsafe(file, shown)
    collector = Collector()
    if is_pbf:
        collector.twice = _look_over(file, shown)
    elif xml_beyond(file):
        raise refusal(Message("osm.off_earth", path=shown), shown)
    try:
        if not is_pbf and is_edited(file):
            with tempfile.TemporaryDirectory(prefix="plan-") as folder:
                copy = Path(folder) / "edited.osm"
                collector.deleted = without_edits(file, copy)
                collector.twice = xml_twice(copy)
                _collect(copy, collector, file_format="osm")
            collector.edited = True
        else:
            if not is_pbf:
                collector.twice = xml_twice(file)
            _collect(file, collector, file_format="pbf" if is_pbf else "osm")
    except (RuntimeError, ValueError) as error:
        raise refusal(Message("osm.damaged", path=shown, why=_first_line(error)), shown) from error
    inputs = (InputFile(path=shown, sha256=sha256(file)),)
    name = file.name.split(".", maxsplit=1)[0] or file.stem
    return to_raw(collector, path=shown, name=name, inputs=inputs)


def to_raw(collector: Collector, *, path: str, name: str, inputs: tuple[InputFile, ...] = ()) -> RawData:
    """Turn what was gathered into layers, and say what was left out and why.

    Parameters
    ----------
    collector : Collector
        What was gathered.
    path : str
        The file or the request, as the user named it.
    name : str
        What people would call it.
    inputs : tuple of InputFile
        The files.

    Raises
    ------
    InputError
        If there is nothing of use.
    """
    rows = collector.finish()
    if not rows:
        raise refusal(Message("osm.nothing", path=path), path)
    layers = tuple(
        RawLayer(
            name=layer, frame=_frame(layer, rows[layer]), path=path, source_layer=layer, encoding="UTF-8"
        )
        for layer in LAYERS
        if rows.get(layer)
    )
    problems = told(collector, {layer.name: layer.frame for layer in layers}, path)
    return RawData(layers=layers, problems=problems, inputs=inputs, attribution=ATTRIBUTION, name=name)


# --- the file -------------------------------------------------------------------------------------


def _refuse_unsafe(file: Path, shown: str) -> None:
    """Refuse a document type or entities before any parser expands them; read no further than the root."""
    try:
        with file.open("rb") as stream:
            events: Iterator[tuple[str, Any]] = ElementTree.iterparse(
                stream, events=("start",), forbid_dtd=True, forbid_entities=True, forbid_external=True
            )
            root = next(events)[1].tag
    except DefusedXmlException as error:
        raise refusal(Message("osm.entities", path=shown), shown) from error
    except (ElementTree.ParseError, StopIteration, ValueError) as error:
        why = _first_line(error)
        raise refusal(Message("osm.damaged", path=shown, why=why), shown) from error
    if b"<remark>" in _end_of(file):
        raise refusal(Message("osm.broken_off", path=shown), shown)
    if root != "osm":
        raise refusal(Message("osm.other_root", path=shown, root=str(root)[:40]), shown)


def _look_over(file: Path, shown: str) -> frozenset[int]:
    """Refuse a PBF of which the library would make something else; return the nodes that stand at two places."""
    try:
        kept, twice = pbf_places(file)
    except TooMuchError as error:
        raise refusal(Message("osm.unpacks", path=shown), shown) from error
    except OtherwisePackedError as error:
        raise refusal(Message("osm.packed", path=shown, packing=str(error)), shown) from error
    except BrokenError as error:
        raise refusal(Message("osm.damaged", path=shown, why=str(error)), shown) from error
    if not kept:
        raise refusal(Message("osm.off_earth", path=shown), shown)
    if _is_history(file):
        raise refusal(Message("osm.history", path=shown), shown)
    return twice


def _end_of(file: Path) -> bytes:
    """Return what stands last in a file, where Overpass says that it broke off."""
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - _END))
        return stream.read(_END)


@dataclass(slots=True, kw_only=True, eq=False)
class _Multipolygons:
    """What relations say about the ways that they are made of."""

    made: dict[int, BaseGeometry] = field(default_factory=dict)  # those that could be put together
    announced: set[int] = field(default_factory=set)
    outer: dict[str, list[str]] = field(default_factory=dict)  # outer ways of those with tags of their own
    tagged_way: dict[int, str] = field(default_factory=dict)  # old style: the outer way has the tags
    communities: set[int] = field(default_factory=set)
    buildings: dict[int, list[str]] = field(
        default_factory=dict
    )  # outlines of relations that say it is a building
    others: dict[int, str] = field(
        default_factory=dict
    )  # relations that become no part of a layer: their type
    roles: dict[int, Roles] = field(
        default_factory=dict
    )  # what members are called, where all are called outer or inner
    moved: set[int] = field(default_factory=set)  # those with a node that stands twice, at different places
    rings: dict[int, Rings] = field(default_factory=dict)  # of what was put together

    def take(self, relation: Any, tags: dict[str, str], collector: Collector) -> None:  # noqa: ANN401 - osmium.osm.Relation
        """Note a relation and what its members are called."""
        if tags.get("type") not in _RELATIONS:
            return
        ways = [member for member in relation.members if member.type == "w"]
        self.note(relation.id, tags, [f"w{m.ref}" for m in ways if m.role not in _NO_OUTLINE], collector)
        roles = tuple((m.ref, m.role) for m in ways)
        if {role for _, role in roles} <= {"outer", "inner"}:
            self.roles[relation.id] = roles

    def note(self, number: int, tags: dict[str, str], outer: list[str], collector: Collector) -> None:
        """Note a relation."""
        kind = tags.get("type", "")
        if kind == "boundary":
            if community_level(tags) is not None:
                self.communities.add(number)
        elif kind == "building":
            if "name" in tags:
                collector.names |= dict.fromkeys(outer, tags["name"])
            if "building" in tags:
                self.buildings[number] = outer
        elif kind != "multipolygon":
            if kind in _OF_INTEREST:
                self.others[number] = f"type={kind}"
        elif _tells(tags):
            self.announced.add(number)
            self.outer[f"r{number}"] = outer
        elif len(outer) == 1:
            self.tagged_way[number] = outer[0]

    def put_together(self, area: Any, shape: BaseGeometry, twice: frozenset[int]) -> None:  # noqa: ANN401 - osmium.osm.Area
        """Note the area that the library made of a relation."""
        number = area.orig_id()
        self.made[number] = shape
        self.rings[number] = rings_of(area)
        if twice and not twice.isdisjoint(nodes_of(area)):
            self.moved.add(number)

    def settle(self, collector: Collector, unclear: Iterable[int], spiked: Iterable[int]) -> None:
        """Bring outlines drawn twice, with holes, or not at all, in order."""
        for numbers, things in (
            (unclear, collector.unclear),
            (spiked, collector.spiked),
            (self.moved, collector.moved),
        ):
            things += [f"r{number}" for number in sorted(numbers)]
            things += [self.tagged_way[number] for number in sorted(numbers) if number in self.tagged_way]
        collector.broken += [f"r{number}" for number in sorted(self.announced - set(self.made))]
        collector.communities_cut += [f"r{number}" for number in sorted(self.communities - set(self.made))]
        collector.unknown += [(f"r{number}", kind) for number, kind in self.others.items()]
        drawn = {row["building_id"] for row in collector.rows.get("buildings", ())}
        bare = [f"r{n}" for n, outlines in self.buildings.items() if drawn.isdisjoint(outlines)]
        collector.unplaced |= dict.fromkeys(bare, "type=building")
        collector.forget(self.outer)
        collector.reshape(
            {w: self.made[number] for number, w in self.tagged_way.items() if number in self.made}
        )


def _take_node(node: Any, collector: Collector) -> None:  # noqa: ANN401 - osmium.osm.Node
    if node.location.valid():
        collector.node(f"n{node.id}", _tags(node, collector), (node.lon, node.lat))
    else:
        collector.nowhere.append(f"n{node.id}")


def _take_way(way: Any, tags: dict[str, str], collector: Collector) -> None:  # noqa: ANN401 - osmium.osm.Way
    spots = [node.location for node in way.nodes]
    places = [(spot.lon, spot.lat) if spot.valid() else None for spot in spots]
    if collector.twice and not collector.twice.isdisjoint(node.ref for node in way.nodes):
        collector.moved.append(f"w{way.id}")
    collector.way(f"w{way.id}", tags, places, closed=way.ends_have_same_id())


def _tags(thing: Any, collector: Collector) -> dict[str, str]:  # noqa: ANN401 - a thing of osmium
    """Return the tags of a thing, without those that it says twice, differently: which holds cannot be told."""
    tags = {tag.k: tag.v for tag in thing.tags}
    if len(tags) < len(thing.tags):
        pairs = {(tag.k, tag.v) for tag in thing.tags}
        for key in sorted(tags):
            if sum(said == key for said, _ in pairs) > 1:
                del tags[key]
                ident = f"r{thing.orig_id()}" if hasattr(thing, "orig_id") else f"{str(thing)[0]}{thing.id}"
                collector.said_twice[ident] = key
    return tags


def _collect(file: Path, collector: Collector, *, file_format: str) -> None:
    import osmium  # noqa: PLC0415 - heavy, and only needed here

    relations = _Multipolygons()
    shapes = osmium.geom.WKBFactory()
    things = osmium.FileProcessor(osmium.io.File(str(file), file_format)).with_areas()
    # Points without tags are only places of ways; they never reach Python. Areas of relations may have none.
    tagged = osmium.filter.EmptyTagFilter()
    tagged.enable_for(osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION)
    try:
        _refuse_way_0(file, file_format)
        for thing in things.with_filter(tagged):
            if isinstance(thing, osmium.osm.Node):
                _take_node(thing, collector)
            elif isinstance(thing, osmium.osm.Way):
                _take_way(thing, _tags(thing, collector), collector)
            elif isinstance(thing, osmium.osm.Area):
                # An area without rings is one that could not be put together.
                if not thing.from_way() and thing.num_rings()[0] > 0:
                    shape = shapely.from_wkb(bytes.fromhex(shapes.create_multipolygon(thing)))
                    relations.put_together(thing, shape, collector.twice)
                    collector.area(f"r{thing.orig_id()}", _tags(thing, collector), shape)
            elif isinstance(thing, osmium.osm.Relation):
                relations.take(thing, _tags(thing, collector), collector)
    except osmium.InvalidLocationError as error:
        raise ValueError(str(error)) from error
    relations.settle(collector, *called_otherwise(file, file_format, relations.roles, relations.rings))


def _is_history(file: Path) -> bool:
    """Tell whether a PBF holds all versions of its things, deleted ones too."""
    import osmium  # noqa: PLC0415 - heavy, and only needed here

    try:
        with osmium.io.Reader(osmium.io.File(str(file), "pbf"), osmium.osm.NOTHING) as reader:
            return bool(reader.header().has_multiple_object_versions)
    except (RuntimeError, ValueError):  # a text of its header that is none is a UnicodeDecodeError
        return False  # it is damaged, which reading it will say


def _refuse_way_0(file: Path, file_format: str) -> None:
    """Refuse a way numbered 0, as which the library marks members that it does not want: it would end the process."""
    import osmium  # noqa: PLC0415 - heavy, and only needed here

    things: Any = osmium.FileProcessor(osmium.io.File(str(file), file_format), osmium.osm.WAY)
    if any(True for _ in things.with_filter(osmium.filter.IdFilter([0]))):
        msg = "a way is numbered 0"
        raise ValueError(msg)


def _tells(tags: dict[str, str]) -> bool:
    return any(key in tags for key in ("building", "landuse", "leisure", "amenity"))


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def refusal(message: Message, path: str) -> InputError:
    """Return the error that says why a source of OpenStreetMap cannot be used at all."""
    found = ProblemList(path=path)
    found.add(_REFUSALS[message.key], "error", "refused", message)
    return InputError(message, found.problems)


# --- layers ---------------------------------------------------------------------------------------


def _frame(name: str, rows: list[Row]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows)
    layer = LAYERS[name]
    always = {layer.id_column, *_ALWAYS.get(name, ()), *(c.name for c in layer.columns if c.required)}
    types: dict[str, Any] = {column.name: _TYPES.get(column.type) for column in layer.columns}
    columns: dict[str, object] = {}
    for column in table.columns:
        if column == "geometry" or (column not in always and table[column].isna().all()):
            continue
        values = table[column].astype(object).where(table[column].notna(), None)
        kind = types.get(column)
        columns[column] = values if kind is None else pd.array(values, dtype=kind)
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(list(table["geometry"]), crs=WGS84))
