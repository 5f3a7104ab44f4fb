"""What is wrong with a submission: what its files and layers say, and what shows only when ways become a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from plan.errors import MissingLayerError
from plan.findings import Problem
from plan.messages import Message
from plan.network import WalkNetwork
from plan.readers import Inspection, inspect_sources
from plan.readers.assemble import Judged
from plan.readers.cad import Units
from plan.readers.sources import Source
from plan.site import Site

__all__ = ["examine"]

_NETWORK: Final = ("walkways", "barriers", "entrances", "parcels", "buildings")  # what a network is made of


def examine(
    paths: Source | Sequence[Source],
    *,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: Sequence[str] | None = None,
    units: Units | None = None,
    shifted: str | Sequence[str] | None = None,
) -> Inspection:
    """Say what files hold and what is wrong with them, their walking network too; never raises for what they hold.

    Parameters
    ----------
    paths, crs, encoding, mapping, units, shifted
        As for :func:`plan.readers.read_site`.

    Returns
    -------
    Inspection
        Files, layers and problems: those of the readers, then islands, near misses and walls in the way of the network.

    Raises
    ------
    UsageError
        If an option makes no sense.
    CrsError
        If PROJ does not know ``crs``.
    """
    seen = inspect_sources(paths, crs=crs, encoding=encoding, mapping=mapping, units=units, shifted=shifted)
    place = next((layer.path for layer in seen.layers if layer.name == "walkways"), "")
    told = tuple(replace(p, path=p.path or place) for p in _of_network(seen.judged))
    return replace(seen, problems=seen.problems + told)


def _of_network(judged: Judged) -> tuple[Problem, ...]:
    layers = {name: judged.layers[name] for name in _NETWORK if name in judged.layers}
    if "walkways" not in layers:
        return ()
    try:
        return WalkNetwork.from_site(Site(name="walkways", layers=layers, crs=judged.crs)).problems
    except MissingLayerError as error:  # none is drawn and open
        told = Problem(
            id="PLAN-NET-011",
            severity="warning",
            effect="degraded",
            layer="walkways",
            message=error.message,
            cure=Message("network.no_walkways_cure"),
        )
        return (told,)
