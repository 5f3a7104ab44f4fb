"""The owners' vote, counted in exact fractions: who takes part, who agrees, and what is missing.

Article 278 of the Civil Code (民法典) counts everything twice, by the area that each owns alone (专有部分面积) and by
heads (人数): how many take part, and how many of those who take part agree. The shares come in as arguments
(:class:`Majority`); the packs hold them (``EL-VOTE-34``, ``EL-VOTE-12``, ``SM-21``).

How votes are counted:

- *yes*, *no* and *abstain* take part; only *yes* agrees. *absent* does not take part.
- A vote that is not written down (None) is open: the verdict holds only if it holds whatever that vote will be.
- An owner of several flats is one head. Area is counted flat by flat, as each flat voted. The head takes part as soon
  as one of the flats does, and agrees only if every flat that takes part says yes: an owner whose flats vote
  differently has not agreed as a person, while the area of the flats that said yes has.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from plan.errors import UsageError
from plan.messages import Message
from plan.rules import kinds

__all__ = ["CAST", "VOTES", "Ballot", "Flat", "Hurdle", "Majority", "Verdict", "exact_area"]

CAST: Final = ("yes", "no", "abstain")  # votes that take part
VOTES: Final = (*CAST, "absent")


class Verdict(StrEnum):
    """What a ballot says."""

    REACHED = "reached"  # whatever the open votes will be
    NOT_REACHED = "not_reached"  # even if every open vote were a yes
    OPEN = "open"  # it depends on votes that are not written down
    CANNOT_TELL = "cannot_tell"  # an owner, an area or a vote cannot be used


@dataclass(frozen=True, slots=True, kw_only=True)
class Majority:
    """The shares that a decision asks for, each by area and by heads.

    Parameters
    ----------
    participation : Fraction
        Of all, at least.
    approval : Fraction
        Of those that take part; at least, or more than when ``approval_strict``.
    approval_strict : bool, default False
        True: exactly at ``approval`` is not enough (过半数).
    of_all : Fraction, optional
        Of all, those taking part or not, who must agree at least: a local rule beside the law, such as two thirds of
        all owners (figure EL-VOTE-LOCAL, conflicting sources).

    Raises
    ------
    UsageError
        If a share is below 0 or above 1.
    """

    participation: Fraction
    approval: Fraction
    approval_strict: bool = False
    of_all: Fraction | None = None

    def __post_init__(self) -> None:
        for name, share in (
            ("participation", self.participation),
            ("approval", self.approval),
            ("of_all", self.of_all),
        ):
            if share is not None and not 0 <= share <= 1:
                raise UsageError(Message("consent.share", name=name, share=str(share)))

    @classmethod
    def of(cls, kind: kinds.Consent) -> Majority:
        """Return the shares that a rule of a pack asks for."""
        return cls(
            participation=kind.participation,
            approval=kind.approval,
            approval_strict=kind.approval_strict,
            of_all=kind.of_all,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """A flat and its vote; None is what nobody has written down."""

    owner: str | None
    area_m2: Fraction | None
    vote: str | None  # yes, no, abstain, absent
    household: str = ""  # its id

    @property
    def usable(self) -> bool:
        """Tell whether it has an owner, an area above zero, and a vote that is known or open."""
        return (
            bool(self.owner)
            and self.area_m2 is not None
            and self.area_m2 > 0
            and (self.vote is None or self.vote in VOTES)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurdle:
    """One of the shares that a decision must reach, as far as the votes are written down.

    Open votes count as not taking part. What is missing of an approval is counted among those who take part now: who
    comes later, and does not agree, raises it.
    """

    name: str  # participation_area, participation_heads, approval_area, approval_heads, all_area, all_heads
    have: Fraction  # m2, or heads
    of: Fraction  # of how much; m2, or heads
    share: Fraction
    strict: bool = False

    @property
    def needed(self) -> Fraction:
        """The least that is enough: m2, or whole heads; with ``strict`` and by area what must be exceeded."""
        least = self.share * self.of
        if not self.name.endswith("_heads"):
            return least
        return Fraction(math.floor(least) + 1 if self.strict else math.ceil(least))

    @property
    def met(self) -> bool:
        """Tell whether it is reached; nobody is never enough."""
        if not self.of:
            return False
        return self.have > self.share * self.of if self.strict else self.have >= self.share * self.of

    @property
    def missing(self) -> Fraction:
        """What is missing: m2, or whole heads; zero and not met where anything more is enough."""
        return max(self.needed - self.have, Fraction(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """The votes of those who decide together, such as the owners of one stairwell."""

    flats: tuple[Flat, ...]

    @property
    def begun(self) -> bool:
        """Tell whether anybody's vote is written down."""
        return any(flat.vote is not None for flat in self.flats)

    @property
    def usable(self) -> bool:
        """Tell whether there are flats, and each can be counted."""
        return bool(self.flats) and all(flat.usable for flat in self.flats)

    @property
    def divided(self) -> tuple[str, ...]:
        """Owners whose flats voted differently, sorted: they count as taking part and as not agreeing."""
        votes = _votes_by_owner(self.flats, blank="absent")
        return tuple(sorted(owner for owner, cast in votes.items() if len(cast & set(CAST)) > 1))

    def verdict(self, majority: Majority) -> Verdict:
        """Tell whether enough take part and enough agree.

        Parameters
        ----------
        majority : Majority
            The shares asked for.

        Returns
        -------
        Verdict
            ``CANNOT_TELL`` where a flat has no owner, no area above zero, or a vote of unknown meaning.
        """
        if not self.usable:
            return Verdict.CANNOT_TELL
        # More yes votes never hurt: they raise who takes part and who agrees.
        if not self._carried(majority, blank="yes"):
            return Verdict.NOT_REACHED
        # What is not written down is at its worst for those who take part if it stays away, and for those who agree if
        # it is against: the decision holds whatever comes if and only if it holds in both cases.
        worst = all(self._carried(majority, blank=vote) for vote in ("absent", "no"))
        return Verdict.REACHED if worst else Verdict.OPEN

    def hurdles(self, majority: Majority, *, blank: str = "absent") -> tuple[Hurdle, ...]:
        """Return each share that is asked for, with what there is and what is missing.

        Parameters
        ----------
        majority : Majority
            The shares asked for.
        blank : str, default "absent"
            How votes that are not written down are counted.

        Returns
        -------
        tuple of Hurdle
            Participation by area and by heads, approval by area and by heads, and agreement of all by area and by
            heads where the majority asks for it. Flats without an area count as no area.
        """
        area: dict[str, Fraction] = defaultdict(Fraction)  # by vote
        for flat in self.flats:
            area[flat.vote or blank] += flat.area_m2 or 0
        heads = [cast & set(CAST) for cast in _votes_by_owner(self.flats, blank=blank).values()]
        all_area, all_heads = sum(area.values(), Fraction(0)), Fraction(len(heads))
        part_area = sum((area[vote] for vote in CAST), Fraction(0))
        part_heads = Fraction(sum(bool(cast) for cast in heads))
        yes_area, yes_heads = area["yes"], Fraction(sum(cast == {"yes"} for cast in heads))
        share, strict = majority.approval, majority.approval_strict
        found = [
            Hurdle(name="participation_area", have=part_area, of=all_area, share=majority.participation),
            Hurdle(name="participation_heads", have=part_heads, of=all_heads, share=majority.participation),
            Hurdle(name="approval_area", have=yes_area, of=part_area, share=share, strict=strict),
            Hurdle(name="approval_heads", have=yes_heads, of=part_heads, share=share, strict=strict),
        ]
        if majority.of_all is not None:
            found += [
                Hurdle(name="all_area", have=yes_area, of=all_area, share=majority.of_all),
                Hurdle(name="all_heads", have=yes_heads, of=all_heads, share=majority.of_all),
            ]
        return tuple(found)

    def _carried(self, majority: Majority, *, blank: str) -> bool:
        return all(hurdle.met for hurdle in self.hurdles(majority, blank=blank))


def exact_area(area: object) -> Fraction | None:
    """Return an area as the decimal that was written, not as the binary number beside it; None where it is none.

    Examples
    --------
    >>> exact_area(55.1)
    Fraction(551, 10)
    """
    try:
        value = float(str(area))
    except ValueError:
        return None
    return Fraction(str(value)) if math.isfinite(value) else None


def _votes_by_owner(flats: tuple[Flat, ...], *, blank: str) -> dict[str, set[str]]:
    votes: dict[str, set[str]] = defaultdict(set)
    for flat in flats:
        votes[flat.owner or ""].add(flat.vote or blank)
    return votes
