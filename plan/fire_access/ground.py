"""The ground that a fire engine can drive on, and what stands on it.

Ground is what is drawn as ground: fire lanes, streets, and open spaces with a hard surface. Land on which nothing
is drawn may be a lawn or a slope, so it never carries an engine. All geometry here is in metres about an origin
in the middle of the site, so that no digit is lost where coordinates are millions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from plan.fire_access.drawing import ARC, Drawing, Thing, figure, flag
from plan.network.walls import open_walls
from plan.surfaces import HARD_SURFACES, SOFT_SURFACES

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Ground", "Thing", "Unknown", "ground_of"]

# Metres of a point obstacle around its middle when nobody wrote its radius: this tool's default.
UNKNOWN_RADIUS_M: Final = 2.0
# Metres around a gate, on the street's side, where an engine can stand before it drives in.
APRON_M: Final = 8.0
# Metres around a gate from which an engine comes where nothing says which side of it is the street.
AT_GATE_M: Final = 0.3
# Metres between a gate and a wall that is drawn across it, at most.
ON_WALL_M: Final = 0.5
# Metres beside the estate of which streets are looked at.
MARGIN_M: Final = 25.0
# Metres beside the ground of which it is known what stands there.
BESIDE_M: Final = 10.0
# Half the metres of a wall drawn as a line; a tenth of a millimetre is nothing in a width.
HALF_WALL_M: Final = 5e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """What is not drawn or written, and may decide whether an engine gets there."""

    layer: str
    column: str = ""  # empty: the layer itself, or the shape of its rows
    ids: tuple[str, ...] = ()


# Not slotted: what is derived is kept where it was derived.
@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """Where an engine can drive, about an origin."""

    drawing: Drawing
    lanes: dict[str, BaseGeometry]  # the surface of each fire lane
    centrelines: dict[str, BaseGeometry]  # of the lanes that are drawn as lines
    widths: dict[str, float]  # [m] of these
    roads: dict[str, BaseGeometry]  # the surface of streets and hard open spaces, by id
    drawn: BaseGeometry  # all of it together
    outside: BaseGeometry  # where an engine comes from
    things: tuple[Thing, ...]  # that stand on it
    standing: tuple[Thing, ...]  # all that stand anywhere
    free: BaseGeometry  # drawn, less things
    estate: BaseGeometry  # the parcels
    unknown: tuple[Unknown, ...] = ()

    @property
    def origin(self) -> tuple[float, float]:
        """The origin in the site's coordinates."""
        return self.drawing.origin

    @cached_property
    def nearby(self) -> tuple[Thing, ...]:
        """The things that stand beside the ground, by their keys."""
        if self.drawn.is_empty or not self.standing:
            return ()
        on = {id(thing) for thing in self.things}
        beside = self._standing.query(self.drawn, predicate="dwithin", distance=BESIDE_M)
        found = [self.standing[i] for i in np.sort(beside).tolist()]
        return tuple(sorted((t for t in found if id(t) not in on), key=_key))

    @cached_property
    def _standing(self) -> shapely.STRtree:
        return shapely.STRtree([t.shape for t in self.standing])

    def land_in(self, window: BaseGeometry) -> BaseGeometry:
        """Return the estate within a window, less everything that stands there."""
        on = self._standing.query(window, predicate="intersects")
        shapes = [self.standing[i].shape for i in np.sort(on).tolist()]
        return _polygons(self.estate.intersection(window).difference(_union(shapes)))


def ground_of(drawing: Drawing, *, width_m: float, height_m: float, generous: bool = False) -> Ground:
    """Draw the ground of a site.

    Parameters
    ----------
    drawing : Drawing
        The site about its origin.
    width_m, height_m : float
        Of the lane that is looked for; a lane that is known to be lower is no ground.
    generous : bool, default False
        False: what is not known narrows the way. True: it does not, so that what is out of reach even then is out
        of reach whatever the drawing lacks.

    Returns
    -------
    Ground
        With what is not known about it.
    """
    unknown: list[Unknown] = []
    lanes, lines, widths = _lanes(drawing, width_m, height_m, generous=generous, unknown=unknown)
    inside = _union([shape for _, shape in drawing.rows("parcels")])
    streets = _streets(drawing, width_m, inside, generous=generous, unknown=unknown)
    roads = {**streets, **_spaces(drawing, generous=generous, unknown=unknown)}
    gates = _gates(drawing, unknown)
    things = _things(drawing, gates, width_m, generous=generous, unknown=unknown)
    apron = _union([gate.buffer(APRON_M, quad_segs=ARC) for gate in gates])
    apron = apron.difference(inside) if not inside.is_empty else shapely.Polygon()
    # Without the outline of the estate nobody knows which streets are public: the gates alone lead in.
    outside = (
        _union([_union(list(streets.values())).difference(inside), apron])
        if not inside.is_empty
        else _union([gate.buffer(AT_GATE_M) for gate in gates])
    )
    if inside.is_empty:
        unknown.append(Unknown(layer="parcels"))
    drawn = _union([*lanes.values(), *roads.values(), apron])
    near = _on(things, drawn)
    free = drawn.difference(_union([t.shape for t in near])) if near else drawn
    return Ground(
        drawing=drawing,
        lanes=lanes,
        centrelines=lines,
        widths=widths,
        roads=roads,
        drawn=drawn,
        outside=outside,
        things=tuple(sorted(near, key=_key)),
        standing=tuple(things),
        free=_polygons(free),
        estate=inside,
        unknown=tuple(sorted(set(unknown), key=lambda u: (u.layer, u.column, u.ids))),
    )


def local(shape: BaseGeometry, origin: tuple[float, float]) -> BaseGeometry:
    """Move a shape from the site's coordinates to those about the origin."""
    return affinity.translate(shapely.force_2d(shape), -origin[0], -origin[1])


def back(shape: BaseGeometry, origin: tuple[float, float]) -> BaseGeometry:
    """Move a shape from coordinates about the origin to the site's."""
    return affinity.translate(shape, origin[0], origin[1])


# --- parts ---------------------------------------------------------------------------------------


def _key(thing: Thing) -> tuple[str, str]:
    return thing.sort_key


def _on(things: list[Thing], drawn: BaseGeometry) -> list[Thing]:
    """Return the things that stand on the ground."""
    if drawn.is_empty or not things:
        return []
    on = shapely.STRtree([t.shape for t in things]).query(drawn, predicate="intersects")
    return [things[i] for i in np.sort(on).tolist()]


def _union(shapes: list[BaseGeometry]) -> BaseGeometry:
    return shapely.union_all(shapes) if shapes else shapely.Polygon()


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 0]
    return shapely.MultiPolygon(parts)


def _lanes(
    drawing: Drawing,
    width_m: float,
    height_m: float,
    *,
    generous: bool,
    unknown: list[Unknown],
) -> tuple[dict[str, BaseGeometry], dict[str, BaseGeometry], dict[str, float]]:
    surfaces: dict[str, BaseGeometry] = {}
    lines: dict[str, BaseGeometry] = {}
    widths: dict[str, float] = {}
    if not drawing.site.has("fire_lanes"):
        unknown.append(Unknown(layer="fire_lanes"))
        return surfaces, lines, widths
    frame = drawing.site.layers["fire_lanes"]
    undrawn = frame.loc[frame.geometry.isna() | frame.geometry.is_empty, "lane_id"]
    if len(undrawn):
        unknown.append(Unknown(layer="fire_lanes", ids=tuple(sorted(map(str, undrawn)))))
    silent = []
    for row, shape in drawing.rows("fire_lanes"):
        lane = str(row["lane_id"])
        high = figure(row, "height_m")
        if high is not None and high < height_m:
            continue
        if shapely.get_dimensions(shape) == 2:  # noqa: PLR2004 - an area
            surfaces[lane] = shapely.make_valid(shape)
            continue
        wide = figure(row, "width_m")
        if wide is None or not wide > 0:
            silent.append(lane)
            if not generous:
                continue
            wide = width_m
        lines[lane], widths[lane] = shape, wide
        surfaces[lane] = _strip(shape, wide)
    if silent:
        unknown.append(Unknown(layer="fire_lanes", column="width_m", ids=tuple(silent)))
    return surfaces, lines, widths


def _strip(line: BaseGeometry, width_m: float) -> BaseGeometry:
    # Mitred, so that a bend is as wide as the lane; round ends, so that lanes that meet are one.
    return line.buffer(width_m / 2, quad_segs=ARC, join_style="mitre", mitre_limit=2.0)


def _streets(
    drawing: Drawing,
    width_m: float,
    inside: BaseGeometry,
    *,
    generous: bool,
    unknown: list[Unknown],
) -> dict[str, BaseGeometry]:
    rows = [(r, s) for r, s in drawing.rows("walkways") if r.get("kind") == "street"]
    if not rows:
        return {}
    around = inside if not inside.is_empty else _union([s for _, s in drawing.rows("buildings")])
    if around.is_empty:
        return {}
    near = shapely.box(*around.bounds).buffer(MARGIN_M, join_style="mitre")
    found: dict[str, BaseGeometry] = {}
    silent = []
    for row, shape in rows:
        if not shape.intersects(near):
            continue
        wide = figure(row, "width_m")
        if wide is None or not wide > 0:
            silent.append(str(row["way_id"]))
            if not generous:
                continue
            wide = width_m
        found[str(row["way_id"])] = shapely.intersection(_strip(shape, wide), near)
    if silent:
        unknown.append(Unknown(layer="walkways", column="width_m", ids=tuple(silent)))
    return found


def _spaces(drawing: Drawing, *, generous: bool, unknown: list[Unknown]) -> dict[str, BaseGeometry]:
    found: dict[str, BaseGeometry] = {}
    silent = []
    for row, shape in drawing.rows("open_spaces"):
        surface = row.get("surface")
        said = surface.strip().casefold() if isinstance(surface, str) else ""
        hard, soft = said in HARD_SURFACES, said in SOFT_SURFACES
        if not hard and not soft:
            silent.append(str(row["space_id"]))
        if hard or (generous and not soft):
            found[str(row["space_id"])] = shapely.make_valid(shape)
    if silent:
        unknown.append(Unknown(layer="open_spaces", column="surface", ids=tuple(silent)))
    return found


def _gates(drawing: Drawing, unknown: list[Unknown]) -> list[BaseGeometry]:
    gates = [s for r, s in drawing.rows("entrances") if r.get("kind") == "gate"]
    if not gates:
        unknown.append(Unknown(layer="entrances", column="kind"))
    return gates


def _things(
    drawing: Drawing,
    gates: list[BaseGeometry],
    width_m: float,
    *,
    generous: bool,
    unknown: list[Unknown],
) -> list[Thing]:
    things = list(drawing.bodies)
    found = list(drawing.obstacles)
    if not generous:
        found += [replace(t, shape=t.shape.buffer(UNKNOWN_RADIUS_M, quad_segs=ARC)) for t in drawing.spots]
    things += sorted(found, key=_key)
    if drawing.spots:
        unknown.append(Unknown(layer="obstacles", column="radius_m", ids=tuple(t.id for t in drawing.spots)))
    return things + _walls(drawing, gates, width_m, generous=generous, unknown=unknown)


def _walls(
    drawing: Drawing,
    gates: list[BaseGeometry],
    width_m: float,
    *,
    generous: bool,
    unknown: list[Unknown],
) -> list[Thing]:
    found = []
    across = []
    points: NDArray[np.object_] = np.array(gates, dtype=object)
    for row, shape in drawing.rows("barriers"):
        line = shape
        if len(points) and float(shapely.distance(points, shape).min()) < ON_WALL_M:
            across.append(str(row["barrier_id"]))
            if generous:  # the gate is an opening of this wall, of whatever width
                line = _union(
                    list(open_walls(np.array([shape], dtype=object), points, reach_m=max(width_m, 3.0)))
                )
        if line.is_empty:
            continue
        found.append(
            Thing(
                id=str(row["barrier_id"]),
                layer="barriers",
                kind=str(row.get("kind") or "wall"),
                shape=line.buffer(HALF_WALL_M, cap_style="flat", join_style="mitre"),
                removable=flag(row, "removable"),
                cost_cny=None,
            )
        )
    if across:
        unknown.append(Unknown(layer="barriers", ids=tuple(across)))
    return found
