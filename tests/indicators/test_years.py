"""A year's ledger becomes the next one's, and the two lie side by side."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators import editing, exporting, importing, versions
from indicators.changes import years
from indicators.editing import EditRefused
from indicators.models import Indicator, Ledger, LedgerStatus, PairAnswer
from tests.indicators.conftest import SHANDONG, TWO_CHAPTERS, make_ledger, named, shape, tree_faults
from units import offices
from units.models import Organisation, User


@pytest.fixture
def shandong(organisation: Organisation, office: User) -> Ledger:
    (found,) = importing.import_file(SHANDONG.name, SHANDONG.read_bytes(), organisation=organisation, by=office)
    return versions.publish(found, by=office)


def next_year(ledger: Ledger, office: User) -> Ledger:
    return versions.copy_to_year(
        ledger, title=versions.next_title(ledger), issuer=ledger.issuer, year=(ledger.year or 0) + 1, by=office
    )


def change(indicator: Indicator, by: User, **values: object) -> None:
    editing.edit(indicator, editing.Changes(**values), edits=indicator.edits, by=by)  # type: ignore[arg-type]


def told(ledger: Ledger) -> list[tuple[object, ...]]:
    rows = Indicator.objects.filter(ledger=ledger).printed().living()
    return [
        (
            *(one.level, one.name, one.points, one.criteria, one.is_item),
            *(sorted((d.written, d.role) for d in one.responsibilities.all()),),
            *(sorted(str(link.method) for link in one.method_links.all()),),
            *(sorted((rule.kind, str(rule.parameters)) for rule in one.rules.all()),),
        )
        for one in rows.prefetch_related("responsibilities", "method_links__method", "rules")
    ]


def test_a_copy_for_the_next_year_has_everything_but_scores_and_history(shandong: Ledger, office: User) -> None:
    made = next_year(shandong, office)
    assert (made.title, made.year, made.version, made.status) == ("2020年政务公开考核任务分工台账", 2020, 1, "draft")
    assert told(made) == told(shandong)
    assert (tree_faults(made), made.amendments.count(), made.copied_from) == ([], 0, shandong)
    assert exporting.page(made).own


def test_the_same_year_is_not_copied_twice(shandong: Ledger, office: User) -> None:
    next_year(shandong, office)
    with pytest.raises(EditRefused, match="2020 年已有"):
        next_year(shandong, office)


def test_a_year_copied_and_edited_differs_in_what_was_edited_and_in_nothing_else(
    shandong: Ledger, office: User
) -> None:
    made = next_year(shandong, office)
    assert years.side_by_side(shandong, made).counts == ()
    items = list(made.indicators.items().exclude(name=""))
    change(items[0], office, name=items[0].name + "并及时更新")
    change(items[1], office, points=Decimal("0.75"))
    unit = shandong.organisation.units.get(name="政策法规处")
    change(items[2], office, parts=[editing.Part("lead", unit=unit.pk)])
    editing.retire(items[3], by=office)
    parent = items[5].parent
    assert parent is not None
    editing.add(made, editing.New("是否公开年度重点任务清单", is_item=True), of=parent, by=office)
    editing.move(items[10], parent, by=office)
    found = years.side_by_side(shandong, made)
    assert {kind: count for kind, _, count in found.counts} == {
        "renamed": 1, "points": 1, "units": 1, "removed": 1, "added": 1, "moved": 1,
    }  # fmt: skip
    kinds = {line.new.name if line.new else line.old.name if line.old else "": line.kinds for line in found.of("")}
    assert kinds[items[3].name] == ("removed",)
    assert kinds["是否公开年度重点任务清单"] == ("added",)
    assert kinds[items[10].name] == ("moved",)
    assert len(found.of("all")) == found.same + len(found.of(""))
    assert Indicator.objects.filter(ledger=shandong, retired_at__isnull=False).count() == 0


def doubtful(organisation: Organisation) -> tuple[Ledger, Ledger]:
    """Two ledgers typed by hand, so that only words can tell."""
    old = make_ledger(organisation, [("公开", "10", [("及时公开部门年度预算和决算信息", "5", None)])], title="去年")
    new = make_ledger(organisation, [("公开", "10", [("及时公开部门和单位年度预算报告", "5", None)])], title="今年")
    return old, new


@pytest.mark.parametrize(("same", "kinds"), [(True, {"renamed": 1}), (False, {"added": 1, "removed": 1})])
def test_a_doubtful_pair_is_asked_about_and_the_answer_holds(
    organisation: Organisation, office: User, same: bool, kinds: dict[str, int]
) -> None:
    old, new = doubtful(organisation)
    found = years.side_by_side(old, new)
    (line,) = found.of("asked")
    assert line.old is not None
    assert line.new is not None
    for _ in range(2):
        years.answer(organisation, line.old.id, line.new.id, same=same, by=office)
    assert PairAnswer.objects.count() == 1
    assert {kind: count for kind, _, count in years.side_by_side(old, new).counts} == kinds


def test_nobody_answers_for_indicators_of_another_organisation(organisation: Organisation, office: User) -> None:
    old, _ = doubtful(organisation)
    _, theirs = doubtful(offices.found(name="别的机关"))
    with pytest.raises(EditRefused):
        years.answer(organisation, old.indicators.items()[0].pk, theirs.indicators.items()[0].pk, same=True, by=office)


def test_a_published_ledger_is_archived_once(shandong: Ledger, office: User) -> None:
    versions.archive(shandong, by=office)
    shandong.refresh_from_db()
    assert shandong.status == LedgerStatus.ARCHIVED
    with pytest.raises(EditRefused):
        versions.archive(shandong, by=office)


def test_the_pages_lead_from_a_ledger_to_its_copy_and_back(client: Client, shandong: Ledger) -> None:
    assert "复制为下一年度" in client.get(reverse("ledger", args=[shandong.pk])).content.decode()
    form = {"title": "2020年台账", "issuer": "某厅", "year": "2020"}
    answer = client.post(reverse("ledger_copy", args=[shandong.pk]), form)
    made = Ledger.objects.get(copied_from=shandong)
    assert answer["Location"] == reverse("ledger", args=[made.pk])
    again = client.post(reverse("ledger_copy", args=[shandong.pk]), form).content.decode()
    assert "2020 年已有名为" in again
    page = client.get(reverse("ledger_compare", args=[made.pk, shandong.pk])).content.decode()
    assert "两份台账完全一致" in page
    assert made.title in client.get(reverse("ledger_compare_choose", args=[shandong.pk])).content.decode()
    assert client.get(reverse("ledger_archive", args=[shandong.pk])).status_code == 200
    client.post(reverse("ledger_archive", args=[shandong.pk]))
    shandong.refresh_from_db()
    assert shandong.status == LedgerStatus.ARCHIVED


def test_the_office_answers_on_the_page(client: Client, organisation: Organisation) -> None:
    old, new = doubtful(organisation)
    page = client.get(reverse("ledger_compare", args=[new.pk, old.pk]), {"kind": "asked"}).content.decode()
    assert "是同一项" in page
    pair = {"old": old.indicators.items()[0].pk, "new": new.indicators.items()[0].pk}
    client.post(reverse("ledger_compare", args=[new.pk, old.pk]), {**pair, "same": "yes"})
    assert PairAnswer.objects.get().same
    for bad in ({}, {**pair, "same": "maybe"}, {"old": "x", "new": "0", "same": "yes"}):
        assert client.post(reverse("ledger_compare", args=[new.pk, old.pk]), bad).status_code == 302


def test_the_comparison_costs_the_same_queries_for_any_number_of_indicators(
    organisation: Organisation, office: User, shandong: Ledger
) -> None:
    few = make_ledger(organisation, TWO_CHAPTERS)
    counts = []
    for old, new in (
        (few, make_ledger(organisation, TWO_CHAPTERS, title="另一年")),
        (shandong, next_year(shandong, office)),
    ):
        with CaptureQueriesContext(connection) as queries:
            years.side_by_side(old, new)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 7
    assert named(few, "甲")
    assert shape(few)
