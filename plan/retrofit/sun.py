"""What elevators take of the sun, flat by flat: reported for the hearing, since the clause exempts retrofits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from plan.elevators.ballots import stairwell_names
from plan.messages import Message
from plan.rules.kinds import Figure
from plan.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plan.elevators.sun import SolarTerm
    from plan.rules import Rule, RulePack
    from plan.site import Placement, Site

__all__ = ["SunLoss", "sun_of"]

# The year whose days are reckoned where nobody names one; another moves the sun by less than its own half-width.
YEAR: Final = 2026
_MOST: Final = 20  # flats that a table lists
_WINDOWS: Final[dict[SolarTerm, str]] = {
    "great_cold": "sun_window_great_cold",
    "winter_solstice": "sun_window_solstice",
}
_LIMITS: Final[dict[SolarTerm, str]] = {
    "great_cold": "dwelling_sun_great_cold",
    "winter_solstice": "dwelling_sun_solstice",
}


# Not slotted: what is derived is kept where it was derived.
@dataclass(frozen=True, kw_only=True, eq=False)
class SunLoss:
    """Sun before and after, window by window and flat by flat.

    Parameters
    ----------
    windows : GeoDataFrame
        As ``plan.elevators.sunlight.sunlight`` returns them; windows are assumed.
    flats : DataFrame
        Households with ``building_id``, ``stairwell``, ``floor`` and what they lose; empty where nobody is known.
    day : str
        The day, ISO.
    term : str
        Which one it is.
    hours : tuple of float
        True solar time.
    limit_min : float or None
        Minutes that the pack asks of new dwellings: a yardstick; None: it names none.
    notes : tuple of Message
        What was assumed or not known, and that the clause exempts retrofits.
    """

    windows: gpd.GeoDataFrame
    flats: pd.DataFrame
    day: str
    term: SolarTerm
    hours: tuple[float, float]
    limit_min: float | None
    notes: tuple[Message, ...]

    def losing(self) -> pd.DataFrame:
        """Return the flats that lose sun, those that lose most first."""
        if self.flats.empty:
            return self.flats
        some = self.flats[self.flats["largest_loss_min"].fillna(0) > 0]
        return some.sort_values(["largest_loss_min", "household_id"], ascending=[False, True], kind="stable")

    @cached_property
    def by_stairwell(self) -> dict[str, str]:
        """What the flats of each stairwell lose, in a sentence."""
        if self.flats.empty:
            return {}
        found: dict[str, str] = {}
        for name, rows in self.flats.groupby("stairwell", sort=True):
            loss = rows["largest_loss_min"]
            if loss.isna().all():
                found[str(name)] = Message("retrofit.sun_unknown")
            elif loss.max() > 0:
                found[str(name)] = Message(
                    "retrofit.sun_some", flats=int((loss > 0).sum()), minutes=f"{loss.max():.0f}"
                )
            else:
                found[str(name)] = Message("retrofit.sun_none")
        return found

    def table(self) -> Table:
        """Return the flats that lose most, for people."""
        losing = self.losing()
        rows = tuple(
            (
                row["household_id"],
                row["stairwell"],
                f"{row['floor']:.0f}",
                f"{row['best_before_min']:.0f}",
                f"{row['best_after_min']:.0f}",
                f"{row['largest_loss_min']:.0f}",
                Message("retrofit.sun_falls") if self._falls(row) else None,
            )
            for row in losing.head(_MOST).to_dict("records")
        )
        more = [Message("retrofit.sun_more", count=len(losing) - _MOST)] if len(losing) > _MOST else []
        return Table(
            title=Message(
                "retrofit.sun_title",
                term=Message(f"retrofit.term_{self.term}"),
                day=self.day,
                start=f"{self.hours[0]:g}",
                end=f"{self.hours[1]:g}",
                flats=len(losing),
                of=len(self.flats),
            ),
            heads=tuple(
                Message(f"retrofit.head_{name}")
                for name in ("flat", "stairwell", "floor", "sun_before", "sun_after", "sun_loss", "sun_limit")
            ),
            rows=rows,
            numeric=(2, 3, 4, 5),
            notes=(*more, *self.notes),
        )

    def floors_table(self, stairwell: str) -> Table | None:
        """Show floor by floor what the flats of a stairwell lose, and no flat by itself; None where nobody is known.

        Parameters
        ----------
        stairwell : str
            Its name in the column ``stairwell`` of ``flats``.

        Returns
        -------
        Table or None
            The highest floor first: flats that lose sun, of how many; the largest loss of one, in minutes; how many fall
            below what is asked of new dwellings. Flats that cannot be told make a floor's figures a dash.
        """
        rows: list[tuple[str | None, ...]] = []
        for floor, flats in sorted(self._by_floor.get(stairwell, {}).items(), reverse=True):
            losses = [loss for loss, _ in flats]
            known = not any(math.isnan(loss) for loss in losses)
            falling = sum(falls for _, falls in flats)
            rows.append(
                (
                    f"{floor:.0f}",
                    f"{len(flats)}",
                    f"{sum(loss > 0 for loss in losses)}" if known else None,
                    f"{max(losses):.0f}" if known else None,
                    f"{falling}" if known and self.limit_min is not None else None,
                )
            )
        if not rows:
            return None
        names = ("floor", "sun_flats", "sun_losing", "sun_loss", "sun_falling")
        return Table(
            title=Message(
                "retrofit.sun_floors",
                term=Message(f"retrofit.term_{self.term}"),
                day=self.day,
                start=f"{self.hours[0]:g}",
                end=f"{self.hours[1]:g}",
            ),
            heads=tuple(Message(f"retrofit.head_{name}") for name in names),
            rows=tuple(rows),
            numeric=tuple(range(len(names))),
        )

    @cached_property
    def _by_floor(self) -> dict[str, dict[float, list[tuple[float, bool]]]]:
        """What each flat loses, and whether it falls below the yardstick, by stairwell and floor."""
        found: dict[str, dict[float, list[tuple[float, bool]]]] = {}
        if self.flats.empty or "floor" not in self.flats:
            return found
        told = self.flats[self.flats["floor"].notna()]
        for row in told.to_dict("records"):
            floors = found.setdefault(str(row["stairwell"]), {})
            floors.setdefault(float(row["floor"]), []).append(
                (float(row["largest_loss_min"]), self._falls(row))
            )
        return found

    def _falls(self, row: Mapping[Any, Any]) -> bool:
        """Tell whether a flat's best window has what is asked for before and not after; a dwelling needs one."""
        limit = self.limit_min
        return limit is not None and bool(row["best_before_min"] >= limit > row["best_after_min"])

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        losing = self.losing()
        return {
            "day": self.day,
            "term": self.term,
            "hours": list(self.hours),
            "limit_min": self.limit_min,
            "flats": len(self.flats),
            "flats_losing": len(losing),
            "flats_falling": sum(self._falls(row) for row in losing.to_dict("records")),
            "flats_unknown": 0 if self.flats.empty else int(self.flats["largest_loss_min"].isna().sum()),
            "largest_loss_min": float(losing["largest_loss_min"].max()) if len(losing) else 0.0,
        }


def sun_of(
    site: Site,
    pack: RulePack,
    placed: Placement,
    *,
    term: SolarTerm = "great_cold",
    year: int = YEAR,
) -> SunLoss | Message:
    """Compare the sun before and after the proposed elevators stand.

    Parameters
    ----------
    site : Site
        With ``buildings``; ``households`` and ``entrances`` where flats are to be told.
    pack : RulePack
        Where the hours of the day, the height of a sill and the yardstick come from.
    placed : Placement
        The proposals.
    term : {"great_cold", "winter_solstice"}
        The day.
    year : int
        Of the day.

    Returns
    -------
    SunLoss or Message
        Why it cannot be told.
    """
    from plan.elevators.flats import flats_sunlight  # noqa: PLC0415 - with machine code
    from plan.elevators.sun import solar_term  # noqa: PLC0415 - pvlib, loaded where it is used
    from plan.elevators.sunlight import sunlight  # noqa: PLC0415 - with machine code

    hours, sill = _rule(pack, _WINDOWS[term]), _rule(pack, "sun_sill_height")
    if hours is None or sill is None:
        return Message("retrofit.sun_no_rule", pack=pack.id)
    window, height = _kind(hours).values, _kind(sill).value  # noqa: PD011 - of a rule
    if len(window) != 2 or height is None:  # noqa: PLR2004 - from and to
        return Message("retrofit.sun_no_rule", pack=pack.id)
    day = solar_term(term, year)
    start, end = float(window[0]), float(window[1])
    buildings = site.layer("buildings")
    found = sunlight(
        buildings,
        placed.features if len(placed.features) else None,
        day=day,
        hours=(start, end),
        sill_m=height,
    )
    limit = _rule(pack, _LIMITS[term])
    asked = None if limit is None else _kind(limit).value
    limit_min = None if asked is None else float(asked) * 60
    notes = [Message("retrofit.sun_assumed")]
    if len(found.unknown):
        notes.append(
            Message(
                "retrofit.sun_not_known",
                ids=tuple(str(i) for i in found.unknown["id"].head(10)),
                count=len(found.unknown),
            )
        )
    exempt = _rule(pack, "retrofit_elevator_sunlight")
    if exempt is not None:
        clause = exempt.clause
        notes.append(
            Message(
                "retrofit.sun_exempt",
                clause=f"{clause.document} {clause.article}".strip(),
                quote=clause.quote,
            )
        )
    flats = pd.DataFrame()
    if site.has("households"):
        homes = site.layer("households")
        # What stands right behind a shaft is most often the window of the stairs, which is no flat's.
        covered = found.windows["covered"].fillna(value=False).astype(bool)
        told = flats_sunlight(found.windows[~covered], homes, _stairwells(site), limit_min=limit_min or 1.0)
        names = stairwell_names(homes) if "stairwell_id" in homes else homes["building_id"]
        flats = told.assign(
            household_id=homes["household_id"],
            building_id=homes["building_id"],
            stairwell=names,
            floor=homes["floor"].astype("Float64").astype(float),
        )
    return SunLoss(
        windows=found.windows,
        flats=flats,
        day=day.isoformat(),
        term=term,
        hours=(start, end),
        limit_min=limit_min,
        notes=tuple(notes),
    )  # fmt: skip


def _stairwells(site: Site) -> gpd.GeoDataFrame | None:
    if not site.has("entrances"):
        return None
    doors = site.layer("entrances")
    if not {"building_id", "stairwell_id"} <= set(doors.columns):
        return None
    doors = doors[
        (doors["kind"] == "stairwell") & doors["stairwell_id"].notna() & doors["building_id"].notna()
    ]
    return doors[~(doors.geometry.isna() | doors.geometry.is_empty)]


def _rule(pack: RulePack, name: str) -> Rule | None:
    """Return the pack's own figure of a name before one of a pack that it extends."""
    found = [r for r in pack.rules if r.enabled and isinstance(r.kind, Figure) and r.kind.name == name]
    return min(found, key=lambda rule: rule.pack != pack.id, default=None)


def _kind(rule: Rule) -> Figure:
    kind = rule.kind
    if not isinstance(kind, Figure):
        msg = f"{rule.id} is no figure"
        raise TypeError(msg)
    return kind
