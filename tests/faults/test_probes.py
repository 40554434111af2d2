"""Every route of the resolver, asked by everybody for everything that is not theirs; a forgotten route fails here."""

import inspect
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.faults import probing
from tests.faults.conftest import CANARY, ROLES, Worlds
from tests.faults.probing import ASKED, FETCH, LATER, NOBODYS, OURS, ROUTES, SECOND, Form, Walk, leaks
from units.models import Role, User

pytestmark = pytest.mark.django_db

# texts that are no person's words: sums, paths, states, names the program gives
TECHNICAL = {
    "indicators.Indicator.pinyin",
    "units.Unit.pinyin", "units.User.password", "units.User.first_name", "units.User.last_name", "units.User.email",
    "units.FormerPassword.password", "units.SecondFactor.secret", "units.RecoveryCode.digest",
    "units.AuditEvent.action", "units.AuditEvent.result", "units.AuditEvent.digest", "units.Job.task",
    "units.WorkerPulse.name", "units.Notice.kind", "units.Notice.url", "units.Notice.key", "units.Notice.mail_claim",
    "indicators.Upload.sha256", "indicators.Upload.content",
    "assessments.EngineChange.engine", "assessments.EngineChange.sealed_engine", "assessments.EngineChange.code",
    "assessments.Round.engine", "assessments.Round.seal", "assessments.ScoreEvent.action",
    "assessments.ScoreEvent.digest", "assessments.ScoreSheet.chain",
    "assessments.Sample.seed", "assessments.SignOff.digest", "assessments.SignOff.key",
    "assessments.ScoreEvent.source", "assessments.ScoreEvent.key", "assessments.ScoreEvent.content",
    "assessments.Evidence.content", "assessments.Evidence.sha256", "assessments.Rectification.url",
    "indicators.Amendment.field",
}  # fmt: skip
# tables that belong to the installation, not to an organisation
SHARED = {"units.WorkerPulse"}


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def none(wrong: list[str]) -> None:
    """Fails with the first of them, all in words."""
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(dict.fromkeys(wrong[:40]))


@pytest.fixture(scope="module")
def walks(worlds: Worlds, django_db_blocker: Any) -> Mapping[str, Walk]:
    """What each role of ours saw when it looked at all its pages."""
    with django_db_blocker.unblock():
        return {role: probing.walk(worlds.ours.users[role], role, CANARY) for role in ROLES}


@pytest.fixture(scope="module")
def forms(walks: Mapping[str, Walk]) -> dict[str, Form]:
    """For every route that a page of ours posts to, one form as a browser would send it."""
    return {name: form for walk in walks.values() for name, form in walk.forms.items()}


# ---- the probes themselves ---------------------------------------------------------------------------


def test_every_table_and_every_text_of_the_other_organisation_holds_words_to_look_for(worlds: Worlds) -> None:
    lacking = []
    for model in apps.get_models():
        label = model._meta.label
        if model._meta.app_label not in OURS or label in SHARED:
            continue
        theirs = model._default_manager.filter(pk__gt=SECOND, pk__lt=LATER)
        lacking += [] if theirs.exists() else [f"world.py makes no {label}"]
        for one in model._meta.concrete_fields:
            texts = isinstance(one, models.CharField | models.TextField | models.FileField) and not one.choices
            if texts and f"{label}.{one.name}" not in TECHNICAL:
                found = theirs.filter(**{f"{one.name}__contains": CANARY}).exists()
                lacking += [] if found else [f"world.py puts no words into {label}.{one.name}"]
    none(lacking)


def test_a_page_or_a_script_posts_to_every_route_that_takes_posts(forms: dict[str, Form]) -> None:
    for name, route in ROUTES.items():
        view = inspect.unwrap(route.callback)
        takes = re.search(r"request\.POST|require_POST|ASK_AND_DO", inspect.getsource(view))
        known = name in forms or name in probing.SCRIPTED or not takes
        assert known, f"no page posts to {name}: say in probing.SCRIPTED what a script sends"


def test_each_numbered_route_is_probed_with_rows_that_its_own_people_reach(worlds: Worlds) -> None:
    people = [*worlds.theirs.users.items(), ("filler", worlds.theirs.who.fillers[1])]
    clients = [(role, probing.browser(user)) for role, user in people]
    for name in filter(lambda one: probing.numbered(ROUTES[one]), ROUTES):
        kinds = [probing.ids(model, SECOND, LATER, 6) for model in probing.models_of(name)]
        paths = [probing.address(name, *numbers) for numbers in product(*kinds)]
        mine = [client for role, client in clients if probing.may(role, name)]
        with undone():
            tried = (getattr(one, verb)(path) for one in mine for path in paths for verb in ("get", "post"))
            reached = any(answer.status_code in {200, 302, 422} for answer in tried)
        assert reached, f"nobody of the organisation reaches {name} with the rows it is probed with"


# ---- another organisation ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_another_organisations_rows_are_missing_word_for_word_like_what_never_was(
    worlds: Worlds, forms: dict[str, Form], role: str
) -> None:
    client = probing.browser(worlds.ours.users[role])
    before, wrong = probing.rows(), []
    for name in filter(lambda one: probing.numbered(ROUTES[one]), ROUTES):
        may = probing.may(role, name)
        pks = probing.ids(probing.model_of(name), SECOND, LATER, 2 if may else 1)
        wrong += differences(client, name, pks, forms.get(name), WAYS if may else WAYS[:2])
    none(wrong)
    assert probing.rows() == before


WAYS: tuple[tuple[str, dict[str, str]], ...] = (("get", {}), ("post", {}), ("get", FETCH), ("post", FETCH))


def differences(
    client: Client, name: str, pks: list[int], form: Form | None, ways: tuple[tuple[str, dict[str, str]], ...] = WAYS
) -> Iterator[str]:
    """What tells rows of others from one that never was: status, words, or a fault."""
    for verb, headers in ways:
        ask = getattr(client, verb)
        never = probing.plain(ask(probing.address(name), _data(verb, name, form), **headers))
        for pk in pks:
            theirs = ask(probing.address(name, pk), _data(verb, name, form), **headers)
            if theirs.status_code not in {403, 404, 405}:
                yield f"{verb} {name} {pk}: {theirs.status_code}"
            if probing.plain(theirs) != never:
                yield f"{verb} {name} {pk}: told from what never was"
            yield from leaks(f"{verb} {name} {pk}", theirs, CANARY)


def test_a_row_of_theirs_beside_one_of_ours_is_missing_like_what_never_was(worlds: Worlds) -> None:
    wrong, before = [], probing.rows()
    for name in filter(lambda one: probing.numbered(ROUTES[one]) and len(probing.models_of(one)) > 1, ROUTES):
        first, second = (probing.ids(model, 0, SECOND, 6) for model in probing.models_of(name))
        others = [probing.ids(model, SECOND, LATER, 1)[0] for model in probing.models_of(name)]
        role = next(role for role in ROLES if probing.may(role, name))
        client = probing.browser(worlds.ours.users[role])
        pairs = [((one, others[1]), (one, NOBODYS)) for one in first]
        pairs += [((others[0], one), (NOBODYS, one)) for one in second]
        for (theirs, never), verb in product(pairs, ("get", "post")):
            said = [getattr(client, verb)(probing.address(name, *numbers)) for numbers in (theirs, never)]
            # 405 where a page is only read: it is said before any row is looked for
            wrong += [] if said[0].status_code in {404, 405} else [f"{verb} {name} {theirs}: {said[0].status_code}"]
            wrong += [] if probing.plain(said[0]) == probing.plain(said[1]) else [f"{verb} {name} {theirs} is told"]
    none(wrong)
    assert probing.rows() == before


def _data(verb: str, name: str, form: Form | None) -> dict[str, Any]:
    return probing.sent(name, form) if verb == "post" else {}


# the first rows of every table of theirs have these numbers, so one number names rows of every kind
NUMBERS = (SECOND + 1, SECOND + 2, SECOND + 3)


@pytest.mark.parametrize("role", ROLES)
def test_an_address_that_asks_for_others_numbers_and_words_shows_none_of_theirs(
    worlds: Worlds, walks: Mapping[str, Walk], role: str
) -> None:
    client, wrong = probing.browser(worlds.ours.users[role]), []
    before = probing.rows()
    values = [*map(str, NUMBERS), f"u{NUMBERS[1]}", f"g{NUMBERS[0]}"]
    for name, path in walks[role].pages.items():
        for value in values:
            answer = client.get(path, dict.fromkeys(ASKED, value) | {"where": "below"})
            wrong += leaks(f"{name} ?…={value}", answer, CANARY)
        for file in ("csv", "xlsx"):
            wrong += leaks(f"{name} as {file}", client.get(path, {"format": file}), CANARY)
        text = probing.words(client.get(path, {"q": CANARY, "action": CANARY}))
        wrong += [f"{name} finds {found}" for found in re.findall(f'{CANARY}[^\\s<"&”]+', text)]
    none(wrong)
    assert probing.but_exports(probing.rows()) == probing.but_exports(before)


@pytest.mark.parametrize("role", ROLES)
def test_a_form_of_ours_that_names_rows_of_others_changes_and_shows_nothing_of_theirs(
    worlds: Worlds, forms: dict[str, Form], role: str
) -> None:
    client = probing.browser(worlds.ours.users[role])
    before, wrong = probing.rows(SECOND, LATER), []
    for name, path in probing.own_pages(role, 2):
        for number in NUMBERS[:2] if name in forms or name in probing.SCRIPTED else ():
            with undone(), CaptureQueriesContext(connection) as asked:
                answer = client.post(path, _renumbered(probing.sent(name, forms.get(name)), number))
                wrong += leaks(f"post {path}", answer, CANARY)
                if not any(_writes(query["sql"]) for query in asked.captured_queries):
                    continue
                wrong += [f"post {path}: {stray}" for stray in probing.strays(SECOND, LATER)]
                wrong += [f"post {path} changes others"] if probing.rows(SECOND, LATER) != before else []
    none(wrong)


def _writes(sql: str) -> bool:
    return sql.startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in sql


def _renumbered(data: dict[str, Any], number: int) -> dict[str, Any]:
    """The form with each field that can name a row made to name one of the others."""
    changed: dict[str, Any] = {}
    for key, value in data.items():
        values = value if isinstance(value, list) else [value]
        names = all(re.fullmatch(r"(u|g|alias:)?\d+|\d+:\d+:\w+|", str(one)) for one in values)
        if names and key not in {"version", "key", "edits", "score", "year"}:
            changed[key] = [re.sub(r"\d+", str(number), str(one), count=1) or f"u{number}" for one in values]
    return {"members": number, "unit": number, "parent": number, "to": number} | data | changed


# ---- nobody ------------------------------------------------------------------------------------------


def test_without_an_account_every_route_leads_to_the_login_whatever_row_it_names(worlds: Worlds) -> None:
    client, before, wrong = probing.browser(None), probing.rows(), []
    for name, route in ROUTES.items():
        if route.callback.rule == "everyone":  # type: ignore[attr-defined]
            continue
        for number in probing.ids(probing.model_of(name), 0, LATER, 3) if probing.numbered(route) else [0]:
            for verb in ("get", "post", "put", "delete", "patch"):
                answer = getattr(client, verb)(probing.address(name, number))
                led = answer.status_code == 302 and answer.headers["Location"].startswith("/login/")
                wrong += [] if led else [f"{verb} {name}: {answer.status_code}"]
                wrong += leaks(f"{verb} {name}", answer, CANARY)
    none(wrong)
    assert probing.rows() == before


# ---- looking -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_looking_at_everything_changes_nothing_and_breaks_nothing(walks: Mapping[str, Walk], role: str) -> None:
    none(walks[role].faults)
    assert len(walks[role].pages) >= 3


@pytest.mark.parametrize("role", ["office", "filler"])
def test_ways_of_asking_that_no_page_uses_do_nothing(worlds: Worlds, role: str) -> None:
    client, before, wrong = probing.browser(worlds.ours.users[role]), probing.rows(), []
    for name, path in probing.own_pages(role, 2):
        for verb in ("head", "options", "put", "patch", "delete"):
            wrong += leaks(f"{verb} {name}", getattr(client, verb)(path), CANARY)
    none(wrong)
    assert probing.but_exports(probing.rows()) == probing.but_exports(before)


ODD = ("0", "2147483648", "9223372036854775808", "9" * 40)
ODDER = ("9" * 40, "-1", "a\0", "²", "u" + "9" * 3000)


@pytest.mark.parametrize("role", ["office", "admin", "filler", "auditor"])
def test_odd_numbers_and_odd_words_in_an_address_break_nothing(
    worlds: Worlds, walks: Mapping[str, Walk], role: str
) -> None:
    client, wrong = probing.browser(worlds.ours.users[role]), []
    for name in filter(lambda one: probing.numbered(ROUTES[one]) and probing.may(role, one), ROUTES):
        for number, verb in ((number, verb) for number in ODD for verb in ("get", "post")):
            status = getattr(client, verb)(probing.address(name, int(number))).status_code
            wrong += [] if status in {404, 405} else [f"{verb} {name} {number}: {status}"]
    asked = (*ASKED, "q", "page", "show", "year", "since", "until", "action", "severity", "order", "to")
    for name, path in walks[role].pages.items():
        for odd in ODDER:
            status = client.get(path, dict.fromkeys(asked, odd)).status_code
            wrong += [f"{name} {odd[:20]!r}: {status}"] if status >= 500 else []
    none(wrong)


def test_nobody_gives_themselves_a_role_or_a_mark_of_django(worlds: Worlds) -> None:
    forged = {"is_superuser": "1", "is_staff": "1", "role": "admin", "organisation": worlds.theirs.who.organisation.pk}
    for role in ROLES:
        user = worlds.ours.users[role]
        for path in ("/text-size/", "/password/", f"/accounts/{user.membership.pk}/role/"):
            probing.browser(user).post(path, forged)
        now = User.objects.get(pk=user.pk)
        assert (now.is_superuser, now.is_staff, now.membership.role) == (False, False, Role(role))
