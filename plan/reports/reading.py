"""Reading back a report that was written as JSON, so that it can be drawn on a map."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from plan.errors import InputError
from plan.files import why_not
from plan.findings import (
    Clause,
    Finding,
    InputFile,
    PackRef,
    Report,
    SiteResult,
    Software,
    Status,
    Strength,
    Waiver,
)
from plan.messages import Message
from plan.rules import load_pack, pack_ids

__all__ = ["is_report", "read_report", "read_results"]

_SCHEMA: Final = "plan.report/1"
_HEAD_BYTES: Final = 200  # of a file, in which its schema stands
_NAMED: Final = 10  # sites that a message lists
_MAX_BYTES: Final = 256 << 20  # a province's report is smaller; a larger file is something else


def read_report(path: Path | str, *, site: str | None = None, inputs: Sequence[InputFile] = ()) -> Report:
    """Read a report from the JSON that ``plan check --format json`` prints.

    Parameters
    ----------
    path : path-like
        The file.
    site : str, optional
        Which site's report, where the file holds several. Where none has the name, and by default, the
        only one; or the last, where all are about the same files.
    inputs : sequence of InputFile, optional
        The files that the site was read from. Only a report about all of them, by their bytes, is taken; the first
        one of these: a hearing package holds the estate as it is first, and then the proposal.

    Returns
    -------
    Report
        The findings, as they were.

    Raises
    ------
    InputError
        If the file is no such report, it holds several estates and none of the name or none about these files,
        or its site ended in an error.
    """
    with _reading(path):
        data = _document(path)
        entry = _entry(data["sites"], site, inputs, path=str(path))
        if entry["error"] is not None:
            raise InputError(
                Message("reports.site_failed", path=str(path), site=entry["name"], why=entry["error"])
            )
        return _report(entry, _pack(data), str(data.get("on") or ""))


def read_results(path: Path | str) -> tuple[SiteResult, ...]:
    """Read all results from the JSON that ``plan check --format json`` prints.

    Raises
    ------
    InputError
        If the file is no such report, or holds no site.
    """
    with _reading(path):
        data = _document(path)
        pack, on = _pack(data), str(data.get("on") or "")
        results = tuple(_result(entry, pack, on) for entry in data["sites"])
        if not results:
            raise InputError(Message("reports.not_a_report", path=str(path)))
        return results


def is_report(path: Path | str) -> bool:
    """Tell whether a file calls itself a report in its first lines."""
    try:
        with Path(path).open("rb") as file:
            return _SCHEMA.encode() in file.read(_HEAD_BYTES)
    except (OSError, ValueError):
        return False


@contextmanager
def _reading(path: Path | str) -> Iterator[None]:
    """Turn whatever a file that is no report leads to into one error that names it."""
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        why = why_not(error)
        raise InputError(Message("reports.unreadable", path=str(path), why=why)) from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(Message("reports.not_a_report", path=str(path))) from error


def _document(path: Path | str) -> Any:  # noqa: ANN401 - JSON
    source = Path(path)
    if source.stat().st_size > _MAX_BYTES:
        raise InputError(Message("reports.too_large", path=str(path)))
    data = json.loads(source.read_text(encoding="utf-8"))
    if data["schema"] != _SCHEMA:
        raise InputError(Message("reports.not_a_report", path=str(path)))
    return data


def _pack(data: Mapping[str, Any]) -> PackRef:
    pack = data["pack"]
    return PackRef(
        id=str(pack["id"]),
        version=str(pack["version"]),
        sha256=str(pack["sha256"]),
        title=_title(str(pack["id"])),
    )


def _report(entry: Mapping[str, Any], pack: PackRef, on: str) -> Report:
    return Report(
        site=str(entry["name"]),
        pack=pack,
        findings=tuple(_finding(finding) for finding in entry["findings"]),
        inputs=_inputs(entry),
        on=on,
        estimates=tuple(entry.get("estimates", ())),
        attribution=str(entry.get("attribution", "")),
        software=_software(entry),
    )


def _result(entry: Mapping[str, Any], pack: PackRef, on: str) -> SiteResult:
    failed = entry["error"]
    return SiteResult(
        name=str(entry["name"]),
        report=None if failed is not None else _report(entry, pack, on),
        pack=pack,
        on=on,
        error=None if failed is None else str(failed),
        inputs=_inputs(entry),
        software=_software(entry),
    )


def _inputs(entry: Mapping[str, Any]) -> tuple[InputFile, ...]:
    return tuple(InputFile(path=str(file["path"]), sha256=str(file["sha256"])) for file in entry["inputs"])


def _software(entry: Mapping[str, Any]) -> tuple[Software, ...]:
    """Return what computed it; reports of earlier versions do not say."""
    found = entry.get("versions", {})
    return tuple(Software(name=str(name), version=str(number)) for name, number in found.items())


def _title(pack: str) -> str:
    """Return what a pack that ships is called; the report itself names it by its id."""
    return load_pack(pack).title if pack in pack_ids() else ""


def _entry(sites: list[Any], site: str | None, inputs: Sequence[InputFile], *, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return the entry of a site; another estate's verdicts are never taken for its own."""
    named = [entry for entry in sites if entry["name"] == site]
    if inputs:
        asked = {file.sha256 for file in inputs}
        about = [entry for entry in sites if asked <= {file["sha256"] for file in entry["inputs"]}]
        if not about:
            raise InputError(
                Message("reports.other_files", path=path, files=tuple(f.path for f in inputs)[:_NAMED])
            )
        return next((entry for entry in about if entry in named), about[0])
    if not named and len({json.dumps(entry["inputs"], sort_keys=True) for entry in sites}) > 1:
        names = tuple(str(entry["name"]) for entry in sites)
        raise InputError(Message("reports.other_sites", path=path, site=site or "–", names=names[:_NAMED]))
    return (named or sites)[-1]


def _finding(data: Mapping[str, Any]) -> Finding:
    clause = data["clause"]
    return Finding(
        rule=str(data["rule"]),
        title=str(data.get("title") or data["rule"]),
        strength=Strength(data["strength"]),
        status=Status(data["status"]),
        clause=Clause(
            document=clause["document"],
            number=clause["number"],
            article=clause["article"],
            quote=clause["quote"],
            effective=clause.get("effective"),
            repealed=clause.get("repealed"),
            evidence=clause.get("evidence", ""),
        ),
        measured=data["measured"],
        required=data["required"],
        unit=data["unit"],
        features=tuple(data["features"]),
        geometry=data["geometry"],
        reason=data["reason"],
        remedy=data["remedy"],
        subject=data.get("subject"),
        estimated=bool(data.get("estimated", False)),
        waiver=_waiver(str(data["rule"]), data.get("waiver")),
    )


def _waiver(rule: str, data: Mapping[str, Any] | None) -> Waiver | None:
    if data is None:
        return None
    return Waiver(
        rule=rule,
        site=str(data["site"]),
        granted_by=str(data["granted_by"]),
        granted_on=str(data["granted_on"]),
        until=str(data["until"]),
        reason=str(data["reason"]),
        number=str(data["number"]),
        subject=data["subject"],
        features=tuple(map(str, data["features"])),
        measured=data["measured"],
    )
