"""The second language of a page: only the texts that differ, so that one button changes them all."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["WHOLE", "difference"]

# Under this key stands what replaces a list or a table as a whole, where its parts do not match.
WHOLE: Final = "="
# Coordinates and figures are the same in every language; looking at each of a million of them is not needed.
_SAME: Final = frozenset({"g", "radii", "widths", "min", "ids"})


def difference(one: Any, other: Any) -> Any:  # noqa: ANN401 - plain data of any depth
    """Return what must be changed in plain data to make it the other; None where nothing must.

    Parameters
    ----------
    one, other : plain data
        The same page in two languages.

    Returns
    -------
    plain data
        A text where a text differs; a mapping from the key or the position to the difference of the part; or
        ``{"=": …}``, which replaces the part as a whole.

    Examples
    --------
    >>> difference({"title": "图", "n": [1, 2]}, {"title": "map", "n": [1, 2]})
    {'title': 'map'}
    >>> difference({"u": ["是", "否"], "v": [0]}, {"u": ["yes"], "v": [0]})
    {'u': {'=': ['yes']}}
    """
    if one == other:
        return None
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs: list[tuple[str, Any, Any]] = [(key, one[key], other[key]) for key in one if key not in _SAME]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(str(i), a, b) for i, (a, b) in enumerate(zip(one, other, strict=True))]
    else:
        return other if isinstance(other, str) else {WHOLE: other}
    return {key: found for key, a, b in pairs if (found := difference(a, b)) is not None} or None
