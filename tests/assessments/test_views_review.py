"""审核台: beside the self score, the office accepts, adjusts or returns."""

import pytest

from assessments.entries import accept
from assessments.models import Entry, EntryStage, Phase, ScoreEvent
from tests.assessments import office as o
from tests.assessments.visits import queries, text, visit, wide

pytestmark = pytest.mark.django_db

SCORES = {"主动公开": "3", "政策解读": "1", "回应关切": "2"}


def _form(one: Entry, action: str, score: str = "", reason: str = "", **more: object) -> dict[str, object]:
    return {"action": action, "score": score, "reason": reason, "version": one.version, "key": o.key(), **more}


def test_the_desk_shows_what_waits_with_the_units_reason() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    assert ">3</a>" in text(visit(who.reviewer), "/reviews/")
    page = text(visit(who.reviewer), f"/reviews/{round_.pk}/")
    assert page.count("data-review") == 3
    assert "材料不全" in page
    assert "网站建设" not in page
    assert "网站建设" in text(visit(who.reviewer), f"/reviews/{round_.pk}/?show=open&order=indicator")


@pytest.mark.parametrize(
    ("action", "score", "reason", "stage", "reviewed"),
    [
        ("accept", "", "", EntryStage.ACCEPTED, "3.0000"),
        ("adjust", "2.5", "缺一处", EntryStage.ACCEPTED, "2.5000"),
        ("return", "", "佐证打不开", EntryStage.RETURNED, "None"),
    ],
)
def test_each_of_the_three_decisions_is_one_plain_form(
    action: str, score: str, reason: str, stage: str, reviewed: str
) -> None:
    who = o.office()
    one = o.entry(o.handed_in(who, o.opened(who), SCORES), "主动公开")
    form = _form(one, action, score, reason, query="show=waiting&order=unit")
    answer = visit(who.reviewer).post(f"/reviews/entries/{one.pk}/", form)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"?show=waiting&order=unit#entry-{one.pk}")
    one.refresh_from_db()
    assert (one.stage, str(one.reviewed_score)) == (stage, reviewed)
    assert one.self_score == 3


@pytest.mark.parametrize(
    ("action", "score", "reason", "words"),
    [
        ("adjust", "9", "x", "审核得分不能超过 4"),
        ("adjust", "2", "", "要写明原因"),
        ("adjust", "", "x", "没有填写"),
        ("return", "", " ", "退回要写明原因"),
        ("publish", "", "", "没有选择"),
    ],
)
def test_a_refused_decision_stays_on_the_page_with_what_was_typed(
    action: str, score: str, reason: str, words: str
) -> None:
    who = o.office()
    one = o.entry(o.handed_in(who, o.opened(who), SCORES), "主动公开")
    before = ScoreEvent.objects.count()
    answer = visit(who.office).post(f"/reviews/entries/{one.pk}/", _form(one, action, score, reason))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "<title>错误：" in page
    assert f'value="{score}"' in page
    assert ScoreEvent.objects.count() == before


def test_the_script_gets_the_row_alone_decided_or_refused() -> None:
    who = o.office()
    one = o.entry(o.handed_in(who, o.opened(who), SCORES), "主动公开")
    client = visit(who.reviewer)
    refused = client.post(f"/reviews/entries/{one.pk}/", _form(one, "adjust", "7", "重核"), HTTP_HX_REQUEST="true")
    assert refused.content.decode().lstrip().startswith(f'<tr id="entry-{one.pk}"')
    assert 'data-state="invalid"' in refused.content.decode()
    assert 'value="7"' in refused.content.decode()
    done = client.post(f"/reviews/entries/{one.pk}/", _form(one, "accept"), HTTP_HX_REQUEST="true").content.decode()
    assert "已审 3.00" in done
    assert "<html" not in done


def test_two_reviewers_on_one_entry_are_shown_what_the_other_did_and_what_they_typed() -> None:
    who = o.office()
    one = o.entry(o.handed_in(who, o.opened(who), SCORES), "主动公开")
    stale = _form(one, "adjust", "2.25", "我的意见")
    accept(one, version=one.version, key=o.key(), by=who.office)
    page = visit(who.reviewer).post(f"/reviews/entries/{one.pk}/", stale).content.decode()
    assert "有冲突，没有保存" in page
    assert str(who.office) in page
    assert "您填的是 2.25" in page
    assert "我的意见" in page
    one.refresh_from_db()
    assert one.reviewed_score == 3


def test_accepting_all_that_is_undisputed_asks_first_and_leaves_claims_alone() -> None:
    who = o.office()
    round_ = o.opened(who)
    one = o.entry(round_, "网站建设")
    form = {"score": "不涉及", "reason": "没有网站", "version": one.version, "key": o.key()}
    visit(who.fillers[0]).post(f"/entries/{one.pk}/save/", form)
    o.handed_in(who, round_, SCORES)
    client = visit(who.office)
    page = text(client, f"/reviews/{round_.pk}/accept/")
    assert "3 项待审项按自评得分认可，合计 6.00 分" in page
    assert not Entry.objects.filter(stage=EntryStage.ACCEPTED).exists()
    client.post(f"/reviews/{round_.pk}/accept/")
    assert Entry.objects.filter(stage=EntryStage.ACCEPTED).count() == 3
    assert o.entry(round_, "网站建设").stage == EntryStage.SUBMITTED
    assert "网站建设" in text(client, f"/reviews/{round_.pk}/?show=not-applicable")


def test_what_differs_from_the_self_score_can_be_listed() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    one = o.entry(round_, "主动公开")
    visit(who.office).post(f"/reviews/entries/{one.pk}/", _form(one, "adjust", "1", "缺两处"))
    page = text(visit(who.office), f"/reviews/{round_.pk}/?show=disputed")
    assert "主动公开" in page
    assert "政策解读" not in page


@pytest.mark.parametrize("phase", [Phase.SELF_ASSESSMENT, Phase.OBJECTION])
def test_outside_the_review_phase_nothing_is_accepted(phase: str) -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    o.in_phase(round_, phase)
    one = o.entry(round_, "主动公开")
    client = visit(who.office)
    assert 'value="accept"' not in text(client, f"/reviews/{round_.pk}/")
    assert client.post(f"/reviews/entries/{one.pk}/", _form(one, "accept")).status_code == 422
    client.post(f"/reviews/{round_.pk}/accept/")
    assert not Entry.objects.filter(stage=EntryStage.ACCEPTED).exists()


def test_units_and_leadership_do_not_review_and_another_organisation_sees_nothing() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), SCORES)
    one = o.entry(round_, "主动公开")
    for person in (who.fillers[0], who.signers[0], who.leader):
        client = visit(person)
        for path in ("/reviews/", f"/reviews/{round_.pk}/", f"/reviews/{round_.pk}/accept/"):
            text(client, path, 403)
        assert client.post(f"/reviews/entries/{one.pk}/", _form(one, "accept")).status_code == 403
    stranger = visit(o.office("邻县人民政府").reviewer)
    text(stranger, f"/reviews/{round_.pk}/", 404)
    assert stranger.post(f"/reviews/entries/{one.pk}/", _form(one, "accept")).status_code == 404
    one.refresh_from_db()
    assert one.stage == EntryStage.SUBMITTED


def test_a_units_stored_words_are_shown_as_words() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "3", who.fillers[0], "<script>alert(1)</script>")
    o.handed_in(who, round_, {"政策解读": "1"})
    page = text(visit(who.office), f"/reviews/{round_.pk}/?show=all")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("path", ["/reviews/", "/reviews/{}/?show=all", "/reviews/{}/?show=all&order=indicator"])
def test_the_desk_takes_as_many_queries_for_many_items_as_for_few(path: str) -> None:
    counts = []
    for items in (4, 40):
        who = o.office(f"{items} 项的县")
        round_ = o.handed_in(who, o.opened(who, spec=wide(items)), {"评估点 0-0": "1"})
        client = visit(who.reviewer)
        counts.append(queries(client, path.format(round_.pk)))
        if "all" in path:
            assert text(client, path.format(round_.pk)).count("data-review") == items
    assert counts[0] == counts[1]
    assert counts[0] <= 22
