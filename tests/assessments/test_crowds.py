"""Fifty people in one round at once: nothing lost, doubled or overwritten unseen, and nothing after the lock.

PostgreSQL only. `--whole` brings the whole size: 10,000 scores, 2,000 forms of one entry, 2,500 saves too late.
"""

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TypeVar

import pytest
from django.db import OperationalError, connection

from assessments import entries, rollup, rounds
from assessments.entries import ChangedMeanwhile, NotNow, SelfAssessment
from assessments.models import Entry, NodeScore, Phase, ScoreEvent, ScoreSheet
from tests.assessments import office as o
from tests.assessments.test_concurrency import together
from units.models import Role

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite lets one person write at a time; set DATABASE_URL"
    ),
]

T = TypeVar("T")

PEOPLE = 50
SCORES = ("2", "1.5", "0.25", "0")


def insist(act: Callable[[], T]) -> T:
    """What the act gives, asked again under the same key while the database is too busy to take it."""
    while True:
        try:
            return act()
        except OperationalError as refused:
            if "lock timeout" not in str(refused):
                raise


def test_fifty_people_scoring_different_items_lose_nothing_and_double_nothing(whole: bool) -> None:
    each = 200 if whole else 40
    who = o.office(units=[f"单位 {at}" for at in range(PEOPLE)])
    spec = {f"指标 {top}": [(f"评估点 {top}-{at}", "2") for at in range(each)] for top in range(PEOPLE)}
    on = o.ledger(who.organisation, spec, who.units)
    round_ = rounds.open_round(o.prepared(who, on), by=who.office)
    mine = [list(Entry.objects.filter(unit=unit).select_related("sheet")) for unit in who.units]
    done, took = threading.Event(), list[float]()

    def edit(at: int) -> int:
        for number, entry in enumerate(mine[at]):
            score, begun = SelfAssessment(SCORES[number % 4], "更新不及时"), time.monotonic()
            insist(partial(entries.save, entry, score, version=0, key=o.key(), by=who.fillers[at]))
            took.append(time.monotonic() - begun)
        return len(mine[at])

    def sum_meanwhile() -> int:
        made = 0
        while not done.wait(0.05):
            insist(lambda: rollup.roll_up([one.pk for one in ScoreSheet.objects.filter(stale_since__isnull=False)]))
            made += 1
        return made

    def edit_all() -> int:
        saved = together([partial(edit, at) for at in range(PEOPLE)])
        done.set()
        return sum(one for one in saved if isinstance(one, int))

    saved, made = together([edit_all, sum_meanwhile])
    print(f"{saved} scores, p95 {sorted(took)[len(took) * 95 // 100] * 1000:.0f} ms, summed {made} times meanwhile")
    assert (saved, isinstance(made, int)) == (PEOPLE * each, True)
    events = ScoreEvent.objects.values_list("entry_id", flat=True)
    assert len(events) == len(set(events)) == PEOPLE * each
    assert not Entry.objects.exclude(version=1).exists()
    rollup.roll_up([one.pk for one in ScoreSheet.objects.filter(stale_since__isnull=False)])
    sheet, (now,) = o.sheet(round_), rollup.computed(round_)
    # every editor: each of the four scores as often, 3.75 together
    assert (sheet.earned, sheet.pending) == (now.earned, 0) == (PEOPLE * each // 4 * Decimal("3.75"), 0)
    stored = dict(NodeScore.objects.values_list("indicator_id", "earned"))
    assert stored == {node: total.earned for node, total in now.nodes.items()}


def test_of_fifty_people_with_one_form_one_wins_and_each_other_sees_the_winners_value(whole: bool) -> None:
    who = o.office()
    round_ = o.opened(who, spec={"公开内容": (("主动公开", "4"),)})
    people = [o.person(who.organisation, Role.FILLER, who.units[0]) for _ in range(PEOPLE)]
    turns, told = (40 if whole else 3), 0
    for turn in range(turns):
        one = o.entry(round_, "主动公开")
        # none of them what stands there already
        texts = [f"{1 + at / 20 + turn % 2 / 100:.2f}" for at in range(PEOPLE)]
        acts = [
            partial(entries.save, one, SelfAssessment(text, "缺项"), version=one.version, key=o.key(), by=by)
            for text, by in zip(texts, people, strict=True)
        ]
        answers = together([partial(insist, act) for act in acts])
        won = [answer for answer in answers if isinstance(answer, Entry)]
        others = [answer for answer in answers if isinstance(answer, ChangedMeanwhile)]
        assert (len(won), len(others)) == (1, PEOPLE - 1), answers
        now = o.entry(round_, "主动公开")
        assert {other.entry.self_score for other in others} == {won[0].self_score} == {now.self_score}
        assert (ScoreEvent.objects.count(), now.version) == (turn + 1, turn + 1)
        told += len(others)
    print(f"{turns * PEOPLE} forms of one entry, {turns} saved, {told} told")


def test_after_a_round_has_moved_on_not_one_more_score_is_written(whole: bool) -> None:
    size, after = (PEOPLE, 50) if whole else (8, 5)
    who = o.office(units=[f"单位 {at}" for at in range(size)])
    round_ = o.opened(who, shape="per-unit")
    moved, counted, late = threading.Event(), list[int](), list[int]()

    def edit(at: int) -> int:
        one, made, refused = o.entry(round_, "主动公开", who.units[at]), 0, 0
        while refused < after:
            begun_after = moved.is_set()
            values = SelfAssessment(str((made + refused) % 4))
            try:
                one = insist(partial(entries.save, one, values, version=one.version, key=o.key(), by=who.fillers[at]))
                made += 1
                assert not begun_after
            except NotNow:
                refused += begun_after
        late.append(refused)
        return made

    def move_on() -> int:
        while ScoreEvent.objects.count() < size * 5:
            time.sleep(0.01)
        insist(partial(rounds.advance, round_, Phase.REVIEW, by=who.office))
        counted.append(ScoreEvent.objects.count())
        moved.set()
        return 0

    answers = together([*(partial(edit, at) for at in range(size)), move_on])
    assert all(isinstance(answer, int) for answer in answers), answers
    stored = ScoreEvent.objects.count()
    print(f"{counted[0]} saved before the lock, {sum(late)} tried after it, {stored - counted[0]} of them saved")
    assert sum(late) == size * after
    assert sum(answer for answer in answers if isinstance(answer, int)) == counted[0] == stored
