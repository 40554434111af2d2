"""The initials of names are stored by whatever way a name is written, so that a search reckons none."""

import pytest
from django.test import Client

from indicators import editing, versions
from indicators.editing import Act, Cell, Changes, New, Piece
from indicators.models import Indicator, Ledger
from tests.indicators.conftest import make_ledger, named
from units.models import Organisation, User
from units.pinyin import initials


def astray() -> list[str]:
    return [one.name for one in Indicator.objects.all() if one.pinyin != initials(one.name)]


def test_every_way_of_writing_a_name_stores_its_initials(ledger: Ledger, office: User) -> None:
    item = named(ledger, "甲")
    editing.write(ledger, [Cell(item.pk, "name", "甲", "政策文件")], by=office)
    named_so = Indicator.objects.get(pk=item.pk)
    assert named_so.pinyin == "zcwj"
    editing.edit(named_so, Changes(name="政策解读"), edits=named_so.edits, by=office)
    editing.add(ledger, New("会议公开", is_item=True), where="below", of=item, by=office)
    editing.split(named(ledger, "丙"), [Piece("结果一"), Piece("结果二")], by=office)
    editing.perform(ledger, Act("merge", (item.pk, named(ledger, "会议公开").pk)), by=office)
    editing.take_back(ledger, list(ledger.amendments.filter(field="名称").order_by("-pk")[:1]), by=office)
    assert astray() == []
    assert Indicator.objects.get(pk=item.pk).pinyin == "zcjd"


def test_a_new_version_and_another_years_copy_have_them_too(ledger: Ledger, office: User) -> None:
    versions.publish(ledger, by=office)
    versions.new_version(ledger, by=office)
    assert astray() == []
    assert Indicator.objects.filter(pinyin="jcgk").count() == 2


@pytest.mark.parametrize(("words", "found"), [("jcgk", True), ("JCGK", True), ("gkj", False)])
def test_initials_find_an_indicator_however_many_there_are_before_it(
    client: Client, organisation: Organisation, ledger: Ledger, words: str, found: bool
) -> None:
    make_ledger(organisation, [("别的", "1", [(f"第{at}项", "1", None) for at in range(50)])], title="另一台账")
    page = client.get("/search/", {"q": words}).content.decode()
    assert ("决策公开" in page) == found
