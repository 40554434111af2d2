"""机构改革 and 交接: what an office or a person held is somebody else's in one step, and what is past stays."""

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments import opening, rounds
from assessments.models import Entry, Phase, ScoreSheet, Shape
from indicators import names
from indicators.models import Ledger, Responsibility
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.indicators.conftest import client_of
from units import audit, handover, matching, offices, succession
from units.accounts import AccountRefused
from units.models import Membership, Notice, Role, Succession, Unit, User
from units.offices import Refused

pytestmark = pytest.mark.django_db
SPEC = {"公开": (("主动公开", "10"), ("政策解读", "5"))}


@pytest.fixture
def who() -> Office:
    return o.office("某县", units=["教育局", "民政局", "水利局"])


def ledger(who: Office) -> Ledger:
    return o.ledger(who.organisation, SPEC, who.units[:2])


def test_the_successor_gets_duties_entries_people_aliases_groups_and_units_below(who: Office) -> None:
    education, civil, _ = who.units
    draft = ledger(who)
    offices.add_alias(education, "教体局", by=who.office)
    school = offices.add_unit(who.organisation, "第一中学", parent=education, by=who.office)
    group = offices.add_group(who.organisation, "各局", [education], by=who.office)
    filler = Membership.objects.get(user=who.fillers[0])
    said = succession.merge(education, into=civil, document="县委〔2026〕1号", by=who.office)
    assert any("草稿台账" in line for line in said)
    assert not Responsibility.objects.filter(indicator__ledger=draft, unit=education).exists()
    filler.refresh_from_db()
    school.refresh_from_db()
    assert (filler.unit, school.parent) == (civil, civil)
    assert set(group.members.all()) == {civil}
    found = matching.match(who.organisation, ["教体局", "教育局"])
    assert set(found.values()) == {civil}
    education.refresh_from_db()
    assert education.abolished_at is not None
    assert draft.amendments.filter(new=["民政局"]).exists()
    assert audit.verify(who.organisation) is None


def test_entries_of_an_open_round_go_over_and_those_of_a_published_one_stay(who: Office) -> None:
    education, civil, _ = who.units
    running = o.prepared(who, ledger(who), name="进行中")
    running = rounds.open_round(running, by=who.office)
    before = Entry.objects.get(sheet__round=running, unit=education)
    succession.merge(education, into=civil, by=who.office)
    after = Entry.objects.get(pk=before.pk)
    assert (after.unit, after.version) == (civil, before.version + 1)
    assert running.phase == Phase.SELF_ASSESSMENT


def test_a_round_opened_later_on_the_old_words_gives_the_work_to_the_successor(who: Office) -> None:
    education, civil, water = who.units
    published = ledger(who)
    Ledger.objects.filter(pk=published.pk).update(status="published", published_at="2026-01-01T00:00:00Z")
    succession.merge(education, into=civil, by=who.office)
    succession.merge(civil, into=water, by=who.office)
    assert succession.heirs(who.organisation) == {education.pk: water.pk, civil.pk: water.pk}
    duty = Responsibility.objects.filter(indicator__ledger=published, role="lead").first()
    assert duty is not None
    assert duty.unit in {education, civil}
    round_ = o.prepared(who, published, name="新一轮")
    sheet = ScoreSheet(round=round_, unit=who.organisation.units.get(parent__isnull=True))
    assert {entry.unit_id for entry in opening.entries_for(round_, [sheet])} == {water.pk}
    assert round_.shape == Shape.ALLOCATED


def test_no_office_goes_into_itself_into_one_below_or_twice(who: Office) -> None:
    education, civil, _ = who.units
    below = offices.add_unit(who.organisation, "教研室", parent=education, by=who.office)
    root = who.organisation.units.get(parent__isnull=True)
    for unit, into in ((education, education), (education, below), (root, civil), (civil, root)):
        with pytest.raises(Refused):
            succession.merge(unit, into=into, by=who.office)
    succession.merge(education, into=civil, by=who.office)
    with pytest.raises(Refused, match="已撤销"):
        succession.merge(education, into=civil, by=who.office)
    assert Succession.objects.count() == 1


@pytest.mark.parametrize("stays", [True, False])
def test_an_office_is_split_and_the_first_new_one_carries_on_unless_the_old_one_stays(who: Office, stays: bool) -> None:
    education = who.units[0]
    draft = ledger(who)
    made, said = succession.split(education, ["教育一局", "教育二局"], stays=stays, by=who.office)
    holder = education if stays else made[0]
    assert Responsibility.objects.filter(indicator__ledger=draft, unit=holder).exists()
    education.refresh_from_db()
    assert (education.abolished_at is None) == stays
    assert bool(said) != stays
    assert Succession.objects.filter(old=education).count() == 2


def test_a_leaving_person_hands_over_in_one_step(who: Office) -> None:
    admin = User.objects.create_user("boss")
    Membership.objects.create(user=admin, organisation=who.organisation, role=Role.ADMIN)
    leaving = Membership.objects.get(user=who.fillers[0])
    user, word = handover.hand_over(leaving, username="newcomer", display_name="新人", by=admin)
    taken = Membership.objects.get(user=user)
    assert (taken.role, taken.unit) == (leaving.role, leaving.unit)
    assert user.check_password(word)
    assert user.must_change_password
    old = User.objects.get(pk=leaving.user_id)
    assert not old.is_active
    with pytest.raises(AccountRefused):
        handover.hand_over(leaving, username="another", display_name="", by=admin)
    with pytest.raises(AccountRefused):
        handover.hand_over(taken, username="newcomer", display_name="", by=admin)
    with pytest.raises(AccountRefused):
        handover.hand_over(Membership.objects.get(user=admin), username="x", display_name="", by=admin)


def colleague(who: Office, name: str, role: Role, unit: Unit | None) -> Membership:
    user = User.objects.create_user(name, display_name=name)
    return Membership.objects.create(user=user, organisation=who.organisation, role=role, unit=unit)


def told(person: User, who: Office, unit: Unit, *keys: str) -> None:
    for key in keys:
        Notice.objects.create(
            organisation=who.organisation, unit=unit, person=person, kind="round", subject=key, url="/", key=key,
            at=timezone.now(), mail_after=timezone.now(),
        )  # fmt: skip


def test_a_colleague_of_the_same_unit_and_role_takes_over_without_a_new_account(who: Office) -> None:
    boss = colleague(who, "boss", Role.ADMIN, None).user
    education = who.units[0]
    leaving = Membership.objects.get(user=who.fillers[0])
    stays = colleague(who, "stays", Role.FILLER, education)
    told(leaving.user, who, education, "a", "b")
    told(stays.user, who, education, "b")
    assert handover.held(leaving) == ["未读通知 2 条"]
    taker, word = handover.hand_over(leaving, to=stays, by=boss)
    assert (taker, word) == (stays.user, "")
    assert set(stays.user.notices.values_list("key", flat=True)) == {"a", "b"}
    leaving.user.refresh_from_db()
    assert not leaving.user.is_active
    event = who.organisation.audit_events.filter(action="工作交接").latest("pk")
    assert (event.detail["接手账号"], event.detail["原账号"], event.detail["未读通知"]) == ("原有账号", "停用", 1)
    assert audit.verify(who.organisation) is None


def test_the_old_account_stays_where_it_is_not_ticked(who: Office) -> None:
    boss = colleague(who, "boss", Role.ADMIN, None).user
    leaving = Membership.objects.get(user=who.fillers[0])
    handover.hand_over(leaving, to=colleague(who, "stays", Role.FILLER, who.units[0]), close=False, by=boss)
    leaving.user.refresh_from_db()
    assert leaving.user.is_active


def test_nobody_takes_over_in_another_role_unit_or_organisation_or_once_disabled(who: Office) -> None:
    boss = colleague(who, "boss", Role.ADMIN, None).user
    leaving = Membership.objects.get(user=who.fillers[0])
    ended = colleague(who, "ended", Role.FILLER, who.units[0])
    User.objects.filter(pk=ended.user_id).update(is_active=False)
    for one in (
        colleague(who, "signs", Role.SIGNER, who.units[0]),
        colleague(who, "elsewhere", Role.FILLER, who.units[1]),
        Membership.objects.get(user=o.office("乙县", units=["局"]).fillers[0]),
        ended,
        leaving,
    ):
        with pytest.raises(AccountRefused, match="一个账号只有一个角色"):
            handover.hand_over(leaving, to=one, by=boss)
    assert not list(handover.takers(leaving))


def test_the_page_says_what_goes_over_and_asks_for_one_taker(who: Office) -> None:
    boss = colleague(who, "boss", Role.ADMIN, None).user
    rounds.open_round(o.prepared(who, ledger(who), name="年度考核"), by=who.office)
    leaving = Membership.objects.get(user=who.fillers[0])
    stays = colleague(who, "stays", Role.FILLER, who.units[0])
    colleague(who, "signs", Role.SIGNER, who.units[0])
    client, address = client_of(boss), reverse("account_hand_over", args=[leaving.pk])
    page = client.get(address).content.decode()
    assert "“年度考核”：填报中 1 项" in page
    assert "signs（单位负责人）" in page
    assert f'<option value="{stays.pk}">' in page
    assert client.post(address, {"to": "new", "close": "on"}).status_code == 422
    assert client.post(address, {"to": stays.pk, "username": "new", "close": "on"}).status_code == 422
    answer = client.post(address, {"to": stays.pk, "close": "on"}, follow=True)
    assert "的工作已交给 stays" in answer.content.decode()


def unresolved(who: Office, written: str) -> Responsibility:
    item = ledger(who).indicators.filter(is_item=True)[0]
    return Responsibility.objects.create(indicator=item, written=written, role="support")


def test_unknown_names_wait_with_suggestions_and_are_remembered_once_settled(who: Office) -> None:
    duty = unresolved(who, "县教育局")
    (line,) = names.waiting(who.organisation)
    assert (line.unknown.name, line.unknown.times) == ("县教育局", 1)
    assert any("教育局" in words for _, words in line.unknown.options)
    choice = f"alias:{who.units[0].pk}"
    assert names.settle(who.organisation, "县教育局", choice, by=who.office) == 1
    duty.refresh_from_db()
    assert duty.unit == who.units[0]
    assert matching.match(who.organisation, ["县教育局"])["县教育局"] == who.units[0]
    with pytest.raises(names.NotSettled):
        names.settle(who.organisation, "县教育局", choice, by=who.office)


@pytest.mark.parametrize("choice", ["", "alias:", "alias:999999", "alias:9" + "9" * 40, "none", "unit2"])
def test_an_odd_choice_settles_nothing(who: Office, choice: str) -> None:
    unresolved(who, "某某中心")
    with pytest.raises(names.NotSettled):
        names.settle(who.organisation, "某某中心", choice, by=who.office)
    assert names.count(who.organisation) == 1


def test_a_name_becomes_a_new_unit_or_group(who: Office) -> None:
    unresolved(who, "新设的局")
    unresolved(who, "各园区")
    names.settle(who.organisation, "新设的局", "unit", by=who.office)
    names.settle(who.organisation, "各园区", "group", by=who.office)
    assert Unit.objects.filter(name="新设的局").exists()
    assert Responsibility.objects.filter(group__name="各园区").exists()


def test_the_office_merges_splits_and_matches_on_its_pages(who: Office) -> None:
    client = client_of(who.office)
    education, civil, water = who.units
    assert "承接" in client.get(reverse("unit_merge", args=[education.pk])).content.decode()
    answer = client.post(reverse("unit_merge", args=[education.pk]), {"into": civil.pk, "document": "1号"})
    assert answer["Location"] == reverse("unit", args=[civil.pk])
    assert "并入" in client.get(reverse("unit", args=[civil.pk])).content.decode()
    assert client.post(reverse("unit_merge", args=[civil.pk]), {"into": education.pk}).status_code == 200
    client.post(reverse("unit_split", args=[water.pk]), {"names": "水务局\n\n河湖局", "stays": "on"})
    assert Unit.objects.filter(name__in=["水务局", "河湖局"]).count() == 2
    assert client.post(reverse("unit_split", args=[water.pk]), {"names": "水务局"}).status_code == 200
    unresolved(who, "某中心")
    assert "某中心" in client.get(reverse("names_waiting")).content.decode()
    client.post(reverse("names_waiting"), {"name": "某中心", "becomes": "unit"})
    assert "没有待匹配的名称" in client.get(reverse("names_waiting")).content.decode()
