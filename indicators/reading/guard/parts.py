"""The XML parts of a workbook read as a stream: no DOCTYPE, counted rows, columns, cells and merges."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from time import thread_time
from xml.parsers import expat

from indicators.reading.guard.archive import broken, hostile
from indicators.reading.guard.limits import Limits
from indicators.reading.refusal import Refused

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_LETTERS = re.compile(r"\$?([A-Za-z]{1,3})\$?")
_DIGITS = "0123456789"
MOST_TAGS = 256
TOKEN = 1024 * 1024


@dataclass(slots=True)
class Count:
    """What has been counted over the whole workbook so far.

    names: relationship id → sheet name, for messages. targets: part → relationship id.
    long_texts: indexes of shared texts that are too long; refused only where a cell shows one.
    """

    limits: Limits
    began: float = field(default_factory=thread_time)
    elements: int = 0
    cells: int = 0
    merges: int = 0
    merged_area: int = 0
    sheets: int = 0
    long_texts: set[int] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)

    def spent(self) -> None:
        """Raises Refused when the guard has met too many elements or cost more processor time than a page may take."""
        if self.elements > self.limits.elements or thread_time() - self.began > self.limits.cpu_seconds:
            raise too_complex()


def read_part(name: str, pieces: Iterable[bytes], count: Count) -> None:
    """Parse one part to its end. Raises Refused at the first thing that must not be."""
    parser = expat.ParserCreate()
    part = _Part(name, count, parser)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = part.doctype
    parser.EntityDeclHandler = part.doctype
    parser.StartElementHandler = part.start
    parser.EndElementHandler = part.end
    fed = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > TOKEN:
                raise too_complex()
            count.spent()
        parser.Parse(b"", True)
        count.spent()
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise broken() from error


class _Handlers(dict[str, Callable[..., None] | None]):
    """Local name of an element → what is done there; whatever stands before a colon in its tag does not count."""

    def __missing__(self, tag: str) -> Callable[..., None] | None:
        handler = self.get(tag.rpartition(":")[2])
        if len(self) < MOST_TAGS:
            self[tag] = handler
        return handler


class _Part:
    """The state of one part while it is read.

    Elements are told by their local names in every part, whatever its root says: the library that reads
    the workbook later looks for `row` and `c` wherever it is sent.
    """

    def __init__(self, name: str, count: Count, parser: expat.XMLParserType) -> None:
        self.name = name
        self.count = count
        self.limits = count.limits
        self.deepest = count.limits.depth
        self.parser = parser
        self.depth = self.row = self.column = self.length = 0
        self.index = -1
        self.kind = self.text = ""
        starts: dict[str, Callable[[dict[str, str]], None]] = {
            "c": self.cell,
            "v": self.value,
            "is": self.value,
            "row": self.next_row,
            "mergeCell": self.merge,
            "si": self.shared_text,
            "sheet": self.sheet_named,
            "worksheet": self.sheet_begun,
            "Default": self.content_type,
            "Override": self.content_type,
            "Relationship": self.relationship,
        }
        ends = {"v": self.value_end, "is": self.value_end, "si": self.shared_text_end}
        if name.startswith("word/"):
            starts |= {
                "tr": self.table_row,
                "tc": self.table_cell,
                "p": self.paragraph,
                "t": self.words,
                "gridSpan": self.spanned,
                "gridBefore": self.spanned,
                "gridAfter": self.spanned,
            }
            ends = {"t": self.words_end, "tc": self.table_cell_end}
            self.cells_open = 0
        self.starts, self.ends = _Handlers(starts), _Handlers(ends)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count.elements += 1
        self.depth += 1
        if self.depth > self.deepest:
            raise too_complex()
        handler = self.starts[tag]
        if handler:
            handler(attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        handler = self.ends[tag]
        if handler:
            handler()

    def doctype(self, *_: object) -> None:
        raise Refused(
            "doctype", "文件内含 DOCTYPE 声明，可能是恶意文件，不予导入；用 Excel 或 WPS 另存为新文件后再上传"
        )

    # -- what the workbook says of itself

    def content_type(self, attributes: dict[str, str]) -> None:
        if "macroenabled" in attributes.get("ContentType", "").lower():
            raise macros()

    def relationship(self, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "")
        of_workbook = self.name.casefold().endswith("workbook.xml.rels")
        if of_workbook and not target.casefold().endswith(".xml") and "://" not in target:
            # A sheet under a picture's name would be read later without having been counted here.
            raise hostile("工作表伪装成其他部件")
        if len(self.count.targets) < self.limits.entries:
            self.count.targets[target.rpartition("/")[2]] = attributes.get("Id", "")

    def sheet_named(self, attributes: dict[str, str]) -> None:
        relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        self.count.names[relation or str(len(self.count.names))] = attributes.get("name", "")
        if len(self.count.names) > self.limits.sheets:
            raise too_many_sheets(self.limits)

    def sheet_begun(self, _: dict[str, str]) -> None:
        self.count.sheets += 1
        if self.count.sheets > self.limits.sheets:
            raise too_many_sheets(self.limits)

    # -- shared texts

    def shared_text(self, _: dict[str, str]) -> None:
        self.index += 1
        self.length = 0
        self.parser.CharacterDataHandler = self.in_shared

    def in_shared(self, text: str) -> None:
        self.length += len(text)

    def shared_text_end(self) -> None:
        self.parser.CharacterDataHandler = None
        if self.length > self.limits.text_length:
            self.count.long_texts.add(self.index)

    # -- sheets

    def next_row(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r", "")
        self.row = int(reference) if reference.isdecimal() and len(reference) < 8 else self.row + 1
        self.column = 0

    def cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r", "")
        letters = reference.rstrip(_DIGITS)
        number = reference[len(letters) :]
        # Longer ones name no column, and are not kept in the cache behind this.
        column = _column(letters) if len(letters) <= 5 else 0
        if column and 0 < len(number) < 8:
            self.column, self.row = column, int(number)
        else:
            self.column += 1
        self.kind = attributes.get("t", "")
        self.count.cells += 1
        if self.count.cells > self.limits.cells:
            raise Refused("too-many-cells", f"单元格超过 {self.limits.cells} 个；删去多余的行列和格式后再上传")

    def value(self, _: dict[str, str]) -> None:
        """A cell with something in it: here counts how far down and to the right the sheet reaches."""
        if self.row > self.limits.last_row:
            raise Refused(
                "too-many-rows",
                f"工作表“{self.sheet}”用到第 {self.row} 行，最多 {self.limits.last_row} 行；删去多余的行后再上传",
            )
        if self.column > self.limits.columns:
            raise Refused(
                "too-many-columns",
                f"工作表“{self.sheet}”用到第 {self.column} 列，最多 {self.limits.columns} 列；删去多余的列后再上传",
            )
        self.length = 0
        self.text = ""
        self.parser.CharacterDataHandler = self.in_index if self.kind == "s" else self.in_value

    def in_value(self, text: str) -> None:
        self.length += len(text)
        if self.length > self.limits.text_length:
            self.too_long()

    def in_index(self, text: str) -> None:
        """The number of a shared text."""
        self.in_value(text)
        self.text += text

    def value_end(self) -> None:
        self.parser.CharacterDataHandler = None
        if self.text and self.count.long_texts:
            index = self.text.strip()
            if index.isdecimal() and int(index) in self.count.long_texts:
                self.too_long()

    def too_long(self) -> None:
        raise Refused(
            "text-too-long",
            f"工作表“{self.sheet}”第 {self.row} 行第 {self.column} 列的文字超过 "
            f"{self.limits.text_length} 字；缩短或拆成几个单元格后再上传",
        )

    def merge(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("ref", "")
        corners = [_REFERENCE.fullmatch(corner) for corner in reference.split(":")]
        first, last = corners[0], corners[-1]
        if first is None or last is None or len(corners) > 2:
            raise broken()
        rows = abs(int(last[2]) - int(first[2])) + 1
        columns = abs(_column(last[1]) - _column(first[1])) + 1
        self.count.merges += 1
        self.count.merged_area += rows * columns
        if self.count.merges > self.limits.merges or self.count.merged_area > self.limits.merged_area:
            raise Refused(
                "too-many-merges",
                f"工作表“{self.sheet}”的合并单元格（{reference[:30]}）过多或过大；取消表格以外的合并后再上传",
            )

    # -- documents

    def table_row(self, _: dict[str, str]) -> None:
        self.row += 1
        self.column = 0
        if self.row > self.limits.last_row:
            raise Refused("too-many-rows", f"表格超过 {self.limits.last_row} 行；拆成几个文件后再上传")

    def table_cell(self, _: dict[str, str]) -> None:
        self.cells_open += 1
        self.length = 0
        self.wider(1)

    def table_cell_end(self) -> None:
        self.cells_open -= 1

    def spanned(self, attributes: dict[str, str]) -> None:
        value = next((value for key, value in attributes.items() if key.endswith("val")), "")
        if value.isdecimal() and len(value) < 8:
            self.wider(max(0, int(value) - 1))

    def wider(self, columns: int) -> None:
        self.column += columns
        self.count.cells += columns
        if self.column > self.limits.columns * 2:
            raise Refused("too-many-columns", f"表格第 {self.row} 行超过 {self.limits.columns} 列；拆成几张表后再上传")
        if self.count.cells > self.limits.cells:
            raise Refused("too-many-cells", f"单元格超过 {self.limits.cells} 个；拆成几个文件后再上传")

    def paragraph(self, _: dict[str, str]) -> None:
        if not self.cells_open:
            self.length = 0

    def words(self, _: dict[str, str]) -> None:
        self.parser.CharacterDataHandler = self.in_words

    def in_words(self, text: str) -> None:
        self.length += len(text)
        if self.length > self.limits.text_length:
            where = f"表格第 {self.row} 行有单元格" if self.cells_open else "有一段"
            raise Refused("text-too-long", f"{where}文字超过 {self.limits.text_length} 字；缩短或拆成几段后再上传")

    def words_end(self) -> None:
        self.parser.CharacterDataHandler = None

    @property
    def sheet(self) -> str:
        relation = self.count.targets.get(self.name.rpartition("/")[2], "")
        return self.count.names.get(relation, self.name)[:31]


def too_complex() -> Refused:
    return Refused("too-complex", "文件内容过于庞杂；删去多余的工作表、格式和空行后再上传")


def too_many_sheets(limits: Limits) -> Refused:
    return Refused("too-many-sheets", f"工作表超过 {limits.sheets} 张；拆成几个文件后再上传")


def macros() -> Refused:
    return Refused("macros", "文件带有宏，不予导入；另存为不带宏的 .xlsx 或 .docx 后再上传")


@lru_cache(maxsize=1024)
def _column(name: str) -> int:
    """The number of a column from 1; 0 where the letters name none."""
    found = _LETTERS.fullmatch(name)
    number = 0
    for letter in found[1].upper() if found else "":
        number = number * 26 + ord(letter) - 64
    return number
