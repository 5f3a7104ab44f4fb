"""Do rows of different layers, and figures and drawings, agree with each other? What contradicts is told, not changed.

Every comparison is between two things that the submission itself says: a room and the building that it names, a
declared area and the drawn one, a storey and the number of storeys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely

from plan.columns import names_in, texts_in
from plan.findings import Effect, Problem, Severity
from plan.messages import Message
from plan.problems import ProblemList
from plan.quantities import number_in
from plan.readers.room_areas import DIFFERENCE_M2, DIFFERENCE_SHARE, LARGER, crowded_storeys, numbers_of
from plan.schema import LAYERS
from plan.text_safety import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Told", "check_consistency"]

_OUT_M: Final = 1.0  # metres by which a room may stick out of its building: drawings differ by a wall
_SHARE_OUT: Final = 0.05  # of its area
# By which a declared area may differ from the drawn one.
_AREA_SHARE: Final = {"rooms": DIFFERENCE_SHARE, "grids": 0.05, "parcels": 0.05}
_DOOR_M: Final = 3.0  # metres between a door and the outline of its building
_GATE_M: Final = 5.0  # metres between a gate and the wall or boundary that it opens
_BESIDE_M: Final = 20.0  # metres from a gate along which the wall that its way crosses may be meant by it
_APART_M: Final = 1000.0  # metres from the estate beyond which a whole layer is somewhere else
_OUTLINES: Final = ("parcels", "communities", "buildings")
_OF_IT: Final = (
    "buildings",
    "entrances",
    "rooms",
    "households",
    "stalls",
    "open_spaces",
    "fire_lanes",
    "barriers",
)
_SHOWN: Final = 10
# How tables call the area of a plot, which is no column of the contract because it is measured.
_PLOT_AREAS: Final = ("area_m2", "面积", "面积_m2", "用地面积", "宗地面积", "地块面积", "area")


@dataclass(slots=True)
class Told:
    """Where contradictions of a layer are noted."""

    layers: Mapping[str, gpd.GeoDataFrame]
    paths: Mapping[str, str]
    problems: list[Problem]

    def ids(self, name: str) -> NDArray[np.object_]:
        """Return the ids of a layer's rows; their numbers where it has none."""
        return ids_of(self.layers[name], name)

    def note(
        self,
        name: str,
        problem_id: str,
        key: str,
        mask: NDArray[np.bool_],
        *,
        severity: Severity = "warning",
        effect: Effect = "noted",
        column: str = "",
        shown: Mapping[int, str] | None = None,
        **more: object,
    ) -> None:
        """Note the rows of a mask; `shown` are words for each of them by its position, else its id."""
        where = np.flatnonzero(mask)
        if not len(where):
            return
        ids = self.ids(name)
        words = [ids[i] if shown is None else shown[i] for i in where[:_SHOWN].tolist()]
        message = Message(
            f"readers.{key}",
            layer=name,
            count=len(where),
            ids=tuple(plain(word) for word in words),
            **more,
        )
        self.tell(name, problem_id, message, where.tolist(), severity=severity, effect=effect, column=column)

    def tell(
        self,
        name: str,
        problem_id: str,
        message: Message,
        where: Iterable[int],
        *,
        severity: Severity = "warning",
        effect: Effect = "noted",
        column: str = "",
    ) -> None:
        """Note a message on rows of a layer, by their positions."""
        ids, rows = self.ids(name), list(where)
        found = ProblemList(path=self.paths.get(name, ""), layer=name)
        found.add(
            problem_id,
            severity,
            effect,
            message,
            column=column,
            rows=(i + 1 for i in rows),
            features=(str(ids[i]) for i in rows),
        )
        self.problems += found.problems


def check_consistency(
    layers: Mapping[str, gpd.GeoDataFrame], *, paths: Mapping[str, str]
) -> tuple[Problem, ...]:
    """Compare what rows say with the buildings, plots and drawings that they speak of.

    Parameters
    ----------
    layers : mapping of str to geopandas.GeoDataFrame
        Layers of the contract, in one metric system.
    paths : mapping of str to str
        The file that each came from.

    Returns
    -------
    tuple of Problem
        PLAN-REL-001 rooms outside their building, 003 larger than its floor, 006 on a storey that it does not have,
        007 households in no building, 008 stairwells that no entrance has, 009 areas that differ from the drawing,
        010 doors far from their building, 011 gates that open nothing or stand beside their wall, 012 layers that lie
        elsewhere, 013 gates whose walls are not drawn.
    """
    told = Told(layers, paths, [])
    if "buildings" in layers and "building_id" in layers["buildings"].columns:
        for name in ("rooms", "households"):
            if name in layers:
                _storeys(told, name)
        if "rooms" in layers:
            _rooms(told)
        if "entrances" in layers:
            _doors(told)
    if "households" in layers:
        _homeless(told)
    _apart(told)
    _stairwells(told)
    _areas(told)
    _gates(told)
    return tuple(told.problems)


def ids_of(frame: gpd.GeoDataFrame, name: str) -> NDArray[np.object_]:
    """Return the ids of the rows of a layer; their numbers from 1 on where it has no column of ids."""
    key = LAYERS[name].id_column
    numbers = np.arange(1, len(frame) + 1).astype(str).astype(object)
    return np.asarray(frame[key].to_numpy(dtype=object)) if key in frame.columns else numbers


def shapes_of(frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the shapes of a layer as an array."""
    return np.asarray(frame.geometry.array, dtype=object)


def _house(told: Told, name: str) -> NDArray[np.int64]:
    """Return for each row the position of the building that it names; -1 for none."""
    first: dict[str | None, int] = {}
    for i, house in enumerate(names_in(told.layers["buildings"]["building_id"])):
        if house is not None:
            first.setdefault(house, i)
    frame = told.layers[name]
    if "building_id" not in frame.columns:
        return np.full(len(frame), -1, dtype=np.int64)
    return np.array([first.get(house, -1) for house in names_in(frame["building_id"])], dtype=np.int64)


def _of_house(values: NDArray[Any], house: NDArray[np.int64], *, absent: object) -> NDArray[Any]:
    """Return for each row what its building has; `absent` where it names none."""
    out = np.full(len(house), absent, dtype=values.dtype)
    out[house >= 0] = values[house[house >= 0]]
    return out


def _storeys(told: Told, name: str) -> None:
    frame, houses, house = told.layers[name], told.layers["buildings"], _house(told, name)
    floor = numbers_of(frame, "floor")
    above = _of_house(numbers_of(houses, "floors"), house, absent=np.nan)
    below = _of_house(numbers_of(houses, "floors_below"), house, absent=np.nan)
    # Nobody has to say how many storeys lie below the ground; where it is said, it holds.
    wrong = (floor > above) | (floor < -below)
    ids = told.ids(name)
    shown = {k: f"{ids[k]}: {floor[k]:g} / {above[k]:g}" for k in np.flatnonzero(wrong).tolist()}
    told.note(name, "PLAN-REL-006", "storey_absent", wrong, severity="error", column="floor", shown=shown)


def _rooms(told: Told) -> None:
    rooms, houses, house = told.layers["rooms"], told.layers["buildings"], _house(told, "rooms")
    shapes, outlines = shapes_of(rooms), _of_house(shapes_of(houses), house, absent=None)
    both = (house >= 0) & ~shapely.is_missing(shapes) & ~shapely.is_missing(outlines)
    ground = np.full(len(rooms), None, dtype=object)
    ground[both] = shapely.buffer(outlines[both], _OUT_M)
    out = np.zeros(len(rooms), dtype=bool)
    out[both] = ~shapely.covers(ground[both], shapes[both])
    area = shapely.area(shapes)
    flat = out & (area > 0)
    out[flat] = shapely.area(shapely.difference(shapes[flat], ground[flat])) > _SHARE_OUT * area[flat]
    told.note("rooms", "PLAN-REL-001", "room_off_building", out, severity="error")
    footprint = np.where(both | (house >= 0), shapely.area(outlines), np.nan)
    declared = numbers_of(rooms, "area_m2")
    # A shape that is missing measures 0 and says nothing.
    large = (house >= 0) & (footprint > 0) & (declared > footprint * LARGER)
    ids = told.ids("rooms")
    shown = {k: f"{ids[k]}: {declared[k]:g} > {footprint[k]:.1f}" for k in np.flatnonzero(large).tolist()}
    told.note(
        "rooms", "PLAN-REL-003", "room_too_large", large, severity="error", column="area_m2", shown=shown
    )
    _crowded(told, declared, np.where((house >= 0) & (footprint > 0), footprint, np.nan), large)


def _crowded(
    told: Told, declared: NDArray[np.float64], footprint: NDArray[np.float64], large: NDArray[np.bool_]
) -> None:
    """Tell storeys on which rooms have more area together than the building has."""
    rooms = told.layers["rooms"]
    if not {"building_id", "floor"} <= set(rooms.columns):
        return
    shown: dict[int, str] = {}
    ids = told.ids("rooms")
    crowded = np.zeros(len(rooms), dtype=bool)
    for rows, area in crowded_storeys(rooms, np.where(large, np.nan, declared), footprint):
        crowded[rows] = True
        shown |= {i: f"{ids[i]}: {declared[rows].sum():g} > {area:.1f}" for i in rows.tolist()}
    told.note(
        "rooms", "PLAN-REL-003", "rooms_too_large", crowded, severity="error", column="area_m2", shown=shown
    )


def _doors(told: Told) -> None:
    doors, house = told.layers["entrances"], _house(told, "entrances")
    outlines = _of_house(shapes_of(told.layers["buildings"]), house, absent=None)
    away = shapely.distance(shapes_of(doors), outlines)
    far, ids = away > _DOOR_M, told.ids("entrances")
    shown = {k: f"{ids[k]} {away[k]:.1f} m" for k in np.flatnonzero(far).tolist()}
    told.note("entrances", "PLAN-REL-010", "door_far", far, shown=shown, metres=f"{_DOOR_M:g}")


def _apart(told: Told) -> None:
    """Tell layers of which nothing lies near the estate."""
    outline = next((n for n in _OUTLINES if n in told.layers and not _absent(told.layers[n]).all()), None)
    if outline is None:
        return
    ground = shapely.union_all(shapes_of(told.layers[outline]))
    for name in _OF_IT:
        frame = told.layers.get(name)
        if frame is None or name == outline or _of_one_map(told, name, outline):
            continue
        shapes, drawn = shapes_of(frame), ~_absent(frame)
        if drawn.any() and not shapely.dwithin(ground, shapes[drawn], _APART_M).any():
            nearest = shapely.distance(ground, shapes[drawn]).min()
            told.note(
                name, "PLAN-REL-012", "layer_apart", drawn, severity="error", outline=outline,
                km=f"{_APART_M / 1000:g}", nearest=f"{nearest / 1000:.1f}",
            )  # fmt: skip


def _of_one_map(told: Told, name: str, other: str) -> bool:
    """Tell layers of one file of OpenStreetMap: it has one system, and may hold a gate in one place and houses in another."""
    path = told.paths.get(name, "").casefold()
    return path == told.paths.get(other, "").casefold() and path.endswith((".osm", ".pbf"))


def _absent(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    shapes = shapes_of(frame)
    return np.asarray(shapely.is_missing(shapes) | shapely.is_empty(shapes))


def _homeless(told: Told) -> None:
    homes = told.layers["households"]
    if "building_id" in homes.columns:
        none = homes["building_id"].isna().to_numpy()
        told.note(
            "households", "PLAN-REL-007", "household_homeless", none, severity="error", effect="degraded",
            column="building_id",
        )  # fmt: skip


def _stairwells(told: Told) -> None:
    """Tell stairwells that no entrance of the building has, where its entrances name theirs."""
    doors = told.layers.get("entrances")
    if doors is None or not {"building_id", "stairwell_id"} <= set(doors.columns):
        return
    named = zip(names_in(doors["building_id"]), names_in(doors["stairwell_id"]), strict=True)
    known = {(house, well) for house, well in named if house is not None and well is not None}
    houses = {house for house, _ in known}
    wells = {well for _, well in known}
    for name in ("households", "elevators"):
        frame = told.layers.get(name)
        if frame is None or "stairwell_id" not in frame.columns or not known:
            continue
        of = names_in(frame["building_id"]) if "building_id" in frame.columns else [None] * len(frame)
        climbed = names_in(frame["stairwell_id"])
        lost = np.array(
            [
                w is not None and ((b, w) not in known if b in houses else b is None and w not in wells)
                for b, w in zip(of, climbed, strict=True)
            ],
            dtype=bool,
        )
        shown = {k: f"{of[k]}/{climbed[k]}" for k in np.flatnonzero(lost).tolist()}
        told.note(name, "PLAN-REL-008", "stairwell_unknown", lost, column="stairwell_id", shown=shown)


def _areas(told: Told) -> None:
    for name, share in _AREA_SHARE.items():
        frame = told.layers.get(name)
        if frame is None:
            continue
        column = "area_m2" if name != "parcels" else next((c for c in _PLOT_AREAS if c in frame.columns), "")
        if column not in frame.columns:
            continue
        declared = numbers_of(frame, column) if name != "parcels" else _plot_areas(frame, column)
        measured = shapely.area(shapes_of(frame))
        off = np.abs(declared - measured)
        wrong = (measured > 0) & (off > share * measured) & (off > DIFFERENCE_M2)
        ids = told.ids(name)
        shown = {k: f"{ids[k]}: {declared[k]:g} / {measured[k]:.1f}" for k in np.flatnonzero(wrong).tolist()}
        told.note(
            name, "PLAN-REL-009", "area_differs", wrong, column=plain(column), shown=shown,
            percent=f"{share:.0%}",
        )  # fmt: skip


def _plot_areas(frame: gpd.GeoDataFrame, column: str) -> NDArray[Any]:
    found = [None if text is None else number_in(text, "m2") for text in texts_in(frame[column])]
    return np.array([np.nan if value is None else value for value in found], dtype=float)


def _gates(told: Told) -> None:
    """Tell gates that open nothing, or stand beside the wall that their way crosses; count those whose walls are not drawn."""
    doors = told.layers.get("entrances")
    if doors is None or "kind" not in doors.columns:
        return
    walls = _drawn(told, "barriers")
    edges = np.concatenate([walls, shapely.boundary(_drawn(told, "parcels"))])
    if not len(edges):
        return
    points = shapes_of(doors)
    kinds = np.array([kind == "gate" for kind in names_in(doors["kind"])], dtype=bool)
    gates = np.flatnonzero(kinds & ~shapely.is_missing(points) & ~shapely.is_empty(points))
    ways = _drawn(told, "walkways")
    edged, on_way = _beside(points[gates], edges), _beside(points[gates], ways)
    beside = _walls_beside(points[gates], walls=walls, ways=ways)
    beside[edged] = np.nan
    nothing, ids = np.zeros(len(doors), dtype=bool), told.ids("entrances")
    nothing[gates[~edged & ~on_way]] = True
    told.note("entrances", "PLAN-REL-011", "gate_opens_nothing", nothing, metres=f"{_GATE_M:g}")
    shown = {
        int(gates[k]): f"{ids[gates[k]]} {beside[k]:.1f} m"
        for k in np.flatnonzero(np.isfinite(beside)).tolist()
    }
    told.note(
        "entrances",
        "PLAN-REL-011",
        "gate_beside_wall",
        np.isin(np.arange(len(doors)), list(shown)),
        shown=shown,
    )
    # Between houses a gate needs no wall: it opens a passage.
    unwalled = ~edged & on_way & np.isnan(beside) & ~_beside(points[gates], _drawn(told, "buildings"))
    told.note(
        "entrances", "PLAN-REL-013", "gates_unwalled", np.isin(np.arange(len(doors)), gates[unwalled]), severity="info",
        gates=len(gates), metres=f"{_GATE_M:g}",
    )  # fmt: skip


def _drawn(told: Told, name: str) -> NDArray[np.object_]:
    """Return the shapes of a layer that are drawn; none where it is absent."""
    if name not in told.layers:
        return np.zeros(0, dtype=object)
    return shapes_of(told.layers[name])[~_absent(told.layers[name])]


def _beside(points: NDArray[np.object_], shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which gates have one of the shapes at hand."""
    near = np.zeros(len(points), dtype=bool)
    near[shapely.STRtree(shapes).query(points, predicate="dwithin", distance=_GATE_M)[0]] = True
    return near


def _walls_beside(
    gates: NDArray[np.object_], *, walls: NDArray[np.object_], ways: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Return how far each gate is from where its way crosses a wall in which no gate stands; NaN where it crosses none near."""
    away = np.full(len(gates), np.nan)
    gate, way = shapely.STRtree(ways).query(gates, predicate="dwithin", distance=_GATE_M)
    pieces = shapely.intersection(ways[way], shapely.buffer(gates[gate], _BESIDE_M))
    # Where one wall ends and another begins a way crosses both, and neither by itself.
    parts = shapely.get_parts(walls)
    lines = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts[lines])))
    walls = np.concatenate([joined, parts[~lines]])
    piece, wall = shapely.STRtree(walls).query(pieces, predicate="crosses")
    spots = shapely.intersection(pieces[piece], walls[wall])
    distance = shapely.distance(gates[gate[piece]], spots)
    for k in np.flatnonzero(~_beside(spots, gates)).tolist():
        away[gate[piece[k]]] = np.fmin(away[gate[piece[k]]], distance[k])
    return away
