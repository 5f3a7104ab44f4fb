"""What a file of OpenStreetMap did not say, or not so that it is understood, and what was made of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from plan.findings import Effect, Problem, Severity
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._osm_collect import Collector
from plan.readers._osm_settle import SMALLEST_ESTATE_M2, covered_share, outline_m2
from plan.readers._osm_tags import HOMES

__all__ = ["told"]

_SHOWN: Final = 8  # tags or ids that a message names

Layers = dict[str, gpd.GeoDataFrame]


def told(collector: Collector, layers: Layers, path: str) -> tuple[Problem, ...]:
    """Return what people must know of a file that was read.

    Parameters
    ----------
    collector : Collector
        What was gathered, and finished.
    layers : dict of str to GeoDataFrame
        What became of it.
    path : str
        The file or the request, as the user named it.
    """
    parts = (
        _tell_file(collector, path),
        _tell_tags(collector, path),
        _tell_communities(collector, layers, path),
        _tell_buildings(collector, layers, path),
        _tell_gates(collector, layers, path),
        _tell_ways(collector, path),
        _tell_places(collector, path),
        _tell_blocks(layers, path),
        *(
            _tell_unclear(key, things, name, frame, path)
            for key, things in (
                ("roles", collector.unclear),
                ("spikes", collector.spiked),
                ("two_places", collector.moved),
            )
            if things
            for name, frame in layers.items()
        ),
    )
    return tuple(problem for part in parts for problem in part.problems)


def _tell(
    found: ProblemList,
    problem_id: str,
    severity: Severity,
    effect: Effect,
    key: str,
    *,
    things: Mapping[str, str] | Sequence[str],
    column: str = "",
) -> None:
    """Tell things by their ids, if there are any; of tags that each stands for, the most common ones."""
    if not things:
        return
    ids = tuple(things)
    tags = {"tags": _most_common(things.values())} if isinstance(things, Mapping) else {}
    message = Message(key, count=len(ids), ids=ids[:_SHOWN], **tags)
    found.add(problem_id, severity, effect, message, column=column, features=ids)


def _tell_file(collector: Collector, path: str) -> ProblemList:
    found = ProblemList(path=path)
    if collector.missing_places:
        message = Message("osm.missing_nodes", count=collector.missing_places)
        found.add("PLAN-OSM-002", "warning", "degraded", message)
    if collector.gone:
        ids = tuple(dict.fromkeys(collector.gone))
        message = Message("osm.gone", count=len(ids), ids=ids[:_SHOWN])
        found.add("PLAN-OSM-002", "warning", "degraded", message, features=ids)
    _tell(found, "PLAN-OSM-016", "warning", "degraded", "osm.unplaced", things=collector.unplaced)
    _tell(found, "PLAN-OSM-003", "warning", "degraded", "osm.broken_outlines", things=collector.broken)
    if collector.edited:
        found.add("PLAN-OSM-015", "info", "repaired", Message("osm.edited", deleted=collector.deleted))
    _tell(found, "PLAN-OSM-002", "warning", "degraded", "osm.nowhere", things=collector.nowhere)
    return found


def _tell_tags(collector: Collector, path: str) -> ProblemList:
    """Tell tags that are not understood, and things that say that they are not there."""
    found = ProblemList(path=path)
    homes = [one for one in collector.unknown if one[1].split("=", maxsplit=1)[0] in HOMES]
    others = [one for one in collector.unknown if one[1].split("=", maxsplit=1)[0] not in HOMES]
    for key, said in (("osm.not_understood", others), ("osm.homes", homes)):
        if said:
            ids, tags = _ids(thing for thing, _ in said), _most_common(tag for _, tag in said)
            message = Message(key, count=len(said), tags=tags, ids=ids[:_SHOWN])
            found.add("PLAN-OSM-014", "info", "noted", message, features=ids)
    _tell(found, "PLAN-OSM-014", "warning", "degraded", "osm.said_twice", things=collector.said_twice)
    _tell(found, "PLAN-OSM-018", "info", "noted", "osm.not_there", things=collector.gone_by)
    _tell(found, "PLAN-OSM-018", "info", "noted", "osm.ruins", things=collector.ruins)
    return found


def _tell_unclear(
    key: str, unclear: Sequence[str], name: str, frame: gpd.GeoDataFrame, path: str
) -> ProblemList:
    """Name the rows of a layer whose outlines and holes are called the other way round, or lie at two places."""
    found = ProblemList(path=path, layer=name)
    things = frozenset(unclear)
    ids = tuple(i for i in map(str, frame[frame.columns[0]]) if i.split("/", maxsplit=1)[0] in things)
    if ids:
        message = Message(f"osm.{key}", layer=name, count=len(ids), ids=ids[:_SHOWN])
        found.add("PLAN-GEOM-015", "warning", "repaired", message, features=ids)
    return found


def _tell_buildings(collector: Collector, layers: Layers, path: str) -> ProblemList:
    found = ProblemList(path=path, layer="buildings")
    if collector.bad_floors:
        ids = tuple(sorted(collector.bad_floors))
        said = tuple(dict.fromkeys(collector.bad_floors[i] for i in ids))[:_SHOWN]
        message = Message("osm.bad_floors", count=len(ids), said=said, ids=ids[:_SHOWN])
        found.add("PLAN-ATTR-002", "warning", "degraded", message, column="floors", features=ids)
    if collector.bad_heights:
        ids = tuple(sorted(collector.bad_heights))
        said = _ids(collector.bad_heights[i] for i in ids)[:_SHOWN]
        message = Message("osm.bad_heights", count=len(ids), said=said, ids=ids[:_SHOWN])
        found.add("PLAN-ATTR-002", "warning", "degraded", message, column="height_m", features=ids)
    if "buildings" in layers:
        known, of = int(layers["buildings"]["floors"].notna().sum()), len(layers["buildings"])
        if known < of:
            message = Message("osm.floors_missing", known=known, of=of)
            found.add("PLAN-OSM-005", "info", "noted", message, column="floors")
    _tell(found, "PLAN-OSM-017", "info", "noted", "osm.roofs", things=collector.roofs)
    _tell(
        found,
        "PLAN-OSM-008",
        "info",
        "repaired",
        "osm.floors_of_parts",
        things=collector.of_parts,
        column="floors",
    )
    _tell(found, "PLAN-OSM-009", "info", "repaired", "osm.blocks", things=collector.blocks)
    return found


def _tell_ways(collector: Collector, path: str) -> ProblemList:
    found = ProblemList(path=path, layer="walkways")
    _tell(found, "PLAN-OSM-004", "info", "noted", "osm.not_walkable", things=collector.left_out)
    _tell(found, "PLAN-OSM-019", "info", "noted", "osm.posts", things=collector.posts)
    if collector.timed:
        ids = _ids(collector.timed)
        message = Message("osm.way_hours", count=len(ids), ids=ids[:_SHOWN])
        found.add("PLAN-OSM-011", "info", "degraded", message, features=ids)
    for key, squares in (("squares", collector.squares), ("crowded", collector.crowded)):
        if squares:
            message = Message(f"osm.{key}", count=len(squares), ids=tuple(squares[:_SHOWN]))
            found.add("PLAN-OSM-013", "info", "noted", message, features=tuple(squares))
    return found


def _tell_places(collector: Collector, path: str) -> ProblemList:
    found = ProblemList(path=path, layer="facilities")
    _tell(found, "PLAN-OSM-001", "info", "noted", "osm.uncategorised", things=collector.uncategorised)
    return found


def _tell_blocks(layers: Layers, path: str) -> ProblemList:
    found = ProblemList(path=path, layer="parcels")
    single = _single_blocks(layers)
    if single:
        message = Message(
            "osm.single_blocks", count=len(single), of=len(layers["parcels"]), ids=single[:_SHOWN]
        )
        found.add("PLAN-OSM-006", "info", "noted", message, features=single)
    return found


def _tell_gates(collector: Collector, layers: Layers, path: str) -> ProblemList:
    """Tell gates that do not say who may pass, or when."""
    found = ProblemList(path=path, layer="entrances")
    if "entrances" in layers:
        entrances = layers["entrances"]
        gates = entrances[entrances["kind"] == "gate"]
        silent = tuple(gates.loc[gates["access"].isna(), "entrance_id"])
        if silent:
            message = Message("osm.gates_silent", count=len(silent), of=len(gates), ids=silent[:_SHOWN])
            found.add("PLAN-OSM-010", "info", "noted", message, column="access", features=silent)
    if collector.ways_out:
        ids, tags = tuple(collector.ways_out), _most_common(collector.ways_out.values())
        message = Message("osm.ways_out", count=len(ids), tags=tags)
        found.add("PLAN-OSM-017", "info", "noted", message, features=ids)
    _tell(
        found,
        "PLAN-OSM-011",
        "info",
        "degraded",
        "osm.hours",
        things=collector.untold_hours,
        column="opens, closes",
    )
    return found


def _tell_communities(collector: Collector, layers: Layers, path: str) -> ProblemList:
    """Tell how much of a site the communities of the file are."""
    found = ProblemList(path=path, layer="communities")
    _tell(
        found, "PLAN-OSM-012", "warning", "degraded", "osm.communities_cut", things=collector.communities_cut
    )
    if "communities" in layers:
        rows = collector.rows["communities"]
        share = covered_share(rows, collector.rows.get("buildings", []))
        if share is not None and share < 1:
            message = Message("osm.communities_share", count=len(rows), percent=round(100 * share, 1))
            found.add("PLAN-OSM-012", "info", "noted", message)
    return found


def _ids(things: Iterable[str]) -> tuple[str, ...]:
    """Return each once, in the order of the file."""
    return tuple(dict.fromkeys(things))


def _most_common(tags: Iterable[str]) -> tuple[str, ...]:
    ordered = sorted(Counter(tags).items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    return tuple(f"{tag} ({number})" for tag, number in ordered)


def _single_blocks(layers: Layers) -> tuple[str, ...]:
    """Return outlines of ``landuse=residential`` of the size of a block that hold one building or none."""
    if "parcels" not in layers:
        return ()
    parcels = layers["parcels"]
    shapes = parcels.geometry.to_numpy()
    small = np.array([outline_m2(shape) < SMALLEST_ESTATE_M2 for shape in shapes], dtype=bool)
    counts = np.zeros(len(parcels), dtype=np.int64)
    if "buildings" in layers:
        inside = shapely.point_on_surface(layers["buildings"].geometry.to_numpy())
        parcel, _ = shapely.STRtree(inside).query(shapes, predicate="intersects")
        counts = np.bincount(parcel, minlength=len(parcels))
    return tuple(parcels["parcel_id"].to_numpy()[small & (counts <= 1)])
