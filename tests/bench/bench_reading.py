"""How long a reading takes, guard included: 150, 2,000 and 50,000 rows of five levels, units and methods."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from indicators.reading import read
from tests.bench.measure import figure, measure, noise, show
from tests.indicators.reading.bombs import page
from tests.indicators.reading.books import with_page, workbook

HEADER: list[object] = ["一级指标", "二级指标", "三级指标", "四级指标", "五级指标", "分值", "责任单位", "评估方式"]

ALONE = Path(__file__).with_name("alone.py")


def _lines(rows: int) -> tuple[list[list[object]], list[str]]:
    """A 台账 as the provincial ones are laid out, with its merges: levels over 40, 20, 10 and 5 rows."""
    lines: list[list[object]] = [["2024年政务公开考核任务分工台账"], HEADER]
    merges: list[str] = []
    for row in range(rows):
        line: list[object] = ["", "", "", "", f"是否及时公开第{row}项工作的措施、步骤、分工和监督方式", 0.5]
        for column, size in enumerate((40, 20, 10, 5)):
            if row % size == 0:
                line[column] = f"第{row // size}类公开事项（{size / 2:g}）"
                merges.append(f"{'ABCD'[column]}{row + 3}:{'ABCD'[column]}{min(row + size, rows) + 2}")
        lines.append([*line, "办公室会同监察处、规财处" if row % 3 else "办公室", "网站采集+报送材料"])
    return lines, merges


def ledger(rows: int) -> bytes:
    """Such a 台账 as the usual library writes it."""
    return workbook(*_lines(rows))


def large(rows: int) -> bytes:
    """The same written by hand: the library takes minutes over tens of thousands of merges."""
    lines, merges = _lines(rows)
    cells = "".join(
        f'<row r="{number}">{"".join(_cell(f"{chr(65 + at)}{number}", value) for at, value in enumerate(line))}</row>'
        for number, line in enumerate(lines, 1)
    )
    marks = "".join(f'<mergeCell ref="{merge}"/>' for merge in merges)
    return with_page(page(cells, f"<mergeCells>{marks}</mergeCells>"))


def _cell(place: str, value: object) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def _in_children(rows: int, times: int) -> list[tuple[float, float]]:
    """Milliseconds and megabytes of as many processes, each reading the file once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "台账.xlsx"
        path.write_bytes(large(rows))
        command = [sys.executable, ALONE, str(path)]
        told = [
            json.loads(subprocess.check_output(command, env=os.environ | {"PYTHONPATH": os.getcwd()}))
            for _ in range(times)
        ]
    assert {items for _, _, items in told} == {rows}
    return [(taken, most) for taken, most, _ in told]


def main() -> None:
    """All figures."""
    small, middle = ledger(150), ledger(2_000)
    print(noise())
    show(
        measure("read 150 rows, guard included", 20, lambda: read("台账.xlsx", small), times=40),
        measure("read 2,000 rows, guard included", 150, lambda: read("台账.xlsx", middle), times=15),
    )
    alone = _in_children(50_000, times=3)
    show(
        figure("read 50,000 rows in a process of its own", 5_000, [taken for taken, _ in alone]),
        figure("the most memory that process held", 300, [most for _, most in alone], "MB"),
    )


if __name__ == "__main__":
    main()
