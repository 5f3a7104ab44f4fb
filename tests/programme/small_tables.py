"""Tables of works, written for a test."""

from __future__ import annotations

from pathlib import Path

HEAD = "work_id,work,estate_id,package,kind,serves,cost_cny,quantity,unit"


def write(path: Path, *lines: str, head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path
