"""Compose the page of a hearing map as plain data: what is drawn, said and quoted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from plan.errors import UsageError
from plan.findings import Clause, Finding, Report, Status
from plan.maps.escape import plain
from plan.maps.geometry import grid
from plan.maps.layers import Class, Drawing, column, draw
from plan.maps.palette import ISOCHRONES, ORDER, STATUS_STYLES, STYLES, THEME
from plan.maps.words import Words, absent, format_number
from plan.messages import Message, translate
from plan.categories import CATEGORIES
from plan.schema import LAYERS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from plan.site import Placement, Site

__all__ = ["Clauses", "bounds_of", "drawings_of", "finding_drawing", "finding_records", "reach_of"]

# A pipe drawn to the centimetre on a public map helps those who dig without asking; a household is a person.
_NOT_DRAWN: Final = ("households", "utilities")
_WORST_FIRST: Final = (Status.NOT_MET, Status.UNDETERMINED, Status.MET, Status.NOT_APPLICABLE)
_BREAKS_MIN: Final = (5, 10, 15)  # life circles of GB 50180-2018 [min]


class Clauses:
    """The clauses of a map, each once, referred to by number."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._index: dict[Clause, int] = {}

    def number(self, clause: Clause) -> int:
        """Return the number of a clause, adding it when it is new."""
        return self._index.setdefault(clause, len(self._index))

    def to_page(self) -> list[dict[str, str]]:
        """Return plain data for the page."""
        return [self._page(clause) for clause in self._index]

    def _page(self, clause: Clause) -> dict[str, str]:
        dates = []
        if clause.effective:
            dates.append(self._words.text("ui.effective", date=clause.effective))
        if clause.repealed:
            dates.append(self._words.text("ui.repealed", date=clause.repealed))
        return {
            "document": plain(clause.document),
            "number": plain(clause.number),
            "article": plain(clause.article),
            "quote": plain(clause.quote),
            "dates": plain(self._words.text("ui.listing").join(dates)),
        }


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
    for name, layer in LAYERS.items():
        if name in _NOT_DRAWN or name == "rooms" or not site.has(name):
            continue
        frame = _wgs84(site.layer(name), site)
        if name == "facilities":
            frame = frame.set_geometry(_with_symbol(frame.geometry))
        drawing = draw(name, frame, words=words, id_column=layer.id_column, estimated=name in site.estimates)
        if drawing is not None and name == "buildings":
            _add_households(drawing, site, words)
        if drawing is not None:
            found[name].append(drawing)
    rooms = _rooms(site, placements.get("rooms"), words)
    if rooms is not None:
        found["rooms"].append(rooms)
    for name, placement in placements.items():
        if name != "rooms" and (drawing := _proposals(name, placement, site, words)) is not None:
            found["proposals"].append(drawing)
    if isochrones is not None and not isochrones.empty:
        found["isochrones"].append(_isochrones(isochrones, site, words, estimated=isochrones_estimated))
    return [drawing for name in ORDER for drawing in found[name]]


def bounds_of(drawings: Sequence[Drawing]) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north [degree] of what the hearing is about, None when nothing is there."""
    import shapely

    for wanted in (("parcels",), ("buildings", "rooms"), tuple(ORDER)):
        shapes = [
            s for d in drawings if d.kind in wanted for s in d.shapes if s is not None and not s.is_empty
        ]
        if shapes:
            west, south, east, north = shapely.total_bounds(shapes)
            return float(west), float(south), float(east), float(north)
    return None


def finding_records(
    report: Report, *, words: Words, clauses: Clauses, place_of: Mapping[int, int]
) -> list[dict[str, Any]]:
    """Write findings as plain data, the worst first.

    Parameters
    ----------
    report : Report
        The report.
    words : Words
        The language.
    clauses : Clauses
        Where clauses are numbered.
    place_of : mapping of int to int
        From the position of a finding to its place among the features of the findings' layer.
    """
    return [
        _record(finding, words=words, clauses=clauses, place=place_of.get(n))
        for n, finding in enumerate(ordered(report))
    ]


def ordered(report: Report) -> list[Finding]:
    """Return the findings of a report, the worst and most binding first."""
    strengths = ("must", "should", "may")
    return sorted(
        report.findings,
        key=lambda f: (
            _WORST_FIRST.index(f.status),
            strengths.index(f.strength),
            f.rule,
            str(f.subject or ""),
        ),
    )


def finding_drawing(report: Report, *, words: Words) -> tuple[Drawing | None, dict[int, int]]:
    """Draw the places of findings; findings at one place share one symbol, the worst status shows.

    Returns
    -------
    drawing : Drawing or None
        None when no finding has a place.
    place_of : dict of int to int
        From the position of a finding (in :func:`ordered`) to its feature.
    """
    import shapely
    from shapely.geometry import shape

    groups: dict[bytes, list[int]] = {}
    shapes: dict[bytes, Any] = {}
    findings = ordered(report)
    for n, finding in enumerate(findings):
        if finding.geometry is None:
            continue
        geometry = shape(dict(finding.geometry))
        if geometry.is_empty:
            continue
        middle = _middle(geometry)
        key = f"{middle.x:.6f} {middle.y:.6f}".encode()
        groups.setdefault(key, []).append(n)
        shapes[key] = geometry if key not in shapes else shapes[key]
    if not groups:
        return None, {}
    # The worst is drawn last, on top.
    keys = sorted(groups, key=lambda k: -groups[k][0])
    statuses = [findings[groups[k][0]].status for k in keys]
    present = [s for s in _WORST_FIRST if s in statuses]
    classes = [
        Class(id=s, label=status_word(s, words), style=STATUS_STYLES[s], glyph=words.text(f"symbol.{s}"))
        for s in present
    ]
    drawing = Drawing(
        id="findings",
        title=words.text("layer.findings"),
        kind="findings",
        ids=[f"finding-{i}" for i in range(len(keys))],
        shapes=[shapely.GeometryCollection([shapes[k], _middle(shapes[k])]) for k in keys],
        classes=classes,
        of_class=[present.index(s) for s in statuses],
        names=[
            words.text("ui.listing").join(
                dict.fromkeys(plain(translate(findings[n].title, words.lang)) for n in groups[k])
            )
            for k in keys
        ],
    )
    drawing.finds = [groups[k] for k in keys]
    return drawing, {n: i for i, k in enumerate(keys) for n in groups[k]}


def status_word(status: Status, words: Words) -> str:
    """Return the word for a status."""
    return Message(f"status.{status}").to(words.lang)


def assign_clauses(drawings: Iterable[Drawing], report: Report, clauses: Clauses) -> None:
    """Give each colour the clauses that judged the features in it."""
    by_feature: dict[str, list[Clause]] = {}
    timed: list[Clause] = []
    for finding in report.findings:
        for feature in finding.features:
            by_feature.setdefault(plain(feature), []).append(finding.clause)
        if finding.unit == "min":
            timed.append(finding.clause)
    for drawing in drawings:
        found: dict[int, dict[int, None]] = {}
        if drawing.kind == "findings":
            continue
        for feature, number in zip(drawing.ids, drawing.of_class, strict=True):
            for clause in by_feature.get(feature, ()):
                found.setdefault(number, {})[clauses.number(clause)] = None
        if drawing.kind == "isochrones":
            found.setdefault(0, {}).update(dict.fromkeys(clauses.number(c) for c in timed))
        drawing.clauses = {number: list(those) for number, those in found.items()}


def add_clauses(
    drawings: Iterable[Drawing], more: Mapping[str, Clause | Sequence[Clause]], clauses: Clauses
) -> None:
    """Give the colours of layers the clauses that a caller names for them."""
    for drawing in drawings:
        for clause in _several(more.get(drawing.kind, ())):
            number = clauses.number(clause)
            if number not in drawing.clauses.setdefault(0, []):
                drawing.clauses[0].append(number)


def timed_clauses(
    report: Report | None, more: Mapping[str, Clause | Sequence[Clause]], clauses: Clauses
) -> list[int]:
    """Return the clauses behind minutes: those of findings in minutes, and those named for isochrones."""
    of_findings = [f.clause for f in report.findings if f.unit == "min"] if report is not None else []
    return list(
        dict.fromkeys(clauses.number(c) for c in (*of_findings, *_several(more.get("isochrones", ()))))
    )


def reach_of(
    reach: pd.DataFrame, *, site: Site, building_ids: Sequence[str], words: Words
) -> list[dict[str, Any]]:
    """Bring walk times to buildings: the longest way of a building's origins counts.

    Parameters
    ----------
    reach : pandas.DataFrame
        One column per category, minutes [min], NaN beyond the limit. Rows are buildings (index
        ``building_id``), or have a column ``building_id``, or the index is named ``household_id``
        or ``entrance_id`` and the site says which building that is.
    site : Site
        The site.
    building_ids : sequence of str
        Buildings in the order of the page.
    words : Words
        The language.

    Returns
    -------
    list of dict
        For each category its label and the minutes of each building: -1 beyond the limit,
        None without data.

    Raises
    ------
    UsageError
        If no row belongs to a building of the site.
    """
    frame = reach.copy()
    if "building_id" in frame.columns:
        owner = frame.pop("building_id").astype(str)
    else:
        owner = _owners(frame, site)
    names = [
        c for c in (*CATEGORIES, *(c for c in frame.columns if c not in CATEGORIES)) if c in frame.columns
    ]
    names = [c for c in names if frame[c].dtype.kind in "fiu"]
    grouped = frame[names].astype(float).groupby(owner.to_numpy())
    longest, complete = grouped.max(), grouped.count().eq(grouped.size(), axis=0)
    if not longest.index.isin(building_ids).any():
        raise UsageError(Message("maps.reach_index"))
    longest, complete = longest.reindex(building_ids), complete.reindex(building_ids)
    out = []
    for name in names:
        minutes = [
            None if absent(whole) else round(value, 1) if whole and not absent(value) else -1
            for value, whole in zip(longest[name].tolist(), complete[name].tolist(), strict=True)
        ]
        label = words.category(str(name))
        out.append(
            {
                "id": plain(name),
                "label": label,
                "title": words.text("ui.theme_by", name=label),
                "min": minutes,
            }
        )
    return out


def theme(words: Words, clauses: Sequence[int]) -> dict[str, Any]:
    """Return colours and words for buildings coloured by minutes."""
    within = [words.text("ui.within", n=n) for n in _BREAKS_MIN]
    return {
        "breaks": list(_BREAKS_MIN),
        "colours": list(THEME),
        "words": [*within, words.text("ui.over", n=_BREAKS_MIN[-1]), words.text("ui.unknown")],
        "clauses": list(clauses),
    }


def origin_of(bounds: tuple[float, float, float, float]) -> tuple[int, int]:
    """Return the point from which coordinates are counted [1e-7 degree]."""
    return grid(bounds[0]), grid(bounds[1])


def _record(finding: Finding, *, words: Words, clauses: Clauses, place: int | None) -> dict[str, Any]:
    def said(text: str | None) -> str:
        return plain(translate(text, words.lang)) if text else ""

    def figure(value: float | str | None) -> str:
        if value is None:
            return ""
        number = format_number(float(value)) if isinstance(value, (int, float)) else said(value)
        return f"{number} {words.unit(finding.unit)}".strip()

    measured, required = figure(finding.measured), figure(finding.required)
    short = [
        f"{words.text(f'ui.{name}')} {text}"
        for name, text in (("measured", measured), ("required", required))
        if text
    ]
    return {
        "rule": plain(finding.rule),
        "title": said(finding.title),
        "status": str(finding.status),
        "word": status_word(finding.status, words),
        "symbol": words.text(f"symbol.{finding.status}"),
        "strength_word": words.text(f"strength.{finding.strength}"),
        "measured": measured,
        "required": required,
        "short": words.text("ui.listing").join(short),
        "subject": said(finding.subject),
        "reason": said(finding.reason),
        "remedy": said(finding.remedy),
        "clause": clauses.number(finding.clause),
        "features": [plain(feature) for feature in finding.features],
        "place": place,
        "est": finding.estimated,
    }


def _several(clauses: Clause | Sequence[Clause]) -> Sequence[Clause]:
    return (clauses,) if isinstance(clauses, Clause) else clauses


def _owners(frame: pd.DataFrame, site: Site) -> pd.Series[str]:
    """Return for each row the building that its index means."""
    layer = {"household_id": "households", "entrance_id": "entrances"}.get(str(frame.index.name))
    index = frame.index.to_series().astype(str)
    if layer is None:
        return index
    if not site.has(layer):
        raise UsageError(Message("maps.reach_index"))
    rows = site.layer(layer)
    known = dict(zip(rows[str(frame.index.name)].astype(str), rows["building_id"], strict=True))
    return index.map(lambda i: "" if absent(known.get(i)) else str(known[i]))


def _wgs84(frame: gpd.GeoDataFrame, site: Site) -> gpd.GeoDataFrame:
    from plan.crs import to_wgs84

    return to_wgs84(frame if frame.crs is not None else frame.set_crs(site.crs))


def _middle(geometry: Any) -> Any:
    """Return a point on a geometry where its symbol stands."""
    if geometry.geom_type == "LineString":
        return geometry.interpolate(0.5, normalized=True)
    return geometry.representative_point()


def _with_symbol(shapes: Iterable[Any]) -> list[Any]:
    """Add to each area or line the point where its symbol stands."""
    import shapely

    return [
        s
        if s is None or s.is_empty or s.geom_type == "Point"
        else shapely.GeometryCollection([s, _middle(s)])
        for s in shapes
    ]


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


def _rooms(site: Site, placement: Placement | None, words: Words) -> Drawing | None:
    """Draw rooms of the site, placed ones and rejected ones, each room once."""
    import geopandas as gpd

    records: dict[str, dict[str, Any]] = {}

    def add(frame: gpd.GeoDataFrame, kind: Callable[[Mapping[str, Any]], str | None]) -> None:
        frame = _wgs84(frame, site)
        shapes = frame.geometry
        for row, shape in zip(frame.drop(columns=shapes.name).to_dict("records"), shapes, strict=True):
            records.setdefault(str(row["room_id"]), {**row, "_class": kind(row), "_shape": shape})

    if placement is not None:
        add(placement.features, lambda row: "existing" if row.get("state") == "existing" else "placed")
        add(placement.rejected, lambda _row: "rejected")
    if site.has("rooms"):
        add(site.layer("rooms"), lambda _row: None)
    if not records:
        return None
    homes: dict[str, Any] = {}
    if site.has("buildings"):
        buildings = _wgs84(site.layer("buildings"), site)
        homes = dict(zip(buildings["building_id"].astype(str), buildings.geometry, strict=True))
    shapes = []
    for row in records.values():
        shape = row.pop("_shape")
        if shape is None or shape.is_empty:  # a room in a table: shown where its building stands
            home = homes.get(str(row.get("building_id")))
            shape = None if home is None or home.is_empty else home.representative_point()
        shapes.append(shape)
    columns = dict.fromkeys(name for row in records.values() for name in row)
    rows = [{name: row.get(name) for name in columns} for row in records.values()]
    frame = gpd.GeoDataFrame(rows, geometry=_with_symbol(shapes), crs="EPSG:4326")
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


def _proposals(name: str, placement: Placement, site: Site, words: Words) -> Drawing | None:
    import geopandas as gpd

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
    title = words.text(f"layer.{name}") if name in LAYERS and name not in _NOT_DRAWN else plain(name)
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
    for layer in LAYERS.values():
        if layer.id_column in frame.columns:
            return layer.id_column
    raise UsageError(Message("maps.placement_layer"))


def layer_of_placement(placement: Placement) -> str:
    """Return the layer that a placement proposes, by its id column."""
    wanted = _id_column(placement.features)
    return next(name for name, layer in LAYERS.items() if layer.id_column == wanted)


def _isochrones(frame: gpd.GeoDataFrame, site: Site, words: Words, *, estimated: bool) -> Drawing:
    """Draw bands: what is within 5 minutes of any origin, then 10, then 15, none over another."""
    import geopandas as gpd

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
