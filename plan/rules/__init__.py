"""The law as data: kinds of rules, packs of rules with their clauses; knows no geometry.

``plan.rules`` loads without geopandas installed.
"""

from plan.rules.kinds import KINDS, Band, Kind, kind_name
from plan.rules.pack import EVIDENCE, STAGES, Applies, Rule, RulePack, load_pack, pack_ids

__all__ = [
    "EVIDENCE",
    "KINDS",
    "STAGES",
    "Applies",
    "Band",
    "Kind",
    "Rule",
    "RulePack",
    "kind_name",
    "load_pack",
    "pack_ids",
]
