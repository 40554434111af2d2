"""What the grid asks the server: answers hold what has changed since, by whomever, and cost little."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators import editing, importing, listing, versions
from indicators.editing import Cell
from indicators.listing import View, delta, opening
from indicators.models import Amendment, Indicator, Ledger, LedgerView
from tests.indicators.conftest import account, client_of, make_ledger, named, shape
from tests.ledger_files import ledger_file
from units.models import Organisation, Role, User


def frame_of(ledger: Ledger) -> str:
    return listing.page(ledger, listing.Filters(), View(editing=True)).sheet.frame.dumps()


def send(client: Client, ledger: Ledger, path: str, **values: Any) -> dict[str, Any]:
    sent = {"version": delta.version(ledger), "frame": frame_of(ledger), **values}
    found: dict[str, Any] = client.post(f"/ledgers/{ledger.pk}/{path}/", sent).json()
    return found


def test_a_saved_cell_is_answered_with_its_row_and_the_sums_above_it(client: Client, ledger: Ledger) -> None:
    item, chapter = named(ledger, "乙").pk, named(ledger, "公开").pk
    told = send(client, ledger, "cells", changes=json.dumps([[item, "points", "3", "4"]]))
    assert set(told["fragments"]) == {f"i{item}", f"s{chapter}", f"s{named(ledger, '决策公开').pk}"}
    assert "4.00" in told["fragments"][f"i{item}"]
    assert "10 分" in told["fragments"][f"s{chapter}"]
    assert (told["state"], told["order"], told["touched"]) == ("saved", None, [])


def test_a_moved_branch_is_answered_with_the_rows_that_look_otherwise_and_the_order_of_both_chapters(
    client: Client, ledger: Ledger
) -> None:
    first, second = named(ledger, "公开").pk, named(ledger, "解读").pk
    one, two, three, four = (named(ledger, name).pk for name in "甲乙丙丁")
    told = send(client, ledger, "act", do="move", ids=named(ledger, "结果公开").pk, where="child", of=second)
    assert set(told["fragments"]) == {f"i{one}", f"i{three}", f"i{four}"}
    assert 'rowspan="2"' in told["fragments"][f"i{one}"]
    assert told["chapters"] == {str(first): [one, two], str(second): [four, three]}
    assert told["order"] == [first, second]


def test_a_renamed_level_is_answered_with_its_cell_and_the_sums_above_it(client: Client, ledger: Ledger) -> None:
    level = named(ledger, "决策公开").pk
    told = send(client, ledger, "cells", changes=json.dumps([[level, "name", "决策公开", "重大决策公开"]]))
    assert set(told["fragments"]) == {f"n{level}", f"s{named(ledger, '公开').pk}"}
    assert "重大决策公开" in told["fragments"][f"n{level}"]


def test_a_deeper_branch_than_the_table_has_columns_asks_for_the_whole_page(client: Client, ledger: Ledger) -> None:
    assert send(client, ledger, "act", do="add", where="child", of=named(ledger, "甲").pk)["whole"] is True


def test_what_others_changed_is_told_once_with_their_name_and_nothing_new_costs_five_queries(
    client: Client, ledger: Ledger, organisation: Organisation
) -> None:
    frame, known = frame_of(ledger), delta.version(ledger)
    url = f"/ledgers/{ledger.pk}/since/"
    assert client.get(url, {"version": known, "frame": frame}).status_code == 304
    other = account(organisation, Role.ADMIN)
    editing.write(ledger, [Cell(named(ledger, "甲").pk, "name", "甲", "甲改")], by=other)
    told = client.get(url, {"version": known, "frame": frame}).json()
    assert told["said"] == f"{other} 修改 1 处"
    assert told["touched"] == [named(ledger, "甲改").pk]
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url, {"version": told["version"], "frame": frame}).status_code == 304
    assert len(queries) <= 5
    versions.publish(ledger, by=other)
    assert client.get(url, {"version": told["version"], "frame": frame}).status_code == 286


def test_a_page_that_asks_by_itself_does_not_keep_its_session_alive(client: Client, ledger: Ledger) -> None:
    client.get("/ledgers/")
    session = client.session
    session["last_seen"] = before = session["last_seen"] - 600
    session.save()
    client.get(f"/ledgers/{ledger.pk}/since/", {"version": 0}, headers={"X-Background": "1"})
    assert client.session["last_seen"] == before
    client.get("/ledgers/")
    assert client.session["last_seen"] > before


@pytest.mark.parametrize("items", [20, 300])
def test_a_cell_is_saved_with_the_same_few_queries_in_any_ledger(
    client: Client, organisation: Organisation, items: int
) -> None:
    content = ledger_file(items, title=f"{items} 项")
    (ledger,) = importing.import_file("台账.xlsx", content, organisation=organisation, by=None)
    item = Indicator.objects.filter(ledger=ledger).items()[7].pk
    sent = {"version": 0, "frame": frame_of(ledger), "changes": json.dumps([[item, "points", "0.5", "0.75"]])}
    client.get("/ledgers/")
    with CaptureQueriesContext(connection) as queries:
        assert client.post(f"/ledgers/{ledger.pk}/cells/", sent).json()["state"] == "saved"
    assert len(queries) <= 12, [one["sql"] for one in queries]


def test_a_block_of_any_size_is_saved_with_the_same_queries(client: Client, organisation: Organisation) -> None:
    counts = []
    for items in (5, 30):
        ledger = make_ledger(organisation, [("章", "1", [(f"项{n}", "1", None) for n in range(items)])])
        pks = Indicator.objects.filter(ledger=ledger).items().values_list("pk", flat=True)
        changes = [
            [pk, field, was, now] for pk in pks for field, was, now in (("points", "1", "2"), ("parts", "", "某局"))
        ]
        client.get("/ledgers/")
        with CaptureQueriesContext(connection) as queries:
            send(client, ledger, "cells", changes=json.dumps(changes))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "changes", ["", "{}", "[[1]]", '[["1","name","",""]]', "[[1,2,3,4]]", "[" * 2000, '[[1e30,"name","",""]]']
)
def test_odd_blocks_are_refused_with_a_sentence(client: Client, ledger: Ledger, changes: str) -> None:
    assert send(client, ledger, "cells", changes=changes)["state"] == "refused"


@pytest.mark.parametrize(("chapters", "each"), [(25, 30), (1, 750)])
def test_a_large_ledger_comes_in_pieces_that_together_are_the_whole(
    client: Client, organisation: Organisation, chapters: int, each: int
) -> None:
    spec = [(f"章{n}", "1", [(f"项{n}.{at}", "1", None) for at in range(each)]) for n in range(chapters)]
    ledger = make_ledger(organisation, spec)
    assert Indicator.objects.filter(ledger=ledger).count() > opening.LARGE
    words = client.get(f"/ledgers/{ledger.pk}/").content.decode()
    assert words.count('id="i') == opening.FIRST_ROWS
    assert words.count(f'rowspan="{each}"') == -(-opening.FIRST_ROWS // each)
    assert "下级合计 750 分" in words
    assert "正在核对" in words
    assert 'id="later"' in words
    seen, query = words, {"frame": frame_of(ledger)}
    while 'id="later"' in words:
        after = words.partition('data-after="')[2].partition('"')[0]
        words = client.get(f"/ledgers/{ledger.pk}/later/", {**query, "after": after}).content.decode()
        seen += words
    assert all(
        seen.count(f'id="i{pk}"') == 1
        for pk in Indicator.objects.filter(ledger=ledger).items().values_list("pk", flat=True)
    )
    assert seen.count(f'rowspan="{each}"') == chapters
    whole = client.get(f"/ledgers/{ledger.pk}/?whole=1").content.decode()
    assert whole.count('id="i') == 750
    assert "下级合计 750 分" in client.get(f"/ledgers/{ledger.pk}/facts/").content.decode()


def test_lines_beyond_the_last_row_become_rows_and_each_wrong_value_says_so(client: Client, ledger: Ledger) -> None:
    last = named(ledger, "丁").pk
    rows = [[["name", "戊"], ["points", "一分"]], [["name", ""], ["points", "2"]]]
    told = send(client, ledger, "cells", changes="[]", rows=json.dumps(rows), below=last)
    assert (told["message"], len(told["added"])) == ("已增加 2 行", 2)
    assert [(one[0], one[1], one[2]) for one in told["outcomes"] if one[2] != "saved"] == [
        (told["added"][0], "points", "refused")
    ]
    assert told["chapters"] == {str(named(ledger, "解读").pk): [last, *told["added"]]}
    assert [name for _, name in shape(ledger)][-3:] == ["丁", "戊", "（新指标）"]
    for odd in ("{}", "[1]", '[["name"]]', '[[["name", 1]]]', "[" * 2000):
        assert send(client, ledger, "cells", changes="[]", rows=odd, below=last)["state"] == "refused"


def test_filters_by_role_and_by_missing_points(ledger: Ledger, office: User, client: Client) -> None:
    cells = [Cell(named(ledger, "甲").pk, "parts", "", "某站会同某所"), Cell(named(ledger, "丙").pk, "points", "4", "")]
    editing.write(ledger, cells, by=office)
    for query, found in (("role=joint", ["甲"]), ("pointless=1", ["丙"]), ("role=lead&pointless=1", [])):
        rows = listing.page(ledger, listing.asked(dict(one.split("=") for one in query.split("&")))).sheet.rows
        assert [row.own.name for row in rows] == found
    assert "某站" in client.get(f"/ledgers/{ledger.pk}/?role=joint").content.decode()


def test_hidden_columns_and_widths_are_each_persons_own(
    client: Client, ledger: Ledger, organisation: Organisation
) -> None:
    client.post(f"/ledgers/{ledger.pk}/columns/", {"shown": ["criteria", "parts"]})
    client.post(f"/ledgers/{ledger.pk}/columns/", {"widths": '{"points": 90, "parts": 5, "odd": "x"}'})
    words = client.get(f"/ledgers/{ledger.pk}/").content.decode()
    assert 'data-col="methods"' not in words
    assert 'width="90"' in words
    assert LedgerView.objects.get().widths == {"points": 90, "parts": 40}
    other = client_of(account(organisation, Role.LEADER)).get(f"/ledgers/{ledger.pk}/").content.decode()
    assert 'width="90"' not in other


def test_one_change_is_restored_from_the_list_and_marked(client: Client, ledger: Ledger, office: User) -> None:
    editing.write(ledger, [Cell(named(ledger, "甲").pk, "points", "2", "1")], by=office)
    line = ledger.amendments.get()
    answer = client.post(f"/ledgers/{ledger.pk}/amendments/{line.pk}/", {"back": "https://example.org/"})
    assert answer["Location"] == f"/ledgers/{ledger.pk}/amendments/"
    assert named(ledger, "甲").points == 2
    assert "已撤回" in client.get(f"/ledgers/{ledger.pk}/amendments/").content.decode()
    again = client.post(f"/ledgers/{ledger.pk}/amendments/{line.pk}/", follow=True).content.decode()
    assert "不能恢复" in again


def test_two_thousand_changes_are_paged_narrowed_and_any_one_is_restored(
    client: Client, organisation: Organisation, ledger: Ledger, office: User
) -> None:
    item, other = named(ledger, "甲"), account(organisation, Role.ADMIN)
    Amendment.objects.bulk_create(
        Amendment(ledger=ledger, indicator=named_so, actor=other, action="edited", field="序号", old="", new=str(at))
        for named_so in (named(ledger, "丁"),)
        for at in range(2000)
    )
    editing.edit(item, editing.Changes(name="改过的甲"), edits=item.edits, by=office)
    address = f"/ledgers/{ledger.pk}/amendments/"
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address, {"page": 21, "actor": ""}).content.decode()
    assert len(queries) <= 12
    assert "第 2001–2001 条，共 2001 条" in page
    assert "第 101–200 条，共 2000 条" in client.get(address, {"page": 2, "actor": other.pk}).content.decode()
    today = timezone.localdate()
    for asked in ({"q": "改过的"}, {"actor": office.pk}, {"indicator": item.pk}, {"q": "名称", "since": today}):
        page = client.get(address, asked).content.decode()
        assert "符合条件的 1 条" in page
        assert page.count("恢复原值</button>") == 1
    assert "没有符合条件的修改" in client.get(address, {"until": today - timedelta(days=1)}).content.decode()
    assert "2001 条" in client.get(address, {"indicator": "x", "actor": "9" * 30, "since": "2"}).content.decode()
    line = ledger.amendments.get(field="名称")
    back = f"{address}?actor={office.pk}"
    answer = client.post(f"{address}{line.pk}/", {"back": back})
    assert answer["Location"] == back
    assert named(ledger, "甲").pk == item.pk


def test_pages_without_scripts_split_an_item_and_share_out_points(client: Client, ledger: Ledger) -> None:
    item = named(ledger, "甲").pk
    assert "名称 | 0.5" in client.get(f"/ledgers/indicators/{item}/split/").content.decode()
    refused = client.post(f"/ledgers/indicators/{item}/split/", {"pieces": "只有一行"}).content.decode()
    assert "每行一项" in refused
    client.post(f"/ledgers/indicators/{item}/split/", {"pieces": "甲一 | 0.5\n甲二"})
    assert [name for _, name in shape(ledger)][2:4] == ["甲一", "甲二"]
    client.post(f"/ledgers/indicators/{named(ledger, '决策公开').pk}/distribute/")
    assert sum(one.points or 0 for one in named(ledger, "决策公开").get_children()) == 6
