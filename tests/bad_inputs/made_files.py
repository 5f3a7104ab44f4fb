"""Broken inputs: files that are cut, broken, called something else, or of a format that is not read."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
from pathlib import Path

from made_base import boxes, made, parcels, save


def _text(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def _lonlat(folder: Path, name: str = "buildings.geojson") -> Path:
    return _text(folder / name, boxes().to_crs(4326).to_json(drop_id=True))


def _written(folder: Path, name: str, driver: str, **options: object) -> Path:
    frame = boxes() if driver != "GeoJSONSeq" else boxes().to_crs(4326)
    frame.to_file(folder / name, driver=driver, engine="pyogrio", **options)
    return folder / name


@made("file", "PLAN-FILE-001 refused")
def gpkg_of_no_bytes(folder: Path) -> Path:
    """A GeoPackage of no bytes."""
    (folder / "b.gpkg").touch()
    return folder / "b.gpkg"


@made("file", "PLAN-FILE-001 refused")
def gpkg_is_words(folder: Path) -> Path:
    """A text that calls itself .gpkg."""
    return _text(folder / "b.gpkg", "not a database")


@made("file", "PLAN-FILE-001 refused")
def sqlite_called_gpkg(folder: Path) -> Path:
    """Another program's SQLite database."""
    with sqlite3.connect(folder / "b.gpkg") as connection:
        connection.execute("CREATE TABLE buildings (building_id TEXT, floors INTEGER)")
    connection.close()
    return folder / "b.gpkg"


@made("file", "PLAN-FILE-001 refused")
def gpkg_head_only(folder: Path) -> Path:
    """The first 60 bytes of a GeoPackage."""
    path = save(folder / "b.gpkg", {"buildings": boxes()})
    path.write_bytes(path.read_bytes()[:60])
    return path


@made("file", "PLAN-FILE-004 noted")
def gpkg_in_use(folder: Path) -> Path:
    """A GeoPackage that another program is writing to: its log lies beside it."""
    path = save(folder / "b.gpkg", {"buildings": boxes()})
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER)")
    log = path.with_name("b.gpkg-wal").read_bytes()
    data = path.read_bytes()
    connection.close()
    path.write_bytes(data)
    path.with_name("b.gpkg-wal").write_bytes(log)
    return path


@made("file", "PLAN-FILE-006 refused")
def dbf_of_fewer_rows(folder: Path) -> Path:
    """Three shapes and two rows."""
    boxes(2).to_file(folder / "two.shp", engine="pyogrio")
    boxes(3).to_file(folder / "buildings.shp", engine="pyogrio")
    (folder / "two.dbf").replace(folder / "buildings.dbf")
    return folder / "buildings.shp"


@made("file", "PLAN-FILE-001 refused")
def shp_cut(folder: Path) -> Path:
    """The half of a .shp."""
    boxes(3).to_file(folder / "buildings.shp", engine="pyogrio")
    data = (folder / "buildings.shp").read_bytes()
    (folder / "buildings.shp").write_bytes(data[: len(data) // 2])
    return folder / "buildings.shp"


@made("file", "PLAN-FILE-005 refused")
def dbf_missing(folder: Path) -> Path:
    """No .dbf."""
    boxes(3).to_file(folder / "buildings.shp", engine="pyogrio")
    (folder / "buildings.dbf").unlink()
    return folder / "buildings.shp"


@made("file", "PLAN-DATA-002 refused")
def folder_called_shp(folder: Path) -> Path:
    """A folder that calls itself .shp."""
    (folder / "buildings.shp").mkdir()
    return folder / "buildings.shp"


@made("file", "PLAN-FILE-005 refused")
def dbf_alone(folder: Path) -> Path:
    """The .dbf of a shapefile, without the rest."""
    boxes(3).to_file(folder / "buildings.shp", engine="pyogrio")
    for suffix in (".shp", ".shx", ".prj", ".cpg"):
        (folder / f"buildings{suffix}").unlink()
    return folder / "buildings.dbf"


@made("file", "PLAN-FILE-001 refused")
def geojson_goes_on(folder: Path) -> Path:
    """A GeoJSON with something behind it."""
    path = _lonlat(folder)
    return _text(path, path.read_text("utf-8") + "\n}}garbage")


@made("file", silent=True)
def geojson_with_mark(folder: Path) -> Path:
    """A GeoJSON with the mark of UTF-8: read as it is."""
    return _text(folder / "buildings.geojson", _lonlat(folder).read_text("utf-8"), "utf-8-sig")


@made("file", "PLAN-FILE-012 noted", "PLAN-GEOM-009 refused")
def geojson_nan(folder: Path) -> Path:
    """NaN, which is no JSON, as a coordinate."""
    path = _lonlat(folder)
    document = json.loads(path.read_text("utf-8"))
    document["features"][0]["geometry"]["coordinates"][0][1][0] = float("nan")
    return _text(path, json.dumps(document))


@made("file", "PLAN-FILE-001 refused")
def geojson_is_list(folder: Path) -> Path:
    """A list of features without its collection."""
    document = json.loads(_lonlat(folder).read_text("utf-8"))
    return _text(folder / "buildings.geojson", json.dumps(document["features"]))


@made("file", "PLAN-FILE-008 refused")
def geojson_of_esri(folder: Path) -> Path:
    """The JSON of an ArcGIS server: rings, not coordinates."""
    ring = [[117.0, 36.65], [117.0001, 36.65], [117.0001, 36.66], [117.0, 36.65]]
    rows = [{"attributes": {"building_id": "B1"}, "geometry": {"rings": [ring]}}]
    return _text(
        folder / "buildings.json", json.dumps({"geometryType": "esriGeometryPolygon", "features": rows})
    )


@made("file", "PLAN-FILE-008 refused")
def topojson(folder: Path) -> Path:
    """TopoJSON."""
    document = {
        "type": "Topology",
        "arcs": [[[0, 0], [1, 0], [0, 1]]],
        "objects": {"b": {"type": "Polygon", "arcs": [[0]]}},
    }
    return _text(folder / "buildings.json", json.dumps(document))


@made("file", "PLAN-FILE-008 refused")
def geojson_in_lines(folder: Path) -> Path:
    """GeoJSON text sequences: a feature in each line."""
    return _written(folder, "buildings.geojson", "GeoJSONSeq")


@made("file", "PLAN-FILE-008 refused")
def geojsonl(folder: Path) -> Path:
    """GeoJSON text sequences that say so."""
    return _written(folder, "buildings.geojsonl", "GeoJSONSeq")


@made("file", "PLAN-FILE-008 refused")
def flatgeobuf(folder: Path) -> Path:
    """FlatGeobuf."""
    return _written(folder, "buildings.fgb", "FlatGeobuf")


@made("file", "PLAN-FILE-008 refused")
def gml(folder: Path) -> Path:
    """GML."""
    return _written(folder, "buildings.gml", "GML")


@made("file", "PLAN-FILE-008 refused")
def mapinfo(folder: Path) -> Path:
    """MapInfo."""
    return _written(folder, "buildings.tab", "MapInfo File")


@made("file", "PLAN-FILE-008 refused")
def file_geodatabase(folder: Path) -> Path:
    """A file geodatabase, which is a folder."""
    return _written(folder, "buildings.gdb", "OpenFileGDB")


@made("file", "PLAN-FILE-014 noted")
def folder_with_geodatabase(folder: Path) -> Path:
    """A folder with a plot that is read, and a file geodatabase that is not."""
    _written(folder, "buildings.gdb", "OpenFileGDB")
    save(folder / "parcels.gpkg", {"parcels": parcels()})
    return folder


@made("file", "PLAN-FILE-001 refused")
def parquet_cut(folder: Path) -> Path:
    """The half of a GeoParquet."""
    boxes().to_parquet(folder / "buildings.parquet")
    data = (folder / "buildings.parquet").read_bytes()
    (folder / "buildings.parquet").write_bytes(data[: len(data) // 2])
    return folder / "buildings.parquet"


@made("file", "PLAN-GEOM-005 degraded")
def parquet_without_shapes(folder: Path) -> Path:
    """A Parquet file that is no GeoParquet."""
    import pandas as pd

    pd.DataFrame(
        {"building_id": ["B1"], "floors": [6], "geometry": ["POLYGON((0 0,1 0,0 1,0 0))"]}
    ).to_parquet(folder / "buildings.parquet")
    return folder / "buildings.parquet"


@made("file", "PLAN-FILE-008 refused")
def kml(folder: Path) -> Path:
    """A KML that links to another place."""
    return _text(
        folder / "b.kml",
        '<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link><href>http://127.0.0.1:9/</href></Link></NetworkLink></kml>',
    )


@made("file", "PLAN-ENC-002 refused")
def picture_called_csv(folder: Path) -> Path:
    """A PNG that calls itself .csv."""
    (folder / "rooms.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    return folder / "rooms.csv"


@made("file", "PLAN-FILE-001 refused")
def csv_of_no_bytes(folder: Path) -> Path:
    """A CSV of no bytes."""
    (folder / "rooms.csv").touch()
    return folder / "rooms.csv"


@made("archive", silent=True)
def zip_names_in_gbk(folder: Path) -> Path:
    """An archive whose names are in GBK, as Chinese Windows writes them."""
    boxes().to_file(folder / "b.shp", engine="pyogrio", encoding="utf-8")
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            info = zipfile.ZipInfo("建筑".encode("gbk").decode("cp437") + suffix)
            archive.writestr(info, (folder / f"b{suffix}").read_bytes())
            (folder / f"b{suffix}").unlink()
    # Windows does not set the bit that says UTF-8.
    data = bytearray((folder / "b.zip").read_bytes())
    utf8, gbk = "建筑".encode("gbk").decode("cp437").encode("utf-8"), "建筑".encode("gbk")
    assert utf8 in data
    return _renamed(folder / "b.zip", utf8, gbk)


def _renamed(path: Path, old: bytes, new: bytes) -> Path:
    """Write an archive anew with names as bytes."""
    with zipfile.ZipFile(path) as archive:
        parts = [(m.filename, archive.read(m)) for m in archive.infolist()]
    short = "x" * len(new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts:
            archive.writestr(short + name[name.rindex(".") :], data)
    path.write_bytes(path.read_bytes().replace(short.encode(), new))
    del old
    return path


@made("archive", "PLAN-DATA-002 refused")
def zip_in_zip(folder: Path) -> Path:
    """An archive of an archive."""
    with zipfile.ZipFile(folder / "in.zip", "w") as archive:
        archive.writestr("b.geojson", _lonlat(folder).read_text("utf-8"))
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.write(folder / "in.zip", "in.zip")
    (folder / "in.zip").unlink()
    (folder / "buildings.geojson").unlink()
    return folder / "b.zip"


@made("archive", "PLAN-DATA-002 refused")
def zip_of_nothing(folder: Path) -> Path:
    """An archive that holds nothing."""
    zipfile.ZipFile(folder / "b.zip", "w").close()
    return folder / "b.zip"


@made("archive", "PLAN-FILE-001 refused")
def zip_cut(folder: Path) -> Path:
    """The half of an archive."""
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("b.geojson", _lonlat(folder).read_text("utf-8"))
    data = (folder / "b.zip").read_bytes()
    (folder / "b.zip").write_bytes(data[: len(data) // 2])
    return folder / "b.zip"


@made("archive", "PLAN-FILE-008 refused")
def rar(folder: Path) -> Path:
    """A RAR archive."""
    (folder / "b.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + b"\0" * 100)
    return folder / "b.rar"


@made("archive", "PLAN-FILE-008 refused")
def rar_called_zip(folder: Path) -> Path:
    """A RAR archive that calls itself .zip."""
    (folder / "b.zip").write_bytes(b"Rar!\x1a\x07\x01\x00" + b"\0" * 100)
    return folder / "b.zip"


@made("archive", "PLAN-FILE-008 refused")
def gzipped(folder: Path) -> Path:
    """A GeoJSON in gzip."""
    (folder / "b.geojson.gz").write_bytes(gzip.compress(_lonlat(folder).read_bytes()))
    (folder / "buildings.geojson").unlink()
    return folder / "b.geojson.gz"


@made("archive", silent=True)
def zip_of_a_mac(folder: Path) -> Path:
    """An archive with the shadow files that a Mac leaves."""
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("buildings.geojson", _lonlat(folder).read_text("utf-8"))
        archive.writestr("__MACOSX/._buildings.geojson", b"\0\5\x16\7" * 20)
        archive.writestr(".DS_Store", b"\0")
    return folder / "b.zip"
