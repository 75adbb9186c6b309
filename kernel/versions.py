"""Versions of things, and which of them a caller's change is based on."""

from kernel.errors import StaleVersionError
from kernel.sentences import Sentence

# One version, or several of which any will do; None asks for none.
ExpectedVersion = int | frozenset[int] | None


def check_version(version: int, expected: ExpectedVersion, refusal: Sentence) -> None:
    """Raises `StaleVersionError` with that sentence unless the version is an expected one."""
    if expected is None:
        return
    if version not in (expected if isinstance(expected, frozenset) else (expected,)):
        raise StaleVersionError(refusal)
