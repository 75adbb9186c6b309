"""The services that a provider offers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalog.domain import (
    MAX_SERVICES,
    SERVICE_DEFAULTS,
    Provider,
    Service,
    ServiceValues,
    check_may_manage,
    checked_values,
)
from catalog.models import ServiceItem
from catalog.queries import get_provider, list_provider_services
from catalog.records import service_attributes
from catalog.services.changes import (
    check_version,
    provider_write,
    renewed,
    service_writes,
)
from kernel import storage
from kernel.actors import Actor
from kernel.errors import ConflictError, NotFoundError
from kernel.idempotency import IdempotentRequest, Outcome, find_outcome, remember_write, replayed_outcome
from kernel.ids import new_child_id, parent_provider_id
from kernel.sentences import sentence
from kernel.versions import ExpectedVersion


def add_service(
    *,
    actor: Actor,
    provider_id: str,
    values: ServiceValues,
    idempotency: IdempotentRequest[Service],
    now: datetime,
) -> Outcome[Service]:
    """Add a service to the provider's own, once however often the request is repeated.

    Raises `InvalidInputError`, `NotFoundError`, `ForbiddenError`, `IdempotencyKeyReusedError`, and `ConflictError`
    (`too_many_services`) when the provider has 50.
    """
    check_may_manage(actor, provider_id)
    values = checked_values(values)

    def attempt() -> Outcome[Service]:
        before = get_provider(provider_id)
        if len(before.service_ids) >= MAX_SERVICES:
            earlier = find_outcome(idempotency, now=now)
            if earlier is not None:
                return earlier
            raise ConflictError(
                sentence("A provider can have %(most)s services.", most=MAX_SERVICES), code="too_many_services"
            )
        service = _new_service(provider_id, values, now)
        after = renewed(
            replace(
                before,
                service_ids=(*before.service_ids, service.service_id),
                categories=_categories([service], before.categories),
            ),
            now,
        )
        item = ServiceItem(**service_attributes(service, after))
        outcome = idempotency.outcome(service)
        try:
            storage.transact(
                [
                    remember_write(idempotency, outcome, now=now),
                    provider_write(before, after),
                    storage.put("service", item, condition=ServiceItem.service_id.does_not_exist()),
                ]
            )
        except storage.ConditionFailedError as failure:
            earlier = replayed_outcome(idempotency, failure)
            if earlier is None:
                raise
            return earlier
        return outcome

    return storage.retrying(attempt)


def change_service(
    *,
    actor: Actor,
    service_id: str,
    changes: ServiceValues,
    expected_version: ExpectedVersion = None,
    now: datetime,
    also: Sequence[storage.Write] = (),
) -> Service:
    """Change the named values of a service and leave the others. Bookings made before keep theirs.

    `also` is written with the change, in its transaction. Raises `InvalidInputError`, `NotFoundError`,
    `ForbiddenError` and `StaleVersionError`.
    """
    provider_id = parent_provider_id(service_id)
    if provider_id is None:
        raise NotFoundError(sentence("There is no such service."))
    check_may_manage(actor, provider_id)
    changes = checked_values(changes)

    def attempt() -> Service:
        provider = get_provider(provider_id)
        services = list_provider_services(provider)
        before = next((service for service in services if service.service_id == service_id), None)
        if before is None:
            raise NotFoundError(sentence("There is no such service."))
        after = replace(before, **changes)
        if after == before:
            # Perhaps the same change was made before, and its answer was lost.
            return before
        check_version(before.version, expected_version)
        after = replace(after, version=before.version + 1, updated_at=now)
        changed = [after if service is before else service for service in services]
        _write_change(provider, services, changed, now, also)
        return after

    return storage.retrying(attempt)


def deactivate_service(
    *, actor: Actor, service_id: str, expected_version: ExpectedVersion = None, now: datetime
) -> Service:
    """Take a service out of search and booking; bookings made before stay.

    Raises `InvalidInputError`, `NotFoundError`, `ForbiddenError` and `StaleVersionError`.
    """
    return change_service(
        actor=actor, service_id=service_id, changes={"active": False}, expected_version=expected_version, now=now
    )


def move_service_up(*, actor: Actor, service_id: str, now: datetime) -> Provider:
    """List a service before the one that is listed before it; the first stays where it is.

    Raises `NotFoundError` and `ForbiddenError`.
    """
    provider_id = parent_provider_id(service_id)
    if provider_id is None:
        raise NotFoundError(sentence("There is no such service."))
    check_may_manage(actor, provider_id)

    def attempt() -> Provider:
        before = get_provider(provider_id)
        if service_id not in before.service_ids:
            raise NotFoundError(sentence("There is no such service."))
        position = before.service_ids.index(service_id)
        if position == 0:
            return before
        ids = list(before.service_ids)
        ids[position - 1 : position + 1] = [service_id, ids[position - 1]]
        after = renewed(replace(before, service_ids=tuple(ids)), now)
        storage.transact([provider_write(before, after)])
        return after

    return storage.retrying(attempt)


def _new_service(provider_id: str, values: ServiceValues, now: datetime) -> Service:
    named: dict[str, Any] = {**SERVICE_DEFAULTS, **values}
    return Service(
        service_id=new_child_id(provider_id),
        provider_id=provider_id,
        version=1,
        created_at=now,
        updated_at=now,
        **named,
    )


def _write_change(
    provider: Provider, before: list[Service], after: list[Service], now: datetime, also: Sequence[storage.Write]
) -> None:
    renewed_provider = renewed(replace(provider, categories=_categories(after)), now)
    storage.transact(
        [
            provider_write(provider, renewed_provider),
            *service_writes((provider, before), (renewed_provider, after)),
            *also,
        ]
    )


def _categories(services: list[Service], known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The categories of the active services and those known already, in alphabetical order."""
    return tuple(sorted({*known, *(service.category for service in services if service.active)}))
