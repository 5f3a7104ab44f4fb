"""Examples of a pack, tried: each scene becomes a small site, and its rule is judged on it.

Scenes are drawn in metres on level ground, from the corner of a square grid in Sanming's metric system.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import geopandas as gpd
import pyproj
from shapely import LineString, Point, affinity, box
from shapely.geometry.base import BaseGeometry

from plan.checks import check
from plan.errors import InputError, RulePackError
from plan.findings import Finding, Status
from plan.messages import DEFAULT_LANGUAGE, Message, translate
from plan.rules import RulePack
from plan.rules.examples import UNKNOWN, Example, plain_cell
from plan.schema import LAYERS
from plan.site import Site
from plan.validation import validate

__all__ = ["Staged", "Trial", "stage", "try_examples", "try_staged", "without_examples"]

_CRS: Final = pyproj.CRS.from_epsg(4548)
_CORNER: Final = (500_000.0, 2_900_000.0)  # [m]
_MAX_ROWS: Final = 100_000  # of a scene
_SAME: Final = (
    1e-6  # by which a figure may differ from the one that is expected: they are shown with six digits
)
# Cells that every row needs and few scenes are about.
_DEFAULTS: Final[Mapping[str, Mapping[str, object]]] = {"households": {"building_id": "B1"}}
# Words of a row that are no columns: how many of it there are, how far apart they lie, and its shape.
_COUNT, _STEP = "count", "step"
_SHAPES: Final = {"at": 2, "box": 4, "line": None}
# Which finding of several decides: the one that is worst.
_WORST: Final = (Status.NOT_MET, Status.UNDETERMINED, Status.MET, Status.NOT_APPLICABLE)
_CLOSED: Final = "not_in_force"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Staged:
    """An example with its scene drawn."""

    example: Example
    site: Site
    earlier: Site | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of an example."""

    example: Example
    differs: Message | None  # what is not as expected; None when all is

    @property
    def passed(self) -> bool:
        """Whether the rule says what the example expects."""
        return self.differs is None


def try_examples(pack: RulePack, examples: Iterable[Example]) -> tuple[Trial, ...]:
    """Judge every example by its rule alone.

    Parameters
    ----------
    pack : RulePack
        The rules.
    examples : iterable of Example
        As ``plan.rules.examples.load_examples`` reads them.

    Returns
    -------
    tuple of Trial
        In the order of the examples.

    Raises
    ------
    RulePackError
        If a scene cannot be drawn, or the pack does not judge a rule of that id; every mistake is told.

    Examples
    --------
    >>> from plan.rules import load_pack
    >>> from plan.rules.examples import built_in_examples
    >>> first = built_in_examples("qinhuangdao")[:3]
    >>> [trial.passed for trial in try_examples(load_pack("qinhuangdao"), first)]
    [True, True, True]
    """
    known = {rule.id for rule in pack.judged()}
    staged: list[Staged] = []
    wrong: dict[str, RulePackError] = {}  # the first mistake of every rule
    for example in examples:
        try:
            if example.rule not in known:
                raise RulePackError(Message("examples.no_rule", id=example.rule, pack=pack.id), example.path)  # noqa: TRY301 - gathered
            staged.append(stage(example))
        except RulePackError as error:
            wrong.setdefault(example.rule, error.of_rule(example.rule))
    if wrong:
        first, *others = wrong.values()
        raise first.with_others(others)
    return tuple(try_staged(pack, one) for one in staged)


def without_examples(pack: RulePack, examples: Iterable[Example]) -> tuple[str, ...]:
    """Return the ids of the rules that a pack itself writes and judges, and that no example is about."""
    shown = {example.rule for example in examples}
    return tuple(rule.id for rule in pack.judged() if rule.pack == pack.id and rule.id not in shown)


def stage(example: Example) -> Staged:
    """Draw the scene of an example.

    Raises
    ------
    RulePackError
        If a layer, a column, a shape or a figure of it is not known.
    """
    used: Counter[str] = Counter()
    site = _site(example, example.given, used, "given")
    earlier = _site(example, example.earlier, used, "earlier") if example.earlier else None
    idle = [name for name in example.figures if name not in used]
    if idle:
        raise RulePackError(Message("examples.idle_figure", names=tuple(idle)), example.path)
    return Staged(example=example, site=site, earlier=earlier)


def try_staged(pack: RulePack, staged: Staged) -> Trial:
    """Judge one example whose scene is drawn; see :func:`try_examples`."""
    example = staged.example
    rule = pack.rule(example.rule)
    if example.on is not None and not rule.in_force(date.fromisoformat(example.on)):
        return Trial(example=example, differs=_compared(example, _CLOSED, None))
    alone = (rule, *(other for other in pack.rules if other.enabled and not other.kind.judged))
    report = check(
        staged.site,
        replace(pack, rules=alone, on=example.on),
        stage=example.stage,
        estate=example.estate,
        earlier=staged.earlier,
    )
    found = min(report.findings, key=lambda finding: _WORST.index(finding.status))
    return Trial(example=example, differs=_compared(example, found.status.value, found))


# --- what is expected ----------------------------------------------------------------------------


def _compared(example: Example, status: str, found: Finding | None) -> Message | None:
    """Say the first thing that is not as expected."""
    said = _said(found)
    pairs: list[tuple[object, object]] = [(example.expect, status)]
    if found is not None:
        pairs.append((example.strength, found.strength.value))
        if example.reason is not None:
            pairs.append((example.reason, (found.reason or "").partition(":")[0]))
        pairs += [
            (wanted, got)
            for wanted, got in ((example.measured, found.measured), (example.required, found.required))
            if wanted is not None
        ]
    for wanted, got in pairs:
        if not _same(wanted, got):
            words = {"expected": _shown(wanted), "found": _shown(got)}
            if said and wanted in (example.expect, example.reason):
                return Message("examples.differs_because", **words, said=said)
            return Message("examples.differs", **words)
    absent = next((word for word in example.says if word not in said), None)
    return None if absent is None else Message("examples.unsaid", word=absent, said=said)


def _same(wanted: object, got: object) -> bool:
    if isinstance(wanted, float) and isinstance(got, int | float):
        return abs(wanted - got) <= _SAME
    return wanted == (got if got is None or not isinstance(got, str) else translate(got, DEFAULT_LANGUAGE))


def _shown(value: object) -> str:
    return "—" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _said(found: Finding | None) -> str:
    parts = () if found is None else (found.reason, found.required, found.remedy)
    return " ".join(translate(part, DEFAULT_LANGUAGE) for part in parts if isinstance(part, str))


# --- scenes --------------------------------------------------------------------------------------


def _site(example: Example, layers: Mapping[str, Any], used: Counter[str], key: str) -> Site:
    frames = {}
    for name, rows in layers.items():
        path = f"{example.path}.{key}.{name}"
        if name not in LAYERS:
            raise RulePackError(Message("site.unknown_layer", layer=name, known=tuple(LAYERS)), path)
        frames[name] = _layer(name, _rows(name, rows, example, used, path), path)
    return Site(name="example", layers=frames, crs=_CRS)


def _layer(name: str, rows: Sequence[Mapping[str, Any]], path: str) -> gpd.GeoDataFrame:
    columns = list(dict.fromkeys(c for row in rows for c in row if c != "geometry"))
    columns = columns or [c.name for c in LAYERS[name].columns]
    table = {c: [row.get(c) for row in rows] for c in columns}
    frame = gpd.GeoDataFrame(table, geometry=[row.get("geometry") for row in rows], crs=_CRS)
    for column in LAYERS[name].columns:
        if column.required and column.name not in frame.columns:
            frame[column.name] = None
    try:
        fitted, problems = validate(name, frame)
    except InputError as error:
        raise RulePackError(str(error), path) from None
    # A slip of the pen is no unknown: that is written "?".
    for cell in (c for c in columns if c in fitted.columns):
        if fitted[cell].isna().sum() > frame[cell].isna().sum():
            told = next(p.message for p in problems if p.column == cell)
            raise RulePackError(told, f"{path}.{cell}")
    return fitted


def _rows(name: str, rows: object, example: Example, used: Counter[str], path: str) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise RulePackError(Message("rules.not_a_table"), path)
    known = {column.name for column in LAYERS[name].columns}
    made: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        where = f"{path}[{index}]"
        cells = {key: _filled(value, example, used, where) for key, value in row.items()}
        strange = next((key for key in cells if key not in {*known, *_SHAPES, _COUNT, _STEP}), None)
        if strange is not None:
            allowed = (*sorted(known), *_SHAPES, _COUNT, _STEP)
            raise RulePackError(Message("rules.unknown_key", key=strange, allowed=allowed), where)
        made += _repeated(name, cells, len(made), where)
    return made


def _repeated(name: str, cells: dict[str, Any], before: int, path: str) -> list[dict[str, Any]]:
    """Return a row so many times, each with an id of its own and a step further."""
    count = cells.pop(_COUNT, 1)
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= _MAX_ROWS - before:
        raise RulePackError(Message("examples.bad_count", value=str(count), limit=_MAX_ROWS), f"{path}.count")
    step = _numbers(cells.pop(_STEP, [0, 0]), 2, f"{path}.step")
    shape = _shape(cells, path)
    base = {LAYERS[name].id_column: f"{name}-#", **_DEFAULTS.get(name, {}), **cells}
    return [
        {
            **{k: v.replace("#", str(before + n + 1)) if isinstance(v, str) else v for k, v in base.items()},
            "geometry": None if shape is None else affinity.translate(shape, step[0] * n, step[1] * n),
        }
        for n in range(count)
    ]


def _shape(cells: dict[str, Any], path: str) -> BaseGeometry | None:
    written = [key for key in _SHAPES if key in cells]
    if not written:
        return None
    if len(written) > 1:
        raise RulePackError(Message("examples.shapes", keys=tuple(written)), path)
    key = written[0]
    value = cells.pop(key)
    if value is None:
        return None
    x, y = _CORNER
    if key == "line":
        if not isinstance(value, list) or len(value) < 2:  # noqa: PLR2004 - a line has two ends
            raise _bad_shape(path, key)
        points = [_numbers(point, 2, f"{path}.line") for point in value]
        return LineString([(x + px, y + py) for px, py in points])
    numbers = _numbers(value, _SHAPES[key] or 0, f"{path}.{key}")
    if key == "at":
        return Point(x + numbers[0], y + numbers[1])
    left, low, wide, high = numbers
    return box(x + left, y + low, x + left + wide, y + low + high)


def _numbers(value: object, count: int, path: str) -> list[float]:
    if (
        not isinstance(value, list)
        or len(value) != count
        or any(isinstance(v, bool) or not isinstance(v, int | float) or not math.isfinite(v) for v in value)
    ):
        raise _bad_shape(path, "at")
    return [float(v) for v in value]


def _bad_shape(path: str, key: str) -> RulePackError:
    """Return the error of a shape that is not written as numbers."""
    return RulePackError(Message("examples.bad_shape", key=key), path)


def _filled(value: object, example: Example, used: Counter[str], path: str) -> Any:  # noqa: ANN401 - a cell
    """Put the figures of an example where a cell names them; ``?`` is nothing known."""
    if isinstance(value, list):
        return [_filled(part, example, used, path) for part in value]
    if isinstance(value, str) and value.startswith("$"):
        name = value[1:]
        if name not in example.figures:
            raise RulePackError(Message("examples.absent_figure", name=name), path)
        used[name] += 1
        value = example.figures[name]
    return None if value == UNKNOWN else plain_cell(value)
