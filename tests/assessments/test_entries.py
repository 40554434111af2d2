"""What a unit and the office do to entries, and what is refused."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from assessments import entries
from assessments.entries import BadScore, ChangedMeanwhile, KeyReused, NotNow, ReasonNeeded, SelfAssessment
from assessments.models import Entry, EntryStage, EntryState, Phase, Round, ScoreEvent
from tests.assessments import office as o
from tests.assessments.office import Office
from units.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> Office:
    """The office with two units."""
    return o.office()


@pytest.fixture
def round_(who: Office) -> Round:
    """An allocated round in self-assessment; 教育局 leads every item."""
    return o.opened(who)


def save(one: Entry, text: str, by: User, reason: str = "", *, claim: bool = False, key: str = "") -> Entry:
    """As the worksheet saves one row."""
    one.refresh_from_db()
    return entries.save(one, SelfAssessment(text, reason, claim), version=one.version, key=key or o.key(), by=by)


# ---- saving ------------------------------------------------------------------------------------


def test_a_saved_score_counts_at_once_and_leaves_one_history_row(who: Office, round_: Round) -> None:
    one = save(o.entry(round_, "主动公开"), " ３．５ ", who.fillers[0], "栏目更新不及时")
    stored = Entry.objects.get(pk=one.pk)
    assert (stored.self_score, stored.earned, stored.state) == (Decimal("3.5"), Decimal("3.5"), EntryState.SCORED)
    assert (stored.self_reason, stored.self_by, stored.version) == ("栏目更新不及时", who.fillers[0], 1)
    event = ScoreEvent.objects.get(entry=one)
    assert (event.action, event.actor, event.source, event.reason) == (
        "save",
        who.fillers[0],
        "form",
        "栏目更新不及时",
    )
    assert event.changes["self_score"] == [None, "3.5"]
    assert event.changes["state"] == ["unscored", "scored"]


def test_a_later_save_keeps_what_stood_before_in_the_history(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    save(one, "3", who.fillers[0])
    save(one, "2.25", who.signers[0])
    events = ScoreEvent.objects.filter(entry=one)
    assert [event.changes["self_score"] for event in events] == [[None, "3"], ["3", "2.25"]]


def test_a_blank_takes_the_score_back_and_is_no_zero(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    save(one, "0", who.fillers[0])
    assert Entry.objects.get(pk=one.pk).earned == 0
    save(one, "  ", who.fillers[0])
    stored = Entry.objects.get(pk=one.pk)
    assert (stored.self_score, stored.earned, stored.state) == (None, None, EntryState.UNSCORED)


@pytest.mark.parametrize("text", ["4.01", "-1", "NaN", "1e1", "0.00001", "三", "1,5", "∞", "5²"])
def test_what_is_no_score_for_the_item_is_refused_and_not_stored(who: Office, round_: Round, text: str) -> None:
    one = o.entry(round_, "主动公开")
    with pytest.raises(BadScore):
        save(one, text, who.fillers[0])
    assert not ScoreEvent.objects.exists()
    assert Entry.objects.get(pk=one.pk).version == 0


def test_the_database_refuses_a_score_above_the_points(round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(pk=one.pk).update(state="scored", earned=5)


def test_saving_what_already_stands_there_adds_no_history(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    save(one, "3", who.fillers[0])
    assert save(one, "3.0", who.fillers[0]).version == 1
    assert ScoreEvent.objects.count() == 1


def test_a_claim_of_not_applicable_needs_a_reason(who: Office, round_: Round) -> None:
    with pytest.raises(ReasonNeeded, match="申请不涉及要写明原因"):
        save(o.entry(round_, "主动公开"), "", who.fillers[0], "  ", claim=True)


def test_a_claim_with_a_score_is_refused_rather_than_the_score_dropped(who: Office, round_: Round) -> None:
    with pytest.raises(BadScore, match="不填自评得分"):
        save(o.entry(round_, "主动公开"), "2", who.fillers[0], "没有这项职能", claim=True)


def test_a_claim_stays_unscored_until_the_office_grants_it(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    save(one, "", who.fillers[0], "没有这项职能", claim=True)
    assert Entry.objects.get(pk=one.pk).state == EntryState.UNSCORED
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    one.refresh_from_db()
    entries.accept(one, version=one.version, key=o.key(), by=who.office)
    stored = Entry.objects.get(pk=one.pk)
    assert (stored.state, stored.earned, stored.final_score) == (EntryState.NOT_APPLICABLE, None, None)
    assert stored.stage == EntryStage.ACCEPTED


def test_a_reason_longer_than_a_page_is_refused(who: Office, round_: Round) -> None:
    with pytest.raises(ReasonNeeded, match="最多 2000 字"):
        save(o.entry(round_, "主动公开"), "1", who.fillers[0], "长" * 2001)


def test_characters_no_database_keeps_are_taken_out_of_a_reason(who: Office, round_: Round) -> None:
    assert save(o.entry(round_, "主动公开"), "1", who.fillers[0], "缺\x00项").self_reason == "缺项"


# ---- who may -----------------------------------------------------------------------------------


def test_another_units_people_cannot_save(who: Office, round_: Round) -> None:
    with pytest.raises(NotNow, match="这不是本单位的填报项"):
        save(o.entry(round_, "主动公开"), "1", who.fillers[1])


def test_an_account_of_another_organisation_cannot_review(who: Office, round_: Round) -> None:
    stranger = o.office("邻县人民政府").office
    o.handed_in(who, round_, {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    with pytest.raises(NotNow, match="您的账号不能办理"):
        entries.accept(one, version=one.version, key=o.key(), by=stranger)


def test_an_account_without_a_role_can_do_nothing(round_: Round) -> None:
    nobody = User.objects.create(username="nobody")
    with pytest.raises(NotNow, match="您的账号不能办理"):
        save(o.entry(round_, "主动公开"), "1", nobody)


def test_an_item_nobody_leads_is_scored_by_the_office_and_cannot_be_returned(who: Office) -> None:
    on = o.ledger(who.organisation)
    round_ = o.rounds.open_round(o.prepared(who, on), by=who.office)
    o.in_phase(round_, Phase.REVIEW)
    one = o.entry(round_, "主动公开")
    with pytest.raises(NotNow, match="没有牵头单位"):
        entries.give_back(one, "补充", version=0, key=o.key(), by=who.office)
    done = entries.adjust(one, "2", "按网站检查结果", version=0, key=o.key(), by=who.office)
    assert (done.final_score, done.self_score, done.stage) == (2, None, EntryStage.ACCEPTED)


# ---- twice and at once -------------------------------------------------------------------------


def test_the_same_click_twice_is_answered_alike_and_stored_once(who: Office, round_: Round) -> None:
    one, click = o.entry(round_, "主动公开"), o.key()
    values = SelfAssessment("3", "更新不及时")
    first = entries.save(one, values, version=0, key=click, by=who.fillers[0])
    again = entries.save(one, values, version=0, key=click, by=who.fillers[0])
    assert (again.version, again.self_score) == (first.version, first.self_score) == (1, 3)
    assert ScoreEvent.objects.count() == 1


def test_the_same_key_with_other_content_is_a_conflict(who: Office, round_: Round) -> None:
    one, click = o.entry(round_, "主动公开"), o.key()
    entries.save(one, SelfAssessment("3"), version=0, key=click, by=who.fillers[0])
    for values, by in [
        (SelfAssessment("2"), who.fillers[0]),
        (SelfAssessment("3", "另有原因"), who.fillers[0]),
        (SelfAssessment("3"), who.signers[0]),
    ]:
        with pytest.raises(KeyReused):
            entries.save(one, values, version=1, key=click, by=by)
    assert Entry.objects.get(pk=one.pk).self_score == 3
    assert ScoreEvent.objects.count() == 1


def test_a_key_of_one_action_is_not_one_of_another(who: Office, round_: Round) -> None:
    one, click = o.entry(round_, "主动公开"), o.key()
    entries.save(one, SelfAssessment("4"), version=0, key=click, by=who.fillers[0])
    with pytest.raises(KeyReused):
        entries.submit(round_, who.units[0], by=who.fillers[0], key=click)


@pytest.mark.parametrize("bad", ["", "x" * 65])
def test_a_form_without_a_proper_key_is_out_of_date(who: Office, round_: Round, bad: str) -> None:
    with pytest.raises(NotNow, match="页面已过期"):
        entries.save(o.entry(round_, "主动公开"), SelfAssessment("3"), version=0, key=bad, by=who.fillers[0])


def test_an_older_form_is_told_what_stands_there_now(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    save(one, "3", who.fillers[0])
    with pytest.raises(ChangedMeanwhile) as refused:
        entries.save(one, SelfAssessment("2"), version=0, key=o.key(), by=who.signers[0])
    assert (refused.value.entry.self_score, refused.value.entry.version) == (3, 1)
    assert Entry.objects.get(pk=one.pk).self_score == 3


# ---- submitting --------------------------------------------------------------------------------


def test_complete_entries_are_handed_in_and_the_others_named(who: Office, round_: Round) -> None:
    save(o.entry(round_, "主动公开"), "4", who.fillers[0])
    save(o.entry(round_, "政策解读"), "0.5", who.fillers[0], "缺一篇解读")
    save(o.entry(round_, "回应关切"), "1.5", who.fillers[0])
    found = entries.submit(round_, who.units[0], by=who.signers[0], key=o.key())
    assert found.count == 2
    told = {Entry.objects.get(pk=one.entry_id).indicator.name: one.message for one in found.blocked}
    assert told == {
        "回应关切": "自评得分低于满分 2 分，要写明扣分原因。",
        "网站建设": "还没有填自评得分。",
    }
    stages = dict(Entry.objects.values_list("indicator__name", "stage"))
    assert stages == {"主动公开": "submitted", "政策解读": "submitted", "回应关切": "filling", "网站建设": "filling"}
    assert Entry.objects.get(indicator__name="网站建设").self_score is None


def test_each_entry_handed_in_has_its_history_row_and_time(who: Office, round_: Round) -> None:
    one = save(o.entry(round_, "主动公开"), "4", who.fillers[0])
    entries.submit(round_, who.units[0], by=who.signers[0], key=o.key())
    event = ScoreEvent.objects.get(entry=one, action="submit")
    assert (event.changes, event.actor) == ({"stage": ["filling", "submitted"]}, who.signers[0])
    assert Entry.objects.get(pk=one.pk).submitted_at == event.at


def test_submitting_twice_with_one_key_is_answered_alike(who: Office, round_: Round) -> None:
    save(o.entry(round_, "主动公开"), "4", who.fillers[0])
    click = o.key()
    first = entries.submit(round_, who.units[0], by=who.fillers[0], key=click)
    again = entries.submit(round_, who.units[0], by=who.fillers[0], key=click)
    assert (first.count, again.count) == (1, 1)
    assert first.blocked == again.blocked
    assert ScoreEvent.objects.filter(action="submit").count() == 1


def test_a_unit_hands_in_only_its_own(who: Office) -> None:
    round_ = o.opened(who, shape="per-unit")
    for at in (0, 1):
        save(o.entry(round_, "主动公开", who.units[at]), "4", who.fillers[at])
    assert entries.submit(round_, who.units[1], by=who.fillers[1], key=o.key()).count == 1
    assert o.entry(round_, "主动公开", who.units[0]).stage == EntryStage.FILLING
    with pytest.raises(NotNow, match="这不是本单位的填报项"):
        entries.submit(round_, who.units[0], by=who.fillers[1], key=o.key())


def test_what_was_never_handed_in_stays_with_the_office_in_review(who: Office, round_: Round) -> None:
    save(o.entry(round_, "主动公开"), "4", who.fillers[0])
    o.in_phase(round_, Phase.REVIEW)
    found = entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    assert found.count == 0
    assert len(found.blocked) == 4


# ---- reviewing ---------------------------------------------------------------------------------


def test_accepting_keeps_the_units_score_as_reviewed_and_final(who: Office, round_: Round) -> None:
    o.handed_in(who, round_, {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    entries.accept(one, version=one.version, key=o.key(), by=who.reviewer)
    stored = Entry.objects.get(pk=one.pk)
    assert (stored.self_score, stored.reviewed_score, stored.final_score, stored.earned) == (3, 3, 3, 3)
    assert (stored.stage, stored.reviewed_by) == (EntryStage.ACCEPTED, who.reviewer)


def test_an_adjusted_score_stands_beside_the_units_own(who: Office, round_: Round) -> None:
    o.handed_in(who, round_, {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    entries.adjust(one, "2.5", "栏目空白", version=one.version, key=o.key(), by=who.office)
    stored = Entry.objects.get(pk=one.pk)
    assert (stored.self_score, stored.reviewed_score, stored.final_score) == (3, Decimal("2.5"), Decimal("2.5"))
    assert (stored.earned, stored.review_reason, stored.self_reason) == (Decimal("2.5"), "栏目空白", "材料不全")
    event = ScoreEvent.objects.get(entry=one, action="adjust")
    assert event.changes["earned"] == ["3", "2.5"]
    assert event.reason == "栏目空白"


def test_another_score_than_the_units_needs_a_reason_and_the_same_needs_none(who: Office, round_: Round) -> None:
    o.handed_in(who, round_, {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    with pytest.raises(ReasonNeeded, match="审核得分与自评不同"):
        entries.adjust(one, "4", "", version=one.version, key=o.key(), by=who.office)
    assert entries.adjust(one, "3", "", version=one.version, key=o.key(), by=who.office).final_score == 3


def test_the_office_cannot_give_more_than_the_points(who: Office, round_: Round) -> None:
    o.handed_in(who, round_, {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    with pytest.raises(BadScore, match="审核得分不能超过 4"):
        entries.adjust(one, "4.5", "加分", version=one.version, key=o.key(), by=who.office)


def test_a_returned_entry_is_filled_in_again_and_handed_in_again(who: Office, round_: Round) -> None:
    o.handed_in(who, round_, {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    with pytest.raises(ReasonNeeded, match="退回要写明原因"):
        entries.give_back(one, " ", version=one.version, key=o.key(), by=who.office)
    entries.give_back(one, "附上截图", version=one.version, key=o.key(), by=who.office)
    save(one, "3.5", who.fillers[0], "截图已附")
    assert entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key()).count == 1
    stored = Entry.objects.get(pk=one.pk)
    assert (stored.stage, stored.earned, stored.review_reason) == (EntryStage.SUBMITTED, Decimal("3.5"), "附上截图")


def test_returning_what_was_accepted_withdraws_the_review_and_the_history_keeps_it(who: Office, round_: Round) -> None:
    o.handed_in(who, round_, {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    done = entries.adjust(one, "2", "栏目空白", version=one.version, key=o.key(), by=who.office)
    entries.give_back(one, "重新核对", version=done.version, key=o.key(), by=who.office)
    stored = Entry.objects.get(pk=one.pk)
    assert (stored.reviewed_score, stored.final_score, stored.earned) == (None, None, 3)
    event = ScoreEvent.objects.get(entry=one, action="return")
    assert event.changes["reviewed_score"] == ["2", None]


def test_the_office_may_score_what_it_does_not_accept_as_not_applicable(who: Office, round_: Round) -> None:
    one = save(o.entry(round_, "主动公开"), "", who.fillers[0], "没有这项职能", claim=True)
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    one.refresh_from_db()
    done = entries.adjust(one, "0", "职责清单里有", version=one.version, key=o.key(), by=who.office)
    assert (done.state, done.earned) == (EntryState.SCORED, 0)


def test_accepting_in_one_go_takes_all_scores_and_leaves_claims(who: Office, round_: Round) -> None:
    save(o.entry(round_, "政策解读"), "", who.fillers[0], "没有这项职能", claim=True)
    o.handed_in(who, round_, {"主动公开": "3", "回应关切": "2"})
    assert entries.accept_undisputed(round_, by=who.reviewer) == 2
    assert entries.accept_undisputed(round_, by=who.reviewer) == 0
    stages = dict(Entry.objects.values_list("indicator__name", "stage"))
    assert stages == {"主动公开": "accepted", "政策解读": "submitted", "回应关切": "accepted", "网站建设": "filling"}
    finals = Entry.objects.filter(stage="accepted").order_by("indicator__lft").values_list("final_score", flat=True)
    assert list(finals) == [3, 2]
    events = ScoreEvent.objects.filter(action="accept", actor=who.reviewer).order_by("entry__indicator__lft")
    assert [event.changes for event in events] == [
        {"stage": ["submitted", "accepted"], "reviewed_score": [None, score], "final_score": [None, score]}
        for score in ("3", "2")
    ]


def test_accepting_in_one_go_can_be_for_one_unit(who: Office) -> None:
    round_ = o.opened(who, shape="per-unit")
    for at in (0, 1):
        save(o.entry(round_, "主动公开", who.units[at]), "4", who.fillers[at])
        entries.submit(round_, who.units[at], by=who.fillers[at], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    assert entries.accept_undisputed(round_, unit=who.units[1], by=who.office) == 1
    assert o.entry(round_, "主动公开", who.units[0]).stage == EntryStage.SUBMITTED


def test_a_unit_cannot_accept_its_own_scores(who: Office, round_: Round) -> None:
    o.handed_in(who, round_, {"主动公开": "3"})
    with pytest.raises(NotNow, match="“填报员”不能通过"):
        entries.accept_undisputed(round_, by=who.fillers[0])


@pytest.mark.parametrize("together", [False, True])
def test_why_an_entry_once_went_back_is_history_and_no_opinion_on_the_accepted_score(together: bool) -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    entries.give_back(one, "佐证打不开", version=one.version, key=o.key(), by=who.reviewer)
    o.fill(one, "3.5", who.fillers[0], "已补充")
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    one.refresh_from_db()
    if together:
        entries.accept_undisputed(round_, by=who.reviewer)
    else:
        entries.accept(one, version=one.version, key=o.key(), by=who.reviewer)
    one.refresh_from_db()
    assert (one.reviewed_score, one.review_reason) == (Decimal("3.5"), "")
    assert one.events.get(action="return").reason == "佐证打不开"
    assert one.events.get(action="accept").changes["review_reason"] == ["佐证打不开", ""]
