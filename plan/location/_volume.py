"""The volume algorithm, by which the bounds of location problems climb: along averages of subgradients.

Of every solution of the relaxed problem there is a subgradient: what each demand lacks. The mean of all so far says
where to go with the prices (Barahona and Anbil 2000), and how long a step is depends on whether it helped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plan.jit import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["CLOSED", "FREE", "OPEN", "average", "move", "next_step"]

# What a branch of the search has decided about a site.
FREE = 0
OPEN = 1
CLOSED = 2


@compiled
def average(mean: Floats, gradient: Floats) -> tuple[float, float, float]:
    """Blend a subgradient into the mean, so that it becomes as short as it can within limits.

    Parameters
    ----------
    mean : array of float, demands
        Of the subgradients so far, zeros before the first one; changed.
    gradient : array of float, demands
        What each demand lacks now.

    Returns
    -------
    part, product, norm : float
        The weight of the new one, 1 for the first; the product of both before, which tells whether they agree; and the
        squared length of the mean that came of it.
    """
    product, new, old = 0.0, 0.0, 0.0
    for i in range(len(mean)):
        product += gradient[i] * mean[i]
        new += gradient[i] * gradient[i]
        old += mean[i] * mean[i]
    part = 1.0
    if old > 0.0:
        length = new - 2.0 * product + old
        part = (old - product) / length if length > 0.0 else 0.1
        part = min(max(part, 0.01), 0.1)
    norm = 0.0
    for i in range(len(mean)):
        mean[i] = part * gradient[i] + (1.0 - part) * mean[i]
        norm += mean[i] * mean[i]
    return part, product, norm


@compiled
def next_step(step: float, idle: int, product: float) -> tuple[float, int]:
    """Return the length of the next step, and how many in a row did not help: longer after one that did, shorter after 20.

    Parameters
    ----------
    step : float
        As a share of the gap to the target.
    idle : int
        Steps in a row that did not raise the bound; 0 where the last one did.
    product : float
        Of the last subgradient and the mean, as :func:`average` returns it.
    """
    if idle == 0 and product >= 0.0:
        return min(step * 1.1, 2.0), 0
    if idle >= 20:
        return step * 0.66, 0
    return step, idle


@compiled
def move(trial: Floats, price: Floats, mean: Floats, length: float) -> None:
    """Write the prices that are tried next: the best ones, and so far along the mean."""
    for i in range(len(trial)):
        trial[i] = price[i] + length * mean[i]
