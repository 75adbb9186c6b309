"""What happens to a ping."""

from kernel.events import Event
from kernel.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PingSent(Event):
    """Somebody pinged a person."""

    type = "ping.sent"

    person_id: str


EVENT_TYPES: dict[str, type[Event]] = {PingSent.type: PingSent}
