"""How problems are told: the worst first, and together what one cure mends."""

from __future__ import annotations

import pytest

from plan.diagnosis import counted, ranges, told
from plan.findings import Effect, Problem, Severity
from plan.messages import Message
from plan.problems import ProblemList


def gathered(*found: tuple[str, Severity, Effect, Message]) -> tuple[Problem, ...]:
    problems = ProblemList(path="a.dxf")
    for problem_id, severity, effect, message in found:
        problems.add(problem_id, severity, effect, message)
    return problems.problems


def numbered(layer: str) -> Message:
    return Message("validation.ids_given", layer=layer, column="x_id")


def test_the_worst_comes_first_and_what_is_alike_stands_together() -> None:
    problems = gathered(
        ("PLAN-ID-004", "info", "noted", numbered("stalls")),
        ("PLAN-DATA-001", "error", "degraded", Message("validation.empty", layer="rooms")),
        ("PLAN-CRS-001", "error", "refused", Message("readers.layer_unknown", layer="x")),
        ("PLAN-ID-004", "warning", "noted", numbered("parcels")),
        ("PLAN-ID-004", "info", "noted", numbered("barriers")),
    )
    said = told(problems, "en")
    assert [one.head for one in said] == [
        "error PLAN-CRS-001 a.dxf",
        "error PLAN-DATA-001 a.dxf",
        "warning PLAN-ID-004 a.dxf",
        "note PLAN-ID-004 a.dxf",
    ]
    assert [one.problems for one in said] == [1, 1, 1, 2]
    assert ["stalls" in line for line in said[-1].says] == [True, False]


def test_many_that_are_alike_are_counted() -> None:
    problems = gathered(*(("PLAN-ID-004", "info", "noted", numbered(f"l{n}")) for n in range(14)))
    (one,) = told(problems, "zh")
    assert (len(one.says), one.says[-1]) == (11, "……另有 4 处同样的问题。")


def test_rows_are_said_once() -> None:
    problems = ProblemList(path="a.csv", layer="rooms")
    rows = Message("validation.id_empty", layer="rooms", column="room_id", rows=(2, 3))
    problems.add("PLAN-ID-002", "error", "refused", rows, column="room_id", rows=(2, 3))
    problems.add(
        "PLAN-X-1",
        "error",
        "degraded",
        Message("validation.empty", layer="rooms"),
        rows=(4, 5, 9),
        features=("B1", "B2"),
    )
    in_message, in_head = told(problems.problems, "en")
    assert in_message.head == "error PLAN-ID-002 a.csv / rooms / room_id"
    assert in_head.head == "error PLAN-X-1 a.csv / rooms rows 4-5, 9 (B1, B2)"


def test_nothing_is_obeyed_by_a_terminal() -> None:
    problems = ProblemList(path="a\x1b[2J.csv")
    problems.add("PLAN-X-1", "error", "degraded", Message("validation.empty", layer="\u202e"))
    (one,) = told(problems.problems, "zh")
    assert not any(sign in one.head + "".join(one.says) for sign in "\x1b\u202e")


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        ((), "No problems"),
        (("noted",), "It can be used (errors: 1"),
        (("degraded", "noted"), "cannot be told"),
        (("degraded", "refused"), "cannot be used (errors: 2, of which 1"),
    ],
)
def test_one_sentence_says_whether_it_can_be_used(effects: tuple[Effect, ...], said: str) -> None:
    empty = Message("validation.empty", layer="rooms")
    assert said in counted(gathered(*(("PLAN-DATA-001", "error", e, empty) for e in effects))).to("en")


def test_rows_are_shown_as_ranges() -> None:
    assert ranges((7, 1, 2, 3), most=9) == "1-3, 7"
    assert ranges(range(1, 100, 2), most=2) == "1, 3, …"
