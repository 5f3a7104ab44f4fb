"""Many sites against one rule pack: one bad estate never stops the rest.

Each site is read and checked for itself. What cannot be read, and what breaks, becomes a result
with an error; the others are not touched. With several jobs, or a limit of time or memory, each site is checked in
a process; a worker that dies, hangs or takes too much memory costs its estate one retry, then an error that names it.

:func:`check_many` keeps results in memory. :func:`check_into` keeps them in a folder or a database, one by one, goes on
after any crash, and checks again only what has changed; on a Dask cluster where one is given.
"""

from __future__ import annotations

from plan.batch.many import Progress, check_many
from plan.batch.pool import TIMEOUT_S
from plan.batch.request import Request
from plan.batch.run import Batch, check_into
from plan.batch.sites import ENDINGS, found_sites, sites_in
from plan.batch.tally import Tally

__all__ = [
    "ENDINGS",
    "TIMEOUT_S",
    "Batch",
    "Progress",
    "Request",
    "Tally",
    "check_into",
    "check_many",
    "found_sites",
    "sites_in",
]
