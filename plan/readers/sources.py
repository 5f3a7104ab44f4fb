"""From what a user names to layers as found: by content first, by ending second."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from plan.columns import text_of
from plan.errors import InputError
from plan.files import sha256, why_not
from plan.findings import InputFile, Problem
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._cad_rules import CadRule
from plan.readers._places import place_names
from plan.readers.addresses import compose_ids
from plan.readers.archive import folders_in, unpack
from plan.readers.cad import Units, is_drawing, read_cad
from plan.readers.databases import is_database
from plan.readers.foreign import FOREIGN, refuse_foreign
from plan.readers.geojson import read_geojson
from plan.readers.geopackage import MAGIC as SQLITE
from plan.readers.geoparquet import PARQUET, is_parquet, parts_in, read_parquet
from plan.readers.joining import house_of_sheet, join_sheets
from plan.readers.naming import UNREAD, LayerMapping, family_of, identify
from plan.readers.origins import attribution_of
from plan.readers.osm import is_osm, read_osm
from plan.readers.overpass import is_overpass, read_overpass
from plan.readers.own_files import about
from plan.readers.packing import HEAD, ZIP, refuse_packed
from plan.readers.postgis import read_database
from plan.readers.raw import RawData, RawLayer
from plan.readers.remarks import is_remarks
from plan.readers.tables import is_list, leading_zeros, read_csv
from plan.readers.vector import SHP_PARTS, read_geopackage, read_shapefile, sidecars
from plan.readers.workbook import is_workbook, read_workbook
from plan.readers.xml_files import refuse_xml
from plan.schema import LAYERS
from plan.text_safety import plain
from plan.validation import match_columns

__all__ = ["Source", "read_raw"]

Source = str | Path
_SHP: Final = b"\x00\x00\x27\x0a"
_BEFORE_TEXT: Final = b"\xef\xbb\xbf \t\r\n"
_CSV: Final = (".csv", ".tsv", ".txt")
_LISTS: Final = (*_CSV, ".xlsx", ".xlsm")  # in which ids may have lost their zeros
_JSON: Final = (".geojson", ".json")
_KNOWN: Final = (
    ".gpkg",
    ".shp",
    *_JSON,
    ".csv",
    ".tsv",
    ".xlsx",
    ".xlsm",
    ".osm",
    ".pbf",
    ".dxf",
    *PARQUET,
)  # what is read of a folder
_GEODATABASE: Final = ".gdb"
# What data lies in, and is not read; readme, pictures and the like are nobody's loss.
_NO_LOSS: Final = ("picture", "document", "project")
_UNREAD: Final = (
    *(ending for ending, (_, way) in FOREIGN.items() if way not in _NO_LOSS),
    ".dwg", ".geojsonl", ".ndjson", ".xls", ".xlsb", ".xlt", ".xltx", ".et", ".ett", ".ods", ".numbers", ".dbf", ".sqlite", ".db", ".osh", ".osc", ".zip", ".rar", ".7z", ".gz",
)  # fmt: skip
_NAME: Final = 100  # characters of a path that cannot be
_NAMED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the user says about files."""

    encoding: str | None
    rules: tuple[CadRule, ...]
    units: Units | None


def read_raw(
    sources: Sequence[Source],
    *,
    encoding: str | None = None,
    mapping: LayerMapping | None = None,
    units: Units | None = None,
) -> RawData:
    """Read everything that some sources hold, and judge none of it.

    Parameters
    ----------
    sources : sequence of str or path-like
        Files, folders of files, archives, or ``osm:west,south,east,north``.
    encoding : str, optional
        What the user says that texts are encoded in.
    mapping : LayerMapping, optional
        What the user says about names.
    units : {"mm", "cm", "m"}, optional
        What the user says that drawings are in.

    Returns
    -------
    RawData
        At most one layer for each layer of the contract; a file that cannot be used leaves a problem
        whose effect is ``refused``.
    """
    mapping = mapping or LayerMapping()
    by_name = tuple(
        CadRule(match=(old,), layer=new, given=True) for old, new in mapping.layers.items() if new != UNREAD
    )
    told = _Said(encoding=encoding, rules=(*by_name, *mapping.drawings), units=units)
    parts = [part for source in sources for part in _read(source, told, mapping)]
    layers: list[RawLayer] = []
    problems: list[Problem] = []
    owed: list[str] = []
    for part in parts:
        mine, noted = _named_layers(part, mapping)
        layers += mine
        problems += noted
        found = ProblemList(path=mine[0].path if mine else "")
        owed.append(part.attribution or attribution_of([one for one in mine if one.name], found))
        problems += found.problems
    problems += _twice(layers)
    return RawData(
        layers=tuple(layers),
        problems=tuple(problems),
        inputs=tuple(i for part in parts for i in part.inputs),
        estimates=tuple(sorted({name for part in parts for name in part.estimates})),
        attribution="；".join(dict.fromkeys(filter(None, owed))),
        name=_name_of(sources, [part.name for part in parts]),
    )


def _name_of(sources: Sequence[Source], names: Sequence[str]) -> str:
    """Return what people would call it: the folder or archive, else the file."""
    if len(sources) == 1 and not is_overpass(str(sources[0])) and not is_database(sources[0]):
        path = Path(sources[0])
        if _is_there(path, str(sources[0])) and path.is_dir():
            return path.resolve().name
        if path.suffix.casefold() == ".zip":
            return path.stem
    return ", ".join(names[:3])


def _read(source: Source, said: _Said, mapping: LayerMapping) -> list[RawData]:
    """Read one source: each of its files is one part."""
    if is_database(source):
        return [read_database(str(source), mapping)]
    if is_overpass(str(source)):
        return [read_overpass(str(source))]
    path = Path(source)
    shown = str(source)
    if not _is_there(path, shown):
        name = plain(shown[:_NAME])
        return [
            _refusal(shown[:_NAME], path.stem[:_NAME], "PLAN-FILE-003", Message("readers.absent", path=name))
        ]
    if path.is_dir() and not is_parquet(path):
        return _read_folder(path, shown, said)
    if path.suffix.casefold() == ".zip":
        return _read_zip(path, shown, said)
    return [_read_file(path, shown, said)]


def _is_there(path: Path, shown: str) -> bool:
    """Tell whether there is a file or folder; no name is not the folder one is in, and some cannot be of anything."""
    try:
        return bool(shown) and (path.is_file() or path.is_dir())
    except (OSError, ValueError):
        return False


def _read_folder(path: Path, shown: str, said: _Said) -> list[RawData]:
    if path.suffix.casefold() == _GEODATABASE:
        found = ProblemList(path=shown)
        refuse_foreign(path, b"", found)
        return [RawData(layers=(), problems=found.problems, name=path.stem)]
    inside = sorted(path.iterdir())
    files = [f for f in inside if (f.is_file() or is_parquet(f)) and _wanted(f)]
    parts = [_read_file(file, f"{shown.rstrip('/')}/{file.name}", said) for file in files]
    return [*parts, *_left_unread(inside, files, shown), *_folders_unread(inside, shown)]


def _folders_unread(inside: Sequence[Path], shown: str) -> list[RawData]:
    """Tell folders in a folder that hold what is read: one level is."""
    held = [
        folder
        for folder in inside
        if folder.is_dir()
        and not folder.name.startswith(".")
        and not is_parquet(folder)
        and folder.suffix.casefold() != _GEODATABASE
        and any(_wanted(file) for file in folder.iterdir())
    ]
    if not held:
        return []
    found = ProblemList(path=shown)
    names = tuple(plain(folder.name) for folder in held[:_NAMED])
    found.add("PLAN-FILE-014", "warning", "noted", Message("readers.folders_unread", names=names))
    return [RawData(layers=(), problems=found.problems)]


def _wanted(file: Path) -> bool:
    return file.suffix.casefold() in _KNOWN and not file.name.startswith((".", "~"))


def _read_zip(path: Path, shown: str, said: _Said) -> list[RawData]:
    found = ProblemList(path=shown)
    inputs = (InputFile(path=shown, sha256=sha256(path)),)
    with path.open("rb") as file:
        packed = refuse_packed(path, file.read(HEAD), found)
    if packed:
        return [RawData(layers=(), problems=found.problems, inputs=inputs, name=path.stem)]
    geodatabases = folders_in(path, _GEODATABASE)
    for inner in geodatabases:
        refuse_foreign(inner, b"", found)
    with tempfile.TemporaryDirectory(prefix="plan-") as name:
        folder = Path(name)
        if geodatabases or not unpack(path, folder, found):
            return [RawData(layers=(), problems=found.problems, inputs=inputs, name=path.stem)]
        inside = sorted(folder.iterdir())
        files = [f for f in inside if _wanted(f)]
        unread = _left_unread(inside, files, shown)
        parts = [_read_file(file, f"{shown}/{file.name}", said) for file in files]
    if not parts:
        found.add("PLAN-DATA-002", "error", "refused", Message("readers.nothing", name=plain(path.name)))
        return [RawData(layers=(), problems=found.problems, inputs=inputs, name=path.stem), *unread]
    # The archive is the input; what it held is gone when this returns.
    return [*(replace(part, inputs=inputs if i == 0 else ()) for i, part in enumerate(parts)), *unread]


def _left_unread(inside: Sequence[Path], read: Sequence[Path], shown: str) -> list[RawData]:
    """Tell files of a folder that hold data in a form that is not read; nobody is to miss them without knowing."""
    taken = {f.name.casefold() for f in read} | {
        f.with_suffix("").name.casefold() + suffix
        for f in read
        if f.suffix.casefold() == ".shp"
        for suffix in SHP_PARTS
    }
    left = [
        f
        for f in inside
        if (f.suffix.casefold() in _UNREAD or is_list(f))
        and f.name.casefold() not in taken
        and not f.name.startswith((".", "~"))
    ]
    if not left:
        return []
    found = ProblemList(path=shown)
    names = tuple(plain(f.name) for f in left[:_NAMED])
    found.add(
        "PLAN-FILE-014", "warning", "noted", Message("readers.left_unread", names=names, count=len(left))
    )
    return [RawData(layers=(), problems=found.problems)]


def _read_file(path: Path, shown: str, said: _Said) -> RawData:
    found = ProblemList(path=shown)
    if is_parquet(path):
        return _read_parquet(path, shown, found)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        # XML is looked into for what is evil, whatever its ending.
        xml = head.lstrip(_BEFORE_TEXT).startswith(b"<")
        if refuse_packed(path, head, found) or (not xml and refuse_foreign(path, head, found)):
            packed = (InputFile(path=shown, sha256=sha256(path)),)
            return RawData(layers=(), problems=found.problems, inputs=packed, name=path.stem)
        if is_osm(path):
            return _read_osm(path, shown)
        shapefile = head.startswith(_SHP) or path.suffix.casefold() == ".shp"
        files = [p for s, p in sidecars(path).items() if s in SHP_PARTS] if shapefile else [path]
        layers = (
            read_shapefile(path, shown, found, encoding=said.encoding)
            if shapefile
            else _layers_of(path, shown, head, said, found)
        )
        inputs = tuple(
            InputFile(path=shown if f == path else f"{shown[: -len(path.name)]}{f.name}", sha256=sha256(f))
            for f in files
        )
    except OSError as error:
        return _refusal(
            shown,
            path.stem,
            "PLAN-FILE-003",
            Message("readers.unreadable", why=why_not(error)),
        )
    return about(RawData(layers=tuple(layers), problems=found.problems, inputs=inputs, name=path.stem))


def _layers_of(path: Path, shown: str, head: bytes, said: _Said, found: ProblemList) -> list[RawLayer]:
    """Read a file by what it begins with, then by its ending; what no reader takes is refused."""
    suffix = path.suffix.casefold()
    text = head.lstrip(_BEFORE_TEXT)
    if head.startswith(SQLITE):
        return read_geopackage(path, shown, found)
    if text.startswith(b"<") or suffix in (".kml", ".gpx", ".xml"):
        refuse_xml(path, text, found)
    elif (suffix in _JSON or text.startswith(b"{")) and not is_remarks(path):
        return read_geojson(path, shown, found, encoding=said.encoding)
    elif is_workbook(head, suffix) or (suffix in _CSV and head.startswith(ZIP)):
        return read_workbook(path, shown, found)
    elif suffix in _CSV:
        return read_csv(path, shown, found, encoding=said.encoding, around=True)
    elif is_drawing(head, suffix):
        return read_cad(path, shown, found, encoding=said.encoding, rules=said.rules, units=said.units)
    else:
        _refuse_other(path, suffix, found)
    return []


def _refuse_other(path: Path, suffix: str, found: ProblemList) -> None:
    """Say why a file that no reader takes is not taken."""
    name = plain(path.name)
    if suffix in SHP_PARTS:
        found.add("PLAN-FILE-005", "error", "refused", Message("readers.shp_missing", file=name))
    elif suffix == ".gpkg":
        found.add("PLAN-FILE-001", "error", "refused", Message("readers.gpkg_not"))
    elif is_remarks(path):
        found.add("PLAN-REM-008", "error", "refused", Message("remarks.of_remarks", name=name))
    else:
        found.add("PLAN-FILE-008", "error", "refused", Message("readers.format", name=name))


def _read_parquet(path: Path, shown: str, found: ProblemList) -> RawData:
    layers = read_parquet(path, shown, found)
    inputs = tuple(
        InputFile(
            path=shown if part == path else f"{shown}/{part.relative_to(path).as_posix()}",
            sha256=sha256(part),
        )
        for part in parts_in(path)
    )
    return RawData(layers=tuple(layers), problems=found.problems, inputs=inputs, name=path.stem)


def _read_osm(path: Path, shown: str) -> RawData:
    try:
        raw = read_osm(path, shown=shown)
    except InputError as error:
        problems = tuple(replace(p, path=shown) for p in error.problems if isinstance(p, Problem))
        return RawData(
            layers=(),
            problems=problems,
            inputs=(InputFile(path=shown, sha256=sha256(path)),),
            name=path.stem,
        )
    return replace(
        raw,
        layers=tuple(replace(layer, path=shown) for layer in raw.layers),
        problems=tuple(replace(p, path=shown) for p in raw.problems),
        inputs=tuple(replace(i, path=shown) for i in raw.inputs),
    )


def _refusal(shown: str, name: str, problem_id: str, message: Message) -> RawData:
    found = ProblemList(path=shown)
    found.add(problem_id, "error", "refused", message)
    return RawData(layers=(), problems=found.problems, name=name)


# --- names ---------------------------------------------------------------------------------------


def _named_layers(part: RawData, mapping: LayerMapping) -> tuple[list[RawLayer], list[Problem]]:
    """Name the layers of a file, join sheets that are one list, and make ids of households that have none."""
    named: list[RawLayer] = []
    problems: list[Problem] = []
    for layer in part.layers:
        alone = len(part.layers) == 1 or house_of_sheet(layer.source_layer) is not None
        one, noted = _named(layer, mapping, alone=alone)
        named.append(one)
        problems += noted
    joined, told = join_sheets(named, part.problems)
    out: list[RawLayer] = []
    for layer in joined:
        listed, noted = _listed(layer)
        out.append(listed)
        problems += noted
    return out, [*told, *problems]


def _named(layer: RawLayer, mapping: LayerMapping, *, alone: bool) -> tuple[RawLayer, tuple[Problem, ...]]:
    found = ProblemList(path=layer.path, layer=layer.name)
    if layer.name:
        return layer, ()
    name, guessed = identify(
        source_layer=layer.source_layer,
        stem=Path(layer.path).stem,
        family=family_of(layer.shapes),
        columns=layer.columns,
        mapping=mapping,
        alone=alone,
    )
    found.layer = name
    if guessed:
        message = Message("readers.layer_guessed", source=plain(layer.source_layer), layer=name)
        found.add("PLAN-LAYER-003", "info", "noted", message)
    return replace(layer, name=name), found.problems


def _listed(layer: RawLayer) -> tuple[RawLayer, tuple[Problem, ...]]:
    """Tell what lists that came out of spreadsheets lost, and make ids of households from house, stairwell and door."""
    columns, name = layer.columns, layer.name
    found = ProblemList(path=layer.path, layer=name)
    if name and Path(layer.path).suffix.casefold() in _LISTS and len(set(columns)) == len(columns):
        layer = _without_points(layer, name, found)
        _tell_zeros(layer, name, found)
        _tell_no_places(layer, name, found)
        if name == "households":
            layer, told = compose_ids(layer)
            found.extend(told)
    return layer, found.problems


def _without_points(layer: RawLayer, name: str, found: ProblemList) -> RawLayer:
    """Take the .0 from ids that went through numbers: where all of a column have it, none means it."""
    spec = LAYERS[name]
    for ours, theirs in match_columns(spec, layer.columns).items():
        texts = text_of(layer.frame[theirs]) if spec.column(ours).type == "id" else None
        if texts is None or not texts.notna().any() or not texts.dropna().str.fullmatch(r"\d+\.0").all():
            continue
        rows = tuple(i for i, text in enumerate(texts, start=1) if text is not None)
        message = Message(
            "readers.whole_ids", layer=name, column=plain(theirs), rows=rows[:20], count=len(rows)
        )
        found.add("PLAN-ID-009", "warning", "repaired", message, column=ours, rows=rows)
        whole = texts.map(lambda text: None if text is None else text.removesuffix(".0"))
        layer = replace(layer, frame=layer.frame.assign(**{theirs: whole}))
    return layer


def _tell_no_places(layer: RawLayer, name: str, found: ProblemList) -> None:
    """Tell a list of what must lie somewhere that has no columns for it."""
    have = {column.strip().casefold() for column in layer.columns}
    placed = any(have & set(place_names(axis)) for axis in ("lon", "x"))
    if (
        len(layer.frame)
        and not placed
        and "Point" in LAYERS[name].shapes
        and "none" not in LAYERS[name].shapes
    ):
        message = Message(
            "readers.no_places", layer=name, have=tuple(plain(c) for c in layer.columns)[:_NAMED]
        )
        found.add("PLAN-GEOM-009", "warning", "noted", message)


def _tell_zeros(layer: RawLayer, name: str, found: ProblemList) -> None:
    spec = LAYERS[name]
    for ours, theirs in match_columns(spec, layer.columns).items():
        rows = leading_zeros(text_of(layer.frame[theirs])) if spec.column(ours).type == "id" else ()
        if rows:
            message = Message("readers.zeros_kept", layer=name, column=plain(theirs), rows=rows[:20])
            found.add("PLAN-ID-003", "warning", "repaired", message, column=ours, rows=rows)


def _twice(layers: list[RawLayer]) -> tuple[Problem, ...]:
    """Two files for one layer: which one holds is not guessed."""
    problems: list[Problem] = []
    for name in dict.fromkeys(layer.name for layer in layers if layer.name):
        same = [layer for layer in layers if layer.name == name]
        if len(same) > 1:
            found = ProblemList(path=same[0].path, layer=name)
            where = tuple(f"{layer.path} · {plain(layer.source_layer)}" for layer in same)
            found.add(
                "PLAN-FILE-010", "error", "refused", Message("readers.layer_twice", layer=name, where=where)
            )
            problems += found.problems
    return tuple(problems)
