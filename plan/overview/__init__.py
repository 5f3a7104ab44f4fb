"""What a batch says to who decides: one page, one workbook and one record of all sites, by rule, district and outcome."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from plan.batch import Tally
from plan.files import write_bytes, write_text
from plan.messages import Message
from plan.overview.page import to_html
from plan.overview.tables import tables_of
from plan.reports.book import tables_to_xlsx

__all__ = ["FILES", "tables_of", "to_html", "write_overview"]

FILES: Final = ("summary.json", "summary.xlsx", "summary.html")


def write_overview(tally: Tally, folder: Path, *, lang: str = "zh") -> tuple[Path, ...]:
    """Write the summary of a batch: ``summary.json``, ``summary.xlsx`` and ``summary.html``.

    Parameters
    ----------
    tally : Tally
        What was counted; see :func:`plan.batch.check_into`.
    folder : pathlib.Path
        Where the files go.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    tuple of pathlib.Path
        The files; the same bytes for the same results.

    Raises
    ------
    OutputError
        If one cannot be written.
    """
    document = json.dumps(tally.to_dict(lang), ensure_ascii=False, indent=1)
    title = Message("overview.title", count=len(tally.sites))
    write_text(folder / FILES[0], document.encode("utf-8", "backslashreplace").decode() + "\n")
    write_bytes(folder / FILES[1], tables_to_xlsx(tables_of(tally), title=title, lang=lang))
    write_text(folder / FILES[2], to_html(tally, lang=lang))
    return tuple(folder / name for name in FILES)
