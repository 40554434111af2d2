"""A tracked task that a group leads (各部门): each member reports its own matter, the office sees them together."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments import opening, outlines, reminders, reports, rollup, rounds, sealing, tracking_list
from assessments.models import Entry, Matter, MatterState, NodeScore, Round, Shape
from assessments.worklist import tasks
from indicators.models import Indicator, Ledger, Responsibility, ResponsibilityRole
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.test_tracking import close, plan, report
from tests.assessments.visits import queries, text, visit, wide
from units.models import Notice, UnitGroup
from units.succession import merge

pytestmark = pytest.mark.django_db

SPEC = {"政策落实": (("编制权责清单", None), ("清理文件", None))}
TASK = "编制权责清单"


@pytest.fixture
def who() -> Office:
    return o.office(units=["教育局", "民政局", "水利局"])


def led_by_all(who: Office, ledger: Ledger, name: str = TASK, members: int = 3) -> UnitGroup:
    """The task's lead is 各部门, a group of the first units."""
    group, _ = UnitGroup.objects.get_or_create(organisation=who.organisation, name="各部门")
    group.members.set(who.units[:members])
    item = Indicator.objects.get(ledger=ledger, name=name)
    Responsibility.objects.filter(indicator=item).delete()
    Responsibility.objects.create(indicator=item, group=group, written="各部门", role=ResponsibilityRole.LEAD)
    return group


@pytest.fixture
def round_(who: Office) -> Round:
    """各部门 of three lead 编制权责清单, 民政局 alone leads 清理文件; measures are due in two days."""
    on = o.ledger(who.organisation, SPEC, [who.units[0], who.units[1]])
    led_by_all(who, on)
    today = timezone.localdate()
    days = {"self_due": today + timedelta(days=2), "review_due": today + timedelta(days=30)}
    return rounds.open_round(o.prepared(who, on, Shape.TRACKED, **days), by=who.office)


def of(round_: Round, unit: object) -> Entry:
    return Entry.objects.get(sheet__round=round_, indicator__name=TASK, unit=unit)


# ---- opening ----------------------------------------------------------------------------------------


def test_each_member_of_the_group_gets_a_matter_of_its_own(who: Office, round_: Round) -> None:
    mine = Entry.objects.filter(sheet__round=round_, indicator__name=TASK)
    assert [(entry.unit, entry.member, entry.maximum) for entry in mine] == [(unit, unit, 1) for unit in who.units]
    assert Matter.objects.filter(entry__in=mine, measures_due=round_.self_due).count() == 3
    alone = o.entry(round_, "清理文件")
    assert (alone.unit, alone.member) == (who.units[1], None)


def test_the_office_reads_before_opening_that_each_member_will_report(who: Office) -> None:
    on = o.ledger(who.organisation, SPEC, who.units[:1])
    led_by_all(who, on)
    (said,) = opening.cautions(on, Shape.TRACKED)
    assert said == "1 个任务由单位组牵头：“编制权责清单”。开启后每个成员单位各报各的，汇总在同一个任务下。"
    assert "没有可以填报的牵头单位" in opening.cautions(on, Shape.ALLOCATED)[0]


def test_a_unit_named_beside_the_group_reports_once_and_a_group_of_one_leads_alone(who: Office) -> None:
    on = o.ledger(who.organisation, SPEC, who.units[:1])
    group = led_by_all(who, on)
    item = Indicator.objects.get(ledger=on, name=TASK)
    Responsibility.objects.create(indicator=item, unit=who.units[2], written="水利局", role=ResponsibilityRole.LEAD)
    round_ = rounds.open_round(o.prepared(who, on, Shape.TRACKED), by=who.office)
    mine = Entry.objects.filter(sheet__round=round_, indicator=item)
    assert {entry.unit for entry in mine} == set(who.units)
    other = o.ledger(who.organisation, SPEC, who.units[:1])
    led_by_all(who, other, members=1)
    group.members.set(who.units[:1])
    second = rounds.open_round(o.prepared(who, other, Shape.TRACKED), by=who.office)
    assert (o.entry(second, TASK).unit, o.entry(second, TASK).member) == (who.units[0], None)


def test_no_member_and_no_single_lead_answers_a_task_twice(who: Office, round_: Round) -> None:
    for name, unit in ((TASK, who.units[0]), ("清理文件", None)):
        one = Entry.objects.filter(sheet__round=round_, indicator__name=name).first()
        assert one is not None
        with pytest.raises(IntegrityError), transaction.atomic():
            Entry.objects.create(sheet=one.sheet, indicator=one.indicator, unit=unit, member=unit, points=1, maximum=1)


# ---- the members ------------------------------------------------------------------------------------


def test_a_member_finds_its_matter_among_its_tasks_and_sees_no_other_members(who: Office, round_: Round) -> None:
    (group,) = tasks(who.units[0], timezone.localdate())
    assert (group.title, group.tasks[0].total) == ("三天内截止", 1)
    plan(of(round_, who.units[1]), who.fillers[1], "民政局的措施")
    mine = visit(who.fillers[0])
    page = text(mine, f"/worklist/{round_.pk}/")
    assert page.count('<tr id="entry-') == 1
    assert "各成员单位分别报送" in page
    assert "民政局" not in page
    matter = text(mine, f"/entries/{of(round_, who.units[0]).pk}/")
    assert "各成员单位分别报送" in matter
    assert "民政局" not in matter
    text(mine, f"/entries/{of(round_, who.units[1]).pk}/", 404)


def test_members_are_told_and_reminded_of_their_own(who: Office, round_: Round) -> None:
    opened = Notice.objects.filter(person=who.fillers[0]).values_list("subject", flat=True)
    assert any("本单位应填 1 项" in subject for subject in opened)
    for step in (plan, report):
        step(of(round_, who.units[0]), who.fillers[0])
    left = {row.unit: row.left for row in reminders.behind(round_, timezone.localdate())}
    assert left == {"民政局": 2, "水利局": 1}
    told = reminders.remind(round_, [who.units[2].pk], by=who.office)
    assert told.told == 1
    assert Notice.objects.filter(person=who.fillers[2], subject__contains="还有 1 项没有提交").exists()


# ---- the office -------------------------------------------------------------------------------------


def test_the_office_sees_the_members_together_under_the_one_task(who: Office, round_: Round) -> None:
    for unit, by in zip(who.units[:2], who.fillers, strict=False):
        plan(of(round_, unit), by)
        report(of(round_, unit), by)
    close(of(round_, who.units[0]), who.office)
    office = visit(who.office)
    page = text(office, f"/boards/{round_.pk}/items/")
    assert "3 个成员单位：已报措施 2，已报结果 2/3，已办结 1/3" in page
    assert page.count('<tr id="entry-') == 4
    assert page.count(TASK) == 1
    # a filter leaves the task's own figures as they are
    waiting = text(office, f"/boards/{round_.pk}/items/?show=waiting")
    assert waiting.count('<tr id="entry-') == 1
    assert "已报结果 2/3" in waiting
    matter = text(office, f"/entries/{of(round_, who.units[0]).pk}/")
    assert "同一任务的成员单位" in matter
    assert f'href="/entries/{of(round_, who.units[2]).pk}/"' in matter


def test_the_list_leaves_as_a_file_with_the_members_beside_one_another(who: Office, round_: Round) -> None:
    plan(of(round_, who.units[0]), who.fillers[0])
    answer = visit(who.office).get(f"/boards/{round_.pk}/items/?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["任务"], row["牵头单位"]) for row in rows[:3]] == [(TASK, unit.name) for unit in who.units]
    assert {row["成员单位汇总"] for row in rows[:3]} == {"3 个成员单位：已报措施 1，已报结果 0/3，已办结 0/3"}
    assert rows[3]["成员单位汇总"] == ""


# ---- completion -------------------------------------------------------------------------------------


def test_completion_counts_each_members_matter_and_the_task_holds_their_sum(who: Office, round_: Round) -> None:
    for unit in who.units[:2]:
        close(of(round_, unit), who.office, "由办公室直接办结")
    sheet = o.sheet(round_)
    rollup.roll_up([sheet.pk])
    sheet.refresh_from_db()
    assert (sheet.earned, sheet.possible, sheet.strict_possible, sheet.pending) == (2, 2, 4, 2)
    task = NodeScore.objects.get(sheet=sheet, indicator__name=TASK)
    assert (task.earned, task.possible, task.strict_possible, task.pending) == (2, 2, 3, 1)
    tree = outlines.outline(round_.ledger_id)
    counts = tracking_list.count(tracking_list.rows(round_, timezone.localdate(), tree))
    assert (counts.rate, sheet.strict_rate) == ("50.00", Decimal(50))


def test_the_round_is_sealed_and_reported_with_every_members_matter(who: Office, round_: Round) -> None:
    for entry in Entry.objects.filter(sheet__round=round_):
        close(entry, who.office, "由办公室直接办结")
    round_ = rounds.advance(round_, "review", by=who.office)
    round_ = rounds.publish(round_, by=who.office)
    assert sealing.verify(round_) == []
    (sheet,) = reports.score_report(round_)["sheets"]
    assert (sheet["total"], sheet["strict"]["rate"]) == ("4", "100.00")
    assert [one.get("unit") for one in sheet["entries"]] == ["教育局", "民政局", "水利局", None]
    (task,) = [node for node in sheet["nodes"] if node["name"] == TASK]
    assert (task["earned"], task["possible"]) == ("3", "3")
    text(visit(who.leader), f"/sheets/{o.sheet(round_).pk}/trace/?all=1")


def test_a_merged_member_leaves_its_matter_to_its_successor(who: Office, round_: Round) -> None:
    plan(of(round_, who.units[2]), who.fillers[2])
    merge(who.units[2], into=who.units[1], by=None)
    both = Entry.objects.filter(sheet__round=round_, indicator__name=TASK, unit=who.units[1])
    assert {entry.member for entry in both} == {who.units[1], who.units[2]}
    assert {entry.matter.state for entry in both} == {MatterState.UNPLANNED, MatterState.PLANNED}
    text(visit(who.fillers[1]), f"/worklist/{round_.pk}/")


def test_the_lists_take_the_same_queries_for_three_members_and_for_thirty(who: Office) -> None:
    counts = []
    for name, size in (("甲县", 3), ("乙县", 30)):
        many = o.office(name, [f"{name}{at}局" for at in range(size)])
        on = o.ledger(many.organisation, wide(4), many.units[:1])
        led_by_all(many, on, "评估点 0-0", members=size)
        made = rounds.open_round(o.prepared(many, on, Shape.TRACKED), by=many.office)
        pages = ((many.office, f"/boards/{made.pk}/items/"), (many.leader, f"/boards/{made.pk}/"))
        pages += ((many.office, f"/entries/{Entry.objects.filter(member__isnull=False).latest('pk').pk}/"),)
        counts.append([queries(visit(user), path) for user, path in pages])
    assert counts[0] == counts[1]
