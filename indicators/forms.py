"""What people type about ledgers, checked and turned into plain values; writes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from indicators import terms
from indicators.editing import EditRefused, Part, texts
from indicators.importing.choices import LedgerChoice
from indicators.importing.preview import Unknown
from indicators.models import Amendment, Indicator, ResponsibilityRole, RuleKind, ScoringRule
from indicators.reading.report import plain
from indicators.reading.text import narrow
from indicators.terms import Typed
from units.models import Organisation, User

Option = tuple[str, str]


class UploadForm(forms.Form):
    """One file; what is in it is the guard's matter."""

    file = forms.FileField(
        label="台账文件",
        error_messages={
            "required": "先选择文件，再上传",
            "empty": "文件是空的；选择有内容的文件后再上传",
            "max_length": "文件名太长",
        },
    )


class AmendmentFilter(forms.Form):
    """Which changes of a ledger are shown; the address carries it."""

    q = forms.CharField(
        label="指标名称或项目", required=False, max_length=100,
        widget=forms.SearchInput(attrs={"placeholder": "指标名称或项目", "aria-label": "指标名称或项目"}),
    )  # fmt: skip
    actor = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="全部修改人",
        widget=forms.Select(attrs={"aria-label": "修改人"}),
    )  # fmt: skip
    action = forms.ChoiceField(
        choices=[("", "全部动作"), *Amendment.Action.choices], required=False,
        widget=forms.Select(attrs={"aria-label": "动作"}),
    )  # fmt: skip
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    indicator = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, people: QuerySet[User]) -> None:
        super().__init__(data)
        actor: Any = self.fields["actor"]
        actor.queryset = people

    def asked(self) -> dict[str, Any]:
        """What is asked for; what makes no sense is left out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class LedgerForm(forms.Form):
    """The heading of a ledger."""

    title = forms.CharField(label="名称", max_length=200, error_messages={"required": "填写台账名称"})
    issuer = forms.CharField(label="发文单位", max_length=200, required=False)
    year = forms.IntegerField(
        label="年度",
        min_value=2000,
        max_value=2100,
        required=False,
        error_messages={"invalid": "年度填四位数字，例如 2019"},
    )


class SettleForm(forms.Form):
    """What a name means from now on."""

    name = forms.CharField(max_length=200, strip=False)
    becomes = forms.CharField(max_length=40)


class PairForm(forms.Form):
    """A person's word on two indicators that may be one."""

    old = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    new = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    same = forms.ChoiceField(choices=[("yes", "是同一项"), ("no", "不是同一项")])

    def values(self) -> dict[str, Any]:
        """As the verb takes them."""
        return {**self.cleaned_data, "same": self.cleaned_data["same"] == "yes"}


class SheetForm(LedgerForm):
    """A ledger of an uploaded file: its heading, and whether it is stored at all."""

    store = forms.BooleanField(label="入库", required=False)

    def choice(self) -> LedgerChoice:
        values = self.cleaned_data
        return LedgerChoice(values["store"], values["title"], values["issuer"], values["year"])


class NameForm(forms.Form):
    """What becomes of a name that nobody knows."""

    def __init__(self, unknown: Unknown, data: Any) -> None:
        # the same name has the same field, however the file is read next time
        prefix = f"name-{sha256(unknown.name.encode()).hexdigest()[:12]}"
        super().__init__(data, prefix=prefix, initial={"becomes": unknown.options[0][0]})
        self.unknown = unknown
        label = forms.Select(attrs={"aria-label": f"“{unknown.name}”的处理"})
        self.fields["becomes"] = forms.ChoiceField(label="处理", choices=unknown.options, widget=label)


class PointsField(forms.CharField):
    """Points as people type them: full-width digits and blanks are fine, anything but a plain number is not."""

    def clean(self, value: Any) -> Decimal | None:
        try:
            return texts.points(super().clean(value) or "")
        except EditRefused as refused:
            raise ValidationError(refused.message) from refused


@dataclass(frozen=True, slots=True)
class PartRow:
    """One line of the units of an indicator, as the form shows it. value: `u12`, `g3`, `w:原文` or empty."""

    role: str
    value: str


class IndicatorForm(forms.Form):
    """An indicator's own words, points, methods and units; the same form edits and adds.

    Units come as two parallel lists, `role` and `unit`; a line without a unit is one that was taken out.
    """

    name = forms.CharField(
        label="名称",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "autofocus": True}),
        error_messages={"required": "填写指标名称"},
    )
    points = PointsField(
        label="分值", required=False, max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    criteria = forms.CharField(
        label="评分标准", required=False, max_length=20000, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_item = forms.BooleanField(label="评估点（单独计分）", required=False)
    other_methods = forms.CharField(label="其他方式", required=False, max_length=200)
    confirmed = forms.BooleanField(label="推定的单位和方式已核对", required=False)
    edits = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, organisation: Organisation, indicator: Indicator | None = None) -> None:
        self.parts: list[PartRow] = []
        self.inferred = False
        super().__init__(data, initial=self._values(indicator) if indicator else {"is_item": True})
        self.fields["methods"] = forms.MultipleChoiceField(
            label="评估方式",
            required=False,
            choices=[(name, name) for name in organisation.methods.values_list("name", flat=True)],
            widget=forms.CheckboxSelectMultiple,
        )
        if data is not None:
            self.parts = [
                PartRow(role, value) for role, value in zip(data.getlist("role"), data.getlist("unit"), strict=False)
            ]
        self.unit_options = self._options(organisation)
        self.role_options = ResponsibilityRole.choices

    def _values(self, indicator: Indicator) -> dict[str, Any]:
        parts = list(indicator.responsibilities.all())
        links = list(indicator.method_links.select_related("method"))
        self.inferred = any(one.inferred for one in parts) or any(one.inferred for one in links)
        self.parts = [PartRow(one.role, _value(one.unit_id, one.group_id, one.written)) for one in parts]
        return {
            "name": indicator.name,
            "points": "" if indicator.points is None else plain(indicator.points),
            "criteria": indicator.criteria,
            "is_item": indicator.is_item,
            "methods": [link.method.name for link in links],
            "edits": indicator.edits,
        }

    def _options(self, organisation: Organisation) -> list[Option]:
        """Units in use and groups; names that are not matched yet can be kept as written."""
        units = organisation.units.active().values_list("pk", "name")
        groups = organisation.groups.values_list("pk", "name")
        written = [part.value for part in self.parts if part.value.startswith("w:")]
        return [
            *((f"u{pk}", name) for pk, name in units),
            *((f"g{pk}", f"{name}（单位组）") for pk, name in groups),
            *((value, f"{value[2:]}（未匹配）") for value in dict.fromkeys(written)),
        ]

    @property
    def part_rows(self) -> Sequence[PartRow]:
        """The lines to show: what there is, and one to fill."""
        filled = [part for part in self.parts if part.value]
        return [*filled, PartRow(ResponsibilityRole.JOINT if filled else ResponsibilityRole.LEAD, "")]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        known = {value for value, _ in self.unit_options}
        chosen = [part for part in self.parts if part.value]
        if any(part.value not in known or part.role not in ResponsibilityRole.values for part in chosen):
            raise ValidationError("责任单位不在单位名录中，重新选择后再保存")
        values["parts"] = tuple(_part(part) for part in chosen)
        other = narrow(values.get("other_methods", "")).replace("、", ",").replace("+", ",").split(",")
        values["methods"] = (*values.get("methods", ()), *_cleaned(other))
        return values


def _cleaned(names: Iterable[str]) -> list[str]:
    return [name.strip()[:50] for name in names if name.strip()]


def _value(unit: int | None, group: int | None, written: str) -> str:
    return f"u{unit}" if unit else f"g{group}" if group else f"w:{written}"


def _part(row: PartRow) -> Part:
    kind, rest = row.value[0], row.value[1:]
    if kind == "w":
        return Part(row.role, written=rest[1:])
    return Part(row.role, unit=int(rest)) if kind == "u" else Part(row.role, group=int(rest))


class RuleForm(forms.Form):
    """The terms of one scoring rule; only the fields of its kind are read."""

    FIELDS: ClassVar[dict[str, tuple[str, ...]]] = {
        "per_occurrence": ("deduct", "cap", "measure"),
        "tiers": ("tiers",),
        "checklist": ("parts",),
    }

    kind = forms.ChoiceField(label="类型", choices=RuleKind.choices, widget=forms.HiddenInput)
    deduct = forms.CharField(label="每次扣分", max_length=20, required=False, help_text="例如 0.5")
    cap = forms.CharField(label="最多扣分", max_length=20, required=False, help_text="不限就空着；总不超过本项分值")
    measure = forms.ChoiceField(label="计量单位", choices=[(one, one) for one in terms.MEASURES])
    tiers = forms.CharField(
        label="分档",
        required=False,
        max_length=2000,
        help_text="每行一档：比例、空格、得分，例如“80 6”。达到这个比例就得这些分，都不到得 0 分。",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    parts = forms.CharField(
        label="得分点",
        required=False,
        max_length=20000,
        help_text="每行一个：分值、空格、得分点，例如“2 公布决策草案”。没有达到的得分点从本项分值里扣。",
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(self, data: Any, *, kind: str, rule: ScoringRule | None = None, parts: str = "") -> None:
        typed = terms.written(kind, rule.parameters if rule is not None and rule.kind == kind else {})
        initial = {name: getattr(typed, name) for name in ("kind", "deduct", "cap", "measure", "tiers", "parts")}
        super().__init__(data, initial=initial | ({"parts": parts} if parts and not initial["parts"] else {}))
        for name in set(self.fields) - {"kind", *self.FIELDS.get(kind, ())}:
            del self.fields[name]
        for name in set(self.fields) & {"deduct", "tiers", "parts"}:
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = "填写后再保存"

    def typed(self) -> Typed:
        """The terms as typed; of a valid form."""
        return Typed(**self.cleaned_data)


class MoveForm(forms.Form):
    """Under which indicator another is moved."""

    def __init__(self, data: Any, *, options: Sequence[Option]) -> None:
        super().__init__(data)
        self.fields["under"] = forms.ChoiceField(
            label="移到",
            choices=[("", "选择上级指标"), *options],
            error_messages={"required": "选择要移到哪项指标之下"},
        )
