"""Many people at once: nothing is lost, nothing doubled, nothing between a lock and its round. PostgreSQL only."""

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import TypeVar

import pytest
from django.db import connection

from assessments import entries, impact, objections, rebasing, rollup, rounds, sealing, tasks
from assessments.amending import amend
from assessments.entries import BadScore, ChangedMeanwhile, NotNow, SelfAssessment
from assessments.models import Entry, EntryStage, Phase, Round, ScoreAmendment, ScoreEvent
from indicators import versions
from indicators.importing import import_file
from indicators.models import Indicator
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.test_scored import FILE
from units.models import AuditEvent, Role
from units.offices import found

T = TypeVar("T")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="SQLite lets one person write at a time; set DATABASE_URL"
    ),
]

TRIES = 12
FULL = SelfAssessment("1")


def together(acts: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """What each act gave or raised, all started at the same moment on connections of their own."""
    start = threading.Barrier(len(acts))
    found_: list[T | Exception] = [RuntimeError("not run")] * len(acts)

    def run(at: int) -> None:
        start.wait()
        try:
            found_[at] = acts[at]()
        except Exception as raised:
            found_[at] = raised
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[at]) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found_


def small(who: Office) -> Round:
    """A round of two items in self-assessment."""
    return o.opened(who, spec={"公开内容": (("主动公开", "4"), ("政策解读", "1"))})


def test_of_two_reviewers_with_one_form_one_wins_and_the_other_is_told() -> None:
    who = o.office()
    round_ = o.handed_in(who, small(who), {"主动公开": "3"})
    for number in range(TRIES):
        one = o.entry(round_, "主动公开")
        version, events = one.version, ScoreEvent.objects.count()
        texts = (f"{number % 4}.5"[:3], f"{number % 3}.25")
        acts = [
            partial(entries.adjust, one, text, "核减", version=version, key=o.key(), by=by)
            for text, by in zip(texts, (who.office, who.reviewer), strict=True)
        ]
        answers = together(acts)
        won = [answer for answer in answers if isinstance(answer, Entry)]
        told = [answer for answer in answers if isinstance(answer, ChangedMeanwhile)]
        assert (len(won), len(told)) == (1, 1), answers
        assert told[0].entry.final_score == won[0].final_score == Entry.objects.get(pk=one.pk).final_score
        assert ScoreEvent.objects.count() == events + 1


def test_one_click_sent_ten_times_at_once_is_stored_once() -> None:
    who = o.office()
    for _ in range(TRIES // 3):
        one, click = o.entry(small(who), "主动公开"), o.key()
        values = SelfAssessment("3", "更新不及时")
        acts = [partial(entries.save, one, values, version=0, key=click, by=who.fillers[0])] * 10
        assert [getattr(answer, "version", answer) for answer in together(acts)] == [1] * 10
        assert ScoreEvent.objects.filter(entry=one).count() == 1


def test_ten_keys_with_one_version_are_one_save_and_nine_conflicts() -> None:
    who = o.office()
    one = o.entry(small(who), "主动公开")
    acts = [
        partial(entries.save, one, SelfAssessment(text), version=0, key=o.key(), by=who.fillers[0])
        for text in (f"{at / 4:.2f}" for at in range(10))
    ]
    answers = together(acts)
    assert sum(isinstance(answer, Entry) for answer in answers) == 1
    assert sum(isinstance(answer, ChangedMeanwhile) for answer in answers) == 9
    assert ScoreEvent.objects.count() == 1


def test_handing_in_twice_at_once_hands_in_once() -> None:
    who = o.office()
    for same_key in (True, False) * (TRIES // 4):
        round_ = small(who)
        for name, score in (("主动公开", "4"), ("政策解读", "1")):
            o.fill(o.entry(round_, name), score, who.fillers[0])
        keys = [o.key()] * 2 if same_key else [o.key(), o.key()]
        acts = [partial(entries.submit, round_, who.units[0], by=who.signers[0], key=key) for key in keys]
        counts = sorted(getattr(answer, "count", -1) for answer in together(acts))
        assert counts == ([2, 2] if same_key else [0, 2])
        assert ScoreEvent.objects.filter(entry__sheet__round=round_, action="submit").count() == 2


def test_a_score_is_saved_before_publishing_or_refused_after_and_never_between() -> None:
    who = o.office()
    for _ in range(TRIES):
        round_ = o.handed_in(who, small(who), {"主动公开": "3"})
        entries.accept_undisputed(round_, by=who.office)
        late = o.entry(round_, "政策解读")
        late = entries.give_back(late, "补充", version=late.version, key=o.key(), by=who.office)
        acts: list[Callable[[], Entry | Round]] = [
            partial(entries.save, late, FULL, version=late.version, key=o.key(), by=who.fillers[0]),
            partial(rounds.publish, round_, by=who.office, blank_is_zero=True),
        ]
        saved, published = together(acts)
        if isinstance(saved, Entry):
            assert isinstance(published, rounds.StillOpen)
        else:
            assert isinstance(saved, NotNow)
            assert isinstance(published, Round)
            assert sealing.verify(Round.objects.get(pk=round_.pk)) == []
            assert Entry.objects.get(pk=late.pk).self_score is None


def test_a_review_is_in_the_seal_or_refused() -> None:
    who = o.office()
    for _ in range(TRIES):
        round_ = o.handed_in(who, small(who), {"主动公开": "3"})
        entries.accept_undisputed(round_, by=who.office)
        one = o.entry(round_, "主动公开")
        acts: list[Callable[[], Entry | Round]] = [
            partial(entries.adjust, one, "1", "核减", version=one.version, key=o.key(), by=who.reviewer),
            partial(rounds.publish, round_, by=who.office, blank_is_zero=True),
        ]
        together(acts)
        done = Round.objects.get(pk=round_.pk)
        assert done.phase == Phase.PUBLISHED
        assert sealing.verify(done) == []


def test_opening_a_round_twice_at_once_opens_it_once() -> None:
    who = o.office()
    round_ = o.prepared(who, o.ledger(who.organisation, leads=who.units))
    answers = together([lambda: rounds.open_round(round_, by=who.office)] * 4)
    assert {getattr(answer, "phase", answer) for answer in answers} == {Phase.SELF_ASSESSMENT}
    assert Entry.objects.count() == 4
    assert AuditEvent.objects.filter(action="开启考核轮次").count() == 1


def test_an_opening_delivered_to_four_workers_opens_the_round_once() -> None:
    who = o.office()
    round_ = o.prepared(who, o.ledger(who.organisation, leads=who.units))
    job = rounds.ask_to_open(round_, by=who.office)
    assert job is not None
    together([partial(tasks.open_round, job.pk)] * 4)
    assert Entry.objects.count() == 4
    assert AuditEvent.objects.filter(action="开启考核轮次").count() == 1


def test_two_people_of_the_office_correct_one_score_at_once_and_one_is_told() -> None:
    who = o.office()
    round_ = o.in_phase(small(who), Phase.REVIEW)
    round_ = rounds.publish(round_, by=who.office, blank_is_zero=True)
    entry, second = o.entry(round_, "主动公开"), o.person(who.organisation, Role.OFFICE)
    acts = [
        partial(amend, entry=entry, score=Decimal(at), code="error", reason="核", by=by, number=1, key=o.key())
        for at, by in enumerate((who.office, second), start=1)
    ]
    said = together(acts)
    assert sorted(type(one).__name__ for one in said) == ["NotNow", "ScoreAmendment"]
    assert (ScoreAmendment.objects.count(), ScoreEvent.objects.filter(action="amend").count()) == (1, 1)
    assert sealing.verify(Round.objects.get(pk=round_.pk)) == []


def test_a_correction_sent_ten_times_at_once_is_one_correction() -> None:
    who = o.office()
    round_ = rounds.publish(o.in_phase(small(who), Phase.REVIEW), by=who.office, blank_is_zero=True)
    entry, key = o.entry(round_, "主动公开"), o.key()
    act = partial(amend, entry=entry, score=Decimal(2), code="error", reason="核", by=who.office, number=1, key=key)
    assert len({one.pk for one in together([act] * 10) if isinstance(one, ScoreAmendment)}) == 1
    assert ScoreAmendment.objects.count() == 1


def test_a_score_meets_a_new_version_of_the_ledger_before_it_or_after_it_and_is_never_lost() -> None:
    for _ in range(TRIES // 3):
        who = o.office(o.key())
        round_ = small(who)
        ledger = versions.new_version(round_.ledger, by=who.office)
        Indicator.objects.filter(ledger=ledger, name="主动公开").update(points=Decimal(3))
        entry, seen = o.entry(round_, "主动公开"), impact.plan(round_, ledger).seen
        four = partial(entries.save, entry, SelfAssessment("4"), version=0, key=o.key(), by=who.fillers[0])
        change = partial(rebasing.apply, round_, ledger, seen=seen, ticked=(), reason="调整", by=who.office)
        saved, applied = together([four, change])
        now = Entry.objects.get(pk=entry.pk)
        if isinstance(saved, Entry):
            assert isinstance(applied, NotNow)
            assert (now.self_score, now.maximum) == (4, 4)
        else:
            assert isinstance(saved, ChangedMeanwhile | BadScore)
            assert (now.self_score, now.maximum) == (None, 3)


def test_a_filled_in_ledger_delivered_to_two_workers_makes_one_round() -> None:
    organisation = found(name="某县人民政府")
    ledger = import_file(FILE.name, FILE.read_bytes(), organisation=organisation, by=None)[0]
    answers = together([lambda: rounds.from_scores(ledger, by=None)] * 3)
    assert len({getattr(answer, "pk", answer) for answer in answers}) == 1
    assert (Round.objects.count(), Entry.objects.count()) == (1, 36)


def test_preparing_two_rounds_at_once_waits_and_does_not_lock_up() -> None:
    who = o.office()
    on = o.ledger(who.organisation)
    answers = together([lambda: o.prepared(who, on)] * 4)
    assert all(isinstance(answer, Round) for answer in answers), answers


def test_summing_saving_and_accepting_at_once_do_not_lock_each_other_out() -> None:
    who = o.office(units=[f"单位 {at}" for at in range(6)])
    round_ = o.opened(who, shape="per-unit")
    for at in range(6):
        o.fill(o.entry(round_, "主动公开", who.units[at]), "3", who.fillers[at], "缺")
        entries.submit(round_, who.units[at], by=who.fillers[at], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    sheets = list(round_.sheets.values_list("pk", flat=True))
    acts: list[Callable[[], object]] = [
        lambda: entries.accept_undisputed(round_, by=who.office),
        lambda: rollup.roll_up(sheets),
        lambda: rollup.roll_up(reversed(sheets)),
        lambda: rollup.rank_round(round_),
        lambda: entries.accept_undisputed(round_, by=who.reviewer),
    ]
    answers = together(acts)
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert {answers[0], answers[4]} in ({0, 6}, {6})
    assert Entry.objects.filter(stage=EntryStage.ACCEPTED).count() == 6
    assert ScoreEvent.objects.filter(action="accept").count() == 6


def in_objection(who: Office) -> Entry:
    """A reviewed entry that lost a point, in the objection phase."""
    round_ = o.handed_in(who, small(who), {"主动公开": "3"})
    entries.accept_undisputed(round_, by=who.office)
    o.in_phase(round_, Phase.OBJECTION)
    return o.entry(round_, "主动公开")


def test_two_people_of_a_unit_object_at_once_and_one_objection_is_filed() -> None:
    for turn in range(TRIES):
        who = o.office(f"第 {turn} 县")
        one = in_objection(who)
        file = partial(objections.file, one, "已补齐", version=one.version)
        answers = together([partial(file, key=o.key(), by=by) for by in (who.fillers[0], who.signers[0])])
        assert sorted(type(answer).__name__ for answer in answers) == ["ChangedMeanwhile", "Objection"]
        assert one.objections.count() == one.events.filter(action="object").count() == 1


def test_two_people_of_the_office_answer_at_once_and_one_answer_counts() -> None:
    for turn in range(TRIES):
        who = o.office(f"第 {turn} 县")
        one = in_objection(who)
        made = objections.file(one, "已补齐", version=one.version, key=o.key(), by=who.fillers[0])
        other = o.person(who.organisation, Role.OFFICE)
        yes = partial(objections.answer, made, True, "材料有效", "4", by=who.office)
        no = partial(objections.answer, made, False, "材料不足", None, by=other)
        answers = together([yes, no])
        assert sorted(type(answer).__name__ for answer in answers) == ["NotNow", "Objection"]
        one.refresh_from_db()
        assert one.earned == (4 if one.objections.get().state == "upheld" else 3)
        assert one.events.filter(action="answer").count() == 1
