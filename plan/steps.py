"""The steps of a long job, told one by one with how much of it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plan.messages import Message

__all__ = ["Progress", "Step", "Steps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is being done now."""

    message: Message
    number: int  # of the step, from 1
    of: int  # steps
    done: float  # share of the whole job that lies behind, 0..1, by what its steps usually take


Progress = Callable[[Step], None]


class Steps:
    """The steps of one job, each with the seconds that it usually takes.

    Parameters
    ----------
    seconds : mapping of str to float
        By name of the step, in order.
    tell : callable, optional
        Called when a step begins.
    """

    def __init__(self, seconds: Mapping[str, float], tell: Progress | None) -> None:
        self._seconds = dict(seconds)
        self._tell = tell
        self._begun: set[str] = set()
        self._ended: set[str] = set()

    def begin(self, name: str, message: Message) -> None:
        """Tell that a step begins."""
        self._begun.add(name)
        if self._tell is not None:
            whole = sum(self._seconds.values()) or 1.0
            done = sum(self._seconds[step] for step in self._ended) / whole
            self._tell(
                Step(message=message, number=len(self._begun), of=len(self._seconds), done=min(done, 1.0))
            )

    def end(self, *names: str) -> None:
        """Note that steps have ended."""
        self._begun.update(names)
        self._ended.update(names)
