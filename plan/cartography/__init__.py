"""Maps on paper: drawings of the hearing map as SVG in millimetres, and the sheets of an atlas made of them."""

from plan.cartography.draw import Picture, in_metres, map_svg, picture_of
from plan.cartography.furniture import Piece, north_arrow, scale_bar
from plan.cartography.view import View, round_scale, view_of

__all__ = [
    "Picture",
    "Piece",
    "View",
    "in_metres",
    "map_svg",
    "north_arrow",
    "picture_of",
    "round_scale",
    "scale_bar",
    "view_of",
]
