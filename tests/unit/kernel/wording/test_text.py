"""Text of people, made safe to show."""

import unicodedata

import pytest

from kernel.errors import InvalidInputError
from kernel.wording.text import TextRule, checked_text, lines, one_line

NAME = TextRule(2, 80)
NOTES = TextRule(0, 40, has_lines=True)


def test_a_line_stays_one_line() -> None:
    assert one_line("a\r\nBcc: b\x00\x1b[1m \u2028c\u202egpj") == "a Bcc: b [1m cgpj"
    assert one_line("  Zoë  O’Neil 🔧 ") == "Zoë O’Neil 🔧"
    assert lines("one\r\n two\n\nthree\x07") == "one\ntwo\n\nthree"


@pytest.mark.parametrize(
    "text",
    [
        "Zo\u00eb O\u2019Neil",
        # Names of Persian and Hindi with joiners between and after letters.
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u200d\u0937",
        "\u0930\u093e\u091c\u0928\u094d\u200c\u0926\u0930",
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3 \u0dbd\u0d82\u0d9a\u0dcf",
        # Emoji that are put together, and a flag.
        "Ann \U0001f469\U0001f3fd\u200d\U0001f527",
        "Ann \U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "24/7",
        "\u0661\u0662",
        "Jean\u00a0Luc",
        # Hebrew with points and accents, Vietnamese taken apart, Tibetan: several marks on a letter.
        "\u05d1\u05bc\u05b0\u05e8\u05b5\u05d0\u05e9\u05c1\u05b4\u0596\u05d9\u05ea",
        "Nguye\u0302\u0303n",
        "\u0f56\u0f66\u0f92\u0fb2\u0f74\u0f56\u0f66",
    ],
)
def test_what_people_are_called_is_kept_as_it_is(text: str) -> None:
    assert checked_text("name", text, NAME) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Jose\u0301 ", "Jos\u00e9"),
        ("Map\u200ble\ufeff", "Maple"),
        ("Do\u00adnau", "Donau"),
    ],
)
def test_a_text_has_one_spelling(text: str, kept: str) -> None:
    assert checked_text("name", text, NAME) == kept


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A", "length"),
        ("A" * 81, "length"),
        ("\u200b\u2060\u200b", "length"),
        ("\u3164\u3164", "no_letter"),
        ("\u2800\u2800", "no_letter"),
        ("\u115f\u1160", "no_letter"),
        ("\uffa0\uffa0", "no_letter"),
        ("\u0301\u0301", "no_letter"),
        ("--", "no_letter"),
        ("\U0001f6bf\U0001f6bf", "no_letter"),
        ("gpj\u202eexe", "character"),
        ("Ann\u200f", "character"),
        ("a\u2066b\u2069", "character"),
        ("one\ntwo", "character"),
        ("one\u2028two", "character"),
        ("one\u2029two", "character"),
        ("a\x00b", "character"),
        ("a\x85b", "character"),
        ("a\ud800b", "character"),
        ("a\U000e0041b", "character"),
        # Joiners that join nothing.
        ("Ann\u200d Doe", "character"),
        ("\u200cAnn", "character"),
        # What no font shows, beside letters: the name of somebody else.
        ("Ann\u3164", "character"),
        ("Ann\u2800Doe", "character"),
        ("An\u034fn", "character"),
        ("\u1780\u17b4", "character"),
        # What will never be a character.
        ("Ann\uffff", "character"),
        ("Ann\ufdd0", "character"),
        # Marks that reach into other lines.
        ("A" + "\u0301" * 10 + "nn", "character"),
    ],
)
def test_what_nobody_can_see_or_what_turns_text_about_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        checked_text("name", text, NAME)
    assert [(error.field, error.code) for error in refused.value.errors] == [("name", code)]


def test_a_refused_character_is_named() -> None:
    with pytest.raises(InvalidInputError) as refused:
        checked_text("name", "gpj\u202eexe", NAME)
    assert "U+202E" in str(refused.value.errors[0].message)


def test_a_text_of_several_lines_may_be_empty_but_not_without_words() -> None:
    assert checked_text("notes", " one\r\n\ttwo ", NOTES) == "one\n\ttwo"
    assert checked_text("notes", " \u200b ", NOTES) == ""
    with pytest.raises(InvalidInputError):
        checked_text("notes", "?!", NOTES)
