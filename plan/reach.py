"""What a site's households reach on foot, as the command and the hearing package say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from plan.access import (
    DRAWS,
    MINUTES,
    NEAR_LIMIT,
    SPEED_VARIATION,
    Completeness,
    LifeCircle,
    SpeedComparison,
    best_sites,
    blind_spots,
    compare_speeds,
    compared_speed,
    completeness,
    default_speeds,
    facilities_from_site,
    first_spot,
    isochrones,
    life_circle,
    near_limit,
    origins_from_site,
    paces,
    robustness,
    site_candidates,
)
from plan.access.circle import searched_min
from plan.access.people import People
from plan.categories import CATEGORIES
from plan.crs import to_wgs84
from plan.glance import frame_html, heading_html
from plan.messages import Bilingual, Message, translate
from plan.network import WalkNetwork
from plan.network.islands import adrift
from plan.network.search import geometries
from plan.rules import RulePack
from plan.rules.kinds import LifeCircle as LifeCircleRule
from plan.rules.kinds import Reach as ReachRule
from plan.site import Site

__all__ = [
    "Reach",
    "category_limits",
    "category_title",
    "isochrone_origins",
    "profile_title",
    "reach_site",
    "target_shares",
    "walking_network",
]

# Problems of a network that a reader of walk times must know: hours, private ways, slopes, terrain.
_TOLD: Final = ("PLAN-NET-007", "PLAN-NET-008", "PLAN-NET-009", "PLAN-NET-010", "PLAN-DEM")
_NAMED_WAYS: Final = 5  # ways written out in a sentence
_DEGREES: Final = 6  # decimals of a degree in JSON: 0.1 m


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reach:
    """The life circle of a site: its parts, what is missing and where, how sure it is, and its isochrones."""

    life: LifeCircle
    complete: Completeness
    blind_spots: gpd.GeoDataFrame  # see plan.access.blind_spots
    missing: (
        gpd.GeoDataFrame
    )  # the best site for each category that is gone without; see plan.access.best_sites
    near_limit: pd.DataFrame  # households near a limit; see plan.access.near_limit
    robustness: pd.DataFrame  # what other speeds would change; see plan.access.robustness
    seed: int  # of the draws
    other_speed: (
        SpeedComparison | None
    )  # the other figure in use for the speed; None where the pack names none
    households: pd.Index[Any]  # every household, reached or not
    isochrones: gpd.GeoDataFrame | None  # origin, minutes, geometry; None where a site has no origin for them
    notes: tuple[Message, ...]

    def _repr_html_(self) -> str:
        """Show who reaches what in a notebook; every text is escaped."""
        columns = [
            "category",
            "facilities",
            "limit_min",
            "households",
            "served",
            "share",
            "median_min",
            "p90_min",
        ]
        count = Message("glance.households", count=len(self.households))
        return heading_html(count) + frame_html(self.life.categories[columns], rows=60)

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
        """Return the layers for a file.

        Returns
        -------
        dict of str to GeoDataFrame
            ``walk_times`` (origin_id, category, facility_id, walk_min), ``near_limit``, ``isochrones``,
            ``blind_spots`` and ``best_sites``; the last three only where there are any.
        """
        times = self.life.times
        crs = self.isochrones.crs if self.isochrones is not None else None
        found = {"walk_times": gpd.GeoDataFrame(times, geometry=[None] * len(times), crs=crs)}
        near = self.near_limit
        found["near_limit"] = gpd.GeoDataFrame(near, geometry=[None] * len(near), crs=crs)
        if self.isochrones is not None:
            found["isochrones"] = self.isochrones
        for name, frame in (("blind_spots", self.blind_spots), ("best_sites", self.missing)):
            if len(frame):
                found[name] = _typed(frame)
        return found

    def blind_spot(self) -> str | None:
        """Return the category whose blind spots a map shows first; see :func:`plan.access.first_spot`."""
        return first_spot(self.blind_spots, self.missing)

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
            "groups": _records(life.groups),
            "completeness": {
                "weights": "equal",
                "tiers": self.complete.rows(),
                "absent": list(self.complete.absent),
            },
            "near_limit": {"within_share": NEAR_LIMIT, "categories": self._near()},
            "robustness": {
                "draws": DRAWS,
                "seed": self.seed,
                "distribution": "lognormal",
                "variation": SPEED_VARIATION,
                "categories": _records(self.robustness),
            },
            "at_other_speed": self._at_other_speed(),
            "blind_spots": _records(pd.DataFrame(self.blind_spots.drop(columns="geometry"))),
            "missing": self.missing_rows(),
            "notes": [translate(note, lang) for note in self.notes],
        }

    def _at_other_speed(self) -> dict[str, Any] | None:
        other = self.other_speed
        if other is None:
            return None
        return {"m_per_min": other.other_m_per_min, "categories": other.rows()}

    def _near(self) -> list[dict[str, Any]]:
        """Return by category how many households are near the limit, and in which buildings."""
        near, doors = self.near_limit, self.life.origins
        owner = doors["building_id"] if "building_id" in doors.columns else pd.Series(None, index=doors.index)
        return [
            {
                "category": category,
                "limit_min": float(those["limit_min"].iloc[0]),
                "households": int(those["households"].sum()),
                "served": int(those.loc[those["served"].astype(bool), "households"].sum()),
                "buildings": sorted({str(b) for b in owner.loc[those["origin_id"]] if isinstance(b, str)}),
            }
            for category, those in near.groupby("category", sort=True)
        ]

    def missing_rows(self) -> list[dict[str, Any]]:
        """Return the best sites as plain dictionaries, with their place in degrees (lon, lat)."""
        if self.missing.empty:
            return []
        places = to_wgs84(self.missing).geometry
        rows = _records(pd.DataFrame(self.missing.drop(columns="geometry")))
        return [
            {
                **row,
                "lon": None if place is None else round(place.x, _DEGREES),
                "lat": None if place is None else round(place.y, _DEGREES),
            }
            for row, place in zip(rows, places, strict=True)
        ]


def profile_title(profile: str) -> str:
    """Return how a profile of walkers is called; an unknown one by itself."""
    known = {
        "adult": ("成年人", "adults"),
        "elderly": ("老年人", "elderly people"),
        "child": ("有人带领的儿童", "children with an adult"),
        "stroller": ("推婴儿车者", "people with a stroller"),
        "wheelchair": ("乘轮椅者", "people in wheelchairs"),
    }
    return Bilingual(*known[profile]) if profile in known else profile


def category_title(category: str) -> str:
    """Return how a category is called, in both languages; an unknown one by itself."""
    known = CATEGORIES.get(category)
    return Bilingual(known.zh, known.en) if known else category


def category_limits(pack: RulePack) -> dict[str, float]:
    """Return the minutes within which a pack counts each category as reached."""
    return {rule.kind.category: rule.kind.limit_min for rule in pack.settings("category_limit")}  # type: ignore[attr-defined]


def target_shares(pack: RulePack) -> dict[str, float]:
    """Return the share of households that must reach a category, where a rule of a pack asks for one in minutes."""
    shares: dict[str, float] = {}
    for rule in pack.judged():
        kind = rule.kind
        in_minutes = isinstance(kind, LifeCircleRule) or (
            isinstance(kind, ReachRule) and kind.within_min is not None
        )
        if in_minutes and isinstance(kind, LifeCircleRule | ReachRule):
            for category in kind.categories:
                shares[category] = max(kind.minimum_share, shares.get(category, 0.0))
    return shares


def walking_network(
    site: Site, pack: RulePack, *, dem: Path | str | None = None, at: str | None = None
) -> WalkNetwork:
    """Return the walking network of a site for people who walk as a pack says.

    Parameters
    ----------
    site : Site
        With ``walkways``.
    pack : RulePack
        With settings of the kind ``walk_speed``.
    dem : path-like, optional
        A raster of heights; see :meth:`plan.network.WalkNetwork.with_terrain`.
    at : str, optional
        Time of day, ``HH:MM``, at which a gate must be open.

    Returns
    -------
    WalkNetwork
        The network.
    """
    # A pack without speeds leaves them to the national one.
    return WalkNetwork.from_site(site, speeds=paces(pack) or None, dem=dem, at=at)


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
    target_share: float | None = None,
    seed: int = 0,
    client: Any = None,  # noqa: ANN401 - a distributed.Client; the package is optional
) -> Reach:
    """Compute the life circle of a site, what it lacks and how sure that is, and the isochrones of its gates.

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
    target_share : float, optional
        Share of households, 0..1, below which a category fails when speeds are drawn; by default what a rule of the
        pack asks for in minutes, else 1: every household.
    seed : int, default 0
        Of the draws of speeds.
    client : distributed.Client, optional
        A Dask cluster that computes the walk times to the facilities, up to twice the largest limit.

    Returns
    -------
    Reach
        Shares by category, times by household, what is missing and where, isochrones.
    """
    network = network if network is not None else walking_network(site, pack)
    if network.speeds is None:
        network = network.with_speeds(default_speeds())
    origins = origins_from_site(site)
    # Facilities of which it is not written what they are tell as little as none.
    told = site.has("facilities") and "category" in site.layers["facilities"].columns
    facilities = facilities_from_site(site) if told else None
    limits = limits if limits is not None else category_limits(pack)
    life = life_circle(
        network, origins, facilities, minutes=minutes, limits=limits, profile=profile, client=client
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
        alone, ways = adrift(network, network.snap(geometries(origins, network)))
        if alone.any():
            count = int(People.of(origins).households[alone].sum())
            notes.append(Message("reach.adrift", count=count, ways=ways[:_NAMED_WAYS]))
    empty = sum(count == 0 for count in life.categories["facilities"])
    if facilities is not None and empty:
        notes.append(Message("reach.none_in_data", count=empty))
    if facilities is None:
        notes.append(Message("reach.no_facilities"))
    else:
        notes += _facilities_lost(site, life)
    if client is not None:
        notes.append(Message("parts.bounded", bound=f"{searched_min(minutes, limits):g}"))
    notes += [
        Message(f"reach.untold_{row['group']}", count=int(row["untold"]))
        for row in life.groups.to_dict("records")
        if row["untold"]
    ]
    if estimates:
        notes.append(Message("reach.estimated"))
    notes += [problem.message for problem in network.problems if problem.id.startswith(_TOLD)]  # type: ignore[misc]
    no_steps, too_steep = network.barred(network.pace(profile))
    if no_steps.any() or too_steep.any():
        notes.append(Message("reach.barred", steps=int(no_steps.sum()), steep=int(too_steep.sum())))
    other = compared_speed(pack, profile)
    outlines = site.layer("buildings").set_index("building_id").geometry if site.has("buildings") else None
    candidates = site_candidates(site, network, homes=origins.geometry)
    return Reach(
        life=replace(life, estimates=estimates),
        complete=completeness(life),
        blind_spots=blind_spots(life, outlines),
        missing=best_sites(network, life, candidates),
        near_limit=near_limit(life),
        robustness=robustness(
            life, target_share=target_shares(pack) if target_share is None else target_share, seed=seed
        ),
        seed=seed,
        other_speed=None
        if other is None
        else compare_speeds(
            network,
            origins,
            facilities,
            other_m_per_min=other,
            minutes=minutes,
            limits=limits,
            profile=profile,
            life=life,
            client=client,
        ),
        households=origins.index,
        isochrones=areas,
        notes=tuple(notes),
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain dictionaries, None where there is nothing."""
    rows = frame.astype(object).to_dict("records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of a table
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _typed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a frame whose columns of numbers are numbers, as files want them."""
    table = pd.DataFrame(frame.drop(columns="geometry")).convert_dtypes()
    return gpd.GeoDataFrame(table, geometry=frame.geometry, crs=frame.crs)


def _facilities_lost(site: Site, life: LifeCircle) -> list[Message]:
    """Tell the facilities that serve nobody because of how they are drawn or named."""
    silent = int(site.layer("facilities")["category"].isna().sum())
    lost = {"facilities_off": life.unsnapped_facilities, "facilities_silent": silent}
    return [Message(f"reach.{key}", count=count) for key, count in lost.items() if count]
