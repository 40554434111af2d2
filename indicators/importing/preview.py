"""What a person sees before confirming: the tree to be, its flaws, the names nobody knows. Writes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.importing.choices import ALIAS, GROUP, NONE, UNIT, LedgerChoice
from indicators.importing.confirming import heading
from indicators.importing.kept import unpack
from indicators.importing.storing import names
from indicators.listing import flaws as flaws_
from indicators.listing.filters import Filters
from indicators.listing.flaws import Flaw
from indicators.listing.outline import Outline, from_draft
from indicators.listing.sheet import Sheet, lay_out
from indicators.models import Upload
from indicators.reading.corrections import ROLE_WORDS
from indicators.reading.drafts import LedgerDraft
from indicators.reading.report import plain
from indicators.reading.weighing import weighed
from units import matching
from units.matching import Known
from units.models import Organisation, Unit

KIND_WORDS = {"unit": "单位", "group": "单位组"}


@dataclass(frozen=True, slots=True)
class LedgerPreview:
    """One sheet of the file. levels: how many indicators stand on each level, items apart."""

    proposed: LedgerChoice
    place: str
    sheet: Sheet
    flaws: tuple[Flaw, ...]
    attention: str
    levels: tuple[tuple[str, int], ...]
    stated: str
    scored: str
    scores: int
    adjustments: int
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name the organisation's list does not hold. options: (value, words); the first is what is proposed."""

    name: str
    kind: str
    times: int
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A whole file."""

    ledgers: tuple[LedgerPreview, ...]
    unknown: tuple[Unknown, ...]
    matched: int


def preview(upload: Upload) -> Preview:
    """The file as it would be stored now; three queries, whatever its size."""
    drafts = [weighed(draft) for draft in unpack(upload.reading).ledgers] if upload.reading else []
    known = matching.known(upload.organisation)
    strange = _unknowns(drafts, known)
    return Preview(
        ledgers=tuple(_ledger(draft, upload, known) for draft in drafts),
        unknown=strange,
        matched=len(names(drafts)) - len(strange),
    )


def unknown_names(organisation: Organisation, drafts: Sequence[LedgerDraft]) -> tuple[Unknown, ...]:
    """The names in these that the organisation's list does not hold; three queries."""
    return _unknowns(drafts, matching.known(organisation))


def _unknowns(drafts: Sequence[LedgerDraft], known: Known) -> tuple[Unknown, ...]:
    times = Counter(one.name for draft in drafts for node in draft.nodes for one in node.responsibilities)
    return tuple(
        unknown(name, kind, times[name], known) for name, kind in names(drafts).items() if known.find(name) is None
    )


def _ledger(draft: LedgerDraft, upload: Upload, known: Known) -> LedgerPreview:
    # what is about to be made new is shown as if it were there: only its chip says that it is not yet
    outline = from_draft(draft, lambda name: "known" if known.find(name) else "")
    found = _flaws(draft, outline)
    return LedgerPreview(
        proposed=heading(draft, upload.name),
        place=draft.sheet,
        sheet=lay_out(outline, Filters(), found),
        flaws=tuple(found),
        attention=flaws_.summary(found),
        levels=_levels(outline),
        stated="" if outline.stated is None else plain(outline.stated),
        scored=plain(sum((node.score for node in draft.nodes if node.score is not None), Decimal(0))),
        scores=sum(1 for node in draft.nodes if node.score is not None),
        adjustments=len(draft.adjustments),
        columns=tuple((heading_, ROLE_WORDS.get(role, role)) for heading_, role in draft.columns.items()),
    )


def _flaws(draft: LedgerDraft, outline: Outline) -> list[Flaw]:
    """All but the unknown names, which stand in a list of their own with something to decide."""
    found = flaws_.of(outline, flaws_.locate(draft.findings, outline))
    return [flaw for flaw in found if flaw.code != "unit-unknown"]


def _levels(outline: Outline) -> tuple[tuple[str, int], ...]:
    counts = Counter(node.level for node in outline.nodes if not node.is_item)
    found = [(f"{'一二三四五'[level - 1]}级", counts[level]) for level in sorted(counts)]
    return (*found, ("评估点", sum(1 for node in outline.nodes if node.is_item)))


def unknown(name: str, kind: str, times: int, known: Known) -> Unknown:
    """What can become of a name nobody knows, the likeliest first."""
    new = [(UNIT, "新建单位"), (GROUP, "新建单位组")]
    near = [
        (f"{ALIAS}{unit.pk}", f"作为“{unit.name}”的别名")
        for unit in map(known.find, matching.near(name, known))
        if isinstance(unit, Unit)
    ]
    options = [*(new if kind == "unit" else new[::-1]), *near, (NONE, "暂不匹配")]
    return Unknown(name, KIND_WORDS.get(kind, kind), times, tuple(options))
