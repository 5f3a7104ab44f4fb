"""Writers of what a hearing shows and hands out; each takes a dossier and a path."""

from plan.handout.index import Entry, write_index
from plan.handout.manifest import is_package, write_manifest
from plan.handout.public import public_problems, public_site
from plan.handout.screen import map_of, write_data, write_map, write_organisers, write_record, write_report
from plan.handout.sheets import write_tables
from plan.handout.word import to_docx, write_document

__all__ = [
    "Entry",
    "is_package",
    "map_of",
    "public_problems",
    "public_site",
    "to_docx",
    "write_data",
    "write_document",
    "write_index",
    "write_manifest",
    "write_map",
    "write_organisers",
    "write_record",
    "write_report",
    "write_tables",
]
