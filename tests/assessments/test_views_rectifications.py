"""The pages of 整改: the office's list and order, the unit's own, one order from both sides; who may post what."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.utils import timezone

from assessments.models import Phase, Rectification, RectificationState, Round
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.test_rectifications import answered, order, reviewed
from tests.assessments.visits import queries, text, visit
from units.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> Office:
    return o.office()


@pytest.fixture
def round_(who: Office) -> Round:
    return reviewed(who)


def post(user: User, path: str, **data: object) -> tuple[int, str]:
    answer = visit(user).post(path, {"key": o.key(), "version": 0, **data}, follow=True)
    return answer.status_code, answer.content.decode()


def test_a_lost_point_goes_from_the_list_of_losses_to_its_closing(who: Office, round_: Round) -> None:
    first, second = (o.entry(round_, name).pk for name in ("主动公开", "回应关切"))
    office, filler = visit(who.office), visit(who.fillers[0])
    assert f'name="entry" value="{first}"' in text(office, f"/boards/{round_.pk}/items/?show=lost")
    form = text(office, f"/rectifications/{round_.pk}/order/?entry={first}")
    assert f"problem-{first}" in form
    assert f"problem-{second}" not in form
    due = f"{timezone.localdate() + timedelta(days=9):%Y-%m-%d}"
    sent = {"entry": [first, second], f"problem-{first}": "长期不更新", f"problem-{second}": "答复超期", "due": due}
    assert "已要求整改 2 项" in post(who.office, f"/rectifications/{round_.pk}/order/", **sent)[1]
    assert "待整改 2 项" in text(filler, "/worklist/")
    assert "长期不更新" in text(filler, "/worklist/rectifications/")
    one = Rectification.objects.get(entry=first)
    at = f"/rectifications/orders/{one.pk}/"
    assert "等待政务公开办公室复查" in post(who.fillers[0], f"{at}answer/", answer="已补齐", measure="专人负责")[1]
    assert "待复查" in text(office, f"/rectifications/{round_.pk}/?show=answered")
    assert "复查没有通过：还缺三月" in post(who.reviewer, f"{at}reopen/", remark="还缺三月", version=1)[1]
    assert "还缺三月" in text(filler, at)
    post(who.signers[0], f"{at}answer/", answer="三月也补齐了", version=2)
    assert "已销号" in post(who.office, f"{at}close/", remark="符合要求", version=3)[1]
    assert Rectification.objects.get(pk=one.pk).state == RectificationState.CLOSED
    assert "整改" in text(office, "/desk/")


def test_what_was_typed_stays_when_it_is_refused(who: Office, round_: Round) -> None:
    entry = o.entry(round_, "主动公开").pk
    path = f"/rectifications/{round_.pk}/order/"
    status, page = post(who.office, path, entry=[entry], due="2020-01-01", **{f"problem-{entry}": "写了很久的问题"})
    assert status == 422
    assert "写了很久的问题</textarea>" in page
    assert "整改期限最早到今天" in page
    one = order(who, o.entry(round_, "主动公开"))
    status, page = post(who.fillers[0], f"/rectifications/orders/{one.pk}/answer/", answer="写了很久", url="ftp://a")
    assert status == 422
    assert "写了很久</textarea>" in page


def test_another_units_order_does_not_exist_and_no_role_does_anothers_part(who: Office, round_: Round) -> None:
    one = order(who, o.entry(round_, "主动公开"))
    at = f"/rectifications/orders/{one.pk}/"
    stranger = o.office("邻县人民政府", ["财政局"])
    for user in (who.fillers[1], who.signers[1], stranger.office, stranger.fillers[0]):
        text(visit(user), at, 404)
    assert post(who.fillers[1], f"{at}answer/", answer="越权")[0] == 404
    assert post(stranger.office, f"{at}close/", remark="越权")[0] == 404
    assert post(who.fillers[0], f"{at}close/", remark="越权")[0] == 403
    assert post(who.leader, f"{at}reopen/", remark="越权")[0] == 403
    assert post(who.office, f"{at}answer/", answer="越权")[0] == 403
    assert post(who.reviewer, f"{at}extend/", due="2099-01-01", reason="越权")[0] == 403
    assert post(who.reviewer, f"/rectifications/{round_.pk}/order/", due="2099-01-01")[0] == 403
    text(visit(stranger.office), f"/rectifications/{round_.pk}/", 404)
    assert "主动公开" not in text(visit(who.fillers[1]), "/worklist/rectifications/")
    assert Rectification.objects.get().state == RectificationState.ORDERED


def test_an_entry_of_another_round_or_organisation_is_not_ordered(who: Office, round_: Round) -> None:
    theirs = o.office("邻县人民政府", ["财政局", "审计局"])
    foreign = o.entry(reviewed(theirs), "主动公开").pk
    status, page = post(who.office, f"/rectifications/{round_.pk}/order/", entry=[foreign], due="2099-01-01")
    assert status == 422
    assert "没有选择要整改的项" in page
    assert not Rectification.objects.exists()


def test_the_list_leaves_as_a_file_with_numbers_as_numbers(who: Office, round_: Round) -> None:
    answered(who, order(who, o.entry(round_, "主动公开")))
    answer = visit(who.leader).get(f"/rectifications/{round_.pk}/?format=xlsx")
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(BytesIO(answer.content)).active.iter_rows()]
    assert rows[0][:6] == ["指标", "上级指标", "责任单位", "满分", "得分", "失分"]
    assert (rows[1][0], float(rows[1][5]), rows[1][6]) == ("主动公开", 1.0, "栏目半年没有更新")


def test_before_the_review_nothing_can_be_ordered_and_the_page_says_so(who: Office) -> None:
    made = o.opened(who)
    assert "现在不能列入整改" in text(visit(who.office), f"/rectifications/{made.pk}/order/")
    o.in_phase(made, Phase.REVIEW)
    assert "没有可以列入整改的失分项" in text(visit(who.office), f"/rectifications/{made.pk}/order/")


def test_the_lists_take_the_same_queries_for_one_order_and_for_two(who: Office, round_: Round) -> None:
    order(who, o.entry(round_, "主动公开"))
    pages = ((who.office, f"/rectifications/{round_.pk}/"), (who.fillers[0], "/worklist/rectifications/"))
    before = [queries(visit(user), path) for user, path in pages]
    order(who, o.entry(round_, "回应关切"))
    assert [queries(visit(user), path) for user, path in pages] == before
