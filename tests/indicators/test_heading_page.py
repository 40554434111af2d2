"""The heading of a draft is changed in one place; a published ledger keeps its own."""

from django.test import Client

from indicators import importing, versions
from indicators.models import Indicator, Ledger
from tests.indicators.conftest import SHANDONG
from units.models import Organisation, User


def _ledger(organisation: Organisation) -> Ledger:
    (ledger,) = importing.import_file(SHANDONG.name, SHANDONG.read_bytes(), organisation=organisation, by=None)
    return ledger


def test_a_wrong_title_is_put_right_with_an_amendment_for_each_part(client: Client, organisation: Organisation) -> None:
    ledger = _ledger(organisation)
    url = f"/ledgers/{ledger.pk}/heading/"
    assert url in client.get(f"/ledgers/{ledger.pk}/").content.decode()
    assert ledger.title in client.get(url).content.decode()
    answer = client.post(url, {"title": "2020年台账", "issuer": ledger.issuer, "year": "2020"}, follow=True)
    assert "抬头已修改" in answer.content.decode()
    ledger.refresh_from_db()
    assert (ledger.title, ledger.year) == ("2020年台账", 2020)
    assert Indicator.objects.get(ledger=ledger, parent=None).name == "2020年台账"
    told = {one.field: (one.old, one.new) for one in ledger.amendments.all()}
    assert told["年度"] == (2019, 2020)
    assert set(told) == {"台账名称", "年度"}
    assert "台账名称" in client.get(f"/ledgers/{ledger.pk}/amendments/").content.decode()


def test_the_same_heading_again_leaves_no_trace(client: Client, organisation: Organisation) -> None:
    ledger = _ledger(organisation)
    sent = {"title": ledger.title, "issuer": ledger.issuer, "year": str(ledger.year)}
    assert "抬头没有变化" in client.post(f"/ledgers/{ledger.pk}/heading/", sent, follow=True).content.decode()
    assert not ledger.amendments.exists()


def test_a_heading_without_a_title_is_asked_for_one(client: Client, organisation: Organisation) -> None:
    ledger = _ledger(organisation)
    page = client.post(f"/ledgers/{ledger.pk}/heading/", {"title": " ", "issuer": "", "year": ""}).content.decode()
    assert "填写台账名称" in page
    assert Ledger.objects.get().title == ledger.title


def test_what_is_published_keeps_its_heading(client: Client, organisation: Organisation, office: User) -> None:
    ledger = _ledger(organisation)
    versions.publish(ledger, by=office)
    page = client.post(f"/ledgers/{ledger.pk}/heading/", {"title": "别的", "issuer": "", "year": ""}, follow=True)
    assert "已发布的台账不能直接修改" in page.content.decode()
    assert Ledger.objects.get().title == ledger.title
    assert f"/ledgers/{ledger.pk}/heading/" not in client.get(f"/ledgers/{ledger.pk}/").content.decode()
