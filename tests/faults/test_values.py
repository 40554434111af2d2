"""What no score and no points may be, at every door: pages with and without script, forms, files, and the database."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError, models, transaction
from django.test import Client
from openpyxl import Workbook

from assessments import rollup, rounds
from assessments.models import Entry, NodeScore, Phase, Round, RoundAdjustment, ScoreEvent, ScoreSheet
from assessments.scoring.policy import Policy
from indicators.importing import import_file
from indicators.models import Adjustment, AdjustmentKind, Indicator
from indicators.reading import Refused
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import FETCH, visit
from units.offices import found

pytestmark = pytest.mark.django_db

HOSTILE = (
    "-1", "－1", "−0.5", "+-1", "NaN", "nan", "sNaN", "Infinity", "-Infinity", "inf", "∞", "1e1", "1E-1", "1e308",
    "0x1", "0b1", "0.00001", "0.12345", "1,000", "1，5", "1'000", "1_0", "1 0", "1..5", "1.5.1", ".", "1/2", "½", "5²",
    "①", "五", "True", "null", "\0", "1\0", "\u202e1", "1\u200b5", "\ufffd", "<b>1</b>", "=1", "9" * 13, "9" * 5000,
)  # fmt: skip
UNDERSTOOD = (("0.5", "0.5"), (" 0.50 ", "0.5"), ("０．５", "0.5"), ("２", "2"), ("0", "0"), ("3.9999", "3.9999"))


@pytest.fixture
def who() -> Office:
    return o.office()


@pytest.fixture
def round_(who: Office) -> Round:
    return o.opened(who)


def _sentence(answer: Any) -> bool:
    """Whether the answer says something in words and is no fault of ours."""
    page = answer.content.decode()
    return answer.status_code in {200, 400, 409, 422} and any("\u4e00" <= char <= "\u9fff" for char in page)


def _save(client: Client, one: Entry, score: str, **more: Any) -> Any:
    form = {"score": score, "reason": "材料不全", "version": str(one.version), "key": o.key()} | more
    return client.post(f"/entries/{one.pk}/save/", form, **FETCH)


def test_a_unit_cannot_score_itself_with_what_is_no_score(who: Office, round_: Round) -> None:
    client, one = visit(who.fillers[0]), o.entry(round_, "主动公开")
    for text in HOSTILE:
        told = _save(client, one, text)
        said = (told.status_code, told.json()["state"], told.json()["message"][-3:])
        assert (text, *said) == (text, 422, "invalid", "未保存")
        row = {"row": f"{one.pk}:0:x", "score": text, "reason": "", "key": o.key()}
        page = client.post(f"/worklist/{round_.pk}/", row)
        assert (text, page.status_code, "未保存" in page.content.decode()) == (text, 422, True)
    one.refresh_from_db()
    assert (one.self_score, one.version, ScoreEvent.objects.count()) == (None, 0, 0)


@pytest.mark.parametrize(("text", "score"), UNDERSTOOD)
def test_a_score_typed_another_way_is_the_same_score(who: Office, round_: Round, text: str, score: str) -> None:
    one = o.entry(round_, "主动公开")
    assert _save(visit(who.fillers[0]), one, text).json()["state"] == "saved"
    assert Entry.objects.get(pk=one.pk).self_score == Decimal(score)


def test_the_office_cannot_review_with_what_is_no_score(who: Office, round_: Round) -> None:
    o.handed_in(who, round_, {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    client = visit(who.reviewer)
    for text in (*HOSTILE, "4.0001", "5"):
        form = {"action": "adjust", "score": text, "reason": "核减", "version": one.version, "key": o.key()}
        answer = client.post(f"/reviews/entries/{one.pk}/", form)
        assert (text, answer.status_code, _sentence(answer)) == (text, 422, True)
    assert Entry.objects.get(pk=one.pk).reviewed_score is None


def test_an_indicator_gets_no_points_that_are_none(who: Office) -> None:
    ledger = o.ledger(who.organisation)
    item = Indicator.objects.get(ledger=ledger, name="主动公开")
    before = list(Indicator.objects.values())
    client = visit(who.office)
    for text in HOSTILE:
        form = {"name": "改名", "points": text, "is_item": "on", "edits": "0"}
        for path in (f"/ledgers/indicators/{item.pk}/edit/", f"/ledgers/{ledger.pk}/add/"):
            answer = client.post(path, form)
            assert (text, answer.status_code, _sentence(answer)) == (text, 200, True)
    assert list(Indicator.objects.values()) == before


_BANDS = ("优 NaN", "优 Infinity", "优 1e1", "优 -5", "优 0x1", "优 五", "优 1_0", "优 9" + "9" * 30, "优" * 21 + " 90")
_AMOUNTS = [one for one in HOSTILE if one.strip() == one] + ["0.001"]


def test_a_round_counts_with_no_number_that_is_none(who: Office) -> None:
    ledger = o.ledger(who.organisation, leads=who.units)
    base = {"name": "年度考核", "shape": "allocated", "not_applicable": "drop", "bands": "优 90"}
    client, fields = visit(who.office), ("deduction_cap", "bonus_cap", "bonus_gate", "ceiling")
    for text in _AMOUNTS:
        answer = client.post(f"/rounds/new/{ledger.pk}/", base | dict.fromkeys(fields, text))
        assert (text, answer.status_code, sorted(answer.context["form"].errors)) == (text, 422, sorted(fields))
    assert not Round.objects.exists()


def test_a_band_begins_at_no_number_that_is_none(who: Office) -> None:
    ledger = o.ledger(who.organisation, leads=who.units)
    for bands in _BANDS:
        base = {"name": "年度考核", "shape": "allocated", "not_applicable": "drop", "bands": bands}
        answer = visit(who.office).post(f"/rounds/new/{ledger.pk}/", base)
        assert (bands, answer.status_code, list(answer.context["form"].errors)) == (bands, 422, ["bands"])
    assert not Round.objects.exists()


def test_an_adjustment_befalls_a_sheet_a_whole_number_of_times(who: Office) -> None:
    ledger = o.ledger(who.organisation, leads=who.units)
    rule = Adjustment.objects.create(ledger=ledger, text="迟报", kind=AdjustmentKind.PENALTY, points=Decimal(-1))
    round_ = rounds.open_round(o.prepared(who, ledger), by=who.office)
    client, path = visit(who.office), f"/sheets/{o.sheet(round_).pk}/adjust/"
    for text in (*HOSTILE, "1.5", "99999", "100000"):
        answer = client.post(path, {"adjustment": rule.pk, "times": text, "reason": "迟报"})
        said = [str(one) for one in get_messages(answer.wsgi_request)]
        assert (text, len(said), "次数" in said[-1]) == (text, len(said), True)
    assert not RoundAdjustment.objects.exists()


def _book(points: object, score: object) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["2026年考核指标台账"],
        ["一级指标", "二级指标", "分值", "责任单位", "得分", "扣分原因"],
        ["公开", "主动公开", points, "教育局", score, "材料不全"],
        ["公开", "政策解读", 1, "教育局", 1, ""],
    ):
        sheet.append(row)
    for cell in (sheet["C3"], sheet["E3"]):
        cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


_IN_CELLS = [one for one in HOSTILE if not set(one) & {"\0", "\ufffd"} and len(one) < 100]


@pytest.mark.parametrize("column", ["points", "score"])
def test_a_file_brings_no_score_and_no_points_that_are_none(column: str) -> None:
    organisation, understood = found(name="某县人民政府"), 0
    for at, text in enumerate((*_IN_CELLS, "_xD800_", "5 分", "1e-400", "3")):
        content = _book(text, 1) if column == "points" else _book(4, text)
        try:
            with transaction.atomic():
                (ledger,) = import_file(f"{at}.xlsx", content, organisation=organisation, by=None)
        except Refused:
            continue
        items = Indicator.objects.filter(ledger=ledger, is_item=True)
        assert not items.exclude(points__isnull=True).exclude(points__gte=0, points__lt=1000).exists()
        one = Entry.objects.filter(sheet__round=rounds.from_scores(ledger, by=None)).order_by("indicator__lft")[0]
        assert one.self_score is None or 0 <= one.self_score <= one.maximum
        understood += 3 in (one.points, one.self_score)
    assert understood >= 1


def test_ten_million_characters_are_refused_before_they_are_looked_at(who: Office, round_: Round) -> None:
    one = o.entry(round_, "主动公开")
    client = visit(who.fillers[0])
    answer = _save(client, one, "1" * 10_000_000)
    assert (answer.status_code, _sentence(answer)) == (400, True)
    assert _save(client, one, "1", reason="长" * 1_000_000).status_code == 422
    assert not ScoreEvent.objects.exists()


@pytest.mark.parametrize("odd", ["a\0", "\0", "k" * 65, "\u202e", ""])
def test_an_odd_key_or_version_breaks_nothing(who: Office, round_: Round, odd: str) -> None:
    one = o.entry(round_, "主动公开")
    assert _save(visit(who.fillers[0]), one, "1", key=odd).status_code in {200, 422}
    assert _save(visit(who.fillers[0]), one, "2", version=odd).status_code == 409
    assert visit(who.signers[0]).post(f"/worklist/{round_.pk}/submit/", {"key": odd}).status_code == 302
    o.in_phase(round_, Phase.REVIEW)
    form = {"action": "adjust", "score": "1", "reason": "核减", "version": odd, "key": odd, "query": odd, "order": odd}
    assert visit(who.office).post(f"/reviews/entries/{one.pk}/", form).status_code in {302, 422}


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud7ff\0"])
def test_a_character_no_database_stores_breaks_no_form(who: Office, round_: Round, text: str) -> None:
    one = o.entry(round_, "主动公开")
    client, nobody = visit(who.fillers[0]), Client(raise_request_exception=False)
    said = [
        _save(client, one, "1", reason=text),
        client.post(f"/entries/{one.pk}/evidence/", {"url": f"http://a.cn/{text}", "name": text}),
        client.post(f"/worklist/{round_.pk}/", {"row": text, "score": text, "reason": text, "key": text}),
        client.post("/text-size/", {"size": text, "contrast": text, "next": text}),
        client.post("/password/", dict.fromkeys(("old_password", "new_password1", "new_password2"), text)),
        nobody.post("/login/", {"username": text, "password": text, "next": text}),
        nobody.post("/login/", {"username": who.office.username, "password": text}),
    ]
    assert [answer.status_code for answer in said if answer.status_code >= 500] == []


# ---- the database itself -----------------------------------------------------------------------------

IMPOSSIBLE = tuple(Decimal(text) for text in ("-1", "-0.0001", "NaN", "Infinity", "-Infinity"))


def _scored(who: Office) -> Round:
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3", "政策解读": "1"})

    rollup.roll_up(round_.sheets.values_list("pk", flat=True))
    return round_


FIELDS: tuple[tuple[type[models.Model], str], ...] = (
    *((Entry, name) for name in ("self_score", "reviewed_score", "objection_score", "final_score", "earned")),
    (Entry, "points"),
    (Entry, "maximum"),
    (Indicator, "points"),
    (ScoreSheet, "earned"),
    (ScoreSheet, "total"),
    (NodeScore, "earned"),
)


def test_the_database_itself_refuses_it(who: Office) -> None:
    _scored(who)
    for model, field in FIELDS:
        rows = model._default_manager.filter(**{"earned__gt" if model is Entry else f"{field}__gt": 0})
        before = list(model._default_manager.order_by("pk").values())
        assert rows.exists()
        for value in IMPOSSIBLE:
            with pytest.raises((IntegrityError, DataError, ValidationError, ArithmeticError)), transaction.atomic():
                rows.update(**{field: value})
        assert list(model._default_manager.order_by("pk").values()) == before


@pytest.mark.parametrize("field", ["self_score", "reviewed_score", "objection_score", "final_score", "earned"])
def test_the_database_itself_refuses_a_score_above_its_points(who: Office, field: str) -> None:
    _scored(who)
    scored = Entry.objects.filter(earned__isnull=False)
    for value in (Decimal("4.0001"), Decimal(5), Decimal("99999999.9999")):
        with pytest.raises(IntegrityError), transaction.atomic():
            scored.filter(maximum=4).update(**{field: value})
    with pytest.raises(IntegrityError), transaction.atomic():
        scored.update(state="unscored")
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(earned__isnull=True).update(state="scored")
    with pytest.raises(DatabaseError), transaction.atomic():
        scored.update(maximum=Decimal("0.5"))


def test_a_policy_counts_with_no_number_that_is_none() -> None:
    for value in IMPOSSIBLE[2:5]:
        with pytest.raises((ValueError, ArithmeticError)):
            Policy(ceiling=value)
