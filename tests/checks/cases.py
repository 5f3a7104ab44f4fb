"""What a case of a rule is: a site, the rule, and the answer that a person counted."""

from __future__ import annotations

from collections.abc import Callable

from plan.findings import Status
from plan.rules import Kind
from plan.site import Site

MET, NOT_MET, UNDETERMINED = Status.MET, Status.NOT_MET, Status.UNDETERMINED
ANSWERS = ("met", "not met", "undetermined", "at the limit")

# Site, rule and answer; a rule about what was approved has the earlier site as well.
Case = tuple[Site, Kind, Status] | tuple[Site, Kind, Status, Site]
Cases = dict[type[Kind], dict[str, Callable[[], Case]]]
