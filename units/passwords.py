"""The house rule for passwords, beside Django's own (等保: three of four kinds of characters)."""

import string

from django.core.exceptions import ValidationError

from units.models import User

_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)


class CharacterClassesValidator:
    """At least three of: lower case, upper case, digits, punctuation."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        if sum(any(letter in kind for letter in password) for kind in _KINDS) < 3:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        """The rule as a sentence."""
        return "密码要包含大写字母、小写字母、数字、符号中的至少三种。"
