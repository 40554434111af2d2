"""Last year's round carried on: units, rules, windows, responsibilities; last year's scores beside this year's."""

from datetime import date

import pytest
from django.core.files.base import ContentFile

from assessments import amending, copying, entries, evidence, last_year, outlines, rounds, tasks
from assessments.amending import amend
from assessments.models import Entry, Phase, Round
from assessments.refusals import NotNow
from assessments.scoring.policy import Policy
from indicators import versions
from indicators.models import Indicator, Ledger, Responsibility
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import queries, text, visit
from units.models import Job

pytestmark = pytest.mark.django_db

SCORES = {"主动公开": "4", "政策解读": "1", "回应关切": "1.5", "网站建设": "3"}


@pytest.fixture
def who() -> Office:
    """A county with two units."""
    return o.office()


@pytest.fixture
def before(who: Office) -> Round:
    """A published round in which the first unit lost half a point, with a file as evidence."""
    policy = Policy(not_applicable="full_marks", deduction_cap=None)
    round_ = o.opened(who, policy=policy, self_due=date(2096, 2, 29), review_due=date(2096, 3, 31))
    evidence.add_file(o.entry(round_, "回应关切"), ContentFile(b"%PDF-1.4 old", "公示截图.pdf"), by=who.fillers[0])
    o.handed_in(who, round_, SCORES)
    entries.accept_undisputed(round_, by=who.office)
    return rounds.publish(Round.objects.get(pk=round_.pk), by=who.office)


def carried(who: Office, before: Round, ledger: Ledger | None = None) -> Round:
    """The round of the next year, opened."""
    made = copying.carry_on(before, ledger, name="2097 年度", by=who.office)
    return rounds.open_round(made, by=who.office)


def test_a_round_carried_on_has_the_same_rules_and_last_days_a_year_later(who: Office, before: Round) -> None:
    made = copying.carry_on(before, None, name="2097 年度", by=who.office)
    assert (made.phase, made.shape, made.policy) == (Phase.PREPARING, before.shape, before.policy)
    assert (made.self_due, made.review_due, made.objection_due) == (date(2097, 2, 28), date(2097, 3, 31), None)
    assert (made.copied_from, made.ledger.previous) == (before, before.ledger)
    named = Responsibility.objects.filter(indicator__ledger=made.ledger)
    assert named.count() == Responsibility.objects.filter(indicator__ledger=before.ledger).count()


def test_units_that_were_abolished_are_left_out(who: Office) -> None:
    old = o.opened(who, shape="per-unit")
    who.units[1].abolished_at = old.opened_at
    who.units[1].save()
    made = copying.carry_on(old, None, name="新", by=who.office)
    assert [sheet.unit for sheet in made.sheets.all()] == who.units[:1]


def test_an_imported_draft_gets_the_responsibilities_it_does_not_name(who: Office, before: Round) -> None:
    on = o.ledger(who.organisation)
    stays = on.indicators.get(name="主动公开")
    Responsibility.objects.create(indicator=stays, unit=who.units[1], written="民政局", role="lead")
    Indicator.objects.filter(ledger=on, name="网站建设").update(name="政务新媒体")
    made = copying.carry_on(before, on, name="2097 年度", by=who.office)
    named = Responsibility.objects.filter(indicator__ledger=made.ledger).order_by("indicator__lft")
    assert [(one.indicator.name, one.unit) for one in named] == [
        ("主动公开", who.units[1]),
        ("政策解读", who.units[0]),
        ("回应关切", who.units[0]),
    ]


def test_a_published_ledger_is_taken_as_it_is(who: Office, before: Round) -> None:
    on = o.ledger(who.organisation)
    versions.publish(on, by=who.office)
    copying.carry_on(before, on, name="2097 年度", by=who.office)
    assert not Responsibility.objects.filter(indicator__ledger=on).exists()


def test_a_round_being_prepared_and_a_name_that_is_taken_are_refused(who: Office, before: Round) -> None:
    with pytest.raises(NotNow, match="已经有名为"):
        copying.carry_on(before, None, name=before.name, by=who.office)
    made = copying.carry_on(before, None, name="2097 年度", by=who.office)
    with pytest.raises(NotNow, match="还没有开启"):
        copying.carry_on(made, None, name="2098 年度", by=who.office)


def test_last_years_score_reason_and_evidence_stand_beside_this_years_entry(who: Office, before: Round) -> None:
    now = carried(who, before)
    sheet = text(visit(who.fillers[0]), f"/worklist/{now.pk}/")
    assert "上年 1.50／2.00" in sheet
    assert "材料不全" in sheet
    file = o.entry(before, "回应关切").evidence.get()
    assert f"/evidence/{file.pk}/" in sheet
    assert visit(who.fillers[0]).get(f"/evidence/{file.pk}/").status_code == 200
    desk = text(visit(who.reviewer), f"/reviews/{now.pk}/?show=all")
    assert "上年 1.50／2.00" in desk
    assert "公示截图.pdf" in desk


def test_a_corrected_score_of_last_year_is_the_one_that_is_shown(who: Office, before: Round) -> None:
    amend(entry=o.entry(before, "回应关切"), score=None, code="rule-change", reason="不再考核", by=who.office)
    now = carried(who, before)
    assert "上年 不涉及／2.00" in text(visit(who.fillers[0]), f"/worklist/{now.pk}/")
    assert amending.last_of(o.entry(before, "回应关切")) is not None


def test_an_item_of_a_new_file_is_found_by_its_name_and_place(who: Office, before: Round) -> None:
    on = o.ledger(who.organisation)
    Indicator.objects.filter(ledger=on, name="主动公开").update(name="主动 公开")
    Indicator.objects.filter(ledger=on, name="网站建设").update(name="政务新媒体")
    now = carried(who, before, on)
    mine = list(Entry.objects.filter(sheet__round=now).select_related("indicator"))
    last = last_year.of(now, mine, outlines.outline(now.ledger_id))
    said = {entry.indicator.name: last[entry.pk].score for entry in mine if entry.pk in last}
    assert said == {"主动 公开": "4.00", "政策解读": "1.00", "回应关切": "1.50"}


def test_another_units_score_of_last_year_is_shown_to_nobody_else(who: Office, before: Round) -> None:
    on = o.ledger(who.organisation, leads=who.units[1:])
    now = carried(who, before, on)
    page = text(visit(who.fillers[1]), f"/worklist/{now.pk}/")
    assert "1.50" not in page
    assert "公示截图" not in page


def test_the_year_before_costs_the_same_queries_for_any_number_of_items(who: Office, before: Round) -> None:
    few = carried(who, before)
    spec = {"公开": tuple((f"评估点 {one}", "1") for one in range(40))}
    second = o.opened(who, spec=spec)
    client = visit(who.fillers[0])
    assert queries(client, f"/worklist/{second.pk}/") <= queries(client, f"/worklist/{few.pk}/")


def test_the_page_carries_a_round_on_and_leads_to_its_settings(who: Office, before: Round) -> None:
    client = visit(who.office)
    assert f"/rounds/{before.pk}/copy/" in text(client, f"/rounds/{before.pk}/")
    assert "截止日顺延一年" in text(client, f"/rounds/{before.pk}/copy/")
    answer = client.post(f"/rounds/{before.pk}/copy/", {"name": "2097 年度", "ledger": "new-version"})
    made = Round.objects.get(name="2097 年度")
    assert answer.headers["Location"] == f"/rounds/{made.pk}/settings/"
    again = client.post(f"/rounds/{before.pk}/copy/", {"name": "2097 年度", "ledger": "new-version"})
    assert again.status_code == 422
    wrong = client.post(f"/rounds/{before.pk}/copy/", {"name": "2098 年度", "ledger": "999999"})
    assert wrong.status_code == 422
    client.post(f"/rounds/{made.pk}/open/", {"name": "2097 年度"})
    tasks.open_round(Job.objects.get().pk)
    assert Round.objects.get(pk=made.pk).phase == Phase.SELF_ASSESSMENT
