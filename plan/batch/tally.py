"""What a batch says together: by rule, by district, by outcome; what is missing; which estates first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from plan.batch.record import Record
from plan.findings import Finding, PackRef, Report, Software, Status, Strength
from plan.messages import Message, translate

__all__ = ["DistrictTally", "RuleTally", "SiteTally", "Tally", "Want"]

OUTCOMES: Final = ("met", "not_met", "undetermined", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTally:
    """One site of a batch."""

    name: str
    path: str  # where it was read
    district: str  # empty where nothing tells
    outcome: str  # met, not_met, undetermined, error
    not_met: tuple[str, ...] = ()  # must-rules, by id
    undetermined: tuple[str, ...] = ()  # the same
    advice: int = 0  # other rules that are not met
    error: str | None = None
    cures: tuple[str, ...] = ()  # of the data, where there is an error
    slot: str = ""


@dataclass(slots=True, kw_only=True)
class RuleTally:
    """One rule over all sites; a site counts once, by its worst finding."""

    id: str
    title: str
    strength: Strength
    quote: str
    counts: Counter[str] = field(default_factory=Counter)  # sites by status

    @property
    def judged(self) -> int:
        """The number of sites whose verdict on the rule is met or not met."""
        return self.counts[Status.MET] + self.counts[Status.NOT_MET]


@dataclass(slots=True, kw_only=True)
class DistrictTally:
    """The sites of a district by outcome."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)  # sites that do not meet it, by must-rule


@dataclass(slots=True, kw_only=True)
class Want:
    """Something that is missing, with the sites and rules whose verdicts cannot be told without it."""

    code: str  # missing_data, ambiguous_clause, repaired_geometry, needs_person
    what: str  # in words, with the figures of the first site
    cure: str | None
    sites: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)


_WORST: Final = (Status.NOT_MET, Status.UNDETERMINED, Status.MET, Status.NOT_APPLICABLE)


class Tally:
    """The sites of a batch, counted one after another in their order."""

    def __init__(self, pack: PackRef, on: str) -> None:
        self.pack = pack
        self.on = on
        self.sites: list[SiteTally] = []
        self.rules: dict[str, RuleTally] = {}
        self.districts: dict[str, DistrictTally] = {}
        self.wants: dict[tuple[str, ...], Want] = {}
        self.counts: Counter[str] = Counter()
        self.software: tuple[Software, ...] = ()  # what computed the results

    def add(self, record: Record, *, path: str, slot: str) -> None:
        """Count a site."""
        result = record.result
        report = result.report
        made = result.software if report is None else report.software
        self.software = tuple(dict.fromkeys((*self.software, *made)))
        must = _by_rule(report, must=True)
        site = SiteTally(
            name=result.name,
            path=path,
            district=record.district,
            outcome=result.outcome,
            not_met=tuple(rule for rule, status in must.items() if status is Status.NOT_MET),
            undetermined=tuple(rule for rule, status in must.items() if status is Status.UNDETERMINED),
            advice=sum(status is Status.NOT_MET for status in _by_rule(report, must=False).values()),
            error=result.error,
            cures=tuple(dict.fromkeys(p.cure for p in result.problems if p.effect == "refused")),
            slot=slot,
        )
        self.sites.append(site)
        self.counts[site.outcome] += 1
        district = self.districts.setdefault(site.district, DistrictTally(name=site.district))
        district.counts[site.outcome] += 1
        district.rules.update(site.not_met)
        if report is not None:
            self._rules(report)
            self._wants(report, slot)

    def _rules(self, report: Report) -> None:
        for finding in report.findings:
            if finding.rule not in self.rules:
                self.rules[finding.rule] = RuleTally(
                    id=finding.rule,
                    title=finding.title,
                    strength=finding.strength,
                    quote=finding.clause.quote,
                )
        for rule, status in {**_by_rule(report, must=True), **_by_rule(report, must=False)}.items():
            self.rules[rule].counts[status] += 1

    def _wants(self, report: Report, slot: str) -> None:
        for finding in report.findings:
            if finding.status is not Status.UNDETERMINED or finding.strength is not Strength.MUST:
                continue
            for key, what in _wanted(finding):
                want = self.wants.setdefault(key, Want(code=key[0], what=what, cure=finding.remedy))
                want.sites.add(slot)
                want.rules.add(finding.rule)

    def worst_rules(self) -> list[RuleTally]:
        """Return must-rules that some site does not meet, the most often broken first."""
        broken = [r for r in self.rules.values() if r.strength is Strength.MUST and r.counts[Status.NOT_MET]]
        return sorted(broken, key=lambda rule: (-rule.counts[Status.NOT_MET], rule.id))

    def first_sites(self) -> list[SiteTally]:
        """Return sites that do not meet a must-rule, those that break most of them first."""
        broken = [site for site in self.sites if site.outcome == "not_met"]
        return sorted(broken, key=lambda s: (-len(s.not_met), -len(s.undetermined), -s.advice, s.name))

    def open_wants(self) -> list[Want]:
        """Return what is missing for verdicts to be told; first what is missing at most sites."""
        return sorted(self.wants.values(), key=lambda want: (-len(want.sites), want.code, str(want.what)))

    def by_district(self) -> list[DistrictTally]:
        """Return the districts by name; where nothing tells the district, last."""
        return sorted(self.districts.values(), key=lambda district: (not district.name, district.name))

    def errors(self) -> list[SiteTally]:
        """Return the sites that could not be checked."""
        return [site for site in self.sites if site.outcome == "error"]

    def to_dict(self, lang: str) -> dict[str, Any]:
        """Return plain data, schema ``plan.batch-summary/1``, in a language."""
        return {
            "schema": "plan.batch-summary/1",
            "pack": {"id": self.pack.id, "version": self.pack.version, "sha256": self.pack.sha256},
            "on": self.on,
            "versions": {one.name: one.version for one in self.software},
            "sites": len(self.sites),
            "outcomes": {name: self.counts[name] for name in OUTCOMES},
            "rules": [
                {
                    "rule": rule.id,
                    "title": translate(rule.title, lang),
                    "strength": rule.strength.value,
                    **{status.value: rule.counts[status] for status in Status},
                }
                for rule in self.rules.values()
            ],
            "districts": [
                {
                    "district": district.name or None,
                    **{name: district.counts[name] for name in OUTCOMES},
                    "not_met_rules": dict(
                        sorted(district.rules.items(), key=lambda pair: (-pair[1], pair[0]))
                    ),
                }
                for district in self.by_district()
            ],
            "wanted": [
                {
                    "code": want.code,
                    "what": translate(want.what, lang),
                    "cure": None if want.cure is None else translate(want.cure, lang),
                    "sites": len(want.sites),
                    "rules": sorted(want.rules),
                }
                for want in self.open_wants()
            ],
            "estates": [self._site(site, lang) for site in self.sites],
        }

    @staticmethod
    def _site(site: SiteTally, lang: str) -> dict[str, Any]:
        return {
            "name": site.name,
            "path": site.path,
            "district": site.district or None,
            "outcome": site.outcome,
            "not_met": list(site.not_met),
            "undetermined": list(site.undetermined),
            "advice": site.advice,
            "error": None if site.error is None else translate(site.error, lang),
            "cures": [translate(cure, lang) for cure in site.cures],
            "result": site.slot,
        }


def _by_rule(report: Report | None, *, must: bool) -> dict[str, Status]:
    """Return the worst status of each rule, must-rules or the others."""
    found: dict[str, Status] = {}
    for finding in () if report is None else report.findings:
        if (finding.strength is Strength.MUST) is must:
            before = found.get(finding.rule, finding.status)
            found[finding.rule] = min(before, finding.status, key=_WORST.index)
    return found


def _wanted(finding: Finding) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what a finding is open for: a key that is the same for all sites, and the words."""
    reason = finding.reason
    if not isinstance(reason, Message) or "detail" not in reason.params:
        code, _, text = str(reason).partition(":")
        yield (code, text.strip()), text.strip()
        return
    code, detail = str(reason.params["code"]), reason.params["detail"]
    said = [one for one in _leaves(detail) if "layer" in one.params]
    if not said:
        key = detail.key if isinstance(detail, Message) else str(detail)
        # A clause is ambiguous for its own reason, a person is asked a question of its own.
        yield (
            (code, key, *(() if code == "missing_data" else (finding.rule,))),
            str.__str__(detail) if not isinstance(detail, Message) else detail,
        )
        return
    for one in said:
        yield (code, one.key, str(one.params["layer"]), str(one.params.get("column", ""))), one


def _leaves(detail: object) -> Iterator[Message]:
    if not isinstance(detail, Message):
        return
    inner = [
        part
        for value in detail.params.values()
        for part in (value if isinstance(value, list | tuple) else [value])
        if isinstance(part, Message)
    ]
    if inner and "layer" not in detail.params:
        for part in inner:
            yield from _leaves(part)
    else:
        yield detail
