"""Files become a Site: GeoPackage, GeoJSON, Shapefile, tables and OpenStreetMap."""

from __future__ import annotations

from plan.readers.raw import RawData, RawLayer

__all__ = ["RawData", "RawLayer"]
