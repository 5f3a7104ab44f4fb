"""The law as data: kinds of rules, packs of rules with their clauses, and waivers of them; knows no geometry.

``plan.rules`` loads without geopandas installed.
"""

from plan.rules.kinds import KINDS, Band, Kind, kind_name
from plan.rules.pack import EVIDENCE, STAGES, RulePack, load_pack, pack_ids
from plan.rules.rule import Applies, Rule
from plan.rules.waivers import Waivers, load_waivers, strangers, waive

__all__ = [
    "EVIDENCE",
    "KINDS",
    "STAGES",
    "Applies",
    "Band",
    "Kind",
    "Rule",
    "RulePack",
    "Waivers",
    "kind_name",
    "load_pack",
    "load_waivers",
    "pack_ids",
    "strangers",
    "waive",
]
