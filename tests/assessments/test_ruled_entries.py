"""Where the office has accepted a rule, counts and ticks make the score: in 填报, in 审核, with and without script."""

import re
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from assessments import entries, rounds, sealing
from assessments.entries import SelfAssessment
from assessments.models import Entry, EntryStage, Phase, Round, ScoreEvent
from assessments.refusals import ReasonNeeded
from indicators import editing
from indicators.models import ScoringRule
from indicators.terms import Typed
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import FETCH, queries, text, visit
from tests.by_hand import by_hand

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> Office:
    """The office of a county."""
    return o.office()


@pytest.fixture
def round_(who: Office) -> Round:
    """主动公开 (4 points) loses 0.5 each time, 政策解读 (1 point) has two parts; the rest is scored by hand."""
    ledger = o.ledger(who.organisation, o.PLAIN, who.units[:1])
    items = {item.name: item for item in ledger.indicators.filter(is_item=True)}
    editing.set_rule(items["主动公开"], Typed("per_occurrence", deduct="0.5", cap="2"), by=who.office)
    editing.set_rule(items["政策解读"], Typed("checklist", parts="0.6 同步解读\n0.4 多种形式"), by=who.office)
    ScoringRule.objects.create(indicator=items["网站建设"], kind="all_or_nothing", source="未建设的不得分")
    return rounds.open_round(o.prepared(who, ledger), by=who.office)


def rule_of(one: Entry) -> str:
    return f"rule-{one.indicator.rules.get().pk}"


def answer(one: Entry, answers: dict[str, str], who: Office, score: str = "", reason: str = "") -> Entry:
    one.refresh_from_db()
    values = SelfAssessment(score, reason, answers=answers)
    return entries.save(one, values, version=one.version, key=o.key(), by=who.fillers[0])


def test_a_count_makes_the_score_and_the_reason_and_is_kept_in_the_history(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    saved = answer(one, {rule_of(one): "3"}, who)
    assert (saved.self_score, saved.earned) == (Decimal("2.5"), Decimal("2.5"))
    assert saved.self_reason == "每次扣 0.5 分，发生 3 次，扣 1.5 分"
    event = ScoreEvent.objects.get(entry=one)
    assert event.changes["rule_answer"] == [{}, {str(one.indicator.rules.get().pk): 3}]
    assert (event.source, event.changes["self_score"]) == ("form", [None, "2.5"])
    assert entries.obstacle(saved) is None


def test_a_new_count_changes_score_and_sentence_and_leaves_the_units_own_words(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    name = rule_of(one)
    first = answer(one, {name: "3"}, who, reason="已约谈")
    second = answer(one, {name: "9"}, who, score="2.5", reason=first.self_reason)
    assert second.self_score == 2
    assert second.self_reason == "每次扣 0.5 分，发生 9 次，应扣 4.5 分，上限 2 分，扣 2 分\n已约谈"
    third = answer(one, {name: ""}, who, score="2", reason=second.self_reason)
    assert (third.self_score, third.self_reason, third.rule_answer) == (None, "已约谈", {})


def test_another_score_than_the_rules_give_stands_as_typed_and_is_not_handed_in_without_a_reason(
    who: Office, round_: Round
) -> None:
    one = o.entry(round_, "主动公开")
    first = answer(one, {rule_of(one): "3"}, who)
    typed = answer(one, {rule_of(one): "3"}, who, score="4", reason=first.self_reason)
    assert (typed.self_score, typed.rule_score, typed.self_reason) == (4, Decimal("2.5"), "")
    assert typed.rule_answer == first.rule_answer
    assert entries.obstacle(typed) == "自评得分与按细则算出的 2.5 分不同，要写明原因。"
    done = entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    assert one.pk in {blocked.entry_id for blocked in done.blocked}
    again = answer(one, {rule_of(one): "3"}, who, score="4", reason="两次为系统故障")
    assert (again.self_score, again.self_reason, entries.obstacle(again)) == (4, "两次为系统故障", None)
    back = answer(one, {rule_of(one): "1"}, who, score="4", reason="两次为系统故障")
    assert (back.self_score, back.rule_score) == (Decimal("3.5"), Decimal("3.5"))
    assert back.self_reason == "每次扣 0.5 分，发生 1 次，扣 0.5 分\n两次为系统故障"


def test_a_row_whose_score_nobody_touched_keeps_what_stood(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    answer(one, {rule_of(one): "3"}, who)
    answer(one, {rule_of(one): "3"}, who, score="4", reason="系统故障")
    kept = answer(one, {rule_of(one): "3"}, who, score="4.00", reason="系统故障，有记录")
    assert (kept.self_score, kept.rule_score, kept.self_reason) == (4, Decimal("2.5"), "系统故障，有记录")
    blank = answer(one, {rule_of(one): "3"}, who, reason="系统故障，有记录")
    assert (blank.self_score, blank.rule_score) == (Decimal("2.5"), Decimal("2.5"))


def test_a_score_that_came_without_the_answer_is_held_to_the_answer_that_stands(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    answer(one, {rule_of(one): "3"}, who)
    one = o.fill(one, "3", who.fillers[0], "一次为系统故障")
    assert (one.self_score, one.rule_score, one.is_off_rules) == (3, Decimal("2.5"), True)
    one = o.fill(one, "2.5", who.fillers[0], "")
    assert (one.is_off_rules, one.self_reason) == (False, "每次扣 0.5 分，发生 3 次，扣 1.5 分")
    one = o.fill(one, "", who.fillers[0])
    assert (one.self_score, one.rule_score, one.rule_answer) == (None, None, {})


def test_grid_paste_form_and_program_say_the_same_of_a_score_beside_the_rules(who: Office, round_: Round) -> None:
    one, mine = o.entry(round_, "主动公开"), visit(who.fillers[0])
    sent = {rule_of(one): "3", "score": "4", "reason": "", "version": 0, "key": o.key()}
    told = mine.post(f"/entries/{one.pk}/save/", sent, **FETCH).json()
    assert (told["state"], told["score"], told["message"]) == ("saved", "4.00", "与细则不符，请写原因")
    page = text(mine, f"/worklist/{round_.pk}/")
    row = page.split(f'id="entry-{one.pk}"')[1].split("</tr>")[0]
    assert "与细则不符，请写原因" in row
    sent |= {"reason": "系统故障", "version": 1, "key": o.key()}
    assert mine.post(f"/entries/{one.pk}/save/", sent, **FETCH).json()["message"] == "与细则不符，审核时会标出"
    assert 'data-state="warned"' not in text(mine, f"/worklist/{round_.pk}/").split(f'id="entry-{one.pk}"')[1][:200]


def test_the_reviewer_sees_and_finds_what_the_rules_do_not_give_and_accepts_it_alone(
    who: Office, round_: Round
) -> None:
    off, unanswered, by_rules = (o.entry(round_, name) for name in ("主动公开", "政策解读", "回应关切"))
    answer(off, {rule_of(off): "3"}, who, score="4", reason="系统故障")
    o.fill(unanswered, "0.5", who.fillers[0], "缺一种")
    o.fill(by_rules, "2", who.fillers[0])
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    page = text(visit(who.office), f"/reviews/{round_.pk}/?show=off-rules")
    rows = {one.pk: page.partition(f'id="entry-{one.pk}"')[2].split("</tr>")[0] for one in (off, unanswered, by_rules)}
    assert "按细则得 2.5 分，自评与细则不符" in rows[off.pk]
    assert "没有按细则填写" in rows[unanswered.pk]
    assert rows[by_rules.pk] == ""
    assert "自评与细则不符" in text(visit(who.office), f"/entries/{off.pk}/")
    assert "自评与细则不符的项不在其中" in text(visit(who.office), f"/reviews/{round_.pk}/accept/")
    assert entries.accept_undisputed(round_, by=who.office) == 2
    off.refresh_from_db()
    assert off.stage == EntryStage.SUBMITTED
    accepted = entries.accept(off, version=off.version, key=o.key(), by=who.office)
    assert accepted.final_score == 4


def test_a_reviewers_own_score_beside_its_own_count_needs_a_reason(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    answer(one, {rule_of(one): "1"}, who)
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    one.refresh_from_db()
    common = {"version": one.version, "by": who.office, "answers": {rule_of(one): "2"}}
    with pytest.raises(ReasonNeeded, match="按细则算出的 3 分不同"):
        entries.adjust(one, "3.5", "", key=o.key(), **common)  # type: ignore[arg-type]
    assert entries.adjust(one, "3.5", "一次有免责", key=o.key(), **common).final_score == Decimal("3.5")  # type: ignore[arg-type]


def test_a_half_checked_list_has_no_score_yet(who: Office, round_: Round) -> None:
    one = o.entry(round_, "政策解读")
    name = rule_of(one)
    half = answer(one, {f"{name}-0": "1", f"{name}-1": ""}, who)
    assert (half.self_score, half.state) == (None, "unscored")
    whole = answer(one, {f"{name}-0": "1", f"{name}-1": "0"}, who)
    assert (whole.self_score, whole.self_reason) == (Decimal("0.6"), "未达到：多种形式（0.4 分）；扣 0.4 分")


def test_what_does_not_apply_needs_no_count(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    answer(one, {rule_of(one): "3"}, who)
    one.refresh_from_db()
    values = SelfAssessment("", "没有这项职能", not_applicable=True, answers={rule_of(one): "3"})
    saved = entries.save(one, values, version=one.version, key=o.key(), by=who.fillers[0])
    assert (saved.claims_not_applicable, saved.self_score, saved.rule_answer) == (True, None, {})


def test_an_item_whose_rule_nobody_accepted_is_scored_by_hand(who: Office, round_: Round) -> None:
    page = text(visit(who.fillers[0]), f"/worklist/{round_.pk}/")
    assert page.count('class="rule-fields"') == 2
    one = o.entry(round_, "网站建设")
    saved = answer(one, {rule_of(one): "0"}, who, score="3")
    assert (saved.self_score, saved.rule_answer) == (3, {})


def test_the_page_saves_counts_without_a_script(who: Office, round_: Round) -> None:
    mine, path = visit(who.fillers[0]), f"/worklist/{round_.pk}/"
    page = text(mine, path)
    names = re.findall(r'name="(e\d+-rule-[\d-]+)"', page)
    assert len(names) == 3
    rows = re.findall(r'name="row" value="([^"]+)"', page)
    form = {"row": rows, "score": [""] * 4, "reason": [""] * 4, "key": o.key()} | dict.fromkeys(names, "")
    assert mine.post(path, form).status_code == 302
    assert not ScoreEvent.objects.exists()  # nothing was touched
    mine.post(path, form | {names[0]: "2"})
    assert o.entry(round_, "主动公开").self_score == 3
    wrong = mine.post(
        path, form | {names[0]: "zwei", "row": re.findall(r'name="row" value="([^"]+)"', text(mine, path))}
    )
    assert wrong.status_code == 422
    assert 'value="zwei"' in wrong.content.decode()


def test_a_saved_row_answers_with_the_score_its_rule_gave(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    form = {rule_of(one): "1", "score": "", "reason": "", "version": 0, "key": o.key()}
    told = visit(who.fillers[0]).post(f"/entries/{one.pk}/save/", form, **FETCH).json()
    assert (told["state"], told["score"], told["reason"]) == ("saved", "3.50", "每次扣 0.5 分，发生 1 次，扣 0.5 分")
    bad = visit(who.fillers[0]).post(
        f"/entries/{one.pk}/save/", form | {rule_of(one): "x", "version": 1, "key": o.key()}, **FETCH
    )
    assert (bad.status_code, bad.json()["field"]) == (422, rule_of(one))


def test_a_colleagues_count_stands_in_the_conflict(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    answer(one, {rule_of(one): "1"}, who)
    form = {rule_of(one): "2", "score": "", "reason": "", "version": 0, "key": o.key()}
    told = visit(who.fillers[0]).post(f"/entries/{one.pk}/save/", form, **FETCH).json()
    assert (told["state"], told["theirs"][rule_of(one)]) == ("conflict", "1")


def test_the_score_is_shown_while_it_is_typed_and_to_the_own_unit_only(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    address = f"/entries/{one.pk}/reckon/?e{one.pk}-{rule_of(one)}=2"
    assert text(visit(who.fillers[0]), address) == "按细则得 3.00 分：每次扣 0.5 分，发生 2 次，扣 1 分"
    assert text(visit(who.reviewer), f"/entries/{one.pk}/reckon/?{rule_of(one)}=-2") == "次数填 0 到 9999 的整数"
    text(visit(who.fillers[1]), address, 404)
    assert not ScoreEvent.objects.exists()


def test_the_office_reviews_by_counting_again_or_by_its_own_score(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    answer(one, {rule_of(one): "1"}, who)
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    page = text(visit(who.office), f"/reviews/{round_.pk}/")
    assert 'placeholder="3.50"' in page
    post = visit(who.office).post
    form = {"action": "adjust", "score": "", "reason": "", rule_of(one): "2", "version": 2, "key": o.key()}
    post(f"/reviews/entries/{one.pk}/", form)
    one.refresh_from_db()
    assert (one.reviewed_score, one.review_reason) == (3, "每次扣 0.5 分，发生 2 次，扣 1 分")
    assert (one.self_score, one.rule_answer, one.stage) == (
        Decimal("3.5"),
        {str(one.indicator.rules.get().pk): 1},
        EntryStage.ACCEPTED,
    )
    assert one.review_answer == {str(one.indicator.rules.get().pk): 2}
    form |= {"score": "1", "reason": "另有情形", "version": 3, "key": o.key()}
    post(f"/reviews/entries/{one.pk}/", form)
    one.refresh_from_db()
    assert (one.reviewed_score, one.review_reason) == (1, "另有情形")
    assert "审核 2 次" in text(visit(who.office), f"/entries/{one.pk}/")


def test_an_answer_is_part_of_what_is_sealed(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    answer(one, {rule_of(one): "1"}, who)
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    entries.accept_undisputed(round_, by=who.office)
    done = rounds.publish(Round.objects.get(pk=round_.pk), by=who.office, blank_is_zero=True)
    assert sealing.verify(done) == []
    with by_hand():
        Entry.objects.filter(pk=one.pk).update(rule_answer={})
    assert any("细则填写" in line for line in sealing.verify(done))


def test_the_database_takes_no_answer_that_is_no_object(round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    for bad in ([1], "3", 3):
        with pytest.raises(IntegrityError), transaction.atomic():
            Entry.objects.filter(pk=one.pk).update(rule_answer=bad)
    assert connection.vendor in {"sqlite", "postgresql"}


def test_rules_cost_a_page_one_query_however_many_there_are(who: Office, round_: Round) -> None:
    with_rules = queries(visit(who.fillers[0]), f"/worklist/{round_.pk}/")
    ScoringRule.objects.all().delete()
    assert queries(visit(who.fillers[0]), f"/worklist/{round_.pk}/") == with_rules
