"""What surrounds a table on a sheet of a bureau: titles above the head, units in it, sums and signatures below."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from plan.contract import Column
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._cell_formats import Shown
from plan.readers._table_marks import Marks, as_shown, columns_called
from plan.readers._table_names import (
    BARE,
    Head,
    head_of,
    known,
    tell_unread,
    tight,
    units_beside,
    units_in,
    units_said,
    with_unit,
    with_units,
)
from plan.schema import LAYERS
from plan.text_safety import plain

__all__ = ["Cells", "Numbered", "Row", "bare_table", "is_sum"]

Cells = list[list[str]]
Row = list[str]
Numbered = list[tuple[int, Row]]  # rows with their numbers in the sheet, from 1

_SEARCHED: Final = 20  # rows in which a head is looked for
_TELLING: Final = 2  # names of the contract that make a row a head
_ANOTHER: Final = 3  # names of the contract that make a row among others the head of another table
_SUMS: Final = re.compile(
    r"(?:.{0,20}(?:合计|总计|小计)|(?:合计|总计|小计|共计|累计|总和|共)(?:\d+[户间栋幢套人个层处]|[(（].*[)）])?"
    r"|总和|平均|平均值|其中|其中[:：].*|(?:grand ?)?total|sum|subtotal)[:：]?"
)
_SUM: Final = re.compile(r"(?:合计|总计|小计|共计|累计|本页小计|本页合计)[:：]?")  # in whatever column
_SIGNED: Final = re.compile(
    r"(?:填表|制表|填报|审核|复核|负责人|经办|联系|备注[:：]|注[:：]|说明[:：]|单位[(（]?盖章)"
)
_LABELLED: Final = re.compile(r".{1,8}[:：].*")  # 日期：5月1日 beside 审核人：李四
_NOTE: Final = re.compile(r".{1,20}(?:：|:\s).")  # 社区：1 行 alone below a list of two columns
_DASHES: Final = "-—–―─━_=*·. "
_EXAMPLE: Final = re.compile(
    r"[(（]?(?:填写|填报)?(?:示例|样例|范例|举例|例子|例|e\.?g\.?|example)\d*[)）]?[:：.]?", re.IGNORECASE
)
_INSTRUCTS: Final = re.compile(
    r"必填|选填|数字|数值|文本|文字|整数|小数|下拉|格式|请填|填写|例如|如[:：]|字符|自动计算|单选|多选"
)
_STEMS: Final = "甲乙丙丁戊己庚"
_SHOWN: Final = 20  # rows that a message lists
_PLAIN: Final = Marks()
_HEADING: Final = re.compile(
    r"[（(]?[一二三四五六七八九十]{1,3}[)）、.．:：].*"
)  # 一、社区服务用房 within a list
_SUMMED: Final = ("m2", "CNY", "person")  # units of what rows have each their share of
_EACH: Final = ("floors_below", "lanes", "step_count")  # counts that stand for each row, not for a share


def bare_table(
    rows: Numbered,
    found: ProblemList,
    *,
    marks: Marks = _PLAIN,
) -> Numbered:
    """Return the head and the rows of a table, without what a bureau writes around them.

    Parameters
    ----------
    rows : list of (int, list of str)
        The rows of a sheet that are not empty, with their numbers there; empty text where there is nothing in a cell.
    found : ProblemList
        Where it is noted what was passed over: rows above the head, sums, signatures, heads of further pages.
    marks : Marks, optional
        What the sheet says beside its values: merged cells, and what people see of cells whose format says more.

    Returns
    -------
    list of (int, list of str)
        The head and what is below it. Where no row looks like a head, the first one is it.
    """
    cells = [row for _, row in rows]
    at = _head_at(cells)
    if at:
        found.add("PLAN-TAB-001", "info", "noted", Message("tables.head_found", row=rows[at][0]))
    # A head over two lines, whose cells are merged, repeats itself.
    start = next((i for i in range(at + 1, len(rows)) if cells[i] != cells[at]), len(rows))
    divided = _divided(cells[at], cells[start]) if start < len(rows) else None
    if divided is not None:
        start += 1
    head = [head_of(cell) for cell in (divided or cells[at])]
    below = _without_heads(rows[start:], cells[:start], found)
    head, below = _below_head(head, below, found)
    tell_unread(head, found)
    body = _up_to_another(below, found)
    if body and (units := units_in(body[0][1])):
        number, body = body[0][0], body[1:]
        head = [with_unit(one, units.get(i, "")) for i, one in enumerate(head)]
        found.add("PLAN-TAB-002", "info", "noted", Message("tables.units_row", row=number))
    body = _without_sums(body, found, width=sum(bool(cell) for cell in cells[at]))
    kept = {number for number, _ in body}
    rest = [*cells[:at], *(row for number, row in rows[start:] if number not in kept)]
    head = with_units(head, units_said(rest))
    units_beside([row for _, row in body], head)
    body = _without_headings(body, marks, found)
    _part_amounts(body, head, marks.merged, found)
    if marks.shown:
        _as_shown(body, head, marks.shown, found)
    for i, one in enumerate(head):
        for _, row in body if one.unit else ():
            if i < len(row) and BARE.fullmatch(row[i]):
                row[i] = f"{row[i]}{one.unit}"
    return [(rows[at][0], [one.name for one in head]), *body]


def _below_head(head: list[Head], rows: Numbered, found: ProblemList) -> tuple[list[Head], Numbered]:
    """Leave out what forms write right below a head: its names in another language, numbers of columns, how to fill them in."""
    passed = []
    while rows:
        number, row = rows[0]
        named = [head_of(cell) for cell in row]
        if _translates(row, named, head):
            more = [
                name if not known(one.name) and known(name.name) else one
                for one, name in zip(head, named, strict=False)
            ]
            head = [*more, *head[len(more) :]]
        elif not (_counts(row) or _instructs(row)):
            break
        passed.append(number)
        rows = rows[1:]
    if passed:
        found.add("PLAN-TAB-002", "info", "noted", Message("tables.below_head", rows=tuple(passed)))
    return head, rows


def _translates(row: Row, named: Sequence[Head], head: Sequence[Head]) -> bool:
    """Tell whether a row names the columns of a head once more: most of its cells do, two and more as the head does."""
    pairs = [(one, other) for one, other in zip(head, named, strict=False) if known(other.name)]
    again = [
        any(column in columns_called(other.name) for column in columns_called(one.name))
        for one, other in pairs
        if known(one.name)
    ]
    return len(again) >= _TELLING and all(again) and 2 * len(pairs) > sum(bool(cell) for cell in row)


def _counts(row: Row) -> bool:
    """Tell whether a row numbers the columns: 1 2 3 4, 甲 乙 1 2, (1) (2) (3)."""
    said = [tight(cell) for cell in row if cell]
    filled = [cell.strip("()（）[]【】<>") for cell in said]
    numbers = [cell for cell in filled if cell not in _STEMS]
    stems = filled[: len(filled) - len(numbers)]
    # Three numbers in a row may be a room: of three columns others than 1, 2 and 3 tell.
    enough = len(filled) > _ANOTHER or (len(filled) == _ANOTHER and (bool(stems) or filled != said))
    counted = [[str(i + before) for i in range(1, len(numbers) + 1)] for before in (0, len(stems))]
    return enough and stems == list(_STEMS[: len(stems)]) and numbers in counted


def _instructs(row: Row) -> bool:
    """Tell whether most cells of a row say how the columns are to be filled in."""
    filled = [cell for cell in row if cell]
    return len(filled) >= _TELLING and 2 * sum(bool(_INSTRUCTS.search(cell)) for cell in filled) > len(filled)


def _divided(head: Row, below: Row) -> Row | None:
    """Return the names of columns where the row below the head divides names that stand over several; None where it does not.

    面积 over 规划 and 实建 is neither's name: the columns become 面积·规划 and 面积·实建, which are no columns of ours.
    """
    names: Row = []
    over = ""
    found = False
    for i, cell in enumerate(head):
        said = below[i] if i < len(below) else ""
        over = cell or over
        spans = not cell or (i + 1 < len(head) and not head[i + 1])
        if spans and over and said and said != over and not BARE.fullmatch(said):
            names.append(said if known(said) else f"{over}·{said}")
            found = True
        elif said in ("", cell):
            names.append(cell)
        else:
            return None
    return names if found else None


def _up_to_another(rows: Numbered, found: ProblemList) -> Numbered:
    """Leave out what follows the head of another table below this one, and tell it."""
    for i, (number, row) in enumerate(rows):
        filled = [cell for cell in row if cell]
        if len({cell for cell in filled if known(cell)}) >= max(_ANOTHER, len(filled) // 2):
            found.add("PLAN-TAB-007", "warning", "noted", Message("tables.another", row=number))
            return rows[:i]
    return rows


def _without_heads(rows: Numbered, above: Cells, found: ProblemList) -> Numbered:
    """Leave out the head, and titles above it, where a printed list repeats them on each page."""
    heads = {tuple(tight(cell) for cell in row) for row in above}
    kept = [(number, row) for number, row in rows if tuple(tight(cell) for cell in row) not in heads]
    if len(kept) < len(rows):
        left = {number for number, _ in kept}
        again = tuple(number for number, _ in rows if number not in left)
        message = Message("tables.heads_again", rows=again[:_SHOWN], count=len(again))
        found.add("PLAN-TAB-002", "info", "noted", message)
    return kept


def _as_shown(
    rows: Numbered, head: Sequence[Head], shown: Mapping[tuple[int, int], Shown], found: ProblemList
) -> None:
    """Give cells the units that their formats show; a number that people see otherwise than it is held counts as missing."""
    for i, one in enumerate(head):
        lost = []
        for at, (number, row) in enumerate(rows, start=1):
            if (number, i) not in shown or i >= len(row) or not row[i]:
                continue
            row[i] = as_shown(row[i], shown[number, i], one.name, said=one.said or one.unit)
            if not row[i]:
                lost.append(at)
        if lost:
            message = Message(
                "tables.not_shown", column=plain(one.name), rows=tuple(lost[:_SHOWN]), count=len(lost)
            )
            found.add("PLAN-TAB-011", "error", "degraded", message, column=plain(one.name), rows=lost)


def _without_headings(rows: Numbered, marks: Marks, found: ProblemList) -> Numbered:
    """Leave out headings between the rows, and rows that hold nothing but what is merged with the row above."""
    kept, headings, repeated = [], [], []
    for number, row in rows:
        filled = [i for i, cell in enumerate(row) if cell]
        alone = row[filled[0]] if len(filled) == 1 else ""
        if (
            alone and (number in marks.across or _HEADING.fullmatch(alone) or _SIGNED.match(tight(alone)))
        ) or not any(cell.strip(_DASHES) for cell in row):
            headings.append(number)
        elif filled and all(marks.merged.get((number, i), number) != number for i in filled):
            repeated.append(number)
        else:
            kept.append((number, row))
    for key, numbers in (("headings", headings), ("rows_repeated", repeated)):
        if numbers:
            message = Message(f"tables.{key}", rows=tuple(numbers[:_SHOWN]), count=len(numbers))
            found.add("PLAN-TAB-002", "info", "noted", message)
    return kept


def _part_amounts(
    rows: Numbered, head: Sequence[Head], merged: Mapping[tuple[int, int], int], found: ProblemList
) -> None:
    """Empty merged cells of what is summed up, such as areas: whether each row has that much, or all together, is not said."""
    for i, one in enumerate(head):
        if not merged or one.name.casefold() not in _amounts():
            continue
        blocks = Counter(merged[number, i] for number, row in rows if (number, i) in merged and row[i])
        shared = tuple(number for number, row in rows if blocks[merged.get((number, i), 0)] > 1 and row[i])
        if not shared:
            continue
        for _, row in (pair for pair in rows if pair[0] in set(shared)):
            row[i] = ""
        message = Message(
            "tables.amounts_merged", column=plain(one.name), rows=shared[:_SHOWN], count=len(shared)
        )
        found.add("PLAN-TAB-006", "error", "degraded", message, column=plain(one.name))


def _head_at(rows: Cells) -> int:
    """Return which row names columns of the contract best; the first where none does better.

    A table that ends before the best head begins is no title of it: its own head is the first one.
    """
    scores = [sum(known(cell) for cell in set(row) if cell) for row in rows[:_SEARCHED]]
    best = max(range(len(scores)), key=lambda i: scores[i], default=0)
    if not scores or scores[best] < _TELLING or scores[best] <= scores[0]:
        return 0
    numbers = [any(BARE.fullmatch(cell) for cell in row) for row in rows[:best]]
    earlier = (i for i in range(best) if scores[i] >= _ANOTHER and not numbers[i] and any(numbers[i + 1 :]))
    return next(earlier, best)


def _without_sums(rows: Numbered, found: ProblemList, *, width: int) -> Numbered:
    """Leave out sums, and signatures and notes below the last row."""
    passed = [i for i, (_, row) in enumerate(rows) if is_sum(row)]
    for i in range(len(rows) - 1, -1, -1):
        filled = [cell for cell in rows[i][1] if cell]
        signed = bool(filled) and _SIGNED.match(tight(filled[0])) is not None
        if i in passed or not filled:
            continue
        signed = signed or (len(filled) > 1 and all(_LABELLED.match(tight(cell)) for cell in filled))
        signed = signed or (len(filled) == 1 and _NOTE.match(filled[0]) is not None)
        if not signed and (len(filled) > 1 or width <= _TELLING):
            break
        passed.append(i)
    if not passed:
        return rows
    gone = set(passed)
    numbers = tuple(rows[i][0] for i in sorted(gone))
    message = Message("tables.rows_passed", rows=numbers[:_SHOWN])
    found.add("PLAN-TAB-002", "info", "noted", message)
    return [row for i, row in enumerate(rows) if i not in gone]


def is_sum(row: Sequence[str]) -> bool:
    """Tell whether a row is a sum of others, or an example: 合计, 1号楼小计, 共6户, 示例; a running number may stand before a sum."""
    filled = [tight(cell).casefold() for cell in row if cell]
    first = next((cell for cell in filled if not BARE.fullmatch(cell)), "")
    if filled and _EXAMPLE.fullmatch(filled[0]):
        return True
    return _SUMS.fullmatch(first) is not None or any(_SUM.fullmatch(cell) for cell in filled)


@cache
def _amounts() -> frozenset[str]:
    """Return what columns are called whose rows add up: areas, money, people."""
    columns = [c for layer in LAYERS.values() for c in layer.columns if _adds_up(c)]
    return frozenset(name.casefold() for c in columns for name in (c.name, c.zh, *c.aliases))


def _adds_up(column: Column) -> bool:
    counted = column.type == "int" and column.minimum == 0 and column.name not in _EACH
    return counted or (column.type == "float" and column.unit in _SUMMED)
