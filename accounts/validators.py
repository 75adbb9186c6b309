"""Rules for new passwords."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class CharacterKindsValidator:
    """What the user pool asks of a password beyond its length; here the person hears of it at once."""

    def validate(self, password: str, user: Any = None) -> None:
        kinds = (str.islower, str.isupper, str.isdigit)
        if not all(any(is_kind(letter) for letter in password if letter.isascii()) for is_kind in kinds):
            raise ValidationError(self.get_help_text(), code="password_character_kinds")

    def get_help_text(self) -> str:
        return _("Use at least one small letter, one capital letter and one digit.")
