"""GeoPackages are looked over by SQLite before GDAL opens them."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely import Point
from small_files import buildings, ids_of, parcel, points, write_gpkg

from plan.messages import translate
from plan.problems import ProblemList
from plan.readers import inspect_sources, load_mapping, read_site
from plan.readers.geopackage import examine


def run(path, *statements):
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def path(tmp_path):
    return write_gpkg(tmp_path / "site.gpkg", buildings=buildings(3), 小区=parcel())


def test_layers_by_name_and_alias(path):
    site = read_site(path)
    assert site.problems == ()
    assert site.name == "site"
    assert (len(site.layer("buildings")), len(site.layer("parcels"))) == (3, 1)
    assert [i.path for i in site.inputs] == [str(path)]


def test_an_open_ring_is_named_with_its_layer_and_id(path):
    """The last place of the second house is taken away: 16 bytes, and one less in the count behind order, type and rings."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (blob,) = connection.execute("SELECT geom FROM buildings WHERE fid = 2").fetchone()
        start = 8 + {0: 0, 1: 32}[blob[3] >> 1 & 7]
        corners = struct.unpack_from("<I", blob, start + 9)[0]
        cut = blob[: start + 9] + struct.pack("<I", corners - 1) + blob[start + 13 : -16]
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE buildings SET geom = ? WHERE fid = 2", (cut,))
    site = read_site(path)
    closed = next(p for p in site.problems if p.id == "PLAN-GEOM-002")
    assert (closed.layer, closed.rows, closed.features) == ("buildings", (2,), ("B2",))
    assert site.repaired("buildings") == {"B2"}


def test_other_layers_are_noted_and_ignored(path):
    write_gpkg(path, 图框=points(1))
    site = read_site(path)
    assert [(p.id, p.effect, p.layer) for p in site.problems] == [("PLAN-LAYER-001", "noted", "图框")]


def test_tables_without_shapes(path):
    rooms = pd.DataFrame({"room_id": ["R1"], "floor": [1], "area_m2": [80.0], "bld_id": ["B1"]})
    pyogrio.write_dataframe(rooms, path, layer="rooms", driver="GPKG", append=True)
    site = read_site(path)
    assert site.layer("rooms")["building_id"].tolist() == ["B1"]
    assert site.layer("rooms").geometry.isna().all()


def test_nothing_is_changed_or_left_beside_it(path):
    before = path.read_bytes()
    read_site(path)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["site.gpkg"]


def test_views_are_refused_and_never_run(path):
    run(
        path,
        "CREATE VIEW endless AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) AS fid FROM t",
        "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('endless', 'features', 4548)",
    )
    found = inspect_sources(path)
    assert ids_of(found.problems) == ["PLAN-SEC-006"]
    assert found.layers == ()


def test_views_outside_the_table_of_contents_are_not_read(path):
    run(
        path,
        "CREATE VIEW endless AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) AS fid FROM t",
    )
    assert read_site(path).problems == ()


@pytest.mark.parametrize("name", ["../../evil", "a\\b", "c:d", "x\x07y"])
def test_layer_names_that_are_paths(path, name):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY)')
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type) VALUES (?, 'attributes')", (name,)
        )
    assert ids_of(inspect_sources(path).problems) == ["PLAN-SEC-007"]


def test_names_with_quotes_are_only_names(tmp_path):
    name = 'buildings"; DROP TABLE gpkg_contents; --'
    path = write_gpkg(tmp_path / "a.gpkg", **{name.replace(":", ""): buildings(2)})
    found = ProblemList()
    # A quote is refused: no layer needs one, and no file may be named so.
    assert examine(path, found) == ()
    assert ids_of(found.problems) == ["PLAN-SEC-007"]


def test_cut_short(path):
    path.write_bytes(path.read_bytes()[:-8192])
    assert ids_of(inspect_sources(path).problems) == ["PLAN-FILE-001"]


def test_a_corrupt_page(tmp_path):
    path = write_gpkg(tmp_path / "big.gpkg", buildings=buildings(3000))
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4096 * 4] = np.random.default_rng(1).bytes(4096 * 4)
    path.write_bytes(bytes(data))
    assert ids_of(inspect_sources(path).problems) == ["PLAN-FILE-001"]


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"", "PLAN-FILE-001"), (b"PK\x03\x04zip", "PLAN-FILE-008"), (b"plain text", "PLAN-FILE-001")],
)
def test_something_else_called_gpkg(tmp_path, data, told):
    path = tmp_path / "a.gpkg"
    path.write_bytes(data)
    assert ids_of(inspect_sources(path).problems) == [told]


def test_another_sqlite_file(tmp_path):
    path = tmp_path / "a.gpkg"
    run(path, "CREATE TABLE t (a)")
    assert ids_of(inspect_sources(path).problems) == ["PLAN-FILE-001"]


def test_a_log_that_stayed_behind(path):
    data = bytearray(path.read_bytes())
    data[18:20] = b"\x02\x02"
    path.write_bytes(bytes(data))
    problems = read_site(path).problems
    assert [(p.id, p.severity, p.effect) for p in problems] == [("PLAN-FILE-004", "warning", "noted")]


def test_rows_that_are_still_in_the_log_are_read(path):
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        with writer:
            # The triggers of the spatial index call functions that SQLite itself does not have.
            for (name,) in writer.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'buildings'"
            ).fetchall():
                writer.execute(f'DROP TRIGGER "{name}"')
            writer.execute("UPDATE buildings SET floors = 9 WHERE building_id = 'B1'")
        site = read_site(path)
        assert site.layer("buildings")["floors"].tolist() == [9, 6, 6]
        assert [(p.id, p.severity) for p in site.problems] == [("PLAN-FILE-004", "info")]


def test_ids_that_are_numbers_and_columns_called_geometry(tmp_path):
    frame = gpd.GeoDataFrame(
        {"id": [7, 8], "geometry_": ["a", "b"]},
        geometry=[Point(500000, 4058000), Point(500010, 4058000)],
        crs=4548,
    )
    site = read_site(write_gpkg(tmp_path / "a.gpkg", 设施=frame))
    assert site.layer("facilities")["facility_id"].tolist() == ["7", "8"]


def test_names_that_are_not_even_text(path):
    run(path, "UPDATE gpkg_contents SET table_name = CAST(x'62ff' AS TEXT) WHERE table_name = 'buildings'")
    assert ids_of(inspect_sources(path).problems) == ["PLAN-FILE-001"]


@pytest.mark.parametrize(
    "statements",
    [
        # A table of the standard that is a question.
        ("ALTER TABLE gpkg_contents RENAME TO kept",
         "CREATE VIEW gpkg_contents AS SELECT 'buildings' AS table_name, 'features' AS data_type FROM kept, kept"),
        ("CREATE VIEW gpkg_extensions AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",),
        # A column that is reckoned, of two thousand million bytes each.
        ("ALTER TABLE buildings ADD COLUMN z AS (zeroblob(2000000000)) VIRTUAL",),
    ],
)  # fmt: skip
def test_questions_that_pose_as_data_are_never_asked(path, statements):
    if "gpkg_extensions" in statements[0]:
        run(path, "DROP TABLE IF EXISTS gpkg_extensions")
    run(path, *statements)
    problems = inspect_sources(path).problems
    assert ("PLAN-SEC-006", "refused") in [(p.id, p.effect) for p in problems]


def test_triggers_do_nothing(path):
    run(path, "CREATE TRIGGER evil AFTER INSERT ON buildings BEGIN DELETE FROM buildings; END")
    assert len(read_site(path).layer("buildings")) == 3


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("REAL", "'650㎡'", None),
        ("REAL", "'about 650'", None),
        ("REAL", "650", 650),
        ("INTEGER", "650.5", None),
        ("INTEGER", "9e999", None),
        ("INTEGER", "650", 650),
        ("TEXT", "'650㎡'", "650㎡"),
    ],
)
def test_cells_of_another_kind_than_their_column(path, kind, value, read):
    """SQLite keeps any value in any column; the driver cuts it to the column's kind."""
    run(path, f"ALTER TABLE buildings ADD COLUMN area_m2 {kind} DEFAULT {value}")
    site = read_site(path)
    areas = site.layer("buildings")["area_m2"]
    assert (None if pd.isna(areas.iloc[0]) else areas.iloc[0]) == read
    assert any(p.id == "PLAN-ATTR-002" and p.rows == (1, 2, 3) for p in site.problems) == (read is None)


def test_tables_that_the_contents_leave_out_are_told(tmp_path):
    path = write_gpkg(tmp_path / "s.gpkg", buildings=buildings(1))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE households (household_id TEXT, building_id TEXT)")
        connection.execute("CREATE TABLE notes (text TEXT)")  # empty: nothing is lost
        connection.execute("INSERT INTO households VALUES ('H1', 'B1')")
        connection.commit()
    (problem,) = [p for p in inspect_sources(path).problems if p.id == "PLAN-LAYER-001"]
    assert (problem.severity, problem.message.params["layers"]) == ("warning", ("households",))


def test_features_without_a_column_of_shapes_are_refused_by_name(tmp_path):
    path = write_gpkg(tmp_path / "s.gpkg", buildings=buildings(1))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM gpkg_geometry_columns")
        connection.commit()
    (problem,) = [p for p in inspect_sources(path).problems if p.effect == "refused"]
    assert problem.message.key == "readers.gpkg_no_shapes"


def test_a_copy_of_a_layer_is_left_out_where_the_user_says_so(tmp_path):
    path = write_gpkg(tmp_path / "s.gpkg", buildings=buildings(2), 建筑_备份=buildings(1))
    (problem,) = [p for p in inspect_sources(path).problems if p.effect == "refused"]
    assert (problem.id, "NAME=-" in translate(problem.cure, "en")) == ("PLAN-FILE-010", True)
    assert len(read_site(path, mapping=load_mapping(["建筑_备份=-"])).layer("buildings")) == 2
