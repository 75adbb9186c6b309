"""Loads the demo data: once, and to the end even if it was interrupted.

A marker in the counters table holds the instant that all dates are counted from. It is written before everything else
and completed after it, so that a second start continues the first with the same items: putting one again changes
nothing. Items are put in batches without their usual conditions, which is why nothing else may run beside a load.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from pynamodb.attributes import UnicodeAttribute

from accounts.services import ensure_account
from kernel import storage
from kernel.actors import Actor, Role
from kernel.listing import LIST_KEYS
from kernel.storage.requests import dispatch, pause_or_give_up
from marketplace.background.figures import keep_newest, recount
from marketplace.laptop.demo.dataset import Items, build_dataset, items_of
from marketplace.laptop.demo.firms import Firm
from marketplace.laptop.demo.people import Person, demo_admin, demo_customer, demo_owner
from pages.discover.sitemap import write_sitemap
from photos.domain import Owner, OwnerKind

_MARKER_KEY = "demo"
_BATCH_ITEMS = 25
# The admin's first page shows so many.
_SHOWN_REVIEWS = 5
_PHOTOS_OF_FIRST = 2
_FIRMS_WITH_PHOTO = 4


class DemoMarkerItem(storage.Item):
    """Says since when there is demo data, and since when it is complete."""

    class Meta:
        table_name = storage.physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    started_at = storage.InstantAttribute(attr_name="startedAt")
    completed_at = storage.InstantAttribute(attr_name="completedAt", null=True)


def is_loaded() -> bool:
    """Whether all demo data was stored at some time."""
    marker = storage.get_row(DemoMarkerItem, _MARKER_KEY)
    return marker is not None and "completed_at" in marker


def load(*, now: datetime, report: Callable[[str], None]) -> bool:
    """Store the demo accounts and data as of `now`, or as of the start of an interrupted load; False if complete.

    `report` gets a line per step. Raises `BusyError` when the cloud does not answer; repeat it then.
    """
    if is_loaded():
        return False
    started_at = _begin(now)
    customer, owner, _ = (_with_account(make(started_at)) for make in (demo_customer, demo_owner, demo_admin))
    report("3 accounts")
    dataset = build_dataset(customer=customer, owner=owner, now=started_at)
    for table, items in items_of(dataset):
        step_started = time.monotonic()
        _put_all(table, items)
        report(f"{len(items)} items in {table.Meta.table_name} in {time.monotonic() - step_started:.1f} s")
    step_started = time.monotonic()
    report(f"{_add_photos(dataset.firms)} photos in {time.monotonic() - step_started:.1f} s")
    for shard in LIST_KEYS:
        recount(shard, now=now)
    for review in sorted(dataset.reviews, key=lambda review: review.created_at)[-_SHOWN_REVIEWS:]:
        keep_newest(review.review_id)
    # Tomorrow it is the clock that writes it: until then robots.txt would name an address where there is nothing.
    report(f"{write_sitemap(now)} addresses in the sitemap")
    storage.write(storage.update("marker", DemoMarkerItem, _MARKER_KEY, actions=[DemoMarkerItem.completed_at.set(now)]))
    return True


def _add_photos(firms: Sequence[Firm]) -> int:
    """Photos of the demo account's firm, of its first service, and of some firms in the same city; how many."""
    # Draws with Pillow, which nothing else of a start needs.
    from marketplace.laptop.demo.drawing import add_photo

    first, neighbours = firms[0], firms[1:_FIRMS_WITH_PHOTO]
    owners = [
        *[(Owner(OwnerKind.PROVIDER, first.provider.provider_id), first)] * _PHOTOS_OF_FIRST,
        (Owner(OwnerKind.SERVICE, first.services[0].service_id), first),
        *((Owner(OwnerKind.PROVIDER, firm.provider.provider_id), firm) for firm in neighbours),
    ]
    for number, (owner, firm) in enumerate(owners):
        add_photo(owner, Actor(firm.owner.user_id, Role.PROVIDER), str(number))
    return len(owners)


def _begin(now: datetime) -> datetime:
    """When the load that this one starts or continues was begun."""
    marker = DemoMarkerItem(counter_key=_MARKER_KEY, started_at=now)
    try:
        storage.write(storage.put("marker", marker, condition=DemoMarkerItem.counter_key.does_not_exist()))
    except storage.ConditionFailedError as failure:
        earlier = failure.failed["marker"]
        if earlier is None:
            raise
        started_at: datetime = earlier["started_at"]
        return started_at
    return now


def _with_account(person: Person) -> Person:
    """The person with an account to sign in with, which decides on their id."""
    user_id = ensure_account(
        email=person.email,
        password=settings.DEMO_PASSWORD,
        name=person.name,
        role=person.role,
        now=person.created_at,
    )
    return replace(person, user_id=user_id)


def _put_all(table: type[storage.Item], items: Items) -> None:
    for start in range(0, len(items), _BATCH_ITEMS):
        _put_batch(table, items[start : start + _BATCH_ITEMS])


def _put_batch(table: type[storage.Item], items: Items) -> None:
    requests: dict[str, Any] = {table.Meta.table_name: [{"PutRequest": {"Item": item}} for item in items]}
    started = time.monotonic()
    attempt = 0
    while requests:
        requests = dispatch("BatchWriteItem", {"RequestItems": requests}).get("UnprocessedItems") or {}
        attempt += 1
        if requests:
            pause_or_give_up(attempt, started)
