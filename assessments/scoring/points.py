"""A score as a person types it, made exact or refused with a sentence; nothing else reads typed scores."""

import re
import unicodedata
from decimal import Decimal

from assessments.scoring.amounts import display_points

# The typed characters, before any folding: folding first would make "5²" a 52.
_TYPED = re.compile(r"[0-9０-９.．]+")
_NUMBER = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_SIGNED = re.compile(r"[-−－﹣–—]\s*[0-9０-９]")

MOST_DIGITS = 12
MOST_PLACES = 4


class BadScore(ValueError):
    """A typed score that cannot be one; `message` tells the clerk what to do."""

    # the name of the cell it is about
    field = "score"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def parse_score(text: str, maximum: Decimal, label: str = "自评得分") -> Decimal:
    """The score that was typed, exactly.

    text: digits with at most four decimals, full-width ones too; blanks around it do not matter.
    maximum: the points the score is for. label: what the field is called in the sentence.
    Raises BadScore; a blank is refused too, because it is not a score.

    >>> parse_score(" ０．５ ", Decimal("0.5"))
    Decimal('0.5')
    """
    typed = text.strip()
    if not typed:
        raise BadScore(f"{label}没有填写")
    if _SIGNED.match(typed):
        raise BadScore(f"{label}不能是负数")
    number = _NUMBER.fullmatch(unicodedata.normalize("NFKC", typed)) if _TYPED.fullmatch(typed) else None
    if number is None:
        raise BadScore(f"{label}只能填数字和小数点，例如 0.5")
    whole, places = number[1], number[2] or ""
    if len(whole) + len(places) > MOST_DIGITS:
        raise BadScore(f"{label}最多 {MOST_DIGITS} 位数字")
    if len(places) > MOST_PLACES:
        raise BadScore("分数最多四位小数")
    score = Decimal(number[0])
    if score > maximum:
        raise BadScore(f"{label}不能超过 {display_points(maximum)}")
    return score
