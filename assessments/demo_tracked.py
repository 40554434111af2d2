"""The demo organisation's tracked round (督办): the work-points notice, part answered, some returned, some overdue."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils import timezone

from assessments import rounds, supporting, tracking
from assessments.models import Entry, Matter, Round, Shape
from assessments.scoring.policy import Policy
from indicators.models import Ledger
from units.models import Organisation, Unit, User
from units.pinyin import initials

ROUND = "2019年政务公开工作要点督办"
MEASURES = (
    "一是梳理本处室承担的事项，列出清单并明确责任人；二是在门户网站相应栏目集中公开，每月核对一次；三是与办公室建立会商机制。",
    "制定工作方案，分三个阶段推进：先摸底，再整改，最后建立长效机制；每季度向办公室报送进展。",
    "由分管领导牵头成立工作专班，公开目录和流程图一并更新，纳入年度考核。",
)
RESULTS = (
    "已按措施全部落实：公开清单 12 项，更新栏目 5 个，组织培训 2 次，群众反馈问题均已办结。",
    "已公开有关文件 8 件、解读材料 8 件，网站专栏已上线，相关制度印发执行。",
)
RETURNED = "落实情况只写了做法，没有写公开的数量和网址，补充后再报"
VAGUE = "措施太笼统，写明责任人和完成时间"
NOTE = "本单位负责的数据已在每月 5 日前提供给牵头单位，见公开栏目。"


def make(organisation: Organisation, ledger: Ledger, people: Mapping[str, User]) -> Round:
    """The round at work: a third closed or reported, some planned, one each returned, one overdue."""
    today = timezone.localdate()
    round_ = rounds.prepare(
        ledger,
        name=ROUND,
        shape=Shape.TRACKED,
        policy=Policy(),
        self_due=today - timedelta(days=5),
        review_due=today + timedelta(days=28),
        objection_due=None,
        participants=[],
        by=people["office"],
    )
    round_ = rounds.open_round(round_, by=people["office"])
    led = Entry.objects.filter(sheet__round=round_, unit__isnull=False).in_order().select_related("unit")
    for place, entry in enumerate(led):
        if entry.unit is not None:
            _go(entry, entry.unit, place, people, today)
    return round_


def _go(entry: Entry, unit: Unit, place: int, people: Mapping[str, User], today: date) -> None:
    """One matter brought as far as its place says."""
    filler, office = people[f"{initials(unit.name)}-filler"], people["office"]
    step = place % 8
    if step == 7:
        return
    if step == 6:
        days = today + timedelta(days=2), today + timedelta(days=28)
        tracking.postpone(entry, *days, "机构改革，职责刚刚划转", version=0, key=f"demo-later-{entry.pk}", by=office)
        return
    tracking.plan(entry, MEASURES[place % 3], version=0, key=f"demo-plan-{entry.pk}", by=filler)
    # the measures came in time
    Matter.objects.filter(entry=entry).update(measures_at=timezone.now() - timedelta(days=9))
    if step == 5:
        tracking.send_back(entry, VAGUE, version=1, key=f"demo-vague-{entry.pk}", by=office)
    if step >= 4:
        return
    tracking.report(entry, RESULTS[place % 2], version=1, key=f"demo-report-{entry.pk}", by=filler)
    if step in (0, 2):
        tracking.close(entry, "", version=2, key=f"demo-close-{entry.pk}", by=office)
    elif step == 3:
        tracking.send_back(entry, RETURNED, version=2, key=f"demo-return-{entry.pk}", by=office)
    _noted(entry, people)


def _noted(entry: Entry, people: Mapping[str, User]) -> None:
    """The first supporting unit's note, where the lead can still use it."""
    for person in people.values():
        unit = person.membership.unit
        if unit is not None and supporting.supports(unit, entry) and not supporting.locked_because(_fresh(entry)):
            supporting.add_note(entry, NOTE, by=person)
            return


def _fresh(entry: Entry) -> Entry:
    return Entry.objects.select_related("sheet__round", "shared_home").get(pk=entry.pk)
