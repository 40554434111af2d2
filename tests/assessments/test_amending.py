"""A correction of a published score stands beside what was sealed, and nothing else is possible."""

from decimal import Decimal

import pytest
from django.db import Error, IntegrityError, connection, transaction

from assessments import amending, chain, entries, rollup, rounds, sealing
from assessments.amending import BadScore, NotNow, ReasonNeeded, amend
from assessments.models import AmendmentCode, Entry, Phase, Round, ScoreAmendment, ScoreEvent, ScoreSheet
from assessments.reports import score_report
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.by_hand import by_hand
from units.models import AuditEvent, Role

pytestmark = pytest.mark.django_db

SCORES = {"主动公开": "4", "政策解读": "1", "回应关切": "1.5", "网站建设": "3"}


@pytest.fixture
def who() -> Office:
    """A county with two units."""
    return o.office()


@pytest.fixture
def published(who: Office) -> Round:
    """A published round of one sheet, 9.5 of 10; 1.5 of 2 for 回应关切."""
    round_ = o.handed_in(who, o.opened(who), SCORES)
    entries.accept_undisputed(round_, by=who.office)
    return rounds.publish(round_, by=who.office)


def corrected(who: Office, round_: Round, score: str | None = "2", **changes: object) -> ScoreAmendment:
    """The correction of 回应关切."""
    values: dict[str, object] = {"code": "error", "reason": "漏看第二份材料", "by": who.office}
    worth = None if score is None else Decimal(score)
    return amend(entry=o.entry(round_, "回应关切"), score=worth, **{**values, **changes})  # type: ignore[arg-type]


def test_a_correction_stands_beside_the_sealed_score_and_changes_no_sealed_row(who: Office, published: Round) -> None:
    before = list(Entry.objects.order_by("pk").values())
    sealed = Round.objects.values("snapshot", "seal").get()
    made = corrected(who, published)
    assert (made.sealed_score, made.score, made.number) == (Decimal("1.5"), Decimal(2), 1)
    assert list(Entry.objects.order_by("pk").values()) == before
    assert Round.objects.values("snapshot", "seal").get() == sealed
    assert [one.total for one in rollup.current(published)] == [Decimal("9.5")]
    assert [one.total for one in rollup.amended(published).values()] == [Decimal(10)]
    assert sealing.verify(Round.objects.get(pk=published.pk)) == []
    assert AuditEvent.objects.filter(action="更正公布得分").count() == 1


def test_the_second_correction_replaces_the_first_and_both_stay(who: Office, published: Round) -> None:
    corrected(who, published)
    made = corrected(who, published, "1.75", code="rule-change", reason="按新口径")
    assert (made.number, made.sealed_score) == (2, Decimal("1.5"))
    assert [one.total for one in rollup.amended(published).values()] == [Decimal("9.75")]
    changes = list(ScoreEvent.objects.filter(action="amend").order_by("id").values_list("changes", flat=True))
    assert [one["amended_score"] for one in changes] == [["1.5", "2"], ["2", "1.75"]]
    assert sealing.verify(Round.objects.get(pk=published.pk)) == []


def test_an_item_that_does_not_apply_after_all_leaves_the_sum_by_the_policy(who: Office, published: Round) -> None:
    corrected(who, published, None)
    [after] = rollup.amended(published).values()
    assert (after.earned, after.strict_possible) == (Decimal(8), Decimal(8))
    with pytest.raises(NotNow, match="相同"):
        corrected(who, published, None)


def test_an_archived_round_is_corrected_too(who: Office, published: Round) -> None:
    rounds.advance(published, Phase.ARCHIVED, by=who.office)
    corrected(who, published)
    assert sealing.verify(Round.objects.get(pk=published.pk)) == []


def test_the_same_click_is_one_correction_and_a_form_from_before_is_refused(who: Office, published: Round) -> None:
    key = o.key()
    assert corrected(who, published, key=key, number=1) == corrected(who, published, key=key, number=1)
    with pytest.raises(NotNow, match="由别人更正过"):
        corrected(who, published, "1.8", number=1)
    assert ScoreAmendment.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"score": "2.5"}, BadScore, "在 0 和 2 之间"),
        ({"score": "-1"}, BadScore, "在 0 和 2 之间"),
        ({"score": "1.5"}, NotNow, "相同"),
        ({"reason": "  "}, ReasonNeeded, "要写明原因"),
        ({"code": "whim"}, ValueError, "whim"),
    ],
)
def test_what_is_no_correction_is_refused_and_leaves_nothing(
    who: Office, published: Round, changes: dict[str, str], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        corrected(who, published, **changes)
    assert not ScoreAmendment.objects.exists()
    assert not ScoreEvent.objects.filter(action="amend").exists()


def test_only_the_office_corrects_and_only_what_is_published(who: Office, published: Round) -> None:
    for person in (who.reviewer, who.leader, who.fillers[0], who.signers[0], o.person(who.organisation, Role.ADMIN)):
        with pytest.raises(NotNow):
            corrected(who, published, by=person)
    stranger = o.office("某省").office
    with pytest.raises(NotNow, match="不能办理"):
        corrected(who, published, by=stranger)
    with pytest.raises(NotNow, match="阶段，不能更正"):
        amend(entry=o.entry(o.opened(who), "主动公开"), score=Decimal(1), code="error", reason="错", by=who.office)


def test_every_code_is_known_to_the_database(who: Office, published: Round) -> None:
    for score, code in zip(("1", "1.1", "1.2", "1.3"), AmendmentCode, strict=True):
        corrected(who, published, score, code=code)
    assert amending.last_of(o.entry(published, "回应关切")).code == AmendmentCode.RECTIFICATION  # type: ignore[union-attr]


def test_ranks_after_correction_follow_the_corrected_totals(who: Office) -> None:
    round_ = o.opened(who, shape="per-unit")
    for at, unit in enumerate(who.units):
        for name, score in SCORES.items():
            o.fill(o.entry(round_, name, unit), "1" if at and name == "主动公开" else score, who.fillers[at], "缺")
        entries.submit(round_, unit, by=who.fillers[at], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    entries.accept_undisputed(round_, by=who.office)
    round_ = rounds.publish(round_, by=who.office)
    first, second = (sheet.pk for sheet in round_.sheets.order_by("unit__lft"))
    assert rollup.amended(round_) == {}
    amend(entry=o.entry(round_, "主动公开", who.units[0]), score=Decimal(0), code="error", reason="误", by=who.office)
    after = rollup.amended(round_)
    assert {one.sheet_id: one.rank for one in rollup.current(round_)} == {first: 1, second: 2}
    assert {pk: one.rank for pk, one in after.items()} == {first: 2, second: 1}


# ---- the proof -----------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["score", "reason", "code", "sealed_score", "at"])
def test_an_amendment_changed_by_hand_is_found(who: Office, published: Round, column: str) -> None:
    made = corrected(who, published)
    with by_hand():
        new = {"score": 1, "reason": "无", "code": "objection", "sealed_score": 1, "at": made.at.replace(year=2001)}
        ScoreAmendment.objects.update(**{column: new[column]})
    assert sealing.verify(published) == ["“回应关切”的第 1 次更正与得分记录不符。"]


def test_an_amendment_taken_away_by_hand_is_found(who: Office, published: Round) -> None:
    corrected(who, published)
    with by_hand() as cursor:
        cursor.execute("DELETE FROM assessments_scoreamendment")
    assert sealing.verify(published) == ["“回应关切”的第 1 次更正与得分记录不符。"]


def test_an_amendments_event_changed_by_hand_breaks_the_chain(who: Office, published: Round) -> None:
    corrected(who, published)
    with by_hand():
        ScoreEvent.objects.filter(action="amend").update(reason="另一个理由")
    assert len(chain.walk(published)) == 1


def test_a_score_written_into_the_history_after_the_seal_is_found(who: Office, published: Round) -> None:
    entry = o.entry(published, "回应关切")
    with by_hand(), transaction.atomic():
        event = ScoreEvent(entry=entry, at=published.published_at, action="adjust", changes={"earned": ["1.5", "2"]})
        sheet = ScoreSheet.objects.get()
        chain.link([sheet], [(sheet.pk, event)])
        event.save()
        sheet.save(update_fields=["chain"])
    assert chain.walk(published) == []
    assert any("得分记录：公布时是" in one for one in sealing.verify(published))


# ---- the database refuses ------------------------------------------------------------------------

_REFUSED = [
    "UPDATE assessments_scoreevent SET reason = 'x'",
    "DELETE FROM assessments_scoreevent",
    "UPDATE assessments_scoreamendment SET score = 0",
    "DELETE FROM assessments_scoreamendment",
    "UPDATE assessments_entry SET earned = 0",
    "UPDATE assessments_entry SET self_reason = 'x'",
    "DELETE FROM assessments_entry",
    "UPDATE assessments_scoresheet SET total = 1",
    "UPDATE assessments_scoresheet SET rank = 3",
    "DELETE FROM assessments_scoresheet",
    "UPDATE assessments_nodescore SET earned = 0",
    "DELETE FROM assessments_nodescore",
    "UPDATE assessments_round SET phase = 'review'",
    "UPDATE assessments_round SET seal = 'x'",
    "UPDATE assessments_round SET snapshot = '{}'",
    "UPDATE assessments_round SET policy = '{}'",
    "UPDATE assessments_round SET engine = '0'",
    "DELETE FROM assessments_round",
    "INSERT INTO assessments_nodescore (sheet_id, indicator_id, earned, possible, strict_possible, pending, state) "
    "SELECT sheet_id, indicator_id, 0, 0, 0, 0, 'scored' FROM assessments_entry",
]


@pytest.mark.parametrize("statement", _REFUSED)
def test_no_statement_changes_what_was_published(who: Office, published: Round, statement: str) -> None:
    corrected(who, published)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert sealing.verify(Round.objects.get(pk=published.pk)) == []


def test_a_rounds_rows_cannot_be_moved_into_a_published_one(who: Office, published: Round) -> None:
    other = o.opened(who)
    sealed, open_ = published.sheets.get(), other.sheets.get()
    for statement in ("UPDATE assessments_entry SET sheet_id = %s WHERE sheet_id = %s",):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [sealed.pk, open_.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreSheet.objects.create(round=published, unit=who.units[1])


def test_an_archived_round_stays_archived_and_an_open_one_is_free(who: Office, published: Round) -> None:
    other = o.opened(who)
    rounds.advance(published, Phase.ARCHIVED, by=who.office)
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=published.pk).update(phase=Phase.PUBLISHED)
    o.in_phase(other, Phase.REVIEW)
    assert Entry.objects.filter(sheet__round=other).update(self_reason="x") == 4


def test_a_published_rounds_sums_are_not_made_again(who: Office, published: Round) -> None:
    with by_hand():
        ScoreSheet.objects.update(total=1)
    ScoreSheet.objects.update(stale_since=published.published_at)
    rollup.roll_up(ScoreSheet.objects.values_list("pk", flat=True))
    assert ScoreSheet.objects.values_list("total", "stale_since").get() == (Decimal(1), None)


def test_the_report_says_both_totals_and_both_scores(who: Office, published: Round) -> None:
    assert "amended" not in score_report(published)["sheets"][0]
    corrected(who, published)
    [sheet] = score_report(published)["sheets"]
    assert (sheet["total"], sheet["amended"]["total"], sheet["amended"]["rank"]) == ("9.5", "10", 1)
    said = {entry["item"]: entry for entry in sheet["entries"]}[o.entry(published, "回应关切").indicator_id]
    assert (said["final"], said["amended"]) == (
        "1.5",
        {"score": "2", "code": "error", "reason": "漏看第二份材料", "number": 1},
    )
