"""考核轮次: new, opened, moved on, published; each step asks first."""

from typing import Any

import pytest

from assessments import tasks
from assessments.entries import accept_undisputed
from assessments.models import Entry, Phase, Round
from indicators.models import Indicator
from tests.assessments import office as o
from tests.assessments.visits import queries, text, visit, wide
from units.models import Job

pytestmark = pytest.mark.django_db

NEW: dict[str, Any] = {
    "name": "2026 年度考核",
    "shape": "allocated",
    "self_due": "2026-07-30",
    "review_due": "2026-08-30",
    "not_applicable": "drop",
    "bands": "优秀 90\n良好 80\n合格 60\n不合格 0",
}


def _reviewed(who: o.Office) -> Round:
    """A round in review in which all is accepted but 网站建设, which nobody scored."""
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3", "政策解读": "1", "回应关切": "2"})
    accept_undisputed(round_, by=who.office)
    return round_


def test_a_round_is_made_on_a_ledger_with_its_policy() -> None:
    who = o.office()
    on = o.ledger(who.organisation, leads=who.units[:1])
    answer = visit(who.office).post(f"/rounds/new/{on.pk}/", {**NEW, "bonus_gate": "80", "deduction_cap": "3.5"})
    made = Round.objects.get()
    assert answer.headers["Location"] == f"/rounds/{made.pk}/"
    assert made.phase == Phase.PREPARING
    assert (made.policy["bonus_gate"], made.policy["deduction_cap"]) == ("80", "3.5")
    assert str(made.self_due) == "2026-07-30"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bands": "优秀"}, "每行写名称"),
        ({"bands": "合格 60\n优秀 90"}, "从高到低"),
        ({"shape": "per-unit"}, "至少要有一个参加考核的单位"),
        ({"review_due": "2026-01-01"}, "先后排列"),
        ({"name": " "}, "名称"),
        ({"bonus_cap": "-1"}, "加分上限"),
    ],
)
def test_a_round_that_contradicts_itself_stays_on_the_page(change: dict[str, str], words: str) -> None:
    who = o.office()
    on = o.ledger(who.organisation)
    answer = visit(who.office).post(f"/rounds/new/{on.pk}/", {**NEW, **change})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Round.objects.exists()


def test_what_a_ledger_lacks_is_said_before_the_round_is_made_and_keeps_it_from_opening() -> None:
    who = o.office()
    on = o.ledger(who.organisation)
    Indicator.objects.filter(ledger=on, name="政策解读").update(points=None)
    client = visit(who.office)
    assert "1 个评估点没有分值：“政策解读”" in text(client, f"/rounds/new/{on.pk}/")
    round_ = o.prepared(who, on)
    assert "1 个评估点没有分值" in text(client, f"/rounds/{round_.pk}/")
    assert "<form" not in text(client, f"/rounds/{round_.pk}/open/").split("<main", 1)[1]
    client.post(f"/rounds/{round_.pk}/open/", {"name": round_.name})
    assert Round.objects.get().phase == Phase.PREPARING


def test_opening_asks_first() -> None:
    who = o.office()
    round_ = o.prepared(who, o.ledger(who.organisation, leads=who.units))
    client = visit(who.office)
    page = text(client, f"/rounds/{round_.pk}/open/")
    assert "不能退回准备阶段" in page
    assert Round.objects.get().phase == Phase.PREPARING
    client.post(f"/rounds/{round_.pk}/open/", {"name": round_.name})
    assert Round.objects.get().phase == Phase.PREPARING
    assert "排队中" in text(client, f"/rounds/{round_.pk}/")
    asked = {"HTTP_HX_REQUEST": "true"}
    assert "排队中" in client.get(f"/rounds/{round_.pk}/opening/", **asked).content.decode()
    client.post(f"/rounds/{round_.pk}/open/", {"name": round_.name})
    tasks.open_round(Job.objects.get().pk)
    assert Round.objects.get().phase == Phase.SELF_ASSESSMENT
    assert Entry.objects.count() == 4
    assert client.get(f"/rounds/{round_.pk}/opening/", **asked).headers["HX-Redirect"] == f"/rounds/{round_.pk}/"
    tasks.open_round(Job.objects.get().pk)
    assert Entry.objects.count() == 4


def test_an_opening_that_failed_says_why_and_may_be_asked_for_again() -> None:
    who = o.office()
    on = o.ledger(who.organisation, leads=who.units)
    round_ = o.prepared(who, on)
    client = visit(who.office)
    client.post(f"/rounds/{round_.pk}/open/", {"name": round_.name})
    Indicator.objects.filter(ledger=on, name="政策解读").update(points=None)
    tasks.open_round(Job.objects.get().pk)
    assert (Round.objects.get().phase, Entry.objects.count()) == (Phase.PREPARING, 0)
    assert "上次没有开启：轮次还不能开启：1 个评估点没有分值" in text(client, f"/rounds/{round_.pk}/")
    Indicator.objects.filter(ledger=on, name="政策解读").update(points=1)
    client.post(f"/rounds/{round_.pk}/open/", {"name": round_.name})
    tasks.open_round(Job.objects.latest("pk").pk)
    assert Round.objects.get().phase == Phase.SELF_ASSESSMENT


def test_moving_on_asks_first_and_says_what_is_left_open() -> None:
    who = o.office()
    round_ = o.opened(who)
    client = visit(who.office)
    assert "还有 4 项没有提交" in text(client, f"/rounds/{round_.pk}/advance/?to=review")
    assert Round.objects.get().phase == Phase.SELF_ASSESSMENT
    client.post(f"/rounds/{round_.pk}/advance/?to=review")
    assert Round.objects.get().phase == Phase.REVIEW


@pytest.mark.parametrize("to", ["published", "archived", "preparing", "nonsense", ""])
def test_no_phase_is_jumped_over(to: str) -> None:
    who = o.office()
    round_ = o.opened(who)
    answer = visit(who.office).post(f"/rounds/{round_.pk}/advance/", {"to": to}, follow=True)
    assert answer.status_code == 200
    assert Round.objects.get().phase == Phase.SELF_ASSESSMENT


def test_publishing_lists_what_is_still_open_and_refuses_before_it_is_reviewed() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    client = visit(who.office)
    page = text(client, f"/rounds/{round_.pk}/publish/")
    assert "还有 1 项没有审核完" in page
    assert "“主动公开”已提交" in page
    client.post(f"/rounds/{round_.pk}/publish/", {"name": round_.name, "blank_is_zero": "on"})
    assert Round.objects.get().phase == Phase.REVIEW


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "别的名称", "blank_is_zero": "on"}, "与轮次名称不一致"),
        ({"name": "", "blank_is_zero": "on"}, "输入轮次名称"),
        ({"name": "{}"}, "确认后才能公布"),
    ],
)
def test_publishing_needs_the_rounds_name_and_a_word_on_blanks(form: dict[str, str], words: str) -> None:
    who = o.office()
    round_ = _reviewed(who)
    sent = {key: value.format(round_.name) for key, value in form.items()}
    answer = visit(who.office).post(f"/rounds/{round_.pk}/publish/", sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Round.objects.get().phase == Phase.REVIEW


def test_a_published_round_is_sealed_and_its_pages_offer_no_step_but_archiving() -> None:
    who = o.office()
    round_ = _reviewed(who)
    client = visit(who.office)
    client.post(f"/rounds/{round_.pk}/publish/", {"name": round_.name, "blank_is_zero": "on"})
    assert Round.objects.get().phase == Phase.PUBLISHED
    assert len(Round.objects.get().seal) == 64
    page = text(client, f"/rounds/{round_.pk}/")
    assert "归档" in page
    assert f"/rounds/{round_.pk}/publish/" not in page
    assert 'value="accept"' not in text(client, f"/reviews/{round_.pk}/?show=all")
    assert "−1.00" in text(visit(who.fillers[0]), "/results/")


def test_reviewers_and_leadership_look_and_only_the_office_acts() -> None:
    who = o.office()
    round_ = o.opened(who)
    on = round_.ledger_id
    for person in (who.reviewer, who.leader):
        client = visit(person)
        assert round_.name in text(client, "/rounds/")
        assert "转入审核阶段" not in text(client, f"/rounds/{round_.pk}/")
        for path in (
            f"/rounds/new/{on}/",
            *(f"/rounds/{round_.pk}/{step}/" for step in ("open", "advance", "publish")),
        ):
            text(client, path, 403)
            assert client.post(path, {"to": "review"}).status_code == 403
    for path in ("/rounds/", f"/rounds/{round_.pk}/", "/desk/"):
        text(visit(who.fillers[0]), path, 403)
    assert Round.objects.get().phase == Phase.SELF_ASSESSMENT


def test_a_round_in_preparation_is_the_offices_alone() -> None:
    who = o.office()
    round_ = o.prepared(who, o.ledger(who.organisation))
    text(visit(who.office), f"/rounds/{round_.pk}/")
    for person in (who.reviewer, who.leader):
        assert round_.name not in text(visit(person), "/rounds/")
        text(visit(person), f"/rounds/{round_.pk}/", 404)


def test_another_organisations_rounds_do_not_exist() -> None:
    who, others = o.office(), o.office("邻县人民政府")
    round_ = o.opened(others)
    client = visit(who.office)
    steps = ("", "open/", "advance/", "publish/")
    for path in (*(f"/rounds/{round_.pk}/{step}" for step in steps), f"/rounds/new/{round_.ledger_id}/"):
        text(client, path, 404)
        assert client.post(path, {"to": "review"}).status_code in {404, 405}
    assert round_.name not in text(client, "/rounds/")


def test_the_desk_of_an_empty_office_offers_the_first_step() -> None:
    who = o.office()
    page = text(visit(who.office), "/desk/")
    assert "从导入台账开始" in page
    assert 'href="/imports/"' in page


def test_the_desk_names_what_waits_each_with_its_link() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    draft = o.ledger(who.organisation)
    page = text(visit(who.office), "/desk/")
    assert f'href="/rounds/{round_.pk}/"' in page
    assert "待审 1 项" in page
    assert f'href="/ledgers/{draft.pk}/"' in page
    assert f'href="/rounds/new/{draft.pk}/"' in page


@pytest.mark.parametrize(
    "path", ["/rounds/", "/rounds/{}/", "/rounds/{}/publish/", "/desk/", "/rounds/{}/advance/?to=review"]
)
def test_the_pages_of_a_round_take_as_many_queries_for_many_items_as_for_few(path: str) -> None:
    counts = []
    for items in (4, 40):
        who = o.office(f"{items} 项的县", [f"单位{number}" for number in range(items // 2)])
        round_ = o.opened(who, spec=wide(items))
        counts.append(queries(visit(who.office), path.format(round_.pk)))
    assert counts[0] == counts[1]
    assert counts[0] <= 16


def test_before_publishing_words_with_personal_data_are_listed_mostly_hidden() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "政策解读"), "0.5", who.fillers[0], "已请张三补报，电话 138 0013 8000")
    o.fill(o.entry(round_, "主动公开"), "3", who.fillers[0], "缺 2019 年第 12 号文件")
    page = text(visit(who.office), f"/rounds/{o.in_phase(round_, Phase.REVIEW).pk}/publish/")
    listed = page.split('id="personal"')[1].split("</section>")[0]
    assert "扣分原因里有手机号 138***000" in listed
    assert listed.count("<li>") == 1
    assert "13800138000" not in page.replace(" ", "")
