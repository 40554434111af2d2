"""The commands outside programs rely on."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from assessments import entries, rounds
from assessments.models import Entry, Phase, Round, ScoreEvent, ScoreSheet
from indicators.models import Ledger, Upload
from tests.assessments import office as o
from tests.assessments.test_scored import FILE
from tests.by_hand import by_hand
from units.models import Organisation
from units.offices import found

pytestmark = pytest.mark.django_db

SHANDONG = FILE.parent / "shandong-hrss-2019-ledger.xlsx"


def run(*words: object, **options: Any) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*map(str, words), stdout=out, **options)
    return out.getvalue()


def test_a_file_with_scores_is_stored_with_its_round() -> None:
    told = json.loads(run("import_ledger", FILE, "--json", "--organisation", "某县人民政府"))
    assert [one["title"] for one in told["ledgers"]] == [ledger.title for ledger in Ledger.objects.all()]
    assert told["stored"] == [{"ledger": Ledger.objects.get().pk, "round": Round.objects.get().pk}]
    report = json.loads(run("score_report", Round.objects.get().pk, "--json"))
    assert report["sheets"][0]["total"] == "63.5"
    assert report["sheets"][0]["unit"] == "某县人民政府"


def test_importing_the_same_file_again_changes_nothing() -> None:
    first = json.loads(run("import_ledger", FILE, "--json"))
    again = json.loads(run("import_ledger", FILE, "--json"))
    assert first == again
    assert (Ledger.objects.count(), Round.objects.count(), Upload.objects.count()) == (1, 1, 1)


def test_a_dry_run_stores_nothing_and_tells_the_same() -> None:
    dry = json.loads(run("import_ledger", FILE, "--json", "--dry-run"))
    assert not Ledger.objects.exists()
    assert not Organisation.objects.exists()
    stored = json.loads(run("import_ledger", FILE, "--json"))
    assert (dry["source"], dry["ledgers"]) == (stored["source"], stored["ledgers"])


def test_a_ledger_without_scores_makes_no_round_and_founds_its_issuers_organisation() -> None:
    told = json.loads(run("import_ledger", SHANDONG, "--json"))
    assert told["stored"] == [{"ledger": Ledger.objects.get().pk, "round": None}]
    assert Organisation.objects.get().name == told["ledgers"][0]["issuer"] == "山东省人力资源和社会保障厅"


def test_the_only_organisation_is_taken_and_among_several_one_has_to_be_named() -> None:
    county = found(name="某县人民政府")
    run("import_ledger", FILE)
    assert Ledger.objects.get().organisation == county
    found(name="邻县人民政府")
    with pytest.raises(CommandError, match="--organisation"):
        run("import_ledger", SHANDONG)


def test_a_year_on_the_command_line_stands_in_place_of_the_files() -> None:
    told = json.loads(run("import_ledger", SHANDONG, "--json", "--year", 2031))
    assert (told["ledgers"][0]["year"], Ledger.objects.get().year) == (2031, 2031)


def test_without_json_a_person_can_read_it() -> None:
    told = run("import_ledger", FILE)
    assert "36 个评估点" in told
    assert f"考核轮次 {Round.objects.get().pk}" in told


@pytest.mark.parametrize(
    ("name", "content"), [("空.xlsx", b""), ("坏.xlsx", b"PK\x03\x04 broken"), ("图.xlsx", b"\x89PNG")]
)
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_a_refused_file_stores_nothing(tmp_path: Path, name: str, content: bytes, dry: list[str]) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CommandError, match=f"^{name}：[^\n]+$"):
        run("import_ledger", path, "--organisation", "某县人民政府", *dry)
    assert not Organisation.objects.exists()
    assert not Upload.objects.exists()


def test_a_refused_file_ends_the_process_with_one_line_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "坏.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    manage = Path(__file__).parents[2] / "manage.py"
    done = subprocess.run(
        [sys.executable, str(manage), "import_ledger", str(path), "--dry-run"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="文件打不开"):
        run("import_ledger", tmp_path / "没有.xlsx", "--dry-run")


def test_the_list_of_rounds_and_one_round_are_told() -> None:
    who = o.office()
    round_ = o.opened(who, shape="per-unit")
    assert [one["id"] for one in json.loads(run("score_report", "--json"))] == [round_.pk]
    assert round_.name in run("score_report")
    assert "教育局：总分 0" in run("score_report", round_.pk)


@pytest.mark.parametrize("command", ["score_report", "roll_up", "verify_round"])
def test_a_round_that_does_not_exist_is_said(command: str) -> None:
    with pytest.raises(CommandError, match="没有编号为 99 的考核轮次"):
        run(command, 99)


def test_roll_up_mends_stored_totals() -> None:
    who = o.office()
    round_ = o.opened(who, shape="per-unit")
    o.fill(o.entry(round_, "主动公开", who.units[0]), "4", who.fillers[0])
    run("roll_up", round_.pk)
    ScoreSheet.objects.update(total=1, rank=9)
    run("roll_up", round_.pk)
    assert list(ScoreSheet.objects.order_by("pk").values_list("total", "rank")) == [(4, 1), (0, 2)]


def test_verify_round_ends_with_one_when_something_was_changed() -> None:
    who = o.office(units=["教育局"])
    round_ = o.handed_in(who, o.opened(who, spec={"公开": (("主动公开", "4"),)}), {"主动公开": "3"})
    entries.accept_undisputed(round_, by=who.office)
    with pytest.raises(CommandError, match="1 处不符"):
        run("verify_round", round_.pk)
    rounds.publish(round_, by=who.office)
    assert "与公布时一致" in run("verify_round", round_.pk)
    with by_hand():
        Entry.objects.update(final_score=4)
    with pytest.raises(CommandError, match="1 处不符"):
        run("verify_round", round_.pk)


def test_a_load_is_a_whole_organisation_with_scored_rounds() -> None:
    run("make_load", units=4, indicators=20, rounds=2)
    assert [one.phase for one in Round.objects.order_by("pk")] == [Phase.REVIEW, Phase.SELF_ASSESSMENT]
    assert Entry.objects.count() == 2 * 4 * 20
    assert Entry.objects.filter(sheet__round__phase=Phase.REVIEW, earned__isnull=True).count() == 0
    assert ScoreEvent.objects.count() == Entry.objects.filter(earned__isnull=False).count()
    run("check_trees")
    stored = list(ScoreSheet.objects.order_by("pk").values_list("total", "rank"))
    for round_ in Round.objects.all():
        run("roll_up", round_.pk)
    assert list(ScoreSheet.objects.order_by("pk").values_list("total", "rank")) == stored


def test_the_same_seed_gives_the_same_scores() -> None:
    for _ in range(2):
        run("make_load", units=3, indicators=10, rounds=1, seed=7)
    first, second = Round.objects.order_by("pk")
    totals = [list(one.sheets.order_by("pk").values_list("total", flat=True)) for one in (first, second)]
    assert totals[0] == totals[1]
