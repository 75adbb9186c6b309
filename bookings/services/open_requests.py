"""How much of a provider's time nobody has agreed to, how many such requests a customer may have open, and how many
bookings they may make in a day.

Counted where it cannot be passed: by conditions in the transaction that makes the booking. What is counted are the ids
of the bookings themselves, so that each can be given back any number of times. They are given back when the provider
has answered, by the handlers of the booking's events; what no event gave back is found when a limit is reached, and so
is what was booked more than a day ago.

An account is new for seven days from its first request: an account that was made in time and left alone gains nothing.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

from django.conf import settings
from pynamodb.attributes import UnicodeSetAttribute
from pynamodb.expressions.condition import Condition, size

from bookings.domain import Booking, is_unanswered
from bookings.models import BookingItem, OpenRequestsItem
from bookings.records import BOOKINGS
from kernel import storage
from kernel.clock import epoch, to_rfc3339
from kernel.errors import ConflictError
from kernel.rate_limits import too_often
from kernel.sentences import sentence

NEW_FOR = timedelta(days=7)
MAX_OPEN, MAX_OPEN_WHILE_NEW = 10, 3
MAX_OPEN_AT_PROVIDER, MAX_OPEN_AT_PROVIDER_WHILE_NEW = 3, 1
# Of all new accounts together, at one provider.
MAX_OPEN_FROM_NEW_ACCOUNTS = 40
# Whatever became of them: each is told to a provider.
MAX_IN_A_DAY = 24
_DAY = timedelta(days=1)

_CUSTOMER, _PROVIDER = "open requests of the customer", "open requests from new accounts"
_MAX_REMEMBERED = 10_000
# Before a provider's id: the name of the attribute with the customer's open requests there.
_AT_PROVIDER = "at_"
# So much of a booking's id tells it from another of the same second.
_TAIL = 6

# When customers made their first request, as far as this process has read it: it never changes.
_first_requests: OrderedDict[str, datetime] = OrderedDict()
_lock = Lock()


class MiscountedError(Exception):
    """The count was out of date and has been put right: try again."""


def count_writes(booking: Booking, now: datetime) -> list[storage.Write]:
    """The writes that count a new booking among those that nobody has agreed to, for its own transaction.

    See `refuse_or_recount` for when they fail.
    """
    is_new, counted = _is_new(_first_requests.get(_customer_of(booking)), now), {booking.booking_id}
    most, most_at_provider = _limits(is_new=is_new)
    writes = [
        (_OF_NEW_CUSTOMER if is_new else _OF_CUSTOMER).update(
            _CUSTOMER,
            customer_key(_customer_of(booking)),
            names={_AT_PROVIDER: f"{_AT_PROVIDER}{booking.provider_id}"},
            now=to_rfc3339(now),
            new_since=to_rfc3339(now - NEW_FOR),
            counted=counted,
            most=most,
            most_at_provider=most_at_provider,
            lately={f"{epoch(now)}#{booking.booking_id[-_TAIL:]}"},
            most_lately=_scaled(MAX_IN_A_DAY),
        )
    ]
    if is_new:
        key, most = _provider_key(booking.provider_id), _scaled(MAX_OPEN_FROM_NEW_ACCOUNTS)
        writes.append(_OF_PROVIDER.update(_PROVIDER, key, counted=counted, most=most))
    return writes


def refuse_or_recount(booking: Booking, failure: storage.ConditionFailedError, *, now: datetime) -> None:
    """What to do if the transaction failed because of these counts; returns if it did not.

    Raises `MiscountedError` if the next try may succeed, else `TooManyRequestsError` for the day's bookings, or
    `ConflictError` (`too_many_open_requests`, `provider_busy`).
    """
    if _CUSTOMER in failure.failed:
        row = failure.failed[_CUSTOMER] or {}
        _learn(_customer_of(booking), row)
        if _has_free_place(row, booking.provider_id, now) or _put_right(customer_key(_customer_of(booking)), row, now):
            raise MiscountedError
        lately = row.get("lately", ())
        if len(lately) >= _scaled(MAX_IN_A_DAY):
            raise too_often(now, again_at=min(map(_booked_at, lately)) + int(_DAY.total_seconds()))
        message = sentence(
            "You have as many open requests as you can have at once. Wait for an answer, or withdraw one of them."
        )
        raise ConflictError(message, code="too_many_open_requests")
    if _PROVIDER in failure.failed:
        if _put_right(_provider_key(booking.provider_id), failure.failed[_PROVIDER] or {}, now):
            raise MiscountedError
        message = sentence("This provider has many new requests to answer first. Please try again later.")
        raise ConflictError(message, code="provider_busy")


def release_request(*, booking_id: str, customer_id: str, provider_id: str) -> None:
    """Count the booking no longer. May be repeated."""
    all_open, at_provider = OpenRequestsItem.open, _open_at(provider_id)
    for key, counts in (
        (customer_key(customer_id), (all_open, at_provider)),
        (_provider_key(provider_id), (all_open,)),
    ):
        try:
            storage.write(
                storage.update(
                    "open requests",
                    OpenRequestsItem,
                    key,
                    actions=[count.delete({booking_id}) for count in counts],
                    condition=OpenRequestsItem.counter_key.exists(),
                )
            )
        except storage.ConditionFailedError:
            # Nothing was counted there.
            continue


def forget_requests_write(customer_id: str) -> storage.Write:
    """The deletion of what is counted for a customer, for their erasure."""
    return storage.delete("open requests", OpenRequestsItem, customer_key(customer_id))


def first_request_read(customer_id: str) -> storage.Read[datetime | None]:
    """The read of when the customer made their first request (one item), to be read beside others'."""
    key = customer_key(customer_id)
    return storage.item_read((OpenRequestsItem, key), lambda row: row.get("first_request_at"))


def has_requested(customer_id: str) -> bool:
    """Whether the person ever requested a booking. One GetItem."""
    return storage.read(first_request_read(customer_id)) is not None


def _customer_of(booking: Booking) -> str:
    if booking.customer_id is None:
        raise ValueError("what a provider books for a caller is no request of anybody's")
    return booking.customer_id


def _customer_expressions(is_allowed: Condition) -> storage.Prepared:
    """The write that counts a request at its customer, of whom the condition says under which limits they are."""
    first, all_open, lately = OpenRequestsItem.first_request_at, OpenRequestsItem.open, OpenRequestsItem.lately
    at_provider, counted = UnicodeSetAttribute(attr_name=_AT_PROVIDER), storage.set_parameter("counted")
    return storage.Prepared(
        OpenRequestsItem,
        condition=is_allowed
        & _has_room(all_open, "most")
        & _has_room(at_provider, "most_at_provider")
        & _has_room(lately, "most_lately"),
        actions=[
            first.set(first | storage.text_parameter("now")),
            all_open.add(counted),
            at_provider.add(counted),
            lately.add(storage.set_parameter("lately")),
        ],
        renamed=[_AT_PROVIDER],
    )


def _has_room(count: UnicodeSetAttribute, most: str) -> Condition:
    """There are fewer than the parameter of that name says."""
    room: Condition = count.does_not_exist() | (size(count) < storage.number_parameter(most))
    return room


_NEW_SINCE = storage.text_parameter("new_since")
_OF_CUSTOMER = _customer_expressions(OpenRequestsItem.first_request_at <= _NEW_SINCE)
_OF_NEW_CUSTOMER = _customer_expressions(
    OpenRequestsItem.first_request_at.does_not_exist() | (OpenRequestsItem.first_request_at > _NEW_SINCE)
)
# At the provider, where it counts only what comes from new accounts.
_OF_PROVIDER = storage.Prepared(
    OpenRequestsItem,
    condition=_has_room(OpenRequestsItem.open, "most"),
    actions=[OpenRequestsItem.open.add(storage.set_parameter("counted"))],
)


def _scaled(most: int) -> int:
    return most * int(settings.BOOKING_LIMIT_SCALE)


def _booked_at(entry: str) -> int:
    """The second since 1970 of an entry of `lately`."""
    return int(entry.partition("#")[0])


def _is_new(first_request_at: datetime | None, now: datetime) -> bool:
    return first_request_at is None or first_request_at > now - NEW_FOR


def _limits(*, is_new: bool) -> tuple[int, int]:
    """How many requests a customer may have open, in all and at one provider."""
    if is_new:
        return _scaled(MAX_OPEN_WHILE_NEW), _scaled(MAX_OPEN_AT_PROVIDER_WHILE_NEW)
    return _scaled(MAX_OPEN), _scaled(MAX_OPEN_AT_PROVIDER)


def _learn(customer_id: str, row: storage.Row) -> None:
    """Remember since when the customer has been one."""
    first_request_at = row.get("first_request_at")
    if first_request_at is None:
        return
    with _lock:
        _first_requests[customer_id] = first_request_at
        _first_requests.move_to_end(customer_id)
        if len(_first_requests) > _MAX_REMEMBERED:
            _first_requests.popitem(last=False)


def _has_free_place(row: storage.Row, provider_id: str, now: datetime) -> bool:
    """Whether no limit is reached: then the account was taken for a new one, as this process had not read it yet."""
    first_request_at = row.get("first_request_at")
    if first_request_at is None:
        return False
    most, most_at_provider = _limits(is_new=_is_new(first_request_at, now))
    return (
        len(row.get("open", ())) < most
        and len(row.get(f"{_AT_PROVIDER}{provider_id}", ())) < most_at_provider
        and len(row.get("lately", ())) < _scaled(MAX_IN_A_DAY)
    )


def _put_right(key: str, row: storage.Row, now: datetime) -> bool:
    """Give back what is counted and needs no answer any more, or was booked long ago; whether there was any."""
    counted = sorted(row.get("open", ()))
    answered = set()
    for start in range(0, len(counted), storage.MAX_BATCH_KEYS):
        ids = counted[start : start + storage.MAX_BATCH_KEYS]
        found = storage.get_rows([(BookingItem, booking_id) for booking_id in ids])
        answered |= {
            booking_id
            for booking_id, stored in zip(ids, found, strict=True)
            if stored is None or not is_unanswered(BOOKINGS.read(stored), now)
        }
    past = {entry for entry in row.get("lately", ()) if _booked_at(entry) <= epoch(now - _DAY)}
    if not answered and not past:
        return False
    names = [name for name in row if name.startswith(_AT_PROVIDER) and answered & set(row[name])]
    counts = [OpenRequestsItem.open, *(UnicodeSetAttribute(attr_name=name) for name in names)]
    actions = [count.delete(answered) for count in counts if answered]
    actions += [OpenRequestsItem.lately.delete(past)] if past else []
    storage.write(storage.update("open requests", OpenRequestsItem, key, actions=actions))
    return True


def _open_at(provider_id: str) -> UnicodeSetAttribute:
    return UnicodeSetAttribute(attr_name=f"{_AT_PROVIDER}{provider_id}")


def customer_key(customer_id: str) -> str:
    """Under which the customer's open requests are counted."""
    return f"open-requests#{customer_id}"


def _provider_key(provider_id: str) -> str:
    return f"open-requests-from-new-accounts#{provider_id}"
