"""What is renovated in which year, under yearly budgets and with a reward for action (以奖代补); and why."""

from __future__ import annotations

from plan.programme.need import TERMS, WEIGHTS, EstateNeeds, estate_needs
from plan.programme.phases import Programme, plan_programme
from plan.programme.works import Tier, Work, example_rewards, read_rewards, read_works

__all__ = [
    "TERMS",
    "WEIGHTS",
    "EstateNeeds",
    "Programme",
    "Tier",
    "Work",
    "estate_needs",
    "example_rewards",
    "plan_programme",
    "read_rewards",
    "read_works",
]
