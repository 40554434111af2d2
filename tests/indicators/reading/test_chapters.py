"""Chapters above and between headers, bands without numbers, headings in English: shapes of a few rows each."""

from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook, load_workbook

from indicators.reading import Layout, Limits, open_book, read
from indicators.reading.drafts import LedgerDraft
from indicators.reading.shown import show
from tests.indicators.reading import books

HEADER = ["序号", "考核指标", "分值", "评分标准"]


def tops(ledger: LedgerDraft) -> list[tuple[str, Decimal | None]]:
    return [(node.name, node.declared) for node in ledger.nodes if node.parent is None]


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_chapter_above_the_first_header_heads_its_rows_where_others_follow() -> None:
    rows = [
        ["一、主动公开（60分）"],
        HEADER,
        [1, "目录", 60, "未编制不得分"],
        ["二、平台（40分）"],
        HEADER,
        [2, "网站", 40, "无"],
    ]
    ledger = books.sheet([["考核评分表"], *rows], ["A1:D1", "A2:D2", "A5:D5"])
    assert tops(ledger) == [("一、主动公开", Decimal(60)), ("二、平台", Decimal(40))]
    assert ledger.title == "考核评分表"


def test_chapters_with_nearly_the_same_headings_are_one_ledger_with_the_headings_of_each() -> None:
    other = ["序号", "考核内容", "分值", "评分标准", "责任单位"]
    rows = [["一、共性指标（60分）"], [*HEADER, "备注"], [1, "目录", 60, "未编制不得分", "按季"]]
    rows += [["二、个性指标（40分）"], other, [1, "网站", 40, "无", "县财政局"]]
    ledger = books.sheet(rows, ["A1:E1", "A4:E4"])
    assert tops(ledger) == [("一、共性指标", Decimal(60)), ("二、个性指标", Decimal(40))]
    assert [one.name for one in ledger.nodes[-1].responsibilities] == ["县财政局"]
    assert ledger.nodes[-1].cells == "台账!A6:E6"


def test_a_chapter_above_the_only_table_says_what_that_is_worth() -> None:
    ledger = books.sheet([["一、主动公开（60分）"], HEADER, [1, "目录", 50, "未编制不得分"]], ["A1:D1"])
    assert ledger.stated_total == Decimal(60)
    assert "total-mismatch" in {one.code for one in ledger.findings}


def test_a_band_that_says_its_points_heads_the_rows_below_it_although_it_has_no_number() -> None:
    rows = [HEADER, ["主动公开（60分）"], [1, "目录", 60, "无"], ["加分项"], [2, "创新", 5, "推广的加5分"]]
    ledger = books.sheet(rows, ["A2:D2", "A4:D4"])
    assert tops(ledger) == [("主动公开", Decimal(60)), ("加分项", None)]
    assert [(one.kind, one.points) for one in ledger.adjustments] == [("bonus", Decimal(5))]


def test_a_sentence_over_the_whole_width_stays_a_note() -> None:
    rows = [HEADER, [1, "目录", 60, "无"], ["得分低于60分的，通报批评"], ["自评等次：优秀　单位负责人（签字）："]]
    ledger = books.sheet(rows, ["A3:D3", "A4:D4"])
    assert [node.name for node in ledger.nodes] == ["目录"]
    assert len(ledger.notes) == 2


def test_points_that_are_hidden_do_not_count_beside_those_that_are_shown() -> None:
    rows = [
        ["一级指标", "旧分值", "二级指标", "分值", "评分标准"],
        ["公开（17分）", 5, "目录", 8, "无"],
        ["", 6, "网站", 9, "无"],
    ]
    book = load_workbook(BytesIO(books.workbook(rows, ["A2:A3"])))
    book["台账"].column_dimensions["B"].hidden = True
    ledger = read("台账.xlsx", saved(book)).ledgers[0]
    assert tops(ledger) == [("公开", Decimal(17))]
    assert [node.declared for node in ledger.nodes if node.is_item] == [Decimal(8), Decimal(9)]
    codes = {one.code for one in ledger.findings}
    assert "columns-hidden" in codes
    assert "points-conflict" not in codes


def test_english_headings_are_known_and_their_levels_put_in_order() -> None:
    rows = [["Assessment 2023"], ["Second-level indicator", "Points", "First-level indicator", "Responsible unit"]]
    rows += [["Website", 60, "Channels", "General Office"], ["Training", 40, "Support", "HR Office, General Office"]]
    ledger = books.sheet([*rows, ["Total", 100]])
    assert [(node.level, node.name) for node in ledger.nodes] == [
        (1, "Channels"),
        (2, "Website"),
        (1, "Support"),
        (2, "Training"),
    ]
    assert [one.name for one in ledger.nodes[-1].responsibilities] == ["HR Office", "General Office"]
    assert ledger.stated_total == Decimal(100)


def test_a_list_of_units_with_their_classes_is_no_ledger() -> None:
    listing = [["参评单位名单"], ["序号", "单位名称", "类别"], [1, "东湖县", "县区"], [2, "市教育局", "部门"]]
    ledger = [["考核指标"], HEADER, [1, "目录", 60, "无"]]
    book = load_workbook(BytesIO(books.workbook(ledger)))
    page = book.create_sheet("名单")
    for row in listing:
        page.append(row)
    reading = read("考核.xlsx", saved(book))
    assert [one.sheet for one in reading.ledgers] == ["台账"]
    assert "sheet-skipped" in {one.code for one in reading.ledgers[0].findings}


def test_bands_of_bare_names_head_their_rows_where_the_table_begins_with_one() -> None:
    header = ["序号", "工作任务", "具体举措", "牵头单位"]
    rows = [header, ["主动公开"], [1, "政策公开", "建库", "县政府办"], ["保障措施"], [2, "培训", "全年2次", "县政府办"]]
    ledger = books.sheet(rows, ["A2:D2", "A4:D4"])
    assert [name for name, _ in tops(ledger)] == ["主动公开", "保障措施"]


def test_a_column_of_an_unknown_heading_is_a_level_where_its_cells_head_several_rows() -> None:
    rows = [["考评大类别称谓", "具体考评内容", "考评分值", "考评标准"], ["落实责任", "成立机构", 5, "无机构扣2分"]]
    rows += [
        ["", "配备人员", 5, "少一人扣1分"],
        ["隐患治理", "排查", 10, "少一次扣1分"],
        ["", "整改", 10, "未整改扣2分"],
    ]
    ledger = books.sheet(rows, ["A2:A3", "A4:A5"])
    assert [name for name, _ in tops(ledger)] == ["落实责任", "隐患治理"]
    assert "unknown-column" not in {one.code for one in ledger.findings}


def test_weights_that_are_parts_of_one_are_multiplied_out() -> None:
    rows = [["一级指标", "权重", "二级指标", "权重", "评价标准"], ["公开内容", 0.6, "主动公开", 0.7, "优、良、中"]]
    rows += [["", None, "依申请公开", 0.3, "优、良、中"], ["公开方式", 0.4, "网站", 0.5, "优、良、中"]]
    rows += [["", None, "新媒体", 0.5, "优、良、中"]]
    ledger = books.sheet(rows, ["A2:A3", "B2:B3", "A4:A5", "B4:B5"])
    assert ledger.listed_total == Decimal(1)
    assert [one.code for one in ledger.findings] == ["points-weighted"]


def test_chapters_under_headings_of_their_own_are_shown_with_their_own_columns() -> None:
    other = ["序号", "考核内容", "评分标准", "分值", "责任单位"]
    rows = [["一、共性指标（60分）"], [*HEADER, "备注"], [1, "目录", 60, "未编制不得分", "按季"]]
    rows += [["二、个性指标（40分）"], other, [1, "网站", "无", 40, "县财政局"]]
    (grid,) = open_book("台账.xlsx", books.workbook(rows, ["A1:E1", "A4:E4"]), Limits()).grids
    sheet = show(grid, Layout(), ())
    assert [row.kind for row in sheet.rows] == ["data", "header", "data", "data", "header", "data"]
    assert [cell.kind for cell in sheet.rows[2].cells] == ["number", "level", "points", "content", "extra"]
    assert [cell.kind for cell in sheet.rows[5].cells] == ["number", "level", "content", "points", "unit"]


def test_rules_on_the_total_are_read_from_the_name_where_the_criteria_hold_none() -> None:
    rows = [HEADER, ["一", "组织", 100, ""], [1, "机构", 100, "无机构不得分"], ["二", "奖惩", None, ""]]
    ledger = books.sheet([*rows, [2, "获省级表彰加2分", None, "查看文件"], [3, "发生事故扣10分", None, "以通报为准"]])
    assert [(one.kind, one.points) for one in ledger.adjustments] == [("bonus", Decimal(2)), ("penalty", Decimal(-10))]


def test_what_stands_under_a_veto_is_one_although_its_words_do_not_say_so() -> None:
    rows = [
        ["一级指标", "考核内容", "分值", "评分标准"],
        ["公开", "目录", 100, "无"],
        ["一票否决", "失泄密的，为不合格", None, ""],
    ]
    assert [(one.kind, one.points) for one in books.sheet(rows).adjustments] == [("veto", None)]


def test_a_heading_that_names_items_and_points_is_the_column_of_items() -> None:
    rows = [
        ["评议项目及分值", "评议内容", "评议标准"],
        ["公开内容（60分）", "是否真实", "无"],
        ["公开形式（40分）", "是否便民", "无"],
    ]
    assert tops(books.sheet(rows)) == [("公开内容", Decimal(60)), ("公开形式", Decimal(40))]


def test_a_notice_pasted_into_one_column_is_read_as_a_notice() -> None:
    rows = [
        ["2023年度村务公开考核标准"],
        [""],
        ["一、公开内容（50分）"],
        ["1.党务公开（20分）：每月更新。"],
        ["2.村务公开（30分）：少一项扣3分。"],
    ]
    ledger = books.sheet([*rows, ["二、公开形式（50分）"], ["3.公开栏（50分）：规范设置。"]])
    assert tops(ledger) == [("一、公开内容", Decimal(50)), ("二、公开形式", Decimal(50))]
    assert (ledger.listed_total, ledger.nodes[1].cells) == (Decimal(100), "台账!A4")
