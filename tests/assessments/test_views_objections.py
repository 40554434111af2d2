"""申诉 at the pages: a unit files and adds evidence, the office answers, and no stranger sees any of it."""

from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assessments import entries, evidence, objections, rounds
from assessments.models import Entry, Evidence, Objection, Phase, ScoreEvent
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.test_objections import SCORES, filed, reviewed
from tests.assessments.visits import queries, text, visit, wide
from units.models import AuditEvent

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def who() -> Office:
    """A county with two units."""
    return o.office()


def _form(one: Entry, reason: str = "栏目已补齐", **more: object) -> dict[str, object]:
    return {"reason": reason, "version": one.version, "key": o.key(), **more}


def test_a_unit_finds_what_it_may_object_to_on_its_list_its_sheet_and_its_desk(who: Office) -> None:
    round_ = reviewed(who)
    client = visit(who.fillers[0])
    page = text(client, f"/worklist/{round_.pk}/objections/")
    for words in ("主动公开", "政策解读", "缺一处", "还可以申诉 2 项"):
        assert words in page
    assert "回应关切" not in page
    assert "申诉：可申诉 2 项" in text(client, f"/worklist/{round_.pk}/")
    desk = text(client, "/worklist/")
    assert "可以申诉" in desk
    assert f'href="/worklist/{round_.pk}/objections/"' in desk
    assert "提出申诉" in text(client, f"/entries/{o.entry(round_, '主动公开').pk}/")
    assert "提出申诉" not in text(client, f"/entries/{o.entry(round_, '回应关切').pk}/")


def test_the_form_shows_score_reason_and_evidence_beside_it_and_files_once(who: Office) -> None:
    round_ = o.opened(who)
    evidence.add_link(o.entry(round_, "主动公开"), "门户栏目", "https://www.example.gov.cn/a", by=who.fillers[0])
    o.handed_in(who, round_, SCORES)
    one = o.entry(round_, "主动公开")
    entries.adjust(one, "3", "缺一处", version=one.version, key=o.key(), by=who.reviewer)
    o.in_phase(round_, Phase.OBJECTION)
    client = visit(who.fillers[0])
    page = text(client, f"/entries/{one.pk}/objection/")
    for words in ("缺一处", "门户栏目", "不能撤回", ">3.00<"):
        assert words in page
    assert "撤回</button>" not in page
    assert not Objection.objects.exists()
    one.refresh_from_db()
    form = _form(one)
    for _ in range(2):
        answer = client.post(f"/entries/{one.pk}/objection/", form)
        assert answer.headers["Location"] == f"/entries/{one.pk}/#objections"
    assert Objection.objects.count() == ScoreEvent.objects.filter(action="object").count() == 1
    shown = text(client, f"/entries/{one.pk}/")
    assert "栏目已补齐" in shown
    assert "待答复" in shown


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"reason": " "}, "申诉理由"), ({"version": 0}, "刚刚被别人修改"), ({"key": ""}, "错误：")],
)
def test_a_refused_objection_stays_on_the_page_with_what_was_typed(
    who: Office, changed: dict[str, object], words: str
) -> None:
    one = o.entry(reviewed(who), "主动公开")
    answer = visit(who.fillers[0]).post(f"/entries/{one.pk}/objection/", _form(one, "已补齐一处") | changed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert ("已补齐一处" in answer.content.decode()) is ("reason" not in changed)
    assert not Objection.objects.exists()


def test_under_an_open_objection_evidence_is_added_and_what_was_reviewed_stays(who: Office) -> None:
    round_ = o.opened(who)
    old = evidence.add_link(o.entry(round_, "主动公开"), "原材料", "https://www.example.gov.cn/a", by=who.fillers[0])
    o.handed_in(who, round_, SCORES)
    one = o.entry(round_, "主动公开")
    entries.adjust(one, "3", "缺一处", version=one.version, key=o.key(), by=who.reviewer)
    o.in_phase(round_, Phase.OBJECTION)
    client = visit(who.fillers[0])
    file = {"files": SimpleUploadedFile("截图.pdf", PDF)}
    client.post(f"/entries/{one.pk}/evidence/", file)
    assert Evidence.objects.count() == 1
    made = filed(who, round_)
    client.post(f"/entries/{one.pk}/evidence/", {"files": SimpleUploadedFile("截图.pdf", PDF)})
    new = Evidence.objects.get(name="截图.pdf")
    assert "截图.pdf" in text(visit(who.office), f"/objections/{made.pk}/")
    client.post(f"/evidence/{old.pk}/remove/")
    client.post(f"/evidence/{new.pk}/remove/")
    assert list(Evidence.objects.present()) == [old]
    objections.answer(made, False, "材料不足", None, by=who.office)
    client.post(f"/entries/{one.pk}/evidence/", {"files": SimpleUploadedFile("再补.pdf", PDF + b"1")})
    assert list(Evidence.objects.present()) == [old]


def test_the_office_sees_what_waits_everywhere_and_answers_with_the_exchange_before_it(who: Office) -> None:
    round_ = reviewed(who)
    made = filed(who, round_)
    client = visit(who.office)
    assert "待答复申诉" in text(client, "/desk/")
    assert "待答复 1 件" in text(client, f"/rounds/{round_.pk}/")
    assert "申诉：待答复 1 件" in text(client, f"/reviews/{round_.pk}/")
    assert f'href="/reviews/{round_.pk}/objections/">1</a>' in text(client, "/reviews/")
    page = text(client, f"/objections/{made.pk}/")
    for words in ("栏目已补齐", "缺一处", "不能撤回", "材料不全"):
        assert words in page
    form = {"outcome": "upheld", "score": "3.5", "answer": "材料有效"}
    answer = client.post(f"/objections/{made.pk}/answer/", form)
    assert answer.headers["Location"] == f"/reviews/{round_.pk}/objections/"
    made.refresh_from_db()
    assert (made.state, made.score) == ("upheld", 3.5)
    for person, path in ((who.office, f"/objections/{made.pk}/"), (who.fillers[0], f"/entries/{made.entry_id}/")):
        page = text(visit(person), path)
        assert "材料有效" in page
        assert "复核得分 3.50" in page
    assert "待答复申诉" not in text(client, "/desk/")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"outcome": "upheld", "score": "9", "answer": "好"}, "不能超过 4"),
        ({"outcome": "upheld", "score": "", "answer": "好"}, "没有填写"),
        ({"outcome": "upheld", "score": "3", "answer": "好"}, "要高于现得分 3"),
        ({"outcome": "refused", "answer": ""}, "答复理由"),
        ({"outcome": "", "answer": "好"}, "答复意见"),
        ({"outcome": "maybe", "answer": "好"}, "答复意见"),
    ],
)
def test_a_refused_answer_stays_on_the_page_with_what_was_typed(who: Office, form: dict[str, str], words: str) -> None:
    made = filed(who, reviewed(who))
    answer = visit(who.office).post(f"/objections/{made.pk}/answer/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "<title>错误：" in page
    assert f'value="{form.get("score", "")}"' in page or not form.get("score")
    assert Objection.objects.get().state == "filed"


def test_waiting_objections_stand_first_and_the_list_can_be_filtered_and_taken_away(who: Office) -> None:
    round_ = reviewed(who)
    answered = filed(who, round_)
    objections.answer(answered, False, "=1+1", None, by=who.office)
    filed(who, round_, "政策解读", "评分过低")
    client = visit(who.office)
    path = f"/reviews/{round_.pk}/objections/"
    page = text(client, path)
    assert page.index("评分过低") < page.index("栏目已补齐")
    assert "栏目已补齐" not in text(client, f"{path}?show=waiting")
    assert "评分过低" not in text(client, f"{path}?show=refused")
    assert "评分过低" not in text(client, f"{path}?unit={who.units[1].pk}")
    file = client.get(f"{path}?show=refused&format=csv").content.decode("utf-8-sig")
    assert "'=1+1" in file
    assert "评分过低" not in file
    book = openpyxl.load_workbook(BytesIO(client.get(f"{path}?format=xlsx").content))
    rows = list(book.active.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == ["政策解读", "主动公开"]
    assert rows[2][3:8] == (4, 4, 3, 3, None)
    assert AuditEvent.objects.filter(action="导出", target=f"{round_.name} 申诉").count() == 2


def test_units_see_their_own_objections_only_and_others_file_and_answer_nothing(who: Office) -> None:
    round_ = o.opened(who, shape="per-unit")
    for at in (0, 1):
        for name, score in SCORES.items():
            o.fill(o.entry(round_, name, who.units[at]), score, who.fillers[at], "材料不全")
        entries.submit(round_, who.units[at], by=who.fillers[at], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    entries.accept_undisputed(round_, by=who.reviewer)
    rounds.advance(round_, Phase.OBJECTION, by=who.office)
    theirs = o.entry(round_, "政策解读", who.units[1])
    made = objections.file(theirs, "乙单位的理由", version=theirs.version, key=o.key(), by=who.fillers[1])
    mine = visit(who.fillers[0])
    assert "乙单位的理由" not in text(mine, f"/worklist/{round_.pk}/objections/")
    text(mine, f"/entries/{theirs.pk}/objection/", 404)
    assert mine.post(f"/entries/{theirs.pk}/objection/", _form(theirs)).status_code == 404
    for person in (who.fillers[0], who.fillers[1], who.leader):
        text(visit(person), f"/reviews/{round_.pk}/objections/", 403)
        text(visit(person), f"/objections/{made.pk}/", 403)
        assert visit(person).post(f"/objections/{made.pk}/answer/", {"outcome": "refused"}).status_code == 403
    reviewer = visit(who.reviewer)
    assert "由政务公开办公室" in text(reviewer, f"/objections/{made.pk}/")
    assert reviewer.post(f"/objections/{made.pk}/answer/", {"outcome": "refused", "answer": "否"}).status_code == 403
    text(visit(who.office), f"/worklist/{round_.pk}/objections/", 403)
    stranger = visit(o.office("邻县人民政府").office)
    text(stranger, f"/reviews/{round_.pk}/objections/", 404)
    text(stranger, f"/objections/{made.pk}/", 404)
    assert stranger.post(f"/objections/{made.pk}/answer/", {"outcome": "refused", "answer": "否"}).status_code == 404
    assert Objection.objects.get().state == "filed"


@pytest.mark.parametrize("phase", [Phase.SELF_ASSESSMENT, Phase.REVIEW])
def test_outside_the_phase_the_pages_say_so_and_offer_nothing(who: Office, phase: str) -> None:
    round_ = o.in_phase(reviewed(who), phase)
    one = o.entry(round_, "主动公开")
    client = visit(who.fillers[0])
    assert "转入申诉阶段后可以" in text(client, f"/worklist/{round_.pk}/objections/")
    assert "现在不能申诉" in text(client, f"/entries/{one.pk}/objection/")
    assert client.post(f"/entries/{one.pk}/objection/", _form(one)).status_code == 422
    assert not Objection.objects.exists()


def test_stored_words_are_shown_as_words(who: Office) -> None:
    round_ = reviewed(who)
    made = filed(who, round_, reason="<script>alert(1)</script>")
    for person, path in ((who.office, f"/objections/{made.pk}/"), (who.office, f"/reviews/{round_.pk}/objections/"),
                         (who.fillers[0], f"/worklist/{round_.pk}/objections/")):  # fmt: skip
        page = text(visit(person), path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_an_upheld_item_offers_no_review_any_more(who: Office) -> None:
    round_ = reviewed(who)
    objections.answer(filed(who, round_), True, "材料有效", "4", by=who.office)
    rounds.advance(round_, Phase.REVIEW, by=who.office)
    page = text(visit(who.office), f"/reviews/{round_.pk}/?show=disputed")
    assert "主动公开" in page
    assert 'value="adjust"' not in page


@pytest.mark.parametrize("path", ["/worklist/", "/worklist/{}/", "/worklist/{}/objections/", "/reviews/{}/objections/"])
def test_pages_of_objections_take_as_many_queries_for_many_as_for_few(path: str) -> None:
    counts = []
    for items in (4, 40):
        county = o.office(f"{items} 项的县")
        names = {f"评估点 {top}-{one}": "0.5" for top in range(2) for one in range(items // 2)}
        round_ = o.handed_in(county, o.opened(county, spec=wide(items)), names)
        entries.accept_undisputed(round_, by=county.reviewer)
        round_ = rounds.advance(round_, Phase.OBJECTION, by=county.office)
        for name in list(names)[: items // 2]:
            filed(county, round_, name)
        client = visit(county.office if "reviews" in path else county.fillers[0])
        counts.append(queries(client, path.format(round_.pk)))
    assert counts[0] == counts[1]
    assert counts[0] <= 20
