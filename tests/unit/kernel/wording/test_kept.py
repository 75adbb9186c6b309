"""Words that are kept: made once for each language and what they are about, and never shown in another's place."""

import pytest
from django.utils.translation import gettext, override
from pytest_django import Settings

from kernel.wording.kept import kept_by_language


@pytest.fixture
def made() -> list[str]:
    """What the words were made of."""
    return []


def test_words_are_made_once_for_each_language_and_what_they_are_about(made: list[str]) -> None:
    @kept_by_language
    def words(name: str) -> str:
        made.append(name)
        return f"{name}: {gettext('Save')}"

    with override("en"):
        assert (words("a"), words("b"), words("a")) == ("a: Save", "b: Save", "a: Save")
    with override("fr"):
        assert words("a") == "a: Enregistrer"
    with override("en"):
        assert words("a") == "a: Save"
    assert made == ["a", "b", "a"]


def test_words_are_made_anew_for_those_who_write_them(made: list[str], settings: Settings) -> None:
    settings.DEBUG = True
    words = kept_by_language(lambda name: made.append(name))

    words("a")
    words("a")

    assert made == ["a", "a"]
