"""One total everywhere: on the page, in the file, in the report, in the stored row, and in an independent naive sum."""

import csv
import io
import random
from decimal import Decimal

import pytest

from assessments import rollup
from assessments.models import Entry
from assessments.reports import score_report
from assessments.scoring.policy import Policy
from tests.assessments import office as o
from tests.assessments.visits import text, visit

pytestmark = pytest.mark.django_db

POINTS = ("0.25", "0.5", "1", "2", "4", "7", "10")


@pytest.mark.parametrize("seed", range(6))
def test_page_file_report_and_row_show_one_total_whatever_the_order_of_the_scores(seed: int) -> None:
    luck = random.Random(seed)
    spec = {
        f"一级 {top}": [(f"评估点 {top}-{at}", luck.choice(POINTS)) for at in range(luck.randint(1, 5))]
        for top in range(3)
    }
    way = luck.choice(["drop", "proportional", "equal_share", "full_marks"])
    who = o.office()
    round_ = o.opened(who, spec=spec, policy=Policy(not_applicable=way))  # type: ignore[arg-type]
    entries = list(Entry.objects.filter(sheet__round=round_).select_related("indicator"))
    luck.shuffle(entries)
    naive = Decimal(0)
    for entry in entries[: luck.randint(1, len(entries))]:
        score = entry.maximum * luck.randint(0, 4) / 4
        naive += score
        o.fill(entry, f"{score:f}", who.fillers[0], "材料不全")
    sheet = o.sheet(round_)
    rollup.roll_up([sheet.pk])
    sheet.refresh_from_db()
    assert sheet.total == naive
    told = score_report(round_)["sheets"][0]["total"]
    leader = visit(who.leader)
    assert f'<span class="stat-value">{told}<small>' in text(leader, f"/sheets/{sheet.pk}/")
    rows = csv.reader(io.StringIO(leader.get(f"/sheets/{sheet.pk}/?format=csv").content.decode("utf-8-sig")))
    last = list(rows)[-1]
    assert last[1] == "总分"
    assert Decimal(last[5]) == Decimal(told) == naive
    assert f"总分 <strong>{told}</strong>" in text(leader, f"/sheets/{sheet.pk}/trace/")
