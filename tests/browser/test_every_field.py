"""Every text of every layer, in the map, the report and the tables: shown as it is, and run by nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from canary import (
    CANARIES,
    PRIVATE,
    field_text,
    hostile_placement,
    hostile_report,
    hostile_site,
    hostile_table,
    shown,
)

from plan.findings import SiteResult
from plan.maps import hearing_map
from plan.maps.layers import COLUMNS
from plan.reports import to_html
from plan.reports.book import tables_to_xlsx
from plan.reports.tables import frame_to_csv, to_csv, to_xlsx
from plan.schema import LAYERS
from plan.text_safety import plain

pytestmark = pytest.mark.browser

EVERYTHING = """async () => {
  const said = [document.body.innerText];
  for (const lang of ['zh', 'en']) {
    if (planMap.data.lang !== lang) planMap.redraw(lang);
    document.querySelectorAll('details').forEach((d) => { d.open = true; });
    said.push(document.body.innerText, document.title);
    for (const layer of planMap.data.layers) for (const ps of layer.paths) for (const p of ps.slice(0, 1)) {
      p.fire('mouseover');
      p.fire('click', { latlng: p.getLatLng ? p.getLatLng() : p.getBounds().getCenter() });
      const pop = document.querySelector('.leaflet-popup-content');
      if (pop) { pop.querySelectorAll('details').forEach((d) => { d.open = true; }); said.push(pop.innerText); }
    }
    document.querySelectorAll('select').forEach((s) => [...s.options].forEach((o) => { s.value = o.value; s.dispatchEvent(new Event('change')); }));
    await new Promise((done) => setTimeout(done, 200));
  }
  return said.join('\\n');
}"""


def drawn() -> Any:
    site = hostile_site()
    return hearing_map(
        site,
        hostile_report(site),
        placement={"rooms": hostile_placement(site)},
        title=f"{CANARIES[6]} map.title",
        review_number=f"{CANARIES[7]} map.review",
        made_by=f"{CANARIES[8]} map.made_by",
        source=f"{CANARIES[0]} map.source",
        dated=f"{CANARIES[4]} map.dated",
    )


def test_no_text_of_any_layer_runs_in_the_map_and_each_is_shown(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "m.html"
    drawn().save(path)
    seen = open_map(path)
    said = " ".join(seen.page.evaluate(EVERYTHING).split())
    assert seen.dialogs == []
    assert seen.errors == []
    assert seen.page.evaluate("window.pwned") is None
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.resolve().as_uri()]
    assert seen.page.locator("img, iframe, svg").count() == 0
    missing = [
        (name, column.name, canary)
        for name, layer in LAYERS.items()
        if name not in PRIVATE and COLUMNS.get(name)
        for column in layer.columns
        if column.name in COLUMNS[name] and column.type in {"text", "id", "enum", "time"}
        for canary in CANARIES
        if shown(field_text(canary, name, column.name)) not in said
    ]
    assert missing == []
    parts = (
        "finding.title",
        "finding.reason",
        "finding.remedy",
        "finding.measured",
        "clause.quote",
        "clause.document",
    )
    assert [(c, part) for part in parts for c in CANARIES if shown(f"{c} {part}") not in said] == []
    for text in (f"{CANARIES[6]} map.title", f"{CANARIES[7]} map.review", f"{CANARIES[4]} map.dated"):
        assert shown(text) in said


def test_what_is_private_is_in_no_public_file() -> None:
    site = hostile_site()
    text = drawn().to_html() + to_html([SiteResult.of(hostile_report(site))], tables=(hostile_table(),))
    for name in PRIVATE:
        for column in LAYERS[name].columns:
            if column.type in {"text", "enum"} or column.name in {"owner_id", LAYERS[name].id_column}:
                assert f"{name}.{column.name}" not in text


def test_no_text_of_a_report_runs_and_each_is_shown(tmp_path: Path, open_map: Any) -> None:
    path = tmp_path / "report.html"
    site = hostile_site()
    path.write_text(
        to_html([SiteResult.of(hostile_report(site))], tables=(hostile_table(),)), encoding="utf-8"
    )
    seen = open_map(path, ready="body")
    seen.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    said = " ".join(seen.page.evaluate("document.body.innerText").split())
    assert seen.dialogs == []
    assert seen.errors == []
    assert seen.page.evaluate("window.pwned") is None
    for canary in CANARIES:
        for place in ("table.cell", "table.note", "finding.title", "clause.quote"):
            assert shown(f"{canary} {place}") in said, place


def test_no_text_is_a_formula_in_a_table() -> None:
    site = hostile_site()
    entries = [SiteResult.of(hostile_report(site))]
    books = [to_xlsx(entries), tables_to_xlsx({"t": hostile_table()}, title=CANARIES[14])]
    for book in books:
        with zipfile.ZipFile(io.BytesIO(book)) as parts:
            sheets = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
        assert all("<f>" not in sheet and "<f " not in sheet for sheet in sheets)
    told = [
        to_csv(entries),
        *(frame_to_csv(frame.drop(columns="geometry")) for frame in site.layers.values()),
    ]
    for text in told:
        for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))):
            for cell in row:
                number = cell.lstrip("-").replace(".", "", 1).isdigit()
                assert number or not cell.startswith(("=", "+", "-", "@", "＝", "\t", "\r")), cell


def test_every_layer_of_the_contract_is_in_the_hostile_site() -> None:
    site = hostile_site()
    assert set(site.layers) == set(LAYERS)
    for name, layer in LAYERS.items():
        frame = site.layers[name]
        assert len(frame) == len(CANARIES)
        for column in layer.columns:
            if column.type in {"text", "id", "enum"}:
                assert all(plain(text) for text in frame[column.name])
