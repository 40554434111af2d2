"""What the pages about units and accounts ask for; every choice of a unit is one of the asker's organisation."""

import re
import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from units import handover, passwords
from units.models import UNIT_ROLES, Membership, Organisation, Role, Unit, UnitClass, UnitGroup, User

_UNPRINTABLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
NEW = "new"
FIRST_PASSWORD_OVER = "first_password_over"  # noqa: S105 - the code of a refusal
STATES = [("", "全部状态"), ("active", "在用"), ("disabled", "已停用"), ("first", "待改初始密码")]


class LoginForm(AuthenticationForm):
    """The way in; the same words whether the account exists, is disabled or the password is wrong."""

    error_messages = {
        "invalid_login": "用户名或密码不对，注意大小写。忘记密码时与系统管理员联系。",
        "inactive": "用户名或密码不对，注意大小写。忘记密码时与系统管理员联系。",
    }

    def confirm_login_allowed(self, user: User) -> None:
        """A first password that was not used in time no longer opens the account; only who knows it is told so."""
        super().confirm_login_allowed(user)
        if user.first_password_is_over:
            raise ValidationError(
                f"初始密码只在发放后 {settings.PASSWORD_FIRST_HOURS} 小时内有效，现在已过期。"
                "与系统管理员联系，由其重置密码；系统管理员本人的，由运维人员在服务器上重置。",
                code=FIRST_PASSWORD_OVER,
            )

    def rules(self) -> list[str]:
        """What holds for passwords here, before anything is typed."""
        rules = [f"初始密码 {settings.PASSWORD_FIRST_HOURS} 小时内有效，首次登录时必须修改。"]
        most, notice = settings.PASSWORD_MAX_DAYS, settings.PASSWORD_NOTICE_DAYS
        return [*rules, f"密码满 {most} 天要更换，到期前 {notice} 天起提醒。"] if most else rules


class PasswordForm(PasswordChangeForm):
    """A new password of one's own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "现在的密码"
        self.fields["new_password1"].label = "新密码"
        self.fields["new_password1"].help_text = passwords.rule()
        self.fields["new_password2"].label = "再输一次新密码"
        self.fields["new_password2"].help_text = ""


class CodeForm(forms.Form):
    """A code from an authenticator, or a recovery code."""

    code = forms.CharField(
        label="动态码",
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": "填写身份验证器现在显示的 6 位数字"},
    )


class AddressForm(forms.Form):
    """Where a person's e-mails go; empty for nowhere."""

    email = forms.EmailField(
        label="通知邮箱",
        max_length=150,
        required=False,
        help_text="收到通知时发一封邮件到这个地址；不填则只在系统里提醒。",
        error_messages={"invalid": "邮箱地址不完整，例如 zhang@example.gov.cn"},
    )


class NameField(forms.CharField):
    """A name without characters nobody sees; blanks inside are single."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label=label, max_length=100, **options)

    def to_python(self, value: Any) -> str:
        """The name as it will be stored."""
        return " ".join(_UNPRINTABLE.sub("", str(super().to_python(value) or "")).split())


class UnitField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only in the stubs
    """One of the organisation's units, shown as the tree they form."""

    def label_from_instance(self, unit: Unit) -> str:
        """The name, set in by its level."""
        return f"{'　' * unit.level}{unit.name}"


class UnitForm(forms.Form):
    """A new unit: its name and the unit it stands below."""

    name = NameField("名称")
    parent = UnitField(queryset=Unit.objects.none(), label="上级", empty_label=None)

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = organisation.units.active()  # type: ignore[attr-defined]


class NameForm(forms.Form):
    """A new name."""

    name = NameField("名称")


class AliasForm(forms.Form):
    """Another name."""

    name = NameField("别名")


class ClassForm(forms.Form):
    """The class within which a unit is ranked; a new name makes a new class."""

    unit_class = forms.CharField(label="类别", max_length=50, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_class"].widget.attrs["list"] = "known-classes"


class MoveForm(forms.Form):
    """Below which unit it shall stand."""

    to = UnitField(queryset=Unit.objects.none(), label="移到它的下级", empty_label=None)

    def __init__(self, unit: Unit, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = unit.organisation.units.active()
        below = others.filter(lft__gte=unit.lft, rght__lte=unit.rght)
        self.fields["to"].queryset = others.exclude(pk__in=below.values("pk"))  # type: ignore[attr-defined]


class MergeForm(forms.Form):
    """Into which office another one goes, and by which document."""

    into = UnitField(Unit.objects.none(), label="并入", error_messages={"required": "选择承接的单位"})
    document = forms.CharField(label="依据（文号或会议纪要）", max_length=200, required=False)

    def __init__(self, unit: Unit, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Unit.objects.offices().active().filter(organisation_id=unit.organisation_id)
        into: Any = self.fields["into"]
        into.queryset = rows.exclude(lft__gte=unit.lft, rght__lte=unit.rght)


class SplitForm(forms.Form):
    """The offices that come of one, a line each."""

    names = forms.CharField(
        label="新单位",
        help_text="一行一个名称，最多 10 个；原单位不保留时，未办完的工作由第一个承接",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1200,
        error_messages={"required": "写出新单位的名称，一行一个"},
    )
    stays = forms.BooleanField(label="原单位保留，工作不动", required=False)
    document = forms.CharField(label="依据（文号或会议纪要）", max_length=200, required=False)

    def clean_names(self) -> list[str]:
        """The names without blank lines; each as a unit's name may be."""
        field = NameField("新单位")
        return [field.clean(line) for line in self.cleaned_data["names"].splitlines() if line.strip()]


class GroupForm(forms.Form):
    """A group's name and members."""

    name = NameField("名称")
    members = forms.ModelMultipleChoiceField(
        queryset=Unit.objects.none(), label="成员", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = organisation.units.active().offices()  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """A role, and for a unit's people their unit."""

    role = forms.ChoiceField(choices=Role, label="角色")
    unit = UnitField(
        queryset=Unit.objects.none(), label="单位", required=False, empty_label="不属于某个单位",
        help_text="填报员和单位负责人选所在单位，其他角色不选。",
    )  # fmt: skip

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = organisation.units.active()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Role and unit go together."""
        cleaned = super().clean() or self.cleaned_data
        role, unit = cleaned.get("role"), cleaned.get("unit")
        if role in UNIT_ROLES and unit is None and "unit" not in self.errors:
            self.add_error("unit", "填报员和单位负责人要选一个单位。")
        if role and role not in UNIT_ROLES and unit is not None:
            self.add_error("unit", f"{Role(role).label}不属于某个单位，选“不属于某个单位”。")
        return cleaned


class AccountForm(RoleForm):
    """A new account."""

    username = forms.CharField(
        label="用户名", max_length=150,
        validators=[UnicodeUsernameValidator(message="只用字母、数字和 @ . + - _，不留空格。")],
        help_text="登录时用；字母、数字和 @ . + - _，开通后不能改。",
    )  # fmt: skip
    display_name = forms.CharField(label="姓名", max_length=50, required=False)
    field_order = ["username", "display_name", "role", "unit"]

    def clean_username(self) -> str:
        """The name as Django compares it at login."""
        return unicodedata.normalize("NFKC", str(self.cleaned_data["username"]))


def _told(user: User) -> str:
    return f"{user.display_name}（{user.username}）" if user.display_name else user.username


class HandoverForm(forms.Form):
    """Who takes over from a person who leaves: a colleague's account, or a new one."""

    to = forms.ChoiceField(
        label="接手人",
        error_messages={
            "required": "选择接手人，或者新开通一个账号",
            "invalid_choice": "接手的账号要在同一单位、担任同一角色，并且没有停用",
        },
    )
    username = forms.CharField(
        label="新账号的用户名", max_length=150, required=False,
        validators=[UnicodeUsernameValidator(message="只用字母、数字和 @ . + - _，不留空格。")],
        help_text="接手人已有账号的不填",
    )  # fmt: skip
    display_name = forms.CharField(label="新账号的姓名", max_length=50, required=False)
    close = forms.BooleanField(label="同时停用原账号，正在进行的登录立即失效", required=False, initial=True)

    def __init__(self, leaving: Membership, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.takers = {str(one.pk): one for one in handover.takers(leaving)}
        to: Any = self.fields["to"]
        to.choices = [(NEW, "新开通一个账号"), *((key, _told(one.user)) for key, one in self.takers.items())]

    def clean_to(self) -> Membership | None:
        """Whose account takes over; None for a new one."""
        return self.takers.get(self.cleaned_data["to"])

    def clean(self) -> dict[str, Any]:
        """A new account needs a name, an old one has its own."""
        cleaned = super().clean() or self.cleaned_data
        if "to" in self.errors or "username" in self.errors:
            return cleaned
        if cleaned.get("to") is None and not cleaned.get("username"):
            self.add_error("username", "填写新账号的用户名，或者选一名已有账号的接手人")
        if cleaned.get("to") is not None and cleaned.get("username"):
            self.add_error("username", "已选了接手人，不再填新账号；要新开通，接手人选“新开通一个账号”")
        return cleaned

    def clean_username(self) -> str:
        """The name as Django compares it at login."""
        return unicodedata.normalize("NFKC", str(self.cleaned_data["username"]))


def _name_controls(form: forms.Form) -> None:
    """Filters stand in one row without labels: the control itself carries its name."""
    for field in form.fields.values():
        if not isinstance(field.widget, forms.CheckboxInput):
            field.widget.attrs["aria-label"] = field.label


class UnitFilter(forms.Form):
    """Which units the list shows; the address carries it."""

    q = forms.CharField(label="名称、别名或拼音首字母", required=False, widget=forms.SearchInput)
    unit_class = forms.ModelChoiceField(UnitClass.objects.none(), label="类别", required=False, empty_label="全部类别")
    group = forms.ModelChoiceField(UnitGroup.objects.none(), label="单位组", required=False, empty_label="全部单位组")
    abolished = forms.BooleanField(label="含已撤销", required=False)

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_class"].queryset = organisation.classes.all()  # type: ignore[attr-defined]
        self.fields["group"].queryset = organisation.groups.all()  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["placeholder"] = self.fields["q"].label
        _name_controls(self)


class AccountFilter(forms.Form):
    """Which accounts the list shows."""

    q = forms.CharField(label="用户名、姓名或单位", required=False, widget=forms.SearchInput)
    role = forms.ChoiceField(choices=[("", "全部角色"), *Role.choices], label="角色", required=False)
    state = forms.ChoiceField(choices=STATES, label="状态", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = self.fields["q"].label
        _name_controls(self)


class AuditFilter(forms.Form):
    """Which lines of the audit are shown."""

    q = forms.CharField(label="账号或对象", required=False, widget=forms.SearchInput)
    action = forms.CharField(label="动作", required=False, widget=forms.SearchInput)
    since = forms.DateField(
        label="从", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("q", "action"):
            self.fields[name].widget.attrs["placeholder"] = self.fields[name].label


def role_form(membership: Membership, data: Any = None) -> RoleForm:
    """The account's role and unit as they stand, or as posted."""
    start = {"role": membership.role, "unit": membership.unit_id}
    return RoleForm(membership.organisation, data, initial=start)
