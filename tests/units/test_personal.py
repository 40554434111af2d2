"""Personal data is found wherever a clerk may type it, and ordinary numbers of an office are left alone."""

import doctest
import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from units import personal as module
from units.personal import named, personal

AROUND = ["", "联系人：", "（", "张三", "身份证", "\n", "，", "见附件 3 "]
SEPARATED = ["", " ", "-"]


def _identity(region: str, born: date, serial: int) -> str:
    """A number with the check character that GB 11643 asks for."""
    body = f"{region}{born:%Y%m%d}{serial:03}"
    weighed = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body))
    return f"{body}{'10X98765432'[weighed % 11]}"


def _card(start: str, middle: str) -> str:
    """The digits with the last one that makes the Luhn sum a multiple of ten."""
    for last in "0123456789":
        digits = [int(digit) for digit in start + middle + last]
        sums = sum(one if at % 2 == 0 else one * 2 - 9 * (one > 4) for at, one in enumerate(reversed(digits)))
        if sums % 10 == 0:
            return start + middle + last
    raise AssertionError


@settings(max_examples=60)
@given(
    st.sampled_from(["110105", "371002", "440304", "513436", "652301"]),
    st.dates(date(1930, 1, 1), date(2025, 12, 31)),
    st.integers(0, 999),
    st.sampled_from(AROUND),
    st.sampled_from(AROUND),
    st.booleans(),
)
def test_an_identity_card_is_found_in_any_sentence(
    region: str, born: date, serial: int, before: str, behind: str, small: bool
) -> None:
    number = _identity(region, born, serial)
    text = before + (number.lower() if small else number) + behind
    assert [one.kind for one in personal(text) if one.kind == "身份证号"] == ["身份证号"]


@settings(max_examples=60)
@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(AROUND), st.sampled_from(SEPARATED))
def test_a_mobile_is_found_however_it_is_split(number: str, before: str, gap: str) -> None:
    found = personal(f"{before}{number[:3]}{gap}{number[3:7]}{gap}{number[7:]}，请联系")
    assert [one.shown for one in found if one.kind == "手机号"] == [f"{number[:3]}***{number[-3:]}"]


@settings(max_examples=60)
@given(
    st.sampled_from(["622202", "621700", "603367", "955880"]),
    st.integers(9, 12),
    st.data(),
    st.sampled_from(["", " "]),
)
def test_a_bank_card_is_found_however_it_is_split(start: str, length: int, data: st.DataObject, gap: str) -> None:
    number = _card(start, "".join(data.draw(st.lists(st.sampled_from("0123456789"), min_size=length, max_size=length))))
    written = gap.join(number[at : at + 4] for at in range(0, len(number), 4))
    assert "银行卡号" in [one.kind for one in personal(f"账号{written}。")]


def test_full_width_digits_are_read_too() -> None:
    assert named(personal("电话１３９１２３４５６７８")) == "手机号 139***678"


@pytest.mark.parametrize(
    "text",
    [
        "鲁人社发〔2019〕31 号，索引号 11370000004503321P/2019-00123",
        "12345 热线，传真 0531-86123456，邮编 250001",
        "https://www.example.gov.cn/art/2019/3/12/art_13800138000_62220.html",
        "统一社会信用代码 113700000045030270",
        "11010519491331002X",
        "110105194912310021",
        "0.5 分、13800138000.5",
        "2019年1月1日至2019年12月31日，共 1234567890123456 字",
    ],
)
def test_ordinary_numbers_are_left_alone(text: str) -> None:
    assert personal(text) == ()


def test_of_random_numbers_hardly_one_in_fifty_is_taken_for_personal_data() -> None:
    dice = random.Random(20261122)
    start = date(2015, 1, 1)
    made = [f"{start + timedelta(dice.randrange(4000)):%Y%m%d}{dice.randrange(10**8):08}" for _ in range(2000)]
    made += ["".join(dice.choices("0123456789", k=dice.randint(12, 20))) for _ in range(2000)]
    wrong = sum(bool(personal(f"编号 {text}")) for text in made)
    assert wrong <= len(made) * 0.02


def test_the_examples_of_the_module_hold() -> None:
    assert doctest.testmod(module).failed == 0
