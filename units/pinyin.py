"""Pinyin initials, so that a name is found by what a clerk types without an input method."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.seg.simpleseg import seg

LONGEST = 100


@lru_cache(maxsize=4096)
def initials(text: str) -> str:
    """The lower-case first letters of every character, at most 100; other letters and digits stay.

    >>> initials("政策法规处")
    'zcfgc'
    >>> initials("12345热线")
    '12345rx'
    """
    letters = "".join(map(_of_word, seg(text)))
    return "".join(letters.split()).lower()[:LONGEST]


@lru_cache(maxsize=8192)
def _of_word(word: str) -> str:
    """One word as the library parts a text into words: thousands of names are made of few of them.

    The library reads each word by itself, so a text read word by word has the same letters.
    """
    return "".join(lazy_pinyin([word], style=Style.FIRST_LETTER))


def spelled(text: str) -> str:
    """Every character in full, without tones and blanks, at most 100 letters.

    >>> spelled("张建华")
    'zhangjianhua'
    """
    return "".join("".join(lazy_pinyin(text)).split()).lower()[:LONGEST]
