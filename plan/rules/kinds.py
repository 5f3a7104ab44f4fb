"""The kinds of rules: what a regulation can ask for, as typed numbers.

A kind is a frozen dataclass of numbers and names; how it is measured lives in ``plan.checks``.
Kinds with ``judged = False`` are settings: numbers that placing, walking and drawing use.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar, Final

__all__ = ["KINDS", "Band", "Kind", "kind_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Base of all kinds."""

    judged: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A row of a table: between two sizes, so much is asked for."""

    at_least: float = 0.0  # inclusive
    below: float = float("inf")  # exclusive
    above: float | None = None  # exclusive, in place of at_least: 90 < S
    at_most: float | None = None  # inclusive, in place of below: S ≤ 120
    required: float

    @property
    def start(self) -> float:
        """The least size that is in the row."""
        return self.at_least if self.above is None else math.nextafter(self.above, math.inf)

    @property
    def end(self) -> float:
        """The least size beyond the row."""
        return self.below if self.at_most is None else math.nextafter(self.at_most, math.inf)


# --- service rooms -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomArea(Kind):
    """Service rooms of at least ``max(rate x households / 100, minimum)`` square metres together."""

    rate_m2_per_100_households: float = 0.0
    minimum_m2: float = 0.0
    per: str = "site"  # site or community
    uses: tuple[str, ...] = ()  # room uses that count; empty: all community service rooms


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomGroundFloor(Kind):
    """So much of the service rooms' area, or such a share of it, on the ground floor."""

    minimum_m2: float = 0.0
    minimum_share: float = 0.0  # 0..1 of the service rooms' area
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFloors(Kind):
    """Rooms only on these floors; ground floor is 1, first basement -1."""

    lowest: int | None = None
    highest: int | None = None
    ambiguous: tuple[int, ...] = ()  # floors on which the clause can be read both ways
    reading: str = ""  # "allowed" or "barred" when the pack states how ambiguous floors are read
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomNearGate(Kind):
    """Service rooms near a main gate, by walking."""

    within_m: float | None = None  # None: the clause gives no number
    main: bool = True  # only main gates count
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFunctions(Kind):
    """All of these functions are housed in service rooms."""

    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPhase(Kind):
    """Rooms of these uses are built in one of these phases of a development in several phases."""

    uses: tuple[str, ...]
    phases: tuple[str, ...] = ("1",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomHandover(Kind):
    """Service rooms of estates built in a window of time have been handed over."""

    built_after: str | None = None  # ISO date, exclusive
    built_before: str | None = None  # ISO date, exclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomsAsApproved(Kind):
    """Service rooms are what they were at the earlier stage: none gone, smaller, on another floor or of another use."""

    area_tolerance_m2: float = 0.0  # that a room may be smaller by
    uses: tuple[str, ...] = ()  # room uses that count; empty: all community service rooms


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRegister(Kind):
    """The register of handed-over rooms: who holds the title, that none is let, that each is used as it was given."""

    title_holders: tuple[str, ...] = ()  # one of these words is in ``rooms.title_holder``; empty: not asked
    not_let: bool = False  # ``rooms.let`` is no
    own_use: bool = False  # ``rooms.actual_use`` is ``rooms.use``


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours(Kind):
    """Service rooms are open for at least so many hours a day."""

    hours_per_day: float


# --- communities -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunitySize(Kind):
    """A community has between so many households, both included."""

    minimum_households: float = 0.0
    maximum_households: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlazaPerPerson(Kind):
    """Outdoor activity ground of at least so many square metres for each resident."""

    m2_per_person: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceWindows(Kind):
    """One service window for so many residents, and staff = windows + extra."""

    residents_per_window: float
    staff_extra: int = 1
    count: str = "windows"  # windows or staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount(Kind):
    """So many people of a role in each community; a column of that name in ``communities``."""

    role: str  # staff, committee, party_mass_worker, graduate, social_worker, organisation
    minimum: float = 0.0
    maximum: float = float("inf")
    households_at_least: float = 0.0  # the community's size for which this holds
    households_at_most: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityBudget(Kind):
    """So much money for each community a year; column ``budget_cny`` in ``communities``."""

    cny: float
    per: str = "community"  # community, 1000_households, resident, party_member


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityShare(Kind):
    """Such a share of communities has a facility of a category, or service rooms of such an area."""

    minimum_share: float  # 0..1
    category: str = ""  # facility category; empty: service rooms of the area below
    rate_m2_per_100_households: float = 0.0
    minimum_m2: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OccupancyTrigger(Kind):
    """Once such a share of a new estate is lived in, a community must cover it."""

    share: float  # 0..1; column ``occupancy`` in ``parcels``


# --- life circle -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach(Kind):
    """Such a share of households reaches a facility of one of the categories by walking."""

    categories: tuple[str, ...]  # any of them serves
    within_min: float | None = None
    within_m: float | None = None
    minimum_share: float = 1.0  # 0..1 of households


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeCircle(Kind):
    """Each household reaches every one of these categories within so many minutes on foot."""

    minutes: float
    categories: tuple[str, ...]
    minimum_share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFree(Kind):
    """A route without steps from a main gate to service rooms and to facilities of some categories."""

    uses: tuple[str, ...] = ()  # room uses that count; empty: all community service rooms
    categories: tuple[str, ...] = ()  # facility categories that count
    max_slope: float | None = None  # rise over run; None: slopes are not judged
    main: bool = True  # only main gates count


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityArea(Kind):
    """Facilities of a category of at least so many square metres, each or together."""

    category: str
    minimum_m2: float = 0.0
    rate_m2_per_100_households: float = 0.0
    rate_m2_per_1000_persons: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeCircleTier(Kind):
    """Setting: the scale of a life circle."""

    judged: ClassVar[bool] = False
    minutes: float
    walk_m: tuple[float, ...] = ()  # one figure, or from and to
    population: tuple[float, ...] = ()
    households: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryLimit(Kind):
    """Setting: within how many minutes a category of facility is counted as reached."""

    judged: ClassVar[bool] = False
    category: str
    limit_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkSpeed(Kind):
    """Setting: how people of a profile walk."""

    judged: ClassVar[bool] = False
    profile: str  # adult, elderly, child, wheelchair, stroller
    m_per_min: float  # on level ground
    compared_m_per_min: float | None = None  # another figure in use; reports show what it would change
    slope: str = ""  # how slopes count: tobler, or not at all
    steps_up: float = 1.0  # speed on stairs going up, over the map, as a share of m_per_min
    steps_down: float = 1.0  # the same going down
    crossing_wait_s: float = 0.0  # seconds of waiting at each crossing
    steps_allowed: bool = True  # false: cannot take steps, but for those with a ramp for the wheels
    wheels: str = ""  # wheelchair or stroller: which ramps beside steps serve; wheelchair also keeps off ways closed to it
    max_slope: float | None = None  # rise over run; cannot take what is steeper


# --- parking, fire lanes, elevators, consent ---------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StallsPerHousehold(Kind):
    """Stalls for each household, by the household's floor area in square metres."""

    bands: tuple[Band, ...]  # limits in m2, required in stalls per household; see `bands` at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class StallsPerFloorArea(Kind):
    """Stalls for every 100 m2 of dwellings, kept between so many and so many for each household.

    Required: ``min(max(rate x floor area / 100, minimum x households), maximum x households)``.
    """

    stalls_per_100_m2: float  # of all dwellings together
    minimum_per_household: float = 0.0
    maximum_per_household: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessibleStalls(Kind):
    """Such a share of all stalls is accessible (stalls of kind ``accessible``)."""

    minimum_share: float  # 0..1
    minimum_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StallGeometry(Kind):
    """Setting: a row of JGJ 100-2015 table 4.3.4, in metres."""

    judged: ClassVar[bool] = False
    angle_deg: float
    entry: str  # front or back
    depth_to_wall_m: float
    depth_to_interlock_m: float
    pitch_m: float  # along the aisle
    aisle_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StallsOffFireLanes(Kind):
    """No stall on the ground reaches into a fire lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StallsApart(Kind):
    """No stall on the ground reaches into another stall or a building, or leaves the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StallSize(Kind):
    """Every stall on the ground is at least so large as it is marked, in metres."""

    width_m: float
    length_m: float
    parallel_width_m: float  # of stalls along the aisle
    parallel_length_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StallsDrivable(Kind):
    """The design car gets from a gate into every stall on the ground and out again."""

    dead_end_m: float  # longest two-way dead end without a place to turn
    clearance_m: float  # that the car keeps on all sides while it turns


@dataclass(frozen=True, slots=True, kw_only=True)
class FireLaneWidth(Kind):
    """Every fire lane is at least so wide."""

    minimum_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FireLaneToFacade(Kind):
    """The edge of every fire lane stays so far from buildings."""

    minimum_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FireLaneHeight(Kind):
    """Nothing hangs over a fire lane lower than this; column ``height_m`` of ``fire_lanes``."""

    minimum_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FireLaneUnbroken(Kind):
    """Every fire lane is so wide from its one end to the other, between all that stands there."""

    minimum_m: float
    layers: tuple[str, ...] = ()  # stalls, obstacles, barriers, buildings: only what these narrow; empty: all


@dataclass(frozen=True, slots=True, kw_only=True)
class FireLaneReach(Kind):
    """A lane of a width leads from the street to within reach of every building."""

    width_m: float
    within_m: float | None = None  # from the lane's edge to the building; None: the clause gives no number


@dataclass(frozen=True, slots=True, kw_only=True)
class FireLaneDeadEnd(Kind):
    """A dead end longer than this has room for an engine to turn."""

    width_m: float  # of the lane that leads there
    longer_than_m: float
    turnaround_m: float  # side of a square


@dataclass(frozen=True, slots=True, kw_only=True)
class FireLaneTurn(Kind):
    """At every corner of the fire lanes an engine of this turning radius gets round."""

    width_m: float  # of the lane that leads there
    radius_m: float  # that its outer front wheel runs
    swept_m: float  # ground that it covers in the turn


@dataclass(frozen=True, slots=True, kw_only=True)
class ElevatorRequired(Kind):
    """Dwellings of so many storeys or more have an elevator."""

    storeys: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ElevatorFireLane(Kind):
    """Every fire lane keeps such a clear width beside the elevators of layer ``elevators``."""

    minimum_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ElevatorSeparation(Kind):
    """Every elevator of layer ``elevators`` is so far from buildings other than its own."""

    minimum_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Kind):
    """Owners' vote: participation, then approval among those who take part, by area and by heads."""

    participation: Fraction
    approval: Fraction
    approval_strict: bool = False  # True: more than, False: at least
    of_all: Fraction | None = (
        None  # of all owners, taking part or not, who must agree: a local rule beside the law
    )
    matter: str = "elevator"  # what is decided


# --- what only people know, and plain figures --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Kind):
    """A matter that no map shows; a person must confirm it."""

    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Kind):
    """Setting: a figure of a standard that placing and drawing use; shown, not judged."""

    judged: ClassVar[bool] = False
    name: str
    value: float | None = None
    values: tuple[float, ...] = ()  # from and to, or the columns of a row
    text: str = ""  # where the clause gives words instead of a number
    unit: str = ""
    comparator: str = field(default="")  # >=, <=, ==, between, required, forbidden


def kind_name(kind: type[Kind] | Kind) -> str:
    """Return the name of a kind as packs write it: ``RoomArea`` is ``room_area``."""
    cls = kind if isinstance(kind, type) else type(kind)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


KINDS: Final[dict[str, type[Kind]]] = {kind_name(cls): cls for cls in Kind.__subclasses__()}
