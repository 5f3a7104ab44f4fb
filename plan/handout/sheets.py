"""The workbook of a hearing: verdicts, findings, data problems and every table of the package, a sheet for each."""

from __future__ import annotations

from pathlib import Path

from plan.dossier import Dossier
from plan.files import write_bytes
from plan.messages import Message
from plan.reports import to_xlsx

__all__ = ["write_tables"]


def write_tables(dossier: Dossier, path: Path) -> tuple[Message, ...]:
    """Write the workbook."""
    tables = (*dossier.tables, *dossier.details)
    write_bytes(path, to_xlsx(dossier.results, lang=dossier.lang, tables=tables))
    return ()
