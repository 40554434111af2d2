"""The numbers Word prints before paragraphs without storing them in the text (自动编号)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

_VAL = qn("w:val")
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a list: how its number is written, the words around it, where it starts."""

    form: str
    words: str
    start: int


def chinese(number: int) -> str:
    """
    >>> [chinese(number) for number in (3, 10, 12, 20, 35)]
    ['三', '十', '十二', '二十', '三十五']
    """
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return head + (_DIGITS[ones] if ones else "")


def _letter(number: int) -> str:
    return chr(65 + (number - 1) % 26)


_FORMS: dict[str, Callable[[int], str]] = {
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "ideographDigital": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "decimalEnclosedCircle": lambda number: chr(0x2460 + number - 1) if 0 < number <= 20 else str(number),
    "decimalEnclosedCircleChinese": lambda number: chr(0x2460 + number - 1) if 0 < number <= 20 else str(number),
    "upperLetter": _letter,
    "lowerLetter": lambda number: _letter(number).lower(),
    "none": lambda _: "",
}


class Serials:
    """Counts the numbered paragraphs of one document in their order."""

    def __init__(self, document: Any) -> None:
        self.levels: dict[str, dict[int, _Level]] = {}
        self.lists: dict[str, str] = {}
        self.styles: dict[str, tuple[str, int]] = {}
        self.counted: dict[tuple[str, int], int] = {}
        root = _numbering(document)
        if root is not None:
            self._learn(root)
            self._learn_styles(document)

    def label(self, paragraph: Any) -> str:
        """The number that Word prints before this paragraph, an empty text where it prints none."""
        if not self.lists:
            return ""
        found = self._of(paragraph)
        if found is None or not _has_words(paragraph):
            return ""
        list_, level = found
        abstract = self.lists.get(list_, "")
        known = self.levels.get(abstract, {})
        if level not in known or known[level].form == "bullet":
            return ""
        key = (abstract, level)
        self.counted[key] = self.counted.get(key, known[level].start - 1) + 1
        for deeper in [one for one in self.counted if one[0] == abstract and one[1] > level]:
            del self.counted[deeper]
        return self._written(abstract, known, level)

    def _written(self, abstract: str, known: dict[int, _Level], level: int) -> str:
        words = known[level].words
        for number in range(level + 1):
            if f"%{number + 1}" in words and number in known:
                value = self.counted.get((abstract, number), known[number].start)
                words = words.replace(f"%{number + 1}", _FORMS.get(known[number].form, str)(value))
        return words

    def _of(self, paragraph: Any) -> tuple[str, int] | None:
        """List and level of a paragraph, its own or its style's."""
        properties = paragraph.find(qn("w:pPr"))
        if properties is None:
            return None
        own = _list_and_level(properties)
        if own is not None:
            return own if own[0] != "0" else None
        style = properties.find(qn("w:pStyle"))
        return self.styles.get(style.get(_VAL, "")) if style is not None else None

    def _learn(self, root: Any) -> None:
        for abstract in root.iter(qn("w:abstractNum")):
            levels = {}
            for level in abstract.iter(qn("w:lvl")):
                start = _value(level, "w:start") or "1"
                levels[_number(level.get(qn("w:ilvl")))] = _Level(
                    _value(level, "w:numFmt") or "decimal", _value(level, "w:lvlText") or "", _number(start)
                )
            self.levels[abstract.get(qn("w:abstractNumId"), "")] = levels
        for one in root.iter(qn("w:num")):
            self.lists[one.get(qn("w:numId"), "")] = _value(one, "w:abstractNumId") or ""

    def _learn_styles(self, document: Any) -> None:
        for style in document.styles.element.iter(qn("w:style")):
            properties = style.find(qn("w:pPr"))
            found = _list_and_level(properties) if properties is not None else None
            if found is not None and found[0] != "0":
                self.styles[style.get(qn("w:styleId"), "")] = found


def _numbering(document: Any) -> Any:
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/numbering") and not relation.is_external:
            return relation.target_part.element
    return None


def _list_and_level(properties: Any) -> tuple[str, int] | None:
    numbered = properties.find(qn("w:numPr"))
    if numbered is None:
        return None
    list_ = _value(numbered, "w:numId")
    return (list_, _number(_value(numbered, "w:ilvl"))) if list_ else None


def _value(element: Any, name: str) -> str | None:
    child = element.find(qn(name))
    value = child.get(_VAL) if child is not None else None
    return None if value is None else str(value)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else 0


def _has_words(paragraph: Any) -> bool:
    # An empty cell of a numbered column does print its number: that is how offices number rows.
    return paragraph.getparent().tag == qn("w:tc") or any(text.text for text in paragraph.iter(qn("w:t")))
