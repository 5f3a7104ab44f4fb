"""Every notebook runs from top to bottom, offline, on sample_gis, and is kept without outputs."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
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


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda n: n.stem)
def test_a_notebook_runs(notebook: Path, sample_gis: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_gis, tmp_path / "sample_gis", ignore=shutil.ignore_patterns("__pycache__"))
    folder = tmp_path / "notebooks"
    folder.mkdir()
    loaded = nbformat.read(notebook, as_version=4)
    NotebookClient(
        loaded, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    pages = list(folder.glob("*.html"))
    assert pages, "a notebook ends with a file to hand in"
    assert all(page.stat().st_size > 100_000 for page in pages)
    shown = [o for cell in loaded.cells if cell.cell_type == "code" for o in cell.outputs]
    assert not [o for o in shown if o.output_type == "stream" and o.name == "stderr"]
    assert any("iframe" in o.get("data", {}).get("text/html", "") for o in shown)
