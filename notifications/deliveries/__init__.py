"""From an event to who is told of it, over which channel."""

from kernel.events import Event
from notifications.domain import Channel, Delivery, Recipient
from notifications.messages import MESSAGES


def deliveries_of(event: Event) -> list[Delivery]:
    """All deliveries that the event asks for: the same however often it is asked."""
    audience = MESSAGES[event.type].audience_of(event)
    return [
        Delivery(event, recipient, channel)
        for recipient, channels in audience.items()
        for channel in Channel
        if channel in channels
    ]


def parties_of(event: Event) -> tuple[Recipient, ...]:
    """The people with an account whom the event concerns, told of it or not."""
    return tuple(party for party in MESSAGES[event.type].audience_of(event) if party.has_account)
