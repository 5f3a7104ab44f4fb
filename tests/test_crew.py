"""A second process finds what this one would find; one that dies costs time only."""

from __future__ import annotations

import os

import pytest

from plan.crew import Crew
from plan.errors import MissingLayerError
from plan.messages import Message

HERE = os.getpid()


def double(number: int) -> int:
    return 2 * number


def die_elsewhere(number: int, here: int) -> int:
    if os.getpid() != here:
        os._exit(9)
    return number


def lack() -> None:
    raise MissingLayerError(Message("files.is_folder", path="x"))


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_same_with_help_and_without(jobs: int) -> None:
    with Crew(jobs) as crew:
        tasks = [crew.start(double, n) for n in range(5)]
        assert [task.result() for task in tasks] == [0, 2, 4, 6, 8]


def test_a_process_that_dies_costs_time_only() -> None:
    with Crew(2) as crew:
        assert crew.start(die_elsewhere, 7, HERE).result() == 7
        assert crew.start(double, 4).result() == 8


@pytest.mark.parametrize("jobs", [1, 2])
def test_errors_come_back_as_they_are(jobs: int) -> None:
    with Crew(jobs) as crew:
        task = crew.start(lack)
        with pytest.raises(MissingLayerError) as caught:
            task.result()
    assert caught.value.message.to("en") == Message("files.is_folder", path="x").to("en")


def test_work_that_nobody_began_is_taken_back() -> None:
    with Crew(2) as crew:
        tasks = [crew.start(double, n) for n in range(20)]
        mine = [task for task in reversed(tasks) if task.take_back()]
        assert [task.result() for task in tasks] == [2 * n for n in range(20)]
        assert mine or all(task.result() is not None for task in tasks)
