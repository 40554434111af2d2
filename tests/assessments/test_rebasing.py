"""A new version of the ledger reaches an open round only after its impact was looked at, and loses nothing."""

from decimal import Decimal

import pytest

from assessments import chain, entries, impact, rebasing, rollup, rounds, sealing
from assessments.impact import Plan
from assessments.models import Entry, EntryStage, EntryState, Phase, Round, RoundAdjustment, ScoreEvent
from assessments.refusals import NotNow, ReasonNeeded, StillOpen
from assessments.scored import from_scores
from indicators import versions
from indicators.editing import Changes, New, Part, add, edit, retire
from indicators.importing import import_file
from indicators.models import Adjustment, Indicator, Ledger, LedgerStatus
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.test_scored import FILE
from tests.assessments.visits import queries, text, visit
from units.models import AuditEvent

pytestmark = pytest.mark.django_db

SCORES = {"主动公开": "4", "政策解读": "1", "回应关切": "1.5"}


@pytest.fixture
def who() -> Office:
    """A county with two units."""
    return o.office()


@pytest.fixture
def round_(who: Office) -> Round:
    """Three of four items filled in by the first unit; 网站建设 is blank."""
    made = o.opened(who)
    for name, score in SCORES.items():
        o.fill(o.entry(made, name), score, who.fillers[0], "材料不全")
    return made


def newer(who: Office, round_: Round) -> Ledger:
    """A draft of the next version, without a difference yet."""
    return versions.new_version(round_.ledger, by=who.office)


def points(ledger: Ledger, name: str, worth: str) -> None:
    """Other points for one item of the draft."""
    Indicator.objects.filter(ledger=ledger, name=name).update(points=Decimal(worth))


def applied(who: Office, round_: Round, ledger: Ledger) -> Round:
    """The round on the new version, all of it ticked."""
    made = impact.plan(round_, ledger)
    ticked = [one.key for one in made.to_tick]
    rebasing.apply(round_, ledger, seen=made.seen, ticked=ticked, reason="上级调整指标", by=who.office)
    return Round.objects.get(pk=round_.pk)


def said(plan: Plan) -> set[tuple[str, str, int, int, bool]]:
    """What the preview says: kind, name, entries, filled ones, whether it is to be ticked."""
    return {(one.kind, one.name, one.entries, one.filled, one.to_tick) for one in plan.changes}


def test_the_preview_says_what_would_happen_and_writes_nothing(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    retire(ledger.indicators.get(name="政策解读"), by=who.office)
    points(ledger, "回应关切", "1")
    points(ledger, "网站建设", "5")
    add(ledger, New("依申请公开", Decimal(2)), of=ledger.indicators.get(name="公开平台"), by=who.office)
    before = list(Entry.objects.order_by("pk").values())
    assert said(impact.plan(round_, ledger)) == {
        ("removed", "政策解读", 1, 1, True),
        ("over", "回应关切", 1, 1, True),
        ("points", "网站建设", 1, 0, False),
        ("added", "依申请公开", 1, 0, False),
    }
    assert list(Entry.objects.order_by("pk").values()) == before
    assert Ledger.objects.get(pk=ledger.pk).status == LedgerStatus.DRAFT


def test_applied_it_moves_every_entry_and_loses_nothing(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    retire(ledger.indicators.get(name="政策解读"), by=who.office)
    points(ledger, "回应关切", "1")
    add(ledger, New("依申请公开", Decimal(2)), of=ledger.indicators.get(name="公开平台"), by=who.office)
    events = ScoreEvent.objects.count()
    now = applied(who, round_, ledger)
    assert now.ledger == ledger
    assert {entry.indicator.ledger_id for entry in Entry.objects.select_related("indicator")} == {ledger.pk}
    gone = o.entry(now, "政策解读")
    assert (gone.state, gone.self_score, gone.earned) == (EntryState.EXEMPT, Decimal(1), None)
    over = o.entry(now, "回应关切")
    assert (over.stage, over.self_score, over.maximum) == (EntryStage.RETURNED, None, Decimal(1))
    assert "高于满分" in over.review_reason
    told = over.events.latest("id")
    assert (told.action, told.reason, told.changes["self_score"]) == ("rebase", "上级调整指标", ["1.5", None])
    assert (o.entry(now, "依申请公开").stage, o.entry(now, "主动公开").self_score) == ("filling", Decimal(4))
    assert ScoreEvent.objects.count() == events + 2
    [sums] = rollup.current(now)
    assert (sums.earned, sums.possible, sums.strict_possible, sums.pending) == (4, 4, 10, 3)
    assert chain.walk(now) == []
    assert AuditEvent.objects.filter(action="套用新版台账").get().detail["removed"] == 1


def test_the_pages_of_a_round_that_went_on_can_all_be_read(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    retire(ledger.indicators.get(name="政策解读"), by=who.office)
    now = applied(who, round_, ledger)
    gone, office = o.entry(now, "政策解读"), visit(who.office)
    for path in (
        f"/rounds/{now.pk}/",
        f"/boards/{now.pk}/",
        f"/boards/{now.pk}/items/",
        f"/sheets/{now.sheets.get().pk}/",
    ):
        text(office, path)
    assert "套用新版台账" in text(office, f"/entries/{gone.pk}/")
    assert "台账已移出这一项" in text(visit(who.fillers[0]), f"/worklist/{now.pk}/")
    o.in_phase(now, Phase.REVIEW)
    assert "政策解读" in text(visit(who.reviewer), f"/reviews/{now.pk}/?show=all")
    with pytest.raises(NotNow, match="已移出这一项"):
        entries.adjust(gone, "0.5", "核", version=gone.version, key=o.key(), by=who.office)


def test_it_can_be_published_afterwards_and_verified(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    retire(ledger.indicators.get(name="政策解读"), by=who.office)
    now = applied(who, round_, ledger)
    entries.submit(now, who.units[0], by=who.fillers[0], key=o.key())
    o.in_phase(now, Phase.REVIEW)
    entries.accept_undisputed(now, by=who.office)
    done = rounds.publish(now, by=who.office, blank_is_zero=True)
    assert sealing.verify(Round.objects.get(pk=done.pk)) == []
    assert [one.total for one in rollup.current(done)] == [Decimal("5.5")]


def test_what_was_removed_comes_back_with_a_later_version(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    retire(ledger.indicators.get(name="政策解读"), by=who.office)
    now = applied(who, round_, ledger)
    second = versions.new_version(ledger, by=who.office)
    assert not second.indicators.filter(name="政策解读").exists()
    now = applied(who, now, second)
    assert o.entry(now, "政策解读").state == EntryState.EXEMPT
    third = versions.new_version(second, by=who.office)
    back = add(third, New("政策解读", Decimal(1)), of=third.indicators.get(name="公开内容"), by=who.office)
    Indicator.objects.filter(pk=back.pk).update(identity=o.entry(now, "政策解读").indicator.identity)
    Indicator.objects.filter(pk=back.pk).update(is_item=True)
    assert ("restored", "政策解读", 1, 1, True) in said(impact.plan(now, third))


def test_another_lead_unit_takes_over_with_what_was_filled_in(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    item = ledger.indicators.get(name="回应关切")
    edit(item, Changes(parts=(Part("lead", unit=who.units[1].pk, written="民政局"),)), edits=item.edits, by=who.office)
    now = applied(who, round_, ledger)
    moved = o.entry(now, "回应关切")
    assert (moved.unit, moved.stage, moved.self_score) == (who.units[1], EntryStage.RETURNED, Decimal("1.5"))
    assert moved.events.latest("id").changes["unit"] == ["教育局", "民政局"]
    assert visit(who.fillers[0]).get(f"/entries/{moved.pk}/").status_code == 404


def test_an_accepted_score_that_still_fits_stays_accepted(who: Office, round_: Round) -> None:
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    entries.accept_undisputed(round_, by=who.office)
    ledger = newer(who, round_)
    points(ledger, "主动公开", "6")
    points(ledger, "回应关切", "1")
    now = applied(who, Round.objects.get(pk=round_.pk), ledger)
    fits, over = o.entry(now, "主动公开"), o.entry(now, "回应关切")
    assert (fits.stage, fits.reviewed_score, fits.maximum) == (EntryStage.ACCEPTED, Decimal(4), Decimal(6))
    assert (over.stage, over.self_score, over.reviewed_score, over.final_score) == (EntryStage.RETURNED, *[None] * 3)


def test_a_per_unit_round_follows_who_is_named(who: Office) -> None:
    round_ = o.opened(who, shape="per-unit")
    o.fill(o.entry(round_, "主动公开", who.units[0]), "3", who.fillers[0], "缺")
    ledger = newer(who, round_)
    item = ledger.indicators.get(name="主动公开")
    edit(item, Changes(parts=(Part("lead", unit=who.units[1].pk, written="民政局"),)), edits=item.edits, by=who.office)
    assert said(impact.plan(round_, ledger)) == {("removed", "主动公开", 1, 1, True)}
    now = applied(who, round_, ledger)
    assert [one.state for one in Entry.objects.filter(indicator__name="主动公开").order_by("sheet_id")] == [
        EntryState.EXEMPT,
        EntryState.UNSCORED,
    ]
    assert [one.strict_possible for one in rollup.current(now)] == [6, 10]


def test_a_shared_score_ends_when_one_of_its_items_changes(who: Office) -> None:
    [file] = import_file(FILE.name, FILE.read_bytes(), organisation=who.organisation, by=None)
    round_ = from_scores(file, by=who.office)
    home = Entry.objects.filter(shared_items__isnull=False).distinct().get()
    ledger = newer(who, round_)
    identity = home.shared_items.order_by("pk")[0].indicator.identity
    Indicator.objects.filter(ledger=ledger, identity=identity).update(points=3)
    now = applied(who, round_, ledger)
    together = Entry.objects.filter(pk__in=[home.pk, *home.shared_items.values_list("pk", flat=True)])
    assert not Entry.objects.filter(sheet__round=now, shared_home__isnull=False).exists()
    assert {one.self_score for one in together} == {None}
    assert home.events.latest("id").changes["self_score"][0] == "5.4"


# ---- what is refused -----------------------------------------------------------------------------


def test_nothing_happens_without_ticks_reason_or_with_an_old_preview(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    points(ledger, "回应关切", "1")
    made = impact.plan(round_, ledger)
    keys = [one.key for one in made.to_tick]
    right = {"seen": made.seen, "ticked": keys, "reason": "调整", "by": who.office}
    with pytest.raises(StillOpen, match="没有确认") as caught:
        rebasing.apply(round_, ledger, **{**right, "ticked": []})  # type: ignore[arg-type]
    assert caught.value.items == ("改分：回应关切",)
    with pytest.raises(ReasonNeeded):
        rebasing.apply(round_, ledger, **{**right, "reason": " "})  # type: ignore[arg-type]
    with pytest.raises(NotNow, match="不能套用新版台账"):
        rebasing.apply(round_, ledger, **{**right, "by": who.reviewer})  # type: ignore[arg-type]
    o.fill(o.entry(round_, "网站建设"), "3", who.fillers[0])
    with pytest.raises(NotNow, match="有了变动"):
        rebasing.apply(round_, ledger, **right)  # type: ignore[arg-type]
    assert Round.objects.get().ledger_id == round_.ledger_id
    assert Ledger.objects.get(pk=ledger.pk).status == LedgerStatus.DRAFT
    assert not ScoreEvent.objects.filter(action="rebase").exists()


def test_only_the_newest_version_of_the_own_ledger_and_only_while_it_is_open(who: Office, round_: Round) -> None:
    ledger = newer(who, round_)
    stranger = o.ledger(who.organisation)
    seen = impact.plan(round_, stranger).seen
    with pytest.raises(NotNow, match="最新版本"):
        rebasing.apply(round_, stranger, seen=seen, ticked=(), reason="x", by=who.office)
    for phase in (Phase.OBJECTION, Phase.PREPARING):
        assert impact.successor(o.in_phase(round_, phase)) is None
    assert impact.successor(o.in_phase(round_, Phase.REVIEW)) == ledger


def test_a_version_with_an_item_without_points_or_without_a_registered_penalty_is_refused(
    who: Office, round_: Round
) -> None:
    rule = Adjustment.objects.create(ledger=round_.ledger, text="瞒报", kind="penalty", points=-1)
    ledger = newer(who, round_)
    RoundAdjustment.objects.create(sheet=round_.sheets.get(), adjustment=rule, times=1, reason="查实")
    assert impact.plan(round_, ledger).blockers == ()
    ledger.adjustments.all().delete()
    ledger.indicators.filter(name="网站建设").update(points=None)
    found = impact.plan(round_, ledger).blockers
    assert [("没有分值" in one, "瞒报" in one) for one in found] == [(True, False), (False, True)]


def test_a_registered_penalty_goes_over_to_the_new_version(who: Office, round_: Round) -> None:
    rule = Adjustment.objects.create(ledger=round_.ledger, text="瞒报", kind="penalty", points=-1)
    RoundAdjustment.objects.create(sheet=round_.sheets.get(), adjustment=rule, times=1, reason="查实")
    now = applied(who, round_, newer(who, round_))
    assert RoundAdjustment.objects.get().adjustment.ledger_id == now.ledger_id
    assert [one.total for one in rollup.current(now)] == [Decimal("5.5")]


# ---- the page ------------------------------------------------------------------------------------


def test_the_page_shows_the_impact_and_applies_what_is_ticked(who: Office, round_: Round) -> None:
    client = visit(who.office)
    assert "套用台账新版" not in text(client, f"/rounds/{round_.pk}/")
    ledger = newer(who, round_)
    points(ledger, "回应关切", "1")
    assert "套用台账新版" in text(client, f"/rounds/{round_.pk}/")
    page = text(client, f"/rounds/{round_.pk}/ledger/")
    assert "得分清空并退回" in page
    made = impact.plan(round_, ledger)
    sent = {"seen": made.seen, "reason": "上级调整"}
    assert "没有确认" in client.post(f"/rounds/{round_.pk}/ledger/", sent).content.decode()
    sent_all = {**sent, "change": [one.key for one in made.to_tick]}
    answer = client.post(f"/rounds/{round_.pk}/ledger/", sent_all)
    assert answer.headers["Location"] == f"/rounds/{round_.pk}/"
    assert Round.objects.get().ledger == ledger
    assert client.get(f"/rounds/{round_.pk}/ledger/").status_code == 302


def test_the_preview_costs_the_same_queries_for_any_number_of_items(who: Office) -> None:
    counts = []
    for items in (4, 40):
        spec = {"公开": tuple((f"评估点 {one}", "1") for one in range(items))}
        round_ = o.opened(who, spec=spec)
        newer(who, round_)
        counts.append(queries(visit(who.office), f"/rounds/{round_.pk}/ledger/"))
    assert counts[0] == counts[1]
