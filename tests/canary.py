"""Strings that come alive where a writer is careless, in every field of every layer: for the tests of all writers.

``hostile_site()`` walks ``plan.schema.LAYERS``, so a layer or a column that is added is covered by itself. Each text
is one of :data:`CANARIES` with the name of its field behind it: what is missing or alive can be told by its field.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import pyproj
from shapely.geometry import LineString, Point, box, mapping

from plan.contract import Column, Layer
from plan.crs import to_wgs84
from plan.findings import Clause, Finding, InputFile, PackRef, Problem, Report, Status, Strength, reason
from plan.schema import LAYERS
from plan.site import Placement, Site
from plan.tables import Table
from plan.text_safety import plain

CANARIES: Final = (
    "{{7*7}}",
    "{{ cycler.__init__.__globals__.os.getpid() }}",
    "{% raw %}",
    "{# comment #}",
    "${alert(1)}",
    "`;alert(1);`",
    "</script><script>alert(1);window.pwned=1</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '" onmouseover="alert(1)',
    "javascript:alert(1)",
    "--><script>alert(1)</script>",
    "\\u003cimg src=x onerror=alert(1)\\u003e",
    "]]></style></title><svg onload=alert(1)>",
    "=HYPERLINK(1)",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "＝1+1",
    "#set page(fill: red)",  # live in Typst
    "\\input{/etc/passwd}",  # live in TeX
    "%<\\AcVar Date>%",  # a field of a drawing
    "(x) Tj ET",  # ends a string of a PDF
    "\u202e楼号21",
    "\u2028alert(1)",
)
CRS: Final = pyproj.CRS("EPSG:4547")
X, Y = 500_000.0, 3_300_000.0
# What a hearing does not show: persons, and pipes to the centimetre.
PRIVATE: Final = ("households", "utilities")


def shown(text: str) -> str:
    """Return a text as a reader sees it, white space apart."""
    return " ".join(plain(text).split())


def field_text(canary: str, layer: str, column: str) -> str:
    """Return the text that a field of a layer holds; a reference holds the id of what it refers to."""
    home = next((other.name for other in LAYERS.values() if other.id_column == column), layer)
    return f"{canary} {home}.{column}"


def hostile_site(canaries: Sequence[str] = CANARIES) -> Site:
    """Return a site in which every text of every layer is a canary, with a row for each of them.

    Layers of :data:`PRIVATE` are there, too: no text of theirs may be in anything that is public.
    """
    layers = {name: _layer(layer, number, canaries) for number, (name, layer) in enumerate(LAYERS.items())}
    return Site(
        name=f"{canaries[6 % len(canaries)]} site.name",
        layers=layers,
        crs=CRS,
        inputs=(InputFile(path=f"{canaries[7 % len(canaries)]} input.path", sha256="0" * 64),),
        attribution=f"{canaries[8 % len(canaries)]} site.attribution",
    )


def hostile_report(site: Site, canaries: Sequence[str] = CANARIES) -> Report:
    """Return a report in which every text is a canary: rules, clauses, figures, reasons, problems."""
    statuses = list(Status)
    where = mapping(to_wgs84(site.layer("buildings")).geometry.iloc[0])
    findings = tuple(
        _finding(canary, statuses[i % len(statuses)], where) for i, canary in enumerate(canaries)
    )
    first = canaries[0]
    problem = Problem(
        id=f"{first} problem.id", severity="warning", effect="noted", message=f"{first} problem.message",
        cure=f"{first} problem.cure", path=f"{first} problem.path", layer=f"{first} problem.layer",
        column=f"{first} problem.column", features=(f"{first} problem.feature",),
    )  # fmt: skip
    return Report(
        site=f"{canaries[6 % len(canaries)]} report.site",
        pack=PackRef(id=f"{first} pack.id", version=f"{first} pack.version", sha256="0" * 64, title=f"{first} pack.title"),
        findings=findings,
        inputs=site.inputs,
        on=f"{first} report.on",
        problems=(problem,),
    )  # fmt: skip


def hostile_placement(site: Site, layer: str = "rooms", canaries: Sequence[str] = CANARIES) -> Placement:
    """Return proposals and rejected candidates of a layer, each reason a canary."""
    rows = site.layer(layer)
    half = len(rows) // 2
    reasons = [f"{canaries[i % len(canaries)]} reason" for i in range(len(rows) - half)]
    return Placement(features=rows.iloc[:half], rejected=rows.iloc[half:].assign(reason=reasons), measures={})


def hostile_table(canaries: Sequence[str] = CANARIES) -> Table:
    """Return a table in which title, heads, cells and notes are canaries."""
    return Table(
        title=f"{canaries[6 % len(canaries)]} table.title",
        heads=(f"{canaries[7 % len(canaries)]} table.head", "2"),
        rows=tuple((f"{canary} table.cell", None) for canary in canaries),
        notes=tuple(f"{canary} table.note" for canary in canaries),
    )


def _layer(layer: Layer, number: int, canaries: Sequence[str]) -> gpd.GeoDataFrame:
    rows = []
    for i, canary in enumerate(canaries):
        row: dict[str, Any] = {column.name: _value(column, layer, canary) for column in layer.columns}
        # A name of a column is a text, too.
        row[f"{canaries[7 % len(canaries)]} {layer.name}.extra"] = field_text(canary, layer.name, "extra")
        row["geometry"] = _shape(layer, number, i)
        rows.append(row)
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def _value(column: Column, layer: Layer, canary: str) -> object:
    match column.type:
        case "int":
            return int(max(column.minimum or 0, 1))
        case "float":
            return float(max(column.minimum or 0.0, 1.0))
        case "bool":
            return True
        case "date":
            return "2026-01-01"
        case _:
            return field_text(canary, layer.name, column.name)


def _shape(layer: Layer, number: int, i: int) -> Any:
    x, y = X + 12.0 * i, Y + 25.0 * number
    match layer.shapes[0]:
        case "Polygon":
            return box(x, y, x + 8, y + 10)
        case "LineString":
            return LineString([(x, y), (x + 8, y + 6)])
        case "Point":
            return Point(x + 4, y + 5)
        case _:
            return None


def _finding(canary: str, status: Status, where: Any) -> Finding:
    names = ("document", "number", "article", "quote", "effective")
    clause = Clause(**{name: f"{canary} clause.{name}" for name in names})
    return Finding(
        rule=f"{canary} finding.rule",
        title=f"{canary} finding.title",
        strength=Strength.MUST,
        status=status,
        clause=clause,
        measured=f"{canary} finding.measured",
        required=f"{canary} finding.required",
        unit=f"{canary} finding.unit",
        features=(field_text(canary, "buildings", "building_id"),),
        geometry=where,
        reason=reason("missing_data", f"{canary} finding.reason"),
        remedy=f"{canary} finding.remedy",
        subject=f"{canary} finding.subject",
    )
