"""What a column is for where its cells say more than its heading, and where they do not."""

from tests.indicators.reading import books

ASKED = ["领导重视", "专人负责", "制度健全"]


def _roles(rows: list[list[object]], merges: list[str]) -> list[str]:
    return list(books.sheet(rows, merges).columns.values())


def test_numbers_under_half_of_a_merged_heading_name_nothing() -> None:
    rows = [["工作任务", "具体要求", "", "责任科室"]]
    rows += [["强化公开" if number == 1 else "", number, text, "办公室"] for number, text in enumerate(ASKED, 1)]
    ledger = books.sheet(rows, ["B1:C1", "A2:A4"])
    assert list(ledger.columns.values()) == ["level-1", "number", "criteria", "unit"]
    assert [(node.level, node.name, node.number) for node in ledger.nodes if node.is_item] == [
        (2, text, str(number)) for number, text in enumerate(ASKED, 1)
    ]


def test_names_over_rows_under_half_of_a_merged_heading_are_a_level() -> None:
    rows: list[list[object]] = [
        ["类别", "考核内容", "", "分值"],
        ["组织", "有专人负责", "", 2],
        ["公开", "载体", "门户网站及时更新", 3],
        ["", "", "公开栏及时更新", 5],
    ]
    ledger = books.sheet(rows, ["B1:C1", "B2:C2", "A3:A4", "B3:B4"])
    assert [(node.level, node.name) for node in ledger.nodes] == [
        (1, "组织"),
        (2, "有专人负责"),
        (1, "公开"),
        (2, "载体"),
        (3, "门户网站及时更新"),
        (3, "公开栏及时更新"),
    ]


def test_two_halves_of_a_merged_heading_without_names_over_rows_stay_content() -> None:
    rows: list[list[object]] = [["类别", "考核内容", "", "分值"], ["组织", "有专人", "有制度", 2]]
    assert _roles(rows, ["B1:C1"])[1:3] == ["content", "content"]


def test_a_subtotal_beside_the_points_is_what_its_rows_are_worth_together() -> None:
    rows: list[list[object]] = [["类别", "考核内容", "分值", "小计"]]
    rows += [["组织" if at == 0 else "", text, 2, 6 if at == 0 else ""] for at, text in enumerate(ASKED)]
    ledger = books.sheet(rows, ["A2:A4", "D2:D4"])
    assert [str(node.declared) for node in ledger.nodes] == ["6", "2", "2", "2"]


def test_a_subtotal_beside_the_scores_is_none_of_the_points() -> None:
    rows: list[list[object]] = [["类别", "考核内容", "分值", "得分", "小计"]]
    rows += [["组织" if at == 0 else "", text, 2, 1, 3 if at == 0 else ""] for at, text in enumerate(ASKED)]
    ledger = books.sheet(rows, ["A2:A4", "E2:E4"])
    assert ledger.columns["小计"] == "extra"
    assert [node.declared for node in ledger.nodes if not node.is_item] == [None]


def test_a_basis_that_names_ways_to_look_is_the_method() -> None:
    header: list[object] = ["类别", "分值", "考核标准", "考核依据"]
    ways = [
        *([text, 2, "未落实不得分", way] for text, way in zip(ASKED, ("网上抽查", "台账", "现场查看"), strict=True))
    ]
    assert _roles([header, *ways], [])[3] == "method"
    rules = [[text, 2, "未落实不得分", "《政府信息公开条例》第二十条第一款"] for text in ASKED]
    assert _roles([header, *rules], [])[3] == "criteria"


def test_what_a_heading_asks_of_the_time_is_no_rule_of_scoring() -> None:
    rows: list[list[object]] = [["工作任务", "具体要求", "时限要求"], *([text, "及时公开", "年底前"] for text in ASKED)]
    assert _roles(rows, []) == ["level-1", "criteria", "deadline"]


def test_numbered_columns_of_a_site_are_levels() -> None:
    rows: list[list[object]] = [
        ["一级栏目", "二级栏目", "三级栏目", "公开内容", "责任单位"],
        ["政策", "文件", "县政府文件", "规范性文件", "县政府办公室"],
        ["政策", "文件", "部门文件", "规范性文件", "县直各部门"],
    ]
    assert _roles(rows, [])[:3] == ["level-1", "level-2", "level-3"]


def test_contents_beside_several_names_are_the_level_above_them() -> None:
    rows: list[list[object]] = [
        ["考评内容", "考评指标", "分值", "数据来源部门"],
        ["组织领导20分", "成立机构", 10, "县政府办"],
        ["", "专人负责", 10, "县政府办"],
        ["在线办理30分", "信箱办理", 30, "县信访局"],
    ]
    ledger = books.sheet(rows, ["A2:A3"])
    assert list(ledger.columns.values()) == ["level-1", "level-2", "points", "assessor"]
    assert [(node.level, node.name, str(node.declared)) for node in ledger.nodes] == [
        (1, "组织领导", "20"),
        (2, "成立机构", "10"),
        (2, "专人负责", "10"),
        (1, "在线办理", "30"),
        (2, "信箱办理", "30"),
    ]


def test_points_alone_below_a_name_are_that_names() -> None:
    rows: list[list[object]] = [
        ["指标", "内容", "分值"],
        ["主动公开（85分）", "及时公开", 85],
        ["组织保障", "听取汇报", 5],
        ["（15分）", "开展培训", 10],
    ]
    tops = [(node.name, str(node.declared)) for node in books.sheet(rows).nodes if node.parent is None]
    assert tops == [("主动公开", "85"), ("组织保障", "15")]


def test_a_name_and_its_points_under_one_heading_are_told_apart_without_merged_cells() -> None:
    rows: list[list[object]] = [
        ["一级指标", "", "二级指标", "", "评分标准"],
        ["名称", "分值", "名称", "分值", ""],
        ["主动公开", 50, "公开目录", 20, "未编制不得分"],
        ["", "", "重点领域", 30, "缺1项扣1分"],
    ]
    ledger = books.sheet(rows, ["A1:B1", "C1:D1", "A3:A4", "B3:B4"])
    assert [(node.level, node.name, str(node.declared)) for node in ledger.nodes] == [
        (1, "主动公开", "50"),
        (2, "公开目录", "20"),
        (2, "重点领域", "30"),
    ]


def test_a_title_over_two_rows_may_end_in_the_sort_of_its_table() -> None:
    rows: list[list[object]] = [["2020年全省政务公开工作考核评价"], ["指标体系（设区市）"]]
    rows += [["一级指标", "评估点", "分值"], ["公开", "目录", 1]]
    assert books.sheet(rows).title == "2020年全省政务公开工作考核评价指标体系（设区市）"
