"""What a community does not cross: main roads, railways and water, as far as the data tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from plan.districts.ground import Lines
from plan.errors import UsageError
from plan.messages import Message

if TYPE_CHECKING:
    from plan.site import Site

__all__ = ["MAIN_ROAD_LANES", "MAIN_ROAD_WIDTH_M", "Barriers", "closed", "find_barriers"]

# From how many lanes on, or from which width on, a street is a main road. This tool's own figures, from practice: four
# lanes, two in each direction, need some 20 m with their pavements; no regulation at hand says what a community may not cross.
MAIN_ROAD_LANES: Final = 4
MAIN_ROAD_WIDTH_M: Final = 20.0
# Kinds of obstacles that nobody lives across.
_WATER: Final = frozenset({
    "water", "river", "lake", "canal", "railway", "rail",
    "水", "水面", "水体", "水域", "河流", "河道", "河", "湖泊", "湖", "运河", "铁路", "轨道",
})  # fmt: skip
_GAP_M: Final = 80.0  # a main road that ends nearer than this to another barrier is led on to it
_OVER_M: Final = 0.5  # metres that such a line is longer than the gap
_ON_ROAD_M: Final = 0.01
_LEAST_WATER_M2: Final = 200.0  # a basin smaller than this is no river


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Barriers:
    """What borders follow, and what they never cross.

    Parameters
    ----------
    lines : Lines
        Streets, main roads and water.
    roads : tuple of str
        Names of the main roads; those without a name are not listed.
    notes : tuple of Message
        What the data cannot tell.
    """

    lines: Lines
    roads: tuple[str, ...]
    notes: tuple[Message, ...]


def find_barriers(
    site: Site,
    *,
    main_road_lanes: int | None = MAIN_ROAD_LANES,
    main_road_width_m: float | None = MAIN_ROAD_WIDTH_M,
    main_roads: Sequence[str] = (),
    minor_roads: Sequence[str] = (),
) -> Barriers:
    """Find the main roads, railways and water of a site.

    Parameters
    ----------
    site : Site
        Perhaps with ``walkways`` and ``obstacles``.
    main_road_lanes, main_road_width_m : number or None
        A street of as many lanes, or as wide, is a main road; of a name of which some parts are so and of others
        nothing is known, all are. None: lanes, or widths, say nothing.
    main_roads, minor_roads : sequence of str
        Names or ids of ways that are main roads, and that are none, whatever their lanes.

    Returns
    -------
    Barriers
        With a note where no street tells its lanes or width.

    Raises
    ------
    UsageError
        If no way has a name or an id that is given, or one is given as both.
    """
    if both := sorted(set(main_roads) & set(minor_roads)):
        raise UsageError(Message("districts.both_roads", names=tuple(both)))
    water = _water(site)
    if not site.has("walkways"):
        if asked := (*main_roads, *minor_roads):
            raise UsageError(Message("districts.no_such_road", names=tuple(asked)))
        return Barriers(
            lines=Lines(edges=_none(), streets=_none(), roads=_none(), water=water),
            roads=(),
            notes=(Message("districts.no_walkways"),),
        )
    ways = site.layer("walkways")
    ways = ways[ways.geometry.notna()]
    names = _texts(ways, "name")
    ids = ways["way_id"].astype(str)
    if unknown := sorted({*main_roads, *minor_roads} - set(names) - set(ids)):
        raise UsageError(Message("districts.no_such_road", names=tuple(unknown)))
    street = (
        ways["kind"].eq("street").fillna(value=False)
        if "kind" in ways
        else pd.Series(data=False, index=ways.index)
    )
    given_main = names.isin(main_roads) | ids.isin(main_roads)
    given_minor = names.isin(minor_roads) | ids.isin(minor_roads)
    lanes, width = _numbers(ways, "lanes"), _numbers(ways, "width_m")
    wide = (
        (lanes >= main_road_lanes) if main_road_lanes is not None else pd.Series(data=False, index=ways.index)
    )
    if main_road_width_m is not None:
        wide |= width >= main_road_width_m
    known = lanes.notna() | width.notna()
    named_main = {
        name
        for name, part in pd.DataFrame({
            "wide": wide, "known": known, "m": ways.length, "name": names,
        })[street.to_numpy() & names.ne("")].groupby("name")
        if part.loc[part["wide"], "m"].sum() > part.loc[part["known"] & ~part["wide"], "m"].sum()
    }  # fmt: skip
    main = (street & (wide | (names.isin(named_main) & ~known)) & ~given_minor) | given_main
    notes: list[Message] = []
    if street.any() and not (known & street).any() and not len(main_roads):
        notes.append(Message("districts.main_roads_unknown", count=int(street.sum())))
    elif (street & ~known & ~names.isin(named_main) & ~given_main).any():
        unsaid = int((street & ~known & ~names.isin(named_main) & ~given_main).sum())
        notes.append(Message("districts.main_roads_partly", count=unsaid, of=int(street.sum())))
    shapes = np.asarray(ways.geometry.to_numpy(), dtype=object)
    return Barriers(
        lines=Lines(
            edges=_none(),
            streets=shapes[(street & ~main).to_numpy(dtype=bool)],
            roads=shapes[main.to_numpy(dtype=bool)],
            water=water,
        ),
        roads=tuple(sorted(set(names[main]) - {""})),
        notes=tuple(notes),
    )


def closed(roads: Any, water: Any, area: shapely.Geometry) -> Any:  # noqa: ANN401 - arrays of shapes
    """Return main roads with their loose ends led on to the next main road, water or the edge of the district.

    A road that ends a few metres from the river parts its sides as well as one that reaches the bank, and so does one that was
    drawn with a gap.

    Parameters
    ----------
    roads, water : arrays of LineString and Polygon
        The barriers.
    area : Polygon or MultiPolygon
        The district.

    Returns
    -------
    array of LineString
        The roads, and the lines that close the gaps.
    """
    if not len(roads):
        return roads
    pieces = shapely.get_parts(shapely.line_merge(shapely.union_all(roads)))
    ends = np.concatenate([shapely.get_point(pieces, 0), shapely.get_point(pieces, -1)])
    ends = ends[shapely.intersects(area, ends)]
    touching = shapely.STRtree(pieces)
    shores = [*shapely.boundary(np.asarray(water, dtype=object)), shapely.boundary(area)]
    led = []
    for end in ends:
        own = touching.query(end, predicate="dwithin", distance=_ON_ROAD_M)
        if len(own) > 1:
            continue
        others = shapely.union_all([*np.delete(pieces, own), *shores])
        line = shapely.shortest_line(end, others)
        if _ON_ROAD_M < line.length <= _GAP_M:
            # A little too long rather than too short: what is too long is cut where it crosses.
            (x0, y0), (x1, y1) = shapely.get_coordinates(line)
            more = 1 + _OVER_M / line.length
            led.append(shapely.LineString([(x0, y0), (x0 + (x1 - x0) * more, y0 + (y1 - y0) * more)]))
    return np.concatenate([roads, np.array(led, dtype=object)])


def _none() -> Any:  # noqa: ANN401 - an array of shapes
    return np.zeros(0, dtype=object)


def _water(site: Site) -> Any:  # noqa: ANN401 - an array of shapes
    if not site.has("obstacles"):
        return _none()
    things = site.layer("obstacles")
    things = things[things.geometry.notna() & things.geometry.geom_type.isin(("Polygon", "MultiPolygon"))]
    kind = things["kind"].map(lambda text: str(text).strip().casefold())
    things = things[kind.isin(_WATER).to_numpy(dtype=bool) & (things.area >= _LEAST_WATER_M2).to_numpy()]
    return np.asarray(things.geometry.to_numpy(), dtype=object)


def _texts(frame: Any, column: str) -> pd.Series[str]:  # noqa: ANN401 - a layer
    if column not in frame:
        return pd.Series("", index=frame.index, dtype=object)
    return frame[column].map(lambda text: text.strip() if isinstance(text, str) else "").astype(object)  # type: ignore[no-any-return]


def _numbers(frame: Any, column: str) -> pd.Series[float]:  # noqa: ANN401 - a layer
    if column not in frame:
        return pd.Series(np.nan, index=frame.index)
    return frame[column].astype("float64")  # type: ignore[no-any-return]
