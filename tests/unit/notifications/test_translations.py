"""Every sentence of emails, notes and pages of notifications is there in every language, with the same variables."""

import gettext
import re
from io import BytesIO
from pathlib import Path
from typing import IO

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

from marketplace.settings.env import BASE_DIR
from notifications.texts import TEXTS

LOCALE = BASE_DIR / "notifications" / "locale"
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
PAGES = BASE_DIR / "templates" / "notifications" / "unsubscribe.html"


def sentences() -> set[str]:
    """What the templates and modules ask to be translated."""
    found = {str(text) for text in TEXTS.values()}
    for path in [*(BASE_DIR / "templates" / "email").rglob("*.*"), PAGES]:
        calls = re.findall(r"gettext\(u?(['\"])(.*?)(?<!\\)\1\)", templatize(path.read_text()), re.DOTALL)
        found |= {text.replace("\\'", "'") for _, text in calls}
    source = (BASE_DIR / "notifications" / "formatting.py").read_text()
    return found | set(re.findall(r'_\("(.*?)"\)', source))


def catalog(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    with catalog(language).open("rb") as file:
        translated = {str(message.id): str(message.string) for message in read_po(file) if message.id}

    assert len(sentences()) > 50
    assert set(translated) == sentences()
    for sentence, translation in translated.items():
        assert translation, sentence
        # A text keeps its variables; none is invented.
        assert sorted(re.findall(r"%\(\w+\)s", sentence)) == sorted(re.findall(r"%\(\w+\)s", translation)), sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalog_is_the_written_one(language: str) -> None:
    """`pybabel compile -D django -d notifications/locale` compiles them."""
    with catalog(language).open("rb") as file:
        compiled = BytesIO()
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    with catalog(language).with_suffix(".mo").open("rb") as file:
        assert _messages(file) == _messages(compiled)


def _messages(file: IO[bytes]) -> dict[str, str]:
    messages: dict[str, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    # The header has the time of compiling.
    return {sentence: translation for sentence, translation in messages.items() if sentence}
