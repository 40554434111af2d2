"""A tracked round's matters as pages list and count them (督办清单): each with its light; nothing is written here.

Every count of a page is made by the same questions (`SHOW`) that choose the rows of the list behind it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils import timezone

from assessments import outlines
from assessments.deadlines import SOON_DAYS, deadline
from assessments.models import Matter, MatterState, Round
from assessments.models.tracking import OWES_MEASURES, OWES_RESULT, PAST_MEASURES
from assessments.outlines import Outline
from assessments.tables import Column, Table
from assessments.windows import SHANGHAI
from units.models import Unit

NO_UNIT = "未定牵头单位"
TONES = {
    MatterState.UNPLANNED: "quiet",
    MatterState.PLANNED: "now",
    MatterState.PLAN_RETURNED: "wrong",
    MatterState.REPORTED: "attention",
    MatterState.REPORT_RETURNED: "wrong",
    MatterState.CLOSED: "done",
}
HEADINGS = (
    "任务",
    "上级标题",
    "牵头单位",
    "状态",
    "措施期限",
    "措施",
    "报措施时间",
    "结果期限",
    "落实情况",
    "报结果时间",
)
MORE_HEADINGS = ("办结时间", "期限提示", "办理意见", "成员单位汇总")


@dataclass(frozen=True, slots=True)
class Row:
    """One matter with its light. owed: "measures", "result" or nothing. light: overdue · soon · later · none.

    place: the headings between the first level and the matter. late: what was handed in after its day, in words.
    member: the unit answers as one of the group that leads the task (各部门), beside the others.
    """

    entry_id: int
    unit_id: int | None
    unit: str
    indicator_id: int
    name: str
    place: str
    state: str
    words: str
    tone: str
    measures: str
    measures_due: date | None
    measures_at: datetime | None
    result: str
    result_due: date | None
    result_at: datetime | None
    remark: str
    decided_at: datetime | None
    owed: str
    light: str
    said: str
    late: str
    notes: int
    files: int
    member: bool

    @property
    def due(self) -> date | None:
        """The day of what is owed next."""
        return {"measures": self.measures_due, "result": self.result_due}.get(self.owed)


SHOW: Mapping[str, tuple[str, Callable[[Row], bool]]] = {
    "": ("全部任务", lambda row: True),
    "overdue": ("已逾期", lambda row: row.light == "overdue"),
    "soon": (f"{SOON_DAYS} 天内到期", lambda row: row.light == "soon"),
    "unfilled": ("未报措施", lambda row: row.state in OWES_MEASURES),
    "planned": ("已报措施", lambda row: row.measures_at is not None and row.state in PAST_MEASURES),
    "open": ("未报结果", lambda row: bool(row.owed)),
    "handed-in": ("已报结果", lambda row: row.state in (MatterState.REPORTED, MatterState.CLOSED)),
    "waiting": ("待办结", lambda row: row.state == MatterState.REPORTED),
    "returned": ("已退回", lambda row: row.state in (MatterState.PLAN_RETURNED, MatterState.REPORT_RETURNED)),
    "accepted": ("已办结", lambda row: row.state == MatterState.CLOSED),
    "unscored": ("未办结", lambda row: row.state != MatterState.CLOSED),
    "late": ("逾期报送", lambda row: bool(row.late)),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of a set of matters stand where."""

    total: int
    planned: int
    reported: int
    waiting: int
    returned: int
    closed: int
    overdue: int
    soon: int
    late: int

    @property
    def rate(self) -> str:
        """办结率: closed of all, per hundred, two places."""
        return f"{self.closed * 100 / self.total:.2f}" if self.total else "—"

    @property
    def words(self) -> str:
        """How far the units of one task are, in a line."""
        over = f"，逾期 {self.overdue}" if self.overdue else ""
        done = f"已报措施 {self.planned}，已报结果 {self.reported}/{self.total}，已办结 {self.closed}/{self.total}"
        return f"{self.total} 个成员单位：{done}{over}"


NOTHING: Mapping[int, Counts] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list's filter as its address says it; what makes no sense is left out. unit 0: what nobody leads."""

    show: str = ""
    unit: int | None = None
    node: int | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str], default: str = "") -> "Wanted":
        """From query parameters."""
        show = asked.get("show", default)
        return cls(show if show in SHOW else "", _number(asked.get("unit")), _number(asked.get("node")))


@dataclass(frozen=True, slots=True)
class Task:
    """One task with its matter; where a group leads, with those of its units, and all of them counted `together`."""

    name: str
    place: str
    together: Counts | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The matters below one first-level heading."""

    id: int
    title: str
    counts: Counts
    tasks: tuple[Task, ...]


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else None


def rows(round_: Round, today: date, tree: Outline, unit: Unit | None = None) -> list[Row]:
    """The round's matters in the ledger's order, of one unit or of all. One query."""
    found = Matter.objects.filter(entry__sheet__round=round_).select_related("entry__unit")
    if unit is not None:
        found = found.filter(entry__unit=unit)
    held = Q(entry__evidence__isnull=False, entry__evidence__removed_at__isnull=True)
    counted = found.annotate(
        n_notes=Count("entry__notes", distinct=True), n_files=Count("entry__evidence", filter=held, distinct=True)
    )
    return [_row(one, today, tree) for one in counted.order_by("entry__indicator__lft", "entry_id")]


def _row(one: Matter, today: date, tree: Outline) -> Row:
    owed, light, said = light_of(one, today)
    entry = one.entry
    return Row(
        entry_id=entry.pk,
        unit_id=entry.unit_id,
        unit=str(entry.unit or NO_UNIT),
        indicator_id=entry.indicator_id,
        name=tree.nodes[entry.indicator_id].name,
        place=outlines.words(tree.above(entry.indicator_id)[1:]),
        state=one.state,
        words=one.get_state_display(),
        tone=TONES[MatterState(one.state)],
        measures=one.measures,
        measures_due=one.measures_due,
        measures_at=one.measures_at,
        result=one.result,
        result_due=one.result_due,
        result_at=one.result_at,
        remark=one.remark,
        decided_at=one.decided_at,
        owed=owed,
        light=light,
        said=said,
        late=lateness(one),
        notes=one.n_notes,  # type: ignore[attr-defined]
        files=one.n_files,  # type: ignore[attr-defined]
        member=entry.member_id is not None,
    )


def light_of(one: Matter, today: date) -> tuple[str, str, str]:
    """What is owed next, its light, and both in words: ("measures", "overdue", "措施 7 月 30 日已截止，逾期 2 天")."""
    if one.state in OWES_MEASURES:
        owed, label, due = "measures", "措施", one.measures_due
    elif one.state in OWES_RESULT:
        owed, label, due = "result", "结果", one.result_due
    else:
        return "", "none", ""
    seen = deadline(due, today)
    gap = " " if seen.words[:1].isdigit() else ""
    return owed, seen.urgency, f"{label}{gap}{seen.words}" if due else f"{label}没有设期限"


def lateness(one: Matter) -> str:
    """What was handed in after its day had ended in Shanghai, in words."""
    parts = (
        ("措施", one.measures_due, one.measures_at),
        ("结果", one.result_due, one.result_at),
    )
    days = ((label, (timezone.localdate(at, SHANGHAI) - due).days) for label, due, at in parts if due and at)
    return "，".join(f"{label}逾期 {late} 天报送" for label, late in days if late > 0)


def count(of: Iterable[Row]) -> Counts:
    """The matters counted, by the questions of `SHOW`."""
    given = list(of)

    def such(show: str) -> int:
        return sum(SHOW[show][1](row) for row in given)

    return Counts(
        total=len(given),
        planned=such("planned"),
        reported=such("handed-in"),
        waiting=such("waiting"),
        returned=such("returned"),
        closed=such("accepted"),
        overdue=such("overdue"),
        soon=such("soon"),
        late=such("late"),
    )


def chosen(all_rows: Iterable[Row], wanted: Wanted, tree: Outline) -> list[Row]:
    """Those the filter leaves, in their order."""
    below = tree.below(wanted.node) if wanted.node is not None else None
    return [
        row
        for row in all_rows
        if SHOW[wanted.show][1](row)
        and (wanted.unit is None or (row.unit_id or 0) == wanted.unit)
        and (below is None or row.indicator_id in below)
    ]


def together(every: Iterable[Row]) -> dict[int, Counts]:
    """Task → how far the units of the group that leads it are, over all of the round's rows."""
    found: dict[int, list[Row]] = {}
    for row in every:
        if row.member:
            found.setdefault(row.indicator_id, []).append(row)
    return {task: count(rows) for task, rows in found.items()}


def groups(of: Sequence[Row], tree: Outline, counted: Mapping[int, Counts] = NOTHING) -> tuple[Group, ...]:
    """The rows under their first-level headings; headings without a row are left out. counted: from `together`."""
    found: dict[int, list[Row]] = {}
    for row in of:
        found.setdefault(tree.top(row.indicator_id).id, []).append(row)
    return tuple(
        Group(top.id, top.name, count(found[top.id]), _tasks(found[top.id], counted))
        for top in tree.tops
        if top.id in found
    )


def _tasks(of: Iterable[Row], counted: Mapping[int, Counts]) -> tuple[Task, ...]:
    found: dict[int, list[Row]] = {}
    for row in of:
        found.setdefault(row.indicator_id, []).append(row)
    return tuple(Task(rows[0].name, rows[0].place, counted.get(task), tuple(rows)) for task, rows in found.items())


def table(of: Iterable[Row], tree: Outline, counted: Mapping[int, Counts] = NOTHING) -> Table:
    """The list as a file. counted: from `together`; it stands in the row of each unit that answers the task."""
    columns = tuple(Column(title) for title in (*HEADINGS, *MORE_HEADINGS))
    return Table(columns, [_cells(row, tree, counted.get(row.indicator_id)) for row in of])


def _cells(row: Row, tree: Outline, task: Counts | None) -> list[str]:
    closed = row.decided_at if row.state == MatterState.CLOSED else None
    above = outlines.words(tree.above(row.indicator_id))
    measures = [_day(row.measures_due), row.measures, _time(row.measures_at)]
    result = [_day(row.result_due), row.result, _time(row.result_at)]
    end = [_time(closed), row.said or row.late, row.remark, task.words if task else ""]
    return [row.name, above, row.unit, row.words, *measures, *result, *end]


def _day(day: date | None) -> str:
    return f"{day:%Y-%m-%d}" if day else ""


def _time(at: datetime | None) -> str:
    return f"{timezone.localtime(at, SHANGHAI):%Y-%m-%d %H:%M}" if at else ""


def title(round_: Round, wanted: Wanted, tree: Outline) -> str:
    """What the list is, in words: 办公室 · 一、加强政策落实 · 已逾期. One query where a unit is asked for."""
    parts: list[str] = []
    if wanted.unit:
        # the number comes from the address: another organisation's unit has no name here
        parts += Unit.objects.filter(organisation=round_.organisation_id, pk=wanted.unit).values_list("name", flat=True)
    if wanted.node in tree.nodes:
        parts.append(tree.nodes[wanted.node].name)
    return " · ".join([*parts, SHOW[wanted.show][0]])
