"""One box over everything: each person finds what the other pages show them, and not a word more."""

import pytest
from django.test import Client
from django.urls import reverse

from assessments import rounds
from assessments.models import Entry
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.indicators.conftest import client_of
from units import offices

pytestmark = pytest.mark.django_db
SPEC = {"公开": (("主动公开目录", "10"), ("政策解读材料", "5"))}


@pytest.fixture
def who() -> Office:
    """A round in which the first unit gave a reason that only it and the office may read."""
    who = o.office("某县", units=["教育局", "民政局"])
    made = o.prepared(who, o.ledger(who.organisation, SPEC, who.units), name="上半年考核")
    round_ = rounds.open_round(made, by=who.office)
    mine = Entry.objects.get(sheet__round=round_, unit=who.units[0])
    o.fill(mine, "8", who.fillers[0], "栏目改版期间链接失效")
    return who


def found(client: Client, words: str, **more: str) -> str:
    answer = client.get(reverse("search"), {"q": words, **more})
    assert answer.status_code == 200
    page = answer.content.decode()
    return page[page.index('id="main"') :]


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("主动公开", {"指标"}),
        ("zdgkml", {"指标"}),
        ("教育", {"单位"}),
        ("jyj", {"单位"}),
        ("上半年", {"考核轮次"}),
        ("sbnkh", {"考核轮次"}),
        ("链接失效", {"扣分原因和审核意见"}),
    ],
)
def test_the_office_finds_by_words_and_by_initials(who: Office, words: str, kinds: set[str]) -> None:
    page = found(client_of(who.office), words)
    assert {
        kind for kind in ("指标", "单位", "考核轮次", "扣分原因和审核意见") if f"<h2>{kind}<small>" in page
    } == kinds


def test_a_units_people_find_only_their_own(who: Office) -> None:
    mine, theirs = client_of(who.fillers[0]), client_of(who.fillers[1])
    assert "主动公开目录" in found(mine, "公开目录")
    assert "链接失效" in found(mine, "改版期间")
    assert "没有找到" in found(theirs, "改版期间")
    assert "没有找到" in found(theirs, "公开目录")
    assert "没有找到" in found(mine, "民政局")
    assert "没有找到" in found(theirs, "上半年")


def test_another_organisation_is_found_by_nobody(who: Office) -> None:
    stranger = o.office("别的县", units=["教育局"])
    assert "没有找到" in found(client_of(stranger.office), "公开目录")
    assert found(client_of(who.office), "教育局").count("<li>") == 1


def test_a_kind_with_many_hits_is_read_page_by_page(who: Office) -> None:
    offices.add_units(who.organisation, [f"第{number}所" for number in range(1, 61)], by=who.office)
    client = client_of(who.office)
    assert "全部 60 项" in found(client, "所")
    assert found(client, "所", kind="units").count('href="/units/') == 50
    assert found(client, "所", kind="units", page="2") != found(client, "所", kind="units")


@pytest.mark.parametrize(
    "words",
    ["", " ", "%", "_", "\\", "\0", "'", "<script>alert(1)</script>", "a" * 5000, "\u202e", "＝1", "x" * 99 + "\ud7ff"],
)
def test_odd_words_find_nothing_and_break_nothing(who: Office, words: str) -> None:
    page = found(client_of(who.office), words)
    assert "<script>alert" not in page
    assert "<h2>指标<small>" not in page


@pytest.mark.parametrize("more", [{"kind": "x"}, {"kind": "units", "page": "-1"}, {"kind": "units", "page": "9" * 40}])
def test_odd_pages_are_the_nearest_that_there_is(who: Office, more: dict[str, str]) -> None:
    assert "教育局" in found(client_of(who.office), "教育局", **more)


def test_the_box_stands_on_every_page(who: Office) -> None:
    assert 'aria-label="全站搜索"' in client_of(who.fillers[0]).get(reverse("worklist")).content.decode()
