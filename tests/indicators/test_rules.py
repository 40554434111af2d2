"""A proposed rule computes nothing until a person has accepted it; who decided what stays to be read."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.scoring.rules import from_json
from indicators import editing, terms, versions
from indicators.editing import EditRefused
from indicators.listing.rules import proposed_points
from indicators.models import Amendment, Ledger, ScoringRule
from indicators.terms import BadTerms, Typed
from tests.indicators.conftest import make_ledger, named
from units.models import AuditEvent, Organisation, User

EACH = {"deduct": "0.5", "cap": "2"}


@pytest.fixture
def proposal(ledger: Ledger) -> ScoringRule:
    """Read from the words of item 甲, which is worth 2 points."""
    return ScoringRule.objects.create(
        indicator=named(ledger, "甲"), kind="per_occurrence", source="每次扣0.5分，上限2分", parameters=EACH
    )


def test_an_accepted_rule_says_who_accepted_it_and_leaves_an_amendment(
    ledger: Ledger, proposal: ScoringRule, office: User
) -> None:
    assert editing.accept(ledger, [proposal.pk], by=office) == 1
    proposal.refresh_from_db()
    assert proposal.accepted_by == office
    assert proposal.parameters == {"deduct": "0.5", "cap": "2", "measure": "次"}
    line = Amendment.objects.get(ledger=ledger)
    assert (line.field, line.new, line.actor) == ("评分细则", "确认 按次扣分：每次扣 0.5 分，最多扣 2 分", office)
    assert AuditEvent.objects.filter(action="确认评分细则和建议分值", actor=office).count() == 1
    assert editing.accept(ledger, [proposal.pk], by=office) == 0


def test_a_rule_of_another_ledger_is_not_accepted_with_ours(
    organisation: Organisation, ledger: Ledger, proposal: ScoringRule, office: User
) -> None:
    other = make_ledger(organisation, [("其他", "1", None)])
    assert editing.accept(other, [proposal.pk], by=office) == 0
    assert not ScoringRule.objects.accepted().exists()


def test_what_cannot_compute_is_not_accepted_and_takes_nothing_else_with_it(
    ledger: Ledger, proposal: ScoringRule, office: User
) -> None:
    empty = ScoringRule.objects.create(indicator=named(ledger, "乙"), kind="checklist", parameters={"parts": []})
    with pytest.raises(EditRefused, match=r"乙.*先修改再确认"):
        editing.accept(ledger, [proposal.pk, empty.pk], by=office)
    assert not ScoringRule.objects.accepted().exists()


def test_a_published_ledger_keeps_its_rules_as_they_are(ledger: Ledger, proposal: ScoringRule, office: User) -> None:
    versions.publish(ledger, by=office)
    with pytest.raises(EditRefused, match="建立新版本"):
        editing.accept(ledger, [proposal.pk], by=office)
    with pytest.raises(EditRefused, match="建立新版本"):
        editing.refuse(proposal, by=office)
    with pytest.raises(EditRefused, match="建立新版本"):
        editing.set_rule(proposal.indicator, Typed("rate"), by=office)


def test_a_refused_rule_stays_refused_in_the_next_version(ledger: Ledger, proposal: ScoringRule, office: User) -> None:
    assert editing.refuse(proposal, by=office)
    assert not editing.refuse(proposal, by=office)
    versions.publish(ledger, by=office)
    draft = versions.new_version(ledger, by=office)
    copied = ScoringRule.objects.get(indicator__ledger=draft)
    assert (copied.refused_by, copied.accepted_at) == (office, None)


def test_changing_a_rule_accepts_it_with_its_new_terms(ledger: Ledger, proposal: ScoringRule, office: User) -> None:
    editing.set_rule(proposal.indicator, Typed("tiers", tiers="80 2\n60 1"), rule=proposal, by=office)
    proposal.refresh_from_db()
    assert (proposal.kind, proposal.accepted_by) == ("tiers", office)
    line = Amendment.objects.get(ledger=ledger)
    assert (line.old, line.new) == (
        "按次扣分：每次扣 0.5 分，最多扣 2 分",
        "确认 分档：80% 以上 2 分，60% 以上 1 分，不到的不得分",
    )


def test_scoring_by_hand_does_not_stand_beside_other_rules(ledger: Ledger, proposal: ScoringRule, office: User) -> None:
    editing.accept(ledger, [proposal.pk], by=office)
    with pytest.raises(EditRefused, match="不能同时人工评分"):
        editing.set_rule(proposal.indicator, Typed("manual"), by=office)
    editing.set_rule(proposal.indicator, Typed("all_or_nothing"), by=office)
    assert ScoringRule.objects.accepted().count() == 2


def test_accepted_points_fill_up_what_the_document_declares(organisation: Organisation, office: User) -> None:
    ledger = make_ledger(organisation, [("公开", "1", [("甲", None, None), ("乙", None, None), ("丙", None, None)])])
    proposed = proposed_points(ledger)
    assert list(proposed.values()) == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]
    assert editing.accept(ledger, [], proposed.items(), by=office) == 3
    items = ledger.indicators.filter(is_item=True)
    assert sum(one.points or 0 for one in items) == 1
    assert {one.new for one in Amendment.objects.filter(field="分值")} == {"0.34（建议分值）", "0.33（建议分值）"}
    assert editing.accept(ledger, [], proposed.items(), by=office) == 0


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (Typed("per_occurrence"), "deduct"),
        (Typed("per_occurrence", deduct="0"), "deduct"),
        (Typed("per_occurrence", deduct="1e1"), "deduct"),
        (Typed("per_occurrence", deduct="-1"), "deduct"),
        (Typed("per_occurrence", deduct="2", cap="1"), "cap"),
        (Typed("per_occurrence", deduct="2", measure="<b>"), "measure"),
        (Typed("tiers", tiers="80 6"), "tiers"),
        (Typed("tiers", tiers="80 6\n80 5"), "tiers"),
        (Typed("tiers", tiers="80 5\n60 6"), "tiers"),
        (Typed("tiers", tiers="180 6\n60 5"), "tiers"),
        (Typed("checklist", parts="公布决策草案"), "parts"),
        (Typed("checklist", parts="0 公布决策草案"), "parts"),
        (Typed("checklist"), "parts"),
        (Typed("formula"), "kind"),
    ],
)
def test_terms_that_are_none_are_refused_at_their_field(typed: Typed, field: str) -> None:
    with pytest.raises(BadTerms) as refused:
        terms.read(typed)
    assert refused.value.field == field


amounts = st.integers(1, 99_999).map(lambda cents: Decimal(cents) / 100)


@given(amounts, st.none() | amounts, st.sampled_from(terms.MEASURES))
@settings(max_examples=30, deadline=None)
def test_what_the_form_stores_is_a_rule_that_computes_and_comes_back_into_the_form(
    deduct: Decimal, more: Decimal | None, measure: str
) -> None:
    cap = "" if more is None else str(deduct + more)
    stored = terms.read(Typed("per_occurrence", str(deduct), cap, measure))
    assert terms.read(terms.written("per_occurrence", stored)) == stored
    assert from_json("per_occurrence", stored)
    assert terms.faults("per_occurrence", stored) == ""


# ---- the pages ----------------------------------------------------------------------------------------


def test_the_list_offers_what_waits_and_accepts_what_is_ticked(
    client: Client, ledger: Ledger, proposal: ScoringRule
) -> None:
    ScoringRule.objects.create(indicator=named(ledger, "乙"), kind="per_occurrence", parameters={"deduct": "5"})
    address = f"/ledgers/{ledger.pk}/rules/"
    page = client.get(address).content.decode()
    assert "每次扣 0.5 分，最多扣 2 分" in page
    assert "一次就扣 5 分，超过本项 3 分，扣完为止" in page
    ticked = re.findall(r'name="rule" value="(\d+)" checked', page)
    assert ticked == [str(proposal.pk)]
    answer = client.post(address, {"rule": ticked}, follow=True)
    assert "已确认 1 条" in answer.content.decode()
    assert list(ScoringRule.objects.accepted()) == [proposal]


def test_an_item_page_shows_its_rules_and_comes_back_to_them(
    client: Client, ledger: Ledger, proposal: ScoringRule
) -> None:
    item = proposal.indicator_id
    page = client.get(f"/ledgers/indicators/{item}/edit/").content.decode()
    assert "待确认" in page
    answer = client.post(f"/ledgers/rules/{proposal.pk}/refuse/", {"item": item})
    assert answer.headers["Location"] == f"/ledgers/indicators/{item}/edit/#rules"
    proposal.refresh_from_db()
    assert proposal.refused_at is not None


def test_a_rule_is_added_by_hand_and_a_wrong_field_keeps_what_was_typed(client: Client, ledger: Ledger) -> None:
    item = named(ledger, "丙")
    address = f"/ledgers/indicators/{item.pk}/rules/add/"
    assert "每行一档" in client.get(f"{address}?kind=tiers").content.decode()
    wrong = client.post(address, {"kind": "tiers", "tiers": "80"})
    assert wrong.status_code == 422
    assert "每行写比例、空格、得分" in wrong.content.decode()
    client.post(address, {"kind": "tiers", "tiers": "80 4\n60 2"})
    made = item.rules.get()
    assert made.accepted_at is not None
    assert made.parameters["tiers"][0] == {"at_least": "80", "points": "4"}


def test_the_checkpoints_of_an_item_are_offered_as_parts(client: Client, ledger: Ledger) -> None:
    item = named(ledger, "丙")
    item.checkpoints = [{"text": "公布决策\n草案", "points": "2"}]
    item.save()
    assert "2 公布决策 草案" in client.get(f"/ledgers/indicators/{item.pk}/rules/add/?kind=checklist").content.decode()
