"""How sources are read: what a user says of files that they do not say themselves."""

from __future__ import annotations

from dataclasses import dataclass

from plan.readers import read_site
from plan.readers.cad import Units
from plan.readers.naming import load_mapping
from plan.readers.shift import load_shifted
from plan.readers.sources import Source
from plan.site import Site

__all__ = ["Manner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What is said of many sources at once; each is as in :func:`plan.readers.read_site`. Goes to other processes."""

    crs: str | None = None
    encoding: str | None = None
    mapping: tuple[str, ...] = ()
    units: Units | None = None
    shifted: tuple[str, ...] = ()

    def require_sense(self) -> None:
        """Refuse names and systems that do not exist, before any source is read.

        Raises
        ------
        UsageError
            If a mapping or a shifted system makes no sense.
        """
        load_mapping(self.mapping)
        load_shifted(self.shifted)

    def read(self, source: Source, *, name: str | None = None) -> Site:
        """Read a site in this manner.

        Raises
        ------
        InputError, UsageError
            As :func:`plan.readers.read_site`.
        """
        return read_site(
            source,
            crs=self.crs,
            encoding=self.encoding,
            name=name,
            mapping=self.mapping or None,
            units=self.units,
            shifted=self.shifted or None,
        )
