"""The drawing of the hearing package: the estate before and after, and the verdicts, for AutoCAD."""

from __future__ import annotations

from plan.drawings.hearing import write_dxf

__all__ = ["write_dxf"]
