"""Broken inputs: extracts of OpenStreetMap."""

from __future__ import annotations

import gzip
from pathlib import Path

from made_base import made

_NODES = "".join(
    f'<node id="{i}" version="1" lat="{36.65 + 0.0001 * y}" lon="{117 + 0.0001 * x}"/>'
    for i, (x, y) in enumerate([(0, 0), (1, 0), (1, 1), (0, 1)], start=1)
)


def _way(number: int, nodes: tuple[int, ...], more: str = "", attributes: str = "", **tags: object) -> str:
    refs = "".join(f'<nd ref="{n}"/>' for n in nodes)
    said = "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in tags.items())
    return f'<way id="{number}" version="1" {attributes}>{refs}{said}{more}</way>'


_HOUSE = _way(10, (1, 2, 3, 4, 1), building="residential", building__levels=6)
_PATH = _way(11, (1, 3), highway="footway")


def _osm(path: Path, *parts: str, root: str = "osm", attributes: str = "") -> Path:
    path.write_text(
        f'<{root} version="0.6" generator="x" {attributes}>{"".join(parts)}</{root}>', encoding="utf-8"
    )
    return path


@made("osm", "PLAN-OSM-002 degraded")
def nodes_missing(folder: Path) -> Path:
    """A way through nodes that are not there."""
    return _osm(folder / "b.osm", _NODES, _HOUSE, _PATH, _way(12, (1, 2, 98, 99, 1), building="yes"))


@made("osm", "PLAN-OSM-003 degraded")
def multipolygon_crossing(folder: Path) -> Path:
    """A multipolygon whose ring crosses itself."""
    relation = '<relation id="20" version="1"><member type="way" ref="12" role="outer"/><tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>'
    return _osm(folder / "b.osm", _NODES, _HOUSE, _PATH, _way(12, (1, 3, 2, 4, 1)), relation)


@made("osm", "PLAN-OSM-003 degraded")
def multipolygon_open(folder: Path) -> Path:
    """A multipolygon whose ring does not close."""
    relation = '<relation id="20" version="1"><member type="way" ref="12" role="outer"/><member type="way" ref="77" role="outer"/><tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>'
    return _osm(folder / "b.osm", _NODES, _HOUSE, _PATH, _way(12, (1, 3, 2)), relation)


@made("osm", "PLAN-OSM-015 repaired", silent=True)
def ids_negative(folder: Path) -> Path:
    """Negative ids, as an editor gives to what is not uploaded."""
    text = (_NODES + _HOUSE + _PATH).replace('id="', 'id="-').replace('ref="', 'ref="-')
    return _osm(folder / "b.osm", text)


@made("osm", "PLAN-OSM-015 repaired", silent=True)
def objects_deleted(folder: Path) -> Path:
    """A building that is deleted: it is not there."""
    gone = _way(12, (1, 2, 3, 1), building="yes").replace('version="1"', 'version="2" visible="false"')
    return _osm(folder / "b.osm", _NODES, _HOUSE, _PATH, gone)


@made("osm", "PLAN-OSM-015 repaired", silent=True)
def actions_of_an_editor(folder: Path) -> Path:
    """A building that an editor marks as deleted: it is not there."""
    gone = _way(12, (1, 2, 3, 1), attributes='action="delete"', building="yes")
    return _osm(folder / "b.osm", _NODES, _HOUSE, _PATH, gone)


@made("osm", "PLAN-FILE-008 refused")
def history(folder: Path) -> Path:
    """A file of all versions: a building twice, once with 6 storeys and once with 60."""
    later = _HOUSE.replace('version="1"', 'version="2"').replace('v="6"', 'v="60"')
    return _osm(folder / "b.osh", _NODES, _HOUSE, later, _PATH)


@made("osm", "PLAN-FILE-001 refused")
def history_called_osm(folder: Path) -> Path:
    """A file of all versions that calls itself .osm."""
    later = _HOUSE.replace('version="1"', 'version="2"').replace('v="6"', 'v="60"')
    return _osm(folder / "b.osm", _NODES, _HOUSE, later, _PATH)


@made("osm", "PLAN-FILE-008 refused")
def changes(folder: Path) -> Path:
    """A file of changes."""
    return _osm(folder / "b.osc", f"<create>{_NODES}{_HOUSE}</create>", root="osmChange")


@made("osm", "PLAN-FILE-001 refused")
def changes_called_osm(folder: Path) -> Path:
    """A file of changes that calls itself .osm."""
    return _osm(folder / "b.osm", f"<create>{_NODES}{_HOUSE}</create>", root="osmChange")


@made("osm", "PLAN-FILE-001 refused")
def pbf_cut(folder: Path) -> Path:
    """The head of a .pbf and nothing behind it."""
    (folder / "b.osm.pbf").write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c")
    return folder / "b.osm.pbf"


@made("osm", "PLAN-FILE-001 refused")
def pbf_is_words(folder: Path) -> Path:
    """A text that calls itself .osm.pbf."""
    (folder / "b.osm.pbf").write_text("nothing", encoding="ascii")
    return folder / "b.osm.pbf"


@made("osm", "PLAN-FILE-001 refused")
def osm_cut(folder: Path) -> Path:
    """The half of an OSM file."""
    path = _osm(folder / "b.osm", _NODES, _HOUSE, _PATH)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    return path


@made("osm", "PLAN-DATA-001 refused")
def osm_of_nothing(folder: Path) -> Path:
    """An OSM file without objects."""
    return _osm(folder / "b.osm")


@made("osm", "PLAN-DATA-001 refused")
def nodes_off_the_globe(folder: Path) -> Path:
    """A node at latitude 95."""
    return _osm(folder / "b.osm", _NODES.replace('lat="36.65"', 'lat="95"', 1), _HOUSE, _PATH)


@made("osm", "PLAN-ATTR-002 degraded")
def levels_in_words(folder: Path) -> Path:
    """Levels 六 and 6;7."""
    return _osm(
        folder / "b.osm",
        _NODES,
        _HOUSE,
        _PATH,
        _way(12, (1, 2, 3, 1), building="yes", building__levels="6;7"),
    )


@made("osm", "PLAN-OSM-003 degraded")
def multipolygon_of_itself(folder: Path) -> Path:
    """A multipolygon that has itself as a member."""
    relation = '<relation id="20" version="1"><member type="relation" ref="20" role="outer"/><tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>'
    return _osm(folder / "b.osm", _NODES, _HOUSE, _PATH, relation)


@made("osm", "PLAN-SEC-010 noted")
def names_in_osm_that_hide(folder: Path) -> Path:
    """A name with a mark of the other direction in OSM."""
    return _osm(
        folder / "b.osm",
        _NODES,
        _PATH,
        _way(12, (1, 2, 3, 4, 1), building="yes", building__levels=6, name="a&#x202e;b{{7*7}}"),
    )


_LAST = '<node id="5" version="1" lat="36.65005" lon="117.00005">{}</node>'


@made("osm", "PLAN-OSM-018 noted")
def places_that_closed(folder: Path) -> Path:
    """A kindergarten that is disused and a path that is abandoned."""
    tags = '<tag k="amenity" v="kindergarten"/><tag k="disused" v="yes"/>'
    path = _way(12, (1, 2), highway="footway", abandoned="yes")
    return _osm(folder / "b.osm", _NODES, _LAST.format(tags), _HOUSE, _PATH, path)


@made("osm", "PLAN-FILE-001 refused")
def answer_that_broke_off(folder: Path) -> Path:
    """An answer of Overpass whose time ran out: well-formed, and not whole."""
    return _osm(folder / "b.osm", _NODES, _HOUSE, _PATH, "<remark>runtime error: Query timed out</remark>")


@made("osm", "PLAN-OSM-011 degraded")
def ways_of_the_day(folder: Path) -> Path:
    """A path that is closed at night, and a gate that says so with a condition."""
    tags = '<tag k="barrier" v="gate"/><tag k="access:conditional" v="no @ (22:00-06:00)"/>'
    path = _way(12, (1, 2), highway="footway", opening_hours="06:00-22:00")
    return _osm(folder / "b.osm", _NODES, _LAST.format(tags), _HOUSE, _PATH, path)


@made("osm", "PLAN-OSM-019 noted")
def kerbs(folder: Path) -> Path:
    """A kerb, which stops a wheelchair."""
    return _osm(folder / "b.osm", _NODES, _LAST.format('<tag k="barrier" v="kerb"/>'), _HOUSE, _PATH)


@made("osm", "PLAN-OSM-014 degraded")
def keys_said_twice(folder: Path) -> Path:
    """A building of 6 and of 30 storeys."""
    again = '<tag k="building:levels" v="30"/>'
    return _osm(
        folder / "b.osm",
        _NODES,
        _HOUSE,
        _PATH,
        _way(12, (1, 2, 3, 1), again, building="yes", building__levels=6),
    )


@made("osm", "PLAN-OSM-002 degraded")
def point_without_a_place(folder: Path) -> Path:
    """A kindergarten without longitude and latitude."""
    lost = '<node id="5" version="1"><tag k="amenity" v="kindergarten"/></node>'
    return _osm(folder / "b.osm", _NODES, lost, _HOUSE, _PATH)


@made("osm", "PLAN-OSM-016 degraded")
def parts_without_a_building(folder: Path) -> Path:
    """Parts of a building that nobody drew."""
    part = _way(12, (1, 2, 3, 1), building__part="yes", building__levels=6)
    return _osm(folder / "b.osm", _NODES, _PATH, part)


@made("osm", "PLAN-FILE-008 refused")
def overpass_json(folder: Path) -> Path:
    """An answer of Overpass in JSON."""
    (folder / "export.json").write_text('{"version": 0.6, "elements": []}', encoding="utf-8")
    return folder / "export.json"


@made("osm", "PLAN-FILE-008 refused")
def osm_packed(folder: Path) -> Path:
    """An extract that is packed with gzip."""
    whole = _osm(folder / "b.osm", _NODES, _HOUSE, _PATH)
    (folder / "b.osm.gz").write_bytes(gzip.compress(whole.read_bytes()))
    return folder / "b.osm.gz"
