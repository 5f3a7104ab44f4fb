"""Mutated inputs that were wrongly met once, or ended the process, or that the second reader could not read: each passes now."""

from __future__ import annotations

import mutated_inputs as mutants
import pytest

NUMBERS = {
    "gpkg": (61837, 300228),
    "shp": (20679, 61010, 202852, 303036, 304916),
    "geojson": (40700, 41366, 70042, 301758, 303142),
    "dxf": (
        20783, 20858, 20866, 20956, 20960, 21210, 21320, 21352, 21473, 31110, 31408, 40061, 40343, 50982, 70471, 102057, 102234,
        102440, 102517, 103222, 104900, 105171, 105443, 110554, 111518, 112085, 112176, 202604, 203786, 204195, 208006, 208211, 208694,
        304862, 304905, 306022, 306572,
    ),
    "csv": (301152, 302763, 302963),
    "csv16": (205583, 301624, 302214, 303277),
    "osm": (20694, 21189, 40190, 40720, 41245, 60197, 60232, 103103, 103294, 104920, 204695),
    "pbf": (30261, 30726, 30847, 31191, 31590, 32396, 100152, 101624, 102148, 102160, 102202, 103262),
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_what_failed_once_does_not_fail_again(tmp_path, name):
    sound, mapping = mutants.prepared(tmp_path)
    tallies = [
        mutants.run(name, range(number, number + 1), sound=sound, mapping=mapping) for number in NUMBERS[name]
    ]
    assert [failure for tally in tallies for failure in tally.failures] == []
    assert sum(tally.counts.total() for tally in tallies) == len(NUMBERS[name])
