"""Rounds, sheets, answers, their history and their sums. No arithmetic stands here."""

from assessments.models.amendments import AmendmentCode, ScoreAmendment
from assessments.models.entries import Entry, EntryStage, EntryState, Evidence, ScoreEvent, SupportNote
from assessments.models.remedies import Objection, ObjectionState, Rectification, RectificationState
from assessments.models.rounds import LateException, Phase, Round, RoundAdjustment, ScoreSheet, Shape
from assessments.models.sums import NodeScore

__all__ = [
    "AmendmentCode",
    "Entry",
    "EntryStage",
    "EntryState",
    "Evidence",
    "LateException",
    "NodeScore",
    "Objection",
    "ObjectionState",
    "Phase",
    "Rectification",
    "RectificationState",
    "Round",
    "RoundAdjustment",
    "ScoreAmendment",
    "ScoreEvent",
    "ScoreSheet",
    "Shape",
    "SupportNote",
]
