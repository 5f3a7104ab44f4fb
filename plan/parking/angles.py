"""The honest comparison of angles: stalls, ground for each stall, direction and reversing, for every space.

An endless lot of rows back to back takes ``pitch x (2 x depth to interlock + aisle) / 2`` square metres for a stall
(the geometry of JGJ 100-2015, drawing 4.3.4). A strip is another matter: which angle wins there depends on its width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import geopandas as gpd
import shapely

from plan.errors import UsageError
from plan.messages import Message
from plan.parking.estate import ANGLES, Estate
from plan.parking.lots import Layouts, lot_layout
from plan.parking.proposal import propose
from plan.parking.spaces import Space, usable_spaces
from plan.parking.stalls import StallSpec
from plan.parking.strips import best_section

__all__ = [
    "AngleRow",
    "Comparison",
    "StripWindow",
    "compare_angles",
    "endless_m2",
    "land_of_45",
    "strip_windows",
]

_ROADS: Final = "roads"
_MIXED: Final = "mixed"
_STRIPS_M: Final = (5.0, 22.0)  # widths of strips that are compared: up to two aisles with rows on both sides
_MORE: Final = 1e-9  # stalls for each metre of a strip


@dataclass(frozen=True, slots=True, kw_only=True)
class AngleRow:
    """One angle on one space.

    Parameters
    ----------
    place : str
        The id of the space; ``roads`` for the rows along all roads together.
    name : str
        What people call it.
    angle : str
        ``0``, ``30`` … or ``mixed``.
    stalls : int
        Stalls that hold up to verification.
    m2_per_stall : float or None
        Ground of the space for each stall; along roads the ground of stalls and aisles. None without stalls.
    direction : str
        ``one_way``, ``two_way``, ``both``, or empty without stalls.
    reverse_in : bool or None
        Whether a car must be backed into some of them; None without stalls.
    best : bool
        Whether no angle holds more here.
    upper_bound : int or None
        More stalls of this angle do not fit on the space; None along roads, where none is known.
    bound_is_proof : bool or None
        Whether that is proven; None where there is no bound.
    """

    place: str
    name: str
    angle: str
    stalls: int
    m2_per_stall: float | None
    direction: str
    reverse_in: bool | None
    best: bool
    upper_bound: int | None
    bound_is_proof: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Angles compared."""

    rows: tuple[AngleRow, ...]
    endless_m2: dict[str, float]  # ground for each stall in an endless lot, by angle
    verdicts: tuple[Message, ...]  # one sentence for each space, and one about wide lots


def endless_m2(spec: StallSpec, angle_deg: float, *, front_in: bool | None = None) -> float | None:
    """Return the ground that a stall takes in an endless lot, in m2; None where there is no such row.

    Examples
    --------
    >>> round(endless_m2(StallSpec(), 45), 1), round(endless_m2(StallSpec(), 90), 1)
    (22.1, 18.8)
    """
    try:
        row = spec.row(angle_deg, front_in=front_in)
    except UsageError:
        return None
    return row.pitch_m * (2 * row.depth_to_interlock_m + row.aisle_m) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class StripWindow:
    """Widths of strips in which a section with one angle holds more than any section without it.

    Parameters
    ----------
    low_m, high_m : float
        From the first tenth of a metre at which it does to the first at which it does no more.
    angles_deg : tuple of float
        Of the rows of the best section at the narrowest of them.
    """

    low_m: float
    high_m: float
    angles_deg: tuple[float, ...]


@cache
def strip_windows(spec: StallSpec, angle_deg: float) -> tuple[StripWindow, ...]:
    """Find the widths of endless strips at which an angle holds most, exactly, every tenth of a metre from 5 to 22 m.

    Parameters
    ----------
    spec : StallSpec
        Its rows.
    angle_deg : float
        The angle.

    Returns
    -------
    tuple of StripWindow
        By width; see :func:`plan.parking.strips.best_section` for what is compared.

    Examples
    --------
    >>> [(window.low_m, window.high_m) for window in strip_windows(StallSpec(), 45.0)]
    [(11.7, 12.4), (14.8, 15.8), (21.6, 21.8)]
    """
    every = sorted({row.angle_deg for row in spec.rows})
    others = [angle for angle in every if angle != angle_deg]
    if len(others) in {0, len(every)}:
        return ()
    found: list[StripWindow] = []
    start: tuple[float, tuple[float, ...]] | None = None
    for tenths in range(round(_STRIPS_M[0] * 10), round(_STRIPS_M[1] * 10) + 1):
        width = tenths / 10
        best = best_section(width, stall=spec, angles_deg=every)
        rest = best_section(width, stall=spec, angles_deg=others)
        more = best.stalls_per_m > rest.stalls_per_m + _MORE
        if more and start is None:
            start = (width, best.angles_deg)
        elif not more and start is not None:
            found.append(StripWindow(low_m=start[0], high_m=width, angles_deg=start[1]))
            start = None
    if start is not None:
        found.append(StripWindow(low_m=start[0], high_m=_STRIPS_M[1], angles_deg=start[1]))
    return tuple(found)


def land_of_45(spec: StallSpec) -> float | None:
    """Return how much more ground 45 degrees take than 90 with reversing in, as a share; None where one is missing."""
    slanted, square = endless_m2(spec, 45), endless_m2(spec, 90, front_in=False)
    return None if slanted is None or square is None else slanted / square - 1


def compare_angles(
    estate: Estate,
    *,
    layouts: Layouts,
    angles_deg: Sequence[float] = ANGLES,
    clear: Sequence[str] = (),
) -> Comparison:
    """Lay out every space of an estate with each angle alone, and with all of them.

    Parameters
    ----------
    estate : Estate
        The estate.
    layouts : Layouts
        Where layouts of lots are kept.
    angles_deg : sequence of float
        Angles to compare.
    clear : sequence of str, optional
        Obstacles that may go.

    Returns
    -------
    Comparison
        By space, then by angle; the rows along roads last.
    """
    angles = tuple(sorted({float(a) for a in angles_deg}))
    ground = estate.ground(clear)
    spaces = usable_spaces(
        estate.site,
        roads=estate.roads,
        ground=ground,
        spec=estate.spec,
        keep=estate.options.keep,
        take=estate.options.take,
    ).spaces
    rows: list[AngleRow] = []
    for space in spaces:
        each = [*((a,) for a in angles), angles]
        found = [(_label(some, angles), *_lot(estate, space, layouts, some)) for some in each]
        ranked = _ranked(space.space_id, space.name, found)
        bounds = [layouts.bound_of(space, angles_deg=some, spec=estate.spec) for some in each]
        rows += [
            replace(row, upper_bound=bound[0], bound_is_proof=bound[1]) if bound else row
            for row, bound in zip(ranked, bounds, strict=True)
        ]
    found = []
    for some in [*((a,) for a in angles), angles]:
        proposal = propose(estate, layouts=layouts, clear=clear, angles_deg=some)
        stalls = proposal.stalls[proposal.stalls["state"] == "proposed"]
        homes = proposal.aisles[proposal.aisles["aisle_id"].isin(set(stalls["aisle_id"]))]
        used = shapely.union_all(
            [
                *stalls.geometry,
                *(
                    g.buffer(w / 2, cap_style="flat")
                    for g, w in zip(homes.geometry, homes["width_m"], strict=True)
                ),
            ]
        )
        found.append((_label(some, angles), stalls, homes, used.area))
    if any(len(one[1]) for one in found):
        rows += _ranked(_ROADS, Message("stalls.along_roads"), found)
    return Comparison(
        rows=tuple(rows),
        endless_m2={
            f"{a:g}": round(value, 1) for a in angles if (value := endless_m2(estate.spec, a)) is not None
        },
        verdicts=_verdicts(estate.spec, rows, reverse_in=estate.options.reverse_in),
    )


def _label(some: tuple[float, ...], every: tuple[float, ...]) -> str:
    return (
        f"{some[0]:g}" if len(some) == 1 and len(every) > 1 else _MIXED if some == every else f"{some[0]:g}"
    )


def _lot(
    estate: Estate, space: Space, layouts: Layouts, angles: tuple[float, ...]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, float]:
    stalls, aisles, *_ = lot_layout(estate, space, layouts, angles)
    return stalls, aisles, float(space.geometry.area)


def _ranked(
    place: str, name: str, found: list[tuple[str, gpd.GeoDataFrame, gpd.GeoDataFrame, float]]
) -> list[AngleRow]:
    most = max(len(stalls) for _, stalls, _, _ in found)
    rows = []
    for angle, stalls, aisles, area in found:
        ways = (
            set(aisles[aisles["aisle_id"].isin(set(stalls["aisle_id"]))]["direction"])
            if len(stalls)
            else set()
        )
        rows.append(
            AngleRow(
                place=place,
                name=name,
                angle=angle,
                stalls=len(stalls),
                m2_per_stall=round(area / len(stalls), 1) if len(stalls) else None,
                direction="" if not ways else next(iter(ways)) if len(ways) == 1 else "both",
                reverse_in=None if not len(stalls) else bool((~stalls["front_in"].astype(bool)).any()),
                best=bool(len(stalls) and len(stalls) == most),
                upper_bound=None,
                bound_is_proof=None,
            )
        )
    return rows


def _verdicts(spec: StallSpec, rows: Sequence[AngleRow], *, reverse_in: bool) -> tuple[Message, ...]:
    """Say for each space whether 45 degrees hold most, and what they cost in wide lots."""
    said: list[Message] = []
    for place in dict.fromkeys(row.place for row in rows):
        here = {row.angle: row for row in rows if row.place == place}
        if "45" not in here:
            continue
        own: Any = here["45"]
        others = [row for angle, row in here.items() if angle not in {"45", _MIXED}]
        best = max(others, key=lambda r: r.stalls, default=None)
        label = own.name if place == _ROADS else place
        if best is None or (own.stalls == 0 and best.stalls == 0):
            continue
        key = "wins" if own.stalls > best.stalls else "equal" if own.stalls == best.stalls else "loses"
        said.append(
            Message(
                f"stalls.angle_{key}", place=label, stalls=own.stalls, other=best.angle, others=best.stalls
            )
        )
    more = land_of_45(spec)
    if more is not None:
        slanted, square = endless_m2(spec, 45), endless_m2(spec, 90, front_in=False)
        said.append(
            Message("stalls.angle_wide", more=f"{more:.0%}", slanted=f"{slanted:.1f}", square=f"{square:.1f}")
        )
    if not reverse_in:
        forward = endless_m2(spec, 90, front_in=True)
        slanted = endless_m2(spec, 45, front_in=True)
        if forward is not None and slanted is not None:
            said.append(Message("stalls.angle_forward", slanted=f"{slanted:.1f}", square=f"{forward:.1f}"))
    widths = {"least": f"{_STRIPS_M[0]:g}", "most": f"{_STRIPS_M[1]:g}", "angle": "45"}
    windows = tuple(
        Message(
            "stalls.strip_window",
            low=f"{window.low_m:.1f}",
            high=f"{window.high_m:.1f}",
            rows=" + ".join(f"{angle:g}°" for angle in window.angles_deg),
        )
        for window in strip_windows(spec, 45.0)
    )
    said.append(
        Message("stalls.angle_strips", windows=windows, **widths)
        if windows
        else Message("stalls.angle_no_strips", **widths)
    )
    return tuple(said)
