"""What the browser tests find beside the demo data: rounds to fill and to review, drafts to edit, a ledger with very
long words. Runs inside the product of the test's own installation.
"""

from decimal import Decimal
from pathlib import Path

from assessments import demo, entries, rounds
from assessments.entries import SelfAssessment
from assessments.models import Entry, Phase, Round, Shape
from assessments.scoring.policy import Policy
from indicators import importing, versions
from indicators.models import Indicator, Ledger, Responsibility, ResponsibilityRole
from indicators.planting import Seed, plant
from units.models import Organisation, Unit, User

FILLING, REVIEWING, DRAFTS = 24, 3, 5
# 一级 → items with their points
ITEMS = {
    "公开内容": (("主动公开", "4"), ("政策解读", "1"), ("回应关切", "0.5")),
    "公开平台": (("网站建设", "2"), ("政务新媒体", "0.25"), ("查阅场所", "3")),
}
LONG = "对群众普遍关心、涉及切身利益的重大事项，按照“谁起草、谁解读”的要求同步组织、同步审签、同步部署，" * 11
PLAIN = "项及时公开并更新有关信息"
ROWS = 160
# more than come with a page, all under one indicator
CHAPTER = 640


def seed() -> None:
    """All of it, in the demo organisation; 办公室 leads every item."""
    organisation = Organisation.objects.get(name=demo.NAME)
    office = organisation.units.get(name="办公室")
    by = User.objects.get(username="office")
    ledger = _ledger(organisation, "浏览器台账", ITEMS, office)
    for number in range(1, FILLING + 1):
        _opened(ledger, f"填报第 {number} 轮", by)
    for number in range(1, REVIEWING + 1):
        _in_review(_opened(ledger, f"审核第 {number} 轮", by), office)
    for number in range(1, DRAFTS + 1):
        _ledger(organisation, f"草稿台账 {number}", ITEMS, office)
    _ledger(
        organisation, "一章到底", {"公开内容": tuple((f"第 {at} 项", "0.1") for at in range(1, CHAPTER + 1))}, office
    )
    _long(organisation, office, by)
    _real(organisation, by)


def _real(organisation: Organisation, by: User) -> None:
    """Drafts of two real ledgers: Shandong's next version, and Langao's."""
    versions.new_version(Ledger.objects.get(organisation=organisation, title="2019年政务公开考核任务分工台账"), by=by)
    file = Path(__file__).resolve().parents[2] / "fixtures" / "ledgers" / "langao-2023-breakdown.xlsx"
    importing.import_file(file.name, file.read_bytes(), organisation=organisation, by=by)


def _ledger(
    organisation: Organisation, title: str, items: dict[str, tuple[tuple[str, str], ...]], office: Unit, words: str = ""
) -> Ledger:
    ledger = Ledger.objects.create(organisation=organisation, title=title, year=2026)
    seeds: list[Seed] = []
    for top, below in items.items():
        head = Seed(len(seeds) + 1, None, Indicator(name=top))
        seeds.append(head)
        for name, points in below:
            item = Indicator(name=name, points=Decimal(points), is_item=True, criteria=words)
            seeds.append(Seed(len(seeds) + 1, head.key, item))
    plant(ledger, seeds)
    Responsibility.objects.bulk_create(
        Responsibility(indicator=item, unit=office, written=office.name, role=ResponsibilityRole.LEAD)
        for item in ledger.indicators.filter(is_item=True)
    )
    return ledger


def _opened(ledger: Ledger, name: str, by: User) -> Round:
    days = {"self_due": None, "review_due": None, "objection_due": None}
    made = rounds.prepare(ledger, name=name, shape=Shape.ALLOCATED, policy=Policy(), participants=[], by=by, **days)
    return rounds.open_round(made, by=by)


def _in_review(round_: Round, office: Unit) -> None:
    filler = User.objects.get(username="bgs-filler")
    for entry in Entry.objects.filter(sheet__round=round_):
        values = SelfAssessment(str(entry.maximum))
        entries.save(entry, values, version=entry.version, key=f"seed-{entry.pk}", by=filler)
    entries.submit(round_, office, by=filler, key=f"seed-{round_.pk}")
    rounds.advance(round_, Phase.REVIEW, by=User.objects.get(username="office"))


def _long(organisation: Organisation, office: Unit, by: User) -> None:
    """A round of many items whose names and criteria have five hundred characters, the first with such a reason too."""
    name = LONG[:500]
    items = {
        f"第 {top} 类：{LONG[:80]}": tuple((f"第 {top}.{at} {PLAIN}" if at else name, "0.5") for at in range(20))
        for top in range(1, ROWS // 20 + 1)
    }
    round_ = _opened(_ledger(organisation, LONG[:180], items, office, name), "长文字轮次", by)
    filler = User.objects.get(username="bgs-filler")
    for entry in Entry.objects.filter(sheet__round=round_).in_order()[:3]:
        entries.save(entry, SelfAssessment("0.25", name), version=entry.version, key=f"long-{entry.pk}", by=filler)
