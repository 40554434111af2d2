"""Files nobody should have sent: each ends the command with one sentence, soon, in little memory, nothing stored."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from indicators.models import Ledger, Upload
from tests.indicators.reading import bombs, books
from units.models import Organisation

MANAGE = Path(__file__).parents[2] / "manage.py"
SECONDS, MEGABYTES = 5, 300
# What the system counts for a child begins with what its parent held, so the child tells its own peak.
WITNESS = """
import atexit, re, runpy, sys
from pathlib import Path
most = Path(sys.argv[1])
del sys.argv[:2]
atexit.register(lambda: most.write_text(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def _sparse(rows: int) -> bytes:
    """A formatted cell on each of so many rows, a word on the last one only."""
    cells = "".join(f'<row r="{row}"><c r="A{row}" s="{row * 7919 % 9973}"/></row>' for row in range(1, rows))
    last = f'<row r="{rows}"><c r="A{rows}" t="inlineStr"><is><t>一级指标</t></is></c></row>'
    return bombs.archive(sheet=bombs.page(cells + last))


def _long_cells() -> bytes:
    words = "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(200 * 1024))
    return books.with_page(bombs.page(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{words}</t></is></c></row>'))


BAD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a picture": ("能读的是", lambda: b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "a workbook with a password": ("密码", bombs.encrypted_office),
    "an archive with a password": ("密码", bombs.encrypted_entry),
    "half a workbook": ("损坏", lambda: books.content(books.SHANDONG)[:9000]),
    "nothing": ("空的", lambda: b""),
    "a program": ("宏", lambda: bombs.archive(("xl/vbaProject.bin", b"\x00" * 64))),
    "a quarter of a gigabyte of blanks": ("炸弹|解压后超过", lambda: bombs.inflating(256)),
    "entities in entities": ("DOCTYPE", lambda: bombs.entities("utf-8")),
    "entities in entities, hidden in UTF-16": ("DOCTYPE", lambda: bombs.entities("utf-16")),
    "16,384 columns": ("用到第 65 列，最多 64 列", lambda: bombs.wide(16_384)),
    "a million rows, nearly all blank": ("单元格超过|最多 20000 行|庞杂|炸弹", lambda: _sparse(1_000_000)),
    "one word on row 1,048,576": ("用到第 1048576 行，最多 20000 行", lambda: bombs.tall(1_048_576)),
    "a cell of 200 KB": ("文字超过 4000 字", _long_cells),
    "a merge over the whole sheet": (
        "合并单元格",
        lambda: bombs.archive(sheet=bombs.page(after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
    ),
}


# The others are turned away at their first bytes; a process of its own would measure nothing but its start.
HEAVY = [what for what in BAD if what.startswith(("a quarter", "entities", "16,384", "a million", "a cell", "a merge"))]


@pytest.mark.parametrize("what", HEAVY)
def test_a_bad_file_ends_with_one_line_in_five_seconds_and_300_megabytes(what: str, tmp_path: Path) -> None:
    sentence, content = BAD[what]
    path = tmp_path / "台账.xlsx"
    path.write_bytes(content())
    with (tmp_path / "out").open("w+") as out, (tmp_path / "err").open("w+") as err:
        command = [sys.executable, "-c", WITNESS, str(tmp_path / "most"), str(MANAGE), "import_ledger", str(path)]
        child = subprocess.Popen([*command, "--dry-run", "--json"], stdout=out, stderr=err)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        printed, (line,) = out.read(), err.read().strip().splitlines()
    assert (child.returncode, printed) == (1, "")
    assert line.removeprefix("CommandError: ").startswith("台账.xlsx：")
    assert any(word in line for word in sentence.split("|")), line
    assert used.ru_utime + used.ru_stime < SECONDS
    assert int((tmp_path / "most").read_text()) / 1024 < MEGABYTES


@pytest.mark.django_db
@pytest.mark.parametrize("what", [what for what in BAD if "million" not in what])
def test_nothing_of_a_bad_file_is_stored(what: str, tmp_path: Path) -> None:
    sentence, content = BAD[what]
    path = tmp_path / "台账.xlsx"
    path.write_bytes(content())
    with pytest.raises(CommandError, match=sentence):
        call_command("import_ledger", path, "--organisation", "某县人民政府")
    assert not any(model.objects.exists() for model in (Organisation, Upload, Ledger))


HEADER = ["一级指标", "评估点", "分值"]


def _printed(tmp_path: Path, content: bytes) -> books.Json:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(content)
    (ledger,) = books.printed(path)["ledgers"]
    return dict(ledger)


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["1e308", "1E+308", "NaN", "nan", "Infinity", "-Infinity", "１ｅ３０８", 1e308])
def test_a_number_that_is_no_points_is_refused_with_its_cell(value: object, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(books.workbook([HEADER, ["公开", "栏目", value], ["公开", "更新", 1]]))
    with pytest.raises(CommandError, match=r"台账!C2 的分值“.+”不是能计算的数；改成正常的分值后再上传"):
        call_command("import_ledger", path, "--organisation", "某县人民政府")
    assert not any(model.objects.exists() for model in (Organisation, Upload, Ledger))


def test_control_characters_are_taken_out_and_told(tmp_path: Path) -> None:
    rows = [HEADER, ["公开", "栏_x0007_目", 1], ["公开", "更\u202e新", 1]]
    ledger = _printed(tmp_path, books.workbook(rows))
    assert [item["name"] for item in books.items(ledger)] == ["栏目", "更新"]
    assert [finding["data"]["cells"] for finding in books.findings(ledger, "control-characters")] == [["台账!B2"]]


def test_an_external_link_is_never_followed_and_its_stored_value_is_read(tmp_path: Path) -> None:
    linked = '<c r="C2"><f>[1]Sheet1!A1</f><v>5</v></c>'
    cells = "".join(
        f'<c r="{place}1" t="inlineStr"><is><t>{word}</t></is></c>' for place, word in zip("ABC", HEADER, strict=True)
    )
    words = "".join(
        f'<c r="{place}2" t="inlineStr"><is><t>{word}</t></is></c>' for place, word in (("A", "公开"), ("B", "栏目"))
    )
    ledger = _printed(
        tmp_path, books.with_page(bombs.page(f'<row r="1">{cells}</row><row r="2">{words}{linked}</row>'))
    )
    assert [item["declared"] for item in books.items(ledger)] == ["5"]
