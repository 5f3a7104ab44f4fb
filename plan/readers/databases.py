"""Addresses of PostGIS: what is in them, and how they are shown; a password is never written or printed.

``postgresql://user:password@host:5432/database?schema=public&split=estate_id`` names one schema, in which tables are
called as layers are (their names or Chinese aliases). With ``split`` each value of that column is a site of its own:
``part`` then names one. A table that has no such column is read whole for every site; one that has it and no row of a
site is no layer of that site: absent, not empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode

from plan.errors import UsageError
from plan.messages import Message

__all__ = ["Address", "is_database", "scrubbed", "shown"]

_SCHEMES: Final = ("postgresql://", "postgres://")
_OURS: Final = ("schema", "split", "part")
_SECRET: Final = ("password", "sslpassword")
_SECOND: Final = "://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What the address of a database says."""

    conninfo: str = field(repr=False)  # for the library, with the password
    shown: str  # for people, without
    schema: str = ""  # empty: the first of the server's search path
    split: str = ""  # column whose values are sites of their own
    part: str | None = None  # the one value that is meant

    @classmethod
    def of(cls, source: str) -> Address:
        """Read an address.

        Raises
        ------
        UsageError
            If it names a part without the column, or an option of ours twice.
        """
        base, _, query = source.partition("?")
        options = parse_qsl(query, keep_blank_values=True)
        ours = [(name, value) for name, value in options if name in _OURS]
        theirs = [(name, value) for name, value in options if name not in _OURS]
        told = dict(ours)
        if len(told) != len(ours) or ("part" in told and not told.get("split")):
            raise UsageError(Message("postgis.address", address=shown(source)))
        return cls(
            conninfo=base + (f"?{urlencode(theirs)}" if theirs else ""),
            shown=shown(source),
            schema=told.get("schema", ""),
            split=told.get("split", ""),
            part=told.get("part"),
        )


def is_database(source: str | Path) -> bool:
    """Tell whether a source is the address of a database."""
    return isinstance(source, str) and source.casefold().startswith(_SCHEMES)


def shown(source: str | Path) -> str:
    """Return a source as people see it: an address without its password, a path as it is."""
    text = str(source)
    if not is_database(text):
        return text
    scheme, _, rest = text.partition(_SECOND)
    head, at, tail = rest.rpartition("@")
    user = head.partition(":")[0]
    place, mark, query = tail.partition("?")
    kept = [(n, v) for n, v in parse_qsl(query, keep_blank_values=True) if n.casefold() not in _SECRET]
    return f"{scheme}{_SECOND}{user}{at}{place}{mark if kept else ''}{urlencode(kept)}"


def scrubbed(text: str, source: str) -> str:
    """Return what a server or a library says, without the password of an address."""
    _, _, rest = source.partition(_SECOND)
    head, _, tail = rest.rpartition("@")
    secrets = {head.partition(":")[2]}
    secrets |= {v for n, v in parse_qsl(tail.partition("?")[2]) if n.casefold() in _SECRET}
    for secret in sorted(filter(None, {*secrets, *map(unquote, secrets)}), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text.replace(source, shown(source))
