"""What a node says in a cell: its name with points, its units with roles; the reader finds the same again."""

import re
from collections.abc import Sequence
from decimal import Decimal

from indicators.reading.columns import Header
from indicators.reading.drafts import NodeDraft, ResponsibilityDraft
from indicators.reading.points import split_level
from indicators.reading.report import plain
from indicators.reading.text import fold, squeeze

NOTHING = "——"
_ROLE_WORDS = (("lead", "牵头"), ("joint", "会同"), ("support", "配合"), ("assessor", "考核"))
_COLUMNS = {"unit-joint": "joint", "unit-support": "support", "assessor": "assessor"}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def points(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def named(node: NodeDraft, *, with_points: bool) -> str:
    """The name, with its points in brackets where they stand nowhere else or where it ends in what looks like some.

    >>> named(NodeDraft(1, None, 1, "决策公开", Decimal("5.50")), with_points=True)
    '决策公开（5.5分）'
    """
    if node.declared is None or not (with_points or split_level(node.name)[1] is not None):
        return node.name
    return f"{node.name}（{plain(node.declared)}分）"


def renamed(printed: str, then: NodeDraft, now: NodeDraft, *, in_name: bool) -> str:
    """The printed words with the new name and points in place of the old; brackets stay as they were printed.

    in_name: points have no other place. Unchanged words stay to the letter.
    """
    if (then.name, then.declared) == (now.name, now.declared):
        return printed
    bare = squeeze(printed)
    if not bare.startswith(then.name):
        return named(now, with_points=in_name)
    tail = bare[len(then.name) :]
    if then.declared == now.declared and (tail or not in_name):
        return now.name + tail if tail else named(now, with_points=False)
    if now.declared is None or not _NUMBER.search(tail):
        return named(now, with_points=in_name or bool(_NUMBER.search(tail)))
    return now.name + _NUMBER.sub(points(now.declared), tail, count=1)


def units(duties: Sequence[ResponsibilityDraft]) -> str:
    """One cell for all of them; names alone where all lead.

    >>> units([ResponsibilityDraft("办公室", "lead", "unit"), ResponsibilityDraft("监察处", "support", "unit")])
    '牵头：办公室；配合：监察处'
    """
    if all(one.role == "lead" for one in duties):
        return _list(duties)
    parts = [(word, [one for one in duties if one.role == role]) for role, word in _ROLE_WORDS]
    return "；".join(f"{word}：{_list(some)}" for word, some in parts if some)


def unit_cells(header: Header, duties: Sequence[ResponsibilityDraft]) -> dict[int, str]:
    """Column → words, for every unit column of the ledger; a column without a unit says so, for a blank would not."""
    columns = header.of("unit", "unit-lead", *_COLUMNS)
    lead = next((one for one in columns if one.role == "unit-lead"), None)
    found = dict.fromkeys((one.index for one in columns), NOTHING)
    left = list(duties)
    for column in columns:
        role = _COLUMNS.get(column.role) or ("joint" if lead and column.role == "unit" else None)
        some = [one for one in left if one.role == role]
        if some:
            found[column.index] = _list(some)
            left = [one for one in left if one not in some]
    main = lead or next((one for one in columns if one.role == "unit"), columns[0] if columns else None)
    if main is not None and left:
        found[main.index] = units(left)
    return found


def duties_of(node: NodeDraft) -> set[tuple[str, str]]:
    return {(fold(one.name), one.role) for one in node.responsibilities}


def _list(duties: Sequence[ResponsibilityDraft]) -> str:
    """`甲、乙等`: only the last name can leave the list open."""
    ordered = sorted(duties, key=lambda one: one.open_ended)
    words = "、".join(one.name for one in ordered)
    # a group such as 有关处室、单位 is open by its own words
    return f"{words}等" if ordered and ordered[-1].open_ended and ordered[-1].kind == "unit" else words
