"""No word of a template escapes translation."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from marketplace.settings.env import BASE_DIR

TEMPLATES = BASE_DIR / "templates"
# In English: what developers see, and what documents the API, which is English, too.
ENGLISH = ("styleguide", "api_docs", "rest_framework", "admin", "laptop")
# The same in every language.
SYMBOLS = {"km"}
# The attributes that a page adds to its body or its form.
_ATTRIBUTES = re.compile(r"{% block \w+_attributes %}.*?{% endblock.*?%}", re.DOTALL)
_TRANSLATED = re.compile(r"{%-?\s*blocktrans(?:late)?\b.*?{%-?\s*endblocktrans(?:late)?\s*-?%}", re.DOTALL)
_COMMENT = re.compile(r"{%-?\s*comment\b.*?{%-?\s*endcomment\s*-?%}|{#.*?#}", re.DOTALL)
_TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SAID = ("alt", "aria-label", "placeholder", "title")


class _Words(HTMLParser):
    """Collects the words that a reader sees or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        self.found += [value for name, value in attrs if name in _SAID and value and _WORD.search(value)]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        words = set(_WORD.findall(data)) - SYMBOLS
        if words and not self._silent:
            self.found.append(data.strip())


def bare_words(source: str) -> list[str]:
    """The words outside of translation tags. A tag stands for nothing, so what it writes is not judged."""
    for pattern in (_COMMENT, _TRANSLATED, _ATTRIBUTES, _TAG):
        source = pattern.sub("", source)
    words = _Words()
    words.feed(source)
    return words.found


def pages() -> list[Path]:
    return [
        path
        for path in sorted(TEMPLATES.rglob("*.html"))
        if not any(part.startswith(ENGLISH) for part in path.relative_to(TEMPLATES).parts)
    ]


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_word_is_translated(path: Path) -> None:
    assert bare_words(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    ["<p>Bare</p>", '<img alt="Bare">', "<p>{% translate 'Not bare' %} but this</p>", "{{ name }} is bare"],
)
def test_mutant_a_bare_word_is_found(source: str) -> None:
    assert bare_words(source)
