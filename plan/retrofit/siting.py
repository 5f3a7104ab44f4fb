"""The elevators of an estate, stairwell by stairwell: verdicts, and what the sun, the owners and the money add."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from plan.elevators import (
    CONNECTIONS,
    VERDICTS,
    Clearance,
    Costs,
    ElevatorSizes,
    Slide,
    StairwellSiting,
    place_elevators,
)
from plan.elevators.candidates import Connection
from plan.elevators.figures import RULE_OF, limits_of, rule_of
from plan.elevators.frames import clearance_frame, position_frame
from plan.elevators.records import millimetres
from plan.errors import UsageError
from plan.findings import Clause
from plan.messages import Message, translate
from plan.retrofit.floors import floor_frame
from plan.retrofit.owners import Owners, Paying, owners_of
from plan.retrofit.sun import YEAR, SunLoss, sun_of
from plan.rules import RulePack
from plan.site import Placement, Site
from plan.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plan.elevators.ballots import Scope
    from plan.elevators.sun import SolarTerm

__all__ = ["Retrofit", "retrofit_estate", "stairwell_table", "with_placed_elevators"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Retrofit:
    """The elevators of an estate, worked out.

    Parameters
    ----------
    site : Site
        With the proposals in layer ``elevators``, beside those that were drawn there.
    pack : RulePack
        The rules behind the clearances.
    placed : Placement
        The proposals; see :func:`plan.elevators.place_elevators`.
    sun : SunLoss or None
        What they take of the sun; None: not told.
    owners : Owners or None
        Who has agreed, and what it costs whom; None: not told.
    notes : tuple of Message
        What could not be told, and why.
    """

    site: Site
    pack: RulePack
    placed: Placement
    sun: SunLoss | None = None
    owners: Owners | None = None
    notes: tuple[Message, ...] = ()

    @property
    def stairwells(self) -> tuple[StairwellSiting, ...]:
        """What was found out about each stairwell; further facts join by its ``entrance_id``."""
        found: tuple[StairwellSiting, ...] = self.placed.measures["stairwells"]
        return found

    def placement(self) -> Placement:
        """Return the proposals for a hearing, with what people read about them."""
        return replace(
            self.placed,
            measures={
                **self.placed.measures,
                "tables": self.tables(),
                "clauses": self.clauses(),
                "layers": self.layers,
                "retrofit": self,
                "told": {one.entrance_id: self.told(one) for one in self.stairwells},
                "floors": self.floors(),
                "shared": {one.entrance_id: self.shared(one) for one in self.stairwells},
                "asked_by": self.asked_by(),
            },
        )

    def clauses(self) -> tuple[Clause, ...]:
        """Return the clauses that the legend of a map names for proposed elevators."""
        rules = [rule_of(self.pack, name) for name in ("fire_lane", "separation")]
        return tuple(rule.clause for rule in rules if rule is not None and rule.clause.quote)

    def floors(self) -> pd.DataFrame:
        """Return what flats pay and lose of the sun, floor by floor: no household, no vote."""
        return floor_frame(self.stairwells, self.owners, self.sun)

    def shared(self, one: StairwellSiting) -> tuple[Message, ...]:
        """Say what is shared out in a stairwell, and how."""
        return () if self.owners is None else self.owners.shared(one.building_id, one.stairwell_id)

    def asked_by(self) -> dict[str, Clause]:
        """Return the clause behind each clearance that was measured, by the name of the clearance."""
        rules = {name: rule_of(self.pack, name) for name in RULE_OF}
        return {name: rule.clause for name, rule in rules.items() if rule is not None}

    def rule_and_article(self, clearance: Clearance) -> tuple[str | None, str | None]:
        """Return id and article of the rule behind a clearance."""
        rule = rule_of(self.pack, clearance.name)
        return (
            (None, None)
            if rule is None
            else (rule.id, f"{rule.clause.document} {rule.clause.article}".strip())
        )

    def tables(self) -> tuple[Table, ...]:
        """Return what people read."""
        sun = () if self.sun is None else (self.sun.table(),)
        people = () if (table := people_table(self)) is None else (table,)
        return (stairwell_table(self), *people, *sun, *(() if self.owners is None else self.owners.tables()))

    def wall_tables(self, stairwells: Iterable[str]) -> tuple[Table, ...]:
        """Return what hangs on the wall of stairwells: who pays what, flat by flat.

        Raises
        ------
        UsageError
            If a stairwell has no table.
        """
        shares = None if self.owners is None else self.owners.shares
        found = []
        for name in stairwells:
            one = None if shares is None else shares.stairwells.get(name)
            if one is None and shares is not None and name in shares.rejected:
                raise UsageError(Message("retrofit.no_table_why", stairwell=name, why=shares.rejected[name]))
            if one is None:
                raise UsageError(Message("retrofit.no_table", stairwell=name))
            found.append(one.table())
        return tuple(found)

    def told(self, one: StairwellSiting) -> dict[str, str]:
        """Say what the sun and the owners add to a stairwell, by the name of a column."""
        found: dict[str, str | None] = {}
        if self.owners is not None:
            found["consent"] = self.owners.consent_of(one.building_id, one.stairwell_id)
            found["pays"] = self.owners.pays(one.building_id, one.stairwell_id)
            name = self.owners.names.get((str(one.building_id), one.stairwell_id))
            if self.sun is not None and name is not None:
                found["sun"] = self.sun.by_stairwell.get(name)
        return {name: value for name, value in found.items() if value is not None}

    def layers(self, lang: str) -> dict[str, pd.DataFrame]:
        """Return what is written beside the site: stairwells without an elevator, clearances, alternatives, landings."""
        crs = self.site.crs
        found: dict[str, pd.DataFrame] = {
            "elevators_rejected": _rejected(self.placed),
            "elevators_clearances": clearance_frame(self.stairwells, crs=crs, rule=self.rule_and_article),
            "elevators_alternatives": position_frame(self.stairwells, crs=crs),
            "elevators_landings": _landings(self),
        }
        if self.sun is not None and len(self.sun.flats):
            found["elevators_sun"] = self.sun.flats
        if len(floors := self.floors()):
            found["elevators_floors"] = floors
        if self.owners is not None:
            found |= self.owners.layers()
        return {name: _told(frame, lang) for name, frame in found.items() if len(frame)}

    def to_dict(self, lang: str) -> dict[str, Any]:
        """Return plain data for ``plan place elevators --format json``."""
        measures = self.placed.measures
        limits = measures["limits"]
        return {
            "placed": measures["placed"],
            "rejected": len(self.placed.rejected),
            **{verdict: measures[verdict] for verdict in VERDICTS},
            "min_storeys": measures["min_storeys"],
            "limits": {name: getattr(limits, name) for name in limits.__slots__},
            "notes": [translate(note, lang) for note in (*measures["unseen"], *self.notes)],
            "sun": None if self.sun is None else self.sun.to_dict(),
            **({"consent": None, "shares": None} if self.owners is None else self.owners.to_dict()),
            "stairwells": [_stairwell(one, self, lang) for one in self.stairwells],
        }


def retrofit_estate(
    site: Site,
    pack: RulePack,
    *,
    sizes: ElevatorSizes | None = None,
    slide: Slide | None = None,
    costs: Costs | None = None,
    min_storeys: int | None = None,
    connections: tuple[Connection, ...] = CONNECTIONS,
    pipes_bar: bool = False,
    sun_day: SolarTerm | None = "great_cold",
    sun_year: int = YEAR,
    scope: Scope = "stairwell",
    paying: Paying | None = None,
) -> Retrofit:
    """Work out where elevators go in an estate.

    Parameters
    ----------
    site : Site
        With ``entrances`` and ``buildings``.
    pack : RulePack
        The rules whose figures are kept.
    sizes : ElevatorSizes, optional
        Dimensions.
    slide : Slide, optional
        The range of positions.
    costs : Costs, optional
        What clearing the ground costs.
    min_storeys : int, optional
        Buildings with fewer storeys need none.
    connections : tuple of {"level_entry", "half_landing"}
        Connections that are tried, the preferred one first.
    pipes_bar : bool, default False
        Whether a pipe bars a position instead of being moved.
    sun_day : {"great_cold", "winter_solstice"}, optional
        For which day sunlight is compared; None: it is not.
    sun_year : int
        The year of the day.
    scope : {"stairwell", "building", "estate"}
        Whose votes are counted together.
    paying : Paying, optional
        What an elevator costs and who pays.

    Returns
    -------
    Retrofit
        With the site that holds the proposals.

    Raises
    ------
    MissingLayerError
        If the site has no entrances or no buildings.
    UsageError
        If an option makes no sense.
    """
    placed = place_elevators(
        site,
        pack=pack,
        limits=replace(limits_of(pack), pipes_bar=pipes_bar),
        sizes=sizes,
        slide=slide,
        costs=costs,
        min_storeys=min_storeys,
        connections=connections,
    )
    sun = None if sun_day is None else sun_of(site, pack, placed, term=sun_day, year=sun_year)
    owners = owners_of(site, pack, placed, scope=scope, paying=paying)
    return Retrofit(
        site=with_placed_elevators(site, placed),
        pack=pack,
        placed=placed,
        sun=sun if isinstance(sun, SunLoss) else None,
        owners=owners,
        notes=(*((sun,) if isinstance(sun, Message) else ()), *owners.notes),
    )


def with_placed_elevators(site: Site, placed: Placement, *, lang: str = "zh") -> Site:
    """Return a site with proposed elevators beside those that are drawn in it, their reasons in a language."""
    if not len(placed.features):
        return site
    features = _told(placed.features, lang)
    if site.has("elevators"):
        drawn = site.layer("elevators")
        taken = set(drawn["elevator_id"].astype(str))
        # An id that somebody gave to an elevator of another stairwell stays with it.
        features["elevator_id"] = [f"{i}-new" if i in taken else i for i in features["elevator_id"]]
        features = pd.concat([drawn, features], ignore_index=True)
    return site.with_layer("elevators", features)


def stairwell_table(found: Retrofit) -> Table:
    """Show every stairwell with its verdict, what binds it, and what must happen first."""
    measures = found.placed.measures
    rows = tuple(_row(one) for one in found.stairwells)
    total = Message(
        "retrofit.sum",
        count=len(rows),
        **{verdict: measures[verdict] for verdict in VERDICTS},
    )
    return Table(
        title=Message("retrofit.title", count=len(rows), placed=measures["placed"]),
        heads=tuple(
            Message(f"retrofit.head_{name}")
            for name in ("building", "stairwell", "verdict", "connection", "reason", "remedy", "cost")
        ),
        rows=rows,
        numeric=(6,),
        notes=(total, *_cost_note(found), *measures["unseen"], *found.notes),
    )


def people_table(found: Retrofit) -> Table | None:
    """Show what the owners of each stairwell have agreed to, lose of the sun and pay; None where none is known."""
    told = {one: found.told(one) for one in found.stairwells}
    columns = [name for name in ("consent", "sun", "pays") if any(name in extra for extra in told.values())]
    if not columns:
        return None
    return Table(
        title=Message("retrofit.people_title"),
        heads=tuple(Message(f"retrofit.head_{name}") for name in ("building", "stairwell", *columns)),
        rows=tuple(
            (one.building_id or "–", one.stairwell_id, *(extra.get(name) for name in columns))
            for one, extra in told.items()
            if extra
        ),
    )


def _row(one: StairwellSiting) -> tuple[str | None, ...]:
    at = one.chosen
    return (
        one.building_id or "–",
        one.stairwell_id,
        Message(f"retrofit.verdict_{one.verdict}"),
        None if at is None else Message(f"retrofit.connection_{at.connection}"),
        _what_binds(one),
        None if at is None else at.remedy,
        None if at is None else _cost(at.cost_cny, at.unpriced),
    )


def _what_binds(one: StairwellSiting) -> Message:
    """Say what binds, and which figure that bars nothing falls short of what is advised."""
    told = one.reason
    for clearance in () if one.chosen is None else one.chosen.clearances:
        if not clearance.bars and millimetres(clearance.margin_m) < 0:
            told = Message("elevators.and", first=told, rest=clearance.told())
    return told


def _cost(cost_cny: float | None, unpriced: int) -> str:
    if not unpriced:
        return f"{cost_cny or 0:,.0f}"
    if cost_cny is None:
        return Message("retrofit.cost_unknown", count=unpriced)
    return Message("retrofit.cost_from", cost=f"{cost_cny:,.0f}", count=unpriced)


def _cost_note(found: Retrofit) -> tuple[Message, ...]:
    chosen = [one.chosen for one in found.stairwells if one.chosen is not None]
    if not any(at.unpriced for at in chosen):
        return ()
    return (Message("retrofit.cost_note"),)


def _stairwell(one: StairwellSiting, found: Retrofit, lang: str) -> dict[str, Any]:
    at = one.chosen
    shown = at or (one.alternatives[0] if one.alternatives else None)
    return {
        "building_id": one.building_id,
        "stairwell_id": one.stairwell_id,
        "entrance_id": one.entrance_id,
        "floors": one.floors,
        "verdict": one.verdict,
        "elevator_id": one.elevator_id,
        "connection": None if at is None else at.connection,
        "layout": None if at is None else at.layout,
        "aside_m": None if at is None else round(at.aside_m, 3),
        "off_m": None if at is None else round(at.off_m, 3),
        "flights_left": None if at is None else at.flights_left,
        "wheelchair": one.wheelchair,
        "reason": translate(one.reason, lang),
        "margin_m": None if shown is None or not math.isfinite(shown.margin_m) else round(shown.margin_m, 6),
        "remedies": [
            {"kind": r.kind, "id": r.thing, "what": translate(r.what, lang), "cost_cny": r.cost_cny}
            for r in (() if at is None else at.remedies)
        ],
        "cost_cny": None if at is None else at.cost_cny,
        "unpriced": None if at is None else at.unpriced,
        "clearances": [
            {
                "name": c.name,
                "id": c.thing,
                "measured_m": round(c.measured_m, 6),
                "required_m": c.required_m,
                "margin_m": round(c.margin_m, 6),
                "bars": c.bars,
                "rule": found.rule_and_article(c)[0],
            }
            for c in (() if shown is None else shown.clearances)
        ],
        "tried": one.tried,
        "barred": dict(one.barred),
    }


def _rejected(placed: Placement) -> gpd.GeoDataFrame:
    """Return stairwells without an elevator and positions that cannot be had as rows of one layer."""
    stairs = placed.rejected.assign(what="stairwell")
    barred = placed.measures["barred"].assign(what="position", verdict="infeasible")
    parts = [part for part in (stairs, barred) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else stairs


def _landings(found: Retrofit) -> gpd.GeoDataFrame:
    chosen = [(one, one.chosen) for one in found.stairwells if one.chosen is not None]
    table = {
        "elevator_id": [one.elevator_id for one, _ in chosen],
        "stairwell_id": [one.stairwell_id for one, _ in chosen],
        "building_id": [one.building_id for one, _ in chosen],
        "connection": [at.connection for _, at in chosen],
    }
    return gpd.GeoDataFrame(table, geometry=[at.landing for _, at in chosen], crs=found.site.crs)


def _told(frame: Any, lang: str) -> Any:  # noqa: ANN401 - a frame, with messages as text of a language
    out = frame.copy()
    for name in ("reason", "remedy", "told"):
        if name in out:
            out[name] = [None if value is None else translate(value, lang) for value in out[name]]
    return out
