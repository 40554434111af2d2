"""What stands above a table, told apart: a title over two rows, and lines that are no part of it."""

import pytest

from tests.indicators.reading import books

TABLE = [["一级指标", "评估点", "分值"], ["公开（3）", "栏目", 1], ["", "更新", 2]]


@pytest.mark.parametrize(
    ("lines", "title", "issuer", "year"),
    [
        (
            ["2024年政务公开工作考核", "指标体系及评分标准"],
            "2024年政务公开工作考核指标体系及评分标准",
            None,
            2024,
        ),
        (["2024年度全县", "政务公开考核指标"], "2024年度全县政务公开考核指标", None, 2024),
        (
            ["某县人民政府", "2024年政务公开考核", "评分细则"],
            "2024年政务公开考核评分细则",
            "某县人民政府",
            2024,
        ),
        (["2024年政务公开考核台账", "乡镇用表"], "2024年政务公开考核台账", None, 2024),
        (["2024年政务公开考核", "单位：某局"], "2024年政务公开考核", None, 2024),
        (["某县人民政府", "政务公开考核指标"], "政务公开考核指标", "某县人民政府", None),
    ],
)
def test_a_title_over_two_rows_is_one_title(lines: list[str], title: str, issuer: str | None, year: int | None) -> None:
    ledger = books.sheet([[line] for line in lines] + TABLE)
    assert (ledger.title, ledger.issuer, ledger.year) == (title, issuer, year)
    assert not [note for note in ledger.notes if note in title]
