"""Gathering problems: all of them at once, each with its place and its cure."""

from __future__ import annotations

from collections.abc import Iterable

from plan.findings import Effect, Problem, Severity
from plan.messages import Message

__all__ = ["ProblemList"]


class ProblemList:
    """The problems of a file or a layer while they are gathered.

    Parameters
    ----------
    path : str
        The file, as the user named it.
    layer : str
        The layer in it.
    """

    def __init__(self, *, path: str = "", layer: str = "") -> None:
        self.path = path
        self.layer = layer
        self._found: list[Problem] = []

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What has been gathered, in the order found."""
        return tuple(self._found)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note problems that were gathered elsewhere."""
        self._found += problems

    def add(
        self,
        problem_id: str,
        severity: Severity,
        effect: Effect,
        message: Message,
        *,
        column: str = "",
        rows: Iterable[int] = (),
        features: Iterable[str] = (),
    ) -> None:
        """Note a problem.

        Parameters
        ----------
        problem_id : str
            Stable, such as ``PLAN-GEOM-001``.
        severity : {"error", "warning", "info"}
            How bad it is.
        effect : {"refused", "degraded", "repaired", "noted"}
            What the reader did about it.
        message : Message
            What is wrong. The cure is the text of the same key with ``_cure`` behind it.
        column : str, optional
            The column.
        rows : iterable of int, optional
            1-based rows.
        features : iterable of str, optional
            Ids of the rows.
        """
        places = tuple(int(row) for row in rows)
        told = message.params.get("rows")
        if isinstance(told, tuple) and told and told == places[: len(told)] and len(told) < len(places):
            # A message lists some of the rows; that there are others it must not hide.
            message = Message(message.key, **{**message.params, "rows": (*told, "…")})
        self._found.append(
            Problem(
                id=problem_id,
                severity=severity,
                effect=effect,
                message=message,
                cure=Message(f"{message.key}_cure", **message.params),
                path=self.path,
                layer=self.layer,
                column=column,
                rows=places,
                features=tuple(str(item) for item in features),
            )
        )
