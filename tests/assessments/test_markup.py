"""A unit's rows as HTML: every word is text, whoever wrote it."""

import re
from dataclasses import replace

import pytest

from assessments import markup
from assessments.amended import Correction
from assessments.last_year import Last
from assessments.scoring.answers import Field
from assessments.worksheet import Group, Row

EVIL = """<script>alert("1")</script>'&"""
ROW = Row(
    ref="7",
    at="/entries/7/",
    version="2",
    name=EVIL,
    criteria=EVIL,
    checkpoints=(),
    about=EVIL,
    last=None,
    points="2.00",
    maximum="2.00",
    mark="7:2:0123456789abcdef",
    score=EVIL,
    reason=EVIL,
    state="invalid",
    words=EVIL,
    off_score="is-off",
    off_reason="",
    evidence=EVIL,
    returned=EVIL,
    notes=(EVIL,),
    locked="",
    together=EVIL,
    fields=(),
    reckoned=EVIL,
)


def written(**other: object) -> str:
    """The one row with other words."""
    return markup.groups([Group(3, EVIL, EVIL, "1.00", (replace(ROW, **other),))])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "times"),
    [
        ({}, 12),
        ({"criteria": "", "checkpoints": ({"text": EVIL, "points": EVIL},)}, 13),
        ({"fields": (Field("rule-1", EVIL, EVIL, is_choice=False, unit=EVIL),)}, 15),
        ({"last": Last(5, EVIL, EVIL, EVIL, EVIL, (), EVIL)}, 16),
        ({"last": Last(5, EVIL, EVIL, EVIL, "", (), EVIL)}, 14),
        ({"locked": EVIL, "fields": (Field("rule-1", EVIL, EVIL, is_choice=False, unit=EVIL),)}, 12),
        ({"locked": EVIL, "sealed": EVIL, "correction": Correction(5, EVIL, EVIL, EVIL)}, 13),
    ],
)
def test_no_word_of_a_row_is_ever_markup(other: dict[str, object], times: int) -> None:
    words = written(**other)
    assert "<script" not in words
    assert words.count("&lt;script&gt;") >= times
    assert not re.search(r'alert\("1', words)


def test_a_row_that_is_shut_has_nothing_to_type_into_and_an_open_one_its_cells() -> None:
    shut, open_ = written(locked="已公布"), written()
    assert not re.search(r"<(input|textarea|select)|data-save-url", shut)
    assert re.findall(r'<(?:input|textarea) class="cell[^>]* name="(\w+)"', open_) == ["score", "reason"]
    assert 'data-save-url="/entries/7/save/" data-version="2" data-state="invalid"' in open_


def test_criteria_lie_open_only_where_one_item_is_shown_alone() -> None:
    one = [Group(3, "公开内容", "", "1.00", (ROW,))]
    assert '<details class="criteria" open>' in markup.groups(one, unfolded=True)
    assert '<details class="criteria">' in markup.groups(one)
