"""The one table of problems: every id that a user may see, how bad it is, what is done about it, and its texts.

Ids are stable: a bureau writes them into its own instructions. A new one gets a new number; none is used twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from plan.messages import keys

__all__ = ["PROBLEMS", "KnownProblem", "cure_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProblem:
    """What is known of the problems of one id."""

    severities: tuple[str, ...]  # the worst first
    effects: tuple[str, ...]  # refused, degraded, repaired, noted
    texts: tuple[str, ...]  # keys of its messages; each has a cure


def cure_key(text: str) -> str:
    """Return the key of the cure that belongs to a message.

    Raises
    ------
    KeyError
        If there is none.
    """
    name = text.partition(".")[2]
    doubt = name.removesuffix("_area").removesuffix("_tagged")
    for key in (f"{text}_cure", f"readers.crs_{name}_cure", f"readers.crs_{doubt}_cure"):
        if key in keys():
            return key
    raise KeyError(text)


def _known(severities: str, effects: str, texts: str) -> KnownProblem:
    return KnownProblem(
        severities=tuple(severities.split()), effects=tuple(effects.split()), texts=tuple(texts.split())
    )


PROBLEMS: Final[dict[str, KnownProblem]] = {
    "PLAN-ATTR-002": _known(
        "error warning",
        "degraded",
        "osm.bad_floors osm.bad_heights readers.dbf_stars readers.gpkg_types validation.not_a_number",
    ),
    "PLAN-ATTR-003": _known("error", "degraded", "validation.too_large validation.too_small"),
    "PLAN-ATTR-004": _known("error", "degraded", "validation.not_a_choice validation.not_a_flag"),
    "PLAN-ATTR-005": _known("error", "degraded", "validation.not_a_date"),
    "PLAN-ATTR-006": _known("error", "degraded", "validation.not_a_time"),
    "PLAN-ATTR-007": _known("info", "noted", "validation.no_day"),
    "PLAN-ATTR-008": _known(
        "error",
        "refused",
        "programme.bad_rate programme.bad_share programme.rate_falls programme.share_twice "
        "readers.given_empty uses.bad_days uses.bad_floors uses.bad_times uses.no_floor_zero "
        "uses.no_hours uses.too_many_hours uses.whose",
    ),
    "PLAN-ATTR-009": _known("error", "degraded", "validation.no_storey"),
    "PLAN-ATTR-010": _known("info", "noted", "validation.not_given"),
    "PLAN-ATTR-011": _known("error", "degraded", "validation.ditto"),
    "PLAN-CAD-001": _known("error", "refused", "cad.dwg"),
    "PLAN-CAD-002": _known("error", "degraded", "cad.mended"),
    "PLAN-CAD-003": _known("info", "noted", "cad.mapped"),
    "PLAN-CAD-004": _known("warning info", "degraded noted", "cad.left_out cad.unmapped"),
    "PLAN-CAD-005": _known("warning info", "degraded noted", "cad.points cad.shading cad.skipped"),
    "PLAN-CAD-006": _known("warning", "degraded", "cad.proxies"),
    "PLAN-CAD-007": _known("warning", "degraded", "cad.external"),
    "PLAN-CAD-008": _known("warning", "degraded", "cad.cyclic"),
    "PLAN-CAD-009": _known("warning info", "degraded noted", "cad.hidden cad.hidden_own"),
    "PLAN-CAD-010": _known("warning", "degraded", "cad.broken_shapes"),
    "PLAN-CAD-011": _known(
        "warning info",
        "repaired noted",
        "cad.units_declared cad.units_guessed cad.units_overruled",
    ),
    "PLAN-CAD-012": _known(
        "error warning info", "noted refused", "cad.geodata cad.geodata_scale cad.geodata_unknown"
    ),
    "PLAN-CAD-014": _known("warning", "noted", "cad.joined"),
    "PLAN-CAD-015": _known("warning", "degraded", "cad.open"),
    "PLAN-CAD-016": _known("info", "noted", "cad.divided cad.doubled"),
    "PLAN-CAD-017": _known("info", "noted", "cad.nested"),
    "PLAN-CAD-018": _known("warning", "noted", "cad.ids_by_handle"),
    "PLAN-CAD-019": _known("warning", "degraded", "cad.not_drawn"),
    "PLAN-CAD-020": _known("warning", "degraded", "cad.disputed cad.text_against cad.unread_storeys"),
    "PLAN-CAD-022": _known("info", "noted", "cad.removed"),
    "PLAN-CAD-023": _known("warning", "repaired", "cad.copies"),
    "PLAN-CAD-024": _known("warning", "degraded", "cad.details"),
    "PLAN-CAD-025": _known("warning", "degraded", "cad.paper"),
    "PLAN-CAD-026": _known("warning", "degraded", "cad.moved_layer"),
    "PLAN-CAD-027": _known("info", "noted", "cad.faced"),
    "PLAN-CAD-028": _known("warning", "degraded", "cad.beside"),
    "PLAN-CAD-029": _known("warning", "noted", "cad.middles"),
    "PLAN-CRS-001": _known(
        "error", "refused noted", "crs.missing readers.crs_unreadable parquet.mixed_systems"
    ),
    "PLAN-CRS-002": _known("error", "refused", "crs.geojson_metres"),
    "PLAN-CRS-003": _known("error", "refused", "crs.degrees_called_metres"),
    "PLAN-CRS-004": _known("error", "refused", "crs.zone_prefix crs.zone_prefix_absent"),
    "PLAN-CRS-005": _known(
        "error warning",
        "refused repaired",
        "crs.axes_swapped crs.degrees_swapped crs.degrees_swapped_area readers.csv_north_first",
    ),
    "PLAN-CRS-006": _known(
        "error warning",
        "refused noted",
        "crs.beyond_zone crs.outside_area_of_use readers.crs_beyond_zone_kept",
    ),
    "PLAN-CRS-007": _known("warning", "noted", "readers.shifted"),
    "PLAN-CRS-008": _known("error", "refused", "crs.web_mercator crs.web_mercator_tagged"),
    "PLAN-CRS-009": _known("error", "refused", "crs.metres_called_degrees"),
    "PLAN-CRS-010": _known("info", "repaired", "readers.crs_mixed"),
    "PLAN-CRS-012": _known("error", "refused", "crs.local readers.drawn_local"),
    "PLAN-CRS-013": _known("info", "repaired noted", "readers.crs_given readers.crs_overruled"),
    "PLAN-CRS-014": _known("info", "noted", "readers.crs_moved"),
    "PLAN-CRS-015": _known(
        "error warning",
        "refused noted",
        "readers.crs_old_datum readers.crs_old_kept readers.crs_old_mixed",
    ),
    "PLAN-CRS-016": _known("info", "noted", "readers.crs_nominal"),
    "PLAN-CRS-017": _known("error", "refused", "readers.crs_far readers.crs_stray"),
    "PLAN-CRS-018": _known("error", "refused", "crs.millimetres readers.unit_elsewhere"),
    "PLAN-CRS-019": _known(
        "error warning",
        "refused repaired",
        "readers.unshift_elsewhere readers.unshifted",
    ),
    "PLAN-CRS-020": _known(
        "error warning",
        "refused noted",
        "readers.crs_several readers.crs_several_given readers.crs_several_one",
    ),
    "PLAN-DATA-001": _known("error", "refused degraded", "osm.nothing programme.no_works validation.empty"),
    "PLAN-DATA-002": _known("error", "refused", "readers.nothing"),
    "PLAN-DEM-001": _known("error", "refused", "terrain.outside"),
    "PLAN-DEM-002": _known("warning", "noted", "terrain.gaps"),
    "PLAN-DEM-003": _known("error", "refused", "terrain.no_crs"),
    "PLAN-DEM-004": _known(
        "error",
        "refused",
        "terrain.bands terrain.hgt_name terrain.hgt_size terrain.missing terrain.too_large "
        "terrain.unit terrain.unreadable",
    ),
    "PLAN-DEM-005": _known("warning", "noted", "terrain.steep"),
    "PLAN-ENC-001": _known("info", "repaired noted", "readers.encoding_confirmed readers.encoding_decided"),
    "PLAN-ENC-002": _known(
        "error warning",
        "refused repaired",
        "cad.encoding_lie readers.encoding_either readers.encoding_given_wrong readers.encoding_lie "
        "readers.encoding_torn readers.encoding_unknown",
    ),
    "PLAN-ENC-003": _known("info", "repaired", "readers.utf16 readers.utf16_bare"),
    "PLAN-ENC-004": _known("warning", "repaired", "readers.values_cut"),
    "PLAN-ENC-005": _known("warning", "degraded", "readers.json_nul"),
    "PLAN-EST-001": _known("info", "noted", "households.estimated households.estimated_given"),
    "PLAN-EST-002": _known("warning", "noted", "households.nobody"),
    "PLAN-EST-003": _known("info", "noted", "households.own"),
    "PLAN-FILE-001": _known(
        "error",
        "refused",
        "cad.broken cad.cut parquet.encoding parquet.no_metadata osm.absent osm.broken_off osm.damaged osm.history osm.off_earth "
        "osm.other_root readers.csv_broken readers.csv_swallowed "
        "tables.workbook_broken readers.csv_empty readers.dbf_broken readers.dbf_short readers.driver readers.gpkg_broken "
        "readers.gpkg_no_shapes readers.gpkg_not readers.gpkg_short readers.gpkg_table_missing readers.json_broken "
        "readers.json_other readers.shp_broken readers.zip_broken readers.zip_locked remarks.broken",
    ),
    "PLAN-FILE-003": _known("error", "refused", "readers.absent readers.unreadable"),
    "PLAN-FILE-004": _known("warning info", "noted", "readers.gpkg_log_missing readers.gpkg_open"),
    "PLAN-FILE-005": _known(
        "error", "refused", "readers.dbf_missing readers.shp_missing readers.shx_missing"
    ),
    "PLAN-FILE-006": _known("error", "refused", "readers.rows_lost readers.shp_dbf readers.shx_order"),
    "PLAN-FILE-008": _known(
        "error",
        "refused",
        "osm.packed readers.foreign_access readers.foreign_cad readers.foreign_document readers.foreign_gis readers.foreign_mapgis "
        "readers.foreign_picture readers.foreign_project readers.foreign_supermap readers.foreign_vct readers.format readers.json_lines readers.json_osm readers.packed readers.web_page "
        "readers.zip_otherwise tables.old_workbook tables.strict_workbook",
    ),
    "PLAN-FILE-009": _known("warning", "noted", "readers.json_twice"),
    "PLAN-FILE-010": _known("error", "refused", "readers.layer_twice readers.zip_twice"),
    "PLAN-FILE-011": _known("info", "noted", "readers.driver_says"),
    "PLAN-FILE-012": _known("warning", "noted", "readers.json_nan"),
    "PLAN-FILE-013": _known("error", "refused", "readers.csv_wide readers.csv_mixed"),
    "PLAN-FILE-014": _known("warning", "noted", "readers.folders_unread readers.left_unread"),
    "PLAN-FILE-015": _known("info", "noted", "readers.from_osm"),
    "PLAN-GEOM-001": _known("error", "repaired", "validation.mended validation.mended_same"),
    "PLAN-GEOM-002": _known("warning", "repaired", "readers.ring_closed"),
    "PLAN-GEOM-005": _known("error", "degraded", "validation.no_geometry"),
    "PLAN-GEOM-006": _known("info", "repaired", "readers.heights_missing validation.z_missing"),
    "PLAN-GEOM-007": _known("error", "degraded", "readers.shape_unreadable readers.rings_turned"),
    "PLAN-GEOM-008": _known("info", "repaired", "readers.curves"),
    "PLAN-GEOM-009": _known(
        "error warning",
        "refused degraded noted",
        "readers.csv_coordinates readers.no_places validation.broken_coordinates",
    ),
    "PLAN-GEOM-010": _known("error", "degraded", "validation.wrong_shape"),
    "PLAN-GEOM-011": _known("error", "degraded", "validation.no_area"),
    "PLAN-GEOM-012": _known("warning", "repaired", "cad.closed"),
    "PLAN-GEOM-014": _known("error", "degraded", "validation.tangled"),
    "PLAN-GEOM-013": _known(
        "warning",
        "repaired",
        "cad.courtyard cad.crossed cad.doubtful cad.miscounted cad.no_house cad.no_stall cad.opened cad.strip cad.torn",
    ),
    "PLAN-GEOM-015": _known("warning", "repaired", "osm.roles osm.spikes osm.two_places"),
    "PLAN-GEOM-016": _known("warning", "repaired", "readers.unit_decided"),
    "PLAN-GEOM-017": _known(
        "warning", "repaired noted", "readers.coarse_degrees readers.coarse_places readers.coarse_single"
    ),
    "PLAN-ID-001": _known("error", "refused", "validation.id_twice"),
    "PLAN-ID-002": _known("error", "refused", "validation.id_empty"),
    "PLAN-ID-003": _known("warning", "repaired", "readers.zeros_kept"),
    "PLAN-ID-004": _known("warning info", "noted", "validation.ids_given"),
    "PLAN-ID-005": _known("error", "degraded", "validation.id_digits"),
    "PLAN-ID-006": _known("warning", "noted", "validation.ids_alike"),
    "PLAN-ID-007": _known("info", "noted", "tables.ids_composed"),
    "PLAN-ID-008": _known("warning", "noted", "validation.id_day"),
    "PLAN-ID-009": _known("warning", "repaired", "readers.whole_ids"),
    "PLAN-LAYER-001": _known(
        "info warning", "noted", "readers.gpkg_raster readers.gpkg_unlisted readers.layer_ignored"
    ),
    "PLAN-LAYER-002": _known("error", "refused", "readers.layer_unknown"),
    "PLAN-LAYER-003": _known("info", "noted", "readers.layer_guessed"),
    "PLAN-LAYER-004": _known("info", "repaired", "readers.unwalked"),
    "PLAN-NET-001": _known(
        "error",
        "refused",
        "network.edge_geometry network.edge_length network.edge_oneway",
    ),
    "PLAN-NET-002": _known("warning", "repaired", "network.near_miss"),
    "PLAN-NET-003": _known("error", "refused", "network.edge_node_missing"),
    "PLAN-NET-004": _known("error", "refused", "network.node_coordinates network.node_repeated"),
    "PLAN-NET-005": _known("warning", "noted", "network.islands"),
    "PLAN-NET-006": _known("info", "noted", "network.cut network.cut_shut"),
    "PLAN-NET-007": _known("info", "noted", "network.gates_shut"),
    "PLAN-NET-008": _known("info", "noted", "network.gates_silent"),
    "PLAN-NET-009": _known("info", "noted", "network.ownerless"),
    "PLAN-NET-010": _known("warning", "noted", "network.slopes"),
    "PLAN-NET-011": _known("warning", "degraded", "network.no_walkways"),
    "PLAN-OSM-001": _known("info", "noted", "osm.uncategorised"),
    "PLAN-OSM-002": _known("warning", "degraded", "osm.gone osm.missing_nodes osm.nowhere"),
    "PLAN-OSM-003": _known("warning", "degraded", "osm.broken_outlines"),
    "PLAN-OSM-004": _known("info", "noted", "osm.not_walkable"),
    "PLAN-OSM-005": _known("info", "noted", "osm.floors_missing"),
    "PLAN-OSM-006": _known("info", "noted", "osm.single_blocks"),
    "PLAN-OSM-007": _known("error", "refused", "osm.place_unknown"),
    "PLAN-OSM-008": _known("info", "repaired", "osm.floors_of_parts"),
    "PLAN-OSM-009": _known("info", "repaired", "osm.blocks"),
    "PLAN-OSM-010": _known("info", "noted", "osm.gates_silent"),
    "PLAN-OSM-011": _known("info", "degraded", "osm.hours osm.way_hours"),
    "PLAN-OSM-012": _known("warning info", "degraded noted", "osm.communities_cut osm.communities_share"),
    "PLAN-OSM-013": _known("info", "noted", "osm.squares osm.crowded"),
    "PLAN-OSM-014": _known("info warning", "noted degraded", "osm.homes osm.not_understood osm.said_twice"),
    "PLAN-OSM-015": _known("info", "repaired", "osm.edited"),
    "PLAN-OSM-016": _known("warning", "degraded", "osm.unplaced"),
    "PLAN-OSM-017": _known("info", "noted", "osm.roofs osm.ways_out"),
    "PLAN-OSM-018": _known("info", "noted", "osm.not_there osm.ruins"),
    "PLAN-OSM-019": _known("info", "noted", "osm.posts"),
    "PLAN-REL-001": _known("error", "noted", "readers.room_off_building"),
    "PLAN-REL-002": _known("error", "noted", "readers.room_outside"),
    "PLAN-REL-003": _known("error", "noted", "readers.room_too_large readers.rooms_too_large"),
    "PLAN-REL-004": _known("error", "degraded", "readers.dangling"),
    "PLAN-REL-005": _known("warning info", "repaired noted", "readers.matched tables.names_matched"),
    "PLAN-REL-006": _known("error", "noted", "readers.storey_absent"),
    "PLAN-REL-007": _known("error", "degraded", "readers.household_homeless"),
    "PLAN-REL-008": _known("warning", "noted", "readers.stairwell_unknown"),
    "PLAN-REL-009": _known("warning", "noted", "readers.area_differs"),
    "PLAN-REL-010": _known("warning", "noted", "readers.door_far"),
    "PLAN-REL-011": _known("warning", "noted", "readers.gate_beside_wall readers.gate_opens_nothing"),
    "PLAN-REL-012": _known("error", "noted", "readers.layer_apart"),
    "PLAN-REL-013": _known("info", "noted", "readers.gates_unwalled"),
    "PLAN-REM-001": _known("error", "refused", "remarks.schema"),
    "PLAN-REM-002": _known("error", "refused", "remarks.list"),
    "PLAN-REM-003": _known(
        "warning",
        "degraded",
        "remarks.building_wrong remarks.date_wrong remarks.point_wrong remarks.text_long "
        "remarks.text_missing remarks.text_no_table",
    ),
    "PLAN-REM-004": _known("info", "noted", "remarks.twice"),
    "PLAN-REM-005": _known("warning", "repaired", "remarks.cleaned"),
    "PLAN-REM-006": _known("warning", "degraded", "remarks.far"),
    "PLAN-REM-007": _known("warning", "degraded", "remarks.building"),
    "PLAN-REM-008": _known("error", "refused", "remarks.of_remarks"),
    "PLAN-SCHEMA-001": _known(
        "error", "refused", "validation.column_missing validation.given_column_missing"
    ),
    "PLAN-SCHEMA-002": _known("warning", "repaired", "readers.names_cut readers.names_mended"),
    "PLAN-SCHEMA-004": _known("error", "refused", "validation.column_twice"),
    "PLAN-SCHEMA-005": _known("error", "refused", "readers.given_column"),
    "PLAN-SCHEMA-006": _known("error", "degraded", "validation.column_lacking"),
    "PLAN-SCHEMA-007": _known(
        "error warning", "degraded noted", "validation.two_differ validation.two_of_one"
    ),
    "PLAN-SEC-001": _known("error", "refused", "readers.json_deep"),
    "PLAN-SEC-002": _known(
        "error",
        "refused",
        "cad.full cad.large osm.unpacks readers.gpkg_cell readers.json_blank readers.json_wide readers.json_large readers.zip_bomb remarks.large tables.workbook_large",
    ),
    "PLAN-SEC-003": _known("error", "refused", "readers.zip_leaves"),
    "PLAN-SEC-004": _known("error", "refused", "osm.entities readers.entities"),
    "PLAN-SEC-005": _known("error", "refused", "readers.vrt"),
    "PLAN-SEC-006": _known("error", "refused", "readers.gpkg_view"),
    "PLAN-SEC-007": _known("error", "refused", "readers.layer_name"),
    "PLAN-SEC-008": _known("warning", "noted", "validation.template validation.template_name"),
    "PLAN-SEC-009": _known("error", "degraded", "tables.formulas"),
    "PLAN-SEC-010": _known("warning", "noted", "cad.unseen validation.hidden validation.hidden_name"),
    "PLAN-SEC-011": _known("error", "refused", "watch.seconds watch.memory watch.died"),
    "PLAN-TAB-001": _known("info", "noted", "tables.head_found"),
    "PLAN-TAB-002": _known(
        "info",
        "noted",
        "tables.rows_passed tables.heads_again tables.units_row tables.below_head tables.headings tables.rows_repeated",
    ),
    "PLAN-TAB-003": _known("warning info", "noted", "tables.hidden_sheets"),
    "PLAN-TAB-004": _known("error", "degraded", "tables.errors"),
    "PLAN-TAB-005": _known("error warning", "degraded noted", "tables.hidden_rows tables.folded_rows"),
    "PLAN-TAB-006": _known("error", "degraded", "tables.amounts_merged"),
    "PLAN-TAB-007": _known("warning", "noted", "tables.another"),
    "PLAN-TAB-008": _known("error", "degraded", "tables.struck"),
    "PLAN-TAB-009": _known("error", "degraded", "tables.gone"),
    "PLAN-TAB-010": _known("error warning", "degraded noted", "tables.hidden_columns tables.hidden_names"),
    "PLAN-TAB-011": _known("error", "degraded", "tables.not_shown"),
    "PLAN-TAB-012": _known("info", "noted", "tables.joined tables.joined_houses"),
    "PLAN-TAB-013": _known("warning", "noted", "tables.heads_unread"),
    "PLAN-TOPO-001": _known("error", "noted", "readers.parcels_overlap"),
    "PLAN-TOPO-002": _known("warning", "noted", "readers.sliver readers.sliver_gap"),
    "PLAN-TOPO-003": _known("warning", "noted", "readers.shape_twice"),
    "PLAN-TOPO-004": _known("warning", "noted", "readers.buildings_overlap"),
    "PLAN-TOPO-005": _known("warning", "noted", "readers.way_through"),
    "PLAN-TOPO-006": _known("warning", "noted", "readers.way_crossing"),
    "PLAN-UNIT-002": _known("error", "degraded", "validation.not_a_number"),
    "PLAN-UNIT-003": _known("warning", "repaired", "validation.understood"),
    "PLAN-WAIVER-001": _known("warning", "noted", "rules.waiver_expired"),
    "PLAN-WAIVER-002": _known("warning", "noted", "rules.waiver_early"),
    "PLAN-WAIVER-003": _known("warning", "noted", "rules.waiver_other_figure"),
    "PLAN-WAIVER-004": _known("warning", "noted", "rules.waiver_unused"),
    "PLAN-WAIVER-005": _known("warning", "noted", "rules.waiver_no_site"),
    "PLAN-WAIVER-006": _known("warning", "noted", "rules.waiver_no_rule"),
}
