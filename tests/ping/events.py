"""What happens to a ping."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PingSent(Event):
    """Somebody pinged a person."""

    type = "ping.sent"

    person_id: str


EVENT_TYPES: dict[str, type[Event]] = {PingSent.type: PingSent}
