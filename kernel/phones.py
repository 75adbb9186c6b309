"""Telephone numbers: one spelling for each, from whatever people type."""

from kernel.errors import InvalidInputError
from kernel.sentences import sentence


def canonical_phone(text: str, *, country: str | None = None) -> str:
    """The number as E.164 writes it: `(217) 555-0123` in `US` is `+12175550123`.

    `country` (ISO 3166) is where a number without `+` is dialled; without one, `00` is read as `+`. Raises
    `InvalidInputError` naming `phone` for what is no number that somebody can have.
    """
    # Its tables are half a cold start, and few requests need them.
    import phonenumbers

    if country is None and text.lstrip().startswith("00"):
        # What most of the world dials before the code of a country.
        text = f"+{text.lstrip()[2:]}"
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        raise _not_a_number() from error
    # An extension cannot be dialled from a link, and is lost in E.164.
    if number.extension or not phonenumbers.is_valid_number(number):
        raise _not_a_number()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _not_a_number() -> InvalidInputError:
    return InvalidInputError.of(
        "phone", sentence("Enter a phone number with its country code, for example +12175550123.")
    )
