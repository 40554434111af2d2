"""Clicks that come twice, and many at once, at a real web server: each thing is done once and everybody is answered."""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.faults.visitors import OFFICE, Visitor, key_on, together
from tests.ledger_files import ledger_file
from tests.site import Site, wait_until

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Web and worker."""
    made = Site(tmp_path_factory.mktemp("site"))
    made.start_web()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def entries(site: Site) -> list[int]:
    """The ids of the round, first, and of its forty entries; all unscored."""
    return [int(number) for number in site.shell(OFFICE).split()]


@pytest.fixture(scope="module")
def office(site: Site, entries: list[int]) -> Visitor:
    return Visitor(site.address).sign_in("office")


@pytest.fixture(scope="module")
def filler(site: Site, entries: list[int]) -> Visitor:
    return Visitor(site.address).sign_in("filler")


def _count(site: Site, table: str, where: str = "1 = 1") -> int:
    return int(site.rows(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])


def test_one_file_sent_by_twenty_at_once_is_one_upload_and_twenty_answers(site: Site, office: Visitor) -> None:
    content = ledger_file(30)
    said = together([lambda: office.post("/imports/receive/", {}, [("file", "台账.xlsx", content)])] * 20)
    assert [answer.status for answer in said] == [200] * 20
    assert len({answer.url for answer in said}) == 1
    assert (_count(site, "indicators_upload"), _count(site, "units_job")) == (1, 1)
    assert len(list((site.var / "media" / "uploads").iterdir())) == 1
    assert _count(site, "units_auditevent", "action = '上传台账文件' AND result = '重复'") == 19


def test_two_hundred_times_the_same_click_by_twenty_at_once_is_one_line_of_history(
    site: Site, entries: list[int], filler: Visitor
) -> None:
    form = {"score": "3", "reason": "材料不全", "version": 0, "key": "one-click"}

    def click() -> set[tuple[int, str, int]]:
        told = set()
        for _ in range(10):
            answer = filler.post(f"/entries/{entries[1]}/save/", form, script=True)
            told.add((answer.status, answer.json()["state"], answer.json()["version"]))
        return told

    assert set().union(*together([click] * 20)) == {(200, "saved", 1)}
    assert _count(site, "assessments_scoreevent", f"entry_id = {entries[1]}") == 1
    other = filler.post(f"/entries/{entries[1]}/save/", form | {"score": "2"}, script=True)
    assert (other.status, "不一致" in other.json()["message"]) == (422, True)
    assert _count(site, "assessments_scoreevent", f"entry_id = {entries[1]}") == 1


def test_confirming_an_import_by_a_double_click_stores_it_once(site: Site, office: Visitor) -> None:
    upload = site.rows("SELECT max(id) FROM indicators_upload")[0][0]
    site.start_worker()
    wait_until(lambda: _count(site, "indicators_upload", "state = 'read'") == 1, what="the reading")
    form = site.shell(_PREVIEW.format(upload=upload))
    data = dict(pair.split("=", 1) for pair in form.split("\x1f"))
    del data["csrfmiddlewaretoken"]
    said = together([lambda: office.post(f"/imports/{upload}/confirm/", data)] * 6)
    assert {answer.status for answer in said} == {200}
    wait_until(lambda: _count(site, "indicators_upload", "state = 'stored'") == 1, what="the ledger")
    assert _count(site, "indicators_ledger", "upload_id IS NOT NULL") == 1
    assert _count(site, "units_job", "task = 'indicators.tasks.store_upload'") == 1


_PREVIEW = """
from django.test import Client
from units.models import User
client = Client(headers={{"host": "127.0.0.1"}})
client.force_login(User.objects.get(username="office"), backend="django.contrib.auth.backends.ModelBackend")
from tests.faults.probing import Forms
page = client.get("/imports/{upload}/").content.decode()
form = next(one for one in Forms(page, "/imports/{upload}/").found if one.action.endswith("/confirm/"))
print("\\x1f".join(f"{{name}}={{value[0]}}" for name, value in form.fields.items()))
"""


OPEN = """
from assessments import tasks
from units.models import Job
tasks.open_round(Job.objects.get(task="assessments.tasks.open_round").pk)
"""


def test_opening_handing_in_and_publishing_by_double_clicks_happen_once(
    site: Site, entries: list[int], office: Visitor, filler: Visitor
) -> None:
    round_ = entries[0]
    ledger = site.rows("SELECT max(id) FROM indicators_ledger WHERE upload_id IS NULL")[0][0]
    form = {"name": "双击轮次", "shape": "allocated", "not_applicable": "drop", "bands": "优 90"}
    said = together([lambda: office.post(f"/rounds/new/{ledger}/", form)] * 4)
    assert {answer.status for answer in said} <= {200, 422}
    assert _count(site, "assessments_round", "name = '双击轮次'") == 1
    new = site.rows("SELECT id FROM assessments_round WHERE name = '双击轮次'")[0][0]
    said = together([lambda: office.post(f"/rounds/{new}/open/", {"name": "双击轮次"})] * 4)
    assert {answer.status for answer in said} == {200}
    assert _count(site, "units_job", "task = 'assessments.tasks.open_round'") == 1
    site.shell(OPEN)
    sheet = site.rows(f"SELECT id FROM assessments_scoresheet WHERE round_id = {new}")[0][0]
    assert _count(site, "assessments_entry", f"sheet_id = {sheet}") == 40
    assert _count(site, "units_auditevent", "action = '开启考核轮次' AND target = '双击轮次'") == 1
    _hand_in(site, round_, filler)
    _publish(site, round_, office)


def _hand_in(site: Site, round_: int, filler: Visitor) -> None:
    key = key_on(filler.get(f"/worklist/{round_}/submit/").text)
    said = together([lambda: filler.post(f"/worklist/{round_}/submit/", {"key": key})] * 4)
    assert {answer.status for answer in said} == {200}
    assert _count(site, "assessments_scoreevent", "action = 'submit'") == 1


def _publish(site: Site, round_: int, office: Visitor) -> None:
    name = site.rows(f"SELECT name FROM assessments_round WHERE id = {round_}")[0][0]
    together([lambda: office.post(f"/rounds/{round_}/advance/", {"to": "review"})] * 4)
    together([lambda: office.post(f"/reviews/{round_}/accept/", {})] * 4)
    assert _count(site, "assessments_scoreevent", "action = 'accept'") == 1
    form = {"name": name, "blank_is_zero": "on"}
    said = together([lambda: office.post(f"/rounds/{round_}/publish/", form)] * 4)
    assert {answer.status for answer in said} == {200}
    assert _count(site, "units_auditevent", f"action = '公布考核结果' AND target = '{name}'") == 1
    assert site.manage("verify_round", str(round_)).returncode == 0


def test_whatever_is_made_by_a_form_is_made_once_by_a_double_click(site: Site, entries: list[int]) -> None:
    """Two at once is what a check before the write does not see."""
    admin, office = Visitor(site.address).sign_in("admin"), Visitor(site.address).sign_in("office")
    unit, root = (site.rows(f"SELECT id FROM units_unit WHERE level = {level}")[0][0] for level in (1, 0))
    ledger = site.rows(f"SELECT ledger_id FROM assessments_round WHERE id = {entries[0]}")[0][0]
    forms = (
        (admin, "/units/add/", {"name": "新局", "parent": root}, "units_unit", "name = '新局'"),
        (admin, f"/units/{unit}/aliases/", {"alias-name": "新名"}, "units_unitalias", "name = '新名'"),
        (admin, f"/units/{unit}/class/", {"unit_class": "乡镇"}, "units_unitclass", "name = '乡镇'"),
        (admin, "/groups/add/", {"name": "各镇"}, "units_unitgroup", "name = '各镇'"),
        (admin, "/accounts/add/", {"username": "xin", "role": "leader"}, "units_user", "username = 'xin'"),
        (office, f"/ledgers/{ledger}/new-version/", {}, "indicators_ledger", f"previous_id = {ledger}"),
    )
    for who, path, data, table, where in forms:
        said = together([partial(who.post, path, data)] * 4)
        assert (path, {answer.status for answer in said} - {200, 422}) == (path, set())
        assert (path, _count(site, table, where)) == (path, 1)
