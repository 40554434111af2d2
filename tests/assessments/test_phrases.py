"""常用意见: reasons written on the same item, this year and before, come before those the office writes most."""

import pytest

from assessments import entries, rounds
from assessments.models import Entry, Round
from indicators import versions
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import text, visit

pytestmark = pytest.mark.django_db

SCORES = {"主动公开": "4", "政策解读": "1", "回应关切": "2", "网站建设": "3"}


@pytest.fixture
def who() -> Office:
    """A county with two units."""
    return o.office()


@pytest.fixture
def before(who: Office) -> Round:
    """Last year: 主动公开 of both units was marked down, and 政策解读 of one."""
    made = o.opened(who, shape="per-unit")
    for at, unit in enumerate(who.units):
        for name, score in SCORES.items():
            o.fill(o.entry(made, name, unit), score, who.fillers[at], "")
        entries.submit(made, unit, by=who.fillers[at], key=o.key())
    made = o.in_phase(made, "review")
    marked(who, o.entry(made, "主动公开", who.units[0]), "缺起草说明")
    marked(who, o.entry(made, "主动公开", who.units[1]), "缺起草说明")
    marked(who, o.entry(made, "政策解读", who.units[1]), "解读形式单一")
    return made


def marked(who: Office, one: Entry, why: str) -> None:
    one.refresh_from_db()
    entries.adjust(one, "0.5", why, version=one.version, key=o.key(), by=who.office)


def this_year(who: Office, before: Round) -> Round:
    """The next round on the ledger carried on, its items handed in."""
    ledger = versions.new_version(before.ledger, by=who.office)
    made = rounds.open_round(o.prepared(who, ledger, "per-unit"), by=who.office)
    for name, score in SCORES.items():
        o.fill(o.entry(made, name, who.units[0]), score, who.fillers[0], "")
    entries.submit(made, who.units[0], by=who.fillers[0], key=o.key())
    return o.in_phase(made, "review")


def offered(page: str, one: Entry) -> list[str]:
    """What the entry's own row offers, in order."""
    row = page.partition(f'id="entry-{one.pk}"')[2].partition("</tr>")[0]
    return [part.partition(">")[2].partition("<")[0] for part in row.split("data-phrase")[1:]]


def test_an_item_offers_what_was_written_on_it_last_year_about_any_unit(who: Office, before: Round) -> None:
    now = this_year(who, before)
    page = text(visit(who.office), f"/reviews/{now.pk}/")
    assert offered(page, o.entry(now, "主动公开", who.units[0])) == ["缺起草说明"]
    assert offered(page, o.entry(now, "政策解读", who.units[0])) == ["解读形式单一"]
    assert offered(page, o.entry(now, "网站建设", who.units[0])) == []
    whole = page.partition('<details class="phrases">')[2].partition("</details>")[0]
    assert whole.index("缺起草说明") < whole.index("解读形式单一")


def test_an_item_of_another_ledger_is_the_same_by_name_and_place(who: Office, before: Round) -> None:
    other = o.in_phase(o.opened(who, shape="per-unit"), "review")
    one = o.entry(other, "主动公开", who.units[0])
    assert one.indicator.identity != o.entry(before, "主动公开", who.units[0]).indicator.identity
    page = text(visit(who.office), f"/reviews/{other.pk}/?show=all")
    assert offered(page, one) == ["缺起草说明"]
    elsewhere = o.in_phase(o.opened(who, spec={"公开范围": (("主动公开", "4"),)}), "review")
    page = text(visit(who.office), f"/reviews/{elsewhere.pk}/?show=all")
    assert offered(page, o.entry(elsewhere, "主动公开")) == []


def test_what_is_written_most_comes_first_and_another_organisations_words_never(who: Office, before: Round) -> None:
    now = this_year(who, before)
    marked(who, o.entry(now, "主动公开", who.units[0]), "更新不及时")
    back = o.entry(now, "政策解读", who.units[0])
    entries.give_back(back, "补充佐证", version=back.version, key=o.key(), by=who.office)
    page = text(visit(who.office), f"/reviews/{now.pk}/?show=all")
    assert offered(page, o.entry(now, "主动公开", who.units[0])) == ["缺起草说明", "更新不及时"]
    assert offered(page, o.entry(now, "政策解读", who.units[0])) == [
        "解读形式单一"
    ]  # why it went back is no score's reason
    stranger = o.office("别县")
    theirs = o.handed_in(stranger, o.opened(stranger), SCORES)
    page = text(visit(stranger.office), f"/reviews/{theirs.pk}/")
    assert "缺起草说明" not in page
