"""A ledger begins, is published, and goes on in a new version that remembers what it came from."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators import editing, importing, listing, versions
from indicators.editing import EditRefused
from indicators.models import Indicator, Ledger, LedgerStatus, Responsibility
from tests.indicators.conftest import SHANDONG, make_ledger, named, shape, tree_faults
from units.models import AuditEvent, Organisation, User


def test_a_ledger_begun_by_hand_has_a_tree_to_grow(organisation: Organisation, office: User) -> None:
    begun = versions.begin(organisation, title="2025年台账", issuer="某办", year=2025, by=office)
    assert (begun.status, shape(begun), tree_faults(begun)) == (LedgerStatus.DRAFT, [], [])
    editing.add(begun, editing.New("第一章", is_item=False), by=office)
    assert shape(begun) == [(1, "第一章")]


def test_publishing_is_done_once_and_stands_in_the_audit(ledger: Ledger, office: User) -> None:
    first = versions.publish(ledger, by=office).published_at
    assert versions.publish(ledger, by=office).published_at == first
    assert AuditEvent.objects.filter(action="发布台账").count() == 1


def test_a_ledger_without_an_item_is_not_published(organisation: Organisation, office: User) -> None:
    empty = make_ledger(organisation, [("章", None, [])])
    with pytest.raises(EditRefused, match="还没有评估点"):
        versions.publish(empty, by=office)


def test_a_new_version_has_the_same_indicators_under_the_same_identities(
    organisation: Organisation, office: User
) -> None:
    (old,) = importing.import_file(SHANDONG.name, SHANDONG.read_bytes(), organisation=organisation, by=None)
    versions.publish(old, by=office)
    new = versions.new_version(old, by=office)
    identities = [list(Indicator.objects.filter(ledger=one).printed().values_list("identity")) for one in (old, new)]
    assert identities[0] == identities[1]
    assert (new.version, new.previous, new.status) == (2, old, LedgerStatus.DRAFT)
    assert tree_faults(new) == []
    counts = [Responsibility.objects.filter(indicator__ledger=one).count() for one in (old, new)]
    assert counts[0] == counts[1] > 100
    pages = [listing.page(one, listing.Filters()) for one in (old, new)]
    assert pages[0].attention == pages[1].attention


def test_a_new_version_leaves_out_what_was_retired(ledger: Ledger, office: User) -> None:
    editing.retire(named(ledger, "决策公开"), by=office)
    versions.publish(ledger, by=office)
    assert shape(versions.new_version(ledger, by=office)) == shape(ledger)


def test_editing_the_new_version_leaves_the_published_one_as_it_was(ledger: Ledger, office: User) -> None:
    versions.publish(ledger, by=office)
    draft = versions.new_version(ledger, by=office)
    editing.edit(named(draft, "甲"), editing.Changes(points=Decimal(9)), edits=0, by=office)
    assert named(ledger, "甲").points == 2
    versions.publish(draft, by=office)
    ledger.refresh_from_db()
    assert ledger.status == LedgerStatus.ARCHIVED


def test_asking_twice_for_a_new_version_gives_the_same_draft(ledger: Ledger, office: User) -> None:
    with pytest.raises(EditRefused, match="可以直接修改"):
        versions.new_version(ledger, by=office)
    versions.publish(ledger, by=office)
    assert versions.new_version(ledger, by=office) == versions.new_version(ledger, by=office)


def test_queries_of_a_new_version_do_not_grow_with_its_rows(organisation: Organisation, office: User) -> None:
    counts = []
    for items in (5, 40):
        one = make_ledger(organisation, [("章", "1", [(f"项{n}", "1", None) for n in range(items)])])
        versions.publish(one, by=office)
        with CaptureQueriesContext(connection) as queries:
            versions.new_version(one, by=office)
        counts.append(len(queries))
    assert counts[0] == counts[1]
