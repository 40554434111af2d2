"""What kind of file the bytes are, whatever its name says; decides which kinds are read."""

import re
from typing import BinaryIO

from indicators.reading.guard.compound import MARK, Compound
from indicators.reading.refusal import Refused

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
READABLE = frozenset({"xlsx", "xls", "docx", "csv"})
_NOW = "能读的是 Excel 工作簿（.xlsx、.xls）、Word 文档（.docx）和 .csv 文本"
_SAID = {
    "doc": f"这是旧版 Word 文档（.doc）；{_NOW}，用 Word 或 WPS 另存为 .docx 后再上传",
    "ole": f"这是旧版 Office 文件，不是工作簿；{_NOW}，另存为其中一种后再上传",
    "xlsb": f"这是二进制工作簿（.xlsb）；{_NOW}，另存为 .xlsx 后再上传",
    "ods": f"这是 OpenDocument 文件；{_NOW}，另存为 .xlsx 或 .docx 后再上传",
    "pdf": f"这是 PDF 文件；{_NOW}，找到原来的表格文件后再上传",
    "rtf": f"这是 RTF 文档；{_NOW}，用 Word 或 WPS 另存为 .docx 后再上传",
    "zip": f"这是压缩包，不是工作簿；{_NOW}，解压后上传其中的表格",
    "markup": f"这是网页或 XML 格式的文件，只是改了扩展名；{_NOW}，用 Excel 打开并另存为 .xlsx 后再上传",
    "unknown": f"认不出这个文件的类型；{_NOW}，确认文件没有损坏后再上传",
}
_PARTS = (
    ("content.xml", "ods"),
    ("xl/workbook.bin", "xlsb"),
    ("xl/workbook.xml", "xlsx"),
)
_DOCUMENT = re.compile(r"word/document\d*\.xml")
_HEADS = ((b"PK\x03\x04", "zip"), (MARK, "ole"), (b"%PDF", "pdf"), (b"{\\rtf", "rtf"))
_MARKUP = re.compile(r"\s*<[!?a-zA-Z]")


def outer(stream: BinaryIO) -> str:
    """zip, ole, or the kind of a file that is neither."""
    stream.seek(0)
    head = stream.read(4096)
    for mark, kind in _HEADS:
        if head.startswith(mark):
            return kind
    if not _is_text(head):
        return "unknown"
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    start = head[:400].decode("utf-16" if wide else "latin-1", "replace").lstrip("\ufeffï»¿")
    return "markup" if _MARKUP.match(start) else "csv"


def inner(names: frozenset[str]) -> str:
    """The kind of an archive, by the parts it holds (names in lower case)."""
    # A workbook never holds the parts of another kind: they would be read by another, uncounted way.
    for part, kind in _PARTS:
        if part in names:
            return kind
    return "docx" if any(map(_DOCUMENT.fullmatch, names)) else "zip"


def refuse_encrypted(content: bytes) -> None:
    """Raises Refused for the container that Office puts around a file with a password."""
    if _ENCRYPTED in content:
        raise Refused("encrypted", "文件加了密码，读不出内容；去掉打开密码后再上传")


def of_old_office(container: Compound) -> str:
    """The kind of an old Office file, by the streams it holds."""
    names = container.entries
    if "workbook" in names or "book" in names:
        return "xls"
    return "doc" if "worddocument" in names else "ole"


def require(kind: str) -> None:
    """Raises Refused unless files of this kind are read."""
    if kind not in READABLE:
        raise Refused("format-unread", _SAID[kind])


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\x00" not in head and sum(byte < 9 for byte in head) == 0
