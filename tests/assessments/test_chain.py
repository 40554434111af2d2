"""The chain over a sheet's history names the first row that somebody changed in the database by hand."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from assessments import chain, entries, objections, rounds
from assessments.models import Phase, Round, ScoreEvent, ScoreSheet
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.test_objections import SCORES, filed, reviewed
from tests.by_hand import by_hand

pytestmark = pytest.mark.django_db

TABLE = "assessments_scoreevent"
# the columns of a row, each with what a forger might write there
COLUMNS: dict[str, Callable[[ScoreEvent], Any]] = {
    "at": lambda event: event.at.replace(year=event.at.year - 1),
    "actor_id": lambda event: None if event.actor_id else 1,
    "action": lambda event: "adjust" if event.action != "adjust" else "save",
    "changes": lambda _event: '{"self_score": ["0", "4"]}',
    "reason": lambda event: f"{event.reason}。",
    "source": lambda event: "import" if event.source == "form" else "form",
    "key": lambda event: f"{event.key or ''}x",
    "content": lambda event: event.content[::-1] or "x",
    "digest": lambda event: event.digest[::-1],
}
WAYS = [*COLUMNS, "entry_id", "deleted", "put in", "swapped"]


@pytest.fixture
def who() -> Office:
    """A county with two units."""
    return o.office()


def lived(who: Office) -> Round:
    """A round with a sheet for each unit, each with a history by every way there is."""
    round_ = o.opened(who, shape="per-unit")
    for at, unit in enumerate(who.units):
        for name, score in SCORES.items():
            o.fill(o.entry(round_, name, unit), score, who.fillers[at], "材料不全")
        entries.submit(round_, unit, by=who.fillers[at], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    for unit in who.units:
        one = o.entry(round_, "主动公开", unit)
        entries.adjust(one, "3", "缺一处", version=one.version, key=o.key(), by=who.reviewer)
        one = o.entry(round_, "回应关切", unit)
        entries.give_back(one, "补充", version=one.version, key=o.key(), by=who.reviewer)
        filler = who.fillers[who.units.index(unit)]
        o.fill(one, "1", filler, "已补充")
        entries.submit(round_, unit, by=filler, key=o.key())
    entries.accept_undisputed(round_, by=who.reviewer)
    return rounds.advance(round_, Phase.OBJECTION, by=who.office)


def forge(way: str, dice: random.Random) -> tuple[int, int | None]:
    """Changes one row of the history by SQL; the sheet, and the first row that is then wrong (None: after the last)."""
    events = list(ScoreEvent.objects.order_by("id").select_related("entry"))
    # a handing-in has one key for all its entries, and so cannot be moved to another of them
    event = dice.choice([one for one in events if way != "entry_id" or one.action != "submit"])
    sheet = event.entry.sheet_id
    later = [one.pk for one in events if one.pk > event.pk and one.entry.sheet_id == sheet]
    with by_hand() as cursor:
        if way in COLUMNS:
            cursor.execute(f"UPDATE {TABLE} SET {way} = %s WHERE id = %s", [COLUMNS[way](event), event.pk])
            return sheet, event.pk
        if way == "entry_id":
            other = event.entry.sheet.entries.exclude(pk=event.entry_id).first()
            cursor.execute(f"UPDATE {TABLE} SET entry_id = %s WHERE id = %s", [other.pk, event.pk])
            return sheet, event.pk
        if way == "deleted":
            cursor.execute(f"DELETE FROM {TABLE} WHERE id = %s", [event.pk])
            return sheet, later[0] if later else None
        if way == "put in":
            names = "entry_id, at, actor_id, action, changes, reason, source, content, digest"
            cursor.execute(f"INSERT INTO {TABLE} ({names}) SELECT {names} FROM {TABLE} WHERE id = %s", [event.pk])
            return sheet, ScoreEvent.objects.latest("id").pk
        mate = dice.choice([one for one in events if one.pk != event.pk and one.entry.sheet_id == sheet])
        for old, new in ((event.pk, -1), (mate.pk, event.pk), (-1, mate.pk)):
            cursor.execute(f"UPDATE {TABLE} SET id = %s WHERE id = %s", [new, old])
        return sheet, min(event.pk, mate.pk)


def test_every_way_of_writing_leaves_a_chain_that_holds(who: Office) -> None:
    round_ = lived(who)
    one = o.entry(round_, "主动公开", who.units[0])
    made = objections.file(one, "已补齐", version=one.version, key=o.key(), by=who.fillers[0])
    objections.answer(made, True, "材料有效", "4", by=who.office)
    assert set(ScoreEvent.objects.values_list("action", flat=True)) == {
        "save", "submit", "accept", "adjust", "return", "object", "answer"
    }  # fmt: skip
    assert chain.walk(round_) == []
    for sheet in ScoreSheet.objects.all():
        last = ScoreEvent.objects.filter(entry__sheet=sheet).latest("id")
        assert sheet.chain == last.digest != ""


@pytest.mark.parametrize("seed", range(20))
def test_of_twenty_random_forgeries_each_is_found_where_it_was_done(who: Office, seed: int) -> None:
    round_ = lived(who)
    assert chain.walk(round_) == []
    sheet, first = forge(WAYS[seed % len(WAYS)], random.Random(seed))
    found = chain.walk(round_)
    assert [(one.sheet_id, one.event_id) for one in found] == [(sheet, first)]


def test_a_row_moved_to_another_sheet_is_missed_on_the_one_and_too_much_on_the_other(who: Office) -> None:
    round_ = lived(who)
    event = ScoreEvent.objects.order_by("id")[2]
    other = o.entry(round_, "政策解读", who.units[1])
    with by_hand() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET entry_id = %s WHERE id = %s", [other.pk, event.pk])
    assert [one.sheet_id for one in chain.walk(round_)] == [sheet.pk for sheet in round_.sheets.order_by("pk")]


def test_a_whole_history_taken_away_is_missed(who: Office) -> None:
    round_ = lived(who)
    with by_hand() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")
    found = chain.walk(round_)
    assert [one.event_id for one in found] == [None, None]
    assert "第 0 条之后" in found[0].sentence


def test_a_forged_last_row_with_a_fitting_digest_does_not_fit_the_sheet(who: Office) -> None:
    round_ = lived(who)
    last = ScoreEvent.objects.latest("id")
    last.reason = "改过"
    before = list(ScoreEvent.objects.filter(entry__sheet=last.entry.sheet_id).order_by("-id"))[1].digest
    with by_hand() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET reason = %s, digest = %s WHERE id = %s",
            [last.reason, chain.digest(before, last), last.pk],
        )
    assert [(one.sheet_id, one.event_id) for one in chain.walk(round_)] == [(last.entry.sheet_id, None)]


def test_the_command_names_the_first_bad_row_and_the_seal_covers_the_chain(
    who: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    round_ = reviewed(who)
    objections.answer(filed(who, round_), True, "材料有效", "4", by=who.office)
    rounds.publish(round_, by=who.office)
    call_command("verify_round", round_.pk)
    event = ScoreEvent.objects.filter(action="adjust").get()
    with by_hand() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET reason = %s WHERE id = %s", ["另一个理由", event.pk])
    with pytest.raises(CommandError, match="1 处不符"):
        call_command("verify_round", round_.pk)
    told = capsys.readouterr().out
    assert "的得分记录从第 9 条起与校验值不符" in told
    assert f"改分“主动公开”（编号 {event.pk}）" in told
    ScoreSheet.objects.update(chain="0" * 64)
    with pytest.raises(CommandError):
        call_command("verify_round", round_.pk)
    assert "得分记录：公布时是" in capsys.readouterr().out


def test_a_round_under_way_can_be_checked_too(who: Office, capsys: pytest.CaptureFixture[str]) -> None:
    round_ = lived(who)
    forge("reason", random.Random(1))
    with pytest.raises(CommandError):
        call_command("verify_round", round_.pk)
    told = capsys.readouterr().out
    assert "与校验值不符" in told
    assert "还没有公布" in told
