"""The manifest of a package: what was written and from what, each file with its SHA-256; no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from plan.dossier import Dossier
from plan.files import sha256, write_text
from plan.messages import translate
from plan.reports.record import dump
from plan.tool import tool_version

__all__ = ["SCHEMA", "is_package", "write_manifest"]

SCHEMA: Final = "plan.manifest/1"
_HEAD: Final = 4096  # bytes in which a manifest says what it is


def is_package(path: Path) -> bool:
    """Tell whether a file is the manifest of a package, which then lies in its folder."""
    try:
        with path.open("rb") as file:
            return SCHEMA.encode() in file.read(_HEAD)
    except OSError:
        return False


def write_manifest(
    dossier: Dossier,
    files: Sequence[Path],
    path: Path,
    *,
    options: Mapping[str, str],
    titles: Mapping[str, str],
) -> None:
    """Write the manifest.

    Parameters
    ----------
    dossier : Dossier
        What the files are written from.
    files : sequence of pathlib.Path
        The finished files, all in the folder of ``path``.
    path : pathlib.Path
        The target.
    options : mapping of str to str
        What was asked for; empty ones are left out.
    titles : mapping of str to str
        What each file is, by name.
    """
    pack = dossier.pack
    lang = dossier.lang
    write_text(
        path,
        dump(
            {
                "schema": SCHEMA,
                "tool": {"name": "estate-plan", "version": tool_version()},
                "site": dossier.site.title,
                "outcome": {"before": dossier.before.outcome, "after": dossier.after.outcome},
                "pack": {"id": pack.id, "version": pack.version, "sha256": pack.sha256},
                "inputs": [{"path": file.path, "sha256": file.sha256} for file in dossier.site.inputs],
                **({"attribution": dossier.site.attribution} if dossier.site.attribution else {}),
                "options": {name: value for name, value in options.items() if value},
                "files": [
                    {
                        "path": file.name,
                        "title": translate(titles[file.name], lang),
                        "bytes": file.stat().st_size,
                        "sha256": sha256(file),
                    }
                    for file in files
                ],
            }
        ),
    )
