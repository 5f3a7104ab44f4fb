"""What the tool proposes for an estate: each kind of proposal with what it sees and how it is drawn into the site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plan.access.gates import place_gates, with_placed_gates
from plan.errors import MissingLayerError, UsageError
from plan.messages import Bilingual
from plan.parking.scenarios import with_placed_stalls
from plan.reach import walking_network
from plan.retrofit import Paying, retrofit_estate, with_placed_elevators
from plan.rooms import place_rooms
from plan.rules import RulePack
from plan.schema import LAYERS
from plan.site import Placement, Site
from plan.stalls import park_estate

if TYPE_CHECKING:
    from plan.network import WalkNetwork

__all__ = ["PROPOSERS", "Proposer", "Request", "drawn", "proposed_for", "title_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user wants of the proposals."""

    near_gate_m: float | None = None  # metres of walking that count as near a main gate
    also: tuple[str, ...] | None = (
        None  # of PROPOSERS what is proposed beside the rooms; None: see `proposed_for`
    )
    profile: str = "adult"  # who walks
    dem: Path | str | None = None  # a raster of heights under the walkways
    paying: Paying | None = None  # what an elevator costs and who pays; None: nothing is shared out


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposer:
    """One kind of proposal."""

    propose: Callable[[Site, RulePack, WalkNetwork | None, Request], Placement]
    sees: tuple[str, ...]  # what it is drawn onto, of the proposals before it
    needs: tuple[str, ...]  # layers without which it is not proposed unasked
    seconds: float  # that it usually takes: for showing how much is left
    draw: Callable[[Site, Placement], Site] | None = None  # where a proposal is more than one layer
    title: str | None = None  # where it is no layer
    long: bool = False  # worth a process of its own


def _rooms(site: Site, pack: RulePack, network: WalkNetwork | None, request: Request) -> Placement:
    return place_rooms(site, pack=pack, network=network, near_gate_m=request.near_gate_m)


def _gates(site: Site, pack: RulePack, network: WalkNetwork | None, request: Request) -> Placement:
    del network  # each gate makes another
    build = partial(walking_network, pack=pack, dem=request.dem)
    return place_gates(site, pack=pack, profile=request.profile, build=build)


def _stalls(site: Site, pack: RulePack, network: WalkNetwork | None, request: Request) -> Placement:
    del network  # another process makes its own, and the same
    try:
        walked = walking_network(site, pack, dem=request.dem)
    except (MissingLayerError, UsageError):
        walked = None  # the parking then says itself what it lacks
    return park_estate(site, pack, network=walked, compare=False).placement()


def _elevators(site: Site, pack: RulePack, network: WalkNetwork | None, request: Request) -> Placement:
    del network
    return retrofit_estate(site, pack, paying=request.paying).placement()


# What the tool proposes, in the order in which it is drawn. A new kind of proposal is one more entry here; nothing else
# knows which there are. Openings in walls are for people on foot: where cars drive and stand they change nothing.
PROPOSERS: Final[Mapping[str, Proposer]] = {
    "rooms": Proposer(propose=_rooms, sees=(), needs=(), seconds=1),
    "gates": Proposer(
        propose=_gates,
        sees=("rooms",),
        needs=("barriers", "households", "walkways", "facilities"),
        seconds=14,
        draw=with_placed_gates,
        title=Bilingual("围墙开门", "gates in walls"),
    ),
    "stalls": Proposer(
        propose=_stalls,
        sees=("rooms",),
        needs=("parcels", "buildings"),
        seconds=45,
        draw=with_placed_stalls,
        long=True,
    ),
    "elevators": Proposer(
        propose=_elevators,
        sees=("rooms", "gates", "stalls"),
        needs=("buildings", "entrances"),
        seconds=6,
        draw=with_placed_elevators,
    ),
}


def proposed_for(site: Site, also: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return what is proposed for a site, in the order in which it is drawn.

    Parameters
    ----------
    site : Site
        As it is.
    also : tuple of str or None
        What is asked for beside the rooms. None: for an estate that stands already, everything that its layers allow;
        for a new one nothing, because its designers draw the rest themselves.

    Returns
    -------
    tuple of str
        Of :data:`PROPOSERS`.
    """
    if also is None:
        stands = _stands(site)
        also = tuple(name for name, one in PROPOSERS.items() if stands and all(map(site.has, one.needs)))
    return tuple(name for name in PROPOSERS if name == "rooms" or name in also)


def drawn(site: Site, name: str, placed: Placement) -> Site:
    """Draw a proposal into a site."""
    draw = PROPOSERS[name].draw
    return draw(site, placed) if draw else site.with_layer(name, placed.features)


def title_of(name: str) -> str:
    """Return how a proposal is called."""
    return PROPOSERS[name].title or Bilingual(LAYERS[name].zh, name)


def _stands(site: Site) -> bool:
    """Tell whether the site is one estate that stands: all its parcels say so. Nothing said is not taken for yes."""
    parcels = site.layers.get("parcels")
    if parcels is None or "status" not in parcels or not site.is_estate:
        return False
    estates = parcels["estate_id"].dropna().nunique() if "estate_id" in parcels else 0
    return bool((parcels["status"] == "existing").all()) and estates <= 1
