"""Templates of pages: values are shown, never obeyed, and none is left out without a word."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from plan import page_templates


def made(monkeypatch: pytest.MonkeyPatch, text: str, **values: object) -> str:
    """Return what a template of this text makes of the values."""
    monkeypatch.setattr(page_templates, "asset", lambda *_: text)
    return page_templates.page_template("plan.reports", "x", filters={"twice": lambda n: 2 * n}).render(
        **values
    )


def test_a_value_is_escaped_and_never_read_as_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(monkeypatch, "<b>{{ name }}</b>", name="<i>{{ 7*7 }}\u202e") == (
        "<b>&lt;i&gt;{{ 7*7 }}&lt;U+202E&gt;</b>"
    )


def test_our_own_markup_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(monkeypatch, "{{ own }} {{ 3 | twice }}", own=Markup("<i>")) == "<i> 6"


def test_a_value_that_is_not_given_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UndefinedError):
        made(monkeypatch, "{{ nobody }}")


def test_assets_are_found() -> None:
    assert "<html" in page_templates.asset("plan.reports", "report.html.jinja")
