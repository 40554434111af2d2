"""How the product is probed: its routes as the resolver knows them, the forms of its pages, all rows as they stand."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse

from assessments.models import (
    Composite,
    Entry,
    Evidence,
    LateException,
    Objection,
    Rectification,
    Round,
    Sample,
    ScoreSheet,
    SecondReview,
)
from indicators.models import Amendment, Indicator, Ledger, RememberedLayout, ScoringRule, Upload
from tests.faults.world import PDF
from units.access import TABLE
from units.models import Job, Membership, Notice, Unit, UnitAlias, UnitGroup, User

OURS = ("units", "indicators", "assessments")
# ids of two organisations and of rows made later, so that a number says whose it is
FIRST, SECOND, LATER = 0, 1_000_000, 2_000_000
NOBODYS = 1_999_999
TOKEN = "t" * 32
FETCH = {"HTTP_ACCEPT": "application/json", "HTTP_HX_REQUEST": "true", "HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}
# what the rows are that a route's number names: by the number's own name, by the route, by how the route's name begins
_NUMBERS: Mapping[str, type[Model]] = {
    "round_pk": Round,
    "ledger_pk": Ledger,
    "upload_pk": Upload,
    "entry_pk": Entry,
    "node_pk": Indicator,
    "amendment_pk": Amendment,
    "unit_pk": Unit,
}
# numbers that name no row: the place of a sheet in its file
_PLACES = {"at"}
_NAMES: Mapping[str, type[Model]] = {
    "indicator_add": Ledger,
    "evidence_add": Entry,
    "alias_add": Unit,
    "objection_file": Entry,
    "amendment_new": Entry,
}
_BEGINNINGS: Mapping[str, type[Model]] = {
    "unit": Unit,
    "alias": UnitAlias,
    "group": UnitGroup,
    "account": Membership,
    "job": Job,
    "ledger": Ledger,
    "grid": Ledger,
    "indicator": Indicator,
    "import": Upload,
    "layout": RememberedLayout,
    "round": Round,
    "sheet": ScoreSheet,
    "entry": Entry,
    "review": Entry,
    "evidence": Evidence,
    "objection": Objection,
    "late": LateException,
    "support": Entry,
    "note": Entry,
    "rule": ScoringRule,
    "composite": Composite,
    "notice": Notice,
    "second": SecondReview,
    "sample": Sample,
    "matter": Entry,
    "rectification": Rectification,
}
# what scripts post, beside what the forms say
SCRIPTED: Mapping[str, dict[str, Any]] = {
    "entry_save": {"score": "1", "reason": "材料不全", "version": "1", "key": "probe"},
    "review_entry": {"action": "adjust", "score": "1", "reason": "核减", "version": "1", "key": "probe"},
    # forms that a page shows only in a state none of the rows is in, or behind a question in its address
    "round_advance": {"to": "review"},
    "round_ledger": {"seen": "x", "change": "x", "reason": "上级调整指标"},
    "amendment_new": {"score": "1", "code": "error", "reason": "误判", "name": "x", "number": "1", "key": "probe"},
    "objection_file": {"reason": "材料已在网站公开", "version": "1", "key": "probe"},
    "objection_answer": {"decision": "upheld", "answer": "核实属实", "score": "9", "version": "1", "key": "probe"},
    **{
        f"rectification_{verb}": {"answer": "已补齐", "remark": "意见", "version": "0", "key": "probe"}
        for verb in ("answer", "close", "reopen")
    },
    "rectification_extend": {"due": "2099-01-01", "reason": "改革", "version": "0", "key": "probe"},
    # what a matter's page offers depends on its state
    **{
        f"matter_{verb}": {"text": "补充数据", "version": "1", "key": "probe"}
        for verb in ("plan", "report", "close", "return")
    },
    "matter_postpone": {"measures_due": "2099-01-01", "reason": "改革", "version": "1", "key": "probe"},
    "indicator_restore": {},
    "account_enable": {},
    "account_unlock": {},
    # only where a second factor is on
    "account_factor_reset": {},
    "second_factor_codes": {"code": "000000"},
    "second_factor_off": {"code": "000000"},
    "login_code": {"code": "000000"},
    "note_add": {"text": "配合说明", "key": "probe"},
    "import_again": {},
    "names_waiting": {"name": "外县局", "becomes": "u1"},
    "round_engine": {"reason": "修正"},
    "worksheet_sign": {"action": "sign", "key": "probe"},
    "round_remind": {"unit": "1"},
    "grid_cells": {"changes": '[[1, "points", "", "1"]]', "version": "1", "frame": ""},
    "grid_act": {"do": "up", "ids": "1", "of": "1", "where": "below", "version": "1", "frame": ""},
    "grid_bulk": {"ids": "1,2", "points": "1", "version": "1", "frame": ""},
    "grid_take_back": {"step": "00000000-0000-4000-8000-000000000000", "version": "1", "frame": ""},
    "indicator_distribute": {},
    "indicator_split": {"pieces": "甲\n乙"},
    "indicator_merge": {"with": "1"},
    "amendment_restore": {"back": "/"},
    "sample_draw": {"percent": "50", "reviewer": "1"},
    "sample_pass_on": {"reviewer": "1"},
    "second_review": {"score": "1", "reason": "核减"},
    "workbook_accept": {"change": "x", "key": "probe"},
}
# a number in the address: rows are narrowed by it, and lists behind numbers are chosen
ASKED = ("unit", "group", "unit_class", "below", "of", "sheet", "node", "indicator", "level", "method", "parent", "pk")


def routes(patterns: Sequence[Any] | None = None) -> Iterator[URLPattern]:
    """Every route of the product."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        else:
            yield pattern


ROUTES = {str(route.name): route for route in routes()}


def numbered(route: URLPattern) -> bool:
    """Whether the route's address names a row."""
    return bool(route.pattern.converters)


def models_of(name: str) -> list[type[Model]]:
    """Of which kinds the rows are that the route's address names, the first one first."""
    found = []
    for number in ROUTES[name].pattern.converters:
        if number in _PLACES:
            continue
        model = _NUMBERS.get(number) or _NAMES.get(name) or _BEGINNINGS.get(name.partition("_")[0])
        assert model, f"the route {name} takes a number: name the model of its rows in probing.py"
        found.append(model)
    return found


def model_of(name: str) -> type[Model]:
    """Of which kind the first row is that the route's address names."""
    return models_of(name)[0]


def address(name: str, *numbers: int) -> str:
    """The route's address with these numbers, the last one for all that follow; without any, nobody's."""
    given = list(numbers or (NOBODYS,))
    values = {}
    for number in ROUTES[name].pattern.converters:
        values[number] = 0 if number in _PLACES else given.pop(0) if len(given) > 1 else given[0]
    return reverse(name, kwargs=values)


def name_of(path: str) -> str:
    """The route an address leads to; empty when to none."""
    try:
        return str(resolve(urlsplit(path).path).url_name)
    except Resolver404:
        return ""


def browser(user: User | None) -> Client:
    """A browser that checks tokens and has a valid one."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False, HTTP_X_CSRFTOKEN=TOKEN)
    client.cookies["csrftoken"] = TOKEN
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def start_ids_at(least: int) -> None:
    """Rows made from now on have ids above `least`, in every table."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table, key = model._meta.db_table, model._meta.pk
            if key is None or key.get_internal_type() not in {"AutoField", "BigAutoField"}:
                continue
            if connection.vendor == "postgresql":
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [f'"{table}"', key.column, least])
            else:
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, least])


def ids(model: type[Model], least: int, most: int, few: int = 3) -> list[int]:
    """Some ids of the model between two bounds, evenly taken from all there are."""
    known = list(model._default_manager.filter(pk__gt=least, pk__lt=most).order_by("pk").values_list("pk", flat=True))
    return known if len(known) <= few else [known[at * (len(known) - 1) // max(1, few - 1)] for at in range(few)]


Rows = dict[str, list[Any]]


def rows(least: int = 0, most: int = 10**9) -> Rows:
    """Every row of every table with its id between the bounds, but sessions and when somebody last signed in."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model is Session or model._meta.app_label in {"contenttypes", "auth", "axes"}:
            continue
        fields = [one.attname for one in model._meta.concrete_fields if one.name != "last_login"]
        chosen = model._default_manager.filter(pk__gt=least, pk__lt=most).order_by("pk")
        found[model._meta.label] = list(chosen.values_list(*fields))
    return found


def strays(least: int, most: int) -> list[str]:
    """Rows outside the bounds that point at a row within."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for one in model._meta.concrete_fields:
            if one.is_relation and one.related_model is not None and model._meta.app_label in OURS:
                inside = {f"{one.attname}__gt": least, f"{one.attname}__lt": most}
                outside = model._default_manager.filter(**inside).exclude(pk__gt=least, pk__lt=most)
                found += [f"{model._meta.label} {row.pk} {one.name}" for row in outside]
    return found


def words(answer: Any) -> str:
    """All an answer tells: its headers and its body."""
    body = b"".join(answer.streaming_content) if getattr(answer, "streaming", False) else answer.content
    return body.decode("utf-8", "replace") + "\n".join(f"{name}: {value}" for name, value in answer.headers.items())


def plain(answer: Any) -> tuple[int, str]:
    """Status and page without what is made anew for each request: the token, and the address that was asked for."""
    text = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"', "", answer.content.decode("utf-8", "replace"))
    return answer.status_code, text.replace(answer.request["PATH_INFO"], "")


@dataclass(slots=True)
class Form:
    """A form of a page. choices: for a select or radio field, every value it offers."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """The posting forms of a page, with what a browser would send."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.path, self.found, self.links = path, [], []  # type: ignore[var-annotated]
        self._form: Form | None = None
        self._select = self._area = ""
        self._asks = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(has.get("action") or has.get("hx-post") or self.path)
            self._asks = has.get("method", "get").lower() == "post" or "hx-post" in has
            if self._asks:
                self.found.append(self._form)
        if tag == "a" and has.get("href", "").startswith(("/", "?")):
            self.links.append(has["href"] if has["href"].startswith("/") else f"{self.path.split('?')[0]}{has['href']}")
        if self._form is not None and has.get("name"):
            self._field(tag, has)
        if tag == "option" and self._select and self._form is not None:
            self._form.choices.setdefault(self._select, []).append(has.get("value", ""))
            if "selected" in has or self._select not in self._form.fields:
                self._form.fields[self._select] = [has.get("value", "")]

    def _field(self, tag: str, has: dict[str, str]) -> None:
        assert self._form is not None
        name, kind = has["name"], has.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self._form.fields.setdefault(name, []).append("")
        elif tag in {"input", "button"}:
            if kind in {"checkbox", "radio"}:
                self._form.choices.setdefault(name, []).append(has.get("value", "on"))
            if kind not in {"checkbox", "radio"} or "checked" in has or name not in self._form.fields:
                self._form.fields.setdefault(name, []).append(has.get("value", "on"))

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.fields[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""


def sent(name: str, form: Form | None) -> dict[str, Any]:
    """What a browser posts to the route: the form as its page shows it, files where files are asked for."""
    data: dict[str, Any] = dict(SCRIPTED.get(name, {}))
    for key, values in (form.fields if form else {}).items():
        if key in {"file", "files"}:
            data[key] = SimpleUploadedFile("材料.pdf", PDF)
        elif key != "csrfmiddlewaretoken":
            data[key] = values
    return data


def may(role: str, name: str) -> bool:
    """Whether the role's people come to the route at all."""
    rule = ROUTES[name].callback.rule  # type: ignore[attr-defined]
    return rule in ("everyone", "signed-in") or bool(TABLE[role] & set(rule))


def own_pages(role: str, few: int = 5) -> Iterator[tuple[str, str]]:
    """Every route the role comes to, with rows of every kind of our organisation: (name, address)."""
    for name in ROUTES:
        if not may(role, name) or name == "readyz":  # which is 503 where the machine is not ready
            continue
        kinds = [ids(model, 0, SECOND, few) for model in models_of(name)]
        for numbers in product(*kinds):
            yield name, address(name, *numbers)


@dataclass(slots=True)
class Walk:
    """What one role found when it looked at everything it may: faults, forms, links with questions, pages."""

    faults: list[str] = field(default_factory=list)
    forms: dict[str, Form] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    pages: dict[str, str] = field(default_factory=dict)


def walk(user: User, role: str, canary: str) -> Walk:
    """Every page of the role, looked at once."""
    client, seen = browser(user), Walk()
    before = rows()
    for name, path in own_pages(role):
        answer = client.get(path)
        seen.faults += leaks(path, answer, canary)
        if answer.status_code != 200 or answer.streaming:
            continue
        seen.pages.setdefault(name, path)
        page = Forms(answer.content.decode("utf-8", "replace"), path)
        seen.links |= {link for link in page.links if "?" in link}
        for form in page.found:
            seen.forms.setdefault(name_of(form.action), form)
    for link in few_of_each(seen.links):
        seen.faults += leaks(link, client.get(link), canary)
    if but_exports(rows()) != but_exports(before):
        seen.faults.append(f"{role}: looking changed something")
    return seen


def leaks(what: str, answer: Any, canary: str) -> list[str]:
    """A fault of ours, or words of others."""
    found = [f"{what}: {answer.status_code}"] if answer.status_code >= 500 else []
    return [*found, f"{what}: tells words of others"] if canary in words(answer) else found


def but_exports(found: Rows) -> Rows:
    """Without the audit, in which every export and download is a line."""
    return {label: rows_ for label, rows_ in found.items() if label != "units.AuditEvent"}


def few_of_each(links: set[str], few: int = 3) -> list[str]:
    """A few links of each route and each set of questions."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for link in sorted(links):
        asked = re.sub(r"=[^&]*", "=", link.partition("?")[2])
        kinds.setdefault((name_of(link), asked), []).append(link)
    return [link for found in kinds.values() for link in found[:few]]
