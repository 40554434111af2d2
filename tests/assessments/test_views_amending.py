"""更正 on the pages: asked with the round's name, shown beside the sealed value wherever it stands."""

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from assessments.entries import accept_undisputed
from assessments.models import Round, ScoreAmendment
from assessments.rectifications import Order, order
from assessments.rounds import publish
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import text, visit

pytestmark = pytest.mark.django_db

SCORES = {"主动公开": "4", "政策解读": "1", "回应关切": "1.5", "网站建设": "3"}


@pytest.fixture
def who() -> Office:
    """A county with two units."""
    return o.office()


@pytest.fixture
def published(who: Office) -> Round:
    """9.5 of 10 on the only sheet; 1.5 of 2 for 回应关切."""
    round_ = o.handed_in(who, o.opened(who), SCORES)
    accept_undisputed(round_, by=who.office)
    return publish(round_, by=who.office)


def typed(round_: Round, **changes: Any) -> dict[str, Any]:
    """The form as the office fills it in."""
    fresh = {
        "score": "2",
        "code": "error",
        "reason": "漏看第二份材料",
        "name": round_.name,
        "key": o.key(),
        "number": "1",
    }
    return {**fresh, **changes}


def test_a_correction_is_made_with_the_rounds_name_and_stands_beside_the_sealed_score_everywhere(
    who: Office, published: Round
) -> None:
    entry, sheet, client = o.entry(published, "回应关切"), published.sheets.get(), visit(who.office)
    assert f"/entries/{entry.pk}/amend/" in text(client, f"/entries/{entry.pk}/")
    assert "不能撤回" in text(client, f"/entries/{entry.pk}/amend/")
    answer = client.post(f"/entries/{entry.pk}/amend/", typed(published))
    assert answer.headers["Location"] == f"/entries/{entry.pk}/"
    page = text(client, f"/entries/{entry.pk}/")
    assert "公布得分 <strong>1.50</strong> · 更正后 <strong>2.00</strong>" in page
    assert "差错：漏看第二份材料" in page
    assert "更正后得分 1.50 → 2.00" in page
    page = text(client, f"/sheets/{sheet.pk}/")
    assert "公布 <strong>9.5</strong> · 更正后 <strong>10</strong>" in page
    assert page.count("更正后 2.00") == 1
    assert "公布 9.5 · 更正后 10" in text(client, f"/boards/{published.pk}/")
    assert "更正后 2.00" in text(client, f"/boards/{published.pk}/items/")
    results = text(visit(who.fillers[0]), "/results/")
    assert "公布 9.50 · 更正后 10.00" in results
    assert "更正后 2.00（差错：漏看第二份材料）" in results


def test_the_unit_reads_both_scores_with_the_reason_on_its_sheet_its_item_and_in_its_file(
    who: Office, published: Round
) -> None:
    entry, mine = o.entry(published, "回应关切"), visit(who.fillers[0])
    page = text(mine, f"/worklist/{published.pk}/")
    assert "公布 <strong>1.50</strong>" in page
    assert "更正后" not in page
    visit(who.office).post(f"/entries/{entry.pk}/amend/", typed(published))
    page = text(mine, f"/worklist/{published.pk}/")
    row = page.split(f'id="entry-{entry.pk}"')[1].split("</tr>")[0]
    assert "公布 <strong>1.50</strong>" in row
    assert f'href="/entries/{entry.pk}/#stages" title="差错：漏看第二份材料">更正后 2.00</a> · 差错' in row
    assert page.count("更正后 2.00") == 1
    assert "公布 9.50 · 更正后 10.00" in page
    stages = text(mine, f"/entries/{entry.pk}/").split('id="stages"')[1]
    assert "更正 1" in stages
    sheet = load_workbook(io.BytesIO(mine.get(f"/worklist/{published.pk}/workbook/download/").content))["填报"]
    said = {str(row[0]): str(row[7]) for row in sheet.values}
    assert said["回应关切"] == "已公布，不再修改；公布 1.50 · 更正后 2.00（差错：漏看第二份材料）"
    assert said["主动公开"] == "已公布，不再修改；公布 4.00"


def test_the_trace_says_both_reckonings_with_reason_and_link(who: Office, published: Round) -> None:
    entry, sheet, client = o.entry(published, "回应关切"), published.sheets.get(), visit(who.office)
    whole = f"/sheets/{sheet.pk}/trace/?all=1"
    assert "更正后" not in text(client, whole)
    client.post(f"/entries/{entry.pk}/amend/", typed(published))
    page = text(client, whole)
    assert "公布 <strong>9.5</strong> 分，得分率 95.00% · 更正后 <strong>10</strong> 分，得分率 100.00%" in page
    assert page.count("<h3>公布时</h3>") == page.count("<h3>更正后 <small>10 / 10</small></h3>") == 1
    assert "更正后：得分率 100.00%" in page
    for node in (entry.indicator_id, entry.indicator.parent_id):
        part = text(client, f"/sheets/{sheet.pk}/trace/{node}/")
        sealed, after = part.split("更正后 <small>公布")
        assert "漏看第二份材料" not in sealed
        assert f'href="/entries/{entry.pk}/#stages"' in after
        assert "差错" in after
        assert "漏看第二份材料" in after
    other = o.entry(published, "网站建设")
    assert "更正后" not in text(client, f"/sheets/{sheet.pk}/trace/{other.indicator_id}/")


def test_the_boards_lists_say_what_is_left_of_a_loss_after_a_correction(who: Office, published: Round) -> None:
    client, entry = visit(who.office), o.entry(published, "回应关切")
    assert "更正后" not in text(client, f"/boards/{published.pk}/")
    client.post(f"/entries/{entry.pk}/amend/", typed(published))
    page = text(client, f"/boards/{published.pk}/")
    assert "1 项有失分；更正后失 0.00 分" in page
    assert page.count("更正后 100.00%，失 0.00") == 2  # of the first level and of the unit
    assert '−0.50<span class="under">更正后 0.00</span>' in page
    items = text(client, f"/boards/{published.pk}/items/")
    assert f'href="/entries/{entry.pk}/#stages" title="差错：漏看第二份材料">更正后 2.00</a> · 差错' in items
    tree = text(client, f"/sheets/{published.sheets.get().pk}/")
    assert f'href="/entries/{entry.pk}/#stages" title="差错：漏看第二份材料">更正后 2.00</a> · 差错' in tree
    assert tree.count("<h3>更正后</h3>") == 1


def test_the_list_of_what_is_put_right_says_the_corrected_score_too(who: Office, published: Round) -> None:
    client, entry = visit(who.office), o.entry(published, "回应关切")
    [made] = order([Order(entry, "材料不全")], date(2099, 1, 1), by=who.office, key=o.key())
    client.post(f"/entries/{entry.pk}/amend/", typed(published))
    lists = ((who.office, f"/rectifications/{published.pk}/"), (who.fillers[0], "/worklist/rectifications/"))
    for person, path in lists:
        assert "更正后 2.00</a> · 差错" in text(visit(person), path)
    assert "更正后 <strong>2.00</strong>（差错）" in text(client, f"/rectifications/orders/{made.pk}/")
    rows = client.get(f"/rectifications/{published.pk}/?format=csv").content.decode("utf-8-sig")
    assert "更正后得分,更正类别" in rows
    assert "2,差错" in rows.replace("2.00", "2")


def test_the_files_have_a_column_more_where_something_was_corrected(who: Office, published: Round) -> None:
    client, entry = visit(who.office), o.entry(published, "回应关切")
    sheet = f"/sheets/{published.sheets.get().pk}/?format=xlsx"
    items = f"/boards/{published.pk}/items/?format=csv"
    assert "更正后" not in client.get(items).content.decode("utf-8-sig")
    client.post(f"/entries/{entry.pk}/amend/", typed(published))
    listed = client.get(items).content.decode("utf-8-sig")
    assert "更正后得分,更正类别,更正原因" in listed
    assert "差错,漏看第二份材料" in listed
    rows = list(load_workbook(io.BytesIO(client.get(sheet).content)).active.values)  # type: ignore[union-attr]
    heading = next(row for row in rows if row and "更正后得分" in row)
    place = heading.index("更正后得分")
    assert [row[place] for row in rows if row and row[1] in ("回应关切", "主动公开")] == [None, 2]
    assert next(row[place] for row in rows if row and row[1] == "总分") == 10
    said = next(row[place : place + 3] for row in rows if row and row[1] == "回应关切")
    assert said == (2, "差错", "漏看第二份材料")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "别的轮次"}, "与轮次名称不一致"),
        ({"score": "2.5"}, "不能超过 2"),
        ({"score": ""}, "更正后得分"),
        ({"score": "1.5"}, "与现在的得分相同"),
        ({"score": "一分"}, "只能填数字"),
        ({"reason": " "}, "更正原因"),
        ({"code": ""}, "类别"),
        ({"number": "2"}, "由别人更正过"),
        ({"key": "x" * 65}, "64"),
    ],
)
def test_what_is_wrong_stays_on_the_page_and_nothing_is_corrected(
    who: Office, published: Round, change: dict[str, str], words: str
) -> None:
    path = f"/entries/{o.entry(published, '回应关切').pk}/amend/"
    answer = visit(who.office).post(path, typed(published, **change))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ScoreAmendment.objects.exists()


def test_an_item_may_turn_out_not_to_apply(who: Office, published: Round) -> None:
    entry, client = o.entry(published, "回应关切"), visit(who.office)
    client.post(f"/entries/{entry.pk}/amend/", typed(published, score="不涉及", code="rule-change"))
    assert "更正后 <strong>不涉及</strong>" in text(client, f"/entries/{entry.pk}/")
    assert "满分 8" in text(client, f"/sheets/{published.sheets.get().pk}/")


def test_only_the_office_is_offered_it_and_only_after_publishing(who: Office, published: Round) -> None:
    entry = o.entry(published, "回应关切")
    for person in (who.reviewer, who.leader, who.fillers[0]):
        client = visit(person)
        assert "/amend/" not in text(client, f"/entries/{entry.pk}/")
        assert client.get(f"/entries/{entry.pk}/amend/").status_code == 403
    open_ = o.entry(o.opened(who), "主动公开")
    assert "直接在审核台修改" in text(visit(who.office), f"/entries/{open_.pk}/amend/")
    assert visit(o.office("某省").office).get(f"/entries/{entry.pk}/amend/").status_code == 404


def test_a_ranking_says_both_places(who: Office) -> None:
    round_ = o.opened(who, shape="per-unit")
    for at, unit in enumerate(who.units):
        o.fill(o.entry(round_, "主动公开", unit), "4" if at else "3", who.fillers[at], "缺")
    o.in_phase(round_, "review")
    for at, _ in enumerate(who.units):
        one = o.entry(round_, "主动公开", who.units[at])
        visit(who.office).post(f"/reviews/entries/{one.pk}/", {
            "action": "adjust", "score": "4" if at else "3", "reason": "核", "version": one.version, "key": o.key(),
        })  # fmt: skip
    publish(round_, by=who.office, blank_is_zero=True)
    second = o.entry(round_, "主动公开", who.units[1])
    client = visit(who.office)
    assert client.post(f"/entries/{second.pk}/amend/", typed(round_, score="1")).status_code == 302
    page = text(client, f"/boards/{round_.pk}/")
    assert "更正后 2</span>" in page
    assert "更正后 1</span>" in page
