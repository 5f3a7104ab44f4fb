"""Which sites a batch is about: the files of folders, their names, and the districts that they lie in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from plan.files import why_not
from plan.findings import SiteResult
from plan.messages import Message
from plan.readers.databases import is_database, shown
from plan.readers.geoparquet import PARQUET
from plan.readers.postgis import parts_of

__all__ = ["ENDINGS", "Found", "found_sites", "look_for", "names_told_apart", "renamed", "sites_in"]

# What a folder of estates is searched for; each such file is one site.
ENDINGS: Final = (".gpkg", ".geojson", ".osm", ".osm.pbf", ".pbf", ".json", ".zip")
_LAYER_FILES: Final = (".shp", *PARQUET)  # a folder of these is one site, a file for each layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A site of a batch."""

    source: str  # as it is read; a database's address with the password that the user gave
    shown: str  # as it is written and printed
    name: str
    rename: bool = False  # True when the file's own name would not be the only one
    district: str = ""  # the folder in a folder of districts
    error: Message | None = None  # why a folder holds none


def look_for(sources: Iterable[str | Path]) -> tuple[Found, ...]:
    """Return every site of some sources, in their order, each with a name of its own.

    Parameters
    ----------
    sources : iterable of path-like
        Files, folders whose files are one site each, folders of such folders (districts), or addresses of PostGIS.

    Returns
    -------
    tuple of Found
        A folder that holds no site has an entry too, whose ``error`` says what is wrong with it.
    """
    found = [
        Found(source=source, shown=shown(source), name=_stem(shown(source)), district=district, error=error)
        for source, district, error in _listed(sources)
    ]
    count = Counter(one.name for one in found)
    return tuple(one if count[one.name] == 1 else replace(one, name=one.shown, rename=True) for one in found)


def sites_in(folder: str | Path) -> tuple[Path, ...]:
    """Return the sites directly inside a folder.

    Parameters
    ----------
    folder : path-like
        A folder.

    Returns
    -------
    tuple of pathlib.Path
        Its files that are a site each (``ENDINGS``), sorted by name; or the folder itself when it
        holds the layers of one site as shapefiles or GeoParquet; or nothing.
    """
    entries = sorted(p for p in Path(folder).iterdir() if not p.name.startswith("."))
    files = [p for p in entries if p.is_file()]
    sites = tuple(p for p in files if p.name.casefold().endswith(ENDINGS))
    if not sites and any(p.suffix.casefold() in _LAYER_FILES for p in entries):
        return (Path(folder),)
    return sites


def found_sites(sources: Iterable[str | Path]) -> Iterator[tuple[str, Message | None]]:
    """Yield the path or address of each site that :func:`plan.batch.check_many` checks, in its order.

    With each comes None; or, for a folder that holds no site, what is wrong with it.
    """
    for source, _, error in _listed(sources):
        yield source, error


def _listed(sources: Iterable[str | Path]) -> Iterator[tuple[str, str, Message | None]]:
    for source in sources:
        if is_database(source):
            for part in parts_of(str(source)):
                yield part, "", None
            continue
        path = Path(source)
        if not path.is_dir():
            yield str(source), "", None
            continue
        try:
            listed = _of_folder(path)
        except OSError as error:
            yield str(source), "", Message("batch.cannot_list", path=str(source), why=why_not(error))
            continue
        if not listed:
            yield str(source), "", Message("batch.no_estates", path=str(source), endings=ENDINGS)
        for site, district in listed:
            yield str(site), district, None


def _of_folder(folder: Path) -> list[tuple[Path, str]]:
    """Return the sites of a folder, or of its folders, which then are districts."""
    own = [(site, "") for site in sites_in(folder)]
    if own:
        return own
    inner = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    return [(site, district.name) for district in inner for site in sites_in(district)]


def names_told_apart(names: Sequence[str], paths: Sequence[str]) -> tuple[str, ...]:
    """Add the file to names that sites share: copies of a site file keep the name that is written in it."""
    count = Counter(names)
    return tuple(
        name if count[name] == 1 or name == path else f"{name} ({path})"
        for name, path in zip(names, paths, strict=True)
    )


def renamed(result: SiteResult, name: str) -> SiteResult:
    """Return a result under another name."""
    if result.name == name:
        return result
    report = None if result.report is None else replace(result.report, site=name)
    return replace(result, name=name, report=report)


def _stem(path: str) -> str:
    if is_database(path):
        return path
    name = Path(path).name
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if name.casefold().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return Path(path).stem or path
