"""What was entered for rules goes along to a new version of the ledger where the rule is the same; else it is named."""

from decimal import Decimal

import pytest

from assessments import chain, entries, impact, rebasing, rounds
from assessments.entries import SelfAssessment
from assessments.models import Entry, Phase, Round
from indicators import editing, versions
from indicators.models import Indicator, Ledger
from indicators.terms import Typed
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import queries, text, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> Office:
    """A county with two units."""
    return o.office()


@pytest.fixture
def round_(who: Office) -> Round:
    """主动公开 counted three times, 政策解读 with one of two parts met; reviewed is nothing yet."""
    ledger = o.ledger(who.organisation, o.PLAIN, who.units[:1])
    items = {item.name: item for item in ledger.indicators.filter(is_item=True)}
    editing.set_rule(items["主动公开"], Typed("per_occurrence", deduct="0.5", cap="2"), by=who.office)
    editing.set_rule(items["政策解读"], Typed("checklist", parts="0.6 同步解读\n0.4 多种形式"), by=who.office)
    made = rounds.open_round(o.prepared(who, ledger), by=who.office)
    answered(who, o.entry(made, "主动公开"), "3")
    answered(who, o.entry(made, "政策解读"), "1", "0")
    return made


def answered(who: Office, one: Entry, *values: str) -> Entry:
    """The entry with what its one rule asks for."""
    name = f"rule-{one.indicator.rules.get().pk}"
    names = [name] if len(values) == 1 else [f"{name}-{at}" for at in range(len(values))]
    sent = SelfAssessment("", answers=dict(zip(names, values, strict=True)))
    return entries.save(one, sent, version=one.version, key=o.key(), by=who.fillers[0])


def newer(who: Office, round_: Round) -> Ledger:
    """A draft of the next version, without a difference yet."""
    return versions.new_version(round_.ledger, by=who.office)


def applied(who: Office, round_: Round, ledger: Ledger) -> Round:
    """The round on the new version, all of it ticked."""
    made = impact.plan(round_, ledger)
    ticked = [one.key for one in made.to_tick]
    rebasing.apply(round_, ledger, seen=made.seen, ticked=ticked, reason="上级调整细则", by=who.office)
    return Round.objects.get(pk=round_.pk)


def shown(client_page: str) -> str:
    """The part of the preview that has to be ticked."""
    return client_page.split("影响已填内容的变动")[1].split("</section>", maxsplit=1)[0]


def test_an_answer_stands_under_the_same_rule_of_the_new_version(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    assert impact.plan(round_, ledger).changes == ()
    before = o.entry(round_, "主动公开")
    now = applied(who, round_, ledger)
    one = o.entry(now, "主动公开")
    assert one.indicator.ledger == ledger
    assert one.rule_answer == {str(one.indicator.rules.get().pk): 3} != before.rule_answer
    assert (one.self_score, one.rule_score) == (Decimal("2.5"), Decimal("2.5"))
    assert one.version == before.version + 1  # a page with the old rule's fields is told
    page = text(visit(who.fillers[0]), f"/worklist/{now.pk}/")
    assert 'value="3"' in page.split(f'id="entry-{one.pk}"')[1].split("</tr>")[0]
    assert "按细则得 2.50 分" in page
    assert chain.walk(now) == []
    again = answered(who, one, "4")
    assert again.self_score == 2


def test_what_falls_away_is_named_in_the_preview_and_has_to_be_ticked(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    item = ledger.indicators.get(name="主动公开")
    editing.set_rule(item, Typed("per_occurrence", deduct="1"), rule=item.rules.get(), by=who.office)
    [change] = impact.plan(round_, ledger).changes
    assert (change.kind, change.name, change.entries, change.filled, change.to_tick) == (
        "answers", "主动公开", 1, 1, True,
    )  # fmt: skip
    assert (change.before, change.after) == ("每次扣 0.5 分，最多扣 2 分", "每次扣 1 分")
    page = shown(text(visit(who.office), f"/rounds/{round_.pk}/ledger/"))
    assert "每次扣 0.5 分，最多扣 2 分 → 每次扣 1 分" in page
    assert "按原细则填的次数、比例或勾选作废" in page
    now = applied(who, round_, ledger)
    one, other = o.entry(now, "主动公开"), o.entry(now, "政策解读")
    assert (one.self_score, one.rule_answer, one.rule_score) == (Decimal("2.5"), {}, None)
    assert list(other.rule_answer.values()) == [[True, False]]
    told = one.events.latest("pk")
    assert (told.action, told.changes["rule_score"]) == ("rebase", ["2.5", None])
    entries.submit(now, who.units[0], by=who.fillers[0], key=o.key())
    o.in_phase(now, Phase.REVIEW)
    desk = text(visit(who.office), f"/reviews/{now.pk}/?show=off-rules")
    assert "没有按细则填写" in desk
    assert f'id="entry-{other.pk}"' not in desk


def test_other_points_under_the_same_rule_say_what_it_gives_now(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    Indicator.objects.filter(ledger=ledger, name="主动公开").update(points=Decimal(5))
    now = applied(who, round_, ledger)
    one = o.entry(now, "主动公开")
    assert (one.self_score, one.rule_score, one.is_off_rules) == (Decimal("2.5"), Decimal("3.5"), True)


def test_a_score_that_goes_takes_its_answer_along(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    Indicator.objects.filter(ledger=ledger, name="主动公开").update(points=Decimal(2))
    assert [one.kind for one in impact.plan(round_, ledger).changes] == ["over"]
    one = o.entry(applied(who, round_, ledger), "主动公开")
    assert (one.self_score, one.rule_answer, one.rule_score) == (None, {}, None)


def test_a_reviewers_count_goes_along_too(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    one.refresh_from_db()
    answers = {f"rule-{one.indicator.rules.get().pk}": "4"}
    entries.adjust(one, "", "", version=one.version, key=o.key(), by=who.office, answers=answers)
    now = applied(who, Round.objects.get(pk=round_.pk), newer(who, round_))
    one = o.entry(now, "主动公开")
    rule = str(one.indicator.rules.get().pk)
    assert (one.rule_answer, one.review_answer, one.reviewed_score) == ({rule: 3}, {rule: 4}, 2)


def test_the_preview_costs_the_same_for_any_number_of_dropped_answers(who: Office, round_: Round) -> None:
    ledger, client = newer(who, round_), visit(who.office)
    names = ("主动公开", "政策解读")
    counted = []
    for name in names:
        item = ledger.indicators.get(name=name)
        editing.refuse(item.rules.get(), by=who.office)
        counted.append(queries(client, f"/rounds/{round_.pk}/ledger/"))
    assert counted[0] == counted[1]
