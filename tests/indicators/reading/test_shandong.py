"""Every stated fact of the provincial department's 台账, through the object that import_ledger prints."""

from collections import Counter
from decimal import Decimal

import pytest

from tests.indicators.reading import books
from tests.indicators.reading.books import Json


@pytest.fixture(scope="module")
def ledger() -> Json:
    return books.ledger(books.SHANDONG)


def _named(ledger: Json, name: str) -> Json:
    (found,) = [node for node in ledger["nodes"] if node["name"] == name and not node["is_item"]]
    return dict(found)


def test_the_heading_is_told_apart(ledger: Json) -> None:
    assert ledger["title"] == "2019年政务公开考核任务分工台账"
    assert ledger["issuer"] == "山东省人力资源和社会保障厅"
    assert ledger["year"] == 2019
    assert ledger["sheet"] == "台账"
    assert ledger["header_rows"] == [3]
    assert ledger["columns"] == {
        "一级指标": "level-1",
        "二级指标": "level-2",
        "三级指标": "level-3",
        "四级指标": "level-4",
        "五级指标": "level-5",
        "分值": "points",
        "责任单位": "unit",
        "评估方式": "method",
    }
    assert ledger["depth"] == 5


def test_the_source_is_named_with_its_hash() -> None:
    source = books.report(books.SHANDONG)["source"]
    assert source["file"] == books.SHANDONG
    assert source["format"] == "xlsx"
    assert source["sheets"] == ["台账"]
    assert len(source["sha256"]) == 64


def test_a_hundred_items_hang_under_112_nodes_with_declared_points(ledger: Json) -> None:
    levels = Counter(node["level"] for node in ledger["nodes"] if not node["is_item"])
    assert len(books.items(ledger)) == 100
    assert dict(levels) == {1: 5, 2: 13, 3: 31, 4: 63}
    assert all(node["declared"] is not None for node in ledger["nodes"])


def test_level_one_declares_a_hundred_and_lists_seventy_five_and_a_quarter(ledger: Json) -> None:
    top = [node for node in ledger["nodes"] if node["level"] == 1]
    assert [node["declared"] for node in top] == ["20", "30", "10", "20", "20"]
    assert [node["listed"] for node in top] == ["17.5", "8.75", "10", "20", "19"]
    assert (ledger["declared_total"], ledger["listed_total"]) == ("100", "75.25")
    assert ledger["stated_total"] is None


def test_sixteen_nodes_declare_other_points_than_their_items_have(ledger: Json) -> None:
    differing = [n for n in ledger["nodes"] if not n["is_item"] and n["declared"] != n["listed"]]
    assert len(differing) == 16
    assert len(books.findings(ledger, "points-mismatch")) == 16


def test_eleven_nodes_declare_other_points_than_their_direct_children(ledger: Json) -> None:
    sums: dict[int, Decimal] = {}
    for node in ledger["nodes"]:
        if node["parent"]:
            sums[node["parent"]] = sums.get(node["parent"], Decimal(0)) + Decimal(node["declared"])
    differing = {
        node["name"]: (node["declared"], str(sums[node["id"]].normalize() + 0))
        for node in ledger["nodes"]
        if not node["is_item"] and Decimal(node["declared"]) != sums[node["id"]]
    }
    assert differing == {
        "规范性文件": ("1.5", "1"),
        "管理和服务公开": ("8.5", "7"),
        "优化服务": ("2.5", "2"),
        "重点领域信息公开": ("30", "12"),
        "财政信息": ("4", "2.5"),
        "公共资源配置领域信息": ("3", "2"),
        "交易信息": ("2", "1"),
        "就业和社会保障": ("2", "2.25"),
        "社会保险": ("1.5", "1"),
        "就业创业": ("0.5", "1"),
        "基础建设": ("6", "5"),
    }


def test_a_difference_is_told_in_a_sentence_with_its_place(ledger: Json) -> None:
    (finding,) = [f for f in books.findings(ledger, "points-mismatch") if f["cells"] == "台账!B4"]
    assert finding["message"] == "“决策公开”标注 5.5 分，下级合计 5 分，相差 0.5 分"
    assert finding["data"] == {"declared": "5.5", "listed": "5"}
    assert finding["severity"] == "warning"


def test_two_items_under_audit_have_points_and_no_name(ledger: Json) -> None:
    audit = _named(ledger, "审计信息")
    below = [item for item in books.items(ledger) if item["parent"] == audit["id"]]
    assert [(item["name"], item["declared"]) for item in below] == [
        ("", "0.5"),
        ("", "0.5"),
        ("是否公开督查和审计发现问题及整改落实情况", "0.5"),
    ]
    assert [finding["cells"] for finding in books.findings(ledger, "blank-item")] == ["台账!F27", "台账!F28"]


def test_methods_are_set_apart(ledger: Json) -> None:
    methods = Counter(method for item in books.items(ledger) for method in item["methods"])
    assert dict(methods) == {"网站采集": 88, "模拟暗访": 12, "报送材料": 8}
    assert all("网站采集" in item["methods"] for item in books.items(ledger) if "报送材料" in item["methods"])


def test_every_named_unit_is_known_and_every_item_has_one(ledger: Json) -> None:
    named = {one["name"] for item in books.items(ledger) for one in item["responsibilities"]}
    assert named == {
        *("办公室", "政策法规处", "监察处", "监察局", "规财处", "社保中心"),
        *("就业人才中心", "就业失业处", "养老处", "工伤处", "事管处"),
    }
    assert all(item["responsibilities"] for item in books.items(ledger))


def test_joined_units_follow_the_lead(ledger: Json) -> None:
    roles = {tuple((one["name"], one["role"]) for one in item["responsibilities"]) for item in books.items(ledger)}
    assert (("政策法规处", "lead"), ("监察处", "joint"), ("监察局", "joint")) in roles
    assert (("社保中心", "lead"), ("就业失业处", "joint"), ("养老处", "joint"), ("工伤处", "joint")) in roles
    assert (("就业人才中心", "lead"), ("就业失业处", "joint"), ("事管处", "joint")) in roles
    assert (("办公室", "lead"), ("政策法规处", "lead")) in roles


def test_units_in_merged_cells_are_printed_not_inferred(ledger: Json) -> None:
    assert not [one for item in books.items(ledger) for one in item["responsibilities"] if one["inferred"]]
    assert not books.findings(ledger, "unit-inferred")


def test_the_first_branch_reads_as_it_is_printed(ledger: Json) -> None:
    nodes = ledger["nodes"][:6]
    assert [(n["id"], n["parent"], n["level"], n["name"], n["declared"]) for n in nodes[:5]] == [
        (1, None, 1, "行政权力运行公开", "20"),
        (2, 1, 2, "决策公开", "5.5"),
        (3, 2, 3, "重大决策预公开", "2"),
        (4, 3, 4, "意见征集", "1"),
        (5, 4, 5, "是否建立意见征集、调查征集等预公开专栏", "0.5"),
    ]
    assert nodes[0]["cells"] == "台账!A4:A34"
    assert nodes[4]["cells"] == "台账!A4:H4"
    assert nodes[4]["responsibilities"] == [
        {"name": "办公室", "role": "lead", "kind": "unit", "open_ended": False, "inferred": False}
    ]


def test_a_name_broken_over_lines_is_one_name(ledger: Json) -> None:
    assert _named(ledger, "行政许可、行政处罚信息公示")["declared"] == "0.75"


def test_the_rate_of_a_special_assessment_is_proposed_as_a_rule(ledger: Json) -> None:
    rules = [rule for item in books.items(ledger) for rule in item["rules"] if rule["kind"] == "rate"]
    assert rules == [{"kind": "rate", "source": "将专项评估成绩直接按比例纳入", "deduct": None, "cap": None}] * 3
