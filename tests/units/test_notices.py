"""Notices: told once, to those they are meant for; their e-mails through a real mail server, never twice."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from config import env
from tests.mail_server import MailServer
from tests.units.people import County, county
from units import accounts, mailing, notices
from units.models import Mail, Notice, Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """A mail server, and the product told of it."""
    with MailServer() as made:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", made.port, 3
        settings.DEFAULT_FROM_EMAIL, settings.SITE_ADDRESS = "office@example.gov.cn", "https://kaohe.example.gov.cn"
        yield made


def _tell(
    people: County, role: str = Role.FILLER, key: str = "opened:1", subject: str = "“2026年度考核”已开启"
) -> None:
    notices.notify(people=[people.accounts[role]], kind="轮次开启", subject=subject, url="/worklist/1/", key=key)


def _reachable(people: County, role: str = Role.FILLER) -> User:
    user = people.accounts[role].user
    user.email = f"{role}@example.gov.cn"
    user.save()
    return user


def _move(people: County) -> None:
    admin = people.accounts[Role.ADMIN].user
    accounts.change_role(people.accounts[Role.FILLER], role=Role.FILLER, unit=people.units[1], by=admin)
    people.accounts[Role.FILLER].user.refresh_from_db()


def _words(letter: EmailMessage) -> str:
    return str(letter.get_content())


def test_the_same_event_is_told_once_however_often_it_is_told() -> None:
    people = county()
    for _ in range(3):
        _tell(people)
    assert Notice.objects.count() == 1
    assert notices.unread(people.accounts[Role.FILLER]) == 1


def test_somebody_who_is_disabled_is_told_nothing() -> None:
    people = county()
    User.objects.filter(pk=people.accounts[Role.FILLER].user_id).update(is_active=False)
    people.accounts[Role.FILLER].user.refresh_from_db()
    _tell(people)
    assert not Notice.objects.exists()


def test_a_notice_cannot_lead_to_another_site() -> None:
    people = county()
    with pytest.raises(ValueError, match="a path of this site"):
        notices.notify(
            people=[people.accounts[Role.FILLER]], kind="轮次开启", subject="点击", url="https://evil.example", key="x"
        )


def test_the_bell_counts_what_is_unread_and_opening_leads_to_the_matter() -> None:
    people = county()
    _tell(people)
    _tell(people, key="due:1", subject="“2026年度考核”7 月 30 日截止")
    client = people.client(Role.FILLER)
    page = client.get("/notices/").content.decode()
    assert "2 条未读" in page
    first = Notice.objects.order_by("pk").first()
    assert first is not None
    opened = client.post(f"/notices/{first.pk}/")
    assert (opened.status_code, opened["Location"]) == (302, "/worklist/1/")
    assert "已开启" not in client.get("/notices/?show=unread").content.decode()
    assert client.get(f"/notices/{first.pk}/").status_code == 405
    client.post("/notices/read/")
    assert notices.unread(people.accounts[Role.FILLER]) == 0
    assert "没有未读的通知" in client.get("/notices/?show=unread").content.decode()


def test_a_person_reads_only_their_own_notices_and_after_moving_only_the_new_units() -> None:
    people = county()
    _tell(people)
    mine = Notice.objects.get()
    assert people.client(Role.SIGNER).post(f"/notices/{mine.pk}/").status_code == 404
    _move(people)
    moved = people.client(Role.FILLER)
    assert "还没有通知" in moved.get("/notices/").content.decode()
    assert moved.post(f"/notices/{mine.pk}/").status_code == 404


def test_the_list_has_pages_and_a_page_costs_the_same_for_many_notices(django_assert_max_num_queries: object) -> None:
    people = county()
    for number in range(70):
        _tell(people, key=f"one:{number}", subject=f"第 {number} 件事")
    client = people.client(Role.FILLER)
    client.get("/notices/")
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        page = client.get("/notices/").content.decode()
    assert page.count("第 ") == 30 * 2 + 1  # in words and on the button; and the range of the pages
    assert "共 70 条" in page


def test_an_address_is_ones_own_to_set_and_an_odd_one_is_refused() -> None:
    people = county()
    client = people.client(Role.FILLER)
    assert client.post("/notices/mail/", {"email": "zhang"}).status_code == 422
    assert client.post("/notices/mail/", {"email": "a@b.cn\nBcc: x@y.cn"}).status_code == 422
    client.post("/notices/mail/", {"email": "zhang@example.gov.cn"})
    people.accounts[Role.FILLER].user.refresh_from_db()
    assert people.accounts[Role.FILLER].user.email == "zhang@example.gov.cn"


def test_without_a_mail_server_nothing_waits_to_be_sent(settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    people = county()
    _reachable(people)
    _tell(people)
    assert Notice.objects.get().mail == Mail.NONE
    assert mailing.deliver() == 0


def test_a_mail_server_needs_a_sender() -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_FROM"):
        env.mail_sender("EMAIL_FROM", needed=True)


def test_a_notice_goes_out_once_as_an_e_mail(server: MailServer) -> None:
    people = county()
    _reachable(people)
    _tell(people)
    assert [mailing.deliver(), mailing.deliver()] == [1, 0]
    letter = server.letters[0]
    assert letter["To"] == "filler@example.gov.cn"
    assert str(letter["Subject"]).strip() == "政务公开考核：“2026年度考核”已开启"
    assert "https://kaohe.example.gov.cn/notices/" in _words(letter)
    assert Notice.objects.get().mail == Mail.SENT


def test_what_waits_for_one_person_goes_out_in_one_letter_and_others_get_their_own(server: MailServer) -> None:
    people = county()
    for role in (Role.FILLER, Role.SIGNER):
        _reachable(people, role)
    for number in range(3):
        _tell(people, key=f"returned:{number}", subject=f"“评估点 {number}”被退回")
    _tell(people, Role.SIGNER, key="sign:1", subject="等待签审")
    assert mailing.deliver() == 2
    told = {str(letter["To"]): _words(letter) for letter in server.letters}
    assert all(f"“评估点 {number}”被退回" in told["filler@example.gov.cn"] for number in range(3))
    assert "被退回" not in told["signer@example.gov.cn"]


def test_returned_items_wait_for_one_another(server: MailServer) -> None:
    people = county()
    _reachable(people)
    notices.notify(
        people=[people.accounts[Role.FILLER]],
        kind="退回",
        subject="“主动公开”被退回",
        url="/",
        key="returned:1",
        wait=timedelta(minutes=10),
    )
    assert mailing.deliver() == 0
    Notice.objects.update(mail_after=timezone.now())
    assert mailing.deliver() == 1


def test_an_e_mail_does_not_follow_a_person_to_another_unit(server: MailServer) -> None:
    people = county()
    _reachable(people)
    _tell(people)
    _move(people)
    assert mailing.deliver() == 0
    assert server.letters == []


def test_while_the_mail_server_is_away_everything_waits(server: MailServer, settings: Settings) -> None:
    people = county()
    _reachable(people)
    _tell(people)
    settings.EMAIL_PORT = 1
    assert mailing.deliver() == 0
    assert Notice.objects.get().mail == Mail.WAITING
    settings.EMAIL_PORT = server.port
    Notice.objects.update(mail_after=timezone.now())
    assert mailing.deliver() == 1


@pytest.mark.parametrize(("answer", "state"), [("450 later", Mail.WAITING), ("550 nobody", Mail.FAILED)])
def test_a_refusal_is_tried_again_only_where_the_server_says_so(server: MailServer, answer: str, state: Mail) -> None:
    people = county()
    _reachable(people)
    _tell(people)
    server.refuse = answer
    assert mailing.deliver() == 0
    assert Notice.objects.get().mail == state


def test_after_five_tries_it_ends(server: MailServer) -> None:
    people = county()
    _reachable(people)
    _tell(people)
    server.refuse = "450 later"
    for _ in range(mailing.MOST_ATTEMPTS):
        Notice.objects.update(mail_after=timezone.now())
        mailing.deliver()
    assert Notice.objects.get().mail == Mail.FAILED


def test_a_server_that_takes_a_letter_and_falls_silent_is_not_sent_it_again(server: MailServer) -> None:
    people = county()
    _reachable(people)
    _tell(people)
    server.hold = threading.Event()
    assert mailing.deliver() == 0
    server.hold.set()
    assert Notice.objects.get().mail == Mail.UNSURE
    mailing.deliver()
    assert len(server.letters) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets one person write at a time")
def test_four_workers_at_once_send_each_notice_once(server: MailServer) -> None:
    people = county()
    for number in range(20):
        _reachable(people)
        _tell(people, key=f"one:{number}")
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        mailing.deliver()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(_words(letter).count("已开启") for letter in server.letters) == 20


def test_what_a_dead_worker_held_is_given_up_and_not_sent(server: MailServer) -> None:
    people = county()
    _reachable(people)
    _tell(people)
    Notice.objects.update(mail=Mail.SENDING, mailed_at=timezone.now() - mailing.LAPSE * 2)
    mailing.sweep()
    assert Notice.objects.get().mail == Mail.UNSURE
    assert mailing.deliver() == 0
    assert server.letters == []
