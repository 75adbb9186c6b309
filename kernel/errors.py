"""The expected ways in which a use case can fail.

A `DomainError` says what went wrong in a sentence that a person can act on, a stable `code` for programs, and, where
one input is to blame, its `field`. Only the edges (API, pages, admin) know how each kind is shown.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self

from kernel.sentences import Sentence, sentence
from kernel.values import dataclass

_INVALID_FIELDS = sentence("The request has invalid fields.")
_BUSY = sentence("The service is busy. Please try again.")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One input that was refused: `field` as the caller named it, a stable `code`, and the remedy in `message`."""

    field: str
    code: str
    message: Sentence


class DomainError(Exception):
    """Base of all expected failures; raise a subclass."""

    code = "domain_error"
    # What a program is told beside, ready for JSON: members of the problem document, set by an edge of the API.
    members: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, message: Sentence, *, code: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        if code is not None:
            self.code = code


class InvalidInputError(DomainError):
    """The caller sent something that can never work; `errors` names each refused field and the remedy.

    Where one field is to blame, its sentence is the whole error's, for edges that show no fields.
    """

    code = "invalid_input"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(errors[0].message if len(errors) == 1 else _INVALID_FIELDS)
        self.errors = tuple(errors)

    @classmethod
    def of(cls, field: str, message: Sentence, code: str = "invalid") -> Self:
        """The error for one refused `field`."""
        return cls([FieldError(field, code, message)])


class UnprocessableError(InvalidInputError):
    """Well-formed input that the rules refuse in every state (too long, outside the horizon)."""

    code = "unprocessable"


class NotFoundError(DomainError):
    """The thing does not exist, or is none of the actor's business: the two are never told apart."""

    code = "not_found"


class ForbiddenError(DomainError):
    """The actor may know of the thing, but may not do this to it."""

    code = "forbidden"


class ConflictError(DomainError):
    """The present state does not allow it; a later or different request may work."""

    code = "conflict"


class StaleVersionError(DomainError):
    """The caller's copy is not the newest; read again, decide again."""

    code = "stale_version"


class TooManyRequestsError(DomainError):
    """A limit was reached; `retry_after` says in how many seconds it makes sense to come back."""

    code = "too_many_requests"

    def __init__(self, message: Sentence, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BusyError(DomainError):
    """Storage could not take the request in time. Nothing is known to be written; retry with the same key."""

    code = "busy"

    def __init__(self, message: Sentence = _BUSY, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class MaintenanceError(BusyError):
    """Whoever runs the site has closed it for a while."""

    code = "maintenance"
