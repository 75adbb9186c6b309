"""In which order letters stand that are read from the right: Unicode's bidirectional algorithm for one line.

Its rules for text without explicit directions, which the rule for what people write refuses; names in comments are the
algorithm's own (UAX 9).
"""

from collections.abc import Sequence
from typing import TypeVar
from unicodedata import bidirectional

T = TypeVar("T")

_RIGHT = ("R", "AL")
_NUMBERS = ("EN", "AN")
_NEUTRAL = frozenset({"B", "S", "WS", "ON", "BN", "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def has_right_to_left(text: str) -> bool:
    """Whether anything in the text is read from the right."""
    return any(bidirectional(character) in _RIGHT for character in text)


def levels(text: str) -> list[int]:
    """The level of each character: even ones are read from the left, odd ones from the right, 2 inside of 1."""
    kinds = [bidirectional(character) or "L" for character in text]
    # P2, P3: the first letter says how the line is read.
    base = next((int(kind in _RIGHT) for kind in kinds if kind in ("L", *_RIGHT)), 0)
    outer = "R" if base else "L"
    _resolve_marks_and_digits(kinds, outer)
    _resolve_signs_of_numbers(kinds)
    _resolve_letters(kinds, outer)
    _resolve_neutral(kinds, outer)
    # I1, I2.
    steps = {"L": base, "R": 1, "EN": 2, "AN": 2} if base == 0 else {"L": 2, "R": 1, "EN": 2, "AN": 2}
    found = [steps[kind] for kind in kinds]
    # L1: space at the end belongs to the line.
    for position in range(len(text) - 1, -1, -1):
        if not text[position].isspace():
            break
        found[position] = base
    return found


def _resolve_marks_and_digits(kinds: list[str], outer: str) -> None:
    before, strong = outer, outer
    for position, kind in enumerate(kinds):
        # W1: a mark is of the kind of its letter.
        if kind == "NSM":
            kind = kinds[position] = before
        # W2: digits after Arabic letters are Arabic numbers.
        if kind in ("L", *_RIGHT):
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[position] = "AN"
        before = kinds[position]


def _resolve_signs_of_numbers(kinds: list[str]) -> None:
    for position, kind in enumerate(kinds):
        # W4: one separator between two numbers of a kind.
        if kind in ("ES", "CS") and 0 < position < len(kinds) - 1:
            left, right = kinds[position - 1], kinds[position + 1]
            if left == right and (left == "EN" or (left == "AN" and kind == "CS")):
                kinds[position] = left
    for start, end in _stretches(kinds, {"ET"}):
        # W5: signs beside digits.
        if "EN" in (kinds[start - 1] if start else "", kinds[end] if end < len(kinds) else ""):
            kinds[start:end] = ["EN"] * (end - start)


def _resolve_letters(kinds: list[str], outer: str) -> None:
    strong = outer
    for position, kind in enumerate(kinds):
        if kind in ("L", *_RIGHT):
            # W3.
            strong = kinds[position] = "L" if kind == "L" else "R"
        elif kind in ("ES", "CS", "ET"):
            # W6.
            kinds[position] = "ON"
        elif kind == "EN" and strong == "L":
            # W7.
            kinds[position] = "L"


def _resolve_neutral(kinds: list[str], outer: str) -> None:
    """N1, N2: what has no direction takes that of both its sides, or the line's."""
    for start, end in _stretches(kinds, _NEUTRAL):
        left = _side(kinds[start - 1]) if start else outer
        right = _side(kinds[end]) if end < len(kinds) else outer
        kinds[start:end] = [left if left == right else outer] * (end - start)


def _side(kind: str) -> str:
    return "R" if kind in (*_RIGHT, *_NUMBERS) else "L"


def _stretches(kinds: Sequence[str], of: frozenset[str] | set[str]) -> list[tuple[int, int]]:
    """Where kinds of the set stand beside each other: from, and to before."""
    found: list[tuple[int, int]] = []
    for position, kind in enumerate(kinds):
        if kind not in of:
            continue
        if found and found[-1][1] == position:
            found[-1] = (found[-1][0], position + 1)
        else:
            found.append((position, position + 1))
    return found


def in_visual_order(runs: Sequence[tuple[int, T]]) -> list[tuple[int, T]]:
    """Runs with their levels, in the order in which they stand from left to right (L2)."""
    ordered = list(runs)
    highest = max((level for level, _ in ordered), default=0)
    for level in range(highest, 0, -1):
        position = 0
        while position < len(ordered):
            end = position
            while end < len(ordered) and ordered[end][0] >= level:
                end += 1
            ordered[position:end] = reversed(ordered[position:end])
            position = max(end, position + 1)
    return ordered
