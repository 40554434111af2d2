"""What a person types about a round; the verbs in `rounds` decide whether it holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model

from assessments import arranging, figures
from assessments.amount_fields import AmountField, clean_bands, written_bands
from assessments.models import AmendmentCode, Entry, Round, Shape
from assessments.scoring.points import BadScore, parse_score
from assessments.scoring.policy import Band, Policy
from indicators.models import Ledger
from units.models import Organisation, Unit, UnitClass, UnitGroup

NOT_APPLICABLE = (
    ("drop", "不计入：得分和满分都去掉，其余按得分率计"),
    ("proportional", "按比例折算：其余评估点按比例补足满分"),
    ("equal_share", "平均分摊：分值平均加到同级评估点"),
    ("full_marks", "按满分计"),
)
SHAPES = (
    (Shape.ALLOCATED, "分工制：本机关一张评分表，各评估点由牵头单位填报"),
    (Shape.PER_UNIT, "对标制：每个参评单位一张评分表，同类单位排名"),
    (Shape.TRACKED, "督办制：不评分，牵头单位先报措施、再报落实情况，由办公室办结"),
)

# typed in the place of a score
WORD = "不涉及"


def _days() -> forms.DateField:
    return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _amount(label: str, help_text: str) -> forms.DecimalField:
    return AmountField(
        label=label, help_text=help_text, required=False, min_value=Decimal(0), max_digits=8, decimal_places=2
    )


def last_day(label: str, initial: date | None = None) -> forms.DateField:
    """The last day of a window."""
    field = _days()
    field.label, field.help_text, field.initial = label, "当天结束时截止", initial
    return field


def _chosen(model: type[Model], label: str, help_text: str) -> Any:
    return forms.ModelMultipleChoiceField(
        label=label,
        help_text=help_text,
        queryset=model._default_manager.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ByUnit(forms.Form):
    """The assessed units of a per-unit round: one by one, by group, or by class."""

    participants = _chosen(Unit, "参评单位", "只在对标制中需要选择；分工制由台账里的牵头单位填报。")
    groups = _chosen(UnitGroup, "按单位组选择", "组里的单位都参加，与上面逐个选择的合在一起。")
    classes = _chosen(UnitClass, "按类别选择", "这一类的单位都参加，与上面选择的合在一起。")

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["participants"].queryset = organisation.units.active().offices()
        fields["groups"].queryset = organisation.groups.order_by("pk")
        fields["classes"].queryset = organisation.classes.all()

    def chosen_units(self) -> list[Unit]:
        """Each unit once, in the order of the unit tree; of a valid form."""
        return arranging.gathered(*(self.cleaned_data[name] for name in ("participants", "groups", "classes")))


class RoundForm(ByUnit):
    """A new round on a ledger."""

    name = forms.CharField(label="名称", max_length=200, help_text="例如：2026 年政务公开年度考核")
    shape = forms.ChoiceField(label="形式", choices=SHAPES, widget=forms.RadioSelect, initial=Shape.ALLOCATED)
    self_due = _days()
    review_due = _days()
    objection_due = _days()
    days_year = forms.IntegerField(
        label="台账时限年度（督办制）",
        help_text="台账写明的“7月30日前”等时限按这一年计，没有写明的按上面的截止日；不填则各项都按上面的截止日。",
        required=False,
        min_value=2000,
        max_value=2100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    sign_off = forms.BooleanField(
        label="须单位负责人签审",
        help_text="填报员提交后，由单位负责人签审才算提交；没有负责人账号的单位先开通账号。",
        required=False,
    )
    not_applicable = forms.ChoiceField(
        label="不涉及的评估点", choices=NOT_APPLICABLE, widget=forms.RadioSelect, initial="drop"
    )
    deduction_cap = _amount("扣分上限", "所有扣分项合计最多扣多少分；不填为不限。")
    bonus_cap = _amount("加分上限", "所有加分项合计最多加多少分；不填为不限。")
    bonus_gate = _amount("加分门槛", "扣分后得分率超过这个数才计加分，例如 80；不填为没有门槛。")
    ceiling = _amount("总分上限", "总分最高是满分的百分之几，例如 100；不填为不限。")
    rectification = forms.ChoiceField(
        label="整改",
        choices=[("none", "整改后不恢复得分"), ("restore", "复查通过的，可以恢复得分")],
        widget=forms.RadioSelect,
        initial="none",
        required=False,
    )
    bands = forms.CharField(
        label="等次",
        help_text="每行一个：名称和最低得分率，从高到低。",
        widget=forms.Textarea(attrs={"rows": 4}),
        initial=written_bands,
    )

    def __init__(self, ledger: Ledger, *args: Any, **kwargs: Any) -> None:
        super().__init__(ledger.organisation, *args, **kwargs)
        self.ledger = ledger
        labels = {"self_due": "自评截止", "review_due": "审核截止", "objection_due": "申诉截止"}
        for name, label in labels.items():
            self.fields[name].label = label
        for name in labels:
            self.fields[name].help_text = "当天结束时截止"
        self.fields["self_due"].help_text = "当天结束时截止；督办制为报措施的期限"
        self.fields["review_due"].help_text = "当天结束时截止；督办制为报结果的期限"
        self.fields["days_year"].initial = ledger.year

    def clean_bands(self) -> tuple[Band, ...]:
        """The bands, highest first."""
        return clean_bands(self.cleaned_data["bands"])

    def policy(self) -> Policy:
        """How the round counts; of a valid form."""
        names = ("not_applicable", "deduction_cap", "bonus_cap", "bonus_gate", "ceiling", "bands")
        chosen = {name: self.cleaned_data[name] for name in names}
        return Policy(**chosen, rectification=self.cleaned_data["rectification"] or "none")


class RoundNamed(forms.Form):
    """What cannot be undone has the round's name typed."""

    name = forms.CharField(label="输入轮次名称", max_length=200)

    def __init__(self, round_: Round, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.round = round_
        self.fields["name"].help_text = f"原样输入“{round_.name}”"
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        """The round's own name."""
        typed = str(self.cleaned_data["name"]).strip()
        if typed != self.round.name:
            raise ValidationError(f"与轮次名称不一致，原样输入“{self.round.name}”")
        return typed


class PublishForm(RoundNamed):
    """Publishing cannot be undone: the round's name is typed, and blanks that count 0 are confirmed."""

    blank_is_zero = forms.BooleanField(label="没有得分的项按 0 分计入", required=False)

    def __init__(self, round_: Round, blanks: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(round_, *args, **kwargs)
        if blanks:
            tracked = f"没有办结的 {blanks} 项按未办结公布"
            self.fields["blank_is_zero"].label = tracked if round_.is_tracked else f"没有得分的 {blanks} 项按 0 分计入"
            self.fields["blank_is_zero"].required = True
            self.fields["blank_is_zero"].error_messages["required"] = "确认后才能公布，或先完成评分"
        else:
            del self.fields["blank_is_zero"]


class AmendForm(RoundNamed):
    """The correction (更正) of a published score."""

    score = forms.CharField(label="更正后得分", max_length=20)
    code = forms.ChoiceField(label="类别", choices=AmendmentCode, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="更正原因",
        max_length=2000,
        help_text="写明哪里不对、依据什么更正，牵头单位看得到。",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    number = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("score", "code", "reason", "name")

    def __init__(self, entry: Entry, *args: Any, **kwargs: Any) -> None:
        super().__init__(entry.sheet.round, *args, **kwargs)
        self.maximum = entry.maximum
        most = figures.points(entry.maximum)
        self.fields["score"].help_text = f"最高 {most}；这一项不再适用的，填“{WORD}”"
        self.fields["score"].widget.attrs["autocomplete"] = "off"

    def clean_score(self) -> Decimal | None:
        """The number, or None for 不涉及."""
        typed = str(self.cleaned_data["score"]).strip()
        try:
            return None if typed == WORD else parse_score(typed, self.maximum, "更正后得分")
        except BadScore as refusal:
            raise ValidationError(refusal.message) from refusal


class PostponeForm(forms.Form):
    """Other last days for one tracked matter (延期)."""

    measures_due = _days()
    result_due = _days()
    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measures_due"].label, self.fields["result_due"].label = "措施期限", "结果期限"


class RemedyOrderForm(forms.Form):
    """What is asked of all chosen lost points (整改): until when, and what should be done."""

    due = _days()
    measure = forms.CharField(
        label="整改要求", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="对所选各项都适用的要求；单位报整改情况时可以改写成自己的措施。",
    )  # fmt: skip
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        due = self.fields["due"]
        due.label, due.help_text, due.required = "整改期限", "当天结束时截止", True


class RemedyAnswerForm(forms.Form):
    """What the unit did about a lost point."""

    measure = forms.CharField(
        label="整改措施", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    answer = forms.CharField(
        label="整改情况", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="做了什么、什么时候完成。佐证材料先添加好，再报整改情况。",
    )  # fmt: skip
    url = forms.CharField(
        label="整改网址", max_length=1000, required=False, widget=forms.URLInput(attrs={"placeholder": "https://"})
    )


class RemedyCloseForm(forms.Form):
    """The recheck passed; the score is for rounds that give points back."""

    remark = forms.CharField(
        label="复查意见", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    score = forms.CharField(label="整改后得分", max_length=20, required=False)

    def __init__(self, entry: Entry, *args: Any, restores: bool, **kwargs: Any) -> None:
        # the page holds several forms with a remark, each with ids of its own
        super().__init__(*args, **{"auto_id": "close_%s", **kwargs})
        self.fields["score"].help_text = f"不填则不恢复得分；最高 {figures.points(entry.maximum)}。"
        self.fields["score"].widget.attrs |= {"autocomplete": "off", "inputmode": "decimal"}
        if not restores:
            del self.fields["score"]


class RemedyReopenForm(forms.Form):
    """The recheck did not pass."""

    remark = forms.CharField(label="退回原因", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "reopen_%s", **kwargs})


class RemedyExtendForm(forms.Form):
    """Another last day for one order."""

    due = _days()
    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "extend_%s", **kwargs})
        self.fields["due"].label, self.fields["due"].required = "整改期限", True


class LateChangeForm(forms.Form):
    """Another last day for one unit."""

    until = _days()
    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        until = self.fields["until"]
        until.label, until.help_text, until.required = "延至", "当天结束时截止", True


class LateForm(LateChangeForm):
    """A later last day for one unit and phase of a round."""

    unit = forms.ModelChoiceField(label="单位", queryset=Unit.objects.none(), empty_label="选择单位")
    phase = forms.ChoiceField(label="阶段")
    field_order = ("unit", "phase", "until", "reason")

    def __init__(self, units: Sequence[Unit], phases: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Unit.objects.filter(pk__in=[unit.pk for unit in units]).order_by("lft")
        self.fields["unit"].queryset = known  # type: ignore[attr-defined]
        self.fields["phase"].choices = phases  # type: ignore[attr-defined]


class ObjectionForm(forms.Form):
    """A unit's objection to a reviewed score."""

    reason = forms.CharField(
        label="申诉理由",
        max_length=2000,
        help_text="对照评分标准写明不同意的地方。提出后可以在本项补充佐证材料。",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    """The office's answer to an objection; the score is for one that is upheld."""

    outcome = forms.ChoiceField(
        label="答复意见",
        choices=[("upheld", "同意，按复核得分计入"), ("refused", "不同意，维持原得分")],
        widget=forms.RadioSelect,
    )
    score = forms.CharField(label="复核得分", max_length=20, required=False)
    answer = forms.CharField(label="答复理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, entry: Entry, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bounds = f"高于现得分 {figures.points(entry.earned)}，最高 {figures.points(entry.maximum)}"
        self.fields["score"].help_text = f"同意时填写，{bounds}。"
        self.fields["score"].widget.attrs |= {"autocomplete": "off", "inputmode": "decimal"}


@dataclass(frozen=True, slots=True)
class Times:
    """How often an adjustment befell a sheet, and why, as typed."""

    adjustment_id: int
    times: int
    reason: str

    @classmethod
    def read(cls, posted: Callable[[str, str], str]) -> "Times | None":
        """From a posted row; None when a number is no number."""
        rule, times = posted("adjustment", ""), posted("times", "").strip() or "0"
        if not (rule.isascii() and rule.isdecimal() and times.isascii() and times.isdecimal() and len(times) < 6):
            return None
        return cls(int(rule), int(times), posted("reason", ""))
