"""Which stairwells come first: whom an elevator helps, how much, at what cost, and whether its owners agree.

Storeys saved of a flat = max(floor - 1 - flights_left, 0): a stop at the half landing leaves half a storey to everybody
above the ground floor. Metres climbed that are saved in a year = sum over flats of persons x storeys saved x storey
height x ways home a day x 365; ways down are not counted.

The score is a weighted mean of six terms, each between 0 and 1 and shown: households helped, storeys saved by the
elderly and by disabled persons, metres saved, cost of each household helped (the cheapest over one's own), and consent
reached. The first four are shares of the largest among the stairwells compared. A term that the data do not have is
left out for all, and told. Weights are arguments.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from plan.elevators.ballots import stairwell_names
from plan.elevators.consent import Verdict
from plan.elevators.money import FEN, Amounts, by_name
from plan.errors import UsageError
from plan.messages import Message
from plan.site import as_objects

__all__ = ["TERMS", "Climb", "Priorities", "Weights", "priorities"]

TERMS: Final = ("helped", "elderly", "disabled", "metres", "cost", "consent")
_DAYS: Final = 365  # in a year
_GROUND: Final = 1  # the storey above the street
_PLACES: Final = 9  # decimals to which two scores are the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """How people climb; both are this tool's assumptions, to be replaced by what is known of the place.

    Parameters
    ----------
    trips_per_day : float, default 2
        Ways home of a person in a day.
    storey_m : float, default 2.8
        From floor to floor.
    """

    trips_per_day: float = 2.0
    storey_m: float = 2.8

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if not (math.isfinite(value) and value > 0):
                raise UsageError(Message("priority.positive", name=one.name, value=value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What counts how much; equal weights are this tool's assumption, and the programme's owner decides."""

    helped: float = 1.0
    elderly: float = 1.0
    disabled: float = 1.0
    metres: float = 1.0
    cost: float = 1.0
    consent: float = 1.0

    def __post_init__(self) -> None:
        values = [getattr(self, term) for term in TERMS]
        for term, value in zip(TERMS, values, strict=True):
            if not (math.isfinite(value) and value >= 0):
                raise UsageError(Message("priority.weight", name=term, value=value))
        if not any(values):
            raise UsageError(Message("priority.no_weight"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priorities:
    """Stairwells in the order in which they come.

    Parameters
    ----------
    stairwells : pandas.DataFrame
        One row for each stairwell, the best first: ``stairwell``, ``building_id``, ``estate_id`` where it is known,
        ``households``, ``helped``, ``step_free`` (households without a stair left), ``elderly`` and ``disabled`` (persons
        helped), ``elderly_storeys`` and ``disabled_storeys`` saved, ``metres_per_year``, ``unknown`` (households of
        unknown floor, or with a number of persons that is not written down: the figures are at least so much),
        ``cost_fen``, ``cost_per_household_cny``, ``consent``, a ``term_…`` for each term between 0 and 1, ``score``
        (0 to 100), ``rank``, and a ``reason`` instead of a score and a rank where it is not compared.
    left_out : tuple of str
        Terms that the data do not have.
    weights : Weights
        As they were given.
    climb : Climb
        As it was given.
    """

    stairwells: pd.DataFrame
    left_out: tuple[str, ...]
    weights: Weights
    climb: Climb


def priorities(
    households: pd.DataFrame,
    elevators: pd.DataFrame,
    *,
    cost_cny: Amounts,
    rejected: Mapping[str, str] | None = None,
    consent: Mapping[str, Verdict] | None = None,
    weights: Weights | None = None,
    climb: Climb | None = None,
) -> Priorities:
    """Rank the stairwells of a programme.

    Parameters
    ----------
    households : pandas.DataFrame
        ``household_id``, ``building_id``, ``stairwell_id``, ``floor``; ``persons``, ``elderly`` and ``disabled`` where
        they are known.
    elevators : pandas.DataFrame
        One row for each stairwell that can have an elevator: ``building_id``, ``stairwell_id``, ``flights_left`` (storeys
        that are left to climb: 0, or 0.5 from a half landing); ``estate_id`` where it is known.
    cost_cny : amount, or mapping of str to amount
        What an elevator costs the programme, in CNY; above zero. By stairwell, those that are not named have none.
    rejected : mapping of str to str, optional
        Why a stairwell cannot have an elevator, by its name.
    consent : mapping of str to Verdict, optional
        What the owners decided, by the name of the stairwell.
    weights : Weights, optional
        Equal when left out.
    climb : Climb, optional
        How people climb.

    Returns
    -------
    Priorities
        Every stairwell of either table, ranked or with the reason why not.

    Raises
    ------
    UsageError
        If a column is missing, a stairwell has two elevators, ``flights_left`` is no number of storeys, or a cost is not
        above zero.
    """
    weights, climb = weights or Weights(), climb or Climb()
    _need(households, "households", ("household_id", "building_id", "stairwell_id", "floor"))
    _need(elevators, "elevators", ("building_id", "stairwell_id", "flights_left"))
    flats = pd.DataFrame(households.drop(columns="geometry", errors="ignore")).reset_index(drop=True)
    lifts = pd.DataFrame(elevators.drop(columns="geometry", errors="ignore")).reset_index(drop=True)
    # Named together: an id that two buildings share is told apart in both tables alike.
    both = pd.concat([flats[["building_id", "stairwell_id"]], lifts[["building_id", "stairwell_id"]]])
    names = stairwell_names(both.reset_index(drop=True))
    flats["stairwell"] = names.to_numpy()[: len(flats)]
    lifts["stairwell"] = names.to_numpy()[len(flats) :]
    lifts["flights_left"] = _flights(lifts)
    table = _helped(flats[flats["stairwell"].notna()], lifts, climb)
    known = table["stairwell"].tolist()
    costs = by_name(cost_cny, known, name="cost_cny", positive=True)
    table["cost_fen"] = pd.array([costs.get(name) for name in known], dtype="Int64")
    helped = table["helped"].where(table["helped"] > 0)
    table["cost_per_household_cny"] = table["cost_fen"].astype("Float64").astype(float) / FEN / helped
    voted = {name: str(verdict) for name, verdict in (consent or {}).items()}
    table["consent"] = pd.Series([voted.get(name) for name in known], dtype=object)
    table["reason"] = as_objects(_why_not(row, rejected or {}) for row in table.itertuples())
    ranked, left_out = _scored(table, households, weights, voted=consent is not None)
    return Priorities(stairwells=ranked, left_out=left_out, weights=weights, climb=climb)


# --- parts ---------------------------------------------------------------------------------------


def _need(frame: pd.DataFrame, layer: str, columns: tuple[str, ...]) -> None:
    for column in columns:
        if column not in frame.columns:
            raise UsageError(Message("priority.no_column", layer=layer, column=column))


def _flights(lifts: pd.DataFrame) -> pd.Series[Any]:
    twice = lifts.loc[lifts["stairwell"].duplicated() & lifts["stairwell"].notna(), "stairwell"]
    if len(twice):
        raise UsageError(Message("priority.two_elevators", ids=tuple(twice.tolist())))
    left = pd.to_numeric(lifts["flights_left"], errors="coerce").astype(float)
    if not (np.isfinite(left) & (left >= 0)).all():
        raise UsageError(Message("priority.flights"))
    return left


def _helped(flats: pd.DataFrame, lifts: pd.DataFrame, climb: Climb) -> pd.DataFrame:
    """Return a row for each stairwell with whom its elevator helps, by name."""
    left = lifts[lifts["stairwell"].notna()].set_index("stairwell")["flights_left"]
    floor = _numbers(flats["floor"])
    flights = flats["stairwell"].map(left)
    storeys = (floor - _GROUND - flights).clip(lower=0.0)
    saves = storeys > 0
    counted = {
        column: _numbers(flats[column], least=0.0)
        if column in flats.columns
        else pd.Series(0.0, index=flats.index)
        for column in ("persons", "elderly", "disabled")
    }
    gaps = [values.isna() for values in counted.values()]
    rows = pd.DataFrame(
        {
            "stairwell": flats["stairwell"],
            "households": 1,
            "helped": saves.astype(int),
            "step_free": (saves & (flights == 0)).astype(int),
            "elderly": counted["elderly"].fillna(0).where(saves, 0),
            "disabled": counted["disabled"].fillna(0).where(saves, 0),
            "elderly_storeys": (counted["elderly"] * storeys).fillna(0),
            "disabled_storeys": (counted["disabled"] * storeys).fillna(0),
            "metres_per_year": (counted["persons"] * storeys).fillna(0)
            * (climb.storey_m * climb.trips_per_day * _DAYS),
            "unknown": (floor.isna() | (saves & np.logical_or.reduce(gaps))).astype(int),
        }
    )
    places = pd.concat([lifts, flats]).drop_duplicates("stairwell").set_index("stairwell")
    every = sorted({name for name in places.index if isinstance(name, str)})
    table = rows.groupby("stairwell").sum().reindex(every, fill_value=0)
    kept = [column for column in ("building_id", "estate_id") if column in places.columns]
    for at, column in enumerate(kept):
        table.insert(at, column, places[column].reindex(every))
    table["has_site"] = [name in left.index for name in every]
    whole = ["households", "helped", "step_free", "elderly", "disabled", "unknown"]
    table[whole] = table[whole].astype(int)
    return table.rename_axis("stairwell").reset_index()


def _numbers(values: pd.Series[Any], *, least: float = -math.inf) -> pd.Series[Any]:
    """Return numbers, and NaN for what is none, infinite or too low."""
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    return numbers.where(np.isfinite(numbers) & (numbers >= least))


def _why_not(row: Any, rejected: Mapping[str, str]) -> str | None:  # noqa: ANN401 - a row
    if row.stairwell in rejected:
        return rejected[row.stairwell]
    if not row.has_site:
        return Message("priority.no_site")
    if not row.households:
        return Message("priority.no_households")
    if not row.helped:
        return Message("priority.nobody")
    if pd.isna(row.cost_fen):
        return Message("priority.no_cost")
    return None


def _scored(
    table: pd.DataFrame, households: pd.DataFrame, weights: Weights, *, voted: bool
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Add terms, score and rank, and say which terms the data do not have."""
    compared = table["reason"].isna().to_numpy()
    columns = {
        "helped": "helped",
        "elderly": "elderly_storeys",
        "disabled": "disabled_storeys",
        "metres": "metres_per_year",
    }
    sources = {"elderly": "elderly", "disabled": "disabled", "metres": "persons"}
    left_out = [term for term, column in sources.items() if not _known(households, column)]
    left_out += [] if voted else ["consent"]
    score = np.zeros(len(table))
    values: NDArray[np.float64]
    total = 0.0
    for term in TERMS:
        if term in left_out:
            table[f"term_{term}"] = math.nan
            continue
        if term == "consent":
            values = (table["consent"] == Verdict.REACHED.value).to_numpy().astype(float)
        elif term == "cost":
            cost = table["cost_per_household_cny"].to_numpy(dtype=float)
            values = np.min(cost[compared], initial=math.inf) / cost
        else:
            amounts = table[columns[term]].to_numpy(dtype=float)
            most = np.max(amounts[compared], initial=0.0)
            values = amounts / most if most else np.zeros(len(table))
        table[f"term_{term}"] = np.where(compared, values, math.nan)
        score += getattr(weights, term) * np.where(compared, values, 0.0)
        total += getattr(weights, term)
    if not total:
        raise UsageError(Message("priority.no_weight"))
    table["score"] = np.where(compared, np.round(100 * score / total, _PLACES), math.nan)
    order = table.drop(columns="has_site").sort_values(
        ["score", "stairwell"], ascending=[False, True], kind="stable", na_position="last"
    )
    order = order.reset_index(drop=True)
    order["rank"] = pd.array(
        [at + 1 if known else None for at, known in enumerate(order["score"].notna())], dtype="Int64"
    )
    return order, tuple(term for term in TERMS if term in left_out)


def _known(households: pd.DataFrame, column: str) -> bool:
    return column in households.columns and bool(households[column].notna().any())
