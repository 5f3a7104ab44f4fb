"""What ``plan place elevators`` and a hearing say about elevators added to old buildings, stairwell by stairwell."""

from plan.retrofit.owners import Owners, Paying, owners_of
from plan.retrofit.siting import Retrofit, retrofit_estate, stairwell_table, with_placed_elevators
from plan.retrofit.sun import SunLoss, sun_of

__all__ = [
    "Owners",
    "Paying",
    "Retrofit",
    "SunLoss",
    "owners_of",
    "retrofit_estate",
    "stairwell_table",
    "sun_of",
    "with_placed_elevators",
]
