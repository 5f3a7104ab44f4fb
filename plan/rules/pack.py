"""Rule packs: a city's rules as dated data, each with its clause and the sentence it rests on."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from plan.errors import RulePackError
from plan.findings import Clause, PackRef, Strength
from plan.glance import heading_html, rows_html
from plan.messages import Bilingual, Message
from plan.rules import _reading as reading
from plan.rules.kinds import KINDS, kind_name
from plan.rules.rule import Applies, Rule
from plan.rules.strictness import compared

__all__ = ["EVIDENCE", "STAGES", "Applies", "Rule", "RulePack", "load_pack", "pack_ids"]

STAGES: Final = ("land_terms", "scheme", "drawings", "acceptance", "handover")
ESTATES: Final = ("new", "existing")
# How well a figure is attested, best first. The last two may only ship disabled or ambiguous.
EVIDENCE: Final = (
    "seed",
    "verified-2src",
    "verified-1src",
    "derived",
    "practice",
    "from-memory",
    "conflicting",
)
_WEAK: Final = ("from-memory", "conflicting")
# Arithmetic on a quoted clause, and defaults of this tool that it states as its own, quote nothing.
_UNQUOTED: Final = ("derived", "practice")
_MAX_BYTES: Final = 1 << 20  # no rule pack is larger; a larger file is something else
_SHOWN: Final = 20  # rules, at a glance
_BUILT_IN: Final = "plan.rules:"
_CLOSE: Final = 0.8  # how alike the name of a kind is that was probably meant
_LINE: Final = 60  # characters of a wrong line that are shown
# What people write that is no TOML, and what the line then looks like.
_SLIPS: Final = (
    ("slip_quotes", r"=\s*[\[{]?\s*[“”‘’「『＂]"),
    ("slip_date", r"=\s*(\d{4}-\d{1,2}-\d{1,2}|\d{4}[/.年])"),
    ("slip_wide", r"[＝，｛｝［］]"),
    ("slip_unit", r"=\s*-?\d+(\.\d+)?\s*[^\s\d,}\]#.eE_-]"),
    ("slip_text", r"=\s*[^\s\d\"'\[{+-]"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """The rules of a place on a day, with those of the packs it extends.

    A pack's own rule replaces an inherited rule of the same id where it is no less strict, or where its clause says that
    it prevails. Else both are judged, so that the stricter decides; the inherited one is then called ``ID@pack``.
    """

    id: str
    version: str  # a new major version: a design that met the pack may now fail it
    title: str
    rules: tuple[Rule, ...]  # in the order of the file, inherited ones last
    extends: str | None = None
    sha256: str = ""  # of this pack's file and of those it extends
    on: str | None = None  # ISO date for which the rules were taken; None: all
    written: tuple[tuple[Rule, ...], ...] = ()  # as they stand in each file, this pack's own first

    def taken_on(self, day: date) -> RulePack:
        """Return the pack with the rules in force on a day.

        A rule that replaces an inherited one does so from its own first day on.
        """
        if not self.written:  # made by hand
            rules = tuple(rule for rule in self.rules if rule.in_force(day))
        else:
            rules = _merged([tuple(r for r in rules if r.in_force(day)) for rules in self.written])
        return replace(self, rules=rules, on=day.isoformat())

    def _repr_html_(self) -> str:
        """Show the rules with the words of their clauses in a notebook; every text is escaped."""
        title = Message("glance.pack", title=self.title, version=self.version, count=len(self.rules))
        names = ("rule", "title", "strength", "clause", "quote")
        rows = [
            (r.id, r.title, r.strength.value, f"{r.clause.number} {r.clause.article}".strip(), r.clause.quote)
            for r in self.rules[:_SHOWN]
        ]
        heads = [Message(f"status.column_{name}") for name in names]
        return heading_html(title) + rows_html(heads, rows, left_out=max(0, len(self.rules) - _SHOWN))

    def rule(self, rule_id: str) -> Rule:
        """Return the rule of an id.

        Raises
        ------
        RulePackError
            If there is none.
        """
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise RulePackError(Message("rules.no_rule", pack=self.id, id=rule_id))

    def judged(self) -> tuple[Rule, ...]:
        """Return the enabled rules that a check judges."""
        return tuple(rule for rule in self.rules if rule.enabled and rule.kind.judged)

    def settings(self, kind: str) -> tuple[Rule, ...]:
        """Return the enabled rules of a kind, such as ``walk_speed``."""
        return tuple(rule for rule in self.rules if rule.enabled and kind_name(rule.kind) == kind)

    @property
    def ref(self) -> PackRef:
        """What a report keeps of this pack."""
        return PackRef(id=self.id, version=self.version, sha256=self.sha256, title=self.title)


def pack_ids() -> tuple[str, ...]:
    """Return the ids of the packs that ship with this package."""
    return tuple(
        sorted(f.name.removesuffix(".toml") for f in _folder().iterdir() if f.name.endswith(".toml"))
    )


def load_pack(pack: str | Path, *, on: str | date | None = None) -> RulePack:
    """Load a rule pack that ships with this package, or one from a file.

    Parameters
    ----------
    pack : str or path-like
        An id such as ``qinhuangdao``, or the path of a ``.toml`` file.
    on : str or datetime.date, optional
        The day for which the rules are taken, as ``2026-11-22``; rules not in force on it are left
        out. None keeps all rules.

    Returns
    -------
    RulePack
        The pack with the rules of the packs it extends.

    Raises
    ------
    RulePackError
        If the pack is unknown or not written as it should be; the error carries the path of the
        mistake, such as ``rule[3].params``, and in ``others`` the mistakes of other rules.

    Examples
    --------
    >>> load_pack("qinhuangdao").rule("QHD-07").kind.minimum_m2
    300.0
    """
    if on is None:
        day = None
    else:
        try:
            day = on if isinstance(on, date) else date.fromisoformat(on)
        except ValueError:
            raise RulePackError(Message("rules.not_a_date", value=str(on))) from None
    name = str(pack)
    loaded = _load(f"{_BUILT_IN}{name}" if name in pack_ids() else name, ())
    return loaded if day is None else loaded.taken_on(day)


def _folder() -> Traversable:
    return resources.files("plan.rules") / "packs"


def _load(name: str, above: tuple[str, ...]) -> RulePack:
    if name in above:
        raise RulePackError(Message("rules.cycle", id=name.removeprefix(_BUILT_IN)))
    return _load_file(name, above)


def _load_file(name: str, above: tuple[str, ...]) -> RulePack:
    data = _bytes(name)
    file = name.removeprefix(_BUILT_IN)
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))  # Windows editors write a mark at the beginning
    except UnicodeDecodeError:
        raise RulePackError(Message("rules.not_utf8", path=file)) from None
    except tomllib.TOMLDecodeError as error:
        raise RulePackError(_not_toml(data.decode("utf-8-sig"), file, str(error))) from None
    except RecursionError as error:
        raise RulePackError(Message("rules.not_toml", path=file, why=str(error))) from None
    try:
        return _pack(table, data, (*above, name))
    except RulePackError as error:
        if error.file:
            raise  # a pack that it extends
        raise error.of_file(file) from None


def _not_toml(text: str, file: str, why: str) -> Message:
    """Say which line is not TOML, and what people most often write there instead."""
    found = re.search(r"at line (\d+)", why)
    if found is None:
        return Message("rules.not_toml", path=file, why=why)
    number = int(found[1])
    line = text.split("\n")[number - 1].strip()  # as TOML counts lines
    cure = next((name for name, pattern in _SLIPS if re.search(pattern, line)), "slip_other")
    return Message(
        "rules.not_toml_line",
        path=file,
        line=number,
        text=line[:_LINE],
        cure=Message(f"rules.{cure}"),
        why=why,
    )


def _beside(extends: str, name: str) -> str:
    """Return what a pack extends as it is loaded: one that ships, or a file beside the pack."""
    if extends in pack_ids():
        return f"{_BUILT_IN}{extends}"
    if not extends.endswith(".toml") or name.startswith(_BUILT_IN):
        return extends
    return os.path.normpath(Path(name).parent / extends)


def _pack(table: dict[str, object], data: bytes, above: tuple[str, ...]) -> RulePack:
    if "pack" not in table and any("examples" in entry for entry in _entries(table)):
        raise RulePackError(Message("rules.examples_not_pack"))
    reading.refuse_unknown(table, ("pack", "document", "rule"), "pack file")
    head = reading.as_table(table.get("pack"), "pack")
    reading.refuse_unknown(head, ("id", "version", "title", "extends", "note"), "pack")
    pack_id = reading.text(head, "id", "pack")
    extends = reading.text(head, "extends", "pack", default="") or None
    parent = _load(_beside(extends, above[-1]), above) if extends else None
    written = (tuple(_rules(table, pack_id)), *(parent.written if parent else ()))
    digest = hashlib.sha256(data + (parent.sha256.encode() if parent else b"")).hexdigest()
    return RulePack(
        id=pack_id,
        version=reading.text(head, "version", "pack"),
        title=_title(head, "pack"),
        rules=_merged(written),
        extends=extends,
        sha256=digest,
        written=written,
    )


def _merged(written: Sequence[tuple[Rule, ...]]) -> tuple[Rule, ...]:
    """Join the rules of a pack with those of the packs that it extends; of two rules of an id the stricter decides."""
    found: dict[str, Rule] = {}
    for rules in written:
        for rule in rules:
            own = found.get(rule.id)
            if own is None:
                found[rule.id] = rule
            elif rule.kind.judged and not own.prevails and compared(own, rule) not in {"equal", "stricter"}:
                name = f"{rule.id}@{rule.pack}"
                found.setdefault(name, replace(rule, id=name))
    return tuple(found.values())


@cache
def _built_in_bytes(pack_id: str) -> bytes:
    return (_folder() / f"{pack_id}.toml").read_bytes()


def _bytes(name: str) -> bytes:
    if name.startswith(_BUILT_IN):
        return _built_in_bytes(name.removeprefix(_BUILT_IN))
    path = Path(name)
    if path.suffix == ".toml" and not path.is_file():
        raise RulePackError(Message("rules.no_file", path=name))
    if path.suffix != ".toml":
        raise RulePackError(Message("rules.no_pack", id=name, known=pack_ids()))
    if path.stat().st_size > _MAX_BYTES:
        raise RulePackError(Message("rules.too_large", path=name, limit=_MAX_BYTES))
    return path.read_bytes()


def _rules(table: dict[str, object], pack_id: str) -> Iterator[Rule]:
    documents = {
        key: _document(value, f"document.{key}")
        for key, value in reading.as_table(table.get("document", {}), "document").items()
    }
    rules = table.get("rule", [])
    if not isinstance(rules, list):
        raise reading.wrong_type(rules, "rule", wanted="type_rules")
    seen: set[str] = set()
    wrong: list[RulePackError] = []
    for index, entry in enumerate(rules):
        path = f"rule[{index}]"
        try:
            rule = _rule(reading.as_table(entry, path), path, documents, pack_id)
            if rule.id in seen:
                raise RulePackError(Message("rules.duplicate_rule", id=rule.id), path)  # noqa: TRY301 - gathered
        except RulePackError as error:
            wrong.append(error.of_rule(_id_of(entry)))
            continue
        seen.add(rule.id)
        yield rule
    if wrong:
        # The first mistake of every rule, not only that of the first rule.
        raise wrong[0].with_others(wrong[1:])


def _entries(table: dict[str, object]) -> list[dict[str, object]]:
    found = table.get("rule")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _id_of(entry: object) -> str:
    found = entry.get("id") if isinstance(entry, dict) else None
    return found if isinstance(found, str) else ""


_RULE_KEYS: Final = (
    "id", "title", "kind", "strength", "evidence", "document", "article", "quote", "effective", "repealed",
    "params", "applies", "enabled", "ambiguity", "note", "prevails",
)  # fmt: skip


def _rule(entry: object, path: str, documents: dict[str, Clause], pack_id: str) -> Rule:
    table = reading.as_table(entry, path)
    reading.refuse_unknown(table, _RULE_KEYS, path)
    name = _kind(reading.text(table, "kind", path), f"{path}.kind")
    rule = Rule(
        id=reading.text(table, "id", path),
        title=_title(table, path),
        kind=reading.read(KINDS[name], table.get("params", {}), f"{path}.params"),
        clause=_clause(table, path, documents),
        strength=Strength(
            _one_of(
                reading.text(table, "strength", path),
                tuple(Strength),
                f"{path}.strength",
                "rules.unknown_value",
            )
        ),
        applies=reading.read(Applies, table.get("applies", {}), f"{path}.applies"),
        enabled=reading.flag(table, "enabled", path, default=True),
        ambiguity=_bilingual(table, "ambiguity", path),
        note=_bilingual(table, "note", path),
        prevails=reading.text(table, "prevails", path, default=""),
        pack=pack_id,
    )
    for value in rule.applies.estate:
        _one_of(value, ESTATES, f"{path}.applies.estate", "rules.unknown_value")
    for value in rule.applies.stages:
        _one_of(value, STAGES, f"{path}.applies.stages", "rules.unknown_value")
    hedged = not rule.enabled or rule.ambiguity is not None
    if rule.clause.evidence in _WEAK and not hedged:
        raise RulePackError(Message("rules.weak_evidence", id=rule.id, evidence=rule.clause.evidence), path)
    if not rule.clause.quote and rule.clause.evidence not in _UNQUOTED and not hedged:
        raise RulePackError(Message("rules.no_quote", id=rule.id), path)
    return rule


def _kind(name: str, path: str) -> str:
    close = [] if name in KINDS else difflib.get_close_matches(name, KINDS, n=1, cutoff=_CLOSE)
    if close:
        raise RulePackError(Message("rules.misspelt_value", value=name, meant=close[0]), path)
    return _one_of(name, tuple(KINDS), path, "rules.unknown_kind")


def _document(value: object, path: str) -> Clause:
    table = reading.as_table(value, path)
    reading.refuse_unknown(table, ("title", "number", "effective", "repealed", "source"), path)
    return Clause(
        document=reading.text(table, "title", path),
        number=reading.text(table, "number", path, default=""),
        article="",
        quote="",
        effective=reading.day(table, "effective", path),
        repealed=reading.day(table, "repealed", path),
    )


def _clause(table: object, path: str, documents: dict[str, Clause]) -> Clause:
    entry = reading.as_table(table, path)
    name = reading.text(entry, "document", path)
    if name not in documents:
        raise RulePackError(Message("rules.unknown_document", document=name), path)
    document = documents[name]
    evidence = reading.text(entry, "evidence", path)
    return replace(
        document,
        article=reading.text(entry, "article", path, default=""),
        quote=reading.text(entry, "quote", path, default=""),
        evidence=_one_of(evidence, EVIDENCE, f"{path}.evidence", "rules.unknown_value"),
        effective=reading.day(entry, "effective", path) or document.effective,
        repealed=reading.day(entry, "repealed", path) or document.repealed,
    )


def _one_of(value: str, allowed: tuple[str, ...], path: str, key: str) -> str:
    if value not in allowed:
        shown = tuple(str(item) for item in allowed)
        raise RulePackError(Message(key, value=value, kind=value, allowed=shown), path)
    return value


def _title(table: object, path: str) -> str:
    found = _bilingual(table, "title", path)
    if found is None:
        raise RulePackError(Message("rules.absent_key", key="title"), path)
    return found


def _bilingual(table: object, key: str, path: str) -> str | None:
    entry = reading.as_table(table, path)
    if key not in entry:
        return None
    value = entry[key]
    if isinstance(value, str):
        return value
    both = reading.as_table(value, f"{path}.{key}")
    reading.refuse_unknown(both, ("zh", "en"), f"{path}.{key}")
    return Bilingual(reading.text(both, "zh", f"{path}.{key}"), reading.text(both, "en", f"{path}.{key}"))
