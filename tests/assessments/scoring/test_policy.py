from dataclasses import replace
from decimal import Decimal

import pytest

from assessments.scoring.policy import Band, Policy, band_of

D = Decimal

FULL = Policy(
    not_applicable="equal_share",
    deduction_cap=D(10),
    bonus_cap=D("5.5"),
    bonus_gate=D(80),
    ceiling=D(105),
    bands=(Band("先进", D("85.5")), Band("达标", D(60))),
)


def test_a_policy_comes_back_from_storage_as_it_was() -> None:
    assert Policy.from_json(FULL.as_json()) == FULL
    assert Policy.from_json(Policy().as_json()) == Policy()


def test_amounts_are_stored_as_exact_text() -> None:
    assert FULL.as_json() == {
        "not_applicable": "equal_share",
        "rectification": "none",
        "deduction_cap": "10",
        "bonus_cap": "5.5",
        "bonus_gate": "80",
        "ceiling": "105",
        "bands": [{"name": "先进", "least": "85.5"}, {"name": "达标", "least": "60"}],
    }


def test_a_round_that_decided_nothing_has_the_plain_policy() -> None:
    assert Policy.from_json({}) == Policy()
    assert Policy().not_applicable == "drop"


@pytest.mark.parametrize(
    ("rate", "band"),
    [("100", "优秀"), ("90", "优秀"), ("89.99", "良好"), ("60", "合格"), ("59.9999", "不合格"), ("0", "不合格")],
)
def test_a_band_begins_at_its_least_rate(rate: str, band: str) -> None:
    assert band_of(D(rate), Policy()) == band


def test_a_rate_below_every_band_has_none() -> None:
    assert band_of(D(59), FULL) is None
    assert band_of(D(59), replace(FULL, bands=())) is None


@pytest.mark.parametrize(
    ("stored", "trouble"),
    [
        ({"bonus_gat": "80"}, "unknown in a policy: bonus_gat"),
        ({"bonus_cap": 5}, "not an exact decimal: 5"),
        ({"bonus_cap": 5.5}, "not an exact decimal"),
        ({"bonus_cap": "NaN"}, "not an exact decimal"),
        ({"ceiling": "-1"}, "not an exact decimal"),
        ({"not_applicable": "ignore"}, "unknown policy"),
        ({"not_applicable": None}, "unknown policy"),
        ({"bands": [{"name": "合格", "least": "60"}, {"name": "优秀", "least": "90"}]}, "highest first"),
        ({"bands": [{"name": "合格", "least": "60"}, {"name": "及格", "least": "60"}]}, "a bound of its own"),
        ({"bands": [{"name": "合格"}]}, "not an exact decimal: None"),
        ({"bands": ["合格"]}, "list of objects"),
        ({"bands": "合格"}, "list of objects"),
    ],
)
def test_a_policy_that_was_stored_wrongly_is_refused(stored: dict[str, object], trouble: str) -> None:
    with pytest.raises(ValueError, match=trouble):
        Policy.from_json(stored)
