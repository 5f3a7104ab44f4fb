"""References are taken for the one id that reads like them, and for no other."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.likeness import loose_key, loose_keys, name_key
from plan.readers.matching import match_references


def matched(ids, refs, **names):
    houses = gpd.GeoDataFrame({"building_id": ids, **names}, geometry=[None] * len(ids))
    homes = gpd.GeoDataFrame({"building_id": pd.Series(refs, dtype=object)}, geometry=[None] * len(refs))
    out, problems = match_references({"buildings": houses, "households": homes}, paths={})
    return out["households"]["building_id"].tolist(), [(p.id, p.effect, p.rows) for p in problems]


@pytest.mark.parametrize(
    ("one", "ref"),
    [
        ("B01", "Ｂ０１"), ("B01", "b 01"), ("1号楼", "1#"), ("1号楼", "一栋"), ("1", "01"), ("007", "7"), ("A座", "A栋"),
        ("3号楼2单元", "3-2"), ("12幢", "十二号楼"),
    ],
)  # fmt: skip
def test_one_id_reads_alike(one, ref):
    assert matched([one, "99"], [one, ref, None]) == ([one, one, None], [("PLAN-REL-005", "repaired", (2,))])


def test_what_is_ambiguous_stays():
    assert matched(["1号楼", "1栋"], ["1#"]) == (["1#"], [])
    assert matched(["1", "2"], ["3", "Z"]) == (["3", "Z"], [])


def test_a_building_may_be_named_instead():
    assert matched(["b-17", "b-18"], ["3号楼", "三栋"], name=["3号楼", None])[0] == ["b-17", "b-17"]


def test_what_leads_somewhere_is_left_alone():
    assert matched(["1", "01"], ["01", "1"]) == (["01", "1"], [])


@given(st.text(max_size=12))
def test_keys_are_fixed_points(text):
    assert loose_key(loose_key(text)) == loose_key(text)
    name_key(text)


# Letters that join, change their order or shrink beside others, and what stands between texts.
_TEXTS = st.text(
    st.sampled_from("aeＢ０１-_·. \n\u0301\u0323\u0345\u1100\u1161ßΣς一#")
    | st.characters(exclude_characters="\0")
)


@given(st.lists(_TEXTS))
def test_texts_read_together_read_as_they_do_alone(texts):
    assert loose_keys(texts) == [loose_key(text) for text in texts]
