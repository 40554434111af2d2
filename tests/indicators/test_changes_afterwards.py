"""After a changed file was applied: serials, places and findings are those of the new file; repairs are offered."""

from io import BytesIO
from typing import Any

from django.test import Client

from indicators import changes, importing
from indicators.changes import Applied
from indicators.models import Indicator, Ledger, Upload
from tests.indicators.reading import books
from tests.indicators.test_changes_pages import second, url
from units import jobs
from units.models import Organisation

HEADER = ["序号", "一级指标", "评估点", "分值", "责任单位"]
TITLE = ["2024年政务公开考核台账"]
OLD: list[list[Any]] = [
    [1, "公开", "公开规划", 2, "办公室"],
    [2, "公开", "公开预算", 3, ""],
    [4, "公开", "公开统计", 4, "统计局"],
]
NEW: list[list[Any]] = [
    [1, "公开", "公开目录", 1, "办公室"],
    [2, "公开", "公开规划", 2, "办公室"],
    [3, "公开", "公开预算", 3, "财政局"],
    [4, "公开", "公开统计", "待定", ""],
]


def _book(rows: list[list[Any]]) -> bytes:
    return books.workbook([TITLE, HEADER, *rows])


def _stored(organisation: Organisation, content: bytes) -> Ledger:
    return importing.import_file("一.xlsx", content, organisation=organisation, by=None)[0]


def _uploaded(organisation: Organisation, content: bytes) -> Upload:
    upload = importing.receive(BytesIO(content), "二.xlsx", organisation=organisation, by=None)
    jobs.run(upload.job_id or 0, importing.read_upload, before=importing.parse)
    return Upload.objects.get(pk=upload.pk)


def _apply(upload: Upload, ledger: Ledger, kinds: set[str]) -> Ledger:
    (draft,) = importing.unpack(upload.reading or {}).ledgers
    found = changes.comparison(upload, changes.repaired(draft, ()), ledger).changes
    keys = {one.key for one in found if one.kind in kinds}
    ticked = Applied(keys, {}, changes.stamp(ledger), upload.turn)
    return Ledger.objects.get(pk=changes.apply(upload, 0, ledger, ticked, by=None).pk)


def _numbers(ledger: Ledger) -> dict[str, tuple[str, str]]:
    return {one.name: (one.number, one.cells) for one in Indicator.objects.filter(ledger=ledger).items()}


def _codes(ledger: Ledger) -> set[tuple[str, str]]:
    names = {str(one.identity): one.name for one in Indicator.objects.filter(ledger=ledger)}
    return {(one["code"], names.get(one["indicator"], "")) for one in ledger.findings}


def test_serials_places_and_findings_are_those_of_the_new_file(organisation: Organisation) -> None:
    ledger = _stored(organisation, _book(OLD))
    assert _codes(ledger) == {("unit-inferred", "公开预算"), ("number-gap", "公开统计")}
    after = _apply(_uploaded(organisation, _book(NEW)), ledger, {"added", "points", "units"})
    assert _numbers(after) == {
        "公开目录": ("1", "台账!A3:E3"),
        "公开规划": ("2", "台账!A4:E4"),
        "公开预算": ("3", "台账!A5:E5"),
        "公开统计": ("4", "台账!A6:E6"),
    }
    assert _codes(after) == {("points-unreadable", "公开统计"), ("unit-inferred", "公开统计")}


def test_what_was_left_unticked_keeps_what_was_found_before(organisation: Organisation) -> None:
    ledger = _stored(organisation, _book(OLD))
    after = _apply(_uploaded(organisation, _book(NEW)), ledger, {"added"})
    assert ("unit-inferred", "公开预算") in _codes(after)
    assert ("points-unreadable", "公开统计") not in _codes(after)


def test_a_new_edition_of_a_weighted_ledger_differs_only_where_it_differs(organisation: Organisation) -> None:
    rows: list[list[Any]] = [["甲", 40, "子", 50], ["甲", 40, "丑", 50], ["乙", 60, "寅", 20], ["乙", 60, "卯", 80]]
    header = ["一级指标", "权重", "二级指标", "权重"]
    ledger = _stored(organisation, books.workbook([TITLE, header, *rows]))
    rows[2][3], rows[3][3] = 30, 70
    upload = _uploaded(organisation, books.workbook([TITLE, header, *rows]))
    (draft,) = importing.unpack(upload.reading or {}).ledgers
    found = changes.comparison(upload, changes.repaired(draft, ()), ledger).changes
    told = [(one.kind, one.name, one.before, one.after) for one in found]
    assert told == [("points", "“寅”", "12 分", "18 分"), ("points", "“卯”", "48 分", "42 分")]


def test_repairs_of_the_new_file_are_offered_beside_the_changes(client: Client, organisation: Organisation) -> None:
    rows: list[list[Any]] = [[1, "平台（4）", "网站平台", 1, "甲"], [2, "平台（4）", "平台栏目", 2, "甲"]]
    rows += [
        [3, "服务（2）", "手机平台", 1, "甲"],
        [4, "服务（2）", "窗口", 1, "甲"],
        [5, "服务（2）", "热线", 1, "甲"],
    ]
    mended = [list(row) for row in rows]
    mended[2][1] = "平台（4）"
    ledger = _stored(organisation, _book(mended))
    upload = second(client, _book(rows))
    page = client.get(url(upload, ledger))
    assert "把“手机平台”从“服务”移到“平台”下" in page.content.decode()
    assert [one.kind for one in page.context["changes"]] == ["moved"]
    ((repair, chosen),) = page.context["repairs"]
    assert not chosen
    again = client.get(url(upload, ledger), {"repair": repair.key})
    assert not again.context["changes"]
    assert f'name="repair" value="{repair.key}"' in again.content.decode()
    sent = {"seen": again.context["seen"], "turn": "0", "repair": repair.key}
    assert "没有改动台账" in client.post(url(upload, ledger), sent, follow=True).content.decode()


def test_a_document_without_a_line_above_its_table_is_called_as_its_file(organisation: Organisation) -> None:
    table = [["一级指标", "评估点", "分值"], ["公开", "公开规划", "2"], ["公开", "公开预算", "3"]]
    (ledger,) = importing.import_file("2025年考核指标.docx", books.document(table), organisation=organisation, by=None)
    assert (ledger.title, ledger.year) == ("2025年考核指标", 2025)
