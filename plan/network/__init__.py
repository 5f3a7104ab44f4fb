"""The walking network: where people can walk, and how long it takes.

One class, :class:`~plan.network.graph.WalkNetwork`; every minute comes from it. Geometry knows no
law: walking speeds come in as numbers.
"""

from __future__ import annotations

from plan.network.graph import WalkNetwork

__all__ = ["WalkNetwork"]
