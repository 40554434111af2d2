"""Personal data in a text (身份证号、手机号、银行卡号), so that nobody publishes it unseen. Pure; keeps nothing."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

# GB 11643-1999: weights of the first seventeen digits, and the check character by the sum modulo 11
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_REGION = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_GAP = r"[ -]?"
_MAYBE = re.compile(r"[0-9０-９][0-9０-９ \u3000-]{9}")
_CARD_OF_IDENTITY = re.compile(rf"(?<!\d){_REGION}\d{{4}}{_GAP}\d{{8}}{_GAP}\d{{3}}[\dXx](?![\dA-Za-z])")
_MOBILE = re.compile(rf"(?<![\d.])(?:(?:\+|00)?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\.?\d)")
# UnionPay 62, 60 and 9558 have 16 to 19 digits; Visa and MasterCard 16
_BANK_CARD = re.compile(
    rf"(?<!\d)(?:(?:62|60)\d\d|9558){_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}}(?:{_GAP}\d{{1,3}})?(?!\d)"
    rf"|(?<!\d)(?:4\d{{3}}|5[1-5]\d\d){_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)"
)
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Personal:
    """One piece of personal data. shown: as it may be shown, all but its ends hidden."""

    kind: str
    shown: str


def may_hold(text: str) -> bool:
    """Whether a closer look is worth it: a quick answer for a whole sheet's words."""
    return _MAYBE.search(text) is not None


def personal(text: str) -> tuple[Personal, ...]:
    """What in `text` is an identity card's, a mobile phone's or a bank card's number; each once, in that order.

    Identity cards count by date and check character, bank cards by the Luhn sum; a number inside a link is no mobile.

    >>> personal("联系人 138 0013 8000，身份证 11010519491231002X")
    (Personal(kind='身份证号', shown='110***02X'), Personal(kind='手机号', shown='138***000'))
    >>> personal("文号 201903120001，热线 12345，分值 13800138000.5")
    ()
    """
    if not may_hold(text):
        return ()
    text = unicodedata.normalize("NFKC", text)
    found = [Personal("身份证号", _hidden(one)) for one in _CARD_OF_IDENTITY.findall(text) if _is_identity(one)]
    found += [Personal("手机号", _hidden(one)) for one in _MOBILE.findall(_ADDRESS.sub(" ", text))]
    found += [Personal("银行卡号", _hidden(one)) for one in _BANK_CARD.findall(text) if _is_bank_card(one)]
    return tuple(dict.fromkeys(found))


def named(found: tuple[Personal, ...]) -> str:
    """As a sentence says it: 身份证号 110***02X、手机号 138***000."""
    return "、".join(f"{one.kind} {one.shown}" for one in found)


def _plain(text: str) -> str:
    return text.replace(" ", "").replace("-", "")


def _hidden(text: str) -> str:
    digits = _plain(text)
    return f"{digits[:3]}***{digits[-3:]}"


def _is_identity(text: str) -> bool:
    digits = _plain(text).upper()
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    weighed = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return born.year >= 1900 and _CHECKS[weighed % 11] == digits[17]


def _is_bank_card(text: str) -> bool:
    digits = [int(digit) for digit in reversed(_plain(text))]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
