"""What `score_report` tells outside programs."""

import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import entries
from assessments.models import Round
from assessments.reports import round_list, score_report
from tests.assessments import office as o

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_() -> Round:
    """A round in review: one item adjusted, one accepted, one handed in, one blank."""
    who = o.office()
    made = o.handed_in(who, o.opened(who), {"主动公开": "4", "政策解读": "0.25", "回应关切": "2"})
    one = o.entry(made, "主动公开")
    entries.adjust(one, "3.5", "栏目空白", version=one.version, key=o.key(), by=who.office)
    one = o.entry(made, "政策解读")
    entries.accept(one, version=one.version, key=o.key(), by=who.office)
    return made


def test_scores_stand_side_by_side_as_exact_strings(round_: Round) -> None:
    told = score_report(round_)["sheets"][0]["entries"]
    figures = [[one[name] for name in ("state", "possible", "self", "reviewed", "final", "reason")] for one in told]
    assert figures == [
        ["scored", "4", "4", "3.5", "3.5", "栏目空白"],
        ["scored", "1", "0.25", "0.25", "0.25", "材料不全"],
        ["scored", "2", "2", None, "2", "材料不全"],
        ["unscored", "3", None, None, None, None],
    ]


def test_both_totals_come_from_the_same_items_on_both_sides(round_: Round) -> None:
    sheet = score_report(round_)["sheets"][0]
    assert sheet["so_far"] == {"earned": "5.75", "possible": "7", "rate": "82.14"}
    assert sheet["strict"] == {"earned": "5.75", "possible": "10", "rate": "57.50"}
    assert (sheet["total"], sheet["band"], sheet["rank"]) == ("5.75", "不合格", 1)


def test_every_indicators_sum_is_that_of_what_is_below_it(round_: Round) -> None:
    nodes = score_report(round_)["sheets"][0]["nodes"]
    for node in nodes:
        below = [one for one in nodes if one["parent"] == node["id"]]
        if below:
            assert Decimal(node["earned"]) == sum(Decimal(one["earned"]) for one in below)
            assert node["pending"] == sum(one["pending"] for one in below)
    tops = [one for one in nodes if one["parent"] is None]
    assert [(one["name"], one["level"], one["state"]) for one in tops] == [
        ("公开内容", 1, "scored"),
        ("公开平台", 1, "unscored"),
    ]


def test_the_report_says_by_what_rules_and_program_it_was_made(round_: Round) -> None:
    head = score_report(round_)["round"]
    assert (head["id"], head["shape"], head["phase"], head["engine"]) == (round_.pk, "allocated", "review", "1")
    assert head["policy"]["not_applicable"] == "drop"


def test_a_shared_score_names_all_items_it_covers_on_its_first() -> None:
    who = o.office()
    made = o.opened(who)
    home, other = o.entry(made, "主动公开"), o.entry(made, "政策解读")
    home.maximum = Decimal(5)
    home.save()
    other.shared_home = home
    other.save()
    o.fill(home, "4.5", who.fillers[0])
    told = score_report(made)["sheets"][0]["entries"]
    assert told[0]["shared_with"] == [home.indicator_id, other.indicator_id]
    assert (told[0]["final"], told[1]["final"], told[1]["state"]) == ("4.5", None, "scored")
    assert told[1]["shared_with"] == []


def test_the_list_of_rounds_has_the_names_the_contract_has(round_: Round) -> None:
    assert round_list() == [
        {
            "id": round_.pk,
            "name": round_.name,
            "shape": "allocated",
            "phase": "review",
            "ledger": round_.ledger_id,
        }
    ]


def test_the_whole_report_is_json_without_a_single_float(round_: Round) -> None:
    def refuse(text: str) -> None:
        raise AssertionError(text)

    json.loads(json.dumps(score_report(round_)), parse_float=refuse)


def test_the_report_costs_the_same_queries_for_two_units_and_for_twelve() -> None:
    counts = []
    for name, size in (("甲县", 2), ("乙县", 12)):
        made = o.opened(o.office(name, [f"{name}{at} 局" for at in range(size)]), shape="per-unit")
        with CaptureQueriesContext(connection) as queries:
            score_report(made)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_round_in_preparation_is_told_without_numbers_it_does_not_have() -> None:
    who = o.office()
    made = o.prepared(who, o.ledger(who.organisation), "per-unit")
    sheet = score_report(made)["sheets"][0]
    assert sheet["so_far"] == sheet["strict"] == {"earned": "0", "possible": "0", "rate": None}
    assert (sheet["total"], sheet["band"], sheet["rank"], sheet["entries"]) == ("0", None, None, [])
