"""What is kept together: all buildings of an estate, unless it is larger than a community may be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from plan.districts.partition import Cells, parts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.districts.ground import Ground
    from plan.districts.homes import Homes

    Ints = NDArray[np.int64]

# What all ground counts, of what all households do, when it is asked how compact a community is. This tool's own figure.
_GROUND_MASS: Final = 0.3

__all__ = ["Units", "cell_middles", "make_units"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Units:
    """Cells of the ground, joined to what is given out together.

    Parameters
    ----------
    of_cell : (n,) array of int
        The unit of each cell.
    estate : tuple of str
        The estate that a unit is, or part of which it is; empty where it is a building or parcel by itself.
    cells : Cells
        The units with their households, middles and neighbours.
    block : (u,) array of int
        The block, between main roads and water, in which each unit lies; where an estate lies in several, that
        with most of its households.
    split : mapping of str to int
        Estates larger than a community, and their households.
    astride : tuple of str
        Estates that lie on both sides of a main road or water, or in pieces that do not touch.
    """

    of_cell: Ints
    estate: tuple[str, ...]
    cells: Cells
    block: Ints
    split: dict[str, int]
    astride: tuple[str, ...]


def make_units(homes: Homes, ground: Ground, *, most: float) -> Units:
    """Join the cells of each estate.

    Parameters
    ----------
    homes : Homes
        What stands in the district.
    ground : Ground
        Its cells.
    most : float
        Households of a community: an estate with more is taken apart into its buildings.

    Returns
    -------
    Units
        In the order of their first cells.
    """
    count = len(ground.names)
    households = np.zeros(count)
    for name, cell in ground.cell_of.items():
        households[cell] += homes.households[name]
    estate_of = [homes.estates.get(name, "") for name in ground.names]
    total: dict[str, int] = {}
    for estate, here in zip(estate_of, households, strict=True):
        if estate:
            total[estate] = total.get(estate, 0) + int(here)
    split = {estate: here for estate, here in sorted(total.items()) if here > most}
    keys = [
        ("estate", estate) if estate and estate not in split else ("cell", name)
        for estate, name in zip(estate_of, ground.names, strict=True)
    ]
    number: dict[tuple[str, str], int] = {}
    of_cell = np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)
    units = len(number)
    first = np.zeros(units, dtype=np.int64)
    first[of_cell[::-1]] = np.arange(count)[::-1]
    weight = households + 1e-6  # where nobody lives the cells count alike
    mass, places = _mass(homes, ground, households)
    unit_mass = np.bincount(of_cell, weights=mass, minlength=units)
    sums = [np.bincount(of_cell, weights=mass * places[:, k], minlength=units) for k in (0, 1)]
    plain = Cells(households=households, places=places, pairs=ground.pairs)
    block_of_cell = parts_of(plain)
    block, many = _main_blocks(of_cell, block_of_cell, weight)
    whole = of_cell[ground.pairs[:, 0]] == of_cell[ground.pairs[:, 1]]
    pieces = parts_of(replace(plain, pairs=ground.pairs[whole]))
    torn = np.bincount(of_cell[np.unique(pieces, return_index=True)[1]], minlength=units) > 1
    astride = [estate_of[cell] for cell in first[many | torn]]
    at_home = block_of_cell == block[of_cell]
    inner = at_home[ground.pairs].all(axis=1)
    joined = np.sort(of_cell[ground.pairs[inner]], axis=1)
    differ = joined[:, 0] != joined[:, 1]
    pairs, inverse = np.unique(joined[differ], axis=0, return_inverse=True)
    border = np.bincount(inverse.ravel(), weights=ground.border_m[inner][differ], minlength=len(pairs))
    cells = Cells(
        households=np.bincount(of_cell, weights=households, minlength=units).astype(float),
        places=np.column_stack(sums) / unit_mass[:, None],
        pairs=pairs,
        mass=unit_mass.astype(float),
        border_m=border.astype(float),
    )
    return Units(
        of_cell=of_cell,
        estate=tuple(estate_of[i] for i in first),
        cells=cells,
        # What hangs together: an estate that is counted on the other side of a road may have parted what lies around it.
        block=parts_of(cells),
        split=split,
        astride=tuple(sorted(set(astride))),
    )


def _main_blocks(
    of_cell: Ints, block_of_cell: Ints, weight: NDArray[np.float64]
) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the block of each unit with most of its weight, and which units lie in several."""
    keys, inverse = np.unique(np.column_stack([of_cell, block_of_cell]), axis=0, return_inverse=True)
    sums = np.bincount(inverse.ravel(), weights=weight)
    order = np.lexsort((keys[:, 1], -sums, keys[:, 0]))
    lead = order[np.unique(keys[order, 0], return_index=True)[1]]
    return keys[lead, 1], np.bincount(keys[:, 0]) > 1


def _mass(
    homes: Homes, ground: Ground, households: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what each cell counts for compactness and where: its households at home, its ground in its middle.

    Households alone would leave ground where nobody lives to just anyone.
    """
    area = shapely.area(ground.shapes)
    ground_mass = _GROUND_MASS * households.sum() * area / area.sum()
    middle = shapely.get_coordinates(shapely.centroid(ground.shapes))
    mass = households + ground_mass
    at = households[:, None] * cell_middles(homes, ground) + ground_mass[:, None] * middle
    return mass, at / mass[:, None]


def cell_middles(homes: Homes, ground: Ground) -> NDArray[np.float64]:
    """Return a point inside the building or parcel of each cell.

    Parameters
    ----------
    homes : Homes
        What stands in the district.
    ground : Ground
        Its cells.

    Returns
    -------
    (n, 2) array of float
        Metres.
    """
    shapes = np.array([homes.shapes[name] for name in ground.names], dtype=object)
    found: NDArray[np.float64] = shapely.get_coordinates(shapely.point_on_surface(shapes))
    return found
