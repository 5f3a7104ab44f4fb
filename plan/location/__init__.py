"""Where facilities go: classical models of location, from matrices alone.

A matrix of costs has a row for each demand and a column for each site, infinite where there is no way. Every model
returns the best choice it found and a bound that no choice beats, so that the reader knows how good it is.
"""

from __future__ import annotations

from plan.location.median import p_median
from plan.location.results import Choice, Shares

__all__ = ["Choice", "Shares", "p_median"]
