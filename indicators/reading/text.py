"""Words of a cell made comparable: invisible characters out, layout blanks out; knows no columns and no meaning."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\xa0\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff]"
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BLANK = re.compile(r"\s+")
_LAYOUT = re.compile(r"(?<![!-~])\s+|\s+(?![!-~])")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

_NUMERALS = "一二三四五六七八九十"
_CHAPTER = re.compile(rf"(?:第?([{_NUMERALS}])(?:[、.．]|部分|[章篇])|[(（]([{_NUMERALS}])[)）])[^。；;：:]{{1,38}}")
LONGEST_CHAPTER = 60


def is_plain(text: str) -> bool:
    """Whether nothing but the blanks around it would be cleaned: one look at the words of a whole row."""
    return "_x" not in text and _ODD.search(text) is None


def clean(text: str) -> tuple[str, bool]:
    """The text without what nobody sees, and whether control characters were among it.

    Line breaks become `\\n`; the blanks around the whole are dropped, those within stay.
    """
    if is_plain(text):
        return text.strip(), False
    text = _ESCAPED.sub(_unescape, text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\xa0", " ")
    text = _INVISIBLE.sub("", text)
    shorn = _CONTROL.sub("", text)
    return shorn.strip(), shorn != text


def _unescape(match: re.Match[str]) -> str:
    """`_x000D_` is how a workbook writes a character XML cannot hold; other codes stay as typed."""
    code = int(match[1], 16)
    return chr(code) if code < 0x20 else match[0]


def squeeze(text: str) -> str:
    """A name on one line: layout blanks and line breaks go, one blank between Latin words stays.

    >>> squeeze("监督\\n保障"), squeeze("一、政府信息公开     (38.00)"), squeeze("提供 Open Data 下载")
    ('监督保障', '一、政府信息公开(38.00)', '提供Open Data下载')
    """
    if not _BLANK.search(text):
        return text
    if text.count("\n") > 1 and all(len(line.strip()) < 3 for line in text.split("\n")):
        # Written downwards, a character or two a line.
        return _BLANK.sub("", text)
    return _BLANK.sub(" ", _LAYOUT.sub("", text)).strip()


_TRADITIONAL = str.maketrans(
    "級評標準責單門處權數項內點備註號時間領導據說採樣開務類別辦則牽頭協會細滿測計總實過環節負擔參與聯絡經員簽審覆關鍵達應獲預額績"
    "檢驗規範稱劃範圍題問調查訊資產業財聞網質價優減獎懲罰與補顯編碼",
    "级评标准责单门处权数项内点备注号时间领导据说采样开务类别办则牵头协会细满测计总实过环节负担参与联络经员签审复关键达应获预额绩"
    "检验规范称划范围题问调查讯资产业财闻网质价优减奖惩罚与补显编码",
)


def simplified(text: str) -> str:
    """The words of headings in simplified characters, those that tables use; names are never changed.

    >>> simplified("一級指標"), simplified("責任單位")
    ('一级指标', '责任单位')
    """
    return text.translate(_TRADITIONAL)


def narrow(text: str) -> str:
    """Full-width signs and digits as half-width ones, each in its place: the length never changes."""
    return text.translate(_WIDE)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """What two spellings of one name have in common: width, case and blanks do not count.

    >>> fold("(一)主动公开") == fold("（一） 主动\\n公开")
    True
    """
    return _BLANK.sub("", unicodedata.normalize("NFKC", text)).casefold()


def ordinal(text: str) -> int | None:
    """The place that a chapter's mark says it has, from 101 for those in brackets; None for any other line.

    >>> ordinal("一、共性指标（60分）"), ordinal("第二部分 扣分指标"), ordinal("共性指标")
    (1, 2, None)
    >>> ordinal("（三）依申请公开（10分）")
    103
    """
    found = _CHAPTER.fullmatch(text.strip()) if len(text) <= LONGEST_CHAPTER else None
    if found is None:
        return None
    return _NUMERALS.index(found[1]) + 1 if found[1] else _NUMERALS.index(found[2]) + 101


def alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two header rows say mostly the same: more than half of the longer one stands in both."""
    first, second = ({fold(text) for text in words if text} for words in (one, other))
    return len(first & second) * 2 > max(len(first), len(second))
