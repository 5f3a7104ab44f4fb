"""Styles, numbering and tables of a Word document; OOXML (ISO/IEC 29500-1) where python-docx has no words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from markupsafe import escape

if TYPE_CHECKING:
    from docx.document import Document

__all__ = ["LOOK", "heading_numbers", "prepare", "table_xml"]

# A4 with the margins of GB/T 9704-2012, 5.2.1: 37 mm above, 28 mm at the left, a type area of 156 x 225 mm.
LOOK: Final[Mapping[str, Any]] = {
    "width": Cm(21.0), "height": Cm(29.7), "top": Cm(3.7), "left": Cm(2.8), "right": Cm(2.6), "bottom": Cm(3.5),
    "edge": Cm(2.0),
}  # fmt: skip
_LATIN: Final = "Times New Roman"
_BODY: Final = "仿宋"
_FONTS: Final = {1: "黑体", 2: "楷体", 3: _BODY}
_INK: Final = RGBColor(0, 0, 0)
_TABLE_SIZE: Final = 18  # half points: 9 pt
_TWIP: Final = 635  # English Metric Units in a twentieth of a point
_NARROW: Final = 5  # a column is as wide as this many characters at least, and at most as
_WIDE: Final = 30
_CJK: Final = 0x2E80  # from here on a character takes the place of two
# How Word counts: 一、（一）1. as in official documents, 1 1.1 1.1.1 in English.
_COUNTING: Final = {
    "zh": (("chineseCountingThousand", "%1、"), ("chineseCountingThousand", "（%2）"), ("decimal", "%3.")),
    "en": (("decimal", "%1"), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3")),
}  # fmt: skip


def prepare(document: Document, lang: str) -> None:
    """Set page and styles of a new document."""
    section = document.sections[0]
    section.page_width, section.page_height = LOOK["width"], LOOK["height"]
    section.top_margin, section.bottom_margin = LOOK["top"], LOOK["bottom"]
    section.left_margin, section.right_margin = LOOK["left"], LOOK["right"]
    _page_numbers(section)
    zh = lang == "zh"
    styles = document.styles
    body = _style(styles["Normal"], _BODY, 16 if zh else 12)
    body.paragraph_format.first_line_indent = Pt(32) if zh else None
    body.paragraph_format.line_spacing = Pt(28) if zh else 1.25
    title = _style(styles["Title"], "宋体", 22, bold=True, first=0)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_after = Pt(18)
    _plain_border(title)
    for level, font in _FONTS.items():
        made = _style(
            styles[f"Heading {level}"], font, 16 if zh else 16 - 2 * level, bold=not zh, first=32 if zh else 0
        )
        made.paragraph_format.space_before = Pt(12 if level == 1 else 6)
        made.paragraph_format.space_after = Pt(3)
        made.paragraph_format.keep_with_next = True
    for name, font, size, left in (
        ("Plan Imprint", _BODY, 12, 0),
        ("Plan Quote", "楷体", 14 if zh else 12, 24),
        ("Plan Source", _BODY, 12 if zh else 10, 24),
        ("Plan Note", _BODY, 10.5, 0),
        ("Plan Gap", _BODY, 6, 0),
    ):
        made = _style(styles.add_style(name, 1), font, size, first=0)
        made.base_style = styles["Normal"]
        made.paragraph_format.left_indent = Pt(left)
        made.paragraph_format.line_spacing = 1.25 if name != "Plan Gap" else 1.0
        made.paragraph_format.space_after = Pt(4)


def heading_numbers(document: Document, lang: str) -> int:
    """Let Word number the headings; returned is the id of the numbering."""
    numbering = document.part.numbering_part.element
    taken = [int(e.get(qn("w:abstractNumId"))) for e in numbering.findall(qn("w:abstractNum"))]
    number = max(taken, default=-1) + 1
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{counting}"/>'
        f'<w:pStyle w:val="Heading{at + 1}"/><w:suff w:val="{"nothing" if lang == "zh" else "space"}"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="0" w:firstLine="{640 if lang == "zh" else 0}"/></w:pPr></w:lvl>'
        for at, (counting, text) in enumerate(_COUNTING[lang])
    )
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">'
        f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    )
    first = numbering.find(qn("w:num"))
    if first is None:
        numbering.append(abstract)
    else:
        first.addprevious(abstract)
    used = int(numbering.add_num(number).numId)
    for level in _FONTS:
        properties = document.styles[f"Heading {level}"].element.get_or_add_pPr()
        chosen = properties.get_or_add_numPr()
        chosen.get_or_add_ilvl().val = level - 1
        chosen.get_or_add_numId().val = used
    return used


def table_xml(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, width: int, numeric: Sequence[int] = ()
) -> Any:  # noqa: ANN401 - an element
    """Return a table as an element; written at once, because cell by cell takes minutes for a table of a city.

    Parameters
    ----------
    heads, rows : sequences of str
        Texts without control characters.
    width : int
        English Metric Units that it takes.
    numeric : sequence of int
        Columns that are aligned at the right.
    """
    wants = [
        min(_WIDE, max(_NARROW, *(_width(text) for text in (head, *(row[at] for row in rows)))))
        for at, head in enumerate(heads)
    ]
    whole = width // _TWIP
    widths = [max(1, whole * want // sum(wants)) for want in wants]
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    lines = [_row(heads, widths, (), head=True), *(_row(row, widths, numeric) for row in rows)]
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"
    )


def _row(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[int], *, head: bool = False) -> str:
    about = "<w:cantSplit/><w:tblHeader/>" if head else "<w:cantSplit/>"
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="E7E6E6"/>' if head else ""
    bold = "<w:b/>" if head else ""
    size = f'<w:sz w:val="{_TABLE_SIZE}"/><w:szCs w:val="{_TABLE_SIZE}"/>'
    made = []
    for at, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        side = "right" if at in numeric else "left"
        lines = "<w:br/>".join(
            f'<w:t xml:space="preserve">{escape(line)}</w:t>'
            for line in cell.replace("\t", " ").splitlines() or [""]
        )
        made.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
            f'<w:p><w:pPr><w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>'
            f'<w:ind w:firstLine="0"/><w:jc w:val="{side}"/></w:pPr><w:r><w:rPr>{bold}{size}</w:rPr>{lines}</w:r></w:p></w:tc>'
        )
    return f"<w:tr><w:trPr>{about}</w:trPr>{''.join(made)}</w:tr>"


def _style(style: Any, font: str, size: float, *, bold: bool = False, first: int | None = None) -> Any:  # noqa: ANN401
    style.font.name, style.font.size, style.font.bold, style.font.italic = _LATIN, Pt(size), bold, False
    style.font.color.rgb = _INK
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)  # a theme's font would win over the one that is named
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:cs"), _LATIN)
    if first is not None:
        style.paragraph_format.first_line_indent = Pt(first)
    return style


def _plain_border(style: Any) -> None:  # noqa: ANN401 - a style
    border = style.element.get_or_add_pPr().find(qn("w:pBdr"))
    if border is not None:
        border.getparent().remove(border)


def _page_numbers(section: Any) -> None:  # noqa: ANN401 - a section
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)  # noqa: SLF001 - the documented way to the XML


def _width(text: str) -> int:
    return 1 + sum(2 if ord(c) >= _CJK else 1 for c in text)
