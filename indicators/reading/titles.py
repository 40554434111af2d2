"""What stands above the header: title, issuer, year, and lines that are neither."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indicators.reading.columns import Header
from indicators.reading.formats.grid import Grid
from indicators.reading.text import narrow, squeeze

_TITLE = re.compile(
    r"台账|分解表|测评表|考核|指标|评估|细则|方案|评分|任务|一览表|清单|要点|自查|自评|体系|标准|办法|措施|意见|计划|汇总|表(?:[（(].*[)）])?$"
)
_BODY_OF_STATE = re.compile(r"(厅|局|委|委员会|办公室|人民政府|政府|部|院|署|中心|公司|管理局|办)$")
_ATTACHMENT = re.compile(r"附件\s*\d*\s*[:：]?")
_NAMED_ATTACHMENT = re.compile(r"^附件\s*\d*\s*[:：]\s*(?=.)")
_ISSUER_LINE = re.compile(r"^(?:印发|发文|制定|发布)(?:单位|机关)\s*[:：]\s*(.+)$")
_FORM_LINE = re.compile(r"^(?:填报单位|单位|填表人|日期|填报日期|填表日期|被考核单位|考核时间)\s*[:：(（]")
_MARKED = re.compile(r"[。：；:;，（(]|^\d{4}年\d{1,2}月|〔|\[20")
_LETTER = ("通知", "函", "报告", "的请示")
# A title that holds brackets: 乡镇（办事处）考核办法.
_TITLED = re.compile(
    r"[^。；：:;，〔\[()（）]+(?:[(（][^()（）。；：:，]{1,12}[)）][^。；：:;，〔\[()（）]*)+(?<=[表法则案系标准点单工）)])"
)
LONGEST = 40
_ENDED = re.compile(r"(?:台账|表|清单|要点|细则|规则|方案|办法|体系|指标|标准|分工)(?:[（(][^（()）]*[)）])?$")
# What stands in brackets below a title and belongs to it: （试行）, （县区类）.
_EDITION = re.compile(
    r"[(（](?!满分|总分|单位|合计|共计|填|盖)(?:[^()（）:：\d分]{1,10}|(?:[^()（）:：\d分]{1,10})?\d{4}年?[^()（）:：\d分]{0,6})[)）]$"
)
# What ends a title and tells its sort: 指标体系（设区市）.
_SORT = re.compile(r"(?<=[表单点则案法系标准工])[(（][^()（）:：\d]{1,12}[)）]$")
_YEAR = re.compile(r"(20\d\d)\s*年?")
_SPELT = re.compile(r"二[〇○零]([〇○零一二三四五六七八九])([〇○零一二三四五六七八九])年")
_DIGITS: dict[str, int] = dict(zip("〇○零一二三四五六七八九", (0, 0, *range(10)), strict=True))


@dataclass(frozen=True, slots=True)
class Titles:
    """Title, issuer and year as printed above the table; notes are the lines that are none of them."""

    title: str
    issuer: str | None
    year: int | None
    notes: tuple[str, ...]


def of_lines(lines: Sequence[str]) -> Titles:
    """Tell the lines before the text of a notice apart: its title is the last run of short lines that says one."""
    found: list[str] = []
    run: list[str] = []
    for line in [*(squeeze(line) for line in lines), "。"]:
        if (
            (_MARKED.search(line) and not _TITLED.fullmatch(line))
            or _ATTACHMENT.fullmatch(line)
            or _BODY_OF_STATE.search(line)
            or len(line) > LONGEST
        ):
            found = run if any(map(_TITLE.search, run)) else found
            run = []
        else:
            run.append(line)
    issuer = next((line for line in map(squeeze, lines) if _BODY_OF_STATE.search(line) and len(line) <= LONGEST), None)
    title = "".join(found)
    return Titles(title, issuer, year_of(title, *lines), ())


def titles(grid: Grid, header: Header, below: Sequence[str] = (), end: int | None = None) -> Titles:
    """Tell the lines above the header apart. The title is the line that says what the table is.

    below: lines just under the header, which hold the title where nothing stands above it. end: the row at which the
    lines above the table end, where that is not its header.
    """
    lines = (
        _lines(grid, header.rows[0] if end is None else end)
        or [line for line in map(squeeze, below) if _TITLE.search(line)][:1]
    )
    named = [line for line in lines if _names_table(line)]
    # Behind a letter of many lines the title of its table stands last.
    own = [line for line in named if not line.endswith(_LETTER)] or named
    own = [line for line in own if not _ATTACHMENT.match(line)] or own
    title = (own[-1] if len(lines) > 8 else own[0]) if own else ""
    over_two_rows = _over_two_rows(lines, title)
    title = _NAMED_ATTACHMENT.sub("", "".join(over_two_rows))
    rest = [line for line in lines if line not in over_two_rows]
    if not title:
        others = (line for line in rest if not _BODY_OF_STATE.search(line) and not _FORM_LINE.match(line))
        title = max(others, key=len, default="")
        rest = [line for line in rest if line != title]
    issuer: str | None = None
    notes: list[str] = []
    for line in rest:
        said = _ISSUER_LINE.match(line)
        if issuer is None and (said or (_BODY_OF_STATE.search(line) and not _FORM_LINE.match(line))):
            issuer = said[1] if said else line
        else:
            notes.append(line)
    return Titles(title, issuer, year_of(title, *lines), tuple(notes))


def _names_table(line: str) -> bool:
    """Whether a line says what the table is; a sentence of a letter does not."""
    sentence = line.endswith(("。", "；", "：", ":"))
    return bool(_TITLE.search(line)) and not sentence and not _FORM_LINE.match(line) and len(line) <= LONGEST * 2


def _over_two_rows(lines: Sequence[str], title: str) -> list[str]:
    """The title, with the line that begins or ends it where it is printed over two rows.

    The first of the two does not end as a title does, the second does; both are short and say nothing else.
    """
    if not title:
        return []
    at = lines.index(title)
    before, after = lines[at - 1] if at else "", lines[at + 1] if at + 1 < len(lines) else ""
    if _EDITION.fullmatch(after) and not _EDITION.search(title):
        return [*_over_two_rows(lines[: at + 1], title), after]
    if not _ENDED.search(title) and _is_part(title) and _is_part(after) and _ENDED.search(after):
        return [title, after]
    if _ENDED.search(title) and _is_part(before) and _YEAR.search(narrow(before)) and not _ENDED.search(before):
        return [before, title]
    return [title]


def _is_part(line: str) -> bool:
    bare = _SORT.sub("", line)
    return 0 < len(line) <= LONGEST and not any(
        sign.search(bare) for sign in (_MARKED, _BODY_OF_STATE, _FORM_LINE, _ATTACHMENT)
    )


def _lines(grid: Grid, end: int) -> list[str]:
    """The different words above the header, without a bare `附件`."""
    found: list[str] = []
    for row in range(end):
        for cell in grid.cells(row):
            line = squeeze(cell.text)
            if line and not _ATTACHMENT.fullmatch(line) and line not in found:
                found.append(line)
    return found


def year_of(*lines: str) -> int | None:
    """The first year that the lines name.

    >>> year_of("附件", "2024年度考核细则"), year_of("二〇二三年度考核细则"), year_of("考核细则")
    (2024, 2023, None)
    """
    for line in lines:
        found = _YEAR.search(narrow(line))
        if found:
            return int(found[1])
        spelt = _SPELT.search(line)
        if spelt:
            return 2000 + 10 * _DIGITS[spelt[1]] + _DIGITS[spelt[2]]
    return None
