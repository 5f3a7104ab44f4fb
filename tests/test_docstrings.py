"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import plan

MODULES = sorted(m.name for m in pkgutil.walk_packages(plan.__path__, "plan.") if m.name != "plan.__main__")


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    count = sum(len(t.examples) for name in MODULES for t in finder.find(importlib.import_module(name)))
    assert count >= 15


@pytest.mark.parametrize("name", ["plan", *MODULES])
def test_the_examples_of_a_module(name: str, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.chdir(root)
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0
