"""The demo organisation (演示机关): real ledgers, a round in each shape and state, an account for each role."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from assessments import demo_remedies, demo_tracked, entries, rollup, rounds
from assessments.entries import SelfAssessment
from assessments.models import Entry, EntryStage, Phase, Round, Shape
from assessments.scoring.amounts import display_points
from assessments.scoring.policy import Policy
from indicators import importing
from indicators.models import Ledger
from units import offices
from units.accounts import initial_password
from units.models import Membership, Organisation, Role, Unit, User
from units.pinyin import initials

NAME = "政务公开演示机关"
ROUND = "2019年度政务公开考核"
SHANDONG = "shandong-hrss-2019-ledger.xlsx"
WORK_POINTS = "shandong-hrss-2019-work-points.docx"
COUNTY = "county-department-2022-selfcheck.xlsx"
OFFICES = ("办公室", "政策法规处", "监察处", "规财处", "就业失业处", "养老处", "工伤处", "事管处")
ALIASES = {"劳动监察处": "监察处", "执法监察局": "监察局"}
AFFILIATES = ("监察局", "社保中心", "就业人才中心")
# user name, role, and a made-up person
STAFF = (
    ("admin", Role.ADMIN, "张建华"),
    ("office", Role.OFFICE, "李晓明"),
    ("reviewer", Role.REVIEWER, "王慧芳"),
    ("leader", Role.LEADER, "陈立新"),
    ("auditor", Role.AUDITOR, "赵文静"),
)
# why points were lost, as departments write it
REASONS = (
    "栏目已建立，部分内容更新不及时",
    "公开要素不全，缺少起草说明",
    "只公开了上半年数据，下半年正在整理",
    "答复超出规定时限 1 件",
    "解读材料形式单一，未与政策文件互相关联",
)
RETURNS = ("佐证网址打不开，补充可以访问的链接", "扣分原因写得太笼统，说明缺少哪些内容")


@dataclass(frozen=True, slots=True)
class Account:
    """One line of `load_demo --accounts --json`."""

    username: str
    role: str
    unit: str | None


def load(password: str) -> bool:
    """Whether anything was made; all of it or nothing. A second call only lets `password` open the accounts."""
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().filter(name=NAME).first()
        if organisation is None:
            round_ = _make(password)
        else:
            _keep_passwords(organisation, password)
    if organisation is not None:
        return False
    rollup.roll_up(list(round_.sheets.values_list("pk", flat=True)))
    return True


def accounts() -> list[Account]:
    """Every account of the demo organisation; one query."""
    held = Membership.objects.filter(organisation__name=NAME).select_related("user", "unit").order_by("pk")
    return [Account(one.user.username, one.role, one.unit.name if one.unit else None) for one in held]


def password() -> str:
    """DEMO_PASSWORD, else a random one that is made once and kept beside the data, readable to its owner only."""
    if chosen := os.environ.get("DEMO_PASSWORD"):
        return chosen
    path: Path = settings.VAR / "demo-password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(initial_password())
    return path.read_text()


def _make(password: str) -> Round:
    organisation = offices.found(name=NAME)
    units = offices.add_units(organisation, [*OFFICES, *AFFILIATES], by=None)
    for unit in units:
        offices.classify(unit, "直属单位" if unit.name in AFFILIATES else "机关处室", by=None)
    # as the notice calls them
    for alias, name in ALIASES.items():
        offices.add_alias(organisation.units.get(name=name), alias, by=None)
    people = _people(organisation, units, password)
    _published_county_round(organisation, people["office"])
    demo_tracked.make(organisation, _ledger(organisation, WORK_POINTS, people["office"]), people)
    shandong = _ledger(organisation, SHANDONG, people["office"])
    demo_remedies.make(organisation, shandong, people)
    return _open_shandong_round(organisation, shandong, people)


def _people(organisation: Organisation, units: Sequence[Unit], password: str) -> dict[str, User]:
    """Accounts by user name: one per role, and a filler and a signer for each unit."""
    hashed = make_password(password)
    wanted: list[tuple[str, str, Role, Unit | None]] = [(name, person, role, None) for name, role, person in STAFF]
    for unit in units:
        short = initials(unit.name)
        wanted.append((f"{short}-filler", f"{unit.name}填报员", Role.FILLER, unit))
        wanted.append((f"{short}-signer", f"{unit.name}负责人", Role.SIGNER, unit))
    people = {}
    for username, display_name, role, held in wanted:
        user = User.objects.create(
            username=username, display_name=display_name, password=hashed, password_set_at=_good_for_a_year()
        )
        Membership.objects.create(user=user, organisation=organisation, role=role, unit=held)
        people[username] = user
    return people


def _keep_passwords(organisation: Organisation, password: str) -> None:
    """The accounts open with the password that is printed, also when it was set anew."""
    users = User.objects.filter(membership__organisation=organisation)
    first = users.order_by("pk").first()
    if first is not None and (first.password_days_left == 0 or not first.check_password(password)):
        users.update(password=make_password(password), password_set_at=_good_for_a_year(), must_change_password=False)


def _good_for_a_year() -> datetime:
    """Since when the demo's passwords are said to be in use, so that none has to be changed within a year from now."""
    return timezone.now() + timedelta(days=365 - settings.PASSWORD_MAX_DAYS)


def _ledger(organisation: Organisation, file: str, by: User) -> Ledger:
    content = (settings.BASE_DIR / "fixtures" / "ledgers" / file).read_bytes()
    return importing.import_file(file, content, organisation=organisation, by=by)[0]


def _published_county_round(organisation: Organisation, office: User) -> None:
    """The county department's filled sheet, accepted as it stands and published: 63.5 of 100."""
    round_ = rounds.from_scores(_ledger(organisation, COUNTY, office), by=office)
    entries.accept_undisputed(round_, by=office)
    rounds.publish(round_, by=office)


def _open_shandong_round(organisation: Organisation, ledger: Ledger, people: dict[str, User]) -> Round:
    today = timezone.localdate()
    round_ = rounds.prepare(
        ledger,
        name=ROUND,
        shape=Shape.ALLOCATED,
        policy=Policy(),
        self_due=today + timedelta(days=10),
        review_due=today + timedelta(days=25),
        objection_due=today + timedelta(days=35),
        participants=[],
        by=people["office"],
    )
    round_ = rounds.open_round(round_, by=people["office"])
    for place, unit in enumerate(organisation.units.offices()):
        _fill(round_, unit, place, people[f"{initials(unit.name)}-filler"], people["reviewer"])
    return Round.objects.get(pk=round_.pk, phase=Phase.SELF_ASSESSMENT)


def _fill(round_: Round, unit: Unit, place: int, filler: User, reviewer: User) -> None:
    """A little over half of the unit's items; every second unit has handed in, two items came back."""
    mine = list(Entry.objects.filter(sheet__round=round_, unit=unit).in_order())
    for index, entry in enumerate(mine[: (len(mine) * 3 + 4) // 5]):
        values = _self_assessment(entry, index + place)
        entries.save(entry, values, version=entry.version, key=f"demo-{entry.pk}", by=filler)
    if place % 2:
        return
    entries.submit(round_, unit, by=filler, key=f"demo-submit-{unit.pk}")
    handed_in = Entry.objects.filter(sheet__round=round_, unit=unit, stage=EntryStage.SUBMITTED).in_order()
    for words, entry in zip(RETURNS[: 2 if place == 0 else 0], handed_in, strict=False):
        entries.give_back(entry, words, version=entry.version, key=f"demo-return-{entry.pk}", by=reviewer)


def _self_assessment(entry: Entry, turn: int) -> SelfAssessment:
    if turn % 4 != 1:
        return SelfAssessment(display_points(entry.maximum))
    kept = entry.maximum / 2 if turn % 8 == 1 else entry.maximum * 4 / 5
    return SelfAssessment(display_points(kept), REASONS[turn % len(REASONS)])
