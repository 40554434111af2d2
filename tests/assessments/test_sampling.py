"""抽查复评: a reproducible draw from every unit, a second score beside the first, and the list of differences."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments import entries, sampling
from assessments.models import Entry, Phase, Round, Sample, SecondReview, Shape
from assessments.refusals import NotNow, ReasonNeeded
from assessments.scoring.points import BadScore
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import text, visit, wide
from units.models import AuditEvent, Role


def _reviewed(items: int = 4) -> tuple[Office, Round]:
    """Two units whose items the reviewer has accepted."""
    who = o.office()
    round_ = o.opened(who, shape=Shape.PER_UNIT, spec=wide(items))
    for unit, filler in zip(who.units, who.fillers, strict=True):
        for one in Entry.objects.filter(sheet__round=round_, unit=unit):
            o.fill(one, "1", filler)
        entries.submit(round_, unit, by=filler, key=o.key())
    round_ = o.in_phase(round_, Phase.REVIEW)
    entries.accept_undisputed(round_, by=who.reviewer)
    return who, round_


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, 10**6), min_size=1, max_size=60), st.text(max_size=8), st.integers(1, 100))
def test_the_same_seed_draws_the_same_items_in_the_asked_proportion(ids: set[int], seed: str, percent: int) -> None:
    found = sampling.drawn(ids, seed, percent)
    assert found == sampling.drawn(sorted(ids, reverse=True), seed, percent)
    assert set(found) <= ids
    assert len(ids) * percent <= len(found) * 100 < len(ids) * percent + 100


def test_different_seeds_draw_different_items() -> None:
    assert len({tuple(sampling.drawn(range(50), str(seed), 20)) for seed in range(20)}) > 15


@pytest.mark.django_db
def test_every_unit_is_drawn_from_and_the_draw_can_be_made_again() -> None:
    who, round_ = _reviewed(10)
    sample = sampling.draw(round_, 25, reviewer=who.office, by=who.office)
    chosen = set(sample.reviews.values_list("entry", flat=True))
    again = set()
    for unit in who.units:
        mine = Entry.objects.filter(sheet__round=round_, unit=unit).values_list("pk", flat=True)
        again |= set(sampling.drawn(mine, sample.seed, sample.percent))
    assert chosen == again
    assert len(chosen) == 6
    assert AuditEvent.objects.get(action="抽查复评").detail["seed"] == sample.seed


@pytest.mark.django_db
def test_the_same_seed_twice_is_one_sample() -> None:
    who, round_ = _reviewed()
    made = [sampling.draw(round_, 50, reviewer=who.office, by=who.office, seed="a").pk for _ in range(2)]
    assert made[0] == made[1]
    assert Sample.objects.count() == 1


@pytest.mark.django_db
def test_only_the_office_draws_in_review_and_only_what_was_reviewed() -> None:
    who, round_ = _reviewed()
    with pytest.raises(NotNow):
        sampling.draw(round_, 50, reviewer=who.office, by=who.reviewer)
    for percent in (0, 101):
        with pytest.raises(NotNow, match="1 到 100"):
            sampling.draw(round_, percent, reviewer=who.office, by=who.office)
    with pytest.raises(NotNow, match="不能抽查"):
        sampling.draw(o.in_phase(round_, Phase.SELF_ASSESSMENT), 50, reviewer=who.office, by=who.office)
    Entry.objects.update(stage="submitted")
    with pytest.raises(NotNow, match="还没有审核过"):
        sampling.draw(o.in_phase(round_, Phase.REVIEW), 50, reviewer=who.office, by=who.office)


@pytest.mark.django_db
def test_a_second_score_stands_beside_the_first_and_changes_nothing() -> None:
    who, round_ = _reviewed()
    one = sampling.draw(round_, 1, reviewer=who.office, by=who.office).reviews.select_related("entry")[0]
    before = Entry.objects.values().get(pk=one.entry_id)
    done = sampling.score(one, "0.5", "缺一项", by=who.office)
    assert (done.first_score, done.score, done.by) == (Decimal(1), Decimal("0.5"), who.office)
    assert Entry.objects.values().get(pk=one.entry_id) == before
    page = sampling.page(done.sample, "different", who.office)
    assert ([row.second for row in page.rows], page.gap) == (["0.50"], "0.50")


@pytest.mark.django_db
def test_a_second_score_is_another_persons_and_given_once_with_a_reason_where_it_differs() -> None:
    who, round_ = _reviewed()
    one = sampling.draw(round_, 1, reviewer=who.office, by=who.office).reviews.all()[0]
    with pytest.raises(NotNow, match="另一位评审员"):
        sampling.score(one, "1", "", by=who.reviewer)
    for user in (who.leader, who.fillers[0]):
        with pytest.raises(NotNow):
            sampling.score(one, "1", "", by=user)
    with pytest.raises(BadScore):
        sampling.score(one, "1.5", "", by=who.office)
    with pytest.raises(ReasonNeeded):
        sampling.score(one, "0.5", " ", by=who.office)
    sampling.score(one, "1", "", by=who.office)
    with pytest.raises(NotNow, match="已经复评过"):
        sampling.score(one, "0.5", "缺一项", by=who.office)


@pytest.mark.django_db
def test_the_named_person_alone_gives_the_second_score_and_what_it_reviewed_is_not_drawn() -> None:
    who, round_ = _reviewed()
    third = o.person(who.organisation, Role.REVIEWER)
    with pytest.raises(NotNow, match="都由"):
        sampling.draw(round_, 50, reviewer=who.reviewer, by=who.office)
    for stranger in (None, who.leader, who.fillers[0], o.office("别县").reviewer):
        with pytest.raises(NotNow, match="由谁复评"):
            sampling.draw(round_, 50, reviewer=stranger, by=who.office)
    one = sampling.draw(round_, 1, reviewer=third, by=who.office).reviews.all()[0]
    with pytest.raises(NotNow, match="由另一位评审员复评"):
        sampling.score(one, "1", "", by=who.office)
    assert sampling.score(one, "1", "", by=third).by == third


@pytest.mark.django_db
def test_a_refusal_does_not_tell_whether_the_second_score_is_the_first() -> None:
    who, round_ = _reviewed()
    Entry.objects.update(self_score="0.5", reviewed_score="0.37")
    one = sampling.draw(round_, 1, reviewer=who.office, by=who.office).reviews.all()[0]
    for score in ("0.37", "0.4"):
        with pytest.raises(ReasonNeeded, match="与自评不同"):
            sampling.score(one, score, "", by=who.office)
    assert sampling.score(one, "0.5", "", by=who.office).score == Decimal("0.5")


@pytest.mark.django_db
def test_the_office_names_another_second_reviewer_while_scores_are_owed() -> None:
    who, round_ = _reviewed()
    third = o.person(who.organisation, Role.REVIEWER)
    sample = sampling.draw(round_, 1, reviewer=third, by=who.office)
    with pytest.raises(NotNow):
        sampling.pass_on(sample, who.office, by=who.reviewer)
    address = f"/reviews/samples/{sample.pk}/reviewer/"
    visit(who.office).post(address, {"reviewer": who.office.pk})
    assert AuditEvent.objects.get(action="改复评人").detail["after"] == who.office.username
    with pytest.raises(NotNow, match="刚刚由别人改过"):
        sampling.pass_on(sample, who.reviewer, by=who.office)
    for one in sample.reviews.all():
        sampling.score(one, "1", "", by=who.office)
    with pytest.raises(NotNow, match="已经复评完"):
        sampling.pass_on(Sample.objects.get(pk=sample.pk), third, by=who.office)


@pytest.mark.django_db
def test_the_first_score_is_not_shown_before_the_second_stands() -> None:
    who, round_ = _reviewed()
    Entry.objects.update(reviewed_score="0.37", review_reason="核减", final_score="0.37")
    client = visit(who.office)
    client.post(f"/reviews/{round_.pk}/samples/draw/", {"percent": "1", "reviewer": who.office.pk})
    path = f"/reviews/{round_.pk}/samples/"
    page = text(client, path)
    assert "复评后显示" in page
    assert "0.37" not in page
    for one in SecondReview.objects.all():
        client.post(f"/reviews/seconds/{one.pk}/", {"score": "0.5", "reason": "应得一半"})
    page = text(client, path)
    assert "0.37" in page
    assert page.count("与审核不一致") >= 2


@pytest.mark.django_db
def test_another_organisations_sample_is_missing() -> None:
    who, round_ = _reviewed()
    one = sampling.draw(round_, 1, reviewer=who.office, by=who.office).reviews.all()[0]
    stranger = visit(o.office("别县").office)
    assert stranger.get(f"/reviews/{round_.pk}/samples/").status_code == 404
    assert stranger.post(f"/reviews/seconds/{one.pk}/", {"score": "1"}).status_code == 404
    assert SecondReview.objects.filter(at__isnull=False).count() == 0


# ---- beside the desk's rows ------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_desk_offers_the_reasons_written_most_and_none_of_a_units_own_head() -> None:
    who, round_ = _reviewed()
    ids = list(Entry.objects.values_list("pk", flat=True))
    for words, some in (("缺起草说明", ids[:3]), ("更新不及时", ids[3:5]), ("单位负责人：重写", ids[5:])):
        Entry.objects.filter(pk__in=some).update(review_reason=words)
    page = text(visit(who.office), f"/reviews/{round_.pk}/?show=all")
    listed = page.split('<details class="phrases">')[1].split("</details>")[0]
    assert listed.index("缺起草说明") < listed.index("更新不及时")
    assert "单位负责人" not in listed


@pytest.mark.django_db
def test_a_unit_fills_one_item_at_a_time_and_walks_to_the_next() -> None:
    who = o.office()
    round_ = o.opened(who)
    client = visit(who.fillers[0])
    refs = [str(pk) for pk in Entry.objects.filter(sheet__round=round_).in_order().values_list("pk", flat=True)]
    first = text(client, f"/worklist/{round_.pk}/?one=")
    assert first.count("data-save-url") == 1
    assert f"one={refs[1]}" in first
    last = text(client, f"/worklist/{round_.pk}/?one={refs[-1]}")
    assert "第 4 项，共 4 项" in last
    assert 'rel="next"' not in last
    for odd in ("x", "9" * 40, "\x00"):
        assert "第 1 项，共 4 项" in text(client, f"/worklist/{round_.pk}/?one={odd}")
