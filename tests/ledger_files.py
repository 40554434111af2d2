"""Ledger workbooks of any size, made for tests and benches: five levels, merged cells, points, units and methods."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment

HEADINGS = ["一级指标", "二级指标", "三级指标", "四级指标", "五级指标", "分值", "责任单位", "评估方式"]
UNITS = ["办公室", "政策法规处", "监察处", "规财处", "社保中心", "就业失业处", "养老处", "工伤处"]
# how many rows one node of each level below the first covers
SPANS = (25, 10, 5)


def ledger_file(rows: int, *, title: str = "2026年政务公开考核任务分工台账", chapter: int = 50) -> bytes:
    """A workbook of `rows` items of half a point, laid out as offices lay theirs out. chapter: rows of level 1 each."""
    spans = (chapter, *SPANS)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "台账"
    sheet.append(["示范机关"])
    sheet.append([title])
    sheet.append(HEADINGS)
    for row in range(rows):
        names = [
            f"第{row // span + 1}个{level}级指标" if row % span == 0 else None
            for level, span in zip("一二三四", spans, strict=True)
        ]
        item = f"是否按规定公开第{row + 1}项信息，内容完整、更新及时"
        sheet.append([*names, item, 0.5, UNITS[row % len(UNITS)], "网站采集"])
    first = 4
    for column, span in zip("ABCD", spans, strict=True):
        for start in range(0, rows, span):
            end = min(start + span, rows) - 1
            if end > start:
                sheet.merge_cells(f"{column}{first + start}:{column}{first + end}")
    sheet["A1"].alignment = Alignment(horizontal="center")
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
