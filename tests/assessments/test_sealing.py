"""The seal of a published round finds what was changed by hand."""

from decimal import Decimal

import pytest

from assessments import entries, rounds, sealing
from assessments.models import Entry, NodeScore, Round, ScoreSheet
from indicators.models import Indicator
from tests.assessments import office as o
from tests.by_hand import by_hand

pytestmark = pytest.mark.django_db


@pytest.fixture
def published() -> Round:
    """A published round of one sheet, 9.5 of 10."""
    who = o.office()
    scores = {"主动公开": "4", "政策解读": "1", "回应关切": "1.5", "网站建设": "3"}
    round_ = o.handed_in(who, o.opened(who), scores)
    entries.accept_undisputed(round_, by=who.office)
    return rounds.publish(round_, by=who.office)


def test_a_round_nobody_touched_agrees_with_its_seal(published: Round) -> None:
    assert sealing.verify(Round.objects.get(pk=published.pk)) == []


def test_a_round_that_is_not_published_has_nothing_to_verify() -> None:
    round_ = o.opened(o.office())
    assert sealing.verify(round_) == [f"“{round_.name}”还没有公布，没有可以核对的结果。"]


def test_a_score_changed_in_the_database_is_found_and_named(published: Round) -> None:
    with by_hand():
        Entry.objects.filter(indicator__name="回应关切").update(final_score=2, earned=2)
    found = sealing.verify(published)
    assert "评分表 “某县人民政府” 填报项 “回应关切” 最终得分：公布时是 1.5，现在是 2。" in found
    assert any("总分：公布时是 9.5，现在是 10。" in one for one in found)


def test_a_reason_changed_in_the_database_is_found(published: Round) -> None:
    with by_hand():
        Entry.objects.filter(indicator__name="回应关切").update(self_reason="无")
    assert sealing.verify(published) == [
        "评分表 “某县人民政府” 填报项 “回应关切” 扣分原因：公布时是 材料不全，现在是 无。"
    ]


def test_points_changed_in_the_ledger_are_found(published: Round) -> None:
    with by_hand():
        Indicator.objects.filter(name="网站建设").update(points=Decimal("3.5"))
    assert any("“网站建设”" in one and "公布时是 3，现在是 3.5" in one for one in sealing.verify(published))


def test_an_entry_taken_away_is_found(published: Round) -> None:
    changed = Round.objects.get(pk=published.pk)
    sheet = next(iter(changed.snapshot["sheets"].values()))  # type: ignore[index]
    sheet["entries"].popitem()
    with by_hand():
        Round.objects.filter(pk=changed.pk).update(snapshot=changed.snapshot)
    found = sealing.verify(Round.objects.get(pk=published.pk))
    assert found[0] == "公布时保存的结果与校验值不符。"
    assert len(found) == 2


def test_a_stored_total_changed_by_hand_is_found(published: Round) -> None:
    with by_hand():
        ScoreSheet.objects.update(total=10)
    assert sealing.verify(published) == ["“某县人民政府”保存的合计 10 与填报项的合计 9.5 不符。"]


def test_a_stored_sum_of_an_indicator_changed_by_hand_is_found(published: Round) -> None:
    with by_hand():
        NodeScore.objects.filter(indicator__name="公开平台").update(earned=1)
    assert len(sealing.verify(published)) == 1


def test_another_policy_than_the_sealed_one_is_found(published: Round) -> None:
    policy = published.policy | {"ceiling": "90"}
    with by_hand():
        Round.objects.filter(pk=published.pk).update(policy=policy)
    found = sealing.verify(Round.objects.get(pk=published.pk))
    assert any("计分办法" in one for one in found)


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert sealing.digest({"a": "1", "b": {"c": "2", "d": "三"}}) == sealing.digest(
        {"b": {"d": "三", "c": "2"}, "a": "1"}
    )
