"""A page → a Word document: what stands above the header as paragraphs, the rest as one table."""

import re
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from indicators.reading.formats.grid import Block
from indicators.writing.page import Page

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SIZES = {"a4": (297, 210), "a3": (420, 297)}
_MARGIN = 15
_SHARE = {"points": 5, "score": 5, "number": 4, "content": 26, "criteria": 26, "level-5": 20}


def docx(page: Page) -> bytes:
    """The document's bytes, landscape, A3 where the table is wide; the header row is repeated on every page."""
    document = Document()
    width = _paper(document, "a3" if page.width > 8 else "a4")
    first = page.header[0] if page.header else 0
    for row in page.rows[:first]:
        _title(document, row)
    table = document.add_table(rows=0, cols=0)
    table.style = "Table Grid"
    _fill(table, page, first, _widths(page, width))
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _paper(document: Any, size: str) -> int:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    long, short = _SIZES[size]
    section.page_width, section.page_height = Mm(long), Mm(short)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(_MARGIN))
    style = document.styles["Normal"]
    style.font.name, style.font.size = "宋体", Pt(9)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    return long - 2 * _MARGIN


def _title(document: Any, row: tuple[str, ...]) -> None:
    """A row above the table: its words, one after another."""
    text = "  ".join(_UNSTORABLE.sub("", one) for one in row if one)
    if not text:
        return
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run.bold, run.font.size = True, Pt(14)


def _widths(page: Page, width: int) -> list[int]:
    """Twentieths of a point for each column, in proportion to what it holds."""
    shares = [_SHARE.get(page.roles.get(column, ""), 11) for column in range(page.width)]
    return [round(width * 56.7 * share / sum(shares)) for share in shares]


def _fill(table: Any, page: Page, first: int, widths: list[int]) -> None:
    """Rows straight as XML: `table.cell` walks the whole table for every cell."""
    blocks = {(row, one.left): one for one in page.merged for row in range(one.top, one.bottom + 1)}
    grid = table._tbl.tblGrid
    for width in widths:
        grid.append(_element("w:gridCol", w=str(width)))
    for at in range(first, len(page.rows)):
        line = OxmlElement("w:tr")
        if at in page.header:
            properties = OxmlElement("w:trPr")
            properties.append(OxmlElement("w:tblHeader"))
            line.append(properties)
        column = 0
        while column < page.width:
            block = blocks.get((at, column), Block(at, column, at, column))
            line.append(_cell(page, at, block, sum(widths[block.left : block.right + 1])))
            column = block.right + 1
        table._tbl.append(line)


def _cell(page: Page, row: int, block: Block, width: int) -> Any:
    cell = OxmlElement("w:tc")
    properties = OxmlElement("w:tcPr")
    properties.append(_element("w:tcW", w=str(width), type="dxa"))
    if block.right > block.left:
        properties.append(_element("w:gridSpan", val=str(block.right - block.left + 1)))
    if block.bottom > block.top:
        properties.append(_element("w:vMerge", val="restart" if row == block.top else "continue"))
    cell.append(properties)
    text = page.rows[block.top][block.left] if row == block.top else ""
    for line in _UNSTORABLE.sub("", text).split("\n"):
        cell.append(_words(line, bold=row in page.header))
    return cell


def _words(line: str, *, bold: bool) -> Any:
    paragraph, run, words = OxmlElement("w:p"), OxmlElement("w:r"), OxmlElement("w:t")
    words.text = line
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    if bold:
        properties = OxmlElement("w:rPr")
        properties.append(OxmlElement("w:b"))
        run.append(properties)
    run.append(words)
    paragraph.append(run)
    return paragraph


def _element(name: str, **values: str) -> Any:
    element = OxmlElement(name)
    for key, value in values.items():
        element.set(qn(f"w:{key}"), value)
    return element
