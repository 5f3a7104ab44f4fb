"""What is on disk is never lost: not to a lock, not to a file that cannot be read, not to kill -9."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path

import ezdxf
import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from plan.cli import main
from plan.errors import OutputError
from plan.export import export_site
from plan.files import replaceable_gpkg, spare, write_text
from plan.readers import read_site
from plan.site import SITE_TABLE, write_gpkg


def ours(value=1):
    """Return the layers of a file as this package writes it."""
    return {"buildings": layer(value), SITE_TABLE: pd.DataFrame({"key": ["version"], "value": ["1"]})}


def layer(value=1):
    return gpd.GeoDataFrame({"building_id": ["B1"], "floors": [value]}, geometry=[box(0, 0, 9, 9)], crs=4548)


@pytest.fixture
def held(tmp_path):
    """A GeoPackage, and another process that holds it as it is told."""
    path = tmp_path / "site.gpkg"
    write_gpkg(ours(), path)
    code = textwrap.dedent("""
        import sqlite3, sys
        base = sqlite3.connect(sys.argv[1], isolation_level=None)
        base.execute(sys.argv[2])
        base.execute("SELECT count(*) FROM gpkg_contents").fetchall()
        print("held", flush=True)
        sys.stdin.read()
    """)
    processes = []

    def hold(statement):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(path), statement], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        processes.append(process)
        assert process.stdout.readline() == "held\n"
        return path

    yield hold
    for process in processes:
        process.communicate("")


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "PRAGMA journal_mode = WAL"])
def test_a_geopackage_that_another_program_holds_is_not_replaced(held, statement):
    path = held(statement)
    before = path.stat().st_ino, path.read_bytes()
    with pytest.raises(OutputError) as caught:
        write_gpkg({"buildings": layer(2)}, path)
    assert "in_use" in caught.value.message.key
    assert (path.stat().st_ino, path.read_bytes()) == before


def test_import_refuses_before_it_reads(held, sample_gis, capsys):
    path = held("BEGIN IMMEDIATE")
    before = path.read_bytes()
    assert main(["import", str(sample_gis / "new_estate.gpkg"), "-o", str(path), "--lang", "en"]) == 2
    assert "open in another program" in capsys.readouterr().err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("data", "key"),
    [(b"somebody's notes", "no_gpkg"), (b"SQLite format 3\x00" + b"\xff" * 4000, "broken_gpkg")],
)
def test_what_is_no_geopackage_is_not_replaced_by_one(tmp_path, data, key):
    path = tmp_path / "out.gpkg"
    path.write_bytes(data)
    for write in (lambda: write_gpkg({"buildings": layer()}, path), lambda: spare([path], [])):
        with pytest.raises(OutputError) as caught:
            write()
        assert caught.value.message.key == f"files.{key}"
    assert path.read_bytes() == data


def test_a_free_geopackage_is_replaced_and_left_without_side_files(tmp_path):
    path = tmp_path / "a.gpkg"
    write_gpkg(ours(1), path)
    replaceable_gpkg(path)
    write_gpkg(ours(2), path)
    assert gpd.read_file(path, layer="buildings")["floors"].tolist() == [2]
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]


def test_what_somebody_else_drew_is_not_replaced(tmp_path, sample_gis, capsys):
    """Of a file name that is there already nobody knows whether it is the survey or the result of yesterday."""
    estate = str(sample_gis / "new_estate.gpkg")
    survey, plan_of_site = tmp_path / "现状.gpkg", tmp_path / "总平面.dxf"
    layer().to_file(survey, layer="现状建筑")
    drawing = ezdxf.new()
    drawing.modelspace().add_line((0, 0), (9, 9))
    drawing.saveas(plan_of_site)
    for path in (survey, plan_of_site):
        before = path.read_bytes()
        assert main(["export", estate, "-o", str(path), "--lang", "en"]) == 2
        assert "was not written by plan" in " ".join(capsys.readouterr().err.split())
        assert path.read_bytes() == before
        path.unlink()
        assert [main(["export", estate, "-o", str(path), "--lang", "en"]) for _ in range(2)] == [0, 0]


def test_a_database_without_layers_is_replaced(tmp_path):
    path = tmp_path / "a.gpkg"
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
        replaceable_gpkg(path)
        base.execute("INSERT INTO gpkg_contents VALUES ('a')")
        base.commit()
    with pytest.raises(OutputError):
        replaceable_gpkg(path)


def test_what_may_not_be_read_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    real = Path.open

    def refuse(self, *args, **more):
        if self == path:
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        with pytest.raises(OutputError, match="没有权限"):
            write_text(path, "new")
    assert path.read_text() == "old"


# --- kill -9 ----------------------------------------------------------------------------------------

_WRITER = """
    import sys, pathlib
    from plan.files import write_text
    path, kind, source = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    if kind != "txt":
        import plan.export, plan.readers
        site = plan.readers.read_site(source)
    print("ready", flush=True)
    n = 0
    while True:
        n += 1
        if kind == "txt":
            write_text(path, f"{n}\\n" * 200_000)
        else:
            plan.export.export_site(site, path)
"""


def whole(path: Path, kind: str) -> bool:
    """Tell whether a file is one that was finished."""
    match kind:
        case "txt":
            lines = path.read_text("utf-8").splitlines()
            return len(lines) == 200_000 and len(set(lines)) == 1
        case "gpkg":
            with sqlite3.connect(path) as base:
                ok = base.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            base.close()
            return ok and len(read_site(path).layers) > 3
        case _:
            return bool(read_site(path).layers) if kind == "geojson" else path.stat().st_size > 1000


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a thing of POSIX")
@pytest.mark.parametrize(("kind", "times"), [("txt", 12), ("gpkg", 3), ("dxf", 1), ("xlsx", 1)])
def test_a_killed_writer_leaves_the_old_or_the_new_file(tmp_path, sample_gis, kind, times):
    source, path = sample_gis / "new_estate.gpkg", tmp_path / f"out.{kind}"
    if kind == "txt":
        write_text(path, "0\n" * 200_000)
    else:
        export_site(read_site(source), path)
    chance = random.Random(kind)  # noqa: S311 - moments, no secrets
    for _ in range(times):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(_WRITER), str(path), kind, str(source)], stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.01, 0.7))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert whole(path, kind)
