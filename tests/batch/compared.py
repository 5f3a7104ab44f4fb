"""The findings of two batches, estate by estate: of files and of PostGIS, where only addresses may differ."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plan.batch.record import read_record
from plan.findings import SiteResult
from plan.reports import render

_NEAR: Final = 1e-6  # relative: how far a figure that a database measures may lie from that of a file
_FIGURES: Final = ("measured", "required")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How two batches differ."""

    estates: int
    missing: tuple[str, ...]  # estates that only one of them has
    findings: int
    verdicts: int  # findings of another rule, subject or status
    other: int  # findings of which anything else differs, figures within the tolerance apart
    largest: float  # relative difference of figures

    @property
    def alike(self) -> bool:
        """Whether they say the same."""
        return (
            not (self.missing or self.verdicts or self.other) and self.largest <= _NEAR and self.findings > 0
        )

    def __str__(self) -> str:
        return (
            f"{self.estates} estates, {self.findings} findings; in one only: {len(self.missing)} estates; verdict lines "
            f"differing: {self.verdicts}; other lines differing: {self.other}; largest difference of a figure: {self.largest:.1e}"
        )


def compared(files: Path, tables: Path) -> Compared:
    """Compare the results that two batches kept."""
    here, there = _results(files), _results(tables)
    pairs = [pair for name in sorted(here.keys() & there.keys()) for pair in _pairs(here[name], there[name])]
    largest = [
        abs(a - b) / max(abs(a), abs(b)) for one, two in pairs for a, b in _figures(one, two) if a != b
    ]
    return Compared(
        estates=len(here),
        missing=tuple(sorted(here.keys() ^ there.keys())),
        findings=len(pairs),
        verdicts=sum(_verdict(one) != _verdict(two) for one, two in pairs),
        other=sum(
            _verdict(one) == _verdict(two) and _without_figures(one, two) != _without_figures(two, one)
            for one, two in pairs
        ),
        largest=max(largest, default=0.0),
    )


def _results(out: Path) -> dict[str, dict[str, Any]]:
    """Return what is told of each estate, by its name in a file or a column."""
    found = {}
    for path in sorted((out / "results").glob("*.json")):
        result = read_record(path.read_text("utf-8")).result
        found[_estate(result)] = json.loads(render([result], "json"))["sites"][0]
    return found


def _estate(result: SiteResult) -> str:
    return result.name if result.report is None else result.report.site


def _pairs(one: dict[str, Any], two: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    nothing = {"rule": None, "subject": None, "status": None}
    length = max(len(one["findings"]), len(two["findings"]))
    for at in range(length):
        yield tuple(site["findings"][at] if at < len(site["findings"]) else nothing for site in (one, two))  # type: ignore[misc]


def _verdict(finding: dict[str, Any]) -> tuple[Any, ...]:
    return finding["rule"], finding["subject"], finding["status"]


def _figures(one: dict[str, Any], two: dict[str, Any]) -> Iterator[tuple[float, float]]:
    for name in _FIGURES:
        a, b = one.get(name), two.get(name)
        if isinstance(a, int | float) and isinstance(b, int | float):
            yield a, b


def _without_figures(finding: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return a finding without the figures that are near those of another."""
    near = [n for n in _FIGURES for a, b in [(finding.get(n), other.get(n))]
            if isinstance(a, int | float) and isinstance(b, int | float) and math.isclose(a, b, rel_tol=_NEAR)]  # fmt: skip
    return {name: value for name, value in finding.items() if name not in near}
