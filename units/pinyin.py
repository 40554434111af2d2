"""Pinyin initials, so that a name is found by what a clerk types without an input method."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

LONGEST = 100


@lru_cache(maxsize=4096)
def initials(text: str) -> str:
    """The lower-case first letters of every character, at most 100; other letters and digits stay.

    >>> initials("政策法规处")
    'zcfgc'
    >>> initials("12345热线")
    '12345rx'
    """
    letters = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))
    return "".join(letters.split()).lower()[:LONGEST]
