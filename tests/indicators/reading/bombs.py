"""Hostile workbooks, crafted small; each is a real archive that a careless reader would open."""

import struct
import zipfile
import zlib
from io import BytesIO

from openpyxl import Workbook

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOOK = (
    f'<workbook xmlns="{MAIN}" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="台账" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
CELL = '<c r="A1" t="inlineStr"><is><t>一级指标</t></is></c>'


def page(rows: str = f'<row r="1">{CELL}</row>', after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def archive(*extra: tuple[str, str | bytes], **parts: str | bytes) -> bytes:
    """A workbook of hand-written parts; `sheet`, `book`, `relations` and `types` replace the usual ones."""
    found: list[tuple[str, str | bytes]] = [
        ("[Content_Types].xml", parts.get("types", TYPES)),
        ("xl/_rels/workbook.xml.rels", parts.get("relations", RELATIONS)),
        ("xl/workbook.xml", parts.get("book", BOOK)),
        ("xl/worksheets/sheet1.xml", parts.get("sheet", page())),
        *extra,
    ]
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in found:
            file.writestr(name, data)
    return out.getvalue()


def inflating(megabytes: int) -> bytes:
    """A few hundred kilobytes that inflate to this many megabytes of blanks in a sheet."""
    return archive(sheet=page(" " * (megabytes * 1024 * 1024)))


def entities(encoding: str) -> bytes:
    """Nested entities in the sheet; in UTF-16 the word DOCTYPE is not found by searching bytes."""
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE worksheet [<!ENTITY e0 "lol">{nested}]>' + page(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row>'
    )
    return archive(sheet=text.encode(encoding))


def wide(columns: int) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["一级指标"] * columns)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def tall(row: int) -> bytes:
    return archive(sheet=page(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>'))


def many_cells(count: int) -> bytes:
    """Formatted cells without values, different enough not to compress like a bomb."""
    cells = "".join(f'<c s="{number * 7919 % 9973}"/>' for number in range(count))
    return archive(sheet=page(f'<row r="1">{cells}</row>'))


def overlapping() -> bytes:
    """An entry that stands inside another one's data: both inflate the same bytes."""
    inner = b"PK\x03\x04" + struct.pack("<5H3L2H", 20, 0, 0, 0, 0x21, zlib.crc32(b"<a/>"), 4, 4, 5, 0) + b"b.xml<a/>"
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        file.writestr("xl/workbook.xml", BOOK)
        file.writestr("a.bin", inner)
    whole = out.getvalue()
    at = whole.find(inner)
    end = whole.rfind(b"PK\x05\x06")
    record = b"PK\x01\x02" + struct.pack(
        "<6H3L5H2L", 20, 20, 0, 0, 0, 0x21, zlib.crc32(b"<a/>"), 4, 4, 5, 0, 0, 0, 0, 0, at
    )
    directory = whole[whole.find(b"PK\x01\x02") : end] + record + b"b.xml"
    start = whole.find(b"PK\x01\x02")
    tail = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 3, 3, len(directory), start, 0)
    return whole[:start] + directory + tail


def encrypted_entry() -> bytes:
    whole = bytearray(archive())
    at = 0
    while (at := whole.find(b"PK\x01\x02", at)) >= 0:
        whole[at + 8] |= 1
        at += 4
    return bytes(whole)


def encrypted_office() -> bytes:
    """The head of the container that Excel puts around a workbook with a password."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 1016 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 480


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def document(rows: str, *extra: tuple[str, str | bytes], doctype: str = "") -> bytes:
    """A document with one table of these rows."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>'
    )
    body = f'{doctype}<w:document xmlns:w="{WORD}"><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>'
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        parts = (("[Content_Types].xml", types), ("_rels/.rels", relations), ("word/document.xml", body), *extra)
        for name, data in parts:
            file.writestr(name, data)
    return out.getvalue()


def old_office(streams: dict[str, bytes]) -> bytes:
    """The container of old Office files with these streams, each padded to the size of a large one."""
    chain: list[int] = [0xFFFFFFFD, 0xFFFFFFFE]
    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0)]
    body = b""
    for name, content in streams.items():
        padded = content + b"\x00" * (max(4096, -(-len(content) // 512) * 512) - len(content))
        first, sectors = len(chain), len(padded) // 512
        chain.extend([*range(first + 1, first + sectors), 0xFFFFFFFE])
        entries.append(_entry(name, 2, first, len(padded)))
        body += padded
    assert len(chain) <= 128
    assert len(entries) <= 4
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16 + struct.pack("<5H", 62, 3, 0xFFFE, 9, 6)
    head += b"\x00" * 6 + struct.pack("<8I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE)
    head += struct.pack("<I", 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return head[:512] + table + b"".join(entries).ljust(512, b"\x00") + body


def _entry(name: str, kind: int, first: int, size: int) -> bytes:
    raw = name.encode("utf-16-le") + b"\x00\x00"
    return (
        raw.ljust(64, b"\x00")
        + struct.pack("<HBB3I", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
        + b"\x00" * 36
        + struct.pack("<3I", first, size, 0)
    )


def old_cell(row: int, column: int, value: float = 1) -> tuple[int, bytes]:
    return 0x203, struct.pack("<3Hd", row, column, 0, value)


def old_workbook(records: list[tuple[int, bytes]]) -> bytes:
    """An old workbook of these records between a beginning and an end."""
    began = (0x809, struct.pack("<4H2I", 0x600, 5, 0, 0, 0, 0))
    stream = b"".join(struct.pack("<2H", kind, len(body)) + body for kind, body in [began, *records, (0x0A, b"")])
    return old_office({"Workbook": stream})


def endless_chain() -> bytes:
    whole = bytearray(old_workbook([]))
    whole[512 + 4 * 3 : 512 + 4 * 4] = struct.pack("<I", 2)
    return bytes(whole)
