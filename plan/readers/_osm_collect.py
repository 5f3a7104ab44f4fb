"""Sorting the things of OpenStreetMap into the layers of the contract, one thing at a time.

Things are told apart by where they are: two things share a node where they share a coordinate, which
OpenStreetMap stores as whole numbers of 1e-7 degrees, so that equal means equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from plan.readers import _osm_tags as means
from plan.readers._osm_facilities import facility_categories, interest
from plan.readers._osm_gone import formerly, not_there, ruin, without_use
from plan.readers._osm_settle import (
    Row,
    blocks_to_buildings,
    floors_of_parts,
    outline_m2,
    parts_alone,
    stairwells_by_letter,
    without_reached_stations,
)
from plan.readers._osm_squares import Square, across

__all__ = ["WANTED", "Collector"]

Place = tuple[float, float]  # longitude, latitude in degrees

# Keys of everything that becomes part of a layer.
WANTED: Final = (
    "highway", "building", "barrier", "landuse", "leisure", "amenity", "shop", "office", "healthcare",
    "social_facility", "public_transport", "railway", "natural", "place", "vending", "building:part",
)  # fmt: skip
_OUTLINES: Final = ("buildings", "communities", "parcels", "open_spaces", "obstacles", "facilities")
_RING: Final = 4  # places of the smallest closed way: a triangle and its first place again
_LINE: Final = 2
# Grounds whose edge people enter by a gate.
_GROUNDS_AMENITY: Final = ("school", "kindergarten", "university", "college", "hospital")
_GROUNDS_LANDUSE: Final = ("residential", "education", "commercial", "industrial", "military")


@dataclass(slots=True, kw_only=True, eq=False)
class Collector:
    """Layers while they are gathered; :meth:`finish` settles what only the whole file can tell."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)  # ways nobody walks on: why
    uncategorised: dict[str, str] = field(default_factory=dict)  # places without a category: their tag
    gone_by: dict[str, str] = field(
        default_factory=dict
    )  # things that nobody can use any more or yet: what says so
    ruins: dict[str, str] = field(default_factory=dict)  # buildings that stand, and nobody can use: their tag
    posts: dict[str, str] = field(
        default_factory=dict
    )  # what may stop wheels, and lines that are no walls: their tag
    timed: list[str] = field(default_factory=list)  # ways that are open at times that no column holds
    nowhere: list[str] = field(default_factory=list)  # points that lie nowhere on the earth
    said_twice: dict[str, str] = field(
        default_factory=dict
    )  # things that say a key twice, differently: the key
    bad_heights: dict[str, str] = field(default_factory=dict)  # building id: what height says
    bad_floors: dict[str, str] = field(default_factory=dict)  # building id: what building:levels says
    broken: list[str] = field(default_factory=list)  # outlines that do not close
    unclear: list[str] = field(default_factory=list)  # outlines and holes that are called the other way round
    spiked: list[str] = field(default_factory=list)  # outlines of which lines that are drawn twice fell away
    twice: frozenset[int] = frozenset()  # nodes that stand in the file more than once, at different places
    moved: list[str] = field(default_factory=list)  # things with such a node
    missing_places: int = 0  # places of used ways that the file does not hold
    gone: list[str] = field(default_factory=list)  # ways and walls of which too few places are left to be one
    unplaced: dict[str, str] = field(
        default_factory=dict
    )  # buildings that are points, gates that are lines: their tag
    ways_out: dict[str, str] = field(default_factory=dict)  # doors by which nobody comes in: their tag
    roofs: list[str] = field(default_factory=list)  # roofs without walls, which are no buildings
    unknown: list[tuple[str, str]] = field(default_factory=list)  # things, and what of them is not understood
    untold_hours: list[str] = field(default_factory=list)  # gates whose timetable two columns cannot hold
    edited: bool = False  # an editor's file: its new things had no numbers of their own
    deleted: int = 0  # things that the editor marked as deleted
    communities_cut: list[str] = field(default_factory=list)  # boundaries of which the file holds only a part
    blocks: list[str] = field(default_factory=list)  # residential outlines that are single buildings
    of_parts: list[str] = field(default_factory=list)  # buildings whose floors are those of their parts
    squares: list[str] = field(default_factory=list)  # outlines that are walked across
    crowded: list[str] = field(default_factory=list)  # those with too many ways in to be walked across
    names: dict[str, str] = field(
        default_factory=dict
    )  # outline: what the relation of its building is called
    _openings: dict[Place, list[Row]] = field(
        default_factory=dict
    )  # entrances by where they are; two may share a place
    _posts: dict[Place, Row] = field(default_factory=dict)  # bollards that may stand in a wall
    _of_building: dict[Place, str] = field(default_factory=dict)
    _on_edge: set[Place] = field(default_factory=set)  # openings in walls and at the edge of grounds
    _on_wall: set[Place] = field(default_factory=set)
    _parts: list[Row] = field(default_factory=list)  # building:part
    _squares: list[Square] = field(default_factory=list)
    _bare: dict[str, tuple[str, shapely.Point]] = field(default_factory=dict)  # buildings without an outline
    _levels: dict[str, int] = field(default_factory=dict)  # community: its admin_level
    _stops: list[Row] = field(default_factory=list)  # where buses stop, in case nothing else marks the stop

    # --- one thing at a time ----------------------------------------------------------------------

    def node(self, ident: str, tags: means.Tags, place: Place) -> None:
        """Sort a node."""
        point = shapely.Point(place)
        tags = self._still_there(ident, tags)
        self._note_unknown(ident, tags)
        if (post := means.post_for_wheels(tags)) is not None:
            self.posts[ident] = post
        kind = means.entrance_kind(tags)
        if kind is not None:
            self._openings.setdefault(place, []).append(self._entrance(ident, tags, kind, point))
        elif tags.get("entrance", "no") != "no":
            self.ways_out[ident] = f"entrance={tags['entrance']}"
        elif tags.get("barrier") in means.PASSABLE_POSTS:
            self._posts[place] = self._entrance(ident, tags, "gate", point)
        if means.building_use(tags)[0]:
            self._bare[ident] = tags["building"], point
        if means.obstacle_kind(tags) == "tree":
            self._add("obstacles", obstacle_id=ident, kind="tree", radius_m=None, geometry=point)
        self._facility(ident, tags, point)
        if tags.get("public_transport") == "stop_position" and tags.get("bus") == "yes" and "name" in tags:
            row = {"facility_id": ident, "category": "bus_stop", "name": tags["name"], "geometry": point}
            self._stops.append(row)

    def way(
        self, ident: str, tags: means.Tags, places: Sequence[Place | None], *, closed: bool = False
    ) -> None:
        """Sort a way; a place is None where the file does not hold the node, ``closed`` when it ends where it began."""
        tags = self._still_there(ident, tags)
        if not _wanted(tags):
            return
        held = [place for place in places if place is not None]
        self.missing_places += len(places) - len(held)
        self._note_unknown(ident, tags)
        self._walkway(ident, tags, places)
        if means.barrier_kind(tags) is not None:
            self._barrier(ident, tags, places)
        elif "barrier" in tags and means.entrance_kind(tags) == "gate":
            self.unplaced[ident] = f"barrier={tags['barrier']}"
        elif (line := means.line_unread(tags)) is not None:
            self.posts[ident] = line
        if not _is_area(tags):
            return
        if closed and len(held) == len(places) >= _RING:
            self._area(ident, tags, shapely.Polygon(held), held)
        elif closed or means.building_use(tags)[0] or "landuse" in tags:
            # An outline left open, or with a corner missing, has no area that could be trusted.
            self.broken.append(ident)
        elif tags.get("public_transport") == "platform" and held:
            # A platform drawn as a line is where its middle is.
            self._facility(ident, tags, shapely.Point(held[len(held) // 2]))

    def area(self, ident: str, tags: means.Tags, shape: BaseGeometry) -> None:
        """Sort an area made of several ways (a multipolygon)."""
        tags = self._still_there(ident, tags)
        level = means.community_level(tags)
        if level is not None:
            self._levels[ident] = level
            self._add("communities", community_id=ident, name=tags["name"], geometry=_single(shape))
        if not _wanted(tags):
            return
        self._note_unknown(ident, tags)
        rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
        if tags.get("highway"):
            for number, ring in enumerate(rings, start=1):
                part = ident if number == 1 else f"{ident}/{number}"
                self._walkway(part, tags, [(x, y) for x, y in ring.coords])
        if _is_area(tags):
            places = [(x, y) for ring in rings for x, y in ring.coords]
            self._area(ident, tags, _single(shape), places)

    def finish(self) -> dict[str, list[Row]]:
        """Settle what depends on the whole file, and return the rows by layer, in order of their ids."""
        for place, row in self._posts.items():
            if place in self._on_wall:
                self._openings.setdefault(place, [row])
        for place, row in ((place, row) for place, rows in self._openings.items() for row in rows):
            row["building_id"] = self._of_building.get(place)
            if (
                row["building_id"] is None
                and row["kind"] == "door"
                and place in self._on_edge | self._on_wall
            ):
                row["kind"] = "gate"
        self._settle()
        for row in self._entrances():
            self._add("entrances", **row)
        known = {row["name"] for row in self.rows.get("facilities", ()) if row["category"] == "bus_stop"}
        for row in self._stops:
            if row["name"] not in known:
                self._add("facilities", **row)
        if "facilities" in self.rows:
            self.rows["facilities"] = without_reached_stations(self.rows["facilities"])
        self._settle_bare()
        return {layer: sorted(rows, key=_order) for layer, rows in self.rows.items() if rows}

    def _settle_bare(self) -> None:
        """Keep those buildings without an outline that stand in no other: a point in an outline says what is in it."""
        if not self._bare:
            return
        outlines = shapely.STRtree([row["geometry"] for row in self.rows.get("buildings", ())])
        points = [point for _, point in self._bare.values()]
        held = set(outlines.query(points, predicate="intersects")[0].tolist())
        for number, (ident, (use, _)) in enumerate(self._bare.items()):
            if number not in held:
                self.unplaced[ident] = f"building={use}"

    def _entrances(self) -> list[Row]:
        return [row for rows in self._openings.values() for row in rows]

    def _settle(self) -> None:
        """Settle buildings, doors, communities and squares."""
        self.blocks = blocks_to_buildings(self.rows)
        self.of_parts = floors_of_parts(self.rows, self._parts)
        self.unplaced |= dict.fromkeys(parts_alone(self.rows, self._parts), "building:part")
        for ident in self.of_parts:
            self.bad_floors.pop(ident, None)
        buildings = self.rows.get("buildings", [])
        for row in buildings:
            row["name"] = row.get("name") or self.names.get(row["building_id"])
        stairwells_by_letter(self._entrances(), buildings)
        if self._levels:
            # 10 is that of communities and villages in China; elsewhere the finest that there is.
            wanted = 10 if 10 in self._levels.values() else max(self._levels.values())  # noqa: PLR2004 - a level
            rows = self.rows["communities"]
            self.rows["communities"] = [r for r in rows if self._levels[r["community_id"]] == wanted]
        if self._squares:
            self._cross_squares([row["geometry"] for row in buildings])

    def _cross_squares(self, buildings: Sequence[BaseGeometry]) -> None:
        ways = self.rows["walkways"]
        edges = {row["way_id"]: row for row in ways}
        lines, self.crowded = across(
            self._squares, [row["geometry"] for row in ways], self._openings.keys(), buildings
        )
        for ident, drawn in lines.items():
            self.squares.append(ident)
            for number, line in enumerate(drawn, start=1):
                self._add(
                    "walkways", **(edges[ident] | {"way_id": f"{ident}/across{number}", "geometry": line})
                )

    def forget(self, repeats: Mapping[str, Sequence[str]]) -> None:
        """Drop outer ways that say again what their multipolygon says.

        Parameters
        ----------
        repeats : mapping of str to sequence of str
            Id of a multipolygon: ids of its outer ways.
        """
        for layer in _OUTLINES:
            rows = self.rows.get(layer, [])
            have = {_first(row) for row in rows}
            twice = {way: whole for whole, ways in repeats.items() if whole in have for way in ways}
            self.rows[layer] = [row for row in rows if _first(row) not in twice]
            if layer == "buildings":
                for place, ident in self._of_building.items():
                    self._of_building[place] = twice.get(ident, ident)
                for ident in twice:
                    self.bad_floors.pop(ident, None)

    def reshape(self, shapes: Mapping[str, BaseGeometry]) -> None:
        """Give outlines the courtyards that a multipolygon without tags of its own cuts out of them.

        Parameters
        ----------
        shapes : mapping of str to geometry
            Id of an outer way: the area that the multipolygon makes of it.
        """
        for layer in _OUTLINES:
            for row in self.rows.get(layer, []):
                if _first(row) in shapes and row["geometry"].geom_type == "Polygon":
                    row["geometry"] = shapes[_first(row)]

    def _note_unknown(self, ident: str, tags: means.Tags) -> None:
        self.unknown += [(ident, said) for said in means.not_understood(tags)]

    def _still_there(self, ident: str, tags: means.Tags) -> means.Tags:
        """Return the tags of what is there; of what is not, those of what still stands."""
        if (standing := ruin(tags)) is not None:
            self.ruins[ident] = standing
        said = not_there(tags)
        if said is None:
            if (once := formerly(tags)) is not None:
                self.gone_by[ident] = once
            return tags
        if "building" in (left := without_use(tags)):
            self.ruins[ident] = said
        if _wanted(tags) and left.keys() != tags.keys():
            self.gone_by[ident] = said
        return left

    # --- layers -----------------------------------------------------------------------------------

    def _add(self, layer: str, /, **row: object) -> None:
        self.rows.setdefault(layer, []).append(row)

    def _entrance(self, ident: str, tags: means.Tags, kind: str, point: shapely.Point) -> Row:
        opens, closes = means.opening_times(tags.get("opening_hours"))
        hours = opens is None and "opening_hours" in tags and means.gate_access(tags) != "no"
        if kind == "gate" and (hours or means.at_times(tags)):
            self.untold_hours.append(ident)
        return {
            "entrance_id": ident,
            "kind": kind,
            "building_id": None,
            "stairwell_id": means.stairwell(tags) if kind == "stairwell" else None,
            "main": True if tags.get("entrance") == "main" else None,
            "opens": opens,
            "closes": closes,
            "access": means.gate_access(tags),
            "name": tags.get("name"),
            "geometry": point,
            "_letter": means.lettered(tags),
        }

    def _walkway(self, ident: str, tags: means.Tags, places: Sequence[Place | None]) -> None:
        if "highway" not in tags:
            return
        kind = means.walk_kind(tags)
        if kind is None:
            self.left_out[ident] = f"highway={tags['highway']}"
            return
        allowed, access = means.walk_access(tags)
        if not allowed:
            self.left_out[ident] = _why_not(tags)
            return
        if means.at_times(tags) or tags.get("opening_hours", "24/7").strip() != "24/7":
            self.timed.append(ident)
        direction = means.walk_direction(tags)
        sign = -1 if direction < 0 else 1
        incline = means.slope(tags.get("incline"))
        # Few ways say any of this; what no way says is no column.
        more = {} if means.OF_WAYS.isdisjoint(tags) else means.way_details(tags)
        for number, run in enumerate(self._held(ident, places), start=1):
            self._add(
                "walkways",
                way_id=ident if number == 1 else f"{ident}/part{number}",
                kind=kind,
                width_m=means.metres(tags.get("width")),
                slope=None if incline is None else sign * incline,
                name=tags.get("name"),
                oneway=direction != 0,
                lanes=means.count(tags.get("lanes")),
                access=access,
                level=means.level(tags),
                **more,
                geometry=shapely.LineString(run[::sign]),
            )

    def _barrier(self, ident: str, tags: means.Tags, places: Sequence[Place | None]) -> None:
        kind = means.barrier_kind(tags)
        for number, run in enumerate(self._held(ident, places), start=1):
            part = ident if number == 1 else f"{ident}/part{number}"
            self._add("barriers", barrier_id=part, kind=kind, geometry=shapely.LineString(run))
            self._on_wall.update(run)

    def _held(self, ident: str, places: Sequence[Place | None]) -> list[list[Place]]:
        """Return the pieces of a way that the file holds."""
        runs = _runs(places)
        if not runs:
            self.gone.append(ident)
        return runs

    def _area(self, ident: str, tags: means.Tags, shape: BaseGeometry, places: Sequence[Place]) -> None:
        name = tags.get("name")
        is_building, use = means.building_use(tags)
        if is_building:
            self._building(ident, tags, shape, use)
            for place in places:
                self._of_building.setdefault(place, ident)
        elif "building:part" in tags:
            self._part(ident, tags, shape)
        elif tags.get("building") == "roof":
            self.roofs.append(ident)
        elif tags.get("amenity") in _GROUNDS_AMENITY or tags.get("landuse") in _GROUNDS_LANDUSE:
            self._on_edge.update(places)
        if means.is_square(tags) and means.walk_access(tags)[0]:
            self._squares.append(Square(ident=ident, shape=shape))
        if tags.get("landuse") == "residential":
            self._add(
                "parcels", parcel_id=ident, name=name, estate_id=ident, land_use="residential", geometry=shape
            )
        space = means.open_space_kind(tags)
        if space is not None:
            self._add(
                "open_spaces",
                space_id=ident,
                name=name,
                surface=tags.get("surface"),
                kind=space,
                geometry=shape,
            )
        obstacle = means.obstacle_kind(tags)
        if obstacle is not None and not is_building:
            self._add("obstacles", obstacle_id=ident, kind=obstacle, radius_m=None, geometry=shape)
        self._facility(ident, tags, shape)

    def _building(self, ident: str, tags: means.Tags, shape: BaseGeometry, use: str | None) -> None:
        floors = means.floors(tags.get("building:levels"))
        if floors is None and "building:levels" in tags:
            self.bad_floors[ident] = tags["building:levels"]
        said = tags.get("height", tags.get("building:height"))
        if said is not None and means.metres(said) is None:
            self.bad_heights[ident] = said
        self._add(
            "buildings",
            building_id=ident,
            floors=floors,
            floors_below=means.count(tags.get("building:levels:underground")),
            height_m=means.metres(said),
            use=use,
            built_on=means.date(tags.get("start_date")),
            has_elevator=means.flag(tags.get("building:elevator", tags.get("elevator"))),
            name=means.building_name(tags),
            **({} if (at := means.storey_of_building(tags)) is None else {"layer": at}),
            geometry=shape,
        )

    def _part(self, ident: str, tags: means.Tags, shape: BaseGeometry) -> None:
        floors, height_m = means.floors(tags.get("building:levels")), means.metres(tags.get("height"))
        self._parts.append({"part_id": ident, "floors": floors, "height_m": height_m, "geometry": shape})

    def _facility(self, ident: str, tags: means.Tags, shape: BaseGeometry) -> None:
        area_m2 = None
        if tags.get("leisure") == "pitch" and shape.geom_type in ("Polygon", "MultiPolygon"):
            area_m2 = outline_m2(shape)
        categories = facility_categories(tags, area_m2=area_m2)
        if not categories:
            what = interest(tags)
            if what is not None:
                self.uncategorised[ident] = what
        for number, category in enumerate(categories, start=1):
            self._add(
                "facilities",
                facility_id=ident if number == 1 else f"{ident}/{number}",
                category=category,
                name=tags.get("name"),
                access=tags.get("access"),
                geometry=shape,
                _entrance=tags.get("railway") == "subway_entrance",
            )


# --- what a way is --------------------------------------------------------------------------------

_AREAS: Final = tuple(key for key in WANTED if key not in ("highway", "barrier"))


def _wanted(tags: means.Tags) -> bool:
    return any(key in tags for key in WANTED)


def _is_area(tags: means.Tags) -> bool:
    """Tell whether a closed way with these tags is an outline rather than a loop to walk."""
    if tags.get("area") == "no":
        return False
    return any(key in tags for key in _AREAS) or ("highway" in tags and tags.get("area") == "yes")


def _single(shape: BaseGeometry) -> BaseGeometry:
    """Return an outline of one part as that part."""
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape


def _why_not(tags: means.Tags) -> str:
    if tags.get("foot") is not None:
        return f"foot={tags['foot']}"
    if tags.get("motorroad") == "yes":
        return "motorroad=yes"
    return f"access={tags['access']}" if tags.get("access") == "no" else f"highway={tags['highway']}"


def _runs(places: Sequence[Place | None]) -> list[list[Place]]:
    """Cut a way where the file does not hold its nodes: a gap is not bridged by a straight line."""
    runs: list[list[Place]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        elif not runs[-1] or runs[-1][-1] != place:
            runs[-1].append(place)
    return [run for run in runs if len(run) >= _LINE]


def _first(row: Row) -> str:
    """Return the id of the thing that a row came from."""
    return str(next(iter(row.values()))).split("/", maxsplit=1)[0]


def _order(row: Row) -> tuple[int, int, str]:
    ident = str(next(iter(row.values())))
    return ("nwr".find(ident[0]), int(ident.split("/", maxsplit=1)[0][1:]), ident)
