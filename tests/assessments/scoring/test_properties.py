"""What is true of every sheet, whatever its tree, marks and policy."""

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.scoring.amounts import as_decimal
from assessments.scoring.policy import Policy
from assessments.scoring.ranking import rank
from assessments.scoring.rollup import Item, Mark, prepare, roll_up
from assessments.scoring.totals import Occurred, settle
from assessments.scoring.trace import Step, explain, explain_all, replay
from tests.assessments.scoring.sheets import POLICIES, Drawn, marked, sheets, slow_own, slow_sums, trees

policies = st.sampled_from(POLICIES)
small = st.integers(0, 40).map(lambda quarters: Decimal(quarters) / 4)


@st.composite
def occurrences(draw: st.DrawFn) -> list[Occurred]:
    caps = st.none() | small
    many = st.lists(st.tuples(st.sampled_from([1, 1, -1]), small, st.integers(0, 3), caps), max_size=4)
    adjustments = [
        Occurred("通报", sign * points, "bonus" if sign > 0 else "penalty", times, cap)
        for sign, points, times, cap in draw(many)
    ]
    veto = Occurred("泄密", None, "veto", draw(st.sampled_from([0, 0, 0, 1])))
    return [*adjustments, veto]


@st.composite
def full_policies(draw: st.DrawFn) -> Policy:
    maybe = st.none() | small
    gate = draw(st.none() | st.sampled_from([Decimal(60), Decimal(80)]))
    ceiling = draw(st.none() | st.sampled_from([Decimal(100), Decimal(110)]))
    return replace(draw(policies), deduction_cap=draw(maybe), bonus_cap=draw(maybe), bonus_gate=gate, ceiling=ceiling)


@given(sheets(), policies)
@settings(max_examples=150, deadline=None)
def test_every_node_holds_the_sum_of_its_items(drawn: Drawn, policy: Policy) -> None:
    totals = roll_up(drawn.items, drawn.marks, policy)
    assert list(totals) == [item.id for item in drawn.items]
    for node, total in totals.items():
        earned, possible, strict, pending = slow_sums(drawn, policy, node)
        assert (total.earned, total.possible, total.strict_possible, total.pending) == (
            as_decimal(earned),
            as_decimal(possible),
            as_decimal(strict),
            pending,
        )


@given(sheets(), policies)
@settings(max_examples=60, deadline=None)
def test_nobody_earns_more_than_was_possible(drawn: Drawn, policy: Policy) -> None:
    for total in roll_up(drawn.items, drawn.marks, policy).values():
        assert 0 <= total.earned <= total.possible <= total.strict_possible


@given(sheets(), policies)
@settings(max_examples=100, deadline=None)
def test_the_parts_add_up_to_the_whole_exactly(drawn: Drawn, policy: Policy) -> None:
    earned = {node: replay(steps) for node, steps in explain_all(prepare(drawn.items), drawn.marks, policy).items()}
    for node, whole in earned.items():
        parts = sum((earned[item.id] for item in drawn.items if item.parent == node), Fraction(0))
        assert parts + slow_own(drawn, policy, node) == whole


@given(sheets(), full_policies(), occurrences())
@settings(max_examples=100, deadline=None)
def test_without_bonuses_a_total_lies_between_nothing_and_the_full_points(
    drawn: Drawn, policy: Policy, happened: list[Occurred]
) -> None:
    root = roll_up(drawn.items, drawn.marks, policy)[100]
    outcome = settle(root, [one for one in happened if one.kind != "bonus"], policy)
    assert 0 <= outcome.total <= root.strict_possible
    for rate in (outcome.so_far_rate, outcome.strict_rate):
        assert rate is None or 0 <= rate <= 100


@given(sheets(), policies, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_in_which_scores_came_in_does_not_matter(drawn: Drawn, policy: Policy, luck: random.Random) -> None:
    shuffled = list(drawn.marks.items())
    luck.shuffle(shuffled)
    assert roll_up(drawn.items, dict(shuffled), policy) == roll_up(drawn.items, drawn.marks, policy)


@given(sheets(), sheets(), policies)
@settings(max_examples=60, deadline=None)
def test_an_outline_prepared_once_serves_every_sheet(drawn: Drawn, other: Drawn, policy: Policy) -> None:
    outline = prepare(drawn.items)
    fitting = {item: mark for item, mark in other.marks.items() if not mark.shared_with and mark.score is None}
    ours = {item.id for item in drawn.items if item.is_item}
    fitting = {item: mark for item, mark in fitting.items() if item in ours}
    for marks in (drawn.marks, fitting, drawn.marks):
        assert roll_up(outline, marks, policy) == roll_up(drawn.items, marks, policy)


@given(sheets(("scored",)), policies)
@settings(max_examples=60, deadline=None)
def test_policies_for_what_is_not_applicable_change_nothing_where_everything_applies(
    drawn: Drawn, policy: Policy
) -> None:
    marks = {item: mark for item, mark in drawn.marks.items() if mark.state == "scored"}
    assert roll_up(drawn.items, marks, policy) == roll_up(drawn.items, marks, Policy())


@given(sheets())
@settings(max_examples=60, deadline=None)
def test_spreading_points_keeps_the_full_points_of_the_sheet(drawn: Drawn) -> None:
    listed = sum(
        (drawn.points(item.id) for item in drawn.items if item.is_item and not _is_exempt(drawn, item.id)), Fraction(0)
    )
    for way in POLICIES[1:3]:
        total = roll_up(drawn.items, drawn.marks, way)[100]
        assert total.strict_possible in (as_decimal(listed), 0)


def _is_exempt(drawn: Drawn, item: int) -> bool:
    return item in drawn.marks and drawn.marks[item].state == "exempt"


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_one_more_item_that_concerns_nobody_never_changes_who_stands_first_when_such_items_are_dropped(
    data: st.DataObject,
) -> None:
    items = data.draw(trees())
    bodies = [data.draw(marked(items)).marks for _ in range(4)]
    parent = data.draw(st.sampled_from([item.id for item in items]))
    more = (*items, Item(999, parent, Decimal(20), True))
    assert _ranks(items, bodies) == _ranks(more, [{**marks, 999: Mark("not_applicable")} for marks in bodies])


def _ranks(items: Sequence[Item], sheets_of_marks: Sequence[dict[int, Mark]]) -> dict[int, int]:
    roots = [roll_up(items, marks, Policy())[100] for marks in sheets_of_marks]
    rates = {body: settle(root, [], Policy()).strict_rate for body, root in enumerate(roots)}
    return rank({body: rate for body, rate in rates.items() if rate is not None})


@given(sheets(), full_policies(), occurrences(), st.none() | st.sampled_from([Decimal(100), Decimal("95.5")]))
@settings(max_examples=150, deadline=None)
def test_the_trace_leads_to_the_total_it_stands_under(
    drawn: Drawn, policy: Policy, happened: list[Occurred], full: Decimal | None
) -> None:
    root = roll_up(drawn.items, drawn.marks, policy)[100]
    outcome = settle(root, happened, policy, full)
    assert as_decimal(replay(outcome.trace)) == outcome.total
    if outcome.so_far_rate is not None:
        assert as_decimal(replay(outcome.so_far_trace)) == outcome.so_far_rate
    for trace in (outcome.trace, outcome.so_far_trace):
        assert [step.result for step in trace] == [replay(trace[: end + 1]) for end in range(len(trace))]


@given(sheets(), full_policies(), occurrences(), st.none() | st.sampled_from([Decimal(100), Decimal("95.5")]))
@settings(max_examples=150, deadline=None)
def test_the_total_is_what_the_rules_give_when_reckoned_by_hand(
    drawn: Drawn, policy: Policy, happened: list[Occurred], full: Decimal | None
) -> None:
    earned, possible, strict, _ = slow_sums(drawn, policy, 100)
    outcome = settle(roll_up(drawn.items, drawn.marks, policy)[100], happened, policy, full)
    if not strict:
        assert (outcome.total, outcome.strict_rate, outcome.so_far_rate) == (Decimal(0), None, None)
        return
    whole = strict if full is None else Fraction(full)
    assert outcome.total == as_decimal(_by_hand(earned * whole / strict, whole, happened, policy))
    if possible:
        so_far = _by_hand(earned * whole / possible, whole, happened, policy)
        assert outcome.so_far_rate == as_decimal(so_far * 100 / whole)


def _by_hand(points: Fraction, whole: Fraction, happened: list[Occurred], policy: Policy) -> Fraction:
    vetoed = any(one.times for one in happened if one.kind == "veto")
    lost, won = _limited(happened, "penalty", policy.deduction_cap), _limited(happened, "bonus", policy.bonus_cap)
    points = (Fraction(0) if vetoed else points) - lost
    open_gate = policy.bonus_gate is None or points > Fraction(policy.bonus_gate) * whole / 100
    points += won if open_gate and not vetoed else 0
    points = max(points, Fraction(0))
    return points if policy.ceiling is None else min(points, Fraction(policy.ceiling) * whole / 100)


def _limited(happened: list[Occurred], kind: str, cap: Decimal | None) -> Fraction:
    amount = Fraction(0)
    for one in happened:
        if one.kind == kind and one.points is not None:
            points = abs(Fraction(one.points)) * one.times
            amount += points if one.cap is None else min(points, Fraction(one.cap))
    return amount if cap is None else min(amount, Fraction(cap))


@given(sheets(), full_policies(), occurrences())
@settings(max_examples=60, deadline=None)
def test_blanks_never_make_the_strict_rate_better_than_the_rate_so_far(
    drawn: Drawn, policy: Policy, happened: list[Occurred]
) -> None:
    outcome = settle(roll_up(drawn.items, drawn.marks, policy)[100], happened, policy)
    if outcome.so_far_rate is not None:
        assert outcome.strict_rate is not None
        assert 0 <= outcome.strict_rate <= outcome.so_far_rate


@given(sheets(), policies)
@settings(max_examples=60, deadline=None)
def test_the_explanation_of_a_node_adds_up_to_what_the_node_shows(drawn: Drawn, policy: Policy) -> None:
    totals = roll_up(drawn.items, drawn.marks, policy)
    for node, total in totals.items():
        steps: tuple[Step, ...] = explain(drawn.items, drawn.marks, policy, node)
        assert as_decimal(replay(steps)) == total.earned
        assert as_decimal(sum((step.possible or Fraction(0) for step in steps), Fraction(0))) == total.possible
