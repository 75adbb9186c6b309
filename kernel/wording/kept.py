"""Words that a page needs many times over, made once."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

from django.conf import settings
from django.utils.translation import get_language

_MOST_KEPT = 4_096

T = TypeVar("T")


def kept_by_language(words: Callable[..., T]) -> Callable[..., T]:
    """Make words once for each language and arguments: those asked for last are kept in the process.

    They depend on nothing else but templates; with `DEBUG`, which is for those who write these, they are made anew.
    """

    @lru_cache(maxsize=_MOST_KEPT)
    def kept(_language: str | None, *arguments: Any) -> T:
        return words(*arguments)

    @wraps(words)
    def find(*arguments: Any) -> T:
        return words(*arguments) if settings.DEBUG else kept(get_language(), *arguments)

    return find
