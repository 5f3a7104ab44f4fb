"""What is held in the hand: the atlas of A3 sheets, the report as PDF, the long picture; set by typst, offline."""

from plan.paper.atlas import atlas_of, report_pdf, report_pdf_of, site_pdf, site_pdf_of, write_atlas
from plan.paper.picture import long_picture_of, write_long_picture
from plan.paper.setting import Document

__all__ = [
    "Document",
    "atlas_of",
    "long_picture_of",
    "report_pdf",
    "report_pdf_of",
    "site_pdf",
    "site_pdf_of",
    "write_atlas",
    "write_long_picture",
]
