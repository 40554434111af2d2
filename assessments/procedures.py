"""The table of transitions as a page shows it (办理流程): who may do what, from where, to where, with which reason."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices

from assessments.models import EntryStage, MatterState, Phase, RectificationState
from assessments.transitions import ENTRIES, LABELS, MATTERS, REMEDIES, Transition
from units.models import Role

EVERY = "任何进度"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table in words. roles: for each role, in the order of `Role`, whether it may."""

    action: str
    stages: str
    phases: str
    roles: tuple[bool, ...]
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one kind of work."""

    title: str
    lines: tuple[Line, ...]


def parts() -> tuple[Part, ...]:
    """Scores, tracked matters, orders to put right; the same rows the verbs read."""
    return (
        Part("评分的轮次（分工制、对标制）", tuple(_lines(ENTRIES, EntryStage))),
        Part("督办制的轮次", tuple(_lines(MATTERS, MatterState))),
        # what is ordered, is ordered of an entry
        Part("整改", tuple(_lines(REMEDIES, RectificationState, EntryStage))),
    )


def _lines(table: Iterable[Transition], *kinds: type[TextChoices]) -> Iterable[Line]:
    stages = {one.value: str(one.label) for kind in kinds for one in kind}
    for one in table:
        yield Line(
            action=str(LABELS[one.action]),
            stages=EVERY if len(one.stages) == len(stages) else _words(stages, one.stages),
            phases=_words({phase.value: str(phase.label) for phase in Phase}, one.phases),
            roles=tuple(role in one.roles for role in Role),
            to="不变" if one.to is None else stages[one.to],
            reason=str(one.reason.label),
        )


def _words(labels: Mapping[str, str], values: Collection[str]) -> str:
    return "、".join(label for value, label in labels.items() if value in values)
