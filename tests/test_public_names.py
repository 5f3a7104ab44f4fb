"""What is public is listed by hand, exists, is documented, and is what the documentation names."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import plan


@pytest.mark.parametrize("name", plan.__all__)
def test_a_public_name_exists_and_is_documented(name: str) -> None:
    value = getattr(plan, name)
    assert inspect.getdoc(value)
    assert value.__module__.startswith("plan.")


@pytest.mark.parametrize("name", plan.__all__)
def test_public_functions_document_every_parameter(name: str) -> None:
    value = getattr(plan, name)
    if inspect.isclass(value):
        return
    text = inspect.getdoc(value) or ""
    assert "Returns\n-------" in text
    undocumented = [
        p
        for p in inspect.signature(value).parameters
        if not re.search(rf"^[\w, ]*\b{p}\b[\w, ]* : |^{p}\b.*:", text, re.MULTILINE)
    ]
    assert undocumented == []


def test_the_list_is_complete() -> None:
    assert set(plan._HOMES) == set(plan.__all__)
    assert set(plan.__all__) <= set(dir(plan))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        plan.nothing  # noqa: B018


@pytest.mark.parametrize("name", plan.__all__)
def test_the_contributing_page_names_it(name: str, root: Path) -> None:
    assert f"`{name}`" in (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
