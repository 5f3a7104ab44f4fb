"""HiGHS without its greetings: the solver that choices go to, as a library would use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import highspy

__all__ = ["quiet_solver"]


def quiet_solver(**options: bool | float | str) -> highspy.Highs:
    """Return a solver that prints nothing, not even its name.

    Parameters
    ----------
    **options : bool, float or str
        Options of HiGHS. One thread and a fixed seed are the default, so that the same input gives the same answer.

    Returns
    -------
    highspy.Highs
        Ready for a model.
    """
    import highspy  # noqa: PLC0415 - a solver is loaded where it is used

    class Quiet(highspy.Highs):
        # The constructor greets unless its first call turns the output off.
        def enableCallbacks(self) -> None:  # noqa: N802 - the solver's name for it
            self.setOptionValue("output_flag", False)  # noqa: FBT003

    solver = Quiet()  # type: ignore[no-untyped-call]
    for option, value in {"output_flag": False, "threads": 1, "random_seed": 1, **options}.items():
        solver.setOptionValue(option, value)
    return solver
