"""What pages say is said in every language, and the compiled catalogues are those of their sources."""

import re
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.conf import settings

from marketplace.settings.env import BASE_DIR

_IN_PYTHON = re.compile(r'\b(?:_|gettext|gettext_lazy)\(\s*"((?:[^"\\]|\\.)+)"')
_IN_TEMPLATES = re.compile(r'\{% translate "([^"]+)" %\}|\{% blocktranslate %\}(.*?)\{% endblocktranslate %\}')
_ENTRY = re.compile(r'^msgid "(.+)"\nmsgstr "(.*)"$', re.MULTILINE)
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def catalogue(language: str) -> Path:
    return BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po"


def texts() -> Iterator[str]:
    """Every text that the sources mark for translation."""
    for package in ("accounts", "bookings", "catalog", "marketplace", "notifications", "reviews"):
        for path in (BASE_DIR / package).rglob("*.py"):
            yield from _IN_PYTHON.findall(path.read_text())
    for path in (BASE_DIR / "templates").rglob("*.html"):
        for text, block in _IN_TEMPLATES.findall(path.read_text()):
            yield text or re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", block)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    translated = dict(_ENTRY.findall(catalogue(language).read_text()))
    assert set(texts()) == translated.keys()
    assert all(translated.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_kept(language: str) -> None:
    for text, translation in _ENTRY.findall(catalogue(language).read_text()):
        assert sorted(re.findall(r"%\(\w+\)s", text)) == sorted(re.findall(r"%\(\w+\)s", translation)), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_its_source(language: str) -> None:
    source = catalogue(language)
    with source.with_suffix(".mo").open("rb") as file:
        compiled = GNUTranslations(file)
    for text, translation in _ENTRY.findall(source.read_text()):
        assert compiled.gettext(text) == translation
