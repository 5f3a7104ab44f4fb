"""A result as text and back again, to the last bit: what is kept of each site of a batch.

Schema ``plan.result/2``. Every type of :mod:`plan.findings` is written by its name and fields; a message by its key and
values, with the Chinese beside it for who opens the file, so that reports in both languages can be made of it. The
SHA-256 of the result stands before it: what is torn or changed is not believed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from plan import findings
from plan.batch.task import Checked
from plan.errors import InputError
from plan.findings import SiteResult
from plan.messages import Bilingual, Message

__all__ = ["Record", "read_record", "write_record"]

SCHEMA: Final = "plan.result/2"
_COORDINATES: Final = "coordinates"  # by which GeoJSON is known
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_TYPES: Final[dict[str, type[Any]]] = {
    name: kind
    for name, kind in vars(findings).items()
    if isinstance(kind, type) and (dataclasses.is_dataclass(kind) or issubclass(kind, Enum))
}
# The names of their fields and what these are by default.
_FIELDS: Final[dict[type[Any], tuple[tuple[str, object], ...]]] = {
    kind: tuple((field.name, field.default) for field in dataclasses.fields(kind))
    for kind in _TYPES.values()
    if dataclasses.is_dataclass(kind)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A result as it is kept."""

    key: str  # of what it rests on; empty where it is not to be taken again
    result: SiteResult
    district: str


def write_record(checked: Checked, *, key: str) -> str:
    """Return a result as JSON on one line.

    Parameters
    ----------
    checked : Checked
        What came of a site.
    key : str
        Of what it rests on; see :func:`plan.batch.fingerprint.fingerprint`.

    Returns
    -------
    str
        JSON; the same for the same result.
    """
    data = {"district": checked.district, **_dict_of(checked.result)}
    body = json.dumps(data, ensure_ascii=False, allow_nan=False)
    # Half of a character, as broken files have it, has no bytes in UTF-8.
    body = _SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", body)
    return f"{_head(key, _digest(body))}{body}}}\n"


def read_record(text: str, *, shapes: bool = True) -> Record:
    """Return what was written.

    Parameters
    ----------
    text : str
        Of a file.
    shapes : bool, default True
        False to leave out where findings are, which takes most of the time.

    Raises
    ------
    InputError
        If it is torn, changed, or something else.
    """
    try:
        data = json.loads(text)
        head = _head(data["key"], data["sha256"])
        body = text[len(head) : -2]
        if data["schema"] != SCHEMA or not text.startswith(head) or _digest(body) != data["sha256"]:
            raise InputError(Message("batch.not_a_record"))
        fields = dict(data["result"])
        district = fields.pop("district")
        result = _value(fields, shapes)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(Message("batch.not_a_record")) from error
    if not isinstance(result, SiteResult):
        raise InputError(Message("batch.not_a_record"))
    return Record(key=data["key"], result=result, district=district)


def _head(key: str, digest: str) -> str:
    return f'{{"schema": "{SCHEMA}", "key": {json.dumps(key)}, "sha256": {json.dumps(digest)}, "result": '


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()


def _plain(value: object) -> object:  # noqa: C901, PLR0911 - a line for each kind of value
    """Return a value as JSON holds it, with its type where JSON has none."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return {"is": type(value).__name__, "value": value.value}
    if isinstance(value, Message):
        return {
            "say": value.key,
            "with": {name: _plain(param) for name, param in value.params.items()},
            "zh": str(value),
        }
    if isinstance(value, Bilingual):
        return {"zh": str(value), "en": value.en}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        number = float(value)
        return number if math.isfinite(number) else {"is": "float", "value": str(number)}
    if type(value) in _FIELDS:
        return _dict_of(value)
    if isinstance(value, Mapping) and _COORDINATES in value:
        # GeoJSON is most of what a result holds: as a text within the text it need not be parsed to count results.
        return {"is": "geometry", "json": json.dumps(value, ensure_ascii=False, allow_nan=False)}
    if isinstance(value, Mapping):
        return {"is": "map", "value": {str(name): _plain(part) for name, part in value.items()}}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if hasattr(value, "item"):  # a number of numpy
        return _plain(value.item())
    msg = f"a result cannot hold {type(value).__name__}"
    raise TypeError(msg)


def _dict_of(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    held = ((name, default, getattr(value, name)) for name, default in _FIELDS[type(value)])
    # What a field has by default is left out: it comes back by itself.
    kept = {name: _plain(part) for name, default, part in held if part != default}
    return {"is": type(value).__name__, **kept}


_ATOMS: Final = frozenset({str, int, float, bool, type(None)})  # as they are


def _value(data: Any, shapes: bool) -> Any:  # noqa: ANN401, FBT001, PLR0911 - JSON; a line for each kind of value
    if isinstance(data, list):
        return tuple([part if type(part) in _ATOMS else _value(part, shapes) for part in data])
    if not isinstance(data, dict):
        return data
    if "say" in data:
        return Message(data["say"], **{name: _value(param, shapes) for name, param in data["with"].items()})
    name = data.get("is")
    if name is None:
        return Bilingual(data["zh"], data["en"])
    if name == "map":
        return {key: _value(part, shapes) for key, part in data["value"].items()}
    if name == "geometry":
        return json.loads(data["json"]) if shapes else None
    if name == "float":
        return float(data["value"])
    kind = _TYPES[name]
    if issubclass(kind, Enum):
        return kind(data["value"])
    return kind(
        **{
            key: part if type(part) in _ATOMS else _value(part, shapes)
            for key, part in data.items()
            if key != "is"
        }
    )
