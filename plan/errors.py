"""Every error that a caller may want to catch, in one tree.

::

    PlanError
    ├── InputError          (ValueError)  a file or a layer cannot be used
    │   ├── CrsError                      coordinates without a usable reference system
    │   └── MissingLayerError (KeyError)  a layer that the work needs is absent
    ├── RulePackError       (ValueError)  a rule pack is not written as it should be
    ├── UsageError          (ValueError)  an option or argument makes no sense
    ├── UnavailableError    (RuntimeError) something outside is missing: the internet, a package
    └── OutputError         (OSError)     a result cannot be written

An error says what is wrong, where, and what to do next. Its message is usually a
:class:`plan.messages.Message`, which reads as Chinese and can be rendered in English.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "CrsError",
    "InputError",
    "MissingLayerError",
    "OutputError",
    "PlanError",
    "RulePackError",
    "UnavailableError",
    "UsageError",
]


class PlanError(Exception):
    """Root of all errors that this package raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong and what to do next; usually a :class:`plan.messages.Message`.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class InputError(PlanError, ValueError):
    """A file or a layer cannot be used as it is.

    Parameters
    ----------
    message : str
        The headline.
    problems : iterable of plan.findings.Problem, optional
        Every problem found, all of them at once, each with its place and its cure.
    """

    def __init__(self, message: str, problems: Iterable[object] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type[InputError], tuple[str, tuple[object, ...]]]:
        return type(self), (self.message, self.problems)


class CrsError(InputError):
    """Coordinates have no usable reference system."""


class MissingLayerError(InputError, KeyError):
    """A layer that the work needs is absent; absent is not empty."""


class RulePackError(PlanError, ValueError):
    """A rule pack is not written as it should be.

    Parameters
    ----------
    message : str
        What is wrong.
    path : str, optional
        Where in the pack, such as ``rule[3].params``; it grows on the way up.
    rule, file : str, optional
        The id of the rule and the file, where they are known.
    others : iterable of RulePackError, optional
        Mistakes of other rules of the pack.
    """

    def __init__(
        self,
        message: str,
        path: str = "",
        rule: str = "",
        file: str = "",
        others: Iterable[RulePackError] = (),
    ) -> None:
        super().__init__(message)
        self.path = path
        self.rule = rule
        self.file = file
        self.others = tuple(others)

    def within(self, parent: str) -> RulePackError:
        """Return the same error seen from one level further out."""
        joined = parent if not self.path else f"{parent}{'' if self.path.startswith('[') else '.'}{self.path}"
        return RulePackError(self.message, joined, self.rule, self.file, self.others)

    def of_rule(self, rule: str) -> RulePackError:
        """Return the same error with the id of its rule."""
        return RulePackError(self.message, self.path, rule, self.file, self.others)

    def of_file(self, file: str) -> RulePackError:
        """Return the same error, and the others that it carries, with the file that they are in."""
        others = tuple(other.of_file(file) for other in self.others)
        return RulePackError(self.message, self.path, self.rule, file, others)

    def with_others(self, others: Iterable[RulePackError]) -> RulePackError:
        """Return the same error with those of other rules."""
        return RulePackError(self.message, self.path, self.rule, self.file, others)

    @property
    def place(self) -> str:
        """File, rule and path, as far as they are known: ``my.toml · A-01 · rule[0].params``."""
        return " · ".join(part for part in (self.file, self.rule, self.path) if part)

    def __reduce__(self) -> tuple[type[RulePackError], tuple[object, ...]]:
        return type(self), (self.message, self.path, self.rule, self.file, self.others)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else str(self.message)


class UsageError(PlanError, ValueError):
    """An option or an argument makes no sense."""


class UnavailableError(PlanError, RuntimeError):
    """Something outside this package is missing: the internet, an optional package, a browser."""


class OutputError(PlanError, OSError):
    """A result cannot be written where it was asked for."""
