"""Findings in a drawing: a layer for each status, a number at each place, and a table that explains the numbers."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import shapely
import shapely.errors
import shapely.geometry
from ezdxf.document import Drawing
from ezdxf.enums import TextEntityAlignment
from ezdxf.layouts.layout import Modelspace
from shapely.geometry.base import BaseGeometry

from plan.cad.document import FONT, HEADINGS
from plan.cad.records import Record, write_record
from plan.cad.texts import line
from plan.crs import WGS84
from plan.dossier import Dossier
from plan.drawings.table import Grid, draw_grid
from plan.findings import Finding, Status
from plan.messages import Message, translate
from plan.reports.record import geometry_of
from plan.reports.words import Words

__all__ = ["CLAUSES", "TABLE", "draw_verdicts", "status_layer"]

TABLE: Final = "检查-结果表"
CLAUSES: Final = "检查-条文"
_LAYERS: Final = {
    Status.MET: ("检查-符合", 3),
    Status.NOT_MET: ("检查-不符合", 1),
    Status.UNDETERMINED: ("检查-无法判定", 30),
    Status.NOT_APPLICABLE: ("检查-不适用", 8),
}
_SIGN: Final = 1.6  # m, the height of a number at its place
_CLAUSE: Final = 0.8  # m, the height of a clause at its place
_WIDTHS: Final = (6.0, 18.0, 36.0, 14.0, 36.0, 36.0, 110.0)  # of the columns, in heights of their text
_MARGIN: Final = 0.05  # of the width of the site, between it and the table
_ROWS: Final = 140  # lines of text that fit beside the height of the site, so that the table is as tall as it


def status_layer(status: Status) -> str:
    """Return the drawing's layer for findings of a status."""
    return _LAYERS[status][0]


def draw_verdicts(drawing: Drawing, dossier: Dossier) -> None:
    """Draw the findings on the proposal: where they are, and a table of all of them with their clauses."""
    words = Words(dossier.lang)
    for title, color in _LAYERS.values():
        drawing.layers.add(title, color=color)
    drawing.layers.add(TABLE, color=7)
    drawing.layers.add(CLAUSES, color=8).off()
    findings = dossier.after.findings
    shapes = _shapes(findings, dossier)
    for number, (finding, shape) in enumerate(zip(findings, shapes, strict=True), start=1):
        if shape is not None and not shape.is_empty:
            _mark(drawing.modelspace(), number, finding, shape, words)
    _table(drawing, dossier, words)


def _shapes(findings: tuple[Finding, ...], dossier: Dossier) -> list[Any]:
    shapes = []
    for finding in findings:
        plain = geometry_of(finding.geometry)
        try:
            shapes.append(None if plain is None else shapely.geometry.shape(plain))
        except (
            shapely.errors.ShapelyError,
            ValueError,
            TypeError,
            KeyError,
            IndexError,
        ):  # a geometry that is none is not drawn
            shapes.append(None)
    if not shapes:
        return []
    return list(gpd.GeoSeries(shapes, crs=WGS84).to_crs(dossier.site.crs))


def _mark(space: Modelspace, number: int, finding: Finding, shape: BaseGeometry, words: Words) -> None:
    attributes = {"layer": status_layer(finding.status)}
    note = Record(layer="", row=number, role="note")
    for part in _singles(shape):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            points = shapely.get_coordinates(ring).tolist()
            if part.geom_type == "Point":
                write_record(space.add_circle(points[0], _SIGN, attributes), note)
                continue
            closed = part.geom_type == "Polygon"
            drawn = space.add_lwpolyline(points[:-1] if closed else points, close=closed)
            drawn.dxf.layer = attributes["layer"]
            write_record(drawn, note)
    place = shape.representative_point()
    sign = space.add_text(
        line(f"{number} {finding.rule}"), height=_SIGN, dxfattribs={**attributes, "style": HEADINGS}
    )
    sign.set_placement((place.x, place.y), align=TextEntityAlignment.MIDDLE_CENTER)
    write_record(sign, note)
    said = f"{words.text(finding.title)} · {finding.clause.article} {finding.clause.quote}"
    clause = space.add_text(line(said), height=_CLAUSE, dxfattribs={"layer": CLAUSES, "style": FONT})
    clause.set_placement((place.x, place.y - 2 * _CLAUSE), align=TextEntityAlignment.TOP_LEFT)
    write_record(clause, note)


def _singles(shape: BaseGeometry) -> list[Any]:
    """Return the points, lines and polygons of a shape, collections of collections taken apart."""
    parts = [shape]
    while any(part.geom_type.startswith(("Multi", "GeometryCollection")) for part in parts):
        parts = shapely.get_parts(parts).tolist()
    return parts


def _table(drawing: Drawing, dossier: Dossier, words: Words) -> None:
    bounds = [f.total_bounds for f in dossier.proposed.layers.values() if len(f) and f.geometry.notna().any()]
    if not bounds:
        return
    x0, y0 = min(b[0] for b in bounds), min(b[1] for b in bounds)
    x1, y1 = max(b[2] for b in bounds), max(b[3] for b in bounds)
    title = dossier.imprint.title or dossier.proposed.title
    grid = Grid(
        layer=TABLE,
        at=(x1 + _MARGIN * (x1 - x0), y1),
        height=max((y1 - y0) / _ROWS, 0.5),
        widths=_WIDTHS,
        title=f"{title} · {_say('title', dossier)}",
    )
    heads = tuple(_say(f"head_{name}", dossier) for name in _HEADS)
    draw_grid(
        drawing, grid, heads, [_row(n, f, words) for n, f in enumerate(dossier.after.findings, start=1)]
    )


_HEADS: Final = ("number", "rule", "title", "status", "measured", "required", "clause")


def _row(number: int, finding: Finding, words: Words) -> tuple[str, ...]:
    measured, required = words.figures(finding)
    why = " ".join(part for part in words.reason(finding) if part) if finding.reason else ""
    clause = " ".join(part for part in (words.source(finding.clause), finding.clause.quote) if part)
    subject = f" · {finding.subject}" if finding.subject else ""
    return (
        str(number),
        finding.rule,
        words.text(finding.title) + subject,
        words.status(finding.status),
        words.with_unit(measured, finding.unit) or why,
        words.with_unit(required, finding.unit),
        clause,
    )


def _say(key: str, dossier: Dossier) -> str:
    return translate(Message(f"drawings.{key}"), dossier.lang)
