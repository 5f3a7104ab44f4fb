"""AutoCAD drawings of a site: layers that planners know, real coordinates, ids and columns kept as XDATA."""

from __future__ import annotations

from plan.cad.drawn import site_dxf

__all__ = ["site_dxf"]
