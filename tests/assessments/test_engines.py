"""A later scoring program that gives other totals changes nothing by itself: both stand side by side until accepted."""

import copy

import pytest
from django.db import DatabaseError, connection, transaction

from assessments import engines, entries, rollup, rounds, sealing
from assessments.models import EngineChange, Round
from assessments.refusals import NotNow, ReasonNeeded
from assessments.scoring import ENGINE_VERSION
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import text, visit
from tests.by_hand import by_hand
from units.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> Office:
    """The office of a county."""
    return o.office()


@pytest.fixture
def published(who: Office) -> Round:
    """A published round of one sheet, 9.5 of 10."""
    scores = {"主动公开": "4", "政策解读": "1", "回应关切": "1.5", "网站建设": "3"}
    round_ = o.handed_in(who, o.opened(who), scores)
    entries.accept_undisputed(round_, by=who.office)
    return rounds.publish(round_, by=who.office)


def sealed_by_an_older_program(round_: Round, total: str) -> Round:
    """The same round as a program of version 0 would have sealed it, with another total."""
    snapshot = copy.deepcopy(round_.snapshot) or {}
    (sheet,) = snapshot["sheets"].values()
    snapshot["engine"], sheet["total"] = "0", total
    with by_hand():
        Round.objects.filter(pk=round_.pk).update(engine="0", snapshot=snapshot, seal=sealing.digest(snapshot))
    return Round.objects.get(pk=round_.pk)


def test_a_round_of_the_present_program_has_nothing_to_compare(who: Office, published: Round) -> None:
    assert engines.differences(published) == ()
    with pytest.raises(NotNow, match="没有变化"):
        engines.accept(published, "修正", by=who.office)
    assert "没有差别" in text(visit(who.office), f"/rounds/{published.pk}/engine/")


def test_an_older_program_that_gave_the_same_numbers_asks_for_nothing(who: Office, published: Round) -> None:
    assert engines.differences(sealed_by_an_older_program(published, "9.5")) == ()


def test_both_totals_stand_side_by_side_and_nothing_applies_before_it_is_accepted(
    who: Office, published: Round
) -> None:
    old = sealed_by_an_older_program(published, "9.4")
    (found,) = engines.differences(old)
    assert (found.sealed.total, found.now and found.now.total) == ("9.4", "9.5")
    page = text(visit(who.office), f"/rounds/{old.pk}/engine/")
    assert ">9.4<" in page
    assert "<strong>9.5</strong>" in page
    assert rollup.amended(old) == {}
    assert "计分程序核对" in text(visit(who.office), f"/rounds/{old.pk}/")


def test_accepting_is_a_correction_with_its_reason_and_leaves_the_seal_as_it_is(who: Office, published: Round) -> None:
    old = sealed_by_an_older_program(published, "9.4")
    with pytest.raises(ReasonNeeded):
        engines.accept(old, " ", by=who.office)
    visit(who.office).post(f"/rounds/{old.pk}/engine/", {"reason": "合并计分重复计算，已修正"})
    made = EngineChange.objects.get()
    assert (made.code, made.sealed_engine, made.engine, made.by) == ("rule-change", "0", ENGINE_VERSION, who.office)
    assert list(made.changes.values()) == [["9.4", "9.5"]]
    (amended,) = rollup.amended(old).values()
    assert str(amended.total.normalize()) == "9.5"
    assert Round.objects.get(pk=old.pk).seal == old.seal
    assert AuditEvent.objects.filter(action="采用新计分程序").count() == 1
    assert engines.accept(old, "再次", by=who.office) == made
    assert "合并计分重复计算" in text(visit(who.office), f"/rounds/{old.pk}/engine/")


def test_what_was_accepted_is_not_rewritten(who: Office, published: Round) -> None:
    engines.accept(sealed_by_an_older_program(published, "9.4"), "修正", by=who.office)
    with pytest.raises(DatabaseError), transaction.atomic():
        EngineChange.objects.update(reason="另一个原因")
    assert connection.vendor in {"sqlite", "postgresql"}


def test_others_do_not_come_to_it(who: Office, published: Round) -> None:
    assert visit(who.leader).get(f"/rounds/{published.pk}/engine/").status_code == 403
    text(visit(o.office("邻县").office), f"/rounds/{published.pk}/engine/", 404)
