"""Rows that travel as one relation come out as they went in, whatever their words."""

from decimal import Decimal

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from units import offices
from units.models import UnitClass
from units.relations import Row, insert, relation

pytestmark = pytest.mark.django_db

COLUMNS = {"id": "bigint", "points": "numeric", "words": "text"}
PLAIN = ["平常的话", "", "NULL", "null", "100%", "%s", " 前后 "]
WORDS = [*PLAIN, "a,b", "{甲}", '说“"”', "C:\\盘\\", "一行\n两行\t三格", "'; --"]


def read(columns: dict[str, str], rows: list[Row]) -> list[tuple[object, ...]]:
    source = relation(columns, rows)
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM ({source.sql}) AS made ORDER BY id", source.parameters)
        return [tuple(row) for row in cursor.fetchall()]


def test_words_come_out_as_they_went_in() -> None:
    rows: list[Row] = [(at, None, words) for at, words in enumerate(WORDS)]
    assert read(COLUMNS, rows) == [tuple(row) for row in rows]


def test_a_blank_stays_a_blank_and_an_amount_keeps_every_digit() -> None:
    amounts = [Decimal("0.1000"), None, Decimal("123456789.9999"), Decimal("0E-10"), Decimal("81.8181818182")]
    found = read(COLUMNS, [(at, amount, None) for at, amount in enumerate(amounts)])
    assert [None if amount is None else Decimal(str(amount)) for _, amount, _ in found] == amounts
    assert {words for *_, words in found} == {None}


def test_what_the_rows_leave_out_has_the_models_default_and_their_order_stays() -> None:
    organisation = offices.found(name="示范机关")
    names = ["乡镇", "部门", "园区"]
    insert(UnitClass, {"organisation_id": "bigint", "name": "text"}, [(organisation.pk, name) for name in names])
    assert list(UnitClass.objects.order_by("pk").values_list("name", "position")) == [(name, 0) for name in names]


def test_no_rows_are_no_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        insert(UnitClass, {"name": "text"}, [])
