"""A real PostGIS as a source of sites and a store of results."""

from __future__ import annotations

import json
import pickle
import traceback
from pathlib import Path
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import pytest
from small_estates import estates, layers_of

from plan.batch import Request, check_into, check_many
from plan.batch.tables import TableStore
from plan.cli import main
from plan.errors import InputError, OutputError, UnavailableError, UsageError
from plan.readers import read_site
from plan.readers.databases import Address, is_database, scrubbed, shown
from plan.readers.postgis import quoted
from plan.reports import render
from plan.site import Site

SELECT = ("QHD-07",)
EVIL_VALUE = quote("' OR '1'='1")
SECRET = "p@ss word"  # noqa: S105 - of a database that lives for a test


def store(address: str, site: Site, *, schema: str = "public", **columns: str) -> None:
    """Write the layers of a site as tables, with columns of one value."""
    psycopg = pytest.importorskip("psycopg")
    from psycopg import sql

    with psycopg.connect(address) as connection:
        for name, frame in site.layers.items():
            write_table(connection, sql.Identifier(schema, name), frame, columns)


def write_table(connection: Any, table: Any, frame: gpd.GeoDataFrame, columns: dict[str, str]) -> None:
    from psycopg import sql

    kinds = {"i": "bigint", "f": "double precision", "b": "boolean", "u": "bigint"}
    plain = frame.drop(columns=frame.geometry.name).assign(**columns)
    types = [kinds.get(plain[c].dtype.kind, "text") for c in plain.columns]
    parts = [
        sql.SQL("{} {}").format(quoted(c), sql.SQL(t)) for c, t in zip(plain.columns, types, strict=True)
    ]
    make = sql.SQL("CREATE TABLE IF NOT EXISTS {} (fid bigserial PRIMARY KEY, {}, geom geometry)")
    connection.execute(make.format(table, sql.SQL(", ").join(parts)), ())
    names = sql.SQL(", ").join([quoted(c) for c in plain.columns])
    signs = sql.SQL(", ").join([sql.Placeholder()] * len(plain.columns))
    insert = sql.SQL("INSERT INTO {} ({}, geom) VALUES ({}, ST_SetSRID(ST_GeomFromWKB(%s), {}))").format(
        table, names, signs, sql.Literal(frame.crs.to_epsg())
    )
    rows = plain.astype(object).where(plain.notna(), None).itertuples(index=False, name=None)
    for row, shape in zip(rows, frame.geometry, strict=True):
        values = [v.item() if hasattr(v, "item") else v for v in row]
        connection.execute(insert, (*values, None if shape is None else shape.wkb))


def bare(results: Any) -> list[Any]:
    """Findings alone: an address is not a file's name."""
    sites = json.loads(render(list(results), "json"))["sites"]
    return [(site["outcome"], site["findings"], site["estimates"]) for site in sites]


def test_a_site_comes_back_from_tables(database: str, sample_gis: Path, tmp_path: Path) -> None:
    there = read_site(sample_gis / "new_estate.gpkg")
    store(database, there)
    here = read_site(database)
    assert set(here.layers) == set(there.layers)
    for name, frame in there.layers.items():
        other = here.layers[name]
        assert list(frame.iloc[:, 0]) == list(other.iloc[:, 0])
        assert abs(frame.area.sum() - other.area.sum()) <= 1e-6 * max(frame.area.sum(), 1)
    assert bare(check_many([database], "qinhuangdao")) == bare(
        check_many([sample_gis / "new_estate.gpkg"], "qinhuangdao")
    )
    assert main(["import", database, "-o", str(tmp_path / "site.gpkg")]) == 0
    assert set(read_site(tmp_path / "site.gpkg").layers) == set(there.layers)
    assert read_site(database).inputs == here.inputs


def test_chinese_names_and_other_schemas(database: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(database) as connection:
        connection.execute('CREATE SCHEMA "市 局"')
        connection.execute(
            'CREATE TABLE "市 局"."建筑" ("楼栋编号" text, "层数" integer, geom geometry(Polygon, 4548))'
        )
        connection.execute(
            """INSERT INTO "市 局"."建筑" VALUES ('B1', 6, ST_MakeEnvelope(500000, 4000000, 500010, 4000010, 4548))"""
        )
    site = read_site(f"{database}?schema=市 局")
    assert list(site.layers["buildings"]["building_id"]) == ["B1"]
    assert site.layers["buildings"].area.sum() == pytest.approx(100, rel=1e-9)


def test_evil_names_are_names(database: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    from psycopg import sql

    evil = 'buildings"; DROP TABLE parcels; COMMIT; --'
    column = 'floors"; DROP TABLE parcels; COMMIT; --'
    frame = layers_of()["buildings"]
    with psycopg.connect(database) as connection:
        write_table(connection, sql.Identifier("public", "parcels"), layers_of()["parcels"], {})
        write_table(
            connection, sql.Identifier("public", evil), frame, {column: "x' OR '1'='1", "%s": "1", "{0}": "2"}
        )
    site = read_site(database)
    assert len(site.layers["buildings"]) == 1
    column_lost = f"{database}?split=%22%3B+DROP+TABLE+parcels%3B--"
    with pytest.raises(InputError, match="DROP"):
        check_many([column_lost], "qinhuangdao", select=SELECT)
    schema_lost = f"{database}?schema={quote(evil)}"
    assert [r.outcome for r in check_many([schema_lost], "qinhuangdao", select=SELECT)] == ["error"]
    part = f"{database}?split=parcel_id&part={EVIL_VALUE}"
    assert "parcels" not in read_site(part).layers or not read_site(part).has("parcels")
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM parcels").fetchone()
    assert row == (1,)


def test_broken_rows_are_told_as_those_of_files_are(database: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE rooms (room_id text, floor integer, area_m2 numeric, geom geometry)")
        connection.execute(
            "INSERT INTO rooms VALUES ('R1', 1, 'NaN', ST_GeomFromText('POLYGON((500000 4000000, 500010 4000010, 500010 4000000, 500000 4000010, 500000 4000000))', 4548)),"
            "('R2', 1, 10, ST_SetSRID(ST_GeomFromText('CURVEPOLYGON(CIRCULARSTRING(500000 4000000, 500010 4000010, 500020 4000000, 500010 3999990, 500000 4000000))'), 4548)),"
            "('R3', NULL, NULL, NULL)"
        )
    site = read_site(database)
    told = {problem.id for problem in site.problems}
    assert "PLAN-GEOM-008" in told  # arcs became lines
    assert any(p.effect == "repaired" and "R1" in p.features for p in site.problems)
    assert site.layers["rooms"]["area_m2"].isna().tolist() == [True, False, True]


def test_shapes_in_two_systems_are_refused(database: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE rooms (room_id text, floor integer, area_m2 real, geom geometry)")
        connection.execute(
            "INSERT INTO rooms VALUES ('R1', 1, 1, ST_SetSRID(ST_MakePoint(500000, 4000000), 4548)), ('R2', 1, 1, ST_SetSRID(ST_MakePoint(117, 36), 4490))"
        )
    with pytest.raises(InputError, match="4490"):
        read_site(database)


@pytest.fixture
def split(database: str, tmp_path: Path) -> tuple[str, Path]:
    """Four estates in tables with a column estate_id, and as files."""
    psycopg = pytest.importorskip("psycopg")
    from psycopg import sql

    folder = estates(tmp_path / "in", 4)
    with psycopg.connect(database) as connection:
        for number in range(4):
            for name, frame in layers_of(number, room_m2=280.0 if number % 3 == 2 else 400.0).items():
                write_table(
                    connection, sql.Identifier("public", name), frame, {"estate_id": f"e{number:03d}"}
                )
    return database, folder


def test_a_column_splits_a_database_into_sites(split: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = split
    source = f"{address}?split=estate_id"
    batch = check_into(tmp_path / "out", Request(sources=(source,), pack="qinhuangdao", select=SELECT))
    here = check_many([folder], "qinhuangdao", select=SELECT)
    assert bare(batch.results()) == bare(here)
    assert [site.district for site in batch.tally.sites] == ["抚宁区", "海港区", "抚宁区", "海港区"]
    again = check_into(tmp_path / "out", Request(sources=(source,), pack="qinhuangdao", select=SELECT))
    assert (again.checked, again.recorded) == (0, 4)
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(address) as connection:
        connection.execute("UPDATE rooms SET area_m2 = 100 WHERE estate_id = 'e001'")
    changed = check_into(tmp_path / "out", Request(sources=(source,), pack="qinhuangdao", select=SELECT))
    assert (changed.checked, changed.recorded) == (1, 3)
    kept = "".join(path.read_text("utf-8") for path in (tmp_path / "out").rglob("*.json*"))
    assert SECRET not in kept
    assert "p%40ss" not in kept


def test_results_go_to_tables_and_hold(split: tuple[str, Path]) -> None:
    address, folder = split
    request = Request(sources=(str(folder),), pack="qinhuangdao", select=SELECT)
    batch = check_into(address, request)
    assert render(list(batch.results()), "json") == render(
        check_many([folder], "qinhuangdao", select=SELECT), "json"
    )
    assert check_into(address, request).checked == 0
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "SELECT r.site, f.status, f.measured, ST_SRID(f.geometry) FROM plan_findings f JOIN plan_results r USING (slot) ORDER BY 1"
        ).fetchall()
    assert [(site, status, area) for site, status, area, _ in rows] == [
        ("e000", "met", 400.0), ("e001", "met", 400.0), ("e002", "not_met", 280.0), ("e003", "met", 400.0),
    ]  # fmt: skip
    assert {srid for *_, srid in rows} <= {4326, None}
    with TableStore(address).alone(), pytest.raises(OutputError):
        check_into(address, request)
    # The tables of results are no layers.
    assert "plan_results" not in read_site(f"{address}?split=estate_id&part=e000").layers


def test_the_command_reads_and_writes_tables(
    split: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    address, _ = split
    options = ["--rules", "qinhuangdao", "--select", "QHD-07", "--lang", "en"]
    assert main(["check", f"{address}?split=estate_id&part=e002", *options, "--format", "json"]) == 1
    assert main(["check", f"{address}?split=estate_id&part=e000", *options, "-o", address]) == 0
    assert main(["check", f"{address}?split=nothing", *options]) == 2
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert "p%40ss" not in said.out + said.err
    assert "planner@127.0.0.1" in said.out + said.err


@pytest.mark.parametrize("source", ["postgresql://u:s3cret@127.0.0.1:1/x", "postgresql://u:s3cret@127.0.0.1:99999999/x", "postgres://u:s3cret@[::1/x?password=s3cret2", "postgresql://u@127.0.0.1:1/x?password=s3cret&nothing=1", "postgresql://u:s3cret/with@?@h@127.0.0.1:1/x"])  # fmt: skip
def test_a_password_is_never_told(source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises((UnavailableError, UsageError)) as caught:
        read_site(source)
    assert main(["check", source, "--rules", "jinan", "--lang", "en", "-o", str(tmp_path / "out")]) == 2
    assert main(["import", source, "-o", str(tmp_path / "x.gpkg")]) == 2
    assert main(["check", str(tmp_path), "--rules", "jinan", "-o", source]) == 2
    said = capsys.readouterr()
    whole = said.out + said.err + str(caught.value) + "".join(traceback.format_exception(caught.value))
    written = "".join(p.read_text("utf-8", "replace") for p in tmp_path.rglob("*") if p.is_file())
    assert "s3cret" not in whole.replace(repr(source), "") + written


def test_addresses() -> None:
    assert shown("postgresql://u:p@h:5432/d?password=x&schema=a") == "postgresql://u@h:5432/d?schema=a"
    assert shown("a/b.gpkg") == "a/b.gpkg"
    assert not is_database(Path("postgresql://u@h/d"))
    address = Address.of("postgresql://u:p@h/d?schema=s&split=c&part=1&sslmode=require")
    assert (address.schema, address.split, address.part) == ("s", "c", "1")
    assert address.conninfo == "postgresql://u:p@h/d?sslmode=require"
    assert "p@h" not in repr(address).replace("u@h", "")
    for wrong in ("postgresql://h/d?part=1", "postgresql://h/d?schema=a&schema=b"):
        with pytest.raises(UsageError):
            Address.of(wrong)
    assert scrubbed("no p%40x p@x here", "postgresql://u:p%40x@h/d") == "no *** *** here"
    store_ = TableStore("postgresql://u:p@h/d")
    assert ":p@" not in repr(store_)
    assert pickle.loads(pickle.dumps(store_)) == store_  # noqa: S301 - our own bytes
