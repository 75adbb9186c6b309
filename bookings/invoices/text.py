"""Text on an invoice: what people wrote, drawn as it is, in lines that fit.

Nothing here interprets markup: ReportLab's paragraphs, which read tags and fetch what they name, are not used.
"""

import unicodedata
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from kernel.wording.text import one_line

REGULAR, BOLD = "Invoice", "Invoice-Bold"
_FONTS = Path(__file__).parent / "fonts"


@cache
def load_fonts() -> None:
    """Let ReportLab know the two fonts; they are embedded as far as they are used."""
    pdfmetrics.registerFont(TTFont(REGULAR, _FONTS / "DejaVuSansCondensed.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, _FONTS / "DejaVuSansCondensed-Bold.ttf"))


def printable(text: str) -> str:
    """The text in one line without what the fonts cannot show, such as emoji; letters they lack become boxes."""
    glyphs = pdfmetrics.getFont(REGULAR).face.charToGlyph
    # A mark would be drawn beside its letter; the letter that has it has a glyph of its own.
    composed = unicodedata.normalize("NFC", text)
    return one_line("".join(char for char in composed if ord(char) in glyphs or unicodedata.category(char)[0] in "LNZ"))


def width(text: str, font: str, size: float) -> float:
    """How wide the text is, in points."""
    points: float = pdfmetrics.stringWidth(text, font, size)
    return points


def wrapped(text: str, font: str, size: float, space: float, *, most: int) -> list[str]:
    """The printable text in at most so many lines of that width; words that are too long for a line are broken."""
    lines: list[str] = []
    line = ""
    for word in printable(text).split(" "):
        joined = f"{line} {word}" if line else word
        if width(joined, font, size) <= space:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while len(lines) <= most and width(line, font, size) > space:
            fits = _fitting(line, font, size, space)
            lines.append(line[:fits])
            line = line[fits:]
        if len(lines) > most:
            break
    lines.append(line)
    return lines if len(lines) <= most else [*lines[: most - 1], _shortened(lines[most - 1], font, size, space)]


def _fitting(text: str, font: str, size: float, space: float) -> int:
    """How many of its first characters fit; at least one."""
    end, used = 0, 0.0
    for char in text:
        used += width(char, font, size)
        if used > space:
            break
        end += 1
    return max(end, 1)


def _shortened(line: str, font: str, size: float, space: float) -> str:
    return f"{line[: _fitting(line, font, size, space - width('…', font, size))].rstrip()}…"
