"""Some indicators of a locked ledger with what hangs on them: read in bulk, changed as values, written in bulk."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any
from uuid import UUID

from indicators.editing import texts
from indicators.editing.fields import NAMES
from indicators.editing.locking import EditRefused, note
from indicators.editing.rereading import read_anew, take_in
from indicators.models import Amendment, EvaluationMethod, Indicator, IndicatorMethod, Ledger, Responsibility
from indicators.proposing import said
from indicators.reading.report import plain
from units.matching import Known, known
from units.models import User

LEADERS, DEADLINES = "x:责任领导", "x:时限"
_LISTS = {LEADERS: "leaders", DEADLINES: "deadlines"}
LABELS = {**NAMES, "number": "序号"}
_STORED = (
    *("name", "pinyin", "points", "criteria", "checkpoints", "is_item", "number", "extra", "leaders", "deadlines"),
    "edits",
)


def is_field(field: str) -> bool:
    """Whether a cell of that kind can be written."""
    return field in LABELS or (field.startswith("x:") and 2 < len(field) <= 100)


class Sheaf:
    """Values by (indicator, field) as plain JSON: text, points as text or None, lists of names, rows of units.

    Reads an indicator's units or methods only once they are asked for: two queries for any number of indicators.
    """

    def __init__(self, ledger: Ledger, ids: Collection[int], *, by: User | None, step: UUID) -> None:
        self.ledger, self.by, self.step = ledger, by, step
        self.rows = {one.pk: one for one in Indicator.objects.filter(ledger=ledger, pk__in=ids, parent__isnull=False)}
        self.notes: list[Amendment] = []
        self._said = {pk: said(one) for pk, one in self.rows.items()}
        self._units: set[int] = set()
        self._methods: set[int] = set()

    @cached_property
    def known(self) -> Known:
        """The organisation's units, aliases and groups."""
        return known(self.ledger.organisation)

    @cached_property
    def _duties(self) -> dict[int, list[Responsibility]]:
        found: dict[int, list[Responsibility]] = defaultdict(list)
        rows = Responsibility.objects.filter(indicator__in=self.rows).select_related("unit", "group")
        for one in rows.order_by("id"):
            found[one.indicator_id].append(one)
        return found

    @cached_property
    def _links(self) -> dict[int, list[IndicatorMethod]]:
        found: dict[int, list[IndicatorMethod]] = defaultdict(list)
        for one in IndicatorMethod.objects.filter(indicator__in=self.rows).select_related("method").order_by("id"):
            found[one.indicator_id].append(one)
        return found

    def value(self, pk: int, field: str) -> Any:
        """What stands there now."""
        row = self.rows[pk]
        if field == "parts":
            return [
                [one.role, one.unit_id, one.group_id, one.written, one.open_ended, one.inferred]
                for one in self._duties[pk]
            ]
        if field == "methods":
            return [one.method.name for one in self._links[pk]]
        if field == "points":
            return None if row.points is None else plain(row.points)
        if field in _LISTS and (getattr(row, _LISTS[field]) or field[2:] not in row.extra):
            return "、".join(getattr(row, _LISTS[field]))
        return str(row.extra.get(field[2:], "")) if field.startswith("x:") else getattr(row, field)

    def text(self, pk: int, field: str) -> str:
        """What stands there now, as the cell's text."""
        if field == "parts":
            return texts.units_text(
                (str(one.unit or one.group or one.written), one.role, one.open_ended) for one in self._duties[pk]
            )
        value = self.value(pk, field)
        return "、".join(value) if isinstance(value, list) else "" if value is None else str(value)

    def read(self, field: str, text: str) -> Any:
        """The value a typed text stands for. Raises EditRefused."""
        if field == "parts":
            return texts.units(text, self.known)
        if field == "methods":
            return texts.names(text)
        if field == "points":
            number = texts.points(text)
            return None if number is None else plain(number)
        return texts.words(field, text)

    def set(self, pk: int, field: str, value: Any, *, undoes: Amendment | None = None) -> Amendment | None:
        """The change, noted; None where it stands so already. Nothing is written before `save`."""
        row, old = self.rows[pk], self.value(pk, field)
        if old == value:
            return None
        said_old, said_new, detail = old, value, {"field": field}
        if field == "parts":
            said_old, said_new = self._say(self._duties[pk]), self._set_units(pk, value)
            detail |= {"old": old, "new": value}
        elif field == "methods":
            self._set_methods(pk, value)
        elif field in _LISTS:
            setattr(row, _LISTS[field], texts.names(value))
        elif field.startswith("x:"):
            row.extra = {**row.extra, field[2:]: value}
        elif field == "name":
            row.rename(value)
        else:
            setattr(row, field, texts.points(value or "") if field == "points" else value)
        label = LABELS.get(field, field[2:][:30])
        made = note(
            *(self.ledger, row, Amendment.Action.EDITED, self.by),
            field=label,
            old=said_old,
            new=said_new,
            detail=detail,
            step=self.step,
            undoes=undoes,
        )
        self.notes.append(made)
        return made

    def _say(self, duties: Iterable[Responsibility]) -> list[str]:
        return [f"{one.get_role_display()} {one.unit or one.group or one.written}" for one in duties]

    def _set_units(self, pk: int, rows: list[texts.UnitRow]) -> list[str]:
        units = {one.pk: one for one in self.known.units.values()}
        groups = {one.pk: one for one in self.known.groups.values()}
        made = []
        for role, unit, group, written, open_ended, inferred in rows:
            if (unit and unit not in units) or (group and group not in groups):
                raise EditRefused(f"“{written}”已不在单位名录中，重新填写责任单位")
            made.append(
                Responsibility(
                    indicator=self.rows[pk],
                    unit=units.get(unit),
                    group=groups.get(group),
                    written=written,
                    role=role,
                    open_ended=open_ended,
                    inferred=inferred,
                )
            )
        self._duties[pk] = made
        self._units.add(pk)
        return self._say(made)

    def _set_methods(self, pk: int, names: list[str]) -> None:
        self._links[pk] = [
            IndicatorMethod(indicator=self.rows[pk], method=EvaluationMethod(name=name[:50])) for name in names
        ]
        self._methods.add(pk)

    def save(self) -> list[Amendment]:
        """Everything set so far, written: a few statements for any number of cells."""
        if not self.notes:
            return []
        changed = {one.indicator_id for one in self.notes}
        rows = [self.rows[pk] for pk in changed if pk is not None]
        for row in rows:
            row.edits += 1
        other_words = [row for row in rows if take_in(row, self._said[row.pk])]
        Indicator.objects.bulk_update(rows, _STORED, batch_size=200)
        if self._units:
            Responsibility.objects.filter(indicator__in=self._units).delete()
            Responsibility.objects.bulk_create([one for pk in self._units for one in self._duties[pk]])
        if self._methods:
            self._save_methods()
        read_anew(other_words)
        return Amendment.objects.bulk_create(self.notes)

    def _save_methods(self) -> None:
        organisation = self.ledger.organisation
        links = [one for pk in self._methods for one in self._links[pk]]
        names = {one.method.name for one in links}
        EvaluationMethod.objects.bulk_create(
            [EvaluationMethod(organisation=organisation, name=name) for name in names], ignore_conflicts=True
        )
        stored = {one.name: one for one in organisation.methods.filter(name__in=names)}
        IndicatorMethod.objects.filter(indicator__in=self._methods).delete()
        for one in links:
            one.method = stored[one.method.name]
        IndicatorMethod.objects.bulk_create(links)
