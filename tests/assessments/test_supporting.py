"""会同、配合: units named beside the lead add notes and evidence, and see nothing of the lead's own."""

from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from assessments import evidence, rounds, supporting
from assessments.models import Entry, Evidence, Phase, Round, Shape, SupportNote
from assessments.refusals import NotNow, ReasonNeeded
from indicators.models import Indicator, Responsibility, ResponsibilityRole
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import FETCH, queries, text, visit, wide
from units.models import AuditEvent, UnitGroup

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
DUE = date(2026, 7, 30)


@pytest.fixture
def who() -> Office:
    """A county with three units: the first leads, the second supports, the third has nothing to do with it."""
    return o.office(units=["教育局", "民政局", "财政局"])


def shared_work(who: Office, name: str = "主动公开", role: str = ResponsibilityRole.SUPPORT, **dues: date) -> Round:
    """A round in self-assessment in which the second unit stands beside the first on one item."""
    on = o.ledger(who.organisation, leads=who.units[:1])
    Responsibility.objects.create(
        indicator=Indicator.objects.get(ledger=on, name=name), unit=who.units[1], written="民政局", role=role
    )
    return rounds.open_round(o.prepared(who, on, **dues), by=who.office)


def test_a_note_is_seen_by_the_lead_the_office_and_its_own_unit(who: Office) -> None:
    round_ = shared_work(who)
    one = o.entry(round_, "主动公开")
    made = supporting.add_note(one, "名单见第三栏", by=who.fillers[1])
    assert (made.unit, made.by, made.entry) == (who.units[1], who.fillers[1], one)
    assert AuditEvent.objects.get(action="补充配合说明").detail["entry"] == one.pk
    for person, path in (
        (who.fillers[0], f"/worklist/{round_.pk}/"),
        (who.fillers[0], f"/entries/{one.pk}/"),
        (who.office, f"/entries/{one.pk}/"),
        (who.reviewer, f"/reviews/{round_.pk}/?show=all"),
        (who.signers[1], f"/entries/{one.pk}/support/"),
    ):
        assert "名单见第三栏" in text(visit(person), path), path
    assert "名单见第三栏" not in text(visit(who.fillers[2]), "/worklist/")


def test_a_supporting_unit_finds_its_items_and_sees_none_of_the_leads_answers(who: Office) -> None:
    round_ = shared_work(who)
    one = o.entry(round_, "主动公开")
    o.fill(one, "3.25", who.fillers[0], "牵头单位的原因")
    evidence.add_link(one, "牵头单位的材料", "https://www.example.gov.cn/lead", by=who.fillers[0])
    client = visit(who.fillers[1])
    assert f"/worklist/{round_.pk}/" in text(client, "/worklist/")
    sheet = text(client, f"/worklist/{round_.pk}/")
    assert f'href="/entries/{one.pk}/support/"' in sheet
    page = text(client, f"/entries/{one.pk}/support/")
    for words in ("3.25", "牵头单位的原因", "牵头单位的材料"):
        assert words not in sheet + page
    text(client, f"/entries/{one.pk}/", 404)
    assert client.post(f"/entries/{one.pk}/save/", {"score": "1", "version": 1, "key": o.key()}).status_code == 404


def test_the_second_unit_adds_by_the_page_and_nothing_twice(who: Office) -> None:
    one = o.entry(shared_work(who), "主动公开")
    client = visit(who.fillers[1])
    for _ in range(2):
        answer = client.post(f"/entries/{one.pk}/notes/", {"text": "名单见第三栏\r\n共 3 份"})
        assert answer.headers["Location"] == f"/entries/{one.pk}/support/#notes"
    assert SupportNote.objects.get().text == "名单见第三栏\n共 3 份"
    assert "没有填写" in client.post(f"/entries/{one.pk}/notes/", {"text": " "}, follow=True).content.decode()
    for _ in range(2):
        client.post(f"/entries/{one.pk}/evidence/", {"files": SimpleUploadedFile("名单.pdf", PDF)})
    row = Evidence.objects.get()
    assert (row.unit, row.entry) == (who.units[1], one)
    assert "名单.pdf" in text(client, f"/entries/{one.pk}/support/")
    assert "说明 1 · 佐证 1" in text(client, f"/worklist/{one.sheet.round_id}/")


def test_evidence_of_a_supporting_unit_is_seen_by_the_lead_and_taken_back_by_its_own_unit_only(who: Office) -> None:
    one = o.entry(shared_work(who), "主动公开")
    row = evidence.add_file(one, SimpleUploadedFile("名单.pdf", PDF), by=who.fillers[1])
    lead, own = visit(who.fillers[0]), visit(who.fillers[1])
    assert "名单.pdf" in text(lead, f"/entries/{one.pk}/")
    assert lead.get(f"/evidence/{row.pk}/").status_code == 200
    assert own.get(f"/evidence/{row.pk}/").status_code == 200
    assert visit(who.fillers[2]).get(f"/evidence/{row.pk}/").status_code == 404
    answer = lead.post(f"/evidence/{row.pk}/remove/", follow=True).content.decode()
    assert "由提供单位撤回" in answer
    assert Evidence.objects.present().exists()
    answer = own.post(f"/evidence/{row.pk}/remove/")
    assert answer.headers["Location"] == f"/entries/{one.pk}/support/#evidence"
    assert not Evidence.objects.present().exists()


def test_the_same_file_from_two_units_tells_neither_of_the_other(who: Office) -> None:
    one = o.entry(shared_work(who), "主动公开")
    evidence.add_file(one, SimpleUploadedFile("甲.pdf", PDF), by=who.fillers[0])
    evidence.add_link(one, "", "https://www.example.gov.cn/lead", by=who.fillers[0])
    client = visit(who.fillers[1])
    answer = client.post(f"/entries/{one.pk}/evidence/", {"files": SimpleUploadedFile("乙.pdf", PDF)}, **FETCH)
    assert answer.json() == {"added": 1, "refused": [], "evidence": "文件 1 ＋"}
    assert evidence.summary(one, who.units[0]) == "网址 1 · 文件 2 ＋"


@pytest.mark.parametrize("role", [ResponsibilityRole.JOINT, ResponsibilityRole.SUPPORT])
def test_joint_and_supporting_units_add_alike_and_groups_count_as_their_members(who: Office, role: str) -> None:
    round_ = shared_work(who, role=role)
    group = UnitGroup.objects.create(organisation=who.organisation, name="有关部门")
    group.members.add(who.units[2])
    item = Indicator.objects.get(ledger=round_.ledger, name="政策解读")
    Responsibility.objects.create(indicator=item, group=group, written="有关部门", role=role)
    assert supporting.add_note(o.entry(round_, "主动公开"), "说明", by=who.fillers[1]).unit == who.units[1]
    assert supporting.add_note(o.entry(round_, "政策解读"), "说明", by=who.fillers[2]).unit == who.units[2]


def test_who_is_not_named_beside_the_lead_adds_nothing(who: Office) -> None:
    round_ = shared_work(who)
    one = o.entry(round_, "主动公开")
    for person in (who.fillers[0], who.fillers[2], who.office, who.leader, o.office("邻县").fillers[1]):
        with pytest.raises(NotNow):
            supporting.add_note(one, "越权", by=person)
    with pytest.raises(NotNow, match="不是这一项的会同或配合单位"):
        supporting.add_note(o.entry(round_, "政策解读"), "别的项", by=who.fillers[1])
    for person in (who.fillers[2], o.office("又一县").fillers[1]):
        client = visit(person)
        text(client, f"/entries/{one.pk}/support/", 404)
        assert client.post(f"/entries/{one.pk}/notes/", {"text": "越权"}).status_code == 404
        assert client.post(f"/entries/{one.pk}/evidence/", {"url": "https://a.gov.cn"}).status_code == 404
        with pytest.raises(evidence.Refused):
            evidence.add_link(one, "", "https://a.gov.cn", by=person)
    text(visit(who.office), f"/entries/{one.pk}/support/", 403)
    assert not SupportNote.objects.exists()
    assert not Evidence.objects.exists()


def test_where_every_unit_has_its_own_sheet_nobody_supports(who: Office) -> None:
    on = o.ledger(who.organisation)
    item = Indicator.objects.get(ledger=on, name="主动公开")
    Responsibility.objects.create(indicator=item, unit=who.units[0], written="教育局", role=ResponsibilityRole.LEAD)
    Responsibility.objects.create(indicator=item, unit=who.units[1], written="民政局", role=ResponsibilityRole.SUPPORT)
    round_ = rounds.open_round(o.prepared(who, on, Shape.PER_UNIT), by=who.office)
    with pytest.raises(NotNow):
        supporting.add_note(o.entry(round_, "主动公开", who.units[0]), "说明", by=who.fillers[1])


def test_once_the_lead_can_no_longer_edit_nothing_is_added(who: Office) -> None:
    round_ = shared_work(who, self_due=DUE)
    one = o.entry(round_, "主动公开")
    with time_machine.travel("2026-07-31T00:00:00+08:00", tick=False):
        with pytest.raises(NotNow, match="已截止"):
            supporting.add_note(one, "晚了", by=who.fillers[1])
        with pytest.raises(evidence.Refused, match="已截止"):
            evidence.add_link(one, "", "https://a.gov.cn", by=who.fillers[1])
    with time_machine.travel("2026-07-30T23:00:00+08:00", tick=False):
        supporting.add_note(one, "赶上了", by=who.fillers[1])
        o.handed_in(who, round_, {"主动公开": "3"})
    with pytest.raises(NotNow, match="已提交，待审核"):
        supporting.add_note(one, "又晚了", by=who.fillers[1])
    page = text(visit(who.fillers[1]), f"/entries/{one.pk}/support/")
    assert "不能再补充" in page
    assert "赶上了" in page
    assert "<textarea" not in page
    Entry.objects.filter(pk=one.pk).update(stage="returned")
    assert supporting.add_note(one, "退回后补充", by=who.fillers[1]).text == "退回后补充"


def test_under_the_leads_objection_a_supporting_unit_adds_nothing(who: Office) -> None:
    round_ = o.in_phase(shared_work(who), Phase.OBJECTION)
    one = o.entry(round_, "主动公开")
    Entry.objects.filter(pk=one.pk).update(stage="accepted")
    with pytest.raises(NotNow, match="已审核"):
        supporting.add_note(one, "说明", by=who.fillers[1])


def test_a_note_has_words_also_in_the_database(who: Office) -> None:
    one = o.entry(shared_work(who), "主动公开")
    with pytest.raises(ReasonNeeded, match="没有填写"):
        supporting.add_note(one, "  ", by=who.fillers[1])
    with pytest.raises(ReasonNeeded, match="最多 2000 字"):
        supporting.add_note(one, "说" * 2001, by=who.fillers[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportNote.objects.create(entry=one, unit=who.units[1], text="", by=who.fillers[1])


def test_what_supports_an_item_of_a_shared_score_follows_the_item_the_score_stands_on(who: Office) -> None:
    round_ = shared_work(who)
    one, home = o.entry(round_, "主动公开"), o.entry(round_, "政策解读")
    Entry.objects.filter(pk=one.pk).update(shared_home=home)
    assert supporting.add_note(one, "说明", by=who.fillers[1]).entry == one
    Entry.objects.filter(pk=home.pk).update(stage="submitted")
    with pytest.raises(NotNow, match="已提交"):
        supporting.add_note(one, "晚了", by=who.fillers[1])


def test_stored_notes_are_shown_as_words(who: Office) -> None:
    round_ = shared_work(who)
    one = o.entry(round_, "主动公开")
    supporting.add_note(one, "<script>alert(1)</script>", by=who.fillers[1])
    for person, path in ((who.fillers[0], f"/worklist/{round_.pk}/"), (who.office, f"/entries/{one.pk}/")):
        page = text(visit(person), path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("place", [0, 1])
def test_the_sheet_takes_as_many_queries_for_many_supported_items_as_for_few(place: int) -> None:
    counts = []
    for items in (4, 40):
        county = o.office(f"{items} 项的县")
        on = o.ledger(county.organisation, wide(items), county.units[:1])
        for item in Indicator.objects.filter(ledger=on, is_item=True):
            Responsibility.objects.create(
                indicator=item, unit=county.units[1], written="民政局", role=ResponsibilityRole.SUPPORT
            )
        round_ = rounds.open_round(o.prepared(county, on, self_due=date(2099, 1, 1)), by=county.office)
        for one in Entry.objects.filter(sheet__round=round_):
            supporting.add_note(one, f"说明 {one.pk}", by=county.fillers[1])
        counts.append(queries(visit(county.fillers[place]), f"/worklist/{round_.pk}/"))
    assert counts[0] == counts[1]
    assert counts[0] <= 25
