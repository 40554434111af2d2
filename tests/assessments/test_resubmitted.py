"""退回后已改: the reviewer sees what changed since an entry came back, old and new, and finds those entries."""

import pytest

from assessments import entries, evidence
from assessments.models import Entry, Phase, Round
from assessments.resubmitted import since_return
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import queries, text, visit, wide

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> Office:
    """A county with two units."""
    return o.office()


@pytest.fixture
def round_(who: Office) -> Round:
    """In review: 主动公开 handed in with 3.5 of 4, sent back, changed, sent in again; 政策解读 came back unchanged."""
    made = o.handed_in(who, o.opened(who), {"主动公开": "3.5", "政策解读": "0.5"})
    for name in ("主动公开", "政策解读"):
        returned(who, o.entry(made, name), "材料不全，补充")
    o.fill(o.entry(made, "主动公开"), "3", who.fillers[0], "缺两份材料")
    entries.submit(made, who.units[0], by=who.fillers[0], key=o.key())
    return made


def returned(who: Office, one: Entry, why: str) -> None:
    entries.give_back(one, why, version=one.version, key=o.key(), by=who.office)


def row(page: str, one: Entry) -> str:
    """The entry's row; empty where the page has none."""
    return page.partition(f'id="entry-{one.pk}"')[2].partition("</tr>")[0]


def test_the_row_says_how_many_places_changed_from_what_to_what(who: Office, round_: Round) -> None:
    page = text(visit(who.office), f"/reviews/{round_.pk}/")
    changed = row(page, o.entry(round_, "主动公开"))
    assert "退回后已改 2 处" in changed
    assert "自评得分：<del>3.50</del> → <ins>3.00</ins>" in changed
    assert "扣分原因：<del>材料不全</del> → <ins>缺两份材料</ins>" in changed
    assert "退回后已改" not in row(page, o.entry(round_, "政策解读"))


def test_the_filter_finds_what_changed_after_it_came_back_and_nothing_else(who: Office, round_: Round) -> None:
    client = visit(who.office)
    page = text(client, f"/reviews/{round_.pk}/?show=changed")
    assert [bool(row(page, o.entry(round_, name))) for name in ("主动公开", "政策解读")] == [True, False]
    returned(who, o.entry(round_, "主动公开"), "再补充")
    assert not row(text(client, f"/reviews/{round_.pk}/?show=changed"), o.entry(round_, "主动公开"))
    o.fill(o.entry(round_, "主动公开"), "2", who.fillers[0], "缺两份材料")
    assert not row(text(client, f"/reviews/{round_.pk}/?show=changed"), o.entry(round_, "主动公开"))  # not in yet
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    changed = row(text(client, f"/reviews/{round_.pk}/?show=changed"), o.entry(round_, "主动公开"))
    assert "退回后已改 1 处" in changed
    assert "<del>3.00</del> → <ins>2.00</ins>" in changed


def test_several_saves_are_one_change_and_what_went_back_to_what_it_was_is_none(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    returned(who, one, "再补充")
    for score in ("1", "2", "3"):
        o.fill(one, score, who.fillers[0], "缺两份材料")
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    changed = row(text(visit(who.office), f"/reviews/{round_.pk}/"), one)
    assert "改过，又改回了原样" in changed
    assert "<del>" not in changed


def test_other_evidence_counts_too(who: Office, round_: Round) -> None:
    one = o.entry(round_, "政策解读")
    returned(who, one, "补充佐证")
    one.refresh_from_db()
    evidence.add_link(one, "公开网址", "https://www.example.gov.cn/a", by=who.fillers[0])
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    changed = row(text(visit(who.office), f"/reviews/{round_.pk}/?show=changed"), one)
    assert "退回后已改 1 处" in changed
    assert "新增佐证 1 份" in changed


def test_the_answered_row_still_says_it(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    form = {"action": "accept", "version": one.version, "key": o.key(), "order": "unit"}
    answer = visit(who.office).post(f"/reviews/entries/{one.pk}/", form, HTTP_HX_REQUEST="true")
    assert "退回后已改 2 处" in answer.content.decode()


def test_what_never_came_back_has_not_changed_since(who: Office) -> None:
    made = o.handed_in(who, o.opened(who), {"主动公开": "3.5"})
    assert since_return([o.entry(made, "主动公开")]) == {}


def test_the_desk_costs_the_same_queries_for_any_number_of_returned_items(who: Office) -> None:
    counted = []
    for items in (4, 20):
        made = o.opened(who, spec=wide(items))
        for one in Entry.objects.filter(sheet__round=made):
            o.fill(one, "1", who.fillers[0])
        entries.submit(made, who.units[0], by=who.fillers[0], key=o.key())
        made = o.in_phase(made, Phase.REVIEW)
        for one in Entry.objects.filter(sheet__round=made):
            returned(who, one, "补充")
            o.fill(one, "0.5", who.fillers[0], "缺一项")
        entries.submit(made, who.units[0], by=who.fillers[0], key=o.key())
        counted.append(queries(visit(who.office), f"/reviews/{made.pk}/"))
    assert counted[0] == counted[1]
