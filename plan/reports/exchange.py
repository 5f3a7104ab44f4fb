"""Findings for other programs: JUnit for a build server, SARIF for a code host, GeoJSON for a GIS."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

from plan.findings import Finding, SiteResult, Status, Strength
from plan.reports.record import Entries, dump, findings_of, geometry_of, software_of, value_of, waiver_of
from plan.reports.words import Words
from plan.text_safety import plain

__all__ = ["to_geojson", "to_junit", "to_sarif"]

_SARIF_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_OWN: Final = "estate-plan"  # what this package is called among the software of a report
# SARIF 2.1.0, section 3.27.9: the kinds of results.
_KINDS: Final = {
    Status.MET: "pass",
    Status.NOT_MET: "fail",
    Status.UNDETERMINED: "open",
    Status.NOT_APPLICABLE: "notApplicable",
}
_LEVELS: Final = {Strength.MUST: "error", Strength.SHOULD: "warning", Strength.MAY: "note"}


def to_junit(entries: Entries, *, lang: str = "zh") -> str:
    """Write a test suite for each site and a test case for each finding.

    Only a must-rule that is not met is a failure; a must-rule that cannot be told is an error, and so
    is a site that could not be checked. Advice that is not followed is skipped, never passed.

    Parameters
    ----------
    entries : sequence of SiteResult
        The sites, in order.
    lang : {"zh", "en"}
        Language of names and messages.

    Returns
    -------
    str
        JUnit XML; every time in it is 0, because a report holds no clock.
    """
    words = Words(lang)
    pack = f"{entries[0].pack.id} {entries[0].pack.version}"
    suites = [_suite(entry, words) for entry in entries]
    root = ET.Element("testsuites", {"name": plain(pack)} | _totals(suites))
    root.extend(suites)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(entry: SiteResult, words: Words) -> ET.Element:
    name = plain(entry.name)
    cases: list[ET.Element] = []
    if entry.report is None:
        case = ET.Element("testcase", classname=name, name=words.say("file"), time="0")
        message = plain(words.text(entry.error))
        ET.SubElement(case, "error", type="error", message=message).text = message
        cases.append(case)
    else:
        cases.extend(_case(name, finding, words) for finding in entry.report.findings)
    counts = {
        tag: sum(case.find(tag) is not None for case in cases) for tag in ("failure", "error", "skipped")
    }
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
        time="0",
    )
    suite.extend(cases)
    return suite


def _case(site: str, finding: Finding, words: Words) -> ET.Element:
    subject = f" [{finding.subject}]" if finding.subject else ""
    name = plain(f"{finding.rule} {words.text(finding.title)}{subject}")
    case = ET.Element("testcase", classname=site, name=name, time="0")
    status = words.status(finding.status)
    advice = words.say("junit.advice", strength=words.strength(finding.strength), status=status)
    if finding.status is Status.MET:
        return case
    if finding.status is Status.NOT_APPLICABLE:
        ET.SubElement(case, "skipped", message=status)
        return case
    message = plain(f"{advice}. {_sentence(finding, words)}")
    if finding.strength is not Strength.MUST:
        ET.SubElement(case, "skipped", message=message)
        return case
    if said := words.waiver(finding):  # never passed: a build server shows it among those that were skipped
        ET.SubElement(case, "skipped", message=plain(f"{words.say('waiver')}: {said} {message}"))
        return case
    tag = "failure" if finding.status is Status.NOT_MET else "error"
    body = ET.SubElement(case, tag, type=finding.status.value, message=message)
    clause = finding.clause
    lines = (words.source(clause), clause.quote, words.text(finding.remedy), ", ".join(finding.features))
    body.text = "\n".join(plain(line) for line in lines if line)
    return case


def _totals(suites: Sequence[ET.Element]) -> dict[str, str]:
    names = ("tests", "failures", "errors", "skipped")
    return {name: str(sum(int(suite.attrib[name]) for suite in suites)) for name in names}


def to_sarif(entries: Entries, *, lang: str = "zh", every: bool = False) -> str:
    """Write the rules that are not met as a SARIF 2.1.0 log.

    Code hosts ignore the kind of a result and count each as an alert, so passes are left out unless
    asked for. What cannot be told, and sites that could not be checked, are notifications of the
    invocation: a log without results is no pass.

    Parameters
    ----------
    entries : sequence of SiteResult
        The sites, in order.
    lang : {"zh", "en"}
        Language of titles and messages.
    every : bool, default False
        True to write every finding: kinds ``pass``, ``open`` and ``notApplicable`` too.

    Returns
    -------
    str
        JSON.

    References
    ----------
    OASIS, Static Analysis Results Interchange Format 2.1.0.
    """
    words = Words(lang)
    files = _files(entries)
    place = {path: index for index, (path, _) in enumerate(files)}
    found = list(findings_of(entries))
    rules = {finding.rule: finding for _, finding in reversed(found)}
    order = {rule: index for index, rule in enumerate(sorted(rules))}
    made = list(dict.fromkeys(one for entry in entries for one in software_of(entry)))
    own = [plain(one.version) for one in made if one.name == _OWN]
    driver = {
        "name": "plan",
        **({"version": ", ".join(own)} if own else {}),
        "rules": [_sarif_rule(rules[rule], words) for rule in order],
        "properties": {"pack": entries[0].pack.id, "version": entries[0].pack.version, "on": entries[0].on},
    }
    run: dict[str, Any] = {
        # Section 3.18.3: what the tool works with beside itself.
        "tool": {
            "driver": driver,
            "extensions": [
                {"name": plain(one.name), "version": plain(one.version)} for one in made if one.name != _OWN
            ],
        },
        "language": "zh-CN" if lang == "zh" else "en-US",
        "columnKind": "unicodeCodePoints",
        "artifacts": [
            {"location": {"uri": _uri(path), "index": index}, "hashes": {"sha-256": digest}}
            for index, (path, digest) in enumerate(files)
        ],
        "invocations": [
            {
                "executionSuccessful": all(entry.report is not None for entry in entries),
                "toolExecutionNotifications": _notifications(entries, words),
            }
        ],
        "results": [
            _sarif_result(entry, finding, words, order=order, place=place)
            for entry, finding in found
            if every or finding.status is Status.NOT_MET
        ],
    }
    return dump({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _sarif_rule(finding: Finding, words: Words) -> dict[str, Any]:
    clause = finding.clause
    return {
        "id": finding.rule,
        "shortDescription": {"text": plain(words.text(finding.title))},
        "fullDescription": {"text": plain(clause.quote) or words.say("no_quote")},
        "help": {"text": plain(words.source(clause))},
        "defaultConfiguration": {"level": _LEVELS[finding.strength]},
        "properties": {
            "strength": finding.strength.value,
            "document": clause.document,
            "number": clause.number,
            "article": clause.article,
            "effective": clause.effective,
            "evidence": clause.evidence,
        },
    }


def _sarif_result(
    entry: SiteResult, finding: Finding, words: Words, *, order: dict[str, int], place: dict[str, int]
) -> dict[str, Any]:
    kind = _KINDS[finding.status]
    inputs = entry.report.inputs if entry.report is not None else ()
    identity = "\x1f".join((entry.name, finding.rule, finding.subject or ""))
    return {
        **_suppressions(finding, words),
        "ruleId": finding.rule,
        "ruleIndex": order[finding.rule],
        "kind": kind,
        # Section 3.27.10: a kind other than fail has the level none.
        "level": _LEVELS[finding.strength] if kind == "fail" else "none",
        "message": {"text": plain(f"{entry.name}: {words.text(finding.title)}. {_sentence(finding, words)}")},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": _uri(file.path), "index": place[file.path]}}}
            for file in inputs[:1]
        ],
        "partialFingerprints": {
            "finding/v1": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()
        },
        "properties": {
            "site": entry.name,
            "subject": finding.subject,
            "status": finding.status.value,
            "measured": value_of(finding.measured, words.lang),
            "required": value_of(finding.required, words.lang),
            "unit": finding.unit,
            "estimated": finding.estimated,
            "features": list(finding.features),
            "geometry": geometry_of(finding.geometry),
        },
    }


def _suppressions(finding: Finding, words: Words) -> dict[str, Any]:
    """Return a waiver as SARIF knows it (2.1.0, section 3.35): accepted by somebody outside, with a justification."""
    if finding.waiver is None:
        return {}
    said = plain(words.waiver(finding))
    return {
        "suppressions": [
            {
                "kind": "external",
                "status": "accepted",
                "justification": said,
                "properties": waiver_of(finding.waiver),
            }
        ]
    }


def _notifications(entries: Entries, words: Words) -> list[dict[str, Any]]:
    said: list[tuple[str, str]] = []
    for entry in entries:
        if entry.report is None:
            said.append(("error", words.say("sarif.error", site=entry.name, error=words.text(entry.error))))
            continue
        must = [f.status for f in entry.report.findings if f.strength is Strength.MUST]
        if count := must.count(Status.UNDETERMINED):
            said.append(("warning", words.say("sarif.open", site=entry.name, count=count)))
        elif entry.outcome == "undetermined":
            said.append(("warning", words.say("sarif.nothing_judged", site=entry.name)))
    return [{"level": level, "message": {"text": plain(text)}} for level, text in said]


def _files(entries: Entries) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for entry in entries:
        for file in entry.inputs if entry.report is None else entry.report.inputs:
            found.setdefault(file.path, file.sha256)
    return sorted(found.items())


def _uri(path: str) -> str:
    """Return a path as a URI reference; a drive letter is no scheme."""
    slashed = path.replace("\\", "/")
    quoted = quote(slashed, safe="/", errors="replace")
    if re.match(r"[A-Za-z]:/", slashed):
        return "file:///" + slashed[:2] + quote(slashed[2:], safe="/", errors="replace")
    return f"file://{quoted}" if quoted.startswith("/") else quoted


def to_geojson(entries: Entries, *, lang: str = "zh") -> str:
    """Write the findings that have a place as a GeoJSON layer, for QGIS or any other GIS.

    Parameters
    ----------
    entries : sequence of SiteResult
        The sites, in order.
    lang : {"zh", "en"}
        Language of titles, reasons and remedies.

    Returns
    -------
    str
        A FeatureCollection in WGS 84 (RFC 7946). Findings without a geometry are left out.
    """
    words = Words(lang)
    features = [
        {
            "type": "Feature",
            "geometry": geometry_of(finding.geometry),
            "properties": _properties(entry, finding, words),
        }
        for entry, finding in findings_of(entries)
        if finding.geometry is not None
    ]
    return dump({"type": "FeatureCollection", "features": features})


def _properties(entry: SiteResult, finding: Finding, words: Words) -> dict[str, Any]:
    return {
        "site": entry.name,
        "rule": finding.rule,
        "title": words.text(finding.title),
        "subject": finding.subject,
        "strength": finding.strength.value,
        "status": finding.status.value,
        "status_text": words.status(finding.status),
        "measured": value_of(finding.measured, words.lang),
        "required": value_of(finding.required, words.lang),
        "unit": finding.unit,
        "estimated": finding.estimated,
        "reason": words.text(finding.reason) or None,
        "remedy": words.text(finding.remedy) or None,
        "waiver": words.waiver(finding) or None,
        "clause": words.source(finding.clause),
        "quote": finding.clause.quote,
        "features": ";".join(finding.features),
    }


def _sentence(finding: Finding, words: Words) -> str:
    measured, required = words.figures(finding)
    parts = []
    if measured:
        parts.append(f"{words.say('measured')} {words.with_unit(measured, finding.unit)}")
    if required:
        parts.append(f"{words.say('required')} {words.with_unit(required, finding.unit)}")
    kind, sentence = words.reason(finding)
    if sentence:
        parts.append(f"{kind}: {sentence}" if kind else sentence)
    return ", ".join(parts)
