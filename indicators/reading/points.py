"""Points in words and their reckoning: strict numbers, brackets behind names, proposals; adds up no tree."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache

from indicators.reading.drafts import Tally
from indicators.reading.text import narrow, squeeze

CENT = Decimal("0.01")
LONGEST = 24
PLACES = Decimal("0.0001")
_NUMBER = re.compile(r"[+-]?\d{1,6}(\.\d{1,10})?")
_AFTER_NAME = re.compile(
    r"[(\[【〔]\s*(?:满分|小计|合计|共计?|计|分值|权重|标准分|基[本础]分|总分值?|最高|占(?:总分值?|权重)的?"
    r"|[本该]项(?:指标)?|[一二三四五]级指标)?(?:为|[:：])?\s*(\d{1,4}(?:\.\d{1,4})?)\s*(分|%|points?|pts?)?"
    r"\s*(?:[,，;；、][^)\]】〕\d]{1,16})?[)\]】〕]?\s*[。:;*]*\s*$"
)
_OPENING = re.compile(r"[(（\[［【〔]")
_POINTED = re.compile(r"\d\s*分")
_RANGE_AFTER = re.compile(
    r"[(\[【〔]\s*\d{1,4}(?:\.\d{1,4})?\s*分?\s*[-—–~～至到]+\s*(\d{1,4}(?:\.\d{1,4})?)\s*分\s*[)\]】〕]\s*$"
)
_BETWEEN = re.compile(r"(?<=.)[(\[【〔]\s*(\d{1,4}(?:\.\d{1,4})?)\s*分\s*[)\]】〕](?=[(\[【〔][^()\d]{2,20}[)\]】〕]$)")
_BEFORE_NAME = re.compile(r"[(\[【〔]\s*(\d{1,4}(?:\.\d{1,4})?)\s*分\s*[)\]】〕]")
_BARE_AFTER = re.compile(
    r"(?<=[\u4e00-\u9fff：: ])(?:满分|共计?|合计|小计|计|分值|权重)?(?<![扣加减得于过到达第每高低满至在为])"
    r"(\d{1,4}(?:\.\d{1,4})?)分$"
)
_PRIMES = frozenset("′＇'’")
_PRIMED = re.compile(r"(?<=[\u4e00-\u9fff])(?<!超过)(?<![扣加减得于到达第每高低至])(\d{1,3}(?:\.\d{1,2})?)[′＇'’]$")
_LAST_LINE = re.compile(
    r"(.*[\u4e00-\u9fff)）](?<!超过)(?<![扣加减得于到达第每高低至为]))\s*\n\s*(\d{1,3}(?:\.\d{1,4})?)\s*%?$", re.DOTALL
)
_SHARE_AFTER = re.compile(r"(.*[\u4e00-\u9fff])(?<![率比度于到达占为至])\s+(\d{1,2}(?:\.\d{1,4})?)\s*[%％]", re.DOTALL)
_RANGE = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)\s*分?\s*[-—–~～至到]+\s*(\d{1,4}(?:\.\d{1,4})?)\s*分?")
_MOST = re.compile(
    r"(?:最高|不超过|上限|≤|<=|满分|共|计)\s*(\d{1,4}(?:\.\d{1,4})?)\s*分?|(\d{1,4}(?:\.\d{1,4})?)\s*分?(?:以内|封顶)"
)
_NO_NUMBER = re.compile(r"[+-]?(?:1?\.?#?)(?:nan|inf|infinity|ind|∞)|#num!")
_POWERED = re.compile(r"[+-]?\d+(?:\.\d*)?e([+-]?\d{1,9})")
MOST_DIGITS = 30
_YEAR = re.compile(r"(19|20)\d\d")


@lru_cache(maxsize=1024)
def parse(text: str) -> Decimal | None:
    """The number a points cell holds, None when it is no plain number.

    >>> parse("0.50 "), parse("０．５"), parse("20分"), parse("1e3"), parse("NaN")
    (Decimal('0.50'), Decimal('0.5'), Decimal('20'), None, None)
    >>> parse("5²"), parse("①"), parse("（5分）")
    (None, None, Decimal('5'))
    """
    # folding would make "5²" a 52
    if any(unicodedata.category(char) == "No" for char in text):
        return None
    word = unicodedata.normalize("NFKC", text).strip()
    if word[:1] == "(" and word[-1:] == ")":
        word = word[1:-1].strip()
    word = word.removesuffix("分").removesuffix("%").strip()
    return Decimal(word) if _NUMBER.fullmatch(word) else None


def is_impossible(text: str) -> bool:
    """Whether a cell holds what no points can be: no number to reckon with, or one beyond all measure.

    >>> is_impossible("NaN"), is_impossible("-Infinity"), is_impossible("1e308")
    (True, True, True)
    >>> is_impossible("待定"), is_impossible("1e3")
    (False, False)
    """
    word = unicodedata.normalize("NFKC", text).strip().casefold()
    if _NO_NUMBER.fullmatch(word):
        return True
    powered = _POWERED.fullmatch(word)
    if powered:
        return abs(int(powered[1])) > MOST_DIGITS
    return len(word) > MOST_DIGITS and word.lstrip("+-").replace(".", "", 1).isdecimal()


def most(text: str) -> Decimal | None:
    """The most that a points cell allows which holds a range or a bound, None when it holds neither.

    >>> most("0.5-3.5分"), most("最高5分"), most("3分以内"), most("每项2分")
    (Decimal('3.5'), Decimal('5'), Decimal('3'), None)
    """
    flat = unicodedata.normalize("NFKC", text).strip()
    ranged = _RANGE.fullmatch(flat)
    if ranged:
        return max(Decimal(ranged[1]), Decimal(ranged[2]))
    bound = _MOST.fullmatch(flat)
    return Decimal(bound[1] or bound[2]) if bound else None


def settle(value: Decimal) -> Decimal:
    """Points as they are stored: at most four places, half up."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -4:
        return value
    return value.quantize(PLACES, ROUND_HALF_UP)


def split_name(name: str) -> tuple[str, Decimal | None]:
    """A name and the points printed behind it, which may have lost their closing bracket.

    >>> split_name("决策公开（5.5）"), split_name("二、解读回应参与(14.00"), split_name("主动公开(13 分)")
    (('决策公开', Decimal('5.5')), ('二、解读回应参与', Decimal('14.00')), ('主动公开', Decimal('13')))
    >>> split_name("年度报告（2021）"), split_name("平台建设（含新媒体）")
    (('年度报告（2021）', None), ('平台建设（含新媒体）', None))
    >>> split_name("一、组织机构（小计11分，得分）"), split_name("目录经职代会审议通过5′")
    (('一、组织机构', Decimal('11')), ('目录经职代会审议通过', Decimal('5')))
    >>> split_name("（三）依申请公开（二级指标10分）"), split_name("安全事故（共60分，扣完为止）")
    (('（三）依申请公开', Decimal('10')), ('安全事故', Decimal('60')))
    """
    if name[-1:] in _PRIMES and (primed := _PRIMED.search(name)):
        return name[: primed.start()], Decimal(primed[1])
    before = max(0, len(name) - LONGEST)
    if not _OPENING.search(name, before):
        return name, None
    found = _AFTER_NAME.search(narrow(name[before:]))
    if not found or before + found.start() == 0 or (not found[2] and _YEAR.fullmatch(found[1])):
        return name, None
    return name[: before + found.start()].rstrip(), Decimal(found[1])


def split_level(name: str) -> tuple[str, Decimal | None]:
    """As `split_name`, for the name of a level, where points also stand without brackets or before the name.

    >>> split_level("信息公开21分"), split_level("主动公开：30分"), split_level("（5分）解读")
    (('信息公开', Decimal('21')), ('主动公开', Decimal('30')), ('解读', Decimal('5')))
    >>> split_level("群众满意度不低于90分"), split_level("办结率达到15秒")
    (('群众满意度不低于90分', None), ('办结率达到15秒', None))
    >>> split_level("一、组织领导（10分）（责任单位：办公室）"), split_level("组织领导计10分")
    (('一、组织领导（责任单位：办公室）', Decimal('10')), ('组织领导', Decimal('10')))
    """
    bare, declared = split_name(name)
    if declared is not None or "分" not in name or not _POINTED.search(name):
        return bare, declared
    flat = narrow(name)
    ranged = _RANGE_AFTER.search(flat)
    if ranged and ranged.start():
        return name[: ranged.start()].rstrip(), Decimal(ranged[1])
    between = _BETWEEN.search(flat)
    if between:
        return name[: between.start()] + name[between.end() :], Decimal(between[1])
    before = _BEFORE_NAME.match(flat)
    if before and before.end() < len(name):
        return name[before.end() :].strip(), Decimal(before[1])
    bare_points = _BARE_AFTER.search(flat)
    if bare_points and len(name) <= LONGEST:
        return name[: bare_points.start()].rstrip(" ：:,，"), Decimal(bare_points[1])
    return name, None


def split_cell(text: str) -> tuple[str, Decimal | None]:
    """As `split_level`, for a cell with its breaks and blanks: a number on the last line, alone, is its points.

    >>> split_cell("政务公开\\n\\n45"), split_cell("主动\\n公开（30分）"), split_cell("不少于\\n20")
    (('政务公开', Decimal('45')), ('主动公开', Decimal('30')), ('不少于20', None))
    >>> split_cell("决策公开 15%"), split_cell("按时办结率 95%")
    (('决策公开', Decimal('15')), ('按时办结率95%', None))
    """
    apart = _LAST_LINE.fullmatch(text) if "\n" in text else None
    if apart is None and text[-1:] in "%％":
        apart = _SHARE_AFTER.fullmatch(text)
    return (squeeze(apart[1]), Decimal(apart[2])) if apart else split_level(squeeze(text))


def split_evenly(total: Decimal, shares: int) -> list[Decimal]:
    """The total in equal shares of whole cents, the odd cents to the first ones; they add up to it exactly.

    >>> split_evenly(Decimal("1"), 3)
    [Decimal('0.34'), Decimal('0.33'), Decimal('0.33')]
    """
    base = (total / shares).quantize(CENT, ROUND_DOWN)
    rest = total - base * shares
    parts = []
    for _ in range(shares):
        more = min(rest, CENT)
        parts.append(base + more)
        rest -= more
    return parts


def propose(nodes: Sequence[Tally]) -> dict[int, Decimal]:
    """Points for items that have none: an even share of what their siblings leave (建议分值).

    nodes: parents before children. The nearest node above with declared points is what is shared out;
    an item under no such node, or where nothing is left, gets no proposal.
    """
    holder: dict[int, int | None] = {}
    declared: dict[int, Decimal] = {}
    left: dict[int, Decimal] = {}
    waiting: dict[int, list[int]] = {}
    for node in nodes:
        above = _nearest(node, holder, declared)
        holder[node.id] = above
        if node.declared is not None:
            declared[node.id] = left[node.id] = node.declared
            if above is not None:
                left[above] -= node.declared
        elif node.is_item and above is not None:
            waiting.setdefault(above, []).append(node.id)
    proposed: dict[int, Decimal] = {}
    for above, items in waiting.items():
        if left[above] > 0:
            proposed.update(zip(items, split_evenly(left[above], len(items)), strict=True))
    return proposed


def _nearest(node: Tally, holder: dict[int, int | None], declared: dict[int, Decimal]) -> int | None:
    """The nearest node above that has declared points."""
    if node.parent is None:
        return None
    return node.parent if node.parent in declared else holder[node.parent]


def total(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of those that are numbers, None when none is."""
    numbers = [value for value in values if value is not None]
    return sum(numbers, Decimal(0)) if numbers else None
