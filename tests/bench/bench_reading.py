"""How long a reading takes, guard included: 150 and 2,000 rows of five levels, units and methods."""

from indicators.reading import read
from tests.bench.measure import measure, noise, show
from tests.indicators.reading.books import workbook

HEADER: list[object] = ["一级指标", "二级指标", "三级指标", "四级指标", "五级指标", "分值", "责任单位", "评估方式"]


def ledger(rows: int) -> bytes:
    """A 台账 as the provincial ones are laid out: levels merged over 40, 20, 10 and 5 rows."""
    lines: list[list[object]] = [["2024年政务公开考核任务分工台账"], HEADER]
    merges: list[str] = []
    for row in range(rows):
        line: list[object] = ["", "", "", "", f"是否及时公开第{row}项工作的措施、步骤、分工和监督方式", 0.5]
        for column, size in enumerate((40, 20, 10, 5)):
            if row % size == 0:
                line[column] = f"第{row // size}类公开事项（{size / 2:g}）"
                merges.append(f"{'ABCD'[column]}{row + 3}:{'ABCD'[column]}{min(row + size, rows) + 2}")
        lines.append([*line, "办公室会同监察处、规财处" if row % 3 else "办公室", "网站采集+报送材料"])
    return workbook(lines, merges)


if __name__ == "__main__":
    small, large = ledger(150), ledger(2_000)
    print(noise())
    show(
        measure("read 150 rows, guard included", 20, lambda: read("台账.xlsx", small), times=40),
        measure("read 2,000 rows, guard included", 150, lambda: read("台账.xlsx", large), times=15),
    )
