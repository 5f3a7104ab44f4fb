"""What a file holds before anything is judged: layers as found, each with where it came from.

Every reader ends here; ``plan.readers.assemble`` turns it into a Site or says why it cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyproj

from plan.findings import InputFile, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RawData", "RawLayer"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawLayer:
    """A layer as it was found.

    Parameters
    ----------
    name : str
        The layer of the contract that it is; empty when that could not be told.
    frame : geopandas.GeoDataFrame
        Its rows in file order, geometry column active (all None for a table without geometry), in
        the reference system that the file names; ``crs`` is None where it names none.
    path : str
        The file, as the user named it.
    source_layer : str
        What the file calls the layer.
    crs_assumed : bool
        True when the file names no system and one follows from its format (GeoJSON, OSM: WGS 84).
    encoding : str
        How its text was read, such as ``UTF-8`` or ``GB18030``; empty where the format fixes it.
    numbers : tuple of int
        The number of each row in its sheet, where people count them there; empty where rows are features.
    sheets : tuple of str
        The sheet of each row, where they come from several.
    unit_m : float
        Metres in a unit of the drawing that it was read from; 0 for what is no drawing.
    unit_sure : bool
        False where that was decided by the sizes of what is drawn, because the drawing says none or one that cannot be.
    systems : tuple of pyproj.CRS
        Every system that the file names for it, in whatever way; they should be one.
    """

    name: str
    frame: gpd.GeoDataFrame
    path: str
    source_layer: str = ""
    crs_assumed: bool = False
    encoding: str = ""
    numbers: tuple[int, ...] = ()
    sheets: tuple[str, ...] = ()
    unit_m: float = 0.0
    unit_sure: bool = True
    systems: tuple[pyproj.CRS, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The names of its columns; that of its shapes is none of them."""
        geometry = self.frame.geometry.name
        return [str(name) for name in self.frame.columns if name != geometry]

    @property
    def shapes(self) -> NDArray[np.object_]:
        """The shapes of its rows; None where there is none."""
        return np.asarray(self.frame.geometry.array, dtype=object)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawData:
    """Everything that one source holds.

    Parameters
    ----------
    layers : tuple of RawLayer
        At most one for each layer of the contract, and any number of unknown ones.
    problems : tuple of Problem
        What was noted while reading. ``effect`` is ``refused`` where a file cannot be used at all.
    inputs : tuple of InputFile
        The files and their SHA-256.
    attribution : str
        Who must be named beside a map of it; empty when nobody must.
    name : str
        What people would call it, such as the file's stem.
    estimates : tuple of str
        Layers that the file itself says are estimates.
    """

    layers: tuple[RawLayer, ...]
    problems: tuple[Problem, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    attribution: str = ""
    name: str = ""
    estimates: tuple[str, ...] = ()
