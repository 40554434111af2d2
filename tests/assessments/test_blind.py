"""盲评: until the second score stands, nothing that the second reviewer can open tells the first one."""

import re
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from openpyxl import load_workbook

from assessments import composites, entries, objections, rectifications, sampling
from assessments.models import Entry, Phase, Round, SecondReview, Shape
from assessments.rectifications import Order
from assessments.scoring.policy import Band
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import text, visit
from tests.faults import probing
from tests.faults.probing import FETCH
from tests.faults.test_probes import undone
from units.models import Role, User

pytestmark = pytest.mark.django_db

# of 1 point, so that 0.37 and what is lost, alone and in any sum, are seen by their decimals; the rates they make
FIRST = re.compile(r"\d\.(?:37|63)(?!\d)|68\.50?(?!\d)|47\.95|隐语")
ASKED = (
    {"show": "all", "all": "1", "q": "核减"},
    {"show": "disputed"},
    {"format": "csv"},
    {"format": "xlsx", "show": "all"},
)
TOLD = {
    *("entry", "sheet", "sheet_trace", "sheet_trace_node", "board", "board_items", "composite", "composite_unit"),
    *("review", "objections", "objection", "rectifications", "rectification", "samples", "search"),
}


@pytest.fixture
def who() -> Office:
    """The office of a county."""
    return o.office()


@pytest.fixture
def second(who: Office) -> User:
    """Who scores a second time."""
    return o.person(who.organisation, Role.REVIEWER)


@pytest.fixture
def round_(who: Office, second: User) -> Round:
    """In objection: one item of each unit marked down to 0.37, objected to, ordered to be put right, and drawn."""
    made = o.opened(who, shape=Shape.PER_UNIT, spec={"公开": (("主动公开", "1"), ("政策解读", "1"))})
    for unit, filler in zip(who.units, who.fillers, strict=True):
        for one in Entry.objects.filter(sheet__round=made, unit=unit):
            o.fill(one, "1", filler)
        entries.submit(made, unit, by=filler, key=o.key())
    made = o.in_phase(made, Phase.REVIEW)
    for one in Entry.objects.filter(sheet__round=made, indicator__name="主动公开"):
        entries.adjust(one, "0.37", "隐语核减", version=one.version, key=o.key(), by=who.reviewer)
    entries.accept_undisputed(made, by=who.reviewer)
    made = o.in_phase(made, Phase.OBJECTION)
    for unit, filler in zip(who.units, who.fillers, strict=True):
        one = o.entry(made, "主动公开", unit)
        objections.file(one, "对隐语核减不服", version=one.version, key=o.key(), by=filler)
        rectifications.order([Order(one, "隐语问题")], date(2099, 1, 1), by=who.office, key=o.key())
    other = o.opened(who, shape=Shape.PER_UNIT, spec={"公开": (("依申请公开", "1"),)})
    composites.create(
        who.organisation,
        name="综合",
        parts=[(made, Decimal(70)), (other, Decimal(30))],
        missing="none",
        bands=(Band("优", Decimal(90)),),
        by=who.office,
    )
    sampling.draw(made, 100, reviewer=second, by=who.office)
    return made


def _words(answer: Any) -> str:
    """All an answer tells, the cells of a workbook too."""
    if "spreadsheetml" in answer.headers.get("Content-Type", ""):
        book = load_workbook(BytesIO(b"".join(answer.streaming_content) if answer.streaming else answer.content))
        return "\n".join(str(cell) for sheet in book for row in sheet.values for cell in row)
    return probing.words(answer)


def _walk(person: User, names: Collection[str] = tuple(probing.ROUTES)) -> set[str]:
    """Of these routes those that tell the person the first score: page, file, search, and answer to what is posted."""
    client, found = probing.browser(person), set()
    for name, path in _paths(names):
        first = client.get(path)
        answers = [first]
        if first.status_code != 405:
            answers += [client.get(path, more) for more in ASKED]
        with undone():
            answer = client.post(path, probing.sent(name, None) | {"score": "0.5", "reason": ""}, **FETCH)
            found |= {f"post {name}"} if FIRST.search(_words(answer)) else set()
        found |= {name} if any(FIRST.search(_words(one)) for one in answers) else set()
    return found


def _paths(names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Every address of this app that a reviewer comes to, with every row there is, and the search."""
    for name, route in probing.ROUTES.items():
        ours = route.callback.__module__.startswith("assessments.") or name == "search"
        if name in names and ours and probing.may("reviewer", name):
            kinds = [probing.ids(model, 0, 10**9, 4) for model in probing.models_of(name)]
            yield from ((name, probing.address(name, *numbers)) for numbers in product(*kinds))


def test_no_page_file_search_or_refusal_tells_the_second_reviewer_the_first_score(
    who: Office, second: User, round_: Round
) -> None:
    assert _walk(second) == set()
    for one in SecondReview.objects.all():
        sampling.score(one, "0.5", "缺一项", by=second)
    assert _walk(second, TOLD) == TOLD


def test_who_does_not_score_a_second_time_sees_everything_as_before(who: Office, second: User, round_: Round) -> None:
    for person in (who.office, who.reviewer):
        client = visit(person)
        assert "0.37" in text(client, f"/entries/{o.entry(round_, '主动公开', who.units[0]).pk}/")
        assert "0.37" in text(client, f"/boards/{round_.pk}/items/?show=lost")
        assert text(client, f"/sheets/{o.sheet(round_, who.units[0]).pk}/")


def test_the_items_own_page_shows_criteria_self_score_and_evidence_and_leads_to_the_second_score(
    who: Office, second: User, round_: Round
) -> None:
    client, one = visit(second), o.entry(round_, "主动公开", who.units[0])
    page = text(client, f"/entries/{one.pk}/")
    assert "由您复评，审核得分复评后显示" in page
    assert "去复评" in page
    assert page.count('<th scope="row">自评</th>') == 1
    assert '<th scope="row">审核</th>' not in page
    for action in ("填写", "提交"):
        assert action in page
    assert "改分" not in page


def test_results_of_the_round_open_again_with_the_last_second_score(who: Office, second: User, round_: Round) -> None:
    client, paths = visit(second), [f"/boards/{round_.pk}/", f"/sheets/{o.sheet(round_, who.units[0]).pk}/"]
    owed = list(SecondReview.objects.all())
    for one in owed:
        for path in paths:
            assert "没有复评" in text(client, path, 403)
        sampling.score(one, "0.5", "缺一项", by=second)
    for path in paths:
        text(client, path)


def test_the_desk_goes_without_the_drawn_items_and_says_so(who: Office, second: User, round_: Round) -> None:
    one = o.entry(round_, "主动公开", who.units[0])
    page = text(visit(second), f"/reviews/{round_.pk}/?show=all")
    assert "有 4 项由您复评" in page
    assert f'id="entry-{one.pk}"' not in page
    form = {"action": "accept", "version": one.version, "key": o.key()}
    assert visit(second).post(f"/reviews/entries/{one.pk}/", form).status_code == 404


def test_what_can_be_scored_a_second_time_no_more_is_no_secret(who: Office, second: User, round_: Round) -> None:
    path = f"/boards/{round_.pk}/"
    text(visit(second), path, 403)
    o.in_phase(round_, Phase.SELF_ASSESSMENT)
    text(visit(second), path)
