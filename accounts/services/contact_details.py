"""What people keep with their profile for those who come to them: a phone number, and addresses for jobs."""

import secrets
from collections.abc import Callable

from accounts.domain import MAX_SAVED_ADDRESSES, SavedAddress, checked_address, label_of
from accounts.models import User, UserItem, read_addresses
from accounts.policies import may_change_person
from accounts.services.records import change_person, write_person
from kernel import storage
from kernel.actors import Actor
from kernel.errors import ConflictError, NotFoundError
from kernel.phones import canonical_phone
from kernel.sentences import sentence


def set_phone(*, actor: Actor, user_id: str, phone: str | None, country: str | None = None) -> User:
    """Keep the number, in place of the one before, or none; the person afterwards. One call.

    `country` (ISO 3166) is where a number without `+` is dialled. Raises `InvalidInputError` naming `phone`, or
    `NotFoundError` if the actor has no business with that person.
    """
    _check_may_change(actor, user_id)
    number = canonical_phone(phone, country=country) if phone else None
    return change_person(user_id, UserItem.phone.set(number) if number else UserItem.phone.remove())


def save_address(
    *, actor: Actor, user_id: str, label: str, address: str, address_id: str | None = None
) -> SavedAddress:
    """Keep another address, or change the one with that id; as it is kept. One that is kept already stays one.

    Raises `InvalidInputError` naming `label` or `address`, `ConflictError` (`too_many_addresses`), `NotFoundError` or
    `BusyError`.
    """
    _check_may_change(actor, user_id)
    saved = checked_address(address_id or secrets.token_urlsafe(9), label, address)

    def change(addresses: list[SavedAddress]) -> list[SavedAddress]:
        if address_id is not None:
            _require(addresses, address_id)
            return [saved if each.address_id == address_id else each for each in addresses]
        # The form was sent twice.
        is_kept = any(map(is_the_same, addresses))
        return addresses if is_kept else _with_one_more(addresses, saved)

    def is_the_same(other: SavedAddress) -> bool:
        return (other.label, other.address) == (saved.label, saved.address)

    kept = _change_addresses(user_id, change)
    return saved if saved in kept else next(filter(is_the_same, kept))


def remember_address(*, actor: Actor, user_id: str, address: str) -> None:
    """Keep the address of a job, called by its first words, unless it is kept already.

    Raises `InvalidInputError` naming `address`, `ConflictError` (`too_many_addresses`), `NotFoundError` or `BusyError`.
    """
    _check_may_change(actor, user_id)
    saved = checked_address(secrets.token_urlsafe(9), label_of(address), address)

    def change(addresses: list[SavedAddress]) -> list[SavedAddress]:
        is_kept = saved.address in {each.address for each in addresses}
        return addresses if is_kept else _with_one_more(addresses, saved)

    _change_addresses(user_id, change)


def suggest_address(*, actor: Actor, user_id: str, address_id: str) -> None:
    """Put the address first: bookings suggest it. Raises `NotFoundError` or `BusyError`."""
    _check_may_change(actor, user_id)

    def change(addresses: list[SavedAddress]) -> list[SavedAddress]:
        _require(addresses, address_id)
        return sorted(addresses, key=lambda each: each.address_id != address_id)

    _change_addresses(user_id, change)


def remove_address(*, actor: Actor, user_id: str, address_id: str) -> None:
    """Keep the address no longer. Raises `NotFoundError` or `BusyError`."""
    _check_may_change(actor, user_id)

    def change(addresses: list[SavedAddress]) -> list[SavedAddress]:
        _require(addresses, address_id)
        return [each for each in addresses if each.address_id != address_id]

    _change_addresses(user_id, change)


def _change_addresses(user_id: str, change: Callable[[list[SavedAddress]], list[SavedAddress]]) -> list[SavedAddress]:
    """Read the list, change it, and write it unless somebody wrote it in between; then again. Returns the new one."""

    def attempt() -> list[SavedAddress]:
        row = storage.get_row(UserItem, user_id)
        if row is None:
            raise NotFoundError(sentence("There is no such person."))
        addresses = read_addresses(row)
        wanted = change(addresses)
        if wanted == addresses:
            return wanted
        changed = [{"id": each.address_id, "label": each.label, "address": each.address} for each in wanted]
        version = UserItem.addresses_version
        last = row.get("addresses_version")
        unchanged = version.does_not_exist() if last is None else version == last
        actions = (UserItem.addresses.set(changed), version.set((last or 0) + 1))
        # A person who was erased meanwhile is not brought back by an address.
        write_person(user_id, *actions, condition=UserItem.user_id.exists() & unchanged)
        return wanted

    return storage.retrying(attempt)


def _with_one_more(addresses: list[SavedAddress], saved: SavedAddress) -> list[SavedAddress]:
    if len(addresses) >= MAX_SAVED_ADDRESSES:
        message = sentence("Keep at most %(most)s addresses: remove one first.", most=MAX_SAVED_ADDRESSES)
        raise ConflictError(message, code="too_many_addresses")
    return [*addresses, saved]


def _require(addresses: list[SavedAddress], address_id: str) -> None:
    if address_id not in {each.address_id for each in addresses}:
        raise NotFoundError(sentence("There is no such address."))


def _check_may_change(actor: Actor, user_id: str) -> None:
    if not may_change_person(actor, user_id):
        raise NotFoundError(sentence("There is no such person."))
