"""看板 and 评分表: every number is the same everywhere, and each opens the list behind it."""

import csv
import io
import re
from decimal import Decimal

import openpyxl
import pytest

from assessments import rollup
from assessments.adjustments import register_adjustment
from assessments.entries import accept_undisputed
from assessments.models import Entry, Phase, Round, Shape
from assessments.reports import score_report
from assessments.rounds import publish
from indicators.models import Adjustment
from tests.assessments import office as o
from tests.assessments.visits import queries, text, visit, wide
from units import offices
from units.models import AuditEvent

pytestmark = pytest.mark.django_db

SCORES = {"主动公开": "3", "政策解读": "0.75", "回应关切": "2"}


def _total(page: str) -> str:
    found = re.search(r'stat-value">([^<]*)<small>', page)
    assert found is not None
    return found[1]


def test_board_sheet_report_and_database_show_the_same_total() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    sheet = o.sheet(round_)
    client = visit(who.leader)
    seen = {_total(text(client, f"/boards/{round_.pk}/")), _total(text(client, f"/sheets/{sheet.pk}/"))}
    seen.add(score_report(round_)["sheets"][0]["total"])
    rollup.roll_up([sheet.pk])
    sheet.refresh_from_db()
    seen |= {f"{sheet.total.normalize():f}", _total(text(client, f"/boards/{round_.pk}/"))}
    assert seen == {"5.75"}


def test_both_totals_stand_on_the_board_and_a_blank_is_no_zero_in_the_first() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    page = text(visit(who.leader), f"/boards/{round_.pk}/")
    assert "已评部分满分 7，得分率 82.14%" in page
    assert "57.50<small>%</small>" in page
    assert "全部满分 10，还有 1 项未评" in page


def test_no_band_is_said_before_everything_is_scored_or_published() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    note = "已评部分 良好 · 按未填计零 不合格"
    for path in (f"/boards/{round_.pk}/", f"/sheets/{o.sheet(round_).pk}/"):
        page = text(visit(who.leader), path)
        assert "未定" in page
        assert page.count(note) == page.count("不合格") == 1
    assert score_report(round_)["sheets"][0]["band"] == "不合格"
    accept_undisputed(round_, by=who.office)
    publish(round_, by=who.office, blank_is_zero=True)
    for path in (f"/boards/{round_.pk}/", f"/sheets/{o.sheet(round_).pk}/"):
        page = text(visit(who.leader), path)
        assert "未定" not in page
        assert "不合格" in page


def test_a_registered_deduction_is_in_every_total_at_once() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    rule = Adjustment.objects.create(ledger=round_.ledger, text="泄露个人信息", kind="penalty", points=Decimal("-1"))
    sheet = o.sheet(round_)
    client = visit(who.office)
    answer = client.post(f"/sheets/{sheet.pk}/adjust/", {"adjustment": rule.pk, "times": "2", "reason": "通报两次"})
    assert answer.status_code == 302
    page = text(client, f"/sheets/{sheet.pk}/")
    assert _total(page) == _total(text(client, f"/boards/{round_.pk}/")) == "3.75"
    assert "扣 2 分" in page
    assert "通报两次" in page


@pytest.mark.parametrize(
    ("times", "reason", "words"), [("-1", "x", "填 0 或正整数"), ("1", "", "要写明事由"), ("二", "x", "填 0 或正整数")]
)
def test_a_deduction_without_a_number_or_a_reason_is_not_registered(times: str, reason: str, words: str) -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    rule = Adjustment.objects.create(ledger=round_.ledger, text="泄露", kind="penalty", points=Decimal("-1"))
    path = f"/sheets/{o.sheet(round_).pk}/adjust/"
    sent = {"adjustment": rule.pk, "times": times, "reason": reason}
    assert words in visit(who.office).post(path, sent, follow=True).content.decode()
    assert visit(who.reviewer).post(path, {**sent, "times": "1", "reason": "x"}).status_code == 403
    assert not o.sheet(round_).adjustments.filter(times__gt=0).exists()


def test_the_tree_shows_sums_of_every_indicator_and_steps_of_the_total() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    page = text(visit(who.reviewer), f"/sheets/{o.sheet(round_).pk}/")
    row = page.split(">公开内容</a>")[1].split("</tr>")[0]
    plain = re.sub(r"</?a[^>]*>", "", row)
    assert re.findall(r'class="num">([^<]*)<', plain) == ["", "7.00", "5.75", "82.14%", "−1.25"]
    assert "评估点得分 5.75 分，分值 10 分" in page
    assert "未评 1" in page.split(">公开平台</a>")[1].split("</tr>")[0]


def test_every_number_of_the_board_is_a_link_to_a_list_that_adds_up_to_it() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    client = visit(who.leader)
    page = text(client, f"/boards/{round_.pk}/").split("<main", 1)[1]
    links = set(re.findall(r'href="(/boards/\d+/items/[^"]*|/sheets/[^"]*|/entries/[^"]*)"', page))
    assert len(links) > 15
    for link in links:
        text(client, link.replace("&amp;", "&").partition("#")[0])
    lost = text(client, f"/boards/{round_.pk}/items/?show=lost")
    assert "失 <strong>1.25</strong> 分" in lost
    assert "1.25<small>分</small>" in page
    assert lost.count("/entries/") == 2


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"主动公开", "政策解读", "回应关切", "网站建设"}),
        ("?show=lost", {"主动公开", "政策解读"}),
        ("?show=unscored", {"网站建设"}),
        ("?show=open", {"网站建设"}),
        ("?show=waiting", {"主动公开", "政策解读", "回应关切"}),
        ("?node={platform}", {"网站建设"}),
        ("?unit={other}", set()),
        ("?show=nonsense&node=9999999&unit=abc", set()),
    ],
)
def test_a_list_holds_what_its_address_says(query: str, names: set[str]) -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    platform = o.entry(round_, "网站建设").indicator.parent_id
    path = f"/boards/{round_.pk}/items/{query.format(platform=platform, other=who.units[1].pk)}"
    body = text(visit(who.reviewer), path).split("<tbody>")
    shown = set(re.findall(r'href="/entries/\d+/">([^<]*)</a>', body[1])) if len(body) > 1 else set()
    assert shown == names


def test_the_unit_that_lost_most_stands_first_with_its_rate_in_the_heat_map() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    other = o.entry(round_, "网站建设")
    Entry.objects.filter(pk=other.pk).update(unit=who.units[1], state="scored", earned=3, self_score=3)
    page = text(visit(who.leader), f"/boards/{round_.pk}/")
    heat = page.split('class="sheet heat"')[1].split("</table>")[0]
    assert heat.index("教育局") < heat.index("民政局")
    assert re.findall(r'data-heat="(\d)"', heat) == ["4", "7"]
    assert re.findall(r">(\d+)</a>", heat) == ["82", "100"]


def test_a_round_of_units_ranks_them_within_what_is_fresh() -> None:
    who = o.office()
    round_ = o.opened(who, shape=Shape.PER_UNIT)
    for unit, score in ((0, "2"), (1, "4")):
        o.fill(o.entry(round_, "主动公开", who.units[unit]), score, who.fillers[unit], "缺项")
    page = text(visit(who.leader), f"/boards/{round_.pk}/")
    ranks = page.split("名次 <small>")[1].split("</table>")[0]
    assert ranks.index("民政局") < ranks.index("教育局")
    assert re.findall(r'<td class="num">(\d)</td>', ranks) == ["1", "2"]
    report = {sheet["unit"]: sheet["total"] for sheet in score_report(round_)["sheets"]}
    assert report == {"教育局": "2", "民政局": "4"}
    assert re.findall(r'title="计算过程">([^<]*)</a>', ranks) == ["4", "2"]


def test_ranks_stand_class_by_class_as_the_office_orders_them() -> None:
    who = o.office()
    for unit, name in ((0, "县直部门"), (1, "乡镇")):
        offices.classify(who.units[unit], name, by=None)
    round_ = o.opened(who, shape=Shape.PER_UNIT)
    for unit, score in ((0, "2"), (1, "4")):
        o.fill(o.entry(round_, "主动公开", who.units[unit]), score, who.fillers[unit], "缺项")
    page = text(visit(who.leader), f"/boards/{round_.pk}/")
    ranks = page.split("名次 <small>")[1].split("</table>")[0]
    assert re.findall(r'<th scope="row(?:group" colspan="6)?">(?:<a[^>]*>)?([^<]*)', ranks) == [
        "县直部门",
        "教育局",
        "乡镇",
        "民政局",
    ]
    assert re.findall(r'<td class="num">(\d)</td>', ranks) == ["1", "1"]


def test_the_projector_renews_itself_and_the_newest_round_opens() -> None:
    who = o.office()
    client = visit(who.leader)
    assert "还没有可以看的轮次" in text(client, "/boards/")
    o.opened(who)
    round_ = o.opened(who)
    o.prepared(who, o.ledger(who.organisation))
    assert client.get("/boards/").headers["Location"] == f"/boards/{round_.pk}/"
    page = text(client, f"/boards/{round_.pk}/?wall=1")
    assert "data-wall" in page
    assert 'http-equiv="refresh" content="60"' in page
    assert "http-equiv" not in text(client, f"/boards/{round_.pk}/")


def test_a_list_comes_as_csv_and_excel_with_numbers_as_numbers_and_no_formula() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "3", who.fillers[0], '=HYPERLINK("http://x")')
    client = visit(who.leader)
    path = f"/boards/{round_.pk}/items/?show=lost"
    rows = list(csv.reader(io.StringIO(client.get(f"{path}&format=csv").content.decode("utf-8-sig"))))
    assert rows[0][0] == "指标"
    assert rows[1][:2] == ["主动公开", "公开内容"]
    assert '\'=HYPERLINK("http://x")' in rows[1]
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{path}&format=xlsx").content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s", "n"}
    assert sheet.cell(2, 4).value == 4
    assert AuditEvent.objects.filter(action="导出").count() == 2


def test_a_sheet_comes_as_a_file_whose_last_row_is_its_total() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    answer = visit(who.office).get(f"/sheets/{o.sheet(round_).pk}/?format=xlsx")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert len(rows) == 1 + 6 + 1
    assert rows[-1][1] == "总分"
    assert Decimal(str(rows[-1][5])) == Decimal("5.75")


def test_a_units_people_see_neither_board_nor_list_nor_sheet() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    for person in (who.fillers[0], who.signers[1]):
        for path in (
            "/boards/",
            f"/boards/{round_.pk}/",
            f"/boards/{round_.pk}/items/",
            f"/sheets/{o.sheet(round_).pk}/",
        ):
            text(visit(person), path, 403)


def test_another_organisations_board_list_and_sheet_do_not_exist() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    stranger = visit(o.office("邻县人民政府").office)
    sheet = o.sheet(round_)
    for path in (f"/boards/{round_.pk}/", f"/boards/{round_.pk}/items/?format=csv", f"/sheets/{sheet.pk}/?format=xlsx"):
        text(stranger, path, 404)
    rule = Adjustment.objects.create(ledger=round_.ledger, text="泄露", kind="penalty", points=Decimal("-1"))
    sent = {"adjustment": rule.pk, "times": "1", "reason": "x"}
    assert stranger.post(f"/sheets/{sheet.pk}/adjust/", sent).status_code == 404


def test_nothing_is_registered_on_a_published_sheet() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    rule = Adjustment.objects.create(ledger=round_.ledger, text="泄露", kind="penalty", points=Decimal("-1"))
    register_adjustment(o.sheet(round_), rule, 1, "通报", by=who.office)
    sealed = {"published_at": "2026-09-01T00:00Z", "snapshot": {}, "seal": "x"}
    Round.objects.filter(pk=round_.pk).update(phase=Phase.PUBLISHED, **sealed)
    client = visit(who.office)
    path = f"/sheets/{o.sheet(round_).pk}/"
    assert 'name="times"' not in text(client, path)
    client.post(f"{path}adjust/", {"adjustment": rule.pk, "times": "0", "reason": ""})
    assert o.sheet(round_).adjustments.get().times == 1


PAGES = ("/boards/{0}/", "/boards/{0}/items/", "/boards/{0}/items/?show=lost", "/sheets/{1}/")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("shape", [Shape.ALLOCATED, Shape.PER_UNIT])
def test_board_list_and_sheet_take_as_many_queries_for_many_items_as_for_few(path: str, shape: str) -> None:
    counts = []
    for items in (4, 40):
        who = o.office(f"{items} 项的县", [f"单位{number}" for number in range(items // 2)])
        round_ = o.opened(who, shape=shape, spec=wide(items))
        o.fill(o.entry(round_, "评估点 0-0", who.units[0]), "0.5", who.fillers[0], "缺项")
        sheet = round_.sheets.order_by("pk")[0]
        counts.append(queries(visit(who.leader), path.format(round_.pk, sheet.pk)))
    assert counts[0] == counts[1]
    assert counts[0] <= 20
