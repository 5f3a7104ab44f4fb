"""Broken inputs that are made here: each is told by the ids in its list, and none makes a rule met.

The estate of these files meets no rule of Qinhuangdao that can be told from a drawing, but that its room is not above
the second floor: whatever else is found met has been read into a broken file.
"""

from __future__ import annotations

import warnings

import pytest
from made_inputs import MADE

from plan import check
from plan.doctor import examine
from plan.errors import InputError
from plan.messages import translate
from plan.readers import read_site
from plan.rules import load_pack

TRULY_MET = {"QHD-10"}


@pytest.fixture(scope="module")
def pack():
    return load_pack("qinhuangdao")


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.name)
def test_is_told_and_meets_nothing(made, tmp_path, pack):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of programs that write broken files
        source = str(made.make(tmp_path))
    problems = examine(source, crs=made.crs).problems
    told = {f"{p.id} {p.effect}" for p in problems}
    assert set(made.told) <= told
    assert not (made.silent and any(p.severity == "error" for p in problems))
    for problem in problems:
        assert problem.path
        for text in (problem.message, problem.cure):
            assert translate(text, "zh") != translate(text, "en") != ""
    if any(p.effect == "refused" for p in problems):
        with pytest.raises(InputError):
            read_site(source, crs=made.crs)
        return
    findings = check(read_site(source, crs=made.crs), pack).findings
    assert {f.rule for f in findings if f.status.value == "met"} <= TRULY_MET


def test_names_are_single():
    names = [made.name for made in MADE]
    assert len(set(names)) == len(names)
    assert all(made.about for made in MADE)
