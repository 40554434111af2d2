"""Rounds, sheets, answers, their history and their sums. No arithmetic stands here."""

from assessments.models.amendments import AmendmentCode, ScoreAmendment
from assessments.models.chasing import Reminder
from assessments.models.composites import Composite, CompositePart, MissingSource
from assessments.models.engines import EngineChange
from assessments.models.entries import HANDED_IN, Entry, EntryStage, EntryState, Evidence, ScoreEvent, SupportNote
from assessments.models.remedies import Objection, ObjectionState, Rectification, RectificationState
from assessments.models.rounds import LateException, Phase, Round, RoundAdjustment, ScoreSheet, Shape
from assessments.models.sampling import Sample, SecondReview
from assessments.models.signatures import SignOff
from assessments.models.sums import NodeScore
from assessments.models.tracking import Matter, MatterState

__all__ = [
    "HANDED_IN",
    "AmendmentCode",
    "Composite",
    "CompositePart",
    "EngineChange",
    "Entry",
    "EntryStage",
    "EntryState",
    "Evidence",
    "LateException",
    "Matter",
    "MatterState",
    "MissingSource",
    "NodeScore",
    "Objection",
    "ObjectionState",
    "Phase",
    "Rectification",
    "RectificationState",
    "Reminder",
    "Round",
    "RoundAdjustment",
    "Sample",
    "ScoreAmendment",
    "ScoreEvent",
    "ScoreSheet",
    "SecondReview",
    "Shape",
    "SignOff",
    "SupportNote",
]
