"""What kind of file the bytes are, whatever its name says; decides which kinds are read now."""

from typing import BinaryIO

from indicators.reading.refusal import Refused

READABLE = frozenset({"xlsx"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NOW = "现在能读的是 Excel 工作簿（.xlsx）"
_SAID = {
    "xls": f"这是旧版 Excel 文件（.xls）；{_NOW}，用 Excel 或 WPS 另存为 .xlsx 后再上传",
    "docx": f"这是 Word 文档（.docx）；{_NOW}，把表格复制到 Excel 另存为 .xlsx 后再上传",
    "xlsb": f"这是二进制工作簿（.xlsb）；{_NOW}，另存为 .xlsx 后再上传",
    "ods": f"这是 OpenDocument 文件；{_NOW}，另存为 .xlsx 后再上传",
    "pdf": f"这是 PDF 文件；{_NOW}，找到原来的表格文件后再上传",
    "zip": f"这是压缩包，不是工作簿；{_NOW}，解压后上传其中的表格",
    "text": f"这是文本文件，不是 Excel 工作簿；{_NOW}，用 Excel 打开并另存为 .xlsx 后再上传",
    "unknown": f"认不出这个文件的类型；{_NOW}，确认文件没有损坏后再上传",
}
_PARTS = (
    ("content.xml", "ods"),
    ("xl/workbook.bin", "xlsb"),
    ("xl/workbook.xml", "xlsx"),
    ("word/document.xml", "docx"),
)


def outer(stream: BinaryIO, size: int) -> str:
    """zip, or the kind of a file that is no archive. Raises Refused for an encrypted workbook."""
    stream.seek(0)
    head = stream.read(4096)
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(_OLE):
        return _ole(stream)
    if head.startswith(b"%PDF"):
        return "pdf"
    return "text" if _is_text(head) else "unknown"


def inner(names: frozenset[str]) -> str:
    """The kind of an archive, by the parts it holds (names in lower case)."""
    # A workbook never holds the parts of another kind: they would be read by another, uncounted way.
    for part, kind in _PARTS:
        if part in names:
            return kind
    return "zip"


def require(kind: str) -> None:
    """Raises Refused unless files of this kind are read now."""
    if kind not in READABLE:
        raise Refused("format-unread", _SAID[kind])


def _ole(stream: BinaryIO) -> str:
    stream.seek(0)
    if _ENCRYPTED in stream.read():
        raise Refused("encrypted", "工作簿加了密码，读不出内容；去掉打开密码后再上传")
    return "xls"


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\x00" not in head and sum(byte < 9 for byte in head) == 0
