"""Turn the layers of a site into what the page draws: geometry, classes, labels, columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import geopandas as gpd

from plan.categories import CATEGORIES
from plan.crs import to_wgs84
from plan.maps.compact import MANY, pack_numbers, pack_shapes, pack_texts, runs
from plan.maps.escape import plain
from plan.maps.geometry import encode
from plan.maps.palette import GROUP_OF, GROUP_STYLES, STYLES, Style
from plan.maps.words import Words, absent, format_number
from plan.site import Site
from plan.surfaces import is_below_ground

__all__ = [
    "CROWD",
    "Class",
    "Drawing",
    "classes_of",
    "column",
    "draw",
    "drawn_rows",
    "label_of",
    "place_of",
]

# Layers of more points than this start hidden: they would cover what the hearing is about.
CROWD: Final = 1500
# Kinds of which each thing has a path of its own however many there are: they stand over one another by what they mean.
_ONE_BY_ONE: Final = frozenset({"rooms", "proposals", "findings", "best_sites", "pinches"})
# Ids that mean nothing to people: numbers of OpenStreetMap, UUIDs, long keys.
_OPAQUE: Final = re.compile(
    # An id of OpenStreetMap is a small letter and a number; "W1001" is what people call a building.
    r"(?-i:[nwr])\d{4,}(?:/.*)?|(?:osm|node|way|relation|area|[nwra])?[-_:/ ]*\d{5,}.*|[0-9a-f-]{16,}|.{13,}",
    re.IGNORECASE,
)

# What a click shows, in this order. No owner, no vote, no single household: a hearing is public.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "parcels": ("land_use", "status", "built_on", "phase"),
    "communities": ("households", "residents"),
    "grids": ("households", "area_m2", "remarks"),
    "open_spaces": ("surface",),
    "obstacles": ("kind", "removable", "cost_cny"),
    "walkways": ("kind", "width_m", "slope", "oneway", "access"),
    "fire_lanes": ("width_m",),
    "aisles": ("direction", "width_m"),
    "stalls": ("kind", "angle_deg", "state", "aisle_id"),
    "elevators": ("connection", "state", "building_id", "stairwell_id", "wheelchair", "cost_cny"),
    "buildings": ("floors", "floors_below", "height_m", "use", "built_on", "has_elevator"),
    "barriers": ("kind", "removable"),
    "entrances": ("kind", "main", "building_id", "opens", "closes", "access"),
    "facilities": ("category", "area_m2", "capacity"),
    "remarks": ("kind", "text", "remarked_on", "building_id"),
    "rooms": (
        "use",
        "area_m2",
        "floor",
        "building_id",
        "state",
        "mode",
        "cost_cny",
        "functions",
        "handed_over_on",
        "opens",
        "closes",
        "walk_to_gate_m",
        "part",
        "reason",
    ),
    "proposals": ("kind", "use", "area_m2", "angle_deg", "width_m", "cost_cny", "reason"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """One colour of a layer and what it means."""

    id: str
    label: str
    style: Style
    glyph: str = ""
    note: str = ""  # more about it in the legend


@dataclass(slots=True, kw_only=True, eq=False)
class Drawing:
    """One layer of the page, before it is written as JSON."""

    id: str
    title: str
    kind: str  # the layer of the contract it shows
    ids: list[str]
    shapes: list[Any]  # shapely geometry in WGS 84, or None
    classes: list[Class]
    of_class: list[int]  # index into classes, for each feature
    names: list[str]  # heading of the popup
    labels: list[str] | None = None  # drawn on the map
    columns: list[dict[str, Any]] = field(default_factory=list)
    glyphs: list[str] | None = None  # a character of its own for each feature
    radii: list[float] | None = None  # [m], for round things with a size
    widths: list[float] | None = None  # [m], for lines with a width
    clauses: dict[int, list[int]] = field(default_factory=dict)  # class -> indexes of clauses
    estimated: bool = False
    shown: bool = True
    clickable: bool = True
    finds: list[list[int]] | None = None  # for each place, its findings
    stairs: list[int] | None = None  # for each feature, the stairwell that is told of
    pick: str = ""  # of the layers that have one, those of one choice show at a time
    before: str = ""  # the layer of which this shows what goes: seen only beside the proposal
    after: list[int] = field(default_factory=list)  # rows that only the proposal has

    def to_page(self, origin: tuple[int, int]) -> dict[str, Any]:
        """Return plain data for the page; features without geometry keep their place as null."""
        count = [0] * len(self.classes)
        for index in self.of_class:
            count[index] += 1
        compact = len(self.ids) > MANY and self.kind not in _ONE_BY_ONE
        page: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "classes": [
                {
                    "id": c.id,
                    "label": c.label,
                    "style": c.style,
                    "glyph": c.glyph,
                    "note": c.note,
                    "n": n,
                    "clauses": self.clauses.get(i, []),
                }
                for i, (c, n) in enumerate(zip(self.classes, count, strict=True))
            ],
            **(self._packed(origin) if compact else self._plain(origin)),
            "labels": True if self.labels == self.names else self.labels,
            "cols": [_packed_column(c) for c in self.columns] if compact else self.columns,
            "glyphs": self.glyphs,
            "radii": self.radii,
            "widths": self.widths,
            "est": self.estimated,
            "on": self.shown,
            "click": self.clickable,
            "finds": self.finds,
            "stairs": self.stairs,
            "pick": self.pick or None,
            "before": self.before or None,
            "after": runs(self.after) or None,
        }
        return {key: value for key, value in page.items() if value is not None}

    def _plain(self, origin: tuple[int, int]) -> dict[str, Any]:
        return {
            "ids": self.ids,
            "names": self.names,
            "g": [encode(shape, origin=origin) for shape in self.shapes],
            "cls": self.of_class if len(self.classes) > 1 else None,
        }

    def _packed(self, origin: tuple[int, int]) -> dict[str, Any]:
        classes = pack_numbers(self.of_class) if len(self.classes) > 1 else None
        packed = {"ids": pack_texts(self.ids), "g": pack_shapes(self.shapes, origin=origin)}
        return {
            "packed": packed if classes is None else {**packed, "cls": classes},
            "names": True if self.names == self.ids else self.names,
        }


def draw(
    kind: str,
    frame: gpd.GeoDataFrame,
    *,
    words: Words,
    id_column: str,
    classify: Callable[[Mapping[str, Any]], str] | None = None,
    estimated: bool = False,
    title: str | None = None,
    layer_id: str | None = None,
) -> Drawing | None:
    """Draw one layer.

    Parameters
    ----------
    kind : str
        A layer of the contract, or ``proposals``; it decides colours and columns.
    frame : geopandas.GeoDataFrame
        The features in WGS 84.
    words : Words
        The language.
    id_column : str
        The column of ids.
    classify : callable, optional
        From a row to the id of its class; by default the value of ``kind`` or ``state``.
    estimated : bool, default False
        Whether the layer is an estimate and is marked so.
    title, layer_id : str, optional
        Where they differ from the layer's.

    Returns
    -------
    Drawing or None
        None when there is nothing to draw.
    """
    if frame.empty:
        return None
    frame = frame.sort_values(id_column, kind="stable", key=lambda ids: ids.astype(str))
    rows: list[dict[str, Any]] = frame.drop(columns=frame.geometry.name).to_dict("records")
    found = [(classify or _class_of(kind))(row) for row in rows]
    classes = classes_of(kind, found, words=words)
    position = {c.id: i for i, c in enumerate(classes)}
    names = [_name(kind, row, id_column, words) for row in rows]
    drawing = Drawing(
        id=layer_id or kind,
        title=title or words.text(f"layer.{kind}"),
        kind=kind,
        ids=[plain(row[id_column]) for row in rows],
        shapes=list(frame.geometry),
        classes=classes,
        of_class=[position[c] for c in found],
        names=names,
        labels=[label_of(kind, row, id_column) for row in rows],
        columns=_columns(kind, rows, words),
        estimated=estimated,
        clickable=kind not in {"communities", "grids"},
    )
    if not any(drawing.labels or ()):
        drawing.labels = None
    if kind == "facilities":
        drawing.glyphs = [_glyph(row, words) for row in rows]
        drawing.classes = [replace(c, note=_categories(c.id, rows, words)) for c in classes]
    if kind == "obstacles" and "radius_m" in frame:
        drawing.radii = [0.0 if absent(row["radius_m"]) else round(float(row["radius_m"]), 2) for row in rows]
    if kind in {"walkways", "fire_lanes", "aisles"} and "width_m" in frame:
        drawing.widths = [0.0 if absent(row["width_m"]) else round(float(row["width_m"]), 2) for row in rows]
    drawing.shown = not (kind in {"obstacles", "entrances"} and len(rows) > CROWD)
    return drawing


def classes_of(kind: str, found: Sequence[str], *, words: Words) -> list[Class]:
    """Return the classes of a layer that occur, in the order of the legend."""
    present = set(found)
    if kind == "facilities":
        return [
            Class(id=group, label=words.text(f"group.{group}"), style=style)
            for group, style in GROUP_STYLES.items()
            if group in present
        ]
    return [
        Class(
            id=name,
            label=words.text(f"class.{kind}.{name}"),
            style=style,
            glyph=_class_glyph(kind, name, words),
        )
        for name, style in STYLES[kind].items()
        if name in present
    ]


def label_of(kind: str, row: Mapping[str, Any], id_column: str) -> str:
    """Return what is written on the map beside a feature; a line break parts number and floors."""
    name = "" if absent(row.get("name")) else plain(row["name"])
    if kind == "buildings":
        number = name or plain(row[id_column])
        number = "" if _OPAQUE.fullmatch(number) else number
        floors: Any = row.get("floors")
        storeys = "" if absent(floors) else f"{int(floors)}F"
        return f"{number}\n{storeys}".strip("\n") if number else f"\n{storeys}" if storeys else ""
    if kind in {"parcels", "communities", "open_spaces", "facilities", "walkways"}:
        return name
    if kind == "grids":
        return plain(row[id_column])
    if kind == "rooms":
        short = plain(row[id_column])
        short = "" if _OPAQUE.fullmatch(short) else short
        area: Any = row.get("area_m2")
        # The sign, not the word: it is a label on a map.
        size = "" if absent(area) else f"{format_number(float(area))} m²"
        return f"{name or row.get('_place') or short} {size}".strip()
    if kind == "entrances" and row.get("kind") == "gate":
        return name
    return ""


def _name(kind: str, row: Mapping[str, Any], id_column: str, words: Words) -> str:
    if kind == "rooms" and row.get("_place"):
        room = plain(row[id_column] if absent(row.get("name")) else row["name"])
        return words.text("room_at", place=row["_place"], room=room)
    if not absent(row.get("name")):
        return plain(row["name"])
    if kind == "facilities":
        return words.category(str(row.get("category")))
    return plain(row[id_column])


def place_of(building: str, floor: Any, words: Words) -> str:  # noqa: ANN401 - a cell of a table
    """Return where a room is, as people say it; empty when the number of its building means nothing to them."""
    if not building or _OPAQUE.fullmatch(building):
        return ""
    if absent(floor):
        return building
    level = int(floor)
    key = "room_basement" if level < 0 else "room_floor"
    return words.text(key, building=building, floor=abs(level))


def _class_of(kind: str) -> Callable[[Mapping[str, Any]], str]:
    if kind == "facilities":
        return lambda row: GROUP_OF.get(str(row.get("category")), "other")
    column = {"parcels": "status", "stalls": "state", "rooms": "state", "elevators": "state"}.get(
        kind, "kind"
    )
    styles = STYLES[kind]

    def classify(row: Mapping[str, Any]) -> str:
        if kind == "stalls" and is_below_ground(row.get("kind")):
            return "underground"
        return name if (name := str(row.get(column))) in styles else "other"

    return classify


def _class_glyph(kind: str, name: str, words: Words) -> str:
    if kind == "rooms" and name != "rejected":
        return words.text(f"glyph.room_{name}")
    if name == "rejected":
        return words.text("glyph.rejected")
    if kind == "entrances" and name == "gate":
        return words.text("glyph.gate")
    return words.text("glyph.remark") if kind == "remarks" else ""


def _glyph(row: Mapping[str, Any], words: Words) -> str:
    return words.known(f"glyph.{row.get('category')}", otherwise=words.text("glyph.other"))


def _categories(group: str, rows: Sequence[Mapping[str, Any]], words: Words) -> str:
    """Explain the characters of a group of facilities: 幼 幼儿园、托 托儿所."""
    present = {str(row.get("category")): _glyph(row, words) for row in rows}
    order = [c for c in CATEGORIES if c in present] + sorted(c for c in present if c not in CATEGORIES)
    return words.text("ui.listing").join(
        f"{present[c]} {words.category(c)}" for c in order if GROUP_OF.get(c, "other") == group
    )


def _columns(kind: str, rows: Sequence[Mapping[str, Any]], words: Words) -> list[dict[str, Any]]:
    """Write columns as distinct values and, for each row, which of them (-1: none)."""
    out: list[dict[str, Any]] = []
    for name in COLUMNS.get(kind, ()):
        if not rows or name not in rows[0]:
            continue
        layer = "rooms" if kind == "rooms" else kind
        out.append(column(words.column(layer, name), [words.value(layer, name, row[name]) for row in rows]))
    return [c for c in out if c["u"]]


def drawn_rows(frame: gpd.GeoDataFrame | None, site: Site) -> gpd.GeoDataFrame | None:
    """Return the rows of a frame that have a shape, in WGS 84; None where there are none."""
    if frame is None or frame.empty:
        return None
    drawn = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    return None if drawn.empty else to_wgs84(drawn if drawn.crs is not None else drawn.set_crs(site.crs))


def _packed_column(column: dict[str, Any]) -> dict[str, Any]:
    values = pack_numbers(column["v"])
    return column if values is None else {**{k: v for k, v in column.items() if k != "v"}, "b": values}


def column(label: str, texts: Sequence[str | None], **more: bool) -> dict[str, Any]:
    """Write a column of texts as distinct values and, for each row, which of them (-1: none)."""
    distinct: dict[str, int] = {}
    index = [-1 if text is None else distinct.setdefault(text, len(distinct)) for text in texts]
    return {"l": label, "u": list(distinct), "v": index, **more}
