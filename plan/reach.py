"""What a site's households reach on foot, as the command and the hearing package say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from plan.access import (
    MINUTES,
    LifeCircle,
    facilities_from_site,
    isochrones,
    life_circle,
    origins_from_site,
)
from plan.categories import CATEGORIES
from plan.messages import Bilingual, Message, translate
from plan.network import WalkNetwork
from plan.rules import RulePack
from plan.site import Site

__all__ = ["Reach", "category_limits", "category_title", "isochrone_origins", "reach_site", "walking_network"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reach:
    """The life circle of a site with its isochrones."""

    life: LifeCircle
    households: pd.Index[Any]  # every household, reached or not
    isochrones: gpd.GeoDataFrame | None  # origin, minutes, geometry; None where a site has no origin for them
    notes: tuple[Message, ...]

    def times(self) -> pd.DataFrame:
        """Return minutes by household and category, one column for each category."""
        wide = self.life.times.pivot_table(
            index="origin_id", columns="category", values="walk_min", aggfunc="first"
        )
        # A household that reaches nothing is a row of blanks, not an absent one.
        wide = wide.reindex(self.households)
        wide.index.name = "household_id"
        return wide

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return the layers ``walk_times`` (origin_id, category, facility_id, walk_min) and ``isochrones``."""
        times = self.life.times
        crs = self.isochrones.crs if self.isochrones is not None else None
        found = {"walk_times": gpd.GeoDataFrame(times, geometry=[None] * len(times), crs=crs)}
        if self.isochrones is not None:
            found["isochrones"] = self.isochrones
        return found

    def to_dict(self, lang: str) -> dict[str, Any]:
        """Return the ``plan.reach/1`` form, in a language."""
        life = self.life
        return {
            "schema": "plan.reach/1",
            "profile": life.profile,
            "m_per_min": life.m_per_min,
            "minutes": list(life.minutes),
            "households": life.households,
            "estimates": list(life.estimates),
            "unsnapped_households": life.unsnapped_households,
            "unsnapped_facilities": life.unsnapped_facilities,
            "islands": life.islands,
            "categories": [
                {**row, "name": translate(category_title(str(row["category"])), lang)} for row in life.rows()
            ],
            "notes": [translate(note, lang) for note in self.notes],
        }


def category_title(category: str) -> str:
    """Return how a category is called, in both languages; an unknown one by itself."""
    known = CATEGORIES.get(category)
    return Bilingual(known.zh, known.en) if known else category


def category_limits(pack: RulePack) -> dict[str, float]:
    """Return the minutes within which a pack counts each category as reached."""
    return {rule.kind.category: rule.kind.limit_min for rule in pack.settings("category_limit")}  # type: ignore[attr-defined]


def walking_network(site: Site, pack: RulePack) -> WalkNetwork:
    """Return the walking network of a site with the speeds of a pack."""
    speeds = {rule.kind.profile: rule.kind.m_per_min for rule in pack.settings("walk_speed")}  # type: ignore[attr-defined]
    # A pack without speeds leaves them to the national one.
    return WalkNetwork.from_site(site, speeds=speeds or None)


def isochrone_origins(site: Site) -> gpd.GeoDataFrame | None:
    """Return where isochrones start: the main gates, else all gates, else nothing.

    Returns
    -------
    geopandas.GeoDataFrame or None
        Gates, indexed by ``entrance_id``.
    """
    if not site.has("entrances"):
        return None
    entrances = site.layer("entrances").set_index("entrance_id")
    gates = entrances[(entrances["kind"] == "gate") & entrances.geometry.notna()]
    if "main" in gates:
        main = gates[gates["main"].fillna(value=False).astype(bool)]
        gates = gates if main.empty else main
    return None if gates.empty else gates


def reach_site(
    site: Site,
    pack: RulePack,
    *,
    minutes: Sequence[float] = MINUTES,
    profile: str = "adult",
    network: WalkNetwork | None = None,
    limits: Mapping[str, float] | None = None,
) -> Reach:
    """Compute the life circle of a site and the isochrones of its gates.

    Parameters
    ----------
    site : Site
        With ``households``, ``walkways`` and ``facilities``.
    pack : RulePack
        Walking speeds and the limit of each category.
    minutes : sequence of float, default (5, 10, 15)
        The circles.
    profile : str, default "adult"
        Who walks.
    network : WalkNetwork, optional
        The walking network with the pack's speeds, when there is one already.
    limits : mapping of str to float, optional
        Minutes by category, instead of the pack's.

    Returns
    -------
    Reach
        Shares by category, times by household, isochrones.
    """
    network = network if network is not None else walking_network(site, pack)
    origins = origins_from_site(site)
    # Facilities of which it is not written what they are tell as little as none.
    told = site.has("facilities") and "category" in site.layers["facilities"].columns
    facilities = facilities_from_site(site) if told else None
    life = life_circle(
        network,
        origins,
        facilities,
        minutes=minutes,
        limits=limits if limits is not None else category_limits(pack),
        profile=profile,
    )
    # Without a site the life circle cannot know what is estimated.
    estimates = tuple(name for name in ("households",) if name in site.estimates)
    starts = isochrone_origins(site)
    areas = None if starts is None else isochrones(network, starts, minutes=minutes, profile=profile)
    notes = [] if areas is not None else [Message("reach.no_gates")]
    if life.unsnapped_households:
        notes.append(Message("reach.off_network", count=life.unsnapped_households))
    if life.islands > 1:
        notes.append(Message("reach.islands", count=life.islands))
    empty = sum(count == 0 for count in life.categories["facilities"])
    if facilities is not None and empty:
        notes.append(Message("reach.none_in_data", count=empty))
    if facilities is None:
        notes.append(Message("reach.no_facilities"))
    if estimates:
        notes.append(Message("reach.estimated"))
    return Reach(
        life=replace(life, estimates=estimates),
        households=origins.index,
        isochrones=areas,
        notes=tuple(notes),
    )
