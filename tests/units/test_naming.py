"""责任单位 cells as offices write them: names, roles, groups and open ends."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from units import naming
from units.naming import Named, parse


def _roles(text: str) -> list[tuple[str, str]]:
    return [(one.name, one.role) for one in parse(text)]


def test_the_examples_in_the_module_hold() -> None:
    result = doctest.testmod(naming)
    assert result.attempted > 5
    assert result.failed == 0


@pytest.mark.parametrize("text", ["", "  \n ", "——", "/", "-", "无"])
def test_a_blank_cell_names_nobody(text: str) -> None:
    assert parse(text) == ()


@pytest.mark.parametrize("separator", ["、", "，", ",", ";", "；", " ", "\n", "      ", "、\n", "/"])
def test_units_set_apart_in_any_way_are_all_lead(separator: str) -> None:
    assert _roles(f"县发改局{separator}县财政局") == [("县发改局", "lead"), ("县财政局", "lead")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("政策法规处会同监察处、监察局", "政策法规处 lead 监察处 joint 监察局 joint"),
        ("劳动监察处会同执法监察局负责", "劳动监察处 lead 执法监察局 joint"),
        (
            "社保中心牵头，就业失业处、养老处、工伤处配合",
            "社保中心 lead 就业失业处 support 养老处 support 工伤处 support",
        ),
        ("甲局（牵头）、乙局、丙局（配合）", "甲局 lead 乙局 joint 丙局 support"),
        ("牵头单位：甲局；配合单位：乙局、丙局", "甲局 lead 乙局 support 丙局 support"),
        ("甲局牵头、乙局、丙局", "甲局 lead 乙局 joint 丙局 joint"),
        ("甲局 牵头\n乙局 配合", "甲局 lead 乙局 support"),
        ("甲局、乙局共同负责", "甲局 lead 乙局 joint"),
        ("甲局牵头，各镇、各部门按职责分工负责", "甲局 lead 各镇 joint 各部门 joint"),
        ("★甲局、乙局等按职责分工负责", "甲局 lead 乙局 lead"),
        ("甲局牵头，各镇（街道）具体落实", "甲局 lead 各镇（街道） joint"),
        ("甲局、乙局（第一责任单位为牵头单位，下同）", "甲局 lead 乙局 lead"),
        ("甲局负责，乙局协助", "甲局 lead 乙局 support"),
        ("由甲局牵头", "甲局 lead"),
        ("（责任单位：办公室）", "办公室 lead"),
    ],
)
def test_role_words_tell_who_leads(text: str, expected: str) -> None:
    words = expected.split()
    assert _roles(text) == list(zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize(
    "name",
    [
        *("各镇", "县政府各部门", "直属机构", "各行政执法部门", "各承办单位", "各办理单位", "各驻网单位"),
        *("局机关各处室", "政策文件起草处室、单位", "各相关单位", "有关处室、单位"),
    ],
)
def test_a_set_of_units_is_a_group(name: str) -> None:
    (one,) = parse(name)
    assert (one.name, one.kind) == (name, "group")
    assert one.open_ended == ("相关" in name or "有关" in name)


@pytest.mark.parametrize(
    "text",
    [
        "县税务局等\n相关单位",
        "县税务局等 相关单位",
        "县税务局等相关单位",
        "县税务局\n等相关单位",
        "县税务局及相关单位",
        "县税务局 及相关单位",
        "县税务局等",
    ],
)
def test_an_open_end_is_kept_at_the_last_unit(text: str) -> None:
    assert parse(f"县财政局、{text}") == (Named("县财政局"), Named("县税务局", open_ended=True))


def test_the_open_end_of_supporting_units_is_theirs() -> None:
    assert parse("办公室牵头，规财处等有关处室、单位配合") == (
        Named("办公室"),
        Named("规财处", role="support", open_ended=True),
    )


def test_a_sentence_about_the_work_is_not_part_of_the_name() -> None:
    text = "（责任单位：政策文件起草处室、单位牵头负责，政策法规处配合做好新闻媒体的沟通协调工作）"
    assert [(one.name, one.role, one.kind) for one in parse(text)] == [
        ("政策文件起草处室、单位", "lead", "group"),
        ("政策法规处", "support", "unit"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("县市场监\n督管理局", ["县市场监督管理局"]),
        ("办 公 室", ["办公室"]),
        ("县行政审批服务局\n政务服务网\n各驻网单位", ["县行政审批服务局", "政务服务网", "各驻网单位"]),
        ("办公室\u200b、\u202e人事处", ["办公室", "人事处"]),
    ],
)
def test_blanks_inside_a_name_are_layout(text: str, names: list[str]) -> None:
    assert [one.name for one in parse(text)] == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("人力资源和社会保障局", ["人力资源和社会保障局"]),
        ("县住房和城乡建设局", ["县住房和城乡建设局"]),
        ("县委办和县政府办", ["县委办", "县政府办"]),
        ("县教体局（招生办、考试办）、县人社局", ["县教体局（招生办、考试办）", "县人社局"]),
        ("高等教育处", ["高等教育处"]),
    ],
)
def test_words_inside_a_name_do_not_split_it(text: str, names: list[str]) -> None:
    assert [one.name for one in parse(text)] == names


def test_a_unit_named_twice_is_named_once() -> None:
    assert _roles("办公室牵头，人事处、办公室配合") == [("办公室", "lead"), ("人事处", "support")]


@given(st.text(alphabet="甲乙局处室各等及相关有关单位部门会同牵头配合负责共同、，;； \n（）和：", max_size=25))
def test_any_words_give_distinct_names_with_known_roles(text: str) -> None:
    found = parse(text)
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert one.name.strip()
        assert one.role in {"lead", "joint", "support"}
        assert one.kind in {"unit", "group"}


@given(st.lists(st.sampled_from(["办公室", "人事处", "县发改局", "数管中心", "团县委"]), min_size=1, unique=True))
def test_a_list_of_units_comes_back_as_it_was(names: list[str]) -> None:
    assert [one.name for one in parse("、".join(names))] == names
    assert [one.name for one in parse("\n".join(names))] == names
