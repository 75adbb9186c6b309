"""What every kind of message is made of."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Set
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise

from accounts.domain import Contact
from kernel.actors import Role
from kernel.events import Event
from kernel.values import dataclass
from notifications.domain import Channel, Delivery, Note, Recipient, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """All that an email says, to whom, and when it is said. Each kind of facts has a subclass.

    `attachment` is a PDF, by its file name.
    """

    delivery: Delivery
    reader: Contact
    now: datetime
    attachment: tuple[str, bytes] | None = None

    @property
    def conversation(self) -> str:
        """What the emails are about that mailboxes show together."""
        return str(self.delivery.event.subject_id)

    def context(self) -> dict[str, Any]:
        """The facts in the words of the active language, as the kind's templates name them."""
        return {}

    def calendar_entry(self) -> tuple[str, str] | None:
        """What the email asks of the reader's calendar: iTIP's method and the entry as text; None if nothing."""
        return None


class Message(ABC):
    """One kind of message: who is told of an event, whether it is still true, and what is said.

    An email's texts are the templates `email/<type of event>/{subject.txt,body.txt,body.html}`.
    """

    event_type: type[Event]
    # The kind of thing that its events are about.
    subject_kind: str
    # What it says in the app to somebody in each role: one short sentence without the time, which stands beside it.
    notes: Mapping[Role, str | Promise] = MappingProxyType({})
    # Whether its emails can be switched off.
    optional: bool = False

    @property
    @abstractmethod
    def roles(self) -> Set[Role]:
        """The roles in which people get such emails."""

    @abstractmethod
    def audience_of(self, event: Any) -> Mapping[Recipient, Set[Channel]]:
        """The people whom the event concerns, and the channels over which each is told, which may be none."""

    @abstractmethod
    def read_facts(self, event: Any) -> Any | None:
        """What the message is about, as it is now; None if it is not there any more."""

    @abstractmethod
    def holds(self, event: Any, facts: Any, now: datetime) -> bool:
        """Whether the message would not contradict these facts."""

    def find_facts(self, event: Any, now: datetime) -> Any | None:
        """What the message tells, as it is now; None if the message would contradict that."""
        facts = self.read_facts(event)
        return facts if facts is not None and self.holds(event, facts, now) else None

    def erased_of(self, facts: Any) -> Set[Recipient]:
        """Whom the facts say to have been erased: nothing is kept for them any more."""
        return frozenset()

    @abstractmethod
    def write_letter(self, delivery: Delivery, facts: Any, now: datetime) -> Letter | None:
        """The email, with what its reader may know; None when the reader's account is gone."""

    def complete(self, letter: Letter) -> Letter:
        """The letter with what only an email that is sent needs."""
        return letter

    def note_values(self, event: Any) -> Mapping[str, str]:
        """What the sentences of the event's notes name, and what stands beside them."""
        return {}

    def note_of(self, event: Event, recipient: Recipient, number: int) -> Note:
        """The recipient's note of the event."""
        return Note(
            recipient_id=recipient.id,
            number=number,
            type=event.type,
            recipient_role=recipient.role,
            subject=Subject(self.subject_kind, event.subject_id),
            values=self.note_values(event),
            occurred_at=event.occurred_at,
        )

    def note_text(self, note: Note) -> str:
        """The sentence of the note in the active language."""
        return str(self.notes[note.recipient_role]) % note.values
