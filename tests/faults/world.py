"""One organisation with a row of every kind and words of its own in every text: what probes look for elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook

from assessments import amending, composites, entries, evidence, rollup, rounds, tracking
from assessments.models import (
    AmendmentCode,
    EngineChange,
    Entry,
    EntryStage,
    LateException,
    Matter,
    Objection,
    Phase,
    Rectification,
    Reminder,
    Round,
    RoundAdjustment,
    Sample,
    SecondReview,
    Shape,
    SignOff,
    SupportNote,
)
from assessments.scoring.policy import Band, Policy
from indicators import editing, importing
from indicators.models import (
    Adjustment,
    AdjustmentKind,
    Indicator,
    Ledger,
    LedgerUpdate,
    LedgerView,
    PairAnswer,
    RememberedLayout,
    Responsibility,
    ScoringRule,
    Upload,
    UploadSheet,
)
from tests.assessments import office as o
from tests.assessments.office import Office
from units import jobs, offices, passwords, second_factor, succession
from units.models import Job, JobState, RecoveryCode, Role, SecondFactor, User, WorkerPulse

Mark = Callable[[str], str]
# the second unit's self score, and what its sums with the first unit's would be: seen by nobody of the first unit
SECRET_SCORE = "7.13"
OWN_SCORE = "2.5"
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@dataclass(frozen=True, slots=True)
class World:
    """The organisation, an account for each role, its rounds by phase. secret: what marks the second unit's words."""

    who: Office
    users: dict[str, User]
    rounds: dict[str, Round]
    secret: str


def build(mark: Mark, secret: str) -> World:
    """An organisation in the middle of its year. mark: makes a label into words of this organisation alone."""
    who = o.office(mark("县"), units=[mark("教育局"), mark("民政局"), mark("水利局")])
    users = _people(who, mark)
    _offices(who, mark)
    _uploads(who, mark)
    draft = _ledger(who, mark, "草稿")
    _edited(draft, mark, who.office)
    made = {phase: _round(who, mark, secret, phase) for phase in (*_OPEN, Phase.PUBLISHED)}
    made["per-unit"] = _per_unit(who, mark, secret)
    made["tracked"] = _tracked(who, mark, secret)
    parts = [(made["per-unit"], Decimal(70)), (_per_unit(who, mark, secret, "专项"), Decimal(30))]
    bands = _policy(mark).bands
    composites.create(who.organisation, name=mark("综合"), parts=parts, missing="none", bands=bands, by=who.office)
    made[Phase.PREPARING] = o.prepared(who, _ledger(who, mark, "准备"), name=mark("准备轮次"))
    _job(who, mark)
    _left_over(who, mark)
    WorkerPulse.objects.get_or_create(name="sweep", defaults={"at": timezone.now()})
    return World(who, users, made, secret)


_OPEN = (Phase.SELF_ASSESSMENT, Phase.REVIEW, Phase.OBJECTION)


def _people(who: Office, mark: Mark) -> dict[str, User]:
    users = {
        "admin": o.person(who.organisation, Role.ADMIN),
        "office": who.office,
        "reviewer": who.reviewer,
        "leader": who.leader,
        "auditor": o.person(who.organisation, Role.AUDITOR),
        "filler": who.fillers[0],
        "signer": who.signers[0],
    }
    for membership in who.organisation.memberships.select_related("user"):
        person = membership.user
        person.display_name = mark(f"人{person.pk}")[:50]
        person.username = mark(f"u{person.pk}")
        person.save()
    passwords.keep_former(who.leader)
    factor = SecondFactor.objects.create(user=who.leader, secret=second_factor.new_secret())
    RecoveryCode.objects.create(factor=factor, digest="0" * 64)
    for user in (*users.values(), *who.fillers, *who.signers):
        user.refresh_from_db()
    return users


def _offices(who: Office, mark: Mark) -> None:
    for unit in who.units[:2]:
        offices.classify(unit, mark("类")[:50], by=who.office)
    offices.add_alias(who.units[0], mark("别名"), by=who.office)
    offices.add_group(who.organisation, mark("各局"), who.units[1:], by=who.office)


def workbook(mark: Mark, note: str) -> bytes:
    """A filled-in ledger whose every cell carries the mark."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "台账"
    rows = [
        [mark(f"2026年考核指标台账{note}")],
        ["序号", "一级指标", "二级指标", "分值", "评分标准", "责任单位", "评估方式", mark("怪栏")],
        [
            "1",
            mark("公开"),
            mark("主动公开"),
            4,
            f"{mark('标准')}，未公开不得分",
            mark("教育局"),
            mark("法"),
            mark("甲"),
        ],
        ["2", mark("公开"), mark("解读"), 1, f"{mark('标准')}，每次扣0.1分", mark("民政局"), mark("法"), mark("乙")],
    ]
    for at, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(at, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _uploads(who: Office, mark: Mark) -> None:
    """One upload in each state: waiting, read, refused, stored."""
    content = workbook(mark, "存")
    importing.import_file(mark("存") + ".xlsx", content, organisation=who.organisation, by=who.office)
    for note in ("待", "读"):
        file = BytesIO(workbook(mark, note))
        importing.receive(file, mark(note) + ".xlsx", organisation=who.organisation, by=who.office)
    read = Upload.objects.get(organisation=who.organisation, name=importing.receiving.shown_name(mark("读") + ".xlsx"))
    assert read.job is not None
    jobs.run(read.job.pk, importing.read_upload, before=importing.parse)
    refused = BytesIO(f"{mark('')}".encode() + b"\0\1")
    importing.receive(refused, mark("坏") + ".xlsx", organisation=who.organisation, by=who.office)
    Upload.objects.filter(organisation=who.organisation, state="refused").update(refusal=mark("不能读"))


def _ledger(who: Office, mark: Mark, name: str) -> Ledger:
    spec = {
        mark("公开"): ((mark("主动公开"), "10"), (mark("政策解读"), "10"), (mark("回应"), "10"), (mark("平台"), "10")),
    }
    made = o.ledger(who.organisation, spec, who.units[:2])
    made.title, made.issuer, made.sheet = mark(f"台账{name}"), mark("发文单位"), mark("表")
    made.notes, made.layout = [mark("说明")], {"columns": [[mark("栏"), "extra"]], "header_rows": [1]}
    made.save()
    group = who.organisation.groups.get()
    for item in made.indicators.filter(is_item=True):
        Responsibility.objects.create(indicator=item, group=group, written=mark("各局"), role="support")
        ScoringRule.objects.create(indicator=item, kind="manual", source=mark("细则"))
        item.number, item.criteria, item.cells = mark("1")[:20], mark("标准"), mark("表!A1")
        item.checkpoints = [{"text": mark("得分点"), "points": "1"}]
        item.leaders, item.deadlines, item.extra = [mark("领导")], [mark("时限")], {mark("栏"): mark("值")}
        item.save()
    Adjustment.objects.create(ledger=made, text=mark("扣分项"), kind=AdjustmentKind.PENALTY, points=Decimal(-1))
    return made


def _edited(ledger: Ledger, mark: Mark, by: User) -> None:
    item = Indicator.objects.filter(ledger=ledger, is_item=True).first()
    assert item is not None
    changes = editing.Changes(name=mark("改名"), methods=(mark("法")[:50],))
    editing.edit(item, changes, edits=item.edits, by=by)


def _policy(mark: Mark) -> Policy:
    return Policy(bands=(Band(mark("优")[:20], Decimal(90)), Band(mark("良")[:20], Decimal(0))))


def _round(who: Office, mark: Mark, secret: str, phase: str) -> Round:
    """An allocated round in which both units have filled in, and the office has begun."""
    on = _ledger(who, mark, str(phase))
    round_ = o.prepared(who, on, name=mark(f"轮次{phase}"), policy=_policy(mark), self_due=date(2099, 1, 1))
    round_ = rounds.open_round(round_, by=who.office)
    for at, (score, words) in enumerate(((OWN_SCORE, mark("理由")), (SECRET_SCORE, f"{mark('')}{secret}理由"))):
        _filled(who, round_, at, score, words)
    _remedies(who, round_, mark, secret)
    if phase == Phase.SELF_ASSESSMENT:
        return round_
    for at in (0, 1):
        entries.submit(round_, who.units[at], by=who.fillers[at], key=o.key())
    round_ = rounds.advance(round_, Phase.REVIEW, by=who.office)
    _reviewed(who, round_, f"{mark('')}{secret}审核意见")
    if phase == Phase.OBJECTION:
        round_ = rounds.advance(round_, Phase.OBJECTION, by=who.office)
    if phase == Phase.PUBLISHED:
        _finish(who, round_)
        _amended(who, round_, f"{mark('')}{secret}更正")
        _corrected(who, Round.objects.get(pk=round_.pk), mark)
    rollup.roll_up(round_.sheets.values_list("pk", flat=True))
    return Round.objects.get(pk=round_.pk)


def _corrected(who: Office, round_: Round, mark: Mark) -> None:
    """A later scoring program's totals beside the seal."""
    EngineChange.objects.create(round=round_, sealed_engine="0", engine="1", reason=mark("新程序"), by=who.office)


def _filled(who: Office, round_: Round, at: int, score: str, words: str) -> None:
    unit, filler = who.units[at], who.fillers[at]
    for number, one in enumerate(Entry.objects.filter(sheet__round=round_, unit=unit).order_by("pk")):
        o.fill(one, score, filler, f"{words}{number}")
        file = SimpleUploadedFile(f"{words}{number}.pdf", PDF)
        evidence.add_file(one, file, by=filler)
        evidence.add_link(one, f"{words}网址", f"https://www.example.gov.cn/{words.replace(' ', '_')}", by=filler)


def _reviewed(who: Office, round_: Round, words: str) -> None:
    """Of the second unit: one item marked down, one sent back."""
    first, second = Entry.objects.filter(sheet__round=round_, unit=who.units[1]).order_by("pk")
    entries.adjust(first, "6", words, version=first.version, key=o.key(), by=who.office)
    entries.give_back(second, words, version=second.version, key=o.key(), by=who.office)
    o.fill(second, "7", who.fillers[1], words)
    entries.submit(round_, who.units[1], by=who.fillers[1], key=o.key())


def _remedies(who: Office, round_: Round, mark: Mark, secret: str) -> None:
    """What befalls an entry beside its score, of the second unit."""
    one = Entry.objects.filter(sheet__round=round_, unit=who.units[1]).first()
    assert one is not None
    now, words = timezone.now(), f"{mark('')}{secret}"
    answered = {"answer": f"{words}答复", "answered_by": who.office, "answered_at": now}
    Objection.objects.create(entry=one, state="refused", reason=f"{words}申诉", filed_by=who.fillers[1], **answered)
    Rectification.objects.create(
        entry=one,
        problem=f"{words}问题",
        measure=f"{words}措施",
        answer=f"{words}整改",
        url="https://a.cn/",
        remark=f"{words}复查",
        due=date(2099, 1, 1),
        ordered_by=who.office,
    )
    SupportNote.objects.create(entry=one, unit=who.units[2], text=f"{words}配合说明", by=who.fillers[2])
    sheet = round_.sheets.get()
    rule = round_.ledger.adjustments.get()
    RoundAdjustment.objects.create(sheet=sheet, adjustment=rule, times=1, reason=mark("事由"), entered_by=who.office)
    LateException.objects.create(
        round=round_, unit=who.units[1], phase=Phase.REVIEW, until=date(2099, 2, 1), reason=f"{words}延期",
        granted_by=who.office,
    )  # fmt: skip


def _finish(who: Office, round_: Round) -> None:
    entries.accept_undisputed(round_, by=who.office)
    assert not Entry.objects.filter(sheet__round=round_).exclude(stage=EntryStage.ACCEPTED).exists()
    rounds.publish(round_, by=who.office)


def _amended(who: Office, round_: Round, words: str) -> None:
    """A correction beside the seal, of the second unit."""
    one = Entry.objects.filter(sheet__round=round_, unit=who.units[1]).order_by("pk")[0]
    amending.amend(entry=one, score=Decimal("6.5"), code=AmendmentCode.ERROR, reason=words, by=who.office)


def _per_unit(who: Office, mark: Mark, secret: str, name: str = "对标") -> Round:
    """A round in which each of two units has a sheet."""
    on = _ledger(who, mark, name)
    made = o.prepared(
        who, on, Shape.PER_UNIT, name=mark(f"{name}轮次"), participants=who.units[:2], policy=_policy(mark)
    )
    made = rounds.open_round(made, by=who.office)
    _filled(who, made, 0, OWN_SCORE, mark("理由"))
    _filled(who, made, 1, SECRET_SCORE, f"{mark('')}{secret}理由")
    rollup.roll_up(made.sheets.values_list("pk", flat=True))
    return made


def _tracked(who: Office, mark: Mark, secret: str) -> Round:
    """A round without scores: the second unit's matters are planned, reported, returned and closed."""
    made = o.prepared(who, _ledger(who, mark, "督办"), Shape.TRACKED, name=mark("督办轮次"))
    made = rounds.open_round(made, by=who.office)
    words, filler = f"{mark('')}{secret}", who.fillers[1]
    first, second = Entry.objects.filter(sheet__round=made, unit=who.units[1]).order_by("pk")
    for one in (first, second):
        tracking.plan(one, f"{words}督办措施", version=0, key=o.key(), by=filler)
        tracking.report(one, f"{words}落实", version=1, key=o.key(), by=filler)
        SupportNote.objects.create(entry=one, unit=who.units[2], text=f"{words}配合", by=who.fillers[2])
    tracking.close(first, f"{words}办结", version=2, key=o.key(), by=who.office)
    tracking.send_back(second, f"{words}退回", version=2, key=o.key(), by=who.office)
    mine = Entry.objects.filter(sheet__round=made, unit=who.units[0]).order_by("pk")[0]
    tracking.plan(mine, mark("督办措施"), version=0, key=o.key(), by=who.fillers[0])
    Matter.objects.filter(entry__sheet__round=made).update(result_due=date(2099, 1, 1), measures_due=date(2020, 1, 1))
    rollup.roll_up(made.sheets.values_list("pk", flat=True))
    return made


def _left_over(who: Office, mark: Mark) -> None:
    """What is out of use: a unit, an indicator, an account; and what uploads leave behind."""
    offices.abolish(offices.add_unit(who.organisation, mark("旧局"), by=who.office), by=who.office)
    draft = Ledger.objects.get(organisation=who.organisation, title=mark("台账草稿"))
    editing.retire(draft.indicators.filter(is_item=True).reverse()[0], by=who.office)
    User.objects.filter(pk=who.fillers[2].pk).update(is_active=False)
    upload = Upload.objects.filter(organisation=who.organisation, state="stored")[0]
    UploadSheet.objects.create(upload=upload, position=90, name=mark("表"), cells=[[mark("格")]])
    RememberedLayout.objects.create(
        organisation=who.organisation, issuer=mark("发文单位"), fingerprint=mark("特征"), height=1, layout={},
        learned_from=mark("文件"), learned_by=who.office,
    )  # fmt: skip
    round_ = Round.objects.filter(organisation=who.organisation, phase=Phase.SELF_ASSESSMENT)[0]
    units = [offices.add_unit(who.organisation, mark(name), by=who.office) for name in ("并入前", "并入后")]
    succession.merge(units[0], into=units[1], document=mark("文号"), by=who.office)
    PairAnswer.objects.create(
        old=draft.indicators.reverse()[0], new=round_.ledger.indicators.reverse()[0], same=False, answered_by=who.office
    )
    now = timezone.now()
    sample = Sample.objects.create(round=round_, percent=10, seed="0", drawn_by=who.office, at=now)
    drawn = Entry.objects.filter(sheet__round=round_, unit=who.units[1])[0]
    SecondReview.objects.create(
        sample=sample, entry=drawn, first_score=0, score=0, reason=mark("复评"), by=who.office, at=now
    )
    SignOff.objects.create(
        round=round_, unit=who.units[1], by=who.signers[1], at=now, count=1, digest="0" * 64, key="1"
    )
    Reminder.objects.create(round=round_, unit=who.units[1], day=timezone.localdate(), left=1, by=who.office, at=now)
    LedgerView.objects.create(user=who.office, hidden=[mark("列")])
    LedgerUpdate.objects.create(upload=upload, sheet=mark("表"), ledger=draft, report=[], applied_by=who.office)


def _job(who: Office, mark: Mark) -> None:
    Job.objects.create(
        organisation=who.organisation, task="units.nothing", title=mark("任务"), state=JobState.FAILED, attempts=3,
        step=mark("步骤"), reason=mark("失败原因"), finished_at=timezone.now(), created_by=who.office,
    )  # fmt: skip
