"""Pinyin initials, for finding a name by its first letters (办公室 by bgs)."""

from pypinyin import Style, lazy_pinyin


def initials(text: str) -> str:
    """Lower-case first letters of each character; what is no Chinese character stays as it is, without blanks.

    >>> initials("办公室")
    'bgs'
    """
    letters = lazy_pinyin(text, style=Style.FIRST_LETTER)
    return "".join("".join(letters).lower().split())
