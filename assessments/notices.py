"""What the people of a round are told of (通知), each event once and in its own transaction.

How, `units.notices` knows. A unit's people are told of their own unit's rows and of nothing else.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Count, F
from django.urls import reverse

from assessments import windows
from assessments.models import Entry, EntryStage, Matter, Objection, ObjectionState, Phase, Rectification, Round
from assessments.models.tracking import OWES_MEASURES
from units.models import Role, Unit
from units.notices import AT_ONCE, Letter, notify, people_by_unit, people_with, post

SOON_DAYS = 3
# a reviewer returns many items in one sitting: their words go out together
TOGETHER = timedelta(minutes=10)
_OPEN_STAGES = {
    Phase.SELF_ASSESSMENT: (EntryStage.FILLING, EntryStage.RETURNED, EntryStage.SIGNING),
    Phase.REVIEW: (EntryStage.RETURNED, EntryStage.SIGNING),
}


def tell_unit(
    unit_id: int | None,
    *,
    kind: str,
    subject: str,
    url: str,
    key: str,
    wait: timedelta = AT_ONCE,
    roles: tuple[str, ...] = (),
) -> None:
    """The unit's people, of these roles where some are named. Two queries."""
    if unit_id is not None:
        people = people_by_unit([unit_id], *roles).get(unit_id, [])
        notify(people=people, kind=kind, subject=subject, url=url, key=key, wait=wait)


def tell_units(round_: Round, lines: Iterable[tuple[int, str]], *, kind: str, url: str, key: str) -> None:
    """Each unit its own sentence about the round; lines: unit's id and sentence. Two queries for any number."""
    told = dict(lines)
    people = people_by_unit(told)
    post(Letter(people.get(unit, ()), kind, words, url, f"{key}:{unit}") for unit, words in told.items())


def tell_office(round_: Round, *, kind: str, subject: str, url: str, key: str) -> None:
    """The people of the office."""
    people = people_with(round_.organisation, Role.OFFICE)
    notify(people=people, kind=kind, subject=subject, url=url, key=key)


def round_opened(round_: Round) -> None:
    """每个有填报项的单位：轮次已开启，应填几项，何时截止."""
    due = windows.due_of(round_, Phase.SELF_ASSESSMENT)
    until = f"，{_said(due)}截止" if due else ""
    counted = _counted(round_, {})
    lines = [(unit, f"“{round_}”已开启，本单位应填 {left} 项{until}") for unit, left in counted.items()]
    tell_units(round_, lines, kind="轮次开启", url=_worksheet(round_), key=f"opened:{round_.pk}")


def round_published(round_: Round) -> None:
    """各单位和领导：结果已公布."""
    words = f"“{round_}”的结果已公布"
    lines = [(unit, words) for unit in _counted(round_, {})]
    tell_units(round_, lines, kind="结果公布", url=reverse("results"), key=f"published:{round_.pk}")
    leaders = people_with(round_.organisation, Role.LEADER)
    url, key = reverse("board", args=[round_.pk]), f"published:{round_.pk}"
    notify(people=leaders, kind="结果公布", subject=words, url=url, key=key)


def entry_returned(entry: Entry, reason: str) -> None:
    """填报单位：哪一项被退回，为什么. entry: as it is after the return."""
    tell_unit(
        entry.unit_id,
        kind="退回",
        subject=f"“{entry.indicator}”被退回：{reason}",
        url=reverse("entry", args=[entry.pk]),
        key=f"returned:{entry.pk}:{entry.version}",
        wait=TOGETHER,
    )


def presented(round_: Round, unit: Unit, count: int, *, key: str) -> None:
    """单位负责人：有几项等待签审. key: tells one presentation from the next."""
    words = f"“{round_}”有 {count} 项等待您签审"
    url = reverse("worksheet_sign", args=[round_.pk])
    tell_unit(unit.pk, kind="待签审", subject=words, url=url, key=f"sign:{round_.pk}:{key[:40]}", roles=(Role.SIGNER,))


def handed_back(round_: Round, unit: Unit, count: int, reason: str, *, key: str) -> None:
    """填报员：负责人退回了几项，为什么."""
    words = f"“{round_}”有 {count} 项未通过签审：{reason}"
    url, once = f"{_worksheet(round_)}?show=returned", f"unsigned:{round_.pk}:{key[:40]}"
    tell_unit(unit.pk, kind="未通过签审", subject=words, url=url, key=once, roles=(Role.FILLER,))


def objection_filed(objection: Objection) -> None:
    """政务公开办公室：有申诉待答复."""
    entry = objection.entry
    round_ = entry.sheet.round
    words = f"{entry.unit}对“{entry.indicator}”提出申诉"
    url = reverse("objection", args=[objection.pk])
    tell_office(round_, kind="申诉", subject=words, url=url, key=f"objection:{objection.pk}")


def objection_answered(objection: Objection) -> None:
    """申诉单位：答复的意见. objection: as it is after the answer."""
    entry = objection.entry
    tell_unit(
        entry.unit_id,
        kind="申诉答复",
        subject=f"“{entry.indicator}”的申诉已答复：{ObjectionState(objection.state).label}",
        url=reverse("entry", args=[entry.pk]),
        key=f"answered:{objection.pk}",
    )


def rectification_ordered(one: Rectification, *, url: str) -> None:
    """责任单位：有一项要整改，期限到哪天. Ordered again (重新整改) with another day, told again."""
    until = f"，{_said(one.due)}前完成" if one.due else ""
    words = f"“{one.entry.indicator}”需要整改{until}：{one.problem}"
    key = f"rectify:{one.pk}:{one.state}:{one.due or ''}"
    tell_unit(one.entry.unit_id, kind="整改", subject=words, url=url, key=key)


def rectification_due(one: Rectification, today: date, *, url: str) -> None:
    """责任单位：整改三天内到期，或已逾期；each of the two once a deadline. Nothing is said while there is more time."""
    if one.due is None or (one.due - today).days > SOON_DAYS:
        return
    over = one.due < today
    words = f"“{one.entry.indicator}”的整改{'已逾期' if over else f'{_said(one.due)}到期'}"
    key = f"rectify-{'overdue' if over else 'due'}:{one.pk}:{one.due}"
    tell_unit(one.entry.unit_id, kind="逾期" if over else "临近截止", subject=words, url=url, key=key)


def tell_rectifications(today: date) -> None:
    """Every unit whose order to put right is due within three days, or overdue; each of the two once a deadline."""
    soon = Rectification.objects.owed().filter(due__lte=today + timedelta(days=SOON_DAYS))
    for one in soon.select_related("entry__indicator", "entry__sheet__round__organisation"):
        rectification_due(one, today, url=reverse("rectification", args=[one.pk]))


def tell_matters(today: date) -> None:
    """Every unit of a tracked round (督办) that owes something near its day or over; once a last day."""
    owed = Matter.objects.owed().filter(entry__unit__isnull=False, entry__sheet__round__phase__in=_OPEN_STAGES)
    counted: Counter[tuple[int, int, date]] = Counter()
    for one in owed.select_related("entry__sheet"):
        due = one.measures_due if one.state in OWES_MEASURES else one.result_due
        if due is not None and (due - today).days <= SOON_DAYS and one.entry.unit_id is not None:
            counted[one.entry.sheet.round_id, one.entry.unit_id, due] += 1
    rounds = Round.objects.in_bulk({round_ for round_, _, _ in counted})
    for (round_id, unit, due), number in counted.items():
        over = due < today
        words = f"“{rounds[round_id]}”有 {number} 件{'已逾期' if over else f'{_said(due)}到期'}"
        key = f"matters-{'overdue' if over else 'due'}:{round_id}:{due}"
        url = _worksheet(rounds[round_id])
        tell_unit(unit, kind="逾期" if over else "临近截止", subject=words, url=url, key=key)


def tell_deadlines(today: date) -> None:
    """Units whose last day is three days off or nearer, and units it has passed, each once for each last day.

    Three queries for each open round with a last day; a unit with an extension is told by its own day.
    """
    open_ = Round.objects.filter(phase__in=_OPEN_STAGES).select_related("organisation")
    for round_ in open_:
        due = windows.due_in(round_)
        if due is not None and (due - today).days <= SOON_DAYS:
            _tell_deadline(round_, today)


def left_by_unit(round_: Round) -> dict[int, int]:
    """Unit → how many items it still has to hand in, in the round's present phase. One query."""
    stages = _OPEN_STAGES.get(Phase(round_.phase))
    return _counted(round_, {"stage__in": stages}) if stages else {}


def _tell_deadline(round_: Round, today: date) -> None:
    left = left_by_unit(round_)
    for unit, day in windows.last_days(round_, left).items():
        if day is None or (day - today).days > SOON_DAYS:
            continue
        over = day < today
        what = f"还有 {left[unit]} 项没有提交"
        words = f"“{round_}”已逾期，{what}" if over else f"“{round_}”{_said(day)}截止，{what}"
        tell_unit(
            unit,
            kind="逾期" if over else "临近截止",
            subject=words,
            url=_worksheet(round_),
            key=f"{'overdue' if over else 'due'}:{round_.pk}:{round_.phase}:{day}",
        )


def _counted(round_: Round, which: dict[str, object]) -> dict[int, int]:
    mine = Entry.objects.filter(sheet__round=round_, unit__isnull=False, shared_home__isnull=True, **which)
    return dict(mine.order_by().values_list(F("unit")).annotate(Count("pk")))


def _worksheet(round_: Round) -> str:
    return reverse("worksheet", args=[round_.pk])


def _said(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"
