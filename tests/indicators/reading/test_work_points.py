"""Every stated fact of the notice in prose: chapters, tasks, who answers for them and by when."""

from collections import Counter

import pytest

from indicators.reading import Refused, read
from tests.indicators.reading import books
from tests.indicators.reading.books import Json


@pytest.fixture(scope="module")
def ledger() -> Json:
    return books.ledger(books.WORK_POINTS)


def test_the_heading_is_told_apart_from_the_letter_before_it(ledger: Json) -> None:
    assert ledger["title"] == "贯彻落实2019年山东省政务公开工作要点任务分工"
    assert (ledger["issuer"], ledger["year"]) == ("山东省人力资源和社会保障厅", 2019)


def test_five_chapters_hold_nineteen_tasks(ledger: Json) -> None:
    chapters = [node for node in ledger["nodes"] if node["level"] == 1]
    assert [node["name"] for node in chapters] == [
        "一、加强政策落实扩大公开",
        "2、加强解读回应深化公开",
        "三、加强政民互动拓展公开",
        "四、加强平台建设优化公开",
        "五、加强组织保障强化公开",
    ]
    tasks = Counter(node["parent"] for node in ledger["nodes"] if node["level"] == 2)
    assert [tasks[chapter["id"]] for chapter in chapters] == [9, 3, 2, 2, 3]


def test_twenty_three_statements_are_twenty_three_items(ledger: Json) -> None:
    items = books.items(ledger)
    assert len(items) == 23
    assert all(item["responsibilities"] for item in items)
    parted = Counter(item["parent"] for item in items if item["level"] == 3)
    assert sorted(parted.values()) == [2, 2, 2, 2]


def test_roles_follow_the_words(ledger: Json) -> None:
    def of(name: str) -> list[tuple[str, str, str]]:
        (item,) = [item for item in books.items(ledger) if item["name"].startswith(name)]
        return [(one["name"], one["role"], one["kind"]) for one in item["responsibilities"]]

    assert of("（三）全面推进“双随机") == [("劳动监察处", "lead", "unit"), ("执法监察局", "joint", "unit")]
    assert of("（八）推进社会保险") == [
        ("社保中心", "lead", "unit"),
        ("就业失业处", "support", "unit"),
        ("养老处", "support", "unit"),
        ("工伤处", "support", "unit"),
    ]
    assert of("（六）推进人大") == [("办公室", "lead", "unit")]
    assert of("（一）深入解读") == [("政策文件起草处室、单位", "lead", "group"), ("政策法规处", "support", "unit")]
    assert of("（二）加强权责") == [("政策法规处", "lead", "unit"), ("有关处室、单位", "support", "group")]
    assert of("完善政府网站搜索") == [("社保中心", "lead", "unit")]


def test_unnamed_units_leave_a_list_open(ledger: Json) -> None:
    (item,) = [item for item in books.items(ledger) if item["name"].startswith("（五）加强督查")]
    assert [(one["name"], one["role"], one["open_ended"]) for one in item["responsibilities"]] == [
        ("办公室", "lead", False),
        ("规财处", "support", True),
    ]


def test_both_dates_of_the_last_paragraph_hold_for_every_task(ledger: Json) -> None:
    wanted = ["7月30日前提出贯彻落实的具体措施报办公室", "12月20日前将贯彻落实情况报办公室"]
    assert all(item["deadlines"] == wanted for item in books.items(ledger))
    assert any(wanted[0] in note and wanted[1] in note for note in ledger["notes"])


def test_no_points_are_missed_where_none_are_given(ledger: Json) -> None:
    assert (ledger["declared_total"], ledger["listed_total"]) == (None, None)
    assert ledger["findings"] == []


def _read(*lines: str) -> Json:
    from indicators.reading.report import as_json

    (ledger,) = as_json(read("通知.docx", books.document(*lines)))["ledgers"]
    return dict(ledger)


def test_units_on_a_line_of_their_own_belong_to_the_task_above() -> None:
    ledger = _read(
        "2024年政务公开工作要点",
        "一、主动公开",
        "1.公开规划。及时公开规划文本。",
        "牵头单位：县发改局",
        "配合单位：各镇",
        "2.公开预算。公开部门预算，3月底前完成。（县财政局牵头，县直各部门配合）",
        "二、解读回应",
        "3.开展解读。（责任单位：县政府办；完成时限：11月底前）",
        "4.回应关切。主动回应。",
    )
    items = books.items(ledger)
    assert [item["name"] for item in items] == ["1.公开规划", "2.公开预算", "3.开展解读", "4.回应关切"]
    assert [[(one["name"], one["role"]) for one in item["responsibilities"]] for item in items] == [
        [("县发改局", "lead"), ("各镇", "support")],
        [("县财政局", "lead"), ("县直各部门", "support")],
        [("县政府办", "lead")],
        [],
    ]
    assert [item["deadlines"] for item in items] == [[], ["3月底前完成"], ["11月底前"], []]
    (missing,) = books.findings(ledger, "unit-missing")
    assert missing["cells"] == "正文!A9"


def test_headings_with_points_are_a_ledger_without_units() -> None:
    ledger = _read(
        "2024年政务公开考核细则",
        "一、主动公开（60分）",
        "（一）公开规划（20分）。未公开的不得分。",
        "（二）公开预算（40分）。每少一项扣2分。",
        "二、解读回应（40分）",
    )
    assert [(n["level"], n["name"], n["declared"]) for n in ledger["nodes"]] == [
        (1, "一、主动公开", "60"),
        (2, "（一）公开规划", "20"),
        (2, "（二）公开预算", "40"),
        (1, "二、解读回应", "40"),
    ]
    assert (ledger["declared_total"], ledger["listed_total"]) == ("100", "100")


def test_a_letter_without_tasks_is_no_ledger() -> None:
    with pytest.raises(Refused) as refused:
        read("通知.docx", books.document("关于召开会议的通知", "各单位：", "一、时间", "明天。", "二、地点", "三楼。"))
    assert refused.value.code == "no-ledger"
