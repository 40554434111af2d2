"""Turns hostile and oversized files away before anything is parsed; understands no ledger."""

import os
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from typing import BinaryIO

from indicators.reading.guard import kinds
from indicators.reading.guard.archive import Entry, Meter, broken, entries, inflate
from indicators.reading.guard.biff import check_book
from indicators.reading.guard.compound import walk
from indicators.reading.guard.limits import MIB, Limits
from indicators.reading.guard.parts import Count, macros, read_part
from indicators.reading.guard.plaintext import check_text
from indicators.reading.refusal import Refused

__all__ = ["Limits", "check", "kind_of"]

_FIRST = ("[content_types].xml", "xl/_rels/workbook.xml.rels", "xl/workbook.xml", "xl/sharedstrings.xml")
_XML = (".xml", ".rels")
_MARKUP = (b"<", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x00<")


def check(filename: str, stream: BinaryIO, limits: Limits) -> str:
    """The kind of a file that is safe to parse (xlsx, xls, docx, csv); the stream is left at its start.

    Reads in pieces and counts while inflating, so that it costs two seconds and a few megabytes at most,
    whatever the file claims about itself. Raises Refused with a sentence for the clerk.
    """
    size = stream.seek(0, os.SEEK_END)
    if size == 0:
        raise Refused("empty", "文件是空的；选择有内容的工作簿后再上传")
    if size > limits.file_size:
        raise Refused("too-large", f"文件超过 {limits.file_size // MIB} MB；拆成几个文件后再上传")
    kind = kinds.outer(stream)
    if kind == "zip":
        kind = _archive(stream, size, limits)
    elif kind == "ole":
        kind = _old_office(stream, limits)
    kinds.require(kind)
    if kind == "csv":
        stream.seek(0)
        check_text(stream.read(), limits)
    stream.seek(0)
    return kind


def kind_of(content: bytes, limits: Limits) -> str:
    """The kind of a file that `check` let pass before; nothing is counted again."""
    stream = BytesIO(content)
    kind = kinds.outer(stream)
    if kind == "zip":
        found = entries(stream, len(content), limits)
        return kinds.inner(frozenset(entry.name.replace("\\", "/").casefold() for entry in found))
    return kinds.of_old_office(walk(content)) if kind == "ole" else kind


def _archive(stream: BinaryIO, size: int, limits: Limits) -> str:
    found = entries(stream, size, limits)
    names = frozenset(entry.name.replace("\\", "/").casefold() for entry in found)
    kind = kinds.inner(names)
    _no_macros(names)
    kinds.require(kind)
    _read(stream, found, limits)
    return kind


def _old_office(stream: BinaryIO, limits: Limits) -> str:
    """Old files are at most as large as an upload, so they are walked in memory."""
    stream.seek(0)
    content = stream.read()
    kinds.refuse_encrypted(content)
    container = walk(content)
    kind = kinds.of_old_office(container)
    if kind == "xls":
        # Excel keeps its programs in a storage of this name, WPS in the same one.
        if any(name in container.entries for name in ("_vba_project_cur", "_vba_project", "macros")):
            raise macros()
        book = container.stream("workbook") or container.stream("book")
        if book is None:
            raise broken()
        check_book(book, limits)
    return kind


def _no_macros(names: frozenset[str]) -> None:
    if any(word in name for name in names for word in ("vbaproject", "jsaproject", "/macrosheets/")):
        raise macros()


def _read(stream: BinaryIO, found: list[Entry], limits: Limits) -> None:
    """Read every part; those that name the sheets and hold shared texts come first, for better messages."""
    count, meter = Count(limits), Meter()
    for entry in sorted(found, key=_order):
        pieces = inflate(stream, entry, limits, meter)
        head = next(pieces, b"")
        if not head and entry.name.endswith("/"):
            continue
        _read_entry(entry.name.casefold(), head, chain([head], pieces), count)


def _read_entry(name: str, head: bytes, pieces: Iterator[bytes], count: Count) -> None:
    """Parse what is XML or looks like it, only inflate and count the rest (pictures, embedded objects)."""
    if name.endswith(_XML):
        read_part(name, pieces, count)
    elif head.lstrip().startswith(_MARKUP):
        try:
            read_part(name, pieces, count)
        except Refused as refused:
            # Old drawings (.vml) hold HTML that is not well-formed; no sheet may stand in such a part.
            if refused.code != "damaged":
                raise
    for _ in pieces:
        count.spent()


def _order(entry: Entry) -> int:
    name = entry.name.casefold()
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)
