"""The hearing map: a site, its proposals and its findings in one HTML file that needs no network.

Folium makes the document and the Leaflet map. Data goes past it, as JSON in a block that no
browser runs, and a script of this package draws it with ``textContent`` and canvas only: text
from data is never parsed as HTML, JavaScript or Jinja. What is static in the page passes
:func:`plan.maps.escape.safe`.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from plan.crs import spoken_name
from plan.errors import InputError, OutputError
from plan.files import write_text
from plan.findings import Clause, Report
from plan.fire_access import FireAccess
from plan.maps import blind, compose, fire, minutes, offline, swipe, verdicts
from plan.maps.escape import embed, plain, safe
from plan.maps.fonts import FAMILY, subset_font
from plan.maps.languages import difference
from plan.maps.layers import Drawing
from plan.maps.remarks import remarks_form
from plan.maps.stairwells import KeptStairwell, kept_records, stairwell_records
from plan.maps.words import Words
from plan.messages import LANGUAGES, Message, translate
from plan.site import Placement, Site

__all__ = ["HearingMap", "hearing_map"]

# From so many kinds of proposals on, what explains them starts hidden: together it would cover them.
_FULL: Final = 3

_SKELETON = """
<header>
<h1 id="plan-title"></h1>
<div id="plan-tools"><button type="button" id="plan-toggle" aria-controls="plan-panel"></button></div>
<details id="plan-about" open><summary></summary><div id="plan-meta"></div></details>
</header>
<aside id="plan-panel"></aside>
<noscript>{no_script}</noscript>
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HearingMap:
    """A finished hearing map.

    ``missing_characters`` are those which the embedded font lacks: they show in a font of the
    reader's machine, or as boxes, so a caller reports them.
    """

    title: str
    lang: str
    page: Mapping[str, Any]  # plain data, as the page holds it
    missing_characters: tuple[str, ...]
    _font_css: str

    def to_html(self) -> str:
        """Return the whole document; the same bytes for the same map."""
        south, west, north, east = (c for corner in self.page["bounds"] for c in corner)
        document = offline.render(
            offline.new_map(
                location=[(south + north) / 2, (west + east) / 2],
                zoom_start=16,
                prefer_canvas=True,
                zoom_control=False,
                zoom_snap=0.25,
                zoom_delta=0.5,
                wheel_px_per_zoom_level=90,
                max_zoom=22,
                fade_animation=False,
            )
        )
        words = Words(lang=self.lang)
        head = (
            f'<meta http-equiv="Content-Security-Policy" content="{offline.CSP}">\n'
            f'<meta name="referrer" content="no-referrer">\n<title>{safe(self.title)}</title>\n'
        )
        style = f"<style>{self._font_css}\n{offline.page_style()}</style>\n"
        skeleton = _SKELETON.format(no_script=safe(words.text("ui.no_script")))
        block = f'<script type="application/json" id="plan-data">{embed(self.page)}</script>\n'
        script = f"<script>{offline.page_script()}</script>\n"
        for mark, new in (
            ("<html>\n<head>\n", f'<html lang="{"zh-CN" if self.lang == "zh" else "en"}">\n<head>\n{head}'),
            ("</head>\n<body>\n", f"{style}</head>\n<body>\n{skeleton}"),
            ("</body>\n<script>\n", f"{block}</body>\n<script>\n"),
            ("</script>\n</html>", f"</script>\n{script}</html>\n"),
        ):
            document = _insert(document, mark, new)
        return document

    def save(self, path: Path | str) -> None:
        """Write the map to a file, all or nothing.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        write_text(path, self.to_html())

    def _repr_html_(self) -> str:
        """Show the map in a notebook, without a network and apart from the notebook's page."""
        return (
            f'<iframe srcdoc="{html.escape(self.to_html(), quote=True)}" '
            'sandbox="allow-scripts allow-popups allow-modals allow-downloads" '
            'style="width:100%;height:640px;border:1px solid #ccc"></iframe>'
        )


def hearing_map(
    site: Site,
    report: Report | None = None,
    *,
    reach: pd.DataFrame | None = None,
    isochrones: gpd.GeoDataFrame | None = None,
    blind_spots: gpd.GeoDataFrame | None = None,
    best_sites: gpd.GeoDataFrame | None = None,
    blind_spot: str | None = None,
    placement: Placement | Mapping[str, Placement] | None = None,
    stairwells: Sequence[KeptStairwell] | None = None,
    fire_access: FireAccess | None = None,
    before: Site | None = None,
    clauses: Mapping[str, Clause | Sequence[Clause]] | None = None,
    lang: str = "zh",
    title: str | None = None,
    review_number: str | None = None,
    made_by: str | None = None,
    source: str | None = None,
    dated: str | None = None,
) -> HearingMap:
    """Draw the map that is shown at a hearing.

    The layers of the site are the base map: no tiles, so no network and no shifted foreign
    map. Households appear as counts for each building only; owners, votes and underground
    pipes are not drawn, because a hearing is public.

    Parameters
    ----------
    site : Site
        What is judged; proposals that were added to it are drawn as its layers.
    report : Report, optional
        The findings, drawn by status and listed with clause and quote.
    reach : pandas.DataFrame, optional
        Walk times [min], one column per category, NaN beyond the limit, as ``walk_times``
        returns them. Rows are buildings (index ``building_id``), or the frame has a column
        ``building_id``, or its index is named ``household_id`` or ``entrance_id``. Of several
        origins in a building the longest way counts.
    isochrones : geopandas.GeoDataFrame, optional
        Columns ``minutes`` [min] and ``geometry``, as ``isochrones`` returns them; drawn as
        bands around all origins together.
    blind_spots : geopandas.GeoDataFrame, optional
        As ``plan.access.blind_spots`` returns them; the reader chooses a category.
    best_sites : geopandas.GeoDataFrame, optional
        As ``plan.access.best_sites`` returns them; each shows with the blind spots of its category.
    blind_spot : str, optional
        The category that shows at first; by default none does.
    placement : Placement or mapping of str to Placement, optional
        Proposals with their rejected candidates and the ``reason`` of each. One placement's
        layer is known by its id column (``room_id``, ``stall_id``, …); several are given by
        layer name. Rooms join the rooms of the site, others are layers of their own; ``gates`` bring
        the ways to them and the buildings by minutes saved.
    stairwells : sequence of KeptStairwell, optional
        What a file says about the elevator of each stairwell, where no placement of ``elevators`` does; see
        :func:`plan.maps.stairwells.kept_stairwells`.
    fire_access : FireAccess, optional
        As ``plan.fire_access.fire_access`` returns it: where an engine gets to, and what narrows the way.
    before : Site, optional
        The estate as it is, before the proposals: a button shows it beside them, with a divider that is dragged.
    clauses : mapping of str to Clause or sequence of Clause, optional
        More clauses to name in the legend, by layer (``isochrones``, ``fire_lanes``, ``fire_access``, ``pinches``, …).
        Clauses of findings are found through the features that the findings name.
    lang : {"zh", "en"}, default "zh"
        Language of what the map itself says when it opens; a button changes it. Data is shown as it is.
    title : str, optional
        Heading; by default the name of the estate, else of the site.
    review_number : str, optional
        审图号; without one the map says that it was not submitted for review.
    made_by, source : str, optional
        Who made the map, and from what data; by default the names of the input files.
    dated : str, optional
        The date of the map, as it is given; never today's.

    Returns
    -------
    HearingMap
        The finished map: ``save``, ``to_html``, or the last line of a notebook cell.

    Raises
    ------
    InputError
        If the site has nothing that can be drawn.
    UsageError
        If ``reach`` or ``placement`` does not fit the site.

    Examples
    --------
    >>> import plan
    >>> site = plan.read_site("sample_gis/old_estate.gpkg")
    >>> plan.hearing_map(site).title
    '青山新村 听证图'
    """
    page_in = partial(
        _page,
        site,
        report,
        reach=reach,
        isochrones=isochrones,
        blind_spots=blind_spots,
        best_sites=best_sites,
        blind_spot=blind_spot,
        placements=_placements(placement),
        stairwells=stairwells or (),
        fire_access=fire_access,
        before=before,
        clauses=clauses,
        title=title,
        imprint={
            "review_number": review_number,
            "made_by": made_by,
            "source": source,
            "dated": dated,
        },
    )
    page = page_in(Words(lang=lang))
    second = next(other for other in LANGUAGES if other != lang)
    page["other"] = {"lang": second, "texts": difference(page, page_in(Words(lang=second)))}
    font = subset_font(_texts(page))
    return HearingMap(
        title=page["title"], lang=lang, page=page, missing_characters=font.missing, _font_css=font.css
    )


def _page(
    site: Site,
    report: Report | None,
    words: Words,
    *,
    reach: pd.DataFrame | None,
    isochrones: gpd.GeoDataFrame | None,
    blind_spots: gpd.GeoDataFrame | None,
    best_sites: gpd.GeoDataFrame | None,
    blind_spot: str | None,
    placements: Mapping[str, Placement],
    stairwells: Sequence[KeptStairwell],
    fire_access: FireAccess | None,
    before: Site | None,
    clauses: Mapping[str, Clause | Sequence[Clause]] | None,
    title: str | None,
    imprint: Mapping[str, str | None],
) -> dict[str, Any]:
    """Return everything that the page says and draws in one language, as plain data."""
    full = len(placements) >= _FULL
    drawings = compose.drawings_of(
        site,
        words=words,
        placements=placements,
        isochrones=isochrones,
        isochrones_estimated=bool({"walkways", "entrances"} & set(site.estimates)),
    )
    drawings = compose.in_order(
        [
            *drawings,
            *fire.fire_drawings(fire_access, words=words),
            *blind.blind_drawings(
                blind_spots,
                best_sites,
                site=site,
                words=words,
                chosen=None if full else blind_spot,
            ),
        ]
    )
    covers = _covers(
        judged=report is not None, walked=reach is not None, full=full, beside=before is not None
    )
    for drawing in drawings:
        drawing.shown = drawing.shown and drawing.kind not in covers and not (full and _rejected(drawing))
    bounds = compose.bounds_of(drawings, estate=site.is_estate)
    if bounds is None:
        raise InputError(Message("maps.nothing_to_draw", site=site.name))
    numbered = verdicts.Clauses(words)
    findings: list[dict[str, Any]] = []
    if report is not None:
        drawn = frozenset(name for drawing in drawings for name in drawing.ids)
        places, place_of = verdicts.finding_drawing(report, words=words)
        findings = verdicts.finding_records(
            report, words=words, clauses=numbered, place_of=place_of, drawn=drawn
        )
        verdicts.assign_clauses(drawings, report, numbered)
        if places is not None:
            drawings.append(places)
    verdicts.add_clauses(drawings, clauses or {}, numbered)
    shown_title = (
        plain(translate(title, words.lang)) if title else words.text("title", site=plain(site.title))
    )
    if before is not None:
        drawings = _beside(drawings, before, words)
    page: dict[str, Any] = {
        "lang": words.lang,
        "title": shown_title,
        "family": FAMILY,
        "meta": _meta(site, report, words, imprint),
        "credit": _credit(site, words),
        "bounds": [[round(bounds[1], 7), round(bounds[0], 7)], [round(bounds[3], 7), round(bounds[2], 7)]],
        "origin": list(compose.origin_of(bounds)),
        "layers": [drawing.to_page(compose.origin_of(bounds)) for drawing in drawings],
        "findings": findings,
        "statuses": [
            {
                "id": str(s),
                "word": verdicts.status_word(s, words),
                "symbol": words.text(f"symbol.{s}"),
                "n": report.count(s) if report is not None else 0,
            }
            for s in verdicts.WORST_FIRST
        ],
        "ui": words.ui(),
    }
    if report is not None and report.findings:
        page["headline"] = verdicts.headline(report, words=words)
    buildings = next((d for d in drawings if d.id == "buildings"), None)
    walked = (
        minutes.reach_of(reach, site=site, building_ids=buildings.ids, words=words)
        if reach is not None and buildings is not None
        else []
    )
    if walked:
        page["reach"] = walked
        page["reach_est"] = bool({"walkways", "entrances"} & set(site.estimates))
        page["theme"] = minutes.theme(words, verdicts.timed_clauses(report, clauses or {}, numbered))
    if any(drawing.pick for drawing in drawings):
        page["picks"] = blind.blind_options(drawings, words)
    page |= _stairs(placements.get("elevators"), stairwells, words, numbered)
    page["remarks"] = remarks_form(site, words)
    page["clauses"] = numbered.to_page()
    return page


def _stairs(
    placed: Placement | None, kept: Sequence[KeptStairwell], words: Words, numbered: verdicts.Clauses
) -> dict[str, Any]:
    """Say what is told of each stairwell: what was just found, else what a file holds; nothing where there is none."""
    if placed is not None:
        return {"stairs": stairwell_records(placed, words=words, clauses=numbered)}
    return {"stairs": kept_records(kept, words=words)} if kept else {}


def _covers(*, judged: bool, walked: bool, full: bool, beside: bool) -> set[str]:
    """Return the kinds of layers that start hidden: what is judged speaks first, and what would cover it is one click away."""
    found = {"isochrones"} if judged or walked else set()
    if judged:
        found |= {"remarks", "saved"}
    if full:
        found |= {"fire_access", "pinches"}
    if full and beside:
        found.add("removed")  # seen beside the proposal as it stands
    return found


def _rejected(drawing: Drawing) -> bool:
    return drawing.kind == "proposals" and {c.id for c in drawing.classes} == {"rejected"}


def _beside(drawings: list[Drawing], before: Site, words: Words) -> list[Drawing]:
    """Add what goes, each under the layer that it goes from."""
    was = compose.drawings_of(before, words=words, placements={}, isochrones=None)
    gone = {name: drawing for drawing, name in swipe.before_drawings(was, drawings, words=words)}
    known = {drawing.id for drawing in drawings}
    alone = [drawing for name, drawing in gone.items() if name not in known]
    beside = [d for drawing in drawings for d in (gone.get(drawing.id), drawing) if d is not None]
    return compose.in_order([*alone, *beside])


def _placements(placement: Placement | Mapping[str, Placement] | None) -> dict[str, Placement]:
    if placement is None:
        return {}
    if isinstance(placement, Mapping):
        return dict(placement)
    return {compose.layer_of_placement(placement): placement}


def _meta(
    site: Site,
    report: Report | None,
    words: Words,
    imprint: Mapping[str, str | None],
) -> list[list[str]]:
    files = words.text("ui.listing").join(dict.fromkeys(Path(f.path).name for f in site.inputs))
    estimates = words.text("ui.listing").join(
        words.known(f"layer.{e}", otherwise=words.layer(e)) for e in site.estimates
    )
    lines = [
        ("review_number", imprint["review_number"] or words.text("meta.not_reviewed")),
        ("made_by", imprint["made_by"] or ""),
        ("dated", imprint["dated"] or ""),
        ("source", imprint["source"] or files),
        ("crs", words.text("meta.crs_value", crs=spoken_name(site.crs))),
        ("estimates", estimates),
    ]
    if report is not None:
        lines[4:4] = [
            ("pack", f"{translate(report.pack.title, words.lang) or report.pack.id} {report.pack.version}"),
            ("on", report.on),
        ]
    return [[words.text(f"meta.{key}"), plain(value)] for key, value in lines if value]


def _credit(site: Site, words: Words) -> str:
    given = plain(translate(site.attribution, words.lang)) if site.attribution else ""
    return words.text("osm_credit") if "openstreetmap" in given.casefold() else given


def _texts(value: object) -> Iterator[str]:
    """Yield every text of the page, as people read it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            if not isinstance(inner, (int, float)):
                yield from _texts(inner)


def _insert(document: str, mark: str, new: str) -> str:
    if document.count(mark) != 1:
        raise OutputError(Message("maps.link_count", url=mark.strip(), count=document.count(mark)))
    return document.replace(mark, new)
