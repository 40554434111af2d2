"""The house rules for passwords, beside Django's own: kinds of characters, nothing near at hand, none of the last."""

import string
import unicodedata
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from units.models import FormerPassword, Membership, User
from units.pinyin import initials, spelled

_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)
_NUMERALS = "零一二三四"
# digits and signs that stand for letters: p@ssw0rd
_STAND_INS = str.maketrans("013457@$!", "oieastasi")
_SHORTEST_WORD = 4


class CharacterClassesValidator:
    """At least three of: lower case, upper case, digits, punctuation."""

    def __init__(self, least: int = 3) -> None:
        self.least = least

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        if sum(any(letter in kind for letter in password) for kind in _KINDS) < self.least:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        """The rule as a sentence."""
        return f"密码要包含大写字母、小写字母、数字、符号中的至少{_NUMERALS[self.least]}种。"


class ContextWordsValidator:
    """Nothing anybody would try first: the field's words, and the person's and the office's names in pinyin."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError; names no word, so that nobody learns whose it is. One query for a known account."""
        folded = unicodedata.normalize("NFKC", password).casefold()
        spellings = (_letters(folded), _letters(folded.translate(_STAND_INS)))
        words = {_letters(word.casefold()) for word in (*settings.PASSWORD_CONTEXT_WORDS, *_own_words(user))}
        if any(word in spelling for word in words if len(word) >= _SHORTEST_WORD for spelling in spellings):
            raise ValidationError(self.get_help_text(), code="password_near_at_hand")

    def get_help_text(self) -> str:
        """The rule as a sentence."""
        return "密码里不能有系统名称、单位名称、姓名或用户名的拼音，也不能有 admin、password 这类词。"


class NotUsedBeforeValidator:
    """None of the account's last passwords, the present one among them."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError. One query, and as many slow hashes as passwords are kept."""
        if user is None or user.pk is None:
            return
        if any(check_password(password, one) for one in (user.password, *_former(user))):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self) -> str:
        """The rule as a sentence."""
        return f"不能用最近 {settings.PASSWORD_HISTORY} 次用过的密码，换一个新的。"


def rule() -> str:
    """All rules in one sentence, for the field's help."""
    return (
        f"至少 {settings.PASSWORD_MIN_LENGTH} 位，含大写字母、小写字母、数字、符号中的至少"
        f"{_NUMERALS[settings.PASSWORD_MIN_KINDS]}种；不用常见密码，不含用户名、姓名和单位的拼音，"
        f"不用最近 {settings.PASSWORD_HISTORY} 次用过的。"
    )


def keep_former(user: User) -> None:
    """Remember the present password before it is replaced; older ones than the history needs are forgotten."""
    FormerPassword.objects.create(user=user, password=user.password)
    kept = FormerPassword.objects.filter(user=user).values("pk")[: settings.PASSWORD_HISTORY - 1]
    FormerPassword.objects.filter(user=user).exclude(pk__in=[row["pk"] for row in kept]).delete()


def _former(user: User) -> list[str]:
    rows = FormerPassword.objects.filter(user=user).values_list("password", flat=True)
    return list(rows[: settings.PASSWORD_HISTORY - 1])


def _letters(word: str) -> str:
    return "".join(letter for letter in word if letter.isalpha())


def _own_words(user: User | None) -> Iterator[str]:
    """The account's name, and the names of its person, unit and organisation as they are typed without tones."""
    if user is None:
        return
    yield user.username
    held = Membership.objects.select_related("organisation", "unit").filter(user_id=user.pk).first()
    names = [user.display_name, *((held.organisation.name, held.unit.name if held.unit else "") if held else ())]
    for name in names:
        yield initials(name)
        yield spelled(name)
