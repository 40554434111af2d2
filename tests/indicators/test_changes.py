"""A changed file for a ledger that stands: what differs is shown, and only what is ticked is written."""

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from indicators import changes, editing, importing, versions
from indicators.changes import Applied, Change
from indicators.changes.standing import standing
from indicators.editing import EditRefused
from indicators.models import Amendment, Indicator, Ledger, LedgerStatus, LedgerUpdate, Upload, UploadState
from tests.indicators.conftest import named, shape, tree_faults
from units import jobs, offices
from units.models import AuditEvent, Organisation, User

Rows = Sequence[Sequence[object]]
TITLE = "2024年政务公开考核台账"
ROWS: Rows = [
    ["公开", "决策公开", "公开决策草案", 2, "办公室", "网站采集"],
    ["公开", "决策公开", "公开听证会结果", 3, "办公室", "网站采集"],
    ["公开", "结果公开", "公开执行情况报告", 4, "规财处", "报送材料"],
    ["公开", "结果公开", "公开监督检查结果", 2, "规财处", "报送材料"],
    ["解读", "政策解读", "解读材料与文件同步发布", 5, "法规科", "网站采集"],
    ["解读", "政策解读", "解读形式多样", 1, "法规科", "网站采集"],
]


def file(rows: Rows, title: str = TITLE, issuer: str = "某县人民政府") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [[issuer], [title], ["一级指标", "二级指标", "评估点", "分值", "责任单位", "评估方式"], *rows]:
        sheet.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def stored(organisation: Organisation) -> Ledger:
    (ledger,) = importing.import_file("一.xlsx", file(ROWS), organisation=organisation, by=None)
    return ledger


def uploaded(organisation: Organisation, rows: Rows, **about: str) -> Upload:
    upload = importing.receive(BytesIO(file(rows, **about)), "二.xlsx", organisation=organisation, by=None)
    jobs.run(upload.job_id or 0, importing.read_upload, before=importing.parse)
    return Upload.objects.get(pk=upload.pk)


def found(upload: Upload, ledger: Ledger) -> list[Change]:
    (draft,) = importing.unpack(upload.reading or {}).ledgers
    return list(changes.comparison(upload, draft, ledger).changes)


def said(upload: Upload, ledger: Ledger) -> list[tuple[str, str]]:
    return [(one.word, one.name) for one in found(upload, ledger)]


def apply(upload: Upload, ledger: Ledger, keys: set[str], by: User | None = None, **names: str) -> Ledger:
    ticked = Applied(keys, names, changes.stamp(ledger), upload.turn)
    return changes.apply(upload, 0, ledger, ticked, by=by)


def keys(upload: Upload, ledger: Ledger, *kinds: str) -> set[str]:
    return {one.key for one in found(upload, ledger) if not kinds or one.kind in kinds}


def changed(*, at: int, column: int, to: object) -> list[list[object]]:
    rows = [list(row) for row in ROWS]
    rows[at][column] = to
    return rows


def test_another_file_with_the_same_content_changes_nothing(organisation: Organisation, stored: Ledger) -> None:
    upload = uploaded(organisation, ROWS, title=f"{TITLE} ")
    upload = uploaded(organisation, [*ROWS, []], title=TITLE) if upload.is_repeat else upload
    assert found(upload, stored) == []
    assert apply(upload, stored, set()) == stored
    assert LedgerUpdate.objects.get().report == []
    upload.refresh_from_db()
    assert upload.state == UploadState.STORED
    assert not Amendment.objects.exists()


def test_each_kind_of_change_is_told_apart(organisation: Organisation, stored: Ledger) -> None:
    rows = [
        ["公开", "决策公开", "公开决策草案", 2.5, "办公室", "网站采集"],
        ["公开", "决策公开", "公开听证会结果", 3, "办公室、规财处", "报送材料"],
        ["公开", "结果公开", "公开执行情况的报告", 4, "规财处", "报送材料"],
        ["公开", "结果公开", "公开监督检查结果", 2, "规财处", "报送材料"],
        ["公开", "结果公开", "解读形式多样", 1, "法规科", "网站采集"],
        ["回应", "热点回应", "及时回应群众留言", 6, "办公室", "模拟暗访"],
    ]
    told = said(uploaded(organisation, rows), stored)
    assert ("改分", "“公开决策草案”") in told
    assert ("改单位", "“公开听证会结果”") in told
    assert ("改方式", "“公开听证会结果”") in told
    assert ("改名", "“公开执行情况报告”") in told
    assert ("移动", "“解读形式多样”") in told
    assert [one for one in told if one[0] == "新增"] == [("新增", "“回应”")]
    assert ("移除", "“解读”") in told


def test_only_what_is_ticked_is_written_and_each_change_is_an_amendment(
    organisation: Organisation, stored: Ledger, office: User
) -> None:
    rows = changed(at=0, column=3, to=2.5)
    rows[4][4] = "规财处"
    upload = uploaded(organisation, rows)
    apply(upload, stored, keys(upload, stored, "points"), by=office)
    assert named(stored, "公开决策草案").points == Decimal("2.5")
    assert named(stored, "解读材料与文件同步发布").responsibilities.get().written == "法规科"
    amendment = Amendment.objects.get()
    assert (amendment.field, amendment.old, amendment.new, amendment.actor) == ("分值", "2", "2.5", office)
    report = {one["words"]: one["applied"] for one in LedgerUpdate.objects.get().report}
    assert report == {
        "改分 “公开决策草案”：2 分 → 2.5 分": True,
        "改单位 “解读材料与文件同步发布”：牵头 法规科 → 牵头 规财处": False,
    }
    assert AuditEvent.objects.filter(action="导入变更", actor=office).count() == 1


def test_units_and_methods_are_written_with_new_names_only_where_ticked(
    organisation: Organisation, stored: Ledger
) -> None:
    rows = changed(at=0, column=4, to="大数据局")
    rows[1][4] = "气象局"
    rows[2][5] = "电话测评"
    upload = uploaded(organisation, rows)
    chosen = {one.key for one in found(upload, stored) if one.after in {"牵头 大数据局", "电话测评"}}
    apply(upload, stored, chosen, 大数据局="unit", 气象局="unit")
    assert named(stored, "公开决策草案").responsibilities.get().unit == organisation.units.get(name="大数据局")
    assert not organisation.units.filter(name="气象局").exists()
    assert named(stored, "公开执行情况报告").method_links.get().method.name == "电话测评"
    assert {one.field for one in Amendment.objects.all()} == {"责任单位", "评估方式"}


def test_new_indicators_come_where_the_file_has_them(organisation: Organisation, stored: Ledger) -> None:
    rows = [
        *ROWS[:1],
        ["公开", "决策公开", "邀请公众代表列席", 1, "办公室", "网站采集"],
        *ROWS[1:4],
        ["回应", "热点回应", "及时回应留言", 6, "办公室", "网站采集"],
        ["回应", "热点回应", "定期汇总答复", 2, "规财处", "网站采集"],
        *ROWS[4:],
    ]
    upload = uploaded(organisation, rows)
    assert said(upload, stored) == [("新增", "“邀请公众代表列席”"), ("新增", "“回应”")]
    apply(upload, stored, keys(upload, stored))
    names = [name for _, name in shape(stored)]
    assert names.index("邀请公众代表列席") == names.index("公开决策草案") + 1
    assert names.index("公开监督检查结果") < names.index("回应") < names.index("及时回应留言") < names.index("解读")
    assert named(stored, "定期汇总答复").responsibilities.get().unit == organisation.units.get(name="规财处")
    assert tree_faults(stored) == []


def test_what_the_file_no_longer_has_is_retired_and_never_deleted(organisation: Organisation, stored: Ledger) -> None:
    upload = uploaded(organisation, ROWS[:4])
    assert said(upload, stored) == [("移除", "“解读”")]
    count = Indicator.objects.filter(ledger=stored).count()
    apply(upload, stored, keys(upload, stored))
    assert Indicator.objects.filter(ledger=stored).count() == count
    assert "解读形式多样" not in {name for _, name in shape(stored)}
    retired = Amendment.objects.get(action=Amendment.Action.RETIRED)
    assert retired.new == "共 4 项"
    editing.restore(named(stored, "解读"), by=None)
    assert "解读形式多样" in {name for _, name in shape(stored)}


def test_a_moved_indicator_keeps_its_identity_and_stands_where_the_file_has_it(
    organisation: Organisation, stored: Ledger
) -> None:
    identity = named(stored, "解读形式多样").identity
    upload = uploaded(organisation, [*ROWS[:4], ["公开", "结果公开", *ROWS[5][2:]], ROWS[4]])
    assert ("移动", "“解读形式多样”") in said(upload, stored)
    apply(upload, stored, keys(upload, stored))
    moved = named(stored, "解读形式多样")
    assert (moved.identity, moved.parent) == (identity, named(stored, "结果公开"))
    assert tree_faults(stored) == []
    assert Amendment.objects.filter(action=Amendment.Action.MOVED, indicator=moved).count() == 1


def test_a_new_order_among_siblings_moves_as_few_as_it_takes(organisation: Organisation, stored: Ledger) -> None:
    rows = [*ROWS[:4], ROWS[5], ROWS[4]]
    upload = uploaded(organisation, rows)
    assert len([one for one in found(upload, stored) if one.kind == "moved"]) == 1
    apply(upload, stored, keys(upload, stored))
    names = [name for _, name in shape(stored)]
    assert names.index("解读形式多样") < names.index("解读材料与文件同步发布")
    assert tree_faults(stored) == []


def test_a_doubtful_pair_is_asked_about_and_nothing_happens_without_an_answer(
    organisation: Organisation, stored: Ledger
) -> None:
    upload = uploaded(organisation, changed(at=1, column=2, to="公开听证会的情况"))
    asked = next(one for one in found(upload, stored) if one.kind == "asked")
    assert (asked.before, asked.after) == ("公开听证会结果", "公开听证会的情况")
    apply(upload, stored, set())
    assert not Amendment.objects.exists()


@pytest.mark.parametrize("same", [True, False])
def test_the_answer_decides_whether_it_is_renamed_or_replaced(
    organisation: Organisation, stored: Ledger, same: bool
) -> None:
    before = named(stored, "公开听证会结果")
    upload = uploaded(organisation, changed(at=1, column=2, to="公开听证会的情况"))
    asked = next(one for one in found(upload, stored) if one.kind == "asked")
    apply(upload, stored, {asked.key if same else asked.alternative})
    after = named(stored, "公开听证会的情况")
    assert (after.identity == before.identity) is same
    before.refresh_from_db()
    assert (before.retired_at is None) is same
    assert tree_faults(stored) == []


def test_a_published_ledger_stays_and_the_changes_go_into_a_new_version(
    organisation: Organisation, stored: Ledger, office: User
) -> None:
    versions.publish(stored, by=office)
    stored.refresh_from_db()
    upload = uploaded(organisation, changed(at=0, column=3, to=9))
    target = apply(upload, stored, keys(upload, stored), by=office)
    assert (target.previous, target.status, target.version) == (stored, LedgerStatus.DRAFT, 2)
    assert named(stored, "公开决策草案").points == 2
    assert named(target, "公开决策草案").points == 9
    assert named(target, "公开决策草案").identity == named(stored, "公开决策草案").identity


def test_a_ledger_that_changed_meanwhile_is_not_written(organisation: Organisation, stored: Ledger) -> None:
    upload = uploaded(organisation, changed(at=0, column=3, to=9))
    ticked = Applied(keys(upload, stored), {}, changes.stamp(stored), upload.turn)
    one = named(stored, "解读形式多样")
    editing.edit(one, editing.Changes(points=Decimal(2)), edits=0, by=None)
    with pytest.raises(EditRefused, match="刚被改过"):
        changes.apply(upload, 0, stored, ticked, by=None)
    assert named(stored, "公开决策草案").points == 2
    assert not LedgerUpdate.objects.exists()


def test_changes_are_applied_once(organisation: Organisation, stored: Ledger) -> None:
    upload = uploaded(organisation, changed(at=0, column=3, to=9))
    ticked = Applied(keys(upload, stored), {}, changes.stamp(stored), upload.turn)
    changes.apply(upload, 0, stored, ticked, by=None)
    with pytest.raises(importing.ImportRefused):
        changes.apply(upload, 0, stored, ticked, by=None)
    assert Amendment.objects.count() == 1


def test_removing_a_chapter_whose_part_stays_elsewhere_asks_for_the_move(
    organisation: Organisation, stored: Ledger
) -> None:
    upload = uploaded(organisation, [*ROWS[:4], ["公开", "结果公开", *ROWS[5][2:]]])
    with pytest.raises(EditRefused, match="一并勾选它的移动"):
        apply(upload, stored, keys(upload, stored, "removed"))
    assert not Amendment.objects.exists()
    apply(upload, stored, keys(upload, stored, "removed", "moved"))
    assert "解读" not in {name for _, name in shape(stored)}
    assert tree_faults(stored) == []


def test_the_ledger_of_the_same_issuer_year_and_title_is_found_and_no_other(
    organisation: Organisation, stored: Ledger
) -> None:
    def stands(**about: str) -> Ledger | None:
        (draft,) = importing.unpack(uploaded(organisation, ROWS[:2], **about).reading or {}).ledgers
        return standing(organisation, [importing.heading(draft, "x.xlsx")])[0]

    assert stands() == stored
    assert stands(title="2025年政务公开考核台账") is None
    assert stands(issuer="另一县人民政府") is None
    assert stands(title="2024年食品安全责任分解表") is None


def test_queries_do_not_grow_with_the_rows_that_change(organisation: Organisation) -> None:
    for name in ("办公室", "规财处"):
        offices.add_unit(organisation, name, by=None)
    counts = []
    for number in (5, 60):
        rows = [["章", "节", f"第{one}项公开内容", 1, "办公室", "网站采集"] for one in range(number)]
        title = f"2024年第{number}号台账"
        (ledger,) = importing.import_file(f"{number}.xlsx", file(rows, title), organisation=organisation, by=None)
        later = [[*row[:3], 2, "规财处", "报送材料"] for row in rows]
        upload = uploaded(organisation, [*later, ["新章", "新节", "新增内容", 1, "办公室", ""]], title=title)
        ticked = Applied(keys(upload, ledger), {}, changes.stamp(ledger), upload.turn)
        with CaptureQueriesContext(connection) as queries:
            changes.apply(upload, 0, ledger, ticked, by=None)
        counts.append(sum(1 for one in queries.captured_queries if one["sql"].startswith("SELECT")))
    assert counts[0] == counts[1]


def test_an_item_that_gets_parts_below_it_becomes_a_heading(organisation: Organisation) -> None:
    rows = [["公开", "决策", "过程", 2, "办公室", ""], ["公开", "结果", "执行", 3, "办公室", ""]]
    (ledger,) = importing.import_file("一.xlsx", file(rows), organisation=organisation, by=None)
    assert named(ledger, "结果").is_item
    upload = uploaded(organisation, [*rows, ["公开", "结果", "评估", 1, "办公室", ""]])
    apply(upload, ledger, keys(upload, ledger, "added"))
    assert not named(ledger, "结果").is_item
    assert named(ledger, "评估").is_item
    assert tree_faults(ledger) == []
