"""Subjects as mail programs read them: by the letter of RFC 2047, and by no library that wrote them."""

import re
from base64 import b64decode

import pytest
from django.core.mail import EmailMessage

from notifications.emails.headers import Email, encoded_words

_WORD = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/]+=*)\?=")
FRENCH = (
    "Votre rendez-vous est confirm\u00e9 : r\u00e9paration d\u2019une fuite chez Soci\u00e9t\u00e9 G\u00e9n\u00e9rale"
)
SUBJECTS = [
    "Short",
    "An ASCII subject that is longer than a line of a mail may be, which is broken between two of its words",
    "Caf\u00e9",
    FRENCH,
    "\u6c34\u6f0f\u308c" * 60,
    "\U0001f6bf" * 50,
    "Jos\u00e9" + "e\u0301" * 80,
    "x" * 200,
    "=?utf-8?q?not_encoded?=",
]


def subject_lines(message: EmailMessage) -> list[str]:
    """The lines of the header as they are sent."""
    head = message.message().as_bytes().decode("ascii").partition("\n\n")[0]
    (header,) = re.findall(r"^Subject:.*(?:\n[ \t].*)*", head, re.MULTILINE)
    return str(header).split("\n")


def read(lines: list[str]) -> str:
    """What a strict reader shows."""
    text = "".join(lines).removeprefix("Subject: ")
    words = re.split(r" +", text)
    if not any(_WORD.fullmatch(word) for word in words):
        return text
    # Each word is characters by itself; the space between two words is none of the text.
    return "".join(b64decode(_WORD.fullmatch(word)[1]).decode() for word in words)  # type: ignore[index]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_strict_reader_shows_the_subject(subject: str) -> None:
    lines = subject_lines(Email(subject=subject, body="", to=["ann@example.com"]))
    assert read(lines) == subject
    assert all(len(line) <= 76 for line in lines)
    assert all(len(word) <= 75 for line in lines for word in line.split() if "=?" in word)
    # Some programs show the first line alone.
    assert lines[0].removeprefix("Subject:").strip()


def test_the_watch_sees_an_empty_first_line() -> None:
    """The mutant: the subject as Django writes it."""
    lines = subject_lines(EmailMessage(subject=FRENCH, body="", to=["ann@example.com"]))
    assert lines[0].strip() == "Subject:"


def test_the_first_word_leaves_room_for_the_header_s_name() -> None:
    first, second, *_ = encoded_words("A-Header-With-A-Long-Name", FRENCH).split(" ")
    assert len(f"A-Header-With-A-Long-Name: {first}") <= 76
    assert len(first) < len(second) <= 75
