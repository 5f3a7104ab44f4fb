"""OpenStreetMap as it is today, for a box or a named place, through osmnx and an Overpass server.

Needs the internet. The same tables and the same sorting as for files decide what becomes of each thing.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from plan.errors import UnavailableError, UsageError
from plan.messages import Message
from plan.readers._osm_collect import WANTED, Collector
from plan.readers._osm_tags import COMMUNITY_LEVELS
from plan.readers.osm import refusal, to_raw
from plan.readers.raw import RawData

__all__ = ["is_overpass", "read_overpass"]

_SCHEME: Final = "osm:"
_DEFAULT_URL: Final = "https://overpass-api.de/api"
_LIMIT_DEGREES: Final = 0.5  # about 50 km; more is a matter for a file
_CONNECT_S: Final = 5.0  # seconds to find out that there is no internet

Box = tuple[float, float, float, float]  # west, south, east, north in degrees


def is_overpass(source: str) -> bool:
    """Tell whether a source asks for live OpenStreetMap: ``osm:west,south,east,north`` or ``osm:place``."""
    return source.casefold().startswith(_SCHEME)


def read_overpass(
    area: str | Box, *, url: str = _DEFAULT_URL, timeout_s: float = 60.0, connect_s: float = _CONNECT_S
) -> RawData:
    """Read an area of OpenStreetMap as it is now.

    Parameters
    ----------
    area : str or tuple of float
        West, south, east, north in degrees (as numbers or text with commas), or the name of a place;
        text may begin with ``osm:``.
    url : str, optional
        The Overpass server, without ``/interpreter``.
    timeout_s : float, default 60
        Seconds to wait for an answer.
    connect_s : float, default 5
        Seconds to wait for a connection.

    Returns
    -------
    RawData
        The layers of :func:`plan.readers.osm.read_osm`.

    Raises
    ------
    UnavailableError
        If the server cannot be reached.
    UsageError
        If the box makes no sense or is too large.
    InputError
        If the place is unknown, or nothing of use is there.
    """
    text = area if isinstance(area, str) else ",".join(map(str, area))
    shown = (text[len(_SCHEME) :] if is_overpass(text) else text).strip()
    box = _box(shown)
    _require_server(url, connect_s)
    frame = _download(shown, box, url=url, timeout_s=timeout_s)
    collector = Collector()
    _sort(frame, collector)
    return to_raw(collector, path=f"{_SCHEME}{shown}", name=shown)


def _box(text: str) -> Box | None:
    """Return the box, or None when a place is named."""
    if not text:
        raise UsageError(Message("osm.bad_area", area=text))
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None  # a place
    good = len(numbers) == 4 and all(math.isfinite(number) for number in numbers)  # noqa: PLR2004 - four sides
    if not good:
        raise UsageError(Message("osm.bad_area", area=text))
    west, south, east, north = numbers
    return _checked((west, south, east, north), text)


def _checked(box: Box, text: str) -> Box:
    west, south, east, north = box
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004 - the globe
        raise UsageError(Message("osm.bad_area", area=text))
    if max(east - west, north - south) > _LIMIT_DEGREES:
        raise UsageError(Message("osm.area_too_large", area=text, limit=_LIMIT_DEGREES))
    return box


def _require_server(url: str, connect_s: float) -> None:
    """Find out quickly whether there is internet: osmnx itself would wait and try again for minutes."""
    import requests  # noqa: PLC0415 - comes with osmnx, and only needed here

    try:
        requests.get(f"{url.rstrip('/')}/status", timeout=(connect_s, connect_s)).close()
    except requests.exceptions.RequestException as error:
        raise UnavailableError(_unreachable(url, error)) from error


def _unreachable(url: str, error: Exception) -> Message:
    return Message("osm.no_internet_and_cure", url=url, why=type(error).__name__)


def _download(shown: str, box: Box | None, *, url: str, timeout_s: float) -> gpd.GeoDataFrame:
    import osmnx  # noqa: PLC0415 - heavy, and only needed here
    import requests  # noqa: PLC0415 - the same
    from osmnx._errors import InsufficientResponseError, ResponseStatusCodeError  # noqa: PLC0415 - the same

    with _settings(osmnx.settings, overpass_url=url, requests_timeout=timeout_s, use_cache=False):
        try:
            if box is None:
                west, south, east, north = map(float, osmnx.geocode_to_gdf(shown).total_bounds)
                box = _checked((west, south, east, north), shown)
        except (InsufficientResponseError, TypeError) as error:
            raise refusal(Message("osm.place_unknown", place=shown), shown) from error
        except (requests.exceptions.RequestException, ResponseStatusCodeError) as error:
            raise UnavailableError(_unreachable(osmnx.settings.nominatim_url, error)) from error
        try:
            wanted: dict[str, bool | str | list[str]] = dict.fromkeys((*WANTED, "entrance"), True)
            return osmnx.features_from_bbox(box, wanted | {"admin_level": [str(n) for n in COMMUNITY_LEVELS]})
        except InsufficientResponseError as error:
            raise refusal(Message("osm.nothing", path=shown), shown) from error
        except (requests.exceptions.RequestException, ResponseStatusCodeError) as error:
            raise UnavailableError(_unreachable(url, error)) from error


@contextmanager
def _settings(settings: Any, **values: object) -> Iterator[None]:  # noqa: ANN401 - a module of osmnx
    """Set options of osmnx for a while; its change of how names are resolved is taken back as well."""
    before = {name: getattr(settings, name) for name in values}
    resolve = socket.getaddrinfo
    try:
        for name, value in values.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        socket.getaddrinfo = resolve


# --- what osmnx returns -----------------------------------------------------------------------------


def _sort(frame: gpd.GeoDataFrame, collector: Collector) -> None:
    """Sort a frame of features, indexed by element (node, way, relation) and number."""
    columns = [column for column in frame.columns if column != frame.geometry.name]
    cells = frame[columns].to_numpy(dtype=object)
    # Nodes first, so that doors are known when the outlines come.
    order = sorted(range(len(frame)), key=lambda i: (str(frame.index[i][0]), int(frame.index[i][1])))
    for i in order:
        element, number = frame.index[i]
        tags = {c: str(v) for c, v in zip(columns, cells[i], strict=True) if not pd.isna(v)}
        _sort_one(f"{str(element)[0]}{number}", tags, frame.geometry.iloc[i], collector)


def _sort_one(ident: str, tags: Mapping[str, str], shape: BaseGeometry | None, collector: Collector) -> None:
    if shape is None or shape.is_empty:
        collector.broken.append(ident)
    elif isinstance(shape, shapely.Point):
        collector.node(ident, tags, (shape.x, shape.y))
    elif isinstance(shape, shapely.LineString):
        closed = bool(shape.is_closed)
        collector.way(ident, tags, [(x, y) for x, y, *_ in shape.coords], closed=closed)
    elif isinstance(shape, shapely.Polygon) and ident.startswith("w"):
        collector.way(ident, tags, [(x, y) for x, y, *_ in shape.exterior.coords], closed=True)
    elif isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        collector.area(ident, tags, shape)
