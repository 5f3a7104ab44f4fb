"""What a batch was asked: written beside its results, so that it can go on after a crash without being told again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import get_args

from plan.batch.common import Common
from plan.batch.fingerprint import digest_of_pack
from plan.batch.sites import Found, look_for
from plan.batch.store import SCHEMA
from plan.batch.task import Task
from plan.checks import require_options
from plan.errors import InputError, RulePackError, UsageError
from plan.messages import Message
from plan.readers.cad import Units
from plan.readers.databases import is_database, shown
from plan.readers.manner import Manner
from plan.rules import RulePack, Waivers, load_pack, load_waivers

__all__ = ["Request", "taken_for_a_day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Which sites are checked against which rules, and how.

    Parameters
    ----------
    sources : tuple of str
        Files, folders, or addresses of PostGIS; see :func:`plan.batch.sites.look_for`.
    pack : str
        What :func:`plan.rules.load_pack` takes.
    on, stage, select, estate, households_from, crs, encoding, mapping, units, shifted, dem, since
        As in :func:`plan.batch.check_many`.
    """

    sources: tuple[str, ...]
    pack: str
    on: str | None = None
    stage: str | None = None
    select: tuple[str, ...] = ()
    estate: str | None = None
    households_from: str | None = None
    crs: str | None = None
    encoding: str | None = None
    mapping: tuple[str, ...] = ()
    units: Units | None = None
    shifted: tuple[str, ...] = ()
    dem: str | None = None
    since: str | None = None
    waivers: str | None = None  # the file of waivers

    @property
    def manner(self) -> Manner:
        """How the sites are read."""
        return Manner(
            crs=self.crs,
            encoding=self.encoding,
            mapping=self.mapping,
            units=self.units,
            shifted=self.shifted,
        )

    def tasks(
        self, pack: RulePack | None = None, *, waivers: Waivers | None = None
    ) -> tuple[tuple[Task, Message | None], ...]:
        """Return each site to check, with what is wrong with it before it is looked at.

        Parameters
        ----------
        pack : RulePack, optional
            The rules, where they were loaded already.
        waivers : Waivers, optional
            The waivers, where they were.

        Raises
        ------
        UsageError, RulePackError
            If the pack, the waivers, the stage, the estate, the selection or a mapping makes no sense, or one drawing of the
            stage before is given for several sites.
        """
        rules = load_pack(self.pack, on=self.on) if pack is None else pack
        require_options(rules, stage=self.stage, select=self.select, estate=self.estate)
        self.manner.require_sense()
        allowed = waivers
        if allowed is None and self.waivers is not None:
            allowed = load_waivers(self.waivers)
        found = tuple(look_for(self.sources))
        if self.since is not None and len(found) > 1 and not Path(self.since).is_dir():
            raise UsageError(Message("batch.one_since", path=shown(self.since), count=len(found)))
        digest = digest_of_pack(rules)
        shared, waived = Common(rules), None if allowed is None else Common(allowed)
        return tuple((self._task(one, shared, digest, waived), one.error) for one in found)

    def _since(self, source: str) -> str | None:
        """Return the drawing of the stage before: of a folder the file of the same name, where it has one."""
        if self.since is None or is_database(self.since) or not Path(self.since).is_dir():
            return self.since
        file = Path(self.since) / Path(source).name
        return str(file) if file.exists() else None

    def _task(
        self, found: Found, rules: Common[RulePack], digest: str, waivers: Common[Waivers] | None
    ) -> Task:
        return Task(
            source=found.source,
            shown=found.shown,
            name=found.name,
            rename=found.rename,
            district=found.district,
            pack=rules,
            pack_digest=digest,
            stage=self.stage,
            select=self.select,
            estate=self.estate,
            households_from=self.households_from,
            manner=self.manner,
            dem=self.dem,
            since=self._since(found.source),
            waivers=waivers,
        )

    def to_json(self) -> str:
        """Return it as text; passwords are left out."""
        data = asdict(replace(self, sources=tuple(shown(source) for source in self.sources)))
        return json.dumps({"schema": SCHEMA, **data}, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, *, path: str) -> Request:
        """Return what was written.

        Raises
        ------
        InputError
            If the text is something else.
        """
        try:
            data = json.loads(text)
            if data.pop("schema") != SCHEMA:
                raise InputError(Message("batch.not_a_batch", path=path))
            # What a batch of an earlier version was not asked has no name there.
            select, mapping, shifted = (
                _texts(data.pop(name, ())) for name in ("select", "mapping", "shifted")
            )
            sources = _texts(data.pop("sources"))
            words = all(value is None or isinstance(value, str) for value in data.values())
            if not words or data.get("units") not in (None, *get_args(Units)):
                raise InputError(Message("batch.not_a_batch", path=path))
            return cls(sources=sources, select=select, mapping=mapping, shifted=shifted, **data)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(Message("batch.not_a_batch", path=path)) from error


def taken_for_a_day(pack: RulePack | str | Path, on: str | date | None) -> RulePack:
    """Return a pack with the rules of a day; a pack that was already taken for a day keeps it."""
    if isinstance(pack, str | Path):
        return load_pack(pack, on=on)
    if on is None or pack.on is not None:
        return pack
    try:
        day = on if isinstance(on, date) else date.fromisoformat(on)
    except ValueError:
        raise RulePackError(Message("rules.not_a_date", value=str(on))) from None
    return pack.taken_on(day)


def _texts(values: Iterable[object] | Sequence[object]) -> tuple[str, ...]:
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise TypeError
    return tuple(str(value) for value in values)
