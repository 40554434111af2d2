"""The demo organisation's spot check (抽查): a few items of each unit reviewed, lost points being put right (整改)."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from assessments import entries, rectifications, rounds
from assessments.entries import SelfAssessment
from assessments.models import Entry, Phase, Rectification, Round, Shape
from assessments.rectifications import Order
from assessments.scoring.amounts import display_points
from assessments.scoring.policy import Policy
from indicators.models import Ledger
from units.models import Organisation, User
from units.pinyin import initials

ROUND = "2019年上半年政务公开抽查"
# how many items of each unit are looked at
SAMPLE = 2
PROBLEMS = (
    "抽查时栏目最近一次更新在 4 个月前，未做到及时更新",
    "解读材料与政策文件没有互相关联，点击后找不到原文",
    "公开的联系电话打不通，未及时更换",
    "依申请公开答复书缺少救济途径的告知",
)
MEASURE = "逐条核对栏目内容，明确专人负责，整改后每月自查一次。"
ANSWER = "已补充更新 26 条信息，关联解读材料 8 件，并在处室内通报。"
NOT_YET = "抽查发现仍有 3 条信息缺少发文日期，补齐后再报"


def make(organisation: Organisation, ledger: Ledger, people: Mapping[str, User]) -> Round:
    """The round under review: each unit's first items scored, every second marked down and ordered to be put right."""
    office = people["office"]
    round_ = rounds.prepare(
        ledger,
        name=ROUND,
        shape=Shape.ALLOCATED,
        policy=Policy(rectification="restore"),
        self_due=None,
        review_due=timezone.localdate() + timedelta(days=14),
        objection_due=None,
        participants=[],
        by=office,
    )
    round_ = rounds.open_round(round_, by=office)
    marked: list[Entry] = []
    for unit in organisation.units.offices():
        filler = people[f"{initials(unit.name)}-filler"]
        for entry in Entry.objects.filter(sheet__round=round_, unit=unit).in_order()[:SAMPLE]:
            whole = SelfAssessment(display_points(entry.maximum))
            marked.append(entries.save(entry, whole, version=0, key=f"demo-spot-{entry.pk}", by=filler))
        entries.submit(round_, unit, by=filler, key=f"demo-spot-submit-{unit.pk}")
    round_ = rounds.advance(round_, Phase.REVIEW, by=office)
    for place, entry in enumerate(marked[::SAMPLE]):
        _mark_down(Entry.objects.get(pk=entry.pk), place, people)
    entries.accept_undisputed(round_, by=office)
    return round_


def _mark_down(entry: Entry, place: int, people: Mapping[str, User]) -> None:
    office, problem = people["office"], PROBLEMS[place % len(PROBLEMS)]
    half = display_points(entry.maximum / 2)
    key = f"demo-spot-adjust-{entry.pk}"
    entry = entries.adjust(entry, half, problem, version=entry.version, key=key, by=office)
    due = timezone.localdate() + timedelta(days=2 if place % 3 else 20)
    order = Order(entry, problem, "限期整改，举一反三。")
    (one,) = rectifications.order([order], due, by=office, key=f"demo-order-{entry.pk}")
    _go(one, place, people)


def _go(one: Rectification, place: int, people: Mapping[str, User]) -> None:
    """One order brought as far as its place says: open, overdue, answered, sent back or closed."""
    office, key = people["office"], f"demo-remedy-{one.pk}"
    unit = one.entry.unit
    if place % 5 == 1:
        # ordered some weeks ago
        Rectification.objects.filter(pk=one.pk).update(due=timezone.localdate() - timedelta(days=6))
    if place % 5 < 2 or unit is None:
        return
    filler = people[f"{initials(unit.name)}-filler"]
    one = rectifications.answer(one, MEASURE, ANSWER, "", version=0, key=f"{key}-a", by=filler)
    if place % 5 == 3:
        rectifications.reopen(one, NOT_YET, version=1, key=f"{key}-b", by=office)
    elif place % 5 == 4:
        score = display_points(one.entry.maximum)
        rectifications.close(one, "复查通过，恢复得分", score, version=1, key=f"{key}-c", by=office)
