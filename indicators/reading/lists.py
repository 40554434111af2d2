"""Cells that list persons or methods → their names, one by one; knows no columns and no units."""

import re
from functools import lru_cache

from units.naming import in_chinese

_METHODS = re.compile(r"[+＋、，,;；/／]+")
_WHOLE_METHOD = re.compile(
    r"(?:采集|采样|报送|暗访|抽查|抽样|测评|评估|核查|检查|核实|调查|访谈|审核|审查|考核|评分|打分|评价|评议|用户|网站|媒体|情况"
    r"|资料|材料|查看|查阅|查验|监测|电话|系统|平台|台账|上报|自查|通报|现场|实地|座谈|问卷|统计|数据|督查|暗访|验证|记录|佐证"
    r"|[)）】])$"
)
_LIST = re.compile(r"[、，,;；/／\n]+|\s+")


@lru_cache(maxsize=1024)
def methods(text: str) -> tuple[str, ...]:
    """The methods a cell names; a line broken in the middle of one does not part it.

    >>> methods("网站采集+报送材料"), methods("主管部门\\n审核"), methods("——")
    (('网站采集', '报送材料'), ('主管部门审核',), ())
    >>> methods("网站检查 Website check"), methods("Mock request, phone test")
    (('网站检查',), ('Mock request', 'phone test'))
    """
    found: list[str] = []
    for part in _METHODS.split(in_chinese(text)):
        open_ = False
        for piece in part.split():
            if not piece.strip("—-– "):
                continue
            # A line broken in the middle of a method leaves words that are none by themselves.
            if open_ and found[-1][-1].isascii() and found[-1][-1].isalpha() and piece[0].isascii():
                found[-1] += f" {piece}"
            elif open_ and (len(piece) <= 2 or not _WHOLE_METHOD.search(found[-1])):
                found[-1] += piece
            else:
                found.append(piece)
            open_ = True
    return tuple(found)


def people(text: str) -> tuple[str, ...]:
    """Persons' names; blanks inside a name are layout.

    >>> people("张吉良 田 艳"), people("田 艳")
    (('张吉良', '田艳'), ('田艳',))
    """
    found: list[str] = []
    open_ = False
    for piece in _LIST.split(text):
        if open_ and len(piece) == 1:
            found[-1] += piece
            open_ = False
        elif piece:
            found.append(piece)
            open_ = len(piece) == 1
    return tuple(dict.fromkeys(found))
