"""What the tests of the readers share: a small map written as text, read."""

from __future__ import annotations

import pytest
from small_osm import xml

from plan.readers.osm import read_osm


@pytest.fixture
def read(tmp_path):
    def reading(*things):
        path = tmp_path / "a.osm"
        path.write_text(xml(*things), encoding="utf-8")
        return read_osm(path)

    return reading
