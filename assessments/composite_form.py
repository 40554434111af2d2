"""What a person types about a composed result; the verbs in `composites` decide whether it holds."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from assessments.amount_fields import AmountField, clean_bands, written_bands
from assessments.models import MissingSource, Round
from assessments.scoring.policy import Band


class CompositeForm(forms.Form):
    """A name, and for each round that takes part its weight."""

    name = forms.CharField(label="名称", max_length=200, help_text="例如：2026 年政务公开综合成绩")
    missing = forms.ChoiceField(
        label="没有参加某个来源的单位", choices=MissingSource, widget=forms.RadioSelect, initial=MissingSource.NONE
    )
    bands = forms.CharField(
        label="等次",
        help_text="每行一个：名称和最低综合成绩，从高到低。",
        widget=forms.Textarea(attrs={"rows": 4}),
        initial=written_bands,
    )

    def __init__(self, rounds: Sequence[Round], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rounds = rounds
        for one in rounds:
            self.fields[f"weight-{one.pk}"] = AmountField(
                label=one.name, required=False, min_value=Decimal("0.01"), max_digits=4, decimal_places=2
            )

    @property
    def weights(self) -> list[tuple[Round, Any]]:
        """The rounds with their bound fields."""
        return [(one, self[f"weight-{one.pk}"]) for one in self.rounds]

    def clean_bands(self) -> tuple[Band, ...]:
        """The bands, highest first."""
        return clean_bands(self.cleaned_data["bands"])

    def parts(self) -> list[tuple[Round, Decimal]]:
        """The rounds that have a weight; of a valid form."""
        given = ((one, self.cleaned_data.get(f"weight-{one.pk}")) for one in self.rounds)
        return [(one, weight) for one, weight in given if weight is not None]
