"""Templates of our pages: they hold no text from data, and every value that is put into them is made harmless.

Each string passes :func:`plan.text_safety.plain` and then Jinja's escaping. Values are never read as templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from plan.text_safety import plain

__all__ = ["asset", "page_template"]


def page_template(
    package: str, name: str, *, filters: Mapping[str, Callable[..., Any]] | None = None
) -> Template:
    """Return a template among the assets of a package.

    Parameters
    ----------
    package : str
        As in ``plan.reports``.
    name : str
        Of the file in its folder ``assets``.
    filters : mapping, optional
        What the template may apply to a value.

    Raises
    ------
    jinja2.UndefinedError
        When it is rendered without a value that it names.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_shown, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(filters or {})
    return environment.from_string(asset(package, name))


def asset(package: str, name: str) -> str:
    """Return the text of a file among the assets of a package."""
    return (resources.files(package) / "assets" / name).read_text(encoding="utf-8")


def _shown(value: object) -> object:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
