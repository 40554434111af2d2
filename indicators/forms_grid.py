"""What the ledger's grid sends, checked and turned into plain values; writes nothing."""

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from indicators.editing import Act, Bulk, Cell, More, Piece, texts
from indicators.editing.acts import VERBS
from indicators.editing.locking import EditRefused
from indicators.models import Indicator, ResponsibilityRole
from indicators.reading.report import plain

BIGGEST = 2**62
_TOO_ODD = "这次修改没有读懂，重新载入页面后再试"


class CellsForm(forms.Form):
    """changes: a JSON list of [indicator, field, was, now]. rows: a JSON list of new rows behind `below`, if any."""

    changes = forms.CharField(max_length=4_000_000, strip=False, error_messages={"required": _TOO_ODD})
    rows = forms.CharField(required=False, max_length=4_000_000, strip=False)
    below = forms.IntegerField(required=False, min_value=1, max_value=BIGGEST)

    def clean_changes(self) -> list[Cell]:
        return [_cell(row) for row in _listed(self.cleaned_data["changes"])]

    def clean_rows(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        return tuple(_line(row) for row in _listed(self.cleaned_data["rows"] or "[]"))

    def more(self) -> More | None:
        """The rows to be added; none without the row they stand behind."""
        below, rows = self.cleaned_data["below"], self.cleaned_data["rows"]
        return More(below, rows) if below and rows else None


def _listed(text: str) -> list[Any]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as odd:
        raise ValidationError(_TOO_ODD) from odd
    if not isinstance(rows, list):
        raise ValidationError(_TOO_ODD)
    return rows


def _line(row: Any) -> tuple[tuple[str, str], ...]:
    """Of one new row its cells as (field, text)."""
    if not isinstance(row, list):
        raise ValidationError(_TOO_ODD)
    pairs = [tuple(pair) for pair in row if isinstance(pair, list)]
    if len(pairs) != len(row) or any(len(pair) != 2 or not all(isinstance(one, str) for one in pair) for pair in pairs):
        raise ValidationError(_TOO_ODD)
    return tuple((field, text) for field, text in pairs)


def _cell(row: Any) -> Cell:
    if not isinstance(row, list) or len(row) != 4:
        raise ValidationError(_TOO_ODD)
    pk, *words = row
    if not _is_id(pk) or not all(isinstance(one, str) for one in words):
        raise ValidationError(_TOO_ODD)
    field, was, now = words
    return Cell(pk, field, was, now)


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < BIGGEST


class IdsField(forms.CharField):
    """`12,15,16`: indicators, as numbers."""

    def clean(self, value: Any) -> tuple[int, ...]:
        words = [one for one in (super().clean(value) or "").split(",") if one]
        if not all(one.isascii() and one.isdecimal() and len(one) < 19 for one in words):
            raise ValidationError(_TOO_ODD)
        return tuple(dict.fromkeys(int(one) for one in words))


class ActForm(forms.Form):
    """One act on some rows."""

    do = forms.ChoiceField(choices=[(verb, verb) for verb in VERBS], error_messages={"invalid_choice": _TOO_ODD})
    ids = IdsField(required=False, max_length=50_000)
    where = forms.ChoiceField(choices=[(one, one) for one in ("above", "below", "child")], required=False)
    of = forms.IntegerField(required=False, min_value=1, max_value=BIGGEST)

    def act(self) -> Act:
        values = self.cleaned_data
        return Act(values["do"], values["ids"], values["where"] or "below", values["of"])


class BulkForm(forms.Form):
    """The same units, methods or points for all selected rows; a blank field leaves them as they are."""

    ids = IdsField(max_length=50_000, error_messages={"required": "先选中要修改的行"})
    parts = forms.CharField(required=False, max_length=500)
    role = forms.ChoiceField(choices=[("", "替换为"), *ResponsibilityRole.choices], required=False)
    methods = forms.CharField(required=False, max_length=500)
    points = forms.CharField(required=False, max_length=20)

    def bulk(self) -> Bulk:
        values = self.cleaned_data
        return Bulk(
            parts=values["parts"] or None,
            role=values["role"],
            methods=values["methods"] or None,
            points=values["points"] or None,
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not any(values.get(name) for name in ("parts", "methods", "points")):
            raise ValidationError("填写要统一设置的责任单位、评估方式或分值")
        return values


class SplitForm(forms.Form):
    """One line a piece: its name, and its points behind a tab or a vertical line."""

    pieces = forms.CharField(
        label="拆分为",
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 8, "autofocus": True}),
        help_text="每行一项；要写明分值时写成“名称 | 0.5”，没写的平均分配余下的分值",
        error_messages={"required": "每行写一项，至少两行"},
    )

    def clean_pieces(self) -> list[Piece]:
        try:
            return [_piece(line) for line in self.cleaned_data["pieces"].splitlines() if line.strip()]
        except EditRefused as refused:
            raise ValidationError(refused.message) from refused


class MergeForm(forms.Form):
    """Which items beside an item become one with it."""

    def __init__(self, data: Any, *, indicator: Indicator, beside: Sequence[Indicator]) -> None:
        super().__init__(data)
        self.indicator = indicator
        choices = [(one.pk, _told(one)) for one in beside if one.pk != indicator.pk]
        self.fields["with"] = forms.TypedMultipleChoiceField(
            label="与哪几项合并",
            choices=choices,
            coerce=int,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "至少勾选一项", "invalid_choice": "勾选的指标已不在这里，重新勾选"},
        )

    def ids(self) -> list[int]:
        return [self.indicator.pk, *self.cleaned_data["with"]]


def _told(item: Indicator) -> str:
    worth = "" if item.points is None else f"（{plain(item.points)} 分）"
    return f"{item}{worth}"


def _piece(line: str) -> Piece:
    name, _, points = line.replace("｜", "|").replace("\t", "|").rpartition("|")
    return Piece(name.strip(), texts.points(points)) if name else Piece(line.strip())


class ColumnsForm(forms.Form):
    """Which columns are shown. every: all there are, ticked or not, so that others stay as they are."""

    def __init__(self, data: Any, *, columns: list[tuple[str, str]], hidden: frozenset[str]) -> None:
        shown = [key for key, _ in columns if key not in hidden]
        super().__init__(data, initial={"shown": shown})
        self.fields["shown"] = forms.MultipleChoiceField(
            label="显示的列", required=False, choices=columns, widget=forms.CheckboxSelectMultiple
        )


class WidthsForm(forms.Form):
    """A JSON object: column → pixels."""

    widths = forms.CharField(max_length=10_000)

    def clean_widths(self) -> dict[str, int]:
        try:
            found = json.loads(self.cleaned_data["widths"])
        except (ValueError, RecursionError) as odd:
            raise ValidationError(_TOO_ODD) from odd
        if not isinstance(found, dict):
            raise ValidationError(_TOO_ODD)
        return {key: width for key, width in found.items() if isinstance(width, int) and not isinstance(width, bool)}
