"""Lines that are no item: notes of the ledger, and rules on the total (加分、扣分、单项否决)."""

import re
from decimal import Decimal
from functools import lru_cache

from indicators.reading.drafts import AdjustmentDraft
from indicators.reading.text import narrow

_N = r"(\d{1,4}(?:\.\d{1,4})?)"
_MORE = r"(?:分?[、,，/]\d{1,4}(?:\.\d{1,4})?){0,6}"
_LOSS = re.compile(rf"(?:扣(?:除|减)?|减)(?:总分的|总分|总评分)?{_N}{_MORE}分")
_GAIN = re.compile(rf"(?:加|奖励?){_N}{_MORE}分")
_VETO = re.compile(r"一票否决|单项否决")
_CAP = re.compile(r"\s*(?:(?:本项|该项|此项|全年|年度|累计|合计|总计)[加扣]?分?)*(?:最高|最多|至多|上限|不超过|封顶)")
_SENTENCE = re.compile(r"[^。；;\n]+")
_PIECE = re.compile(r"[^，,]+[，,]?")
_LABEL = re.compile(r"^\s*(?:备\s*注|附\s*注|说\s*明|注)\s*[:：]?\s*")
_SERIAL = re.compile(r"^\s*\d{1,2}[.、．]\s*(?!\d)")
_STATED = re.compile(rf"(?:总分值?|满分|总计|合计|共计)(?:共计|共|为|计|是|[:：])?\s*{_N}分(?!以[上下内]|及|的|以)")
_BONUS = re.compile(
    r"奖[扣惩]|加[扣减]|[加扣减]分(?:项|指标|事项|因素|情形)?(?:$|[（(])|奖励(?:加分|分|项)|附加分|负面清单|一票否决|单项否决"
)

_EXTRA = re.compile(r"加|奖|附")
_LOSES = re.compile(r"[扣减惩罚]|否决")
_BONUS_SIGN = re.compile("[奖加扣减附否负]")


@lru_cache(maxsize=4096)
def is_bonus(name: str) -> bool:
    """Whether a chapter holds bonuses, penalties or vetoes on the total.

    >>> is_bonus("综合奖扣分项目"), is_bonus("加分项（10分）"), is_bonus("政务公开")
    (True, True, False)
    """
    return _BONUS_SIGN.search(name) is not None and _BONUS.search(name) is not None


def is_extra(name: str) -> bool:
    """Whether a chapter holds nothing but bonuses, which stand beside the full score.

    >>> is_extra("加分项（10分）"), is_extra("综合奖扣分项目"), is_extra("扣分指标")
    (True, False, False)
    """
    return is_bonus(name) and bool(_EXTRA.search(name)) and not _LOSES.search(name)


def is_penalty(name: str) -> bool:
    """Whether a chapter holds nothing but penalties.

    >>> is_penalty("扣分项"), is_penalty("综合奖扣分项目")
    (True, False)
    """
    return is_bonus(name) and bool(_LOSES.search(name)) and not _EXTRA.search(name)


def stated_total(text: str) -> Decimal | None:
    """The total of all points that a note states.

    >>> stated_total("我局被考核指标总分为95.5分"), stated_total("总分90分以上为优秀")
    (Decimal('95.5'), None)
    """
    found = _STATED.search(narrow(text))
    return Decimal(found[1]) if found else None


def adjustments(text: str) -> tuple[AdjustmentDraft, ...]:
    """The rules on the total that a note holds, one a sentence, in their order.

    >>> [(one.kind, str(one.points)) for one in adjustments("被通报批评的，扣3分；被通报表扬的，加3分。")]
    [('penalty', '-3'), ('bonus', '3')]
    >>> [(one.kind, str(one.points)) for one in adjustments("个人信息泄露的,扣除总分的1分")]
    [('penalty', '-1')]
    >>> [(one.kind, str(one.points)) for one in adjustments("每篇加1分，最高加2分。")]
    [('bonus', '1')]
    >>> [(one.kind, str(one.points)) for one in adjustments("被上级通报的，每次减2分")]
    [('penalty', '-2')]
    """
    found: list[AdjustmentDraft] = []
    for sentence in _SENTENCE.findall(without_label(text)):
        # What all of it comes to at most is no rule of its own.
        if found and _CAP.match(sentence):
            continue
        for clause in _clauses(without_label(sentence)):
            one = _adjustment(clause)
            if one:
                found.append(one)
    return tuple(found)


def _clauses(sentence: str) -> list[str]:
    """The parts of a sentence that each end in points; the whole where fewer than two do."""
    parts: list[str] = []
    open_ = ""
    for piece in _PIECE.findall(sentence):
        open_ += piece
        flat = narrow(piece)
        if parts and _CAP.match(open_):
            parts[-1] = f"{parts[-1]}，{open_.strip('，, ')}"
            open_ = ""
        elif _LOSS.search(flat) or _GAIN.search(flat):
            parts.append(open_.strip("，, "))
            open_ = ""
    return parts if len(parts) > 1 else [sentence]


def without_label(text: str) -> str:
    """The note without `备注：` and its serial.

    >>> without_label("备注:1.以上工作")
    '以上工作'
    """
    return _SERIAL.sub("", _LABEL.sub("", text)).strip()


@lru_cache(maxsize=2048)
def is_labelled(text: str) -> bool:
    """Whether a line calls itself a note."""
    found = _LABEL.match(text)
    if found is None:
        return False
    return found.end() == len(text) or found[0].rstrip()[-1] in ":：" or "备" in found[0]


def _adjustment(sentence: str) -> AdjustmentDraft | None:
    flat = narrow(sentence)
    loss, gain = _LOSS.search(flat), _GAIN.search(flat)
    if loss:
        return AdjustmentDraft(sentence, -Decimal(loss[1]), "penalty")
    if gain:
        return AdjustmentDraft(sentence, Decimal(gain[1]), "bonus")
    return AdjustmentDraft(sentence, None, "veto") if _VETO.search(flat) else None
