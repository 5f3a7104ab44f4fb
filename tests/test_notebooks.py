"""Every notebook runs from top to bottom, offline, on sample_gis, and is kept without outputs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client import KernelManager
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert [n.name for n in NOTEBOOKS] == [
        "00_five_minutes.ipynb",
        "01_rooms.ipynb",
        "02_life_circle.ipynb",
        "03_new_gate.ipynb",
        "04_parking.ipynb",
        "05_elevators.ipynb",
        "06_permit_check.ipynb",
        "07_communities.ipynb",
        "08_own_rules.ipynb",
        "09_own_data.ipynb",
    ]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda n: n.stem)
def test_a_notebook_is_kept_without_outputs(notebook: Path) -> None:
    for cell in nbformat.read(notebook, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.fixture(scope="module")
def kernel() -> Iterator[KernelManager]:
    """One kernel for all notebooks: what they import is imported once."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)


def fresh_start(folder: Path) -> nbformat.NotebookNode:
    """Return a cell after which a kernel is as if started in a folder: no name of another notebook is left."""
    source = f"import os\nos.chdir({str(folder)!r})\nget_ipython().reset(new_session=True)"
    return nbformat.v4.new_code_cell(source)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda n: n.stem)
def test_a_notebook_runs(notebook: Path, sample_gis: Path, tmp_path: Path, kernel: KernelManager) -> None:
    shutil.copytree(sample_gis, tmp_path / "sample_gis", ignore=shutil.ignore_patterns("__pycache__"))
    folder = tmp_path / "notebooks"
    folder.mkdir()
    loaded = nbformat.read(notebook, as_version=4)
    loaded.cells.insert(0, fresh_start(folder))
    client = NotebookClient(loaded, km=kernel, timeout=300)
    try:
        client.execute()
    finally:
        client.kc.stop_channels()
    pages = list(folder.glob("*.html"))
    assert pages, "a notebook ends with a file to hand in"
    assert all(page.stat().st_size > 100_000 for page in pages)
    shown = [o for cell in loaded.cells if cell.cell_type == "code" for o in cell.outputs]
    assert not [o for o in shown if o.output_type == "stream" and o.name == "stderr"]
    assert any("iframe" in o.get("data", {}).get("text/html", "") for o in shown)
