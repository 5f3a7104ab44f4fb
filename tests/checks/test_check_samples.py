"""Every pack on every sample: whatever is drawn or not, every rule gets one of the four answers."""

from __future__ import annotations

import dataclasses

import pytest

import plan
from plan.rules import pack_ids


@pytest.mark.parametrize("pack", pack_ids())
@pytest.mark.parametrize("sample", ["old_estate", "new_estate", "district"])
def test_every_rule_is_answered(sample_gis, sample: str, pack: str) -> None:
    rules = plan.load_pack(pack)
    # What a pack extends is checked by itself.
    rules = dataclasses.replace(rules, rules=tuple(r for r in rules.rules if r.pack == pack))
    report = plan.check(plan.read_site(sample_gis / f"{sample}.gpkg"), rules)
    assert {rule.id for rule in rules.judged()} == {finding.rule for finding in report.findings}
