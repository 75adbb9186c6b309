"""Text on an invoice: what people wrote, drawn as it is, in lines that fit.

Nothing here interprets markup: ReportLab's paragraphs, which read tags and fetch what they name, are not used.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from bookings.invoices.directions import has_right_to_left, in_visual_order, levels
from bookings.invoices.scripts import font_name, script_of
from kernel.values import dataclass
from kernel.wording.text import one_line

REGULAR, BOLD = "Invoice", "Invoice-Bold"
_FONTS = Path(__file__).parent / "fonts"
_FILES = {REGULAR: _FONTS / "DejaVuSansCondensed.ttf", BOLD: _FONTS / "DejaVuSansCondensed-Bold.ttf"}
# Stands for words that cannot be drawn.
_LEFT_OUT = "[…]"
_VIRAMA = 9
_VARIATIONS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_JOINERS = "\u200c\u200d"

# The contents of the font of that name, None where there is none.
FindFont = Callable[[str], bytes | None]


@cache
def _packaged() -> dict[str, bytes]:
    """The contents of the two fonts, registered with ReportLab, which embeds the letters that are used."""
    contents = {name: path.read_bytes() for name, path in _FILES.items()}
    for name, font in contents.items():
        pdfmetrics.registerFont(TTFont(name, BytesIO(font)))
    return contents


def no_fonts(name: str) -> None:
    """A `FindFont` that has none but the packaged ones."""
    return


class NoShaperError(Exception):
    """The text needs HarfBuzz, which the web function's package does not have: the events function draws it."""


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A glyph as ReportLab knows it: by a character of its font. Measures in units of the font's size."""

    character: str
    x: float
    y: float
    advance: float


@dataclass(frozen=True, slots=True)
class _Run:
    """Glyphs of one font, from left to right."""

    font: str
    glyphs: tuple[_Glyph, ...]


class Typesetter:
    """Measures and draws the text of one document, in its two fonts and in those of the scripts that they lack.

    `is_incomplete` is whether something could not be drawn so far. Not for two threads at once: ReportLab knows fonts
    by names of the process.
    """

    def __init__(self, find_font: FindFont = no_fonts) -> None:
        self._packaged = _packaged()
        self.is_incomplete = False
        self._find_font = find_font
        self._fonts: dict[str, Any] = {}
        self._laid_out: dict[tuple[str, str], tuple[_Run, ...]] = {}

    def printable(self, text: str) -> str:
        """The text in one line without what no font shows, such as emoji; `[…]` stands for words of letters like that.

        A text of such words alone is a sentence that says so.
        """
        # A mark would be drawn beside its letter; the letter that has it has a glyph of its own.
        words = one_line(unicodedata.normalize("NFC", text)).split(" ")
        shown: list[str] = []
        for word in words:
            kept = _without_looks("".join(character for character in word if self._is_drawn(character)))
            if any(_is_letter(character) for character in word if not self._is_drawn(character)):
                self.is_incomplete = True
                if shown[-1:] != [_LEFT_OUT]:
                    shown.append(_LEFT_OUT)
            elif kept:
                shown.append(kept)
        if shown == [_LEFT_OUT]:
            return _("[In letters that this document cannot show]")
        return one_line(" ".join(shown))

    def width(self, text: str, font: str, size: float) -> float:
        """How wide the text is, in points."""
        if _is_plain(text, font):
            return float(pdfmetrics.stringWidth(text, font, size))
        return size * sum(glyph.advance for run in self._runs(text, font) for glyph in run.glyphs)

    def draw(self, canvas: Canvas, text: str, x: float, y: float, font: str, size: float) -> None:
        """Draw one line that begins at x."""
        if _is_plain(text, font):
            canvas.setFont(font, size)
            canvas.drawString(x, y, text)
            return
        # What is copied from the page is the text, not the glyphs that show it.
        actual = ("\ufeff" + text).encode("utf-16-be").hex()
        canvas._code.append(f"/Span <</ActualText <{actual}>>> BDC")
        for run in self._runs(text, font):
            canvas.setFont(run.font, size)
            for glyph in run.glyphs:
                canvas.drawString(x + size * glyph.x, y + size * glyph.y, glyph.character)
                x += size * glyph.advance
        canvas._code.append("EMC")

    def wrapped(self, text: str, font: str, size: float, space: float, *, most: int) -> list[str]:
        """The printable text in at most so many lines of that width; words too long for a line are broken."""
        lines: list[str] = []
        line = ""
        for word in self.printable(text).split(" "):
            joined = f"{line} {word}" if line else word
            if self.width(joined, font, size) <= space:
                line = joined
                continue
            if line:
                lines.append(line)
            line = word
            while len(lines) <= most and self.width(line, font, size) > space:
                fits = self._fitting(line, font, size, space)
                lines.append(line[:fits])
                line = line[fits:]
            if len(lines) > most:
                break
        lines.append(line)
        if len(lines) <= most:
            return lines
        last = lines[most - 1]
        fits = self._fitting(last, font, size, space - self.width("…", font, size))
        return [*lines[: most - 1], f"{last[:fits].rstrip()}…"]

    def _fitting(self, text: str, font: str, size: float, space: float) -> int:
        """How many of its first characters fit; at least one, and never a letter without its marks."""
        ends = [*_breaks(text), len(text)]
        if _is_plain(text, font):
            used, fits = 0.0, ends[0]
            for end in ends:
                used += self.width(text[end - 1 : end], font, size)
                if used > space:
                    break
                fits = end
            return fits
        return ends[max(bisect_right(ends, space, key=lambda end: self.width(text[:end], font, size)) - 1, 0)]

    # --- Fonts --------------------------------------------------------------------------------------------------------

    def _is_drawn(self, character: str) -> bool:
        return ord(character) in _glyphs(REGULAR) or self._scripts_font(character, REGULAR) is not None

    def _font_of(self, character: str, before: str | None, font: str) -> str:
        """The name of the font that has the character; a mark is drawn in that of its letter."""
        is_mark = unicodedata.category(character)[0] == "M" or character in _JOINERS
        if is_mark and before is not None and ord(character) in self._font(before).face.charToGlyph:
            return before
        if ord(character) in _glyphs(font):
            return font
        return self._scripts_font(character, font) or font

    def _scripts_font(self, character: str, font: str) -> str | None:
        """The font of the character's script, in bold if there is one; None where no font has the character."""
        script = script_of(character)
        if script is None:
            return None
        for bold in (True, False) if font == BOLD else (False,):
            name = font_name(script, bold=bold)
            loaded = self._font(name)
            if loaded is not None and ord(character) in loaded.face.charToGlyph:
                return name
        return None

    def _font(self, name: str) -> Any:
        """The font of that name, loaded for this document: shaping gives its glyphs characters as they come."""
        if name not in self._fonts:
            contents = self._packaged.get(name) or self._find_font(name)
            font = TTFont(f"{name}, shaped", BytesIO(contents)) if contents else None
            if font is not None:
                pdfmetrics.registerFont(font)
            self._fonts[name] = font
        return self._fonts[name]

    # --- Shaping ------------------------------------------------------------------------------------------------------

    def _runs(self, text: str, font: str) -> tuple[_Run, ...]:
        """The text as glyphs, run by run from left to right."""
        key = text, font
        if key not in self._laid_out:
            logical = list(self._logical_runs(text, font))
            self._laid_out[key] = tuple(
                self._shaped(part, name, is_from_right=bool(level % 2))
                for level, (name, part) in in_visual_order([(level, (name, part)) for level, name, part in logical])
            )
        return self._laid_out[key]

    def _logical_runs(self, text: str, font: str) -> Iterator[tuple[int, str, str]]:
        """Stretches of one level and one font, in the order in which they are read."""
        names: list[str] = []
        for character in text:
            names.append(self._font_of(character, names[-1] if names else None, font))
        marked = zip(levels(text), names, text, strict=True)
        for (level, name), group in groupby(marked, key=lambda each: (each[0], each[1])):
            yield level, name, "".join(character for _level, _name, character in group)

    def _shaped(self, text: str, name: str, *, is_from_right: bool) -> _Run:
        # Only what is written in such scripts pays for loading it.
        try:
            import uharfbuzz
        except ModuleNotFoundError as error:
            raise NoShaperError from error

        font = self._font(name)
        shaper = font.hbFont()
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if is_from_right else "ltr"
        uharfbuzz.shape(shaper, buffer)
        em = shaper.face.upem
        glyphs = tuple(
            _Glyph(
                _character_of(font, shaper, info.codepoint, position.x_advance),
                position.x_offset / em,
                position.y_offset / em,
                position.x_advance / em,
            )
            for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        )
        return _Run(font.fontName, glyphs)


def missing_letters(contents: bytes, sample: str) -> str | None:
    """The letters of the sample that a font lacks; None if the contents are no font that can be drawn with."""
    try:
        font = TTFont("candidate", BytesIO(contents))
    except TTFError:
        return None
    return "".join(character for character in sample if ord(character) not in font.face.charToGlyph)


def _character_of(font: Any, shaper: Any, glyph: int, advance: int) -> str:
    """A character by which ReportLab draws the glyph: one that has it, or one for private use."""
    known = font.face.glyphToChar.get(glyph)
    return chr(known[0] if known else font.hbAddPrivate(shaper.glyph_to_string(glyph), glyph, advance))


def _without_looks(word: str) -> str:
    """The word without choices of an emoji's look, and without what joined emoji that were left out."""
    kept = ""
    for character in word:
        if character not in _VARIATIONS and (
            character not in _JOINERS or unicodedata.category(kept[-1:] or " ")[0] in "LM"
        ):
            kept += character
    return kept


def _is_letter(character: str) -> bool:
    """Whether a word is another one without it: a letter, a digit or a mark, but no choice of an emoji's look."""
    return unicodedata.category(character)[0] in "LMN" and character not in _VARIATIONS


def _glyphs(font: str) -> Any:
    return pdfmetrics.getFont(font).face.charToGlyph


def _is_plain(text: str, font: str) -> bool:
    """Whether one glyph of the font after the other, from the left, is the text."""
    glyphs = _glyphs(font)
    return text.isascii() or (
        all(ord(character) in glyphs and unicodedata.category(character)[0] != "M" for character in text)
        and not has_right_to_left(text)
    )


def _breaks(text: str) -> list[int]:
    """Where a word may be broken: before a letter, but not where it joins what stands before it."""
    return [
        position
        for position in range(1, len(text))
        if unicodedata.category(text[position])[0] != "M"
        and text[position] not in _JOINERS
        and text[position - 1] not in _JOINERS
        and unicodedata.combining(text[position - 1]) != _VIRAMA
    ]
