"""The spelling in which words are compared: what people type for a name finds it, in every script."""

import unicodedata

# Letters that Unicode does not take apart into a letter and a mark, as people write them without.
_PLAIN = str.maketrans(
    {
        "\u00e6": "ae", "\u0153": "oe", "\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00f0": "d", "\u00fe": "th",
        "\u0131": "i", "\u0127": "h", "\u0167": "t", "\u014b": "n", "\u0138": "k", "\u0259": "e", "\u01dd": "e",
        "\u0253": "b", "\u0257": "d", "\u0199": "k", "\u01b4": "y", "\u0268": "i", "\u0289": "u", "\u0180": "b",
    }
)  # fmt: skip
# Canonical combining classes of marks that people leave out: strokes; points of Hebrew and Arabic; accents above and
# below. The marks of Indic and other scripts are vowels, and part of words.
_OVERLAY, _POINTS, _FIRST_ACCENT = 1, range(10, 37), 200
# Marks that choose a glyph and are no part of a word.
_VARIATIONS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x034F, 0x0350))


def search_words(text: str) -> list[str]:
    """The words of a text as search compares them: without case, accents and punctuation."""
    return "".join(_in_word(character) for character in folded(text)).split()


def singulars(word: str) -> set[str]:
    """What a word of `search_words` may be the plural of, in English and in French; nothing for other words."""
    found = set()
    if len(word) > 3 and word[-1] == "s" and not word.endswith("ss"):
        found.add(word[:-1])
        if word.endswith("ies"):
            found.add(f"{word[:-3]}y")
        if word.endswith(("ches", "shes", "sses", "xes")):
            found.add(word[:-2])
    if len(word) > 4 and word.endswith(("aux", "eux")):
        found.add(word[:-1])
    return found


def folded(text: str) -> str:
    """The text in small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not _is_accent(character)).translate(_PLAIN)


def _is_accent(character: str) -> bool:
    mark = unicodedata.combining(character)
    return mark == _OVERLAY or mark in _POINTS or mark >= _FIRST_ACCENT


def _in_word(character: str) -> str:
    """The character if it belongs to a word, a space if it separates words, nothing if it only shapes letters."""
    category = unicodedata.category(character)
    if category == "Cf" or any(ord(character) in variations for variations in _VARIATIONS):
        return ""
    return character if category[0] in "LMN" else " "
