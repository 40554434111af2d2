"""签审: what a filler presents is handed in by the signature of the unit's head, and by nobody else's."""

from dataclasses import dataclass

import pytest
from django.test import Client

from assessments import entries, evidence, signing
from assessments.models import Entry, EntryStage, Evidence, Phase, Round, ScoreEvent, Shape, SignOff
from assessments.refusals import KeyReused, NotNow, ReasonNeeded
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import text, visit
from units.models import AuditEvent, Notice, Role, User

pytestmark = pytest.mark.django_db


@dataclass
class Case:
    """A round that asks for the signature, its first unit's items presented."""

    who: Office
    round: Round

    def stages(self) -> set[str]:
        """Where the first unit's items stand."""
        mine = Entry.objects.filter(sheet__round=self.round, unit=self.who.units[0])
        return set(mine.order_by().values_list("stage", flat=True))

    def sign(self, by: User | None = None, key: str = "") -> SignOff:
        """The signature of the first unit's head."""
        return signing.sign(self.round, self.who.units[0], by=by or self.who.signers[0], key=key or o.key())

    def hand_back(self, reason: str, by: User | None = None, key: str = "") -> int:
        """The first item back to the filler."""
        one = o.entry(self.round, "主动公开")
        by = by or self.who.signers[0]
        return signing.hand_back(self.round, self.who.units[0], [one.pk], reason, by=by, key=key or o.key())

    def present(self) -> entries.Submission:
        """What the filler does."""
        return entries.submit(self.round, self.who.units[0], by=self.who.fillers[0], key=o.key())


@pytest.fixture
def case() -> Case:
    """Two items, both presented."""
    who = o.office()
    round_ = o.opened(who, spec={"公开": (("主动公开", "4"), ("政策解读", "1"))})
    Round.objects.filter(pk=round_.pk).update(sign_off=True)
    round_.refresh_from_db()
    o.fill(o.entry(round_, "主动公开"), "3", who.fillers[0], "缺两项")
    o.fill(o.entry(round_, "政策解读"), "1", who.fillers[0])
    made = Case(who, round_)
    made.present()
    return made


def _pages(case: Case, user: User) -> tuple[Client, str]:
    return visit(user), f"/worklist/{case.round.pk}/sign/"


def test_what_the_filler_submits_waits_for_the_head_of_the_unit(case: Case) -> None:
    assert case.stages() == {EntryStage.SIGNING}
    assert Notice.objects.get(person=case.who.signers[0], kind="待签审").subject.endswith("有 2 项等待您签审")
    assert not Notice.objects.filter(person=case.who.fillers[0], kind="待签审").exists()


def test_the_signature_hands_everything_in_and_leaves_a_row_for_each_item(case: Case) -> None:
    made = case.sign()
    assert case.stages() == {EntryStage.SUBMITTED}
    assert (made.count, made.by, signing.agrees(made)) == (2, case.who.signers[0], True)
    assert list(ScoreEvent.objects.filter(action="sign").values_list("actor", flat=True)) == [made.by_id] * 2
    assert AuditEvent.objects.filter(action="签审自评", detail__digest=made.digest).exists()


@pytest.mark.parametrize("role", [Role.FILLER, Role.OFFICE, Role.REVIEWER, Role.LEADER])
def test_nobody_but_the_head_signs_or_hands_back(case: Case, role: Role) -> None:
    people = {Role.FILLER: case.who.fillers[0], Role.OFFICE: case.who.office}
    people |= {Role.REVIEWER: case.who.reviewer, Role.LEADER: case.who.leader}
    with pytest.raises(NotNow):
        case.sign(people[role])
    with pytest.raises(NotNow):
        case.hand_back("补充", people[role])
    assert case.stages() == {EntryStage.SIGNING}


def test_the_head_of_another_unit_signs_nothing(case: Case) -> None:
    with pytest.raises(NotNow, match="本单位"):
        case.sign(case.who.signers[1])
    client, path = _pages(case, case.who.signers[1])
    assert client.get(path).status_code == 404
    assert client.post(path, {"action": "sign", "key": o.key()}).status_code == 404


def test_presented_items_are_neither_typed_into_nor_accepted(case: Case) -> None:
    one = o.entry(case.round, "主动公开")
    with pytest.raises(NotNow, match="待签审"):
        entries.save(one, entries.SelfAssessment("4"), version=one.version, key=o.key(), by=case.who.fillers[0])
    o.in_phase(case.round, Phase.REVIEW)
    with pytest.raises(NotNow, match="待签审"):
        entries.accept(one, version=one.version, key=o.key(), by=case.who.office)
    assert entries.accept_undisputed(case.round, by=case.who.office) == 0


def test_what_the_head_hands_back_returns_to_the_filler_with_the_reason_and_comes_again(case: Case) -> None:
    assert case.hand_back("原因写得太简单") == 1
    one = o.entry(case.round, "主动公开")
    assert (one.stage, one.review_reason) == (EntryStage.RETURNED, "单位负责人：原因写得太简单")
    assert o.entry(case.round, "政策解读").stage == EntryStage.SIGNING
    assert "原因写得太简单" in Notice.objects.get(person=case.who.fillers[0], kind="未通过签审").subject
    o.fill(one, "3.5", case.who.fillers[0], "缺办事指南一项")
    assert case.present().count == 1
    assert case.sign().count == 2


def test_handing_back_needs_a_reason_and_something_that_waits(case: Case) -> None:
    with pytest.raises(ReasonNeeded):
        case.hand_back("  ")
    with pytest.raises(NotNow, match="没有等待签审的项"):
        signing.hand_back(case.round, case.who.units[0], [], "补充", by=case.who.signers[0], key=o.key())


def test_the_same_click_signs_once_and_hands_back_once(case: Case) -> None:
    back = [case.hand_back("补充", key="one") for _ in range(2)]
    assert back == [1, 1]
    with pytest.raises(KeyReused):
        case.hand_back("别的话", key="one")
    assert case.sign(key="two").pk == case.sign(key="two").pk
    assert ScoreEvent.objects.filter(action="hand-back").count() == 1
    assert ScoreEvent.objects.filter(action="sign").count() == 1
    with pytest.raises(NotNow, match="没有等待签审的项"):
        case.sign()


def test_what_was_presented_in_time_may_be_signed_while_the_office_reviews_but_not_later(case: Case) -> None:
    o.in_phase(case.round, Phase.OBJECTION)
    with pytest.raises(NotNow):
        case.sign()
    o.in_phase(case.round, Phase.REVIEW)
    assert case.sign().count == 2


def test_words_changed_after_the_signature_are_counted(case: Case) -> None:
    case.sign()
    signed = signing.last(case.round, case.who.units[0])
    assert signed is not None
    assert signed.changed == 0
    one = o.entry(case.round, "主动公开")
    entries.give_back(one, "补充", version=one.version, key=o.key(), by=case.who.office)
    evidence.add_all(one, [], "https://www.example.gov.cn/a", "目录", by=case.who.fillers[0])
    assert Evidence.objects.count() == 1
    signed = signing.last(case.round, case.who.units[0])
    assert signed is not None
    assert signed.changed == 1


def test_a_signature_changed_by_hand_no_longer_agrees(case: Case) -> None:
    made = case.sign()
    made.items = {**made.items, next(iter(made.items)): "0" * 64}
    assert not signing.agrees(made)


def test_a_round_that_does_not_ask_for_it_is_handed_in_by_the_filler_as_ever() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    assert o.entry(round_, "主动公开").stage == EntryStage.SUBMITTED
    assert not SignOff.objects.exists()


def test_in_a_round_of_many_units_a_head_signs_the_own_sheet_alone() -> None:
    who = o.office()
    round_ = o.opened(who, shape=Shape.PER_UNIT, spec={"公开": (("主动公开", "4"),)})
    Round.objects.filter(pk=round_.pk).update(sign_off=True)
    round_.refresh_from_db()
    for unit, filler in zip(who.units, who.fillers, strict=True):
        o.fill(o.entry(round_, "主动公开", unit), "4", filler)
        entries.submit(round_, unit, by=filler, key=o.key())
    signing.sign(round_, who.units[0], by=who.signers[0], key=o.key())
    stages = [o.entry(round_, "主动公开", unit).stage for unit in who.units]
    assert stages == [EntryStage.SUBMITTED, EntryStage.SIGNING]


# ---- the pages -----------------------------------------------------------------------------------


def test_the_head_reads_signs_and_sees_who_signed(case: Case) -> None:
    client, path = _pages(case, case.who.signers[0])
    assert "签审 2 项" in text(client, "/worklist/")
    page = text(client, path)
    assert "自评合计 4.00/5.00 分" in page
    assert "缺两项" in page
    client.post(path, {"action": "sign", "key": o.key()})
    assert case.stages() == {EntryStage.SUBMITTED}
    assert "没有等待签审的项" in text(client, path)


def test_the_filler_reads_what_waits_and_is_told_who_signs(case: Case) -> None:
    client, path = _pages(case, case.who.fillers[0])
    page = text(client, path)
    assert "由本单位负责人登录后签审" in page
    assert 'value="sign"' not in page
    assert client.post(path, {"action": "sign", "key": o.key()}).status_code == 422


def test_a_refused_way_back_keeps_the_ticks_and_the_words(case: Case) -> None:
    client, path = _pages(case, case.who.signers[0])
    one = o.entry(case.round, "主动公开")
    answer = client.post(path, {"action": "hand-back", "entry": [one.pk], "reason": " ", "key": o.key()})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "退回填报员要写明原因" in page
    assert page.count(" checked") == 1


def test_the_submit_page_shows_what_changed_since_it_was_handed_in(case: Case) -> None:
    case.sign()
    one = o.entry(case.round, "主动公开")
    entries.give_back(one, "补充", version=one.version, key=o.key(), by=case.who.office)
    client = visit(case.who.fillers[0])
    path = f"/worklist/{case.round.pk}/submit/"
    assert "上次提交后的改动" not in text(client, path)
    o.fill(one, "3.5", case.who.fillers[0], "缺一项")
    page = text(client, path)
    assert "3，缺两项" in page
    assert "3.5，缺一项" in page
    assert "提交后改动 1 项" in text(client, f"/worklist/{case.round.pk}/")


def test_an_administrator_sets_the_switch_when_the_round_is_made() -> None:
    who = o.office()
    on = o.ledger(who.organisation, leads=who.units)
    form = {
        "name": "须签审的轮次",
        "shape": "allocated",
        "not_applicable": "drop",
        "bands": "合格 60",
        "sign_off": "on",
    }
    visit(who.office).post(f"/rounds/new/{on.pk}/", form)
    assert Round.objects.get().sign_off
