"""The ledger's pages: who sees them, who edits, and that every page works for a browser without scripts."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators import editing, importing, versions
from indicators.models import Amendment, Ledger, LedgerStatus
from tests.indicators.conftest import SHANDONG, make_ledger, named, shape
from units import offices
from units.models import Organisation, Role, User


def edited(ledger: Ledger, which: str, /, **values: object) -> dict[str, object]:
    """What the form of an indicator sends when nothing but `values` was changed."""
    one = named(ledger, which)
    known: dict[str, object] = {"name": one.name, "points": one.points or "", "edits": one.edits}
    if one.is_item:
        known["is_item"] = "on"
    return known | values


def test_the_page_says_what_the_ledger_is_and_what_is_wrong(client: Client, organisation: Organisation) -> None:
    (ledger,) = importing.import_file(SHANDONG.name, SHANDONG.read_bytes(), organisation=organisation, by=None)
    words = client.get(f"/ledgers/{ledger.pk}/").content.decode()
    assert "山东省人力资源和社会保障厅" in words
    assert "草稿第 1 版 · 100 项 · 标注 100 分，下级合计 75.25 分" in words
    assert "有 16 处标注分值与下级合计不符，2 项名称空缺。" in words
    assert "开启考核轮次" in words


@pytest.mark.parametrize(
    ("role", "pages", "edits", "imports"),
    [
        (Role.OFFICE, 200, 200, 200),
        (Role.ADMIN, 200, 403, 200),
        (Role.REVIEWER, 200, 403, 403),
        (Role.LEADER, 200, 403, 403),
        (Role.AUDITOR, 403, 403, 403),
        (Role.FILLER, 403, 403, 403),
        (Role.SIGNER, 403, 403, 403),
    ],
)
def test_each_role_reaches_its_pages_and_no_others(
    as_role: Callable[[str], Client], ledger: Ledger, role: str, pages: int, edits: int, imports: int
) -> None:
    client = as_role(role)
    item = named(ledger, "甲").pk
    looks = ["/ledgers/", *(f"/ledgers/{ledger.pk}/{part}" for part in ("", "findings/", "amendments/"))]
    assert {client.get(url).status_code for url in looks} == {pages}
    changes = [f"/ledgers/{ledger.pk}/publish/", f"/ledgers/{ledger.pk}/add/", "/ledgers/new/"]
    changes += [f"/ledgers/indicators/{item}/{verb}/" for verb in ("edit", "move", "retire")]
    assert {client.get(url).status_code for url in changes} == {edits}
    assert client.get("/imports/").status_code == imports


def test_who_may_not_edit_is_shown_no_form_and_no_button(as_role: Callable[[str], Client], ledger: Ledger) -> None:
    words = as_role(Role.LEADER).get(f"/ledgers/{ledger.pk}/").content.decode()
    assert "决策公开" in words
    assert "/edit/" not in words
    assert "发布</a>" not in words


def test_posting_without_the_right_changes_nothing(as_role: Callable[[str], Client], ledger: Ledger) -> None:
    client = as_role(Role.ADMIN)
    item = named(ledger, "甲").pk
    for url in (f"/ledgers/{ledger.pk}/publish/", f"/ledgers/indicators/{item}/edit/"):
        assert client.post(url, edited(ledger, "甲", name="改了")).status_code == 403
    ledger.refresh_from_db()
    assert (ledger.status, Amendment.objects.count()) == (LedgerStatus.DRAFT, 0)


def test_another_organisations_ledger_does_not_exist(client: Client) -> None:
    foreign = make_ledger(offices.found(name="外县"), [("外章", None, [("外项", "1", None)])])
    item = named(foreign, "外项").pk
    gets = [f"/ledgers/{foreign.pk}/{part}" for part in ("", "findings/", "amendments/", "publish/", "add/")]
    gets += [f"/ledgers/indicators/{item}/{verb}/" for verb in ("edit", "move", "retire")]
    assert {client.get(url).status_code for url in gets} == {404}
    posts = [*gets[3:], f"/ledgers/{foreign.pk}/new-version/", f"/ledgers/indicators/{item}/restore/"]
    assert {client.post(url, {"name": "x", "to": "up"}).status_code for url in posts} == {404}
    assert "外章" not in client.get("/ledgers/").content.decode()


def test_an_indicator_of_another_ledger_is_no_place_to_move_or_add_to(
    client: Client, ledger: Ledger, organisation: Organisation
) -> None:
    other = make_ledger(organisation, [("别章", None, [])])
    there = named(other, "别章").pk
    client.post(f"/ledgers/indicators/{named(ledger, '甲').pk}/move/", {"under": there})
    assert client.get(f"/ledgers/{ledger.pk}/add/?where=child&of={there}").status_code == 404
    assert len(shape(other)) == 1


def test_saving_the_page_without_a_script_leads_back_to_the_row_as_filtered(client: Client, ledger: Ledger) -> None:
    item = named(ledger, "甲")
    answer = client.post(f"/ledgers/indicators/{item.pk}/edit/?q=甲", edited(ledger, "甲", name="甲改", points="２.５"))
    assert answer.status_code == 302
    assert answer["Location"] == f"/ledgers/{ledger.pk}/?q=%E7%94%B2#i{item.pk}"
    item.refresh_from_db()
    assert (item.name, str(item.points)) == ("甲改", "2.5000")


def test_saving_in_place_answers_with_the_table_whose_sums_have_changed(client: Client, ledger: Ledger) -> None:
    item = named(ledger, "甲")
    assert "points-differ" in client.get(f"/ledgers/{ledger.pk}/").content.decode()
    answer = client.post(
        f"/ledgers/indicators/{item.pk}/edit/", edited(ledger, "甲", points="3"), headers={"HX-Request": "true"}
    )
    assert answer["HX-Retarget"] == "#ledger"
    assert "points-differ" not in answer.content.decode()
    assert 'id="facts"' in answer.content.decode()
    assert answer.content.decode().count("<tr id=") == 4


@pytest.mark.parametrize("points", ["abc", "-1", "1e3", "NaN", "0.12345", "123456789", "½"])
def test_points_that_are_no_plain_number_stay_on_the_form_with_a_sentence(
    client: Client, ledger: Ledger, points: str
) -> None:
    item = named(ledger, "甲")
    answer = client.post(f"/ledgers/indicators/{item.pk}/edit/", edited(ledger, "甲", points=points))
    assert answer.status_code == 200
    assert "错误：" in answer.content.decode()
    assert points in answer.content.decode()
    item.refresh_from_db()
    assert item.points == 2


def test_an_open_form_in_a_row_keeps_the_merged_cells_that_begin_there(client: Client, ledger: Ledger) -> None:
    item = named(ledger, "甲")
    words = client.get(f"/ledgers/indicators/{item.pk}/edit/", headers={"HX-Request": "true"}).content.decode()
    assert words.startswith(f'<tr id="i{item.pk}"')
    assert 'rowspan="3"' in words
    assert "<form" in words
    level = client.get(
        f"/ledgers/indicators/{named(ledger, '公开').pk}/edit/", headers={"HX-Request": "true"}
    ).content.decode()
    assert level.startswith('<div class="level-in level-editor">')


def test_a_colleagues_faster_save_is_told_and_the_typed_words_stay(
    client: Client, ledger: Ledger, office: User
) -> None:
    item = named(ledger, "甲")
    form = edited(ledger, "甲", name="我的改法")
    editing.edit(item, editing.Changes(name="同事的改法"), edits=0, by=office)
    words = client.post(f"/ledgers/indicators/{item.pk}/edit/", form).content.decode()
    assert "刚被别人修改过" in words
    assert "我的改法" in words


def test_units_with_parts_are_set_taken_out_and_kept_as_written(
    client: Client, ledger: Ledger, organisation: Organisation
) -> None:
    bureau, station = (offices.add_unit(organisation, name, by=None) for name in ("某局", "某站"))
    item = named(ledger, "甲")
    url = f"/ledgers/indicators/{item.pk}/edit/"
    two = {"role": ["lead", "support", "joint"], "unit": [f"u{bureau.pk}", f"u{station.pk}", ""]}
    client.post(url, edited(ledger, "甲", **two))
    assert list(item.responsibilities.values_list("role", "unit__name")) == [("lead", "某局"), ("support", "某站")]
    client.post(url, edited(ledger, "甲", role=["lead"], unit=[""]))
    assert not item.responsibilities.exists()
    answer = client.post(url, edited(ledger, "甲", role=["lead"], unit=["u999999"]))
    assert "不在单位名录中" in answer.content.decode()


def test_an_empty_ledger_offers_the_first_step_and_grows_from_it(client: Client, office: User) -> None:
    client.post("/ledgers/new/", {"title": "2026年台账", "issuer": "", "year": "2026"})
    ledger = Ledger.objects.get()
    assert "台账里还没有指标" in client.get(f"/ledgers/{ledger.pk}/").content.decode()
    client.post(f"/ledgers/{ledger.pk}/add/", {"name": "第一章", "points": "10"})
    chapter = named(ledger, "第一章")
    client.post(
        f"/ledgers/{ledger.pk}/add/?where=child&of={chapter.pk}", {"name": "第一项", "points": "10", "is_item": "on"}
    )
    assert shape(ledger) == [(1, "第一章"), (2, "第一项")]


def test_moving_and_retiring_work_by_plain_forms(client: Client, ledger: Ledger) -> None:
    client.post(f"/ledgers/indicators/{named(ledger, '乙').pk}/move/", {"to": "up"})
    client.post(f"/ledgers/indicators/{named(ledger, '丙').pk}/move/", {"under": named(ledger, "解读").pk})
    client.post(f"/ledgers/indicators/{named(ledger, '丁').pk}/retire/")
    assert [name for level, name in shape(ledger) if level > 1] == ["决策公开", "乙", "甲", "结果公开", "丙"]
    words = client.get(f"/ledgers/{ledger.pk}/?retired=1").content.decode()
    assert "恢复" in words
    client.post(f"/ledgers/indicators/{named(ledger, '丁').pk}/restore/")
    assert "丁" in [name for _, name in shape(ledger)]


def test_publishing_asks_once_more_and_then_closes_the_ledger(client: Client, ledger: Ledger) -> None:
    page = f"/ledgers/{ledger.pk}/"
    assert "按现状发布" in client.get(f"{page}publish/").content.decode()
    client.post(f"{page}publish/")
    words = client.get(page).content.decode()
    assert "已发布第 1 版" in words
    assert "/edit/" not in words
    answer = client.post(f"/ledgers/indicators/{named(ledger, '甲').pk}/edit/", edited(ledger, "甲", name="x"))
    assert "已发布的台账不能直接修改" in answer.content.decode()
    client.post(f"{page}new-version/")
    assert Ledger.objects.get(version=2).previous == ledger


def test_amendments_and_findings_are_listed_with_a_way_to_the_row(client: Client, ledger: Ledger, office: User) -> None:
    item = named(ledger, "甲")
    editing.edit(item, editing.Changes(name="甲改"), edits=0, by=office)
    words = client.get(f"/ledgers/{ledger.pk}/amendments/").content.decode()
    assert "甲改" in words
    assert f"#i{item.pk}" in words
    assert f"#n{named(ledger, '公开').pk}" in client.get(f"/ledgers/{ledger.pk}/findings/").content.decode()


def test_the_list_filters_by_year_state_and_words(client: Client, organisation: Organisation, office: User) -> None:
    first = make_ledger(organisation, [("章", None, [("项", "1", None)])], title="甲县台账")
    make_ledger(organisation, [], title="乙县台账")
    versions.publish(first, by=office)
    for query in ("q=甲县", "status=published"):
        words = client.get(f"/ledgers/?{query}").content.decode()
        assert "甲县台账" in words
        assert "乙县台账" not in words
    assert "没有符合条件的台账" in client.get("/ledgers/?year=1999").content.decode()


@pytest.mark.parametrize("page", ["", "findings/", "amendments/"])
def test_queries_of_the_pages_do_not_grow_with_the_rows(client: Client, organisation: Organisation, page: str) -> None:
    counts = []
    for items in (10, 100):
        one = make_ledger(organisation, [("章", "1", [(f"项{n}", "1", None) for n in range(items)])])
        client.get(f"/ledgers/{one.pk}/{page}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/ledgers/{one.pk}/{page}")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_of_ledgers_adds_up_to_the_last_place_whatever_the_database(
    client: Client, organisation: Organisation
) -> None:
    make_ledger(organisation, [("一章到底", None, [(f"第 {at} 项", "0.1", None) for at in range(640)])])
    words = client.get("/ledgers/").content.decode()
    assert re.findall(r'<td class="num">([\d.]*)</td>', words)[-1] == "64.00"
