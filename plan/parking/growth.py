"""Layouts grown aisle by aisle, and grown anew where some aisles were given up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from plan.parking.drafts import Built, Searcher
from plan.parking.kinds import Kinds, kinds_of
from plan.parking.lines import Line
from plan.parking.moves import Mover

__all__ = ["Grower"]

_TRIED: Final = 25  # aisles, of which the best is added
_ROUNDS: Final = 3  # aisles that are added at most where others were given up
_SETTLED: Final = 30  # moves after that
_WINS: Final = 20
_PATIENCE: Final = 2  # times that nothing tried may better a layout


class Grower:
    """A way to layouts for lots that no stack of rows suits."""

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher
        self.random = searcher.random
        self.mover = Mover(searcher)
        spines = searcher.spines()
        self.spines = [spine for spine in spines if len(spine) == 1] or spines
        self.tries, self.wins = 0, 0  # of what was grown anew

    def worth(self) -> float:
        """Return how much growing anew was worth so far: 1 where one in so many tries bettered a layout, or more did."""
        return 1.0 if self.tries < _WINS else min(1.0, max(0.1, _WINS * self.wins / self.tries))

    def grown(self, until: float) -> Built | None:
        """Return a layout grown from a gate, as far as the budget goes."""
        searcher, random = self.searcher, self.random
        kinds = kinds_of(searcher.spec, [*searcher.random_degrees(), *searcher.common])
        lines = list(searcher.stubs())
        if not lines or random.random() < 0.5:  # noqa: PLR2004 - as often
            lines = list(self.spines[int(random.integers(len(self.spines)))])
        state: Built | None = None
        failed = 0
        while failed < _PATIENCE and searcher.clock.share() < until:
            found = self._best(lines, kinds, state)
            if found is None:
                failed += 1
            else:
                state, lines, kinds = found, list(found.lines), found.kinds
        return state

    def regrown(self, built: Built) -> Built | None:
        """Give up an aisle or two near each other, add the best others, and settle what is around."""
        found = self._regrown(built)
        self.tries += 1
        self.wins += int(found is not None and found.score > built.score)
        return found

    def _regrown(self, built: Built) -> Built | None:
        free = [i for i, line in enumerate(built.lines) if not line.from_gate]
        if not free:
            return None
        gone = {int(self.random.choice(free))}
        if len(free) > 2 and self.random.random() < 0.4:  # noqa: PLR2004
            x, y = self.mover.middle(built.lines[min(gone)])
            others = [i for i in free if i not in gone]
            middles = [self.mover.middle(built.lines[i]) for i in others]
            nearest = min(range(len(others)), key=lambda i: math.dist(middles[i], (x, y)))
            gone.add(others[nearest])
        lines, kinds = [line for i, line in enumerate(built.lines) if i not in gone], built.kinds
        state = self.searcher.rebuild(lines, kinds)
        for _ in range(_ROUNDS):
            found = self._best(lines, kinds, state)
            if found is None:
                break
            state, lines, kinds = found, list(found.lines), found.kinds
        if state is None:
            return None
        for _ in range(_SETTLED):
            self.searcher.clock.steps += 1
            moved = self.searcher.rebuild(*self.mover.moved(state), worth=state.count)
            if moved is not None and moved.score >= state.score:
                state = moved
        return state

    def _best(self, lines: Sequence[Line], kinds: Kinds, state: Built | None) -> Built | None:
        """Return the best layout that one more aisle or two, or a move, makes of another; None if none is better."""
        found = state
        for _ in range(_TRIED):
            self.searcher.clock.steps += 1
            if state is not None and self.random.random() < 0.3:  # noqa: PLR2004
                changed, kinds_then = self.mover.moved(state)
            else:
                more = 1 + int(self.random.random() < 0.3)  # noqa: PLR2004
                changed = [*lines, *(self.mover.new(lines or self.spines[0], kinds) for _ in range(more))]
                kinds_then = kinds
            built = self.searcher.rebuild(changed, kinds_then, worth=0 if found is None else found.count)
            if built is not None and (found is None or built.score > found.score):
                found = built
        return None if found is state else found
