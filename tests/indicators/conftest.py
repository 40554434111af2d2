"""An organisation with one account a role, small ledgers, and the two real files."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook

from indicators.models import Indicator, Ledger
from indicators.numbering import Stored, faults
from indicators.planting import Seed, plant
from units import offices
from units.models import UNIT_ROLES, Membership, Organisation, Role, User

FILES = Path(__file__).resolve().parents[2] / "fixtures" / "ledgers"
SHANDONG = FILES / "shandong-hrss-2019-ledger.xlsx"
COUNTY = FILES / "county-department-2022-selfcheck.xlsx"

Spec = Sequence[tuple[str, str | None, Any]]


@pytest.fixture
def organisation(db: None) -> Organisation:
    return offices.found(name="某县人民政府")


@pytest.fixture
def office(organisation: Organisation) -> User:
    return account(organisation, Role.OFFICE)


def account(organisation: Organisation, role: str) -> User:
    """A person with one role; a unit's people get a unit."""
    user = User.objects.create_user(f"{role}-{organisation.pk}", display_name=Role(role).label)
    unit = None
    if role in UNIT_ROLES:
        unit = organisation.units.filter(name="某局").first() or offices.add_unit(organisation, "某局", by=None)
    Membership.objects.create(user=user, organisation=organisation, role=role, unit=unit)
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def as_role(organisation: Organisation) -> Callable[[str], Client]:
    return lambda role: client_of(account(organisation, role))


@pytest.fixture
def client(office: User) -> Client:
    """Signed in as the office."""
    return client_of(office)


def make_ledger(organisation: Organisation, spec: Spec, title: str = "测试台账") -> Ledger:
    """A draft. spec: (name, points, children); an empty list makes a node without items, None an item."""
    ledger = Ledger.objects.create(organisation=organisation, title=title, year=2024)
    numbers = count(1)

    def seeds(children: Spec, parent: int | None) -> Iterator[Seed]:
        for name, points, below in children:
            key = next(numbers)
            value = None if points is None else Decimal(points)
            yield Seed(key, parent, Indicator(name=name, points=value, is_item=below is None))
            yield from seeds(below or (), key)

    plant(ledger, list(seeds(spec, None)))
    return ledger


TWO_CHAPTERS: Spec = [
    ("公开", "10", [("决策公开", "6", [("甲", "2", None), ("乙", "3", None)]), ("结果公开", "4", [("丙", "4", None)])]),
    ("解读", "5", [("丁", "5", None)]),
]


@pytest.fixture
def ledger(organisation: Organisation) -> Ledger:
    return make_ledger(organisation, TWO_CHAPTERS)


def named(ledger: Ledger, name: str) -> Indicator:
    return Indicator.objects.get(ledger=ledger, name=name)


def shape(ledger: Ledger) -> list[tuple[int, str]]:
    """Level and name of every living indicator, as printed."""
    return list(Indicator.objects.filter(ledger=ledger).printed().living().values_list("level", "name"))


def tree_faults(ledger: Ledger) -> list[str]:
    rows = Indicator.objects.filter(ledger=ledger).values_list("id", "parent_id", "lft", "rght", "level", "tree_id")
    return [fault.message for fault in faults(Stored(*row) for row in rows)]


def workbook(rows: int, *, title: str = "2024年考核指标台账") -> bytes:
    """A ledger of that many items, five to a chapter, with units and methods."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([title])
    sheet.append(["一级指标", "二级指标", "分值", "责任单位", "评估方式"])
    for row in range(rows):
        unit = ("办公室", "政策法规处会同监察处", "规财处")[row % 3]
        sheet.append([f"第{row // 5 + 1}章", f"评估点{row + 1}", 0.5, unit, "网站采集"])
    file = BytesIO()
    book.save(file)
    return file.getvalue()
