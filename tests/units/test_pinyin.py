import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from units.pinyin import initials


def test_a_unit_is_found_by_the_first_letters_of_its_name() -> None:
    assert initials("县人力资源和社会保障局") == "xrlzyhshbzj"


def test_letters_and_digits_stay_and_the_field_is_never_too_short() -> None:
    assert initials("12345 热线A座") == "12345rxaz"
    assert len(initials("局" * 300)) == 100


def by_the_library(text: str) -> str:
    return "".join("".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).split()).lower()[:100]


@pytest.mark.parametrize(
    "text", ["长沙和重庆的行长", "（一）主动公开 Open Data", "信\n息\n公\n开", "会计得分都得重新核对"]
)
def test_word_by_word_a_text_has_the_letters_that_the_library_gives_it_as_a_whole(text: str) -> None:
    assert initials(text) == by_the_library(text)


@given(text=st.text(st.sampled_from("长沙重庆银行会计中心得分都着了 a1,、，（）—〇𠮷é"), max_size=30))
def test_so_has_any_text_of_such_signs(text: str) -> None:
    assert initials(text) == by_the_library(text)
