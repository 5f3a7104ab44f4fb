"""Compose what a map draws from a site, its proposals and its isochrones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import shapely

from plan.crs import to_wgs84
from plan.errors import UsageError
from plan.maps.elevators import elevator_drawings
from plan.maps.escape import plain
from plan.maps.gates import gate_drawings
from plan.maps.geometry import grid, with_symbol
from plan.maps.layers import Class, Drawing, column, draw, place_of
from plan.maps.palette import ISOCHRONES, ORDER, STYLES
from plan.maps.stalls import stall_columns, stall_drawings
from plan.maps.words import Words, absent, format_number
from plan.messages import Message
from plan.schema import LAYERS
from plan.site import Placement, Site, as_objects
from plan.surfaces import is_below_ground

__all__ = ["bounds_of", "drawings_of", "in_order", "layer_of_placement", "origin_of"]

# A pipe drawn to the centimetre on a public map helps those who dig without asking; a household is a person.
_NOT_DRAWN: Final = ("households", "utilities")


def drawings_of(
    site: Site,
    *,
    words: Words,
    placements: Mapping[str, Placement],
    isochrones: gpd.GeoDataFrame | None,
    isochrones_estimated: bool = False,
) -> list[Drawing]:
    """Draw every layer of a site, its proposals and its isochrones, from the ground up.

    Parameters
    ----------
    site : Site
        The site.
    words : Words
        The language.
    placements : mapping of str to Placement
        Proposals by layer name.
    isochrones : geopandas.GeoDataFrame or None
        Columns ``minutes`` [min] and ``geometry``.
    isochrones_estimated : bool, default False
        Whether they rest on an estimate.

    Returns
    -------
    list of Drawing
        In the order in which they are drawn.
    """
    found: dict[str, list[Drawing]] = {name: [] for name in ORDER}
    for name in LAYERS:
        if name not in _NOT_DRAWN and name != "rooms" and site.has(name):
            found[name] += _layer(name, _without_proposed(site, name, placements.get(name)), words)
    for drawing in found["stalls"]:
        if "removed" in getattr(placements.get("stalls"), "measures", {}):
            stall_columns(drawing, placements["stalls"], site=site, words=words)
    rooms = _rooms(site, placements.get("rooms"), words)
    if rooms is not None:
        found["rooms"].append(rooms)
    for name, placement in placements.items():
        for drawing in _proposed(name, placement, site, words):
            found[drawing.kind].append(drawing)
    if isochrones is not None and not isochrones.empty:
        found["isochrones"].append(_isochrones(isochrones, site, words, estimated=isochrones_estimated))
    return [drawing for name in ORDER for drawing in found[name]]


def _without_proposed(site: Site, name: str, placement: Placement | None) -> Site:
    """Leave out of a layer what stands in it because it is proposed, where the proposal is drawn as such."""
    if name != "elevators" or placement is None:
        return site
    frame, key = site.layer(name), LAYERS[name].id_column
    ours = frame[key].isin(placement.features[key]) if key in placement.features else frame[key].isna()
    return replace(site, layers={**site.layers, name: frame[~ours].reset_index(drop=True)})


def _proposed(name: str, placement: Placement, site: Site, words: Words) -> list[Drawing]:
    if name == "gates":
        return gate_drawings(placement, site=site, words=words)
    if name == "elevators":
        return elevator_drawings(placement, site=site, words=words)
    if name == "stalls" and "removed" in placement.measures:  # a scenario: its stalls stand in the site
        return stall_drawings(placement, site=site, words=words)
    drawing = None if name == "rooms" else _proposals(name, placement, site, words)
    return [] if drawing is None else [drawing]


def in_order(drawings: Sequence[Drawing]) -> list[Drawing]:
    """Return drawings from the ground up; those of one kind keep their order."""
    return sorted(drawings, key=lambda drawing: ORDER.index(drawing.kind))


def bounds_of(drawings: Sequence[Drawing], *, estate: bool) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north [degree] of what the hearing is about, None when nothing is there.

    That is the estate where the site is one; the estates and the buildings where it has several, or where the
    houses stand elsewhere.
    """
    parcels = sum(len(d.ids) for d in drawings if d.kind == "parcels")
    first = ("parcels",) if parcels == 1 and estate else ("parcels", "communities", "buildings", "rooms")
    for wanted in (first, tuple(ORDER)):
        shapes = [
            s for d in drawings if d.kind in wanted for s in d.shapes if s is not None and not s.is_empty
        ]
        if shapes:
            west, south, east, north = shapely.total_bounds(shapes)
            return float(west), float(south), float(east), float(north)
    return None


def origin_of(bounds: tuple[float, float, float, float]) -> tuple[int, int]:
    """Return the point from which coordinates are counted [1e-7 degree]."""
    return grid(bounds[0]), grid(bounds[1])


def _wgs84(frame: gpd.GeoDataFrame, site: Site) -> gpd.GeoDataFrame:
    return to_wgs84(frame if frame.crs is not None else frame.set_crs(site.crs))


def _layer(name: str, site: Site, words: Words) -> list[Drawing]:
    """Draw a layer of a site; of the stalls those below the ground apart, hidden: houses and trees stand over them."""
    frame = _wgs84(site.layer(name), site)
    given: dict[str, Any] = {"words": words, "id_column": LAYERS[name].id_column}
    given["estimated"] = name in site.estimates
    drawings = []
    if name == "facilities":
        frame = frame.set_geometry(with_symbol(frame.geometry))
    if name == "stalls" and "kind" in frame:
        below = frame["kind"].map(is_below_ground).astype(bool)
        title = words.text("layer.stalls_underground")
        garage = draw(name, frame[below], title=title, layer_id="stalls-underground", **given)
        if garage is not None:
            garage.shown = False
            drawings.append(garage)
        frame = frame[~below]
    drawing = draw(name, frame, **given)
    if drawing is not None:
        drawings.append(drawing)
        if name == "buildings":
            _add_households(drawing, site, words)
    return drawings


def _add_households(drawing: Drawing, site: Site, words: Words) -> None:
    """Add counts for each building; no single household is ever shown."""
    if not site.has("households"):
        return
    households = site.layer("households")
    of = households.groupby(households["building_id"].astype(str))
    estimated = "households" in site.estimates
    size = of.size()
    texts = [format_number(float(size[i])) if i in size.index else None for i in drawing.ids]
    drawing.columns.append(column(words.text("ui.households"), texts, strong=True, est=estimated))
    for name in ("persons", "elderly", "children"):
        if name in households and households[name].notna().any():
            total = of[name].sum(min_count=1)
            texts = [
                format_number(float(total[i])) if i in total.index and not absent(total[i]) else None
                for i in drawing.ids
            ]
            drawing.columns.append(column(words.text(f"ui.{name}"), texts, est=estimated))


def _framed(records: list[dict[str, Any]], shapes: list[Any]) -> gpd.GeoDataFrame:
    """Return records as a frame whose reasons stay messages, so that they are told in the language of the map."""
    columns = dict.fromkeys(name for row in records for name in row)
    rows = [{name: row.get(name) for name in columns} for row in records]
    frame = gpd.GeoDataFrame(rows, geometry=with_symbol(shapes), crs="EPSG:4326")
    if "reason" in columns:
        frame["reason"] = as_objects(row["reason"] for row in rows)
    return frame


def _rooms(site: Site, placement: Placement | None, words: Words) -> Drawing | None:
    """Draw rooms of the site, placed ones and rejected ones, each room once."""
    records: dict[str, dict[str, Any]] = {}

    def add(frame: gpd.GeoDataFrame, kind: Callable[[Mapping[str, Any]], str | None]) -> None:
        frame = _wgs84(frame, site)
        shapes = frame.geometry
        for row, shape in zip(frame.drop(columns=shapes.name).to_dict("records"), shapes, strict=True):
            records.setdefault(str(row["room_id"]), {**row, "_class": kind(row), "_shape": shape})

    if placement is not None:
        add(placement.features, _part_of_room)
        add(placement.rejected, lambda _row: "rejected")
    if site.has("rooms"):
        add(site.layer("rooms"), lambda _row: None)
    if not records:
        return None
    homes: dict[str, Any] = {}
    called: dict[str, str] = {}
    if site.has("buildings"):
        buildings = _wgs84(site.layer("buildings"), site)
        homes = dict(zip(buildings["building_id"].astype(str), buildings.geometry, strict=True))
        called = _names(buildings)
    shapes = []
    for row in records.values():
        shape = row.pop("_shape")
        if shape is None or shape.is_empty:  # a room in a table: shown where its building stands
            home = homes.get(str(row.get("building_id")))
            shape = None if home is None or home.is_empty else home.representative_point()
        shapes.append(shape)
        home = row.get("building_id")
        building = "" if absent(home) else called.get(str(home), plain(home))
        walk = row.get("walk_to_gate_m")
        row["walk_to_gate_m"] = None if absent(walk) else f"{float(str(walk)):.0f} {words.unit('m')}"
        row["_place"] = place_of(building, row.get("floor"), words)
    frame = _framed(list(records.values()), shapes)
    styles = STYLES["rooms"]

    def classify(row: Mapping[str, Any]) -> str:
        name = str(row["state"] if absent(row.get("_class")) and "state" in row else row.get("_class"))
        return name if name in styles else "other"

    return draw(
        "rooms",
        frame,
        words=words,
        id_column="room_id",
        classify=classify,
        estimated="rooms" in site.estimates,
    )


def _part_of_room(row: Mapping[str, Any]) -> str:
    """Tell a room that the proposal chose from one that stands, or that the design has already."""
    part, state = row.get("part"), str(row.get("state"))
    if state == "existing" or (state == "planned" and part in ("stands", "apart")):
        return state
    return "placed"


def _names(buildings: gpd.GeoDataFrame) -> dict[str, str]:
    """Return what people call the buildings that have a name, by id."""
    if "name" not in buildings:
        return {}
    pairs = zip(buildings["building_id"].astype(str), buildings["name"], strict=True)
    return {building: plain(name) for building, name in pairs if not absent(name)}


def _proposals(name: str, placement: Placement, site: Site, words: Words) -> Drawing | None:
    id_column = _id_column(placement.features)
    rows: list[dict[str, Any]] = []
    shapes: list[Any] = []
    for frame, kind in ((placement.features, "placed"), (placement.rejected, "rejected")):
        if frame.empty:
            continue
        frame = _wgs84(frame, site)  # noqa: PLW2901 - the same frame in degrees
        shapes.extend(frame.geometry)
        rows.extend(
            {**row, "_class": kind} for row in frame.drop(columns=frame.geometry.name).to_dict("records")
        )
    if not rows:
        return None
    columns = dict.fromkeys(key for row in rows for key in row)
    full = [{key: row.get(key) for key in columns} for row in rows]
    title = words.known(f"layer.{name}", otherwise=words.layer(name))
    return draw(
        "proposals",
        gpd.GeoDataFrame(full, geometry=shapes, crs="EPSG:4326"),
        words=words,
        id_column=id_column,
        classify=lambda row: str(row["_class"]),
        title=words.text("layer.proposals", layer=title),
        layer_id=f"proposals-{name}",
    )


def _id_column(frame: gpd.GeoDataFrame) -> str:
    """Return the column of ids of proposals: the first that is named so, as in the contract."""
    found = next((str(c) for c in frame.columns if str(c).endswith("_id")), None)
    if found is None:
        raise UsageError(Message("maps.placement_layer"))
    return found


def layer_of_placement(placement: Placement) -> str:
    """Return the layer that a placement proposes, by its id column; ``elevator_id`` means ``elevator``."""
    wanted = _id_column(placement.features)
    stem = wanted.removesuffix("_id")
    return next((name for name, layer in LAYERS.items() if layer.id_column == wanted), stem)


def _isochrones(frame: gpd.GeoDataFrame, site: Site, words: Words, *, estimated: bool) -> Drawing:
    """Draw bands: what is within 5 minutes of any origin, then 10, then 15, none over another."""
    metric = frame.to_crs(site.crs) if frame.crs is not None else frame.set_crs(site.crs)
    minutes = sorted({float(m) for m in metric["minutes"]})
    bands, inner = [], None
    for limit in minutes:
        whole = metric.geometry[metric["minutes"].astype(float) == limit].union_all()
        bands.append(whole if inner is None else whole.difference(inner))
        inner = whole if inner is None else inner.union(whole)
    shapes = gpd.GeoSeries(bands, crs=site.crs).to_crs("EPSG:4326")
    style = {"w": 1.5, "o": 0.38}
    labels = [words.text("ui.within", n=format_number(m)) for m in minutes]
    return Drawing(
        id="isochrones",
        title=words.text("layer.isochrones"),
        kind="isochrones",
        ids=[f"isochrone-{format_number(m)}" for m in minutes],
        shapes=list(shapes),
        classes=[
            Class(id=label, label=label, style={**style, "c": colour, "f": colour})
            for label, colour in zip(labels, _colours(len(labels)), strict=True)
        ],
        of_class=list(range(len(labels))),
        names=labels,
        estimated=estimated,
        clickable=False,
    )


def _colours(count: int) -> list[str]:
    return [ISOCHRONES[min(i, len(ISOCHRONES) - 1)] for i in range(count)]
