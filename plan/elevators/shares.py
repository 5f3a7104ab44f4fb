"""Who pays how much of an elevator: by floor and area, to the fen.

::

    share_i = (total - subsidy + compensation) * k(floor_i) * area_i / sum over those who pay of k(floor) * area

(the formula of owners' agreements as published for Wuxi; no official one was found). ``compensation`` is what the
others pay to those whom the elevator costs light or quiet, mostly on the ground floor. The parts are whole fen by
largest remainder, equal remainders in the order of household ids, and sum exactly to the amount.

Of its share a household first uses its balance of the repair fund (维修资金), then its provident fund (公积金); what is
left over of these stays where it is. Every amount is an argument: an elevator of six storeys is said to cost 400,000 to
600,000 CNY (figure EL-COST, one web page), subsidies differ by city and year (EL-SUB-*), and none is a default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

import pandas as pd

from plan.elevators.ballots import stairwell_names, strays
from plan.elevators.coefficients import Coefficients
from plan.elevators.consent import exact_area
from plan.elevators.money import Amounts, Money, apportioned, by_name, fen, yuan
from plan.errors import UsageError
from plan.messages import Message
from plan.tables import Table

__all__ = ["PAYERS", "CostShares", "FlatShare", "Payers", "StairwellShares", "cost_shares"]

Payers = Literal["all", "above_ground", "agreeing"]
PAYERS: Final[tuple[Payers, ...]] = ("all", "above_ground", "agreeing")
_GROUND: Final = 1  # the storey above the street
_COLUMNS: Final = ("household_id", "building_id", "stairwell_id", "floor", "area_m2")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatShare:
    """What one household pays; all amounts in fen."""

    household: str
    floor: int
    area_m2: Fraction | None  # None: not known, and not needed since it does not pay
    coefficient: Fraction  # zero for those who do not pay
    share_fen: int
    repair_fund_fen: int  # of the share, from the repair fund
    provident_fund_fen: int  # of the share, from the provident fund
    repair_fund_left_fen: int  # what stays in the fund
    provident_fund_left_fen: int
    compensation_fen: int  # what it receives

    @property
    def to_pay_fen(self) -> int:
        """The share without what the funds pay; never below zero."""
        return self.share_fen - self.repair_fund_fen - self.provident_fund_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class StairwellShares:
    """What the households of one stairwell pay; the shares sum to ``amount_fen``."""

    name: str
    total_fen: int
    subsidy_fen: int
    compensation_fen: int
    flats: tuple[FlatShare, ...]  # by floor, then by id
    coefficients: Coefficients

    @property
    def amount_fen(self) -> int:
        """What is shared out."""
        return self.total_fen - self.subsidy_fen + self.compensation_fen

    @property
    def notes(self) -> tuple[Message, ...]:
        """What is shared out, by which coefficients, and how it is rounded."""
        return (
            Message(
                "shares.note_amount",
                amount=yuan(self.amount_fen),
                total=yuan(self.total_fen),
                subsidy=yuan(self.subsidy_fen),
                compensation=yuan(self.compensation_fen),
            ),
            _told(self.coefficients),
            Message("shares.note_rounding"),
        )

    def table(self) -> Table:
        """Return the table that hangs in the stairwell: flats by their ids, no names, no balances of funds."""
        rows: list[tuple[str | None, ...]] = [
            (
                flat.household,
                str(flat.floor),
                None if flat.area_m2 is None else f"{float(flat.area_m2):,.2f}",
                f"{float(flat.coefficient):g}",
                *map(yuan, (flat.share_fen, flat.repair_fund_fen, flat.provident_fund_fen, flat.to_pay_fen)),
                yuan(flat.compensation_fen),
            )
            for flat in self.flats
        ]
        sums = (
            sum(flat.share_fen for flat in self.flats),
            sum(flat.repair_fund_fen for flat in self.flats),
            sum(flat.provident_fund_fen for flat in self.flats),
            sum(flat.to_pay_fen for flat in self.flats),
            sum(flat.compensation_fen for flat in self.flats),
        )
        rows.append((Message("shares.sum"), None, None, None, *map(yuan, sums)))
        return Table(
            title=Message("shares.title", name=self.name),
            heads=tuple(Message(f"shares.head_{head}") for head in _HEADS),
            rows=tuple(rows),
            numeric=tuple(range(1, len(_HEADS))),
            notes=self.notes,
        )


_HEADS: Final = (
    "flat", "floor", "area", "coefficient", "share", "repair_fund", "provident_fund", "to_pay", "compensation",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CostShares:
    """The shares of every stairwell that could be told, and why not the others."""

    stairwells: Mapping[str, StairwellShares]  # by name, sorted
    rejected: Mapping[str, Message]  # by name, sorted
    payers: Payers = "above_ground"  # where only those who agree pay, a share tells a vote

    def frame(self) -> pd.DataFrame:
        """Return one row for each flat: ids, floor, coefficient, and whole fen."""
        rows = [
            {
                "stairwell": name,
                "household_id": flat.household,
                "floor": flat.floor,
                "area_m2": None if flat.area_m2 is None else float(flat.area_m2),
                "coefficient": float(flat.coefficient),
                "share_fen": flat.share_fen,
                "repair_fund_fen": flat.repair_fund_fen,
                "provident_fund_fen": flat.provident_fund_fen,
                "to_pay_fen": flat.to_pay_fen,
                "repair_fund_left_fen": flat.repair_fund_left_fen,
                "provident_fund_left_fen": flat.provident_fund_left_fen,
                "compensation_fen": flat.compensation_fen,
            }
            for name, shares in self.stairwells.items()
            for flat in shares.flats
        ]
        return pd.DataFrame(rows)


def cost_shares(
    households: pd.DataFrame,
    *,
    total_cny: Amounts,
    coefficients: Coefficients,
    subsidy_cny: Amounts = 0,
    payers: Payers = "above_ground",
    compensation_by_floor_cny: Mapping[int, Money] | None = None,
    compensation_by_household_cny: Mapping[str, Money] | None = None,
    repair_fund_cny: Mapping[str, Money] | None = None,
    provident_fund_cny: Mapping[str, Money] | None = None,
) -> CostShares:
    """Share out what the elevator of each stairwell costs.

    Parameters
    ----------
    households : pandas.DataFrame
        ``household_id``, ``building_id``, ``stairwell_id``, ``floor`` (1 is the ground floor), ``area_m2`` [m2];
        ``vote`` where those who agree pay.
    total_cny : amount, or mapping of str to amount
        What an elevator costs, in CNY; above zero. By stairwell, those that are not named have none and are left out.
    coefficients : Coefficients
        By floor: the user's own table, or an example.
    subsidy_cny : amount, or mapping of str to amount, default 0
        What others pay, in CNY.
    payers : {"above_ground", "all", "agreeing"}, default "above_ground"
        Who pays: those above floor 1, everybody (as their coefficients say), or those who voted yes. The others have
        the coefficient zero.
    compensation_by_floor_cny : mapping of int to amount, optional
        What each household of a floor receives, in CNY.
    compensation_by_household_cny : mapping of str to amount, optional
        What a household receives, in CNY, instead of its floor's.
    repair_fund_cny, provident_fund_cny : mapping of str to amount, optional
        What a household may use of its repair fund and of its provident fund, in CNY, by its id.

    Returns
    -------
    CostShares
        A stairwell with a floor, an area or a coefficient missing, a household of unknown stairwell in the building, or
        a subsidy above the cost is rejected with the reason.

    Raises
    ------
    UsageError
        If an amount is negative, infinite or finer than a fen, the total is zero, a column is missing, an amount is for
        a household or a stairwell that does not exist, or ``payers`` is unknown.

    Examples
    --------
    >>> from plan.elevators.coefficients import example
    >>> flats = pd.DataFrame({"household_id": ["101", "301", "401"], "building_id": "B1", "stairwell_id": "1",
    ...     "floor": [1, 3, 4], "area_m2": [60.0, 60.0, 60.0]})
    >>> shares = cost_shares(flats, total_cny=100, coefficients=example("EL-SHARE-ZJT"))
    >>> [flat.share_fen for flat in shares.stairwells["1"].flats]
    [0, 4667, 5333]
    """
    if payers not in PAYERS:
        raise UsageError(Message("shares.payers", payers=payers, known=PAYERS))
    for column in (*_COLUMNS, *(["vote"] if payers == "agreeing" else [])):
        if column not in households.columns:
            raise UsageError(Message("shares.no_column", column=column))
    rows = pd.DataFrame(households.drop(columns="geometry", errors="ignore"))
    rows["household_id"] = rows["household_id"].astype(str)
    rows = rows.sort_values("household_id", kind="stable")
    names = stairwell_names(rows)
    known = sorted(set(names.dropna().astype(str)))
    ids = set(rows["household_id"].astype(str))
    totals = by_name(total_cny, known, name="total_cny", positive=True)
    subsidies = by_name(subsidy_cny, known, name="subsidy_cny")
    purse = _Purse(
        by_floor={
            f: fen(v, name="compensation_by_floor_cny") for f, v in (compensation_by_floor_cny or {}).items()
        },
        compensation=_by_household(compensation_by_household_cny, ids, name="compensation_by_household_cny"),
        repair=_by_household(repair_fund_cny, ids, name="repair_fund_cny"),
        provident=_by_household(provident_fund_cny, ids, name="provident_fund_cny"),
    )
    lost, near = strays(rows)
    shared: dict[str, StairwellShares] = {}
    rejected: dict[str, Message] = {}
    for stairwell, members in _members(rows, names, payers=payers).items():
        if stairwell not in totals:
            found: StairwellShares | Message = Message("shares.no_total")
        elif stairwell in near:
            found = Message("shares.astray", count=len(lost), ids=lost[:_NAMED])
        else:
            total, subsidy = totals[stairwell], subsidies.get(stairwell, 0)
            found = _shared(
                stairwell, members, coefficients, total_fen=total, subsidy_fen=subsidy, purse=purse
            )
        if isinstance(found, Message):
            rejected[stairwell] = found
        else:
            shared[stairwell] = found
    return CostShares(stairwells=shared, rejected=rejected, payers=payers)


# --- parts ---------------------------------------------------------------------------------------

_NAMED: Final = 10  # ids written out in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Purse:
    """What households receive, and what they may use; in fen."""

    by_floor: Mapping[int, int]
    compensation: Mapping[str, int]
    repair: Mapping[str, int]
    provident: Mapping[str, int]


def _by_household(amounts: Mapping[str, Money] | None, ids: set[str], *, name: str) -> dict[str, int]:
    if strangers := sorted(set(amounts or {}) - ids):
        raise UsageError(Message("shares.no_household", name=name, ids=tuple(strangers[:_NAMED])))
    return {household: fen(amount, name=name) for household, amount in (amounts or {}).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """A household of a stairwell, as far as it is known."""

    household: str
    floor: int | None
    area_m2: Fraction | None
    pays: bool
    twice: bool  # its id comes again


def _members(rows: pd.DataFrame, names: pd.Series[Any], *, payers: Payers) -> dict[str, list[_Member]]:
    """Return the households of each stairwell, both sorted."""
    # Column by column: a frame for each of ten thousand stairwells takes longer than all that is computed of it.
    floors = pd.to_numeric(rows["floor"], errors="coerce").astype(float)
    known = floors.notna() & (floors % 1 == 0) & (floors != 0)
    if payers == "agreeing":
        pays = rows["vote"].eq("yes").fillna(value=False).astype(bool)
    else:
        pays = (floors > _GROUND) | (payers == "all")
    members: dict[str, list[_Member]] = {name: [] for name in sorted(set(names.dropna()))}
    for name, household, floor, sure, area, paying, twice in zip(
        names.tolist(),
        rows["household_id"].astype(str).tolist(),
        floors.tolist(),
        known.tolist(),
        rows["area_m2"].tolist(),
        pays.tolist(),
        rows["household_id"].duplicated(keep=False).tolist(),
        strict=True,
    ):
        if name in members:
            members[name].append(
                _Member(
                    household=household,
                    floor=int(floor) if sure else None,
                    area_m2=exact_area(area),
                    pays=paying,
                    twice=twice,
                )
            )
    return members


def _shared(
    name: str,
    members: list[_Member],
    coefficients: Coefficients,
    *,
    total_fen: int,
    subsidy_fen: int,
    purse: _Purse,
) -> StairwellShares | Message:
    """Return the shares of a stairwell, or why there are none."""
    if fault := _fault(members, coefficients):
        return fault
    factors = [coefficients.by_floor[m.floor or 0] if m.pays else Fraction(0) for m in members]
    weights = [
        k * m.area_m2 if k and m.area_m2 else Fraction(0) for k, m in zip(factors, members, strict=True)
    ]
    if not any(weights):
        return Message("shares.nobody")
    received = [purse.compensation.get(m.household, purse.by_floor.get(m.floor or 0, 0)) for m in members]
    amount = total_fen - subsidy_fen + sum(received)
    if amount < 0:
        return Message("shares.subsidy", subsidy=yuan(subsidy_fen), total=yuan(total_fen))
    made = [
        _flat(member, factor, share, gets, purse)
        for member, factor, share, gets in zip(
            members, factors, apportioned(amount, weights), received, strict=True
        )
    ]
    return StairwellShares(
        name=name,
        total_fen=total_fen,
        subsidy_fen=subsidy_fen,
        compensation_fen=sum(received),
        flats=tuple(sorted(made, key=lambda flat: (flat.floor, flat.household))),
        coefficients=coefficients,
    )


def _fault(members: list[_Member], coefficients: Coefficients) -> Message | None:
    """Say which households a share cannot be computed for, or None."""
    table = coefficients.by_floor
    if twice := _ids(m for m in members if m.twice):
        return Message("shares.household_twice", ids=twice)
    if unknown := _ids(m for m in members if m.floor is None):
        return Message("shares.no_floor", ids=unknown)
    if bare := sorted({m.floor or 0 for m in members if m.pays and m.floor not in table}):
        return Message("shares.no_coefficient", floors=tuple(bare), table=coefficients.name)
    small = _ids(
        m for m in members if m.pays and table[m.floor or 0] and (m.area_m2 is None or m.area_m2 <= 0)
    )
    return Message("shares.no_area", ids=small) if small else None


def _ids(members: Iterable[_Member]) -> tuple[str, ...]:
    return tuple(sorted({m.household for m in members}))[:_NAMED]


def _flat(member: _Member, factor: Fraction, share: int, gets: int, purse: _Purse) -> FlatShare:
    repair = purse.repair.get(member.household, 0)
    provident = purse.provident.get(member.household, 0)
    from_repair = min(share, repair)
    from_provident = min(share - from_repair, provident)
    return FlatShare(
        household=member.household,
        floor=member.floor or 0,
        area_m2=member.area_m2,
        coefficient=factor,
        share_fen=share,
        repair_fund_fen=from_repair,
        provident_fund_fen=from_provident,
        repair_fund_left_fen=repair - from_repair,
        provident_fund_left_fen=provident - from_provident,
        compensation_fen=gets,
    )


def _told(table: Coefficients) -> Message:
    """Say where the coefficients come from; a table without a source is the owners' own."""
    if not table.source:
        return Message("shares.note_own", name=table.name)
    return Message(
        "shares.note_coefficients",
        name=table.name,
        title=table.title,
        source=table.source,
        evidence=table.evidence,
    )
