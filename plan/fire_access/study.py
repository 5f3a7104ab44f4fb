"""What a fire engine reaches on one site, each lane searched once, whoever asks: a rule, another rule, the map."""

from __future__ import annotations

from dataclasses import dataclass, field

from plan.fire_access.access import DEAD_END_M, TURNAROUND_M, FireAccess, fire_access
from plan.fire_access.reached import REACH_M
from plan.site import Site

__all__ = ["FireStudy"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FireStudy:
    """The searches of one site.

    Parameters
    ----------
    site : Site
        The site.
    """

    site: Site
    _known: dict[tuple[tuple[str, float], ...], FireAccess] = field(default_factory=dict, repr=False)

    def access(self, **figures: float) -> FireAccess:
        """Return what a fire engine reaches, by figures as :func:`plan.fire_access.fire_access` takes them."""
        # Those that ask for the same lane share one search, whichever of its figures they name.
        figures = {"reach_m": REACH_M, "dead_end_m": DEAD_END_M, "turnaround_m": TURNAROUND_M} | figures
        key = tuple(sorted(figures.items()))
        if key not in self._known:
            self._known[key] = fire_access(self.site, **figures)
        return self._known[key]
