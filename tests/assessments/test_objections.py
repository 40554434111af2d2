"""申诉: a unit objects to a reviewed score, the office answers, and the score that counts follows the answer."""

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.db import IntegrityError, transaction

from assessments import entries, objections, rounds
from assessments.models import Entry, EntryState, LateException, Objection, Phase, Round, ScoreEvent
from assessments.objections import BadScore, ChangedMeanwhile, NotNow, ReasonNeeded
from assessments.refusals import StillOpen
from tests.assessments import office as o
from tests.assessments.office import Office
from units.models import AuditEvent

pytestmark = pytest.mark.django_db

SCORES = {"主动公开": "4", "政策解读": "0.5", "回应关切": "2", "网站建设": "3"}
LAST = date(2026, 9, 10)


@pytest.fixture
def who() -> Office:
    """A county with two units."""
    return o.office()


def reviewed(who: Office) -> Round:
    """A round in objection: 主动公开 marked down from 4 to 3, 政策解读 accepted at 0.5 of 1, the others full."""
    round_ = o.handed_in(who, o.opened(who), SCORES)
    one = o.entry(round_, "主动公开")
    entries.adjust(one, "3", "缺一处", version=one.version, key=o.key(), by=who.reviewer)
    entries.accept_undisputed(round_, by=who.reviewer)
    return rounds.advance(round_, Phase.OBJECTION, by=who.office)


def filed(who: Office, round_: Round, name: str = "主动公开", reason: str = "栏目已补齐") -> Objection:
    """An objection of the first unit, from a page that was fresh."""
    one = o.entry(round_, name)
    return objections.file(one, reason, version=one.version, key=o.key(), by=who.fillers[0])


def scores(one: Entry) -> list[str | None]:
    """Self, reviewed, objection, final and earned, as they stand."""
    one.refresh_from_db()
    stages = (one.self_score, one.reviewed_score, one.objection_score, one.final_score, one.earned)
    return [None if score is None else f"{score:.2f}" for score in stages]


def test_an_objection_is_stored_with_its_reason_its_history_and_its_audit_line(who: Office) -> None:
    round_ = reviewed(who)
    made = filed(who, round_)
    assert (made.state, made.reason, made.filed_by, made.score_before) == ("filed", "栏目已补齐", who.fillers[0], 3)
    event = ScoreEvent.objects.get(action="object")
    assert (event.entry, event.actor, event.reason, event.changes) == (made.entry, who.fillers[0], "栏目已补齐", {})
    line = AuditEvent.objects.filter(action="提出申诉").get()
    assert (line.actor, line.detail["entry"]) == (who.fillers[0], made.entry_id)
    assert scores(made.entry) == ["4.00", "3.00", None, "3.00", "3.00"]


def test_an_upheld_objection_sets_the_score_that_counts_and_leaves_the_other_stages(who: Office) -> None:
    round_ = reviewed(who)
    one = objections.answer(filed(who, round_), True, "材料有效", "3.5", by=who.office)
    assert (one.state, one.score, one.answer, one.answered_by) == ("upheld", 3.5, "材料有效", who.office)
    assert scores(one.entry) == ["4.00", "3.00", "3.50", "3.50", "3.50"]
    event = ScoreEvent.objects.get(action="answer")
    assert event.changes == {"objection_score": [None, "3.5"], "final_score": ["3", "3.5"], "earned": ["3", "3.5"]}
    assert event.reason == "同意：材料有效"
    assert o.sheet(round_).stale_since is not None
    line = AuditEvent.objects.get(action="答复申诉")
    assert (line.detail["outcome"], line.detail["before"], line.detail["after"]) == ("同意", "3", "3.5")


def test_a_refused_objection_leaves_every_score_and_keeps_the_words(who: Office) -> None:
    round_ = reviewed(who)
    one = objections.answer(filed(who, round_), False, "材料晚于考核期", "4", by=who.office)
    assert (one.state, one.score, one.answer) == ("refused", None, "材料晚于考核期")
    assert scores(one.entry) == ["4.00", "3.00", None, "3.00", "3.00"]
    assert ScoreEvent.objects.get(action="answer").changes == {}


def test_a_refused_claim_of_not_applicable_can_be_objected_to(who: Office) -> None:
    round_ = o.opened(who)
    one = o.entry(round_, "网站建设")
    entries.save(
        one, entries.SelfAssessment("", "没有网站", not_applicable=True), version=0, key=o.key(), by=who.fillers[0]
    )
    o.handed_in(who, round_, {"主动公开": "4"})
    one.refresh_from_db()
    entries.adjust(one, "0", "应建网站", version=one.version, key=o.key(), by=who.office)
    o.in_phase(round_, Phase.OBJECTION)
    answered = objections.answer(filed(who, round_, "网站建设"), True, "已有集约化平台", "2", by=who.office)
    assert scores(answered.entry) == [None, "0.00", "2.00", "2.00", "2.00"]
    assert answered.entry.state == EntryState.SCORED


def test_an_accepted_score_below_its_points_can_be_objected_to_and_a_full_one_cannot(who: Office) -> None:
    round_ = reviewed(who)
    assert filed(who, round_, "政策解读").state == "filed"
    with pytest.raises(NotNow, match="没有失分"):
        filed(who, round_, "回应关切")
    assert set(Entry.objects.disputable().values_list("indicator__name", flat=True)) == {"主动公开", "政策解读"}


def test_while_one_is_open_no_second_is_taken_and_after_the_answer_one_is(who: Office) -> None:
    round_ = reviewed(who)
    first = filed(who, round_)
    with pytest.raises(NotNow, match="还没有答复"):
        filed(who, round_, reason="再说一遍")
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.create(entry=first.entry, reason="绕过", filed_by=who.fillers[0])
    objections.answer(first, False, "材料不足", None, by=who.office)
    assert filed(who, round_, reason="补充了材料").state == "filed"


def test_words_are_needed_on_both_sides(who: Office) -> None:
    round_ = reviewed(who)
    with pytest.raises(ReasonNeeded, match="申诉要写明理由"):
        filed(who, round_, reason="  ")
    one = filed(who, round_)
    for upheld in (True, False):
        with pytest.raises(ReasonNeeded, match="答复要写明理由"):
            objections.answer(one, upheld, " ", "4", by=who.office)
    assert Objection.objects.get().state == "filed"


@pytest.mark.parametrize(
    ("score", "sentence"),
    [
        ("", "没有填写"),
        (None, "没有填写"),
        ("5", "不能超过 4"),
        ("3", "要高于现得分 3"),
        ("2", "要高于现得分"),
        ("x", "数字"),
    ],
)
def test_an_upheld_objection_needs_a_score_above_the_present_one_and_within_the_points(
    who: Office, score: str | None, sentence: str
) -> None:
    one = filed(who, reviewed(who))
    with pytest.raises(BadScore, match=sentence):
        objections.answer(one, True, "同意", score, by=who.office)
    assert Objection.objects.get().state == "filed"
    assert scores(one.entry)[2:] == [None, "3.00", "3.00"]


def test_the_same_click_is_one_objection_and_the_same_answer_one_answer(who: Office) -> None:
    round_ = reviewed(who)
    entry, click = o.entry(round_, "主动公开"), o.key()
    made = [objections.file(entry, "已补齐", version=entry.version, key=click, by=who.fillers[0]) for _ in range(2)]
    assert made[0] == made[1]
    said = [objections.answer(made[0], True, "材料有效", "4", by=who.office) for _ in range(2)]
    assert said[0] == said[1]
    assert [ScoreEvent.objects.filter(action=action).count() for action in ("object", "answer")] == [1, 1]
    with pytest.raises(NotNow, match="答复：同意"):
        objections.answer(made[0], False, "又不同意", None, by=who.office)
    with pytest.raises(NotNow, match="不一致"):
        objections.file(entry, "换了话", version=entry.version, key=click, by=who.fillers[0])


def test_a_page_older_than_the_review_files_nothing(who: Office) -> None:
    round_ = reviewed(who)
    entry = o.entry(round_, "主动公开")
    with pytest.raises(ChangedMeanwhile):
        objections.file(entry, "已补齐", version=entry.version - 1, key=o.key(), by=who.fillers[0])
    assert not Objection.objects.exists()


def test_only_the_units_own_people_file_and_only_the_office_answers(who: Office) -> None:
    round_ = reviewed(who)
    entry = o.entry(round_, "主动公开")
    for stranger in (who.fillers[1], who.office, who.reviewer, who.leader, o.office("邻县人民政府").fillers[0]):
        with pytest.raises(NotNow):
            objections.file(entry, "越权", version=entry.version, key=o.key(), by=stranger)
    one = objections.file(entry, "负责人提出", version=entry.version, key=o.key(), by=who.signers[0])
    for stranger in (who.fillers[0], who.signers[0], who.reviewer, who.leader, o.office("邻县").office):
        with pytest.raises(NotNow):
            objections.answer(one, True, "越权", "4", by=stranger)
    assert Objection.objects.get().state == "filed"


@pytest.mark.parametrize("phase", [Phase.SELF_ASSESSMENT, Phase.REVIEW])
def test_outside_the_objection_phase_nothing_is_filed_or_answered(who: Office, phase: str) -> None:
    round_ = reviewed(who)
    one = filed(who, round_)
    o.in_phase(round_, phase)
    with pytest.raises(NotNow, match="阶段，不能申诉"):
        filed(who, round_, "政策解读")
    with pytest.raises(NotNow, match="阶段，不能答复申诉"):
        objections.answer(one, False, "不同意", None, by=who.office)


def test_the_last_day_ends_filing_for_the_unit_without_an_exception_and_never_the_answering(who: Office) -> None:
    round_ = reviewed(who)
    Round.objects.filter(pk=round_.pk).update(objection_due=LAST)
    with time_machine.travel("2026-09-10T23:59:59+08:00", tick=False):
        one = filed(who, round_)
    with time_machine.travel("2026-09-11T00:00:00+08:00", tick=False):
        with pytest.raises(NotNow, match="申诉已于 2026 年 9 月 10 日截止"):
            filed(who, round_, "政策解读")
        LateException.objects.create(
            round=round_,
            unit=who.units[0],
            phase=Phase.OBJECTION,
            until=date(2026, 9, 12),
            reason="汛期",
            granted_by=who.office,
        )
        assert filed(who, round_, "政策解读").state == "filed"
        assert objections.answer(one, False, "材料不足", None, by=who.office).state == "refused"


def test_open_objections_keep_the_round_in_its_phase_and_unpublished(who: Office) -> None:
    round_ = reviewed(who)
    one = filed(who, round_)
    with pytest.raises(NotNow, match="还有 1 件申诉没有答复"):
        rounds.advance(round_, Phase.REVIEW, by=who.office)
    with pytest.raises(StillOpen, match="还有 1 项没有审核完"):
        rounds.publish(round_, by=who.office)
    objections.answer(one, True, "材料有效", "4", by=who.office)
    published = rounds.publish(round_, by=who.office)
    assert o.sheet(published).total == 9.5
    with pytest.raises(NotNow, match="已公布"):
        filed(who, round_, "政策解读")


@pytest.mark.parametrize(
    "again",
    [
        lambda one, who: entries.adjust(one, "1", "再核", version=one.version, key=o.key(), by=who.reviewer),
        lambda one, who: entries.give_back(one, "补充", version=one.version, key=o.key(), by=who.reviewer),
    ],
)
def test_an_upheld_score_is_not_reviewed_away(who: Office, again: Callable[[Entry, Office], Entry]) -> None:
    round_ = reviewed(who)
    one = objections.answer(filed(who, round_), True, "材料有效", "4", by=who.office)
    rounds.advance(round_, Phase.REVIEW, by=who.office)
    one.entry.refresh_from_db()
    with pytest.raises(NotNow, match="以复核得分为准"):
        again(one.entry, who)
    assert scores(one.entry) == ["4.00", "3.00", "4.00", "4.00", "4.00"]


def test_the_items_of_a_shared_score_are_objected_to_at_the_first(who: Office) -> None:
    round_ = reviewed(who)
    home, other = o.entry(round_, "主动公开"), o.entry(round_, "回应关切")
    Entry.objects.filter(pk=other.pk).update(shared_home=home, earned=None)
    with pytest.raises(NotNow, match="合并的第一项"):
        filed(who, round_, "回应关切")
