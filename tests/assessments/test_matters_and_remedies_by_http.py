"""The table's tracked matters (督办) and orders to put right (整改) through their pages' addresses: every action, role,
unit, state and phase.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assessments import rectifications, rounds, transitions
from assessments.models import Entry, Matter, Phase, Rectification, Round, Shape
from assessments.models.tracking import STAGES
from assessments.rectifications import Order
from assessments.transitions import MatterAction, RemedyAction
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import text
from tests.assessments.walking import OUTSIDE, Situation, asked, clients, situations, strangers
from units.models import Role

pytestmark = pytest.mark.django_db

Requests = Mapping[str, Callable[[Client], Any]]
LATER = "2099-01-01"


@pytest.fixture
def who() -> Office:
    """A county with two units; the first one leads the only item."""
    return o.office()


@pytest.fixture
def tracked(who: Office) -> Round:
    """One matter of the first unit."""
    on = o.ledger(who.organisation, {"政策落实": (("清理文件", None),)}, who.units[:1])
    return rounds.open_round(o.prepared(who, on, Shape.TRACKED), by=who.office)


@pytest.fixture
def reviewed(who: Office) -> Round:
    """One item of the first unit, reviewed with 3 of 4."""
    made = o.opened(who, spec={"公开内容": (("主动公开", "4"),)})
    return o.handed_in(who, made, {"主动公开": "3"})


def matter_asked(one: Situation, client: Client) -> tuple[int, str | None]:
    def put() -> None:
        Entry.objects.update(stage=STAGES[one.stage])
        words = {"measures": "措施", "result": "结果", "remark": "意见", "decided_at": timezone.now()}
        Matter.objects.update(state=one.stage, **words)

    def request() -> Any:
        entry = Entry.objects.get()
        form, at = {"version": entry.version, "key": o.key()}, f"/matters/{entry.pk}"
        days = {"measures_due": LATER, "result_due": LATER, "reason": "机构改革"}
        requests: Requests = {
            MatterAction.PLAN: lambda it: it.post(f"{at}/plan/", {"text": "新的措施", **form}),
            MatterAction.REPORT: lambda it: it.post(f"{at}/report/", {"text": "新的结果", **form}),
            MatterAction.CLOSE: lambda it: it.post(f"{at}/close/", {"text": "由办公室办理", **form}),
            MatterAction.SEND_BACK: lambda it: it.post(f"{at}/return/", {"text": "写明数量", **form}),
            MatterAction.POSTPONE: lambda it: it.post(f"{at}/postpone/", {**days, **form}),
        }
        return requests[one.action](client)

    return asked(one.phase, put, request, lambda: Matter.objects.get().state)


def remedy_asked(one: Situation, client: Client, by: Office) -> tuple[int, str | None]:
    ordering = one.action == RemedyAction.ORDER

    def put() -> None:
        Entry.objects.update(stage=one.stage if ordering else "accepted")
        if not ordering:
            words = {"problem": "长期不更新", "answer": "已报", "remark": "意见", "closed_at": timezone.now()}
            Rectification.objects.create(entry=Entry.objects.get(), state=one.stage, ordered_by=by.office, **words)

    def request() -> Any:
        entry, order = Entry.objects.get(), Rectification.objects.first()
        form, at = {"version": "0", "key": o.key()}, f"/rectifications/orders/{order.pk if order else 0}"
        new = {"entry": entry.pk, f"problem-{entry.pk}": "长期不更新", "due": LATER, "key": o.key()}
        requests: Requests = {
            RemedyAction.ORDER: lambda it: it.post(f"/rectifications/{entry.sheet.round_id}/order/", new),
            RemedyAction.ANSWER: lambda it: it.post(f"{at}/answer/", {"answer": "已补齐", **form}),
            RemedyAction.CLOSE: lambda it: it.post(f"{at}/close/", {"remark": "符合要求", **form}),
            RemedyAction.REOPEN: lambda it: it.post(f"{at}/reopen/", {"remark": "没有到位", **form}),
            RemedyAction.EXTEND: lambda it: it.post(f"{at}/extend/", {"due": LATER, "reason": "机构改革", **form}),
        }
        return requests[one.action](client)

    def stage() -> str:
        return Entry.objects.get().stage if ordering else Rectification.objects.get().state

    return asked(one.phase, put, request, stage)


def test_the_pages_of_a_matter_do_what_the_table_says(who: Office, tracked: Round) -> None:
    browsers = clients(who)
    for one in situations(transitions.MATTERS):
        assert matter_asked(one, browsers[one.role])[1] == one.after, one


def test_the_pages_of_an_order_do_what_the_table_says(who: Office, reviewed: Round) -> None:
    browsers = clients(who)
    for one in situations(transitions.REMEDIES):
        assert remedy_asked(one, browsers[one.role], who)[1] == one.after, one


def possible(lines: tuple[transitions.Transition, ...]) -> list[Situation]:
    """Each action in each phase in which it is allowed to anybody, in a stage in which it is."""
    return list({(one.action, one.phase): one for one in situations(lines) if one.after}.values())


def test_others_are_refused_whatever_they_ask_of_a_matter(who: Office, tracked: Round) -> None:
    browsers = clients(who)
    for one in possible(transitions.MATTERS):
        for role in OUTSIDE:
            assert matter_asked(one, browsers[role]) == (403, None), (one, role)


def test_others_are_refused_whatever_they_ask_of_an_order(who: Office, reviewed: Round) -> None:
    browsers = clients(who)
    for one in possible(transitions.REMEDIES):
        for role in OUTSIDE:
            assert remedy_asked(one, browsers[role], who) == (403, None), (one, role)


def test_a_foreign_matter_does_not_exist(who: Office, tracked: Round) -> None:
    browsers = strangers(who)
    for one in possible(transitions.MATTERS):
        for whose, client in browsers.items():
            status, after = matter_asked(one, client)
            assert (status in (403, 404), after) == (True, None), (one, whose, status)


def test_a_foreign_order_does_not_exist(who: Office, reviewed: Round) -> None:
    browsers = strangers(who)
    for one in possible(transitions.REMEDIES):
        for whose, client in browsers.items():
            status, after = remedy_asked(one, client, who)
            assert (status in (403, 404), after) == (True, None), (one, whose, status)


# ---- what a page offers -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICE, Role.REVIEWER, Role.FILLER])
@pytest.mark.parametrize("phase", [Phase.SELF_ASSESSMENT, Phase.REVIEW, Phase.PUBLISHED])
def test_a_matters_page_offers_what_the_table_allows(who: Office, tracked: Round, role: Role, phase: Phase) -> None:
    addresses = {action: action.name.lower() for action in MatterAction} | {MatterAction.SEND_BACK: "return"}
    client, entry = clients(who)[role], Entry.objects.get()
    for state in STAGES:
        seen: list[str] = []
        words = {"measures": "措施", "result": "结果", "remark": "意见", "decided_at": timezone.now()}

        def put(state: str = state, words: Mapping[str, Any] = words) -> None:
            Matter.objects.update(state=state, **words)

        def request(seen: list[str] = seen) -> Any:
            seen.append(text(client, f"/entries/{entry.pk}/"))
            return client.get("/healthz")

        asked(phase, put, request, str)
        offered = {action for action, verb in addresses.items() if f'action="/matters/{entry.pk}/{verb}/"' in seen[0]}
        wanted = {one for one in MatterAction if transitions.find(one, stage=state, phase=phase, role=role)}
        assert offered == wanted, (state, phase, role)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.REVIEWER, Role.FILLER])
def test_an_orders_page_offers_what_the_table_allows(who: Office, reviewed: Round, role: Role) -> None:
    entry, due = o.entry(reviewed, "主动公开"), timezone.localdate() + timedelta(days=9)
    Entry.objects.update(stage="accepted")
    (order,) = rectifications.order([Order(entry, "长期不更新")], due, by=who.office, key=o.key())
    client, at = clients(who)[role], f"/rectifications/orders/{order.pk}/"
    for state in ("ordered", "answered", "reopened", "closed"):
        words = {"answer": "已报", "remark": "意见", "closed_at": timezone.now()}
        Rectification.objects.update(state=state, **words)
        page = text(client, at)
        offered = {one for one in RemedyAction if f'action="{at}{one.name.lower()}/"' in page}
        wanted = {one for one in RemedyAction if transitions.find(one, stage=state, phase=Phase.REVIEW, role=role)}
        assert offered == wanted, (state, role)
