"""What a reading gives back, as plain data; knows no file, no database and no wording of the report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

NOTHING: Mapping[str, str] = MappingProxyType({})
Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the ledger that a clerk has to know (发现的问题).

    code: stable short name. cells: where it stands, e.g. `台账!B4`. message: one Chinese sentence.
    data: the values behind the sentence; points stand as exact decimal strings.
    """

    code: str
    severity: Severity
    cells: str
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckpointDraft:
    """A part of an item's criteria with points of its own (得分点【2分】)."""

    text: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class ResponsibilityDraft:
    """A unit or group named for an item, and its part in it (牵头、会同、配合).

    role: lead, joint, support, or assessor (a column that names who assesses). kind: unit or group.
    inferred: the cell was blank and not merged, so the name comes from the row above.
    """

    name: str
    role: str
    kind: str
    open_ended: bool = False
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class TierDraft:
    """One step of a scale (80%以上6分): from `at_least` per cent up, this many points."""

    at_least: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """How points are lost or earned, proposed from the words in `source` (评分细则).

    deduct: points lost each time. cap: the most that can be lost, None when only the item's points bound it.
    """

    kind: str
    source: str
    deduct: Decimal | None = None
    cap: Decimal | None = None
    tiers: tuple[TierDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class AdjustmentDraft:
    """A rule on the total, not on an item (加分项、扣分项、单项否决). points is negative for a penalty."""

    text: str
    points: Decimal | None
    kind: str


class NodeDraft(NamedTuple):
    """An indicator of the tree (指标); with `is_item` it is scored itself (评估点).

    A tuple and no dataclass: tens of thousands are made in one reading, and a frozen dataclass takes three times as
    long to make.

    parent: id of a node that stands earlier. level: 1 for the top. declared: what the document says.
    listed: sum of the items at or below it, None when none of them has points.
    score: stands on the first item of a shared cell; score_shared_with then names all items it covers.
    """

    id: int
    parent: int | None
    level: int
    name: str
    declared: Decimal | None = None
    listed: Decimal | None = None
    is_item: bool = False
    number: str | None = None
    criteria: str | None = None
    checkpoints: tuple[CheckpointDraft, ...] = ()
    methods: tuple[str, ...] = ()
    responsibilities: tuple[ResponsibilityDraft, ...] = ()
    leaders: tuple[str, ...] = ()
    deadlines: tuple[str, ...] = ()
    score: Decimal | None = None
    score_shared_with: tuple[int, ...] = ()
    deduction_reason: str | None = None
    rectified: bool | None = None
    rules: tuple[RuleDraft, ...] = ()
    extra: Mapping[str, str] = NOTHING
    cells: str = ""


@dataclass(frozen=True, slots=True)
class LedgerDraft:
    """One ledger of a file (台账): its heading, its tree in document order, and what was found.

    header_rows: row numbers as the spreadsheet shows them. columns: heading → role.
    declared_total: sum of the top level. stated_total: a total printed in the table itself.
    """

    title: str
    issuer: str | None
    year: int | None
    sheet: str
    header_rows: tuple[int, ...]
    columns: Mapping[str, str]
    depth: int
    declared_total: Decimal | None
    listed_total: Decimal | None
    stated_total: Decimal | None
    nodes: tuple[NodeDraft, ...]
    adjustments: tuple[AdjustmentDraft, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The file a reading came from; sha256 over its bytes."""

    file: str
    sha256: str
    format: str
    sheets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read from one file."""

    source: Source
    ledgers: tuple[LedgerDraft, ...]


class Tally(NamedTuple):
    """What reckoning with points needs of a node, whether it stands in a draft or in the database; a tuple as nodes.

    checkpoints: sum of the item's checkpoints, None when it has none. place: its cell, for findings.
    unit: who leads the item. bonus: it stands under bonuses and penalties, where no points are missed.
    """

    id: int
    parent: int | None
    name: str
    declared: Decimal | None
    is_item: bool
    checkpoints: Decimal | None = None
    place: str = ""
    unit: str = ""
    bonus: bool = False
