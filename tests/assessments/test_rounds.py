"""A round prepared, opened, moved on and published."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import entries, rounds
from assessments.entries import NotNow, SelfAssessment
from assessments.models import Entry, Objection, Phase, Round, ScoreEvent, Shape
from assessments.rounds import StillOpen
from indicators.models import LedgerStatus, Responsibility, ResponsibilityRole
from tests.assessments import office as o
from tests.assessments.office import Office
from units.models import AuditEvent, UnitGroup

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> Office:
    """The office with two units."""
    return o.office()


def scored(who: Office) -> Round:
    """A round in review in which everything is handed in and accepted."""
    scores = {"主动公开": "4", "政策解读": "1", "回应关切": "1.5", "网站建设": "3"}
    round_ = o.handed_in(who, o.opened(who), scores)
    entries.accept_undisputed(round_, by=who.office)
    return round_


# ---- preparing ---------------------------------------------------------------------------------


def test_a_prepared_round_has_sheets_and_no_entries(who: Office) -> None:
    round_ = o.prepared(who, o.ledger(who.organisation), Shape.PER_UNIT)
    assert (round_.phase, list(round_.sheets.values_list("unit__name", flat=True))) == (
        Phase.PREPARING,
        ["教育局", "民政局"],
    )
    assert not Entry.objects.exists()


def test_in_an_allocated_round_the_organisation_itself_is_assessed(who: Office) -> None:
    round_ = o.prepared(who, o.ledger(who.organisation))
    assert round_.sheets.get().unit.parent_id is None


def test_a_name_that_is_taken_is_refused(who: Office) -> None:
    on = o.ledger(who.organisation)
    o.prepared(who, on, name="2026 年度")
    with pytest.raises(NotNow, match="已经有名为“2026 年度”的轮次"):
        o.prepared(who, on, name=" 2026 年度 ")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "要有名称"),
        ({"participants": []}, "至少要有一个"),
        ({"self_due": date(2026, 8, 1), "review_due": date(2026, 7, 1)}, "先后排列"),
        ({"self_due": date(2026, 8, 1), "objection_due": date(2026, 7, 1)}, "先后排列"),
    ],
)
def test_a_round_that_makes_no_sense_is_refused(who: Office, changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(NotNow, match=sentence):
        o.prepared(who, o.ledger(who.organisation), Shape.PER_UNIT, **changes)


def test_another_organisations_units_cannot_take_part(who: Office) -> None:
    stranger = o.office("邻县人民政府")
    with pytest.raises(NotNow, match="要属于本机关"):
        o.prepared(who, o.ledger(who.organisation), Shape.PER_UNIT, participants=stranger.units)


# ---- opening -----------------------------------------------------------------------------------


def test_opening_gives_each_item_to_its_first_lead_and_freezes_the_ledger(who: Office) -> None:
    on = o.ledger(who.organisation, leads=who.units)
    first = on.indicators.get(name="主动公开")
    Responsibility.objects.create(indicator=first, unit=who.units[1], written="民政局", role=ResponsibilityRole.JOINT)
    round_ = rounds.open_round(o.prepared(who, on), by=who.office)
    leads = dict(Entry.objects.values_list("indicator__name", "unit__name"))
    assert leads == {"主动公开": "教育局", "政策解读": "民政局", "回应关切": "教育局", "网站建设": "民政局"}
    on.refresh_from_db()
    assert (round_.phase, on.status) == (Phase.SELF_ASSESSMENT, LedgerStatus.PUBLISHED)
    assert set(Entry.objects.values_list("state", "stage", "earned")) == {("unscored", "filling", None)}


def test_an_opened_rounds_entries_are_as_the_model_makes_blank_ones(who: Office) -> None:
    round_ = o.opened(who)
    stored = o.entry(round_, "主动公开")
    blank = Entry(pk=stored.pk, sheet_id=stored.sheet_id, indicator_id=stored.indicator_id, unit_id=stored.unit_id)
    blank.points = blank.maximum = stored.points
    assert stored.points == 4
    for field in Entry._meta.concrete_fields:
        assert getattr(stored, field.attname) == getattr(blank, field.attname), field.name


def test_opening_twice_changes_nothing(who: Office) -> None:
    round_ = o.prepared(who, o.ledger(who.organisation, leads=who.units))
    first = rounds.open_round(round_, by=who.office)
    again = rounds.open_round(round_, by=who.office)
    assert (again.opened_at, Entry.objects.count()) == (first.opened_at, 4)
    assert AuditEvent.objects.filter(action="开启考核轮次").count() == 1


def test_a_leading_group_of_one_is_that_unit_and_a_larger_one_is_nobody(who: Office) -> None:
    on = o.ledger(who.organisation)
    for name, members in (("主动公开", who.units[:1]), ("政策解读", who.units)):
        group = UnitGroup.objects.create(organisation=who.organisation, name=f"{name}单位")
        group.members.set(members)
        item = on.indicators.get(name=name)
        Responsibility.objects.create(indicator=item, group=group, written=group.name, role=ResponsibilityRole.LEAD)
    told = rounds.cautions(on, Shape.ALLOCATED)
    assert told == [
        "3 个评估点没有可以填报的牵头单位：“政策解读”、“回应关切”、“网站建设”。开启后由政务公开办公室直接评分。"
    ]
    round_ = rounds.open_round(o.prepared(who, on), by=who.office)
    leads = dict(Entry.objects.filter(sheet__round=round_).values_list("indicator__name", "unit__name"))
    assert leads == {"主动公开": "教育局", "政策解读": None, "回应关切": None, "网站建设": None}


def test_per_unit_each_sheet_has_the_items_that_name_its_unit_or_nobody(who: Office) -> None:
    on = o.ledger(who.organisation)
    item = on.indicators.get(name="主动公开")
    Responsibility.objects.create(indicator=item, unit=who.units[0], written="教育局", role=ResponsibilityRole.SUPPORT)
    group = UnitGroup.objects.create(organisation=who.organisation, name="各局")
    group.members.set(who.units[1:])
    item = on.indicators.get(name="政策解读")
    Responsibility.objects.create(indicator=item, group=group, written="各局", role=ResponsibilityRole.LEAD)
    item = on.indicators.get(name="网站建设")
    Responsibility.objects.create(indicator=item, unit=who.units[0], written="教育局", role=ResponsibilityRole.ASSESSOR)
    round_ = rounds.open_round(o.prepared(who, on, Shape.PER_UNIT), by=who.office)
    names = {
        unit.name: list(
            Entry.objects.filter(sheet__round=round_, sheet__unit=unit)
            .order_by("indicator__lft")
            .values_list("indicator__name", flat=True)
        )
        for unit in who.units
    }
    assert names == {
        "教育局": ["主动公开", "回应关切", "网站建设"],
        "民政局": ["政策解读", "回应关切", "网站建设"],
    }


def test_a_group_without_members_is_pointed_out_before_opening(who: Office) -> None:
    on = o.ledger(who.organisation)
    group = UnitGroup.objects.create(organisation=who.organisation, name="各镇")
    item = on.indicators.get(name="主动公开")
    Responsibility.objects.create(indicator=item, group=group, written="各镇", role=ResponsibilityRole.LEAD)
    assert rounds.cautions(on, Shape.PER_UNIT) == [
        "单位组还没有成员：“各镇”。先在“单位”页里补上，否则其中的单位不会收到填报项。"
    ]


def test_items_without_points_keep_a_round_from_opening(who: Office) -> None:
    spec = {"公开内容": (("主动公开", "4"), ("政策解读", None), ("回应关切", None))}
    on = o.ledger(who.organisation, spec, who.units)
    round_ = o.prepared(who, on)
    sentence = "2 个评估点没有分值：“政策解读”、“回应关切”。先在台账里补上分值。"
    assert rounds.blockers(on, Shape.ALLOCATED) == [sentence]
    with pytest.raises(StillOpen) as refused:
        rounds.open_round(round_, by=who.office)
    assert refused.value.items == (sentence,)
    assert Round.objects.get(pk=round_.pk).phase == Phase.PREPARING


def test_a_tracked_round_needs_no_points_and_each_matter_counts_one(who: Office) -> None:
    on = o.ledger(who.organisation, {"重点工作": (("梳理清单", None),)}, who.units)
    round_ = rounds.open_round(o.prepared(who, on, Shape.TRACKED), by=who.office)
    entry = Entry.objects.get(sheet__round=round_)
    assert (entry.points, entry.unit) == (1, who.units[0])


def test_a_retired_item_is_not_asked_any_more(who: Office) -> None:
    on = o.ledger(who.organisation, leads=who.units)
    on.indicators.filter(name="网站建设").update(retired_at="2026-01-01T00:00:00Z")
    rounds.open_round(o.prepared(who, on), by=who.office)
    assert Entry.objects.count() == 3


def test_opening_costs_the_same_queries_for_two_units_and_for_twenty() -> None:
    counts = []
    for name, size in (("甲县", 2), ("乙县", 20)):
        who = o.office(name, [f"{name}{at} 局" for at in range(size)])
        round_ = o.prepared(who, o.ledger(who.organisation), Shape.PER_UNIT)
        with CaptureQueriesContext(connection) as queries:
            rounds.open_round(round_, by=who.office)
        # SQLite splits a long insert
        counts.append(len([one for one in queries if not one["sql"].startswith("INSERT")]))
    assert counts[0] == counts[1]


# ---- moving on ---------------------------------------------------------------------------------


def test_a_round_moves_on_and_back_where_time_was_too_short(who: Office) -> None:
    round_ = o.opened(who)
    for phase in (Phase.REVIEW, Phase.SELF_ASSESSMENT, Phase.REVIEW, Phase.OBJECTION, Phase.REVIEW):
        assert rounds.advance(round_, phase, by=who.office).phase == phase


def test_moving_to_where_it_is_changes_nothing(who: Office) -> None:
    round_ = o.opened(who)
    rounds.advance(round_, Phase.REVIEW, by=who.office)
    rounds.advance(round_, Phase.REVIEW, by=who.office)
    assert AuditEvent.objects.filter(action="考核轮次转阶段").count() == 1


@pytest.mark.parametrize("to", [Phase.PREPARING, Phase.OBJECTION, Phase.PUBLISHED, Phase.ARCHIVED])
def test_no_phase_is_skipped(who: Office, to: Phase) -> None:
    round_ = o.opened(who)
    with pytest.raises(NotNow, match=f"“自评”阶段不能转到“{to.label}”阶段"):
        rounds.advance(round_, to, by=who.office)


# ---- publishing --------------------------------------------------------------------------------


def test_a_published_round_is_sealed_with_totals_and_ranks(who: Office) -> None:
    round_ = rounds.publish(scored(who), by=who.office)
    assert (round_.phase, round_.published_by, len(round_.seal)) == (Phase.PUBLISHED, who.office, 64)
    sheet = o.sheet(round_)
    assert (str(sheet.total.normalize()), sheet.band, sheet.rank, sheet.stale_since) == ("9.5", "优秀", 1, None)
    assert round_.snapshot is not None
    assert round_.snapshot["sheets"][str(sheet.pk)]["total"] == "9.5"


def test_publishing_twice_changes_nothing(who: Office) -> None:
    first = rounds.publish(scored(who), by=who.office)
    again = rounds.publish(first, by=who.office)
    assert (again.published_at, again.seal) == (first.published_at, first.seal)


def test_what_is_not_reviewed_keeps_a_round_from_being_published(who: Office) -> None:
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "4"})
    with pytest.raises(StillOpen) as refused:
        rounds.publish(round_, by=who.office, blank_is_zero=True)
    assert refused.value.items[0] == "教育局：“主动公开”已提交"
    assert not refused.value.only_blanks


def test_blanks_count_zero_only_when_the_office_has_confirmed_it(who: Office) -> None:
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "4"})
    entries.accept_undisputed(round_, by=who.office)
    with pytest.raises(StillOpen) as refused:
        rounds.publish(round_, by=who.office)
    assert refused.value.only_blanks
    assert refused.value.items == tuple(f"教育局：“{name}”没有得分" for name in ("政策解读", "回应关切", "网站建设"))
    done = rounds.publish(round_, by=who.office, blank_is_zero=True)
    sheet = o.sheet(done)
    assert (sheet.total, sheet.strict_possible, sheet.pending) == (4, 10, 3)
    assert Entry.objects.filter(earned__isnull=True).count() == 3


def test_a_score_that_was_saved_and_never_handed_in_has_to_be_decided(who: Office) -> None:
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "4", who.fillers[0])
    with pytest.raises(StillOpen, match="还有 1 项没有审核完"):
        rounds.publish(o.in_phase(round_, Phase.REVIEW), by=who.office, blank_is_zero=True)


def test_an_open_objection_keeps_a_round_from_being_published(who: Office) -> None:
    round_ = scored(who)
    Objection.objects.create(entry=o.entry(round_, "主动公开"), reason="已更新", filed_by=who.fillers[0])
    with pytest.raises(StillOpen) as refused:
        rounds.publish(round_, by=who.office)
    assert refused.value.items == ("“主动公开”的申诉待答复",)


def test_before_the_review_nothing_is_published(who: Office) -> None:
    with pytest.raises(NotNow, match="“自评”阶段不能公布"):
        rounds.publish(o.opened(who), by=who.office)


def test_after_publishing_no_verb_writes_a_score_any_more(who: Office) -> None:
    round_ = rounds.publish(scored(who), by=who.office)
    one = o.entry(round_, "主动公开")
    before, events = Entry.objects.values().get(pk=one.pk), ScoreEvent.objects.count()
    key, version = o.key(), one.version
    acts: list[Callable[[], object]] = [
        lambda: entries.save(one, SelfAssessment("1", "缺"), version=version, key=key, by=who.fillers[0]),
        lambda: entries.submit(round_, who.units[0], by=who.fillers[0], key=key),
        lambda: entries.accept(one, version=version, key=key, by=who.office),
        lambda: entries.adjust(one, "1", "缺", version=version, key=key, by=who.office),
        lambda: entries.give_back(one, "缺", version=version, key=key, by=who.office),
        lambda: entries.accept_undisputed(round_, by=who.office),
    ]
    for act in acts:
        with pytest.raises(NotNow, match="本轮次已公布"):
            act()
    assert Entry.objects.values().get(pk=one.pk) == before
    assert ScoreEvent.objects.count() == events
    assert rounds.advance(round_, Phase.ARCHIVED, by=who.office).phase == Phase.ARCHIVED
