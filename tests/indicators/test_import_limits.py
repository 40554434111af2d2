"""How much a ledger file may hold is set by the installation, and a file that holds more is told what is too much."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from indicators.importing.receiving import limits
from indicators.reading import Limits
from tests.indicators.reading import books

ROWS = [
    ["2024年台账", "", ""],
    ["一级指标", "评估点", "分值"],
    ["公开（2）", "是否及时公开本单位的规划文本", 1],
    ["", "更新", 1],
]


def test_an_installation_that_sets_nothing_has_the_limits_of_the_reader() -> None:
    assert limits() == Limits()


@pytest.mark.parametrize(
    ("name", "most", "sentence"),
    [
        ("last_row", 3, "用到第 4 行，最多 3 行"),
        ("columns", 2, "用到第 3 列，最多 2 列"),
        ("cells", 5, "单元格超过 5 个"),
        ("text_length", 12, "第 3 行第 2 列的文字超过 12 字"),
        ("merges", 0, "合并单元格（A3:A4）过多或过大"),
        ("merged_area", 1, "合并单元格（A3:A4）过多或过大"),
        ("sheets", 0, "工作表超过 0 张"),
        ("entries", 3, "最多 3 个；另存为新文件后再上传"),
        ("inflated_size", 1024, "解压后超过 0 MB"),
        ("entry_size", 1024, "解压后超过"),
        ("elements", 20, "过于庞杂"),
    ],
)
def test_a_lowered_limit_refuses_a_workbook_and_says_which(
    settings: Any, tmp_path: Path, name: str, most: int, sentence: str
) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(books.workbook(ROWS, ["A3:A4"]))
    call_command("import_ledger", path, "--dry-run", "--json")
    settings.LEDGER_LIMITS = settings.LEDGER_LIMITS | {name: most}
    with pytest.raises(CommandError, match=sentence):
        call_command("import_ledger", path, "--dry-run")


@pytest.mark.parametrize(
    ("name", "most", "sentence"),
    [
        ("last_row", 3, "文本有 4 行，最多 3 行"),
        ("columns", 2, "文本有 3 列，最多 2 列"),
        ("text_length", 12, "第 3 行第 2 列的文字超过 12 字"),
    ],
)
def test_a_lowered_limit_holds_for_text_too(settings: Any, tmp_path: Path, name: str, most: int, sentence: str) -> None:
    path = tmp_path / "台账.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in ROWS))
    call_command("import_ledger", path, "--dry-run", "--json")
    settings.LEDGER_LIMITS = settings.LEDGER_LIMITS | {name: most}
    with pytest.raises(CommandError, match=sentence):
        call_command("import_ledger", path, "--dry-run")
