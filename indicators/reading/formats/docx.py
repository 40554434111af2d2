"""Word bytes → grids: tables with the paragraphs around them, and the paragraphs alone; gives no word a meaning."""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from indicators.reading.formats.grid import UNMERGED, Grid
from indicators.reading.formats.serials import Serials
from indicators.reading.formats.stack import Table, runs, stacked
from indicators.reading.formats.wordtable import read_table
from indicators.reading.guard.limits import Limits
from indicators.reading.refusal import Refused
from indicators.reading.text import clean

PROSE = "正文"
DAMAGED = Refused("damaged", "Word 文档已损坏，读不出内容；用 Word 或 WPS 打开并另存为 .docx 后再上传")
_FAULTS = (
    PackageNotFoundError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    SyntaxError,
    KeyError,
    ValueError,
    AttributeError,
    TypeError,
    IndexError,
    OSError,
    NotImplementedError,
    AssertionError,
)
# What was deleted or moved away, and the second form of a drawing, is not shown to anybody.
_UNSHOWN = (
    qn("w:del"),
    qn("w:moveFrom"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)
_WORDS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_T, _P, _TBL = qn("w:t"), qn("w:p"), qn("w:tbl")
_INSIDE = (qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml"), qn("w:ins"), qn("w:smartTag"))


def grids(content: bytes, _: Limits) -> list[Grid]:
    """A grid for each run of tables that continue one another, then the paragraphs outside tables as prose.

    Raises Refused when the bytes are no readable document.
    """
    try:
        pieces = _pieces(content)
        paragraphs = [piece for piece in pieces if isinstance(piece, str) and piece]
        found = [stacked(f"表{number}", run) for number, run in enumerate(runs(pieces), 1)]
        return [*found, _prose(paragraphs)] if paragraphs else found
    except _FAULTS as error:
        raise DAMAGED from error


def _pieces(content: bytes) -> list[str | Table]:
    """Paragraphs and tables in their order."""
    document = Document(BytesIO(content))
    if not str(document.part.partname).startswith("/word/"):
        # The guard counts the tables of parts under this name only.
        raise DAMAGED
    body = document.element.body
    for unshown in list(body.iter(*_UNSHOWN)):
        parent = unshown.getparent()
        if parent is not None:
            parent.remove(unshown)
    serials = Serials(document)

    def words(paragraph: Any) -> str:
        return serials.label(paragraph) + _words(paragraph)

    return [words(element) if element.tag == _P else read_table(element, words) for element in _blocks(body)]


def _blocks(parent: Any) -> Iterator[Any]:
    for element in parent:
        if element.tag in {_P, _TBL}:
            yield element
        elif element.tag in _INSIDE:
            yield from _blocks(element)


def _words(paragraph: Any) -> str:
    return "".join(
        (element.text or "") if element.tag == _T else _WORDS[element.tag] for element in paragraph.iter(_T, *_WORDS)
    )


def _prose(paragraphs: Sequence[str]) -> Grid:
    rows: list[list[str]] = []
    shorn: list[str] = []
    for number, paragraph in enumerate(paragraphs, 1):
        text, cut = clean(paragraph)
        rows.append([text])
        if cut:
            shorn.append(f"{PROSE}!A{number}")
    return Grid(PROSE, rows, UNMERGED, tuple(shorn), prose=True)
