"""What is asked, of whom, for how many points, and who changed it. No score stands here."""

from indicators.models.duties import EvaluationMethod, IndicatorMethod, Responsibility, ResponsibilityRole
from indicators.models.kinship import PairAnswer
from indicators.models.ledgers import Amendment, Ledger, LedgerStatus, LedgerView, Upload, UploadState
from indicators.models.rules import Adjustment, AdjustmentKind, RuleKind, ScoringRule
from indicators.models.tree import Indicator
from indicators.models.uploads import LedgerUpdate, RememberedLayout, UploadSheet

__all__ = [
    "Adjustment",
    "AdjustmentKind",
    "Amendment",
    "EvaluationMethod",
    "Indicator",
    "IndicatorMethod",
    "Ledger",
    "LedgerStatus",
    "LedgerUpdate",
    "LedgerView",
    "PairAnswer",
    "RememberedLayout",
    "Responsibility",
    "ResponsibilityRole",
    "RuleKind",
    "ScoringRule",
    "Upload",
    "UploadSheet",
    "UploadState",
]
