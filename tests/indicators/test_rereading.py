"""Criteria that change are read again: what they say now is proposed, what a person decided stays and is marked."""

from pathlib import Path

import pytest
from django.test import Client

from assessments import rounds
from indicators import editing, versions
from indicators.editing import Act, Cell, Changes, New
from indicators.importing import import_file
from indicators.listing import rules as listed
from indicators.models import Amendment, Indicator, Ledger, ScoringRule
from indicators.proposing import said, stands
from tests.indicators.conftest import named
from units.models import Organisation, User

FILES = Path(__file__).resolve().parents[2] / "fixtures" / "ledgers"
OLD, NEW = "未及时更新的，每次扣0.5分。", "未及时更新的，每次扣0.2分，上限1分；未建立专栏的不得分。"


def write(ledger: Ledger, item: Indicator, text: str, by: User, field: str = "criteria") -> None:
    was = getattr(Indicator.objects.get(pk=item.pk), field)
    (outcome,) = editing.write(ledger, [Cell(item.pk, field, was, text)], by=by).outcomes
    assert outcome.state == "saved"


def proposed(item: Indicator) -> list[tuple[str, dict[str, str]]]:
    return [(one.kind, one.parameters) for one in ScoringRule.objects.proposed().filter(indicator=item)]


@pytest.fixture
def item(ledger: Ledger, office: User) -> Indicator:
    """甲, with criteria typed into the grid."""
    write(ledger, named(ledger, "甲"), OLD, office)
    return named(ledger, "甲")


def test_what_is_typed_into_the_grid_is_proposed_and_accepted_by_nobody(item: Indicator) -> None:
    assert proposed(item) == [("per_occurrence", {"deduct": "0.5"})]


def test_other_words_take_the_place_of_proposals_nobody_decided_on(
    ledger: Ledger, item: Indicator, office: User
) -> None:
    write(ledger, item, NEW, office)
    assert proposed(item) == [("per_occurrence", {"deduct": "0.2", "cap": "1"}), ("all_or_nothing", {})]
    write(ledger, item, "按实际情况评分", office)
    assert proposed(item) == []


def test_an_accepted_rule_stays_and_is_marked_until_a_person_has_looked(
    ledger: Ledger, item: Indicator, office: User
) -> None:
    rule = ScoringRule.objects.get(indicator=item)
    editing.accept(ledger, [rule.pk], by=office)
    write(ledger, item, NEW, office)
    rule.refresh_from_db()
    assert (rule.parameters["deduct"], rule.source_gone) == ("0.5", True)
    assert [kind for kind, _ in proposed(item)] == ["per_occurrence", "all_or_nothing"]
    (line,) = (one for one in listed.of_item(item) if one.state == "accepted")
    assert line.source_gone
    write(ledger, item, OLD, office)
    rule.refresh_from_db()
    assert not rule.source_gone
    assert proposed(item) == []


def test_setting_a_marked_rule_anew_takes_the_mark_away(ledger: Ledger, item: Indicator, office: User) -> None:
    rule = ScoringRule.objects.get(indicator=item)
    editing.accept(ledger, [rule.pk], by=office)
    write(ledger, item, NEW, office)
    editing.set_rule(item, editing_terms(), rule=rule, by=office)
    rule.refresh_from_db()
    assert not rule.source_gone


def editing_terms() -> "listed.terms.Typed":
    return listed.terms.Typed("per_occurrence", deduct="0.2", cap="1")


def test_a_refused_rule_is_not_offered_again_while_its_words_stand(
    ledger: Ledger, item: Indicator, office: User
) -> None:
    editing.refuse(ScoringRule.objects.get(indicator=item), by=office)
    write(ledger, item, f"{OLD}未建立专栏的不得分。", office)
    assert [kind for kind, _ in proposed(item)] == ["all_or_nothing"]


def test_taking_an_edit_back_brings_its_proposals_back(ledger: Ledger, item: Indicator, office: User) -> None:
    write(ledger, item, NEW, office)
    last = Amendment.objects.filter(ledger=ledger).order_by("pk").last()
    assert last is not None
    editing.take_back(ledger, [last], by=office)
    assert proposed(item) == [("per_occurrence", {"deduct": "0.5"})]


@pytest.mark.parametrize("way", ["form", "new", "merge", "name"])
def test_every_way_of_writing_words_has_them_read(ledger: Ledger, item: Indicator, office: User, way: str) -> None:
    other = named(ledger, "乙")
    if way == "form":
        editing.edit(other, Changes(criteria=NEW), edits=other.edits, by=office)
    elif way == "new":
        other = editing.add(ledger, New("戊", is_item=True, criteria=NEW), where="below", of=other, by=office)
    elif way == "name":
        write(ledger, other, "未公开预算的，每次扣0.2分", office, field="name")
    else:
        editing.perform(ledger, Act("merge", (other.pk, item.pk)), by=office)
        other = item
    assert proposed(other)[0][1]["deduct"] == ("0.5" if way == "merge" else "0.2")


def test_checkpoints_follow_the_words_but_those_of_a_column_stay(ledger: Ledger, item: Indicator, office: User) -> None:
    write(ledger, item, "1.建立专栏【1分】；2.及时更新【1分】", office)
    item.refresh_from_db()
    assert [one["points"] for one in item.checkpoints] == ["1", "1"]
    assert proposed(item)[0][0] == "checklist"
    Indicator.objects.filter(pk=item.pk).update(checkpoints=[{"text": "另一栏的", "points": "2"}])
    write(ledger, item, "1.建立专栏【2分】；2.及时更新【3分】", office)
    item.refresh_from_db()
    assert item.checkpoints == [{"text": "另一栏的", "points": "2"}]


def test_words_without_rules_cost_no_query_more(
    ledger: Ledger, office: User, django_assert_max_num_queries: object
) -> None:
    item = named(ledger, "甲")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        write(ledger, item, "按实际情况评分", office)
    assert not ScoringRule.objects.exists()


def test_the_next_version_keeps_the_mark(ledger: Ledger, item: Indicator, office: User) -> None:
    editing.accept(ledger, [ScoringRule.objects.get(indicator=item).pk], by=office)
    write(ledger, item, NEW, office)
    versions.publish(ledger, by=office)
    draft = versions.new_version(ledger, by=office)
    assert ScoringRule.objects.outdated().filter(indicator__ledger=draft).count() == 1


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir()))
def test_the_words_of_a_rule_that_was_just_read_stand_in_its_item(organisation: Organisation, name: str) -> None:
    import_file(name, (FILES / name).read_bytes(), organisation=organisation, by=None)
    rules = ScoringRule.objects.select_related("indicator")
    assert [rule.source for rule in rules if not stands(rule, said(rule.indicator))] == []


# ---- the pages ----------------------------------------------------------------------------------------


def test_the_ledger_its_rules_and_a_new_round_say_what_nobody_has_decided(
    client: Client, ledger: Ledger, item: Indicator, office: User
) -> None:
    editing.accept(ledger, [ScoringRule.objects.get(indicator=item).pk], by=office)
    write(ledger, item, NEW, office)
    said_by = {
        f"/ledgers/{ledger.pk}/": ("原文已改：1 条细则", "待确认 2 条"),
        f"/ledgers/{ledger.pk}/rules/?show=changed": ("原文已改，细则仍按这句话算分", f"?indicator={item.pk}"),
        f"/ledgers/indicators/{item.pk}/edit/": ("原文已改，细则仍按这句话算分", "待确认"),
        f"/ledgers/{ledger.pk}/publish/": ("还有 2 条评分细则待确认", "原文已改，仍按原来的话算分"),
        f"/rounds/new/{ledger.pk}/": ("台账里有 2 条评分细则待确认", "查看评分细则"),
    }
    for address, sentences in said_by.items():
        page = client.get(address).content.decode()
        assert [words for words in sentences if words not in page] == [], address


def test_nothing_is_said_where_all_is_decided(ledger: Ledger) -> None:
    assert rounds.undecided(ledger, "allocated") == []
