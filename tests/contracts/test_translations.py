"""What people are told is told in every language, and the compiled catalogues are those of their sources."""

import gettext
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import pytest
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

from marketplace.settings.env import BASE_DIR

PACKAGES = ("accounts", "bookings", "catalog", "kernel", "marketplace", "notifications", "pages", "photos", "reviews")
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "sentence": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
}
_IN_TEMPLATES = re.compile(r"(?<!n)gettext\(u?(['\"])(.*?)(?<!\\)\1\)", re.DOTALL)
_PLURALS_IN_TEMPLATES = re.compile(r"ngettext\(u?(['\"])(.*?)(?<!\\)\1, u?(['\"])(.*?)(?<!\\)\3,", re.DOTALL)
_PLACEHOLDER = re.compile(r"%\(\w+\)s")


def texts() -> set[str]:
    """Every text that the sources mark for translation."""
    return {text for forms in _marked() for text in forms}


def _marked() -> Iterator[list[str]]:
    """The forms of each text that the sources mark: one, or singular and plural."""
    for package in PACKAGES:
        for path in (BASE_DIR / package).rglob("*.py"):
            with path.open("rb") as file:
                for found in extract("python", file, _KEYWORDS):
                    yield [_in_context(found[3], form) for form in _forms(found[1])]
    for path in (BASE_DIR / "templates").rglob("*.*"):
        marked = templatize(path.read_text())
        for _, text in _IN_TEMPLATES.findall(marked):
            yield [text.replace("\\'", "'")]
        for _, one, _, many in _PLURALS_IN_TEMPLATES.findall(marked):
            yield [one, many]


def _forms(text: object) -> list[str]:
    """Singular and plural of a text that has both."""
    return [str(form) for form in text] if isinstance(text, list | tuple) else [str(text)]


def _in_context(context: object, text: str) -> str:
    """The text as a compiled catalogue knows it: after its context, if it has one."""
    return f"{context}\x04{text}" if context else text


def catalogues(language: str) -> list[Path]:
    """The project's, and those that apps keep of what they alone say."""
    folders = [BASE_DIR / "locale", *(BASE_DIR / package / "locale" for package in PACKAGES)]
    return [path for folder in folders if (path := folder / language / "LC_MESSAGES" / "django.po").exists()]


def entries(language: str) -> Iterator[tuple[str, str]]:
    for path in catalogues(language):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    forms = [_in_context(message.context, form) for form in _forms(message.id)]
                    yield from zip(forms, _forms(message.string), strict=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    translated = dict(entries(language))
    assert translated.keys() == texts()
    assert len(translated) > 200
    assert all(translated.values())
    # Django puts the catalogues together: none may contradict another.
    assert set(entries(language)) == set(translated.items())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_stands_alone_is_found_by_itself(language: str) -> None:
    """The plural of another text is found by its singular only."""
    found: set[str] = set()
    for source in catalogues(language):
        with source.with_suffix(".mo").open("rb") as file:
            found |= {key if isinstance(key, str) else key[0] for key in _messages(file)}
    assert {forms[0] for forms in _marked()} - found == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_kept(language: str) -> None:
    for text, translation in entries(language):
        assert sorted(_PLACEHOLDER.findall(text)) == sorted(_PLACEHOLDER.findall(translation)), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_has_one_translation(language: str) -> None:
    """Of two that a merge left one below the other gettext compiles none, and whoever reads them knows not which."""
    doubled = re.compile(r'^msgstr "[^\n]*\n(?:"[^\n]*\n)*(msgstr "[^\n]*)', re.MULTILINE)
    assert [found for path in catalogues(language) for found in doubled.findall(path.read_text())] == []


def test_no_line_of_french_begins_with_a_mark_of_its_punctuation() -> None:
    breaking = re.compile(r" [;:?!»]| %%|« ")
    assert [translation for _, translation in entries("fr") if breaking.search(translation)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogues_are_those_of_their_sources(language: str) -> None:
    for source in catalogues(language):
        compiled = BytesIO()
        with source.open("rb") as file:
            write_mo(compiled, read_po(file))
        compiled.seek(0)
        with source.with_suffix(".mo").open("rb") as file:
            assert _messages(file) == _messages(compiled), source


def _messages(file: IO[bytes]) -> dict[Any, str]:
    """By text, or by singular and number where there is a plural."""
    messages: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    # The header has the time of compiling.
    return {text: translation for text, translation in messages.items() if text}
