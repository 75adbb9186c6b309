"""The message about a ping: a module and the templates beside it."""

from collections.abc import Mapping, Set
from datetime import datetime
from types import MappingProxyType
from typing import Any

from accounts.domain import Contact
from accounts.queries import get_contacts
from kernel import storage
from kernel.actors import Role
from notifications.domain import Channel, Delivery, Recipient
from notifications.messages.base import Letter, Message
from tests.ping.events import PingSent
from tests.ping.models import PingItem


class PingLetter(Letter):
    """An email about a ping."""

    def context(self) -> dict[str, Any]:
        return {"ping_id": self.delivery.event.subject_id}


class PingMessage(Message):
    """Told by email and in the app, for as long as the ping is there."""

    event_type = PingSent
    subject_kind = "ping"
    notes = MappingProxyType({Role.CUSTOMER: "Somebody pinged you (%(number)s)"})

    def audience_of(self, event: PingSent) -> Mapping[Recipient, Set[Channel]]:
        return {Recipient(event.person_id, Role.CUSTOMER): set(Channel)}

    def note_values(self, event: PingSent) -> Mapping[str, str]:
        return {"number": str(event.version)}

    @property
    def roles(self) -> Set[Role]:
        return {Role.CUSTOMER}

    def read_facts(self, event: PingSent) -> Contact | None:
        if storage.get_row(PingItem, event.subject_id) is None:
            return None
        return get_contacts([event.person_id]).get(event.person_id)

    def holds(self, event: PingSent, facts: Contact, now: datetime) -> bool:
        return True

    def write_letter(self, delivery: Delivery, facts: Contact, now: datetime) -> PingLetter:
        return PingLetter(delivery=delivery, reader=facts, now=now)


MESSAGE = PingMessage()
