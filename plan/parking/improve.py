"""The search for a layout: drafts tried by what they promise, the best ones built, proven and bettered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from plan.parking.drafts import Built, Clock, Plan, Searcher
from plan.parking.growth import Grower
from plan.parking.kinds import kinds_of
from plan.parking.lines import Line
from plan.site import Placement

__all__ = ["search"]

_COARSE_M: Final = 0.5
_FINE_M: Final = 0.1
_PLANS: Final = 0.4  # share of the budget for plans; the rest betters what was built
_FIRST: Final = 5  # of so many plans one is proven, until there is an answer
_PROOFS: Final = 0.035  # share of the budget after which the best is proven
_GROWN: Final = 0.1  # share of the budget for layouts grown aisle by aisle
_FIRST_PLANS: Final = 0.2  # share of the budget after which plans are held against them
_DRAWN: Final = 4  # of them kept
_REGROWN: Final = 0.01  # share of moves for which some aisles are given up, and others grown
_STATES: Final = 6  # layouts that are bettered side by side
_POOL: Final = 16  # plans that are bettered side by side


def search(
    searcher: Searcher, earlier: Sequence[tuple[Sequence[Line], Sequence[float]]] = ()
) -> Placement | None:
    """Search until the budget is over, from earlier lines too; return the best layout proven, if any."""
    starts = [*earlier, *((lines, searcher.common) for lines in searcher.spines())]
    plain = []
    for lines, degrees in starts:
        built = searcher.rebuild(lines, kinds_of(searcher.spec, [*degrees, *searcher.common]))
        if built is not None:
            kept = searcher.keep(built)
            plain += [kept] if kept.doubts < kept.count else []
    # What was there before is followed in any case, of the plain ones the best.
    states = sorted(plain[len(earlier) :], key=lambda b: b.doubts - b.count)[:1] + plain[: len(earlier)]
    grower = Grower(searcher)
    sketches = _grown(grower, searcher.clock, _GROWN)
    most = max((built.count for built in sketches), default=0)
    states += _planned(searcher, most)
    # Where plans fall short of what grows, more is grown.
    sketches += _grown(grower, searcher.clock, _PLANS)
    sketches = sorted(sketches, key=lambda b: -b.score)[:_DRAWN]
    states += [kept for built in sketches if (kept := searcher.keep(built)).doubts < kept.count]
    states.sort(key=lambda b: b.doubts - b.count)
    states = _better(searcher, grower, states)
    for built in sorted(states, key=lambda b: b.doubts - b.count):
        searcher.keep(built)
    _tidied(searcher)
    return searcher.best


def _tidied(searcher: Searcher) -> None:
    """Give up aisles of the best layout without which as many stalls stand."""
    number = 0
    while searcher.proven_best is not None and number < len(searcher.proven_best.lines):
        best = searcher.proven_best
        lines = [line for i, line in enumerate(best.lines) if i != number]
        fewer = searcher.rebuild(lines, best.kinds)
        if fewer is None or fewer.count < best.count or not searcher.replaced(fewer):
            number += 1


def _grown(grower: Grower, clock: Clock, until: float) -> list[Built]:
    """Grow layouts until so much of the budget is spent, and return the best."""
    best: list[Built] = []
    while clock.share() < until and grower.spines:
        clock.steps += 1
        built = grower.grown(until)
        if built is not None:
            best.append(built)
            best.sort(key=lambda b: -b.score)
            del best[_DRAWN:]
    return best


def _planned(searcher: Searcher, grown: int) -> list[Built]:  # noqa: C901, PLR0912 - one loop, two halves
    """Try plans, better the most different of the best ones side by side, and return layouts that are proven.

    Where they do not reach as many stalls as were grown, they are given up earlier.
    """
    clock = searcher.clock
    plans = searcher.first_plans()
    pool: dict[tuple[int, int, bool], tuple[int, Plan, Built]] = {}
    lines_of_descent: list[tuple[int, Plan, Built]] = []
    while clock.share() < _PLANS:
        share = clock.share()
        if share > _FIRST_PLANS and grown > max((count for count, _, _ in pool.values()), default=0):
            break
        clock.steps += 1
        first = share < _GROWN + (_PLANS - _GROWN) / 2 or not pool
        k = 0
        if first:
            plan = next(plans)
            most = max((count for count, _, _ in pool.values()), default=0)
            floor = 0.7 * most
        else:
            if not lines_of_descent:
                lines_of_descent = sorted(pool.values(), key=lambda p: -p[0])[:_POOL]
            # The further the search is, the fewer are followed.
            left = (_PLANS - share) / (_PLANS - _GROWN) * 2
            k = int(searcher.random.integers(max(_STATES, round(left * len(lines_of_descent)))))
            k = min(k, len(lines_of_descent) - 1)
            floor, parent, _ = lines_of_descent[k]
            plan = searcher.changed(parent)
        promised, lines = searcher.promise(plan, _COARSE_M if share < 0.75 * _PLANS else _FINE_M)
        if not lines or promised < 0.85 * floor:
            continue
        built = searcher.build(lines, plan.degrees)
        if built is None:
            continue
        if searcher.best is None and clock.steps % _FIRST == 0:
            built = searcher.keep(built)  # an answer early, whatever it is
            if built.doubts == built.count:
                continue
        if first:
            key = (round(math.degrees(plan.angle) % 180 / 10), round(plan.degrees[0] / 10), bool(plan.stubs))
            if key not in pool or built.count > pool[key][0]:
                pool[key] = (built.count, plan, built)
        elif built.count >= floor:
            lines_of_descent[k] = (built.count, plan, built)
            if built.count > floor:
                lines_of_descent.sort(key=lambda p: -p[0])
    found: list[Built] = []
    for _, _, built in lines_of_descent or sorted(pool.values(), key=lambda p: -p[0]):
        if len(found) == _STATES:
            break
        # All are held against the proof, not only those better than the best: what falls is not worth moving about.
        kept = searcher.keep(built)
        if kept.doubts < kept.count:
            found.append(kept)
    return found


def _better(searcher: Searcher, grower: Grower, states: list[Built]) -> list[Built]:
    """Move the lines of the best layouts about, and keep what stands no worse; in the end follow the best alone.

    The proof takes as long as many moves: the best is proven now and then, and what falls with it is given up.
    """
    clock, mover = searcher.clock, grower.mover
    due = _PLANS + _PROOFS
    plans = searcher.first_plans()
    while clock.share() < 1.0:
        clock.steps += 1
        share = clock.share()
        if not states:
            # Nothing stood the proof so far.
            plan = next(plans)
            promised, lines = searcher.promise(plan, _COARSE_M)
            fresh = searcher.build(lines, plan.degrees) if promised else None
            fresh = None if fresh is None else searcher.keep(fresh)
            states = [fresh] if fresh is not None and fresh.doubts < fresh.count else []
            continue
        left = max(0.0, (1.0 - share) / (1.0 - _PLANS))
        if share >= due:
            due += _PROOFS
            k = min(range(len(states)), key=lambda i: states[i].doubts - states[i].count)
            states[k] = searcher.keep(states[k])
            # What falls gives way to what stood.
            kept = (b if b.doubts < b.count else searcher.proven_best for b in states)
            states = [b for b in kept if b is not None]
            states.sort(key=lambda b: b.doubts - b.count)
            continue
        k = int(searcher.random.integers(max(1, round(left * left * len(states)))))
        state = states[k]
        if searcher.random.random() < _REGROWN * grower.worth():
            built = grower.regrown(state)
        else:
            built = searcher.rebuild(*mover.moved(state), worth=state.count - 1)
        if built is None:
            continue
        worse = state.score - built.score
        if worse <= 0 or searcher.random.random() < math.exp(-worse / max(0.5 * left, 1e-9)):
            # What is doubtful of a layout mostly stays so when one thing of it is moved.
            states[k] = replace(built, doubts=min(state.doubts, built.count - 1))
    return states
