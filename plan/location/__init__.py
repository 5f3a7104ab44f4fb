"""Where facilities go: classical models of location, from matrices alone.

A matrix of costs has a row for each demand and a column for each site, infinite where there is no way. Every model
returns the best choice it found and a bound that no choice beats, so that the reader knows how good it is.
"""

from __future__ import annotations

from plan.location.capacitated import capacitated
from plan.location.center import p_center
from plan.location.coverage import max_coverage, set_cover
from plan.location.median import p_median
from plan.location.results import Choice, Shares
from plan.location.single_source import single_source

__all__ = [
    "Choice",
    "Shares",
    "capacitated",
    "max_coverage",
    "p_center",
    "p_median",
    "set_cover",
    "single_source",
]
