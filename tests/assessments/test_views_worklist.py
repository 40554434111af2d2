"""我的任务 and the sheet a unit fills in."""

import json
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from assessments.entries import give_back
from assessments.models import Entry, EntryStage, Phase, ScoreEvent
from assessments.worksheet import ENTRIES
from indicators.models import Responsibility, ResponsibilityRole
from tests.assessments import office as o
from tests.assessments.visits import FETCH, queries, text, typed, visit, wide

pytestmark = pytest.mark.django_db


def _saved(client, one: Entry, score: str, reason: str = "", **more: object):  # type: ignore[no-untyped-def]
    form = {"score": score, "reason": reason, "version": one.version, "key": o.key(), **more}
    return client.post(f"/entries/{one.pk}/save/", form, **FETCH)


def test_a_unit_sees_its_own_rounds_and_how_far_it_is() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "4", who.fillers[0])
    assert "已填 1/4" in text(visit(who.fillers[0]), "/worklist/")
    other = text(visit(who.fillers[1]), "/worklist/")
    assert round_.name not in other
    assert "还没有填报任务" in other


@pytest.mark.parametrize(
    ("day", "group"), [(date(2026, 7, 31), "逾期"), (date(2026, 7, 28), "三天内截止"), (date(2026, 7, 1), "本轮")]
)
def test_rounds_are_sorted_by_how_near_their_last_day_is(day: date, group: str) -> None:
    with time_machine.travel(f"{day}T03:00:00Z", tick=False):
        who = o.office()
        o.opened(who, self_due=date(2026, 7, 30))
        assert f"<span>{group}</span>" in text(visit(who.fillers[0]), "/worklist/").replace("\n", "")


def test_a_sheet_of_a_round_in_which_a_unit_has_nothing_does_not_exist_for_it() -> None:
    who = o.office()
    round_ = o.opened(who)
    mine = visit(who.fillers[0])
    assert "主动公开" in text(mine, f"/worklist/{round_.pk}/")
    for path in (f"/worklist/{round_.pk}/", f"/worklist/{round_.pk}/submit/"):
        text(visit(who.fillers[1]), path, 404)


def test_another_organisations_round_does_not_exist() -> None:
    who, others = o.office(), o.office("邻县人民政府")
    round_ = o.opened(others)
    text(visit(who.fillers[0]), f"/worklist/{round_.pk}/", 404)
    one = o.entry(round_, "主动公开")
    assert _saved(visit(who.fillers[0]), one, "4").status_code == 404
    assert not ScoreEvent.objects.exists()


def test_a_saved_cell_is_answered_with_its_version_time_and_the_sums_it_changes() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    answer = _saved(visit(who.fillers[0]), one, "３.5", "材料不全")
    told = answer.json()
    assert answer.status_code == 200
    assert (told["state"], told["version"], told["score"]) == ("saved", 1, "3.50")
    assert told["totals"][f"sum-{one.indicator.parent_id}"] == "3.50"
    assert told["totals"]["filled"] == "1"
    one.refresh_from_db()
    assert str(one.self_score) == "3.5000"


@pytest.mark.parametrize(
    ("score", "reason", "field", "words"),
    [
        ("4.1", "", "score", "不能超过 4"),
        ("-1", "", "score", "不能是负数"),
        ("NaN", "", "score", "只能填数字"),
        ("1e1", "", "score", "只能填数字"),
        ("不涉及", "", "reason", "要写明原因"),
    ],
)
def test_a_bad_cell_is_answered_with_the_field_and_what_to_do(score: str, reason: str, field: str, words: str) -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    answer = _saved(visit(who.fillers[0]), one, score, reason)
    told = answer.json()
    assert answer.status_code == 422
    assert (told["state"], told["field"]) == ("invalid", field)
    assert words in told["message"]
    assert told["message"].endswith("未保存")
    assert not ScoreEvent.objects.exists()


def test_two_people_on_one_cell_are_shown_both_values_and_whose() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    o.fill(one, "3", who.signers[0], "缺少附件")
    one.version = 0
    answer = _saved(visit(who.fillers[0]), one, "2")
    told = answer.json()
    assert answer.status_code == 409
    assert told["state"] == "conflict"
    assert told["theirs"] == {"by": str(who.signers[0]), "score": "3.00", "reason": "缺少附件"}
    assert told["version"] == 1
    assert ScoreEvent.objects.count() == 1


def test_a_click_sent_twice_is_stored_once() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    client, key = visit(who.fillers[0]), o.key()
    for _ in range(2):
        assert _saved(client, one, "4", key=key).json()["state"] == "saved"
    assert ScoreEvent.objects.count() == 1


def test_what_a_unit_may_not_set_is_ignored() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    sent = {"reviewed_score": "4", "final_score": "4", "points": "100", "maximum": "100", "unit": who.units[1].pk}
    assert _saved(visit(who.fillers[0]), one, "1", **sent, stage="accepted", state="exempt").status_code == 200
    one.refresh_from_db()
    assert (one.reviewed_score, one.final_score, one.unit_id) == (None, None, who.units[0].pk)
    assert (one.points, one.stage) == (4, EntryStage.FILLING)


@pytest.mark.parametrize("role", ["office", "reviewer", "leader"])
def test_only_a_units_people_fill_in(role: str) -> None:
    who = o.office()
    round_ = o.opened(who)
    client = visit(getattr(who, role))
    assert _saved(client, o.entry(round_, "主动公开"), "4").status_code == 403
    for path in ("/worklist/", f"/worklist/{round_.pk}/", f"/worklist/{round_.pk}/submit/", "/results/"):
        text(client, path, 403)


def test_one_row_sent_as_a_plain_form_leads_back_to_its_row() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    form = {"score": "4", "reason": "", "version": 0, "key": o.key()}
    answer = visit(who.fillers[0]).post(f"/entries/{one.pk}/save/", form)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/worklist/{one.sheet.round_id}/#entry-{one.pk}"


def test_without_script_the_whole_sheet_is_saved_and_a_bad_row_comes_back_as_typed() -> None:
    who = o.office()
    round_ = o.opened(who)
    client = visit(who.fillers[0])
    form = typed(text(client, f"/worklist/{round_.pk}/"))
    form["score"][:3] = ["3.5", "9", "不涉及"]
    form["reason"][:3] = ["一处链接失效\r\n已在修复", "", "没有此类业务"]
    answer = client.post(f"/worklist/{round_.pk}/", {**form, "key": o.key()})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "已保存 2 项" in page
    assert 'value="9"' in page
    assert "自评得分不能超过 1，未保存" in page
    assert "<title>错误：" in page
    assert o.entry(round_, "主动公开").self_reason == "一处链接失效\n已在修复"
    assert o.entry(round_, "回应关切").claims_not_applicable
    assert o.entry(round_, "政策解读").self_score is None
    assert o.entry(round_, "网站建设").version == 0


def test_a_row_nobody_touched_does_not_undo_a_colleagues() -> None:
    who = o.office()
    round_ = o.opened(who)
    client = visit(who.fillers[0])
    form = typed(text(client, f"/worklist/{round_.pk}/"))
    o.fill(o.entry(round_, "主动公开"), "4", who.signers[0])
    form["score"][3] = "3"
    answer = client.post(f"/worklist/{round_.pk}/", {**form, "key": o.key()})
    assert answer.status_code == 302
    assert o.entry(round_, "主动公开").self_score == 4
    assert o.entry(round_, "网站建设").self_score == 3


def test_without_script_a_conflict_keeps_what_was_typed_and_says_what_the_other_wrote() -> None:
    who = o.office()
    round_ = o.opened(who)
    client = visit(who.fillers[0])
    form = typed(text(client, f"/worklist/{round_.pk}/"))
    o.fill(o.entry(round_, "主动公开"), "3", who.signers[0], "缺少附件")
    form["score"][0] = "2.25"
    page = client.post(f"/worklist/{round_.pk}/", {**form, "key": o.key()}).content.decode()
    assert 'value="2.25"' in page
    assert "对方：3.00，缺少附件" in page
    assert o.entry(round_, "主动公开").self_score == 3


def test_a_form_with_lists_of_unequal_length_saves_nothing() -> None:
    who = o.office()
    round_ = o.opened(who)
    client = visit(who.fillers[0])
    form = typed(text(client, f"/worklist/{round_.pk}/"))
    form["score"] = form["score"][:2]
    client.post(f"/worklist/{round_.pk}/", {**form, "key": o.key()})
    assert not ScoreEvent.objects.exists()


def test_the_page_that_asks_before_handing_in_changes_nothing_and_names_what_is_missing() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "4", who.fillers[0])
    o.fill(o.entry(round_, "政策解读"), "0.5", who.fillers[0])
    page = text(visit(who.signers[0]), f"/worklist/{round_.pk}/submit/")
    assert "将提交 1 项" in page
    assert "要写明扣分原因" in page
    assert not Entry.objects.filter(stage=EntryStage.SUBMITTED).exists()


def test_handing_in_takes_what_is_complete_and_leaves_the_rest() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "4", who.fillers[0])
    answer = visit(who.signers[0]).post(f"/worklist/{round_.pk}/submit/", {"key": o.key()}, follow=True)
    assert "已提交 1 项，还有 3 项没有提交" in answer.content.decode()
    assert o.entry(round_, "主动公开").stage == EntryStage.SUBMITTED
    assert o.entry(round_, "政策解读").stage == EntryStage.FILLING


def test_what_is_handed_in_is_locked_and_what_came_back_says_why() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3", "政策解读": "1"})
    one = o.entry(round_, "主动公开")
    give_back(one, "佐证打不开", version=one.version, key=o.key(), by=who.reviewer)
    page = text(visit(who.fillers[0]), f"/worklist/{round_.pk}/")
    assert page.count('name="score"') == 1
    assert "退回：佐证打不开" in page
    assert "已提交，待审核" in page
    assert "审核阶段，已锁定" in page
    only = text(visit(who.fillers[0]), f"/worklist/{round_.pk}/?show=returned")
    assert "主动公开" in only
    assert "政策解读" not in only


def test_after_the_last_day_a_sheet_can_be_read_but_not_filled_in() -> None:
    who = o.office()
    with time_machine.travel("2026-07-30T15:59:00Z", tick=False):
        round_ = o.opened(who, self_due=date(2026, 7, 30))
        assert 'name="score"' in text(visit(who.fillers[0]), f"/worklist/{round_.pk}/")
    with time_machine.travel("2026-07-30T16:00:00Z", tick=False):
        page = text(visit(who.fillers[0]), f"/worklist/{round_.pk}/")
        assert 'name="score"' not in page
        assert "已截止，已锁定" in page


def test_a_supporting_unit_sees_the_leads_progress_and_none_of_its_words_or_scores() -> None:
    who = o.office()
    round_ = o.opened(who, spec={"公开内容": (("主动公开", "4"), ("政策解读", "1"))})
    supported, own = o.entry(round_, "主动公开"), o.entry(round_, "政策解读")
    Responsibility.objects.create(
        indicator=supported.indicator, unit=who.units[1], written="民政局", role=ResponsibilityRole.SUPPORT
    )
    Entry.objects.filter(pk=own.pk).update(unit=who.units[1])
    o.fill(supported, "3.75", who.fillers[0], "机密的扣分原因")
    page = text(visit(who.fillers[1]), f"/worklist/{round_.pk}/")
    assert "配合事项" in page
    assert "主动公开" in page
    assert "3.75" not in page
    assert "机密的扣分原因" not in page


def test_a_unit_that_only_supports_finds_the_round_and_sees_only_progress() -> None:
    who = o.office()
    round_ = o.opened(who)
    supported = o.entry(round_, "主动公开")
    Responsibility.objects.create(
        indicator=supported.indicator, unit=who.units[1], written="民政局", role=ResponsibilityRole.JOINT
    )
    o.fill(supported, "3.75", who.fillers[0], "机密的扣分原因")
    client = visit(who.fillers[1])
    assert "配合其他单位" in text(client, "/worklist/")
    page = text(client, f"/worklist/{round_.pk}/")
    assert "会同" in page
    assert "3.75" not in page
    text(client, f"/entries/{supported.pk}/", 404)


def test_a_units_past_results_are_its_own_and_only_published_ones() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    assert "还没有公布的轮次" in text(visit(who.fillers[0]), "/results/")
    Entry.objects.filter(pk=o.entry(round_, "主动公开").pk).update(final_score=3, reviewed_score=3)
    snapshot = {"published_at": "2026-09-01T00:00Z", "snapshot": {}, "seal": "x"}
    type(round_).objects.filter(pk=round_.pk).update(phase=Phase.PUBLISHED, **snapshot)
    page = text(visit(who.fillers[0]), "/results/")
    assert "−1.00" in page
    assert "材料不全" in page
    assert round_.name not in text(visit(who.fillers[1]), "/results/")


@pytest.mark.parametrize("path", ["/worklist/", "/worklist/{}/", "/worklist/{}/submit/", "/results/"])
def test_a_units_pages_take_as_many_queries_for_many_items_as_for_few(path: str) -> None:
    counts = []
    for items in (4, 40):
        who = o.office(f"{items} 项的县")
        round_ = o.opened(who, spec=wide(items))
        counts.append(queries(visit(who.fillers[0]), path.format(round_.pk)))
    assert counts[0] == counts[1]
    assert counts[0] <= 16


def test_saving_one_cell_takes_as_many_queries_on_a_long_sheet_as_on_a_short_one(
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    for items in (4, 40):
        who = o.office(f"{items} 项的县")
        one = Entry.objects.filter(sheet__round=o.opened(who, spec=wide(items))).first()
        assert one is not None
        client = visit(who.fillers[0])
        with django_assert_max_num_queries(24):
            assert json.loads(_saved(client, one, "1").content)["state"] == "saved"


def test_the_sheets_rows_lead_where_entries_live() -> None:
    assert reverse("entry", args=[7]) == f"{ENTRIES}7/"
    assert reverse("entry_save", args=[7]) == f"{ENTRIES}7/save/"
