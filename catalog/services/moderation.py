"""What admins decide about a provider: whether they vouch for it, and whether it may be found and booked."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from catalog.domain import Provider, check_may_moderate, checked_moderation_reason
from catalog.queries import get_provider
from catalog.services.changes import check_version, store_provider
from kernel import storage
from kernel.actors import Actor
from kernel.errors import ConflictError
from kernel.sentences import sentence
from kernel.versions import ExpectedVersion


def verify_provider(
    *,
    actor: Actor,
    provider_id: str,
    is_verified: bool,
    reason: str,
    expected_version: ExpectedVersion = None,
    now: datetime,
    also: Sequence[storage.Write] = (),
) -> Provider:
    """Give the provider the mark of a verified one, or take it away. One transaction, with `also` in it.

    Raises `ForbiddenError` for anyone but an admin, `InvalidInputError` naming `reason`, `NotFoundError`,
    `StaleVersionError`, `ConflictError` (`already_verified`, `not_verified`), and `BusyError`.
    """

    def change(provider: Provider, reason: str) -> Provider:
        if is_verified == (provider.verified_at is not None):
            raise _already_verified() if is_verified else _not_verified()
        return replace(provider, verified_at=now if is_verified else None)

    return _moderate(actor, provider_id, reason, change, expected_version, now, also)


def suspend_provider(
    *,
    actor: Actor,
    provider_id: str,
    reason: str,
    expected_version: ExpectedVersion = None,
    now: datetime,
    also: Sequence[storage.Write] = (),
) -> Provider:
    """Keep the provider from being found and booked; its owner is told the reason. What is agreed on stays.

    Its open requests are declined by what the event sets going. Raises `ForbiddenError` for anyone but an admin,
    `InvalidInputError` naming `reason`, `NotFoundError`, `StaleVersionError`, `ConflictError` (`already_suspended`),
    and `BusyError`.
    """

    def change(provider: Provider, reason: str) -> Provider:
        if provider.is_suspended:
            raise ConflictError(sentence("This provider is suspended already."), code="already_suspended")
        version = provider.version + 1
        return replace(provider, suspended_at=now, suspension_reason=reason, suspension_version=version)

    return _moderate(actor, provider_id, reason, change, expected_version, now, also)


def reinstate_provider(
    *,
    actor: Actor,
    provider_id: str,
    reason: str,
    expected_version: ExpectedVersion = None,
    now: datetime,
    also: Sequence[storage.Write] = (),
) -> Provider:
    """Let a suspended provider be found and booked again.

    Raises `ForbiddenError` for anyone but an admin, `InvalidInputError` naming `reason`, `NotFoundError`,
    `StaleVersionError`, `ConflictError` (`not_suspended`), and `BusyError`.
    """

    def change(provider: Provider, reason: str) -> Provider:
        if not provider.is_suspended:
            raise ConflictError(sentence("This provider is not suspended."), code="not_suspended")
        return replace(provider, suspended_at=None, suspension_reason=None, suspension_version=provider.version + 1)

    return _moderate(actor, provider_id, reason, change, expected_version, now, also)


def _moderate(
    actor: Actor,
    provider_id: str,
    reason: str,
    change: Callable[[Provider, str], Provider],
    expected_version: ExpectedVersion,
    now: datetime,
    also: Sequence[storage.Write],
) -> Provider:
    check_may_moderate(actor)
    reason = checked_moderation_reason(reason)

    def attempt() -> Provider:
        before = get_provider(provider_id)
        check_version(before.version, expected_version)
        return store_provider(before, change(before, reason), now, also)

    return storage.retrying(attempt)


def _already_verified() -> ConflictError:
    return ConflictError(sentence("This provider is verified already."), code="already_verified")


def _not_verified() -> ConflictError:
    return ConflictError(sentence("This provider is not verified."), code="not_verified")
