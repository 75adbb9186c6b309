"""Fields that take one spelling of each value, and say what is wrong with the others."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from rest_framework.fields import Field
from rest_framework.serializers import ValidationError

from kernel.web.rest_fields import (
    CountryField,
    CurrencyField,
    DayField,
    DayOrInstantField,
    IdField,
    InstantField,
    NameField,
    NumberField,
    NumberParameter,
    TextField,
    TruthField,
    WholeNumberField,
    WholeNumberParameter,
)
from kernel.wording.text import TextRule

NINE = datetime(2027, 3, 1, 9, tzinfo=UTC)
NAME = TextField(TextRule(2, 20))


def refusal(field: Any, value: Any) -> tuple[str, str]:
    with pytest.raises(ValidationError) as refused:
        field.run_validation(value)
    details: Any = refused.value.detail
    (detail,) = details
    return detail.code, str(detail)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2027-03-01T09:00:00Z", NINE),
        ("2027-03-01t09:00:00z", NINE),
        ("2027-03-01T10:00:00+01:00", NINE),
        ("2027-03-01T03:30:00-05:30", NINE),
        ("2027-03-01T09:00:00-00:00", NINE),
        ("2027-03-01T09:00:00.5Z", NINE.replace(microsecond=500_000)),
        ("2027-03-01T09:00:00.1234567Z", NINE.replace(microsecond=123_456)),
        ("2027-03-01T09:00:00.123456789Z", NINE.replace(microsecond=123_456)),
        ("2027-03-01T09:00:00.000000000000Z", NINE),
        ("2028-02-29T09:00:00Z", datetime(2028, 2, 29, 9, tzinfo=UTC)),
    ],
)
def test_instants_of_rfc_3339(text: str, instant: datetime) -> None:
    assert InstantField().run_validation(text) == instant
    assert DayOrInstantField().run_validation(text) == instant


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2027-02-29T09:00:00Z", "no_such_day"),
        ("2027-13-01T09:00:00Z", "no_such_day"),
        ("2027-00-10T09:00:00Z", "no_such_day"),
        ("2027-03-01T24:00:00Z", "no_such_time"),
        ("2027-03-01T09:60:00Z", "no_such_time"),
        ("2027-03-01T09:00:61Z", "no_such_time"),
        ("2027-03-01T09:00:60Z", "leap_second"),
        ("2016-12-31T23:59:60Z", "leap_second"),
        ("2027-03-01T09:00:00+24:00", "no_such_offset"),
        ("2027-03-01T09:00:00+01:60", "no_such_offset"),
        ("0000-03-01T09:00:00Z", "out_of_range"),
        ("3000-03-01T09:00:00Z", "out_of_range"),
        ("2027-03-01T09:00:00", "missing_offset"),
        ("2027-03-01T09:00:00.Z", "invalid"),
        ("2027-03-01 09:00", "invalid"),
        ("\uff12027-03-01T09:00:00Z", "invalid"),
        (1_800_000_000, "invalid"),
        (True, "invalid"),
    ],
)
def test_what_is_wrong_with_an_instant_is_said(text: Any, code: str) -> None:
    assert refusal(InstantField(), text)[0] == code


@pytest.mark.parametrize("field", [DayField(), DayOrInstantField()])
def test_days(field: Any) -> None:
    assert field.run_validation("2028-02-29") == date(2028, 2, 29)
    assert refusal(field, "2027-02-29")[0] == "no_such_day"
    assert refusal(field, "2027-04-31")[0] == "no_such_day"
    assert refusal(field, "1969-12-31")[0] == "out_of_range"
    assert refusal(field, "2027-2-9")[0] == "invalid"
    assert refusal(field, "\uff12027-02-09")[0] == "invalid"
    assert refusal(field, 20270209)[0] == "invalid"


@pytest.mark.parametrize("value", ["100", "1_00", "\uff11\uff10\uff10", 1.0, 1.5, True, [1], {}])
def test_a_whole_number_of_json_is_one(value: Any) -> None:
    assert WholeNumberField().run_validation(-100) == -100
    assert refusal(WholeNumberField(), value)[0] == "invalid"


@pytest.mark.parametrize("value", ["4.5", "1_0.5", True, "nan", [1]])
def test_a_number_of_json_is_one(value: Any) -> None:
    assert NumberField().run_validation(4.5) == 4.5
    assert NumberField().run_validation(4) == 4.0
    assert refusal(NumberField(), value)[0] == "invalid"


@pytest.mark.parametrize("value", ["true", "on", 1, 0, "", [True]])
def test_truth_of_json_is_true_or_false(value: Any) -> None:
    assert TruthField().run_validation(False) is False
    assert refusal(TruthField(), value)[0] == "invalid"


@pytest.mark.parametrize("field", [NAME, IdField(), NameField(), CountryField(), CurrencyField()])
@pytest.mark.parametrize("value", [42, 4.2, True, ["US"], {"US": "US"}])
def test_text_of_json_is_text(field: Field[Any, Any, Any, Any], value: Any) -> None:
    assert refusal(field, value)[0] in ("invalid", "invalid_choice")


@pytest.mark.parametrize("value", ["1_00", "\uff11\uff10\uff10", "\u0661", "1.0", "+1", " 1", "1e2", "", "9" * 19])
def test_a_whole_number_in_an_address_has_ascii_digits(value: str) -> None:
    assert WholeNumberParameter().run_validation("-100") == -100
    assert refusal(WholeNumberParameter(), value)[0] == "invalid"


@pytest.mark.parametrize("value", ["1_0", "nan", "inf", "1e2", "\uff14.5", ".5", "4.", "4,5", ""])
def test_a_number_in_an_address_has_ascii_digits(value: str) -> None:
    assert NumberParameter().run_validation("4.5") == 4.5
    assert refusal(NumberParameter(), value)[0] == "invalid"


@pytest.mark.parametrize(
    ("code", "hint"),
    [("UK", "GB"), ("uk", "GB"), ("EL", "GR"), ("ZZ", "ISO 3166"), ("XX", "ISO 3166"), ("EU", "ISO 3166")],
)
def test_a_country_is_one_of_the_standard(code: str, hint: str) -> None:
    assert CountryField().run_validation("gb") == "GB"
    assert hint in refusal(CountryField(), code)[1]


@pytest.mark.parametrize("code", ["USA", "u", "\uff35S", "\u0131t"])
def test_a_country_has_two_letters(code: str) -> None:
    assert refusal(CountryField(), code)[0] == "invalid"


@pytest.mark.parametrize(("code", "hint"), [("UKP", "GBP"), ("YEN", "JPY"), ("XXX", "USD"), ("usd", "USD")])
def test_a_currency_is_one_that_is_accepted(code: str, hint: str) -> None:
    assert CurrencyField().run_validation("USD") == "USD"
    assert hint in refusal(CurrencyField(), code)[1]


def test_text_is_kept_clean_and_refused_in_the_words_of_its_rule() -> None:
    assert NAME.run_validation(" Jose\u0301 ") == "Jos\u00e9"
    assert refusal(NAME, "")[0] == "length"
    assert refusal(NAME, "a\u202eb") == ("character", "Leave out the invisible character U+202E.")
