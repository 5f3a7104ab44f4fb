"""The owners' vote of a stairwell, counted in exact fractions.

Two things are counted twice, by floor area and by heads: how many take part, and how many of those
who take part agree (民法典, article 278). An owner of two flats is one head.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Ballot", "Flat"]

_CAST = ("yes", "no", "abstain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """A flat and its vote; None is what nobody has written down."""

    owner: str | None
    area_m2: Fraction | None
    vote: str | None  # yes, no, abstain, absent


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """The votes of one stairwell."""

    flats: tuple[Flat, ...]

    @property
    def begun(self) -> bool:
        """Tell whether anybody's vote is written down."""
        return any(flat.vote is not None for flat in self.flats)

    def carries(self, participation: Fraction, approval: Fraction, *, strict: bool) -> bool | None:
        """Tell whether enough take part and enough of them agree, both by area and by heads.

        Parameters
        ----------
        participation : Fraction
            Of all area and of all heads, at least.
        approval : Fraction
            Of the area and of the heads that take part; at least, or more than when ``strict``.
        strict : bool
            True: exactly at ``approval`` is not enough.

        Returns
        -------
        bool or None
            None when it depends on votes, areas or owners that are not written down.
        """
        if any(flat.owner is None or flat.area_m2 is None for flat in self.flats):
            return None
        # What is not written down is counted once as against and once as in favour.
        worst = [
            self._counted(participation, approval, strict=strict, blank=vote) for vote in ("absent", "no")
        ]
        best = self._counted(participation, approval, strict=strict, blank="yes")
        if all(worst) and best:
            return True
        # More yes votes never hurt: they raise who takes part and who agrees.
        return None if best else False

    def _counted(self, participation: Fraction, approval: Fraction, *, strict: bool, blank: str) -> bool:
        area: dict[str, Fraction] = defaultdict(Fraction)  # by vote
        votes: dict[str, set[str]] = defaultdict(set)  # by owner
        for flat in self.flats:
            vote = flat.vote or blank
            area[vote] += flat.area_m2 or 0
            votes[flat.owner or ""].add(vote)
        taking_part = sum((area[v] for v in _CAST), Fraction(0))
        heads = [cast & set(_CAST) for cast in votes.values()]
        present = sum(bool(cast) for cast in heads)
        # An owner whose flats vote differently has not agreed.
        agreeing = sum(cast == {"yes"} for cast in heads)
        whole = sum(area.values(), Fraction(0))
        if not (whole and taking_part and present):
            return False
        enough = taking_part >= participation * whole and present >= participation * len(votes)
        if strict:
            return enough and area["yes"] > approval * taking_part and agreeing > approval * present
        return enough and area["yes"] >= approval * taking_part and agreeing >= approval * present
