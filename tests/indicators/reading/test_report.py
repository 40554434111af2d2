"""The report and its inverse: nothing is lost between a reading and the object printed of it."""

import json
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.reading.drafts import (
    AdjustmentDraft,
    CheckpointDraft,
    Finding,
    LedgerDraft,
    NodeDraft,
    Reading,
    ResponsibilityDraft,
    RuleDraft,
    Source,
    TierDraft,
)
from indicators.reading.report import as_json, from_json, plain

WORDS = st.text(max_size=6)
POINTS = st.decimals(-1000, 1000, places=4)
MAYBE = st.one_of(st.none(), POINTS)


def _tuple(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


FINDINGS = st.builds(
    Finding,
    WORDS,
    st.sampled_from(["error", "warning", "info"]),
    WORDS,
    WORDS,
    st.dictionaries(WORDS, WORDS, max_size=2),
)
RULES = st.builds(RuleDraft, WORDS, WORDS, MAYBE, MAYBE, _tuple(st.builds(TierDraft, POINTS, POINTS)))
NODES = st.builds(
    NodeDraft,
    id=st.integers(1, 99),
    parent=st.one_of(st.none(), st.integers(1, 99)),
    level=st.integers(1, 5),
    name=WORDS,
    declared=MAYBE,
    listed=MAYBE,
    is_item=st.booleans(),
    number=st.one_of(st.none(), WORDS),
    criteria=st.one_of(st.none(), WORDS),
    checkpoints=_tuple(st.builds(CheckpointDraft, WORDS, POINTS)),
    methods=_tuple(WORDS),
    responsibilities=_tuple(
        st.builds(
            ResponsibilityDraft,
            WORDS,
            st.sampled_from(["lead", "joint", "support", "assessor"]),
            st.sampled_from(["unit", "group"]),
            st.booleans(),
            st.booleans(),
        )
    ),
    leaders=_tuple(WORDS),
    deadlines=_tuple(WORDS),
    score=MAYBE,
    score_shared_with=_tuple(st.integers(1, 99)),
    deduction_reason=st.one_of(st.none(), WORDS),
    rectified=st.one_of(st.none(), st.booleans()),
    rules=_tuple(RULES),
    extra=st.dictionaries(WORDS, WORDS, max_size=2),
    cells=WORDS,
)
LEDGERS = st.builds(
    LedgerDraft,
    title=WORDS,
    issuer=st.one_of(st.none(), WORDS),
    year=st.one_of(st.none(), st.integers(2000, 2099)),
    sheet=WORDS,
    header_rows=_tuple(st.integers(1, 60)),
    columns=st.dictionaries(WORDS, WORDS, max_size=3),
    depth=st.integers(0, 5),
    declared_total=MAYBE,
    listed_total=MAYBE,
    stated_total=MAYBE,
    nodes=_tuple(NODES),
    adjustments=_tuple(st.builds(AdjustmentDraft, WORDS, MAYBE, WORDS)),
    notes=_tuple(WORDS),
    findings=_tuple(FINDINGS),
)
READINGS = st.builds(Reading, st.builds(Source, WORDS, WORDS, WORDS, _tuple(WORDS)), _tuple(LEDGERS))


@settings(max_examples=60, deadline=None)
@given(READINGS)
def test_a_reading_survives_the_way_through_its_report_and_through_text(reading: Reading) -> None:
    assert from_json(json.loads(json.dumps(as_json(reading)))) == reading


@given(st.decimals(-(10**9), 10**9, allow_nan=False, places=4))
def test_points_are_printed_exactly_and_without_exponent_or_idle_zeros(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text.upper()
    assert "." not in text or not text.endswith(("0", "."))


def test_small_and_round_points_are_plain() -> None:
    assert [plain(Decimal(text)) for text in ("1E+2", "0.2500", "-0.0", "1E-4")] == ["100", "0.25", "0", "0.0001"]
