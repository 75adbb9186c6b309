"""A telephone number is kept in one spelling, and only if somebody can have it."""

import pytest

from kernel.errors import InvalidInputError
from kernel.phones import canonical_phone


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("(217) 555-0123", "US", "+12175550123"),
        ("+1 217 555 0123", None, "+12175550123"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)6 12 34 56 78", None, "+33612345678"),
        ("0033612345678", "FR", "+33612345678"),
        (" 00 33 6 12 34 56 78", None, "+33612345678"),
        ("\uff0b\uff13\uff13 6 12 34 56 78", None, "+33612345678"),
        ("020 7946 0018", "GB", "+442079460018"),
    ],
)
def test_a_number_has_one_spelling(text: str, country: str | None, number: str) -> None:
    assert canonical_phone(text, country=country) == number
    assert canonical_phone(number) == number


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("", None),
        ("217 555 0123", None),
        ("0012345", None),
        ("00", None),
        ("hello", "US"),
        ("+1", None),
        ("+999 12345678", None),
        ("12345", "US"),
        ("+1 217 555 0123 ext. 5", None),
        ("0" * 300, "FR"),
        ("+33 6 12 34 56 7", None),
    ],
)
def test_what_nobody_can_have_is_refused(text: str, country: str | None) -> None:
    with pytest.raises(InvalidInputError) as refused:
        canonical_phone(text, country=country)
    assert [error.field for error in refused.value.errors] == ["phone"]
