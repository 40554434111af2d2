"""The permission table, walked: every route of the product by every role, with ids of nobody and of somebody else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.units.people import PASSWORD, County, county
from units import jobs
from units.access import TABLE, Permission
from units.models import AuditEvent, Notice, Role, User
from units.notices import notify
from units.offices import add_alias, add_group
from units.places import PLACES

pytestmark = pytest.mark.django_db

NOBODYS = 987654


def _routes(patterns: list[Any] | None = None) -> Iterator[URLPattern]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns)
        else:
            yield pattern


def _address(route: URLPattern, number: int = NOBODYS) -> str:
    values = {name: number if "Int" in type(one).__name__ else "x" for name, one in route.pattern.converters.items()}
    return reverse(str(route.name), kwargs=values)


ROUTES = {str(route.name): route for route in _routes()}


def _may(role: str, rule: Any) -> bool:
    return rule in ("everyone", "signed-in") or bool(TABLE[role] & set(rule))


@pytest.fixture
def body() -> County:
    return county()


@pytest.mark.parametrize("role", Role.values)
def test_a_role_reaches_what_the_table_grants_and_nothing_else(body: County, role: str) -> None:
    client = body.client(role)
    wrong = []
    for name, route in ROUTES.items():
        if name in {"logout", "login"}:
            continue
        may = _may(role, route.callback.rule)  # type: ignore[attr-defined]
        said = [getattr(client, method)(_address(route)).status_code for method in ("get", "post")]
        refused = 403 in said and set(said) <= {403, 405}
        if (403 in said) if may else not refused:
            wrong.append(f"{name}: {said}, {'granted' if may else 'refused'} by the table")
        wrong += [f"{name}: {status}" for status in said if status >= 500]
    assert wrong == []


def test_without_an_account_every_page_leads_to_the_login(body: County) -> None:
    client = Client(raise_request_exception=False)
    closed = {name: route for name, route in ROUTES.items() if route.callback.rule != "everyone"}  # type: ignore[attr-defined]
    assert set(ROUTES) - set(closed) == {"login", "login_code", "logout", "text_size", "healthz", "readyz"}
    for name, route in closed.items():
        for method in ("get", "post"):
            answer = getattr(client, method)(_address(route))
            assert (name, answer.status_code) == (name, 302)
            assert answer.headers["Location"].startswith("/login/")


def test_what_belongs_to_nobody_is_missing_for_whoever_may_ask(body: County) -> None:
    for name, route in ROUTES.items():
        rule = route.callback.rule  # type: ignore[attr-defined]
        if not route.pattern.converters or isinstance(rule, str):
            continue
        role = next(role for role in Role.values if _may(role, rule))
        statuses = {getattr(body.client(role), method)(_address(route)).status_code for method in ("get", "post")}
        assert (name, statuses - {405}) == (name, {404})


def _plain(answer: Any) -> str:
    """The page without what is made anew for each request: the token, and the address one came from."""
    text = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"', "", answer.content.decode())
    return text.replace(answer.request["PATH_INFO"], "")


def test_another_organisations_rows_are_missing_word_for_word_as_what_never_was(body: County) -> None:
    other = county("外县人民政府", ("外县民政局",))
    foreign = _ids(other)
    with_ids = {name for name, route in ROUTES.items() if route.pattern.converters and _of_units(route)}
    assert set(foreign) == with_ids
    client = body.client("admin")
    before = _everything()
    for name, pk in foreign.items():
        for method in ("get", "post"):
            theirs = getattr(client, method)(_address(ROUTES[name], pk))
            never = getattr(client, method)(_address(ROUTES[name]))
            assert (name, theirs.status_code) == (name, never.status_code)
            assert theirs.status_code in {404, 405}
            assert _plain(theirs) == _plain(never)
    assert _everything() == before


def test_a_form_cannot_name_another_organisations_unit(body: County) -> None:
    other = county("外县人民政府", ("外县民政局",))
    client, unit = body.client("admin"), body.units[0]
    foreign = other.units[0].pk
    before = _everything()
    client.post(f"/units/{unit.pk}/move/", {"to": foreign})
    client.post("/units/add/", {"name": "新局", "parent": foreign})
    client.post("/groups/add/", {"name": "各局", "members": [foreign]})
    client.post("/accounts/add/", {"username": "new", "role": "filler", "unit": foreign})
    client.post(f"/accounts/{body.accounts['filler'].pk}/role/", {"role": "filler", "unit": foreign})
    assert _everything() == before
    for page in ("/units/", "/groups/", "/accounts/", "/units/add/", "/groups/add/", "/accounts/add/", "/audit/"):
        role = "auditor" if page == "/audit/" else "admin"
        assert "外县" not in body.client(role).get(page).content.decode()


def _ids(office: County) -> dict[str, int]:
    """For every route of units that names a row: one of the organisation's."""
    unit, account = office.units[0].pk, office.accounts["leader"].pk
    job = jobs.create(organisation=office.organisation, task="units.nothing", title="外县", arguments={}, by=None)
    group = add_group(office.organisation, "各镇", by=None).pk
    units = (
        "unit",
        "unit_rename",
        "unit_classify",
        "unit_move",
        "unit_shift",
        "unit_abolish",
        "unit_restore",
        "unit_merge",
        "unit_split",
        "alias_add",
    )
    accounts = ("", "_role", "_disable", "_enable", "_unlock", "_reset", "_hand_over", "_factor_reset")
    return {
        **dict.fromkeys(units, unit),
        **{f"account{verb}": account for verb in accounts},
        "alias_remove": add_alias(office.units[0], "外民政", by=None).pk,
        "group": group,
        "group_remove": group,
        "notice_open": _notice(office).pk,
        "job": job.pk,
    }


def _notice(office: County) -> Notice:
    """What one of the organisation's people was told."""
    notify(people=[office.accounts["leader"]], kind="测试", subject="外县的事", url="/", key="foreign")
    return Notice.objects.get(key="foreign")


def _of_units(route: URLPattern) -> bool:
    return route.callback.__module__.startswith("units.")


def _everything() -> dict[str, list[Any]]:
    """Every row of every app, but the audit, the sessions and when somebody last signed in."""
    rows = {}
    for model in apps.get_models():
        if model in (AuditEvent, Session):
            continue
        fields = [field.attname for field in model._meta.concrete_fields if field.name != "last_login"]
        rows[model._meta.label] = list(model._default_manager.order_by("pk").values_list(*fields))
    return rows


@pytest.mark.parametrize("role", Role.values)
def test_looking_changes_nothing(body: County, role: str) -> None:
    ids = _ids(body)
    client = body.client(role)
    before = _everything()
    for name, route in ROUTES.items():
        if not route.pattern.converters or name in ids:
            client.get(_address(route, ids.get(name, 0)))
    assert _everything() == before


def test_a_form_without_its_token_is_refused(body: County) -> None:
    for role in ("admin", "office", "auditor", "filler"):
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.force_login(body.accounts[role].user, backend="django.contrib.auth.backends.ModelBackend")
        before = _everything()
        for name, route in ROUTES.items():
            assert (name, client.post(_address(route)).status_code) == (name, 403)
        assert _everything() == before
    page = client.post("/logout/")
    assert "页面已过期" in page.content.decode()


def test_nothing_behind_the_login_is_cached_and_every_page_carries_the_content_policy(body: County) -> None:
    for role in Role.values:
        client = body.client(role)
        for name, route in ROUTES.items():
            if route.pattern.converters or name in {"logout", "healthz", "readyz"}:
                continue
            answer = client.get(_address(route))
            assert (name, "no-store" in answer.headers.get("Cache-Control", "")) == (name, True)
            policy = answer.headers["Content-Security-Policy"]
            assert "script-src 'self'" in policy
            assert "style-src 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_page_of_units_carries_a_script_or_a_style_of_its_own(body: County) -> None:
    for role in ("admin", "auditor"):
        for name, route in ROUTES.items():
            if not _of_units(route) or name in {"logout", "audit_export", "healthz", "readyz"}:
                continue
            page = body.client(role).get(_address(route, body.units[0].pk)).content.decode()
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page), name


def test_a_stored_script_is_shown_as_text(body: County) -> None:
    name = "<script>alert(1)</script>"
    client = body.client("admin")
    client.post("/units/add/", {"name": name, "parent": body.units[0].parent_id})
    client.post(f"/units/{body.units[0].pk}/aliases/", {"alias-name": name + "别名"})
    User.objects.filter(pk=body.accounts["filler"].user_id).update(display_name=name)
    unit = body.organisation.units.get(name=name)
    for path in ("/units/", f"/units/{unit.pk}/", f"/units/{unit.pk}/abolish/", "/accounts/", "/groups/add/"):
        page = client.get(path).content.decode()
        assert "&lt;script&gt;" in page, path
        assert name not in page, path
    assert name not in body.client("auditor").get("/audit/").content.decode()


def test_administrators_and_auditors_cannot_write_a_score_and_nobody_holds_two_offices() -> None:
    assert not TABLE[Role.ADMIN] & {Permission.FILL, Permission.REVIEW, Permission.PUBLISH, Permission.EDIT_LEDGERS}
    assert TABLE[Role.AUDITOR] == {Permission.VIEW_AUDIT}
    for role in (Role.FILLER, Role.SIGNER):
        assert TABLE[role] == {Permission.FILL}
    assert set(TABLE) == set(Role.values)


def test_every_place_of_a_role_is_one_it_may_enter(body: County) -> None:
    for role, places in PLACES.items():
        assert 1 <= len(places) <= 6
        for place in places:
            assert (role, place.label, body.client(role).get(reverse(place.url_name)).status_code) == (
                role, place.label, 200,
            )  # fmt: skip


def test_the_table_on_the_page_is_the_table_the_pages_obey(body: County) -> None:
    page = body.client("auditor").get("/permissions/").content.decode()
    granted = sum(len(permissions) for permissions in TABLE.values())
    assert page.count('aria-label="有"') == granted
    assert page.count(">无<") == len(Permission) * len(Role) - granted


def test_a_missing_page_is_missing_for_strangers_too() -> None:
    answer = Client().get("/nowhere/")
    assert answer.status_code == 404
    assert PASSWORD not in answer.content.decode()
