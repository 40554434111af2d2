"""What a person types about a round that stands already: its last days, its units, its successor."""

from typing import Any

from django import forms
from django.db.models import Q

from assessments import arranging, copying
from assessments.forms import ByUnit, RoundNamed, last_day
from assessments.models import Phase, Round, Shape
from indicators.models import Ledger
from units.models import Unit

NEW_VERSION = "new-version"


class ConfirmForm(RoundNamed):
    """A step that cannot be undone: nothing but the round's name."""


class ReasonForm(forms.Form):
    """Why an open round goes on with another version of its ledger."""

    reason = forms.CharField(
        label="原因",
        max_length=2000,
        help_text="写明依据，例如上级修改了考核指标；记入受影响各项的得分记录，牵头单位看得到。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SettingsForm(ByUnit):
    """Last days that may still be changed, and while a per-unit round is prepared its units."""

    def __init__(self, round_: Round, *args: Any, **kwargs: Any) -> None:
        super().__init__(round_.organisation, *args, **kwargs)
        self.round = round_
        self.days = arranging.open_windows(round_)
        for name in self.days:
            self.fields[name] = last_day(arranging.label(round_, name), getattr(round_, name))
        self.units = round_.phase == Phase.PREPARING and round_.shape == Shape.PER_UNIT
        if self.units:
            taking_part = [unit.pk for unit in Unit.objects.filter(sheets__round=round_)]
            fields: dict[str, Any] = self.fields
            # the organisation itself may be the one that is assessed
            fields["participants"].queryset = round_.organisation.units.active().filter(
                Q(level__gt=0) | Q(pk__in=taking_part)
            )
            fields["participants"].initial = taking_part
        else:
            for name in ("participants", "groups", "classes"):
                del self.fields[name]
        self.order_fields([*self.days, "participants", "groups", "classes"])

    def chosen_days(self) -> dict[str, Any]:
        """The last days as typed; of a valid form."""
        return {name: self.cleaned_data[name] for name in self.days}


class CopyForm(forms.Form):
    """A new round that carries one on: its name, and the ledger it stands on."""

    name = forms.CharField(label="名称", max_length=200)
    ledger = forms.ChoiceField(label="台账", widget=forms.RadioSelect)

    def __init__(self, round_: Round, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known: dict[str, Ledger] = {str(one.pk): one for one in copying.ledgers(round_)}
        choices = [
            (pk, f"{one.title}（第 {one.version} 版，{one.get_status_display()}）") for pk, one in self.known.items()
        ]
        choices.append((NEW_VERSION, "沿用本轮次的台账，建立新版本，先修改再开启"))
        self.fields["ledger"].choices = choices  # type: ignore[attr-defined]
        own = [pk for pk, one in self.known.items() if one.previous_id == round_.ledger_id]
        self.fields["ledger"].initial = own[0] if own else NEW_VERSION
        self.fields["name"].initial = copying.next_name(round_)

    def chosen_ledger(self) -> Ledger | None:
        """The ledger; None for a new version of the round's own."""
        return self.known.get(self.cleaned_data["ledger"])
