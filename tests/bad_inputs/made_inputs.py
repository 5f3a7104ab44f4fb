"""All broken inputs that are made here, class by class."""

from __future__ import annotations

import made_coordinates  # noqa: F401 - each notes its own
import made_drawings  # noqa: F401
import made_files  # noqa: F401
import made_hostile  # noqa: F401
import made_lists  # noqa: F401
import made_osm  # noqa: F401
import made_shapes  # noqa: F401
import made_tables  # noqa: F401
from made_base import MADE, Made

__all__ = ["MADE", "Made"]
