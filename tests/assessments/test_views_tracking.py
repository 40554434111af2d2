"""The pages of a tracked round: the unit's, the office's, leadership's; who may post what."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.utils import timezone

from assessments import rounds
from assessments.models import Matter, MatterState, Round, Shape
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import queries, text, visit, wide

pytestmark = pytest.mark.django_db

SPEC = {"政策落实": (("清理文件", None), ("权责清单", None)), "平台建设": (("门户网站", None),)}


@pytest.fixture
def who() -> Office:
    return o.office()


@pytest.fixture
def round_(who: Office) -> Round:
    """教育局 leads two matters, whose measures were due yesterday, 民政局 one."""
    today = timezone.localdate()
    on = o.ledger(who.organisation, SPEC, [who.units[0], who.units[0], who.units[1]])
    days = {"self_due": today - timedelta(days=1), "review_due": today + timedelta(days=30)}
    return rounds.open_round(o.prepared(who, on, Shape.TRACKED, **days), by=who.office)


def post(user: object, path: str, text_: str, version: int = 0, **more: str) -> tuple[int, str]:
    data = {"text": text_, "version": version, "key": o.key(), **more}
    answer = visit(user).post(path, data, follow=True)  # type: ignore[arg-type]
    return answer.status_code, answer.content.decode()


def test_a_matter_goes_from_measures_to_closing_through_the_pages(who: Office, round_: Round) -> None:
    pk = o.entry(round_, "清理文件").pk
    filler = visit(who.fillers[0])
    assert f'href="/worklist/{round_.pk}/"' in text(filler, "/worklist/")
    mine = text(filler, f"/worklist/{round_.pk}/")
    assert "清理文件" in mine
    assert "门户网站" not in mine
    assert "有 2 件逾期" in mine
    assert "已报措施" in post(who.fillers[0], f"/matters/{pk}/plan/", "列出清单")[1]
    assert "结果退回" not in post(who.fillers[0], f"/matters/{pk}/report/", "已公开 12 件", 1)[1]
    desk = text(visit(who.office), f"/reviews/{round_.pk}/")
    assert "待办结" in desk
    assert "已公开 12 件" in desk
    assert "结果退回" in post(who.reviewer, f"/matters/{pk}/return/", "写明网址", 2)[1]
    post(who.signers[0], f"/matters/{pk}/report/", "网址附后", 3)
    assert "已办结" in post(who.office, f"/matters/{pk}/close/", "", 4)[1]
    assert Matter.objects.get(entry=pk).state == MatterState.CLOSED
    assert "50.00%" in text(visit(who.leader), f"/boards/{round_.pk}/")


def test_what_was_typed_stays_when_it_is_refused(who: Office, round_: Round) -> None:
    pk = o.entry(round_, "清理文件").pk
    status, page = post(who.fillers[0], f"/matters/{pk}/plan/", "写了很久的措施", 7)
    assert status == 422
    assert "写了很久的措施</textarea>" in page
    assert "这一项刚刚被别人修改过" in page
    status, page = post(who.office, f"/matters/{pk}/postpone/", "", measures_due="2099-02-01", reason="")
    assert status == 422
    assert 'value="2099-02-01"' in page


def test_another_units_matter_does_not_exist(who: Office, round_: Round) -> None:
    theirs = o.entry(round_, "门户网站").pk
    text(visit(who.fillers[0]), f"/entries/{theirs}/", 404)
    assert post(who.fillers[0], f"/matters/{theirs}/plan/", "越权")[0] == 404
    stranger = o.office("邻县人民政府", ["财政局"])
    assert post(stranger.office, f"/matters/{theirs}/close/", "越权")[0] == 404
    assert post(who.leader, f"/matters/{theirs}/close/", "越权")[0] == 403
    assert post(who.fillers[1], f"/matters/{theirs}/close/", "越权")[0] == 403
    assert post(who.reviewer, f"/matters/{theirs}/postpone/", "", reason="越权")[0] == 403
    assert Matter.objects.get(entry=theirs).state == MatterState.UNPLANNED


def test_an_entry_of_a_scored_round_is_no_matter(who: Office) -> None:
    scored = o.opened(who)
    pk = o.entry(scored, "主动公开").pk
    assert post(who.fillers[0], f"/matters/{pk}/plan/", "措施")[0] == 404


def test_the_lists_behind_the_numbers_hold_as_many_rows_and_leave_as_files(who: Office, round_: Round) -> None:
    leader = visit(who.leader)
    assert text(leader, f"/boards/{round_.pk}/items/?show=overdue").count('<tr id="entry-') == 3
    assert text(leader, f"/boards/{round_.pk}/items/?show=overdue&unit={who.units[1].pk}").count('<tr id="entry-') == 1
    answer = leader.get(f"/boards/{round_.pk}/items/?show=overdue&format=xlsx")
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:4] == ["任务", "上级标题", "牵头单位", "状态"]
    assert [row[0] for row in rows[1:]] == ["清理文件", "权责清单", "门户网站"]


def test_the_office_makes_and_opens_a_tracked_round_by_its_form(who: Office) -> None:
    on = o.ledger(who.organisation, SPEC, who.units)
    on.indicators.filter(name="清理文件").update(deadlines=["7月30日前提出措施"])
    office = visit(who.office)
    data = {"name": "要点督办", "shape": "tracked", "self_due": "2026-06-30", "review_due": "2026-12-20"}
    data |= {"days_year": "2026", "not_applicable": "drop", "bands": "优秀 90"}
    answer = office.post(f"/rounds/new/{on.pk}/", data)
    made = Round.objects.get(name="要点督办")
    assert answer.headers["Location"] == f"/rounds/{made.pk}/"
    rounds.open_round(made, by=who.office)
    assert str(Matter.objects.get(entry__indicator__name="清理文件").measures_due) == "2026-07-30"
    assert "办理" in text(office, f"/rounds/{made.pk}/")
    assert "申诉" not in text(office, f"/rounds/{made.pk}/")


def test_a_tracked_rounds_pages_take_the_same_queries_for_ten_matters_and_for_sixty(who: Office) -> None:
    counts = []
    for items in (10, 60):
        on = o.ledger(who.organisation, wide(items), who.units[:1])
        made = rounds.open_round(o.prepared(who, on, Shape.TRACKED), by=who.office)
        pages = ((who.fillers[0], f"/worklist/{made.pk}/"), (who.leader, f"/boards/{made.pk}/"))
        pages += ((who.office, f"/boards/{made.pk}/items/"),)
        counts.append([queries(visit(user), path) for user, path in pages])
    assert counts[0] == counts[1]
