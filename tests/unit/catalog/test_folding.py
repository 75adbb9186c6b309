"""Words as search compares them, and the keys made of them."""

import pytest

from catalog.domain import area_key, city_key, search_words, singulars


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Wroclaw", "Wroc\u0142aw"),
        ("Lodz", "\u0141\u00f3d\u017a"),
        ("Kobenhavn", "K\u00f8benhavn"),
        ("Tromso", "Troms\u00f8"),
        ("Da Nang", "\u0110\u00e0 N\u1eb5ng"),
        ("Diyarbakir", "Diyarbak\u0131r"),
        ("ISTANBUL", "\u0130stanbul"),
        ("Aeroskobing", "\u00c6r\u00f8sk\u00f8bing"),
        ("Thorlakshofn", "\u00deorl\u00e1ksh\u00f6fn"),
        ("Strasse", "Stra\u00dfe"),
        ("  SAN  JOSE ", "San Jos\u00e9"),
        ("Sao Paulo", "Sa\u0303o Paulo"),
        # Points that Hebrew and Arabic are mostly written without.
        (
            "\u05d9\u05e8\u05d5\u05e9\u05dc\u05d9\u05dd",
            "\u05d9\u05b0\u05e8\u05d5\u05bc\u05e9\u05b8\u05c1\u05dc\u05b7\u05d9\u05b4\u05dd",
        ),
        # With and without the joiner of Persian.
        ("\u0645\u06cc\u062f\u0627\u0646", "\u0645\u06cc\u200c\u062f\u0627\u0646"),
    ],
)
def test_what_people_type_for_a_city_finds_it(typed: str, name: str) -> None:
    assert city_key("XX", typed) == city_key("XX", name)


@pytest.mark.parametrize(
    ("city", "other"),
    [
        # Delhi and what its first letters would be without their vowel signs, Pune and another.
        ("\u0926\u093f\u0932\u094d\u0932\u0940", "\u0926\u0932\u0932"),
        ("\u092a\u0941\u0923\u0947", "\u092a\u0923"),
        # Chennai and Chenna, in Tamil.
        ("\u0b9a\u0bc6\u0ba9\u0bcd\u0ba9\u0bc8", "\u0b9a\u0ba9\u0ba9"),
        # Thai vowels above the letter.
        ("\u0e01\u0e34\u0e19", "\u0e01\u0e19"),
    ],
)
def test_vowel_signs_are_part_of_words(city: str, other: str) -> None:
    assert search_words(city) == [search_words(city)[0]]
    assert city_key("IN", city) != city_key("IN", other)


def test_a_city_has_one_key_in_each_category() -> None:
    assert area_key("plumbing", city_key("CR", "San Jos\u00e9")) == "plumbing#cr/san jose"


def test_words_are_compared_without_case_accents_and_punctuation() -> None:
    words = search_words("Rohr-Reinigung, Stra\u00dfe; \u00c9L\u00c8VE 24/7 \U0001f6bf\ufe0f")
    assert words == ["rohr", "reinigung", "strasse", "eleve", "24", "7"]


@pytest.mark.parametrize("text", ["!!!", "\U0001f6bf", "\U0001f469\u200d\U0001f527", "\u2764\ufe0f", "\u200b", ""])
def test_punctuation_and_emoji_are_no_words(text: str) -> None:
    assert search_words(text) == []


@pytest.mark.parametrize(
    ("plural", "singular"),
    [("taps", "tap"), ("boxes", "box"), ("batteries", "battery"), ("tuyaux", "tuyau"), ("portes", "porte")],
)
def test_a_plural_is_known_by_its_singular(plural: str, singular: str) -> None:
    assert singular in singulars(plural)


@pytest.mark.parametrize("word", ["gas", "glass", "tap", ""])
def test_other_words_are_no_plural(word: str) -> None:
    assert not singulars(word)
