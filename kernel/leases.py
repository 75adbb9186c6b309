"""Leases: the right to work on an item alone, for a limited time.

Whoever works on an item first takes its lease, in the same write as what the work begins with; what the work ends with
is written on the condition that the lease is still held. A process that dies holds nothing up for longer than its
lease; one that was overtaken writes nothing.
"""

import secrets
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from kernel.clock import epoch
from kernel.storage import Item
from kernel.values import dataclass


class LeasedItem(Item):
    """Base of items with a lease. A subclass may store the two attributes under names of its own."""

    # Only while somebody has the lease: who, and until when (epoch seconds) nobody else may.
    lease_owner = UnicodeAttribute(attr_name="leaseOwner", null=True)
    lease_until = NumberAttribute(attr_name="leaseUntil", null=True)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who has the lease, and until when."""

    owner: str
    until: datetime


def new_owner() -> str:
    """A name for a process or a try that nobody else has."""
    return secrets.token_hex(8)


def new_lease(duration: timedelta, *, owner: str, now: datetime) -> Lease:
    """The lease that `owner` asks for from now on."""
    return Lease(owner, now + duration)


def is_free(item: type[LeasedItem], *, owner: str, now: datetime) -> Condition:
    """The condition that nobody but `owner` has the lease at that instant; it holds for an item that does not exist."""
    condition: Condition = item.lease_until.does_not_exist() | (item.lease_until < epoch(now))
    condition |= item.lease_owner == owner
    return condition


def is_held(item: type[LeasedItem], owner: str) -> Condition:
    """The condition that nobody has taken the lease over from `owner`."""
    return item.lease_owner == owner


def taking_actions(item: type[LeasedItem], lease: Lease) -> list[Action]:
    """The changes of the item that take or extend the lease."""
    return [item.lease_owner.set(lease.owner), item.lease_until.set(epoch(lease.until))]


def releasing_actions(item: type[LeasedItem]) -> list[Action]:
    """The changes of the item that let the next one have it at once."""
    return [item.lease_owner.remove(), item.lease_until.remove()]
