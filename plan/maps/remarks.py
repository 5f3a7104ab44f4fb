"""What a hearing map needs to collect remarks: the kinds to choose from, and which site they are about."""

from __future__ import annotations

from typing import Any

from plan.maps.escape import plain
from plan.maps.words import Words
from plan.schema import REMARK_KINDS, REMARKS_SCHEMA
from plan.site import Site

__all__ = ["remarks_form"]


def remarks_form(site: Site, words: Words) -> dict[str, Any]:
    """Return plain data for the part of the page that collects remarks.

    Parameters
    ----------
    site : Site
        What the map shows.
    words : Words
        The language.

    Returns
    -------
    dict
        ``schema``; ``kinds``, value and word of each; ``site``, its name and the SHA-256 of the files it was read from.
    """
    return {
        "schema": REMARKS_SCHEMA,
        "kinds": [[kind, words.text(f"term.{kind}")] for kind in REMARK_KINDS],
        "site": {
            "name": plain(site.name),
            "sha256": [file.sha256 for file in site.inputs],
        },
    }
