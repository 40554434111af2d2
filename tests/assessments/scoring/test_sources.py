"""Several sources weighed into one result, exactly."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.scoring.amounts import as_decimal, plain
from assessments.scoring.sources import Source, check_weights, compose
from assessments.scoring.trace import replay

D = Decimal


def test_seventy_and_thirty_per_cent() -> None:
    found = compose([Source("日常考核", D(70), D("81.5")), Source("专项考核", D(30), D(90))])
    assert found.total == D("84.05")
    assert [step.label for step in found.trace] == [
        "日常考核：得分率 81.50% × 权重 70% ＝ 57.05",
        "专项考核：得分率 90.00% × 权重 30% ＝ 27.00",
    ]


@pytest.mark.parametrize(
    ("missing", "total"), [("none", None), ("zero", "57.05"), ("rescale", "81.5")]
)  # fmt: skip
def test_a_source_that_did_not_assess_the_body(missing: str, total: str | None) -> None:
    given_ = [Source("日常考核", D(70), D("81.5")), Source("专项考核", D(30), None)]
    found = compose(given_, missing)  # type: ignore[arg-type]
    assert (None if found.total is None else plain(found.total)) == total


def test_a_body_no_source_assessed_has_no_rescaled_result() -> None:
    given_ = [Source("日常考核", D(70), None), Source("专项考核", D(30), None)]
    assert compose(given_, "rescale").total is None
    assert compose(given_, "zero").total == 0


@pytest.mark.parametrize(
    ("weights", "words"),
    [(["100"], "至少要有两个"), (["70", "29.99"], "现在是 99.99"), (["100", "0"], "大于 0"), (["70", "NaN"], "大于 0")],
)
def test_weights_that_are_no_whole_are_refused(weights: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_weights([D(weight) for weight in weights])


rates = st.integers(0, 10**12).map(lambda number: Decimal(number) / 10**10)


@st.composite
def many(draw: st.DrawFn) -> list[Source]:
    cuts = draw(st.lists(st.integers(1, 9999), min_size=1, max_size=4, unique=True))
    edges = [0, *sorted(cuts), 10000]
    weights = [Decimal(high - low) / 100 for low, high in pairwise(edges)]
    return [Source("来源", weight, draw(st.none() | rates)) for weight in weights]


@given(many(), st.sampled_from(["none", "rescale", "zero"]), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_result_is_the_naive_sum_its_steps_replay_to_it_and_the_order_does_not_matter(
    sources: list[Source], missing: str, luck: object
) -> None:
    found = compose(sources, missing)  # type: ignore[arg-type]
    known = [(Fraction(one.weight), Fraction(one.rate)) for one in sources if one.rate is not None]
    whole = sum((weight for weight, _ in known), Fraction(0))
    naive = sum((weight * rate for weight, rate in known), Fraction(0)) / 100
    absent = len(known) < len(sources)
    if (absent and missing == "none") or (missing == "rescale" and not known):
        assert found.total is None
        return
    if missing == "rescale":
        naive = naive * 100 / whole
        assert min(rate for _, rate in known) <= naive <= max(rate for _, rate in known)
    assert found.total == as_decimal(naive) == as_decimal(replay(found.trace))
    assert 0 <= found.total <= 100
    luck.shuffle(sources)  # type: ignore[attr-defined]
    assert compose(sources, missing).total == found.total  # type: ignore[arg-type]
