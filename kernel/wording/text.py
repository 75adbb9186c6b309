"""Text of people: what it may consist of where it comes in, and how it is made safe where it goes out."""

import unicodedata

from kernel.errors import FieldError, InvalidInputError
from kernel.sentences import Sentence, sentence
from kernel.values import dataclass

# They let text read otherwise than it is stored: "gpj.exe" for "exe.jpg".
_DIRECTION_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# They say where a line may be broken and show nothing: two names must not differ by them. Left out.
_BREAKING_HINTS = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
# Letters, marks and symbols by their category, which no font shows: with one of them a name looks like another.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U00016fe4")
# More of them on one letter reach into the lines above and below. No language needs so many.
_MOST_MARKS = 8
# With these two, letters of Persian, Hindi and others are joined or kept apart; emoji are put together.
_NON_JOINER, _JOINER = "\u200c", "\u200d"
# Signs over numbers: of the invisible kind by their category, but shown.
_SHOWN_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# The flags of England, Scotland and Wales are this flag with letters that no font shows by themselves.
_FLAG, _FLAG_LETTERS = "\U0001f3f4", ("\U000e0020", "\U000e007f")
_VIRAMA = 9


@dataclass(frozen=True, slots=True)
class TextRule:
    """How many characters a text has once it is clean, and whether it may have several lines.

    A text that may be empty has 0 for its least length; one that is not empty has a letter or a digit.
    """

    least: int
    most: int
    has_lines: bool = False


def checked_text(field: str, text: str, rule: TextRule) -> str:
    """The text as it is kept: composed (NFC), without space around it. The one rule for what people write.

    Raises `InvalidInputError` naming `field`, with the code `length`, `character` (controls, changes of direction and
    other invisible characters, line breaks where there is one line) or `no_letter`.
    """
    text = clean_text(text)
    errors = text_errors(field, text, rule)
    if errors:
        raise InvalidInputError(errors)
    return text


def clean_text(text: str) -> str:
    """The spelling in which a text is compared and kept."""
    return unicodedata.normalize("NFC", text.translate(_BREAKING_HINTS).replace("\r\n", "\n")).strip()


def text_errors(field: str, text: str, rule: TextRule) -> list[FieldError]:
    """What is wrong with a clean text."""
    errors = []
    if not rule.least <= len(text) <= rule.most:
        if rule.least:
            message = sentence("Give %(least)s to %(most)s characters.", least=rule.least, most=rule.most)
        else:
            message = sentence("Give at most %(most)s characters.", most=rule.most)
        errors.append(FieldError(field, "length", message))
    refused = _first_refused(text, "\n\t" if rule.has_lines else "")
    if refused is not None:
        is_break = refused in "\n\r\u2028\u2029"
        message = sentence("Leave out line breaks.") if is_break else _leave_out(refused)
        errors.append(FieldError(field, "character", message))
    elif not text.isascii() and _has_piles_of_marks(text):
        message = sentence("Leave out some of the signs above and below one letter.")
        errors.append(FieldError(field, "character", message))
    elif text and not any(map(_is_shown_letter, text)):
        errors.append(FieldError(field, "no_letter", sentence("Write at least one letter or digit.")))
    elif not text.isascii() and (blank := next((character for character in text if character in _BLANK), None)):
        errors.append(FieldError(field, "character", _leave_out(blank)))
    return errors


def _leave_out(character: str) -> Sentence:
    return sentence("Leave out the invisible character %(code)s.", code=f"U+{ord(character):04X}")


def _is_shown_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN" and character not in _BLANK


def _has_piles_of_marks(text: str) -> bool:
    """Whether a letter carries more marks than any language gives it."""
    pile = 0
    for character in text:
        # What the eye sees beside its letter (Mc) piles up nothing.
        pile = pile + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if pile > _MOST_MARKS:
            return True
    return False


def _first_refused(text: str, allowed: str) -> str | None:
    # The common case at a glance.
    if text.isprintable():
        return None
    for position, character in enumerate(text):
        if character.isprintable() or character in allowed:
            continue
        if ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef":
            # No character at all, for ever.
            return character
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and not _is_needed(text, position)):
            return character
    return None


def _is_needed(text: str, position: int) -> bool:
    """Whether the format character there changes what is shown."""
    character, before = text[position], text[position - 1 : position] or " "
    if character in (_NON_JOINER, _JOINER):
        after = text[position + 1 : position + 2] or " "
        return _can_be_joined(before) and (_can_be_joined(after) or unicodedata.combining(before) == _VIRAMA)
    if _FLAG_LETTERS[0] <= character <= _FLAG_LETTERS[1]:
        return before == _FLAG or _FLAG_LETTERS[0] <= before <= _FLAG_LETTERS[1]
    return character in _SHOWN_FORMATS


def _can_be_joined(character: str) -> bool:
    # Letters and their marks; emoji and their colours.
    return unicodedata.category(character)[0] in "LM" or unicodedata.category(character) in ("So", "Sk")


def one_line(text: str) -> str:
    """The text without line breaks, control characters and changes of direction, spaces joined."""
    # Not `split()`: it would take the no-break spaces of French.
    return " ".join(filter(None, "".join(map(_visible, text)).split(" ")))


def lines(text: str) -> str:
    """The text with each of its lines made safe to show."""
    return "\n".join(map(one_line, text.split("\n")))


def _visible(character: str) -> str:
    # Line and paragraph separators count as space.
    if unicodedata.category(character) in ("Cc", "Zl", "Zp"):
        return " "
    return "" if character in _DIRECTION_CONTROLS else character
