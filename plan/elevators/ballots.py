"""Households as ballots: who votes together, and what in the list cannot be counted.

Whatever cannot be counted is named (:class:`Doubt`) and leaves the verdict untold; nothing is merged, dropped or
guessed. The votes of single households are for the organisers of a vote: what goes into a public report is verdicts
and counts.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from plan.elevators.consent import CAST, VOTES, Ballot, Flat, Hurdle, Majority, Verdict, exact_area
from plan.elevators.settling import Settling, settling
from plan.errors import UsageError
from plan.messages import Message

__all__ = ["SCOPES", "Consent", "Doubt", "Scope", "ballots_of", "consents", "stairwell_names", "strays"]

Scope = Literal["stairwell", "building", "estate"]
SCOPES: Final[tuple[Scope, ...]] = ("stairwell", "building", "estate")
_PLACES: Final = ("household_id", "building_id", "stairwell_id")
_COLUMNS: Final = (*_PLACES, "area_m2", "owner_id", "vote")
_NAMED: Final = 10  # names written out in a sentence
_DOTS: Final = "·•‧∙⋅・"
_WHOLE_ESTATE: Final = "estate"  # the name of the one ballot of an estate


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something in the list of households that a person must look at."""

    code: str  # no_owner, no_area, odd_vote, twice, astray, too_many, spelled, spelled_matters
    message: Message  # counts only
    households: tuple[str, ...]  # ids, sorted; for the organisers
    blocking: bool = True  # False: a suspicion, and the verdict stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the vote of a stairwell, a building or an estate says."""

    name: str
    ballot: Ballot
    verdict: Verdict
    hurdles: tuple[Hurdle, ...]  # the shares, as far as votes are written down
    doubts: tuple[Doubt, ...]
    settling: Settling | None  # who would settle it; None where nobody can, or where it was not asked for

    @property
    def begun(self) -> bool:
        """Tell whether anybody's vote is written down."""
        return self.ballot.begun


def ballots_of(households: pd.DataFrame, *, scope: Scope = "stairwell") -> dict[str, Ballot]:
    """Gather the households that vote together.

    Parameters
    ----------
    households : pandas.DataFrame
        ``household_id``, ``building_id``, ``stairwell_id``, ``area_m2`` [m2], ``owner_id``, ``vote``; with
        ``estate_id`` an estate has its own ballot.
    scope : {"stairwell", "building", "estate"}, default "stairwell"
        Who decides together: the law does not say; Sanming speaks of the households of a stairwell (梯号住户).

    Returns
    -------
    dict of str to Ballot
        By name, sorted; a household of no known stairwell (building) is in none, see :func:`strays`.

    Raises
    ------
    UsageError
        If a column is missing or the scope is unknown.

    Examples
    --------
    >>> flats = pd.DataFrame({"household_id": ["101", "201"], "building_id": ["B1", "B1"],
    ...     "stairwell_id": ["1", "1"], "area_m2": [50.0, 60.5], "owner_id": ["A", "B"], "vote": ["yes", None]})
    >>> ballots_of(flats)["1"].flats[1].area_m2
    Fraction(121, 2)
    """
    rows = _rows(households)
    ballots = {}
    for name, members in rows.groupby(_names(rows, scope), sort=True):
        ballots[str(name)] = Ballot(
            flats=tuple(
                Flat(household=household, owner=owner, area_m2=exact_area(area), vote=vote)
                for household, owner, area, vote in zip(
                    members["household_id"],
                    members["owner_id"],
                    members["area_m2"],
                    members["vote"],
                    strict=True,
                )
            )
        )
    return ballots


def consents(
    households: pd.DataFrame,
    *,
    majority: Majority,
    scope: Scope = "stairwell",
    registered: Mapping[str, int] | None = None,
    ask: bool = False,
) -> dict[str, Consent]:
    """Count the vote of each stairwell, building or estate.

    Parameters
    ----------
    households : pandas.DataFrame
        As in :func:`ballots_of`.
    majority : Majority
        The shares asked for.
    scope : {"stairwell", "building", "estate"}, default "stairwell"
        Who decides together.
    registered : mapping of str to int, optional
        How many owners the property register has, by the name of the ballot: more owners who take part are a doubt.
    ask : bool, default False
        Look for the fewest households that would settle it.

    Returns
    -------
    dict of str to Consent
        By name, sorted. A doubt that blocks leaves the verdict untold.

    Raises
    ------
    UsageError
        If a column is missing, the scope is unknown, or ``registered`` names a ballot that does not exist.
    """
    lost, near = strays(households, scope=scope)
    ballots = ballots_of(households, scope=scope)
    if strangers := sorted(set(registered or {}) - set(ballots)):
        raise UsageError(Message("consent.no_ballot", ids=tuple(strangers[:_NAMED])))
    found = {}
    for name, ballot in ballots.items():
        doubts = _doubts(ballot, majority, owners=(registered or {}).get(name))
        if name in near:
            doubts.append(_doubt("astray", lost))
        blocked = any(doubt.blocking for doubt in doubts)
        verdict = Verdict.CANNOT_TELL if blocked else ballot.verdict(majority)
        asked = ask and verdict in {Verdict.OPEN, Verdict.NOT_REACHED}
        found[name] = Consent(
            name=name,
            ballot=ballot,
            verdict=verdict,
            hurdles=ballot.hurdles(majority),
            doubts=tuple(doubts),
            settling=settling(ballot, majority) if asked else None,
        )
    return found


def stairwell_names(households: pd.DataFrame) -> pd.Series[Any]:
    """Return the name of each household's stairwell: its id; with the building where ids are not unique."""
    stairs = _texts(households["stairwell_id"])
    buildings = _texts(households["building_id"])
    if buildings[stairs.notna()].groupby(stairs).nunique(dropna=False).max() == 1:
        return stairs
    return buildings.astype(str).str.cat(stairs, sep="/")


def strays(households: pd.DataFrame, *, scope: Scope = "stairwell") -> tuple[tuple[str, ...], frozenset[str]]:
    """Find the households that belong to no known ballot, and the ballots to which they may belong.

    Parameters
    ----------
    households : pandas.DataFrame
        ``household_id``, ``building_id``, ``stairwell_id``.
    scope : {"stairwell", "building", "estate"}, default "stairwell"
        Who decides together.

    Returns
    -------
    tuple of str, frozenset of str
        Ids of households, and names of ballots: those of the same building; all where no building is known either.
    """
    rows = _rows(households, _PLACES)
    names = _names(rows, scope)
    lost = rows[names.isna()]
    named = names.notna()
    if lost.empty:
        return (), frozenset()
    if scope == "stairwell" and lost["building_id"].notna().all():
        named &= rows["building_id"].isin(lost["building_id"])
    return tuple(lost["household_id"]), frozenset(names[named].astype(str))


# --- parts ---------------------------------------------------------------------------------------


def _rows(households: pd.DataFrame, columns: tuple[str, ...] = _COLUMNS) -> pd.DataFrame:
    """Return the columns that are needed, by household; texts or None."""
    for column in columns:
        if column not in households.columns:
            raise UsageError(Message("consent.no_column", column=column))
    kept = [*columns, *(["estate_id"] if "estate_id" in households.columns else [])]
    rows = pd.DataFrame(
        {c: households[c] if c == "area_m2" else _texts(households[c]) for c in kept}, index=households.index
    )
    # A household without an id is still one that votes.
    rows["household_id"] = rows["household_id"].fillna("")
    return rows.sort_values("household_id", kind="stable")


def _texts(values: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series([_text(v) for v in values.tolist()], index=values.index, dtype=object)


def _text(value: object) -> str | None:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    # An owner written as blanks is nobody.
    return str(value) if str(value).strip() else None


def _names(rows: pd.DataFrame, scope: Scope) -> pd.Series[Any]:
    if scope == "stairwell":
        return stairwell_names(rows)
    if scope == "building":
        return rows["building_id"]
    if scope == "estate":
        one = pd.Series(_WHOLE_ESTATE, index=rows.index, dtype=object)
        return rows["estate_id"] if "estate_id" in rows.columns else one
    raise UsageError(Message("consent.scope", scope=scope, known=SCOPES))


def _doubt(code: str, ids: tuple[str, ...], *, blocking: bool = True, **params: object) -> Doubt:
    households = tuple(sorted(ids))
    message = Message(f"consent.{code}", count=len(households), **params)
    return Doubt(code=code, message=message, households=households, blocking=blocking)


def _doubts(ballot: Ballot, majority: Majority, *, owners: int | None) -> list[Doubt]:
    flats = ballot.flats
    seen: dict[str, int] = defaultdict(int)
    for flat in flats:
        seen[flat.household] += 1
    faults = {
        "no_owner": [f for f in flats if f.owner is None],
        "no_area": [f for f in flats if f.area_m2 is None or f.area_m2 <= 0],
        "odd_vote": [f for f in flats if f.vote is not None and f.vote not in VOTES],
        # More votes than flats: which one counts is not for a tool to say.
        "twice": [f for f in flats if seen[f.household] > 1],
    }
    doubts = [_doubt(code, tuple(f.household for f in found)) for code, found in faults.items() if found]
    taking_part = {f.owner for f in flats if f.owner is not None and f.vote in CAST}
    if owners is not None and len(taking_part) > owners:
        ids = tuple(f.household for f in flats if f.vote in CAST)
        doubts.append(_doubt("too_many", ids, heads=len(taking_part), owners=owners))
    if alike := _spelled(ballot):
        merged = Ballot(flats=tuple(_merged(f) for f in flats))
        differs = ballot.verdict(majority) is not merged.verdict(majority)
        ids = tuple(f.household for f in flats if f.owner in alike)
        key = "spelled_matters" if differs else "spelled"
        doubts.append(_doubt(key, ids, blocking=False, owners=len({_plain(o) for o in alike})))
    return doubts


def _spelled(ballot: Ballot) -> set[str]:
    """Return owners whose names differ in blanks, width, case or dots only."""
    spellings: dict[str, set[str]] = defaultdict(set)
    for flat in ballot.flats:
        if flat.owner is not None:
            spellings[_plain(flat.owner)].add(flat.owner)
    return {owner for names in spellings.values() if len(names) > 1 for owner in names}


def _plain(owner: str) -> str:
    """Return a name without blanks, dots between names and what is invisible; width and case made equal.

    Hyphens stay: 1-11 and 11-1 are two owners.
    """
    even = unicodedata.normalize("NFKC", owner).casefold()
    return "".join(c for c in even if not (c.isspace() or c in _DOTS or unicodedata.category(c) == "Cf"))


def _merged(flat: Flat) -> Flat:
    owner = None if flat.owner is None else _plain(flat.owner)
    return Flat(household=flat.household, owner=owner, area_m2=flat.area_m2, vote=flat.vote)
