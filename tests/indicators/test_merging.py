"""Items become one on a page without scripts: what comes of it is shown first."""

from django.test import Client

from assessments import rounds
from assessments.models import Entry
from assessments.scoring.policy import Policy
from indicators import editing, versions
from indicators.models import Ledger
from tests.indicators.conftest import named
from units import offices
from units.models import Organisation, User


def test_a_page_without_scripts_shows_what_a_merge_does_and_does_it(
    client: Client, ledger: Ledger, office: User
) -> None:
    one, two = named(ledger, "甲"), named(ledger, "乙")
    editing.edit(two, editing.Changes(criteria="每次扣0.5分", methods=("暗访",)), edits=two.edits, by=office)
    editing.accept(ledger, [two.rules.get().pk], by=office)
    address = f"/ledgers/indicators/{two.pk}/merge/"
    assert "甲（2 分）" in client.get(address).content.decode()
    assert "至少勾选一项" in client.get(address, {"ticked": "1"}).content.decode()
    shown = client.get(address, {"ticked": "1", "with": one.pk}).content.decode()
    for words in (
        "甲<br>乙",
        "<strong>5</strong>",
        "<strong>暗访</strong>",
        "停用项上的 1 条不再算分",
        "其余 1 项停用",
    ):
        assert words in shown
    assert named(ledger, "甲").points == 2
    answer = client.post(address, {"with": one.pk}, follow=True).content.decode()
    assert "已并入“甲”" in answer
    one.refresh_from_db()
    assert (one.points, one.name) == (5, "甲\n乙")
    outside = named(ledger, "丙").pk
    assert client.post(f"/ledgers/indicators/{one.pk}/merge/", {"with": outside}).status_code == 422


def test_a_merge_says_which_rounds_have_scores_on_its_items(
    client: Client, ledger: Ledger, office: User, organisation: Organisation
) -> None:
    scored = published_with_score(ledger, office, organisation)
    one = named(scored, "甲")
    shown = client.get(f"/ledgers/indicators/{one.pk}/merge/", {"ticked": "1", "with": named(scored, "乙").pk})
    assert "“年度考核”里已有 1 处得分" in shown.content.decode()


def published_with_score(ledger: Ledger, office: User, organisation: Organisation) -> Ledger:
    """The draft that follows a version on which a round has one score, on 甲."""
    offices.add_unit(organisation, "某局", by=None)
    policy = Policy()
    round_ = rounds.prepare(
        ledger, name="年度考核", shape="allocated", policy=policy, self_due=None, review_due=None,
        objection_due=None, participants=(), by=office,
    )  # fmt: skip
    rounds.open_round(round_, by=office)
    entry = Entry.objects.get(sheet__round=round_, indicator__name="甲")
    Entry.objects.filter(pk=entry.pk).update(self_score=1)
    ledger.refresh_from_db()
    return versions.new_version(ledger, by=office)
