"""A city's layers from GeoParquet in parts and from PostGIS: the same figures as from one file, on a cluster too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from plan.cli import main
from plan.readers import read_site
from plan.site import Site


def as_parquet(site: Site, folder: Path, *, parts: int) -> Path:
    """Write each layer in so many parts, in groups of few rows."""
    pytest.importorskip("pyarrow")
    for name, frame in site.layers.items():
        place = folder / f"{name}.parquet"
        place.mkdir(parents=True)
        size = -(-len(frame) // parts) or 1
        for at in range(parts):
            part = frame.iloc[at * size : (at + 1) * size]
            if len(part) or at == 0:
                part.to_parquet(place / f"part-{at:04d}.parquet", row_group_size=50)
    return folder


def reach(source: str, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    assert main(["reach", source, "--format", "json", "--lang", "en", *options]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def pyarrow(request: pytest.FixtureRequest) -> Any:
    try:
        import pyarrow as pa
    except ImportError:
        from conftest import missing

        missing(request, "the package pyarrow")
    return pa


@pytest.mark.usefixtures("pyarrow")
def test_parts_are_one_layer(sample_gis: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = sample_gis / "old_estate.gpkg"
    folder = as_parquet(read_site(one), tmp_path / "city", parts=3)
    site = read_site(folder)
    for name, frame in read_site(one).layers.items():
        pd.testing.assert_frame_equal(
            pd.DataFrame(site.layers[name]).astype(object).where(lambda t: t.notna(), None),
            pd.DataFrame(frame).astype(object).where(lambda t: t.notna(), None),
            check_dtype=False,
        )
    assert len(site.inputs) > 3 * 8
    assert reach(str(folder), capsys) == reach(str(one), capsys)


@pytest.mark.usefixtures("pyarrow")
def test_a_broken_part_is_told(sample_gis: Path, tmp_path: Path) -> None:
    folder = as_parquet(read_site(sample_gis / "old_estate.gpkg"), tmp_path / "city", parts=2)
    part = folder / "rooms.parquet" / "part-0001.parquet"
    part.write_bytes(part.read_bytes()[:-20])
    assert main(["check", str(folder), "--rules", "sanming", "--lang", "en"]) == 2


@pytest.mark.real
@pytest.mark.usefixtures("pyarrow")
def test_a_city_of_tables_or_parts_on_a_cluster(
    local_cluster: Any, database: str, sample_gis: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from test_batch_postgis import store

    site = read_site(sample_gis / "old_estate.gpkg")
    store(database, site)
    folder = as_parquet(site, tmp_path / "city", parts=2)
    with local_cluster() as cluster:
        on = ("--dask", cluster.scheduler_address)
        whole = reach(str(sample_gis / "old_estate.gpkg"), capsys, *on)
        assert reach(database, capsys, *on) == whole
        assert reach(str(folder), capsys, *on) == whole
