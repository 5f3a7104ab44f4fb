from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plan.maps.languages import WHOLE, difference

TEXTS = st.text(max_size=3)
DATA = st.recursive(
    TEXTS | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)


def changed(value: Any, change: Any) -> Any:
    """What the page does with a difference; see ``language.js``."""
    if isinstance(change, dict) and WHOLE in change:
        return change[WHOLE]
    if not isinstance(change, dict):
        return change
    for key, part in change.items():
        at = int(key) if isinstance(value, list) else key
        value[at] = changed(value[at], part)
    return value


def test_only_texts_that_differ_are_kept():
    one = {"title": "图", "layers": [{"n": 1, "title": "楼"}, {"n": 2, "title": "B01"}]}
    other = {"title": "map", "layers": [{"n": 1, "title": "buildings"}, {"n": 2, "title": "B01"}]}
    assert difference(one, other) == {"title": "map", "layers": {"0": {"title": "buildings"}}}


def test_lists_of_another_length_are_replaced_as_a_whole():
    assert difference({"u": ["是", "否"]}, {"u": ["yes"]}) == {"u": {WHOLE: ["yes"]}}


def test_the_same_page_needs_nothing():
    assert difference({"a": [1, "x"]}, {"a": [1, "x"]}) is None


@given(one=DATA, other=DATA)
def test_what_differs_makes_one_the_other(one: Any, other: Any) -> None:
    change = difference(one, other)
    assert (change is None and one == other) or changed(copy.deepcopy(one), change) == other
