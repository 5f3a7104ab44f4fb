"""Maps on paper: drawings of the hearing map as SVG in millimetres, and the sheets of an atlas made of them."""

from plan.cartography.draw import Picture, in_metres, map_svg, picture_of
from plan.cartography.furniture import Piece, north_arrow, scale_bar
from plan.cartography.legend import SAMPLE_MM, LegendGroup, LegendRow, legend_of
from plan.cartography.sheets import MAP_MM, Sheet, atlas_sheets, finding_numbers
from plan.cartography.stairwells import STAIRWELL_MM, StairwellMaps, stairwell_svg
from plan.cartography.view import View, round_scale, view_of

__all__ = [
    "MAP_MM",
    "SAMPLE_MM",
    "STAIRWELL_MM",
    "LegendGroup",
    "LegendRow",
    "Picture",
    "Piece",
    "Sheet",
    "StairwellMaps",
    "View",
    "atlas_sheets",
    "finding_numbers",
    "in_metres",
    "legend_of",
    "map_svg",
    "north_arrow",
    "picture_of",
    "round_scale",
    "scale_bar",
    "stairwell_svg",
    "view_of",
]
