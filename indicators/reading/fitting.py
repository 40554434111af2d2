"""What a column is for where its cells say more than its heading; reads no row into a tree."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from indicators.reading import points
from indicators.reading.branches import DEEPEST
from indicators.reading.columns import Column, Header, role_of
from indicators.reading.formats.grid import Grid
from indicators.reading.text import narrow
from units import naming

FEW = 3
WORDY = 10
_MAYBE_POINTS = frozenset({"得分", "合计得分", "评分", "总得分", "打分", "分数", "Score"})
_SUM = re.compile(r"(?:分值)?[小合]计(?:分值?)?")
_BY_WHAT = re.compile(r"(?:依据|途径|手段|来源)$|^方[法式]$")
_WAY = re.compile(r"[查访测审验]|观察|采集|评估|数据|台账|报送|系统|平台|申请|材料|问卷|通报")
_MAYBE_LEVEL = frozenset({"extra", "content"})
_ASIDE = re.compile(r"附件|链接|网址|材料|备注|佐证|说明|情况|填报|年|地址|联系|电话")
_UNIT = re.compile(
    r"(?:[局处室办委厅科镇乡部院所队社站馆会校股组署]|中心|公司|街道|单位|部门|机构|政府|大队|支队|集团|银行|法院|检察院|联社|园区)$"
)
_SERIAL = re.compile(r"\d{1,4}")
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,4})?\s*[分%]?")
_WORTH = re.compile(r"[分权值]")
_MEASURE = re.compile(
    r"[%‰分个家项件次人户套天日月年亩吨篇条处座台所村场间元米]{1,2}|[百千万亿]+[元吨人亩件户]?|亿?万?美?元|(?:平方|立方)?(?:千|公)?[米里吨斤顷]|小时|工作日|是/否|百分点|人次"
)
_NUMBERED = re.compile(r"[一二三四五1-5]级")


def fit(grid: Grid, header: Header) -> Header:
    """The header with those columns named anew whose cells are all units, serial numbers or points.

    A level column of units (考核项目 | 县水利局) names who is responsible; its neighbour then may hold classes
    of units instead of indicators.
    """
    start = header.rows[-1] + 1
    columns = [_shown(grid, header, _measured(grid, column, start)) for column in header.columns]
    roles = {column.role for column in columns}
    header = replace(header, columns=tuple(columns)) if tuple(columns) != header.columns else header
    columns = _heading_rows(grid, header, _parted(grid, header, columns, start), start)
    inside = _units_inside(grid, header, start)
    explained = _explaining(grid, header, start)
    pointless = "points" not in roles
    for at, column in enumerate(columns):
        if column.index == inside:
            role = "unit"
        elif column.index == explained:
            role = "content"
        else:
            role = _anew(grid, header, columns, at, roles, pointless=pointless)
        if role != column.role:
            columns[at] = replace(column, role=role)
            roles.add(role)
    if tuple(columns) == header.columns:
        return header
    return Header(header.rows, tuple(_renumbered(columns)), units_inside=inside)


def _anew(grid: Grid, header: Header, columns: Sequence[Column], at: int, roles: set[str], *, pointless: bool) -> str:
    """What the cells of a column say that it is for. roles: those of all columns; pointless: no heading says points."""
    column, start = columns[at], header.rows[-1] + 1
    if _are_ways(grid, column, start, roles):
        return "method"
    if column.role == "extra":
        return "points" if _are_sums(grid, columns, at, start) else _by_cells(grid, column, start, roles)
    if column.role == "score" and pointless and _are_points(grid, header, column, start, again="points" in roles):
        return "points"
    return column.role


def _measured(grid: Grid, column: Column, start: int) -> Column:
    """A column `单位` of measures (%, 亿元, 家) says in what is counted, not who is responsible."""
    if column.role != "unit" or column.heading not in {"单位", "计量单位", "指标单位"}:
        return column
    words = [word for word in _own(grid, column, start) if word.strip("—-–/ ")]
    measures = bool(words) and _most(words, lambda word: bool(_MEASURE.fullmatch(word.strip())))
    return replace(column, role="extra") if measures else column


def _shown(grid: Grid, header: Header, column: Column) -> Column:
    """A hidden column says nothing beside one that is shown for the same, such as the points of last year."""
    if column.index not in grid.hidden_columns or column.role in {"number", "extra"}:
        return column
    beside = (one for one in header.columns if one.index not in grid.hidden_columns)
    return replace(column, role="extra") if any(one.role == column.role for one in beside) else column


def _are_points(grid: Grid, header: Header, column: Column, start: int, *, again: bool) -> bool:
    """Whether a column called 得分 holds what each item is worth: numbers on most rows, and points nowhere else.

    again: another column already does; then this one holds what whole groups of rows are worth.
    """
    words = _own(grid, column, start)
    if column.heading not in _MAYBE_POINTS or not _most(words, _is_number) or len(words) < (1 if again else FEW):
        return False
    if again:
        return any(block.left == block.right == column.index for block in grid.merged.blocks)
    named = (grid.rows[row][one.index] for one in header.levels for row in range(start, grid.height))
    return not any(points.split_level(text)[1] is not None for text in named if text)


def _are_sums(grid: Grid, columns: Sequence[Column], at: int, start: int) -> bool:
    """Whether a column 小计 right beside the points says what whole groups of rows are worth, each beside its rows."""
    column = columns[at]
    if not at or columns[at - 1].role != "points" or not _SUM.fullmatch(column.heading):
        return False
    return _most(_own(grid, column, start), _is_number) and _is_tall(grid, column, start)


def _are_ways(grid: Grid, column: Column, start: int, roles: set[str]) -> bool:
    """Whether a column such as 考核依据 says in a word how each item is looked at (网上抽查), not by which rule."""
    if column.role not in {"criteria", "extra"} or "method" in roles or not _BY_WHAT.search(column.heading):
        return False
    words = _own(grid, column, start)
    return len(words) >= FEW and _most(words, lambda word: len(word) <= WORDY and bool(_WAY.search(word)))


def _is_tall(grid: Grid, column: Column, start: int) -> bool:
    """Whether a cell of a column, and of no other, stands merged beside several rows."""
    return any(
        block.left == block.right == column.index and start <= block.top < block.bottom for block in grid.merged.blocks
    )


def _own(grid: Grid, column: Column, start: int) -> list[str]:
    """The words that begin in a column, those of cells merged from its left neighbour left out."""
    return [grid.rows[row][column.index] for row in range(start, grid.height) if grid.rows[row][column.index]]


def _by_cells(grid: Grid, column: Column, start: int, roles: set[str]) -> str:
    """What a column nobody knows is for, by its cells; extra where they do not tell."""
    words = _own(grid, column, start)
    if len(words) < FEW:
        return "extra"
    unnamed = column.heading.startswith("第")
    if unnamed and "number" not in roles and _most(words, _is_serial) and _rises(words):
        return "number"
    if not any(role.startswith("unit") for role in roles) and _most(words, are_units):
        return "unit"
    if not roles & {"content", "criteria"} and not _ASIDE.search(column.heading) and _most(words, _is_wordy):
        return "content"
    if "points" not in roles and _WORTH.search(column.heading) and _most(words, _is_number):
        return "points"
    return "extra"


def _most(words: Sequence[str], holds: Callable[[str], bool]) -> bool:
    return sum(holds(word) for word in words) * 10 >= len(words) * 8


def _is_serial(word: str) -> bool:
    return bool(_SERIAL.fullmatch(narrow(word).strip().rstrip(".、")))


def _is_wordy(word: str) -> bool:
    return len(word) >= WORDY


def _is_number(word: str) -> bool:
    return bool(_NUMBER.fullmatch(narrow(word).strip()))


def _rises(words: Sequence[str]) -> bool:
    numbers = [int(word) for word in (narrow(word).strip().rstrip(".、") for word in words) if word.isdecimal()]
    return sum(one < other for one, other in pairwise(numbers)) * 10 >= len(numbers) * 6


def are_units(text: str) -> bool:
    """Whether a cell names nothing but units.

    >>> are_units("县水利局"), are_units("县财政局、各镇"), are_units("组织领导"), are_units("是否设立公开办公室")
    (True, True, False, False)
    """
    if len(text) > 200 or "是否" in text or "。" in text:
        return False
    named = naming.parse(text)
    return bool(named) and all(
        len(one.name) <= 16 and (one.kind == naming.GROUP or _UNIT.search(one.name)) for one in named
    )


def _units_inside(grid: Grid, header: Header, start: int) -> int | None:
    """The level column, not the first and not called 二级指标, whose own cells are all units."""
    if any(column.role.startswith("unit") for column in header.columns):
        return None
    for column in header.levels[1:]:
        words = _own(grid, column, start)
        if not _NUMBERED.search(column.heading) and len(words) >= FEW and _most(words, are_units):
            return column.index
    return None


def _parted(grid: Grid, header: Header, columns: list[Column], start: int) -> list[Column]:
    """Of two columns under one merged heading the first may hold serial numbers, or names over rows of the second."""
    found = list(columns)
    for at, (one, other) in enumerate(pairwise(columns)):
        head = grid.block(header.rows[-1], one.index)
        if one.role not in {"content", "criteria"} or other.role != one.role or head.right < other.index:
            continue
        words = _own(grid, one, start)
        above = max((int(each.role[-1]) for each in found[:at] if each.role.startswith("level-")), default=0)
        if len(words) >= FEW and _most(words, _is_serial) and _rises(words):
            taken = any(each.role == "number" for each in columns)
            found[at] = replace(one, role="extra" if taken else "number")
        elif 0 < above < DEEPEST and above == len(header.levels) and _is_tall(grid, one, start):
            found[at] = replace(one, role=f"level-{above + 1}")
    return found


def _heading_rows(grid: Grid, header: Header, columns: list[Column], start: int) -> list[Column]:
    """Columns before the first level, of content or unknown, whose cells each head several rows are levels above it."""
    first = min((one.index for one in columns if one.role.startswith("level-")), default=0)
    if not any(one.role in _MAYBE_LEVEL and one.index < first for one in columns) or _is_numbered(columns):
        return columns
    return _renumbered(
        [
            replace(one, role="level-1")
            if one.role in _MAYBE_LEVEL and one.index < first and _groups(grid, one, start)
            else one
            for one in columns
        ]
    )


def _groups(grid: Grid, column: Column, start: int) -> bool:
    """Whether a column before the levels groups their rows; of one that nobody knows most cells have to."""
    return _heads_rows(grid, column, start) or (column.role == "content" and _is_tall(grid, column, start))


def _heads_rows(grid: Grid, column: Column, start: int) -> bool:
    """Whether most cells of a column stand merged beside several rows each; without merges, above blanks."""
    if _ASIDE.search(column.heading) or column.index in grid.hidden_columns:
        return False
    begun = [row for row in range(start, grid.height) if grid.rows[row][column.index]]
    tall = [row for row in begun if grid.block(row, column.index).bottom > row]
    filled = [row for row in range(start, grid.height) if any(grid.rows[row])]
    blanks = not grid.merged.blocks and bool(begun) and begun[0] == filled[0] and len(begun) * 2 <= len(filled)
    return (len(tall) * 2 > len(begun) or blanks) and len(begun) > 1


def _is_numbered(columns: Sequence[Column]) -> bool:
    return any((role_of(column.heading) or "").startswith("level-") for column in columns)


def _explaining(grid: Grid, header: Header, start: int) -> int | None:
    """The last level column, where it says in sentences what the levels under one wide heading before it mean."""
    levels = header.levels
    if len(levels) < 3 or header.of("content"):
        return None
    last, before = levels[-1], levels[-2]
    head = grid.block(header.rows[0], before.index)
    words = _own(grid, last, start)
    wide = head.left < head.right < last.index and _NUMBERED.search(last.heading) is None
    return last.index if wide and len(words) >= FEW and sum(map(len, words)) >= WORDY * len(words) else None


def _renumbered(columns: Sequence[Column]) -> list[Column]:
    """The levels numbered through again after one of them turned out to be none, or one more to be one."""
    explicit = _is_numbered(columns)
    found: list[Column] = []
    level = 0
    for column in columns:
        if column.role.startswith("level-") and not explicit:
            level += 1
            found.append(replace(column, role=f"level-{level}"))
        else:
            found.append(column)
    return found
