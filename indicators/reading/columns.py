"""Headings → what each column is for; finds the header rows and reads no row below them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from indicators.reading.formats.grid import Grid
from indicators.reading.headings import NAME, ROLES
from indicators.reading.text import fold, simplified, squeeze

LEVELS = ("一", "二", "三", "四", "五")
_EXACT = {fold(word): role for role, words in ROLES.items() for word in words}
_LOOSE: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "assessor",
        re.compile(
            r"(?<!被)(考核|考评|评分|评估|测评|评价|打分|检查|赋分)(责任|牵头|实施|组织)?(部门|单位|处室|主体|机构|科室)$"
            r"|数据(来源|提供|采集|报送)(责任)?(部门|单位|处室|机构|科室)$"
        ),
    ),
    ("method", re.compile(r"组织考核|(评估|采样|考核|测评|采集|评价|考评)(方式|方法|途径)")),
    ("unit-lead", re.compile(r"牵头(责任)?(单位|处室|部门|科室)|主办(单位|处室)")),
    ("unit-support", re.compile(r"(配合|协办|协助|参与)(责任)?(单位|处室|部门|科室)")),
    ("unit", re.compile(r"责任(单位|处室|部门|科室)")),
    ("deduction", re.compile(r"(扣分|失分)(依据|原因|说明|情况|理由)")),
    ("score", re.compile(r"(自评|自查|考核|测评|实际|最终)(得)?分$|得分$")),
    ("criteria", re.compile(r"(评分|计分|扣分|考核|评估)(标准|细则|办法|规则)|[评计扣]分方法")),
    ("points", re.compile(r"^(分值|权重|满分|标准分)|(分值|权重|标准分|应得分)$")),
    ("content", re.compile(r"(考核|评估|测评|考评)(内容|要点)|考察点|评估点")),
    ("deadline", re.compile(r"(时限|期限)(要求|安排)?$|^(完成|办结)时间")),
    # The last word of a heading tells what it is where nothing before it did.
    ("criteria", re.compile(r"(标准|细则|要求|依据|评分说明|评价说明|打分说明|计分方式)$")),
    ("content", re.compile(r"(内容|要点|举措|措施|细项|子目)$")),
    (
        NAME,
        re.compile(
            r"^.{1,8}(指标|事项|项目|类别|要素|任务|维度|子项|分项|小项|板块|领域|方面|模块|目标)(名称)?$|^.{1,4}类$"
        ),
    ),
)
_LEVEL = re.compile(
    r"^([一二三四五1-5])级(?:(?:考核|评估|测评|评价|考评)?(?:指标|目录|事项|项目|内容|任务|要素|分类|类别|标题|栏目|专栏|主题|维度|领域|模块|板块|分项|子项)(?:名称)?)?$"
)
_ENGLISH_LEVEL = re.compile(
    r"(first|second|third|fourth|1st|2nd|3rd|4th|primary|secondary|tertiary)-?(?:level|tier|grade|class)?-?"
    r"(?:indicators?|index|indexes|indices|item)"
)
_ORDINALS = {
    word: number
    for number, words in enumerate(("first 1st primary", "second 2nd secondary", "third 3rd tertiary", "fourth 4th"), 1)
    for word in words.split()
}
_LATIN = re.compile(r"[a-z][a-z./&'\- ]*")
# What a heading says of its cells besides their names: 项目名称及分值.
_BELONGS = re.compile(r"^(?:所属|对应|归属)(?:的)?")
_AND_POINTS = re.compile(r"(?:及|和|与|/|、)(?:其)?(?:分值|权重|分数|满分|标准分)$")
_GRADE = re.compile(
    r"^(?:优秀?|良好?|一般|中等?|较?差|较好|好|合格|基本合格|不合格|达标|未达标|[abcd])(?:\(.{1,8}\))?$"
)
_BRACKET = re.compile(r"[(\[【〔].*?[)\]】〕]")
_UNIT_LIST = re.compile(r"(?:单位|部门|机构|学校|医院|企业|镇街|街道|乡镇)\s*(?:名称|名单|全称)$")
HEADER_DEPTH = 3
GRADE = "extra"
CORE = frozenset({*(f"level-{number}" for number in range(1, 6)), "content", "points", "unit"})
SEARCHED_ROWS = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its place from 0, its heading as printed, and what it is for."""

    index: int
    heading: str
    role: str


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table: its rows from 0, top to bottom, and its columns, left to right.

    units_inside: a level column whose cells are units and not indicators; its role is unit then.
    levels: the level columns from the first level down, wherever they stand.
    """

    rows: tuple[int, ...]
    columns: tuple[Column, ...]
    # A person's word: columns whose blanks do or do not mean the words above; rows left out, or read as data.
    filled: frozenset[int] = frozenset()
    unfilled: frozenset[int] = frozenset()
    skipped: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()
    units_inside: int | None = None
    # asked for with every row
    levels: tuple[Column, ...] = field(init=False, compare=False, repr=False)
    contents: tuple[Column, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        levels = [column for column in self.columns if column.role.startswith("level-")]
        object.__setattr__(self, "levels", tuple(sorted(levels, key=lambda column: column.role)))
        object.__setattr__(self, "contents", self.of("content", "criteria"))

    def of(self, *roles: str) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.role in roles)


@lru_cache(maxsize=1024)
def role_of(heading: str) -> str | None:
    """What a heading announces, None when nobody knows it.

    >>> role_of("一级指标"), role_of("权重（%）"), role_of("省政府办公厅\\n牵头组织考核"), role_of("奇怪的列")
    ('level-1', 'points', 'method', None)
    """
    word = simplified(fold(heading)).strip(":：*")
    found = _role(word)
    if found is None and _LATIN.search(word):
        # Beside its English, a heading says the same in Chinese.
        chinese = _LATIN.sub("", word)
        return _role(chinese) if len(chinese) > 1 else _english_level(word)
    return found


def _role(word: str) -> str | None:
    bare = _BRACKET.sub("", word)
    for form in (word, bare, _AND_POINTS.sub("", bare), _BELONGS.sub("", bare)):
        level = _LEVEL.match(form)
        if level:
            return f"level-{'一二三四五12345'.index(level[1]) % 5 + 1}"
        if form in _EXACT:
            return _EXACT[form]
    if _GRADE.match(word):
        return GRADE
    if len(word) > 24:
        return None
    core = _AND_POINTS.sub("", bare) or bare or word
    return next((role for role, pattern in _LOOSE if pattern.search(core)), None)


def _english_level(word: str) -> str | None:
    found = _ENGLISH_LEVEL.fullmatch(word)
    return f"level-{_ORDINALS[found[1]]}" if found else None


def find(grid: Grid, start: int = 0) -> Header | None:
    """The first header of a sheet from a row on, or None. A header may span up to three rows."""
    start = start or _first_words(grid)
    for row in range(start, min(grid.height, start + SEARCHED_ROWS)):
        known = _known(grid, row)
        if len(known) >= 2 and _says_what(known) and not _lists_units(grid, row, known):
            return _header(grid, row)
    return None


def _first_words(grid: Grid) -> int:
    """The first row that holds words."""
    return next((row for row in range(grid.height) if any(grid.rows[row])), 0)


def anchor(grid: Grid, header: Header) -> tuple[int, str]:
    """The column and the word by which a header printed again is known."""
    index = next((one.index for one in header.columns if one.role.startswith("level-")), header.columns[0].index)
    return index, fold(grid.text(header.rows[0], index))


def repeats(grid: Grid, header: Header, row: int) -> Header | None:
    """The header that this row prints again, as each page of a long table does; None for any other row.

    Columns beside levels, content and points may have changed their headings half-way.
    """
    first = header.rows[0]
    column, word = anchor(grid, header)
    if fold(grid.text(row, column)) != word:
        return None
    same = [fold(grid.text(row, one.index)) == fold(grid.text(first, one.index)) for one in header.columns]
    if all(same):
        return Header(tuple(range(row, row + len(header.rows))), header.columns)
    kept = [one for one, equal in zip(header.columns, same, strict=True) if one.role in CORE and not equal]
    if kept or sum(same) * 2 <= len(same) or (grid.block(row, column).top != row):
        return None
    return _header(grid, row)


def _known(grid: Grid, row: int) -> set[str]:
    words = {cell.text for cell in grid.cells(row) if cell.text and len(cell.text) <= 40}
    return {role for role in map(role_of, words) if role}


def _says_what(known: set[str]) -> bool:
    """A header names what is assessed, besides points, units or the like."""
    return bool(known & {"content", "criteria", NAME}) or any(role.startswith("level-") for role in known)


def _lists_units(grid: Grid, row: int, known: set[str]) -> bool:
    """Whether a header is that of a list of units with their classes (序号, 单位名称, 类别), which asks nothing."""
    return known <= {"number", NAME, "remark", "leader"} and any(_UNIT_LIST.search(text) for text in grid.rows[row])


def _header(grid: Grid, first: int) -> Header:
    return at(grid, _header_rows(grid, first))


def at(grid: Grid, rows: tuple[int, ...]) -> Header:
    """The header that stands in these rows."""
    columns: list[Column] = []
    used: dict[str, int] = {}
    for index in range(grid.width):
        heading, role = _heading(grid, rows, index)
        if not heading and not _filled(grid, rows[-1] + 1, index):
            continue
        heading = heading or f"第{index + 1}列"
        used[heading] = used.get(heading, 0) + 1
        if used[heading] > 1:
            heading = f"{heading}（{used[heading]}）"
        columns.append(Column(index, heading, role or "extra"))
    return Header(rows, _settle(columns))


def _header_rows(grid: Grid, first: int) -> tuple[int, ...]:
    """The first row and those below it that belong to it: reached by a merged heading, split under one."""
    last = first
    while last + 1 < min(grid.height, first + HEADER_DEPTH) and _goes_on(grid, first, last + 1):
        last += 1
    return tuple(range(first, last + 1))


def _goes_on(grid: Grid, first: int, row: int) -> bool:
    cells = list(grid.cells(row))
    from_above = [cell for cell in cells if cell.text and first <= cell.block.top < row]
    own = [cell for cell in cells if cell.text and cell.block.top == row]
    if from_above:
        return all(len(cell.text) <= 20 for cell in own)
    # Without merged cells: a row of nothing but headings, each below one that it parts (指标 over 一级, 二级).
    return len(own) > 1 and all(_is_heading(cell.text) for cell in own) and _has_gaps(grid, row - 1)


def _is_heading(text: str) -> bool:
    """Whether a cell is a heading, or parts one above it as 名称 beside 分值 does."""
    return fold(text) == "名称" or role_of(text) is not None


def _has_gaps(grid: Grid, row: int) -> bool:
    """Whether a row leaves columns blank between headings, as one does whose headings stand over several."""
    return any(not text for text in grid.rows[row]) and any(grid.rows[row])


def _heading(grid: Grid, rows: Sequence[int], index: int) -> tuple[str, str | None]:
    """The lowest heading that is known, else the lowest one printed."""
    words: list[str] = []
    for row in reversed(rows):
        text = squeeze(grid.text(row, index))
        if text and text not in words:
            words.append(text)
    known = next(((word, role_of(word)) for word in words if role_of(word)), None)
    return known or ((words[0], None) if words else ("", None))


def _filled(grid: Grid, start: int, index: int) -> bool:
    return any(grid.rows[row][index] for row in range(start, grid.height))


def _settle(columns: list[Column]) -> tuple[Column, ...]:
    """Headings such as 考核项目 become levels where no 一级指标 stands, else content.

    With neither numbered levels nor a content column the last of them is the content; with nothing but a
    content column, that one names the items.
    """
    names = [column for column in columns if column.role == NAME]
    if any(column.role.startswith("level-") for column in columns):
        levels: list[Column] = []
    else:
        has_content = any(column.role in {"content", "criteria"} for column in columns)
        levels = names if has_content or len(names) == 1 else names[:-1]
        levels = levels[: len(LEVELS)]
    if not names and not any(column.role.startswith("level-") for column in columns):
        levels = [column for column in columns if column.role in {"content", "criteria"}][:1]
    numbered = {column.index: f"level-{number}" for number, column in enumerate(levels, 1)}
    return tuple(
        Column(column.index, column.heading, numbered.get(column.index, "content"))
        if column.role == NAME or column.index in numbered
        else column
        for column in columns
    )
