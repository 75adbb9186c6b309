"""Scripts whose letters the packaged fonts lack: where their letters are, and the fonts that have them."""

from bisect import bisect_right

from kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """A way of writing: its code points (both ends of a range included), and letters that its font must have."""

    name: str
    ranges: tuple[tuple[int, int], ...]
    sample: str


SCRIPTS = {
    script.name: script
    for script in (
        Script("hebrew", ((0x0590, 0x05FF), (0xFB1D, 0xFB4F)), "שלום"),
        Script(
            "arabic",
            ((0x0600, 0x06FF), (0x0750, 0x077F), (0x08A0, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFE)),
            "مرحبا",
        ),
        Script("devanagari", ((0x0900, 0x097F), (0x1CD0, 0x1CFF), (0xA8E0, 0xA8FF)), "हिन्दी"),
        Script("thai", ((0x0E00, 0x0E7F),), "ภาษาไทย"),
        Script(
            "japanese",
            (
                (0x2E80, 0x30FF),
                (0x31F0, 0x31FF),
                (0x3400, 0x4DBF),
                (0x4E00, 0x9FFF),
                (0xF900, 0xFAFF),
                (0xFF00, 0xFFEF),
            ),
            "日本語かなカナ",
        ),
    )
}
_RANGES = sorted((first, last, script.name) for script in SCRIPTS.values() for first, last in script.ranges)
_STARTS = [first for first, _, _ in _RANGES]


def script_of(character: str) -> str | None:
    """The name of the script that the character belongs to; None for all that are not in `SCRIPTS`."""
    position = bisect_right(_STARTS, ord(character)) - 1
    if position < 0:
        return None
    _, last, name = _RANGES[position]
    return name if ord(character) <= last else None


def font_name(script: str, *, bold: bool = False) -> str:
    """Under which name the documents bucket has the font of a script."""
    return f"fonts/{script}{'-bold' if bold else ''}.ttf"
